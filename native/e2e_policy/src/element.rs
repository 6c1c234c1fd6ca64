// SPDX-License-Identifier: GPL-2.0-or-later
//! The one table of elements that a message may carry, and what each means for its content.
//!
//! An element is known by name and namespace together. One that is not in the table is none of
//! the policy's business. A new scheme, content or annotation is a new row.

use crate::view::ElementView;
use std::sync::LazyLock;

/// What an element means for the content of the message that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// OMEMO's element with initialisation vector and flat keys.
    LegacyOmemo,
    /// OMEMO's element with keys by JID (XEP-0384 since 0.4).
    Omemo,
    /// OpenPGP for XMPP.
    OpenPgp,
    /// Encrypted OpenPGP data of XEP-0027.
    LegacyPgp,
    /// The message's body: content, an OTR message, or the fallback of another scheme.
    Body,
    /// The message's subject: content, or in a room its topic.
    Subject,
    /// The formatted copy of the body.
    Xhtml,
    /// What people say or send: content when it holds text.
    Text,
    /// What people say or send, in attributes too: content when it holds text or a descendant with attributes.
    Data,
    /// A small remark on something else: nothing to protect while its text is short.
    Annotation,
    /// A data form: an annotation when a service asked for it, else content.
    Form,
    /// The marker that a body is fallback for another element (XEP-0428).
    Fallback,
    /// The hint at an encryption mechanism (XEP-0380). Never proof.
    Hint,
    /// A message inside this one, or what wraps one: judged by itself, as what is inside it.
    Wrapper,
    /// What carries nothing to protect; listed so that an explanation can name it.
    Neutral,
}

/// One row: element name, or `*` for any, its namespace, what it means, and the document that defines it.
pub(crate) struct Row {
    pub name: &'static str,
    pub namespace: &'static str,
    pub class: Class,
    pub document: &'static str,
}

const fn row(
    name: &'static str,
    namespace: &'static str,
    class: Class,
    document: &'static str,
) -> Row {
    Row {
        name,
        namespace,
        class,
        document,
    }
}

use Class::{
    Annotation, Body, Data, Fallback, Form, Hint, LegacyOmemo, LegacyPgp, Neutral, Omemo, OpenPgp,
    Subject, Text, Wrapper, Xhtml,
};

