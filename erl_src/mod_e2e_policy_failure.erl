%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% What a log may hold of an exception: its class, kind and place, never the terms in it, which are
%%% somebody's words.
-module(mod_e2e_policy_failure).

-export([words/3]).

%% For a line in the log.
-spec words(atom(), term(), [term()]) -> iodata().
words(Class, Reason, Stack) ->
    io_lib:format("~ts:~ts in ~ts", [Class, tag(Reason), place(Stack)]).

-spec tag(term()) -> atom().
tag(Reason) when is_atom(Reason) -> Reason;
tag(Reason) when is_tuple(Reason), is_atom(element(1, Reason)) -> element(1, Reason);
tag(_) -> other.

-spec place([term()]) -> iodata().
place([{Module, Function, Arguments, _} | _]) ->
    Arity = if is_list(Arguments) -> length(Arguments);
               true -> Arguments
            end,
    io_lib:format("~ts:~ts/~B", [Module, Function, Arity]);
place(_) ->
    "an unknown place".
