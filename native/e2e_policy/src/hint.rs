// SPDX-License-Identifier: GPL-2.0-or-later
//! Hints at encryption mechanisms (XEP-0380): never proof, but they name what we do not know.

use crate::element::class_of;
use crate::view::{ElementView, MessageView};
use std::borrow::Cow;

const NAMESPACE: &str = "urn:xmpp:eme:0";

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

/// How many hints of one message are looked at; clients in transition send two.
const MAX_HINTS: usize = 4;

/// The name of the mechanism that a hint names, if an element of that namespace is there that none of
/// our rows knows.
pub(crate) fn unknown_mechanism<'a, M: MessageView<'a>>(message: M) -> Option<Cow<'a, str>> {
    message
        .elements()
        .filter(|child| child.is("encryption", NAMESPACE))
        .take(MAX_HINTS)
        .find_map(|hint| {
            let namespace = str::from_utf8(hint.attribute("namespace")?).ok()?;
            message
                .elements()
                .find(|child| child.has_namespace(namespace) && class_of(*child).is_none())
                .map(|_| name(hint, namespace))
        })
}

/// The registered name, else the sender's, else the namespace.
fn name<'a>(hint: impl ElementView<'a>, namespace: &'a str) -> Cow<'a, str> {
    let registered = REGISTERED
        .iter()
        .find(|(registered, _)| *registered == namespace);
    if let Some((_, name)) = registered {
        return Cow::Borrowed(name);
    }
    let own = str::from_utf8(hint.attribute("name").unwrap_or_default()).unwrap_or_default();
    shortened(if own.trim().is_empty() {
        namespace
    } else {
        own.trim()
    })
}

fn shortened(name: &str) -> Cow<'_, str> {
    if name.chars().nth(MAX_NAME).is_none() {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().take(MAX_NAME).chain(['…']).collect())
}
