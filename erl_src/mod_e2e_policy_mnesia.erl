%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Grace clocks in Mnesia, in memory and on disk of each node.
-module(mod_e2e_policy_mnesia).

%% ejabberd's module_install compiles each module by itself, and would warn of a behaviour that it
%% does not find.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_grace).
-endif.

-export([init/2, get_clock/2, update_clock/3, list_clocks/1, use_cache/1]).

-record(e2e_policy_grace,
        {us :: {binary(), binary()} | '_' | {'$1', binary()},
         started :: term(),
         by :: term(),
         ends :: term()}).

-type stored() :: mod_e2e_policy_grace:stored().

%% @doc Makes the table.
-spec init(binary(), gen_mod:opts()) -> any().
init(_Host, _Opts) ->
    mod_e2e_policy_mnesia_table:make(?MODULE, table()).

%% @doc Whether a cache makes reading faster: no, the table is in memory.
-spec use_cache(binary()) -> false.
use_cache(_LServer) ->
    false.

%% @doc The clock of a user.
-spec get_clock(binary(), binary()) -> mod_e2e_policy_grace:answer(stored() | none).
get_clock(LUser, LServer) ->
    Read = fun() -> mnesia:dirty_read(e2e_policy_grace, {LUser, LServer}) end,
    case mod_e2e_policy_mnesia_table:dirty(table(), Read) of
        {ok, [Record]} -> {ok, clock(Record)};
        {ok, []} -> {ok, none};
        Failure -> Failure
    end.

%% @doc Changes the clock of a user.
%%
%% When a transaction of Mnesia returns, its records may only be in a buffer. The log is synced, so
%% that a crash of the node does not lose them.
-spec update_clock(binary(), binary(), fun((stored() | none) -> Clock)) ->
          mod_e2e_policy_grace:answer(Clock) when Clock :: mod_e2e_policy_grace:clock() | none.
update_clock(LUser, LServer, Update) ->
    Key = {LUser, LServer},
    Transaction =
        fun() ->
                Old = case mnesia:read(e2e_policy_grace, Key, write) of
                          [Record] -> clock(Record);
                          [] -> none
                      end,
                case Update(Old) of
                    Old ->
                        Old;
                    none ->
                        ok = mnesia:delete({e2e_policy_grace, Key}),
                        none;
                    {Started, By, Ends} = New ->
                        ok = mnesia:write(#e2e_policy_grace{us = Key, started = Started,
                                                            by = By, ends = Ends}),
                        New
                end
        end,
    Sync = fun() -> mnesia:sync_transaction(Transaction) end,
    case mod_e2e_policy_mnesia_table:with(table(), Sync) of
        {atomic, New} ->
            _ = mnesia:sync_log(),
            {ok, New};
        Failure ->
            Failure
    end.

%% @doc All clocks of a host.
-spec list_clocks(binary()) -> mod_e2e_policy_grace:answer([{binary(), stored()}]).
list_clocks(LServer) ->
    Pattern = #e2e_policy_grace{us = {'$1', LServer}, started = '$2', by = '$3', ends = '$4'},
    Match = [{Pattern, [], [{{'$1', {{'$2', '$3', '$4'}}}}]}],
    Read = fun() -> mnesia:dirty_select(e2e_policy_grace, Match) end,
    mod_e2e_policy_mnesia_table:dirty(table(), Read).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec table() -> mod_e2e_policy_mnesia_table:table().
table() ->
    {e2e_policy_grace, [{attributes, record_info(fields, e2e_policy_grace)}]}.

-spec clock(#e2e_policy_grace{}) -> stored().
clock(#e2e_policy_grace{started = Started, by = By, ends = Ends}) ->
    {Started, By, Ends}.
