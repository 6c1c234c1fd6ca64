%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% What a decision costs, step by step, compared with other ways to do it: one table from one run.
%%%
%%% In this virtual machine: the NIF's decision and the whole hook, on terms as ejabberd has them;
%%% for comparison a NIF call that does nothing, a label check in Erlang, encoding the record,
%%% serialising the stanza. The core alone, and with a parser before it, are measured by criterion
%%% right after. Another table shows how long the judgement of a hostile stanza takes.
-module(decision_cost).

-export([main/0]).
%% For the table of hostile stanzas, too
-export([microseconds/1]).

-record(xmlel, {name, attrs = [], children = []}).
-record(jid, {user, server, resource, luser, lserver, lresource}).
-record(message, {id, type, lang, from, to, subject, body, thread, sub_els, meta}).

-define(FROM, <<"romeo@example.org/orchard">>).
-define(NOW, 1_800_000_000).
%% A row whose policy is registered, where the hook looks for it.
-define(FOUND, <<"chat state">>).
-define(ALL, #{accepted_schemes => [omemo, pgp, pgp_legacy, otr], direct => required}).

%% What the table shows: the row's name, its stanza, the options, and the expected decision.
rows() ->
    [{"plain, refused", "plain", #{direct => required}, reject},
     {"plain, warned about", "plain", #{direct => optional}, warn},
     {"OTR, warned about", "OTR", #{direct => optional}, warn},
     {"plain, policy `none`", "plain", #{direct => none}, allow}
     | [{Name, Name, ?ALL, allow}
        || Name <- ["chat state", "OMEMO, 2 devices", "OMEMO, 10 devices", "OMEMO, 50 devices",
                    "OMEMO, 10 devices, 60 KB", "OMEMO, 10 devices, 1 MB", "OX", "OTR",
                    "legacy PGP", "100 siblings"]]].

main() ->
    ok = io:setopts([{encoding, unicode}]),
    [File | Options] = init:get_plain_arguments(),
    Quick = lists:member("--quick", Options),
    Form = case lists:member("--markdown", Options) of
               true -> markdown;
               false -> text
           end,
    {ok, _} = application:ensure_all_started(xmpp),
    {ok, _} = application:ensure_all_started(fast_yaml),
    ok = mod_e2e_policy_nif:status(),
    Stanzas = stanzas(File),
    Figures = slices:measure(functions(Stanzas), case Quick of true -> 4_000; false -> 90_000 end),
    Hostile = hostile_cost:measure(case Quick of true -> 2_000; false -> 45_000 end),
    criterion:run(case Quick of true -> ["--quick"]; false -> [] end),
    table:print(Form, [heading() | [row(Row, Figures) || Row <- rows()]]),
    io:format("~n"),
    table:print(Form, [["step", "µs"] | steps(Figures)]),
    io:format("~n"),
    table:print(Form, hostile_cost:table(Hostile)),
    Bullet = case Form of markdown -> "- "; text -> "" end,
    Remarks = [hostile_cost:longest(Hostile) | remarks(Figures)],
    io:format("~n~ts", [[[Bullet, Remark] || Remark <- Remarks]]).

%%%===================================================================
%%% What is measured
%%%===================================================================
stanzas(File) ->
    {ok, Text} = file:read_file(File),
    maps:from_list([begin
                        [Name, Xml] = binary:split(Stanza, <<"\t">>),
                        {binary_to_list(Name), message(Xml)}
                    end || Stanza <- binary:split(Text, <<0>>, [global, trim])]).

%% As ejabberd_c2s passes it to the hooks: a record, with the elements in the message not decoded.
message(Xml) ->
    Message = xmpp:decode(fxml_stream:parse_element(Xml), <<"jabber:client">>, [ignore_els]),
    xmpp:set_from(Message, jid:decode(?FROM)).

functions(Stanzas) ->
    #{"plain" := Plain} = Stanzas,
    Refuse = policy(#{direct => required}),
    To = xmpp:get_to(Plain),
    {Violation, keep, plaintext} = judge(Refuse, Plain),
    Steps = [{nothing, fun mod_e2e_policy_nif:interface/0},
             {policy, fun() -> mod_e2e_policy_registry:entry(?FOUND) end},
             {answer, fun() -> answer(Refuse, required, Violation, To) end}],
    Rows = [functions(Row, maps:get(Stanza, Stanzas), Options, Expected)
            || {Row, Stanza, Options, Expected} <- rows()],
    Series = [{{series, Name}, decision(policy(?ALL), ?ALL, Message, allow)}
              || {Name, Message} <- maps:to_list(Stanzas), point(Name) /= none],
    maps:from_list(Steps ++ lists:append(Rows) ++ Series).

functions(Row, Message, Options, Expected) ->
    Element = xmpp:encode(Message),
    Policy = policy(Options),
    [{{Row, decision}, decision(Policy, Options, Message, Expected)},
     {{Row, label}, fun() -> label(Element) end},
     {{Row, encode}, fun() -> xmpp:encode(Message) end},
     {{Row, text}, fun() -> fxml:element_to_binary(xmpp:encode(Message)) end}
     %% Answering a sender needs a server: `script/bench server' measures it.
     | [{{Row, hook}, hook(Policy, Row, Message)} || Expected == allow]].

policy(Options) ->
    {ok, Policy} = mod_e2e_policy_nif:new_policy(Options),
    Policy.

decision(Policy, #{direct := Level}, Message, Expected) ->
    Expected = decide(Policy, Level, Message),
    fun() -> decide(Policy, Level, Message) end.

%% The steps of mod_e2e_policy_hook, for a user without a clock.
decide(Policy, Level, #message{to = To} = Message) ->
    case judge(Policy, Message) of
        {Allowed, _, _} when Allowed == allow; Allowed == exempt ->
            allow;
        {Violation, _, _} ->
            element(1, answer(Policy, Level, Violation, To))
    end.

%% What is decided, and what the sender is told.
answer(Policy, Level, Violation, To) ->
    Decision = mod_e2e_policy_nif:decide(Policy, Level, verified, published, none, ?NOW),
    {Decision,
     mod_e2e_policy_nif:notice(Policy, Violation, Decision, {To, published, verified}, <<"en">>)}.

judge(Policy, #message{type = Type, from = From, to = To, subject = Subject, body = Body,
                       thread = Thread, sub_els = Els}) ->
    mod_e2e_policy_nif:judge(Policy, Type, Subject, Body, Thread, Els, From, To).

hook(Policy, Row, Message) ->
    Host = list_to_binary(Row),
    Entries = persistent_term:get(mod_e2e_policy_registry, #{}),
    Entry = {Policy, mod_e2e_policy_counters:new(), #{testing => false}},
    persistent_term:put(mod_e2e_policy_registry, Entries#{Host => Entry}),
    From = (xmpp:get_from(Message))#jid{lserver = Host},
    State = #{sid => {erlang:timestamp(), self()}, lserver => Host},
    Allowed = {xmpp:set_from(Message, From), State},
    Allowed = mod_e2e_policy_hook:user_send_packet(Allowed),
    fun() -> mod_e2e_policy_hook:user_send_packet(Allowed) end.

%% As Prosody's module does it: a label beside the body, or `?OTR' at its beginning, counts as
%% encryption.
label(#xmlel{children = Children}) ->
    label(Children, none).

label([#xmlel{name = <<"encrypted">>, attrs = Attrs} | Rest], Body) ->
    case lists:keyfind(<<"xmlns">>, 1, Attrs) of
        {_, <<"eu.siacs.conversations.axolotl">>} -> omemo;
        {_, <<"urn:xmpp:omemo:", _/binary>>} -> omemo;
        _ -> label(Rest, Body)
    end;
label([#xmlel{name = <<"openpgp">>, attrs = Attrs} | Rest], Body) ->
    case lists:keyfind(<<"xmlns">>, 1, Attrs) of
        {_, <<"urn:xmpp:openpgp:0">>} -> pgp;
        _ -> label(Rest, Body)
    end;
label([#xmlel{name = <<"x">>, attrs = Attrs} | Rest], Body) ->
    case lists:keyfind(<<"xmlns">>, 1, Attrs) of
        {_, <<"jabber:x:encrypted">>} -> pgp_legacy;
        _ -> label(Rest, Body)
    end;
label([#xmlel{name = <<"body">>, children = [{xmlcdata, <<"?OTR", _/binary>>} | _]} | Rest], _) ->
    label(Rest, otr);
label([#xmlel{name = <<"body">>} | Rest], none) ->
    label(Rest, plain);
label([_ | Rest], Body) ->
    label(Rest, Body);
label([], Body) ->
    Body.

%%%===================================================================
%%% What is shown
%%%===================================================================
heading() ->
    ["µs", "decision", "quartiles", "÷ empty call", "÷ label check", "label check", "whole hook",
     "encoded", "as text", "core alone", "with minidom"].

row({Row, Stanza, Options, Expected}, Figures) ->
    Median = fun(Column) -> median({Row, Column}, Figures) end,
    #{low := Low, high := High} = maps:get({Row, decision}, Figures),
    Decision = Median(decision),
    [Row, microseconds(Decision), [microseconds(Low), "–", microseconds(High)],
     ratio(Decision, median(nothing, Figures)), ratio(Decision, Median(label)),
     microseconds(Median(label)), case Expected of allow -> microseconds(Median(hook)); _ -> "" end,
     microseconds(Median(encode)), microseconds(Median(text))
     %% criterion's policy is `required'.
     | [case Options of
            #{direct := required} -> microseconds(criterion:median(Group, Stanza));
            _ -> ""
        end || Group <- ["decision", "parse and decision"]]].

%% A step that is not measured by itself is a difference or a slope.
steps(Figures) ->
    Exempt = "plain, policy `none`",
    [Hook, Decision] = [median({Exempt, Column}, Figures) || Column <- [hook, decision]],
    [Policy, Nothing, Answer] = [median(Key, Figures) || Key <- [policy, nothing, answer]],
    [{PerKey, _}, {PerSibling, _}] = [slices:slope(points(Kind, Figures))
                                      || Kind <- ["keys", "siblings"]],
    [{_, Payload} | _] = points("octets", Figures),
    NoPayload = median({"OMEMO, 10 devices", decision}, Figures),
    [[Step, microseconds(Time)]
     || {Step, Time} <- [{"find the policy of the host", Policy},
                         {"take a message apart, and see that it is one", Hook - Decision - Policy},
                         {"enter the library and come back", Nothing},
                         {"read the policy, and that it asks nothing", Decision - Nothing},
                         {"read and look up an element", PerSibling},
                         {"read and check a key of OMEMO", PerKey},
                         {"check a payload of 1 KB or more", Payload - NoPayload},
                         {"write what the sender is told", Answer}]].

remarks(Figures) ->
    #{nothing := #{slices := Slices}} = Figures,
    [{Few, Short} | _] = Payloads = points("octets", Figures),
    {Many, Long} = lists:last(Payloads),
    [io_lib:format("With ~b octets of payload a decision costs × ~.2f of what it costs with ~b.~n",
                   [Many, Long / Short, Few]),
     line("keys of OMEMO", points("keys", Figures)),
     line("unknown siblings", points("siblings", Figures)),
     io_lib:format("Medians of ~b slices.~n", [Slices]),
     environment()].

line(Things, Points) ->
    {Slope, Constant} = slices:slope(Points),
    Off = lists:max([abs(Y / (Constant + Slope * X) - 1) || {X, Y} <- Points]),
    io_lib:format("From ~b to ~b ~ts a decision costs ~ts µs + n × ~ts µs, within ~b %.~n",
                  [element(1, hd(Points)), element(1, lists:last(Points)), Things,
                   microseconds(Constant), microseconds(Slope), ceil(Off * 100)]).

points(Kind, Figures) ->
    lists:sort([{X, median(Key, Figures)}
                || {series, Name} = Key <- maps:keys(Figures),
                   {Found, X} <- [point(Name)],
                   Found == Kind]).

%% "keys 200" is a point of the series "keys".
point(Name) ->
    case string:lexemes(Name, " ") of
        [Kind, Number] when Kind == "keys"; Kind == "siblings"; Kind == "octets" ->
            {Kind, list_to_integer(Number)};
        _ ->
            none
    end.

environment() ->
    Line = fun(Command) -> string:trim(os:cmd(Command)) end,
    io_lib:format("~ts, ~ts cores; Erlang/OTP ~ts, ERTS ~ts, ~ts; ~ts; ~ts; load ~ts; ~ts.~n",
                  [Line("sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1"), Line("nproc"),
                   erlang:system_info(otp_release), erlang:system_info(version),
                   erlang:system_info(emu_flavor), Line("rustc --version"),
                   Line("sed -n 's/^PRETTY_NAME=//p' /etc/os-release | tr -d '\"'"),
                   Line("cut -d' ' -f1-3 /proc/loadavg"), Line("date -u +%F")]).

median(Key, Figures) ->
    #{median := Median} = maps:get(Key, Figures),
    Median.

%% With three significant digits.
-spec microseconds(Nanoseconds :: number()) -> iodata().
microseconds(Nanoseconds) ->
    case Nanoseconds / 1000 of
        Time when Time < 10 -> io_lib:format("~.3f", [Time]);
        Time when Time < 100 -> io_lib:format("~.1f", [Time]);
        Time -> io_lib:format("~b", [round(Time)])
    end.

ratio(Time, Base) ->
    case Time / Base of
        Ratio when Ratio < 10 -> io_lib:format("~.1f", [Ratio]);
        Ratio -> io_lib:format("~b", [round(Ratio)])
    end.
