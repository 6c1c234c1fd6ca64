%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Figures of a server whose users encrypt more and more, as if messages had been counted on the
%% days before today.
-module(figures).

-export([quarter/0, put/3, lose/2, count/3]).

-define(NODE, 'other@node').

-type cells() :: [{mod_e2e_policy_counters:cell(), pos_integer()}].

%% 89 days with messages at different times of the week, and one without any.
-spec quarter() -> #{DaysAgo :: pos_integer() => cells()}.
quarter() ->
    maps:from_list([{Ago, day(Ago)} || Ago <- lists:seq(1, 89)]).

day(20) ->
    [];
day(Ago) ->
    OnThisWeekday = element(1 + Ago rem 7, {2400, 2650, 1300, 1100, 2500, 2700, 2350}),
    Messages = OnThisWeekday + 37 * Ago rem 211,
    Plaintext = Messages * (12 + Ago div 2) div 100,
    Rare = [{{sent, direct, Content, Decision}, Count}
            || {Content, Decision, Count} <- [{pgp, allowed, 190 + Ago rem 30},
                                              {pgp_legacy, allowed, 120 + Ago},
                                              {otr, warned, 40 + Ago},
                                              {other, allowed, 60}]],
    Most = Messages - Plaintext - lists:sum([Count || {_, Count} <- Rare]),
    [{{sent, direct, omemo, allowed}, Most}, {{sent, direct, plaintext, warned}, Plaintext},
     {{sent, direct, nothing, allowed}, 3 * Messages} | Rare].

%% Puts the cells of the days that were so many days before today, as another node would have saved
%% them, in place of those that were put before.
-spec put(server:server(), Host :: binary(), #{DaysAgo :: pos_integer() => cells()}) -> ok.
put(Server, Host, Days) ->
    found(Server),
    [ok = server:call(Server, mnesia, dirty_delete, [e2e_policy_daily, {Host, date(Ago), ?NODE}])
     || Ago <- lists:seq(0, 89)],
    [ok = server:call(Server, mnesia, dirty_write,
                      [{e2e_policy_daily, {Host, date(Ago), ?NODE}, Cells}])
     || {Ago, Cells} <- maps:to_list(Days)],
    ok.

%% The counts of a message cannot be saved until figures are put again.
-spec lose(server:server(), Host :: binary()) -> ok.
lose(Server, Host) ->
    access(Server, read_only),
    count(Server, Host, [{{sent, direct, omemo, allowed}, 1}]).

found(Server) ->
    case server:call(Server, mnesia, table_info, [e2e_policy_daily, access_mode]) of
        read_only -> access(Server, read_write);
        read_write -> ok
    end.

access(Server, Mode) ->
    {atomic, ok} = server:call(Server, mnesia, change_table_access_mode, [e2e_policy_daily, Mode]),
    ok.

%% Counts messages as those of today.
-spec count(server:server(), Host :: binary(), cells()) -> ok.
count(Server, Host, Cells) ->
    Counters = server:call(Server, mod_e2e_policy_registry, counters, [Host]),
    [ok = server:call(Server, mod_e2e_policy_counters, add,
                      [Counters, sent, Chat, Content, Decision])
     || {{sent, Chat, Content, Decision}, Count} <- Cells, _ <- lists:seq(1, Count)],
    ok.

date(Ago) ->
    Seconds = erlang:system_time(second) - Ago * 86400,
    list_to_binary(lists:sublist(calendar:system_time_to_rfc3339(Seconds, [{offset, "Z"}]), 10)).
