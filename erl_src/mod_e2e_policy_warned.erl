%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Who was warned of what recently, for the option `warn_interval'.
%%%
%%% One table for all hosts, on the node of the session. An entry that is lost means one more
%%% warning, so the table is neither stored nor copied to other nodes.
-module(mod_e2e_policy_warned).

%% Start and stop
-export([start/2, stop/1]).
%% API
-export([is_due/5]).

-include("xmpp.hrl").

-define(TABLE, e2e_policy_warned_cache).
%% How many triples of sender, recipient and reason the table has at most, about 250 octets each.
%% ejabberd empties a full table.
-define(MAX_SIZE, 100_000).

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Makes the table if the options have an interval.
%%
%% Called again with new options, it keeps the entries, unless there is no interval any more.
-spec start(binary(), gen_mod:opts()) -> ok.
start(Host, Opts) ->
    case gen_mod:get_opt(warn_interval, Opts) of
        0 ->
            _ = ets_cache:match_delete(?TABLE, {Host, '_', '_', '_', '_'}),
            stop(Host);
        Seconds ->
            keep_for(Host, Seconds * 1000)
    end.

%% @doc Deletes the table, when the last host stops that has an interval.
-spec stop(binary()) -> ok.
stop(Host) ->
    case lists:any(fun(Other) -> interval(Other) > 0 end, others(Host)) of
        true -> ok;
        false -> _ = ets_cache:delete(?TABLE), ok
    end.

%%%===================================================================
%%% API
%%%===================================================================
%% @doc Whether a warning is to be sent; if so, an interval of so many seconds begins.
-spec is_due(binary(), non_neg_integer(), jid(), jid(), plain | unacceptable) -> boolean().
is_due(_Host, 0, _From, _To, _Reason) ->
    true;
is_due(Host, Seconds, #jid{luser = Sender}, #jid{luser = User, lserver = Server}, Reason) ->
    Key = {Host, Sender, User, Server, Reason},
    mod_e2e_policy_throttle:is_due(?TABLE, Key, Seconds * 1000).

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% The table keeps each entry for the longest interval, rounded up, as ejabberd compiles a module
%% for each change of a cache's options.
-spec keep_for(binary(), pos_integer()) -> ok.
keep_for(Host, Interval) ->
    Kept = proplists:get_value(life_time, ets_cache:info(?TABLE), 0),
    case Kept >= Interval of
        true ->
            ok;
        false ->
            %% The table may not have the interval of another host yet, which starts at the same
            %% time.
            Longest = lists:max([Interval | [interval(Other) || Other <- others(Host)]]),
            ets_cache:new(?TABLE, [{life_time, power_of_two(Longest)}, {max_size, ?MAX_SIZE}])
    end.

-spec power_of_two(pos_integer()) -> pos_integer().
power_of_two(Least) ->
    1 bsl ceil(math:log2(Least)).

-spec others(binary()) -> [binary()].
others(Host) ->
    [Other || Other <- ejabberd_option:hosts(), Other /= Host,
              gen_mod:is_loaded(Other, mod_e2e_policy)].

%% In milliseconds.
-spec interval(binary()) -> non_neg_integer().
interval(Host) ->
    1000 * gen_mod:get_module_opt(Host, mod_e2e_policy, warn_interval).
