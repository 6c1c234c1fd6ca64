%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Commands for ejabberdctl, the HTTP API and WebAdmin alike.
-module(mod_e2e_policy_commands).

%% Registration
-export([register/0, unregister/0]).
%% ejabberd commands
-export([explain/4]).

-include("ejabberd_commands.hrl").
-include("xmpp.hrl").

-type command_error() :: {error, atom(), pos_integer(), binary()}.
-type explanation() :: {binary(), binary(), binary(), binary(), binary(), [binary()]}.

%%%===================================================================
%%% Registration
%%%===================================================================
-spec register() -> ok.
register() ->
    ejabberd_commands:register_commands(commands()).

-spec unregister() -> ok.
unregister() ->
    ejabberd_commands:unregister_commands(commands()).

-spec commands() -> [ejabberd_commands()].
commands() ->
    [#ejabberd_commands{
        name = e2e_policy_explain,
        tags = [e2e_policy],
        desc = "Say what the E2EE policy would decide of a stanza, and why",
        longdesc = "Judges the message as if it were sent now and changes nothing. The addresses "
            "given as arguments hold, whatever the stanza says.",
        policy = restricted,
        module = ?MODULE,
        function = explain,
        args = [{host, binary}, {from, binary}, {to, binary}, {stanza, binary}],
        args_desc = ["Virtual host whose policy applies", "JID of the sender",
                     "JID of the recipient", "The message, as XML"],
        args_example = [<<"example.org">>, <<"juliet@example.org">>, <<"romeo@example.net">>,
                        <<"<message type='chat'><body>Hello</body></message>">>],
        result = {explanation,
                  {tuple, [{decision, string}, {reason, string}, {content, string},
                           {scheme, string}, {text, string}, {why, {list, {line, string}}}]}},
        result_desc = "Decision (allow, warn or reject), reason (plain, unacceptable or empty), "
            "content (encrypted, plaintext or nothing), scheme, what the sender would be told, "
            "and a line for each element",
        result_example = {<<"reject">>, <<"plain">>, <<"plaintext">>, <<>>,
                          <<"Your message to romeo@example.net was not end-to-end encrypted.">>,
                          [<<"<body/> in `jabber:client` (RFC 6121): text in the clear">>]}}].

%%%===================================================================
%%% ejabberd commands
%%%===================================================================
-spec explain(binary(), binary(), binary(), binary()) -> explanation() | command_error().
explain(Host, From, To, Stanza) ->
    maybe_error(
      fun() ->
              Policy = policy(Host),
              case mod_e2e_policy_nif:explain(Policy, utf8(Stanza), jid(From), jid(To)) of
                  {ok, #{decision := Decision, reason := Reason, content := Content,
                         scheme := Scheme, text := Text, why := Why}} ->
                      {Decision, Reason, Content, Scheme, Text, Why};
                  {error, Problem} ->
                      fail(bad_stanza, Problem)
              end
      end).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec policy(binary()) -> mod_e2e_policy_nif:policy().
policy(Host) ->
    LServer = jid:nameprep(Host),
    case is_binary(LServer) andalso gen_mod:is_loaded(LServer, mod_e2e_policy) of
        true ->
            mod_e2e_policy:policy(LServer);
        false ->
            fail(bad_host, ["found `", Host, "`, expected a virtual host with mod_e2e_policy"])
    end.

-spec jid(binary()) -> jid().
jid(Text) ->
    try jid:decode(Text)
    catch _:{bad_jid, _} -> fail(bad_jid, ["found `", Text, "`, expected a JID"])
    end.

%% XML may say anything; Rust's strings are UTF-8.
-spec utf8(binary()) -> binary().
utf8(Text) ->
    case unicode:characters_to_binary(Text) of
        Text -> Text;
        _ -> fail(bad_stanza, "the stanza is not UTF-8")
    end.

-spec fail(atom(), iodata()) -> no_return().
fail(Kind, Problem) ->
    throw({?MODULE, Kind, iolist_to_binary(Problem)}).

%% The form of errors that ejabberdctl prints with exit status 1 and the HTTP API answers with.
-spec maybe_error(fun(() -> Result)) -> Result | command_error().
maybe_error(Command) ->
    try Command()
    catch throw:{?MODULE, Kind, Problem} -> {error, Kind, 1, Problem}
    end.
