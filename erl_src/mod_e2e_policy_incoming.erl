%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The hook on each stanza from another server.
%%%
%%% It judges messages to users of a host, whether they exist or not, so that the answer tells
%%% nothing about them, and private messages to occupants of the host's rooms. Notifications pass:
%%% by them clients learn the keys of contacts.
-module(mod_e2e_policy_incoming).

%% ejabberd_hooks callbacks
-export([s2s_receive_packet/1]).

-include("xmpp.hrl").

-type connection() :: fun(() -> mod_e2e_policy_nif:connection()).
-type acc() :: {stanza() | drop, State :: map()}.

%% @doc Judges a message from another server, in the process of the connection.
%%
%% An error stanza is never answered (RFC 6120 section 8.3.1), and repeats what somebody here has
%% sent.
-spec s2s_receive_packet(acc()) -> acc() | {stop, {drop, map()}}.
s2s_receive_packet({#message{type = Type} = Msg, State} = Acc) when Type /= error ->
    Host = host(Msg),
    Connection = fun() ->
                         #message{from = #jid{lserver = Domain}} = Msg,
                         mod_e2e_policy_peer:connection(Host, State, Domain)
                 end,
    Conversation = fun(Opts) ->
                           case is_notification(Msg) of
                               true -> none;
                               false -> conversation(Msg, Connection, Opts)
                           end
                   end,
    case mod_e2e_policy_received:verdict(incoming, Host, Msg, Conversation) of
        pass -> {mod_e2e_policy_rooms:judged(Msg), State};
        refuse -> {stop, {drop, State}};
        none -> Acc
    end;
s2s_receive_packet(Acc) ->
    Acc.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% ejabberd has looked up the host to run its hooks; the domain may have gone since then.
-spec host(message()) -> binary().
host(#message{to = #jid{lserver = Domain}}) ->
    try ejabberd_router:host_of_route(Domain)
    catch _:_ -> Domain
    end.

%% Whether a message says what somebody has published, or a service, to those who have subscribed to
%% it (XEP-0060, XEP-0163), and nothing else. A server or a service sends it, so that the sender has
%% no resource.
-spec is_notification(message()) -> boolean().
is_notification(#message{from = #jid{lresource = <<>>}, body = [], subject = [], sub_els = Els}) ->
    Namespaces = [xmpp:get_ns(El) || El <- Els],
    lists:member(?NS_PUBSUB_EVENT, Namespaces)
        andalso Namespaces -- [?NS_PUBSUB_EVENT, ?NS_ADDRESS, ?NS_DELAY, ?NS_SHIM] == [];
is_notification(_Msg) ->
    false.

%% Of a groupchat message nothing is asked: the histories of a room would differ. It is counted.
-spec conversation(message(), connection(), gen_mod:opts()) ->
          mod_e2e_policy_received:conversation() | none.
conversation(#message{type = Type, to = To, sub_els = Els} = Msg, Connection, Opts) ->
    case mod_e2e_policy_chat:has_rooms(To#jid.lserver) of
        true ->
            to_room(Msg, Connection, Opts);
        false ->
            case mod_e2e_policy_chat:is_user(To) orelse has_recipients(To, Els) of
                true when Type == groupchat -> {user, fun() -> none end, fun() -> verified end};
                true -> {user, fun() -> maps:get(incoming, Opts) end, Connection};
                false -> none
            end
    end.

%% A room whose host has a level for rooms counts its messages to all itself. What a room answers
%% without passing it on, such as requests for voice, is left to it.
-spec to_room(message(), connection(), gen_mod:opts()) ->
          mod_e2e_policy_received:conversation() | none.
to_room(#message{type = groupchat, to = #jid{lresource = <<>>}}, _Connection, #{rooms := none}) ->
    {room, fun() -> none end, fun() -> verified end};
to_room(#message{type = Type, to = #jid{lresource = Nick} = To}, Connection, Opts)
  when Type /= groupchat, Nick /= <<>> ->
    {room, fun() -> mod_e2e_policy_rooms:level(To, Opts) end, Connection};
to_room(_Msg, _Connection, _Opts) ->
    none.

%% Whether a message to a service names recipients inside (XEP-0033).
-spec has_recipients(jid(), [xmlel() | xmpp_element()]) -> boolean().
has_recipients(#jid{luser = <<>>}, Els) ->
    lists:any(fun(El) -> xmpp:get_ns(El) == ?NS_ADDRESS end, Els);
has_recipients(_To, _Els) ->
    false.
