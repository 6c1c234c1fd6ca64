%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Queries about many users at once, in tables of ejabberd's own modules.
%%%
%%% ejabberd's macro for queries has no lists of values.
-module(mod_e2e_policy_sql_set).

-export([rows/2, literals/2]).

-include("logger.hrl").

%% @doc The rows of a query.
-spec rows(binary(), iodata()) -> {ok, [[binary()]]} | {error, unicode:chardata()}.
rows(LServer, Query) ->
    case ejabberd_sql:sql_query(LServer, [Query]) of
        {selected, _Columns, Rows} ->
            {ok, Rows};
        {error, Reason} ->
            ?DEBUG("SQL: ~p", [Reason]),
            {error, "SQL: the query failed"}
    end.

%% @doc A list of values, as it follows `in'. It must not be empty.
-spec literals(binary(), [binary(), ...]) -> iodata().
literals(LServer, Values) ->
    Type = ejabberd_option:sql_type(LServer),
    ["(", lists:join(",", [ejabberd_sql:to_string_literal(Type, Value) || Value <- Values]), ")"].
