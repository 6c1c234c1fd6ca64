%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% A user of the soak test: sends messages in batches, enters them into the ledger, and enters there
%% what it gets. The last message of a batch is one to itself, in plain text, which no policy
%% judges: when it comes back, the server has judged the whole batch.
-module(soak_user).

-export([start/1, batch/0]).
%% Control
-export([contacts/2, go/1, become/2, pause/1, stop/1]).

-export_type([plan/0]).

-type plan() :: #{number := pos_integer(), host := binary(), jid := binary(),
                  transport := session:transport(),
                  server := server:server(), port := inet:port_number(),
                  role := wanderer | {resident, Place :: 0..2}, room := {pos_integer(), binary()},
                  rows := tuple(), room_rows := tuple(), ledger := ledger:ledger(),
                  tally := ets:table(),
                  period := pos_integer()}.
%% Residents stay in their room; a wanderer enters and leaves it in each batch.

-record(user, {plan :: plan(), session :: session:session(), level :: soak_hosts:level(),
               contacts = {} :: tuple(),
               %% The message to itself that is on its way, and who waits for it.
               underway = none :: none | pos_integer(), waiting = [] :: [pid()],
               paused = true :: boolean(),
               %% On a host with an interval of warnings: the warnings that were sent.
               warned = #{} :: #{{To :: binary(), plain | unacceptable} => []},
               %% Messages from the server: how many are expected, and how many came.
               noticed = 0 :: integer(), notices = 0 :: integer(),
               batches = 0 :: non_neg_integer(),
               stray = [] :: [binary()]}).

%% How long a message to oneself may take, in milliseconds: long, for a machine that also builds and
%% runs other tests.
-define(TIMEOUT, 120_000).
-define(BATCH, 5).
-define(PLAIN_TO_ONESELF, <<"<message type='chat'><body>A note to myself</body></message>">>).
-define(ANSWERS, [{<<"soak-warned plain">>, {warned, plain}},
                  {<<"soak-warned unacceptable">>, {warned, unacceptable}},
                  {<<"soak-refused plain">>, {refused, plain}},
                  {<<"soak-refused unacceptable">>, {refused, unacceptable}}]).

%% Returns after it has logged in, and entered its room if it is a resident.
-spec start(plan()) -> pid().
start(Plan) ->
    Starter = self(),
    {User, _} = spawn_monitor(fun() -> init(Plan, Starter) end),
    settled(User),
    User.

%% How many messages it sends at a time.
-spec batch() -> pos_integer().
batch() -> ?BATCH + 1.

%%%-------------------------------------------------------------------
%%% Control
%%%-------------------------------------------------------------------

%% Sets the numbers and addresses to which it may write.
-spec contacts(pid(), tuple()) -> ok.
contacts(User, Contacts) -> tell(User, {contacts, Contacts}).

%% Makes it send batches.
-spec go(pid()) -> ok.
go(User) -> tell(User, go).

%% Changes the level that is expected for the next messages; returns when the server has judged all
%% that were sent before.
-spec become([pid()], soak_hosts:level()) -> ok.
become(Users, Level) ->
    [tell(User, {become, self(), Level}) || User <- Users],
    lists:foreach(fun settled/1, Users).

%% Lets them send only a last message to themselves; returns when the server has judged it.
-spec pause([pid()]) -> ok.
pause(Users) ->
    [tell(User, {pause, self()}) || User <- Users],
    lists:foreach(fun settled/1, Users).

%% Ends the session, and returns what is in no ledger.
-spec stop(pid()) -> #{noticed | notices | batches => integer(), stray => [binary()]}.
stop(User) ->
    tell(User, {stop, self()}),
    receive
        {stopped, User, Account} -> Account;
        {'DOWN', _, process, User, Reason} -> error(Reason)
    end.

tell(User, What) ->
    User ! What,
    ok.

settled(User) ->
    receive
        {settled, User} -> ok;
        {'DOWN', _, process, User, Reason} -> error(Reason)
    after ?TIMEOUT -> error(a_message_to_oneself_is_lost)
    end.

%%%-------------------------------------------------------------------
%%% Start and stop
%%%-------------------------------------------------------------------

