%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The days of each sender's last accepted and last violating message, for the option
%%% `remember_senders'.
%%%
%%% A session notes the first message of each kind on a day, and no other. Each host has a process
%%% that collects the notes, and writes once a minute and at the stop what is not stored yet: a row
%%% is written twice a day at most, once for each kind. What could not be written is kept in memory
%%% until it can be. A crash of the node loses a minute at most.
-module(mod_e2e_policy_senders).

-behaviour(gen_server).

%% Start and stop
-export([start/2, stop/1]).
%% In a session
-export([noted/3, note/3]).
%% What is stored
-export([of_user/2, all/1]).
%% ejabberd_hooks callbacks
-export([remove_user/2, register_user/2]).
%% On each node of a cluster
-export([save_here/1, forget_here/2]).
%% gen_server callbacks
-export([init/1, handle_continue/2, handle_call/3, handle_cast/2, handle_info/2]).

-export_type([days/0, answer/1]).

-include("logger.hrl").
-include("xmpp.hrl").

-type day() :: mod_e2e_policy_day:day() | none.
-type days() :: {Accepted :: day(), Violation :: day()}.
-type kind() :: accepted | violation.
-type answer(Value) :: {ok, Value} | {error, Why :: unicode:chardata()}.
-type failure() :: {error, db_failure}.
-type state() :: #{host := binary(),
                   %% For how many seconds a day is remembered; 0 is not at all.
                   kept := non_neg_integer(),
                   %% The storage in use, and those that are to be emptied.
                   backend := module(),
                   to_empty := [module()],
                   %% What is not written, and accounts that are gone, but perhaps not their rows.
                   pending := #{LUser :: binary() => days()},
                   removed := [LUser :: binary()],
                   %% Up to which day old rows were deleted.
                   deleted := day()}.
-type step() :: fun((state()) -> {ok | {error, Why :: unicode:chardata()}, state()}).

-callback init(binary(), gen_mod:opts()) -> any().
-callback read(LServer :: binary(), LUser :: binary()) -> answer(days()).
-callback read_all(LServer :: binary()) -> answer([{LUser :: binary(), days()}]).
%% Writes the days that are later than the stored ones, and touches no row where none is.
-callback write(LServer :: binary(), [{LUser :: binary(), days()}]) -> answer(written).
-callback delete(LServer :: binary(), LUser :: binary()) -> answer(deleted).
%% Deletes the days before this one, and the rows that have no other.
-callback delete_before(LServer :: binary(), First :: mod_e2e_policy_day:day()) -> answer(deleted).
%% Deletes the rows of the host, and makes no table to do so.
-callback delete_all(LServer :: binary()) -> answer(deleted).

%% How long after the start the storages that are not in use are emptied, in milliseconds.
-define(UNTIL_EMPTIED, 60_000).
%% How many senders are written in one transaction.
-define(CHUNK, 100).
%% How many senders wait in memory at most, about 200 octets each. Those beyond are not remembered.
-define(MAX_PENDING, 100_000).

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Makes the table if something is to be remembered, and starts the process of a host.
%%
%% Called again with new options, it gives them to the process.
-spec start(binary(), gen_mod:opts()) -> ok.
start(Host, #{remember_senders := Kept} = Opts) ->
    _ = Kept > 0 andalso (gen_mod:db_mod(Opts, ?MODULE)):init(Host, Opts),
    Given = maps:with([remember_senders, db_type], Opts),
    case whereis(name(Host)) of
        undefined -> {ok, _} = gen_mod:start_child(?MODULE, Host, Given), ok;
        Process -> gen_server:cast(Process, {options, Given})
    end.

%% @doc Writes what is noted, and ends the process of a host.
-spec stop(binary()) -> ok.
stop(Host) ->
    _ = save_here(Host),
    _ = gen_mod:stop_child(?MODULE, Host),
    _ = persistent_term:erase(key(Host)),
    ok.

%%%===================================================================
%%% In a session
%%%===================================================================
%% @doc Notes what a session has sent, unless it has noted the same today; gives its state.
%%
%% The state has the generation of the notes, too: they are noted again after other options came in
%% force, because what was stored may have been deleted.
-spec noted(mod_e2e_policy_counters:content(), mod_e2e_policy_counters:decision(),
            ejabberd_c2s:state()) -> ejabberd_c2s:state().
noted(Content, Decision, State) ->
    case kind(Content, Decision) of
        none -> State;
        Kind -> noted(Kind, State)
    end.

-spec noted(kind(), ejabberd_c2s:state()) -> ejabberd_c2s:state().
noted(Kind, #{jid := #jid{luser = LUser, lserver = LServer}, sid := SID} = State) ->
    Now = erlang:system_time(second),
    Today = {persistent_term:get(key(LServer), stopped), Now div 86_400},
    case State of
        #{?MODULE := #{Kind := Today}} ->
            State;
        #{} ->
            note(Kind, LUser, LServer, SID, Now),
            Noted = maps:get(?MODULE, State, #{}),
            State#{?MODULE => Noted#{Kind => Today}}
    end.

%% @doc Notes a message that an existing account has sent today.
-spec note(kind(), binary(), binary()) -> ok.
note(Kind, LUser, LServer) ->
    note(Kind, LUser, LServer, ejabberd_sm:make_sid(), erlang:system_time(second)).

-spec note(kind(), binary(), binary(), ejabberd_sm:sid(), integer()) -> ok.
note(Kind, LUser, LServer, SID, Now) ->
    Day = mod_e2e_policy_day:of_time(Now),
    Days = case Kind of
               accepted -> {Day, none};
               violation -> {none, Day}
           end,
    gen_server:cast(name(LServer), {note, LUser, SID, Days}).

-spec kind(mod_e2e_policy_counters:content(), mod_e2e_policy_counters:decision()) ->
          kind() | none.
kind(Content, allowed) when Content == nothing; Content == plaintext -> none;
kind(_Content, allowed) -> accepted;
kind(_Content, Decision) when Decision == exempt; Decision == failed -> none;
kind(_Content, _WarnedOrRefused) -> violation.

%%%===================================================================
%%% What is stored
%%%===================================================================
%% @doc The days of a user, up to now.
-spec of_user(binary(), binary()) -> {ok, days()} | failure().
of_user(LUser, LServer) ->
    recent(LServer, {none, none},
           fun(Backend, First) ->
                   case Backend:read(LServer, LUser) of
                       {ok, Days} -> {ok, since(First, Days)};
                       Failure -> Failure
                   end
           end).

%% @doc The days of all users of a host who have some, up to now.
-spec all(binary()) -> {ok, #{LUser :: binary() => days()}} | failure().
all(LServer) ->
    recent(LServer, #{},
           fun(Backend, First) ->
                   case Backend:read_all(LServer) of
                       {ok, Rows} ->
                           {ok, maps:from_list([{LUser, Days}
                                                || {LUser, Stored} <- Rows,
                                                   Days <- [since(First, Stored)],
                                                   Days /= {none, none}])};
                       Failure ->
                           Failure
                   end
           end).

%% A node without the module has nothing to write, and one that cannot be reached is left out.
-spec recent(binary(), Value, fun((module(), mod_e2e_policy_day:day()) -> answer(Value))) ->
          {ok, Value} | failure().
recent(LServer, Nothing, Read) ->
    {_Policy, _Counters, #{remember_senders := Kept}} = mod_e2e_policy_registry:entry(LServer),
    case Kept > 0 andalso ejabberd_cluster:multicall(?MODULE, save_here, [LServer]) of
        false ->
            {ok, Nothing};
        {Saved, _Unreachable} ->
            Type = gen_mod:get_module_opt(LServer, mod_e2e_policy, db_type),
            case lists:member({error, db_failure}, Saved)
                orelse Read(gen_mod:db_mod(Type, ?MODULE), first_day(Kept)) of
                true -> {error, db_failure};
                {ok, _} = Result -> Result;
                {error, Why} -> report_failure(LServer, Why), {error, db_failure}
            end
    end.

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Deletes the days of an account that is removed.
%%
%% `mod_e2e_policy_removed' knows of the removal already. So a node either ignores what the sessions
%% of the account note, or it has the note when it is told to forget it.
-spec remove_user(binary(), binary()) -> ok.
remove_user(User, Server) ->
    _ = ejabberd_cluster:multicall(?MODULE, forget_here,
                                   [jid:nodeprep(User), jid:nameprep(Server)]),
    ok.

