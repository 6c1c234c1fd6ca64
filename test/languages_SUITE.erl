%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% In which language a session is told something, from the first warning to the refusal.
-module(languages_SUITE).

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([a_german_session_reads_german_from_the_first_warning_to_the_refusal/1,
         a_language_of_a_region_is_the_language/1,
         the_language_of_a_message_comes_before_that_of_its_stream/1,
         a_language_that_nobody_has_is_that_of_the_host_then_english/1,
         a_tag_without_a_language_is_that_of_the_host/1,
         a_text_of_the_admin_comes_before_the_built_in_one/1,
         a_text_without_a_language_is_for_all/1,
         days_are_counted_as_the_language_has_it/1,
         a_reload_changes_texts_and_the_language_of_the_host/1,
         commands_are_in_english/1]).

-include_lib("common_test/include/ct.hrl").
-include_lib("stdlib/include/assert.hrl").

-include("fxml.hrl").

-define(DAY, 86400).
-define(PLAIN, "<body>hello</body>").

all() ->
    [a_german_session_reads_german_from_the_first_warning_to_the_refusal,
     a_language_of_a_region_is_the_language,
     the_language_of_a_message_comes_before_that_of_its_stream,
     a_language_that_nobody_has_is_that_of_the_host_then_english,
     a_tag_without_a_language_is_that_of_the_host,
     a_text_of_the_admin_comes_before_the_built_in_one,
     a_text_without_a_language_is_for_all,
     days_are_counted_as_the_language_has_it,
     a_reload_changes_texts_and_the_language_of_the_host,
     commands_are_in_english].

policies() ->
    #{<<"built-in.test">> => #{direct => required, grace_period => <<"14 days">>},
      <<"texts.test">> =>
          #{direct => required,
            message_plain_required_direct => #{'de-AT' => <<"Servus">>, de => <<"Hallo">>,
                                               da => <<"Hej">>}},
      <<"one.test">> => #{direct => required, message_plain_required_direct => <<"Hello">>}}.

init_per_suite(Config) ->
    Server = server:started(policies(), settings(<<"fr">>)),
    [client:make_account(Server, <<"bob@", Host/binary, "/desk">>)
     || Host <- maps:keys(policies())],
    [{server, Server} | Config].

end_per_suite(Config) ->
    server:stop(?config(server, Config)).

%% Of all hosts of the server.
settings(Language) ->
    #{language => Language}.

%%%-------------------------------------------------------------------
%%% Cases
%%%-------------------------------------------------------------------

a_german_session_reads_german_from_the_first_warning_to_the_refusal(Config) ->
    {User, Host} = client:make_user(?config(server, Config), <<"built-in.test">>),
    Alice = session(Config, User, Host, <<"de">>),
    Bob = <<"bob@", Host/binary>>,
    Text = <<"Ihre Nachricht an bob@built-in.test war nicht Ende-zu-Ende-verschlüsselt. Aus "
             "Sicherheitsgründen ist für Unterhaltungen auf diesem Server eines der folgenden "
             "Verfahren zur Ende-zu-Ende-Verschlüsselung *VORGESCHRIEBEN*: omemo, pgp"/utf8>>,
    ?assertEqual([{<<"de">>, <<Text/binary, " Ihnen bleiben noch 14 Tage, bis dies durchgesetzt "
                               "wird und Nachrichten ohne eine zulässige "
                               "Ende-zu-Ende-Verschlüsselung verworfen werden."/utf8>>}],
                 told(Alice, Bob, ?PLAIN)),
    command(Config, e2e_policy_grace_end, [User, Host]),
    ?assertEqual([{<<"de">>, Text}, {<<"de">>, Text}], told(Alice, Bob, ?PLAIN)).

a_language_of_a_region_is_the_language(Config) ->
    ?assertMatch({<<"de">>, _}, first_warning(Config, <<"de-AT">>)),
    ?assertMatch({<<"pt">>, _}, first_warning(Config, <<"PT-br">>)),
    ?assertMatch({<<"zh">>, _}, first_warning(Config, <<"zh-Hant-TW">>)).

the_language_of_a_message_comes_before_that_of_its_stream(Config) ->
    {User, Host} = client:make_user(?config(server, Config), <<"built-in.test">>),
    Alice = session(Config, User, Host, <<"de">>),
    client:send(Alice, ["<message type='chat' to='bob@", Host, "' xml:lang='es'>", ?PLAIN,
                        "</message>"]),
    ?assertMatch([{<<"es">>, <<"Su mensaje", _/binary>>}], answers(Alice)).

a_language_that_nobody_has_is_that_of_the_host_then_english(Config) ->
    ?assertMatch({<<"fr">>, <<"Votre message", _/binary>>}, first_warning(Config, <<"da">>)),
    server_speaks(Config, <<"nb">>, policies()),
    ?assertMatch({<<"en">>, <<"Your message", _/binary>>}, first_warning(Config, <<"da">>)),
    server_speaks(Config, <<"fr">>, policies()).

%% What is malformed is refused by ejabberd itself, as it decodes the message.
a_tag_without_a_language_is_that_of_the_host(Config) ->
    [?assertMatch({<<"fr">>, <<"Votre message", _/binary>>}, first_warning(Config, Lang))
     || Lang <- [<<"i-klingon">>, <<"x-mine">>, <<"qaa-Qaaa-QM-x-southern">>]].

