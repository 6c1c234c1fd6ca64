%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Wrong values in ejabberd.yml: the server does not start with them, and a running server keeps the
%% policy that it has. One line names the option, what was found and what was expected.
-module(options_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([a_wrong_value_is_refused_on_reload/1, a_wrong_value_stops_the_start/1,
         right_values_are_accepted/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(RIGHT, #{direct => required, warn_mechanism => error,
                 message_plain_required_direct => <<"encrypt!">>}).

all() ->
    [a_wrong_value_is_refused_on_reload, a_wrong_value_stops_the_start, right_values_are_accepted].

%% The options, and words that have to be in the line about them.
one_of_each_kind() ->
    [{#{accepted_schemes => [omemo, rot13]},
      ["accepted_schemes->2", "rot13", "omemo", "pgp_legacy", "urn:"]},
     {#{accepted_schemes => [<<"urn:xmpp:omemo:2">>]},
      ["accepted_schemes->1", "urn:xmpp:omemo:2", "rules of its own"]},
     {#{direct => mandatory}, ["direct", "mandatory", "none", "optional", "required"]},
     {#{whitelist => [<<"carol@strict.test/phone">>]},
      ["whitelist", "carol@strict.test/phone", "resource"]},
     {#{grace_period => <<"40000 days">>}, ["grace_period", "40000 days", "at most 36600 days"]},
     {#{message_plain_required_direct => <<"to {recipent}">>},
      ["message_plain_required_direct", "recipent", "recipient"]},
     {#{acepted_schemes => [omemo]}, ["acepted_schemes", "accepted_schemes"]}].

more() ->
    [{#{accepted_schemes => []}, ["accepted_schemes", "none", "omemo", "pgp_legacy"]},
     {#{accepted_schemes => [omemo, pgp, omemo]}, ["accepted_schemes", "omemo", "uplicate"]},
     {#{accepted_schemes => 7}, ["accepted_schemes", "integer", "list"]},
     {#{group => true}, ["group", "true", "none", "optional", "required"]},
     {#{direct => []}, ["direct", "mpty"]},
     {#{direct => [required]}, ["direct", "required", "required: staff"]},
     {#{direct => [#{sometimes => staff}]}, ["direct", "sometimes", "optional"]},
     {#{direct => [#{required => #{usr => <<"bob">>}}]}, ["direct", "usr", "user"]},
     {#{group => [#{required => [#{allow => #{usr => <<"bob">>}}]}]}, ["group", "usr", "user"]},
     {#{muc_pm => groups}, ["muc_pm", "groups", "direct", "required"]},
     {#{incoming => optional}, ["incoming", "optional", "none", "required"]},
     {#{rooms => refuse}, ["rooms", "refuse", "none", "optional", "required"]},
     {#{s2s_unverified => warn}, ["s2s_unverified", "warn", "optional", "required", "refuse"]},
     {#{s2s_trusted => [#{allow => #{servers => <<"b.test">>}}]}, ["s2s_trusted", "servers"]},
     {#{message_unverified => <<"{servers}">>},
      ["message_unverified", "unknown placeholder `{servers}`", "`{server}`"]},
     {#{message_incoming => <<"{server}">>},
      ["message_incoming", "unknown placeholder `{server}`"]},
     {#{testing => perhaps}, ["testing", "bool"]},
     {#{remember_senders => -1}, ["remember_senders", "-1", "14 days"]},
     {#{remember_senders => <<"a month">>}, ["remember_senders", "a month", "14 days"]},
     {#{remember_senders => <<"401 days">>}, ["remember_senders", "401 days", "at most 400 days"]},
     {#{remember_senders => 34_560_001}, ["remember_senders", "34560001", "at most 400 days"]},
     {#{remember_senders => <<"36601 days">>},
      ["remember_senders", "36601 days", "at most 36600 days"]},
     {#{remember_senders => true}, ["remember_senders", "true"]},
     {#{exempt => [#{alow => bots}]}, ["exempt", "alow", "allow"]},
     {#{metrics_access => [#{allow => #{ip => <<"300.0.0.1">>}}]}, ["metrics_access", "300.0.0.1"]},
     {#{warn_mechanism => pigeon}, ["warn_mechanism", "pigeon", "message", "error"]},
     {#{warn_interval => -1}, ["warn_interval", "-1", "14 days"]},
     {#{warn_interval => <<"ten minutes">>}, ["warn_interval", "ten minutes", "14 days"]},
     {#{grace_period => <<"14 fortnights">>}, ["grace_period", "14 fortnights", "14 days"]},
     {#{grace_period => <<"-2 days">>}, ["grace_period", "-2 days", "14 days"]},
     {#{grace_period => []}, ["grace_period", "list"]},
     {#{outer_body => remove}, ["outer_body", "remove", "keep", "replace"]},
     {#{whitelist => [<<"@strict.test">>]}, ["whitelist", "@strict.test"]},
     {#{whitelist => [<<"strict.test">>, <<"*.strict.test">>]},
      ["whitelist", "*.strict.test", "in full"]},
     {#{whitelist => [<<"*@strict.test">>]}, ["whitelist", "*@strict.test", "in full"]},
     {#{warn_interval => <<"36601 days">>}, ["warn_interval", "36601 days", "at most 36600 days"]},
     {#{whitelist => <<"carol@strict.test">>}, ["whitelist", "string", "list"]},
     {#{message_unacceptable_optional_group => <<"to {recipient">>},
      ["message_unacceptable_optional_group", "{"]},
     {#{message_plain_optional_direct => <<"to recipient}">>},
      ["message_plain_optional_direct", "}"]},
     {#{message_plain_optional_group => <<"{graceperiod_remaining} left">>},
      ["message_plain_optional_group", "graceperiod_remaining"]},
     {#{message_plain_required_group => [1, 2]},
      ["message_plain_required_group", "list", "map"]},
     {#{message_graceperiod => #{de => <<"Noch {graceperiod}">>}},
      ["message_graceperiod", "de: unknown placeholder `{graceperiod}` at character 6"]},
     {#{message_graceperiod => #{de_AT => <<"Noch">>}},
      ["message_graceperiod", "Invalid language tag: de_AT"]},
     {#{message_without_keys => #{de => 3}}, ["message_without_keys", "string"]},
     {#{recipient_keys => always}, ["recipient_keys", "ignore", "tell", "needed", "always"]},
     {#{message_plain_required_group => <<" ">>}, ["message_plain_required_group", "blank"]}].

init_per_suite(Config) ->
    [{server, server:started(#{<<"strict.test">> => ?RIGHT})} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

a_wrong_value_is_refused_on_reload(Config) ->
    [begin
         {Status, Output} = server:reload(?config(server, Config), with(Options)),
         ?assertEqual({Options, 1, []}, {Options, Status, missing(Words, Output)}),
         the_old_policy_is_in_force(Config)
     end || {Options, Words} <- one_of_each_kind() ++ more()].

a_wrong_value_stops_the_start(_) ->
    [begin
         Server = server:new(with(Options)),
         {Status, Output} = server:start(Server),
         server:stop(Server),
         ?assertEqual({Options, 1, []}, {Options, Status, missing(Words, Output)})
     end || {Options, Words} <- one_of_each_kind()].

right_values_are_accepted(Config) ->
    [?assertEqual({0, ""}, server:reload(?config(server, Config), with(Options)))
     || Options <- [#{accepted_schemes => [otr, pgp_legacy, pgp, omemo]},
                    #{accepted_schemes => [<<"urn:xmpp:mls:0">>, omemo]},
                    #{direct => none, group => none, outer_body => replace},
                    #{direct => [#{required => staff},
                                 #{optional => #{user => <<"bob@strict.test">>}},
                                 #{none => [#{deny => bots}, #{allow => all}]}],
                      muc_pm => optional, exempt => [#{allow => staff}], testing => true},
                    #{incoming => required, rooms => optional, s2s_unverified => refuse},
                    #{s2s_unverified => optional, s2s_trusted => [#{allow => staff}],
                      message_unverified => #{en => <<"{server}, {recipient}">>, de => <<"!">>}},
                    #{remember_senders => <<"400 days">>}, #{remember_senders => 3600},
                    #{remember_senders => 0},
                    #{warn_interval => 0}, #{warn_interval => <<"10 minutes">>},
                    #{whitelist => [<<"carol@strict.test">>, <<"room@conference.strict.test">>,
                                    <<"strict.test">>]},
                    #{message_plain_optional_group => <<"{{{recipient}}} {scheme} "
                                                        "{accepted_schemes}">>}]].

%%%-------------------------------------------------------------------
%%% Options and output
%%%-------------------------------------------------------------------

with(Options) ->
    #{<<"strict.test">> => maps:merge(?RIGHT, Options)}.

%% The words that are missing in the line that has the most of them.
missing(Words, Output) ->
    Missing = [[Word || Word <- Words, string:find(Line, Word) =:= nomatch]
               || Line <- string:split(Output, "\n", all)],
    [_, Fewest] = lists:min([[length(These), These] || These <- Missing]),
    Fewest.

the_old_policy_is_in_force(Config) ->
    {Alice, Bob} = exchange:alice_and_bob(?config(server, Config), <<"strict.test">>),
    exchange:is_refused(exchange:message(Alice, Bob, "<message type='chat' to='bob@strict.test'>"
                                                     "<body>in the clear</body></message>"),
                        error, <<"encrypt!">>).
