// SPDX-License-Identifier: GPL-2.0-or-later
//! The numbers of ciphers and modes (RFC 9580 section 9), with those of LibrePGP and for private
//! use.

/// Checks the number of a symmetric cipher. Number 0 is plaintext, and is refused.
pub(super) fn cipher(number: u8) -> Option<()> {
    matches!(number, 1..=4 | 7..=13 | 100..=110).then_some(())
}

/// Checks the number of a cipher with blocks of 128 bits, which AEAD modes take.
pub(super) fn cipher_for_aead(number: u8) -> Option<()> {
    matches!(number, 7..=13 | 100..=110).then_some(())
}

/// How many octets of nonce an AEAD mode takes: EAX, OCB, GCM.
pub(super) fn nonce_length(mode: u8) -> Option<usize> {
    match mode {
        1 => Some(16),
        2 => Some(15),
        3 => Some(12),
        _ => None,
    }
}
