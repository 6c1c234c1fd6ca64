// SPDX-License-Identifier: GPL-2.0-or-later
//! The form of an OMEMO message (XEP-0384), read again for each question.

use crate::reading::{self, LEVELS};
use crate::table::{Attributes, is_content};
use crate::{COMPLETE, decode, squeezed};
use minidom::Element;
use minidom::rxml::{Namespace, NcName};

/// The versions that have keys directly in the header.
const LEGACY: [&str; 2] = ["eu.siacs.conversations.axolotl", "urn:xmpp:omemo:0"];
/// The version that has keys in groups, as later ones, and an IV, as earlier ones.
const WITH_GROUPS_AND_IV: &str = "urn:xmpp:omemo:1";

/// Whether an `<encrypted/>` of OMEMO has the form of a message, if white space in base64 is
/// ignored.
#[must_use]
pub fn is_message(encrypted: &Element) -> bool {
    let namespace = encrypted.ns();
    let headers = parts(encrypted, "header");
    let payloads = parts(encrypted, "payload");
    let ([header], [payload]) = (&headers[..], &payloads[..]) else {
        return false;
    };
    let is_legacy = LEGACY.contains(&namespace.as_str());
    let iv_lengths: &[usize] = match namespace.as_str() {
        _ if is_legacy => &[12, 16],
        WITH_GROUPS_AND_IV => &[12],
        _ => &[],
    };
    let ivs = if iv_lengths.is_empty() {
        Vec::new()
    } else {
        parts(header, "iv")
    };
    let groups = groups(header);
    let keys: Vec<_> = if is_legacy {
        parts(header, "key")
    } else {
        groups.iter().flat_map(|keys| parts(keys, "key")).collect()
    };

    let has_ivs = if is_legacy {
        ivs.len() == 1
    } else {
        ivs.len() <= 1
    };
    let is_ciphertext = |octets: Vec<u8>| {
        !octets.is_empty() && (is_legacy || !ivs.is_empty() || octets.len().is_multiple_of(16))
    };
    is_device(header.attr("sid"))
        && keys.iter().all(|key| is_device(key.attr("rid")))
        && keys
            .iter()
            .all(|key| is_empty(key) || octets(key).is_some())
        && keys.iter().any(|key| !is_empty(key))
        && has_ivs
        && ivs
            .iter()
            .all(|iv| octets(iv).is_some_and(|iv| iv_lengths.contains(&iv.len())))
        && octets(payload).is_some_and(is_ciphertext)
        && stray(encrypted) <= 64
        && !unknown_elements(encrypted)
            .into_iter()
            .any(|element| has_content(element, 1))
}

/// Whether all base64 in it is so short that the core reads each octet.
#[must_use]
pub fn is_short(encrypted: &Element) -> bool {
    encrypted.text().len() <= COMPLETE && encrypted.children().all(is_short)
}

/// Whether no base64 in it has white space between its characters.
#[must_use]
pub fn is_in_one_piece(encrypted: &Element) -> bool {
    let is_blank = |c: char| c.is_ascii_whitespace();
    !encrypted.text().trim_ascii().contains(is_blank) && encrypted.children().all(is_in_one_piece)
}

fn parts<'a>(whole: &'a Element, name: &str) -> Vec<&'a Element> {
    whole
        .children()
        .filter(|part| part.is(name, whole.ns().as_str()))
        .collect()
}

/// The groups of keys for an account. Without an address, a group is for none.
fn groups(header: &Element) -> Vec<&Element> {
    let mut groups = parts(header, "keys");
    groups.retain(|keys| keys.attr("jid").is_some_and(|jid| !jid.is_empty()));
    groups
}

fn is_device(id: Option<&str>) -> bool {
    id.is_some_and(|id| {
        id.len() <= 10
            && id.bytes().all(|digit| digit.is_ascii_digit())
            && id.parse::<u32>().is_ok_and(|id| id > 0)
    })
}

fn is_empty(element: &Element) -> bool {
    reading::text_alone(element).is_some_and(|text| text.trim_ascii().is_empty())
}

/// The octets of an element's base64; nothing when there is anything else in it.
fn octets(element: &Element) -> Option<Vec<u8>> {
    let text = squeezed(&reading::text_alone(element)?);
    decode(&text).filter(|octets| !octets.is_empty())
}

