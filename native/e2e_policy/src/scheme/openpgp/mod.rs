// SPDX-License-Identifier: GPL-2.0-or-later
//! Encrypted OpenPGP messages (RFC 4880, RFC 9580), as XEP-0373 and XEP-0027 carry them.
//!
//! A message is encrypted when session keys are followed by one packet of encrypted data with
//! integrity protection, and it has nothing else. Only headers are read, never the data.

mod algorithm;
mod armour;
mod encrypted_data;
mod packet;
mod session_key;

use crate::scheme::base64::Base64;
use crate::scheme::base64::cursor::Cursor;
use crate::stanza::budget::Budget;
use crate::stanza::text::trimmed;
use packet::{Packet, Tag};

/// How the message is written into the element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// XEP-0373: base64 without ASCII armour.
    Ox,
    /// XEP-0027: the content of ASCII armour, of which clients leave some parts.
    Legacy,
}

/// Validates the text of an element.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(crate) fn check(text: &[u8], form: Form, budget: &Budget) -> Result<(), &'static str> {
    let text = trimmed(text, budget);
    let text = match form {
        Form::Ox if armour::is_armoured(text) => {
            return Err("ASCII armour where base64 belongs");
        }
        Form::Ox => text,
        Form::Legacy => armour::remove(text, budget)?,
    };
    let data = Base64::new(text, budget).ok_or("not base64")?;
    message(data.cursor(), budget)
}

/// Walks the packets of an encrypted message: `(PKESK | SKESK)+ (SEIPD | AEAD)` (RFC 9580 section
/// 10.3), with markers and padding before the data, which recipients ignore (sections 5.8 and
/// 5.14). After the data these would be a place for text in the clear, and no client writes them
/// there.
fn message(mut octets: Cursor<'_>, budget: &Budget) -> Result<(), &'static str> {
    let mut keys = 0;
    loop {
        let tag = Tag::read(&mut octets)?;
        let role = Role::of(tag)?;
        let packet = Packet::read(tag, role == Role::EncryptedData, &mut octets, budget)?;
        match role {
            Role::PublicKeySessionKey => {
                keys |= session_key::by_public_key(packet.head).ok_or(MALFORMED_KEY)?;
            }
            Role::PassphraseSessionKey => {
                keys |= session_key::by_passphrase(packet.head).ok_or(MALFORMED_KEY)?;
            }
            Role::Marker => marker(packet.head)?,
            Role::Padding => {}
            Role::EncryptedData => {
                encrypted_data::check(&packet, keys)?;
                break;
            }
            Role::Other => return Err("a packet that does not belong into an encrypted message"),
        }
        if octets.left() == 0 {
            return Err("no encrypted data");
        }
    }
    if octets.left() > 0 {
        return Err("data after the encrypted packet");
    }
    Ok(())
}

const MALFORMED_KEY: &str = "a malformed session key packet";

/// What a packet is in an encrypted message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    PublicKeySessionKey,
    PassphraseSessionKey,
    Marker,
    Padding,
    EncryptedData,
    /// A packet of another type, which is refused once it was read.
    Other,
}

impl Role {
    /// The role by the packet's type (RFC 9580 section 5). Types that anybody can read or change
    /// without a key are errors.
    fn of(tag: Tag) -> Result<Self, &'static str> {
        Ok(match tag.number {
            1 => Self::PublicKeySessionKey,
            3 => Self::PassphraseSessionKey,
            10 => Self::Marker,
            18 | 20 => Self::EncryptedData,
            21 => Self::Padding,
            2 | 4 => return Err("a signature without encryption"),
            5 | 6 | 7 | 13 | 14 | 17 => return Err("a key, not a message"),
            8 => return Err("compressed but not encrypted"),
            9 => return Err("encrypted data without integrity protection (packet 9)"),
            11 => return Err("literal data in the clear"),
            _ => Self::Other,
        })
    }
}

/// The content of a marker is fixed, so that it has no text in the clear.
fn marker(mut content: Cursor<'_>) -> Result<(), &'static str> {
    if content.number(3) == Some(0x50_47_50) && content.left() == 0 {
        Ok(())
    } else {
        Err("a marker packet that does not say PGP")
    }
}

#[cfg(test)]
mod tests;
