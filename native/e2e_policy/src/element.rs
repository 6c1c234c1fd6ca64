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
    /// OMEMO's element with keys by JID, in whose namespace a client goes on to send an initialisation vector.
    Omemo1,
    /// OMEMO's element with keys by JID.
    Omemo2,
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
    /// What people say or send: content when people can read anything in it.
    Text,
    /// A mention of a person, which is neutral, or a link, which is content.
    Reference,
    /// A data form: neutral when a service asked for it, else content.
    Form,
    /// A message inside this one, or what wraps one: judged by itself, as what is inside it.
    Wrapper,
    /// The same of what is fastened to another message: a reaction inside it is one of this message.
    Fastening,
    /// Emoji: neutral, else content. May have a body as fallback.
    Reactions,
    /// Retraction and moderation: neutral. May have a body as fallback.
    Retraction,
    /// The marker that a body is fallback for another element (XEP-0428): neutral.
    Fallback,
    /// The hint at an encryption mechanism (XEP-0380): neutral, and never proof.
    Hint,
    /// Signalling and remarks: nothing to protect while people can read little in it.
    Neutral,
}

impl Class {
    /// Whether it has no place inside ciphertext.
    pub(crate) const fn is_content(self) -> bool {
        matches!(
            self,
            Self::Body
                | Self::Subject
                | Self::Xhtml
                | Self::Text
                | Self::Reference
                | Self::Form
                | Self::Wrapper
                | Self::Fastening
        )
    }
}

/// The attributes of an element that people read or follow, and which count as its text: a label, a link, a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attributes {
    /// None.
    None,
    /// Those with these local names, of the element and of all below it.
    Named(&'static [&'static str]),
    /// All that are below the element.
    Below,
    /// All, of the element and of all below it.
    All,
}

impl Attributes {
    /// Which attributes of the children are read.
    pub(crate) const fn of_children(self) -> Self {
        match self {
            Self::Below => Self::All,
            same => same,
        }
    }

    /// Whether any of the element's own are read.
    pub(crate) const fn of_itself(self) -> bool {
        matches!(self, Self::Named(_) | Self::All)
    }
}

/// One row: element name, or `*` for any, its namespace, what it means, which of its attributes people read,
/// and the document that defines it.
pub(crate) struct Row {
    pub name: &'static str,
    pub namespace: &'static str,
    pub class: Class,
    pub read: Attributes,
    pub document: &'static str,
}

const fn row(
    name: &'static str,
    namespace: &'static str,
    class: Class,
    read: Attributes,
    document: &'static str,
) -> Row {
    Row {
        name,
        namespace,
        class,
        read,
        document,
    }
}

use Attributes::{All, Below, Named, None as No};
use Class::{
    Body, Fallback, Fastening, Form, Hint, LegacyOmemo, LegacyPgp, Neutral, Omemo1, Omemo2,
    OpenPgp, Reactions, Reference, Retraction, Subject, Text, Wrapper, Xhtml,
};

