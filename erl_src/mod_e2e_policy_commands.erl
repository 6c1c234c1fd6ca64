%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Commands for ejabberdctl, the HTTP API and WebAdmin alike.
-module(mod_e2e_policy_commands).

%% Registration
-export([register/0, unregister/0, register_instead_of/1, commands/0]).
%% ejabberd commands
-export([grace_status/2, grace_list/1, grace_start/3, grace_extend/3, grace_end/2, grace_reset/2,
         grace_move/2, status/1, explain/4, upgrade/0]).

-include("ejabberd_commands.hrl").
-include("logger.hrl").
-include("xmpp.hrl").

%% The last second of the year 9999, after which RFC 3339 has no times.
-define(LAST_SECOND, 253402300799).
%% How many characters of what was given, and of all, an error shows.
-define(QUOTED, 100).
-define(SHOWN, 1000).

-type command_error() :: {error, atom(), pos_integer(), binary()}.
%% State, starter, start, end and remaining time; what does not apply is empty.
-type stand() :: {binary(), binary(), binary(), binary(), binary()}.
-type explanation() :: {binary(), binary(), binary(), binary(), binary(), [binary()]}.

%%%===================================================================
%%% Registration
%%%===================================================================
-spec register() -> ok.
register() ->
    ejabberd_commands:register_commands(mod_e2e_policy, commands()).

-spec unregister() -> ok.
unregister() ->
    take_away(commands()).

%% The commands of another release may be others.
-spec register_instead_of([ejabberd_commands()]) -> ok.
register_instead_of(Commands) ->
    take_away(Commands),
    register().

%% ejabberd up to 24.12 takes only those away that are what it has stored, definer included.
-spec take_away([ejabberd_commands()]) -> ok.
take_away(Commands) ->
    ejabberd_commands:unregister_commands([Command#ejabberd_commands{definer = mod_e2e_policy}
                                           || Command <- Commands]).

-spec commands() -> [ejabberd_commands()].
commands() ->
    [(of_user(e2e_policy_grace_status, grace_status))#ejabberd_commands{
       desc = "Show the E2EE grace period of a user"},
     (of_user_and_period(e2e_policy_grace_start, grace_start))#ejabberd_commands{
       desc = "Escalate a user to a required E2EE policy, with a grace period from now",
       longdesc = "Wherever the policy is optional it becomes required for this user. A clock that "
           "the user has starts again. It stays until it is reset."},
     (of_user_and_period(e2e_policy_grace_extend, grace_extend))#ejabberd_commands{
       desc = "Move the end of a user's E2EE grace period",
       longdesc = "Time that is over is not given back: the end moves by so much from where it is."},
     (of_user(e2e_policy_grace_end, grace_end))#ejabberd_commands{
       desc = "End the E2EE grace period of a user: enforce the policy from now on",
       longdesc = "A user without a grace period is escalated, without any."},
     (of_user(e2e_policy_grace_reset, grace_reset))#ejabberd_commands{
       desc = "Forget the E2EE grace period of a user, and the escalation",
       longdesc = "Under a required policy the next violation starts a new one."},
     (of_host(e2e_policy_grace_list, grace_list))#ejabberd_commands{
       desc = "List the users of a host that have an E2EE grace period, soonest end first",
       result = {users, {list, {grace, {tuple, [{user, string} | stand_fields()]}}}},
       result_desc = "For each user what e2e_policy_grace_status shows",
       result_example = [{<<"juliet">>, <<"running">>, <<"violation">>, <<"2026-11-20T10:00:00Z">>,
                          <<"2026-12-04T10:00:00Z">>, <<"13 days and 4 hours">>}]},
     (of_host(e2e_policy_grace_move, grace_move))#ejabberd_commands{
       desc = "Carry the E2EE grace periods of a host from another storage into the one in use",
       longdesc = "For another db_type, when all nodes have it. A grace period that is there already stays. "
           "The other storage has none of the host afterwards.",
       args = [{host, binary}, {from, binary}],
       args_desc = ["Virtual host", "The storage that was in use before: mnesia or sql"],
       args_example = [<<"example.org">>, <<"mnesia">>],
       result = {clocks, {tuple, [{moved, integer}, {there_already, integer}]}},
       result_desc = "How many were carried over, and how many users had one there already",
       result_example = {1042, 3}},
     (of_host(e2e_policy_status, status))#ejabberd_commands{
       desc = "Say in plain words which E2EE policy is in force on a host",
       result = {policy, {list, {line, string}}},
       result_desc = "A line for each part of the policy",
       result_example = [<<"accepted schemes: omemo, pgp">>,
                         <<"direct chats: required, a message without acceptable E2EE is refused">>]},
     (of_host(e2e_policy_explain, explain))#ejabberd_commands{
       desc = "Say what the E2EE policy would decide of a stanza, and why",
       longdesc = "Judges the message as if it were sent now and changes nothing. The addresses "
           "given as arguments hold, whatever the stanza says.",
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
                         [<<"<body/> in `jabber:client` (RFC 6121): text in the clear">>]}},
     #ejabberd_commands{
       name = e2e_policy_upgrade,
       tags = [e2e_policy],
       note = "added in mod_e2e_policy 0.1.0",
       desc = "Put the installed release of mod_e2e_policy into the running server",
       longdesc = "The release is tried in an Erlang of its own first. No session ends, and no "
           "message passes unjudged meanwhile.",
       policy = restricted,
       module = ?MODULE,
       function = upgrade,
       args = [],
       result = {release, string},
       result_desc = "Which release runs, and what was replaced",
       result_example = <<"mod_e2e_policy 0.2.0: replaced 9 modules and the library">>}].

