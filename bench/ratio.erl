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
%% makes it wide. Pairs of one group have something in common, so groups are drawn first, then pairs of each.
-spec interval([[{number(), number()}, ...], ...]) ->
          {Middle :: float(), Low :: float(), High :: float()}.
interval(Groups) ->
    Ratios = [[One / Other || {One, Other} <- Pairs] || Pairs <- Groups],
    Drawable = list_to_tuple([list_to_tuple(Group) || Group <- Ratios]),
    Medians = lists:sort([median(lists:flatmap(fun drawn/1, drawn(Drawable)))
                          || _ <- lists:seq(1, ?DRAWS)]),
    {median(lists:append(Ratios)), percentile(2.5, Medians), percentile(97.5, Medians)}.

drawn(Items) ->
    Count = tuple_size(Items),
    [element(rand:uniform(Count), Items) || _ <- lists:seq(1, Count)].
