%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The counters in the text format of Prometheus, for `request_handlers' of `ejabberd_http'.
%%%
%%% The page has what this node has counted since its hosts started, so that each node of a cluster
%%% is asked for its own; how many users are ready, which is the same on all nodes; and the node's
%%% connections with other servers. It shows the hosts whose option `metrics_access' allows the
%%% address.
-module(mod_e2e_policy_metrics).

%% ejabberd_http callback
-export([process/2]).

-include("logger.hrl").
-include("ejabberd_http.hrl").

-define(TYPE, {<<"Content-Type">>, <<"text/plain; version=0.0.4; charset=utf-8">>}).

%% How long the first request waits for the users to be counted, in milliseconds. Prometheus gives
%% up after ten seconds, if it is not told otherwise.
-define(PATIENCE, 2_000).

-type counted() :: {Host :: binary(), mod_e2e_policy_counters:counters()}.
-type answer() :: {Status :: pos_integer(), Headers :: [{binary(), binary()}], Body :: iodata()}.

%% @doc Answers a request.
%%
%% A crash is caught, because ejabberd would log the whole request.
-spec process([binary()], #request{}) -> answer().
process(Path, #request{method = Method, ip = {IP, _Port}}) ->
    try answer(Path, Method, readable(IP))
    catch
        Class:Reason:Stack ->
            ?ERROR_MSG("The metrics of mod_e2e_policy failed (~ts)",
                       [mod_e2e_policy_failure:describe(Class, Reason, Stack)]),
            text(500, <<"The metrics failed, the log says where.\n">>)
    end.

-spec answer([binary()], method(), [counted()]) -> answer().
answer([_ | _], _Method, _Hosts) ->
    text(404, <<"There is nothing below this address.\n">>);
answer([], _Method, []) ->
    text(403, <<"No host's option metrics_access lets this address read the metrics.\n">>);
answer([], 'GET', Hosts) ->
    {200, [?TYPE], page(Hosts)};
answer([], 'HEAD', _Hosts) ->
    {200, [?TYPE], <<>>};
answer([], _Method, _Hosts) ->
    {405, [{<<"Allow">>, <<"GET, HEAD">>}], <<>>}.

-spec text(pos_integer(), binary()) -> answer().
text(Status, Text) ->
    {Status, [{<<"Content-Type">>, <<"text/plain; charset=utf-8">>}], Text}.

%% The hosts whose metrics an address may read, with their counters: a host may stop meanwhile.
-spec readable(inet:ip_address()) -> [counted()].
readable(IP) ->
    [{Host, Counters}
     || Host <- lists:sort(mod_e2e_policy_registry:hosts()),
        {_, Counters, #{metrics_access := Access}} <- [mod_e2e_policy_registry:entry(Host)],
        acl:match_rule(Host, Access, IP) == allow].

%%%===================================================================
%%% The page
%%%===================================================================
-spec page([counted()]) -> iodata().
page(Hosts) ->
    [family("e2e_policy_info", "gauge", "The running release of mod_e2e_policy.",
            [{[{"version", version()}], 1}]),
     family("e2e_policy_messages_total", "counter",
            "Messages since the host started here, by what they carry and what was decided.",
            lists:append([messages(Host, Counters) || {Host, Counters} <- Hosts])),
     family("e2e_policy_users", "gauge",
            "Users by whether others can encrypt to them, counted in the last hour.",
            [{[{"host", Host}, {"state", atom_to_binary(State)}], maps:get(State, Counts)}
             || {Host, Counts} <- mod_e2e_policy_readiness_cache:recent(
                                    [Host || {Host, _} <- Hosts], ?PATIENCE),
                State <- [ready, no_keys, no_bundle, closed, writes_plain]]),
     family("e2e_policy_peers", "gauge",
            "Connections with other servers on this node, by how they are protected.",
            peers([Host || {Host, _} <- Hosts]))].

%% Those that do not exist are zero: a graph of a series that ends would show its last value, and
%% not that the last connection in the clear is gone. The connections have a second to answer.
-spec peers([binary()]) -> [{[{string(), binary()}], non_neg_integer()}].
peers(Hosts) ->
    Peers = mod_e2e_policy_s2s:peers(),
    [begin
         Counts = maps:from_list([{{Of, Class}, Count}
                                  || {Of, Class, Count} <- maps:get(Host, Peers, [])]),
         {[{"host", Host}, {"direction", atom_to_binary(Direction)},
           {"protection", atom_to_binary(Protection)}],
          maps:get({Direction, Protection}, Counts, 0)}
     end || Host <- Hosts, Direction <- [in, out, both],
            Protection <- [verified, unverified, plain]].

-spec version() -> binary().
version() ->
    Folder = filename:dirname(filename:dirname(filename:absname(code:which(?MODULE)))),
    case mod_e2e_policy_release:version(Folder) of
        {ok, Version} -> unicode:characters_to_binary(Version);
        none -> <<"unknown">>
    end.

%% The series of failures exists from the start: `increase()' of Prometheus does not see the first
%% event of a series that begins with it. The others begin with their first message, because all
%% cells of a thousand hosts would be a hundred thousand series.
-spec messages(binary(), mod_e2e_policy_counters:counters()) ->
          [{[{string(), binary()}], non_neg_integer()}].
messages(Host, Counters) ->
    Totals = maps:from_list(mod_e2e_policy_counters:totals(Counters)),
    Zeros = maps:from_keys([{Direction, Chat, plaintext, failed}
                            || Direction <- [sent, incoming, room], Chat <- [direct, group]], 0),
    [{[{"host", Host} | lists:zip(["direction", "chat", "content", "decision"],
                                  [atom_to_binary(Word) || Word <- tuple_to_list(Cell)])], Count}
     || {Cell, Count} <- lists:sort(maps:to_list(maps:merge(Zeros, Totals)))].

-spec family(string(), string(), string(), [{[{string(), binary()}], non_neg_integer()}]) ->
          iodata().
family(Name, Type, Help, Series) ->
    ["# HELP ", Name, " ", Help, "\n# TYPE ", Name, " ", Type, "\n",
     [[Name, "{", lists:join(",", [labelled(Label) || Label <- Labels]), "} ",
       integer_to_binary(Number), "\n"] || {Labels, Number} <- Series]].

-spec labelled({string(), binary()}) -> iodata().
labelled({Label, Value}) ->
    [Label, "=\"", escaped(Value), "\""].

-spec escaped(binary()) -> iodata().
escaped(Value) ->
    [case Octet of
         $\\ -> "\\\\";
         $" -> "\\\"";
         $\n -> "\\n";
         _ -> Octet
     end || <<Octet>> <= Value].
