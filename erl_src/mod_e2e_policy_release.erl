%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Releases on disk: the newest, and what differs from what is loaded.
%%%
%%% Packages and script/install put releases side by side, in folders with versions in their names.
%%% What goes wrong in an upgrade is thrown with `fail/1', by this module and by those that call it.
-module(mod_e2e_policy_release).

%% Folders
-export([newest/1, version/1, is_older/2]).
%% What has changed
-export([changes/2, library_on_disk/0]).
%% Failures
-export([fail/1]).

-export_type([changes/0]).

-type changes() :: #{ebin := file:filename(),
                     beams := [{module(), file:filename(), binary()}],
                     native := boolean()}.
%% The folder of the beams; those that differ from what is loaded, as `code:prepare_loading/1' takes
%% them; and whether the library has to be loaded again.

-define(NAME, "mod_e2e_policy-").
%% Numbers with dots, then perhaps what Debian appends: 0.2.0, 0.2.0~rc1, 0.2.0+git20261101. But not
%% 0.2.0.bak or 0.2.0~, which are names of copies.
-define(VERSION, "^[0-9]+(\\.[0-9]+)*([~+][0-9A-Za-z]+(\\.[0-9A-Za-z]+)*)*$").

%%%===================================================================
%%% Folders
%%%===================================================================
%% @doc The folder of the newest release beside this folder, itself included if it still exists.
%%
%% A folder without a version in its name is the only one.
-spec newest(file:filename()) -> file:filename() | none.
newest(Folder) ->
    case filename:basename(Folder) of
        ?NAME ++ _ ->
            Beside = filelib:wildcard(filename:join(filename:dirname(Folder), ?NAME ++ "*")),
            Releases = [{sort_key(version_in_name(Release)), Release}
                        || Release <- Beside, is_release(Release)],
            case lists:sort(Releases) of
                [] -> none;
                Sorted -> element(2, lists:last(Sorted))
            end;
        _ ->
            Folder
    end.

%% @doc The version of the release in a folder, whatever the folder's name is.
-spec version(file:filename()) -> {ok, string()} | none.
version(Folder) ->
    case file:consult(filename:join([Folder, "ebin", "mod_e2e_policy.app"])) of
        {ok, [{application, mod_e2e_policy, Keys}]} -> {ok, proplists:get_value(vsn, Keys, "")};
        _ -> none
    end.

%% @doc Whether a version is older than another, as dpkg compares them.
%%
%% Numbers are compared as numbers, letters come before all other characters, and a tilde before
%% everything, even before the end.
-spec is_older(string(), string()) -> boolean().
is_older(Version, Other) ->
    sort_key(Version) < sort_key(Other).

-spec version_in_name(file:filename()) -> string().
version_in_name(Folder) ->
    lists:nthtail(length(?NAME), filename:basename(Folder)).

%% The name of a copy has the version of the original in it, and something more.
-spec is_release(file:filename()) -> boolean().
is_release(Folder) ->
    Name = version_in_name(Folder),
    re:run(Name, ?VERSION, [{capture, none}]) == match
        andalso case version(Folder) of
                    {ok, Name} -> true;
                    {ok, Version} -> not lists:prefix(Version, Name);
                    none -> false
                end.

%% Text without digits and numbers in turns, both possibly empty.
-spec sort_key(string()) -> [[integer()] | integer()].
sort_key(Version) ->
    {Text, Rest} = lists:splitwith(fun(Character) -> not is_digit(Character) end, Version),
    {Digits, More} = lists:splitwith(fun is_digit/1, Rest),
    [[weight(Character) || Character <- Text] ++ [0], list_to_integer("0" ++ Digits)
     | case Version of [] -> []; _ -> sort_key(More) end].

%% The end of the text has the weight 0.
-spec weight(char()) -> integer().
weight($~) -> -1;
weight(Letter) when Letter >= $A, Letter =< $Z; Letter >= $a, Letter =< $z -> Letter;
weight(Other) -> Other + 256.

-spec is_digit(char()) -> boolean().
is_digit(Character) ->
    Character >= $0 andalso Character =< $9.

%%%===================================================================
%%% What has changed
%%%===================================================================
%% @doc The modules in a folder that differ from what is loaded, and whether the library does.
%%
%% The library is the one that these modules load; `none' when none is loaded yet.
-spec changes(file:filename(), mod_e2e_policy_nif:library() | none) -> changes().
changes(Ebin, Library) ->
    Files = [{list_to_atom(filename:basename(File, ".beam")), File}
             || File <- filelib:wildcard(filename:join(Ebin, "mod_e2e_policy*.beam"))],
    {Stubs, Others} = case lists:keytake(mod_e2e_policy_nif, 1, Files) of
                          {value, {_, Found}, Rest} -> {Found, Rest};
                          false -> fail(["found no mod_e2e_policy_nif.beam in ", Ebin])
                      end,
    #{ebin => Ebin,
      beams => [{Module, File, read(File)} || {Module, File} <- Others, is_stale(Module, File)],
      native => is_stale(mod_e2e_policy_nif, Stubs) orelse is_stale_library(Library)}.

%% @doc The file of the loaded library, and the digest of what is in that file at present.
%%
%% The digest is empty if the file is gone: a release may have its library in another place.
-spec library_on_disk() -> mod_e2e_policy_nif:library() | none.
library_on_disk() ->
    case erlang:module_loaded(mod_e2e_policy_nif) andalso mod_e2e_policy_nif:library() of
        {File, _} ->
            {File, case file:read_file(File) of
                       {ok, Octets} -> erlang:md5(Octets);
                       {error, _} -> <<>>
                   end};
        _ ->
            none
    end.

-spec is_stale(module(), file:filename()) -> boolean().
is_stale(Module, File) ->
    case beam_lib:md5(File) of
        {ok, {Module, Digest}} ->
            not erlang:module_loaded(Module) orelse Module:module_info(md5) /= Digest;
        _ ->
            fail([File, " is no beam of ", atom_to_list(Module)])
    end.

-spec is_stale_library(mod_e2e_policy_nif:library() | none) -> boolean().
is_stale_library({_, Digest}) ->
    case mod_e2e_policy_nif:library() of
        {_, Digest} -> false;
        _ -> true
    end;
is_stale_library(none) ->
    false.

-spec read(file:filename()) -> binary().
read(File) ->
    case file:read_file(File) of
        {ok, Octets} -> Octets;
        {error, Reason} -> fail([File, ": ", file:format_error(Reason)])
    end.

%%%===================================================================
%%% Failures
%%%===================================================================
%% @doc Throws a problem that an admin can solve; the module that began the upgrade catches it.
-spec fail(iodata()) -> no_return().
fail(Problem) ->
    throw({?MODULE, Problem}).
