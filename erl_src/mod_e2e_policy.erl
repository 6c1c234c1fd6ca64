%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% The ejabberd module: its options, its start and stop, its documentation.
%%%
%%% A message's way: `mod_e2e_policy_hook' gets it, `mod_e2e_policy_nif' judges it,
%%% `mod_e2e_policy_effect' carries the verdict out. The policy of a host is compiled here, once.
-module(mod_e2e_policy).

-behaviour(gen_mod).

%% gen_mod callbacks
-export([start/2, stop/1, reload/3, depends/2, mod_opt_type/1, mod_options/1, mod_doc/0]).
%% ejabberd_hooks callbacks
-export([disco_local_features/5, config_reloaded/0]).
%% What ejabberd makes its documentation of commands from
-export([get_commands_spec/0]).
%% For ejabberd's module_uninstall
-export([pre_uninstall/0]).
%% API
-export([policy/1, runs_elsewhere/1]).
%% For an upgrade
-export([library/0, hooks/0, compile/2]).

-include("logger.hrl").
-include("xmpp.hrl").

%% The version of the native functions that this code calls.
-define(INTERFACE, 2).

%%%===================================================================
%%% gen_mod callbacks
%%%===================================================================
-spec start(binary(), gen_mod:opts()) -> ok | {error, atom()}.
start(Host, Opts) ->
    %% ejabberd's module_upgrade leaves the modules beside this one as they were, or not loaded.
    _ = runs_elsewhere(Host) orelse mod_e2e_policy_upgrade:refresh(),
    case library() of
        ok ->
            install(Host, Opts);
        {error, Reason} ->
            ?CRITICAL_MSG("mod_e2e_policy cannot start on ~ts, its native library is missing or "
                          "unusable: ~ts", [Host, Reason]),
            {error, no_native_library}
    end.

%% ejabberd's module_uninstall stops a module on all its hosts, those where it does not run included.
-spec stop(binary()) -> ok.
stop(Host) ->
    case gen_mod:is_loaded(Host, ?MODULE) of
        true -> take_out(Host);
        false -> ok
    end.

%% Values were validated before, so a failure here is a bug; the running policy then stays.
-spec reload(binary(), gen_mod:opts(), gen_mod:opts()) -> ok.
reload(Host, NewOpts, OldOpts) ->
    mod_e2e_policy_grace:reload(Host, NewOpts, OldOpts),
    mod_e2e_policy_warned:start(Host, NewOpts),
    mod_e2e_policy_chat:start(),
    _ = enforce(Host, NewOpts),
    ok.

-spec depends(binary(), gen_mod:opts()) -> [].
depends(_Host, _Opts) ->
    [].

%%%===================================================================
%%% For ejabberd's module_uninstall
%%%===================================================================
%% ejabberd unloads this module, but neither those beside it nor the library. The one that messages go through
%% is unloaded first, so that nothing calls for those that are gone, which would load them again.
-spec pre_uninstall() -> ok.
pre_uninstall() ->
    lists:foreach(fun(Host) -> _ = gen_mod:stop_module(Host, ?MODULE) end,
                  [Host || Host <- ejabberd_option:hosts(), gen_mod:is_loaded(Host, ?MODULE)]),
    Beside = [Module || {Module, _} <- code:all_loaded(),
                        lists:prefix(atom_to_list(?MODULE) ++ "_", atom_to_list(Module))],
    First = mod_e2e_policy_hook,
    Last = [mod_e2e_policy_nif, mod_e2e_policy_upgrade],
    lists:foreach(fun mod_e2e_policy_upgrade:unload/1,
                  [First | Beside -- [First | Last]] ++ [mod_e2e_policy_nif]),
    _ = code:delete(mod_e2e_policy_upgrade),
    _ = code:purge(mod_e2e_policy_upgrade),
    ok.

