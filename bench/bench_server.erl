%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What the module costs a real ejabberd, message by message: server CPU, throughput, latency, and
%% their ratios to what the same server needs with an empty hook.
%%
%% The hooks of a virtual host are compared: no hook, an empty one, the module's. They are added
%% and deleted while the sessions of the host stay, because two hosts are never equal: their
%% sessions have other places in memory and in ejabberd's tables, which alone made differences of
%% up to 2 %. Messages are sent in slices of about 50 ms: in each round every kind of message has
%% a slice with each hook, in random order. When something else runs on the machine, it slows
%% down slices that follow each other alike, and the interval gets wide. The empty hook has two
%% slices in a round: their ratio shows how exact the measurement is.
%%
%% The places of a server's code and data in memory are decided when it starts, and make differences
%% of 0.5 %. So there are several servers, one after the other. Each has a processor of its own:
%% otherwise the scheduler of the operating system would interrupt it for the process that makes the
%% load, and how often depends on how long its messages take.
-module(bench_server).

-export([main/1]).

-define(USAGE, "usage: script/bench server [--quick] [--markdown]\n").
%% How many servers, and for how many seconds slices are measured with each.
-define(SERVERS, 8).
-define(SECONDS, 90).
-define(QUICK_SERVERS, 1).
-define(QUICK_SECONDS, 5).
%% Pairs of a sender and a recipient on each host. Each has one message at a time on its way.
-define(PAIRS, 30).
%% In milliseconds.
-define(TIMEOUT, 30_000).
%% With fewer rounds there is no confidence interval.
-define(ENOUGH, 10).

-record(kind, {name :: string(),
               xml :: binary(),
               %% The virtual host, and how many messages the recipient and the sender get there.
               host :: binary(),
               delivered = 1 :: 0..1,
               answers = 0 :: 0..2,
               %% Whether only the first message of all has an answer.
               is_answered_once = false :: boolean(),
               %% Of each pair, in a slice.
               messages = 32 :: pos_integer()}).

