%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% How long the judgement of a hostile stanza takes: of each in the table that the suites send (test/hostile.erl).
-module(hostile_cost).

-export([measure/1, table/1, longest/1]).

-export_type([cost/0]).

-record(message, {id, type, lang, from, to, subject, body, thread, sub_els, meta}).

-type cost() :: #{name := string(), decision := reject | allow, octets := pos_integer(),
                  figure := slices:figure()}.

-define(FROM, <<"romeo@example.net/orchard">>).

%% The dearest first. The time is in milliseconds.
-spec measure(Time :: pos_integer()) -> [cost()].
measure(Time) ->
    Rows = hostile:rows(),
    Figures = slices:measure(maps:from_list([{Name, judgement(Row)} || #{name := Name} = Row <- Rows]), Time),
    Costs = [#{name => Name, decision => Decision, octets => octets(Name), figure => maps:get(Name, Figures)}
             || #{name := Name, decision := Decision} <- Rows],
    lists:sort(fun(One, Other) -> median(One) >= median(Other) end, Costs).

%% A message would be copied into the process of each slice, and collected with its garbage.
judgement(#{name := Name, decision := Decision, whitelist := Whitelist} = Row) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required, whitelist => Whitelist,
                                                   accepted_schemes => [omemo, pgp, pgp_legacy, otr]}),
    {Message, Octets} = message(Row),
    persistent_term:put({?MODULE, Name}, {Message, Octets}),
    Judge = fun() -> judge(Policy, persistent_term:get({?MODULE, Name})) end,
    {Name, Decision} = {Name, decision(Judge())},
    Judge.

%% As ejabberd_c2s hands it to the hooks, and how long it is as text.
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
    {Message#message{from = jid:decode(?FROM), to = jid:decode(To)}, iolist_size(hostile:text(Element))}.

judge(Policy, {#message{type = Type, from = From, to = To, subject = Subject, body = Body, thread = Thread,
                        sub_els = Els}, _}) ->
    mod_e2e_policy_nif:judge(Policy, Type, Subject, Body, Thread, Els, From, To).

decision({allow, _}) -> allow;
decision({{violation, plain, _, _}, _}) -> reject.

octets(Name) ->
    {_, Octets} = persistent_term:get({?MODULE, Name}),
    Octets.

median(#{figure := #{median := Median}}) ->
    Median.

%% How many are shown: those with the longest judgements.
-define(SHOWN, 20).

%% The heading, and the dearest rows.
-spec table([cost()]) -> [[iodata()]].
table(Costs) ->
    [["hostile stanza", "µs", "quartiles", "KB", "decision"]
     | [[Name, decision_cost:microseconds(median(Cost)),
         [decision_cost:microseconds(Low), "–", decision_cost:microseconds(High)],
         integer_to_list(ceil(Octets / 1000)), atom_to_list(Decision)]
        || #{name := Name, decision := Decision, octets := Octets, figure := #{low := Low, high := High}} = Cost
               <- lists:sublist(Costs, ?SHOWN)]].

-spec longest([cost()]) -> iodata().
longest([#{name := Name} = Cost | _] = Costs) ->
    io_lib:format("The longest judgement of ~b hostile stanzas takes ~ts µs: ~ts.~n",
                  [length(Costs), decision_cost:microseconds(median(Cost)), Name]).
