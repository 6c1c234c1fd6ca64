// SPDX-License-Identifier: GPL-2.0-or-later
//! The characters of base64 (RFC 4648 section 4).

/// How many octets are compared at once: as many as a vector register of every x86-64 and aarch64
/// has.
pub(super) const LANES: usize = 16;

/// Whether all octets are characters of the alphabet, without padding.
///
/// Not inlined: each copy would take lines of the instruction cache (docs/performance.md,
/// "Base64").
#[inline(never)]
pub(super) fn all_in_alphabet(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else {
        return text.iter().all(|octet| beyond(*octet) == 0);
    };
    // The last step overlaps the one before, which takes less time than a step for each octet left.
    let (steps, _) = text.as_chunks();
    let mut sum = [0; LANES];
    for step in steps {
        add_beyond(step, &mut sum);
    }
    add_beyond(last, &mut sum);
    sum == [0; LANES]
}

fn add_beyond(step: &[u8; LANES], sum: &mut [u8; LANES]) {
    for (sum, octet) in sum.iter_mut().zip(step) {
        *sum |= beyond(*octet);
    }
}

/// The distance of an octet from the alphabet: zero if it is in it. Without branches, so that the
/// compiler makes vector instructions of it.
fn beyond(octet: u8) -> u8 {
    let letter = (octet | 0x20).wrapping_sub(b'a').saturating_sub(25);
    // In ASCII the slash comes before the zero.
    let digit_or_slash = octet.wrapping_sub(b'/').saturating_sub(10);
    letter.min(digit_or_slash).min(octet ^ b'+')
}

/// The six bits that a character encodes, or [`NONE`]. Looked up in a table, as comparisons with
/// the ranges of the alphabet would cause branch mispredictions on random data.
pub(super) fn sextet(character: u8) -> u8 {
    SEXTETS.get(usize::from(character)).copied().unwrap_or(NONE)
}

/// No character of the alphabet.
pub(super) const NONE: u8 = u8::MAX;

#[expect(clippy::indexing_slicing, reason = "evaluated when this is compiled")]
static SEXTETS: [u8; 256] = {
    let mut sextets = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        sextets[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    sextets
};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
