%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Judges messages by the native library alone, in an Erlang that has no ejabberd, and prints for
%% which machine this Erlang was made. Fails if something is not as expected.
-module(native).

-export([main/0]).

main() ->
    ok = mod_e2e_policy_nif:status(),
    {error, {<<"direct">>, _}} = new_policy(perhaps),
    {ok, Policy} = new_policy(required),
    {allow, keep, nothing} = judge(Policy, [], [state()]),
    {Violation = {violation, plain, _, direct}, keep, plaintext} =
        judge(Policy, [{text, <<>>, <<"Art thou not Romeo?">>}], []),
    reject = mod_e2e_policy_nif:decide(Policy, required, verified, published, none, 0),
    Recipient = {jid(<<"juliet">>), published, verified},
    {Text, <<"de">>} = mod_e2e_policy_nif:notice(Policy, Violation, reject, Recipient, <<"de">>),
    {_, _} = binary:match(Text, <<"juliet@example.org">>),
    io:put_chars([erlang:system_info(system_architecture), " judges messages\n"]),
    halt().

new_policy(Level) ->
    mod_e2e_policy_nif:new_policy(#{direct => Level, language => <<"en">>}).

judge(Policy, Body, Els) ->
    mod_e2e_policy_nif:judge(Policy, chat, [], Body, undefined, Els, jid(<<"romeo">>),
                             jid(<<"juliet">>)).

%% Records of xmpp.
jid(User) ->
    {jid, User, <<"example.org">>, <<"x">>, User, <<"example.org">>, <<"x">>}.

state() ->
    {xmlel, <<"active">>, [{<<"xmlns">>, <<"http://jabber.org/protocol/chatstates">>}], []}.
