// SPDX-License-Identifier: GPL-2.0-or-later
//! Remarks: reactions, retractions and moderation, and bodies that are their fallback text.

use crate::reading;
use crate::table::class;
use minidom::{Element, Node};
use std::ops::Range;

/// How many characters are in a `<reactions/>`; nothing when something in it is no reaction.
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

/// Emoji are no letters, except for these six.
fn is_reaction(text: &str) -> bool {
    let others = text.replace(['ℹ', 'Ⓜ', '🅰', '🅱', '🅾', '🅿'], "");
    text.chars().count() <= 16 && !others.contains(char::is_alphabetic)
}

/// How many characters the bodies of a message have; nothing when one of them is more than fallback
/// text.
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
            // A longer body is refused for its length, so its characters need no check.
            let is_covered = length > 200
                || (0..length).all(|index| ranges.iter().any(|range| range.contains(&index)));
            let is_blank = text.trim_ascii().is_empty();
            (!is_quotation && (is_blank || is_covered)).then_some(length)
        })
        .sum()
}

/// The ranges that are marked as fallback text; nothing when they cannot be read, or one is of a
/// quotation.
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
            Some(namespace) if !has_remark_of(message, namespace) => {}
            _ => marked.extend(ranges),
        }
    }
    // A client marks one range for each kind of element that has a fallback.
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
