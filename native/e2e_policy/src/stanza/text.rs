// SPDX-License-Identifier: GPL-2.0-or-later
//! Measuring of text: its characters, and the white space around it.

use crate::stanza::budget::Budget;

/// The longest character of UTF-8, in octets (RFC 3629).
const CHARACTER: usize = 4;

/// How many characters (not octets) a UTF-8 text has; `limit + 1` if there are more than `limit`.
pub(crate) fn characters(text: &[u8], limit: usize) -> usize {
    // A text with this many octets has more, so that there is no need to read it.
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

/// A text without the ASCII white space around it. Each 32 octets of white space cost a step.
#[inline]
pub(crate) fn trimmed<'a>(text: &'a [u8], budget: &Budget) -> &'a [u8] {
    let text = trimmed_end(text, budget);
    match text {
        [first, ..] if first.is_ascii_whitespace() => {
            let start = white_space(text.chunks(PIECE), <[u8]>::trim_ascii_start, budget);
            text.get(start..).unwrap_or_default()
        }
        _ => text,
    }
}

/// A text without the ASCII white space at its end, at the same cost.
#[inline]
pub(crate) fn trimmed_end<'a>(text: &'a [u8], budget: &Budget) -> &'a [u8] {
    match text {
        [.., last] if last.is_ascii_whitespace() => {
            let end = white_space(text.rchunks(PIECE), <[u8]>::trim_ascii_end, budget);
            text.get(..text.len().saturating_sub(end))
                .unwrap_or_default()
        }
        _ => text,
    }
}

/// How many octets of white space are read for one step of the budget.
const PIECE: usize = 32;

/// How many octets of white space come before the first other octet.
#[inline(never)]
fn white_space<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    trim: impl Fn(&[u8]) -> &[u8],
    budget: &Budget,
) -> usize {
    let mut length = 0_usize;
    for piece in pieces {
        let rest = trim(piece).len();
        length = length.saturating_add(piece.len().saturating_sub(rest));
        if rest > 0 || !budget.pay() {
            break;
        }
    }
    length
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
    fn octets_that_are_not_utf_8_exceed_the_limit_by_their_number() {
        assert_eq!(characters(&[0x80; 801], 200), 201);
    }
}
