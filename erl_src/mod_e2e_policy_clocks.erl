%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Whether a host may have grace clocks that matter.
%%%
%%% Where the level is `optional', the clock of a sender only matters if an admin has escalated this
%%% user; and while a policy is tested no clock starts, so that a host often has none. Then a
%%% message needs no look-up in the store of clocks.
%%%
%%% That there is none is known for an hour, from a read of all clocks. A clock that is written ends
%%% it on all nodes; the hour limits what happens if a node could not be reached then.
-module(mod_e2e_policy_clocks).

%% Start and stop
-export([start/1, stop/1]).
%% API
-export([may_have/3, changed/2]).
%% On each node of a cluster
-export([changed_here/1]).

%% For how long what was read is believed, and what could not be read is not read again; in seconds.
-define(BELIEVED, 3600).
-define(PATIENCE, 60).
%% The cells of a host: when the clocks are to be read again, in native units of the node's
%% monotonic time; whether there may be clocks, and such that an admin has started; whether a
%% process is reading; and how often they changed.
-define(READ_AT, 1).
-define(ANY, 2).
-define(ADMIN, 3).
-define(READING, 4).
-define(CHANGES, 5).

-type read() :: fun(() -> {ok, [{binary(), mod_e2e_policy_grace:clock()}]} | {error, term()}).

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Starts for a host; nothing is known at first, nor after its clocks have another store.
-spec start(binary()) -> ok.
start(Host) ->
    case persistent_term:get(key(Host), none) of
        none ->
            Cells = atomics:new(5, []),
            forget(Cells),
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
%% @doc Whether there may be a clock, or one that an admin has started. If that is not known, a
%% process finds out by the function that reads all clocks.
-spec may_have(any | admin, binary(), read()) -> boolean().
may_have(Which, Host, Read) ->
    case persistent_term:get(key(Host), none) of
        none ->
            true;
        Cells ->
            _ = erlang:monotonic_time() >= atomics:get(Cells, ?READ_AT)
                andalso atomics:compare_exchange(Cells, ?READING, 0, 1) == ok
                andalso spawn(fun() -> find_out(Cells, Read) end),
            atomics:get(Cells, case Which of any -> ?ANY; admin -> ?ADMIN end) == 1
    end.

%% @doc Notes on all nodes that a clock was written, and who had started it.
%%
%% That of a violation matters only where the host is known to have none.
-spec changed(binary(), violation | admin) -> ok.
changed(Host, By) ->
    Cells = persistent_term:get(key(Host), none),
    _ = (By == admin orelse (Cells /= none andalso atomics:get(Cells, ?ANY) == 0))
        andalso ejabberd_cluster:multicall(?MODULE, changed_here, [Host]),
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
-spec find_out(atomics:atomics_ref(), read()) -> ok.
find_out(Cells, Read) ->
    Changes = atomics:get(Cells, ?CHANGES),
    try Read() of
        {ok, Clocks} ->
            HasAdmin = lists:any(fun({_User, {_, By, _}}) -> By == admin end, Clocks),
            ok = atomics:put(Cells, ?ANY, number(Clocks /= [])),
            ok = atomics:put(Cells, ?ADMIN, number(HasAdmin)),
            ok = atomics:put(Cells, ?READ_AT, in_seconds(?BELIEVED));
        {error, _} ->
            ok = atomics:put(Cells, ?READ_AT, in_seconds(?PATIENCE))
    after
        _ = atomics:get(Cells, ?CHANGES) == Changes orelse forget(Cells),
        atomics:put(Cells, ?READING, 0)
    end.

-spec forget(atomics:atomics_ref()) -> ok.
forget(Cells) ->
    ok = atomics:put(Cells, ?ANY, 1),
    ok = atomics:put(Cells, ?ADMIN, 1),
    atomics:put(Cells, ?READ_AT, erlang:monotonic_time()).

-spec number(boolean()) -> 0 | 1.
number(false) -> 0;
number(true) -> 1.

-spec in_seconds(pos_integer()) -> integer().
in_seconds(Seconds) ->
    erlang:monotonic_time() + erlang:convert_time_unit(Seconds, second, native).

-spec key(binary()) -> {module(), binary()}.
key(Host) ->
    {?MODULE, Host}.
