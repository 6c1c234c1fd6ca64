%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Days of senders in Mnesia, in memory and on disk of each node.
-module(mod_e2e_policy_senders_mnesia).

%% ejabberd's module_install compiles each module by itself, and would warn of a behaviour that it
%% does not find.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_senders).
-endif.

-export([init/2, read/2, read_all/1, write/2, delete/2, delete_before/2, delete_all/1]).

%% How many rows are changed in one transaction.
-define(CHUNK, 100).

-record(e2e_policy_senders,
        {key :: {LServer :: binary(), LUser :: binary() | '$1'},
         accepted :: binary() | none | '$2',
         violation :: binary() | none | '$3'}).

-type days() :: mod_e2e_policy_senders:days().
-type change() :: fun((LUser :: binary(), days()) -> days()).
%% The days `{none, none}' are no row.

%% @doc Makes the table.
-spec init(binary(), gen_mod:opts()) -> any().
init(_Host, _Opts) ->
    mod_e2e_policy_mnesia_table:make(?MODULE, table()).

%% @doc The days of a user.
-spec read(binary(), binary()) -> mod_e2e_policy_senders:answer(days()).
read(LServer, LUser) ->
    dirty(fun() -> stored(mnesia:dirty_read(e2e_policy_senders, {LServer, LUser})) end).

%% @doc The days of all users of a host.
-spec read_all(binary()) -> mod_e2e_policy_senders:answer([{binary(), days()}]).
read_all(LServer) ->
    Pattern = #e2e_policy_senders{key = {LServer, '$1'}, accepted = '$2', violation = '$3'},
    Match = [{Pattern, [], [{{'$1', {{'$2', '$3'}}}}]}],
    dirty(fun() -> mnesia:dirty_select(e2e_policy_senders, Match) end).

%% @doc Writes the days that are later than the stored ones.
-spec write(binary(), [{binary(), days()}]) -> mod_e2e_policy_senders:answer(written).
write(LServer, Senders) ->
    Days = maps:from_list(Senders),
    change(LServer, maps:keys(Days), written,
           fun(LUser, {Accepted, Violation}) ->
                   #{LUser := {NewAccepted, NewViolation}} = Days,
                   {mod_e2e_policy_day:latest(Accepted, NewAccepted),
                    mod_e2e_policy_day:latest(Violation, NewViolation)}
           end).

%% @doc Deletes the days of a user.
-spec delete(binary(), binary()) -> mod_e2e_policy_senders:answer(deleted).
delete(LServer, LUser) ->
    change(LServer, [LUser], deleted, fun(_LUser, _Days) -> {none, none} end).

%% @doc Deletes the days before this one, and the rows that have no other.
-spec delete_before(binary(), binary()) -> mod_e2e_policy_senders:answer(deleted).
delete_before(LServer, First) ->
    change_all(LServer,
               fun(_LUser, {Accepted, Violation}) ->
                       {mod_e2e_policy_day:since(First, Accepted),
                        mod_e2e_policy_day:since(First, Violation)}
               end).

%% @doc Deletes the rows of the host, and makes no table to do so.
-spec delete_all(binary()) -> mod_e2e_policy_senders:answer(deleted).
delete_all(LServer) ->
    case mod_e2e_policy_mnesia_table:exists(table()) of
        true ->
            %% After a start it waits until the table is loaded.
            _ = init(LServer, #{}),
            change_all(LServer, fun(_LUser, _Days) -> {none, none} end);
        false ->
            {ok, deleted}
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec change_all(binary(), change()) -> mod_e2e_policy_senders:answer(deleted).
change_all(LServer, Change) ->
    case read_all(LServer) of
        {ok, Rows} ->
            change(LServer, [LUser || {LUser, Days} <- Rows, Change(LUser, Days) /= Days],
                   deleted, Change);
        Failure ->
            Failure
    end.

%% In chunks, because a transaction holds a lock for each of its rows on all nodes.
-spec change(binary(), [binary()], Done, change()) -> mod_e2e_policy_senders:answer(Done).
change(_LServer, [], Done, _Change) ->
    {ok, Done};
change(LServer, LUsers, Done, Change) ->
    Chunk = lists:sublist(LUsers, ?CHUNK),
    case change_chunk(LServer, Chunk, Change) of
        ok -> change(LServer, lists:nthtail(length(Chunk), LUsers), Done, Change);
        Failure -> Failure
    end.

%% Most rows have the day already that is to be written. The others are read again in a transaction,
%% so that two nodes do not write the same. The log is synced, so that a crash of the node does not
%% lose what is written.
-spec change_chunk(binary(), [binary()], change()) -> ok | {error, unicode:chardata()}.
change_chunk(LServer, LUsers, Change) ->
    ToChange = fun() ->
                       [LUser || LUser <- LUsers,
                                 Row <- [mnesia:dirty_read(e2e_policy_senders, {LServer, LUser})],
                                 Change(LUser, stored(Row)) /= stored(Row)]
               end,
    case dirty(ToChange) of
        {ok, []} ->
            ok;
        {ok, Changing} ->
            ChangeRow = fun(LUser) -> change_row(LServer, LUser, Change) end,
            Sync = fun() ->
                           mnesia:sync_transaction(fun() -> lists:foreach(ChangeRow, Changing) end)
                   end,
            case mod_e2e_policy_mnesia_table:with(table(), Sync) of
                {atomic, ok} -> _ = mnesia:sync_log(), ok;
                Failure -> Failure
            end;
        Failure ->
            Failure
    end.

-spec change_row(binary(), binary(), change()) -> ok.
change_row(LServer, LUser, Change) ->
    Key = {LServer, LUser},
    Days = stored(mnesia:read(e2e_policy_senders, Key, write)),
    case Change(LUser, Days) of
        Days ->
            ok;
        {none, none} ->
            mnesia:delete({e2e_policy_senders, Key});
        {Accepted, Violation} ->
            mnesia:write(#e2e_policy_senders{key = Key, accepted = Accepted,
                                             violation = Violation})
    end.

-spec stored([#e2e_policy_senders{}]) -> days().
stored([#e2e_policy_senders{accepted = Accepted, violation = Violation}]) -> {Accepted, Violation};
stored([]) -> {none, none}.

-spec dirty(fun(() -> Value)) -> mod_e2e_policy_senders:answer(Value).
dirty(Operation) ->
    mod_e2e_policy_mnesia_table:dirty(table(), Operation).

%% Ordered, so that the rows of a host are beside each other.
-spec table() -> mod_e2e_policy_mnesia_table:table().
table() ->
    {e2e_policy_senders,
     [{type, ordered_set}, {attributes, record_info(fields, e2e_policy_senders)}]}.
