%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc A chart of what was counted by day, for WebAdmin: an SVG, and a table with the figures.
%%%
%%% The drawing has no script and loads nothing. Its text has the colour of the page, so that it can
%%% be read on a light and on a dark one; the colours of the bars are those of Okabe and Ito, which
%%% colour-blind people can tell apart.
-module(mod_e2e_policy_chart).

-export([elements/1]).

-include("xmpp.hrl").

-type part() :: omemo | pgp | pgp_legacy | otr | other | unacceptable | plaintext.
-type bar() :: {Day :: binary(), [{part(), non_neg_integer()}], Messages :: non_neg_integer()}.

%% The parts of a bar from the bottom up, with their colours and names.
-define(PARTS, [{omemo, <<"#0072B2">>, <<"OMEMO">>},
                {pgp, <<"#56B4E9">>, <<"OpenPGP">>},
                {pgp_legacy, <<"#009E73">>, <<"OpenPGP, older clients">>},
                {otr, <<"#CC79A7">>, <<"OTR">>},
                {other, <<"#999999">>, <<"other encryption">>},
                {unacceptable, <<"#F0E442">>, <<"encryption that is not accepted">>},
                {plaintext, <<"#D55E00">>, <<"in the clear">>}]).

%% The drawing in pixels, and what is left around the bars.
-define(WIDTH, 800).
-define(HEIGHT, 300).
-define(LEFT, 70).
-define(TOP, 12).
-define(BOTTOM, 252).
%% Into how many steps the axis is divided at most.
-define(STEPS, 4).

%% @doc The chart of days, of which the first is the last one.
-spec elements([mod_e2e_policy_report:day()]) -> [xmlel()].
elements(Days) ->
    Bars = [bar(Day) || Day <- lists:reverse(Days)],
    case lists:max([Messages || {_Day, _Parts, Messages} <- Bars]) of
        0 -> [element(<<"p">>, [], [text(<<"No messages that could be encrypted were sent in ",
                                           (integer_to_binary(length(Days)))/binary, " days.">>)])];
        Most -> [svg(Bars, axis(Most)), table(Days)]
    end.

