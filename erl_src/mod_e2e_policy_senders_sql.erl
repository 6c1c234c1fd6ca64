%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Days of senders in SQL: SQLite, PostgreSQL or MySQL.
-module(mod_e2e_policy_senders_sql).

%% ejabberd's module_install compiles each module by itself, and would warn of a behaviour that it
%% does not find.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_senders).
-endif.

-export([init/2, read/2, read_all/1, write/2, delete/2, delete_before/2, delete_all/1]).

-include("ejabberd_sql_pt.hrl").

%% Stored where there is no day. It comes before all days.
-define(NO_DAY, <<>>).

-type days() :: mod_e2e_policy_senders:days().

%% @doc Makes the table.
-spec init(binary(), gen_mod:opts()) -> any().
init(Host, _Opts) ->
    mod_e2e_policy_sql_table:make(Host, table()).

%% @doc The days of a user.
-spec read(binary(), binary()) -> mod_e2e_policy_senders:answer(days()).
read(LServer, LUser) ->
    Query = ?SQL("select @(accepted)s, @(violation)s from e2e_policy_senders "
                 "where username=%(LUser)s and %(LServer)H"),
    case with_table(LServer, fun() -> ejabberd_sql:sql_query(LServer, Query) end) of
        {selected, []} -> {ok, {none, none}};
        {selected, [{Accepted, Violation}]} -> {ok, {from_sql(Accepted), from_sql(Violation)}};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc The days of all users of a host.
-spec read_all(binary()) -> mod_e2e_policy_senders:answer([{binary(), days()}]).
read_all(LServer) ->
    Query = ?SQL("select @(username)s, @(accepted)s, @(violation)s from e2e_policy_senders "
                 "where %(LServer)H"),
    case with_table(LServer, fun() -> ejabberd_sql:sql_query(LServer, Query) end) of
        {selected, Rows} -> {ok, [user_days(Row) || Row <- Rows]};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc Writes the days that are later than the stored ones.
%%
%% Two nodes may write the same at the same time. A row is then updated by the first of them only;
%% and where both insert it, the primary key refuses the second one. ejabberd restarts that
%% transaction, which then finds the row of the first.
-spec write(binary(), [{binary(), days()}]) -> mod_e2e_policy_senders:answer(written).
write(LServer, Senders) ->
    Users = [LUser || {LUser, _} <- Senders],
    Transaction =
        fun() ->
                {selected, Rows} =
                    ejabberd_sql:sql_query_t(
                      ?SQL("select @(username)s, @(accepted)s, @(violation)s "
                           "from e2e_policy_senders "
                           "where username in %(Users)ls and %(LServer)H")),
                Stored = maps:from_list([user_days(Row) || Row <- Rows]),
                lists:foreach(fun({LUser, Days}) ->
                                      write(LServer, LUser, maps:get(LUser, Stored, none), Days)
                              end, Senders)
        end,
    case with_table(LServer, fun() -> ejabberd_sql:sql_transaction(LServer, Transaction) end) of
        {atomic, ok} -> {ok, written};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc Deletes the days of a user.
-spec delete(binary(), binary()) -> mod_e2e_policy_senders:answer(deleted).
delete(LServer, LUser) ->
    Query = ?SQL("delete from e2e_policy_senders where username=%(LUser)s and %(LServer)H"),
    case with_table(LServer, fun() -> ejabberd_sql:sql_query(LServer, Query) end) of
        {updated, _} -> {ok, deleted};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc Deletes the days before this one, and the rows that have no other.
-spec delete_before(binary(), binary()) -> mod_e2e_policy_senders:answer(deleted).
delete_before(LServer, First) ->
    Transaction =
        fun() ->
                [{updated, _} = ejabberd_sql:sql_query_t(Query)
                 || Query <-
                        [?SQL("delete from e2e_policy_senders "
                              "where accepted < %(First)s and violation < %(First)s "
                              "and %(LServer)H"),
                         ?SQL("update e2e_policy_senders set accepted='' "
                              "where accepted < %(First)s and accepted <> '' and %(LServer)H"),
                         ?SQL("update e2e_policy_senders set violation='' "
                              "where violation < %(First)s and violation <> '' "
                              "and %(LServer)H")]]
        end,
    case with_table(LServer, fun() -> ejabberd_sql:sql_transaction(LServer, Transaction) end) of
        {atomic, _} -> {ok, deleted};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc Deletes the rows of the host, and makes no table to do so.
%%
%% A host that uses no SQL has no connections, and gets none for this.
-spec delete_all(binary()) -> mod_e2e_policy_senders:answer(deleted).
delete_all(LServer) ->
    Query = ?SQL("delete from e2e_policy_senders where %(LServer)H"),
    case ejabberd_sql_sup:is_started(LServer)
        andalso mod_e2e_policy_sql_table:exists(LServer, table()) of
        false ->
            {ok, deleted};
        {ok, false} ->
            {ok, deleted};
        {ok, true} ->
            case ejabberd_sql:sql_query(LServer, Query) of
                {updated, _} -> {ok, deleted};
                Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
            end;
        Failure ->
            Failure
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
write(LServer, LUser, none, {Accepted, Violation}) ->
    AcceptedDay = to_sql(Accepted),
    ViolationDay = to_sql(Violation),
    {updated, 1} = ejabberd_sql:sql_query_t(
                     ?SQL_INSERT("e2e_policy_senders",
                                 ["username=%(LUser)s", "server_host=%(LServer)s",
                                  "accepted=%(AcceptedDay)s", "violation=%(ViolationDay)s"]));
write(LServer, LUser, {OldAccepted, OldViolation}, {Accepted, Violation}) ->
    _ = Accepted > OldAccepted
        andalso ejabberd_sql:sql_query_t(
                  ?SQL("update e2e_policy_senders set accepted=%(Accepted)s "
                       "where username=%(LUser)s and accepted < %(Accepted)s and %(LServer)H")),
    Violation > OldViolation
        andalso ejabberd_sql:sql_query_t(
                  ?SQL("update e2e_policy_senders set violation=%(Violation)s "
                       "where username=%(LUser)s and violation < %(Violation)s and %(LServer)H")).

-spec user_days({binary(), binary(), binary()}) -> {binary(), days()}.
user_days({LUser, Accepted, Violation}) ->
    {LUser, {from_sql(Accepted), from_sql(Violation)}}.

-spec to_sql(binary() | none) -> binary().
to_sql(none) -> ?NO_DAY;
to_sql(Day) -> Day.

-spec from_sql(binary()) -> binary() | none.
from_sql(?NO_DAY) -> none;
from_sql(Day) -> Day.

-spec with_table(binary(), fun(() -> Result)) -> Result.
with_table(LServer, Operation) ->
    mod_e2e_policy_sql_table:with(LServer, table(), Operation).

-spec table() -> mod_e2e_policy_sql_table:table().
table() ->
    {"e2e_policy_senders",
     ["username ", name, " not null, ", host, "accepted varchar(10) not null, "
      "violation varchar(10) not null"],
     ["username"]}.
