%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% A client that people use, run as a program by test/clients/json_lines.py. It ends with the
%% process that started it.
-module(real_client).

-export([start/2, do/2, do/3, stop/1]).

-export_type([client/0, event/0]).

%% In milliseconds.
-define(TIMEOUT, 30_000).
-define(LONGEST_LINE, 1_000_000).

-type client() :: port().
-type event() :: #{binary() => term()}.
%% The commands and events are those of test/clients/omemo_client.py and profanity_client.py.

%% `omemo' with a JID and a password, `profanity' with a folder for its files.
-spec start(omemo | profanity, [iodata()]) -> client().
start(Kind, Arguments) ->
    Root = server:root(),
    Args = [Root ++ "/test/clients/json_lines.py", atom_to_list(Kind) | Arguments],
    open_port({spawn_executable, Root ++ "/_build/venv/bin/python"},
              [{args, Args}, {line, ?LONGEST_LINE}, binary, exit_status]).

-spec do(client(), atom()) -> {Result :: term(), [event()]}.
do(Client, Command) ->
    do(Client, Command, #{}).

%% Calls a method of the client: its result, and the events until then.
-spec do(client(), atom(), #{atom() => term()}) -> {Result :: term(), [event()]}.
do(Client, Command, Arguments) ->
    port_command(Client, [jiffy:encode(Arguments#{do => Command}), "\n"]),
    until_done(Client, Command, []).

-spec stop(client()) -> ok.
stop(Client) ->
    do(Client, go_offline),
    true = port_close(Client),
    ok.

until_done(Client, Command, Events) ->
    receive
        {Client, {data, {eol, Line}}} ->
            case jiffy:decode(Line, [return_maps]) of
                #{<<"event">> := <<"done">>, <<"result">> := Result} ->
                    {Result, lists:reverse(Events)};
                #{<<"event">> := <<"failed">>, <<"text">> := Text} ->
                    error({Command, Text});
                Event ->
                    until_done(Client, Command, [Event | Events])
            end;
        {Client, {exit_status, Status}} ->
            error({Command, exit_status, Status})
    after ?TIMEOUT ->
        error({Command, timeout})
    end.
