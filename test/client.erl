%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% A raw XMPP client over TCP: it sends XML as it is given and shows every stanza that it gets.
%%
%% Nothing here sleeps. An entity handles what one client sends in order, so the answer to a
%% question that was asked after a stanza proves that the stanza has been dealt with.
-module(client).

%% Sessions
-export([make_account/2, connect/2, log_in/2, connect_anonymous/2, component/2, kept/1, jid/1]).
%% Stanzas
-export([send/2, received/1, received/2, messages/1, messages/2]).
%% What clients do
-export([join/2, enable_carbons/1, archive/1, archive/2, features/1]).

-export_type([client/0]).

-include("fxml.hrl").

-define(PATIENCE, 5000).
-define(PASSWORD, "secret").

-record(client, {socket :: gen_tcp:socket(), parser :: term(), jid :: binary(), host :: binary()}).

-opaque client() :: #client{}.
%% The socket belongs to the process that connected, so a client ends with its test case. Others
%% may use it until then.

%%%-------------------------------------------------------------------
%%% Sessions
%%%-------------------------------------------------------------------

%% Makes the account of a JID unless there is one.
-spec make_account(server:server(), binary()) -> ok.
make_account(Server, Jid) ->
    {User, Host, _} = parts(Jid),
    case server:call(Server, ejabberd_auth, try_register, [User, Host, <<?PASSWORD>>]) of
        ok -> ok;
        {error, exists} -> ok
    end.

%% Logs in with a full JID.
-spec connect(server:server(), binary()) -> client().
connect(Server, Jid) ->
    make_account(Server, Jid),
    log_in(Server, Jid).

