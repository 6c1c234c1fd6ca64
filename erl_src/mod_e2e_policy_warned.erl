%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Who was warned of what lately, for the option `warn_interval'.
%%%
%%% A table for each host that has an interval, on the node where the session lives. What it forgets
%%% costs one warning more, so it is neither stored nor copied to other nodes.
-module(mod_e2e_policy_warned).

%% Life
-export([start/2, stop/1]).
%% API
-export([is_due/4]).

-include("xmpp.hrl").

%% How many triples of sender, recipient and reason a host's table holds, about 250 octets each.
%% A full table is emptied.
-define(MAX_SIZE, 100_000).

%%%===================================================================
%%% Life
%%%===================================================================
%% Called again with new options, it keeps what it knows.
-spec start(binary(), gen_mod:opts()) -> ok.
start(Host, Opts) ->
    case gen_mod:get_opt(warn_interval, Opts) of
        0 -> stop(Host);
        Seconds ->
            ets_cache:new(table(Host), [{life_time, Seconds * 1000}, {max_size, ?MAX_SIZE}])
    end.

-spec stop(binary()) -> ok.
stop(Host) ->
    _ = ets_cache:delete(table(Host)),
    ok.

%%%===================================================================
%%% API
%%%===================================================================
%% Whether a warning is to be sent; if so, the interval begins.
-spec is_due(binary(), jid(), jid(), plain | unacceptable) -> boolean().
is_due(Host, #jid{luser = Sender}, #jid{luser = User, lserver = Server}, Reason) ->
    Table = table(Host),
    ets:whereis(Table) == undefined orelse
        %% An entry that is there, and not over its time, is not replaced.
        ets_cache:insert(Table, {Sender, User, Server, Reason}, warned).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec table(binary()) -> atom().
table(Host) ->
    gen_mod:get_module_proc(Host, ?MODULE).
