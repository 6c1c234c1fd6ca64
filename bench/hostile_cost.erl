%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% How long the judgement of a hostile stanza takes, for each of those in test/hostile.erl, which
%%% the suites send.
-module(hostile_cost).

-export([measure/1, table/1, longest/1]).

-export_type([cost/0]).

-record(message, {id, type, lang, from, to, subject, body, thread, sub_els, meta}).

-type cost() :: #{name := string(), decision := reject | allow, octets := pos_integer(),
                  figure := slices:figure()}.

-define(FROM, <<"romeo@example.net/orchard">>).

%% The most expensive first. The time for all is in milliseconds.
-spec measure(Time :: pos_integer()) -> [cost()].
measure(Time) ->
    Rows = hostile:rows(),
    Judgements = maps:from_list([{Name, judgement(Row)} || #{name := Name} = Row <- Rows]),
    Figures = slices:measure(Judgements, Time),
    Costs = [#{name => Name, decision => Decision, octets => octets(Name),
               figure => maps:get(Name, Figures)}
             || #{name := Name, decision := Decision} <- Rows],
    lists:sort(fun(Left, Right) -> median(Left) >= median(Right) end, Costs).

%% The message is a persistent term: otherwise it would be copied into the process of each slice,
%% and collected with its garbage.
judgement(#{name := Name, decision := Decision, whitelist := Whitelist} = Row) ->
    Options = #{direct => required, whitelist => Whitelist,
                accepted_schemes => [omemo, pgp, pgp_legacy, otr]},
    {ok, Policy} = mod_e2e_policy_nif:new_policy(Options),
    {Message, Octets} = message(Row),
    persistent_term:put({?MODULE, Name}, {Message, Octets}),
    Judge = fun() -> judge(Policy, persistent_term:get({?MODULE, Name})) end,
    {Name, Decision} = {Name, decision(Judge())},
    Judge.

%% As ejabberd_c2s passes it to the hooks, and its length as text.
message(#{stanza := Stanza, from := Sender, whitelist := Whitelist}) ->
    {xmlel, _, _, Children} = Element = Stanza(),
    To = case Whitelist of
             [] -> <<"juliet@example.net">>;
             %% A service that distributes it to the addresses inside.
             _ -> <<"multicast.example.net">>
         end,
    Message = case Sender of
                  client -> xmpp:decode(Element, <<"jabber:client">>, [ignore_els]);
                  module -> #message{type = chat, subject = [], body = [], sub_els = Children}
              end,
    {Message#message{from = jid:decode(?FROM), to = jid:decode(To)},
     iolist_size(hostile:text(Element))}.

judge(Policy, {#message{type = Type, from = From, to = To, subject = Subject, body = Body,
                        thread = Thread, sub_els = Els}, _}) ->
    mod_e2e_policy_nif:judge(Policy, Type, Subject, Body, Thread, Els, From, To).

decision({Allowed, _, _}) when Allowed == allow; Allowed == exempt -> allow;
decision({{violation, plain, _, _}, _, _}) -> reject.

octets(Name) ->
    {_, Octets} = persistent_term:get({?MODULE, Name}),
    Octets.

median(#{figure := #{median := Median}}) ->
    Median.

%% How many rows are shown.
-define(SHOWN, 20).

%% The heading, and the rows with the longest judgements.
-spec table([cost()]) -> [[iodata()]].
table(Costs) ->
    [["hostile stanza", "µs", "quartiles", "KB", "decision"]
     | [row(Cost) || Cost <- lists:sublist(Costs, ?SHOWN)]].

row(#{name := Name, decision := Decision, octets := Octets,
      figure := #{median := Median, low := Low, high := High}}) ->
    [Name, decision_cost:microseconds(Median),
     [decision_cost:microseconds(Low), "–", decision_cost:microseconds(High)],
     integer_to_list(ceil(Octets / 1000)), atom_to_list(Decision)].

-spec longest([cost()]) -> iodata().
longest([#{name := Name} = Cost | _] = Costs) ->
    io_lib:format("The longest judgement of ~b hostile stanzas takes ~ts µs: ~ts.~n",
                  [length(Costs), decision_cost:microseconds(median(Cost)), Name]).
