// SPDX-License-Identifier: GPL-2.0-or-later
//! How much an element says to people: its text, and the attributes that people read.

use crate::budget::Budget;
use crate::element::Attributes;
use crate::view::{ElementView, Node};

/// How deep an element is looked into. What is nested deeper counts as text, so that hiding
/// something there gains nothing, and no input makes the stack deep.
pub(crate) const MAX_DEPTH: usize = 16;

/// How many characters are tolerated in ciphertext for which its scheme has no place: clients add small elements
/// and attributes of their own.
pub(crate) const MAX_STRAY: usize = 64;

/// Whether an element says anything to people, but white space.
pub(crate) fn says_anything<'a>(
    element: impl ElementView<'a>,
    read: Attributes,
    budget: &Budget,
) -> bool {
    readable(element, read, 0, budget) > 0
}

/// How many characters people can read in an element: of its text at any depth, white space around it left
/// out, and of the attributes that they read. Counting stops soon after `limit` is exceeded.
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

/// The same of the attributes of the element itself.
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

/// The longest character of UTF-8, in octets (RFC 3629).
const CHARACTER: usize = 4;

/// Characters of a UTF-8 text, not octets; at most one more than `limit`.
pub(crate) fn characters(text: &[u8], limit: usize) -> usize {
    // Seen without looking for them, as they are counted again and again.
    if text.len() > limit.saturating_mul(CHARACTER) {
        return limit.saturating_add(1);
    }
    text.iter()
        .filter(|octet| !is_continuation(**octet))
        .take(limit.saturating_add(1))
        .count()
}

/// The octets of a UTF-8 character after its first are `10xxxxxx` (RFC 3629).
const fn is_continuation(octet: u8) -> bool {
    octet & 0xc0 == 0x80
}

/// A text without the ASCII white space around it, for which is paid where there is much of it.
#[inline]
pub(crate) fn trimmed<'a>(text: &'a [u8], budget: &Budget) -> &'a [u8] {
    let text = trimmed_end(text, budget);
    match text {
        [first, ..] if first.is_ascii_whitespace() => {
            let start = blanks(text.chunks(PIECE), <[u8]>::trim_ascii_start, budget);
            text.get(start..).unwrap_or_default()
        }
        _ => text,
    }
}

/// A text without the ASCII white space at its end.
#[inline]
pub(crate) fn trimmed_end<'a>(text: &'a [u8], budget: &Budget) -> &'a [u8] {
    match text {
        [.., last] if last.is_ascii_whitespace() => {
            let end = blanks(text.rchunks(PIECE), <[u8]>::trim_ascii_end, budget);
            text.get(..text.len().saturating_sub(end))
                .unwrap_or_default()
        }
        _ => text,
    }
}

/// How many octets are looked at for one step of the budget.
const PIECE: usize = 32;

/// How many octets of white space come before the first other one.
#[inline(never)]
fn blanks<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    trim: impl Fn(&[u8]) -> &[u8],
    budget: &Budget,
) -> usize {
    let mut blanks = 0_usize;
    for piece in pieces {
        let rest = trim(piece).len();
        blanks = blanks.saturating_add(piece.len().saturating_sub(rest));
        if rest > 0 || !budget.pay() {
            break;
        }
    }
    blanks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_text_is_left_out() {
        for text in ["a b", " a b", "a b\n", "\t\r\n a b  "] {
            assert_eq!(trimmed(text.as_bytes(), &Budget::new()), b"a b", "{text:?}");
        }
        let blanks = " ".repeat(1_000);
        let text = format!("{blanks}a b{blanks}");
        assert_eq!(trimmed(text.as_bytes(), &Budget::new()), b"a b");
        for blank in ["", " ", &blanks] {
            assert_eq!(trimmed(blank.as_bytes(), &Budget::new()), b"");
        }
    }

    #[test]
    fn much_white_space_spends_the_budget() {
        let budget = Budget::new();
        trimmed(&vec![b' '; 4_000_000], &budget);
        assert!(budget.is_spent());
    }

    #[test]
    fn characters_are_counted_up_to_one_more_than_the_limit() {
        assert_eq!(characters("Grüße".as_bytes(), 10), 5);
        assert_eq!(characters("Grüße".as_bytes(), 3), 4);
        assert_eq!(characters("😀".repeat(3).as_bytes(), 3), 3);
        assert_eq!(characters("😀".repeat(4).as_bytes(), 3), 4);
    }

    #[test]
    fn what_is_no_utf_8_is_longer_than_the_limit_by_its_octets() {
        assert_eq!(characters(&[0x80; 801], 200), 201);
    }
}
