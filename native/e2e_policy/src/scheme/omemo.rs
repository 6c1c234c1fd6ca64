// SPDX-License-Identifier: GPL-2.0-or-later
//! The form of an OMEMO element (XEP-0384), old and new.
//!
//! What a server can see: that somebody's devices were given keys, and that the payload has the
//! form of what the cipher puts out. Whether it decrypts, only the recipient's device knows.

use crate::element::attributes::Attributes;
use crate::element::class::Class;
use crate::element::lookup::class_of;
use crate::element::readable::{MAX_DEPTH, MAX_STRAY, is_readable, readable};
use crate::scheme::base64::Base64;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::node::{Known, Node};
use crate::stanza::text::{characters, trimmed};

/// What a well-formed OMEMO element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Omemo {
    /// A message encrypted for the devices in its header.
    Message,
    /// A header without a payload: it sets up a session and says nothing.
    KeyTransport,
}

/// How the generations of the protocol differ on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `eu.siacs.conversations.axolotl`: keys flat in the header, an IV, AES-128-GCM.
    Legacy,
    /// `urn:xmpp:omemo:1` and `:2`: keys grouped by JID, AES-256-CBC. In the namespace of the first Xabber goes
    /// on to use AES-GCM, and sends an IV.
    Grouped { may_have_iv: bool },
}

/// AES-256-CBC with PKCS#7 padding puts out whole blocks (XEP-0384 section 4.4).
const BLOCK: usize = 16;

// What the attributes of the parts are (XEP-0384 0.3 section 4.4, 0.8 section 5.4).
const HEADER: Known = known("sid", "");
const LEGACY_KEY: Known = known("rid", "prekey");
const KEYS: Known = known("jid", "");
const KEY: Known = known("rid", "kex");

const fn known(wanted: &'static str, flag: &'static str) -> Known {
    Known { wanted, flag }
}

/// Checks an `<encrypted/>` element.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(crate) fn check<'a, V: ElementView<'a>>(
    encrypted: V,
    version: Version,
    budget: &Budget,
) -> Result<Omemo, &'static str> {
    let mut stray = Stray {
        characters: 0,
        content: false,
        budget,
    };
    stray.attributes(encrypted, Known::NONE);
    let (mut header, mut payload) = (None, None);
    for part in encrypted.parts(HEADER, budget) {
        let (value, has_unknown) = (part.value, part.has_unknown);
        match part.node {
            Node::Element(child) if child.is_part("header", encrypted) => {
                stray.attributes_if(has_unknown, child, HEADER);
                set_once(&mut header, (child, value)).map_err(|()| "more than one header")?;
            }
            Node::Element(child) if child.is_part("payload", encrypted) => {
                stray.attributes_if(has_unknown || value.is_some(), child, Known::NONE);
                set_once(&mut payload, child).map_err(|()| "more than one payload")?;
            }
            other => stray.node(other),
        }
    }
    let (header, sender) = header.ok_or("no header")?;
    let parts = read_header(header, sender, version, &mut stray)?;
    if let Some(payload) = payload {
        read_payload(payload, version, &parts, budget)?;
    }
    stray.verdict()?;
    if payload.is_none() {
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
        Version::Grouped { may_have_iv } => read_groups(header, may_have_iv, stray),
    }
}

fn read_keys_and_iv<'a, V: ElementView<'a>>(
    header: V,
    stray: &mut Stray<'_>,
) -> Result<Header, &'static str> {
    let mut parts = Header::default();
    for part in header.parts(LEGACY_KEY, stray.budget) {
        let (value, has_unknown) = (part.value, part.has_unknown);
        match part.node {
            Node::Element(key) if key.is_part("key", header) => {
                stray.attributes_if(has_unknown, key, LEGACY_KEY);
                parts.has_key |= read_key(key, value, stray.budget)?;
            }
            Node::Element(iv) if iv.is_part("iv", header) => {
                // 12 octets as XEP-0384 has it, 16 as clients before 2020 sent.
                stray.attributes_if(has_unknown || value.is_some(), iv, Known::NONE);
                read_iv(iv, &[12, 16], &mut parts, stray.budget)?;
            }
            other => stray.node(other),
        }
    }
    Ok(parts)
}