/// Every element that the classifier knows. The first row that fits holds.
#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    // RFC 6121: the message itself. ejabberd reads them in the namespaces of its other streams, too.
    row("body", "jabber:client", Body, No, "RFC 6121"),
    row("body", "jabber:server", Body, No, "RFC 6120"),
    row("body", "jabber:component:accept", Body, No, "XEP-0114"),
    row("subject", "jabber:client", Subject, No, "RFC 6121"),
    row("subject", "jabber:server", Subject, No, "RFC 6120"),
    row("subject", "jabber:component:accept", Subject, No, "XEP-0114"),
    row("thread", "jabber:client", Neutral, No, "RFC 6121"),
    row("thread", "jabber:server", Neutral, No, "RFC 6120"),
    row("thread", "jabber:component:accept", Neutral, No, "XEP-0114"),
    row("error", "jabber:client", Neutral, No, "RFC 6120"),
    row("error", "jabber:server", Neutral, No, "RFC 6120"),
    row("error", "jabber:component:accept", Neutral, No, "XEP-0114"),

    // Schemes.
    row("encrypted", "eu.siacs.conversations.axolotl", LegacyOmemo, No, "XEP-0384 0.3"),
    row("encrypted", "urn:xmpp:omemo:0", LegacyOmemo, No, "XEP-0384"),
    row("encrypted", "urn:xmpp:omemo:1", Omemo1, No, "XEP-0384 0.4"),
    row("encrypted", "urn:xmpp:omemo:2", Omemo2, No, "XEP-0384 0.8"),
    row("openpgp", "urn:xmpp:openpgp:0", OpenPgp, No, "XEP-0373"),
    row("x", "jabber:x:encrypted", LegacyPgp, No, "XEP-0027"),
    row("encryption", "urn:xmpp:eme:0", Hint, Named(&["name"]), "XEP-0380"),

    // Content.
    row("html", "http://jabber.org/protocol/xhtml-im", Xhtml, Named(&["href", "src", "alt", "title", "cite", "longdesc"]), "XEP-0071"),
    row("rtt", "urn:xmpp:rtt:0", Text, No, "XEP-0301"),
    row("x", "jabber:x:oob", Text, No, "XEP-0066"),
    row("data", "http://jabber.org/protocol/ibb", Text, No, "XEP-0047"),
    row("data", "urn:xmpp:bob", Text, No, "XEP-0231"),
    row("media", "urn:xmpp:media-element", Text, Below, "XEP-0221"),
    row("media-sharing", "urn:xmpp:sims:1", Text, Below, "XEP-0385"),
    row("file", "urn:xmpp:file:metadata:0", Text, Below, "XEP-0446"),
    row("file-sharing", "urn:xmpp:sfs:0", Text, Below, "XEP-0447"),
    row("sources", "urn:xmpp:sfs:0", Text, Below, "XEP-0447"),
    row("encrypted", "urn:xmpp:esfs:0", Text, Below, "XEP-0448"),
    row("pack", "urn:xmpp:stickers:0", Text, Below, "XEP-0449"),
    row("payload", "urn:xmpp:json-msg:0", Text, No, "XEP-0432"),
    row("json", "urn:xmpp:json:0", Text, No, "XEP-0335"),
    row("x", "urn:xmpp:webxdc:0", Text, Below, "XEP-0491"),
    row("content", "urn:xmpp:content", Text, No, "XEP-0481"),
    row("envelope", "urn:xmpp:sce:0", Text, Below, "XEP-0420"),
    row("envelope", "urn:xmpp:sce:1", Text, Below, "XEP-0420"),
    row("content", "urn:xmpp:sce:0", Text, Below, "XEP-0420"),
    row("content", "urn:xmpp:sce:1", Text, Below, "XEP-0420"),
    row("trust-message", "urn:xmpp:tm:1", Text, Below, "XEP-0434"),
    row("trust-message", "urn:xmpp:tm:0", Text, Below, "XEP-0434"),
    row("geoloc", "http://jabber.org/protocol/geoloc", Text, No, "XEP-0080"),
    row("mood", "http://jabber.org/protocol/mood", Text, No, "XEP-0107"),
    row("activity", "http://jabber.org/protocol/activity", Text, No, "XEP-0108"),
    row("tune", "http://jabber.org/protocol/tune", Text, No, "XEP-0118"),
    row("spoiler", "urn:xmpp:spoiler:0", Text, No, "XEP-0382"),
    row("meta", "http://www.w3.org/1999/xhtml", Text, Named(&["content"]), "XEP-0422"),
    row("Description", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", Text, All, "XEP-0511"),
    row("markup", "urn:xmpp:markup:0", Text, No, "XEP-0394"),
    row("reply", "urn:xmpp:reply:0", Text, No, "XEP-0461"),
    row("reference", "urn:xmpp:reference:0", Reference, Named(&["uri", "anchor"]), "XEP-0372"),
    row("mention", "urn:xmpp:mentions:0", Text, No, "XEP-0513"),
    row("x", "jabber:x:data", Form, Named(&["label"]), "XEP-0004"),
    // Services make these; one that a user sends is a forgery with something in it.
    row("event", "http://jabber.org/protocol/pubsub#event", Text, Below, "XEP-0060"),

    // Messages in messages.
    row("forwarded", "urn:xmpp:forward:0", Wrapper, No, "XEP-0297"),
    row("message", "jabber:client", Wrapper, No, "XEP-0297"),
    row("message", "jabber:server", Wrapper, No, "XEP-0297"),
    row("message", "jabber:component:accept", Wrapper, No, "XEP-0297"),
    row("sent", "urn:xmpp:carbons:2", Wrapper, No, "XEP-0280"),
    row("received", "urn:xmpp:carbons:2", Wrapper, No, "XEP-0280"),
    row("result", "urn:xmpp:mam:2", Wrapper, No, "XEP-0313"),
    row("apply-to", "urn:xmpp:fasten:0", Fastening, No, "XEP-0422"),
    row("x", "http://jabber.org/protocol/muc#user", Wrapper, No, "XEP-0045"),

    // Remarks on other messages.
    row("reactions", "urn:xmpp:reactions:0", Reactions, No, "XEP-0444"),
    row("retract", "urn:xmpp:message-retract:0", Retraction, No, "XEP-0424"),
    row("retract", "urn:xmpp:message-retract:1", Retraction, No, "XEP-0424"),
    row("moderate", "urn:xmpp:message-moderate:0", Retraction, No, "XEP-0425"),
    row("moderate", "urn:xmpp:message-moderate:1", Retraction, No, "XEP-0425"),
    row("fallback", "urn:xmpp:fallback:0", Fallback, No, "XEP-0428"),

    // Signalling that may carry names, or a reason in words.
    row("*", "http://jabber.org/protocol/muc#user", Neutral, No, "XEP-0045"),
    row("x", "jabber:x:conference", Neutral, Named(&["reason"]), "XEP-0249"),
    row("x", "http://jabber.org/protocol/rosterx", Neutral, Named(&["name"]), "XEP-0144"),
    row("nick", "http://jabber.org/protocol/nick", Neutral, No, "XEP-0172"),
    row("*", "urn:xmpp:jingle-message:0", Neutral, No, "XEP-0353"),
    row("*", "urn:xmpp:call-invites:0", Neutral, Named(&["uri"]), "XEP-0482"),
    row("addresses", "http://jabber.org/protocol/address", Neutral, Named(&["desc", "uri"]), "XEP-0033"),
    row("delay", "urn:xmpp:delay", Neutral, No, "XEP-0203"),
    row("headers", "http://jabber.org/protocol/shim", Neutral, Named(&["name"]), "XEP-0131"),

    // Signalling without words.
    row("*", "http://jabber.org/protocol/chatstates", Neutral, No, "XEP-0085"),
    row("*", "urn:xmpp:receipts", Neutral, No, "XEP-0184"),
    row("*", "urn:xmpp:chat-markers:0", Neutral, No, "XEP-0333"),
    row("displayed", "urn:xmpp:mds:displayed:0", Neutral, No, "XEP-0490"),
    row("*", "urn:xmpp:hints", Neutral, No, "XEP-0334"),
    row("*", "urn:xmpp:sid:0", Neutral, No, "XEP-0359"),
    row("private", "urn:xmpp:carbons:2", Neutral, No, "XEP-0280"),
    row("replace", "urn:xmpp:message-correct:0", Neutral, No, "XEP-0308"),
    row("attach-to", "urn:xmpp:message-attaching:1", Neutral, No, "XEP-0367"),
    row("sticker", "urn:xmpp:stickers:0", Neutral, No, "XEP-0449"),
    row("ephemeral", "urn:xmpp:ephemeral:0", Neutral, No, "XEP-0466"),
    row("unstyled", "urn:xmpp:styling:0", Neutral, No, "XEP-0393"),
    row("attention", "urn:xmpp:attention:0", Neutral, No, "XEP-0224"),
];

