%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Lets an event through once in an interval.
%%%
%%% The event is a warning, or a line in the log.
%%%
%%% The events are in tables of `ets_cache', each with a process of its own: they remain when the
%%% process ends that has started a host.
-module(mod_e2e_policy_throttle).

-export([is_due/3]).

%% @doc Whether no interval of this event is running; if so, one begins.
%%
%% The interval is in milliseconds, and the table has to keep its entries for as long. Without the
%% table each event is due.
-spec is_due(Table :: atom(), Event :: term(), Interval :: pos_integer()) -> boolean().
is_due(Table, Event, Interval) ->
    Now = erlang:monotonic_time(millisecond),
    case ets_cache:lookup(Table, Event) of
        {ok, Begin} when Now - Begin < Interval ->
            false;
        Over ->
            _ = Over == error orelse ets_cache:delete(Table, Event),
            ets_cache:insert(Table, Event, Now) orelse ets:whereis(Table) == undefined
    end.
