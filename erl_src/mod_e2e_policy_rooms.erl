%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The hook on each message in a room of a host, for what strangers write: users of other
%%% servers, of components, and of hosts here without the module.
%%%
%%% Others were judged in their own session. Nothing is asked in anonymous rooms: OMEMO needs to see
%%% who is there.
-module(mod_e2e_policy_rooms).

%% ejabberd_hooks callbacks
-export([muc_filter_message/3]).
%% API
-export([level/2, judged/1]).

-include("xmpp.hrl").
-include("mod_muc_room.hrl").

%% Set in the meta data of a message that needs no second judgement.
-define(JUDGED, e2e_policy_judged).

%% Fields are read by their position: records of other versions of ejabberd are longer, but have the
%% same fields at the same place.
-define(FIELD(Name, State), element(#state.Name, State)).

-type level() :: mod_e2e_policy_nif:level().

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Judges a message of a stranger, in the process of the room and before it is archived.
%%
%% ejabberd 23.10 and later run the hook also for a subject that is sent to whoever joins, and for
%% what a moderator removes: these are not addressed to the room.
-spec muc_filter_message(message() | drop, tuple(), binary()) -> message() | drop | {stop, drop}.
muc_filter_message(#message{type = Type, meta = Meta} = Msg, State, _Nick)
  when Type /= error, not is_map_key(?JUDGED, Meta) ->
    Conversation = fun(Opts) -> conversation(Msg, State, Opts) end,
    case mod_e2e_policy_received:verdict(room, ?FIELD(server_host, State), Msg, Conversation) of
        refuse -> {stop, drop};
        _ -> Msg
    end;
muc_filter_message(Acc, _State, _Nick) ->
    Acc.

%%%===================================================================
%%% API
%%%===================================================================
%% @doc What is asked of a stranger in a room whose process is another one, which is asked. Nobody
%% is in a room that has no process.
-spec level(Room :: jid(), gen_mod:opts()) -> level().
level(_Room, #{rooms := none}) ->
    none;
level(#jid{luser = Room, lserver = Service}, Opts) ->
    case mod_muc:find_online_room(Room, Service) of
        {ok, Pid} ->
            case mod_muc_room:get_config(Pid) of
                {ok, Config} -> level_by_config(Config, Opts);
                {error, notfound} -> none;
                {error, timeout} -> maps:get(rooms, Opts)
            end;
        error ->
            none
    end.

%% @doc Marks a message as judged, so that a room does not judge it again.
-spec judged(message()) -> message().
judged(Msg) ->
    xmpp:put_meta(Msg, ?JUDGED, true).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec conversation(message(), tuple(), gen_mod:opts()) ->
          mod_e2e_policy_received:conversation() | none.
conversation(#message{from = From, to = To}, State, Opts) ->
    case is_to(To, State) andalso is_stranger(From) of
        true ->
            {room, fun() -> level_by_config(?FIELD(config, State), Opts) end,
             fun() -> verified end};
        false ->
            none
    end.

-spec is_to(jid() | undefined, tuple()) -> boolean().
is_to(#jid{} = To, State) ->
    jid:remove_resource(jid:tolower(To)) == jid:tolower(?FIELD(jid, State));
is_to(undefined, _State) ->
    false.

-spec is_stranger(jid()) -> boolean().
is_stranger(#jid{lserver = Domain}) ->
    not gen_mod:is_loaded(Domain, mod_e2e_policy).

-spec level_by_config(tuple(), gen_mod:opts()) -> level().
level_by_config(Config, #{rooms := Level}) ->
    case element(#config.anonymous, Config) of
        true -> none;
        false -> Level
    end.
