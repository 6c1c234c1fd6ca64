%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Puts another release of this module, beams and library, into the running node.
%%%
%%% A loaded library cannot be replaced, only unloaded, and while it is away nothing can be judged.
%%% So a message whose judgement fails meanwhile waits here, and is judged by the new release.
-module(mod_e2e_policy_upgrade).

%% For the command
-export([run/0]).
%% For the module that starts
-export([refresh/0]).
%% For the hook
-export([wait/0]).
%% For an uninstallation
-export([unload/1]).

-include("logger.hrl").

%% How long a message waits for an upgrade, and an upgrade for processes that run what has to go; in
%% milliseconds.
-define(PATIENCE, 5_000).
%% How long the rehearsal may take for each of its steps, in milliseconds.
-define(REHEARSAL, 15_000).

%% What differs from what is loaded, ready to be loaded.
-type release() :: #{ebin := file:filename(),
                     beams := [{module(), file:filename(), binary()}],
                     native := boolean()}.

%%%===================================================================
%%% For the command
%%%===================================================================
%% Says in words what runs then, or why nothing has changed.
-spec run() -> {ok, iodata()} | {error, iodata()}.
run() ->
    %% A process of its own, so that it ends however it ends, and those that wait learn of it.
    {Worker, Monitor} = spawn_monitor(fun say/0),
    receive
        {'DOWN', Monitor, process, Worker, {said, Result}} ->
            Result;
        {'DOWN', Monitor, process, Worker, Reason} ->
            ?CRITICAL_MSG("The upgrade of mod_e2e_policy ended halfway: ~p", [Reason]),
            {error, "the upgrade ended halfway, see the log; repair the release and repeat it"}
    end.

-spec say() -> no_return().
say() ->
    exit({said, upgrade()}).

-spec upgrade() -> {ok, iodata()} | {error, iodata()}.
upgrade() ->
    try
        Folder = newest_folder(),
        Ebin = filename:join(Folder, "ebin"),
        Release = release(Ebin, rehearse(Ebin)),
        {Microseconds, ok} = timer:tc(fun() -> swap(Release) end),
        Said = [title(Folder), ": ", changes(Release)],
        ?INFO_MSG("~ts, in ~b ms", [Said, Microseconds div 1000]),
        {ok, Said}
    catch
        throw:{?MODULE, Problem} -> {error, Problem}
    end.

-spec title(file:filename()) -> iodata().
title(Folder) ->
    case mod_e2e_policy_release:version(Folder) of
        {ok, Version} -> ["mod_e2e_policy ", Version];
        none -> "mod_e2e_policy"
    end.

-spec changes(release()) -> iodata().
changes(#{beams := Beams, native := Native}) ->
    Modules = case length(Beams) of
                  0 -> [];
                  1 -> ["1 module"];
                  Number -> [integer_to_list(Number) ++ " modules"]
              end,
    case Modules ++ ["the library" || Native] of
        [] -> "nothing has changed";
        Parts -> ["replaced ", lists:join(" and ", Parts)]
    end.

%%%===================================================================
%%% For the module that starts
%%%===================================================================
%% Loads all modules, those anew that differ from the file on disk: none may have to be looked for when a
%% message comes, as the files may be gone then. Not rehearsed, so only while nothing is judged.
-spec refresh() -> ok.
refresh() ->
    Library = case erlang:module_loaded(mod_e2e_policy_nif) andalso mod_e2e_policy_nif:library() of
                  {File, _} -> {File, digest(File)};
                  _ -> none
              end,
    try load(release(filename:dirname(code:which(mod_e2e_policy)), Library))
    catch throw:{?MODULE, Problem} ->
            ?ERROR_MSG("mod_e2e_policy runs with parts of another release: ~ts", [Problem])
    end.

%%%===================================================================
%%% For the hook
%%%===================================================================
%% Returns when no upgrade is under way, or takes too long.
-spec wait() -> ok.
wait() ->
    case whereis(?MODULE) of
        undefined ->
            ok;
        Worker ->
            Monitor = monitor(process, Worker),
            receive {'DOWN', Monitor, process, _, _} -> ok
            after ?PATIENCE -> _ = demonitor(Monitor, [flush]), ok
            end
    end.

%%%===================================================================
%%% What lies on disk
%%%===================================================================
%% Where this release is, or the newest beside it if folders have versions in their names.
-spec newest_folder() -> file:filename().
newest_folder() ->
    Folder = filename:dirname(filename:dirname(filename:absname(code:which(mod_e2e_policy)))),
    case mod_e2e_policy_release:newest(Folder) of
        none -> fail(["found no ", Folder, "; expected it, or a newer version beside it"]);
        Newest -> Newest
    end.

-spec release(file:filename(), mod_e2e_policy_nif:library() | none) -> release().
release(Ebin, Library) ->
    Files = [{list_to_atom(filename:basename(File, ".beam")), File}
             || File <- filelib:wildcard(filename:join(Ebin, "mod_e2e_policy*.beam"))],
    {Stubs, Others} = case lists:keytake(mod_e2e_policy_nif, 1, Files) of
                          {value, {_, Found}, Rest} -> {Found, Rest};
                          false -> fail(["found no mod_e2e_policy_nif.beam in ", Ebin])
                      end,
    #{ebin => Ebin,
      beams => [{Module, File, read(File)} || {Module, File} <- Others, is_stale(Module, File)],
      native => is_stale(mod_e2e_policy_nif, Stubs) orelse is_stale_library(Library)}.