%% The same where there is an account, or needs to be none.
-spec log_in(server:server(), binary()) -> client().
log_in(#{port := Port}, Jid) ->
    {User, Host, Resource} = parts(Jid),
    Client = #client{socket = socket(Port), parser = parser(), jid = Jid, host = Host},
    {LoggedIn, _} = established(Client, "PLAIN", base64:encode(<<0, User/binary, 0, ?PASSWORD>>),
                           ["<resource>", Resource, "</resource>"]),
    LoggedIn.

%% Logs in as nobody: the server gives the address.
-spec connect_anonymous(server:server(), Host :: binary()) -> client().
connect_anonymous(#{port := Port}, Host) ->
    Client = #client{socket = socket(Port), parser = parser(), jid = Host, host = Host},
    {LoggedIn, Bound} = established(Client, "ANONYMOUS", "", ""),
    LoggedIn#client{jid = fxml:get_path_s(Bound, [{elem, <<"bind">>}, {elem, <<"jid">>}, cdata])}.

-spec jid(client()) -> binary().
jid(#client{jid = Jid}) ->
    Jid.

%% A component (XEP-0114), such as the one that the service log reports to. Its questions go to
%% the host: what that host sent before has arrived when the answer has.
-spec component(server:server(), binary()) -> client().
component(#{component_port := Port} = Server, Jid) ->
    [Host | _] = server:call(Server, ejabberd_option, hosts, []),
    Client = #client{socket = socket(Port), parser = parser(), jid = Jid, host = Host},
    [{xmlstreamstart, _, Attributes} | _] = open_stream(Client, Jid, "jabber:component:accept"),
    {_, StreamId} = lists:keyfind(<<"id">>, 1, Attributes),
    Proof = binary:encode_hex(crypto:hash(sha, <<StreamId/binary, ?PASSWORD>>)),
    send(Client, ["<handshake>", string:lowercase(Proof), "</handshake>"]),
    until(Client, fun(El) -> is(<<"handshake">>, El) end),
    Client.

%% Connects in a process that stays, for a client that a whole suite uses.
-spec kept(fun(() -> client())) -> client().
kept(Connect) ->
    Suite = self(),
    Keeper = spawn(fun() ->
                           Suite ! {self(), Connect()},
                           receive after infinity -> ok end
                   end),
    receive {Keeper, Client} -> Client after ?PATIENCE -> error(no_connection) end.

%%%-------------------------------------------------------------------
%%% Stanzas
%%%-------------------------------------------------------------------

-spec send(client(), iodata()) -> ok.
send(#client{socket = Socket}, Xml) ->
    ok = gen_tcp:send(Socket, Xml).

%% All stanzas that came until the client's own server has handled all that the client sent.
-spec received(client()) -> [xmlel()].
received(#client{host = Host} = Client) ->
    ping(Client, Host).

%% The same with another entity, such as a room, which leaves the sending to many to the multicast
%% service.
-spec received(client(), binary()) -> [xmlel()].
received(#client{host = Host} = Client, Entity) ->
    ping(Client, Entity) ++ ping(Client, <<"multicast.", Host/binary>>).

-spec messages(client()) -> [xmlel()].
messages(Client) ->
    [El || El <- received(Client), is(<<"message">>, El)].

-spec messages(client(), binary()) -> [xmlel()].
messages(Client, Entity) ->
    [El || El <- received(Client, Entity), is(<<"message">>, El)].

%%%-------------------------------------------------------------------
%%% What clients do
%%%-------------------------------------------------------------------

%% Enters a room, with the nick at the end of the address, and skips what the room says to that.
-spec join(client(), binary()) -> ok.
join(Client, Occupant) ->
    [Room, _Nick] = binary:split(Occupant, <<"/">>),
    send(Client, ["<presence to='", Occupant, "'><x xmlns='http://jabber.org/protocol/muc'>"
                  "<history maxstanzas='0'/></x></presence>"]),
    received(Client, Room),
    ok.

-spec enable_carbons(client()) -> ok.
enable_carbons(#client{jid = Jid} = Client) ->
    {_, Answer} = ask(Client, bare(Jid), "set", "<enable xmlns='urn:xmpp:carbons:2'/>"),
    <<"result">> = fxml:get_tag_attr_s(<<"type">>, Answer),
    ok.

%% What the account's archive, or that of a room, holds.
-spec archive(client()) -> [xmlel()].
archive(#client{jid = Jid} = Client) ->
    archive(Client, bare(Jid)).

-spec archive(client(), binary()) -> [xmlel()].
archive(Client, Owner) ->
    {Stanzas, Answer} = ask(Client, Owner, "set", "<query xmlns='urn:xmpp:mam:2'/>"),
    <<"result">> = fxml:get_tag_attr_s(<<"type">>, Answer),
    [El || El <- Stanzas, fxml:get_subtag(El, <<"result">>) =/= false].

%% The features of the client's server.
-spec features(client()) -> [binary()].
features(#client{host = Host} = Client) ->
    {_, Answer} = ask(Client, Host, "get",
                      "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
    #xmlel{children = Children} = fxml:get_subtag(Answer, <<"query">>),
    [fxml:get_tag_attr_s(<<"var">>, El) || El <- Children, is(<<"feature">>, El)].

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

ping(Client, Entity) ->
    {Stanzas, _} = ask(Client, Entity, "get", "<ping xmlns='urn:xmpp:ping'/>"),
    Stanzas.

%% Asks a question and gives what came before the answer, and the answer.
ask(#client{jid = Jid} = Client, To, Type, Question) ->
    Id = integer_to_binary(erlang:unique_integer([positive])),
    send(Client, ["<iq from='", Jid, "' to='", To, "' type='", Type, "' id='", Id, "'>", Question,
                  "</iq>"]),
    Events = until(Client, fun(El) -> is_answer(Id, El) end),
    {Answers, Others} = lists:partition(fun(El) -> is_answer(Id, El) end, Events),
    {Others, hd(Answers)}.

%% Gives the answer that has the address, too.
established(#client{host = Host} = Client, Mechanism, Secret, Resource) ->
    open_stream(Client, Host, "jabber:client"),
    send(Client, ["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='", Mechanism, "'>",
                  Secret, "</auth>"]),
    until(Client, fun(El) -> is(<<"success">>, El) end),
    LoggedIn = Client#client{parser = parser()},
    open_stream(LoggedIn, Host, "jabber:client"),
    send(LoggedIn, ["<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>", Resource,
                    "</bind></iq>"]),
    [Bound] = [El || El <- until(LoggedIn, fun(El) -> is_answer(<<"bind">>, El) end),
                     is_answer(<<"bind">>, El)],
    send(LoggedIn, "<presence/>"),
    {LoggedIn, Bound}.

open_stream(Client, To, Namespace) ->
    send(Client, ["<stream:stream xmlns='", Namespace, "' to='", To, "' version='1.0'"
                  " xmlns:stream='http://etherx.jabber.org/streams'>"]),
    %% A client is also told the features of the stream, a component is not.
    until(Client, fun({xmlstreamstart, _, _}) -> Namespace =/= "jabber:client";
                     (El) -> is(<<"stream:features">>, El)
                  end).

until(Client, IsLast) ->
    Events = next(Client),
    case lists:any(IsLast, Events) of
        true -> Events;
        false -> Events ++ until(Client, IsLast)
    end.

%% Feeding the parser makes it send what it found to the process that feeds it.
next(#client{socket = Socket, parser = Parser, jid = Jid}) ->
    case gen_tcp:recv(Socket, 0, ?PATIENCE) of
        {ok, Data} ->
            fxml_stream:parse(fxml_stream:change_callback_pid(Parser, self()), Data),
            found();
        {error, Reason} ->
            error({no_answer, Jid, Reason})
    end.

found() ->
    receive
        {xmlstreamelement, El} -> [El | found()];
        {xmlstreamstart, _, _} = Start -> [Start | found()];
        {xmlstreamerror, Reason} -> error({stream_error, Reason});
        {xmlstreamend, _} -> []
    after 0 -> []
    end.

socket(Port) ->
    Options = [binary, {active, false}, {nodelay, true}],
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, Options),
    Socket.

parser() ->
    fxml_stream:new(self(), infinity, [no_gen_server]).

is(Name, #xmlel{name = Name}) -> true;
is(_, _) -> false.

is_answer(Id, #xmlel{name = <<"iq">>} = El) -> fxml:get_tag_attr_s(<<"id">>, El) =:= Id;
is_answer(_, _) -> false.

parts(Jid) ->
    [User, Host | Resource] = binary:split(Jid, [<<"@">>, <<"/">>], [global]),
    {User, Host, Resource}.

bare(Jid) ->
    hd(binary:split(Jid, <<"/">>)).
