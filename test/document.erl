%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The documents of the project: their fenced code blocks in order, and their tables.
-module(document).

-export([names/0, text/1, blocks/1, steps/1, rows/1, links/1, anchors/1, matches/2]).

-export_type([block/0, step/0]).

-type block() :: #{line := pos_integer(), language := string(), text := string(),
                   run_by => file:filename()}.
%% Two comments are commands for the suite. `<!-- run by script/demo -->' above a block names the
%% script that runs it, because a server of the suites cannot. `<!-- nurse writes to romeo -->' lets
%% her send a message in the clear, `writes encrypted to' one with OMEMO; it becomes a block of the
%% language `writes'. `<!-- nurse publishes keys -->' makes a block of the language `publishes'.

-type step() :: {Command :: string(), Output :: string()}.

-spec names() -> [file:filename()].
names() ->
    ["README.md" | lists:sort(filelib:wildcard("docs/*.md", server:root()))].

-spec text(file:filename()) -> string().
text(Name) ->
    {ok, Text} = file:read_file(filename:join(server:root(), Name)),
    unicode:characters_to_list(Text).

-spec blocks(file:filename()) -> [block()].
blocks(Name) ->
    outside(lists:enumerate(string:split(text(Name), "\n", all)), none).

outside([{Number, "<!-- " ++ Comment} | Lines], none) ->
    case string:lexemes(Comment, " ") of
        ["run", "by", Script, "-->"] ->
            [{_, ""} | [{_, "```" ++ _} | _] = Block] = Lines,
            outside(Block, Script);
        [User, Does | How] when How =/= [], Does =:= "writes" orelse Does =:= "publishes" ->
            [#{line => Number, language => Does,
               text => lists:append(lists:join(" ", [User | lists:droplast(How)]))}
             | outside(Lines, none)];
        _ ->
            outside(Lines, none)
    end;
outside([{Number, "```" ++ Language} | Lines], RunBy) ->
    {Inside, [_ | Others]} = lists:splitwith(fun({_, Line}) -> Line =/= "```" end, Lines),
    Block = #{line => Number, language => Language,
              text => lists:append([Line ++ "\n" || {_, Line} <- Inside])},
    [case RunBy of none -> Block; _ -> Block#{run_by => RunBy} end | outside(Others, none)];
outside([_ | Lines], none) ->
    outside(Lines, none);
outside([], none) ->
    [].

%% The commands of a block, each with its output. A command is written after `$ ', and goes on after
%% a backslash or in lines that begin with `> '.
-spec steps(string()) -> [step()].
steps(Text) ->
    shown(string:split(string:trim(Text, trailing, "\n"), "\n", all)).

shown([]) ->
    [];
shown(["$ " ++ Command | Lines]) ->
    {More, Behind} = continued(Command, Lines),
    {Output, Others} = lists:splitwith(fun("$ " ++ _) -> false; (_) -> true end, Behind),
    [{lists:flatten(lists:join("\n", [Command | More])), lists:flatten(lists:join("\n", Output))}
     | shown(Others)].

continued(_, ["> " ++ Next | Lines]) ->
    {More, Others} = continued(Next, Lines),
    {[Next | More], Others};
continued(Line, [Next | Lines]) ->
    case lists:suffix("\\", Line) of
        true -> {More, Others} = continued(Next, Lines), {[Next | More], Others};
        false -> {[], [Next | Lines]}
    end;
continued(_, []) ->
    {[], []}.

%% The cells of all tables that begin with code, which may be a link.
-spec rows(file:filename()) -> [[string()]].
rows(Name) ->
    [[string:trim(Cell, both, "` ") || Cell <- string:split(Row, " | ", all)]
     || [Row] <- matches(Name, "^\\| (\\[?`.*) \\|$")].

%% Where the links to files of the project lead: a path from the root, and the anchor or nothing.
-spec links(file:filename()) -> [{file:filename(), Anchor :: string()}].
links(Name) ->
    Pattern = "(?|\\]\\(([^)\\s]+)\\)|^\\[[^\\]]+\\]: (\\S+)$)",
    [target(Name, Link) || [Link] <- matches(Name, Pattern), string:find(Link, "://") =:= nomatch].

target(Name, Link) ->
    case string:split(Link, "#") of
        ["", Anchor] -> {Name, Anchor};
        [Path | Anchor] -> {beside(Name, Path), lists:append(Anchor)}
    end.

beside(Name, "../" ++ Path) ->
    filename:join(filename:dirname(filename:dirname(Name)), Path);
beside(Name, Path) ->
    filename:join(filename:dirname(Name), Path).

%% The anchors of the headings, as GitHub makes them.
-spec anchors(file:filename()) -> [string()].
anchors(Name) ->
    [anchor(Heading) || [Heading] <- matches(Name, "^#+ (.+)$")].

anchor(Heading) ->
    Words = re:replace(string:lowercase(Heading), "[^\\w -]", "",
                       [unicode, ucp, global, {return, list}]),
    string:replace(Words, " ", "-", all).

-spec matches(file:filename(), string()) -> [[string()]].
matches(Name, Pattern) ->
    Options = [unicode, global, multiline, {capture, all_but_first, list}],
    case re:run(text(Name), Pattern, Options) of
        {match, Found} -> Found;
        nomatch -> []
    end.
