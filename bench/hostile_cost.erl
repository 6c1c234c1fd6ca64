%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% How long the longest judgements take: those of the stanzas in test/hostile.erl, which nobody writes who
%%% means to be read.
-module(hostile_cost).

-export([figures/1]).

-export_type([figure/0]).

%% Octets of the stanza as text, and nanoseconds for one judgement.
-type figure() :: #{name := string(), size := pos_integer(), decision := reject | allow,
                    median := pos_integer(), least := pos_integer()}.

-define(FROM, <<"romeo@example.org/orchard">>).
-define(TO, <<"juliet@example.com">>).

%% Each row gets so many milliseconds. The longest comes first.
-spec figures(Time :: pos_integer()) -> [figure()].
figures(Time) ->
    Figures = [figure(Row, Time) || Row <- hostile:rows()],
    lists:sort(fun(#{median := A}, #{median := B}) -> A >= B end, Figures).

%% In a process of its own, so that a stanza is gone before the next one is made.
figure(#{name := Name, decision := Decision} = Row, Time) ->
    {_, Monitor} = spawn_opt(fun() -> exit({figure, measured(Row, Time)}) end, [monitor]),
    receive
        {'DOWN', Monitor, process, _, {figure, Figure}} -> Figure#{name => Name, decision => Decision};
        {'DOWN', Monitor, process, _, Reason} -> error({Name, Reason})
    end.

measured(#{decision := Decision, whitelist := Whitelist, stanza := Stanza}, Time) ->
    Made = Stanza(),
    {ok, Policy} = mod_e2e_policy_nif:new_policy(#{direct => required, whitelist => Whitelist,
                                                   accepted_schemes => [omemo, pgp, pgp_legacy, otr]}),
    {xmlel, _, _, Children} = apart(Made),
    [From, To] = [jid:decode(Address) || Address <- [?FROM, ?TO]],
    Judge = fun() -> mod_e2e_policy_nif:judge(Policy, chat, [], [], undefined, Children, From, To) end,
    Decision = decision(Judge()),
    true = erlang:garbage_collect(),
    Times = lists:sort(times(Judge, erlang:monotonic_time(millisecond) + Time, [])),
    #{size => iolist_size(hostile:text(Made)), least => hd(Times),
      median => lists:nth(1 + length(Times) div 2, Times)}.

%% As a parser makes it: no element is in memory for many.
apart(Stanza) ->
    binary_to_term(term_to_binary(Stanza)).

decision({{violation, _, _, _}, keep}) -> reject;
decision({allow, keep}) -> allow.

%% Three at least.
times(Judge, Until, Times) ->
    Begin = erlang:monotonic_time(nanosecond),
    _ = Judge(),
    End = erlang:monotonic_time(nanosecond),
    case End < Until * 1_000_000 orelse length(Times) < 2 of
        true -> times(Judge, Until, [End - Begin | Times]);
        false -> [End - Begin | Times]
    end.
