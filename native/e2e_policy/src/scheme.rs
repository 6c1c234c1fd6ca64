// SPDX-License-Identifier: GPL-2.0-or-later
//! Schemes of end-to-end encryption, sets of them, and what an admin accepts.

use crate::element::TABLE;
use crate::hint::MAX_NAMESPACE;
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

/// An item of `accepted_schemes`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum AcceptedScheme {
    /// Its ciphertext is checked.
    Checked(Scheme),
    /// The namespace of a mechanism that is believed by its label (XEP-0380).
    Labelled(String),
}

impl AcceptedScheme {
    fn word(&self) -> &str {
        match self {
            Self::Checked(scheme) => scheme.word(),
            Self::Labelled(namespace) => namespace,
        }
    }
}

impl From<Scheme> for AcceptedScheme {
    fn from(scheme: Scheme) -> Self {
        Self::Checked(scheme)
    }
}

impl TryFrom<String> for AcceptedScheme {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        if let Some(scheme) = Scheme::ALL.iter().find(|scheme| scheme.word() == word) {
            return Ok(Self::Checked(*scheme));
        }
        if TABLE.iter().any(|row| row.namespace == word) {
            return Err(format!(
                "found `{word}`, a namespace that is judged by rules of its own, expected {}",
                expected()
            ));
        }
        let is_namespace = word.contains(':')
            && word.len() <= MAX_NAMESPACE
            && !word
                .contains(|character: char| character.is_whitespace() || character.is_control());
        if is_namespace {
            Ok(Self::Labelled(word))
        } else {
            Err(format!("found `{word}`, expected {}", expected()))
        }
    }
}

/// What may be written in `accepted_schemes`.
fn expected() -> String {
    let words = Scheme::ALL.map(|scheme| format!("`{}`", scheme.word()));
    format!(
        "{}, or the namespace of another mechanism such as `urn:xmpp:mls:0`",
        words.join(", ")
    )
}

/// What a policy accepts.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    schemes: SchemeSet,
    namespaces: Vec<String>,
    words: String,
}

impl Accepted {
    /// The items in the order in which they are recommended.
    ///
    /// # Errors
    ///
    /// There are none.
    pub(crate) fn new(items: &[AcceptedScheme]) -> Result<Self, String> {
        if items.is_empty() {
            return Err(format!(
                "found none, expected at least one of {}",
                expected()
            ));
        }
        let mut accepted = Self {
            schemes: SchemeSet::default(),
            namespaces: Vec::new(),
            words: String::new(),
        };
        for (index, item) in items.iter().enumerate() {
            if items.iter().take(index).any(|other| other == item) {
                continue;
            }
            match item {
                AcceptedScheme::Checked(scheme) => accepted.schemes.insert(*scheme),
                AcceptedScheme::Labelled(namespace) => accepted.namespaces.push(namespace.clone()),
            }
            if index > 0 {
                accepted.words.push_str(", ");
            }
            accepted.words.push_str(item.word());
        }
        Ok(accepted)
    }

    /// Every scheme whose ciphertext is checked.
    pub(crate) fn all_checked() -> Self {
        Self {
            schemes: SchemeSet::from_iter(Scheme::ALL),
            namespaces: Vec::new(),
            words: String::new(),
        }
    }

    pub(crate) fn scheme(&self, scheme: Scheme) -> bool {
        self.schemes.contains(scheme)
    }

    pub(crate) fn namespace(&self, namespace: &str) -> bool {
        self.namespaces.iter().any(|accepted| accepted == namespace)
    }

    /// For people: `omemo, pgp`.
    pub(crate) fn in_words(&self) -> &str {
        &self.words
    }
}
