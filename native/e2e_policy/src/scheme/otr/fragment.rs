// SPDX-License-Identifier: GPL-2.0-or-later
//! Fragments of encoded messages (OTR versions 2 to 4).

use super::encoded::{self, MIN_INSTANCE};
use super::kind::Kind;
use crate::scheme::base64::{Base64, is_in_alphabet};
use crate::stanza::budget::Budget;

/// The beginning of the message that was cut into fragments.
const ENCODED: &[u8] = b"?OTR:";

/// Validates what follows `?OTR` in a fragment: `,k,n,piece,`, since version 3 with
/// `|sender|receiver` before it, and in version 4 with `|id` before that.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(super) fn read(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let mut rest = rest
        .strip_suffix(b",")
        .ok_or("no comma after the fragment")?;
    if let Some(tags) = rest.strip_prefix(b"|") {
        rest = instance_tags(tags).ok_or("malformed instance tags")?;
    } else {
        rest = rest.get(1..).unwrap_or_default();
    }
    let (index, total, piece) = numbers(rest).ok_or("malformed fragment numbers")?;
    if is_piece(index, total, piece, budget) {
        Ok(Kind::Fragment)
    } else {
        Err("not a piece of an OTR message")
    }
}

/// Goes past the instance tags and the comma after them.
fn instance_tags(rest: &[u8]) -> Option<&[u8]> {
    let (first, rest) = field(rest, b'|', 16)?;
    let (sender, rest) = field(rest, b'|', 16).unwrap_or((first, rest));
    let (receiver, rest) = field(rest, b',', 16)?;
    let is_known = receiver == 0 || receiver >= MIN_INSTANCE;
    (sender >= MIN_INSTANCE && is_known).then_some(rest)
}

/// The index of the fragment, the number of fragments, and the piece of the message.
fn numbers(rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let (index, rest) = field(rest, b',', 10)?;
    let (total, piece) = field(rest, b',', 10)?;
    let is_valid = 1 <= index && index <= total && total <= 0xffff && !piece.is_empty();
    is_valid.then_some((index, total, piece))
}

/// A number of up to eight digits, and what follows the separator after it.
fn field(text: &[u8], separator: u8, radix: u32) -> Option<(usize, &[u8])> {
    let length = text.iter().take(9).position(|octet| *octet == separator)?;
    let (digits, rest) = (text.get(..length)?, text.get(length.checked_add(1)?..)?);
    let digits = str::from_utf8(digits).ok()?;
    let has_no_sign = digits.bytes().all(|digit| digit.is_ascii_alphanumeric());
    let number = usize::from_str_radix(digits, radix).ok()?;
    has_no_sign.then_some((number, rest))
}

/// Whether a piece can be the one at `index` of an encoded message: `?OTR:`, base64 and a full
/// stop.
fn is_piece(index: usize, total: usize, piece: &[u8], budget: &Budget) -> bool {
    let mut rest = piece;
    if index == 1 {
        let Some(begun) = piece.strip_prefix(ENCODED) else {
            return total > 1 && ENCODED.starts_with(piece);
        };
        if total == 1 {
            return encoded::read(begun, budget).is_ok();
        }
        if begun
            .get(..4)
            .is_some_and(|begin| !begins_message(begin, budget))
        {
            return false;
        }
        rest = begun;
    }
    if index == total {
        let Some(ended) = rest.strip_suffix(b".") else {
            return false;
        };
        rest = ended;
    }
    let rest = rest.strip_suffix(b"=").unwrap_or(rest);
    is_in_alphabet(rest.strip_suffix(b"=").unwrap_or(rest), budget)
}

/// Whether the first three octets name a version and a type.
fn begins_message(base64: &[u8], budget: &Budget) -> bool {
    Base64::one_line(base64, budget)
        .is_some_and(|data| encoded::version_and_type(&mut data.cursor()).is_some())
}
