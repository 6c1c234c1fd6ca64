%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What the stream of a connection to another server answers about itself.
%%%
%%% These functions run in the process of the stream. An outgoing one answers at once if the other
%%% server has accepted it, and else as soon as it has accepted or refused it.
-module(mod_e2e_policy_s2s_answer).

%% For update_state
-export([answer/4, answer_all/2]).
%% ejabberd_hooks callbacks
-export([s2s_out_auth_result/2, s2s_out_closed/2]).

-export_type([answer/0, rows/0]).

-include("logger.hrl").

%% Who waits for an answer, in the state of the stream: [{Host, Domain, Ref}].
-define(KEY, e2e_policy_asked_by).

-type answer() :: {open, mod_e2e_policy_peer:row()} | {closed, Reason :: binary()}
                | {bouncing, Reason :: binary()} | unknown.
%% A stream that has failed stays for a while as `bouncing', because ejabberd returns stanzas to
%% their senders meanwhile, instead of connecting again for each of them.

-type rows() :: [{Host :: binary(), mod_e2e_policy_peer:row()}].

%%%===================================================================
%%% For update_state
%%%===================================================================
%% @doc Tells what the connection to a domain is, or remembers who wants to know.
-spec answer(mod_e2e_policy_peer:state(), Host :: binary(), Domain :: binary(), reference()) ->
          mod_e2e_policy_peer:state().
answer(State, Host, Domain, Ref) ->
    try
        case lists:member(Domain, mod_e2e_policy_peer:domains(State)) of
            true ->
                Ref ! {Ref, {open, mod_e2e_policy_peer:row(Host, State, Domain)}},
                State;
            false ->
                answer_later(State, Host, Domain, Ref)
        end
    catch
        Class:Reason:Stack ->
            failed(Class, Reason, Stack),
            Ref ! {Ref, unknown},
            State
    end.

%% @doc Tells what the connection to each domain of the stream is, with the virtual host.
-spec answer_all(mod_e2e_policy_peer:state(), reference()) -> mod_e2e_policy_peer:state().
answer_all(State, Ref) ->
    Rows = try
               #{server_host := Host} = State,
               [{Host, mod_e2e_policy_peer:row(Host, State, Domain)}
                || Domain <- mod_e2e_policy_peer:domains(State)]
           catch
               Class:Reason:Stack ->
                   failed(Class, Reason, Stack),
                   []
           end,
    Ref ! {Ref, Rows},
    State.

-spec answer_later(mod_e2e_policy_peer:state(), binary(), binary(), reference()) ->
          mod_e2e_policy_peer:state().
answer_later(#{on_route := bounce} = State, _Host, _Domain, Ref) ->
    Ref ! {Ref, {bouncing, failure(maps:get(stop_reason, State, undefined))}},
    State;
answer_later(#{on_route := queue} = State, Host, Domain, Ref) ->
    State#{?KEY => [{Host, Domain, Ref} | maps:get(?KEY, State, [])]};
answer_later(State, _Host, _Domain, Ref) ->
    Ref ! {Ref, unknown},
    State.

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Answers who has asked, when the other server has accepted or refused the connection.
%%
%% `mod_e2e_policy_peer' has checked the certificate before.
-spec s2s_out_auth_result(mod_e2e_policy_peer:state(), true | {false, term()}) ->
          mod_e2e_policy_peer:state().
s2s_out_auth_result(#{?KEY := Asked} = State, true) ->
    Answered = maps:remove(?KEY, State),
    lists:foreach(fun({Host, Domain, Ref}) -> _ = answer(Answered, Host, Domain, Ref) end, Asked),
    Answered;
s2s_out_auth_result(State, {false, Reason}) ->
    s2s_out_closed(State, Reason);
s2s_out_auth_result(State, true) ->
    State.

%% @doc Answers who has asked, when the connection could not be made.
-spec s2s_out_closed(mod_e2e_policy_peer:state(), Reason :: term()) -> mod_e2e_policy_peer:state().
s2s_out_closed(#{?KEY := Asked} = State, Reason) ->
    Closed = {closed, failure(Reason)},
    lists:foreach(fun({_Host, _Domain, Ref}) -> Ref ! {Ref, Closed} end, Asked),
    maps:remove(?KEY, State);
s2s_out_closed(State, _Reason) ->
    State.

%% As ejabberd tells the sender of a stanza.
-spec failure(term()) -> binary().
failure(queue_full) ->
    <<"Stream queue is overloaded">>;
failure(Reason) ->
    try xmpp_stream_out:format_error(Reason)
    catch _:_ -> <<"The connection failed">>
    end.

-spec failed(atom(), term(), [term()]) -> ok.
failed(Class, Reason, Stack) ->
    ?ERROR_MSG("E2EE policy failed (~ts): a connection to another server counts as unverified",
               [mod_e2e_policy_failure:describe(Class, Reason, Stack)]).
