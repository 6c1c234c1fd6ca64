%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What was counted of a host's messages, day by day: the counters in memory are saved.
%%%
%%% Each host has a process, which saves once a minute, at midnight (UTC) and when the host stops. A
%%% row has the totals of one node on one day, and no other node writes it. So a write of which it
%%% is not known whether it succeeded can be repeated: nothing is counted twice. What could not be
%%% saved stays in memory, with its day, until it can. A crash of the node loses a minute at most.
-module(mod_e2e_policy_daily).

-behaviour(gen_server).

%% Start and stop
-export([start/2, reload/3, stop/1]).
%% Figures
-export([days/2, kept_days/0]).
%% On each node of a cluster
-export([save_here/1]).
%% gen_server callbacks
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-export_type([cells/0, answer/1]).

-include("logger.hrl").

-type cells() :: [{mod_e2e_policy_counters:cell(), pos_integer()}].
-type answer(Value) :: {ok, Value} | {error, Why :: unicode:chardata()}.
-type day() :: mod_e2e_policy_day:day().
-type totals() :: #{mod_e2e_policy_counters:cell() => pos_integer()}.
-type state() :: #{host := binary(),
                   %% When the interval began in which is counted what is saved next.
                   since := integer(),
                   %% What is not saved, by day.
                   pending := #{day() => totals()},
                   %% The rows of this node, as far as they are known.
                   saved := #{day() => totals()},
                   %% Up to which day old rows were deleted.
                   deleted := day()}.

-callback init(binary(), gen_mod:opts()) -> any().
%% The totals of this node on a day.
-callback read_own(LServer :: binary(), day()) -> answer(cells()).
%% Writes the totals of this node on a day. Those that have changed are given, too.
-callback write_own(LServer :: binary(), day(), totals(),
                    Changed :: [mod_e2e_policy_counters:cell()]) -> answer(written).
%% The totals of all nodes since a day, in any order.
-callback read_since(LServer :: binary(), day()) -> answer([{day(), cells()}]).
%% Deletes what is older than a day.
-callback delete_before(LServer :: binary(), day()) -> answer(deleted).

