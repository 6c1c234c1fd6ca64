%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The memory of a server's node: what Erlang uses, and for what; the resident memory of the
%% process; and what the C library's malloc has given out, where a leak of the native library would
%% be. Erlang itself takes almost nothing from there.
-module(memory).

-export([sample/1, growth/1]).

-export_type([sample/0]).

-type kind() :: erlang | processes | binary | ets | resident | native.
-type sample() :: #{kind() => float()}.
%% In megabytes.

%% The size of an arena of malloc(3) in glibc.
-define(ARENA, (64 * 1024 * 1024)).

-spec sample(server:server()) -> sample().
sample(Server) ->
    {ok, Maps} = server:call(Server, file, read_file, ["/proc/self/smaps"]),
    Areas = areas(binary:split(Maps, <<"\n">>, [global])),
    #{total := Total} = Erlang = maps:from_list(server:call(Server, erlang, memory, [])),
    maps:map(fun(_, Bytes) -> Bytes / 1.0e6 end,
             (maps:with([processes, binary, ets], Erlang))
             #{erlang => Total,
               resident => lists:sum([Resident || #{resident := Resident} <- Areas]),
               native => lists:sum([Resident || #{resident := Resident} <- given_out(Areas)])}).

%% The median of the second third of the samples, and that of the last third.
-spec growth([sample(), ...]) -> #{kind() => {float(), float()}}.
growth([Sample | _] = Samples) ->
    Third = length(Samples) div 3,
    Median = fun(Start, Kind) ->
                     ratio:median([maps:get(Kind, InThird)
                                   || InThird <- lists:sublist(Samples, Start, Third)])
             end,
    maps:map(fun(Kind, _) ->
                     {Median(Third + 1, Kind), Median(length(Samples) - Third + 1, Kind)}
             end, Sample).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

%% Areas of the address space, with their resident memory.
areas([]) ->
    [];
areas([Line | Lines]) ->
    case re:run(Line, "^([0-9a-f]+)-([0-9a-f]+) (\\S+) \\S+ \\S+ \\S+ *(.*)$",
                [{capture, all_but_first, binary}]) of
        {match, [From, To, Rights, Name]} ->
            {Facts, Rest} = lists:splitwith(fun(Fact) -> not has(Fact, <<"^VmFlags">>) end, Lines),
            [#{from => binary_to_integer(From, 16), to => binary_to_integer(To, 16),
               rights => Rights, name => Name, resident => resident(Facts)} | areas(Rest)];
        nomatch ->
            areas(Lines)
    end.

resident(Facts) ->
    [Kilobytes] = [binary_to_integer(Number)
                   || Fact <- Facts,
                      {match, [Number]} <- [re:run(Fact, "^Rss: +([0-9]+) kB",
                                                   [{capture, all_but_first, binary}])]],
    Kilobytes * 1024.

has(Text, Pattern) ->
    re:run(Text, Pattern) =/= nomatch.

%% The heap of the first thread, and the arenas of other threads: an arena begins at a multiple of
%% 64 MB, and its unused part follows as an area without any rights.
given_out([#{name := <<"[heap]">>} = Heap | Areas]) ->
    [Heap | given_out(Areas)];
given_out([#{from := From, to := To, name := <<>>} = Arena,
           #{from := To, rights := <<"---p">>} | Areas]) when From rem ?ARENA =:= 0 ->
    [Arena | given_out(Areas)];
given_out([_ | Areas]) ->
    given_out(Areas);
given_out([]) ->
    [].
