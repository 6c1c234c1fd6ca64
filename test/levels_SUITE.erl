%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Who is asked for what: levels by rule, exemptions by rule, private messages in rooms, and
%% policies that are tested; and what is counted of it.
-module(levels_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([each_combination_is_decided_and_counted/1]).
-export([a_rule_may_be_written_in_the_option/1,
         a_rule_that_changes_in_ejabberd_yml_counts_after_a_reload/1,
         a_name_that_does_not_exist_is_told_at_start_and_reload/1]).
-export([an_address_may_be_exempt/1,
         a_multicast_is_exempt_if_all_recipients_are/1]).
-export([private_messages_in_rooms_here_have_a_level_of_their_own/1,
         private_messages_in_rooms_elsewhere_are_known_by_the_marker/1]).
-export([each_content_is_counted/1,
         groups_and_withheld_warnings_are_counted/1,
         what_is_sent_by_a_command_is_not_counted/1]).
-export([testing_replaces_no_body_and_begins_no_interval/1,
         testing_starts_and_ends_under_traffic/1]).
-export([the_status_has_the_rules_in_words/1,
         an_explanation_names_the_rule/1,
         an_explanation_says_what_would_be_decided_in_earnest/1]).

-include("fxml.hrl").
-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(RULES, [#{required => staff}, #{none => bots}, #{optional => all}]).
-define(MARKER, "<x xmlns='http://jabber.org/protocol/muc#user'/>").

all() ->
    [each_combination_is_decided_and_counted,
     a_rule_may_be_written_in_the_option,
     a_name_that_does_not_exist_is_told_at_start_and_reload,
     an_address_may_be_exempt,
     a_multicast_is_exempt_if_all_recipients_are,
     private_messages_in_rooms_here_have_a_level_of_their_own,
     private_messages_in_rooms_elsewhere_are_known_by_the_marker,
     each_content_is_counted,
     groups_and_withheld_warnings_are_counted,
     what_is_sent_by_a_command_is_not_counted,
     testing_replaces_no_body_and_begins_no_interval,
     testing_starts_and_ends_under_traffic,
     the_status_has_the_rules_in_words,
     an_explanation_names_the_rule,
     an_explanation_says_what_would_be_decided_in_earnest,
     a_rule_that_changes_in_ejabberd_yml_counts_after_a_reload].

%%%-------------------------------------------------------------------
%%% The server
%%%-------------------------------------------------------------------

init_per_suite(Config) ->
    [{server, server:started(hosts(), settings(staff()))} | Config].

end_per_suite(Config) ->
    server:stop(server(Config)).

server(Config) ->
    ?config(server, Config).

%% Who belongs to the staff is an access rule, and who is a bot an ACL.
settings(Staff) ->
    #{acl => #{bots => #{user_glob => <<"bots-*">>}, people => #{user_glob => Staff},
               free => #{user_glob => <<"free*">>}},
      access_rules => #{staff => [#{allow => people}], free => [#{allow => free}],
                        here => [#{allow => #{ip => <<"127.0.0.0/8">>}}]}}.

staff() -> <<"staff-*">>.

hosts() ->
    Table = [{host(Row), options(Row)} || Row <- rows()],
    maps:merge(maps:from_list(Table), others()).

others() ->
    Strict = #{direct => required, group => required, warn_mechanism => error},
    #{<<"inline.test">> => Strict#{direct => [#{none => #{user => <<"bots-1@inline.test">>}},
                                              #{required => [#{deny => bots}, #{allow => all}]}]},
      <<"changing.test">> => Strict#{direct => ?RULES},
      <<"unknown.test">> => Strict#{direct => [#{required => stuff}, #{required => bots},
                                               #{none => [#{allow => bits}]}, #{optional => all}],
                                    exempt => bots,
                                    metrics_access => [#{allow => people}, #{allow => nearby}]},
      <<"address.test">> => Strict#{exempt => here},
      <<"multicast.test">> => Strict#{exempt => free},
      <<"rooms.test">> => Strict#{direct => none, muc_pm => required},
      <<"lenient.test">> => Strict#{muc_pm => none},
      <<"counted.test">> => Strict#{accepted_schemes => [omemo], group => optional,
                                    warn_interval => <<"1 day">>},
      <<"tested.test">> => Strict#{testing => true, outer_body => replace,
                                   grace_period => <<"1 day">>, warn_interval => <<"1 day">>},
      <<"switched.test">> => Strict#{testing => true},
      <<"words.test">> => Strict#{direct => ?RULES, muc_pm => optional, exempt => free,
                                  testing => true}}.

%%%-------------------------------------------------------------------
%%% The table
%%%-------------------------------------------------------------------

%% Each row is a virtual host: what the option has, and whether the policy is tested.
rows() ->
    [{Option, Testing} || Option <- [none, optional, required, rules], Testing <- [false, true]].

host({Option, Testing}) ->
    iolist_to_binary([atom_to_list(Option), ".", atom_to_list(Testing), ".test"]).

options({Option, Testing}) ->
    #{direct => case Option of rules -> ?RULES; Level -> Level end, testing => Testing,
      exempt => free, grace_period => <<"14 days">>, warn_mechanism => error}.

