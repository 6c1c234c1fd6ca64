%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Grace clocks in SQL: SQLite, PostgreSQL or MySQL.
%%%
%%% There is one table for all hosts, or each host has a database of its own, as ejabberd is set up.
-module(mod_e2e_policy_sql).

%% ejabberd's module_install compiles each module by itself, and would warn of a behaviour that it
%% does not find.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_grace).
-endif.

-export([init/2, get_clock/2, update_clock/3, list_clocks/1, use_cache/1]).

-include("ejabberd_sql_pt.hrl").

%% Stored when no admin has fixed an end. Not a negative number, which p1_mysql of Debian 13 reads
%% as an unsigned one.
-define(NO_END, 0).

-type stored() :: mod_e2e_policy_grace:stored().

%% @doc Makes the table.
-spec init(binary(), gen_mod:opts()) -> any().
init(Host, _Opts) ->
    mod_e2e_policy_sql_table:make(Host, table()).

%% @doc Whether clocks are cached: an option.
-spec use_cache(binary()) -> boolean().
use_cache(LServer) ->
    gen_mod:get_module_opt(LServer, mod_e2e_policy, use_cache).

%% @doc The clock of a user.
-spec get_clock(binary(), binary()) -> mod_e2e_policy_grace:answer(stored() | none).
get_clock(LUser, LServer) ->
    Query = ?SQL("select @(started)s, @(started_by)s, @(ends)s from e2e_policy_grace "
                 "where username=%(LUser)s and %(LServer)H"),
    case with_table(LServer, fun() -> ejabberd_sql:sql_query(LServer, Query) end) of
        {selected, []} -> {ok, none};
        {selected, [Row]} -> {ok, clock(Row)};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc Changes the clock of a user.
%%
%% When two nodes start a user's clock at the same time, the primary key refuses the second one.
%% ejabberd restarts that transaction, which then finds the clock of the first.
-spec update_clock(binary(), binary(), fun((stored() | none) -> Clock)) ->
          mod_e2e_policy_grace:answer(Clock) when Clock :: mod_e2e_policy_grace:clock() | none.
update_clock(LUser, LServer, Update) ->
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
    case with_table(LServer, fun() -> ejabberd_sql:sql_transaction(LServer, Transaction) end) of
        {atomic, New} -> {ok, New};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc All clocks of a host.
-spec list_clocks(binary()) -> mod_e2e_policy_grace:answer([{binary(), stored()}]).
list_clocks(LServer) ->
    Query = ?SQL("select @(username)s, @(started)s, @(started_by)s, @(ends)s "
                 "from e2e_policy_grace where %(LServer)H"),
    case with_table(LServer, fun() -> ejabberd_sql:sql_query(LServer, Query) end) of
        {selected, Rows} ->
            {ok, [{User, clock({Started, By, Ends})} || {User, Started, By, Ends} <- Rows]};
        Failure ->
            mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Locks the row until the end of the transaction. SQLite has no row locks and needs none, as it has
%% one connection.
select_locked(LUser, LServer) ->
    ejabberd_sql:sql_query_t(
      fun(sqlite, _) ->
              ejabberd_sql:sql_query_t(
                ?SQL("select @(started)s, @(started_by)s, @(ends)s from e2e_policy_grace "
                     "where username=%(LUser)s and %(LServer)H"));
         (_, _) ->
              ejabberd_sql:sql_query_t(
                ?SQL("select @(started)s, @(started_by)s, @(ends)s from e2e_policy_grace "
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

%% Accepts any value: SQLite stores text in a column of numbers, and other programs can write there.
-spec clock({term(), term(), term()}) -> stored().
clock({Started, By, Ends}) ->
    {number(Started), starter(By), case number(Ends) of
                                       ?NO_END -> undefined;
                                       Number -> Number
                                   end}.

-spec number(term()) -> term().
number(Digits) when is_binary(Digits) ->
    try binary_to_integer(Digits)
    catch error:badarg -> Digits
    end;
number(Other) ->
    Other.

-spec starter(term()) -> term().
starter(<<"violation">>) -> violation;
starter(<<"admin">>) -> admin;
starter(Other) -> Other.

-spec with_table(binary(), fun(() -> Result)) -> Result.
with_table(LServer, Operation) ->
    mod_e2e_policy_sql_table:with(LServer, table(), Operation).

-spec table() -> mod_e2e_policy_sql_table:table().
table() ->
    {"e2e_policy_grace",
     ["username ", name, " not null, ", host, "started bigint not null, "
      "started_by varchar(16) not null, ends bigint not null"],
     ["username"]}.
