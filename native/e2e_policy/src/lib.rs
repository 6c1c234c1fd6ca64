// SPDX-License-Identifier: GPL-2.0-or-later
//! Judges the end-to-end encryption of XMPP messages.
//!
//! In one sentence: what a message carries ([`Content`]), what an admin asks for ([`Policy`]) and
//! how much time a user still has ([`Clock`]) make a [`Decision`]. Everything is a function of its
//! arguments: nothing here knows Erlang, asks the time, reads or writes.
//!
//! ```
//! use chrono::TimeDelta;
//! use e2e_policy::duration::Period;
//! use e2e_policy::{
//!     Address, Clock, Connection, Decision, Keys, Level, Policy, PolicyOptions, Recipient, stanza,
//! };
//!
//! let policy = Policy::try_from(PolicyOptions {
//!     direct: Level::Required,
//!     grace_period: Period::parse("14 days")?,
//!     ..PolicyOptions::default()
//! })?;
//! let message = stanza::parse("<message type='chat'><body>Hello</body></message>")?;
//! let juliet = Address { local: b"juliet", domain: b"capulet.example" };
//! let romeo = Address { local: b"romeo", domain: b"montague.example" };
//! # let now = chrono::DateTime::from_timestamp(0, 0).ok_or("no time")?;
//!
//! // Most messages are no violation, and need no clock.
//! let violation = policy.judge(&message, juliet, romeo).violation.ok_or("no violation")?;
//!
//! // Juliet's first violation starts her clock, and until it ends she is only warned.
//! let level = policy.level(violation.chat);
//! let (connection, keys) = (Connection::Verified, Keys::Published);
//! assert_eq!(policy.decide(level, connection, keys, None, now), Decision::StartClock);
//! let clock = Clock::first(now);
//! let decision = policy.decide(level, connection, keys, Some(&clock), now);
//! let recipient = Recipient { address: romeo, keys, connection };
//! let notice = policy.notice(&violation, decision, recipient, "de-AT").ok_or("no notice")?;
//! assert_eq!(notice.lang, "de");
//! assert!(notice.text.contains("14 Tage"));
//!
//! // Then the message is refused.
//! let later = now + TimeDelta::days(14);
//! let decision = policy.decide(level, connection, keys, Some(&clock), later);
//! assert_eq!(decision, Decision::Reject);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The folders are a stair, and each imports from those above it in this list only:
//!
//! 1. `language`: languages that people read, and the texts that are built in
//! 2. [`stanza`]: elements, addresses and text, and how much work reading them may cost
//! 3. `element`: the table of elements that a message may carry, and what people read in them
//! 4. `scheme`: whether something has the form of a scheme's ciphertext
//! 5. `content`: what a message carries
//! 6. `policy`: what to do about it

mod content;
mod element;
mod language;
mod policy;
mod scheme;
pub mod stanza;

pub use content::{Content, Kind};
pub use language::catalogue::{Argument, Language};
pub use policy::Policy;
pub use policy::asked::Asked;
pub use policy::chat::Chat;
pub use policy::connection::{Connection, Unverified};
pub use policy::decision::{
    Bodies, Decision, Judgement, Keys, Notice, Reason, Recipient, Violation, Warning,
};
pub use policy::duration;
pub use policy::explanation::Explanation;
pub use policy::grace::{Clock, GraceStatus, Starter};
pub use policy::level::{Level, Levels, MucPm};
pub use policy::options::{
    Incoming, OuterBody, PolicyError, PolicyOptions, RecipientKeys, TextOption,
};
pub use policy::template::{Template, TemplateError, Values};
pub use scheme::Scheme;
pub use scheme::accepted::AcceptedScheme;
pub use stanza::address::Address;
pub use stanza::budget::{Budget, MAX_STEPS};
pub use stanza::element::ElementView;
pub use stanza::message::MessageView;
pub use stanza::node::{Known, Node, Part};