-spec of_host(atom(), atom()) -> ejabberd_commands().
of_host(Name, Function) ->
    #ejabberd_commands{
       name = Name,
       tags = [e2e_policy],
       note = "added in mod_e2e_policy 0.1.0",
       policy = restricted,
       module = ?MODULE,
       function = Function,
       args = [{host, binary}],
       args_desc = ["Virtual host"],
       args_example = [<<"example.org">>]}.

-spec of_user(atom(), atom()) -> ejabberd_commands().
of_user(Name, Function) ->
    (of_host(Name, Function))#ejabberd_commands{
      args = [{user, binary}, {host, binary}],
      args_desc = ["User name", "Virtual host"],
      args_example = [<<"juliet">>, <<"example.org">>],
      result = {grace, {tuple, stand_fields()}},
      result_desc = "State (none, running or over), who started it (violation or admin), start and "
          "end (RFC 3339, UTC), remaining time",
      result_example = {<<"running">>, <<"admin">>, <<"2026-11-20T10:00:00Z">>,
                        <<"2026-12-04T10:00:00Z">>, <<"13 days and 4 hours">>}}.

-spec of_user_and_period(atom(), atom()) -> ejabberd_commands().
of_user_and_period(Name, Function) ->
    (of_user(Name, Function))#ejabberd_commands{
      args = [{user, binary}, {host, binary}, {period, binary}],
      args_desc = ["User name", "Virtual host", "Duration, as in the configuration"],
      args_example = [<<"juliet">>, <<"example.org">>, <<"14 days">>]}.

-spec stand_fields() -> [{atom(), string}].
stand_fields() ->
    [{state, string}, {started_by, string}, {start, string}, {'end', string}, {remaining, string}].

%%%===================================================================
%%% ejabberd commands
%%%===================================================================
-spec grace_status(binary(), binary()) -> stand() | command_error().
grace_status(User, Host) ->
    answer(fun() ->
                   {LUser, LServer, Policy} = user_or_clock(User, Host),
                   stand(Policy, stored(mod_e2e_policy_grace:clock(LUser, LServer)), now_())
           end).

-spec grace_list(binary()) ->
          [{binary(), binary(), binary(), binary(), binary(), binary()}] | command_error().
