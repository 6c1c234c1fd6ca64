// SPDX-License-Identifier: GPL-2.0-or-later
//! Bodies that stand in for a reaction, a retraction or a moderation, as XEP-0428 marks them.
//!
//! Clients send these in the clear, with a fixed sentence or the emoji for other clients. Anyone can mark real
//! text as fallback, so it is believed of short bodies without a quotation only: what is quoted is what
//! somebody has decrypted.

use crate::budget::Budget;
use crate::element::{Class, class_of};
use crate::text::{characters, trimmed};
use crate::view::{ElementView, MessageView};
use std::ops::Range;

/// What replies mark: the quotation in front of what they say (XEP-0461).
const REPLY: &[u8] = b"urn:xmpp:reply:0";

/// How many parts of bodies the markers of a message may name: each kind of element has one.
const MAX_RANGES: usize = 8;

/// How many characters the bodies have together, up to one more than `limit`, if all of them are fallback; else
/// none.
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
        let is_blank = trimmed(&text, budget).is_empty();
        if quotes(&text) || !(is_blank || covers(&marked, length)) {
            return None;
        }
    }
    Some(sum)
}

/// The parts of bodies that are marked as fallback for what may have one, by their beginnings; none if a quotation
/// is marked.
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

/// The parts of bodies that a marker names: all of them if it names nothing.
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

/// Whether this namespace is of an element of the message that may have a body as its fallback.
fn may_have_body<'a, M: MessageView<'a>>(message: M, namespace: &[u8], budget: &Budget) -> bool {
    let is_it = |child: M::Child| {
        let class = class_of(child);
        matches!(
            class,
            Some(Class::Reactions | Class::Retraction | Class::Fastening)
        ) && child.has_namespace(namespace)
    };
    message.elements(budget).any(|child| {
        let fastens = class_of(child) == Some(Class::Fastening);
        is_it(child) || (fastens && child.children(budget).any(is_it))
    })
}

/// Whether the ranges cover so many characters together.
fn covers(ranges: &[Range<usize>], characters: usize) -> bool {
    let mut covered = 0;
    for range in ranges.iter().filter(|range| !range.is_empty()) {
        if range.start <= covered {
            covered = covered.max(range.end);
        }
    }
    covered >= characters
}

/// Whether a line begins as quotations do (XEP-0393 section 5.1.3).
fn quotes(text: &[u8]) -> bool {
    text.split(|octet| *octet == b'\n')
        .any(|line| line.trim_ascii_start().starts_with(b">"))
}

/// A number of characters from the beginning of the body.
fn position(attribute: Option<&[u8]>, default: usize) -> Option<usize> {
    /// As many digits as the largest number has.
    const LONGEST: usize = 20;
    match attribute {
        None => Some(default),
        Some(digits) if digits.len() <= LONGEST => str::from_utf8(digits).ok()?.parse().ok(),
        Some(_) => None,
    }
}
