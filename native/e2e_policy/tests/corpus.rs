// SPDX-License-Identifier: GPL-2.0-or-later
//! Every stanza in test/corpus is judged as its label says: those of real clients, attacks that a
//! naive policy would allow, and odd but legal ones that a naive policy would refuse.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use e2e_policy::{Content, stanza};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    content: String,
    scheme: Option<String>,
    xml: String,
}

fn rows(json_lines: &str) -> Vec<Row> {
    json_lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a row of the corpus"))
        .collect()
}

fn label(xml: &str) -> (String, Option<String>) {
    let message = stanza::parse(xml).expect("a message");
    match Content::of(&message) {
        Content::Encrypted { scheme, .. } => ("encrypted".to_owned(), Some(scheme.into_owned())),
        Content::Plaintext => ("plaintext".to_owned(), None),
        Content::Nothing => ("nothing".to_owned(), None),
    }
}

fn all_are_judged_as_labelled(json_lines: &str, at_least: usize) {
    let rows = rows(json_lines);
    assert!(rows.len() >= at_least, "found {} rows", rows.len());
    for row in rows {
        assert_eq!(label(&row.xml), (row.content, row.scheme), "{}", row.id);
    }
}

#[test]
fn every_stanza_of_a_real_client_is_judged_as_labelled() {
    all_are_judged_as_labelled(include_str!("../../../test/corpus/stanzas.jsonl"), 367);
}

#[test]
fn every_attack_is_plaintext() {
    all_are_judged_as_labelled(include_str!("../../../test/corpus/attacks.jsonl"), 200);
}

#[test]
fn every_odd_but_legal_stanza_is_judged_as_labelled() {
    all_are_judged_as_labelled(include_str!("../../../test/corpus/legal.jsonl"), 50);
}
