%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Counts of messages by day in SQL: SQLite, PostgreSQL or MySQL.
-module(mod_e2e_policy_daily_sql).

%% ejabberd's module_install compiles each module by itself, and would warn of a behaviour that it
%% does not find.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_daily).
-endif.

-export([init/2, read_own/2, write_own/4, read_since/2, delete_before/2]).

-include("ejabberd_sql_pt.hrl").

%% @doc Makes the table.
-spec init(binary(), gen_mod:opts()) -> any().
init(Host, _Opts) ->
    mod_e2e_policy_sql_table:make(Host, table()).

%% @doc The totals of this node on a day.
-spec read_own(binary(), binary()) -> mod_e2e_policy_daily:answer(mod_e2e_policy_daily:cells()).
read_own(LServer, Day) ->
    Node = atom_to_binary(node()),
    Query = ?SQL("select @(direction)s, @(chat)s, @(content)s, @(decision)s, @(messages)d "
                 "from e2e_policy_daily where day=%(Day)s and node=%(Node)s and %(LServer)H"),
    case with_table(LServer, fun() -> ejabberd_sql:sql_query(LServer, Query) end) of
        {selected, Rows} -> {ok, [cell(Row) || Row <- Rows]};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc Writes the totals of this node on a day, those that have changed.
-spec write_own(binary(), binary(), map(), [mod_e2e_policy_counters:cell()]) ->
          mod_e2e_policy_daily:answer(written).
write_own(LServer, Day, Totals, Changed) ->
    Node = atom_to_binary(node()),
    Transaction =
        fun() ->
                lists:foreach(fun(Cell) ->
                                      ok = upsert(LServer, Day, Node, Cell, maps:get(Cell, Totals))
                              end, Changed)
        end,
    case with_table(LServer, fun() -> ejabberd_sql:sql_transaction(LServer, Transaction) end) of
        {atomic, ok} -> {ok, written};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc The totals of all nodes since a day.
-spec read_since(binary(), binary()) ->
          mod_e2e_policy_daily:answer([{binary(), mod_e2e_policy_daily:cells()}]).
read_since(LServer, FirstDay) ->
    Query = ?SQL("select @(day)s, @(direction)s, @(chat)s, @(content)s, @(decision)s, @(messages)d "
                 "from e2e_policy_daily where day >= %(FirstDay)s and %(LServer)H"),
    case with_table(LServer, fun() -> ejabberd_sql:sql_query(LServer, Query) end) of
        {selected, Rows} ->
            {ok, [{Day, [cell({Direction, Chat, Content, Decision, Count})]}
                  || {Day, Direction, Chat, Content, Decision, Count} <- Rows]};
        Failure ->
            mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%% @doc Deletes the rows that are older than a day.
-spec delete_before(binary(), binary()) -> mod_e2e_policy_daily:answer(deleted).
delete_before(LServer, FirstDay) ->
    Query = ?SQL("delete from e2e_policy_daily where day < %(FirstDay)s and %(LServer)H"),
    case with_table(LServer, fun() -> ejabberd_sql:sql_query(LServer, Query) end) of
        {updated, _} -> {ok, deleted};
        Failure -> mod_e2e_policy_sql_table:failed(table(), Failure)
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec with_table(binary(), fun(() -> Result)) -> Result.
with_table(LServer, Operation) ->
    mod_e2e_policy_sql_table:with(LServer, table(), Operation).

%% The macro makes code that does not look at all results.
-dialyzer({nowarn_function, upsert/5}).
upsert(LServer, Day, Node, {Direction, Chat, Content, Decision}, Count) ->
    [DirectionWord, ChatWord, ContentWord, DecisionWord] =
        [atom_to_binary(Word) || Word <- [Direction, Chat, Content, Decision]],
    ?SQL_UPSERT_T("e2e_policy_daily",
                  ["!server_host=%(LServer)s", "!day=%(Day)s", "!node=%(Node)s",
                   "!direction=%(DirectionWord)s", "!chat=%(ChatWord)s",
                   "!content=%(ContentWord)s", "!decision=%(DecisionWord)s",
                   "messages=%(Count)d"]).

%% The words are atoms of this release, or those of a later one that was here before.
-spec cell({binary(), binary(), binary(), binary(), pos_integer()}) ->
          {mod_e2e_policy_counters:cell(), pos_integer()}.
cell({Direction, Chat, Content, Decision, Count}) ->
    {{binary_to_atom(Direction), binary_to_atom(Chat), binary_to_atom(Content),
      binary_to_atom(Decision)}, Count}.

-spec table() -> mod_e2e_policy_sql_table:table().
table() ->
    {"e2e_policy_daily",
     [host, "day varchar(10) not null, node ", name, " not null, direction varchar(16) not null, "
      "chat varchar(16) not null, content varchar(16) not null, decision varchar(16) not null, "
      "messages bigint not null"],
     ["day", "node", "direction", "chat", "content", "decision"]}.
