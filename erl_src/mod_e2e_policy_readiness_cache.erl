%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc How many users of each host are ready, counted at most once an hour.
%%%
%%% The metrics and WebAdmin ask for the counts often, and counting takes seconds on a large host.
%%% One process of the node counts one host after the other, so that many hosts do not load a
%%% database all at once. Until it is done, the earlier counts are given.
-module(mod_e2e_policy_readiness_cache).

-export([recent/2, stop/1]).

-include("logger.hrl").

%% For how long counts are recent, and when it is tried again after a failure; in seconds.
-define(RECENT, 3600).
-define(AFTER_FAILURE, 60).
%% The first two cells of a host: when its users are to be counted again, in native units of the
%% node's monotonic time, and whether they have been counted. A cell for each count follows.
-define(DUE, 1).
-define(KNOWN, 2).
-define(COUNTS, [users, ready, no_keys, no_bundle, closed, writes_plain, with_omemo, with_pgp,
                 senders, writing_plain]).

-type counted() :: [{Host :: binary(), mod_e2e_policy_readiness:counts()}].

%% @doc The counts of those hosts that are known.
%%
%% Waits so many milliseconds at most, and only if users of a host have not been counted before.
-spec recent([binary()], Wait :: non_neg_integer()) -> counted().
recent(Hosts, Wait) ->
    Due = [{Host, Cells} || Host <- Hosts, Cells <- [cells(Host)],
                            atomics:get(Cells, ?DUE) =< erlang:monotonic_time()],
    _ = Due /= [] andalso count_meanwhile(Due, Wait),
    [{Host, maps:from_list(lists:zip(?COUNTS, counts(Cells)))}
     || Host <- Hosts, Cells <- [cells(Host)], atomics:get(Cells, ?KNOWN) == 1].

%% @doc Forgets the counts of a host that stops.
-spec stop(binary()) -> ok.
stop(Host) ->
    _ = persistent_term:erase(key(Host)),
    ok.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% The name of the process makes it the only one.
-spec count_meanwhile([{binary(), atomics:atomics_ref()}, ...], non_neg_integer()) -> ok.
count_meanwhile(Due, Wait) ->
    Counting = case whereis(?MODULE) of
                   undefined -> spawn(fun() -> count_alone(Due) end);
                   Process -> Process
               end,
    case lists:all(fun({_Host, Cells}) -> atomics:get(Cells, ?KNOWN) == 1 end, Due) of
        true ->
            ok;
        false ->
            Monitor = monitor(process, Counting),
            receive {'DOWN', Monitor, process, _, _} -> ok
            after Wait -> _ = demonitor(Monitor, [flush]), ok
            end
    end.

%% Messages of users come first: the process has a low priority.
-spec count_alone([{binary(), atomics:atomics_ref()}]) -> ok.
count_alone(Due) ->
    try register(?MODULE, self()) of
        true ->
            _ = process_flag(priority, low),
            lists:foreach(fun({Host, Cells}) -> count(Host, Cells) end, Due)
    catch
        error:badarg -> ok
    end.

%% A host may have no PEP, or stop meanwhile. A storage that is away is logged where it is read.
-spec count(binary(), atomics:atomics_ref()) -> ok.
count(Host, Cells) ->
    ok = due_in(Cells, ?AFTER_FAILURE),
    try mod_e2e_policy_readiness:readiness(Host) of
        {ok, Counts} ->
            _ = [atomics:put(Cells, Cell, maps:get(Name, Counts))
                 || {Cell, Name} <- lists:enumerate(?KNOWN + 1, ?COUNTS)],
            ok = atomics:put(Cells, ?KNOWN, 1),
            due_in(Cells, ?RECENT);
        {error, no_pubsub} ->
            ok = atomics:put(Cells, ?KNOWN, 0),
            due_in(Cells, ?RECENT);
        {error, db_failure} ->
            ok
    catch
        Class:Reason:Stack ->
            _ = gen_mod:is_loaded(Host, mod_e2e_policy)
                andalso ?ERROR_MSG("Users of ~ts could not be counted (~ts)",
                                   [Host, mod_e2e_policy_failure:describe(Class, Reason, Stack)]),
            ok
    end.

-spec counts(atomics:atomics_ref()) -> [non_neg_integer()].
counts(Cells) ->
    [atomics:get(Cells, Cell) || {Cell, _Name} <- lists:enumerate(?KNOWN + 1, ?COUNTS)].

-spec due_in(atomics:atomics_ref(), pos_integer()) -> ok.
due_in(Cells, Seconds) ->
    Later = erlang:monotonic_time() + erlang:convert_time_unit(Seconds, second, native),
    atomics:put(Cells, ?DUE, Later).

-spec cells(binary()) -> atomics:atomics_ref().
cells(Host) ->
    case persistent_term:get(key(Host), none) of
        none ->
            Cells = atomics:new(?KNOWN + length(?COUNTS), []),
            ok = atomics:put(Cells, ?DUE, erlang:monotonic_time()),
            ok = persistent_term:put(key(Host), Cells),
            Cells;
        Cells ->
            Cells
    end.

-spec key(binary()) -> {module(), binary()}.
key(Host) ->
    {?MODULE, Host}.
