%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What the commands of ejabberdctl, the HTTP API and WebAdmin do.
%%%
%%% `mod_e2e_policy_commands_spec' has their names, arguments and descriptions.
-module(mod_e2e_policy_commands).

-export([grace_status/2, grace_list/1, grace_start/3, grace_extend/3, grace_end/2, grace_reset/2,
         grace_move/2, status/1, explain/4, report/2, readiness/1, unready/2, s2s_list/1,
         s2s_check/2, audit/1, upgrade/0]).
%% For an upgrade by release 0.1.0
-export([register_instead_of/1]).

-include("logger.hrl").
-include("xmpp.hrl").

%% The last second of the year 9999, after which RFC 3339 has no times.
-define(LAST_SECOND, 253402300799).
%% How many users a list has at most.
-define(MAX_LINES, 10_000).
%% How many characters an error shows of an argument, and how many it has at most.
-define(QUOTED, 100).
-define(SHOWN, 1000).

-type command_error() :: {error, atom(), pos_integer(), binary()}.
%% State, starter, start, end and remaining time; what does not apply is empty.
-type grace_status() :: {binary(), binary(), binary(), binary(), binary()}.
%% User and host after normalisation, and the policy of the host.
-type user() :: {binary(), binary(), mod_e2e_policy_nif:policy()}.
%% Decision, reason, content, scheme, text for the sender, and why.
-type explanation() :: {binary(), binary(), binary(), binary(), binary(), [binary()]}.

%%%===================================================================
%%% ejabberd commands
%%%===================================================================
%% @doc Shows the grace status of a user.
-spec grace_status(binary(), binary()) -> grace_status() | command_error().
grace_status(User, Host) ->
    answer(fun() ->
                   {LUser, LServer, Policy} = user_or_clock(User, Host),
                   status_of(Policy, stored(mod_e2e_policy_grace:clock(LUser, LServer)), now_())
           end).

%% @doc Shows the grace status of all users of a host that have a clock, soonest end first.
-spec grace_list(binary()) ->
          [{binary(), binary(), binary(), binary(), binary(), binary()}] | command_error().
grace_list(Host) ->
    answer(fun() ->
                   {LServer, Policy} = host(Host),
                   Now = now_(),
                   Clocks = stored(mod_e2e_policy_grace:list(LServer)),
                   ByEnd = [{end_of(Policy, Clock, Now), LUser, Clock} || {LUser, Clock} <- Clocks],
                   [erlang:insert_element(1, status_of(Policy, Clock, Now), LUser)
                    || {_End, LUser, Clock} <- lists:sort(ByEnd)]
           end).

%% @doc Escalates a user, with a grace period from now.
-spec grace_start(binary(), binary(), binary()) -> grace_status() | command_error().
grace_start(User, Host, Period) ->
    change(fun account/2, User, Host,
           fun(_Policy, Now) ->
                   Ends = Now + period(Period),
                   fun(_Old) -> {Now, admin, Ends} end
           end).

%% @doc Moves the end of a user's grace period.
-spec grace_extend(binary(), binary(), binary()) -> grace_status() | command_error().
grace_extend(User, Host, Period) ->
    Extended = change(fun user_or_clock/2, User, Host,
                      fun(Policy, Now) ->
                              More = period(Period),
                              fun(none) -> none;
                                 ({Started, By, _} = Clock) ->
                                      End = end_of(Policy, Clock, Now),
                                      {Started, By, min(End + More, ?LAST_SECOND)}
                              end
                      end),
    case Extended of
        {<<"none">>, _, _, _, _} ->
            {error, not_exists, 1, <<"the user has no grace period that could be extended">>};
        _ ->
            Extended
    end.

%% @doc Ends the grace period of a user now; a user without one is escalated without any.
-spec grace_end(binary(), binary()) -> grace_status() | command_error().
grace_end(User, Host) ->
    change(fun user_or_clock/2, User, Host,
           fun(_Policy, Now) ->
                   fun(none) -> {Now, admin, Now};
                      ({Started, By, _}) -> {Started, By, Now}
                   end
           end).

%% @doc Deletes a user's clock.
-spec grace_reset(binary(), binary()) -> grace_status() | command_error().
grace_reset(User, Host) ->
    change(fun user_or_clock/2, User, Host, fun(_Policy, _Now) -> fun(_Old) -> none end end).

%% @doc Moves the clocks of a host from another storage; gives how many, and how many users had one.
-spec grace_move(binary(), binary()) -> {non_neg_integer(), non_neg_integer()} | command_error().
grace_move(Host, From) ->
    answer(fun() ->
                   {LServer, _Policy} = host(Host),
                   stored(mod_e2e_policy_grace:move(LServer, other_storage(LServer, From)))
           end).

%% @doc Describes the policy of a host in plain words.
-spec status(binary()) -> [binary()] | command_error().
status(Host) ->
    answer(fun() ->
                   {LServer, Policy} = host(Host),
                   Opts = gen_mod:get_module_opts(LServer, mod_e2e_policy),
                   #{warn_mechanism := Mechanism, warn_interval := Interval, exempt := Exempt,
                     s2s_trusted := Trusted, testing := Testing, remember_senders := Remembered,
                     db_type := Type} = Opts,
                   Rules = maps:from_list(
                             [{Option, Words}
                              || Option <- [direct, group],
                                 Words <- [mod_e2e_policy_level:in_words(maps:get(Option, Opts))],
                                 Words /= none]),
                   [<<"testing: nothing is refused, nobody is warned">> || Testing]
                       ++ mod_e2e_policy_nif:describe(Policy, Rules)
                       ++ [<<"exempt senders and recipients: ",
                             (mod_e2e_policy_level:access_in_words(Exempt))/binary>>
                           || Exempt /= none]
                       ++ [<<"other servers that count as verified: ",
                             (mod_e2e_policy_level:access_in_words(Trusted))/binary>>
                           || Trusted /= none]
                       ++ [<<"days of senders remembered for: up to ",
                             (integer_to_binary((Remembered + 86_399) div 86_400))/binary, " days">>
                           || Remembered > 0]
                       ++ [<<"warned by: ", (atom_to_binary(Mechanism))/binary,
                             (interval(Interval))/binary>>,
                           <<"grace periods kept in: ", (atom_to_binary(Type))/binary>>]
           end).

-spec interval(Seconds :: non_neg_integer()) -> binary().
interval(0) -> <<>>;
interval(Seconds) ->
    <<", once in ", (integer_to_binary(Seconds))/binary, " seconds for each recipient and reason">>.

%% @doc Explains what the policy would decide about a message.
-spec explain(binary(), binary(), binary(), binary()) -> explanation() | command_error().
explain(Host, From, To, Stanza) ->
    answer(fun() ->
                   {LServer, Policy} = host(Host),
                   #jid{luser = LUser} = Sender = sender(From, LServer),
                   Clock = stored(mod_e2e_policy_grace:clock(LUser, LServer)),
                   Recipient = jid(To),
                   {_, _, Opts} = mod_e2e_policy_registry:entry(LServer),
                   IsToUser = mod_e2e_policy_chat:is_user(Recipient),
                   Rule = fun(Chat) ->
                                  mod_e2e_policy_level:rule(Chat, Opts, {Sender, undefined},
                                                            Recipient)
                          end,
                   [Direct, Group, Marked] = [element(1, Rule(Chat))
                                              || Chat <- [direct, group, marked]],
                   Keys = mod_e2e_policy_recipient:keys(maps:get(recipient_keys, Opts), direct,
                                                        Sender, Recipient),
                   Explain = fun(Exemption, Connection) ->
                                     mod_e2e_policy_nif:explain(
                                       Policy, utf8(Stanza), {Sender, Recipient, IsToUser},
                                       {{Direct, Group, Marked}, Exemption, Keys, Connection, <<>>},
                                       Clock, now_())
                             end,
                   case Explain(none, verified) of
                       {ok, _} ->
                           explained(Explain, Rule, Opts, Sender, Recipient, children(Stanza));
                       {error, Problem} ->
                           refuse(Problem)
                   end
           end).

%% The access rule of `exempt' is only asked about a violation, and so is the connection to another
%% server.
-spec explained(Explain, Rule, gen_mod:opts(), jid(), jid(), [xmlel()]) -> explanation()
              when Explain :: fun((binary() | none, mod_e2e_policy_nif:connection()) ->
                                         {ok, mod_e2e_policy_nif:explanation()}),
                   Rule :: fun((mod_e2e_policy_nif:chat()) -> {atom(), atom(), term()}).
