%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Accounts that were removed recently: their sessions leave no clock.
%%%
%%% ejabberd removes an account and runs the hooks; its sessions end some time later. A session that
%%% starts a clock meanwhile looks here after it has written. Each node knows of a removal before
%%% the clock is deleted from the store. So either the session finds the removal here and deletes
%%% its clock itself, or the clock was written before, and is deleted with the account.
-module(mod_e2e_policy_removed).

%% Start and stop
-export([start/0, stop/0]).
%% API
-export([remember/2, is_removed_since/3]).
%% On each node of a cluster
-export([remember_here/2]).

-define(TABLE, e2e_policy_removed_cache).
%% How long a session may outlive its account, in milliseconds.
-define(LIFE_TIME, 600_000).
-define(MAX_SIZE, 100_000).

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Makes the table, one for all hosts, unless there is one.
-spec start() -> ok.
start() ->
    ets_cache:new(?TABLE, [{life_time, ?LIFE_TIME}, {max_size, ?MAX_SIZE}]).

%% @doc Deletes the table, when the last host stops.
-spec stop() -> ok.
stop() ->
    _ = ets_cache:delete(?TABLE),
    ok.

%%%===================================================================
%%% API
%%%===================================================================
%% @doc Records a removal on all nodes; returns when all that can be reached have done so.
-spec remember(binary(), binary()) -> ok.
remember(LUser, LServer) ->
    _ = ejabberd_cluster:multicall(?MODULE, remember_here, [LUser, LServer]),
    ok.

%% @doc Whether the account was removed after the session, or the command, with this id began.
-spec is_removed_since(ejabberd_sm:sid(), binary(), binary()) -> boolean().
is_removed_since({Begin, _Pid}, LUser, LServer) ->
    case ets_cache:lookup(?TABLE, {LUser, LServer}) of
        {ok, Removed} -> Begin < Removed;
        error -> false
    end.

%%%===================================================================
%%% On each node of a cluster
%%%===================================================================
%% @doc Records a removal on this node, with the node's own time, as the ids of its sessions have
%% it.
-spec remember_here(binary(), binary()) -> ok.
remember_here(LUser, LServer) ->
    {Now, _Pid} = ejabberd_sm:make_sid(),
    Key = {LUser, LServer},
    %% An entry that is there would not be replaced.
    _ = ets_cache:delete(?TABLE, Key),
    _ = ets_cache:insert(?TABLE, Key, Now),
    ok.
