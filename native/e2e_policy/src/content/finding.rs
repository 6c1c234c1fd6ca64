// SPDX-License-Identifier: GPL-2.0-or-later
//! What one child of a message is, looked at by itself.

use crate::content::allowance::MAX_IN_FORMS;
use crate::content::form;
use crate::content::reaction::reactions;
use crate::element::attributes::Attributes;
use crate::element::class::Class;
use crate::element::lookup::{Entry, look_up};
use crate::element::readable::{in_attributes, is_readable, readable};
use crate::scheme::Scheme;
use crate::scheme::omemo::{self, Omemo, Version};
use crate::scheme::openpgp::{self, Form};
use crate::scheme::otr::{self, Otr};
use crate::scheme::stray::MAX_STRAY;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::text::trimmed;

/// What one child adds to the content of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Valid ciphertext.
    Ciphertext(Scheme),
    /// OMEMO's set-up of a session, which has no payload.
    KeyTransport,
    /// An element of a scheme that is not valid ciphertext, and why.
    Flawed(&'static str),
    /// A body with something in it.
    Body(Otr),
    /// A subject with something in it.
    Subject,
    /// A formatted body with something in it.
    Xhtml(Otr),
    /// Something else that people say or send.
    Text,
    /// Nothing to protect, with the number of characters that people can read in it, of which a
    /// message may have some.
    Neutral(usize),
    /// The same, and a body may be its fallback.
    Remark(usize),
    /// The same of a form that a service asked for.
    ServiceForm(usize),
    /// The same of a hint at an encryption mechanism.
    Hint(usize),
    /// An element that counts as what is inside it.
    Wrapper(Wrapper),
    /// An element that is not in the table.
    Unknown,
}

/// How a wrapper relates to the message around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrapper {
    /// Whether the message inside goes to a room.
    pub group: bool,
    /// Whether a remark inside belongs to the message around it.
    pub fastens: bool,
}

impl Finding {
    /// Looks at one child. `group` is whether its message goes to a room, `limit` how many
    /// characters that people can read are counted at most.
    pub(crate) fn of<'a, V: ElementView<'a>>(
        child: V,
        group: bool,
        limit: usize,
        budget: &Budget,
    ) -> Self {
        let Some(entry) = look_up(child) else {
            return unknown(child, budget);
        };
        match entry.class {
            Class::LegacyOmemo => omemo(child, Version::Legacy, budget),
            Class::Omemo1 => omemo(child, Version::Grouped { may_have_iv: true }, budget),
            Class::Omemo2 => omemo(child, Version::Grouped { may_have_iv: false }, budget),
            Class::OpenPgp => openpgp(child, Form::Ox, Scheme::Pgp, budget),
            Class::LegacyPgp => openpgp(child, Form::Legacy, Scheme::PgpLegacy, budget),
            Class::Body => body(child, budget),
            Class::Subject => content(child, entry, Self::Subject, budget),
            Class::Xhtml => xhtml(child, entry, budget),
            Class::Reference if is_mention(child, budget) => {
                Self::Neutral(characters_of(child, entry, limit, budget))
            }
            Class::Form if form::is_asked_for(child, budget) => {
                Self::ServiceForm(readable(child, entry.read(), MAX_IN_FORMS, budget))
            }
            Class::Text | Class::Reference | Class::Form => {
                content(child, entry, Self::Text, budget)
            }
            Class::Wrapper | Class::Fastening => Self::Wrapper(Wrapper {
                // Only a message has a type. Other wrappers belong to the message around them.
                group: match child.attribute("type", budget) {
                    Some(kind) if child.name() == b"message" => kind == b"groupchat",
                    _ => group,
                },
                fastens: entry.class == Class::Fastening,
            }),
            Class::Reactions => reactions(child, budget).map_or(Self::Text, Self::Remark),
            Class::Retraction => Self::Remark(characters_of(child, entry, limit, budget)),
            Class::Hint => Self::Hint(characters_of(child, entry, limit, budget)),
            Class::Fallback | Class::Neutral => {
                Self::Neutral(characters_of(child, entry, limit, budget))
            }
        }
    }
}

/// Recipients may resolve a prefix that was declared in the stream header.
fn unknown<'a>(child: impl ElementView<'a>, budget: &Budget) -> Finding {
    if child.has_unresolved_prefix() && is_readable(child, Attributes::None, budget) {
        Finding::Text
    } else {
        Finding::Unknown
    }
}

fn omemo<'a>(child: impl ElementView<'a>, version: Version, budget: &Budget) -> Finding {
    match omemo::check(child, version, budget) {
        Ok(Omemo::Message) => Finding::Ciphertext(Scheme::Omemo),
        Ok(Omemo::KeyTransport) => Finding::KeyTransport,
        Err(reason) => Finding::Flawed(reason),
    }
}

fn openpgp<'a>(
    child: impl ElementView<'a>,
    form: Form,
    scheme: Scheme,
    budget: &Budget,
) -> Finding {
    let Some(text) = child.text_alone(budget) else {
        return Finding::Flawed("an element where base64 belongs");
    };
    match openpgp::check(&text, form, budget) {
        Ok(()) if in_attributes(child, Attributes::All, MAX_STRAY, budget) > MAX_STRAY => {
            Finding::Flawed("more than 64 characters in attributes that OpenPGP has no place for")
        }
        Ok(()) => Finding::Ciphertext(scheme),
        Err(reason) => Finding::Flawed(reason),
    }
}

/// The whole body must be one OTR message, so it has no elements in it.
///
/// Not inlined: the code of OTR's grammar would take the place of other code in the instruction
/// cache, which costs an OX message 10 %.
#[inline(never)]
fn body<'a>(body: impl ElementView<'a>, budget: &Budget) -> Finding {
    match body.text_alone(budget) {
        Some(text) if trimmed(&text, budget).is_empty() => Finding::Neutral(0),
        Some(text) => Finding::Body(otr::check(&text, budget)),
        None if is_readable(body, Attributes::None, budget) => Finding::Body(Otr::Absent),
        None => Finding::Neutral(0),
    }
}

/// An element that is content if people can read anything in it.
fn content<'a>(
    child: impl ElementView<'a>,
    entry: &Entry,
    finding: Finding,
    budget: &Budget,
) -> Finding {
    if is_readable(child, entry.read(), budget) {
        finding
    } else {
        Finding::Neutral(0)
    }
}

fn xhtml<'a>(html: impl ElementView<'a>, entry: &Entry, budget: &Budget) -> Finding {
    if is_readable(html, entry.read(), budget) {
        Finding::Xhtml(otr::check_copy(html, budget))
    } else {
        Finding::Neutral(0)
    }
}

/// How many characters people can read. Most elements of signalling are empty, which takes less
/// time to see than which attributes are read.
fn characters_of<'a>(
    child: impl ElementView<'a>,
    entry: &Entry,
    limit: usize,
    budget: &Budget,
) -> usize {
    if !entry.reads_itself && child.is_empty() {
        return 0;
    }
    readable(child, entry.read(), limit, budget)
}

/// Whether a reference (XEP-0372) names a person instead of leading somewhere.
fn is_mention<'a>(reference: impl ElementView<'a>, budget: &Budget) -> bool {
    reference.attribute("type", budget) == Some(b"mention")
        && reference.children(budget).next().is_none()
        && reference
            .attribute("uri", budget)
            .is_none_or(|uri| uri.starts_with(b"xmpp:"))
}
