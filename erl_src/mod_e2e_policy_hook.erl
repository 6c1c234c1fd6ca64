%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The hook on each message of a local session.
%%%
%%% Makes a verdict of the stanza, and a result of the verdict.
%%%
%%% If the hook crashes, ejabberd delivers the message and logs it with its content. So all
%%% exceptions are caught here: a message that cannot be judged counts as plain text, and the
%%% policy's level decides about it.
-module(mod_e2e_policy_hook).

%% ejabberd_hooks callbacks
-export([user_send_packet/1]).

-include("logger.hrl").
-include("xmpp.hrl").

%% Commands and mod_privilege run this hook with a state that has no session, and deliver the
%% message whatever the hook returns. An error stanza would report a refusal that does not take
%% place.
-define(IS_NO_SESSION(State), not is_map_key(sid, State)).

%% The clock of a user whose grace period is over.
-define(OVER, {0, violation, 0}).

-type result() :: {stanza(), ejabberd_c2s:state()} | {stop, {drop, ejabberd_c2s:state()}}.

%% @doc Judges a message of a session, and carries out what is decided.
%%
%% Most messages are allowed: what only a violation needs is not looked up for them.
-spec user_send_packet({stanza(), ejabberd_c2s:state()}) -> result().
user_send_packet({#message{from = From} = Msg, State} = Acc) ->
    Policy = policy(From),
    try
        To = recipient(Msg),
        case judge(Policy, Msg, From, To) of
            {allow, keep} ->
                Acc;
            _ when ?IS_NO_SESSION(State) ->
                Acc;
            {allow, Bodies} ->
                mod_e2e_policy_effect:deliver(Bodies, Msg, State);
            {Violation, Bodies} ->
                Decision = decide(Policy, Violation, From, To, State),
                mod_e2e_policy_effect:carry_out(Decision, Bodies, Msg, State)
        end
    catch
        _:_ when ?IS_NO_SESSION(State) ->
            Acc;
        Class:Reason:Stack ->
            wait_for_upgrade(),
            case policy(From) of
                Policy -> failed(Class, Reason, Stack, Msg, State);
                %% There was an upgrade meanwhile: the new release judges the message.
                _ -> ?MODULE:user_send_packet(Acc)
            end
    end;
user_send_packet(Acc) ->
    Acc.

%% Without a policy the judgement fails, like with any other error.
-spec policy(jid()) -> mod_e2e_policy_nif:policy() | none.
policy(From) ->
    try mod_e2e_policy_registry:policy(From#jid.lserver)
    catch _:_ -> none
    end.

-spec wait_for_upgrade() -> ok.
wait_for_upgrade() ->
    try mod_e2e_policy_swap:wait()
    catch _:_ -> ok
    end.

%% Passes the fields one by one, because one term with all of them, as xmpp:encode/1 makes it, would
%% have to be garbage collected for each message.
-spec judge(mod_e2e_policy_nif:policy() | none, message(), jid(), jid()) ->
          mod_e2e_policy_nif:judgement().
judge(Policy, #message{type = Type, subject = Subject, body = Body, thread = Thread, sub_els = Els},
      From, To) ->
    mod_e2e_policy_nif:judge(Policy, judged_type(Type, To), Subject, Body, Thread, encoded(Els),
                             From, To).

%% The library takes the type groupchat for group chat, which a message to a user is not.
-spec judged_type(message_type(), jid()) -> message_type().
judged_type(groupchat = Type, To) ->
    case mod_e2e_policy_chat:is_group(Type, To) of
        true -> Type;
        false -> chat
    end;
judged_type(Type, _To) ->
    Type.

%% Children are elements, as the client has sent them, unless ejabberd or another hook has decoded
%% some.
-spec encoded([xmpp_element() | xmlel()]) -> [xmlel()].
encoded(Els) ->
    case are_encoded(Els) of
        true -> Els;
        false -> [xmpp:encode(El) || El <- Els]
    end.

-spec are_encoded([xmpp_element() | xmlel()]) -> boolean().
are_encoded([#xmlel{} | Els]) -> are_encoded(Els);
are_encoded(Els) -> Els == [].

%% Looks up the user's clock, and starts it when it has to start.
-spec decide(mod_e2e_policy_nif:policy(), mod_e2e_policy_nif:violation(), jid(), jid(),
             ejabberd_c2s:state()) ->
          mod_e2e_policy_nif:decision().
decide(Policy, Violation, From, To, State) ->
    Now = erlang:system_time(second),
    case mod_e2e_policy_nif:decide(Policy, Violation, To, clock(From, State), Now) of
        start_clock ->
            Started = started_clock(From, Now, State),
            mod_e2e_policy_nif:decide(Policy, Violation, To, Started, Now);
        Decision ->
            Decision
    end.

%% An anonymous user cannot be recognised in a later session, so there is no grace period: a
%% required policy is enforced. Such a session has logged in by SASL ANONYMOUS, or with a name and
%% any password.
-spec clock(jid(), ejabberd_c2s:state()) -> mod_e2e_policy_grace:clock() | none.
clock(_From, #{auth_module := Module})
  when Module == anonymous; Module == ejabberd_auth_anonymous ->
    ?OVER;
clock(#jid{luser = LUser, lserver = LServer}, _State) ->
    clock_or_over(mod_e2e_policy_grace:clock(LUser, LServer)).

%% The account of the session may have been removed: then there is no clock, and no grace period.
-spec started_clock(jid(), integer(), ejabberd_c2s:state()) -> mod_e2e_policy_grace:clock().
started_clock(#jid{luser = LUser, lserver = LServer}, Now, #{sid := SID}) ->
    Started = mod_e2e_policy_grace:start_once(LUser, LServer, {Now, violation, undefined}),
    case clock_or_over(mod_e2e_policy_grace:unless_removed(Started, SID, LUser, LServer)) of
        none -> ?OVER;
        Clock -> Clock
    end.

%% A clock that cannot be read counts as over: a required policy is enforced, an optional one warns.
-spec clock_or_over({ok, Clock} | {error, db_failure}) -> Clock | mod_e2e_policy_grace:clock().
clock_or_over({ok, Clock}) -> Clock;
clock_or_over({error, db_failure}) -> ?OVER.

%% A message without an address is for the sender's own account (RFC 6120 section 10.3.1).
-spec recipient(message()) -> jid().
recipient(#message{to = undefined, from = From}) ->
    jid:remove_resource(From);
recipient(#message{to = To}) ->
    To.

-spec failed(atom(), term(), [term()], message(), ejabberd_c2s:state()) -> result().
failed(Class, Reason, Stack, Msg, #{lserver := LServer} = State) ->
    Required = is_required(LServer, Msg),
    ?ERROR_MSG("E2EE policy of ~ts failed (~ts): message ~ts",
               [LServer, mod_e2e_policy_failure:describe(Class, Reason, Stack),
                case Required of true -> "refused"; false -> "delivered" end]),
    case Required of
        true ->
            %% The message is dropped even if the answer cannot be sent.
            try mod_e2e_policy_effect:refuse_after_failure(Msg, State)
            catch _:_ -> {stop, {drop, State}}
            end;
        false ->
            {Msg, State}
    end.

%% A policy whose options cannot be read counts as required.
-spec is_required(binary(), message()) -> boolean().
is_required(LServer, #message{type = Type, to = To}) ->
    try
        Option = case mod_e2e_policy_chat:is_group(Type, To) of
                     true -> group;
                     false -> direct
                 end,
        gen_mod:get_module_opt(LServer, mod_e2e_policy, Option) == required
    catch
        _:_ -> true
    end.
