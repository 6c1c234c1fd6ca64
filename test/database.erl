%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Real databases for the suites. PostgreSQL and MariaDB are those of Debian, but run as an
%% unprivileged user in a temporary folder and on loopback, independent of the system's service.
-module(database).

%% Start and stop
-export([started/1, start/1, shut_down/1, stop/1]).
%% Options of ejabberd, and its tables
-export([settings/1, make_tables/2]).

-export_type([database/0, kind/0]).

-type kind() :: mnesia | sqlite | postgresql | mysql.
%% Mnesia and SQLite live inside ejabberd: there is nothing to start.
-type database() :: #{kind := kind(), dir => file:filename(), port => inet:port_number()}.

%% For the single-host schema, where each virtual host needs a database of its own.
-define(NAMES, ["ejabberd", "other"]).

%%%-------------------------------------------------------------------
%%% Start and stop
%%%-------------------------------------------------------------------

-spec started(kind()) -> database().
started(Kind) when Kind =:= mnesia; Kind =:= sqlite ->
    #{kind => Kind};
started(Kind) ->
    Dir = server:temporary_folder(),
    [] = os:cmd(["[ $(id -u) != 0 ] || chown nobody ", Dir]),
    Database = #{kind => Kind, dir => Dir, port => server:free_port()},
    make(Database),
    start(Database),
    create(Database),
    Database.

-spec start(database()) -> ok.
start(#{kind := postgresql, dir := Dir, port := Port} = Database) ->
    run(Database, [postgresql("pg_ctl"), " start --wait --pgdata ", Dir, "/data --log ", Dir,
                   "/log --options '-c listen_addresses=127.0.0.1 -c port=", integer_to_list(Port),
                   " -c unix_socket_directories=", Dir, " -c fsync=off'"]);
start(#{kind := mysql, dir := Dir, port := Port} = Database) ->
    run(Database, ["setsid mariadbd --no-defaults --bind-address=127.0.0.1 --port=",
                   integer_to_list(Port), " --datadir=", Dir, "/data --socket=", Dir, "/socket ",
                   "--pid-file=", Dir, "/pid --init-file=", Dir, "/init.sql --skip-grant-tables ",
                   "--skip-name-resolve --innodb-buffer-pool-size=16M ",
                   "--innodb-flush-log-at-trx-commit=0 </dev/null >>", Dir, "/log 2>&1 &"]),
    server:until(fun() -> is_ready(Port) end).

%% Stops the server and keeps its data.
-spec shut_down(database()) -> ok.
shut_down(#{kind := postgresql, dir := Dir} = Database) ->
    run(Database, [postgresql("pg_ctl"), " stop --wait --mode fast --pgdata ", Dir, "/data"]);
shut_down(#{kind := mysql, dir := Dir} = Database) ->
    run(Database, ["kill $(cat ", Dir, "/pid)"]),
    server:until(fun() -> not filelib:is_regular(Dir ++ "/pid") end).

%% Nothing is kept, so that the server need not end in order.
-spec stop(database()) -> ok.
stop(#{dir := Dir} = Database) ->
    kill(Database),
    ok = file:del_dir_r(Dir);
stop(_) ->
    ok.

%%%-------------------------------------------------------------------
%%% Options of ejabberd, and its tables
%%%-------------------------------------------------------------------

%% Top-level options. The timeouts are short, because test cases wait for them when a database is
%% down.
-spec settings(database()) -> map().
settings(#{kind := mnesia}) ->
    #{};
settings(#{kind := sqlite}) ->
    #{sql_type => sqlite};
settings(#{kind := Kind, port := Port}) ->
    #{sql_type => case Kind of postgresql -> pgsql; mysql -> mysql end,
      sql_server => <<"127.0.0.1">>, sql_port => Port, sql_username => <<"ejabberd">>,
      sql_database => <<"ejabberd">>, sql_pool_size => 4, sql_connect_timeout => 2,
      sql_query_timeout => 2, sql_start_interval => 2}.

%% Makes the tables of ejabberd's own modules, in the multi-host schema, by a server that runs. With
%% SQLite, and since 23.10, ejabberd does it.
-spec make_tables(database(), server:server()) -> ok.
make_tables(#{kind := Kind}, Server) ->
    [Host | _] = server:call(Server, ejabberd_option, hosts, []),
    Query = fun(Text) -> server:call(Server, ejabberd_sql, sql_query, [Host, [Text]]) end,
    case Kind =:= mnesia orelse Query("select count(*) from pubsub_node") of
        {error, _} ->
            File = case Kind of
                       postgresql -> "pg.new.sql";
                       mysql -> "mysql.new.sql"
                   end,
            {ok, Text} = file:read_file("/usr/share/ejabberd/sql/" ++ File),
            Statements = re:replace(Text, "--.*", "", [global, {return, list}]),
            [{updated, _} = Query(Statement)
             || Statement <- string:lexemes(Statements, ";"), string:trim(Statement) =/= ""],
            ok;
        _ ->
            ok
    end.

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

make(#{kind := postgresql, dir := Dir} = Database) ->
    run(Database, [postgresql("initdb"), " --no-sync --auth trust --username ejabberd ",
                   "--encoding UTF8 --locale C --pgdata ", Dir, "/data"]);
%% Without the tables of its grants, which --skip-grant-tables ignores: any client on loopback may
%% log in.
make(#{kind := mysql, dir := Dir} = Database) ->
    Create = ["create database if not exists " ++ Name ++ ";" || Name <- ?NAMES],
    run(Database, ["mkdir ", Dir, "/data; echo '", lists:join("\n", Create), "' >", Dir,
                   "/init.sql"]).

create(#{kind := postgresql, port := Port} = Database) ->
    [run(Database, [postgresql("createdb"), " -h 127.0.0.1 -p ", integer_to_list(Port),
                    " -U ejabberd ", Name]) || Name <- ?NAMES],
    ok;
create(#{kind := mysql}) ->
    ok.

kill(#{kind := postgresql, dir := Dir} = Database) ->
    run(Database, [postgresql("pg_ctl"), " stop --wait --mode immediate --pgdata ", Dir, "/data"]);
kill(#{kind := mysql, dir := Dir, port := Port} = Database) ->
    run(Database, ["kill -KILL $(cat ", Dir, "/pid)"]),
    server:until(fun() -> not is_ready(Port) end).

%% Runs a shell command below the database's folder, as its user.
run(#{dir := Dir}, Command) ->
    [Program | Args] = as_user(["sh", "-c", unicode:characters_to_list(Command)]),
    Port = open_port({spawn_executable, os:find_executable(Program)},
                     [{args, Args}, {cd, Dir}, exit_status, stderr_to_stdout, hide]),
    {0, _} = server:output(Port),
    ok.

%% Database servers refuse to be run by root.
as_user(Command) ->
    case os:cmd("id -u") of
        "0\n" -> ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups" | Command];
        _ -> Command
    end.

%% Debian keeps the programs of each version in a folder of their own.
postgresql(Program) ->
    lists:last(lists:sort(filelib:wildcard("/usr/lib/postgresql/*/bin/" ++ Program))).

%% MariaDB sends the first packet of a connection, when it is ready.
is_ready(Port) ->
    case gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}]) of
        {ok, Socket} ->
            Greeting = gen_tcp:recv(Socket, 0, 1000),
            gen_tcp:close(Socket),
            element(1, Greeting) =:= ok;
        {error, econnrefused} ->
            false
    end.
