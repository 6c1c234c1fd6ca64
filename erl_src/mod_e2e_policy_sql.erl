%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Grace clocks in SQL: SQLite, PostgreSQL or MySQL.
%%%
%%% There is one table for all hosts, or each host has a database of its own, as ejabberd is set up.
%%% The table is made here with plain SQL, because ejabberd 23.01 makes no tables, and later
%%% versions do so depending on an option.
-module(mod_e2e_policy_sql).

%% ejabberd's module_install compiles each module by itself, and would warn of a behaviour that it
%% does not find.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_grace).
-endif.

-export([init/2, get_clock/2, update_clock/3, list_clocks/1, use_cache/1]).

-include("logger.hrl").
-include("ejabberd_sql_pt.hrl").

%% Stored when no admin has fixed an end. Not a negative number, which p1_mysql of Debian 13 reads
%% as an unsigned one.
-define(NO_END, 0).

-type stored() :: mod_e2e_policy_grace:stored().

%% @doc Makes the table.
-spec init(binary(), gen_mod:opts()) -> any().
init(Host, _Opts) ->
    make_table(Host).

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
        Failure -> failed(Failure)
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
        Failure -> failed(Failure)
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
            failed(Failure)
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

%% Makes a table again that was deleted while the server runs, or that was not made because the
%% database was away when the host started; then repeats the operation. The error of each database
%% has the name of the missing table in it, in every language.
-spec with_table(binary(), fun(() -> Result)) -> Result.
with_table(LServer, Operation) ->
    Result = Operation(),
    case is_about_table(Result) andalso make_table(LServer) of
        {atomic, _} -> Operation();
        _ -> Result
    end.

-spec is_about_table(term()) -> boolean().
is_about_table({Failure, Reason}) when Failure == error; Failure == aborted ->
    string:find(io_lib:format("~tp", [Reason]), "e2e_policy_grace") /= nomatch;
is_about_table(_) ->
    false.

%% In a transaction of its own, because PostgreSQL accepts no more queries in one that has failed.
-spec make_table(binary()) -> {atomic, term()} | {aborted, term()}.
make_table(LServer) ->
    Create = fun(Type, _Version) ->
                     ejabberd_sql:sql_query_t([create_table(Type, is_multi_host())])
             end,
    ejabberd_sql:sql_transaction(LServer, fun() -> ejabberd_sql:sql_query_t(Create) end).

%% Under the name that this ejabberd has for it: the newer one exists since 25.10, where the older
%% one is deprecated.
-spec is_multi_host() -> boolean().
is_multi_host() ->
    Names = [Name || Name <- [use_multihost_schema, use_new_schema],
                     erlang:function_exported(ejabberd_sql, Name, 0)],
    ejabberd_sql:(hd(Names))().

%% The column server_host exists in the multi-host schema only; ejabberd removes it from the queries
%% otherwise. MySQL cannot index text without a length.
-spec create_table(atom(), MultiHost :: boolean()) -> iolist().
create_table(Type, MultiHost) ->
    Name = case Type of
               mysql -> "varchar(191) character set utf8mb4 collate utf8mb4_bin";
               _ -> "text"
           end,
    {HostColumn, Key} = case MultiHost of
                            true ->
                                {["server_host ", Name, " not null, "], "server_host, username"};
                            false ->
                                {"", "username"}
                        end,
    ["create table if not exists e2e_policy_grace (username ", Name, " not null, ", HostColumn,
     "started bigint not null, started_by varchar(16) not null, ends bigint not null, "
     "primary key (", Key, "))"].

-spec failed({error | aborted, term()}) -> {error, unicode:chardata()}.
failed({_, Reason}) ->
    ?DEBUG("SQL table e2e_policy_grace: ~p", [Reason]),
    {error, ["SQL: ", reason_text(Reason)]}.

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
