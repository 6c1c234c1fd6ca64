// SPDX-License-Identifier: GPL-2.0-or-later
//! The classifier: what a message carries, judged by what can be seen of its ciphertext.
//!
//! Each child is judged by itself (`Finding`), the findings are gathered (`Facts`), and the first
//! rule that applies gives the answer (`Facts::content`).

use crate::element::{Class, Row, SERVICE_FORMS, row_of};
use crate::omemo::{self, Omemo};
use crate::openpgp::{self, Form};
use crate::otr::{self, Otr};
use crate::scheme::{Scheme, SchemeSet, registered_name};
use crate::view::{ElementView, MAX_DEPTH, characters, characters_up_to, holds_text};
use std::borrow::Cow;

/// What a message carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Valid ciphertext of these schemes; a body beside it, if `fallback`, is the client's fallback text.
    Encrypted {
        /// The schemes found, at least one.
        schemes: SchemeSet,
        /// Whether bodies are the fallback text for an encrypted element.
        fallback: bool,
    },
    /// Something tagged (XEP-0380) with a mechanism that is none of the schemes.
    UnknownEncryption(Cow<'a, str>),
    /// Text or data in the clear.
    Plaintext,
    /// Nothing that people wrote: chat states, receipts, empty bodies, key transport, …
    Nothing,
}

/// How much text an annotation may hold, together with the body that stands in for it: in characters.
const MAX_ANNOTATION_TEXT: usize = 200;

/// How long a sender's own name for an encryption mechanism may be: in characters.
const MAX_MECHANISM_NAME: usize = 64;

/// Classifies a `<message/>`. Total: every message has an answer.
pub fn of<'a, V: ElementView<'a>>(message: V) -> Content<'a> {
    Facts::of(message, false, MAX_DEPTH).content(message)
}

/// What one child element says about the message's content.
enum Finding {
    Ciphertext(Scheme),
    KeyTransport,
    Flawed,
    Body { otr: bool },
    Subject,
    Xhtml { otr: bool },
    Text,
    Annotation(usize),
    Hint,
    Within(Facts),
    Nothing,
    Unknown,
}

/// What all children say together.
#[derive(Default)]
struct Facts {
    group: bool,
    ciphertext: SchemeSet,
    /// Ciphertext of messages inside this one: it makes none of our own bodies a fallback.
    ciphertext_within: SchemeSet,
    flawed: bool,
    text: bool,
    subject: bool,
    body: bool,
    body_in_clear: bool,
    xhtml_of_otr: bool,
    annotation: Option<usize>,
    hint: bool,
    unknown_element: bool,
}

impl Facts {
    fn of<'a, V: ElementView<'a>>(message: V, outer_group: bool, depth: usize) -> Self {
        let group = message
            .attribute("type")
            .map_or(outer_group, |kind| kind == b"groupchat");
        let mut facts = Self {
            group,
            ..Self::default()
        };
        for child in message.children() {
            facts.add(inspect(child, group, depth));
        }
        facts
    }

    fn add(&mut self, finding: Finding) {
        match finding {
            Finding::Ciphertext(scheme) => self.ciphertext.insert(scheme),
            Finding::Flawed => self.flawed = true,
            Finding::Body { otr } => {
                self.body = true;
                self.body_in_clear |= !otr;
            }
            Finding::Subject => self.subject = true,
            Finding::Xhtml { otr: true } => self.xhtml_of_otr = true,
            Finding::Xhtml { otr: false } | Finding::Text => self.text = true,
            Finding::Annotation(characters) => {
                let sum = self.annotation.unwrap_or(0).saturating_add(characters);
                self.annotation = Some(sum);
            }
            Finding::Hint => self.hint = true,
            Finding::Within(inner) => self.add_inner(&inner),
            Finding::Unknown => self.unknown_element = true,
            Finding::KeyTransport | Finding::Nothing => {}
        }
    }

    fn add_inner(&mut self, inner: &Self) {
        self.ciphertext_within
            .extend(inner.ciphertext_within.iter());
        if let Some(characters) = inner.annotation {
            self.add(Finding::Annotation(characters));
        }
        if inner.flawed {
            self.flawed = true;
        } else if let Some(schemes) = inner.encrypted() {
            self.ciphertext_within.extend(schemes.iter());
            self.text |= inner.has_content_besides_body(schemes);
        } else {
            self.text |= inner.has_content_besides_body(SchemeSet::default()) || inner.body;
        }
    }