grace_list(Host) ->
    answer(fun() ->
                   {LServer, Policy} = host(Host),
                   Now = now_(),
                   Clocks = stored(mod_e2e_policy_grace:list(LServer)),
                   ByEnd = [{End, LUser, Clock}
                            || {LUser, Clock} <- Clocks,
                               {_, End, _} <- [mod_e2e_policy_nif:stand(Policy, Clock, Now)]],
                   [erlang:insert_element(1, stand(Policy, Clock, Now), LUser)
                    || {_End, LUser, Clock} <- lists:sort(ByEnd)]
           end).

-spec grace_start(binary(), binary(), binary()) -> stand() | command_error().
grace_start(User, Host, Period) ->
    change(fun person/2, User, Host,
           fun(_Policy, Now) ->
                   Ends = Now + period(Period),
                   fun(_Old) -> {Now, admin, Ends} end
           end).

-spec grace_extend(binary(), binary(), binary()) -> stand() | command_error().
grace_extend(User, Host, Period) ->
    Extended = change(fun user_or_clock/2, User, Host,
                      fun(Policy, Now) ->
                              More = period(Period),
                              fun(none) -> none;
                                 ({Started, By, _} = Clock) ->
                                      {_, End, _} = mod_e2e_policy_nif:stand(Policy, Clock, Now),
                                      {Started, By, min(End + More, ?LAST_SECOND)}
                              end
                      end),
    case Extended of
        {<<"none">>, _, _, _, _} ->
            {error, not_exists, 1, <<"the user has no grace period that could be extended">>};
        _ ->
            Extended
    end.

-spec grace_end(binary(), binary()) -> stand() | command_error().
grace_end(User, Host) ->
    change(fun user_or_clock/2, User, Host,
           fun(_Policy, Now) ->
                   fun(none) -> {Now, admin, Now};
                      ({Started, By, _}) -> {Started, By, Now}
                   end
           end).

-spec grace_reset(binary(), binary()) -> stand() | command_error().
grace_reset(User, Host) ->
    change(fun user_or_clock/2, User, Host, fun(_Policy, _Now) -> fun(_Old) -> none end end).

-spec grace_move(binary(), binary()) -> {non_neg_integer(), non_neg_integer()} | command_error().
grace_move(Host, From) ->
    answer(fun() ->
                   {LServer, _Policy} = host(Host),
                   stored(mod_e2e_policy_grace:move(LServer, other_storage(LServer, From)))
           end).

-spec status(binary()) -> [binary()] | command_error().
status(Host) ->
    answer(fun() ->
                   {LServer, Policy} = host(Host),
                   Option = fun(Name) ->
                                    gen_mod:get_module_opt(LServer, mod_e2e_policy, Name)
                            end,
                   mod_e2e_policy_nif:describe(Policy)
                       ++ [<<"warned by: ", (atom_to_binary(Option(warn_mechanism)))/binary,
                             (in_words(Option(warn_interval)))/binary>>,
                           <<"grace periods kept in: ", (atom_to_binary(Option(db_type)))/binary>>]
           end).

-spec in_words(Seconds :: non_neg_integer()) -> binary().
in_words(0) -> <<>>;
in_words(Seconds) ->
    <<", once in ", (integer_to_binary(Seconds))/binary, " seconds for each recipient and reason">>.

-spec explain(binary(), binary(), binary(), binary()) -> explanation() | command_error().
explain(Host, From, To, Stanza) ->
    answer(fun() ->
                   {LServer, Policy} = host(Host),
                   #jid{luser = LUser} = Sender = sender(From, LServer),
                   Clock = stored(mod_e2e_policy_grace:clock(LUser, LServer)),
                   Recipient = jid(To),
                   IsToUser = mod_e2e_policy_chat:is_user(Recipient),
                   case mod_e2e_policy_nif:explain(Policy, utf8(Stanza), Sender, Recipient, IsToUser,
                                                   Clock, now_()) of
                       {ok, #{decision := Decision, reason := Reason, content := Content,
                              scheme := Scheme, text := Text, why := Why}} ->
                           {Decision, Reason, Content, Scheme, Text, Why};
                       {error, Problem} ->
                           refuse(Problem)
                   end
           end).

