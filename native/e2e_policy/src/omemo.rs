// SPDX-License-Identifier: GPL-2.0-or-later
//! The form of an OMEMO element (XEP-0384), old and new.
//!
//! What a server can see: that somebody's devices were given keys, and that the payload has the
//! form of what the cipher puts out. Whether it decrypts, only the recipient's device knows.

use crate::base64::Base64;
use crate::view::{Budget, ElementView, Node, characters, characters_up_to};
use std::borrow::Cow;

/// What a well-formed OMEMO element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Omemo {
    /// A message encrypted for the devices in its header.
    Message,
    /// A header without a payload: it sets up a session and says nothing.
    KeyTransport,
}

/// How the two generations of the protocol differ on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `eu.siacs.conversations.axolotl`: keys flat in the header, an IV, AES-128-GCM.
    Legacy,
    /// `urn:xmpp:omemo:1` and `:2`: keys grouped by JID, AES-256-CBC.
    Grouped,
}

/// How much text of unknown children is tolerated: clients add small elements of their own.
const MAX_STRAY_TEXT: usize = 64;

/// AES-256-CBC with PKCS#7 padding puts out whole blocks (XEP-0384 section 4.4).
const BLOCK: usize = 16;

/// Checks an `<encrypted/>` element.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(crate) fn check<'a, V: ElementView<'a>>(
    encrypted: V,
    version: Version,
    budget: &mut Budget,
) -> Result<Omemo, &'static str> {
    let mut stray = Stray {
        characters: 0,
        budget,
    };
    let (mut header, mut payload) = (None, None);
    for (node, device) in encrypted.nodes_with("sid") {
        match node {
            Node::Element(child) if child.is_part("header", encrypted) => {
                set_once(&mut header, (child, device)).map_err(|()| "more than one header")?;
            }
            Node::Element(child) if child.is_part("payload", encrypted) => {
                set_once(&mut payload, child).map_err(|()| "more than one payload")?;
            }
            other => stray.node(other),
        }
    }
    let (header, sender) = header.ok_or("no header")?;
    let parts = read_header(header, sender, version, &mut stray)?;
    let message = match payload {
        Some(payload) => read_payload(payload, version, &mut stray)?,
        None => false,
    };
    stray.verdict()?;
    if !message {
        return Ok(Omemo::KeyTransport);
    }
    if !parts.has_key {
        return Err("no key, so nobody can read it");
    }
    if version == Version::Legacy && !parts.has_iv {
        return Err("no initialisation vector");
    }
    Ok(Omemo::Message)
}

#[derive(Default)]
struct Header {
    has_key: bool,
    has_iv: bool,
}

fn read_header<'a, V: ElementView<'a>>(
    header: V,
    sender: Option<&[u8]>,
    version: Version,
    stray: &mut Stray<'_>,
) -> Result<Header, &'static str> {
    if !is_device_id(sender) {
        return Err("no device id of the sender");
    }
    match version {
        Version::Legacy => read_keys_and_iv(header, stray),
        Version::Grouped => read_groups(header, stray),
    }
}

fn read_keys_and_iv<'a, V: ElementView<'a>>(
    header: V,
    stray: &mut Stray<'_>,
) -> Result<Header, &'static str> {
    let mut parts = Header::default();
    for (node, device) in header.nodes_with("rid") {
        match node {
            Node::Element(key) if key.is_part("key", header) => {
                parts.has_key |= read_key(key, device, stray)?;
            }
            Node::Element(iv) if iv.is_part("iv", header) => {
                if parts.has_iv {
                    return Err("more than one initialisation vector");
                }
                parts.has_iv = true;
                // 12 octets as XEP-0384 has it, 16 as clients before 2020 sent.
                if !matches!(data_len(iv, stray), Data::Octets(12 | 16)) {
                    return Err("an initialisation vector of neither 12 nor 16 octets");
                }
            }
            other => stray.node(other),
        }
    }
    Ok(parts)
}

fn read_groups<'a, V: ElementView<'a>>(
    header: V,
    stray: &mut Stray<'_>,
) -> Result<Header, &'static str> {
    let mut parts = Header::default();
    for node in header.nodes() {
        match node {
            Node::Element(keys) if keys.is_part("keys", header) => {
                for (node, device) in keys.nodes_with("rid") {
                    match node {
                        Node::Element(key) if key.is_part("key", keys) => {
                            parts.has_key |= read_key(key, device, stray)?;
                        }
                        other => stray.node(other),
                    }
                }
            }
            other => stray.node(other),
        }
    }
    Ok(parts)
}

