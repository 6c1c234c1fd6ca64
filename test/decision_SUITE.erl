%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Which messages are judged, what is decided about them, and which answers their senders get.
-module(decision_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([direct_messages_are_decided_by_the_table/1,
         group_messages_are_decided_by_the_table/1,
         direct_and_group_chats_have_policies_of_their_own/1]).
-export([an_admins_template_replaces_the_default/1,
         a_group_template_is_that_of_direct_messages_unless_set/1]).
-export([a_refusal_comes_from_the_recipient/1,
         a_refusal_for_a_room_comes_from_its_bare_address/1,
         a_refusal_for_an_occupant_comes_from_the_occupant/1,
         a_warning_by_error_refers_to_the_message/1,
         a_warning_by_message_comes_from_the_server/1,
         an_outer_body_is_replaced_on_request/1]).
-export([messages_of_any_type_but_groupchat_are_direct/1,
         a_group_message_to_a_user_of_this_server_is_direct/1,
         a_group_message_to_another_server_is_for_a_group/1,
         an_error_is_judged_but_never_answered/1,
         messages_to_the_own_account_are_not_judged/1,
         messages_to_a_server_are_not_judged/1,
         multicast_is_judged_by_the_recipients_inside/1,
         presence_and_iq_are_not_judged/1,
         what_a_command_sends_is_not_judged/1]).
-export([a_whitelisted_user_sends_and_receives_freely/1,
         a_whitelisted_room_covers_its_occupants/1,
         a_whitelisted_domain_covers_its_users/1,
         a_whitelisted_own_domain_covers_all_senders/1]).

-include("fxml.hrl").
-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-import(exchange, [alice_and_bob/2, in_room/3, message/3, message/4, is_delivered/1, is_refused/3]).

all() ->
    [direct_messages_are_decided_by_the_table,
     group_messages_are_decided_by_the_table,
     direct_and_group_chats_have_policies_of_their_own,
     an_admins_template_replaces_the_default,
     a_group_template_is_that_of_direct_messages_unless_set,
     a_refusal_comes_from_the_recipient,
     a_refusal_for_a_room_comes_from_its_bare_address,
     a_refusal_for_an_occupant_comes_from_the_occupant,
     a_warning_by_error_refers_to_the_message,
     a_warning_by_message_comes_from_the_server,
     an_outer_body_is_replaced_on_request,
     messages_of_any_type_but_groupchat_are_direct,
     a_group_message_to_a_user_of_this_server_is_direct,
     a_group_message_to_another_server_is_for_a_group,
     an_error_is_judged_but_never_answered,
     messages_to_the_own_account_are_not_judged,
     messages_to_a_server_are_not_judged,
     multicast_is_judged_by_the_recipients_inside,
     presence_and_iq_are_not_judged,
     what_a_command_sends_is_not_judged,
     a_whitelisted_user_sends_and_receives_freely,
     a_whitelisted_room_covers_its_occupants,
     a_whitelisted_domain_covers_its_users,
     a_whitelisted_own_domain_covers_all_senders].

%% Each row of the table is a virtual host.
rows() ->
    [{Policy, Mechanism, Accepted} || Policy <- [none, optional, required],
                                      Mechanism <- [message, error],
                                      Accepted <- [[omemo, pgp], [otr, pgp_legacy]]].

host({Policy, Mechanism, [Scheme | _]}) ->
    iolist_to_binary(lists:join(".", [atom_to_binary(Word)
                                      || Word <- [Policy, Mechanism, Scheme, test]])).

row_options({Policy, Mechanism, Accepted}) ->
    #{direct => Policy, group => Policy, warn_mechanism => Mechanism, accepted_schemes => Accepted}.

other_hosts() ->
    #{<<"apart.test">> => #{direct => none, group => required, warn_mechanism => error},
      <<"texts.test">> =>
          #{direct => required, group => required, accepted_schemes => [pgp, omemo],
            warn_mechanism => error,
            message_plain_required_direct =>
                <<"{{{recipient}}} by {scheme}, not {accepted_schemes}">>,
            message_unacceptable_required_direct => <<"direct {scheme}">>,
            message_unacceptable_required_group => <<"group {scheme}">>},
      <<"strict.test">> =>
          (strict())#{whitelist => [<<"carol@strict.test">>, <<"open@conference.strict.test">>,
                                    <<"friends.test">>]},
      <<"friends.test">> => strict(),
      <<"people.test">> => (strict())#{group => none},
      <<"without.test">> => without,
      <<"neutral.test">> => #{outer_body => replace},
      <<"home.test">> => (strict())#{whitelist => [<<"home.test">>]}}.

