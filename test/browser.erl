%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% A real browser without a window: Debian's Chromium, told what to do by the Chrome DevTools
%% Protocol over a pipe. It ends with the process that started it.
-module(browser).

-export([start/0, open/2, follow/2, evaluate/2, picture/3, stop/1]).

-export_type([browser/0]).

-type browser() :: #{port := port(), session := binary(), dir := file:filename()}.

%% In milliseconds.
-define(TIMEOUT, 30_000).
-define(LONGEST_LINE, 10_000_000).

%% Chromium reads messages from the file 3 and writes them to 4, each with a zero octet at its end;
%% a port splits lines. When the port is closed, Chromium is told to end. For root it cannot make a
%% sandbox of its own.
-define(COMMAND,
        "exec 2>\"$0/log\"; "
        "(stdbuf -o0 tr '\\n' '\\0'; printf '{\"id\":0,\"method\":\"Browser.close\"}\\0') | "
        "chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run "
        "--disable-background-networking --hide-scrollbars --window-size=1280,800 "
        "--user-data-dir=\"$0\" --remote-debugging-pipe "
        "3<&0 4>&1 </dev/null >/dev/null | "
        "stdbuf -o0 tr '\\0' '\\n'; rm -r \"$0\"").

-spec start() -> browser().
start() ->
    Dir = server:temporary_folder(),
    Port = open_port({spawn_executable, "/bin/sh"},
                     [{args, ["-c", ?COMMAND, Dir]}, {line, ?LONGEST_LINE}, binary, exit_status]),
    #{<<"targetId">> := Tab} = call(Port, #{}, 'Target.createTarget', #{url => <<"about:blank">>}),
    #{<<"sessionId">> := Session} =
        call(Port, #{}, 'Target.attachToTarget', #{targetId => Tab, flatten => true}),
    #{port => Port, session => Session, dir => Dir}.

%% Opens a page, and waits until it is loaded.
-spec open(browser(), Url :: iodata()) -> ok.
open(Browser, Url) ->
    leave(Browser, fun() -> call(Browser, 'Page.navigate', #{url => iolist_to_binary(Url)}) end).

%% Clicks at a link, and waits until its page is loaded.
-spec follow(browser(), Selector :: iodata()) -> ok.
follow(Browser, Selector) ->
    leave(Browser, fun() ->
                           evaluate(Browser, ["document.querySelector(\"", Selector, "\").click()"])
                   end).

%% The value of a JavaScript expression on the page.
-spec evaluate(browser(), iodata()) -> term().
evaluate(Browser, Expression) ->
    case call(Browser, 'Runtime.evaluate', #{expression => unicode:characters_to_binary(Expression),
                                             returnByValue => true}) of
        #{<<"exceptionDetails">> := Details} -> error({Expression, Details});
        #{<<"result">> := Result} -> maps:get(<<"value">>, Result, undefined)
    end.

%% A PNG of a part of the page: left, top, width and height in pixels.
-spec picture(browser(), file:filename(), [number()]) -> ok.
picture(Browser, File, [Left, Top, Width, Height]) ->
    #{<<"data">> := Data} =
        call(Browser, 'Page.captureScreenshot',
             #{format => png, captureBeyondViewport => true,
               clip => #{x => Left, y => Top, width => Width, height => Height, scale => 1}}),
    ok = file:write_file(File, base64:decode(Data)).

-spec stop(browser()) -> ok.
stop(#{port := Port, dir := Dir}) ->
    true = port_close(Port),
    server:until(fun() -> not filelib:is_dir(Dir) end).

%% A mark on the page that is left shows when there is another one.
leave(Browser, Go) ->
    evaluate(Browser, "window.isLeft = true"),
    Go(),
    server:until(fun() -> is_loaded(Browser) end).

%% While one page makes way for another, Chromium answers with an error.
is_loaded(Browser) ->
    try evaluate(Browser, "!window.isLeft && document.readyState == 'complete'")
    catch error:#{<<"code">> := -32000} -> false
    end.

call(#{port := Port, session := Session}, Method, Parameters) ->
    call(Port, #{sessionId => Session}, Method, Parameters).

%% Events that come before the answer are ignored.
call(Port, Session, Method, Parameters) ->
    Id = erlang:unique_integer([positive]),
    Message = encode(Session#{id => Id, method => Method, params => Parameters}),
    port_command(Port, [Message, "\n"]),
    answer(Port, Id).

answer(Port, Id) ->
    receive
        {Port, {data, {eol, Line}}} ->
            case decode(Line) of
                #{<<"id">> := Id, <<"result">> := Result} -> Result;
                #{<<"id">> := Id, <<"error">> := Error} -> error(Error);
                _ -> answer(Port, Id)
            end;
        {Port, {exit_status, Status}} ->
            error({chromium, exit_status, Status})
    after ?TIMEOUT ->
        error(timeout)
    end.

%% Newer versions of Erlang have a module for JSON, and newer ejabberds no other.
encode(Term) ->
    case code:ensure_loaded(json) of
        {module, json} -> json:encode(Term);
        {error, _} -> jiffy:encode(Term)
    end.

decode(Text) ->
    case code:ensure_loaded(json) of
        {module, json} -> json:decode(Text);
        {error, _} -> jiffy:decode(Text, [return_maps])
    end.
