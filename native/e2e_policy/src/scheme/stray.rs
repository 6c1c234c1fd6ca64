// SPDX-License-Identifier: GPL-2.0-or-later
//! What an element of ciphertext contains that its scheme does not define.

use crate::element::attributes::Attributes;
use crate::element::class::Class;
use crate::element::lookup::class_of;
use crate::element::readable::{MAX_DEPTH, is_readable, readable};
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::node::{Known, Node};
use crate::stanza::text::{characters, trimmed};

/// How many characters that its scheme does not define are tolerated in an element of ciphertext:
/// clients add small elements and attributes of their own.
pub(crate) const MAX_STRAY: usize = 64;

/// Text, attributes and elements that the scheme does not define, counted over a whole element.
pub(super) struct Stray<'b> {
    characters: usize,
    /// Whether one of the elements is content.
    has_content: bool,
    budget: &'b Budget,
}

impl<'b> Stray<'b> {
    /// Nothing was found so far.
    pub(super) const fn new(budget: &'b Budget) -> Self {
        Self {
            characters: 0,
            has_content: false,
            budget,
        }
    }

    /// The budget of the message.
    pub(super) const fn budget(&self) -> &'b Budget {
        self.budget
    }

    /// Counts an item that is not defined.
    pub(super) fn add_node<'a>(&mut self, unknown: Node<'a, impl ElementView<'a>>) {
        match unknown {
            Node::Text(text) => {
                let text = trimmed(text, self.budget);
                self.count(|limit| characters(text, limit));
            }
            Node::Element(element) => {
                let budget = self.budget;
                self.count(|limit| readable(element, Attributes::All, limit, budget));
                self.has_content |= contains_content(element, MAX_DEPTH, budget);
            }
        }
    }

    /// Counts the attributes of an element that are not known, if there are such.
    pub(super) fn add_attributes_if<'a>(
        &mut self,
        has_unknown: bool,
        element: impl ElementView<'a>,
        known: Known,
    ) {
        if has_unknown {
            self.add_attributes(element, known);
        }
    }

    /// Counts the attributes of an element that are not known.
    pub(super) fn add_attributes<'a>(&mut self, element: impl ElementView<'a>, known: Known) {
        for (name, value) in element.attributes(self.budget) {
            if !known.has(name, value) {
                let value = trimmed(value, self.budget);
                self.count(|limit| characters(value, limit));
            }
        }
    }

    fn count(&mut self, characters: impl FnOnce(usize) -> usize) {
        let left = MAX_STRAY.saturating_sub(self.characters);
        self.characters = self.characters.saturating_add(characters(left));
    }

    /// Whether all of it is tolerated.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words for an admin.
    pub(super) const fn check(&self) -> Result<(), &'static str> {
        if self.has_content {
            return Err("content in the clear inside it");
        }
        if self.characters > MAX_STRAY {
            return Err("more than 64 characters of text that OMEMO has no place for");
        }
        Ok(())
    }
}

/// Whether an element, or any inside it, is content by the table, and people can read anything in
/// it.
fn contains_content<'a, V: ElementView<'a>>(element: V, depth: usize, budget: &Budget) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return true;
    };
    let is_content = class_of(element).is_some_and(Class::is_content);
    (is_content && is_readable(element, Attributes::All, budget))
        || element
            .children(budget)
            .any(|child| contains_content(child, depth, budget))
}
