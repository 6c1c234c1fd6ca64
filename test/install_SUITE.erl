%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% script/install, into a folder of libraries of its own: whatever was there before, an ejabberd that starts
%% afterwards finds what was installed.
-module(install_SUITE).

-export([suite/0, all/0, init_per_testcase/2]).
-export([what_was_installed_is_found/1, other_versions_go/1, a_copy_that_hides_it_is_told/1,
         a_removal_leaves_no_version/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

suite() ->
    [{timetrap, {minutes, 5}}].

all() ->
    [what_was_installed_is_found, other_versions_go, a_copy_that_hides_it_is_told, a_removal_leaves_no_version].

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

%% Older and newer ones, which Erlang would take instead.
other_versions_go(Config) ->
    Others = ["mod_e2e_policy-0.0.9", "mod_e2e_policy-0.2.0~rc1", "mod_e2e_policy-999.0"],
    [put_folder(Config, Folder) || Folder <- Others],
    {0, Said} = script(Config, []),
    [?assertMatch({_, [_ | _]}, {Folder, string:find(Said, "Removed " ++ path(Config, Folder) ++ ".\n")})
     || Folder <- Others],
    ?assertEqual([own()], folders(Config)),
    ?assertEqual(path(Config, own()) ++ "/ebin/mod_e2e_policy.beam",
                 in_erlang(Config, "code:which(mod_e2e_policy)")).

%% An admin's own, which stays: to Erlang a name without a version is that of another library.
a_copy_that_hides_it_is_told(Config) ->
    Copy = own() ++ ".bak",
    put_folder(Config, Copy),
    {1, Said} = script(Config, []),
    ?assertMatch([_ | _], string:find(Said, "Erlang finds " ++ path(Config, Copy) ++ "/ebin")),
    ?assertEqual([own(), Copy], folders(Config)).

a_removal_leaves_no_version(Config) ->
    [put_folder(Config, Folder) || Folder <- [own(), "mod_e2e_policy-999.0", "other-1.0"]],
    {0, Said} = script(Config, ["--remove"]),
    ?assertMatch([_ | _], string:find(Said, "Removed " ++ path(Config, "mod_e2e_policy-999.0"))),
    ?assertEqual(["other-1.0"], folders(Config)).

%%%-------------------------------------------------------------------
%%% Looking and doing
%%%-------------------------------------------------------------------

own() ->
    "mod_e2e_policy-" ++ release:version().

put_folder(Config, Folder) ->
    Ebin = path(Config, Folder) ++ "/ebin/",
    ok = filelib:ensure_path(Ebin),
    {ok, _} = file:copy(server:build() ++ "/ebin/mod_e2e_policy.beam", Ebin ++ "mod_e2e_policy.beam").

path(Config, Folder) ->
    ?config(libraries, Config) ++ "/" ++ Folder.

folders(Config) ->
    {ok, Names} = file:list_dir_all(?config(libraries, Config)),
    lists:sort(Names).

script(Config, Args) ->
    run(server:root() ++ "/script/install", Args, [{"E2E_POLICY_LIBRARIES", ?config(libraries, Config)}]).

in_erlang(Config, Expression) ->
    {0, Said} = run(os:find_executable("erl"),
                    ["-noinput", "-eval", "io:format(\"~s\", [" ++ Expression ++ "]), halt()."],
                    [{"ERL_LIBS", ?config(libraries, Config)}]),
    Said.

run(Program, Args, Environment) ->
    server:output(open_port({spawn_executable, Program},
                            [{args, Args}, {env, Environment}, exit_status, stderr_to_stdout, hide])).
