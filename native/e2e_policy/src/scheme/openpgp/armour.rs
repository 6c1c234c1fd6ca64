// SPDX-License-Identifier: GPL-2.0-or-later
//! ASCII armour (RFC 9580 section 6.2), of which XEP-0027 wants the base64 alone. Clients leave the
//! checksum in, some of them also the headers or the lines at both ends.

use crate::scheme::base64::is_in_alphabet;
use crate::stanza::budget::Budget;
use crate::stanza::text::trimmed;

const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
const END: &[u8] = b"-----END PGP MESSAGE-----";
const HEADERS: [&[u8]; 5] = [
    b"Version: ",
    b"Comment: ",
    b"Charset: ",
    b"Hash: ",
    b"MessageID: ",
];

/// How many octets the headers may have together: anybody can read them.
const MAX_HEADERS: usize = 64;

/// Whether a text begins with the first line of ASCII armour.
pub(super) fn is_armoured(text: &[u8]) -> bool {
    text.starts_with(BEGIN)
}

/// The base64 of a text without what may be left of the armour around it.
///
/// # Errors
///
/// The headers are too long.
pub(super) fn remove<'a>(text: &'a [u8], budget: &Budget) -> Result<&'a [u8], &'static str> {
    let mut rest = trimmed(text.strip_prefix(BEGIN).unwrap_or(text), budget);
    let mut headers = 0_usize;
    while HEADERS.iter().any(|name| rest.starts_with(name)) {
        let end = rest
            .iter()
            .take(2 * MAX_HEADERS)
            .position(|octet| *octet == b'\n')
            .ok_or("too much text in the armour headers")?;
        headers = headers.saturating_add(end);
        if headers > MAX_HEADERS || !budget.pay() {
            return Err("too much text in the armour headers");
        }
        rest = trimmed(rest.get(end..).unwrap_or_default(), budget);
    }
    let rest = trimmed(rest.strip_suffix(END).unwrap_or(rest), budget);
    // The CRC-24 is not computed, as that would read all data, and it protects against transmission
    // errors only.
    Ok(match rest {
        [data @ .., b'=', a, b, c, d] if is_in_alphabet(&[*a, *b, *c, *d], budget) => data,
        data => data,
    })
}
