%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What a session waits for when its user writes to another server: nothing, but for a message that
%% the policy does not accept, and then not for long.
-module(waiting_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([an_encrypted_message_waits_for_no_connection/1,
         a_message_in_the_clear_is_refused_if_the_connection_is_not_made_in_time/1,
         the_servers_of_recipients_inside_a_multicast_message_are_asked/1,
         ejabberd_says_that_a_server_cannot_be_reached/1,
         nothing_waits_while_nothing_is_asked_of_connections/1,
         nothing_waits_for_a_message_that_is_exempt/1]).

-include("fxml.hrl").
-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(ASKS, <<"asks.test">>).
-define(FREE, <<"free.test">>).
%% Sessions wait for five seconds.
-define(SOON, 4_000).

suite() ->
    [{timetrap, {minutes, 1}}].

all() ->
    [an_encrypted_message_waits_for_no_connection,
     a_message_in_the_clear_is_refused_if_the_connection_is_not_made_in_time,
     the_servers_of_recipients_inside_a_multicast_message_are_asked,
     ejabberd_says_that_a_server_cannot_be_reached,
     nothing_waits_while_nothing_is_asked_of_connections,
     nothing_waits_for_a_message_that_is_exempt].

init_per_suite(Config) ->
    Policies = #{?ASKS => #{direct => none, s2s_unverified => required,
                            exempt => [#{allow => #{user => <<"nurse@asks.test">>}}]},
                 ?FREE => #{direct => required, s2s_unverified => none, testing => true}},
    Settings = #{s2s_access => all, s2s_use_starttls => optional},
    [{server, server:started(Policies, Settings)} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

an_encrypted_message_waits_for_no_connection(Config) ->
    {Socket, Domain} = silent_server(),
    Juliet = connect(Config, ?ASKS),
    client:send(Juliet, omemo(Domain)),
    ?assertEqual([], answers_soon(Juliet)),
    {ok, _} = gen_tcp:accept(Socket, ?SOON).

%% What the connection is cannot be had, so that it counts as not verified.
a_message_in_the_clear_is_refused_if_the_connection_is_not_made_in_time(Config) ->
    {_Socket, Domain} = silent_server(),
    Juliet = connect(Config, ?ASKS),
    client:send(Juliet, plain(Domain)),
    Answers = exchange:answers(client:messages(Juliet)),
    ?assertMatch([{error, <<"policy-violation">>, _}, {message, _}], Answers),
    [{error, _, Text}, {message, Text}] = Answers,
    Unverified = <<"The connection to ", Domain/binary, " is not protected by a valid">>,
    ?assertNotEqual(nomatch, string:find(Text, Unverified)).

the_servers_of_recipients_inside_a_multicast_message_are_asked(Config) ->
    {_Socket, Domain} = silent_server(),
    Juliet = connect(Config, ?ASKS),
    Romeo = ["<address type='bcc' jid='romeo@", Domain, "'/>"],
    Nurse = "<address type='to' jid='nurse@asks.test'/>",
    client:send(Juliet, multicast([Nurse, Romeo])),
    ?assertMatch([{error, <<"policy-violation">>, _}, _],
                 exchange:answers(client:messages(Juliet))),
    client:send(Juliet, multicast(Nurse)),
    ?assertEqual([], answers_soon(Juliet)).

ejabberd_says_that_a_server_cannot_be_reached(Config) ->
    {Socket, Domain} = silent_server(),
    ok = gen_tcp:close(Socket),
    Juliet = connect(Config, ?ASKS),
    client:send(Juliet, plain(Domain)),
    server:until(fun() ->
                         [Condition || {error, Condition, _}
                                           <- exchange:answers(client:messages(Juliet))]
                             =:= [<<"remote-server-timeout">>]
                 end).

nothing_waits_while_nothing_is_asked_of_connections(Config) ->
    {_Socket, Domain} = silent_server(),
    Juliet = connect(Config, ?FREE),
    client:send(Juliet, plain(Domain)),
    ?assertEqual([], answers_soon(Juliet)).

nothing_waits_for_a_message_that_is_exempt(Config) ->
    {_Socket, Domain} = silent_server(),
    Nurse = client:connect(?config(server, Config), <<"nurse@asks.test/phone">>),
    client:send(Nurse, plain(Domain)),
    ?assertEqual([], answers_soon(Nurse)).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

%% One that takes connections and says nothing. Its domain is an address, which needs no DNS.
silent_server() ->
    Address = {127, rand:uniform(254), rand:uniform(254), rand:uniform(254)},
    {ok, Socket} = gen_tcp:listen(5269, [{ip, Address}, {reuseaddr, true}]),
    {Socket, list_to_binary(inet:ntoa(Address))}.

connect(Config, Host) ->
    Name = client:unique_name("juliet"),
    client:connect(?config(server, Config), <<Name/binary, "@", Host/binary, "/phone">>).

%% The answers to what was sent before, if the session does not wait.
answers_soon(Client) ->
    Start = erlang:monotonic_time(millisecond),
    Answers = exchange:answers(client:messages(Client)),
    ?assert(erlang:monotonic_time(millisecond) - Start < ?SOON),
    Answers.

plain(Domain) ->
    ["<message type='chat' to='romeo@", Domain, "'><body>Hello</body></message>"].

multicast(Addresses) ->
    ["<message to='multicast.", ?ASKS, "'><addresses xmlns='http://jabber.org/protocol/address'>",
     Addresses, "</addresses><body>Hello</body></message>"].

omemo(Domain) ->
    #xmlel{attrs = Attributes} = El =
        fxml_stream:parse_element(corpus:xml(<<"slixmpp-omemo-2-2-0-003">>)),
    To = lists:keystore(<<"to">>, 1, Attributes, {<<"to">>, <<"romeo@", Domain/binary>>}),
    fxml:element_to_binary(El#xmlel{attrs = lists:keydelete(<<"from">>, 1, To)}).
