%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Which users of a host others can encrypt to, and why not to the others.
%%%
%%% A user is ready who has published keys of an accepted scheme that everybody can read, and sent
%%% nothing that violates the policy as long as `remember_senders' remembers.
-module(mod_e2e_policy_readiness).

-export([readiness/1, unready/3]).

-export_type([counts/0, reason/0, row/0, failure/0]).

-type reason() :: mod_e2e_policy_keys:state() | writes_plain.
-type counts() :: #{users | reason() | with_omemo | with_pgp | senders | writing_plain :=
                        non_neg_integer()}.
%% Each user is `ready' or has one of the reasons. With OMEMO and with OpenPGP are users who have
%% keys that everybody can read, whether the scheme is accepted or not.
-type row() :: #{user := binary(), why := reason(), keys := binary(),
                 last_active := binary(), last_plain := binary(), clients := [binary()]}.
%% Keys as in `omemo 2, pgp 1', the time of RFC 3339, the day of the last violation; what is not
%% known is empty. The names of clients may be any text.
-type failure() :: {error, no_pubsub | db_failure}.
-type senders() :: #{LUser :: binary() => {Accepted :: binary() | none,
                                           Violation :: binary() | none}}.
-type unready() :: {LastActive :: integer() | online | unknown, LUser :: binary(), reason(),
                    Keys :: binary()}.

%% How many users are looked up at once.
-define(CHUNK, 1_000).

%% @doc Counts the users of a host by whether they are ready.
-spec readiness(binary()) -> {ok, counts()} | failure().
readiness(LServer) ->
    with_senders(
      LServer,
      fun(Senders) ->
              Schemes = mod_e2e_policy_keys:accepted(LServer),
              Writing = [LUser || {LUser, {_, Violation}} <- maps:to_list(Senders),
                                  Violation /= none],
              None = maps:from_keys([users, ready, no_keys, no_bundle, closed, writes_plain,
                                     with_omemo, with_pgp], 0),
              Counts = None#{senders => map_size(Senders), writing_plain => length(Writing)},
              mod_e2e_policy_keys:fold(
                LServer, users(LServer),
                fun(LUser, Keys, Sums) ->
                        Has = [with_omemo || mod_e2e_policy_keys:state([omemo], Keys) == ready]
                            ++ [with_pgp || mod_e2e_policy_keys:state([pgp], Keys) == ready],
                        lists:foldl(fun(Column, Sum) ->
                                            maps:update_with(Column, fun(N) -> N + 1 end, Sum)
                                    end, Sums, [users, reason(Schemes, LUser, Keys, Senders) | Has])
                end, Counts)
      end).

%% @doc The users of a host who are not ready and were active in the last seconds, those that were
%% active last first: at most so many, and how many more there are.
%%
%% With 0 seconds it does not matter when they were active. Who is online is active.
-spec unready(binary(), Seconds :: non_neg_integer(), Max :: pos_integer()) ->
          {ok, {[row()], More :: non_neg_integer()}} | failure().
unready(LServer, Seconds, Max) ->
    with_senders(
      LServer,
      fun(Senders) ->
              case all_unready(LServer, Senders) of
                  {ok, Found} ->
                      Now = erlang:system_time(second),
                      Active = [User || {LastActive, _, _, _} = User <- Found,
                                        Seconds == 0 orelse LastActive == online
                                            orelse (is_integer(LastActive)
                                                    andalso LastActive >= Now - Seconds)],
                      Sorted = lists:sort(fun is_before/2, Active),
                      Shown = lists:sublist(Sorted, Max),
                      {ok, {rows(LServer, Shown, Senders, Now), length(Active) - length(Shown)}};
                  Failure ->
                      Failure
              end
      end).

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Hosts whose accounts are elsewhere (LDAP, a program) may not be able to list them.
-spec users(binary()) -> [binary()].
users(LServer) ->
    lists:usort([LUser || {LUser, _} <- ejabberd_auth:get_users(LServer)]).

-spec with_senders(binary(), fun((senders()) -> Result)) -> Result | failure().
with_senders(LServer, Fun) ->
    case mod_e2e_policy_senders:all(LServer) of
        {ok, Senders} -> Fun(Senders);
        {error, db_failure} = Error -> Error
    end.

%% What is missing of the keys counts more than what a user wrote.
-spec reason([omemo | pgp], binary(), [mod_e2e_policy_keys:key()], senders()) -> reason().
reason(Schemes, LUser, Keys, Senders) ->
    case {mod_e2e_policy_keys:state(Schemes, Keys), Senders} of
        {ready, #{LUser := {_, Violation}}} when Violation /= none -> writes_plain;
        {State, _} -> State
    end.

-spec all_unready(binary(), senders()) -> {ok, [unready()]} | failure().
all_unready(LServer, Senders) ->
    Schemes = mod_e2e_policy_keys:accepted(LServer),
    Found = mod_e2e_policy_keys:fold(
              LServer, users(LServer),
              fun(LUser, Keys, Unready) ->
                      case reason(Schemes, LUser, Keys, Senders) of
                          ready -> Unready;
                          Why -> [{LUser, Why, in_words(Keys)} | Unready]
                      end
              end, []),
    case Found of
        {ok, Unready} ->
            with_activity(LServer, Unready, mod_e2e_policy_activity:online(LServer), []);
        Failure ->
            Failure
    end.

-spec with_activity(binary(), [{binary(), reason(), binary()}], #{binary() => online},
                    [[unready()]]) -> {ok, [unready()]} | failure().
with_activity(_LServer, [], _Online, Known) ->
    {ok, lists:append(Known)};
with_activity(LServer, Unready, Online, Known) ->
    {Chunk, Others} = lists:split(min(?CHUNK, length(Unready)), Unready),
    case mod_e2e_policy_activity:last_active(LServer, [LUser || {LUser, _, _} <- Chunk]) of
        {ok, LastActive} ->
            Active = maps:merge(LastActive, Online),
            More = [{maps:get(LUser, Active, unknown), LUser, Why, Keys}
                    || {LUser, Why, Keys} <- Chunk],
            with_activity(LServer, Others, Online, [More | Known]);
        {error, _} ->
            {error, db_failure}
    end.

%% Those that are online, then those that were active last, then those of whom it is not known.
-spec is_before(unready(), unready()) -> boolean().
is_before({Active, Left, _, _}, {Active, Right, _, _}) -> Left =< Right;
is_before({online, _, _, _}, _) -> true;
is_before(_, {online, _, _, _}) -> false;
is_before({unknown, _, _, _}, _) -> false;
is_before(_, {unknown, _, _, _}) -> true;
is_before({Left, _, _, _}, {Right, _, _, _}) -> Left > Right.

-spec rows(binary(), [unready()], senders(), Now :: integer()) -> [row()].
rows(LServer, Unready, Senders, Now) ->
    Clients = mod_e2e_policy_activity:clients(LServer, [LUser || {online, LUser, _, _} <- Unready]),
    [#{user => LUser, why => Why, keys => Keys,
       last_active => case LastActive of
                          online -> mod_e2e_policy_day:rfc3339(Now);
                          unknown -> <<>>;
                          Seconds -> mod_e2e_policy_day:rfc3339(Seconds)
                      end,
       last_plain => case Senders of
                         #{LUser := {_, Day}} when Day /= none -> Day;
                         #{} -> <<>>
                     end,
       clients => maps:get(LUser, Clients, [])}
     || {LastActive, LUser, Why, Keys} <- Unready].

%% A device may be in the lists of several versions of OMEMO.
-spec in_words([mod_e2e_policy_keys:key()]) -> binary().
in_words(Keys) ->
    Counted = [{Scheme, length(lists:usort([Id || #{scheme := Of, id := Id} <- Keys,
                                                  Of == Scheme]))} || Scheme <- [omemo, pgp]],
    iolist_to_binary(lists:join(", ", [[atom_to_binary(Scheme), " ", integer_to_binary(Count)]
                                       || {Scheme, Count} <- Counted, Count > 0])).
