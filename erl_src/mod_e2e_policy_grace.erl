%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The users' grace clocks: a cache over a storage backend.
%%%
%%% A record has the start of the clock, who started it, and an end that an admin fixed. The grace
%%% status is computed from these, the policy and the time, so that restarts, reloads and several
%%% nodes need no code of their own.
-module(mod_e2e_policy_grace).

%% Start and stop
-export([start/2, reload/3, stop/1]).
%% Clocks
-export([clock/2, may_have/2, start_once/3, update/3, unless_removed/4, list/1, move/2]).
%% ejabberd_hooks callbacks
-export([remove_user/2, register_user/2]).

-export_type([clock/0, stored/0, answer/1]).

-include("logger.hrl").

-define(CACHE, e2e_policy_grace_cache).
%% When a problem of the store was last logged, and how long it is not logged again, in
%% milliseconds.
-define(LOGGED, e2e_policy_logged_cache).
-define(LOG_INTERVAL, 60_000).
%% The last second of the year 9999, after which RFC 3339 has no times.
-define(IS_TIME(Seconds), is_integer(Seconds), Seconds >= 0, Seconds =< 253_402_300_799).

-type clock() :: mod_e2e_policy_nif:clock().
%% Start, starter, and an end that an admin fixed; times are seconds of Unix time.
-type stored() :: clock() | {term(), term(), term()}.
%% What a store has where a clock should be. Other programs can write there, so it may be invalid.
-type answer(Value) :: {ok, Value} | {error, Why :: unicode:chardata()}.
%% What a backend answers. The reason of a failure is for the log.
-type failure() :: {error, db_failure}.
-type update() :: fun((clock() | none) -> clock() | none).

