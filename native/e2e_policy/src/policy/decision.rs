// SPDX-License-Identifier: GPL-2.0-or-later
//! Decisions as values: the core makes them, its caller carries them out.
//!
//! A decision is made in two steps, so that the user's clock has to be looked up for violations
//! only. A message and a policy make a [`Judgement`]; its [`Violation`], the user's clock and the
//! time make the [`Decision`].

use crate::content::Kind;
use crate::policy::chat::Chat;
use crate::policy::connection::Connection;
use crate::stanza::address::Address;
use chrono::TimeDelta;
use serde::Serialize;
use std::borrow::Cow;

/// What is wrong with a message, if anything is, and what becomes of its bodies if it is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement<'a> {
    /// How it violates the policy.
    pub violation: Option<Violation<'a>>,
    /// What becomes of its bodies.
    pub bodies: Bodies,
    /// What it carries; nothing if the policy ignores the message, whatever it carries.
    pub content: Option<Kind>,
}

impl Judgement<'_> {
    /// The policy ignores the message: deliver it as it is.
    pub const EXEMPT: Self = Self {
        violation: None,
        bodies: Bodies::Keep,
        content: None,
    };

    /// Whether nothing is wrong, and nothing changes.
    pub(crate) const fn leaves_alone(&self) -> bool {
        self.violation.is_none() && matches!(self.bodies, Bodies::Keep)
    }
}

/// A message that the policy does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation<'a> {
    /// Which rule it violates.
    pub reason: Reason,
    /// The scheme that is not accepted; `none` for plaintext.
    pub scheme: Cow<'a, str>,
    /// The kind of conversation.
    pub chat: Chat,
}

/// What to do about a violation. `Policy::notice` has the text for the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Deliver the message: nothing is asked of this sender.
    Exempt,
    /// Deliver the message, and tell the sender.
    Warn(Warning),
    /// Do not deliver it, and tell the sender.
    Reject,
    /// It is the user's first violation: start the clock, and decide again with it.
    StartClock,
}

/// Why a sender is only warned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The policy is optional.
    Optional,
    /// It is required, and so much of the sender's grace period is left.
    InGrace(TimeDelta),
    /// It is required of messages to recipients who have keys, and this one has none.
    WithoutKeys,
}

/// To whom a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient<'a> {
    /// The bare JID.
    pub address: Address<'a>,
    /// Whether the sender can encrypt to it.
    pub keys: Keys,
    /// How the message reaches it, or has arrived.
    pub connection: Connection<'a>,
}

/// Whether a recipient has published keys of an accepted scheme that the sender may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// There are keys; or it is not known, as of rooms and of users of other servers.
    Published,
    /// There are none.
    Missing,
}

/// What the sender is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which rule was violated.
    pub reason: Reason,
    /// The rendered template.
    pub text: String,
    /// The language of the text, an XML language tag.
    pub lang: String,
}

/// How a message violates the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Text in the clear.
    Plain,
    /// Encrypted, but by no accepted scheme.
    Unacceptable,
}

impl Reason {
    /// The name in options, logs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Unacceptable => "unacceptable",
        }
    }
}

/// What becomes of the bodies of a message that is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bodies {
    /// They stay as they are.
    Keep,
    /// A neutral sentence replaces each: they are fallback text beside ciphertext.
    Replace,
}
