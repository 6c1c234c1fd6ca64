%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The commands, as an admin gives them: by ejabberdctl, by the HTTP API and in WebAdmin.
-module(commands_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([ejabberdctl_steers_a_grace_period/1,
         the_http_api_does_the_same/1,
         the_list_begins_with_the_earliest_end/1,
         names_and_periods_may_have_capital_letters/1,
         no_end_is_later_than_the_year_9999/1,
         a_move_needs_another_storage/1]).
-export([status_describes_the_policy_in_plain_words/1,
         an_explanation_gives_the_decision_and_the_reason/1,
         an_explanation_names_an_exemption/1,
         an_audit_has_lines_of_four_columns/1,
         an_explanation_reads_the_clock_and_changes_nothing/1]).
-export([ejabberdctl_fails_with_the_reason/1,
         the_http_api_fails_with_the_reason/1,
         a_stanza_of_any_depth_is_answered/1,
         the_http_api_refuses_other_arguments/1,
         an_unavailable_store_is_an_error_of_the_server/1,
         a_reason_is_printable_whatever_the_arguments_are/1,
         a_crashing_command_logs_no_arguments/1]).
-export([webadmin_shows_the_policy_and_steers_grace_periods/1,
         webadmin_shows_who_is_ready/1,
         webadmin_shows_other_servers_and_the_audit/1,
         webadmin_speaks_the_language_of_the_admin/1,
         webadmin_shows_what_a_user_is_told/1,
         webadmin_explains_a_decision/1,
         webadmin_documents_every_option/1,
         webadmin_accepts_only_its_own_forms/1,
         webadmin_answers_every_form/1,
         a_crashing_webadmin_page_logs_no_request/1,
         webadmin_does_what_api_permissions_let_an_admin_do/1]).
-export([every_command_is_described/1,
         commands_exist_as_long_as_a_host_has_the_module/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(HOST, "required.test").
-define(PLAIN, "<message type='chat'><body>hi</body></message>").

suite() ->
    [{timetrap, {minutes, 1}}].

all() ->
    [ejabberdctl_steers_a_grace_period,
     the_http_api_does_the_same,
     the_list_begins_with_the_earliest_end,
     names_and_periods_may_have_capital_letters,
     no_end_is_later_than_the_year_9999,
     a_move_needs_another_storage,
     status_describes_the_policy_in_plain_words,
     an_explanation_gives_the_decision_and_the_reason,
     an_explanation_names_an_exemption,
     an_explanation_reads_the_clock_and_changes_nothing,
     an_audit_has_lines_of_four_columns,
     ejabberdctl_fails_with_the_reason,
     the_http_api_fails_with_the_reason,
     a_stanza_of_any_depth_is_answered,
     the_http_api_refuses_other_arguments,
     an_unavailable_store_is_an_error_of_the_server,
     a_reason_is_printable_whatever_the_arguments_are,
     a_crashing_command_logs_no_arguments,
     webadmin_shows_the_policy_and_steers_grace_periods,
     webadmin_shows_who_is_ready,
     webadmin_shows_other_servers_and_the_audit,
     webadmin_speaks_the_language_of_the_admin,
     webadmin_shows_what_a_user_is_told,
     webadmin_explains_a_decision,
     webadmin_documents_every_option,
     webadmin_accepts_only_its_own_forms,
     webadmin_answers_every_form,
     a_crashing_webadmin_page_logs_no_request,
     webadmin_does_what_api_permissions_let_an_admin_do,
     every_command_is_described,
     commands_exist_as_long_as_a_host_has_the_module].

commands() ->
    [e2e_policy_grace_status, e2e_policy_grace_list, e2e_policy_grace_start,
     e2e_policy_grace_extend, e2e_policy_grace_end, e2e_policy_grace_reset, e2e_policy_grace_move,
     e2e_policy_status, e2e_policy_explain, e2e_policy_audit, e2e_policy_s2s_list,
     e2e_policy_s2s_check].

init_per_suite(Config) ->
    {ok, _} = application:ensure_all_started(inets),
    Port = server:free_port(),
    Api = #{module => ejabberd_http, ip => <<"127.0.0.1">>, port => Port,
            request_handlers => #{<<"/api">> => mod_http_api, <<"/admin">> => ejabberd_web_admin}},
    Permissions = #{<<"console">> => #{from => [ejabberd_ctl], who => all, what => <<"*">>},
                    <<"api">> => #{from => [mod_http_api], who => [#{ip => <<"127.0.0.1">>}],
                                   what => [<<"[tag:e2e_policy]">>]},
                    <<"admin">> => #{who => [#{user => <<"admin@" ?HOST>>}], what => <<"*">>},
                    <<"boss">> => #{who => [#{user => <<"boss@" ?HOST>>}],
                                    what => [<<"[tag:e2e_policy]">>, <<"!e2e_policy_grace_end">>,
                                             <<"!e2e_policy_explain">>, <<"!e2e_policy_status">>,
                                             <<"!e2e_policy_s2s_list">>, <<"!e2e_policy_audit">>]}},
    Server = server:started(policies(),
                            #{listen => [Api], api_permissions => Permissions,
                              acl => #{admin => #{user => [<<"admin@" ?HOST>>, <<"boss@" ?HOST>>]},
                                       viewer => #{user => <<"viewer@" ?HOST>>}},
                              access_rules => #{configure => #{allow => admin},
                                                webadmin_view => #{allow => viewer}}}),
    [client:make_account(Server, iolist_to_binary([Name, "@" ?HOST "/desk"]))
     || Name <- ["admin", "boss", "viewer", "carol", "gina"]],
    [{server, Server}, {page, "http://127.0.0.1:" ++ integer_to_list(Port)
                            ++ "/admin/server/" ?HOST "/e2e-policy/"},
     {api, "http://127.0.0.1:" ++ integer_to_list(Port) ++ "/api/"} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

policies() ->
    #{<<?HOST>> => #{direct => required, grace_period => <<"14 days">>, outer_body => replace,
                     whitelist => [<<"carol@" ?HOST>>], message_graceperiod => <<"in time">>,
                     message_plain_required_direct => <<"encrypt!">>},
      <<"other.test">> => #{},
      <<"without.test">> => without}.