%% A name begins with the class of the user, and ends with who started the clock and how it stands.
senders() ->
    [{Class, Clock} || Class <- [staff, bots, free, others],
                       Clock <- [none, violation_running, violation_over, admin_running,
                                 admin_over]].

name({Class, Clock}) ->
    iolist_to_binary([atom_to_list(Class), "-", atom_to_list(Clock)]).

each_combination_is_decided_and_counted(Config) ->
    Wrong = lists:append([wrong(Config, Row) || Row <- rows()]),
    ?assertEqual([], Wrong).

wrong(Config, Row) ->
    Host = host(Row),
    Recipients = [{Name, client:connect_available(server(Config), address(Name, Host, "/desk"))}
                  || Name <- [<<"bob">>, <<"freebob">>]],
    lists:append([wrong(Config, Row, Sender, Recipients) || Sender <- senders()]).

wrong(Config, Row, Sender, Recipients) ->
    Host = host(Row),
    Client = client:connect_available(server(Config), address(name(Sender), Host, "/phone")),
    [{Row, Sender, Name, Found, Expected}
     || {Name, Recipient} <- Recipients,
        Found <- [begin
                      set_clock(Config, Host, Sender),
                      Before = counted(Config, Host),
                      Outcome = exchange:message(Client, Recipient, plain(address(Name, Host, ""))),
                      {seen(Outcome), new(Config, Host, Before)}
                  end],
        Expected <- [expected(Row, Sender, Name)],
        Found =/= Expected].

address(Name, Host, Resource) ->
    iolist_to_binary([Name, "@", Host, Resource]).

plain(To) ->
    ["<message type='chat' id='m' to='", To, "'><body>in the clear</body></message>"].

set_clock(Config, Host, {_, Clock} = Sender) ->
    User = name(Sender),
    {_, _, _, _, _} = server:call(server(Config), mod_e2e_policy_commands, grace_reset,
                                  [User, Host]),
    Now = erlang:system_time(second),
    Start = fun(Stored) ->
                    {ok, Stored} = server:call(server(Config), mod_e2e_policy_grace, start_once,
                                               [User, Host, Stored])
            end,
    case Clock of
        none -> ok;
        violation_running -> Start({Now, violation, undefined});
        violation_over -> Start({Now, violation, Now});
        admin_running -> Start({Now, admin, Now + 3600});
        admin_over -> Start({Now, admin, Now})
    end.

