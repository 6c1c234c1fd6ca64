%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Checks of `e2e_policy_audit': listeners that would take messages or passwords in the clear.
%%%
%%% What a listener on the loopback interface or on a Unix socket takes is on no network.
-module(mod_e2e_policy_audit_listeners).

-export([clients/1, http/1, components/1]).
%% For other checks
-export([remote/1, port/1]).

-export_type([listener/0]).

-type listener() :: {Endpoint :: tuple(), Options :: map()}.

%% @doc Whether clients can connect without TLS.
-spec clients(binary()) -> [mod_e2e_policy_audit:finding()].
clients(_Host) ->
    [{fail, [port(Endpoint), " lets clients connect without TLS"],
      ["set `starttls_required: true`, or `tls: true`, for ", port(Endpoint)]}
     || {Endpoint, Options} <- remote(ejabberd_c2s),
        not is_set(tls, Options), not is_set(starttls_required, Options)].

%% @doc Whether messages, passwords or figures pass by HTTP without TLS.
-spec http(binary()) -> [mod_e2e_policy_audit:finding()].
http(_Host) ->
    [{fail, [port(Endpoint), " has ", lists:join(", ", Handlers), " without TLS"],
      ["set `tls: true` for ", port(Endpoint), ", or `ip: 127.0.0.1` behind a proxy that "
       "does TLS"]}
     || {Endpoint, Options} <- remote(ejabberd_http), not is_set(tls, Options),
        Handlers <- [confidential(maps:get(request_handlers, Options, []))],
        Handlers /= []].

%% @doc Whether components connect over the network: their protocol has no STARTTLS.
-spec components(binary()) -> [mod_e2e_policy_audit:finding()].
components(_Host) ->
    [{fail, [port(Endpoint), " lets components connect without TLS"],
      ["set `tls: true` or `ip: 127.0.0.1` for ", port(Endpoint)]}
     || {Endpoint, Options} <- remote(ejabberd_service), not is_set(tls, Options)].

%% @doc The listeners of a kind that can be reached from elsewhere.
-spec remote(module()) -> [listener()].
remote(Module) ->
    [{Endpoint, Options} || {Endpoint, Listening, Options} <- ejabberd_option:listen(),
                            Listening == Module, not is_local(Endpoint)].

%% @doc Names a listener by its port.
-spec port(Endpoint :: tuple()) -> unicode:chardata().
port({Port, _IP, _Transport}) ->
    ["port ", integer_to_binary(Port)].

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec is_set(atom(), map()) -> boolean().
is_set(Option, Options) ->
    maps:get(Option, Options, false) == true.

%% The port of a Unix socket is its path.
-spec is_local(tuple()) -> boolean().
is_local({Path, _, _}) when is_binary(Path) -> true;
is_local({_, {127, _, _, _}, _}) -> true;
is_local({_, {0, 0, 0, 0, 0, 0, 0, 1}, _}) -> true;
is_local({_, {0, 0, 0, 0, 0, 16#ffff, High, _}, _}) -> High bsr 8 == 127;
is_local(_) -> false.

%% The handlers that are given messages, passwords or figures.
-spec confidential([{term(), module()}]) -> [binary()].
confidential(Handlers) ->
    [atom_to_binary(Module)
     || Module <- lists:usort([Module || {_Path, Module} <- Handlers]),
        lists:member(Module, [mod_bosh, ejabberd_http_ws, mod_http_api, ejabberd_web_admin,
                              ejabberd_oauth, mod_e2e_policy_metrics, mod_http_upload,
                              mod_register_web, mod_conversejs])].
