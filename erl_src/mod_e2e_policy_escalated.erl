%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Whether an admin may have escalated users of a host.
%%%
%%% Where the level is `optional', the clock of a sender only matters if an admin has escalated this
%%% user. Most hosts have no such user: then a warning needs no look-up in the store of clocks.
%%%
%%% That there is none is known for an hour, from a read of all clocks. A command that escalates a
%%% user ends it on all nodes; the hour limits what happens if a node could not be reached then.
-module(mod_e2e_policy_escalated).

%% Start and stop
-export([start/1, stop/1]).
%% API
-export([is_possible/2, changed/1]).
%% On each node of a cluster
-export([changed_here/1]).

%% For how long what was read is believed, and what could not be read is not read again; in seconds.
-define(BELIEVED, 3600).
-define(PATIENCE, 60).
%% The cells of a host: when the clocks are to be read again, in seconds of the node's monotonic
%% time; whether somebody may be escalated; whether a process is reading; and how often it changed.
-define(READ_AT, 1).
-define(POSSIBLE, 2).
-define(READING, 3).
-define(CHANGES, 4).

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Starts for a host; nothing is known at first, nor after its clocks have another store.
-spec start(binary()) -> ok.
start(Host) ->
    case persistent_term:get(key(Host), none) of
        none ->
            Cells = atomics:new(4, []),
            ok = atomics:put(Cells, ?POSSIBLE, 1),
            persistent_term:put(key(Host), Cells);
        _Cells ->
            changed_here(Host)
    end.

%% @doc Stops for a host.
-spec stop(binary()) -> ok.
stop(Host) ->
    _ = persistent_term:erase(key(Host)),
    ok.

%%%===================================================================
%%% API
%%%===================================================================
%% @doc Whether somebody may be escalated. If that is not known, a process finds out by the function
%% that reads all clocks.
-spec is_possible(binary(), fun(() -> {ok, [{binary(), mod_e2e_policy_grace:clock()}]}
                                    | {error, term()})) -> boolean().
is_possible(Host, Read) ->
    case persistent_term:get(key(Host), none) of
        none ->
            true;
        Cells ->
            _ = now_() >= atomics:get(Cells, ?READ_AT)
                andalso atomics:compare_exchange(Cells, ?READING, 0, 1) == ok
                andalso spawn(fun() -> find_out(Cells, Read) end),
            atomics:get(Cells, ?POSSIBLE) == 1
    end.

%% @doc Notes on all nodes that an admin has changed a clock, after it was written.
-spec changed(binary()) -> ok.
changed(Host) ->
    _ = ejabberd_cluster:multicall(?MODULE, changed_here, [Host]),
    ok.

%%%===================================================================
%%% On each node of a cluster
%%%===================================================================
%% @doc Notes the same on this node.
-spec changed_here(binary()) -> ok.
changed_here(Host) ->
    case persistent_term:get(key(Host), none) of
        none ->
            ok;
        Cells ->
            ok = atomics:add(Cells, ?CHANGES, 1),
            forget(Cells)
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% A change during the read may not be in what was read. It is noted after it was written, so that
%% either the read has it, or the number of changes is another one afterwards.
-spec find_out(atomics:atomics_ref(), fun()) -> ok.
find_out(Cells, Read) ->
    Changes = atomics:get(Cells, ?CHANGES),
    try Read() of
        {ok, Clocks} ->
            IsPossible = lists:any(fun({_User, {_, By, _}}) -> By == admin end, Clocks),
            ok = atomics:put(Cells, ?POSSIBLE, case IsPossible of true -> 1; false -> 0 end),
            ok = atomics:put(Cells, ?READ_AT, now_() + ?BELIEVED);
        {error, _} ->
            ok = atomics:put(Cells, ?READ_AT, now_() + ?PATIENCE)
    after
        _ = atomics:get(Cells, ?CHANGES) == Changes orelse forget(Cells),
        atomics:put(Cells, ?READING, 0)
    end.

-spec forget(atomics:atomics_ref()) -> ok.
forget(Cells) ->
    ok = atomics:put(Cells, ?POSSIBLE, 1),
    atomics:put(Cells, ?READ_AT, 0).

%% Never negative, as the monotonic time may be.
-spec now_() -> integer().
now_() ->
    erlang:convert_time_unit(erlang:monotonic_time() - erlang:system_info(start_time),
                             native, second).

-spec key(binary()) -> {module(), binary()}.
key(Host) ->
    {?MODULE, Host}.
