%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What connections to other servers are, what admins see of them, and that those which are not
%% verified are refused. The peers are real servers with all kinds of certificates.
-module(peers_SUITE).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([each_connection_has_the_class_of_its_certificate/1,
         dialback_is_no_proof_if_somebody_sits_in_between/1,
         the_list_says_how_a_peer_has_authenticated/1,
         a_stream_has_a_line_for_each_domain/1,
         the_peers_are_counted_as_they_are_listed/1,
         a_trusted_domain_is_verified_as_long_as_it_is_trusted/1]).
-export([a_check_connects_if_need_be/1,
         a_check_tries_again_what_has_failed/1,
         a_check_says_why_there_is_no_connection/1,
         a_check_refuses_what_is_no_other_server/1]).
-export([a_session_learns_of_the_first_connection_that_is_not_verified/1,
         a_connection_that_cannot_be_made_counts_as_verified/1,
         a_server_that_says_nothing_counts_as_unverified/1]).
-export([nothing_goes_to_a_server_that_is_refused/1,
         nothing_comes_from_a_server_that_is_refused/1,
         a_stream_to_another_host_brings_nothing_to_one_that_refuses/1,
         a_reload_ends_the_connections_that_are_not_allowed/1,
         testing_connects_and_says_who_would_be_refused/1,
         a_refused_domain_is_logged_once/1,
         the_log_has_nothing_of_the_messages/1]).
