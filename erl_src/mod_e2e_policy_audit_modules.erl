%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Checks of `e2e_policy_audit': modules without which OMEMO does not work, and what makes
%%% messages readable beside it.
-module(mod_e2e_policy_audit_modules).

-export([omemo/1, copies/1, push/1, loglevel/1]).

%% The nodes of the OMEMO version that all clients speak. The last one stands for those of all
%% devices, whose names end in the number of the device.
-define(OMEMO_NODES, [<<"eu.siacs.conversations.axolotl.devicelist">>,
                      <<"eu.siacs.conversations.axolotl.bundles:1">>]).

%% @doc Whether clients can use OMEMO, and publish their keys (XEP-0384) for everybody.
-spec omemo(binary()) -> [mod_e2e_policy_audit:finding()].
omemo(Host) ->
    case is_accepted(Host) of
        true -> denying(Host) ++ publishing(Host);
        false -> [{ok, "accepted_schemes has no OMEMO", ""}]
    end.

%% The default of the option has atoms, the configuration has texts.
-spec is_accepted(binary()) -> boolean().
is_accepted(Host) ->
    Schemes = gen_mod:get_module_opt(Host, mod_e2e_policy, accepted_schemes),
    lists:any(fun(Scheme) -> lists:member(Scheme, Schemes) end, [omemo, <<"omemo">>]).

-spec denying(binary()) -> [mod_e2e_policy_audit:finding()].
denying(Host) ->
    [{fail, "mod_deny_omemo is loaded: it refuses OMEMO", "remove mod_deny_omemo"}
     || gen_mod:is_loaded(Host, mod_deny_omemo)].

-spec publishing(binary()) -> [mod_e2e_policy_audit:finding()].
publishing(Host) ->
    case gen_mod:is_loaded(Host, mod_pubsub) of
        true -> pep(Host);
        false -> [{note, "mod_pubsub is not loaded: clients cannot publish their keys",
                   "add mod_pubsub with `plugins: [flat, pep]`"}]
    end.

-spec pep(binary()) -> [mod_e2e_policy_audit:finding()].
pep(Host) ->
    Forced = gen_mod:get_module_opt(Host, mod_pubsub, force_node_config),
    case {lists:member(<<"pep">>, gen_mod:get_module_opt(Host, mod_pubsub, plugins)),
          lists:all(fun(Node) -> is_open(Node, Forced) end, ?OMEMO_NODES)} of
        {false, _} ->
            [{note, "mod_pubsub has not the plugin `pep`: clients cannot publish their keys",
              "set `plugins: [flat, pep]` for mod_pubsub"}];
        {true, false} ->
            [{note, "mod_pubsub does not open the nodes of OMEMO keys: clients that do not do so "
              "themselves are readable for contacts only",
              "set `force_node_config: {\"eu.siacs.conversations.axolotl.*\": "
              "{access_model: open}}` for mod_pubsub"}];
        {true, true} ->
            []
    end.

%% The first pattern that matches the name of a node gives its configuration.
-spec is_open(binary(), [{Pattern :: term(), [{atom(), term()}]}]) -> boolean().
is_open(Node, Forced) ->
    case [Config || {Pattern, Config} <- Forced, re:run(Node, Pattern, [{capture, none}]) == match]
    of
        [First | _] -> proplists:get_value(access_model, First) == open;
        [] -> false
    end.

%% @doc Which modules copy messages, or write them down.
-spec copies(binary()) -> [mod_e2e_policy_audit:finding()].
copies(Host) ->
    [{Result, [atom_to_binary(Module), Words], ["remove ", atom_to_binary(Module)]}
     || {Module, Result, Words} <- copying(), gen_mod:is_loaded(Host, Module)].

%% The modules of ejabberd and of ejabberd-contrib, and what each does.
-spec copying() -> [{module(), note | fail, string()}].
copying() ->
    [{mod_service_log, fail, " sends a copy of each message to another service"},
     {mod_muc_log, fail, " writes what is said in rooms to files"},
     {mod_log_chat, fail, " writes messages to files"},
     {mod_logxml, fail, " writes all stanzas to files"},
     {mod_post_log, fail, " sends each message to a web service"},
     {mod_push_offline, fail, " sends messages to users who are offline to a component"},
     {mod_message_log, note, " writes to a file who writes to whom"}].

%% @doc Whether the text of messages is given to push services (XEP-0357) of others.
-spec push(binary()) -> [mod_e2e_policy_audit:finding()].
push(Host) ->
    Includes = fun(Option) ->
                       gen_mod:is_loaded(Host, mod_push)
                           andalso gen_mod:get_module_opt(Host, mod_push, Option) == true
               end,
    [{fail, "mod_push gives the text of messages to the push services of clients",
      "remove `include_body: true` from mod_push"} || Includes(include_body)]
        ++ [{note, "mod_push tells the push services of clients who writes to a user",
             "remove `include_sender: true` from mod_push"} || Includes(include_sender)].

%% @doc Whether the log has the stanzas.
-spec loglevel(binary()) -> [mod_e2e_policy_audit:finding()].
loglevel(_Host) ->
    [{fail, "the log level is debug: all stanzas are in the log, those that are refused too",
      "set `loglevel: info`"} || ejabberd_logger:get() == debug].
