%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% The users' grace clocks: a cache over a storage backend.
%%%
%%% Stored is when a clock started, who started it, and an end that an admin fixed. All else follows
%%% from these, the policy and the time, so that restarts, reloads and more nodes need no code.
-module(mod_e2e_policy_grace).

%% Life
-export([start/2, reload/3, stop/1]).
%% Clocks
-export([clock/2, start_once/3, update/3, list/1]).
%% ejabberd_hooks callbacks
-export([remove_user/2]).

-export_type([clock/0]).

-include("logger.hrl").

-define(CACHE, e2e_policy_grace_cache).
%% How long a failure of the store is not logged again, in milliseconds.
-define(SILENCE, 60_000).

%% Start, starter, and an end that an admin fixed; times are seconds of Unix time.
-type clock() :: {Started :: integer(), violation | admin, Ends :: integer() | undefined}.
-type failure() :: {error, db_failure}.
-type update() :: fun((clock() | none) -> clock() | none).

-callback init(binary(), gen_mod:opts()) -> any().
-callback stop(LServer :: binary()) -> ok.
-callback get_clock(LUser :: binary(), LServer :: binary()) -> {ok, clock() | none} | failure().
%% Reads, applies the function and writes what it gives, in one transaction; `none' is no record.
-callback update_clock(LUser :: binary(), LServer :: binary(), update()) ->
    {ok, clock() | none} | failure().
-callback list_clocks(LServer :: binary()) -> {ok, [{LUser :: binary(), clock()}]} | failure().
%% Whether reading takes more than a look into memory.
-callback use_cache(LServer :: binary()) -> boolean().

%%%===================================================================
%%% Life
%%%===================================================================
-spec start(binary(), gen_mod:opts()) -> ok.
start(Host, Opts) ->
    Backend = gen_mod:db_mod(Opts, mod_e2e_policy),
    _ = Backend:init(Host, Opts),
    init_cache(Backend, Host, Opts).

-spec reload(binary(), gen_mod:opts(), gen_mod:opts()) -> ok.
reload(Host, NewOpts, OldOpts) ->
    Backend = gen_mod:db_mod(NewOpts, mod_e2e_policy),
    case gen_mod:db_mod(OldOpts, mod_e2e_policy) of
        Backend -> ok;
        _ -> _ = Backend:init(Host, NewOpts)
    end,
    init_cache(Backend, Host, NewOpts).

-spec stop(binary()) -> ok.
stop(Host) ->
    (backend(Host)):stop(Host),
    _ = persistent_term:erase(silence(Host)),
    case gen_mod:is_loaded_elsewhere(Host, mod_e2e_policy) of
        true -> ok;
        false -> _ = ets_cache:delete(?CACHE), ok
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
    reported(LServer, Result).

%% Starts a user's clock unless it has one; gives the one that is in force then.
-spec start_once(binary(), binary(), clock()) -> {ok, clock()} | failure().
start_once(LUser, LServer, New) ->
    update(LUser, LServer, fun(none) -> New;
                              (Clock) -> Clock
                           end).

%% Changes a user's clock; gives the one that is in force then.
-spec update(binary(), binary(), update()) -> {ok, clock() | none} | failure().
update(LUser, LServer, Update) ->
    Backend = backend(LServer),
    Result = Backend:update_clock(LUser, LServer, Update),
    case Backend:use_cache(LServer) of
        true -> ets_cache:delete(?CACHE, {LUser, LServer}, ejabberd_cluster:get_nodes());
        false -> ok
    end,
    reported(LServer, Result).

%% Every user of a host that has a clock.
-spec list(binary()) -> {ok, [{binary(), clock()}]} | failure().
list(LServer) ->
    reported(LServer, (backend(LServer)):list_clocks(LServer)).

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
-spec remove_user(binary(), binary()) -> ok.
remove_user(User, Server) ->
    _ = update(jid:nodeprep(User), jid:nameprep(Server), fun(_) -> none end),
    ok.

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec backend(binary()) -> module().
backend(LServer) ->
    gen_mod:db_mod(LServer, mod_e2e_policy).

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
-spec cached({ok, clock() | none} | failure()) -> {ok, clock()} | error | failure().
cached({ok, none}) -> error;
cached(Result) -> Result.

-spec uncached({ok, clock()} | error | failure()) -> {ok, clock() | none} | failure().
uncached(error) -> {ok, none};
uncached(Result) -> Result.

%% Says that the store cannot be used, once a minute and not once a message.
-spec reported(binary(), Result) -> Result when Result :: {ok, _} | failure().
reported(_LServer, {ok, _} = Result) ->
    Result;
reported(LServer, {error, db_failure} = Failure) ->
    Key = silence(LServer),
    Now = erlang:monotonic_time(millisecond),
    case persistent_term:get(Key, undefined) of
        Last when is_integer(Last), Now - Last < ?SILENCE ->
            ok;
        _ ->
            persistent_term:put(Key, Now),
            ?ERROR_MSG("Grace periods of ~ts cannot be read or written: a required E2EE policy is "
                       "enforced without them until the database is back", [LServer])
    end,
    Failure.

-spec silence(binary()) -> {module(), binary()}.
silence(LServer) ->
    {?MODULE, LServer}.
