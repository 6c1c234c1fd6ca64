%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc What an admin reads about the module and its options, for `mod_doc/0'.
%%%
%%% It is a module of its own because of its length, which is twice that of `mod_e2e_policy'.
%%% script/document makes docs/configuration.md of it, WebAdmin a page, and ejabberd a chapter
%%% of its man page. Its only markup is the backtick, which all of them understand.
-module(mod_e2e_policy_doc).

-export([text/0]).

-include("translate.hrl").

-export_type([text/0, option/0]).

-type text() :: #{desc := [binary()], opts := [option()], example := [string()]}.
%% The description of the module, its options, and an example of a configuration.
-type option() :: {atom(), #{value | desc | example => binary() | string()
                                                      | [binary() | string()]}}.
%% Each option has all three keys. The type makes them optional, because ejabberd's type of
%% `mod_doc/0' does not have the examples, which ejabberd's documentation shows.

%% @doc The text about the module and all its options.
-spec text() -> text().
text() ->
    #{desc =>
          [?T("This module encourages or enforces end-to-end encryption (E2EE) of the messages "
              "that the users of a virtual host send. The sender of a message without acceptable "
              "E2EE is warned, or the message is refused."), <<>>,
           ?T("Messages are judged by their ciphertext, not by labels: an empty `encrypted` "
              "element, a hint of XEP-0380 or a signature alone count as plain text.")],
      opts => policy() ++ storage() ++ messages(),
      example =>
          ["modules:",
           "  mod_e2e_policy:",
           "    accepted_schemes: [omemo, pgp]",
           "    direct: required",
           "    group: optional",
           "    grace_period: 14 days",
           "    whitelist:",
           "      - support@example.org",
           "      - lobby@conference.example.org",
           "      - sms.example.org"]}.

-spec policy() -> [option()].
policy() ->
    [{accepted_schemes,
      #{value => "[omemo | pgp | pgp_legacy | otr | Namespace, ...]",
        desc =>
            ?T("E2EE schemes that satisfy the policy, in the order in which they are recommended: "
               "OMEMO, OpenPGP for XMPP (XEP-0373), OpenPGP of older clients (XEP-0027) and OTR. "
               "The namespace of another mechanism, such as `urn:xmpp:mls:0`, accepts what is "
               "tagged with it (XEP-0380) and carries an element of it: that is believed by its "
               "label, nobody checks whether it is ciphertext. At least one, and none twice. The "
               "default value is `[omemo, pgp]`."),
        example => ["accepted_schemes: [omemo, pgp, otr]"]}},
     {direct,
      #{value => "none | optional | required | [Level: AccessRule, ...]",
        desc =>
            ?T("What is asked of direct chats, private messages in rooms included: nothing, or "
               "E2EE, whose absence is warned about (`optional`) or refused (`required`). Or rules "
               "in the shape of ejabberd's `shaper_rules`: the first that matches the sender gives "
               "the level, and whoever matches none has `none`. A rule is the name of an access "
               "rule or of an ACL, or stands here itself. The default value is `optional`."),
        example => ["direct:",
                    "  - required: staff",
                    "  - none: bots",
                    "  - optional: all"]}},
     {group,
      #{value => "none | optional | required | [Level: AccessRule, ...]",
        desc => ?T("The same for messages to rooms, which are those of type `groupchat` to anybody "
                   "but the users of this server. The default value is `optional`."),
        example => ["group: none"]}},
     {muc_pm,
      #{value => "none | optional | required | direct",
        desc =>
            ?T("What is asked of private messages to the occupants of rooms; the same as of direct "
               "chats with `direct`. Those to rooms of this server are known by their address, "
               "those to rooms elsewhere by the marker that clients set (XEP-0045 section 7.5). "
               "The default value is `direct`."),
        example => ["muc_pm: none"]}},
     {exempt,
      #{value => "AccessRule",
        desc =>
            ?T("An access rule: messages to and from whomever it allows are ignored, as those of "
               "the `whitelist` are. Unlike the whitelist it is only looked at for a message that "
               "would be warned about or refused. The default value is `none`."),
        example => ["exempt: bots"]}},
     {incoming,
      #{value => "none | required",
        desc =>
            ?T("What is asked of messages from other servers to users of this host. With "
               "`required`, a message without E2EE by one of the `accepted_schemes` reaches "
               "nobody, and its sender is answered by an error. Rooms may invite by a text of up "
               "to 200 characters, and what comes from rooms of other servers is only counted, as "
               "their occupants would see different histories. There is no `optional`: a warning "
               "about a message that was delivered would be mail to strangers. The default value "
               "is `none`."),
        example => ["incoming: required"]}},
     {rooms,
      #{value => "none | optional | required",
        desc =>
            ?T("What is asked, in the non-anonymous rooms of this host's MUC service, of everybody "
               "whose messages are not judged already: users of other servers, of components, and "
               "of virtual hosts here without this module. With `optional`, such a sender is "
               "warned by a message, once for each room in `warn_interval`, or in a day if that "
               "is `0`. Anonymous rooms are passed over: OMEMO needs to see who is there. The "
               "default value is `none`."),
        example => ["rooms: optional"]}},
     {s2s_unverified,
      #{value => "none | optional | required | refuse",
        desc =>
            ?T("The least that is asked where the connection to another server is not verified, "
               "which means: without TLS, or with a certificate that is not valid for its domain. "
               "With `optional` and `required` that is the level of messages in both directions, "
               "but of what comes in `optional` only counts. There is no grace period then: the "
               "danger is the connection, not the habit. With `refuse` no such connection is used "
               "at all. For a violation the sender's session waits up to five seconds for the "
               "connection. The default value is `none`."),
        example => ["s2s_unverified: required"]}},
     {s2s_trusted,
      #{value => "AccessRule",
        desc =>
            ?T("An access rule on the domain of another server: the connection to whichever it "
               "allows counts as verified. The default value is `none`."),
        example => ["s2s_trusted:",
                    "  - allow:",
                    "      server: partner.example"]}},
     {testing,
      #{value => "true | false",
        desc =>
            ?T("With `true` each message is judged and decided about as in earnest, and counted "
               "as what would be done, and nothing is done: no warning, no refusal, no replaced "
               "body, no clock starts. The time of whoever has no running clock counts as over. "
               "The default value is `false`."),
        example => ["testing: true"]}},
     {remember_senders,
      #{value => "timeout()",
        desc =>
            ?T("How long the server remembers of each sender the day of the last message that was "
               "encrypted as the policy asks, and the day of the last one that was warned about "
               "or refused, or would have been with `testing`. It remembers nothing else, and "
               "nothing of messages that are exempt. Each of the two days is deleted when that "
               "time has passed since its end (UTC), and both with the account. At most "
               "`400 days`, which is as long as counts of messages are kept: more than a year is "
               "not needed to see who still writes in the clear. The default value is `0`: "
               "nothing is remembered of anybody, and what was is deleted."),
        example => ["remember_senders: 30 days"]}},
     {warn_mechanism,
      #{value => "message | error",
        desc =>
            ?T("How a sender is warned: by a message from the server, or by an error stanza for "
               "the message, although it is delivered. A refusal is always answered by an error "
               "stanza; with `message` a message from the server follows it. The default value is "
               "`message`."),
        example => ["warn_mechanism: error"]}},
     {warn_interval,
      #{value => "timeout()",
        desc =>
            ?T("Warn a sender once per recipient and reason in that time, such as `10 minutes`. A "
               "refusal is always answered. The default value is `0`: each message is warned "
               "about."),
        example => ["warn_interval: 10 minutes"]}},
     {whitelist,
      #{value => "[JID, ...]",
        desc =>
            ?T("Users, rooms and whole domains that the policy ignores, as sender and as "
               "recipient. A domain covers everybody there. Resources are not taken, and no `*`: "
               "each is named in full. The default value is `[]`."),
        example => ["whitelist:",
                    "  - support@example.org",
                    "  - lobby@conference.example.org",
                    "  - sms.example.org"]}},
     {recipient_keys,
      #{value => "ignore | tell | needed",
        desc =>
            ?T("What it matters in a direct chat that a user of this server has published no keys "
               "of an accepted scheme, so that nobody can encrypt to them. With `tell`, a warning "
               "or a refusal says so. With `needed`, besides, a `required` level only warns about "
               "messages to such a user: the text is that of `required`, no clock starts, and "
               "nothing is said of a grace period. Keys that the sender may not read, and those of "
               "an account that does not exist, count as none. Keys count as published where it "
               "is not known: in rooms, for users of other servers, if `mod_pubsub` does not run "
               "or its storage cannot be read, and if only `pgp_legacy`, `otr` or other "
               "mechanisms are accepted, which publish nothing. Keys are looked up for violations "
               "only. The default value is `ignore`."),
        example => ["recipient_keys: needed"]}},
     {outer_body,
      #{value => "keep | replace",
        desc =>
            ?T("What becomes of the body beside an encrypted element, which is the client's "
               "fallback text: with `replace` one neutral sentence stands in its place, so that "
               "nothing can leak there. The default value is `keep`."),
        example => ["outer_body: replace"]}},
     {grace_period,
      #{value => "timeout()",
        desc =>
            ?T("How long a `required` policy still only warns a user, from the user's first "
               "violation on. The default value is `0`: not at all."),
        example => ["grace_period: 14 days"]}}].

-spec storage() -> [option()].
storage() ->
    [{metrics_access,
      #{value => "AccessRule",
        desc =>
            ?T("An access rule on the address: who may read the metrics of this host, where "
               "`mod_e2e_policy_metrics` is one of the `request_handlers` of an HTTP listener. The "
               "default value allows loopback, which is `127.0.0.0/8` and `::1`."),
        example => ["metrics_access:",
                    "  - allow:",
                    "      ip: 192.0.2.7"]}},
     {db_type,
      #{value => "mnesia | sql",
        desc =>
            ?T("Where grace periods, counts and the days of `remember_senders` are stored. Same as "
               "top-level `default_db` option, but applied to this module only."),
        example => ["db_type: sql"]}},
     {use_cache,
      #{value => "true | false",
        desc => ?T("Same as top-level `use_cache` option, but applied to this module only."),
        example => ["use_cache: false"]}},
     {cache_size,
      #{value => "pos_integer() | infinity",
        desc => ?T("Same as top-level `cache_size` option, but applied to this module only."),
        example => ["cache_size: 20000"]}},
     {cache_missed,
      #{value => "true | false",
        desc => ?T("Same as top-level `cache_missed` option, but applied to this module only."),
        example => ["cache_missed: false"]}},
     {cache_life_time,
      #{value => "timeout()",
        desc => ?T("Same as top-level `cache_life_time` option, but applied to this module only."),
        example => ["cache_life_time: 12 hours"]}}].

%% The default texts are those of the core; a suite compares them with what a server sends.
-spec messages() -> [option()].
messages() ->
    [{message_plain_optional_direct,
      #{value => ?T("Text | {Language: Text}"),
        desc =>
            [?T("What the sender of a message in the clear is told in a direct chat where E2EE is "
                "`optional`. `{recipient}` stands for the address that the message was sent to, "
                "`{accepted_schemes}` for the schemes, `{scheme}` for the scheme of the message; "
                "`{{` and `}}` write braces. A text without a language is for everybody. With a "
                "map of languages (RFC 5646) the reader gets the first of these that there is: the "
                "text of the exact language of the message, such as `de-AT`, of its language, "
                "such as `de`, of the `language` of the host, and the English one; in each of "
                "them the one of the map comes before the built-in one. What is added to a text "
                "is in the language of that text. Built in are cs, de, en, es, fr, it, nl, pl, pt, "
                "ru, tr, uk and zh. The default value is, in English:"),
             ?T("`Your message to {recipient} was not end-to-end encrypted. For security reasons, "
                "using one of the following E2EE schemes is *STRONGLY* recommended: "
                "{accepted_schemes}`")],
        example => ["message_plain_optional_direct:",
                    "  en: \"Please encrypt: {accepted_schemes}\"",
                    "  sv: \"Kryptera: {accepted_schemes}\""]}},
     {message_plain_required_direct,
      #{value => ?T("Text | {Language: Text}"),
        desc =>
            [?T("The same where E2EE is `required`. The default value is, in English:"),
             ?T("`Your message to {recipient} was not end-to-end encrypted. For security reasons, "
                "using one of the following E2EE schemes is *REQUIRED* for conversations on this "
                "server: {accepted_schemes}`")],
        example => ["message_plain_required_direct: \"Encrypt what you write to {recipient}\""]}},
     {message_unacceptable_optional_direct,
      #{value => ?T("Text | {Language: Text}"),
        desc =>
            [?T("What the sender of a message is told that is encrypted by a scheme which is not "
                "accepted, in a direct chat where E2EE is `optional`. The default value is, in "
                "English:"),
             ?T("`Your message to {recipient} was end-to-end encrypted using the {scheme} scheme, "
                "but we recommend using one of the following instead: {accepted_schemes}`")],
        example => ["message_unacceptable_optional_direct: \"Not {scheme}: {accepted_schemes}\""]}},
     {message_unacceptable_required_direct,
      #{value => ?T("Text | {Language: Text}"),
        desc =>
            [?T("The same where E2EE is `required`. The default value is, in English:"),
             ?T("`Your message to {recipient} was end-to-end encrypted using the {scheme} scheme, "
                "but this server *REQUIRES* one of these: {accepted_schemes}`")],
        example => ["message_unacceptable_required_direct: \"{scheme} is not for this server\""]}},
     group_message(message_plain_optional_group,
                       ?T("In rooms, instead of the text for direct chats. The default value is "
                          "that of `message_plain_optional_direct`.")),
     group_message(message_plain_required_group,
                       ?T("In rooms, instead of the text for direct chats. The default value is "
                          "that of `message_plain_required_direct`.")),
     group_message(message_unacceptable_optional_group,
                       ?T("In rooms, instead of the text for direct chats. The default value is "
                          "that of `message_unacceptable_optional_direct`.")),
     group_message(message_unacceptable_required_group,
                       ?T("In rooms, instead of the text for direct chats. The default value is "
                          "that of `message_unacceptable_required_direct`.")),
     {message_incoming,
      #{value => ?T("Text | {Language: Text}"),
        desc =>
            [?T("What the sender of a message from another server is told if it is refused. The "
                "default value is, in English:"),
             ?T("`{recipient} only takes messages that are end-to-end encrypted by one of these: "
                "{accepted_schemes}`")],
        example => ["message_incoming: \"Please encrypt what you write to {recipient}\""]}},
     {message_without_keys,
      #{value => ?T("Text | {Language: Text}"),
        desc =>
            [?T("What is added where `recipient_keys` is set and the recipient has no keys. The "
                "default value is, in English:"),
             ?T("`{recipient} has not published any keys for these yet.`")],
        example => ["message_without_keys: \"Ask {recipient} to switch encryption on.\""]}},
     {message_unverified,
      #{value => ?T("Text | {Language: Text}"),
        desc =>
            [?T("What is added where `s2s_unverified` is `optional` or `required` and the "
                "connection is not verified. `{server}` stands for the domain of the other server; "
                "the other placeholders may be used, too. The default value is, in English:"),
             ?T("`The connection to {server} is not protected by a valid certificate.`")],
        example => ["message_unverified: \"{server} has no valid certificate.\""]}},
     {message_graceperiod,
      #{value => ?T("Text | {Language: Text}"),
        desc =>
            [?T("What is added to a warning while the grace period runs. `{graceperiod_remaining}` "
                "stands for the time that is left, such as `13 days and 4 hours`; the other "
                "placeholders may be used, too. The default value is, in English:"),
             ?T("`You have {graceperiod_remaining} left before this will be enforced and messages "
                "without acceptable E2EE will be discarded.`")],
        example => ["message_graceperiod: \"{graceperiod_remaining} left.\""]}}].

-spec group_message(atom(), binary()) -> option().
group_message(Option, Desc) ->
    {Option, #{value => ?T("Text | {Language: Text}"),
               desc => Desc,
               example => [atom_to_list(Option) ++ ": \"Please encrypt in {recipient}\""]}}.
