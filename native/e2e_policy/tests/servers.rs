// SPDX-License-Identifier: GPL-2.0-or-later
//! Messages to other servers, from them, and from strangers in rooms.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod conversation;

use chrono::DateTime;
use conversation::{JULIET, ROMEO, strict};
use e2e_policy::{
    Address, Connection, Decision, Incoming, Judgement, Keys, Kind, Level, Policy, PolicyOptions,
    Reason, Recipient, Scheme, Unverified, stanza,
};
use serde_json::{Value, json};

const ROOM: Address<'_> = Address {
    local: b"balcony",
    domain: b"rooms.montague.example",
};
const SERVER: &str = "montague.example";
const UNVERIFIED: Connection<'_> = Connection::Unverified(SERVER);
const PLAIN: &str = "<body>Hello</body>";
const OMEMO: &str = "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'>\
    <key rid='2'>AAAA</key><iv>AAAAAAAAAAAAAAAA</iv></header><payload>AAAA</payload></encrypted>\
    <body>fallback</body>";

fn policy(options: PolicyOptions) -> Policy {
    Policy::try_from(PolicyOptions {
        accepted_schemes: vec![Scheme::Omemo.into()],
        ..options
    })
    .expect("valid options")
}

fn policy_of(options: Value) -> Policy {
    Policy::try_from(serde_json::from_value::<PolicyOptions>(options).expect("options"))
        .expect("valid options")
}

