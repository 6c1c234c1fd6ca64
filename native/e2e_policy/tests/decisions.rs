// SPDX-License-Identifier: GPL-2.0-or-later
//! The policy as a table, row by row, and its exemptions.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

#[expect(dead_code, reason = "most of these tests are about other options")]
mod conversation;

use chrono::{DateTime, TimeDelta, Utc};
use conversation::{JULIET, ROMEO};
use e2e_policy::duration::Period;
use e2e_policy::{
    Address, Bodies, Chat, Clock, Connection, Decision, Keys, Kind, Level, MucPm, Notice,
    OuterBody, Policy, PolicyOptions, Recipient, Scheme, Starter, TextOption, stanza,
};

const PLAIN: &str = "<body>Hello</body>";
const OMEMO: &str = "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'>\
    <key rid='2'>AAAA</key><iv>AAAAAAAAAAAAAAAA</iv></header><payload>AAAA</payload></encrypted>\
    <body>fallback</body>";
const UNKNOWN: &str = "<mls xmlns='urn:example:mls'>…</mls><body>fallback</body>\
    <encryption xmlns='urn:xmpp:eme:0' namespace='urn:example:mls' name='MLS'/>";
const NOTHING: &str = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";

fn options() -> PolicyOptions {
    PolicyOptions {
        accepted_schemes: vec![Scheme::Omemo.into()],
        ..PolicyOptions::default()
    }
}

fn policy(options: PolicyOptions) -> Policy {
    Policy::try_from(options).expect("valid options")
}

/// A decision, and what the sender is told of it.
type Decided = (Decision, Option<Notice>);

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

/// What is decided of a message of a user with this clock, so long after `start()`; nothing when it
/// is allowed.
fn decided_in_grace(
    policy: &Policy,
    (kind, children): (&str, &str),
    (from, to): (Address<'_>, Address<'_>),
    clock: Option<Clock>,
    after: TimeDelta,
) -> Option<Decided> {
    let xml = format!("<message type='{kind}'>{children}</message>");
    let message = stanza::parse(&xml).expect("a message");
    let violation = policy.judge(&message, from, to).violation?;
    let level = policy.level(violation.chat);
    let keys = Keys::Published;
    let decision = policy.decide(
        level,
        Connection::Verified,
        keys,
        clock.as_ref(),
        start() + after,
    );
    let recipient = Recipient {
        address: to,
        keys,
        connection: Connection::Verified,
    };
    Some((decision, policy.notice(&violation, decision, recipient, "")))
}

fn decided(
    policy: &Policy,
    kind: &str,
    children: &str,
    from: Address<'_>,
    to: Address<'_>,
) -> Option<Decided> {
    decided_in_grace(
        policy,
        (kind, children),
        (from, to),
        None,
        TimeDelta::zero(),
    )
}

fn notice(decided: Option<Decided>) -> Notice {
    match decided {
        Some((Decision::Warn(_) | Decision::Reject, Some(notice))) => notice,
        other => panic!("{other:?}"),
    }
}

