%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% A raw XMPP client over TCP: it sends XML as it is given and shows every stanza that it gets.
%%
%% No function sleeps to wait for the server. An entity handles the stanzas of a client in order, so
%% the answer to a request proves that all stanzas before the request have been handled.
-module(client).

%% Accounts
-export([make_account/2, make_user/2, make_user_in_cluster/2, unique_name/1]).
%% Sessions
-export([connect/2, connect_available/2, connect_speaking/3, log_in/2, connect_anonymous/2,
         component/2, kept/1, jid/1]).
%% Stanzas
-export([send/2, send_until_closed/2, received/1, received/2, messages/1, messages/2, request/4,
         ask/4]).
%% What clients do
-export([join/2, enable_carbons/1, archive/1, archive/2, features/1, publish/4,
         configure_node/4]).

-export_type([client/0, stanza/0]).

-include("fxml.hrl").

%% In milliseconds.
-define(TIMEOUT, 30_000).
-define(PASSWORD, "secret").

-record(client, {socket :: gen_tcp:socket(), parser :: term(), jid :: binary(), host :: binary(),
                 %% The xml:lang of its stream.
                 lang = none :: none | binary()}).

-type stanza() :: xmlel().

-opaque client() :: #client{}.
%% The socket belongs to the process that connected, so a client ends with its test case. Other
%% processes may use it until then.

%%%-------------------------------------------------------------------
%%% Accounts
%%%-------------------------------------------------------------------

