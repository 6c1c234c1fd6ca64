%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The chart of WebAdmin: what is drawn, and what a real browser makes of it.
-module(chart_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([the_markup_is_that_of_the_golden_file/1,
         bars_stay_inside_whatever_was_counted/1,
         days_without_messages_are_told_in_a_sentence/1]).
-export([a_browser_draws_thirty_days/1,
         a_browser_follows_the_link_to_ninety_days/1,
         only_who_may_run_the_report_sees_the_chart/1,
         without_counts_the_rest_of_the_page_is_shown/1]).

-include("fxml.hrl").
-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(HOST, "drawn.test").

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [the_markup_is_that_of_the_golden_file,
     bars_stay_inside_whatever_was_counted,
     days_without_messages_are_told_in_a_sentence,
     a_browser_draws_thirty_days,
     a_browser_follows_the_link_to_ninety_days,
     only_who_may_run_the_report_sees_the_chart,
     without_counts_the_rest_of_the_page_is_shown].

init_per_suite(Config) ->
    {ok, _} = application:ensure_all_started(inets),
    Port = server:free_port(),
    Http = #{module => ejabberd_http, ip => <<"127.0.0.1">>, port => Port,
             request_handlers => #{<<"/admin">> => ejabberd_web_admin}},
    Permissions = #{<<"admin">> => #{who => [#{user => <<"admin@" ?HOST>>}], what => <<"*">>},
                    <<"boss">> => #{who => [#{user => <<"boss@" ?HOST>>}],
                                    what => [<<"[tag:e2e_policy]">>, <<"!e2e_policy_report">>]}},
    Server = server:started(#{<<?HOST>> => #{}},
                            #{listen => [Http], api_permissions => Permissions,
                              acl => #{admin => #{user => [<<"admin@" ?HOST>>, <<"boss@" ?HOST>>]}},
                              access_rules => #{configure => #{allow => admin}}}),
    [client:make_account(Server, iolist_to_binary([Name, "@" ?HOST "/desk"]))
     || Name <- ["admin", "boss"]],
    [ok = server:call(Server, mnesia, dirty_write,
                      [{e2e_policy_daily, {<<?HOST>>, Day, 'other@node'}, Cells}])
     || {Day, [_ | _] = Cells} <- days(90, today())],
    [{server, Server},
     {page, "http://127.0.0.1:" ++ integer_to_list(Port) ++ "/admin/server/" ?HOST "/e2e-policy/"}
     | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Figures
%%%-------------------------------------------------------------------

%% Days of which each tenth is without messages, and each has another number.
days(Number, Last) ->
    [{day(Last - Ago), cells(Ago)} || Ago <- lists:seq(0, Number - 1)].

cells(Ago) when Ago rem 10 =:= 9 -> [];
cells(Ago) ->
    [{{sent, direct, nothing, allowed}, 10_000},
     {{sent, direct, omemo, allowed}, 1_500 - 10 * Ago},
     {{sent, group, omemo, allowed}, 100},
     {{sent, direct, pgp, allowed}, 40 + Ago},
     {{sent, direct, otr, refused}, 7},
     {{sent, direct, plaintext, refused}, 200 + 5 * Ago}].

day(Days) ->
    {Year, Month, Day} = calendar:gregorian_days_to_date(Days),
    iolist_to_binary(io_lib:format("~4..0b-~2..0b-~2..0b", [Year, Month, Day])).

today() ->
    calendar:date_to_gregorian_days(element(1, calendar:universal_time())).

%%%-------------------------------------------------------------------
%%% The drawing
%%%-------------------------------------------------------------------

%% `UPDATE_GOLDEN=1 script/test erlang chart' writes the file.
the_markup_is_that_of_the_golden_file(_) ->
    Days = days(3, calendar:date_to_gregorian_days(2026, 11, 25)),
    Markup = iolist_to_binary([[re:replace(fxml:element_to_binary(Element), "><", ">\n<", [global]),
                                "\n"] || Element <- mod_e2e_policy_chart:elements(Days)]),
    File = server:root() ++ "/test/golden/chart.html",
    _ = os:getenv("UPDATE_GOLDEN") =/= false andalso file:write_file(File, Markup),
    ?assertEqual(file:read_file(File), {ok, Markup}).

%% Each number is one of the drawing, and no part of a bar is higher than its share.
bars_stay_inside_whatever_was_counted(_) ->
    [begin
         Cell = fun(Content, Decision, Count) -> {{sent, direct, Content, Decision}, Count} end,
         Days = [{day(today() - Ago),
                  [Cell(Content, Decision, Count)
                   || {Content, Decision, Count} <- [{omemo, allowed, A}, {otr, refused, B},
                                                     {plaintext, warned, C}], Count > 0]}
                 || {Ago, {A, B, C}} <- lists:zip(lists:seq(0, 2), Counts)],
         [Svg | _] = mod_e2e_policy_chart:elements(Days),
         Boxes = [{number(<<"y">>, Rect), number(<<"height">>, Rect)} || Rect <- rects(Svg)],
         ?assert(length(Boxes) > 0),
         [?assert(Y >= 0 andalso Height >= 0 andalso Y + Height =< 300, {Counts, Y, Height})
          || {Y, Height} <- Boxes]
     end || Counts <- [[{1, 0, 0}, {0, 0, 0}, {0, 0, 0}],
                       [{1, 1_000_000_000_000, 7}, {3, 2, 1}, {0, 0, 1_000_000_000_000}],
                       [{999_999, 1, 0}, {10, 0, 0}, {0, 0, 0}],
                       [{9, 1, 1}, {10, 10, 0}, {0, 21, 0}]]].

rects(#xmlel{name = <<"rect">>} = Rect) -> [Rect];
rects(#xmlel{children = Children}) -> lists:append([rects(Child) || Child <- Children]);
rects(_) -> [].

number(Name, Element) ->
    binary_to_float(fxml:get_tag_attr_s(Name, Element)).

days_without_messages_are_told_in_a_sentence(_) ->
    Days = [{day(today() - Ago), [{{sent, direct, nothing, allowed}, 5}]} || Ago <- lists:seq(0, 29)],
    ?assertEqual([<<"<p>No messages that could be encrypted were sent in 30 days.</p>">>],
                 [fxml:element_to_binary(Element)
                  || Element <- mod_e2e_policy_chart:elements(Days)]).

%%%-------------------------------------------------------------------
%%% A browser
%%%-------------------------------------------------------------------

%% Five parts on each of 27 days, and their colours in the legend.
a_browser_draws_thirty_days(Config) ->
    Found = measured(Config, "", "admin"),
    Parts = 4,
    ?assertEqual(#{"status" => "200", "namespace" => "http://www.w3.org/2000/svg",
                   "rects" => integer_to_list(Parts * 27 + Parts), "flat" => "0", "outside" => "0",
                   "titles" => "30", "link" => "90-days/", "first" => "chart",
                   "title" => title(30)},
                 maps:remove("rows", Found)).

a_browser_follows_the_link_to_ninety_days(Config) ->
    #{"link" := Link} = measured(Config, "", "admin"),
    Found = measured(Config, Link, "admin"),
    ?assertMatch(#{"titles" := "90", "flat" := "0", "outside" := "0", "link" := "../"}, Found),
    ?assertEqual(title(90), maps:get("title", Found)).

title(Days) ->
    binary_to_list(iolist_to_binary(["Messages by day from ", day(today() - Days + 1), " to ",
                                     day(today()), ", by what they carry"])).

%% ejabberd 23.01 has no permissions for WebAdmin.
only_who_may_run_the_report_sees_the_chart(Config) ->
    Titles = maps:get("titles", measured(Config, "", "boss")),
    Asks = server:call(?config(server, Config), erlang, function_exported,
                       [ejabberd_web_admin, make_command, 4]),
    ?assertEqual(case Asks of true -> "0"; false -> "30" end, Titles).

without_counts_the_rest_of_the_page_is_shown(Config) ->
    Server = ?config(server, Config),
    {atomic, ok} = server:call(Server, mnesia, change_table_access_mode,
                               [e2e_policy_daily, read_only]),
    Counters = server:call(Server, mod_e2e_policy_registry, counters, [<<?HOST>>]),
    ok = server:call(Server, mod_e2e_policy_counters, add, [Counters, direct, omemo, allowed]),
    {0, Html} = server:output(open_port({spawn_executable, os:find_executable("curl")},
                                        [{args, ["--silent", "--user", "admin@" ?HOST ":secret",
                                                 ?config(page, Config)]}, exit_status, hide])),
    [?assertNotEqual({Text, nomatch}, {Text, string:find(Html, Text)})
     || Text <- ["the counts cannot be read or written now", "accepted schemes: omemo, pgp"]],
    {atomic, ok} = server:call(Server, mnesia, change_table_access_mode,
                               [e2e_policy_daily, read_write]).

%% What the page in test/browser finds, by its names.
measured(Config, Query, Admin) ->
    Target = uri_string:quote(?config(page, Config) ++ Query ++ " " ++ Admin ++ "@" ?HOST ":secret"),
    Url = "file://" ++ server:root() ++ "/test/browser/measure.html#" ++ Target,
    Profile = server:temporary_folder(),
    Dom = os:cmd("timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-web-security "
                 "--allow-file-access-from-files --user-data-dir=" ++ Profile
                 ++ " --timeout=20000 --virtual-time-budget=15000 --dump-dom '" ++ Url
                 ++ "' 2>/dev/null"),
    ok = file:del_dir_r(Profile),
    {match, [Result]} = re:run(Dom, "<pre id=\"result\">(.*)</pre>", [{capture, all_but_first, list}]),
    maps:from_list([list_to_tuple(string:split(Pair, "=")) || Pair <- string:split(Result, "; ", all)]).