-spec bar(mod_e2e_policy_report:day()) -> bar().
bar({Day, Cells}) ->
    Counts = lists:foldl(fun({Cell, Count}, Sums) ->
                                 Part = part(Cell),
                                 Sums#{Part => maps:get(Part, Sums, 0) + Count}
                         end, #{}, [Counted || {{sent, _, _, _}, _} = Counted <- Cells]),
    Parts = [{Part, maps:get(Part, Counts, 0)} || {Part, _, _} <- ?PARTS],
    {Day, Parts, lists:sum([Count || {_, Count} <- Parts])}.

-spec part(mod_e2e_policy_counters:cell()) -> part() | nothing.
part({_, _, Content, _} = Cell) ->
    case mod_e2e_policy_report:kind(Cell) of
        encrypted -> Content;
        Kind -> Kind
    end.

%%%===================================================================
%%% The drawing
%%%===================================================================
%% The step between two lines of the axis, and how many steps there are: 1, 2 or 5 of a power of
%% ten, so that the numbers are round.
-spec axis(pos_integer()) -> {Step :: pos_integer(), Steps :: pos_integer()}.
axis(Most) ->
    Step = step(Most, 1),
    {Step, (Most + Step - 1) div Step}.

-spec step(pos_integer(), pos_integer()) -> pos_integer().
step(Most, Power) ->
    case [Step || Step <- [Power, 2 * Power, 5 * Power], Step * ?STEPS >= Most] of
        [Step | _] -> Step;
        [] -> step(Most, 10 * Power)
    end.

-spec svg([bar()], {pos_integer(), pos_integer()}) -> xmlel().
svg(Bars, {Step, Steps}) ->
    Slot = (?WIDTH - ?LEFT) / length(Bars),
    Numbered = lists:zip(lists:seq(0, length(Bars) - 1), Bars),
    Size = [integer_to_binary(Number) || Number <- [?WIDTH, ?HEIGHT]],
    element(<<"svg">>,
            [{<<"xmlns">>, <<"http://www.w3.org/2000/svg">>}, {<<"role">>, <<"img">>},
             {<<"class">>, <<"e2e-policy-chart">>},
             {<<"viewBox">>, iolist_to_binary(["0 0 ", lists:join(" ", Size)])}
             | lists:zip([<<"width">>, <<"height">>], Size)],
            [element(<<"title">>, [], [text(title(Bars))])]
            ++ [line(Number * Step, Step * Steps) || Number <- lists:seq(0, Steps)]
            ++ [drawn(Bar, ?LEFT + Number * Slot, Slot, Step * Steps) || {Number, Bar} <- Numbered]
            ++ [date(Day, ?LEFT + (Number + 0.5) * Slot)
                || {Number, {Day, _, _}} <- Numbered, has_date(Number, length(Bars))]
            ++ legend(Bars)).

-spec title([bar()]) -> iodata().
title([{First, _, _} | _] = Bars) ->
    {Last, _, _} = lists:last(Bars),
    ["Messages by day from ", First, " to ", Last, ", by what they carry"].

%% A line of the axis with its number.
-spec line(non_neg_integer(), pos_integer()) -> xmlel().
line(Number, Most) ->
    Y = decimal(?BOTTOM - height(Number, Most)),
    element(<<"g">>, [],
            [element(<<"line">>, [{<<"x1">>, decimal(?LEFT)}, {<<"x2">>, decimal(?WIDTH)},
                                  {<<"y1">>, Y}, {<<"y2">>, Y}, {<<"stroke">>, <<"currentColor">>},
                                  {<<"stroke-opacity">>, <<"0.25">>}], []),
             label(?LEFT - 6, ?BOTTOM - height(Number, Most) + 4, <<"end">>,
                   integer_to_binary(Number))]).

%% The parts of a bar on each other, with a title that browsers show where the pointer is.
-spec drawn(bar(), float(), float(), pos_integer()) -> xmlel().
drawn({Day, Parts, Messages}, X, Slot, Most) ->
    Colours = maps:from_list([{Part, Colour} || {Part, Colour, _} <- ?PARTS]),
    {Rects, _} = lists:mapfoldl(
                   fun({Part, Count}, Below) ->
                           Height = height(Count, Most),
                           {element(<<"rect">>,
                                    [{<<"x">>, decimal(X + Slot * 0.1)},
                                     {<<"y">>, decimal(?BOTTOM - Below - Height)},
                                     {<<"width">>, decimal(Slot * 0.8)},
                                     {<<"height">>, decimal(Height)},
                                     {<<"fill">>, maps:get(Part, Colours)}], []),
                            Below + Height}
                   end, 0, [Counted || {_, Count} = Counted <- Parts, Count > 0]),
    element(<<"g">>, [], [element(<<"title">>, [], [text(figures(Day, Parts, Messages))]) | Rects]).

-spec figures(binary(), [{part(), non_neg_integer()}], non_neg_integer()) -> iodata().
figures(Day, Parts, Messages) ->
    Named = [[Name, " ", integer_to_binary(Count)]
             || {Part, _, Name} <- ?PARTS, {Found, Count} <- Parts, Found == Part, Count > 0],
    [Day, ": ", lists:join(", ", [["messages ", integer_to_binary(Messages)] | Named])].

-spec height(non_neg_integer(), pos_integer()) -> float().
height(Count, Most) ->
    (?BOTTOM - ?TOP) * Count / Most.

%% A week before the last day, two weeks before it, and so on.
-spec has_date(non_neg_integer(), pos_integer()) -> boolean().
has_date(Number, Days) ->
    Every = 7 * ((Days + 59) div 60),
    (Days - 1 - Number) rem Every == 0.

-spec date(binary(), float()) -> xmlel().
date(<<_Year:5/binary, MonthAndDay/binary>>, X) ->
    label(X, ?BOTTOM + 16, <<"middle">>, MonthAndDay).

%% The parts that occur.
-spec legend([bar()]) -> [xmlel()].
legend(Bars) ->
    Occurring = [{Colour, Name}
                 || {Part, Colour, Name} <- ?PARTS,
                    lists:any(fun({_, Parts, _}) -> lists:keyfind(Part, 1, Parts) /= {Part, 0} end,
                              Bars)],
    {Elements, _} = lists:mapfoldl(
                      fun({Colour, Name}, X) ->
                              {element(<<"g">>, [],
                                       [element(<<"rect">>, [{<<"x">>, decimal(X)},
                                                             {<<"y">>, decimal(?HEIGHT - 20)},
                                                             {<<"width">>, decimal(12)},
                                                             {<<"height">>, decimal(12)},
                                                             {<<"fill">>, Colour}], []),
                                        label(X + 17, ?HEIGHT - 10, <<"start">>, Name)]),
                               X + 32 + 6.2 * byte_size(Name)}
                      end, ?LEFT, Occurring),
    Elements.

-spec label(number(), number(), binary(), binary()) -> xmlel().
label(X, Y, Anchor, Text) ->
    element(<<"text">>, [{<<"x">>, decimal(X)}, {<<"y">>, decimal(Y)}, {<<"text-anchor">>, Anchor},
                         {<<"font-size">>, <<"12">>}, {<<"font-family">>, <<"sans-serif">>},
                         {<<"fill">>, <<"currentColor">>}], [text(Text)]).

%%%===================================================================
%%% The table
%%%===================================================================
%% The same figures for those who do not see the drawing, of days with messages.
-spec table([mod_e2e_policy_report:day()]) -> xmlel().
table(Days) ->
    Titles = ["Day", "Messages", "Encrypted", "Not accepted", "In the clear", "Exempt", "Warned",
              "Refused", "Would warn", "Would refuse", "Failed", "Incoming in the clear"],
    Row = fun(Name, Cells) -> element(<<"tr">>, [], [element(Name, [], [text(Cell)]) || Cell <- Cells]) end,
    Figures = fun(Figure) when is_integer(Figure) -> integer_to_binary(Figure);
                 (Day) -> Day
              end,
    element(<<"table">>, [],
            [element(<<"thead">>, [], [Row(<<"th">>, Titles)]),
             element(<<"tbody">>, [], [Row(<<"td">>, lists:map(Figures, tuple_to_list(
                                                                        mod_e2e_policy_report:row(Day))))
                                       || {_, [_ | _]} = Day <- Days])]).

%%%===================================================================
%%% Elements
%%%===================================================================
-spec element(binary(), [{binary(), binary()}], [xmlel() | cdata()]) -> xmlel().
element(Name, Attributes, Children) ->
    #xmlel{name = Name, attrs = Attributes, children = Children}.

-spec text(iodata()) -> cdata().
text(Text) ->
    {xmlcdata, iolist_to_binary(Text)}.

-spec decimal(number()) -> binary().
decimal(Number) ->
    float_to_binary(Number * 1.0, [{decimals, 1}]).
