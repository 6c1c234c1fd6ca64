%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The processes that save something of a host once a minute: how they are asked, and when.
-module(mod_e2e_policy_process).

-export([call/3, until_moment/2]).

%% How long a command, a removal or the stop of a host waits for a process that saves, in
%% milliseconds.
-define(PATIENCE, 5_000).
-define(INTERVAL, 60_000).

%% @doc Asks the process that a module has for a host. A host without one has nothing to save.
-spec call(module(), binary(), term()) -> ok | {error, db_failure}.
call(Module, Host, Request) ->
    case whereis(gen_mod:get_module_proc(Host, Module)) of
        undefined ->
            ok;
        Process ->
            try gen_server:call(Process, Request, ?PATIENCE)
            catch exit:_ -> {error, db_failure}
            end
    end.

%% @doc How long it is until the moment of a minute at which a host saves, in milliseconds.
%%
%% The hosts save at different moments, as a thousand of them would disturb each other.
-spec until_moment(binary(), Now :: integer()) -> pos_integer().
until_moment(Host, Now) ->
    Moment = erlang:phash2(Host, ?INTERVAL),
    ?INTERVAL - (Now - Moment) rem ?INTERVAL.
