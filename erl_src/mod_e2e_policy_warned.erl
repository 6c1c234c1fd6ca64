%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Who was warned of what lately, for the option `warn_interval'.
%%%
%%% One table for all hosts, on the node where the session lives. What it forgets costs one warning more, so it
%%% is neither stored nor copied to other nodes.
-module(mod_e2e_policy_warned).

%% Life
-export([start/2, stop/1]).
%% API
-export([is_due/4]).

-include("xmpp.hrl").

-define(TABLE, e2e_policy_warned_cache).
%% How many triples of sender, recipient and reason the table holds, about 250 octets each. A full table is
%% emptied.
-define(MAX_SIZE, 100_000).

%%%===================================================================
%%% Life
%%%===================================================================
%% Called again with new options, it keeps what it knows, unless there is no interval any more.
-spec start(binary(), gen_mod:opts()) -> ok.
start(Host, Opts) ->
    case gen_mod:get_opt(warn_interval, Opts) of
        0 ->
            _ = ets_cache:match_delete(?TABLE, {Host, '_', '_', '_', '_'}),
            stop(Host);
        Seconds ->
            keep_for(Host, Seconds * 1000)
    end.

%% The table goes with the last host that has an interval.
-spec stop(binary()) -> ok.
stop(Host) ->
    case lists:any(fun(Other) -> interval(Other) > 0 end, others(Host)) of
        true -> ok;
        false -> _ = ets_cache:delete(?TABLE), ok
    end.

%%%===================================================================
%%% API
%%%===================================================================
%% Whether a warning is to be sent; if so, the interval begins.
-spec is_due(binary(), jid(), jid(), plain | unacceptable) -> boolean().
is_due(Host, #jid{luser = Sender}, #jid{luser = User, lserver = Server}, Reason) ->
    case interval(Host) of
        0 -> true;
        Interval -> begins({Host, Sender, User, Server, Reason}, Interval)
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Whether an interval begins, because none is under way. Of two sessions that ask at once, one is told so.
-spec begins(tuple(), pos_integer()) -> boolean().
begins(Key, Interval) ->
    Now = erlang:monotonic_time(millisecond),
    case ets_cache:lookup(?TABLE, Key) of
        {ok, Begin} when Now - Begin < Interval ->
            false;
        Over ->
            _ = Over == error orelse ets_cache:delete(?TABLE, Key),
            ets_cache:insert(?TABLE, Key, Now) orelse ets:whereis(?TABLE) == undefined
    end.

%% The table keeps each entry as long as the longest interval, and rather longer: ejabberd compiles a module
%% for each change of a cache.
-spec keep_for(binary(), pos_integer()) -> ok.
keep_for(Host, Interval) ->
    Kept = proplists:get_value(life_time, ets_cache:info(?TABLE), 0),
    case Kept >= Interval of
        true ->
            ok;
        false ->
            %% What another host has just asked for is not to be seen at the table yet.
            Longest = lists:max([Interval | [interval(Other) || Other <- others(Host)]]),
            ets_cache:new(?TABLE, [{life_time, power_of_two(Longest)}, {max_size, ?MAX_SIZE}])
    end.

-spec power_of_two(pos_integer()) -> pos_integer().
power_of_two(Least) ->
    1 bsl ceil(math:log2(Least)).

-spec others(binary()) -> [binary()].
others(Host) ->
    [Other || Other <- ejabberd_option:hosts(), Other /= Host, gen_mod:is_loaded(Other, mod_e2e_policy)].

%% In milliseconds.
-spec interval(binary()) -> non_neg_integer().
interval(Host) ->
    1000 * gen_mod:get_module_opt(Host, mod_e2e_policy, warn_interval).
