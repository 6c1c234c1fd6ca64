%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The options of the module: their names, defaults and validators.
%%%
%%% What is valid in an option of the policy is defined in the core alone, which is asked here. The
%%% names are written twice more: in the core, and for the documentation in `mod_e2e_policy_doc'.
%%% Tests compare them with the list here: `structure_SUITE' and `reference_SUITE'.
-module(mod_e2e_policy_options).

-export([defaults/1, type/1, of_policy/0, of_module/0]).

%% The access rule that ejabberd makes of `- allow: {ip: 127.0.0.0/8}' and the same for `::1'.
-define(LOOPBACK, [{allow, [{ip, {{127, 0, 0, 0}, 8}}]},
                   {allow, [{ip, {{0, 0, 0, 0, 0, 0, 0, 1}, 128}}]}]).

-define(MAX_REMEMBERED_DAYS, 400).

-type row() :: {Option :: atom(), of_policy | of_module, Default :: term()}.

%%%===================================================================
%%% Names and defaults
%%%===================================================================
%% All options: the name, whether the option belongs to the compiled policy or is read by the module
%% itself, and the default, which may be a function of the host.
-spec rows() -> [row()].
rows() ->
    [{accepted_schemes, of_policy, [omemo, pgp]},
     {direct, of_policy, optional},
     {group, of_policy, optional},
     {muc_pm, of_policy, direct},
     {exempt, of_module, none},
     {incoming, of_policy, none},
     {rooms, of_policy, none},
     {s2s_unverified, of_policy, none},
     {s2s_trusted, of_module, none},
     {testing, of_module, false},
     {remember_senders, of_module, 0},
     {warn_mechanism, of_module, message},
     {warn_interval, of_module, 0},
     {whitelist, of_policy, []},
     {recipient_keys, of_policy, ignore},
     {outer_body, of_policy, keep},
     {grace_period, of_policy, 0},
     {metrics_access, of_module, ?LOOPBACK},
     {db_type, of_module, fun(Host) -> ejabberd_config:default_db(Host, mod_e2e_policy) end},
     {use_cache, of_module, fun ejabberd_option:use_cache/1},
     {cache_size, of_module, fun ejabberd_option:cache_size/1},
     {cache_missed, of_module, fun ejabberd_option:cache_missed/1},
     {cache_life_time, of_module, fun ejabberd_option:cache_life_time/1}]
        ++ [{Text, of_policy, undefined} || Text <- texts()].

%% The texts that senders are told. The core has their defaults.
-spec texts() -> [atom()].
texts() ->
    [message_plain_optional_direct, message_plain_optional_group,
     message_plain_required_direct, message_plain_required_group,
     message_unacceptable_optional_direct, message_unacceptable_optional_group,
     message_unacceptable_required_direct, message_unacceptable_required_group,
     message_incoming, message_without_keys, message_unverified, message_graceperiod].

%% @doc All options of a host with their defaults, for `mod_options/1'.
-spec defaults(binary()) -> [{atom(), term()}].
defaults(Host) ->
    [{Option, case Default of
                  Function when is_function(Function) -> Function(Host);
                  Value -> Value
              end} || {Option, _, Default} <- rows()].

%% @doc The options that a policy is compiled of.
-spec of_policy() -> [atom()].
of_policy() ->
    [Option || {Option, of_policy, _} <- rows()].

%% @doc The options that the module reads itself: how a decision is carried out, and what is stored.
-spec of_module() -> [atom()].
of_module() ->
    [Option || {Option, of_module, _} <- rows()].

%%%===================================================================
%%% Validators
%%%===================================================================
%% @doc The validator of an option, for `mod_opt_type/1'.
-spec type(atom()) -> econf:validator().
type(accepted_schemes = Option) ->
    checked(Option, econf:list(econf:and_then(econf:binary(), fun scheme/1), [unique]));
type(Option) when Option == direct; Option == group ->
    mod_e2e_policy_level:validator();
type(muc_pm) ->
    econf:enum([none, optional, required, direct]);
type(incoming) ->
    econf:enum([none, required]);
