%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Runs the criterion bench of the core, and reads what it found.
-module(criterion).

-export([run/1, median/2]).

%% Minutes without --quick; what criterion says is kept in _build/bench/criterion.log.
-spec run(Arguments :: [string()]) -> ok.
run(Arguments) ->
    %% criterion writes below this variable's folder, and knows nothing of cargo's --target-dir.
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
    {ok, Text} = file:read_file(filename:join(["_build/bench/target/criterion", Group, Name, "new/estimates.json"])),
    %% JSON of this kind is YAML too, which ejabberd brings a parser for.
    {ok, [Estimates]} = fast_yaml:decode(Text),
    proplists:get_value(<<"point_estimate">>, proplists:get_value(<<"median">>, Estimates)).
