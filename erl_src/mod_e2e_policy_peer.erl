%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What a connection to another server is: verified, unverified, or plain.
%%%
%%% ejabberd does not tell. With its dialback module it checks no certificates of the servers that
%%% it connects to, and calls all of them verified. So the certificate is checked here, when the
%%% other server has authenticated as a domain. The result is kept in the state of the stream, for
%%% each domain, because a stream may carry several by dialback.
%%%
%%% An incoming stream often cannot be judged by itself: ejabberd before 25.07 rejects each
%%% certificate that is not for clients, as those of public authorities are. Dialback makes an
%%% outgoing connection to the same domain, where the certificate can be checked. It says something
%%% about the incoming stream only if that one shows the same certificate: somebody in between could
%%% pass dialback on, and the honest server would vouch for him.
-module(mod_e2e_policy_peer).

%% The class of a connection
-export([class/3, connection/3, is_trusted/2]).
%% For admins
-export([domains/1, row/3, certificate_in_words/2, in_words/1]).
%% ejabberd_hooks callbacks
-export([s2s_out_auth_result/2, s2s_out_packet/2, s2s_in_auth_result/3]).
%% In the process of an incoming stream
-export([vouch/3]).

-export_type([state/0, class/0, certificate/0, row/0]).

-include("logger.hrl").
-include("xmpp.hrl").

%% Where the results are in the state of a stream: #{Domain => certificate()}.
-define(KEY, e2e_policy_certificates).

-type state() :: map().
%% Of ejabberd_s2s_in or ejabberd_s2s_out.

-type class() :: verified | unverified | plain.
-type certificate() :: valid | {invalid, Reason :: atom()} | none.
%% There is none on a connection without TLS.

-type row() :: {Direction :: binary(), Local :: binary(), Remote :: binary(),
                Protection :: binary(), Tls :: binary(), Authentication :: binary(),
                Certificate :: binary()}.

%%%===================================================================
%%% The class of a connection
%%%===================================================================
%% @doc The class of a stream, for a domain that the other server has authenticated as, and messages
%% to or from a virtual host.
%%
%% The host need not be the one that the stream was opened to, and each host trusts other domains.
-spec class(Host :: binary(), state(), Domain :: binary()) -> class().
class(Host, State, Domain) ->
    try
        case certificate(State, Domain) of
            valid ->
                verified;
            Other ->
                case {is_trusted(Host, Domain), Other} of
                    {true, _} -> verified;
                    {false, none} -> plain;
                    {false, {invalid, _}} -> unverified
                end
        end
    catch
        Class:Reason:Stack ->
            failed(Class, Reason, Stack),
            unverified
    end.

%% @doc The same in the form that the policy takes.
-spec connection(Host :: binary(), state(), Domain :: binary()) ->
          verified | {unverified, Domain :: binary()}.
connection(Host, State, Domain) ->
    case class(Host, State, Domain) of
        verified -> verified;
        _ -> {unverified, Domain}
    end.

