%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What happens when something goes wrong behind the hook, or the native library is not there. The
%% server of this suite is damaged more and more, so the order of the cases matters.
-module(failure_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, end_per_testcase/2]).
-export([a_crash_in_the_effect_is_an_internal_error/1,
         a_message_is_refused_even_when_its_sender_cannot_be_told/1,
         a_policy_that_is_none_is_an_internal_error/1,
         a_crash_in_the_decision_is_an_internal_error/1,
         a_decision_that_is_none_is_an_internal_error/1,
         the_log_says_what_failed_and_nothing_of_the_message/1]).
-export([a_server_without_a_working_library_does_not_start/1,
         a_server_with_half_a_library_does_not_start/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(REQUIRED, <<"required.test">>).
-define(OPTIONAL, <<"optional.test">>).
-define(NONE, <<"none.test">>).

suite() ->
    [{timetrap, {minutes, 1}}].

all() ->
    [a_crash_in_the_effect_is_an_internal_error,
     a_message_is_refused_even_when_its_sender_cannot_be_told,
     a_policy_that_is_none_is_an_internal_error,
     a_crash_in_the_decision_is_an_internal_error,
     a_decision_that_is_none_is_an_internal_error,
     the_log_says_what_failed_and_nothing_of_the_message,
     a_server_without_a_working_library_does_not_start,
     a_server_with_half_a_library_does_not_start].

init_per_suite(Config) ->
    [{server, server:started(#{?REQUIRED => #{direct => required, group => required},
                               ?OPTIONAL => #{direct => optional, group => optional},
                               ?NONE => #{direct => none, group => none}})} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%% The replaced native module stays to the end: its library cannot be loaded again.
end_per_testcase(_, Config) ->
    [call(Config, meck, unload, [Module])
     || Module <- call(Config, meck, mocked, []), Module =/= mod_e2e_policy_nif].

%%%-------------------------------------------------------------------
%%% Behind the hook
%%%-------------------------------------------------------------------

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

a_policy_that_is_none_is_an_internal_error(Config) ->
    [begin
         [call(Config, persistent_term, put, [{mod_e2e_policy, Host}, Wrong])
          || Host <- [?REQUIRED, ?OPTIONAL, ?NONE]],
         are_judged_as_plain_text(Config)
     end || Wrong <- [none, <<"thesecret">>, #{direct => none}, make_ref()]].

a_crash_in_the_decision_is_an_internal_error(Config) ->
    call(Config, meck, new, [mod_e2e_policy_nif, [no_link]]),
    [begin
         answers(Config, mod_e2e_policy_nif, judge, 4, Crash),
         are_judged_as_plain_text(Config)
     end || Crash <- crashes(Config)].

a_decision_that_is_none_is_an_internal_error(Config) ->
    [begin
         answers(Config, mod_e2e_policy_nif, judge, 4, call(Config, meck, val, [Judgement])),
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
    [Alice, Bob] = [client:connect(?config(server, Config), <<Name/binary, Host/binary, "/desk">>)
                    || Name <- [<<"alice@">>, <<"bob@">>]],
    exchange:message(Alice, Bob, ["<message type='chat' to='bob@", Host, "/desk'>"
                                  "<body>thesecret</body></message>"]).

call(Config, Module, Function, Arguments) ->
    server:call(?config(server, Config), Module, Function, Arguments).

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

%% A copy of the module below the server's folder, with a damaged library.
damaged_build(#{dir := Dir}, Damage) ->
    Copy = Dir ++ "/damaged",
    [] = os:cmd(io_lib:format("mkdir ~s; cd ~s; cp -RL ebin priv ~s",
                              [Copy, server:build(), Copy])),
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
