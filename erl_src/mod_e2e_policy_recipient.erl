%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Whether the recipient of a message has keys, for the option `recipient_keys'.
%%%
%%% Only users of this server can be asked about. Keys are looked up for a violation only.
-module(mod_e2e_policy_recipient).

-export([keys/4]).

-include("xmpp.hrl").

%% @doc Whether the sender can encrypt to the recipient by a scheme that the sender's host accepts.
%%
%% Keys that the sender may not read are none, and an account that does not exist has none. Where it
%% is not known, keys count as published, so that a required policy is enforced: in rooms, of users
%% of other servers, where nothing that is accepted publishes keys, and if they cannot be read.
-spec keys(ignore | tell | needed, mod_e2e_policy_nif:chat(), From :: jid(), To :: jid()) ->
          mod_e2e_policy_nif:keys().
keys(ignore, _Chat, _From, _To) ->
    published;
keys(_Matter, direct, #jid{lserver = LServer} = From, To) ->
    case mod_e2e_policy_chat:is_user(To)
        andalso mod_e2e_policy_keys:accepted(LServer) of
        Accepted when Accepted == false; Accepted == [] -> published;
        Accepted -> of_user(Accepted, From, To)
    end;
keys(_Matter, _Chat, _From, _To) ->
    published.

-spec of_user([omemo | pgp, ...], jid(), jid()) -> mod_e2e_policy_nif:keys().
of_user(Accepted, From, #jid{luser = LUser, lserver = LServer} = To) ->
    case mod_e2e_policy_keys:of_user(LUser, LServer) of
        {ok, Keys} ->
            Usable = [Key || #{scheme := Scheme, has_key := true} = Key <- Keys,
                             lists:member(Scheme, Accepted)],
            case lists:any(fun(Key) -> may_read(From, To, Key) end, Usable) of
                true -> published;
                false -> missing
            end;
        {error, _} ->
            published
    end.

%% Asks as the client of the sender does: who may read a node can depend on the roster of its owner.
-spec may_read(jid(), jid(), mod_e2e_policy_keys:key()) -> boolean().
may_read(_From, _To, #{access := open}) ->
    true;
may_read(From, To, Key) ->
    lists:all(fun(Node) ->
                      Items = #ps_items{node = Node, max_items = 1},
                      Request = #iq{type = get, id = p1_rand:get_string(), from = From,
                                    to = jid:remove_resource(To),
                                    sub_els = [#pubsub{items = Items}]},
                      (mod_pubsub:iq_sm(Request))#iq.type == result
              end, mod_e2e_policy_keys:nodes(Key)).