/// How many characters people could read in places where OMEMO has no text.
fn stray(encrypted: &Element) -> usize {
    let legacy = LEGACY.contains(&encrypted.ns().as_str());
    let mut sum = reading::in_attributes(encrypted, &[]) + reading::in_texts(encrypted);
    for payload in parts(encrypted, "payload") {
        sum += reading::in_attributes(payload, &[]);
    }
    for header in parts(encrypted, "header") {
        sum += reading::in_attributes(header, &["sid"]) + reading::in_texts(header);
        if has_iv(encrypted) {
            for iv in parts(header, "iv") {
                sum += reading::in_attributes(iv, &[]);
            }
        }
        if legacy {
            sum += in_keys(header, "prekey");
        } else {
            for keys in groups(header) {
                sum += reading::in_attributes(keys, &["jid"]) + reading::in_texts(keys);
                sum += in_keys(keys, "kex");
            }
        }
    }
    for element in unknown_elements(encrypted) {
        sum += reading::characters(element, &Attributes::All);
    }
    sum
}

fn has_iv(encrypted: &Element) -> bool {
    let namespace = encrypted.ns();
    LEGACY.contains(&namespace.as_str()) || namespace == WITH_GROUPS_AND_IV
}

/// How many characters are in attributes of keys. The value of a flag is `false` at the longest.
fn in_keys(parent: &Element, flag: &str) -> usize {
    let in_key = |key: &Element| {
        let is_flag = key.attr(flag).is_some_and(|value| value.len() <= 5);
        let known = if is_flag { ["rid", flag] } else { ["rid"; 2] };
        reading::in_attributes(key, &known)
    };
    parts(parent, "key").into_iter().map(in_key).sum()
}

/// Elements that are no part of OMEMO.
fn unknown_elements(encrypted: &Element) -> Vec<&Element> {
    let legacy = LEGACY.contains(&encrypted.ns().as_str());
    let mut unknown = others(encrypted, &["header", "payload"]);
    for header in parts(encrypted, "header") {
        if legacy {
            unknown.extend(others(header, &["key", "iv"]));
            continue;
        }
        let groups = groups(header);
        let known: &[&str] = if has_iv(encrypted) {
            &["keys", "iv"]
        } else {
            &["keys"]
        };
        unknown.extend(others(header, known));
        for keys in parts(header, "keys") {
            if groups.contains(&keys) {
                unknown.extend(others(keys, &["key"]));
            } else {
                unknown.push(keys);
            }
        }
    }
    unknown
}

fn others<'a>(whole: &'a Element, known: &[&str]) -> Vec<&'a Element> {
    let namespace = whole.ns();
    let is_known = |part: &Element| known.iter().any(|name| part.is(*name, namespace.as_str()));
    whole.children().filter(|part| !is_known(part)).collect()
}

fn has_content(element: &Element, level: usize) -> bool {
    level > LEVELS
        || (is_content(element) && reading::characters(element, &Attributes::All) > 0)
        || element
            .children()
            .any(|child| has_content(child, level + 1))
}

/// Copies of an element, one for each element in it that has base64, with an element added there.
#[must_use]
pub fn with_elements_in_base64(encrypted: &Element) -> Vec<Element> {
    edited(encrypted, &|part| {
        let has_base64 = ["payload", "key", "iv"].contains(&part.name());
        if has_base64 {
            part.append_child(Element::bare("a", "urn:example:unknown"));
        }
        has_base64
    })
}

/// Copies of an element, one for each element in it, with an attribute added there that is longer
/// than the core allows.
///
/// # Panics
///
/// If `words` is no name of an attribute.
#[must_use]
pub fn with_long_attributes(encrypted: &Element) -> Vec<Element> {
    edited(encrypted, &|part| {
        let name = NcName::try_from("words").expect("a name");
        part.set_attr(Namespace::NONE, name, "x".repeat(65));
        true
    })
}

/// Copies of an element, one for each element in it, and for itself, for which the edit is true.
fn edited(element: &Element, edit: &dyn Fn(&mut Element) -> bool) -> Vec<Element> {
    let mut copies = Vec::new();
    let mut itself = element.clone();
    if edit(&mut itself) {
        copies.push(itself);
    }
    let count = element.children().count();
    for index in 0..count {
        let child = element.children().nth(index).expect("a child");
        for edited_child in edited(child, edit) {
            let mut copy = element.clone();
            *copy.children_mut().nth(index).expect("a child") = edited_child;
            copies.push(copy);
        }
    }
    copies
}
