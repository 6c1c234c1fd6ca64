// SPDX-License-Identifier: GPL-2.0-or-later
//! What the fuzz targets share: messages, policies, and second opinions on what the core decides.
//!
//! A second opinion states a rule of the core again on purpose, and shares no code with it, so that
//! a mistake in one of the two shows as a difference. It is written for clarity: it copies and
//! decodes, which the core does not.

#[path = "../../tests/conversation/mod.rs"]
mod conversation;

pub mod omemo;
pub mod packets;
pub mod reading;
pub mod remark;
pub mod table;
pub mod verdict;
pub mod words;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
pub use conversation::{JULIET, ROMEO};

use conversation::strict;
use e2e_policy::{
    AcceptedScheme, Address, Chat, Connection, Decision, Explanation, Keys, Notice, OuterBody,
    Policy, PolicyOptions, Recipient, stanza,
};
use minidom::Element;

/// A multicast service, which distributes a message to the recipients inside it (XEP-0033).
pub const SERVICE: Address<'_> = Address {
    local: b"",
    domain: b"multicast.example",
};

/// The time of decisions. Without a grace period it makes no difference.
pub const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Padding is required. Bits after the last octet may have any value.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Up to how many octets of base64 the core reads each one. Of more it reads a part.
pub const COMPLETE: usize = 1024;

/// A policy that refuses what is not encrypted by one of these schemes.
///
/// # Panics
///
/// Without schemes.
#[must_use]
pub fn policy(accepted_schemes: &[AcceptedScheme], outer_body: OuterBody) -> Policy {
    Policy::try_from(PolicyOptions {
        accepted_schemes: accepted_schemes.to_vec(),
        outer_body,
        ..strict()
    })
    .expect("valid options")
}

/// What is decided of Juliet's message to Romeo; nothing when it is allowed.
#[must_use]
pub fn decided(policy: &Policy, message: &Element) -> Option<(Decision, Option<Notice>)> {
    let violation = policy.judge(message, JULIET, ROMEO).violation?;
    let (address, keys) = (ROMEO, Keys::Published);
    let decision = policy.decide(
        policy.level(violation.chat),
        Connection::Verified,
        keys,
        None,
        NOW,
    );
    let notice = policy.notice(
        &violation,
        decision,
        Recipient {
            address,
            keys,
            connection: Connection::Verified,
        },
        "",
    );
    Some((decision, notice))
}

/// The explanation of the same decision.
#[must_use]
pub fn explained(policy: &Policy, message: &Element) -> Explanation {
    let chat = Chat::of(message, false);
    policy.explain(message, chat, (JULIET, ROMEO), policy.asked(), None, NOW)
}

/// An empty message.
///
/// # Panics
///
/// If the type is no value of an attribute.
#[must_use]
pub fn message(kind: &str) -> Element {
    stanza::parse(&format!("<message type='{kind}'/>")).expect("a message")
}

/// A message with one child.
#[must_use]
pub fn message_of(kind: &str, child: Element) -> Element {
    let mut message = message(kind);
    message.append_child(child);
    message
}

/// A message with one child that has only text in it.
#[must_use]
pub fn message_of_text(kind: &str, name: &str, namespace: &str, text: &str) -> Element {
    message_of(kind, Element::builder(name, namespace).append(text).build())
}

/// Octets as base64.
#[must_use]
pub fn encode(octets: &[u8]) -> String {
    BASE64.encode(octets)
}

/// The octets of base64, if it is that.
#[must_use]
pub fn decode(base64: &str) -> Option<Vec<u8>> {
    BASE64.decode(base64).ok()
}

/// Base64 in lines of so many characters.
#[must_use]
pub fn in_lines(base64: &str, width: usize, separator: &str) -> String {
    let characters: Vec<char> = base64.chars().collect();
    let lines: Vec<String> = characters.chunks(width).map(String::from_iter).collect();
    lines.join(separator)
}

/// A text without ASCII white space.
#[must_use]
pub fn squeezed(text: &str) -> String {
    text.split_ascii_whitespace().collect()
}
