%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Messages of senders whose session is not on a host with the module: judged, decided,
%%% answered and counted.
%%%
%%% Such a sender has no clock, and is not asked about by `direct' and `group'. Everything is caught
%%% here: if a hook crashes, ejabberd delivers the message and logs it with its content.
-module(mod_e2e_policy_received).

-export([verdict/4]).

-export_type([conversation/0]).

-include("logger.hrl").
-include("xmpp.hrl").

%% Without a clock that is over, the sender's grace period would have to start.
-define(OVER, {0, violation, 0}).

%% What a sender reads whose message could not be judged.
-define(FAILED, <<"This server could not check whether the message is end-to-end encrypted.">>).

-type direction() :: incoming | room.
-type conversation() :: {To :: user | room,
                         Level :: fun(() -> mod_e2e_policy_nif:level()),
                         Connection :: fun(() -> mod_e2e_policy_nif:connection())}.
%% Whom the message is for, what is asked of its sender, and by which connection it came. Level and
%% connection are looked up for a violation only.

%% @doc Whether a message may pass, or is refused and dropped; `none' if it was not judged.
%%
%% The function gives the conversation of the message, or `none' if it is not to be judged here.
-spec verdict(direction(), Host :: binary(), message(),
              fun((gen_mod:opts()) -> conversation() | none)) -> pass | refuse | none.
verdict(Direction, Host, Msg, Conversation) ->
    Entry = mod_e2e_policy_entry:find(Host),
    try
        {_Policy, _Counters, Opts} = Entry,
        case Conversation(Opts) of
            none -> none;
            Known -> judged(Direction, Host, Msg, Known, Entry)
        end
    catch
        Class:Reason:Stack ->
            case mod_e2e_policy_entry:find_after_upgrade(Host) of
                Entry -> failed({Class, Reason, Stack}, Direction, Host, Msg, Conversation, Entry);
                %% There was an upgrade meanwhile: the new release judges the message.
                _ -> ?MODULE:verdict(Direction, Host, Msg, Conversation)
            end
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec judged(direction(), binary(), message(), conversation(), mod_e2e_policy_registry:entry()) ->
          pass | refuse.
judged(Direction, Host, #message{type = Type, subject = Subject, body = Body, thread = Thread,
                                 sub_els = Els, from = From, to = To} = Msg,
       Conversation, {Policy, Counters, _} = Entry) ->
    Children = mod_e2e_policy_stanza:encoded(Els),
    {Decision, Verdict, Content} =
        case mod_e2e_policy_nif:judge_received(Policy, Type, Subject, Body, Thread, Children, From,
                                               To) of
            {allow, _, What} -> {allowed, pass, What};
            {exempt, _, What} -> {exempt, pass, What};
            {Violation, _, What} ->
                {Decided, Carried} = decided(Violation, Host, Msg, Conversation, Entry),
                {Decided, Carried, What}
        end,
    mod_e2e_policy_counters:add(Counters, Direction, chat(Type), Content, Decision),
    Verdict.

-spec chat(message_type()) -> mod_e2e_policy_counters:chat().
chat(groupchat) -> group;
chat(_Type) -> direct.

%% What is decided of a violation, as it is counted, and what becomes of the message.
-spec decided(mod_e2e_policy_nif:violation(), binary(), message(), conversation(),
              mod_e2e_policy_registry:entry()) ->
          {mod_e2e_policy_counters:decision(), pass | refuse}.
