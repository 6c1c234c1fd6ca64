%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% An account of messages: for each the expected events, and those that were seen. A message is a
%% number, and the events are eight-bit counters in a word of 64 bits, so that a message takes 24
%% octets, and an event that happens twice, or not at all, is found.
-module(ledger).

-export([new/1, enter/3, saw/3, is_for_any_recipient/2, sender/2]).
-export([sums/1, wrong/1]).

-export_type([ledger/0, outcome/0, event/0]).

-record(ledger, {last :: atomics:atomics_ref(),
                 senders :: atomics:atomics_ref(),
                 expected :: atomics:atomics_ref(), seen :: atomics:atomics_ref()}).

-opaque ledger() :: #ledger{}.

-type number_of_message() :: pos_integer().
-type reason() :: plain | unacceptable.
-type event() :: {delivered, Place :: 0..2} | {warned | refused, reason()}.
%% A direct message has one place to be delivered to, one to a room has three.
-type outcome() :: [event()] | {either, [event()], [event()]}.

%% Marks a word that has the counters of two outcomes, of which either is right.
-define(EITHER, (1 bsl 60)).

-spec new(Messages :: pos_integer()) -> ledger().
new(Size) ->
    Counters = fun() -> atomics:new(Size, [{signed, false}]) end,
    #ledger{last = atomics:new(1, []), senders = Counters(), expected = Counters(),
            seen = Counters()}.

%% Gives a message its number. Fails when the ledger is full.
-spec enter(ledger(), Sender :: pos_integer(), outcome()) -> number_of_message().
enter(#ledger{last = Last, senders = Senders, expected = Expected}, Sender, Outcome) ->
    Number = atomics:add_get(Last, 1, 1),
    atomics:put(Senders, Number, Sender),
    atomics:put(Expected, Number, outcome(Outcome)),
    Number.

-spec saw(ledger(), number_of_message(), event()) -> ok.
saw(#ledger{seen = Seen}, Number, Event) ->
    atomics:add(Seen, Number, word(Event)).

%% Whether any recipient may get the message.
-spec is_for_any_recipient(ledger(), number_of_message()) -> boolean().
is_for_any_recipient(#ledger{expected = Expected}, Number) ->
    atomics:get(Expected, Number) band word({delivered, 0}) =/= 0.

-spec sender(ledger(), number_of_message()) -> non_neg_integer().
sender(#ledger{senders = Senders}, Number) ->
    atomics:get(Senders, Number).

%% How many messages were entered, and how many of them with which outcome.
-spec sums(ledger()) -> #{total | delivered | warned | refused | either => non_neg_integer()}.
sums(Ledger) ->
    lists:foldl(fun(Number, Sums) ->
                        Kind = kind(Ledger, Number),
                        maps:update_with(Kind, fun(Count) -> Count + 1 end, 1, Sums)
                end, #{total => count(Ledger)}, lists:seq(1, count(Ledger))).

%% The messages with other events than expected: number, sender, expected and seen events.
-spec wrong(ledger()) -> [{number_of_message(), pos_integer(), outcome(), [event()]}].
wrong(#ledger{expected = Expected, seen = Seen} = Ledger) ->
    [{Number, sender(Ledger, Number), right(Right), events(Found)}
     || Number <- lists:seq(1, count(Ledger)),
        Right <- [atomics:get(Expected, Number)],
        Found <- [atomics:get(Seen, Number)],
        not is_right(Found, Right)].

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

word({delivered, Place}) -> 1 bsl (8 * Place);
word({warned, plain}) -> 1 bsl 24;
word({warned, unacceptable}) -> 1 bsl 32;
word({refused, plain}) -> 1 bsl 40;
word({refused, unacceptable}) -> 1 bsl 48.

words() ->
    [{delivered, 0}, {delivered, 1}, {delivered, 2}, {warned, plain}, {warned, unacceptable},
     {refused, plain}, {refused, unacceptable}].

%% Of two right outcomes the first is a delivery, the second a refusal: they have no counter in
%% common.
outcome({either, Delivery, Refusal}) -> ?EITHER bor outcome(Delivery ++ Refusal);
outcome(Events) -> lists:sum([word(Event) || Event <- Events]).

right(Word) when Word >= ?EITHER ->
    {Refusal, Delivery} = lists:partition(fun({Event, _}) -> Event =:= refused end, events(Word)),
    {either, Delivery, Refusal};
right(Word) ->
    events(Word).

is_right(Found, Right) when Right >= ?EITHER ->
    {either, Delivery, Refusal} = right(Right),
    Found =:= outcome(Delivery) orelse Found =:= outcome(Refusal);
is_right(Found, Right) ->
    Found =:= Right.

kind(#ledger{expected = Expected}, Number) ->
    case right(atomics:get(Expected, Number)) of
        {either, _, _} -> either;
        [{refused, _}] -> refused;
        Events -> case lists:keymember(warned, 1, Events) of
                      true -> warned;
                      false -> delivered
                  end
    end.

events(Word) ->
    [Event || Event <- words(),
              _ <- lists:seq(1, (Word div word(Event)) band 16#ff)].

count(#ledger{last = Last}) ->
    atomics:get(Last, 1).
