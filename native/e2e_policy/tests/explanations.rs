// SPDX-License-Identifier: GPL-2.0-or-later
//! What an admin reads about a message: a line for each element, which says why the message is
//! judged as it is.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod conversation;

use chrono::DateTime;
use conversation::{JULIET, ROMEO, strict};
use e2e_policy::{Asked, Chat, Connection, Policy, PolicyOptions, Unverified, stanza};

/// The content, and the lines without what the element is called.
fn explained(kind: &str, children: &str) -> (&'static str, Vec<String>) {
    let policy = Policy::try_from(strict()).expect("valid options");
    let message =
        stanza::parse(&format!("<message type='{kind}'>{children}</message>")).expect("a message");
    let chat = Chat::of(&message, false);
    let (pair, asked) = ((JULIET, ROMEO), policy.asked());
    let explanation = policy.explain(&message, chat, pair, asked, None, DateTime::UNIX_EPOCH);
    let meaning = |line: &String| {
        let (_, meaning) = line.split_once("): ").expect("an element of the table");
        meaning.to_owned()
    };
    (
        explanation.content,
        explanation.why.iter().map(meaning).collect(),
    )
}

const CHAT_STATE: &str = "<active xmlns='http://jabber.org/protocol/chatstates'/>";

fn nick(characters: usize) -> String {
    format!(
        "<nick xmlns='http://jabber.org/protocol/nick'>{}</nick>",
        "a".repeat(characters)
    )
}

fn forwarded(children: &str) -> String {
    format!(
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'>{children}\
         </message></forwarded>"
    )
}

#[test]
fn the_connection_is_named_if_it_asks_for_more() {
    let explained = |s2s_unverified, children| {
        let policy = Policy::try_from(PolicyOptions {
            s2s_unverified,
            ..strict()
        })
        .expect("valid options");
        let message = stanza::parse(&format!("<message>{children}</message>")).expect("a message");
        let asked = Asked {
            connection: Connection::Unverified("montague.example"),
            ..policy.asked()
        };
        let now = DateTime::UNIX_EPOCH;
        policy.explain(&message, Chat::Direct, (JULIET, ROMEO), asked, None, now)
    };
    let line = "the connection to montague.example is not verified: the level is at least optional";
    let why = |least, children| explained(least, children).why;
    assert!(why(Unverified::Optional, "<body>Hello</body>").contains(&line.to_owned()));
    assert!(!why(Unverified::Optional, CHAT_STATE).contains(&line.to_owned()));
    assert!(!why(Unverified::None, "<body>Hello</body>").contains(&line.to_owned()));
    let text = explained(Unverified::Required, "<body>Hello</body>").text;
    assert!(text.is_some_and(|text| text.contains("protected by a valid certificate.")));
}

#[test]
fn each_part_of_a_sum_is_explained_by_the_limit_of_the_sum() {
    let line = "words that people can read, together";
    assert_eq!(
        explained("chat", &[CHAT_STATE, &nick(120), &nick(60)].concat()),
        (
            "nothing",
            vec![
                "nothing to protect".to_owned(),
                format!("{line} up to 200 characters: nothing to protect"),
                format!("{line} up to 200 characters: nothing to protect"),
            ]
        )
    );
    assert_eq!(
        explained("chat", &[CHAT_STATE, &nick(120), &nick(100)].concat()),
        (
            "plaintext",
            vec![
                "nothing to protect".to_owned(),
                format!("{line} more than 200 characters: content in the clear"),
                format!("{line} more than 200 characters: content in the clear"),
            ]
        )
    );
}

#[test]
fn otr_in_a_room_is_explained_as_text_in_the_clear() {
    let query = "<body>?OTRv23?</body>";
    assert_eq!(
        explained("chat", query),
        ("encrypted", vec!["an OTR message".to_owned()])
    );
    assert_eq!(
        explained("groupchat", query),
        (
            "plaintext",
            vec!["OTR does not work in rooms (XEP-0364): text in the clear".to_owned()]
        )
    );
}

#[test]
fn a_wrapper_is_explained_by_the_element_inside_that_decided() {
    let message = "judged as what is inside it, <message/> in `jabber:client` (XEP-0297): judged \
                   as what is inside it";
    assert_eq!(
        explained(
            "chat",
            &forwarded(&[CHAT_STATE, "<body>hi</body>"].concat())
        ),
        (
            "plaintext",
            vec![format!(
                "{message}, <body/> in `jabber:client` (RFC 6121): text in the clear"
            )]
        )
    );
    assert_eq!(
        explained("chat", &forwarded("<body>?OTRv23?</body>")),
        (
            "encrypted",
            vec![format!(
                "{message}, <body/> in `jabber:client` (RFC 6121): an OTR message"
            )]
        )
    );
    assert_eq!(
        explained("chat", &forwarded(CHAT_STATE)),
        (
            "nothing",
            vec![
                "judged as what is inside it, <message/> in `jabber:client` (XEP-0297): \
                 judged as what is inside it: nothing to protect"
                    .to_owned()
            ]
        )
    );
}

#[test]
fn a_body_is_explained_by_what_it_is_the_fallback_text_of() {
    let retraction = "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>";
    let marker = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>";
    let (content, lines) = explained(
        "chat",
        &[retraction, marker, "<body>Retracted</body>"].concat(),
    );
    assert_eq!(content, "nothing");
    assert_eq!(
        lines.last().map(String::as_str),
        Some("fallback text of a reaction, a retraction or a moderation")
    );
    let (content, lines) = explained(
        "chat",
        &[retraction, "<body>Meet me at noon</body>"].concat(),
    );
    assert_eq!(content, "plaintext");
    assert_eq!(lines.last().map(String::as_str), Some("text in the clear"));
}