-spec is_stale(module(), file:filename()) -> boolean().
is_stale(Module, File) ->
    case beam_lib:md5(File) of
        {ok, {Module, Digest}} ->
            not erlang:module_loaded(Module) orelse Module:module_info(md5) /= Digest;
        _ ->
            fail([File, " is no beam of ", atom_to_list(Module)])
    end.

-spec is_stale_library(mod_e2e_policy_nif:library() | none) -> boolean().
is_stale_library({_, Digest}) ->
    case mod_e2e_policy_nif:library() of
        {_, Digest} -> false;
        _ -> true
    end;
is_stale_library(none) ->
    false.

-spec digest(file:filename()) -> binary().
digest(File) ->
    erlang:md5(read(File)).

-spec read(file:filename()) -> binary().
read(File) ->
    case file:read_file(File) of
        {ok, Octets} -> Octets;
        {error, Reason} -> fail([File, ": ", file:format_error(Reason)])
    end.

%%%===================================================================
%%% The rehearsal
%%%===================================================================
%% Loads the release into an Erlang of its own, and lets it make the policies of all hosts: a library that
%% ends the whole system ends that one. Gives the library that was found.
-spec rehearse(file:filename()) -> mod_e2e_policy_nif:library().
rehearse(Ebin) ->
    process_flag(trap_exit, true),
    Paths = ["-pa", filename:absname(Ebin), "-pa", code:lib_dir(ejabberd) ++ "/ebin"],
    Peer = try peer:start_link(#{connection => standard_io, args => Paths}) of
               {ok, Pid} -> Pid;
               {ok, Pid, _Node} -> Pid
           catch
               _:_ -> fail("no Erlang could be started to try the release in")
           end,
    try
        case call(Peer, mod_e2e_policy, library, []) of
            ok -> ok;
            {error, Reason} -> fail(["the library cannot be used: ", Reason])
        end,
        lists:foreach(fun(Host) -> rehearse(Peer, Host) end, hosts()),
        call(Peer, mod_e2e_policy_nif, library, [])
    after
        stop(Peer)
    end.

-spec rehearse(pid(), binary()) -> ok.
rehearse(Peer, Host) ->
    Opts = gen_mod:get_module_opts(Host, mod_e2e_policy),
    case call(Peer, mod_e2e_policy, compile, [Opts, ejabberd_option:language(Host)]) of
        {ok, _} -> ok;
        {error, {Option, Problem}} -> fail(["option ", Option, " of ", Host, ": ", Problem])
    end.

-spec call(pid(), module(), atom(), [term()]) -> term().
call(Peer, Module, Function, Arguments) ->
    try peer:call(Peer, Module, Function, Arguments, ?REHEARSAL)
    catch Class:Reason ->
            ?ERROR_MSG("Rehearsal of mod_e2e_policy: ~ts:~ts/~B: ~ts ~p",
                       [Module, Function, length(Arguments), Class, Reason]),
            fail("the release does not work in an Erlang of its own, see the log")
    end.

-spec stop(pid()) -> ok.
stop(Peer) ->
    try peer:stop(Peer) catch _:_ -> ok end,
    ok.

%%%===================================================================
%%% The swap
%%%===================================================================
-spec swap(release()) -> ok.
swap(#{beams := [], native := false}) ->
    ok;
swap(Release) ->
    try register(?MODULE, self())
    catch error:badarg -> fail("another upgrade is under way")
    end,
    Hooks = mod_e2e_policy:hooks(),
    Commands = mod_e2e_policy_commands:commands(),
    load(Release),
    %% From here on these are functions of the new release.
    case mod_e2e_policy:library() of
        ok ->
            lists:foreach(fun enforce/1, hosts()),
            _ = lists:any(fun has_new_options/1, hosts()) andalso read_options();
        {error, Reason} ->
            ?CRITICAL_MSG("Messages cannot be judged until the upgrade of mod_e2e_policy is repeated, "
                          "the native library is unusable: ~ts", [Reason]),
            fail(["the library cannot be used: ", Reason])
    end,
    change_hooks(Hooks, mod_e2e_policy:hooks()),
    mod_e2e_policy_commands:register_instead_of(Commands).

%% The library goes first and comes last: no code ever calls one of another release with a policy that
%% it would take for its own.
-spec load(release()) -> ok.
load(#{ebin := Ebin, beams := Beams, native := Native}) ->
    Modules = [Module || {Module, _, _} <- Beams],
    lists:foreach(fun forget_old/1, [mod_e2e_policy_nif || Native] ++ Modules),
    Prepared = case code:prepare_loading(Beams) of
                   {ok, Ready} -> Ready;
                   {error, Reasons} -> fail(io_lib:format("cannot be loaded: ~p", [Reasons]))
               end,
    _ = lists:member(Ebin, code:get_path()) orelse code:replace_path(mod_e2e_policy, Ebin),
    _ = Native andalso unload(mod_e2e_policy_nif),
    ok = code:finish_loading(Prepared),
    _ = Native andalso load_native(),
    ok.

%% A module has room for one older version of itself.
-spec forget_old(module()) -> ok.
forget_old(Module) ->
    case has_forgotten(Module, ?PATIENCE) of
        true -> ok;
        false -> fail(["processes still run an older ", atom_to_list(Module), "; try again"])
    end.

%% The process that stays in a function of the library for so long is an admin's.
-spec unload(module()) -> ok.
unload(Module) ->
    _ = code:delete(Module),
    _ = has_forgotten(Module, 1_000) orelse code:purge(Module),
    ok.

-spec has_forgotten(module(), integer()) -> boolean().
has_forgotten(Module, Milliseconds) ->
    code:soft_purge(Module)
        orelse (Milliseconds > 0
                andalso begin
                            timer:sleep(20),
                            has_forgotten(Module, Milliseconds - 20)
                        end).

%% A message that is judged now may have loaded it already.
-spec load_native() -> ok.
load_native() ->
    {module, _} = case code:ensure_loaded(mod_e2e_policy_nif) of
                      {error, embedded} -> code:load_file(mod_e2e_policy_nif);
                      Loaded -> Loaded
                  end,
    ok.

%%%===================================================================
%%% After the swap
%%%===================================================================
-spec hosts() -> [binary()].
hosts() ->
    [Host || Host <- ejabberd_option:hosts(), gen_mod:is_loaded(Host, mod_e2e_policy)].

%% Makes the policy anew; that of the older library is none to this one. The stored options know nothing
%% of an option that the release has brought.
-spec enforce(binary()) -> ok.
enforce(Host) ->
    Opts = gen_mod:get_module_opts(Host, mod_e2e_policy),
    Defaults = maps:from_list(mod_e2e_policy:mod_options(Host)),
    mod_e2e_policy:reload(Host, maps:merge(Defaults, Opts), Opts).

-spec has_new_options(binary()) -> boolean().
has_new_options(Host) ->
    Opts = gen_mod:get_module_opts(Host, mod_e2e_policy),
    lists:any(fun({Option, _Default}) -> not is_map_key(Option, Opts) end,
              mod_e2e_policy:mod_options(Host)).

-spec read_options() -> ok.
read_options() ->
    case ejabberd_config:reload() of
        ok -> ok;
        _ -> fail("the release has new options, and ejabberd.yml cannot be read: mend it, then "
                  "ejabberdctl reload_config")
    end.

%% New ones come first: a message that both judge is better than one that none does.
-spec change_hooks([Hook], [Hook]) -> ok when Hook :: {atom(), module(), atom(), pos_integer()}.
change_hooks(Old, New) ->
    [ejabberd_hooks:add(Hook, Host, Module, Function, Priority)
     || Host <- hosts(), {Hook, Module, Function, Priority} <- New -- Old],
    [ejabberd_hooks:delete(Hook, Host, Module, Function, Priority)
     || Host <- hosts(), {Hook, Module, Function, Priority} <- Old -- New],
    ok.

-spec fail(iodata()) -> no_return().
fail(Problem) ->
    throw({?MODULE, Problem}).
