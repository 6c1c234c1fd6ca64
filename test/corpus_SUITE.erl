%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The corpus through a running server, and through the library alone. Each policy requires
%% encryption and accepts one scheme, so that a refusal tells how the message was understood.
-module(corpus_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([a_server_judges_every_stanza_as_labelled/1, a_server_refuses_every_attack/1,
         a_server_judges_every_legal_stanza_as_labelled/1,
         a_server_that_validates_stanzas_does_the_same/1]).
-export([the_library_judges_every_stanza_as_labelled/1, both_views_agree_on_every_stanza/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("xmpp.hrl").

%% What is asked of a sender where encryption is required, and nothing is exempt.
-define(STRICT, {{required, required, required}, none, published, verified, <<"en">>}).
-define(SCHEMES, [omemo, pgp, pgp_legacy, otr]).

all() ->
    [a_server_judges_every_stanza_as_labelled, a_server_refuses_every_attack,
     a_server_judges_every_legal_stanza_as_labelled,
     a_server_that_validates_stanzas_does_the_same,
     the_library_judges_every_stanza_as_labelled, both_views_agree_on_every_stanza].

init_per_suite(Config) ->
    {ok, _} = application:ensure_all_started(xmpp),
    [{server, server:started(hosts())} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

hosts() ->
    maps:from_list([{host(Scheme), (policy(Scheme))#{warn_mechanism => error}}
                    || Scheme <- ?SCHEMES]).

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

a_server_refuses_every_attack(Config) ->
    ?assertEqual([], lists:append([wrongly_answered(Config, Scheme, attacks)
                                   || Scheme <- ?SCHEMES])).

a_server_judges_every_legal_stanza_as_labelled(Config) ->
    ?assertEqual([], lists:append([wrongly_answered(Config, Scheme, legal)
                                   || Scheme <- ?SCHEMES])).

%% With `validate_stream' the hook gets children as records.
a_server_that_validates_stanzas_does_the_same(Config) ->
    Server = server:started(hosts(), #{validate_stream => true}),
    Validating = lists:keyreplace(server, 1, Config, {server, Server}),
    try
        a_server_judges_every_stanza_as_labelled(Validating),
        a_server_refuses_every_attack(Validating)
    after
        server:stop(Server)
    end.

the_library_judges_every_stanza_as_labelled(_) ->
    ?assertEqual([], lists:append([misjudged_by_library(Scheme) || Scheme <- ?SCHEMES])).

%% The term that the server has, and the text that an admin gives to the command.
both_views_agree_on_every_stanza(_) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(policy(omemo)),
    ?assertEqual([], [Id || File <- [stanzas, attacks, legal],
                            #{id := Id, xml := Xml} <- corpus:rows(File),
                            El <- [fxml_stream:parse_element(Xml)],
                            judged(Policy, El) =/= explained(Policy, Xml)]).

%%%-------------------------------------------------------------------
%%% The server
%%%-------------------------------------------------------------------

misjudged_by_server(Config, Accepted) ->
    Exchange = exchange(Config, Accepted),
    [{Id, Accepted, Outcome}
     || #{id := Id, xml := Xml} = Row <- corpus:rows(),
        Outcome <- [Exchange(Xml)],
        Outcome =/= expected(Row, Accepted)].

%% Looks at policy violations only: ejabberd or a room may answer odd stanzas with other errors.
wrongly_answered(Config, Accepted, File) ->
    Exchange = exchange(Config, Accepted),
    [{Id, Accepted, Outcome}
     || #{id := Id, xml := Xml} = Row <- corpus:rows(File),
        Outcome <- [Exchange(Xml)],
        refusals(Outcome) =/= expected_refusals(Row, Accepted)].

refusals(#{answers := Answers}) ->
    [Text || {error, <<"policy-violation">>, Text} <- Answers].

%% An error stanza is refused without an answer.
expected_refusals(#{xml := Xml} = Row, Accepted) ->
    IsError = binary:match(Xml, <<"type='error'">>) =/= nomatch,
    case refusal(Row, Accepted) of
        Text when is_binary(Text), not IsError -> [Text];
        _ -> []
    end.

%% Sends a stanza of the corpus to Bob, or to the room that both are in.
exchange(Config, Accepted) ->
    Host = host(Accepted),
    {Alice, Bob, Room} = exchange:in_room(?config(server, Config), Host, <<"room">>),
    fun(Xml) ->
            Sent = corpus:forwarded(Xml, <<"bob@", Host/binary, "/desk">>, Room),
            exchange:message(Alice, Bob, Sent, Room)
    end.

%% An error stanza is refused without an answer.
expected(#{kind := <<"error with quoted body">>}, _) ->
    #{delivered => false, answers => []};
%% The room forwards it to the user who has invited.
expected(#{kind := <<"muc decline">>}, _) ->
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
    To = to(El),
    case undecoded:judge(Policy, El, from(), To) of
        {allow, keep, _} ->
            none;
        {{violation, _, _, _} = Violation, keep, _} ->
            reject = mod_e2e_policy_nif:decide(Policy, required, verified, published, none, 0),
            {Text, <<"en">>} = mod_e2e_policy_nif:notice(Policy, Violation, reject,
                                                         {To, published, verified}, <<"en">>),
            Text
    end.

explained(Policy, Xml) ->
    To = to(fxml_stream:parse_element(Xml)),
    case mod_e2e_policy_nif:explain(Policy, Xml, {from(), To, false}, ?STRICT, none, 0) of
        {ok, #{decision := <<"allow">>}} -> none;
        {ok, #{decision := <<"reject">>, text := Text}} -> Text
    end.

from() -> jid:decode(<<"alice@corpus.test/phone">>).

to(El) -> jid:decode(fxml:get_tag_attr_s(<<"to">>, El)).

%%%-------------------------------------------------------------------
%%% What the labels mean
%%%-------------------------------------------------------------------

refusal(#{content := nothing}, _) -> none;
refusal(#{content := plaintext}, _) -> <<"plain none">>;
refusal(#{content := encrypted, scheme := Accepted}, Accepted) -> none;
refusal(#{content := encrypted, scheme := Scheme}, _) ->
    <<"unacceptable ", (atom_to_binary(Scheme))/binary>>.
