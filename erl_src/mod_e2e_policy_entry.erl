%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The entry of a host, as the hooks on messages ask for it.
%%%
%%% Whatever fails, they get `none': without an entry a judgement fails like with any other error,
%%% and is decided about as such. While the module is uninstalled, the modules that are called here
%%% may be gone before the hooks.
-module(mod_e2e_policy_entry).

-export([find/1, find_after_upgrade/1]).

-type entry() :: mod_e2e_policy_registry:entry() | none.

%% @doc The entry by which a message to be judged now is judged.
-spec find(Host :: binary()) -> entry().
find(Host) ->
    try mod_e2e_policy_registry:entry(Host)
    catch _:_ -> none
    end.

%% @doc The entry after a judgement has failed: if it is another one than before, there was an
%% upgrade meanwhile, and the message has to be judged again.
-spec find_after_upgrade(Host :: binary()) -> entry().
find_after_upgrade(Host) ->
    try mod_e2e_policy_swap:wait()
    catch _:_ -> ok
    end,
    find(Host).
