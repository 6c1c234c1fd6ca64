%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Upgrades of a running server while users write: no message is delivered unjudged, none is lost
%% and none comes twice.
-module(upgrade_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([an_upgrade_to_the_same_release_changes_nothing/1,
         a_release_that_does_not_work_changes_nothing/1,
         a_message_waits_for_an_upgrade_for_five_seconds/1,
         twenty_upgrades_under_traffic/1, a_release_may_bring_options_hooks_and_commands/1,
         versions_compare_as_dpkg_compares_them/1,
         a_release_may_bring_a_library_for_each_machine/1, the_newest_folder_is_taken/1,
         an_upgrade_that_fails_halfway_can_be_repeated/1]).
-export([module_install_gives_no_warning/1, module_upgrade_brings_all_parts_and_leaves_a_gap/1,
         module_uninstall_leaves_nothing/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("fxml.hrl").

-define(REQUIRED, <<"required.test">>).
-define(OPTIONAL, <<"optional.test">>).

suite() ->
    [{timetrap, {minutes, 3}}].

all() ->
    [{group, command}, {group, module_upgrade}].

groups() ->
    [{command, [], [an_upgrade_to_the_same_release_changes_nothing,
                    a_release_that_does_not_work_changes_nothing,
                    a_message_waits_for_an_upgrade_for_five_seconds,
                    twenty_upgrades_under_traffic,
                    a_release_may_bring_options_hooks_and_commands,
                    versions_compare_as_dpkg_compares_them,
                    a_release_may_bring_a_library_for_each_machine,
                    the_newest_folder_is_taken,
                    an_upgrade_that_fails_halfway_can_be_repeated]},
     {module_upgrade, [], [module_install_gives_no_warning,
                           module_upgrade_brings_all_parts_and_leaves_a_gap,
                           module_uninstall_leaves_nothing]}].

init_per_group(command, Config) ->
    Server = #{dir := Dir} = server:started(policies()),
    [{server, Server}, {folder, Dir ++ "/mod_e2e_policy"} | Config];
init_per_group(module_upgrade, Config) ->
    Server = #{dir := Dir} = server:new(maps:map(fun(_, _) -> without end, policies())),
    %% The module comes by module_install.
    ok = filelib:ensure_path(Dir ++ "/nothing/ebin"),
    ok = filelib:ensure_path(Dir ++ "/nothing/priv"),
    {0, _} = server:start(Server, Dir ++ "/nothing"),
    [{server, Server}, {sources, put_sources(Server, Dir)} | Config].

end_per_group(_, Config) ->
    server:stop(?config(server, Config)).

policies() ->
    #{?REQUIRED => #{direct => required, warn_mechanism => error, outer_body => replace},
      ?OPTIONAL => #{direct => optional, warn_mechanism => error, outer_body => replace}}.

%%%-------------------------------------------------------------------
%%% By the command
%%%-------------------------------------------------------------------

an_upgrade_to_the_same_release_changes_nothing(Config) ->
    Before = loaded(Config),
    ?assertEqual(answer("nothing has changed"), upgrade(Config)),
    %% The same library in a new file is the same library.
    release:put_library(release:library(installed), ?config(folder, Config)),
    ?assertEqual(answer("nothing has changed"), upgrade(Config)),
    ?assertEqual(Before, loaded(Config)).

a_release_that_does_not_work_changes_nothing(Config) ->
    Folder = ?config(folder, Config),
    {ok, Library} = file:read_file(release:library(installed)),
    {ok, Beam} = file:read_file(server:build() ++ "/ebin/mod_e2e_policy_effect.beam"),
    Before = loaded(Config),
    Interface = server:call(?config(server, Config), mod_e2e_policy_nif, interface, []),
    [begin
         ok = Damage(),
         {1, Output} = upgrade(Config),
         ?assertMatch({match, _}, re:run(Output, ["^Error: no_upgrade: .*", Reason])),
         ?assertEqual(Before, loaded(Config)),
         is_judged(Config)
     end || {Damage, Reason} <-
                [{fun() -> release:put_library(binary:part(Library, 0, 500_000), Folder) end,
                  "truncated"},
                 {fun() -> release:put_library(binary:copy(<<"no library">>, 1000), Folder) end,
                  "invalid ELF header"},
                 {fun() ->
                          release:put_library(Library, Folder),
                          release:put_module(mod_e2e_policy_registry,
                                             [{"(INTERFACE, ", "(INTERFACE, 1"}], Folder)
                  end, io_lib:format("found interface ~b in the library, expected 1~b",
                                     [Interface, Interface])},
                 %% Release 0.1.0 has no such module.
                 {fun() -> file:delete(Folder ++ "/ebin/mod_e2e_policy_registry.beam") end,
                  "is 0.1.0 or older, which a running server cannot go back to"},
                 {fun() ->
                          release:put_module(mod_e2e_policy_registry, [], Folder),
                          file:write_file(effect(Folder), binary:part(Beam, 0, 500))
                  end, "mod_e2e_policy_effect"}]],
    ok = file:write_file(effect(Folder), Beam),
    ?assertEqual(answer("nothing has changed"), upgrade(Config)).

effect(Folder) ->
    Folder ++ "/ebin/mod_e2e_policy_effect.beam".

%% During an upgrade, as a message meets it: its process is registered, and the policy is missing.
a_message_waits_for_an_upgrade_for_five_seconds(Config) ->
    Server = ?config(server, Config),
    Opts = server:call(Server, gen_mod, get_module_opts, [?REQUIRED, mod_e2e_policy]),
    Upgrade = start_upgrade(Server),
    Policies = server:call(Server, persistent_term, get, [mod_e2e_policy_registry]),
    Others = maps:remove(?REQUIRED, Policies),
    ok = server:call(Server, persistent_term, put, [mod_e2e_policy_registry, Others]),
    spawn_link(fun() ->
                       timer:sleep(1000),
                       ok = server:call(Server, mod_e2e_policy, reload, [?REQUIRED, Opts, Opts]),
                       server:call(Server, erlang, exit, [Upgrade, kill])
               end),
    {Microseconds, _} = timer:tc(fun() -> is_judged(Config) end),
    ?assert(Microseconds > 900_000),
    Stuck = start_upgrade(Server),
    {Waited, ok} = server:call(Server, timer, tc, [mod_e2e_policy_swap, wait, []]),
    ?assert(Waited > 4_900_000 andalso Waited < 7_000_000),
    server:call(Server, erlang, exit, [Stuck, kill]).

start_upgrade(Server) ->
    Upgrade = server:call(Server, erlang, spawn, [timer, sleep, [60_000]]),
    true = server:call(Server, erlang, register, [mod_e2e_policy_swap, Upgrade]),
    Upgrade.

%% Two builds of the library and of two modules, in turns.
twenty_upgrades_under_traffic(Config) ->
    Server = ?config(server, Config),
    Folder = ?config(folder, Config),
    Writers = [writer(Server, Host, Number)
               || Host <- [?REQUIRED, ?OPTIONAL], Number <- [1, 2]],
    Turn = fun(Library, Changes) ->
                   release:put_library(release:library(Library), Folder),
                   [release:put_module(Module, Change, Folder) || {Module, Change} <- Changes],
                   ?assertEqual(answer("replaced 2 modules and the library"),
                                upgrade(Config)),
                   release:resident(Server)
           end,
    Sizes = lists:append([[Turn(debug, other_words()), Turn(installed, own_words())]
                          || _ <- lists:seq(1, 10)]),
    Rounds = [stop(Writer) || Writer <- Writers],
    ct:log("rounds of 20 messages: ~w~nresident octets after each upgrade: ~w", [Rounds, Sizes]),
    ?assert(lists:all(fun(Number) -> Number > 20 end, Rounds)),
    server:until(fun() -> length(release:mapped(Server)) =:= 1 end),
    %% In ten upgrades. The archive also grows, by the messages of the users.
    ?assert(lists:nth(20, Sizes) - lists:nth(10, Sizes) < 20_000_000),
    Log = server:log(Server),
    ?assertEqual(nomatch, binary:match(Log, <<"thesecret">>)),
    ?assertEqual(nomatch, binary:match(Log, <<"[error] E2EE">>)).

other_words() ->
    [{mod_e2e_policy_effect, [{"This message is end-to-end encrypted.", "Ciphertext."}]},
     {mod_e2e_policy_failure, [{"failed (", "broke ("}]}].

own_words() ->
    [{Module, []} || {Module, _} <- other_words()].

a_release_may_bring_options_hooks_and_commands(Config) ->
    Server = ?config(server, Config),
    Folder = ?config(folder, Config),
    release:put_module(mod_e2e_policy_options,
                       [{"rows() ->\n    [", "rows() ->\n    [{later, of_module, 7}, "},
                        {"type(use_cache) ->", "type(later) -> econf:int(); type(use_cache) ->"}],
                       Folder),
    release:put_module(mod_e2e_policy_host,
                       [{"disco_local_features, 50}", "disco_local_features, 51}"},
                        {"mod_e2e_policy_grace:reload(Host, NewOpts, OldOpts)",
                         "7 = gen_mod:get_opt(later, NewOpts), "
                         "mod_e2e_policy_grace:reload(Host, NewOpts, OldOpts)"}], Folder),
    release:put_module(mod_e2e_policy_commands_spec,
                       [{"e2e_policy_explain,", "e2e_policy_tell,"}], Folder),
    ?assertEqual(answer("replaced 3 modules"), upgrade(Config)),
    ?assertEqual(7, server:call(Server, gen_mod, get_module_opt,
                                [?REQUIRED, mod_e2e_policy, later])),
    [?assertEqual([51],
                  [Priority || {Priority, mod_e2e_policy_disco, _} <-
                                   server:call(Server, ets, lookup_element,
                                               [hooks, {disco_local_features, Host}, 2])])
     || Host <- [?REQUIRED, ?OPTIONAL]],
    ?assert(is_command(Config, e2e_policy_tell)),
    ?assertNot(is_command(Config, e2e_policy_explain)),
    is_judged(Config),
    [release:put_module(Module, [], Folder)
     || Module <- [mod_e2e_policy_options, mod_e2e_policy_host, mod_e2e_policy_commands_spec]],
    ?assertEqual(answer("replaced 3 modules"), upgrade(Config)),
    ?assert(is_command(Config, e2e_policy_explain)).

versions_compare_as_dpkg_compares_them(Config) ->
    Server = ?config(server, Config),
    Character = fun() -> lists:nth(rand:uniform(12), "0019abcRZ.+~") end,
    Random = [[$0 | [Character() || _ <- lists:seq(1, rand:uniform(6))]]
              || _ <- lists:seq(1, 300)],
    Known = ["0.2.0", "0.2.0~rc1", "0.2.0~~", "0.2.0~", "0.2.0+git1", "0.2.0a", "0.2", "0.2.",
             "0.10.0", "0.9.0", "0.02.0", "0.2.0.1", "1", "0"],
    Pairs = [{A, B} || A <- Known, B <- Known] ++ lists:zip(tl(Random), lists:droplast(Random)),
    [?assertEqual({A, B, element(1, dpkg(A, B)) =:= 0},
                  {A, B, server:call(Server, mod_e2e_policy_release, is_older, [A, B])})
     || {A, B} <- Pairs].

dpkg(A, B) ->
    server:output(open_port({spawn_executable, os:find_executable("dpkg")},
                            [{args, ["--compare-versions", A, "lt", B]}, exit_status, hide])).

%% Copies, backups and other things that may be in the folder of a release, and older releases.
other_folders() ->
    [release:version() ++ ".20261101", release:version() ++ "+copy",
     "0.10.0.bak", "0.10.0.old", "0.10.0~", "0.10.0.~1~", "0.10.0-1", "0.10.0.dpkg-new",
     "0.10.0~rc1", "0.9.9", "0.2.0", "", "99", "next",
     "0.11.0 (copy)", "v0.11.0"].

%% It has no modules, so that an upgrade to it would fail.
put_folder(Dir, Name) ->
    Folder = Dir ++ "/mod_e2e_policy-" ++ Name,
    ok = filelib:ensure_path(Folder ++ "/ebin"),
    App = "/ebin/mod_e2e_policy.app",
    [{ok, _} = file:copy(server:build() ++ App, Folder ++ App) || Name =/= "99"],
    Folder.

%% After one with a single library, and before one with a single library again.
a_release_may_bring_a_library_for_each_machine(Config) ->
    Folder = ?config(folder, Config),
    Single = Folder ++ "/priv/mod_e2e_policy_nif.so",
    OfMachine = release:library_of_this_machine(Folder),
    {ok, Octets} = file:read_file(Single),
    ok = filelib:ensure_dir(OfMachine),
    ok = file:write_file(OfMachine, [Octets, "another release"]),
    ok = file:delete(Single),
    ?assertEqual(answer("replaced the library"), upgrade(Config)),
    ?assertEqual(OfMachine, library(Config)),
    is_judged(Config),
    ok = file:del_dir_r(filename:dirname(OfMachine)),
    release:put_library(Octets, Folder),
    ?assertEqual(answer("replaced the library"), upgrade(Config)),
    ?assertEqual(Single, library(Config)),
    is_judged(Config).

%% As a package upgrades it that has its version in the folder's name: the older folder is deleted.
the_newest_folder_is_taken(Config) ->
    #{dir := Dir} = Server = ?config(server, Config),
    Old = Dir ++ "/mod_e2e_policy-0.9.0",
    New = Dir ++ "/mod_e2e_policy-0.10.0",
    ok = file:rename(?config(folder, Config), Old),
    true = server:call(Server, code, replace_path, [mod_e2e_policy, Old ++ "/ebin"]),
    true = server:call(Server, code, soft_purge, [mod_e2e_policy]),
    {module, _} = server:call(Server, code, load_file, [mod_e2e_policy]),
    release:copy(New),
    release:put_library(release:library(debug), New),
    [release:put_module(Module, Change, New) || {Module, Change} <- other_words()],
    ok = file:del_dir_r(Old),
    Others = [put_folder(Dir, Other) || Other <- other_folders()],
    ?assertEqual(answer("replaced 2 modules and the library"), upgrade(Config)),
    ?assertEqual(New ++ "/priv/mod_e2e_policy_nif.so", library(Config)),
    Path = server:call(Server, code, get_path, []),
    ?assert(lists:member(New ++ "/ebin", Path)),
    ?assertNot(lists:member(Old ++ "/ebin", Path)),
    is_judged(Config),
    ?assertEqual(answer("nothing has changed"), upgrade(Config)),
    [ok = file:del_dir_r(Other) || Other <- Others],
    %% The next case goes on with this one.
    ok = file:make_symlink(New, ?config(folder, Config)).

%% The first release has an upgrade that checks nothing before it acts, the second has a file that
%% is no library.
an_upgrade_that_fails_halfway_can_be_repeated(Config) ->
    Folder = ?config(folder, Config),
    release:put_module(mod_e2e_policy_upgrade,
                       [{"Library = mod_e2e_policy_rehearsal:run(Ebin, hosts())",
                         "Library = try mod_e2e_policy_rehearsal:run(Ebin, hosts()) "
                         "catch throw:_ -> {[], <<>>} end"}], Folder),
    {0, _} = upgrade(Config),
    release:put_library(binary:copy(<<"no library">>, 1000), Folder),
    {1, Output} = upgrade(Config),
    ?assertMatch({match, _}, re:run(Output, "^Error: no_upgrade: .*invalid ELF header")),
    Log = server:log(?config(server, Config)),
    ?assertMatch({match, _}, re:run(Log, "\\[critical\\].*Messages cannot be judged until the "
                                         "upgrade")),
    ?assertMatch(#{delivered := false, answers := [{error, <<"internal-server-error">>, _}]},
                 talk(Config, ?REQUIRED)),
    ?assertMatch(#{delivered := true, answers := []}, talk(Config, ?OPTIONAL)),
    release:put_library(release:library(installed), Folder),
    release:put_module(mod_e2e_policy_upgrade, [], Folder),
    ?assertEqual(answer("replaced 1 module and the library"), upgrade(Config)),
    is_judged(Config).

upgrade(Config) ->
    server:ctl(?config(server, Config), ["e2e_policy_upgrade"]).

%% What an upgrade that succeeds prints, with its exit status.
answer(Outcome) ->
    {0, "mod_e2e_policy " ++ release:version() ++ ": " ++ Outcome ++ "\n"}.

%% The code that is in use: digests of the modules, and the library's file.
loaded(Config) ->
    Server = ?config(server, Config),
    {[server:call(Server, Module, module_info, [md5]) || Module <- modules(Server)],
     server:call(Server, mod_e2e_policy_nif, library, []), release:mapped(Server)}.

library(Config) ->
    {File, _} = server:call(?config(server, Config), mod_e2e_policy_nif, library, []),
    filename:absname(File).

modules(Server) ->
    [Module || {Module, _} <- lists:sort(server:call(Server, code, all_loaded, [])),
               lists:prefix("mod_e2e_policy", atom_to_list(Module))].

is_command(Config, Name) ->
    Commands = server:call(?config(server, Config), ejabberd_commands, list_commands, []),
    lists:keymember(Name, 1, Commands).

is_judged(Config) ->
    ?assertMatch(#{delivered := false, answers := [{error, <<"policy-violation">>, _}]},
                 talk(Config, ?REQUIRED)),
    ?assertMatch(#{delivered := true, answers := [{error, <<"policy-violation">>, _}]},
                 talk(Config, ?OPTIONAL)).

talk(Config, Host) ->
    {Alice, Bob} = exchange:alice_and_bob(?config(server, Config), Host),
    exchange:message(Alice, Bob, plain(client:jid(Bob), <<"once">>)).

%%%-------------------------------------------------------------------
%%% Traffic
%%%-------------------------------------------------------------------

%% A user who writes to another until stopped, and checks that each message is handled exactly once.
writer(Server, Host, Number) ->
    spawn_monitor(
      fun() ->
              [From, To] = [iolist_to_binary([Name, integer_to_binary(Number), "@", Host, "/desk"])
                            || Name <- ["writer", "reader"]],
              [Writer, Reader] = [client:connect(Server, Jid) || Jid <- [From, To]],
              Omemo = corpus:direct(corpus:xml(<<"slixmpp-omemo-2-2-0-003">>), To),
              exit({rounds, write(Host, Writer, Reader, To, Omemo, 0)})
      end).

stop({Pid, Monitor}) ->
    Pid ! stop,
    receive {'DOWN', Monitor, process, Pid, Reason} ->
            ?assertMatch({rounds, _}, Reason),
            element(2, Reason)
    end.

write(Host, Writer, Reader, To, Omemo, Round) ->
    Ids = [{integer_to_binary(Round * 20 + Number), case Number rem 2 of 0 -> plain; 1 -> omemo end}
           || Number <- lists:seq(1, 20)],
    client:send(Writer, [case Kind of
                             plain -> plain(To, Id);
                             omemo -> with_id(Omemo, Id)
                         end || {Id, Kind} <- Ids]),
    Answers = [id(El) || El <- client:messages(Writer), is_violation(El)],
    Delivered = [{id(El), body(El)} || El <- client:messages(Reader)],
    ?assertEqual([Id || {Id, plain} <- Ids], Answers),
    Expected = [Id || {Id, Kind} <- Ids, Kind =:= omemo orelse Host =:= ?OPTIONAL],
    ?assertEqual(Expected, [Id || {Id, _} <- Delivered]),
    [?assert(lists:member(Body, [<<"This message is end-to-end encrypted.">>, <<"Ciphertext.">>]))
     || {Id, Body} <- Delivered, lists:member({Id, omemo}, Ids)],
    receive stop -> Round + 1
    after 0 -> write(Host, Writer, Reader, To, Omemo, Round + 1)
    end.

plain(To, Id) ->
    ["<message type='chat' to='", To, "' id='", Id, "'><body>thesecret</body></message>"].

with_id(Xml, Id) ->
    re:replace(Xml, " id=('[^']*'|\"[^\"]*\")", [" id='", Id, "'"]).

id(El) ->
    fxml:get_tag_attr_s(<<"id">>, El).

body(El) ->
    fxml:get_path_s(El, [{elem, <<"body">>}, cdata]).

is_violation(El) ->
    fxml:get_path_s(El, [{elem, <<"error">>}, {elem, <<"policy-violation">>}]) =/= <<>>.

%%%-------------------------------------------------------------------
%%% By ejabberd's module_upgrade
%%%-------------------------------------------------------------------

%% The first installation, because later the modules are loaded, and the compiler finds them.
module_install_gives_no_warning(Config) ->
    {0, Output} = server:ctl(?config(server, Config), ["module_install", "mod_e2e_policy"]),
    ?assertEqual(nomatch, re:run(Output, "[Ww]arning")),
    ?assertMatch({match, _}, re:run(Output, "has been installed")).

%% ejabberd stops the module, compiles it and starts it; until then messages are delivered unjudged.
module_upgrade_brings_all_parts_and_leaves_a_gap(Config) ->
    #{dir := Dir} = Server = ?config(server, Config),
    Sources = ?config(sources, Config),
    {0, _} = server:reload(Server, policies()),
    is_judged(Config),
    run(Server, ["sed -i 's/This message is end-to-end encrypted[.]/Ciphertext./' ", Sources,
                 "/src/mod_e2e_policy_effect.erl"]),
    run(Server, ["cp ", readable(Dir, release:library(debug)), " ", Sources, "/priv/new.so; mv ",
                 Sources, "/priv/new.so ", Sources, "/priv/mod_e2e_policy_nif.so"]),
    Before = loaded(Config),
    Prober = prober(Server),
    {0, _} = server:ctl(Server, ["module_upgrade", "mod_e2e_policy"]),
    Gap = stop(Prober),
    ct:log("plain text was delivered unjudged for ~b ms", [Gap]),
    ?assert(Gap > 0),
    ?assert(Gap < 10_000),
    is_judged(Config),
    %% All parts are those of the new release.
    ?assertNotEqual(element(2, Before), element(2, loaded(Config))),
    ?assertEqual([<<"Ciphertext.">>], bodies_beside_ciphertext(Server)),
    ?assertMatch({0, "mod_e2e_policy: nothing has changed\n"}, upgrade(Config)).

%% Neither when the module was stopped on all hosts before, nor when it runs.
module_uninstall_leaves_nothing(Config) ->
    Server = ?config(server, Config),
    {0, _} = server:reload(Server, maps:map(fun(_, _) -> without end, policies())),
    Before = complaints(Server),
    ?assertEqual({0, ""}, server:ctl(Server, ["module_uninstall", "mod_e2e_policy"])),
    nothing_is_left(Server),
    {0, _} = install(Config),
    ?assertMatch(#{delivered := true, answers := [_]}, talk(Config, ?REQUIRED)),
    ?assertEqual({0, ""}, server:ctl(Server, ["module_uninstall", "mod_e2e_policy"])),
    nothing_is_left(Server),
    ?assertMatch(#{delivered := true, answers := []}, talk(Config, ?REQUIRED)),
    ?assertEqual([], complaints(Server) -- Before).

complaints(Server) ->
    [Line || Line <- server:log_lines(Server),
             re:run(Line, "\\[(?:warning|error)\\]") =/= nomatch].

nothing_is_left(Server) ->
    ?assertEqual([], modules(Server)),
    server:until(fun() -> release:mapped(Server) =:= [] end),
    ?assertEqual([], [Hook || Hook <- server:call(Server, ets, tab2list, [hooks]),
                              string:find(io_lib:format("~p", [Hook]), "e2e_policy") =/= nomatch]),
    Commands = server:call(Server, ejabberd_commands, list_commands, []),
    ?assertEqual([], [Name || {Name, _, _} <- Commands,
                              lists:prefix("e2e_policy", atom_to_list(Name))]).

%% With a configuration beside the module, as the package has it: senders are warned.
install(Config) ->
    #{dir := Dir} = Server = ?config(server, Config),
    File = readable(Dir, server:root() ++ "/packaging/contrib/mod_e2e_policy.yml"),
    run(Server, ["cp ", File, " ", Dir, "/spool/.ejabberd-modules/sources/mod_e2e_policy/conf/"]),
    server:ctl(Server, ["module_install", "mod_e2e_policy"]).

%% How long plain text is delivered where it is forbidden, from the first such message to the last.
prober(Server) ->
    spawn_monitor(
      fun() ->
              [Alice, Bob] = [client:connect(Server, <<Name/binary, ?REQUIRED/binary, "/probe">>)
                              || Name <- [<<"alice@">>, <<"bob@">>]],
              exit({rounds, probe(Alice, Bob, [])})
      end).

probe(Alice, Bob, Times) ->
    #{delivered := IsDelivered} =
        exchange:message(Alice, Bob, plain(client:jid(Bob), <<"probe">>)),
    More = [erlang:monotonic_time(millisecond) || IsDelivered] ++ Times,
    receive stop when More =:= [] -> 0;
            stop -> hd(More) - lists:last(More)
    after 0 -> probe(Alice, Bob, More)
    end.

bodies_beside_ciphertext(Server) ->
    {Alice, Bob} = exchange:alice_and_bob(Server, ?REQUIRED),
    client:send(Alice, corpus:direct(corpus:xml(<<"slixmpp-omemo-2-2-0-003">>), client:jid(Bob))),
    client:received(Alice),
    [body(El) || El <- client:messages(Bob)].

%% The sources of the module as in ejabberd-contrib, in a folder of the server's user.
put_sources(Server, Dir) ->
    Sources = Dir ++ "/spool/.ejabberd-modules/sources/mod_e2e_policy",
    Copy = release:copy(Dir ++ "/source"),
    [] = os:cmd(["cd ", Copy, "; rm -r ebin; mkdir src conf; ",
                 "cp ", server:root(), "/erl_src/*.erl src; ",
                 "echo 'summary: test' >mod_e2e_policy.spec; chmod -R a+rX ."]),
    run(Server, ["mkdir -p ", Sources, "; cp -R ", Copy, "/. ", Sources]),
    Sources.

readable(Dir, File) ->
    Copy = Dir ++ "/" ++ filename:basename(File),
    {ok, _} = file:copy(File, Copy),
    ok = file:change_mode(Copy, 8#644),
    Copy.

%% Runs a shell command as the server's user.
run(Server, Command) ->
    ?assertEqual("", server:call(Server, os, cmd, [lists:flatten(Command)])).