/// What an element means, if the table has a row for it.
pub(crate) fn class_of<'a>(element: impl ElementView<'a>) -> Option<Class> {
    look_up(element).map(|entry| entry.class)
}

/// The row of an element, as it is looked up. None knows a name with a prefix that is not declared.
pub(crate) fn look_up<'a>(element: impl ElementView<'a>) -> Option<&'static Entry> {
    let namespace = element.namespace();
    ENTRIES
        .get(place(&namespace)?..)?
        .iter()
        .take_while(|entry| entry.is_taken())
        .find(|entry| entry.fits(&namespace, element.name()))
}

/// The longest name that is looked through for a prefix, in octets; XMPP has none that is half as long.
const MAX_NAME: usize = 256;

/// Whether a name has a prefix that nothing inside the stanza declares, or is so long that it may have one.
#[inline]
pub(crate) fn has_prefix(name: &[u8]) -> bool {
    name.len() > MAX_NAME || name.contains(&b':')
}

/// The rows as they are looked up: each at the place that its namespace gives, or next to it.
///
/// A server does much between two messages, so none of this is in the processor's caches when one comes.
/// What a look-up takes is to fetch it from memory: one line of a cache, with its texts in it.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries = vec![Entry::FREE; PLACES.saturating_add(TABLE.len())];
    for (number, row) in (0..).zip(TABLE) {
        let place = place(row.namespace.as_bytes()).unwrap_or(0);
        let mut places = entries.iter_mut().skip(place);
        if let Some(free) = places.find(|entry| !entry.is_taken()) {
            *free = Entry::new(number, row);
        }
    }
    entries
});

