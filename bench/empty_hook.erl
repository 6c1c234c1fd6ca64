%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% A hook that does nothing, to measure what ejabberd needs to call any hook for a stanza. It is
%% loaded into the server's node.
-module(empty_hook).

-export([user_send_packet/1]).

-spec user_send_packet(Acc) -> Acc.
user_send_packet(Acc) ->
    Acc.
