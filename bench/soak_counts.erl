%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Compares what the module has counted in the soak test with what was sent.
-module(soak_counts).

-export([wrong/2, total/1]).

-type cell() :: {direct | group, Content :: atom(), Decision :: atom()}.

%% How many messages were sent on hosts with the module.
-spec total(ets:table()) -> non_neg_integer().
total(Tally) ->
    lists:sum([Count || {_, Count} <- ets:tab2list(Tally)]).

%% The cells with another number than expected: host, cell, the counted and the expected number.
-spec wrong(server:server(), Tally :: ets:table()) ->
          [{Host :: binary(), cell(), integer(), integer()}].
wrong(Server, Tally) ->
    Sent = maps:groups_from_list(fun({{Host, _}, _}) -> Host end,
                                 fun({{_, Cell}, Count}) -> {Cell, Count} end,
                                 ets:tab2list(Tally)),
    lists:append([wrong_on(Host, counted(Server, Host), Expected)
                  || {Host, Expected} <- maps:to_list(Sent)]).

%% In two days, as the test may run over midnight.
counted(Server, Host) ->
    {ok, Days} = server:call(Server, mod_e2e_policy_daily, days, [Host, 2]),
    [{{Chat, Content, Decision}, Count}
     || {_, Cells} <- Days, {{sent, Chat, Content, Decision}, Count} <- Cells].

wrong_on(Host, Counted, Expected) ->
    Merged = lists:keymember(either, 3, [Cell || {Cell, _} <- Expected]),
    [Found, Right] = [sums(Cells, Merged) || Cells <- [Counted, Expected]],
    [{Host, Cell, maps:get(Cell, Found, 0), maps:get(Cell, Right, 0)}
     || Cell <- lists:usort(maps:keys(Found) ++ maps:keys(Right)),
        maps:get(Cell, Found, 0) =/= maps:get(Cell, Right, 0)].

%% Where either decision was right for some messages, only the sum of the two is known.
sums(Cells, Merged) ->
    lists:foldl(fun({{Chat, Content, Decision}, Count}, Sums) ->
                        Cell = {Chat, Content, case lists:member(Decision, [warned, refused]) of
                                                   true when Merged -> either;
                                                   _ -> Decision
                                               end},
                        Sums#{Cell => maps:get(Cell, Sums, 0) + Count}
                end, #{}, Cells).
