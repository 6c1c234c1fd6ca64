// SPDX-License-Identifier: GPL-2.0-or-later
//! The classifier: findings of all children of a message make its content.
//!
//! The findings are gathered (`Facts`), and the first rule that applies gives the content
//! (`Facts::content`). A message inside is classified in the same way, and the whole is as severe
//! as its most severe part.

use crate::content::allowance::Allowance;
use crate::content::finding::{Finding, Wrapper};
use crate::content::observer::Observer;
use crate::content::{Content, fallback, hint, invitation};
use crate::element::readable::MAX_DEPTH;
use crate::scheme::Scheme;
use crate::scheme::accepted::Accepted;
use crate::scheme::otr::Otr;
use crate::scheme::set::SchemeSet;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::message::MessageView;
use crate::stanza::node::Node;
use crate::stanza::text::{characters, trimmed};
use std::borrow::Cow;

impl<'a> Content<'a> {
    /// Classifies a `<message/>` where every scheme is accepted. Every message has an answer.
    pub fn of<M: MessageView<'a>>(message: M) -> Self {
        let accepted = Accepted::all_checked();
        let budget = Budget::new();
        let rules = Rules {
            accepted: &accepted,
            replaces_bodies: false,
            may_be_invitation: false,
        };
        Classifier::new(rules, &budget).classify(message, message.is_groupchat(), &mut ())
    }
}

/// What the content depends on besides the message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'r> {
    /// The schemes that are acceptable.
    pub accepted: &'r Accepted,
    /// Whether bodies beside ciphertext are replaced. Those of messages inside cannot be.
    pub replaces_bodies: bool,
    /// Whether the message is from an address that a room may have.
    pub may_be_invitation: bool,
}

/// Classifies one message, with what is counted over all of it.
pub(crate) struct Classifier<'r> {
    rules: Rules<'r>,
    budget: &'r Budget,
    allowance: Allowance,
}

impl<'r> Classifier<'r> {
    /// A classifier for one message.
    pub(crate) fn new(rules: Rules<'r>, budget: &'r Budget) -> Self {
        Self {
            rules,
            budget,
            allowance: Allowance::default(),
        }
    }

    /// The same where the message is, or is not, from an address that a room may have.
    pub(crate) const fn with_invitations(mut self, may_be_invitation: bool) -> Self {
        self.rules.may_be_invitation = may_be_invitation;
        self
    }

    /// The content of a message. `group` is whether it goes to a room.
    pub(crate) fn classify<'a, M: MessageView<'a>>(
        &self,
        message: M,
        group: bool,
        observer: &mut impl Observer<'a, M::Child>,
    ) -> Content<'a> {
        let facts = Facts::of(message, group, MAX_DEPTH, self, observer);
        let content = facts.content(message, self);
        if self.allowance.is_exceeded() || self.budget.is_spent() {
            return Content::Plaintext;
        }
        content
    }

    /// What was counted of text in what is nothing to protect.
    pub(crate) const fn allowance(&self) -> &Allowance {
        &self.allowance
    }
}

/// What was found in all children of a message.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact that a rule asks for"
)]
struct Facts<'a> {
    group: bool,
    is_inside: bool,
    ciphertext: SchemeSet,
    /// Something is an element of a scheme without valid ciphertext, or content besides the body.
    in_clear: bool,
    subject: bool,
    body: bool,
    body_in_clear: bool,
    xhtml_of_otr: bool,
    /// Something may have a body as its fallback.
    remark: bool,
    hint: bool,
    unknown_element: bool,
    /// The most severe of the messages inside.
    within: Content<'a>,
}