strict() ->
    #{direct => required, group => required, warn_mechanism => error,
      message_plain_required_direct => <<"encrypt!">>}.

init_per_suite(Config) ->
    Rows = maps:from_list([{host(Row), row_options(Row)} || Row <- rows()]),
    [{server, server:started(maps:merge(Rows, other_hosts()))} | Config].

end_per_suite(Config) ->
    server:stop(server(Config)).

%%%-------------------------------------------------------------------
%%% The table
%%%-------------------------------------------------------------------

direct_messages_are_decided_by_the_table(Config) ->
    [begin
         {Alice, Bob} = alice_and_bob(server(Config), host(Row)),
         To = <<"bob@", (host(Row))/binary>>,
         [?assertEqual({Row, Content, expected(Row, reason(Content, Row), To)},
                       {Row, Content, message(Alice, Bob, corpus:direct(stanza(Content), To))})
          || Content <- contents()]
     end || Row <- rows()].

group_messages_are_decided_by_the_table(Config) ->
    [begin
         {Alice, Bob, Room} = in_room(server(Config), host(Row), <<"room">>),
         [?assertEqual({Row, Content, expected(Row, group_reason(Content, Row), Room)},
                       {Row, Content,
                        message(Alice, Bob, corpus:group(stanza(Content), Room), Room)})
          || Content <- contents()]
     end || Row <- rows()].

direct_and_group_chats_have_policies_of_their_own(Config) ->
    {Alice, Bob, Room} = in_room(server(Config), <<"apart.test">>, <<"room">>),
    is_delivered(message(Alice, Bob, text("chat", "bob@apart.test"))),
    is_refused(message(Alice, Bob, text("groupchat", Room), Room), error,
               default_text(plain, required, Room, none, <<"omemo, pgp">>)).

contents() ->
    [plain, omemo, pgp, pgp_legacy, otr, nothing].

stanza(plain) -> corpus:xml(<<"slixmpp-1-17-0-049">>);
stanza(omemo) -> corpus:xml(<<"slixmpp-omemo-2-2-0-003">>);
stanza(pgp) -> corpus:xml(<<"go-sendxmpp-0-5-6-014">>);
stanza(pgp_legacy) -> corpus:xml(<<"slixmpp-1-17-0-gpg-2-2-40-payload-001">>);
stanza(otr) -> corpus:xml(<<"python3-potr-1-0-2-002">>);
stanza(nothing) -> corpus:xml(<<"slixmpp-1-17-0-022">>).

reason(nothing, _) -> none;
reason(plain, _) -> plain;
reason(Scheme, {_, _, Accepted}) ->
    case lists:member(Scheme, Accepted) of
        true -> none;
        false -> {unacceptable, Scheme}
    end.

%% OTR cannot encrypt to more than one recipient.
group_reason(otr, _) -> plain;
group_reason(Content, Row) -> reason(Content, Row).

expected(_, none, _) -> exchange:delivered();
expected({none, _, _}, _, _) -> exchange:delivered();
expected({optional, Mechanism, _} = Row, Reason, To) ->
    exchange:warned(Mechanism, row_text(Row, Reason, To));
expected({required, Mechanism, _} = Row, Reason, To) ->
    exchange:refused(Mechanism, row_text(Row, Reason, To)).

