%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% script/install, into a folder of libraries of its own: whatever was installed before, an ejabberd
%% that starts afterwards loads the new version.
-module(install_SUITE).

-export([suite/0, all/0, init_per_testcase/2]).
-export([what_was_installed_is_found/1, other_versions_are_removed/1,
         a_copy_that_erlang_loads_instead_is_reported/1, a_removal_removes_every_version/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

suite() ->
    [{timetrap, {minutes, 5}}].

all() ->
    [what_was_installed_is_found, other_versions_are_removed,
     a_copy_that_erlang_loads_instead_is_reported, a_removal_removes_every_version].

init_per_testcase(Case, Config) ->
    Libraries = filename:join(?config(priv_dir, Config), Case),
    ok = file:make_dir(Libraries),
    [{libraries, Libraries} | Config].

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

what_was_installed_is_found(Config) ->
    ?assertMatch({0, _}, script(Config, [])),
    ?assertEqual([own()], folders(Config)),
    ?assertEqual("ok", in_erlang(Config, "mod_e2e_policy_nif:status()")),
    ?assertMatch({0, _}, script(Config, [])),
    ?assertEqual([own()], folders(Config)).

%% Older and newer ones, of which Erlang would load the newest.
other_versions_are_removed(Config) ->
    Others = ["mod_e2e_policy-0.0.9", "mod_e2e_policy-0.2.0~rc1", "mod_e2e_policy-999.0"],
    [put_folder(Config, Folder) || Folder <- Others],
    {0, Output} = script(Config, []),
    [?assertMatch({_, [_ | _]},
                  {Folder, string:find(Output, "Removed " ++ path(Config, Folder) ++ ".\n")})
     || Folder <- Others],
    ?assertEqual([own()], folders(Config)),
    ?assertEqual(path(Config, own()) ++ "/ebin/mod_e2e_policy.beam",
                 in_erlang(Config, "code:which(mod_e2e_policy)")).

%% It stays, because it belongs to the admin. To Erlang it is another library, because its name does
%% not end with a version, so both are in the code path.
a_copy_that_erlang_loads_instead_is_reported(Config) ->
    Copy = own() ++ ".bak",
    put_folder(Config, Copy),
    {1, Output} = script(Config, []),
    ?assertMatch([_ | _], string:find(Output, "Erlang finds " ++ path(Config, Copy) ++ "/ebin")),
    ?assertEqual([own(), Copy], folders(Config)).

a_removal_removes_every_version(Config) ->
    [put_folder(Config, Folder) || Folder <- [own(), "mod_e2e_policy-999.0", "other-1.0"]],
    {0, Output} = script(Config, ["--remove"]),
    ?assertMatch([_ | _], string:find(Output, "Removed " ++ path(Config, "mod_e2e_policy-999.0"))),
    ?assertEqual(["other-1.0"], folders(Config)).

%%%-------------------------------------------------------------------
%%% Folders and programs
%%%-------------------------------------------------------------------

own() ->
    "mod_e2e_policy-" ++ release:version().

put_folder(Config, Folder) ->
    Ebin = path(Config, Folder) ++ "/ebin/",
    ok = filelib:ensure_path(Ebin),
    {ok, _} = file:copy(server:build() ++ "/ebin/mod_e2e_policy.beam",
                        Ebin ++ "mod_e2e_policy.beam").

path(Config, Folder) ->
    ?config(libraries, Config) ++ "/" ++ Folder.

folders(Config) ->
    {ok, Names} = file:list_dir_all(?config(libraries, Config)),
    lists:sort(Names).

script(Config, Args) ->
    run(server:root() ++ "/script/install", Args,
        [{"E2E_POLICY_LIBRARIES", ?config(libraries, Config)}]).

in_erlang(Config, Expression) ->
    {0, Output} = run(os:find_executable("erl"),
                    ["-noinput", "-eval", "io:format(\"~s\", [" ++ Expression ++ "]), halt()."],
                    [{"ERL_LIBS", ?config(libraries, Config)}]),
    Output.

run(Program, Args, Environment) ->
    server:output(open_port({spawn_executable, Program},
                            [{args, Args}, {env, Environment}, exit_status, stderr_to_stdout,
                             hide])).
