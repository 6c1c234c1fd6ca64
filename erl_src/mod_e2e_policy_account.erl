%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What users are told about their own account: what is asked of them, how much time is left,
%%% and what they have published.
-module(mod_e2e_policy_account).

-export([title/1, about/2]).

-export_type([answer/0]).

-import(mod_e2e_policy_text, [text/2, text/3]).

-include("xmpp.hrl").

%% How many keys are listed of a scheme, and how much is shown of a name that a client has chosen,
%% in characters.
-define(MAX_KEYS, 50).
-define(MAX_NAME, 64).
%% The clock of a user whose grace period is over.
-define(OVER, {0, violation, 0}).

-type answer() :: {adhoc_note(), xdata()}.
-type lang() :: binary().
-type keys() :: {ok, [mod_e2e_policy_keys:key()]} | {error, no_pubsub | db_failure}.

%% @doc What the command is called.
-spec title(lang()) -> binary().
title(Lang) ->
    text(Lang, own_title).

%% @doc A sentence of advice, and all that is known in a form.
%%
%% The sentence has no text that a client has chosen: Profanity 0.13 takes it for a format string.
-spec about(jid(), lang()) -> answer().
about(#jid{luser = LUser, lserver = LServer} = User, Lang) ->
    Accepted = mod_e2e_policy_keys:accepted(LServer),
    Keys = mod_e2e_policy_keys:of_user(LUser, LServer),
    Others = [Other || lists:member(omemo, Accepted),
                       Other <- mod_e2e_policy_sessions:others(User)],
    {Type, Advice, Arguments} = advice(Accepted, Keys, Others, LServer),
    {#adhoc_note{type = Type, data = text(Lang, Advice, Arguments)},
     #xdata{type = result, title = title(Lang),
            fields = asked(User, Lang)
                ++ [field(<<"accepted_schemes">>, own_accepted_schemes, [schemes(LServer)], Lang)]
                ++ [field(<<"keys_", (atom_to_binary(Scheme))/binary>>, own_keys,
                          #{scheme => word(Scheme)}, keys(Scheme, Keys, Lang), Lang)
                    || Scheme <- Accepted]
                ++ sessions(<<"without_omemo">>, own_without_omemo, no_omemo, Others, Lang)
                ++ sessions(<<"unknown">>, own_unknown, unknown, Others, Lang)}}.

%%%===================================================================
%%% What is asked
%%%===================================================================
-spec asked(jid(), lang()) -> [xdata_field()].
asked(#jid{lserver = LServer} = User, Lang) ->
    {Policy, _Counters, #{testing := Testing} = Opts} = mod_e2e_policy_registry:entry(LServer),
    Now = erlang:system_time(second),
    Session = session(User),
    Clock = clock(User, Session),
    Sender = {User, address(Session)},
    [Direct, Group] = [decision(Chat, Policy, Opts, Sender, Clock, Now) || Chat <- [direct, group]],
    [field(<<"direct">>, own_direct, [level(Direct, Lang)], Lang),
     field(<<"group">>, own_group, [level(Group, Lang)], Lang)]
        ++ [field(<<"testing">>, own_testing, [text(Lang, own_only_tested)], Lang) || Testing]
        ++ [field(<<"time_left">>, own_time_left, [Left], Lang)
            || Left <- time_left([Direct, Group], Policy, Clock, Now, Lang)].

%% What would be decided about a message in the clear to somebody whom no option names. The core
%% alone knows whom the whitelist covers, so it is asked about such a message.
-spec decision(direct | group, mod_e2e_policy_nif:policy(), gen_mod:opts(),
               mod_e2e_policy_level:sender(), mod_e2e_policy_nif:clock() | none, integer()) ->
          mod_e2e_policy_nif:decision().
decision(Chat, Policy, #{exempt := Rule} = Opts, {User, _} = Sender, Clock, Now) ->
    Somebody = jid:make(<<"somebody">>, <<"nowhere.invalid">>),
    Type = case Chat of
               direct -> chat;
               group -> groupchat
           end,
    case mod_e2e_policy_nif:judge(Policy, Type, [], [#text{data = <<"Hi">>}], undefined, [], User,
                                  Somebody) of
        {{violation, _, _, _}, _, _} ->
            Level = mod_e2e_policy_level:asked(Chat, Opts, Sender, Somebody),
            case mod_e2e_policy_level:exemption(User#jid.lserver, Rule, Sender, Somebody, []) of
                none -> mod_e2e_policy_nif:decide(Policy, Level, verified, published, Clock, Now);
                _ -> exempt
            end;
        _ ->
            exempt
    end.

-spec session(jid()) -> ejabberd_sm:info().
session(#jid{luser = LUser, lserver = LServer, lresource = LResource}) ->
    case ejabberd_sm:get_user_info(LUser, LServer, LResource) of
        offline -> [];
        Info -> Info
    end.

-spec address(ejabberd_sm:info()) -> inet:ip_address() | undefined.
address(Session) ->
    case proplists:get_value(ip, Session) of
        {IP, _Port} -> IP;
        _ -> undefined
    end.

%% As for a message: an anonymous session has no clock, and a clock that cannot be read counts as
%% over.
-spec clock(jid(), ejabberd_sm:info()) -> mod_e2e_policy_nif:clock() | none.
clock(#jid{luser = LUser, lserver = LServer}, Session) ->
    case lists:member(proplists:get_value(auth_module, Session),
                      [anonymous, ejabberd_auth_anonymous]) of
        true ->
            ?OVER;
        false ->
            case mod_e2e_policy_grace:clock(LUser, LServer) of
                {ok, Clock} -> Clock;
                {error, db_failure} -> ?OVER
            end
    end.

-spec level(mod_e2e_policy_nif:decision(), lang()) -> binary().
level(exempt, Lang) -> text(Lang, own_level_none);
level(warn, Lang) -> text(Lang, own_level_optional);
level(_, Lang) -> text(Lang, own_level_required).

%% Direct and group chats have one clock. Nothing where nothing is required.
-spec time_left([mod_e2e_policy_nif:decision()], mod_e2e_policy_nif:policy(),
                mod_e2e_policy_nif:clock() | none, integer(), lang()) -> [binary()].
time_left(Decisions, Policy, Clock, Now, Lang) ->
    case [Decision || Decision <- Decisions, Decision /= exempt, Decision /= warn] of
        [] ->
            [];
        [{warn, _Seconds} | _] ->
            {_, End, Remaining} = mod_e2e_policy_nif:grace_status(Policy, Clock, Now, Lang),
            [text(Lang, own_time_running, #{remaining => Remaining, 'end' => minute(End)})];
        [start_clock | _] ->
            {_, _, Period} =
                mod_e2e_policy_nif:grace_status(Policy, {Now, violation, undefined}, Now, Lang),
            [text(Lang, own_time_not_begun, #{period => Period})];
        [reject | _] ->
            [text(Lang, own_time_over)]
    end.

-spec minute(integer()) -> binary().
minute(Seconds) ->
    {{Year, Month, Day}, {Hour, Minute, _}} =
        calendar:system_time_to_universal_time(Seconds, second),
    iolist_to_binary(io_lib:format("~4..0b-~2..0b-~2..0b ~2..0b:~2..0b UTC",
                                   [Year, Month, Day, Hour, Minute])).

-spec schemes(binary()) -> binary().
schemes(LServer) ->
    Schemes = gen_mod:get_module_opt(LServer, mod_e2e_policy, accepted_schemes),
    iolist_to_binary(lists:join(", ", [if is_atom(Scheme) -> atom_to_binary(Scheme);
                                          true -> Scheme
                                       end || Scheme <- Schemes])).

%%%===================================================================
%%% What is published
%%%===================================================================
-spec word(omemo | pgp) -> binary().
word(omemo) -> <<"OMEMO">>;
word(pgp) -> <<"OpenPGP">>.

-spec keys(omemo | pgp, keys(), lang()) -> [binary()].
keys(_Scheme, {error, _}, Lang) ->
    [text(Lang, own_keys_unknown)];
keys(Scheme, {ok, All}, Lang) ->
    case by_id([Key || #{scheme := Of} = Key <- All, Of == Scheme]) of
        [] -> [text(Lang, own_keys_none)];
        Keys -> [key(Key, Lang) || Key <- lists:sublist(Keys, ?MAX_KEYS)]
    end.

%% A device may be in the lists of several namespaces of OMEMO.
-spec by_id([mod_e2e_policy_keys:key()]) -> [mod_e2e_policy_keys:key()].
by_id(Keys) ->
    ById = lists:foldl(fun(#{id := Id} = Key, Found) ->
                               maps:update_with(Id, fun(Other) -> better(Other, Key) end, Key,
                                                Found)
                       end, #{}, Keys),
    [Key || {_, Key} <- lists:sort(maps:to_list(ById))].

-spec better(mod_e2e_policy_keys:key(), mod_e2e_policy_keys:key()) -> mod_e2e_policy_keys:key().
better(#{has_key := HasKey, access := Access} = Key, #{label := Label})
  when HasKey, Access == open ->
    case Key of
        #{label := <<>>} -> Key#{label := Label};
        _ -> Key
    end;
better(#{label := <<>>}, Other) ->
    Other;
better(#{label := Label}, Other) ->
    Other#{label := Label}.

-spec key(mod_e2e_policy_keys:key(), lang()) -> binary().
key(#{id := Id, label := Label, has_key := HasKey, access := Access}, Lang) ->
    Shown = case Label of
                <<>> -> name(Id);
                _ -> <<(name(Id))/binary, " (", (name(Label))/binary, ")">>
            end,
    if not HasKey -> text(Lang, own_key_missing, #{key => Shown});
       Access /= open -> text(Lang, own_key_closed, #{key => Shown});
       true -> Shown
    end.

%% The names of those sessions of which this is known.
-spec sessions(binary(), atom(), no_omemo | unknown, [mod_e2e_policy_sessions:session()],
               lang()) -> [xdata_field()].
sessions(Var, Label, Announcement, Others, Lang) ->
    case [name(Resource) || {Resource, Of} <- Others, Of == Announcement] of
        [] -> [];
        Names -> [field(Var, Label, Names, Lang)]
    end.

%% A name that a client has chosen, in one line of limited length.
-spec name(binary()) -> binary().
name(Text) ->
    Line = re:replace(Text, "[[:cntrl:]]+", " ", [global, unicode, {return, binary}]),
    unicode:characters_to_binary(string:slice(Line, 0, ?MAX_NAME)).

%%%===================================================================
%%% What to do
%%%===================================================================
%% What keeps others from encrypting to this user comes first.
-spec advice([omemo | pgp], keys(), [mod_e2e_policy_sessions:session()], binary()) ->
          {info | warn, atom(), #{atom() => binary() | integer()}}.
advice([], _Keys, _Sessions, LServer) ->
    {info, own_advice_schemes, #{accepted_schemes => schemes(LServer)}};
advice(_Accepted, {error, _}, _Sessions, _LServer) ->
    {warn, own_advice_unknown, #{}};
advice(Accepted, {ok, Keys}, Sessions, _LServer) ->
    Without = length([Resource || {Resource, no_omemo} <- Sessions]),
    case mod_e2e_policy_keys:state(Accepted, Keys) of
        no_keys -> {warn, own_advice_no_keys, #{scheme => word(hd(Accepted))}};
        no_bundle -> {warn, own_advice_no_bundle, #{}};
        closed -> {warn, own_advice_closed, #{}};
        ready when Without > 0 -> {warn, own_advice_sessions, #{number => Without}};
        ready -> {info, own_advice_ready, #{}}
    end.

%%%===================================================================
%%% The form
%%%===================================================================
-spec field(binary(), atom(), [binary()], lang()) -> xdata_field().
field(Var, Label, Values, Lang) ->
    field(Var, Label, #{}, Values, Lang).

-spec field(binary(), atom(), #{atom() => binary()}, [binary()], lang()) -> xdata_field().
field(Var, Label, Arguments, Values, Lang) ->
    #xdata_field{var = Var, label = text(Lang, Label, Arguments), values = Values,
                 type = case Values of
                            [_] -> 'text-single';
                            _ -> 'text-multi'
                        end}.
