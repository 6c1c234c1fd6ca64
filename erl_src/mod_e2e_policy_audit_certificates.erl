%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Checks of `e2e_policy_audit': the certificates by which others verify this server.
%%%
%%% Each domain of the host needs one: the virtual host, and its services that others can write to.
-module(mod_e2e_policy_audit_certificates).

-export([certificates/1]).

%% As in public_key.hrl, which a server without erlang-dev does not have: module_install compiles
%% there.
-record('OTPCertificate', {tbsCertificate, signatureAlgorithm, signature}).
-record('OTPTBSCertificate', {version, serialNumber, signature, issuer, validity, subject,
                              subjectPublicKeyInfo, issuerUniqueID, subjectUniqueID, extensions}).
-record('Extension', {extnID, critical, extnValue}).
-record('Validity', {notBefore, notAfter}).
-define(EXTENDED_KEY_USAGE, {2, 5, 29, 37}).
-define(CLIENT_AUTHENTICATION, {1, 3, 6, 1, 5, 5, 7, 3, 2}).

%% A certificate that ends in so many days should have been renewed.
-define(ENOUGH_DAYS, 14).
-define(DAY, 86_400).
%% The purpose that allows all others (RFC 5280 section 4.2.1.12).
-define(ANY_PURPOSE, {2, 5, 29, 37, 0}).

-type certificate() :: #'OTPCertificate'{}.
-type authorities() :: {Path :: binary(), {ok, [certificate()]} | {error, atom()}}.

%% @doc What is wrong with the certificates of a host's domains. Domains with the same finding are
%% listed together.
-spec certificates(binary()) -> [mod_e2e_policy_audit:finding()].
certificates(Host) ->
    Authorities = authorities(ejabberd_option:ca_file()),
    Found = [{Finding, Domain} || Domain <- domains(Host),
                                  Finding <- of_domain(Domain, Authorities)],
    without_authorities(Authorities)
        ++ [{Result, [lists:join(", ", [Domain || {Same, Domain} <- Found, Same == Finding]), ": ",
                      Words], Advice}
            || {Result, Words, Advice} = Finding <- lists:uniq([Finding || {Finding, _} <- Found])].

%% The domains that belong to a host: itself first, and the routes of its services.
-spec domains(binary()) -> [binary()].
domains(Host) ->
    [Host | [Route || Route <- lists:usort(ejabberd_router:get_all_routes()), Route /= Host,
                      is_of(Route, Host)]].

%% A component may have gone in the meantime.
-spec is_of(binary(), binary()) -> boolean().
is_of(Route, Host) ->
    try ejabberd_router:host_of_route(Route) == Host
    catch error:{unregistered_route, _} -> false
    end.

%%%===================================================================
%%% A domain
%%%===================================================================
%% ejabberd takes the certificate of another domain for a domain that has none.
-spec of_domain(binary(), authorities()) -> [mod_e2e_policy_audit:finding()].
of_domain(Domain, Authorities) ->
    case {ejabberd_pkix:get_certfile_no_default(Domain), ejabberd_pkix:get_certfile()} of
        {{ok, File}, _} ->
            [Certificate | Chain] = from_file(File),
            of_certificate(Certificate, Chain, Authorities);
        {error, {ok, Other}} ->
            [Certificate | _] = from_file(Other),
            [{fail, ["no certificate for this name, that of ", names(Certificate), " is shown"],
              "get a certificate with this name, and add its file to `certfiles`"}];
        {error, error} ->
            [{fail, "no certificate, so that there is no TLS",
              "get a certificate with this name, and add its file to `certfiles`"}]
    end.

-spec of_certificate(certificate(), [certificate()], authorities()) ->
          [mod_e2e_policy_audit:finding()].
of_certificate(Certificate, Chain, Authorities) ->
    End = ends(Certificate),
    Faults = faults(Certificate, Chain, End, Authorities),
    Notes = [{note, "the certificate has not the purpose clientAuth, as those of public "
              "authorities: ejabberd before 25.07 verifies this server by dialback only",
              "nothing to do; some authorities still give both purposes"}
             || not is_for_clients(Certificate)],
    case Faults of
        [] -> [{ok, ["valid until ", day(End), ", for ", days(End), " days"], ""} | Notes];
        _ -> Faults ++ Notes
    end.

-spec faults(certificate(), [certificate()], End :: integer(), authorities()) ->
          [mod_e2e_policy_audit:finding()].
faults(Certificate, Chain, End, Authorities) ->
    case {left(End) =< 0, public_key:pkix_is_self_signed(Certificate)} of
        {true, _} ->
            [{fail, ["the certificate expired on ", day(End)], "renew the certificate"}];
        {false, true} ->
            [{fail, "the certificate is self-signed, others cannot verify it",
              "get a certificate of a public authority, such as by `acme`"} | ending(End)];
        {false, false} ->
            untrusted(Certificate, Chain, Authorities) ++ ending(End)
    end.

-spec ending(End :: integer()) -> [mod_e2e_policy_audit:finding()].
ending(End) ->
    [{note, ["the certificate ends on ", day(End), ", in ", days(End), " days"],
      "renew the certificate, and see that it is renewed by itself"}
     || left(End) =< ?ENOUGH_DAYS * ?DAY].

-spec untrusted(certificate(), [certificate()], authorities()) ->
          [mod_e2e_policy_audit:finding()].
untrusted(_Certificate, _Chain, {_Path, {error, _}}) ->
    [];
untrusted(Certificate, Chain, {Path, {ok, Trusted}}) ->
    [{fail, ["no chain of certificates leads to an authority in ", Path],
      "add the intermediate certificates of the authority to the file of the certificate"}
     || not is_trusted([Certificate], Chain, Trusted)].

%% Without the list of authorities nobody else can be verified either.
-spec without_authorities(authorities()) -> [mod_e2e_policy_audit:finding()].
without_authorities({_Path, {ok, _}}) ->
    [];
without_authorities({Path, {error, Reason}}) ->
    [{fail, ["the authorities in ", Path, " cannot be read: ", file:format_error(Reason)],
      "set `ca_file` to a file with the authorities that this server trusts"}].

%%%===================================================================
%%% A certificate
%%%===================================================================
%% A chain may end at any of its certificates: some files also have the authority, or one that a
%% former authority has signed. The path begins with the highest certificate.
-spec is_trusted(Path :: [certificate()], Rest :: [certificate()], [certificate()]) -> boolean().
is_trusted([Highest | _] = Path, Rest, Trusted) ->
    lists:any(fun(Authority) ->
                      public_key:pkix_is_issuer(Highest, Authority)
                          andalso is_valid(Authority, Path)
              end, Trusted)
        orelse Rest /= [] andalso is_trusted([hd(Rest) | Path], tl(Rest), Trusted).

-spec is_valid(certificate(), [certificate()]) -> boolean().
is_valid(Authority, Path) ->
    case public_key:pkix_path_validation(Authority, Path, []) of
        {ok, _} -> true;
        {error, _} -> false
    end.

%% A certificate without a list of purposes may be used for all of them.
-spec is_for_clients(certificate()) -> boolean().
is_for_clients(#'OTPCertificate'{tbsCertificate = #'OTPTBSCertificate'{extensions = Extensions}}) ->
    case is_list(Extensions)
        andalso lists:keyfind(?EXTENDED_KEY_USAGE, #'Extension'.extnID, Extensions) of
        #'Extension'{extnValue = Purposes} ->
            lists:any(fun(Purpose) -> lists:member(Purpose, Purposes) end,
                      [?CLIENT_AUTHENTICATION, ?ANY_PURPOSE]);
        false ->
            true
    end.

-spec names(certificate()) -> unicode:chardata().
names(Certificate) ->
    case lists:uniq(xmpp_stream_pkix:get_cert_domains(Certificate)) of
        [] -> "nobody";
        Names -> lists:join(", ", Names)
    end.

%% The last second in which a certificate is valid, in Unix time.
-spec ends(certificate()) -> integer().
ends(#'OTPCertificate'{tbsCertificate = #'OTPTBSCertificate'{validity = Validity}}) ->
    #'Validity'{notAfter = {Form, Text}} = Validity,
    {ok, [Year, Month, Day, Hour, Minute, Second], _} =
        io_lib:fread(case Form of
                         utcTime -> "~2d~2d~2d~2d~2d~2d";
                         generalTime -> "~4d~2d~2d~2d~2d~2d"
                     end, Text),
    calendar:datetime_to_gregorian_seconds({{full_year(Form, Year), Month, Day},
                                            {Hour, Minute, Second}})
        - calendar:datetime_to_gregorian_seconds({{1970, 1, 1}, {0, 0, 0}}).

%% RFC 5280 section 4.1.2.5.1.
-spec full_year(utcTime | generalTime, integer()) -> integer().
full_year(utcTime, Year) when Year >= 50 -> 1900 + Year;
full_year(utcTime, Year) -> 2000 + Year;
full_year(generalTime, Year) -> Year.

%% How many seconds a certificate is valid from now on, and how many whole days.
-spec left(End :: integer()) -> integer().
left(End) ->
    End - erlang:system_time(second).

-spec days(End :: integer()) -> binary().
days(End) ->
    integer_to_binary(left(End) div ?DAY).

-spec day(integer()) -> binary().
day(Seconds) ->
    binary:part(mod_e2e_policy_day:rfc3339(Seconds), 0, 10).

%%%===================================================================
%%% Files
%%%===================================================================
-spec authorities(binary()) -> authorities().
authorities(Path) ->
    {Path, case file:read_file(Path) of
               {ok, Text} -> {ok, decoded(Text)};
               {error, Reason} -> {error, Reason}
           end}.

%% The certificate of a file, and those of its authorities.
-spec from_file(binary()) -> [certificate()].
from_file(Path) ->
    {ok, Text} = file:read_file(Path),
    decoded(Text).

-spec decoded(binary()) -> [certificate()].
decoded(Text) ->
    [public_key:pkix_decode_cert(Certificate, otp)
     || {'Certificate', Certificate, not_encrypted} <- public_key:pem_decode(Text)].
