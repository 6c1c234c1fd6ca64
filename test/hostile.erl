%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Stanzas that are as expensive to judge as possible: one table for the bench and for the suites.
%%
%% Each has as much as possible of one thing that the core does for one step of its budget, or for
%% no step. A stanza is made when it is asked for, and has from 20 KB to 20 MB.
-module(hostile).

-export([rows/0, text/1, cut/2]).

-export_type([row/0, element/0]).

%% `decision' is that of a policy that requires encryption and accepts all schemes. With a whitelist
%% the recipients are looked at before anything else. A text in several pieces can only come from a
%% module of the server, because the stream parser joins the text of a client.
-type row() :: #{name := string(), decision := reject | allow, stanza := fun(() -> element()),
                 whitelist := [binary()], from := client | module}.

-type element() :: {xmlel, Name :: binary(), [{Name :: binary(), Value :: binary()}],
                    [element() | {xmlcdata, binary()}]}.

-define(MANY, 100_000).
-define(SOME, 20_000).
-define(MEGABYTES, 4_000_000).

-define(CLIENT, <<"jabber:client">>).
-define(OMEMO, <<"eu.siacs.conversations.axolotl">>).
-define(OMEMO_1, <<"urn:xmpp:omemo:1">>).
-define(OX, <<"urn:xmpp:openpgp:0">>).
-define(PGP, <<"jabber:x:encrypted">>).
-define(HINT, <<"urn:xmpp:eme:0">>).
-define(XHTML, <<"http://jabber.org/protocol/xhtml-im">>).
-define(PLACE, <<"http://jabber.org/protocol/geoloc">>).
-define(FORM, <<"jabber:x:data">>).
-define(ADDRESS, <<"http://jabber.org/protocol/address">>).
-define(FORWARD, <<"urn:xmpp:forward:0">>).
-define(REACTIONS, <<"urn:xmpp:reactions:0">>).
-define(RETRACT, <<"urn:xmpp:message-retract:1">>).
-define(FALLBACK, <<"urn:xmpp:fallback:0">>).
-define(CHAT_STATES, <<"http://jabber.org/protocol/chatstates">>).
-define(NICK, <<"http://jabber.org/protocol/nick">>).
-define(REFERENCE, <<"urn:xmpp:reference:0">>).
-define(RDF, <<"http://www.w3.org/1999/02/22-rdf-syntax-ns#">>).

-spec rows() -> [row()].
rows() ->
    siblings() ++ hints() ++ children() ++ attributes() ++ names() ++ text() ++ omemo()
        ++ openpgp() ++ otr() ++ annotations() ++ wrappers() ++ addresses().

%%%-------------------------------------------------------------------
%%% Text, and shorter stanzas
%%%-------------------------------------------------------------------

%% Not fxml:element_to_binary/1, which crashes the node when elements are nested as deeply as here.
-spec text(element() | {xmlcdata, binary()}) -> iodata().
text({xmlcdata, Text}) ->
    escaped(Text);
text({xmlel, Name, Attributes, Children}) ->
    [$<, Name, [[$\s, Key, "='", escaped(Value), $'] || {Key, Value} <- Attributes], $>,
     [text(Child) || Child <- Children], "</", Name, $>].

escaped(Text) ->
    re:replace(Text, "<", "\\&lt;", [global]).

%% The beginning of an element: as much of it as makes about so many octets of text.
-spec cut(element(), Octets :: pos_integer()) -> element().
cut(Element, Octets) ->
    {Cut, _} = part(Element, Octets),
    Cut.

part({xmlel, Name, Attributes, Children}, Octets) ->
    ShortName = beginning(Name, max(1, Octets div 2)),
    {Some, Left} = parts(Attributes, Octets - 2 * byte_size(ShortName) - length("<></>")),
    {Few, Rest} = parts(Children, Left),
    {{xmlel, ShortName, Some, Few}, Rest};
part({Name, Text}, Octets) ->
    Short = beginning(Text, Octets),
    {{Name, Short}, Octets - byte_size(iolist_to_binary(escaped(Short))) - length(" name=''")}.

parts([First | Rest], Octets) when Octets > 0 ->
    {Part, Left} = part(First, Octets),
    {Parts, End} = parts(Rest, Left),
    {[Part | Parts], End};
parts(_, Octets) ->
    {[], Octets}.

%% Without a part of a character at the end.
beginning(Text, Octets) when byte_size(Text) =< Octets ->
    Text;
beginning(Text, Octets) ->
    case unicode:characters_to_binary(binary:part(Text, 0, Octets)) of
        {_, Whole, _} -> Whole;
        Whole -> Whole
    end.

%%%-------------------------------------------------------------------
%%% Many of one thing
%%%-------------------------------------------------------------------

siblings() ->
    [refused(["100,000 of ", Name], fun() -> lists:duplicate(?MANY, Element) end)
     || {Name, Element} <-
            [{"an element of no namespace of ours", el(<<"a">>, <<"urn:a">>, [])},
             {"a namespace that ends like one of ours",
              el(<<"a">>, <<"urn:example:pp:hints">>, [])},
             {"a chat state", el(<<"active">>, ?CHAT_STATES, [])},
             {"an empty body", el(<<"body">>, [])},
             {"a reference", el(<<"reference">>, ?REFERENCE, [])}]]
        %% Parsers refuse it, unless the prefix is bound on the stream header.
        ++ [(refused("100,000 of a prefix that is unknown",
                     fun() -> lists:duplicate(?MANY, el(<<"c:a">>, [])) end))#{from := module}].

children() ->
    [refused([binary_to_list(Name), " with 100,000 children"],
             fun() -> [el(Name, Namespace, lists:duplicate(?MANY, Child))] end)
     || {Name, Namespace, Child} <-
            [{<<"x">>, ?FORM, el(<<"field">>, [])},
             {<<"addresses">>, ?ADDRESS, el(<<"address">>, [])},
             {<<"encrypted">>, ?OMEMO, el(<<"a">>, [])},
             {<<"reactions">>, ?REACTIONS, el(<<"reaction">>, [])},
             {<<"error">>, ?CLIENT, el(<<"a">>, [])},
             {<<"html">>, ?XHTML, el(<<"p">>, [])},
             {<<"geoloc">>, ?PLACE, el(<<"lat">>, [])},
             {<<"forwarded">>, ?FORWARD, el(<<"a">>, <<"urn:a">>, [])},
             {<<"fallback">>, ?FALLBACK, el(<<"body">>, [])},
             {<<"openpgp">>, ?OX, el(<<"a">>, [])}]]
        ++ [allowed("100,000 levels of an unknown element",
                    fun() -> [nested(el(<<"a">>, []), ?MANY)] end),
            refused("100,000 levels of html",
                    fun() -> [nested(el(<<"html">>, ?XHTML, []), ?MANY)] end),
            refused("100,000 levels of forwarded",
                    fun() -> [nested(el(<<"forwarded">>, ?FORWARD, []), ?MANY)] end),
            refused("a tree of 16 levels in encrypted", fun() -> [encrypted([tree(12)])] end)].

hints() ->
    Sibling = el(<<"a">>, <<"urn:b">>, []),
    Hint = fun(Namespace) ->
                   el(<<"encryption">>, [{<<"xmlns">>, ?HINT}, {<<"namespace">>, Namespace}], [])
           end,
    [refused(["4 hints, and ", integer_to_list(Size div 1000), " KB of siblings"],
             fun() ->
                     lists:duplicate(4, Hint(<<"urn:a">>)) ++ lists:duplicate(Size div 20, Sibling)
             end)
     || Size <- [40_000, 80_000, 260_000, 1_000_000]]
        ++ [refused("messages inside with 4 hints at long names",
                    fun() ->
                            Named = el(<<"encryption">>,
                                       [{<<"xmlns">>, ?HINT}, {<<"namespace">>, <<"urn:a">>},
                                        {<<"name">>, long(<<"é"/utf8>>, 128)}], []),
                            Inner = el(<<"message">>, [el(<<"a">>, <<"urn:a">>, [])
                                                       | lists:duplicate(4, Named)]),
                            many(Inner)
                    end)].

attributes() ->
    [refused("100,000 attributes of an unknown element",
             fun() -> [el(<<"a">>, numbered(?MANY, <<"1">>), [])] end),
     refused("100,000 attributes of encrypted",
             fun() ->
                     [el(<<"encrypted">>, [{<<"xmlns">>, ?OMEMO} | numbered(?MANY, <<"1">>)], [])]
             end),
     refused("100,000 attributes of a key",
             fun() -> [encrypted([header([el(<<"key">>, numbered(?MANY, <<"1">>), [])])])] end),
     refused("100,000 empty attributes of a link preview",
             fun() -> [link_preview(numbered(?MANY, <<>>))] end),
     %% Attributes are gone through twice.
     refused("5,000 attributes of 63 blanks in a link preview",
             fun() -> [link_preview(numbered(5_000, long(<<" ">>, 63)))] end),
     refused("4,900 attributes of 63 letters inside encrypted",
             fun() -> [encrypted([el(<<"a">>, numbered(4_900, long(<<"a">>, 63)), [])])] end),
     refused("20,000 elements with 60 attributes",
             fun() -> many(el(<<"a">>, numbered(60, <<"1">>), [])) end),
     refused("20,000 mentions with 60 attributes",
             fun() ->
                     Mention = el(<<"reference">>, [{<<"xmlns">>, ?REFERENCE}
                                                    | numbered(60, <<"1">>)], []),
                     many(Mention)
             end)].

names() ->
    [allowed("an unknown name of 20 MB", fun() -> [el(long(<<"a">>, 20_000_000), [])] end),
     allowed("a chat state with a name of 20 MB",
             fun() -> [el(long(<<"a">>, 20_000_000), ?CHAT_STATES, [])] end),
     refused("20,000 unknown names of 1 KB",
             fun() -> many(el(long(<<"a">>, 1_000), [])) end),
     refused("20,000 children that inherit a namespace of 200 KB",
             fun() ->
                     Namespace = [{<<"xmlns">>, long(<<"a">>, 200_000)}],
                     [encrypted([el(<<"a">>, Namespace, many(el(<<"a">>, [])))])]
             end),
     refused("4 hints at a namespace of 256 octets, and 20,000 that differ in the last",
             fun() ->
                     Hint = el(<<"encryption">>, [{<<"xmlns">>, ?HINT},
                                                  {<<"namespace">>, long(<<"a">>, 256)}], []),
                     Sibling = el(<<"a">>, <<(long(<<"a">>, 255))/binary, "b">>, []),
                     lists:duplicate(4, Hint) ++ many(Sibling)
             end)].

%%%-------------------------------------------------------------------
%%% Text and white space
%%%-------------------------------------------------------------------

text() ->
    Blanks = long(<<" ">>, ?MEGABYTES),
    [refused(["4 MB of blanks ", Where], fun() -> Children(Blanks) end)
     || {Where, Children} <-
            [{"in a body", fun(Text) -> [body(Text)] end},
             {"around a body", fun(Text) -> [body([Text, "hi", Text])] end},
             {"in a subject", fun(Text) -> [el(<<"subject">>, [cdata(Text)])] end},
             {"in a thread", fun(Text) -> [el(<<"thread">>, [cdata(Text)])] end},
             {"in html", fun(Text) -> [el(<<"html">>, ?XHTML, [cdata(Text)])] end},
             {"in a reaction", fun(Text) -> [reactions([cdata(Text)])] end},
             {"in a form's label",
              fun(Text) -> [el(<<"x">>, [{<<"xmlns">>, ?FORM}, {<<"label">>, Text}], [])] end},
             {"in an IV", fun(Text) -> [omemo_with(<<"iv">>, Text)] end},
             {"in a key", fun(Text) -> [omemo_with(<<"key">>, Text)] end},
             {"in a payload", fun(Text) -> [omemo_with(<<"payload">>, Text)] end},
             {"in openpgp", fun(Text) -> [el(<<"openpgp">>, ?OX, [cdata(Text)])] end},
             {"after OTR", fun(Text) -> [body(["?OTR?", Text])] end},
             {"in an OTR error", fun(Text) -> [body(["?OTR Error:", Text])] end}]]
        ++ [refused(["20,000 of ", Where, " with 63 blanks"], fun() -> many(Element) end)
            || {Where, Element} <-
                   [{"a body", body(long(<<" ">>, 63))},
                    {"a subject", el(<<"subject">>, [cdata(long(<<" ">>, 63))])},
                    {"a nick", el(<<"nick">>, ?NICK, [cdata(long(<<" ">>, 63))])},
                    {"a location", el(<<"geoloc">>, ?PLACE,
                                      [cdata(long(<<" ">>, 63))])}]]
        ++ [refused(["20,000 of a body with ", integer_to_list(2 * Length), " blanks around ",
                     Text],
                    fun() ->
                            Padded = [long(<<" ">>, Length), Text, long(<<" ">>, Length)],
                            many(body(Padded))
                    end)
            || Text <- ["hi", "?OTR?"], Length <- [31, 63]]
        ++ [refused("4 MB of text", fun() -> [body(long(<<"hi ">>, ?MEGABYTES))] end)]
        ++ [(refused([Name, " in ", integer_to_list(Pieces), " pieces of ",
                      integer_to_list(byte_size(Piece)),
                      case Piece of
                          <<" ", _/binary>> -> " blanks";
                          _ -> " octets"
                      end],
                     fun() -> [Whole(lists:duplicate(Pieces, cdata(Piece)))] end))#{from := module}
            || {Piece, Pieces} <- [{<<>>, ?MANY}, {<<"A">>, ?MANY}, {long(<<"A">>, 63), ?MANY},
                                   {long(<<" ">>, 63), ?MANY}, {long(<<"A">>, 2_000), 2_000}],
               {Name, Whole} <- [{"a body", fun(Text) -> el(<<"body">>, Text) end},
                                 {"a payload",
                                  fun(Text) ->
                                          encrypted([header([]), el(<<"payload">>, Text)])
                                  end},
                                 {"a location", fun(Text) -> el(<<"geoloc">>, ?PLACE, Text) end}]]
        ++ [(refused("a name of 4 MB that is no UTF-8",
                     fun() -> [el(<<"nick">>, ?NICK,
                                  [cdata(long(<<16#80>>, ?MEGABYTES))])]
                     end))#{from := module}].

%%%-------------------------------------------------------------------
%%% Ciphertext
%%%-------------------------------------------------------------------

omemo() ->
    [refused(["20,000 keys of ", integer_to_list(Size), " characters", Form],
             fun() -> [omemo_message(many(key(Key(Size))), <<"AAAA">>)] end)
     || {Form, Key} <- [{"", fun(Size) -> long(<<"AbCd">>, Size) end},
                        {" in lines", fun(Size) -> lines(72, Size) end},
                        {" in lines of one", fun(Size) -> lines(1, Size) end}],
        Size <- [4, 252, 1_020, 4_000], Size > 4 orelse Form == ""]
        ++ [allowed("a key in lines of one character, 4 MB",
                    fun() -> [omemo_message([key(lines(1, 2_000_000))], <<"AAAA">>)] end),
            allowed("a payload in lines of one character, 4 MB",
                    fun() -> [omemo_message([key(<<"AAAA">>)], lines(1, 2_000_000))] end),
            allowed("a payload of 4 MB in lines of 72",
                    fun() -> [omemo_message([key(<<"AAAA">>)], lines(72, ?MEGABYTES))] end),
            allowed("a payload of 4 MB",
                    fun() -> [omemo_message([key(<<"AAAA">>)], long(<<"AbCd">>, ?MEGABYTES))] end),
            refused("20,000 keys of 63 blanks",
                    fun() -> [omemo_message(many(key(long(<<" ">>, 63))), <<"AAAA">>)] end),
            refused("20,000 keys with 126 blanks around",
                    fun() ->
                            Blanks = long(<<" ">>, 63),
                            Keys = many(key([Blanks, "AAAA", Blanks])),
                            [omemo_message(Keys, <<"AAAA">>)]
                    end),
            refused("20,000 keys with attributes of their own",
                    fun() ->
                            Key = el(<<"key">>, [{<<"rid">>, <<"1">>} | numbered(10, <<>>)],
                                     [cdata(<<"AAAA">>)]),
                            [omemo_message(many(Key), <<"AAAA">>)]
                    end),
            refused("20,000 of encrypted",
                    fun() -> many(omemo_message([key(<<"AAAA">>)], <<"AAAA">>)) end),
            refused("20,000 groups of keys",
                    fun() ->
                            Group = el(<<"keys">>, [{<<"jid">>, <<"a@a">>}], [key(<<"AAAA">>)]),
                            [el(<<"encrypted">>, ?OMEMO_1, [header(many(Group)),
                                                            payload(long(<<"A">>, 64))])]
                    end)].

openpgp() ->
    Packets = [{"two octets", <<16#d5, 0>>},
               {"a marker", <<16#ca, 3, "PGP">>},
               {"a key for a passphrase", <<16#c3, 4, 4, 9, 0, 8>>},
               {"an ECDH key", <<16#c1, 49, 3, 0:64, 18, 256:16, 0:256, 4, 0:32>>},
               {"an ElGamal key", <<16#c1, 75, 3, 0:64, 16, 480:16, 0:480, 8:16, 0>>},
               {"an X25519 key", <<16#c1, 44, 3, 0:64, 25, 0:256, 1, 0>>},
               {"a key of version 6", <<16#c3, 54, 6, 20, 9, 2, 2, 0, 8, 0:(15 * 8), 0:(32 * 8)>>}],
    [refused(["16,000 packets of ", Name, Form],
             fun() ->
                     Base64 = base64:encode(long(Packet, 16_000 * byte_size(Packet))),
                     [el(<<"openpgp">>, ?OX, [cdata(lines_of(Width, Base64))])]
             end)
     || {Name, Packet} <- Packets,
        {Form, Width} <- [{"", infinity}, {" in lines", 64}, {" in lines of three", 3}]]
        ++ [refused("6 of openpgp, each with 16,000 packets of two octets",
                    fun() ->
                            Text = cdata(base64:encode(long(<<16#d5, 0>>, 32_000))),
                            lists:duplicate(6, el(<<"openpgp">>, ?OX, [Text]))
                    end),
            refused("encrypted data of 16,000 parts of one octet",
                    fun() ->
                            Packet = <<16#c3, 4, 4, 9, 0, 8, 16#d2, 16#e9, 1, 0:(511 * 8),
                                       (long(<<16#e0, 0>>, 32_000))/binary, 0>>,
                            [el(<<"openpgp">>, ?OX, [cdata(lines_of(3, base64:encode(Packet)))])]
                    end),
            refused("20,000 of an armoured message",
                    fun() ->
                            Headers = long(<<"Hash: \n", (long(<<" ">>, 63))/binary>>, 630),
                            Message = <<16#c3, 4, 4, 9, 0, 8, 16#d2, 1, 1>>,
                            Text = cdata([Headers, base64:encode(Message)]),
                            many(el(<<"x">>, ?PGP, [Text]))
                    end)].

otr() ->
    Piece = long(<<"AbCd">>, 252),
    Data3 = <<3:16, 3, 256:32, 256:32, 0, 1:32, 1:32, 1:32, 0, 1:64, 1:32, 0, 0:160, 0:32>>,
    Data4 = <<4:16, 3, 256:32, 256:32, 0:(70 * 8), 0:32, 1:32, 0, 0:512, 0:32>>,
    KeyExchange1 = <<1:16, 16#0a, 0, 1:32, 0, 1:32, 0, 1:32, 0, 1:32, 0, 1:32, 1:32, 0, 0:320>>,
    Bodies = [{"a query", ["?OTRv23?"]},
              {"a query with 1 KB of text", ["?OTR?v23?", long(<<" o">>, 1_000), " OTR"]},
              {"a query with 1 KB of text without a name", ["?OTR?v23?", long(<<" o">>, 1_000)]},
              {"an error of 200 characters", ["?OTR Error:", long(<<"é"/utf8>>, 400)]},
              {"an error of more", ["?OTR Error:", long(<<"é"/utf8>>, 1_000)]},
              {"a fragment", ["?OTR|00000100|00000200|00000300,00002,00003,", Piece, ","]},
              {"a fragment of 1 KB",
               ["?OTR|00000100|00000200|00000300,00002,00003,", long(<<"AbCd">>, 1_020), ","]},
              {"a data message", ["?OTR:", base64:encode(Data3), "."]},
              {"a data message of version 4", ["?OTR:", base64:encode(Data4), "."]},
              {"a key exchange of version 1", ["?OTR:", base64:encode(KeyExchange1), "."]}],
    [refused(["20,000 OTR bodies: ", Name], fun() -> many(body(Text)) end)
     || {Name, Text} <- Bodies]
        ++ [refused(["20,000 html copies of OTR: ", Name],
                    fun() -> many(el(<<"html">>, ?XHTML, [cdata(Text)])) end)
            || {Name, Text} <- Bodies]
        ++ [refused("1,000 OTR errors in markup",
                    fun() ->
                            Body = body(["?OTR Error:", long(<<"<b>">>, 180)]),
                            Bold = lists:duplicate(16, el(<<"b">>, [cdata("?OTR?")])),
                            lists:duplicate(1_000, Body)
                                ++ lists:duplicate(1_000, el(<<"html">>, ?XHTML, Bold))
                    end),
            refused("an html copy in 20,000 elements",
                    fun() ->
                            Parts = many(el(<<"b">>, [{<<"style">>, <<>>}], [cdata(<<"a">>)])),
                            [body("?OTR?"), el(<<"html">>, ?XHTML, [cdata("?OTR?") | Parts])]
                    end)].

%%%-------------------------------------------------------------------
%%% Annotations, wrappers, recipients
%%%-------------------------------------------------------------------

annotations() ->
    Retract = el(<<"retract">>, ?RETRACT, []),
    Marker = fun(Attributes, Parts) ->
                     el(<<"fallback">>,
                        [{<<"xmlns">>, ?FALLBACK}, {<<"for">>, ?RETRACT} | Attributes], Parts)
             end,
    Part = el(<<"body">>, [{<<"start">>, <<"00000000000000000000">>},
                           {<<"end">>, <<"00000000000000000200">>}], []),
    [refused([integer_to_list(Count), " bodies of ", Name, ", with a marker"],
             fun() ->
                     [Retract, el(<<"fallback">>, ?FALLBACK, [])
                      | lists:duplicate(Count, body(Text))]
             end)
     || {Name, Text} <- [{"one character", "a"}, {"200 characters", long(<<"😀"/utf8>>, 800)},
                         {"100 lines", long(<<"a\n">>, 200)}],
        Count <- [3_300, 5_000]]
        ++ [refused("3,000 markers",
                    fun() ->
                            [body("a"), Retract | lists:duplicate(3_000, Marker([], [Part]))]
                    end),
            refused("a marker with 20,000 parts",
                    fun() -> [body("a"), Retract, Marker([], many(Part))] end),
            refused("20,000 messages inside, with a body and a marker",
                    fun() ->
                            Inner = el(<<"message">>, [Retract, Marker([], [Part]), body(" "),
                                                       body(long(<<"\n">>, 200))]),
                            many(Inner)
                    end)]
        ++ [refused(["20,000 reactions of ", Name],
                    fun() -> [reactions(many(el(<<"reaction">>, [cdata(Text)])))] end)
            || {Name, Text} <- [{"a digit", "1"}, {"16 signs", long(<<"😀"/utf8>>, 64)},
                                {"16 numerals", long(<<"㊗"/utf8>>, 48)},
                                {"16 signs and 126 blanks",
                                 [long(<<" ">>, 63), long(<<"😀"/utf8>>, 64), long(<<" ">>, 63)]}]]
        ++ [refused(["20,000 forms of a service with ", Name],
                    fun() ->
                            Field = el(<<"field">>, [{<<"var">>, <<"FORM_TYPE">>}],
                                       [el(<<"value">>, [cdata("urn:xmpp:captcha")])]),
                            many(el(<<"x">>, ?FORM, [Field | Rest]))
                    end)
            || {Name, Rest} <-
                   [{"nothing in them", []},
                    {"1,000 characters", [cdata(long(<<"a">>, 900))]},
                    {"a label", [el(<<"field">>, [{<<"label">>, long(<<"a">>, 900)}], [])]}]]
        ++ [refused("20,000 errors with text of 63 characters",
                    fun() ->
                            Text = el(<<"text">>, [cdata(long(<<"a">>, 63))]),
                            many(el(<<"error">>, [Text]))
                    end),
            refused("20,000 mentions",
                    fun() ->
                            many(el(<<"reference">>, [{<<"xmlns">>, ?REFERENCE},
                                                      {<<"type">>, <<"mention">>},
                                                      {<<"uri">>, <<"xmpp:a@a">>},
                                                      {<<"anchor">>, <<>>}], []))
                    end)].

wrappers() ->
    [refused(["20,000 of ", Name], fun() -> many(Element) end)
     || {Name, Element} <-
            [{"forwarded", el(<<"forwarded">>, ?FORWARD, [])},
             {"a message inside, empty", el(<<"message">>, [])},
             {"a message inside with ciphertext",
              el(<<"message">>, [omemo_message([key(<<"AAAA">>)], <<"AAAA">>)])},
             {"a message inside with OTR", el(<<"message">>, [body("?OTR?")])},
             {"a message inside with blanks", el(<<"message">>, [cdata(long(<<" ">>, 63))])},
             {"15 levels of messages inside", nested(el(<<"message">>, []), 15)}]].

%% A recipient that is a user has to be on the whitelist, or the next one is not looked at; servers
%% need not be on it.
addresses() ->
    [recipients(reject, Name, Count, Jid) || {Name, Count, Jid} <- refused_recipients()]
        ++ [recipients(allow, "one address of 2,000 octets of Unicode", 1,
                       [long(<<"한"/utf8>>, 900), "@example.org/", long(<<"한"/utf8>>, 1_000)])].

%% How many there are, and what follows the number of each.
refused_recipients() ->
    [{"20,000 addresses", ?SOME, "@example.org"},
     {"20,000 capital addresses", ?SOME, "A@example.org"},
     {"20,000 servers", ?SOME, ".a"},
     {"20,000 capital servers", ?SOME, ".A"},
     {"20,000 numerical servers", ?SOME, ".0.0.1"},
     {"20,000 servers of one Unicode letter", ?SOME, <<".ä"/utf8>>},
     {"20,000 addresses of one Unicode letter", ?SOME, <<"ä@example.org"/utf8>>},
     {"20,000 servers in Punycode", ?SOME, ".xn--mnchen-3ya"},
     {"2,000 servers with 16 labels in Punycode", 2_000, lists:duplicate(16, ".xn--mnchen-3ya")},
     {"2,000 servers with 6 labels in Punycode", 2_000,
      lists:duplicate(6, [".xn--td", long(<<"a">>, 29)])},
     {"2,000 servers with 3 words in Punycode", 2_000,
      lists:duplicate(3, ".xn--zb0b2hp0y49b7xa99ggzk0qjupas1kogo68cf10a")},
     {"2,000 servers with 120 labels", 2_000, [long(<<".a">>, 240)]},
     {"256 Unicode addresses", 256,
      [long(<<"äΣ한"/utf8>>, 100), "@example.org/", long(<<"Ǆ"/utf8>>, 100)]},
     {"100 addresses of 90 octets of Unicode", 100, [long(<<"ﷺ"/utf8>>, 90), "@example.org"]},
     {"2,000 addresses with a resource of 900 octets", 2_000,
      ["@example.org/", long(<<"A">>, 900)]},
     {"2,000 addresses with a name of 900 octets", 2_000, [long(<<"a">>, 900), "@example.org"]},
     {"2,000 addresses with a name of 900 capitals", 2_000, [long(<<"A">>, 900), "@example.org"]},
     {"2,000 addresses with a name of 60 capitals", 2_000, [long(<<"A">>, 60), "@example.org"]},
     {"one address of 1 MB", 1, [long(<<"ä"/utf8>>, 1_000_000), "@example.org"]}].

%% Each with a number before it.
recipients(Decision, Name, Count, Jid) ->
    Address = fun(N) ->
                      Text = iolist_to_binary([integer_to_list(N), Jid]),
                      el(<<"address">>, [{<<"type">>, <<"to">>}, {<<"jid">>, Text}], [])
              end,
    Children = fun() ->
                       [el(<<"addresses">>, ?ADDRESS, lists:map(Address, lists:seq(1, Count))),
                        body("hi")]
               end,
    Users = [<<"user", (integer_to_binary(N))/binary, "@example.com">> || N <- lists:seq(1, 1_000)],
    (row(["a whitelist, and ", Name], Decision, Children))
        #{whitelist := [<<"example.org">> | Users]}.

%%%-------------------------------------------------------------------
%%% Rows and their elements
%%%-------------------------------------------------------------------

refused(Name, Children) ->
    row(Name, reject, Children).

allowed(Name, Children) ->
    row(Name, allow, Children).

row(Name, Decision, Children) ->
    #{name => lists:flatten(Name), decision => Decision, whitelist => [], from => client,
      stanza => fun() -> el(<<"message">>, [{<<"type">>, <<"chat">>}], Children()) end}.

body(Text) ->
    el(<<"body">>, [cdata(Text)]).

omemo_message(Keys, Payload) ->
    encrypted([header(Keys), payload(Payload)]).

encrypted(Children) ->
    el(<<"encrypted">>, ?OMEMO, Children).

header(Keys) ->
    el(<<"header">>, [{<<"sid">>, <<"1">>}], Keys ++ [el(<<"iv">>, [cdata(long(<<"A">>, 16))])]).

key(Text) ->
    el(<<"key">>, [{<<"rid">>, <<"1">>}], [cdata(Text)]).

payload(Text) ->
    el(<<"payload">>, [cdata(Text)]).

%% A whole message but for one of its parts.
omemo_with(Part, Text) ->
    Whole = #{<<"key">> => <<"AAAA">>, <<"iv">> => long(<<"A">>, 16), <<"payload">> => <<"AAAA">>},
    Texts = Whole#{Part => Text},
    Of = fun(Name) -> cdata(maps:get(Name, Texts)) end,
    Header = [el(<<"key">>, [{<<"rid">>, <<"1">>}], [Of(<<"key">>)]), el(<<"iv">>, [Of(<<"iv">>)])],
    encrypted([el(<<"header">>, [{<<"sid">>, <<"1">>}], Header),
               el(<<"payload">>, [Of(<<"payload">>)])]).

link_preview(Attributes) ->
    el(<<"Description">>, [{<<"xmlns">>, ?RDF} | Attributes], []).

reactions(Children) ->
    el(<<"reactions">>, ?REACTIONS, Children).

el(Name, Children) ->
    el(Name, [], Children).

el(Name, Attributes, Children) when is_list(Attributes) ->
    {xmlel, Name, Attributes, Children};
el(Name, Namespace, Children) ->
    el(Name, [{<<"xmlns">>, Namespace}], Children).

cdata(Text) ->
    {xmlcdata, iolist_to_binary(Text)}.

nested({xmlel, Name, Attributes, _}, Levels) ->
    lists:foldl(fun(_, Inner) -> el(Name, Attributes, [Inner]) end, el(Name, Attributes, []),
                lists:seq(2, Levels)).

%% Two children at each level.
tree(0) ->
    el(<<"a">>, []);
tree(Levels) ->
    el(<<"a">>, lists:duplicate(2, tree(Levels - 1))).

numbered(Count, Value) ->
    [{<<"a", (integer_to_binary(N))/binary>>, Value} || N <- lists:seq(1, Count)].

%% The same element 20,000 times.
many(Element) ->
    lists:duplicate(?SOME, Element).

%% A text of so many octets.
long(Piece, Octets) ->
    binary:copy(Piece, Octets div byte_size(Piece)).

%% So many characters of base64, in lines.
lines(Width, Characters) ->
    lines_of(Width, long(<<"AbCd">>, Characters)).

lines_of(Width, Text) when byte_size(Text) > Width ->
    <<Line:Width/binary, Rest/binary>> = Text,
    Lines = [[Next, "\n"] || <<Next:Width/binary>> <= Rest],
    iolist_to_binary([Line, "\n" | Lines] ++ rest(Width, Rest));
lines_of(_, Text) ->
    Text.

rest(Width, Text) ->
    [binary:part(Text, byte_size(Text), -(byte_size(Text) rem Width))].
