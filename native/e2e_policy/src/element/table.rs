// SPDX-License-Identifier: GPL-2.0-or-later
//! The one table of elements that a message may carry.
//!
//! An element is identified by name and namespace together. One that is not in the table is none
//! of the policy's business. A new scheme, content or annotation is a new row.

use crate::element::attributes::Attributes::{self, All, Below, Named, None as No};
use crate::element::class::Class::{
    self, Body, Fallback, Fastening, Form, Hint, LegacyOmemo, LegacyPgp, Neutral, Omemo1, Omemo2,
    OpenPgp, Reactions, Reference, Retraction, Subject, Text, Wrapper, Xhtml,
};

/// One row of the table.
pub(crate) struct Row {
    /// The local name, or `*` for every name in the namespace.
    pub name: &'static str,
    pub namespace: &'static str,
    /// What it means for the content of its message.
    pub class: Class,
    /// Which attributes people read.
    pub read: Attributes,
    /// The RFC or XEP that defines it.
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

/// Attributes of XHTML-IM with a link or a text for people.
const LINKED: &[&str] = &["href", "src", "alt", "title", "cite", "longdesc"];
/// Attributes of an address that is for people (XEP-0033 section 4).
const DESCRIBED: &[&str] = &["desc", "uri"];

/// Every element that the classifier knows. The first row that matches is the one that applies.
#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    // RFC 6121: the message itself. ejabberd also accepts these in the namespaces of its other
    // streams.
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
    row("html", "http://jabber.org/protocol/xhtml-im", Xhtml, Named(LINKED), "XEP-0071"),
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
    // Only services send events. One that a user sends is forged, and its payload counts as
    // content.
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
    row("addresses", "http://jabber.org/protocol/address", Neutral, Named(DESCRIBED), "XEP-0033"),
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
