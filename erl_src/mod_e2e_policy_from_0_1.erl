%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Takes over from release 0.1.0 when its code upgrades the running node to this release.
%%%
%%% The release that runs carries out an upgrade, so the functions that 0.1.0 calls in the release
%%% that it has loaded have to exist where it calls them: `mod_e2e_policy', `mod_e2e_policy_upgrade'
%%% and `mod_e2e_policy_commands' export them under the heading "For an upgrade by release 0.1.0".
-module(mod_e2e_policy_from_0_1).

-export([take_over/1, policy/0]).

%% The term with the policies that 0.1.0 has in force.
-define(POLICIES, mod_e2e_policy).

%% @doc Starts for a host what 0.1.0 does not know, and removes what it leaves.
%%
%% 0.1.0 only reloads a host. It comes to its hooks and commands after it has read ejabberd.yml
%% again, which may fail.
-spec take_over(binary()) -> ok.
take_over(Host) ->
    case persistent_term:get(?POLICIES, #{}) of
        #{Host := _} = Policies ->
            ejabberd_hooks:add(config_reloaded, mod_e2e_policy_host, config_reloaded, 70),
            mod_e2e_policy_host:add_hooks(Host),
            ejabberd_hooks:delete(disco_local_features, Host, mod_e2e_policy, disco_local_features,
                                  50),
            _ = ets_cache:delete(gen_mod:get_module_proc(Host, mod_e2e_policy_warned)),
            _ = persistent_term:erase({mod_e2e_policy_grace, Host}),
            _ = persistent_term:erase({mod_e2e_policy_sql, Host}),
            forget_policy(Host, Policies);
        _ ->
            ok
    end.

%% @doc What the hook of 0.1.0 gets for a policy, with a message that it has when the code changes.
%%
%% It fails to judge by this answer, waits for the upgrade, and asks again. Because the second
%% answer is another one, it gives the message to the hook of this release. The policy of this
%% release would not do: the hook of 0.1.0 does not understand the judgement, and would find the
%% same policy when it asks again.
-spec policy() -> reference().
policy() ->
    make_ref().

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% The library of 0.1.0 stays in memory as long as a policy that it has made.
-spec forget_policy(binary(), #{binary() => term()}) -> ok.
forget_policy(Host, Policies) ->
    case maps:remove(Host, Policies) of
        None when map_size(None) == 0 -> _ = persistent_term:erase(?POLICIES), ok;
        Others -> persistent_term:put(?POLICIES, Others)
    end.
