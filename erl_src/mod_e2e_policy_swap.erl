%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Loads and unloads modules and the library in the running node.
%%%
%%% A loaded library cannot be replaced, only unloaded and loaded, and meanwhile no message can be
%%% judged. A message whose judgement fails then waits here for the end of the upgrade, and is
%%% judged again.
-module(mod_e2e_policy_swap).

%% Loading and unloading
-export([load/1, refresh/0, unload/1]).
%% Waiting for an upgrade
-export([begin_upgrade/0, wait/0]).

-include("logger.hrl").

%% How long a message waits for an upgrade, and an upgrade for processes that run old code; in
%% milliseconds.
-define(PATIENCE, 5_000).
%% The names of the process that upgrades: of this release, and of release 0.1.0.
-define(WORKERS, [?MODULE, mod_e2e_policy_upgrade]).

%%%===================================================================
%%% Loading and unloading
%%%===================================================================
%% @doc Loads what has changed on disk.
%%
%% The library is unloaded before all modules change, and loaded after that: at no time can a module
%% call the library of another release, with a policy that this one would take for its own.
-spec load(mod_e2e_policy_release:changes()) -> ok.
load(#{ebin := Ebin, beams := Beams, native := Native}) ->
    Modules = [Module || {Module, _, _} <- Beams],
    lists:foreach(fun purge_old/1, [mod_e2e_policy_nif || Native] ++ Modules),
    Prepared = case code:prepare_loading(Beams) of
                   {ok, Ready} ->
                       Ready;
                   {error, Reasons} ->
                       mod_e2e_policy_release:fail(io_lib:format("cannot be loaded: ~p", [Reasons]))
               end,
    _ = lists:member(Ebin, code:get_path()) orelse code:replace_path(mod_e2e_policy, Ebin),
    _ = Native andalso unload(mod_e2e_policy_nif),
    ok = code:finish_loading(Prepared),
    _ = Native andalso load_native(),
    ok.

%% @doc Loads all modules that are not loaded, or differ from the file on disk, when the first host
%% starts.
%%
%% None may be left to be loaded when a message comes, as the files may be gone then. The modules
%% are not tried before, so this must not be called while messages are judged.
-spec refresh() -> ok.
refresh() ->
    Library = mod_e2e_policy_release:library_on_disk(),
    try load(mod_e2e_policy_release:changes(filename:dirname(code:which(mod_e2e_policy)), Library))
    catch throw:{mod_e2e_policy_release, Problem} ->
            ?ERROR_MSG("mod_e2e_policy runs with parts of another release: ~ts", [Problem])
    end.

%% @doc Unloads a module, and ends the processes that still run it after a second.
%%
%% Messages do not stay in a function of the library for so long, only an admin's command does.
-spec unload(module()) -> ok.
unload(Module) ->
    _ = code:delete(Module),
    _ = is_purged(Module, 1_000) orelse code:purge(Module),
    ok.

%% A module can have one older version of itself in memory, no more.
-spec purge_old(module()) -> ok.
purge_old(Module) ->
    case is_purged(Module, ?PATIENCE) of
        true ->
            ok;
        false ->
            mod_e2e_policy_release:fail(["processes still run an older ", atom_to_list(Module),
                                         "; try again"])
    end.

-spec is_purged(module(), integer()) -> boolean().
is_purged(Module, Milliseconds) ->
    code:soft_purge(Module)
        orelse (Milliseconds > 0
                andalso begin
                            timer:sleep(20),
                            is_purged(Module, Milliseconds - 20)
                        end).

%% A message that is judged at this moment may have loaded it already.
-spec load_native() -> ok.
load_native() ->
    {module, _} = case code:ensure_loaded(mod_e2e_policy_nif) of
                      {error, embedded} -> code:load_file(mod_e2e_policy_nif);
                      Loaded -> Loaded
                  end,
    ok.

%%%===================================================================
%%% Waiting for an upgrade
%%%===================================================================
%% @doc Lets messages whose judgement fails wait for the end of the calling process.
-spec begin_upgrade() -> ok.
begin_upgrade() ->
    try register(?MODULE, self()) of
        true -> ok
    catch
        error:badarg -> mod_e2e_policy_release:fail("another upgrade is under way")
    end.

%% @doc Returns when no upgrade is under way, or after five seconds.
-spec wait() -> ok.
wait() ->
    case [Worker || Name <- ?WORKERS, Worker <- [whereis(Name)], Worker /= undefined] of
        [] ->
            ok;
        [Worker | _] ->
            Monitor = monitor(process, Worker),
            receive {'DOWN', Monitor, process, _, _} -> ok
            after ?PATIENCE -> _ = demonitor(Monitor, [flush]), ok
            end
    end.
