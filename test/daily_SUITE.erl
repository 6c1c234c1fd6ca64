%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What is counted by day: the report, and that it is exact whatever happens to the server and its
%% database, in each storage.
-module(daily_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([a_report_has_a_line_for_each_day/1,
         messages_are_in_the_report_at_once/1,
         the_columns_overlap/1,
         counts_of_a_host_are_its_own/1,
         a_reload_a_stop_and_a_restart_lose_nothing/1,
         what_is_counted_before_midnight_belongs_to_the_day_that_ends/1,
         the_rows_of_all_nodes_are_added/1,
         days_are_kept_for_four_hundred_days/1,
         a_table_that_is_gone_is_made_again/1]).
-export([wrong_arguments_are_explained/1,
         the_http_api_answers_with_numbers/1]).
-export([a_crash_loses_no_more_than_what_was_not_saved/1,
         an_upgrade_loses_nothing/1,
         counts_are_saved_each_minute/1]).
-export([a_database_that_is_away_loses_nothing/1,
         a_write_that_is_repeated_counts_once/1]).
-export([the_report_is_the_same_on_each_node/1,
         a_node_that_was_down_is_counted/1]).
%% In the server
-export([count_before_midnight/2, begin_interval/2]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(HOST, <<"counted.test">>).
-define(OTHER, <<"other.test">>).

suite() ->
    [{timetrap, {minutes, 3}}].

all() ->
    [{group, Group} || Group <- [mnesia, sqlite, postgresql, postgresql_with_single_host_schema,
                                 mysql, mysql_with_single_host_schema, arguments, inside_the_node,
                                 lost_database, cluster]].

groups() ->
    InEachStorage = [a_report_has_a_line_for_each_day,
                     messages_are_in_the_report_at_once,
                     the_columns_overlap,
                     counts_of_a_host_are_its_own,
                     a_reload_a_stop_and_a_restart_lose_nothing,
                     what_is_counted_before_midnight_belongs_to_the_day_that_ends,
                     the_rows_of_all_nodes_are_added,
                     days_are_kept_for_four_hundred_days,
                     a_table_that_is_gone_is_made_again],
    [{Kind, [], InEachStorage} || Kind <- [mnesia, sqlite, postgresql,
                                           postgresql_with_single_host_schema, mysql,
                                           mysql_with_single_host_schema]]
        ++ [{arguments, [], [wrong_arguments_are_explained, the_http_api_answers_with_numbers]},
            {inside_the_node, [], [counts_are_saved_each_minute,
                                   an_upgrade_loses_nothing,
                                   a_crash_loses_no_more_than_what_was_not_saved]},
            {lost_database, [], [a_database_that_is_away_loses_nothing,
                                 a_write_that_is_repeated_counts_once]},
            {cluster, [], [the_report_is_the_same_on_each_node, a_node_that_was_down_is_counted]}].

init_per_group(arguments, Config) ->
    Port = server:free_port(),
    Http = #{module => ejabberd_http, ip => <<"127.0.0.1">>, port => Port,
             request_handlers => #{<<"/api">> => mod_http_api}},
    Permissions = #{<<"loopback">> => #{who => #{ip => <<"127.0.0.1">>}, what => [<<"*">>]}},
    [{servers, [server:started(policies(mnesia), #{listen => [Http],
                                                   api_permissions => Permissions})]},
     {database, database:started(mnesia)}, {http, Port} | Config];
init_per_group(inside_the_node, Config) ->
    Policies = #{<<"mnesia.test">> => policy(mnesia), <<"sqlite.test">> => policy(sqlite)},
    [{servers, [server:started(Policies, #{sql_type => sqlite, new_sql_schema => true})]},
     {database, database:started(sqlite)} | Config];
init_per_group(lost_database, Config) ->
    init(postgresql, #{new_sql_schema => true}, Config);
init_per_group(cluster, Config) ->
    Database = database:started(postgresql),
    Settings = (database:settings(Database))#{new_sql_schema => true},
    Policies = #{<<"mnesia.test">> => policy(mnesia), <<"sql.test">> => policy(postgresql)},
    First = server:started(Policies, Settings),
    Servers = [First | [server:joined(First, Policies, Settings) || _ <- [second, third]]],
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

policies(Kind) ->
    #{?HOST => policy(Kind), ?OTHER => policy(Kind)}.

policy(Kind) ->
    #{direct => required, warn_mechanism => error,
      db_type => case Kind of mnesia -> mnesia; _ -> sql end}.

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

a_report_has_a_line_for_each_day(Config) ->
    [begin
         Report = report(server(Config), ?HOST, Days),
         ?assertEqual(Days, length(Report)),
         ?assertEqual([day(-Ago) || Ago <- lists:seq(0, Days - 1)],
                      [element(1, Line) || Line <- Report])
     end || Days <- [1, 7, 400]],
    ?assertEqual([{day(-1), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}],
                 tl(report(server(Config), ?HOST, 2))).

messages_are_in_the_report_at_once(Config) ->
    Server = server(Config),
    Before = today(Server, ?HOST),
    {Alice, Bob} = exchange:alice_and_bob(Server, ?HOST),
    [exchange:is_refused(exchange:message(Alice, Bob, "<message type='chat' to='bob@counted.test'>"
                                          "<body>hi</body></message>")) || _ <- lists:seq(1, 3)],
    ?assertEqual(#{messages => 3, plaintext => 3, refused => 3}, more(Server, ?HOST, Before)).

the_columns_overlap(Config) ->
    Server = server(Config),
    [begin
         Before = today(Server, ?HOST),
         count(Server, ?HOST, direct, Content, Decision, 2),
         count(Server, ?HOST, group, Content, Decision, 1),
         Expected = maps:from_list([{Column, 3} || Column <- Columns]),
         ?assertEqual({Content, Decision, Expected},
                      {Content, Decision, more(Server, ?HOST, Before)})
     end || {Content, Decision, Columns} <-
                [{omemo, allowed, [messages, encrypted]},
                 {other, allowed, [messages, encrypted]},
                 {pgp, warned, [messages, unacceptable, warned]},
                 {otr, would_refuse, [messages, unacceptable, would_refuse]},
                 {pgp_legacy, exempt, [messages, unacceptable, exempt]},
                 {plaintext, would_warn, [messages, plaintext, would_warn]},
                 {plaintext, failed, [messages, plaintext, failed]},
                 {nothing, allowed, []},
                 {nothing, exempt, [exempt]}]].

counts_of_a_host_are_its_own(Config) ->
    Server = server(Config),
    Before = today(Server, ?OTHER),
    count(Server, ?HOST, direct, plaintext, warned, 5),
    ?assertEqual(#{}, more(Server, ?OTHER, Before)),
    count(Server, ?OTHER, direct, plaintext, warned, 5),
    ?assertEqual(#{messages => 5, plaintext => 5, warned => 5}, more(Server, ?OTHER, Before)).

a_reload_a_stop_and_a_restart_lose_nothing(Config) ->
    Server = server(Config),
    Policies = policies(?config(kind, Config)),
    Before = today(Server, ?HOST),
    Count = fun() -> count(Server, ?HOST, direct, omemo, allowed, 1) end,
    Count(),
    Changed = (maps:get(?HOST, Policies))#{group => none},
    {0, ""} = server:reload(Server, Policies#{?HOST := Changed}),
    Count(),
    {0, ""} = server:reload(Server, Policies#{?HOST := without}),
    {0, ""} = server:reload(Server, Policies),
    Count(),
    server:restart(Server),
    Count(),
    ?assertEqual(#{messages => 4, encrypted => 4}, more(Server, ?HOST, Before)).

%% As if the interval had begun a second before midnight. What comes later belongs to the new day.
what_is_counted_before_midnight_belongs_to_the_day_that_ends(Config) ->
    Server = server(Config),
    [Today, Yesterday] = [figures(Line) || Line <- report(Server, ?HOST, 2)],
    server:load_module(Server, ?MODULE),
    ok = server:call(Server, ?MODULE, count_before_midnight, [?HOST, midnight() - 1]),
    count(Server, ?HOST, direct, plaintext, refused, 1),
    [NewToday, NewYesterday] = [figures(Line) || Line <- report(Server, ?HOST, 2)],
    ?assertEqual(#{messages => 1, plaintext => 1, refused => 1}, difference(NewToday, Today)),
    ?assertEqual(#{messages => 2, plaintext => 2, refused => 2},
                 difference(NewYesterday, Yesterday)).

%% Two messages, inside of the server. This takes so little time that the process, which saves once
%% a minute by itself, hardly does so meanwhile.
count_before_midnight(Host, Since) ->
    Counters = mod_e2e_policy_registry:counters(Host),
    begin_interval(Host, Since),
    [ok = mod_e2e_policy_counters:add(Counters, sent, direct, plaintext, refused) || _ <- [1, 2]],
    mod_e2e_policy_daily:save_here(Host).

begin_interval(Host, Since) ->
    Name = gen_mod:get_module_proc(Host, mod_e2e_policy_daily),
    _ = sys:replace_state(Name, fun(State) -> State#{since := Since} end),
    ok.

midnight() ->
    Now = erlang:system_time(second),
    Now - Now rem 86_400.

%% As another node of the cluster would have written them.
the_rows_of_all_nodes_are_added(Config) ->
    Server = server(Config),
    Before = today(Server, ?HOST),
    put_rows(Config, ?HOST, [{day(0), 'other@node', {sent, group, pgp, allowed}, 30}]),
    count(Server, ?HOST, group, pgp, allowed, 3),
    ?assertEqual(#{messages => 33, encrypted => 33}, more(Server, ?HOST, Before)).

days_are_kept_for_four_hundred_days(Config) ->
    Server = server(Config),
    Cell = {sent, direct, plaintext, warned},
    put_rows(Config, ?HOST, [{day(-Ago), 'other@node', Cell, 1} || Ago <- [398, 399, 400, 500]]),
    Name = server:call(Server, gen_mod, get_module_proc, [?HOST, mod_e2e_policy_daily]),
    server:call(Server, erlang, send, [Name, save]),
    Kept = fun() ->
                   {ok, Rows} = server:call(Server, backend(Config), read_since,
                                            [?HOST, <<"2000-01-01">>]),
                   lists:usort([Day || {Day, _} <- Rows, Day < day(-100)])
           end,
    %% It was done when the day began, unless the process has restarted.
    _ = server:call(Server, sys, replace_state, [Name, fun(State) -> State#{deleted := <<>>} end]),
    server:call(Server, erlang, send, [Name, save]),
    server:until(fun() -> Kept() =:= [day(-399), day(-398)] end),
    ?assertEqual({day(-399), 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0},
                 lists:last(report(Server, ?HOST, 400))).

a_table_that_is_gone_is_made_again(Config) ->
    Server = server(Config),
    case ?config(kind, Config) of
        mnesia -> {atomic, ok} = server:call(Server, mnesia, delete_table, [e2e_policy_daily]);
        _ -> sql(Server, ?HOST, "drop table e2e_policy_daily")
    end,
    server:restart(Server),
    count(Server, ?HOST, direct, omemo, allowed, 7),
    ?assertMatch(#{messages := 7, encrypted := 7}, today(Server, ?HOST)).

%%%-------------------------------------------------------------------
%%% Arguments
%%%-------------------------------------------------------------------

wrong_arguments_are_explained(Config) ->
    Server = server(Config),
    [?assertEqual({1, "Error: not_exists: found `" ++ Days ++ "`, expected a number of days from 1 "
                   "to 400\n"},
                  server:ctl(Server, ["e2e_policy_report", "counted.test", Days]))
     || Days <- ["0", "401", "-7"]],
    ?assertEqual({1, "Error: not_exists: found `elsewhere.test`, expected a virtual host with "
                  "mod_e2e_policy\n"},
                 server:ctl(Server, ["e2e_policy_report", "elsewhere.test", "7"])),
    [begin
         {Status, Output} = server:ctl(Server, ["e2e_policy_report", "counted.test" | Days]),
         ?assertEqual({Days, true, nomatch}, {Days, Status =/= 0, string:find(Output, "crash")})
     end || Days <- [["seven"], [], ["7", "8"]]].

the_http_api_answers_with_numbers(Config) ->
    Server = server(Config),
    count(Server, ?HOST, direct, omemo, allowed, 2),
    {200, Body} = post(Config, "e2e_policy_report", "{\"host\": \"counted.test\", \"days\": 2}"),
    [?assertNotEqual(nomatch, string:find(Body, ["\"day\":\"", day(-Ago), "\""])) || Ago <- [0, 1]],
    ?assertMatch({match, _}, re:run(Body, "\"encrypted\":2\\b")),
    [?assertMatch({Json, {Status, _}} when Status =:= 400; Status =:= 404,
                  {Json, post(Config, "e2e_policy_report", Json)})
     || Json <- ["{\"host\": \"counted.test\", \"days\": 0}",
                 "{\"host\": \"counted.test\", \"days\": \"many\"}",
                 "{\"host\": \"elsewhere.test\", \"days\": 7}",
                 "{\"host\": \"counted.test\"}"]].

post(Config, Command, Json) ->
    Url = io_lib:format("http://127.0.0.1:~b/api/~ts", [?config(http, Config), Command]),
    {ok, _} = application:ensure_all_started(inets),
    {ok, {{_, Status, _}, _, Body}} =
        httpc:request(post, {lists:flatten(Url), [], "application/json", Json}, [], []),
    {Status, Body}.

%%%-------------------------------------------------------------------
%%% Crashes and upgrades
%%%-------------------------------------------------------------------

counts_are_saved_each_minute(Config) ->
    Server = server(Config),
    [count(Server, Host, direct, omemo, allowed, 1) || Host <- inside()],
    Wait = erlang:monotonic_time(second) + 65,
    Saved = fun() ->
                    [[] || Host <- inside(), stored(Server, Host) =:= []] =:= []
            end,
    wait_until(Saved, Wait).

wait_until(Condition, Deadline) ->
    case Condition() of
        true -> ok;
        false ->
            ?assert(erlang:monotonic_time(second) < Deadline),
            timer:sleep(500),
            wait_until(Condition, Deadline)
    end.

stored(Server, Host) ->
    Backend = case Host of
                  <<"mnesia.test">> -> mod_e2e_policy_daily_mnesia;
                  _ -> mod_e2e_policy_daily_sql
              end,
    {ok, Rows} = server:call(Server, Backend, read_since, [Host, <<"2000-01-01">>]),
    Rows.

an_upgrade_loses_nothing(Config) ->
    Server = #{dir := Dir} = server(Config),
    Before = [today(Server, Host) || Host <- inside()],
    [begin
         [count(Server, Host, direct, plaintext, refused, 1) || Host <- inside()],
         release:put_library(release:library(Library), Dir ++ "/mod_e2e_policy"),
         release:put_module(mod_e2e_policy_daily, [{"(KEPT_DAYS, 400)", Kept}],
                            Dir ++ "/mod_e2e_policy"),
         {0, _} = server:ctl(Server, ["e2e_policy_upgrade"])
     end || {Library, Kept} <- [{debug, "(KEPT_DAYS, 399)"}, {installed, "(KEPT_DAYS, 400)"}]],
    [?assertEqual({Host, #{messages => 2, plaintext => 2, refused => 2}},
                  {Host, difference(today(Server, Host), Earlier)})
     || {Host, Earlier} <- lists:zip(inside(), Before)].

%% A report saves, too. What was counted after it is lost with the node.
a_crash_loses_no_more_than_what_was_not_saved(Config) ->
    Server = server(Config),
    Saved = [begin
                 count(Server, Host, direct, plaintext, refused, 100),
                 today(Server, Host)
             end || Host <- inside()],
    [count(Server, Host, direct, plaintext, refused, 10) || Host <- inside()],
    server:kill(Server),
    {0, _} = server:start(Server),
    [begin
         #{refused := Lost} = maps:merge(#{refused => 0}, difference(today(Server, Host), Before)),
         ?assert(Lost =:= 0 orelse Lost =:= 10)
     end || {Host, Before} <- lists:zip(inside(), Saved)].

inside() -> [<<"mnesia.test">>, <<"sqlite.test">>].

%%%-------------------------------------------------------------------
%%% A database that cannot be reached
%%%-------------------------------------------------------------------

a_database_that_is_away_loses_nothing(Config) ->
    Server = server(Config),
    Database = ?config(database, Config),
    [Today, Yesterday] = [figures(Line) || Line <- report(Server, ?HOST, 2)],
    count(Server, ?HOST, direct, plaintext, refused, 1),
    database:shut_down(Database),
    server:load_module(Server, ?MODULE),
    ok = server:call(Server, ?MODULE, begin_interval, [?HOST, midnight() - 1]),
    count(Server, ?HOST, direct, plaintext, refused, 2),
    ?assertEqual({1, "Error: db_failure: the counts cannot be read or written now\n"},
                 server:ctl(Server, ["e2e_policy_report", "counted.test", "2"])),
    %% The process may still wait for the database.
    server:until(fun() -> since(Server, ?HOST) >= midnight() end),
    count(Server, ?HOST, direct, plaintext, refused, 4),
    {error, db_failure} = server:call(Server, mod_e2e_policy_daily, save_here, [?HOST]),
    database:start(Database),
    server:until(fun() ->
                         ok =:= server:call(Server, mod_e2e_policy_daily, save_here, [?HOST])
                 end),
    [NewToday, NewYesterday] = [figures(Line) || Line <- report(Server, ?HOST, 2)],
    %% Those before belong to the interval that was made to begin yesterday.
    ?assertEqual(#{messages => 4, plaintext => 4, refused => 4}, difference(NewToday, Today)),
    ?assertEqual(#{messages => 3, plaintext => 3, refused => 3},
                 difference(NewYesterday, Yesterday)),
    ?assertMatch({match, _}, re:run(server:log(Server), "Counts of messages of counted.test cannot "
                                    "be read or written \\(SQL: ")).

since(Server, Host) ->
    Name = server:call(Server, gen_mod, get_module_proc, [Host, mod_e2e_policy_daily]),
    #{since := Since} = server:call(Server, sys, get_state, [Name]),
    Since.

%% As if the answer to the write had been lost, but not the write.
a_write_that_is_repeated_counts_once(Config) ->
    Server = server(Config),
    Before = today(Server, ?HOST),
    count(Server, ?HOST, direct, omemo, allowed, 5),
    Name = server:call(Server, gen_mod, get_module_proc, [?HOST, mod_e2e_policy_daily]),
    #{saved := Saved} = server:call(Server, sys, get_state, [Name]),
    ok = server:call(Server, mod_e2e_policy_daily, save_here, [?HOST]),
    Again = fun(State) ->
                    State#{saved := Saved,
                           pending := #{day(0) => #{{sent, direct, omemo, allowed} => 5}}}
            end,
    _ = server:call(Server, sys, replace_state, [Name, Again]),
    ?assertEqual(#{messages => 5, encrypted => 5}, more(Server, ?HOST, Before)).

%%%-------------------------------------------------------------------
%%% A cluster
%%%-------------------------------------------------------------------

the_report_is_the_same_on_each_node(Config) ->
    Servers = ?config(servers, Config),
    [begin
         [count(Server, Host, direct, plaintext, refused, Count)
          || {Server, Count} <- lists:zip(Servers, [1, 10, 100])],
         Reports = [report(Server, Host, 7) || Server <- Servers],
         ?assertMatch([_], lists:usort(Reports)),
         ?assertMatch([[{_, 111, 0, 0, 111, 0, 0, 111, 0, 0, 0, 0} | _] | _], Reports)
     end || Host <- [<<"mnesia.test">>, <<"sql.test">>]].

a_node_that_was_down_is_counted(Config) ->
    [First, Second, Third] = ?config(servers, Config),
    [begin
         Before = today(First, Host),
         count(Third, Host, group, omemo, allowed, 1),
         server:restart(Third),
         server:until(fun() -> runs_with(Third, [First, Second, Third]) end),
         count(Second, Host, group, omemo, allowed, 1),
         count(Third, Host, group, omemo, allowed, 1),
         ?assertEqual([#{messages => 3, encrypted => 3}],
                      lists:usort([more(Server, Host, Before) || Server <- [First, Second, Third]]))
     end || Host <- [<<"mnesia.test">>, <<"sql.test">>]].

%%%-------------------------------------------------------------------
%%% Counts and reports
%%%-------------------------------------------------------------------

server(Config) ->
    hd(?config(servers, Config)).

%% Counts so many messages, as the hook does.
count(Server, Host, Chat, Content, Decision, Times) ->
    Counters = server:call(Server, mod_e2e_policy_registry, counters, [Host]),
    [ok = server:call(Server, mod_e2e_policy_counters, add,
                      [Counters, sent, Chat, Content, Decision])
     || _ <- lists:seq(1, Times)],
    ok.

report(Server, Host, Days) ->
    server:call(Server, mod_e2e_policy_commands, report, [Host, Days]).

today(Server, Host) ->
    [Line] = report(Server, Host, 1),
    figures(Line).

%% The columns of a line by their names.
figures(Line) ->
    [_Day | Figures] = tuple_to_list(Line),
    maps:from_list(lists:zip([messages, encrypted, unacceptable, plaintext, exempt, warned, refused,
                              would_warn, would_refuse, failed, incoming_plaintext], Figures)).

%% By how much the columns of today have grown, without those that have not.
more(Server, Host, Before) ->
    difference(today(Server, Host), Before).

difference(Now, Before) ->
    Differences = maps:map(fun(Column, Count) -> Count - maps:get(Column, Before) end, Now),
    maps:filter(fun(_Column, Count) -> Count =/= 0 end, Differences).

day(Days) ->
    Seconds = erlang:system_time(second) + Days * 86_400,
    list_to_binary(string:slice(calendar:system_time_to_rfc3339(Seconds, [{offset, "Z"}]), 0, 10)).

backend(Config) ->
    case ?config(kind, Config) of
        mnesia -> mod_e2e_policy_daily_mnesia;
        _ -> mod_e2e_policy_daily_sql
    end.

%% Writes rows to the storage, without the module.
put_rows(Config, Host, Rows) ->
    Server = server(Config),
    [case ?config(kind, Config) of
         mnesia ->
             Record = {e2e_policy_daily, {Host, Day, Node}, [{Cell, Count}]},
             ok = server:call(Server, mnesia, dirty_write, [Record]);
         _ ->
             {sent, Chat, Content, Decision} = Cell,
             HasHosts = server:call(Server, mod_e2e_policy_sql_table, is_multi_host, []),
             {Column, Value} = case HasHosts of
                                   true -> {"server_host, ", ["'", Host, "', "]};
                                   false -> {"", ""}
                               end,
             Words = lists:join("', '", [atom_to_list(Word)
                                         || Word <- [Node, sent, Chat, Content, Decision]]),
             sql(Server, Host, ["insert into e2e_policy_daily (", Column, "day, node, direction, "
                                "chat, content, decision, messages) values (", Value, "'", Day,
                                "', '", Words, "', ", integer_to_list(Count), ")"])
     end || {Day, Node, Cell, Count} <- Rows],
    ok.

sql(Server, Host, Query) ->
    {updated, _} = server:call(Server, ejabberd_sql, sql_query, [Host, iolist_to_binary(Query)]),
    ok.