type(rooms) ->
    econf:enum([none, optional, required]);
type(s2s_unverified) ->
    econf:enum([none, optional, required, refuse]);
type(Option) when Option == exempt; Option == s2s_trusted; Option == metrics_access ->
    econf:acl();
type(testing) ->
    econf:bool();
type(warn_mechanism) ->
    econf:enum([message, error]);
type(Option) when Option == warn_interval; Option == grace_period ->
    econf:and_then(econf:either(econf:binary(), econf:int()), fun seconds/1);
type(remember_senders) ->
    econf:and_then(econf:either(econf:binary(), econf:int()), fun remembered/1);
type(outer_body) ->
    econf:enum([keep, replace]);
type(recipient_keys) ->
    econf:enum([ignore, tell, needed]);
type(whitelist = Option) ->
    Encode = fun(JIDs) -> [jid:encode(JID) || JID <- JIDs] end,
    checked(Option, econf:and_then(econf:list(econf:jid()), Encode));
type(db_type) ->
    econf:and_then(econf:db_type(mod_e2e_policy), fun storage/1);
type(use_cache) ->
    econf:bool();
type(cache_size) ->
    econf:pos_int(infinity);
type(cache_missed) ->
    econf:bool();
type(cache_life_time) ->
    econf:timeout(second, infinity);
type(Option) ->
    true = lists:member(Option, texts()),
    checked(Option, econf:either(econf:binary(),
                                 econf:map(econf:lang(), econf:binary(), [unique, {return, map}]))).

%% Each item is checked by itself, so that ejabberd's error names the one that is wrong.
-spec scheme(binary()) -> binary().
scheme(Word) ->
    [Valid] = validated([Word], fun() -> check(accepted_schemes, [Word]) end),
    Valid.

%% Lets the core check a value that ejabberd's validator has accepted.
-spec checked(atom(), econf:validator()) -> econf:validator().
checked(Option, Validator) ->
    econf:and_then(Validator,
                   fun(Value) -> validated(Value, fun() -> check(Option, Value) end) end).

%% Without the library a value passes: the start that follows reports what is missing.
-spec validated(Value, fun(() -> {ok, Value} | {error, binary()})) -> Value.
validated(Value, Check) ->
    case mod_e2e_policy_nif:status() == ok andalso Check() of
        false -> Value;
        {ok, Valid} -> Valid;
        {error, Problem} -> econf:fail({invalid_syntax, Problem})
    end.

-spec check(atom(), Value) -> {ok, Value} | {error, binary()}.
check(Option, Value) ->
    case mod_e2e_policy_nif:new_policy(#{Option => Value}) of
        {ok, _} -> {ok, Value};
        {error, {_, Problem}} -> {error, Problem}
    end.

%% ejabberd's own validators of durations accept no zero, and report `expected integer' for a wrong
%% word.
-spec seconds(binary() | integer()) -> non_neg_integer() | binary().
seconds(Value) ->
    Text = text(Value),
    validated(Text, fun() -> mod_e2e_policy_nif:parse_period(Text) end).

%% As long as counts of messages are kept, which is more than a year.
-spec remembered(binary() | integer()) -> non_neg_integer() | binary().
remembered(Value) ->
    case seconds(Value) of
        Seconds when is_integer(Seconds), Seconds > ?MAX_REMEMBERED_DAYS * 86_400 ->
            econf:fail({invalid_syntax,
                        iolist_to_binary(io_lib:format("found `~ts`, expected a duration of at "
                                                       "most ~b days",
                                                       [text(Value), ?MAX_REMEMBERED_DAYS]))});
        Seconds ->
            Seconds
    end.

-spec text(binary() | integer()) -> binary().
text(Value) when is_integer(Value) -> integer_to_binary(Value);
text(Value) -> Value.

%% ejabberd accepts the name of any module that begins with `mod_e2e_policy_' for a database.
-spec storage(atom()) -> atom().
storage(Type) ->
    case lists:member(Type, [mnesia, sql]) of
        true -> Type;
        false -> econf:fail({bad_db_type, mod_e2e_policy, Type})
    end.
