%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What happens when something goes wrong behind the hook, or the native library is not there. The
%% server of this suite is damaged more and more, so the order of the cases matters.
-module(failure_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2, end_per_testcase/2]).
-export([files_that_are_gone_are_not_missed/1,
         a_crash_in_the_effect_is_an_internal_error/1,
         a_message_is_refused_even_when_its_sender_cannot_be_told/1,
         a_crash_in_the_store_is_an_internal_error/1,
         a_policy_that_is_none_is_an_internal_error/1,
         a_failure_of_a_group_message_to_a_user_has_the_level_of_direct_ones/1,
         a_message_is_refused_even_when_its_chat_is_unknown/1,
         a_body_of_another_shape_counts_as_text/1,
         a_crash_in_the_decision_is_an_internal_error/1,
         a_decision_that_is_none_is_an_internal_error/1,
         the_log_says_what_failed_and_nothing_of_the_message/1]).
-export([a_store_that_does_not_answer_enforces_what_is_required/1,
         a_store_that_cannot_be_written_enforces_what_is_required/1,
         the_log_says_why_and_nothing_of_the_messages/1]).
-export([a_panic_is_an_internal_error/1,
         thousands_of_panics_disturb_no_other_session/1,
         panics_leave_no_memory_behind/1,
         the_log_says_that_it_panicked/1,
         standard_error_says_where_it_panicked/1,
         a_library_that_panicked_can_be_replaced/1,
         a_policy_of_an_older_library_is_an_internal_error/1]).
