%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% How the modules of erl_src depend on each other and on the core, and that each is documented.
-module(structure_SUITE).

-export([all/0]).
-export([every_module_has_its_place_in_the_stair/1, every_call_goes_down_the_stair/1,
         a_call_up_the_stair_is_found/1, a_drawing_has_every_module/1,
         every_exported_function_is_documented/1, the_core_has_the_same_options/1,
         an_example_of_the_core_ignores_the_other_options/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

all() ->
    [every_module_has_its_place_in_the_stair, every_call_goes_down_the_stair,
     a_call_up_the_stair_is_found, a_drawing_has_every_module,
     every_exported_function_is_documented, the_core_has_the_same_options,
     an_example_of_the_core_ignores_the_other_options].

%%%-------------------------------------------------------------------
%%% Calls
%%%-------------------------------------------------------------------

every_module_has_its_place_in_the_stair(_) ->
    ?assertEqual(structure:stair(), [Module || {Module, _} <- structure:calls(ebin())]).

every_call_goes_down_the_stair(_) ->
    ?assertEqual([], calls_up(ebin())).

a_call_up_the_stair_is_found(Config) ->
    Folder = release:copy(?config(priv_dir, Config) ++ "/changed"),
    release:put_module(mod_e2e_policy_failure,
                       [{"describe(Class, Reason, Stack) ->",
                         "describe(Class, Reason, Stack) -> "
                         "_ = mod_e2e_policy_registry:library(),"}],
                       Folder),
    ?assertEqual([{mod_e2e_policy_failure, mod_e2e_policy_registry}], calls_up(Folder ++ "/ebin")).

calls_up(Ebin) ->
    [{Module, Called} || {Module, AllCalled} <- structure:calls(Ebin), Called <- AllCalled,
                         not lists:member(Called, below(Module))].

below(Module) ->
    tl(lists:dropwhile(fun(Other) -> Other =/= Module end, structure:stair())).

%% As docs/architecture.md has it.
a_drawing_has_every_module(_) ->
    Drawing = unicode:characters_to_list(structure:drawing(ebin(), sources())),
    Lines = string:lexemes(Drawing, "\n"),
    ?assertEqual([atom_to_list(Module) || Module <- structure:stair()],
                 [hd(string:lexemes(Line, " ")) || "mod_" ++ _ = Line <- Lines]),
    ?assertEqual([], [Line || Line <- Lines, length(Line) > 100]).

%%%-------------------------------------------------------------------
%%% Documentation
%%%-------------------------------------------------------------------

every_exported_function_is_documented(_) ->
    ?assertEqual([], [{Module, Function, Arity}
                      || Module <- structure:stair(), Source <- [source(Module)],
                         {Function, Arity} <- Module:module_info(exports),
                         not lists:member(Function, [module_info, behaviour_info]),
                         not is_documented(Function, Source)]).

is_documented(Function, Source) ->
    Pattern = ["^%% @doc .*\n(%%.*\n)*-spec ", atom_to_list(Function), "\\("],
    re:run(Source, Pattern, [multiline, {capture, none}]) =:= match.

%%%-------------------------------------------------------------------
%%% Options
%%%-------------------------------------------------------------------

%% The core's are the fields of a struct, and each of the texts.
the_core_has_the_same_options(_) ->
    {Texts, Others} = lists:partition(fun is_text/1, mod_e2e_policy_options:of_policy()),
    ?assertEqual(lists:sort([language, messages | Others]), lists:sort(fields("PolicyOptions"))),
    Accepted = [Text || Text <- Texts, is_text_of_core(Text)],
    ?assertMatch([_ | _], Accepted),
    ?assertEqual(Accepted, Texts),
    ?assertNot(is_text_of_core(message_other)).

%% It reads all options of ejabberd.yml, of which the core has some.
an_example_of_the_core_ignores_the_other_options(_) ->
    {ok, Source} = file:read_file(server:root() ++ "/native/e2e_policy/examples/judge.rs"),
    {match, [Ignored]} = re:run(Source, "const OTHER_OPTIONS: \\[.*?\\] = \\[(.*?)\\];",
                                [dotall, {capture, all_but_first, list}]),
    ?assertEqual(lists:sort(mod_e2e_policy_options:of_module()),
                 lists:sort([list_to_atom(Name) || Name <- string:lexemes(Ignored, "\", \n")])).

is_text(Option) ->
    lists:prefix("message_", atom_to_list(Option)).

is_text_of_core(Option) ->
    mod_e2e_policy_nif:new_policy(#{Option => <<"text">>})
        =/= {error, {atom_to_binary(Option), <<"no such option">>}}.

fields(Struct) ->
    Sources = [Text || File <- filelib:wildcard(server:root() ++ "/native/e2e_policy/src/**/*.rs"),
                       {ok, Text} <- [file:read_file(File)]],
    {match, [Body]} = re:run(Sources, ["pub struct ", Struct, " \\{(.*?)\n\\}"],
                             [dotall, {capture, all_but_first, list}]),
    {match, Names} = re:run(Body, "pub (\\w+):", [global, {capture, all_but_first, list}]),
    [list_to_atom(Name) || [Name] <- Names].

%%%-------------------------------------------------------------------
%%% Files
%%%-------------------------------------------------------------------

ebin() ->
    server:build() ++ "/ebin".

sources() ->
    server:root() ++ "/erl_src".

source(Module) ->
    {ok, Text} = file:read_file(filename:join(sources(), atom_to_list(Module) ++ ".erl")),
    Text.
