%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc How many messages of a host were decided how, counted in memory.
%%%
%%% Each kind of message and decision has a cell. Adding to a cell is one atomic operation in a copy
%%% of the cells that the scheduler of the calling process has, so that schedulers do not wait for
%%% each other. The cells only grow. A second array has what was taken of each cell to be saved.
-module(mod_e2e_policy_counters).

-export([new/0, add/5, totals/1, take/1]).

-export_type([counters/0, cell/0, direction/0, chat/0, content/0, decision/0]).

-opaque counters() :: {Sent :: counters:counters_ref(), Taken :: counters:counters_ref(),
                      Received :: {counters:counters_ref(), Taken :: counters:counters_ref()}}.
%% What users here have sent, and in arrays of its own what they have not.
-type cell() :: {direction(), chat(), content(), decision()}.
-type direction() :: sent | incoming | room.
%% Whether a user here has sent the message, another server has, or somebody who is no user here has
%% sent it to a room here.
-type chat() :: direct | group.
-type content() :: omemo | pgp | pgp_legacy | otr | other | plaintext | nothing.
%% The scheme of a message that is encrypted, `other' for a mechanism that is none of the schemes;
%% `plaintext'; or `nothing' to protect, which messages have too that nobody has looked into.
-type decision() :: allowed | exempt | warned | refused | would_warn | would_refuse | failed.

-define(CHATS, [direct, group]).
-define(CONTENTS, [omemo, pgp, pgp_legacy, otr, other, plaintext, nothing]).
-define(DECISIONS, [allowed, exempt, warned, refused, would_warn, would_refuse, failed]).
-define(CELLS, 2 * 7 * 7).

%% @doc Counters of a host, all zero.
-spec new() -> counters().
new() ->
    {Sent, Taken} = zeros(?CELLS),
    {Sent, Taken, zeros(2 * ?CELLS)}.

%% @doc Counts a message.
-spec add(counters(), direction(), chat(), content(), decision()) -> ok.
add({Sent, _Taken, _Received}, sent, Chat, Content, Decision) ->
    counters:add(Sent, index(Chat, Content, Decision), 1);
add({_Sent, _Taken, {Received, _}}, incoming, Chat, Content, Decision) ->
    counters:add(Received, index(Chat, Content, Decision), 1);
add({_Sent, _Taken, {Received, _}}, room, Chat, Content, Decision) ->
    counters:add(Received, ?CELLS + index(Chat, Content, Decision), 1).

%% @doc What was counted since the counters were made, without zeros.
-spec totals(counters()) -> [{cell(), pos_integer()}].
totals({Sent, _Taken, {Received, _TakenOfReceived}}) ->
    [{Cell, Count} || {Counted, Cells} <- [{Sent, sent()}, {Received, received()}],
                      {Index, Cell} <- Cells,
                      Count <- [counters:get(Counted, Index)], Count > 0].

%% @doc What was counted and not taken before, without zeros. Only one process may take.
-spec take(counters()) -> [{cell(), pos_integer()}].
take({Sent, Taken, {Received, TakenOfReceived}}) ->
    take(Sent, Taken, sent()) ++ take(Received, TakenOfReceived, received()).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec zeros(pos_integer()) -> {counters:counters_ref(), Taken :: counters:counters_ref()}.
zeros(Cells) ->
    {counters:new(Cells, [write_concurrency]), counters:new(Cells, [])}.

-spec take(counters:counters_ref(), counters:counters_ref(), [{pos_integer(), cell()}]) ->
          [{cell(), pos_integer()}].
take(Counted, Taken, Cells) ->
    [begin
         ok = counters:put(Taken, Index, Count),
         {Cell, Count - Before}
     end || {Index, Cell} <- Cells,
            Count <- [counters:get(Counted, Index)],
            Before <- [counters:get(Taken, Index)],
            Count > Before].

%% The cells of an array with their indices.
-spec sent() -> [{pos_integer(), cell()}].
sent() ->
    indexed([sent]).

-spec received() -> [{pos_integer(), cell()}].
received() ->
    indexed([incoming, room]).

-spec indexed([direction()]) -> [{pos_integer(), cell()}].
indexed(Directions) ->
    Cells = [{Direction, Chat, Content, Decision}
             || Direction <- Directions, Chat <- ?CHATS, Content <- ?CONTENTS,
                Decision <- ?DECISIONS],
    lists:zip(lists:seq(1, length(Cells)), Cells).

-spec index(chat(), content(), decision()) -> pos_integer().
index(Chat, Content, Decision) ->
    1 + (chat(Chat) * 7 + content(Content)) * 7 + decision(Decision).

%% The positions of the words in their lists above. One function for each list means little machine
%% code for most messages.
-spec chat(chat()) -> non_neg_integer().
chat(direct) -> 0;
chat(group) -> 1.

-spec content(content()) -> non_neg_integer().
content(omemo) -> 0;
content(pgp) -> 1;
content(pgp_legacy) -> 2;
content(otr) -> 3;
content(other) -> 4;
content(plaintext) -> 5;
content(nothing) -> 6.

-spec decision(decision()) -> non_neg_integer().
decision(allowed) -> 0;
decision(exempt) -> 1;
decision(warned) -> 2;
decision(refused) -> 3;
decision(would_warn) -> 4;
decision(would_refuse) -> 5;
decision(failed) -> 6.
