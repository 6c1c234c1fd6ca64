%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The other servers that a message of a user here goes to, and how safe the way to them is.
%%%
%%% Only asked for a violation, and only if the option `s2s_unverified' asks something of messages
%%% over a connection that is not verified.
-module(mod_e2e_policy_servers).

-export([that_matter/3, may_require/3, connection/2]).

-include("xmpp.hrl").

%% @doc The domains of the servers whose connections matter to the decision about a message.
%%
%% A message to a service here may name recipients elsewhere inside (XEP-0033): it goes to their
%% servers.
-spec that_matter(gen_mod:opts(), jid(), [xmlel() | xmpp_element()]) -> [binary()].
that_matter(#{s2s_unverified := Least}, To, Els) when Least == optional; Least == required ->
    [Domain || Domain <- lists:usort([To#jid.lserver | inside(To, Els)]),
               not ejabberd_router:is_my_route(Domain)];
that_matter(_Opts, _To, _Els) ->
    [].

%% @doc Whether end-to-end encryption is required of a message if a connection is not verified.
-spec may_require(gen_mod:opts(), jid(), [xmlel() | xmpp_element()]) -> boolean().
may_require(#{s2s_unverified := Least} = Opts, To, Els) ->
    Least == required andalso that_matter(Opts, To, Els) /= [].

%% @doc The connection to these servers: one that is not verified if there is one.
%%
%% The session waits for it, for five seconds at most.
-spec connection(jid(), [binary()]) -> mod_e2e_policy_nif:connection().
connection(_From, []) ->
    verified;
connection(From, Domains) ->
    mod_e2e_policy_s2s:connection(From, Domains).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec inside(jid(), [xmlel() | xmpp_element()]) -> [binary()].
inside(#jid{luser = <<>>}, Els) ->
    [Domain || El <- Els, xmpp:get_ns(El) == ?NS_ADDRESS,
               #xmlel{name = <<"address">>} = Address <- (xmpp:encode(El))#xmlel.children,
               is_recipient(fxml:get_tag_attr_s(<<"type">>, Address)),
               Domain <- domain(fxml:get_tag_attr_s(<<"jid">>, Address))];
inside(_To, _Els) ->
    [].

%% The other types, such as `replyto', name nobody whom the message is sent to.
-spec is_recipient(binary()) -> boolean().
is_recipient(Type) ->
    lists:member(Type, [<<"to">>, <<"cc">>, <<"bcc">>]).

-spec domain(binary()) -> [binary()].
domain(Text) ->
    try jid:decode(Text) of
        #jid{lserver = Domain} -> [Domain]
    catch
        _:{bad_jid, _} -> []
    end.
