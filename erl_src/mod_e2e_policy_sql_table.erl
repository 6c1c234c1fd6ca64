%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Tables in SQL: how they are made, and what is said of failures.
%%%
%%% Tables are made here with plain SQL, because ejabberd 23.01 makes none, and later versions do so
%%% depending on an option.
-module(mod_e2e_policy_sql_table).

-export([make/2, exists/2, with/3, failed/2, is_multi_host/0]).

-export_type([table/0]).

-include("logger.hrl").

-type table() :: {Name :: string(), Columns :: [string() | name | host], Key :: [string()]}.
%% In the columns `name' is the type of a name, and `host' is where the column with the host stands
%% in the multi-host schema, of which it is the first of the key.

%% @doc Makes a table again that was deleted while the server runs, or that was not made because the
%% database was away when the host started; then repeats the operation.
%%
%% The error of each database has the name of the missing table in it, in every language.
-spec with(binary(), table(), fun(() -> Result)) -> Result.
with(LServer, {Name, _, _} = Table, Operation) ->
    Result = Operation(),
    case is_about(Name, Result) andalso make(LServer, Table) of
        {atomic, _} -> Operation();
        _ -> Result
    end.

%% @doc Makes a table, unless there is one.
%%
%% In a transaction of its own, because PostgreSQL accepts no more queries in one that has failed.
-spec make(binary(), table()) -> {atomic, term()} | {aborted, term()}.
make(LServer, Table) ->
    Create = fun(Type, _Version) ->
                     ejabberd_sql:sql_query_t([create(Table, Type, is_multi_host())])
             end,
    ejabberd_sql:sql_transaction(LServer, fun() -> ejabberd_sql:sql_query_t(Create) end).

%% @doc Whether there is the table. A query on one that is missing would be logged as an error.
-spec exists(binary(), table()) -> {ok, boolean()} | {error, unicode:chardata()}.
exists(LServer, {Name, _, _} = Table) ->
    Select = fun(Type, _Version) -> ejabberd_sql:sql_query_t([select_table(Name, Type)]) end,
    case ejabberd_sql:sql_query(LServer, Select) of
        {selected, _Columns, Rows} -> {ok, Rows /= []};
        Failure -> failed(Table, Failure)
    end.

%% @doc A failure in words.
-spec failed(table(), {error | aborted, term()}) -> {error, unicode:chardata()}.
failed({Name, _, _}, {_, Reason}) ->
    ?DEBUG("SQL table ~ts: ~p", [Name, Reason]),
    {error, ["SQL: ", reason_text(Reason)]}.

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec is_about(string(), term()) -> boolean().
is_about(Name, {Failure, Reason}) when Failure == error; Failure == aborted ->
    string:find(io_lib:format("~tp", [Reason]), Name) /= nomatch;
is_about(_, _) ->
    false.

%% @doc Whether one table has the rows of all hosts.
%%
%% Under the name that this ejabberd has for it: the newer one exists since 25.10, where the older
%% one is deprecated.
-spec is_multi_host() -> boolean().
is_multi_host() ->
    Names = [Name || Name <- [use_multihost_schema, use_new_schema],
                     erlang:function_exported(ejabberd_sql, Name, 0)],
    ejabberd_sql:(hd(Names))().

%% The column server_host exists in the multi-host schema only; ejabberd removes it from the queries
%% otherwise. MySQL cannot index text without a length.
-spec create(table(), atom(), MultiHost :: boolean()) -> iolist().
create({Table, Columns, Key}, Type, MultiHost) ->
    Name = case Type of
               mysql -> "varchar(191) character set utf8mb4 collate utf8mb4_bin";
               _ -> "text"
           end,
    {HostColumn, HostKey} = case MultiHost of
                                true -> {["server_host ", Name, " not null, "], ["server_host"]};
                                false -> {"", []}
                            end,
    ["create table if not exists ", Table, " (",
     [case Column of
          name -> Name;
          host -> HostColumn;
          Text -> Text
      end || Column <- Columns],
     ", primary key (", lists:join(", ", HostKey ++ Key), "))"].

-spec select_table(string(), atom()) -> iolist().
select_table(Table, sqlite) ->
    ["select 1 from sqlite_master where type = 'table' and name = '", Table, "'"];
select_table(Table, Type) ->
    Schema = case Type of
                 mysql -> "database()";
                 _ -> "current_schema()"
             end,
    ["select 1 from information_schema.tables where table_schema = ", Schema,
     " and table_name = '", Table, "'"].

%% The error text of a database, which has names of tables and users at most; of other terms the
%% kind.
-spec reason_text(term()) -> string().
reason_text(Reason) when is_binary(Reason) ->
    Characters = case unicode:characters_to_list(Reason) of
                     Text when is_list(Text) -> Text;
                     _ -> binary_to_list(Reason)
                 end,
    [max($\s, Character) || Character <- lists:sublist(Characters, 200)];
reason_text(Reason) when is_atom(Reason) ->
    atom_to_list(Reason);
reason_text({error, Reason}) ->
    reason_text(Reason);
%% An error of PostgreSQL has several fields.
reason_text([{_, _} | _] = Fields) ->
    case lists:keyfind(message, 1, Fields) of
        {message, Message} when is_binary(Message) -> reason_text(Message);
        _ -> "an unknown failure"
    end;
reason_text(Reason) when is_tuple(Reason), is_atom(element(1, Reason)) ->
    atom_to_list(element(1, Reason));
reason_text(_) ->
    "an unknown failure".
