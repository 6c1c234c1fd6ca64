%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Draws how many messages of each day were encrypted: a bar for each day, and a table.
%%%
%%% The drawing is SVG inside the page, without scripts, styles and other files, so a browser shows
%%% it whatever the page may load. Text and outlines have the colour of the page's text, which is
%%% legible on a light and on a dark page. Positions are integers, in hundredths of a unit of the
%%% drawing: no count is too large for them, and the parts of a bar add up to the bar.
-module(mod_e2e_policy_chart).

-export([draw/3]).

-import(mod_e2e_policy_text, [text/2, text/3]).

-include("ejabberd_web_admin.hrl").
-include("xmpp.hrl").

%% The parts of a bar from the bottom to the top, and their colours. The encrypted messages are
%% shown by scheme. People who do not see red, green or blue can tell the colours apart.
-define(PARTS, [{omemo, <<"omemo">>, <<"#0072b2">>},
                {pgp, <<"pgp">>, <<"#56b4e9">>},
                {pgp_legacy, <<"pgp_legacy">>, <<"#009e73">>},
                {otr, <<"otr">>, <<"#aa3377">>},
                {other, web_other, <<"#bbbbbb">>},
                {unacceptable, web_unacceptable, <<"#e69f00">>},
                {plaintext, web_plaintext, <<"#d55e00">>}]).

%% The first columns of the report.
-define(COLUMNS, [<<"day">>, <<"messages">>, <<"encrypted">>, <<"unacceptable">>, <<"plaintext">>,
                  <<"exempt">>, <<"warned">>, <<"refused">>, <<"would_warn">>, <<"would_refuse">>,
                  <<"failed">>]).

%% The bars are between the top and the base. Below it are the dates, then the legend.
-define(WIDTH, 96000).
-define(TOP, 1500).
-define(BASE, 21500).
-define(DATES, 23500).
-define(LEGEND, 26000).
-define(HEIGHT, 28000).
%% Half of the last date is to the right of the bars.
-define(MARGIN, 4000).
%% About the width of a digit, by which the labels of the axis need space.
-define(DIGIT, 750).
%% The first date needs so much space to the left of its bar.
-define(LEAST_DIGITS, 5).
%% The distance of the samples in the legend.
-define(SAMPLE, 13500).
-define(MOST_STEPS, 5).

-type bar() :: {Day :: binary(), [{Part :: atom(), Count :: pos_integer()}]}.
-type hundredths() :: integer().
-type scale() :: {Left :: hundredths(), Highest :: pos_integer(), Columns :: pos_integer()}.
%% Where the bars begin, the count at the top, and for how many days there is room.

