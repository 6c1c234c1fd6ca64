// SPDX-License-Identifier: GPL-2.0-or-later
//! The policy as a table, row by row, and its exemptions.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use e2e_policy::{
    Address, Bodies, Chat, Decision, Level, OuterBody, Policy, PolicyOptions, Scheme, Verdict,
    stanza,
};

const JULIET: Address<'_> = Address {
    local: "juliet",
    domain: "capulet.example",
};
const ROMEO: Address<'_> = Address {
    local: "romeo",
    domain: "montague.example",
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
        accepted_schemes: vec![Scheme::Omemo],
        ..PolicyOptions::default()
    }
}

fn policy(options: PolicyOptions) -> Policy {
    Policy::try_from(options).expect("sound options")
}

fn judged(
    policy: &Policy,
    kind: &str,
    children: &str,
    from: Address<'_>,
    to: Address<'_>,
) -> Verdict {
    let xml = format!("<message type='{kind}'>{children}</message>");
    policy.judge(&stanza::parse(&xml).expect("a message"), from, to)
}

/// `allow`, or the verb and the reason.
fn words(decision: &Decision) -> String {
    match decision {
        Decision::Allow => "allow".to_owned(),
        Decision::Warn(notice) => format!("warn {}", notice.reason.word()),
        Decision::Reject(notice) => format!("reject {}", notice.reason.word()),
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
                let verdict = judged(&policy, kind, children, JULIET, ROMEO);
                assert_eq!(
                    words(&verdict.decision),
                    expected,
                    "{kind} {level:?} {children}"
                );
            }
        }
    }
}

#[test]
fn direct_and_group_chats_have_a_level_each() {
    let policy = policy(PolicyOptions {
        direct: Level::Required,
        group: Level::None,
        ..options()
    });
    let decision = |kind| words(&judged(&policy, kind, PLAIN, JULIET, ROMEO).decision);
    assert_eq!(decision("chat"), "reject plain");
    assert_eq!(decision("groupchat"), "allow");
}

#[test]
fn the_default_texts_are_those_of_the_origin() {
    let text = |level, children| {
        let policy = policy(PolicyOptions {
            accepted_schemes: vec![Scheme::Pgp, Scheme::Omemo],
            direct: level,
            ..options()
        });
        match judged(&policy, "chat", children, JULIET, ROMEO).decision {
            Decision::Warn(notice) | Decision::Reject(notice) => notice.text,
            Decision::Allow => String::new(),
        }
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
                .map(|(name, text)| (name.to_string(), text.to_string()))
                .collect(),
            language: "de".to_owned(),
            ..options()
        });
        match judged(&policy, "groupchat", PLAIN, JULIET, ROMEO).decision {
            Decision::Warn(notice) => (notice.text, notice.lang),
            other => panic!("{other:?}"),
        }
    };
    let direct = ("message_plain_optional_direct", "Direkt: {scheme}");
    let group = ("message_plain_optional_group", "Gruppe");
    assert!(with(&[]).0.starts_with("Your message"));
    assert_eq!(with(&[]).1, "en");
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
        let decision = |from, to| words(&judged(&policy, "chat", PLAIN, from, to).decision);
        assert_eq!(decision(JULIET, ROMEO), "allow", "{entry}");
        assert_eq!(decision(ROMEO, JULIET), "allow", "{entry}");
        let nurse = Address {
            local: "nurse",
            ..JULIET
        };
        assert_eq!(decision(JULIET, nurse), "reject plain", "{entry}");
    }
}

#[test]
fn ones_own_account_and_servers_are_not_judged() {
    let policy = policy(PolicyOptions {
        direct: Level::Required,
        ..options()
    });
    let decision = |to| words(&judged(&policy, "chat", PLAIN, JULIET, to).decision);
    assert_eq!(decision(JULIET), "allow");
    assert_eq!(decision(ROMEO.server()), "allow");
}

#[test]
fn of_a_multicast_message_the_recipients_inside_count() {
    let policy = policy(PolicyOptions {
        direct: Level::Required,
        whitelist: vec!["nurse@capulet.example".to_owned()],
        ..options()
    });
    let decision = |addresses: &str| {
        let children = format!(
            "<body>Hello</body><addresses xmlns='http://jabber.org/protocol/address'>{addresses}</addresses>"
        );
        words(&judged(&policy, "chat", &children, JULIET, ROMEO.server()).decision)
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
fn bodies_beside_ciphertext_are_replaced_on_request_and_others_are_not() {
    let policy = policy(PolicyOptions {
        outer_body: OuterBody::Replace,
        ..options()
    });
    let bodies = |children| judged(&policy, "chat", children, JULIET, ROMEO).bodies;
    assert_eq!(bodies(OMEMO), Bodies::Replace);
    assert_eq!(bodies(PLAIN), Bodies::Keep);
    assert_eq!(bodies("<body>?OTRv23?</body>"), Bodies::Keep);
}

#[test]
fn options_that_make_no_policy_are_named_with_what_was_expected() {
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
        "accepted_schemes: found none, expected at least one of `omemo`, `pgp`, `pgp_legacy`, `otr`"
    );
    assert_eq!(
        error(PolicyOptions {
            whitelist: vec!["romeo@montague.example/balcony".to_owned()],
            ..options()
        }),
        "whitelist: found `romeo@montague.example/balcony`, expected a user, a room or a domain, \
         without a resource"
    );
    assert_eq!(
        error(PolicyOptions {
            messages: [("message_plain_none_direct".to_owned(), "x".to_owned())].into(),
            ..options()
        }),
        "message_plain_none_direct: no such option"
    );
}

#[test]
fn private_messages_in_rooms_are_direct() {
    let message =
        stanza::parse("<message type='chat' to='room@muc.example/nick'/>").expect("a message");
    assert_eq!(Chat::of(&message), Chat::Direct);
}
