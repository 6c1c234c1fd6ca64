%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Prints a table, as text or as Markdown; the first row is the heading, the first column is text.
-module(table).

-export([print/2]).

-spec print(text | markdown, [[iodata()]]) -> ok.
print(markdown, [Heading | Rows]) ->
    Rule = ["---" | ["---:" || _ <- tl(Heading)]],
    lists:foreach(fun(Row) -> io:format("| ~ts |~n", [lists:join(" | ", Row)]) end,
                  [Heading, Rule | Rows]);
print(text, [Heading | _] = Rows) ->
    Widths = [lists:max([string:length(lists:nth(N, Row)) || Row <- Rows])
              || N <- lists:seq(1, length(Heading))],
    lists:foreach(fun(Row) -> io:format("~ts~n", [line(Row, Widths)]) end, Rows).

line([Name | Cells], [Width | Widths]) ->
    [string:pad(Name, Width) | [["  ", string:pad(Cell, CellWidth, leading)]
                                || {Cell, CellWidth} <- lists:zip(Cells, Widths)]].
