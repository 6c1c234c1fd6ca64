%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What is asked of whom: the options `direct', `group', `muc_pm' and `exempt'.
%%%
%%% A level may depend on the sender, by rules in the shape of ejabberd's `shaper_rules'. A message
%%% is judged with the strictest level that occurs, and the rules are only matched for a violation.
-module(mod_e2e_policy_level).

%% Options
-export([validator/0, compiled/2, strictest/1, in_words/1, unknown_names/2]).
%% Messages
-export([asked/4, rule/4, matching_in_words/1, exemption/5, access_in_words/1]).

-export_type([option/0, access/0, criterion/0, sender/0]).

-include("xmpp.hrl").

-type level() :: mod_e2e_policy_nif:level().
-type access() :: atom() | [{allow | deny, [{atom(), term()}]}].
%% An access rule as ejabberd's `acl' has it: its name, or what stands in the option.
-type criterion() :: {access, access()} | {atom(), term()}.
%% An access rule, which has to allow; or as `acl' has it a criterion of an ACL, or the name of one.
-type option() :: level() | [{level(), [criterion()]}].
%% The first rule of which all criteria match gives the level; without one it is `none'.
-type sender() :: {jid(), inet:ip_address() | undefined}.

-type match() :: #{usr := jid:ljid(), ip => inet:ip_address()}.

%% How many recipients in a message are matched at most; a message with more is not exempt.
-define(MAX_RECIPIENTS, 100).

%%%===================================================================
%%% Options
%%%===================================================================
%% @doc The validator of `direct' and `group': a level, or rules.
-spec validator() -> econf:validator().
validator() ->
    fun(Rules) when is_list(Rules) ->
            [validated(Rule) || Rule <- (econf:non_empty(fun lists:flatten/1))(Rules)];
       (Word) ->
            (level())(Word)
    end.

-spec level() -> econf:validator().
level() ->
    econf:enum([none, optional, required]).

-spec validated(term()) -> {level(), [criterion()]}.
validated({Level, Rule}) ->
    {(level())(Level), criteria(Rule)};
validated(Other) ->
    econf:fail({invalid_syntax, unicode:characters_to_binary(
                                  io_lib:format("found `~tp`, expected a level and an access rule, "
                                                "such as `required: staff`", [Other]))}).

%% Either the access rule stands here, with what it allows and denies, or criteria do.
-spec criteria(term()) -> [criterion()].
criteria(Rule) ->
    case is_list(Rule) andalso lists:flatten(Rule) of
        [{Action, _} | _] = Access when Action == allow; Action == deny ->
            [{access, (acl:access_rules_validator())(Access)}];
        _ ->
            (acl:access_validator())(Rule)
    end.

