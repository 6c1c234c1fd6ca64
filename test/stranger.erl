%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Another server that says what a test wants, without TLS. Its domains are addresses of the
%% loopback interface, so that no name has to be looked up.
-module(stranger).

-export([listening/1, authenticated/3, authenticate/3, send/2, received_until/2]).

-export_type([stream/0]).

-opaque stream() :: gen_tcp:socket().
%% Belongs to the process that opened it.

-define(PORT, 5269).
%% In milliseconds.
-define(TIMEOUT, 5000).
-define(OPTIONS, [binary, {active, false}, {reuseaddr, true}]).

%% Listens on the address that is this domain, and confirms by dialback whatever it is asked.
-spec listening(Domain :: string()) -> ok.
listening(Domain) ->
    {ok, Ip} = inet:parse_address(Domain),
    {ok, Listener} = gen_tcp:listen(?PORT, [{ip, Ip} | ?OPTIONS]),
    Acceptor = spawn_link(fun() -> receive go -> accept(Listener, Domain) end end),
    ok = gen_tcp:controlling_process(Listener, Acceptor),
    Acceptor ! go,
    ok.

%% A stream to a host of a server at this address, authenticated as the domain.
-spec authenticated(Address :: inet:ip_address(), Domain :: string(), Host :: binary()) -> stream().
authenticated(Address, Domain, Host) ->
    {ok, Socket} = gen_tcp:connect(Address, ?PORT, ?OPTIONS),
    ok = gen_tcp:send(Socket, header(Domain, Host)),
    received_until(Socket, "</stream:features>"),
    match = re:run(authenticate(Socket, Domain, Host), "type='valid'", [{capture, none}]),
    Socket.

%% What the server answers to dialback for a domain and a host, which may be others than those of
%% the stream.
-spec authenticate(stream(), Domain :: string(), Host :: binary()) -> binary().
authenticate(Stream, Domain, Host) ->
    send(Stream, ["<db:result from='", Domain, "' to='", Host, "'>key</db:result>"]),
    received_until(Stream, "<db:result[^>]*>").

-spec send(stream(), iodata()) -> ok.
send(Socket, Xml) ->
    ok = gen_tcp:send(Socket, Xml).

%% What arrives until it has this pattern; the end of the stream has it, too.
-spec received_until(stream(), Pattern :: string()) -> binary().
received_until(Socket, Pattern) ->
    received_until(Socket, Pattern, <<>>).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

accept(Listener, Domain) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    _ = spawn_link(fun() -> confirm(Socket, Domain) end),
    accept(Listener, Domain).

%% Waits for the socket, which stays with the process that has accepted it.
confirm(Socket, Domain) ->
    Header = received_until(Socket, "<stream:stream[^>]*>"),
    send(Socket, [header(Domain, attribute("stream:stream", "from", Header)),
                  "<stream:features/>"]),
    Question = received_until(Socket, "</db:[a-z]+>"),
    [From, To, Id] = [attribute("db:[a-z]+", Name, Question) || Name <- ["from", "to", "id"]],
    Kind = case binary:match(Question, <<"<db:verify">>) of
               nomatch -> "result";
               _ -> "verify"
           end,
    send(Socket, ["<db:", Kind, " from='", To, "' to='", From, "' id='", Id, "' type='valid'/>"]),
    received_until(Socket, "</stream:stream>").

header(Domain, Host) ->
    ["<?xml version='1.0'?><stream:stream xmlns='jabber:server' version='1.0' id='1'"
     " xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback'"
     " from='", Domain, "' to='", Host, "'>"].

attribute(Element, Name, Xml) ->
    case re:run(Xml, ["<", Element, "[^>]* ", Name, "='([^']*)"],
                [{capture, all_but_first, binary}]) of
        {match, [Value]} -> Value;
        nomatch -> <<>>
    end.

received_until(Socket, Pattern, Text) ->
    case gen_tcp:recv(Socket, 0, ?TIMEOUT) of
        {ok, More} ->
            All = <<Text/binary, More/binary>>,
            case re:run(All, Pattern, [dotall, {capture, none}]) of
                match -> All;
                nomatch -> received_until(Socket, Pattern, All)
            end;
        {error, closed} ->
            Text
    end.
