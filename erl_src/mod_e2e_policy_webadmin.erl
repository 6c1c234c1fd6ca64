%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% The pages of a virtual host in ejabberd's WebAdmin. One has the policy in force, the users in
%%% grace and a way to ask what would be decided, made of the commands that ejabberdctl has; the other
%%% has the documentation of the options, as it belongs to what runs.
-module(mod_e2e_policy_webadmin).

%% ejabberd_hooks callbacks
-export([webadmin_menu_host/3, webadmin_page_host/3]).

-include("ejabberd_http.hrl").
-include("ejabberd_web_admin.hrl").
-include("translate.hrl").
-include("xmpp.hrl").

-define(PATH, <<"e2e-policy">>).
-define(DOCUMENTATION, <<"options">>).
%% A browser is no place for all rows of a large server; ejabberdctl lists them all.
-define(MAX_ROWS, 500).

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
-spec webadmin_menu_host([{binary(), binary()}], binary(), binary()) -> [{binary(), binary()}].
webadmin_menu_host(Menu, _Host, Lang) ->
    [{?PATH, translate:translate(Lang, ?T("End-to-end encryption"))} | Menu].

-spec webadmin_page_host(Acc, binary(), #request{}) -> Acc | {stop, [xmlel()]}.
webadmin_page_host(_Acc, Host, #request{path = [?PATH], lang = Lang} = Request) ->
    Result = result(submitted(Host, Request), Lang),
    Token = token(Host, Request),
    {stop, head(?T("End-to-end encryption"), <<?DOCUMENTATION/binary, "/">>, Lang) ++ Result
         ++ policy(Host)
         ++ [?XCT(<<"h3">>, ?T("Grace periods, soonest end first"))] ++ users(Host, Lang)
         ++ [grace_form(Token, Lang), ?XCT(<<"h3">>, ?T("What would become of a message")),
             explain_form(Token, Lang)]};
webadmin_page_host(_Acc, _Host, #request{path = [?PATH, ?DOCUMENTATION], lang = Lang}) ->
    {stop, [?XCT(<<"h1">>, ?T("End-to-end encryption")) | documentation(Lang)]};
webadmin_page_host(Acc, _Host, _Request) ->
    Acc.

%%%===================================================================
%%% Forms that were sent
%%%===================================================================
%% Only POST acts: ejabberd lets those who may just look send everything else. And only a form of
%% this page does, or else any page that an admin visits could send one.
-spec submitted(binary(), #request{}) -> nothing | tuple().
submitted(Host, #request{method = 'POST', q = Query} = Request) ->
    case proplists:get_value(<<"token">>, Query) == token(Host, Request) of
        true -> act(Host, Query);
        false -> {error, stale_form, 1, <<"the form is not of this page: send it again">>}
    end;
submitted(_Host, _Request) ->
    nothing.

%% The same for an admin and a host on all nodes of a cluster, and unknown to others.
-spec token(binary(), #request{}) -> binary().
token(Host, #request{us = Admin}) ->
    Key = ejabberd_config:get_shared_key(),
    base64:encode(crypto:mac(hmac, sha256, Key, term_to_binary({?MODULE, Admin, Host}))).

%% Gives the command of the button that was pressed.
-spec act(binary(), [{binary() | nokey, binary()}]) -> nothing | tuple().
act(Host, Query) ->
    Field = fun(Name) -> string:trim(proplists:get_value(Name, Query, <<>>)) end,
    Pressed = fun(Button) -> proplists:is_defined(Button, Query) end,
    User = Field(<<"user">>),
    Period = Field(<<"period">>),
    case lists:filter(Pressed, [<<"start">>, <<"extend">>, <<"end">>, <<"reset">>, <<"explain">>]) of
        [<<"start">>] ->
            mod_e2e_policy_commands:grace_start(User, Host, Period);
        [<<"extend">>] ->
            mod_e2e_policy_commands:grace_extend(User, Host, Period);
        [<<"end">>] ->
            mod_e2e_policy_commands:grace_end(User, Host);
        [<<"reset">>] ->
            mod_e2e_policy_commands:grace_reset(User, Host);
        [<<"explain">>] ->
            mod_e2e_policy_commands:explain(Host, Field(<<"from">>), Field(<<"to">>),
                                            Field(<<"stanza">>));
        _ ->
            nothing
    end.

-spec result(nothing | tuple(), binary()) -> [xmlel()].
result(nothing, _Lang) ->
    [];
result({error, _, _, Text}, _Lang) ->
    [?XRES(Text)];
result({_State, _By, _Start, _End, _Remaining}, Lang) ->
    [?XREST(?T("Submitted"))];
result({Decision, Reason, Content, Scheme, Text, Why}, Lang) ->
    Titles = [?T("Decision"), ?T("Reason"), ?T("Content"), ?T("Scheme"), ?T("Text for the sender"),
              ?T("Why")],
    Cells = [[?C(Cell)] || Cell <- [Decision, Reason, Content, Scheme, Text]]
        ++ [lists:join(?BR, [?C(Line) || Line <- Why])],
    [table([], [[[?CT(Title)], Cell] || {Title, Cell} <- lists:zip(Titles, Cells)])].

%%%===================================================================
%%% Parts of the pages
%%%===================================================================
%% As ejabberd's own pages begin: a link to the documentation beside the title.
-spec head(binary(), binary(), binary()) -> [xmlel()].
head(Title, Link, Lang) ->
    [?XCT(<<"h1">>, Title),
     ?XAE(<<"div">>, [{<<"class">>, <<"guidelink">>}], [?AC(Link, <<"docs: mod_e2e_policy">>)]),
     ?BR, ?BR].

-spec policy(binary()) -> [xmlel()].
policy(Host) ->
    case mod_e2e_policy_commands:status(Host) of
        {error, _, _, Text} -> [?XRES(Text)];
        Lines -> [?XE(<<"ul">>, [?LI([?C(Line)]) || Line <- Lines])]
    end.

-spec users(binary(), binary()) -> [xmlel()].
users(Host, Lang) ->
    case mod_e2e_policy_commands:grace_list(Host) of
        {error, _, _, Text} ->
            [?XRES(Text)];
        Users ->
            Titles = [?T("User"), ?T("State"), ?T("Started by"), ?T("Start"), ?T("End"),
                      ?T("Remaining")],
            Shown = lists:sublist(Users, ?MAX_ROWS),
            [?XC(<<"p">>, <<(integer_to_binary(length(Shown)))/binary, " / ",
                            (integer_to_binary(length(Users)))/binary>>) || Shown /= Users]
                ++ [table([[?CT(Title)] || Title <- Titles],
                          [[[?C(Cell)] || Cell <- tuple_to_list(User)] || User <- Shown])]
    end.

-spec table([Cell], [[Cell]]) -> xmlel() when Cell :: [xmlel() | cdata()].
table(Head, Rows) ->
    Row = fun(Cells) -> ?XE(<<"tr">>, [?XE(<<"td">>, Cell) || Cell <- Cells]) end,
    ?XE(<<"table">>, [?XE(<<"thead">>, [Row(Head)]) || Head /= []]
                         ++ [?XE(<<"tbody">>, [Row(Cells) || Cells <- Rows])]).

-spec grace_form(binary(), binary()) -> xmlel().
grace_form(Token, Lang) ->
    Inputs = [?CT(?T("User")), ?INPUT(<<"text">>, <<"user">>, <<>>),
              ?CT(?T("Period, such as 14 days")), ?INPUT(<<"text">>, <<"period">>, <<>>)],
    Buttons = [?INPUTT(<<"submit">>, <<"start">>, ?T("Start")),
               ?INPUTT(<<"submit">>, <<"extend">>, ?T("Extend")),
               ?INPUTT(<<"submit">>, <<"end">>, ?T("End now")),
               ?INPUTT(<<"submit">>, <<"reset">>, ?T("Reset"))],
    form(Token, lists:join(?C(<<" ">>), Inputs ++ Buttons)).

-spec explain_form(binary(), binary()) -> xmlel().
explain_form(Token, Lang) ->
    Addresses = [?CT(?T("From")), ?INPUT(<<"text">>, <<"from">>, <<>>),
                 ?CT(?T("To")), ?INPUT(<<"text">>, <<"to">>, <<>>)],
    Stanza = ?TEXTAREA(<<"stanza">>, <<"4">>, <<"80">>,
                       <<"<message type='chat'><body>Hello</body></message>">>),
    form(Token, lists:join(?C(<<" ">>), Addresses)
             ++ [?BR, Stanza, ?BR, ?INPUTT(<<"submit">>, <<"explain">>, ?T("Explain"))]).

-spec form(binary(), [xmlel() | cdata()]) -> xmlel().
form(Token, Elements) ->
    ?XAE(<<"form">>, [{<<"action">>, <<>>}, {<<"method">>, <<"post">>}],
         [?INPUT(<<"hidden">>, <<"token">>, Token) | Elements]).

%%%===================================================================
%%% Documentation
%%%===================================================================
-spec documentation(binary()) -> [xmlel()].
documentation(Lang) ->
    #{desc := Desc, opts := Options, example := Example} = mod_e2e_policy:mod_doc(),
    paragraphs(Desc, Lang) ++ [example(Example)]
        ++ lists:append([option(Option, Lang) || Option <- lists:keysort(1, Options)]).

-spec option(mod_e2e_policy_doc:option(), binary()) -> [xmlel()].
option({Name, #{value := Value, desc := Desc, example := Example}}, Lang) ->
    [?XC(<<"h3">>, atom_to_binary(Name)),
     ?XE(<<"p">>, [?XCT(<<"code">>, iolist_to_binary(Value))])]
        ++ paragraphs(Desc, Lang) ++ [example(Example)].

-spec example([string()]) -> xmlel().
example(Lines) ->
    ?XC(<<"pre">>, iolist_to_binary(lists:join("\n", Lines))).

-spec paragraphs(binary() | [binary()], binary()) -> [xmlel()].
paragraphs(Texts, Lang) ->
    [?XE(<<"p">>, marked_up(translate:translate(Lang, Text)))
     || Text <- lists:flatten([Texts]), Text /= <<>>].

%% What stands between backticks is code.
-spec marked_up(binary()) -> [xmlel() | cdata()].
marked_up(Text) ->
    plain(binary:split(Text, <<"`">>, [global])).

plain([]) -> [];
plain([Text | Rest]) -> [?C(Text) | code(Rest)].

code([]) -> [];
code([Text | Rest]) -> [?XC(<<"code">>, Text) | plain(Rest)].
