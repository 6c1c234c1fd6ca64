%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Where a message and its answer can be found afterwards. Each case looks at the same places. The
%% case with an allowed message finds it in all of them, which shows that the search works.
-module(traces_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([an_allowed_message_is_everywhere/1, a_refused_message_is_nowhere/1,
         a_message_with_a_warning_is_everywhere/1]).
-export([an_allowed_message_to_a_room_is_everywhere/1, a_refused_message_to_a_room_is_nowhere/1]).
-export([a_warning_is_with_the_sending_session_only/1,
         a_refusal_is_with_the_sending_session_only/1]).
-export([no_log_has_what_was_said/1]).

-include("fxml.hrl").
-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(PLACES, [alices_archive, alices_other_device, bobs_archive, bobs_other_device, bobs_session,
                 dans_offline_messages, service_log]).
-define(ROOM_PLACES, [bobs_session, room_archive, service_log]).

all() ->
    [an_allowed_message_is_everywhere, a_refused_message_is_nowhere,
     a_message_with_a_warning_is_everywhere,
     an_allowed_message_to_a_room_is_everywhere, a_refused_message_to_a_room_is_nowhere,
     a_warning_is_with_the_sending_session_only, a_refusal_is_with_the_sending_session_only,
     no_log_has_what_was_said].

init_per_suite(Config) ->
    Policy = fun(Level, Mechanism) ->
                     #{direct => Level, group => Level, warn_mechanism => Mechanism,
                       message_plain_optional_direct => <<"theanswer">>,
                       message_plain_required_direct => <<"theanswer">>}
             end,
    Server = server:started(#{<<"none.test">> => Policy(none, message),
                              <<"warned.test">> => Policy(optional, message),
                              <<"refused.test">> => Policy(required, message),
                              <<"warned-by-error.test">> => Policy(optional, error),
                              <<"refused-by-error.test">> => Policy(required, error)}),
    Log = client:kept(fun() -> client:component(Server, <<"log.test">>) end),
    [{server, Server}, {service_log, Log} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Messages
%%%-------------------------------------------------------------------

an_allowed_message_is_everywhere(Config) ->
    ?assertEqual(?PLACES, places_of(<<"thesecret">>, after_a_message(Config, <<"none.test">>))).

a_refused_message_is_nowhere(Config) ->
    [?assertEqual([], places_of(<<"thesecret">>, after_a_message(Config, Host)))
     || Host <- [<<"refused.test">>, <<"refused-by-error.test">>]].

a_message_with_a_warning_is_everywhere(Config) ->
    [?assertEqual(?PLACES, places_of(<<"thesecret">>, after_a_message(Config, Host)))
     || Host <- [<<"warned.test">>, <<"warned-by-error.test">>]].

an_allowed_message_to_a_room_is_everywhere(Config) ->
    ?assertEqual(?ROOM_PLACES,
                 places_of(<<"thesecret">>, after_a_room_message(Config, <<"none.test">>))).

a_refused_message_to_a_room_is_nowhere(Config) ->
    [?assertEqual([], places_of(<<"thesecret">>, after_a_room_message(Config, Host)))
     || Host <- [<<"refused.test">>, <<"refused-by-error.test">>]].

%%%-------------------------------------------------------------------
%%% Answers
%%%-------------------------------------------------------------------

a_warning_is_with_the_sending_session_only(Config) ->
    [the_answer_is_with_the_sending_session_only(after_a_message(Config, Host))
     || Host <- [<<"warned.test">>, <<"warned-by-error.test">>]].

a_refusal_is_with_the_sending_session_only(Config) ->
    [the_answer_is_with_the_sending_session_only(after_a_message(Config, Host))
     || Host <- [<<"refused.test">>, <<"refused-by-error.test">>]].

the_answer_is_with_the_sending_session_only(Places) ->
    ?assertEqual([alices_session], places_of(<<"theanswer">>, Places)),
    ?assertEqual([], places_of(<<"thesecret">>, maps:with([alices_session], Places))).

no_log_has_what_was_said(Config) ->
    [after_a_message(Config, Host) || Host <- [<<"warned.test">>, <<"refused.test">>]],
    Log = server:log(?config(server, Config)),
    ?assertMatch({_, _}, binary:match(Log, <<"refused.test">>)),
    ?assertEqual(nomatch, binary:match(Log, <<"thesecret">>)),
    ?assertEqual(nomatch, binary:match(Log, <<"theanswer">>)).

%%%-------------------------------------------------------------------
%%% The places
%%%-------------------------------------------------------------------

%% The stanzas in each place after Alice's phone has written to Bob, who has two devices, and to
%% Dan, who is offline. Each call makes new accounts, so that their archives are empty at first.
after_a_message(Config, Host) ->
    [Alice, Bob, Dan] = [account(Name, Host) || Name <- ["alice", "bob", "dan"]],
    Server = ?config(server, Config),
    Log = ?config(service_log, Config),
    client:messages(Log),
    [Phone, Tablet] = devices(Server, Alice),
    [BobsPhone, BobsTablet] = devices(Server, Bob),
    client:make_account(Server, Dan),
    client:send(Phone, [message("chat", <<Bob/binary, "/phone">>), message("chat", Dan)]),
    #{alices_session => client:messages(Phone),
      alices_other_device => client:messages(Tablet),
      alices_archive => client:archive(Phone),
      bobs_session => client:messages(BobsPhone),
      bobs_other_device => client:messages(BobsTablet),
      bobs_archive => client:archive(BobsPhone),
      service_log => client:messages(Log),
      dans_offline_messages => client:messages(client:connect(Server, <<Dan/binary, "/desk">>))}.

after_a_room_message(Config, Host) ->
    [Alice, Bob, Room] = [account("alice", Host), account("bob", Host),
                          account("room", <<"conference.", Host/binary>>)],
    Server = ?config(server, Config),
    Log = ?config(service_log, Config),
    client:messages(Log),
    [Phone, _] = devices(Server, Alice),
    [BobsPhone, _] = devices(Server, Bob),
    client:join(Phone, <<Room/binary, "/alice">>),
    client:join(BobsPhone, <<Room/binary, "/bob">>),
    client:send(Phone, message("groupchat", Room)),
    #{alices_session => without_reflection(client:messages(Phone, Room)),
      bobs_session => client:messages(BobsPhone),
      room_archive => client:archive(BobsPhone, Room),
      service_log => client:messages(Log)}.

places_of(Word, Places) ->
    Contains = fun(_, Stanzas) -> binary:match(text_of(Stanzas), Word) =/= nomatch end,
    lists:sort(maps:keys(maps:filter(Contains, Places))).

text_of(Stanzas) ->
    iolist_to_binary([fxml:element_to_binary(El) || El <- Stanzas]).

without_reflection(Stanzas) ->
    [El || El <- Stanzas, fxml:get_tag_attr_s(<<"type">>, El) =/= <<"groupchat">>].

account(Name, Host) ->
    <<(client:unique_name(Name))/binary, "@", Host/binary>>.

devices(Server, Bare) ->
    Devices = [client:connect(Server, <<Bare/binary, Resource/binary>>)
               || Resource <- [<<"/phone">>, <<"/tablet">>]],
    [client:enable_carbons(Device) || Device <- Devices],
    [client:received(Device) || Device <- Devices],
    Devices.

message(Type, To) ->
    ["<message id='m1' type='", Type, "' to='", To, "'><body>thesecret</body></message>"].