-spec upgrade() -> binary() | command_error().
upgrade() ->
    answer(fun() ->
                   case mod_e2e_policy_upgrade:run() of
                       {ok, Text} -> iolist_to_binary(Text);
                       {error, Problem} -> fail(no_upgrade, Problem)
                   end
           end).

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Changes a user's clock and shows where it stands then.
-spec change(fun((binary(), binary()) -> {binary(), binary(), mod_e2e_policy_nif:policy()}),
             binary(), binary(), fun((mod_e2e_policy_nif:policy(), integer()) -> fun((Clock) -> Clock))) ->
          stand() | command_error() when Clock :: mod_e2e_policy_grace:clock() | none.
change(Find, User, Host, Change) ->
    answer(fun() ->
                   Begin = ejabberd_sm:make_sid(),
                   {LUser, LServer, Policy} = Find(User, Host),
                   Now = now_(),
                   Updated = mod_e2e_policy_grace:update(LUser, LServer, Change(Policy, Now)),
                   Kept = mod_e2e_policy_grace:unless_removed(Updated, Begin, LUser, LServer),
                   stand(Policy, stored(Kept), Now)
           end).

-spec stand(mod_e2e_policy_nif:policy(), mod_e2e_policy_grace:clock() | none, integer()) -> stand().
stand(_Policy, none, _Now) ->
    {<<"none">>, <<>>, <<>>, <<>>, <<>>};
stand(Policy, {Started, By, _} = Clock, Now) ->
    {State, End, Remaining} = mod_e2e_policy_nif:stand(Policy, Clock, Now),
    {atom_to_binary(State), atom_to_binary(By), rfc3339(Started), rfc3339(End), Remaining}.

-spec rfc3339(integer()) -> binary().
rfc3339(Seconds) ->
    list_to_binary(calendar:system_time_to_rfc3339(Seconds, [{offset, "Z"}])).

-spec now_() -> integer().
now_() ->
    erlang:system_time(second).

-spec host(binary()) -> {binary(), mod_e2e_policy_nif:policy()}.
host(Host) ->
    LServer = jid:nameprep(Host),
    case is_binary(LServer) andalso gen_mod:is_loaded(LServer, mod_e2e_policy) of
        true ->
            {LServer, mod_e2e_policy:policy(LServer)};
        false ->
            refuse(["found `", quoted(Host), "`, expected a virtual host with mod_e2e_policy"])
    end.

-spec user(binary(), binary()) -> {binary(), binary(), mod_e2e_policy_nif:policy()}.
user(User, Host) ->
    {LServer, Policy} = host(Host),
    LUser = jid:nodeprep(User),
    case is_binary(LUser) andalso ejabberd_auth:user_exists(LUser, LServer) of
        true -> {LUser, LServer, Policy};
        _ -> refuse(["found `", quoted(User), "`, expected a user of ", LServer])
    end.

%% Only messages of the host's own users are judged.
-spec sender(binary(), binary()) -> jid().
sender(Text, LServer) ->
    case jid(Text) of
        #jid{luser = LUser, lserver = LServer} = Sender when LUser /= <<>> ->
            _ = user(LUser, LServer),
            Sender;
        _ ->
            refuse(["found `", quoted(Text), "`, expected a user of ", LServer])
    end.

%% Somebody who can be known again.
-spec person(binary(), binary()) -> {binary(), binary(), mod_e2e_policy_nif:policy()}.
person(User, Host) ->
    {LUser, LServer, _Policy} = Found = user(User, Host),
    case ejabberd_auth_anonymous:anonymous_user_exist(LUser, LServer) of
        false -> Found;
        true -> refuse(["found the anonymous session `", LUser, "`, expected a user with an account"])
    end.

%% A clock may have outlived its account: external authentication tells of none that is removed.
-spec user_or_clock(binary(), binary()) -> {binary(), binary(), mod_e2e_policy_nif:policy()}.
user_or_clock(User, Host) ->
    {LServer, Policy} = host(Host),
    LUser = jid:nodeprep(User),
    case is_binary(LUser) andalso stored(mod_e2e_policy_grace:clock(LUser, LServer)) of
        {_, _, _} -> {LUser, LServer, Policy};
        _ -> person(User, Host)
    end.

