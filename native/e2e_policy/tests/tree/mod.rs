// SPDX-License-Identifier: GPL-2.0-or-later
//! A view of elements as plain structs, for measurements.
//!
//! minidom copies a namespace each time it is asked for one. Here nothing is copied or allocated,
//! so that what is measured is the core alone.

use e2e_policy::{Budget, ElementView, Node};
use minidom::Element;
use std::borrow::Cow;

/// An element with what the core asks for.
pub struct Tree {
    name: String,
    namespace: String,
    /// Only those without a prefix, as the measured stanzas have no others.
    attributes: Vec<(String, String)>,
    nodes: Vec<Item>,
}

enum Item {
    Element(Tree),
    Text(String),
}

impl From<&Element> for Tree {
    fn from(element: &Element) -> Self {
        let attributes = element.attrs().iter();
        Self {
            name: element.name().to_owned(),
            namespace: element.ns(),
            attributes: attributes
                .filter(|((namespace, _), _)| namespace.is_none())
                .map(|((_, name), value)| (name.to_string(), value.clone()))
                .collect(),
            nodes: element
                .nodes()
                .map(|node| match node {
                    minidom::Node::Element(child) => Item::Element(Self::from(child)),
                    minidom::Node::Text(text) => Item::Text(text.clone()),
                })
                .collect(),
        }
    }
}

impl<'a> ElementView<'a> for &'a Tree {
    fn name(self) -> &'a [u8] {
        self.name.as_bytes()
    }

    fn namespace(self) -> Cow<'a, [u8]> {
        Cow::Borrowed(self.namespace.as_bytes())
    }

    fn attributes(self, budget: &Budget) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.attributes
            .iter()
            .take_while(|_| budget.pay())
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
    }

    fn is_empty(self) -> bool {
        self.nodes.is_empty()
    }

    fn nodes(self, budget: &Budget) -> impl Iterator<Item = Node<'a, Self>> {
        self.nodes
            .iter()
            .take_while(|_| budget.pay())
            .map(|item| match item {
                Item::Element(child) => Node::Element(child),
                Item::Text(text) => Node::Text(text.as_bytes()),
            })
    }
}
