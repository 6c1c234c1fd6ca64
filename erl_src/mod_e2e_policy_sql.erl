%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Grace clocks in SQL: SQLite, PostgreSQL, MySQL; a table per host or one for all hosts.
%%%
%%% The table is made here with plain SQL, because ejabberd 23.01 does not make tables and later
%%% versions do so only when they are told to.
-module(mod_e2e_policy_sql).

%% ejabberd's module_install compiles each module by itself, where no other can be found.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_grace).
-endif.

-export([init/2, stop/1, get_clock/2, update_clock/3, list_clocks/1, use_cache/1]).

-include("logger.hrl").
-include("ejabberd_sql_pt.hrl").

%% Stands for an end that no admin fixed. Nothing negative: p1_mysql of Debian 13 reads it as unsigned.
-define(NO_END, 0).

-spec init(binary(), gen_mod:opts()) -> any().
init(Host, _Opts) ->
    ensure_table(Host).

-spec stop(binary()) -> ok.
stop(LServer) ->
    _ = persistent_term:erase(made(LServer)),
    ok.

-spec use_cache(binary()) -> boolean().
use_cache(LServer) ->
    gen_mod:get_module_opt(LServer, mod_e2e_policy, use_cache).

-spec get_clock(binary(), binary()) ->
          {ok, mod_e2e_policy_grace:clock() | none} | {error, db_failure}.
get_clock(LUser, LServer) ->
    ensure_table(LServer),
    case ejabberd_sql:sql_query(
           LServer,
           ?SQL("select @(started)d, @(started_by)s, @(ends)d from e2e_policy_grace "
                "where username=%(LUser)s and %(LServer)H")) of
        {selected, []} -> {ok, none};
        {selected, [Row]} -> {ok, clock(Row)};
        Failure -> failed(Failure)
    end.

%% Two nodes that start a user's clock at once collide at the primary key; the later one's
%% transaction is restarted by ejabberd and finds the clock of the other.
-spec update_clock(binary(), binary(), fun((Clock) -> Clock)) ->
          {ok, Clock} | {error, db_failure}
              when Clock :: mod_e2e_policy_grace:clock() | none.
update_clock(LUser, LServer, Update) ->
    ensure_table(LServer),
    Transaction =
        fun() ->
                Old = case select_locked(LUser, LServer) of
                          {selected, []} -> none;
                          {selected, [Row]} -> clock(Row)
                      end,
                New = Update(Old),
                _ = write(LUser, LServer, Old, New),
                New
        end,
    case ejabberd_sql:sql_transaction(LServer, Transaction) of
        {atomic, New} -> {ok, New};
        Failure -> failed(Failure)
    end.

-spec list_clocks(binary()) ->
          {ok, [{binary(), mod_e2e_policy_grace:clock()}]} | {error, db_failure}.
list_clocks(LServer) ->
    ensure_table(LServer),
    case ejabberd_sql:sql_query(
           LServer,
           ?SQL("select @(username)s, @(started)d, @(started_by)s, @(ends)d "
                "from e2e_policy_grace where %(LServer)H")) of
        {selected, Rows} ->
            {ok, [{User, clock({Started, By, Ends})} || {User, Started, By, Ends} <- Rows]};
        Failure ->
            failed(Failure)
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% SQLite has one connection and no row locks.
select_locked(LUser, LServer) ->
    ejabberd_sql:sql_query_t(
      fun(sqlite, _) ->
              ejabberd_sql:sql_query_t(
                ?SQL("select @(started)d, @(started_by)s, @(ends)d from e2e_policy_grace "
                     "where username=%(LUser)s and %(LServer)H"));
         (_, _) ->
              ejabberd_sql:sql_query_t(
                ?SQL("select @(started)d, @(started_by)s, @(ends)d from e2e_policy_grace "
                     "where username=%(LUser)s and %(LServer)H for update"))
      end).

write(_LUser, _LServer, Same, Same) ->
    ok;
write(LUser, LServer, _Old, none) ->
    ejabberd_sql:sql_query_t(
      ?SQL("delete from e2e_policy_grace where username=%(LUser)s and %(LServer)H"));
write(LUser, LServer, none, {Started, By, Ends}) ->
    StartedBy = atom_to_binary(By),
    EndsOrNone = ends_to_sql(Ends),
    ejabberd_sql:sql_query_t(
      ?SQL_INSERT("e2e_policy_grace",
                  ["username=%(LUser)s", "server_host=%(LServer)s", "started=%(Started)d",
                   "started_by=%(StartedBy)s", "ends=%(EndsOrNone)d"]));
write(LUser, LServer, _Old, {Started, By, Ends}) ->
    StartedBy = atom_to_binary(By),
    EndsOrNone = ends_to_sql(Ends),
    ejabberd_sql:sql_query_t(
      ?SQL("update e2e_policy_grace set started=%(Started)d, started_by=%(StartedBy)s, "
           "ends=%(EndsOrNone)d where username=%(LUser)s and %(LServer)H")).

ends_to_sql(undefined) -> ?NO_END;
ends_to_sql(Ends) -> Ends.

-spec clock({integer(), binary(), integer()}) -> mod_e2e_policy_grace:clock().
clock({Started, By, ?NO_END}) -> {Started, starter(By), undefined};
clock({Started, By, Ends}) -> {Started, starter(By), Ends}.

-spec starter(binary()) -> violation | admin.
starter(<<"violation">>) -> violation;
starter(<<"admin">>) -> admin.

%% Makes the table unless it was made before: a database that was away when the host started has
%% none yet when it is back. What an earlier start knew does no harm, the statement is idempotent.
-spec ensure_table(binary()) -> ok.
ensure_table(LServer) ->
    case persistent_term:get(made(LServer), false) of
        true ->
            ok;
        false ->
            Create = fun(Type, _Version) ->
                             Sql = create_table(Type, ejabberd_sql:use_new_schema()),
                             ejabberd_sql:sql_query_t([Sql])
                     end,
            case ejabberd_sql:sql_transaction(LServer, fun() -> ejabberd_sql:sql_query_t(Create) end) of
                {atomic, _} -> persistent_term:put(made(LServer), true);
                Failure -> _ = failed(Failure), ok
            end
    end.

-spec made(binary()) -> {module(), binary()}.
made(LServer) ->
    {?MODULE, LServer}.

%% The column server_host exists in the multi-host schema only: ejabberd leaves it out of the
%% queries of the other. MySQL cannot index text without a length.
-spec create_table(atom(), MultiHost :: boolean()) -> iolist().
create_table(Type, MultiHost) ->
    Name = case Type of
               mysql -> "varchar(191) character set utf8mb4 collate utf8mb4_bin";
               _ -> "text"
           end,
    {HostColumn, Key} = case MultiHost of
                            true -> {["server_host ", Name, " not null, "], "server_host, username"};
                            false -> {"", "username"}
                        end,
    ["create table if not exists e2e_policy_grace (username ", Name, " not null, ", HostColumn,
     "started bigint not null, started_by varchar(16) not null, ends bigint not null, "
     "primary key (", Key, "))"].

-spec failed(term()) -> {error, db_failure}.
failed(Failure) ->
    ?DEBUG("SQL table e2e_policy_grace: ~p", [Failure]),
    {error, db_failure}.
