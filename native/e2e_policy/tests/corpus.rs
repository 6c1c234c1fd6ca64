// SPDX-License-Identifier: GPL-2.0-or-later
//! Every stanza in test/corpus is what its label says.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use e2e_policy::{Content, content, stanza};
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
    match content::of(&message) {
        Content::Encrypted { schemes, .. } => (
            "encrypted".to_owned(),
            schemes.first().map(|scheme| scheme.word().to_owned()),
        ),
        Content::UnknownEncryption(name) => ("encrypted".to_owned(), Some(name.into_owned())),
        Content::Plaintext => ("plaintext".to_owned(), None),
        Content::Nothing => ("nothing".to_owned(), None),
    }
}

#[test]
fn every_stanza_of_a_real_client_is_judged_as_labelled() {
    let rows = rows(include_str!("../../../test/corpus/stanzas.jsonl"));
    assert!(rows.len() > 300, "the corpus has {} stanzas", rows.len());
    for row in rows {
        assert_eq!(label(&row.xml), (row.content, row.scheme), "{}", row.id);
    }
}
