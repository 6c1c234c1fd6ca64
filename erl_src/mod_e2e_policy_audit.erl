%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What is wrong with a server where no message may be readable in between: the checks of
%%% `e2e_policy_audit'.
%%%
%%% They read the configuration that is in force, the files of certificates, and the connections
%%% that stand. Nothing is connected, changed or kept, and each answer says what to write in
%%% ejabberd.yml. docs/federation.md has a table of the checks.
-module(mod_e2e_policy_audit).

-export([checks/1]).

-export_type([finding/0, row/0, result/0]).

%% `ok': as it should be. `note': what an admin should know. `fail': messages can be read by others.
-type result() :: ok | note | fail.
-type finding() :: {result(), Found :: unicode:chardata(), Advice :: unicode:chardata()}.
-type row() :: {Check :: binary(), result(), Found :: binary(), Advice :: binary()}.

%% @doc The findings of all checks on a host: one at least of each check, in their order.
-spec checks(binary()) -> [row()].
checks(Host) ->
    [{atom_to_binary(Check), Result, unicode:characters_to_binary(Found),
      unicode:characters_to_binary(Advice)}
     || {Check, Find, NothingFound} <- rows(),
        {Result, Found, Advice} <- findings(Find, NothingFound, Host)].

%% The name of each check, the function of the host that finds something, and what is said if it
%% finds nothing.
-spec rows() -> [{atom(), fun((binary()) -> [finding()]), NothingFound :: string()}].
rows() ->
    [{starttls, fun mod_e2e_policy_audit_servers:starttls/1,
      "s2s_use_starttls is required"},
     {dialback, fun mod_e2e_policy_audit_servers:dialback/1,
      "mod_s2s_dialback is not loaded"},
     {bidi, fun mod_e2e_policy_audit_servers:bidi/1,
      "mod_s2s_bidi is not loaded, or certificates are checked"},
     {certificates, fun mod_e2e_policy_audit_certificates:certificates/1,
      "there are no domains"},
     {tls_versions, fun mod_e2e_policy_audit_tls:versions/1,
      "versions before TLS 1.2 are switched off"},
     {ciphers, fun mod_e2e_policy_audit_tls:ciphers/1,
      "the ciphers are those of OpenSSL"},
     {compression, fun mod_e2e_policy_audit_tls:compression/1,
      "nothing is compressed before it is encrypted"},
     {client_listeners, fun mod_e2e_policy_audit_listeners:clients/1,
      "clients connect with TLS, or on this machine"},
     {http_listeners, fun mod_e2e_policy_audit_listeners:http/1,
      "what is confidential is served with TLS, or on this machine"},
     {component_listeners, fun mod_e2e_policy_audit_listeners:components/1,
      "components connect with TLS, or on this machine"},
     {omemo, fun mod_e2e_policy_audit_modules:omemo/1,
      "clients can publish their OMEMO keys, and everybody can read them"},
     {copies, fun mod_e2e_policy_audit_modules:copies/1,
      "no module is loaded that is known to copy messages or to write them down"},
     {push, fun mod_e2e_policy_audit_modules:push/1,
      "push services are not given the text of messages"},
     {loglevel, fun mod_e2e_policy_audit_modules:loglevel/1,
      "messages are not in the log"},
     {peers, fun mod_e2e_policy_audit_servers:peers/1,
      "all connections of this node with other servers are verified"},
     {s2s_unverified, fun mod_e2e_policy_audit_servers:unverified/1,
      "connections that are not verified are not used"},
     {s2s_trusted, fun mod_e2e_policy_audit_servers:trusted/1,
      "no server counts as verified without a check"},
     {incoming, fun mod_e2e_policy_audit_options:incoming/1,
      "messages in the clear from other servers are refused"},
     {rooms, fun mod_e2e_policy_audit_options:rooms/1,
      "messages in the clear from strangers are refused in rooms"},
     {exempt, fun mod_e2e_policy_audit_options:exempt/1,
      "nobody is exempt"},
     {testing, fun mod_e2e_policy_audit_options:testing/1,
      "the policy is in force"}].

%% A check that fails must not hide what the others find.
-spec findings(fun((binary()) -> [finding()]), NothingFound :: string(), binary()) -> [finding()].
findings(Find, NothingFound, Host) ->
    try Find(Host) of
        [] -> [{ok, NothingFound, ""}];
        Findings -> Findings
    catch Class:Reason:Stack ->
            [{note, ["cannot be read: ", mod_e2e_policy_failure:describe(Class, Reason, Stack)],
              ""}]
    end.
