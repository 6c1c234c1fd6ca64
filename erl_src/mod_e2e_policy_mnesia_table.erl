%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Tables in Mnesia: how they are made, and what is said of failures.
-module(mod_e2e_policy_mnesia_table).

-export([make/2, exists/1, with/2, dirty/2]).

-export_type([table/0]).

-include("logger.hrl").

-type table() :: {Name :: atom(), Definition :: [{atom(), term()}]}.
%% The definition is that of `mnesia:create_table/2' without the nodes.

%% @doc Makes a table, in memory and on disk of each node that runs the module.
-spec make(module(), table()) -> term().
make(Module, {Name, _} = Table) ->
    ejabberd_mnesia:create(Module, Name, definition(Table, [node()])).

%% @doc Whether there is the table, on this node or on another one of the cluster.
-spec exists(table()) -> boolean().
exists({Name, _}) ->
    lists:member(Name, mnesia:system_info(tables)).

%% @doc Makes a table again that was deleted while the server runs, and repeats the operation.
%%
%% Calling `ejabberd_mnesia:create/3' again would not do it: it remembers that it has made the
%% table.
-spec with(table(), fun(() -> Result | {aborted, term()})) -> Result | {error, unicode:chardata()}.
with({Name, _} = Table, Operation) ->
    case Operation() of
        {aborted, {no_exists, _}} ->
            _ = mnesia:create_table(Name, definition(Table, ejabberd_cluster:get_nodes())),
            result(Name, Operation());
        Result ->
            result(Name, Result)
    end.

%% @doc The same with an operation outside of a transaction, which exits when it fails.
-spec dirty(table(), fun(() -> Value)) -> {ok, Value} | {error, unicode:chardata()}.
dirty(Table, Operation) ->
    with(Table, fun() ->
                        try Operation() of
                            Value -> {ok, Value}
                        catch
                            exit:{aborted, Reason} -> {aborted, Reason}
                        end
                end).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec definition(table(), [node()]) -> [{atom(), term()}].
definition({_Name, Definition}, Nodes) ->
    [{disc_copies, Nodes} | Definition].

%% Only the kind of a failure is returned: the terms in it have names of users.
-spec result(atom(), Result | {aborted, term()}) -> Result | {error, unicode:chardata()}.
result(Name, {aborted, Reason}) ->
    ?DEBUG("Mnesia table ~ts: ~p", [Name, Reason]),
    Kind = case Reason of
               _ when is_atom(Reason) -> Reason;
               _ when is_tuple(Reason), is_atom(element(1, Reason)) -> element(1, Reason);
               _ -> aborted
           end,
    {error, ["Mnesia: ", atom_to_list(Kind)]};
result(_Name, Result) ->
    Result.
