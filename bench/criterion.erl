%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Runs the criterion bench of the core, and reads its results.
-module(criterion).

-export([run/1, median/2]).

%% Takes minutes without --quick; the output of criterion is in _build/bench/criterion.log.
-spec run(Arguments :: [string()]) -> ok.
run(Arguments) ->
    %% criterion writes to the folder of this variable, and ignores cargo's --target-dir.
    Command = ["CARGO_TARGET_DIR=$PWD/_build/bench/target cargo bench --quiet --locked "
               "--manifest-path native/e2e_policy/bench/Cargo.toml -- ", lists:join(" ", Arguments),
               " >_build/bench/criterion.log 2>&1 || echo failed"],
    case os:cmd(lists:flatten(Command)) of
        "" -> ok;
        _ -> error("cargo bench failed, see _build/bench/criterion.log")
    end.

%% In nanoseconds.
-spec median(Group :: string(), Name :: string()) -> float().
median(Group, Name) ->
    Folder = filename:join("_build/bench/target/criterion", Group),
    {ok, Text} = file:read_file(filename:join([Folder, Name, "new/estimates.json"])),
    %% Such JSON is YAML too, for which ejabberd brings a parser.
    {ok, [Estimates]} = fast_yaml:decode(Text),
    proplists:get_value(<<"point_estimate">>, proplists:get_value(<<"median">>, Estimates)).
