%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Servers that federate, on addresses of the loopback interface and with names of their own: an
%% ejabberd with the module, and peers with good certificates and with bad ones, which are an
%% ejabberd without the module, a Prosody, and hosts of that ejabberd behind an interceptor.
-module(rig).

%% Start and stop
-export([is_possible/0, started/1, started/2, stop/1]).
%% Peers
-export([peers/0, peers/1, domain/1, server/2, connect/3]).
%% Connections
-export([ping/2, forget_connections/1]).

-export_type([rig/0, peer/0, kind/0]).

-type rig() :: #{ours := server:server(), ejabberd := server:server(),
                 prosody := prosody:prosody(), interceptor := interceptor:interceptor(),
                 folder := file:filename()}.

-type peer() :: {ejabberd | prosody, kind()}.

-type kind() :: certificate:kind() | without_starttls | dialback_only | bidi
              | stripped | intercepted | intercepted_incoming.
%% Those that are no kinds of certificates have a good one. `stripped' is behind an interceptor that
%% takes STARTTLS away, and the two last behind one that ends TLS on both sides with a certificate
%% of its own; to `intercepted_incoming' our server connects without it.

-define(EJABBERD, [trusted, server_auth, self_signed, expired, unknown_authority, bidi,
                   without_starttls, stripped, intercepted, intercepted_incoming]).
-define(PROSODY, [trusted, server_auth, self_signed, expired, unknown_authority, other_name, bidi,
                  without_starttls, dialback_only]).

%%%-------------------------------------------------------------------
%%% Start and stop
%%%-------------------------------------------------------------------

%% Whether this machine allows a server to have names of its own.
-spec is_possible() -> boolean().
is_possible() ->
    Sudo = case os:cmd("id -u") of
               "0\n" -> "";
               _ -> "sudo "
           end,
    os:cmd(Sudo ++ "unshare --mount mount --bind /dev/null /etc/hosts && echo yes") =:= "yes\n".

-spec started(server:policies()) -> rig().
started(Policies) ->
    started(Policies, #{}).

%% Settings are those of our server, in addition to what federation needs.
-spec started(server:policies(), server:settings()) -> rig().
started(Policies, Settings) ->
    Folder = server:temporary_folder(),
    ok = file:change_mode(Folder, 8#755),
    Authority = certificate:authority(Folder),
    Hosts = maps:keys(Policies),
    [Ours, Ejabberd, Prosody, Between] = addresses(),
    Names = maps:from_list(
              [{Name, Ours} || Host <- Hosts, Name <- with_services(Host)]
              ++ [{Name, Ejabberd} || Peer <- peers(ejabberd), Name <- with_services(domain(Peer))]
              ++ [{domain(Peer), Prosody} || Peer <- peers(prosody)]),

    OurServer = server:new(Policies, our_settings(Hosts, Settings, Ours, Authority, Folder)),
    write_names(OurServer, behind([stripped, intercepted], Between, Names)),
    Peers = server:new(maps:from_keys([domain(Peer) || Peer <- peers(ejabberd)], without),
                       peer_settings(Ejabberd, Authority, Folder)),
    write_names(Peers, maps:map(fun(_, Address) when Address =:= Ours -> Between;
                                   (_, Address) -> Address
                                end, Names)),
    Certificate = certificate:made(unknown_authority, maps:keys(Names), Folder),
    Interceptor = interceptor:started(Between, #{names => Names, certificate => Certificate,
                                                 does => maps:from_list(intercepted())}),
    start_together([OurServer, Peers]),
    #{ours => OurServer, ejabberd => Peers, interceptor => Interceptor, folder => Folder,
      prosody => prosody:started(Prosody, prosody_hosts(Authority, Folder), Names)}.

-spec stop(rig()) -> ok.
stop(#{ours := Ours, ejabberd := Ejabberd, prosody := Prosody, interceptor := Interceptor,
       folder := Folder}) ->
    ok = prosody:stop(Prosody),
    ok = server:stop(Ejabberd),
    ok = server:stop(Ours),
    ok = interceptor:stop(Interceptor),
    ok = file:del_dir_r(Folder).

%%%-------------------------------------------------------------------
%%% Peers
%%%-------------------------------------------------------------------

-spec peers() -> [peer()].
peers() ->
    peers(ejabberd) ++ peers(prosody).

%% An ejabberd before 24.10 has no bidirectional connections.
-spec peers(ejabberd | prosody) -> [peer()].
peers(ejabberd) ->
    [{ejabberd, Kind} || Kind <- ?EJABBERD, Kind =/= bidi orelse has_bidi()];
peers(prosody) ->
    [{prosody, Kind} || Kind <- ?PROSODY].

