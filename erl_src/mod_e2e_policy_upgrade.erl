%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Puts another release, beams and library, into the running node.
%%%
%%% This code is replaced by that of the release while it runs. Calls to other modules after that
%%% are calls to the release.
-module(mod_e2e_policy_upgrade).

-export([run/0]).
%% For an upgrade by release 0.1.0
-export([wait/0]).

-include("logger.hrl").

-type hook() :: {Name :: atom(), module(), Function :: atom(), Priority :: pos_integer()}.

%%%===================================================================
%%% The upgrade
%%%===================================================================
%% @doc Upgrades to the release on disk; reports what runs afterwards, or why nothing has changed.
%%
%% A process of its own does it: the messages that wait for the upgrade are told when it ends, also
%% when it crashes.
-spec run() -> {ok, iodata()} | {error, iodata()}.
run() ->
    {Worker, Monitor} = spawn_monitor(fun report/0),
    receive
        {'DOWN', Monitor, process, Worker, {reported, Result}} ->
            Result;
        {'DOWN', Monitor, process, Worker, Reason} ->
            ?CRITICAL_MSG("The upgrade of mod_e2e_policy ended halfway: ~p", [Reason]),
            {error, "the upgrade ended halfway, see the log; repair the release and repeat it"}
    end.

-spec report() -> no_return().
report() ->
    exit({reported, upgrade()}).

-spec upgrade() -> {ok, iodata()} | {error, iodata()}.
upgrade() ->
    try
        Folder = newest_folder(),
        Ebin = filename:join(Folder, "ebin"),
        refuse_release_0_1(Ebin),
        Library = mod_e2e_policy_rehearsal:run(Ebin, hosts()),
        Changes = mod_e2e_policy_release:changes(Ebin, Library),
        {Microseconds, ok} = timer:tc(fun() -> put_in_force(Changes) end),
        Report = [title(Folder), ": ", summary(Changes)],
        ?INFO_MSG("~ts, in ~b ms", [Report, Microseconds div 1000]),
        {ok, Report}
    catch
        throw:{mod_e2e_policy_release, Problem} -> {error, Problem}
    end.

%% The folder of this release, or of the newest beside it if folders have versions in their names.
-spec newest_folder() -> file:filename().
newest_folder() ->
    Folder = filename:dirname(filename:dirname(filename:absname(code:which(mod_e2e_policy)))),
    case mod_e2e_policy_release:newest(Folder) of
        none ->
            mod_e2e_policy_release:fail(["found no ", Folder,
                                         "; expected it, or a newer version beside it"]);
        Newest ->
            Newest
    end.

%% Release 0.1.0 has other modules: it could not stop what this release has started.
-spec refuse_release_0_1(file:filename()) -> ok.
refuse_release_0_1(Ebin) ->
    case filelib:is_regular(filename:join(Ebin, "mod_e2e_policy_registry.beam")) of
        true ->
            ok;
        false ->
            mod_e2e_policy_release:fail(["the release in ", filename:dirname(Ebin), " is 0.1.0 or ",
                                         "older, which a running server cannot go back to"])
    end.

-spec title(file:filename()) -> iodata().
title(Folder) ->
    case mod_e2e_policy_release:version(Folder) of
        {ok, Version} -> ["mod_e2e_policy ", Version];
        none -> "mod_e2e_policy"
    end.

-spec summary(mod_e2e_policy_release:changes()) -> iodata().
summary(#{beams := Beams, native := Native}) ->
    Modules = case length(Beams) of
                  0 -> [];
                  1 -> ["1 module"];
                  Number -> [integer_to_list(Number) ++ " modules"]
              end,
    case Modules ++ ["the library" || Native] of
        [] -> "nothing has changed";
        Parts -> ["replaced ", lists:join(" and ", Parts)]
    end.

-spec hosts() -> [binary()].
hosts() ->
    [Host || Host <- ejabberd_option:hosts(), gen_mod:is_loaded(Host, mod_e2e_policy)].

%%%===================================================================
%%% From one release to the other
%%%===================================================================
-spec put_in_force(mod_e2e_policy_release:changes()) -> ok.
put_in_force(#{beams := [], native := false}) ->
    ok;
put_in_force(Changes) ->
    mod_e2e_policy_swap:begin_upgrade(),
    {Hooks, OptionalHooks} = {mod_e2e_policy_host:hooks(), optional_hooks()},
    Commands = mod_e2e_policy_commands_spec:commands(),
    mod_e2e_policy_swap:load(Changes),
    %% From here on the calls are to functions of the new release.
    case mod_e2e_policy_registry:library() of
        ok ->
            lists:foreach(fun reload/1, hosts()),
            _ = lists:any(fun has_new_options/1, hosts()) andalso read_options();
        {error, Reason} ->
            ?CRITICAL_MSG("Messages cannot be judged until the upgrade of mod_e2e_policy is "
                          "repeated, the native library is unusable: ~ts", [Reason]),
            mod_e2e_policy_release:fail(["the library cannot be used: ", Reason])
    end,
    add_hooks(mod_e2e_policy_host:hooks() -- Hooks),
    delete_hooks((Hooks ++ OptionalHooks) -- (mod_e2e_policy_host:hooks() ++ optional_hooks())),
    mod_e2e_policy_commands_spec:register_instead_of(Commands).

%% Compiles the policy again, as the new library does not accept that of the older one. The stored
%% options do not have an option that comes with the release.
-spec reload(binary()) -> ok.
reload(Host) ->
    Opts = gen_mod:get_module_opts(Host, mod_e2e_policy),
    Defaults = maps:from_list(mod_e2e_policy_options:defaults(Host)),
    mod_e2e_policy_host:reload(Host, maps:merge(Defaults, Opts), Opts).

-spec has_new_options(binary()) -> boolean().
has_new_options(Host) ->
    Opts = gen_mod:get_module_opts(Host, mod_e2e_policy),
    lists:any(fun({Option, _Default}) -> not is_map_key(Option, Opts) end,
              mod_e2e_policy_options:defaults(Host)).

-spec read_options() -> ok.
read_options() ->
    case ejabberd_config:reload() of
        ok ->
            ok;
        _ ->
            mod_e2e_policy_release:fail("the release has new options, and ejabberd.yml cannot be "
                                        "read: mend it, then ejabberdctl reload_config")
    end.

%% Those of the release that is loaded, if it has any: the reload of a host has added what its
%% options need.
-spec optional_hooks() -> [hook()].
optional_hooks() ->
    case erlang:function_exported(mod_e2e_policy_host, optional_hooks, 1) of
        true -> mod_e2e_policy_host:optional_hooks(all);
        false -> []
    end.

%% New hooks are added first: a message that is judged twice is better than one that is not judged.
-spec add_hooks([hook()]) -> ok.
add_hooks(Hooks) ->
    _ = [ejabberd_hooks:add(Hook, Host, Module, Function, Priority)
         || Host <- hosts(), {Hook, Module, Function, Priority} <- Hooks],
    ok.

-spec delete_hooks([hook()]) -> ok.
delete_hooks(Hooks) ->
    _ = [ejabberd_hooks:delete(Hook, Host, Module, Function, Priority)
         || Host <- hosts(), {Hook, Module, Function, Priority} <- Hooks],
    ok.

%%%===================================================================
%%% For an upgrade by release 0.1.0
%%%===================================================================
%% @doc Returns when no upgrade is under way, as the hook of 0.1.0 calls it.
-spec wait() -> ok.
wait() ->
    mod_e2e_policy_swap:wait().
