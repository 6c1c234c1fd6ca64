%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The corpus through a running server, and through the library alone. Each policy accepts one
%% scheme and requires it, so that a refusal says how the message was understood.
-module(corpus_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([a_server_judges_every_stanza_as_labelled/1,
         the_library_judges_every_stanza_as_labelled/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("xmpp.hrl").

-define(SCHEMES, [omemo, pgp, pgp_legacy, otr]).

all() ->
    [a_server_judges_every_stanza_as_labelled, the_library_judges_every_stanza_as_labelled].

init_per_suite(Config) ->
    Hosts = maps:from_list([{host(Scheme), (policy(Scheme))#{warn_mechanism => error}}
                            || Scheme <- ?SCHEMES]),
    {ok, _} = application:ensure_all_started(xmpp),
    [{server, server:started(Hosts)} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

policy(Scheme) ->
    #{accepted_schemes => [Scheme], direct => required, group => required,
      message_plain_required_direct => <<"plain {scheme}">>,
      message_unacceptable_required_direct => <<"unacceptable {scheme}">>}.

host(Scheme) ->
    <<(atom_to_binary(Scheme))/binary, ".test">>.

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

a_server_judges_every_stanza_as_labelled(Config) ->
    ?assertEqual([], lists:append([misjudged_by_server(Config, Scheme) || Scheme <- ?SCHEMES])).

the_library_judges_every_stanza_as_labelled(_) ->
    ?assertEqual([], lists:append([misjudged_by_library(Scheme) || Scheme <- ?SCHEMES])).

%%%-------------------------------------------------------------------
%%% The server
%%%-------------------------------------------------------------------

misjudged_by_server(Config, Accepted) ->
    Host = host(Accepted),
    Alice = client:connect(?config(server, Config), <<"alice@", Host/binary, "/phone">>),
    Bob = client:connect(?config(server, Config), <<"bob@", Host/binary, "/desk">>),
    Room = <<"room@conference.", Host/binary>>,
    client:join(Bob, <<Room/binary, "/bert">>),
    client:join(Alice, <<Room/binary, "/alice">>),
    client:received(Bob),
    [{Id, Accepted, Outcome}
     || #{id := Id, xml := Xml} = Row <- corpus:rows(),
        Sent <- [corpus:forwarded(Xml, <<"bob@", Host/binary, "/desk">>, Room)],
        Outcome <- [exchange:message(Alice, Bob, Sent, Room)],
        Outcome =/= expected(Row, Accepted)].

%% A refused error is not answered.
expected(#{kind := <<"error with quoted body">>}, _) ->
    #{delivered => false, answers => []};
expected(Row, Accepted) ->
    case refusal(Row, Accepted) of
        none -> exchange:delivered();
        Text -> exchange:refused(error, Text)
    end.

%%%-------------------------------------------------------------------
%%% The library
%%%-------------------------------------------------------------------

misjudged_by_library(Accepted) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(policy(Accepted)),
    [{Id, Accepted, Refusal}
     || #{id := Id, xml := Xml} = Row <- corpus:rows(),
        Refusal <- [judged(Policy, fxml_stream:parse_element(Xml))],
        Refusal =/= refusal(Row, Accepted)].

judged(Policy, El) ->
    From = jid:decode(<<"alice@corpus.test/phone">>),
    To = jid:decode(fxml:get_tag_attr_s(<<"to">>, El)),
    case mod_e2e_policy_nif:judge(Policy, El, From, To) of
        {allow, keep} -> none;
        {{reject, _Reason, Text, <<"en">>}, keep} -> Text
    end.

%%%-------------------------------------------------------------------
%%% What the labels mean
%%%-------------------------------------------------------------------

refusal(#{content := nothing}, _) -> none;
refusal(#{content := plaintext}, _) -> <<"plain none">>;
refusal(#{content := encrypted, scheme := Accepted}, Accepted) -> none;
refusal(#{content := encrypted, scheme := Scheme}, _) ->
    <<"unacceptable ", (atom_to_binary(Scheme))/binary>>.
