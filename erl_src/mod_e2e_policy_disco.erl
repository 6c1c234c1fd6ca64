%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Announces hints of encryption (XEP-0380) to clients.
%%%
%%% They learn that the server looks at how messages are encrypted.
-module(mod_e2e_policy_disco).

%% ejabberd_hooks callbacks
-export([disco_local_features/5]).

-include("xmpp.hrl").

%% @doc Adds the feature to those of the server itself.
-spec disco_local_features(Acc, jid(), jid(), binary(), binary()) -> Acc
              when Acc :: empty | {result, [binary()]} | {error, stanza_error()}.
disco_local_features({error, _} = Error, _From, _To, _Node, _Lang) ->
    Error;
disco_local_features(Acc, _From, _To, <<>>, _Lang) ->
    Features = case Acc of
                   {result, Others} -> Others;
                   empty -> []
               end,
    {result, [<<"urn:xmpp:eme:0">> | Features]};
disco_local_features(Acc, _From, _To, _Node, _Lang) ->
    Acc.
