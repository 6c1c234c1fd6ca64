%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What each message asks of its virtual host: the compiled policy, the counters, and the
%%% options that are not part of the policy.
%%%
%%% One persistent term has those of all hosts, because an atom is found faster than a tuple with
%%% the host in it, which has to be hashed and compared. The term changes when a host starts, stops
%%% or gets other options; the counters of a host stay the same as long as it runs.
-module(mod_e2e_policy_registry).

%% Policies in force
-export([entry/1, policy/1, counters/1, hosts/0, runs_elsewhere/1, enforce/2, remove/1]).
%% Compilation
-export([library/0, compile/2]).
%% ejabberd_hooks callbacks
-export([config_reloaded/0]).

-include("logger.hrl").

%% The version of the native functions that this code calls.
-define(INTERFACE, 6).

-export_type([entry/0]).

-type entry() :: {mod_e2e_policy_nif:policy(), mod_e2e_policy_counters:counters(), gen_mod:opts()}.
%% The options are those that the module reads itself, and those that say what is asked of whom,
%% with their names resolved.
-type entries() :: #{Host :: binary() => entry()}.

%%%===================================================================
%%% Policies in force
%%%===================================================================
%% @doc The entry of a host. Without one no message can be judged.
-spec entry(binary()) -> entry() | none.
entry(Host) ->
    case persistent_term:get(?MODULE, #{}) of
        #{Host := Entry} -> Entry;
        _ -> none
    end.

%% @doc The compiled policy of a host.
-spec policy(binary()) -> mod_e2e_policy_nif:policy() | none.
policy(Host) ->
    case entry(Host) of
        {Policy, _Counters, _Opts} -> Policy;
        none -> none
    end.

%% @doc The counters of a host.
-spec counters(binary()) -> mod_e2e_policy_counters:counters() | none.
counters(Host) ->
    case entry(Host) of
        {_Policy, Counters, _Opts} -> Counters;
        none -> none
    end.

%% @doc The hosts that have a policy.
-spec hosts() -> [binary()].
hosts() ->
    maps:keys(persistent_term:get(?MODULE, #{})).

%% @doc Whether a host other than this one has a policy.
%%
%% `gen_mod:is_loaded_elsewhere/2' looks at each module of each host, which takes long where there
%% are a thousand hosts.
-spec runs_elsewhere(binary()) -> boolean().
runs_elsewhere(Host) ->
    map_size(maps:remove(Host, persistent_term:get(?MODULE, #{}))) > 0.

%% @doc Puts the policy of these options in force.
%%
%% ejabberd has validated the options, so an error is a bug. The policy of before then stays in
%% force.
-spec enforce(binary(), gen_mod:opts()) -> ok | {error, mod_e2e_policy_nif:option_error()}.
enforce(Host, Opts) ->
    Language = ejabberd_option:language(Host),
    case compile(Opts, Language) of
        {ok, Policy} ->
            remember_language(Host, Language),
            Read = read_by_module(Host, Opts),
            change_entries(fun(#{Host := {_, Counters, _}} = Entries) ->
                                   Entries#{Host := {Policy, Counters, Read}};
                              (Entries) ->
                                   New = mod_e2e_policy_counters:new(),
                                   Entries#{Host => {Policy, New, Read}}
                           end);
        {error, {Option, Problem}} = Error ->
            ?CRITICAL_MSG("Invalid option ~ts of mod_e2e_policy on ~ts: ~ts",
                          [Option, Host, Problem]),
            Error
    end.

%% @doc Removes the policy of a host that stops.
-spec remove(binary()) -> ok.
remove(Host) ->
    change_entries(fun(Entries) -> maps:remove(Host, Entries) end),
    forget_language(Host).

%%%===================================================================
%%% Compilation
%%%===================================================================
%% @doc Whether the native library is loaded, and has the functions that this code calls.
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

%% @doc Makes a policy of options; texts that are not set have the core's defaults.
-spec compile(gen_mod:opts(), Language :: binary()) ->
          {ok, mod_e2e_policy_nif:policy()} | {error, mod_e2e_policy_nif:option_error()}.
compile(Opts, Language) ->
    Policy = maps:with(mod_e2e_policy_options:of_policy(), Opts),
    Set = maps:filter(fun(_Option, Value) -> Value /= undefined end, Policy),
    Strictest = maps:map(fun(_Option, Value) -> mod_e2e_policy_level:strictest(Value) end,
                         maps:with([direct, group], Set)),
    mod_e2e_policy_nif:new_policy((maps:merge(Set, Strictest))#{language => Language}).

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Compiles the policies again whose host has another language than before, and resolves the
%% names in the options again.
%%
%% ejabberd has reloaded the modules whose options have changed, but the language and the access
%% rules are not options of a module.
-spec config_reloaded() -> ok.
config_reloaded() ->
    Hosts = [{Host, gen_mod:get_module_opts(Host, mod_e2e_policy)}
             || Host <- hosts(), gen_mod:is_loaded(Host, mod_e2e_policy)],
    _ = [enforce(Host, Opts)
         || {Host, Opts} <- Hosts,
            ejabberd_option:language(Host) /= persistent_term:get(language_key(Host), none)],
    change_entries(fun(Entries) -> lists:foldl(fun resolved/2, Entries, Hosts) end).

-spec resolved({binary(), gen_mod:opts()}, entries()) -> entries().
resolved({Host, Opts}, Entries) ->
    case Entries of
        #{Host := {Policy, Counters, _}} ->
            Entries#{Host := {Policy, Counters, read_by_module(Host, Opts)}};
        #{} ->
            Entries
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec read_by_module(binary(), gen_mod:opts()) -> gen_mod:opts().
read_by_module(Host, Opts) ->
    Read = [direct, group, muc_pm, recipient_keys, incoming, rooms, s2s_unverified
            | mod_e2e_policy_options:of_module()],
    mod_e2e_policy_level:compiled(Host, maps:with(Read, Opts)).

%% The hook is one for the whole node. It runs after the one that reloads modules, at 60.
-spec remember_language(binary(), binary()) -> ok.
remember_language(Host, Language) ->
    persistent_term:put(language_key(Host), Language),
    ejabberd_hooks:add(config_reloaded, ?MODULE, config_reloaded, 65).

-spec forget_language(binary()) -> ok.
forget_language(Host) ->
    _ = persistent_term:erase(language_key(Host)),
    case runs_elsewhere(Host) of
        true -> ok;
        false -> ejabberd_hooks:delete(config_reloaded, ?MODULE, config_reloaded, 65)
    end.

%% The key of the language that a host's policy was compiled for.
-spec language_key(binary()) -> {module(), language, binary()}.
language_key(Host) ->
    {?MODULE, language, Host}.

%% Takes a lock, because hosts may start, stop and reload at the same time.
-spec change_entries(fun((entries()) -> entries())) -> ok.
change_entries(Change) ->
    ok = global:trans({?MODULE, self()}, fun() -> put_entries(Change) end, [node()]).

-spec put_entries(fun((entries()) -> entries())) -> ok.
put_entries(Change) ->
    case Change(persistent_term:get(?MODULE, #{})) of
        None when map_size(None) == 0 ->
            _ = persistent_term:erase(?MODULE),
            ok;
        Entries ->
            persistent_term:put(?MODULE, Entries)
    end.
