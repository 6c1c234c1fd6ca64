// SPDX-License-Identifier: GPL-2.0-or-later
//! Encoded messages: data messages and key exchanges in base64 (OTR versions 1 to 4).

use super::kind::Kind;
use crate::scheme::base64::Base64;
use crate::scheme::base64::cursor::Cursor;
use crate::stanza::budget::Budget;

/// The smallest instance tag (OTR version 3, "Instance Tags").
pub(super) const MIN_INSTANCE: usize = 0x100;

/// Validates what follows `?OTR:`: base64 and a full stop.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(super) fn read(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let text = rest
        .strip_suffix(b".")
        .ok_or("no full stop after the base64")?;
    let data = Base64::one_line(text, budget).ok_or("not base64")?;
    let mut octets = data.cursor();
    let (version, kind) = version_and_type(&mut octets).ok_or("not an OTR message")?;
    let read = match (version, kind) {
        (1, DATA) => data_message_1(octets),
        (1, _) => key_exchange_1(octets),
        (2, DATA) => data_message(octets),
        (3, DATA) => instance_tags(&mut octets, false).and_then(|()| data_message(octets)),
        (2, _) => key_exchange(kind, octets),
        (3, _) => instance_tags(&mut octets, true).and_then(|()| key_exchange(kind, octets)),
        (_, DATA) => instance_tags(&mut octets, false).and_then(|()| data_message_4(octets)),
        (_, _) => instance_tags(&mut octets, true).and_then(|()| key_exchange_4(octets)),
    };
    read.ok_or("fields that do not fit the message")
}

const DATA: u8 = 0x03;
const DH_COMMIT: u8 = 0x02;
/// Also the key exchange message of version 1.
const DH_KEY: u8 = 0x0a;
const REVEAL_SIGNATURE: u8 = 0x11;
const SIGNATURE: u8 = 0x12;

/// The version and the message type, if they are known.
pub(super) fn version_and_type(octets: &mut Cursor<'_>) -> Option<(usize, u8)> {
    let (version, kind) = (octets.number(2)?, octets.octet()?);
    match version {
        1 => matches!(kind, DATA | DH_KEY),
        2 | 3 => matches!(
            kind,
            DATA | DH_COMMIT | DH_KEY | REVEAL_SIGNATURE | SIGNATURE
        ),
        // The types of version 4 differ between its drafts.
        4 => true,
        _ => false,
    }
    .then_some((version, kind))
}

/// The sender's instance tag and the receiver's, which the sender may not know yet.
fn instance_tags(octets: &mut Cursor<'_>, may_be_unknown: bool) -> Option<()> {
    let (sender, receiver) = (octets.number(4)?, octets.number(4)?);
    let is_known = receiver >= MIN_INSTANCE || (may_be_unknown && receiver == 0);
    (sender >= MIN_INSTANCE && is_known).then_some(())
}

/// Flags, and the fields of version 1.
fn data_message(mut octets: Cursor<'_>) -> Option<Kind> {
    octets.skip(1)?;
    data_message_1(octets)
}

/// A data message without instance tags and flags, as in version 1.
fn data_message_1(mut octets: Cursor<'_>) -> Option<Kind> {
    let (sender_key, recipient_key) = (octets.number(4)?, octets.number(4)?);
    let next_key = length_prefixed(&mut octets)?;
    let (counter_high, counter_low) = (octets.number(4)?, octets.number(4)?);
    length_prefixed(&mut octets)?;
    octets.skip(20)?;
    let old_mac_keys = length_prefixed(&mut octets)?;
    let is_valid = sender_key > 0
        && recipient_key > 0
        && next_key > 0
        && (counter_high, counter_low) != (0, 0)
        && old_mac_keys.is_multiple_of(20)
        && octets.left() == 0;
    is_valid.then_some(Kind::Data)
}

/// Flags, three numbers of the ratchet, a point and a key that may be empty; then, after a nonce in
/// earlier drafts, the encrypted message, its MAC and old MAC keys.
fn data_message_4(mut octets: Cursor<'_>) -> Option<Kind> {
    octets.skip(1 + 3 * 4 + 57)?;
    length_prefixed(&mut octets)?;
    [0, 24].into_iter().find_map(|nonce| {
        let mut octets = octets;
        octets.skip(nonce)?;
        length_prefixed(&mut octets)?;
        octets.skip(64)?;
        length_prefixed(&mut octets)?;
        (octets.left() == 0).then_some(Kind::Data)
    })
}

/// The four messages of the key exchange of versions 2 and 3.
fn key_exchange(kind: u8, mut octets: Cursor<'_>) -> Option<Kind> {
    let is_valid = match kind {
        DH_COMMIT => length_prefixed(&mut octets)? > 0 && length_prefixed(&mut octets)? == 32,
        DH_KEY => length_prefixed(&mut octets)? > 0,
        REVEAL_SIGNATURE => length_prefixed(&mut octets)? == 16 && signature(&mut octets)?,
        _ => signature(&mut octets)?,
    };
    (is_valid && octets.left() == 0).then_some(Kind::KeyExchange)
}

/// An encrypted signature and its MAC; gives whether the signature is not empty.
fn signature(octets: &mut Cursor<'_>) -> Option<bool> {
    let length = length_prefixed(octets)?;
    octets.skip(20)?;
    Some(length > 0)
}

/// A flag for a reply, a DSA key of four numbers, a key id, a public key and a DSA signature.
fn key_exchange_1(mut octets: Cursor<'_>) -> Option<Kind> {
    let reply = octets.octet()?;
    for _ in 0..4 {
        length_prefixed(&mut octets).filter(|length| *length > 0)?;
    }
    let key = octets.number(4)?;
    let public_key = length_prefixed(&mut octets)?;
    octets.skip(40)?;
    (reply <= 1 && key > 0 && public_key > 0 && octets.left() == 0).then_some(Kind::KeyExchange)
}

/// Each has a ring signature, of six numbers of 57 octets (56 in the earliest drafts), or a client
/// profile, which is longer.
fn key_exchange_4(octets: Cursor<'_>) -> Option<Kind> {
    (octets.left() >= 6 * 56).then_some(Kind::KeyExchange)
}

/// A field after four octets with its length (MPI, DATA); gives the length.
fn length_prefixed(octets: &mut Cursor<'_>) -> Option<usize> {
    let length = octets.number(4)?;
    octets.skip(length)?;
    Some(length)
}
