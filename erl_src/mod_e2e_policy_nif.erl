%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Loads the native library, and has a stub for each of its functions.
%%%
%%% The library is the Rust crate `e2e_policy_nif'.
%%%
%%% A loaded library cannot be loaded again in a running node, so this module has to change as
%%% rarely as the list of its functions: everything else is in other modules, which can be replaced.
-module(mod_e2e_policy_nif).

-on_load(load/0).

%% Loading
-export([status/0, library/0, machines/1]).
%% Native functions
-export([interface/0, new_policy/1, judge/8, judge_received/8, decide/6, notice/5,
         notice_received/4, explain/6, describe/2, grace_status/4, text/4, parse_period/1]).

-export_type([policy/0, library/0, option_error/0, judgement/0, violation/0, chat/0, level/0,
              decision/0, keys/0, connection/0, clock/0, explanation/0]).

-define(LIBRARY, "mod_e2e_policy_nif").

-type policy() :: reference().
%% An immutable policy, which belongs to the library and is garbage collected like any term.
-type library() :: {file:filename(), Digest :: binary()}.
%% The file that is loaded, and the MD5 digest of what was in it then.
-type option_error() :: {binary(), binary()}.
%% The option that is wrong (empty when no single one is), and what was found and expected.
-type chat() :: direct | group | marked.
%% The kind of conversation: a message that is `marked' is a private one to a room's occupant, if
%% its address can be that of an occupant. Where `muc_pm' is `direct', it is not told from others.
-type level() :: none | optional | required.
-type violation() :: {violation, plain | unacceptable, binary(), chat()}.
%% What the policy does not accept: the reason, the scheme, and the kind of conversation.
-type judgement() :: {allow | exempt | violation(), keep | replace,
                      mod_e2e_policy_counters:content()}.
%% What is wrong with a message, what becomes of its bodies if it is delivered, and what it carries.
-type decision() :: exempt | warn | {warn, (SecondsLeft :: integer()) | without_keys} | reject
                  | start_clock.
%% What to do about a violation: nothing is asked of the sender; warn as the policy is optional, as
%% so much time is left, or as the recipient has no keys; refuse; or the clock has to start.
-type keys() :: published | missing.
%% Whether the recipient has keys of an accepted scheme that the sender may read. They are
%% `published', too, if it is not known.
-type connection() :: verified | {unverified, Server :: binary()}.
%% How a message reaches its recipient, or has arrived. One that stays on this server is `verified'.
-type clock() :: {Started :: integer(), violation | admin, Ends :: integer() | undefined}.
%% A user's grace clock: start, who started it, and an end that an admin fixed; in seconds of Unix
%% time.
-type explanation() :: #{decision | reason | content | scheme | text := binary(),
                         chat := chat(), why := [binary()]}.
%% A decision in words; what is missing is empty.

%%%===================================================================
%%% Loading
%%%===================================================================
%% @doc Whether the library is loaded; if not, which files were tried and why each failed.
-spec status() -> ok | {error, string()}.
status() ->
    case persistent_term:get(?MODULE, {error, "the library was never loaded"}) of
        {error, _} = Error -> Error;
        _Library -> ok
    end.

%% @doc Which file is loaded; an upgrade compares it with the one on disk.
-spec library() -> library() | none.
library() ->
    case persistent_term:get(?MODULE, none) of
        {error, _} -> none;
        Library -> Library
    end.

%% Succeeds without a library too: on an error here ejabberd would only report an `unknown module'.
%% The reason is kept for `status/0' instead, and is reported when the module starts.
-spec load() -> ok | {error, term()}.
load() ->
    case load_first(candidates(), []) of
        {ok, Library} ->
            persistent_term:put(?MODULE, Library);
        {error, _} = Error ->
            case erlang:module_loaded(?MODULE) orelse erlang:check_old_code(?MODULE) of
                %% Either a second load, which is refused, so that the code and the library in use
                %% stay. Or an upgrade that has not purged the old code yet: a later call succeeds.
                true -> Error;
                false -> persistent_term:put(?MODULE, Error)
            end
    end.

-spec load_first([file:filename()], [iodata()]) -> {ok, library()} | {error, string()}.
load_first([], Failures) ->
    {error, lists:flatten(lists:join("; ", lists:reverse(Failures)) ++ advice())};
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

