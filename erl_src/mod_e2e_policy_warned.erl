%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Who was warned of what recently, for the option `warn_interval'.
%%%
%%% One table for all hosts, on the node of the session or of the room. An entry that is lost means
%%% one more warning, so the table is neither stored nor copied to other nodes.
-module(mod_e2e_policy_warned).

%% Start and stop
-export([start/2, stop/1]).
%% API
-export([is_due/5, is_due_in_room/4]).

-include("xmpp.hrl").

-define(TABLE, e2e_policy_warned_cache).
%% How many triples of sender, recipient and reason the table has at most, about 250 octets each.
%% ejabberd empties a full table.
-define(MAX_SIZE, 100_000).
%% How often strangers in rooms are warned if the option is 0. In seconds.
-define(DAY, 86_400).

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Makes the table if the options have an interval.
%%
%% Called again with new options, it keeps the entries, unless there is no interval any more.
-spec start(binary(), gen_mod:opts()) -> ok.
start(Host, #{warn_interval := Seconds} = Opts) ->
    _ = Seconds > 0 orelse ets_cache:match_delete(?TABLE, {Host, '_', '_', '_', '_'}),
    case interval(Opts) of
        0 -> stop(Host);
        Interval -> keep_for(Host, Interval)
    end.

%% @doc Deletes the table, when the last host stops that has an interval.
-spec stop(binary()) -> ok.
stop(Host) ->
    case lists:any(fun(Other) -> interval_of(Other) > 0 end, others(Host)) of
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

%% @doc The same of a stranger who writes in a room here, by whatever client, and for any reason.
-spec is_due_in_room(binary(), non_neg_integer(), jid(), Room :: jid()) -> boolean().
is_due_in_room(Host, Seconds, #jid{luser = Sender, lserver = Domain},
               #jid{luser = Room, lserver = Service}) ->
    Key = {Host, {Sender, Domain}, Room, Service},
    mod_e2e_policy_throttle:is_due(?TABLE, Key, in_room(Seconds) * 1000).

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
            Longest = lists:max([Interval | [interval_of(Other) || Other <- others(Host)]]),
            ets_cache:new(?TABLE, [{life_time, power_of_two(Longest)}, {max_size, ?MAX_SIZE}])
    end.

-spec power_of_two(pos_integer()) -> pos_integer().
power_of_two(Least) ->
    1 bsl ceil(math:log2(Least)).

-spec others(binary()) -> [binary()].
others(Host) ->
    [Other || Other <- ejabberd_option:hosts(), Other /= Host,
              gen_mod:is_loaded(Other, mod_e2e_policy)].

-spec interval_of(binary()) -> non_neg_integer().
interval_of(Host) ->
    interval(gen_mod:get_module_opts(Host, mod_e2e_policy)).

%% The longest interval of these options, in milliseconds.
-spec interval(gen_mod:opts()) -> non_neg_integer().
interval(#{rooms := optional, warn_interval := Seconds}) -> 1000 * in_room(Seconds);
interval(#{warn_interval := Seconds}) -> 1000 * Seconds.

-spec in_room(non_neg_integer()) -> pos_integer().
in_room(0) -> ?DAY;
in_room(Seconds) -> Seconds.
