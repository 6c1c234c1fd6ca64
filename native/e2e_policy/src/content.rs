// SPDX-License-Identifier: GPL-2.0-or-later
//! The classifier: what a message carries, judged by what can be seen of its ciphertext.
//!
//! Each child is judged by itself (`Finding`), the findings are gathered (`Facts`), and the first
//! rule that applies gives the answer (`Facts::content`). A message inside is one of its own, and the whole is as
//! bad as its worst part.

use crate::budget::Budget;
use crate::fallback;
use crate::finding::{Finding, Wrapper};
use crate::form;
use crate::hint;
use crate::otr::Otr;
use crate::scheme::{Accepted, Scheme, SchemeSet};
use crate::text::{MAX_DEPTH, characters, trimmed};
use crate::view::{ElementView, MessageView, Node};
use std::borrow::Cow;
use std::cell::Cell;

/// How many characters people may read in all that is neutral, together with the bodies that stand in for it.
pub(crate) const MAX_NEUTRAL_TEXT: usize = 200;

/// What a message carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Ciphertext: valid as far as can be seen, or of a mechanism that we do not know (XEP-0380).
    Encrypted {
        /// The word or name of its scheme. Of several it is an accepted one, else the first; if a message inside
        /// is not accepted, its.
        scheme: Cow<'a, str>,
        /// Whether all of it is acceptable.
        is_accepted: bool,
        /// Whether a body is fallback text beside ciphertext; with OTR it is the ciphertext.
        has_fallback: bool,
    },
    /// Text or data in the clear.
    Plaintext,
    /// Nothing that people wrote: chat states, receipts, empty bodies, key transport, …
    Nothing,
}

impl Content<'_> {
    /// The worse of two parts of a message, the first if they are alike.
    fn worse(self, other: Self) -> Self {
        if other.badness() > self.badness() {
            other
        } else {
            self
        }
    }

    const fn badness(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Encrypted {
                is_accepted: true, ..
            } => 1,
            Self::Encrypted { .. } => 2,
            Self::Plaintext => 3,
        }
    }

    /// The same without bodies of its own.
    fn without_fallback(self) -> Self {
        match self {
            Self::Encrypted {
                scheme,
                is_accepted,
                ..
            } => Self::Encrypted {
                scheme,
                is_accepted,
                has_fallback: false,
            },
            same => same,
        }
    }
}

/// Classifies a `<message/>` where every scheme is accepted. Total: every message has an answer.
pub fn of<'a, M: MessageView<'a>>(message: M) -> Content<'a> {
    let accepted = Accepted::all_checked();
    let budget = Budget::new();
    let rules = Rules {
        accepted: &accepted,
        replaces_bodies: false,
    };
    Classifier::new(rules, &budget).classify(message, message.is_groupchat(), &mut ())
}

/// What a policy has to say about content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'r> {
    pub accepted: &'r Accepted,
    /// Whether bodies beside ciphertext are replaced, which those of messages inside cannot be.
    pub replaces_bodies: bool,
}

/// Sees each child of a message with what it was found to be. What is inside a wrapper comes between `enter` and
/// `leave`.
pub(crate) trait Witness<'a, V> {
    fn found(&mut self, child: V, finding: Finding);
    fn enter(&mut self);
    fn leave(&mut self, wrapper: V, content: &Content<'a>);
}

/// Nobody looks.
impl<'a, V> Witness<'a, V> for () {
    fn found(&mut self, _: V, _: Finding) {}
    fn enter(&mut self) {}
    fn leave(&mut self, _: V, _: &Content<'a>) {}
}

/// Classifies one message: what has been counted in all of it is here.
pub(crate) struct Classifier<'r> {
    rules: Rules<'r>,
    budget: &'r Budget,
    /// Characters that people can read in what is neutral, and in forms that a service asked for.
    neutral: Cell<usize>,
    in_forms: Cell<usize>,
}

impl<'r> Classifier<'r> {
    pub(crate) const fn new(rules: Rules<'r>, budget: &'r Budget) -> Self {
        Self {
            rules,
            budget,
            neutral: Cell::new(0),
            in_forms: Cell::new(0),
        }
    }