/// Prime, so that all that differs counts.
const PLACES: usize = 251;

/// Namespaces begin alike and end differently.
fn place(namespace: &[u8]) -> Option<usize> {
    let end = namespace.last_chunk()?;
    usize::from_le_bytes(*end).checked_rem(PLACES)
}

/// A row, its texts by their lengths. No namespace: a place without a row. No name: any will do.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct Entry {
    pub class: Class,
    /// Whether people read attributes of the element itself.
    pub reads_itself: bool,
    row: u8,
    namespace: u8,
    name: u8,
    /// The namespace, then the name.
    texts: [u8; 59],
}

impl Entry {
    /// Which attributes people read.
    pub(crate) fn read(&self) -> Attributes {
        self.row().map_or(All, |row| row.read)
    }

    /// The document that defines the element.
    pub(crate) fn document(&self) -> &'static str {
        self.row().map_or("", |row| row.document)
    }

    fn row(&self) -> Option<&'static Row> {
        TABLE.get(usize::from(self.row))
    }

    const FREE: Self = Self {
        class: Neutral,
        reads_itself: false,
        row: 0,
        namespace: 0,
        name: 0,
        texts: [0; 59],
    };

    /// A text that is too long is cut, and never fits.
    fn new(number: u8, row: &Row) -> Self {
        let name = if row.name == "*" { "" } else { row.name };
        let length = |text: &str| u8::try_from(text.len()).unwrap_or(u8::MAX);
        let mut entry = Self {
            class: row.class,
            reads_itself: row.read.of_itself(),
            row: number,
            namespace: length(row.namespace),
            name: length(name),
            ..Self::FREE
        };
        for (slot, octet) in entry
            .texts
            .iter_mut()
            .zip([row.namespace, name].concat().bytes())
        {
            *slot = octet;
        }
        entry
    }

    const fn is_taken(&self) -> bool {
        self.namespace > 0
    }

    fn fits(&self, namespace: &[u8], name: &[u8]) -> bool {
        let Some((own_namespace, rest)) = self.texts.split_at_checked(self.namespace.into()) else {
            return false;
        };
        own_namespace == namespace
            && match self.name {
                0 => !has_prefix(name),
                length => rest.get(..length.into()) == Some(name),
            }
    }
}

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
                    read,
                    document,
                } = row;
                let read = match read {
                    No => String::new(),
                    Named(names) => format!("`{}`", names.join("`, `")),
                    Below => "all below".to_owned(),
                    All => "all".to_owned(),
                };
                format!("| `{name}` | `{namespace}` | {document} | {class:?} | {read} |")
            })
            .collect();
        assert_eq!(rows, documented);
    }

    #[test]
    fn every_row_is_found() {
        for row in TABLE {
            let name = if row.name == "*" { "any" } else { row.name };
            let element = minidom::Element::builder(name, row.namespace).build();
            let entry = look_up(&element).unwrap();
            assert_eq!(entry.class, row.class, "{element:?}");
            assert_eq!(entry.read(), row.read, "{element:?}");
            assert_eq!(entry.document(), row.document, "{element:?}");
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

    #[test]
    fn a_name_that_is_too_long_to_be_looked_through_may_have_a_prefix() {
        assert!(has_prefix(b"c:body"));
        assert!(!has_prefix(&[b'a'; MAX_NAME]));
        assert!(has_prefix(&[b'a'; MAX_NAME + 1]));
    }
}
