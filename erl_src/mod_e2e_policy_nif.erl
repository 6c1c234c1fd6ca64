%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% Loads the native library, and nothing else: the functions of the Rust crate `e2e_policy_nif'.
%%%
%%% A loaded library cannot be loaded again in a running node, so this module must change as rarely
%%% as its interface: all that can change lives elsewhere and stays reloadable.
-module(mod_e2e_policy_nif).

-on_load(load/0).

%% Loading
-export([status/0]).
%% Native functions
-export([interface/0, new_policy/1, judge/4, explain/4]).

-export_type([policy/0, option_error/0, verdict/0, notice/0, explanation/0]).

-define(LIBRARY, "mod_e2e_policy_nif").

%% An immutable policy, owned by the library and collected like any term.
-type policy() :: reference().
%% The option that is wrong (empty when no single one is), and what was found and expected.
-type option_error() :: {binary(), binary()}.
%% Reason, text and its language.
-type notice() :: {warn | reject, plain | unacceptable, binary(), binary()}.
%% What to do with a message, and with its bodies if it is delivered.
-type verdict() :: {allow | notice(), keep | replace}.
%% A verdict in words; what is missing is empty.
-type explanation() :: #{decision | reason | content | scheme | text := binary(),
                         why := [binary()]}.

%%%===================================================================
%%% Loading
%%%===================================================================
%% Whether the library is there; if not, which files were tried and why each failed.
-spec status() -> ok | {error, string()}.
status() ->
    persistent_term:get(?MODULE, {error, "the library was never loaded"}).

%% Succeeds without a library too: an error here would make ejabberd say `unknown module' and no
%% more, so the reason is kept for `status/0' and the module that starts reports it.
-spec load() -> ok | {error, term()}.
load() ->
    Loaded = persistent_term:get(?MODULE, undefined),
    case load_first(candidates(), []) of
        ok ->
            persistent_term:put(?MODULE, ok);
        {error, _} = Error when Loaded == ok ->
            %% A second load: refused, so that the code and the library in use stay.
            Error;
        {error, _} = Error ->
            persistent_term:put(?MODULE, Error)
    end.

-spec load_first([file:filename()], [iolist()]) -> ok | {error, string()}.
load_first([], Failures) ->
    {error, lists:flatten(lists:join("; ", lists:reverse(Failures)))};
load_first([Path | Paths], Failures) ->
    case filelib:is_regular(Path ++ ".so") of
        false ->
            load_first(Paths, [[Path, ".so: no such file"] | Failures]);
        true ->
            case erlang:load_nif(Path, 0) of
                ok -> ok;
                {error, {_, Text}} -> load_first(Paths, [[Path, ".so: ", Text] | Failures])
            end
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

%% Makes options sound, once. Keys are option names; words are atoms, texts and JIDs binaries.
-spec new_policy(#{atom() => term()}) -> {ok, policy()} | {error, option_error()}.
new_policy(_Options) ->
    erlang:nif_error(nif_not_loaded).

%% Judges a message by its encoded form, its sender and its recipient.
-spec judge(policy(), Message :: tuple(), From :: tuple(), To :: tuple()) -> verdict().
judge(_Policy, _Message, _From, _To) ->
    erlang:nif_error(nif_not_loaded).

%% Judges a message in text form and says why, element by element.
-spec explain(policy(), Text :: binary(), From :: tuple(), To :: tuple()) ->
          {ok, explanation()} | {error, binary()}.
explain(_Policy, _Text, _From, _To) ->
    erlang:nif_error(nif_not_loaded).
