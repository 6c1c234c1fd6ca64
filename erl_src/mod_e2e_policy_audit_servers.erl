%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Checks of `e2e_policy_audit': whether connections with other servers are verified.
%%%
%%% ejabberd by itself verifies the certificate of another server only where STARTTLS is required
%%% and mod_s2s_dialback is not loaded. The option `s2s_unverified' with the value `refuse' verifies
%%% it whatever else is set.
-module(mod_e2e_policy_audit_servers).

-export([starttls/1, dialback/1, bidi/1, peers/1, unverified/1, trusted/1]).

-define(REFUSE, "set `s2s_unverified: refuse` for mod_e2e_policy, first with `testing: true`").
-define(OR_REMOVE, ", or remove mod_s2s_dialback: with ejabberd before 25.07, servers whose "
        "certificate has no purpose clientAuth cannot connect then").

%% @doc Whether a connection with another server may be in the clear.
-spec starttls(binary()) -> [mod_e2e_policy_audit:finding()].
starttls(Host) ->
    if_connected(Host, fun() -> of_starttls(ejabberd_option:s2s_use_starttls(Host), Host) end).

-spec of_starttls(false | true | optional | required, binary()) ->
          [mod_e2e_policy_audit:finding()].
of_starttls(required, _Host) ->
    [];
of_starttls(false, _Host) ->
    [{fail, "s2s_use_starttls is false: no connection with another server is encrypted",
      "set `s2s_use_starttls: required`"}];
of_starttls(Offered, Host) ->
    Found = ["s2s_use_starttls is ", atom_to_binary(Offered)],
    [case refuses(Host) of
         true ->
             {note, [Found, ": only `s2s_unverified: refuse` ends connections in the clear"],
              "set `s2s_use_starttls: required`"};
         false ->
             {fail, [Found, ": a server without STARTTLS, or somebody in between who removes the "
                     "offer, is connected in the clear"],
              "set `s2s_use_starttls: required`"}
     end].

%% @doc Whether dialback makes ejabberd skip the check of certificates.
-spec dialback(binary()) -> [mod_e2e_policy_audit:finding()].
dialback(Host) ->
    if_connected(
      Host,
      fun() ->
              case {has_dialback(Host), refuses(Host)} of
                  {false, _} ->
                      [];
                  {true, true} ->
                      [{ok, "mod_s2s_dialback is loaded, and `s2s_unverified: refuse` checks the "
                        "certificates that it skips", ""}];
                  {true, false} ->
                      [skipping(gen_mod:get_module_opt(Host, mod_s2s_dialback, access),
                                ejabberd_option:s2s_use_starttls(Host))]
              end
      end).

%% The option `access' says for which servers dialback makes ejabberd skip the check of a
%% certificate. It has no effect where there is no certificate.
-spec skipping(Access :: term(), StartTls :: atom()) -> mod_e2e_policy_audit:finding().
skipping(none, required) ->
    {note, "mod_s2s_dialback has `access: none`: outgoing connections are checked, incoming ones "
     "are believed if dialback succeeds, which somebody in between can pass on",
     [?REFUSE, ?OR_REMOVE]};
skipping(none, _Optional) ->
    {fail, "mod_s2s_dialback has `access: none`, which does not stop connections without "
     "STARTTLS: dialback alone authenticates them",
     "set `s2s_use_starttls: required`, and " ?REFUSE};
skipping(_Servers, _StartTls) ->
    {fail, "mod_s2s_dialback makes ejabberd skip the check of certificates: that of anybody "
     "passes for that of another server", [?REFUSE, ?OR_REMOVE]}.

%% @doc Whether stanzas come in by connections whose certificate nobody checked.
-spec bidi(binary()) -> [mod_e2e_policy_audit:finding()].
bidi(Host) ->
    if_connected(
      Host,
      fun() ->
              [{note, "mod_s2s_bidi is loaded beside mod_s2s_dialback: messages also come in by "
                "connections to servers whose certificate was not checked", ?REFUSE}
               || gen_mod:is_loaded(Host, mod_s2s_bidi), has_dialback(Host), not refuses(Host)]
      end).

%% @doc How many connections that stand are not verified.
-spec peers(binary()) -> [mod_e2e_policy_audit:finding()].
peers(Host) ->
    Peers = mod_e2e_policy_s2s:peers(Host),
    Number = fun(Class) ->
                     integer_to_binary(lists:sum([Count || {_, Counted, Count} <- Peers,
                                                           Counted == Class]))
             end,
    [{fail, ["connections with other servers now: ", Number(verified), " verified, ",
             Number(unverified), " unverified, ", Number(plain), " in the clear"],
      "see e2e_policy_s2s_list, and " ?REFUSE}
     || lists:any(fun({_Direction, Class, _Count}) -> Class /= verified end, Peers)].

%% @doc What is asked where the connection is not verified.
-spec unverified(binary()) -> [mod_e2e_policy_audit:finding()].
unverified(Host) ->
    if_connected(
      Host,
      fun() ->
              Verifies = ejabberd_option:s2s_use_starttls(Host) == required
                  andalso not has_dialback(Host),
              case refuses(Host) orelse Verifies of
                  true -> [];
                  false -> [passing(option(Host, s2s_unverified))]
              end
      end).

-spec passing(none | optional | required | refuse) -> mod_e2e_policy_audit:finding().
passing(refuse) ->
    {note, "s2s_unverified is refuse, and testing is on: connections that are not verified stay",
     "remove `testing` when e2e_policy_s2s_list shows no such connections"};
passing(required) ->
    {note, "s2s_unverified is required: encrypted messages, and all that is no message, pass by "
     "connections that are not verified", ?REFUSE};
passing(Level) ->
    {note, ["s2s_unverified is ", atom_to_binary(Level), ": messages in the clear pass by "
            "connections that are not verified"], ?REFUSE}.

%% @doc Which servers count as verified although nobody checks them.
-spec trusted(binary()) -> [mod_e2e_policy_audit:finding()].
trusted(Host) ->
    [{note, ["servers that ", mod_e2e_policy_level:access_in_words(Rule), " allows count as "
             "verified without a check"], "see that `s2s_trusted` allows no more than it must"}
     || Rule <- [option(Host, s2s_trusted)], Rule /= none].

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Where no server may connect, nothing of this matters.
-spec if_connected(binary(), fun(() -> Findings)) -> Findings
              when Findings :: [mod_e2e_policy_audit:finding()].
if_connected(Host, Check) ->
    case ejabberd_option:s2s_access(Host) of
        none -> [{ok, "s2s_access is none: there are no connections with other servers", ""}];
        _ -> Check()
    end.

-spec has_dialback(binary()) -> boolean().
has_dialback(Host) ->
    gen_mod:is_loaded(Host, mod_s2s_dialback).

%% Whether connections that are not verified are ended.
-spec refuses(binary()) -> boolean().
refuses(Host) ->
    option(Host, s2s_unverified) == refuse andalso not option(Host, testing).

-spec option(binary(), atom()) -> term().
option(Host, Option) ->
    gen_mod:get_module_opt(Host, mod_e2e_policy, Option).
