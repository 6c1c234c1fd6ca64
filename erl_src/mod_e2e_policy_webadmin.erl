%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% The page of a virtual host in ejabberd's WebAdmin: the policy in force and the users in grace,
%%% made of the same commands that ejabberdctl has.
-module(mod_e2e_policy_webadmin).

%% ejabberd_hooks callbacks
-export([webadmin_menu_host/3, webadmin_page_host/3]).

-include("ejabberd_http.hrl").
-include("ejabberd_web_admin.hrl").
-include("translate.hrl").
-include("xmpp.hrl").

-define(PATH, <<"e2e-policy">>).
%% A browser is no place for all rows of a large server; ejabberdctl lists them all.
-define(MAX_ROWS, 500).

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
-spec webadmin_menu_host([{binary(), binary()}], binary(), binary()) -> [{binary(), binary()}].
webadmin_menu_host(Menu, _Host, Lang) ->
    [{?PATH, translate:translate(Lang, ?T("End-to-end encryption"))} | Menu].

-spec webadmin_page_host(Acc, binary(), #request{}) -> Acc | {stop, [xmlel()]}.
webadmin_page_host(_Acc, Host, #request{path = [?PATH], q = Query, lang = Lang}) ->
    Result = case act(Host, Query) of
                 nothing -> [];
                 {error, _, _, Text} -> [?XRES(Text)];
                 _Stand -> [?XREST(?T("Submitted"))]
             end,
    {stop, [?XCT(<<"h1">>, ?T("End-to-end encryption"))] ++ Result
         ++ policy(Host) ++ users(Host, Lang) ++ [form(Lang)]};
webadmin_page_host(Acc, _Host, _Request) ->
    Acc.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Gives the command of the button that was pressed.
-spec act(binary(), [{binary(), binary()}]) -> nothing | tuple().
act(Host, Query) ->
    Field = fun(Name) -> string:trim(proplists:get_value(Name, Query, <<>>)) end,
    User = Field(<<"user">>),
    Period = Field(<<"period">>),
    case [Button || {Button, _} <- Query] -- [<<"user">>, <<"period">>] of
        [<<"start">>] -> mod_e2e_policy_commands:grace_start(User, Host, Period);
        [<<"extend">>] -> mod_e2e_policy_commands:grace_extend(User, Host, Period);
        [<<"end">>] -> mod_e2e_policy_commands:grace_end(User, Host);
        [<<"reset">>] -> mod_e2e_policy_commands:grace_reset(User, Host);
        _ -> nothing
    end.

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
            Head = [?XCT(<<"td">>, Title)
                    || Title <- [?T("User"), ?T("State"), ?T("Started by"), ?T("Start"), ?T("End"),
                                 ?T("Remaining")]],
            Rows = [?XE(<<"tr">>, [?XC(<<"td">>, Cell) || Cell <- tuple_to_list(User)])
                    || User <- lists:sublist(Users, ?MAX_ROWS)],
            [?XCT(<<"h3">>, ?T("Grace periods, soonest end first")),
             ?XC(<<"p">>, <<(integer_to_binary(length(Rows)))/binary, " / ",
                            (integer_to_binary(length(Users)))/binary>>),
             ?XE(<<"table">>, [?XE(<<"thead">>, [?XE(<<"tr">>, Head)]), ?XE(<<"tbody">>, Rows)])]
    end.

-spec form(binary()) -> xmlel().
form(Lang) ->
    Inputs = [?CT(?T("User")), ?INPUT(<<"text">>, <<"user">>, <<>>),
              ?CT(?T("Period, such as 14 days")), ?INPUT(<<"text">>, <<"period">>, <<>>)],
    Buttons = [?INPUTT(<<"submit">>, <<"start">>, ?T("Start")),
               ?INPUTT(<<"submit">>, <<"extend">>, ?T("Extend")),
               ?INPUTT(<<"submit">>, <<"end">>, ?T("End now")),
               ?INPUTT(<<"submit">>, <<"reset">>, ?T("Reset"))],
    ?XAE(<<"form">>, [{<<"action">>, <<>>}, {<<"method">>, <<"post">>}],
         lists:join(?C(<<" ">>), Inputs ++ Buttons)).
