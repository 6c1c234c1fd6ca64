%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What WebAdmin shows of one user: what the user is told by the ad-hoc command, and the days
%%% that are remembered.
%%%
%%% Since 24.06 ejabberd has pages of a user to which modules add one of theirs. Before that, they
%%% can add to the page of the user.
-module(mod_e2e_policy_webadmin_user).

%% ejabberd_hooks callbacks
-export([webadmin_menu_hostuser/4, webadmin_page_hostuser/4, webadmin_user/4]).

-import(mod_e2e_policy_text, [text/2]).

-include("ejabberd_http.hrl").
-include("ejabberd_web_admin.hrl").
-include("logger.hrl").
-include("xmpp.hrl").

-define(PATH, <<"e2e-policy">>).

%% @doc Adds the page to the menu of a user.
-spec webadmin_menu_hostuser([{binary(), binary()}], binary(), binary(), binary()) ->
          [{binary(), binary()}].
webadmin_menu_hostuser(Menu, _Host, _User, Lang) ->
    [{?PATH, text(Lang, web_title)} | Menu].

%% @doc Answers a request for the page.
-spec webadmin_page_hostuser(Acc, binary(), binary(), #request{}) -> Acc | {stop, [xmlel()]}.
webadmin_page_hostuser(_Acc, Host, User, #request{path = [?PATH], lang = Lang} = Request) ->
    {stop, [?XC(<<"h1">>, text(Lang, web_title))
            | shown(User, Host, Lang,
                    fun() -> mod_e2e_policy_webadmin:is_allowed(e2e_policy_grace_status, Request)
                    end)]};
webadmin_page_hostuser(Acc, _Host, _User, _Request) ->
    Acc.

%% @doc Adds to the page of a user, where that is the only way: newer releases give the request.
-spec webadmin_user([xmlel()], binary(), binary(), binary() | #request{}) -> [xmlel()].
webadmin_user(Acc, User, Host, Lang) when is_binary(Lang) ->
    Acc ++ [?XC(<<"h3">>, text(Lang, web_title)) | shown(User, Host, Lang, fun() -> true end)];
webadmin_user(Acc, _User, _Host, _Request) ->
    Acc.

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% A crash is caught, because ejabberd would log the request, with the admin's password.
-spec shown(binary(), binary(), binary(), fun(() -> boolean())) -> [xmlel()].
shown(User, Host, Lang, IsAllowed) ->
    try
        case {IsAllowed(), jid:make(User, Host)} of
            {false, _} ->
                [?XRES(mod_e2e_policy_webadmin:not_allowed(e2e_policy_grace_status))];
            {true, #jid{} = Account} ->
                about(Account, Lang) ++ days(Account, Lang)
        end
    catch
        Class:Reason:Stack ->
            ?ERROR_MSG("A page of mod_e2e_policy in WebAdmin failed (~ts)",
                       [mod_e2e_policy_failure:describe(Class, Reason, Stack)]),
            [?XRES(text(Lang, web_failed))]
    end.

-spec about(jid(), binary()) -> [xmlel()].
about(Account, Lang) ->
    {#adhoc_note{data = Advice}, #xdata{fields = Fields}} =
        mod_e2e_policy_account:about(Account, Lang),
    [?XC(<<"p">>, text(Lang, web_user_told)),
     mod_e2e_policy_webadmin:table(
       [], [[[?C(Label)], lists:join(?BR, [?C(Value) || Value <- Values])]
            || #xdata_field{label = Label, values = Values} <- Fields]),
     ?XC(<<"p">>, Advice)].

%% Nothing where nothing is remembered.
-spec days(jid(), binary()) -> [xmlel()].
days(#jid{luser = LUser, lserver = LServer}, Lang) ->
    case mod_e2e_policy_senders:of_user(LUser, LServer) of
        {ok, {Accepted, Violation}} when Accepted /= none; Violation /= none ->
            [mod_e2e_policy_webadmin:table(
               [], [[[?C(text(Lang, Title))], [?C(Day)]]
                    || {Title, Day} <- [{web_last_accepted, Accepted}, {web_last_plain, Violation}],
                       Day /= none])];
        _ ->
            []
    end.
