%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Refuses connections with servers that are not verified, if `s2s_unverified' is `refuse'.
%%%
%%% Outgoing connections end before a stanza is sent, and ejabberd returns the stanzas to their
%%% senders, as those to any server that cannot be reached. Incoming ones are refused where dialback
%%% would accept them, so that the other server can tell its users. With `testing' a connection that
%%% would be refused is only logged.
%%%
%%% What fails here refuses, as the admin wants no connection that may be intercepted.
-module(mod_e2e_policy_refusal).

%% Start and stop
-export([start/1, stop/0]).
%% ejabberd_hooks callbacks
-export([s2s_out_tls_verify/2, s2s_out_auth_result/2, s2s_out_closed/2, s2s_out_packet/2,
         s2s_in_auth_result/3, s2s_receive_packet/1]).
%% For update_state
-export([judge/4, end_unless_allowed/1]).

-include("logger.hrl").
-include("xmpp.hrl").

%% Which connections were logged recently.
-define(TABLE, e2e_policy_refused_cache).
-define(HOUR, 3_600_000).
-define(MAX_SIZE, 10_000).

-type state() :: mod_e2e_policy_peer:state().
-type verdict() :: allowed | refused.

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Ends the connections of hosts that their options do not allow.
-spec start(Hosts :: [binary()]) -> ok.
start(Hosts) ->
    case [Host || Host <- Hosts, mode(Host) /= none] of
        [] ->
            ok;
        [_ | _] ->
            _ = ets_cache:new(?TABLE, [{life_time, ?HOUR}, {max_size, ?MAX_SIZE}]),
            Ask = {?MODULE, end_unless_allowed, []},
            lists:foreach(fun(Pid) -> ejabberd_s2s_in:update_state(Pid, Ask) end,
                          mod_e2e_policy_s2s:streams())
    end.

%% @doc Forgets what was logged.
-spec stop() -> ok.
stop() ->
    _ = ets_cache:delete(?TABLE),
    ok.

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Makes ejabberd check the certificate of a server that it connects to.
%%
%% Its dialback module says at priority 50 that it need not.
-spec s2s_out_tls_verify(boolean(), state()) -> boolean().
s2s_out_tls_verify(IsChecked, #{server_host := Host, remote_server := Domain}) ->
    try IsChecked orelse (mode(Host) == refuse
                          andalso not mod_e2e_policy_peer:is_trusted(Host, Domain))
    catch
        Class:Reason:Stack ->
            failed(Class, Reason, Stack, Host),
            true
    end.

%% @doc Refuses a server that is not verified, when it has accepted or refused a connection.
%%
%% Comes before ejabberd's dialback module, which would try again where the other server refuses: to
%% answer it, that one may have to connect to this one, is refused, and leaves the sender waiting.
%% Connections on which dialback asks carry no stanzas.
-spec s2s_out_auth_result(state(), true | {false, term()}) -> state() | {stop, state()}.
s2s_out_auth_result(#{db_verify := _} = State, _Result) ->
    State;
s2s_out_auth_result(#{server_host := Host, remote_server := Domain} = State, _Result) ->
    case verdict(Host, State, Domain) of
        allowed ->
            State;
        refused ->
            Reason = {auth, text(State)},
            Answered = mod_e2e_policy_s2s_answer:s2s_out_closed(State, Reason),
            {stop, ejabberd_s2s_out:process_auth_result(Answered, {false, Reason})}
    end.

%% @doc Logs that a connection was refused for its certificate, which ejabberd has checked.
-spec s2s_out_closed(state(), Reason :: term()) -> state().
s2s_out_closed(#{server_host := Host, remote_server := Domain} = State, {pkix, Reason}) ->
    try mode(Host) == refuse
             andalso log(Host, out, Domain, mod_e2e_policy_peer:in_words({invalid, Reason}), refuse)
    of
        _ -> State
    catch
        Class:Exception:Stack ->
            failed(Class, Exception, Stack, Host),
            State
    end;
s2s_out_closed(State, _Reason) ->
    State.

%% @doc Has an incoming stream decide, before dialback tells it that the domain has confirmed it.
%%
%% Once ejabberd has told the other server that it is accepted, stanzas arrive, and would be lost.
-spec s2s_out_packet(state(), xmpp_element()) -> state() | {stop, state()}.
s2s_out_packet(#{server_host := Host, server := Local, remote_server := Domain,
                 db_verify := {StreamID, _Key, Pid}} = State,
               #db_verify{from = Domain, to = Local, id = StreamID, type = valid} = Response) ->
    ejabberd_s2s_in:update_state(Pid, {?MODULE, judge, [Host, self(), Response]}),
    {stop, State};
s2s_out_packet(State, _Packet) ->
    State.

%% @doc Ends an incoming stream that has authenticated without being verified.
-spec s2s_in_auth_result(state(), boolean(), Domain :: binary()) -> state().
s2s_in_auth_result(#{server_host := Host} = State, true, Domain) ->
    case verdict(Host, State, Domain) of
        allowed -> State;
        refused -> ended(State)
    end;
s2s_in_auth_result(State, false, _Domain) ->
    State.

%% @doc Drops a stanza that came in by a connection which is not allowed, and ends the connection.
%%
%% A stream to one virtual host can carry stanzas to another, which may allow less.
-spec s2s_receive_packet({stanza() | drop, state()}) ->
          {stanza() | drop, state()} | {stop, {drop, state()}}.
s2s_receive_packet({drop, _State} = Acc) ->
    Acc;
s2s_receive_packet({Packet, State} = Acc) ->
    try
        #jid{lserver = Domain} = xmpp:get_from(Packet),
        #jid{lserver = Local} = xmpp:get_to(Packet),
        case verdict(ejabberd_router:host_of_route(Local), State, Domain) of
            allowed -> Acc;
            refused -> {stop, {drop, ended(State)}}
        end
    catch
        Class:Reason:Stack ->
            failed(Class, Reason, Stack, maps:get(server_host, State, <<>>)),
            {stop, {drop, State}}
    end.

%%%===================================================================
%%% For update_state
%%%===================================================================
%% @doc Decides in an incoming stream whether dialback may accept it for a domain.
%%
%% Dialback then goes on, in the process of the stream on which it has asked.
-spec judge(state(), Host :: binary(), Asking :: pid(), db_verify()) -> state().
judge(State, Host, Asking, #db_verify{from = Domain} = Response) ->
    Answer = case verdict(Host, State, Domain) of
                 allowed ->
                     Response;
                 refused ->
                     Error = xmpp:err_policy_violation(text(State), <<"en">>),
                     Response#db_verify{type = error, sub_els = [Error]}
             end,
    ejabberd_s2s_out:update_state(Asking, {mod_s2s_dialback, s2s_out_packet, [Answer]}),
    State.

%% @doc Ends a stream if one of its domains is not allowed.
-spec end_unless_allowed(state()) -> state().
end_unless_allowed(#{server_host := Host} = State) ->
    case [Domain || Domain <- mod_e2e_policy_peer:domains(State),
                    verdict(Host, State, Domain) == refused] of
        [] -> State;
        [_ | _] -> ended(State)
    end;
end_unless_allowed(State) ->
    State.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% What is done to connections of a host that are not verified.
-spec mode(binary()) -> none | testing | refuse.
mode(Host) ->
    case mod_e2e_policy_registry:entry(Host) of
        {_, _, #{s2s_unverified := refuse, testing := true}} -> testing;
        {_, _, #{s2s_unverified := refuse}} -> refuse;
        _ -> none
    end.

-spec verdict(binary(), state(), binary()) -> verdict().
verdict(Host, State, Domain) ->
    try
        case mode(Host) of
            none -> allowed;
            Mode -> verdict(Mode, Host, State, Domain)
        end
    catch
        Class:Reason:Stack ->
            failed(Class, Reason, Stack, Host),
            refused
    end.

-spec verdict(testing | refuse, binary(), state(), binary()) -> verdict().
verdict(Mode, Host, State, Domain) ->
    case mod_e2e_policy_peer:class(Host, State, Domain) of
        verified ->
            allowed;
        _ ->
            Why = mod_e2e_policy_peer:certificate_in_words(State, Domain),
            log(Host, maps:get(stream_direction, State), Domain, Why, Mode),
            case Mode of
                testing -> allowed;
                refuse -> refused
            end
    end.

%% ejabberd takes the stream as ended as soon as it has sent a stream error.
-spec ended(state()) -> state().
ended(State) ->
    Error = xmpp:serr_policy_violation(text(State), <<"en">>),
    case State of
        #{stream_direction := in} -> ejabberd_s2s_in:send(State, Error);
        #{stream_direction := out} -> ejabberd_s2s_out:send(State, Error)
    end.

%% What the other server reads, and the sender of a stanza that cannot be sent.
-spec text(state()) -> binary().
text(#{stream_encrypted := true}) ->
    <<"this server refuses connections without a valid certificate">>;
text(_State) ->
    <<"this server refuses connections without TLS">>.

-spec log(binary(), in | out, binary(), binary(), testing | refuse) -> ok.
log(Host, Direction, Domain, Why, Mode) ->
    case mod_e2e_policy_throttle:is_due(?TABLE, {Host, Mode, Domain}, ?HOUR) of
        true ->
            ?INFO_MSG("E2EE policy of ~ts: ~ts connection with ~ts ~ts: ~ts",
                      [Host,
                       case Direction of in -> "incoming"; out -> "outgoing" end,
                       Domain,
                       case Mode of refuse -> "refused"; testing -> "would be refused" end,
                       Why]);
        false ->
            ok
    end.

-spec failed(atom(), term(), [term()], binary()) -> ok.
failed(Class, Reason, Stack, Host) ->
    ?ERROR_MSG("E2EE policy of ~ts failed (~ts): a connection to another server is refused",
               [Host, mod_e2e_policy_failure:describe(Class, Reason, Stack)]).
