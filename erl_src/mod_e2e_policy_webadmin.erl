%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The two pages of a virtual host in ejabberd's WebAdmin.
%%%
%%% One shows how many messages were encrypted, the policy in force, who is not ready, the
%%% connections with other servers, what the audit finds, the users with a grace period, and a form
%%% to ask what would be decided about a message. It is made of the commands that ejabberdctl has.
%%% The other page has the documentation of the options, that of the release which runs.
-module(mod_e2e_policy_webadmin).

%% ejabberd_hooks callbacks
-export([webadmin_menu_host/3, webadmin_page_host/3]).
%% For the page of a user
-export([is_allowed/2, not_allowed/1, table/2]).

-import(mod_e2e_policy_text, [text/2, text/3]).

-include("ejabberd_commands.hrl").
-include("ejabberd_http.hrl").
-include("ejabberd_web_admin.hrl").
-include("logger.hrl").
-include("xmpp.hrl").

-define(PATH, <<"e2e-policy">>).
-define(DOCUMENTATION, <<"options">>).
%% How many users a page shows at most, as a browser is slow with all those of a large server;
%% ejabberdctl lists them all.
-define(MAX_ROWS, 500).
%% For how long a page waits for the counts of users, in milliseconds.
-define(PATIENCE, 2000).

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Adds the page to the menu of a host.
-spec webadmin_menu_host([{binary(), binary()}], binary(), binary()) -> [{binary(), binary()}].
webadmin_menu_host(Menu, _Host, Lang) ->
    [{?PATH, text(Lang, web_title)} | Menu].

