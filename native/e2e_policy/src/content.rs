// SPDX-License-Identifier: GPL-2.0-or-later
//! The classifier: what a message carries, judged by what can be seen of its ciphertext.
//!
//! Each child is judged by itself (`Finding`), the findings are gathered (`Facts`), and the first
//! rule that applies gives the answer (`Facts::content`).

use crate::fallback;
use crate::finding::{Finding, MAX_ANNOTATION_TEXT};
use crate::hint;
use crate::otr::Otr;
use crate::policy::Chat;
use crate::scheme::{Scheme, SchemeSet};
use crate::view::{Budget, MAX_DEPTH, MessageView};
use std::borrow::Cow;

/// What a message carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Valid ciphertext.
    Encrypted {
        /// The schemes found, at least one.
        schemes: SchemeSet,
        /// Whether a body is fallback text beside an encrypted element; with OTR it is the ciphertext.
        fallback: bool,
    },
    /// Something tagged (XEP-0380) with a mechanism of this name that is none of the schemes.
    UnknownEncryption(Cow<'a, str>),
    /// Text or data in the clear.
    Plaintext,
    /// Nothing that people wrote: chat states, receipts, empty bodies, key transport, …
    Nothing,
}

/// Classifies a `<message/>`. Total: every message has an answer.
pub fn of<'a, M: MessageView<'a>>(message: M) -> Content<'a> {
    in_chat(message, Chat::of(message))
}

/// The same, where the kind of conversation is known.
pub(crate) fn in_chat<'a, M: MessageView<'a>>(message: M, chat: Chat) -> Content<'a> {
    let group = chat == Chat::Group;
    Facts::of(message, group, MAX_DEPTH, &mut Budget::new()).content(message)
}

/// What all children of a message say together.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact that a rule asks for"
)]
pub(crate) struct Facts {
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
    /// The mechanism that a hint names and that is none of the schemes.
    unknown_mechanism: Option<String>,
    /// The same of a message inside this one.
    unknown_mechanism_within: Option<String>,
}

impl Facts {
    /// Looks at each child. `group` is whether the message is a room's.
    pub(crate) fn of<'a, M: MessageView<'a>>(
        message: M,
        group: bool,
        depth: usize,
        budget: &mut Budget,
    ) -> Self {
        let mut facts = Self {
            group,
            ..Self::default()
        };
        for child in message.elements() {
            if !budget.pay() {
                facts.text = true;
                break;
            }
            facts.add(Finding::of(child, group, depth, budget));
        }
        if facts.hint && facts.unknown_element {
            facts.unknown_mechanism = hint::unknown_mechanism(message).map(Cow::into_owned);
        }
        facts
    }

    fn add(&mut self, finding: Finding) {
        match finding {
            Finding::Ciphertext(scheme) => self.ciphertext.insert(scheme),
            Finding::Flawed(_) => self.flawed = true,
            Finding::Body(otr) => {
                self.body = true;
                self.body_in_clear |= !matches!(otr, Otr::Valid);
            }
            Finding::Subject => self.subject = true,
            Finding::Xhtml(Otr::Valid) => self.xhtml_of_otr = true,
            Finding::Xhtml(_) | Finding::Text => self.text = true,
            Finding::Annotation(characters) => {
                let before = self.annotation.unwrap_or(0);
                self.annotation = Some(before.saturating_add(characters));
            }
            Finding::Hint => self.hint = true,
            Finding::Within(inner) => self.add_inner(&inner),
            Finding::Unknown => self.unknown_element = true,
            Finding::KeyTransport | Finding::Nothing => {}
        }
    }

    /// A message inside is judged as such; what it says then counts for the whole.
    fn add_inner(&mut self, inner: &Self) {
        let encrypted = inner.encrypted();
        let schemes = encrypted.unwrap_or_default();
        self.ciphertext_within.extend(schemes.iter());
        self.ciphertext_within
            .extend(inner.ciphertext_within.iter());
        self.flawed |= inner.flawed;
        let unknown = inner.unknown_mechanism.as_ref();
        let in_clear = inner.body && encrypted.is_none() && unknown.is_none();
        // A subject is a topic in its own room only, not where it is quoted.
        self.text |= inner.has_content_besides_body() || inner.subject || in_clear;
        if self.unknown_mechanism_within.is_none() {
            let within = inner.unknown_mechanism_within.as_ref();
            self.unknown_mechanism_within = unknown.or(within).cloned();
        }
        if let Some(characters) = inner.annotation {
            self.add(Finding::Annotation(characters));
        }
    }

    /// The schemes of valid ciphertext at this level. With OTR every body is ciphertext; it
    /// does not work in rooms (XEP-0364).
    fn encrypted(&self) -> Option<SchemeSet> {
        if !self.ciphertext.is_empty() {
            return Some(self.ciphertext);
        }
        (self.body && !self.body_in_clear && !self.group)
            .then(|| SchemeSet::from_iter([Scheme::Otr]))
    }

    fn has_content_besides_body(&self) -> bool {
        let topic = self.group && !self.body && self.ciphertext.is_empty();
        let otr = self.encrypted().and_then(SchemeSet::first) == Some(Scheme::Otr);
        let annotated = self.annotation.unwrap_or(0);
        self.text
            || (self.subject && !topic)
            || (self.xhtml_of_otr && !otr)
            || annotated > MAX_ANNOTATION_TEXT
    }

    /// The first rule that applies.
    pub(crate) fn content<'a, M: MessageView<'a>>(&self, message: M) -> Content<'a> {
        if self.flawed || self.has_content_besides_body() {
            return Content::Plaintext;
        }
        if let Some(mut schemes) = self.encrypted() {
            schemes.extend(self.ciphertext_within.iter());
            return Content::Encrypted {
                schemes,
                fallback: !self.ciphertext.is_empty(),
            };
        }
        if let Some(name) = &self.unknown_mechanism {
            return Content::UnknownEncryption(Cow::Owned(name.clone()));
        }
        if self.body && !self.body_stands_for_annotation(message) {
            return Content::Plaintext;
        }
        if !self.ciphertext_within.is_empty() {
            return Content::Encrypted {
                schemes: self.ciphertext_within,
                fallback: false,
            };
        }
        if let Some(name) = &self.unknown_mechanism_within {
            return Content::UnknownEncryption(Cow::Owned(name.clone()));
        }
        Content::Nothing
    }

    fn body_stands_for_annotation<'a>(&self, message: impl MessageView<'a>) -> bool {
        self.annotation
            .and_then(|characters| MAX_ANNOTATION_TEXT.checked_sub(characters))
            .is_some_and(|left| fallback::stands_for_annotation(message, left))
    }
}
