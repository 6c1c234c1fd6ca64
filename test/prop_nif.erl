%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Properties of the native functions: whatever the arguments are, they return a value of their type
%% or raise an error, and never panic. (A crash of the Erlang machine would end the tests.)
-module(prop_nif).

-export([prop_terms/0, prop_stanzas/0, prop_options/0, prop_views/0]).

-include("xmpp.hrl").

%% Debian's erlang-proper comes without the header that has these.
-import(proper_types, [binary/0, bitstring/0, float/0, frequency/1, integer/0, oneof/1]).
-define(FORALL(Variable, Type, Property), proper:forall(Type, fun(Variable) -> Property end)).
-define(LET(Variable, Type, Value), proper_types:bind(Type, fun(Variable) -> Value end, false)).
-define(LAZY(Type), proper_types:lazy(fun() -> Type end)).

%% Any terms at all.
prop_terms() ->
    ?FORALL({Function, Arguments}, calls(), returns(Function, Arguments)).

%% Terms that are stanzas in their outer parts.
prop_stanzas() ->
    Policy = policy(),
    ?FORALL({Type, Subject, Body, Thread, Els, From, To},
            {oneof([chat, groupchat, term()]), texts(), texts(), oneof([undefined, term()]),
             few(element(4)), address(), address()},
            returns(judge, [Policy, Type, Subject, Body, Thread, Els, From, To])).

%% A well-formed message is judged alike as the term that the server has and as its text.
prop_views() ->
    Policy = policy(),
    [From, To] = [jid:decode(Text) || Text <- [<<"alice@a.test/phone">>, <<"bob@b.test">>]],
    Type = {<<"type">>, oneof([<<"chat">>, <<"groupchat">>])},
    ?FORALL(El, #xmlel{name = <<"message">>, attrs = [Type], children = few(well_formed(3))},
            begin
                Judged = case undecoded:judge(Policy, El, From, To) of
                             {allow, keep, _} -> {<<"allow">>, <<>>};
                             {{violation, Reason, _, _}, keep, _} ->
                                 {<<"reject">>, atom_to_binary(Reason)}
                         end,
                {ok, #{decision := Decision, reason := Why}} =
                    mod_e2e_policy_nif:explain(Policy, fxml:element_to_binary(El),
                                               {From, To, false},
                                               {{required, required, required}, none,
                                                published, verified, <<"en">>}, none, 0),
                Judged =:= {Decision, Why}
            end).

%% Options with the names of the module's, and often with values of the right type.
prop_options() ->
    ?FORALL(Options, options(), returns(new_policy, [Options])).

%% Whether the result is of the function's type.
returns(Function, Arguments) ->
    try apply(mod_e2e_policy_nif, Function, Arguments) of
        {ok, Policy} when Function =:= new_policy -> is_reference(Policy);
        {error, {Option, Text}} when Function =:= new_policy, is_binary(Option) -> is_binary(Text);
        {Verdict, Bodies, Content} when Function =:= judge,
                                        Bodies =:= keep orelse Bodies =:= replace ->
            is_atom(Content)
                andalso (Verdict =:= allow orelse Verdict =:= exempt
                         orelse tuple_size(Verdict) =:= 4);
        {ok, Explanation} when Function =:= explain -> is_map(Explanation);
        {error, Text} when Function =:= explain; Function =:= parse_period -> is_binary(Text);
        {ok, Seconds} when Function =:= parse_period -> is_integer(Seconds);
        [Line | _] when Function =:= describe -> is_binary(Line);
        {Text, Lang} when Function =:= notice; Function =:= text ->
            is_binary(Text) andalso is_binary(Lang);
        Decision when Function =:= decide -> is_atom(Decision) orelse tuple_size(Decision) =:= 2;
        Other -> ct:pal("~p gave ~p", [Function, Other]), false
    catch
        error:nif_panicked -> ct:pal("~p panicked", [Function]), false;
        error:_ -> true
    end.

policy() ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required, group => required}),
    Policy.

%%%-------------------------------------------------------------------
%%% Generators
%%%-------------------------------------------------------------------

