%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The markup of the chart, without a browser: browser_SUITE has one.
-module(chart_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([the_markup_of_an_example_is_this/1,
         the_parts_of_a_bar_add_up_to_it/1,
         every_shape_is_inside_the_drawing/1,
         the_axis_has_a_few_round_numbers/1,
         the_dates_are_the_first_the_last_and_weeks_before_it/1,
         a_bar_shows_what_the_report_counts/1,
         a_day_without_messages_is_a_gap/1,
         without_any_message_there_is_a_sentence/1,
         what_a_day_contains_is_escaped/1,
         colours_differ_for_eyes_that_miss_one/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("fxml.hrl").

%% Debian's erlang-proper comes without the header that has these.
-import(proper_types, [frequency/1, integer/2, list/1, oneof/1]).
-define(FORALL(Variable, Type, Property), proper:forall(Type, fun(Variable) -> Property end)).

-define(WIDTH, 960).
-define(HEIGHT, 280).
-define(CONTENTS, [omemo, pgp, pgp_legacy, otr, other, plaintext, nothing]).
-define(DECISIONS, [allowed, exempt, warned, refused, would_warn, would_refuse, failed]).

all() ->
    [the_markup_of_an_example_is_this,
     the_parts_of_a_bar_add_up_to_it,
     every_shape_is_inside_the_drawing,
     the_axis_has_a_few_round_numbers,
     the_dates_are_the_first_the_last_and_weeks_before_it,
     a_bar_shows_what_the_report_counts,
     a_day_without_messages_is_a_gap,
     without_any_message_there_is_a_sentence,
     what_a_day_contains_is_escaped,
     colours_differ_for_eyes_that_miss_one].

init_per_suite(Config) ->
    Server = server:started(#{<<"chart.test">> => #{}}),
    persistent_term:put(?MODULE, Server),
    [{server, Server} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

%% After a change that is meant, the new markup is in _build/chart.html: look at it in a browser,
%% then copy it.
the_markup_of_an_example_is_this(_) ->
    Days = days(#{0 => [{{sent, direct, omemo, allowed}, 70},
                        {{sent, direct, plaintext, warned}, 30}],
                  1 => [{{sent, group, otr, would_warn}, 7}, {{sent, group, pgp, allowed}, 12},
                        {{sent, direct, nothing, allowed}, 500}]}, 30),
    Lines = [[fxml:element_to_binary(shortened(Element)), "\n"]
             || Element <- draw(Days, 30)],
    Markup = re:replace(Lines, "(<(g|line|rect|text|title|tr|tbody)[ />])", "\n\\1",
                        [global, {return, binary}]),
    Root = server:root(),
    ok = file:write_file(Root ++ "/_build/chart.html", Markup),
    {ok, Golden} = file:read_file(Root ++ "/test/chart.html"),
    ?assertEqual(string:split(Golden, "\n", all), string:split(Markup, "\n", all)).

%% A table of three lines.
shortened(#xmlel{name = <<"tbody">>, children = Lines} = Table) ->
    Table#xmlel{children = lists:sublist(Lines, 3)};
shortened(#xmlel{children = Children} = Element) ->
    Element#xmlel{children = [shortened(Child) || Child <- Children]};
shortened(Text) ->
    Text.

the_parts_of_a_bar_add_up_to_it(_) ->
    passes(?FORALL(Days, days(), are_sums(drawn(Days, 30)))).

%% Each part begins where the one below it ends, and the bar is as high as the axis says.
are_sums(none) ->
    true;
are_sums(Svg) ->
    Zero = y_of_label(lists:min(numbers(Svg)), Svg),
    Top = y_of_label(lists:max(numbers(Svg)), Svg),
    lists:all(fun(Bar) ->
                      Parts = parts(Bar),
                      Height = lists:sum([H || {_, _, _, H} <- Parts]),
                      Wanted = total(Bar) * (Zero - Top) / lists:max(numbers(Svg)),
                      abs(Height - Wanted) =< 0.011 andalso is_stack(Parts, Zero - 4)
              end, bars(Svg)).

is_stack([], _Bottom) -> true;
is_stack([{_, Y, _, H} | Above], Bottom) -> abs(Y + H - Bottom) < 0.001 andalso is_stack(Above, Y).

every_shape_is_inside_the_drawing(_) ->
    [passes(?FORALL(Days, days(), is_inside(drawn(Days, Length)))) || Length <- [30, 90]].

is_inside(none) ->
    true;
is_inside(Svg) ->
    lists:all(fun({X, Y, W, H}) ->
                      X >= 0 andalso Y >= 0 andalso W > 0 andalso H > 0
                          andalso X + W =< ?WIDTH andalso Y + H =< ?HEIGHT
              end, [box(Rect) || Rect <- all_of(<<"rect">>, Svg)])
        andalso lists:all(fun(Text) ->
                                  number(<<"x">>, Text) > 0
                                      andalso number(<<"x">>, Text) < ?WIDTH
                                      andalso number(<<"y">>, Text) < ?HEIGHT
                          end, all_of(<<"text">>, Svg)).

the_axis_has_a_few_round_numbers(_) ->
    [?assertEqual({Most, Numbers}, {Most, numbers(drawn(#{0 => plaintext(Most)}, 30))})
     || {Most, Numbers} <- [{1, [0, 1]}, {5, [0, 1, 2, 3, 4, 5]}, {6, [0, 2, 4, 6]},
                            {10, [0, 2, 4, 6, 8, 10]}, {11, [0, 5, 10, 15]},
                            {100, [0, 20, 40, 60, 80, 100]},
                            {101, [0, 50, 100, 150]}, {2880, [0, 1000, 2000, 3000]},
                            {1_000_000_000_000, [200_000_000_000 * N || N <- lists:seq(0, 5)]}]].

the_dates_are_the_first_the_last_and_weeks_before_it(_) ->
    ?assertEqual([<<"2026-10-27">>, <<"11-04">>, <<"11-11">>, <<"11-18">>, <<"2026-11-25">>],
                 dates(drawn(#{0 => plaintext(1)}, 30))),
    ?assertEqual([<<"2026-08-28">>, <<"09-09">>, <<"09-16">>, <<"09-23">>, <<"09-30">>,
                  <<"10-07">>, <<"10-14">>, <<"10-21">>, <<"10-28">>, <<"11-04">>, <<"11-11">>,
                  <<"11-18">>, <<"2026-11-25">>],
                 dates(drawn(#{0 => plaintext(1)}, 90))).

a_bar_shows_what_the_report_counts(_) ->
    passes(?FORALL(Days, days(),
                   [element(2, Row) || Day <- lists:reverse(days(Days, 30)),
                                       Row <- [mod_e2e_policy_report:row(Day)],
                                       element(2, Row) > 0]
                   =:= [total(Bar) || Svg <- [drawn(Days, 30)], Svg =/= none, Bar <- bars(Svg)])).

a_day_without_messages_is_a_gap(_) ->
    Svg = drawn(#{0 => plaintext(1), 2 => [{{sent, direct, nothing, allowed}, 5}],
                  3 => plaintext(2)}, 30),
    ?assertMatch([<<"2026-11-22: 2 in all", _/binary>>, <<"2026-11-25: 1 in all", _/binary>>],
                 [title(Bar) || Bar <- bars(Svg)]).

without_any_message_there_is_a_sentence(_) ->
    [begin
         [Sentence, Table] = draw(days(Days, 90), 90),
         ?assertEqual(<<"No message was counted in the last 90 days.">>,
                      fxml:get_tag_cdata(Sentence)),
         ?assertEqual(<<"details">>, Table#xmlel.name)
     end || Days <- [#{}, #{4 => [{{sent, direct, nothing, exempt}, 9}]}]].

what_a_day_contains_is_escaped(_) ->
    [Today | Before] = days(#{0 => plaintext(1)}, 30),
    Elements = draw([setelement(1, Today, <<"<b>'&\"">>) | Before], 30),
    Markup = [fxml:element_to_binary(Element) || Element <- Elements],
    ?assertEqual(nomatch, re:run(Markup, "<b>|'&\"")),
    ?assertMatch({match, [_, _, _, _]},
                 re:run(Markup, "&lt;b&gt;&apos;&amp;&quot;|&lt;b&gt;&#39;&amp;&quot;",
                        [global])).

%%%-------------------------------------------------------------------
%%% Colours
%%%-------------------------------------------------------------------

%% How much red, green and blue is seen of each by people without one kind of cones (Machado,
%% Oliveira and Fernandes 2009).
-define(EYES,
        #{all_cones => {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
          no_red => {{0.152, 1.053, -0.205}, {0.115, 0.786, 0.099}, {-0.004, -0.048, 1.052}},
          no_green => {{0.367, 0.861, -0.228}, {0.280, 0.673, 0.047}, {-0.012, 0.043, 0.969}},
          no_blue => {{1.256, -0.077, -0.179}, {-0.078, 0.931, 0.148}, {0.005, 0.691, 0.304}}}).
%% Differences in the CIELAB space below 2 are not seen, and below 10 only side by side.
-define(LEAST_DIFFERENCE, 15).

colours_differ_for_eyes_that_miss_one(_) ->
    Svg = drawn(#{0 => [{{sent, direct, Content, Decision}, 1}
                        || {Content, Decision} <- [{otr, warned} | [{Scheme, allowed}
                                                                    || Scheme <- ?CONTENTS]]]}, 30),
    Colours = [attribute(<<"fill">>, Rect) || Rect <- tl(all_of(<<"rect">>, hd(bars(Svg))))],
    ?assertEqual(7, length(lists:usort(Colours))),
    [?assertMatch({_, _, _, true}, {Eyes, Left, Right,
                                    difference(seen(Left, Matrix), seen(Right, Matrix))
                                        > ?LEAST_DIFFERENCE})
     || {Eyes, Matrix} <- maps:to_list(?EYES), Left <- Colours, Right <- Colours, Left < Right].

seen(<<"#", Digits/binary>>, {Red, Green, Blue}) ->
    Light = [linear(Octet / 255) || <<Octet>> <= binary:decode_hex(Digits)],
    lab([lists:max([0, sum(tuple_to_list(Row), Light)]) || Row <- [Red, Green, Blue]]).

linear(Value) when Value =< 0.04045 -> Value / 12.92;
linear(Value) -> math:pow((Value + 0.055) / 1.055, 2.4).

lab(Light) ->
    [X, Y, Z] = [root(sum(Row, Light)) || Row <- [[0.4339, 0.3762, 0.1899],
                                                  [0.2126, 0.7152, 0.0722],
                                                  [0.0177, 0.1095, 0.8729]]],
    [116 * Y - 16, 500 * (X - Y), 200 * (Y - Z)].

root(Value) when Value > 0.008856 -> math:pow(Value, 1 / 3);
root(Value) -> 7.787 * Value + 16 / 116.

sum(Factors, Values) ->
    lists:sum([Factor * Value || {Factor, Value} <- lists:zip(Factors, Values)]).

difference(Left, Right) ->
    math:sqrt(lists:sum([(L - R) * (L - R) || {L, R} <- lists:zip(Left, Right)])).

%%%-------------------------------------------------------------------
%%% Days
%%%-------------------------------------------------------------------

%% Days before the 25th of November 2026 and their cells; most have none.
days() ->
    list({integer(0, 29), list(cell())}).

cell() ->
    {{sent, oneof([direct, group]), oneof(?CONTENTS), oneof(?DECISIONS)},
     frequency([{3, integer(1, 10)}, {2, integer(1, 100_000)}, {1, 1_000_000_000_000},
                {1, integer(1, 1_000_000_000_000_000_000)}])}.

days(Cells, Length) when is_list(Cells) ->
    days(maps:from_list(Cells), Length);
days(Cells, Length) ->
    Last = calendar:date_to_gregorian_days(2026, 11, 25),
    [{date(calendar:gregorian_days_to_date(Last - Ago)), maps:get(Ago, Cells, [])}
     || Ago <- lists:seq(0, Length - 1)].

date({Year, Month, Day}) ->
    iolist_to_binary(io_lib:format("~4..0b-~2..0b-~2..0b", [Year, Month, Day])).

plaintext(Count) ->
    [{{sent, direct, plaintext, allowed}, Count}].

passes(Property) ->
    ?assertEqual(true, proper:quickcheck(Property, [quiet, {numtests, 200}])).

%%%-------------------------------------------------------------------
%%% Parts of the drawing
%%%-------------------------------------------------------------------

drawn(Cells, Length) ->
    Elements = draw(days(Cells, Length), Length),
    case [Svg || #xmlel{name = <<"svg">>} = Svg <- Elements] of
        [Svg] -> Svg;
        [] -> none
    end.

%% Groups that begin with a title.
bars(Svg) ->
    [Group || #xmlel{children = [#xmlel{name = <<"title">>} | _]} = Group
                  <- all_of(<<"g">>, Svg)].

%% The first rectangle is the one to point at.
parts(Bar) ->
    [_ | Parts] = [box(Rect) || Rect <- all_of(<<"rect">>, Bar)],
    Parts.

title(Bar) ->
    [Title | _] = all_of(<<"title">>, Bar),
    fxml:get_tag_cdata(Title).

total(Bar) ->
    {match, [Total]} = re:run(title(Bar), ": ([0-9]+) in all", [{capture, [1], binary}]),
    binary_to_integer(Total).

%% The numbers of the axis.
numbers(Svg) ->
    [binary_to_integer(Text) || Text <- texts(Svg), re:run(Text, "^[0-9]+$") =/= nomatch].

dates(Svg) ->
    [Text || Text <- texts(Svg), re:run(Text, "^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$") =/= nomatch].

texts(Svg) ->
    [fxml:get_tag_cdata(Text) || Text <- all_of(<<"text">>, Svg)].

y_of_label(Number, Svg) ->
    [Label | _] = [Text || Text <- all_of(<<"text">>, Svg),
                           fxml:get_tag_cdata(Text) =:= integer_to_binary(Number)],
    number(<<"y">>, Label).

all_of(Name, #xmlel{children = Children}) ->
    lists:append([[Child || Child#xmlel.name =:= Name] ++ all_of(Name, Child)
                  || #xmlel{} = Child <- Children]).

box(Rect) ->
    {number(<<"x">>, Rect), number(<<"y">>, Rect), number(<<"width">>, Rect),
     number(<<"height">>, Rect)}.

number(Name, Element) ->
    binary_to_float(attribute(Name, Element)).

attribute(Name, Element) ->
    fxml:get_tag_attr_s(Name, Element).

%% Draws in the server's node, which knows its language.
draw(Days, Length) ->
    server:call(persistent_term:get(?MODULE), mod_e2e_policy_chart, draw,
                [Days, Length, <<"en">>]).