a_text_of_the_admin_comes_before_the_built_in_one(Config) ->
    Refused = fun(Lang) ->
                      {User, Host} = client:make_user(?config(server, Config), <<"texts.test">>),
                      told(session(Config, User, Host, Lang), <<"bob@texts.test">>, ?PLAIN)
              end,
    ?assertEqual([{<<"de-AT">>, <<"Servus">>}, {<<"de-AT">>, <<"Servus">>}], Refused(<<"de-at">>)),
    ?assertMatch([{<<"de">>, <<"Hallo">>} | _], Refused(<<"de-CH">>)),
    ?assertMatch([{<<"da">>, <<"Hej">>} | _], Refused(<<"da">>)),
    ?assertMatch([{<<"it">>, <<"Il tuo messaggio", _/binary>>} | _], Refused(<<"it">>)),
    ?assertMatch([{<<"fr">>, <<"Votre message", _/binary>>} | _], Refused(<<"sv">>)).

a_text_without_a_language_is_for_all(Config) ->
    {User, Host} = client:make_user(?config(server, Config), <<"one.test">>),
    ?assertEqual([{<<"fr">>, <<"Hello">>}, {<<"fr">>, <<"Hello">>}],
                 told(session(Config, User, Host, <<"de">>), <<"bob@one.test">>, ?PLAIN)).

days_are_counted_as_the_language_has_it(Config) ->
    Expected = [{<<"pl">>, 1, <<"1 dzień"/utf8>>}, {<<"pl">>, 2, <<"2 dni">>},
                {<<"pl">>, 5, <<"5 dni">>}, {<<"ru">>, 1, <<"1 день"/utf8>>},
                {<<"ru">>, 2, <<"2 дня"/utf8>>}, {<<"ru">>, 5, <<"5 дней"/utf8>>},
                {<<"ru">>, 21, <<"21 день"/utf8>>}, {<<"en">>, 1, <<"1 day left">>}],
    [begin
         {User, Host} = client:make_user(?config(server, Config), <<"built-in.test">>),
         Alice = session(Config, User, Host, Lang),
         %% Ten seconds more, so that the test may take that long.
         command(Config, e2e_policy_grace_start, [User, Host, integer_to_list(Days * ?DAY + 10)]),
         [{Lang, Text}] = told(Alice, <<"bob@built-in.test">>, ?PLAIN),
         ?assertMatch({_, {_, _}}, {Text, binary:match(Text, Words)})
     end || {Lang, Days, Words} <- Expected].

a_reload_changes_texts_and_the_language_of_the_host(Config) ->
    New = #{direct => required, message_plain_required_direct => #{sv => <<"Hej!">>}},
    {User, Host} = client:make_user(?config(server, Config), <<"texts.test">>),
    Alice = session(Config, User, Host, <<"nb">>),
    server_speaks(Config, <<"sv">>, (policies())#{Host => New}),
    ?assertMatch([{<<"sv">>, <<"Hej!">>} | _], told(Alice, <<"bob@texts.test">>, ?PLAIN)),
    server_speaks(Config, <<"fr">>, policies()),
    ?assertMatch([{<<"fr">>, _} | _], told(Alice, <<"bob@texts.test">>, ?PLAIN)).

commands_are_in_english(Config) ->
    {User, Host} = client:make_user(?config(server, Config), <<"built-in.test">>),
    Status = command(Config, e2e_policy_grace_start, [User, Host, "2 days"]),
    ?assertMatch({_, {_, _}}, {Status, binary:match(iolist_to_binary(Status), <<"2 days">>)}).

%%%-------------------------------------------------------------------
%%% Internals
%%%-------------------------------------------------------------------

session(Config, User, Host, Lang) ->
    client:connect_speaking(?config(server, Config), <<User/binary, "@", Host/binary, "/phone">>,
                            Lang).

%% The language and the text of the first warning that a new user gets.
first_warning(Config, Lang) ->
    {User, Host} = client:make_user(?config(server, Config), <<"built-in.test">>),
    Alice = client:connect_speaking(?config(server, Config),
                                    <<User/binary, "@", Host/binary, "/phone">>, <<"it">>),
    client:send(Alice, ["<message type='chat' to='bob@", Host, "' xml:lang='", Lang, "'>", ?PLAIN,
                        "</message>"]),
    [Answer] = answers(Alice),
    Answer.

told(Client, To, Children) ->
    client:send(Client, ["<message type='chat' to='", To, "'>", Children, "</message>"]),
    answers(Client).

%% The language and the text of each answer: of an error that of its text, of a message its own.
answers(Client) ->
    [case fxml:get_subtag(El, <<"error">>) of
         #xmlel{} = Error ->
             Text = fxml:get_subtag(Error, <<"text">>),
             {fxml:get_tag_attr_s(<<"xml:lang">>, Text), fxml:get_tag_cdata(Text)};
         false ->
             {fxml:get_tag_attr_s(<<"xml:lang">>, El),
              fxml:get_path_s(El, [{elem, <<"body">>}, cdata])}
     end || El <- client:messages(Client)].

server_speaks(Config, Language, Policies) ->
    #{settings := Settings} = Server = ?config(server, Config),
    New = Server#{settings := maps:merge(Settings, settings(Language))},
    {0, _} = server:reload(New, Policies),
    ok.

command(Config, Name, Arguments) ->
    {0, Output} = server:ctl(?config(server, Config), [atom_to_list(Name) | Arguments]),
    Output.