%% The library stays mapped while there are policies that it made. The dynamic linker identifies a
%% library by its name, and would return the mapped one for the same name, although the file is
%% another. With one more slash in the path the name is a different one.
-spec another_name(file:filename()) -> file:filename().
another_name(Path) ->
    Loads = persistent_term:get({?MODULE, loads}, 0),
    persistent_term:put({?MODULE, loads}, Loads + 1),
    filename:dirname(Path) ++ lists:duplicate(1 + Loads, $/) ++ filename:basename(Path).

%% The dynamic linker maps a truncated library, and the node crashes when something behind the end
%% is read. The section table is last in an ELF file, so its end is compared with the file's size;
%% what is not a 64-bit ELF file is left to the dynamic linker to refuse.
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

%% Paths without the extension, as load_nif/2 expects them. The folder beside the beam is first, so
%% that an older copy in another folder is not loaded instead.
-spec candidates() -> [file:filename()].
candidates() ->
    Beside = own_folder(),
    Folders = [filename:join(Beside, "priv"), filename:join([Beside, "priv", "lib"])]
        ++ [filename:join(Dir, Sub) || {App, Sub} <- [{mod_e2e_policy, ""}, {ejabberd, "lib"}],
                                       Dir <- [code:priv_dir(App)], is_list(Dir)],
    Unique = lists:foldl(fun(Folder, Seen) ->
                                 case lists:member(Folder, Seen) of
                                     true -> Seen;
                                     false -> Seen ++ [Folder]
                                 end
                         end, [], Folders),
    Names = [filename:join(Machine, ?LIBRARY)
             || Machine <- machines(erlang:system_info(system_architecture))] ++ [?LIBRARY],
    [filename:join(Folder, Name) || Folder <- Unique, Name <- Names].

%% The folder with `ebin' and `priv' in it.
-spec own_folder() -> file:filename().
own_folder() ->
    filename:dirname(filename:dirname(filename:absname(code:which(?MODULE)))).

%% How to build a library for this machine, where `ejabberdctl module_install' has left the source.
-spec advice() -> iodata().
advice() ->
    Sources = filename:join(filename:dirname(own_folder()), "sources"),
    case [Script || Folder <- ["mod_e2e_policy", "*/mod_e2e_policy"],
                    Script <- filelib:wildcard(filename:join([Sources, Folder, "native",
                                                              "build"]))] of
        [] -> "";
        [Script | _] -> ["; to build one for this machine, run sh ", Script]
    end.

%% @doc The folders of libraries that fit an Erlang for this architecture, such as
%% `x86_64-pc-linux-gnu'; the C library is last in it.
%%
%% The dynamic linker of musl may accept a library for glibc, which does not work then: where the C
%% library is not known, that for musl is tried first, because glibc always refuses it.
-spec machines(Architecture :: string()) -> [string()].
machines(Architecture) ->
    [Processor | Rest] = string:lexemes(Architecture, "-"),
    CLibraries = case [CLibrary || CLibrary <- ["gnu", "musl"], lists:member(CLibrary, Rest)] of
                     [] -> ["musl", "gnu"];
                     Known -> Known
                 end,
    [Processor ++ "-linux-" ++ CLibrary || CLibrary <- CLibraries].

%%%===================================================================
%%% Native functions
%%%===================================================================
%% @doc The version of this list of functions, of their arguments and results.
-spec interface() -> pos_integer().
interface() ->
    erlang:nif_error(nif_not_loaded).

%% @doc Validates options and makes a policy of them.
%%
%% Keys are option names; words are atoms, texts and JIDs binaries. An error names the option that
%% is wrong; a term that no configuration can contain is `badarg'.
-spec new_policy(#{atom() => term()}) -> {ok, policy()} | {error, option_error()}.
new_policy(_Options) ->
    erlang:nif_error(nif_not_loaded).

%% @doc Judges a message by the fields of ejabberd's record that matter, its sender and its
%% recipient.
%%
%% Other terms than `#text{}' and `#xmlel{}' count as text.
-spec judge(policy(), Type :: atom(), Subject :: [tuple()], Body :: [tuple()],
            Thread :: tuple() | undefined, Els :: [tuple()], From :: tuple(), To :: tuple()) ->
          judgement().