%% @doc The options with each name in `direct' and `group' resolved to what it names in
%% ejabberd.yml, an access rule or an ACL, as a message should not have to look for both.
-spec compiled(binary(), gen_mod:opts()) -> gen_mod:opts().
compiled(Host, #{direct := Direct, group := Group} = Opts) ->
    Opts#{direct := resolved(Host, Direct), group := resolved(Host, Group)}.

-spec resolved(binary(), option()) -> option().
resolved(_Host, Level) when is_atom(Level) ->
    Level;
resolved(Host, Rules) ->
    Names = names(ejabberd_option:access_rules(Host)),
    [{Level, [case Criterion of
                  {acl, Name} ->
                      case lists:member(Name, Names) of
                          true -> {access, Name};
                          false -> Criterion
                      end;
                  _ ->
                      Criterion
              end || Criterion <- Criteria]} || {Level, Criteria} <- Rules].

%% @doc The strictest level that occurs.
-spec strictest(option()) -> level().
strictest(Level) when is_atom(Level) ->
    Level;
strictest(Rules) ->
    Levels = [Level || {Level, _} <- Rules],
    hd([Level || Level <- [required, optional, none], lists:member(Level, [none | Levels])]).

%% @doc Rules in words; nothing if the option is a level, which the core describes.
-spec in_words(option()) -> none | binary().
in_words(Level) when is_atom(Level) ->
    none;
in_words(Rules) ->
    Parts = [[atom_to_list(Level), " for ", rule_in_words(Criteria)] || {Level, Criteria} <- Rules],
    unicode:characters_to_binary(
      [lists:join(", ", Parts), "; the first that matches the sender counts, else none"]).

%% @doc The names in the options that are neither those of access rules nor of ACLs. Options that
%% take an access rule only, as ejabberd's own do, are not satisfied by the name of an ACL; an
%% access rule that stands in an option has names of ACLs.
-spec unknown_names(binary(), gen_mod:opts()) -> [{Option :: atom(), Name :: atom()}].
unknown_names(Host, Opts) ->
    Acls = [all, none | names(ejabberd_option:acl(Host))],
    AccessRules = [all, none | names(ejabberd_option:access_rules(Host))],
    Known = fun({acl, Name}) -> lists:member(Name, Acls);
               ({access, Name}) -> lists:member(Name, AccessRules);
               ({either, Name}) -> lists:member(Name, Acls ++ AccessRules)
            end,
    [{Option, Name} || {Option, Value} <- lists:sort(maps:to_list(Opts)),
                       {_, Name} = Named <- lists:usort(named(Option, Value)),
                       not Known(Named)].

%%%===================================================================
%%% Messages
%%%===================================================================
%% @doc The level that is asked of a sender for a message of this kind to this recipient.
-spec asked(mod_e2e_policy_nif:chat(), gen_mod:opts(), sender(), jid()) -> level().
asked(Chat, Opts, Sender, To) ->
    element(1, rule(Chat, Opts, Sender, To)).

%% @doc The same, and the option that it comes from, with the rule if rules decide.
-spec rule(mod_e2e_policy_nif:chat(), gen_mod:opts(), sender(), jid()) ->
          {level(), Option :: atom(), Rule :: none | unmatched | [criterion()]}.
rule(group, #{group := Group}, Sender, _To) ->
    of_sender(group, Group, Sender);
rule(_Chat, #{direct := Direct, muc_pm := direct}, Sender, _To) ->
    of_sender(direct, Direct, Sender);
rule(Chat, #{direct := Direct, muc_pm := Level}, Sender, To) ->
    case mod_e2e_policy_chat:is_occupant(To, Chat == marked) of
        true -> {Level, muc_pm, none};
        false -> of_sender(direct, Direct, Sender)
    end.

%% @doc An access rule in words: one that stands in the option has no name.
-spec access_in_words(access()) -> binary().
access_in_words(Name) when is_atom(Name) ->
    <<"the access rule `", (atom_to_binary(Name))/binary, "`">>;
access_in_words(_Rules) ->
    <<"an access rule of its own">>.

%% @doc The rule that matched in words, to be put after the level.
-spec matching_in_words(unmatched | [criterion()]) -> binary().
matching_in_words(unmatched) ->
    <<", as no rule matches the sender">>;
matching_in_words(Criteria) ->
    unicode:characters_to_binary([" by the rule ", rule_in_words(Criteria)]).

-spec of_sender(atom(), option(), sender()) -> {level(), atom(), none | unmatched | [criterion()]}.
of_sender(Option, Level, _Sender) when is_atom(Level) ->
    {Level, Option, none};
of_sender(Option, Rules, {#jid{lserver = Host}, _} = Sender) ->
    Match = match(Sender),
    Matching = fun({_Level, Criteria}) -> matches_all(Host, Criteria, Match) end,
    case lists:search(Matching, Rules) of
        {value, {Level, Criteria}} -> {Level, Option, Criteria};
        false -> {none, Option, unmatched}
    end.

%% @doc Which of sender and recipients an access rule of a host exempts.
%%
%% A message to a server may name its recipients inside (XEP-0033): then the rule has to allow all
%% of them.
-spec exemption(Host :: binary(), access(), sender(), jid(), [xmlel() | xmpp_element()]) ->
          none | sender | recipient.
exemption(_Host, none, _Sender, _To, _Els) ->
    none;
exemption(Host, Rule, Sender, To, Els) ->
    Allows = fun(Match) -> acl:match_rule(Host, Rule, Match) == allow end,
    case Allows(match(Sender)) of
        true ->
            sender;
        false ->
            case lists:all(fun(JID) -> Allows(match({JID, undefined})) end, recipients(To, Els)) of
                true -> recipient;
                false -> none
            end
    end.

%%%===================================================================
%%% Internal functions
%%%===================================================================
-spec match(sender()) -> match().
match({JID, undefined}) -> #{usr => jid:tolower(JID)};
match({JID, IP}) -> #{usr => jid:tolower(JID), ip => IP}.

-spec matches_all(binary(), [criterion()], match()) -> boolean().
matches_all(Host, Criteria, Match) ->
    lists:all(fun({access, Rule}) -> acl:match_rule(Host, Rule, Match) == allow;
                 (Criterion) -> acl:match_acl(Host, Criterion, Match)
              end, Criteria).

%% A message whose recipients inside are not all read is one for the server that it is sent to: if
%% there are several lists of them, or too many, or some without a JID.
-spec recipients(jid(), [xmlel() | xmpp_element()]) -> [jid()].
recipients(#jid{luser = <<>>} = To, Els) ->
    try [xmpp:decode(El) || El <- Els, xmpp:get_ns(El) == ?NS_ADDRESS] of
        [#addresses{list = List}] when length(List) =< ?MAX_RECIPIENTS ->
            Inside = [JID || #address{type = Type, jid = JID} <- List,
                             Type == to orelse Type == cc orelse Type == bcc],
            People = [JID || JID <- Inside, JID == undefined orelse JID#jid.luser /= <<>>],
            case People == [] orelse lists:member(undefined, People) of
                true -> [To];
                false -> People
            end;
        _ ->
            [To]
    catch _:_ ->
            [To]
    end;
recipients(To, _Els) ->
    [To].

-spec names([{atom(), term()}]) -> [atom()].
names(Definitions) ->
    [Name || {Name, _} <- Definitions].

%% What is named in an option, and of what it is the name.
-spec named(atom(), term()) -> [{acl | access | either, atom()}].
named(Option, Rules) when is_list(Rules), Option == direct orelse Option == group ->
    lists:append([case Criterion of
                      {acl, Name} -> [{either, Name}];
                      {access, Access} -> named(Access);
                      _ -> []
                  end || {_Level, Criteria} <- Rules, Criterion <- Criteria]);
named(Option, Access) when Option == exempt; Option == s2s_trusted; Option == metrics_access ->
    named(Access);
named(_Option, _Value) ->
    [].

-spec named(access()) -> [{acl | access, atom()}].
named(Name) when is_atom(Name) -> [{access, Name}];
named(Rules) -> [{acl, Name} || {_Action, Criteria} <- Rules, {acl, Name} <- Criteria].

%% What is written here instead of a name is not repeated: ejabberd has compiled it.
-spec rule_in_words([criterion()]) -> iodata().
rule_in_words(Criteria) ->
    lists:join(" and ", [case Criterion of
                             {Kind, Name} when Kind == acl; Kind == access, is_atom(Name) ->
                                 ["`", atom_to_list(Name), "`"];
                             {access, _} ->
                                 "an access rule of its own";
                             {Kind, _} ->
                                 ["its own `", atom_to_list(Kind), "`"]
                         end || Criterion <- Criteria]).