%%%-------------------------------------------------------------------
%%% Grace periods
%%%-------------------------------------------------------------------

ejabberdctl_steers_a_grace_period(Config) ->
    User = user(Config, "alice"),
    ctl_says("none\t\t\t\t\n", Config, e2e_policy_grace_status, [User, ?HOST]),
    Running = "running\tadmin\t" ++ rfc3339() ++ "\t" ++ rfc3339() ++ "\t",
    ctl_says(Running ++ "(14 days|13 days and 23 hours)\n",
             Config, e2e_policy_grace_start, [User, ?HOST, "14 days"]),
    ctl_says(Running ++ "(14 days and 12 hours|14 days and 11 hours)\n",
             Config, e2e_policy_grace_extend, [User, ?HOST, "12 h"]),
    ctl_says("over\tadmin\t" ++ rfc3339() ++ "\t" ++ rfc3339() ++ "\t\n",
             Config, e2e_policy_grace_end, [User, ?HOST]),
    ctl_says("none\t\t\t\t\n", Config, e2e_policy_grace_reset, [User, ?HOST]).

the_http_api_does_the_same(Config) ->
    Given = #{user => user(Config, "bob"), host => ?HOST},
    http_says(["\"state\":\"none\"", "\"end\":\"\""], Config, e2e_policy_grace_status, Given),
    http_says(["\"state\":\"running\"", "\"started_by\":\"admin\"", "\"start\":\"2", "\"end\":\"2",
               "\"remaining\":\"1"],
              Config, e2e_policy_grace_start, Given#{period => "14 days"}),
    http_says(["\"remaining\":\"14 days and 1"],
              Config, e2e_policy_grace_extend, Given#{period => "12 h"}),
    http_says(["\"state\":\"over\"", "\"remaining\":\"\""], Config, e2e_policy_grace_end, Given),
    http_says(["\"state\":\"none\""], Config, e2e_policy_grace_reset, Given).

the_list_begins_with_the_earliest_end(Config) ->
    [begin
         User = user(Config, Name),
         http_says(["running"], Config, e2e_policy_grace_start,
                   #{user => User, host => "other.test", period => Period})
     end || {Name, Period} <- [{"a", "3 hours"}, {"b", "1 hour"}, {"c", "2 hours"}]],
    User = user(Config, "d"),
    http_says(["over"], Config, e2e_policy_grace_end, #{user => User, host => "other.test"}),
    {0, Output} = ctl(Config, e2e_policy_grace_list, ["other.test"]),
    ?assertMatch([["d", "over" | _], ["b", "running" | _], ["c", "running" | _],
                  ["a", "running" | _]],
                 [string:split(Line, "\t", all) || Line <- string:lexemes(Output, "\n")]),
    {200, Json} = http(Config, e2e_policy_grace_list, #{host => "other.test"}),
    {match, Users} = re:run(Json, "\"user\":\"(.)\"", [global, {capture, [1], list}]),
    %% ejabberd's API has an order of its own for lists since 25.03.
    ?assertEqual([["a"], ["b"], ["c"], ["d"]], lists:sort(Users)).

names_and_periods_may_have_capital_letters(Config) ->
    user(Config, "erin"),
    http_says(["running"], Config, e2e_policy_grace_start,
              #{user => "ERIN", host => "Required.TEST", period => "1 HOUR"}),
    http_says(["running"], Config, e2e_policy_grace_status, #{user => "erin", host => ?HOST}).

%% RFC 3339 knows no year after 9999.
no_end_is_later_than_the_year_9999(Config) ->
    Given = #{user => user(Config, "frank"), host => ?HOST, period => "36600 days"},
    http_says(["running"], Config, e2e_policy_grace_start, Given),
    [http_says(["running"], Config, e2e_policy_grace_extend, Given) || _ <- lists:seq(1, 85)],
    http_says(["\"end\":\"9999-12-31T23:59:59Z\""], Config, e2e_policy_grace_status,
              maps:remove(period, Given)).

%% This server has no SQL.
a_move_needs_another_storage(Config) ->
    [begin
         {Status, Output} = ctl(Config, e2e_policy_grace_move, [Host, From]),
         ?assertEqual({Output, 1, []}, {Output, Status, missing([Problem], Output)})
     end || {Host, From, Problem} <-
                [{?HOST, "mnesia", "found `mnesia`, which is in use"},
                 {?HOST, "sql", "found `sql`, but " ?HOST " has no SQL database"},
                 {?HOST, "redis", "found `redis`, expected `mnesia` or `sql`"},
                 {"without.test", "sql", "expected a virtual host with mod_e2e_policy"}]].

%%%-------------------------------------------------------------------
%%% Policies
%%%-------------------------------------------------------------------

status_describes_the_policy_in_plain_words(Config) ->
    {0, Output} = ctl(Config, e2e_policy_status, [?HOST]),
    ?assertEqual(["accepted schemes: omemo, pgp",
                  "direct chats: required, a message without acceptable E2EE is refused",
                  "group chats: optional, the sender of a message without acceptable E2EE is "
                  "warned",
                  "grace period: 14 days from a user's first violation on",
                  "bodies beside ciphertext: replaced by a neutral sentence",
                  "ignored senders and recipients: carol@" ?HOST,
                  "warned by: message",
                  "grace periods kept in: mnesia"],
                 string:lexemes(Output, "\n")),
    http_says(["\"direct chats: optional"], Config, e2e_policy_status, #{host => "other.test"}).

an_explanation_gives_the_decision_and_the_reason(Config) ->
    ctl_says("warn\tplain\tplaintext\t\tencrypt! in time\t<body/> in `jabber:client` .*\n",
             Config, e2e_policy_explain, [?HOST, "gina@" ?HOST, "bob@elsewhere.test", ?PLAIN]),
    http_says(["\"decision\":\"allow\"", "\"content\":\"nothing\""], Config, e2e_policy_explain,
              explain(#{stanza => "<message/>"})),
    http_says(["\"decision\":\"allow\"", "\"content\":\"encrypted\"", "\"scheme\":\"omemo\""],
              Config, e2e_policy_explain,
              explain(#{stanza => corpus:xml(<<"slixmpp-omemo-2-2-0-003">>)})),
    http_says(["\"decision\":\"warn\"", "\"reason\":\"unacceptable\"", "\"scheme\":\"otr\""],
              Config, e2e_policy_explain,
              explain(#{stanza => corpus:xml(<<"python3-potr-1-0-2-002">>)})).

an_explanation_names_an_exemption(Config) ->
    [http_says(["\"decision\":\"allow\"", "\"content\":\"plaintext\"", "exempt: "],
               Config, e2e_policy_explain, explain(Addresses))
     || Addresses <- [#{to => "carol@" ?HOST}, #{from => "carol@" ?HOST}, #{to => "gina@" ?HOST},
                      #{to => "elsewhere.test"}]].

an_explanation_reads_the_clock_and_changes_nothing(Config) ->
    User = user(Config, "hugo"),
    Given = #{user => User, host => ?HOST},
    Explain = explain(#{from => User ++ "@" ?HOST ++ "/phone"}),
    http_says(["\"decision\":\"warn\""], Config, e2e_policy_explain, Explain),
    http_says(["\"state\":\"none\""], Config, e2e_policy_grace_status, Given),
    http_says(["\"state\":\"over\""], Config, e2e_policy_grace_end, Given),
    http_says(["\"decision\":\"reject\"", "\"text\":\"encrypt!\""],
              Config, e2e_policy_explain, Explain),
    %% The addresses in the stanza are ignored.
    http_says(["\"decision\":\"reject\""], Config, e2e_policy_explain,
              Explain#{stanza => "<message from='carol@" ?HOST "' to='carol@" ?HOST "'>"
                                 "<body>hi</body></message>"}).

%% `audit_SUITE' is about what is found.
an_audit_has_lines_of_four_columns(Config) ->
    {0, Output} = ctl(Config, e2e_policy_audit, [?HOST]),
    Rows = [list_to_tuple(string:split(Line, "\t", all)) || Line <- string:lexemes(Output, "\n")],
    ?assertMatch([{"starttls", "ok", "s2s_access is none" ++ _, ""} | _], Rows),
    ?assertEqual([{"exempt", "note", "messages sent to or from these are ignored: carol@" ?HOST,
                   "see that `whitelist` has no more than it must"}],
                 [Row || {"exempt", _, _, _} = Row <- Rows]),
    ?assertEqual([], [Row || {_, Result, _, _} = Row <- Rows,
                             not lists:member(Result, ["ok", "note", "fail"])]),
    http_says(["\"check\":\"starttls\"", "\"result\":\"ok\"",
               "\"found\":\"s2s_access is none", "\"advice\":\"\""],
              Config, e2e_policy_audit, #{host => ?HOST}),
    [?assertMatch({1, "Error: not_exists: found `" ++ _}, ctl(Config, e2e_policy_audit, [Host]))
     || Host <- ["nowhere.test", "without.test"]].

explain(Given) ->
    maps:merge(#{host => ?HOST, from => "gina@" ?HOST, to => "bob@elsewhere.test",
                 stanza => ?PLAIN}, Given).

%%%-------------------------------------------------------------------
%%% Errors
%%%-------------------------------------------------------------------

ejabberdctl_fails_with_the_reason(Config) ->
    User = user(Config, "ida"),
    [begin
         {Status, Output} = ctl(Config, Name, Arguments),
         ?assertMatch({_, 1, match, nomatch},
                      {Output, Status, re:run(Output, "^Error: [a-z_]+: " ++ Reason ++ "\n$",
                                              [{capture, none}]),
                       re:run(Output, "crash|badarg|undef|function_clause", [{capture, none}])})
     end || {Name, Arguments, Reason} <-
                [{e2e_policy_grace_status, [User, "nowhere.test"],
                  "found `nowhere.test`, expected a virtual host with mod_e2e_policy"},
                 {e2e_policy_grace_status, ["nobody", ?HOST],
                  "found `nobody`, expected a user of " ?HOST},
                 {e2e_policy_grace_start, [User, ?HOST, "soon"],
                  "found `soon`, expected a duration such as `14 days` .*"},
                 {e2e_policy_grace_extend, [User, ?HOST, "1 day"],
                  "the user has no grace period that could be extended"},
                 {e2e_policy_explain, [?HOST, "bob@elsewhere.test", User ++ "@" ?HOST, ?PLAIN],
                  "found `bob@elsewhere.test`, expected a user of " ?HOST},
                 {e2e_policy_explain, [?HOST, User ++ "@" ?HOST, "bob@elsewhere.test", "<iq/>"],
                  "found `<iq/>` in `jabber:client`, expected `<message/>` .*"}]].

the_http_api_fails_with_the_reason(Config) ->
    User = user(Config, "jack"),
    Given = #{user => User, host => ?HOST},
    [begin
         {Status, Json} = http(Config, Name, Arguments),
         ?assertMatch({_, 404, []}, {Json, Status, missing([Reason], Json)})
     end || {Name, Arguments, Reason} <-
                [{Name, Given#{host => Host}, "expected a virtual host with mod_e2e_policy"}
                 || Name <- [e2e_policy_grace_status, e2e_policy_grace_end, e2e_policy_grace_reset],
                    Host <- ["nowhere.test", "without.test", "", "not a host", "@"]]
                ++ [{Name, #{host => "nowhere.test"}, "expected a virtual host with mod_e2e_policy"}
                    || Name <- [e2e_policy_status, e2e_policy_grace_list, e2e_policy_s2s_list]]
                ++ [{e2e_policy_s2s_check, maps:merge(#{host => ?HOST, domain => "b.test"}, Wrong),
                     Problem}
                    || {Wrong, Problem} <-
                           [{#{host => "nowhere.test"}, "expected a virtual host"},
                            {#{domain => "bob@b.test"}, "found `bob@b.test`, expected a domain"},
                            {#{domain => ""}, "found ``, expected a domain"},
                            {#{domain => ?HOST}, "expected the domain of another server"},
                            {#{}, "no connection to b.test: Access denied by service policy"}]]
                ++ [{Name, Given#{user => Unknown}, "expected a user of " ?HOST}
                    || Name <- [e2e_policy_grace_status, e2e_policy_grace_end,
                                e2e_policy_grace_reset],
                       Unknown <- ["nobody", "", "a@b", "a b", User ++ "@" ?HOST]]
                ++ [{Name, Given#{period => Period}, "expected a duration such as"}
                    || Name <- [e2e_policy_grace_start, e2e_policy_grace_extend],
                       Period <- ["", " ", "soon", "-1", "-1 day", "1.5 days", "1 fortnight",
                                  "days", "1 day 2 hours", "1e3"]]
                ++ [{Name, Given#{period => Period}, "of at most 36600 days"}
                    || Name <- [e2e_policy_grace_start, e2e_policy_grace_extend],
                       Period <- ["36601 days", "99999999999999999999"]]
                ++ [{e2e_policy_grace_extend, Given#{period => "1 day"}, "has no grace period"}]
                ++ [{e2e_policy_explain, explain(Wrong), Reason}
                    || {Wrong, Reason} <-
                           [{#{host => "nowhere.test"}, "expected a virtual host"},
                            {#{from => "@"}, "expected a JID"},
                            {#{from => ""}, "expected a JID"},
                            {#{from => "nobody@" ?HOST}, "expected a user of " ?HOST},
                            {#{from => ?HOST}, "expected a user of " ?HOST},
                            {#{from => "gina@other.test"},
                             "found `gina@other.test`, expected a user of " ?HOST},
                            {#{from => "gina@elsewhere.test/phone"}, "expected a user of " ?HOST},
                            {#{to => "bob@"}, "expected a JID"},
                            {#{to => ""}, "expected a JID"},
                            {#{stanza => ""}, "not well-formed XML"},
                            {#{stanza => "hi"}, "not well-formed XML"},
                            {#{stanza => "<message>"}, "not well-formed XML"},
                            {#{stanza => "<message/><message/>"}, "not well-formed XML"},
                            {#{stanza => "<presence/>"}, "expected `<message/>`"},
                            {#{stanza => "<message xmlns='urn:example'/>"},
                             "expected `<message/>`"}]]],
    %% None of them started a clock.
    http_says(["\"state\":\"none\""], Config, e2e_policy_grace_status, Given).

%% To free a tree of so many levels would crash the server. The argument of a program may have
%% 128 KB, so that only the HTTP API and WebAdmin get the deepest one.
a_stanza_of_any_depth_is_answered(Config) ->
    Reason = "found more than 256 levels of nested elements, expected at most 256",
    Nested = fun(Levels) ->
                     Tags = [lists:duplicate(Levels, Tag) || Tag <- ["<a>", "</a>"]],
                     lists:flatten(["<message>", Tags, "</message>"])
             end,
    Before = server:call(?config(server, Config), erlang, system_info, [start_time]),
    [begin
         {1, Output} = ctl(Config, e2e_policy_explain,
                           [?HOST, "gina@" ?HOST, "bob@elsewhere.test", Nested(Levels)]),
         ?assertEqual([], missing([Reason], Output))
     end || Levels <- [256, 2_500, 15_000]],
    {Status, Json} = http(Config, e2e_policy_explain, explain(#{stanza => Nested(100_000)})),
    ?assertMatch({true, []}, {Status >= 400, missing([Reason], Json)}),
    page_says([Reason], page(Config, post, ["from=gina%40" ?HOST "&to=bob%40elsewhere.test"
                                            "&explain=Explain&stanza=", Nested(100_000)])),
    ?assertEqual(Before, server:call(?config(server, Config), erlang, system_info, [start_time])).

%% ejabberd refuses them before it calls a command.
the_http_api_refuses_other_arguments(Config) ->
    [?assertMatch({_, {400, _}}, {Body, posted(Config, e2e_policy_grace_status, Body)})
     || Body <- ["{}", "{\"host\": \"" ?HOST "\"}", "{\"user\": 7, \"host\": \"" ?HOST "\"}",
                 "{\"user\": {\"a\": 1}, \"host\": \"" ?HOST "\"}", "{", "",
                 "{\"user\": \"x\", \"host\": \"" ?HOST "\", \"period\": \"1 day\"}"]].

an_unavailable_store_is_an_error_of_the_server(Config) ->
    Given = #{user => user(Config, "lily"), host => ?HOST, period => "1 day"},
    Access = fun(Mode) ->
                     {atomic, ok} = server:call(?config(server, Config), mnesia,
                                                change_table_access_mode, [e2e_policy_grace, Mode])
             end,
    Access(read_only),
    {Status, Json} = http(Config, e2e_policy_grace_start, Given),
    Access(read_write),
    ?assertMatch({500, []},
                 {Status, missing(["the grace periods cannot be read or written now"], Json)}),
    http_says(["running"], Config, e2e_policy_grace_start, Given).

%% Octets that are no UTF-8, control characters and thousands of letters.
a_reason_is_printable_whatever_the_arguments_are(Config) ->
    User = user(Config, "kate"),
    Given = #{user => User, host => ?HOST, period => "1 day"},
    [begin
         {Status, Json} = asked(Config, Name, Arguments#{Argument => Wrong}),
         %% XMPP's domains may have control characters.
         _ = {Argument, Status} =:= {to, 200}
             orelse ?assertMatch({_, _, 404, match},
                                 {Name, Argument, Status,
                                  re:run(Json, "found .*expected |not well-formed XML",
                                         [{capture, none}])}),
         ?assert(length(Json) < 2000),
         ?assertMatch(Text when is_list(Text), unicode:characters_to_list(list_to_binary(Json))),
         ?assertEqual(nomatch, re:run(Json, "[\\x00-\\x1f]"))
     end || {Name, Arguments} <- [{e2e_policy_grace_start, Given},
                                  {e2e_policy_explain, explain(#{})}],
            Argument <- maps:keys(Arguments),
            Wrong <- wrong_texts()],
    {1, Output} = ctl(Config, e2e_policy_grace_start, [User, ?HOST, "1 day\e\n"]),
    ?assertEqual("Error: not_exists: found `1 day??`, expected a duration such as `14 days` or "
                 "`12 hours`\n",
                 Output).

wrong_texts() ->
    [<<255>>, <<"a", 16#ed, 16#a0, 16#80, "b">>, <<"a", 0, "b">>, <<"\e[2J">>, <<"a\r\nb">>,
     <<16#c3>>, <<"\x{85}\x{feff}"/utf8>>, binary:copy(<<"x">>, 30_000),
     binary:copy(<<"\x{1F600}"/utf8>>, 5_000)].

%% By GET, where all octets can be given.
asked(Config, Name, Arguments) ->
    Url = [?config(api, Config), atom_to_list(Name), "?", form(maps:to_list(Arguments))],
    status_and_body(httpc:request(get, {lists:flatten(Url), []}, [], [])).

form(Fields) ->
    lists:join("&", [[atom_to_list(Name), "=", encoded(Value)] || {Name, Value} <- Fields]).

encoded(Value) ->
    [io_lib:format("%~2.16.0b", [Octet]) || <<Octet>> <= iolist_to_binary(Value)].

%% When a command raises an exception, ejabberd logs the arguments with it.
a_crashing_command_logs_no_arguments(Config) ->
    broken(Config, {"-spec utf8(binary()) -> binary().\nutf8(Text) ->",
                    "utf8(Text) when Text /= <<>> -> error({broken, Text});\nutf8(Text) ->"},
           fun() ->
                   Given = [?HOST, "gina@" ?HOST, "bob@elsewhere.test", "<thesecret/>"],
                   ?assertEqual({1, "Error: internal_error: the command failed, the log says "
                                    "where\n"},
                                ctl(Config, e2e_policy_explain, Given))
           end).

%% Calls a function while the module of the commands is broken in one place: the log names the
%% place, and has nothing of what was given.
broken(Config, Change, Do) ->
    #{dir := Dir} = Server = ?config(server, Config),
    Folder = Dir ++ "/mod_e2e_policy",
    Before = server:log_lines(Server),
    Load = fun(Changes) ->
                   release:put_module(mod_e2e_policy_commands, Changes, Folder),
                   server:call(Server, code, soft_purge, [mod_e2e_policy_commands]),
                   {module, _} = server:call(Server, code, load_file, [mod_e2e_policy_commands])
           end,
    Load([Change]),
    Do(),
    Load([]),
    Log = lists:join($\n, server:log_lines(Server) -- Before),
    ?assertMatch({match, _}, re:run(Log, "failed \\(error:broken in mod_e2e_policy_commands:")),
    ?assertEqual(nomatch, re:run(Log, "secret")).

%%%-------------------------------------------------------------------
%%% WebAdmin
%%%-------------------------------------------------------------------

webadmin_shows_the_policy_and_steers_grace_periods(Config) ->
    client:make_account(?config(server, Config), <<"wendy@" ?HOST "/desk">>),
    page_says(["direct chats: required", "Grace periods"], page(Config, get, "")),
    page_says(["Submitted", "<td>wendy</td><td>running</td><td>admin</td>", "1 day"],
              page(Config, post, "user=wendy&period=25+hours&start=Start")),
    page_says(["2 days and 1 hour"], page(Config, post, "user=wendy&period=1+day&extend=Extend")),
    page_says(["<td>wendy</td><td>over</td>"], page(Config, post, "user=wendy&period=&end=End")),
    page_says(["found `nobody`, expected a user"],
              page(Config, post, "user=nobody&period=&end=End")),
    page_says(["found `soon`, expected a duration"],
              page(Config, post, "user=wendy&period=soon&start=Start")),
    Reset = page(Config, post, "user=wendy&period=&reset=Reset"),
    ?assertEqual(nomatch, string:find(Reset, "<td>wendy</td>")).

%% A user who has published nothing, and one who has been told about it.
webadmin_shows_who_is_ready(Config) ->
    client:make_account(?config(server, Config), <<"wanda@" ?HOST "/desk">>),
    page_says(["users are ready", "<td>no_keys</td>", "Show the users who are not ready"],
              page(Config, get, "")),
    page_says(["<td>wanda</td><td>no_keys</td>"], page(Config, get, "?unready=all")).

%% `browser_SUITE' has connections. The links are in the order of the sections.
webadmin_shows_other_servers_and_the_audit(Config) ->
    Page = page(Config, get, ""),
    {match, Links} = re:run(Page, "href='\\?(\\w+)=all'", [global, {capture, [1], list}]),
    ?assertEqual([["unready"], ["servers"], ["audit"]], Links),
    page_says(["Connections of this node with other servers", "There are none now."],
              page(Config, get, "?servers=all")),
    page_says(["<td>Check</td><td>Result</td><td>Found</td><td>Advice</td>",
               "<td>exempt</td><td>note</td>"
               "<td>messages sent to or from these are ignored: carol@" ?HOST "</td>"
               "<td>see that `whitelist` has no more than it must</td>"],
              page(Config, get, "?audit=all")).

webadmin_speaks_the_language_of_the_admin(Config) ->
    German = page(Config, get, "", [{"accept-language", "de-AT,de;q=0.9,en;q=0.5"}]),
    page_says(["Nachrichten nach Tagen", "Verbleibend", "value='Jetzt beenden'",
               "direct chats: required"], German).

%% On a page of its own, or, on ejabberd before 24.06, on the one that a user has.
webadmin_shows_what_a_user_is_told(Config) ->
    client:make_account(?config(server, Config), <<"wanda@" ?HOST "/desk">>),
    page_says(["What this user is told", "Your published keys for OMEMO",
               "you have published no keys"],
              case page(Config, "admin", get, "../user/wanda/e2e-policy/", "") of
                  {200, Html} -> Html;
                  {404, _} -> page(Config, get, "../user/wanda/")
              end).

webadmin_explains_a_decision(Config) ->
    Form = ["from=gina%40" ?HOST "&to=bob%40elsewhere.test&explain=Explain&stanza=",
            uri_string:quote(?PLAIN)],
    page_says(["<td>Decision</td><td>warn</td>", "<td>encrypt! in time</td>",
               "&lt;body/&gt; in `jabber:client`"], page(Config, post, Form)),
    page_says(["not well-formed XML"], page(Config, post, [Form, "%3C"])).

webadmin_documents_every_option(Config) ->
    page_says(["href='options/'"], page(Config, get, "")),
    Options = server:call(?config(server, Config), mod_e2e_policy, mod_options, [<<?HOST>>]),
    {200, Html} = page(Config, "admin", get, "options/", ""),
    page_says(["The default value is <code>[omemo, pgp]</code>", "<pre>modules:\n"
               | ["<h3>" ++ atom_to_list(Option) ++ "</h3>" || {Option, _} <- Options]], Html).

%% Not a link, not a form on another page, not the form of an admin who may only look. Such an admin
%% sees no page at all since ejabberd 24.06.
webadmin_accepts_only_its_own_forms(Config) ->
    client:make_account(?config(server, Config), <<"xenia@" ?HOST "/desk">>),
    Form = "user=xenia&period=1+day&start=Start",
    [?assertMatch({_, [], {Status, _}}, {Try, started("xenia", Config), Try})
     || {Status, Try} <-
            [{200, page(Config, "admin", get, ["?token=", token(Config, "admin"), "&", Form], "")},
             {200, page(Config, "admin", post, "", Form)},
             {200, page(Config, "admin", post, "", ["token=", token(Config, "boss"), "&", Form])},
             {401, page(Config, "viewer", post, "",
                        ["token=", token(Config, "admin"), "&", Form])}]],
    page(Config, post, Form),
    ?assertEqual(["xenia"], started("xenia", Config)).

started(User, Config) ->
    [User || string:find(page(Config, get, ""), "<td>" ++ User ++ "</td>") =/= nomatch].

page(Config, get, Query) ->
    {200, Html} = page(Config, "admin", get, Query, ""),
    Html;
page(Config, post, Form) ->
    {200, Html} = page(Config, "admin", post, "", ["token=", token(Config, "admin"), "&", Form]),
    Html.

page(Config, get, Query, Headers) ->
    {200, Html} = page(Config, "admin", get, Query, "", Headers),
    Html.

page(Config, Admin, Method, Rest, Form) ->
    page(Config, Admin, Method, Rest, Form, []).

page(Config, Admin, Method, Rest, Form, Headers) ->
    Auth = {"authorization", "Basic " ++ base64:encode_to_string(Admin ++ "@" ?HOST ":secret")},
    %% A browser resolves what leads out of the folder.
    Url = case Rest of
              "../" ++ Below -> string:replace(?config(page, Config), "e2e-policy/", Below);
              _ -> [?config(page, Config), Rest]
          end,
    Request = case Method of
                  get -> {lists:flatten(Url), [Auth | Headers]};
                  post -> {lists:flatten(Url), [Auth], "application/x-www-form-urlencoded",
                           lists:flatten(Form)}
              end,
    {ok, {{_, Status, _}, _, Html}} = httpc:request(Method, Request, [], []),
    {Status, Html}.

%% The token in the forms of an admin.
token(Config, Admin) ->
    {200, Html} = page(Config, Admin, get, "", ""),
    {match, [Token]} = re:run(Html, "name='token' value='([^']+)'", [{capture, [1], list}]),
    uri_string:quote(Token).

%% With any octets, missing or repeated fields, very long values, and paths that do not exist.
webadmin_answers_every_form(Config) ->
    Token = token(Config, "admin"),
    Server = ?config(server, Config),
    Fields = [user, period, from, to, stanza],
    Wrong = wrong_texts() ++ [binary:copy(<<" ">>, 30_000), binary:copy(<<"&">>, 100)],
    [begin
         {Status, Html} = page(Config, "admin", post, "",
                               ["token=", Token, "&", Form, "&", Button, "=x"]),
         ?assertMatch({_, _, 200, match, nomatch},
                      {Button, string:slice(lists:flatten(Form), 0, 100), Status,
                       re:run(Html, "expected |not well-formed XML|send it again",
                              [{capture, none}]),
                       re:run(Html, "This page failed", [{capture, none}])})
     end || Button <- ["start", "extend", "end", "reset", "explain"],
            Form <- [form([{Field, Value} || Field <- Fields]) || Value <- Wrong]
                ++ [form([{Field, <<"x">>} || Field <- Fields ++ Fields ++ Fields]),
                    form([]), "%zz", "===", "&&&=&", "user"]],
    [?assertMatch({_, 200}, {Form, element(1, page(Config, "admin", post, "", Form))})
     || Form <- ["token=%ff", ["token=", Token],
                 ["token=", Token, "&token=x&start=1&start=2&reset=1"], "%",
                 ["token=", Token, "&%ff=1&start=%ff"]]],
    %% ejabberd itself answers at these paths, some with an error.
    [page(Config, "admin", get, Path, "")
     || Path <- ["%ff/", "options/%ff/", "options/options/", "%00/", "?%ff"]],
    ?assertEqual(nomatch, re:run(server:log(Server), "(crash|mod_e2e_policy_webadmin).*",
                                 [{capture, all, binary}])).

%% When a page raises an exception, ejabberd logs the request with the admin's password.
a_crashing_webadmin_page_logs_no_request(Config) ->
    Form = ["user=thesecret&period=1+day&stanza=thesecret&start=Start&token=",
            token(Config, "admin")],
    broken(Config, {"status(Host) ->",
                    "status(Host) when Host /= <<>> -> error({broken, Host});\nstatus(Host) ->"},
           fun() ->
                   [?assertMatch({200, [_ | _]}, {Status, string:find(Html, "This page failed")})
                    || {Status, Html} <- [page(Config, "admin", get, "", ""),
                                          page(Config, "admin", post, "", Form)]]
           end).

%% Older versions of ejabberd do not apply the permissions to WebAdmin.
webadmin_does_what_api_permissions_let_an_admin_do(Config) ->
    Applies = server:call(?config(server, Config), erlang, function_exported,
                          [ejabberd_web_admin, make_command, 4]),
    {200, Page} = page(Config, "boss", get, "", ""),
    page_says(["name='start'", "name='reset'"], Page),
    [?assertMatch({_, Applies}, {Part, string:find(Page, Part) =:= nomatch})
     || Part <- ["name='end'", "name='explain'", "direct chats: required", "?servers=all",
                 "?audit=all"]],
    [begin
         {200, Html} = page(Config, "boss", get, Query, ""),
         ?assertEqual({Query, Applies},
                      {Query, string:find(Html, "api_permissions do not let you run " ++ Command)
                           =/= nomatch})
     end || {Query, Command} <- [{"?servers=all", "e2e_policy_s2s_list"},
                                 {"?audit=all", "e2e_policy_audit"}]],
    client:make_account(?config(server, Config), <<"yuri@" ?HOST "/desk">>),
    Post = fun(Form) ->
                   {200, Html} = page(Config, "boss", post, "",
                                      ["token=", token(Config, "boss"), "&", Form]),
                   Html
           end,
    Problem = "api_permissions do not let you run e2e_policy_grace_end",
    ?assertEqual(Applies, string:find(Post("user=yuri&end=End"), Problem) =/= nomatch),
    ?assertEqual(not Applies, started("yuri", Config) =:= ["yuri"]),
    page_says(["<td>yuri</td><td>running</td>"], Post("user=yuri&period=1+day&start=Start")),
    ?assertEqual(nomatch, string:find(Post("user=yuri&reset=Reset"), "<td>yuri</td>")).

page_says(Fragments, Html) ->
    ?assertEqual([], missing(Fragments, Html)).

%%%-------------------------------------------------------------------
%%% Descriptions
%%%-------------------------------------------------------------------

every_command_is_described(Config) ->
    {0, Help} = server:ctl(?config(server, Config), ["help", "e2e_policy"]),
    [?assertMatch({_, match}, {Name, re:run(Help, ["^  ", atom_to_list(Name), "[^\n]*\n +[A-Z]"],
                                            [multiline, {capture, none}])}) || Name <- commands()],
    {0, Start} = server:ctl(?config(server, Config), ["help", "e2e_policy_grace_start"]),
    ?assertEqual([], missing(["period::binary", "remaining::string", "Escalate a user",
                              "Module: mod_e2e_policy",
                              "stays until it is reset"], Start)).

%% Commands belong to the node, not to a host.
commands_exist_as_long_as_a_host_has_the_module(Config) ->
    Server = ?config(server, Config),
    {0, _} = server:reload(Server, (policies())#{<<"other.test">> => without}),
    {0, _} = ctl(Config, e2e_policy_status, [?HOST]),
    {0, _} = server:reload(Server, maps:map(fun(_, _) -> without end, policies())),
    {1, _} = ctl(Config, e2e_policy_status, [?HOST]),
    {0, _} = server:reload(Server, policies()),
    {0, _} = ctl(Config, e2e_policy_status, [?HOST]).

%%%-------------------------------------------------------------------
%%% Commands and requests
%%%-------------------------------------------------------------------

user(Config, Name) ->
    [client:make_account(?config(server, Config), iolist_to_binary([Name, "@", Host, "/phone"]))
     || Host <- [?HOST, "other.test"]],
    Name.

ctl(Config, Name, Arguments) ->
    server:ctl(?config(server, Config), [atom_to_list(Name) | Arguments]).

ctl_says(Pattern, Config, Name, Arguments) ->
    {Status, Output} = ctl(Config, Name, Arguments),
    ?assertMatch({_, 0, match},
                 {Output, Status, re:run(Output, ["^", Pattern, "$"], [{capture, none}])}).

rfc3339() ->
    "20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z".

http_says(Fragments, Config, Name, Arguments) ->
    {Status, Json} = http(Config, Name, Arguments),
    ?assertEqual({Json, 200, []}, {Json, Status, missing(Fragments, Json)}).

%% The status and the body, without the backslashes of JSON.
http(Config, Name, Arguments) ->
    Pairs = [[json(atom_to_list(Key)), ":", json(Value)]
             || {Key, Value} <- maps:to_list(Arguments)],
    posted(Config, Name, ["{", lists:join(",", Pairs), "}"]).

posted(Config, Name, Body) ->
    Request = {?config(api, Config) ++ atom_to_list(Name), [], "application/json",
               iolist_to_binary(Body)},
    status_and_body(httpc:request(post, Request, [], [])).

status_and_body({ok, {{_, Status, _}, _, Body}}) ->
    {Status, lists:flatten(string:replace(Body, "\\", "", all))}.

json(Text) ->
    [$", re:replace(Text, "[\"\\\\]", "\\\\&", [global]), $"].

missing(Fragments, Text) ->
    [Fragment || Fragment <- Fragments, string:find(Text, Fragment) =:= nomatch].