%% @doc The chart of the last days, today first, and the same figures in a table.
-spec draw([mod_e2e_policy_report:day()], Length :: 30 | 90, Lang :: binary()) -> [xmlel()].
draw(Days, Length, Lang) ->
    Bars = lists:reverse([bar(Day) || Day <- Days]),
    case lists:max([total(Bar) || Bar <- Bars]) of
        0 -> [?XC(<<"p">>, text(Lang, web_no_messages, #{days => Length}))];
        Most -> [summary(Days, Length, Lang), picture(Bars, Most, Length, Lang)]
    end ++ [table(Days, Lang)].

-spec summary([mod_e2e_policy_report:day()], 30 | 90, binary()) -> xmlel().
summary(Days, Length, Lang) ->
    Cells = lists:append([Cells || {_Day, Cells} <- Days]),
    [_, Messages, Encrypted, Unacceptable, Plaintext | _] =
        tuple_to_list(mod_e2e_policy_report:row({<<>>, Cells})),
    ?XC(<<"p">>, text(Lang, web_summary,
                      #{days => Length, messages => Messages, encrypted => Encrypted,
                        unacceptable => Unacceptable, plaintext => Plaintext})).

%%%===================================================================
%%% Bars
%%%===================================================================
-spec bar(mod_e2e_policy_report:day()) -> bar().
bar({Day, Cells}) ->
    Counts = [{part(Cell), Count} || {{sent, _, _, _} = Cell, Count} <- Cells],
    {Day, [{Part, Sum} || {Part, _, _} <- ?PARTS,
                          Sum <- [lists:sum([Count || {Of, Count} <- Counts, Of == Part])],
                          Sum > 0]}.

%% What is no part of a bar, such as a message that nobody has looked into, is not drawn.
-spec part(mod_e2e_policy_counters:cell()) -> atom().
part({_, _, Content, _} = Cell) ->
    case mod_e2e_policy_report:kind(Cell) of
        encrypted -> Content;
        Kind -> Kind
    end.

-spec total(bar()) -> non_neg_integer().
total({_Day, Counts}) ->
    lists:sum([Count || {_Part, Count} <- Counts]).

%%%===================================================================
%%% Drawing
%%%===================================================================
-spec picture([bar(), ...], Most :: pos_integer(), 30 | 90, binary()) -> xmlel().
picture([{First, _} | _] = Bars, Most, Length, Lang) ->
    {Last, _} = lists:last(Bars),
    Step = step(Most, 1),
    Steps = (Most + Step - 1) div Step,
    Digits = byte_size(integer_to_binary(Steps * Step)),
    Left = ?DIGIT * max(?LEAST_DIGITS, 2 + Digits),
    Scale = {Left, Steps * Step, Length},
    Columns = lists:zip(lists:seq(0, length(Bars) - 1), Bars),
    ?XAE(<<"svg">>, [{<<"xmlns">>, <<"http://www.w3.org/2000/svg">>}, {<<"role">>, <<"img">>},
                     {<<"width">>, <<"100%">>},
                     {<<"viewBox">>, format("0 0 ~b ~b", [?WIDTH div 100, ?HEIGHT div 100])},
                     {<<"font-size">>, <<"12">>}, {<<"fill">>, <<"currentColor">>}],
         [?XC(<<"title">>, text(Lang, web_chart, #{first => First, last => Last}))]
         ++ axis(Step, Scale)
         ++ [dates(Columns, Scale),
             ?XAE(<<"g">>, [{<<"stroke">>, <<"currentColor">>}, {<<"stroke-width">>, <<"0.5">>}],
                  [column(Column, Bar, Scale, Lang) || {Column, {_, [_ | _]} = Bar} <- Columns]
                  ++ [sample(Place, Colour)
                      || {Place, {_, _, Colour}} <- lists:enumerate(0, ?PARTS)])]
         ++ [label(Place * ?SAMPLE + 2500, ?LEGEND + 1000, words(Part, Lang))
             || {Place, {Part, _, _}} <- lists:enumerate(0, ?PARTS)]).

%% The distance of the axis' lines: 1, 2 or 5 times a power of ten.
-spec step(Most :: pos_integer(), Power :: pos_integer()) -> pos_integer().
step(Most, Power) ->
    case [Step || Step <- [Power, 2 * Power, 5 * Power], ?MOST_STEPS * Step >= Most] of
        [Step | _] -> Step;
        [] -> step(Most, 10 * Power)
    end.

-spec axis(Step :: pos_integer(), scale()) -> [xmlel()].
axis(Step, {Left, Highest, _} = Scale) ->
    Lines = [{Count, y(Count, Scale)} || Count <- lists:seq(0, Highest, Step)],
    [?XAE(<<"g">>, [{<<"stroke">>, <<"currentColor">>}, {<<"stroke-opacity">>, <<"0.3">>}],
          [line(Left, Y, ?WIDTH - ?MARGIN, Y) || {_, Y} <- Lines]),
     ?XAE(<<"g">>, [{<<"text-anchor">>, <<"end">>}],
          [label(Left - ?DIGIT, Y + 400, integer_to_binary(Count))
           || {Count, Y} <- Lines])].

%% The first and the last day, and those that are weeks before the last one where there is room.
-spec dates([{Column :: non_neg_integer(), bar()}], scale()) -> xmlel().
dates(Columns, Scale) ->
    {Last, _} = lists:last(Columns),
    ?XAE(<<"g">>, [{<<"text-anchor">>, <<"middle">>}],
         lists:append([date(Middle, Day, Column == 0 orelse Column == Last)
                       || {Column, {Day, _}} <- Columns,
                          Middle <- [(x(Column, Scale) + x(Column + 1, Scale)) div 2],
                          Column == 0 orelse Column >= 7,
                          Column == 0 orelse (Last - Column) rem 7 == 0])).

%% There is room for the year of two dates only.
-spec date(Middle :: hundredths(), Day :: binary(), IsWhole :: boolean()) -> [xmlel()].
date(Middle, Day, true) ->
    [label(Middle, ?DATES, Day)];
date(Middle, <<_Year:5/binary, Day/binary>>, false) ->
    [label(Middle, ?DATES, Day)].

%% The transparent rectangle shows the title of a bar that is too small to point at.
-spec column(Column :: non_neg_integer(), bar(), scale(), binary()) -> xmlel().
column(Column, {Day, Counts} = Bar, Scale, Lang) ->
    Left = x(Column, Scale),
    Width = x(Column + 1, Scale) - Left,
    Whole = ?XA(<<"rect">>, area(Left, ?TOP, Width, ?BASE - ?TOP)
                ++ [{<<"stroke">>, <<"none">>}, {<<"fill">>, <<"none">>},
                    {<<"pointer-events">>, <<"all">>}]),
    Title = [text(Lang, web_bar, #{day => Day, messages => total(Bar)})
             | [format(", ~b ~ts", [Count, words(Part, Lang)]) || {Part, Count} <- Counts]],
    ?XE(<<"g">>, [?XC(<<"title">>, iolist_to_binary(Title)), Whole
                  | stack(Left + Width div 8, Width * 3 div 4, Counts, 0, Scale)]).

%% A part that is less than a hundredth of a unit high has no rectangle.
-spec stack(hundredths(), hundredths(), [{atom(), pos_integer()}], Below, scale()) -> [xmlel()]
              when Below :: non_neg_integer().
stack(_Left, _Width, [], _Below, _Scale) ->
    [];
stack(Left, Width, [{Part, Count} | Counts], Below, Scale) ->
    Bottom = y(Below, Scale),
    Top = y(Below + Count, Scale),
    {_, _, Colour} = lists:keyfind(Part, 1, ?PARTS),
    [?XA(<<"rect">>, area(Left, Top, Width, Bottom - Top) ++ [{<<"fill">>, Colour}])
     || Top < Bottom]
        ++ stack(Left, Width, Counts, Below + Count, Scale).

-spec sample(Place :: non_neg_integer(), Colour :: binary()) -> xmlel().
sample(Place, Colour) ->
    ?XA(<<"rect">>, area(Place * ?SAMPLE + 1000, ?LEGEND, 1000, 1000) ++ [{<<"fill">>, Colour}]).

%% The names of schemes are the same in all languages.
-spec words(Part :: atom(), Lang :: binary()) -> binary().
words(Part, Lang) ->
    case lists:keyfind(Part, 1, ?PARTS) of
        {_, Name, _} when is_atom(Name) -> text(Lang, Name);
        {_, Name, _} -> Name
    end.

%%%===================================================================
%%% Positions
%%%===================================================================
-spec x(Column :: non_neg_integer(), scale()) -> hundredths().
x(Column, {Left, _, Columns}) ->
    Left + Column * (?WIDTH - ?MARGIN - Left) div Columns.

-spec y(Count :: non_neg_integer(), scale()) -> hundredths().
y(Count, {_, Highest, _}) ->
    ?BASE - (Count * (?BASE - ?TOP) + Highest div 2) div Highest.

-spec number(hundredths()) -> binary().
number(Hundredths) ->
    format("~b.~2..0b", [Hundredths div 100, Hundredths rem 100]).

%%%===================================================================
%%% Elements
%%%===================================================================
-spec area(hundredths(), hundredths(), hundredths(), hundredths()) -> [{binary(), binary()}].
area(Left, Top, Width, Height) ->
    [{<<"x">>, number(Left)}, {<<"y">>, number(Top)}, {<<"width">>, number(Width)},
     {<<"height">>, number(Height)}].

-spec line(hundredths(), hundredths(), hundredths(), hundredths()) -> xmlel().
line(Left, Top, Right, Bottom) ->
    ?XA(<<"line">>, [{<<"x1">>, number(Left)}, {<<"y1">>, number(Top)}, {<<"x2">>, number(Right)},
                     {<<"y2">>, number(Bottom)}]).

-spec label(hundredths(), hundredths(), binary()) -> xmlel().
label(Left, Base, Text) ->
    ?XAC(<<"text">>, [{<<"x">>, number(Left)}, {<<"y">>, number(Base)}], Text).

-spec format(io:format(), [term()]) -> binary().
format(Format, Arguments) ->
    unicode:characters_to_binary(io_lib:format(Format, Arguments)).

%%%===================================================================
%%% Table
%%%===================================================================
%% It is closed at first: what else the page has would be far below it.
-spec table([mod_e2e_policy_report:day()], binary()) -> xmlel().
table(Days, Lang) ->
    Head = [?XAC(<<"th">>, [{<<"scope">>, <<"col">>}], Column) || Column <- ?COLUMNS],
    ?XE(<<"details">>,
        [?XC(<<"summary">>, text(Lang, web_figures)),
         ?XE(<<"table">>, [?XE(<<"thead">>, [?XE(<<"tr">>, Head)]),
                           ?XE(<<"tbody">>, [row(Day) || Day <- Days])])]).

-spec row(mod_e2e_policy_report:day()) -> xmlel().
row(Day) ->
    [Date | Figures] =
        lists:sublist(tuple_to_list(mod_e2e_policy_report:row(Day)), length(?COLUMNS)),
    ?XE(<<"tr">>, [?XAC(<<"th">>, [{<<"scope">>, <<"row">>}], Date)
                   | [?XC(<<"td">>, integer_to_binary(Figure)) || Figure <- Figures]]).
