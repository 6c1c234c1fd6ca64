%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The interval of warnings: in it, a sender is warned once for each recipient and reason.
-module(interval_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2, end_per_testcase/2]).
-export([without_an_interval_each_message_is_warned_about/1,
         within_the_interval_later_messages_are_delivered_without_a_warning/1,
         after_the_interval_the_sender_is_warned_again/1,
         each_recipient_reason_and_sender_has_an_interval_of_its_own/1,
         an_interval_counts_for_all_devices_of_a_sender/1,
         an_error_stanza_begins_no_interval/1,
         a_refusal_is_always_answered/1,
         a_body_is_replaced_without_a_warning_too/1,
         a_reload_changes_the_interval/1,
         hosts_with_different_intervals_share_one_table/1,
         a_thousand_hosts_may_have_intervals/1,
         the_table_has_a_maximum_size/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-import(exchange, [message/3, is_delivered/1, is_warned/3, is_refused/3]).

-define(TEXT, <<"please encrypt">>).
-define(TABLE, e2e_policy_warned_cache).
-define(MAX_SIZE, 100_000).

all() ->
    [without_an_interval_each_message_is_warned_about,
     within_the_interval_later_messages_are_delivered_without_a_warning,
     after_the_interval_the_sender_is_warned_again,
     each_recipient_reason_and_sender_has_an_interval_of_its_own,
     an_interval_counts_for_all_devices_of_a_sender,
     an_error_stanza_begins_no_interval,
     a_refusal_is_always_answered,
     a_body_is_replaced_without_a_warning_too,
     a_reload_changes_the_interval,
     hosts_with_different_intervals_share_one_table,
     a_thousand_hosts_may_have_intervals,
     the_table_has_a_maximum_size].

policies() ->
    #{<<"each.test">> => mild(#{}),
      <<"once.test">> => mild(#{warn_interval => <<"1 hour">>}),
      <<"short.test">> => mild(#{warn_interval => <<"1 second">>}),
      <<"strict.test">> => #{direct => required, warn_mechanism => error,
                             warn_interval => <<"1 hour">>,
                             message_plain_required_direct => ?TEXT}}.

mild(Options) ->
    maps:merge(#{direct => optional, group => optional, accepted_schemes => [pgp],
                 outer_body => replace, message_plain_optional_direct => ?TEXT,
                 message_unacceptable_optional_direct => ?TEXT}, Options).

init_per_suite(Config) ->
    [{server, server:started(policies())} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%% Each case has its own users, who were never warned before.
init_per_testcase(Case, Config) ->
    [{user, atom_to_binary(Case)} | Config].

end_per_testcase(_, Config) ->
    {0, _} = server:reload(?config(server, Config), policies()).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

without_an_interval_each_message_is_warned_about(Config) ->
    {Alice, Bob} = pair(Config, <<"each.test">>),
    [is_warned(plain(Alice, Bob), message, ?TEXT) || _ <- [1, 2, 3]].

within_the_interval_later_messages_are_delivered_without_a_warning(Config) ->
    {Alice, Bob} = pair(Config, <<"once.test">>),
    is_warned(plain(Alice, Bob), message, ?TEXT),
    [is_delivered(plain(Alice, Bob)) || _ <- [1, 2, 3]].

after_the_interval_the_sender_is_warned_again(Config) ->
    {Alice, Bob} = pair(Config, <<"short.test">>),
    is_warned(plain(Alice, Bob), message, ?TEXT),
    timer:sleep(1_500),
    is_warned(plain(Alice, Bob), message, ?TEXT).

each_recipient_reason_and_sender_has_an_interval_of_its_own(Config) ->
    {Alice, Bob} = pair(Config, <<"once.test">>),
    Carol = connect(Config, <<"carol">>, <<"once.test">>),
    is_warned(plain(Alice, Bob), message, ?TEXT),
    is_warned(plain(Alice, Carol), message, ?TEXT),
    is_warned(encrypted(Alice, Bob), message, ?TEXT),
    is_warned(plain(Bob, Alice), message, ?TEXT),
    [is_delivered(Again) || Again <- [plain(Alice, Carol), encrypted(Alice, Bob),
                                      plain(Bob, Alice)]].

an_interval_counts_for_all_devices_of_a_sender(Config) ->
    {Alice, Bob} = pair(Config, <<"once.test">>),
    Tablet = connect(Config, <<"alice">>, <<"once.test">>, <<"tablet">>),
    is_warned(plain(Alice, Bob), message, ?TEXT),
    is_delivered(plain(Tablet, Bob)).

an_error_stanza_begins_no_interval(Config) ->
    {Alice, Bob} = pair(Config, <<"once.test">>),
    is_delivered(sent(Alice, Bob, text(Bob, "error"))),
    is_warned(plain(Alice, Bob), message, ?TEXT).

a_refusal_is_always_answered(Config) ->
    {Alice, Bob} = pair(Config, <<"strict.test">>),
    [is_refused(plain(Alice, Bob), error, ?TEXT) || _ <- [1, 2, 3]].

a_body_is_replaced_without_a_warning_too(Config) ->
    {Alice, Bob} = pair(Config, <<"once.test">>),
    Seen = fun({_, Sender}, {Jid, Recipient}) ->
                   client:send(Sender, corpus:direct(omemo(), Jid)),
                   _ = client:messages(Sender),
                   [Message] = client:messages(Recipient),
                   fxml:get_path_s(Message, [{elem, <<"body">>}, cdata])
           end,
    [?assertEqual(<<"This message is end-to-end encrypted.">>, Seen(Alice, Bob)) || _ <- [1, 2]].

a_reload_changes_the_interval(Config) ->
    {Alice, Bob} = pair(Config, <<"once.test">>),
    is_warned(plain(Alice, Bob), message, ?TEXT),
    is_delivered(plain(Alice, Bob)),
    reload(Config, <<"once.test">>, #{warn_interval => 0}),
    [is_warned(plain(Alice, Bob), message, ?TEXT) || _ <- [1, 2]],
    reload(Config, <<"once.test">>, #{warn_interval => <<"1 hour">>}),
    is_warned(plain(Alice, Bob), message, ?TEXT),
    is_delivered(plain(Alice, Bob)).

%% An entry stays for the interval of its host. The table is deleted with the last interval.
hosts_with_different_intervals_share_one_table(Config) ->
    Tables = tables(Config),
    {Alice, Bob} = pair(Config, <<"once.test">>),
    {Carol, Dave} = pair(Config, <<"short.test">>),
    [is_warned(plain(Sender, Recipient), message, ?TEXT)
     || {Sender, Recipient} <- [{Alice, Bob}, {Carol, Dave}]],
    reload(Config, <<"short.test">>, #{warn_interval => <<"2 seconds">>}),
    timer:sleep(2_100),
    is_delivered(plain(Alice, Bob)),
    is_warned(plain(Carol, Dave), message, ?TEXT),
    ?assert(is_integer(entries(Config))),
    {0, _} = server:reload(?config(server, Config),
                           maps:map(fun(_, Policy) -> Policy#{warn_interval => 0} end, policies())),
    ?assertEqual({undefined, Tables - 1}, {entries(Config), tables(Config)}).

%% ejabberd allows at most 1,024 caches, so that hosts have to share one. Its own modules would take
%% a minute to start on so many hosts.
a_thousand_hosts_may_have_intervals(_) ->
    Hosts = [<<"host", (integer_to_binary(Number))/binary, ".test">>
             || Number <- lists:seq(1, 1_100)],
    Policy = mild(#{warn_interval => <<"1 hour">>}),
    Server = server:started(maps:from_list([{Host, Policy} || Host <- Hosts]), #{modules => #{}}),
    try
        {Alice, Bob} = exchange:alice_and_bob(Server, lists:last(Hosts)),
        Text = ["<message type='chat' to='", client:jid(Bob), "'><body>hi</body></message>"],
        is_warned(message(Alice, Bob, Text), message, ?TEXT),
        is_delivered(message(Alice, Bob, Text))
    after
        server:stop(Server)
    end.

the_table_has_a_maximum_size(Config) ->
    {Alice, Bob} = pair(Config, <<"once.test">>),
    Now = erlang:system_time(millisecond),
    Key = fun(Number) ->
                  {<<"once.test">>, <<"sender">>, integer_to_binary(Number), <<"once.test">>, plain}
          end,
    Full = [{Key(Number), {ok, Now}, Now} || Number <- lists:seq(1, ?MAX_SIZE)],
    true = server:call(?config(server, Config), ets, insert, [?TABLE, Full]),
    is_warned(plain(Alice, Bob), message, ?TEXT),
    server:until(fun() -> entries(Config) < ?MAX_SIZE end),
    is_warned(plain(Bob, Alice), message, ?TEXT),
    is_delivered(plain(Bob, Alice)).

%%%-------------------------------------------------------------------
%%% Users, messages and tables
%%%-------------------------------------------------------------------

%% Two users of this case.
pair(Config, Host) ->
    {connect(Config, <<"alice">>, Host), connect(Config, <<"bob">>, Host)}.

connect(Config, Name, Host) ->
    connect(Config, Name, Host, <<"desk">>).

connect(Config, Name, Host, Resource) ->
    Jid = iolist_to_binary([Name, "-", ?config(user, Config), "@", Host, "/", Resource]),
    {Jid, client:connect(?config(server, Config), Jid)}.

plain(Sender, Recipient) ->
    sent(Sender, Recipient, text(Recipient, "chat")).

encrypted(Sender, {Jid, _} = Recipient) ->
    sent(Sender, Recipient, corpus:direct(omemo(), Jid)).

sent({_, Sender}, {_, Recipient}, Xml) ->
    message(Sender, Recipient, Xml).

text({Jid, _}, Type) ->
    ["<message type='", Type, "' to='", Jid, "'><body>in the clear</body></message>"].

omemo() ->
    corpus:xml(<<"slixmpp-omemo-2-2-0-003">>).

reload(Config, Host, Options) ->
    Policies = maps:update_with(Host, fun(Old) -> maps:merge(Old, Options) end, policies()),
    {0, _} = server:reload(?config(server, Config), Policies).

entries(Config) ->
    server:call(?config(server, Config), ets, info, [?TABLE, size]).

%% How many caches the server has.
tables(Config) ->
    length(server:call(?config(server, Config), ets_cache, all, [])).
