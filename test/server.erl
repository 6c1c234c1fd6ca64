%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% A real, throw-away ejabberd for the suites, run by script/run-ejabberd: several virtual hosts,
%% each with a policy of its own or without the module.
-module(server).

%% Start and stop
-export([started/1, started/2, new/1, new/2, start/1, start/2, restart/1, kill/1, stop/1,
         modules/0]).
%% Clusters
-export([joined/3]).
%% Administration
-export([reload/2, ctl/2, call/4, load_module/2]).
%% The log
-export([log/1, log_lines/1]).
%% Folders and ports
-export([root/0, build/0, temporary_folder/0, free_port/0]).
%% Waiting
-export([output/1, until/1]).

-export_type([server/0, policies/0, settings/0]).

-include_lib("stdlib/include/assert.hrl").

-type policies() :: #{Host :: binary() => Options :: map() | without}.
%% The options of the module are Erlang maps, lists, binaries, integers and atoms, written as YAML.

-type settings() :: #{atom() => term()}.
%% Top-level options of ejabberd. Listeners are added to those that every server has.

-type server() :: #{dir := file:filename(), node := node(), port := inet:port_number(),
                    component_port := inet:port_number(), settings := settings()}.

%% In milliseconds.
-define(TIMEOUT, 30_000).

-define(MODULES,
        #{mod_adhoc => #{}, mod_admin_extra => #{}, mod_caps => #{}, mod_carboncopy => #{},
          mod_disco => #{}, mod_last => #{},
          mod_mam => #{default => always, user_mucsub_from_muc_archive => false},
          mod_muc => #{default_room_options => #{allow_user_invites => true, mam => true,
                                                 persistent => true}},
          mod_multicast => #{}, mod_offline => #{},
          mod_pubsub => #{plugins => [<<"flat">>, <<"pep">>]},
          mod_service_log => #{loggers => [<<"log.test">>]}, mod_stream_mgmt => #{}}).

%%%-------------------------------------------------------------------
%%% Start and stop
%%%-------------------------------------------------------------------

