%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What the users of the soak test say: the corpus, as far as it can be sent from anybody to
%% anybody, and some of a size that clients rarely send.
-module(soak_stanzas).

-export([direct/0, group/0]).

-export_type([row/0]).

-type row() :: #{template := stanza:template(), content := encrypted | plaintext | nothing,
                 scheme := atom(), silent := boolean()}.
%% An error stanza is never answered: it is silent.

-spec direct() -> [row()].
direct() ->
    [row(Row) || Row <- usable(), not is_group(Row), not is_about_rooms(Row)]
        ++ [made(Name) || Name <- ["OMEMO, 10 devices", "OMEMO, 50 devices",
                                   "OMEMO, 10 devices, 60 KB"]].

%% Not topics: only moderators may set them.
-spec group() -> [row()].
group() ->
    [row(Row) || #{xml := Xml} = Row <- usable(), is_group(Row), not has(Xml, <<"<subject">>)].

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

%% A message that names others as recipients does not go where it is sent. What is right of ciphertext in a message
%% inside depends on `outer_body', which the test turns.
usable() ->
    [Row || File <- [stanzas, attacks, legal], #{xml := Xml, content := Content} = Row <- corpus:rows(File),
            not has(Xml, <<"<addresses">>), not has(tag(Xml), <<"/>">>),
            Content =/= encrypted orelse not has(Xml, <<"<forwarded">>)].

row(#{xml := Xml, content := Content, scheme := Scheme}) ->
    #{template => stanza:template(Xml), content => Content, scheme => Scheme,
      silent => re:run(tag(Xml), "type=.error") =/= nomatch}.

made(Name) ->
    #{template => stanza:template(stanza:named(Name)), content => encrypted, scheme => omemo, silent => false}.

is_group(#{xml := Xml}) -> has(tag(Xml), <<"groupchat">>).

%% Invitations and the like mean something else when a person gets them.
is_about_rooms(#{xml := Xml}) -> has(tag(Xml), <<"@muc.">>).

tag(Xml) ->
    [Tag, _] = binary:split(Xml, <<">">>),
    <<Tag/binary, ">">>.

has(Text, Part) ->
    binary:match(Text, Part) =/= nomatch.
