%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The documents are complete and correct: options and their defaults, commands, texts, log lines.
-module(reference_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([the_documents_show_every_command/1, every_command_has_valid_examples/1,
         each_check_of_the_audit_is_documented/1]).
-export([each_option_is_documented/1, each_option_is_in_the_readme/1,
         documented_defaults_are_the_defaults/1, the_man_page_has_every_option/1]).
-export([documented_texts_are_the_default_texts/1, quoted_texts_are_those_that_users_get/1]).
-export([each_log_line_is_documented/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("ejabberd_commands.hrl").

-define(HOST, "example.org").

all() ->
    [the_documents_show_every_command, every_command_has_valid_examples,
     each_check_of_the_audit_is_documented, each_option_is_documented,
     each_option_is_in_the_readme, documented_defaults_are_the_defaults,
     the_man_page_has_every_option,
     documented_texts_are_the_default_texts, quoted_texts_are_those_that_users_get,
     each_log_line_is_documented].

init_per_suite(Config) ->
    Server = server:started(#{<<?HOST>> => #{}}),
    client:make_account(Server, <<"juliet@" ?HOST "/desk">>),
    [{server, Server} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Commands
%%%-------------------------------------------------------------------

the_documents_show_every_command(Config) ->
    Registered = [atom_to_list(Name)
                  || {Name, _, _} <- server:call(?config(server, Config), ejabberd_commands,
                                                 list_commands, [])],
    Pattern = "(?|ejabberdctl (e2e_policy_\\w+)|^\\| `(e2e_policy_\\w+) )",
    Shown = [Name || Document <- document:names(),
                     [Name] <- document:matches(Document, Pattern)],
    ?assertEqual(lists:sort([Name || "e2e_policy_" ++ _ = Name <- Registered]),
                 lists:usort(Shown)).

%% ejabberd makes the documentation of its API from the examples, and fails at one of a wrong type.
every_command_has_valid_examples(_) ->
    Commands = mod_e2e_policy:get_commands_spec(),
    ?assertMatch([_ | _], Commands),
    [begin
         ?assertEqual({Name, length(Arguments)}, {Name, length(given(Descriptions))}),
         [?assert(is_of_type(OfArgument, Example), {Name, Argument})
          || {{Argument, OfArgument}, Example} <- lists:zip(Arguments, given(Examples))],
         ?assert(is_of_type(Type, Result), {Name, result}),
         ?assertMatch({Name, [_ | _], [_ | _], [_ | _], e2e_policy},
                      {Name, Desc, Note, ResultDesc, hd(Tags)})
     end || #ejabberd_commands{name = Name, args = Arguments, args_desc = Descriptions,
                               args_example = Examples, result = {_, Type}, result_example = Result,
                               result_desc = ResultDesc, desc = Desc, note = Note,
                               tags = Tags} <- Commands].

%% In the order of the command.
each_check_of_the_audit_is_documented(Config) ->
    [_, Section] = string:split(document:text("docs/federation.md"), "## What the audit finds\n"),
    {match, Documented} = re:run(hd(string:split(Section, "\n## ")), "^\\| `(\\w+)` \\|",
                                 [global, multiline, {capture, [1], binary}]),
    ?assertEqual(lists:uniq([Check || {Check, _, _, _} <- server:call(?config(server, Config),
                                                                      mod_e2e_policy_audit, checks,
                                                                      [<<?HOST>>])]),
                 lists:append(Documented)).

given(none) -> [];
given(List) -> List.

is_of_type(binary, Value) -> is_binary(Value);
is_of_type(string, Value) -> is_binary(Value);
is_of_type(integer, Value) -> is_integer(Value);
is_of_type({list, {_, Type}}, Values) ->
    lists:all(fun(Value) -> is_of_type(Type, Value) end, Values);
is_of_type({tuple, Fields}, Values) ->
    tuple_size(Values) =:= length(Fields)
        andalso lists:all(fun({{_, Type}, Value}) -> is_of_type(Type, Value) end,
                          lists:zip(Fields, tuple_to_list(Values))).

%%%-------------------------------------------------------------------
%%% Options
%%%-------------------------------------------------------------------

each_option_is_documented(Config) ->
    {ok, Written} = file:read_file(server:root() ++ "/docs/configuration.md"),
    [_, Rest] = binary:split(Written, <<"by script/document: options -->\n">>),
    [ByScript, _] = binary:split(Rest, <<"<!-- end -->">>),
    Print = open_port({spawn_executable, server:root() ++ "/script/document"},
                      [{args, ["--print", "options"]},
                       {env, [{"E2E_POLICY_BEAMS", server:build()}]},
                       exit_status, stderr_to_stdout, hide]),
    {0, Printed} = server:output(Print),
    ?assertEqual(list_to_binary(Printed), ByScript),
    #{opts := Documented} = mod_e2e_policy:mod_doc(),
    ?assertEqual(lists:sort([Option || {Option, _} <- options(Config)]),
                 lists:sort([Option || {Option, _} <- Documented])).

each_option_is_in_the_readme(Config) ->
    Readme = document:text("README.md"),
    ?assertEqual([], [Option || {Option, _} <- options(Config), Name <- names(Option),
                                string:find(Readme, ["`", Name, "`"]) =:= nomatch]).

%% Eight texts share a row, which has the words of which their names are composed.
names(Option) ->
    case string:lexemes(atom_to_list(Option), "_") of
        ["message", _, _, _] = ["message" | Words] ->
            ["message_<reason>_<policy>_<chat type>" | Words];
        _ ->
            [atom_to_list(Option)]
    end.

%% In the documentation and in the table of README.md.
documented_defaults_are_the_defaults(Config) ->
    #{opts := Documented} = mod_e2e_policy:mod_doc(),
    Rows = [{Option, lists:last(Row)} || [Options | _] = Row <- document:rows("README.md"),
                                         Option <- string:lexemes(Options, "[]`, ")],
    [begin
         {_, #{desc := Desc}} = lists:keyfind(Option, 1, Documented),
         Value = yaml(Default),
         ?assertNotEqual({Option, nomatch},
                         {Option, string:find(lists:flatten([binary_to_list(Desc)]),
                                              "The default value is `" ++ Value ++ "`")}),
         ?assert(lists:member({atom_to_list(Option), Value}, Rows), {Option, Value})
     end || {Option, Default} <- options(Config), Default =/= undefined,
            not lists:member(Option, [metrics_access, db_type, use_cache, cache_size, cache_missed,
                                      cache_life_time])],
    ok.

yaml(List) when is_list(List) ->
    lists:flatten(["[", lists:join(", ", [yaml(Item) || Item <- List]), "]"]);
yaml(Atom) when is_atom(Atom) -> atom_to_list(Atom);
yaml(Text) when is_binary(Text) -> "\"" ++ binary_to_list(Text) ++ "\"";
yaml(Integer) -> integer_to_list(Integer).

%% `ejabberdctl man' reads the modules in the folder of the setting `external_beams'. Without
%% asciidoc, it leaves the source of the page there.
the_man_page_has_every_option(Config) ->
    #{dir := Dir} = Server = ?config(server, Config),
    ok = server:call(Server, application, set_env,
                     [ejabberd, external_beams, Dir ++ "/mod_e2e_policy/ebin"]),
    server:ctl(Server, ["man"]),
    ok = server:call(Server, application, unset_env, [ejabberd, external_beams]),
    {ok, Folder} = server:call(Server, file, get_cwd, []),
    {ok, Page} = server:call(Server, file, read_file, [Folder ++ "/ejabberd.yml.5.txt"]),
    [_, Chapter] = string:split(Page, "[[mod_e2e_policy]]"),
    [OfModule, _] = string:split(Chapter, "*Example*:\n^^^"),
    ?assertEqual([], [Option || {Option, _} <- options(Config),
                                Heading <- [["\n*", atom_to_list(Option), "*:"]],
                                string:find(OfModule, Heading) =:= nomatch]).

options(Config) ->
    server:call(?config(server, Config), mod_e2e_policy, mod_options, [<<?HOST>>]).

%%%-------------------------------------------------------------------
%%% Texts for users
%%%-------------------------------------------------------------------

%% A host with the texts of the documentation tells the same as a host without texts.
documented_texts_are_the_default_texts(Config) ->
    #{opts := Documented} = mod_e2e_policy:mod_doc(),
    Texts = maps:from_list([{Option, string:trim(Text, both, "`")}
                            || {Option, #{desc := [_, Text]}} <- Documented]),
    ?assertEqual(8, map_size(Texts)),
    [begin
         Policy = #{direct => Level, grace_period => <<"2 days">>, accepted_schemes => [pgp, otr]},
         [Plain, Unacceptable] = told_texts(Policy, Config),
         ?assertMatch({<<"Your ", _/binary>>, <<"Your ", _/binary>>}, {Plain, Unacceptable}),
         ?assertNotEqual(Plain, Unacceptable),
         ?assertEqual([Plain, Unacceptable], told_texts(maps:merge(Policy, Texts), Config))
     end || Level <- [optional, required]],
    Unverified = #{s2s_unverified => required},
    ?assertMatch(<<"romeo@", _/binary>>, told_to_others(Unverified, Config)),
    ?assertEqual(told_to_others(Unverified, Config),
                 told_to_others(maps:merge(Unverified, Texts), Config)).

%% What a user of another server is told, over a connection that is not verified.
told_to_others(Policy, Config) ->
    Server = ?config(server, Config),
    ?assertEqual({0, ""}, server:reload(Server, #{<<?HOST>> => Policy})),
    Compiled = server:call(Server, mod_e2e_policy_registry, policy, [<<?HOST>>]),
    Arguments = [Compiled, {violation, plain, <<"none">>, direct},
                 {server:call(Server, jid, decode, [<<"romeo@" ?HOST>>]),
                  {unverified, <<"b.test">>}}, <<"en">>],
    {Text, <<"en">>} = server:call(Server, mod_e2e_policy_nif, notice_received, Arguments),
    Text.

%% Every quotation that begins like a text for senders. The time that is left may be another one.
quoted_texts_are_those_that_users_get(Config) ->
    Quoted = [unwrapped(Quotation)
              || Name <- document:names(),
                 [Quotation] <- document:matches(Name, "((?:^> .*\\n)+)"),
                 lists:prefix("> Your message ", Quotation)],
    Told = [unwrapped(binary_to_list(Text))
            || Level <- [optional, required], Period <- [<<"14 days">>, 0],
               Text <- told_texts(#{direct => Level, grace_period => Period}, Config)],
    ?assertMatch([_, _ | _], Quoted),
    ?assertEqual([], Quoted -- (Told ++ Told)).

unwrapped(Text) ->
    Line = re:replace(Text, "\\n?(^> |\\n)", " ", [global, multiline, {return, list}]),
    re:replace(string:trim(Line), "\\d+ days( and \\d+ hours)?", "A TIME", [{return, list}]).

%% What juliet is told about a message in the clear, and about one with OMEMO.
told_texts(Policy, Config) ->
    Server = ?config(server, Config),
    ?assertEqual({0, ""}, server:reload(Server, #{<<?HOST>> => Policy})),
    [element(5, server:call(Server, mod_e2e_policy_commands, explain,
                            [<<?HOST>>, <<"juliet@" ?HOST>>, <<"romeo@" ?HOST>>, Stanza]))
     || Stanza <- [<<"<message type='chat'><body>Hello</body></message>">>,
                   corpus:xml(<<"slixmpp-omemo-2-2-0-003">>)]].

%%%-------------------------------------------------------------------
%%% The log
%%%-------------------------------------------------------------------

%% The tables have examples of the lines that the macros write.
each_log_line_is_documented(_) ->
    Rows = [{Line, Level} || [Line, Level | _] <- document:rows("docs/operating.md"),
                             lists:member(Level, ["debug", "info", "warning", "error",
                                                  "critical"])],
    Macros = [{pattern(Format), level(Macro)} || [Macro, Format] <- log_macros()],
    ?assertMatch([_, _, _, _ | _], Macros),
    Matches = fun({Line, Level}, {Pattern, LevelOfMacro}) ->
                      Level =:= LevelOfMacro andalso
                          re:run(Line, Pattern, [unicode, {capture, none}]) =:= match
              end,
    ?assertEqual([], [Macro || Macro <- Macros,
                               not lists:any(fun(Row) -> Matches(Row, Macro) end, Rows)]),
    ?assertEqual([], [Row || Row <- Rows,
                             not lists:any(fun(Macro) -> Matches(Row, Macro) end, Macros)]).

log_macros() ->
    Pattern = "\\?(DEBUG|[A-Z]+_MSG)\\(\\s*((?:\"(?:[^\"]|\\\\\")*\"\\s*)+),",
    lists:append([document:matches(File, Pattern)
                  || File <- filelib:wildcard("erl_src/*.erl", server:root())]).

pattern(Format) ->
    Text = re:replace(Format, "\"\\s*\"|^\"|\"\\s*$", "", [global, {return, list}]),
    Literal = re:replace(Text, "[][().*+?{}|^$\\\\]", "\\\\&", [global, {return, list}]),
    "^" ++ re:replace(Literal, "~(ts|s|p|w|B|b)", ".*", [global, {return, list}]) ++ "$".

level("DEBUG") -> "debug";
level(Macro) -> string:lowercase(hd(string:split(Macro, "_"))).
