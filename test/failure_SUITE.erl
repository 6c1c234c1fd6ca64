%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What happens when something fails after the hook was called, or the native library is missing.
%% Each case damages the server of its group a little more, so the order of the cases matters.
-module(failure_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2, end_per_testcase/2]).
-export([deleted_files_are_not_needed/1,
         a_crash_in_the_effect_is_an_internal_error/1,
         a_crash_in_the_look_up_of_keys_is_an_internal_error/1,
         a_message_is_refused_even_when_its_sender_cannot_be_told/1,
         a_crash_in_the_store_is_an_internal_error/1,
         an_invalid_policy_is_an_internal_error/1,
         a_policy_that_cannot_be_found_is_an_internal_error/1,
         a_failed_group_message_to_a_user_has_the_level_of_direct_ones/1,
         a_message_is_refused_even_when_its_chat_is_unknown/1,
         a_malformed_body_counts_as_text/1,
         a_message_without_a_sender_is_refused/1,
         a_crash_in_the_decision_is_an_internal_error/1,
         an_invalid_decision_is_an_internal_error/1,
         the_log_says_what_failed_and_nothing_of_the_message/1]).
-export([without_an_answer_of_the_store_required_encryption_is_enforced/1,
         with_a_read_only_store_required_encryption_is_enforced/1,
         the_log_says_why_and_nothing_of_the_messages/1]).
-export([a_crash_in_the_check_of_a_certificate_leaves_a_connection_unverified/1,
         a_crash_in_the_answer_of_a_connection_counts_as_unverified/1,
         a_crash_in_the_verdict_about_a_connection_refuses_it/1,
         a_crash_in_the_verdict_about_a_stanza_drops_it/1,
         the_log_says_what_failed_and_nothing_of_the_stanzas/1]).
-export([a_failure_refuses_what_comes_in_where_encryption_is_required/1,
         a_failure_refuses_strangers_in_rooms_where_encryption_is_required/1,
         a_failure_refuses_private_messages_in_rooms_where_encryption_is_required/1,
         a_message_is_refused_even_when_a_stranger_cannot_be_told/1,
         a_stranger_who_cannot_be_warned_is_not_refused/1,
         without_a_policy_what_comes_in_is_refused_where_encryption_is_required/1,
         what_comes_in_is_refused_even_when_the_policy_cannot_be_found/1,
         failures_of_what_comes_in_disturb_nobody/1,
         an_invalid_judgement_of_what_comes_in_is_a_failure/1,
         the_log_says_what_failed_of_what_came_in_and_nothing_of_it/1]).
-export([a_panic_is_an_internal_error/1,
         thousands_of_panics_disturb_no_other_session/1,
         panics_leak_no_memory/1,
         the_log_says_that_it_panicked/1,
         standard_error_says_where_it_panicked/1,
         a_library_that_panicked_can_be_replaced/1,
         a_policy_of_an_older_library_is_an_internal_error/1]).