/// Every element that the classifier knows. The first row that fits holds.
#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    // RFC 6121: the message itself.
    row("body", "jabber:client", Body, "RFC 6121"),
    row("subject", "jabber:client", Subject, "RFC 6121"),
    row("thread", "jabber:client", Neutral, "RFC 6121"),
    row("error", "jabber:client", Neutral, "RFC 6120"),

    // Schemes.
    row("encrypted", "eu.siacs.conversations.axolotl", LegacyOmemo, "XEP-0384 0.3"),
    row("encrypted", "urn:xmpp:omemo:0", LegacyOmemo, "XEP-0384"),
    row("encrypted", "urn:xmpp:omemo:1", Omemo, "XEP-0384 0.4"),
    row("encrypted", "urn:xmpp:omemo:2", Omemo, "XEP-0384 0.8"),
    row("openpgp", "urn:xmpp:openpgp:0", OpenPgp, "XEP-0373"),
    row("x", "jabber:x:encrypted", LegacyPgp, "XEP-0027"),
    row("encryption", "urn:xmpp:eme:0", Hint, "XEP-0380"),

    // Content.
    row("html", "http://jabber.org/protocol/xhtml-im", Xhtml, "XEP-0071"),
    row("rtt", "urn:xmpp:rtt:0", Text, "XEP-0301"),
    row("x", "jabber:x:oob", Text, "XEP-0066"),
    row("data", "http://jabber.org/protocol/ibb", Text, "XEP-0047"),
    row("data", "urn:xmpp:bob", Text, "XEP-0231"),
    row("media", "urn:xmpp:media-element", Data, "XEP-0221"),
    row("media-sharing", "urn:xmpp:sims:1", Data, "XEP-0385"),
    row("file", "urn:xmpp:file:metadata:0", Data, "XEP-0446"),
    row("file-sharing", "urn:xmpp:sfs:0", Data, "XEP-0447"),
    row("sources", "urn:xmpp:sfs:0", Data, "XEP-0447"),
    row("encrypted", "urn:xmpp:esfs:0", Data, "XEP-0448"),
    row("pack", "urn:xmpp:stickers:0", Data, "XEP-0449"),
    row("payload", "urn:xmpp:json-msg:0", Text, "XEP-0432"),
    row("json", "urn:xmpp:json:0", Text, "XEP-0335"),
    row("x", "urn:xmpp:webxdc:0", Data, "XEP-0491"),
    row("content", "urn:xmpp:content", Text, "XEP-0481"),
    row("envelope", "urn:xmpp:sce:0", Data, "XEP-0420"),
    row("envelope", "urn:xmpp:sce:1", Data, "XEP-0420"),
    row("content", "urn:xmpp:sce:0", Data, "XEP-0420"),
    row("content", "urn:xmpp:sce:1", Data, "XEP-0420"),
    row("trust-message", "urn:xmpp:tm:1", Data, "XEP-0434"),
    row("trust-message", "urn:xmpp:tm:0", Data, "XEP-0434"),
    row("geoloc", "http://jabber.org/protocol/geoloc", Text, "XEP-0080"),
    row("mood", "http://jabber.org/protocol/mood", Text, "XEP-0107"),
    row("activity", "http://jabber.org/protocol/activity", Text, "XEP-0108"),
    row("tune", "http://jabber.org/protocol/tune", Text, "XEP-0118"),
    row("spoiler", "urn:xmpp:spoiler:0", Text, "XEP-0382"),
    row("Description", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", Data, "XEP-0511"),
    row("markup", "urn:xmpp:markup:0", Text, "XEP-0394"),
    row("reply", "urn:xmpp:reply:0", Text, "XEP-0461"),
    row("reference", "urn:xmpp:reference:0", Text, "XEP-0372"),
    row("mention", "urn:xmpp:mentions:0", Text, "XEP-0513"),
    row("x", "jabber:x:data", Form, "XEP-0004"),
    // Services make these; one that a user sends is a forgery with something in it.
    row("event", "http://jabber.org/protocol/pubsub#event", Data, "XEP-0060"),

    // Annotations, and signalling that may carry a reason in words.
    row("reactions", "urn:xmpp:reactions:0", Annotation, "XEP-0444"),
    row("retract", "urn:xmpp:message-retract:0", Annotation, "XEP-0424"),
    row("retract", "urn:xmpp:message-retract:1", Annotation, "XEP-0424"),
    row("moderate", "urn:xmpp:message-moderate:0", Annotation, "XEP-0425"),
    row("moderate", "urn:xmpp:message-moderate:1", Annotation, "XEP-0425"),
    row("x", "http://jabber.org/protocol/muc#user", Wrapper, "XEP-0045"),
    row("invite", "http://jabber.org/protocol/muc#user", Annotation, "XEP-0045"),
    row("decline", "http://jabber.org/protocol/muc#user", Text, "XEP-0045"),
    row("x", "jabber:x:conference", Annotation, "XEP-0249"),
    row("x", "http://jabber.org/protocol/rosterx", Annotation, "XEP-0144"),
    row("nick", "http://jabber.org/protocol/nick", Annotation, "XEP-0172"),
    row("*", "urn:xmpp:jingle-message:0", Annotation, "XEP-0353"),
    row("*", "urn:xmpp:call-invites:0", Annotation, "XEP-0482"),

    // Wrappers.
    row("fallback", "urn:xmpp:fallback:0", Fallback, "XEP-0428"),
    row("forwarded", "urn:xmpp:forward:0", Wrapper, "XEP-0297"),
    row("message", "jabber:client", Wrapper, "XEP-0297"),
    row("sent", "urn:xmpp:carbons:2", Wrapper, "XEP-0280"),
    row("received", "urn:xmpp:carbons:2", Wrapper, "XEP-0280"),
    row("result", "urn:xmpp:mam:2", Wrapper, "XEP-0313"),
    row("apply-to", "urn:xmpp:fasten:0", Wrapper, "XEP-0422"),

    // What says nothing that people wrote.
    row("*", "http://jabber.org/protocol/chatstates", Neutral, "XEP-0085"),
    row("*", "urn:xmpp:receipts", Neutral, "XEP-0184"),
    row("*", "urn:xmpp:chat-markers:0", Neutral, "XEP-0333"),
    row("displayed", "urn:xmpp:mds:displayed:0", Neutral, "XEP-0490"),
    row("*", "urn:xmpp:hints", Neutral, "XEP-0334"),
    row("*", "urn:xmpp:sid:0", Neutral, "XEP-0359"),
    row("private", "urn:xmpp:carbons:2", Neutral, "XEP-0280"),
    row("addresses", "http://jabber.org/protocol/address", Neutral, "XEP-0033"),
    row("replace", "urn:xmpp:message-correct:0", Neutral, "XEP-0308"),
    row("attach-to", "urn:xmpp:message-attaching:1", Neutral, "XEP-0367"),
    row("sticker", "urn:xmpp:stickers:0", Neutral, "XEP-0449"),
    row("ephemeral", "urn:xmpp:ephemeral:0", Neutral, "XEP-0466"),
    row("unstyled", "urn:xmpp:styling:0", Neutral, "XEP-0393"),
    row("attention", "urn:xmpp:attention:0", Neutral, "XEP-0224"),
    row("delay", "urn:xmpp:delay", Neutral, "XEP-0203"),
    row("headers", "http://jabber.org/protocol/shim", Neutral, "XEP-0131"),
];

/// What an element means, if the table has a row for it.
pub(crate) fn class_of<'a>(element: impl ElementView<'a>) -> Option<Class> {
    key_of(element).map(|key| key.class)
}

/// The document that defines an element, if the table has a row for it.
pub(crate) fn document_of<'a>(element: impl ElementView<'a>) -> Option<&'static str> {
    let key = key_of(element)?;
    TABLE.get(usize::from(key.row)).map(|row| row.document)
}