%% @doc Answers a request for one of the pages.
%%
%% A crash is caught, because ejabberd would log the request, with the admin's password and the
%% message that was to be explained.
-spec webadmin_page_host(Acc, binary(), #request{}) -> Acc | {stop, [xmlel()]}.
webadmin_page_host(_Acc, Host, #request{path = [?PATH | Below], lang = Lang} = Request)
  when Below == []; Below == [?DOCUMENTATION] ->
    try {stop, page(Below, Host, Request)}
    catch Class:Reason:Stack ->
            ?ERROR_MSG("A page of mod_e2e_policy in WebAdmin failed (~ts)",
                       [mod_e2e_policy_failure:describe(Class, Reason, Stack)]),
            {stop, [?XC(<<"h1">>, text(Lang, web_title)), ?XRES(text(Lang, web_failed))]}
    end;
webadmin_page_host(Acc, _Host, _Request) ->
    Acc.

-spec page(Below :: [binary()], binary(), #request{}) -> [xmlel()].
page([], Host, #request{lang = Lang} = Request) ->
    %% The form is processed first, because it changes what the page shows.
    Result = result(submitted(Host, Request), Lang),
    Token = token(Host, Request),
    head(text(Lang, web_title), <<?DOCUMENTATION/binary, "/">>) ++ Result
        ++ [?XC(<<"h3">>, text(Lang, web_messages_by_day))] ++ messages(Host, Request)
        ++ policy(Host, Request)
        ++ [?XC(<<"h3">>, text(Lang, web_readiness))] ++ readiness(Host, Request)
        ++ lists:append([listed(List, Host, Request) || List <- lists()])
        ++ [?XC(<<"h3">>, text(Lang, web_grace_periods))] ++ users(Host, Request)
        ++ grace_form(Token, Request)
        ++ explain_form(Token, Request);
page([?DOCUMENTATION], _Host, #request{lang = Lang}) ->
    [?XC(<<"h1">>, text(Lang, web_title)) | documentation(Lang)].

%%%===================================================================
%%% Forms that were sent
%%%===================================================================
%% Only POST requests change something: ejabberd lets admins with read access send all others. The
%% token proves that the form is one of this page: without it, any website that an admin visits
%% could send one.
-spec submitted(binary(), #request{}) -> nothing | tuple().
submitted(Host, #request{method = 'POST', q = Query, lang = Lang} = Request) ->
    case proplists:get_value(<<"token">>, Query) == token(Host, Request) of
        true -> act(Host, Request);
        false -> {error, stale_form, 1, text(Lang, web_stale)}
    end;
submitted(_Host, _Request) ->
    nothing.

%% The same on all nodes of a cluster, secret, and different for each admin and host.
-spec token(binary(), #request{}) -> binary().
token(Host, #request{us = Admin}) ->
    Key = ejabberd_config:get_shared_key(),
    base64:encode(crypto:mac(hmac, sha256, Key, term_to_binary({?MODULE, Admin, Host}))).

%% Runs the command of the button that was pressed.
-spec act(binary(), #request{}) -> nothing | tuple().
act(Host, #request{q = Query} = Request) ->
    Field = fun(Name) -> trimmed(proplists:get_value(Name, Query, <<>>)) end,
    Pressed = fun(Button) -> proplists:is_defined(Button, Query) end,
    User = Field(<<"user">>),
    Period = Field(<<"period">>),
    case lists:filter(Pressed, [<<"start">>, <<"extend">>, <<"end">>, <<"reset">>,
                                <<"explain">>]) of
        [<<"start">>] ->
            answer(e2e_policy_grace_start, [User, Host, Period], Request);
        [<<"extend">>] ->
            answer(e2e_policy_grace_extend, [User, Host, Period], Request);
        [<<"end">>] ->
            answer(e2e_policy_grace_end, [User, Host], Request);
        [<<"reset">>] ->
            answer(e2e_policy_grace_reset, [User, Host], Request);
        [<<"explain">>] ->
            answer(e2e_policy_explain,
                   [Host, Field(<<"from">>), Field(<<"to">>), Field(<<"stanza">>)], Request);
        _ ->
            nothing
    end.

%% Octets that are not UTF-8 are passed on, because the commands report them.
-spec trimmed(binary()) -> binary().
trimmed(Value) ->
    case unicode:characters_to_binary(Value) of
        Value -> string:trim(Value);
        _ -> Value
    end.

-spec result(nothing | tuple(), binary()) -> [xmlel()].
result(nothing, _Lang) ->
    [];
result({error, _, _, Text}, _Lang) ->
    [?XRES(Text)];
result({_State, _By, _Start, _End, _Remaining}, Lang) ->
    [?XRES(text(Lang, web_submitted))];
result({Decision, Reason, Content, Scheme, Text, Why}, Lang) ->
    Titles = [web_decision, web_reason, web_content, web_scheme, web_text, web_why],
    Cells = [[?C(Cell)] || Cell <- [Decision, Reason, Content, Scheme, Text]]
        ++ [lists:join(?BR, [?C(Line) || Line <- Why])],
    [table([], [[[?C(text(Lang, Title))], Cell] || {Title, Cell} <- lists:zip(Titles, Cells)])].

%%%===================================================================
%%% Commands
%%%===================================================================
%% The answer of a command, if the admin who requests the page may run it.
-spec answer(atom(), [binary()], #request{}) -> tuple() | [term()].
answer(Name, Arguments, Request) ->
    case is_allowed(Name, Request) of
        true ->
            Commands = mod_e2e_policy_commands_spec:commands(),
            #ejabberd_commands{module = Module, function = Function} =
                lists:keyfind(Name, #ejabberd_commands.name, Commands),
            apply(Module, Function, Arguments);
        false ->
            {error, not_allowed, 1, not_allowed(Name)}
    end.

%% @doc What an admin reads in place of what a command would show.
-spec not_allowed(atom()) -> binary().
not_allowed(Name) ->
    <<"api_permissions do not let you run ", (atom_to_binary(Name))/binary>>.

-dialyzer({no_missing_calls, is_allowed/2}).
%% @doc Whether `api_permissions' allow this admin to run a command in WebAdmin.
%%
%% Since 24.06 ejabberd has a function that makes an element of a command, only for those who may
%% run it. It is not given the fields of the request: it makes atoms of their names, tries all
%% combinations of repeated fields, and cannot show the errors of our commands.
-spec is_allowed(atom(), #request{}) -> boolean().
is_allowed(Name, Request) ->
    MakeCommand = erlang:make_fun(ejabberd_web_admin, make_command, 4),
    not erlang:function_exported(ejabberd_web_admin, make_command, 4)
        orelse is_record(MakeCommand(Name, Request#request{q = []}, [], [{only, presentation}]),
                         xmlel).

%%%===================================================================
%%% Parts of the pages
%%%===================================================================
%% The same head as ejabberd's own pages have: a title, and a link to the documentation.
-spec head(binary(), binary()) -> [xmlel()].
head(Title, Link) ->
    [?XC(<<"h1">>, Title),
     ?XAE(<<"div">>, [{<<"class">>, <<"guidelink">>}], [?AC(Link, <<"docs: mod_e2e_policy">>)]),
     ?BR, ?BR].

%% The figures are those of a command, and shown to admins who may run it.
-spec messages(binary(), #request{}) -> [xmlel()].
messages(Host, #request{q = Query, lang = Lang} = Request) ->
    %% ejabberd redirects to an address with a slash at its end, even behind a query.
    Length = case proplists:get_value(<<"days">>, Query) of
                 Days when Days == <<"90">>; Days == <<"90/">> -> 90;
                 _ -> 30
             end,
    case is_allowed(e2e_policy_report, Request)
        andalso mod_e2e_policy_daily:days(Host, Length) of
        false -> [?XRES(not_allowed(e2e_policy_report))];
        {error, db_failure} -> [?XRES(<<"the counts cannot be read or written now">>)];
        {ok, Counted} -> [lengths(Length, Lang) | mod_e2e_policy_chart:draw(Counted, Length, Lang)]
    end.

%% Links to the lengths that the chart may have.
-spec lengths(Shown :: 30 | 90, binary()) -> xmlel().
lengths(Shown, Lang) ->
    Days = fun(Number) -> text(Lang, days, #{number => Number}) end,
    ?XE(<<"p">>, lists:join(?C(<<", ">>),
                            [case Length of
                                 Shown -> ?C(Days(Length));
                                 _ -> ?AC(<<"?days=", (integer_to_binary(Length))/binary>>,
                                          Days(Length))
                             end || Length <- [30, 90]])).

-spec policy(binary(), #request{}) -> [xmlel()].
policy(Host, Request) ->
    case answer(e2e_policy_status, [Host], Request) of
        {error, _, _, Text} -> [?XRES(Text)];
        Lines -> [?XE(<<"ul">>, [?LI([?C(Line)]) || Line <- Lines])]
    end.

%% The counts are those of an hour at most, as counting takes seconds on a large host.
-spec readiness(binary(), #request{}) -> [xmlel()].
readiness(Host, #request{lang = Lang} = Request) ->
    case is_allowed(e2e_policy_readiness, Request)
        andalso mod_e2e_policy_readiness_cache:recent([Host], ?PATIENCE) of
        false ->
            [?XRES(not_allowed(e2e_policy_readiness))];
        [] ->
            [?XC(<<"p">>, text(Lang, web_counting))];
        [{Host, #{ready := Ready, users := All} = Counts}] ->
            Columns = [no_keys, no_bundle, closed, writes_plain, with_omemo, with_pgp],
            [?XC(<<"p">>, text(Lang, web_ready, #{ready => Ready, users => All})),
             table([[?C(atom_to_binary(Column))] || Column <- Columns],
                   [[[?C(integer_to_binary(maps:get(Column, Counts)))] || Column <- Columns]])]
    end.

%% The lists that are behind a link: the field of the query, the command with its arguments after
%% the host, the words of the link, the title, and the titles of the columns.
-spec lists() -> [{binary(), atom(), [binary()], atom(), atom(), [atom()]}].
lists() ->
    [{<<"unready">>, e2e_policy_unready, [<<"0">>], web_show_unready, web_unready,
      [web_user, web_why, web_keys, web_last_active, web_last_plain, web_clients]},
     {<<"servers">>, e2e_policy_s2s_list, [], web_show_servers, web_servers,
      [web_direction, web_local, web_remote, web_protection, web_tls, web_authentication,
       web_certificate]},
     {<<"audit">>, e2e_policy_audit, [], web_show_audit, web_audit,
      [web_check, web_result, web_found, web_advice]}].

%% Only if the admin asks for it: the keys of all users, all connections or files of certificates
%% are read.
-spec listed(tuple(), binary(), #request{}) -> [xmlel()].
listed({Field, Command, Arguments, Link, Title, Columns}, Host,
       #request{q = Query, lang = Lang} = Request) ->
    case proplists:is_defined(Field, Query) of
        false ->
            [?XE(<<"p">>, [?AC(<<"?", Field/binary, "=all">>, text(Lang, Link))])
             || is_allowed(Command, Request)];
        true ->
            [?XC(<<"h3">>, text(Lang, Title))
             | case answer(Command, [Host | Arguments], Request) of
                   {error, _, _, Text} -> [?XRES(Text)];
                   [] -> [?XC(<<"p">>, text(Lang, web_none))];
                   Rows -> limited(Columns, Rows, Lang)
               end]
    end.

-spec users(binary(), #request{}) -> [xmlel()].
users(Host, #request{lang = Lang} = Request) ->
    case answer(e2e_policy_grace_list, [Host], Request) of
        {error, _, _, Text} ->
            [?XRES(Text)];
        Users ->
            Titles = [web_user, web_state, web_started_by, web_start, web_end, web_remaining],
            limited(Titles, Users, Lang)
    end.

%% A table of the first users, and how many there are if these are not all.
-spec limited([atom()], [tuple()], binary()) -> [xmlel()].
limited(Titles, Users, Lang) ->
    Shown = lists:sublist(Users, ?MAX_ROWS),
    [?XC(<<"p">>, <<(integer_to_binary(length(Shown)))/binary, " / ",
                    (integer_to_binary(length(Users)))/binary>>) || Shown /= Users]
        ++ [table([[?C(text(Lang, Title))] || Title <- Titles],
                  [[[?C(Cell)] || Cell <- tuple_to_list(User)] || User <- Shown])].

%% @doc A table with a head, unless that is empty.
-spec table([Cell], [[Cell]]) -> xmlel() when Cell :: [xmlel() | cdata()].
table(Head, Rows) ->
    Row = fun(Cells) -> ?XE(<<"tr">>, [?XE(<<"td">>, Cell) || Cell <- Cells]) end,
    ?XE(<<"table">>, [?XE(<<"thead">>, [Row(Head)]) || Head /= []]
                         ++ [?XE(<<"tbody">>, [Row(Cells) || Cells <- Rows])]).

%% Has buttons for the commands that this admin may run.
-spec grace_form(binary(), #request{}) -> [xmlel()].
grace_form(Token, #request{lang = Lang} = Request) ->
    Inputs = [?C(text(Lang, web_user)), ?INPUT(<<"text">>, <<"user">>, <<>>),
              ?C(text(Lang, web_period)), ?INPUT(<<"text">>, <<"period">>, <<>>)],
    Buttons = [?INPUT(<<"submit">>, Button, text(Lang, Title))
               || {Command, Button, Title} <-
                      [{e2e_policy_grace_start, <<"start">>, web_begin},
                       {e2e_policy_grace_extend, <<"extend">>, web_extend},
                       {e2e_policy_grace_end, <<"end">>, web_end_now},
                       {e2e_policy_grace_reset, <<"reset">>, web_reset}],
                  is_allowed(Command, Request)],
    [form(Token, lists:join(?C(<<" ">>), Inputs ++ Buttons)) || Buttons /= []].

-spec explain_form(binary(), #request{}) -> [xmlel()].
explain_form(Token, #request{lang = Lang} = Request) ->
    Addresses = [?C(text(Lang, web_from)), ?INPUT(<<"text">>, <<"from">>, <<>>),
                 ?C(text(Lang, web_to)), ?INPUT(<<"text">>, <<"to">>, <<>>)],
    Stanza = ?TEXTAREA(<<"stanza">>, <<"4">>, <<"80">>,
                       <<"<message type='chat'><body>Hello</body></message>">>),
    Button = ?INPUT(<<"submit">>, <<"explain">>, text(Lang, web_explain)),
    Form = form(Token, lists:join(?C(<<" ">>), Addresses) ++ [?BR, Stanza, ?BR, Button]),
    case is_allowed(e2e_policy_explain, Request) of
        true -> [?XC(<<"h3">>, text(Lang, web_explain_title)), Form];
        false -> []
    end.

-spec form(binary(), [xmlel() | cdata()]) -> xmlel().
form(Token, Elements) ->
    ?XAE(<<"form">>, [{<<"action">>, <<>>}, {<<"method">>, <<"post">>}],
         [?INPUT(<<"hidden">>, <<"token">>, Token) | Elements]).

%%%===================================================================
%%% Documentation
%%%===================================================================
-spec documentation(binary()) -> [xmlel()].
documentation(Lang) ->
    #{desc := Desc, opts := Options, example := Example} = mod_e2e_policy_doc:text(),
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

%% Text between backticks is code.
-spec marked_up(binary()) -> [xmlel() | cdata()].
marked_up(Text) ->
    plain(binary:split(Text, <<"`">>, [global])).

plain([]) -> [];
plain([Text | Rest]) -> [?C(Text) | code(Rest)].

code([]) -> [];
code([Text | Rest]) -> [?XC(<<"code">>, Text) | plain(Rest)].