%% Such as `self-signed.prosody.test'.
-spec domain(peer()) -> binary().
domain({Software, Kind}) ->
    Name = string:replace(atom_to_binary(Kind), "_", "-", all),
    iolist_to_binary([Name, $., atom_to_binary(Software), ".test"]).

-spec server(peer(), rig()) -> server:server() | prosody:prosody().
server({Software, _}, Rig) ->
    maps:get(Software, Rig).

%% A client of a user of the peer, who is available.
-spec connect(peer(), Name :: binary(), rig()) -> client:client().
connect(Peer, Name, Rig) ->
    Jid = <<Name/binary, "@", (domain(Peer))/binary, "/phone">>,
    client:connect_available(server(Peer, Rig), Jid).

%%%-------------------------------------------------------------------
%%% Connections
%%%-------------------------------------------------------------------

%% The answer of another server, or an error of the client's own. Stanzas stay in order: before it,
%% all that the client has sent there has arrived, and so has what the other server answered.
-spec ping(client:client(), Domain :: binary()) -> {[client:stanza()], client:stanza()}.
ping(Client, Domain) ->
    client:ask(Client, Domain, "get", "<ping xmlns='urn:xmpp:ping'/>").

%% Ends all connections between the servers.
-spec forget_connections(rig()) -> ok.
forget_connections(Rig) ->
    [server:call(maps:get(Name, Rig), ejabberd_s2s, stop_s2s_connections, [])
     || Name <- [ours, ejabberd]],
    ok.

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

%% A part of the loopback network for each rig, because others may run on this machine.
addresses() ->
    Network = [integer_to_list(rand:uniform(254)) || _ <- [second, third]],
    ["127." ++ lists:append(lists:join(".", Network)) ++ "." ++ integer_to_list(Host)
     || Host <- lists:seq(1, 4)].

with_services(Host) ->
    [Host, <<"conference.", Host/binary>>, <<"multicast.", Host/binary>>].

behind(Kinds, Address, Names) ->
    Hidden = [Name || Kind <- Kinds, Name <- with_services(domain({ejabberd, Kind}))],
    maps:map(fun(Name, Direct) ->
                     case lists:member(Name, Hidden) of
                         true -> Address;
                         false -> Direct
                     end
             end, Names).

intercepted() ->
    [{domain({ejabberd, stripped}), strip}, {domain({ejabberd, intercepted}), forge},
     {domain({ejabberd, intercepted_incoming}), forge}].

write_names(#{dir := Dir}, Names) ->
    Lines = [[Address, " ", Name, "\n"] || {Name, Address} <- maps:to_list(Names)],
    ok = file:write_file(Dir ++ "/hosts", ["127.0.0.1 localhost\n" | Lines]).

our_settings(Hosts, Settings, Address, Authority, Folder) ->
    Certificate = certificate:made(trusted, Hosts, Folder),
    Base = settings(Address, Authority, [Certificate]),
    maps:merge_with(fun(listen, Listeners, More) -> Listeners ++ More;
                       (modules, Modules, More) -> maps:merge(Modules, More);
                       (_, _, Other) -> Other
                    end, Base#{modules := modules([mod_s2s_bidi || has_bidi()])}, Settings).

peer_settings(Address, Authority, Folder) ->
    Peers = peers(ejabberd),
    Certificates = [certificate:made(kind_of_certificate(Kind), [domain(Peer)], Folder)
                    || {_, Kind} = Peer <- Peers],
    HostConfig = #{domain({ejabberd, without_starttls}) => #{s2s_use_starttls => false},
                   domain({ejabberd, bidi}) => #{modules => modules([mod_s2s_bidi])}},
    (settings(Address, Authority, Certificates))
        #{host_config => maps:with([domain(Peer) || Peer <- Peers], HostConfig)}.

settings(Address, Authority, Certificates) ->
    #{s2s_access => all, s2s_use_starttls => optional, modules => modules([]),
      ca_file => text(Authority), certfiles => [text(File) || File <- Certificates],
      listen => [#{module => ejabberd_s2s_in, ip => text(Address), port => 5269}]}.

%% No component takes what the service log would send, so that it looked for one at other servers.
modules(More) ->
    maps:merge(maps:without([mod_service_log], server:modules()),
               maps:from_keys([mod_ping, mod_s2s_dialback | More], #{})).

prosody_hosts(Authority, Folder) ->
    maps:from_list(
      [{domain(Peer),
        (features(Kind))#{authority => Authority,
                          certificate => certificate:made(kind_of_certificate(Kind),
                                                          [domain(Peer)], Folder)}}
       || {_, Kind} = Peer <- peers(prosody)]).

features(bidi) -> #{enabled => [s2s_bidi]};
features(dialback_only) -> #{enabled => [dialback_only]};
features(without_starttls) -> #{disabled => [tls]};
features(_) -> #{}.

kind_of_certificate(Kind) ->
    Kinds = [server_auth, self_signed, other_name, expired, unknown_authority],
    case lists:member(Kind, Kinds) of
        true -> Kind;
        false -> trusted
    end.

has_bidi() ->
    code:which(mod_s2s_bidi) =/= non_existing.

start_together(Servers) ->
    Starts = [spawn_monitor(fun() -> {0, _} = server:start(Server) end) || Server <- Servers],
    [receive {'DOWN', Monitor, process, _, Reason} -> normal = Reason end
     || {_, Monitor} <- Starts],
    ok.

text(String) ->
    unicode:characters_to_binary(String).
