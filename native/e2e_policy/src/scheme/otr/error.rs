// SPDX-License-Identifier: GPL-2.0-or-later
//! Error messages, with a text for people.

use super::kind::Kind;
use crate::stanza::budget::Budget;
use crate::stanza::text::{characters, trimmed};

/// How long the text for people may be, in characters.
const MAX_TEXT: usize = 200;

/// Validates what follows `?OTR` in an error message: ` Error:` and a text in any language, which
/// in version 4 begins with a code.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(super) fn read(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let text = rest.strip_prefix(b" Error:").ok_or("not an OTR message")?;
    budget.pay_octets(MAX_TEXT.min(text.len()));
    if characters(trimmed(text, budget), MAX_TEXT) <= MAX_TEXT {
        Ok(Kind::Error)
    } else {
        Err("an error with a text of more than 200 characters")
    }
}
