%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Figures of paired measurements: their middle, and how sure it is.
-module(ratio).

-export([median/1, percentile/2, interval/1]).

%% How often the measurements are drawn again, with replacement.
-define(DRAWS, 2000).

-spec median([number(), ...]) -> number().
median(Numbers) ->
    Sorted = lists:sort(Numbers),
    Count = length(Sorted),
    (lists:nth((Count + 1) div 2, Sorted) + lists:nth(Count div 2 + 1, Sorted)) / 2.

-spec percentile(number(), [number(), ...]) -> number().
percentile(Percent, Numbers) ->
    lists:nth(max(1, ceil(length(Numbers) * Percent / 100)), lists:sort(Numbers)).

%% The median ratio of pairs, and the interval that holds 95 % of the medians of other draws: noise
%% makes it wide.
-spec interval([{number(), number()}, ...]) -> {Middle :: float(), Low :: float(), High :: float()}.
interval(Pairs) ->
    Ratios = list_to_tuple([One / Other || {One, Other} <- Pairs]),
    Medians = lists:sort([median(drawn(Ratios)) || _ <- lists:seq(1, ?DRAWS)]),
    {median(tuple_to_list(Ratios)), percentile(2.5, Medians), percentile(97.5, Medians)}.

drawn(Ratios) ->
    Count = tuple_size(Ratios),
    [element(rand:uniform(Count), Ratios) || _ <- lists:seq(1, Count)].