judge(_Policy, _Type, _Subject, _Body, _Thread, _Els, _From, _To) ->
    erlang:nif_error(nif_not_loaded).

%% @doc Judges a message that no user here has sent. No level exempts it; the whitelist does.
%%
%% Takes what `judge/8' takes. A message from a bare JID may be an invitation by a room.
-spec judge_received(policy(), Type :: atom(), Subject :: [tuple()], Body :: [tuple()],
                     Thread :: tuple() | undefined, Els :: [tuple()], From :: tuple(),
                     To :: tuple()) ->
          judgement().
judge_received(_Policy, _Type, _Subject, _Body, _Thread, _Els, _From, _To) ->
    erlang:nif_error(nif_not_loaded).

%% @doc Decides about a violation of a user with this clock, of whom this level is asked, at a time
%% in seconds of Unix time.
%%
%% The option `s2s_unverified' can ask more of a message over a connection that is not verified.
-spec decide(policy(), level(), connection(), keys(), clock() | none, Now :: integer()) ->
          decision().
decide(_Policy, _Level, _Connection, _Keys, _Clock, _Now) ->
    erlang:nif_error(nif_not_loaded).

%% @doc What the sender is told of a decision to warn or to refuse: the text and its language.
%%
%% The language is the `xml:lang' of the message, if there is a text in it.
-spec notice(policy(), violation(), decision(), {To :: tuple(), keys(), connection()},
             Lang :: binary()) ->
          {Text :: binary(), Lang :: binary()}.
notice(_Policy, _Violation, _Decision, _Recipient, _Lang) ->
    erlang:nif_error(nif_not_loaded).

%% @doc What the sender of another server is told of a message that is refused: the text and its
%% language.
-spec notice_received(policy(), violation(), {To :: tuple(), connection()}, Lang :: binary()) ->
          {Text :: binary(), Lang :: binary()}.
notice_received(_Policy, _Violation, _Recipient, _Lang) ->
    erlang:nif_error(nif_not_loaded).

%% @doc Judges and decides about a message in text form, and explains why, element by element.
%%
%% A message to a user of this server is direct, whatever its type. An exemption is what exempts
%% violations of this sender or to this recipient, in words. The language is that of the sender, if
%% the message has no `xml:lang'.
-spec explain(policy(), Text :: binary(), {From :: tuple(), To :: tuple(), IsToUser :: boolean()},
              {{Direct :: level(), Group :: level(), Marked :: level()},
               Exemption :: binary() | none, keys(), connection(), Lang :: binary()},
              clock() | none, Now :: integer()) ->
          {ok, explanation()} | {error, binary()}.
explain(_Policy, _Text, _Conversation, _Asked, _Clock, _Now) ->
    erlang:nif_error(nif_not_loaded).

%% @doc The policy in plain words, line by line. Rules that decide what is asked of whom are given
%% in words.
-spec describe(policy(), #{direct | group => binary()}) -> [binary()].
describe(_Policy, _Rules) ->
    erlang:nif_error(nif_not_loaded).

%% @doc The grace status of a user with this clock: its end, and the remaining time in words of a
%% language.
-spec grace_status(policy(), clock(), Now :: integer(), Lang :: binary()) ->
          {running | over, End :: integer(), Remaining :: binary()}.
grace_status(_Policy, _Clock, _Now, _Lang) ->
    erlang:nif_error(nif_not_loaded).

%% @doc A text that is built in, in the language of a reader, else in that of the host, else in
%% English; and the language that it has.
-spec text(Name :: atom(), #{atom() => binary() | integer()}, Lang :: binary(),
           HostLang :: binary()) -> {Text :: binary(), Lang :: binary()}.
text(_Name, _Arguments, _Lang, _HostLang) ->
    erlang:nif_error(nif_not_loaded).

%% @doc Reads a duration as ejabberd's options have it, such as `14 days'.
-spec parse_period(binary()) -> {ok, Seconds :: integer()} | {error, binary()}.
parse_period(_Text) ->
    erlang:nif_error(nif_not_loaded).
