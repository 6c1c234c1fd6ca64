%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What strangers write in rooms here, for the option `rooms': users of a component, such as a
%% gateway, and of a virtual host without the module. incoming_SUITE has those of other servers.
-module(rooms_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([a_message_in_the_clear_is_refused_where_encryption_is_required/1,
         an_encrypted_message_passes/1,
         a_stranger_stays_in_the_room_after_a_refusal/1,
         a_refused_message_is_kept_and_logged_nowhere/1,
         an_error_stanza_is_neither_judged_nor_answered/1,
         an_answer_is_in_the_language_of_the_message/1]).
-export([private_messages_are_judged_where_ejabberd_shows_them/1]).
-export([a_warning_comes_once_in_an_interval/1,
         a_warning_comes_once_a_day_without_an_interval/1,
         a_reload_does_not_forget_who_was_warned/1]).
-export([anonymous_rooms_are_passed_over/1,
         users_of_a_host_with_the_module_are_passed_over/1,
         senders_and_rooms_may_be_exempt/1,
         a_room_is_whitelisted_by_its_domain/1,
         testing_refuses_nothing_and_warns_nobody/1,
         the_least_level_of_connections_means_nothing_here/1]).
-export([topics_joins_and_history_work/1,
         a_moderator_removes_a_message/1,
         a_reload_puts_other_levels_in_force/1]).

-include("fxml.hrl").
-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(REQUIRED, <<"required.test">>).
-define(OPTIONAL, <<"optional.test">>).
-define(DAILY, <<"daily.test">>).
-define(EXEMPT, <<"exempt.test">>).
-define(WHITELISTED, <<"whitelisted.test">>).
-define(TESTED, <<"tested.test">>).
-define(CHANGING, <<"changing.test">>).
%% A host of the same server, without the module.
-define(NEIGHBOUR, <<"neighbour.test">>).
%% The domain of a component.
-define(GATEWAY, <<"gateway.test">>).

-define(TEXT, <<"thesecret">>).

all() ->
    [a_message_in_the_clear_is_refused_where_encryption_is_required,
     an_encrypted_message_passes,
     a_stranger_stays_in_the_room_after_a_refusal,
     a_refused_message_is_kept_and_logged_nowhere,
     an_error_stanza_is_neither_judged_nor_answered,
     an_answer_is_in_the_language_of_the_message,
     private_messages_are_judged_where_ejabberd_shows_them,
     a_warning_comes_once_in_an_interval,
     a_warning_comes_once_a_day_without_an_interval,
     a_reload_does_not_forget_who_was_warned,
     anonymous_rooms_are_passed_over,
     users_of_a_host_with_the_module_are_passed_over,
     senders_and_rooms_may_be_exempt,
     a_room_is_whitelisted_by_its_domain,
     testing_refuses_nothing_and_warns_nobody,
     the_least_level_of_connections_means_nothing_here,
     topics_joins_and_history_work,
     a_moderator_removes_a_message,
     a_reload_puts_other_levels_in_force].

%%%-------------------------------------------------------------------
%%% The server
%%%-------------------------------------------------------------------

init_per_suite(Config) ->
    Port = server:free_port(),
    Listener = #{module => ejabberd_service, ip => <<"127.0.0.1">>, port => Port,
                 hosts => #{?GATEWAY => #{password => <<"secret">>}}},
    Settings = #{listen => [Listener], loglevel => debug,
                 acl => #{free => [#{user_glob => <<"free*@", ?GATEWAY/binary>>},
                                   #{user_glob => <<"free*@conference.", ?EXEMPT/binary>>}]},
                 access_rules => #{free => [#{allow => free}]}},
    Server = server:started(hosts(), Settings),
    %% One for all cases: ejabberd would give each of several components a part of the stanzas.
    Gateway = client:kept(fun() ->
                                  client:component(Server#{component_port := Port}, ?GATEWAY)
                          end),
    [{server, Server}, {gateway, Gateway} | Config].

end_per_suite(Config) ->
    server:stop(server(Config)).

server(Config) ->
    ?config(server, Config).

hosts() ->
    Required = #{rooms => required, group => none,
                 message_plain_required_group => #{en => <<"Encrypt!">>,
                                                   de => <<"Schütz das!"/utf8>>}},
    Optional = #{rooms => optional, group => none,
                 message_plain_optional_group => <<"Rather encrypt {recipient}.">>},
    #{?REQUIRED => Required,
      ?OPTIONAL => Optional#{warn_interval => <<"1 hour">>},
      ?DAILY => Optional,
      ?EXEMPT => Required#{exempt => free},
      ?WHITELISTED => Required#{whitelist => [<<"conference.", ?WHITELISTED/binary>>]},
      ?TESTED => Required#{testing => true, s2s_unverified => required},
      ?CHANGING => Required#{rooms => none},
      ?NEIGHBOUR => without}.

%%%-------------------------------------------------------------------
%%% People in rooms
%%%-------------------------------------------------------------------

strangers() ->
    [gateway, neighbour].

%% A client and the address that it writes from. A component writes for its users.
stranger(Config, gateway, Name) ->
    {?config(gateway, Config), <<Name/binary, "@", ?GATEWAY/binary, "/phone">>};
stranger(Config, neighbour, Name) ->
    of_host(Config, ?NEIGHBOUR, Name).

of_host(Config, Host, Name) ->
    Jid = <<Name/binary, "@", Host/binary, "/phone">>,
    {client:connect_available(server(Config), Jid), Jid}.

%% A room of a host with Bob in it, and his client.
room(Config, Host, Name, Anonymous) ->
    Service = <<"conference.", Host/binary>>,
    Room = <<Name/binary, "@", Service/binary>>,
    {Bob, _} = of_host(Config, Host, client:unique_name("bob")),
    client:join(Bob, <<Room/binary, "/bob">>),
    ok = server:call(server(Config), mod_muc_admin, change_room_option,
                     [Name, Service, <<"anonymous">>, atom_to_binary(Anonymous)]),
    client:received(Bob, Room),
    {Room, Bob}.

open_room(Config, Host) ->
    room(Config, Host, client:unique_name("room"), false).

enter({Client, Jid}, Room) ->
    Nick = client:unique_name("stranger"),
    client:send(Client, ["<presence from='", Jid, "' to='", Room, "/", Nick, "'>"
                         "<x xmlns='http://jabber.org/protocol/muc'/></presence>"]),
    seen_by({Client, Jid}, Room).

%% What came for somebody until room, and the service by which rooms send, have handled all.
seen_by({Client, _Jid}, Room) ->
    client:received(Client, Room) ++ client:received(Client, <<"multicast.", (host(Room))/binary>>).

host(Room) ->
    [_, Domain] = binary:split(Room, <<"@">>),
    <<"conference.", Host/binary>> = Domain,
    Host.

say({Client, Jid} = Stranger, Room, Message) ->
    client:send(Client, addressed(Message, Jid)),
    [El || #xmlel{name = <<"message">>} = El <- seen_by(Stranger, Room)].

addressed(Message, Jid) ->
    <<"<message", Rest/binary>> = iolist_to_binary(Message),
    ["<message from='", Jid, "'", Rest].

%% To all, and to Bob alone.
plain(Room) -> plain(Room, "").

plain(Room, Attributes) ->
    ["<message type='groupchat' id='m1' to='", Room, "' ", Attributes, "><body>", ?TEXT,
     "</body></message>"].

private(Room) ->
    ["<message type='chat' id='p1' to='", Room, "/bob'><body>", ?TEXT, "</body></message>"].

encrypted(Room) ->
    corpus:group(corpus:xml(<<"slixmpp-omemo-2-2-0-003">>), Room).

%% What the sender of a message is told, and whether Bob gets it.
outcome(Stranger, Room, Bob, Message) ->
    Told = exchange:answers(say(Stranger, Room, Message)),
    #{delivered => client:messages(Bob, Room) =/= [], answers => Told}.

%% The cells of rooms that have grown on a host meanwhile, each as often as it has grown.
counting(Config, Host, Do) ->
    Before = counted(Config, Host),
    Result = Do(),
    {Result, lists:append([lists:duplicate(Count - maps:get(Cell, Before, 0), Cell)
                           || {{room, _, _, _} = Cell, Count}
                                  <- lists:sort(maps:to_list(counted(Config, Host)))])}.

counted(Config, Host) ->
    Counters = server:call(server(Config), mod_e2e_policy_registry, counters, [Host]),
    maps:from_list(server:call(server(Config), mod_e2e_policy_counters, totals, [Counters])).

%%%-------------------------------------------------------------------
%%% Required
%%%-------------------------------------------------------------------

a_message_in_the_clear_is_refused_where_encryption_is_required(Config) ->
    [begin
         {Room, Bob} = open_room(Config, ?REQUIRED),
         {_, Jid} = Stranger = stranger(Config, Kind, <<"eve">>),
         enter(Stranger, Room),
         client:received(Bob, Room),
         {Answers, Cells} = counting(Config, ?REQUIRED,
                                     fun() -> say(Stranger, Room, plain(Room)) end),
         ?assertEqual({Kind, []}, {Kind, client:messages(Bob, Room)}),
         ?assertEqual([{room, group, plaintext, refused}], Cells),
         [Answer] = Answers,
         ?assertEqual([<<"error">>, Room, Jid, <<"m1">>],
                      [fxml:get_tag_attr_s(Name, Answer)
                       || Name <- [<<"type">>, <<"from">>, <<"to">>, <<"id">>]]),
         ?assertMatch([#xmlel{name = <<"error">>}], Answer#xmlel.children),
         ?assertEqual([{error, <<"policy-violation">>, <<"Encrypt!">>}], exchange:answers(Answers))
     end || Kind <- strangers()].

an_encrypted_message_passes(Config) ->
    [begin
         {Room, Bob} = open_room(Config, ?REQUIRED),
         Stranger = stranger(Config, Kind, <<"eve">>),
         enter(Stranger, Room),
         client:received(Bob, Room),
         {Outcome, Cells} = counting(Config, ?REQUIRED,
                                     fun() -> outcome(Stranger, Room, Bob, encrypted(Room)) end),
         ?assertEqual({exchange:delivered(), [{room, group, omemo, allowed}]}, {Outcome, Cells})
     end || Kind <- strangers()].

a_stranger_stays_in_the_room_after_a_refusal(Config) ->
    [begin
         {Room, Bob} = open_room(Config, ?REQUIRED),
         Stranger = stranger(Config, Kind, <<"eve">>),
         enter(Stranger, Room),
         client:received(Bob, Room),
         exchange:is_refused(outcome(Stranger, Room, Bob, plain(Room))),
         ?assertEqual([], [El || #xmlel{name = <<"presence">>} = El <- client:received(Bob, Room)]),
         exchange:is_delivered(outcome(Stranger, Room, Bob, encrypted(Room)))
     end || Kind <- strangers()].

a_refused_message_is_kept_and_logged_nowhere(Config) ->
    {Room, Bob} = open_room(Config, ?REQUIRED),
    Stranger = stranger(Config, neighbour, <<"eve">>),
    enter(Stranger, Room),
    exchange:is_refused(outcome(Stranger, Room, Bob, plain(Room))),
    exchange:is_delivered(outcome(Stranger, Room, Bob, encrypted(Room))),
    [_Encrypted] = client:archive(Bob, Room),
    %% ejabberd itself logs each stanza at this level, so only the lines of the module count.
    [?assertEqual(nomatch, binary:match(Line, ?TEXT))
     || Line <- server:log_lines(server(Config)), re:run(Line, "E2EE policy") =/= nomatch].

%% A room itself takes an occupant away who sends an error to all.
an_error_stanza_is_neither_judged_nor_answered(Config) ->
    {Room, Bob} = open_room(Config, ?REQUIRED),
    {_, _} = Stranger = stranger(Config, neighbour, <<"eve">>),
    enter(Stranger, Room),
    client:received(Bob, Room),
    Message = ["<message type='error' id='m1' to='", Room, "/bob'><body>", ?TEXT, "</body>"
               "<error type='wait'><resource-constraint"
               " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"],
    {Outcome, Cells} = counting(Config, ?REQUIRED,
                                fun() -> outcome(Stranger, Room, Bob, Message) end),
    ?assertMatch({#{answers := []}, []}, {Outcome, Cells}).

an_answer_is_in_the_language_of_the_message(Config) ->
    {Room, Bob} = open_room(Config, ?REQUIRED),
    Stranger = stranger(Config, gateway, <<"eve">>),
    enter(Stranger, Room),
    [begin
         [Answer] = say(Stranger, Room, plain(Room, ["xml:lang='", Lang, "'"])),
         Written = fxml:get_subtag(fxml:get_subtag(Answer, <<"error">>), <<"text">>),
         ?assertEqual({Text, TextLang}, {fxml:get_tag_cdata(Written),
                                         fxml:get_tag_attr_s(<<"xml:lang">>, Written)})
     end || {Lang, Text, TextLang} <- [{"de-AT", <<"Schütz das!"/utf8>>, <<"de">>},
                                       {"sw", <<"Encrypt!">>, <<"en">>}]],
    ?assertEqual([], client:messages(Bob, Room)).

%% Before 23.10 ejabberd shows modules no private messages within a server.
private_messages_are_judged_where_ejabberd_shows_them(Config) ->
    [begin
         {Room, Bob} = open_room(Config, ?REQUIRED),
         Stranger = stranger(Config, Kind, <<"eve">>),
         enter(Stranger, Room),
         client:received(Bob, Room),
         {{Answers, Received}, Cells} =
             counting(Config, ?REQUIRED,
                      fun() ->
                              Answers = say(Stranger, Room, private(Room)),
                              {Answers, client:messages(Bob, Room)}
                      end),
         case shows_private_messages(Config) of
             true ->
                 ?assertEqual({[], [{room, direct, plaintext, refused}]}, {Received, Cells}),
                 ?assertEqual([{error, <<"policy-violation">>, <<"Encrypt!">>}],
                              exchange:answers(Answers)),
                 [Answer] = Answers,
                 ?assertEqual(<<Room/binary, "/bob">>, fxml:get_tag_attr_s(<<"from">>, Answer));
             false ->
                 ?assertMatch({[_], [], []}, {Received, Answers, Cells})
         end,
         exchange:is_delivered(outcome(Stranger, Room, Bob, encrypted(Room)))
     end || Kind <- strangers()].

shows_private_messages(Config) ->
    Version = server:call(server(Config), ejabberd_option, version, []),
    [Year, Month | _] = [binary_to_integer(Part) || Part <- re:split(Version, "[^0-9]+"),
                                                    Part =/= <<>>],
    {Year, Month} >= {23, 10}.

%%%-------------------------------------------------------------------
%%% Optional
%%%-------------------------------------------------------------------

a_warning_comes_once_in_an_interval(Config) ->
    is_warned_once(Config, ?OPTIONAL).

a_warning_comes_once_a_day_without_an_interval(Config) ->
    is_warned_once(Config, ?DAILY).

%% For each occupant and room, whatever client the occupant uses.
is_warned_once(Config, Host) ->
    [begin
         {Room, Bob} = open_room(Config, Host),
         {OtherRoom, OtherBob} = open_room(Config, Host),
         Stranger = stranger(Config, Kind, client:unique_name("eve")),
         enter(Stranger, Room),
         enter(Stranger, OtherRoom),
         client:received(Bob, Room),
         client:received(OtherBob, OtherRoom),
         Warning = exchange:warned(message, <<"Rather encrypt ", Room/binary, ".">>),
         {Outcomes, Cells} =
             counting(Config, Host,
                      fun() -> [outcome(Stranger, Room, Bob, plain(Room)) || _ <- [1, 2]] end),
         ?assertEqual({Kind, [Warning, exchange:delivered()]}, {Kind, Outcomes}),
         ?assertEqual([{room, group, plaintext, warned}, {room, group, plaintext, warned}], Cells),
         Other = exchange:warned(message, <<"Rather encrypt ", OtherRoom/binary, ".">>),
         ?assertEqual(Other, outcome(Stranger, OtherRoom, OtherBob, plain(OtherRoom)))
     end || Kind <- strangers()].

a_reload_does_not_forget_who_was_warned(Config) ->
    {Room, Bob} = open_room(Config, ?DAILY),
    Stranger = stranger(Config, gateway, client:unique_name("eve")),
    enter(Stranger, Room),
    client:received(Bob, Room),
    ?assertMatch(#{answers := [_]}, outcome(Stranger, Room, Bob, plain(Room))),
    Changed = (maps:get(?DAILY, hosts()))#{direct => none},
    {0, ""} = server:reload(server(Config), (hosts())#{?DAILY := Changed}),
    exchange:is_delivered(outcome(Stranger, Room, Bob, plain(Room))),
    {0, ""} = server:reload(server(Config), hosts()).

%%%-------------------------------------------------------------------
%%% What is not asked
%%%-------------------------------------------------------------------

anonymous_rooms_are_passed_over(Config) ->
    {Room, Bob} = room(Config, ?REQUIRED, client:unique_name("room"), true),
    Stranger = stranger(Config, gateway, <<"eve">>),
    enter(Stranger, Room),
    client:received(Bob, Room),
    {Outcome, Cells} = counting(Config, ?REQUIRED,
                                fun() -> outcome(Stranger, Room, Bob, plain(Room)) end),
    ?assertEqual({exchange:delivered(), [{room, group, plaintext, exempt}]}, {Outcome, Cells}),
    {0, Status} = server:ctl(server(Config), ["e2e_policy_status", binary_to_list(?REQUIRED)]),
    ?assertMatch({match, _}, re:run(Status, "anonymous")).

users_of_a_host_with_the_module_are_passed_over(Config) ->
    {Room, Bob} = open_room(Config, ?REQUIRED),
    [begin
         User = of_host(Config, Host, <<"carol">>),
         enter(User, Room),
         client:received(Bob, Room),
         ?assertEqual({exchange:delivered(), []},
                      counting(Config, ?REQUIRED,
                               fun() -> outcome(User, Room, Bob, plain(Room)) end))
     end || Host <- [?REQUIRED, ?CHANGING]].

senders_and_rooms_may_be_exempt(Config) ->
    Said = fun(Name, {Room, Bob}) ->
                   Stranger = stranger(Config, gateway, Name),
                   enter(Stranger, Room),
                   client:received(Bob, Room),
                   counting(Config, ?EXEMPT,
                            fun() -> outcome(Stranger, Room, Bob, plain(Room)) end)
           end,
    ?assertMatch({#{delivered := false}, [{room, group, plaintext, refused}]},
                 Said(<<"eve">>, open_room(Config, ?EXEMPT))),
    [?assertEqual({exchange:delivered(), [{room, group, plaintext, exempt}]}, Said(Name, Room))
     || {Name, Room} <- [{<<"freeeve">>, open_room(Config, ?EXEMPT)},
                         {<<"eve">>, room(Config, ?EXEMPT, <<"freeroom">>, false)}]].

a_room_is_whitelisted_by_its_domain(Config) ->
    {Room, Bob} = open_room(Config, ?WHITELISTED),
    Stranger = stranger(Config, gateway, <<"eve">>),
    enter(Stranger, Room),
    client:received(Bob, Room),
    ?assertEqual({exchange:delivered(), [{room, group, nothing, exempt}]},
                 counting(Config, ?WHITELISTED,
                          fun() -> outcome(Stranger, Room, Bob, plain(Room)) end)).

testing_refuses_nothing_and_warns_nobody(Config) ->
    {Room, Bob} = open_room(Config, ?TESTED),
    Stranger = stranger(Config, gateway, <<"eve">>),
    enter(Stranger, Room),
    client:received(Bob, Room),
    ?assertEqual({exchange:delivered(), [{room, group, plaintext, would_refuse}]},
                 counting(Config, ?TESTED,
                          fun() -> outcome(Stranger, Room, Bob, plain(Room)) end)).

%% A component is no other server.
the_least_level_of_connections_means_nothing_here(Config) ->
    Options = #{s2s_unverified => required, rooms => optional, group => none},
    {0, ""} = server:reload(server(Config), (hosts())#{?CHANGING := Options}),
    {Room, Bob} = open_room(Config, ?CHANGING),
    Stranger = stranger(Config, gateway, <<"eve">>),
    enter(Stranger, Room),
    client:received(Bob, Room),
    ?assertMatch({#{delivered := true, answers := [_]}, [{room, group, plaintext, warned}]},
                 counting(Config, ?CHANGING,
                          fun() -> outcome(Stranger, Room, Bob, plain(Room)) end)),
    {0, ""} = server:reload(server(Config), hosts()).

%%%-------------------------------------------------------------------
%%% What rooms do besides
%%%-------------------------------------------------------------------

topics_joins_and_history_work(Config) ->
    {Room, Bob} = open_room(Config, ?REQUIRED),
    Stranger = stranger(Config, gateway, <<"eve">>),
    enter(Stranger, Room),
    client:received(Bob, Room),
    Topic = ["<message type='groupchat' to='", Room, "'><subject>about tea</subject></message>"],
    ?assertMatch({_, [{room, group, nothing, allowed}]},
                 counting(Config, ?REQUIRED, fun() -> say(Stranger, Room, Topic) end)),
    ?assertMatch([_], client:messages(Bob, Room)),
    client:send(Bob, plain(Room)),
    client:received(Bob, Room),
    Newcomer = stranger(Config, neighbour, <<"mallory">>),
    {Seen, Cells} = counting(Config, ?REQUIRED, fun() -> enter(Newcomer, Room) end),
    ?assertEqual([], Cells),
    ?assertEqual([<<"body">>, <<"subject">>],
                 lists:usort([Name || #xmlel{name = <<"message">>, children = Children} <- Seen,
                                      #xmlel{name = Name} <- Children,
                                      Name =:= <<"body">> orelse Name =:= <<"subject">>])).

%% ejabberd before 23.10 knows no moderation, and answers by an error.
a_moderator_removes_a_message(Config) ->
    {Room, Bob} = open_room(Config, ?REQUIRED),
    {Client, Jid} = Stranger = stranger(Config, neighbour, <<"eve">>),
    enter(Stranger, Room),
    client:received(Bob, Room),
    [_] = say(Stranger, Room, encrypted(Room)),
    [Said] = client:messages(Bob, Room),
    Id = fxml:get_tag_attr_s(<<"id">>, fxml:get_subtag(Said, <<"stanza-id">>)),
    Moderate = ["<apply-to xmlns='urn:xmpp:fasten:0' id='", Id, "'>"
                "<moderate xmlns='urn:xmpp:message-moderate:0'>"
                "<retract xmlns='urn:xmpp:message-retract:0'/></moderate></apply-to>"],
    Answer = client:request(Bob, Room, "set", Moderate),
    Told = [El || #xmlel{name = <<"message">>} = El <- seen_by({Client, Jid}, Room)],
    case shows_private_messages(Config) of
        true ->
            ?assertEqual(<<"result">>, fxml:get_tag_attr_s(<<"type">>, Answer)),
            ?assertMatch([_], Told);
        false ->
            ?assertEqual({<<"error">>, []}, {fxml:get_tag_attr_s(<<"type">>, Answer), Told})
    end.

a_reload_puts_other_levels_in_force(Config) ->
    {Room, Bob} = open_room(Config, ?CHANGING),
    Stranger = stranger(Config, gateway, <<"eve">>),
    enter(Stranger, Room),
    client:received(Bob, Room),
    Said = fun() -> outcome(Stranger, Room, Bob, plain(Room)) end,
    Reload = fun(Level) ->
                     Changed = (maps:get(?CHANGING, hosts()))#{rooms := Level},
                     {0, ""} = server:reload(server(Config), (hosts())#{?CHANGING := Changed})
             end,
    exchange:is_delivered(Said()),
    Reload(required),
    exchange:is_refused(Said()),
    Reload(none),
    exchange:is_delivered(Said()).