%% @doc Deletes the days that an earlier account of this name has left.
%%
%% That happens when an account is removed while the module does not run.
-spec register_user(binary(), binary()) -> ok.
register_user(User, Server) ->
    gen_server:cast(name(jid:nameprep(Server)), {forget, jid:nodeprep(User)}).

%%%===================================================================
%%% On each node of a cluster
%%%===================================================================
%% @doc Writes what the sessions of this node have noted.
-spec save_here(binary()) -> ok | failure().
save_here(Host) ->
    mod_e2e_policy_process:call(?MODULE, Host, save).

%% @doc Deletes the days of an account; while the database is away, as soon as it is back.
-spec forget_here(binary(), binary()) -> ok | failure().
forget_here(LUser, Host) ->
    mod_e2e_policy_process:call(?MODULE, Host, {forget, LUser}).

%%%===================================================================
%%% gen_server callbacks
%%%===================================================================
%% @doc Takes the options of the host in force, also after a crash of the process.
%%
%% In an upgrade ejabberd has the options of the older release, without those that are new.
-spec init([term()]) -> {ok, state(), {continue, save}}.
init([Host, Given | _]) ->
    Opts = maps:merge(Given, gen_mod:get_module_opts(Host, mod_e2e_policy)),
    State = with_options(Opts, #{host => Host, kept => 0, backend => backend(Opts), to_empty => [],
                                 pending => #{}, removed => [], deleted => none}),
    _ = erlang:send_after(?UNTIL_EMPTIED, self(), empty_other_storages),
    wait(Host),
    {ok, State, {continue, save}}.

%% @doc Empties the storage of a host that remembers nothing.
-spec handle_continue(save, state()) -> {noreply, state()}.
handle_continue(save, State) ->
    {noreply, save(State)}.

%% @doc Writes, or forgets a user.
-spec handle_call(save | {forget, binary()}, term(), state()) -> {reply, ok | failure(), state()}.
handle_call(save, _From, State) ->
    Saved = save(State),
    {reply, case Saved of
                #{pending := Pending} when map_size(Pending) == 0 -> ok;
                #{} -> {error, db_failure}
            end, Saved};
handle_call({forget, LUser}, _From, State) ->
    Forgotten = forget(LUser, State),
    {reply, case Forgotten of
                #{removed := []} -> ok;
                #{} -> {error, db_failure}
            end, Forgotten}.

%% @doc Notes a day, forgets a user, or takes new options.
-spec handle_cast(term(), state()) -> {noreply, state()}.
handle_cast({note, LUser, SID, Days}, #{host := Host, kept := Kept, pending := Pending} = State) ->
    Noted = maps:get(LUser, Pending, {none, none}),
    IsFull = Noted == {none, none} andalso map_size(Pending) >= ?MAX_PENDING,
    case Kept == 0 orelse IsFull orelse mod_e2e_policy_removed:is_removed_since(SID, LUser, Host) of
        true -> {noreply, State};
        false -> {noreply, State#{pending := Pending#{LUser => latest(Noted, Days)}}}
    end;
handle_cast({forget, LUser}, State) ->
    {noreply, forget(LUser, State)};
handle_cast({options, Opts}, State) ->
    {noreply, save(with_options(Opts, State))};
handle_cast(_Unknown, State) ->
    {noreply, State}.

%% @doc Writes once a minute.
-spec handle_info(term(), state()) -> {noreply, state()}.
handle_info(save, #{host := Host} = State) ->
    wait(Host),
    {noreply, save(State)};
%% A minute after the start, when the SQL connections of a host that uses them elsewhere exist. The
%% storage may be another one than before the start, and nobody else would delete what is there.
handle_info(empty_other_storages, #{backend := Backend, to_empty := ToEmpty} = State) ->
    Others = [backend(#{db_type => Type}) || Type <- [mnesia, sql]] -- [Backend],
    {noreply, save(State#{to_empty := lists:usort(Others ++ ToEmpty)})};
handle_info(_Unknown, State) ->
    {noreply, State}.

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec wait(binary()) -> reference().
wait(Host) ->
    InMinute = mod_e2e_policy_process:until_moment(Host, erlang:system_time(millisecond)),
    erlang:send_after(InMinute, self(), save).

-spec with_options(gen_mod:opts(), state()) -> state().
with_options(#{remember_senders := Kept} = Opts,
             #{host := Host, backend := Old, to_empty := ToEmpty} = State) ->
    persistent_term:put(key(Host), erlang:unique_integer([positive])),
    New = backend(Opts),
    Left = lists:usort([Old | ToEmpty]) -- [New],
    Changed = State#{kept := Kept, backend := New, deleted := none},
    case Kept of
        0 -> Changed#{to_empty := [New | Left], pending := #{}, removed := []};
        _ -> Changed#{to_empty := Left}
    end.

-spec forget(binary(), state()) -> state().
forget(_LUser, #{kept := 0} = State) ->
    State;
forget(LUser, #{pending := Pending, removed := Removed} = State) ->
    tried([fun delete_removed/1],
          State#{pending := maps:remove(LUser, Pending), removed := [LUser | Removed]}).

%% Other storages come last, as one of them may never be back.
-spec save(state()) -> state().
save(State) ->
    tried([fun delete_removed/1, fun write_pending/1, fun delete_old/1, fun empty/1], State).

%% After a step that fails, the others would fail in the same way, or wait for as long.
-spec tried([step()], state()) -> state().
tried([], State) ->
    State;
tried([Step | Steps], #{host := Host} = State) ->
    case Step(State) of
        {ok, Next} -> tried(Steps, Next);
        {{error, Why}, Next} -> report_failure(Host, Why), Next
    end.

-spec delete_removed(state()) -> {ok | {error, unicode:chardata()}, state()}.
delete_removed(#{removed := []} = State) ->
    {ok, State};
delete_removed(#{host := Host, backend := Backend, removed := [LUser | Removed]} = State) ->
    case Backend:delete(Host, LUser) of
        {ok, deleted} -> delete_removed(State#{removed := Removed});
        Failure -> {Failure, State}
    end.

-spec latest(days(), days()) -> days().
latest({Accepted, Violation}, {OtherAccepted, OtherViolation}) ->
    {mod_e2e_policy_day:latest(Accepted, OtherAccepted),
     mod_e2e_policy_day:latest(Violation, OtherViolation)}.

-spec since(mod_e2e_policy_day:day(), days()) -> days().
since(First, {Accepted, Violation}) ->
    {mod_e2e_policy_day:since(First, Accepted), mod_e2e_policy_day:since(First, Violation)}.

%% In the order of the names, so that transactions of two nodes do not wait for each other.
-spec write_pending(state()) -> {ok | {error, unicode:chardata()}, state()}.
write_pending(#{pending := Pending} = State) ->
    write_chunks(chunks(lists:sort(maps:to_list(Pending))), State).

-spec chunks([Sender]) -> [[Sender]].
chunks([]) ->
    [];
chunks(Senders) ->
    Chunk = lists:sublist(Senders, ?CHUNK),
    [Chunk | chunks(lists:nthtail(length(Chunk), Senders))].

%% A database that can be read refuses a row, such as one with a name that is too long for MySQL.
%% The senders of this chunk are then written one by one, and that one is not remembered: otherwise
%% no other sender would be written any more.
-spec write_chunks([[{binary(), days()}]], state()) ->
          {ok | {error, unicode:chardata()}, state()}.
write_chunks([], State) ->
    {ok, State};
write_chunks([[{First, _} | Others] = Chunk | Chunks],
             #{host := Host, backend := Backend, pending := Pending} = State) ->
    Written = State#{pending := maps:without([LUser || {LUser, _} <- Chunk], Pending)},
    case Backend:write(Host, Chunk) of
        {ok, written} ->
            write_chunks(Chunks, Written);
        {error, Why} = Failure ->
            case Backend:read(Host, First) of
                {ok, _} when Others == [] ->
                    ?ERROR_MSG("A sender of ~ts cannot be remembered: the database does not take "
                               "the row (~ts)", [Host, Why]),
                    write_chunks(Chunks, Written);
                {ok, _} ->
                    write_chunks([[Sender] || Sender <- Chunk] ++ Chunks, State);
                {error, _} ->
                    {Failure, State}
            end
    end.

%% Once a day; again in the next minute if it fails.
-spec delete_old(state()) -> {ok | {error, unicode:chardata()}, state()}.
delete_old(#{kept := 0} = State) ->
    {ok, State};
delete_old(#{host := Host, kept := Kept, backend := Backend, deleted := Deleted} = State) ->
    case first_day(Kept) of
        Deleted ->
            {ok, State};
        First ->
            case Backend:delete_before(Host, First) of
                {ok, deleted} -> {ok, State#{deleted := First}};
                Failure -> {Failure, State}
            end
    end.

-spec empty(state()) -> {ok | {error, unicode:chardata()}, state()}.
empty(#{to_empty := []} = State) ->
    {ok, State};
empty(#{host := Host, to_empty := [Backend | Others]} = State) ->
    case Backend:delete_all(Host) of
        {ok, deleted} -> empty(State#{to_empty := Others});
        Failure -> {Failure, State}
    end.

%% A message of the day before this one is older than the time for which it is remembered.
-spec first_day(pos_integer()) -> mod_e2e_policy_day:day().
first_day(Kept) ->
    mod_e2e_policy_day:of_time(erlang:system_time(second) - Kept).

-spec backend(gen_mod:opts()) -> module().
backend(#{db_type := Type}) ->
    gen_mod:db_mod(Type, ?MODULE).

-spec name(binary()) -> atom().
name(Host) ->
    gen_mod:get_module_proc(Host, ?MODULE).

%% The key of the generation of the notes.
-spec key(binary()) -> {module(), binary()}.
key(Host) ->
    {?MODULE, Host}.

-spec report_failure(binary(), unicode:chardata()) -> ok.
report_failure(Host, Why) ->
    ?ERROR_MSG("Days of the senders of ~ts cannot be read, written or deleted (~ts): it is tried "
               "again once a minute until the database is back", [Host, Why]).
