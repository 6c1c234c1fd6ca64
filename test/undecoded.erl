%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Judges a message that ejabberd has not decoded: subjects, bodies and threads are still elements
%% among the others, where a session's message has them in the fields of a record.
-module(undecoded).

-export([judge/4]).

-include("xmpp.hrl").

-spec judge(mod_e2e_policy_nif:policy(), xmlel(), From :: term(), To :: term()) ->
          mod_e2e_policy_nif:judgement().
judge(Policy, #xmlel{children = Children} = Message, From, To) ->
    Type = case fxml:get_tag_attr_s(<<"type">>, Message) of
               <<"groupchat">> -> groupchat;
               _ -> chat
           end,
    mod_e2e_policy_nif:judge(Policy, Type, [], [], undefined, Children, From, To).