-spec started(policies()) -> server().
started(Policies) ->
    started(Policies, #{}).

-spec started(policies(), settings()) -> server().
started(Policies, Settings) ->
    Server = new(Policies, Settings),
    {0, _} = start(Server),
    Server.

-spec new(policies()) -> server().
new(Policies) ->
    new(Policies, #{}).

-spec new(policies(), settings()) -> server().
new(Policies, Settings) ->
    Dir = temporary_folder(),
    {0, Node} = script(["node", Dir]),
    Server = #{dir => Dir, node => list_to_atom(string:trim(Node)),
               port => free_port(), component_port => free_port(), settings => Settings},
    configure(Server, Policies),
    Server.

%% The exit status and all output of script/run-ejabberd.
-spec start(server()) -> {integer(), string()}.
start(Server) ->
    start(Server, build()).

%% The same with another copy of the module.
-spec start(server(), Folder :: file:filename()) -> {integer(), string()}.
start(#{dir := Dir} = Server, Folder) ->
    Started = script(["start", Dir], [{"E2E_POLICY_BEAMS", Folder}]),
    [connect(Server) || element(1, Started) =:= 0],
    Started.

%% Stops and starts; the server's data stay.
-spec restart(server()) -> ok.
restart(#{dir := Dir} = Server) ->
    {0, _} = script(["stop", Dir]),
    {0, _} = start(Server),
    ok.

%% Ends the server at once, as a crash would.
-spec kill(server()) -> ok.
kill(#{dir := Dir}) ->
    {0, _} = script(["kill", Dir]),
    ok.

%% Nothing of the server is kept, so that it need not end in order, which takes seconds.
-spec stop(server()) -> ok.
stop(#{dir := Dir} = Server) ->
    kill(Server),
    ok = file:del_dir_r(Dir).

%% The modules of every server; the setting `modules' takes their place.
-spec modules() -> #{atom() => Options :: map()}.
modules() ->
    ?MODULES.

%%%-------------------------------------------------------------------
%%% Clusters
%%%-------------------------------------------------------------------

%% One more server, in a cluster with the first. Since 24.06 the command only begins to join.
-spec joined(First :: server(), policies(), settings()) -> server().
joined(#{dir := FirstDir, node := First}, Policies, Settings) ->
    #{dir := Dir} = Server = new(Policies, Settings),
    {ok, _} = file:copy(FirstDir ++ "/.erlang.cookie", Dir ++ "/.erlang.cookie"),
    {0, _} = start(Server),
    {0, _} = ctl(Server, ["join_cluster", atom_to_list(First)]),
    until(fun() -> is_in_cluster_with(First, Server) end),
    Server.

%% While it joins, ejabberd is not running.
is_in_cluster_with(First, Server) ->
    try lists:member(First, call(Server, ejabberd_cluster, get_nodes, []))
             andalso lists:keymember(ejabberd, 1, call(Server, application,
                                                       which_applications, []))
    catch error:{exception, _, _} -> false
    end.

%%%-------------------------------------------------------------------
%%% Administration
%%%-------------------------------------------------------------------

%% Writes new policies and lets the server read them: exit status and output of reload_config.
-spec reload(server(), policies()) -> {integer(), string()}.
reload(Server, Policies) ->
    configure(Server, Policies),
    ctl(Server, ["reload_config"]).

-spec ctl(server(), [string()]) -> {integer(), string()}.
ctl(#{dir := Dir}, Args) ->
    script(["ctl", Dir | Args]).

-spec call(server(), module(), atom(), list()) -> term().
call(#{node := Node}, Module, Function, Args) ->
    erpc:call(Node, Module, Function, Args).

%% Loads a module of this node into the server, which then runs functions of it.
-spec load_module(server(), module()) -> ok.
load_module(Server, Module) ->
    {Module, Beam, File} = code:get_object_code(Module),
    {module, Module} = call(Server, code, load_binary, [Module, File, Beam]),
    ok.

%%%-------------------------------------------------------------------
%%% The log
%%%-------------------------------------------------------------------

%% The text of all log files, with what the server has not written yet.
-spec log(server()) -> binary().
log(#{dir := Dir} = Server) ->
    [call(Server, logger_std_h, filesync, [Handler])
     || Handler <- call(Server, logger, get_handler_ids, [])],
    Read = fun(File) -> {ok, Text} = file:read_file(File), Text end,
    iolist_to_binary([Read(File) || File <- filelib:wildcard(Dir ++ "/logs/*")]).

-spec log_lines(server()) -> [binary()].
log_lines(Server) ->
    binary:split(log(Server), <<"\n">>, [global]).

%%%-------------------------------------------------------------------
%%% Folders and ports
%%%-------------------------------------------------------------------

%% The suites run as copies below _build: the checkout is where the script is.
-spec root() -> file:filename().
root() ->
    root(filename:dirname(code:which(?MODULE))).

%% The module as it was compiled for the tests.
-spec build() -> file:filename().
build() ->
    filename:dirname(filename:dirname(code:which(mod_e2e_policy))).

-spec temporary_folder() -> file:filename().
temporary_folder() ->
    string:trim(os:cmd("mktemp -d -t e2e_policy.XXXXXX")).

%% Outside of the range from which systems take ports for outgoing connections: such a connection
%% could have the port when a server starts again.
-spec free_port() -> inet:port_number().
free_port() ->
    Port = 10_000 + rand:uniform(20_000),
    case gen_tcp:listen(Port, [{ip, {127, 0, 0, 1}}]) of
        {ok, Socket} ->
            ok = gen_tcp:close(Socket),
            Port;
        {error, eaddrinuse} ->
            free_port()
    end.

%%%-------------------------------------------------------------------
%%% Waiting
%%%-------------------------------------------------------------------

%% Waits for the end of a program, and gives its exit status and all its output.
-spec output(port()) -> {integer(), string()}.
output(Port) ->
    output(Port, []).

%% Asks again and again, because what happens outside of this node sends no message here.
-spec until(fun(() -> boolean())) -> ok.
until(Condition) ->
    until(Condition, erlang:monotonic_time(millisecond) + ?TIMEOUT).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

root(Dir) ->
    case filelib:is_regular(Dir ++ "/script/run-ejabberd") of
        true -> Dir;
        false -> root(filename:dirname(Dir))
    end.

script(Args) ->
    script(Args, []).

script(Args, Environment) ->
    output(open_port({spawn_executable, root() ++ "/script/run-ejabberd"},
                     [{args, Args}, {env, Environment}, exit_status, stderr_to_stdout, hide])).

until(Condition, Deadline) ->
    case Condition() of
        true ->
            ok;
        false ->
            ?assert(erlang:monotonic_time(millisecond) < Deadline),
            timer:sleep(50),
            until(Condition, Deadline)
    end.

output(Port, Text) ->
    receive
        {Port, {data, More}} -> output(Port, [Text | More]);
        {Port, {exit_status, Status}} -> {Status, lists:flatten(Text)}
    end.

%% A node that is hidden and does not listen can call the server without joining it.
connect(#{dir := Dir, node := Node}) ->
    Name = list_to_atom("suites_" ++ os:getpid() ++ "@localhost"),
    is_alive() orelse
        net_kernel:start(Name, #{name_domain => shortnames, hidden => true, dist_listen => false}),
    {ok, Cookie} = file:read_file(Dir ++ "/.erlang.cookie"),
    erlang:set_cookie(Node, binary_to_atom(Cookie)),
    true = net_kernel:connect_node(Node).

configure(#{dir := Dir, settings := Settings} = Server, Policies) ->
    Base = #{hosts => maps:keys(Policies), listen => listeners(Server), loglevel => info,
             s2s_access => none, modules => ?MODULES, append_host_config => host_config(Policies)},
    ok = file:write_file(Dir ++ "/ejabberd.yml", yaml(maps:merge_with(fun with/3, Base, Settings))).

with(listen, Base, More) -> Base ++ More;
with(_, _, Other) -> Other.

listeners(#{port := Port, component_port := ComponentPort}) ->
    Loopback = <<"127.0.0.1">>,
    [#{module => ejabberd_c2s, ip => Loopback, port => Port},
     #{module => ejabberd_service, ip => Loopback, port => ComponentPort,
       hosts => #{<<"log.test">> => #{password => <<"secret">>}}}].

host_config(Policies) ->
    WithModule = maps:filter(fun(_, Options) -> Options =/= without end, Policies),
    maps:map(fun(_, Options) -> #{modules => #{mod_e2e_policy => Options}} end, WithModule).

yaml(Map) when is_map(Map) ->
    Pairs = [[yaml(Key), ": ", yaml(Value)] || {Key, Value} <- maps:to_list(Map)],
    ["{", lists:join(", ", Pairs), "}"];
yaml(List) when is_list(List) -> ["[", lists:join(", ", [yaml(Item) || Item <- List]), "]"];
yaml(Atom) when is_atom(Atom) -> atom_to_binary(Atom);
yaml(Integer) when is_integer(Integer) -> integer_to_binary(Integer);
yaml(Text) when is_binary(Text) -> [$", re:replace(Text, "[\"\\\\]", "\\\\&", [global]), $"].