    /// The content of a message. `group` is whether it is a room's.
    pub(crate) fn classify<'a, M: MessageView<'a>>(
        &self,
        message: M,
        group: bool,
        witness: &mut impl Witness<'a, M::Child>,
    ) -> Content<'a> {
        let facts = Facts::of(message, group, MAX_DEPTH, self, witness);
        let content = facts.content(message, self);
        if self.says_too_much() || self.budget.is_spent() {
            return Content::Plaintext;
        }
        content
    }

    /// Whether people can read more than a little in what is neutral by itself.
    pub(crate) const fn says_too_much(&self) -> bool {
        self.neutral.get() > MAX_NEUTRAL_TEXT || self.in_forms.get() > form::MAX_TEXT
    }

    /// How many characters may still be read.
    const fn left(&self) -> usize {
        MAX_NEUTRAL_TEXT.saturating_sub(self.neutral.get())
    }

    fn count(counter: &Cell<usize>, characters: usize) {
        counter.set(counter.get().saturating_add(characters));
    }
}

/// What all children of a message say together.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact that a rule asks for"
)]
struct Facts<'a> {
    group: bool,
    is_inside: bool,
    ciphertext: SchemeSet,
    /// Something is no valid ciphertext, or content besides the body.
    in_clear: bool,
    subject: bool,
    body: bool,
    body_in_clear: bool,
    xhtml_of_otr: bool,
    /// Something may have a body as its fallback.
    remark: bool,
    hint: bool,
    unknown_element: bool,
    /// The worst of the messages inside.
    within: Content<'a>,
}

