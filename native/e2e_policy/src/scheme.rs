// SPDX-License-Identifier: GPL-2.0-or-later
//! Schemes of end-to-end encryption, and sets of them.

use serde::{Deserialize, Serialize};

/// A way to encrypt messages end to end. The words of `accepted_schemes` are the variants in
/// `snake_case`.
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

    /// The word that names the scheme in options and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Omemo => "omemo",
            Self::Pgp => "pgp",
            Self::PgpLegacy => "pgp_legacy",
            Self::Otr => "otr",
        }
    }
}

/// The schemes found in one message, or accepted by one policy, in the order of insertion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchemeSet {
    order: [Option<Scheme>; Scheme::ALL.len()],
}

impl SchemeSet {
    /// The schemes in the order of insertion.
    pub fn iter(self) -> impl Iterator<Item = Scheme> {
        self.order.into_iter().flatten()
    }

    /// The scheme that was inserted first.
    #[must_use]
    pub fn first(self) -> Option<Scheme> {
        self.iter().next()
    }

    /// Whether it has no scheme.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.first().is_none()
    }

    /// Whether it has this scheme.
    #[must_use]
    pub fn contains(self, scheme: Scheme) -> bool {
        self.order.contains(&Some(scheme))
    }

    /// Adds a scheme, unless it is there.
    pub fn insert(&mut self, scheme: Scheme) {
        for place in &mut self.order {
            if *place.get_or_insert(scheme) == scheme {
                return;
            }
        }
    }
}

impl Extend<Scheme> for SchemeSet {
    fn extend<T: IntoIterator<Item = Scheme>>(&mut self, schemes: T) {
        for scheme in schemes {
            self.insert(scheme);
        }
    }
}

impl FromIterator<Scheme> for SchemeSet {
    fn from_iter<T: IntoIterator<Item = Scheme>>(schemes: T) -> Self {
        let mut set = Self::default();
        set.extend(schemes);
        set
    }
}
