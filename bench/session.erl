%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% An XMPP session, over TCP or WebSocket, that needs little processor time: it finds the ends of
%% messages, and parses no XML. Its socket sends what comes to the process that opened it.
-module(session).

-export([open/3, send/2, received/2, close/1]).

-export_type([session/0, transport/0]).

-type transport() :: tcp | websocket.

-record(session, {transport :: transport(), socket :: gen_tcp:socket(), jid :: binary(),
                  frames = <<>> :: binary(),
                  rest = <<>> :: binary()}).

-opaque session() :: #session{}.

%% In milliseconds.
-define(TIMEOUT, 30_000).
-define(PASSWORD, <<"secret">>).
-define(END_TAG, <<"</message>">>).
%% How many packets the socket sends before it waits for the process to handle them.
-define(PACKETS, 100).

%% Makes the account if there is none, and logs in. Ports are those of the server's listeners.
-spec open(server:server(), {transport(), inet:port_number()}, Jid :: binary()) -> session().
open(Server, {Transport, Port}, Jid) ->
    [User, Host, Resource] = binary:split(Jid, [<<"@">>, <<"/">>], [global]),
    _ = server:call(Server, ejabberd_auth, try_register, [User, Host, ?PASSWORD]),
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port,
                                   [binary, {active, false}, {nodelay, true}, {buffer, 65_536}]),
    Session = #session{transport = Transport, socket = Socket, jid = Jid},
    upgrade(Session, Host),
    open_stream(Session, Host),
    ask(Session, ["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>",
                  base64:encode(<<0, User/binary, 0, ?PASSWORD/binary>>), "</auth>"],
        <<"<success">>),
    open_stream(Session, Host),
    ask(Session, ["<iq xmlns='jabber:client' type='set' id='bind'>"
                  "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>", Resource,
                  "</resource></bind></iq>"],
        <<"</iq>">>),
    send(Session, [<<"<presence xmlns='jabber:client'/>">>]),
    ok = inet:setopts(Socket, [{active, ?PACKETS}]),
    Session.

-spec send(session(), [Stanza :: iodata()]) -> ok.
send(#session{transport = tcp, socket = Socket}, Stanzas) ->
    ok = gen_tcp:send(Socket, Stanzas);
send(#session{transport = websocket, socket = Socket}, Stanzas) ->
    ok = gen_tcp:send(Socket, [websocket:frame(Stanza) || Stanza <- Stanzas]).

%% Takes what the socket sent to this process. Gives each message that is complete, with what comes
%% before it, up to its end tag. A message inside another one is given separately, before the end of
%% the outer one.
-spec received(session(), Event :: tuple()) -> {[binary()], session()} | closed | other.
received(#session{transport = tcp, socket = Socket} = Session, {tcp, Socket, Data}) ->
    messages(Data, Session);
received(#session{socket = Socket, frames = Frames} = Session, {tcp, Socket, Data}) ->
    {Texts, Rest} = websocket:texts(<<Frames/binary, Data/binary>>),
    messages(iolist_to_binary(Texts), Session#session{frames = Rest});
received(#session{socket = Socket} = Session, {tcp_passive, Socket}) ->
    ok = inet:setopts(Socket, [{active, ?PACKETS}]),
    {[], Session};
received(#session{socket = Socket}, {tcp_closed, Socket}) ->
    closed;
received(_, _) ->
    other.

-spec close(session()) -> ok.
close(#session{socket = Socket}) ->
    gen_tcp:close(Socket).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

messages(Data, #session{rest = Before} = Session) ->
    All = <<Before/binary, Data/binary>>,
    %% The end tag may have come in two parts.
    From = max(0, byte_size(Before) - byte_size(?END_TAG) + 1),
    Found = binary:matches(All, ?END_TAG, [{scope, {From, byte_size(All) - From}}]),
    {Messages, Start} = cut(All, 0, Found),
    %% A copy, because a part of a binary keeps all of it in memory.
    Rest = binary:copy(binary_part(All, Start, byte_size(All) - Start)),
    {Messages, Session#session{rest = Rest}}.

cut(All, Start, [{Position, Length} | Found]) ->
    End = Position + Length,
    {Messages, Rest} = cut(All, End, Found),
    {[binary_part(All, Start, End - Start) | Messages], Rest};
cut(_All, Start, []) ->
    {[], Start}.

upgrade(#session{transport = tcp}, _) ->
    ok;
upgrade(#session{transport = websocket, socket = Socket} = Session, Host) ->
    ok = gen_tcp:send(Socket, websocket:request(Host, <<"/ws">>)),
    until(Session, <<"\r\n\r\n">>).

open_stream(#session{transport = tcp} = Session, Host) ->
    ask(Session, ["<stream:stream xmlns='jabber:client' to='", Host, "' version='1.0'"
                  " xmlns:stream='http://etherx.jabber.org/streams'>"], <<"</stream:features>">>);
open_stream(#session{transport = websocket} = Session, Host) ->
    ask(Session, ["<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='", Host,
                  "' version='1.0'/>"], <<"</stream:features>">>).

ask(Session, Stanza, Answer) ->
    send(Session, [Stanza]),
    until(Session, Answer).

%% What comes after the pattern is dropped: during the login the server sends nothing after an
%% answer.
until(Session, Pattern) ->
    until(Session, Pattern, <<>>).

until(#session{socket = Socket, jid = Jid} = Session, Pattern, Before) ->
    case gen_tcp:recv(Socket, 0, ?TIMEOUT) of
        {ok, Data} ->
            All = <<Before/binary, Data/binary>>,
            case binary:match(All, Pattern) of
                nomatch -> until(Session, Pattern, All);
                _ -> ok
            end;
        {error, Reason} ->
            error({no_answer, Jid, Reason, Before})
    end.
