%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What people see of a refusal in real clients, and that their encrypted messages are delivered:
%% slixmpp with its OMEMO plugin, and profanity.
-module(clients_SUITE).

-export([all/0, suite/0, init_per_suite/1, end_per_suite/1]).
-export([slixmpp_gets_an_error_and_a_message_for_a_refusal/1,
         slixmpp_messages_with_omemo_are_delivered/1,
         slixmpp_encrypts_in_a_group_chat/1,
         profanity_shows_a_refusal_and_keeps_the_chat_open/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(HOST, "required.test").
-define(ROOM, <<"team@conference." ?HOST>>).
-define(REFUSAL, <<"Your message to bob@" ?HOST " was not end-to-end encrypted.">>).

all() ->
    [slixmpp_gets_an_error_and_a_message_for_a_refusal,
     slixmpp_messages_with_omemo_are_delivered,
     slixmpp_encrypts_in_a_group_chat,
     profanity_shows_a_refusal_and_keeps_the_chat_open].

suite() ->
    [{timetrap, {minutes, 2}}].

init_per_suite(Config) ->
    Policy = #{direct => required, group => required,
               message_plain_required_direct =>
                   <<"Your message to {recipient} was not end-to-end encrypted.">>},
    Server = server:started(#{<<?HOST>> => Policy}),
    [client:make_account(Server, jid(Name)) || Name <- ["alice", "bob", "dave"]],
    [{server, Server} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

slixmpp_gets_an_error_and_a_message_for_a_refusal(Config) ->
    {Alice, Bob} = {slixmpp("alice", Config), slixmpp("bob", Config)},
    real_client:do(Alice, send_plaintext, #{to => jid("bob"), body => <<"Hi">>}),
    {ToAlice, ToBob} = delivery(Alice, Bob, full_jid("bob")),
    ?assertMatch([#{<<"event">> := <<"error">>, <<"condition">> := <<"policy-violation">>,
                    <<"type">> := <<"modify">>, <<"text">> := ?REFUSAL},
                  #{<<"event">> := <<"notice">>, <<"type">> := <<"chat">>, <<"body">> := ?REFUSAL}],
                 ToAlice),
    ?assertEqual([], ToBob).

slixmpp_messages_with_omemo_are_delivered(Config) ->
    {Alice, Bob} = {slixmpp("alice", Config), slixmpp("bob", Config)},
    real_client:do(Alice, send_omemo, #{to => jid("bob"), body => <<"Hi">>}),
    {ToAlice, ToBob} = delivery(Alice, Bob, full_jid("bob")),
    ?assertEqual([], ToAlice),
    ?assertMatch([#{<<"body">> := <<"Hi">>, <<"encrypted">> := true}], ToBob).

slixmpp_encrypts_in_a_group_chat(Config) ->
    {Alice, Bob} = {slixmpp("alice", Config), slixmpp("bob", Config)},
    real_client:do(Alice, make_room, #{room => ?ROOM, nick => <<"alice">>}),
    real_client:do(Bob, join, #{room => ?ROOM, nick => <<"bob">>}),
    Message = #{to => ?ROOM, body => <<"Hi all">>, type => groupchat},
    Occupant = <<?ROOM/binary, "/bob">>,

    real_client:do(Alice, send_plaintext, Message),
    {Refusal, ToBob} = delivery(Alice, Bob, Occupant),
    ?assertMatch([#{<<"event">> := <<"error">>, <<"from">> := ?ROOM},
                  #{<<"event">> := <<"notice">>}], Refusal),
    ?assertEqual([], ToBob),

    real_client:do(Alice, send_omemo, Message),
    {_, ToBobEncrypted} = delivery(Alice, Bob, Occupant),
    ?assertMatch([#{<<"body">> := <<"Hi all">>, <<"encrypted">> := true}], ToBobEncrypted).

profanity_shows_a_refusal_and_keeps_the_chat_open(Config) ->
    Bob = slixmpp("bob", Config),
    %% Not below the folder of the test run, because the path of a socket has at most 107 bytes.
    Folder = server:temporary_folder(),
    Dave = real_client:start(profanity, [Folder]),
    real_client:do(Dave, go_online, #{jid => jid("dave"), password => <<"secret">>,
                                      port => port(Config)}),
    real_client:do(Dave, type, #{line => <<"/msg ", (jid("bob"))/binary, " In the clear">>}),
    real_client:do(Dave, sees, #{text => ?REFUSAL}),
    real_client:do(Dave, start_omemo, #{jid => jid("bob")}),
    real_client:do(Dave, type, #{line => <<"Encrypted">>}),
    real_client:do(Dave, sees, #{text => <<"~ me: Encrypted">>}),
    real_client:stop(Dave),
    ok = file:del_dir_r(Folder),
    {_, ToBob} = real_client:do(Bob, hears, #{body => <<"Encrypted">>}),
    ?assertMatch([#{<<"body">> := <<"Encrypted">>, <<"encrypted">> := true}], arrived(ToBob)).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

slixmpp(Name, Config) ->
    Client = real_client:start(omemo, [full_jid(Name), <<"secret">>]),
    real_client:do(Client, go_online, #{port => port(Config)}),
    Client.

%% What came to the sender and to the reader until all that was sent has arrived.
delivery(Sender, Reader, AddressOfReader) ->
    {_, ToSender} = real_client:do(Sender, ping, #{jid => AddressOfReader}),
    {_, MoreToSender} = real_client:do(Sender, settle),
    {_, ToReader} = real_client:do(Reader, settle),
    {arrived(ToSender ++ MoreToSender), arrived(ToReader)}.

%% Without the reports of what the client sent itself.
arrived(Events) ->
    [Event || #{<<"event">> := Kind} = Event <- Events, Kind =/= <<"sent">>].

port(Config) ->
    #{port := Port} = ?config(server, Config),
    Port.

jid(Name) ->
    iolist_to_binary([Name, "@" ?HOST]).

full_jid(Name) ->
    <<(jid(Name))/binary, "/suite">>.
