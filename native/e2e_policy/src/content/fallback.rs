// SPDX-License-Identifier: GPL-2.0-or-later
//! Bodies that are the fallback text of a reaction, a retraction or a moderation (XEP-0428).
//!
//! Clients send these in the clear, with a fixed sentence or the emoji for other clients. As any
//! text can be marked as fallback, the marker is believed only of short bodies without a quotation:
//! a quotation may be of a message that was encrypted.

use crate::element::class::Class;
use crate::element::lookup::class_of;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::message::MessageView;
use crate::stanza::text::{characters, trimmed};
use std::ops::Range;

/// The namespace for which replies mark the quotation at the beginning of their body (XEP-0461).
const REPLY: &[u8] = b"urn:xmpp:reply:0";

/// How many parts of bodies the markers of a message may name. A client marks one for each kind of
/// element.
const MAX_RANGES: usize = 8;

/// How many characters the bodies have together if all of them are fallback text, else none.
/// Counting ends soon after `limit`.
pub(crate) fn bodies<'a, M: MessageView<'a>>(
    message: M,
    limit: usize,
    budget: &Budget,
) -> Option<usize> {
    let marked = marked(message, budget)?;
    let mut sum = 0_usize;
    for body in message.elements(budget) {
        if class_of(body) != Some(Class::Body) {
            continue;
        }
        let text = body.text_alone(budget)?;
        let length = characters(&text, limit);
        sum = sum.saturating_add(length);
        if sum > limit {
            return Some(sum);
        }
        let is_white_space = trimmed(&text, budget).is_empty();
        if quotes(&text) || !(is_white_space || covers(&marked, length)) {
            return None;
        }
    }
    Some(sum)
}

/// The parts of bodies that are marked as fallback for elements that may have one, sorted by their
/// starts; none if a quotation is marked.
fn marked<'a, M: MessageView<'a>>(message: M, budget: &Budget) -> Option<Vec<Range<usize>>> {
    let mut marked = Vec::new();
    for marker in message.elements(budget) {
        if class_of(marker) != Some(Class::Fallback) {
            continue;
        }
        let subject = marker.attribute("for", budget);
        let mut ranges = ranges(marker, budget)?;
        if subject == Some(REPLY) {
            if ranges.iter().any(|range| !range.is_empty()) {
                return None;
            }
        } else if subject.is_none_or(|subject| may_have_body(message, subject, budget)) {
            marked.append(&mut ranges);
        }
        if marked.len() > MAX_RANGES {
            return None;
        }
    }
    marked.sort_by_key(|range| range.start);
    Some(marked)
}

/// The parts of bodies that a marker names; the whole body if it names none.
fn ranges<'a>(marker: impl ElementView<'a>, budget: &Budget) -> Option<Vec<Range<usize>>> {
    const WHOLE: Range<usize> = 0..usize::MAX;
    let mut parts = marker.children(budget).peekable();
    if parts.peek().is_none() {
        return Some(Vec::from([WHOLE]));
    }
    parts
        .filter(|part| part.is_part("body", marker))
        .map(|part| {
            let start = position(part.attribute("start", budget), 0)?;
            Some(start..position(part.attribute("end", budget), usize::MAX)?)
        })
        .take(MAX_RANGES.saturating_add(1))
        .collect()
}

/// Whether the message has an element of this namespace that may have a body as its fallback.
fn may_have_body<'a, M: MessageView<'a>>(message: M, namespace: &[u8], budget: &Budget) -> bool {
    let may_have = |child: M::Child| {
        let class = class_of(child);
        matches!(
            class,
            Some(Class::Reactions | Class::Retraction | Class::Fastening)
        ) && child.has_namespace(namespace)
    };
    message.elements(budget).any(|child| {
        let fastens = class_of(child) == Some(Class::Fastening);
        may_have(child) || (fastens && child.children(budget).any(may_have))
    })
}

/// Whether ranges, sorted by their starts, cover a number of characters without a gap.
fn covers(ranges: &[Range<usize>], characters: usize) -> bool {
    let mut covered = 0;
    for range in ranges.iter().filter(|range| !range.is_empty()) {
        if range.start <= covered {
            covered = covered.max(range.end);
        }
    }
    covered >= characters
}

/// Whether a line begins with the mark of a quotation (XEP-0393 section 5.1.3).
fn quotes(text: &[u8]) -> bool {
    text.split(|octet| *octet == b'\n')
        .any(|line| line.trim_ascii_start().starts_with(b">"))
}

/// A position in the body, counted in characters from its beginning; none if it is not a number.
fn position(attribute: Option<&[u8]>, default: usize) -> Option<usize> {
    /// How many digits the largest number has.
    const LONGEST: usize = 20;
    match attribute {
        None => Some(default),
        Some(digits) if digits.len() <= LONGEST => str::from_utf8(digits).ok()?.parse().ok(),
        Some(_) => None,
    }
}
