%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Messages that go on while something is done to the server, each with its outcome: the sessions do
%% not end, and each message has to be delivered, warned about or refused as the policy says.
%%
%%   erl ... -s traffic main -extra FOLDER
%%
%% It goes on until there is a file `stop' in the folder. The file `running' says that each sender
%% has sent a message. What it writes is how many messages had which outcome.
-module(traffic).

-export([main/0]).

-define(SERVER, #{node => 'ejabberd@localhost', port => 5222}).
-define(KINDS, [encrypted, warned, refused]).
%% How many senders of each kind a host has.
-define(SENDERS, 3).
%% Of a real client.
-define(OMEMO,
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1796049158'>"
        "<key rid='1397624868'>MwohBUCDfIm/8c8Ffg0dgckN/+Vdznn9SJVhonIjAX/MAWZdEAAYAiIwdOgRqKAhTz4X"
        "ko4uNYhsaQczY8yUNcL0yG+jBLadAy8RfWQj/zxsK032KFCXdZywQQE8r2YWslM=</key>"
        "<iv>+Mb98b4mlik4jDfp</iv></header><payload>pWE=</payload></encrypted>").

-type kind() :: encrypted | warned | refused.

main() ->
    [Folder] = init:get_plain_arguments(),
    Senders = senders(),
    [escalate(Sender) || Sender <- Senders],
    Main = self(),
    Processes = [spawn_monitor(fun() -> begin_to_send(Sender, Main) end) || Sender <- Senders],
    [receive
         {running, Process} -> ok;
         {'DOWN', _, process, Process, Reason} -> failed(Reason)
     end || {Process, _} <- Processes],
    ok = file:write_file(filename:join(Folder, "running"), ""),
    wait(filename:join(Folder, "stop")),
    [Process ! stop || {Process, _} <- Processes],
    Sent = [receive {'DOWN', _, process, Process, Reason} -> result(Reason) end
            || {Process, _} <- Processes],
    report(lists:append(Sent)).

%% A failure of a sender ends all.
wait(Stop) ->
    receive {'DOWN', _, process, _, Reason} -> failed(Reason)
    after 100 -> filelib:is_file(Stop) orelse wait(Stop)
    end.

result({sent, Sent}) -> Sent;
result(Reason) -> failed(Reason).

-spec failed(term()) -> no_return().
failed(Reason) ->
    io:format("a session has ended: ~p~n", [Reason]),
    halt(1).

report(Outcomes) ->
    [io:format("~b messages ~ts, the slowest took ~b ms~n",
               [length(Times), Kind, lists:max(Times) div 1000])
     || Kind <- ?KINDS,
        Times <- [[Time || {Of, as_expected, Time} <- Outcomes, Of =:= Kind]]],
    Wrong = [{Kind, Outcome} || {Kind, Outcome, _} <- Outcomes, Outcome =/= as_expected],
    [io:format("wrong: ~p~n", [Some]) || Some <- lists:sublist(Wrong, 10)],
    io:format("~b of ~b messages had another outcome~n", [length(Wrong), length(Outcomes)]),
    halt(min(1, length(Wrong))).

%%%-------------------------------------------------------------------
%%% Senders
%%%-------------------------------------------------------------------

%% On a host that keeps its clocks in Mnesia, and on one that keeps them in SQL.
senders() ->
    [{Kind, jid(Kind, Number, Host), jid(contact, {Kind, Number}, Host), none}
     || Host <- [<<"localhost">>, <<"sql.localhost">>], Kind <- ?KINDS,
        Number <- lists:seq(1, ?SENDERS)]
        ++ [{Kind, jid(Kind, room, <<"localhost">>), jid(contact, {Kind, room}, <<"localhost">>),
             iolist_to_binary([atom_to_list(Kind), "@conference.localhost"])}
            || Kind <- ?KINDS].

jid(contact, {Kind, Number}, Host) ->
    iolist_to_binary(["contact_of_", name(Kind, Number), "@", Host, "/desk"]);
jid(Kind, Number, Host) ->
    iolist_to_binary([name(Kind, Number), "@", Host, "/phone"]).

name(Kind, Number) -> io_lib:format("~ts_~p", [Kind, Number]).

%% The grace period of those whose messages are refused is over, and an admin has started the clock
%% of one whose messages are warned about. The clocks of the others start by themselves. All stay as
%% they are when messages begin again.
escalate({_, Jid, _, _} = Sender) ->
    client:make_account(?SERVER, Jid),
    [command(Command, Jid, Period) || {<<"none">>, _, _, _, _} <- [command(grace_status, Jid, [])],
                                      {Command, Period} <- escalations(Sender)].

escalations({refused, _, _, _}) -> [{grace_end, []}];
escalations({warned, <<"warned_1@", _/binary>>, _, _}) ->
    [{grace_start, [<<"7 days">>]}, {grace_extend, [<<"1 hour">>]}];
escalations(_) -> [].

command(Command, Jid, Period) ->
    [User, Host, _] = binary:split(Jid, [<<"@">>, <<"/">>], [global]),
    Arguments = [User, Host | Period],
    {_, _, _, _, _} = erpc:call('ejabberd@localhost', mod_e2e_policy_commands, Command, Arguments).

begin_to_send({Kind, Jid, ContactJid, Room}, Main) ->
    [Sender, Contact] = [client:connect_available(?SERVER, Of) || Of <- [Jid, ContactJid]],
    Room =:= none orelse
        [client:join(Of, <<Room/binary, "/", Nick/binary>>)
         || {Of, Nick} <- [{Contact, <<"contact">>}, {Sender, <<"sender">>}]],
    client:messages(Contact),
    client:messages(Sender),
    First = exchanged(Kind, Sender, Contact, ContactJid, Room),
    Main ! {running, self()},
    go_on(Kind, Sender, Contact, ContactJid, Room, [First]).

go_on(Kind, Sender, Contact, ContactJid, Room, Sent) ->
    receive stop -> exit({sent, Sent})
    after 0 ->
            Next = exchanged(Kind, Sender, Contact, ContactJid, Room),
            go_on(Kind, Sender, Contact, ContactJid, Room, [Next | Sent])
    end.

exchanged(Kind, Sender, Contact, ContactJid, Room) ->
    {Microseconds, Outcome} =
        timer:tc(fun() ->
                         case Room of
                             none ->
                                 Xml = message("chat", ContactJid, Kind),
                                 exchange:message(Sender, Contact, Xml);
                             _ ->
                                 Xml = message("groupchat", Room, Kind),
                                 exchange:message(Sender, Contact, Xml, Room)
                         end
                 end),
    case is_expected(Kind, Outcome) of
        true -> {Kind, as_expected, Microseconds};
        false -> {Kind, Outcome, Microseconds}
    end.

-spec is_expected(kind(), exchange:outcome()) -> boolean().
is_expected(encrypted, #{delivered := true, answers := []}) -> true;
is_expected(warned, #{delivered := true, answers := [{message, _}]}) -> true;
is_expected(refused, #{delivered := false,
                       answers := [{error, <<"policy-violation">>, _}, {message, _}]}) -> true;
is_expected(_, _) -> false.

message(Type, To, Kind) ->
    Id = integer_to_list(erlang:unique_integer([positive])),
    ["<message type='", Type, "' to='", To, "' id='", Id, "'>", content(Kind), "</message>"].

content(encrypted) -> ?OMEMO;
content(_) -> "<body>wherefore</body>".
