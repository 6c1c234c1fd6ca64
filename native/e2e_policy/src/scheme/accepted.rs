// SPDX-License-Identifier: GPL-2.0-or-later
//! What an admin accepts: schemes, and namespaces of other mechanisms.

use crate::element::table::TABLE;
use crate::scheme::Scheme;
use crate::scheme::set::SchemeSet;
use serde::Deserialize;

/// The longest namespace of another mechanism, in octets.
pub(crate) const MAX_NAMESPACE: usize = 256;

/// An item of `accepted_schemes`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum AcceptedScheme {
    /// A scheme whose ciphertext is validated.
    Checked(Scheme),
    /// The namespace of another mechanism, of which the label is taken as proof (XEP-0380).
    Labelled(String),
}

impl AcceptedScheme {
    fn as_str(&self) -> &str {
        match self {
            Self::Checked(scheme) => scheme.as_str(),
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

    fn try_from(name: String) -> Result<Self, String> {
        if let Some(scheme) = Scheme::ALL.iter().find(|scheme| scheme.as_str() == name) {
            return Ok(Self::Checked(*scheme));
        }
        if TABLE.iter().any(|row| row.namespace == name) {
            return Err(format!(
                "found `{name}`, a namespace that is judged by rules of its own, expected {}",
                expected()
            ));
        }
        let is_namespace = name.contains(':')
            && name.len() <= MAX_NAMESPACE
            && !name
                .contains(|character: char| character.is_whitespace() || character.is_control());
        if is_namespace {
            Ok(Self::Labelled(name))
        } else {
            Err(format!("found `{name}`, expected {}", expected()))
        }
    }
}

/// What may be written in `accepted_schemes`, for an error.
fn expected() -> String {
    let schemes = Scheme::ALL.map(|scheme| format!("`{}`", scheme.as_str()));
    format!(
        "{}, or the namespace of another mechanism such as `urn:xmpp:mls:0`",
        schemes.join(", ")
    )
}

/// What a policy accepts.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    schemes: SchemeSet,
    namespaces: Vec<String>,
    /// All items, in the order in which they are recommended.
    list: String,
}

impl Accepted {
    /// The items in the order in which they are recommended.
    ///
    /// # Errors
    ///
    /// There are no items.
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
            list: String::new(),
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
                accepted.list.push_str(", ");
            }
            accepted.list.push_str(item.as_str());
        }
        Ok(accepted)
    }

    /// Every scheme whose ciphertext is validated.
    pub(crate) fn all_checked() -> Self {
        Self {
            schemes: SchemeSet::from_iter(Scheme::ALL),
            namespaces: Vec::new(),
            list: String::new(),
        }
    }

    pub(crate) fn has_scheme(&self, scheme: Scheme) -> bool {
        self.schemes.contains(scheme)
    }

    pub(crate) fn has_namespace(&self, namespace: &str) -> bool {
        self.namespaces.iter().any(|accepted| accepted == namespace)
    }

    /// The items as people read them: `omemo, pgp`.
    pub(crate) fn as_list(&self) -> &str {
        &self.list
    }
}
