// SPDX-License-Identifier: GPL-2.0-or-later
//! Schemes of end-to-end encryption: whether something has the form of one's ciphertext.
//!
//! Whether it can be decrypted, only the recipient's client knows. Nothing here reads more of a
//! payload than a fixed number of octets.

pub(crate) mod accepted;
mod base64;
pub(crate) mod omemo;
pub(crate) mod openpgp;
pub(crate) mod otr;
pub(crate) mod set;
pub(crate) mod stray;

use serde::{Deserialize, Serialize};

/// A scheme of end-to-end encryption. Options and messages name it in `snake_case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// OMEMO (XEP-0384) in each of its namespaces.
    Omemo,
    /// OpenPGP for XMPP, "OX" (XEP-0373).
    Pgp,
    /// Current Jabber OpenPGP Usage (XEP-0027).
    PgpLegacy,
    /// Off-the-Record messaging (XEP-0364).
    Otr,
}

impl Scheme {
    /// Every scheme, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Omemo, Self::Pgp, Self::PgpLegacy, Self::Otr];

    /// The name in options and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Omemo => "omemo",
            Self::Pgp => "pgp",
            Self::PgpLegacy => "pgp_legacy",
            Self::Otr => "otr",
        }
    }
}
