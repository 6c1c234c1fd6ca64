%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The virtual hosts of the soak test, and the right answer to each message there: from what its
%% row of the corpus is labelled, and from what the host's policy says. The module is never asked.
-module(soak_hosts).

%% What the server is told
-export([policies/1, names/0]).
%% What is right
-export([level/1, levels_in_turn/1, outcome/4, is_noticed/2, is_warned_once/1, friend/1]).

-export_type([level/0]).

-type level() :: none | optional | grace | required | {either, optional, required}.
%% What a user's messages meet. In the time of `grace' a required policy warns.

-type message() :: #{content := encrypted | plaintext | nothing, scheme := atom(),
                     silent := boolean(), places := 1 | 3, atom() => term()}.

%% A domain that every host has in its whitelist.
-define(OPEN, <<"open.test">>).

%%%-------------------------------------------------------------------
%%% What the server is told
%%%-------------------------------------------------------------------

-spec names() -> [binary()].
names() ->
    maps:keys(hosts()).

%% At each turn the server gets other options: of all hosts some that change no answer, of one host
%% its level.
-spec policies(Turn :: non_neg_integer()) -> server:policies().
policies(Turn) ->
    maps:map(fun(_, without) -> without;
                (Host, Policy) -> maps:merge(without_meaning(Host, Turn), options(Policy, Turn))
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
    Word = case Level of
               grace -> required;
               turning -> turned(Turn);
               _ -> Level
           end,
    Period = case Level of
                 grace -> <<(integer_to_binary(14 + Turn rem 3))/binary, " days">>;
                 _ -> 0
             end,
    #{direct => Word, group => Word, warn_mechanism => Mechanism, grace_period => Period,
      warn_interval => maps:get(interval, Policy, 0),
      accepted_schemes => case Turn rem 2 of
                              0 -> Accepted;
                              1 -> lists:reverse(Accepted)
                          end}.

turned(Turn) when Turn rem 2 =:= 0 -> optional;
turned(_) -> required.

without_meaning(Host, Turn) ->
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
%%% What is right
%%%-------------------------------------------------------------------

%% Whom the policy of a host ignores.
-spec friend(Host :: binary()) -> binary().
friend(Host) ->
    <<"friend@", Host/binary>>.

%% What the users of a host begin with.
-spec level(Host :: binary()) -> level().
level(Host) ->
    case maps:get(Host, hosts()) of
        without -> none;
        #{level := turning} -> turned(0);
        #{level := Level} -> Level
    end.

%% The level of the host whose policy turns: the new one, and what is right while it turns.
-spec levels_in_turn(Turn :: pos_integer()) -> {Host :: binary(), While :: level(), Then :: level()}.
levels_in_turn(Turn) ->
    {<<"turning.test">>, {either, optional, required}, turned(Turn)}.

-spec outcome(message(), From :: binary(), To :: binary(), level()) -> ledger:outcome().
outcome(#{places := Places} = Message, From, To, Level) ->
    Delivered = [{delivered, Place} || Place <- lists:seq(0, Places - 1)],
    case reason(Message, From, To) of
        none -> Delivered;
        Reason -> violation(Level, Reason, Delivered, Message, mechanism(From))
    end.

violation({either, One, Other}, Reason, Delivered, Message, Mechanism) ->
    {either, violation(One, Reason, Delivered, Message, Mechanism),
     violation(Other, Reason, Delivered, Message, Mechanism)};
violation(none, _, Delivered, _, _) -> Delivered;
violation(required, _, _, #{silent := true}, _) -> [];
violation(required, Reason, _, _, _) -> [{refused, Reason}];
violation(_, _, Delivered, #{silent := true}, _) -> Delivered;
violation(_, Reason, Delivered, _, error) -> [{warned, Reason} | Delivered];
violation(_, _, Delivered, _, message) -> Delivered.

%% Whether the sender is told by a message from the server, beside or instead of an error stanza.
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

%% To oneself, and to and from those of the whitelist.
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
