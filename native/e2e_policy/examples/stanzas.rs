// SPDX-License-Identifier: GPL-2.0-or-later
//! Prints the stanzas of the benchmarks: for each its name, a tab, the stanza, and an octet zero.
//!
//! `cargo run -q --release -p e2e_policy --example stanzas`
//!
//! Most are what real clients sent (test/corpus). Those that come in several sizes are a real OMEMO
//! message with another number of keys or length of payload, and a message of elements that are not
//! in the core's table.

#![expect(
    clippy::expect_used,
    reason = "the corpus is compiled into the program, so that what is missing is found at once"
)]

use serde_json::Value;
use std::io::{self, Write};

/// A stanza and its name in tables of results.
pub struct Stanza {
    /// What it is and how large.
    pub name: String,
    /// The text as it is on the wire.
    pub xml: String,
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for Stanza { name, xml } in kinds().into_iter().chain(series()) {
        write!(out, "{name}\t{xml}\0")?;
    }
    Ok(())
}

/// One of each kind, in the order of the tables.
#[must_use]
pub fn kinds() -> Vec<Stanza> {
    vec![
        stanza("plain", sent("dino-0-4-2-003")),
        stanza("chat state", sent("dino-0-4-2-007")),
        stanza("OMEMO, 2 devices", omemo(2, SHORT)),
        stanza("OMEMO, 10 devices", omemo(10, SHORT)),
        stanza("OMEMO, 50 devices", omemo(50, SHORT)),
        stanza("OMEMO, 10 devices, 60 KB", omemo(10, 60_000)),
        stanza("OMEMO, 10 devices, 1 MB", omemo(10, 1_000_000)),
        stanza("OX", sent("profanity-0-13-1-041")),
        stanza("OTR", sent("python3-potr-1-0-2-050")),
        stanza("legacy PGP", sent("dino-0-4-2-101")),
        stanza("100 siblings", siblings(100)),
    ]
}

/// Stanzas of one kind in several sizes. The size is at the end of the name.
#[must_use]
pub fn series() -> Vec<Stanza> {
    let mut series = Vec::new();
    for count in [1, 10, 50, 200, 1_000] {
        series.push(stanza(&format!("keys {count}"), omemo(count, SHORT)));
        series.push(stanza(&format!("siblings {count}"), siblings(count)));
    }
    for octets in [1_000, 10_000, 100_000, 1_000_000] {
        series.push(stanza(&format!("octets {octets}"), omemo(10, octets)));
    }
    series
}

/// The length of the payload of a short text, in octets of base64.
const SHORT: usize = 40;

fn stanza(name: &str, xml: String) -> Stanza {
    Stanza {
        name: name.to_owned(),
        xml,
    }
}

/// The stanza of the corpus with that id.
fn sent(id: &str) -> String {
    include_str!("../../../test/corpus/stanzas.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|row| row.get("id").and_then(Value::as_str) == Some(id))
        .and_then(|row| Some(row.get("xml")?.as_str()?.to_owned()))
        .expect("an id of the corpus")
}

/// A message of Dino with a key for each of so many devices, and a payload of so many octets. All
/// keys are copies of its second one.
fn omemo(devices: usize, octets: usize) -> String {
    let sent = sent("dino-0-4-2-043");
    let (head, rest) = sent.split_once("<key ").expect("a first key");
    let (_, rest) = rest.split_once("<key ").expect("a second key");
    let (_, rest) = rest.split_once('>').expect("the end of a tag");
    let (key, rest) = rest.split_once("</key>").expect("the end of a key");
    let (_, tail) = rest.split_once("</payload>").expect("a payload");
    let keys: Vec<String> = (1..=devices)
        .map(|device| format!("<key rid='8025{device:05}' prekey='true'>{key}</key>"))
        .collect();
    let keys = keys.concat();
    let payload = base64(octets);
    format!("{head}{keys}</header><payload>{payload}</payload>{tail}")
}

/// A message of so many elements that are not in the core's table.
fn siblings(count: usize) -> String {
    let element = "<note xmlns='urn:example:note'/>";
    format!(
        "<message to='dino2@corpus.test' type='chat' id='1'>{}</message>",
        element.repeat(count)
    )
}

/// So many octets of base64 without padding. They have no pattern that a branch predictor could
/// learn, as ciphertext has none.
fn base64(octets: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 1_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(
            *ALPHABET
                .get(usize::try_from(state >> 26).unwrap_or(0))
                .unwrap_or(&b'A'),
        )
    })
    .take(octets)
    .collect()
}
