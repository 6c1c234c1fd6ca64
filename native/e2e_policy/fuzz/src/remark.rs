// SPDX-License-Identifier: GPL-2.0-or-later
//! Reactions, and bodies that stand in for these, retractions and moderation.

use crate::{reading, table};
use minidom::{Element, Node};
use std::ops::Range;

/// How many characters are in a `<reactions/>`; nothing when one of them is none.
#[must_use]
pub fn reactions(reactions: &Element) -> Option<usize> {
    reactions
        .nodes()
        .map(|node| match node {
            Node::Element(reaction) => reading::text_alone(reaction),
            Node::Text(text) => Some(text.clone()),
        })
        .map(|text| text.filter(|text| is_reaction(text.trim_ascii())))
        .map(|text| text.map(|text| reading::length(&text)))
        .sum()
}

/// Emoji: six of them are letters too.
fn is_reaction(text: &str) -> bool {
    let others = text.replace(['ℹ', 'Ⓜ', '🅰', '🅱', '🅾', '🅿'], "");
    text.chars().count() <= 16 && !others.contains(char::is_alphabetic)
}

/// How many characters the bodies of a message have, if none of them says more than what it stands for.
#[must_use]
pub fn bodies(message: &Element) -> Option<usize> {
    let ranges = marked(message)?;
    message
        .children()
        .filter(|child| class(child) == "Body")
        .map(|body| {
            let text = reading::text_alone(body)?;
            let length = text.chars().count();
            let is_quotation = text
                .split('\n')
                .any(|line| line.trim_ascii_start().starts_with('>'));
            // What is longer is refused for its length, and need not be gone through.
            let is_covered = length > 200
                || (0..length).all(|at| ranges.iter().any(|range| range.contains(&at)));
            let is_blank = text.trim_ascii().is_empty();
            (!is_quotation && (is_blank || is_covered)).then_some(length)
        })
        .sum()
}

/// What is marked; nothing when that cannot be told, or is a quotation.
fn marked(message: &Element) -> Option<Vec<Range<usize>>> {
    let mut marked = Vec::new();
    for marker in message
        .children()
        .filter(|child| class(child) == "Fallback")
    {
        let ranges = ranges(marker)?;
        match marker.attr("for") {
            Some("urn:xmpp:reply:0") if ranges.iter().any(|range| !range.is_empty()) => {
                return None;
            }
            Some("urn:xmpp:reply:0") => {}
            Some(other) if !has_remark_of(message, other) => {}
            _ => marked.extend(ranges),
        }
    }
    // One for each kind of element that has a fallback, and not a puzzle.
    (marked.len() <= 8).then_some(marked)
}

fn ranges(marker: &Element) -> Option<Vec<Range<usize>>> {
    const WHOLE: Range<usize> = 0..usize::MAX;
    let number = |part: &Element, name, missing| {
        part.attr(name)
            .map_or(Some(missing), |digits| digits.parse().ok())
    };
    if marker.children().next().is_none() {
        return Some(Vec::from([WHOLE]));
    }
    marker
        .children()
        .filter(|part| part.is("body", "urn:xmpp:fallback:0"))
        .take(9)
        .map(|part| Some(number(part, "start", 0)?..number(part, "end", usize::MAX)?))
        .collect()
}

fn has_remark_of(message: &Element, namespace: &str) -> bool {
    let fastened = message
        .children()
        .filter(|child| class(child) == "Fastening")
        .flat_map(Element::children);
    message.children().chain(fastened).any(|child| {
        child.ns() == namespace && ["Reactions", "Retraction", "Fastening"].contains(&class(child))
    })
}

fn class(element: &Element) -> &'static str {
    table::row(element).map_or("", |row| row.class)
}
