// SPDX-License-Identifier: GPL-2.0-or-later
//! What is true of every message, whatever it is made of.

#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

mod conversation;

use chrono::DateTime;
use conversation::{JULIET, ROMEO, strict};
use e2e_policy::{Address, Connection, Keys, Notice, Policy, PolicyOptions, Recipient, stanza};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Content in the clear: a message with one of these is plaintext, whatever else is in it.
const CONTENT: [&str; 6] = [
    "<x xmlns='jabber:x:oob'><url>https://example.org/</url></x>",
    "<rtt xmlns='urn:xmpp:rtt:0'><t>hel</t></rtt>",
    "<html xmlns='http://jabber.org/protocol/xhtml-im'><body><p>hello</p></body></html>",
    "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>hi</body>\
     </message></forwarded>",
    "<encrypted xmlns='urn:xmpp:omemo:2'/>",
    "<json xmlns='urn:xmpp:json:0'>{}</json>",
];

/// Everything else that a message may be made of.
const OTHER: [&str; 13] = [
    "<body>hello</body>",
    "<body xml:lang='de'>hallo</body>",
    "<body>?OTRv23?</body>",
    "<body/>",
    "<subject>hello</subject>",
    "<active xmlns='http://jabber.org/protocol/chatstates'/>",
    "<reactions xmlns='urn:xmpp:reactions:0'><reaction>x</reaction></reactions>",
    "<fallback xmlns='urn:xmpp:fallback:0'/>",
    "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:example:mls' name='MLS'/>",
    "<mls xmlns='urn:example:mls'>secret</mls>",
    "<encrypted xmlns='urn:xmpp:omemo:2'><header sid='1'/></encrypted>",
    "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'><key rid='2'>AAAA</key>\
     <iv>AAAAAAAAAAAAAAAA</iv></header><payload>AAAA</payload></encrypted>",
    "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>?OTR?</body>\
     </message></forwarded>",
];

fn parts() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(select(OTHER.to_vec()), 0..7)
}

fn kind() -> impl Strategy<Value = &'static str> {
    select(vec!["chat", "groupchat", "normal", "headline", "error"])
}

fn policy(whitelist: &[&str]) -> Policy {
    Policy::try_from(PolicyOptions {
        whitelist: whitelist.iter().map(ToString::to_string).collect(),
        ..strict()
    })
    .expect("valid options")
}

/// The reason and text of a refusal; nothing when the message is allowed.
fn refusal(
    policy: &Policy,
    kind: &str,
    parts: &[&str],
    from: Address<'_>,
    to: Address<'_>,
) -> Option<Notice> {
    let xml = format!("<message type='{kind}'>{}</message>", parts.concat());
    let message = stanza::parse(&xml).expect("a message");
    let violation = policy.judge(&message, from, to).violation?;
    let keys = Keys::Published;
    let level = policy.level(violation.chat);
    let decision = policy.decide(
        level,
        Connection::Verified,
        keys,
        None,
        DateTime::UNIX_EPOCH,
    );
    policy.notice(
        &violation,
        decision,
        Recipient {
            address: to,
            keys,
            connection: Connection::Verified,
        },
        "",
    )
}

proptest! {
    #[test]
    fn no_answer_depends_on_the_order_of_siblings(
        kind in kind(), parts in parts(), shuffled in any::<Vec<Index>>()
    ) {
        let policy = policy(&[]);
        let mut reordered = parts.clone();
        for (from, to) in shuffled.iter().enumerate().take(parts.len()) {
            reordered.swap(from, to.index(parts.len()));
        }
        prop_assert_eq!(
            refusal(&policy, kind, &parts, JULIET, ROMEO),
            refusal(&policy, kind, &reordered, JULIET, ROMEO)
        );
    }

    #[test]
    fn content_in_the_clear_is_refused_at_any_position(
        kind in kind(), parts in parts(), content in select(CONTENT.to_vec()),
        position in any::<Index>()
    ) {
        let mut parts = parts;
        parts.insert(position.index(parts.len() + 1), content);
        prop_assert!(refusal(&policy(&[]), kind, &parts, JULIET, ROMEO).is_some());
    }

    #[test]
    fn more_text_never_makes_a_refused_message_acceptable(
        kind in kind(), parts in parts(), position in any::<Index>()
    ) {
        let policy = policy(&[]);
        let before = refusal(&policy, kind, &parts, JULIET, ROMEO);
        let mut parts = parts;
        parts.insert(position.index(parts.len() + 1), "<body>more</body>");
        let after = refusal(&policy, kind, &parts, JULIET, ROMEO);
        prop_assert!(before.is_none() || after.is_some());
    }

    #[test]
    fn a_message_from_or_to_a_whitelisted_domain_is_always_allowed(
        kind in kind(), parts in parts(), extra in select(CONTENT.to_vec())
    ) {
        let parts = [parts, vec![extra]].concat();
        let policy = policy(&["montague.example"]);
        prop_assert_eq!(refusal(&policy, kind, &parts, JULIET, ROMEO), None);
        prop_assert_eq!(refusal(&policy, kind, &parts, ROMEO, JULIET), None);
    }

    #[test]
    fn any_text_is_a_message_or_an_error(text in ".{0,200}") {
        let _ = stanza::parse(&text);
        let _ = stanza::parse(&format!("<message>{text}</message>"));
    }
}