-record(bench, {server :: server:server(),
                server_pid :: string(),
                pairs :: #{Host :: binary() => [pid()]}}).

-record(slice, {cpu :: float(),        % of the server, in microseconds for a message
                rate :: float(),       % messages in a second
                p50 :: float(),        % milliseconds from sender to recipient
                p95 :: float(),
                p99 :: float()}).

%% The hook of a slice: none, the empty one (twice), and the module's.
-define(HOOKS, [alone, empty, empty_too, module]).

-define(REQUIRED, <<"required.test">>).

main(Arguments) ->
    try options(Arguments) of
        Options -> run(Options)
    catch
        throw:usage ->
            io:put_chars(standard_error, ?USAGE),
            halt(2)
    end.

options(Arguments) ->
    Known = #{"--quick" => #{servers => ?QUICK_SERVERS, seconds => ?QUICK_SECONDS},
              "--markdown" => #{form => markdown}},
    Given = [case Known of
                 #{Argument := Options} -> Options;
                 _ -> throw(usage)
             end || Argument <- Arguments],
    Defaults = #{servers => ?SERVERS, seconds => ?SECONDS, form => text},
    lists:foldl(fun(Options, Others) -> maps:merge(Others, Options) end, Defaults, Given).

run(#{servers := Servers, seconds := Seconds, form := Form}) ->
    Kinds = kinds(),
    {Rounds, [Version | _]} =
        lists:unzip([with_server(Kinds, Seconds) || _ <- lists:seq(1, Servers)]),
    io:format("~ts~n~n", [conditions(Version, Servers, length(lists:append(Rounds)))]),
    table:print(Form, [headings() | [row(Kind, Rounds) || Kind <- Kinds]]).

with_server(Kinds, Seconds) ->
    Server = server:started(policies(), #{modules => #{}, loglevel => warning}),
    load_empty_hook(Server),
    ServerPid = server:call(Server, os, getpid, []),
    keep_apart(ServerPid, os:getpid(), erlang:system_info(logical_processors_online)),
    Bench = #bench{server = Server,
                   server_pid = ServerPid,
                   pairs = maps:map(fun(Host, _) -> pairs(Server, Host) end, policies())},
    [slice(Bench, Kind#kind{messages = 1, answers = 1}, module)
     || #kind{is_answered_once = true} = Kind <- Kinds],
    %% A first round that is not measured.
    [slice(Bench, Kind, Hook) || Kind <- Kinds, Hook <- ?HOOKS],
    Rounds = rounds(Bench, Kinds, erlang:monotonic_time(second) + Seconds),
    Version = version(Server),
    [Pair ! stop || Pairs <- maps:values(Bench#bench.pairs), Pair <- Pairs],
    server:stop(Server),
    {Rounds, Version}.

keep_apart(_ServerPid, _OwnPid, 1) ->
    ok;
keep_apart(ServerPid, OwnPid, Processors) ->
    pin(ServerPid, "0"),
    pin(OwnPid, "1-" ++ integer_to_list(Processors - 1)).

%% Binds all threads of a process to some processors.
pin(Pid, Processors) ->
    Command = ["taskset --all-tasks --cpu-list --pid ", Processors, " ", Pid,
               " >/dev/null && echo done"],
    "done\n" = os:cmd(lists:flatten(Command)).

%%%-------------------------------------------------------------------
%%% Policies and messages
%%%-------------------------------------------------------------------

policies() ->
    #{<<"none.test">> => #{direct => none},
      <<"optional.test">> => #{direct => optional},
      <<"seldom.test">> => #{direct => optional, warn_interval => <<"1 day">>},
      <<"tested.test">> => #{direct => required, testing => true},
      <<"terse.test">> => #{direct => required, warn_mechanism => error},
      ?REQUIRED => #{direct => required, accepted_schemes => [omemo, pgp, pgp_legacy, otr]},
      <<"whitelist.test">> => #{direct => required,
                                whitelist => [recipient(<<"whitelist.test">>, Number)
                                              || Number <- lists:seq(1, ?PAIRS)]}}.

kinds() ->
    Plain = stanza:named("plain"),
    [#kind{name = "plain, policy `none`", xml = Plain, host = <<"none.test">>},
     #kind{name = "plain, to a whitelisted user", xml = Plain, host = <<"whitelist.test">>},
     #kind{name = "plain, warned about", xml = Plain, host = <<"optional.test">>, answers = 1},
     #kind{name = "plain, warned about before", xml = Plain, host = <<"seldom.test">>,
           is_answered_once = true},
     #kind{name = "plain, under `testing`", xml = Plain, host = <<"tested.test">>},
     #kind{name = "plain, refused by an error", xml = Plain, host = <<"terse.test">>,
           delivered = 0, answers = 1},
     %% The sender gets an error stanza, and a message for people.
     #kind{name = "plain, refused", xml = Plain, host = ?REQUIRED, delivered = 0, answers = 2}
     | [#kind{name = Name, xml = stanza:named(Name), host = ?REQUIRED}
        || Name <- ["chat state", "OMEMO, 2 devices", "OMEMO, 10 devices", "OX", "OTR",
                    "legacy PGP"]]]
        ++ [#kind{name = Name, xml = stanza:named(Name), host = ?REQUIRED, messages = 4}
            || Name <- ["OMEMO, 10 devices, 60 KB"]].

load_empty_hook(Server) ->
    server:load_module(Server, empty_hook).

%%%-------------------------------------------------------------------
%%% Measuring
%%%-------------------------------------------------------------------

%% At least one round, and as many as there is time for.
rounds(Bench, Kinds, Until) ->
    Round = maps:from_list([{{Kind#kind.name, Hook}, slice(Bench, Kind, Hook)}
                            || Kind <- slices:shuffled(Kinds), Hook <- slices:shuffled(?HOOKS)]),
    case erlang:monotonic_time(second) < Until of
        true -> [Round | rounds(Bench, Kinds, Until)];
        false -> [Round]
    end.


slice(#bench{server = Server, server_pid = ServerPid, pairs = Hosts},
      #kind{host = Host, messages = Messages} = Kind, Hook) ->
    hook(Server, Host, Hook),
    Pairs = maps:get(Host, Hosts),
    Expected = case Hook of
                   module -> {Kind#kind.delivered, Kind#kind.answers};
                   _ -> {1, 0}
               end,
    Template = stanza:template(Kind#kind.xml),
    Cpu = cpu(ServerPid),
    Start = erlang:monotonic_time(),
    [Pair ! {send, self(), Template, Messages, Expected} || Pair <- Pairs],
    Latencies = lists:append([answer(Pair) || Pair <- Pairs]),
    Duration = erlang:monotonic_time() - Start,
    Count = length(Latencies),
    #slice{cpu = (cpu(ServerPid) - Cpu) / 1000 / Count,
           rate = Count * 1.0e9 / erlang:convert_time_unit(Duration, native, nanosecond),
           p50 = milliseconds(50, Latencies),
           p95 = milliseconds(95, Latencies),
           p99 = milliseconds(99, Latencies)}.

%% Each time all hooks are deleted and one or none is added, so that the same happens before each
%% slice.
hook(Server, Host, Hook) ->
    Put = fun(Action, Module) ->
                  ok = server:call(Server, ejabberd_hooks, Action,
                                   [user_send_packet, Host, Module, user_send_packet, 30])
          end,
    Put(delete, mod_e2e_policy_hook),
    Put(delete, empty_hook),
    case Hook of
        module -> Put(add, mod_e2e_policy_hook);
        alone -> ok;
        _ -> Put(add, empty_hook)
    end.

milliseconds(Percent, Times) ->
    erlang:convert_time_unit(ratio:percentile(Percent, Times), native, nanosecond) / 1.0e6.

%% The processor time of all threads of the server, in nanoseconds.
cpu(ServerPid) ->
    Files = filelib:wildcard("/proc/" ++ ServerPid ++ "/task/*/schedstat"),
    lists:sum([running(File) || File <- Files]).

running(File) ->
    {ok, Text} = file:read_file(File),
    [Nanoseconds | _] = binary:split(Text, <<" ">>),
    binary_to_integer(Nanoseconds).

%%%-------------------------------------------------------------------
%%% A sender and its recipient
%%%-------------------------------------------------------------------

%% One process has both sessions, so that a message is sent and received by the same clock.
pairs(#{port := Port} = Server, Host) ->
    Bench = self(),
    Open = fun(Jid) -> session:open(Server, {tcp, Port}, Jid) end,
    Start = fun(Number) ->
                    To = <<(recipient(Host, Number))/binary, "/desk">>,
                    Sessions = {Open(sender(Host, Number)), Open(To)},
                    Bench ! {self(), []},
                    pair(Sessions, To)
            end,
    Pairs = [element(1, spawn_monitor(fun() -> Start(Number) end))
             || Number <- lists:seq(1, ?PAIRS)],
    lists:foreach(fun answer/1, Pairs),
    Pairs.

sender(Host, Number) -> iolist_to_binary(["from", integer_to_list(Number), "@", Host, "/phone"]).

recipient(Host, Number) -> iolist_to_binary(["to", integer_to_list(Number), "@", Host]).

answer(Pair) ->
    receive
        {Pair, Latencies} -> Latencies;
        {'DOWN', _, process, Pair, Reason} -> error(Reason)
    end.

pair(Sessions, To) ->
    receive
        {send, Bench, Template, Count, Expected} ->
            Xml = stanza:addressed(Template, "m", To),
            {Latencies, Later} = lists:mapfoldl(fun(_, Now) -> exchange(Now, Xml, Expected) end,
                                                Sessions, lists:seq(1, Count)),
            Bench ! {self(), Latencies},
            pair(Later, To);
        stop ->
            ok;
        Event ->
            {Later, {0, 0}} = received(Event, Sessions, {0, 0}),
            pair(Later, To)
    end.

exchange({From, _} = Sessions, Xml, Expected) ->
    Start = erlang:monotonic_time(),
    ok = session:send(From, [Xml]),
    Later = awaited(Sessions, Expected),
    {erlang:monotonic_time() - Start, Later}.

%% Waits until so many messages have come to the recipient, and so many to the sender.
awaited(Sessions, {0, 0}) ->
    Sessions;
awaited(Sessions, Expected) ->
    receive
        Event ->
            {Later, Missing} = received(Event, Sessions, Expected),
            awaited(Later, Missing)
    after ?TIMEOUT -> error({missing, Expected})
    end.

received(Event, {From, To}, {Delivered, Answers}) ->
    case session:received(To, Event) of
        {Messages, Later} ->
            {{From, Later}, {Delivered - length(Messages), Answers}};
        other ->
            {Messages, Later} = session:received(From, Event),
            {{Later, To}, {Delivered, Answers - length(Messages)}}
    end.

%%%-------------------------------------------------------------------
%%% The table
%%%-------------------------------------------------------------------

version(Server) ->
    io_lib:format("ejabberd ~ts on OTP ~ts",
                  [server:call(Server, ejabberd_option, version, []),
                   server:call(Server, erlang, system_info, [otp_release])]).

conditions(Version, Servers, Rounds) ->
    {ok, Processors} = file:read_file("/proc/cpuinfo"),
    {match, [Model]} = re:run(Processors, "model name\\s*: (.*)",
                              [{capture, all_but_first, binary}]),
    io_lib:format("~ts, ~b x ~ts, ~ts. Servers: ~b; rounds: ~b; connections: ~b.",
                  [Version, erlang:system_info(logical_processors_online), Model,
                   string:slice(calendar:system_time_to_rfc3339(erlang:system_time(second)), 0, 10),
                   Servers, Rounds, 2 * ?PAIRS * maps:size(policies())]).

row(#kind{name = Name}, Servers) ->
    Of = fun(Hook, Field) ->
                 [[element(Field, maps:get({Name, Hook}, Round)) || Round <- Rounds]
                  || Rounds <- Servers]
         end,
    Cpu = fun(Hook) -> Of(Hook, #slice.cpu) end,
    Middle = fun(Hook, Field) -> ratio:median(lists:append(Of(Hook, Field))) end,
    Mean = fun({First, Second}) -> (First + Second) / 2 end,
    Empty = [lists:map(Mean, Pairs) || Pairs <- pairs_of(Cpu(empty), Cpu(empty_too))],
    Latency = fun(Hook) ->
                      [Middle(Hook, Field) || Field <- [#slice.p50, #slice.p95, #slice.p99]]
              end,
    [Name
     | [io_lib:format("~.1f", [Middle(Hook, #slice.cpu)]) || Hook <- [alone, empty, module]]]
        ++ [interval(pairs_of(Cpu(module), Empty)),
            interval(pairs_of(Cpu(empty_too), Cpu(empty))),
            io_lib:format("~b, ~b", [round(Middle(Hook, #slice.rate)) || Hook <- [empty, module]]),
            io_lib:format("~.1f, ~.1f, ~.1f", Latency(empty)),
            io_lib:format("~.1f, ~.1f, ~.1f", Latency(module))].

%% Pairs of figures, separately for each server.
pairs_of(Left, Right) ->
    lists:zipwith(fun lists:zip/2, Left, Right).

interval(Pairs) ->
    {Middle, Low, High} = ratio:interval(Pairs),
    case length(lists:append(Pairs)) of
        Count when Count < ?ENOUGH -> io_lib:format("~.3f (too few rounds)", [Middle]);
        _ -> io_lib:format("~.3f (~.3f to ~.3f)", [Middle, Low, High])
    end.

headings() ->
    ["message", "alone", "empty hook", "module", "module / empty hook", "empty / empty",
     "messages/s: empty, module", "ms, empty: p50, p95, p99", "ms, module: p50, p95, p99"].
