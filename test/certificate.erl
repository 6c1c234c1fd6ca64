%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Certificates for servers of the tests, by openssl: good ones, and one for each fault.
-module(certificate).

-export([authority/1, made/3]).

-export_type([kind/0]).

-type kind() :: trusted | server_auth | self_signed | other_name | expired | ending
              | unknown_authority | intermediate | without_intermediate.
%% `server_auth' lacks the purpose clientAuth, as the certificates of public authorities do.
%% `other_name' is for another domain; else each is for its domain and what is below it. `ending'
%% is valid for ten days. Intermediate authorities have signed the two last; the file of the first
%% of them has the certificate of its authority, too.

-define(KEY, "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ").

%% Makes the authorities of a folder: the one that servers trust, whose certificate it gives, two
%% intermediate ones that this one has signed, and one that is unknown to servers. ejabberd
%% completes a chain by the certificates of all files, so that no file has that of the second
%% intermediate.
-spec authority(Folder :: file:filename()) -> file:filename().
authority(Folder) ->
    [make_authority(Folder ++ "/" ++ Name) || Name <- ["trusted", "unknown"]],
    [make_intermediate(Folder ++ "/" ++ Name, Folder ++ "/trusted")
     || Name <- ["intermediate", "absent"]],
    Folder ++ "/trusted/authority.pem".

%% A file with the certificate and its key.
-spec made(kind(), [Domain :: binary()], Folder :: file:filename()) -> file:filename().
made(Kind, [Domain | _] = Domains, Folder) ->
    Name = unicode:characters_to_list([Folder, $/, Domain, $., atom_to_list(Kind)]),
    Request = [?KEY, "-keyout ", Name, ".key -subj ", subject(Domain, Kind),
               " -addext subjectAltName=", names(Kind, Domains),
               " -addext basicConstraints=CA:FALSE -addext extendedKeyUsage=", purposes(Kind)],
    case Kind of
        self_signed ->
            openssl(["req -x509 -days 30 ", Request, " -out ", Name, ".crt"]);
        _ ->
            openssl(["req -new ", Request, " -out ", Name, ".csr"]),
            Authority = [Folder, "/", authority_of(Kind)],
            openssl(["ca -batch -notext -config ", Authority, "/config ", validity(Kind),
                     " -in ", Name, ".csr -out ", Name, ".crt"])
    end,
    Parts = [Part || File <- [Name ++ ".crt"] ++ chain(Kind, Folder) ++ [Name ++ ".key"],
                     {ok, Part} <- [file:read_file(File)]],
    ok = file:write_file(Name ++ ".pem", Parts),
    Name ++ ".pem".

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

make_authority(Folder) ->
    make_folder(Folder),
    openssl(["req -x509 -days 30 ", request_of_authority(Folder),
             " -out ", Folder, "/authority.pem"]).

make_intermediate(Folder, Authority) ->
    make_folder(Folder),
    openssl(["req -new ", request_of_authority(Folder), " -out ", Folder, "/authority.csr"]),
    openssl(["ca -batch -notext -config ", Authority, "/config -days 30 -in ", Folder,
             "/authority.csr -out ", Folder, "/authority.pem"]).

make_folder(Folder) ->
    ok = filelib:ensure_path(Folder ++ "/issued"),
    ok = file:write_file(Folder ++ "/index", ""),
    ok = file:write_file(Folder ++ "/config", config(Folder)).

request_of_authority(Folder) ->
    [?KEY, "-subj /CN=", filename:basename(Folder),
     " -addext basicConstraints=critical,CA:TRUE -keyout ", Folder, "/authority.key"].

config(Folder) ->
    ["[ca]\ndefault_ca=tests\n[tests]\nunique_subject=no\nrand_serial=yes\ndefault_md=sha256\n"
     "copy_extensions=copyall\npolicy=any\nemail_in_dn=no\n",
     "database=", Folder, "/index\nnew_certs_dir=", Folder, "/issued\n"
     "certificate=", Folder, "/authority.pem\nprivate_key=", Folder, "/authority.key\n"
     "[any]\ncommonName=supplied\n"].

authority_of(unknown_authority) -> "unknown";
authority_of(intermediate) -> "intermediate";
authority_of(without_intermediate) -> "absent";
authority_of(_) -> "trusted".

chain(intermediate, Folder) -> [Folder ++ "/intermediate/authority.pem"];
chain(_, _) -> [].

subject(Domain, Kind) ->
    ["/CN=", hd(domains(Kind, [Domain]))].

names(Kind, Domains) ->
    lists:join($,, [["DNS:", Domain, ",DNS:*.", Domain] || Domain <- domains(Kind, Domains)]).

domains(other_name, _) -> ["elsewhere.test"];
domains(_, Domains) -> Domains.

purposes(server_auth) -> "serverAuth";
purposes(_) -> "serverAuth,clientAuth".

%% The dates are written because openssl only takes a number of days that is not negative.
validity(expired) -> "-startdate 20240101000000Z -enddate 20240201000000Z";
validity(ending) -> "-days 10";
validity(_) -> "-days 30".

openssl(Arguments) ->
    Words = string:lexemes(unicode:characters_to_list(["openssl " | Arguments]), " "),
    [Program | Args] = Words,
    Port = open_port({spawn_executable, os:find_executable(Program)},
                     [{args, Args}, exit_status, stderr_to_stdout, hide]),
    {0, _} = server:output(Port),
    ok.