%% In the server
-export([panics/3, misshape/1]).
-export([a_server_without_a_working_library_does_not_start/1,
         a_server_with_half_a_library_does_not_start/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("xmpp.hrl").

-define(REQUIRED, <<"required.test">>).
-define(OPTIONAL, <<"optional.test">>).
-define(NONE, <<"none.test">>).
-define(PEOPLE, <<"people.test">>).
%% A required policy that asks the store.
-define(MNESIA, <<"mnesia.test">>).
-define(SQL, <<"sql.test">>).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [{group, behind_the_hook}, {group, stores}, {group, panics},
     a_server_without_a_working_library_does_not_start,
     a_server_with_half_a_library_does_not_start].

groups() ->
    [{behind_the_hook, [], [files_that_are_gone_are_not_missed,
                            a_crash_in_the_effect_is_an_internal_error,
                            a_message_is_refused_even_when_its_sender_cannot_be_told,
                            a_crash_in_the_store_is_an_internal_error,
                            a_policy_that_is_none_is_an_internal_error,
                            a_failure_of_a_group_message_to_a_user_has_the_level_of_direct_ones,
                            a_message_is_refused_even_when_its_chat_is_unknown,
                            a_body_of_another_shape_counts_as_text,
                            a_crash_in_the_decision_is_an_internal_error,
                            a_decision_that_is_none_is_an_internal_error,
                            the_log_says_what_failed_and_nothing_of_the_message]},
     {stores, [], [a_store_that_does_not_answer_enforces_what_is_required,
                   a_store_that_cannot_be_written_enforces_what_is_required,
                   the_log_says_why_and_nothing_of_the_messages]},
     {panics, [], [a_panic_is_an_internal_error,
                   thousands_of_panics_disturb_no_other_session,
                   panics_leave_no_memory_behind,
                   the_log_says_that_it_panicked,
                   standard_error_says_where_it_panicked,
                   a_library_that_panicked_can_be_replaced,
                   a_policy_of_an_older_library_is_an_internal_error]}].

init_per_group(behind_the_hook, Config) ->
    [{server, server:started(policies())} | Config];
init_per_group(stores, Config) ->
    Policy = #{direct => required, grace_period => <<"14 days">>, warn_mechanism => error,
               message_plain_required_direct => <<"encrypt!">>},
    Server = server:started(#{?MNESIA => Policy, ?SQL => Policy#{db_type => sql}},
                            #{sql_type => sqlite, sql_query_timeout => 1}),
    [{server, Server} | Config];
init_per_group(panics, Config) ->
    Server = #{dir := Dir} = server:new(policies()),
    Folder = release:copy(Dir ++ "/panicking"),
    release:put_library(release:library(panicking), Folder),
    {0, _} = server:start(Server, Folder),
    [{server, Server}, {folder, Folder} | Config].

end_per_group(_, Config) ->
    server:stop(?config(server, Config)).

policies() ->
    #{?REQUIRED => #{direct => required, group => required},
      ?OPTIONAL => #{direct => optional, group => optional},
      ?NONE => #{direct => none, group => none},
      ?PEOPLE => #{direct => required, group => none},
      ?MNESIA => #{direct => required, grace_period => <<"14 days">>}}.

%% The replaced native module stays to the end: its library cannot be loaded again.
end_per_testcase(_, Config) ->
    case ?config(server, Config) of
        undefined ->
            ok;
        _ ->
            [call(Config, meck, unload, [Module])
             || Module <- call(Config, meck, mocked, []), Module =/= mod_e2e_policy_nif]
    end.

%%%-------------------------------------------------------------------
%%% Behind the hook
%%%-------------------------------------------------------------------

%% As after a removal without a restart, before the first message.
files_that_are_gone_are_not_missed(Config) ->
    #{dir := Dir} = ?config(server, Config),
    Folder = Dir ++ "/mod_e2e_policy",
    ok = file:rename(Folder, Folder ++ ".away"),
    ?assertMatch(#{delivered := false, answers := [{error, <<"policy-violation">>, _} | _]},
                 talk(Config, ?REQUIRED)),
    ?assertMatch(#{delivered := true, answers := [{message, _}]}, talk(Config, ?OPTIONAL)),
    ok = file:rename(Folder ++ ".away", Folder).

a_crash_in_the_effect_is_an_internal_error(Config) ->
    call(Config, meck, new, [mod_e2e_policy_effect, [no_link, passthrough]]),
    [begin
         answers(Config, mod_e2e_policy_effect, carry_out, 4, Crash),
         is_refused_for_an_internal_error(talk(Config, ?REQUIRED)),
         exchange:is_delivered(talk(Config, ?OPTIONAL))
     end || Crash <- crashes(Config)].

a_message_is_refused_even_when_its_sender_cannot_be_told(Config) ->
    call(Config, meck, new, [mod_e2e_policy_effect, [no_link, passthrough]]),
    [begin
         answers(Config, mod_e2e_policy_effect, carry_out, 4, Crash),
         answers(Config, mod_e2e_policy_effect, refuse_after_failure, 2, Crash),
         ?assertMatch(#{delivered := false}, talk(Config, ?REQUIRED))
     end || Crash <- crashes(Config)].

a_crash_in_the_store_is_an_internal_error(Config) ->
    call(Config, meck, new, [mod_e2e_policy_grace, [no_link, passthrough]]),
    [begin
         answers(Config, mod_e2e_policy_grace, start_once, 3, Crash),
         is_refused_for_an_internal_error(talk(Config, ?MNESIA))
     end || Crash <- crashes(Config)],
    [begin
         answers(Config, mod_e2e_policy_grace, clock, 2, Crash),
         is_refused_for_an_internal_error(talk(Config, ?REQUIRED)),
         exchange:is_delivered(talk(Config, ?OPTIONAL))
     end || Crash <- crashes(Config)].

a_policy_that_is_none_is_an_internal_error(Config) ->
    Policies = policies(Config),
    Each = [maps:map(fun(_Host, _Policy) -> Wrong end, Policies)
            || Wrong <- [none, <<"thesecret">>, #{direct => none}, make_ref()]],
    [begin
         put_policies(Config, Wrong),
         are_judged_as_plain_text(Config)
     end || Wrong <- [none, #{} | Each]],
    make_policies(Config).

a_failure_of_a_group_message_to_a_user_has_the_level_of_direct_ones(Config) ->
    put_policies(Config, none),
    is_refused_for_an_internal_error(group_message(Config, ?PEOPLE)),
    make_policies(Config).

a_message_is_refused_even_when_its_chat_is_unknown(Config) ->
    Hosts = call(Config, persistent_term, get, [mod_e2e_policy_chat]),
    ok = call(Config, persistent_term, put, [mod_e2e_policy_chat, none]),
    ?assertMatch(#{delivered := false}, group_message(Config, ?REQUIRED)),
    ok = call(Config, persistent_term, put, [mod_e2e_policy_chat, Hosts]).

%% As the record of another ejabberd might be. The library would pass over it.
a_body_of_another_shape_counts_as_text(Config) ->
    load_this_suite(Config),
    Hook = [user_send_packet, ?REQUIRED, ?MODULE, misshape, 29],
    ok = call(Config, ejabberd_hooks, add, Hook),
    Refused = talk(Config, ?REQUIRED),
    ?assertMatch(#{delivered := false, answers := [{error, <<"policy-violation">>, _} | _]}, Refused),
    ok = call(Config, ejabberd_hooks, delete, Hook).

misshape({#message{body = [#text{data = Data}]} = Message, State}) ->
    {Message#message{body = [{text, Data}]}, State};
misshape(Acc) ->
    Acc.

a_crash_in_the_decision_is_an_internal_error(Config) ->
    call(Config, meck, new, [mod_e2e_policy_nif, [no_link]]),
    [begin
         answers(Config, mod_e2e_policy_nif, judge, 8, Crash),
         are_judged_as_plain_text(Config)
     end || Crash <- crashes(Config)].

a_decision_that_is_none_is_an_internal_error(Config) ->
    [begin
         answers(Config, mod_e2e_policy_nif, judge, 8, call(Config, meck, val, [Judgement])),
         answers(Config, mod_e2e_policy_nif, decide, 5, call(Config, meck, val, [Decision])),
         are_judged_as_plain_text(Config)
     end || {Judgement, Decision} <-
                [{Wrong, start_clock} || Wrong <- [ok, allow, {allow}, {allow, perhaps}, []]]
                ++ [{{{violation, plain, <<"none">>, direct}, keep}, Wrong}
                    || Wrong <- [thesecret, {warn, plain}, {warn, plain, 7, <<"en">>}, start_clock,
                                 {reject, plain}, {reject, plain, 7, 7}]]].

%% One line for each failure, in words of the module alone; and nothing that ejabberd would say of
%% a hook that failed.
the_log_says_what_failed_and_nothing_of_the_message(Config) ->
    Log = server:log(?config(server, Config)),
    Errors = [Line || Line <- binary:split(Log, <<"\n">>, [global]),
                      binary:match(Line, <<"[error]">>) =/= nomatch],
    ?assert(length(Errors) > 40),
    ?assertEqual([], [Line || Line <- Errors, re:run(Line, line()) =:= nomatch]),
    ?assertEqual(nomatch, binary:match(Log, <<"thesecret">>)).

line() ->
    "E2EE policy of [a-z]+[.]test failed \\((error|exit|throw):[a-z_]+ in .+:.+/[0-9]+\\): "
        "message (refused|delivered)$".

%% Terms that a message could be part of, in all ways to fail.
crashes(Config) ->
    [call(Config, meck, raise, [Class, Reason])
     || {Class, Reason} <- [{error, {badmatch, <<"thesecret">>}}, {error, badarg},
                            {exit, {shutdown, <<"thesecret">>}}, {exit, normal},
                            {exit, {timeout, {gen_server, call, [self(), <<"thesecret">>]}}},
                            {exit, {noproc, {p1_fsm, call, [<<"thesecret">>]}}},
                            {throw, <<"thesecret">>}]].

%% Makes a function of a replaced module give or raise something.
answers(Config, Module, Function, Arity, Answer) ->
    call(Config, meck, expect, [Module, Function, Arity, Answer]).

are_judged_as_plain_text(Config) ->
    is_refused_for_an_internal_error(talk(Config, ?REQUIRED)),
    exchange:is_delivered(talk(Config, ?OPTIONAL)),
    exchange:is_delivered(talk(Config, ?NONE)).

is_refused_for_an_internal_error(Outcome) ->
    ?assertMatch(#{delivered := false, answers := [{error, <<"internal-server-error">>, _}]},
                 Outcome).

talk(Config, Host) ->
    talk(Config, Host, <<"thesecret">>).

talk(Config, Host, Body) ->
    {Alice, Bob} = alice_and_bob(Config, Host),
    exchange:message(Alice, Bob, message(Host, Body)).

%% To a user, as if the user were a room.
group_message(Config, Host) ->
    {Alice, Bob} = alice_and_bob(Config, Host),
    exchange:message(Alice, Bob, ["<message type='groupchat' to='bob@", Host, "/desk'>"
                                  "<body>thesecret</body></message>"]).

alice_and_bob(Config, Host) ->
    list_to_tuple([client:connect(?config(server, Config), <<Name/binary, Host/binary, "/desk">>)
                   || Name <- [<<"alice@">>, <<"bob@">>]]).

message(Host, Body) ->
    ["<message type='chat' to='bob@", Host, "/desk'><body>", Body, "</body></message>"].

call(Config, Module, Function, Arguments) ->
    server:call(?config(server, Config), Module, Function, Arguments).

%%%-------------------------------------------------------------------
%%% Stores
%%%-------------------------------------------------------------------

%% A worker that is suspended is one whose database does not answer: calls to it run out of time.
a_store_that_does_not_answer_enforces_what_is_required(Config) ->
    Workers = [Name || Name <- call(Config, erlang, registered, []),
                       re:run(atom_to_list(Name), "^ejabberd_sql_.*sql[.]test") =/= nomatch],
    ?assertNotEqual([], Workers),
    [call(Config, sys, suspend, [Worker]) || Worker <- Workers],
    exchange:is_refused(talk(Config, ?SQL), error, <<"encrypt!">>),
    [call(Config, sys, resume, [Worker]) || Worker <- Workers].

a_store_that_cannot_be_written_enforces_what_is_required(Config) ->
    {atomic, ok} = call(Config, mnesia, change_table_access_mode, [e2e_policy_grace, read_only]),
    exchange:is_refused(talk(Config, ?MNESIA), error, <<"encrypt!">>).

the_log_says_why_and_nothing_of_the_messages(Config) ->
    Log = server:log(?config(server, Config)),
    [?assertMatch({match, _}, re:run(Log, ["Grace periods of ", Host, " cannot be read or written \\(", Why, "\\):"]))
     || {Host, Why} <- [{?MNESIA, "Mnesia: no_exists"}, {?SQL, "SQL: timeout"}]],
    ?assertEqual(nomatch, binary:match(Log, <<"thesecret">>)).

%%%-------------------------------------------------------------------
%%% Panics
%%%-------------------------------------------------------------------

%% What the library with traps takes for one.
traps() ->
    [<<"thesecret: panic in ", Place/binary>>
     || Place <- [<<"decode">>, <<"the decision">>, <<"encode">>]].

a_panic_is_an_internal_error(Config) ->
    [begin
         is_refused_for_an_internal_error(talk(Config, ?REQUIRED, Trap)),
         exchange:is_delivered(talk(Config, ?OPTIONAL, Trap))
     end || Trap <- traps()],
    %% The others are judged.
    ?assertMatch(#{delivered := false, answers := [{error, <<"policy-violation">>, _} | _]},
                 talk(Config, ?REQUIRED, <<"good morning">>)).

%% 10,000 from some sessions, while others of the same host chat.
thousands_of_panics_disturb_no_other_session(Config) ->
    Before = call(Config, erlang, system_info, [start_time]),
    Server = ?config(server, Config),
    Suite = self(),
    Noisy = [spawn_monitor(fun() -> panic(Server, Number, 2500) end) || Number <- [1, 2, 3, 4]],
    Talks = talk_until_done(Config, Suite, Noisy, 0),
    ct:log("~b exchanges meanwhile", [Talks]),
    ?assert(Talks > 0),
    ?assertEqual(Before, call(Config, erlang, system_info, [start_time])).

panic(Server, Number, Times) ->
    Jid = ["noisy", integer_to_binary(Number), "@", ?REQUIRED, "/desk"],
    Client = client:connect(Server, iolist_to_binary(Jid)),
    Errors = [begin
                  [client:send(Client, message(?REQUIRED, Trap)) || Trap <- traps()],
                  exchange:answers(client:messages(Client))
              end || _ <- lists:seq(1, Times div 3 + 1)],
    ?assertEqual([{error, <<"internal-server-error">>, <<>>}], lists:usort(lists:append(Errors))),
    ?assert(length(lists:append(Errors)) >= Times).

talk_until_done(_Config, _Suite, [], Talks) ->
    Talks;
talk_until_done(Config, Suite, [{Pid, Monitor} | Noisy] = All, Talks) ->
    receive
        {'DOWN', Monitor, process, Pid, Reason} ->
            ?assertEqual(normal, Reason),
            talk_until_done(Config, Suite, Noisy, Talks)
    after 0 ->
            exchange:is_delivered(talk(Config, ?NONE, <<"good morning">>)),
            ?assertMatch(#{delivered := false, answers := [{error, <<"policy-violation">>, _} | _]},
                         talk(Config, ?REQUIRED, <<"good morning">>)),
            talk_until_done(Config, Suite, All, Talks + 1)
    end.

%% Less than 100 octets for each of 100,000.
panics_leave_no_memory_behind(Config) ->
    Server = ?config(server, Config),
    panic_inside(Config, 20_000),
    Before = release:resident(Server),
    panic_inside(Config, 100_000),
    After = release:resident(Server),
    ct:log("resident octets before and after: ~b, ~b", [Before, After]),
    ?assert(After - Before < 10_000_000).

%% By a process of the server.
panic_inside(Config, Times) ->
    load_this_suite(Config),
    Policy = call(Config, mod_e2e_policy_registry, policy, [?REQUIRED]),
    [ok = server:call(?config(server, Config), ?MODULE, panics, [Policy, bodies(Trap), Times div 3])
     || Trap <- traps()].

load_this_suite(Config) ->
    {Module, Beam, File} = code:get_object_code(?MODULE),
    {module, Module} = call(Config, code, load_binary, [Module, File, Beam]).

panics(_, _, 0) ->
    ok;
panics(Policy, Bodies, Times) ->
    ?assertError(nif_panicked,
                 mod_e2e_policy_nif:judge(Policy, chat, [], Bodies, undefined, [], alice, bob)),
    panics(Policy, Bodies, Times - 1).

bodies(Text) ->
    [#text{data = Text}].

the_log_says_that_it_panicked(Config) ->
    Log = server:log(?config(server, Config)),
    Errors = [Line || Line <- binary:split(Log, <<"\n">>, [global]),
                      binary:match(Line, <<"[error]">>) =/= nomatch],
    ?assert(length(Errors) >= 6),
    ?assertEqual([], [Line || Line <- Errors, re:run(Line, line()) =:= nomatch]),
    ?assertMatch({match, _}, re:run(Log, "error:nif_panicked in mod_e2e_policy_nif:judge/8")),
    ?assertEqual(nomatch, binary:match(Log, <<"thesecret">>)).

%% The message of the panic is the body of the message.
standard_error_says_where_it_panicked(Config) ->
    Program = "{ok, P} = mod_e2e_policy_nif:new_policy(#{direct => required}), "
        "[catch mod_e2e_policy_nif:judge(P, chat, [], B, undefined, [], alice, bob) || B <- "
        ++ io_lib:format("~w", [[bodies(Trap) || Trap <- traps()]]) ++ "], halt().",
    Port = open_port({spawn_executable, os:find_executable("erl")},
                     [{args, ["-noinput", "-pa", ?config(folder, Config) ++ "/ebin",
                              "-eval", lists:flatten(Program)]},
                      exit_status, stderr_to_stdout, hide]),
    {0, Output} = server:output(Port),
    Line = "mod_e2e_policy_nif: panic at [^ ]*panicking_nif/src/lib[.]rs:[0-9]+:[0-9]+\n",
    ?assertMatch({match, _}, re:run(Output, ["^(", Line, "){3}$"])).

a_library_that_panicked_can_be_replaced(Config) ->
    Server = ?config(server, Config),
    [Panicking] = release:mapped(Server),
    upgrade_library(Server, installed),
    [begin
         ?assertMatch(#{delivered := false, answers := [{error, <<"policy-violation">>, _} | _]},
                      talk(Config, ?REQUIRED, Trap)),
         ?assertMatch(#{delivered := true, answers := [_]}, talk(Config, ?OPTIONAL, Trap))
     end || Trap <- traps()],
    server:until(fun() -> not lists:member(Panicking, release:mapped(Server)) end).

%% The older library stays while its policies do, and is none to the one that is in use.
a_policy_of_an_older_library_is_an_internal_error(Config) ->
    Server = ?config(server, Config),
    Old = policies(Config),
    call(Config, persistent_term, put, [failure_SUITE, Old]),
    upgrade_library(Server, debug),
    ?assertMatch([_, _], release:mapped(Server)),
    New = policies(Config),
    put_policies(Config, Old),
    are_judged_as_plain_text(Config),
    ?assertMatch({match, _}, re:run(server:log(Server), "error:badarg in mod_e2e_policy_nif:judge/8")),
    put_policies(Config, New),
    call(Config, persistent_term, erase, [failure_SUITE]),
    server:until(fun() -> length(release:mapped(Server)) =:= 1 end).

policies(Config) ->
    call(Config, persistent_term, get, [mod_e2e_policy_registry]).

%% Those that nothing in the server refers to any more are gone there, whatever is kept here.
make_policies(Config) ->
    put_policies(Config, #{}),
    [begin
         Opts = call(Config, gen_mod, get_module_opts, [Host, mod_e2e_policy]),
         ok = call(Config, mod_e2e_policy, reload, [Host, Opts, Opts])
     end || Host <- maps:keys(policies())].

put_policies(Config, Policies) ->
    ok = call(Config, persistent_term, put, [mod_e2e_policy_registry, Policies]).

upgrade_library(#{dir := Dir} = Server, Library) ->
    release:put_library(release:library(Library), Dir ++ "/mod_e2e_policy"),
    {0, Said} = server:ctl(Server, ["e2e_policy_upgrade"]),
    ?assertMatch({match, _}, re:run(Said, "replaced the library")).

%%%-------------------------------------------------------------------
%%% The native library
%%%-------------------------------------------------------------------

a_server_without_a_working_library_does_not_start(_) ->
    [does_not_start_with(Damage, Reason)
     || {Damage, Reason} <-
            [{fun(Library) -> file:delete(Library) end, "no such file"},
             {fun(Library) -> file:write_file(Library, "not a library") end, "file too short"},
             {fun(Library) -> file:write_file(Library, binary:copy(<<"no library">>, 1000)) end,
              "invalid ELF header"},
             %% To the C library a file for another machine is none.
             {fun claim_to_be_for_another_machine/1, "cannot open shared object file|machine"}]].

%% As an interrupted download leaves it; the C library would map it and crash.
a_server_with_half_a_library_does_not_start(_) ->
    does_not_start_with(fun cut_in_half/1, "truncated|too short|end of file|incomplete").

does_not_start_with(Damage, Reason) ->
    Server = server:new(#{?REQUIRED => #{}}),
    {Status, Output} = server:start(Server, damaged_build(Server, Damage)),
    server:stop(Server),
    ct:log("~ts", [Output]),
    ?assertEqual({1, match}, {Status, says(Output, Reason)}).

%% The reason stands in one line with the path.
says(Output, Reason) ->
    Path = "/mod_e2e_policy/priv/mod_e2e_policy_nif[.]so: [^;]*",
    re:run(Output, [Path, "(", Reason, ")"], [{capture, none}]).

damaged_build(#{dir := Dir}, Damage) ->
    Copy = release:copy(Dir ++ "/damaged"),
    ok = Damage(Copy ++ "/priv/mod_e2e_policy_nif.so"),
    Copy.

cut_in_half(Library) ->
    {ok, Octets} = file:read_file(Library),
    file:write_file(Library, binary:part(Octets, 0, byte_size(Octets) div 2)).

%% Octets 18 and 19 of an ELF file name the machine: 183 is 64-bit ARM, 62 is x86-64.
claim_to_be_for_another_machine(Library) ->
    {ok, <<Head:18/binary, Machine:16/little, Rest/binary>>} = file:read_file(Library),
    Other = case Machine of 183 -> 62; _ -> 183 end,
    file:write_file(Library, <<Head/binary, Other:16/little, Rest/binary>>).
