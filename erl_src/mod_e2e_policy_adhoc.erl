%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc The ad-hoc command (XEP-0050) by which users see what the policy asks of them.
%%%
%%% It has one step. ejabberd runs it in the session of the user who asks, so a process of its own
%%% finds the answer, and the session waits for it for a limited time: no database and no other
%%% session that is slow can keep it from the user's messages.
%%%
%%% Without mod_adhoc no hook of it is run, and the command is not announced.
-module(mod_e2e_policy_adhoc).

%% ejabberd_hooks callbacks
-export([adhoc_local_items/4, adhoc_local_commands/4, disco_local_identity/5,
         disco_local_features/5]).
%% Processes
-export([find/2]).

-include("logger.hrl").
-include("xmpp.hrl").
-include("translate.hrl").

-define(NODE, <<"e2e-policy">>).
%% How long the session waits for the answer, in milliseconds.
-define(WAIT, 1000).
%% The command is for the users of the host alone: it is about the own account.
-define(IS_OWN_USER(From, To), From#jid.luser /= <<>>, From#jid.lserver == To#jid.lserver).

-type answer() :: adhoc_command() | {error, stanza_error()}.
-type failure() :: {error, timeout | {crash, iodata()}}.

%%%===================================================================
%%% ejabberd_hooks callbacks
%%%===================================================================
%% @doc Adds the command to the list of those that a user of the host may execute.
-spec adhoc_local_items(Acc, jid(), jid(), binary()) -> Acc
              when Acc :: empty | {result, [disco_item()]} | {error, stanza_error()}.
adhoc_local_items({error, _} = Error, _From, _To, _Lang) ->
    Error;
adhoc_local_items(Acc, From, #jid{server = Server} = To, Lang) when ?IS_OWN_USER(From, To) ->
    Items = case Acc of
                {result, Others} -> Others;
                empty -> []
            end,
    Item = #disco_item{jid = jid:make(Server), node = ?NODE,
                       name = mod_e2e_policy_account:title(Lang)},
    {result, Items ++ [Item]};
adhoc_local_items(Acc, _From, _To, _Lang) ->
    Acc.

%% @doc Executes the command.
-spec adhoc_local_commands(Acc, jid(), jid(), adhoc_command()) -> Acc | answer()
              when Acc :: empty | answer() | ignore.
adhoc_local_commands(_Acc, From, To, #adhoc_command{node = ?NODE} = Request)
  when ?IS_OWN_USER(From, To) ->
    executed(From, Request);
adhoc_local_commands(_Acc, _From, _To, #adhoc_command{node = ?NODE, lang = Lang}) ->
    {error, xmpp:err_forbidden(?T("Access denied by service policy"), Lang)};
adhoc_local_commands(Acc, _From, _To, _Request) ->
    Acc.

%% @doc Says that the node is a command.
-spec disco_local_identity([identity()], jid(), jid(), binary(), binary()) -> [identity()].
disco_local_identity(Acc, From, #jid{lserver = LServer} = To, ?NODE, Lang)
  when ?IS_OWN_USER(From, To) ->
    [#identity{category = <<"automation">>, type = <<"command-node">>,
               name = mod_e2e_policy_account:title(Lang)} || is_available(LServer)] ++ Acc;
disco_local_identity(Acc, _From, _To, _Node, _Lang) ->
    Acc.

%% @doc The features of the command.
-spec disco_local_features(Acc, jid(), jid(), binary(), binary()) -> Acc
              when Acc :: empty | {result, [binary()]} | {error, stanza_error()}.
disco_local_features(empty, From, #jid{lserver = LServer} = To, ?NODE, _Lang)
  when ?IS_OWN_USER(From, To) ->
    case is_available(LServer) of
        true -> {result, [?NS_COMMANDS, ?NS_XDATA]};
        false -> empty
    end;
disco_local_features(Acc, _From, _To, _Node, _Lang) ->
    Acc.

%%%===================================================================
%%% Processes
%%%===================================================================
%% @doc Finds the answer, and ends with it as its reason, so that the session gets one message only,
%% or none. It catches all exceptions: Erlang would log a crash with the terms in it.
-spec find(jid(), binary()) -> no_return().
find(From, Lang) ->
    Result = try
                 {ok, mod_e2e_policy_account:about(From, Lang)}
             catch
                 Class:Reason:Stack ->
                     {error, {crash, mod_e2e_policy_failure:describe(Class, Reason, Stack)}}
             end,
    exit({?MODULE, Result}).

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec is_available(binary()) -> boolean().
is_available(LServer) ->
    gen_mod:is_loaded(LServer, mod_adhoc).

%% Each execution ends with its first answer, so that there is no session of the command to go on
%% with (XEP-0050 section 4.4).
-spec executed(jid(), adhoc_command()) -> answer().
executed(_From, #adhoc_command{action = cancel, node = Node, lang = Lang, sid = SessionId}) ->
    #adhoc_command{status = canceled, node = Node, lang = Lang, sid = SessionId};
executed(From, #adhoc_command{action = execute, sid = <<>>, lang = Lang} = Request) ->
    case answered(From, Lang) of
        {ok, {Note, Form}} ->
            Completed = #adhoc_command{status = completed, notes = [Note], xdata = Form},
            xmpp_util:make_adhoc_response(Request, Completed);
        {error, Why} ->
            {error, not_answered(Why, From, Lang)}
    end;
executed(_From, #adhoc_command{action = execute}) ->
    {error, bad_request(<<"bad-sessionid">>, xmpp:err_bad_request())};
executed(_From, #adhoc_command{lang = Lang}) ->
    Text = ?T("Incorrect value of 'action' attribute"),
    {error, bad_request(<<"bad-action">>, xmpp:err_bad_request(Text, Lang))}.

-spec bad_request(binary(), stanza_error()) -> stanza_error().
bad_request(Condition, #stanza_error{sub_els = Els} = Error) ->
    Error#stanza_error{sub_els = [#xmlel{name = Condition, attrs = [{<<"xmlns">>, ?NS_COMMANDS}]}
                                  | Els]}.

-spec answered(jid(), binary()) -> {ok, mod_e2e_policy_account:answer()} | failure().
answered(From, Lang) ->
    {Pid, Ref} = spawn_monitor(?MODULE, find, [From, Lang]),
    receive
        {'DOWN', Ref, process, Pid, {?MODULE, Result}} -> Result;
        {'DOWN', Ref, process, Pid, _Killed} -> {error, {crash, "killed"}}
    after ?WAIT ->
            exit(Pid, kill),
            erlang:demonitor(Ref, [flush]),
            {error, timeout}
    end.

-spec not_answered(timeout | {crash, iodata()}, jid(), binary()) -> stanza_error().
not_answered(timeout, _From, Lang) ->
    xmpp:err_resource_constraint(?T("Request has timed out"), Lang);
not_answered({crash, Why}, #jid{lserver = LServer}, _Lang) ->
    ?ERROR_MSG("The ad-hoc command of mod_e2e_policy on ~ts failed (~ts)", [LServer, Why]),
    xmpp:err_internal_server_error().