init(Plan, Starter) ->
    #{server := Server, transport := Transport, port := Port, host := Host, jid := Jid,
      role := Role} = Plan,
    Session = session:open(Server, {Transport, Port}, Jid),
    User = #user{plan = Plan, session = Session, level = soak_hosts:level(Host)},
    case Role of
        {resident, _} -> session:send(Session, [join(Plan)]);
        wanderer -> ok
    end,
    tick(User),
    loop(noted(User#user{waiting = [Starter]})).

loop(#user{session = Session, waiting = Waiting} = User) ->
    receive
        tick ->
            tick(User),
            loop(next_batch(User));
        {become, From, Level} ->
            loop(settle(User#user{level = Level, waiting = [From | Waiting]}));
        {pause, From} ->
            loop(noted(User#user{paused = true, waiting = [From | Waiting]}));
        go ->
            loop(User#user{paused = false});
        {contacts, Contacts} ->
            loop(User#user{contacts = Contacts});
        {stop, From} ->
            session:close(Session),
            From ! {stopped, self(), account(User)};
        Event ->
            case session:received(Session, Event) of
                {Messages, Later} ->
                    loop(lists:foldl(fun received/2, User#user{session = Later}, Messages));
                closed ->
                    #{jid := Jid} = User#user.plan,
                    exit({session_ended_by_the_server, Jid})
            end
    end.

%% At irregular times, so that not all users send at the same time.
tick(#user{plan = #{period := Period}}) ->
    erlang:send_after(Period * 3 div 4 + rand:uniform(1 + Period div 2), self(), tick).

settle(#user{underway = none, waiting = Waiting} = User) ->
    [From ! {settled, self()} || From <- Waiting],
    User#user{waiting = []};
settle(User) ->
    User.

account(#user{noticed = Noticed, notices = Notices, batches = Batches, stray = Stray}) ->
    #{noticed => Noticed, notices => Notices, batches => Batches, stray => Stray}.

%%%-------------------------------------------------------------------
%%% Sending
%%%-------------------------------------------------------------------

next_batch(#user{paused = false, underway = none, plan = Plan, batches = Batches} = User) ->
    {Messages, Later} = lists:mapfoldl(fun(_, Now) -> any_message(Now) end, User,
                                       lists:seq(1, ?BATCH)),
    to_oneself(case Plan of
                   #{role := wanderer} -> [join(Plan) | Messages] ++ [leave(Plan)];
                   _ -> Messages
               end, Later#user{batches = Batches + 1});
next_batch(User) ->
    User.

%% Sends the batch with a message to oneself at its end.
to_oneself(Batch, #user{plan = #{number := Number, jid := Jid}, session = Session} = User) ->
    Row = #{template => stanza:template(?PLAIN_TO_ONESELF), content => plaintext, scheme => none,
            silent => false, places => 1},
    {{Entry, Last}, Later} = entered(Row, {Number, Jid}, User),
    ok = session:send(Session, Batch ++ [Last]),
    Later#user{underway = Entry}.

noted(#user{underway = none} = User) -> to_oneself([], User);
noted(User) -> User.

%% One of six messages goes to the room.
any_message(#user{plan = Plan, contacts = Contacts} = User) ->
    #{rows := Rows, room_rows := RoomRows, room := Room} = Plan,
    {{_, Stanza}, Later} =
        case rand:uniform(6) of
            1 -> entered((any(RoomRows))#{places => 3}, Room, User);
            _ -> entered((any(Rows))#{places => 1}, any(Contacts), User)
        end,
    {Stanza, Later}.

any(Tuple) ->
    element(rand:uniform(tuple_size(Tuple)), Tuple).

entered(Row, {Target, To}, #user{plan = Plan, level = Level, noticed = Noticed} = User) ->
    #{ledger := Ledger, number := Number, jid := From, host := Host, tally := Tally} = Plan,
    {Outcome, Warned} = without_repetition(soak_hosts:outcome(Row, From, To, Level), To, User),
    Entry = ledger:enter(Ledger, Number, Outcome),
    _ = [ets:update_counter(Tally, {Host, Cell}, 1, {{Host, Cell}, 0})
         || {_, _, _} = Cell <- [soak_hosts:cell(Row, From, To, Level)]],
    Id = [<<"soak-">>, integer_to_binary(Entry), $-, integer_to_binary(Target)],
    More = case soak_hosts:is_noticed(Row, {From, To, Level}) of
               true -> 1;
               false -> 0
           end,
    {{Entry, stanza:addressed(maps:get(template, Row), Id, To)},
     User#user{noticed = Noticed + More, warned = Warned}}.

without_repetition([{warned, Reason} | Delivered] = Outcome, To,
                   #user{plan = Plan, warned = Warned}) ->
    #{host := Host} = Plan,
    case soak_hosts:is_warned_once(Host) of
        true when is_map_key({To, Reason}, Warned) -> {Delivered, Warned};
        true -> {Outcome, Warned#{{To, Reason} => []}};
        false -> {Outcome, Warned}
    end;
without_repetition(Outcome, _, #user{warned = Warned}) ->
    {Outcome, Warned}.

join(Plan) ->
    presence(Plan, "", "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>").

leave(Plan) ->
    presence(Plan, " type='unavailable'", "").

presence(#{room := {_, Room}, number := Number}, Type, Content) ->
    ["<presence xmlns='jabber:client' to='", Room, "/", integer_to_binary(Number), "'", Type, ">",
     Content, "</presence>"].

%%%-------------------------------------------------------------------
%%% Receiving
%%%-------------------------------------------------------------------

%% Looks only at the tag of a message, and in an answer for the text that it has to have.
received(Message, User) ->
    case binary:match(Message, <<"<message ">>) of
        nomatch ->
            %% The end of a message that had another one inside.
            User;
        {Start, _} ->
            Scope = {Start, byte_size(Message) - Start},
            {End, _} = binary:match(Message, <<">">>, [{scope, Scope}]),
            Tag = binary_part(Message, Start, End - Start),
            case binary:last(Tag) of
                %% It has no content and no end tag, so the next message follows in the same text.
                $/ -> received(binary:part(Message, End, byte_size(Message) - End),
                               tagged(Tag, <<>>, User));
                _ -> tagged(Tag, Message, User)
            end
    end.

tagged(Tag, Message, User) ->
    case entry(Tag) of
        {Entry, Target} ->
            case is_answer(Tag, Entry, User) of
                true -> answered(Entry, Message, User);
                false -> delivered(Entry, Target, Message, User)
            end;
        none ->
            unnumbered(Tag, Message, User)
    end.

entry(Tag) ->
    case binary:split(Tag, <<" id='soak-">>) of
        [_, Rest] ->
            [Id | _] = binary:split(Rest, <<"'">>),
            [Entry, Target] = binary:split(Id, <<"-">>),
            {binary_to_integer(Entry), binary_to_integer(Target)};
        _ ->
            none
    end.

delivered(Entry, Target, Message, #user{plan = #{ledger := Ledger} = Plan} = User) ->
    case Plan of
        #{number := Target} ->
            ledger:saw(Ledger, Entry, {delivered, 0}),
            back(Entry, User);
        #{role := {resident, Place}, room := {Target, _}} ->
            ledger:saw(Ledger, Entry, {delivered, Place}),
            User;
        #{role := wanderer, room := {Target, _}} ->
            case ledger:is_for_any_recipient(Ledger, Entry) of
                true -> User;
                false -> stray(Message, User)
            end;
        _ ->
            stray(Message, User)
    end.

back(Entry, #user{underway = Entry} = User) -> settle(User#user{underway = none});
back(_, User) -> User.

%% Not every error stanza is an answer: other users send some of their own.
is_answer(Tag, Entry, #user{plan = #{ledger := Ledger, number := Number}}) ->
    has(Tag, <<" type='error'">>) andalso ledger:sender(Ledger, Entry) =:= Number.

answered(Entry, Message, #user{plan = #{ledger := Ledger}} = User) ->
    case answers(Message) of
        [Answer] ->
            ledger:saw(Ledger, Entry, Answer),
            back(Entry, User);
        _ ->
            stray(Message, back(Entry, User))
    end.

%% The answers of a policy, found by their texts. With the text of a grace period, the answer of a
%% required policy is a warning.
answers(Message) ->
    IsGrace = has(Message, <<"soak-grace">>),
    [case Answer of
         {refused, Reason} when IsGrace -> {warned, Reason};
         _ -> Answer
     end || has(Message, <<"<policy-violation ">>), {Text, Answer} <- ?ANSWERS, has(Message, Text)].

%% A message from the server itself, or a room's topic.
unnumbered(Tag, Message, #user{notices = Notices} = User) ->
    case lists:any(fun({Text, _}) -> has(Message, Text) end, ?ANSWERS) of
        true ->
            User#user{notices = Notices + 1};
        false ->
            case has(Tag, <<" type='groupchat'">>) of
                true -> User;
                false -> stray(Message, User)
            end
    end.

stray(Message, #user{stray = Stray} = User) ->
    User#user{stray = [binary:copy(Message) | Stray]}.

has(Text, Part) ->
    binary:match(Text, Part) =/= nomatch.
