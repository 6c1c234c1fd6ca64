// SPDX-License-Identifier: GPL-2.0-or-later
//! Any text as a body: what the core takes for OTR is OTR from its first octet to its last, and not
//! in a room.
#![no_main]

use e2e_policy::{Content, Scheme};
use e2e_policy_fuzz::{COMPLETE, decode, encode, message_of_text, words};
use libfuzzer_sys::{Corpus, fuzz_target};
use minidom::Element;
use minidom::rxml::NcName;

// The first octet says how the rest becomes a body.
fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((how, octets)) = input.split_first() else {
        return Corpus::Reject;
    };
    match how % 4 {
        0 => {
            let Ok(text) = str::from_utf8(octets) else {
                return Corpus::Reject;
            };
            check(text);
        }
        1 => check(&format!("?OTR:{}.", encode(octets))),
        // A version and a type that exist, then any fields.
        2 => {
            let (version, kind) = (
                octets.first().unwrap_or(&3) % 5,
                octets.get(1).unwrap_or(&3),
            );
            let fields = octets.get(2..).unwrap_or_default();
            let message = [&[0, version, *kind], fields].concat();
            check(&format!("?OTR:{}.", encode(&message)));
        }
        _ => check_fragments(octets),
    }
    Corpus::Keep
});

fn check(body: &str) {
    let passes = is_otr(body);
    match words::beside(body) {
        Some(words) => assert_eq!(passes, words.are_of_a_client(), "{words:?}"),
        None if passes => check_without_words(body),
        None => {}
    }
    if passes {
        assert!(body.starts_with("?OTR"));
        for before in ["hello ", "\u{feff}", "?"] {
            assert!(
                !is_otr(&format!("{before}{body}")),
                "`{before}` before it passes"
            );
        }
        assert!(is_otr(&format!("{body}\n")));
        check_copies(body);
    }
    let in_room = message_of_text("groupchat", "body", "jabber:client", body);
    assert_eq!(Content::of(&in_room), expected_without_otr(body));
}

/// A message that has no text for people in it has none after it either.
fn check_without_words(body: &str) {
    for after in [" hello", "\nhello", "?", "=", "\u{feff}"] {
        assert!(
            !is_otr(&format!("{body}{after}")),
            "`{after}` after it passes"
        );
    }
    if let Some(rest) = body.trim_ascii_end().strip_prefix("?OTR:") {
        check_encoded(rest.strip_suffix('.').expect("a full stop"));
    } else if let Some(rest) = body.strip_prefix("?OTR,")
        && rest.len() <= COMPLETE
    {
        // A longer fragment is validated in parts only.
        assert_eq!(rest.trim_ascii_end().matches(',').count(), 3);
    }
}

/// A formatted copy may have the same text, a style of any length, and a link of up to 64 octets.
fn check_copies(body: &str) {
    let long = "x".repeat(65);
    for (name, value, passes) in [
        ("style", long.as_str(), true),
        ("href", &long[1..], true),
        ("href", &long, false),
        ("title", "x", false),
    ] {
        let copy = copied(body, body, name, value);
        assert_eq!(is_otr_message(&copy), passes, "{name}='{value}'");
    }
    let different = copied(body, &format!("hello {body}"), "style", "");
    assert_eq!(Content::of(&different), Content::Plaintext);
}

fn copied(body: &str, copy: &str, attribute: &str, value: &str) -> Element {
    const XHTML: &str = "http://www.w3.org/1999/xhtml";
    let link = Element::builder("a", XHTML)
        .attr(NcName::try_from(attribute).expect("a name"), value)
        .append(copy);
    let html = Element::builder("html", "http://jabber.org/protocol/xhtml-im")
        .append(Element::builder("body", XHTML).append(link));
    let mut message = message_of_text("chat", "body", "jabber:client", body);
    message.append_child(html.build());
    message
}

fn is_otr(body: &str) -> bool {
    is_otr_message(&message_of_text("chat", "body", "jabber:client", body))
}

fn is_otr_message(message: &Element) -> bool {
    match Content::of(message) {
        Content::Encrypted {
            scheme,
            validated,
            is_accepted,
            has_fallback,
        } => {
            assert_eq!(scheme, Scheme::Otr.as_str());
            assert_eq!(validated, Some(Scheme::Otr));
            assert!(is_accepted && !has_fallback);
            true
        }
        other => {
            let body = message.get_child("body", "jabber:client");
            assert_eq!(other, expected_without_otr(&body.expect("a body").text()));
            false
        }
    }
}

/// What a body would be if there were no OTR.
fn expected_without_otr(body: &str) -> Content<'static> {
    if body.trim_ascii().is_empty() {
        Content::Nothing
    } else {
        Content::Plaintext
    }
}

fn check_encoded(base64: &str) {
    if base64.len() <= COMPLETE {
        let octets = decode(base64).expect("base64");
        assert!(matches!(octets[..], [0, 1..=4, _, ..]));
        // The shortest messages, those of version 1, have more than four octets after the type.
        assert!(octets.len() >= 3 + 4);
    }
}

/// A message that passes as a whole passes in fragments too, as libraries make them.
fn check_fragments(octets: &[u8]) {
    let Some((size, octets)) = octets.split_first() else {
        return;
    };
    let message = format!("?OTR:{}.", encode(octets));
    // No library cuts within the prefix. Only about eight pieces, as each is judged several times.
    let size = usize::from(*size).max("?OTR:".len()).max(message.len() / 8);
    let pieces: Vec<&[u8]> = message.as_bytes().chunks(size).collect();
    let (total, whole) = (pieces.len(), is_otr(&message));
    for (index, piece) in (1..).zip(&pieces) {
        let piece = str::from_utf8(piece).expect("ASCII");
        let fragment = format!("?OTR,{index},{total},{piece},");
        let tagged = format!("?OTR|5a73a599|27e31597,{index:05},{total:05},{piece},");
        assert_eq!(is_otr(&fragment), is_otr(&tagged), "{tagged}");
        assert!(!whole || is_otr(&fragment), "{fragment}");
        if index == 1 || index == total {
            check(&fragment);
        }
    }
}
