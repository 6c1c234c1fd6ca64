%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Published keys in the Mnesia tables of mod_pubsub.
%%%
%%% All reads are by key and outside of transactions, so that nothing is locked. The functions of
%%% mod_pubsub that find the nodes of a user read the nodes of all users.
-module(mod_e2e_policy_keys_mnesia).

%% ejabberd's module_install compiles each module by itself, and would warn of a behaviour that it
%% does not find.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_keys).
-endif.

-export([lists/3, published/3]).

-include("pubsub.hrl").
-include("xmpp.hrl").

-type owner() :: {LUser :: binary(), LServer :: binary(), binary()}.

%% @doc The newest items of those nodes that exist.
-spec lists(binary(), [binary()], [binary()]) ->
          mod_e2e_policy_keys:answer([{binary(), binary(), mod_e2e_policy_keys:access(),
                                       [xmlel()]}]).
lists(LServer, Users, Nodes) ->
    read(fun() ->
                 [{LUser, Node, Access, payload(Index, Item)}
                  || LUser <- Users, Node <- Nodes,
                     {Index, Access} <- found({LUser, LServer, <<>>}, Node),
                     Item <- item({LUser, LServer, <<>>}, Index, newest)]
         end).

%% @doc Those items that exist and are an element of one of the names.
-spec published(binary(), [mod_e2e_policy_keys:wanted()], [binary()]) ->
          mod_e2e_policy_keys:answer(#{mod_e2e_policy_keys:wanted() =>
                                           mod_e2e_policy_keys:access()}).
published(LServer, Wanted, Names) ->
    read(fun() ->
                 maps:from_list(
                   [{Each, Access}
                    || {LUser, Node, Id} = Each <- Wanted,
                       {Index, Access} <- found({LUser, LServer, <<>>}, Node),
                       Item <- item({LUser, LServer, <<>>}, Index, Id),
                       Name <- name(Index, Item), lists:member(Name, Names)])
         end).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec read(fun(() -> Value)) -> mod_e2e_policy_keys:answer(Value).
read(Read) ->
    try {ok, Read()}
    catch
        exit:{aborted, {Kind, _}} when is_atom(Kind) -> {error, ["Mnesia: ", atom_to_list(Kind)]};
        exit:{aborted, _} -> {error, "Mnesia: aborted"}
    end.

%% The index of a node, and who may read it. A node has all options of the plugin.
-spec found(owner(), binary()) -> [{mod_pubsub:nodeIdx(), mod_e2e_policy_keys:access()}].
found(Owner, Node) ->
    [{Index, proplists:get_value(access_model, Options, presence)}
     || #pubsub_node{id = Index, options = Options}
            <- mnesia:dirty_read(pubsub_node, {Owner, Node})].

%% The state of the owner lists the items that this user has published, the newest first. Reading
%% all items of a node could cost the memory of a thousand of the largest ones.
-spec item(owner(), mod_pubsub:nodeIdx(), binary() | newest) -> [binary()].
item(Owner, Index, newest) ->
    [Item || #pubsub_state{items = [Item | _]}
                 <- mnesia:dirty_read(pubsub_state, {Owner, Index})];
item(_Owner, _Index, Id) ->
    [Id].

-spec payload(mod_pubsub:nodeIdx(), binary()) -> [xmlel()].
payload(Index, Id) ->
    case mnesia:dirty_read(pubsub_item, {Id, Index}) of
        [#pubsub_item{payload = Payload}] -> Payload;
        [] -> []
    end.

%% The name alone: a bundle has a hundred keys, which need not be copied.
-dialyzer({no_improper_lists, name/2}).
-spec name(mod_pubsub:nodeIdx(), binary()) -> [binary()].
name(Index, Id) ->
    Pattern = #pubsub_item{itemid = {Id, Index}, payload = [{xmlel, '$1', '_', '_'} | '_'],
                           _ = '_'},
    mnesia:dirty_select(pubsub_item, [{Pattern, [], ['$1']}]).