-callback init(binary(), gen_mod:opts()) -> any().
-callback get_clock(LUser :: binary(), LServer :: binary()) -> answer(stored() | none).
%% Reads, applies the function and writes its result, in one transaction; `none' is no record.
-callback update_clock(LUser :: binary(), LServer :: binary(),
                       fun((stored() | none) -> clock() | none)) ->
    answer(clock() | none).
-callback list_clocks(LServer :: binary()) -> answer([{LUser :: binary(), stored()}]).
%% Whether a clock is read from outside of the node's memory, so that a cache makes it faster.
-callback use_cache(LServer :: binary()) -> boolean().

%%%===================================================================
%%% Start and stop
%%%===================================================================
%% @doc Prepares the store of a host, and the cache.
-spec start(binary(), gen_mod:opts()) -> ok.
start(Host, Opts) ->
    make_log_table(),
    Backend = gen_mod:db_mod(Opts, mod_e2e_policy),
    _ = Backend:init(Host, Opts),
    mod_e2e_policy_removed:start(),
    init_cache(Backend, Host, Opts),
    mod_e2e_policy_clocks:start(Host),
    forget_cached(Host).

%% @doc Applies new options to the store and the cache of a host.
-spec reload(binary(), gen_mod:opts(), gen_mod:opts()) -> ok.
reload(Host, NewOpts, OldOpts) ->
    make_log_table(),
    Backend = gen_mod:db_mod(NewOpts, mod_e2e_policy),
    case gen_mod:db_mod(OldOpts, mod_e2e_policy) of
        Backend -> ok;
        _ -> _ = Backend:init(Host, NewOpts)
    end,
    mod_e2e_policy_removed:start(),
    init_cache(Backend, Host, NewOpts),
    mod_e2e_policy_clocks:start(Host),
    case maps:with([db_type, use_cache], OldOpts) == maps:with([db_type, use_cache], NewOpts) of
        true -> ok;
        false -> forget_cached(Host)
    end.

%% @doc Removes what is cached of a host, and the tables when no other host runs.
-spec stop(binary()) -> ok.
stop(Host) ->
    mod_e2e_policy_clocks:stop(Host),
    case mod_e2e_policy_registry:runs_elsewhere(Host) of
        true ->
            forget_cached(Host),
            _ = ets_cache:match_delete(?LOGGED, {Host, '_'}),
            ok;
        false ->
            _ = ets_cache:delete(?CACHE),
            _ = ets_cache:delete(?LOGGED),
            mod_e2e_policy_removed:stop()
    end.

%%%===================================================================
%%% Clocks
%%%===================================================================
%% @doc The clock of a user, from the cache if there is one.
-spec clock(binary(), binary()) -> {ok, clock() | none} | failure().
clock(LUser, LServer) ->
    Backend = backend(LServer),
    Result = case Backend:use_cache(LServer) of
                 false ->
                     Backend:get_clock(LUser, LServer);
                 true ->
                     Read = fun() -> cached(Backend:get_clock(LUser, LServer)) end,
                     uncached(ets_cache:lookup(?CACHE, {LUser, LServer}, Read))
             end,
    case reported(LServer, Result) of
        {ok, Stored} -> {ok, validated(LUser, LServer, Stored)};
        Failure -> Failure
    end.

%% @doc Whether the host may have clocks, or such that an admin has started.
-spec may_have(any | admin, binary()) -> boolean().
may_have(Which, LServer) ->
    mod_e2e_policy_clocks:may_have(Which, LServer, fun() -> list(LServer) end).

%% @doc Starts the clock of a user who has none; gives the user's clock.
-spec start_once(binary(), binary(), clock()) -> {ok, clock()} | failure().
start_once(LUser, LServer, New) ->
    update(LUser, LServer, fun(none) -> New;
                              (Clock) -> Clock
                           end).

%% @doc Changes a user's clock; gives the clock after the change.
-spec update(binary(), binary(), update()) -> {ok, clock() | none} | failure().
update(LUser, LServer, Update) ->
    Result = (backend(LServer)):update_clock(
               LUser, LServer, fun(Stored) -> Update(validated(LUser, LServer, Stored)) end),
    forget_cached(LUser, LServer),
    case reported(LServer, Result) of
        {ok, {_, By, _}} = Written ->
            mod_e2e_policy_clocks:changed(LServer, By),
            Written;
        Other ->
            Other
    end.

%% @doc Deletes a clock again that was written for an account removed since the session began.
-spec unless_removed({ok, clock() | none} | failure(), ejabberd_sm:sid(), binary(), binary()) ->
          {ok, clock() | none} | failure().
unless_removed({ok, Written}, SID, LUser, LServer) when Written /= none ->
    case mod_e2e_policy_removed:is_removed_since(SID, LUser, LServer) of
        true ->
            _ = update(LUser, LServer, fun(Clock) when Clock == Written -> none;
                                          %% That of a new account with the same name.
                                          (Clock) -> Clock
                                       end),
            {ok, none};
        false ->
            {ok, Written}
    end;
unless_removed(Result, _SID, _LUser, _LServer) ->
    Result.

%% @doc All users of a host that have a clock.
-spec list(binary()) -> {ok, [{binary(), clock()}]} | failure().
list(LServer) ->
    listed(backend(LServer), LServer).

%% @doc Moves the clocks of a host from another storage into the one in use, and gives how many.
%%
%% A user's clock in the storage in use is kept. Each clock is written to the new storage before it
%% is deleted from the old one, so that a move which was interrupted can be repeated.
-spec move(binary(), mnesia | sql) ->
          {ok, {Moved :: non_neg_integer(), Kept :: non_neg_integer()}} | failure().
move(LServer, Type) ->
    From = gen_mod:db_mod(Type, mod_e2e_policy),
    case listed(From, LServer) of
        {ok, Clocks} -> move(LServer, From, Clocks, {0, 0});
        Failure -> Failure
    end.

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Deletes the clock of an account that is removed.
-spec remove_user(binary(), binary()) -> ok.
remove_user(User, Server) ->
    {LUser, LServer} = {jid:nodeprep(User), jid:nameprep(Server)},
    mod_e2e_policy_removed:remember(LUser, LServer),
    forget(LUser, LServer).

%% @doc Deletes the clock that an earlier account of this name has left.
%%
%% That happens when an account is removed while the module does not run, or its database is away.
-spec register_user(binary(), binary()) -> ok.
register_user(User, Server) ->
    forget(jid:nodeprep(User), jid:nameprep(Server)).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec backend(binary()) -> module().
backend(LServer) ->
    gen_mod:db_mod(LServer, mod_e2e_policy).

%% Reads first, because most accounts have no clock, and reading is cheaper than writing.
-spec forget(binary(), binary()) -> ok.
forget(LUser, LServer) ->
    case reported(LServer, (backend(LServer)):get_clock(LUser, LServer)) of
        {ok, none} -> forget_cached(LUser, LServer);
        {ok, _} -> _ = update(LUser, LServer, fun(_) -> none end), ok;
        {error, db_failure} -> ok
    end.

-spec move(binary(), module(), [{binary(), clock()}], Counts) -> {ok, Counts} | failure()
              when Counts :: {non_neg_integer(), non_neg_integer()}.
move(_LServer, _From, [], Counts) ->
    {ok, Counts};
move(LServer, From, [{LUser, Clock} | Clocks], {Moved, Kept}) ->
    case {(backend(LServer)):get_clock(LUser, LServer), start_once(LUser, LServer, Clock)} of
        {{ok, Before}, {ok, _}} ->
            Counts = case Before of
                         none -> {Moved + 1, Kept};
                         _ -> {Moved, Kept + 1}
                     end,
            case reported(LServer, From:update_clock(LUser, LServer, fun(_) -> none end)) of
                {ok, _} -> move(LServer, From, Clocks, Counts);
                Failure -> Failure
            end;
        _ ->
            {error, db_failure}
    end.

%% Also without a cache here: other nodes may have one, and this one may have had one before a
%% reload.
-spec forget_cached(binary(), binary()) -> ok.
forget_cached(LUser, LServer) ->
    ets_cache:delete(?CACHE, {LUser, LServer}, ejabberd_cluster:get_nodes()).

%% Entries of a host may come from another store, or from a time when this cache was not in use and
%% did not learn of changes.
-spec forget_cached(binary()) -> ok.
forget_cached(Host) ->
    ets_cache:match_delete(?CACHE, {'_', Host}, ejabberd_cluster:get_nodes()).

%% One cache serves all hosts of the node, as in ejabberd's own modules.
-spec init_cache(module(), binary(), gen_mod:opts()) -> ok.
init_cache(Backend, Host, Opts) ->
    case Backend:use_cache(Host) of
        true ->
            Get = fun(Option) -> gen_mod:get_opt(Option, Opts) end,
            ets_cache:new(?CACHE, [{max_size, Get(cache_size)},
                                   {cache_missed, Get(cache_missed)},
                                   {life_time, Get(cache_life_time)}]);
        false ->
            ok
    end.

%% The cache stores a missing value as `error', and does not store other errors.
-spec cached(answer(stored() | none)) -> answer(stored()) | error.
cached({ok, none}) -> error;
cached(Result) -> Result.

