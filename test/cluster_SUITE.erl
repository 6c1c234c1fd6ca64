%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Grace periods on three servers that are a cluster, in Mnesia and in a PostgreSQL that they share;
%% and what happens while a database is away.
-module(cluster_SUITE).

-export([suite/0, all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([a_start_on_one_node_is_in_force_on_all/1,
         a_command_on_one_node_is_in_force_on_all/1,
         starts_on_all_nodes_at_once_agree_on_one/1,
         a_removed_user_has_a_clock_on_no_node/1,
         an_account_that_is_removed_while_it_sends_has_a_clock_on_no_node/1,
         a_name_that_is_registered_has_a_clock_in_no_cache/1,
         a_node_that_was_down_knows_what_happened/1]).
-export([a_lost_database_enforces_what_is_required/1,
         a_lost_database_is_told_by_commands/1,
         a_lost_database_is_logged_once_a_minute/1,
         a_database_that_is_back_is_used/1,
         a_database_that_comes_after_the_server_is_used/1]).

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
    [{cluster, [], [a_start_on_one_node_is_in_force_on_all,
                    a_command_on_one_node_is_in_force_on_all,
                    starts_on_all_nodes_at_once_agree_on_one,
                    a_removed_user_has_a_clock_on_no_node,
                    an_account_that_is_removed_while_it_sends_has_a_clock_on_no_node,
                    a_name_that_is_registered_has_a_clock_in_no_cache,
                    a_node_that_was_down_knows_what_happened]},
     {lost_database, [], [a_lost_database_enforces_what_is_required,
                          a_lost_database_is_told_by_commands,
                          a_lost_database_is_logged_once_a_minute,
                          a_database_that_is_back_is_used,
                          a_database_that_comes_after_the_server_is_used]}].

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
    Users = [user(Server, Host) || Host <- [?SQL, ?OPTIONAL]],
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

%% Whether a server runs and sees all the others.
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

%% All nodes are asked before, so that those with a cache have an answer to forget.
a_start_on_one_node_is_in_force_on_all(Config) ->
    [begin
         [First | _] = Servers = ?config(servers, Config),
         User = user(First, Host),
         ?assertEqual([none], everywhere(Config, User)),
         is_warned(talk(First, User)),
         [{_, violation, undefined} = Clock] = everywhere(Config, User),
         [is_warned(talk(Server, User)) || Server <- Servers],
         ?assertEqual([Clock], everywhere(Config, User))
     end || Host <- [?MNESIA, ?SQL]].

a_command_on_one_node_is_in_force_on_all(Config) ->
    [begin
         [First, _, Third] = Servers = ?config(servers, Config),
         {Name, _} = User = user(First, Host),
         [is_warned(talk(Server, User)) || Server <- Servers],
         {0, _} = server:ctl(Third, ["e2e_policy_grace_end" | strings([Name, Host])]),
         [is_refused(talk(Server, User)) || Server <- Servers],
         {0, _} = server:ctl(Third, ["e2e_policy_grace_extend" | strings([Name, Host, "1h"])]),
         [is_warned(talk(Server, User)) || Server <- Servers]
     end || Host <- [?MNESIA, ?SQL]].

%% With starts that can be told apart, and then as it happens to users.
starts_on_all_nodes_at_once_agree_on_one(Config) ->
    [First | _] = Servers = ?config(servers, Config),
    [begin
         {Name, _} = User = user(First, Host),
         Requests = [erpc:send_request(Node, mod_e2e_policy_grace, start_once,
                                       [Name, Host, {1_000_000 + Number, violation, undefined}])
                     || {Number, #{node := Node}} <- lists:enumerate(Servers ++ Servers)],
         Starts = [erpc:receive_response(Request) || Request <- Requests],
         ?assertEqual([{ok, Clock} || Clock <- everywhere(Config, User)], lists:usort(Starts))
     end || Host <- [?MNESIA, ?SQL], _ <- lists:seq(1, 10)],
    [begin
         User = user(First, Host),
         %% Logging in is not what happens at once.
         Logins = [sessions(Server, User) || Server <- Servers],
         Talks = [erlang:spawn_monitor(fun() -> exit({seen, message(Sessions)}) end)
                  || Sessions <- Logins],
         [receive
              {'DOWN', Reference, _, _, Reason} ->
                  {seen, Outcome} = Reason,
                  is_warned(Outcome)
          end
          || {_, Reference} <- Talks],
         ?assertMatch([{_, violation, undefined}], everywhere(Config, User))
     end || Host <- [?MNESIA, ?SQL]].

a_removed_user_has_a_clock_on_no_node(Config) ->
    [begin
         [First, Second | _] = Servers = ?config(servers, Config),
         {Name, _} = User = user(First, Host),
         [is_warned(talk(Server, User)) || Server <- Servers],
         {0, _} = server:ctl(Second, ["unregister" | strings([Name, Host])]),
         ?assertEqual([none], everywhere(Config, User))
     end || Host <- [?MNESIA, ?SQL]].

%% On one node, while it has busy sessions on all of them.
an_account_that_is_removed_while_it_sends_has_a_clock_on_no_node(Config) ->
    [First, Second | _] = Servers = ?config(servers, Config),
    [begin
         {Name, _} = User = user(First, Host),
         %% All are there before the first one sends: a session that is still to be bound is not ended.
         Clients = [log_in(Server, User) || Server <- Servers],
         Senders = [spawn_monitor(fun() -> send_until_the_end(Client, Host) end) || Client <- Clients],
         server:until(fun() -> everywhere(Config, User) =/= [none] end),
         ok = server:call(Second, ejabberd_auth, remove_user, [Name, Host]),
         [receive {'DOWN', Reference, _, _, Reason} -> ?assertEqual(closed, Reason) end
          || {_, Reference} <- Senders],
         ?assertEqual([none], everywhere(Config, User))
     end || Host <- [?MNESIA, ?SQL], _ <- lists:seq(1, 4)].

log_in(#{node := Node} = Server, {Name, Host}) ->
    Resource = atom_to_binary(Node),
    client:log_in(Server, <<Name/binary, "@", Host/binary, "/", Resource/binary>>).

send_until_the_end(Client, Host) ->
    Text = ["<message type='chat' to='bob@", Host, "'><body>hi</body></message>"],
    try
        [begin
             [client:send(Client, Text) || _ <- lists:seq(1, 50)],
             client:received(Client)
         end || _ <- lists:seq(1, 1000)]
    catch
        error:{badmatch, {error, _}} -> exit(closed);
        error:{no_answer, _, _} -> exit(closed);
        error:{stream_error, _} -> exit(closed)
    end.

%% The clock of an account that went while nobody looked, and which each node has read.
a_name_that_is_registered_has_a_clock_in_no_cache(Config) ->
    [First | _] = Servers = ?config(servers, Config),
    [begin
         Name = <<"heir", (integer_to_binary(erlang:unique_integer([positive])))/binary>>,
         Clock = {1_000_000, violation, undefined},
         {ok, Clock} = server:call(First, mod_e2e_policy_grace, start_once, [Name, Host, Clock]),
         [{ok, Clock} = server:call(Server, mod_e2e_policy_grace, clock, [Name, Host]) || Server <- Servers],
         ok = server:call(First, ejabberd_auth, try_register, [Name, Host, <<"secret">>]),
         server:until(fun() -> everywhere(Config, {Name, Host}) =:= [none] end),
         [is_warned(talk(Server, {Name, Host})) || Server <- Servers]
     end || Host <- [?MNESIA, ?SQL]].

a_node_that_was_down_knows_what_happened(Config) ->
    [First, Second, Third] = Servers = ?config(servers, Config),
    Users = [{user(First, Host), Happening}
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
%%% A database that is away
%%%-------------------------------------------------------------------

a_lost_database_enforces_what_is_required(Config) ->
    [Server] = ?config(servers, Config),
    [Required, Optional] = ?config(users, Config),
    is_refused(talk(Server, Required)),
    [exchange:is_warned(talk(Server, Optional), error, <<"please encrypt">>)
     || _ <- [first, second]],
    %% What the policy allows needs no database.
    exchange:is_delivered(talk(Server, Required, "<active "
                               "xmlns='http://jabber.org/protocol/chatstates'/>")).

a_lost_database_is_told_by_commands(Config) ->
    [Server] = ?config(servers, Config),
    [{Name, Host}, _] = ?config(users, Config),
    [?assertEqual({1, "Error: db_failure: the grace periods cannot be read or written now\n"},
                  server:ctl(Server, Command))
     || Command <- [["e2e_policy_grace_list" | strings([Host])],
                    ["e2e_policy_grace_start" | strings([Name, Host, "1 day"])],
                    ["e2e_policy_explain"
                     | strings([Host, [Name, "@", Host], ["bob@", Host], "<message/>"])]]].

a_lost_database_is_logged_once_a_minute(Config) ->
    [Server] = ?config(servers, Config),
    Log = server:log(Server),
    %% The server has two files for errors, which have the same lines.
    Lines = lists:usort(binary:split(Log, <<"\n">>, [global])),
    [?assertMatch([_], [Line || Line <- Lines,
                                re:run(Line, ["\\[error\\] .* Grace periods of ", Host,
                                              " cannot be read or written \\(SQL: "]) =/= nomatch])
     || Host <- [?SQL, ?OPTIONAL]],
    ?assertEqual(nomatch, binary:match(Log, <<"thesecret">>)).

a_database_that_is_back_is_used(Config) ->
    [Server] = ?config(servers, Config),
    [User, _] = ?config(users, Config),
    database:start(?config(database, Config)),
    server:until(fun() -> element(1, command(Server, grace_reset, User)) =:= <<"none">> end),
    is_warned(talk(Server, User)),
    ?assertMatch([{_, violation, undefined}], everywhere(Config, User)).

%% The table cannot be made at the start of such a server.
a_database_that_comes_after_the_server_is_used(Config) ->
    Database = ?config(database, Config),
    database:shut_down(Database),
    Server = server:started(policies(), (settings(Database))#{sql_database => <<"other">>}),
    try
        User = user(Server, ?SQL),
        is_refused(talk(Server, User)),
        database:start(Database),
        server:until(fun() -> element(1, command(Server, grace_reset, User)) =:= <<"none">> end),
        is_warned(talk(Server, User))
    after
        server:stop(Server)
    end.

%%%-------------------------------------------------------------------
%%% People and what they send
%%%-------------------------------------------------------------------

user(Server, Host) ->
    Name = <<"user", (integer_to_binary(erlang:unique_integer([positive])))/binary>>,
    client:make_account(Server, <<Name/binary, "@", Host/binary, "/phone">>),
    {Name, Host}.

talk(Server, User) ->
    talk(Server, User, "<body>thesecret</body>").

talk(Server, User, Content) ->
    message(sessions(Server, User), Content).

message(Sessions) ->
    message(Sessions, "<body>thesecret</body>").

%% Both on the same node: what goes from node to node has no order with what goes to the client.
sessions(#{port := Port} = Server, {Name, Host}) ->
    Place = integer_to_binary(Port),
    [Alice, Bob] = [client:connect(Server, <<Someone/binary, "@", Host/binary, "/", Place/binary>>)
                    || Someone <- [Name, <<"bob">>]],
    {Alice, Bob, <<"bob@", Host/binary, "/", Place/binary>>}.

message({Alice, Bob, To}, Content) ->
    exchange:message(Alice, Bob, ["<message type='chat' to='", To, "'>", Content, "</message>"]).

is_warned(Outcome) ->
    exchange:is_warned(Outcome, error, <<"encrypt! soon">>).

is_refused(Outcome) ->
    exchange:is_refused(Outcome, error, <<"encrypt!">>).

%% The different clocks that the nodes believe a user to have.
everywhere(Config, {Name, Host}) ->
    lists:usort([begin
                     {ok, Clock} = server:call(Server, mod_e2e_policy_grace, clock, [Name, Host]),
                     Clock
                 end || Server <- ?config(servers, Config)]).

command(Server, Function, {Name, Host}) ->
    server:call(Server, mod_e2e_policy_commands, Function, [Name, Host]).

strings(Texts) ->
    [binary_to_list(iolist_to_binary(Text)) || Text <- Texts].
