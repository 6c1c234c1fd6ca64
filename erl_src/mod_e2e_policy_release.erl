%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Releases of this module that lie side by side, in folders with their versions in the names, as packages
%%% and script/install put them.
-module(mod_e2e_policy_release).

-export([newest/1, version/1, is_older/2]).

-define(NAME, "mod_e2e_policy-").
%% Numbers with dots, then perhaps what Debian appends: 0.2.0, 0.2.0~rc1, 0.2.0+git20261101. Neither 0.2.0.bak
%% nor 0.2.0~, which are names of copies.
-define(VERSION, "^[0-9]+(\\.[0-9]+)*([~+][0-9A-Za-z]+(\\.[0-9A-Za-z]+)*)*$").

%% The folder of the newest release beside this one, itself included if it is still there. A folder without a
%% version in its name is the only one.
-spec newest(file:filename()) -> file:filename() | none.
newest(Folder) ->
    case filename:basename(Folder) of
        ?NAME ++ _ ->
            Beside = filelib:wildcard(filename:join(filename:dirname(Folder), ?NAME ++ "*")),
            Releases = [{sort_key(named(Release)), Release} || Release <- Beside, is_release(Release)],
            case lists:sort(Releases) of
                [] -> none;
                Sorted -> element(2, lists:last(Sorted))
            end;
        _ ->
            Folder
    end.

%% The version of the release in a folder, whatever the folder is named.
-spec version(file:filename()) -> {ok, string()} | none.
version(Folder) ->
    case file:consult(filename:join([Folder, "ebin", "mod_e2e_policy.app"])) of
        {ok, [{application, mod_e2e_policy, Keys}]} -> {ok, proplists:get_value(vsn, Keys, "")};
        _ -> none
    end.

%% As dpkg compares: numbers as numbers, letters before everything else, and `~' before all, even the end.
-spec is_older(string(), string()) -> boolean().
is_older(Version, Other) ->
    sort_key(Version) < sort_key(Other).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec named(file:filename()) -> string().
named(Folder) ->
    lists:nthtail(length(?NAME), filename:basename(Folder)).

%% A copy has the version that it was made of in its name, and something more.
-spec is_release(file:filename()) -> boolean().
is_release(Folder) ->
    Name = named(Folder),
    re:run(Name, ?VERSION, [{capture, none}]) == match
        andalso case version(Folder) of
                    {ok, Name} -> true;
                    {ok, Version} -> not lists:prefix(Version, Name);
                    none -> false
                end.

%% In turns what is no digit, and a number; both are there at the end, too.
-spec sort_key(string()) -> [[integer()] | integer()].
sort_key(Version) ->
    {Text, Rest} = lists:splitwith(fun(Character) -> not is_digit(Character) end, Version),
    {Digits, More} = lists:splitwith(fun is_digit/1, Rest),
    [[weight(Character) || Character <- Text] ++ [0], list_to_integer("0" ++ Digits)
     | case Version of [] -> []; _ -> sort_key(More) end].

%% The end has 0.
-spec weight(char()) -> integer().
weight($~) -> -1;
weight(Letter) when Letter >= $A, Letter =< $Z; Letter >= $a, Letter =< $z -> Letter;
weight(Other) -> Other + 256.

-spec is_digit(char()) -> boolean().
is_digit(Character) ->
    Character >= $0 andalso Character =< $9.