%% @doc Whether the option `s2s_trusted' of a host allows a domain.
-spec is_trusted(Host :: binary(), Domain :: binary()) -> boolean().
is_trusted(Host, Domain) ->
    case mod_e2e_policy_registry:entry(Host) of
        {_, _, #{s2s_trusted := Rule}} ->
            Rule /= none andalso acl:match_rule(Host, Rule, jid:make(Domain)) == allow;
        _ ->
            false
    end.

%%%===================================================================
%%% For admins
%%%===================================================================
%% @doc The domains that the other server has authenticated as.
-spec domains(state()) -> [Domain :: binary()].
domains(#{auth_domains := Domains}) ->
    lists:sort(sets:to_list(Domains));
domains(#{?KEY := Certificates, stream_state := StreamState}) when StreamState /= disconnected ->
    maps:keys(Certificates);
domains(#{stream_authenticated := true, stream_state := established, remote_server := Domain}) ->
    [Domain];
domains(_State) ->
    [].

%% @doc What an admin is shown of a stream and a domain.
-spec row(Host :: binary(), state(), Domain :: binary()) -> row().
row(Host, State, Domain) ->
    {direction(State), local(State), Domain, atom_to_binary(class(Host, State, Domain)),
     tls(State), authentication(State, Domain), certificate_in_words(State, Domain)}.

%% @doc What is wrong with the certificate that a domain has shown.
-spec certificate_in_words(state(), Domain :: binary()) -> binary().
certificate_in_words(State, Domain) ->
    try in_words(certificate(State, Domain))
    catch _:_ -> <<"validation-failure">>
    end.

%% @doc A certificate in the words of RFC 8460 section 4.3, with the reason as OpenSSL or ejabberd
%% gives it.
-spec in_words(certificate()) -> binary().
in_words(valid) ->
    <<"valid">>;
in_words(none) ->
    <<"starttls-not-supported">>;
in_words({invalid, Reason}) ->
    {_, Text} = xmpp_stream_pkix:format_error(Reason),
    <<(result_type(Reason))/binary, ": ", Text/binary>>.

-spec result_type(atom()) -> binary().
result_type(hostname_mismatch) -> <<"certificate-host-mismatch">>;
result_type('certificate has expired') -> <<"certificate-expired">>;
result_type(Reason)
  when Reason == 'self signed certificate';
       Reason == 'self-signed certificate';
       Reason == 'self signed certificate in certificate chain';
       Reason == 'unable to get issuer certificate';
       Reason == 'unable to get local issuer certificate';
       Reason == 'unable to verify the first certificate';
       Reason == 'invalid CA certificate';
       Reason == 'certificate not trusted' ->
    <<"certificate-not-trusted">>;
result_type(_) -> <<"validation-failure">>.

-spec direction(state()) -> binary().
direction(#{bidi_enabled := true}) -> <<"both">>;
direction(#{stream_direction := Direction}) -> atom_to_binary(Direction).

-spec local(state()) -> binary().
local(#{stream_direction := in, lserver := Domain}) -> Domain;
local(#{server := Domain}) -> Domain.

-spec tls(state()) -> binary().
tls(#{stream_encrypted := true, socket := Socket}) ->
    try xmpp_socket:get_negotiated_cipher(Socket) of
        {ok, VersionAndCipher} -> VersionAndCipher;
        error -> <<"unknown">>
    catch
        _:_ -> <<"unknown">>
    end;
tls(_State) ->
    <<"-">>.

%% The user of an incoming stream is the domain that has authenticated by SASL EXTERNAL.
-spec authentication(state(), binary()) -> binary().
authentication(#{stream_direction := in, user := Domain}, Domain) -> <<"external">>;
authentication(#{stream_direction := in}, _Domain) -> <<"dialback">>;
authentication(_State, _Domain) -> <<"-">>.

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Checks the certificate of a server that has accepted an outgoing stream.
-spec s2s_out_auth_result(state(), true | {false, term()}) -> state().
s2s_out_auth_result(#{remote_server := Domain} = State, true) ->
    checked(Domain, State);
s2s_out_auth_result(State, _Result) ->
    State.

%% @doc Vouches for an incoming stream, when the domain has confirmed it by dialback over a
%% connection whose certificate is valid.
%%
%% ejabberd then tells the incoming stream, which has to know before: so the priority is lower than
%% that of its own function, and messages from one process to another keep their order.
-spec s2s_out_packet(state(), xmpp_element()) -> state().
s2s_out_packet(#{server := Local, remote_server := Domain, socket := Socket,
                 db_verify := {StreamID, _Key, Pid}} = State,
               #db_verify{from = Domain, to = Local, id = StreamID, type = valid}) ->
    try check(State, Domain) of
        valid ->
            {ok, Leaf} = xmpp_socket:get_peer_certificate(Socket, der),
            ejabberd_s2s_in:update_state(Pid, {?MODULE, vouch, [Domain, Leaf]}),
            State;
        _ ->
            State
    catch
        Class:Reason:Stack ->
            failed(Class, Reason, Stack),
            State
    end;
s2s_out_packet(State, _Packet) ->
    State.

%% @doc Checks the certificate of a server that has authenticated on an incoming stream.
-spec s2s_in_auth_result(state(), boolean(), Domain :: binary()) -> state().
s2s_in_auth_result(State, true, Domain) ->
    checked(Domain, State);
s2s_in_auth_result(State, false, _Domain) ->
    State.

%%%===================================================================
%%% In the process of an incoming stream
%%%===================================================================
%% @doc Takes the certificate for valid that was valid on the connection of dialback, if this stream
%% shows the same.
-spec vouch(state(), Domain :: binary(), Leaf :: binary()) -> state().
vouch(#{stream_encrypted := true, socket := Socket} = State, Domain, Leaf) ->
    try xmpp_socket:get_peer_certificate(Socket, der) of
        {ok, Leaf} -> keep(Domain, valid, State);
        _ -> State
    catch
        Class:Reason:Stack ->
            failed(Class, Reason, Stack),
            State
    end;
vouch(State, _Domain, _Leaf) ->
    State.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% A stream that was there before the module is checked when it is asked about.
-spec certificate(state(), binary()) -> certificate().
certificate(#{?KEY := #{} = Certificates} = State, Domain) ->
    case Certificates of
        #{Domain := Certificate} -> Certificate;
        #{} -> check(State, Domain)
    end;
certificate(State, Domain) ->
    check(State, Domain).

%% Without TLS there is no certificate. With `s2s_zlib' the certificate cannot be read once the
%% stream is compressed, which comes after the first authentication.
-spec check(state(), binary()) -> certificate().
check(#{stream_encrypted := true} = State, Domain) ->
    case xmpp_stream_pkix:authenticate(State#{remote_server => Domain}, Domain) of
        {ok, _} -> valid;
        {error, Reason, _} -> {invalid, Reason}
    end;
check(_State, _Domain) ->
    none.

%% What dialback has found valid stays so.
-spec checked(binary(), state()) -> state().
checked(Domain, State) ->
    try keep(Domain, certificate(State, Domain), State)
    catch
        Class:Reason:Stack ->
            failed(Class, Reason, Stack),
            State
    end.

-spec keep(binary(), certificate(), state()) -> state().
keep(Domain, Certificate, State) ->
    State#{?KEY => (maps:get(?KEY, State, #{}))#{Domain => Certificate}}.

-spec failed(atom(), term(), [term()]) -> ok.
failed(Class, Reason, Stack) ->
    ?ERROR_MSG("E2EE policy failed (~ts): a connection to another server counts as unverified",
               [mod_e2e_policy_failure:describe(Class, Reason, Stack)]).
