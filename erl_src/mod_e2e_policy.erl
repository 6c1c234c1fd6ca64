%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The gen_mod callbacks, and what ejabberd's installer calls.
%%%
%%% A message takes another way: `mod_e2e_policy_hook' receives it, `mod_e2e_policy_nif' judges it,
%%% and `mod_e2e_policy_effect' carries out what was decided.
-module(mod_e2e_policy).

-behaviour(gen_mod).

%% gen_mod callbacks
-export([start/2, stop/1, reload/3, depends/2, mod_opt_type/1, mod_options/1, mod_doc/0]).
%% For ejabberd's documentation of commands
-export([get_commands_spec/0]).
%% For ejabberd's module_uninstall
-export([pre_uninstall/0]).
%% For an upgrade by release 0.1.0
-export([library/0, compile/2, hooks/0, policy/1, disco_local_features/5]).

%%%===================================================================
%%% gen_mod callbacks
%%%===================================================================
%% @doc Starts the module on a host.
%%
%% ejabberd's module_upgrade loads this module, while the others are as they were, or not loaded.
-spec start(binary(), gen_mod:opts()) -> ok | {error, atom()}.
start(Host, Opts) ->
    _ = mod_e2e_policy_registry:runs_elsewhere(Host) orelse mod_e2e_policy_swap:refresh(),
    mod_e2e_policy_host:start(Host, Opts).

%% @doc Stops the module on a host.
%%
%% ejabberd's module_uninstall calls this for all hosts, also for those where it does not run.
-spec stop(binary()) -> ok.
stop(Host) ->
    case gen_mod:is_loaded(Host, ?MODULE) of
        true -> mod_e2e_policy_host:stop(Host);
        false -> ok
    end.

%% @doc Puts new options of a host in force.
-spec reload(binary(), gen_mod:opts(), gen_mod:opts()) -> ok.
reload(Host, NewOpts, OldOpts) ->
    mod_e2e_policy_host:reload(Host, NewOpts, OldOpts),
    mod_e2e_policy_from_0_1:take_over(Host).

%% @doc The modules that this one needs: none.
-spec depends(binary(), gen_mod:opts()) -> [].
depends(_Host, _Opts) ->
    [].

%% @doc The validator of an option.
-spec mod_opt_type(atom()) -> econf:validator().
mod_opt_type(Option) ->
    mod_e2e_policy_options:type(Option).

%% @doc The options of a host, and their defaults.
-spec mod_options(binary()) -> [{atom(), term()}].
mod_options(Host) ->
    mod_e2e_policy_options:defaults(Host).

%% @doc What an admin reads about the module and its options.
-spec mod_doc() -> #{desc := [binary()],
                     opts := [{atom(), #{value => binary() | string(),
                                         desc => binary() | [binary()]}}],
                     example := [string()]}.
mod_doc() ->
    mod_e2e_policy_doc:text().

%%%===================================================================
%%% For ejabberd's documentation of commands
%%%===================================================================
%% @doc The specifications of the commands.
-spec get_commands_spec() -> [tuple()].
get_commands_spec() ->
    mod_e2e_policy_commands_spec:commands().

%%%===================================================================
%%% For ejabberd's module_uninstall
%%%===================================================================
%% @doc Stops the module on all hosts, and unloads all modules but this one, and the library.
%%
%% ejabberd unloads this module alone. `mod_e2e_policy_hook' is unloaded first, because a message
%% would load those that are unloaded already again; the stubs of the library are unloaded last but
%% one, as all others call them; and `mod_e2e_policy_swap', which does it, is last.
-spec pre_uninstall() -> ok.
pre_uninstall() ->
    lists:foreach(fun(Host) -> _ = gen_mod:stop_module(Host, ?MODULE) end,
                  [Host || Host <- ejabberd_option:hosts(), gen_mod:is_loaded(Host, ?MODULE)]),
    Modules = [Module || {Module, _} <- code:all_loaded(),
                         lists:prefix(atom_to_list(?MODULE) ++ "_", atom_to_list(Module))],
    First = mod_e2e_policy_hook,
    Last = [mod_e2e_policy_nif, mod_e2e_policy_swap],
    lists:foreach(fun mod_e2e_policy_swap:unload/1,
                  [First | Modules -- [First | Last]] ++ [mod_e2e_policy_nif]),
    _ = code:delete(mod_e2e_policy_swap),
    _ = code:purge(mod_e2e_policy_swap),
    ok.

%%%===================================================================
%%% For an upgrade by release 0.1.0
%%%===================================================================
%% @doc Whether the native library is loaded, and has the functions that this code calls.
-spec library() -> ok | {error, iodata()}.
library() ->
    mod_e2e_policy_registry:library().

%% @doc Makes a policy of options, on trial.
-spec compile(gen_mod:opts(), Language :: binary()) ->
          {ok, mod_e2e_policy_nif:policy()} | {error, mod_e2e_policy_nif:option_error()}.
compile(Opts, Language) ->
    mod_e2e_policy_registry:compile(Opts, Language).

%% @doc The hooks of a host.
-spec hooks() -> [{atom(), module(), atom(), pos_integer()}].
hooks() ->
    mod_e2e_policy_host:hooks().

%% @doc No policy: the hook of 0.1.0 then gives the message to that of this release.
-spec policy(binary()) -> reference().
policy(_Host) ->
    mod_e2e_policy_from_0_1:policy().

%% @doc The hook of 0.1.0, which is there until the host is reloaded.
-spec disco_local_features(Acc, jid:jid(), jid:jid(), binary(), binary()) -> Acc.
disco_local_features(Acc, From, To, Node, Lang) ->
    mod_e2e_policy_disco:disco_local_features(Acc, From, To, Node, Lang).