seen(#{delivered := true, answers := []}) -> delivered;
seen(#{delivered := true, answers := [{error, <<"policy-violation">>, Text}]}) ->
    case binary:match(Text, <<" left before this will be enforced">>) of
        nomatch -> warned;
        _ -> warned_in_grace
    end;
seen(#{delivered := false, answers := [{error, <<"policy-violation">>, _}]}) -> refused;
seen(Other) -> Other.

%% What is seen, and the cell that counts it.
expected({none, _}, _Sender, _Recipient) ->
    {delivered, [{sent, direct, nothing, exempt}]};
expected(_Row, {free, _}, _Recipient) ->
    {delivered, [{sent, direct, plaintext, exempt}]};
expected(_Row, _Sender, <<"freebob">>) ->
    {delivered, [{sent, direct, plaintext, exempt}]};
expected({rules, _}, {bots, _}, _Recipient) ->
    {delivered, [{sent, direct, plaintext, exempt}]};
expected({rules, Testing}, {Class, _} = Sender, Recipient) ->
    Level = case Class of staff -> required; others -> optional end,
    expected({Level, Testing}, Sender, Recipient);
expected({Level, Testing}, {_, Clock}, _Recipient) ->
    Decision = decision(Level, Clock, Testing),
    {case Testing of true -> delivered; false -> Decision end,
     [{sent, direct, plaintext, counted_as(Decision, Testing)}]}.

decision(optional, admin_running, _) -> warned_in_grace;
decision(optional, admin_over, _) -> refused;
decision(optional, _, _) -> warned;
decision(required, none, false) -> warned_in_grace;
decision(required, none, true) -> refused;
decision(required, violation_running, _) -> warned_in_grace;
decision(required, admin_running, _) -> warned_in_grace;
decision(required, _, _) -> refused.

counted_as(refused, false) -> refused;
counted_as(refused, true) -> would_refuse;
counted_as(_, false) -> warned;
counted_as(_, true) -> would_warn.

%% What the server has counted on a host, by cell.
counted(Config, Host) ->
    Counters = server:call(server(Config), mod_e2e_policy_registry, counters, [Host]),
    maps:from_list(server:call(server(Config), mod_e2e_policy_counters, totals, [Counters])).

%% The cells that have grown since then, each as often as it has grown.
new(Config, Host, Before) ->
    lists:append([lists:duplicate(Count - maps:get(Cell, Before, 0), Cell)
                  || {Cell, Count} <- lists:sort(maps:to_list(counted(Config, Host)))]).

%%%-------------------------------------------------------------------
%%% Rules
%%%-------------------------------------------------------------------

a_rule_may_be_written_in_the_option(Config) ->
    ?assertEqual([delivered, refused, delivered],
                 [said(Config, <<"inline.test">>, Name)
                  || Name <- [<<"bots-1">>, <<"alice">>, <<"bots-2">>]]).

said(Config, Host, Name) ->
    said(Config, Host, Name, plain(address("bob", Host, ""))).

said(Config, Host, Name, Xml) ->
    Bob = client:connect_available(server(Config), address("bob", Host, "/desk")),
    Sender = client:connect_available(server(Config), address(Name, Host, "/phone")),
    seen(exchange:message(Sender, Bob, Xml)).

%% First the staff is found by an access rule, then by an ACL of the same name, with other people.
a_rule_that_changes_in_ejabberd_yml_counts_after_a_reload(Config) ->
    Said = fun() ->
                   [said(Config, <<"changing.test">>, Name) || Name <- [<<"staff-1">>, <<"boss">>]]
           end,
    ?assertEqual([refused, warned], Said()),
    Reload = fun(Settings) ->
                     {0, _} = server:reload((server(Config))#{settings := Settings}, hosts())
             end,
    #{acl := Acl, access_rules := AccessRules} = Settings = settings(<<"boss">>),
    Reload(Settings),
    ?assertEqual([warned, refused], Said()),
    Reload(Settings#{acl := Acl#{staff => #{user_glob => <<"staff-*">>}},
                     access_rules := maps:remove(staff, AccessRules)}),
    ?assertEqual([refused, warned], Said()),
    Reload(settings(staff())).

a_name_that_does_not_exist_is_told_at_start_and_reload(Config) ->
    Lines = fun() ->
                    [Line || Line <- server:log_lines(server(Config)),
                             binary:match(Line, <<"on unknown.test names">>) =/= nomatch]
            end,
    AtStart = Lines(),
    ?assertEqual(4, length(AtStart)),
    [?assertMatch({match, _}, re:run(AtStart, ["Option ", Option, " of mod_e2e_policy on "
                                               "unknown.test names `", Name, "`, which does not "
                                               "exist"]))
     || {Option, Name} <- [{"direct", "stuff"}, {"direct", "bits"}, {"exempt", "bots"},
                           {"metrics_access", "nearby"}]],
    {0, ""} = server:ctl(server(Config), ["reload_config"]),
    ?assertEqual(8, length(Lines())),
    ?assertEqual([refused, warned], [said(Config, <<"unknown.test">>, Name)
                                     || Name <- [<<"bots-1">>, <<"stuff">>]]).

%%%-------------------------------------------------------------------
%%% Exemptions
%%%-------------------------------------------------------------------

an_address_may_be_exempt(Config) ->
    ?assertEqual(delivered, said(Config, <<"address.test">>, <<"alice">>)).

a_multicast_is_exempt_if_all_recipients_are(Config) ->
    Inside = fun(Addresses) ->
                     ["<addresses xmlns='http://jabber.org/protocol/address'>", Addresses,
                      "</addresses>"]
             end,
    To = fun(Names) ->
                 [["<address type='to' jid='", address(Name, <<"multicast.test">>, ""), "'/>"]
                  || Name <- Names]
         end,
    Sent = fun(Lists) ->
                   Xml = ["<message type='chat' to='multicast.multicast.test'>", Lists,
                          "<body>in the clear</body></message>"],
                   Jid = <<"alice@multicast.test/phone">>,
                   Alice = client:connect_available(server(Config), Jid),
                   client:send(Alice, Xml),
                   exchange:answers(client:messages(Alice))
           end,
    Said = fun(Names) -> Sent(Inside(To(Names))) end,
    %% ejabberd would return what is sent to an account that does not exist.
    [client:make_account(server(Config), <<Name/binary, "@multicast.test/desk">>)
     || Name <- [<<"freebob">>, <<"freealice">>]],
    [?assertMatch({Lists, [{error, <<"policy-violation">>, _} | _]}, {Lists, Sent(Lists)})
     || Lists <- [[Inside(To(["freebob"])), Inside(To(["bob"]))],
                  Inside([To(["freebob"]), "<address type='to' uri='xmpp:bob@multicast.test'/>"]),
                  Inside([To(["freebob"]), "<address type='cc' jid='@'/>"])]],
    ?assertEqual([], Said([<<"freebob">>])),
    ?assertEqual([], Said([<<"freebob">>, <<"freealice">>])),
    ?assertMatch([{error, <<"policy-violation">>, _}], Said([<<"freebob">>, <<"bob">>])),
    ?assertMatch([{error, <<"policy-violation">>, _}],
                 Said([<<"free", (integer_to_binary(Number))/binary>>
                       || Number <- lists:seq(1, 101)])).

%%%-------------------------------------------------------------------
%%% Private messages in rooms
%%%-------------------------------------------------------------------

private_messages_in_rooms_here_have_a_level_of_their_own(Config) ->
    [begin
         {Alice, Bob, Room} = exchange:in_room(server(Config), Host, <<"room">>),
         Outcomes = [seen(exchange:message(Alice, Bob, plain(To), Room))
                     || To <- [<<Room/binary, "/bert">>, <<"bob@", Host/binary>>,
                               <<"bob@", Host/binary, "/desk">>]],
         ?assertEqual({Host, Expected}, {Host, Outcomes})
     end || {Host, Expected} <- [{<<"rooms.test">>, [refused, delivered, delivered]},
                                 {<<"lenient.test">>, [delivered, refused, refused]}]].

private_messages_in_rooms_elsewhere_are_known_by_the_marker(Config) ->
    [begin
         Alice = client:connect_available(server(Config), address("alice", Host, "/phone")),
         Refused = [begin
                        client:send(Alice, ["<message type='chat' to='", To, "'><body>hi</body>", X,
                                            "</message>"]),
                        [{error, Condition, _}] = exchange:answers(client:messages(Alice)),
                        Condition =:= <<"policy-violation">>
                    end || {To, X} <- [{"room@rooms.elsewhere.test/nick", ?MARKER},
                                       {"room@rooms.elsewhere.test/nick", ""},
                                       {"room@rooms.elsewhere.test", ?MARKER}]],
         ?assertEqual({Host, Expected}, {Host, Refused})
     end || {Host, Expected} <- [{<<"rooms.test">>, [true, false, false]},
                                 {<<"lenient.test">>, [false, true, true]}]],
    %% A user of this server is no occupant, whatever the message says.
    Marked = ["<message type='chat' to='bob@lenient.test/desk'><body>hi</body>"
              ?MARKER "</message>"],
    ?assertEqual(refused, said(Config, <<"lenient.test">>, <<"alice">>, Marked)).

%%%-------------------------------------------------------------------
%%% Counts
%%%-------------------------------------------------------------------

each_content_is_counted(Config) ->
    Host = <<"counted.test">>,
    {Alice, Bob} = exchange:alice_and_bob(server(Config), Host),
    [begin
         Before = counted(Config, Host),
         To = <<" to='bob@counted.test'>">>,
         exchange:message(Alice, Bob, [binary:replace(Start, <<">">>, To), Rest]),
         ?assertEqual({Xml, [{sent, direct, Content, Decision}]}, {Xml, new(Config, Host, Before)})
     end || {Xml, Content, Decision} <-
                [{<<"<message type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/>"
                    "</message>">>, nothing, allowed},
                 {<<"<message type='chat'><body>hi</body></message>">>, plaintext, refused},
                 {<<"<message type='error'><body>hi</body></message>">>, plaintext, refused},
                 {<<"<message type='chat'><encryption xmlns='urn:xmpp:eme:0' name='omemo' "
                    "namespace='urn:example:new'/><envelope xmlns='urn:example:new'/></message>">>,
                  other, refused}
                 | [{Stanza, Scheme, case Scheme of omemo -> allowed; _ -> refused end}
                    || {Scheme, Stanza} <- ciphertexts()]],
        [Start, Rest] <- [split(Xml)]],
    Before = counted(Config, Host),
    exchange:message(Alice, Bob, plain(<<"alice@counted.test">>)),
    ?assertEqual([{sent, direct, nothing, exempt}], new(Config, Host, Before)).

%% The start tag without addresses, and what follows it.
split(Xml) ->
    [Start, Rest] = binary:split(Xml, <<">">>),
    Addresses = " (to|from)=['\"][^'\"]*['\"]",
    [re:replace(<<Start/binary, ">">>, Addresses, "", [global, {return, binary}]), Rest].

%% One stanza of each scheme, from the corpus.
ciphertexts() ->
    Rows = [{Scheme, Xml} || #{content := encrypted, scheme := Scheme, xml := Xml} <- corpus:rows(),
                             binary:match(Xml, <<"groupchat">>) =:= nomatch,
                             binary:match(Xml, <<"<forwarded">>) =:= nomatch],
    [lists:keyfind(Scheme, 1, Rows) || Scheme <- [omemo, pgp, pgp_legacy, otr]].

groups_and_withheld_warnings_are_counted(Config) ->
    Host = <<"counted.test">>,
    {Alice, Bob, Room} = exchange:in_room(server(Config), Host, <<"room">>),
    Before = counted(Config, Host),
    Group = ["<message type='groupchat' to='", Room, "'><body>hi</body></message>"],
    ?assertEqual([warned, delivered], [seen(exchange:message(Alice, Bob, Group, Room))
                                       || _ <- [1, 2]]),
    ?assertEqual(lists:duplicate(2, {sent, group, plaintext, warned}), new(Config, Host, Before)).

what_is_sent_by_a_command_is_not_counted(Config) ->
    Host = <<"counted.test">>,
    client:make_account(server(Config), <<"bob@counted.test/desk">>),
    Before = counted(Config, Host),
    {0, _} = server:ctl(server(Config), ["send_message", "chat", "alice@counted.test",
                                         "bob@counted.test", "subject", "hi"]),
    ?assertEqual([], new(Config, Host, Before)).

%%%-------------------------------------------------------------------
%%% Testing
%%%-------------------------------------------------------------------

testing_replaces_no_body_and_begins_no_interval(Config) ->
    Host = <<"tested.test">>,
    {Alice, Bob} = exchange:alice_and_bob(server(Config), Host),
    {omemo, Xml} = hd(ciphertexts()),
    [Start, Rest] = split(Xml),
    Before = counted(Config, Host),
    client:send(Alice, [binary:replace(Start, <<">">>, <<" to='bob@tested.test'>">>), Rest]),
    [] = exchange:answers(client:messages(Alice)),
    [Received] = client:messages(Bob),
    ?assertNotEqual(<<"This message is end-to-end encrypted.">>,
                    fxml:get_path_s(Received, [{elem, <<"body">>}, cdata])),
    ?assertEqual(delivered, seen(exchange:message(Alice, Bob, plain(<<"bob@tested.test">>)))),
    ?assertEqual([{sent, direct, omemo, allowed}, {sent, direct, plaintext, would_refuse}],
                 new(Config, Host, Before)),
    ?assertEqual({0, "none\t\t\t\t\n"},
                 server:ctl(server(Config), ["e2e_policy_grace_status", "alice", "tested.test"])),
    Earnest = (hosts())#{Host := (maps:get(Host, hosts()))#{testing => false}},
    {0, _} = server:reload(server(Config), Earnest),
    ?assertEqual(warned_in_grace, seen(exchange:message(Alice, Bob, plain(<<"bob@tested.test">>)))).

%% Each message is delivered and not answered, or refused and answered, and is counted as that.
testing_starts_and_ends_under_traffic(Config) ->
    Host = <<"switched.test">>,
    {Alice, Bob} = exchange:alice_and_bob(server(Config), Host),
    Before = counted(Config, Host),
    Switcher = switch(Config, Host),
    Ids = send_while_alive(Alice, Switcher, 0, []),
    Refused = [Id || Xml <- client:messages(Alice), Id <- [fxml:get_tag_attr_s(<<"id">>, Xml)]],
    Delivered = [fxml:get_tag_attr_s(<<"id">>, Xml) || Xml <- client:messages(Bob)],
    ?assertEqual(lists:sort(Ids), lists:sort(Refused ++ Delivered)),
    Counts = maps:map(fun(Cell, Count) -> Count - maps:get(Cell, Before, 0) end,
                      counted(Config, Host)),
    ?assertEqual(#{{sent, direct, plaintext, refused} => length(Refused),
                   {sent, direct, plaintext, would_refuse} => length(Delivered)}, Counts),
    ?assert(length(Refused) > 0 andalso length(Delivered) > 0).

%% A process that switches ten times and ends.
switch(Config, Host) ->
    Testing = fun(Value) ->
                      (hosts())#{Host := (maps:get(Host, hosts()))#{testing => Value}}
              end,
    spawn_link(fun() ->
                       [{0, _} = server:reload(server(Config), Testing(Value))
                        || _ <- lists:seq(1, 5), Value <- [false, true]]
               end).

%% At most so many that the recipient's queue holds them.
send_while_alive(Client, Switcher, Number, Ids) ->
    case is_process_alive(Switcher) andalso Number < 4_000 of
        true ->
            Id = integer_to_binary(Number),
            client:send(Client, ["<message type='chat' to='bob@switched.test' id='", Id,
                                 "'><body>in the clear</body></message>"]),
            timer:sleep(1),
            send_while_alive(Client, Switcher, Number + 1, [Id | Ids]);
        false ->
            Ids
    end.

%%%-------------------------------------------------------------------
%%% Words for admins
%%%-------------------------------------------------------------------

the_status_has_the_rules_in_words(Config) ->
    {0, Status} = server:ctl(server(Config), ["e2e_policy_status", "words.test"]),
    ?assertEqual(["testing: nothing is refused, nobody is warned",
                  "accepted schemes: omemo, pgp",
                  "direct chats: required for `staff`, none for `bots`, optional for `all`; the "
                  "first that matches the sender counts, else none",
                  "group chats: required, a message without acceptable E2EE is refused",
                  "private messages to occupants of rooms: optional, the sender of a message "
                  "without acceptable E2EE is warned",
                  "grace period: none",
                  "bodies beside ciphertext: kept",
                  "ignored senders and recipients: none",
                  "exempt senders and recipients: the access rule `free`",
                  "warned by: error",
                  "grace periods kept in: mnesia", ""],
                 string:split(Status, "\n", all)).

%% ejabberdctl writes a list in a tuple with a line for each element, or, in later versions, with
%% commas.
an_explanation_names_the_rule(Config) ->
    [?assertMatch({_, {match, _}}, {Output, re:run(Output, Expected, [dotall])})
     || {From, To, Expected} <-
            [{"staff-1", "bob", "^reject\t.*direct: required by the rule `staff`[\n,]"},
             {"bots-1", "bob", "^allow\t.*direct: none by the rule `bots`[\n,]exempt: nothing is "
              "asked of this sender[\n,]"},
             {"other", "bob", "^warn\t.*direct: optional by the rule `all`[\n,]"},
             {"free", "bob", "^allow\t.*exempt: the access rule `free` allows the sender, "
              "free@words.test[\n,]"},
             {"other", "freebob", "^allow\t.*exempt: the access rule `free` allows the recipient, "
              "freebob@words.test[\n,]"}],
        Output <- [explain(Config, "words.test", From, To, "<body>hi</body>")]].

an_explanation_says_what_would_be_decided_in_earnest(Config) ->
    Explained = explain(Config, "tested.test", "alice", "bob", "<body>hi</body>"),
    ?assertMatch({match, _}, re:run(Explained, "^warn\tplain.*testing: this would be decided in "
                                    "earnest", [dotall])),
    ?assertMatch({match, _}, re:run(explain(Config, "words.test", "staff-1", "bob", ""),
                                    "^allow\t\tnothing.*testing: ", [dotall])).

explain(Config, Host, From, To, Children) ->
    client:make_account(server(Config), iolist_to_binary([From, "@", Host, "/phone"])),
    {0, Output} = server:ctl(server(Config),
                             ["e2e_policy_explain", Host, From ++ "@" ++ Host, To ++ "@" ++ Host,
                              "<message type='chat'>" ++ Children ++ "</message>"]),
    Output.
