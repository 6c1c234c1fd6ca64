// SPDX-License-Identifier: GPL-2.0-or-later
//! What one child of a message is, judged by itself.

use crate::content::Facts;
use crate::element::{Class, SERVICE_FORMS, class_of};
use crate::omemo::{self, Omemo, Version};
use crate::openpgp::{self, Form};
use crate::otr::{self, Otr};
use crate::scheme::Scheme;
use crate::view::{
    Budget, ElementView, characters, characters_up_to, has_attributes_below, holds_text, text_below,
};

/// How much text an annotation may hold, together with the body that stands in for it: in characters.
pub(crate) const MAX_ANNOTATION_TEXT: usize = 200;

/// The longest XHTML-IM copy of an OTR message that is looked at, in octets: libraries cut longer
/// messages into fragments.
const MAX_OTR_COPY: usize = 65_536;

/// What one child says about the content of its message.
#[derive(Debug)]
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
    /// An annotation with so many characters.
    Annotation(usize),
    /// A hint at a mechanism.
    Hint,
    /// What is inside a wrapper.
    Within(Box<Facts>),
    /// An element that is known, and carries nothing to protect.
    Nothing,
    /// An element that no row knows.
    Unknown,
}

impl Finding {
    /// Judges one child. `group` is whether its message is a room's, `depth` how many levels of
    /// wrapping may still follow.
    pub(crate) fn of<'a, V: ElementView<'a>>(
        child: V,
        group: bool,
        depth: usize,
        budget: &mut Budget,
    ) -> Self {
        let Some(class) = class_of(child) else {
            let hidden = child.has_unresolved_prefix() && holds_text(child, budget);
            return if hidden { Self::Text } else { Self::Unknown };
        };
        match class {
            Class::LegacyOmemo => omemo(child, Version::Legacy, budget),
            Class::Omemo => omemo(child, Version::Grouped, budget),
            Class::OpenPgp => openpgp(child, Form::Ox, Scheme::Pgp),
            Class::LegacyPgp => openpgp(child, Form::Legacy, Scheme::PgpLegacy),
            Class::Body => body(child, budget),
            Class::Subject if holds_text(child, budget) => Self::Subject,
            Class::Xhtml if holds_data(child, budget) => Self::Xhtml(otr::check(
                text_below(child, MAX_OTR_COPY, budget).trim_ascii(),
            )),
            Class::Data if holds_data(child, budget) => Self::Text,
            Class::Form if is_service_form(child) => annotation(child, budget),
            Class::Text | Class::Form if holds_text(child, budget) => Self::Text,
            Class::Annotation => annotation(child, budget),
            Class::Hint => Self::Hint,
            Class::Wrapper => match depth.checked_sub(1) {
                Some(depth) => {
                    // Only a message has a type, other wrappers are of the one around them.
                    let kind = child.attribute("type");
                    let group = kind.map_or(group, |kind| kind == b"groupchat");
                    Self::Within(Box::new(Facts::of(child, group, depth, budget)))
                }
                None => Self::Text,
            },
            Class::Subject
            | Class::Xhtml
            | Class::Data
            | Class::Text
            | Class::Form
            | Class::Fallback
            | Class::Neutral => Self::Nothing,
        }
    }
}

fn omemo<'a>(child: impl ElementView<'a>, version: Version, budget: &mut Budget) -> Finding {
    match omemo::check(child, version, budget) {
        Ok(Omemo::Message) => Finding::Ciphertext(Scheme::Omemo),
        Ok(Omemo::KeyTransport) => Finding::KeyTransport,
        Err(reason) => Finding::Flawed(reason),
    }
}

fn openpgp<'a>(child: impl ElementView<'a>, form: Form, scheme: Scheme) -> Finding {
    let Some(text) = child.text_alone() else {
        return Finding::Flawed("an element where base64 belongs");
    };
    match openpgp::check(&text, form) {
        Ok(()) => Finding::Ciphertext(scheme),
        Err(reason) => Finding::Flawed(reason),
    }
}

/// An invitation's reason is an attribute (XEP-0249), every other text is text.
fn annotation<'a>(child: impl ElementView<'a>, budget: &mut Budget) -> Finding {
    let reason = child.attribute("reason").unwrap_or_default();
    let reason = characters(reason, MAX_ANNOTATION_TEXT);
    let text = characters_up_to(child, MAX_ANNOTATION_TEXT, budget);
    Finding::Annotation(text.saturating_add(reason))
}

/// The whole body must be one OTR message, so it has no elements in it.
///
/// Not inlined: OTR's grammar would crowd what every other element comes by, at a tenth of what OX takes.
#[inline(never)]
fn body<'a>(body: impl ElementView<'a>, budget: &mut Budget) -> Finding {
    match body.text_alone() {
        Some(text) if characters(text.trim_ascii(), 0) == 0 => Finding::Nothing,
        Some(text) => Finding::Body(otr::check(&text)),
        None if holds_text(body, budget) => Finding::Body(Otr::Absent),
        None => Finding::Nothing,
    }
}

fn holds_data<'a>(element: impl ElementView<'a>, budget: &mut Budget) -> bool {
    holds_text(element, budget) || has_attributes_below(element, budget)
}

/// Whether a data form asks or answers something of a service (XEP-0068 `FORM_TYPE`).
fn is_service_form<'a, V: ElementView<'a>>(form: V) -> bool {
    form.children()
        .find(|field| field.attribute("var") == Some(b"FORM_TYPE"))
        .and_then(|field| field.children().next())
        .is_some_and(|value| {
            let text = value.text();
            SERVICE_FORMS.iter().any(|kind| kind.as_bytes() == &*text)
        })
}
