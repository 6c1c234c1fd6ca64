%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Times functions in many short slices, each in a new process, in an order that is shuffled in
%%% each round: when something else runs on the machine for a while, it slows down all functions
%%% alike.
-module(slices).

-export([measure/2, shuffled/1, slope/1]).

-export_type([figure/0]).

%% Nanoseconds for one call: the median of all slices, and the quartiles.
-type figure() :: #{median := float(), low := float(), high := float(), slices := pos_integer()}.

%% How long a slice should take, in nanoseconds: long compared with the clock's resolution, short
%% compared with the time for which other programs run.
-define(SLICE, 300_000).

%% In words. A small heap, so that garbage is collected often, as in a session that sends a message
%% from time to time.
-define(HEAP, 2586).

%% Begins rounds until the time is over, in milliseconds.
-spec measure(#{Key => fun(() -> term())}, Time :: pos_integer()) -> #{Key => figure()}.
measure(Functions, Time) ->
    Slices = [{Key, Function, calls(Function, 1)} || {Key, Function} <- maps:to_list(Functions)],
    Until = erlang:monotonic_time(millisecond) + Time,
    maps:map(fun(_Key, Times) -> figure(Times) end, rounds(Slices, Until, #{})).

%% How many calls make a slice.
calls(Function, Calls) ->
    case slice(Function, Calls) of
        Time when Time >= ?SLICE -> Calls;
        Time -> calls(Function, min(Calls * 10, Calls * ?SLICE div max(Time, 1) + 1))
    end.

rounds(Slices, Until, Times) ->
    Run = fun({Key, Function, Calls}, Acc) ->
                  Time = slice(Function, Calls) / Calls,
                  maps:update_with(Key, fun(Before) -> [Time | Before] end, [Time], Acc)
          end,
    More = lists:foldl(Run, Times, shuffled(Slices)),
    case erlang:monotonic_time(millisecond) < Until of
        true -> rounds(Slices, Until, More);
        false -> More
    end.

-spec shuffled([Item]) -> [Item].
shuffled(List) ->
    [Item || {_, Item} <- lists:sort([{rand:uniform(), Item} || Item <- List])].

%% The time includes that of collecting the garbage of the calls.
slice(Function, Calls) ->
    Run = fun() ->
                  loop(Function, Calls div 10 + 1),
                  Begin = erlang:monotonic_time(nanosecond),
                  loop(Function, Calls),
                  exit({took, erlang:monotonic_time(nanosecond) - Begin})
          end,
    {_, Monitor} = spawn_opt(Run, [monitor, {min_heap_size, ?HEAP}]),
    receive {'DOWN', Monitor, process, _, {took, Time}} -> Time end.

loop(_Function, 0) ->
    ok;
loop(Function, Calls) ->
    _ = Function(),
    loop(Function, Calls - 1).

figure(Times) ->
    Sorted = lists:sort(Times),
    Quantile = fun(Part) -> lists:nth(1 + trunc(Part * (length(Sorted) - 1)), Sorted) end,
    #{median => Quantile(0.5), low => Quantile(0.25), high => Quantile(0.75),
      slices => length(Sorted)}.

%% By how much y grows with each x: least squares of the relative errors, so that small x count as
%% much as large ones.
-spec slope([{X :: number(), Y :: number()}]) -> {Slope :: float(), Constant :: float()}.
slope(Points) ->
    Weighted = [{1 / (Y * Y), X, Y} || {X, Y} <- Points],
    Sum = fun(Term) -> lists:sum([W * Term(X, Y) || {W, X, Y} <- Weighted]) end,
    N = Sum(fun(_, _) -> 1 end),
    SumX = Sum(fun(X, _) -> X end),
    SumY = Sum(fun(_, Y) -> Y end),
    Slope = (N * Sum(fun(X, Y) -> X * Y end) - SumX * SumY)
        / (N * Sum(fun(X, _) -> X * X end) - SumX * SumX),
    {Slope, (SumY - Slope * SumX) / N}.
