// SPDX-License-Identifier: GPL-2.0-or-later
//! What the classifier may ask of an XML element, whether it is a term of a running ejabberd, which
//! the NIF crate reads in place, or text that minidom has parsed.

use crate::stanza::budget::Budget;
use crate::stanza::node::{Known, Node, Part};
use std::borrow::Cow;

/// A borrowed view of one element.
///
/// Text and attribute values are raw octets: the stream parser has validated that they are UTF-8,
/// and validating them again would read every octet of a payload.
///
/// A sender can make an element as large as the server lets a stanza be, so every iterator pays
/// from the budget for what it gives, and ends when the budget is spent.
pub trait ElementView<'a>: Copy {
    /// Its local name.
    fn name(self) -> &'a [u8];

    /// Its namespace, which it declares or inherits.
    fn namespace(self) -> Cow<'a, [u8]>;

    /// Names and values of its attributes. The name of one with a prefix has a colon in it, so that
    /// it equals no name that a protocol defines. Declarations of namespaces are left out, and so
    /// are attributes that every element may have (`xml:lang`).
    fn attributes(self, budget: &Budget) -> impl Iterator<Item = (&'a [u8], &'a [u8])>;

    /// Its content in document order.
    fn nodes(self, budget: &Budget) -> impl Iterator<Item = Node<'a, Self>>;

    /// Its content in document order, each element with what its attributes say.
    fn parts(self, known: Known, budget: &Budget) -> impl Iterator<Item = Part<'a, Self>> {
        self.nodes(budget).map(move |node| {
            let mut part = Part {
                node,
                value: None,
                has_unknown: false,
            };
            if let Node::Element(element) = node {
                for (name, value) in element.attributes(budget) {
                    if name == known.wanted.as_bytes() {
                        part.value = Some(value);
                    } else {
                        part.has_unknown |= !known.is_flag(name, || Some(value));
                    }
                }
            }
            part
        })
    }

    /// Whether it has no content, not even white space.
    fn is_empty(self) -> bool {
        self.nodes(&Budget::new()).next().is_none()
    }

    /// The value of an attribute.
    fn attribute(self, name: &str, budget: &Budget) -> Option<&'a [u8]> {
        self.attributes(budget)
            .find(|(found, _)| *found == name.as_bytes())
            .map(|(_, value)| value)
    }

    /// Whether it has this local name *and* this namespace.
    fn is(self, name: &str, namespace: &str) -> bool {
        self.name() == name.as_bytes() && self.has_namespace(namespace.as_bytes())
    }

    /// Whether it has this namespace, whatever its name.
    fn has_namespace(self, namespace: &[u8]) -> bool {
        *self.namespace() == *namespace
    }

    /// Whether it has this local name, and the namespace of the element that it is a part of.
    fn is_part(self, name: &str, whole: Self) -> bool {
        self.name() == name.as_bytes() && self.shares_namespace(whole)
    }

    /// Whether both have the same namespace. Mostly one inherits it from the other: then both
    /// borrow the same octets, and comparing the addresses is enough.
    fn shares_namespace(self, other: Self) -> bool {
        let (own, other) = (self.namespace(), other.namespace());
        std::ptr::eq(own.as_ref(), other.as_ref()) || own == other
    }

    /// Whether its name has a prefix that nothing inside the stanza declares. `c:body` has one when
    /// the prefix was declared in the stream header: recipients may resolve it, the server's
    /// modules cannot.
    fn has_unresolved_prefix(self) -> bool {
        has_prefix(self.name())
    }

    /// The child elements in document order.
    fn children(self, budget: &Budget) -> impl Iterator<Item = Self> {
        self.nodes(budget).filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The text of an element whose content is one run of text, which is the usual case.
    fn only_text(self) -> Option<&'a [u8]> {
        let budget = Budget::new();
        let mut nodes = self.nodes(&budget);
        match (nodes.next(), nodes.next()) {
            (Some(Node::Text(text)), None) => Some(text),
            _ => None,
        }
    }

    /// The text of an element that contains text alone, cut off where the budget is spent; none if
    /// there is an element in it. Copied only if it is in several runs.
    fn text_alone(self, budget: &Budget) -> Option<Cow<'a, [u8]>> {
        if let Some(text) = self.only_text() {
            return Some(Cow::Borrowed(text));
        }
        let mut text = Cow::Borrowed(&[][..]);
        for node in self.nodes(budget) {
            match node {
                Node::Text(piece) if text.is_empty() => text = Cow::Borrowed(piece),
                Node::Text(piece) if budget.pay_octets(piece.len()) => text.to_mut().extend(piece),
                Node::Text(_) => break,
                Node::Element(_) => return None,
            }
        }
        Some(text)
    }
}

/// The longest name in which a prefix is looked for, in octets. No name of a XEP is half as long.
const MAX_NAME: usize = 256;

/// Whether a name has a prefix that nothing inside the stanza declares, or is so long that it is
/// taken to have one.
#[inline]
pub(crate) fn has_prefix(name: &[u8]) -> bool {
    name.len() > MAX_NAME || name.contains(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_too_long_to_be_searched_is_taken_to_have_a_prefix() {
        assert!(has_prefix(b"c:body"));
        assert!(!has_prefix(&[b'a'; MAX_NAME]));
        assert!(has_prefix(&[b'a'; MAX_NAME + 1]));
    }
}
