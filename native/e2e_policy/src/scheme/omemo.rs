// SPDX-License-Identifier: GPL-2.0-or-later
//! OMEMO's elements (XEP-0384) in all versions.
//!
//! A server can see that there are keys for devices, and that the payload has the form of the
//! cipher's output. Whether it can be decrypted, only the recipient's device knows.

use crate::scheme::base64::Base64;
use crate::scheme::stray::Stray;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::node::{Known, Node};
use crate::stanza::text::trimmed;

/// What a valid OMEMO element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Omemo {
    /// A message encrypted for the devices in its header.
    Message,
    /// A header without a payload, which sets up a session.
    KeyTransport,
}

/// How the versions of the protocol differ in form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `eu.siacs.conversations.axolotl`: keys flat in the header, an IV, AES-128-GCM.
    Legacy,
    /// `urn:xmpp:omemo:1` and `:2`: keys grouped by JID, AES-256-CBC. In the namespace of the
    /// former Xabber uses AES-GCM, and sends an initialisation vector.
    Grouped { may_have_iv: bool },
}

/// The block length of AES-256-CBC in octets. With PKCS#7 padding its output is whole blocks
/// (XEP-0384 section 4.4).
const BLOCK: usize = 16;

// The attributes of the elements inside (XEP-0384 0.3 section 4.4, 0.8 section 5.4).
const HEADER: Known = known("sid", "");
const LEGACY_KEY: Known = known("rid", "prekey");
const KEYS: Known = known("jid", "");
const KEY: Known = known("rid", "kex");

const fn known(wanted: &'static str, flag: &'static str) -> Known {
    Known { wanted, flag }
}

/// Validates an `<encrypted/>` element.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(crate) fn check<'a, V: ElementView<'a>>(
    encrypted: V,
    version: Version,
    budget: &Budget,
) -> Result<Omemo, &'static str> {
    let mut stray = Stray::new(budget);
    stray.add_attributes(encrypted, Known::NONE);
    let (mut header, mut payload) = (None, None);
    for part in encrypted.parts(HEADER, budget) {
        let (value, has_unknown) = (part.value, part.has_unknown);
        match part.node {
            Node::Element(child) if child.is_part("header", encrypted) => {
                stray.add_attributes_if(has_unknown, child, HEADER);
                set_once(&mut header, (child, value), "more than one header")?;
            }
            Node::Element(child) if child.is_part("payload", encrypted) => {
                stray.add_attributes_if(has_unknown || value.is_some(), child, Known::NONE);
                set_once(&mut payload, child, "more than one payload")?;
            }
            unknown => stray.add_node(unknown),
        }
    }
    let (header, sender) = header.ok_or("no header")?;
    let parts = read_header(header, sender, version, &mut stray)?;
    if let Some(payload) = payload {
        read_payload(payload, version, &parts, budget)?;
    }
    stray.check()?;
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
    for part in header.parts(LEGACY_KEY, stray.budget()) {
        let (value, has_unknown) = (part.value, part.has_unknown);
        match part.node {
            Node::Element(key) if key.is_part("key", header) => {
                stray.add_attributes_if(has_unknown, key, LEGACY_KEY);
                parts.has_key |= read_key(key, value, stray.budget())?;
            }
            Node::Element(iv) if iv.is_part("iv", header) => {
                // 12 octets as XEP-0384 has it, 16 as clients before 2020 sent.
                stray.add_attributes_if(has_unknown || value.is_some(), iv, Known::NONE);
                read_iv(iv, &[12, 16], &mut parts, stray.budget())?;
            }
            unknown => stray.add_node(unknown),
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
    for part in header.parts(KEYS, stray.budget()) {
        let (value, has_unknown) = (part.value, part.has_unknown);
        match part.node {
            // Keys without an address are of no recipient.
            Node::Element(keys)
                if keys.is_part("keys", header) && value.is_some_and(|jid| !jid.is_empty()) =>
            {
                stray.add_attributes_if(has_unknown, keys, KEYS);
                for part in keys.parts(KEY, stray.budget()) {
                    match part.node {
                        Node::Element(key) if key.is_part("key", keys) => {
                            stray.add_attributes_if(part.has_unknown, key, KEY);
                            parts.has_key |= read_key(key, part.value, stray.budget())?;
                        }
                        unknown => stray.add_node(unknown),
                    }
                }
            }
            Node::Element(iv) if may_have_iv && iv.is_part("iv", header) => {
                stray.add_attributes_if(has_unknown || value.is_some(), iv, Known::NONE);
                read_iv(iv, &[12], &mut parts, stray.budget())?;
            }
            unknown => stray.add_node(unknown),
        }
    }
    Ok(parts)
}

/// Whether a `<key/>` has data for a device. An empty one is no error.
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

/// A payload is whole blocks, unless an initialisation vector shows that the cipher is AES-GCM.
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

/// What an element contains whose text should be base64.
enum Data {
    Missing,
    Octets(usize),
    NotBase64,
}

/// Reads the data of an element, in which no other element may be. Nearly every key is one run of
/// text, which is asked for first: without that a message with 50 keys takes 3 % more time.
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

/// Whether a value is a positive number of 32 bits. The XEP has device ids of 31 bits, but old
/// clients used 32.
///
/// Numbers of the same length have the order of their digits, so that comparing text is enough. It
/// takes less time than `str::parse` (docs/performance.md, "Device ids").
fn is_device_id(value: Option<&[u8]>) -> bool {
    const LARGEST: &[u8] = b"4294967295";
    value.is_some_and(|digits| {
        let is_small_enough =
            digits.len() < LARGEST.len() || digits.len() == LARGEST.len() && digits <= LARGEST;
        is_small_enough
            && digits.iter().all(u8::is_ascii_digit)
            && digits.iter().any(|digit| *digit != b'0')
    })
}

fn set_once<V>(slot: &mut Option<V>, value: V, error: &'static str) -> Result<(), &'static str> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(error),
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
