%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The ad-hoc command by which users see what the policy asks of them: what it says, to whom, in
%% which language, and that it keeps no session waiting.
-module(adhoc_SUITE).

-export([all/0, suite/0, init_per_suite/1, end_per_suite/1]).
-export([it_is_in_the_list_of_commands/1,
         it_is_for_users_of_the_host_only/1,
         it_is_not_announced_without_mod_adhoc/1,
         it_has_one_step/1]).
-export([an_optional_policy_is_explained/1,
         a_required_policy_is_explained/1,
         rules_count_as_for_a_message/1,
         an_escalated_user_has_time_left/1,
         whom_the_policy_ignores_nothing_is_asked/1,
         an_anonymous_session_has_no_time/1,
         a_policy_that_is_tested_says_so/1]).
-export([published_keys_are_listed/1,
         keys_that_are_missing_or_closed_are_named/1,
         without_pubsub_keys_are_not_known/1]).
-export([other_sessions_without_omemo_are_named/1,
         a_session_that_does_not_answer_is_not_waited_for/1,
         two_sessions_may_ask_at_the_same_time/1,
         a_store_that_does_not_answer_is_not_waited_for/1,
         a_failure_says_nothing_of_the_user/1]).
-export([it_speaks_the_language_of_the_reader/1,
         slixmpp_executes_it/1,
         profanity_shows_it/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("fxml.hrl").

-define(OPTIONAL, <<"optional.test">>).
-define(REQUIRED, <<"required.test">>).
-define(RULES, <<"rules.test">>).
-define(TESTING, <<"testing.test">>).
-define(ANONYMOUS, <<"anonymous.test">>).
-define(NO_PUBSUB, <<"nopubsub.test">>).
-define(SQL, <<"sql.test">>).
-define(WITHOUT, <<"without.test">>).

-define(COMMANDS, "http://jabber.org/protocol/commands").
-define(LEGACY, "eu.siacs.conversations.axolotl").
-define(NOTHING, <<"Nothing is asked of you.">>).

all() ->
    [it_is_in_the_list_of_commands,
     it_is_for_users_of_the_host_only,
     it_is_not_announced_without_mod_adhoc,
     it_has_one_step,
     an_optional_policy_is_explained,
     a_required_policy_is_explained,
     rules_count_as_for_a_message,
     an_escalated_user_has_time_left,
     whom_the_policy_ignores_nothing_is_asked,
     an_anonymous_session_has_no_time,
     a_policy_that_is_tested_says_so,
     published_keys_are_listed,
     keys_that_are_missing_or_closed_are_named,
     without_pubsub_keys_are_not_known,
     other_sessions_without_omemo_are_named,
     a_session_that_does_not_answer_is_not_waited_for,
     two_sessions_may_ask_at_the_same_time,
     a_store_that_does_not_answer_is_not_waited_for,
     a_failure_says_nothing_of_the_user,
     it_speaks_the_language_of_the_reader,
     slixmpp_executes_it,
     profanity_shows_it].

suite() ->
    [{timetrap, {minutes, 2}}].

init_per_suite(Config) ->
    Policies = #{?OPTIONAL => #{},
                 ?REQUIRED => #{direct => required, group => none, grace_period => <<"14 days">>,
                                accepted_schemes => [omemo, pgp, otr],
                                whitelist => [<<"helpdesk@required.test">>], exempt => bots},
                 ?RULES => #{direct => [#{required => staff}, #{optional => all}]},
                 ?TESTING => #{direct => required, testing => true},
                 ?ANONYMOUS => #{direct => required, grace_period => <<"14 days">>},
                 ?NO_PUBSUB => #{accepted_schemes => [otr]},
                 ?SQL => #{db_type => sql},
                 ?WITHOUT => without},
    Anonymous = #{auth_method => anonymous, anonymous_protocol => both},
    Settings = #{sql_type => sqlite, sql_query_timeout => 20,
                 acl => #{staff => #{user => [<<"juliet@rules.test">>]},
                          bots => #{user => [<<"bot@required.test">>]}},
                 access_rules => #{bots => [#{allow => bots}]},
                 host_config => #{?ANONYMOUS => Anonymous}},
    [{server, server:started(Policies, Settings)} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% The command
%%%-------------------------------------------------------------------

it_is_in_the_list_of_commands(Config) ->
    Juliet = user(<<"juliet">>, ?OPTIONAL, Config),
    ?assertEqual([{?OPTIONAL, <<"My end-to-end encryption">>}], listed(Juliet, ?OPTIONAL)),
    Info = client:request(Juliet, ?OPTIONAL, "get",
                          "<query xmlns='http://jabber.org/protocol/disco#info' "
                          "node='e2e-policy'/>"),
    ?assertEqual([{<<"automation">>, <<"command-node">>, <<"My end-to-end encryption">>}],
                 [{attribute(<<"category">>, El), attribute(<<"type">>, El),
                   attribute(<<"name">>, El)} || El <- children(<<"identity">>, query(Info))]),
    ?assertEqual([<<?COMMANDS>>, <<"jabber:x:data">>],
                 lists:sort([attribute(<<"var">>, El)
                             || El <- children(<<"feature">>, query(Info))])).

it_is_for_users_of_the_host_only(Config) ->
    [begin
         Stranger = user(<<"romeo">>, Host, Config),
         ?assertEqual([], listed(Stranger, ?OPTIONAL)),
         ?assertMatch({error, <<"forbidden">>, _}, execute(Stranger, ?OPTIONAL))
     end || Host <- [?REQUIRED, ?WITHOUT]],
    Romeo = user(<<"romeo">>, ?WITHOUT, Config),
    ?assertEqual([], listed(Romeo, ?WITHOUT)),
    ?assertMatch({error, <<"item-not-found">>, _}, execute(Romeo, ?WITHOUT)).

it_is_not_announced_without_mod_adhoc(Config) ->
    Juliet = user(<<"juliet">>, ?TESTING, Config),
    ok = call(Config, gen_mod, stop_module, [?TESTING, mod_adhoc]),
    Info = client:request(Juliet, ?TESTING, "get",
                          "<query xmlns='http://jabber.org/protocol/disco#info' "
                          "node='e2e-policy'/>"),
    ?assertMatch({error, <<"item-not-found">>, _}, answer(Info)),
    _ = call(Config, gen_mod, start_module, [?TESTING, mod_adhoc]),
    ?assertMatch(#{}, execute(Juliet, ?TESTING)).

%% What a client sends that has another idea of the command.
it_has_one_step(Config) ->
    Juliet = user(<<"juliet">>, ?OPTIONAL, Config),
    #{session := First} = Answer = execute(Juliet, ?OPTIONAL),
    #{session := Second} = execute(Juliet, ?OPTIONAL),
    ?assertNotEqual(First, Second),
    Form = ["<command xmlns='" ?COMMANDS "' node='e2e-policy' action='execute'>"
            "<x xmlns='jabber:x:data' type='submit'><field var='accountjid'>"
            "<value>romeo@optional.test</value></field></x></command>"],
    ?assertEqual(maps:remove(session, Answer),
                 maps:remove(session, answer(client:request(Juliet, ?OPTIONAL, "set", Form)))),
    ?assertEqual(canceled, execute(Juliet, ?OPTIONAL, "action='cancel'")),
    ?assertEqual(canceled,
                 execute(Juliet, ?OPTIONAL, ["action='cancel' sessionid='", First, "'"])),
    ?assertEqual({error, <<"bad-request">>, <<"bad-sessionid">>},
                 execute(Juliet, ?OPTIONAL, ["sessionid='", First, "'"])),
    ?assertEqual({error, <<"bad-request">>, <<"bad-sessionid">>},
                 execute(Juliet, ?OPTIONAL, "action='execute' sessionid='another'")),
    [?assertEqual({error, <<"bad-request">>, <<"bad-action">>},
                  execute(Juliet, ?OPTIONAL, ["action='", Action, "' sessionid='", First, "'"]))
     || Action <- ["next", "prev", "complete"]],
    ?assertMatch({error, <<"bad-request">>, _}, execute(Juliet, ?OPTIONAL, "action='delete'")),
    ?assertMatch({error, <<"bad-request">>, _},
                 answer(client:request(Juliet, ?OPTIONAL, "get", command("")))).

%%%-------------------------------------------------------------------
%%% What is asked
%%%-------------------------------------------------------------------

an_optional_policy_is_explained(Config) ->
    Juliet = user(<<"juliet">>, ?OPTIONAL, Config),
    Warned = <<"A message that is not encrypted is delivered, and you are warned.">>,
    #{title := Title, note := Note, fields := Fields} = execute(Juliet, ?OPTIONAL),
    ?assertEqual(<<"My end-to-end encryption">>, Title),
    ?assertEqual({<<"warn">>, <<"Switch OMEMO on in your app: you have published no keys, so that "
                                "nobody can encrypt to you.">>}, Note),
    ?assertEqual([{<<"direct">>, <<"Chats with one person">>, [Warned]},
                  {<<"group">>, <<"Rooms">>, [Warned]},
                  {<<"accepted_schemes">>, <<"Accepted encryption">>, [<<"omemo, pgp">>]},
                  {<<"keys_omemo">>, <<"Your published keys for OMEMO">>, [<<"none">>]},
                  {<<"keys_pgp">>, <<"Your published keys for OpenPGP">>, [<<"none">>]}],
                 Fields).

a_required_policy_is_explained(Config) ->
    Juliet = user(client:unique_name("user"), ?REQUIRED, Config),
    Refused = <<"A message that is not encrypted is refused when your time is over.">>,
    ?assertMatch(#{<<"direct">> := [Refused], <<"group">> := [?NOTHING],
                   <<"accepted_schemes">> := [<<"omemo, pgp, otr">>],
                   <<"time_left">> :=
                       [<<"14 days from your first message on that is not encrypted">>]},
                 values(Juliet, ?REQUIRED)),
    write_in_the_clear(Juliet, ?REQUIRED),
    #{<<"time_left">> := [Left]} = values(Juliet, ?REQUIRED),
    ?assertMatch({match, _},
                 re:run(Left, "^1[34] days.*, until [0-9-]{10} [0-9:]{5} UTC$")),
    {0, _} = server:ctl(?config(server, Config),
                        ["e2e_policy_grace_end", name(Juliet), binary_to_list(?REQUIRED)]),
    ?assertMatch(#{<<"direct">> := [Refused], <<"time_left">> := [<<"none">>]},
                 values(Juliet, ?REQUIRED)).

rules_count_as_for_a_message(Config) ->
    Refused = <<"A message that is not encrypted is refused when your time is over.">>,
    ?assertMatch(#{<<"direct">> := [Refused], <<"time_left">> := [<<"none">>]},
                 values(user(<<"juliet">>, ?RULES, Config), ?RULES)),
    Romeo = values(user(<<"romeo">>, ?RULES, Config), ?RULES),
    ?assertMatch(#{<<"direct">> := [<<"A message that is not encrypted is delivered", _/binary>>]},
                 Romeo),
    ?assertNot(is_map_key(<<"time_left">>, Romeo)).

an_escalated_user_has_time_left(Config) ->
    Juliet = user(client:unique_name("user"), ?OPTIONAL, Config),
    {0, _} = server:ctl(?config(server, Config),
                        ["e2e_policy_grace_start", name(Juliet), binary_to_list(?OPTIONAL),
                         "2 days"]),
    #{<<"direct">> := [Level], <<"group">> := [Level], <<"time_left">> := [Left]} =
        values(Juliet, ?OPTIONAL),
    ?assertEqual(<<"A message that is not encrypted is refused when your time is over.">>, Level),
    ?assertMatch({match, _}, re:run(Left, "^(2 days|1 day and 23 hours), until ")).

whom_the_policy_ignores_nothing_is_asked(Config) ->
    [begin
         Values = values(user(Name, ?REQUIRED, Config), ?REQUIRED),
         ?assertMatch(#{<<"direct">> := [?NOTHING], <<"group">> := [?NOTHING]}, Values),
         ?assertNot(is_map_key(<<"time_left">>, Values))
     end || Name <- [<<"helpdesk">>, <<"bot">>]].

an_anonymous_session_has_no_time(Config) ->
    Juliet = client:connect_anonymous(?config(server, Config), ?ANONYMOUS),
    ?assertMatch(#{<<"time_left">> := [<<"none">>]}, values(Juliet, ?ANONYMOUS)).

a_policy_that_is_tested_says_so(Config) ->
    Juliet = user(<<"juliet">>, ?TESTING, Config),
    ?assertMatch(#{<<"testing">> := [<<"This is only being tried out: nothing is refused, and "
                                       "nobody is warned.">>],
                   <<"time_left">> := [<<"none">>]},
                 values(Juliet, ?TESTING)).

%%%-------------------------------------------------------------------
%%% What is published
%%%-------------------------------------------------------------------

published_keys_are_listed(Config) ->
    Juliet = user(client:unique_name("user"), ?OPTIONAL, Config),
    publish(Juliet, ?LEGACY ".devicelist", "current", "open",
            "<list xmlns='" ?LEGACY "'><device id='17'/><device id='4242'/></list>"),
    [publish(Juliet, [?LEGACY ".bundles:", Id], "current", "open",
             "<bundle xmlns='" ?LEGACY "'/>") || Id <- ["17", "4242"]],
    publish(Juliet, "urn:xmpp:omemo:2:devices", "current", "open",
            "<devices xmlns='urn:xmpp:omemo:2'>"
            "<device id='17' label='Phone&#10;of &lt;Juliet&gt;'/></devices>"),
    publish(Juliet, "urn:xmpp:omemo:2:bundles", "17", "open", "<bundle xmlns='urn:xmpp:omemo:2'/>"),
    #{note := Note, fields := Fields} = execute(Juliet, ?OPTIONAL),
    ?assertEqual({<<"info">>, <<"You are ready: your keys are published, and others can encrypt to "
                                "you.">>}, Note),
    ?assertEqual({<<"keys_omemo">>, <<"Your published keys for OMEMO">>,
                  [<<"17 (Phone of <Juliet>)">>, <<"4242">>]},
                 lists:keyfind(<<"keys_omemo">>, 1, Fields)),
    %% Of another user nothing is told.
    ?assertMatch(#{<<"keys_omemo">> := [<<"none">>]},
                 values(user(client:unique_name("user"), ?OPTIONAL, Config), ?OPTIONAL)).

keys_that_are_missing_or_closed_are_named(Config) ->
    Juliet = user(client:unique_name("user"), ?OPTIONAL, Config),
    publish(Juliet, ?LEGACY ".devicelist", "current", "open",
            "<list xmlns='" ?LEGACY "'><device id='17'/></list>"),
    #{note := {<<"warn">>, Missing}} = execute(Juliet, ?OPTIONAL),
    ?assertMatch(<<"Switch encryption off and on again", _/binary>>, Missing),
    ?assertMatch(#{<<"keys_omemo">> := [<<"17: listed, but without keys">>]},
                 values(Juliet, ?OPTIONAL)),
    Romeo = user(client:unique_name("user"), ?OPTIONAL, Config),
    publish(Romeo, ?LEGACY ".devicelist", "current", "presence",
            "<list xmlns='" ?LEGACY "'><device id='18'/></list>"),
    publish(Romeo, ?LEGACY ".bundles:18", "current", "open", "<bundle xmlns='" ?LEGACY "'/>"),
    #{note := {<<"warn">>, Closed}} = execute(Romeo, ?OPTIONAL),
    ?assertMatch(<<"Ask the admin of the server", _/binary>>, Closed),
    ?assertMatch(#{<<"keys_omemo">> := [<<"18: not everybody may read its keys">>]},
                 values(Romeo, ?OPTIONAL)).

without_pubsub_keys_are_not_known(Config) ->
    Romeo = user(<<"romeo">>, ?NO_PUBSUB, Config),
    ?assertMatch(#{note := {<<"info">>, <<"Encrypt by one of these: otr">>}},
                 execute(Romeo, ?NO_PUBSUB)),
    Juliet = user(<<"juliet">>, ?SQL, Config),
    ok = call(Config, gen_mod, stop_module, [?SQL, mod_pubsub]),
    #{note := Note, fields := Fields} = execute(Juliet, ?SQL),
    _ = call(Config, gen_mod, start_module, [?SQL, mod_pubsub]),
    ?assertEqual({<<"warn">>, <<"Switch encryption on in each of your apps.">>}, Note),
    ?assertMatch({_, _, [<<"cannot be read now">>]}, lists:keyfind(<<"keys_omemo">>, 1, Fields)).

%%%-------------------------------------------------------------------
%%% The session goes on
%%%-------------------------------------------------------------------

other_sessions_without_omemo_are_named(Config) ->
    {Name, Juliet} = with_keys(Config),
    Plain = session(Name, "old app", Config),
    announce(session(Name, "other app", Config), []),
    announce(session(Name, "new app", Config), [?LEGACY ".devicelist+notify"]),
    announce(session(Name, "newest app", Config), ["urn:xmpp:omemo:2:devices+notify"]),
    announce(Juliet, []),
    #{note := Note, fields := Fields} = execute(Juliet, ?OPTIONAL),
    ?assertEqual({<<"warn">>, <<"Switch OMEMO on in your 2 other apps, too: what you write there "
                                "is not encrypted.">>}, Note),
    ?assertEqual({<<"without_omemo">>, <<"Your other apps that are online without OMEMO">>,
                  [<<"old app">>, <<"other app">>]},
                 lists:keyfind(<<"without_omemo">>, 1, Fields)),
    client:send(Plain, "<presence type='unavailable'/>"),
    client:received(Plain),
    ?assertMatch(#{<<"without_omemo">> := [<<"other app">>]}, values(Juliet, ?OPTIONAL)).

%% A session that is suspended answers nothing, as one that waits for a database.
a_session_that_does_not_answer_is_not_waited_for(Config) ->
    {Name, Juliet} = with_keys(Config),
    session(Name, "stuck", Config),
    Pid = call(Config, ejabberd_sm, get_session_pid, [Name, ?OPTIONAL, <<"stuck">>]),
    ok = call(Config, sys, suspend, [Pid]),
    #{note := Note, fields := Fields} = execute(Juliet, ?OPTIONAL),
    ok = call(Config, sys, resume, [Pid]),
    ?assertMatch({<<"info">>, <<"You are ready", _/binary>>}, Note),
    ?assertEqual({<<"unknown">>, <<"Your other apps that are online and did not answer">>,
                  [<<"stuck">>]}, lists:keyfind(<<"unknown">>, 1, Fields)),
    ?assertEqual({messages, []}, messages_of(Config, Juliet)).

two_sessions_may_ask_at_the_same_time(Config) ->
    {Name, Juliet} = with_keys(Config),
    Other = session(Name, "other", Config),
    [client:send(Client, ["<iq type='set' id='same' to='", ?OPTIONAL, "'>", command(""), "</iq>"])
     || _ <- lists:seq(1, 5), Client <- [Juliet, Other]],
    [?assertEqual(5, length([El || #xmlel{name = <<"iq">>} = El <- client:received(Client),
                                   attribute(<<"id">>, El) =:= <<"same">>,
                                   attribute(<<"type">>, El) =:= <<"result">>]))
     || Client <- [Juliet, Other]].

a_store_that_does_not_answer_is_not_waited_for(Config) ->
    Juliet = user(client:unique_name("user"), ?SQL, Config),
    Workers = [Name || Name <- call(Config, erlang, registered, []),
                       re:run(atom_to_list(Name), "^ejabberd_sql_.*sql[.]test") =/= nomatch],
    ?assertNotEqual([], Workers),
    [call(Config, sys, suspend, [Worker]) || Worker <- Workers],
    Answer = execute(Juliet, ?SQL),
    [call(Config, sys, resume, [Worker]) || Worker <- Workers],
    ?assertEqual({error, <<"resource-constraint">>, <<>>}, Answer),
    ?assertEqual({messages, []}, messages_of(Config, Juliet)),
    ?assertMatch(#{}, execute(Juliet, ?SQL)).

a_failure_says_nothing_of_the_user(Config) ->
    Juliet = user(<<"juliet">>, ?OPTIONAL, Config),
    Entries = call(Config, persistent_term, get, [mod_e2e_policy_registry]),
    {_, Counters, Opts} = maps:get(?OPTIONAL, Entries),
    ok = call(Config, persistent_term, put,
              [mod_e2e_policy_registry, Entries#{?OPTIONAL := {<<"thesecret">>, Counters, Opts}}]),
    Answer = execute(Juliet, ?OPTIONAL),
    ok = call(Config, mod_e2e_policy, reload,
              [?OPTIONAL | lists:duplicate(2, call(Config, gen_mod, get_module_opts,
                                                   [?OPTIONAL, mod_e2e_policy]))]),
    ?assertEqual({error, <<"internal-server-error">>, <<>>}, Answer),
    Log = server:log(?config(server, Config)),
    ?assertMatch({match, _},
                 re:run(Log, "The ad-hoc command of mod_e2e_policy on optional.test failed "
                             "\\(error:badarg in mod_e2e_policy_nif:judge/8\\)")),
    ?assertEqual(nomatch, re:run(Log, "thesecret")),
    ?assertMatch(#{}, execute(Juliet, ?OPTIONAL)).

%%%-------------------------------------------------------------------
%%% Languages and clients
%%%-------------------------------------------------------------------

it_speaks_the_language_of_the_reader(Config) ->
    Juliet = user(client:unique_name("user"), ?REQUIRED, Config),
    write_in_the_clear(Juliet, ?REQUIRED),
    [begin
         Answer = execute(Juliet, ?REQUIRED, ["xml:lang='", Lang, "'"]),
         #{title := Title, fields := Fields} = Answer,
         {_, _, [Left]} = lists:keyfind(<<"time_left">>, 1, Fields),
         ?assertEqual({Lang, <<"Meine Ende-zu-Ende-Verschlüsselung"/utf8>>}, {Lang, Title}),
         ?assertMatch({match, _}, re:run(Left, "^1[34] Tage.*, bis [0-9-]{10} [0-9:]{5} UTC$"))
     end || Lang <- ["de", "de-AT", "DE"]],
    [?assertMatch(#{title := <<"My end-to-end encryption">>},
                  execute(Juliet, ?REQUIRED, ["xml:lang='", Lang, "'"]))
     || Lang <- ["en", "tlh", "x-nonsense", "art-lojban", ""]].

slixmpp_executes_it(Config) ->
    client:make_account(?config(server, Config), <<"slixmpp@optional.test/suite">>),
    Slixmpp = real_client:start(omemo, [<<"slixmpp@optional.test/suite">>, <<"secret">>]),
    real_client:do(Slixmpp, go_online, #{port => port(Config), lang => <<"de-AT">>}),
    {Commands, _} = real_client:do(Slixmpp, commands),
    ?assertEqual(#{<<"e2e-policy">> => <<"Meine Ende-zu-Ende-Verschlüsselung"/utf8>>},
                 maps:with([<<"e2e-policy">>], Commands)),
    {Answer, _} = real_client:do(Slixmpp, execute, #{node => <<"e2e-policy">>}),
    {Device, _} = real_client:do(Slixmpp, device_id),
    ?assertMatch(#{<<"status">> := <<"completed">>,
                   <<"notes">> := [[<<"info">>, <<"Sie sind bereit", _/binary>>]]}, Answer),
    #{<<"fields">> := #{<<"keys_omemo">> := Keys}} = Answer,
    ?assertEqual(integer_to_binary(Device), Keys).

%% In Profanity 0.13 the form opens a window.
profanity_shows_it(Config) ->
    client:make_account(?config(server, Config), <<"profanity@optional.test/suite">>),
    Folder = server:temporary_folder(),
    Profanity = real_client:start(profanity, [Folder]),
    real_client:do(Profanity, go_online, #{jid => <<"profanity@optional.test">>,
                                           password => <<"secret">>, port => port(Config)}),
    real_client:do(Profanity, type, #{line => <<"/cmd list">>}),
    real_client:do(Profanity, sees, #{text => <<"e2e-policy">>}),
    real_client:do(Profanity, type, #{line => <<"/cmd exec e2e-policy optional.test">>}),
    real_client:do(Profanity, sees, #{text => <<"Your published keys for OMEMO">>}),
    real_client:stop(Profanity),
    ok = file:del_dir_r(Folder).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

call(Config, Module, Function, Arguments) ->
    server:call(?config(server, Config), Module, Function, Arguments).

port(Config) ->
    #{port := Port} = ?config(server, Config),
    Port.

user(Name, Host, Config) ->
    client:connect_available(?config(server, Config), <<Name/binary, "@", Host/binary, "/phone">>).

name(Client) ->
    binary_to_list(hd(binary:split(client:jid(Client), <<"@">>))).

%% Another session of a user of the first host.
session(Name, Resource, Config) ->
    client:connect_available(?config(server, Config),
                             iolist_to_binary([Name, "@", ?OPTIONAL, "/", Resource])).

%% A user of the first host with keys.
with_keys(Config) ->
    Name = client:unique_name("user"),
    Client = user(Name, ?OPTIONAL, Config),
    publish(Client, ?LEGACY ".devicelist", "current", "open",
            "<list xmlns='" ?LEGACY "'><device id='17'/></list>"),
    publish(Client, ?LEGACY ".bundles:17", "current", "open", "<bundle xmlns='" ?LEGACY "'/>"),
    {Name, Client}.

publish(Client, Node, Item, Access, Payload) ->
    Answer = client:request(
               Client, bare(client:jid(Client)), "set",
               ["<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='", Node, "'>"
                "<item id='", Item, "'>", Payload, "</item></publish>"
                "<publish-options><x xmlns='jabber:x:data' type='submit'>"
                "<field var='FORM_TYPE' type='hidden'>"
                "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
                "<field var='pubsub#access_model'><value>", Access, "</value></field>"
                "</x></publish-options></pubsub>"]),
    ?assertEqual(<<"result">>, attribute(<<"type">>, Answer)).

bare(Jid) ->
    hd(binary:split(Jid, <<"/">>)).

%% Announces a client with these features (XEP-0115), and tells the server what they are.
announce(Client, Features) ->
    Sorted = lists:sort(["http://jabber.org/protocol/caps" | Features]),
    Text = ["client/pc//Suite<" | [[Feature, "<"] || Feature <- Sorted]],
    Ver = base64:encode(crypto:hash(sha, Text)),
    client:send(Client, ["<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
                         "node='https://suite.test' ver='", Ver, "'/></presence>"]),
    [client:send(Client,
                 ["<iq type='result' id='", attribute(<<"id">>, El), "' to='",
                  attribute(<<"from">>, El), "'>"
                  "<query xmlns='http://jabber.org/protocol/disco#info' node='",
                  attribute(<<"node">>, query(El)), "'>"
                  "<identity category='client' type='pc' name='Suite'/>",
                  [["<feature var='", Feature, "'/>"] || Feature <- Sorted], "</query></iq>"])
     || #xmlel{name = <<"iq">>} = El <- client:received(Client),
        attribute(<<"type">>, El) =:= <<"get">>],
    client:received(Client).

write_in_the_clear(Client, Host) ->
    client:send(Client, ["<message type='chat' to='somebody@", Host, "'>"
                         "<body>Hi</body></message>"]),
    client:received(Client).

%% Nothing was kept back, and nothing of the command is left.
messages_of(Config, Client) ->
    client:received(Client),
    [Name, Host, Resource] = binary:split(client:jid(Client), [<<"@">>, <<"/">>], [global]),
    Pid = call(Config, ejabberd_sm, get_session_pid, [Name, Host, Resource]),
    call(Config, erlang, process_info, [Pid, messages]).

listed(Client, Host) ->
    Answer = client:request(Client, Host, "get",
                            "<query xmlns='http://jabber.org/protocol/disco#items' "
                            "node='" ?COMMANDS "'/>"),
    [{attribute(<<"jid">>, El), attribute(<<"name">>, El)}
     || El <- children(<<"item">>, query(Answer)),
        attribute(<<"node">>, El) =:= <<"e2e-policy">>].

execute(Client, Host) ->
    execute(Client, Host, "action='execute'").

execute(Client, Host, Attributes) ->
    answer(client:request(Client, Host, "set", command(Attributes))).

command(Attributes) ->
    ["<command xmlns='" ?COMMANDS "' node='e2e-policy' ", Attributes, "/>"].

%% The values of the form alone.
values(Client, Host) ->
    values(Client, Host, "").

values(Client, Host, Attributes) ->
    #{fields := Fields} = execute(Client, Host, Attributes),
    maps:from_list([{Var, Values} || {Var, _Label, Values} <- Fields]).

answer(Answer) ->
    case attribute(<<"type">>, Answer) of
        <<"result">> -> completed(fxml:get_subtag(Answer, <<"command">>));
        <<"error">> -> error_of(fxml:get_subtag(Answer, <<"error">>))
    end.

completed(Command) ->
    case attribute(<<"status">>, Command) of
        <<"canceled">> ->
            canceled;
        <<"completed">> ->
            [Note] = children(<<"note">>, Command),
            [Form] = children(<<"x">>, Command),
            ?assertEqual(<<"result">>, attribute(<<"type">>, Form)),
            #{session => attribute(<<"sessionid">>, Command),
              note => {note_type(Note), fxml:get_tag_cdata(Note)},
              title => fxml:get_path_s(Form, [{elem, <<"title">>}, cdata]),
              fields => [{attribute(<<"var">>, El), attribute(<<"label">>, El),
                          [fxml:get_tag_cdata(Value) || Value <- children(<<"value">>, El)]}
                         || El <- children(<<"field">>, Form)]}
    end.

%% `info' is the default.
note_type(Note) ->
    case attribute(<<"type">>, Note) of
        <<>> -> <<"info">>;
        Type -> Type
    end.

%% The condition, and that of the command if there is one.
error_of(#xmlel{children = Children}) ->
    Names = [Name || #xmlel{name = Name} <- Children, Name =/= <<"text">>],
    case lists:partition(fun(Name) -> lists:prefix("bad-", binary_to_list(Name))
                                          andalso Name =/= <<"bad-request">>
                         end, Names) of
        {[], [Condition]} -> {error, Condition, <<>>};
        {[OfCommand], [Condition]} -> {error, Condition, OfCommand}
    end.

query(Answer) ->
    fxml:get_subtag(Answer, <<"query">>).

children(Name, #xmlel{children = Children}) ->
    [El || #xmlel{name = Of} = El <- Children, Of =:= Name].

attribute(Name, El) ->
    fxml:get_tag_attr_s(Name, El).