-define(KEPT_DAYS, 400).

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Makes the table, and starts the process of a host unless it runs.
-spec start(binary(), gen_mod:opts()) -> ok.
start(Host, Opts) ->
    _ = (gen_mod:db_mod(Opts, ?MODULE)):init(Host, Opts),
    case whereis(name(Host)) of
        undefined -> {ok, _} = gen_mod:start_child(?MODULE, Host, #{}), ok;
        _Process -> ok
    end.

%% @doc Applies new options: what was saved in another storage stays there.
-spec reload(binary(), gen_mod:opts(), gen_mod:opts()) -> ok.
reload(Host, NewOpts, OldOpts) ->
    HasSameTable = gen_mod:db_mod(NewOpts, ?MODULE) == gen_mod:db_mod(OldOpts, ?MODULE),
    case HasSameTable andalso whereis(name(Host)) /= undefined of
        true ->
            ok;
        false ->
            ok = start(Host, NewOpts),
            gen_server:cast(name(Host), forget_saved)
    end.

%% @doc Saves what is counted, and ends the process of a host.
-spec stop(binary()) -> ok.
stop(Host) ->
    _ = save_here(Host),
    _ = gen_mod:stop_child(?MODULE, Host),
    ok.

%%%===================================================================
%%% Figures
%%%===================================================================
%% @doc What was counted on the last days, today first, on all nodes and up to now.
-spec days(binary(), pos_integer()) -> {ok, [mod_e2e_policy_report:day()]} | {error, db_failure}.
days(Host, Number) ->
    Today = erlang:system_time(second),
    Days = [mod_e2e_policy_day:of_time(Today - Ago * 86_400) || Ago <- lists:seq(0, Number - 1)],
    %% A node without the module has nothing to save, and one that cannot be reached is left out.
    {Saved, _Unreachable} = ejabberd_cluster:multicall(?MODULE, save_here, [Host]),
    case lists:member({error, db_failure}, Saved)
        orelse (backend(Host)):read_since(Host, lists:last(Days)) of
        true ->
            {error, db_failure};
        {ok, Rows} ->
            Sums = lists:foldl(fun({Day, Cells}, Sums) ->
                                       Sums#{Day => sum(maps:get(Day, Sums, #{}), Cells)}
                               end, #{}, Rows),
            {ok, [{Day, lists:sort(maps:to_list(maps:get(Day, Sums, #{})))} || Day <- Days]};
        {error, Why} ->
            report_failure(Host, Why),
            {error, db_failure}
    end.

%% @doc For how many days counts are kept, today included.
-spec kept_days() -> pos_integer().
kept_days() ->
    ?KEPT_DAYS.

%%%===================================================================
%%% On each node of a cluster
%%%===================================================================
%% @doc Saves what this node has counted.
-spec save_here(binary()) -> ok | {error, db_failure}.
save_here(Host) ->
    mod_e2e_policy_process:call(?MODULE, Host, save).

%%%===================================================================
%%% gen_server callbacks
%%%===================================================================
%% @doc Begins the first interval.
-spec init([term()]) -> {ok, state()}.
init([Host | _]) ->
    Now = erlang:system_time(millisecond),
    wait(Host, Now),
    {ok, #{host => Host, since => Now div 1000, pending => #{}, saved => #{}, deleted => <<>>}}.

%% @doc Saves for a command or for the stop of the host.
-spec handle_call(term(), term(), state()) -> {reply, ok | {error, db_failure}, state()}.
handle_call(save, _From, State) ->
    Saved = save(State),
    {reply, case Saved of
                #{pending := Pending} when map_size(Pending) == 0 -> ok;
                _ -> {error, db_failure}
            end, Saved}.

%% @doc Forgets the rows, which are those of another storage.
-spec handle_cast(term(), state()) -> {noreply, state()}.
handle_cast(forget_saved, State) ->
    {noreply, State#{saved := #{}}};
handle_cast(_Unknown, State) ->
    {noreply, State}.

%% @doc Saves once a minute.
-spec handle_info(term(), state()) -> {noreply, state()}.
handle_info(save, #{host := Host} = State) ->
    wait(Host, erlang:system_time(millisecond)),
    {noreply, delete_old(save(State))};
handle_info(_Unknown, State) ->
    {noreply, State}.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% All hosts save at midnight, too.
-spec wait(binary(), integer()) -> reference().
wait(Host, Now) ->
    InMinute = mod_e2e_policy_process:until_moment(Host, Now),
    UntilMidnight = 86_400_000 - Now rem 86_400_000,
    erlang:send_after(min(InMinute, UntilMidnight), self(), save).

%% What was counted since the interval began belongs to the day of its beginning.
-spec save(state()) -> state().
save(#{host := Host, since := Since, pending := Pending} = State) ->
    Taken = case mod_e2e_policy_registry:counters(Host) of
                none -> [];
                Counters -> mod_e2e_policy_counters:take(Counters)
            end,
    Day = mod_e2e_policy_day:of_time(Since),
    Now = erlang:system_time(second),
    All = case Taken of
              [] -> Pending;
              _ -> Pending#{Day => sum(maps:get(Day, Pending, #{}), Taken)}
          end,
    Saved = lists:foldl(fun write/2, State#{since := Now, pending := All}, maps:keys(All)),
    %% Rows of earlier days do not change any more, but for those that wait.
    Wanted = [mod_e2e_policy_day:of_time(Now) | maps:keys(maps:get(pending, Saved))],
    Saved#{saved := maps:with(Wanted, maps:get(saved, Saved))}.

%% Adds what is pending of a day to the row, and keeps it if that fails. The row is then written
%% again from the same totals, so that it does not matter whether the write has succeeded after all.
-spec write(day(), state()) -> state().
write(Day, #{host := Host, pending := Pending, saved := Saved} = State) ->
    #{Day := Added} = Pending,
    Backend = backend(Host),
    case known(Backend, Host, Day, Saved) of
        {ok, Known} ->
            Totals = sum(Known, maps:to_list(Added)),
            case Backend:write_own(Host, Day, Totals, maps:keys(Added)) of
                {ok, written} ->
                    State#{pending := maps:remove(Day, Pending), saved := Saved#{Day => Totals}};
                {error, Why} ->
                    report_failure(Host, Why),
                    State#{saved := Saved#{Day => Known}}
            end;
        {error, Why} ->
            report_failure(Host, Why),
            State
    end.

-spec known(module(), binary(), day(), #{day() => totals()}) -> answer(totals()).
known(Backend, Host, Day, Saved) ->
    case Saved of
        #{Day := Totals} ->
            {ok, Totals};
        #{} ->
            case Backend:read_own(Host, Day) of
                {ok, Cells} -> {ok, sum(#{}, Cells)};
                Error -> Error
            end
    end.

%% Once a day; again in the next minute if it fails.
-spec delete_old(state()) -> state().
delete_old(#{host := Host, since := Now, deleted := Deleted} = State) ->
    case mod_e2e_policy_day:of_time(Now - (?KEPT_DAYS - 1) * 86_400) of
        Deleted ->
            State;
        First ->
            case (backend(Host)):delete_before(Host, First) of
                {ok, deleted} -> State#{deleted := First};
                {error, Why} -> report_failure(Host, Why), State
            end
    end.

-spec sum(totals(), cells()) -> totals().
sum(Totals, Cells) ->
    lists:foldl(fun({Cell, Count}, Sums) -> Sums#{Cell => maps:get(Cell, Sums, 0) + Count} end,
                Totals, Cells).

-spec backend(binary()) -> module().
backend(Host) ->
    gen_mod:db_mod(gen_mod:get_module_opt(Host, mod_e2e_policy, db_type), ?MODULE).

-spec name(binary()) -> atom().
name(Host) ->
    gen_mod:get_module_proc(Host, ?MODULE).

%% At most once a minute, as it is tried once a minute and for each report.
-spec report_failure(binary(), unicode:chardata()) -> ok.
report_failure(Host, Why) ->
    ?ERROR_MSG("Counts of messages of ~ts cannot be read or written (~ts): they are kept in memory "
               "until the database is back", [Host, Why]).