row_text({Policy, _, [First, Second]}, Reason, To) ->
    Accepted = iolist_to_binary([atom_to_binary(First), ", ", atom_to_binary(Second)]),
    case Reason of
        plain -> default_text(plain, Policy, To, none, Accepted);
        {unacceptable, Scheme} -> default_text(unacceptable, Policy, To, Scheme, Accepted)
    end.

default_text(plain, optional, To, none, Accepted) ->
    <<"Your message to ", To/binary, " was not end-to-end encrypted. For security reasons, using "
      "one of the following E2EE schemes is *STRONGLY* recommended: ", Accepted/binary>>;
default_text(plain, required, To, none, Accepted) ->
    <<"Your message to ", To/binary, " was not end-to-end encrypted. For security reasons, using "
      "one of the following E2EE schemes is *REQUIRED* for conversations on this server: ",
      Accepted/binary>>;
default_text(unacceptable, optional, To, Scheme, Accepted) ->
    <<"Your message to ", To/binary, " was end-to-end encrypted using the ",
      (atom_to_binary(Scheme))/binary, " scheme, but we recommend using one of the following "
      "instead: ", Accepted/binary>>;
default_text(unacceptable, required, To, Scheme, Accepted) ->
    <<"Your message to ", To/binary, " was end-to-end encrypted using the ",
      (atom_to_binary(Scheme))/binary, " scheme, but this server *REQUIRES* one of these: ",
      Accepted/binary>>.

%%%-------------------------------------------------------------------
%%% Templates
%%%-------------------------------------------------------------------

an_admins_template_replaces_the_default(Config) ->
    {Alice, Bob} = alice_and_bob(server(Config), <<"texts.test">>),
    is_refused(message(Alice, Bob, text("chat", "bob@texts.test/desk")), error,
               <<"{bob@texts.test} by none, not pgp, omemo">>),
    is_refused(message(Alice, Bob, corpus:direct(stanza(otr), <<"bob@texts.test">>)), error,
               <<"direct otr">>).

a_group_template_is_that_of_direct_messages_unless_set(Config) ->
    {Alice, Bob, Room} = in_room(server(Config), <<"texts.test">>, <<"room">>),
    is_refused(message(Alice, Bob, text("groupchat", Room), Room), error,
               <<"{", Room/binary, "} by none, not pgp, omemo">>),
    is_refused(message(Alice, Bob, corpus:group(stanza(pgp_legacy), Room), Room), error,
               <<"group pgp_legacy">>).

%%%-------------------------------------------------------------------
%%% The form of answers
%%%-------------------------------------------------------------------

a_refusal_comes_from_the_recipient(Config) ->
    {Alice, _} = alice_and_bob(server(Config), <<"strict.test">>),
    [begin
         client:send(Alice, text("chat", To)),
         is_violation(client:messages(Alice), To, <<"alice@strict.test/phone">>)
     end || To <- [<<"bob@strict.test">>, <<"bob@strict.test/desk">>, <<"nobody@elsewhere.test">>]].

a_refusal_for_a_room_comes_from_its_bare_address(Config) ->
    {Alice, _, Room} = in_room(server(Config), <<"strict.test">>, <<"room">>),
    client:send(Alice, text("groupchat", Room)),
    is_violation(client:messages(Alice, Room), Room, <<"alice@strict.test/phone">>).

a_refusal_for_an_occupant_comes_from_the_occupant(Config) ->
    {Alice, Bob, Room} = in_room(server(Config), <<"strict.test">>, <<"room">>),
    Occupant = <<Room/binary, "/bert">>,
    client:send(Alice, text("chat", Occupant)),
    is_violation(client:messages(Alice, Room), Occupant, <<"alice@strict.test/phone">>),
    ?assertEqual([], client:messages(Bob)).

