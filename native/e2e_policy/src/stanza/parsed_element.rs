// SPDX-License-Identifier: GPL-2.0-or-later
//! The view of an element that minidom has parsed from text.

use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::node::Node;
use minidom::Element;
use std::borrow::Cow;

/// Stands for the name of an attribute with a prefix, which minidom does not keep.
const PREFIXED: &[u8] = b":";

/// The namespace of `xml:lang` and its like.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The language of an element that says itself which one it has, by `xml:lang`.
pub(crate) fn lang(element: &Element) -> Option<&str> {
    element
        .attrs()
        .iter()
        .find(|((namespace, name), _)| namespace.as_str() == XML && name.as_str() == "lang")
        .map(|(_, value)| value.as_str())
}

impl<'a> ElementView<'a> for &'a Element {
    fn name(self) -> &'a [u8] {
        Element::name(self).as_bytes()
    }

    /// Owned, as minidom gives namespaces away as copies only.
    fn namespace(self) -> Cow<'a, [u8]> {
        Cow::Owned(self.ns().into_bytes())
    }

    fn attributes(self, budget: &Budget) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.attrs()
            .iter()
            .take_while(|_| budget.pay())
            .filter(|((namespace, _), _)| namespace.as_str() != XML)
            .map(|((namespace, name), value)| {
                let is_local = namespace.is_empty();
                let name = if is_local { name.as_bytes() } else { PREFIXED };
                (name, value.as_bytes())
            })
    }

    /// An element costs as many steps as it has attributes, and one: a running server finds its
    /// namespace among them.
    fn nodes(self, budget: &Budget) -> impl Iterator<Item = Node<'a, Self>> {
        Element::nodes(self).map_while(|node| {
            let (node, steps) = match node {
                minidom::Node::Element(element) => {
                    let attributes = element.attrs().iter().count();
                    (Node::Element(element), attributes.saturating_add(1))
                }
                minidom::Node::Text(text) => (Node::Text(text.as_bytes()), 1),
            };
            budget.pay_steps(steps).then_some(node)
        })
    }
}
