%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The hook on each message of a local session.
%%%
%%% Makes a verdict of the stanza, and a result of the verdict, which is counted.
%%%
%%% If the hook crashes, ejabberd delivers the message and logs it with its content. So all
%%% exceptions are caught here: a message that cannot be judged counts as plain text, and the
%%% policy's level decides about it.
-module(mod_e2e_policy_hook).

%% ejabberd_hooks callbacks
-export([user_send_packet/1]).

-include("xmpp.hrl").

%% Commands and mod_privilege run this hook with a state that has no session, and deliver the
%% message whatever the hook returns. An error stanza would report a refusal that does not take
%% place.
-define(IS_NO_SESSION(State), not is_map_key(sid, State)).

%% Such a session has logged in by SASL ANONYMOUS, or with a name and any password.
-define(IS_ANONYMOUS(Module), Module == anonymous; Module == ejabberd_auth_anonymous).

%% The clock of a user whose grace period is over.
-define(OVER, {0, violation, 0}).

-type result() :: {stanza(), ejabberd_c2s:state()} | {stop, {drop, ejabberd_c2s:state()}}.

%% @doc Judges a message of a session, carries out what is decided, and counts it.
%%
%% Most messages are allowed: what only a violation needs is not looked up for them.
-spec user_send_packet({stanza(), ejabberd_c2s:state()}) -> result().
user_send_packet({#message{}, State} = Acc) when ?IS_NO_SESSION(State) ->
    Acc;
user_send_packet({#message{from = From} = Msg, State} = Acc) ->
    Host = host(From),
    Entry = mod_e2e_policy_entry:find(Host),
    try
        {Policy, Counters, Opts} = Entry,
        To = recipient(Msg),
        Type = judged_type(Msg#message.type, To),
        case judge(Policy, Type, Msg, From, To) of
            {allow, keep, Content} ->
                count(Counters, Type, Content, allowed),
                remembered(Content, allowed, Opts, Acc);
            {exempt, keep, Content} ->
                count(Counters, Type, Content, exempt),
                Acc;
            {Verdict, Bodies, Content} ->
                {Decision, Result} = decided(Verdict, Bodies, Entry, To, Acc),
                count(Counters, Type, Content, Decision),
                remembered(Content, Decision, Opts, Result)
        end
    catch
        Class:Reason:Stack ->
            case mod_e2e_policy_entry:find_after_upgrade(Host) of
                Entry -> failed(Class, Reason, Stack, Entry, Msg, State);
                %% There was an upgrade meanwhile: the new release judges the message.
                _ -> ?MODULE:user_send_packet(Acc)
            end
    end;
user_send_packet(Acc) ->
    Acc.

%% What is decided of a message that is not simply delivered, as it is counted, and the result.
-spec decided(allow | mod_e2e_policy_nif:violation(), keep | replace,
              mod_e2e_policy_registry:entry(), jid(), {message(), ejabberd_c2s:state()}) ->
          {mod_e2e_policy_counters:decision(), result()}.
decided(allow, replace, {_, _, #{testing := true}}, _To, Acc) ->
    {allowed, Acc};
decided(allow, replace, _Entry, _To, {Msg, State}) ->
    {allowed, mod_e2e_policy_effect:deliver(replace, Msg, State)};
decided(Violation, Bodies, {Policy, _, #{testing := Testing} = Opts} = Entry, To,
        {Msg, State} = Acc) ->
    {Decision, Keys, Connection} = decide(Policy, Violation, Opts, Msg, To, State),
    Result = case Testing orelse Decision == exempt of
                 true ->
                     Acc;
                 false ->
                     Recipient = {To, Keys, Connection},
                     carry_out(Decision, Bodies, Entry, Violation, Msg, Recipient, State)
             end,
    {counted_as(Decision, Testing), Result}.

%% Without a sender there is no entry, so that the judgement fails, like with any other error.
-spec host(jid() | undefined) -> binary().
host(#jid{lserver = Host}) -> Host;
host(_From) -> <<>>.

%% Passes the fields one by one, because one term with all of them, as xmpp:encode/1 makes it, would
%% have to be garbage collected for each message.
-spec judge(mod_e2e_policy_nif:policy(), message_type(), message(), jid(), jid()) ->
          mod_e2e_policy_nif:judgement().
judge(Policy, Type, #message{subject = Subject, body = Body, thread = Thread, sub_els = Els},
      From, To) ->
    Children = mod_e2e_policy_stanza:encoded(Els),
    mod_e2e_policy_nif:judge(Policy, Type, Subject, Body, Thread, Children, From, To).

%% The library takes the type groupchat for group chat, which a message to a user is not.
-spec judged_type(message_type(), jid()) -> message_type().
judged_type(groupchat = Type, To) ->
    case mod_e2e_policy_chat:is_group(Type, To) of
        true -> Type;
        false -> chat
    end;
judged_type(Type, _To) ->
    Type.

%% What is asked of this sender, the keys of the recipient, the connection to its server, and the
%% clock are looked up for a violation only.
-spec decide(mod_e2e_policy_nif:policy(), mod_e2e_policy_nif:violation(), gen_mod:opts(),
             message(), jid(), ejabberd_c2s:state()) ->
          {mod_e2e_policy_nif:decision(), mod_e2e_policy_nif:keys(),
           mod_e2e_policy_nif:connection()}.
decide(Policy, {violation, _, _, Chat}, #{exempt := Rule, recipient_keys := Matter} = Opts,
       #message{from = From, sub_els = Els}, To, State) ->
    Sender = {From, address(State)},
    Level = mod_e2e_policy_level:asked(Chat, Opts, Sender, To),
    Servers = mod_e2e_policy_servers:that_matter(Opts, To, Els),
    case (Level == none andalso Servers == [])
        orelse mod_e2e_policy_level:exemption(From#jid.lserver, Rule, Sender, To, Els) /= none of
        true ->
            {exempt, published, verified};
        false ->
            Keys = mod_e2e_policy_recipient:keys(Matter, Chat, From, To),
            Connection = mod_e2e_policy_servers:connection(From, Servers),
            Decision = decide_with_clock(Policy, Level, {Keys, Connection}, From, Opts, State),
            {Decision, Keys, Connection}
    end.

%% Starts the clock when it has to start. While the policy is being tested no clock starts, and it
%% counts as over.
-spec decide_with_clock(mod_e2e_policy_nif:policy(), mod_e2e_policy_nif:level(),
                        {mod_e2e_policy_nif:keys(), mod_e2e_policy_nif:connection()}, jid(),
                        gen_mod:opts(), ejabberd_c2s:state()) ->
          mod_e2e_policy_nif:decision().
decide_with_clock(Policy, Level, {Keys, Connection}, From, #{testing := Testing}, State) ->
    Now = erlang:system_time(second),
    Clock = case needs_clock(Level, Testing, From#jid.lserver) of
                true -> clock(From, State);
                false -> none
            end,
    case mod_e2e_policy_nif:decide(Policy, Level, Connection, Keys, Clock, Now) of
        start_clock when Testing ->
            reject;
        start_clock ->
            Started = started_clock(From, Now, State),
            mod_e2e_policy_nif:decide(Policy, Level, Connection, Keys, Started, Now);
        Decision ->
            Decision
    end.

-spec needs_clock(mod_e2e_policy_nif:level(), Testing :: boolean(), binary()) -> boolean().
needs_clock(none, _Testing, _LServer) -> false;
needs_clock(optional, _Testing, LServer) -> mod_e2e_policy_grace:may_have(admin, LServer);
needs_clock(required, true, LServer) -> mod_e2e_policy_grace:may_have(any, LServer);
needs_clock(required, false, _LServer) -> true.

-spec address(ejabberd_c2s:state()) -> inet:ip_address() | undefined.
address(#{ip := {IP, _Port}}) -> IP;
address(_State) -> undefined.

-spec carry_out(mod_e2e_policy_nif:decision(), keep | replace, mod_e2e_policy_registry:entry(),
                mod_e2e_policy_nif:violation(), message(),
                {jid(), mod_e2e_policy_nif:keys(), mod_e2e_policy_nif:connection()},
                ejabberd_c2s:state()) ->
          result().
carry_out(Decision, Bodies, {Policy, _, Opts}, {violation, Reason, _, _} = Violation,
          #message{lang = Lang} = Msg, Recipient, State) ->
    Notice = fun() ->
                     mod_e2e_policy_nif:notice(Policy, Violation, Decision, Recipient, Lang)
             end,
    Told = {Reason, Notice, Opts},
    mod_e2e_policy_effect:carry_out(case Decision of
                                        reject -> reject;
                                        warn -> {warn, Bodies};
                                        {warn, _Why} -> {warn, Bodies}
                                    end, Told, Msg, State).

%% What a policy that is being tested would do is counted apart.
-spec counted_as(mod_e2e_policy_nif:decision(), Testing :: boolean()) ->
          mod_e2e_policy_counters:decision().
counted_as(exempt, _Testing) -> exempt;
counted_as(reject, false) -> refused;
counted_as(reject, true) -> would_refuse;
counted_as(warn, false) -> warned;
counted_as(warn, true) -> would_warn;
counted_as({warn, _Why}, Testing) -> counted_as(warn, Testing).

-spec count(mod_e2e_policy_counters:counters(), message_type(), mod_e2e_policy_counters:content(),
            mod_e2e_policy_counters:decision()) -> ok.
count(Counters, groupchat, Content, Decision) ->
    mod_e2e_policy_counters:add(Counters, sent, group, Content, Decision);
count(Counters, _Type, Content, Decision) ->
    mod_e2e_policy_counters:add(Counters, sent, direct, Content, Decision).

-spec remembered(mod_e2e_policy_counters:content(), mod_e2e_policy_counters:decision(),
                 gen_mod:opts(), result()) -> result().
remembered(Content, Decision, #{remember_senders := Seconds}, Result) when Seconds > 0 ->
    case Result of
        {stop, {drop, State}} -> {stop, {drop, noted(Content, Decision, State)}};
        {Msg, State} -> {Msg, noted(Content, Decision, State)}
    end;
remembered(_Content, _Decision, _Opts, Result) ->
    Result.

%% An anonymous user cannot be recognised in a later session, so that nothing is remembered.
-spec noted(mod_e2e_policy_counters:content(), mod_e2e_policy_counters:decision(),
            ejabberd_c2s:state()) -> ejabberd_c2s:state().
noted(_Content, _Decision, #{auth_module := Module} = State) when ?IS_ANONYMOUS(Module) ->
    State;
noted(Content, Decision, State) ->
    mod_e2e_policy_senders:noted(Content, Decision, State).

%% An anonymous user cannot be recognised in a later session, so there is no grace period: a
%% required policy is enforced.
-spec clock(jid(), ejabberd_c2s:state()) -> mod_e2e_policy_grace:clock() | none.
clock(_From, #{auth_module := Module}) when ?IS_ANONYMOUS(Module) ->
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

%% A message that cannot be judged is counted as plaintext.
-spec failed(atom(), term(), [term()], mod_e2e_policy_registry:entry() | none, message(),
             ejabberd_c2s:state()) -> result().
failed(Class, Reason, Stack, Entry, Msg, #{lserver := LServer} = State) ->
    Required = is_required(Msg, State),
    mod_e2e_policy_failure:log(LServer, Class, Reason, Stack, Required),
    count_failure(Entry, Msg),
    case Required of
        true ->
            %% The message is dropped even if the answer cannot be sent.
            try mod_e2e_policy_effect:refuse_after_failure(Msg, State)
            catch _:_ -> {stop, {drop, State}}
            end;
        false ->
            {Msg, State}
    end.

%% What has failed may make this fail, too.
-spec count_failure(mod_e2e_policy_registry:entry() | none, message()) -> ok.
count_failure(Entry, #message{type = Type} = Msg) ->
    try
        {_Policy, Counters, _Opts} = Entry,
        count(Counters, judged_type(Type, recipient(Msg)), plaintext, failed)
    catch
        _:_ -> ok
    end.

%% Asks the options of ejabberd, as the entry of the host may be what has failed. A level that
%% cannot be found out counts as required.
-spec is_required(message(), ejabberd_c2s:state()) -> boolean().
is_required(#message{type = Type, from = From} = Msg, State) ->
    try
        #jid{lserver = LServer} = From,
        Given = gen_mod:get_module_opts(LServer, mod_e2e_policy),
        #{testing := Testing} = Opts = mod_e2e_policy_level:compiled(LServer, Given),
        To = recipient(Msg),
        %% Whether the message has a marker cannot be said.
        Chats = case mod_e2e_policy_chat:is_group(Type, To) of
                    true -> [group];
                    false -> [direct, marked]
                end,
        Sender = {From, address(State)},
        not Testing
            andalso (lists:any(fun(Chat) ->
                                       mod_e2e_policy_level:asked(Chat, Opts, Sender, To)
                                           == required
                               end, Chats)
                     orelse mod_e2e_policy_servers:may_require(Opts, To, Msg#message.sub_els))
    catch
        _:_ -> true
    end.
