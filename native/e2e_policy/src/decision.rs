// SPDX-License-Identifier: GPL-2.0-or-later
//! A decision is a value: the core makes it, others carry it out.
//!
//! It is made in two steps, so that nothing has to be looked up for a message that nothing is wrong
//! with: a message and a policy make a [`Judgement`]; its violation, the user's clock and the time make
//! the [`Decision`].

use crate::policy::Chat;
use serde::Serialize;
use std::borrow::Cow;

/// What is wrong with a message, if anything is, and what becomes of its bodies if it is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement<'a> {
    /// How it violates the policy.
    pub violation: Option<Violation<'a>>,
    /// What becomes of its bodies.
    pub bodies: Bodies,
}

impl Judgement<'_> {
    /// Nothing is wrong.
    pub const ALLOW: Self = Self {
        violation: None,
        bodies: Bodies::Keep,
    };
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

/// What to do about a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Deliver the message, and tell the sender.
    Warn(Notice),
    /// Deliver it to nobody, and tell the sender.
    Reject(Notice),
    /// It is the user's first: start the clock, and ask again with it.
    StartClock,
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
    /// The word that names the reason in options, logs and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
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
    /// One neutral sentence stands in place of each: they are fallback text beside ciphertext.
    Replace,
}
