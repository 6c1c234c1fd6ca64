// SPDX-License-Identifier: GPL-2.0-or-later
//! What the fuzz targets share: conversations, and second opinions on what the core decides.
//!
//! The second opinions are written for clarity: they copy and decode, which the core does not.

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
use e2e_policy::{
    AcceptedScheme, Address, Chat, Decision, Explanation, Level, OuterBody, Policy, PolicyOptions,
    stanza,
};
use minidom::Element;

/// Who sends.
pub const JULIET: Address<'_> = Address {
    local: b"juliet",
    domain: b"capulet.example",
};
/// Who is to receive.
pub const ROMEO: Address<'_> = Address {
    local: b"romeo",
    domain: b"montague.example",
};

/// Who passes messages on to the recipients inside them.
pub const SERVICE: Address<'_> = Address {
    local: b"",
    domain: b"multicast.example",
};

/// Any time will do where there is no grace period.
pub const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Padding is demanded; bits behind the last octet need not be zero.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Up to this length the core looks at every character of base64.
pub const COMPLETE: usize = 1024;

/// A policy that refuses everything but these schemes.
///
/// # Panics
///
/// Without schemes.
#[must_use]
pub fn policy(accepted_schemes: &[AcceptedScheme], outer_body: OuterBody) -> Policy {
    Policy::try_from(PolicyOptions {
        accepted_schemes: accepted_schemes.to_vec(),
        direct: Level::Required,
        group: Level::Required,
        outer_body,
        ..PolicyOptions::default()
    })
    .expect("sound options")
}

/// What is decided of Juliet's message to Romeo; nothing when it is allowed.
#[must_use]
pub fn decided(policy: &Policy, message: &Element) -> Option<Decision> {
    let violation = policy.judge(message, JULIET, ROMEO).violation?;
    Some(policy.decide(&violation, ROMEO, None, NOW))
}

/// The same, explained.
#[must_use]
pub fn explained(policy: &Policy, message: &Element) -> Explanation {
    let chat = Chat::of(message, false);
    policy.explain(message, chat, (JULIET, ROMEO), None, NOW)
}

/// An empty message.
///
/// # Panics
///
/// If the type cannot stand in an attribute.
#[must_use]
pub fn message(kind: &str) -> Element {
    stanza::parse(&format!("<message type='{kind}'/>")).expect("a message")
}

/// A message with one child that holds a text.
#[must_use]
pub fn message_of(kind: &str, name: &str, namespace: &str, text: &str) -> Element {
    let mut message = message(kind);
    message.append_child(Element::builder(name, namespace).append(text).build());
    message
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

/// Base64 in lines.
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
