%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The stanzas of corpus/README.md, sent again with the addresses of a test: those of real clients,
%% attacks, and odd but legal ones.
-module(corpus).

-export([rows/0, rows/1, xml/1]).
-export([forwarded/3, direct/2, group/2]).

-type row() :: #{id := binary(), xml := binary(), content := encrypted | plaintext | nothing,
                 scheme := omemo | pgp | pgp_legacy | otr | none, kind := binary()}.

%% What real clients sent.
-spec rows() -> [row()].
rows() ->
    rows(stanzas).

-spec rows(stanzas | attacks | legal) -> [row()].
rows(File) ->
    {ok, Text} = file:read_file([server:root(), "/test/corpus/", atom_to_list(File), ".jsonl"]),
    [row(Line) || Line <- binary:split(Text, <<"\n">>, [global, trim])].

-spec xml(Id :: binary()) -> binary().
xml(Id) ->
    [Xml] = [Xml || #{id := Found, xml := Xml} <- rows(), Found =:= Id],
    Xml.

%% As it was, to a room instead of any room, and to a full JID instead of any other address.
-spec forwarded(binary(), Jid :: binary(), Room :: binary()) -> binary().
forwarded(Xml, Jid, Room) ->
    ToRoom = re:replace(Xml, " to=(['\"])[^'\"@]*@muc.corpus.test", [" to=\\1", Room],
                        [global, {return, binary}]),
    re:replace(ToRoom, " to=(['\"])[^'\"@]*@corpus.test[^'\"]*", [" to=\\1", Jid],
               [global, {return, binary}]).

%% As a message to one person.
-spec direct(binary(), Jid :: binary()) -> binary().
direct(Xml, Jid) ->
    addressed(Xml, "chat", Jid).

%% As a message to a room.
-spec group(binary(), Room :: binary()) -> binary().
group(Xml, Room) ->
    addressed(Xml, "groupchat", Room).

addressed(Xml, Type, To) ->
    [Tag, Rest] = binary:split(Xml, <<">">>),
    Bare = re:replace(Tag, " (to|type)=('[^']*'|\"[^\"]*\")", "", [global]),
    iolist_to_binary([Bare, " type='", Type, "' to='", To, "'>", Rest]).

%% JSON of this kind is YAML too, which ejabberd brings a parser for; it reads null as a word.
row(Line) ->
    {ok, [Pairs]} = fast_yaml:decode(Line),
    Row = maps:from_list(Pairs),
    #{id => maps:get(<<"id">>, Row), kind => maps:get(<<"kind">>, Row, <<>>),
      xml => maps:get(<<"xml">>, Row), content => binary_to_atom(maps:get(<<"content">>, Row)),
      scheme => case maps:get(<<"scheme">>, Row) of
                    <<"null">> -> none;
                    Scheme -> binary_to_atom(Scheme)
                end}.
