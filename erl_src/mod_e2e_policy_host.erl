%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Starts and stops the module on a virtual host.
%%%
%%% What all hosts of the node share is started with the first of them, and stopped with the last.
-module(mod_e2e_policy_host).

-export([start/2, stop/1, reload/3, hooks/0, optional_hooks/1, add_hooks/1]).
%% ejabberd_hooks callbacks
-export([config_reloaded/0]).

-include("logger.hrl").

%% @doc Starts the module on a host, unless the native library cannot be used.
-spec start(binary(), gen_mod:opts()) -> ok | {error, atom()}.
start(Host, Opts) ->
    case mod_e2e_policy_registry:library() of
        ok ->
            enforce(Host, Opts);
        {error, Reason} ->
            ?CRITICAL_MSG("mod_e2e_policy cannot start on ~ts, its native library is missing or "
                          "unusable: ~ts", [Host, Reason]),
            {error, no_native_library}
    end.

%% @doc Stops the module on a host, and for the node when no other host runs it.
-spec stop(binary()) -> ok.
stop(Host) ->
    delete_hooks(Host, hooks() ++ optional_hooks(all)),
    mod_e2e_policy_daily:stop(Host),
    mod_e2e_policy_senders:stop(Host),
    mod_e2e_policy_readiness_cache:stop(Host),
    mod_e2e_policy_registry:remove(Host),
    mod_e2e_policy_warned:stop(Host),
    mod_e2e_policy_grace:stop(Host),
    _ = mod_e2e_policy_registry:runs_elsewhere(Host) orelse stop_node(),
    ok.

%% @doc Puts new options in force.
-spec reload(binary(), gen_mod:opts(), gen_mod:opts()) -> ok.
reload(Host, NewOpts, OldOpts) ->
    mod_e2e_policy_grace:reload(Host, NewOpts, OldOpts),
    mod_e2e_policy_warned:start(Host, NewOpts),
    mod_e2e_policy_chat:start(),
    _ = mod_e2e_policy_registry:enforce(Host, NewOpts),
    Optional = optional_hooks(NewOpts),
    delete_hooks(Host, optional_hooks(all) -- Optional),
    add_hooks(Host, Optional),
    mod_e2e_policy_senders:start(Host, NewOpts),
    mod_e2e_policy_daily:reload(Host, NewOpts, OldOpts).

%% @doc The hooks of a host: the name, module and function of each, and its priority.
%%
%% Messages are judged before priority 50, where other modules begin to copy, archive or log them.
%% `mod_e2e_policy_grace' records the removal of an account, before others look for the record; and
%% again after ejabberd has ended the sessions of the account, at 100, because one may have begun
%% after the first record.
-spec hooks() -> [{atom(), module(), atom(), pos_integer()}].
hooks() ->
    [{user_send_packet, mod_e2e_policy_hook, user_send_packet, 30},
     {s2s_out_auth_result, mod_e2e_policy_peer, s2s_out_auth_result, 60},
     {s2s_out_auth_result, mod_e2e_policy_s2s_answer, s2s_out_auth_result, 62},
     {s2s_out_closed, mod_e2e_policy_s2s_answer, s2s_out_closed, 40},
     {s2s_out_packet, mod_e2e_policy_peer, s2s_out_packet, 40},
     {s2s_in_auth_result, mod_e2e_policy_peer, s2s_in_auth_result, 60},
     {disco_local_features, mod_e2e_policy_disco, disco_local_features, 50},
     {disco_local_features, mod_e2e_policy_adhoc, disco_local_features, 50},
     {disco_local_identity, mod_e2e_policy_adhoc, disco_local_identity, 50},
     {adhoc_local_items, mod_e2e_policy_adhoc, adhoc_local_items, 50},
     {adhoc_local_commands, mod_e2e_policy_adhoc, adhoc_local_commands, 50},
     {remove_user, mod_e2e_policy_grace, remove_user, 50},
     {remove_user, mod_e2e_policy_senders, remove_user, 51},
     {remove_user, mod_e2e_policy_grace, remove_user, 110},
     {remove_user, mod_e2e_policy_senders, remove_user, 111},
     {register_user, mod_e2e_policy_grace, register_user, 50},
     {register_user, mod_e2e_policy_senders, register_user, 50},
     {webadmin_menu_host, mod_e2e_policy_webadmin, webadmin_menu_host, 50},
     {webadmin_page_host, mod_e2e_policy_webadmin, webadmin_page_host, 50},
     {webadmin_menu_hostuser, mod_e2e_policy_webadmin_user, webadmin_menu_hostuser, 50},
     {webadmin_page_hostuser, mod_e2e_policy_webadmin_user, webadmin_page_hostuser, 50},
     {webadmin_user, mod_e2e_policy_webadmin_user, webadmin_user, 50}].

%% @doc The hooks of a host that only some options need; with `all', those that any options need.
-spec optional_hooks(gen_mod:opts() | all) -> [{atom(), module(), atom(), pos_integer()}].
optional_hooks(Opts) ->
    [Hook || {IsNeeded, Hook} <- conditional_hooks(), Opts == all orelse IsNeeded(Opts)].

