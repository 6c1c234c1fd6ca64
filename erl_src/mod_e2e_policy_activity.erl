%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc When users were active last, and with which clients they are online.
%%%
%%% `mod_last' stores when a user went offline, and a client names itself in its presence
%%% (XEP-0115). What is not there is not known.
-module(mod_e2e_policy_activity).

%% API
-export([last_active/2, online/1, clients/2]).
%% Processes
-export([ask/3]).

-include("mod_last.hrl").
-include("xmpp.hrl").

%% In milliseconds: how long the sessions of some users may take to tell their presence, and those
%% of all users together.
-define(PATIENCE, 500).
-define(ALL_PATIENCE, 10_000).
%% How many users are asked at the same time, and how many sessions of each.
-define(AT_ONCE, 50).
-define(MAX_SESSIONS, 10).
%% What mod_last stores of an account when it is made.
-define(NEVER, <<"Registered but didn't login">>).

%% @doc When these users went offline last, in seconds of Unix time. Those that never logged in, or
%% have done so for the first time, are left out.
-spec last_active(binary(), [binary()]) ->
          {ok, #{binary() => integer()}} | {error, unicode:chardata()}.
last_active(_LServer, []) ->
    {ok, #{}};
last_active(LServer, Users) ->
    case gen_mod:is_loaded(LServer, mod_last)
        andalso gen_mod:get_module_opt(LServer, mod_last, db_type) of
        mnesia -> from_mnesia(LServer, Users);
        sql -> from_sql(LServer, Users);
        _ -> {ok, #{}}
    end.

%% @doc The users of a host that are online, on any node.
-spec online(binary()) -> #{binary() => online}.
online(LServer) ->
    maps:from_list([{LUser, online}
                    || {LUser, _, _} <- ejabberd_sm:get_vh_session_list(LServer)]).

%% @doc The names that the clients of these users give themselves, which may be any text.
%%
%% A session that does not answer soon is left out, and so is that of the calling process.
-spec clients(binary(), [binary()]) -> #{binary() => [binary()]}.
clients(LServer, Users) ->
    clients(LServer, Users, erlang:monotonic_time(millisecond) + ?ALL_PATIENCE, #{}).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec from_mnesia(binary(), [binary()]) ->
          {ok, #{binary() => integer()}} | {error, unicode:chardata()}.
from_mnesia(LServer, Users) ->
    try
        {ok, maps:from_list([{LUser, Seconds}
                             || LUser <- Users,
                                #last_activity{timestamp = Seconds, status = Status}
                                    <- mnesia:dirty_read(last_activity, {LUser, LServer}),
                                Status /= ?NEVER])}
    catch
        exit:{aborted, _} -> {error, "Mnesia: aborted"}
    end.

-spec from_sql(binary(), [binary()]) ->
          {ok, #{binary() => integer()}} | {error, unicode:chardata()}.
from_sql(LServer, Users) ->
    OfHost = case mod_e2e_policy_sql_table:is_multi_host() of
                 true ->
                     [" and server_host in ", mod_e2e_policy_sql_set:literals(LServer, [LServer])];
                 false ->
                     []
             end,
    Query = ["select username, seconds, state from last where username in ",
             mod_e2e_policy_sql_set:literals(LServer, Users), OfHost],
    case mod_e2e_policy_sql_set:rows(LServer, Query) of
        {ok, Rows} ->
            {ok, maps:from_list([{LUser, binary_to_integer(Seconds)}
                                 || [LUser, Seconds, Status] <- Rows, Status /= ?NEVER])};
        Error ->
            Error
    end.

-spec clients(binary(), [binary()], integer(), Clients) -> Clients
              when Clients :: #{binary() => [binary()]}.
clients(_LServer, [], _Until, Clients) ->
    Clients;
clients(LServer, Users, Until, Clients) ->
    {Now, Later} = lists:split(min(?AT_ONCE, length(Users)), Users),
    Caller = self(),
    Asking = [spawn_monitor(?MODULE, ask, [LUser, LServer, Caller]) || LUser <- Now],
    Deadline = erlang:monotonic_time(millisecond) + ?PATIENCE,
    Named = lists:foldl(fun(Process, Known) -> collect(Process, Deadline, Known) end, Clients,
                        Asking),
    case erlang:monotonic_time(millisecond) < Until of
        true -> clients(LServer, Later, Until, Named);
        false -> Named
    end.

-spec collect({pid(), reference()}, integer(), Clients) -> Clients
              when Clients :: #{binary() => [binary()]}.
collect({Process, Monitor}, Deadline, Clients) ->
    receive
        {'DOWN', Monitor, process, _, {clients, LUser, Names}} -> Clients#{LUser => Names};
        {'DOWN', Monitor, process, _, _Failed} -> Clients
    after max(0, Deadline - erlang:monotonic_time(millisecond)) ->
            _ = demonitor(Monitor, [flush]),
            exit(Process, kill),
            Clients
    end.

%% @doc Asks the sessions of a user, and ends with the answer as its reason.
-spec ask(binary(), binary(), pid()) -> no_return().
ask(LUser, LServer, Caller) ->
    exit({clients, LUser, names(LUser, LServer, Caller)}).

-spec names(binary(), binary(), pid()) -> [binary()].
names(LUser, LServer, Caller) ->
    Sessions = [Process || {_, Process} <- ejabberd_sm:get_session_sids(LUser, LServer),
                           Process /= Caller],
    lists:usort([Name || Process <- lists:sublist(Sessions, ?MAX_SESSIONS),
                         Name <- [name(Process)], Name /= <<>>]).

-spec name(pid()) -> binary().
name(Session) ->
    try mod_caps:read_caps(ejabberd_c2s:get_presence(Session)) of
        #caps{node = Name} -> Name;
        nothing -> <<>>
    catch
        exit:_ -> <<>>
    end.