fn key_of<'a>(element: impl ElementView<'a>) -> Option<&'static Key> {
    let namespace = element.namespace();
    KEYS.get(place(&namespace)?..)?
        .iter()
        .take_while(|key| key.is_taken())
        .find(|key| key.fits(&namespace, element.name()))
}

/// The rows as they are looked up: each at the place that its namespace gives, or next to it.
///
/// A server does much between two messages, so none of this is in the processor's caches when one comes.
/// What a look-up takes is to fetch it from memory: one line of a cache, with its texts in it.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let mut keys = vec![Key::FREE; PLACES.saturating_add(TABLE.len())];
    for (number, row) in (0..).zip(TABLE) {
        let place = place(row.namespace.as_bytes()).unwrap_or(0);
        let mut places = keys.iter_mut().skip(place);
        if let Some(free) = places.find(|key| !key.is_taken()) {
            *free = Key::new(number, row);
        }
    }
    keys
});

/// Prime, so that all that differs counts.
const PLACES: usize = 251;

/// Namespaces begin alike and end differently.
fn place(namespace: &[u8]) -> Option<usize> {
    let end = namespace.last_chunk()?;
    usize::from_le_bytes(*end).checked_rem(PLACES)
}

/// A row, its texts by their lengths. No namespace: a place without a row. No name: any will do.
#[derive(Clone)]
#[repr(align(64))]
struct Key {
    namespace: u8,
    name: u8,
    class: Class,
    row: u8,
    /// The namespace, then the name.
    texts: [u8; 60],
}

impl Key {
    const FREE: Self = Self {
        namespace: 0,
        name: 0,
        class: Neutral,
        row: 0,
        texts: [0; 60],
    };

    /// A text that is too long is cut, and never fits.
    fn new(number: u8, row: &Row) -> Self {
        let name = if row.name == "*" { "" } else { row.name };
        let length = |text: &str| u8::try_from(text.len()).unwrap_or(u8::MAX);
        let mut key = Self {
            namespace: length(row.namespace),
            name: length(name),
            class: row.class,
            row: number,
            ..Self::FREE
        };
        for (slot, octet) in key
            .texts
            .iter_mut()
            .zip([row.namespace, name].concat().bytes())
        {
            *slot = octet;
        }
        key
    }

    const fn is_taken(&self) -> bool {
        self.namespace > 0
    }

    fn fits(&self, namespace: &[u8], name: &[u8]) -> bool {
        let Some((own_namespace, rest)) = self.texts.split_at_checked(self.namespace.into()) else {
            return false;
        };
        own_namespace == namespace && (self.name == 0 || rest.get(..self.name.into()) == Some(name))
    }
}

/// Data forms that a service asked for, by `FORM_TYPE`: voice requests and registration with a
/// room (XEP-0045), challenges (XEP-0158), approval of a subscription (XEP-0060).
pub(crate) const SERVICE_FORMS: [&str; 4] = [
    "http://jabber.org/protocol/muc#request",
    "http://jabber.org/protocol/muc#register",
    "urn:xmpp:captcha",
    "http://jabber.org/protocol/pubsub#subscribe_authorization",
];

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTATION: &str = include_str!("../../../docs/detection.md");

    #[test]
    fn the_documentation_lists_every_row_and_no_other() {
        let (_, table) = DOCUMENTATION.split_once("| element | namespace |").unwrap();
        let documented: Vec<&str> = table
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .collect();
        let rows: Vec<String> = TABLE
            .iter()
            .map(|row| {
                let Row {
                    name,
                    namespace,
                    class,
                    document,
                } = row;
                format!("| `{name}` | `{namespace}` | {document} | {class:?} |")
            })
            .collect();
        assert_eq!(rows, documented);
    }

    #[test]
    fn every_row_is_found() {
        for row in TABLE {
            let name = if row.name == "*" { "any" } else { row.name };
            let element = minidom::Element::builder(name, row.namespace).build();
            assert_eq!(class_of(&element), Some(row.class), "{element:?}");
            assert_eq!(document_of(&element), Some(row.document), "{element:?}");
        }
    }

    #[test]
    fn nothing_else_is_found() {
        for row in TABLE {
            let longer = format!("{}x", row.namespace);
            for (name, namespace) in [
                (row.name.to_uppercase(), row.namespace.to_uppercase()),
                (row.name.to_owned(), longer),
            ] {
                let name = if name == "*" { "any".to_owned() } else { name };
                let element = minidom::Element::builder(name, namespace).build();
                assert_eq!(class_of(&element), None, "{element:?}");
            }
        }
        for namespace in ["", "x", "urn:"] {
            let element = minidom::Element::builder("body", namespace).build();
            assert_eq!(class_of(&element), None, "{element:?}");
        }
    }

    #[test]
    fn no_element_has_two_rows() {
        for (index, row) in TABLE.iter().enumerate() {
            let twins = TABLE[..index]
                .iter()
                .filter(|other| (other.name, other.namespace) == (row.name, row.namespace));
            assert_eq!(twins.count(), 0, "{} in {}", row.name, row.namespace);
        }
    }
}
