%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Grace clocks in Mnesia: a copy on each node of a cluster, in memory and on disk.
-module(mod_e2e_policy_mnesia).

%% ejabberd's module_install compiles each module by itself, where no other can be found.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_grace).
-endif.

-export([init/2, stop/1, get_clock/2, update_clock/3, list_clocks/1, use_cache/1]).

-include("logger.hrl").

-record(e2e_policy_grace,
        {us :: {binary(), binary()} | '_' | {'$1', binary()},
         started :: integer() | '$2',
         by :: violation | admin | '$3',
         ends :: integer() | undefined | '$4'}).

-spec init(binary(), gen_mod:opts()) -> any().
init(_Host, _Opts) ->
    ejabberd_mnesia:create(?MODULE, e2e_policy_grace,
                           [{disc_copies, [node()]},
                            {attributes, record_info(fields, e2e_policy_grace)}]).

-spec stop(binary()) -> ok.
stop(_LServer) ->
    ok.

-spec use_cache(binary()) -> false.
use_cache(_LServer) ->
    false.

-spec get_clock(binary(), binary()) ->
          {ok, mod_e2e_policy_grace:clock() | none} | {error, db_failure}.
get_clock(LUser, LServer) ->
    try mnesia:dirty_read(e2e_policy_grace, {LUser, LServer}) of
        [Record] -> {ok, clock(Record)};
        [] -> {ok, none}
    catch
        exit:{aborted, Reason} -> failed(Reason)
    end.

%% A transaction of Mnesia is in the log's buffer when it returns; only a synced log survives the sudden
%% end of the node.
-spec update_clock(binary(), binary(), fun((Clock) -> Clock)) ->
          {ok, Clock} | {error, db_failure}
              when Clock :: mod_e2e_policy_grace:clock() | none.
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
    case mnesia:sync_transaction(Transaction) of
        {atomic, New} ->
            _ = mnesia:sync_log(),
            {ok, New};
        {aborted, Reason} ->
            failed(Reason)
    end.

-spec list_clocks(binary()) ->
          {ok, [{binary(), mod_e2e_policy_grace:clock()}]} | {error, db_failure}.
list_clocks(LServer) ->
    Pattern = #e2e_policy_grace{us = {'$1', LServer}, started = '$2', by = '$3', ends = '$4'},
    try mnesia:dirty_select(e2e_policy_grace, [{Pattern, [], [{{'$1', {{'$2', '$3', '$4'}}}}]}]) of
        Rows -> {ok, Rows}
    catch
        exit:{aborted, Reason} -> failed(Reason)
    end.

-spec clock(#e2e_policy_grace{}) -> mod_e2e_policy_grace:clock().
clock(#e2e_policy_grace{started = Started, by = By, ends = Ends}) ->
    {Started, By, Ends}.

-spec failed(term()) -> {error, db_failure}.
failed(Reason) ->
    ?DEBUG("Mnesia table e2e_policy_grace: ~p", [Reason]),
    {error, db_failure}.
