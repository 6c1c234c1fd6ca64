// SPDX-License-Identifier: GPL-2.0-or-later
//! Hints at encryption mechanisms (XEP-0380): never proof, but they name what we do not know.

use crate::budget::Budget;
use crate::element::{Class, class_of};
use crate::view::{ElementView, MessageView};
use std::borrow::Cow;

/// Names of encryption mechanisms as registered in XEP-0380 section 3, by namespace.
const REGISTERED: [(&str, &str); 6] = [
    ("urn:xmpp:otr:0", "OTR"),
    ("jabber:x:encrypted", "Legacy OpenPGP"),
    ("urn:xmpp:openpgp:0", "OpenPGP for XMPP"),
    ("eu.siacs.conversations.axolotl", "OMEMO"),
    ("urn:xmpp:omemo:1", "OMEMO 1"),
    ("urn:xmpp:omemo:2", "OMEMO 2"),
];

/// How long a sender's own name for a mechanism may be, in characters.
const MAX_NAME: usize = 64;

/// The longest namespace of a mechanism, in octets.
pub(crate) const MAX_NAMESPACE: usize = 256;

/// How many hints of one message are looked at; clients in transition send two.
const MAX_HINTS: usize = 4;

/// A mechanism that is none of our schemes.
#[derive(Clone, Debug)]
pub(crate) struct Mechanism<'a> {
    pub namespace: &'a str,
    pub name: Cow<'a, str>,
}

/// The mechanisms that hints name, and of whose namespace an element is there that none of our rows knows.
pub(crate) fn unknown_mechanisms<'a, M: MessageView<'a>>(
    message: M,
    budget: &Budget,
) -> impl Iterator<Item = Mechanism<'a>> {
    message
        .elements(budget)
        .filter(|child| class_of(*child) == Some(Class::Hint))
        .take(MAX_HINTS)
        .filter_map(move |hint| {
            let namespace = hint.attribute("namespace", budget)?;
            let is_there = namespace.len() <= MAX_NAMESPACE
                && message
                    .elements(budget)
                    .any(|child| child.has_namespace(namespace) && class_of(child).is_none());
            let namespace = str::from_utf8(namespace).ok().filter(|_| is_there)?;
            Some(Mechanism {
                namespace,
                name: name(hint.attribute("name", budget), namespace),
            })
        })
}

/// The registered name, else the sender's, else the namespace.
fn name<'a>(own: Option<&'a [u8]>, namespace: &'a str) -> Cow<'a, str> {
    let registered = REGISTERED
        .iter()
        .find(|(registered, _)| *registered == namespace);
    if let Some((_, name)) = registered {
        return Cow::Borrowed(name);
    }
    let own = own.map(beginning).unwrap_or_default().trim();
    shortened(if own.is_empty() { namespace } else { own })
}

/// So much of a name as may be shown, and a character more that says whether there is more.
fn beginning(name: &[u8]) -> &str {
    let octets = name.get(..name.len().min(MAX_NAME.saturating_add(1).saturating_mul(4)));
    let octets = octets.unwrap_or_default();
    str::from_utf8(octets).unwrap_or_else(|error| {
        let valid = octets.get(..error.valid_up_to()).unwrap_or_default();
        str::from_utf8(valid).unwrap_or_default()
    })
}

fn shortened(name: &str) -> Cow<'_, str> {
    if name.chars().nth(MAX_NAME).is_none() {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().take(MAX_NAME).chain(['…']).collect())
}
