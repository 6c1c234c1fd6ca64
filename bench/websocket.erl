%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The part of WebSocket (RFC 6455) that a client needs to send and receive text.
-module(websocket).

-export([request/2, frame/1, texts/1]).

-define(TEXT, 1).

%% The HTTP request that opens a connection for XMPP (RFC 7395).
-spec request(Host :: binary(), Path :: binary()) -> iodata().
request(Host, Path) ->
    ["GET ", Path, " HTTP/1.1\r\nHost: ", Host, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n"
     "Sec-WebSocket-Key: ", base64:encode(rand:bytes(16)), "\r\n\r\n"].

%% A client has to mask what it sends. A mask of zeros is allowed, and leaves the text as it is.
-spec frame(iodata()) -> iodata().
frame(Text) ->
    Length = length_field(iolist_size(Text)),
    [<<1:1, 0:3, ?TEXT:4, 1:1, Length/bitstring, 0:32>>, Text].

%% The payloads of all complete text frames, and the rest. Pings are not answered: a server sends
%% them only to a client that sends nothing.
-spec texts(binary()) -> {iodata(), Rest :: binary()}.
texts(Data) ->
    texts(Data, []).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

length_field(Bytes) when Bytes < 126 -> <<Bytes:7>>;
length_field(Bytes) when Bytes < 65_536 -> <<126:7, Bytes:16>>;
length_field(Bytes) -> <<127:7, Bytes:64>>.

texts(Data, Found) ->
    case Data of
        <<_:4, Kind:4, 0:1, 126:7, Size:16, Payload:Size/binary, Rest/binary>> ->
            texts(Rest, found(Kind, Payload, Found));
        <<_:4, Kind:4, 0:1, 127:7, Size:64, Payload:Size/binary, Rest/binary>> ->
            texts(Rest, found(Kind, Payload, Found));
        <<_:4, Kind:4, 0:1, Size:7, Payload:Size/binary, Rest/binary>> when Size < 126 ->
            texts(Rest, found(Kind, Payload, Found));
        _ ->
            {Found, Data}
    end.

found(?TEXT, Payload, Found) -> [Found, Payload];
found(_, _, Found) -> Found.
