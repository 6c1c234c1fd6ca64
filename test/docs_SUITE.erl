%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What README.md and docs/*.md tell an admin to write is what the server takes, and what can be
%% written is in README.md.
-module(docs_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([each_configuration_is_taken/1, the_commands_are_these/1, each_option_is_explained/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

all() ->
    [each_configuration_is_taken, the_commands_are_these, each_option_is_explained].

init_per_suite(Config) ->
    [{server, server:started(#{<<"example.org">> => #{}})} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

each_configuration_is_taken(Config) ->
    #{dir := Dir} = Server = ?config(server, Config),
    Blocks = [{File, Block} || File <- files(), Block <- yaml_blocks(File),
                               string:find(Block, "modules:") =/= nomatch],
    ?assertMatch([{"README.md", _} | _], Blocks),
    [begin
         ok = file:write_file(Dir ++ "/ejabberd.yml",
                              ["hosts: [example.org]\nlisten: []\n", Block]),
         ?assertEqual({File, Block, {0, ""}}, {File, Block, server:ctl(Server, ["reload_config"])}),
         ?assert(server:call(Server, gen_mod, is_loaded, [<<"example.org">>, mod_e2e_policy]))
     end || {File, Block} <- Blocks].

the_commands_are_these(Config) ->
    There = [atom_to_list(Name)
             || {Name, _, _} <- server:call(?config(server, Config), ejabberd_commands,
                                            list_commands, [])],
    Shown = [Name || File <- files(),
                     [Name] <- matches(File, "(?:ejabberdctl |^\\| `)(e2e_policy_\\w+) ")],
    ?assertEqual(lists:sort([Name || "e2e_policy_" ++ _ = Name <- There]), lists:usort(Shown)).

each_option_is_explained(Config) ->
    Options = server:call(?config(server, Config), mod_e2e_policy, mod_options,
                          [<<"example.org">>]),
    Readme = read("README.md"),
    ?assertEqual([], [Option || {Option, _} <- Options, Name <- names(Option),
                                string:find(Readme, ["`", Name, "`"]) =:= nomatch]).

%%%-------------------------------------------------------------------
%%% Reading
%%%-------------------------------------------------------------------

files() ->
    ["README.md" | filelib:wildcard("docs/*.md", server:root())].

read(File) ->
    {ok, Text} = file:read_file(filename:join(server:root(), File)),
    Text.

yaml_blocks(File) ->
    [Block || [Block] <- matches(File, "^```yaml\n(.*?)^```$")].

matches(File, Pattern) ->
    case re:run(read(File), Pattern, [global, multiline, dotall, {capture, all_but_first, list}]) of
        {match, Found} -> Found;
        nomatch -> []
    end.

%% Eight texts share a row, which names the words that their names are made of.
names(Option) ->
    case string:lexemes(atom_to_list(Option), "_") of
        ["message", _, _, _] = ["message" | Words] ->
            ["message_<reason>_<policy>_<chat type>" | Words];
        _ ->
            [atom_to_list(Option)]
    end.
