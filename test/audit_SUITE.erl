%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The audit finds each fault of a table of servers, and nothing wrong with one that keeps what it
%% pledges. Each fault of a host is that of a virtual host of its own; those of the whole server are
%% set one after the other.
-module(audit_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([a_server_that_keeps_the_pledge_has_no_fault/1,
         each_fault_of_a_host_is_found/1,
         each_fault_of_the_server_is_found/1,
         a_server_without_certificates_is_told/1,
         connections_that_are_not_verified_are_counted/1,
         a_host_without_other_servers_needs_no_verification/1,
         a_check_that_fails_hides_nothing/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(KEPT, <<"kept.test">>).
-define(NEW_TLS, [<<"no_sslv3">>, <<"no_tlsv1">>, <<"no_tlsv1_1">>]).
-define(CIPHERS, <<"ECDHE-ECDSA-AES256-GCM-SHA384">>).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [a_server_that_keeps_the_pledge_has_no_fault,
     each_fault_of_a_host_is_found,
     each_fault_of_the_server_is_found,
     connections_that_are_not_verified_are_counted,
     a_host_without_other_servers_needs_no_verification,
     a_check_that_fails_hides_nothing,
     a_server_without_certificates_is_told].

init_per_suite(Config) ->
    Folder = server:temporary_folder(),
    ok = file:change_mode(Folder, 8#755),
    Authority = certificate:authority(Folder),
    Files = [certificate:made(kind(Change), [Host], Folder) || {Host, Change, _} <- hosts(),
                                                               kind(Change) =/= none],
    Settings = #{ca_file => text(Authority), certfiles => [text(File) || File <- Files],
                 s2s_access => all, listen => good_listeners(),
                 host_config => maps:from_list([{Host, configured(Change)}
                                                || {Host, Change, _} <- hosts()])},
    Server = server:new(policies(), Settings),
    {0, _} = server:start(Server, modules(Folder ++ "/mod_e2e_policy")),
    [{server, Server}, {folder, Folder} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)),
    ok = file:del_dir_r(?config(folder, Config)).

%%%-------------------------------------------------------------------
%%% Faults of a host
%%%-------------------------------------------------------------------

%% A host that keeps the pledge, and for each other one what is changed in its configuration, and
%% what is found: checks, results, words of what was found, and of the advice.
hosts() ->
    [{?KEPT, #{}, []},
     {<<"intermediate.test">>, #{certificate => intermediate}, []},
     %% Connections with other servers
     {<<"without-tls.test">>, #{s2s_use_starttls => false},
      [{"starttls", "fail", "no connection with another server is encrypted",
        "`s2s_use_starttls: required`"}]},
     {<<"optional-tls.test">>, #{s2s_use_starttls => optional, policy => #{s2s_unverified => none}},
      [{"starttls", "fail", "is connected in the clear", "`s2s_use_starttls: required`"},
       {"s2s_unverified", "note", "messages in the clear pass", "`s2s_unverified: refuse`"}]},
     {<<"optional-tls-and-refuse.test">>, #{s2s_use_starttls => optional},
      [{"starttls", "note", "only `s2s_unverified: refuse` ends", "`s2s_use_starttls: required`"}]},
     {<<"dialback.test">>,
      #{modules => #{mod_s2s_dialback => #{}}, policy => #{s2s_unverified => none}},
      [{"dialback", "fail", "skip the check of certificates", "or remove mod_s2s_dialback"},
       {"s2s_unverified", "note", "s2s_unverified is none", "`s2s_unverified: refuse`"}]},
     {<<"dialback-and-required.test">>,
      #{modules => #{mod_s2s_dialback => #{}}, policy => #{s2s_unverified => required}},
      [{"dialback", "fail", "skip the check of certificates", "or remove mod_s2s_dialback"},
       {"s2s_unverified", "note", "encrypted messages, and all that is no message, pass",
        "`s2s_unverified: refuse`"}]},
     {<<"dialback-without-access.test">>,
      #{modules => #{mod_s2s_dialback => #{access => none}}, policy => #{s2s_unverified => none}},
      [{"dialback", "note", "somebody in between can pass on", "`s2s_unverified: refuse`"},
       {"s2s_unverified", "note", "s2s_unverified is none", "`s2s_unverified: refuse`"}]},
     {<<"dialback-in-the-clear.test">>,
      #{modules => #{mod_s2s_dialback => #{access => none}}, s2s_use_starttls => optional,
        policy => #{s2s_unverified => none}},
      [{"starttls", "fail", "is connected in the clear", "`s2s_use_starttls: required`"},
       {"dialback", "fail", "dialback alone authenticates them", "`s2s_use_starttls: required`"},
       {"s2s_unverified", "note", "s2s_unverified is none", "`s2s_unverified: refuse`"}]},
     {<<"refusing-in-testing.test">>,
      #{modules => #{mod_s2s_dialback => #{}}, policy => #{testing => true}},
      [{"dialback", "fail", "skip the check of certificates", "`s2s_unverified: refuse`"},
       {"s2s_unverified", "note", "testing is on", "remove `testing`"},
       {"testing", "note", "nothing is refused", "remove `testing`"}]},
     {<<"trusting.test">>, #{policy => #{s2s_trusted => friends}},
      [{"s2s_trusted", "note", "the access rule `friends` allows count as verified",
        "`s2s_trusted`"}]},
     {<<"old-tls.test">>, #{s2s_protocol_options => [<<"no_sslv3">>, <<"no_tlsv1">>]},
      [{"tls_versions", "fail", "other servers: old versions",
        "add no_tlsv1_1 to `s2s_protocol_options`"}]},
     {<<"ciphers.test">>, #{s2s_ciphers => ?CIPHERS},
      [{"ciphers", "note", "other servers: a list of ciphers of your own, ECDHE",
        "remove `s2s_ciphers`"}]},
     {<<"compressed.test">>, #{s2s_zlib => true, s2s_tls_compression => true},
      [{"compression", "fail", "other servers: s2s_zlib is on", "`s2s_zlib: false`"},
       {"compression", "fail", "s2s_tls_compression is on", "`s2s_tls_compression: false`"}]},
     %% Certificates
     {<<"without-certificate.test">>, #{certificate => none},
      [{"certificates", "fail", "without-certificate.test, conference.without-certificate.test, "
        "pubsub.without-certificate.test: no certificate for this name, that of ", "`certfiles`"}]},
     {<<"self-signed.test">>, #{certificate => self_signed},
      [{"certificates", "fail", "pubsub.self-signed.test: the certificate is self-signed",
        "a public authority"}]},
     {<<"expired.test">>, #{certificate => expired},
      [{"certificates", "fail", "the certificate expired on 2024-02-01", "renew"}]},
     {<<"ending.test">>, #{certificate => ending},
      [{"certificates", "note", "in 9 days", "renew"}]},
     {<<"unknown-authority.test">>, #{certificate => unknown_authority},
      [{"certificates", "fail", "no chain of certificates leads to an authority in /",
        "intermediate certificates"}]},
     {<<"without-intermediate.test">>, #{certificate => without_intermediate},
      [{"certificates", "fail", "no chain of certificates", "intermediate certificates"}]},
     {<<"server-auth.test">>, #{certificate => server_auth},
      [{"certificates", "note", "has not the purpose clientAuth", "nothing to do"}]},
     %% Modules
     {<<"without-pubsub.test">>, #{modules => #{mod_pubsub => none}},
      [{"omemo", "note", "mod_pubsub is not loaded", "add mod_pubsub"}]},
     {<<"without-pep.test">>, #{modules => #{mod_pubsub => #{plugins => [<<"flat">>]}}},
      [{"omemo", "note", "has not the plugin `pep`", "`plugins: [flat, pep]`"}]},
     {<<"closed-keys.test">>, #{modules => #{mod_pubsub => #{plugins => [<<"flat">>, <<"pep">>]}}},
      [{"omemo", "note", "readable for contacts only", "`force_node_config"}]},
     {<<"pgp-only.test">>, #{modules => #{mod_pubsub => none},
                             policy => #{accepted_schemes => [pgp]}}, []},
     {<<"without-omemo.test">>, #{modules => #{mod_deny_omemo => #{}}},
      [{"omemo", "fail", "mod_deny_omemo is loaded", "remove mod_deny_omemo"}]},
     {<<"copying.test">>, #{modules => #{mod_service_log => #{loggers => [<<"log.test">>]},
                                         mod_muc_log => #{}, mod_log_chat => #{},
                                         mod_message_log => #{}}},
      [{"copies", "fail", "mod_service_log sends a copy", "remove mod_service_log"},
       {"copies", "fail", "mod_muc_log writes what is said in rooms", "remove mod_muc_log"},
       {"copies", "fail", "mod_log_chat writes messages", "remove mod_log_chat"},
       {"copies", "note", "mod_message_log writes to a file who writes to whom",
        "remove mod_message_log"}]},
     {<<"pushing.test">>, #{modules => #{mod_push => #{include_body => true,
                                                       include_sender => true}}},
      [{"push", "fail", "gives the text of messages", "`include_body: true`"},
       {"push", "note", "who writes to a user", "`include_sender: true`"}]},
     {<<"pushing-a-sentence.test">>, #{modules => #{mod_push => #{include_body => <<"New">>}}}, []},
     %% The policy
     {<<"open.test">>, #{policy => #{incoming => none, rooms => optional}},
      [{"incoming", "note", "write in the clear to users here", "`incoming: required`"},
       {"rooms", "note", "rooms is optional", "`rooms: required`"}]},
     {<<"without-rooms.test">>, #{modules => #{mod_muc => none}, policy => #{rooms => none}}, []},
     {<<"exempt.test">>,
      #{policy => #{exempt => friends, whitelist => [<<"a@b.test">>, <<"c.test">>]}},
      [{"exempt", "note", "the access rule `friends`", "`exempt`"},
       {"exempt", "note", "ignored: a@b.test, c.test", "`whitelist`"}]}]
        ++ [{<<"bidi.test">>, #{modules => #{mod_s2s_dialback => #{}, mod_s2s_bidi => #{}},
                                policy => #{s2s_unverified => none}},
             [{"dialback", "fail", "skip the check of certificates", "or remove"},
              {"bidi", "note", "whose certificate was not checked", "`s2s_unverified: refuse`"},
              {"s2s_unverified", "note", "s2s_unverified is none", "`s2s_unverified: refuse`"}]}
            || code:which(mod_s2s_bidi) =/= non_existing].

a_server_that_keeps_the_pledge_has_no_fault(Config) ->
    Rows = audit(?KEPT, Config),
    ?assertEqual([], [Row || {_, Result, _, Advice} = Row <- Rows,
                             Result =/= "ok" orelse Advice =/= ""]),
    [{_, _, Valid, _}] = of_check("certificates", Rows),
    ?assertMatch({match, _},
                 re:run(Valid, "^kept.test, conference.kept.test, pubsub.kept.test: valid until "
                        "[0-9-]{10}, for 29 days$")).

each_fault_of_a_host_is_found(Config) ->
    [?assertEqual({Host, Expected}, {Host, as_expected(Expected, faults(audit(Host, Config)))})
     || {Host, _, Expected} <- hosts()].

%%%-------------------------------------------------------------------
%%% Faults of the server
%%%-------------------------------------------------------------------

each_fault_of_the_server_is_found(Config) ->
    [begin
         change(Change, Config),
         ?assertEqual({Change, Expected},
                      {Change, as_expected(Expected, faults(audit(?KEPT, Config)))})
     end || {Change, Expected} <- changes()],
    change(#{}, Config).

%% What is changed in the configuration, and what is found in that of a host that is in order.
changes() ->
    [{#{listen => [remote(ejabberd_c2s, #{})]},
      [{"client_listeners", "fail", "lets clients connect without TLS",
        "`starttls_required: true`"}]},
     {#{listen => [remote(ejabberd_c2s, #{starttls => true, protocol_options => ?NEW_TLS})]},
      [{"client_listeners", "fail", "lets clients connect without TLS",
        "`starttls_required: true`"}]},
     {#{listen => [remote(ejabberd_c2s, #{tls => true, protocol_options => [<<"no_sslv3">>],
                                          ciphers => ?CIPHERS, tls_compression => true})]},
      [{"tls_versions", "fail", "clients on port ", "add no_tlsv1, no_tlsv1_1 to "
        "`c2s_protocol_options`"},
       {"ciphers", "note", "clients on port ", "remove `c2s_ciphers`"},
       {"compression", "fail", "tls_compression is on", "`tls_compression: false`"}]},
     {#{listen => [remote(ejabberd_c2s, #{starttls_required => true, zlib => true,
                                          protocol_options => ?NEW_TLS})]},
      [{"compression", "fail", "zlib is on", "`zlib: false`"}]},
     {#{listen => [remote(ejabberd_http, #{request_handlers =>
                                               #{<<"/bosh">> => mod_bosh,
                                                 <<"/ws">> => ejabberd_http_ws,
                                                 <<"/api">> => mod_http_api,
                                                 <<"/admin">> => ejabberd_web_admin,
                                                 <<"/metrics">> => mod_e2e_policy_metrics}})]},
      [{"http_listeners", "fail", "has ejabberd_http_ws, ejabberd_web_admin, mod_bosh, "
        "mod_e2e_policy_metrics, mod_http_api without TLS", "`ip: 127.0.0.1`"}]},
     {#{listen => [remote(ejabberd_service, #{hosts => #{<<"sms.test">> =>
                                                             #{password => <<"secret">>}}})]},
      [{"component_listeners", "fail", "lets components connect without TLS", "`tls: true`"}]},
     {#{loglevel => debug},
      [{"loglevel", "fail", "all stanzas are in the log", "`loglevel: info`"}]}].

