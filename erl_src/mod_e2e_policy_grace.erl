%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% The users' grace clocks: a cache over a storage backend.
%%%
%%% Stored is when a clock started, who started it, and an end that an admin fixed. All else follows
%%% from these, the policy and the time, so that restarts, reloads and more nodes need no code.
-module(mod_e2e_policy_grace).

%% Life
-export([start/2, reload/3, stop/1]).
%% Clocks
-export([clock/2, start_once/3, update/3, unless_removed/4, list/1, move/2]).
%% ejabberd_hooks callbacks
-export([remove_user/2, register_user/2]).

-export_type([clock/0, stored/0, answer/1]).

-include("logger.hrl").

-define(CACHE, e2e_policy_grace_cache).
%% How long what is wrong with the store is not logged again, in milliseconds.
-define(SILENCE, 60_000).
%% The last second of the year 9999, after which RFC 3339 has no times.
-define(IS_TIME(Seconds), is_integer(Seconds), Seconds >= 0, Seconds =< 253_402_300_799).

%% Start, starter, and an end that an admin fixed; times are seconds of Unix time.
-type clock() :: {Started :: integer(), violation | admin, Ends :: integer() | undefined}.
%% What a store has where a clock should be: somebody else may have written there.
-type stored() :: clock() | {term(), term(), term()}.
%% What a backend answers: the reason of a failure is for the log.
-type answer(Value) :: {ok, Value} | {error, Why :: unicode:chardata()}.
-type failure() :: {error, db_failure}.
-type update() :: fun((clock() | none) -> clock() | none).

-callback init(binary(), gen_mod:opts()) -> any().
-callback get_clock(LUser :: binary(), LServer :: binary()) -> answer(stored() | none).
%% Reads, applies the function and writes what it gives, in one transaction; `none' is no record.
-callback update_clock(LUser :: binary(), LServer :: binary(), fun((stored() | none) -> clock() | none)) ->
    answer(clock() | none).
-callback list_clocks(LServer :: binary()) -> answer([{LUser :: binary(), stored()}]).
%% Whether reading takes more than a look into memory.
-callback use_cache(LServer :: binary()) -> boolean().

%%%===================================================================
%%% Life
%%%===================================================================
-spec start(binary(), gen_mod:opts()) -> ok.
start(Host, Opts) ->
    Backend = gen_mod:db_mod(Opts, mod_e2e_policy),
    _ = Backend:init(Host, Opts),
    mod_e2e_policy_removed:start(),
    init_cache(Backend, Host, Opts),
    forget_cached(Host).

-spec reload(binary(), gen_mod:opts(), gen_mod:opts()) -> ok.
reload(Host, NewOpts, OldOpts) ->
    Backend = gen_mod:db_mod(NewOpts, mod_e2e_policy),
    case gen_mod:db_mod(OldOpts, mod_e2e_policy) of
        Backend -> ok;
        _ -> _ = Backend:init(Host, NewOpts)
    end,
    mod_e2e_policy_removed:start(),
    init_cache(Backend, Host, NewOpts),
    case maps:with([db_type, use_cache], OldOpts) == maps:with([db_type, use_cache], NewOpts) of
        true -> ok;
        false -> forget_cached(Host)
    end.

-spec stop(binary()) -> ok.
stop(Host) ->
    lists:foreach(fun(What) -> persistent_term:erase(silence(Host, What)) end, [failure, unsound]),
    case mod_e2e_policy:runs_elsewhere(Host) of
        true ->
            forget_cached(Host);
        false ->
            _ = ets_cache:delete(?CACHE),
            mod_e2e_policy_removed:stop()
    end.

%%%===================================================================
%%% Clocks
%%%===================================================================
%% The clock of a user, from the cache if it may.
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
        {ok, Stored} -> {ok, sound(LUser, LServer, Stored)};
        Failure -> Failure
    end.

%% Starts a user's clock unless it has one; gives the one that is in force then.
-spec start_once(binary(), binary(), clock()) -> {ok, clock()} | failure().
start_once(LUser, LServer, New) ->
    update(LUser, LServer, fun(none) -> New;
                              (Clock) -> Clock
                           end).

%% Changes a user's clock; gives the one that is in force then.
-spec update(binary(), binary(), update()) -> {ok, clock() | none} | failure().
update(LUser, LServer, Update) ->
    Result = (backend(LServer)):update_clock(
               LUser, LServer, fun(Stored) -> Update(sound(LUser, LServer, Stored)) end),
    forget_cached(LUser, LServer),
    reported(LServer, Result).

%% What was written for an account that was removed since a session began is taken back.
-spec unless_removed({ok, clock() | none} | failure(), ejabberd_sm:sid(), binary(), binary()) ->
          {ok, clock() | none} | failure().
unless_removed({ok, Written}, SID, LUser, LServer) when Written /= none ->
    case mod_e2e_policy_removed:is_removed_since(SID, LUser, LServer) of
        true ->
            _ = update(LUser, LServer, fun(Clock) when Clock == Written -> none;
                                          %% A new owner of the name has this one.
                                          (Clock) -> Clock
                                       end),
            {ok, none};
        false ->
            {ok, Written}
    end;
unless_removed(Result, _SID, _LUser, _LServer) ->
    Result.

%% Every user of a host that has a clock.
-spec list(binary()) -> {ok, [{binary(), clock()}]} | failure().
list(LServer) ->
    listed(backend(LServer), LServer).

%% Carries the clocks of a host from a storage into the one in use, and says how many. One that is there already
%% stays. Each is written here before it goes there, so that a move which was interrupted can be repeated.
-spec move(binary(), mnesia | sql) -> {ok, {Moved :: non_neg_integer(), There :: non_neg_integer()}} | failure().
move(LServer, Type) ->
    From = gen_mod:db_mod(Type, mod_e2e_policy),
    case listed(From, LServer) of
        {ok, Clocks} -> move(LServer, From, Clocks, {0, 0});
        Failure -> Failure
    end.

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
-spec remove_user(binary(), binary()) -> ok.
remove_user(User, Server) ->
    {LUser, LServer} = {jid:nodeprep(User), jid:nameprep(Server)},
    mod_e2e_policy_removed:remember(LUser, LServer),
    forget(LUser, LServer).

%% An account that was removed while the module or its database was away has left its clock.
-spec register_user(binary(), binary()) -> ok.
register_user(User, Server) ->
    forget(jid:nodeprep(User), jid:nameprep(Server)).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec backend(binary()) -> module().
backend(LServer) ->
    gen_mod:db_mod(LServer, mod_e2e_policy).

%% To read is less than to write, and most accounts have no clock.
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
move(LServer, From, [{LUser, Clock} | Clocks], {Moved, There}) ->
    case {(backend(LServer)):get_clock(LUser, LServer), start_once(LUser, LServer, Clock)} of
        {{ok, Before}, {ok, _}} ->
            Counts = case Before of
                         none -> {Moved + 1, There};
                         _ -> {Moved, There + 1}
                     end,
            case reported(LServer, From:update_clock(LUser, LServer, fun(_) -> none end)) of
                {ok, _} -> move(LServer, From, Clocks, Counts);
                Failure -> Failure
            end;
        _ ->
            {error, db_failure}
    end.

%% Whether or not there is a cache here: other nodes, and other times, may have one.
-spec forget_cached(binary(), binary()) -> ok.
forget_cached(LUser, LServer) ->
    ets_cache:delete(?CACHE, {LUser, LServer}, ejabberd_cluster:get_nodes()).

%% What was cached of a host is of another store, or of a time when nobody told this cache of changes.
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

%% The cache knows a missing value as `error', and keeps no other error.
-spec cached(answer(stored() | none)) -> answer(stored()) | error.
cached({ok, none}) -> error;
cached(Result) -> Result.

