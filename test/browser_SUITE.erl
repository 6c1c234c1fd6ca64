%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The chart, and the lists behind links, on the page in WebAdmin, as Chromium shows them.
-module(browser_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([the_browser_draws_each_part_of_each_bar/1,
         a_link_leads_to_90_days_and_another_back/1,
         any_other_number_of_days_counts_as_30/1,
         the_table_has_a_line_for_each_day/1,
         messages_of_today_are_shown_at_once/1,
         a_host_without_messages_has_a_sentence/1,
         without_the_database_the_rest_of_the_page_works/1,
         the_page_loads_nothing_of_others/1,
         only_who_may_run_the_report_sees_the_figures/1]).
-export([what_the_audit_finds_is_behind_a_link/1,
         connections_with_other_servers_are_behind_a_link/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(HOST, "required.test").

suite() ->
    [{timetrap, {minutes, 1}}].

all() ->
    [the_browser_draws_each_part_of_each_bar,
     a_link_leads_to_90_days_and_another_back,
     any_other_number_of_days_counts_as_30,
     the_table_has_a_line_for_each_day,
     messages_of_today_are_shown_at_once,
     a_host_without_messages_has_a_sentence,
     without_the_database_the_rest_of_the_page_works,
     the_page_loads_nothing_of_others,
     only_who_may_run_the_report_sees_the_figures,
     what_the_audit_finds_is_behind_a_link,
     connections_with_other_servers_are_behind_a_link].

init_per_suite(Config) ->
    Port = server:free_port(),
    Server = server:started(
               #{<<?HOST>> => #{}, <<"quiet.test">> => #{}, <<"silent.test">> => #{}},
               with_webadmin(Port)),
    [client:make_account(Server, iolist_to_binary([Name, "@" ?HOST "/desk"]))
     || Name <- ["admin", "boss"]],
    [{server, Server}, {http, integer_to_list(Port)} | Config].

with_webadmin(Port) ->
    WebAdmin = #{module => ejabberd_http, ip => <<"127.0.0.1">>, port => Port,
                 request_handlers => #{<<"/admin">> => ejabberd_web_admin}},
    Console = #{from => [ejabberd_ctl], who => all, what => <<"*">>},
    Permissions = #{<<"console">> => Console,
                    <<"admin">> => #{who => [#{user => <<"admin@" ?HOST>>}], what => <<"*">>},
                    <<"boss">> => #{who => [#{user => <<"boss@" ?HOST>>}],
                                    what => [<<"*">>, <<"!e2e_policy_report">>]}},
    #{listen => [WebAdmin], api_permissions => Permissions,
      acl => #{admin => #{user => [<<"admin@" ?HOST>>, <<"boss@" ?HOST>>]}},
      access_rules => #{configure => #{allow => admin}}}.

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

init_per_testcase(_Case, Config) ->
    figures:put(?config(server, Config), <<?HOST>>, figures:quarter()),
    [{browser, browser:start()} | Config].

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

%% The browser puts a shape with a size on the page only if it has read an element of SVG.
the_browser_draws_each_part_of_each_bar(Config) ->
    open(Config, "admin", ?HOST, ""),
    ?assertEqual(<<"http://www.w3.org/2000/svg">>,
                 value("document.querySelector('svg').namespaceURI", Config)),
    Drawn = [Cells || {Ago, [_ | _] = Cells} <- maps:to_list(figures:quarter()), Ago < 30],
    %% A part of each scheme but otr, which is not accepted; and one that is pointed at.
    Parts = [omemo, pgp, pgp_legacy, other, unacceptable, plaintext, pointed_at],
    Samples = 7,
    ?assertEqual(length(Drawn) * length(Parts) + Samples, value(
        "[...document.querySelectorAll('svg rect')].map(rect => rect.getBoundingClientRect())"
        ".filter(box => box.width > 0 && box.height > 0).length", Config)),
    ?assertEqual([], outside(Config)),
    [Whole | Bars] = value(
        "[...document.querySelectorAll('svg title')]"
        ".filter(title => title instanceof SVGTitleElement).map(title => title.textContent)",
        Config),
    ?assertMatch({match, _}, re:run(Whole, "^Messages by day, from [0-9-]{10} to [0-9-]{10}$")),
    ?assertEqual(length(Drawn), length(Bars)),
    [?assertMatch({match, _},
                  re:run(Bar, "^[0-9-]{10}: [0-9]+ in all, [0-9]+ omemo, .*[0-9]+ plaintext$"))
     || Bar <- Bars].

%% The shapes that are not wholly inside the drawing.
outside(Config) ->
    value("{ const all = document.querySelector('svg').getBoundingClientRect();"
          "  [...document.querySelectorAll('svg rect, svg text, svg line')].filter(shape => {"
          "    const box = shape.getBoundingClientRect();"
          "    return box.left < all.left || box.right > all.right || box.top < all.top"
          "      || box.bottom > all.bottom }).map(shape => shape.outerHTML) }", Config).

a_link_leads_to_90_days_and_another_back(Config) ->
    open(Config, "admin", ?HOST, ""),
    Month = value("document.querySelectorAll('svg g > title').length", Config),
    browser:follow(?config(browser, Config), "a[href='?days=90']"),
    Quarter = value("document.querySelectorAll('svg g > title').length", Config),
    ?assertEqual({28, 88}, {Month, Quarter}),
    browser:follow(?config(browser, Config), "a[href='?days=30']"),
    ?assertEqual(Month, value("document.querySelectorAll('svg g > title').length", Config)).

any_other_number_of_days_counts_as_30(Config) ->
    [begin
         open(Config, "admin", ?HOST, Query),
         ?assertEqual({Query, 30}, {Query, lines(Config)})
     end || Query <- ["?days=31", "?days=", "?days=-90", "?days=90x", "?days=%ff", "?day=90",
                      "?days"]].

the_table_has_a_line_for_each_day(Config) ->
    [begin
         open(Config, "admin", ?HOST, Query),
         ?assertEqual({Query, Days}, {Query, lines(Config)}),
         ?assertEqual(Days * 10,
                      value("[...document.querySelectorAll('details td')]"
                            ".filter(cell => /^[0-9]+$/.test(cell.textContent)).length", Config)),
         ?assertEqual(<<"day messages encrypted unacceptable plaintext exempt warned refused "
                        "would_warn would_refuse failed">>,
                      value("[...document.querySelectorAll('details thead th')]"
                            ".map(cell => cell.textContent).join(' ')", Config))
     end || {Query, Days} <- [{"", 30}, {"?days=90", 90}]].

lines(Config) ->
    value("document.querySelectorAll('details tbody tr').length", Config).

messages_of_today_are_shown_at_once(Config) ->
    figures:put(?config(server, Config), <<"quiet.test">>, #{}),
    figures:count(?config(server, Config), <<"quiet.test">>,
                  [{{sent, direct, plaintext, warned}, 2}, {{sent, group, omemo, allowed}, 1}]),
    open(Config, "admin", "quiet.test", ""),
    ?assertMatch({match, _},
                 re:run(value("document.querySelector('svg g > title').textContent", Config),
                        ": 3 in all, 1 omemo, 2 plaintext$")),
    open(Config, "admin", "quiet.test", "?days=90"),
    ?assertEqual([], outside(Config)).

a_host_without_messages_has_a_sentence(Config) ->
    open(Config, "admin", "silent.test", ""),
    ?assertEqual(0, value("document.querySelectorAll('svg').length", Config)),
    says(true, "No message was counted in the last 30 days.", Config).

without_the_database_the_rest_of_the_page_works(Config) ->
    figures:lose(?config(server, Config), <<?HOST>>),
    open(Config, "admin", ?HOST, ""),
    ?assertEqual(0, value("document.querySelectorAll('svg').length", Config)),
    [says(true, Sentence, Config) || Sentence <- ["the counts cannot be read or written now",
                                                  "direct chats: optional"]].

the_page_loads_nothing_of_others(Config) ->
    open(Config, "admin", ?HOST, ""),
    ?assertEqual([], value("performance.getEntriesByType('resource').map(entry => entry.name)"
                           ".filter(name => new URL(name).host != location.host)", Config)).

%% Older versions of ejabberd do not apply the permissions to WebAdmin.
only_who_may_run_the_report_sees_the_figures(Config) ->
    Applies = server:call(?config(server, Config), erlang, function_exported,
                          [ejabberd_web_admin, make_command, 4]),
    open(Config, "boss", ?HOST, ""),
    ?assertEqual(not Applies, value("document.querySelector('svg') != null", Config)),
    says(Applies, "api_permissions do not let you run e2e_policy_report", Config),
    says(true, "direct chats: optional", Config).

%% As many lines as the command has, in the width of the window.
what_the_audit_finds_is_behind_a_link(Config) ->
    open(Config, "admin", ?HOST, ""),
    says(false, "s2s_access is none", Config),
    browser:follow(?config(browser, Config), "a[href='?audit=all']"),
    {0, Output} = server:ctl(?config(server, Config), ["e2e_policy_audit", ?HOST]),
    ?assertEqual([list_to_binary(Line) || Line <- string:lexemes(Output, "\n")],
                 below("What was found in the configuration", Config)),
    ?assertEqual(true, value("document.documentElement.scrollWidth <= window.innerWidth", Config)).

connections_with_other_servers_are_behind_a_link(Config) ->
    case rig:is_possible() of
        true -> are_behind_a_link(Config);
        false -> {skip, "this machine gives no process file systems of its own"}
    end.

are_behind_a_link(Config) ->
    Port = server:free_port(),
    #{ours := Ours} = Rig = rig:started(#{<<?HOST>> => #{}}, with_webadmin(Port)),
    OfRig = [{http, integer_to_list(Port)} | proplists:delete(http, Config)],
    Admin = client:connect_available(Ours, <<"admin@" ?HOST "/desk">>),
    [rig:ping(Admin, rig:domain(Peer)) || Peer <- [{ejabberd, trusted}, {ejabberd, self_signed}]],
    open(OfRig, "admin", ?HOST, ""),
    browser:follow(?config(browser, Config), "a[href='?servers=all']"),
    Shown = lists:sort(below("Connections of this node with other servers", OfRig)),
    {0, Output} = server:ctl(Ours, ["e2e_policy_s2s_list", ?HOST]),
    rig:stop(Rig),
    ?assertEqual(lists:sort([list_to_binary(Line) || Line <- string:lexemes(Output, "\n")]),
                 Shown),
    ?assertMatch({[_ | _], [_ | _]},
                 {[Row || Row <- Shown, binary:match(Row, <<"\tverified\t">>) =/= nomatch],
                  [Row || Row <- Shown, binary:match(Row, <<"\tunverified\t">>) =/= nomatch]}).

%%%-------------------------------------------------------------------
%%% Pages
%%%-------------------------------------------------------------------

%% The lines of the table below a title, with tabs between the cells.
below(Title, Config) ->
    value(["{ const titles = [...document.querySelectorAll('h3')];"
           "  let next = titles.find(title => title.textContent == '", Title, "');"
           "  while (next.tagName != 'TABLE') next = next.nextElementSibling;"
           "  [...next.querySelectorAll('tbody tr')].map(row => [...row.cells]"
           "    .map(cell => cell.textContent).join('\\t')) }"], Config).

open(Config, Admin, Host, Query) ->
    browser:open(?config(browser, Config),
                 ["http://", Admin, "%40" ?HOST ":secret@127.0.0.1:", ?config(http, Config),
                  "/admin/server/", Host, "/e2e-policy/", Query]).

value(Expression, Config) ->
    browser:evaluate(?config(browser, Config), Expression).

says(Expected, Sentence, Config) ->
    Text = value("document.body.textContent", Config),
    ?assertEqual({Sentence, Expected}, {Sentence, string:find(Text, Sentence) =/= nomatch}).