%% @doc Adds the hooks of a host that it has with any options.
-spec add_hooks(binary()) -> ok.
add_hooks(Host) ->
    add_hooks(Host, hooks()).

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Reports what an admin should know of the options that are in force after a reload, and ends
%% the connections that they do not allow.
%%
%% An access rule may allow less than before, without a change of the module's own options.
-spec config_reloaded() -> ok.
config_reloaded() ->
    Hosts = [Host || Host <- mod_e2e_policy_registry:hosts(),
                     gen_mod:is_loaded(Host, mod_e2e_policy)],
    lists:foreach(fun(Host) -> report(Host, gen_mod:get_module_opts(Host, mod_e2e_policy)) end,
                  Hosts),
    mod_e2e_policy_refusal:start(Hosts).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec enforce(binary(), gen_mod:opts()) -> ok | {error, atom()}.
enforce(Host, Opts) ->
    case mod_e2e_policy_registry:enforce(Host, Opts) of
        ok ->
            mod_e2e_policy_grace:start(Host, Opts),
            mod_e2e_policy_warned:start(Host, Opts),
            add_hooks(Host, hooks() ++ optional_hooks(Opts)),
            mod_e2e_policy_chat:start(),
            mod_e2e_policy_daily:start(Host, Opts),
            mod_e2e_policy_senders:start(Host, Opts),
            report(Host, Opts),
            mod_e2e_policy_refusal:start([Host]),
            _ = mod_e2e_policy_registry:runs_elsewhere(Host) orelse start_node(),
            ok;
        {error, _} ->
            {error, invalid_policy}
    end.

-spec conditional_hooks() -> [{fun((gen_mod:opts()) -> boolean()),
                               {atom(), module(), atom(), pos_integer()}}].
conditional_hooks() ->
    Refuses = fun(#{s2s_unverified := Value}) -> Value == refuse end,
    [{fun needs_incoming/1, {s2s_receive_packet, mod_e2e_policy_incoming, s2s_receive_packet, 60}},
     {fun has_rooms/1, {muc_filter_message, mod_e2e_policy_rooms, muc_filter_message, 40}}
    | [{Refuses, Hook}
       || Hook <- [{s2s_out_tls_verify, mod_e2e_policy_refusal, s2s_out_tls_verify, 60},
                   {s2s_out_auth_result, mod_e2e_policy_refusal, s2s_out_auth_result, 45},
                   {s2s_out_closed, mod_e2e_policy_refusal, s2s_out_closed, 41},
                   {s2s_out_packet, mod_e2e_policy_refusal, s2s_out_packet, 41},
                   {s2s_in_auth_result, mod_e2e_policy_refusal, s2s_in_auth_result, 61},
                   {s2s_receive_packet, mod_e2e_policy_refusal, s2s_receive_packet, 10}]]].

%% After 50, where a spam filter answers for itself.
-spec needs_incoming(gen_mod:opts()) -> boolean().
needs_incoming(#{incoming := Incoming, s2s_unverified := Least} = Opts) ->
    Incoming /= none orelse Least == optional orelse Least == required orelse has_rooms(Opts).

-spec has_rooms(gen_mod:opts()) -> boolean().
has_rooms(#{rooms := Level}) ->
    Level /= none.

%% A hook that is there already is not added twice.
-spec add_hooks(binary(), [{atom(), module(), atom(), pos_integer()}]) -> ok.
add_hooks(Host, Hooks) ->
    lists:foreach(fun({Hook, Module, Function, Priority}) ->
                          ejabberd_hooks:add(Hook, Host, Module, Function, Priority)
                  end, Hooks).

-spec delete_hooks(binary(), [{atom(), module(), atom(), pos_integer()}]) -> ok.
delete_hooks(Host, Hooks) ->
    lists:foreach(fun({Hook, Module, Function, Priority}) ->
                          ejabberd_hooks:delete(Hook, Host, Module, Function, Priority)
                  end, Hooks).

-spec report(binary(), gen_mod:opts()) -> ok.
report(Host, #{testing := Testing} = Opts) ->
    _ = Testing andalso ?INFO_MSG("E2EE policy of ~ts: testing, nothing is refused and nobody is "
                                  "warned", [Host]),
    lists:foreach(fun({Option, Name}) ->
                          ?WARNING_MSG("Option ~ts of mod_e2e_policy on ~ts names `~ts`, which "
                                       "does not exist in ejabberd.yml: it matches nobody",
                                       [Option, Host, Name])
                  end, mod_e2e_policy_level:unknown_names(Host, Opts)).

%% The commands are the same for all hosts. The hook comes after the one that reloads modules, at
%% 60, and those of this module.
-spec start_node() -> ok.
start_node() ->
    ejabberd_hooks:add(config_reloaded, ?MODULE, config_reloaded, 70),
    mod_e2e_policy_commands_spec:register().

-spec stop_node() -> ok.
stop_node() ->
    ejabberd_hooks:delete(config_reloaded, ?MODULE, config_reloaded, 70),
    mod_e2e_policy_chat:stop(),
    mod_e2e_policy_refusal:stop(),
    mod_e2e_policy_commands_spec:unregister().