fn read_groups<'a, V: ElementView<'a>>(
    header: V,
    may_have_iv: bool,
    stray: &mut Stray<'_>,
) -> Result<Header, &'static str> {
    let mut parts = Header::default();
    for part in header.parts(KEYS, stray.budget) {
        let (value, has_unknown) = (part.value, part.has_unknown);
        match part.node {
            // Without an address they are nobody's.
            Node::Element(keys)
                if keys.is_part("keys", header) && value.is_some_and(|jid| !jid.is_empty()) =>
            {
                stray.attributes_if(has_unknown, keys, KEYS);
                for part in keys.parts(KEY, stray.budget) {
                    match part.node {
                        Node::Element(key) if key.is_part("key", keys) => {
                            stray.attributes_if(part.has_unknown, key, KEY);
                            parts.has_key |= read_key(key, part.value, stray.budget)?;
                        }
                        other => stray.node(other),
                    }
                }
            }
            Node::Element(iv) if may_have_iv && iv.is_part("iv", header) => {
                stray.attributes_if(has_unknown || value.is_some(), iv, Known::NONE);
                read_iv(iv, &[12], &mut parts, stray.budget)?;
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
    budget: &Budget,
) -> Result<bool, &'static str> {
    if !is_device_id(device) {
        return Err("a key without a device id");
    }
    match data(key, budget) {
        Data::Missing => Ok(false),
        Data::Octets(_) => Ok(true),
        Data::NotBase64 => Err("a key that is not base64"),
    }
}

fn read_iv<'a>(
    iv: impl ElementView<'a>,
    lengths: &[usize],
    parts: &mut Header,
    budget: &Budget,
) -> Result<(), &'static str> {
    if parts.has_iv {
        return Err("more than one initialisation vector");
    }
    parts.has_iv = true;
    match data(iv, budget) {
        Data::Octets(length) if lengths.contains(&length) => Ok(()),
        _ => Err("an initialisation vector of another length than the cipher's"),
    }
}

/// A payload is whole blocks, unless an IV says that the cipher is GCM.
fn read_payload<'a>(
    payload: impl ElementView<'a>,
    version: Version,
    parts: &Header,
    budget: &Budget,
) -> Result<(), &'static str> {
    let in_blocks = version != Version::Legacy && !parts.has_iv;
    match data(payload, budget) {
        Data::Octets(length) if in_blocks && !length.is_multiple_of(BLOCK) => {
            Err("a payload that is not whole cipher blocks")
        }
        Data::Octets(_) => Ok(()),
        Data::Missing => Err("an empty payload"),
        Data::NotBase64 => Err("a payload that is not base64"),
    }
}

/// What an element holds whose text is base64.
enum Data {
    Missing,
    Octets(usize),
    NotBase64,
}

/// An element is no base64, nor is text around one.
fn data<'a>(element: impl ElementView<'a>, budget: &Budget) -> Data {
    if let Some(text) = element.only_text() {
        return base64(text, budget);
    }
    element
        .text_alone(budget)
        .map_or(Data::NotBase64, |text| base64(&text, budget))
}

fn base64(text: &[u8], budget: &Budget) -> Data {
    match Base64::new(text, budget) {
        Some(data) => Data::Octets(data.decoded_len()),
        None if trimmed(text, budget).is_empty() => Data::Missing,
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
    /// Something in it is content wherever it stands.
    content: bool,
    budget: &'b Budget,
}

impl Stray<'_> {
    fn node<'a>(&mut self, unknown: Node<'a, impl ElementView<'a>>) {
        match unknown {
            Node::Text(text) => {
                let text = trimmed(text, self.budget);
                self.count(|limit| characters(text, limit));
            }
            Node::Element(element) => {
                let budget = self.budget;
                self.count(|limit| readable(element, Attributes::All, limit, budget));
                self.content |= holds_content(element, MAX_DEPTH, budget);
            }
        }
    }

    /// The attributes of a part, if it has others than are known.
    fn attributes_if<'a>(
        &mut self,
        has_unknown: bool,
        element: impl ElementView<'a>,
        known: Known,
    ) {
        if has_unknown {
            self.attributes(element, known);
        }
    }

    fn attributes<'a>(&mut self, element: impl ElementView<'a>, known: Known) {
        for (name, value) in element.attributes(self.budget) {
            if !known.has(name, value) {
                let value = trimmed(value, self.budget);
                self.count(|limit| characters(value, limit));
            }
        }
    }

    fn count(&mut self, characters: impl FnOnce(usize) -> usize) {
        let left = MAX_STRAY.saturating_sub(self.characters);
        self.characters = self.characters.saturating_add(characters(left));
    }

    const fn verdict(&self) -> Result<(), &'static str> {
        if self.content {
            return Err("content in the clear inside it");
        }
        if self.characters > MAX_STRAY {
            return Err("more than 64 characters of text that OMEMO has no place for");
        }
        Ok(())
    }
}

/// Whether an element, or any below it, is one that the table knows as content, and says anything.
fn holds_content<'a, V: ElementView<'a>>(element: V, depth: usize, budget: &Budget) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return true;
    };
    let is_content = class_of(element).is_some_and(Class::is_content);
    (is_content && is_readable(element, Attributes::All, budget))
        || element
            .children(budget)
            .any(|child| holds_content(child, depth, budget))
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
