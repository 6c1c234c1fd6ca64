%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Asks connections to other servers what they are.
%%%
%%% A stream is asked by `update_state' alone, as ejabberd logs any other message to it. It answers
%%% by `mod_e2e_policy_s2s_answer'. An answer that comes too late goes to an alias that is no longer
%%% active, and reaches nobody.
-module(mod_e2e_policy_s2s).

-export([connection/2, check/2, list/1, peers/1, peers/0, streams/0]).

-export_type([row/0, peer/0]).

-include("xmpp.hrl").

%% Whose functions run in the processes of streams.
-define(ANSWER, mod_e2e_policy_s2s_answer).

%% In milliseconds: how long a message waits for connections; how long an admin waits for one, which
%% ejabberd gives up after that time; and how long all streams together have to answer. A stream
%% that looks up a name or connects answers nobody meanwhile.
-define(PATIENCE, 5_000).
-define(ADMIN_PATIENCE, 30_000).
-define(LIST_PATIENCE, 1_000).

-type row() :: mod_e2e_policy_peer:row().
-type peer() :: {Direction :: in | out | both, mod_e2e_policy_peer:class(),
                 Count :: non_neg_integer()}.
-type answer() :: mod_e2e_policy_s2s_answer:answer().
-type asked() :: {pid(), reference()} | answer().

