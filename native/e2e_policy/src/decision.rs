// SPDX-License-Identifier: GPL-2.0-or-later
//! A decision is a value: the core makes it, others carry it out.

use serde::Serialize;

/// What to do with one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Deliver it.
    Allow,
    /// Deliver it, and tell the sender.
    Warn(Notice),
    /// Deliver it to nobody, and tell the sender.
    Reject(Notice),
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

/// The decision on one message, and what becomes of its bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What to do with it.
    pub decision: Decision,
    /// What becomes of its bodies, if it is delivered.
    pub bodies: Bodies,
}

impl Verdict {
    /// Deliver the message as it is.
    pub const ALLOW: Self = Self {
        decision: Decision::Allow,
        bodies: Bodies::Keep,
    };
}
