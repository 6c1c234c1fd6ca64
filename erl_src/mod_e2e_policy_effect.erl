%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Carries out a decision: warns, refuses, replaces bodies.
%%%
%%% Answers are sent directly to the sending session, which is the process that runs this. They are
%%% not routed, so that no other module archives, copies, stores or logs them.
-module(mod_e2e_policy_effect).

-export([deliver/3, carry_out/4, refuse_after_failure/2]).

-export_type([told/0]).

-include("xmpp.hrl").

%% Replaces a body beside ciphertext with `outer_body: replace'.
-define(OUTER_BODY, <<"This message is end-to-end encrypted.">>).

-type state() :: ejabberd_c2s:state().
-type told() :: {plain | unacceptable,
                 Notice :: fun(() -> {Text :: binary(), Lang :: binary()}),
                 gen_mod:opts()}.
%% What the sender is told and how: the reason, a function that renders the text, and the options of
%% the host. A text is only rendered if somebody gets it.

%% @doc Lets a message pass, with its bodies replaced if they are to be.
-spec deliver(keep | replace, message(), state()) -> {message(), state()}.
deliver(keep, Msg, State) ->
    {Msg, State};
deliver(replace, Msg, State) ->
    {replace_bodies(Msg), State}.

%% @doc Warns the sender and lets the message pass, or refuses it.
-spec carry_out({warn, keep | replace} | reject, told(), message(), state()) ->
          {message(), state()} | {stop, {drop, state()}}.
carry_out({warn, Bodies}, Told, Msg, State) ->
    deliver(Bodies, Msg, warn(Told, Msg, State));
carry_out(reject, {Reason, _, #{warn_mechanism := Mechanism}} = Told, Msg, State) ->
    mod_e2e_policy_stanza:log("refused", Reason, Msg),
    %% Always an error stanza, and also a message if people are warned by messages.
    {stop, {drop, answer(lists:usort([error, Mechanism]), Told, Msg, State)}}.

%% @doc Refuses a message that could not be judged.
-spec refuse_after_failure(message(), state()) -> {stop, {drop, state()}}.
refuse_after_failure(#message{type = error}, State) ->
    {stop, {drop, State}};
refuse_after_failure(Msg, State) ->
    Error = mod_e2e_policy_stanza:error_stanza(Msg, xmpp:err_internal_server_error()),
    {stop, {drop, ejabberd_c2s:send(State, Error)}}.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% An error stanza is not answered, so it must not begin an interval. A warning that is withheld is
%% not logged either.
-spec warn(told(), message(), state()) -> state().
warn(_Told, #message{type = error}, State) ->
    State;
warn({Reason, _, #{warn_mechanism := Mechanism, warn_interval := Interval}} = Told,
     #message{from = From, to = To} = Msg, #{lserver := LServer} = State) ->
    case mod_e2e_policy_warned:is_due(LServer, Interval, From, To, Reason) of
        true ->
            mod_e2e_policy_stanza:log("warned about", Reason, Msg),
            answer([Mechanism], Told, Msg, State);
        false ->
            State
    end.

%% An error stanza is never answered (RFC 6120 section 8.3.1).
-spec answer([message | error], told(), message(), state()) -> state().
answer(_Mechanisms, _Told, #message{type = error}, State) ->
    State;
answer(Mechanisms, {_, Notice, _}, Msg, State) ->
    {Text, Lang} = Notice(),
    lists:foldl(fun(Mechanism, Acc) ->
                        ejabberd_c2s:send(Acc, warning(Mechanism, Msg, Text, Lang))
                end, State, Mechanisms).

-spec warning(message | error, message(), binary(), binary()) -> message().
warning(message, #message{from = From}, Text, Lang) ->
    mod_e2e_policy_stanza:notice(From#jid.lserver, From, Text, Lang);
warning(error, Msg, Text, Lang) ->
    mod_e2e_policy_stanza:policy_violation(Msg, Text, Lang).

%% One sentence replaces the bodies of all languages. A message without a body gets none.
-spec replace_bodies(message()) -> message().
replace_bodies(#message{body = []} = Msg) ->
    Msg;
replace_bodies(Msg) ->
    Msg#message{body = [#text{lang = <<"en">>, data = ?OUTER_BODY}]}.
