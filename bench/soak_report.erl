%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The report of a soak test, with everything that is not as it has to be.
-module(soak_report).

-export([show/1]).

%% How much memory may grow between the median of the second third and that of the last, in MB or as
%% a part. The heaps of processes change in size, but the memory of the library should not.
-define(GROWTH, #{native => {mb, 1}, erlang => {part, 0.05}, resident => {part, 0.05}}).
%% In fewer seconds the heaps of the sessions have not reached their size.
-define(JUDGED_FROM, 600).
%% How many of each kind of breach are shown.
-define(SHOWN, 10).

%% Prints the report, and returns the breaches: what is not as it has to be.
-spec show(map()) -> [iodata()].
show(Account) ->
    Breaches = breaches(Account),
    io:put_chars([[Line, "\n"] || Line <- facts(Account)]),
    io:put_chars([["BREACH: ", Line, "\n"] || Line <- Breaches]),
    io:put_chars(case Breaches of
                     [] -> "no message lost, doubled or wrong\n";
                     _ -> io_lib:format("~b breaches\n", [length(Breaches)])
                 end),
    Breaches.

%%%-------------------------------------------------------------------
%%% Facts
%%%-------------------------------------------------------------------

facts(#{seconds := Seconds, sums := Sums, users := Users} = Account) ->
    #{hosts := Hosts, reloads := Reloads, upgrades := Upgrades, commands := Commands,
      version := Version, counted := Counted} = Account,
    Total = maps:get(total, Sums),
    Sum = fun(Kind) -> maps:get(Kind, Sums, 0) end,
    Over = fun(Transport) ->
                   length([User || {#{transport := Found}, _} = User <- Users, Found =:= Transport])
           end,
    Walks = lists:sum([Batches || {#{role := wanderer}, #{batches := Batches}} <- Users]),
    [line("ejabberd", "~ts, ~b hosts", [Version, Hosts]),
     line("sessions", "~b over TCP, ~b over WebSocket", [Over(tcp), Over(websocket)]),
     line("time", "~b s, ~b messages a second", [Seconds, Total div Seconds]),
     line("messages", "~b", [Total]),
     line("  delivered", "~b", [Sum(delivered) + Sum(warned)]),
     line("  warned about", "~b by error stanza", [Sum(warned)]),
     line("  refused", "~b", [Sum(refused)]),
     line("  either is right", "~b, sent while their policy turned", [Sum(either)]),
     line("messages from servers", "~b, beside warnings and refusals", [sum(notices, Users)]),
     line("rooms", "~b times entered and left", [Walks]),
     line("reloads", "~b", [Reloads]),
     line("upgrades", "~b", [Upgrades]),
     line("counted", "~b, on hosts with the module", [Counted]),
     line("commands", "~b", [Commands])
     | memory(Account)].

memory(#{samples := Samples} = Account) ->
    [line("memory, MB", "second third, last third (~b samples)~ts",
          [length(Samples), case is_judged(Account) of
                                true -> "";
                                false -> ", too short a run to judge"
                            end])
     | [line(["  ", atom_to_list(Kind)], "~.1f, ~.1f", [Before, After])
        || length(Samples) >= 3,
           {Kind, {Before, After}} <- maps:to_list(memory:growth(Samples))]].

line(Name, Format, Values) ->
    [string:pad(Name, 24), io_lib:format(Format, Values)].

sum(Field, Users) ->
    lists:sum([maps:get(Field, Account) || {_, Account} <- Users]).

%%%-------------------------------------------------------------------
%%% Breaches
%%%-------------------------------------------------------------------

breaches(#{wrong := Wrong, users := Users, log := Log, miscounted := Miscounted} = Account) ->
    shown([wrong(Message) || Message <- Wrong])
        ++ shown([io_lib:format("counted on ~ts: ~0p ~b times, expected ~b",
                                [Host, Cell, Found, Expected])
                  || {Host, Cell, Found, Expected} <- Miscounted])
        ++ shown([["nobody should have got: ", Message] || {_, #{stray := Stray}} <- Users,
                                                           Message <- Stray])
        ++ shown([io_lib:format("~ts got ~b messages from its server instead of ~b",
                                [Jid, Notices, Noticed])
                  || {#{jid := Jid}, #{notices := Notices, noticed := Noticed}} <- Users,
                     Notices =/= Noticed])
        ++ shown([["in the log: ", Entry] || Entry <- ours(Log)])
        ++ grown(Account).

wrong({Sender, Number, Right, Found}) ->
    io_lib:format("message ~b of ~ts: expected ~0p, found ~0p", [Number, Sender, Right, Found]).

shown(Lines) when length(Lines) > ?SHOWN ->
    lists:sublist(Lines, ?SHOWN) ++ [io_lib:format("and ~b more", [length(Lines) - ?SHOWN])];
shown(Lines) ->
    Lines.

%% Entries above information that name the module.
ours(Log) ->
    AboveInfo = "^\\S+ \\S+ \\[(warning|error|critical|alert|emergency)\\]",
    [Entry || Entry <- re:split(Log, "\\n(?=\\d{4}-\\d\\d-\\d\\d )"),
              re:run(Entry, AboveInfo) =/= nomatch,
              re:run(Entry, "mod_e2e_policy|E2EE") =/= nomatch].

grown(#{samples := Samples} = Account) ->
    [io_lib:format("memory grew, ~ts: from ~.1f to ~.1f MB", [Kind, Before, After])
     || is_judged(Account),
        {Kind, Limit} <- maps:to_list(?GROWTH),
        {Before, After} <- [maps:get(Kind, memory:growth(Samples))],
        After - Before > case Limit of
                             {mb, Most} -> Most;
                             {part, Part} -> Before * Part
                         end].

is_judged(#{seconds := Seconds}) ->
    Seconds >= ?JUDGED_FROM.
