// SPDX-License-Identifier: GPL-2.0-or-later
//! What a message carries: ciphertext, text in the clear, or nothing to protect.
//!
//! Each child of a message is looked at by itself ([`finding`]), then the [`classifier`] applies
//! rules to all findings. docs/detection.md explains the rules to admins.

pub(crate) mod allowance;
pub(crate) mod classifier;
mod fallback;
pub(crate) mod finding;
mod form;
mod hint;
mod invitation;
pub(crate) mod observer;
mod reaction;

use crate::scheme::Scheme;
use std::borrow::Cow;

/// What a message carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Ciphertext: valid as far as a server can see, or of a mechanism that is not one of the
    /// schemes (XEP-0380).
    Encrypted {
        /// The name of its scheme: of several schemes an accepted one, else the first; if a message
        /// inside is not acceptable, the name of the inner scheme.
        scheme: Cow<'a, str>,
        /// The same if its ciphertext is validated; a mechanism that is only believed has none.
        validated: Option<Scheme>,
        /// Whether all of it is acceptable.
        is_accepted: bool,
        /// Whether a body is fallback text beside ciphertext; with OTR it is the ciphertext.
        has_fallback: bool,
    },
    /// Text or data in the clear.
    Plaintext,
    /// Nothing that people wrote: chat states, receipts, empty bodies, key transport and the like.
    Nothing,
}

impl Content<'_> {
    /// The more severe of two parts of a message, the first if they are equally severe.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        if other.severity() > self.severity() {
            other
        } else {
            self
        }
    }

    const fn severity(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Encrypted {
                is_accepted: true, ..
            } => 1,
            Self::Encrypted { .. } => 2,
            Self::Plaintext => 3,
        }
    }

    /// The same where a body is no fallback text, as that of a message inside.
    pub(crate) fn without_fallback(self) -> Self {
        match self {
            Self::Encrypted {
                scheme,
                validated,
                is_accepted,
                ..
            } => Self::Encrypted {
                scheme,
                validated,
                is_accepted,
                has_fallback: false,
            },
            same => same,
        }
    }

    /// What it is counted as.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Encrypted { validated, .. } => match validated {
                Some(scheme) => Kind::Encrypted(*scheme),
                None => Kind::Other,
            },
            Self::Plaintext => Kind::Plaintext,
            Self::Nothing => Kind::Nothing,
        }
    }
}

/// Contents as they are counted, without names that senders can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Encrypted by one of the schemes.
    Encrypted(Scheme),
    /// Encrypted by another mechanism.
    Other,
    /// Text or data in the clear.
    Plaintext,
    /// Nothing to protect.
    Nothing,
}