/// Whether a `<key/>` holds data for a device; an empty one holds none and does no harm.
fn read_key<'a>(
    key: impl ElementView<'a>,
    device: Option<&[u8]>,
    stray: &mut Stray<'_>,
) -> Result<bool, &'static str> {
    if !stray.budget.pay() {
        return Err("more keys than are looked at");
    }
    if !is_device_id(device) {
        return Err("a key without a device id");
    }
    match data_len(key, stray) {
        Data::Missing => Ok(false),
        Data::Octets(_) => Ok(true),
        Data::NotBase64 => Err("a key that is not base64"),
    }
}

/// Whether a `<payload/>` holds a message; an empty one is as good as none.
fn read_payload<'a>(
    payload: impl ElementView<'a>,
    version: Version,
    stray: &mut Stray<'_>,
) -> Result<bool, &'static str> {
    match data_len(payload, stray) {
        Data::Missing => Ok(false),
        Data::Octets(len) if version == Version::Grouped && !len.is_multiple_of(BLOCK) => {
            Err("a payload that is not whole cipher blocks")
        }
        Data::Octets(_) => Ok(true),
        Data::NotBase64 => Err("a payload that is not base64"),
    }
}

/// What an element holds whose text is base64.
enum Data {
    Missing,
    Octets(usize),
    NotBase64,
}

fn data_len<'a>(element: impl ElementView<'a>, stray: &mut Stray<'_>) -> Data {
    if let Some(text) = element.only_text() {
        return base64_len(text);
    }
    let mut text = Cow::Borrowed(&[][..]);
    for node in element.nodes() {
        match node {
            Node::Text(piece) if text.is_empty() => text = Cow::Borrowed(piece),
            Node::Text(piece) => text.to_mut().extend(piece),
            Node::Element(_) => stray.node(node),
        }
    }
    base64_len(&text)
}

fn base64_len(text: &[u8]) -> Data {
    match Base64::new(text) {
        Some(data) => Data::Octets(data.decoded_len()),
        None if text.trim_ascii().is_empty() => Data::Missing,
        None => Data::NotBase64,
    }
}

/// Device ids are positive and fit 31 bits in the XEP; old clients used all 32.
///
/// Not `str::parse`: it asks after each digit whether the number still fits, and each key has one. Numbers of
/// the same length are in the order of their digits.
fn is_device_id(value: Option<&[u8]>) -> bool {
    const LARGEST: &[u8] = b"4294967295";
    value.is_some_and(|digits| {
        let fits =
            digits.len() < LARGEST.len() || digits.len() == LARGEST.len() && digits <= LARGEST;
        fits && digits.iter().all(u8::is_ascii_digit) && digits.iter().any(|digit| *digit != b'0')
    })
}

fn set_once<V>(slot: &mut Option<V>, value: V) -> Result<(), ()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(()),
    }
}

/// Text where the protocol has none, counted over the whole element.
struct Stray<'b> {
    characters: usize,
    budget: &'b mut Budget,
}

impl Stray<'_> {
    fn node<'a>(&mut self, unknown: Node<'a, impl ElementView<'a>>) {
        let found = match unknown {
            Node::Text(text) => characters(text.trim_ascii(), MAX_STRAY_TEXT),
            Node::Element(element) => characters_up_to(element, MAX_STRAY_TEXT, self.budget),
        };
        self.characters = self.characters.saturating_add(found);
    }

    const fn verdict(&self) -> Result<(), &'static str> {
        if self.characters > MAX_STRAY_TEXT {
            return Err("more than 64 characters of text that OMEMO has no place for");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_id_is_a_positive_number_of_32_bits() {
        for id in ["1", "2147483647", "4294967295", "0000000001"] {
            assert!(is_device_id(Some(id.as_bytes())), "{id}");
        }
        for other in [
            "",
            "0",
            "-1",
            "+1",
            " 1",
            "1x",
            "0x1",
            "4294967296",
            "9999999999",
            "18446744073709551617",
        ] {
            assert!(!is_device_id(Some(other.as_bytes())), "{other}");
        }
        assert!(!is_device_id(None));
    }
}
