%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Several virtual hosts in one server, and what a reload of the configuration does to them.
-module(hosts_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1, end_per_testcase/2]).
-export([each_host_has_a_policy_of_its_own/1,
         the_policy_of_the_senders_host_counts/1,
         a_reload_changes_the_policy_of_connected_sessions/1,
         a_reload_starts_the_module_on_a_host/1,
         a_host_without_the_module_keeps_nothing_of_it/1,
         a_removed_host_leaves_nothing/1,
         a_stop_on_the_last_host_leaves_nothing/1,
         group_messages_to_users_are_direct_while_their_host_is_served/1,
         policies_change_one_after_the_other/1,
         a_reload_applies_the_language_of_a_host/1,
         the_server_announces_encryption_hints_while_the_module_runs/1,
         what_others_send_is_only_looked_at_where_an_option_asks_for_it/1]).
%% In the server
-export([waits/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-import(exchange, [message/3, is_delivered/1, is_warned/3, is_refused/3]).

-define(STRICT, #{direct => required, warn_mechanism => error,
                  message_plain_required_direct => <<"encrypt!">>}).
-define(MILD, #{direct => optional, warn_mechanism => message,
                message_plain_optional_direct => <<"please encrypt">>}).
-define(HOSTS, #{<<"strict.test">> => ?STRICT, <<"mild.test">> => ?MILD,
                 <<"free.test">> => without}).

all() ->
    [each_host_has_a_policy_of_its_own,
     the_policy_of_the_senders_host_counts,
     a_reload_changes_the_policy_of_connected_sessions,
     a_reload_starts_the_module_on_a_host,
     a_host_without_the_module_keeps_nothing_of_it,
     a_removed_host_leaves_nothing,
     a_stop_on_the_last_host_leaves_nothing,
     group_messages_to_users_are_direct_while_their_host_is_served,
     policies_change_one_after_the_other,
     a_reload_applies_the_language_of_a_host,
     the_server_announces_encryption_hints_while_the_module_runs,
     what_others_send_is_only_looked_at_where_an_option_asks_for_it].

