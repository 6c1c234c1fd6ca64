%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Ratios of paired measurements: the median, and its confidence interval.
-module(ratio).

-export([median/1, percentile/2, interval/1]).

%% How many samples of the measurements are drawn, with replacement (bootstrap).
-define(DRAWS, 2000).

-spec median([number(), ...]) -> number().
median(Numbers) ->
    Sorted = lists:sort(Numbers),
    Count = length(Sorted),
    (lists:nth((Count + 1) div 2, Sorted) + lists:nth(Count div 2 + 1, Sorted)) / 2.

-spec percentile(number(), [number(), ...]) -> number().
percentile(Percent, Numbers) ->
    lists:nth(max(1, ceil(length(Numbers) * Percent / 100)), lists:sort(Numbers)).

%% The median ratio of pairs, and the interval of 95 % of the medians of all samples, which noise
%% makes wide. Pairs of one group have something in common, so a sample draws groups first, then
%% pairs of each.
-spec interval([[{number(), number()}, ...], ...]) ->
          {Middle :: float(), Low :: float(), High :: float()}.
interval(Groups) ->
    Ratios = [[Left / Right || {Left, Right} <- Pairs] || Pairs <- Groups],
    Tuples = list_to_tuple([list_to_tuple(Group) || Group <- Ratios]),
    Medians = lists:sort([median(lists:flatmap(fun drawn/1, drawn(Tuples)))
                          || _ <- lists:seq(1, ?DRAWS)]),
    {median(lists:append(Ratios)), percentile(2.5, Medians), percentile(97.5, Medians)}.

drawn(Items) ->
    Count = tuple_size(Items),
    [element(rand:uniform(Count), Items) || _ <- lists:seq(1, Count)].
