// SPDX-License-Identifier: GPL-2.0-or-later
//! Encrypted data with integrity protection: SEIPD (RFC 9580 section 5.13), or the AEAD packet that
//! GnuPG writes.

use super::algorithm::{cipher_for_aead, nonce_length};
use super::packet::Packet;
use super::session_key::{AEAD, SEIPD_1, SEIPD_2};
use crate::scheme::base64::cursor::Cursor;

/// Validates the fields before the data, and that one of the session keys is for it.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(super) fn check(packet: &Packet<'_>, keys: u8) -> Result<(), &'static str> {
    if keys == 0 {
        return Err("no session key packet");
    }
    let mut head = packet.head;
    // The least length is that of the fields, and of a packet of two octets inside.
    let (at_least, kind) = match (packet.tag, head.octet()) {
        // Version, a block and two octets of prefix, the encrypted modification detection code.
        (18, Some(1)) => (Some(1 + 8 + 2 + 22 + 2), SEIPD_1),
        // Cipher, mode, chunk size and salt, a tag for a chunk and one for the whole.
        (18, Some(2)) => (
            aead_parameters(&mut head, 16).map(|_| 1 + 3 + 32 + 2 + 32),
            SEIPD_2,
        ),
        // The same with a nonce in place of the salt.
        (20, Some(1)) => (
            aead_parameters(&mut head, 56).map(|nonce| nonce.saturating_add(1 + 3 + 2 + 32)),
            AEAD,
        ),
        (_, None) => return Err("empty encrypted packet"),
        _ => return Err("encrypted data of an unknown version"),
    };
    match at_least {
        None => Err("encrypted data of an unknown algorithm"),
        Some(at_least) if packet.length < at_least => Err("encrypted data too short to be any"),
        _ if keys & kind == 0 => Err("no session key for this kind of encrypted data"),
        _ => Ok(()),
    }
}

/// The octets after the version; gives the length of the nonce.
fn aead_parameters(head: &mut Cursor<'_>, largest_chunk: u8) -> Option<usize> {
    cipher_for_aead(head.octet()?)?;
    let nonce = nonce_length(head.octet()?)?;
    head.octet().filter(|chunk| *chunk <= largest_chunk)?;
    Some(nonce)
}
