%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The metrics: who may read them, what the page has, and that a real Prometheus takes it, with the
%% alert rules and the queries of the dashboard that the documents offer.
-module(metrics_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([the_page_has_what_was_counted/1,
         users_are_counted_once_an_hour/1,
         all_kinds_of_connections_are_there_from_the_start/1,
         promtool_finds_nothing_wrong_with_the_page/1,
         each_host_decides_who_may_read/1,
         other_requests_are_refused/1,
         a_failure_is_logged_without_the_request/1]).
-export([a_real_prometheus_has_the_figures/1,
         each_query_of_the_dashboard_has_an_answer/1,
         the_alert_rules_are_valid_and_fire_when_they_should/1]).

-include("ejabberd_http.hrl").
-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(HOST, "counted.test").

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [the_page_has_what_was_counted,
     users_are_counted_once_an_hour,
     all_kinds_of_connections_are_there_from_the_start,
     promtool_finds_nothing_wrong_with_the_page,
     each_host_decides_who_may_read,
     other_requests_are_refused,
     a_real_prometheus_has_the_figures,
     each_query_of_the_dashboard_has_an_answer,
     the_alert_rules_are_valid_and_fire_when_they_should,
     a_failure_is_logged_without_the_request].

init_per_suite(Config) ->
    {ok, _} = application:ensure_all_started(inets),
    Port = server:free_port(),
    Http = #{module => ejabberd_http, ip => <<"127.0.0.1">>, port => Port,
             request_handlers => #{<<"/e2e/metrics">> => mod_e2e_policy_metrics}},
    Server = server:started(policies(), settings(Http)),
    messages(Server),
    [{server, Server}, {http, Port}, {prometheus, start_prometheus(Port)} | Config].

end_per_suite(Config) ->
    stop_prometheus(?config(prometheus, Config)),
    server:stop(?config(server, Config)).

policies() ->
    #{<<?HOST>> => #{direct => required, warn_mechanism => error},
      <<"hidden.test">> => #{metrics_access => none},
      <<"named.test">> => #{metrics_access => nearby}}.

settings(Http) ->
    #{listen => [Http], access_rules => #{nearby => [#{allow => #{ip => <<"127.0.0.1">>}}]}}.

%% Three messages that are refused, and one with nothing to protect.
messages(Server) ->
    {Alice, Bob} = exchange:alice_and_bob(Server, <<?HOST>>),
    [exchange:is_refused(exchange:message(Alice, Bob, message("<body>hi</body>")))
     || _ <- lists:seq(1, 3)],
    exchange:is_delivered(exchange:message(
                            Alice, Bob,
                            message("<active xmlns='http://jabber.org/protocol/chatstates'/>"))).

message(Children) ->
    ["<message type='chat' to='bob@" ?HOST "'>", Children, "</message>"].

%%%-------------------------------------------------------------------
%%% The page
%%%-------------------------------------------------------------------

the_page_has_what_was_counted(Config) ->
    {200, Headers, Page} = get(Config, ""),
    ?assertEqual("text/plain; version=0.0.4; charset=utf-8",
                 proplists:get_value("content-type", Headers)),
    Lines = string:split(Page, "\n", all),
    Series = fun(Direction, Chat, Content, Decision, Number) ->
                     lists:flatten(io_lib:format("e2e_policy_messages_total{host=\"" ?HOST "\","
                                                 "direction=\"~ts\",chat=\"~ts\","
                                                 "content=\"~ts\",decision=\"~ts\"} ~b",
                                                 [Direction, Chat, Content, Decision, Number]))
             end,
    ?assertEqual(lists:sort([Series("sent", "direct", "plaintext", "refused", 3),
                             Series("sent", "direct", "nothing", "allowed", 1)
                             | [Series(Direction, Chat, "plaintext", "failed", 0)
                                || Direction <- ["sent", "incoming", "room"],
                                   Chat <- ["direct", "group"]]]),
                 lists:sort([Line || Line <- Lines,
                                     string:find(Line, "total{host=\"" ?HOST "\"") =/= nomatch])),
    Version = string:trim(os:cmd(server:root() ++ "/script/print-version")),
    ?assert(lists:member("e2e_policy_info{version=\"" ++ Version ++ "\"} 1", Lines)).

%% The first request waits until the users are counted.
users_are_counted_once_an_hour(Config) ->
    Server = ?config(server, Config),
    Accounts = server:call(Server, ejabberd_auth, get_users, [<<?HOST>>]),
    Count = integer_to_list(length(Accounts)),
    Users = fun() ->
                    {200, _, Page} = get(Config, ""),
                    [State || State <- ["ready", "no_keys", "no_bundle", "closed", "writes_plain"],
                              string:find(Page, "e2e_policy_users{host=\"" ?HOST "\",state=\""
                                          ++ State ++ "\"} " ++ Count ++ "\n") =/= nomatch]
            end,
    Forget = fun() ->
                     ok = server:call(Server, mod_e2e_policy_readiness_cache, stop, [<<?HOST>>])
             end,
    Forget(),
    ?assertEqual(["no_keys"], Users()),
    [begin
         Client = client:connect(Server, <<Name/binary, "@" ?HOST "/phone">>),
         client:publish(Client, "urn:xmpp:omemo:2:devices",
                        "<item id='current'><devices xmlns='urn:xmpp:omemo:2'><device id='1'/>"
                        "</devices></item>", open),
         client:publish(Client, "urn:xmpp:omemo:2:bundles",
                        "<item id='1'><bundle xmlns='urn:xmpp:omemo:2'/></item>", open)
     end || {Name, _Host} <- Accounts],
    ?assertEqual(["no_keys"], Users()),
    Forget(),
    ?assertEqual(["ready"], Users()).

%% `peers_SUITE' has connections.
all_kinds_of_connections_are_there_from_the_start(Config) ->
    {200, _, Page} = get(Config, ""),
    ?assertEqual(lists:sort(["e2e_policy_peers{host=\"" ?HOST "\",direction=\"" ++ Direction
                             ++ "\",protection=\"" ++ Protection ++ "\"} 0"
                             || Direction <- ["in", "out", "both"],
                                Protection <- ["verified", "unverified", "plain"]]),
                 lists:sort([Line || "e2e_policy_peers{host=\"" ?HOST "\"" ++ _ = Line
                                         <- string:lexemes(Page, "\n")])).

promtool_finds_nothing_wrong_with_the_page(Config) ->
    Url = url(Config, ""),
    ?assertEqual("", os:cmd("curl --silent --fail " ++ Url ++ " | promtool check metrics 2>&1")).

each_host_decides_who_may_read(Config) ->
    Hosts = fun() ->
                    {_, _, Page} = get(Config, ""),
                    {match, Matches} = re:run(Page, "host=\"([^\"]*)\"",
                                              [global, {capture, all_but_first, list}]),
                    lists:usort(lists:append(Matches))
            end,
    ?assertEqual([?HOST, "named.test"], Hosts()),
    Server = ?config(server, Config),
    Closed = maps:map(fun(_, Options) -> Options#{metrics_access => none} end, policies()),
    {0, _} = server:reload(Server, Closed),
    ?assertMatch({403, _, _}, get(Config, "")),
    {0, _} = server:reload(Server, Closed#{<<"hidden.test">> => #{metrics_access => all}}),
    ?assertEqual(["hidden.test"], Hosts()),
    Elsewhere = [#{allow => #{ip => <<"192.0.2.0/24">>}}],
    {0, _} = server:reload(Server, Closed#{<<"hidden.test">> => #{metrics_access => Elsewhere}}),
    ?assertMatch({403, _, _}, get(Config, "")),
    {0, _} = server:reload(Server, policies()),
    %% By IPv4, by IPv6, and as a listener for both has an IPv4 address.
    [?assertEqual({IP, Status},
                  {IP, element(1, server:call(Server, mod_e2e_policy_metrics, process,
                                              [[], request(IP)]))})
     || {IP, Status} <- [{{127, 0, 0, 1}, 200}, {{127, 1, 2, 3}, 200},
                         {{0, 0, 0, 0, 0, 0, 0, 1}, 200},
                         {{0, 0, 0, 0, 0, 16#FFFF, 16#7F00, 1}, 200}, {{192, 0, 2, 1}, 403},
                         {{0, 0, 0, 0, 0, 16#FFFF, 16#C000, 16#0201}, 403},
                         {{16#2001, 16#DB8, 0, 0, 0, 0, 0, 1}, 403}]].

request(IP) ->
    #request{method = 'GET', ip = {IP, 50_000}}.

other_requests_are_refused(Config) ->
    ?assertMatch({404, _, _}, get(Config, "/more")),
    Curl = "curl --silent --output /dev/null --write-out ",
    ?assertEqual("405 GET, HEAD", os:cmd(Curl ++ "'%{http_code} %header{allow}' --request POST "
                                         "--data x " ++ url(Config, ""))),
    ?assertEqual("200", os:cmd(Curl ++ "'%{http_code}' --head " ++ url(Config, ""))).

a_failure_is_logged_without_the_request(Config) ->
    Server = ?config(server, Config),
    Entries = server:call(Server, persistent_term, get, [mod_e2e_policy_registry]),
    Broken = Entries#{<<?HOST>> := {thesecret, thesecret, #{metrics_access => all}}},
    ok = server:call(Server, persistent_term, put, [mod_e2e_policy_registry, Broken]),
    ?assertMatch({500, _, _}, get(Config, "")),
    ok = server:call(Server, persistent_term, put, [mod_e2e_policy_registry, Entries]),
    Log = server:log(Server),
    ?assertMatch({match, _}, re:run(Log, "The metrics of mod_e2e_policy failed \\(error:")),
    ?assertEqual(nomatch, re:run(Log, "thesecret")).

url(Config, Path) ->
    Port = integer_to_list(?config(http, Config)),
    "http://127.0.0.1:" ++ Port ++ "/e2e/metrics" ++ Path.

get(Config, Path) ->
    {ok, {{_, Status, _}, Headers, Body}} = httpc:request(get, {url(Config, Path), []}, [], []),
    {Status, Headers, Body}.

%%%-------------------------------------------------------------------
%%% Prometheus
%%%-------------------------------------------------------------------

a_real_prometheus_has_the_figures(Config) ->
    server:until(fun() -> answers(Config, "up == 1") =/= [] end),
    Refused = "e2e_policy_messages_total{host='" ?HOST "',decision='refused'}",
    server:until(fun() -> answers(Config, Refused) =:= ["3"] end),
    ?assertEqual(["4"], answers(Config, "sum(e2e_policy_messages_total)")),
    ?assertEqual(["1"], answers(Config, "e2e_policy_info")).

%% With Grafana's variables as it would put them in.
each_query_of_the_dashboard_has_an_answer(Config) ->
    {ok, Json} = file:read_file(server:root() ++ "/docs/monitoring/dashboard.json"),
    {match, Found} = re:run(Json, "\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"",
                            [global, {capture, all_but_first, list}]),
    ?assert(length(Found) >= 9),
    [begin
         Query = lists:foldl(fun({Variable, Value}, Text) ->
                                     lists:flatten(string:replace(Text, Variable, Value, all))
                             end, Expr, [{"\\\"", "\""}, {"$host", ".*"}, {"$__range", "1h"},
                                         {"$__rate_interval", "1m"}]),
         ?assertEqual({Query, nomatch}, {Query, string:find(Query, "$")}),
         ?assertMatch({Query, {ok, _}}, {Query, query(Config, Query)}),
         %% A query with a wrong name or label is valid, and has no answer. There is none either
         %% about what has not happened, which are other values of the same labels.
         Happened = lists:foldl(fun({Value, Other}, Text) ->
                                        lists:flatten(string:replace(Text, Value, Other, all))
                                end, Query, [{"\"would_refuse\"", "\"refused\""},
                                             {",decision=\"allowed\"", ",decision=\"refused\""},
                                             {"!~\"plaintext|nothing\"", "=\"plaintext\""}]),
         server:until(fun() -> answers(Config, Happened) =/= [] end)
     end || [Expr] <- Found].

the_alert_rules_are_valid_and_fire_when_they_should(Config) ->
    [begin
         Output = os:cmd("cd " ++ server:root() ++ " && " ++ Command ++ " 2>&1 && echo passed"),
         ?assertMatch({Command, _, {match, _}}, {Command, Output, re:run(Output, "passed\n$")})
     end || Command <- ["promtool check rules docs/monitoring/alerts.yml",
                        "promtool test rules test/alerts.yml"]],
    {ok, Rules} = http(Config, "/api/v1/rules"),
    [?assertNotEqual(nomatch, string:find(Rules, Alert))
     || Alert <- ["E2EPolicyFailed", "E2EPolicyPlaintextRising", "E2EPolicyMetricsMissing"]].

%% Debian's, on loopback, with a folder of its own.
start_prometheus(Target) ->
    Dir = server:temporary_folder(),
    Port = server:free_port(),
    Yaml = ["global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            "rule_files: [", server:root(), "/docs/monitoring/alerts.yml]\n"
            "scrape_configs:\n"
            "  - job_name: ejabberd\n"
            "    metrics_path: /e2e/metrics\n"
            "    static_configs: [{targets: ['127.0.0.1:", integer_to_list(Target), "']}]\n"],
    ok = file:write_file(Dir ++ "/prometheus.yml", Yaml),
    Address = "127.0.0.1:" ++ integer_to_list(Port),
    %% It would end with what it writes to a port whose process has ended.
    Process = open_port({spawn_executable, "/bin/sh"},
                        [{args, ["-c", "exec prometheus \"$@\" >\"$0\" 2>&1", Dir ++ "/log",
                                 "--config.file=" ++ Dir ++ "/prometheus.yml",
                                 "--storage.tsdb.path=" ++ Dir ++ "/data",
                                 "--web.listen-address=" ++ Address]}, hide]),
    {os_pid, Pid} = erlang:port_info(Process, os_pid),
    server:until(fun() -> os:cmd("curl --silent http://" ++ Address ++ "/-/ready") =/= "" end),
    #{dir => Dir, address => Address, pid => Pid}.

stop_prometheus(#{dir := Dir, pid := Pid}) ->
    Text = integer_to_list(Pid),
    "" = os:cmd("kill " ++ Text),
    server:until(fun() -> os:cmd("kill -0 " ++ Text ++ " 2>&1") =/= "" end),
    ok = file:del_dir_r(Dir).

%% The values that a query has.
answers(Config, Query) ->
    case query(Config, Query) of
        {ok, Json} ->
            case re:run(Json, "\"value\":\\[[0-9.]+,\"([^\"]*)\"\\]",
                        [global, {capture, all_but_first, list}]) of
                {match, Values} -> lists:append(Values);
                nomatch -> []
            end;
        Error ->
            Error
    end.

query(Config, Query) ->
    http(Config, "/api/v1/query?" ++ uri_string:compose_query([{"query", Query}])).

http(Config, Path) ->
    #{address := Address} = ?config(prometheus, Config),
    case httpc:request("http://" ++ Address ++ Path) of
        {ok, {{_, 200, _}, _, Json}} -> {ok, Json};
        {ok, {{_, Status, _}, _, Json}} -> {error, Status, Json}
    end.
