%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The virtual hosts of the soak test, and the right outcome of each message there: from the labels
%% of its row of the corpus and from the host's policy, without any code of the module.
-module(soak_hosts).

%% Policies
-export([policies/1, names/0]).
%% Right outcomes
-export([level/1, levels_in_turn/1, outcome/4, cell/4, is_noticed/2, is_warned_once/1, friend/1]).

-export_type([level/0]).

-type level() :: none | optional | grace | required | {either, optional, required}.
%% The level for the messages of a user. `grace' is a required policy in a grace period: it warns.

-type message() :: #{content := encrypted | plaintext | nothing, scheme := atom(),
                     silent := boolean(), places := 1 | 3, atom() => term()}.

%% A domain that every host has in its whitelist.
-define(OPEN, <<"open.test">>).

%%%-------------------------------------------------------------------
%%% Policies
%%%-------------------------------------------------------------------

-spec names() -> [binary()].
names() ->
    maps:keys(hosts()).

%% At each turn the server gets other options: for all hosts some that change no outcome, for one
%% host another level.
-spec policies(Turn :: non_neg_integer()) -> server:policies().
policies(Turn) ->
    maps:map(fun(_, without) -> without;
                (Host, Policy) ->
                     maps:merge(options_without_effect(Host, Turn), options(Policy, Turn))
             end, hosts()).

hosts() ->
    #{?OPEN => without,
      <<"none.test">> => #{level => none, mechanism => message, accepted => [omemo]},
      <<"optional.test">> => #{level => optional, mechanism => message, accepted => [omemo, pgp]},
      <<"optional-error.test">> => #{level => optional, mechanism => error, accepted => [otr, pgp]},
      <<"seldom.test">> => #{level => optional, mechanism => error, accepted => [pgp],
                             interval => <<"1 day">>},
      <<"required.test">> => #{level => required, mechanism => message,
                               accepted => [pgp_legacy, omemo]},
      <<"required-error.test">> => #{level => required, mechanism => error, accepted => [omemo]},
      <<"escalated.test">> => #{level => optional, mechanism => error, accepted => [omemo, otr]},
      <<"grace.test">> => #{level => grace, mechanism => error, accepted => [omemo, pgp]},
      <<"turning.test">> => #{level => turning, mechanism => error, accepted => [omemo, pgp]}}.

options(#{level := Level, mechanism := Mechanism, accepted := Accepted} = Policy, Turn) ->
    Option = case Level of
                 grace -> required;
                 turning -> turned(Turn);
                 _ -> Level
             end,
    Period = case Level of
                 grace -> <<(integer_to_binary(14 + Turn rem 3))/binary, " days">>;
                 _ -> 0
             end,
    #{direct => Option, group => Option, warn_mechanism => Mechanism, grace_period => Period,
      warn_interval => maps:get(interval, Policy, 0),
      accepted_schemes => case Turn rem 2 of
                              0 -> Accepted;
                              1 -> lists:reverse(Accepted)
                          end}.

turned(Turn) when Turn rem 2 =:= 0 -> optional;
turned(_) -> required.

options_without_effect(Host, Turn) ->
    Number = integer_to_binary(Turn),
    Others = [<<"nobody", (integer_to_binary(Other))/binary, "@elsewhere.test">>
              || Other <- lists:seq(1, Turn rem 50)],
    #{whitelist => [?OPEN, friend(Host) | Others],
      outer_body => case Turn rem 3 of
                        0 -> replace;
                        _ -> keep
                    end,
      cache_size => 1000 + Turn rem 7,
      message_plain_optional_direct => <<"soak-warned plain ", Number/binary>>,
      message_unacceptable_optional_direct => <<"soak-warned unacceptable ", Number/binary>>,
      message_plain_required_direct => <<"soak-refused plain ", Number/binary>>,
      message_unacceptable_required_direct => <<"soak-refused unacceptable ", Number/binary>>,
      message_graceperiod => <<"soak-grace {graceperiod_remaining}">>}.

%%%-------------------------------------------------------------------
%%% Right outcomes
%%%-------------------------------------------------------------------

%% The user on the whitelist of a host.
-spec friend(Host :: binary()) -> binary().
friend(Host) ->
    <<"friend@", Host/binary>>.

%% The level of the users of a host at the beginning.
-spec level(Host :: binary()) -> level().
level(Host) ->
    case maps:get(Host, hosts()) of
        without -> none;
        #{level := turning} -> turned(0);
        #{level := Level} -> Level
    end.

%% The host whose level changes: what is right during the reload, and the new level.
-spec levels_in_turn(Turn :: pos_integer()) ->
          {Host :: binary(), DuringReload :: level(), AfterReload :: level()}.
levels_in_turn(Turn) ->
    {<<"turning.test">>, {either, optional, required}, turned(Turn)}.

-spec outcome(message(), From :: binary(), To :: binary(), level()) -> ledger:outcome().
outcome(#{places := Places} = Message, From, To, Level) ->
    Delivered = [{delivered, Place} || Place <- lists:seq(0, Places - 1)],
    case reason(Message, From, To) of
        none -> Delivered;
        Reason -> violation(Level, Reason, Delivered, Message, mechanism(From))
    end.

violation({either, Old, New}, Reason, Delivered, Message, Mechanism) ->
    {either, violation(Old, Reason, Delivered, Message, Mechanism),
     violation(New, Reason, Delivered, Message, Mechanism)};
violation(none, _, Delivered, _, _) -> Delivered;
violation(required, _, _, #{silent := true}, _) -> [];
violation(required, Reason, _, _, _) -> [{refused, Reason}];
violation(_, _, Delivered, #{silent := true}, _) -> Delivered;
violation(_, Reason, Delivered, _, error) -> [{warned, Reason} | Delivered];
violation(_, _, Delivered, _, message) -> Delivered.

%% The cell that has to count the message, on a host with the module. While a policy turns, either
%% decision is right.
-spec cell(message(), From :: binary(), To :: binary(), level()) ->
          none | {Chat :: direct | group, Content :: atom(), Decision :: atom()}.
cell(#{places := Places, content := Content} = Message, From, To, Level) ->
    Chat = case Places of
               3 -> group;
               1 -> direct
           end,
    Counted = case Content of
                  encrypted -> word(Message);
                  _ -> Content
              end,
    case {policy(From), Level, is_ignored(From, To), reason(Message, From, To)} of
        {without, _, _, _} -> none;
        {_, none, _, _} -> {Chat, nothing, exempt};
        {_, _, true, _} -> {Chat, nothing, exempt};
        {_, _, false, none} -> {Chat, Counted, allowed};
        {_, required, false, _} -> {Chat, Counted, refused};
        {_, {either, _, _}, false, _} -> {Chat, Counted, either};
        {_, _, false, _} -> {Chat, Counted, warned}
    end.

word(#{scheme := Scheme}) ->
    case lists:member(Scheme, [omemo, pgp, pgp_legacy, otr]) of
        true -> Scheme;
        false -> other
    end.

%% Whether the sender gets a message from the server, in addition to an error stanza or without one.
-spec is_noticed(message(), {From :: binary(), To :: binary(), level()}) -> boolean().
is_noticed(#{silent := Silent} = Message, {From, To, Level}) ->
    not Silent andalso Level =/= none andalso mechanism(From) =:= message
        andalso reason(Message, From, To) =/= none.

%% Whether a warning is not repeated, for the same sender, recipient and reason.
-spec is_warned_once(Host :: binary()) -> boolean().
is_warned_once(Host) ->
    case maps:get(Host, hosts()) of
        #{interval := _} -> true;
        _ -> false
    end.

reason(#{content := nothing}, _, _) ->
    none;
reason(#{content := Content} = Message, From, To) ->
    case is_ignored(From, To) orelse Content =:= encrypted andalso is_accepted(Message, From) of
        true -> none;
        false when Content =:= encrypted -> unacceptable;
        false -> plain
    end.

%% Messages to oneself, and to and from users and domains of the whitelist.
is_ignored(From, To) ->
    Friend = friend(host(From)),
    bare(From) =:= bare(To) orelse lists:member(Friend, [bare(From), bare(To)])
        orelse host(To) =:= ?OPEN.

is_accepted(#{scheme := Scheme}, From) ->
    case policy(From) of
        #{accepted := Accepted} -> lists:member(Scheme, Accepted);
        without -> true
    end.

mechanism(From) ->
    case policy(From) of
        #{mechanism := Mechanism} -> Mechanism;
        without -> error
    end.

policy(From) -> maps:get(host(From), hosts()).

host(Jid) ->
    [_, Host | _] = binary:split(Jid, [<<"@">>, <<"/">>], [global]),
    Host.

bare(Jid) -> hd(binary:split(Jid, <<"/">>)).
