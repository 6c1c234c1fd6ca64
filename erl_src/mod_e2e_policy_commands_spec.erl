%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The specifications of the commands, and their registration.
%%%
%%% ejabberd, and the page in WebAdmin, call the functions that the specifications name, which are
%%% in `mod_e2e_policy_commands'.
-module(mod_e2e_policy_commands_spec).

-export([register/0, unregister/0, register_instead_of/1, commands/0]).

-include("ejabberd_commands.hrl").

%% The module with the functions.
-define(FUNCTIONS, mod_e2e_policy_commands).
-define(COMMANDS_OF_0_1_0,
        [e2e_policy_grace_status, e2e_policy_grace_start, e2e_policy_grace_extend,
         e2e_policy_grace_end, e2e_policy_grace_reset, e2e_policy_grace_list, e2e_policy_status,
         e2e_policy_upgrade, e2e_policy_explain]).

%%%===================================================================
%%% Registration
%%%===================================================================
%% @doc Registers the commands, for the whole node.
-spec register() -> ok.
register() ->
    ejabberd_commands:register_commands(mod_e2e_policy, commands()).

%% @doc Removes the commands.
-spec unregister() -> ok.
unregister() ->
    remove(commands()).

%% @doc Registers the commands instead of those of another release, which may be different.
-spec register_instead_of([ejabberd_commands()]) -> ok.
register_instead_of(Commands) ->
    remove(Commands),
    register().

%% ejabberd up to 24.12 removes a command only if the specification equals the stored one, which
%% includes the definer.
-spec remove([ejabberd_commands()]) -> ok.
remove(Commands) ->
    ejabberd_commands:unregister_commands([Command#ejabberd_commands{definer = mod_e2e_policy}
                                           || Command <- Commands]).

%%%===================================================================
%%% Specifications
%%%===================================================================
%% @doc The specifications of all commands.
-spec commands() -> [ejabberd_commands()].
commands() ->
    [Command#ejabberd_commands{note = "added in mod_e2e_policy " ++ added_in(Name)}
     || #ejabberd_commands{name = Name} = Command <- without_notes()].

-spec added_in(atom()) -> string().
added_in(Name) ->
    case lists:member(Name, ?COMMANDS_OF_0_1_0) of
        true -> "0.1.0";
        false -> "0.2.0"
    end.

-spec without_notes() -> [ejabberd_commands()].
without_notes() ->
    [(of_user(e2e_policy_grace_status, grace_status))#ejabberd_commands{
       desc = "Show the E2EE grace period of a user"},
     (of_user_and_period(e2e_policy_grace_start, grace_start))#ejabberd_commands{
       desc = "Escalate a user to a required E2EE policy, with a grace period from now",
       longdesc = "Wherever the policy is optional it becomes required for this user. A clock that "
           "the user has starts again. It stays until it is reset."},
     (of_user_and_period(e2e_policy_grace_extend, grace_extend))#ejabberd_commands{
       desc = "Move the end of a user's E2EE grace period",
       longdesc = "Time that is over is not given back: the end moves by so much from where it "
           "is."},
     (of_user(e2e_policy_grace_end, grace_end))#ejabberd_commands{
       desc = "End the E2EE grace period of a user: enforce the policy from now on",
       longdesc = "A user without a grace period is escalated, without any."},
     (of_user(e2e_policy_grace_reset, grace_reset))#ejabberd_commands{
       desc = "Forget the E2EE grace period of a user, and the escalation",
       longdesc = "Under a required policy the next violation starts a new one."},
     (of_host(e2e_policy_grace_list, grace_list))#ejabberd_commands{
       desc = "List the users of a host that have an E2EE grace period, soonest end first",
       result = {users, {list, {grace, {tuple, [{user, string} | grace_status_fields()]}}}},
       result_desc = "For each user what e2e_policy_grace_status shows",
       result_example = [{<<"juliet">>, <<"running">>, <<"violation">>, <<"2026-11-20T10:00:00Z">>,
                          <<"2026-12-04T10:00:00Z">>, <<"13 days and 4 hours">>}]},
     (of_host(e2e_policy_grace_move, grace_move))#ejabberd_commands{
       desc = "Carry the E2EE grace periods of a host from another storage into the one in use",
       longdesc = "For another db_type, when all nodes have it. A grace period that is there "
           "already stays. The other storage has none of the host afterwards.",
       args = [{host, binary}, {from, binary}],
       args_desc = ["Virtual host", "The storage that was in use before: mnesia or sql"],
       args_example = [<<"example.org">>, <<"mnesia">>],
       result = {clocks, {tuple, [{moved, integer}, {there_already, integer}]}},
       result_desc = "How many were carried over, and how many users had one there already",
       result_example = {1042, 3}},
     (of_host(e2e_policy_status, status))#ejabberd_commands{
       desc = "Say in plain words which E2EE policy is in force on a host",
       result = {policy, {list, {line, string}}},
       result_desc = "A line for each part of the policy",
       result_example = [<<"accepted schemes: omemo, pgp">>,
                         <<"direct chats: required, a message without acceptable E2EE is "
                           "refused">>]},
     (of_host(e2e_policy_explain, explain))#ejabberd_commands{
       desc = "Say what the E2EE policy would decide of a stanza, and why",
       longdesc = "Judges the message as if it were sent now and changes nothing. The addresses "
           "given as arguments hold, whatever the stanza says.",
       args = [{host, binary}, {from, binary}, {to, binary}, {stanza, binary}],
       args_desc = ["Virtual host whose policy applies", "JID of the sender",
                    "JID of the recipient", "The message, as XML"],
       args_example = [<<"example.org">>, <<"juliet@example.org">>, <<"romeo@example.net">>,
                       <<"<message type='chat'><body>Hello</body></message>">>],
       result = {explanation,
                 {tuple, [{decision, string}, {reason, string}, {content, string},
                          {scheme, string}, {text, string}, {why, {list, {line, string}}}]}},
       result_desc = "Decision (allow, warn or reject), reason (plain, unacceptable or empty), "
           "content (encrypted, plaintext or nothing), scheme, what the sender would be told, "
           "and a line for each element",
       result_example = {<<"reject">>, <<"plain">>, <<"plaintext">>, <<>>,
                         <<"Your message to romeo@example.net was not end-to-end encrypted.">>,
                         [<<"<body/> in `jabber:client` (RFC 6121): text in the clear">>]}},
     (of_host(e2e_policy_report, report))#ejabberd_commands{
       desc = "Report by day how many messages of a host were encrypted, and what was decided",
       longdesc = "Today comes first and includes the last minute; days are those of UTC. The "
           "columns overlap: a refused message in the clear is in messages, plaintext and refused.",
       args = [{host, binary}, {days, integer}],
       args_desc = ["Virtual host", "How many days, from 1 to 400"],
       args_example = [<<"example.org">>, 7],
       result = {report, {list, {figures, {tuple, [{day, string} | [{Name, integer}
                                                                    || Name <- figures()]]}}}},
       result_desc = "For each day: how many messages had something to protect, how many of them "
           "were encrypted by an accepted scheme, by another one, or in the clear; how many were "
           "exempt, warned about, refused, would have been under testing, or could not be judged; "
           "and how many came in the clear from other servers",
       result_example = [{<<"2026-11-25">>, 1520, 1340, 12, 168, 4, 175, 5, 0, 0, 0, 0},
                         {<<"2026-11-24">>, 1493, 1201, 20, 272, 0, 292, 0, 0, 0, 0, 0}]},
     (of_host(e2e_policy_readiness, readiness))#ejabberd_commands{
       desc = "Count the users of a host by whether others can encrypt to them",
       longdesc = "Reads what clients have published by PEP. A user is ready who has published "
           "keys of an accepted scheme that everybody can read, and was not seen to write in the "
           "clear (remember_senders).",
       result = {readiness, {list, {figure, {tuple, [{name, string}, {number, integer}]}}}},
       result_desc = "How many users there are; how many are ready, have no keys, a list of "
           "devices whose keys are missing, or keys that not everybody can read; how many "
           "have OMEMO or OpenPGP keys that everybody can read; and with remember_senders how "
           "many have sent something to judge, and something that violates the policy",
       result_example = [{<<"users">>, 1204}, {<<"ready">>, 987}, {<<"no_keys">>, 201},
                         {<<"no_bundle">>, 4}, {<<"closed">>, 12}, {<<"with_omemo">>, 985},
                         {<<"with_pgp">>, 3}]},
     (of_host(e2e_policy_unready, unready))#ejabberd_commands{
       desc = "List the users of a host to whom others cannot encrypt, and why, last active first",
       longdesc = "Only users who were active in the given time: 0 lists all. Without mod_last "
           "only those that are online count as active. At most 10000 lines: a last one "
           "without a user says how many more there are.",
       args = [{host, binary}, {since, binary}],
       args_desc = ["Virtual host", "Duration, as in the configuration, or 0"],
       args_example = [<<"example.org">>, <<"30 days">>],
       result = {users, {list, {unready, {tuple, [{Name, string} || Name <- unready_fields()]}}}},
       result_desc = "For each user why (no_keys, no_bundle, closed or writes_plain), how many "
           "keys of each scheme are in the lists, when the user was active last (RFC 3339, "
           "UTC), the day of the last message that violates the policy, and the clients that are "
           "online",
       result_example = [{<<"romeo">>, <<"no_bundle">>, <<"omemo 2">>, <<"2026-11-25T09:30:00Z">>,
                          <<>>, <<"https://gajim.org">>},
                         {<<"nurse">>, <<"no_keys">>, <<>>, <<>>, <<>>, <<>>}]},
     (of_host(e2e_policy_s2s_list, s2s_list))#ejabberd_commands{
       desc = "List the connections of a host with other servers, and how each is protected",
       longdesc = "Those of this node of a cluster. A connection is verified if the other server "
           "has shown a valid certificate of its domain, or s2s_trusted allows the domain; it is "
           "unverified if it has not, and plain without TLS.",
       result = {connections,
                 {list, {connection, {tuple, [{Name, string} || Name <- connection_fields()]}}}},
       result_desc = "For each connection and domain: direction (in, out or both), the domain "
           "here and the other one, protection (verified, unverified or plain), version and "
           "cipher of TLS, how an incoming one has authenticated (external or dialback), and "
           "what the certificate is: valid, or why not in the words of RFC 8460",
       result_example = [connection_example(),
                         {<<"out">>, <<"example.org">>, <<"example.com">>, <<"unverified">>,
                          <<"TLSv1.3 TLS_AES_256_GCM_SHA384">>, <<"-">>,
                          <<"certificate-not-trusted: self-signed certificate">>}]},
     (of_host(e2e_policy_s2s_check, s2s_check))#ejabberd_commands{
       desc = "Show how the connection of a host to another server is protected",
       longdesc = "Connects if need be, and waits for half a minute at most. A connection that "
           "cannot be made is an error with the reason.",
       args = [{host, binary}, {domain, binary}],
       args_desc = ["Virtual host", "Domain of another server"],
       args_example = [<<"example.org">>, <<"example.net">>],
       result = {connection, {tuple, [{Name, string} || Name <- connection_fields()]}},
       result_desc = "What e2e_policy_s2s_list shows of the connection",
       result_example = connection_example()},
     (of_host(e2e_policy_audit, audit))#ejabberd_commands{
       desc = "Check whether messages of a host can be read by others on their way, and how to "
           "prevent it",
       longdesc = "Looks at the configuration in force, the certificates of all domains of the "
           "host and the connections of this node with other servers. Changes and connects "
           "nothing. docs/federation.md says what each check means.",
       result = {checks, {list, {finding, {tuple, [{check, string}, {result, string},
                                                   {found, string}, {advice, string}]}}}},
       result_desc = "A line at least for each check: its name, the result (ok; note: worth "
           "knowing; fail: others can read messages), what was found, and what to do about it",
       result_example = [{<<"starttls">>, <<"ok">>, <<"s2s_use_starttls is required">>, <<>>},
                         {<<"client_listeners">>, <<"fail">>,
                          <<"port 5222 lets clients connect without TLS">>,
                          <<"set `starttls_required: true`, or `tls: true`, for port 5222">>}]},
     #ejabberd_commands{
       name = e2e_policy_upgrade,
       tags = [e2e_policy],
       desc = "Put the installed release of mod_e2e_policy into the running server",
       longdesc = "The release is tried in an Erlang of its own first. No session ends, and no "
           "message passes unjudged meanwhile.",
       policy = restricted,
       module = ?FUNCTIONS,
       function = upgrade,
       args = [],
       result = {release, string},
       result_desc = "Which release runs, and what was replaced",
       result_example = <<"mod_e2e_policy 0.2.0: replaced 9 modules and the library">>}].

-spec figures() -> [atom()].
figures() ->
    [messages, encrypted, unacceptable, plaintext, exempt, warned, refused, would_warn,
     would_refuse, failed, incoming_plaintext].

-spec unready_fields() -> [atom()].
unready_fields() ->
    [user, why, keys, last_active, last_plain, clients].

-spec connection_fields() -> [atom()].
connection_fields() ->
    [direction, local, remote, protection, tls, authentication, certificate].

-spec connection_example() -> mod_e2e_policy_s2s:row().
connection_example() ->
    {<<"out">>, <<"example.org">>, <<"example.net">>, <<"verified">>,
     <<"TLSv1.3 TLS_AES_256_GCM_SHA384">>, <<"-">>, <<"valid">>}.

-spec of_host(atom(), atom()) -> ejabberd_commands().
of_host(Name, Function) ->
    #ejabberd_commands{
       name = Name,
       tags = [e2e_policy],
       policy = restricted,
       module = ?FUNCTIONS,
       function = Function,
       args = [{host, binary}],
       args_desc = ["Virtual host"],
       args_example = [<<"example.org">>]}.

-spec of_user(atom(), atom()) -> ejabberd_commands().
of_user(Name, Function) ->
    (of_host(Name, Function))#ejabberd_commands{
      args = [{user, binary}, {host, binary}],
      args_desc = ["User name", "Virtual host"],
      args_example = [<<"juliet">>, <<"example.org">>],
      result = {grace, {tuple, grace_status_fields()}},
      result_desc = "State (none, running or over), who started it (violation or admin), start and "
          "end (RFC 3339, UTC), remaining time",
      result_example = {<<"running">>, <<"admin">>, <<"2026-11-20T10:00:00Z">>,
                        <<"2026-12-04T10:00:00Z">>, <<"13 days and 4 hours">>}}.

-spec of_user_and_period(atom(), atom()) -> ejabberd_commands().
of_user_and_period(Name, Function) ->
    (of_user(Name, Function))#ejabberd_commands{
      args = [{user, binary}, {host, binary}, {period, binary}],
      args_desc = ["User name", "Virtual host", "Duration, as in the configuration"],
      args_example = [<<"juliet">>, <<"example.org">>, <<"14 days">>]}.

-spec grace_status_fields() -> [{atom(), string}].
grace_status_fields() ->
    [{state, string}, {started_by, string}, {start, string}, {'end', string}, {remaining, string}].
