%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Which users others can encrypt to: what clients publish, and what an admin is told about it. One
%% list of cases, for each database in which ejabberd can keep it.
-module(readiness_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([slixmpp_makes_a_user_ready/1,
         a_list_with_a_bundle_makes_a_user_ready/1,
         a_user_who_publishes_nothing_has_no_keys/1,
         an_empty_list_has_no_keys/1,
         a_list_without_a_bundle_is_not_enough/1,
         keys_that_not_everybody_can_read_are_closed/1,
         openpgp_keys_count_where_openpgp_is_accepted/1,
         later_versions_of_omemo_count/1,
         the_best_device_counts/1,
         the_newest_item_of_a_list_counts/1]).
-export([keys_are_described_with_their_labels/1,
         other_payloads_are_no_keys/1,
         a_list_is_read_up_to_a_limit/1]).
-export([the_commands_count_and_list/1,
         who_writes_in_the_clear_is_not_ready/1,
         who_was_active_last_comes_first/1,
         clients_of_sessions_are_named/1,
         a_session_that_does_not_answer_is_left_out/1,
         a_list_of_users_is_limited/1,
         many_users_cost_few_queries/1]).
-export([commands_say_what_is_missing/1,
         wrong_arguments_are_refused/1]).
%% Called in the server's node.
-export([fold/2]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

%% All schemes; OpenPGP only; OMEMO only; and one with few users.
-define(HOST, <<"all.test">>).
-define(PGP, <<"pgp.test">>).
-define(OMEMO, <<"omemo.test">>).
-define(LISTED, <<"listed.test">>).
-define(REMEMBERED, <<"remembered.test">>).
-define(FINGERPRINT, "0123456789ABCDEF0123456789ABCDEF01234567").
-define(DAY, 86400).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [{group, Group} || {Group, _, _} <- groups()].

groups() ->
    [{mnesia, [], cases() -- [many_users_cost_few_queries]},
     {sqlite, [], cases()},
     {postgresql, [], cases()},
     {mysql, [], cases()},
     {without_pubsub, [], [commands_say_what_is_missing, wrong_arguments_are_refused]}].

cases() ->
    [slixmpp_makes_a_user_ready,
     a_list_with_a_bundle_makes_a_user_ready,
     a_user_who_publishes_nothing_has_no_keys,
     an_empty_list_has_no_keys,
     a_list_without_a_bundle_is_not_enough,
     keys_that_not_everybody_can_read_are_closed,
     openpgp_keys_count_where_openpgp_is_accepted,
     later_versions_of_omemo_count,
     the_best_device_counts,
     the_newest_item_of_a_list_counts,
     keys_are_described_with_their_labels,
     other_payloads_are_no_keys,
     a_list_is_read_up_to_a_limit,
     the_commands_count_and_list,
     who_writes_in_the_clear_is_not_ready,
     who_was_active_last_comes_first,
     clients_of_sessions_are_named,
     a_session_that_does_not_answer_is_left_out,
     a_list_of_users_is_limited,
     many_users_cost_few_queries].

init_per_group(without_pubsub, Config) ->
    [{database, database:started(mnesia)},
     {server, server:started(policies(), #{modules => #{}})} | Config];
init_per_group(Kind, Config) ->
    Database = database:started(Kind),
    try
        %% SQLite has the schema that most servers have.
        Stored = case Kind of
                     mnesia -> #{};
                     sqlite -> #{default_db => sql, new_sql_schema => false};
                     _ -> #{default_db => sql, new_sql_schema => true}
                 end,
        Server = server:started(policies(), maps:merge(database:settings(Database), Stored)),
        ok = database:make_tables(Database, Server),
        ok = server:load_module(Server, ?MODULE),
        [{database, Database}, {server, Server} | Config]
    catch
        Class:Reason:Stack ->
            database:stop(Database),
            erlang:raise(Class, Reason, Stack)
    end.

end_per_group(_, Config) ->
    server:stop(?config(server, Config)),
    database:stop(?config(database, Config)).

policies() ->
    #{?HOST => #{}, ?PGP => #{accepted_schemes => [pgp]}, ?OMEMO => #{accepted_schemes => [omemo]},
      ?LISTED => #{}, ?REMEMBERED => #{remember_senders => <<"30 days">>},
      <<"without.test">> => without}.

%%%-------------------------------------------------------------------
%%% What makes a user ready
%%%-------------------------------------------------------------------

%% The trial of packages has no slixmpp.
slixmpp_makes_a_user_ready(Config) ->
    case filelib:is_regular(server:root() ++ "/_build/venv/bin/python") of
        true ->
            {Name, Host} = User = client:make_user(?config(server, Config), ?HOST),
            Client = real_client:start(omemo, [<<Name/binary, "@", Host/binary, "/suite">>,
                                               <<"secret">>]),
            #{port := Port} = ?config(server, Config),
            real_client:do(Client, go_online, #{port => Port}),
            ?assertEqual(ready, state(Config, User)),
            real_client:stop(Client);
        false ->
            {skip, "slixmpp is not installed here"}
    end.

a_list_with_a_bundle_makes_a_user_ready(Config) ->
    Client = connect(Config, ?HOST),
    publish_devices(Client, ["12345"], open),
    publish_bundle(Client, "12345", open),
    ?assertEqual(ready, state(Config, Client)).

a_user_who_publishes_nothing_has_no_keys(Config) ->
    ?assertEqual(no_keys, state(Config, connect(Config, ?HOST))),
    ?assertEqual({ok, []}, keys(Config, {<<"nobody">>, ?HOST})).

an_empty_list_has_no_keys(Config) ->
    Client = connect(Config, ?HOST),
    publish_devices(Client, [], open),
    publish_bundle(Client, "12345", open),
    ?assertEqual(no_keys, state(Config, Client)).

a_list_without_a_bundle_is_not_enough(Config) ->
    Client = connect(Config, ?HOST),
    publish_devices(Client, ["12345", "12346"], open),
    ?assertEqual(no_bundle, state(Config, Client)),
    publish_bundle(Client, "99999", open),
    ?assertEqual(no_bundle, state(Config, Client)).

keys_that_not_everybody_can_read_are_closed(Config) ->
    [begin
         Client = connect(Config, ?HOST),
         publish_devices(Client, ["12345"], OfList),
         publish_bundle(Client, "12345", OfBundle),
         ?assertEqual({OfList, OfBundle, closed}, {OfList, OfBundle, state(Config, Client)}),
         ?assertMatch({ok, [#{access := Stricter}]}, keys(Config, Client))
     end || {OfList, OfBundle, Stricter} <- [{presence, open, presence},
                                             {whitelist, open, whitelist},
                                             {open, whitelist, whitelist},
                                             {whitelist, presence, whitelist}]].

openpgp_keys_count_where_openpgp_is_accepted(Config) ->
    [begin
         Client = connect(Config, Host),
         publish_fingerprint(Client),
         ?assertEqual({Host, Without}, {Host, state(Config, Client)}),
         publish_openpgp_key(Client),
         ?assertEqual({Host, With}, {Host, state(Config, Client)})
     end || {Host, Without, With} <- [{?HOST, no_bundle, ready}, {?PGP, no_bundle, ready},
                                      {?OMEMO, no_keys, no_keys}]],
    Client = connect(Config, ?PGP),
    publish_devices(Client, ["12345"], open),
    publish_bundle(Client, "12345", open),
    ?assertEqual(no_keys, state(Config, Client)).

later_versions_of_omemo_count(Config) ->
    [begin
         Client = connect(Config, ?OMEMO),
         Namespace = "urn:xmpp:omemo:" ++ Version,
         client:publish(Client, Namespace ++ ":devices",
                        ["<item id='current'><devices xmlns='", Namespace, "'><device id='7'/>"
                         "</devices></item>"], open),
         ?assertEqual(no_bundle, state(Config, Client)),
         client:publish(Client, Namespace ++ ":bundles",
                        ["<item id='8'><bundle xmlns='", Namespace, "'/></item>"], open),
         ?assertEqual(no_bundle, state(Config, Client)),
         client:publish(Client, Namespace ++ ":bundles",
                        ["<item id='7'><bundle xmlns='", Namespace, "'/></item>"], open),
         ?assertEqual(ready, state(Config, Client))
     end || Version <- ["1", "2"]].

the_best_device_counts(Config) ->
    Client = connect(Config, ?HOST),
    publish_devices(Client, ["1", "2", "3"], open),
    publish_bundle(Client, "2", whitelist),
    ?assertEqual(closed, state(Config, Client)),
    publish_bundle(Client, "3", open),
    ?assertEqual(ready, state(Config, Client)).

the_newest_item_of_a_list_counts(Config) ->
    Client = connect(Config, ?HOST),
    publish_devices(Client, [], open),
    client:configure_node(Client, "eu.siacs.conversations.axolotl.devicelist", "max_items", "10"),
    [client:publish(Client, "eu.siacs.conversations.axolotl.devicelist",
                    ["<item id='", Item, "'><list xmlns='eu.siacs.conversations.axolotl'>"
                     "<device id='", Id, "'/></list></item>"], open)
     || {Item, Id} <- [{"first", "1"}, {"second", "2"}]],
    {ok, Keys} = keys(Config, Client),
    ?assertEqual([<<"2">>], [Id || #{id := Id} <- Keys]).

%%%-------------------------------------------------------------------
%%% What is read of them
%%%-------------------------------------------------------------------

keys_are_described_with_their_labels(Config) ->
    Client = connect(Config, ?HOST),
    client:publish(Client, "urn:xmpp:omemo:2:devices",
                   ["<item id='current'><devices xmlns='urn:xmpp:omemo:2'>"
                    "<device id='7' label='Gajim on J\xC3\xA9rmanys'/><device id='8'/></devices>"
                    "</item>"], open),
    client:publish(Client, "urn:xmpp:omemo:2:bundles",
                   "<item id='7'><bundle xmlns='urn:xmpp:omemo:2'/></item>", open),
    publish_fingerprint(Client),
    {ok, Keys} = keys(Config, Client),
    ?assertEqual([#{scheme => omemo, namespace => <<"urn:xmpp:omemo:2">>, id => <<"7">>,
                    label => <<"Gajim on Jérmanys"/utf8>>, has_key => true, access => open},
                  #{scheme => omemo, namespace => <<"urn:xmpp:omemo:2">>, id => <<"8">>,
                    label => <<>>, has_key => false, access => open},
                  #{scheme => pgp, namespace => <<"urn:xmpp:openpgp:0">>,
                    id => <<?FINGERPRINT>>, label => <<>>, has_key => false, access => open}],
                 Keys).

other_payloads_are_no_keys(Config) ->
    List = "eu.siacs.conversations.axolotl",
    [begin
         Client = connect(Config, ?HOST),
         client:publish(Client, List ++ ".devicelist",
                        ["<item id='current'>", Payload, "</item>"], open),
         [publish_bundle(Client, Id, open) || Id <- ["1", "0"]],
         ?assertEqual({Payload, {ok, []}}, {Payload, keys(Config, Client)})
     end || Payload <- [["<list xmlns='urn:example'><device id='1'/></list>"],
                        ["<devices xmlns='", List, "'><device id='1'/></devices>"],
                        ["<list xmlns='", List, "'>1<phone id='1'/></list>"],
                        ["<list xmlns='", List, "'><a><device id='1'/></a></list>"],
                        ["<list xmlns='", List, "'><device/><device id=''/><device id='-1'/>"
                         "<device id='1&apos;) or 1=1 --'/><device id='12345678901'/>"
                         "<device id='&#x661;'/><device id=' 1'/><device id='%'/></list>"],
                        [lists:duplicate(500, "<list xmlns='" ++ List ++ "'>"), "1",
                         lists:duplicate(500, "</list>")]]],
    Client = connect(Config, ?HOST),
    publish_devices(Client, ["1"], open),
    client:publish(Client, List ++ ".bundles:1",
                   "<item id='current'><a><bundle/></a></item>", open),
    ?assertEqual(no_bundle, state(Config, Client)).

%% Devices that are listed twice count once.
a_list_is_read_up_to_a_limit(Config) ->
    Client = connect(Config, ?HOST),
    Ids = [integer_to_list(Id) || Id <- lists:seq(1, 300)],
    publish_devices(Client, ["1", "1" | Ids], open),
    {ok, Keys} = keys(Config, Client),
    ?assertEqual([integer_to_binary(Id) || Id <- lists:seq(1, 50)], [Id || #{id := Id} <- Keys]),
    %% With a longer one ejabberd 23.01 waits for more, if its expat is one that defers parsing.
    Label = lists:duplicate(200, "e\xCC\x81"),
    client:publish(Client, "urn:xmpp:omemo:2:devices",
                   ["<item id='current'><devices xmlns='urn:xmpp:omemo:2'><device id='7' label='",
                    Label, "'/></devices></item>"], open),
    {ok, More} = keys(Config, Client),
    ?assertEqual([100], [length(unicode:characters_to_list(Text))
                         || #{label := Text} <- More, Text =/= <<>>]).

%%%-------------------------------------------------------------------
%%% What an admin is told
%%%-------------------------------------------------------------------

the_commands_count_and_list(Config) ->
    Ready = connect(Config, ?LISTED, <<"juliet">>),
    publish_devices(Ready, ["1"], open),
    publish_bundle(Ready, "1", open),
    publish_fingerprint(Ready),
    publish_openpgp_key(Ready),
    Closed = connect(Config, ?LISTED, <<"romeo">>),
    publish_devices(Closed, ["1", "2"], open),
    publish_bundle(Closed, "1", whitelist),
    publish_fingerprint(Closed),
    NoBundle = connect(Config, ?LISTED, <<"nurse">>),
    publish_devices(NoBundle, ["1"], open),
    client:make_account(?config(server, Config), <<"tybalt@", ?LISTED/binary, "/desk">>),
    ?assertEqual({0, "users\t4\nready\t1\nno_keys\t1\nno_bundle\t1\nclosed\t1\nwith_omemo\t1\n"
                  "with_pgp\t1\n"}, ctl(Config, ["e2e_policy_readiness", ?LISTED])),
    {0, Listed} = ctl(Config, ["e2e_policy_unready", ?LISTED, "0"]),
    ?assertMatch([["nurse", "no_bundle", "omemo 1", _, "", ""],
                  ["romeo", "closed", "omemo 2, pgp 1", _, "", ""],
                  ["tybalt", "no_keys", "", "", "", ""]],
                 [string:split(Line, "\t", all) || Line <- string:lexemes(Listed, "\n")]),
    %% The account that never was online was not active, whatever is stored of its making.
    {0, Active} = ctl(Config, ["e2e_policy_unready", ?LISTED, "1 hour"]),
    ?assertEqual(2, length(string:lexemes(Active, "\n"))).

%% The reason of the keys comes before that of the messages.
who_writes_in_the_clear_is_not_ready(Config) ->
    Today = binary_to_list(call(Config, mod_e2e_policy_day, of_time,
                                [erlang:system_time(second)])),
    [Juliet, Romeo, Nurse] = [connect(Config, ?REMEMBERED, User)
                              || User <- [<<"juliet">>, <<"romeo">>, <<"nurse">>]],
    [begin
         publish_devices(Client, ["1"], open),
         publish_bundle(Client, "1", open)
     end || Client <- [Juliet, Romeo]],
    [client:send(Client, ["<message type='chat' to='", client:jid(Juliet),
                          "'><body>hello</body></message>"]) || Client <- [Romeo, Nurse]],
    [client:received(Client) || Client <- [Romeo, Nurse]],
    ?assertEqual({0, "users\t3\nready\t1\nno_keys\t1\nno_bundle\t0\nclosed\t0\n"
                  "with_omemo\t2\nwith_pgp\t0\nsenders\t2\nwriting_plain\t2\n"},
                 ctl(Config, ["e2e_policy_readiness", ?REMEMBERED])),
    {0, Listed} = ctl(Config, ["e2e_policy_unready", ?REMEMBERED, "0"]),
    ?assertMatch([["nurse", "no_keys", "", _, Today, ""],
                  ["romeo", "writes_plain", "omemo 1", _, Today, ""]],
                 lists:sort([string:split(Line, "\t", all)
                             || Line <- string:lexemes(Listed, "\n")])).

who_was_active_last_comes_first(Config) ->
    Now = erlang:system_time(second),
    Users = [begin
                 {Name, _} = User = client:make_user(?config(server, Config), ?PGP),
                 was_active(Config, User, Now - Ago),
                 {Name, Ago}
             end || Ago <- [3 * ?DAY, 2 * ?DAY, 60, 40 * ?DAY]],
    Rows = fun(Seconds) ->
                   {ok, {Rows, 0}} = call(Config, mod_e2e_policy_readiness, unready,
                                          [?PGP, Seconds, 1000]),
                   [Name || #{user := Name, last_active := Active} <- Rows,
                            lists:keymember(Name, 1, Users), Active =/= <<>>]
           end,
    InOrder = [Name || {Name, _} <- lists:keysort(2, Users)],
    ?assertEqual(InOrder, Rows(0)),
    ?assertEqual(lists:droplast(InOrder), Rows(30 * ?DAY)),
    ?assertEqual([hd(InOrder)], Rows(3600)),
    {ok, {All, 0}} = call(Config, mod_e2e_policy_readiness, unready, [?PGP, 0, 1000]),
    [Text] = [Active || #{user := Name, last_active := Active} <- All, Name =:= hd(InOrder)],
    ?assertEqual(Now - 60, calendar:rfc3339_to_system_time(binary_to_list(Text))).

%% What a client calls itself is shown without characters that would steer a terminal.
clients_of_sessions_are_named(Config) ->
    Name = client:unique_name("user"),
    Phone = connect(Config, ?OMEMO, Name),
    Desk = client:connect_available(?config(server, Config), jid(Name, ?OMEMO, "/desk")),
    [begin
         client:send(Client, ["<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
                              "ver='", Ver, "' node='", Node, "'/></presence>"]),
         client:received(Client)
     end || {Client, Node, Ver} <- [{Phone, "https://gajim.org", "YQ=="},
                                    {Desk, "a&#10;b&#x9b;c", "YX=="}]],
    {0, Listed} = ctl(Config, ["e2e_policy_unready", ?OMEMO, "1 hour"]),
    ?assertMatch([[_, "no_keys", "", _, "", "a?b??c, https://gajim.org"]],
                 [Columns || Line <- string:lexemes(Listed, "\n"),
                             Columns <- [string:split(Line, "\t", all)],
                             hd(Columns) =:= binary_to_list(Name)]).

a_session_that_does_not_answer_is_left_out(Config) ->
    Name = client:unique_name("user"),
    Client = connect(Config, ?OMEMO, Name),
    [{_, Session}] = call(Config, ejabberd_sm, get_session_sids, [Name, ?OMEMO]),
    ok = call(Config, sys, suspend, [Session]),
    Begin = erlang:monotonic_time(millisecond),
    ?assertEqual(#{}, call(Config, mod_e2e_policy_activity, clients, [?OMEMO, [Name]])),
    ?assert(erlang:monotonic_time(millisecond) - Begin < 2_000),
    ok = call(Config, sys, resume, [Session]),
    client:received(Client).

a_list_of_users_is_limited(Config) ->
    {ok, {All, 0}} = call(Config, mod_e2e_policy_readiness, unready, [?HOST, 0, 1000]),
    {ok, {Two, More}} = call(Config, mod_e2e_policy_readiness, unready, [?HOST, 0, 2]),
    Names = fun(Rows) -> [Name || #{user := Name} <- Rows] end,
    ?assertEqual(lists:sublist(Names(All), 2), Names(Two)),
    ?assertEqual(length(All) - 2, More).

%% Two for a thousand users.
many_users_cost_few_queries(Config) ->
    Client = connect(Config, ?HOST),
    publish_devices(Client, ["1"], open),
    Users = [iolist_to_binary(["other", integer_to_list(Number)]) || Number <- lists:seq(1, 2_500)],
    Count = {ejabberd_sql, sql_query, 2},
    1 = call(Config, erlang, trace_pattern, [Count, true, [call_count]]),
    {ok, Read} = call(Config, ?MODULE, fold, [?HOST, [user(Client) | Users]]),
    {call_count, Queries} = call(Config, erlang, trace_info, [Count, call_count]),
    1 = call(Config, erlang, trace_pattern, [Count, false, [call_count]]),
    ?assertEqual(1, Read),
    %% Only one of the chunks has a list, whose bundles are asked for.
    ?assertEqual(3 + 1, Queries).

%%%-------------------------------------------------------------------
%%% Errors
%%%-------------------------------------------------------------------

commands_say_what_is_missing(Config) ->
    [?assertEqual({1, "Error: not_exists: found `all.test` without PEP, expected mod_pubsub with "
                   "the plugin `pep`: clients publish their keys there\n"}, ctl(Config, Command))
     || Command <- [["e2e_policy_readiness", ?HOST], ["e2e_policy_unready", ?HOST, "0"]]],
    ?assertEqual({error, no_pubsub}, keys(Config, {<<"juliet">>, ?HOST})).

wrong_arguments_are_refused(Config) ->
    [?assertMatch({Command, {1, _}, {match, _}}, {Command, {Status, Output}, re:run(Output, Words)})
     || {Command, Words} <- [{["e2e_policy_unready", ?HOST, "soon"],
                              "found `soon`, expected a duration such as `14 days`"},
                             {["e2e_policy_unready", "other.test", "0"],
                              "found `other.test`, expected a virtual host with mod_e2e_policy"},
                             {["e2e_policy_readiness", "without.test"],
                              "found `without.test`, expected a virtual host"}],
        {Status, Output} <- [ctl(Config, Command)]].

%%%-------------------------------------------------------------------
%%% In the server's node
%%%-------------------------------------------------------------------

%% How many keys these users have.
fold(Host, Users) ->
    mod_e2e_policy_keys:fold(Host, Users, fun(_, Keys, Sum) -> Sum + length(Keys) end, 0).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

connect(Config, Host) ->
    connect(Config, Host, client:unique_name("user")).

connect(Config, Host, Name) ->
    client:connect_available(?config(server, Config), jid(Name, Host, "/phone")).

jid(Name, Host, Resource) ->
    iolist_to_binary([Name, "@", Host, Resource]).

publish_devices(Client, Ids, Access) ->
    client:publish(Client, "eu.siacs.conversations.axolotl.devicelist",
                   ["<item id='current'><list xmlns='eu.siacs.conversations.axolotl'>",
                    [["<device id='", Id, "'/>"] || Id <- Ids], "</list></item>"], Access).

publish_bundle(Client, Id, Access) ->
    client:publish(Client, ["eu.siacs.conversations.axolotl.bundles:", Id],
                   "<item id='current'><bundle xmlns='eu.siacs.conversations.axolotl'>"
                   "<identityKey>AAAA</identityKey></bundle></item>", Access).

publish_fingerprint(Client) ->
    client:publish(Client, "urn:xmpp:openpgp:0:public-keys",
                   "<item id='current'><public-keys-list xmlns='urn:xmpp:openpgp:0'>"
                   "<pubkey-metadata v4-fingerprint='" ?FINGERPRINT "' "
                   "date='2026-11-25T00:00:00Z'/></public-keys-list></item>", open).

publish_openpgp_key(Client) ->
    client:publish(Client, "urn:xmpp:openpgp:0:public-keys:" ?FINGERPRINT,
                   "<item id='current'><pubkey xmlns='urn:xmpp:openpgp:0'><data>AAAA</data>"
                   "</pubkey></item>", open).

state(Config, User) ->
    {_, Host} = address(User),
    {ok, Keys} = keys(Config, User),
    call(Config, mod_e2e_policy_keys, state,
         [call(Config, mod_e2e_policy_keys, accepted, [Host]), Keys]).

keys(Config, User) ->
    {Name, Host} = address(User),
    call(Config, mod_e2e_policy_keys, of_user, [Name, Host]).

address({Name, Host}) ->
    {Name, Host};
address(Client) ->
    [Name, Host, _] = binary:split(client:jid(Client), [<<"@">>, <<"/">>], [global]),
    {Name, Host}.

user(Client) ->
    element(1, address(Client)).

was_active(Config, {Name, Host}, When) ->
    call(Config, mod_last, store_last_info, [Name, Host, When, <<>>]).

call(Config, Module, Function, Arguments) ->
    server:call(?config(server, Config), Module, Function, Arguments).

ctl(Config, Command) ->
    server:ctl(?config(server, Config), [unicode:characters_to_list(Word) || Word <- Command]).
