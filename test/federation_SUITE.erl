%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Messages to other servers and from them, over connections of each kind that rig.erl has, with
%% each value of `s2s_unverified', in the clear and encrypted.
-module(federation_SUITE).

-export([suite/0, all/0, groups/0, init_per_suite/1, end_per_suite/1]).
%% Each peer
-export([with_none_all_is_delivered/1,
         with_optional_a_sender_is_warned_of_an_unverified_connection/1,
         with_required_plaintext_goes_over_no_unverified_connection/1,
         with_required_plaintext_comes_in_over_no_unverified_connection/1,
         with_refuse_nothing_goes_over_an_unverified_connection/1,
         with_refuse_nothing_comes_in_over_an_unverified_connection/1,
         in_a_test_of_refuse_all_is_delivered/1,
         what_is_refused_does_not_wait_for_who_is_offline/1]).
%% Exceptions
-export([a_trusted_peer_is_as_a_verified_one/1, a_whitelisted_peer_is_asked_nothing/1]).
%% Real clients
-export([what_people_see_with_optional/1, what_people_see_with_required/1,
         what_people_see_with_refuse/1, an_interceptor_cannot_read_omemo/1]).

-include("fxml.hrl").
-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(OMEMO, <<"slixmpp-omemo-2-2-0-003">>).
%% Whose certificate is self-signed.
-define(TRUSTED, {ejabberd, self_signed}).
-define(WHITELISTED, {prosody, self_signed}).
%% A tenth of a second for each.
-define(POLLS, 100).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [{group, each_peer}, {group, exceptions}, {group, real_clients}].

groups() ->
    [{each_peer, [],
      [with_none_all_is_delivered,
       with_optional_a_sender_is_warned_of_an_unverified_connection,
       with_required_plaintext_goes_over_no_unverified_connection,
       with_required_plaintext_comes_in_over_no_unverified_connection,
       with_refuse_nothing_goes_over_an_unverified_connection,
       with_refuse_nothing_comes_in_over_an_unverified_connection,
       in_a_test_of_refuse_all_is_delivered,
       what_is_refused_does_not_wait_for_who_is_offline]},
     {exceptions, [], [a_trusted_peer_is_as_a_verified_one, a_whitelisted_peer_is_asked_nothing]},
     {real_clients, [],
      [what_people_see_with_optional, what_people_see_with_required, what_people_see_with_refuse,
       an_interceptor_cannot_read_omemo]}].

init_per_suite(Config) ->
    case rig:is_possible() of
        true ->
            #{ours := Ours} = Rig = rig:started(policies()),
            Romeos = [{Host, romeo(Ours, Host)} || Host <- maps:keys(policies())],
            Juliets = [{Peer, client:kept(fun() -> rig:connect(Peer, <<"juliet">>, Rig) end)}
                       || Peer <- rig:peers()],
            [{rig, Rig}, {romeos, Romeos}, {juliets, Juliets} | Config];
        false ->
            {skip, "this machine gives a process no file system of its own"}
    end.

end_per_suite(Config) ->
    rig:stop(?config(rig, Config)).

%% Nothing is asked but for the connection.
policies() ->
    Policy = #{direct => none, group => none},
    #{<<"none.test">> => Policy,
      <<"optional.test">> => Policy#{s2s_unverified => optional},
      <<"required.test">> => Policy#{s2s_unverified => required},
      <<"refuse.test">> => Policy#{s2s_unverified => refuse},
      <<"testing.test">> => Policy#{s2s_unverified => refuse, testing => true},
      <<"trusting.test">> =>
          Policy#{s2s_unverified => refuse,
                  s2s_trusted => [#{allow => #{server => rig:domain(?TRUSTED)}}]},
      <<"whitelist.test">> =>
          Policy#{s2s_unverified => required, whitelist => [rig:domain(?WHITELISTED)]}}.

%% A user with two devices; the second gets carbons.
romeo(Server, Host) ->
    [Phone, Tablet] = [client:kept(fun() -> client:connect_available(Server, jid(Host, Device)) end)
                       || Device <- [<<"phone">>, <<"tablet">>]],
    client:enable_carbons(Tablet),
    client:received(Phone),
    {Phone, Tablet}.

jid(Host, Device) ->
    <<"romeo@", Host/binary, "/", Device/binary>>.

%%%-------------------------------------------------------------------
%%% Each peer
%%%-------------------------------------------------------------------

%% The connections to these peers are not verified.
outgoing() ->
    [Peer || {_, Kind} = Peer <- rig:peers(),
             lists:member(Kind, [self_signed, other_name, expired, unknown_authority,
                                 without_starttls, stripped, intercepted])].

%% Nor are those from these, with one who is vouched for by an honest server.
incoming() ->
    [{ejabberd, intercepted_incoming} | outgoing()].

with_none_all_is_delivered(Config) ->
    [all_is_delivered(Direction, Content, <<"none.test">>, Config)
     || Direction <- [outgoing, incoming], Content <- [plaintext, omemo]],
    %% So a search for what was refused would find it.
    Texts = texts(<<"none.test">>, Config),
    [?assertEqual([ejabberd_archives, interceptor, our_archives, our_carbons, prosody_archives],
                  places(Direction, rig:peers(), <<"none.test">>, Texts))
     || Direction <- [outgoing, incoming]],
    [?assertEqual(Kinds, [Kind || {_, Kind} = Peer <- rig:peers(),
                                  lists:member(interceptor, places(Direction, [Peer],
                                                                   <<"none.test">>, Texts))])
     || {Direction, Kinds} <- [{outgoing, [stripped, intercepted]},
                               {incoming, [stripped, intercepted, intercepted_incoming]}]].

with_optional_a_sender_is_warned_of_an_unverified_connection(Config) ->
    Host = <<"optional.test">>,
    Warned = fun(Peer) ->
                     exchange:warned(message, refusal("is *STRONGLY* recommended: ", Peer))
             end,
    Expected = expected(outgoing(), Warned),
    ?assertEqual(Expected, outcomes(outgoing, plaintext, Host, Config)),
    all_is_delivered(incoming, plaintext, Host, Config),
    [all_is_delivered(Direction, omemo, Host, Config) || Direction <- [outgoing, incoming]].

with_required_plaintext_goes_over_no_unverified_connection(Config) ->
    Host = <<"required.test">>,
    Refused = fun(Peer) ->
                      Required = "is *REQUIRED* for conversations on this server: ",
                      exchange:refused(message, refusal(Required, Peer))
              end,
    Expected = expected(outgoing(), Refused),
    ?assertEqual(Expected, outcomes(outgoing, plaintext, Host, Config)),
    ?assertEqual([], places(outgoing, outgoing(), Host, texts(Host, Config))),
    all_is_delivered(outgoing, omemo, Host, Config).

%% The other server keeps what its own user has sent, and has sent it here.
with_required_plaintext_comes_in_over_no_unverified_connection(Config) ->
    Host = <<"required.test">>,
    Refused = fun(Peer) -> exchange:refused(error, incoming_refusal(Host, Peer)) end,
    Expected = expected(incoming(), Refused),
    ?assertEqual(Expected, outcomes(incoming, plaintext, Host, Config)),
    ?assertEqual([ejabberd_archives, interceptor, prosody_archives],
                 places(incoming, incoming(), Host, texts(Host, Config))),
    all_is_delivered(incoming, omemo, Host, Config).

%% Our server keeps what its own user has sent.
with_refuse_nothing_goes_over_an_unverified_connection(Config) ->
    Host = <<"refuse.test">>,
    Unreachable = fun({_, Kind}) ->
                          {unreachable, case lists:member(Kind, [without_starttls, stripped]) of
                                            true -> "without TLS";
                                            false -> "certificate rejected"
                                        end}
                  end,
    Told = fun(#{delivered := false,
                 answers := [{error, <<"remote-server-timeout">>, Text}]}) ->
                   Words = re:run(Text, "without TLS|certificate rejected",
                                  [{capture, first, list}]),
                   {unreachable, case Words of
                                     {match, [Why]} -> Why;
                                     nomatch -> Text
                                 end};
              (Outcome) ->
                   Outcome
           end,
    Expected = expected(outgoing(), Unreachable),
    [?assertEqual(Expected,
                  [{Peer, Told(Outcome)}
                   || {Peer, Outcome} <- outcomes(outgoing, Content, Host, Config)])
     || Content <- [plaintext, omemo]],
    ?assertEqual([our_archives, our_carbons],
                 places(outgoing, outgoing(), Host, texts(Host, Config))).

with_refuse_nothing_comes_in_over_an_unverified_connection(Config) ->
    Host = <<"refuse.test">>,
    Told = fun(#{delivered := false, answers := [{error, <<"remote-server-timeout">>, _}]}) ->
                   unreachable;
              (Outcome) ->
                   Outcome
           end,
    Expected = expected(incoming(), fun(_) -> unreachable end),
    [?assertEqual(Expected,
                  [{Peer, Told(Outcome)}
                   || {Peer, Outcome} <- outcomes(incoming, Content, Host, Config)])
     || Content <- [plaintext, omemo]],
    ?assertEqual([ejabberd_archives, prosody_archives],
                 places(incoming, incoming(), Host, texts(Host, Config))).

in_a_test_of_refuse_all_is_delivered(Config) ->
    [all_is_delivered(Direction, plaintext, <<"testing.test">>, Config)
     || Direction <- [outgoing, incoming]].

what_is_refused_does_not_wait_for_who_is_offline(Config) ->
    #{ours := Ours} = ?config(rig, Config),
    Juliets = [proplists:get_value({Software, self_signed}, ?config(juliets, Config))
               || Software <- [ejabberd, prosody]],
    [begin
         Tybalt = <<"tybalt@", Host/binary>>,
         client:make_account(Ours, Tybalt),
         [client:send(Juliet, stanza(plaintext, "For later", Tybalt)) || Juliet <- Juliets],
         server:until(fun() -> waiting(<<"tybalt">>, Host, Ours) =:= Waiting end),
         [server:until(fun() -> client:messages(Juliet) =/= [] end)
          || Juliet <- Juliets, Waiting =:= 0],
         Messages = client:messages(client:connect(Ours, <<Tybalt/binary, "/phone">>)),
         ?assertEqual({Host, Waiting}, {Host, length(Messages)})
     end || {Host, Waiting} <- [{<<"none.test">>, 2}, {<<"required.test">>, 0},
                                {<<"refuse.test">>, 0}]].

waiting(User, Host, Server) ->
    server:call(Server, mod_offline, count_offline_messages, [User, Host]).

%%%-------------------------------------------------------------------
%%% Exceptions
%%%-------------------------------------------------------------------

a_trusted_peer_is_as_a_verified_one(Config) ->
    [?assertEqual(exchange:delivered(),
                  outcome(Direction, Content, ?TRUSTED, <<"trusting.test">>, Config))
     || Direction <- [outgoing, incoming], Content <- [plaintext, omemo]],
    ?assertMatch(#{delivered := false},
                 outcome(outgoing, plaintext, ?WHITELISTED, <<"trusting.test">>, Config)).

a_whitelisted_peer_is_asked_nothing(Config) ->
    [?assertEqual(exchange:delivered(),
                  outcome(Direction, plaintext, ?WHITELISTED, <<"whitelist.test">>, Config))
     || Direction <- [outgoing, incoming]],
    ?assertMatch(#{delivered := false},
                 outcome(outgoing, plaintext, ?TRUSTED, <<"whitelist.test">>, Config)).

%%%-------------------------------------------------------------------
%%% Real clients
%%%-------------------------------------------------------------------

what_people_see_with_optional(Config) ->
    Alice = person("alice", <<"optional.test">>, Config),
    Bob = person("bob", {prosody, self_signed}, Config),
    ?assertMatch({[#{<<"event">> := <<"notice">>}],
                  [#{<<"body">> := <<"Hi">>, <<"encrypted">> := false}]},
                 said(send_plaintext, <<"Hi">>, Alice, Bob)),
    ?assertMatch({[], [#{<<"body">> := <<"Hello">>, <<"encrypted">> := false}]},
                 said(send_plaintext, <<"Hello">>, Bob, Alice)),
    both_ways_with_omemo(Alice, Bob).

what_people_see_with_required(Config) ->
    Alice = person("alice", <<"required.test">>, Config),
    Bob = person("bob", {prosody, self_signed}, Config),
    ?assertMatch({[#{<<"event">> := <<"error">>, <<"condition">> := <<"policy-violation">>},
                   #{<<"event">> := <<"notice">>}], []},
                 said(send_plaintext, <<"Hi">>, Alice, Bob)),
    ?assertMatch({[#{<<"event">> := <<"error">>, <<"condition">> := <<"policy-violation">>}], []},
                 said(send_plaintext, <<"Hello">>, Bob, Alice)),
    both_ways_with_omemo(Alice, Bob).

%% Even the keys of the other cannot be had.
what_people_see_with_refuse(Config) ->
    Alice = person("alice", <<"refuse.test">>, Config),
    Bob = person("bob", {prosody, self_signed}, Config),
    [?assertMatch({[#{<<"event">> := <<"error">>, <<"condition">> := <<"remote-server-timeout">>}],
                   []},
                  said(send_plaintext, <<"Hi">>, Sender, Recipient))
     || {Sender, Recipient} <- [{Alice, Bob}, {Bob, Alice}]],
    ?assertError({send_omemo, _}, said(send_omemo, <<"Hi">>, Alice, Bob)),
    Carol = person("carol", {prosody, trusted}, Config),
    both_ways_with_omemo(Alice, Carol).

an_interceptor_cannot_read_omemo(Config) ->
    Alice = person("alice", <<"required.test">>, Config),
    Bob = person("bob", {ejabberd, intercepted}, Config),
    both_ways_with_omemo(Alice, Bob),
    #{interceptor := Interceptor} = ?config(rig, Config),
    Read = interceptor:has_read(Interceptor),
    ?assertMatch({_, _}, binary:match(Read, <<"<encrypted xmlns=">>)),
    ?assertEqual(nomatch, binary:match(Read, <<"in secret">>)).

both_ways_with_omemo(Alice, Bob) ->
    [?assertMatch({[], [#{<<"body">> := <<"in secret">>, <<"encrypted">> := true}]},
                  said(send_omemo, <<"in secret">>, Sender, Recipient))
     || {Sender, Recipient} <- [{Alice, Bob}, {Bob, Alice}]].

%% A client on one of our hosts or of a peer, for the test case alone.
person(Prefix, Peer, Config) when is_tuple(Peer) ->
    Rig = ?config(rig, Config),
    person(Prefix, rig:domain(Peer), rig:server(Peer, Rig));
person(Prefix, Host, #{port := Port} = Server) ->
    Jid = <<(client:unique_name(Prefix))/binary, "@", Host/binary>>,
    client:make_account(Server, <<Jid/binary, "/suite">>),
    Client = real_client:start(omemo, [<<Jid/binary, "/suite">>, <<"secret">>]),
    real_client:do(Client, go_online, #{port => Port}),
    #{client => Client, jid => Jid, domain => Host};
person(Prefix, Host, Config) ->
    #{ours := Ours} = ?config(rig, Config),
    person(Prefix, Host, Ours).

%% What the sender and the recipient see after a message: until it has arrived, or an error.
said(Command, Body, #{client := Client} = Sender, #{jid := Jid} = Recipient) ->
    {_, Events} = real_client:do(Client, Command, #{to => Jid, body => Body}),
    seen(Sender, Recipient, arrived(Events), ?POLLS).

seen(#{client := Client, domain := Domain} = Sender, #{client := Others} = Recipient, Earlier,
     Polls) when Polls > 0 ->
    {_, ToRecipient} = real_client:do(Others, settle),
    {_, ToSender} = real_client:do(Client, settle),
    case {Earlier ++ arrived(ToSender), arrived(ToRecipient)} of
        {_, [_ | _]} = Seen ->
            Seen;
        {[#{<<"event">> := <<"error">>} | _] = Seen, []} ->
            %% The server's own message follows the error at once.
            {_, Last} = real_client:do(Client, ping, #{jid => Domain}),
            {_, Settled} = real_client:do(Client, settle),
            {Seen ++ arrived(Last ++ Settled), []};
        {Seen, []} ->
            timer:sleep(100),
            seen(Sender, Recipient, Seen, Polls - 1)
    end.

%% Without the reports of what the client has sent itself.
arrived(Events) ->
    [Event || #{<<"event">> := Kind} = Event <- Events, Kind =/= <<"sent">>].

%%%-------------------------------------------------------------------
%%% Outcomes
%%%-------------------------------------------------------------------

all_is_delivered(Direction, Content, Host, Config) ->
    Expected = expected([], none),
    ?assertEqual(Expected, outcomes(Direction, Content, Host, Config)).

%% What is to become of a message to each peer, or from it.
expected(Unverified, Outcome) ->
    [{Peer, case lists:member(Peer, Unverified) of
                true -> Outcome(Peer);
                false -> exchange:delivered()
            end} || Peer <- rig:peers()].

outcomes(Direction, Content, Host, Config) ->
    [{Peer, outcome(Direction, Content, Peer, Host, Config)} || Peer <- rig:peers()].

outcome(Direction, Content, Peer, Host, Config) ->
    {Romeo, _} = proplists:get_value(Host, ?config(romeos, Config)),
    Juliet = proplists:get_value(Peer, ?config(juliets, Config)),
    {Sender, Recipient} = case Direction of
                              outgoing -> {Romeo, Juliet};
                              incoming -> {Juliet, Romeo}
                          end,
    Xml = stanza(Content, word(Direction, Peer, Host), client:jid(Recipient)),
    exchange:message_abroad(Sender, Recipient, Xml).

stanza(plaintext, Word, To) ->
    ["<message type='chat' to='", To, "'><body>", Word, "</body></message>"];
stanza(omemo, _, To) ->
    corpus:direct(corpus:xml(?OMEMO), To).

%% What no other message says.
word(Direction, Peer, Host) ->
    iolist_to_binary([atom_to_binary(Direction), "-", rig:domain(Peer), "-", Host]).

refusal(Policy, Peer) ->
    iolist_to_binary(["Your message to juliet@", rig:domain(Peer), " was not end-to-end encrypted. "
                      "For security reasons, using one of the following E2EE schemes ", Policy,
                      "omemo, pgp ", unverified(Peer)]).

incoming_refusal(Host, Peer) ->
    iolist_to_binary(["romeo@", Host, " only takes messages that are end-to-end encrypted by one "
                      "of these: omemo, pgp ", unverified(Peer)]).

unverified(Peer) ->
    ["The connection to ", rig:domain(Peer), " is not protected by a valid certificate."].

%%%-------------------------------------------------------------------
%%% Places
%%%-------------------------------------------------------------------

%% Where the plaintext of these messages can be found afterwards.
places(Direction, Peers, Host, Texts) ->
    Words = [word(Direction, Peer, Host) || Peer <- Peers],
    [Place || {Place, Text} <- Texts, binary:match(Text, Words) =/= nomatch].

texts(Host, Config) ->
    #{ours := Ours, ejabberd := Ejabberd, prosody := Prosody, interceptor := Interceptor} =
        ?config(rig, Config),
    [{ejabberd_archives, archives(Ejabberd)},
     {ejabberd_log, server:log(Ejabberd)},
     {interceptor, interceptor:has_read(Interceptor)},
     {our_archives, archives(Ours)},
     {our_carbons, carbons(Host, Config)},
     {our_log, server:log(Ours)},
     {prosody_archives, prosody:archived(Prosody)},
     {prosody_log, prosody:log(Prosody)}].

%% The messages of users, and those for users who are offline.
archives(Server) ->
    Rows = [server:call(Server, mnesia, dirty_match_object,
                        [server:call(Server, mnesia, table_info, [Table, wild_pattern])])
            || Table <- [archive_msg, offline_msg]],
    term_to_binary(Rows).

%% What a user's second device has got since it was asked last.
carbons(Host, Config) ->
    {_, Tablet} = proplists:get_value(Host, ?config(romeos, Config)),
    iolist_to_binary([fxml:element_to_binary(Message) || Message <- client:messages(Tablet)]).
