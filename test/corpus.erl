%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The stanzas of corpus/README.md, with the addresses of a test: those of real clients, attacks,
%% odd but legal ones, and small ones with a policy each.
-module(corpus).

-export([rows/0, rows/1, verdicts/0, xml/1]).
-export([forwarded/3, direct/2, group/2, addressed_to/2]).

-type row() :: #{id := binary(), xml := binary(), content := encrypted | plaintext | nothing,
                 scheme := omemo | pgp | pgp_legacy | otr | none, kind := binary()}.

%% What real clients sent.
-spec rows() -> [row()].
rows() ->
    rows(stanzas).

-spec rows(stanzas | attacks | legal) -> [row()].
rows(File) ->
    [row(Pairs) || Pairs <- pairs(File)].

%% Stanzas, each with the options that differ from those of a test, and with the decision where it
%% does not follow from the content.
-spec verdicts() -> [map()].
verdicts() ->
    [verdict(Pairs) || Pairs <- pairs(verdicts)].

-spec xml(Id :: binary()) -> binary().
xml(Id) ->
    [Xml] = [Xml || #{id := Found, xml := Xml} <- rows(), Found =:= Id],
    Xml.

%% With its own type, to a room instead of any room, and to a full JID instead of any other address.
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

%% With its own type, to any address.
-spec addressed_to(binary(), Jid :: binary()) -> binary().
addressed_to(<<"<message", Rest/binary>>, Jid) ->
    <<"<message to='", Jid/binary, "'", Rest/binary>>.

addressed(Xml, Type, To) ->
    [Tag, Rest] = binary:split(Xml, <<">">>),
    Bare = re:replace(Tag, " (to|type)=('[^']*'|\"[^\"]*\")", "", [global]),
    iolist_to_binary([Bare, " type='", Type, "' to='", To, "'>", Rest]).

%% Such JSON is YAML too, for which ejabberd brings a parser; it reads null as the string `null'.
pairs(File) ->
    {ok, Text} = file:read_file([server:root(), "/test/corpus/", atom_to_list(File), ".jsonl"]),
    [begin
         {ok, [Pairs]} = fast_yaml:decode(Line),
         maps:from_list(Pairs)
     end || Line <- binary:split(Text, <<"\n">>, [global, trim])].

row(Row) ->
    #{id => maps:get(<<"id">>, Row), kind => maps:get(<<"kind">>, Row, <<>>),
      xml => maps:get(<<"xml">>, Row), content => label(<<"content">>, Row),
      scheme => label(<<"scheme">>, Row)}.

verdict(Row) ->
    Options = maps:with([<<"accepted_schemes">>, <<"outer_body">>], Row),
    Policy = maps:from_list([{binary_to_atom(Option), Value}
                             || {Option, Value} <- maps:to_list(Options)]),
    Decided = case Row of
                  #{<<"decision">> := _} ->
                      #{decision => label(<<"decision">>, Row), reason => label(<<"reason">>, Row)};
                  #{} ->
                      #{}
              end,
    maps:merge((row(Row))#{policy => Policy}, Decided).

label(Key, Row) ->
    case maps:get(Key, Row, <<"null">>) of
        <<"null">> -> none;
        Label -> binary_to_atom(Label)
    end.
