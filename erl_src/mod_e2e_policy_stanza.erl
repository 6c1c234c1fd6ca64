%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What all hooks read of a message, and the stanzas that answer it.
%%%
%%% No answer has anything of the content of the message: other modules log and copy answers, too.
-module(mod_e2e_policy_stanza).

-export([encoded/1, policy_violation/3, error_stanza/2, notice/4, log/3]).

-include("logger.hrl").
-include("xmpp.hrl").

%% @doc The children of a message as elements, which the library reads.
%%
%% They are as the client has sent them, unless ejabberd or another hook has decoded some.
-spec encoded([xmpp_element() | xmlel()]) -> [xmlel()].
encoded(Els) ->
    case are_encoded(Els) of
        true -> Els;
        false -> [xmpp:encode(El) || El <- Els]
    end.

-spec are_encoded([xmpp_element() | xmlel()]) -> boolean().
are_encoded([#xmlel{} | Els]) -> are_encoded(Els);
are_encoded(Els) -> Els == [].

%% @doc The error stanza that refuses a message, with a text in a language.
-spec policy_violation(message(), binary(), binary()) -> message().
policy_violation(Msg, Text, Lang) ->
    Error = xmpp:err_policy_violation(),
    error_stanza(Msg, Error#stanza_error{text = [#text{lang = Lang, data = Text}]}).

%% @doc An error stanza with the id of the message, from the address that the message was sent to.
%%
%% Of a room this is the bare address, as rooms have no other one for messages to all.
-spec error_stanza(message(), stanza_error()) -> message().
error_stanza(#message{id = Id, type = Type, from = From, to = To}, Error) ->
    Origin = case mod_e2e_policy_chat:is_group(Type, To) of
                 true -> jid:remove_resource(To);
                 false -> To
             end,
    #message{type = error, id = Id, from = Origin, to = From, sub_els = [Error]}.

%% @doc A message from a domain here that warns its recipient, and that nobody stores.
%%
%% Of type chat, as ejabberd's own notices are since 24.07, because many clients do not show a
%% message of type normal.
-spec notice(Domain :: binary(), jid(), binary(), binary()) -> message().
notice(Domain, To, Text, Lang) ->
    #message{type = chat,
             id = p1_rand:get_string(),
             from = jid:make(Domain),
             to = To,
             lang = Lang,
             body = [#text{data = Text}],
             sub_els = [#hint{type = Hint} || Hint <- ['no-store', 'no-copy']]}.

%% @doc Says in the log what was done about a message.
%%
%% Not at the default log level, because the line has the addresses of sender and recipient.
-spec log(string(), plain | unacceptable, message()) -> ok.
log(Verb, Reason, #message{from = From, to = To}) ->
    ?DEBUG("E2EE policy ~ts a message from ~ts to ~ts: ~ts",
           [Verb, jid:encode(From), jid:encode(To), Reason]).
