%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The border between Erlang and Rust: wrong terms, memory, and loading.
-module(nif_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([random_terms_never_crash_the_machine/1, addresses_of_a_wrong_kind_are_refused/1,
         random_stanzas_never_crash_the_machine/1,
         random_options_are_a_policy_or_an_error/1,
         a_wrong_option_value_is_named_and_explained/1,
         terms_that_no_configuration_can_have_are_refused/1,
         a_large_policy_blocks_no_scheduler/1,
         random_stanzas_are_judged_alike_as_term_and_as_text/1,
         a_name_with_an_unresolved_prefix_is_content_when_it_holds_text/1,
         hostile_stanzas_are_judged_or_refused/1, malformed_terms_count_as_text/1]).
-export([text_of_any_depth_is_answered_within_a_second/1,
         names_values_and_texts_of_any_length_are_explained/1]).
-export([thousands_of_policies_are_collected/1, a_policy_outlives_the_process_that_made_it/1]).
-export([a_second_load_is_refused_and_changes_nothing/1,
         a_load_beside_an_unloaded_library_is_refused/1,
         a_library_is_looked_for_by_processor_and_c_library/1]).

-include_lib("stdlib/include/assert.hrl").
-include("xmpp.hrl").

all() ->
    [random_terms_never_crash_the_machine, addresses_of_a_wrong_kind_are_refused,
     random_stanzas_never_crash_the_machine,
     random_options_are_a_policy_or_an_error, a_wrong_option_value_is_named_and_explained,
     terms_that_no_configuration_can_have_are_refused, a_large_policy_blocks_no_scheduler,
     random_stanzas_are_judged_alike_as_term_and_as_text,
     a_name_with_an_unresolved_prefix_is_content_when_it_holds_text,
     hostile_stanzas_are_judged_or_refused, malformed_terms_count_as_text,
     text_of_any_depth_is_answered_within_a_second,
     names_values_and_texts_of_any_length_are_explained, thousands_of_policies_are_collected,
     a_policy_outlives_the_process_that_made_it, a_second_load_is_refused_and_changes_nothing,
     a_load_beside_an_unloaded_library_is_refused,
     a_library_is_looked_for_by_processor_and_c_library].

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
    passes(prop_nif:prop_terms()).

%% The message is plain, so that the policy needs its addresses.
addresses_of_a_wrong_kind_are_refused(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    Alice = jid:decode(<<"alice@a.test/phone">>),
    [?assertError(badarg, undecoded:judge(Policy, plain(), From, To))
     || {From, To} <- [{alice, Alice}, {Alice, <<"bob@a.test">>}, {undefined, undefined}]].

random_stanzas_never_crash_the_machine(_) ->
    passes(prop_nif:prop_stanzas()).

random_options_are_a_policy_or_an_error(_) ->
    passes(prop_nif:prop_options()).

%% The option, what was found, and what was expected.
a_wrong_option_value_is_named_and_explained(_) ->
    Duration = "expected a duration such as `14 days`",
    [begin
         {error, {Named, Problem}} =
             mod_e2e_policy_nif:new_policy(#{group => required, Option => Wrong}),
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
                 {direct, #{<<"a">> => b}, ["`a`", "expected one of `none`"]},
                 {accepted_schemes, [omemo, -1], ["-1", "expected"]},
                 {whitelist, [1.5], ["1[.]5", "expected"]},
                 {whitelist, [1 bsl 80], ["e.24", "expected"]},
                 {outer_body, [], ["sequence", "expected"]}]],
    ?assertMatch({ok, _}, mod_e2e_policy_nif:new_policy(#{grace_period => 1 bsl 31})).

%% Among them lists that are nested too deeply to be read on a small stack.
terms_that_no_configuration_can_have_are_refused(_) ->
    Nested = lists:foldl(fun(_, Inner) -> [Inner] end, [], lists:seq(1, 1_000_000)),
    [?assertError(badarg, mod_e2e_policy_nif:new_policy(Wrong))
     || Wrong <- [#{direct => {required}}, #{direct => self()}, #{grace_period => make_ref()},
                  #{grace_period => {14, days}}, #{whitelist => [<<"a@a.test">> | <<"b@a.test">>]},
                  #{1 => 2}, #{<<255>> => b}, #{direct => <<255>>},
                  #{direct => <<1:7>>}, #{whitelist => Nested}, Nested]].

%% It takes so long to make that Erlang would report a process which did it on a normal scheduler.
a_large_policy_blocks_no_scheduler(_) ->
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
    passes(prop_nif:prop_views()).

%% The stream parser does not resolve a prefix that was bound on the stream header. A text with such
%% a prefix is no well-formed XML.
a_name_with_an_unresolved_prefix_is_content_when_it_holds_text(_) ->
    Message = fun(Children) -> #xmlel{name = <<"message">>, children = Children} end,
    Prefixed = fun(Text) -> #xmlel{name = <<"c:body">>, children = [{xmlcdata, Text}]} end,
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    ?assertMatch({{violation, plain, _, _}, keep, _},
                 judged(Policy, Message([Prefixed(<<"hi">>)]))),
    ?assertMatch({allow, keep, nothing}, judged(Policy, Message([Prefixed(<<" ">>)]))),
    %% Any element in the namespace of chat states is allowed, but not one with such a prefix.
    ChatStates = [{<<"xmlns">>, <<"http://jabber.org/protocol/chatstates">>}],
    ChatState = (Prefixed(<<"hi">>))#xmlel{attrs = ChatStates},
    ?assertMatch({{violation, plain, _, _}, keep, _}, judged(Policy, Message([ChatState]))),
    ?assertMatch({error, _}, explained(<<"<message><c:body>hi</c:body></message>">>)).

hostile_stanzas_are_judged_or_refused(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    Message = fun(Children) -> #xmlel{name = <<"message">>, children = Children} end,
    Long = binary:copy(<<"a">>, 200_000),
    Nested = lists:foldl(fun(_, El) -> #xmlel{name = <<"body">>, children = [El]} end,
                         {xmlcdata, <<"hi">>}, lists:seq(1, 1000)),
    Unknown = #xmlel{name = <<"a">>, attrs = [{<<"xmlns">>, <<"urn:a">>}]},
    Body = fun(Text) -> #xmlel{name = <<"body">>, children = [{xmlcdata, Text}]} end,
    Refused = [lists:duplicate(10_000, Unknown),
               [Nested],
               [Body(binary:copy(<<"hi">>, 5_000_000))],
               [Body(<<255, 254, 0, 128>>)],
               [#xmlel{name = <<"openpgp">>, attrs = [{<<"xmlns">>, <<"urn:xmpp:openpgp:0">>}],
                       children = [{xmlcdata, binary:copy(<<"wcBM">>, 1_000_000)}]}]],
    [?assertMatch({{violation, plain, _, _}, keep, _}, judged(Policy, Message(Children)))
     || Children <- Refused],
    Tagged = fun(Namespace, Name) ->
                     [#xmlel{name = <<"encryption">>,
                             attrs = [{<<"xmlns">>, <<"urn:xmpp:eme:0">>},
                                      {<<"namespace">>, Namespace}, {<<"name">>, Name}]},
                      #xmlel{name = Long, attrs = [{<<"xmlns">>, Namespace}]},
                      Body(<<"hi">>)]
             end,
    [?assertMatch({{violation, plain, _, _}, keep, _},
                  judged(Policy, Message(Tagged(Namespace, Name))))
     || {Namespace, Name} <- [{Long, <<"MLS">>}, {<<"urn:a">>, Long}]],
    {{violation, unacceptable, Scheme, direct}, keep, other} =
        judged(Policy, Message(Tagged(<<"urn:a">>, binary:part(Long, 0, 190)))),
    ?assert(byte_size(Scheme) < 100).

%% ejabberd's parser makes none of them, but another module of the server could.
malformed_terms_count_as_text(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    Address = fun jid:decode/1,
    Judged = fun(Subject, Body, Thread, Els) ->
                     mod_e2e_policy_nif:judge(Policy, chat, Subject, Body, Thread, Els,
                                              Address(<<"a@a.test">>), Address(<<"b@b.test">>))
             end,
    Text = fun(Data) -> #text{data = Data} end,
    Body = fun(Children) -> [#xmlel{name = <<"body">>, children = Children}] end,
    ?assertMatch({allow, keep, nothing}, Judged([], [], undefined, [])),
    [?assertMatch({{violation, plain, _, _}, keep, _}, Judged(Subject, Texts, Thread, Els), Els)
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

%% Runs it twice: no call may make an atom, but in the first run code is loaded, which has atoms.
passes(Property) ->
    Options = [quiet, {numtests, 500}, {max_size, 20}],
    ?assertEqual(true, proper:quickcheck(Property, Options)),
    Atoms = erlang:system_info(atom_count),
    ?assertEqual(true, proper:quickcheck(Property, Options)),
    ?assertEqual(Atoms, erlang:system_info(atom_count)).

%%%-------------------------------------------------------------------
%%% Text
%%%-------------------------------------------------------------------

%% To free a tree of so many levels would crash the node.
text_of_any_depth_is_answered_within_a_second(_) ->
    [begin
         {Time, Answer} = timer:tc(fun() -> explained(nested(Levels)) end),
         Problem = <<"found more than 256 levels of nested elements, expected at most 256">>,
         ?assertEqual({error, Problem}, Answer),
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
    [From, To] = [jid:decode(Jid) || Jid <- [<<"alice@a.test/phone">>, <<"bob@b.test">>]],
    mod_e2e_policy_nif:explain(Policy, Text, {From, To, false},
                               {{required, required, required}, none, published, verified,
                                <<"en">>}, none, 0).

%%%-------------------------------------------------------------------
%%% Memory
%%%-------------------------------------------------------------------

%% If they were not freed, 2000 policies of half a megabyte would take a gigabyte.
thousands_of_policies_are_collected(_) ->
    Large = #{message_plain_required_direct => binary:copy(<<"{{encrypt}} ">>, 50_000)},
    [with_policy(Large, fun(_) -> ok end) || _ <- lists:seq(1, 50)],
    Before = resident_pages(),
    [with_policy(Large, fun(_) -> ok end) || _ <- lists:seq(1, 2000)],
    ?assert((resident_pages() - Before) * 4096 < 100_000_000).

a_policy_outlives_the_process_that_made_it(_) ->
    Policy = with_policy(#{direct => required}, fun(Made) -> Made end),
    ?assertMatch({{violation, plain, <<"none">>, direct}, keep, _}, judged(Policy)).

%% Makes a policy in another process, and returns what the function returns for it.
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
    ?assertMatch({{violation, plain, <<"none">>, direct}, keep, _}, judged(Policy)).

%% Otherwise the module would run without its library. Calls fail until the old code is purged, then
%% the module is loaded with the library again.
a_load_beside_an_unloaded_library_is_refused(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    true = code:delete(mod_e2e_policy_nif),
    ?assertEqual({error, on_load_failure}, code:ensure_loaded(mod_e2e_policy_nif)),
    ?assertError(undef, judged(Policy)),
    true = code:soft_purge(mod_e2e_policy_nif),
    ?assertError(badarg, judged(Policy)),
    ?assertEqual(ok, mod_e2e_policy_nif:status()),
    {ok, New} = mod_e2e_policy_nif:new_policy(#{direct => required}),
    ?assertMatch({{violation, plain, <<"none">>, direct}, keep, _}, judged(New)).

%% The names that Erlang has of its architecture in Debian, in Alpine, and where it was configured
%% by hand.
a_library_is_looked_for_by_processor_and_c_library(_) ->
    [?assertEqual({Architecture, Machines},
                  {Architecture, mod_e2e_policy_nif:machines(Architecture)})
     || {Architecture, Machines} <-
            [{"x86_64-pc-linux-gnu", ["x86_64-linux-gnu"]},
             {"aarch64-unknown-linux-gnu", ["aarch64-linux-gnu"]},
             {"x86_64-alpine-linux-musl", ["x86_64-linux-musl"]},
             {"aarch64-linux-musl", ["aarch64-linux-musl"]},
             {"arm-unknown-linux-gnueabihf", ["arm-linux-musl", "arm-linux-gnu"]},
             {"x86_64-unknown-linux", ["x86_64-linux-musl", "x86_64-linux-gnu"]},
             {"x86_64", ["x86_64-linux-musl", "x86_64-linux-gnu"]}]].

judged(Policy) ->
    judged(Policy, plain()).

plain() ->
    #xmlel{name = <<"message">>,
           children = [#xmlel{name = <<"body">>, children = [{xmlcdata, <<"hi">>}]}]}.

judged(Policy, Stanza) ->
    undecoded:judge(Policy, Stanza, jid:decode(<<"alice@a.test/phone">>),
                    jid:decode(<<"bob@a.test">>)).