    /// The schemes of valid ciphertext at this level; for OTR the bodies are the ciphertext.
    fn encrypted(&self) -> Option<SchemeSet> {
        if !self.ciphertext.is_empty() {
            return Some(self.ciphertext);
        }
        if self.body && !self.body_in_clear && !self.group {
            return Some(SchemeSet::from_iter([Scheme::Otr]));
        }
        None
    }

    fn has_content_besides_body(&self, encrypted: SchemeSet) -> bool {
        let topic = self.group && !self.body && encrypted.is_empty();
        self.text
            || (self.subject && !topic)
            || (self.xhtml_of_otr && encrypted.first() != Some(Scheme::Otr))
            || self
                .annotation
                .is_some_and(|characters| characters > MAX_ANNOTATION_TEXT)
    }

    /// The first rule that applies.
    fn content<'a, V: ElementView<'a>>(&self, message: V) -> Content<'a> {
        let encrypted = self.encrypted();
        if self.flawed || self.has_content_besides_body(encrypted.unwrap_or_default()) {
            return Content::Plaintext;
        }
        if let Some(mut schemes) = encrypted {
            schemes.extend(self.ciphertext_within.iter());
            return Content::Encrypted {
                schemes,
                fallback: !self.ciphertext.is_empty(),
            };
        }
        if self.hint && self.unknown_element {
            if let Some(name) = unknown_mechanism(message) {
                return Content::UnknownEncryption(name);
            }
        }
        if self.body && !self.body_stands_in_for_an_annotation(message) {
            return Content::Plaintext;
        }
        if !self.ciphertext_within.is_empty() {
            return Content::Encrypted {
                schemes: self.ciphertext_within,
                fallback: false,
            };
        }
        Content::Nothing
    }

    fn body_stands_in_for_an_annotation<'a>(&self, message: impl ElementView<'a>) -> bool {
        let Some(annotation) = self.annotation else {
            return false;
        };
        let bodies: usize = message
            .children()
            .filter(|child| child.is("body", "jabber:client"))
            .map(|body| characters(&body.text(), MAX_ANNOTATION_TEXT))
            .fold(0, usize::saturating_add);
        annotation.saturating_add(bodies) <= MAX_ANNOTATION_TEXT
            && message
                .children()
                .any(|child| marks_as_fallback(child, message, bodies))
    }
}

/// Judges one child by itself.
fn inspect<'a, V: ElementView<'a>>(child: V, group: bool, depth: usize) -> Finding {
    let Some(row) = row_of(child) else {
        return if child.has_unresolved_prefix() && holds_text(child) {
            Finding::Text
        } else {
            Finding::Unknown
        };
    };
    match row.class {
        Class::LegacyOmemo => omemo(child, omemo::Version::Legacy, row),
        Class::Omemo => omemo(child, omemo::Version::Grouped, row),
        Class::OpenPgp => pgp(child, Form::Ox, Scheme::Pgp),
        Class::LegacyPgp => pgp(child, Form::Legacy, Scheme::PgpLegacy),
        Class::Body => some_text(child, || Finding::Body { otr: is_otr(child) }),
        Class::Subject => some_text(child, || Finding::Subject),
        Class::Xhtml => xhtml(child),
        Class::Text => some_text(child, || Finding::Text),
        Class::Data => {
            if holds_data(child) {
                Finding::Text
            } else {
                Finding::Nothing
            }
        }
        Class::Annotation => Finding::Annotation(characters_up_to(child, MAX_ANNOTATION_TEXT)),
        Class::Form if is_service_form(child) => {
            Finding::Annotation(characters_up_to(child, MAX_ANNOTATION_TEXT))
        }
        Class::Form => some_text(child, || Finding::Text),
        Class::Hint => Finding::Hint,
        Class::Wrapper => match depth.checked_sub(1) {
            Some(depth) => Finding::Within(Facts::of(child, group, depth)),
            None => Finding::Text,
        },
        Class::Fallback | Class::Neutral => Finding::Nothing,
    }
}

fn omemo<'a>(child: impl ElementView<'a>, version: omemo::Version, row: &Row) -> Finding {
    match omemo::check(child, version, row.namespace) {
        Ok(Omemo::Message) => Finding::Ciphertext(Scheme::Omemo),
        Ok(Omemo::KeyTransport) => Finding::KeyTransport,
        Err(_) => Finding::Flawed,
    }
}

fn pgp<'a>(child: impl ElementView<'a>, form: Form, scheme: Scheme) -> Finding {
    match openpgp::check(&child.text(), form) {
        Ok(()) => Finding::Ciphertext(scheme),
        Err(_) => Finding::Flawed,
    }
}

