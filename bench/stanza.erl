%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Messages to send many times, each time with another id and recipient.
-module(stanza).

-export([template/1, addressed/3]).
-export([named/1]).

-export_type([template/0]).

-opaque template() :: {Attributes :: binary(), Rest :: binary()}.

%% Removes the id and the addresses. Over WebSocket a stanza has to declare its namespace.
-spec template(binary()) -> template().
template(Xml) ->
    [<<"<message", Attributes/binary>>, Rest] = binary:split(Xml, <<">">>),
    Kept = re:replace(Attributes, " +(id|to|from|xmlns)=('[^']*'|\"[^\"]*\")", "",
                      [global, {return, binary}]),
    {<<" xmlns='jabber:client'", Kept/binary, ">">>, Rest}.

-spec addressed(template(), Id :: iodata(), To :: iodata()) -> iodata().
addressed({Attributes, Rest}, Id, To) ->
    [<<"<message id='">>, Id, <<"' to='">>, To, <<"'">>, Attributes, Rest].

%% A stanza that `cargo run --example stanzas' prints, by its name.
-spec named(string()) -> binary().
named(Name) ->
    {ok, Text} = file:read_file(filename:dirname(code:which(?MODULE)) ++ "/stanzas"),
    [Xml] = [Xml || Stanza <- binary:split(Text, <<0>>, [global, trim]),
                    [Found, Xml] <- [binary:split(Stanza, <<"\t">>)],
                    Found =:= list_to_binary(Name)],
    Xml.
