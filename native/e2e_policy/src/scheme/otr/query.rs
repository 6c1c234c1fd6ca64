// SPDX-License-Identifier: GPL-2.0-or-later
//! Queries: offers to use OTR, with a text for people whose client has none.

use super::kind::Kind;
use crate::stanza::budget::Budget;

/// How long the text for people may be, in octets.
const MAX_TEXT: usize = 1_024;

/// Validates what follows `?OTR` in a query: `?`, or `v`, versions and `?`, or both; then perhaps a
/// text for people whose client has no OTR.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(super) fn read(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let (version_1, rest) = match rest.strip_prefix(b"?") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let text = match versions(rest) {
        Some(text) => text,
        None if version_1 => rest,
        None => return Err("malformed versions in a query"),
    };
    if text.is_empty() {
        return Ok(Kind::Query);
    }
    if text.len() > MAX_TEXT {
        return Err("a query with a text of more than 1024 octets");
    }
    // Each octet may be compared several times.
    budget.pay_octets(text.len().saturating_mul(4));
    if names_otr(text) {
        Ok(Kind::Query)
    } else {
        Err("a query with a text that does not name OTR")
    }
}

/// Whether a text names the protocol as a word, in any case. Clients do in every language.
fn names_otr(text: &[u8]) -> bool {
    const NAMES: [&[u8]; 2] = [b"otr", b"off-the-record"];
    let mut rest = text;
    let mut before = None;
    while let Some((first, after)) = rest.split_first() {
        let is_start = before.is_none_or(|octet| !continues_word(octet));
        if is_start && first.eq_ignore_ascii_case(&b'o') {
            let is_name = |name: &&[u8]| {
                rest.split_at_checked(name.len())
                    .is_some_and(|(found, end)| {
                        found.eq_ignore_ascii_case(name)
                            && !end.first().copied().is_some_and(continues_word)
                    })
            };
            if NAMES.iter().any(is_name) {
                return true;
            }
        }
        before = Some(*first);
        rest = after;
    }
    false
}

/// Whether an octet continues a word in ASCII. A letter of another script does not, as some scripts
/// have no blanks between words.
const fn continues_word(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
}

/// Goes past `v23?`. Versions are digits or `x`, none twice.
fn versions(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.strip_prefix(b"v")?;
    let end = rest.iter().take(12).position(|octet| *octet == b'?')?;
    let (versions, text) = (rest.get(..end)?, rest.get(end.checked_add(1)?..)?);
    let is_valid = versions.iter().enumerate().all(|(index, version)| {
        matches!(version, b'0'..=b'9' | b'x')
            && !versions.iter().take(index).any(|other| other == version)
    });
    is_valid.then_some(text)
}
