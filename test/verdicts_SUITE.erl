%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The small stanzas of corpus/verdicts.jsonl, each with a policy and the decision about it: by the
%% library, as term and as text, by a running server, and by the example program `judge', which
%% needs no server.
-module(verdicts_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([the_library_decides_as_the_row_says/1, a_server_decides_as_the_row_says/1,
         judge_decides_as_the_row_says/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("xmpp.hrl").

all() ->
    [the_library_decides_as_the_row_says, a_server_decides_as_the_row_says,
     judge_decides_as_the_row_says].

init_per_suite(Config) ->
    {ok, _} = application:ensure_all_started(xmpp),
    Hosts = maps:from_list([{host(Policy), Policy} || Policy <- policies()]),
    [{server, server:started(Hosts)} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

the_library_decides_as_the_row_says(_) ->
    ?assertEqual([], [{Id, Decided, Explained}
                      || #{id := Id} = Row <- corpus:verdicts(),
                         Decided <- [decided(Row)],
                         Explained <- [explained(Row)],
                         {Decided, Explained} =/= {decision(Row), expected(Row)}]).

a_server_decides_as_the_row_says(Config) ->
    Exchanges = maps:from_list([{Policy, exchange(Config, host(Policy))} || Policy <- policies()]),
    ?assertEqual([], [{Id, Outcome}
                      || #{id := Id, policy := Policy} = Row <- corpus:verdicts(),
                         Outcome <- [(maps:get(policy(Policy), Exchanges))(Row)],
                         not is_as_decided(Outcome, Row)]).

judge_decides_as_the_row_says(Config) ->
    ?assertEqual([], lists:append([misjudged(Config, Policy) || Policy <- policies()])).

%%%-------------------------------------------------------------------
%%% Policies
%%%-------------------------------------------------------------------

policies() ->
    lists:usort([policy(Policy) || #{policy := Policy} <- corpus:verdicts()]).

%% The options of a row. Where it has none, encryption is required and each scheme accepted.
policy(Given) ->
    maps:merge(#{accepted_schemes => [omemo, pgp, pgp_legacy, otr], direct => required,
                 group => required, outer_body => keep, warn_mechanism => error}, Given).

host(Policy) ->
    Digest = binary:encode_hex(erlang:md5(term_to_binary(Policy))),
    <<"h", (string:lowercase(binary:part(Digest, 0, 12)))/binary, ".test">>.

%%%-------------------------------------------------------------------
%%% The library
%%%-------------------------------------------------------------------

decided(#{xml := Xml, policy := Policy}) ->
    Compiled = compiled(Policy),
    [From, To] = addresses(),
    case undecoded:judge(Compiled, fxml_stream:parse_element(Xml), From, To) of
        {Allowed, _, _} when Allowed == allow; Allowed == exempt ->
            {allow, none};
        {{violation, Reason, _, Chat}, _, _} ->
            #{Chat := Level} = policy(Policy),
            {mod_e2e_policy_nif:decide(Compiled, Level, verified, published, none, 0), Reason}
    end.

explained(#{xml := Xml, policy := Policy}) ->
    [From, To] = addresses(),
    #{direct := Direct, group := Group} = policy(Policy),
    {ok, #{decision := Decision, reason := Reason, content := Content, scheme := Scheme}} =
        mod_e2e_policy_nif:explain(compiled(Policy), Xml, {From, To, false},
                                   {{Direct, Group, Direct}, none, published, verified, <<"en">>},
                                   none, 0),
    [Decision, Reason, Content, Scheme].

addresses() ->
    [jid:decode(Text) || Text <- [<<"alice@a.test">>, <<"bob@b.test">>]].

compiled(Policy) ->
    {ok, Compiled} = mod_e2e_policy_nif:new_policy(maps:remove(warn_mechanism, policy(Policy))),
    Compiled.

%%%-------------------------------------------------------------------
%%% The server
%%%-------------------------------------------------------------------

%% Sends the stanza of a row to Bob, or to the room that both are in.
exchange(Config, Host) ->
    {Alice, Bob, Room} = exchange:in_room(?config(server, Config), Host, <<"room">>),
    fun(#{xml := Xml} = Row) ->
            To = case type(Row) of
                     groupchat -> Room;
                     _ -> <<"bob@", Host/binary, "/desk">>
                 end,
            exchange:message(Alice, Bob, corpus:addressed_to(Xml, To), Room)
    end.

%% An error stanza is refused without an answer. After a message to a room only policy violations
%% count, because the room may answer with other errors.
is_as_decided(#{delivered := Delivered, answers := Answers}, Row) ->
    Refusals = [violation || {error, <<"policy-violation">>, _} <- Answers],
    case {decision(Row), type(Row)} of
        {{reject, _}, error} -> not Delivered andalso Answers == [];
        {{reject, _}, _} -> not Delivered andalso Refusals == [violation];
        {{allow, none}, groupchat} -> Refusals == [];
        {{allow, none}, _} -> Delivered andalso Answers == []
    end.

type(#{xml := Xml}) ->
    binary_to_atom(fxml:get_tag_attr_s(<<"type">>, fxml_stream:parse_element(Xml))).

%%%-------------------------------------------------------------------
%%% The command
%%%-------------------------------------------------------------------

misjudged(Config, Policy) ->
    Rows = [Row || #{policy := Given} = Row <- corpus:verdicts(), policy(Given) == Policy],
    Folder = ?config(priv_dir, Config),
    File = fun(Name, Text) ->
                   Path = filename:join(Folder, Name),
                   ok = file:write_file(Path, Text),
                   Path
           end,
    Texts = maps:map(fun(_, Value) -> as_text(Value) end, Policy),
    Options = File("policy.json", json(maps:to_list(Texts))),
    Stanzas = File("stanzas.jsonl", [[json([{xml, Xml}]), "\n"] || #{xml := Xml} <- Rows]),
    Answers = os:cmd("cd " ++ server:root() ++ " && cargo run -q --release --locked -p e2e_policy "
                     "--example judge -- " ++ Options ++ " < " ++ Stanzas),
    Judged = [judged(Line)
              || Line <- string:lexemes(unicode:characters_to_binary(Answers), "\n")],
    ?assertEqual(length(Rows), length(Judged), Answers),
    [{Id, Answer} || {#{id := Id} = Row, Answer} <- lists:zip(Rows, Judged),
                     Answer =/= expected(Row)].

judged(Line) ->
    {ok, [Answer]} = fast_yaml:decode(Line),
    [case proplists:get_value(Key, Answer) of
         <<"null">> -> <<>>;
         Value -> Value
     end || Key <- [<<"decision">>, <<"reason">>, <<"content">>, <<"scheme">>]].

as_text(List) when is_list(List) -> [as_text(Item) || Item <- List];
as_text(Atom) when is_atom(Atom) -> atom_to_binary(Atom);
as_text(Text) -> Text.

json([{_, _} | _] = Pairs) ->
    Members = [[json(atom_to_binary(Key)), ": ", json(Value)] || {Key, Value} <- Pairs],
    ["{", lists:join(", ", Members), "}"];
json(List) when is_list(List) -> ["[", lists:join(", ", [json(Item) || Item <- List]), "]"];
json(Text) ->
    Quoted = re:replace(Text, "[\"\\\\]", "\\\\&", [global, {return, binary}]),
    [$", binary:replace(Quoted, <<"\n">>, <<"\\n">>, [global]), $"].

%%%-------------------------------------------------------------------
%%% What the rows say
%%%-------------------------------------------------------------------

%% A row without a decision follows from its content: plaintext is refused, all else is allowed.
decision(#{decision := Decision, reason := Reason}) -> {Decision, Reason};
decision(#{content := plaintext}) -> {reject, plain};
decision(#{content := _}) -> {allow, none}.

%% The same as texts, with the content and the scheme.
expected(#{content := Content, scheme := Scheme} = Row) ->
    {Decision, Reason} = decision(Row),
    Text = fun(none) -> <<>>;
              (Atom) -> atom_to_binary(Atom)
           end,
    [Text(Value) || Value <- [Decision, Reason, Content, Scheme]].
