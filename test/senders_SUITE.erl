%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What is remembered of senders with the option `remember_senders': the days, and no more; that
%% they are written twice a day at most; and that they go with the time, the account and the option.
%% In each storage.
-module(senders_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([the_days_of_the_last_messages_are_stored/1,
         a_user_is_written_twice_a_day_at_most/1,
         a_later_day_replaces_the_earlier_one/1,
         users_with_odd_names_are_remembered/1,
         more_senders_than_in_one_transaction_are_written/1,
         a_name_that_the_database_refuses_stops_no_other/1,
         days_are_deleted_after_their_time/1,
         a_shorter_time_deletes_days_at_the_reload/1,
         a_reload_without_the_option_deletes_what_is_stored/1,
         a_start_without_the_option_deletes_what_is_stored/1,
         another_storage_leaves_nothing_in_the_first/1,
         an_account_that_is_removed_is_forgotten/1,
         an_account_that_is_removed_while_it_sends_is_forgotten/1,
         a_new_account_has_no_days_of_an_old_one/1,
         a_table_that_has_vanished_is_made_again/1]).
-export([the_decision_says_what_is_remembered/1,
         nothing_is_remembered_of_an_anonymous_session/1,
         without_the_option_there_is_no_table/1]).
-export([notes_are_written_each_minute/1,
         a_crash_loses_no_more_than_what_was_not_written/1,
         a_stop_loses_nothing/1,
         an_upgrade_loses_nothing/1,
         sessions_note_again_after_a_crash_of_the_process/1,
         no_session_waits_for_the_process/1]).
-export([a_database_that_is_away_loses_nothing/1,
         an_account_that_is_removed_without_the_database_is_forgotten_later/1,
         a_reload_without_the_database_deletes_later/1]).
-export([two_nodes_write_a_user_as_often_as_one/1,
         all_nodes_give_the_same_days/1,
         an_account_that_sends_on_all_nodes_is_forgotten/1]).
%% Run by the server
-export([collect_writes/0]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(HOST, <<"remembered.test">>).
-define(OTHER, <<"other.test">>).

suite() ->
    [{timetrap, {minutes, 3}}].

all() ->
    [{group, Group} || {Group, _, _} <- groups()].

groups() ->
    InEachStorage = [the_days_of_the_last_messages_are_stored,
                     a_user_is_written_twice_a_day_at_most,
                     a_later_day_replaces_the_earlier_one,
                     users_with_odd_names_are_remembered,
                     more_senders_than_in_one_transaction_are_written,
                     a_name_that_the_database_refuses_stops_no_other,
                     days_are_deleted_after_their_time,
                     a_shorter_time_deletes_days_at_the_reload,
                     a_reload_without_the_option_deletes_what_is_stored,
                     a_start_without_the_option_deletes_what_is_stored,
                     another_storage_leaves_nothing_in_the_first,
                     an_account_that_is_removed_is_forgotten,
                     an_account_that_is_removed_while_it_sends_is_forgotten,
                     a_new_account_has_no_days_of_an_old_one,
                     a_table_that_has_vanished_is_made_again],
    [{mnesia, [], InEachStorage -- [another_storage_leaves_nothing_in_the_first]}
     | [{Kind, [], InEachStorage} || Kind <- [sqlite, postgresql,
                                              postgresql_with_single_host_schema, mysql,
                                              mysql_with_single_host_schema]]]
        ++ [{decisions, [], [the_decision_says_what_is_remembered]},
            {anonymous, [], [nothing_is_remembered_of_an_anonymous_session]},
            {without, [], [without_the_option_there_is_no_table]},
            {inside_the_node, [], [notes_are_written_each_minute,
                                   a_stop_loses_nothing,
                                   an_upgrade_loses_nothing,
                                   a_crash_loses_no_more_than_what_was_not_written,
                                   sessions_note_again_after_a_crash_of_the_process,
                                   no_session_waits_for_the_process]},
            {lost_database, [], [a_database_that_is_away_loses_nothing,
                                 an_account_that_is_removed_without_the_database_is_forgotten_later,
                                 a_reload_without_the_database_deletes_later]},
            {cluster, [], [two_nodes_write_a_user_as_often_as_one,
                           all_nodes_give_the_same_days,
                           an_account_that_sends_on_all_nodes_is_forgotten]}].

init_per_group(decisions, Config) ->
    init(mnesia, #{}, Config);
init_per_group(anonymous, Config) ->
    Anonymous = #{auth_method => anonymous, anonymous_protocol => both},
    init(mnesia, #{host_config => #{?HOST => Anonymous, ?OTHER => Anonymous}}, Config);
init_per_group(without, Config) ->
    Policies = #{<<"mnesia.test">> => without_option(policy(mnesia)),
                 <<"sqlite.test">> => without_option(policy(sqlite))},
    [{servers, [server:started(Policies, #{sql_type => sqlite, new_sql_schema => true})]},
     {database, database:started(sqlite)} | Config];
init_per_group(inside_the_node, Config) ->
    Policies = maps:from_list([{Host, policy(Kind)} || {Host, Kind} <- inside()]),
    [{servers, [server:started(Policies, #{sql_type => sqlite, new_sql_schema => true})]},
     {database, database:started(sqlite)} | Config];
init_per_group(lost_database, Config) ->
    init(postgresql, #{new_sql_schema => true}, Config);
init_per_group(cluster, Config) ->
    Database = database:started(postgresql),
    Settings = (database:settings(Database))#{new_sql_schema => true},
    Policies = maps:from_list([{Host, policy(Kind)} || {Host, Kind} <- in_cluster()]),
    First = server:started(Policies, Settings),
    Servers = [First, server:joined(First, Policies, Settings)],
    server:until(fun() -> lists:all(fun(Server) -> runs_with(Server, Servers) end, Servers) end),
    [{database, Database}, {servers, Servers} | Config];
init_per_group(postgresql_with_single_host_schema, Config) ->
    init(postgresql, single_host_schema(), Config);
init_per_group(mysql_with_single_host_schema, Config) ->
    init(mysql, single_host_schema(), Config);
init_per_group(Kind, Config) ->
    init(Kind, #{new_sql_schema => true}, Config).

%% In this schema hosts cannot share a database.
single_host_schema() ->
    #{new_sql_schema => false, host_config => #{?OTHER => #{sql_database => <<"other">>}}}.

init(Kind, Schema, Config) ->
    Database = database:started(Kind),
    Settings = maps:merge(database:settings(Database), Schema),
    [{database, Database}, {servers, [server:started(policies(Kind), Settings)]}, {kind, Kind}
     | Config].

end_per_group(_, Config) ->
    [server:stop(Server) || Server <- lists:reverse(?config(servers, Config))],
    database:stop(?config(database, Config)).

inside() ->
    [{<<"mnesia.test">>, mnesia}, {<<"sqlite.test">>, sqlite}].

in_cluster() ->
    [{<<"mnesia.test">>, mnesia}, {<<"sql.test">>, postgresql}].

policies(Kind) ->
    #{?HOST => policy(Kind), ?OTHER => policy(Kind)}.

policy(Kind) ->
    #{direct => optional, warn_mechanism => error, remember_senders => <<"30 days">>,
      db_type => case Kind of mnesia -> mnesia; _ -> sql end}.

without_option(Policy) ->
    maps:remove(remember_senders, Policy).

runs_with(Server, Servers) ->
    try
        lists:sort(server:call(Server, mnesia, system_info, [running_db_nodes]))
            =:= lists:sort([Node || #{node := Node} <- Servers])
            andalso server:call(Server, gen_mod, is_loaded, [<<"sql.test">>, mod_e2e_policy])
    catch
        _:_ -> false
    end.

%%%-------------------------------------------------------------------
%%% In each storage
%%%-------------------------------------------------------------------

the_days_of_the_last_messages_are_stored(Config) ->
    Server = server(Config),
    {Name, Host} = User = client:make_user(Server, ?HOST),
    ?assertEqual({none, none}, days(Server, User)),
    talk(Server, User, nothing),
    ?assertEqual({none, none}, days(Server, User)),
    talk(Server, User, omemo),
    ?assertEqual({day(0), none}, days(Server, User)),
    talk(Server, User, plain),
    ?assertEqual({day(0), day(0)}, days(Server, User)),
    %% The recipient has sent nothing, and no other host knows of the user.
    ?assertEqual(#{Name => {day(0), day(0)}}, maps:with([Name, <<"bob">>], everyone(Server, Host))),
    ?assertNot(is_map_key(Name, everyone(Server, ?OTHER))),
    ?assertEqual([{Name, {day(0), day(0)}}],
                 [Row || {LUser, _} = Row <- stored(Config, Host), LUser =:= Name]).

%% By many sessions, with a report, a reload and a restart in between.
a_user_is_written_twice_a_day_at_most(Config) ->
    Server = server(Config),
    Policies = policies(?config(kind, Config)),
    Changed = maps:map(fun(_, Policy) -> Policy#{group => none} end, Policies),
    User = client:make_user(Server, ?HOST),
    Writes = count_writes(Config),
    talk(Server, User, omemo),
    ?assertEqual({day(0), none}, days(Server, User)),
    [begin
         [talk(Server, User, Content, <<"phone", (integer_to_binary(Number))/binary>>)
          || Number <- lists:seq(1, 5), Content <- [omemo, plain, omemo, plain]],
         ?assertEqual({day(0), day(0)}, days(Server, User)),
         ?assertEqual(2, Writes(User))
     end || _ <- [first, second]],
    {0, ""} = server:reload(Server, Changed),
    [talk(Server, User, Content) || Content <- [omemo, plain]],
    ?assertEqual({day(0), day(0)}, days(Server, User)),
    ?assertEqual(2, Writes(User)),
    %% In Mnesia the writes are counted by a process of the server.
    _ = ?config(kind, Config) =:= mnesia orelse server:restart(Server),
    {0, ""} = server:reload(Server, Policies),
    [talk(Server, User, Content) || Content <- [omemo, plain]],
    ?assertEqual({day(0), day(0)}, days(Server, User)),
    ?assertEqual(2, Writes(User)).

%% Each kind by itself, and never the other way round: a node whose clock is behind, or notes that
%% have waited, must not replace a later day.
a_later_day_replaces_the_earlier_one(Config) ->
    Server = server(Config),
    [begin
         User = client:make_user(Server, ?HOST),
         put_row(Config, User, Stored),
         talk(Server, User, omemo),
         ?assertEqual({Stored, Expected}, {Stored, days(Server, User)})
     end || {Stored, Expected} <- [{{day(-3), day(-2)}, {day(0), day(-2)}},
                                   {{none, day(-2)}, {day(0), day(-2)}},
                                   {{day(-2), none}, {day(0), none}},
                                   {{day(1), day(-1)}, {day(1), day(-1)}}]].

users_with_odd_names_are_remembered(Config) ->
    Server = server(Config),
    Names = [<<"o`neil">>, <<"a%">>, <<"a_b">>, <<"axb">>, <<"back\\slash">>, <<"semi;--">>,
             <<"{a,b}">>, <<"žluťoučký"/utf8>>, <<"zlutoucky">>, <<"名前"/utf8>>, <<"🦄"/utf8>>,
             <<"🐎"/utf8>>, binary:copy(<<"x">>, 150)],
    [note(Server, Kind, {Name, ?OTHER}) || Name <- Names, Kind <- [accepted, violation]],
    [begin
         [note(Server, accepted, {Name, ?OTHER}) || Name <- Names],
         ?assertEqual(maps:from_keys(Names, {day(0), day(0)}),
                      maps:with(Names, everyone(Server, ?OTHER))),
         ?assertEqual([], [Name || Name <- Names,
                                   days(Server, {Name, ?OTHER}) =/= {day(0), day(0)}])
     end || _ <- [first, second]],
    [forget(Server, {Name, ?OTHER}) || Name <- Names],
    ?assertEqual(#{}, maps:with(Names, everyone(Server, ?OTHER))).

more_senders_than_in_one_transaction_are_written(Config) ->
    Server = server(Config),
    Names = [<<"many", (integer_to_binary(Number))/binary>> || Number <- lists:seq(1, 250)],
    [note(Server, violation, {Name, ?OTHER}) || Name <- Names],
    ?assertEqual(maps:from_keys(Names, {none, day(0)}), maps:with(Names, everyone(Server, ?OTHER))),
    ?assertEqual([], Names -- [Name || {Name, _} <- stored(Config, ?OTHER)]).

%% That of MySQL does: the name may have 191 characters.
a_name_that_the_database_refuses_stops_no_other(Config) ->
    Server = server(Config),
    Long = binary:copy(<<"long">>, 80),
    Names = [<<"kind">>, Long, <<"last">>, <<"longer">>],
    [note(Server, accepted, {Name, ?OTHER}) || Name <- Names],
    ?assertEqual(maps:from_keys(Names -- [Long], {day(0), none}),
                 maps:with(Names -- [Long], everyone(Server, ?OTHER))),
    IsRemembered = is_map_key(Long, everyone(Server, ?OTHER)),
    IsReported = re:run(server:log(Server), "A sender of other.test cannot be remembered")
        =/= nomatch,
    ?assertEqual(?config(kind, Config) =:= mysql, IsReported),
    ?assertEqual(IsReported, not IsRemembered).

%% What is too old is not given either before it is deleted.
days_are_deleted_after_their_time(Config) ->
    Server = server(Config),
    Rows = [{<<"old">>, {day(-31), day(-31)}, {none, none}},
            {<<"oldest">>, {none, day(-300)}, {none, none}},
            {<<"encrypts">>, {day(-30), day(-31)}, {day(-30), none}},
            {<<"writes">>, {day(-400), day(-1)}, {none, day(-1)}},
            {<<"both">>, {day(-30), day(-29)}, {day(-30), day(-29)}}],
    [put_row(Config, {Name, ?HOST}, Stored) || {Name, Stored, _} <- Rows],
    [?assertEqual({Name, Left}, {Name, days(Server, {Name, ?HOST})}) || {Name, _, Left} <- Rows],
    Names = [Name || {Name, _, _} <- Rows],
    Expected = maps:from_list([{Name, Left} || {Name, _, Left} <- Rows, Left =/= {none, none}]),
    ?assertEqual(Expected, maps:with(Names, everyone(Server, ?HOST))),
    begin_day(Server, ?HOST),
    server:until(fun() ->
                         Expected =:= maps:with(Names, maps:from_list(stored(Config, ?HOST)))
                 end).

a_shorter_time_deletes_days_at_the_reload(Config) ->
    Server = server(Config),
    #{?HOST := Policy} = Policies = policies(?config(kind, Config)),
    [put_row(Config, {Name, ?HOST}, {day(Day), none})
     || {Name, Day} <- [{<<"today">>, 0}, {<<"before">>, -1}, {<<"long ago">>, -2}]],
    Remembered = fun() ->
                         Rows = maps:from_list(stored(Config, ?HOST)),
                         maps:with([<<"today">>, <<"before">>, <<"long ago">>], Rows)
                 end,
    ?assertEqual(3, map_size(Remembered())),
    Shorter = Policy#{remember_senders => <<"1 day">>},
    {0, ""} = server:reload(Server, Policies#{?HOST := Shorter}),
    server:until(fun() ->
                         Remembered() =:= #{<<"today">> => {day(0), none},
                                            <<"before">> => {day(-1), none}}
                 end),
    {0, ""} = server:reload(Server, Policies).

%% With the option again, the open session is noted once more on the same day.
a_reload_without_the_option_deletes_what_is_stored(Config) ->
    Server = server(Config),
    #{?HOST := Policy} = Policies = policies(?config(kind, Config)),
    User = client:make_user(Server, ?HOST),
    Other = client:make_user(Server, ?OTHER),
    Sessions = sessions(Server, User),
    message(Sessions, omemo),
    talk(Server, Other, omemo),
    ?assertEqual([{day(0), none}, {day(0), none}], [days(Server, Each) || Each <- [User, Other]]),
    {0, ""} = server:reload(Server, Policies#{?HOST := without_option(Policy)}),
    server:until(fun() -> stored(Config, ?HOST) =:= [] end),
    [message(Sessions, Content) || Content <- [omemo, plain]],
    ok = server:call(Server, mod_e2e_policy_senders, save_here, [?HOST]),
    ?assertEqual([], stored(Config, ?HOST)),
    ?assertEqual({none, none}, days(Server, User)),
    ?assertEqual(#{}, everyone(Server, ?HOST)),
    ?assertEqual({day(0), none}, days(Server, Other)),
    {0, ""} = server:reload(Server, Policies),
    message(Sessions, plain),
    ?assertEqual({none, day(0)}, days(Server, User)).

%% The module is started by a reload, as ejabberd starts it; what is stored is from before.
a_start_without_the_option_deletes_what_is_stored(Config) ->
    Server = server(Config),
    #{?HOST := Policy} = Policies = policies(?config(kind, Config)),
    {0, ""} = server:reload(Server, Policies#{?HOST := without}),
    put_row(Config, {<<"forgotten">>, ?HOST}, {day(0), day(0)}),
    {0, ""} = server:reload(Server, Policies#{?HOST := without_option(Policy)}),
    server:until(fun() -> stored(Config, ?HOST) =:= [] end),
    {0, ""} = server:reload(Server, Policies).

another_storage_leaves_nothing_in_the_first(Config) ->
    Server = server(Config),
    Policies = policies(?config(kind, Config)),
    InMnesia = maps:map(fun(_, Policy) -> Policy#{db_type => mnesia} end, Policies),
    User = client:make_user(Server, ?HOST),
    Sessions = sessions(Server, User),
    message(Sessions, omemo),
    ?assertEqual({day(0), none}, days(Server, User)),
    {0, ""} = server:reload(Server, InMnesia),
    server:until(fun() -> stored(Config, ?HOST) =:= [] end),
    message(Sessions, omemo),
    ?assertEqual({day(0), none}, days(Server, User)),
    ?assertEqual([], stored(Config, ?HOST)),
    {0, ""} = server:reload(Server, Policies),
    server:until(fun() -> in_storage(Server, mnesia, ?HOST) =:= [] end),
    %% If the storage was changed while the server was down, it learns of the first by looking.
    put_row_in_mnesia(Server, {<<"forgotten">>, ?HOST}, {day(0), day(0)}),
    server:restart(Server),
    ?assertMatch([_], in_storage(Server, mnesia, ?HOST)),
    Name = server:call(Server, gen_mod, get_module_proc, [?HOST, mod_e2e_policy_senders]),
    server:call(Server, erlang, send, [Name, empty_other_storages]),
    server:until(fun() -> in_storage(Server, mnesia, ?HOST) =:= [] end).

an_account_that_is_removed_is_forgotten(Config) ->
    Server = server(Config),
    {Name, Host} = User = client:make_user(Server, ?HOST),
    [talk(Server, User, Content) || Content <- [omemo, plain]],
    ?assertEqual({day(0), day(0)}, days(Server, User)),
    {0, _} = server:ctl(Server, ["unregister" | strings([Name, Host])]),
    ?assertEqual([], rows_of(Config, User)),
    %% Before it was written, too.
    Again = client:make_user(Server, ?HOST),
    talk(Server, Again, plain),
    {0, _} = server:ctl(Server, ["unregister" | strings(tuple_to_list(Again))]),
    ?assertEqual({none, none}, days(Server, Again)),
    ?assertEqual([], rows_of(Config, Again)).

%% By four sessions, which ejabberd ends only after the module has deleted the row.
an_account_that_is_removed_while_it_sends_is_forgotten(Config) ->
    Server = server(Config),
    [begin
         {Name, Host} = User = client:make_user(Server, ?HOST),
         Clients = [client:log_in(Server, <<Name/binary, "@", Host/binary, "/", Resource/binary>>)
                    || Resource <- [<<"phone">>, <<"tablet">>, <<"desk">>, <<"web">>]],
         Senders = [sender(Client, Host) || Client <- Clients],
         server:until(fun() -> days(Server, User) =/= {none, none} end),
         Generations = begin_generations(Server, Host),
         ok = server:call(Server, ejabberd_auth, remove_user, [Name, Host]),
         are_closed(Senders),
         end_generations(Generations),
         ?assertEqual({none, none}, days(Server, User)),
         ?assertEqual([], rows_of(Config, User))
     end || _ <- lists:seq(1, 4)].

%% The row is left over from an account that was removed without the module.
a_new_account_has_no_days_of_an_old_one(Config) ->
    Server = server(Config),
    User = {client:unique_name("heir"), ?HOST},
    put_row(Config, User, {day(-1), day(-1)}),
    ?assertEqual({day(-1), day(-1)}, days(Server, User)),
    talk(Server, User, omemo),
    ?assertEqual({day(0), none}, days(Server, User)).

a_table_that_has_vanished_is_made_again(Config) ->
    Server = server(Config),
    [begin
         case ?config(kind, Config) of
             mnesia ->
                 {atomic, ok} = server:call(Server, mnesia, delete_table, [e2e_policy_senders]);
             _ ->
                 {updated, _} = sql(Server, ?HOST, "drop table e2e_policy_senders")
         end,
         Use(client:make_user(Server, ?HOST))
     end || Use <- [fun(_) -> ?assertEqual(#{}, everyone(Server, ?HOST)) end,
                    fun(User) -> ?assertEqual({none, none}, days(Server, User)) end,
                    fun(User) -> forget(Server, User) end,
                    fun(User) ->
                            talk(Server, User, omemo),
                            ?assertEqual({day(0), none}, days(Server, User))
                    end]].

%%%-------------------------------------------------------------------
%%% What is remembered
%%%-------------------------------------------------------------------

the_decision_says_what_is_remembered(Config) ->
    Server = server(Config),
    #{?HOST := Policy} = Policies = policies(mnesia),
    Grace = #{direct => required, grace_period => <<"14 days">>},
    [begin
         {0, ""} = server:reload(Server, Policies#{?HOST := maps:merge(Policy, Options)}),
         [begin
              User = client:make_user(Server, ?HOST),
              talk(Server, User, Content),
              ?assertEqual({Options, Content, Expected}, {Options, Content, days(Server, User)})
          end || {Content, Expected} <- Cases]
     end || {Options, Cases} <-
                [{#{}, [{omemo, {day(0), none}}, {plain, {none, day(0)}}, {nothing, {none, none}}]},
                 {#{direct => required},
                  [{omemo, {day(0), none}}, {plain, {none, day(0)}}, {nothing, {none, none}}]},
                 {Grace, [{omemo, {day(0), none}}, {plain, {none, day(0)}}]},
                 {Grace#{testing => true}, [{omemo, {day(0), none}}, {plain, {none, day(0)}}]},
                 {#{outer_body => replace}, [{omemo, {day(0), none}}, {plain, {none, day(0)}}]},
                 {#{outer_body => replace, testing => true}, [{omemo, {day(0), none}}]},
                 {#{accepted_schemes => [pgp]}, [{omemo, {none, day(0)}}]},
                 {#{warn_interval => <<"1 day">>}, [{plain, {none, day(0)}}]},
                 {#{direct => none}, [{omemo, {none, none}}, {plain, {none, none}}]},
                 {#{whitelist => [<<"bob@", ?HOST/binary>>]},
                  [{omemo, {none, none}}, {plain, {none, none}}]},
                 {#{exempt => all}, [{omemo, {day(0), none}}, {plain, {none, none}}]},
                 {#{direct => [#{none => all}]}, [{plain, {none, none}}]}]].

%% By SASL ANONYMOUS, and with a name and any password. The refusals of a required policy, too.
nothing_is_remembered_of_an_anonymous_session(Config) ->
    Server = server(Config),
    #{?OTHER := Policy} = Policies = policies(mnesia),
    {0, ""} = server:reload(Server, Policies#{?OTHER := Policy#{direct => required}}),
    [begin
         [exchange:message(Alice, Bob, addressed(Content, client:jid(Bob)))
          || Content <- [omemo, plain]],
         ?assertEqual({Host, #{}}, {Host, everyone(Server, Host)})
     end || Host <- [?HOST, ?OTHER],
            [Alice, Bob] <- [[client:connect_anonymous(Server, Host) || _ <- [alice, bob]],
                             [client:log_in(Server, <<Name/binary, Host/binary, "/phone">>)
                              || Name <- [<<"alice@">>, <<"bob@">>]]]].

without_the_option_there_is_no_table(Config) ->
    Server = server(Config),
    [begin
         User = client:make_user(Server, Host),
         [talk(Server, User, Content) || Content <- [omemo, plain]],
         ?assertEqual({none, none}, days(Server, User)),
         ?assertEqual(#{}, everyone(Server, Host)),
         Name = server:call(Server, gen_mod, get_module_proc, [Host, mod_e2e_policy_senders]),
         server:call(Server, erlang, send, [Name, empty_other_storages]),
         ok = server:call(Server, mod_e2e_policy_senders, save_here, [Host])
     end || {Host, _} <- inside()],
    Tables = server:call(Server, mnesia, system_info, [tables]),
    ?assertNot(lists:member(e2e_policy_senders, Tables)),
    ?assertMatch({selected, _, []},
                 sql(Server, <<"sqlite.test">>,
                     "select name from sqlite_master where name like '%senders%'")),
    ?assertEqual(nomatch, re:run(server:log(Server), "senders")).

%%%-------------------------------------------------------------------
%%% Crashes and upgrades
%%%-------------------------------------------------------------------

notes_are_written_each_minute(Config) ->
    Server = server(Config),
    Users = [{client:make_user(Server, Host), Kind} || {Host, Kind} <- inside()],
    [talk(Server, User, omemo) || {User, _} <- Users],
    Wait = erlang:monotonic_time(second) + 65,
    AreWritten = fun() ->
                         lists:all(fun({{Name, Host}, Kind}) ->
                                           lists:member({Name, {day(0), none}},
                                                        in_storage(Server, Kind, Host))
                                   end, Users)
                 end,
    wait_until(AreWritten, Wait).

wait_until(Condition, Deadline) ->
    case Condition() of
        true -> ok;
        false ->
            ?assert(erlang:monotonic_time(second) < Deadline),
            timer:sleep(500),
            wait_until(Condition, Deadline)
    end.

a_stop_loses_nothing(Config) ->
    Server = server(Config),
    Users = [client:make_user(Server, Host) || {Host, _} <- inside()],
    [talk(Server, User, plain) || User <- Users],
    server:restart(Server),
    [?assertEqual({none, day(0)}, days(Server, User)) || User <- Users].

an_upgrade_loses_nothing(Config) ->
    Server = #{dir := Dir} = server(Config),
    Users = [client:make_user(Server, Host) || {Host, _} <- inside()],
    [begin
         [talk(Server, User, Content) || User <- Users],
         release:put_library(release:library(Library), Dir ++ "/mod_e2e_policy"),
         release:put_module(mod_e2e_policy_senders, [{"60_000", Interval}],
                            Dir ++ "/mod_e2e_policy"),
         {0, _} = server:ctl(Server, ["e2e_policy_upgrade"])
     end || {Content, Library, Interval} <- [{omemo, debug, "59_000"},
                                             {plain, installed, "60_000"}]],
    [?assertEqual({day(0), day(0)}, days(Server, User)) || User <- Users].

%% What is asked for is written. What was noted after that is lost with the node, and noted again by
%% the next message.
a_crash_loses_no_more_than_what_was_not_written(Config) ->
    Server = server(Config),
    Users = [client:make_user(Server, Host) || {Host, _} <- inside()],
    [begin
         talk(Server, User, omemo),
         ?assertEqual({day(0), none}, days(Server, User)),
         talk(Server, User, plain)
     end || User <- Users],
    server:kill(Server),
    {0, _} = server:start(Server),
    [begin
         {Accepted, Violation} = days(Server, User),
         ?assertEqual(day(0), Accepted),
         ?assert(lists:member(Violation, [none, day(0)])),
         talk(Server, User, plain),
         ?assertEqual({day(0), day(0)}, days(Server, User))
     end || User <- Users].

sessions_note_again_after_a_crash_of_the_process(Config) ->
    Server = server(Config),
    [begin
         User = client:make_user(Server, Host),
         Sessions = sessions(Server, User),
         message(Sessions, omemo),
         Name = server:call(Server, gen_mod, get_module_proc, [Host, mod_e2e_policy_senders]),
         Process = server:call(Server, erlang, whereis, [Name]),
         true = server:call(Server, erlang, exit, [Process, kill]),
         server:until(fun() ->
                              New = server:call(Server, erlang, whereis, [Name]),
                              is_pid(New) andalso New =/= Process
                      end),
         ?assertEqual({none, none}, days(Server, User)),
         message(Sessions, omemo),
         ?assertEqual({day(0), none}, days(Server, User))
     end || {Host, _} <- inside()].

%% As if the process waited for its database.
no_session_waits_for_the_process(Config) ->
    Server = server(Config),
    [begin
         User = client:make_user(Server, Host),
         Sessions = sessions(Server, User),
         Name = server:call(Server, gen_mod, get_module_proc, [Host, mod_e2e_policy_senders]),
         ok = server:call(Server, sys, suspend, [Name]),
         [?assertMatch(#{delivered := true}, message(Sessions, Content))
          || Content <- [omemo, plain, omemo]],
         ok = server:call(Server, sys, resume, [Name]),
         ?assertEqual({day(0), day(0)}, days(Server, User))
     end || {Host, _} <- inside()].

%%%-------------------------------------------------------------------
%%% A database that cannot be reached
%%%-------------------------------------------------------------------

a_database_that_is_away_loses_nothing(Config) ->
    Server = server(Config),
    Database = ?config(database, Config),
    User = client:make_user(Server, ?HOST),
    Sessions = sessions(Server, User),
    database:shut_down(Database),
    [?assertMatch(#{delivered := true}, message(Sessions, Content)) || Content <- [omemo, plain]],
    ?assertEqual({error, db_failure}, of_user(Server, User)),
    ?assertEqual({error, db_failure}, server:call(Server, mod_e2e_policy_senders, all, [?HOST])),
    ?assertMatch({match, _}, re:run(server:log(Server), "Days of the senders of remembered.test "
                                    "cannot be read, written or deleted \\(SQL: ")),
    ?assertEqual(nomatch, re:run(server:log(Server), "thesecret")),
    database:start(Database),
    server:until(fun() -> of_user(Server, User) =:= {ok, {day(0), day(0)}} end).

an_account_that_is_removed_without_the_database_is_forgotten_later(Config) ->
    Server = server(Config),
    Database = ?config(database, Config),
    {Name, Host} = User = client:make_user(Server, ?HOST),
    talk(Server, User, plain),
    ?assertEqual({none, day(0)}, days(Server, User)),
    database:shut_down(Database),
    ok = server:call(Server, ejabberd_auth, remove_user, [Name, Host]),
    database:start(Database),
    server:until(fun() -> of_user(Server, User) =:= {ok, {none, none}} end),
    ?assertEqual([], rows_of(Config, User)).

a_reload_without_the_database_deletes_later(Config) ->
    Server = server(Config),
    Database = ?config(database, Config),
    #{?HOST := Policy} = Policies = policies(postgresql),
    User = client:make_user(Server, ?HOST),
    talk(Server, User, plain),
    ?assertEqual({none, day(0)}, days(Server, User)),
    database:shut_down(Database),
    {0, _} = server:reload(Server, Policies#{?HOST := without_option(Policy)}),
    database:start(Database),
    server:until(fun() ->
                         _ = server:call(Server, mod_e2e_policy_senders, save_here, [?HOST]),
                         try stored(Config, ?HOST) =:= []
                         catch _:_ -> false
                         end
                 end).

%%%-------------------------------------------------------------------
%%% A cluster
%%%-------------------------------------------------------------------

%% The nodes write at the same time, again and again.
two_nodes_write_a_user_as_often_as_one(Config) ->
    [First | _] = Servers = ?config(servers, Config),
    [begin
         Writes = count_writes([{servers, Servers}, {kind, Kind}], Host),
         Users = [client:make_user(First, Host) || _ <- lists:seq(1, 20)],
         [begin
              [note(Server, NoteKind, User) || Server <- Servers, User <- Users],
              Saves = [erpc:send_request(Node, mod_e2e_policy_senders, save_here, [Host])
                       || #{node := Node} <- Servers],
              ?assertEqual([ok, ok], [erpc:receive_response(Save) || Save <- Saves])
          end || NoteKind <- [accepted, violation, accepted, violation]],
         ?assertEqual([{day(0), day(0)}],
                      lists:usort([days(Server, User) || Server <- Servers, User <- Users])),
         ?assertEqual([2], lists:usort([Writes(User) || User <- Users]))
     end || {Host, Kind} <- in_cluster()].

all_nodes_give_the_same_days(Config) ->
    [First, Second] = Servers = ?config(servers, Config),
    [begin
         {Name, _} = User = client:make_user(First, Host),
         talk(First, User, omemo),
         talk(Second, User, plain, <<"second">>),
         ?assertEqual([{day(0), day(0)}], lists:usort([days(Server, User) || Server <- Servers])),
         ?assertEqual([{day(0), day(0)}],
                      lists:usort([maps:get(Name, everyone(Server, Host)) || Server <- Servers]))
     end || {Host, _} <- in_cluster()].

an_account_that_sends_on_all_nodes_is_forgotten(Config) ->
    [First, Second] = Servers = ?config(servers, Config),
    [begin
         {Name, _} = User = client:make_user_in_cluster(Servers, Host),
         %% All log in before the first one sends, because ejabberd does not end a session that has
         %% no resource yet.
         Clients = [client:log_in(Server, <<Name/binary, "@", Host/binary, "/",
                                            (atom_to_binary(Node))/binary>>)
                    || #{node := Node} = Server <- Servers],
         Senders = [sender(Client, Host) || Client <- Clients],
         server:until(fun() -> days(First, User) =/= {none, none} end),
         Generations = [begin_generations(Server, Host) || Server <- Servers],
         ok = server:call(Second, ejabberd_auth, remove_user, [Name, Host]),
         are_closed(Senders),
         [end_generations(Each) || Each <- Generations],
         ?assertEqual([{none, none}], lists:usort([days(Server, User) || Server <- Servers])),
         ?assertEqual([], [Row || {LUser, _} = Row <- in_storage(First, Kind, Host),
                                  LUser =:= Name])
     end || {Host, Kind} <- in_cluster(), _ <- lists:seq(1, 3)].

%%%-------------------------------------------------------------------
%%% Users and their messages
%%%-------------------------------------------------------------------

server(Config) ->
    hd(?config(servers, Config)).

talk(Server, User, Content) ->
    talk(Server, User, Content, <<"phone">>).

talk(Server, User, Content, Resource) ->
    message(sessions(Server, User, Resource), Content).

sessions(Server, User) ->
    sessions(Server, User, <<"phone">>).

%% Bob has a session on each node of a cluster.
sessions(#{port := Port} = Server, {Name, Host}, Resource) ->
    Bob = <<"bob@", Host/binary, "/", (integer_to_binary(Port))/binary>>,
    {client:connect(Server, <<Name/binary, "@", Host/binary, "/", Resource/binary>>),
     client:connect(Server, Bob)}.

message({Alice, Bob}, Content) ->
    exchange:message(Alice, Bob, addressed(Content, client:jid(Bob))).

addressed(plain, To) ->
    ["<message type='chat' to='", To, "'><body>thesecret</body></message>"];
addressed(omemo, To) ->
    corpus:direct(corpus:xml(<<"slixmpp-omemo-2-2-0-003">>), To);
addressed(nothing, To) ->
    corpus:direct(corpus:xml(<<"slixmpp-1-17-0-022">>), To).

%% As a session notes it.
note(Server, Kind, {Name, Host}) ->
    ok = server:call(Server, mod_e2e_policy_senders, note, [Kind, Name, Host]).

forget(Server, {Name, Host}) ->
    ok = server:call(Server, mod_e2e_policy_senders, forget_here, [Name, Host]).

%% Sends in the clear until the server ends the session.
sender(Client, Host) ->
    Text = addressed(plain, <<"bob@", Host/binary>>),
    spawn_monitor(fun() -> client:send_until_closed(Client, Text) end).

are_closed(Senders) ->
    [receive {'DOWN', Reference, _, _, Reason} -> ?assertEqual(closed, Reason) end
     || {_, Reference} <- Senders].

%% Puts the options in force again and again, so that sessions note again and again.
begin_generations(Server, Host) ->
    Options = server:call(Server, gen_mod, get_module_opts, [Host, mod_e2e_policy]),
    spawn_link(fun() -> begin_generations(Server, Host, Options) end).

begin_generations(Server, Host, Options) ->
    ok = server:call(Server, mod_e2e_policy_senders, start, [Host, Options]),
    receive
        {finish, Asking} -> Asking ! {finished, self()}
    after 0 ->
        begin_generations(Server, Host, Options)
    end.

end_generations(Process) ->
    Process ! {finish, self()},
    receive {finished, Process} -> ok end.

strings(Texts) ->
    [binary_to_list(Text) || Text <- Texts].

%%%-------------------------------------------------------------------
%%% What is remembered, and stored
%%%-------------------------------------------------------------------

days(Server, User) ->
    {ok, Days} = of_user(Server, User),
    Days.

of_user(Server, {Name, Host}) ->
    server:call(Server, mod_e2e_policy_senders, of_user, [Name, Host]).

everyone(Server, Host) ->
    {ok, Days} = server:call(Server, mod_e2e_policy_senders, all, [Host]),
    Days.

stored(Config, Host) ->
    in_storage(server(Config), ?config(kind, Config), Host).

in_storage(Server, Kind, Host) ->
    Backend = case Kind of
                  mnesia -> mod_e2e_policy_senders_mnesia;
                  _ -> mod_e2e_policy_senders_sql
              end,
    {ok, Rows} = server:call(Server, Backend, read_all, [Host]),
    Rows.

rows_of(Config, {Name, Host}) ->
    [Row || {LUser, _} = Row <- stored(Config, Host), LUser =:= Name].

day(Days) ->
    Seconds = erlang:system_time(second) + Days * 86_400,
    list_to_binary(string:slice(calendar:system_time_to_rfc3339(Seconds, [{offset, "Z"}]), 0, 10)).

%% As if the process had last deleted old rows on an earlier day.
begin_day(Server, Host) ->
    server:load_module(Server, ?MODULE),
    Name = server:call(Server, gen_mod, get_module_proc, [Host, mod_e2e_policy_senders]),
    _ = server:call(Server, sys, replace_state, [Name, fun(State) -> State#{deleted := none} end]),
    server:call(Server, erlang, send, [Name, save]),
    ok.

%% Writes a row to the storage, without the module, which may still forget a new user.
put_row(Config, {Name, Host} = User, {Accepted, Violation} = Days) ->
    Server = server(Config),
    ok = server:call(Server, mod_e2e_policy_senders, save_here, [Host]),
    case ?config(kind, Config) of
        mnesia ->
            put_row_in_mnesia(Server, User, Days);
        _ ->
            Values = [Name, day_or_nothing(Accepted), day_or_nothing(Violation)
                      | [Host || is_multi_host(Server)]],
            Columns = ["username, accepted, violation"
                       | [", server_host" || is_multi_host(Server)]],
            {updated, 1} = sql(Server, Host, ["insert into e2e_policy_senders (", Columns,
                                              ") values ('", lists:join("', '", Values), "')"])
    end.

put_row_in_mnesia(Server, {Name, Host}, {Accepted, Violation}) ->
    ok = server:call(Server, mnesia, dirty_write,
                     [{e2e_policy_senders, {Host, Name}, Accepted, Violation}]).

day_or_nothing(none) -> <<>>;
day_or_nothing(Day) -> Day.

is_multi_host(Server) ->
    server:call(Server, mod_e2e_policy_sql_table, is_multi_host, []).

sql(Server, Host, Query) ->
    server:call(Server, ejabberd_sql, sql_query, [Host, iolist_to_binary(Query)]).

%%%-------------------------------------------------------------------
%%% Counting writes
%%%-------------------------------------------------------------------

%% A function that gives how often the row of a user was written since now: as triggers of the
%% database count it, or as Mnesia reports it.
count_writes(Config) ->
    count_writes(Config, ?HOST).

count_writes(Config, Host) ->
    Server = server(Config),
    case ?config(kind, Config) of
        mnesia ->
            server:load_module(Server, ?MODULE),
            Collector = server:call(Server, erlang, spawn, [?MODULE, collect_writes, []]),
            fun({Name, _}) ->
                    Collector ! {writes_of, {Host, Name}, self()},
                    receive {Collector, Writes} -> Writes after 5000 -> error(no_answer) end
            end;
        _ ->
            Text = case ?config(kind, Config) of
                       mysql -> "varchar(191) character set utf8mb4";
                       _ -> "text"
                   end,
            {updated, _} = sql(Server, Host, ["create table senders_writes (username ", Text, ")"]),
            [{updated, _} = sql(Server, Host, Trigger) || Trigger <- triggers(Server, Host)],
            fun({Name, _}) ->
                    {selected, _, [[Number]]} =
                        sql(Server, Host, ["select count(*) from senders_writes where username = '",
                                           Name, "'"]),
                    if is_binary(Number) -> binary_to_integer(Number);
                       true -> Number
                    end
            end
    end.

triggers(Server, Host) ->
    Insert = "insert into senders_writes values (new.username)",
    On = fun(Event) -> ["create trigger senders_", Event, " after ", Event,
                        " on e2e_policy_senders for each row "]
         end,
    case server:call(Server, ejabberd_option, sql_type, [Host]) of
        mysql -> [[On(Event), Insert] || Event <- ["insert", "update"]];
        sqlite -> [[On(Event), "begin ", Insert, "; end"] || Event <- ["insert", "update"]];
        pgsql -> ["create function senders_write() returns trigger language plpgsql as "
                  "$$ begin " ++ Insert ++ "; return null; end $$"
                  | [[On(Event), "execute function senders_write()"]
                     || Event <- ["insert", "update"]]]
    end.

%% Until the server stops.
collect_writes() ->
    {ok, _} = mnesia:subscribe({table, e2e_policy_senders, simple}),
    collect_writes([]).

collect_writes(Keys) ->
    receive
        {mnesia_table_event, {write, Row, _}} ->
            collect_writes([element(2, Row) | Keys]);
        {writes_of, Key, Asking} ->
            Asking ! {self(), length([Each || Each <- Keys, Each =:= Key])},
            collect_writes(Keys);
        _ ->
            collect_writes(Keys)
    end.
