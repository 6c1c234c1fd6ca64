%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Stanzas that are as expensive to judge as possible, by every way into the module: each gets the
%% right answer, and the server goes on.
-module(hostile_SUITE).

-export([suite/0, all/0, groups/0]).
-export([init_per_suite/1, end_per_suite/1, init_per_group/2, end_per_group/2]).
-export([every_stanza_is_judged/1, every_undecoded_stanza_is_judged/1,
         every_stanza_is_explained/1]).
-export([a_session_may_send_any_of_them/1, the_http_api_explains_any_of_them/1,
         ejabberdctl_explains_some_of_them/1, the_server_has_not_restarted/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("xmpp.hrl").

-define(HOST, "required.test").
-define(WITH_WHITELIST, "whitelist.test").
%% What is asked of a sender where encryption is required, and nothing is exempt.
-define(STRICT, {{required, required, required}, none, published, verified, <<"en">>}).
-define(SCHEMES, [omemo, pgp, pgp_legacy, otr]).

%% How many octets the argument of a program may have, without the rest of the command.
-define(ARGUMENT, 100_000).
%% The error of a text that is too large, or that is no XML any more after it was cut.
-define(PROBLEM, "found .*more than [0-9]+ .*, expected at most|not well-formed XML").

suite() ->
    [{timetrap, {minutes, 3}}].

all() ->
    [every_stanza_is_judged, every_undecoded_stanza_is_judged, every_stanza_is_explained,
     {group, server}].

groups() ->
    [{server, [], [a_session_may_send_any_of_them, the_http_api_explains_any_of_them,
                   ejabberdctl_explains_some_of_them, the_server_has_not_restarted]}].

init_per_suite(Config) ->
    {ok, _} = application:ensure_all_started(xmpp),
    {ok, _} = application:ensure_all_started(inets),
    Config.

end_per_suite(_) ->
    ok.

init_per_group(server, Config) ->
    Port = server:free_port(),
    Api = #{module => ejabberd_http, ip => <<"127.0.0.1">>, port => Port,
            request_handlers => #{<<"/api">> => mod_http_api}},
    Permissions = #{<<"console">> => #{from => [ejabberd_ctl], who => all, what => <<"*">>},
                    <<"api">> => #{from => [mod_http_api], who => [#{ip => <<"127.0.0.1">>}],
                                   what => [<<"[tag:e2e_policy]">>]}},
    Options = #{direct => required, accepted_schemes => ?SCHEMES},
    [#{whitelist := Whitelist} | _] = [Row || #{whitelist := [_ | _]} = Row <- hostile:rows()],
    Policies = #{<<?HOST>> => Options,
                 <<?WITH_WHITELIST>> => Options#{whitelist => Whitelist}},
    Server = server:started(Policies, #{listen => [Api], api_permissions => Permissions}),
    [client:make_account(Server, <<"alice@", Host/binary, "/desk">>)
     || Host <- maps:keys(Policies)],
    [{server, Server}, {start_time, start_time(Server)},
     {api, "http://127.0.0.1:" ++ integer_to_list(Port) ++ "/api/e2e_policy_explain"} | Config].

end_per_group(server, Config) ->
    server:stop(?config(server, Config)).

start_time(Server) ->
    server:call(Server, erlang, system_info, [start_time]).

%%%-------------------------------------------------------------------
%%% The library
%%%-------------------------------------------------------------------

%% As the record that ejabberd's sessions have. Its decoder joins text that is in pieces.
every_stanza_is_judged(_) ->
    [begin
         #message{type = Type, subject = Subject, body = Body, thread = Thread, sub_els = Els} =
             xmpp:decode(Stanza(), <<"jabber:client">>, [ignore_els]),
         Judgement = mod_e2e_policy_nif:judge(policy(Row), Type, Subject, Body, Thread, Els,
                                              from(), to(Row)),
         ?assertEqual({Name, Decision}, {Name, decision(Judgement)})
     end || #{name := Name, stanza := Stanza, decision := Decision} = Row <- rows_of_clients()].

every_undecoded_stanza_is_judged(_) ->
    [?assertEqual({Name, Decision}, {Name, undecoded_decision(Row, Stanza())})
     || #{name := Name, stanza := Stanza, decision := Decision} = Row <- hostile:rows()].

undecoded_decision(Row, Stanza) ->
    decision(undecoded:judge(policy(Row), Stanza, from(), to(Row))).

decision({allow, keep, _}) -> allow;
decision({exempt, keep, nothing}) -> allow;
decision({{violation, plain, <<"none">>, direct}, keep, plaintext}) -> reject.

every_stanza_is_explained(_) ->
    [?assertEqual({Name, explanation(Row)}, {Name, explained(Row, Stanza())})
     || #{name := Name, stanza := Stanza} = Row <- rows_of_clients()].

%% A parser does not take the others: some have text that is no UTF-8.
rows_of_clients() ->
    [Row || #{from := client} = Row <- hostile:rows()].

explanation(#{name := "100,000 levels" ++ _}) -> error;
explanation(#{name := "20,000 children that inherit" ++ _}) -> error;
explanation(#{decision := Decision}) -> Decision.

explained(Row, Stanza) ->
    Text = iolist_to_binary(hostile:text(Stanza)),
    Conversation = {from(), to(Row), false},
    case mod_e2e_policy_nif:explain(policy(Row), Text, Conversation, ?STRICT, none, 0) of
        {ok, #{decision := Decision}} ->
            binary_to_existing_atom(Decision);
        {error, Reason} ->
            ?assertMatch({match, _}, re:run(Reason, ?PROBLEM)),
            error
    end.

policy(#{whitelist := Whitelist}) ->
    Options = #{direct => required, accepted_schemes => ?SCHEMES, whitelist => Whitelist},
    {ok, Policy} = mod_e2e_policy_nif:new_policy(Options),
    Policy.

from() ->
    jid:decode(<<"alice@", ?HOST, "/desk">>).

to(Row) ->
    jid:decode(recipient(Row)).

%%%-------------------------------------------------------------------
%%% A server
%%%-------------------------------------------------------------------

%% The recipient does not exist, so the error of a refusal is the only one with a policy violation.
%% A stanza that is no XML any more after it was cut is left out, because it would end the stream.
%% So is one row: ejabberd crashes when it delivers elements that are nested so deeply, with or
%% without the module, because its own library runs out of stack.
a_session_may_send_any_of_them(Config) ->
    Connect = fun(Host) ->
                      client:connect(?config(server, Config), <<"alice@", Host/binary, "/desk">>)
              end,
    Clients = maps:from_list([{Host, Connect(Host)} || Host <- [<<?HOST>>, <<?WITH_WHITELIST>>]]),
    [?assertEqual({Name, undecoded_decision(Row, Parsed)},
                  {Name, sent(maps:get(host(Row), Clients), Row, Parsed)})
     || {#{name := Name} = Row, Stanza} <- short_rows(),
        Name =/= "100,000 levels of an unknown element",
        #xmlel{} = Parsed <- [fxml_stream:parse_element(iolist_to_binary(hostile:text(Stanza)))]],
    the_server_has_not_restarted(Config).

sent(Client, Row, #xmlel{attrs = Attributes} = Stanza) ->
    Addressed = Stanza#xmlel{attrs = [{<<"to">>, recipient(Row)} | Attributes]},
    client:send(Client, hostile:text(Addressed)),
    Condition = [{elem, <<"error">>}, {elem, <<"policy-violation">>}],
    Refusals = [refused || Answer <- client:messages(Client),
                           fxml:get_path_s(Answer, Condition) =/= <<>>],
    case Refusals of
        [] -> allow;
        [refused | _] -> reject
    end.

the_http_api_explains_any_of_them(Config) ->
    [begin
         {Status, Answer} = http(Config, Row, Stanza),
         ?assertEqual({Name, explained(Row, Stanza)}, {Name, in_words(Status =:= 200, Answer)})
     end || {#{name := Name} = Row, Stanza} <- short_rows()],
    the_server_has_not_restarted(Config).

%% One row in ten, because each call starts a program, which takes its time.
ejabberdctl_explains_some_of_them(Config) ->
    Rows = short_rows(),
    [begin
         {#{name := Name} = Row, Stanza} = lists:nth(N, Rows),
         Arguments = [binary_to_list(iolist_to_binary(Argument))
                      || Argument <- arguments(Row, Stanza)],
         {Status, Answer} = server:ctl(?config(server, Config),
                                       ["e2e_policy_explain" | Arguments]),
         ?assertEqual({Name, explained(Row, Stanza)}, {Name, in_words(Status =:= 0, Answer)})
     end || N <- lists:seq(1, length(Rows), 10)],
    the_server_has_not_restarted(Config).

short_rows() ->
    [{Row, hostile:cut(Stanza(), ?ARGUMENT)} || #{stanza := Stanza} = Row <- rows_of_clients()].

the_server_has_not_restarted(Config) ->
    ?assertEqual(?config(start_time, Config), start_time(?config(server, Config))).

http(Config, Row, Stanza) ->
    Values = [[$", escaped(iolist_to_binary(Argument)), $"] || Argument <- arguments(Row, Stanza)],
    Pairs = [["\"", Key, "\":", Value]
             || {Key, Value} <- lists:zip(["host", "from", "to", "stanza"], Values)],
    {ok, {{_, Status, _}, _, Answer}} =
        httpc:request(post, {?config(api, Config), [], "application/json",
                             iolist_to_binary(["{", lists:join(",", Pairs), "}"])}, [], []),
    {Status, Answer}.

escaped(Text) ->
    Quoted = re:replace(Text, "[\"\\\\]", "\\\\&", [global, {return, binary}]),
    binary:replace(Quoted, <<"\n">>, <<"\\n">>, [global]).

arguments(Row, Stanza) ->
    Host = host(Row),
    [Host, ["alice@", Host, "/desk"], recipient(Row), hostile:text(Stanza)].

in_words(true, Answer) ->
    case re:run(Answer, "allow|reject", [{capture, first, list}]) of
        {match, [Decision]} -> list_to_existing_atom(Decision)
    end;
in_words(false, Answer) ->
    ?assertMatch({_, {match, _}}, {Answer, re:run(Answer, ?PROBLEM)}),
    error.

host(#{whitelist := []}) -> <<?HOST>>;
host(_) -> <<?WITH_WHITELIST>>.

recipient(#{whitelist := []}) -> <<"nobody@", ?HOST>>;
%% A service that distributes it to the addresses inside.
recipient(_) -> <<"multicast.", ?WITH_WHITELIST>>.