calls() ->
    oneof([{new_policy, [term()]},
           {judge, [term() || _ <- lists:seq(1, 8)]},
           {judge, [policy() | [term() || _ <- lists:seq(1, 7)]]},
           {decide, [policy(), oneof([optional, required, term()]), oneof([missing, term()]),
                     term(), term()]},
           {notice, [policy(), term(), oneof([warn, {warn, term()}, reject, term()]),
                     oneof([{address(), missing}, term()]), oneof([binary(), term()])]},
           {text, [oneof([days, term()]), oneof([#{number => term()}, term()]),
                   oneof([<<"pl">>, binary(), term()]), oneof([binary(), term()])]},
           {grace_status, [policy(), term(), term(), oneof([binary(), term()])]},
           {parse_period, [oneof([binary(), term()])]},
           {describe, [oneof([policy(), term()]), oneof([#{}, #{direct => term()}, term()])]},
           {explain, [policy(), oneof([binary(), term()]),
                      {address(), address(), oneof([true, false])},
                      {{required, oneof([none, term()]), optional}, oneof([none, term()]),
                       oneof([published, missing, term()]), oneof([<<"de">>, binary(), term()])},
                      none,
                      oneof([0, term()])]}]).

%% Subjects or bodies as ejabberd passes them to the hook, and sometimes malformed ones.
texts() ->
    frequency([{8, few(#text{lang = oneof([<<>>, <<"en">>]), data = text()})},
               {1, few(oneof([term(), {text, term(), term()}]))},
               {1, term()}]).

%% Elements with names that the classifier knows, and sometimes malformed ones.
element(0) ->
    frequency([{5, {xmlcdata, text()}}, {1, term()}]);
element(Depth) ->
    frequency([{8, ?LAZY(#xmlel{name = name(), attrs = few(attribute()),
                                children = few(element(Depth - 1))})},
               {4, {xmlcdata, text()}},
               {1, term()},
               {1, {xmlel, term(), term(), term()}},
               {1, {xmlel, name(), [attribute() | term()], [element(0) | term()]}}]).

%% Elements that the stream parser can make.
well_formed(0) ->
    {xmlcdata, words()};
well_formed(Depth) ->
    frequency([{3, ?LAZY(#xmlel{name = known_name(),
                                attrs = [{<<"xmlns">>, namespace()}, {<<"sid">>, <<"12">>},
                                         {<<"rid">>, words()}],
                                children = few(well_formed(Depth - 1))})},
               {1, {xmlcdata, words()}}]).

words() ->
    oneof([<<"hello">>, <<" ">>, <<"AAAA">>, <<"AAAAAAAAAAAAAAAA">>, <<"?OTRv3?">>, <<"12">>,
           <<"1">>]).

known_name() ->
    oneof([<<"body">>, <<"subject">>, <<"encrypted">>, <<"header">>, <<"key">>, <<"keys">>,
           <<"iv">>, <<"payload">>, <<"openpgp">>, <<"x">>, <<"encryption">>, <<"forwarded">>,
           <<"message">>, <<"html">>, <<"retract">>, <<"fallback">>]).

name() ->
    oneof([<<"body">>, <<"encrypted">>, <<"header">>, <<"key">>, <<"keys">>, <<"iv">>,
           <<"payload">>, <<"openpgp">>, <<"x">>, <<"encryption">>, <<"forwarded">>, <<"message">>,
           <<"addresses">>, <<"address">>, <<"c:body">>, <<"html">>, <<>>, binary()]).

attribute() ->
    frequency([{6, {oneof([<<"xmlns">>, <<"sid">>, <<"rid">>, <<"jid">>, <<"type">>]),
                    oneof([namespace(), text()])}},
               {1, term()}]).

namespace() ->
    oneof([<<"jabber:client">>, <<"eu.siacs.conversations.axolotl">>, <<"urn:xmpp:omemo:1">>,
           <<"urn:xmpp:omemo:2">>, <<"urn:xmpp:openpgp:0">>, <<"jabber:x:encrypted">>,
           <<"urn:xmpp:eme:0">>, <<"urn:xmpp:forward:0">>,
           <<"http://jabber.org/protocol/address">>]).

text() ->
    oneof([binary(), <<"12">>, <<"?OTR:AAMD">>, <<"?OTRv3?">>, base64(),
           ?LET(Text, base64(), <<"?OTR:", Text/binary, ".">>)]).

base64() ->
    ?LET(Octets, proper_types:resize(60, binary()), base64:encode(Octets)).

address() ->
    frequency([{8, oneof([jid:decode(<<"alice@a.test/phone">>), jid:decode(<<"a.test">>)])},
               {2, {jid, text(), text(), text(), text(), text(), text()}},
               {1, term()}]).

options() ->
    Value = oneof([term(), known_atom(), few(known_atom()), text(), few(text())]),
    ?LET(Pairs, few({option(), Value}), maps:from_list(Pairs)).

option() ->
    oneof([accepted_schemes, direct, group, muc_pm, warn_mechanism, whitelist, outer_body,
           grace_period, message_plain_optional_direct, message_plain_required_direct,
           message_unacceptable_optional_group, term()]).

%% Terms of all kinds, but only atoms that exist, because Erlang never frees an atom.
term() ->
    term(3).

term(0) ->
    oneof([integer(), float(), binary(), bitstring(), known_atom(), undefined, xmlel, jid, [], {},
           #{}, make_ref(), self(), fun term/0]);
term(Depth) ->
    Smaller = ?LAZY(term(Depth - 1)),
    frequency([{4, term(0)},
               {2, few(Smaller)},
               {2, ?LET(Terms, few(Smaller), list_to_tuple(Terms))},
               {1, ?LET(Pairs, few({Smaller, Smaller}), maps:from_list(Pairs))},
               {1, ?LET({Head, Tail}, {Smaller, Smaller}, [Head | Tail])}]).

%% Nested lists of the usual sizes would become too large.
few(Type) ->
    proper_types:resize(3, proper_types:list(Type)).

known_atom() ->
    oneof([omemo, pgp, pgp_legacy, otr, none, optional, required, message, error, keep, replace]).
