%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% One message from a client to another, and what each of them sees of it.
-module(exchange).

%% Alice and Bob
-export([alice_and_bob/2, in_room/3]).
%% The outcome of a message
-export([message/3, message/4, message_abroad/3, answers/1]).
%% Expected outcomes
-export([delivered/0, warned/2, refused/2]).
%% Sentences for test cases
-export([is_delivered/1, is_warned/3, is_refused/1, is_refused/3, is_refused_without_answer/1]).

-export_type([outcome/0]).

-include("fxml.hrl").
-include_lib("stdlib/include/assert.hrl").

%% Of a connection to another server, which may have to be made.
-define(POLLS, 500).

-type answer() :: {message, Text :: binary()}
                | {error, Condition :: binary(), Text :: binary()}.
-type outcome() :: #{delivered := boolean(), answers := [answer()]}.
-type mechanism() :: message | error.

%%%-------------------------------------------------------------------
%%% Alice and Bob
%%%-------------------------------------------------------------------

%% Two sessions on a host: alice@Host/phone and bob@Host/desk.
-spec alice_and_bob(server:server(), Host :: binary()) -> {client:client(), client:client()}.
alice_and_bob(Server, Host) ->
    {client:connect_available(Server, <<"alice@", Host/binary, "/phone">>),
     client:connect_available(Server, <<"bob@", Host/binary, "/desk">>)}.

%% The same two in a room of the host, and its address. The corpus writes to Bob by this nick.
-spec in_room(server:server(), Host :: binary(), Name :: binary()) ->
          {client:client(), client:client(), Room :: binary()}.
in_room(Server, Host, Name) ->
    {Alice, Bob} = alice_and_bob(Server, Host),
    Room = <<Name/binary, "@conference.", Host/binary>>,
    client:join(Bob, <<Room/binary, "/bert">>),
    client:join(Alice, <<Room/binary, "/alice">>),
    client:received(Bob),
    {Alice, Bob, Room}.

%%%-------------------------------------------------------------------
%%% The outcome of a message
%%%-------------------------------------------------------------------

-spec message(client:client(), client:client(), iodata()) -> outcome().
message(Sender, Recipient, Xml) ->
    client:send(Sender, Xml),
    outcome(client:messages(Sender), Recipient).

%% The same through another entity, such as a room: waits until the entity has handled the message.
-spec message(client:client(), client:client(), iodata(), Entity :: binary()) -> outcome().
message(Sender, Recipient, Xml, Entity) ->
    client:send(Sender, Xml),
    outcome(client:messages(Sender, Entity), Recipient).

%% The same to a user of another server: waits until the message has arrived, or an error.
-spec message_abroad(client:client(), client:client(), iodata()) -> outcome().
message_abroad(Sender, Recipient, Xml) ->
    client:send(Sender, Xml),
    abroad(Sender, Recipient, [], ?POLLS).

abroad(Sender, Recipient, Earlier, Polls) when Polls > 0 ->
    Arrived = client:messages(Recipient),
    ToSender = Earlier ++ client:messages(Sender),
    case Arrived =/= [] orelse [error || {error, _, _} <- answers(ToSender)] =/= [] of
        true ->
            #{delivered => Arrived =/= [], answers => answers(ToSender)};
        false ->
            timer:sleep(20),
            abroad(Sender, Recipient, ToSender, Polls - 1)
    end;
abroad(_, _, ToSender, 0) ->
    error({nothing_happens, answers(ToSender)}).

outcome(ToSender, Recipient) ->
    #{delivered => client:messages(Recipient) =/= [], answers => answers(ToSender)}.

%% Errors, and messages from the server itself; a room's messages come from its occupants.
-spec answers([xmlel()]) -> [answer()].
answers(Stanzas) ->
    lists:flatmap(fun answer/1, Stanzas).

answer(El) ->
    IsError = fxml:get_tag_attr_s(<<"type">>, El) =:= <<"error">>,
    IsFromServer = binary:match(fxml:get_tag_attr_s(<<"from">>, El), <<"@">>) =:= nomatch,
    if IsError -> [error_of(fxml:get_subtag(El, <<"error">>))];
       IsFromServer -> [{message, fxml:get_path_s(El, [{elem, <<"body">>}, cdata])}];
       true -> []
    end.

error_of(#xmlel{children = Children} = Error) ->
    [Condition] = [Name || #xmlel{name = Name} <- Children, Name =/= <<"text">>],
    {error, Condition, fxml:get_path_s(Error, [{elem, <<"text">>}, cdata])}.

%%%-------------------------------------------------------------------
%%% Expected outcomes
%%%-------------------------------------------------------------------

-spec delivered() -> outcome().
delivered() ->
    #{delivered => true, answers => []}.

-spec warned(mechanism(), binary()) -> outcome().
warned(message, Text) -> #{delivered => true, answers => [{message, Text}]};
warned(error, Text) -> #{delivered => true, answers => [violation(Text)]}.

-spec refused(mechanism(), binary()) -> outcome().
refused(message, Text) -> #{delivered => false, answers => [violation(Text), {message, Text}]};
refused(error, Text) -> #{delivered => false, answers => [violation(Text)]}.

violation(Text) ->
    {error, <<"policy-violation">>, Text}.

%%%-------------------------------------------------------------------
%%% Sentences for test cases
%%%-------------------------------------------------------------------

-spec is_delivered(outcome()) -> ok.
is_delivered(Outcome) -> ?assertEqual(delivered(), Outcome).

-spec is_warned(outcome(), mechanism(), binary()) -> ok.
is_warned(Outcome, Mechanism, Text) -> ?assertEqual(warned(Mechanism, Text), Outcome).

%% By the policy, with any text.
-spec is_refused(outcome()) -> ok.
is_refused(Outcome) ->
    ?assertMatch(#{delivered := false, answers := [{error, <<"policy-violation">>, _} | _]},
                 Outcome).

-spec is_refused(outcome(), mechanism(), binary()) -> ok.
is_refused(Outcome, Mechanism, Text) -> ?assertEqual(refused(Mechanism, Text), Outcome).

-spec is_refused_without_answer(outcome()) -> ok.
is_refused_without_answer(Outcome) -> ?assertEqual(#{delivered => false, answers => []}, Outcome).