%% ejabberd keeps the certificates that it has when the list of files becomes empty.
a_server_without_certificates_is_told(Config) ->
    Server = server:started(#{?KEPT => #{}}, #{s2s_access => all}),
    Rows = audit(?KEPT, [{server, Server} | Config]),
    server:stop(Server),
    Expected = [{"certificates", "fail", "pubsub.kept.test: no certificate, so that there is no "
                 "TLS", "get a certificate"}],
    ?assertEqual(Expected, as_expected(Expected, of_check("certificates", Rows))).

%%%-------------------------------------------------------------------
%%% Other servers
%%%-------------------------------------------------------------------

%% The second host refuses them, though ejabberd takes them: it has mod_s2s_dialback.
connections_that_are_not_verified_are_counted(Config) ->
    case rig:is_possible() of
        true -> are_counted(Config);
        false -> {skip, "this machine gives no process file systems of its own"}
    end.

are_counted(Config) ->
    Hosts = [<<"none.test">>, ?KEPT],
    #{ours := Ours} = Rig = rig:started(maps:from_list(
                                          lists:zip(Hosts, [#{}, #{s2s_unverified => refuse}]))),
    [begin
         Romeo = client:connect_available(Ours, <<"romeo@", Host/binary, "/phone">>),
         [rig:ping(Romeo, rig:domain(Peer))
          || Peer <- [{ejabberd, trusted}, {ejabberd, self_signed}, {ejabberd, without_starttls}]]
     end || Host <- Hosts],
    [Counted, Refused] = [audit(Host, [{server, Ours} | Config]) || Host <- Hosts],
    rig:stop(Rig),
    [{_, "fail", Found, "see e2e_policy_s2s_list" ++ _}] = of_check("peers", Counted),
    ?assertMatch({match, _}, re:run(Found, "^connections with other servers now: [1-9] verified, "
                                    "[1-9] unverified, [1-9] in the clear$")),
    ?assertMatch([{_, "ok", _, _}], of_check("peers", Refused)),
    ?assertMatch([{_, "ok", "mod_s2s_dialback is loaded, and `s2s_unverified: refuse`" ++ _, ""}],
                 of_check("dialback", Refused)).

a_host_without_other_servers_needs_no_verification(Config) ->
    change(#{s2s_access => none}, Config),
    Rows = audit(<<"dialback-in-the-clear.test">>, Config),
    change(#{}, Config),
    [?assertMatch([{_, "ok", "s2s_access is none" ++ _, ""}], of_check(Check, Rows))
     || Check <- ["starttls", "dialback", "bidi", "s2s_unverified"]].

%%%-------------------------------------------------------------------
%%% Failures
%%%-------------------------------------------------------------------

%% The authorities, and the file of a certificate.
a_check_that_fails_hides_nothing(Config) ->
    Authorities = ?config(folder, Config) ++ "/trusted/authority.pem",
    ok = file:rename(Authorities, Authorities ++ ".away"),
    WithoutAuthorities = faults(audit(?KEPT, Config)),
    ok = file:rename(Authorities ++ ".away", Authorities),
    ?assertMatch([{"certificates", "fail", "the authorities in /" ++ _,
                   "set `ca_file` to a file" ++ _}], WithoutAuthorities),
    {ok, File} = server:call(?config(server, Config), ejabberd_pkix, get_certfile_no_default,
                             [?KEPT]),
    ok = server:call(?config(server, Config), file, delete, [File]),
    Rows = audit(?KEPT, Config),
    ?assertMatch([{"certificates", "note", "cannot be read: error:badmatch in "
                   "mod_e2e_policy_audit_certificates:" ++ _, ""}], faults(Rows)),
    ?assertMatch([{_, "ok", _, _}], of_check("testing", Rows)).

%%%-------------------------------------------------------------------
%%% Configurations
%%%-------------------------------------------------------------------

%% The options of the module are among those of the host.
policies() ->
    maps:from_list([{Host, without} || {Host, _, _} <- hosts()]).

kind(Change) ->
    maps:get(certificate, Change, trusted).

configured(Change) ->
    Policy = maps:merge(#{direct => required, group => required, incoming => required,
                          rooms => required, s2s_unverified => refuse},
                        maps:get(policy, Change, #{})),
    Modules = maps:merge(#{mod_adhoc => #{}, mod_caps => #{}, mod_disco => #{}, mod_mam => #{},
                           mod_muc => #{},
                           mod_pubsub =>
                               #{plugins => [<<"flat">>, <<"pep">>],
                                 force_node_config =>
                                     #{<<"eu.siacs.conversations.axolotl.*">> =>
                                           #{access_model => open}}}},
                         maps:get(modules, Change, #{})),
    maps:merge(#{s2s_use_starttls => required, s2s_protocol_options => ?NEW_TLS,
                 access_rules => #{friends => #{allow => all}},
                 modules => (maps:filter(fun(_, Options) -> Options =/= none end, Modules))
                                #{mod_e2e_policy => Policy}},
               maps:without([certificate, modules, policy], Change)).

good_listeners() ->
    [remote(ejabberd_c2s, #{starttls_required => true, protocol_options => ?NEW_TLS}),
     remote(ejabberd_http, #{tls => true, request_handlers => #{<<"/ws">> => ejabberd_http_ws}}),
     remote(ejabberd_http, #{request_handlers => #{<<"/.well-known">> => mod_host_meta}}),
     remote(ejabberd_service, #{tls => true}),
     #{module => ejabberd_http, ip => <<"::1">>, port => server:free_port(),
       request_handlers => #{<<"/admin">> => ejabberd_web_admin}}].

%% A listener that can be reached from elsewhere.
remote(Module, Options) ->
    Options#{module => Module, ip => <<"0.0.0.0">>, port => server:free_port()}.

change(Change, Config) ->
    #{settings := Settings} = Server = ?config(server, Config),
    ?assertEqual({0, ""}, server:reload(Server#{settings := maps:merge(Settings, Change)},
                                        policies())).

%% The module, with empty ones that have names of ejabberd-contrib's: the audit asks whether they
%% are loaded, and not what they do.
modules(Folder) ->
    Copy = release:copy(Folder),
    [begin
         {ok, Module, Beam} = compile:forms([form(Text) || Text <- empty_module(Module)]),
         ok = file:write_file([Copy, "/ebin/", atom_to_list(Module), ".beam"], Beam)
     end || Module <- [mod_deny_omemo, mod_log_chat, mod_message_log]],
    Copy.

empty_module(Name) ->
    ["-module(" ++ atom_to_list(Name) ++ ").",
     "-export([start/2, stop/1, reload/3, depends/2, mod_options/1]).",
     "start(_, _) -> ok.", "stop(_) -> ok.", "reload(_, _, _) -> ok.", "depends(_, _) -> [].",
     "mod_options(_) -> []."].

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

%%%-------------------------------------------------------------------
%%% Rows
%%%-------------------------------------------------------------------

audit(Host, Config) ->
    {0, Output} = server:ctl(?config(server, Config),
                             ["e2e_policy_audit", binary_to_list(Host)]),
    [list_to_tuple(string:split(Line, "\t", all)) || Line <- string:lexemes(Output, "\n")].

of_check(Check, Rows) ->
    [Row || Row <- Rows, element(1, Row) =:= Check].

faults(Rows) ->
    [Row || {_, Result, _, _} = Row <- Rows, Result =/= "ok"].

%% What is expected, where each row has the words; the rows themselves where one does not.
as_expected(Expected, Rows) ->
    case length(Expected) =:= length(Rows)
        andalso lists:all(fun({Words, Row}) -> is_as_expected(Words, Row) end,
                          lists:zip(Expected, Rows)) of
        true -> Expected;
        false -> Rows
    end.

is_as_expected({Check, Result, Found, Advice}, {Check, Result, SaysFound, SaysAdvice}) ->
    string:find(SaysFound, Found) =/= nomatch andalso string:find(SaysAdvice, Advice) =/= nomatch;
is_as_expected(_, _) ->
    false.

text(Name) ->
    unicode:characters_to_binary(Name).
