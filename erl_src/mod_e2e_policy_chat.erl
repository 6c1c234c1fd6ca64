%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Which messages are said in a group: those of type groupchat, unless they go to a user of this server.
%%%
%%% Rooms of other servers look like users there, so elsewhere the type has to be believed. Here a message
%%% must ask neither a process nor a table: the virtual hosts, with and without the module, are one term.
-module(mod_e2e_policy_chat).

%% Life
-export([start/0, stop/0]).
%% ejabberd_hooks callbacks
-export([hosts_changed/1]).
%% API
-export([is_group/2, is_user/1]).

-include("xmpp.hrl").

%%%===================================================================
%%% Life
%%%===================================================================
%% For the node, by the first of its hosts; from then on the hooks keep what is known.
-spec start() -> ok.
start() ->
    case persistent_term:get(?MODULE, none) of
        none ->
            lists:foreach(fun(Hook) -> ejabberd_hooks:add(Hook, ?MODULE, hosts_changed, 50) end,
                          hooks()),
            put_hosts();
        _Hosts ->
            ok
    end.

-spec stop() -> ok.
stop() ->
    lists:foreach(fun(Hook) -> ejabberd_hooks:delete(Hook, ?MODULE, hosts_changed, 50) end, hooks()),
    _ = persistent_term:erase(?MODULE),
    ok.

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% The options have the new hosts before these hooks run.
-spec hosts_changed(binary()) -> ok.
hosts_changed(_Host) ->
    put_hosts().

%%%===================================================================
%%% API
%%%===================================================================
-spec is_group(message_type(), jid() | undefined) -> boolean().
is_group(groupchat, #jid{} = To) ->
    not is_user(To);
is_group(_Type, _To) ->
    false.

%% Whether a user of this server may have the address; that there is one is not asked.
-spec is_user(jid()) -> boolean().
is_user(#jid{luser = LUser, lserver = LServer}) ->
    LUser /= <<>> andalso is_map_key(LServer, persistent_term:get(?MODULE, #{})).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec hooks() -> [atom()].
hooks() ->
    [host_up, host_down].

%% An equal term is not replaced, which would make every process be searched for the old one.
-spec put_hosts() -> ok.
put_hosts() ->
    persistent_term:put(?MODULE, maps:from_keys(ejabberd_option:hosts(), [])).