%% In the server
-export([panics/3, misshape/1, without_sender/1]).
-export([a_server_without_a_working_library_does_not_start/1,
         a_server_with_a_truncated_library_does_not_start/1,
         of_libraries_side_by_side_the_one_for_this_machine_is_loaded/1,
         without_a_library_for_this_machine_the_log_names_what_was_looked_for/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("xmpp.hrl").

-define(REQUIRED, <<"required.test">>).
-define(OPTIONAL, <<"optional.test">>).
-define(NONE, <<"none.test">>).
-define(PEOPLE, <<"people.test">>).
-define(REFUSING, <<"refusing.test">>).
%% A required policy that asks the store.
-define(MNESIA, <<"mnesia.test">>).
-define(SQL, <<"sql.test">>).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [{group, behind_the_hook}, {group, stores}, {group, connections}, {group, received},
     {group, panics},
     a_server_without_a_working_library_does_not_start,
     a_server_with_a_truncated_library_does_not_start,
     of_libraries_side_by_side_the_one_for_this_machine_is_loaded,
     without_a_library_for_this_machine_the_log_names_what_was_looked_for].

groups() ->
    [{behind_the_hook, [], [deleted_files_are_not_needed,
                            a_crash_in_the_effect_is_an_internal_error,
                            a_crash_in_the_look_up_of_keys_is_an_internal_error,
                            a_message_is_refused_even_when_its_sender_cannot_be_told,
                            a_crash_in_the_store_is_an_internal_error,
                            an_invalid_policy_is_an_internal_error,
                            a_policy_that_cannot_be_found_is_an_internal_error,
                            a_failed_group_message_to_a_user_has_the_level_of_direct_ones,
                            a_message_is_refused_even_when_its_chat_is_unknown,
                            a_malformed_body_counts_as_text,
                            a_message_without_a_sender_is_refused,
                            a_crash_in_the_decision_is_an_internal_error,
                            an_invalid_decision_is_an_internal_error,
                            the_log_says_what_failed_and_nothing_of_the_message]},
     {stores, [], [without_an_answer_of_the_store_required_encryption_is_enforced,
                   with_a_read_only_store_required_encryption_is_enforced,
                   the_log_says_why_and_nothing_of_the_messages]},
     {connections, [], [a_crash_in_the_check_of_a_certificate_leaves_a_connection_unverified,
                        a_crash_in_the_answer_of_a_connection_counts_as_unverified,
                        a_crash_in_the_verdict_about_a_connection_refuses_it,
                        a_crash_in_the_verdict_about_a_stanza_drops_it,
                        the_log_says_what_failed_and_nothing_of_the_stanzas]},
     {received, [], [a_failure_refuses_what_comes_in_where_encryption_is_required,
                     a_failure_refuses_strangers_in_rooms_where_encryption_is_required,
                     a_failure_refuses_private_messages_in_rooms_where_encryption_is_required,
                     a_message_is_refused_even_when_a_stranger_cannot_be_told,
                     a_stranger_who_cannot_be_warned_is_not_refused,
                     without_a_policy_what_comes_in_is_refused_where_encryption_is_required,
                     what_comes_in_is_refused_even_when_the_policy_cannot_be_found,
                     failures_of_what_comes_in_disturb_nobody,
                     an_invalid_judgement_of_what_comes_in_is_a_failure,
                     the_log_says_what_failed_of_what_came_in_and_nothing_of_it]},
     {panics, [], [a_panic_is_an_internal_error,
                   thousands_of_panics_disturb_no_other_session,
                   panics_leak_no_memory,
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
init_per_group(connections, Config) ->
    case rig:is_possible() of
        true ->
            #{ours := Server} = Rig = rig:started(#{?NONE => #{direct => none},
                                                    ?REFUSING => #{direct => none,
                                                                   s2s_unverified => refuse}}),
            [{server, Server}, {rig, Rig} | Config];
        false ->
            {skip, "this machine gives no process file systems of its own"}
    end;
init_per_group(received, Config) ->
    case rig:is_possible() of
        true ->
            #{ours := Server} = Rig = rig:started(received_policies()),
            [{server, Server}, {rig, Rig} | Config];
        false ->
            {skip, "this machine gives no process file systems of its own"}
    end;
init_per_group(panics, Config) ->
    Server = #{dir := Dir} = server:new(policies()),
    Folder = release:copy(Dir ++ "/panicking"),
    release:put_library(release:library(panicking), Folder),
    {0, _} = server:start(Server, Folder),
    [{server, Server}, {folder, Folder} | Config].

end_per_group(Group, Config) when Group =:= connections; Group =:= received ->
    rig:stop(?config(rig, Config));
end_per_group(_, Config) ->
    server:stop(?config(server, Config)).

policies() ->
    #{?REQUIRED => #{direct => required, group => required},
      ?OPTIONAL => #{direct => optional, group => optional},
      ?NONE => #{direct => none, group => none},
      ?PEOPLE => #{direct => required, group => none},
      ?MNESIA => #{direct => required, grace_period => <<"14 days">>}}.

%% Nothing is asked of users here.
received_policies() ->
    Lax = #{direct => none, group => none, message_incoming => <<"encrypt!">>,
            message_plain_required_group => <<"encrypt!">>},
    #{?REQUIRED => Lax#{incoming => required, rooms => required},
      ?OPTIONAL => Lax#{s2s_unverified => optional, rooms => optional},
      ?NONE => Lax#{s2s_unverified => required}}.

%% The mock of the native module stays to the end, because the library cannot be loaded again.
end_per_testcase(_, Config) ->
    case ?config(server, Config) of
        undefined ->
            ok;
        _ ->
            [call(Config, meck, unload, [Module])
             || Module <- call(Config, meck, mocked, []), Module =/= mod_e2e_policy_nif]
    end.

%%%-------------------------------------------------------------------
%%% Failures after the hook was called
%%%-------------------------------------------------------------------

%% As after a removal without a restart, before the first message.
deleted_files_are_not_needed(Config) ->
    #{dir := Dir} = ?config(server, Config),
    Folder = Dir ++ "/mod_e2e_policy",
    ok = file:rename(Folder, Folder ++ ".away"),
    exchange:is_refused(talk(Config, ?REQUIRED)),
    ?assertMatch(#{delivered := true, answers := [{message, _}]}, talk(Config, ?OPTIONAL)),
    ok = file:rename(Folder ++ ".away", Folder).

a_crash_in_the_effect_is_an_internal_error(Config) ->
    call(Config, meck, new, [mod_e2e_policy_effect, [no_link, passthrough]]),
    [begin
         answers(Config, mod_e2e_policy_effect, carry_out, 4, Crash),
         is_refused_for_an_internal_error(talk(Config, ?REQUIRED)),
         exchange:is_delivered(talk(Config, ?OPTIONAL))
     end || Crash <- crashes(Config)].

a_crash_in_the_look_up_of_keys_is_an_internal_error(Config) ->
    call(Config, meck, new, [mod_e2e_policy_recipient, [no_link]]),
    [begin
         answers(Config, mod_e2e_policy_recipient, keys, 4, Crash),
         are_judged_as_plain_text(Config)
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
         %% A warning needs a clock only as long as somebody may be escalated.
         ?assertMatch(#{delivered := true}, talk(Config, ?OPTIONAL))
     end || Crash <- crashes(Config)].

an_invalid_policy_is_an_internal_error(Config) ->
    Policies = policies(Config),
    Each = [maps:map(fun(_Host, _Policy) -> Wrong end, Policies)
            || Wrong <- [none, <<"thesecret">>, #{direct => none}, make_ref()]],
    [begin
         put_policies(Config, Wrong),
         are_judged_as_plain_text(Config)
     end || Wrong <- [none, #{} | Each]],
    make_policies(Config).

%% The modules that find it may be gone before the hook, while the module is uninstalled.
a_policy_that_cannot_be_found_is_an_internal_error(Config) ->
    without_modules_that_find_policies(Config, fun() -> are_judged_as_plain_text(Config) end),
    make_policies(Config).

without_modules_that_find_policies(Config, Test) ->
    traps_for(Config, [{mod_e2e_policy_registry, entry, 1}], Test),
    put_policies(Config, none),
    traps_for(Config, [{mod_e2e_policy_swap, wait, 0}], Test).

a_failed_group_message_to_a_user_has_the_level_of_direct_ones(Config) ->
    put_policies(Config, none),
    is_refused_for_an_internal_error(group_message(Config, ?PEOPLE)),
    make_policies(Config).

a_message_is_refused_even_when_its_chat_is_unknown(Config) ->
    Hosts = call(Config, persistent_term, get, [mod_e2e_policy_chat]),
    ok = call(Config, persistent_term, put, [mod_e2e_policy_chat, none]),
    ?assertMatch(#{delivered := false}, group_message(Config, ?REQUIRED)),
    ok = call(Config, persistent_term, put, [mod_e2e_policy_chat, Hosts]).

%% As the record of another version of ejabberd might be.
a_malformed_body_counts_as_text(Config) ->
    server:load_module(?config(server, Config), ?MODULE),
    Hook = [user_send_packet, ?REQUIRED, ?MODULE, misshape, 29],
    ok = call(Config, ejabberd_hooks, add, Hook),
    exchange:is_refused(talk(Config, ?REQUIRED)),
    ok = call(Config, ejabberd_hooks, delete, Hook).

misshape({#message{body = [#text{data = Data}]} = Message, State}) ->
    {Message#message{body = [{text, Data}]}, State};
misshape(Acc) ->
    Acc.

%% Nobody can be told, and no level can be found out.
a_message_without_a_sender_is_refused(Config) ->
    server:load_module(?config(server, Config), ?MODULE),
    [begin
         Hook = [user_send_packet, Host, ?MODULE, without_sender, 29],
         ok = call(Config, ejabberd_hooks, add, Hook),
         ?assertMatch(#{delivered := false}, talk(Config, Host)),
         ok = call(Config, ejabberd_hooks, delete, Hook)
     end || Host <- [?REQUIRED, ?OPTIONAL]].

without_sender({#message{body = [_ | _]} = Message, State}) ->
    {Message#message{from = undefined}, State};
without_sender(Acc) ->
    Acc.

a_crash_in_the_decision_is_an_internal_error(Config) ->
    call(Config, meck, new, [mod_e2e_policy_nif, [no_link]]),
    [begin
         answers(Config, mod_e2e_policy_nif, judge, 8, Crash),
         are_judged_as_plain_text(Config)
     end || Crash <- crashes(Config)].

an_invalid_decision_is_an_internal_error(Config) ->
    [begin
         answers(Config, mod_e2e_policy_nif, judge, 8, call(Config, meck, val, [Judgement])),
         answers(Config, mod_e2e_policy_nif, decide, 6, call(Config, meck, val, [Decision])),
         are_judged_as_plain_text(Config)
     end || {Judgement, Decision} <-
                [{Wrong, start_clock}
                 || Wrong <- [ok, allow, {allow}, {allow, keep}, {allow, perhaps, nothing},
                              {allow, keep, thesecret}, {exempt, keep, 7}, []]]
                ++ [{{{violation, plain, <<"none">>, direct}, keep, plaintext}, Wrong}
                    || Wrong <- [thesecret, {warn, plain, 7}, {reject, plain}, start_clock]]].

%% One line for each failure, written by the module, and no line of ejabberd about a hook that
%% failed.
the_log_says_what_failed_and_nothing_of_the_message(Config) ->
    Errors = errors_in_the_log(Config),
    ?assert(length(Errors) > 40),
    ?assertEqual([], [Line || Line <- Errors, re:run(Line, line()) =:= nomatch]),
    the_log_has_nothing_of_the_messages(Config).

errors_in_the_log(Config) ->
    [Line || Line <- server:log_lines(?config(server, Config)),
             binary:match(Line, <<"[error]">>) =/= nomatch].

the_log_has_nothing_of_the_messages(Config) ->
    ?assertEqual(nomatch, binary:match(server:log(?config(server, Config)), <<"thesecret">>)).

line() ->
    "E2EE policy of [a-z]+[.]test failed \\((error|exit|throw):[a-z_]+ in .+:.+/[0-9]+\\): "
        "message (refused|delivered)$".

%% All ways to fail, with terms that could have a part of the message in them.
crashes(Config) ->
    [call(Config, meck, raise, [Class, Reason])
     || {Class, Reason} <- [{error, {badmatch, <<"thesecret">>}}, {error, badarg},
                            {exit, {shutdown, <<"thesecret">>}}, {exit, normal},
                            {exit, {timeout, {gen_server, call, [self(), <<"thesecret">>]}}},
                            {exit, {noproc, {p1_fsm, call, [<<"thesecret">>]}}},
                            {throw, <<"thesecret">>}]].

%% Makes a function of a mocked module return or raise something.
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
    {Alice, Bob} = exchange:alice_and_bob(?config(server, Config), Host),
    exchange:message(Alice, Bob, message(Host, Body)).

%% Sends a group message to a user, as if the user were a room.
group_message(Config, Host) ->
    {Alice, Bob} = exchange:alice_and_bob(?config(server, Config), Host),
    exchange:message(Alice, Bob, ["<message type='groupchat' to='bob@", Host, "/desk'>"
                                  "<body>thesecret</body></message>"]).

message(Host, Body) ->
    ["<message type='chat' to='bob@", Host, "/desk'><body>", Body, "</body></message>"].

call(Config, Module, Function, Arguments) ->
    server:call(?config(server, Config), Module, Function, Arguments).

%%%-------------------------------------------------------------------
%%% Stores
%%%-------------------------------------------------------------------

%% Calls to a worker that is suspended time out, as if its database did not answer.
without_an_answer_of_the_store_required_encryption_is_enforced(Config) ->
    Workers = [Name || Name <- call(Config, erlang, registered, []),
                       re:run(atom_to_list(Name), "^ejabberd_sql_.*sql[.]test") =/= nomatch],
    ?assertNotEqual([], Workers),
    [call(Config, sys, suspend, [Worker]) || Worker <- Workers],
    exchange:is_refused(talk(Config, ?SQL), error, <<"encrypt!">>),
    [call(Config, sys, resume, [Worker]) || Worker <- Workers].

with_a_read_only_store_required_encryption_is_enforced(Config) ->
    {atomic, ok} = call(Config, mnesia, change_table_access_mode, [e2e_policy_grace, read_only]),
    exchange:is_refused(talk(Config, ?MNESIA), error, <<"encrypt!">>).

the_log_says_why_and_nothing_of_the_messages(Config) ->
    Log = server:log(?config(server, Config)),
    [?assertMatch({match, _}, re:run(Log, ["Grace periods of ", Host, " cannot be read or written "
                                           "\\(", Why, "\\):"]))
     || {Host, Why} <- [{?MNESIA, "Mnesia: no_exists"}, {?SQL, "SQL: timeout"}]],
    the_log_has_nothing_of_the_messages(Config).

%%%-------------------------------------------------------------------
%%% Connections to other servers
%%%-------------------------------------------------------------------

%% The peer has authenticated by dialback, in both directions. ejabberd checks no certificate then,
%% so that only the module falls into the trap.
a_crash_in_the_check_of_a_certificate_leaves_a_connection_unverified(Config) ->
    Peer = {prosody, dialback_only},
    call(Config, meck, new, [xmpp_stream_pkix, [no_link, passthrough]]),
    [begin
         rig:forget_connections(?config(rig, Config)),
         answers(Config, xmpp_stream_pkix, authenticate, 2, Crash),
         are_delivered_both_ways(Config, Peer, ?NONE),
         ?assertEqual([{"unverified", "validation-failure"}],
                      lists:usort([{Class, Words} || [_, _, _, Class, _, _, Words]
                                                         <- connections(Config, ?NONE)]))
     end || Crash <- crashes(Config)],
    call(Config, meck, unload, [xmpp_stream_pkix]),
    rig:forget_connections(?config(rig, Config)),
    are_delivered_both_ways(Config, Peer, ?NONE),
    ?assertEqual(["verified"], lists:usort([Class || [_, _, _, Class | _]
                                                         <- connections(Config, ?NONE)])),
    Broken = #{stream_encrypted => true, socket => thesecret},
    ?assertEqual(Broken, call(Config, mod_e2e_policy_peer, vouch, [Broken, <<"a.test">>, <<>>])).

a_crash_in_the_answer_of_a_connection_counts_as_unverified(Config) ->
    Peer = {prosody, trusted},
    Domain = rig:domain(Peer),
    Asked = [call(Config, jid, make, [<<"romeo">>, ?NONE]), [Domain]],
    call(Config, meck, new, [mod_e2e_policy_peer, [no_link, passthrough]]),
    [begin
         rig:forget_connections(?config(rig, Config)),
         answers(Config, mod_e2e_policy_peer, row, 3, Crash),
         [?assertEqual({unverified, Domain}, call(Config, mod_e2e_policy_s2s, connection, Asked))
          || _ <- [new, again]],
         are_delivered_both_ways(Config, Peer, ?NONE),
         ?assertEqual([], connections(Config, ?NONE))
     end || Crash <- crashes(Config)],
    call(Config, meck, unload, [mod_e2e_policy_peer]),
    ?assertEqual(verified, call(Config, mod_e2e_policy_s2s, connection, Asked)).

a_crash_in_the_verdict_about_a_connection_refuses_it(Config) ->
    Peers = [{prosody, trusted}, {prosody, dialback_only}, {prosody, without_starttls},
             {ejabberd, expired}],
    [begin
         call(Config, meck, new, [Module, [no_link, passthrough]]),
         [begin
              rig:forget_connections(?config(rig, Config)),
              [answers(Config, Module, Function, Arity, Crash) || {Function, Arity} <- Functions],
              [is_refused_both_ways(Config, Peer) || Peer <- Refused]
          end || Crash <- crashes(Config)],
         call(Config, meck, unload, [Module])
     end || {Module, Functions, Refused} <-
                [{mod_e2e_policy_peer, [{class, 3}, {is_trusted, 2}], Peers},
                 {mod_e2e_policy_throttle, [{is_due, 3}], tl(tl(Peers))}]],
    rig:forget_connections(?config(rig, Config)),
    are_delivered_both_ways(Config, {prosody, trusted}, ?REFUSING).

a_crash_in_the_verdict_about_a_stanza_drops_it(Config) ->
    call(Config, meck, new, [mod_e2e_policy_peer, [no_link, passthrough]]),
    [begin
         call(Config, meck, delete, [mod_e2e_policy_peer, class, 3]),
         rig:forget_connections(?config(rig, Config)),
         {Romeo, Juliet} = are_delivered_both_ways(Config, {ejabberd, trusted}, ?REFUSING),
         answers(Config, mod_e2e_policy_peer, class, 3, Crash),
         write(Juliet, Romeo),
         server:until(fun() -> [] =:= [Row || ["in" | _] = Row <- connections(Config, ?REFUSING)]
                      end),
         ?assertEqual([], bodies_of(client:messages(Romeo)))
     end || Crash <- crashes(Config)].

%% ejabberd's supervisors report connections that ended before they were told to.
the_log_says_what_failed_and_nothing_of_the_stanzas(Config) ->
    Errors = [Error || Error <- errors_in_the_log(Config),
                       string:find(Error, "SUPERVISOR REPORT") =:= nomatch],
    ?assert(length(Errors) > 40),
    Line = "E2EE policy (of refusing[.]test )?failed "
        "\\((error|exit|throw):[a-z_]+ in .+:.+/[0-9]+\\): "
        "a connection to another server (counts as unverified|is refused)$",
    ?assertEqual([], [Error || Error <- Errors, re:run(Error, Line) =:= nomatch]),
    the_log_has_nothing_of_the_messages(Config).

are_delivered_both_ways(Config, Peer, Host) ->
    {Romeo, Juliet} = romeo_and_juliet(Config, Peer, Host),
    [begin
         write(Sender, Recipient),
         rig:ping(Sender, Domain),
         ?assertEqual({Peer, [<<"thesecret">>]}, {Peer, bodies_of(client:messages(Recipient))})
     end || {Sender, Recipient, Domain} <- [{Romeo, Juliet, rig:domain(Peer)},
                                            {Juliet, Romeo, Host}]],
    {Romeo, Juliet}.

is_refused_both_ways(Config, Peer) ->
    {Romeo, Juliet} = romeo_and_juliet(Config, Peer, ?REFUSING),
    [begin
         write(Sender, Recipient),
         {_, Answer} = rig:ping(Sender, Domain),
         ?assertMatch({Peer, #xmlel{}},
                      {Peer, fxml:get_path_s(Answer, [{elem, <<"error">>},
                                                      {elem, <<"remote-server-timeout">>}])}),
         ?assertEqual({Peer, []}, {Peer, bodies_of(client:messages(Recipient))})
     end || {Sender, Recipient, Domain} <- [{Romeo, Juliet, rig:domain(Peer)},
                                            {Juliet, Romeo, ?REFUSING}]].

romeo_and_juliet(Config, Peer, Host) ->
    #{ours := Ours} = Rig = ?config(rig, Config),
    {client:connect_available(Ours, <<"romeo@", Host/binary, "/phone">>),
     rig:connect(Peer, <<"juliet">>, Rig)}.

write(Sender, Recipient) ->
    client:send(Sender, ["<message type='chat' to='", client:jid(Recipient), "'><body>thesecret"
                         "</body></message>"]).

%% Those that are no errors about a message.
bodies_of(Messages) ->
    [fxml:get_path_s(Message, [{elem, <<"body">>}, cdata])
     || Message <- Messages, fxml:get_tag_attr_s(<<"type">>, Message) =/= <<"error">>].

connections(Config, Host) ->
    {0, Output} = server:ctl(?config(server, Config), ["e2e_policy_s2s_list",
                                                       binary_to_list(Host)]),
    [string:split(Line, "\t", all) || Line <- string:lexemes(Output, "\n")].

%%%-------------------------------------------------------------------
%%% Messages from others
%%%-------------------------------------------------------------------

%% What is called for a message that comes in, until it is refused.
a_failure_refuses_what_comes_in_where_encryption_is_required(Config) ->
    traps_for(Config, [{mod_e2e_policy_chat, has_rooms, 1}, {mod_e2e_policy_stanza, encoded, 1},
                       {mod_e2e_policy_level, exemption, 5}, {mod_e2e_policy_peer, connection, 3}],
              fun() ->
                      is_refused_as_failed(Config, ?REQUIRED, fun sent_to_user/2),
                      is_delivered_as_failed(Config, ?OPTIONAL, fun sent_to_user/2)
              end),
    %% The connection is verified, but that cannot be found out.
    traps_for(Config, [{mod_e2e_policy_peer, connection, 3}],
              fun() -> is_refused_as_failed(Config, ?NONE, fun sent_to_user/2) end).

a_failure_refuses_strangers_in_rooms_where_encryption_is_required(Config) ->
    traps_for(Config, [{mod_e2e_policy_stanza, encoded, 1}, {mod_e2e_policy_level, exemption, 5}],
              fun() ->
                      is_refused_as_failed(Config, ?REQUIRED, fun sent_to_room/2),
                      is_delivered_as_failed(Config, ?OPTIONAL, fun sent_to_room/2)
              end).

a_failure_refuses_private_messages_in_rooms_where_encryption_is_required(Config) ->
    traps_for(Config, [{mod_e2e_policy_stanza, encoded, 1}, {mod_e2e_policy_rooms, level, 2}],
              fun() ->
                      is_refused_as_failed(Config, ?REQUIRED, fun sent_to_occupant/2),
                      is_delivered_as_failed(Config, ?OPTIONAL, fun sent_to_occupant/2)
              end).

a_message_is_refused_even_when_a_stranger_cannot_be_told(Config) ->
    traps_for(Config, [{mod_e2e_policy_stanza, policy_violation, 3}],
              fun() ->
                      [?assertEqual(#{delivered => false, answers => [], failed => 1},
                                    Send(Config, ?REQUIRED))
                       || Send <- [fun sent_to_user/2, fun sent_to_room/2, fun sent_to_occupant/2]]
              end).

a_stranger_who_cannot_be_warned_is_not_refused(Config) ->
    traps_for(Config, [{mod_e2e_policy_warned, is_due_in_room, 4},
                       {mod_e2e_policy_stanza, notice, 4}],
              fun() -> is_delivered_as_failed(Config, ?OPTIONAL, fun sent_to_room/2) end).

without_a_policy_what_comes_in_is_refused_where_encryption_is_required(Config) ->
    [begin
         put_policies(Config, Wrong),
         what_comes_in_is_judged_without_a_policy(Config)
     end || Wrong <- [none, #{}, #{?REQUIRED => <<"thesecret">>, ?OPTIONAL => make_ref()}]],
    make_policies(Config, received_policies()).

what_comes_in_is_judged_without_a_policy(Config) ->
    [begin
         ?assertMatch({_, #{delivered := false, answers := [{error, <<"policy-violation">>, _}]}},
                      {Send, Send(Config, ?REQUIRED)}),
         ?assertMatch({_, #{delivered := true, answers := []}}, {Send, Send(Config, ?OPTIONAL)})
     end || Send <- [fun sent_to_user/2, fun sent_to_room/2, fun sent_to_occupant/2]].

what_comes_in_is_refused_even_when_the_policy_cannot_be_found(Config) ->
    without_modules_that_find_policies(
      Config, fun() -> what_comes_in_is_judged_without_a_policy(Config) end),
    make_policies(Config, received_policies()).

%% The connection to the other server remains, and so do sessions here.
failures_of_what_comes_in_disturb_nobody(Config) ->
    {Eve, Bob} = eve_and_bob(Config, ?REQUIRED),
    {Alice, Romeo} = exchange:alice_and_bob(?config(server, Config), ?NONE),
    Streams = fun() -> [Pid || {_, Pid, _, _} <- call(Config, supervisor, which_children,
                                                      [ejabberd_s2s_in_sup])]
              end,
    rig:ping(Eve, ?REQUIRED),
    Before = lists:sort(Streams()),
    ?assertNotEqual([], Before),
    traps_for(Config, [{mod_e2e_policy_level, exemption, 5}],
              fun() ->
                      client:send(Eve, received("chat", client:jid(Bob))),
                      rig:ping(Eve, ?REQUIRED),
                      exchange:is_delivered(exchange:message(Alice, Romeo,
                                                             message(?NONE, "thesecret")))
              end),
    ?assertEqual(Before, lists:sort(Streams())).

%% The library crashes, or gives what it never gives.
an_invalid_judgement_of_what_comes_in_is_a_failure(Config) ->
    call(Config, meck, new, [mod_e2e_policy_nif, [no_link]]),
    Violation = {{violation, plain, <<"none">>, direct}, keep, plaintext},
    Gives = fun(Term) -> call(Config, meck, val, [Term]) end,
    Functions = [{Judgement, Gives(exempt)}
                 || Judgement <- crashes(Config)
                        ++ [Gives(Wrong) || Wrong <- [ok, allow, {allow, keep}, [],
                                                      {allow, keep, thesecret}]]]
        ++ [{Gives(Violation), Decision}
            || Decision <- crashes(Config)
                   ++ [Gives(Wrong) || Wrong <- [thesecret, start_clock, {warn, 7}]]],
    [begin
         answers(Config, mod_e2e_policy_nif, judge_received, 8, Judgement),
         answers(Config, mod_e2e_policy_nif, decide, 6, Decision),
         [begin
              is_refused_as_failed(Config, ?REQUIRED, Send),
              is_delivered_as_failed(Config, ?OPTIONAL, Send)
          end || Send <- [fun sent_to_user/2, fun sent_to_room/2]]
     end || {Judgement, Decision} <- Functions].

%% One line for each failure, as for messages of users here.
the_log_says_what_failed_of_what_came_in_and_nothing_of_it(Config) ->
    the_log_says_what_failed_and_nothing_of_the_message(Config).

%% Each function crashes in each way, one after the other.
traps_for(Config, Functions, Test) ->
    [begin
         call(Config, meck, new, [Module, [no_link, passthrough]]),
         [begin
              answers(Config, Module, Function, Arity, Crash),
              Test()
          end || Crash <- crashes(Config)],
         call(Config, meck, unload, [Module])
     end || {Module, Function, Arity} <- Functions].

is_refused_as_failed(Config, Host, Send) ->
    Text = <<"This server could not check whether the message is end-to-end encrypted.">>,
    ?assertEqual(#{delivered => false, answers => [{error, <<"policy-violation">>, Text}],
                   failed => 1}, Send(Config, Host)).

is_delivered_as_failed(Config, Host, Send) ->
    ?assertEqual(#{delivered => true, answers => [], failed => 1}, Send(Config, Host)).

sent_to_user(Config, Host) ->
    {Eve, Bob} = eve_and_bob(Config, Host),
    sent(Config, Host, {Eve, Host}, {Bob, Host}, received("chat", client:jid(Bob))).

sent_to_room(Config, Host) ->
    {Eve, Bob, Room} = eve_and_bob_in_room(Config, Host),
    sent(Config, Host, {Eve, Room}, {Bob, Room}, received("groupchat", Room)).

sent_to_occupant(Config, Host) ->
    {Eve, Bob, Room} = eve_and_bob_in_room(Config, Host),
    sent(Config, Host, {Eve, Room}, {Bob, Room}, received("chat", [Room, "/bob"])).

received(Type, To) ->
    ["<message type='", Type, "' to='", To, "'><body>thesecret</body></message>"].

%% A user of a server with a good certificate, and one here.
eve_and_bob(Config, Host) ->
    Eve = rig:connect({ejabberd, trusted}, client:unique_name("eve"), ?config(rig, Config)),
    Name = client:unique_name("bob"),
    {Eve, client:connect_available(?config(server, Config),
                                   <<Name/binary, "@", Host/binary, "/desk">>)}.

eve_and_bob_in_room(Config, Host) ->
    {Eve, Bob} = eve_and_bob(Config, Host),
    Name = client:unique_name("room"),
    Service = <<"conference.", Host/binary>>,
    Room = <<Name/binary, "@", Service/binary>>,
    client:join(Bob, <<Room/binary, "/bob">>),
    ok = call(Config, mod_muc_admin, change_room_option,
              [Name, Service, <<"anonymous">>, <<"false">>]),
    client:join(Eve, <<Room/binary, "/eve">>),
    client:received(Bob, Room),
    {Eve, Bob, Room}.

%% What becomes of a message, and how often it was counted as failed.
sent(Config, Host, {Eve, AskedByEve}, {Bob, AskedByBob}, Message) ->
    Before = failed(Config, Host),
    client:send(Eve, Message),
    {Stanzas, _} = rig:ping(Eve, AskedByEve),
    Messages = [El || #xmlel{name = <<"message">>} = El <- Stanzas],
    #{delivered => client:messages(Bob, AskedByBob) =/= [], answers => exchange:answers(Messages),
      failed => failed(Config, Host) - Before}.

failed(Config, Host) ->
    try
        Counters = call(Config, mod_e2e_policy_registry, counters, [Host]),
        lists:sum([Count || {{Direction, _, plaintext, failed}, Count}
                                <- call(Config, mod_e2e_policy_counters, totals, [Counters]),
                            Direction =/= sent])
    catch
        %% There are no counters without a policy.
        error:{exception, _, _} -> 0
    end.

%%%-------------------------------------------------------------------
%%% Panics
%%%-------------------------------------------------------------------

%% The bodies at which the library with traps panics.
traps() ->
    [<<"thesecret: panic in ", Step/binary>>
     || Step <- [<<"decode">>, <<"the decision">>, <<"encode">>]].

a_panic_is_an_internal_error(Config) ->
    [begin
         is_refused_for_an_internal_error(talk(Config, ?REQUIRED, Trap)),
         exchange:is_delivered(talk(Config, ?OPTIONAL, Trap))
     end || Trap <- traps()],
    %% Messages without a trap are judged.
    exchange:is_refused(talk(Config, ?REQUIRED, <<"good morning">>)).

%% Four sessions cause 10,000 panics, while other sessions of the same host chat.
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
            exchange:is_refused(talk(Config, ?REQUIRED, <<"good morning">>)),
            talk_until_done(Config, Suite, All, Talks + 1)
    end.

%% Less than 100 octets for each of 100,000.
panics_leak_no_memory(Config) ->
    Server = ?config(server, Config),
    panic_inside(Config, 20_000),
    Before = release:resident(Server),
    panic_inside(Config, 100_000),
    After = release:resident(Server),
    ct:log("resident octets before and after: ~b, ~b", [Before, After]),
    ?assert(After - Before < 10_000_000).

%% By a process of the server.
panic_inside(Config, Times) ->
    server:load_module(?config(server, Config), ?MODULE),
    Policy = call(Config, mod_e2e_policy_registry, policy, [?REQUIRED]),
    [ok = server:call(?config(server, Config), ?MODULE, panics, [Policy, bodies(Trap), Times div 3])
     || Trap <- traps()].

panics(_, _, 0) ->
    ok;
panics(Policy, Bodies, Times) ->
    ?assertError(nif_panicked,
                 mod_e2e_policy_nif:judge(Policy, chat, [], Bodies, undefined, [], alice, bob)),
    panics(Policy, Bodies, Times - 1).

bodies(Text) ->
    [#text{data = Text}].

the_log_says_that_it_panicked(Config) ->
    Errors = errors_in_the_log(Config),
    ?assert(length(Errors) >= 6),
    ?assertEqual([], [Line || Line <- Errors, re:run(Line, line()) =:= nomatch]),
    ?assertMatch({match, _}, re:run(Errors, "error:nif_panicked in mod_e2e_policy_nif:judge/8")),
    the_log_has_nothing_of_the_messages(Config).

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
         exchange:is_refused(talk(Config, ?REQUIRED, Trap)),
         ?assertMatch(#{delivered := true, answers := [_]}, talk(Config, ?OPTIONAL, Trap))
     end || Trap <- traps()],
    server:until(fun() -> not lists:member(Panicking, release:mapped(Server)) end).

%% An older library stays in memory as long as one of its policies. To the library that is in use
%% such a policy is no policy.
a_policy_of_an_older_library_is_an_internal_error(Config) ->
    Server = ?config(server, Config),
    Old = policies(Config),
    call(Config, persistent_term, put, [failure_SUITE, Old]),
    upgrade_library(Server, debug),
    ?assertMatch([_, _], release:mapped(Server)),
    New = policies(Config),
    put_policies(Config, Old),
    are_judged_as_plain_text(Config),
    ?assertMatch({match, _}, re:run(server:log(Server),
                                    "error:badarg in mod_e2e_policy_nif:judge/8")),
    put_policies(Config, New),
    call(Config, persistent_term, erase, [failure_SUITE]),
    server:until(fun() -> length(release:mapped(Server)) =:= 1 end).

policies(Config) ->
    call(Config, persistent_term, get, [mod_e2e_policy_registry]).

%% Makes them again: the server has freed a policy to which only this node refers.
make_policies(Config) ->
    make_policies(Config, policies()).

make_policies(Config, Policies) ->
    put_policies(Config, #{}),
    [begin
         Opts = call(Config, gen_mod, get_module_opts, [Host, mod_e2e_policy]),
         ok = call(Config, mod_e2e_policy, reload, [Host, Opts, Opts])
     end || Host <- maps:keys(Policies)].

put_policies(Config, Policies) ->
    ok = call(Config, persistent_term, put, [mod_e2e_policy_registry, Policies]).

upgrade_library(#{dir := Dir} = Server, Library) ->
    release:put_library(release:library(Library), Dir ++ "/mod_e2e_policy"),
    {0, Output} = server:ctl(Server, ["e2e_policy_upgrade"]),
    ?assertMatch({match, _}, re:run(Output, "replaced the library")).

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
             %% The C library ignores a file for another machine, as if it did not exist.
             {fun claim_to_be_for_another_machine/1, "cannot open shared object file|machine"}]].

%% As an interrupted download leaves it. The C library would map it, and the node would crash.
a_server_with_a_truncated_library_does_not_start(_) ->
    does_not_start_with(fun cut_in_half/1, "truncated|too short|end of file|incomplete").

of_libraries_side_by_side_the_one_for_this_machine_is_loaded(_) ->
    #{dir := Dir} = Server = server:new(#{?REQUIRED => #{}}),
    Build = build_for_machines(Dir),
    {Status, Output} = server:start(Server, Build),
    ct:log("~ts", [Output]),
    ?assertEqual(0, Status),
    {Library, _} = server:call(Server, mod_e2e_policy_nif, library, []),
    server:stop(Server),
    ?assertEqual(release:library_of_this_machine(Dir ++ "/mod_e2e_policy"),
                 filename:absname(Library)).

without_a_library_for_this_machine_the_log_names_what_was_looked_for(_) ->
    #{dir := Dir} = Server = server:new(#{?REQUIRED => #{}}),
    Build = build_for_machines(Dir),
    ok = file:delete(release:library_of_this_machine(Build)),
    {Status, Output} = server:start(Server, Build),
    server:stop(Server),
    ct:log("~ts", [Output]),
    Looked = [release:library_of_this_machine(Dir ++ "/mod_e2e_policy") ++ ": no such file",
              Dir ++ "/mod_e2e_policy/priv/mod_e2e_policy_nif.so: no such file"],
    ?assertEqual({1, []}, {Status, [File || File <- Looked,
                                            string:find(Output, File) =:= nomatch]}).

%% Other machines have files that no linker accepts.
build_for_machines(Dir) ->
    Copy = release:copy(Dir ++ "/machines"),
    Library = release:library_of_this_machine(Copy),
    [begin
         Folder = filename:join([Copy, "priv", Machine]),
         ok = file:make_dir(Folder),
         ok = file:write_file(Folder ++ "/mod_e2e_policy_nif.so", "not a library")
     end || Machine <- ["aarch64-linux-gnu", "aarch64-linux-musl", "x86_64-linux-gnu",
                        "x86_64-linux-musl"]],
    ok = file:rename(Copy ++ "/priv/mod_e2e_policy_nif.so", Library),
    Copy.

does_not_start_with(Damage, Reason) ->
    Server = server:new(#{?REQUIRED => #{}}),
    {Status, Output} = server:start(Server, damaged_build(Server, Damage)),
    server:stop(Server),
    ct:log("~ts", [Output]),
    ?assertEqual({1, match}, {Status, has_reason(Output, Reason)}).

%% The reason is in one line with the path.
has_reason(Output, Reason) ->
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
