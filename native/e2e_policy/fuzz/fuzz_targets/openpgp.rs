// SPDX-License-Identifier: GPL-2.0-or-later
//! Any text or octets as an OpenPGP message: what the core accepts, the second opinion accepts too.
#![no_main]

use e2e_policy::{Content, OuterBody, Policy, Scheme};
use e2e_policy_fuzz::packets::{self, Packet};
use e2e_policy_fuzz::{
    COMPLETE, decode, encode, explained, in_lines, message_of_text, policy, squeezed,
};
use libfuzzer_sys::{Corpus, fuzz_target};
use minidom::Element;
use std::sync::LazyLock;

const BEGIN: &str = "-----BEGIN PGP MESSAGE-----";
const END: &str = "-----END PGP MESSAGE-----";

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| policy(&Scheme::ALL.map(Into::into), OuterBody::Keep));

// The first octet says how the rest becomes an element.
fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((how, octets)) = input.split_first() else {
        return Corpus::Reject;
    };
    match how % 6 {
        text @ (0 | 1) => match (text, str::from_utf8(octets)) {
            (0, Ok(text)) => _ = check_ox(text),
            (_, Ok(text)) => _ = check_legacy(text),
            (_, Err(_)) => return Corpus::Reject,
        },
        2 => _ = check_ox(&encode(octets)),
        3 => {
            let lines = in_lines(&encode(octets), 64, "\n");
            check_legacy(&format!("Version: 1\n\n{lines}\n=AAAA"));
        }
        4 => _ = check_ox(&in_lines(&encode(octets), 76, "\r\n  ")),
        _ => check_after_key(octets),
    }
    Corpus::Keep
});

fn check_ox(text: &str) -> bool {
    let message = message_of_text("chat", "openpgp", "urn:xmpp:openpgp:0", text);
    let accepted = is_encrypted_by(Scheme::Pgp, &message);
    let core = text.trim_ascii();
    let is_armoured = core.starts_with("-----");
    if text.len() <= COMPLETE && !is_armoured {
        let why = explained(&POLICY, &message).why.concat();
        let is_base64 = !why.ends_with("not base64");
        let decoded = decode(&squeezed(core)).filter(|_| !core.is_empty());
        if core.bytes().any(|octet| octet.is_ascii_whitespace()) {
            assert!(
                !is_base64 || (decoded.is_some() && has_lines(core)),
                "{why}"
            );
        } else {
            assert_eq!(is_base64, decoded.is_some(), "{why}");
        }
        if accepted {
            check_packets(&decoded.expect("base64"));
        }
    }
    assert!(!(accepted && is_armoured));
    accepted
}

fn check_legacy(text: &str) -> bool {
    let message = message_of_text("chat", "x", "jabber:x:encrypted", text);
    let accepted = is_encrypted_by(Scheme::PgpLegacy, &message);
    if accepted && text.len() <= COMPLETE {
        let octets = without_armour(text).expect("base64 without its armour");
        check_packets(&octets);
    }
    accepted
}

/// Whether a message is ciphertext of a scheme. With an element in its base64, it has to be
/// plaintext.
fn is_encrypted_by(scheme: Scheme, message: &Element) -> bool {
    let mut edited = message.clone();
    for child in edited.children_mut() {
        child.append_child(Element::bare("a", "urn:example:unknown"));
    }
    assert_eq!(Content::of(&edited), Content::Plaintext);
    match Content::of(message) {
        Content::Plaintext => false,
        other => {
            let expected = Content::Encrypted {
                scheme: scheme.as_str().into(),
                validated: Some(scheme),
                is_accepted: true,
                has_fallback: true,
            };
            assert_eq!(other, expected);
            true
        }
    }
}

/// Whether all lines have one width, except for the last, which may be shorter.
fn has_lines(text: &str) -> bool {
    let widths: Vec<usize> = text.split_ascii_whitespace().map(str::len).collect();
    let (last, others) = widths.split_last().expect("text");
    others.iter().all(|width| width == &widths[0]) && *last <= widths[0]
}

/// The octets of an armoured message, without the lines of dashes, headers and a checksum.
fn without_armour(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(BEGIN).unwrap_or(text);
    let text = text.strip_suffix(END).unwrap_or(text);
    let data: String = text.lines().filter(|line| !line.contains(": ")).collect();
    let data = squeezed(&data);
    decode(&data).or_else(|| {
        let (data, checksum) = data.split_at_checked(data.len().checked_sub(5)?)?;
        checksum.starts_with('=').then(|| decode(data))?
    })
}

/// The packets have to be session keys, perhaps with markers and padding between them, then one of
/// encrypted data.
fn check_packets(octets: &[u8]) {
    let packets = packets::read(octets).expect("whole packets");
    let (data, before) = packets.split_last().expect("a packet");
    match data {
        Packet { tag: 18, body } => assert!(matches!(body[0], 1 | 2) && body.len() >= 35),
        Packet { tag: 20, body } => assert!(body[0] == 1 && body.len() >= 35),
        other => panic!("{other:?} at the end"),
    }
    assert!(before.iter().any(|packet| matches!(packet.tag, 1 | 3)));
    for packet in before {
        match packet.tag {
            1 => assert!(packet.body.len() >= 35),
            3 => assert!(packet.body.len() >= 4),
            10 => assert_eq!(packet.body, b"PGP"),
            21 => {}
            other => panic!("packet {other} before the data"),
        }
    }
}

/// Checks the octets after a session key for a passphrase: as encrypted data, which is accepted
/// with any octets in it, and as packets.
fn check_after_key(octets: &[u8]) {
    let key = packets::write(3, &[4, 9, 0, 8]);
    let mut data = [&[1], octets].concat();
    data.resize(data.len().max(35), 0xff);
    let valid = encode(&[key.clone(), packets::write(18, &data)].concat());
    assert!(check_ox(&valid) && check_ox(&in_lines(&valid, 64, "\n")));
    assert!(check_legacy(&valid) && check_legacy(&in_lines(&valid, 64, "\r\n")));
    assert!(!check_ox(&encode(
        &[key.clone(), packets::write(18, &data), vec![0]].concat()
    )));
    check_ox(&encode(&[&key, octets].concat()));
}
