%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The keys for end-to-end encryption that users have published by PEP (XEP-0163).
%%%
%%% A user publishes a list in one node, of devices (OMEMO) or of fingerprints (OpenPGP), and what is
%%% needed to encrypt to each of them in other nodes. `mod_pubsub' stores the nodes, in Mnesia or
%%% SQL. Users may publish anything there, so of each list only what is valid is read, up to a limit.
-module(mod_e2e_policy_keys).

%% API
-export([of_user/2, fold/4, state/2, accepted/1, nodes/1]).

-export_type([key/0, state/0, access/0, wanted/0, answer/1]).

-include("logger.hrl").
-include("xmpp.hrl").

-type key() :: #{scheme := omemo | pgp, namespace := binary(), id := binary(), label := binary(),
                 has_key := boolean(), access := access()}.
%% The id is that of the device, or a fingerprint. Many devices have no label, which is then empty.
%% `has_key' says whether the bundle of the device, or the OpenPGP key, is published. The access
%% model is that of the list, or that of the node with the key if it is stricter.
-type state() :: ready | closed | no_bundle | no_keys.
-type access() :: open | presence | roster | authorize | whitelist.
%% Who may read a node: everybody, contacts, contacts in a group, and users whom the owner allows.
-type node_name() :: binary().
-type wanted() :: {LUser :: binary(), node_name(), Item :: binary() | newest}.
-type answer(Value) :: {ok, Value} | {error, Why :: unicode:chardata()}.
-type format() :: #{scheme := omemo | pgp, namespace := binary(),
                    %% The names of the list, of an entry, and of the attribute with its id.
                    list := binary(), entry := binary(), id := binary(), is_id := id_test(),
                    keys := {node_of_each, Prefix :: binary()} | {items_of, node_name()}}.
-type id_test() :: fun((binary()) -> boolean()).
-type listed() :: {LUser :: binary(), wanted(), key()}.

%% The newest items of those nodes that exist: whose, in which node, who may read it, and what it
%% is.
-callback lists(LServer :: binary(), [LUser :: binary()], [node_name()]) ->
    answer([{LUser :: binary(), node_name(), access(), [xmlel()]}]).