explained(Explain, Rule, #{exempt := Exempt, testing := Testing} = Opts, Sender, Recipient, Els) ->
    Servers = mod_e2e_policy_servers:that_matter(Opts, Recipient, Els),
    {ok, #{decision := Worst, chat := Chat}} = Explain(none, worst(Servers)),
    IsViolation = Worst /= <<"allow">>,
    Exempted = case IsViolation of
                   true ->
                       mod_e2e_policy_level:exemption(Sender#jid.lserver, Exempt,
                                                      {Sender, undefined}, Recipient, Els);
                   false ->
                       none
               end,
    Asked = case IsViolation andalso Exempted == none of
                true -> Servers;
                false -> []
            end,
    Connection = mod_e2e_policy_servers:connection(Sender, Asked),
    {ok, Explanation} = Explain(none, Connection),
    #{decision := Decided, reason := Reason, content := Content, scheme := Scheme, text := Text,
      why := Why} =
        case Exempted of
            none ->
                Explanation;
            Who ->
                JID = jid:encode(jid:remove_resource(case Who of
                                                         sender -> Sender;
                                                         recipient -> Recipient
                                                     end)),
                {ok, Exemption} =
                    Explain(<<"exempt: ", (mod_e2e_policy_level:access_in_words(Exempt))/binary,
                              " allows the ", (atom_to_binary(Who))/binary, ", ", JID/binary>>,
                            Connection),
                Exemption
        end,
    {Decided, Reason, Content, Scheme, Text,
     [<<"testing: this would be decided in earnest, and nothing is done">> || Testing]
         ++ [<<(atom_to_binary(Option))/binary, ": ", (atom_to_binary(Level))/binary, Words/binary>>
             || {Level, Option, Matching} <- [Rule(Chat)], Matching /= none,
                Words <- [mod_e2e_policy_level:matching_in_words(Matching)]]
         ++ connection_in_words(Connection, Asked, Opts, Recipient)
         ++ Why}.

%% The connection that asks for most.
-spec worst([binary()]) -> mod_e2e_policy_nif:connection().
worst([]) -> verified;
worst([Domain | _]) -> {unverified, Domain}.

%% What the library does not say: that of a connection that is not verified.
-spec connection_in_words(mod_e2e_policy_nif:connection(), Asked :: [binary()], gen_mod:opts(),
                          jid()) -> [binary()].
connection_in_words(verified, [_ | _] = Asked, _Opts, _Recipient) ->
    [iolist_to_binary(["the connection to ", lists:join(", ", Asked), " is verified, or cannot be "
                       "made: it asks for nothing more"])];
connection_in_words(_Connection, _Asked, #{s2s_unverified := refuse}, #jid{lserver = Domain}) ->
    [<<"it is sent over a verified connection to ", Domain/binary, " only">>
     || not ejabberd_router:is_my_route(Domain)];
connection_in_words(_Connection, _Asked, _Opts, _Recipient) ->
    [].

%% The library has parsed the text, so that its depth is known to be bounded.
-spec children(binary()) -> [xmlel()].
children(Stanza) ->
    case fxml_stream:parse_element(Stanza) of
        #xmlel{} = El -> fxml:get_subtags(El, <<"addresses">>);
        _ -> []
    end.

%% @doc Reports how many messages were sent and decided how, a line for each day, today first.
-spec report(binary(), integer()) -> [mod_e2e_policy_report:row()] | command_error().
report(Host, Days) ->
    answer(fun() ->
                   {LServer, _Policy} = host(Host),
                   Kept = mod_e2e_policy_daily:kept_days(),
                   Days >= 1 andalso Days =< Kept
                       orelse refuse(io_lib:format("found `~b`, expected a number of days from 1 "
                                                   "to ~b", [Days, Kept])),
                   case mod_e2e_policy_daily:days(LServer, Days) of
                       {ok, Counted} ->
                           [mod_e2e_policy_report:row(Day) || Day <- Counted];
                       {error, db_failure} ->
                           fail(db_failure, "the counts cannot be read or written now")
                   end
           end).

%% @doc Counts the users of a host by whether others can encrypt to them.
-spec readiness(binary()) -> [{binary(), non_neg_integer()}] | command_error().
readiness(Host) ->
    answer(fun() ->
                   {LServer, _Policy} = host(Host),
                   Counts = looked_up(LServer, mod_e2e_policy_readiness:readiness(LServer)),
                   Opts = gen_mod:get_module_opts(LServer, mod_e2e_policy),
                   Remembered = [Column || maps:get(remember_senders, Opts, 0) > 0,
                                           Column <- [senders, writing_plain]],
                   [{atom_to_binary(Column), maps:get(Column, Counts)}
                    || Column <- [users, ready, no_keys, no_bundle, closed, with_omemo, with_pgp
                                  | Remembered]]
           end).

%% @doc Lists the users of a host who are not ready and were active in a period, last active first.
-spec unready(binary(), binary()) ->
          [{binary(), binary(), binary(), binary(), binary(), binary()}] | command_error().
unready(Host, Since) ->
    answer(fun() ->
                   {LServer, _Policy} = host(Host),
                   Result = mod_e2e_policy_readiness:unready(LServer, period(Since), ?MAX_LINES),
                   {Rows, More} = looked_up(LServer, Result),
                   [{User, atom_to_binary(Why), Keys, LastActive, LastPlain,
                     list_to_binary(lists:join(", ", [shown_utf8(Client) || Client <- Clients]))}
                    || #{user := User, why := Why, keys := Keys, last_active := LastActive,
                         last_plain := LastPlain, clients := Clients} <- Rows]
                       ++ [{<<>>, <<(integer_to_binary(More))/binary, " more">>, <<>>, <<>>, <<>>,
                            <<>>} || More > 0]
           end).

-spec looked_up(binary(), {ok, Value} | mod_e2e_policy_readiness:failure()) -> Value.
looked_up(_LServer, {ok, Value}) ->
    Value;
looked_up(LServer, {error, no_pubsub}) ->
    refuse(["found `", LServer, "` without PEP, expected mod_pubsub with the plugin `pep`: clients "
            "publish their keys there"]);
looked_up(_LServer, {error, db_failure}) ->
    fail(db_failure, "the published keys cannot be read now").

%% @doc Lists the connections of a host with other servers, and how each is protected.
-spec s2s_list(binary()) -> [mod_e2e_policy_s2s:row()] | command_error().
s2s_list(Host) ->
    answer(fun() ->
                   {LServer, _Policy} = host(Host),
                   mod_e2e_policy_s2s:list(LServer)
           end).

%% @doc Shows how the connection of a host to a domain is protected, which is made if need be.
-spec s2s_check(binary(), binary()) -> mod_e2e_policy_s2s:row() | command_error().
s2s_check(Host, Domain) ->
    answer(fun() ->
                   {LServer, _Policy} = host(Host),
                   Remote = other_domain(Domain),
                   case mod_e2e_policy_s2s:check(LServer, Remote) of
                       {ok, Row} -> Row;
                       {error, Reason} -> refuse(["no connection to ", Remote, ": ", Reason])
                   end
           end).

%% @doc Checks whether messages of a host can be read by others on their way.
-spec audit(binary()) -> [{binary(), binary(), binary(), binary()}] | command_error().
audit(Host) ->
    answer(fun() ->
                   {LServer, _Policy} = host(Host),
                   [{Check, atom_to_binary(Result), Found, Advice}
                    || {Check, Result, Found, Advice} <- mod_e2e_policy_audit:checks(LServer)]
           end).

%% @doc Upgrades to the release on disk.
-spec upgrade() -> binary() | command_error().
upgrade() ->
    answer(fun() ->
                   case mod_e2e_policy_upgrade:run() of
                       {ok, Text} -> iolist_to_binary(Text);
                       {error, Problem} -> fail(no_upgrade, Problem)
                   end
           end).

%%%===================================================================
%%% For an upgrade by release 0.1.0
%%%===================================================================
%% @doc Registers the commands of this release instead of those of 0.1.0.
-spec register_instead_of([tuple()]) -> ok.
register_instead_of(Commands) ->
    mod_e2e_policy_commands_spec:register_instead_of(Commands).

%%%===================================================================
%%% Internal functions
%%%===================================================================
%% Changes a user's clock and shows the grace status afterwards.
-spec change(Find, binary(), binary(), Change) -> grace_status() | command_error()
              when Find :: fun((binary(), binary()) -> user()),
                   Change :: fun((mod_e2e_policy_nif:policy(), Now :: integer()) ->
                                        fun((Clock) -> Clock)),
                   Clock :: mod_e2e_policy_grace:clock() | none.
change(Find, User, Host, Change) ->
    answer(fun() ->
                   Begin = ejabberd_sm:make_sid(),
                   {LUser, LServer, Policy} = Find(User, Host),
                   Now = now_(),
                   Updated = mod_e2e_policy_grace:update(LUser, LServer, Change(Policy, Now)),
                   Kept = mod_e2e_policy_grace:unless_removed(Updated, Begin, LUser, LServer),
                   status_of(Policy, stored(Kept), Now)
           end).

-spec status_of(mod_e2e_policy_nif:policy(), mod_e2e_policy_grace:clock() | none, integer()) ->
          grace_status().
status_of(_Policy, none, _Now) ->
    {<<"none">>, <<>>, <<>>, <<>>, <<>>};
status_of(Policy, {Started, By, _} = Clock, Now) ->
    {State, End, Remaining} = mod_e2e_policy_nif:grace_status(Policy, Clock, Now, <<"en">>),
    {atom_to_binary(State), atom_to_binary(By), mod_e2e_policy_day:rfc3339(Started),
     mod_e2e_policy_day:rfc3339(End), Remaining}.

%% When the grace period ends, or has ended, in seconds of Unix time.
-spec end_of(mod_e2e_policy_nif:policy(), mod_e2e_policy_grace:clock(), integer()) -> integer().
end_of(Policy, Clock, Now) ->
    {_, End, _} = mod_e2e_policy_nif:grace_status(Policy, Clock, Now, <<"en">>),
    End.

-spec now_() -> integer().
now_() ->
    erlang:system_time(second).

-spec host(binary()) -> {binary(), mod_e2e_policy_nif:policy()}.
host(Host) ->
    LServer = jid:nameprep(Host),
    case is_binary(LServer) andalso gen_mod:is_loaded(LServer, mod_e2e_policy) of
        true ->
            {LServer, mod_e2e_policy_registry:policy(LServer)};
        false ->
            refuse(["found `", quoted(Host), "`, expected a virtual host with mod_e2e_policy"])
    end.

-spec user(binary(), binary()) -> user().
user(User, Host) ->
    {LServer, Policy} = host(Host),
    LUser = jid:nodeprep(User),
    case is_binary(LUser) andalso ejabberd_auth:user_exists(LUser, LServer) of
        true -> {LUser, LServer, Policy};
        _ -> refuse(["found `", quoted(User), "`, expected a user of ", LServer])
    end.

%% Only messages of the host's own users are judged.
-spec sender(binary(), binary()) -> jid().
sender(Text, LServer) ->
    case jid(Text) of
        #jid{luser = LUser, lserver = LServer} = Sender when LUser /= <<>> ->
            _ = user(LUser, LServer),
            Sender;
        _ ->
            refuse(["found `", quoted(Text), "`, expected a user of ", LServer])
    end.

%% A user with an account, who can be recognised in a later session.
-spec account(binary(), binary()) -> user().
account(User, Host) ->
    {LUser, LServer, _Policy} = Found = user(User, Host),
    case ejabberd_auth_anonymous:anonymous_user_exist(LUser, LServer) of
        false -> Found;
        true -> refuse(["found the anonymous session `", LUser,
                        "`, expected a user with an account"])
    end.

%% There may be a clock without an account: external authentication does not report accounts that
%% are removed.
-spec user_or_clock(binary(), binary()) -> user().
user_or_clock(User, Host) ->
    {LServer, Policy} = host(Host),
    LUser = jid:nodeprep(User),
    case is_binary(LUser) andalso stored(mod_e2e_policy_grace:clock(LUser, LServer)) of
        {_, _, _} -> {LUser, LServer, Policy};
        _ -> account(User, Host)
    end.

-spec other_storage(binary(), binary()) -> mnesia | sql.
other_storage(LServer, From) ->
    Used = gen_mod:get_module_opt(LServer, mod_e2e_policy, db_type),
    case [Type || Type <- [mnesia, sql], atom_to_binary(Type) == From] of
        [] ->
            refuse(["found `", quoted(From), "`, expected `mnesia` or `sql`"]);
        [Used] ->
            refuse(["found `", quoted(From),
                    "`, which is in use: expected the storage that was before"]);
        [Other] ->
            Other == mnesia orelse has_sql(LServer)
                orelse refuse(["found `sql`, but ", LServer,
                               " has no SQL database in ejabberd.yml"]),
            Other
    end.

%% Without SQL options ejabberd has these defaults. The server would be the name of an ODBC source,
%% and no source has the name of a host.
-spec has_sql(binary()) -> boolean().
has_sql(LServer) ->
    {ejabberd_option:sql_type(LServer), ejabberd_option:sql_server(LServer)}
        /= {odbc, <<"localhost">>}.

-spec jid(binary()) -> jid().
jid(Text) ->
    try jid:decode(Text)
    catch _:{bad_jid, _} -> refuse(["found `", quoted(Text), "`, expected a JID"])
    end.

%% Another server can be asked about, but not a domain that this server answers for.
-spec other_domain(binary()) -> binary().
other_domain(Text) ->
    try jid:decode(Text) of
        #jid{luser = <<>>, lresource = <<>>, lserver = LServer} ->
            ejabberd_router:is_my_route(LServer)
                andalso refuse(["found `", quoted(Text), "`, which this server serves itself: "
                                "expected the domain of another server"]),
            LServer;
        _ ->
            refuse(["found `", quoted(Text), "`, expected a domain"])
    catch
        _:{bad_jid, _} -> refuse(["found `", quoted(Text), "`, expected a domain"])
    end.

-spec period(binary()) -> integer().
period(Text) ->
    %% A text that is too long to be shown, or cannot be shown, is no duration either.
    case mod_e2e_policy_nif:parse_period(unicode:characters_to_binary(quoted(Text))) of
        {ok, Seconds} -> Seconds;
        {error, Problem} -> refuse(Problem)
    end.

%% The native functions take UTF-8 only.
-spec utf8(binary()) -> binary().
utf8(Text) ->
    case unicode:characters_to_binary(Text) of
        Text -> Text;
        _ -> refuse(["found `", quoted(Text), "`, expected UTF-8"])
    end.

-spec stored({ok, Value} | {error, db_failure}) -> Value.
stored({ok, Value}) -> Value;
stored({error, db_failure}) -> fail(db_failure, "the grace periods cannot be read or written now").

%% An argument is wrong. The HTTP API answers 404 to this kind of error and 500 to all others. A
%% kind that it answers with 400 is printed by ejabberdctl as a term, not as a sentence.
-spec refuse(unicode:chardata()) -> no_return().
refuse(Problem) ->
    fail(not_exists, shown(unicode:characters_to_binary(Problem), ?SHOWN)).

-spec fail(atom(), unicode:chardata()) -> no_return().
fail(Kind, Problem) ->
    throw({?MODULE, Kind, unicode:characters_to_binary(Problem)}).

-spec shown_utf8(binary()) -> binary().
shown_utf8(Text) ->
    unicode:characters_to_binary(quoted(Text)).

-spec quoted(binary()) -> string().
quoted(Text) ->
    shown(Text, ?QUOTED).

%% A text of limited length, in which `?' replaces control characters and octets that are not UTF-8.
%% The replacement is ASCII, because newer versions of ejabberdctl print other characters wrongly.
-spec shown(binary(), non_neg_integer()) -> string().
shown(<<>>, _Left) -> "";
shown(_More, 0) -> "...";
shown(<<Character/utf8, Rest/binary>>, Left)
  when Character >= $\s, Character < 127; Character >= 160 ->
    [Character | shown(Rest, Left - 1)];
shown(<<_, Rest/binary>>, Left) ->
    [$? | shown(Rest, Left - 1)].

%% The form of errors that ejabberdctl prints with exit status 1, and that the HTTP API answers. A
%% crash is caught, because ejabberd would log it with the command's arguments.
-spec answer(fun(() -> Result)) -> Result | command_error().
answer(Command) ->
    try Command()
    catch
        throw:{?MODULE, Kind, Problem} ->
            {error, Kind, 1, Problem};
        Class:Reason:Stack ->
            ?ERROR_MSG("A command of mod_e2e_policy failed (~ts)",
                       [mod_e2e_policy_failure:describe(Class, Reason, Stack)]),
            {error, internal_error, 1, <<"the command failed, the log says where">>}
    end.
