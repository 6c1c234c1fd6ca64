%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What the documents show can be copied: a server loads each configuration, and each command prints
%% what is written below it.
-module(docs_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([each_link_leads_somewhere/1, each_block_of_the_documents_works/1,
         each_block_about_federation_works/1,
         each_script_that_runs_a_block_exists/1, the_example_file_works_alone_and_included/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(OMEMO, "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'>"
        "<key rid='2'>AAAA</key><iv>AAAAAAAAAAAAAAAA</iv></header><payload>AAAA</payload>"
        "</encrypted>").
-define(HOST, "example.org").
-define(PEOPLE, ["juliet", "romeo", "nurse"]).
%% Its blocks need other servers.
-define(FEDERATION, "docs/federation.md").
-define(DEFAULT, "modules:\n  mod_e2e_policy: {}\n").

suite() ->
    [{timetrap, {minutes, 5}}].

all() ->
    [each_link_leads_somewhere, each_block_of_the_documents_works,
     each_block_about_federation_works,
     each_script_that_runs_a_block_exists, the_example_file_works_alone_and_included].

%% A folder that looks like a checkout.
init_per_suite(Config) ->
    [ok = file:make_symlink(filename:join(server:root(), Name),
                            filename:join(?config(priv_dir, Config), Name))
     || Name <- ["Cargo.toml", "Cargo.lock", "native", "target", "test"]],
    #{port := Port} = Server = server:started(#{<<?HOST>> => #{}}),
    Base = ["hosts: [" ?HOST "]\nlog_rotate_count: 0\nsql_type: sqlite\n"
            "listen: [{module: ejabberd_c2s, ip: 127.0.0.1, port: ", integer_to_list(Port), "}]\n"],
    with_server(Server, Base, Config).

%% An `ejabberdctl' that calls the one of the server. Each configuration begins with some lines.
with_server(#{dir := Dir} = Server, Base, Config) ->
    Ctl = filename:join([?config(priv_dir, Config), filename:basename(Dir), "ejabberdctl"]),
    ok = filelib:ensure_dir(Ctl),
    %% script/run-ejabberd itself calls the real one.
    ok = file:write_file(Ctl, ["#!/bin/sh\nPATH='", os:getenv("PATH"), "'\nexec ", server:root(),
                               "/script/run-ejabberd ctl ", Dir, " \"$@\"\n"]),
    ok = file:change_mode(Ctl, 8#755),
    Path = lists:join(":", [filename:dirname(Ctl), os:getenv("PATH"),
                            os:getenv("HOME") ++ "/.cargo/bin"]),
    [{server, Server}, {base, Base}, {path, lists:append(Path)} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

each_link_leads_somewhere(_) ->
    Names = document:names() ++ ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md",
                                 "test/corpus/README.md"],
    Links = [{Name, Link} || Name <- Names, Link <- document:links(Name)],
    ?assert(length(Links) > 50),
    ?assertEqual([], [Broken || {_, {Path, Anchor}} = Broken <- Links,
                                not leads_somewhere(Path, Anchor)]).

leads_somewhere(Path, "") ->
    filelib:is_file(filename:join(server:root(), Path));
leads_somewhere(Path, Anchor) ->
    leads_somewhere(Path, "")
        andalso lists:member(Anchor, [lists:flatten(Found) || Found <- document:anchors(Path)]).

%% A document begins with three users and the defaults; its changes stay until its end.
each_block_of_the_documents_works(Config) ->
    [begin
         start_again(Config),
         lists:foldl(fun(Block, Yaml) -> works(Name, Block, Yaml, Config) end, ?DEFAULT,
                     [Block || Block <- document:blocks(Name), not is_map_key(run_by, Block)])
     end || Name <- document:names(), Name =/= ?FEDERATION],
    ok.

each_block_about_federation_works(Config) ->
    case rig:is_possible() of
        true -> federation_works(Config);
        false -> {skip, "this machine gives no process file systems of its own"}
    end.

federation_works(Config) ->
    Rig = rig:started(#{<<?HOST>> => without}),
    #{dir := Dir} = Server = maps:get(ours, Rig),
    try
        ok = file:rename(Dir ++ "/ejabberd.yml", Dir ++ "/rig.yml"),
        Federating = with_server(Server, ["include_config_file: ", Dir, "/rig.yml\n"], Config),
        start_again(Federating),
        Blocks = document:blocks(?FEDERATION),
        ?assertMatch([_, _, _ | _], Blocks),
        lists:foldl(fun(Block, Yaml) -> works(?FEDERATION, Block, Yaml, Federating) end, ?DEFAULT,
                    [Block || Block <- Blocks, not is_map_key(run_by, Block)])
    after
        rig:stop(Rig)
    end.

each_script_that_runs_a_block_exists(_) ->
    Elsewhere = [{Name, Line, Script}
                 || Name <- document:names(),
                    #{line := Line, run_by := Script} <- document:blocks(Name)],
    ct:log("Not run here:~n~p", [Elsewhere]),
    ?assertEqual([], [Missing || {_, _, Script} = Missing <- Elsewhere,
                                 not filelib:is_regular(filename:join(server:root(), Script))]).

the_example_file_works_alone_and_included(Config) ->
    #{dir := Dir} = ?config(server, Config),
    Example = document:text("mod_e2e_policy.yml"),
    is_loaded("mod_e2e_policy.yml", Example, Config),
    Policy = status(Config),
    is_loaded("without it", ?DEFAULT, Config),
    ok = file:write_file(Dir ++ "/mod_e2e_policy.yml", Example),
    is_loaded("included", ["include_config_file: ", Dir, "/mod_e2e_policy.yml\n"
                          "modules:\n  mod_ping: {}\n"], Config),
    ?assertEqual(Policy, status(Config)).

%%%-------------------------------------------------------------------
%%% Blocks
%%%-------------------------------------------------------------------

%% Tries a block, and returns the configuration that the server has after it.
works(Name, #{language := "yaml", line := Line, text := "    " ++ _ = Options}, Yaml, Config) ->
    is_loaded({Name, Line}, ["modules:\n  mod_e2e_policy:\n", Options], Config),
    is_loaded({Name, Line}, Yaml, Config),
    Yaml;
works(Name, #{language := "yaml", line := Line, text := Text}, Yaml, Config) ->
    case string:find(Text, "modules:") of
        nomatch ->
            is_loaded({Name, Line}, [Yaml, Text], Config),
            is_loaded({Name, Line}, Yaml, Config),
            Yaml;
        _ ->
            is_loaded({Name, Line}, Text, Config),
            Text
    end;
works(Name, #{language := "console", line := Line, text := Text}, Yaml, Config) ->
    ?assertMatch([_ | _], document:steps(Text)),
    [begin
         {_, Output} = terminal(Command, Config),
         ?assertEqual({Name, Line, Command, lines(Shown)}, {Name, Line, Command, lines(Output)})
     end || {Command, Shown} <- document:steps(Text)],
    Yaml;
works(Name, #{language := "sh", line := Line, text := Text}, Yaml, Config) ->
    ?assertMatch({Name, Line, {0, _}}, {Name, Line, terminal("set -e; " ++ Text, Config)}),
    Yaml;
works(Name, #{language := "erlang", line := Line, text := Text}, Yaml, Config) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = server:call(?config(server, Config), erl_eval, exprs, [Expressions, []]),
    ?assertEqual({Name, Line, {atomic, ok}}, {Name, Line, Value}),
    Yaml;
works(Name, #{language := "sql", line := Line, text := Text}, Yaml, Config) ->
    is_loaded({Name, Line}, "modules:\n  mod_e2e_policy:\n    db_type: sql\n", Config),
    {updated, _} = sql("drop table e2e_policy_grace", Config),
    ?assertMatch({Name, Line, {updated, _}}, {Name, Line, sql(Text, Config)}),
    Server = ?config(server, Config),
    {0, "running" ++ _} = server:ctl(Server, ["e2e_policy_grace_start", "juliet", ?HOST, "1 day"]),
    is_loaded({Name, Line}, Yaml, Config),
    Yaml;
%% Written, but not loaded by the suite: the next block of the document shows the error.
works(_, #{language := "yaml wrong", text := Text}, Yaml, Config) ->
    ok = write(Text, Config),
    Yaml;
works(_, #{language := "writes", text := Text}, Yaml, Config) ->
    {Sender, Ciphertext, Recipient} = case string:lexemes(Text, " ") of
                                          [From, "to", To] -> {From, "", To};
                                          [From, "encrypted", "to", To] -> {From, ?OMEMO, To}
                                      end,
    Client = client:connect(?config(server, Config), list_to_binary(Sender ++ "@" ?HOST "/desk")),
    client:send(Client, ["<message type='chat' to='", address(Recipient), "'><body>Hello</body>",
                         Ciphertext, "</message>"]),
    client:received(Client),
    Yaml;
%% The list of a device, with its keys or without.
works(_, #{language := "publishes", text := Text}, Yaml, Config) ->
    [User, What] = string:lexemes(Text, " "),
    Client = client:connect(?config(server, Config), list_to_binary(User ++ "@" ?HOST "/desk")),
    Namespace = "eu.siacs.conversations.axolotl",
    client:publish(Client, Namespace ++ ".devicelist",
                   ["<item id='current'><list xmlns='", Namespace, "'><device id='1'/></list>"
                    "</item>"], open),
    What =:= "keys" andalso
        client:publish(Client, Namespace ++ ".bundles:1",
                       ["<item id='current'><bundle xmlns='", Namespace, "'/></item>"], open),
    Yaml;
%% Only shown, such as a layout of folders.
works(_, #{language := Shown}, Yaml, _) when Shown =:= "text"; Shown =:= "mermaid" ->
    Yaml.

%% The others are users of another server.
address(User) ->
    case lists:member(User, ?PEOPLE) of
        true -> User ++ "@" ?HOST;
        false -> User
    end.

%%%-------------------------------------------------------------------
%%% The server and a terminal
%%%-------------------------------------------------------------------

start_again(Config) ->
    Server = ?config(server, Config),
    ok = reload("modules: {}\n", Config),
    %% What is counted or published in one document must not be in another. mod_pubsub does not run
    %% when the users are removed.
    [_ = server:call(Server, mnesia, clear_table, [Table])
     || Table <- [e2e_policy_daily, pubsub_node, last_activity]],
    is_loaded("the defaults", ?DEFAULT, Config),
    [begin
         ok = server:call(Server, ejabberd_auth, remove_user, [list_to_binary(User), <<?HOST>>]),
         client:make_account(Server, list_to_binary(User ++ "@" ?HOST "/desk"))
     end || User <- ?PEOPLE].

is_loaded(What, Yaml, Config) ->
    ?assertEqual({What, ok}, {What, reload(Yaml, Config)}),
    ?assert(server:call(?config(server, Config), gen_mod, is_loaded, [<<?HOST>>, mod_e2e_policy])).

reload(Yaml, Config) ->
    ok = write(Yaml, Config),
    server:call(?config(server, Config), ejabberd_config, reload, []).

write(Yaml, Config) ->
    #{dir := Dir} = ?config(server, Config),
    Text = [?config(base, Config), Yaml],
    file:write_file(Dir ++ "/ejabberd.yml", unicode:characters_to_binary(Text)).

sql(Query, Config) ->
    server:call(?config(server, Config), ejabberd_sql, sql_query,
                [<<?HOST>>, [unicode:characters_to_binary(Query)]]).

terminal(Command, Config) ->
    server:output(open_port({spawn_executable, "/bin/bash"},
                            [{args, ["-c", "exec </dev/null; " ++ Command]},
                             {cd, ?config(priv_dir, Config)},
                             {env, [{"PATH", ?config(path, Config)}]},
                             exit_status, stderr_to_stdout, hide])).

%% With names in place of what differs from run to run.
lines(Output) ->
    Changes = [{"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ", "TIME"},
               {"\\d{4}-\\d\\d-\\d\\d(?=\t)", "DAY"},
               {"(?<=TIME\t)\\d+ \\w+( and \\d+ \\w+)?", "REMAINING"},
               {"e2e_policy_\\d+@localhost", "ejabberd@localhost"},
               {"(?<=mod_e2e_policy )\\d+\\.\\d+\\.\\d+", "VERSION"}],
    Same = lists:foldl(fun({Pattern, Name}, Text) ->
                               re:replace(Text, Pattern, Name, [global, {return, list}])
                       end, Output, Changes),
    [string:trim(Line, trailing) || Line <- string:split(string:trim(Same, trailing), "\n", all)].

status(Config) ->
    {0, Policy} = server:ctl(?config(server, Config), ["e2e_policy_status", ?HOST]),
    Policy.