%% In the server
-export([asked/2]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").
-include("ejabberd_http.hrl").
-include("fxml.hrl").

-define(NONE, <<"none.test">>).
-define(REFUSING, <<"refusing.test">>).
-define(TESTING, <<"testing.test">>).
-define(TRUSTING, <<"trusting.test">>).
%% A peer that the last of these trusts.
-define(SELF_SIGNED, {ejabberd, self_signed}).

suite() ->
    [{timetrap, {minutes, 2}}].

%% Connections stay from one case to the next.
all() ->
    [each_connection_has_the_class_of_its_certificate,
     dialback_is_no_proof_if_somebody_sits_in_between,
     the_list_says_how_a_peer_has_authenticated,
     a_stream_has_a_line_for_each_domain,
     the_peers_are_counted_as_they_are_listed,
     a_trusted_domain_is_verified_as_long_as_it_is_trusted,
     a_check_connects_if_need_be,
     a_check_tries_again_what_has_failed,
     a_check_says_why_there_is_no_connection,
     a_check_refuses_what_is_no_other_server,
     a_session_learns_of_the_first_connection_that_is_not_verified,
     a_connection_that_cannot_be_made_counts_as_verified,
     a_server_that_says_nothing_counts_as_unverified,
     nothing_goes_to_a_server_that_is_refused,
     nothing_comes_from_a_server_that_is_refused,
     a_stream_to_another_host_brings_nothing_to_one_that_refuses,
     a_reload_ends_the_connections_that_are_not_allowed,
     testing_connects_and_says_who_would_be_refused,
     a_refused_domain_is_logged_once,
     the_log_has_nothing_of_the_messages].

init_per_suite(Config) ->
    case rig:is_possible() of
        true ->
            #{ours := Ours} = Rig = rig:started(policies()),
            server:load_module(Ours, ?MODULE),
            [{rig, Rig} | Config];
        false ->
            {skip, "this machine gives no process file systems of its own"}
    end.

end_per_suite(Config) ->
    rig:stop(?config(rig, Config)).

policies() ->
    #{?NONE => #{direct => none},
      ?REFUSING => #{direct => none, s2s_unverified => refuse},
      ?TESTING => #{direct => none, s2s_unverified => refuse, testing => true},
      ?TRUSTING => #{direct => none,
                     s2s_trusted => [#{allow => #{server => rig:domain(?SELF_SIGNED)}}]}}.

%%%-------------------------------------------------------------------
%%% Classes
%%%-------------------------------------------------------------------

each_connection_has_the_class_of_its_certificate(Config) ->
    connect_all(Config, ?NONE),
    Rows = rows(Config, ?NONE),
    [?assertEqual({Peer, Expected}, {Peer, [{protection(Row), certificate(Row)}
                                            || Row <- rows_of(Peer, Direction, Rows)]})
     || Peer <- rig:peers(),
        {Direction, Expected} <- [{"out", [expected(Peer, out)]}, {"in", [expected(Peer, in)]}]],
    [?assertMatch({_, {match, _}}, {Row, re:run(lists:nth(5, Row), tls(protection(Row)))})
     || Row <- Rows].

expected({_, Kind}, in) when Kind =:= intercepted_incoming ->
    {"unverified", "certificate-not-trusted"};
expected({_, Kind}, _) ->
    case Kind of
        self_signed -> {"unverified", "certificate-not-trusted"};
        unknown_authority -> {"unverified", "certificate-not-trusted"};
        intercepted -> {"unverified", "certificate-not-trusted"};
        expired -> {"unverified", "certificate-expired"};
        other_name -> {"unverified", "certificate-host-mismatch"};
        without_starttls -> {"plain", "starttls-not-supported"};
        stripped -> {"plain", "starttls-not-supported"};
        _ -> {"verified", "valid"}
    end.

tls("plain") -> "^-$";
tls(_) -> "^TLSv1[.][23] [A-Z0-9_-]+$".

%% The interceptor passes dialback on, and the server that is meant answers that all is well.
dialback_is_no_proof_if_somebody_sits_in_between(Config) ->
    Rig = #{ours := Ours, interceptor := Interceptor} = ?config(rig, Config),
    Peer = {ejabberd, intercepted_incoming},
    Romeo = client:connect_available(Ours, jid("romeo", ?NONE)),
    Juliet = rig:connect(Peer, <<"juliet">>, Rig),
    say(Juliet, client:jid(Romeo), "thesecret, but read"),
    rig:ping(Juliet, ?NONE),
    ?assertEqual(["thesecret, but read"], bodies(client:messages(Romeo))),
    ?assertNotEqual(nomatch, binary:match(interceptor:has_read(Interceptor),
                                          <<"thesecret, but read">>)),
    Rows = rows(Config, ?NONE),
    ?assertEqual(["dialback"], [lists:nth(6, Row) || Row <- rows_of(Peer, "in", Rows)]),
    ?assertEqual(["unverified"], [protection(Row) || Row <- rows_of(Peer, "in", Rows)]),
    ?assertEqual(["verified"], [protection(Row) || Row <- rows_of(Peer, "out", Rows)]).

the_list_says_how_a_peer_has_authenticated(Config) ->
    Rows = rows(Config, ?NONE),
    [?assertEqual({Peer, Direction, [How]},
                  {Peer, Direction, [lists:nth(6, Row) || Row <- rows_of(Peer, Direction, Rows)]})
     || {Peer, Direction, How} <- [{{ejabberd, trusted}, "in", "external"},
                                   {{prosody, trusted}, "in", "external"},
                                   {{ejabberd, trusted}, "out", "-"},
                                   {{prosody, dialback_only}, "in", "dialback"},
                                   {{prosody, dialback_only}, "out", "-"},
                                   {{ejabberd, self_signed}, "in", "dialback"}]].

a_stream_has_a_line_for_each_domain(Config) ->
    [Domain, Other] = strangers(Config, [11, 12]),
    Stream = stranger:authenticated(address(Config), Domain, ?NONE),
    ?assertMatch({match, _}, re:run(stranger:authenticate(Stream, Other, ?NONE), "valid")),
    Lines = [Row || [_, _, Remote | _] = Row <- rows(Config, ?NONE),
                    lists:member(Remote, [Domain, Other])],
    ?assertEqual([["in", "none.test", Remote, "plain", "-", "dialback", "starttls-not-supported"]
                  || Remote <- [Domain, Other]], Lines).

the_peers_are_counted_as_they_are_listed(Config) ->
    connect_all(Config, ?NONE),
    Listed = lists:sort([{Direction, Class}
                         || [Direction, _, _, Class | _] <- rows(Config, ?NONE)]),
    Counted = call(Config, mod_e2e_policy_s2s, peers, [?NONE]),
    ?assertEqual(Listed,
                 lists:sort([{atom_to_list(Direction), atom_to_list(Class)}
                             || {Direction, Class, Count} <- Counted, _ <- lists:seq(1, Count)])),
    Scrape = #request{method = 'GET', ip = {{127, 0, 0, 1}, 50_000}},
    {200, _, Page} = call(Config, mod_e2e_policy_metrics, process, [[], Scrape]),
    {match, Series} = re:run(Page, "^e2e_policy_peers\\{host=\"none[.]test\",direction=\"(.*)\","
                             "protection=\"(.*)\"\\} (.*)$",
                             [global, multiline, {capture, all_but_first, list}]),
    ?assertEqual(Listed, lists:sort([{Direction, Class}
                                     || [Direction, Class, Count] <- Series,
                                        _ <- lists:seq(1, list_to_integer(Count))])).

a_trusted_domain_is_verified_as_long_as_it_is_trusted(Config) ->
    connect(Config, ?SELF_SIGNED, ?TRUSTING),
    connect(Config, {prosody, self_signed}, ?TRUSTING),
    Classes = fun() ->
                      lists:sort([{list_to_binary(Remote), Class, certificate(Row)}
                                  || [_, _, Remote, Class | _] = Row <- rows(Config, ?TRUSTING)])
              end,
    Expected = fun(Class) ->
                       lists:sort([{rig:domain(Peer), Of, "certificate-not-trusted"}
                                   || {Peer, Of} <- [{?SELF_SIGNED, Class},
                                                     {{prosody, self_signed}, "unverified"}],
                                      _Direction <- [in, out]])
               end,
    ?assertEqual(Expected("verified"), Classes()),
    reload(Config, (policies())#{?TRUSTING => #{direct => none}}),
    ?assertEqual(Expected("unverified"), Classes()),
    reload(Config, policies()).

%%%-------------------------------------------------------------------
%%% Checks
%%%-------------------------------------------------------------------

a_check_connects_if_need_be(Config) ->
    rig:forget_connections(?config(rig, Config)),
    Peer = {prosody, self_signed},
    ?assertEqual([], rows_of(Peer, "out", rows(Config, ?NONE))),
    {0, Line} = check(Config, ?NONE, rig:domain(Peer)),
    ?assertEqual([string:split(string:trim(Line), "\t", all)],
                 rows_of(Peer, "out", rows(Config, ?NONE))),
    ?assertEqual({0, Line}, check(Config, ?NONE, rig:domain(Peer))).

%% ejabberd does not for up to five minutes.
a_check_tries_again_what_has_failed(Config) ->
    [Domain] = strangers_to_be(Config, [13]),
    ?assertMatch({1, "Error: not_exists: no connection to " ++ _}, check(Config, ?NONE, Domain)),
    stranger:listening(Domain),
    ?assertEqual({0, "out\tnone.test\t" ++ Domain ++ "\tplain\t-\t-\tstarttls-not-supported\n"},
                 check(Config, ?NONE, Domain)).

a_check_says_why_there_is_no_connection(Config) ->
    [Refusing] = strangers_to_be(Config, [14]),
    [?assertMatch({Domain, {1, {match, _}}},
                  {Domain, begin
                               {Status, Text} = check(Config, Host, Domain),
                               {Status, re:run(Text, "^Error: not_exists: no connection to [^ ]+: "
                                               ++ Reason)}
                           end})
     || {Host, Domain, Reason} <-
            [{?NONE, "nowhere.test", "DNS lookup failed: "},
             {?NONE, Refusing, "Connection failed: connection refused"},
             {?REFUSING, rig:domain({prosody, expired}),
              "Peer certificate rejected: certificate has expired"},
             {?REFUSING, rig:domain({prosody, without_starttls}),
              "Authentication failed: this server refuses connections without TLS"}]].

a_check_refuses_what_is_no_other_server(Config) ->
    [?assertEqual({Domain, {1, "Error: not_exists: " ++ Error ++ "\n"}},
                  {Domain, check(Config, Host, Domain)})
     || {Host, Domain, Error} <-
            [{?NONE, ?NONE, "found `none.test`, which this server serves itself: expected the "
              "domain of another server"},
             {?NONE, "conference.testing.test", "found `conference.testing.test`, which this "
              "server serves itself: expected the domain of another server"},
             {?NONE, "romeo@example.net", "found `romeo@example.net`, expected a domain"},
             {?NONE, "example.net/x", "found `example.net/x`, expected a domain"},
             {?NONE, "", "found ``, expected a domain"},
             {<<"nowhere.test">>, "example.net", "found `nowhere.test`, expected a virtual host "
              "with mod_e2e_policy"}]].

%%%-------------------------------------------------------------------
%%% What a session asks
%%%-------------------------------------------------------------------

a_session_learns_of_the_first_connection_that_is_not_verified(Config) ->
    rig:forget_connections(?config(rig, Config)),
    [Good, AlsoGood, Bad, AlsoBad] =
        [rig:domain(Peer) || Peer <- [{ejabberd, trusted}, {prosody, server_auth},
                                      {ejabberd, expired}, {prosody, self_signed}]],
    %% Connections that are made, and then the same ones again.
    [?assertEqual({Domains, {Answer, []}}, {Domains, ask(Config, Domains)})
     || _ <- [new, again],
        {Domains, Answer} <- [{[Good], verified}, {[Bad], {unverified, Bad}}, {[], verified},
                              {[Good, AlsoGood], verified}, {[?TESTING], verified},
                              {[Good, AlsoBad, Bad], {unverified, AlsoBad}}]].

a_connection_that_cannot_be_made_counts_as_verified(Config) ->
    [Refusing] = strangers_to_be(Config, [15]),
    [?assertEqual({Domain, {verified, []}}, {Domain, ask(Config, [Domain])})
     || _ <- [new, again], Domain <- [<<"nowhere.test">>, list_to_binary(Refusing)]].

%% All connections together have five seconds.
a_server_that_says_nothing_counts_as_unverified(Config) ->
    Silent = strangers_to_be(Config, [16, 17]),
    Sockets = [begin
                   {ok, Ip} = inet:parse_address(Domain),
                   {ok, Socket} = gen_tcp:listen(5269, [{ip, Ip}, {active, false}]),
                   Socket
               end || Domain <- Silent],
    [First | _] = Domains = [list_to_binary(Domain) || Domain <- Silent],
    Begin = erlang:monotonic_time(millisecond),
    ?assertEqual({{unverified, First}, []}, ask(Config, Domains)),
    ?assert(erlang:monotonic_time(millisecond) - Begin < 9000),
    [ok = gen_tcp:close(Socket) || Socket <- Sockets].

%% With what is in the mailbox of the session afterwards.
ask(Config, Domains) ->
    call(Config, ?MODULE, asked, [?NONE, Domains]).

asked(Host, Domains) ->
    Answer = mod_e2e_policy_s2s:connection(jid:make(<<"romeo">>, Host, <<"phone">>), Domains),
    {messages, Messages} = process_info(self(), messages),
    {Answer, Messages}.

%%%-------------------------------------------------------------------
%%% Refusal
%%%-------------------------------------------------------------------

nothing_goes_to_a_server_that_is_refused(Config) ->
    #{ours := Ours} = Rig = ?config(rig, Config),
    Romeo = client:connect_available(Ours, jid("romeo", ?REFUSING)),
    [begin
         Juliet = rig:connect(Peer, <<"juliet">>, Rig),
         say(Romeo, client:jid(Juliet), "thesecret"),
         {Before, Answer} = rig:ping(Romeo, rig:domain(Peer)),
         ?assertEqual({Peer, ["remote-server-timeout"]}, {Peer, conditions(Answer)}),
         ?assertEqual({Peer, [["remote-server-timeout"]]},
                      {Peer, [conditions(El) || #xmlel{name = <<"message">>} = El <- Before]}),
         ?assertEqual({Peer, []}, {Peer, bodies(client:messages(Juliet))})
     end || Peer <- rig:peers(), {Class, _} <- [expected(Peer, out)], Class =/= "verified"],
    [begin
         Juliet = rig:connect(Peer, <<"juliet">>, Rig),
         say(Romeo, client:jid(Juliet), "thesecret"),
         rig:ping(Romeo, rig:domain(Peer)),
         ?assertEqual({Peer, ["thesecret"]}, {Peer, bodies(client:messages(Juliet))})
     end || Peer <- rig:peers(), {"verified", _} <- [expected(Peer, in)]].

nothing_comes_from_a_server_that_is_refused(Config) ->
    #{ours := Ours} = Rig = ?config(rig, Config),
    Romeo = client:connect_available(Ours, jid("romeo", ?REFUSING)),
    [begin
         Juliet = rig:connect(Peer, <<"juliet">>, Rig),
         say(Juliet, client:jid(Romeo), "thesecret"),
         {_, Answer} = rig:ping(Juliet, ?REFUSING),
         {Bodies, Conditions} = case expected(Peer, in) of
                                    {"verified", _} -> {["thesecret"], []};
                                    _ -> {[], ["remote-server-timeout"]}
                                end,
         ?assertEqual({Peer, Conditions}, {Peer, conditions(Answer)}),
         ?assertEqual({Peer, Bodies}, {Peer, bodies(client:messages(Romeo))})
     end || Peer <- rig:peers()],
    ?assertEqual(["verified"], lists:usort([protection(Row) || Row <- rows(Config, ?REFUSING)])).

%% A server authenticates for a stream, and may then write to any host.
a_stream_to_another_host_brings_nothing_to_one_that_refuses(Config) ->
    [Domain] = strangers(Config, [18]),
    #{ours := Ours} = ?config(rig, Config),
    [Romeo, Benvolio] = [client:connect_available(Ours, jid(Name, Host))
                         || {Name, Host} <- [{"romeo", ?NONE}, {"benvolio", ?REFUSING}]],
    Stream = stranger:authenticated(address(Config), Domain, ?NONE),
    [stranger:send(Stream, ["<message type='chat' from='juliet@", Domain, "' to='",
                            client:jid(To), "'><body>thesecret</body></message>"])
     || To <- [Romeo, Benvolio, Romeo]],
    ?assertMatch({match, _}, re:run(stranger:received_until(Stream, "</stream:stream>"),
                                    "<policy-violation.*this server refuses connections without "
                                    "TLS")),
    ?assertEqual([], bodies(client:messages(Benvolio))),
    ?assertEqual(["thesecret"], bodies(client:messages(Romeo))),
    ?assertMatch({match, _}, re:run(stranger:authenticate(
                                      stranger:authenticated(address(Config), Domain, ?NONE),
                                      Domain, ?REFUSING),
                                    "type='error'")).

a_reload_ends_the_connections_that_are_not_allowed(Config) ->
    Classes = fun() -> lists:usort([protection(Row) || Row <- rows(Config, ?NONE)]) end,
    connect(Config, {ejabberd, trusted}, ?NONE),
    [connect(Config, Peer, ?NONE) || Peer <- [?SELF_SIGNED, {prosody, without_starttls}]],
    ?assertEqual(["plain", "unverified", "verified"], Classes()),
    Trusted = fun(Peers) ->
                      #{direct => none, s2s_unverified => refuse,
                        s2s_trusted => [#{allow => #{server => rig:domain(Peer)}}
                                        || Peer <- Peers]}
              end,
    reload(Config, (policies())#{?NONE => Trusted([?SELF_SIGNED])}),
    server:until(fun() -> Classes() =:= ["verified"] end),
    ?assertMatch([_ | _], rows_of(?SELF_SIGNED, "out", rows(Config, ?NONE))),
    reload(Config, (policies())#{?NONE => Trusted([{prosody, expired}])}),
    server:until(fun() -> rows_of(?SELF_SIGNED, "out", rows(Config, ?NONE)) =:= [] end),
    ?assertMatch([_ | _], rows_of({ejabberd, trusted}, "out", rows(Config, ?NONE))),
    reload(Config, policies()).

testing_connects_and_says_who_would_be_refused(Config) ->
    connect_all(Config, ?TESTING),
    Rows = rows(Config, ?TESTING),
    [begin
         ?assertEqual({Peer, [element(1, expected(Peer, out))]},
                      {Peer, [protection(Row) || Row <- rows_of(Peer, "out", Rows)]}),
         Classes = [element(1, expected(Peer, Direction)) || Direction <- [in, out]],
         Lines = case lists:usort(Classes) of
                     ["verified"] -> 0;
                     _ -> 1
                 end,
         ?assertEqual({Peer, Lines}, {Peer, logged(Config, ?TESTING, Peer, "would be refused")})
     end || Peer <- rig:peers()].

a_refused_domain_is_logged_once(Config) ->
    [?assertEqual({Peer, 1}, {Peer, logged(Config, ?REFUSING, Peer, "refused")})
     || Peer <- rig:peers(), expected(Peer, in) =/= {"verified", "valid"}].

logged(Config, Host, Peer, What) ->
    Pattern = ["E2EE policy of ", Host, ": (incoming|outgoing) connection with ", rig:domain(Peer),
               " ", What, ": ", element(2, expected(Peer, in))],
    length([Line || Line <- server:log_lines(ours(Config)),
                    re:run(Line, Pattern, [{capture, none}]) =:= match]).

the_log_has_nothing_of_the_messages(Config) ->
    Log = server:log(ours(Config)),
    ?assertEqual(nomatch, binary:match(Log, <<"thesecret">>)),
    ?assertEqual(nomatch, re:run(Log, "E2EE policy (of [a-z.]+ )?failed")).

%%%-------------------------------------------------------------------
%%% Connections
%%%-------------------------------------------------------------------

connect_all(Config, Host) ->
    [connect(Config, Peer, Host) || Peer <- rig:peers()].

%% In both directions: our user asks, and so does theirs.
connect(Config, Peer, Host) ->
    #{ours := Ours} = Rig = ?config(rig, Config),
    Romeo = client:connect_available(Ours, jid("romeo", Host)),
    Juliet = rig:connect(Peer, <<"juliet">>, Rig),
    rig:ping(Romeo, rig:domain(Peer)),
    rig:ping(Juliet, Host).

%% Servers without TLS whose domains are the neighbours of our address.
strangers(Config, Numbers) ->
    Domains = strangers_to_be(Config, Numbers),
    [ok = stranger:listening(Domain) || Domain <- Domains],
    Domains.

strangers_to_be(Config, Numbers) ->
    {A, B, C, _} = address(Config),
    [inet:ntoa({A, B, C, Number}) || Number <- Numbers].

address(Config) ->
    [Address] = [Ip || {{5269, Ip, tcp}, ejabberd_s2s_in, _} <- call(Config, ejabberd_option,
                                                                     listen, [])],
    Address.

%%%-------------------------------------------------------------------
%%% Commands
%%%-------------------------------------------------------------------

rows(Config, Host) ->
    {0, Output} = server:ctl(ours(Config), ["e2e_policy_s2s_list", binary_to_list(Host)]),
    [string:split(Line, "\t", all) || Line <- string:lexemes(Output, "\n")].

%% A bidirectional connection is one of each direction.
rows_of(Peer, Direction, Rows) ->
    Domain = binary_to_list(rig:domain(Peer)),
    [Row || [Of, _, Remote | _] = Row <- Rows, Remote =:= Domain,
            Of =:= Direction orelse Of =:= "both"].

protection(Row) ->
    lists:nth(4, Row).

certificate(Row) ->
    hd(string:split(lists:nth(7, Row), ": ")).

check(Config, Host, Domain) ->
    server:ctl(ours(Config), ["e2e_policy_s2s_check", binary_to_list(Host),
                              unicode:characters_to_list(Domain)]).

reload(Config, Policies) ->
    {0, _} = server:reload(ours(Config), Policies),
    ok.

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

ours(Config) ->
    maps:get(ours, ?config(rig, Config)).

call(Config, Module, Function, Arguments) ->
    server:call(ours(Config), Module, Function, Arguments).

jid(Name, Host) ->
    iolist_to_binary([Name, "@", Host, "/phone"]).

say(Client, To, Body) ->
    client:send(Client, ["<message type='chat' to='", To, "'><body>", Body, "</body></message>"]).

bodies(Messages) ->
    [binary_to_list(fxml:get_path_s(Message, [{elem, <<"body">>}, cdata]))
     || Message <- Messages, fxml:get_tag_attr_s(<<"type">>, Message) =/= <<"error">>].

%% Of an error; there is none in another stanza.
conditions(Stanza) ->
    case fxml:get_subtag(Stanza, <<"error">>) of
        #xmlel{children = Children} ->
            [binary_to_list(Name) || #xmlel{name = Name} <- Children, Name =/= <<"text">>];
        false ->
            []
    end.
