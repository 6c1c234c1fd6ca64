%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Days of UTC, written as in RFC 3339, such as `2026-11-25'.
%%%
%%% Such texts are in the order of the days.
-module(mod_e2e_policy_day).

-export([of_time/1]).

-export_type([day/0]).

-type day() :: binary().

%% @doc The day of a time, which is in seconds of Unix time.
-spec of_time(integer()) -> day().
of_time(Seconds) ->
    binary:part(list_to_binary(calendar:system_time_to_rfc3339(Seconds, [{offset, "Z"}])), 0, 10).
