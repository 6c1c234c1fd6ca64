%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Which messages are group chat, and which addresses are of users here or of occupants.
%%%
%%% Group chat is of type groupchat, unless it is for a user of this server.
%%%
%%% The address of a room of another server looks like that of a user there, so for other servers
%%% the type is trusted. A message must ask neither a process nor a table for this server's virtual
%%% hosts, with and without the module: they are one persistent term, which changes when a host
%%% comes or goes.
-module(mod_e2e_policy_chat).

%% Start and stop
-export([start/0, stop/0]).
%% ejabberd_hooks callbacks
-export([hosts_changed/1]).
%% API
-export([is_group/2, is_user/1, is_occupant/2, has_rooms/1]).

-include("xmpp.hrl").

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Starts for the whole node, when its first host starts; then hooks keep the term up to date.
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

%% @doc Stops for the whole node, when its last host stops.
-spec stop() -> ok.
stop() ->
    lists:foreach(fun(Hook) -> ejabberd_hooks:delete(Hook, ?MODULE, hosts_changed, 50) end,
                  hooks()),
    _ = persistent_term:erase(?MODULE),
    ok.

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Reads the virtual hosts again, which ejabberd's options have before it runs these hooks.
-spec hosts_changed(binary()) -> ok.
hosts_changed(_Host) ->
    put_hosts().

%%%===================================================================
%%% API
%%%===================================================================
%% @doc Whether a message of this type to this address is group chat.
-spec is_group(message_type(), jid() | undefined) -> boolean().
is_group(groupchat, #jid{} = To) ->
    not is_user(To);
is_group(_Type, _To) ->
    false.

%% @doc Whether the address is that of a user of this server, registered or not.
-spec is_user(jid()) -> boolean().
is_user(#jid{luser = LUser, lserver = LServer}) ->
    LUser /= <<>> andalso is_map_key(LServer, persistent_term:get(?MODULE, #{})).

%% @doc Whether the address is that of an occupant of a room, to whom a message is private.
%%
%% Of rooms of other servers only the marker of XEP-0045 section 7.5 tells, which clients set.
-spec is_occupant(jid(), IsMarked :: boolean()) -> boolean().
is_occupant(#jid{lresource = <<>>}, _IsMarked) ->
    false;
is_occupant(#jid{lserver = LServer}, IsMarked) ->
    has_rooms(LServer)
        orelse (IsMarked andalso not is_map_key(LServer, persistent_term:get(?MODULE, #{}))).

%% @doc Whether a domain is that of a MUC service here.
-spec has_rooms(binary()) -> boolean().
has_rooms(Domain) ->
    try ejabberd_router:host_of_route(Domain) of
        Host ->
            gen_mod:is_loaded(Host, mod_muc)
                andalso lists:member(Domain, gen_mod:get_module_opt_hosts(Host, mod_muc))
    catch
        error:{unregistered_route, _} -> false
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec hooks() -> [atom()].
hooks() ->
    [host_up, host_down].

%% An equal term is not replaced: a replacement makes the system search all processes for the old
%% one.
-spec put_hosts() -> ok.
put_hosts() ->
    persistent_term:put(?MODULE, maps:from_keys(ejabberd_option:hosts(), [])).