%% Those items that exist and are an element of one of the names; who may read them.
-callback published(LServer :: binary(), [wanted()], Names :: [binary()]) ->
    answer(#{wanted() => access()}).

%% How many users are read at once.
-define(CHUNK, 1_000).
%% How many entries of a list are read. People have fewer devices, also with those they had before.
-define(MAX_KEYS, 50).
%% How many characters of a label are read.
-define(MAX_LABEL, 100).
-define(LOGGED, e2e_policy_keys_logged).
%% In milliseconds.
-define(LOG_INTERVAL, 60_000).

%%%===================================================================
%%% API
%%%===================================================================
%% @doc The keys that a user has published.
%%
%% A user of any host of this server can be asked about, also of one without this module.
-spec of_user(binary(), binary()) -> {ok, [key()]} | {error, no_pubsub | db_failure}.
of_user(LUser, LServer) ->
    fold(LServer, [LUser], fun(_LUser, Keys, _None) -> Keys end, []).

%% @doc Folds over users of a host and the keys that they have published.
-spec fold(binary(), [binary()], fun((LUser :: binary(), [key()], Acc) -> Acc), Acc) ->
          {ok, Acc} | {error, no_pubsub | db_failure}.
fold(LServer, Users, Fun, Acc) ->
    case backend(LServer) of
        none -> {error, no_pubsub};
        Backend -> fold_chunks(Backend, LServer, Users, Fun, Acc)
    end.

%% @doc Whether others can encrypt to the owner of these keys by one of the schemes, or what is
%% missing.
%%
%% Keys that not everybody may read are `closed': contacts may be able to encrypt, while others in a
%% room are not.
-spec state([omemo | pgp], [key()]) -> state().
state(Schemes, Keys) ->
    Usable = [Key || #{scheme := Scheme} = Key <- Keys, lists:member(Scheme, Schemes)],
    Published = [Access || #{has_key := true, access := Access} <- Usable],
    case lists:member(open, Published) of
        true -> ready;
        false when Published /= [] -> closed;
        false when Usable /= [] -> no_bundle;
        false -> no_keys
    end.

%% @doc The accepted schemes of a host that publish keys; the others do not.
-spec accepted(binary()) -> [omemo | pgp].
accepted(LServer) ->
    [Scheme || Scheme <- gen_mod:get_module_opt(LServer, mod_e2e_policy, accepted_schemes),
               lists:member(Scheme, [omemo, pgp])].

%% @doc The nodes that somebody has to be able to read, to encrypt by this key.
-spec nodes(key()) -> [binary()].
nodes(#{namespace := Namespace, id := Id}) ->
    lists:append([[List, element(2, wanted(<<>>, Keys, Id))]
                  || {List, #{namespace := Of, keys := Keys}} <- maps:to_list(formats()),
                     Of == Namespace]).

%%%===================================================================
%%% Formats
%%%===================================================================
%% The nodes with lists: of OMEMO (XEP-0384) in the namespace that most clients use, and in those of
%% its later versions, and of OpenPGP for XMPP (XEP-0373).
-spec formats() -> #{node_name() => format()}.
formats() ->
    Legacy = <<"eu.siacs.conversations.axolotl">>,
    Pgp = <<"urn:xmpp:openpgp:0">>,
    #{<<Legacy/binary, ".devicelist">> =>
          #{scheme => omemo, namespace => Legacy, list => <<"list">>, entry => <<"device">>,
            id => <<"id">>, is_id => fun is_device_id/1,
            keys => {node_of_each, <<Legacy/binary, ".bundles:">>}},
      <<"urn:xmpp:omemo:1:devices">> => omemo_format(<<"urn:xmpp:omemo:1">>),
      <<"urn:xmpp:omemo:2:devices">> => omemo_format(<<"urn:xmpp:omemo:2">>),
      <<Pgp/binary, ":public-keys">> =>
          #{scheme => pgp, namespace => Pgp, list => <<"public-keys-list">>,
            entry => <<"pubkey-metadata">>, id => <<"v4-fingerprint">>,
            is_id => fun is_fingerprint/1,
            keys => {node_of_each, <<Pgp/binary, ":public-keys:">>}}}.

-spec omemo_format(binary()) -> format().
omemo_format(Namespace) ->
    #{scheme => omemo, namespace => Namespace, list => <<"devices">>, entry => <<"device">>,
      id => <<"id">>, is_id => fun is_device_id/1,
      keys => {items_of, <<Namespace/binary, ":bundles">>}}.

%% The elements with keys: a bundle of OMEMO, and a key of OpenPGP.
-spec key_elements() -> [binary()].
key_elements() ->
    [<<"bundle">>, <<"pubkey">>].

%% A number of 32 bits.
-spec is_device_id(binary()) -> boolean().
is_device_id(Id) ->
    Id /= <<>> andalso byte_size(Id) =< 10
        andalso lists:all(fun(Octet) -> Octet >= $0 andalso Octet =< $9 end, binary_to_list(Id)).

%% That of a key of version 4 has 40 digits, that of version 6 has 64.
-spec is_fingerprint(binary()) -> boolean().
is_fingerprint(Id) ->
    byte_size(Id) >= 32 andalso byte_size(Id) =< 64
        andalso lists:all(fun(Octet) ->
                                  Octet >= $0 andalso Octet =< $9
                                      orelse Octet >= $A andalso Octet =< $F
                                      orelse Octet >= $a andalso Octet =< $f
                          end, binary_to_list(Id)).

%%%===================================================================
%%% Lists
%%%===================================================================
-spec fold_chunks(module(), binary(), [binary()], fun((binary(), [key()], Acc) -> Acc), Acc) ->
          {ok, Acc} | {error, db_failure}.
fold_chunks(_Backend, _LServer, [], _Fun, Acc) ->
    {ok, Acc};
fold_chunks(Backend, LServer, Users, Fun, Acc) ->
    {Chunk, Others} = lists:split(min(?CHUNK, length(Users)), Users),
    case keys(Backend, LServer, Chunk) of
        {ok, Keys} ->
            Folded = lists:foldl(fun(User, Value) -> Fun(User, maps:get(User, Keys, []), Value) end,
                                 Acc, Chunk),
            fold_chunks(Backend, LServer, Others, Fun, Folded);
        {error, Why} ->
            report_failure(LServer, Why),
            {error, db_failure}
    end.

%% First the lists, then those keys that the lists name.
-spec keys(module(), binary(), [binary()]) -> answer(#{binary() => [key()]}).
keys(Backend, LServer, Users) ->
    Formats = formats(),
    case Backend:lists(LServer, Users, maps:keys(Formats)) of
        {ok, Lists} ->
            Listed = [Entry || {LUser, Node, Access, Payload} <- lists:sort(Lists),
                               Entry <- listed(LUser, Access, maps:get(Node, Formats), Payload)],
            Wanted = [Key || {_LUser, Key, _} <- Listed],
            case Backend:published(LServer, Wanted, key_elements()) of
                {ok, Published} -> {ok, by_user(Listed, Published)};
                Error -> Error
            end;
        Error ->
            Error
    end.

-spec by_user([listed()], #{wanted() => access()}) -> #{binary() => [key()]}.
by_user(Listed, Published) ->
    lists:foldr(fun({LUser, Wanted, #{access := OfList} = Key}, ByUser) ->
                        Complete = case Published of
                                       #{Wanted := OfKey} ->
                                           Key#{has_key := true,
                                                access := stricter(OfList, OfKey)};
                                       #{} ->
                                           Key
                                   end,
                        ByUser#{LUser => [Complete | maps:get(LUser, ByUser, [])]}
                end, #{}, Listed).

-spec stricter(access(), access()) -> access().
stricter(Left, Right) ->
    lists:last([Access || Access <- [open, presence, roster, authorize, whitelist],
                          Access == Left orelse Access == Right]).

%% The valid entries of a list, each once, in their order.
-spec listed(binary(), access(), format(), term()) -> [listed()].
listed(LUser, Access, #{namespace := Namespace, list := List, entry := Name} = Format,
       [#xmlel{name = List, attrs = Attributes, children = Children} | _]) ->
    case fxml:get_attr_s(<<"xmlns">>, Attributes) of
        Namespace ->
            {Entries, _Seen, _Left} =
                lists:foldl(fun(#xmlel{name = Child, attrs = Attrs}, {_, _, Left} = Entries)
                                  when Child == Name, Left > 0 ->
                                    with_entry(LUser, Access, Format, Attrs, Entries);
                               (_Other, Entries) ->
                                    Entries
                            end, {[], #{}, ?MAX_KEYS}, Children),
            lists:reverse(Entries);
        _Other ->
            []
    end;
listed(_LUser, _Access, _Format, _Other) ->
    [].

-spec with_entry(binary(), access(), format(), [{binary(), binary()}], Entries) -> Entries
              when Entries :: {[listed()], #{binary() => seen}, Left :: non_neg_integer()}.
with_entry(LUser, Access, #{scheme := Scheme, namespace := Namespace, id := Attribute,
                            is_id := IsId, keys := Keys}, Attributes, {Entries, Seen, Left}) ->
    Id = fxml:get_attr_s(Attribute, Attributes),
    case IsId(Id) andalso not is_map_key(Id, Seen) of
        true ->
            Key = #{scheme => Scheme, namespace => Namespace, id => Id,
                    label => label(fxml:get_attr_s(<<"label">>, Attributes)), has_key => false,
                    access => Access},
            {[{LUser, wanted(LUser, Keys, Id), Key} | Entries], Seen#{Id => seen}, Left - 1};
        false ->
            {Entries, Seen, Left}
    end.

-spec wanted(binary(), {node_of_each, binary()} | {items_of, node_name()}, binary()) -> wanted().
wanted(LUser, {node_of_each, Prefix}, Id) -> {LUser, <<Prefix/binary, Id/binary>>, newest};
wanted(LUser, {items_of, Node}, Id) -> {LUser, Node, Id}.

-spec label(binary()) -> binary().
label(Text) ->
    case unicode:characters_to_list(Text) of
        Characters when is_list(Characters) ->
            unicode:characters_to_binary(lists:sublist(Characters, ?MAX_LABEL));
        _NotUtf8 ->
            <<>>
    end.

%%%===================================================================
%%% Storage
%%%===================================================================
%% That of mod_pubsub, which may be another one than that of this module.
-spec backend(binary()) -> module() | none.
backend(LServer) ->
    HasPep = gen_mod:is_loaded(LServer, mod_pubsub)
        andalso lists:member(<<"pep">>, gen_mod:get_module_opt(LServer, mod_pubsub, plugins)),
    case HasPep andalso gen_mod:get_module_opt(LServer, mod_pubsub, db_type) of
        false -> none;
        mnesia -> mod_e2e_policy_keys_mnesia;
        sql -> mod_e2e_policy_keys_sql
    end.

%% One line in a minute, as keys may be read for many messages.
-spec report_failure(binary(), unicode:chardata()) -> ok.
report_failure(LServer, Why) ->
    _ = ets_cache:new(?LOGGED, [{life_time, ?LOG_INTERVAL}]),
    _ = mod_e2e_policy_throttle:is_due(?LOGGED, LServer, ?LOG_INTERVAL)
        andalso ?ERROR_MSG("Keys that users of ~ts have published cannot be read (~ts)",
                           [LServer, Why]),
    ok.
