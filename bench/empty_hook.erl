%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What any module in the place of ours would cost: a hook on every stanza that does nothing. It is
%% loaded into the server's node.
-module(empty_hook).

-export([user_send_packet/1]).

-spec user_send_packet(Acc) -> Acc.
user_send_packet(Acc) ->
    Acc.