-spec uncached(answer(stored()) | error) -> answer(stored() | none).
uncached(error) -> {ok, none};
uncached(Result) -> Result.

-spec listed(module(), binary()) -> {ok, [{binary(), clock()}]} | failure().
listed(Backend, LServer) ->
    case reported(LServer, Backend:list_clocks(LServer)) of
        {ok, Rows} -> {ok, [{LUser, sound(LUser, LServer, Stored)} || {LUser, Stored} <- Rows]};
        Failure -> Failure
    end.

%% A record that is no clock counts as one whose time is over, and can be reset like others.
-spec sound(binary(), binary(), stored() | none) -> clock() | none.
sound(_LUser, _LServer, none) ->
    none;
sound(_LUser, _LServer, {Started, By, Ends} = Clock)
  when ?IS_TIME(Started), (By == violation orelse By == admin), Ends == undefined ->
    Clock;
sound(_LUser, _LServer, {Started, By, Ends} = Clock)
  when ?IS_TIME(Started), (By == violation orelse By == admin), ?IS_TIME(Ends) ->
    Clock;
sound(LUser, LServer, {_, By, _}) ->
    _ = is_due(LServer, unsound)
        andalso ?ERROR_MSG("The stored grace period of ~ts@~ts is none: it counts as over until it is reset",
                           [LUser, LServer]),
    %% Not zero: in SQL that is no end.
    {0, case By of admin -> admin; _ -> violation end, 1}.

%% Says that the store cannot be used.
-spec reported(binary(), answer(Value)) -> {ok, Value} | failure().
reported(_LServer, {ok, _} = Result) ->
    Result;
reported(LServer, {error, Why}) ->
    _ = is_due(LServer, failure)
        andalso ?ERROR_MSG("Grace periods of ~ts cannot be read or written (~ts): a required E2EE policy is "
                           "enforced without them until the database is back", [LServer, Why]),
    {error, db_failure}.

%% A line once a minute, and not once a message.
-spec is_due(binary(), failure | unsound) -> boolean().
is_due(LServer, What) ->
    Key = silence(LServer, What),
    Now = erlang:monotonic_time(millisecond),
    case persistent_term:get(Key, undefined) of
        Last when is_integer(Last), Now - Last < ?SILENCE ->
            false;
        _ ->
            persistent_term:put(Key, Now),
            true
    end.

-spec silence(binary(), failure | unsound) -> {module(), binary(), failure | unsound}.
silence(LServer, What) ->
    {?MODULE, LServer, What}.