%% Makes the account of a JID unless there is one. Prosody has an account for each address.
-spec make_account(server:server() | prosody:prosody(), binary()) -> ok.
make_account(#{node := _} = Server, Jid) ->
    {User, Host, _} = parts(Jid),
    case server:call(Server, ejabberd_auth, try_register, [User, Host, <<?PASSWORD>>]) of
        ok -> ok;
        {error, exists} -> ok
    end;
make_account(#{}, _) ->
    ok.

%% Makes an account that no other test case has.
-spec make_user(server:server(), Host :: binary()) -> {Name :: binary(), Host :: binary()}.
make_user(Server, Host) ->
    Name = unique_name("user"),
    make_account(Server, <<Name/binary, "@", Host/binary, "/phone">>),
    {Name, Host}.

%% The same on all nodes of a cluster: Mnesia brings the account to the others a moment later. In
%% later versions of ejabberd its key has a third element.
-spec make_user_in_cluster([server:server(), ...], Host :: binary()) ->
          {Name :: binary(), Host :: binary()}.
make_user_in_cluster([First | Others], Host) ->
    {Name, Host} = User = make_user(First, Host),
    IsAccount = fun(Key) -> {element(1, Key), element(2, Key)} =:= {Name, Host} end,
    [server:until(fun() ->
                          lists:any(IsAccount,
                                    server:call(Other, mnesia, dirty_all_keys, [passwd]))
                  end)
     || Other <- Others],
    User.

-spec unique_name(Prefix :: string()) -> binary().
unique_name(Prefix) ->
    iolist_to_binary([Prefix, integer_to_binary(erlang:unique_integer([positive]))]).

%%%-------------------------------------------------------------------
%%% Sessions
%%%-------------------------------------------------------------------

%% Logs in with a full JID, to an account that is made if there is none.
-spec connect(server:server(), binary()) -> client().
connect(Server, Jid) ->
    make_account(Server, Jid),
    log_in(Server, Jid).

%% Returns when the server has handled the presence: until then, what is sent to the account becomes
%% an offline message.
-spec connect_available(server:server(), binary()) -> client().
connect_available(Server, Jid) ->
    Client = connect(Server, Jid),
    received(Client),
    Client.

%% The same, with a client that says on its stream which language its user reads.
-spec connect_speaking(server:server(), binary(), Lang :: binary()) -> client().
connect_speaking(Server, Jid, Lang) ->
    make_account(Server, Jid),
    Client = log_in(Server, Jid, Lang),
    received(Client),
    Client.

%% Logs in to an account that exists, or to a host on which sessions need none.
-spec log_in(server:server(), binary()) -> client().
log_in(Server, Jid) ->
    log_in(Server, Jid, none).

log_in(#{port := Port}, Jid, Lang) ->
    {User, Host, Resource} = parts(Jid),
    Client = #client{socket = socket(Port), parser = parser(), jid = Jid, host = Host,
                     lang = Lang},
    {LoggedIn, _} = established(Client, "PLAIN", base64:encode(<<0, User/binary, 0, ?PASSWORD>>),
                           ["<resource>", Resource, "</resource>"]),
    LoggedIn.

%% Logs in by SASL ANONYMOUS: the server gives the address.
-spec connect_anonymous(server:server(), Host :: binary()) -> client().
connect_anonymous(#{port := Port}, Host) ->
    Client = #client{socket = socket(Port), parser = parser(), jid = Host, host = Host},
    {LoggedIn, Bound} = established(Client, "ANONYMOUS", "", ""),
    LoggedIn#client{jid = fxml:get_path_s(Bound, [{elem, <<"bind">>}, {elem, <<"jid">>}, cdata])}.

-spec jid(client()) -> binary().
jid(#client{jid = Jid}) ->
    Jid.

%% A component (XEP-0114), such as the one to which the service log reports. Its requests go to the
%% host: when the answer arrives, all that the host sent before has arrived, too.
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

%% Connects in a process that does not end, for a client that a whole suite uses.
-spec kept(fun(() -> client())) -> client().
kept(Connect) ->
    Suite = self(),
    Keeper = spawn(fun() ->
                           Suite ! {self(), Connect()},
                           receive after infinity -> ok end
                   end),
    receive {Keeper, Client} -> Client after ?TIMEOUT -> error(no_connection) end.

%%%-------------------------------------------------------------------
%%% Stanzas
%%%-------------------------------------------------------------------

-spec send(client(), iodata()) -> ok.
send(#client{socket = Socket}, Xml) ->
    ok = gen_tcp:send(Socket, Xml).

%% Sends a stanza again and again, and exits with `closed' when the server ends the session.
-spec send_until_closed(client(), iodata()) -> no_return().
send_until_closed(Client, Xml) ->
    try
        [begin
             [send(Client, Xml) || _ <- lists:seq(1, 50)],
             received(Client)
         end || _ <- lists:seq(1, 1000)]
    of
        _ -> exit(still_open)
    catch
        error:{badmatch, {error, _}} -> exit(closed);
        error:{no_answer, _, _} -> exit(closed);
        error:{stream_error, _} -> exit(closed)
    end.

%% All stanzas that came until the client's own server has handled all that the client sent.
-spec received(client()) -> [xmlel()].
received(#client{host = Host} = Client) ->
    ping(Client, Host).

%% The same with another entity, such as a room. A room sends to its occupants by the multicast
%% service, so this one is asked, too.
-spec received(client(), binary()) -> [xmlel()].
received(#client{host = Host} = Client, Entity) ->
    ping(Client, Entity) ++ ping(Client, <<"multicast.", Host/binary>>).

-spec messages(client()) -> [xmlel()].
messages(Client) ->
    [El || El <- received(Client), is(<<"message">>, El)].

-spec messages(client(), binary()) -> [xmlel()].
messages(Client, Entity) ->
    [El || El <- received(Client, Entity), is(<<"message">>, El)].

%% The answer to a request.
-spec request(client(), To :: iodata(), Type :: iodata(), Question :: iodata()) -> xmlel().
request(Client, To, Type, Question) ->
    {_, Answer} = ask(Client, To, Type, Question),
    Answer.

%% The same, with what came before the answer.
-spec ask(client(), To :: iodata(), Type :: iodata(), Question :: iodata()) ->
          {[stanza()], Answer :: stanza()}.
ask(#client{jid = Jid} = Client, To, Type, Question) ->
    Id = integer_to_binary(erlang:unique_integer([positive])),
    send(Client, ["<iq from='", Jid, "' to='", To, "' type='", Type, "' id='", Id, "'>", Question,
                  "</iq>"]),
    Events = until(Client, fun(El) -> is_answer(Id, El) end),
    {Answers, Others} = lists:partition(fun(El) -> is_answer(Id, El) end, Events),
    {Others, hd(Answers)}.

%%%-------------------------------------------------------------------
%%% What clients do
%%%-------------------------------------------------------------------

%% Enters a room with the nick at the end of the address, and drops what the room sends then.
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

%% The messages in the archive of the account, or in that of a room.
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

%% Publishes an item of PEP, in a node that is made with this access model if there is none.
-spec publish(client(), Node :: iodata(), Item :: iodata(), AccessModel :: atom()) -> ok.
publish(#client{jid = Jid} = Client, Node, Item, AccessModel) ->
    {_, Answer} = ask(Client, bare(Jid), "set",
                      ["<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                       "<publish node='", Node, "'>", Item, "</publish><publish-options>",
                       form("publish-options", "access_model", atom_to_list(AccessModel)),
                       "</publish-options></pubsub>"]),
    {<<"result">>, _} = {fxml:get_tag_attr_s(<<"type">>, Answer), Answer},
    ok.

%% Sets an option of a node that exists.
-spec configure_node(client(), Node :: iodata(), Option :: string(), Value :: string()) -> ok.
configure_node(#client{jid = Jid} = Client, Node, Option, Value) ->
    {_, Answer} = ask(Client, bare(Jid), "set",
                      ["<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
                       "<configure node='", Node, "'>", form("node_config", Option, Value),
                       "</configure></pubsub>"]),
    {<<"result">>, _} = {fxml:get_tag_attr_s(<<"type">>, Answer), Answer},
    ok.

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

form(Kind, Option, Value) ->
    ["<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>"
     "http://jabber.org/protocol/pubsub#", Kind, "</value></field><field var='pubsub#", Option,
     "'><value>", Value, "</value></field></x>"].

ping(Client, Entity) ->
    {Stanzas, _} = ask(Client, Entity, "get", "<ping xmlns='urn:xmpp:ping'/>"),
    Stanzas.

%% Gives the client, and the answer of the server, which has the address.
established(#client{host = Host} = Client, Mechanism, Secret, Resource) ->
    open_stream(Client, Host, "jabber:client"),
    send(Client, ["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='", Mechanism, "'>",
                  Secret, "</auth>"]),
    until(Client, fun(El) -> is(<<"success">>, El) end),
    LoggedIn = Client#client{parser = parser()},
    open_stream(LoggedIn, Host, "jabber:client"),
    send(LoggedIn, ["<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>",
                    Resource, "</bind></iq>"]),
    [Bound] = [El || El <- until(LoggedIn, fun(El) -> is_answer(<<"bind">>, El) end),
                     is_answer(<<"bind">>, El)],
    send(LoggedIn, "<presence/>"),
    {LoggedIn, Bound}.

open_stream(#client{lang = Lang} = Client, To, Namespace) ->
    send(Client, ["<stream:stream xmlns='", Namespace, "' to='", To, "' version='1.0'"
                  " xmlns:stream='http://etherx.jabber.org/streams'",
                  [[" xml:lang='", Lang, "'"] || Lang =/= none], ">"]),
    %% A client also gets the features of the stream, a component does not.
    until(Client, fun({xmlstreamstart, _, _}) -> Namespace =/= "jabber:client";
                     (El) -> is(<<"stream:features">>, El)
                  end).

until(Client, IsLast) ->
    Events = next(Client),
    case lists:any(IsLast, Events) of
        true -> Events;
        false -> Events ++ until(Client, IsLast)
    end.

%% The parser sends the elements to this process, which reads them afterwards.
next(#client{socket = Socket, parser = Parser, jid = Jid}) ->
    case gen_tcp:recv(Socket, 0, ?TIMEOUT) of
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