impl<'a> Facts<'a> {
    /// Looks at each child. `group` is whether the message is a room's, `depth` how many levels of
    /// wrapping may still follow.
    fn of<M: MessageView<'a>>(
        message: M,
        group: bool,
        depth: usize,
        classifier: &Classifier<'_>,
        witness: &mut impl Witness<'a, M::Child>,
    ) -> Self {
        let mut facts = Self {
            group,
            is_inside: depth < MAX_DEPTH,
            ciphertext: SchemeSet::default(),
            in_clear: false,
            subject: false,
            body: false,
            body_in_clear: false,
            xhtml_of_otr: false,
            remark: false,
            hint: false,
            unknown_element: false,
            within: Content::Nothing,
        };
        for child in message.elements(classifier.budget) {
            let finding = Finding::of(child, group, classifier.left(), classifier.budget);
            if let Finding::Wrapper(wrapper) = finding {
                facts.add_inner(child, wrapper, depth, classifier, witness);
            } else {
                facts.add(finding, classifier);
                witness.found(child, finding);
            }
        }
        facts
    }

    fn add(&mut self, finding: Finding, classifier: &Classifier<'_>) {
        match finding {
            Finding::Ciphertext(scheme) => self.ciphertext.insert(scheme),
            Finding::Body(otr) => {
                self.body = true;
                self.body_in_clear |= otr != Otr::Valid;
            }
            Finding::Subject => self.subject = true,
            Finding::Xhtml(Otr::Valid) => self.xhtml_of_otr = true,
            Finding::Xhtml(_) | Finding::Flawed(_) | Finding::Text => self.in_clear = true,
            Finding::Neutral(characters) => Classifier::count(&classifier.neutral, characters),
            Finding::Remark(characters) => {
                self.remark = true;
                Classifier::count(&classifier.neutral, characters);
            }
            Finding::Hint(characters) => {
                self.hint = true;
                Classifier::count(&classifier.neutral, characters);
            }
            Finding::ServiceForm(characters) => {
                Classifier::count(&classifier.in_forms, characters);
            }
            Finding::Unknown => self.unknown_element = true,
            Finding::KeyTransport | Finding::Wrapper(_) => {}
        }
    }

    /// What is inside is judged as a message of its own; text beside it is a remark on it.
    fn add_inner<V: ElementView<'a>>(
        &mut self,
        child: V,
        wrapper: Wrapper,
        depth: usize,
        classifier: &Classifier<'_>,
        witness: &mut impl Witness<'a, V>,
    ) {
        let own_text = text_of(child, classifier.left(), classifier.budget);
        Classifier::count(&classifier.neutral, own_text);
        witness.enter();
        let content = match depth.checked_sub(1) {
            Some(depth) => {
                let inner = Self::of(child, wrapper.group, depth, classifier, witness);
                self.remark |= wrapper.fastens && inner.remark;
                inner.content(child, classifier)
            }
            None => Content::Plaintext,
        };
        witness.leave(child, &content);
        let within = std::mem::replace(&mut self.within, Content::Nothing);
        self.within = within.worse(content.without_fallback());
    }

    /// The first rule that applies.
    fn content<M: MessageView<'a>>(self, message: M, classifier: &Classifier<'_>) -> Content<'a> {
        if self.in_clear {
            return Content::Plaintext;
        }
        let own = self.encrypted(message, classifier);
        if self.has_content_beside(own.is_some()) {
            return Content::Plaintext;
        }
        let own = match own {
            Some(Content::Encrypted {
                has_fallback: true, ..
            }) if self.is_inside && self.body && classifier.rules.replaces_bodies => {
                Content::Plaintext
            }
            Some(own) => own,
            None if self.body && !self.body_stands_for_remark(message, classifier) => {
                Content::Plaintext
            }
            None => Content::Nothing,
        };
        match self.within {
            Content::Nothing => own,
            within => own.worse(within),
        }
    }

    /// The ciphertext at this level: elements, or bodies that are all OTR messages, or what a hint names.
    fn encrypted<M: MessageView<'a>>(
        &self,
        message: M,
        classifier: &Classifier<'_>,
    ) -> Option<Content<'a>> {
        let accepted = classifier.rules.accepted;
        let schemes = if self.is_otr() {
            SchemeSet::from_iter([Scheme::Otr])
        } else {
            self.ciphertext
        };
        let of_scheme = |scheme: Scheme| Content::Encrypted {
            scheme: Cow::Borrowed(scheme.word()),
            is_accepted: accepted.scheme(scheme),
            has_fallback: scheme != Scheme::Otr,
        };
        if let Some(scheme) = schemes.iter().find(|scheme| accepted.scheme(*scheme)) {
            return Some(of_scheme(scheme));
        }
        let mut unknown = None;
        if self.hint && self.unknown_element {
            for mechanism in hint::unknown_mechanisms(message, classifier.budget) {
                let is_accepted = accepted.namespace(mechanism.namespace);
                let content = Content::Encrypted {
                    scheme: mechanism.name,
                    is_accepted,
                    has_fallback: is_accepted,
                };
                if is_accepted {
                    return Some(content);
                }
                unknown.get_or_insert(content);
            }
        }
        schemes.first().map(of_scheme).or(unknown)
    }

    /// It does not work in rooms (XEP-0364).
    fn is_otr(&self) -> bool {
        self.ciphertext.is_empty() && self.body && !self.body_in_clear && !self.group
    }

    /// A subject alone is a topic in its own room only, not where it is quoted.
    fn has_content_beside(&self, is_encrypted: bool) -> bool {
        let is_topic = self.group && !self.is_inside && !self.body && !is_encrypted;
        (self.subject && !is_topic) || (self.xhtml_of_otr && !self.is_otr())
    }

    fn body_stands_for_remark<M: MessageView<'a>>(
        &self,
        message: M,
        classifier: &Classifier<'_>,
    ) -> bool {
        if !self.remark {
            return false;
        }
        let bodies = fallback::bodies(message, classifier.left(), classifier.budget);
        bodies.is_some_and(|characters| {
            Classifier::count(&classifier.neutral, characters);
            true
        })
    }
}

/// How many characters stand between the elements of a wrapper.
fn text_of<'a>(wrapper: impl ElementView<'a>, limit: usize, budget: &Budget) -> usize {
    wrapper
        .nodes(budget)
        .map(|node| match node {
            Node::Text(text) => characters(trimmed(text, budget), limit),
            Node::Element(_) => 0,
        })
        .fold(0, usize::saturating_add)
}
