%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Whether what the release on disk starts with a host runs after an upgrade, and nothing is left of
%% release 0.1.0. Prints what is not as expected; exit status 0 if there is nothing.
-module(upgraded).

-export([main/0]).

-define(NODE, 'ejabberd@localhost').
-define(HOSTS, [<<"localhost">>, <<"sql.localhost">>]).

main() ->
    case [Problem || Found <- [hooks(), commands(), modules(), host_processes(), terms(), tables()],
                     Problem <- Found] of
        [] -> halt(0);
        Problems -> [io:format("~p~n", [Problem]) || Problem <- Problems], halt(1)
    end.

hooks() ->
    Expected = call(mod_e2e_policy_host, hooks, []),
    [{hook, missing, Host, Hook}
     || Host <- ?HOSTS, Hook <- Expected -- hooks_of(Host)]
        ++ [{hook, left, Host, Hook}
            || Host <- ?HOSTS, Hook <- hooks_of(Host) -- Expected]
        ++ [{hook, missing, config_reloaded, Module}
            || Module <- [mod_e2e_policy_host, mod_e2e_policy_registry] -- reloading()].

hooks_of(Host) ->
    [{Hook, Module, Function, Priority}
     || {Hook, Handlers} <- handlers(Host), {Priority, Module, Function} <- Handlers,
        is_ours(Module)].

reloading() ->
    [Module || {config_reloaded, Handlers} <- handlers(global), {_, Module, _} <- Handlers].

%% Newer versions of ejabberd have more in a row.
handlers(Host) ->
    [{Hook, element(2, Row)} || Row <- call(ets, tab2list, [hooks]),
                                {Hook, Of} <- [element(1, Row)], Of =:= Host].

is_ours(Module) -> lists:prefix("mod_e2e_policy", atom_to_list(Module)).

commands() ->
    Expected = [element(2, Command) || Command <- call(mod_e2e_policy_commands_spec, commands, [])],
    Registered = [Name || {Name, _, _} <- call(ejabberd_commands, list_commands, []),
                          lists:prefix("e2e_policy_", atom_to_list(Name))],
    [{command, Name} || Name <- (Expected -- Registered) ++ (Registered -- Expected)].

modules() ->
    [{module, Module, File}
     || {Module, File} <- call(code, all_loaded, []), is_ours(Module), not filelib:is_file(File)]
        ++ [{old_code, Module} || {Module, _} <- call(code, all_loaded, []), is_ours(Module),
                                  not call(code, soft_purge, [Module])].

host_processes() ->
    [{process, Host, Module}
     || Host <- ?HOSTS, Module <- [mod_e2e_policy_daily, mod_e2e_policy_senders],
        call(erlang, whereis, [call(gen_mod, get_module_proc, [Host, Module])]) =:= undefined].

%% Only 0.1.0 has these.
terms() ->
    [{term, Key} || Key <- [mod_e2e_policy | [{Module, Host} || Host <- ?HOSTS,
                                                               Module <- [mod_e2e_policy_sql,
                                                                          mod_e2e_policy_grace]]],
                    call(persistent_term, get, [Key, none]) =/= none].

tables() ->
    [{table, Table}
     || Host <- ?HOSTS,
        Table <- [call(gen_mod, get_module_proc, [Host, mod_e2e_policy_warned])],
        call(ets, whereis, [Table]) =/= undefined].

call(Module, Function, Arguments) ->
    erpc:call(?NODE, Module, Function, Arguments).