decided(Violation, Host, #message{from = From, to = To, sub_els = Els} = Msg,
        {Recipient, AskedLevel, AskedConnection}, {Policy, _, #{exempt := Rule} = Opts}) ->
    case mod_e2e_policy_level:exemption(Host, Rule, {From, undefined}, To, Els) of
        none ->
            Level = AskedLevel(),
            Connection = AskedConnection(),
            Now = erlang:system_time(second),
            Decision = mod_e2e_policy_nif:decide(Policy, Level, Connection, published, ?OVER, Now),
            Notice = fun() -> notice(Recipient, Policy, Violation, Decision, Connection, Msg) end,
            carry_out(told(Decision, Recipient, Level), Violation, Notice, Host, Msg, Opts);
        _Exempt ->
            {exempt, pass}
    end.

%% A warning about a message that was delivered would be mail to strangers, unless they are in a
%% room here, which asks them for encryption.
-spec told(mod_e2e_policy_nif:decision(), user | room, mod_e2e_policy_nif:level()) ->
          exempt | warn | reject.
told(reject, _Recipient, _Level) -> reject;
told(warn, room, Level) when Level /= none -> warn;
told(warn, _Recipient, _Level) -> exempt;
told(exempt, _Recipient, _Level) -> exempt.

-spec carry_out(exempt | warn | reject, mod_e2e_policy_nif:violation(),
                Notice :: fun(() -> {Text :: binary(), Lang :: binary()}), binary(), message(),
                gen_mod:opts()) ->
          {mod_e2e_policy_counters:decision(), pass | refuse}.
carry_out(exempt, _Violation, _Notice, _Host, _Msg, _Opts) ->
    {exempt, pass};
carry_out(warn, _Violation, _Notice, _Host, _Msg, #{testing := true}) ->
    {would_warn, pass};
carry_out(reject, _Violation, _Notice, _Host, _Msg, #{testing := true}) ->
    {would_refuse, pass};
carry_out(warn, {violation, Reason, _, _}, Notice, Host, #message{from = From, to = To} = Msg,
          #{warn_interval := Interval}) ->
    _ = mod_e2e_policy_warned:is_due_in_room(Host, Interval, From, To)
        andalso begin
                    mod_e2e_policy_stanza:log("warned about", Reason, Msg),
                    {Text, Lang} = Notice(),
                    Warning = mod_e2e_policy_stanza:notice(To#jid.lserver, From, Text, Lang),
                    ejabberd_router:route(Warning)
                end,
    {warned, pass};
carry_out(reject, {violation, Reason, _, _}, Notice, _Host, Msg, _Opts) ->
    mod_e2e_policy_stanza:log("refused", Reason, Msg),
    {Text, Lang} = Notice(),
    ejabberd_router:route(mod_e2e_policy_stanza:policy_violation(Msg, Text, Lang)),
    {refused, refuse}.

%% A room has the words that its host has for group chat, for private messages, too.
-spec notice(user | room, mod_e2e_policy_nif:policy(), mod_e2e_policy_nif:violation(),
             mod_e2e_policy_nif:decision(), mod_e2e_policy_nif:connection(), message()) ->
          {Text :: binary(), Lang :: binary()}.
notice(user, Policy, Violation, _Decision, Connection, #message{to = To, lang = Lang}) ->
    mod_e2e_policy_nif:notice_received(Policy, Violation, {To, Connection}, Lang);
notice(room, Policy, {violation, Reason, Scheme, _}, Decision, Connection,
       #message{to = To, lang = Lang}) ->
    Violation = {violation, Reason, Scheme, group},
    mod_e2e_policy_nif:notice(Policy, Violation, Decision, {To, published, Connection}, Lang).

%% The message is dropped even if the answer cannot be sent. It is counted as plaintext.
-spec failed({atom(), term(), [term()]}, direction(), binary(), message(),
             fun((gen_mod:opts()) -> conversation() | none),
             mod_e2e_policy_registry:entry() | none) -> pass | refuse | none.
failed({Class, Reason, Stack}, Direction, Host, Msg, Conversation, Entry) ->
    Verdict = verdict_after_failure(Host, Conversation),
    _ = Verdict == none
        orelse begin
                   mod_e2e_policy_failure:log(Host, Class, Reason, Stack, Verdict == refuse),
                   count_failure(Direction, Msg, Entry),
                   Verdict == refuse andalso answer_after_failure(Msg)
               end,
    Verdict.

%% What has failed may make this fail, too.
-spec count_failure(direction(), message(), mod_e2e_policy_registry:entry() | none) -> ok.
count_failure(Direction, #message{type = Type}, Entry) ->
    try
        {_Policy, Counters, _Opts} = Entry,
        mod_e2e_policy_counters:add(Counters, Direction, chat(Type), plaintext, failed)
    catch
        _:_ -> ok
    end.

%% Not by internal-server-error: a room takes away the occupant to whose address this one is sent.
-spec answer_after_failure(message()) -> ok.
answer_after_failure(Msg) ->
    try ejabberd_router:route(mod_e2e_policy_stanza:policy_violation(Msg, ?FAILED, <<"en">>))
    catch _:_ -> ok
    end.

%% Asks the options of ejabberd, as the entry of the host may be what has failed. What cannot be
%% found out counts as the strictest that it can be.
-spec verdict_after_failure(binary(), fun((gen_mod:opts()) -> conversation() | none)) ->
          pass | refuse | none.
verdict_after_failure(Host, Conversation) ->
    try
        #{testing := Testing} = Opts = gen_mod:get_module_opts(Host, mod_e2e_policy),
        case try Conversation(Opts) catch _:_ -> strictest_conversation(Opts) end of
            none ->
                none;
            Known ->
                case not Testing andalso is_required(Known, Opts) of
                    true -> refuse;
                    false -> pass
                end
        end
    catch
        _:_ -> refuse
    end.

-spec strictest_conversation(gen_mod:opts()) -> conversation().
strictest_conversation(#{incoming := Incoming, rooms := Rooms}) ->
    Level = case lists:member(required, [Incoming, Rooms]) of
                true -> required;
                false -> none
            end,
    {user, fun() -> Level end, fun() -> {unverified, <<>>} end}.

-spec is_required(conversation(), gen_mod:opts()) -> boolean().
is_required({Recipient, AskedLevel, AskedConnection},
            #{incoming := Incoming, rooms := Rooms, s2s_unverified := Least}) ->
    Level = try AskedLevel()
            catch _:_ -> case Recipient of user -> Incoming; room -> Rooms end
            end,
    IsVerified = try AskedConnection() == verified
                 catch _:_ -> false
                 end,
    Level == required orelse (Least == required andalso not IsVerified).