fn some_text<'a>(child: impl ElementView<'a>, finding: impl FnOnce() -> Finding) -> Finding {
    if holds_text(child) {
        finding()
    } else {
        Finding::Nothing
    }
}

/// Whether a body is an OTR message and nothing else.
fn is_otr<'a>(body: impl ElementView<'a>) -> bool {
    body.children().next().is_none() && is_valid_otr(&body.text())
}

fn is_valid_otr(text: &[u8]) -> bool {
    otr::check(text.trim_ascii_end()) == Otr::Valid
}

/// An XHTML-IM copy of an OTR message is that message; one client sends such a copy of its query.
fn xhtml<'a>(html: impl ElementView<'a>) -> Finding {
    if !holds_data(html) {
        return Finding::Nothing;
    }
    let mut text = Vec::new();
    collect_text(html, &mut text, MAX_DEPTH);
    Finding::Xhtml {
        otr: is_valid_otr(&text),
    }
}

fn collect_text<'a>(element: impl ElementView<'a>, text: &mut Vec<u8>, depth: usize) {
    text.extend_from_slice(&element.text());
    if let Some(depth) = depth.checked_sub(1) {
        for child in element.children() {
            collect_text(child, text, depth);
        }
    }
}

/// Whether there is text, or anything below that says something in attributes (a link, a picture).
fn holds_data<'a>(element: impl ElementView<'a>) -> bool {
    holds_text(element) || has_attributes_below(element, MAX_DEPTH)
}

fn has_attributes_below<'a>(element: impl ElementView<'a>, depth: usize) -> bool {
    depth.checked_sub(1).is_none_or(|depth| {
        element
            .children()
            .any(|child| child.has_attributes() || has_attributes_below(child, depth))
    })
}

/// Whether a data form answers or asks something of a service (XEP-0068 `FORM_TYPE`).
fn is_service_form<'a, V: ElementView<'a>>(form: V) -> bool {
    form.children()
        .filter(|field| field.attribute("var") == Some(b"FORM_TYPE"))
        .flat_map(V::children)
        .any(|value| {
            let text = value.text();
            SERVICE_FORMS.iter().any(|kind| kind.as_bytes() == &*text)
        })
}

/// Whether a child marks whole bodies as fallback for an annotation of the same message (XEP-0428).
fn marks_as_fallback<'a, V: ElementView<'a>>(fallback: V, message: V, characters: usize) -> bool {
    const NAMESPACE: &str = "urn:xmpp:fallback:0";
    if !fallback.is("fallback", NAMESPACE) {
        return false;
    }
    let about_annotation = fallback.attribute("for").is_none_or(|namespace| {
        str::from_utf8(namespace).is_ok_and(|namespace| {
            message.children().any(|child| {
                child.has_namespace(namespace)
                    && row_of(child)
                        .is_some_and(|row| matches!(row.class, Class::Annotation | Class::Wrapper))
            })
        })
    });
    let mut parts = fallback.children().peekable();
    let number = |value: Option<&[u8]>, default: usize| match value {
        None => Some(default),
        Some(digits) => str::from_utf8(digits).ok()?.parse::<usize>().ok(),
    };
    about_annotation
        && (parts.peek().is_none()
            || parts.any(|part| {
                part.is("body", NAMESPACE)
                    && number(part.attribute("start"), 0) == Some(0)
                    && number(part.attribute("end"), characters) >= Some(characters)
            }))
}

/// The name of the mechanism that an XEP-0380 tag names, if an element of that namespace is there that none
/// of our rows knows.
fn unknown_mechanism<'a, V: ElementView<'a>>(message: V) -> Option<Cow<'a, str>> {
    message
        .children()
        .filter(|child| child.is("encryption", "urn:xmpp:eme:0"))
        .find_map(|hint| {
            let namespace = hint.attribute("namespace")?;
            let readable = str::from_utf8(namespace).ok()?;
            message
                .children()
                .find(|child| child.has_namespace(readable) && row_of(*child).is_none())?;
            if let Some(registered) = registered_name(namespace) {
                return Some(Cow::Borrowed(registered));
            }
            let own_name = hint.attribute("name").unwrap_or_default().trim_ascii();
            let name = if own_name.is_empty() {
                namespace
            } else {
                own_name
            };
            Some(shortened(String::from_utf8_lossy(name)))
        })
}

fn shortened(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.chars().nth(MAX_MECHANISM_NAME).is_none() {
        return name;
    }
    Cow::Owned(name.chars().take(MAX_MECHANISM_NAME).chain(['…']).collect())
}
