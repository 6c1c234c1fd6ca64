%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Published keys in the SQL tables of mod_pubsub, by one query for many users.
%%%
%%% The tables are the same in the multi-host schema: they have users with their hosts.
-module(mod_e2e_policy_keys_sql).

%% ejabberd's module_install compiles each module by itself, and would warn of a behaviour that it
%% does not find.
-ifdef(CHECK_CALLBACKS).
-behaviour(mod_e2e_policy_keys).
-endif.

-export([lists/3, published/3]).

-include("xmpp.hrl").

%% How many keys are asked for in a query, whose text SQLite limits to a million octets. A thousand
%% users have about three thousand keys.
-define(MAX_WANTED, 8_000).
%% In octets: what is longer is no list of devices.
-define(LONGEST_LIST, "65536").

%% @doc The newest items of those nodes that exist.
-spec lists(binary(), [binary()], [binary()]) ->
          mod_e2e_policy_keys:answer([{binary(), binary(), mod_e2e_policy_keys:access(),
                                       [xmlel()]}]).
lists(LServer, Users, Nodes) ->
    Owners = owners(LServer, Users),
    Query = ["select n.host, n.node, coalesce(o.val, ''), coalesce(i.payload, '') ",
             joined(["length(i.payload) <= " ?LONGEST_LIST " and i.creation = ", newest()]),
             " where n.host in ", literals(LServer, maps:keys(Owners)),
             " and n.node in ", literals(LServer, Nodes)],
    case mod_e2e_policy_sql_set:rows(LServer, Query) of
        {ok, Rows} ->
            {ok, [{maps:get(Owner, Owners), Node, access(Access), parsed(Payload)}
                  || [Owner, Node, Access, Payload] <- Rows, Payload /= <<>>,
                     is_map_key(Owner, Owners), lists:member(Node, Nodes)]};
        Error ->
            Error
    end.

%% @doc Those items that exist and are an element of one of the names.
-spec published(binary(), [mod_e2e_policy_keys:wanted()], [binary()]) ->
          mod_e2e_policy_keys:answer(#{mod_e2e_policy_keys:wanted() =>
                                           mod_e2e_policy_keys:access()}).
published(_LServer, [], _Names) ->
    {ok, #{}};
published(LServer, Wanted, Names) when length(Wanted) > ?MAX_WANTED ->
    {Now, Later} = lists:split(?MAX_WANTED, Wanted),
    case published(LServer, Now, Names) of
        {ok, Found} ->
            case published(LServer, Later, Names) of
                {ok, More} -> {ok, maps:merge(Found, More)};
                Error -> Error
            end;
        Error ->
            Error
    end;
published(LServer, Wanted, Names) ->
    Owners = owners(LServer, [LUser || {LUser, _, _} <- Wanted]),
    Alone = lists:usort([Node || {_, Node, newest} <- Wanted]),
    Shared = lists:usort([Node || {_, Node, Item} <- Wanted, Item /= newest]),
    Items = lists:usort([Item || {_, _, Item} <- Wanted, Item /= newest]),
    InShared = [["n.node in ", literals(LServer, Shared)] || Shared /= []],
    Query = ["select n.host, n.node, coalesce(o.val, ''), coalesce(i.itemid, '') ",
             joined(["(", lists:join(" or ", [["i.payload like '<", Name, "%'"] || Name <- Names]),
                     ") and (i.creation = ", newest(),
                     [[" or ", Condition, " and i.itemid in ", literals(LServer, Items)]
                      || Condition <- InShared], ")"]),
             " where n.host in ", literals(LServer, maps:keys(Owners)), " and (",
             lists:join(" or ", [named(LServer, Alone) || Alone /= []] ++ InShared), ")"],
    case mod_e2e_policy_sql_set:rows(LServer, Query) of
        {ok, Rows} ->
            {ok, maps:from_list(
                   [{{maps:get(Owner, Owners), Node, case lists:member(Node, Shared) of
                                                         true -> Item;
                                                         false -> newest
                                                     end}, access(Access)}
                    || [Owner, Node, Access, Item] <- Rows, Item /= <<>>,
                       is_map_key(Owner, Owners)])};
        Error ->
            Error
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% What mod_pubsub calls the host of a node of PEP is the JID of its owner. Databases that compare
%% without regard to case find rows of others, too.
-spec owners(binary(), [binary()]) -> #{binary() => binary()}.
owners(LServer, Users) ->
    maps:from_list([{<<LUser/binary, "@", LServer/binary>>, LUser} || LUser <- Users]).

%% Nodes with those of their items that match, and who may read them. A node without such an item
%% has a row, too: with an inner join a database whose statistics are old begins with the items, and
%% reads those of all users.
-spec joined(iodata()) -> iodata().
joined(Condition) ->
    ["from pubsub_node n left join pubsub_item i on i.nodeid = n.nodeid and ", Condition,
     " left join pubsub_node_option o on o.nodeid = n.nodeid and o.name = 'access_model'"].

%% The newest item of a node.
-spec newest() -> iodata().
newest() ->
    "(select max(m.creation) from pubsub_item m where m.nodeid = n.nodeid)".

%% Each user has nodes of other names. The index of the table has owner and name: with the names as
%% such, databases would look for each of them with each owner. `trim' changes no name and has no
%% index, so that they read the nodes of the owners and compare.
-spec named(binary(), [binary()]) -> iodata().
named(LServer, Nodes) ->
    ["trim(n.node) in ", literals(LServer, Nodes)].

-spec literals(binary(), [binary()]) -> iodata().
literals(LServer, Values) ->
    mod_e2e_policy_sql_set:literals(LServer, Values).

%% ejabberd has parsed it when it was published, and parses it each time it is read.
-spec parsed(binary()) -> [xmlel()].
parsed(Text) ->
    case fxml_stream:parse_element(Text) of
        #xmlel{} = El -> [El];
        {error, _} -> []
    end.

%% Written as an Erlang term. A node has all options of the plugin.
-spec access(binary()) -> mod_e2e_policy_keys:access().
access(<<"open">>) -> open;
access(<<"presence">>) -> presence;
access(<<>>) -> presence;
access(<<"roster">>) -> roster;
access(<<"authorize">>) -> authorize;
access(_) -> whitelist.