/// What is judged of a message from Romeo, or from his room, to Juliet.
fn received(policy: &Policy, from: (Address<'_>, bool), children: &str) -> Judgement<'static> {
    let message = stanza::parse(&format!("<message>{children}</message>")).expect("a message");
    let judgement = policy.judge_received(&message, from, JULIET);
    Judgement {
        violation: judgement.violation.map(|violation| e2e_policy::Violation {
            scheme: violation.scheme.into_owned().into(),
            ..violation
        }),
        ..judgement
    }
}

fn reason(judgement: &Judgement<'_>) -> Option<Reason> {
    judgement.violation.as_ref().map(|found| found.reason)
}

/// What the sender is told of a message to another server over this connection.
fn told(policy: &Policy, connection: Connection<'_>) -> Option<String> {
    let message = stanza::parse(&format!("<message>{PLAIN}</message>")).expect("a message");
    let violation = policy.judge(&message, JULIET, ROMEO).violation?;
    let keys = Keys::Published;
    let level = policy.level(violation.chat);
    let decision = policy.decide(level, connection, keys, None, DateTime::UNIX_EPOCH);
    let recipient = Recipient {
        address: ROMEO,
        keys,
        connection,
    };
    let notice = policy.notice(&violation, decision, recipient, "de");
    notice.map(|notice| notice.text)
}

#[test]
fn no_level_of_users_here_exempts_what_others_send() {
    let policy = policy(PolicyOptions {
        direct: Level::None,
        group: Level::None,
        ..PolicyOptions::default()
    });
    let plain = received(&policy, (ROMEO, false), PLAIN);
    assert_eq!(reason(&plain), Some(Reason::Plain));
    assert_eq!(plain.content, Some(Kind::Plaintext));
    let omemo = received(&policy, (ROMEO, false), OMEMO);
    assert_eq!(reason(&omemo), None);
    assert_eq!(omemo.content, Some(Kind::Encrypted(Scheme::Omemo)));
}

#[test]
fn the_whitelist_exempts_others_at_both_ends() {
    for entry in ["romeo@montague.example", SERVER, "juliet@capulet.example"] {
        let policy = policy(PolicyOptions {
            whitelist: vec![entry.to_owned()],
            ..PolicyOptions::default()
        });
        let judgement = received(&policy, (ROMEO, false), PLAIN);
        assert_eq!(judgement, Judgement::EXEMPT, "{entry}");
    }
}

#[test]
fn a_room_may_invite_with_a_body_of_200_characters() {
    let invitation = |body: &str| {
        format!(
            "<x xmlns='http://jabber.org/protocol/muc#user'>\
             <invite from='romeo@montague.example/orchard'/></x><body>{body}</body>"
        )
    };
    let policy = policy(PolicyOptions::default());
    let sent = |from, children: &str| reason(&received(&policy, from, children));
    let short = invitation("romeo@montague.example invites you to the room balcony");
    assert_eq!(sent((ROOM, true), &short), None);
    assert_eq!(sent((ROOM, true), &invitation(&"ü".repeat(200))), None);
    let refused = Some(Reason::Plain);
    assert_eq!(sent((ROOM, true), &invitation(&"ü".repeat(201))), refused);
    // An occupant and a user write from a full JID.
    assert_eq!(sent((ROOM, false), &short), refused);
    assert_eq!(
        sent((ROOM, true), &format!("{short}<body>more</body>")),
        None
    );
    let long = "a".repeat(190);
    let two = format!("{short}<body xml:lang='de'>{long}</body>");
    assert_eq!(sent((ROOM, true), &two), refused);
    assert_eq!(
        sent(
            (ROOM, true),
            &format!(
                "{short}<html xmlns='http://jabber.org/protocol/xhtml-im'>\
            <body xmlns='http://www.w3.org/1999/xhtml'>Hello</body></html>"
            )
        ),
        refused
    );
    // The marker of private messages invites nobody.
    let marker = "<x xmlns='http://jabber.org/protocol/muc#user'/><body>Hello</body>";
    assert_eq!(sent((ROOM, true), marker), refused);
}

#[test]
fn an_invitation_inside_another_message_has_no_body_of_its_own() {
    let policy = policy(PolicyOptions::default());
    let forwarded = "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'>\
        <x xmlns='http://jabber.org/protocol/muc#user'><invite/></x><body>Hello</body>\
        </message></forwarded>";
    let judgement = received(&policy, (ROOM, true), forwarded);
    assert_eq!(reason(&judgement), Some(Reason::Plain));
}

#[test]
fn who_sends_from_another_server_is_told_what_the_recipient_takes() {
    let told = |options: Value, connection, lang| {
        let policy = policy_of(options);
        let message = stanza::parse(&format!("<message>{PLAIN}</message>")).expect("a message");
        let judgement = policy.judge_received(&message, (ROMEO, false), JULIET);
        let violation = judgement.violation.expect("a violation");
        let recipient = Recipient {
            address: JULIET,
            keys: Keys::Published,
            connection,
        };
        let notice = policy.notice_received(&violation, recipient, lang);
        (notice.text, notice.lang)
    };
    let text = "juliet@capulet.example only takes messages that are end-to-end encrypted by one of \
                these: omemo, pgp";
    let english = |text: &str| (text.to_owned(), "en".to_owned());
    assert_eq!(
        told(json!({ "incoming": "required" }), UNVERIFIED, ""),
        english(text)
    );
    assert_eq!(
        told(json!({ "s2s_unverified": "required" }), UNVERIFIED, "en"),
        english(&format!(
            "{text} The connection to montague.example is not protected by a valid certificate."
        ))
    );
    let set = json!({
        "s2s_unverified": "required",
        "message_incoming": { "de": "Bitte {accepted_schemes} an {recipient}." },
        "message_unverified": { "de": "Unsicher: {server}, {scheme}." },
    });
    assert_eq!(
        told(set, UNVERIFIED, "de"),
        (
            "Bitte omemo, pgp an juliet@capulet.example. Unsicher: montague.example, none."
                .to_owned(),
            "de".to_owned()
        )
    );
}

#[test]
fn who_sends_to_another_server_is_told_of_a_connection_that_is_not_verified() {
    let over = |s2s_unverified, direct, connection| {
        let policy = policy(PolicyOptions {
            s2s_unverified,
            direct,
            ..PolicyOptions::default()
        });
        told(&policy, connection)
    };
    let server = "Die Verbindung zu montague.example ist nicht durch ein gültiges Zertifikat";
    let is_told = |text: Option<String>| text.expect("a text").contains(server);
    for least in [Unverified::Optional, Unverified::Required] {
        for level in [Level::None, Level::Optional, Level::Required] {
            assert!(
                is_told(over(least, level, UNVERIFIED)),
                "{least:?} {level:?}"
            );
        }
        assert!(!is_told(over(least, Level::Optional, Connection::Verified)));
        assert_eq!(over(least, Level::None, Connection::Verified), None);
    }
    for least in [Unverified::None, Unverified::Refuse] {
        assert!(
            !is_told(over(least, Level::Optional, UNVERIFIED)),
            "{least:?}"
        );
        assert_eq!(over(least, Level::None, UNVERIFIED), None);
    }
}

#[test]
fn an_encrypted_message_passes_over_any_connection() {
    let policy = policy(PolicyOptions {
        s2s_unverified: Unverified::Required,
        ..strict()
    });
    let message = stanza::parse(&format!("<message>{OMEMO}</message>")).expect("a message");
    assert_eq!(policy.judge(&message, JULIET, ROMEO).violation, None);
}

#[test]
fn a_message_that_comes_in_is_refused_for_the_level_or_the_connection() {
    let decided = |s2s_unverified, level, connection| {
        let policy = policy(PolicyOptions {
            s2s_unverified,
            ..PolicyOptions::default()
        });
        policy.decide(
            level,
            connection,
            Keys::Published,
            None,
            DateTime::UNIX_EPOCH,
        )
    };
    let (none, verified) = (Unverified::None, Connection::Verified);
    assert_eq!(decided(none, Level::Required, verified), Decision::Reject);
    assert_eq!(decided(none, Level::None, UNVERIFIED), Decision::Exempt);
    let least = Unverified::Required;
    assert_eq!(decided(least, Level::None, UNVERIFIED), Decision::Reject);
    assert_eq!(decided(least, Level::None, verified), Decision::Exempt);
}

#[test]
fn the_summary_says_what_is_asked_of_others() {
    let lines = |options| policy(options).summary(None, None);
    let before = lines(PolicyOptions::default());
    let added: Vec<String> = lines(PolicyOptions {
        incoming: Incoming::Required,
        rooms: Level::Optional,
        s2s_unverified: Unverified::Refuse,
        ..PolicyOptions::default()
    })
    .into_iter()
    .filter(|line| !before.contains(line))
    .collect();
    assert_eq!(
        added,
        [
            "messages from other servers to users here: required, one without acceptable E2EE is \
             refused",
            "messages of strangers in rooms here: optional, the sender of one without acceptable \
             E2EE is warned; anonymous rooms are passed over, as OMEMO needs to see who is there",
            "connections to other servers that are not verified: refused",
        ]
    );
}
