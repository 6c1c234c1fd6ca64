%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Messages that come from other servers, for the options `incoming' and `s2s_unverified', and for
%% `rooms' where somebody of another server is in a room here.
-module(incoming_SUITE).

-export([all/0, suite/0, init_per_suite/1, end_per_suite/1]).
-export([nothing_is_judged_where_no_option_asks_for_it/1]).
-export([a_message_in_the_clear_is_refused_whether_its_recipient_exists_or_not/1,
         the_answer_has_nothing_of_the_message/1,
         the_answer_comes_from_the_address_as_it_was_written/1,
         the_answer_is_in_the_language_of_the_message/1,
         a_refused_message_is_nowhere/1,
         an_encrypted_message_passes/1,
         messages_of_each_type_are_judged/1,
         an_error_stanza_is_neither_judged_nor_answered/1,
         a_message_for_several_users_is_judged/1,
         a_message_for_the_server_passes/1,
         what_comes_over_a_connection_that_was_made_from_here_is_judged/1]).
-export([group_chat_of_another_server_is_counted/1,
         a_private_message_of_another_servers_room_is_answered_to_its_occupant/1,
         an_invitation_by_a_room_passes/1]).
-export([a_notification_of_published_keys_passes/1,
         what_is_beside_a_notification_is_judged/1]).
-export([senders_and_recipients_may_be_exempt/1,
         a_server_may_be_whitelisted/1,
         testing_refuses_nothing/1,
         a_spam_filter_is_asked_first/1,
         the_report_and_the_metrics_have_what_came_in/1]).
-export([over_an_unverified_connection_encryption_may_be_required/1,
         a_trusted_server_counts_as_verified/1,
         over_an_unverified_connection_messages_may_just_be_counted/1]).
-export([a_remote_occupant_is_refused_where_rooms_require_encryption/1,
         a_remote_occupant_is_warned_once_where_rooms_ask_for_encryption/1,
         private_messages_of_remote_occupants_are_judged_once/1,
         in_an_anonymous_room_nothing_is_asked_of_remote_occupants/1,
         without_a_level_for_rooms_their_messages_are_counted/1,
         over_an_unverified_connection_private_messages_in_rooms_are_refused/1]).
%% In the server
-export([drop_spam/1]).

-include("ejabberd_http.hrl").
-include("xmpp.hrl").
-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(NONE, <<"none.test">>).
-define(REQUIRED, <<"required.test">>).
-define(EXEMPT, <<"exempt.test">>).
-define(WHITELIST, <<"whitelist.test">>).
-define(TESTED, <<"tested.test">>).
-define(UNVERIFIED, <<"unverified.test">>).
-define(COUNTED, <<"counted.test">>).
-define(ROOMS, <<"rooms.test">>).
-define(LENIENT, <<"lenient.test">>).

-define(TEXT, <<"thesecret">>).
%% A server with a good certificate, and one with none that anybody would believe.
-define(VERIFIED, {ejabberd, trusted}).
-define(SELF_SIGNED, {ejabberd, self_signed}).
-define(PROSODY, {prosody, trusted}).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [nothing_is_judged_where_no_option_asks_for_it,
     a_message_in_the_clear_is_refused_whether_its_recipient_exists_or_not,
     the_answer_has_nothing_of_the_message,
     the_answer_comes_from_the_address_as_it_was_written,
     the_answer_is_in_the_language_of_the_message,
     a_refused_message_is_nowhere,
     an_encrypted_message_passes,
     messages_of_each_type_are_judged,
     an_error_stanza_is_neither_judged_nor_answered,
     a_message_for_several_users_is_judged,
     a_message_for_the_server_passes,
     what_comes_over_a_connection_that_was_made_from_here_is_judged,
     group_chat_of_another_server_is_counted,
     a_private_message_of_another_servers_room_is_answered_to_its_occupant,
     an_invitation_by_a_room_passes,
     a_notification_of_published_keys_passes,
     what_is_beside_a_notification_is_judged,
     senders_and_recipients_may_be_exempt,
     a_server_may_be_whitelisted,
     testing_refuses_nothing,
     a_spam_filter_is_asked_first,
     the_report_and_the_metrics_have_what_came_in,
     over_an_unverified_connection_encryption_may_be_required,
     a_trusted_server_counts_as_verified,
     over_an_unverified_connection_messages_may_just_be_counted,
     a_remote_occupant_is_refused_where_rooms_require_encryption,
     a_remote_occupant_is_warned_once_where_rooms_ask_for_encryption,
     private_messages_of_remote_occupants_are_judged_once,
     in_an_anonymous_room_nothing_is_asked_of_remote_occupants,
     without_a_level_for_rooms_their_messages_are_counted,
     over_an_unverified_connection_private_messages_in_rooms_are_refused].

%%%-------------------------------------------------------------------
%%% The servers
%%%-------------------------------------------------------------------

init_per_suite(Config) ->
    case rig:is_possible() of
        true ->
            Settings = #{acl => #{free => [#{user_glob => <<"free*@", (domain(?VERIFIED))/binary>>},
                                           #{user_glob => <<"free*@", ?EXEMPT/binary>>}],
                                  partner => #{server => domain(?SELF_SIGNED)}},
                         access_rules => #{free => [#{allow => free}],
                                           partner => [#{allow => partner}]}},
            [{rig, rig:started(hosts(), Settings)} | Config];
        false ->
            {skip, "this machine gives no process file systems of its own"}
    end.

end_per_suite(Config) ->
    rig:stop(?config(rig, Config)).

hosts() ->
    Lax = #{direct => none, group => none, warn_mechanism => error,
            message_incoming => #{en => <<"Encrypt for {recipient}!">>,
                                  de => <<"Verschlüsseln für {recipient}!"/utf8>>},
            message_unverified => <<"Everybody reads what {server} sends.">>,
            message_plain_required_group => <<"Encrypt in {recipient}!">>,
            message_plain_optional_group => <<"Rather encrypt in {recipient}.">>},
    #{?NONE => Lax,
      ?REQUIRED => Lax#{incoming => required},
      ?EXEMPT => Lax#{incoming => required, exempt => free},
      ?WHITELIST => Lax#{incoming => required, whitelist => [domain(?VERIFIED)]},
      ?TESTED => Lax#{incoming => required, testing => true},
      ?UNVERIFIED => Lax#{s2s_unverified => required},
      ?COUNTED => Lax#{s2s_unverified => optional},
      ?ROOMS => Lax#{rooms => required},
      ?LENIENT => Lax#{rooms => optional}}.

ours(Config) ->
    maps:get(ours, ?config(rig, Config)).

theirs(Config) ->
    maps:get(ejabberd, ?config(rig, Config)).

domain(Peer) ->
    rig:domain(Peer).

%%%-------------------------------------------------------------------
%%% People
%%%-------------------------------------------------------------------

%% A user here who is online, with a name that no other case has.
bob(Config, Host) ->
    client:connect_available(ours(Config),
                             <<(client:unique_name("bob"))/binary, "@", Host/binary, "/desk">>).

stranger(Config, Peer) ->
    stranger(Config, Peer, client:unique_name("eve")).

stranger(Config, Peer, Name) ->
    rig:connect(Peer, Name, ?config(rig, Config)).

bare(Jid) ->
    hd(binary:split(Jid, <<"/">>)).

plain(To) -> plain(To, "").

plain(To, Attributes) ->
    ["<message type='chat' id='m1' to='", To, "' ", Attributes, "><body>", ?TEXT, "</body>"
     "</message>"].

encrypted(To) ->
    corpus:direct(corpus:xml(<<"slixmpp-omemo-2-2-0-003">>), To).

%% What a stranger is told of a message, and what the recipient gets of it. The entity is asked
%% after it, and its answer comes after all others.
outcome(Stranger, Entity, Recipient, Message) ->
    Answers = told(Stranger, Entity, Message),
    #{delivered => client:messages(Recipient) =/= [], answers => exchange:answers(Answers)}.

told(Stranger, Entity, Message) ->
    client:send(Stranger, Message),
    {Stanzas, _} = rig:ping(Stranger, Entity),
    [El || #xmlel{name = <<"message">>} = El <- Stanzas].

%% The cells that have grown on a host meanwhile, each as often as it has grown.
counting(Config, Host, Do) ->
    Before = counted(Config, Host),
    Result = Do(),
    {Result, lists:append([lists:duplicate(Count - maps:get(Cell, Before, 0), Cell)
                           || {{Direction, _, _, _} = Cell, Count}
                                  <- lists:sort(maps:to_list(counted(Config, Host))),
                              Direction =/= sent])}.

counted(Config, Host) ->
    Counters = server:call(ours(Config), mod_e2e_policy_registry, counters, [Host]),
    maps:from_list(server:call(ours(Config), mod_e2e_policy_counters, totals, [Counters])).

%% A message from a peer to a user of a host who is online.
said(Config, Peer, Host) ->
    said(Config, Host, stranger(Config, Peer), bob(Config, Host), fun plain/1).

said(Config, Host, Stranger, Bob, Message) ->
    counting(Config, Host,
             fun() -> outcome(Stranger, Host, Bob, Message(client:jid(Bob))) end).

refused(Text) ->
    exchange:refused(error, Text).

%%%-------------------------------------------------------------------
%%% Users
%%%-------------------------------------------------------------------

nothing_is_judged_where_no_option_asks_for_it(Config) ->
    ?assertEqual({exchange:delivered(), []}, said(Config, ?VERIFIED, ?NONE)).

%% Without the policy a server tells whether there is an account, and whether it is online.
a_message_in_the_clear_is_refused_whether_its_recipient_exists_or_not(Config) ->
    [begin
         Eve = stranger(Config, Peer),
         Online = client:jid(bob(Config, ?REQUIRED)),
         {Name, _} = client:make_user(ours(Config), ?REQUIRED),
         Offline = <<Name/binary, "@", ?REQUIRED/binary>>,
         Unknown = <<(client:unique_name("nobody"))/binary, "@", ?REQUIRED/binary>>,
         [begin
              {Answers, Cells} = counting(Config, ?REQUIRED,
                                          fun() -> told(Eve, ?REQUIRED, plain(To)) end),
              Text = <<"Encrypt for ", (bare(To))/binary, "!">>,
              ?assertEqual({Peer, To, [{error, <<"policy-violation">>, Text}]},
                           {Peer, To, exchange:answers(Answers)}),
              ?assertEqual([{incoming, direct, plaintext, refused}], Cells),
              ?assertEqual([{To, client:jid(Eve), <<"m1">>, <<"modify">>, [<<"error">>]}],
                           [shape(Answer) || Answer <- Answers])
          end || To <- [Online, bare(Online), Offline, Unknown]]
     end || Peer <- [?VERIFIED, ?PROSODY]].

%% Addresses, id, type of the error, and the children but for those that Prosody adds to stanzas
%% which it archives.
shape(#xmlel{children = Children} = Answer) ->
    [From, To, Id] = [fxml:get_tag_attr_s(Name, Answer)
                      || Name <- [<<"from">>, <<"to">>, <<"id">>]],
    Type = fxml:get_tag_attr_s(<<"type">>, fxml:get_subtag(Answer, <<"error">>)),
    {From, To, Id, Type, [Name || #xmlel{name = Name} <- Children, Name =/= <<"stanza-id">>]}.

the_answer_has_nothing_of_the_message(Config) ->
    Bob = bob(Config, ?REQUIRED),
    [Answer] = told(stranger(Config, ?VERIFIED), ?REQUIRED, plain(client:jid(Bob))),
    ?assertEqual(nomatch, binary:match(fxml:element_to_binary(Answer), ?TEXT)).

the_answer_comes_from_the_address_as_it_was_written(Config) ->
    Bob = client:jid(bob(Config, ?REQUIRED)),
    Eve = stranger(Config, ?VERIFIED),
    [?assertEqual([To], [fxml:get_tag_attr_s(<<"from">>, Answer)
                         || Answer <- told(Eve, ?REQUIRED, plain(To))])
     || To <- [Bob, bare(Bob), <<(bare(Bob))/binary, "/not there">>]].

the_answer_is_in_the_language_of_the_message(Config) ->
    Bob = bare(client:jid(bob(Config, ?REQUIRED))),
    Eve = stranger(Config, ?VERIFIED),
    [begin
         [Answer] = told(Eve, ?REQUIRED, plain(Bob, ["xml:lang='", Lang, "'"])),
         Written = fxml:get_subtag(fxml:get_subtag(Answer, <<"error">>), <<"text">>),
         ?assertEqual({<<Text/binary, Bob/binary, "!">>, TextLang},
                      {fxml:get_tag_cdata(Written), fxml:get_tag_attr_s(<<"xml:lang">>, Written)})
     end || {Lang, Text, TextLang} <- [{"de-CH", <<"Verschlüsseln für "/utf8>>, <<"de">>},
                                       {"en", <<"Encrypt for ">>, <<"en">>},
                                       {"sw", <<"Encrypt for ">>, <<"en">>}]].

a_refused_message_is_nowhere(Config) ->
    Bob = bob(Config, ?REQUIRED),
    Jid = client:jid(Bob),
    client:enable_carbons(Bob),
    Phone = client:connect_available(ours(Config), <<(bare(Jid))/binary, "/phone">>),
    client:enable_carbons(Phone),
    Eve = stranger(Config, ?VERIFIED),
    {Name, _} = client:make_user(ours(Config), ?REQUIRED),
    [[_] = told(Eve, ?REQUIRED, plain(To))
     || To <- [Jid, bare(Jid), <<Name/binary, "@", ?REQUIRED/binary>>]],
    ?assertEqual([], client:messages(Bob) ++ client:messages(Phone)),
    ?assertEqual([], client:archive(Bob)),
    ?assertEqual(0, server:call(ours(Config), mod_offline, count_offline_messages,
                                [Name, ?REQUIRED])),
    Later = client:connect_available(ours(Config),
                                     <<Name/binary, "@", ?REQUIRED/binary, "/phone">>),
    ?assertEqual([], client:messages(Later) ++ client:archive(Later)),
    ?assertEqual(nomatch, binary:match(server:log(ours(Config)), ?TEXT)).

an_encrypted_message_passes(Config) ->
    [begin
         Bob = bob(Config, ?REQUIRED),
         Eve = stranger(Config, Peer),
         ?assertEqual({exchange:delivered(), [{incoming, direct, omemo, allowed}]},
                      said(Config, ?REQUIRED, Eve, Bob, fun encrypted/1)),
         Receipt = fun(To) ->
                           ["<message type='chat' to='", To, "'>"
                            "<active xmlns='http://jabber.org/protocol/chatstates'/></message>"]
                   end,
         ?assertEqual({exchange:delivered(), [{incoming, direct, nothing, allowed}]},
                      said(Config, ?REQUIRED, Eve, Bob, Receipt))
     end || Peer <- [?VERIFIED, ?PROSODY]].

messages_of_each_type_are_judged(Config) ->
    Bob = bob(Config, ?REQUIRED),
    Eve = stranger(Config, ?VERIFIED),
    [?assertMatch({_, {#{delivered := false, answers := [_]},
                       [{incoming, direct, plaintext, refused}]}},
                  {Type, said(Config, ?REQUIRED, Eve, Bob,
                              fun(To) ->
                                      ["<message ", Type, " to='", To, "'><body>", ?TEXT,
                                       "</body></message>"]
                              end)})
     || Type <- ["", "type='normal'", "type='headline'", "type='chat'"]].

an_error_stanza_is_neither_judged_nor_answered(Config) ->
    Message = fun(To) ->
                      ["<message type='error' to='", To, "'><body>", ?TEXT, "</body>"
                       "<error type='cancel'><service-unavailable"
                       " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"]
              end,
    ?assertEqual({exchange:delivered(), []},
                 said(Config, ?REQUIRED, stranger(Config, ?VERIFIED), bob(Config, ?REQUIRED),
                      Message)).

%% The multicast service (XEP-0033) of a host sends it to them.
a_message_for_several_users_is_judged(Config) ->
    Said = fun(Host) ->
                   Service = <<"multicast.", Host/binary>>,
                   Bob = bob(Config, Host),
                   Message = ["<message type='chat' to='", Service, "'>"
                              "<addresses xmlns='http://jabber.org/protocol/address'>"
                              "<address type='to' jid='", client:jid(Bob), "'/></addresses>"
                              "<body>", ?TEXT, "</body></message>"],
                   Eve = stranger(Config, ?VERIFIED),
                   counting(Config, Host, fun() -> outcome(Eve, Service, Bob, Message) end)
           end,
    ?assertEqual({exchange:delivered(), []}, Said(?NONE)),
    ?assertMatch({#{delivered := false, answers := [{error, <<"policy-violation">>, _}]},
                  [{incoming, direct, plaintext, refused}]}, Said(?REQUIRED)).

%% ejabberd answers that nobody reads it.
a_message_for_the_server_passes(Config) ->
    {Answers, Cells} = counting(Config, ?REQUIRED,
                                fun() ->
                                        told(stranger(Config, ?VERIFIED), ?REQUIRED,
                                             plain(?REQUIRED))
                                end),
    ?assertMatch({[{error, <<"item-not-found">>, _}], []}, {exchange:answers(Answers), Cells}).

%% With bidirectional connections (XEP-0288).
what_comes_over_a_connection_that_was_made_from_here_is_judged(Config) ->
    Peers = [Peer || {_, bidi} = Peer <- rig:peers()],
    ?assertNotEqual([], Peers),
    rig:forget_connections(?config(rig, Config)),
    [begin
         Bob = bob(Config, ?REQUIRED),
         Eve = stranger(Config, Peer),
         client:send(Bob, encrypted(client:jid(Eve))),
         rig:ping(Bob, domain(Peer)),
         ?assertMatch([_], client:messages(Eve)),
         ?assertMatch({#{delivered := false, answers := [_]},
                       [{incoming, direct, plaintext, refused}]},
                      said(Config, ?REQUIRED, Eve, Bob, fun plain/1)),
         ?assertEqual({exchange:delivered(), [{incoming, direct, omemo, allowed}]},
                      said(Config, ?REQUIRED, Eve, Bob, fun encrypted/1))
     end || Peer <- Peers].

%%%-------------------------------------------------------------------
%%% Rooms of other servers
%%%-------------------------------------------------------------------

%% A room of the peer, with Bob and a user of the peer in it.
remote_room(Config, Bob) ->
    Eve = stranger(Config, ?VERIFIED),
    Room = <<(client:unique_name("room"))/binary, "@conference.", (domain(?VERIFIED))/binary>>,
    client:join(Eve, <<Room/binary, "/eve">>),
    client:join(Bob, <<Room/binary, "/bob">>),
    client:received(Eve, Room),
    {Room, Eve}.

%% What Bob gets from a room of another server, which comes after answers of the room: a service for
%% multicast sends it, and may first have to ask whether this server has one, too.
from_room(Bob, Room) ->
    from_room(Bob, Room, 500).

from_room(Bob, Room, Polls) when Polls > 0 ->
    {Stanzas, _} = rig:ping(Bob, Room),
    case [El || #xmlel{name = <<"message">>} = El <- Stanzas] of
        [] ->
            timer:sleep(20),
            from_room(Bob, Room, Polls - 1);
        Messages ->
            Messages
    end.

group_chat_of_another_server_is_counted(Config) ->
    Bob = bob(Config, ?REQUIRED),
    {Room, Eve} = remote_room(Config, Bob),
    Say = fun(Client, Message) ->
                  counting(Config, ?REQUIRED,
                           fun() ->
                                   client:send(Client, Message),
                                   rig:ping(Client, Room),
                                   [exchange:answers([El]) || El <- from_room(Bob, Room)]
                           end)
          end,
    Plain = ["<message type='groupchat' to='", Room, "'><body>", ?TEXT, "</body></message>"],
    ?assertEqual({[[]], [{incoming, group, plaintext, exempt}]}, Say(Eve, Plain)),
    Encrypted = corpus:group(corpus:xml(<<"slixmpp-omemo-2-2-0-003">>), Room),
    ?assertEqual({[[]], [{incoming, group, omemo, allowed}]}, Say(Eve, Encrypted)).

a_private_message_of_another_servers_room_is_answered_to_its_occupant(Config) ->
    Bob = bob(Config, ?REQUIRED),
    {Room, Eve} = remote_room(Config, Bob),
    {Answers, Cells} =
        counting(Config, ?REQUIRED,
                 fun() ->
                         client:send(Eve, plain(<<Room/binary, "/bob">>)),
                         Soon = client:received(Eve, Room),
                         {AtBobs, _} = rig:ping(Bob, Room),
                         ?assertEqual([], [El || #xmlel{name = <<"message">>} = El <- AtBobs]),
                         %% What is sent to the room after the answer arrives there after it.
                         rig:ping(Bob, Room),
                         [El || #xmlel{name = <<"message">>} = El
                                    <- Soon ++ client:received(Eve, Room)]
                 end),
    ?assertEqual([{incoming, direct, plaintext, refused}], Cells),
    ?assertMatch([{error, <<"policy-violation">>, _}], exchange:answers(Answers)),
    %% The room takes nobody away for it.
    client:send(Bob, ["<message type='groupchat' to='", Room, "'><body>still here</body>"
                      "</message>"]),
    ?assertMatch([_], from_room(Bob, Room)).

%% Rooms write a body for clients that do not know invitations.
an_invitation_by_a_room_passes(Config) ->
    Carol = bob(Config, ?REQUIRED),
    {Room, Eve} = remote_room(Config, bob(Config, ?REQUIRED)),
    Invite = ["<message to='", Room, "'><x xmlns='http://jabber.org/protocol/muc#user'>"
              "<invite to='", bare(client:jid(Carol)), "'><reason>tea</reason></invite></x>"
              "</message>"],
    {Invitations, Cells} = counting(Config, ?REQUIRED,
                                    fun() ->
                                            client:send(Eve, Invite),
                                            from_room(Carol, Room)
                                    end),
    ?assertEqual([{incoming, direct, nothing, allowed}], Cells),
    ?assertMatch([_], Invitations).

%%%-------------------------------------------------------------------
%%% Notifications
%%%-------------------------------------------------------------------

-define(KEYS, "eu.siacs.conversations.axolotl.devicelist").

%% Otherwise nobody could encrypt to a new device of a contact elsewhere.
a_notification_of_published_keys_passes(Config) ->
    Bob = bob(Config, ?REQUIRED),
    Eve = stranger(Config, ?VERIFIED),
    Publish = fun(Device) ->
                      client:publish(Eve, ?KEYS,
                                     ["<item id='current'><list xmlns='eu.siacs.conversations."
                                      "axolotl'><device id='", Device, "'/></list></item>"], open),
                      {Stanzas, _} = rig:ping(Bob, bare(client:jid(Eve))),
                      [El || #xmlel{name = <<"message">>} = El <- Stanzas]
              end,
    Publish("1"),
    %% As the server does not know whether a user of another one is there.
    client:configure_node(Eve, ?KEYS, "presence_based_delivery", "0"),
    Subscribed = client:request(Bob, bare(client:jid(Eve)), "set",
                                ["<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                                 "<subscribe node='", ?KEYS, "' jid='", client:jid(Bob), "'/>"
                                 "</pubsub>"]),
    ?assertEqual(<<"result">>, fxml:get_tag_attr_s(<<"type">>, Subscribed)),
    client:received(Bob),
    {Notifications, Cells} = counting(Config, ?REQUIRED, fun() -> Publish("2") end),
    ?assertMatch({[_], []}, {Notifications, Cells}).

what_is_beside_a_notification_is_judged(Config) ->
    Bob = bob(Config, ?REQUIRED),
    Event = "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item>"
        "<note xmlns='urn:example'>a text</note></item></items></event>",
    %% From the address of a client, which sends no notifications.
    Message = fun(To) -> ["<message to='", To, "'>", Event, "</message>"] end,
    ?assertMatch({#{delivered := false, answers := [_]},
                  [{incoming, direct, plaintext, refused}]},
                 said(Config, ?REQUIRED, stranger(Config, ?VERIFIED), Bob, Message)),
    %% From a bare address, as only the server itself can write it.
    [?assertEqual({Beside, false},
                  {Beside, from_bare(Config, Bob, [Event, Beside])})
     || Beside <- ["<body>a text</body>", "<subject>a text</subject>",
                   "<note xmlns='urn:example'/><x xmlns='jabber:x:oob'><url>a</url></x>"]],
    ?assertEqual(true, from_bare(Config, Bob, Event)).

%% Whether a user gets a message that another server sends in the name of an account.
from_bare(Config, Bob, Children) ->
    [Eve | _] = [stranger(Config, ?VERIFIED)],
    Xml = iolist_to_binary(["<message xmlns='jabber:client' to='", client:jid(Bob), "' from='",
                            bare(client:jid(Eve)), "'>", Children, "</message>"]),
    Message = server:call(theirs(Config), xmpp, decode, [fxml_stream:parse_element(Xml)]),
    ok = server:call(theirs(Config), ejabberd_router, route, [Message]),
    rig:ping(Eve, ?REQUIRED),
    client:messages(Bob) =/= [].

%%%-------------------------------------------------------------------
%%% What is not refused
%%%-------------------------------------------------------------------

senders_and_recipients_may_be_exempt(Config) ->
    Said = fun(Sender, Recipient) ->
                   Bob = client:connect_available(
                           ours(Config), <<(client:unique_name(Recipient))/binary, "@",
                                           ?EXEMPT/binary, "/desk">>),
                   Eve = stranger(Config, ?VERIFIED, client:unique_name(Sender)),
                   said(Config, ?EXEMPT, Eve, Bob, fun plain/1)
           end,
    ?assertMatch({#{delivered := false}, [{incoming, direct, plaintext, refused}]},
                 Said("eve", "bob")),
    [?assertEqual({exchange:delivered(), [{incoming, direct, plaintext, exempt}]},
                  Said(Sender, Recipient))
     || {Sender, Recipient} <- [{"free", "bob"}, {"eve", "free"}]].

a_server_may_be_whitelisted(Config) ->
    ?assertEqual({exchange:delivered(), [{incoming, direct, nothing, exempt}]},
                 said(Config, ?VERIFIED, ?WHITELIST)),
    ?assertMatch({#{delivered := false}, [{incoming, direct, plaintext, refused}]},
                 said(Config, ?PROSODY, ?WHITELIST)).

testing_refuses_nothing(Config) ->
    ?assertEqual({exchange:delivered(), [{incoming, direct, plaintext, would_refuse}]},
                 said(Config, ?VERIFIED, ?TESTED)).

%% Such filters have the priority 50.
a_spam_filter_is_asked_first(Config) ->
    server:load_module(ours(Config), ?MODULE),
    Hook = [s2s_receive_packet, ?REQUIRED, ?MODULE, drop_spam, 50],
    ok = server:call(ours(Config), ejabberd_hooks, add, Hook),
    ?assertEqual({#{delivered => false, answers => []}, []}, said(Config, ?VERIFIED, ?REQUIRED)),
    ok = server:call(ours(Config), ejabberd_hooks, delete, Hook).

drop_spam({#message{}, State}) -> {stop, {drop, State}};
drop_spam(Acc) -> Acc.

the_report_and_the_metrics_have_what_came_in(Config) ->
    Reported = fun() ->
                       {0, Output} = server:ctl(ours(Config), ["e2e_policy_report",
                                                               binary_to_list(?REQUIRED), "1"]),
                       list_to_integer(lists:last(string:lexemes(string:trim(Output), "\t")))
               end,
    Measured = fun() ->
                       Request = #request{method = 'GET', ip = {{127, 0, 0, 1}, 5000}},
                       {200, _, Page} = server:call(ours(Config), mod_e2e_policy_metrics, process,
                                                    [[], Request]),
                       case re:run(Page, ["e2e_policy_messages_total{host=\"", ?REQUIRED, "\","
                                          "direction=\"incoming\",chat=\"direct\","
                                          "content=\"plaintext\",decision=\"refused\"} ([0-9]+)"],
                                   [{capture, all_but_first, list}]) of
                           {match, [Count]} -> list_to_integer(Count);
                           nomatch -> 0
                       end
               end,
    {Before, MeasuredBefore} = {Reported(), Measured()},
    {#{delivered := false}, _} = said(Config, ?VERIFIED, ?REQUIRED),
    ?assertEqual({Before + 1, MeasuredBefore + 1}, {Reported(), Measured()}).

%%%-------------------------------------------------------------------
%%% Connections
%%%-------------------------------------------------------------------

over_an_unverified_connection_encryption_may_be_required(Config) ->
    ?assertEqual({exchange:delivered(), [{incoming, direct, plaintext, exempt}]},
                 said(Config, ?VERIFIED, ?UNVERIFIED)),
    [begin
         Bob = bob(Config, ?UNVERIFIED),
         Eve = stranger(Config, Peer),
         Text = <<"Encrypt for ", (bare(client:jid(Bob)))/binary, "! Everybody reads what ",
                  (domain(Peer))/binary, " sends.">>,
         ?assertEqual({Peer, {refused(Text), [{incoming, direct, plaintext, refused}]}},
                      {Peer, said(Config, ?UNVERIFIED, Eve, Bob, fun plain/1)}),
         ?assertEqual({exchange:delivered(), [{incoming, direct, omemo, allowed}]},
                      said(Config, ?UNVERIFIED, Eve, Bob, fun encrypted/1))
     end || Peer <- [?SELF_SIGNED, {ejabberd, without_starttls}, {prosody, self_signed}]].

a_trusted_server_counts_as_verified(Config) ->
    Trusting = (maps:get(?UNVERIFIED, hosts()))#{s2s_trusted => partner},
    {0, ""} = server:reload(ours(Config), (hosts())#{?UNVERIFIED := Trusting}),
    ?assertEqual({exchange:delivered(), [{incoming, direct, plaintext, exempt}]},
                 said(Config, ?SELF_SIGNED, ?UNVERIFIED)),
    {0, ""} = server:reload(ours(Config), hosts()).

over_an_unverified_connection_messages_may_just_be_counted(Config) ->
    ?assertEqual({exchange:delivered(), [{incoming, direct, plaintext, exempt}]},
                 said(Config, ?SELF_SIGNED, ?COUNTED)).

%%%-------------------------------------------------------------------
%%% Rooms here
%%%-------------------------------------------------------------------

%% A room of a host with Bob and a stranger in it.
room(Config, Host, Peer, Anonymous) ->
    Bob = bob(Config, Host),
    Eve = stranger(Config, Peer),
    Name = client:unique_name("room"),
    Service = <<"conference.", Host/binary>>,
    Room = <<Name/binary, "@", Service/binary>>,
    client:join(Bob, <<Room/binary, "/bob">>),
    ok = server:call(ours(Config), mod_muc_admin, change_room_option,
                     [Name, Service, <<"anonymous">>, atom_to_binary(Anonymous)]),
    client:join(Eve, <<Room/binary, "/eve">>),
    client:received(Bob, Room),
    {Room, Bob, Eve}.

in_room(Room) ->
    ["<message type='groupchat' id='m1' to='", Room, "'><body>", ?TEXT, "</body></message>"].

room_outcome(Eve, Room, Bob, Message) ->
    Answers = told(Eve, Room, Message),
    {#{delivered => client:messages(Bob, Room) =/= [], answers => exchange:answers(Answers)},
     [El || El <- Answers, exchange:answers([El]) =/= []]}.

a_remote_occupant_is_refused_where_rooms_require_encryption(Config) ->
    [begin
         {Room, Bob, Eve} = room(Config, ?ROOMS, Peer, false),
         {{Outcome, [Answer]}, Cells} =
             counting(Config, ?ROOMS, fun() -> room_outcome(Eve, Room, Bob, in_room(Room)) end),
         ?assertEqual({Peer, refused(<<"Encrypt in ", Room/binary, "!">>)}, {Peer, Outcome}),
         ?assertEqual([{room, group, plaintext, refused}], Cells),
         ?assertEqual({Room, client:jid(Eve), <<"m1">>, <<"modify">>, [<<"error">>]},
                      shape(Answer)),
         Encrypted = corpus:group(corpus:xml(<<"slixmpp-omemo-2-2-0-003">>), Room),
         ?assertMatch({{#{delivered := true, answers := []}, []},
                       [{room, group, omemo, allowed}]},
                      counting(Config, ?ROOMS,
                               fun() -> room_outcome(Eve, Room, Bob, Encrypted) end)),
         ?assertMatch([_], client:archive(Bob, Room))
     end || Peer <- [?VERIFIED, ?PROSODY]],
    ?assertEqual(nomatch, binary:match(server:log(ours(Config)), ?TEXT)).

a_remote_occupant_is_warned_once_where_rooms_ask_for_encryption(Config) ->
    [begin
         {Room, Bob, Eve} = room(Config, ?LENIENT, Peer, false),
         Said = fun(Message) ->
                        {Outcome, _} = room_outcome(Eve, Room, Bob, Message),
                        Outcome
                end,
         Warning = exchange:warned(message, <<"Rather encrypt in ", Room/binary, ".">>),
         ?assertEqual({{Peer, [Warning, exchange:delivered()]},
                       [{room, group, plaintext, warned}, {room, group, plaintext, warned}]},
                      counting(Config, ?LENIENT,
                               fun() -> {Peer, [Said(in_room(Room)) || _ <- [1, 2]]} end)),
         %% Private messages are among those that the warning is about.
         ?assertEqual({exchange:delivered(), [{incoming, direct, plaintext, warned}]},
                      counting(Config, ?LENIENT,
                               fun() -> Said(plain(<<Room/binary, "/bob">>)) end))
     end || Peer <- [?VERIFIED, ?PROSODY]].

private_messages_of_remote_occupants_are_judged_once(Config) ->
    [begin
         {Room, Bob, Eve} = room(Config, ?ROOMS, Peer, false),
         To = <<Room/binary, "/bob">>,
         {{Outcome, [Answer]}, Cells} =
             counting(Config, ?ROOMS, fun() -> room_outcome(Eve, Room, Bob, plain(To)) end),
         ?assertEqual(refused(<<"Encrypt in ", Room/binary, "!">>), Outcome),
         ?assertEqual([{incoming, direct, plaintext, refused}], Cells),
         ?assertEqual({To, client:jid(Eve), <<"m1">>, <<"modify">>, [<<"error">>]}, shape(Answer)),
         ?assertMatch({{#{delivered := true, answers := []}, []},
                       [{incoming, direct, omemo, allowed}]},
                      counting(Config, ?ROOMS,
                               fun() -> room_outcome(Eve, Room, Bob, encrypted(To)) end))
     end || Peer <- [?VERIFIED, ?PROSODY]].

in_an_anonymous_room_nothing_is_asked_of_remote_occupants(Config) ->
    {Room, Bob, Eve} = room(Config, ?ROOMS, ?VERIFIED, true),
    [?assertMatch({{#{delivered := true, answers := []}, []}, [Cell]},
                  counting(Config, ?ROOMS, fun() -> room_outcome(Eve, Room, Bob, Message) end))
     || {Message, Cell} <- [{in_room(Room), {room, group, plaintext, exempt}},
                            {plain(<<Room/binary, "/bob">>),
                             {incoming, direct, plaintext, exempt}}]].

without_a_level_for_rooms_their_messages_are_counted(Config) ->
    {Room, Bob, Eve} = room(Config, ?REQUIRED, ?VERIFIED, false),
    [?assertMatch({{#{delivered := true, answers := []}, []}, [Cell]},
                  counting(Config, ?REQUIRED, fun() -> room_outcome(Eve, Room, Bob, Message) end))
     || {Message, Cell} <- [{in_room(Room), {incoming, group, plaintext, exempt}},
                            {plain(<<Room/binary, "/bob">>),
                             {incoming, direct, plaintext, exempt}}]].

over_an_unverified_connection_private_messages_in_rooms_are_refused(Config) ->
    {Room, Bob, Eve} = room(Config, ?UNVERIFIED, ?SELF_SIGNED, false),
    Said = fun(Message) ->
                   counting(Config, ?UNVERIFIED,
                            fun() -> room_outcome(Eve, Room, Bob, Message) end)
           end,
    ?assertMatch({{#{delivered := true, answers := []}, []},
                  [{incoming, group, plaintext, exempt}]}, Said(in_room(Room))),
    Text = <<"Encrypt in ", Room/binary, "! Everybody reads what ",
             (domain(?SELF_SIGNED))/binary, " sends.">>,
    Refused = refused(Text),
    ?assertMatch({{Refused, [_]}, [{incoming, direct, plaintext, refused}]},
                 Said(plain(<<Room/binary, "/bob">>))).
