%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The figures of a day, made of the cells of its counters.
%%%
%%% An admin is shown how much is encrypted, and who would be hit by a stricter policy.
-module(mod_e2e_policy_report).

-export([row/1, kind/1]).

-export_type([day/0, row/0]).

-type day() :: {Day :: binary(), [{mod_e2e_policy_counters:cell(), pos_integer()}]}.
%% The day is written as in RFC 3339, such as `2026-11-25', and is one of UTC.
-type count() :: non_neg_integer().
-type row() :: {Day :: binary(), Messages :: count(), Encrypted :: count(),
                Unacceptable :: count(), Plaintext :: count(), Exempt :: count(),
                Warned :: count(), Refused :: count(), WouldWarn :: count(),
                WouldRefuse :: count(), Failed :: count(), IncomingPlaintext :: count()}.

%% @doc The line of a day in the report. Its columns overlap: a refused message in the clear is in
%% the messages, in the plaintext and in the refused ones.
-spec row(day()) -> row().
row({Day, Cells}) ->
    Sent = [{Cell, Count} || {{sent, _, _, _} = Cell, Count} <- Cells],
    Kind = fun(Wanted) -> lists:sum([Count || {Cell, Count} <- Sent, kind(Cell) == Wanted]) end,
    Decided = fun(Wanted) ->
                      lists:sum([Count || {{_, _, _, Decision}, Count} <- Sent,
                                          Decision == Wanted])
              end,
    [Encrypted, Unacceptable, Plaintext] =
        [Kind(Each) || Each <- [encrypted, unacceptable, plaintext]],
    {Day, Encrypted + Unacceptable + Plaintext, Encrypted, Unacceptable, Plaintext,
     Decided(exempt), Decided(warned), Decided(refused), Decided(would_warn),
     Decided(would_refuse), Decided(failed),
     lists:sum([Count || {{incoming, _, plaintext, _}, Count} <- Cells])}.

%% @doc What the messages of a cell are. What is encrypted and not simply allowed violates the
%% policy, so its scheme is not accepted.
-spec kind(mod_e2e_policy_counters:cell()) -> encrypted | unacceptable | plaintext | nothing.
kind({_, _, nothing, _}) -> nothing;
kind({_, _, plaintext, _}) -> plaintext;
kind({_, _, _Scheme, allowed}) -> encrypted;
kind({_, _, _Scheme, _}) -> unacceptable.