%% @doc Whether the connections that a message of this sender takes are verified; if not, the first
%% domain whose connection is not.
%%
%% Makes the connections if need be, and waits for them, five seconds at most for all. One that
%% cannot be made counts as verified, as ejabberd tells the sender so, and nothing is sent.
-spec connection(jid(), Domains :: [binary()]) -> verified | {unverified, Domain :: binary()}.
connection(#jid{lserver = Host} = From, Domains) ->
    Deadline = deadline(?PATIENCE),
    Asked = [{Domain, ask(Host, From, Domain)}
             || Domain <- Domains, not ejabberd_router:is_my_route(Domain),
                not mod_e2e_policy_peer:is_trusted(Host, Domain)],
    first_unverified(Asked, Deadline).

%% @doc What the connection of a host to a domain is, which is made if need be.
%%
%% A connection that has failed before is tried again, because somebody may have mended it.
-spec check(Host :: binary(), Domain :: binary()) -> {ok, row()} | {error, Reason :: iodata()}.
check(Host, Domain) ->
    Deadline = deadline(?ADMIN_PATIENCE),
    From = jid:make(Host),
    case ask(Host, From, Domain) of
        {Pid, _} = Asked ->
            case awaited(Asked, Deadline) of
                {bouncing, _} ->
                    ejabberd_s2s_out:stop_async(Pid),
                    await_end(Pid, Host, Domain, Deadline),
                    checked(awaited(ask(Host, From, Domain), Deadline));
                Answer ->
                    checked(Answer)
            end;
        Answer ->
            checked(Answer)
    end.

%% @doc The connections of a host on this node: a line for each domain of another server.
-spec list(Host :: binary()) -> [row()].
list(Host) ->
    lists:keysort(3, lists:sort([Row || {Of, Row} <- rows(), Of == Host])).

%% @doc How many connections a host has on this node, by direction and class.
-spec peers(Host :: binary()) -> [peer()].
peers(Host) ->
    maps:get(Host, peers(), []).

%% @doc The same for all hosts that have connections.
-spec peers() -> #{Host :: binary() => [peer()]}.
peers() ->
    Counts = lists:foldl(fun({Host, {Direction, _, _, Class, _, _, _}}, Counts) ->
                                 Key = {Host, Direction, Class},
                                 Counts#{Key => maps:get(Key, Counts, 0) + 1}
                         end, #{}, rows()),
    maps:fold(fun({Host, Direction, Class}, Count, Peers) ->
                      Peer = {binary_to_existing_atom(Direction), binary_to_existing_atom(Class),
                              Count},
                      Peers#{Host => [Peer | maps:get(Host, Peers, [])]}
              end, #{}, Counts).

%% @doc The processes of all streams from and to other servers on this node.
-spec streams() -> [pid()].
streams() ->
    [Pid || Supervisor <- [ejabberd_s2s_in_sup, ejabberd_s2s_out_sup],
            {_, Pid, _, _} <- supervisor:which_children(Supervisor), is_pid(Pid)].

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Asks the stream that ejabberd would send a stanza of this sender by.
-spec ask(Host :: binary(), jid(), Domain :: binary()) -> asked().
ask(Host, From, Domain) ->
    try ejabberd_s2s:start_connection(From, jid:make(Domain)) of
        {ok, Pid} ->
            case has_module(node(Pid)) of
                true ->
                    Ref = erlang:monitor(process, Pid, [{alias, reply_demonitor}]),
                    ejabberd_s2s_out:update_state(Pid, {?ANSWER, answer, [Host, Domain, Ref]}),
                    {Pid, Ref};
                false ->
                    unknown
            end;
        {error, forbidden} ->
            {closed, <<"Access denied by service policy">>};
        {error, _} ->
            {closed, <<"Internal server error">>}
    catch
        _:_ -> unknown
    end.

%% A stream would crash on a node of the cluster that does not have this module.
-spec has_module(node()) -> boolean().
has_module(Node) when Node == node() ->
    true;
has_module(Node) ->
    try erpc:call(Node, erlang, function_exported, [?ANSWER, answer, 4], ?LIST_PATIENCE)
    catch _:_ -> false
    end.

-spec first_unverified([{Domain :: binary(), asked()}], Deadline :: integer()) ->
          verified | {unverified, binary()}.
first_unverified([{Domain, Asked} | More], Deadline) ->
    IsVerified = case awaited(Asked, Deadline) of
                     {open, {_, _, _, Protection, _, _, _}} -> Protection == <<"verified">>;
                     {closed, _} -> true;
                     {bouncing, _} -> true;
                     unknown -> false
                 end,
    case IsVerified of
        true ->
            first_unverified(More, Deadline);
        false ->
            _ = [forget(Ref) || {_, {Pid, Ref}} <- More, is_pid(Pid)],
            {unverified, Domain}
    end;
first_unverified([], _Deadline) ->
    verified.

%% The answer of a stream, in the time that is left.
-spec awaited(asked(), Deadline :: integer()) -> answer() | mod_e2e_policy_s2s_answer:rows().
awaited({Pid, Ref}, Deadline) when is_pid(Pid) ->
    receive
        {Ref, Answer} -> Answer;
        {'DOWN', Ref, process, Pid, _} -> unknown
    after left(Deadline) ->
            forget(Ref),
            unknown
    end;
awaited(Answer, _Deadline) ->
    Answer.

%% A session would take an answer that is left over for a message to itself.
-spec forget(reference()) -> ok.
forget(Ref) ->
    erlang:demonitor(Ref, [flush]),
    receive
        {Ref, _} -> ok
    after 0 -> ok
    end.

-spec checked(answer()) -> {ok, row()} | {error, binary()}.
checked({open, Row}) -> {ok, Row};
checked({closed, Reason}) -> {error, Reason};
checked({bouncing, Reason}) -> {error, Reason};
checked(unknown) -> {error, <<"no answer in time">>}.

%% Waits until ejabberd does not use the stream any more.
-spec await_end(pid(), binary(), binary(), Deadline :: integer()) -> ok.
await_end(Pid, Host, Domain, Deadline) ->
    case lists:member(Pid, ejabberd_s2s:get_connections_pids({Host, Domain}))
        andalso left(Deadline) > 0 of
        true ->
            timer:sleep(10),
            await_end(Pid, Host, Domain, Deadline);
        false ->
            ok
    end.

%% What all streams answer in time.
-spec rows() -> [{Host :: binary(), row()}].
rows() ->
    Deadline = deadline(?LIST_PATIENCE),
    Asked = [begin
                 Ref = erlang:monitor(process, Pid, [{alias, reply_demonitor}]),
                 ejabberd_s2s_in:update_state(Pid, {?ANSWER, answer_all, [Ref]}),
                 {Pid, Ref}
             end || Pid <- streams()],
    lists:append([case awaited(Stream, Deadline) of
                      unknown -> [];
                      Rows -> Rows
                  end || Stream <- Asked]).

-spec deadline(pos_integer()) -> integer().
deadline(Patience) ->
    erlang:monotonic_time(millisecond) + Patience.

-spec left(Deadline :: integer()) -> non_neg_integer().
left(Deadline) ->
    max(0, Deadline - erlang:monotonic_time(millisecond)).
