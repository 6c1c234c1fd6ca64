%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% A real, throw-away Prosody: other software than ejabberd on the other side of a connection.
-module(prosody).

-export([started/3, stop/1, log/1, archived/1]).

-export_type([prosody/0, hosts/0]).

-type prosody() :: #{dir := file:filename(), port := inet:port_number()}.
%% Its clients are those of client.erl, which log in to any account, with any password.

-type hosts() :: #{Host :: binary() =>
                       #{certificate := file:filename(), authority := file:filename(),
                         enabled => [Module :: atom()], disabled => [Module :: atom()]}}.

%% Listens for other servers on an address; Names says where these are.
-spec started(Address :: string(), hosts(), Names :: #{binary() => string()}) -> prosody().
started(Address, Hosts, Names) ->
    Dir = server:temporary_folder(),
    Port = server:free_port(),
    [{ok, _} = file:copy(Plugin, filename:join(Dir, filename:basename(Plugin)))
     || Plugin <- filelib:wildcard(server:root() ++ "/test/prosody/*.lua")],
    ok = file:write_file(Dir ++ "/prosody.cfg.lua", config(Dir, Port, Address, Hosts, Names)),
    Prosody = #{dir => Dir, port => Port},
    run(Dir, [own(Dir), "prosody --config ", Dir, "/prosody.cfg.lua --daemonize"]),
    server:until(fun() -> is_ready(Port) end),
    Prosody.

-spec stop(prosody()) -> ok.
stop(#{dir := Dir, port := Port}) ->
    run(Dir, ["kill $(cat ", Dir, "/prosody.pid)"]),
    server:until(fun() -> not (filelib:is_regular(Dir ++ "/prosody.pid")
                               orelse is_ready(Port)) end),
    ok = file:del_dir_r(Dir).

-spec log(prosody()) -> binary().
log(#{dir := Dir}) ->
    {ok, Text} = file:read_file(Dir ++ "/prosody.log"),
    Text.

%% The text of all that it has stored: archives, and messages for users who are offline.
-spec archived(prosody()) -> binary().
archived(#{dir := Dir}) ->
    Read = fun(File) -> {ok, Text} = file:read_file(File), Text end,
    iolist_to_binary([Read(File) || File <- filelib:wildcard(Dir ++ "/data/**/*"),
                                    filelib:is_regular(File)]).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

%% Prosody refuses to be run by root.
own(Dir) ->
    case os:cmd("id -u") of
        "0\n" -> ["chown -R prosody ", Dir, " && setpriv --reuid prosody --regid prosody "
                  "--clear-groups "];
        _ -> ""
    end.

run(Dir, Command) ->
    Port = open_port({spawn_executable, "/bin/sh"},
                     [{args, ["-c", unicode:characters_to_list(Command)]}, {cd, Dir}, exit_status,
                      stderr_to_stdout, hide]),
    {0, _} = server:output(Port),
    ok.

is_ready(Port) ->
    case gen_tcp:connect({127, 0, 0, 1}, Port, []) of
        {ok, Socket} -> gen_tcp:close(Socket) =:= ok;
        {error, econnrefused} -> false
    end.

config(Dir, Port, Address, Hosts, Names) ->
    lua(#{plugin_paths => [text(Dir)], data_path => text(Dir ++ "/data"),
          pidfile => text(Dir ++ "/prosody.pid"), log => #{debug => text(Dir ++ "/prosody.log")},
          hosts => maps:map(fun(_, Text) -> text(Text) end, Names), use_ipv6 => false,
          modules_enabled => modules(), authentication => insecure,
          insecure_open_authentication => <<"Yes please, I know what I'm doing!">>,
          c2s_require_encryption => false, allow_unencrypted_plain_auth => true,
          c2s_interfaces => [<<"127.0.0.1">>], c2s_ports => [Port],
          s2s_interfaces => [text(Address)], s2s_ports => [5269],
          s2s_require_encryption => false, s2s_secure_auth => false,
          archive_expires_after => never, default_archive_policy => true})
        ++ [host(Host, Options) || {Host, Options} <- maps:to_list(Hosts)].

modules() ->
    [hosts, posix, roster, saslauth, tls, dialback, disco, ping, pep, carbons, mam, offline].

host(Host, #{certificate := Certificate, authority := Authority} = Options) ->
    ["VirtualHost ", value(Host), "\n",
     lua(#{ssl => #{certificate => text(Certificate), key => text(Certificate),
                    cafile => text(Authority)},
           modules_enabled => maps:get(enabled, Options, []),
           modules_disabled => maps:get(disabled, Options, [])})].

%% Options of Lua, one on a line.
lua(Options) ->
    [[atom_to_list(Name), " = ", value(Value), "\n"] || {Name, Value} <- maps:to_list(Options)].

value(Boolean) when is_boolean(Boolean) -> atom_to_list(Boolean);
value(Atom) when is_atom(Atom) -> value(atom_to_binary(Atom));
value(Integer) when is_integer(Integer) -> integer_to_list(Integer);
value(Text) when is_binary(Text) -> [$", Text, $"];
value(Map) when is_map(Map) ->
    Pairs = [["[", value(Key), "] = ", value(Value)] || {Key, Value} <- maps:to_list(Map)],
    ["{ ", lists:join(", ", Pairs), " }"];
value(List) -> ["{ ", lists:join(", ", [value(Item) || Item <- List]), " }"].

text(String) ->
    unicode:characters_to_binary(String).
