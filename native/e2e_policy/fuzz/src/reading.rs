// SPDX-License-Identifier: GPL-2.0-or-later
//! How much people can read in an element.

use crate::table::Attributes;
use minidom::{Element, Node};

/// Up to which level elements are read. What is deeper counts as more than any rule allows.
pub const LEVELS: usize = 16;

/// More than any rule allows.
const TOO_MANY: usize = 1_000_000;

/// The namespace of `xml:lang`, which is no text.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// How many characters people can read in an element.
#[must_use]
pub fn characters(element: &Element, attributes: &Attributes) -> usize {
    on_level(1, element, attributes)
}

fn on_level(level: usize, element: &Element, attributes: &Attributes) -> usize {
    if level > LEVELS {
        return TOO_MANY;
    }
    let own = match attributes {
        Attributes::Named(names) => named(element, |name| names.contains(&name)),
        Attributes::Below => 0,
        Attributes::All => in_attributes(element, &[]),
    };
    let of_children = match attributes {
        Attributes::Below => &Attributes::All,
        same => same,
    };
    let children = element.children();
    own + in_texts(element)
        + children
            .map(|child| on_level(level + 1, child, of_children))
            .sum::<usize>()
}

/// How many characters of text are directly in an element.
#[must_use]
pub fn in_texts(element: &Element) -> usize {
    element.texts().map(length).sum()
}

/// How many characters are in all attributes of an element except these.
#[must_use]
pub fn in_attributes(element: &Element, without: &[&str]) -> usize {
    let of_others: usize = element
        .attrs()
        .iter()
        .filter(|((namespace, _), _)| !namespace.is_empty() && namespace.as_str() != XML)
        .map(|(_, value)| length(value))
        .sum();
    of_others + named(element, |name| !without.contains(&name))
}

/// How many characters are in the attributes with such names. An attribute with a prefix has
/// another name.
fn named(element: &Element, is_meant: impl Fn(&str) -> bool) -> usize {
    element
        .attrs()
        .iter()
        .filter(|((namespace, name), _)| namespace.is_empty() && is_meant(name.as_str()))
        .map(|(_, value)| length(value))
        .sum()
}

/// How many characters a text has, without the white space around it.
#[must_use]
pub fn length(text: &str) -> usize {
    text.trim_ascii().chars().count()
}

/// The text of an element; nothing when there are elements in it.
#[must_use]
pub fn text_alone(element: &Element) -> Option<String> {
    element
        .nodes()
        .all(|node| matches!(node, Node::Text(_)))
        .then(|| element.text())
}
