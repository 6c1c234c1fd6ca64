%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Grace periods on three servers that are a cluster, in Mnesia and in a PostgreSQL that they share;
%% and what happens while a database cannot be reached.
-module(cluster_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([a_clock_started_on_one_node_counts_on_all/1,
         a_command_on_one_node_counts_on_all/1,
         simultaneous_starts_on_all_nodes_make_one_clock/1,
         a_removed_user_has_a_clock_on_no_node/1,
         an_account_that_is_removed_while_it_sends_has_a_clock_on_no_node/1,
         a_newly_registered_account_has_no_cached_clock/1,
         a_node_that_was_down_knows_what_happened/1]).
-export([without_the_database_required_encryption_is_enforced/1,
         without_the_database_commands_report_an_error/1,
         without_the_database_an_error_is_logged_once_a_minute/1,
         a_database_that_is_back_is_used/1,
         a_database_that_starts_after_the_server_is_used/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-define(MNESIA, <<"mnesia.test">>).
-define(SQL, <<"sql.test">>).
-define(OPTIONAL, <<"optional.test">>).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [{group, cluster}, {group, lost_database}].

groups() ->
    [{cluster, [], [a_clock_started_on_one_node_counts_on_all,
                    a_command_on_one_node_counts_on_all,
                    simultaneous_starts_on_all_nodes_make_one_clock,
                    a_removed_user_has_a_clock_on_no_node,
                    an_account_that_is_removed_while_it_sends_has_a_clock_on_no_node,
                    a_newly_registered_account_has_no_cached_clock,
                    a_node_that_was_down_knows_what_happened]},
     {lost_database, [], [without_the_database_required_encryption_is_enforced,
                          without_the_database_commands_report_an_error,
                          without_the_database_an_error_is_logged_once_a_minute,
                          a_database_that_is_back_is_used,
                          a_database_that_starts_after_the_server_is_used]}].

init_per_group(cluster, Config) ->
    Database = database:started(postgresql),
    First = server:started(policies(), settings(Database)),
    Others = [server:joined(First, policies(), settings(Database)) || _ <- [second, third]],
    Servers = [First | Others],
    server:until(fun() -> lists:all(fun(Server) -> knows(Server, Servers) end, Servers) end),
    [{database, Database}, {servers, Servers} | Config];
init_per_group(lost_database, Config) ->
    Database = database:started(postgresql),
    Server = server:started(policies(), settings(Database)),
    Users = [client:make_user(Server, Host) || Host <- [?SQL, ?OPTIONAL]],
    database:shut_down(Database),
    [{database, Database}, {servers, [Server]}, {users, Users} | Config].

end_per_group(_, Config) ->
    [server:stop(Server) || Server <- lists:reverse(?config(servers, Config))],
    database:stop(?config(database, Config)).

policies() ->
    Policy = #{direct => required, grace_period => <<"14 days">>, warn_mechanism => error,
               message_plain_required_direct => <<"encrypt!">>, message_graceperiod => <<"soon">>,
               message_plain_optional_direct => <<"please encrypt">>},
    #{?MNESIA => Policy#{db_type => mnesia},
      ?SQL => Policy#{db_type => sql},
      ?OPTIONAL => Policy#{db_type => sql, direct => optional}}.

settings(Database) ->
    (database:settings(Database))#{new_sql_schema => true}.

%% Whether the module runs on a server that is connected to all the others.
knows(Server, Servers) ->
    try server:call(Server, mnesia, system_info, [running_db_nodes]) of
        Running ->
            lists:sort(Running) =:= lists:sort([Node || #{node := Node} <- Servers])
                andalso server:call(Server, gen_mod, is_loaded, [?SQL, mod_e2e_policy])
    catch
        _:_ -> false
    end.

%%%-------------------------------------------------------------------
%%% A cluster
%%%-------------------------------------------------------------------

%% All nodes are asked before, so that a cache has the old answer, which it has to forget.
a_clock_started_on_one_node_counts_on_all(Config) ->
    [begin
         [First | _] = Servers = ?config(servers, Config),
         User = client:make_user(First, Host),
         ?assertEqual([none], everywhere(Config, User)),
         is_warned(talk(First, User)),
         [{_, violation, undefined} = Clock] = everywhere(Config, User),
         [is_warned(talk(Server, User)) || Server <- Servers],
         ?assertEqual([Clock], everywhere(Config, User))
     end || Host <- [?MNESIA, ?SQL]].

a_command_on_one_node_counts_on_all(Config) ->
    [begin
         [First, _, Third] = Servers = ?config(servers, Config),
         {Name, _} = User = client:make_user(First, Host),
         [is_warned(talk(Server, User)) || Server <- Servers],
         {0, _} = server:ctl(Third, ["e2e_policy_grace_end" | strings([Name, Host])]),
         [is_refused(talk(Server, User)) || Server <- Servers],
         {0, _} = server:ctl(Third, ["e2e_policy_grace_extend" | strings([Name, Host, "1h"])]),
         [is_warned(talk(Server, User)) || Server <- Servers]
     end || Host <- [?MNESIA, ?SQL]].

%% First with starts of different times, which can be told apart, then with real messages.
simultaneous_starts_on_all_nodes_make_one_clock(Config) ->
    [First | _] = Servers = ?config(servers, Config),
    [begin
         {Name, _} = User = client:make_user(First, Host),
         Requests = [erpc:send_request(Node, mod_e2e_policy_grace, start_once,
                                       [Name, Host, {1_000_000 + Number, violation, undefined}])
                     || {Number, #{node := Node}} <- lists:enumerate(Servers ++ Servers)],
         Starts = [erpc:receive_response(Request) || Request <- Requests],
         ?assertEqual([{ok, Clock} || Clock <- everywhere(Config, User)], lists:usort(Starts))
     end || Host <- [?MNESIA, ?SQL], _ <- lists:seq(1, 10)],
    [begin
         User = client:make_user(First, Host),
         %% All are logged in before, so that the messages come at the same time.
         Logins = [sessions(Server, User) || Server <- Servers],
         Senders = [erlang:spawn_monitor(fun() -> exit({outcome, message(Sessions)}) end)
                    || Sessions <- Logins],
         [receive
              {'DOWN', Reference, _, _, Reason} ->
                  {outcome, Outcome} = Reason,
                  is_warned(Outcome)
          end
          || {_, Reference} <- Senders],
         ?assertMatch([{_, violation, undefined}], everywhere(Config, User))
     end || Host <- [?MNESIA, ?SQL]].

a_removed_user_has_a_clock_on_no_node(Config) ->
    [begin
         [First, Second | _] = Servers = ?config(servers, Config),
         {Name, _} = User = client:make_user(First, Host),
         [is_warned(talk(Server, User)) || Server <- Servers],
         {0, _} = server:ctl(Second, ["unregister" | strings([Name, Host])]),
         ?assertEqual([none], everywhere(Config, User))
     end || Host <- [?MNESIA, ?SQL]].

%% On one node, while it has sessions that send on all of them.
an_account_that_is_removed_while_it_sends_has_a_clock_on_no_node(Config) ->
    [_, Second | _] = Servers = ?config(servers, Config),
    [begin
         {Name, _} = User = client:make_user_in_cluster(Servers, Host),
         %% All log in before the first one sends, because ejabberd does not end a session that has
         %% no resource yet.
         Clients = [log_in(Server, User) || Server <- Servers],
         Text = ["<message type='chat' to='bob@", Host, "'><body>hi</body></message>"],
         Senders = [spawn_monitor(fun() -> client:send_until_closed(Client, Text) end)
                    || Client <- Clients],
         server:until(fun() -> everywhere(Config, User) =/= [none] end),
         ok = server:call(Second, ejabberd_auth, remove_user, [Name, Host]),
         [receive {'DOWN', Reference, _, _, Reason} -> ?assertEqual(closed, Reason) end
          || {_, Reference} <- Senders],
         ?assertEqual([none], everywhere(Config, User))
     end || Host <- [?MNESIA, ?SQL], _ <- lists:seq(1, 4)].

log_in(#{node := Node} = Server, {Name, Host}) ->
    Resource = atom_to_binary(Node),
    client:log_in(Server, <<Name/binary, "@", Host/binary, "/", Resource/binary>>).

%% A clock is left over from an account that was removed without the module, and every node has it
%% in its cache.
a_newly_registered_account_has_no_cached_clock(Config) ->
    [First | _] = Servers = ?config(servers, Config),
    [begin
         Name = client:unique_name("heir"),
         Clock = {1_000_000, violation, undefined},
         {ok, Clock} = server:call(First, mod_e2e_policy_grace, start_once, [Name, Host, Clock]),
         ?assertEqual([Clock], everywhere(Config, {Name, Host})),
         ok = server:call(First, ejabberd_auth, try_register, [Name, Host, <<"secret">>]),
         server:until(fun() -> everywhere(Config, {Name, Host}) =:= [none] end),
         [is_warned(talk(Server, {Name, Host})) || Server <- Servers]
     end || Host <- [?MNESIA, ?SQL]].

a_node_that_was_down_knows_what_happened(Config) ->
    [First, Second, Third] = Servers = ?config(servers, Config),
    Users = [{client:make_user(First, Host), Happening}
             || Host <- [?MNESIA, ?SQL], Happening <- [ended, forgotten, started]],
    [is_warned(talk(Third, User)) || {User, Happening} <- Users, Happening =/= started],
    server:kill(Third),
    [case Happening of
         ended -> command(Second, grace_end, User);
         forgotten -> command(Second, grace_reset, User);
         started -> is_warned(talk(First, User))
     end || {User, Happening} <- Users],
    {0, _} = server:start(Third),
    server:until(fun() -> lists:all(fun(Server) -> knows(Server, Servers) end, Servers) end),
    [case {Happening, everywhere(Config, User)} of
         {ended, [{_, violation, End}]} when is_integer(End) -> is_refused(talk(Third, User));
         {forgotten, [none]} -> is_warned(talk(Third, User));
         {started, [{_, violation, undefined}]} -> is_warned(talk(Third, User))
     end || {User, Happening} <- Users].

%%%-------------------------------------------------------------------
%%% A database that cannot be reached
%%%-------------------------------------------------------------------

without_the_database_required_encryption_is_enforced(Config) ->
    [Server] = ?config(servers, Config),
    [Required, Optional] = ?config(users, Config),
    is_refused(talk(Server, Required)),
    [exchange:is_warned(talk(Server, Optional), error, <<"please encrypt">>)
     || _ <- [first, second]],
    %% What the policy allows needs no database.
    exchange:is_delivered(talk(Server, Required, "<active "
                               "xmlns='http://jabber.org/protocol/chatstates'/>")).

without_the_database_commands_report_an_error(Config) ->
    [Server] = ?config(servers, Config),
    [{Name, Host}, _] = ?config(users, Config),
    [?assertEqual({1, "Error: db_failure: the grace periods cannot be read or written now\n"},
                  server:ctl(Server, Command))
     || Command <- [["e2e_policy_grace_list" | strings([Host])],
                    ["e2e_policy_grace_start" | strings([Name, Host, "1 day"])],
                    ["e2e_policy_explain"
                     | strings([Host, [Name, "@", Host], ["bob@", Host], "<message/>"])]]].

without_the_database_an_error_is_logged_once_a_minute(Config) ->
    [Server] = ?config(servers, Config),
    %% The server has two files for errors, which have the same lines.
    Lines = lists:usort(server:log_lines(Server)),
    [?assertMatch([_], [Line || Line <- Lines,
                                re:run(Line, ["\\[error\\] .* Grace periods of ", Host,
                                              " cannot be read or written \\(SQL: "]) =/= nomatch])
     || Host <- [?SQL, ?OPTIONAL]],
    ?assertEqual([], [Line || Line <- Lines, binary:match(Line, <<"thesecret">>) =/= nomatch]).

a_database_that_is_back_is_used(Config) ->
    [Server] = ?config(servers, Config),
    [User, _] = ?config(users, Config),
    database:start(?config(database, Config)),
    server:until(fun() -> element(1, command(Server, grace_reset, User)) =:= <<"none">> end),
    is_warned(talk(Server, User)),
    ?assertMatch([{_, violation, undefined}], everywhere(Config, User)).

%% Such a server could not make the table when it started.
a_database_that_starts_after_the_server_is_used(Config) ->
    Database = ?config(database, Config),
    database:shut_down(Database),
    Server = server:started(policies(), (settings(Database))#{sql_database => <<"other">>}),
    try
        User = client:make_user(Server, ?SQL),
        is_refused(talk(Server, User)),
        database:start(Database),
        server:until(fun() -> element(1, command(Server, grace_reset, User)) =:= <<"none">> end),
        is_warned(talk(Server, User))
    after
        server:stop(Server)
    end.

%%%-------------------------------------------------------------------
%%% Users and their messages
%%%-------------------------------------------------------------------

talk(Server, User) ->
    talk(Server, User, "<body>thesecret</body>").

talk(Server, User, Content) ->
    message(sessions(Server, User), Content).

message(Sessions) ->
    message(Sessions, "<body>thesecret</body>").

%% Both on the same node: a stanza from another node may arrive later than the answer to a ping that
%% was sent after it.
sessions(#{port := Port} = Server, {Name, Host}) ->
    Resource = integer_to_binary(Port),
    [From, To] = [<<User/binary, "@", Host/binary, "/", Resource/binary>>
                  || User <- [Name, <<"bob">>]],
    {client:connect(Server, From), client:connect(Server, To), To}.

message({Alice, Bob, To}, Content) ->
    exchange:message(Alice, Bob, ["<message type='chat' to='", To, "'>", Content, "</message>"]).

is_warned(Outcome) ->
    exchange:is_warned(Outcome, error, <<"encrypt! soon">>).

is_refused(Outcome) ->
    exchange:is_refused(Outcome, error, <<"encrypt!">>).

%% The different clocks that the nodes give for a user.
everywhere(Config, {Name, Host}) ->
    lists:usort([begin
                     {ok, Clock} = server:call(Server, mod_e2e_policy_grace, clock, [Name, Host]),
                     Clock
                 end || Server <- ?config(servers, Config)]).

command(Server, Function, {Name, Host}) ->
    server:call(Server, mod_e2e_policy_commands, Function, [Name, Host]).

strings(Texts) ->
    [binary_to_list(iolist_to_binary(Text)) || Text <- Texts].
