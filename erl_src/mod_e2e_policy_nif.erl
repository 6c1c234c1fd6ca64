%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Loads the native library, and nothing else: the functions of the Rust crate `e2e_policy_nif'.
%%%
%%% A loaded library cannot be loaded again in a running node, so this module must change as rarely
%%% as its interface: all that can change lives elsewhere and stays reloadable.
-module(mod_e2e_policy_nif).

-on_load(load/0).

%% Loading
-export([status/0, library/0]).
%% Native functions
-export([interface/0, new_policy/1, judge/8, decide/5, explain/7, describe/1, stand/3,
         parse_period/1]).

-export_type([policy/0, library/0, option_error/0, judgement/0, violation/0, decision/0,
              explanation/0]).

-define(LIBRARY, "mod_e2e_policy_nif").

%% An immutable policy, owned by the library and collected like any term.
-type policy() :: reference().
%% The file that is loaded, and a digest of what it held then.
-type library() :: {file:filename(), Digest :: binary()}.
%% The option that is wrong (empty when no single one is), and what was found and expected.
-type option_error() :: {binary(), binary()}.
%% What the policy does not accept: the reason, the scheme, and the kind of conversation.
-type violation() :: {violation, plain | unacceptable, binary(), direct | group}.
%% What is wrong with a message, and what becomes of its bodies if it is delivered.
-type judgement() :: {allow | violation(), keep | replace}.
%% What to do about a violation: reason, text and its language; or the clock has to start.
-type decision() :: {warn | reject, plain | unacceptable, binary(), binary()} | start_clock.
%% A decision in words; what is missing is empty.
-type explanation() :: #{decision | reason | content | scheme | text := binary(),
                         why := [binary()]}.

%%%===================================================================
%%% Loading
%%%===================================================================
%% Whether the library is there; if not, which files were tried and why each failed.
-spec status() -> ok | {error, string()}.
status() ->
    case persistent_term:get(?MODULE, {error, "the library was never loaded"}) of
        {error, _} = Error -> Error;
        _Library -> ok
    end.

%% What an upgrade compares with the file on disk.
-spec library() -> library() | none.
library() ->
    case persistent_term:get(?MODULE, none) of
        {error, _} -> none;
        Library -> Library
    end.

%% Succeeds without a library too: an error here would make ejabberd say `unknown module' and no
%% more, so the reason is kept for `status/0' and the module that starts reports it.
-spec load() -> ok | {error, term()}.
load() ->
    case load_first(candidates(), []) of
        {ok, Library} ->
            persistent_term:put(?MODULE, Library);
        {error, _} = Error ->
            case erlang:module_loaded(?MODULE) orelse erlang:check_old_code(?MODULE) of
                %% A second load: refused, so that the code and the library in use stay. Or the first of
                %% two steps of an upgrade: a later try succeeds.
                true -> Error;
                false -> persistent_term:put(?MODULE, Error)
            end
    end.

-spec load_first([file:filename()], [iolist()]) -> {ok, library()} | {error, string()}.
load_first([], Failures) ->
    {error, lists:flatten(lists:join("; ", lists:reverse(Failures)))};
load_first([Path | Paths], Failures) ->
    case load_file(Path) of
        {ok, _} = Loaded -> Loaded;
        {error, Reason} -> load_first(Paths, [[Path, ".so: ", Reason] | Failures])
    end.

-spec load_file(file:filename()) -> {ok, library()} | {error, string()}.
load_file(Path) ->
    File = Path ++ ".so",
    case is_whole(File) of
        true ->
            case erlang:load_nif(another_name(Path), 0) of
                ok ->
                    {ok, Octets} = file:read_file(File),
                    {ok, {File, erlang:md5(Octets)}};
                {error, {_, Text}} ->
                    {error, Text}
            end;
        {error, _} = Error ->
            Error
    end.

%% While older policies live their library stays mapped, and the system takes a file of the same name for
%% it, whatever lies there now. With one more slash the name is another.
-spec another_name(file:filename()) -> file:filename().
another_name(Path) ->
    Loads = persistent_term:get({?MODULE, loads}, 0),
    persistent_term:put({?MODULE, loads}, Loads + 1),
    filename:dirname(Path) ++ lists:duplicate(1 + Loads, $/) ++ filename:basename(Path).

%% The system maps a truncated library, and ends the whole node when it reads behind the end. The
%% section table comes last in an ELF file; what is no 64-bit ELF file is left to the system.
-spec is_whole(file:filename()) -> true | {error, string()}.
is_whole(File) ->
    case file:open(File, [read, binary, raw]) of
        {ok, Device} ->
            Header = file:read(Device, 64),
            {ok, Size} = file:position(Device, eof),
            ok = file:close(Device),
            case Header of
                {ok, <<16#7f, "ELF", 2, 1, _:34/binary, Sections:64/little, _:10/binary,
                       EntrySize:16/little, Entries:16/little, _/binary>>}
                  when Sections + EntrySize * Entries > Size ->
                    {error, "truncated, the file is incomplete"};
                _ ->
                    true
            end;
        {error, Reason} ->
            {error, file:format_error(Reason)}
    end.

%% Without the extension, as load_nif/2 wants it. Beside the beam comes first: an older copy
%% elsewhere must not win.
-spec candidates() -> [file:filename()].
candidates() ->
    Beside = filename:dirname(filename:dirname(filename:absname(code:which(?MODULE)))),
    Folders = [filename:join(Beside, "priv"), filename:join([Beside, "priv", "lib"])]
        ++ [filename:join(Dir, Sub) || {App, Sub} <- [{mod_e2e_policy, ""}, {ejabberd, "lib"}],
                                       Dir <- [code:priv_dir(App)], is_list(Dir)],
    Unique = lists:foldl(fun(Folder, Seen) ->
                                 case lists:member(Folder, Seen) of
                                     true -> Seen;
                                     false -> Seen ++ [Folder]
                                 end
                         end, [], Folders),
    [filename:join(Folder, ?LIBRARY) || Folder <- Unique].

%%%===================================================================
%%% Native functions
%%%===================================================================
%% The version of this list of functions, of their arguments and results.
-spec interface() -> pos_integer().
interface() ->
    erlang:nif_error(nif_not_loaded).

%% Makes options sound, once. Keys are option names; words are atoms, texts and JIDs binaries. The option that is
%% wrong is named; what no configuration can hold is `badarg'.
-spec new_policy(#{atom() => term()}) -> {ok, policy()} | {error, option_error()}.
new_policy(_Options) ->
    erlang:nif_error(nif_not_loaded).

%% Judges a message by what matters of ejabberd's record, its sender and its recipient. Other terms than
%% `#text{}' and `#xmlel{}' count as text.
-spec judge(policy(), Type :: atom(), Subject :: [tuple()], Body :: [tuple()],
            Thread :: tuple() | undefined, Els :: [tuple()], From :: tuple(), To :: tuple()) ->
          judgement().
judge(_Policy, _Type, _Subject, _Body, _Thread, _Els, _From, _To) ->
    erlang:nif_error(nif_not_loaded).

%% Decides about a violation of a user with this clock at this time, in seconds of Unix time.
-spec decide(policy(), violation(), To :: tuple(), mod_e2e_policy_grace:clock() | none,
             Now :: integer()) -> decision().
decide(_Policy, _Violation, _To, _Clock, _Now) ->
    erlang:nif_error(nif_not_loaded).

%% Judges and decides about a message in text form and says why, element by element. A message to a user of this
%% server is direct, whatever its type.
-spec explain(policy(), Text :: binary(), From :: tuple(), To :: tuple(), IsToUser :: boolean(),
              mod_e2e_policy_grace:clock() | none, Now :: integer()) ->
          {ok, explanation()} | {error, binary()}.
explain(_Policy, _Text, _From, _To, _IsToUser, _Clock, _Now) ->
    erlang:nif_error(nif_not_loaded).

%% The policy in plain words.
-spec describe(policy()) -> [binary()].
describe(_Policy) ->
    erlang:nif_error(nif_not_loaded).

%% Where a clock stands: its end, and the remaining time as people say it.
-spec stand(policy(), mod_e2e_policy_grace:clock(), Now :: integer()) ->
          {running | over, End :: integer(), Remaining :: binary()}.
stand(_Policy, _Clock, _Now) ->
    erlang:nif_error(nif_not_loaded).

%% Reads a duration as ejabberd's options write them: `14 days'.
-spec parse_period(binary()) -> {ok, Seconds :: integer()} | {error, binary()}.
parse_period(_Text) ->
    erlang:nif_error(nif_not_loaded).
