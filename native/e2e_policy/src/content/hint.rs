// SPDX-License-Identifier: GPL-2.0-or-later
//! Hints at encryption mechanisms (XEP-0380). They prove nothing, but they name mechanisms that are
//! not among the schemes.

use crate::element::class::Class;
use crate::element::lookup::class_of;
use crate::scheme::accepted::MAX_NAMESPACE;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::message::MessageView;
use std::borrow::Cow;

/// The namespaces of encryption mechanisms and their names, as registered in XEP-0380 section 3.
const REGISTERED: [(&str, &str); 6] = [
    ("urn:xmpp:otr:0", "OTR"),
    ("jabber:x:encrypted", "Legacy OpenPGP"),
    ("urn:xmpp:openpgp:0", "OpenPGP for XMPP"),
    ("eu.siacs.conversations.axolotl", "OMEMO"),
    ("urn:xmpp:omemo:1", "OMEMO 1"),
    ("urn:xmpp:omemo:2", "OMEMO 2"),
];

/// How much of a sender's own name for a mechanism is shown, in characters.
const MAX_NAME: usize = 64;

/// How many hints of one message are looked at. Clients send at most two.
const MAX_HINTS: usize = 4;

/// A mechanism that is not among the schemes.
#[derive(Clone, Debug)]
pub(crate) struct Mechanism<'a> {
    pub namespace: &'a str,
    pub name: Cow<'a, str>,
}

/// The mechanisms that hints name, and of which the message has an element that is not in the
/// table.
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
            let has_element = namespace.len() <= MAX_NAMESPACE
                && message
                    .elements(budget)
                    .any(|child| child.has_namespace(namespace) && class_of(child).is_none());
            let namespace = str::from_utf8(namespace).ok().filter(|_| has_element)?;
            Some(Mechanism {
                namespace,
                name: name(hint.attribute("name", budget), namespace),
            })
        })
}

/// The registered name, else the name that the sender gives, else the namespace.
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

/// As much of a name as may be shown, and one character more if there is more. What is not UTF-8 is
/// cut off.
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
