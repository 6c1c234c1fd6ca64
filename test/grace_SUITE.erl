%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Grace periods: what users see of them, and that they outlive all that happens to a server. One
%% list of cases, for each database that ejabberd can keep them in.
-module(grace_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([a_first_violation_starts_the_clock/1,
         the_remaining_time_is_told/1,
         one_clock_serves_direct_and_group_chats/1,
         what_the_policy_allows_starts_no_clock/1,
         two_sessions_share_one_start/1,
         starts_at_once_agree_on_one/1]).
-export([after_the_end_messages_are_refused/1,
         a_period_ends_while_the_user_is_online/1,
         an_extended_period_runs_on/1,
         an_ended_period_is_enforced_at_once/1,
         a_reset_clock_starts_again/1]).
-export([an_escalated_user_is_alone_under_an_optional_policy/1,
         an_escalation_leaves_a_policy_of_none_alone/1,
         a_clock_that_started_by_itself_means_nothing_under_an_optional_policy/1]).
-export([a_removed_user_leaves_no_clock/1,
         users_with_odd_names_have_clocks/1,
         a_new_period_moves_ends_that_nobody_fixed/1]).
-export([allowed_messages_do_not_touch_the_store/1,
         a_running_clock_is_read_and_not_written/1]).
-export([a_restart_changes_nothing/1,
         what_was_acknowledged_survives_a_crash/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(REQUIRED, <<"required.test">>).
-define(OPTIONAL, <<"optional.test">>).
-define(DAY, 86400).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [{group, Group} || {Group, _, _} <- groups()].

groups() ->
    [{mnesia, [], [a_period_ends_while_the_user_is_online | cases()]},
     {sqlite, [], cases()},
     {postgresql, [], cases()},
     {postgresql_with_single_host_schema, [], cases() -- [a_restart_changes_nothing]},
     {mysql, [], cases()},
     {inside_the_node, [], [what_was_acknowledged_survives_a_crash]}].

cases() ->
    [a_first_violation_starts_the_clock,
     the_remaining_time_is_told,
     one_clock_serves_direct_and_group_chats,
     what_the_policy_allows_starts_no_clock,
     two_sessions_share_one_start,
     starts_at_once_agree_on_one,
     after_the_end_messages_are_refused,
     an_extended_period_runs_on,
     an_ended_period_is_enforced_at_once,
     a_reset_clock_starts_again,
     an_escalated_user_is_alone_under_an_optional_policy,
     an_escalation_leaves_a_policy_of_none_alone,
     a_clock_that_started_by_itself_means_nothing_under_an_optional_policy,
     a_removed_user_leaves_no_clock,
     users_with_odd_names_have_clocks,
     a_new_period_moves_ends_that_nobody_fixed,
     allowed_messages_do_not_touch_the_store,
     a_running_clock_is_read_and_not_written,
     a_restart_changes_nothing].

%% Both databases that live inside the node, in one server.
init_per_group(inside_the_node, Config) ->
    Policies = #{<<"mnesia.test">> => #{db_type => mnesia}, <<"sqlite.test">> => #{db_type => sql}},
    [{server, server:started(Policies, #{sql_type => sqlite, new_sql_schema => true})},
     {database, database:started(sqlite)} | Config];
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
    Before = now_(),
    is_warned(talk(Config, User), "14 days|13 days and 23 hours"),
    {Started, violation, undefined} = Clock = clock(Config, User),
    ?assert(Started >= Before andalso Started =< now_()),
    is_warned(talk(Config, User), "14 days|13 days and 23 hours"),
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
    is_warned(exchange:message(Alice, Bob, Text, Room), "14 days|13 days and 23 hours"),
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
    Sessions = [client:connect(?config(server, Config),
                               <<Name/binary, "@", Host/binary, "/", Resource/binary>>)
                || Resource <- [<<"phone">>, <<"tablet">>]],
    Bob = bob(Config, Host),
    [client:send(Session, text(Host, plain)) || Session <- Sessions],
    Answers = [exchange:answers(client:messages(Session)) || Session <- Sessions],
    ?assertMatch([[{error, _, Text}], [{error, _, Text}]], Answers),
    ?assertMatch([_, _], client:messages(Bob)),
    {_, violation, undefined} = clock(Config, User),
    ?assertEqual(1, length([Row || {LUser, _} = Row <- clocks(Config, Host), LUser =:= Name])).

%% What two sessions, or two nodes, do at the same time; with starts that can be told apart.
starts_at_once_agree_on_one(Config) ->
    [begin
         {Name, Host} = User = user(Config, ?REQUIRED),
         Requests = [erpc:send_request(node_of(Config), mod_e2e_policy_grace, start_once,
                                       [Name, Host, {now_() - Ago, violation, undefined}])
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

an_extended_period_runs_on(Config) ->
    User = user(Config, ?REQUIRED),
    started_ago(Config, User, 15 * ?DAY),
    is_refused(talk(Config, User)),
    {<<"running">>, <<"violation">>, _, _, _} = command(Config, grace_extend, User, ["36 hours"]),
    is_warned(talk(Config, User), "12 hours|11 hours and 59 minutes").

an_ended_period_is_enforced_at_once(Config) ->
    User = user(Config, ?REQUIRED),
    is_warned(talk(Config, User), "14 days|13 days and 23 hours"),
    {<<"over">>, <<"violation">>, _, _, _} = command(Config, grace_end, User, []),
    is_refused(talk(Config, User)),
    %% Also for a user who never had one.
    Other = user(Config, ?REQUIRED),
    {<<"over">>, <<"admin">>, _, _, _} = command(Config, grace_end, Other, []),
    is_refused(talk(Config, Other)).

a_reset_clock_starts_again(Config) ->
    User = user(Config, ?REQUIRED),
    started_ago(Config, User, 15 * ?DAY),
    is_refused(talk(Config, User)),
    {<<"none">>, <<>>, <<>>, <<>>, <<>>} = command(Config, grace_reset, User, []),
    ?assertEqual(none, clock(Config, User)),
    is_warned(talk(Config, User), "14 days|13 days and 23 hours").

%%%-------------------------------------------------------------------
%%% Escalation
%%%-------------------------------------------------------------------

an_escalated_user_is_alone_under_an_optional_policy(Config) ->
    [User, Other] = [user(Config, ?OPTIONAL), user(Config, ?OPTIONAL)],
    [is_only_warned(talk(Config, Someone)) || Someone <- [User, Other]],
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

a_clock_that_started_by_itself_means_nothing_under_an_optional_policy(Config) ->
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

%% Quotes and wild cards of SQL, letters of other scripts and outside the plane of most: each is a
%% user of its own.
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

a_new_period_moves_ends_that_nobody_fixed(Config) ->
    [User, Fixed] = [user(Config, ?REQUIRED), user(Config, ?REQUIRED)],
    started_ago(Config, User, 2 * ?DAY),
    command(Config, grace_start, Fixed, ["3 days"]),
    reload(Config, <<"1 day">>),
    is_refused(talk(Config, User)),
    is_warned(talk(Config, Fixed), "3 days|2 days and 23 hours"),
    reload(Config, <<"14 days">>),
    is_warned(talk(Config, User), "12 days|11 days and 23 hours"),
    is_warned(talk(Config, Fixed), "3 days|2 days and 23 hours").

%%%-------------------------------------------------------------------
%%% What it costs
%%%-------------------------------------------------------------------

allowed_messages_do_not_touch_the_store(Config) ->
    User = user(Config, ?REQUIRED),
    Calls = calls(Config, fun() ->
                                  [exchange:is_delivered(talk(Config, User, Content))
                                   || Content <- [omemo, nothing, omemo]]
                          end),
    ?assertEqual(#{clock => 0, start_once => 0, update => 0, get_clock => 0, update_clock => 0},
                 Calls).

%% A database is asked once, memory each time.
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

%% Ends the node while commands are given for several users at once. Of each, the last one that was
%% acknowledged holds, or the one after it.
what_was_acknowledged_survives_a_crash(Config) ->
    Users = [user(Config, Host) || Host <- [<<"mnesia.test">>, <<"sqlite.test">>],
                                   _ <- lists:seq(1, 3)],
    [{_, <<"admin">>, _, _, _} = command(Config, grace_start, User, ["100000"]) || User <- Users],
    Round =
        fun(_, Numbers) ->
                %% Accounts are ejabberd's affair, which may lose them in a crash.
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

%% Gives commands that can be told apart until the server is gone; the last that was acknowledged.
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
%%% People and what they send
%%%-------------------------------------------------------------------

%% A new user, who has no clock.
user(Config, Host) ->
    Name = <<"user", (integer_to_binary(erlang:unique_integer([positive])))/binary>>,
    make_account(Config, {Name, Host}),
    {Name, Host}.

make_account(Config, {Name, Host}) ->
    client:make_account(?config(server, Config), <<Name/binary, "@", Host/binary, "/phone">>).

bob(Config, Host) ->
    connect(Config, {<<"bob">>, Host}).

connect(Config, {Name, Host}) ->
    client:connect(?config(server, Config), <<Name/binary, "@", Host/binary, "/phone">>).

room(Clients, Host) ->
    Name = integer_to_binary(erlang:unique_integer([positive])),
    Room = <<"room", Name/binary, "@conference.", Host/binary>>,
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

%% As the database has it, past the cache.
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
    Clock = {now_() - Seconds, violation, undefined},
    {ok, Clock} = store(Config, start_once, [Name, Host, Clock]).

store(Config, Function, Arguments) ->
    server:call(?config(server, Config), mod_e2e_policy_grace, Function, Arguments).

command(Config, Function, {Name, Host}, Arguments) ->
    server:call(?config(server, Config), mod_e2e_policy_commands, Function,
                [Name, Host | [list_to_binary(Argument) || Argument <- Arguments]]).

reload(Config, Period) ->
    {0, _} = server:reload(?config(server, Config), policies(?config(kind, Config), Period)).

node_of(Config) ->
    maps:get(node, ?config(server, Config)).

now_() ->
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
