%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The border between Erlang and Rust: wrong terms, memory, and loading.
-module(nif_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([random_terms_never_crash_the_machine/1, addresses_of_a_wrong_kind_are_refused/1,
         random_stanzas_never_crash_the_machine/1,
         random_options_are_a_policy_or_an_error/1,
         options_that_can_be_written_are_wrong_in_words/1,
         options_that_nobody_can_write_are_refused/1,
         a_large_policy_holds_no_scheduler_up/1,
         random_stanzas_are_judged_alike_as_term_and_as_text/1,
         a_name_with_an_unresolved_prefix_is_content_when_it_holds_text/1,
         hostile_stanzas_are_judged_or_refused/1, terms_of_another_shape_count_as_text/1]).
-export([text_of_any_depth_is_answered_within_a_second/1,
         names_values_and_texts_of_any_length_are_explained/1]).
-export([thousands_of_policies_are_collected/1, a_policy_outlives_the_process_that_made_it/1]).
-export([a_second_load_is_refused_and_changes_nothing/1,
         a_load_beside_an_unloaded_library_is_refused/1]).

-include_lib("stdlib/include/assert.hrl").
-include("xmpp.hrl").

all() ->
    [random_terms_never_crash_the_machine, addresses_of_a_wrong_kind_are_refused,
     random_stanzas_never_crash_the_machine,
     random_options_are_a_policy_or_an_error, options_that_can_be_written_are_wrong_in_words,
     options_that_nobody_can_write_are_refused, a_large_policy_holds_no_scheduler_up,
     random_stanzas_are_judged_alike_as_term_and_as_text,
     a_name_with_an_unresolved_prefix_is_content_when_it_holds_text,
     hostile_stanzas_are_judged_or_refused, terms_of_another_shape_count_as_text,
     text_of_any_depth_is_answered_within_a_second,
     names_values_and_texts_of_any_length_are_explained, thousands_of_policies_are_collected,
     a_policy_outlives_the_process_that_made_it, a_second_load_is_refused_and_changes_nothing,
     a_load_beside_an_unloaded_library_is_refused].

suite() ->
    [{timetrap, {minutes, 1}}].

init_per_suite(Config) ->
    {ok, _} = application:ensure_all_started(xmpp),
    Config.

end_per_suite(_) ->
    ok.

%%%-------------------------------------------------------------------
%%% Wrong terms
%%%-------------------------------------------------------------------

random_terms_never_crash_the_machine(_) ->
    holds(prop_nif:prop_terms()).

%% They are read where they matter.
addresses_of_a_wrong_kind_are_refused(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    Alice = jid:decode(<<"alice@a.test/phone">>),
    [?assertError(badarg, untaken:judge(Policy, plain(), From, To))
     || {From, To} <- [{alice, Alice}, {Alice, <<"bob@a.test">>}, {undefined, undefined}]].

random_stanzas_never_crash_the_machine(_) ->
    holds(prop_nif:prop_stanzas()).

random_options_are_a_policy_or_an_error(_) ->
    holds(prop_nif:prop_options()).

%% The option, what was found, and what was expected.
options_that_can_be_written_are_wrong_in_words(_) ->
    Duration = "expected a duration such as `14 days`",
    [begin
         {error, {Named, Problem}} = mod_e2e_policy_nif:new_policy(#{group => required, Option => Wrong}),
         ?assertEqual(atom_to_binary(Option), Named),
         [?assertMatch({_, {match, _}}, {Problem, re:run(Problem, Words)}) || Words <- Expected]
     end || {Option, Wrong, Expected} <-
                [{grace_period, -1, ["`-1`", Duration]},
                 {grace_period, -1 bsl 62, ["`-4611686018427387904`", Duration]},
                 {grace_period, 1 bsl 33, ["`8589934592`", Duration]},
                 {grace_period, 1 bsl 80, ["`1[.]2089.*e24`", Duration]},
                 {grace_period, 1.5, ["`1[.]5", Duration]},
                 {grace_period, 2.0, ["`2[.]0", Duration]},
                 {grace_period, <<"soon">>, ["`soon`", Duration]},
                 {grace_period, 1 bsl 5000, [Duration]},
                 {grace_period, [14, days], [Duration]},
                 {grace_period, #{days => 14}, [Duration]},
                 {direct, maybe_later, ["`maybe_later`", "expected one of `none`, `optional`"]},
                 {direct, 7, ["7", "expected"]},
                 {accepted_schemes, [omemo, -1], ["-1", "expected"]},
                 {whitelist, [1.5], ["1[.]5", "expected"]},
                 {whitelist, [1 bsl 80], ["e.24", "expected"]},
                 {outer_body, [], ["sequence", "expected"]}]],
    ?assertMatch({ok, _}, mod_e2e_policy_nif:new_policy(#{grace_period => 1 bsl 31})).

%% Among them lists that are nested too deeply to be read on a small stack.
options_that_nobody_can_write_are_refused(_) ->
    Nested = lists:foldl(fun(_, Inner) -> [Inner] end, [], lists:seq(1, 1_000_000)),
    [?assertError(badarg, mod_e2e_policy_nif:new_policy(Wrong))
     || Wrong <- [#{direct => {required}}, #{direct => self()}, #{grace_period => make_ref()},
                  #{grace_period => {14, days}}, #{whitelist => [<<"a@a.test">> | <<"b@a.test">>]},
                  #{1 => 2}, #{direct => #{<<"a">> => b}}, #{direct => <<255>>}, #{direct => <<1:7>>},
                  #{whitelist => Nested}, Nested]].

%% One that takes so long to make that a process which does it on a normal scheduler is reported.
a_large_policy_holds_no_scheduler_up(_) ->
    Whitelist = [<<(integer_to_binary(N))/binary, "@a.test">> || N <- lists:seq(1, 400_000)],
    Before = erlang:system_monitor(self(), [{long_schedule, 50}]),
    Make = fun() -> exit(mod_e2e_policy_nif:new_policy(#{whitelist => Whitelist})) end,
    {Maker, Monitor} = spawn_monitor(Make),
    receive {'DOWN', Monitor, process, Maker, Result} -> ?assertMatch({ok, _}, Result) end,
    Reported = receive {monitor, Maker, long_schedule, Report} -> Report
               after 100 -> none
               end,
    _ = erlang:system_monitor(Before),
    ?assertEqual(none, Reported).

random_stanzas_are_judged_alike_as_term_and_as_text(_) ->
    holds(prop_nif:prop_views()).

%% The stream parser leaves a prefix that was bound on the stream header; text with one is no XML.
a_name_with_an_unresolved_prefix_is_content_when_it_holds_text(_) ->
    Message = fun(Children) -> #xmlel{name = <<"message">>, children = Children} end,
    Prefixed = fun(Text) -> #xmlel{name = <<"c:body">>, children = [{xmlcdata, Text}]} end,
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    ?assertMatch({{violation, plain, _, _}, keep}, judged(Policy, Message([Prefixed(<<"hi">>)]))),
    ?assertMatch({allow, keep}, judged(Policy, Message([Prefixed(<<" ">>)]))),
    %% A row that takes every name of a namespace does not take this one.
    ?assertMatch({{violation, plain, _, _}, keep},
                 judged(Policy, Message([#xmlel{name = <<"c:body">>,
                                                attrs = [{<<"xmlns">>, <<"http://jabber.org/protocol/chatstates">>}],
                                                children = [{xmlcdata, <<"hi">>}]}]))),
    ?assertMatch({error, _}, mod_e2e_policy_nif:explain(
                               Policy, <<"<message><c:body>hi</c:body></message>">>,
                               jid:decode(<<"a@a.test">>), jid:decode(<<"b@b.test">>), false, none, 0)).

hostile_stanzas_are_judged_or_refused(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    Message = fun(Children) -> #xmlel{name = <<"message">>, children = Children} end,
    Long = binary:copy(<<"a">>, 200_000),
    Nested = lists:foldl(fun(_, El) -> #xmlel{name = <<"body">>, children = [El]} end,
                         {xmlcdata, <<"hi">>}, lists:seq(1, 1000)),
    Refused = [lists:duplicate(10_000, #xmlel{name = <<"a">>, attrs = [{<<"xmlns">>, <<"urn:a">>}]}),
               [Nested],
               [#xmlel{name = <<"body">>, children = [{xmlcdata, binary:copy(<<"hi">>, 5_000_000)}]}],
               [#xmlel{name = <<"body">>, children = [{xmlcdata, <<255, 254, 0, 128>>}]}],
               [#xmlel{name = <<"openpgp">>, attrs = [{<<"xmlns">>, <<"urn:xmpp:openpgp:0">>}],
                       children = [{xmlcdata, binary:copy(<<"wcBM">>, 1_000_000)}]}]],
    [?assertMatch({{violation, plain, _, _}, keep}, judged(Policy, Message(Children)))
     || Children <- Refused],
    Tagged = fun(Namespace, Name) ->
                     [#xmlel{name = <<"encryption">>,
                             attrs = [{<<"xmlns">>, <<"urn:xmpp:eme:0">>}, {<<"namespace">>, Namespace},
                                      {<<"name">>, Name}]},
                      #xmlel{name = Long, attrs = [{<<"xmlns">>, Namespace}]},
                      #xmlel{name = <<"body">>, children = [{xmlcdata, <<"hi">>}]}]
             end,
    ?assertMatch({{violation, plain, _, _}, keep}, judged(Policy, Message(Tagged(Long, <<"MLS">>)))),
    ?assertMatch({{violation, plain, _, _}, keep}, judged(Policy, Message(Tagged(<<"urn:a">>, Long)))),
    {{violation, unacceptable, Scheme, direct}, keep} =
        judged(Policy, Message(Tagged(<<"urn:a">>, binary:part(Long, 0, 190)))),
    ?assert(byte_size(Scheme) < 100).

%% ejabberd's parser makes none of these; another module may.
terms_of_another_shape_count_as_text(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    Address = fun jid:decode/1,
    Judged = fun(Subject, Body, Thread, Els) ->
                     mod_e2e_policy_nif:judge(Policy, chat, Subject, Body, Thread, Els,
                                              Address(<<"a@a.test">>), Address(<<"b@b.test">>))
             end,
    Text = fun(Data) -> #text{data = Data} end,
    Body = fun(Children) -> [#xmlel{name = <<"body">>, children = Children}] end,
    ?assertMatch({allow, keep}, Judged([], [], undefined, [])),
    [?assertMatch({{violation, plain, _, _}, keep}, Judged(Subject, Texts, Thread, Els), Els)
     || {Subject, Texts, Thread, Els} <-
            [{[Text("hi")], [], undefined, []},
             {[{text, <<"hi">>}], [], undefined, []},
             {[], [Text(hi)], undefined, []},
             {[], [hi | <<"hi">>], undefined, []},
             {[], <<"hi">>, undefined, []},
             {[], [], {thread, <<"hi">>}, []}]
                ++ [{[], [], undefined, Els}
                    || Els <- [hi, [<<"hi">>], [{xmlcdata, "hi"}], [{xmlel, "body", [], []}],
                               [{xmlel, <<"body">>, []}], [#xmlel{name = <<"a">>} | <<"hi">>],
                               Body([{xmlcdata, ["hi"]}]), Body([{xmlcdata, hi}]), Body(["hi"]),
                               Body([{xmlcdata, <<>>} | <<"hi">>]), Body(<<"hi">>)]]].

%% Twice, because no call may make an atom, and the first calls load code.
holds(Property) ->
    Options = [quiet, {numtests, 500}, {max_size, 20}],
    ?assertEqual(true, proper:quickcheck(Property, Options)),
    Atoms = erlang:system_info(atom_count),
    ?assertEqual(true, proper:quickcheck(Property, Options)),
    ?assertEqual(Atoms, erlang:system_info(atom_count)).

%%%-------------------------------------------------------------------
%%% Text
%%%-------------------------------------------------------------------

%% A tree of that many levels would end the node when it is dropped.
text_of_any_depth_is_answered_within_a_second(_) ->
    [begin
         {Time, Answer} = timer:tc(fun() -> explained(nested(Levels)) end),
         ?assertEqual({error, <<"found more than 256 levels of nested elements, expected at most 256">>},
                      Answer),
         ?assert(Time < 1_000_000)
     end || Levels <- [257, 2_500, 100_000, 1_000_000]],
    ?assertMatch({ok, #{decision := <<"reject">>}}, explained(nested(256))).

nested(Levels) ->
    iolist_to_binary([lists:duplicate(Levels, Tag) || Tag <- ["<message>", "</message>"]]).

names_values_and_texts_of_any_length_are_explained(_) ->
    [begin
         Long = binary:copy(<<"a">>, Length),
         [?assertMatch({ok, #{decision := <<"reject">>, content := <<"plaintext">>}},
                       explained(iolist_to_binary(["<message", Attribute, ">", Inside,
                                                   "<body>hi</body></message>"])))
          || {Attribute, Inside} <- [{[" id='", Long, "'"], ""}, {[" ", Long, "=''"], ""},
                                     {"", ["<x xmlns='", Long, "'/>"]}, {"", ["<", Long, "/>"]},
                                     {"", ["<subject>", Long, "</subject>"]}]]
     end || Length <- [8_193, 200_000, 1_000_000]].

explained(Text) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    mod_e2e_policy_nif:explain(Policy, Text, jid:decode(<<"alice@a.test/phone">>),
                               jid:decode(<<"bob@b.test">>), false, none, 0).

%%%-------------------------------------------------------------------
%%% Memory
%%%-------------------------------------------------------------------

%% If they stayed, 2000 policies of half a megabyte would take a gigabyte.
thousands_of_policies_are_collected(_) ->
    Large = #{message_plain_required_direct => binary:copy(<<"{{encrypt}} ">>, 50_000)},
    [with_policy(Large, fun(_) -> ok end) || _ <- lists:seq(1, 50)],
    Before = resident_pages(),
    [with_policy(Large, fun(_) -> ok end) || _ <- lists:seq(1, 2000)],
    ?assert((resident_pages() - Before) * 4096 < 100_000_000).

a_policy_outlives_the_process_that_made_it(_) ->
    Policy = with_policy(#{direct => required}, fun(Made) -> Made end),
    ?assertMatch({{violation, plain, <<"none">>, direct}, keep}, judged(Policy)).

%% Makes a policy in a process of its own and gives what the function makes of it.
with_policy(Options, Function) ->
    {_, Monitor} = spawn_monitor(fun() ->
                                         {ok, Policy} = mod_e2e_policy_nif:new_policy(Options),
                                         exit({made, Function(Policy)})
                                 end),
    receive {'DOWN', Monitor, process, _, {made, Result}} -> Result end.

resident_pages() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Resident | _] = binary:split(Text, <<" ">>, [global]),
    binary_to_integer(Resident).

%%%-------------------------------------------------------------------
%%% Loading
%%%-------------------------------------------------------------------

a_second_load_is_refused_and_changes_nothing(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    Interface = mod_e2e_policy_nif:interface(),
    ?assertEqual({error, on_load_failure}, code:load_file(mod_e2e_policy_nif)),
    ?assertEqual(Interface, mod_e2e_policy_nif:interface()),
    ?assertMatch({{violation, plain, <<"none">>, direct}, keep}, judged(Policy)).

%% It would leave a module without its library. What asks in between gets an error, and then the new one.
a_load_beside_an_unloaded_library_is_refused(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    true = code:delete(mod_e2e_policy_nif),
    ?assertEqual({error, on_load_failure}, code:ensure_loaded(mod_e2e_policy_nif)),
    ?assertError(undef, judged(Policy)),
    true = code:soft_purge(mod_e2e_policy_nif),
    ?assertError(badarg, judged(Policy)),
    ?assertEqual(ok, mod_e2e_policy_nif:status()),
    {ok, New} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    ?assertMatch({{violation, plain, <<"none">>, direct}, keep}, judged(New)).

judged(Policy) ->
    judged(Policy, plain()).

plain() ->
    #xmlel{name = <<"message">>,
           children = [#xmlel{name = <<"body">>, children = [{xmlcdata, <<"hi">>}]}]}.

judged(Policy, Stanza) ->
    untaken:judge(Policy, Stanza, jid:decode(<<"alice@a.test/phone">>), jid:decode(<<"bob@a.test">>)).
