%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Messages to send again and again, each time with an id and a recipient of its own: of the
%% corpus, or made in a size that is wanted.
-module(stanza).

-export([template/1, addressed/3]).
-export([plain/0, chat_state/0, omemo/2]).

-export_type([template/0]).

-opaque template() :: {Attributes :: binary(), Rest :: binary()}.

%% Takes the id and the address off. What comes over a WebSocket has to name its namespace.
-spec template(binary()) -> template().
template(Xml) ->
    [<<"<message", Attributes/binary>>, Rest] = binary:split(Xml, <<">">>),
    Kept = re:replace(Attributes, " +(id|to|from|xmlns)=('[^']*'|\"[^\"]*\")", "",
                      [global, {return, binary}]),
    {<<" xmlns='jabber:client'", Kept/binary, ">">>, Rest}.

-spec addressed(template(), Id :: iodata(), To :: iodata()) -> iodata().
addressed({Attributes, Rest}, Id, To) ->
    [<<"<message id='">>, Id, <<"' to='">>, To, <<"'">>, Attributes, Rest].

-spec plain() -> binary().
plain() ->
    <<"<message type='chat'><body>Shall we meet at the usual place at nine?</body>"
      "<active xmlns='http://jabber.org/protocol/chatstates'/></message>">>.

-spec chat_state() -> binary().
chat_state() ->
    <<"<message type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>">>.

%% As Conversations and others write it: for so many devices, with so many octets of ciphertext.
-spec omemo(Devices :: pos_integer(), Octets :: pos_integer()) -> binary().
omemo(Devices, Octets) ->
    Keys = [["<key rid='", integer_to_binary(rand:uniform(16#7fffffff)), "'>", base64(180), "</key>"]
            || _ <- lists:seq(1, Devices)],
    iolist_to_binary(["<message type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'>"
                      "<header sid='27183'>", Keys, "<iv>", base64(12), "</iv></header>"
                      "<payload>", base64(Octets), "</payload></encrypted>"
                      "<encryption xmlns='urn:xmpp:eme:0' name='OMEMO'"
                      " namespace='eu.siacs.conversations.axolotl'/>"
                      "<store xmlns='urn:xmpp:hints'/>"
                      "<body>I sent you an OMEMO encrypted message</body></message>"]).

base64(Octets) ->
    base64:encode(rand:bytes(Octets)).