impl<'a> Facts<'a> {
    /// Looks at each child. `group` is whether the message goes to a room, `depth` how many levels
    /// of wrapping may still follow.
    fn of<M: MessageView<'a>>(
        message: M,
        group: bool,
        depth: usize,
        classifier: &Classifier<'_>,
        observer: &mut impl Observer<'a, M::Child>,
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
            let finding = Finding::of(child, group, classifier.allowance.left(), classifier.budget);
            if let Finding::Wrapper(wrapper) = finding {
                facts.add_inner(child, wrapper, depth, classifier, observer);
            } else {
                facts.add(finding, classifier);
                observer.found(child, finding);
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
            Finding::Neutral(characters) => classifier.allowance.count_neutral(characters),
            Finding::Remark(characters) => {
                self.remark = true;
                classifier.allowance.count_neutral(characters);
            }
            Finding::Hint(characters) => {
                self.hint = true;
                classifier.allowance.count_neutral(characters);
            }
            Finding::ServiceForm(characters) => {
                classifier.allowance.count_in_form(characters);
            }
            Finding::Unknown => self.unknown_element = true,
            Finding::KeyTransport | Finding::Wrapper(_) => {}
        }
    }

    /// What is inside is classified as a message of its own. Text around it is neutral text.
    fn add_inner<V: ElementView<'a>>(
        &mut self,
        child: V,
        wrapper: Wrapper,
        depth: usize,
        classifier: &Classifier<'_>,
        observer: &mut impl Observer<'a, V>,
    ) {
        let own_text = text_of(child, classifier.allowance.left(), classifier.budget);
        classifier.allowance.count_neutral(own_text);
        observer.enter();
        let content = match depth.checked_sub(1) {
            Some(depth) => {
                let inner = Self::of(child, wrapper.group, depth, classifier, observer);
                self.remark |= wrapper.fastens && inner.remark;
                inner.content(child, classifier)
            }
            None => Content::Plaintext,
        };
        observer.leave(child, &content);
        let within = std::mem::replace(&mut self.within, Content::Nothing);
        self.within = within.or_worse(content.without_fallback());
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
            None if self.body && !self.bodies_are_fallback(message, classifier) => {
                Content::Plaintext
            }
            None => Content::Nothing,
        };
        match self.within {
            Content::Nothing => own,
            within => own.or_worse(within),
        }
    }

    /// The ciphertext at this level: elements, or bodies that are all OTR messages, or elements of
    /// the mechanism that a hint names.
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
            scheme: Cow::Borrowed(scheme.as_str()),
            validated: Some(scheme),
            is_accepted: accepted.has_scheme(scheme),
            has_fallback: scheme != Scheme::Otr,
        };
        if let Some(scheme) = schemes.iter().find(|scheme| accepted.has_scheme(*scheme)) {
            return Some(of_scheme(scheme));
        }
        let mut unknown = None;
        if self.hint && self.unknown_element {
            for mechanism in hint::unknown_mechanisms(message, classifier.budget) {
                let is_accepted = accepted.has_namespace(mechanism.namespace);
                let content = Content::Encrypted {
                    scheme: mechanism.name,
                    validated: None,
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

    /// Whether the bodies are the ciphertext. OTR does not work in rooms (XEP-0364).
    fn is_otr(&self) -> bool {
        self.ciphertext.is_empty() && self.body && !self.body_in_clear && !self.group
    }

    /// Whether there is content that no scheme protects. A subject without a body is the topic of
    /// the room that the message goes to, but not in a message inside.
    fn has_content_beside(&self, is_encrypted: bool) -> bool {
        let is_topic = self.group && !self.is_inside && !self.body && !is_encrypted;
        (self.subject && !is_topic) || (self.xhtml_of_otr && !self.is_otr())
    }

    /// Whether all bodies are those of an invitation by a room, or fallback text of a remark, such
    /// as a reaction. Counts the characters of the latter.
    fn bodies_are_fallback<M: MessageView<'a>>(
        &self,
        message: M,
        classifier: &Classifier<'_>,
    ) -> bool {
        if classifier.rules.may_be_invitation
            && !self.is_inside
            && invitation::is_one(message, classifier.budget)
        {
            return true;
        }
        if !self.remark {
            return false;
        }
        let bodies = fallback::bodies(message, classifier.allowance.left(), classifier.budget);
        bodies.is_some_and(|characters| {
            classifier.allowance.count_neutral(characters);
            true
        })
    }
}

/// How many characters there are between the elements of a wrapper.
fn text_of<'a>(wrapper: impl ElementView<'a>, limit: usize, budget: &Budget) -> usize {
    wrapper
        .nodes(budget)
        .map(|node| match node {
            Node::Text(text) => characters(trimmed(text, budget), limit),
            Node::Element(_) => 0,
        })
        .fold(0, usize::saturating_add)
}