init_per_suite(Config) ->
    [{server, server:started(?HOSTS)} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

end_per_testcase(_, Config) ->
    reload(Config, ?HOSTS).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

each_host_has_a_policy_of_its_own(Config) ->
    is_refused(talk(Config, <<"strict.test">>), error, <<"encrypt!">>),
    is_warned(talk(Config, <<"mild.test">>), message, <<"please encrypt">>),
    is_delivered(talk(Config, <<"free.test">>)).

the_policy_of_the_senders_host_counts(Config) ->
    [Free, Strict] = [connect(Config, Jid)
                      || Jid <- [<<"alice@free.test/phone">>, <<"bob@strict.test/desk">>]],
    is_delivered(message(Free, Strict, text(<<"bob@strict.test">>))),
    is_refused(message(Strict, Free, text(<<"alice@free.test">>)), error, <<"encrypt!">>).

a_reload_changes_the_policy_of_connected_sessions(Config) ->
    [Alice, Bob] = [connect(Config, Jid)
                    || Jid <- [<<"alice@mild.test/phone">>, <<"bob@mild.test/desk">>]],
    is_warned(message(Alice, Bob, text(<<"bob@mild.test">>)), message, <<"please encrypt">>),
    reload(Config, (?HOSTS)#{<<"mild.test">> => ?STRICT}),
    is_refused(message(Alice, Bob, text(<<"bob@mild.test">>)), error, <<"encrypt!">>),
    reload(Config, (?HOSTS)#{<<"mild.test">> => (?MILD)#{whitelist => [<<"mild.test">>]}}),
    is_delivered(message(Alice, Bob, text(<<"bob@mild.test">>))).

a_reload_starts_the_module_on_a_host(Config) ->
    reload(Config, (?HOSTS)#{<<"free.test">> => ?STRICT, <<"new.test">> => ?STRICT}),
    is_refused(talk(Config, <<"free.test">>), error, <<"encrypt!">>),
    is_refused(talk(Config, <<"new.test">>), error, <<"encrypt!">>).

a_host_without_the_module_keeps_nothing_of_it(Config) ->
    Before = footprint(Config),
    reload(Config, (?HOSTS)#{<<"free.test">> => ?STRICT}),
    ?assertNotEqual(Before, footprint(Config)),
    reload(Config, ?HOSTS),
    ?assertEqual(Before, footprint(Config)),
    is_delivered(talk(Config, <<"free.test">>)).

a_removed_host_leaves_nothing(Config) ->
    reload(Config, (?HOSTS)#{<<"passing.test">> => without}),
    reload(Config, ?HOSTS),
    Before = footprint(Config),
    reload(Config, (?HOSTS)#{<<"passing.test">> => ?STRICT}),
    is_refused(talk(Config, <<"passing.test">>), error, <<"encrypt!">>),
    reload(Config, ?HOSTS),
    ?assertEqual(Before, footprint(Config)).

a_stop_on_the_last_host_leaves_nothing(Config) ->
    reload(Config, maps:map(fun(_Host, _Options) -> without end, ?HOSTS)),
    #{hooks := Hooks, terms := Terms} = footprint(Config),
    ?assertEqual([], [Term || Term <- [mod_e2e_policy_registry, mod_e2e_policy_chat],
                              lists:member(Term, Terms)]),
    ?assertEqual([], [Hook || Hook <- Hooks, is_ours(Hook)]).

%% Whether that host has the module or not. Otherwise the address could be that of a room elsewhere.
group_messages_to_users_are_direct_while_their_host_is_served(Config) ->
    Strict = (?HOSTS)#{<<"strict.test">> => (?STRICT)#{group => none}},
    [begin
         reload(Config, Hosts),
         Alice = connect(Config, <<"alice@strict.test/phone">>),
         client:send(Alice, ["<message type='groupchat' to='bob@later.test'>"
                             "<body>hi</body></message>"]),
         [{error, Condition, _}] = exchange:answers(client:messages(Alice)),
         ?assertEqual({Hosts, IsDirect}, {Hosts, Condition =:= <<"policy-violation">>})
     end || {Hosts, IsDirect} <- [{Strict, false}, {Strict#{<<"later.test">> => without}, true},
                                  {Strict, false}, {Strict#{<<"later.test">> => ?MILD}, true},
                                  {Strict#{<<"later.test">> => without}, true}, {Strict, false}]].

policies_change_one_after_the_other(Config) ->
    Server = ?config(server, Config),
    server:load_module(Server, ?MODULE),
    ?assert(server:call(Server, ?MODULE, waits, [<<"mild.test">>])),
    is_warned(talk(Config, <<"mild.test">>), message, <<"please encrypt">>).

%% Even when no option of the module changes. The policies of other hosts stay as they are.
a_reload_applies_the_language_of_a_host(Config) ->
    #{settings := Settings} = Server = ?config(server, Config),
    Policy = fun(Host) -> server:call(Server, mod_e2e_policy_registry, policy, [Host]) end,
    [Strict, Mild] = [Policy(Host) || Host <- [<<"strict.test">>, <<"mild.test">>]],
    ?assertEqual(<<"en">>, language(Config)),
    In = fun(Language) ->
                 HostConfig = #{<<"strict.test">> => #{language => Language}},
                 server:reload(Server#{settings := Settings#{host_config => HostConfig}}, ?HOSTS)
         end,
    ?assertEqual({0, ""}, In(<<"de">>)),
    ?assertEqual(<<"de">>, language(Config)),
    German = Policy(<<"strict.test">>),
    ?assertEqual({0, ""}, In(<<"de">>)),
    ?assertEqual({German, Mild}, {Policy(<<"strict.test">>), Policy(<<"mild.test">>)}),
    reload(Config, ?HOSTS),
    ?assertEqual(<<"en">>, language(Config)),
    ?assertNotEqual(German, Strict).

the_server_announces_encryption_hints_while_the_module_runs(Config) ->
    [Free, Strict] = [connect(Config, Jid)
                      || Jid <- [<<"alice@free.test/phone">>, <<"bob@strict.test/desk">>]],
    ?assertEqual({false, true}, {announces(Free), announces(Strict)}),
    reload(Config, (?HOSTS)#{<<"free.test">> => ?STRICT, <<"strict.test">> => without}),
    ?assertEqual({true, false}, {announces(Free), announces(Strict)}).

what_others_send_is_only_looked_at_where_an_option_asks_for_it(Config) ->
    Hooks = fun(Options) ->
                    reload(Config, (?HOSTS)#{<<"strict.test">> => maps:merge(?STRICT, Options)}),
                    [Hook || Hook <- [s2s_receive_packet, muc_filter_message, s2s_out_tls_verify],
                             has_our_hook(Config, Hook, <<"strict.test">>)]
            end,
    ?assertEqual([], Hooks(#{})),
    ?assertEqual([s2s_receive_packet], Hooks(#{incoming => required})),
    ?assertEqual([s2s_receive_packet, muc_filter_message], Hooks(#{rooms => optional})),
    ?assertEqual([s2s_receive_packet], Hooks(#{s2s_unverified => optional})),
    ?assertEqual([s2s_receive_packet, s2s_out_tls_verify], Hooks(#{s2s_unverified => refuse})),
    ?assertEqual([], Hooks(#{s2s_unverified => none})).

has_our_hook(Config, Hook, Host) ->
    Functions = server:call(?config(server, Config), ets, lookup, [hooks, {Hook, Host}]),
    is_ours(Functions).

%%%-------------------------------------------------------------------
%%% The server
%%%-------------------------------------------------------------------

%% What a module can leave in a server: hooks, persistent terms, tables, processes and commands.
footprint(Config) ->
    Call = fun(M, F, A) -> server:call(?config(server, Config), M, F, A) end,
    #{hooks => lists:sort([Hook || {_, [_ | _]} = Hook <- Call(ets, tab2list, [hooks])]),
      terms => lists:sort([Key || {Key, _} <- Call(persistent_term, get, []), is_ours(Key)]),
      tables => lists:sort([Table || Table <- Call(ets, all, []), is_ours(Table)]),
      names => lists:sort([Name || Name <- Call(erlang, registered, []), is_ours(Name)]),
      commands => length(Call(ejabberd_commands, list_commands, []))}.

is_ours(Term) ->
    string:find(io_lib:format("~p", [Term]), "e2e_policy") =/= nomatch.

%% Whether a reload of the host waits while another process changes policies, and then ends.
waits(Host) ->
    Lock = {mod_e2e_policy_registry, self()},
    Opts = gen_mod:get_module_opts(Host, mod_e2e_policy),
    true = global:set_lock(Lock, [node()]),
    {_, Monitor} = spawn_monitor(fun() -> exit(mod_e2e_policy:reload(Host, Opts, Opts)) end),
    Waited = receive {'DOWN', Monitor, process, _, _} -> false
             after 500 -> true
             end,
    true = global:del_lock(Lock, [node()]),
    Waited andalso receive {'DOWN', Monitor, process, _, Ended} -> Ended =:= ok end.

%% The language of a refusal on the strict host.
language(Config) ->
    Alice = connect(Config, <<"alice@strict.test/phone">>),
    client:send(Alice, text(<<"bob@strict.test">>)),
    [Refusal] = client:messages(Alice),
    fxml:get_path_s(Refusal, [{elem, <<"error">>}, {elem, <<"text">>}, {attr, <<"xml:lang">>}]).

announces(Client) ->
    lists:member(<<"urn:xmpp:eme:0">>, client:features(Client)).

talk(Config, Host) ->
    {Alice, Bob} = exchange:alice_and_bob(?config(server, Config), Host),
    message(Alice, Bob, text(<<"bob@", Host/binary>>)).

text(To) ->
    ["<message type='chat' to='", To, "'><body>in the clear</body></message>"].

connect(Config, Jid) ->
    client:connect_available(?config(server, Config), Jid).

reload(Config, Hosts) ->
    ?assertEqual({0, ""}, server:reload(?config(server, Config), Hosts)).
