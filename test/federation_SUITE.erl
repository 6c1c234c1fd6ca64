%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Messages to other servers and from them, over connections of each kind that rig.erl has.
-module(federation_SUITE).

-export([all/0, suite/0, init_per_suite/1, end_per_suite/1]).
-export([messages_go_to_each_peer_and_back/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(NONE, <<"none.test">>).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [messages_go_to_each_peer_and_back].

init_per_suite(Config) ->
    case rig:is_possible() of
        true ->
            [{rig, rig:started(#{?NONE => #{direct => none}})} | Config];
        false ->
            {skip, "this machine gives no process file systems of its own"}
    end.

end_per_suite(Config) ->
    rig:stop(?config(rig, Config)).

messages_go_to_each_peer_and_back(Config) ->
    #{ours := Ours} = Rig = ?config(rig, Config),
    Romeo = client:connect_available(Ours, <<"romeo@", ?NONE/binary, "/phone">>),
    [begin
         Juliet = rig:connect(Peer, <<"juliet">>, Rig),
         say(Romeo, client:jid(Juliet), <<"Hi">>),
         rig:ping(Romeo, rig:domain(Peer)),
         ?assertEqual({Peer, [<<"Hi">>]}, {Peer, bodies(client:messages(Juliet))}),
         say(Juliet, client:jid(Romeo), <<"Hello">>),
         rig:ping(Juliet, ?NONE),
         ?assertEqual({Peer, [<<"Hello">>]}, {Peer, bodies(client:messages(Romeo))})
     end || Peer <- rig:peers()].

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

say(Client, To, Body) ->
    client:send(Client, ["<message type='chat' to='", To, "'><body>", Body, "</body></message>"]).

bodies(Messages) ->
    [fxml:get_path_s(Message, [{elem, <<"body">>}, cdata]) || Message <- Messages].
