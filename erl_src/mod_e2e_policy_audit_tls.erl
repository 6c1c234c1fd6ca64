%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Checks of `e2e_policy_audit': which TLS is spoken, with other servers and with clients.
-module(mod_e2e_policy_audit_tls).

-export([versions/1, ciphers/1, compression/1]).

%% Where TLS is spoken, what the names of its options begin with, and the values that are in force.
-type place() :: {Name :: unicode:chardata(), Prefix :: string(), Versions :: binary() | undefined,
                  Ciphers :: binary() | undefined, Compression :: [atom()]}.

%% @doc Whether versions before TLS 1.2 (RFC 8996) are switched off.
-spec versions(binary()) -> [mod_e2e_policy_audit:finding()].
versions(Host) ->
    [{fail, [Name, ": old versions of TLS are not switched off"],
      ["add ", lists:join(", ", Missing), " to `", Prefix, "protocol_options`"]}
     || {Name, Prefix, Versions, _, _} <- places(Host),
        Missing <- [[<<"no_sslv3">>, <<"no_tlsv1">>, <<"no_tlsv1_1">>]
                    -- words(Versions, <<"|">>)],
        Missing /= []].

%% @doc Whether ciphers are those of a list that somebody has to keep up to date.
-spec ciphers(binary()) -> [mod_e2e_policy_audit:finding()].
ciphers(Host) ->
    [{note, [Name, ": a list of ciphers of your own, ", Ciphers],
      ["remove `", Prefix, "ciphers` unless you know why it is there: OpenSSL's "
       "own list is kept up to date"]}
     || {Name, Prefix, _, Ciphers, _} <- places(Host), Ciphers /= undefined].

%% @doc Whether something is compressed before it is encrypted: its length then tells what it is.
-spec compression(binary()) -> [mod_e2e_policy_audit:finding()].
compression(Host) ->
    [{fail, [Name, ": ", atom_to_binary(Option), " is on"],
      ["set `", atom_to_binary(Option), ": false`"]}
     || {Name, _, _, _, Compression} <- places(Host), Option <- Compression].

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Other servers, and each listener for clients, which may have options of its own.
-spec places(binary()) -> [place()].
places(Host) ->
    [{"other servers", "s2s_", ejabberd_option:s2s_protocol_options(Host),
      ejabberd_option:s2s_ciphers(Host),
      [s2s_zlib || ejabberd_option:s2s_zlib(Host)]
      ++ [s2s_tls_compression || ejabberd_option:s2s_tls_compression(Host) == true]}
     | [{["clients on ", mod_e2e_policy_audit_listeners:port(Endpoint)], "c2s_",
         set(ejabberd_option:c2s_protocol_options(Host), protocol_options, Options),
         set(ejabberd_option:c2s_ciphers(Host), ciphers, Options),
         [zlib || maps:get(zlib, Options, false)]
         ++ [tls_compression || set(ejabberd_option:c2s_tls_compression(Host), tls_compression,
                                    Options) == true]}
        || {Endpoint, Options} <- mod_e2e_policy_audit_listeners:remote(ejabberd_c2s),
           lists:any(fun(Option) -> maps:get(Option, Options, false) end,
                     [tls, starttls, starttls_required])]].

%% An option of the host wins over that of the listener.
-spec set(Value | undefined, atom(), map()) -> Value | undefined.
set(undefined, Option, Options) -> maps:get(Option, Options, undefined);
set(OfHost, _Option, _Options) -> OfHost.

-spec words(binary() | undefined, binary()) -> [binary()].
words(undefined, _Separator) -> [];
words(Text, Separator) -> binary:split(Text, Separator, [global]).