/// `allow`, or the verb and the reason.
fn words(decided: Option<&Decided>) -> String {
    match decided {
        None => "allow".to_owned(),
        Some((Decision::StartClock, None)) => "start the clock".to_owned(),
        Some((Decision::Warn(_), Some(notice))) => format!("warn {}", notice.reason.as_str()),
        Some((Decision::Reject, Some(notice))) => format!("reject {}", notice.reason.as_str()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn content_and_level_make_the_decision() {
    let table = [
        (NOTHING, ["allow", "allow", "allow"]),
        (OMEMO, ["allow", "allow", "allow"]),
        (
            UNKNOWN,
            ["allow", "warn unacceptable", "reject unacceptable"],
        ),
        (PLAIN, ["allow", "warn plain", "reject plain"]),
    ];
    let levels = [Level::None, Level::Optional, Level::Required];
    for (children, expected) in table {
        for (level, expected) in levels.into_iter().zip(expected) {
            let policy = policy(PolicyOptions {
                direct: level,
                group: level,
                ..options()
            });
            for kind in ["chat", "normal", "headline", "groupchat", "error"] {
                let decision = decided(&policy, kind, children, JULIET, ROMEO);
                assert_eq!(
                    words(decision.as_ref()),
                    expected,
                    "{kind} {level:?} {children}"
                );
            }
        }
    }
}

#[test]
fn addresses_are_read_only_for_a_violation() {
    let policy = policy(PolicyOptions {
        direct: Level::Required,
        ..options()
    });
    for (children, expected) in [
        (NOTHING, Ok(true)),
        (OMEMO, Ok(true)),
        (UNKNOWN, Err("asked")),
        (PLAIN, Err("asked")),
    ] {
        let message = stanza::parse(&format!("<message>{children}</message>")).expect("a message");
        let judgement = policy.try_judge(&message, || Err("asked"));
        assert_eq!(
            judgement.map(|judgement| judgement.violation.is_none()),
            expected,
            "{children}"
        );
    }
}

#[test]
fn one_accepted_scheme_of_several_is_enough_and_else_the_first_is_named() {
    const OX: &str = "<openpgp xmlns='urn:xmpp:openpgp:0'>\
        wUwDAAAAAAAAAAEBAf9/////////////////////////////////////////////////////////////////////\
        ////////////////0jwB////////////////////////////////////////////////////////////////////\
        //////////8=</openpgp>";
    let both = [OX, OMEMO].concat();
    let scheme = |accepted: Scheme| {
        let policy = policy(PolicyOptions {
            accepted_schemes: vec![accepted.into()],
            ..options()
        });
        let message = stanza::parse(&format!("<message>{both}</message>")).expect("a message");
        let violation = policy.judge(&message, JULIET, ROMEO).violation;
        violation.map(|violation| violation.scheme.into_owned())
    };
    assert_eq!(scheme(Scheme::Omemo), None);
    assert_eq!(scheme(Scheme::Otr).as_deref(), Some("pgp"));
}

#[test]
fn direct_and_group_chats_have_a_level_each() {
    let policy = policy(PolicyOptions {
        direct: Level::Required,
        group: Level::None,
        ..options()
    });
    let decision = |kind| words(decided(&policy, kind, PLAIN, JULIET, ROMEO).as_ref());
    assert_eq!(decision("chat"), "reject plain");
    assert_eq!(decision("groupchat"), "allow");
}

#[test]
fn the_default_texts_are_those_of_the_module_for_prosody() {
    let text = |level, children| {
        let policy = policy(PolicyOptions {
            accepted_schemes: vec![Scheme::Pgp.into(), Scheme::Omemo.into()],
            direct: level,
            ..options()
        });
        notice(decided(&policy, "chat", children, JULIET, ROMEO)).text
    };
    assert_eq!(
        text(Level::Optional, PLAIN),
        "Your message to romeo@montague.example was not end-to-end encrypted. For security \
         reasons, using one of the following E2EE schemes is *STRONGLY* recommended: pgp, omemo"
    );
    assert_eq!(
        text(Level::Required, PLAIN),
        "Your message to romeo@montague.example was not end-to-end encrypted. For security \
         reasons, using one of the following E2EE schemes is *REQUIRED* for conversations on this \
         server: pgp, omemo"
    );
    assert_eq!(
        text(Level::Optional, UNKNOWN),
        "Your message to romeo@montague.example was end-to-end encrypted using the MLS scheme, but \
         we recommend using one of the following instead: pgp, omemo"
    );
    assert_eq!(
        text(Level::Required, UNKNOWN),
        "Your message to romeo@montague.example was end-to-end encrypted using the MLS scheme, but \
         this server *REQUIRES* one of these: pgp, omemo"
    );
}

#[test]
fn texts_for_groups_are_those_for_direct_chats_unless_set() {
    let with = |set: &[(&str, &str)]| {
        let policy = policy(PolicyOptions {
            messages: set
                .iter()
                .map(|(name, text)| (name.to_string(), TextOption::ForAll(text.to_string())))
                .collect(),
            language: "de".to_owned(),
            ..options()
        });
        let notice = notice(decided(&policy, "groupchat", PLAIN, JULIET, ROMEO));
        (notice.text, notice.lang)
    };
    let direct = ("message_plain_optional_direct", "Direkt: {scheme}");
    let group = ("message_plain_optional_group", "Gruppe");
    assert!(with(&[]).0.starts_with("Ihre Nachricht"));
    assert_eq!(with(&[]).1, "de");
    assert_eq!(
        with(&[direct]),
        ("Direkt: none".to_owned(), "de".to_owned())
    );
    assert_eq!(with(&[direct, group]).0, "Gruppe");
}

#[test]
fn a_whitelisted_user_room_or_domain_is_ignored_as_sender_and_as_recipient() {
    for entry in [
        "romeo@montague.example",
        "Montague.Example",
        "ROMEO@montague.example",
    ] {
        let policy = policy(PolicyOptions {
            direct: Level::Required,
            whitelist: vec![entry.to_owned()],
            ..options()
        });
        let decision = |from, to| words(decided(&policy, "chat", PLAIN, from, to).as_ref());
        assert_eq!(decision(JULIET, ROMEO), "allow", "{entry}");
        assert_eq!(decision(ROMEO, JULIET), "allow", "{entry}");
        let nurse = Address {
            local: b"nurse",
            ..JULIET
        };
        assert_eq!(decision(JULIET, nurse), "reject plain", "{entry}");
    }
}

#[test]
fn messages_to_the_own_account_or_to_servers_are_not_judged() {
    let policy = policy(PolicyOptions {
        direct: Level::Required,
        ..options()
    });
    let decision = |to| words(decided(&policy, "chat", PLAIN, JULIET, to).as_ref());
    assert_eq!(decision(JULIET), "allow");
    assert_eq!(decision(ROMEO.server()), "allow");
}

#[test]
fn a_multicast_message_is_judged_by_the_recipients_inside_it() {
    let policy = policy(PolicyOptions {
        direct: Level::Required,
        whitelist: vec!["nurse@capulet.example".to_owned()],
        ..options()
    });
    let decision = |addresses: &str| {
        let children = format!(
            "<body>Hello</body><addresses xmlns='http://jabber.org/protocol/address'>{addresses}\
             </addresses>"
        );
        words(decided(&policy, "chat", &children, JULIET, ROMEO.server()).as_ref())
    };
    let to_romeo = "<address type='bcc' jid='romeo@montague.example/balcony'/>";
    let to_nurse = "<address type='to' jid='nurse@capulet.example'/>";
    let to_self = "<address type='cc' jid='juliet@capulet.example/chamber'/>";
    assert_eq!(decision(to_romeo), "reject plain");
    assert_eq!(decision(&format!("{to_nurse}{to_romeo}")), "reject plain");
    assert_eq!(decision(&format!("{to_nurse}{to_self}")), "allow");
    assert_eq!(decision("<address type='to' jid='@'/>"), "reject plain");
    assert_eq!(
        decision("<address type='to' uri='mailto:a@b.example'/>"),
        "reject plain"
    );
    assert_eq!(
        decision("<address type='replyto' jid='romeo@montague.example'/>"),
        "allow"
    );
}

#[test]
fn only_bodies_beside_ciphertext_are_replaced_if_the_option_is_set() {
    let policy = policy(PolicyOptions {
        outer_body: OuterBody::Replace,
        ..options()
    });
    let bodies = |children| {
        let message = stanza::parse(&format!("<message>{children}</message>")).expect("a message");
        policy.judge(&message, JULIET, ROMEO).bodies
    };
    assert_eq!(bodies(OMEMO), Bodies::Replace);
    assert_eq!(bodies(PLAIN), Bodies::Keep);
    assert_eq!(bodies("<body>?OTRv23?</body>"), Bodies::Keep);
}

#[test]
fn an_error_names_the_option_and_what_was_found_and_expected() {
    let error = |options: PolicyOptions| {
        Policy::try_from(options)
            .expect_err("no policy")
            .to_string()
    };
    assert_eq!(
        error(PolicyOptions {
            accepted_schemes: Vec::new(),
            ..options()
        }),
        "accepted_schemes: found none, expected at least one of `omemo`, `pgp`, `pgp_legacy`, \
         `otr`, or the namespace of another mechanism such as `urn:xmpp:mls:0`"
    );
    assert_eq!(
        error(PolicyOptions {
            whitelist: vec!["romeo@montague.example/balcony".to_owned()],
            ..options()
        }),
        "whitelist: found `romeo@montague.example/balcony`, expected a user, a room or a domain, \
         without a resource"
    );
    // The last is a full-width star, which the preparation of addresses turns into `*`.
    for entry in [
        "*",
        "*.example",
        "*@capulet.example",
        "nurse*@capulet.example",
        "\u{ff0a}@capulet.example",
    ] {
        assert_eq!(
            error(PolicyOptions {
                whitelist: vec![entry.to_owned()],
                ..options()
            }),
            format!(
                "whitelist: found `{entry}`, expected a user, a room or a domain, in full: `*` \
                 stands for no others"
            )
        );
    }
    assert_eq!(
        error(PolicyOptions {
            messages: [(
                "message_plain_none_direct".to_owned(),
                TextOption::ForAll("x".to_owned()),
            )]
            .into(),
            ..options()
        }),
        "message_plain_none_direct: no such option"
    );
}

#[test]
fn private_messages_in_rooms_are_direct() {
    let message =
        stanza::parse("<message type='chat' to='room@muc.example/nick'/>").expect("a message");
    assert_eq!(Chat::of(&message, false), Chat::Direct);
}

#[test]
fn a_message_to_a_user_is_direct_whatever_its_type() {
    let message = stanza::parse("<message type='groupchat'/>").expect("a message");
    assert_eq!(Chat::of(&message, false), Chat::Group);
    assert_eq!(Chat::of(&message, true), Chat::Direct);
}

#[test]
fn a_mechanism_is_accepted_by_its_namespace() {
    let accepting = |word: &str| {
        let options: Result<PolicyOptions, _> =
            serde_json::from_value(serde_json::json!({ "accepted_schemes": ["omemo", word] }));
        options.map_err(|error| error.to_string())
    };
    let policy = policy(accepting("urn:example:mls").expect("valid options"));
    assert_eq!(
        policy.summary(None, None)[0],
        "accepted schemes: omemo, urn:example:mls"
    );
    assert_eq!(decided(&policy, "chat", UNKNOWN, JULIET, ROMEO), None);

    let expected = "expected `omemo`, `pgp`, `pgp_legacy`, `otr`, or the namespace of another \
                    mechanism such as `urn:xmpp:mls:0`";
    for (word, found) in [
        ("mls", "found `mls`"),
        ("", "found ``"),
        ("urn:with blank", "found `urn:with blank`"),
        (
            "urn:xmpp:omemo:2",
            "found `urn:xmpp:omemo:2`, a namespace that is judged by rules of its own",
        ),
    ] {
        assert_eq!(accepting(word).unwrap_err(), format!("{found}, {expected}"));
    }
}

fn days(number: i64) -> TimeDelta {
    TimeDelta::days(number)
}

fn with_grace(level: Level) -> Policy {
    policy(PolicyOptions {
        direct: level,
        group: level,
        grace_period: Period::parse("14 days").expect("a period"),
        ..options()
    })
}

fn clock(by: Starter, ends: Option<TimeDelta>) -> Clock {
    Clock {
        started: start(),
        by,
        ends: ends.map(|after| start() + after),
    }
}

fn with_clock(policy: &Policy, clock: Option<Clock>, after: TimeDelta) -> Option<Decided> {
    decided_in_grace(policy, ("chat", PLAIN), (JULIET, ROMEO), clock, after)
}

#[test]
fn a_grace_period_warns_with_the_remaining_time_and_then_refuses() {
    let policy = with_grace(Level::Required);
    let own = Some(clock(Starter::Violation, None));
    assert_eq!(
        words(with_clock(&policy, None, days(0)).as_ref()),
        "start the clock"
    );
    let warning = notice(with_clock(&policy, own, TimeDelta::hours(20)));
    assert_eq!(
        warning.text,
        "Your message to romeo@montague.example was not end-to-end encrypted. For security \
         reasons, using one of the following E2EE schemes is *REQUIRED* for conversations on this \
         server: omemo You have 13 days and 4 hours left before this will be enforced and messages \
         without acceptable E2EE will be discarded."
    );
    let last = notice(with_clock(&policy, own, days(14) - TimeDelta::seconds(1)));
    assert!(last.text.contains("You have less than a minute left"));
    assert_eq!(
        words(with_clock(&policy, own, days(14)).as_ref()),
        "reject plain"
    );
}

#[test]
fn an_end_that_an_admin_fixed_applies_whatever_the_period_is() {
    let policy = with_grace(Level::Required);
    let ends = |after| Some(clock(Starter::Violation, Some(after)));
    assert_eq!(
        words(with_clock(&policy, ends(days(1)), days(2)).as_ref()),
        "reject plain"
    );
    assert_eq!(
        words(with_clock(&policy, ends(days(90)), days(60)).as_ref()),
        "warn plain"
    );
}

#[test]
fn an_optional_policy_is_a_required_one_for_an_escalated_user() {
    let optional = with_grace(Level::Optional);
    let escalated = Some(clock(Starter::Admin, Some(days(7))));
    let own = Some(clock(Starter::Violation, None));
    assert!(
        notice(with_clock(&optional, escalated, days(1)))
            .text
            .contains("*REQUIRED*")
    );
    assert_eq!(
        words(with_clock(&optional, escalated, days(8)).as_ref()),
        "reject plain"
    );
    assert!(
        notice(with_clock(&optional, own, days(99)))
            .text
            .contains("*STRONGLY*")
    );
    assert_eq!(
        words(with_clock(&with_grace(Level::None), escalated, days(8)).as_ref()),
        "allow"
    );
}

#[test]
fn without_a_grace_period_a_required_policy_refuses_at_once() {
    let policy = policy(PolicyOptions {
        direct: Level::Required,
        ..options()
    });
    let own = Some(clock(Starter::Violation, None));
    assert_eq!(
        words(with_clock(&policy, None, days(0)).as_ref()),
        "reject plain"
    );
    assert_eq!(
        words(with_clock(&policy, own, days(0)).as_ref()),
        "reject plain"
    );
}

#[test]
fn a_judgement_names_the_content_by_words_that_no_sender_chooses() {
    let policy = policy(PolicyOptions {
        direct: Level::Required,
        ..options()
    });
    let unknown = "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:example:new' name='omemo'/>\
         <envelope xmlns='urn:example:new'/>";
    for (children, kind) in [
        (NOTHING, Kind::Nothing),
        (OMEMO, Kind::Encrypted(Scheme::Omemo)),
        (unknown, Kind::Other),
        (PLAIN, Kind::Plaintext),
    ] {
        let message = stanza::parse(&format!("<message>{children}</message>")).expect("a message");
        let content = policy.judge(&message, JULIET, ROMEO).content;
        assert_eq!(content, Some(kind), "{children}");
        let to_myself = policy.judge(&message, JULIET, JULIET);
        assert!(to_myself.violation.is_none(), "{children}");
    }
}

#[test]
fn private_messages_to_occupants_may_have_a_level_of_their_own() {
    let x = "<x xmlns='http://jabber.org/protocol/muc#user'/>";
    let judged = |direct, muc_pm, children: String| {
        let policy = policy(PolicyOptions {
            direct,
            muc_pm,
            ..options()
        });
        let message = stanza::parse(&format!("<message>{children}</message>")).expect("a message");
        let violation = policy.judge(&message, JULIET, ROMEO).violation;
        violation.map(|violation| (violation.chat, policy.level(violation.chat)))
    };
    let (none, required) = (Level::None, Level::Required);
    let marked = format!("{PLAIN}{x}");
    assert_eq!(
        judged(required, MucPm::Direct, marked.clone()),
        Some((Chat::Direct, required))
    );
    assert_eq!(
        judged(required, MucPm::Level(none), marked.clone()),
        Some((Chat::Marked, none))
    );
    assert_eq!(
        judged(none, MucPm::Level(required), marked),
        Some((Chat::Marked, required))
    );
    // Whether it goes to an occupant is not known before the level is looked up.
    assert_eq!(
        judged(none, MucPm::Level(required), PLAIN.to_owned()),
        Some((Chat::Direct, none))
    );
    assert_eq!(judged(none, MucPm::Level(none), PLAIN.to_owned()), None);
}