-spec uncached(answer(stored()) | error) -> answer(stored() | none).
uncached(error) -> {ok, none};
uncached(Result) -> Result.

-spec listed(module(), binary()) -> {ok, [{binary(), clock()}]} | failure().
listed(Backend, LServer) ->
    case reported(LServer, Backend:list_clocks(LServer)) of
        {ok, Rows} ->
            {ok, [{LUser, validated(LUser, LServer, Stored)} || {LUser, Stored} <- Rows]};
        Failure -> Failure
    end.

%% An invalid record counts as a clock whose time is over, and can be reset like others.
-spec validated(binary(), binary(), stored() | none) -> clock() | none.
validated(_LUser, _LServer, none) ->
    none;
validated(_LUser, _LServer, {Started, By, Ends} = Clock)
  when ?IS_TIME(Started), (By == violation orelse By == admin), Ends == undefined ->
    Clock;
validated(_LUser, _LServer, {Started, By, Ends} = Clock)
  when ?IS_TIME(Started), (By == violation orelse By == admin), ?IS_TIME(Ends) ->
    Clock;
validated(LUser, LServer, {_, By, _}) ->
    _ = is_to_be_logged(LServer, invalid)
        andalso ?ERROR_MSG("The stored grace period of ~ts@~ts is none: it counts as over until "
                           "it is reset", [LUser, LServer]),
    %% The end is not 0, which SQL stores for no end.
    {0, case By of admin -> admin; _ -> violation end, 1}.

%% Logs that the store cannot be used.
-spec reported(binary(), answer(Value)) -> {ok, Value} | failure().
reported(_LServer, {ok, _} = Result) ->
    Result;
reported(LServer, {error, Why}) ->
    _ = is_to_be_logged(LServer, failure)
        andalso ?ERROR_MSG("Grace periods of ~ts cannot be read or written (~ts): a required E2EE "
                           "policy is enforced without them until the database is back",
                           [LServer, Why]),
    {error, db_failure}.

%% One line in a minute, instead of one for each message.
-spec is_to_be_logged(binary(), failure | invalid) -> boolean().
is_to_be_logged(LServer, Problem) ->
    mod_e2e_policy_throttle:is_due(?LOGGED, {LServer, Problem}, ?LOG_INTERVAL).

-spec make_log_table() -> ok.
make_log_table() ->
    ets_cache:new(?LOGGED, [{life_time, ?LOG_INTERVAL}]).
