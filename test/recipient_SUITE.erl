%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Recipients without keys: what the sender is told with `recipient_keys', and what is decided.
-module(recipient_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([nothing_is_said_unless_the_option_is_set/1,
         tell_says_that_the_recipient_has_no_keys/1,
         keys_that_are_published_are_not_missing/1,
         needed_only_warns_about_messages_to_a_recipient_without_keys/1,
         needed_starts_no_clock_and_names_no_time/1,
         needed_refuses_when_the_recipient_has_keys/1,
         keys_of_a_scheme_that_is_not_accepted_are_missing/1,
         keys_that_the_sender_may_not_read_are_missing/1,
         an_account_that_does_not_exist_has_no_keys/1,
         keys_in_rooms_and_of_other_servers_do_not_matter/1,
         while_testing_it_is_counted_as_a_warning/1,
         explain_says_it/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-import(exchange, [message/3, is_delivered/1, is_warned/3, is_refused/3]).

-define(TEXT, <<"Encrypt!">>).
-define(WITHOUT, <<"Encrypt! No keys.">>).

suite() ->
    [{timetrap, {minutes, 1}}].

all() ->
    [{group, mnesia}, {group, sqlite}].

groups() ->
    Cases = [nothing_is_said_unless_the_option_is_set,
             tell_says_that_the_recipient_has_no_keys,
             keys_that_are_published_are_not_missing,
             needed_only_warns_about_messages_to_a_recipient_without_keys,
             needed_starts_no_clock_and_names_no_time,
             needed_refuses_when_the_recipient_has_keys,
             keys_of_a_scheme_that_is_not_accepted_are_missing,
             keys_that_the_sender_may_not_read_are_missing,
             an_account_that_does_not_exist_has_no_keys,
             keys_in_rooms_and_of_other_servers_do_not_matter,
             while_testing_it_is_counted_as_a_warning,
             explain_says_it],
    [{mnesia, [], Cases}, {sqlite, [], Cases}].

init_per_group(Kind, Config) ->
    Database = database:started(Kind),
    try
        Stored = case Kind of
                     mnesia -> #{};
                     sqlite -> #{default_db => sql, new_sql_schema => false}
                 end,
        Settings = maps:merge(database:settings(Database), Stored),
        Server = server:started(policies(), Settings#{modules => modules()}),
        ok = database:make_tables(Database, Server),
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
    #{<<"ignore.test">> => with(#{}),
      <<"tell.test">> => with(#{recipient_keys => tell}),
      <<"mild.test">> => with(#{recipient_keys => tell, direct => optional}),
      <<"needed.test">> => with(#{recipient_keys => needed}),
      <<"grace.test">> => with(#{recipient_keys => needed, grace_period => <<"14 days">>}),
      <<"pgp.test">> => with(#{recipient_keys => tell, accepted_schemes => [pgp]}),
      <<"trial.test">> => with(#{recipient_keys => needed, testing => true}),
      <<"without.test">> => without}.

modules() ->
    #{mod_admin_extra => #{}, mod_caps => #{}, mod_muc => #{},
      mod_pubsub => #{plugins => [<<"pep">>]}, mod_roster => #{}}.

with(Options) ->
    maps:merge(#{direct => required, group => required, warn_mechanism => error,
                 message_plain_required_direct => ?TEXT, message_plain_optional_direct => ?TEXT,
                 message_graceperiod => <<"Left: {graceperiod_remaining}">>,
                 message_without_keys => <<"No keys.">>}, Options).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

nothing_is_said_unless_the_option_is_set(Config) ->
    {Alice, Bob} = pair(Config, <<"ignore.test">>),
    is_refused(plain(Alice, Bob), error, ?TEXT).

tell_says_that_the_recipient_has_no_keys(Config) ->
    {Alice, Bob} = pair(Config, <<"tell.test">>),
    is_refused(plain(Alice, Bob), error, ?WITHOUT),
    {Nurse, Peter} = pair(Config, <<"mild.test">>),
    is_warned(plain(Nurse, Peter), error, ?WITHOUT).

keys_that_are_published_are_not_missing(Config) ->
    {Alice, Bob} = pair(Config, <<"tell.test">>),
    publish_list(Bob, open),
    is_refused(plain(Alice, Bob), error, ?WITHOUT),
    publish_bundle(Bob, open),
    is_refused(plain(Alice, Bob), error, ?TEXT).

needed_only_warns_about_messages_to_a_recipient_without_keys(Config) ->
    {Alice, Bob} = pair(Config, <<"needed.test">>),
    is_warned(plain(Alice, Bob), error, ?WITHOUT).

needed_starts_no_clock_and_names_no_time(Config) ->
    {Alice, Bob} = pair(Config, <<"grace.test">>),
    is_warned(plain(Alice, Bob), error, ?WITHOUT),
    ?assertMatch({0, "none" ++ _}, grace_status(Config, Alice)),
    publish_list(Bob, open),
    publish_bundle(Bob, open),
    is_warned(plain(Alice, Bob), error, <<"Encrypt! Left: 14 days">>),
    ?assertMatch({0, "running" ++ _}, grace_status(Config, Alice)).

needed_refuses_when_the_recipient_has_keys(Config) ->
    {Alice, Bob} = pair(Config, <<"needed.test">>),
    publish_list(Bob, open),
    publish_bundle(Bob, open),
    is_refused(plain(Alice, Bob), error, ?TEXT).

keys_of_a_scheme_that_is_not_accepted_are_missing(Config) ->
    {Alice, Bob} = pair(Config, <<"pgp.test">>),
    publish_list(Bob, open),
    publish_bundle(Bob, open),
    is_refused(plain(Alice, Bob), error, ?WITHOUT).

%% Contacts of Bob may read his keys, which Alice becomes.
keys_that_the_sender_may_not_read_are_missing(Config) ->
    {Alice, Bob} = pair(Config, <<"tell.test">>),
    publish_list(Bob, presence),
    publish_bundle(Bob, presence),
    is_refused(plain(Alice, Bob), error, ?WITHOUT),
    [AliceUser, BobUser] = [user(Client) || Client <- [Alice, Bob]],
    {0, _} = server:ctl(?config(server, Config),
                        ["add_rosteritem", BobUser, "tell.test", AliceUser, "tell.test", "Alice",
                         "", "both"]),
    client:received(Bob),
    is_refused(plain(Alice, Bob), error, ?TEXT).

an_account_that_does_not_exist_has_no_keys(Config) ->
    {Alice, Bob} = pair(Config, <<"tell.test">>),
    client:send(Alice, ["<message type='chat' to='nobody@tell.test'><body>hi</body></message>"]),
    ?assertEqual([{error, <<"policy-violation">>, ?WITHOUT}],
                 exchange:answers(client:messages(Alice))),
    ?assertEqual([], client:messages(Bob)).

keys_in_rooms_and_of_other_servers_do_not_matter(Config) ->
    {Alice, _Bob} = pair(Config, <<"needed.test">>),
    Room = <<(user(Alice))/binary, "@conference.needed.test">>,
    client:join(Alice, <<Room/binary, "/nick">>),
    [begin
         client:send(Alice, ["<message type='", Type, "' to='", To, "'><body>hi</body></message>"]),
         ?assertMatch([{error, <<"policy-violation">>, ?TEXT}],
                      exchange:answers(client:messages(Alice)))
     end || {Type, To} <- [{"groupchat", Room}, {"chat", <<"juliet@elsewhere.invalid">>},
                           {"chat", <<Room/binary, "/nick">>}]].

while_testing_it_is_counted_as_a_warning(Config) ->
    Host = <<"trial.test">>,
    {Alice, Bob} = pair(Config, Host),
    is_delivered(plain(Alice, Bob)),
    publish_list(Bob, open),
    publish_bundle(Bob, open),
    is_delivered(plain(Alice, Bob)),
    Counters = server:call(?config(server, Config), mod_e2e_policy_registry, counters, [Host]),
    Totals = server:call(?config(server, Config), mod_e2e_policy_counters, totals, [Counters]),
    ?assertEqual([{{sent, direct, plaintext, would_refuse}, 1},
                  {{sent, direct, plaintext, would_warn}, 1}], lists:sort(Totals)).

explain_says_it(Config) ->
    {Alice, Bob} = pair(Config, <<"needed.test">>),
    [AliceJid, BobJid] = [<<(user(Client))/binary, "@needed.test">> || Client <- [Alice, Bob]],
    {0, Output} = server:ctl(?config(server, Config),
                             ["e2e_policy_explain", "needed.test", AliceJid, BobJid,
                              "<message xml:lang='de'><body>hi</body></message>"]),
    [?assertMatch({_, {_, _}}, {Output, string:find(Output, Words) =/= nomatch
                                andalso {Words, found}})
     || Words <- ["warn", "Encrypt! No keys.",
                  "the recipient has published no key of an accepted scheme"]].

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

%% Two users whom no other case has.
pair(Config, Host) ->
    list_to_tuple([client:connect_available(?config(server, Config),
                                            <<(client:unique_name(Name))/binary, "@", Host/binary,
                                              "/phone">>)
                   || Name <- ["alice", "bob"]]).

user(Client) ->
    hd(binary:split(client:jid(Client), <<"@">>)).

plain(From, To) ->
    message(From, To, ["<message type='chat' to='", client:jid(To), "'><body>hi</body></message>"]).

grace_status(Config, Client) ->
    [User, Rest] = binary:split(client:jid(Client), <<"@">>),
    [Host, _] = binary:split(Rest, <<"/">>),
    server:ctl(?config(server, Config), ["e2e_policy_grace_status", User, Host]).

publish_list(Client, Access) ->
    client:publish(Client, "eu.siacs.conversations.axolotl.devicelist",
                   "<item id='current'><list xmlns='eu.siacs.conversations.axolotl'>"
                   "<device id='7'/></list></item>", Access).

publish_bundle(Client, Access) ->
    client:publish(Client, "eu.siacs.conversations.axolotl.bundles:7",
                   "<item id='current'><bundle xmlns='eu.siacs.conversations.axolotl'/></item>",
                   Access).
