// SPDX-License-Identifier: GPL-2.0-or-later
//! Encrypted session keys (RFC 9580 sections 5.1 and 5.3). Each function gives the kinds of
//! encrypted data that the key is for, or none if the packet is malformed.
//!
//! Recipients ignore keys for other kinds (section 10.3.2.1), so that no recipient could read data
//! that has only such keys.

use super::algorithm::{cipher, nonce_length};
use crate::scheme::base64::cursor::Cursor;

/// SEIPD version 1, as a bit of a set of kinds.
pub(super) const SEIPD_1: u8 = 1;
/// SEIPD version 2.
pub(super) const SEIPD_2: u8 = 2;
/// The AEAD packet of LibrePGP.
pub(super) const AEAD: u8 = 4;

/// PKESK: the recipient's key, the algorithm, and the encrypted session key.
pub(super) fn by_public_key(mut body: Cursor<'_>) -> Option<u8> {
    let kinds = match body.octet()? {
        2 | 3 => {
            body.skip(8)?;
            SEIPD_1 | AEAD
        }
        6 => {
            // Version and fingerprint of the key, or nothing for an anonymous recipient.
            let recipient = body
                .octet()
                .filter(|length| matches!(length, 0 | 21 | 33))?;
            body.skip(usize::from(recipient))?;
            SEIPD_2
        }
        _ => return None,
    };
    match body.octet()? {
        // RSA
        1 | 2 => mpi(&mut body, 60)?,
        // ElGamal
        16 | 20 => {
            mpi(&mut body, 60)?;
            mpi(&mut body, 1)?;
        }
        // ECDH
        18 => {
            mpi(&mut body, 32)?;
            length_prefixed(&mut body)?;
        }
        // X25519, X448, and each with ML-KEM
        25 => ephemeral_key(&mut body, 32)?,
        26 => ephemeral_key(&mut body, 56)?,
        35 => ephemeral_key(&mut body, 32 + 1088)?,
        36 => ephemeral_key(&mut body, 56 + 1568)?,
        // Kyber as in LibrePGP, and private use
        8 | 100..=110 if body.left() >= 32 => body.skip(body.left())?,
        _ => return None,
    }
    (body.left() == 0).then_some(kinds)
}

/// An ephemeral key of a number of octets, and the wrapped session key.
fn ephemeral_key(body: &mut Cursor<'_>, octets: usize) -> Option<()> {
    body.skip(octets)?;
    length_prefixed(body)
}

/// A multi-precision integer of at least a number of octets; its length is given in bits.
fn mpi(body: &mut Cursor<'_>, at_least: usize) -> Option<()> {
    let octets = body.number(2)?.div_ceil(8);
    body.skip(octets)?;
    (octets >= at_least).then_some(())
}

/// A wrapped session key after an octet with its length.
fn length_prefixed(body: &mut Cursor<'_>) -> Option<()> {
    let octets = body.octet().filter(|octets| *octets > 0)?;
    body.skip(usize::from(octets))
}

/// SKESK: how a passphrase becomes the session key.
pub(super) fn by_passphrase(mut body: Cursor<'_>) -> Option<u8> {
    let version = body.octet()?;
    if version == 6 {
        let length = usize::from(body.octet()?);
        let mut fields = body.part(length)?;
        cipher(fields.octet()?)?;
        let nonce = nonce_length(fields.octet()?)?;
        let specifier = usize::from(fields.octet()?);
        let mut specifier = fields.part(specifier)?;
        string_to_key(&mut specifier)?;
        let has_all_fields = specifier.left() == 0 && fields.left() == nonce;
        return (has_all_fields && matches!(body.left(), 32 | 40 | 48)).then_some(SEIPD_2);
    }
    cipher(body.octet()?)?;
    let nonce = match version {
        4 => None,
        5 => Some(nonce_length(body.octet()?)?),
        _ => return None,
    };
    string_to_key(&mut body)?;
    let Some(nonce) = nonce else {
        // The session key is made of the passphrase, or encrypted with an octet for its algorithm.
        return matches!(body.left(), 0 | 17 | 25 | 33).then_some(SEIPD_1 | AEAD);
    };
    body.skip(nonce)?;
    matches!(body.left(), 32 | 40 | 48).then_some(AEAD)
}

/// A string-to-key specifier (RFC 9580 section 3.7).
fn string_to_key(body: &mut Cursor<'_>) -> Option<()> {
    match body.octet()? {
        0 => body.skip(1),
        1 => body.skip(9),
        3 => body.skip(10),
        4 => body.skip(19),
        _ => None,
    }
}