-spec other_storage(binary(), binary()) -> mnesia | sql.
other_storage(LServer, From) ->
    Used = gen_mod:get_module_opt(LServer, mod_e2e_policy, db_type),
    case [Type || Type <- [mnesia, sql], atom_to_binary(Type) == From] of
        [] ->
            refuse(["found `", quoted(From), "`, expected `mnesia` or `sql`"]);
        [Used] ->
            refuse(["found `", quoted(From), "`, which is in use: expected the storage that was before"]);
        [Other] ->
            Other == mnesia orelse has_sql(LServer)
                orelse refuse(["found `sql`, but ", LServer, " has no SQL database in ejabberd.yml"]),
            Other
    end.

%% ejabberd's defaults name an ODBC source by the name of a host, which is none.
-spec has_sql(binary()) -> boolean().
has_sql(LServer) ->
    {ejabberd_option:sql_type(LServer), ejabberd_option:sql_server(LServer)} /= {odbc, <<"localhost">>}.

-spec jid(binary()) -> jid().
jid(Text) ->
    try jid:decode(Text)
    catch _:{bad_jid, _} -> refuse(["found `", quoted(Text), "`, expected a JID"])
    end.

-spec period(binary()) -> integer().
period(Text) ->
    %% What is too long to be shown, or cannot be, is no duration either.
    case mod_e2e_policy_nif:parse_period(unicode:characters_to_binary(quoted(Text))) of
        {ok, Seconds} -> Seconds;
        {error, Problem} -> refuse(Problem)
    end.

%% The native functions take UTF-8 only.
-spec utf8(binary()) -> binary().
utf8(Text) ->
    case unicode:characters_to_binary(Text) of
        Text -> Text;
        _ -> refuse(["found `", quoted(Text), "`, expected UTF-8"])
    end.

-spec stored({ok, Value} | {error, db_failure}) -> Value.
stored({ok, Value}) -> Value;
stored({error, db_failure}) -> fail(db_failure, "the grace periods cannot be read or written now").

%% What was given is wrong. The HTTP API has 404 for this kind of error and 500 for all others; ejabberdctl
%% would print what has 400 as a term, not as a sentence.
-spec refuse(unicode:chardata()) -> no_return().
refuse(Problem) ->
    fail(not_exists, shown(unicode:characters_to_binary(Problem), ?SHOWN)).

-spec fail(atom(), unicode:chardata()) -> no_return().
fail(Kind, Problem) ->
    throw({?MODULE, Kind, unicode:characters_to_binary(Problem)}).

-spec quoted(binary()) -> string().
quoted(Text) ->
    shown(Text, ?QUOTED).

%% As it can be shown anywhere: neither octets that are no UTF-8, nor control characters, nor without bound. What
%% is put in place of them is ASCII, as newer versions of ejabberdctl garble everything else.
-spec shown(binary(), non_neg_integer()) -> string().
shown(<<>>, _Left) -> "";
shown(_More, 0) -> "...";
shown(<<Character/utf8, Rest/binary>>, Left)
  when Character >= $\s, Character < 127; Character >= 160 ->
    [Character | shown(Rest, Left - 1)];
shown(<<_, Rest/binary>>, Left) ->
    [$? | shown(Rest, Left - 1)].

%% The form of errors that ejabberdctl prints with exit status 1 and the HTTP API answers with. ejabberd logs
%% a command that crashes with its arguments.
-spec answer(fun(() -> Result)) -> Result | command_error().
answer(Command) ->
    try Command()
    catch
        throw:{?MODULE, Kind, Problem} ->
            {error, Kind, 1, Problem};
        Class:Reason:Stack ->
            ?ERROR_MSG("A command of mod_e2e_policy failed (~ts)",
                       [mod_e2e_policy_failure:words(Class, Reason, Stack)]),
            {error, internal_error, 1, <<"the command failed, the log says where">>}
    end.
