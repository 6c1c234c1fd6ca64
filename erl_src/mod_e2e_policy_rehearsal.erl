%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Tries a release in another Erlang node before it comes into this one.
%%%
%%% A library may crash the node that loads it, so it is loaded into one that is started for this.
-module(mod_e2e_policy_rehearsal).

-export([run/2]).

-include("logger.hrl").

%% How long each step may take, in milliseconds.
-define(PATIENCE, 15_000).

%% @doc Loads a release, and lets it make the policies of these hosts; gives the library that it
%% has.
-spec run(file:filename(), [Host :: binary()]) -> mod_e2e_policy_nif:library().
run(Ebin, Hosts) ->
    process_flag(trap_exit, true),
    Paths = ["-pa", filename:absname(Ebin), "-pa", code:lib_dir(ejabberd) ++ "/ebin"],
    Peer = try peer:start_link(#{connection => standard_io, args => Paths}) of
               {ok, Pid} -> Pid;
               {ok, Pid, _Node} -> Pid
           catch
               _:_ ->
                   mod_e2e_policy_release:fail("no Erlang could be started to try the release in")
           end,
    try
        case call(Peer, mod_e2e_policy_registry, library, []) of
            ok ->
                ok;
            {error, Reason} ->
                mod_e2e_policy_release:fail(["the library cannot be used: ", Reason])
        end,
        lists:foreach(fun(Host) -> compile(Peer, Host) end, Hosts),
        call(Peer, mod_e2e_policy_nif, library, [])
    after
        stop(Peer)
    end.

-spec compile(pid(), binary()) -> ok.
compile(Peer, Host) ->
    Arguments = [gen_mod:get_module_opts(Host, mod_e2e_policy), ejabberd_option:language(Host)],
    case call(Peer, mod_e2e_policy_registry, compile, Arguments) of
        {ok, _} ->
            ok;
        {error, {Option, Problem}} ->
            mod_e2e_policy_release:fail(["option ", Option, " of ", Host, ": ", Problem])
    end.

-spec call(pid(), module(), atom(), [term()]) -> term().
call(Peer, Module, Function, Arguments) ->
    try peer:call(Peer, Module, Function, Arguments, ?PATIENCE)
    catch Class:Reason ->
            ?ERROR_MSG("Rehearsal of mod_e2e_policy: ~ts:~ts/~B: ~ts ~p",
                       [Module, Function, length(Arguments), Class, Reason]),
            mod_e2e_policy_release:fail("the release does not work in an Erlang of its own, "
                                        "see the log")
    end.

-spec stop(pid()) -> ok.
stop(Peer) ->
    try peer:stop(Peer) catch _:_ -> ok end,
    ok.
