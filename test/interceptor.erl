%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% A machine in between: servers that look a name up are sent to it, and it passes what they say on
%% to the server that is meant. It reads along where it can.
-module(interceptor).

-export([started/2, has_read/1, stop/1]).

-export_type([interceptor/0, settings/0]).

-type interceptor() :: pid().

-type settings() :: #{does := #{Domain :: binary() => does()}, names := #{binary() => string()},
                      certificate := file:filename()}.
%% What it does with the connections from or to a domain, where the servers are, and its own
%% certificate, which no server trusts.

-type does() :: strip | forge.
%% `strip' takes STARTTLS out of the features of a stream. `forge' ends TLS on both sides by its own
%% certificate. What is said of another domain it passes on as it is.

-define(PORT, 5269).
%% In milliseconds.
-define(TIMEOUT, 5000).
-define(OPTIONS, [binary, {active, false}, {nodelay, true}]).

%% Belongs to no process: it runs until it is stopped.
-spec started(Address :: string(), settings()) -> interceptor().
started(Address, Settings) ->
    {ok, _} = application:ensure_all_started(ssl),
    Caller = self(),
    {Interceptor, Monitor} = spawn_monitor(fun() -> listen(Address, Settings, Caller) end),
    receive
        {Interceptor, listens} -> true = demonitor(Monitor, [flush]);
        {'DOWN', Monitor, process, _, Reason} -> error(Reason)
    end,
    Interceptor.

%% All that it could read: what was not encrypted, or what it has decrypted.
-spec has_read(interceptor()) -> binary().
has_read(Interceptor) ->
    Interceptor ! {has_read, self()},
    receive {Interceptor, Text} -> Text after ?TIMEOUT -> error(timeout) end.

-spec stop(interceptor()) -> ok.
stop(Interceptor) ->
    Monitor = monitor(process, Interceptor),
    exit(Interceptor, shutdown),
    receive {'DOWN', Monitor, process, _, _} -> ok after ?TIMEOUT -> error(timeout) end.

%%%-------------------------------------------------------------------
%%% Connections
%%%-------------------------------------------------------------------

listen(Address, Settings, Caller) ->
    {ok, Ip} = inet:parse_address(Address),
    {ok, Listener} = gen_tcp:listen(?PORT, [{ip, Ip}, {reuseaddr, true} | ?OPTIONS]),
    Interceptor = self(),
    spawn_link(fun() -> accept(Listener, Settings, Interceptor) end),
    Caller ! {Interceptor, listens},
    remember([]).

remember(Read) ->
    receive
        {read, Text} ->
            remember([Text | Read]);
        {has_read, Caller} ->
            Caller ! {self(), iolist_to_binary(lists:reverse(Read))},
            remember(Read)
    end.

%% A connection that breaks ends alone; all end with the interceptor.
accept(Listener, Settings, Interceptor) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Connection = spawn(fun() ->
                               _ = monitor(process, Interceptor),
                               receive go -> pass(Socket, Settings, Interceptor) end
                       end),
    ok = gen_tcp:controlling_process(Socket, Connection),
    Connection ! go,
    accept(Listener, Settings, Interceptor).

pass(Socket, #{does := Does, names := Names} = Settings, Interceptor) ->
    Header = until(Socket, "<stream:stream[^>]*>"),
    [From, To] = [attribute(Name, Header) || Name <- ["from", "to"]],
    {ok, Server} = gen_tcp:connect(maps:get(To, Names), ?PORT, ?OPTIONS),
    ok = gen_tcp:send(Server, Header),
    Read = fun(Text) -> Interceptor ! {read, Text}, ok end,
    case maps:get(From, Does, maps:get(To, Does, pass)) of
        pass ->
            relay({gen_tcp, Socket}, {gen_tcp, Server}, fun(_) -> ok end);
        strip ->
            Features = until(Server, "</stream:features>"),
            Without = re:replace(Features, "<starttls.*?(/>|</starttls>)", "", [dotall]),
            ok = gen_tcp:send(Socket, Without),
            relay({gen_tcp, Socket}, {gen_tcp, Server}, Read);
        forge ->
            ok = gen_tcp:send(Socket, until(Server, "</stream:features>")),
            ok = gen_tcp:send(Server, until(Socket, "<starttls.*?(/>|</starttls>)")),
            ok = gen_tcp:send(Socket, until(Server, "<proceed[^>]*>")),
            {Secret, ServerSecret} = forge(Socket, Server, Settings),
            relay({ssl, Secret}, {ssl, ServerSecret}, Read)
    end.

forge(Socket, Server, #{certificate := File}) ->
    Options = [{certfile, File}, {keyfile, File}, {verify, verify_none}],
    {ok, Secret} = ssl:handshake(Socket, Options, ?TIMEOUT),
    {ok, ServerSecret} = ssl:connect(Server, Options, ?TIMEOUT),
    {Secret, ServerSecret}.

%% Both ways, until one of the sockets is closed.
relay({Module, Socket} = One, {Module, OtherSocket} = Other, Read) ->
    [ok = setopts(Side, [{active, once}]) || Side <- [One, Other]],
    receive
        {Kind, Socket, Data} when Kind =:= tcp; Kind =:= ssl ->
            passed(Data, Other, Read),
            relay(One, Other, Read);
        {Kind, OtherSocket, Data} when Kind =:= tcp; Kind =:= ssl ->
            passed(Data, One, Read),
            relay(One, Other, Read);
        _ ->
            [Module:close(Side) || {_, Side} <- [One, Other]]
    end.

passed(Data, {Module, Socket}, Read) ->
    ok = Read(Data),
    Module:send(Socket, Data).

setopts({gen_tcp, Socket}, Options) -> ok_unless_closed(inet:setopts(Socket, Options));
setopts({ssl, Socket}, Options) -> ok_unless_closed(ssl:setopts(Socket, Options)).

%% A message tells of the end of a socket.
ok_unless_closed(_) -> ok.

until(Socket, Pattern) ->
    until(Socket, Pattern, <<>>).

until(Socket, Pattern, Text) ->
    {ok, More} = gen_tcp:recv(Socket, 0, ?TIMEOUT),
    All = <<Text/binary, More/binary>>,
    case re:run(All, Pattern, [dotall, {capture, none}]) of
        match -> All;
        nomatch -> until(Socket, Pattern, All)
    end.

attribute(Name, Header) ->
    {match, [Value]} = re:run(Header, [" ", Name, "=[\"']([^\"']*)"],
                              [{capture, all_but_first, binary}]),
    Value.
