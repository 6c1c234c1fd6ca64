// SPDX-License-Identifier: GPL-2.0-or-later
//! What one child of a message is, judged by itself.

use crate::budget::Budget;
use crate::element::{Attributes, Class, Entry, look_up};
use crate::form;
use crate::omemo::{self, Omemo, Version};
use crate::openpgp::{self, Form};
use crate::otr::{self, Otr};
use crate::reaction::reactions;
use crate::scheme::Scheme;
use crate::text::{MAX_STRAY, in_attributes, readable, says_anything, trimmed};
use crate::view::ElementView;

/// What one child says about the content of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Valid ciphertext.
    Ciphertext(Scheme),
    /// OMEMO's session set-up.
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
    /// Something with so many characters that people can read, which is nothing to protect while they are few.
    Neutral(usize),
    /// The same, and a body may be its fallback.
    Remark(usize),
    /// The same of a form that a service asked for.
    ServiceForm(usize),
    /// A hint at a mechanism, the same.
    Hint(usize),
    /// It is what is inside it.
    Wrapper(Wrapper),
    /// An element that no row knows.
    Unknown,
}

/// What a wrapper is to the message around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrapper {
    /// Whether what is inside is a room's.
    pub group: bool,
    /// Whether a remark inside is one of the message around it.
    pub fastens: bool,
}

impl Finding {
    /// Judges one child. `group` is whether its message is a room's, `limit` how many characters are counted of
    /// what people can read.
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
                Self::ServiceForm(readable(child, entry.read(), form::MAX_TEXT, budget))
            }
            Class::Text | Class::Reference | Class::Form => {
                content(child, entry, Self::Text, budget)
            }
            Class::Wrapper | Class::Fastening => Self::Wrapper(Wrapper {
                // Only a message has a type, other wrappers are of the one around them.
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

/// Recipients may know a prefix that was bound on the stream header.
fn unknown<'a>(child: impl ElementView<'a>, budget: &Budget) -> Finding {
    if child.has_unresolved_prefix() && says_anything(child, Attributes::None, budget) {
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
/// Not inlined: OTR's grammar would crowd what every other element comes by, at a tenth of what OX takes.
#[inline(never)]
fn body<'a>(body: impl ElementView<'a>, budget: &Budget) -> Finding {
    match body.text_alone(budget) {
        Some(text) if trimmed(&text, budget).is_empty() => Finding::Neutral(0),
        Some(text) => Finding::Body(otr::check(&text, budget)),
        None if says_anything(body, Attributes::None, budget) => Finding::Body(Otr::Absent),
        None => Finding::Neutral(0),
    }
}

/// What is content when people can read anything in it.
fn content<'a>(
    child: impl ElementView<'a>,
    entry: &Entry,
    finding: Finding,
    budget: &Budget,
) -> Finding {
    if says_anything(child, entry.read(), budget) {
        finding
    } else {
        Finding::Neutral(0)
    }
}

fn xhtml<'a>(html: impl ElementView<'a>, entry: &Entry, budget: &Budget) -> Finding {
    if says_anything(html, entry.read(), budget) {
        Finding::Xhtml(otr::check_copy(html, budget))
    } else {
        Finding::Neutral(0)
    }
}

/// Most elements of signalling are empty, which is seen sooner than which attributes are read.
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
