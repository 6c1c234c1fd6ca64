%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% What the users of the soak test send: the stanzas of the corpus that any user can send to any
%% other, and some of a size that clients rarely send.
-module(soak_stanzas).

-export([direct/0, group/0]).

-export_type([row/0]).

-type row() :: #{template := stanza:template(), content := encrypted | plaintext | nothing,
                 scheme := atom(), silent := boolean()}.
%% An error stanza is silent: it is never answered.

-spec direct() -> [row()].
direct() ->
    [row(Row) || Row <- usable(), not is_group(Row), not is_about_rooms(Row)]
        ++ [made(Name) || Name <- ["OMEMO, 10 devices", "OMEMO, 50 devices",
                                   "OMEMO, 10 devices, 60 KB"]].

%% Without topics, which only moderators may set.
-spec group() -> [row()].
group() ->
    [row(Row) || #{xml := Xml} = Row <- usable(), is_group(Row), not has(Xml, <<"<subject">>)].

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

%% Without messages that name other recipients inside, because they are delivered to those; and
%% without those with ciphertext in an inner message, whose outcome depends on `outer_body', which
%% the test changes.
usable() ->
    [Row || File <- [stanzas, attacks, legal],
            #{xml := Xml, content := Content} = Row <- corpus:rows(File),
            not has(Xml, <<"<addresses">>), not has(tag(Xml), <<"/>">>),
            Content =/= encrypted orelse not has(Xml, <<"<forwarded">>)].

row(#{xml := Xml, content := Content, scheme := Scheme}) ->
    #{template => stanza:template(Xml), content => Content, scheme => Scheme,
      silent => re:run(tag(Xml), "type=.error") =/= nomatch}.

made(Name) ->
    #{template => stanza:template(stanza:named(Name)), content => encrypted, scheme => omemo,
      silent => false}.

is_group(#{xml := Xml}) -> has(tag(Xml), <<"groupchat">>).

%% Invitations and the like have another meaning when a user gets them.
is_about_rooms(#{xml := Xml}) -> has(tag(Xml), <<"@muc.">>).

tag(Xml) ->
    [Tag, _] = binary:split(Xml, <<">">>),
    <<Tag/binary, ">">>.

has(Text, Part) ->
    binary:match(Text, Part) =/= nomatch.
