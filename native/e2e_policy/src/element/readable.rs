// SPDX-License-Identifier: GPL-2.0-or-later
//! How much people can read in an element: its text, and the attributes that people read.

use crate::element::attributes::Attributes;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::node::Node;
use crate::stanza::text::{characters, trimmed};

/// How many levels of an element are read, which bounds the stack. An element that is nested deeper
/// counts as text.
pub(crate) const MAX_DEPTH: usize = 16;

/// Whether people can read anything but white space in an element.
pub(crate) fn is_readable<'a>(
    element: impl ElementView<'a>,
    read: Attributes,
    budget: &Budget,
) -> bool {
    readable(element, read, 0, budget) > 0
}

/// How many characters people can read in an element: those of its text at any depth, without white
/// space around it, and those of the attributes in `read`. Counting stops soon after `limit`.
pub(crate) fn readable<'a>(
    element: impl ElementView<'a>,
    read: Attributes,
    limit: usize,
    budget: &Budget,
) -> usize {
    count(element, read, limit, MAX_DEPTH, budget)
}

fn count<'a>(
    element: impl ElementView<'a>,
    read: Attributes,
    limit: usize,
    depth: usize,
    budget: &Budget,
) -> usize {
    let Some(depth) = depth.checked_sub(1) else {
        return limit.saturating_add(1);
    };
    let mut sum = in_attributes(element, read, limit, budget);
    if element.is_empty() {
        return sum;
    }
    for node in element.nodes(budget) {
        let left = limit.saturating_sub(sum);
        sum = sum.saturating_add(match node {
            Node::Text(text) => characters(trimmed(text, budget), left),
            Node::Element(child) => count(child, read.of_children(), left, depth, budget),
        });
        if sum > limit {
            break;
        }
    }
    sum
}

/// How many characters people can read in the attributes of the element itself.
pub(crate) fn in_attributes<'a>(
    element: impl ElementView<'a>,
    read: Attributes,
    limit: usize,
    budget: &Budget,
) -> usize {
    let length = |value| characters(trimmed(value, budget), limit);
    let lengths = |sum: usize, value| sum.saturating_add(length(value));
    match read {
        Attributes::None | Attributes::Below => 0,
        Attributes::Named(names) => names
            .iter()
            .filter_map(|name| element.attribute(name, budget))
            .fold(0, lengths),
        Attributes::All => element
            .attributes(budget)
            .map(|(_, value)| value)
            .fold(0, lengths),
    }
}
