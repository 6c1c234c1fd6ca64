%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Counts of messages by day in Mnesia, in memory and on disk of each node.
%%%
%%% A row has all cells of a day: rows for each cell would take ten times the memory.
-module(mod_e2e_policy_daily_mnesia).

%% ejabberd's module_install compiles each module by itself, and would warn of a behaviour that it
%% does not find.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_daily).
-endif.

-export([init/2, read_own/2, write_own/4, read_since/2, delete_before/2]).

-record(e2e_policy_daily,
        {key :: {Host :: binary(), Day :: binary() | '$1' | '_', node() | '_'} | '$2',
         cells :: mod_e2e_policy_daily:cells() | '$2' | '_'}).

%% @doc Makes the table.
-spec init(binary(), gen_mod:opts()) -> any().
init(_Host, _Opts) ->
    mod_e2e_policy_mnesia_table:make(?MODULE, table()).

%% @doc The totals of this node on a day.
-spec read_own(binary(), binary()) -> mod_e2e_policy_daily:answer(mod_e2e_policy_daily:cells()).
read_own(LServer, Day) ->
    Read = fun() -> mnesia:dirty_read(e2e_policy_daily, {LServer, Day, node()}) end,
    case mod_e2e_policy_mnesia_table:dirty(table(), Read) of
        {ok, [#e2e_policy_daily{cells = Cells}]} -> {ok, Cells};
        {ok, []} -> {ok, []};
        Failure -> Failure
    end.

%% @doc Writes the totals of this node on a day.
%%
%% Returns when all nodes have them, so that their reports do. The log is synced, so that a crash of
%% the node does not lose them.
-spec write_own(binary(), binary(), map(), [mod_e2e_policy_counters:cell()]) ->
          mod_e2e_policy_daily:answer(written).
write_own(LServer, Day, Totals, _Changed) ->
    Row = #e2e_policy_daily{key = {LServer, Day, node()}, cells = maps:to_list(Totals)},
    Write = fun() -> mnesia:activity(sync_dirty, fun() -> mnesia:write(Row) end) end,
    case mod_e2e_policy_mnesia_table:dirty(table(), Write) of
        {ok, ok} -> _ = mnesia:sync_log(), {ok, written};
        Failure -> Failure
    end.

%% @doc The totals of all nodes since a day.
-spec read_since(binary(), binary()) ->
          mod_e2e_policy_daily:answer([{binary(), mod_e2e_policy_daily:cells()}]).
read_since(LServer, Day) ->
    Pattern = #e2e_policy_daily{key = {LServer, '$1', '_'}, cells = '$2'},
    Match = [{Pattern, [{'>=', '$1', Day}], [{{'$1', '$2'}}]}],
    Read = fun() -> mnesia:dirty_select(e2e_policy_daily, Match) end,
    mod_e2e_policy_mnesia_table:dirty(table(), Read).

%% @doc Deletes the rows that are older than a day.
-spec delete_before(binary(), binary()) -> mod_e2e_policy_daily:answer(deleted).
delete_before(LServer, Day) ->
    Pattern = #e2e_policy_daily{key = {LServer, '$1', '_'}, cells = '_'},
    Match = [{Pattern, [{'<', '$1', Day}], ['$_']}],
    Delete = fun() ->
                     [mnesia:dirty_delete(e2e_policy_daily, Key)
                      || #e2e_policy_daily{key = Key}
                             <- mnesia:dirty_select(e2e_policy_daily, Match)]
             end,
    case mod_e2e_policy_mnesia_table:dirty(table(), Delete) of
        {ok, _} -> {ok, deleted};
        Failure -> Failure
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Ordered, so that the rows of a host are beside each other.
-spec table() -> mod_e2e_policy_mnesia_table:table().
table() ->
    {e2e_policy_daily,
     [{type, ordered_set}, {attributes, record_info(fields, e2e_policy_daily)}]}.