a_warning_by_error_refers_to_the_message(Config) ->
    {Alice, _} = alice_and_bob(server(Config), <<"optional.error.omemo.test">>),
    client:send(Alice, text("chat", "bob@optional.error.omemo.test")),
    is_violation(client:messages(Alice), <<"bob@optional.error.omemo.test">>,
                 <<"alice@optional.error.omemo.test/phone">>).

a_warning_by_message_comes_from_the_server(Config) ->
    {Alice, _} = alice_and_bob(server(Config), <<"optional.message.omemo.test">>),
    client:send(Alice, text("chat", "bob@optional.message.omemo.test")),
    [Warning] = client:messages(Alice),
    %% Many clients do not show messages of type normal.
    ?assertEqual([<<"chat">>, <<"optional.message.omemo.test">>,
                  <<"alice@optional.message.omemo.test/phone">>],
                 [attribute(Name, Warning) || Name <- [<<"type">>, <<"from">>, <<"to">>]]),
    Hints = [Name || #xmlel{name = Name} = El <- Warning#xmlel.children,
                     attribute(<<"xmlns">>, El) =:= <<"urn:xmpp:hints">>],
    ?assertEqual([], [<<"no-copy">>, <<"no-store">>] -- Hints).

%% In all languages; but not without ciphertext, and no body is added to a message that has none.
an_outer_body_is_replaced_on_request(Config) ->
    {Alice, Bob} = alice_and_bob(server(Config), <<"neutral.test">>),
    Sent = fun(Children) ->
                   client:send(Alice, ["<message type='chat' to='bob@neutral.test/desk'>", Children,
                                       "</message>"]),
                   client:received(Alice),
                   [Message] = client:messages(Bob),
                   [fxml:get_tag_cdata(El)
                    || #xmlel{name = <<"body">>} = El <- Message#xmlel.children]
           end,
    Omemo = "<encrypted xmlns='urn:xmpp:omemo:2'><header sid='1'><keys jid='bob@neutral.test'>"
        "<key rid='2'>AAAA</key></keys></header><payload>AAAAAAAAAAAAAAAAAAAAAA==</payload>"
        "</encrypted>",
    Bodies = "<body>the secret</body><body xml:lang='de'>das Geheimnis</body>",
    ?assertEqual([<<"This message is end-to-end encrypted.">>], Sent([Omemo, Bodies])),
    ?assertEqual([], Sent(Omemo)),
    ?assertEqual([<<"?OTRv23?">>], Sent("<body>?OTRv23?</body>")),
    ?assertEqual([<<"das Geheimnis">>, <<"the secret">>], lists:sort(Sent(Bodies))).

%% One error that has the id of the message, and nothing of its content.
is_violation(Answers, From, To) ->
    [#xmlel{children = [#xmlel{name = <<"error">>} = Error]} = Answer] = Answers,
    ?assertEqual([<<"error">>, From, To, <<"m1">>],
                 [attribute(Name, Answer) || Name <- [<<"type">>, <<"from">>, <<"to">>, <<"id">>]]),
    ?assertEqual(<<"modify">>, attribute(<<"type">>, Error)),
    #xmlel{} = fxml:get_subtag_with_xmlns(Error, <<"policy-violation">>,
                                          <<"urn:ietf:params:xml:ns:xmpp-stanzas">>),
    ?assertEqual(<<"en">>, attribute(<<"xml:lang">>, fxml:get_subtag(Error, <<"text">>))).

%%%-------------------------------------------------------------------
%%% What is judged
%%%-------------------------------------------------------------------

messages_of_any_type_but_groupchat_are_direct(Config) ->
    {Alice, Bob} = alice_and_bob(server(Config), <<"strict.test">>),
    [is_refused(message(Alice, Bob, ["<message to='bob@strict.test'", Type, ">"
                                     "<body>hi</body></message>"]), error, <<"encrypt!">>)
     || Type <- ["", " type='chat'", " type='normal'", " type='headline'"]].

%% To any virtual host, with the module or without it; in capital letters too, and even when there
%% is no such user.
a_group_message_to_a_user_of_this_server_is_direct(Config) ->
    {Alice, Bob} = alice_and_bob(server(Config), <<"people.test">>),
    {_, OtherBob} = alice_and_bob(server(Config), <<"without.test">>),
    [begin
         client:send(Alice, text("groupchat", To)),
         is_violation(client:messages(Alice), To, <<"alice@people.test/phone">>)
     end || To <- [<<"bob@people.test">>, <<"bob@people.test/desk">>, <<"BOB@People.test/desk">>,
                   <<"nobody@people.test">>, <<"bob@without.test">>, <<"bob@without.test/desk">>,
                   <<"bob@friends.test">>]],
    ?assertEqual([[], []], [client:messages(Client) || Client <- [Bob, OtherBob]]),
    is_delivered(message(Alice, Bob, corpus:group(stanza(omemo), <<"bob@people.test/desk">>))),
    %% Also where the policy of groups is the stricter one.
    {Sender, Recipient} = alice_and_bob(server(Config), <<"apart.test">>),
    is_delivered(message(Sender, Recipient, text("groupchat", "bob@apart.test/desk"))).

%% This server cannot know whether the address is that of a room or of a user.
a_group_message_to_another_server_is_for_a_group(Config) ->
    {Alice, Bob, Room} = in_room(server(Config), <<"people.test">>, <<"room">>),
    is_delivered(message(Alice, Bob, text("groupchat", Room), Room)),
    [begin
         {Sender, Recipient} = alice_and_bob(server(Config), Host),
         #{answers := [{error, Condition, _}]} =
             message(Sender, Recipient, text("groupchat", "bob@elsewhere.test")),
         ?assertEqual({Host, IsRefused}, {Host, Condition =:= <<"policy-violation">>})
     end || {Host, IsRefused} <- [{<<"people.test">>, false}, {<<"apart.test">>, true}]].

an_error_is_judged_but_never_answered(Config) ->
    [begin
         {Alice, Bob} = alice_and_bob(server(Config), Host),
         Judgement(message(Alice, Bob, text("error", ["bob@", Host, "/desk"])))
     end || {Host, Judgement} <- [{<<"strict.test">>, fun exchange:is_refused_without_answer/1},
                                  {<<"optional.message.omemo.test">>, fun exchange:is_delivered/1},
                                  {<<"optional.error.omemo.test">>, fun exchange:is_delivered/1}]].

messages_to_the_own_account_are_not_judged(Config) ->
    {Alice, _} = alice_and_bob(server(Config), <<"strict.test">>),
    Tablet = client:connect_available(server(Config), <<"alice@strict.test/tablet">>),
    is_delivered(message(Alice, Tablet, text("chat", "alice@strict.test/tablet"))),
    is_delivered(message(Alice, Tablet, text("chat", "Alice@strict.test/tablet"))),
    is_delivered(message(Tablet, Alice, text("chat", "alice@strict.test"))).

messages_to_a_server_are_not_judged(Config) ->
    {Alice, _} = alice_and_bob(server(Config), <<"strict.test">>),
    Component = client:component(server(Config), <<"log.test">>),
    client:messages(Component),
    client:send(Alice, text("chat", "log.test")),
    ?assertEqual([], exchange:answers(client:messages(Alice))),
    ?assertMatch([_], [El || El <- client:messages(Component),
                             attribute(<<"id">>, El) =:= <<"m1">>]).

multicast_is_judged_by_the_recipients_inside(Config) ->
    {Alice, Bob} = alice_and_bob(server(Config), <<"strict.test">>),
    Carol = client:connect_available(server(Config), <<"carol@strict.test/desk">>),
    Service = <<"multicast.strict.test">>,
    is_refused(message(Alice, Bob, multicast(["bob@strict.test"]), Service),
               error, <<"encrypt!">>),
    is_refused(message(Alice, Carol, multicast(["carol@strict.test", "bob@strict.test"]), Service),
               error, <<"encrypt!">>),
    is_delivered(message(Alice, Carol, multicast(["carol@strict.test"]), Service)).

presence_and_iq_are_not_judged(Config) ->
    {Alice, Bob} = alice_and_bob(server(Config), <<"strict.test">>),
    client:send(Alice, "<presence to='bob@strict.test/desk'>"
                       "<status>in the clear</status></presence>"
                       "<iq to='bob@strict.test/desk' type='get' id='q'>"
                       "<body xmlns='urn:example'>in the clear</body></iq>"),
    client:received(Alice),
    ?assertEqual([<<"presence">>, <<"iq">>],
                 [Name || #xmlel{name = Name} = El <- client:received(Bob),
                          attribute(<<"from">>, El) =:= <<"alice@strict.test/phone">>]).

%% No session sends it, so there is no client that could show an answer.
what_a_command_sends_is_not_judged(Config) ->
    [begin
         {_, Bob} = alice_and_bob(server(Config), Host),
         [From, To] = [User ++ "@" ++ binary_to_list(Host) || User <- ["alice", "bob"]],
         Command = ["send_message", "chat", From, To, "", "good morning"],
         {0, _} = server:ctl(server(Config), Command),
         ?assertMatch([<<"good morning">>], [fxml:get_path_s(El, [{elem, <<"body">>}, cdata])
                                             || El <- client:messages(Bob)])
     end || Host <- [<<"strict.test">>, <<"optional.message.omemo.test">>]].

%%%-------------------------------------------------------------------
%%% The whitelist
%%%-------------------------------------------------------------------

a_whitelisted_user_sends_and_receives_freely(Config) ->
    {Alice, Bob} = alice_and_bob(server(Config), <<"strict.test">>),
    Carol = client:connect_available(server(Config), <<"carol@strict.test/desk">>),
    is_delivered(message(Alice, Carol, text("chat", "carol@strict.test"))),
    is_delivered(message(Alice, Carol, text("chat", "CAROL@strict.test/desk"))),
    is_delivered(message(Carol, Bob, text("chat", "bob@strict.test"))).

a_whitelisted_room_covers_its_occupants(Config) ->
    {Alice, Bob, Room} = in_room(server(Config), <<"strict.test">>, <<"open">>),
    is_delivered(message(Alice, Bob, text("groupchat", Room), Room)),
    is_delivered(message(Alice, Bob, text("chat", [Room, "/bert"]), Room)).

a_whitelisted_domain_covers_its_users(Config) ->
    {Alice, _} = alice_and_bob(server(Config), <<"strict.test">>),
    {_, Friend} = alice_and_bob(server(Config), <<"friends.test">>),
    is_delivered(message(Alice, Friend, text("chat", "bob@friends.test"))),
    %% Their own server has no such exception.
    is_refused(message(Friend, Alice, text("chat", "alice@strict.test")), error, <<"encrypt!">>).

a_whitelisted_own_domain_covers_all_senders(Config) ->
    {Alice, _} = alice_and_bob(server(Config), <<"home.test">>),
    {_, Friend} = alice_and_bob(server(Config), <<"friends.test">>),
    is_delivered(message(Alice, Friend, text("chat", "bob@friends.test"))).

%%%-------------------------------------------------------------------
%%% Messages
%%%-------------------------------------------------------------------

server(Config) ->
    ?config(server, Config).

text(Type, To) ->
    ["<message id='m1' type='", Type, "' to='", To, "'><body>in the clear</body></message>"].

multicast(Recipients) ->
    ["<message id='m1' to='multicast.strict.test'><addresses "
     "xmlns='http://jabber.org/protocol/address'>",
     [["<address type='to' jid='", Jid, "'/>"] || Jid <- Recipients],
     "</addresses><body>in the clear</body></message>"].

attribute(Name, El) -> fxml:get_tag_attr_s(Name, El).
