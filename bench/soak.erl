%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% script/soak: a server under load, with an account of every message.
%%
%% Hundreds of users on hosts with every policy send the stanzas of the corpus over TCP and
%% WebSocket, enter rooms and leave them; meanwhile options are reloaded and grace periods changed
%% by commands. In the end each message has had the outcome that its label and the policy demand,
%% exactly once; the memory of the node has not grown; and the module has logged nothing above
%% `info'.
-module(soak).

-export([main/1]).

-define(USAGE, "usage: script/soak [SECONDS]\n").
-define(SECONDS, 600).
%% Messages in a second: a million in ten minutes. On a slow machine there are fewer, because a user
%% waits for the end of a batch.
-define(RATE, 2000).
%% On each host: the rooms, with three residents each, and the wanderers.
-define(ROOMS, 8).
-define(WANDERERS, 12).
%% To how many others each of them writes.
-define(CONTACTS, 12).
%% Between two reloads or samples of memory, and between two commands, in milliseconds.
-define(RELOAD_EVERY, 10_000).
-define(COMMAND_EVERY, 150).
%% How long the last messages may take, in milliseconds.
-define(TIMEOUT, 60_000).

-record(soak, {server :: server:server(), ledger :: ledger:ledger(),
               %% How many messages the counters of each host have to have in each cell.
               tally :: ets:table(),
               %% The users by host, with their plans.
               users :: #{binary() => [{pid(), soak_user:plan()}]},
               since :: integer(), until :: integer(),
               turn_at :: integer(), turn = 0 :: non_neg_integer(),
               %% Of the users whose grace periods were changed by commands.
               levels = #{} :: #{pid() => soak_hosts:level()},
               commands = 0 :: non_neg_integer(),
               samples = [] :: [memory:sample()]}).

main([]) ->
    run(?SECONDS);
main([Text]) ->
    case string:to_integer(Text) of
        {Seconds, ""} when Seconds > 0 -> run(Seconds);
        _ -> usage()
    end;
main(_) ->
    usage().

usage() ->
    io:put_chars(standard_error, ?USAGE),
    halt(2).

run(Seconds) ->
    Started = started(Seconds),
    Users = users(Started),
    lists:foreach(fun soak_user:go/1, Users),
    Soak = steered(Started),
    Took = erlang:monotonic_time(millisecond) - Started#soak.since,
    await_the_last(Soak, erlang:monotonic_time(millisecond) + ?TIMEOUT),
    Breaches = soak_report:show((account(Soak))#{seconds => Took div 1000}),
    server:stop(Soak#soak.server),
    [halt(1) || Breaches =/= []],
    ok.

%%%-------------------------------------------------------------------
%%% The users
%%%-------------------------------------------------------------------

started(Seconds) ->
    WebPort = server:free_port(),
    Server = server:started(soak_hosts:policies(0), settings(WebPort)),
    Ledger = ledger:new(2 * ?RATE * (Seconds + 240)),
    Tally = ets:new(tally, [public, {write_concurrency, true}]),
    Plans = [Plan#{tally => Tally} || Plan <- plans(Server, WebPort, Ledger)],
    Users = [{soak_user:start(Plan), Plan} || Plan <- Plans],
    [soak_user:contacts(User, contacts(Number, Plans)) || {User, #{number := Number}} <- Users],
    Now = erlang:monotonic_time(millisecond),
    #soak{server = Server, ledger = Ledger, tally = Tally,
          users = maps:groups_from_list(fun({_, #{host := Host}}) -> Host end, Users),
          since = Now, until = Now + Seconds * 1000, turn_at = Now + ?RELOAD_EVERY div 2}.

settings(WebPort) ->
    #{modules => #{mod_disco => #{}, mod_muc => #{history_size => 0}},
      listen => [#{module => ejabberd_http, ip => <<"127.0.0.1">>, port => WebPort,
                   request_handlers => #{<<"/ws">> => ejabberd_http_ws}}]}.

plans(#{port := Port} = Server, WebPort, Ledger) ->
    Places = [{Host, Number, Place} || {Number, Host} <- enumerated(soak_hosts:names()),
                                       Place <- lists:seq(1, 3 * ?ROOMS + ?WANDERERS)],
    Period = length(Places) * soak_user:batch() * 1000 div ?RATE,
    Rows = list_to_tuple(soak_stanzas:direct()),
    RoomRows = list_to_tuple(soak_stanzas:group()),
    [maps:merge(#{number => Number, host => Host, server => Server, ledger => Ledger,
                  period => Period, rows => Rows, room_rows => RoomRows,
                  room => {100_000 + 100 * HostNumber + Place rem ?ROOMS,
                           iolist_to_binary(["room", integer_to_list(Place rem ?ROOMS),
                                             "@conference.", Host])}},
                maps:merge(place(Host, Place),
                           case Number rem 3 of
                               0 -> #{transport => websocket, port => WebPort};
                               _ -> #{transport => tcp, port => Port}
                           end))
     || {Number, {Host, HostNumber, Place}} <- enumerated(Places)].

%% The first user of a host is on its whitelist.
place(Host, 1) ->
    #{jid => <<(soak_hosts:friend(Host))/binary, "/phone">>, role => {resident, 0}};
place(Host, Place) ->
    #{jid => iolist_to_binary(["user", integer_to_list(Place), "@", Host, "/phone"]),
      role => case (Place - 1) div ?ROOMS of
                  Seat when Seat < 3 -> {resident, Seat};
                  _ -> wanderer
              end}.

%% The same few users all the time, of any hosts.
contacts(Number, Plans) ->
    Others = [{Other, Jid} || #{number := Other, jid := Jid} <- Plans, Other =/= Number],
    list_to_tuple([any(Others) || _ <- lists:seq(1, ?CONTACTS)]).

enumerated(List) ->
    lists:zip(lists:seq(1, length(List)), List).

users(#soak{users = Users}) ->
    [User || Group <- maps:values(Users), {User, _} <- Group].

%%%-------------------------------------------------------------------
%%% Reloads and commands
%%%-------------------------------------------------------------------

steered(#soak{until = Until, turn_at = TurnAt} = Soak) ->
    case erlang:monotonic_time(millisecond) of
        Now when Now >= Until -> sampled(Soak);
        Now when Now >= TurnAt ->
            steered(turned(sampled(Soak#soak{turn_at = Now + ?RELOAD_EVERY})));
        _ ->
            Later = commanded(Soak),
            timer:sleep(?COMMAND_EVERY),
            steered(Later)
    end.

sampled(#soak{server = Server, samples = Samples} = Soak) ->
    Soak#soak{samples = Samples ++ [memory:sample(Server)]}.

%% Reloads the options. While the policy of one host changes, either answer is right there.
turned(#soak{server = Server, users = Users, turn = Last} = Soak) ->
    Turn = Last + 1,
    {Host, DuringReload, AfterReload} = soak_hosts:levels_in_turn(Turn),
    Turning = [User || {User, _} <- maps:get(Host, Users)],
    soak_user:become(Turning, DuringReload),
    {0, _} = short(server:reload(Server, soak_hosts:policies(Turn))),
    upgraded(Server, Turn),
    soak_user:become(Turning, AfterReload),
    Soak#soak{turn = Turn}.

%% At each third turn, to the same library with another digest: one more octet at its end.
upgraded(#{dir := Dir} = Server, Turn) when Turn rem 3 =:= 1 ->
    {ok, Library} = file:read_file(release:library(installed)),
    release:put_library(<<Library/binary, Turn>>, Dir ++ "/mod_e2e_policy"),
    {0, _} = short(server:ctl(Server, ["e2e_policy_upgrade"]));
upgraded(_, _) ->
    ok.

%% After an error ejabberdctl prints its usage, too.
short({Status, Text}) ->
    {Status, hd(string:split(Text, "\n"))}.

%% Changes the grace period of a user, who sends nothing meanwhile; then changes that of a user who
%% is offline, or asks for it.
commanded(#soak{users = Users, levels = Levels, commands = Commands} = Soak) ->
    Host = any([<<"grace.test">>, <<"escalated.test">>]),
    {User, #{jid := Jid}} = any(maps:get(Host, Users)),
    Level = maps:get(User, Levels, soak_hosts:level(Host)),
    {Command, Arguments, NewLevel} = any(steps(Host, Level)),
    [Name, _] = binary:split(Jid, <<"@">>),
    soak_user:pause([User]),
    command(Soak, Command, [Name, Host | Arguments]),
    soak_user:become([User], NewLevel),
    soak_user:go(User),
    {Next, NextArguments} = any(other_commands(Host)),
    command(Soak, Next, NextArguments),
    Soak#soak{levels = Levels#{User => NewLevel}, commands = Commands + 2}.

steps(<<"grace.test">>, grace) -> [{'end', [], required}];
steps(<<"grace.test">>, required) -> [{reset, [], grace}];
steps(_, optional) -> [{start, [<<"14 days">>], grace}, {'end', [], required}];
steps(_, grace) -> [{extend, [<<"1 day">>], grace}, {'end', [], required}, {reset, [], optional}];
steps(_, required) -> [{reset, [], optional}, {start, [<<"1 hour">>], grace}].

other_commands(Host) ->
    [{start, [<<"away">>, Host, <<"1 hour">>]}, {'end', [<<"away">>, Host]},
     {reset, [<<"away">>, Host]}, {status, [<<"away">>, Host]}, {list, [Host]}].

command(#soak{server = Server}, Command, Arguments) ->
    server:call(Server, ejabberd_commands, execute_command2,
                [list_to_atom("e2e_policy_grace_" ++ atom_to_list(Command)), Arguments,
                 #{caller_module => ejabberd_ctl}]).

any(List) ->
    lists:nth(rand:uniform(length(List)), List).

%%%-------------------------------------------------------------------
%%% The account
%%%-------------------------------------------------------------------

%% When all messages have been judged, deliveries may still be on their way. One without an end tag
%% is found when the next note of its recipient follows it.
await_the_last(#soak{ledger = Ledger} = Soak, Deadline) ->
    soak_user:pause(users(Soak)),
    case ledger:wrong(Ledger) =:= [] orelse erlang:monotonic_time(millisecond) > Deadline of
        true -> ok;
        false -> timer:sleep(1000), await_the_last(Soak, Deadline)
    end.

account(#soak{server = Server, ledger = Ledger, tally = Tally, users = Users, turn = Turns,
              commands = Commands, samples = Samples}) ->
    Groups = lists:append(maps:values(Users)),
    Own = [{Plan, soak_user:stop(User)} || {User, Plan} <- Groups],
    Jids = maps:from_list([{Number, Jid} || {_, #{number := Number, jid := Jid}} <- Groups]),
    #{hosts => maps:size(Users), reloads => Turns, upgrades => (Turns + 2) div 3,
      commands => Commands, miscounted => soak_counts:wrong(Server, Tally),
      counted => soak_counts:total(Tally),
      users => Own, samples => Samples, log => server:log(Server), sums => ledger:sums(Ledger),
      version => server:call(Server, ejabberd_option, version, []),
      wrong => [{maps:get(Sender, Jids), Number, Right, Found}
                || {Number, Sender, Right, Found} <- ledger:wrong(Ledger)]}.