%%%===================================================================
%%% API
%%%===================================================================
%% The compiled policy of a host.
-spec policy(binary()) -> mod_e2e_policy_nif:policy() | none.
policy(Host) ->
    case persistent_term:get(?MODULE, #{}) of
        #{Host := Policy} -> Policy;
        #{} -> none
    end.

%% Whether another host has a policy. gen_mod:is_loaded_elsewhere/2 looks at each module of each host, which takes
%% long where there are a thousand.
-spec runs_elsewhere(binary()) -> boolean().
runs_elsewhere(Host) ->
    map_size(maps:remove(Host, persistent_term:get(?MODULE, #{}))) > 0.

%%%===================================================================
%%% For an upgrade
%%%===================================================================
%% Whether there is a library, and the one that this code calls.
-spec library() -> ok | {error, iodata()}.
library() ->
    case mod_e2e_policy_nif:status() of
        ok ->
            case mod_e2e_policy_nif:interface() of
                ?INTERFACE ->
                    ok;
                Other ->
                    {error, io_lib:format("found interface ~B in the library, expected ~B: "
                                          "beams and library are of different releases",
                                          [Other, ?INTERFACE])}
            end;
        {error, _} = Error ->
            Error
    end.

%% Before priority 50, where others copy, archive or log what passes.
-spec hooks() -> [{atom(), module(), atom(), pos_integer()}].
hooks() ->
    [{user_send_packet, mod_e2e_policy_hook, user_send_packet, 30},
     {disco_local_features, ?MODULE, disco_local_features, 50},
     {remove_user, mod_e2e_policy_grace, remove_user, 50},
     {register_user, mod_e2e_policy_grace, register_user, 50},
     {webadmin_menu_host, mod_e2e_policy_webadmin, webadmin_menu_host, 50},
     {webadmin_page_host, mod_e2e_policy_webadmin, webadmin_page_host, 50}].

%% The policy that options make; texts that are not set have the core's defaults.
-spec compile(gen_mod:opts(), Language :: binary()) ->
          {ok, mod_e2e_policy_nif:policy()} | {error, mod_e2e_policy_nif:option_error()}.
compile(Opts, Language) ->
    Policy = maps:with([accepted_schemes, direct, group, outer_body, whitelist, grace_period
                        | message_options()], Opts),
    Set = maps:filter(fun(_Option, Value) -> Value /= undefined end, Policy),
    mod_e2e_policy_nif:new_policy(Set#{language => Language}).

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% XEP-0380: clients learn that the server looks at how messages are encrypted.
-spec disco_local_features(Acc, jid(), jid(), binary(), binary()) -> Acc
              when Acc :: empty | {result, [binary()]} | {error, stanza_error()}.
disco_local_features({error, _} = Error, _From, _To, _Node, _Lang) ->
    Error;
disco_local_features(Acc, _From, _To, <<>>, _Lang) ->
    Features = case Acc of
                   {result, Others} -> Others;
                   empty -> []
               end,
    {result, [<<"urn:xmpp:eme:0">> | Features]};
disco_local_features(Acc, _From, _To, _Node, _Lang) ->
    Acc.

%% ejabberd has reloaded the modules whose options have changed. The host's language is none of them.
-spec config_reloaded() -> ok.
config_reloaded() ->
    lists:foreach(fun(Host) -> _ = enforce(Host, gen_mod:get_module_opts(Host, ?MODULE)) end,
                  [Host || Host <- ejabberd_option:hosts(), gen_mod:is_loaded(Host, ?MODULE),
                           ejabberd_option:language(Host) /= persistent_term:get(language(Host), none)]).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec install(binary(), gen_mod:opts()) -> ok | {error, atom()}.
install(Host, Opts) ->
    case enforce(Host, Opts) of
        ok ->
            mod_e2e_policy_grace:start(Host, Opts),
            mod_e2e_policy_warned:start(Host, Opts),
            lists:foreach(fun({Hook, Module, Function, Priority}) ->
                                  ejabberd_hooks:add(Hook, Host, Module, Function, Priority)
                          end, hooks()),
            mod_e2e_policy_chat:start(),
            %% Commands are the node's, not a host's.
            _ = runs_elsewhere(Host)
                orelse mod_e2e_policy_commands:register(),
            ok;
        {error, _} ->
            {error, invalid_policy}
    end.

-spec take_out(binary()) -> ok.
take_out(Host) ->
    lists:foreach(fun({Hook, Module, Function, Priority}) ->
                          ejabberd_hooks:delete(Hook, Host, Module, Function, Priority)
                  end, hooks()),
    change_policies(fun(Policies) -> maps:remove(Host, Policies) end),
    forget_language(Host),
    mod_e2e_policy_warned:stop(Host),
    mod_e2e_policy_grace:stop(Host),
    _ = runs_elsewhere(Host) orelse stop_node(),
    ok.

%% What is the node's goes with the last host.
-spec stop_node() -> ok.
stop_node() ->
    mod_e2e_policy_chat:stop(),
    mod_e2e_policy_commands:unregister().

%% Puts the policy of these options in force.
-spec enforce(binary(), gen_mod:opts()) -> ok | {error, mod_e2e_policy_nif:option_error()}.
enforce(Host, Opts) ->
    Language = ejabberd_option:language(Host),
    case compile(Opts, Language) of
        {ok, Policy} ->
            remember_language(Host, Language),
            change_policies(fun(Policies) -> Policies#{Host => Policy} end);
        {error, {Option, Problem}} = Error ->
            ?CRITICAL_MSG("Invalid option ~ts of mod_e2e_policy on ~ts: ~ts",
                          [Option, Host, Problem]),
            Error
    end.

%% The language that a host's policy was compiled for.
-spec language(binary()) -> {module(), language, binary()}.
language(Host) ->
    {?MODULE, language, Host}.

%% The hook is the node's, and comes after the one that reloads modules, at 60.
-spec remember_language(binary(), binary()) -> ok.
remember_language(Host, Language) ->
    persistent_term:put(language(Host), Language),
    ejabberd_hooks:add(config_reloaded, ?MODULE, config_reloaded, 65).

-spec forget_language(binary()) -> ok.
forget_language(Host) ->
    _ = persistent_term:erase(language(Host)),
    case runs_elsewhere(Host) of
        true -> ok;
        false -> ejabberd_hooks:delete(config_reloaded, ?MODULE, config_reloaded, 65)
    end.

%% One term has the policies of all hosts: each message asks for it, and an atom is found sooner than a tuple
%% with the host in it, which is hashed and compared. Hosts may start, stop and reload at the same time.
-spec change_policies(fun((Policies) -> Policies)) -> ok
              when Policies :: #{binary() => mod_e2e_policy_nif:policy()}.
change_policies(Change) ->
    ok = global:trans({?MODULE, self()}, fun() -> put_policies(Change) end, [node()]).

-spec put_policies(fun((Policies) -> Policies)) -> ok
              when Policies :: #{binary() => mod_e2e_policy_nif:policy()}.
put_policies(Change) ->
    case Change(persistent_term:get(?MODULE, #{})) of
        None when map_size(None) == 0 ->
            _ = persistent_term:erase(?MODULE),
            ok;
        Policies ->
            persistent_term:put(?MODULE, Policies)
    end.

-spec message_options() -> [atom()].
message_options() ->
    [message_plain_optional_direct, message_plain_optional_group,
     message_plain_required_direct, message_plain_required_group,
     message_unacceptable_optional_direct, message_unacceptable_optional_group,
     message_unacceptable_required_direct, message_unacceptable_required_group,
     message_graceperiod].

%%%===================================================================
%%% Options
%%%===================================================================
-spec mod_opt_type(atom()) -> econf:validator().
mod_opt_type(accepted_schemes = Option) ->
    checked(Option, econf:list(econf:and_then(econf:binary(), fun scheme/1), [unique]));
mod_opt_type(Option) when Option == direct; Option == group ->
    econf:enum([none, optional, required]);
mod_opt_type(warn_mechanism) ->
    econf:enum([message, error]);
mod_opt_type(Option) when Option == warn_interval; Option == grace_period ->
    econf:and_then(econf:either(econf:binary(), econf:int()), fun seconds/1);
mod_opt_type(outer_body) ->
    econf:enum([keep, replace]);
mod_opt_type(whitelist = Option) ->
    Encode = fun(JIDs) -> [jid:encode(JID) || JID <- JIDs] end,
    checked(Option, econf:and_then(econf:list(econf:jid()), Encode));
mod_opt_type(db_type) ->
    econf:and_then(econf:db_type(?MODULE), fun storage/1);
mod_opt_type(use_cache) ->
    econf:bool();
mod_opt_type(cache_size) ->
    econf:pos_int(infinity);
mod_opt_type(cache_missed) ->
    econf:bool();
mod_opt_type(cache_life_time) ->
    econf:timeout(second, infinity);
mod_opt_type(Option) ->
    true = lists:member(Option, message_options()),
    checked(Option, econf:binary()).

%% The core says of each item by itself what is wrong.
-spec scheme(binary()) -> binary().
scheme(Word) ->
    [Sound] = judged([Word], fun() -> check(accepted_schemes, [Word]) end),
    Sound.

%% Lets the core judge a value that ejabberd's validators let through.
-spec checked(atom(), econf:validator()) -> econf:validator().
checked(Option, Validator) ->
    econf:and_then(Validator, fun(Value) -> judged(Value, fun() -> check(Option, Value) end) end).

%% Without the library a value passes: the start that follows says what is missing.
-spec judged(Value, fun(() -> {ok, Value} | {error, binary()})) -> Value.
judged(Value, Judge) ->
    case mod_e2e_policy_nif:status() == ok andalso Judge() of
        false -> Value;
        {ok, Sound} -> Sound;
        {error, Problem} -> econf:fail({invalid_syntax, Problem})
    end.

-spec check(atom(), Value) -> {ok, Value} | {error, binary()}.
check(Option, Value) ->
    case mod_e2e_policy_nif:new_policy(#{Option => Value}) of
        {ok, _} -> {ok, Value};
        {error, {_, Problem}} -> {error, Problem}
    end.

%% ejabberd's own validators of durations know no zero, and say `expected integer' of a wrong word.
-spec seconds(binary() | integer()) -> non_neg_integer() | binary().
seconds(Seconds) when is_integer(Seconds) ->
    seconds(integer_to_binary(Seconds));
seconds(Text) ->
    judged(Text, fun() -> mod_e2e_policy_nif:parse_period(Text) end).

%% ejabberd takes every module of ours for a database, whatever its name ends with.
-spec storage(atom()) -> atom().
storage(Type) ->
    case lists:member(Type, [mnesia, sql]) of
        true -> Type;
        false -> econf:fail({bad_db_type, ?MODULE, Type})
    end.

-spec mod_options(binary()) -> [{atom(), term()}].
mod_options(Host) ->
    [{accepted_schemes, [omemo, pgp]},
     {direct, optional},
     {group, optional},
     {warn_mechanism, message},
     {warn_interval, 0},
     {whitelist, []},
     {outer_body, keep},
     {grace_period, 0},
     {db_type, ejabberd_config:default_db(Host, ?MODULE)},
     {use_cache, ejabberd_option:use_cache(Host)},
     {cache_size, ejabberd_option:cache_size(Host)},
     {cache_missed, ejabberd_option:cache_missed(Host)},
     {cache_life_time, ejabberd_option:cache_life_time(Host)}]
        ++ [{Option, undefined} || Option <- message_options()].

%%%===================================================================
%%% Documentation
%%%===================================================================
-spec get_commands_spec() -> [tuple()].
get_commands_spec() ->
    mod_e2e_policy_commands:commands().

-spec mod_doc() -> #{desc := [binary()],
                     opts := [{atom(), #{value => binary() | string(), desc => binary() | [binary()]}}],
                     example := [string()]}.
mod_doc() ->
    mod_e2e_policy_doc:text().
