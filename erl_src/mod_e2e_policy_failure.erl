%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What may be logged of an exception: class, kind and function.
%%%
%%% The terms in an exception are left out, because they may contain the text of a message.
-module(mod_e2e_policy_failure).

-export([log/5, describe/3]).

-include("logger.hrl").

%% @doc Says that the judgement of a message has failed, and what became of the message.
-spec log(binary(), atom(), term(), [term()], IsRefused :: boolean()) -> ok.
log(Host, Class, Reason, Stack, IsRefused) ->
    ?ERROR_MSG("E2EE policy of ~ts failed (~ts): message ~ts",
               [Host, describe(Class, Reason, Stack),
                case IsRefused of true -> "refused"; false -> "delivered" end]).

%% @doc Describes an exception in a line of the log.
-spec describe(atom(), term(), [term()]) -> iodata().
describe(Class, Reason, Stack) ->
    io_lib:format("~ts:~ts in ~ts", [Class, kind(Reason), function(Stack)]).

-spec kind(term()) -> atom().
kind(Reason) when is_atom(Reason) -> Reason;
kind(Reason) when is_tuple(Reason), is_atom(element(1, Reason)) -> element(1, Reason);
kind(_) -> other.

-spec function([term()]) -> iodata().
function([{Module, Function, Arguments, _} | _]) ->
    Arity = if is_list(Arguments) -> length(Arguments);
               true -> Arguments
            end,
    io_lib:format("~ts:~ts/~B", [Module, Function, Arity]);
function(_) ->
    "an unknown place".
