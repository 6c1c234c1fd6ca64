%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% The modules of erl_src as a stair: each calls only modules that are below it. The calls are those
%% that xref finds in the beams. A call to a module in a variable, such as that of a storage backend
%% or of a command, is not among them.
-module(structure).

-export([stair/0, calls/1, drawing/2]).

%% All modules, from the top to the bottom.
-spec stair() -> [module()].
stair() ->
    [%% What ejabberd calls
     mod_e2e_policy,
     mod_e2e_policy_webadmin_user,
     mod_e2e_policy_webadmin,
     mod_e2e_policy_chart,
     mod_e2e_policy_metrics,
     mod_e2e_policy_commands,
     mod_e2e_policy_audit,
     mod_e2e_policy_audit_servers,
     mod_e2e_policy_audit_certificates,
     mod_e2e_policy_audit_tls,
     mod_e2e_policy_audit_listeners,
     mod_e2e_policy_audit_modules,
     mod_e2e_policy_audit_options,
     mod_e2e_policy_adhoc,
     mod_e2e_policy_account,
     %% Releases, and hosts
     mod_e2e_policy_from_0_1,
     mod_e2e_policy_upgrade,
     mod_e2e_policy_rehearsal,
     mod_e2e_policy_host,
     %% Messages
     mod_e2e_policy_hook,
     mod_e2e_policy_incoming,
     mod_e2e_policy_rooms,
     mod_e2e_policy_received,
     mod_e2e_policy_effect,
     mod_e2e_policy_stanza,
     mod_e2e_policy_recipient,
     mod_e2e_policy_servers,
     mod_e2e_policy_disco,
     %% Connections to other servers
     mod_e2e_policy_refusal,
     mod_e2e_policy_s2s,
     mod_e2e_policy_s2s_answer,
     mod_e2e_policy_peer,
     %% What is known of users and hosts
     mod_e2e_policy_warned,
     mod_e2e_policy_grace,
     mod_e2e_policy_mnesia,
     mod_e2e_policy_sql,
     mod_e2e_policy_readiness_cache,
     mod_e2e_policy_readiness,
     mod_e2e_policy_senders,
     mod_e2e_policy_senders_mnesia,
     mod_e2e_policy_senders_sql,
     mod_e2e_policy_daily,
     mod_e2e_policy_daily_mnesia,
     mod_e2e_policy_daily_sql,
     mod_e2e_policy_activity,
     mod_e2e_policy_keys,
     mod_e2e_policy_keys_mnesia,
     mod_e2e_policy_keys_sql,
     mod_e2e_policy_sessions,
     mod_e2e_policy_sql_set,
     mod_e2e_policy_process,
     mod_e2e_policy_mnesia_table,
     mod_e2e_policy_sql_table,
     mod_e2e_policy_removed,
     mod_e2e_policy_throttle,
     mod_e2e_policy_clocks,
     mod_e2e_policy_day,
     %% The policies
     mod_e2e_policy_entry,
     mod_e2e_policy_report,
     mod_e2e_policy_registry,
     mod_e2e_policy_counters,
     mod_e2e_policy_options,
     mod_e2e_policy_level,
     mod_e2e_policy_chat,
     %% Descriptions for admins
     mod_e2e_policy_commands_spec,
     mod_e2e_policy_doc,
     %% Code, and the library
     mod_e2e_policy_swap,
     mod_e2e_policy_release,
     mod_e2e_policy_failure,
     mod_e2e_policy_text,
     mod_e2e_policy_nif].

%% The modules in a folder, each with those of them that it calls, in the order of the stair.
-spec calls(Ebin :: file:filename()) -> [{module(), [module()]}].
calls(Ebin) ->
    {ok, Xref} = xref:start([]),
    {ok, Modules} = xref:add_directory(Xref, Ebin, [{warnings, false}]),
    {ok, Calls} = xref:q(Xref, "ME"),
    stopped = xref:stop(Xref),
    [{Module, ordered([Called || {Caller, Called} <- Calls, Caller =:= Module, Called =/= Module,
                                 lists:member(Called, Modules)])}
     || Module <- ordered(Modules)].

%% Modules that are not in the stair come last.
ordered(Modules) ->
    [Module || Module <- stair(), lists:member(Module, Modules)] ++ lists:usort(Modules -- stair()).

%% The stair as text: each module with the first sentence of its documentation, and after an arrow
%% the modules that it calls, without what all names begin with.
-spec drawing(Ebin :: file:filename(), Sources :: file:filename()) -> iodata().
drawing(Ebin, Sources) ->
    Calls = calls(Ebin),
    Width = lists:max([length(atom_to_list(Module)) || {Module, _} <- Calls]) + 2,
    [drawn(Module, Called, Sources, Width) || {Module, Called} <- Calls].

drawn(Module, Called, Sources, Width) ->
    Words = string:lexemes(first_sentence(filename:join(Sources, atom_to_list(Module) ++ ".erl")),
                           " "),
    Arrow = case Called of
                [] -> [];
                _ -> ["->" | listed([short(Name) || Name <- Called])]
            end,
    Indent = lists:duplicate(Width, $\s),
    Lines = case filled(Words ++ [" " || Arrow =/= []] ++ Arrow, 100 - Width) of
                [_] = Line -> Line;
                _ -> filled(Words, 100 - Width) ++ filled(Arrow, 100 - Width)
            end,
    [string:pad(atom_to_list(Module), Width), lists:join(["\n", Indent], Lines), "\n"].

short(Module) ->
    string:replace(atom_to_list(Module), "mod_e2e_policy_", "_").

listed(Names) ->
    [[Name, ","] || Name <- lists:droplast(Names)] ++ [lists:last(Names)].

filled([], _Width) ->
    [];
filled([First | Words], Width) ->
    {Lines, Last} = lists:foldl(
                      fun(Word, {Lines, Line}) ->
                              Longer = [Line, " ", Word],
                              case string:length(Longer) =< Width of
                                  true -> {Lines, Longer};
                                  false -> {[Line | Lines], Word}
                              end
                      end, {[], First}, Words),
    lists:reverse([Last | Lines]).

first_sentence(Source) ->
    {ok, Text} = file:read_file(Source),
    {match, [Sentence]} = re:run(Text, "^%%% @doc (.*?\\.)(?=\\s)",
                                 [dotall, multiline, {capture, all_but_first, list}]),
    re:replace(Sentence, "\\s+%%% ", " ", [global, {return, list}]).
