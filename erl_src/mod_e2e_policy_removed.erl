%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Which accounts were removed lately: what a session does that outlives its account must not be kept.
%%%
%%% ejabberd removes an account, runs the hooks, and the sessions end when they come to it. A session that
%%% starts a clock meanwhile looks here after it has written. Each node knows of a removal before the clock is
%%% forgotten in the store, so the session learns of it, or its clock was there to be forgotten.
-module(mod_e2e_policy_removed).

%% Life
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
%%% Life
%%%===================================================================
%% One table serves all hosts.
-spec start() -> ok.
start() ->
    ets_cache:new(?TABLE, [{life_time, ?LIFE_TIME}, {max_size, ?MAX_SIZE}]).

-spec stop() -> ok.
stop() ->
    _ = ets_cache:delete(?TABLE),
    ok.

%%%===================================================================
%%% API
%%%===================================================================
%% Returns when all nodes know it that can be reached.
-spec remember(binary(), binary()) -> ok.
remember(LUser, LServer) ->
    _ = ejabberd_cluster:multicall(?MODULE, remember_here, [LUser, LServer]),
    ok.

%% Whether the account was removed after a session of this node, or whatever else has such an id, began.
-spec is_removed_since(ejabberd_sm:sid(), binary(), binary()) -> boolean().
is_removed_since({Begin, _Pid}, LUser, LServer) ->
    case ets_cache:lookup(?TABLE, {LUser, LServer}) of
        {ok, Removed} -> Begin < Removed;
        error -> false
    end.

%%%===================================================================
%%% On each node of a cluster
%%%===================================================================
%% By the clock of the node, as its sessions are: no other is compared with theirs.
-spec remember_here(binary(), binary()) -> ok.
remember_here(LUser, LServer) ->
    {Now, _Pid} = ejabberd_sm:make_sid(),
    Key = {LUser, LServer},
    %% What is there would stay.
    _ = ets_cache:delete(?TABLE, Key),
    _ = ets_cache:insert(?TABLE, Key, Now),
    ok.
