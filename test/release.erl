%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Other releases of the module than the one that was compiled for the tests: folders with ebin and
%% priv, which a server can run or be upgraded to.
-module(release).

%% The one that was compiled
-export([version/0]).
%% Folders
-export([copy/1, put_library/2, library_of_this_machine/1, put_module/3]).
%% Libraries
-export([library/1]).
%% Memory of a server
-export([mapped/1, resident/1]).

%%%-------------------------------------------------------------------
%%% The one that was compiled
%%%-------------------------------------------------------------------

-spec version() -> string().
version() ->
    {ok, [{application, _, Keys}]} = file:consult(server:build() ++ "/ebin/mod_e2e_policy.app"),
    proplists:get_value(vsn, Keys).

%%%-------------------------------------------------------------------
%%% Folders
%%%-------------------------------------------------------------------

%% A copy of the module, in a folder that is made.
-spec copy(To :: file:filename()) -> file:filename().
copy(To) ->
    [] = os:cmd(["mkdir -p ", To, "; cd ", server:build(), "; cp -RL ebin priv ", To,
                 "; chmod -R a+rX ", To]),
    To.

%% Puts another library in, as installers do: a new file in place of one that may be mapped.
-spec put_library(Library :: file:filename() | binary(), Folder :: file:filename()) -> ok.
put_library(Library, Folder) when is_list(Library) ->
    {ok, Octets} = file:read_file(Library),
    put_library(Octets, Folder);
put_library(Octets, Folder) ->
    File = Folder ++ "/priv/mod_e2e_policy_nif.so",
    ok = file:write_file(File ++ ".new", Octets),
    ok = file:change_mode(File ++ ".new", 8#644),
    ok = file:rename(File ++ ".new", File).

%% Where a folder with libraries for several machines has the one for this machine.
-spec library_of_this_machine(Folder :: file:filename()) -> file:filename().
library_of_this_machine(Folder) ->
    [Machine | _] = mod_e2e_policy_nif:machines(erlang:system_info(system_architecture)),
    filename:join([Folder, "priv", Machine, "mod_e2e_policy_nif.so"]).

%% Puts a module in: that of the tests, or one compiled from the source with changes. Each change
%% replaces a text, which has to be there, by another.
-spec put_module(module(), [{Old :: string(), New :: string()}], file:filename()) -> ok.
put_module(Module, [], Folder) ->
    Beam = "/ebin/" ++ atom_to_list(Module) ++ ".beam",
    {ok, _} = file:copy(server:build() ++ Beam, Folder ++ Beam),
    ok;
put_module(Module, Changes, Folder) ->
    Name = atom_to_list(Module) ++ ".erl",
    {ok, Source} = file:read_file(filename:join([server:root(), "erl_src", Name])),
    Changed = lists:foldl(fun({Old, New}, Text) ->
                                  [Before, After] = string:split(Text, Old),
                                  [Before, New, After]
                          end, Source, Changes),
    Copy = filename:join(Folder, Name),
    ok = file:write_file(Copy, Changed),
    {ok, Module} = compile:file(Copy, [return_errors, debug_info, {outdir, Folder ++ "/ebin"}
                                       | includes()]),
    ok = file:delete(Copy).

%% Not those of all libraries, because some have a logger.hrl that is not ejabberd's.
includes() ->
    [{i, filename:join(filename:dirname(filename:dirname(code:which(Module))), "include")}
     || Module <- [ejabberd_config, xmpp, fxml]].

%%%-------------------------------------------------------------------
%%% Libraries
%%%-------------------------------------------------------------------

%% The library that is installed; one of the same source without optimisation, which the operating
%% system takes for another library; and the one with traps.
-spec library(installed | debug | panicking) -> file:filename().
library(installed) -> server:build() ++ "/priv/mod_e2e_policy_nif.so";
library(debug) -> built("e2e_policy_nif", "libmod_e2e_policy_nif.so");
library(panicking) -> built("panicking_nif", "libpanicking_nif.so").

%% Stripped, because a library of 25 MB is slow to copy, read and digest.
built(Package, File) ->
    Target = filename:join(server:root(), "target"),
    Port = open_port({spawn_executable, os:find_executable("cargo")},
                     [{args, ["build", "--quiet", "--locked", "--package", Package,
                              "--config", "profile.dev.strip=true",
                              "--target-dir", Target ++ "/suites"]},
                      {cd, server:root()}, exit_status, stderr_to_stdout, hide]),
    {0, _} = server:output(Port),
    filename:join([Target, "suites", "debug", File]).

%%%-------------------------------------------------------------------
%%% Memory of a server
%%%-------------------------------------------------------------------

%% The files of the native library that are mapped, by inode.
-spec mapped(server:server()) -> [Inode :: binary()].
mapped(Server) ->
    lists:usort([lists:nth(5, string:lexemes(Line, " "))
                 || Line <- string:lexemes(proc(Server, "maps"), "\n"),
                    string:find(Line, "mod_e2e_policy_nif.so") =/= nomatch]).

%% Octets of memory that the server's process has.
-spec resident(server:server()) -> non_neg_integer().
resident(Server) ->
    [server:call(Server, erlang, garbage_collect, [Pid])
     || Pid <- server:call(Server, erlang, processes, [])],
    [_, Pages | _] = string:lexemes(proc(Server, "statm"), " "),
    binary_to_integer(Pages) * 4096.

%% Read by the server itself, as its process belongs to another user.
proc(Server, File) ->
    Path = "/proc/" ++ server:call(Server, os, getpid, []) ++ "/" ++ File,
    {ok, Text} = server:call(Server, file, read_file, [Path]),
    Text.
