%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Times and days of UTC, written as in RFC 3339: `2026-11-25T10:00:00Z', `2026-11-25'.
%%%
%%% The texts of days are in the order of the days.
-module(mod_e2e_policy_day).

-export([rfc3339/1, of_time/1, latest/2, since/2]).

-export_type([day/0]).

-type day() :: binary().

%% @doc A time, which is in seconds of Unix time, as text.
-spec rfc3339(integer()) -> binary().
rfc3339(Seconds) ->
    list_to_binary(calendar:system_time_to_rfc3339(Seconds, [{offset, "Z"}])).

%% @doc The day of a time, which is in seconds of Unix time.
-spec of_time(integer()) -> day().
of_time(Seconds) ->
    binary:part(rfc3339(Seconds), 0, 10).

%% @doc The later of two days, or the one that there is.
%%
%% In Erlang's order of terms `none' comes before all texts.
-spec latest(day() | none, day() | none) -> day() | none.
latest(Left, Right) ->
    max(Left, Right).

%% @doc A day, unless it is before the first one.
-spec since(First :: day(), day() | none) -> day() | none.
since(First, Day) when Day >= First -> Day;
since(_First, _Day) -> none.
