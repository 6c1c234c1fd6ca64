%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Grace periods: what users see of them, and that they are kept whatever happens to a server. One
%% list of cases, for each database in which ejabberd can keep them.
-module(grace_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([a_first_violation_starts_the_clock/1,
         the_remaining_time_is_told/1,
         one_clock_serves_direct_and_group_chats/1,
         what_the_policy_allows_starts_no_clock/1,
         two_sessions_share_one_start/1,
         simultaneous_starts_make_one_clock/1]).
-export([after_the_end_messages_are_refused/1,
         a_period_ends_while_the_user_is_online/1,
         an_extended_period_continues/1,
         an_ended_period_is_enforced_at_once/1,
         a_reset_clock_starts_again/1]).
-export([an_escalated_user_is_alone_under_an_optional_policy/1,
         an_escalation_leaves_a_policy_of_none_alone/1,
         a_clock_that_started_by_itself_is_ignored_under_an_optional_policy/1]).
-export([a_removed_user_leaves_no_clock/1,
         an_account_that_is_removed_while_it_sends_leaves_no_clock/1,
         a_session_that_begins_while_its_account_is_removed_leaves_no_clock/1,
         a_new_account_has_no_clock_of_an_old_one/1,
         commands_find_a_clock_whose_account_is_gone/1,
         an_anonymous_session_has_no_clock/1,
         users_with_odd_names_have_clocks/1,
         a_new_period_moves_all_ends_but_those_that_an_admin_set/1,
         a_start_in_the_future_gives_no_more_than_the_period/1]).
-export([an_invalid_record_counts_as_over/1,
         a_table_that_has_vanished_is_made_again/1,
         changes_without_a_cache_are_seen_by_a_new_cache/1,
         clocks_are_moved_to_another_storage/1]).
-export([allowed_messages_do_not_touch_the_store/1,
         a_running_clock_is_read_and_not_written/1]).
-export([a_restart_changes_nothing/1,
         acknowledged_commands_survive_a_crash/1]).

%% In the server
-export([write_as_a_new_session/2]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(REQUIRED, <<"required.test">>).
-define(OPTIONAL, <<"optional.test">>).
-define(DAY, 86400).
%% What a user is told in the first hour of a period of 14 days, as a regular expression.
-define(WHOLE_PERIOD, "14 days|13 days and 23 hours").

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [{group, Group} || {Group, _, _} <- groups()].

groups() ->
    [{mnesia, [], [a_period_ends_while_the_user_is_online
                   | cases() -- [changes_without_a_cache_are_seen_by_a_new_cache,
                                 clocks_are_moved_to_another_storage]]},
     {sqlite, [], cases()},
     {postgresql, [], cases()},
     {postgresql_with_single_host_schema, [], cases() -- [a_restart_changes_nothing]},
     {mysql, [], cases()},
     {inside_the_node, [], [acknowledged_commands_survive_a_crash]},
     {anonymous, [], [an_anonymous_session_has_no_clock]}].

cases() ->
    [a_first_violation_starts_the_clock,
     the_remaining_time_is_told,
     one_clock_serves_direct_and_group_chats,
     what_the_policy_allows_starts_no_clock,
     two_sessions_share_one_start,
     simultaneous_starts_make_one_clock,
     after_the_end_messages_are_refused,
     an_extended_period_continues,
     an_ended_period_is_enforced_at_once,
     a_reset_clock_starts_again,
     an_escalated_user_is_alone_under_an_optional_policy,
     an_escalation_leaves_a_policy_of_none_alone,
     a_clock_that_started_by_itself_is_ignored_under_an_optional_policy,
     a_removed_user_leaves_no_clock,
     an_account_that_is_removed_while_it_sends_leaves_no_clock,
     a_session_that_begins_while_its_account_is_removed_leaves_no_clock,
     a_new_account_has_no_clock_of_an_old_one,
     commands_find_a_clock_whose_account_is_gone,
     users_with_odd_names_have_clocks,
     a_new_period_moves_all_ends_but_those_that_an_admin_set,
     a_start_in_the_future_gives_no_more_than_the_period,
     an_invalid_record_counts_as_over,
     a_table_that_has_vanished_is_made_again,
     changes_without_a_cache_are_seen_by_a_new_cache,
     clocks_are_moved_to_another_storage,
     allowed_messages_do_not_touch_the_store,
     a_running_clock_is_read_and_not_written,
     a_restart_changes_nothing].

%% With the two databases that are part of the node, and so crash with it.
init_per_group(inside_the_node, Config) ->
    Policies = #{<<"mnesia.test">> => #{db_type => mnesia},
                 <<"sqlite.test">> => #{db_type => sql}},
    [{server, server:started(Policies, #{sql_type => sqlite, new_sql_schema => true})},
     {database, database:started(sqlite)} | Config];
init_per_group(anonymous, Config) ->
    Anonymous = #{auth_method => anonymous, anonymous_protocol => both},
    init(mnesia, #{host_config => #{?REQUIRED => Anonymous, ?OPTIONAL => Anonymous}}, Config);
init_per_group(postgresql_with_single_host_schema, Config) ->
    %% In this schema hosts cannot share a database.
    Other = #{host_config => #{?OPTIONAL => #{sql_database => <<"other">>}}},
    init(postgresql, Other#{new_sql_schema => false}, Config);
init_per_group(Kind, Config) ->
    init(Kind, #{new_sql_schema => true}, Config).

init(Kind, Schema, Config) ->
    Database = database:started(Kind),
    Settings = maps:merge(database:settings(Database), Schema),
    try server:started(policies(Kind, <<"14 days">>), Settings) of
        Server ->
            [{database, Database}, {server, Server}, {backend, backend(Kind)}, {kind, Kind}
             | Config]
    catch
        Class:Reason ->
            database:stop(Database),
            erlang:raise(Class, Reason, [])
    end.

end_per_group(_, Config) ->
    server:stop(?config(server, Config)),
    database:stop(?config(database, Config)).

policies(Kind, Period) ->
    Policy = #{grace_period => Period, warn_mechanism => error,
               db_type => case Kind of mnesia -> mnesia; _ -> sql end,
               message_plain_required_direct => <<"encrypt!">>,
               message_plain_optional_direct => <<"please encrypt">>,
               message_graceperiod => <<"{graceperiod_remaining} left">>},
    #{?REQUIRED => Policy#{direct => required, group => required},
      ?OPTIONAL => Policy#{direct => optional, group => none}}.

backend(mnesia) -> mod_e2e_policy_mnesia;
backend(_) -> mod_e2e_policy_sql.

%%%-------------------------------------------------------------------
%%% The start
%%%-------------------------------------------------------------------

a_first_violation_starts_the_clock(Config) ->
    User = user(Config, ?REQUIRED),
    ?assertEqual(none, clock(Config, User)),
    Before = unix_time(),
    is_warned(talk(Config, User), ?WHOLE_PERIOD),
    {Started, violation, undefined} = Clock = clock(Config, User),
    ?assert(Started >= Before andalso Started =< unix_time()),
    is_warned(talk(Config, User), ?WHOLE_PERIOD),
    ?assertEqual(Clock, clock(Config, User)).

the_remaining_time_is_told(Config) ->
    [begin
         User = user(Config, ?REQUIRED),
         started_ago(Config, User, Ago),
         is_warned(talk(Config, User), Left)
     end || {Ago, Left} <- [{?DAY div 2 + 1800, "13 days and 11 hours"},
                            {13 * ?DAY + 1800, "23 hours and (29|30) minutes"},
                            {14 * ?DAY - 30, "less than a minute"}]].

one_clock_serves_direct_and_group_chats(Config) ->
    User = user(Config, ?REQUIRED),
    Alice = connect(Config, User),
    Bob = bob(Config, ?REQUIRED),
    Room = room([Alice, Bob], ?REQUIRED),
    Text = ["<message type='groupchat' to='", Room, "'><body>hi</body></message>"],
    is_warned(exchange:message(Alice, Bob, Text, Room), ?WHOLE_PERIOD),
    {_, violation, undefined} = clock(Config, User),
    started_ago(Config, User, 14 * ?DAY),
    is_refused(exchange:message(Alice, Bob, Text, Room)),
    is_refused(talk(Config, User)).

what_the_policy_allows_starts_no_clock(Config) ->
    User = user(Config, ?REQUIRED),
    [exchange:is_delivered(talk(Config, User, Content)) || Content <- [omemo, nothing]],
    ?assertEqual(none, clock(Config, User)).

two_sessions_share_one_start(Config) ->
    {Name, Host} = User = user(Config, ?REQUIRED),
    Sessions = [connect(Config, User, Resource) || Resource <- [<<"phone">>, <<"tablet">>]],
    Bob = bob(Config, Host),
    [client:send(Session, text(Host, plain)) || Session <- Sessions],
    [begin
         [{error, _, Text}] = exchange:answers(client:messages(Session)),
         ?assertMatch({match, _}, re:run(Text, ?WHOLE_PERIOD))
     end || Session <- Sessions],
    ?assertMatch([_, _], client:messages(Bob)),
    {_, violation, undefined} = clock(Config, User),
    ?assertEqual(1, length([Row || {LUser, _} = Row <- clocks(Config, Host), LUser =:= Name])).

%% As by two sessions, or on two nodes. The times differ, to tell the starts apart.
simultaneous_starts_make_one_clock(Config) ->
    [begin
         {Name, Host} = User = user(Config, ?REQUIRED),
         Requests = [erpc:send_request(node_of(Config), mod_e2e_policy_grace, start_once,
                                       [Name, Host, {unix_time() - Ago, violation, undefined}])
                     || Ago <- lists:seq(1, 8)],
         Starts = [erpc:receive_response(Request) || Request <- Requests],
         ?assertEqual([{ok, clock(Config, User)}], lists:usort(Starts))
     end || _ <- lists:seq(1, 10)].

%%%-------------------------------------------------------------------
%%% The end
%%%-------------------------------------------------------------------

after_the_end_messages_are_refused(Config) ->
    User = user(Config, ?REQUIRED),
    started_ago(Config, User, 14 * ?DAY + 1),
    is_refused(talk(Config, User)),
    exchange:is_delivered(talk(Config, User, omemo)).

a_period_ends_while_the_user_is_online(Config) ->
    User = user(Config, ?REQUIRED),
    started_ago(Config, User, 14 * ?DAY - 3),
    Alice = connect(Config, User),
    Bob = bob(Config, ?REQUIRED),
    Talk = fun() -> exchange:message(Alice, Bob, text(?REQUIRED, plain)) end,
    is_warned(Talk(), "less than a minute"),
    timer:sleep(3100),
    is_refused(Talk()).

an_extended_period_continues(Config) ->
    User = user(Config, ?REQUIRED),
    started_ago(Config, User, 15 * ?DAY),
    is_refused(talk(Config, User)),
    {<<"running">>, <<"violation">>, _, _, _} = command(Config, grace_extend, User, ["36 hours"]),
    is_warned(talk(Config, User), "12 hours|11 hours and 59 minutes").

an_ended_period_is_enforced_at_once(Config) ->
    User = user(Config, ?REQUIRED),
    is_warned(talk(Config, User), ?WHOLE_PERIOD),
    {<<"over">>, <<"violation">>, _, _, _} = command(Config, grace_end, User, []),
    is_refused(talk(Config, User)),
    %% Also for a user who never had a grace period.
    Other = user(Config, ?REQUIRED),
    {<<"over">>, <<"admin">>, _, _, _} = command(Config, grace_end, Other, []),
    is_refused(talk(Config, Other)).

a_reset_clock_starts_again(Config) ->
    User = user(Config, ?REQUIRED),
    started_ago(Config, User, 15 * ?DAY),
    is_refused(talk(Config, User)),
    {<<"none">>, <<>>, <<>>, <<>>, <<>>} = command(Config, grace_reset, User, []),
    ?assertEqual(none, clock(Config, User)),
    is_warned(talk(Config, User), ?WHOLE_PERIOD).

%%%-------------------------------------------------------------------
%%% Escalation
%%%-------------------------------------------------------------------

an_escalated_user_is_alone_under_an_optional_policy(Config) ->
    [User, Other] = [user(Config, ?OPTIONAL), user(Config, ?OPTIONAL)],
    [is_only_warned(talk(Config, Each)) || Each <- [User, Other]],
    ?assertEqual(none, clock(Config, User)),
    {<<"running">>, <<"admin">>, _, _, _} = command(Config, grace_start, User, ["2 hours"]),
    is_warned(talk(Config, User), "2 hours|1 hour and 59 minutes"),
    {<<"over">>, <<"admin">>, _, _, _} = command(Config, grace_start, User, ["0"]),
    is_refused(talk(Config, User)),
    is_only_warned(talk(Config, Other)),
    command(Config, grace_reset, User, []),
    is_only_warned(talk(Config, User)).

an_escalation_leaves_a_policy_of_none_alone(Config) ->
    User = user(Config, ?OPTIONAL),
    command(Config, grace_end, User, []),
    is_refused(talk(Config, User)),
    Alice = connect(Config, User),
    Bob = bob(Config, ?OPTIONAL),
    Room = room([Alice, Bob], ?OPTIONAL),
    exchange:is_delivered(
      exchange:message(Alice, Bob, ["<message type='groupchat' to='", Room, "'>"
                                    "<body>hi</body></message>"], Room)).

a_clock_that_started_by_itself_is_ignored_under_an_optional_policy(Config) ->
    User = user(Config, ?OPTIONAL),
    started_ago(Config, User, 14 * ?DAY),
    is_only_warned(talk(Config, User)).

%%%-------------------------------------------------------------------
%%% Users and options
%%%-------------------------------------------------------------------

a_removed_user_leaves_no_clock(Config) ->
    {Name, Host} = User = user(Config, ?REQUIRED),
    talk(Config, User),
    {_, violation, undefined} = clock(Config, User),
    {0, _} = server:ctl(?config(server, Config),
                        ["unregister", binary_to_list(Name), binary_to_list(Host)]),
    ?assertEqual(none, clock(Config, User)).

%% By four sessions, which ejabberd ends only after the module has deleted the clock.
an_account_that_is_removed_while_it_sends_leaves_no_clock(Config) ->
    [begin
         {Name, Host} = User = user(Config, ?REQUIRED),
         %% All log in before the first one sends, because ejabberd does not end a session that has
         %% no resource yet.
         Clients = [connect(Config, User, Resource)
                    || Resource <- [<<"phone">>, <<"tablet">>, <<"desk">>, <<"web">>]],
         Senders = [spawn_monitor(fun() -> client:send_until_closed(Client, text(Host, plain)) end)
                    || Client <- Clients],
         server:until(fun() -> clock(Config, User) =/= none end),
         ok = server:call(?config(server, Config), ejabberd_auth, remove_user, [Name, Host]),
         [receive {'DOWN', Reference, _, _, Reason} -> ?assertEqual(closed, Reason) end
          || {_, Reference} <- Senders],
         ?assertEqual(none, clock(Config, User))
     end || _ <- lists:seq(1, 5)].

%% Between the removal and the end of the sessions, which ejabberd ends by the same hook at 100.
a_session_that_begins_while_its_account_is_removed_leaves_no_clock(Config) ->
    Server = ?config(server, Config),
    {Name, Host} = User = user(Config, ?REQUIRED),
    server:load_module(Server, ?MODULE),
    Hook = [remove_user, Host, ?MODULE, write_as_a_new_session, 75],
    ok = server:call(Server, ejabberd_hooks, add, Hook),
    try
        ok = server:call(Server, ejabberd_auth, remove_user, [Name, Host]),
        ?assertEqual(none, clock(Config, User))
    after
        ok = server:call(Server, ejabberd_hooks, delete, Hook)
    end.

write_as_a_new_session(Name, Host) ->
    SID = ejabberd_sm:make_sid(),
    Now = erlang:system_time(second),
    Started = mod_e2e_policy_grace:start_once(Name, Host, {Now, violation, undefined}),
    {ok, {Now, violation, undefined}} =
        mod_e2e_policy_grace:unless_removed(Started, SID, Name, Host),
    ok.

%% A clock is left over from an account that was removed without the module, and is cached.
a_new_account_has_no_clock_of_an_old_one(Config) ->
    Name = client:unique_name("heir"),
    User = {Name, ?REQUIRED},
    Clock = {unix_time() - 15 * ?DAY, violation, undefined},
    {ok, Clock} = store(Config, start_once, [Name, ?REQUIRED, Clock]),
    {ok, Clock} = store(Config, clock, [Name, ?REQUIRED]),
    is_warned(talk(Config, User), ?WHOLE_PERIOD),
    {_, violation, undefined} = clock(Config, User),
    %% Removed and made again within a second: the session is that of the new account.
    ok = server:call(?config(server, Config), ejabberd_auth, remove_user, [Name, ?REQUIRED]),
    is_warned(talk(Config, User), ?WHOLE_PERIOD),
    {_, violation, undefined} = clock(Config, User).

commands_find_a_clock_whose_account_is_gone(Config) ->
    Name = client:unique_name("ghost"),
    User = {Name, ?REQUIRED},
    {ok, _} = store(Config, start_once, [Name, ?REQUIRED, {unix_time(), violation, undefined}]),
    {<<"running">>, <<"violation">>, _, _, _} = command(Config, grace_status, User, []),
    {<<"running">>, <<"violation">>, _, _, _} = command(Config, grace_extend, User, ["1 day"]),
    {<<"over">>, <<"violation">>, _, _, _} = command(Config, grace_end, User, []),
    is_unknown(Name, command(Config, grace_start, User, ["1 day"])),
    {<<"none">>, _, _, _, _} = command(Config, grace_reset, User, []),
    ?assertEqual(none, clock(Config, User)),
    [is_unknown(Name, command(Config, Function, User, Arguments))
     || {Function, Arguments} <- [{grace_status, []}, {grace_extend, ["1 day"]}, {grace_end, []},
                                  {grace_reset, []}]].

is_unknown(Name, {error, not_exists, 1, Problem}) ->
    ?assertEqual(<<"found `", Name/binary, "`, expected a user of ", ?REQUIRED/binary>>, Problem).

%% By SASL ANONYMOUS, and with a name and any password.
an_anonymous_session_has_no_clock(Config) ->
    Server = ?config(server, Config),
    [begin
         Text = ["<message type='chat' to='", client:jid(Bob), "'><body>hi</body></message>"],
         Outcomes = [exchange:message(Alice, Bob, Text) || _ <- [first, second]],
         [case Host of
              ?REQUIRED -> is_refused(Outcome);
              ?OPTIONAL -> is_only_warned(Outcome)
          end || Outcome <- Outcomes],
         [Name | _] = binary:split(client:jid(Alice), <<"@">>),
         [?assertMatch({error, not_exists, 1, _},
                       command(Config, Function, {Name, Host}, Arguments))
          || {Function, Arguments} <- [{grace_status, []}, {grace_start, ["1 day"]},
                                       {grace_end, []}]],
         ?assertEqual([], clocks(Config, Host))
     end || Host <- [?REQUIRED, ?OPTIONAL],
            [Alice, Bob] <- [[client:connect_anonymous(Server, Host) || _ <- [alice, bob]],
                             [client:log_in(Server, <<Name/binary, Host/binary, "/phone">>)
                              || Name <- [<<"alice@">>, <<"bob@">>]]]].

%% With quotes and wild cards of SQL, letters of other scripts and characters of four octets: each
%% name is that of a different user.
users_with_odd_names_have_clocks(Config) ->
    Names = [<<"o`neil">>, <<"a%">>, <<"a_b">>, <<"axb">>, <<"back\\slash">>, <<"semi;--">>,
             <<"žluťoučký"/utf8>>, <<"zlutoucky">>, <<"名前"/utf8>>, <<"🦄"/utf8>>, <<"🐎"/utf8>>,
             binary:copy(<<"x">>, 150)],
    Clocks = [{Name, {Number, admin, 2_000_000_000 + Number}}
              || {Number, Name} <- lists:enumerate(Names)],
    [{ok, Clock} = store(Config, start_once, [Name, ?OPTIONAL, Clock]) || {Name, Clock} <- Clocks],
    [?assertEqual({Name, Clock}, {Name, clock(Config, {Name, ?OPTIONAL})})
     || {Name, Clock} <- Clocks],
    ?assertEqual([], Clocks -- clocks(Config, ?OPTIONAL)).

a_new_period_moves_all_ends_but_those_that_an_admin_set(Config) ->
    [User, Fixed] = [user(Config, ?REQUIRED), user(Config, ?REQUIRED)],
    started_ago(Config, User, 2 * ?DAY),
    command(Config, grace_start, Fixed, ["3 days"]),
    reload(Config, <<"1 day">>),
    is_refused(talk(Config, User)),
    is_warned(talk(Config, Fixed), "3 days|2 days and 23 hours"),
    reload(Config, <<"14 days">>),
    is_warned(talk(Config, User), "12 days|11 days and 23 hours"),
    is_warned(talk(Config, Fixed), "3 days|2 days and 23 hours").

%% As after a server's clock was set back.
a_start_in_the_future_gives_no_more_than_the_period(Config) ->
    User = user(Config, ?REQUIRED),
    started_ago(Config, User, -40 * ?DAY),
    is_warned(talk(Config, User), ?WHOLE_PERIOD),
    {<<"running">>, _, _, _, Left} = command(Config, grace_status, User, []),
    ?assert(lists:member(Left, [<<"14 days">>, <<"13 days and 23 hours">>])).

%%%-------------------------------------------------------------------
%%% Stores that are changed without the module
%%%-------------------------------------------------------------------

%% As a later release or a mistake of an admin may have left it in the database.
an_invalid_record_counts_as_over(Config) ->
    Wrong = [{1_700_000_000, <<"robot">>, 0}, {99_999_999_999_999, <<"violation">>, 0},
             {-1, <<"violation">>, 0}, {1_700_000_000, <<"admin">>, 9_000_000_000_000_000}]
        ++ [{<<"soon">>, <<"violation">>, 0}
            || lists:member(?config(kind, Config), [mnesia, sqlite])],
    [begin
         [User, {Other, _}] = [user(Config, ?REQUIRED), user(Config, ?REQUIRED)],
         started_ago(Config, {Other, ?REQUIRED}, 0),
         put_record(Config, User, Record),
         is_refused(talk(Config, User)),
         List = server:call(?config(server, Config), mod_e2e_policy_commands, grace_list,
                            [?REQUIRED]),
         ?assertMatch([[<<"over">>], [<<"running">>]],
                      [[element(2, Row) || Row <- List, element(1, Row) =:= Name]
                       || Name <- [element(1, User), Other]]),
         {<<"none">>, _, _, _, _} = command(Config, grace_reset, User, []),
         is_warned(talk(Config, User), ?WHOLE_PERIOD)
     end || Record <- Wrong],
    ?assertMatch({match, _}, re:run(server:log(?config(server, Config)),
                                    "The stored grace period of user")),
    %% An escalation counts even when its record is invalid.
    Escalated = user(Config, ?OPTIONAL),
    put_record(Config, Escalated, {1_700_000_000, admin, 9_000_000_000_000_000}),
    is_refused(talk(Config, Escalated)).

a_table_that_has_vanished_is_made_again(Config) ->
    User = user(Config, ?REQUIRED),
    is_warned(talk(Config, User), ?WHOLE_PERIOD),
    [begin
         drop_table(Config),
         Use()
     end || Use <-
                [fun() -> {ok, []} = store(Config, list, [?REQUIRED]) end,
                 fun() ->
                         {<<"running">>, _, _, _, _} = command(Config, grace_start, User, ["1 day"])
                 end,
                 fun() -> none = clock(Config, User) end,
                 fun() -> is_warned(talk(Config, user(Config, ?REQUIRED)), ?WHOLE_PERIOD) end,
                 fun() -> {<<"none">>, _, _, _, _} = command(Config, grace_reset, User, []) end]],
    %% Each connection of the pool has prepared statements for the old table.
    [is_warned(talk(Config, user(Config, ?REQUIRED)), ?WHOLE_PERIOD)
     || _ <- lists:seq(1, 8)].

%% The record is deleted without the module, as by another node, while this one does not use its
%% cache.
changes_without_a_cache_are_seen_by_a_new_cache(Config) ->
    #{?REQUIRED := Policy} = Policies = policies(?config(kind, Config), <<"14 days">>),
    Server = ?config(server, Config),
    Reload = fun(Options) ->
                     Required = maps:merge(Policy, Options),
                     {0, _} = server:reload(Server, Policies#{?REQUIRED := Required})
             end,
    Module = fun(Action) ->
                     ok = server:call(Server, gen_mod, Action, [?REQUIRED, mod_e2e_policy])
             end,
    [begin
         User = user(Config, ?REQUIRED),
         started_ago(Config, User, 15 * ?DAY),
         is_refused(talk(Config, User)),
         LeaveCache(),
         delete_record(Config, User),
         UseCache(),
         is_warned(talk(Config, User), ?WHOLE_PERIOD)
     end || {LeaveCache, UseCache} <-
                [{fun() -> Reload(#{use_cache => false}) end, fun() -> Reload(#{}) end},
                 {fun() -> Reload(#{db_type => mnesia}) end, fun() -> Reload(#{}) end},
                 {fun() -> Module(stop_module) end, fun() -> Module(start_module) end}]].

clocks_are_moved_to_another_storage(Config) ->
    Kind = ?config(kind, Config),
    [Used, Other] = case Kind of
                        mnesia -> [mnesia, sql];
                        _ -> [sql, mnesia]
                    end,
    Policies = policies(Kind, <<"14 days">>),
    Use = fun(Type) ->
                  Changed = maps:map(fun(_, Policy) -> Policy#{db_type => Type} end, Policies),
                  {0, _} = server:reload(?config(server, Config), Changed)
          end,
    Move = fun(From) ->
                   server:call(?config(server, Config), mod_e2e_policy_commands, grace_move,
                               [?OPTIONAL, From])
           end,
    Users = [user(Config, ?OPTIONAL) || _ <- lists:seq(1, 20)],
    [command(Config, grace_start, User, ["3 days"]) || User <- Users],
    Clocks = lists:sort(clocks(Config, ?OPTIONAL)),
    Number = length(Clocks),
    Use(Other),
    [First | _] = Users,
    {<<"over">>, <<"admin">>, _, _, _} = command(Config, grace_end, First, []),
    ?assertEqual({Number - 1, 1}, Move(atom_to_binary(Used))),
    ?assertEqual({0, 0}, Move(atom_to_binary(Used))),
    is_refused(talk(Config, First)),
    is_warned(talk(Config, lists:last(Users)), "3 days|2 days and 23 hours"),
    ?assertEqual(without(First, Clocks), without(First, lists:sort(clocks(Config, ?OPTIONAL)))),
    Use(Used),
    ?assertEqual([], clocks(Config, ?OPTIONAL)),
    ?assertEqual({Number, 0}, Move(atom_to_binary(Other))),
    ?assertEqual(without(First, Clocks), without(First, lists:sort(clocks(Config, ?OPTIONAL)))),
    is_refused(talk(Config, First)).

without({Name, _}, Clocks) ->
    lists:keydelete(Name, 1, Clocks).

%%%-------------------------------------------------------------------
%%% Access to the store
%%%-------------------------------------------------------------------

allowed_messages_do_not_touch_the_store(Config) ->
    User = user(Config, ?REQUIRED),
    Calls = calls(Config, fun() ->
                                  [exchange:is_delivered(talk(Config, User, Content))
                                   || Content <- [omemo, nothing, omemo]]
                          end),
    ?assertEqual(#{clock => 0, start_once => 0, update => 0, get_clock => 0, update_clock => 0},
                 Calls).

%% The answer of a database is cached, that of Mnesia is not.
a_running_clock_is_read_and_not_written(Config) ->
    User = user(Config, ?REQUIRED),
    talk(Config, User),
    talk(Config, User),
    Reads = case ?config(kind, Config) of
                mnesia -> 3;
                _ -> 0
            end,
    Calls = calls(Config, fun() -> [talk(Config, User) || _ <- lists:seq(1, 3)] end),
    ?assertEqual(#{clock => 3, start_once => 0, update => 0, get_clock => Reads,
                   update_clock => 0}, Calls).

%%%-------------------------------------------------------------------
%%% Restarts and crashes
%%%-------------------------------------------------------------------

a_restart_changes_nothing(Config) ->
    [Running, Over, Escalated] = Users = [user(Config, Host)
                                          || Host <- [?REQUIRED, ?REQUIRED, ?OPTIONAL]],
    talk(Config, Running),
    started_ago(Config, Over, 15 * ?DAY),
    command(Config, grace_start, Escalated, ["3 days"]),
    Clocks = [clock(Config, User) || User <- Users],
    ok = server:restart(?config(server, Config)),
    ?assertEqual(Clocks, [clock(Config, User) || User <- Users]),
    is_warned(talk(Config, Running), "13 days and 23 hours"),
    is_refused(talk(Config, Over)),
    is_warned(talk(Config, Escalated), "2 days and 23 hours").

%% Kills the node while commands are given for several users at once. For each user, the last
%% command that was acknowledged is stored, or the one after it.
acknowledged_commands_survive_a_crash(Config) ->
    Users = [user(Config, Host) || Host <- [<<"mnesia.test">>, <<"sqlite.test">>],
                                   _ <- lists:seq(1, 3)],
    [{_, <<"admin">>, _, _, _} = command(Config, grace_start, User, ["100000"]) || User <- Users],
    Round =
        fun(_, Numbers) ->
                %% ejabberd itself may lose accounts in a crash.
                [make_account(Config, User) || User <- Users],
                Writers = [spawn_monitor(fun() -> exit({last, writes(Config, User, Number)}) end)
                           || {User, Number} <- lists:zip(Users, Numbers)],
                timer:sleep(100 + rand:uniform(200)),
                server:kill(?config(server, Config)),
                Acknowledged = [receive {'DOWN', Reference, _, _, {last, Number}} -> Number end
                                || {_, Reference} <- Writers],
                {0, _} = server:start(?config(server, Config)),
                Stored = [stored(Config, User) || User <- Users],
                ct:log("acknowledged ~w~nstored ~w", [Acknowledged, Stored]),
                [?assert(After =:= Before orelse After =:= Before + 1)
                 || {Before, After} <- lists:zip(Acknowledged, Stored)],
                Stored
        end,
    Last = lists:foldl(Round, [100_000 || _ <- Users], lists:seq(1, 10)),
    ?assert(lists:min(Last) > 100_000).

%% Gives commands, each with a period one second longer, until the server is gone. Returns the last
%% period that was acknowledged.
writes(Config, User, Number) ->
    try command(Config, grace_start, User, [integer_to_list(Number + 1)]) of
        {_, <<"admin">>, _, _, _} -> writes(Config, User, Number + 1)
    catch
        error:{erpc, noconnection} -> Number
    end.

stored(Config, {Name, Host}) ->
    [{Name, {Started, admin, Ends}}] = [Row || {LUser, _} = Row <- clocks(Config, Host),
                                               LUser =:= Name],
    Ends - Started.

%%%-------------------------------------------------------------------
%%% Users and their messages
%%%-------------------------------------------------------------------

%% A new user, who has no clock.
user(Config, Host) ->
    client:make_user(?config(server, Config), Host).

make_account(Config, {Name, Host}) ->
    client:make_account(?config(server, Config), <<Name/binary, "@", Host/binary, "/phone">>).

bob(Config, Host) ->
    connect(Config, {<<"bob">>, Host}).

connect(Config, User) ->
    connect(Config, User, <<"phone">>).

connect(Config, {Name, Host}, Resource) ->
    client:connect(?config(server, Config),
                   <<Name/binary, "@", Host/binary, "/", Resource/binary>>).

room(Clients, Host) ->
    Room = <<(client:unique_name("room"))/binary, "@conference.", Host/binary>>,
    [client:join(Client, <<Room/binary, "/nick", (integer_to_binary(Number))/binary>>)
     || {Number, Client} <- lists:enumerate(Clients)],
    [client:received(Client, Room) || Client <- Clients],
    Room.

talk(Config, User) ->
    talk(Config, User, plain).

talk(Config, {_, Host} = User, Content) ->
    exchange:message(connect(Config, User), bob(Config, Host), text(Host, Content)).

text(Host, plain) ->
    ["<message type='chat' to='bob@", Host, "/phone'><body>hi</body></message>"];
text(Host, omemo) ->
    corpus:direct(corpus:xml(<<"slixmpp-omemo-2-2-0-003">>), <<"bob@", Host/binary, "/phone">>);
text(Host, nothing) ->
    corpus:direct(corpus:xml(<<"slixmpp-1-17-0-022">>), <<"bob@", Host/binary, "/phone">>).

is_warned(Outcome, Left) ->
    #{delivered := true, answers := [{error, <<"policy-violation">>, Text}]} = Outcome,
    ?assertMatch({_, match}, {Text, re:run(Text, ["^encrypt! (", Left, ") left$"],
                                           [{capture, none}])}).

is_only_warned(Outcome) ->
    exchange:is_warned(Outcome, error, <<"please encrypt">>).

is_refused(Outcome) ->
    exchange:is_refused(Outcome, error, <<"encrypt!">>).

%%%-------------------------------------------------------------------
%%% What is stored
%%%-------------------------------------------------------------------

%% As the database has it, without the cache.
clock(Config, {Name, Host}) ->
    {ok, Clock} = server:call(?config(server, Config), ?config(backend, Config), get_clock,
                              [Name, Host]),
    Clock.

clocks(Config, Host) ->
    {ok, Clocks} = store(Config, list, [Host]),
    Clocks.

%% Gives a user without a clock one that started by itself in the past.
started_ago(Config, {Name, Host} = User, Seconds) ->
    {_, _, _, _, _} = command(Config, grace_reset, User, []),
    Clock = {unix_time() - Seconds, violation, undefined},
    {ok, Clock} = store(Config, start_once, [Name, Host, Clock]).

%% Writes to the database, without the module.
put_record(Config, {Name, Host}, {Started, By, Ends}) ->
    case ?config(kind, Config) of
        mnesia ->
            ok = server:call(?config(server, Config), mnesia, dirty_write,
                             [{e2e_policy_grace, {Name, Host}, Started, By, Ends}]);
        _ ->
            Columns = ["username, started, started_by, ends"
                       | [", server_host" || is_multi_host(Config)]],
            Values = ["'", Name, "', ", literal(Started), ", ", literal(By), ", ", literal(Ends)
                      | [[", '", Host, "'"] || is_multi_host(Config)]],
            {updated, 1} = sql(Config, Host, ["insert into e2e_policy_grace (", Columns,
                                              ") values (", Values, ")"])
    end.

delete_record(Config, {Name, Host}) ->
    {updated, 1} = sql(Config, Host,
                       ["delete from e2e_policy_grace where username = '", Name, "'"]).

drop_table(Config) ->
    case ?config(kind, Config) of
        mnesia ->
            {atomic, ok} = server:call(?config(server, Config), mnesia, delete_table,
                                       [e2e_policy_grace]);
        _ ->
            {updated, _} = sql(Config, ?REQUIRED, ["drop table e2e_policy_grace"])
    end,
    %% The cache has clocks of the table that was dropped.
    [server:call(?config(server, Config), ets_cache, clear, [e2e_policy_grace_cache])
     || ?config(kind, Config) =/= mnesia].

sql(Config, Host, Query) ->
    server:call(?config(server, Config), ejabberd_sql, sql_query, [Host, Query]).

is_multi_host(Config) ->
    maps:get(new_sql_schema, maps:get(settings, ?config(server, Config))).

literal(Number) when is_integer(Number) -> integer_to_binary(Number);
literal(admin) -> literal(<<"admin">>);
literal(Text) -> ["'", Text, "'"].

store(Config, Function, Arguments) ->
    server:call(?config(server, Config), mod_e2e_policy_grace, Function, Arguments).

command(Config, Function, {Name, Host}, Arguments) ->
    server:call(?config(server, Config), mod_e2e_policy_commands, Function,
                [Name, Host | [list_to_binary(Argument) || Argument <- Arguments]]).

reload(Config, Period) ->
    {0, _} = server:reload(?config(server, Config), policies(?config(kind, Config), Period)).

node_of(Config) ->
    maps:get(node, ?config(server, Config)).

unix_time() ->
    erlang:system_time(second).

%%%-------------------------------------------------------------------
%%% Counting calls
%%%-------------------------------------------------------------------

%% How often the running node calls what reads or writes clocks while something happens.
calls(Config, Happening) ->
    Backend = ?config(backend, Config),
    Functions = [{mod_e2e_policy_grace, clock, 2}, {mod_e2e_policy_grace, start_once, 3},
                 {mod_e2e_policy_grace, update, 3}, {Backend, get_clock, 2},
                 {Backend, update_clock, 3}],
    [1 = server:call(?config(server, Config), erlang, trace_pattern, [Function, true, [call_count]])
     || Function <- Functions],
    Happening(),
    maps:from_list([begin
                        {call_count, Count} = server:call(?config(server, Config), erlang,
                                                          trace_info, [Function, call_count]),
                        {Name, Count}
                    end || {_, Name, _} = Function <- Functions]).
