%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The other sessions of a user that are online, and whether their clients announce OMEMO.
%%%
%%% What a client announces (XEP-0115) is in the last presence of its session, which only the
%%% session has. It may be busy, so each one is asked by a process of its own, all at the same time.
-module(mod_e2e_policy_sessions).

%% API
-export([others/1]).
%% Processes
-export([ask/3]).

-export_type([session/0, announcement/0]).

-include("xmpp.hrl").

%% How long the sessions have to answer, in milliseconds, and how many are asked.
-define(WAIT, 300).
-define(MAX_ASKED, 20).
%% Clients ask to be notified of these nodes of their contacts if they have OMEMO.
-define(DEVICE_LISTS, [<<"eu.siacs.conversations.axolotl.devicelist+notify">>,
                       <<"urn:xmpp:omemo:1:devices+notify">>,
                       <<"urn:xmpp:omemo:2:devices+notify">>]).

-type session() :: {Resource :: binary(), announcement()}.
-type announcement() :: omemo | no_omemo | unknown.
%% It is unknown of a session that does not answer in time, and of a client that the server has not
%% asked yet for its features.

%%%===================================================================
%%% API
%%%===================================================================
%% @doc The other sessions of this user that have sent a presence. Without mod_caps none are known.
-spec others(jid()) -> [session()].
others(#jid{luser = LUser, lserver = LServer, lresource = Own}) ->
    case gen_mod:is_loaded(LServer, mod_caps) of
        true ->
            Present = ejabberd_sm:get_user_present_resources(LUser, LServer),
            Others = lists:usort([Resource || {_, Resource} <- Present, Resource /= Own]),
            asked(lists:sublist(Others, ?MAX_ASKED), LUser, LServer);
        false ->
            []
    end.

%%%===================================================================
%%% Processes
%%%===================================================================
%% @doc Asks a session, and ends with the answer as its reason. Erlang would log a crash with the
%% presence.
-spec ask(binary(), binary(), binary()) -> no_return().
ask(LUser, LServer, Resource) ->
    Answer = try ejabberd_sm:get_session_pid(LUser, LServer, Resource) of
                 none -> offline;
                 Pid -> announcement(LServer, ejabberd_c2s:get_presence(Pid))
             catch
                 _:_ -> unknown
             end,
    exit({?MODULE, Answer}).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec asked([binary()], binary(), binary()) -> [session()].
asked(Resources, LUser, LServer) ->
    Deadline = erlang:monotonic_time(millisecond) + ?WAIT,
    Asked = [{Resource, spawn_monitor(?MODULE, ask, [LUser, LServer, Resource])}
             || Resource <- Resources],
    [{Resource, Announcement} || {Resource, Process} <- Asked,
                                 Announcement <- [answer(Process, Deadline)],
                                 Announcement /= offline].

-spec answer({pid(), reference()}, Deadline :: integer()) -> announcement() | offline.
answer({Pid, Ref}, Deadline) ->
    receive
        {'DOWN', Ref, process, Pid, {?MODULE, Announcement}} -> Announcement;
        {'DOWN', Ref, process, Pid, _} -> unknown
    after max(0, Deadline - erlang:monotonic_time(millisecond)) ->
            exit(Pid, kill),
            erlang:demonitor(Ref, [flush]),
            unknown
    end.

-spec announcement(binary(), presence()) -> announcement() | offline.
announcement(_LServer, #presence{type = unavailable}) ->
    offline;
announcement(LServer, Presence) ->
    case mod_caps:read_caps(Presence) of
        nothing ->
            no_omemo;
        Caps ->
            case mod_caps:get_features(LServer, Caps) of
                [] ->
                    unknown;
                Features ->
                    case lists:any(fun(Feature) -> lists:member(Feature, Features) end,
                                   ?DEVICE_LISTS) of
                        true -> omemo;
                        false -> no_omemo
                    end
            end
    end.
