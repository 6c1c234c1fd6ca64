// SPDX-License-Identifier: GPL-2.0-or-later
//! Every row of `test/corpus/verdicts.jsonl`: a small stanza, a policy, and what is decided of it.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod conversation;

use chrono::DateTime;
use conversation::{JULIET, ROMEO, strict};
use e2e_policy::{Chat, Policy, stanza};
use serde::Deserialize;
use serde_json::{Value, json};

const ROWS: &str = include_str!("../../../test/corpus/verdicts.jsonl");

/// The strictest policy, with the options of the row.
fn policy(row: &Value) -> Policy {
    let mut options = strict();
    set(&mut options.accepted_schemes, &row["accepted_schemes"]);
    set(&mut options.outer_body, &row["outer_body"]);
    Policy::try_from(options).expect("a policy")
}

/// Sets an option, if the row has it.
fn set<'a, T: Deserialize<'a>>(option: &mut T, value: &'a Value) {
    if !value.is_null() {
        *option = T::deserialize(value).expect("the value of an option");
    }
}

/// Decision, reason, content and scheme.
fn expected(row: &Value) -> [Value; 4] {
    let plain = row["content"] == "plaintext";
    let (decision, reason) = match row.get("decision") {
        Some(decision) => (decision.clone(), row.get("reason").cloned()),
        None if plain => (json!("reject"), Some(json!("plain"))),
        None => (json!("allow"), None),
    };
    [
        decision,
        reason.unwrap_or_default(),
        row["content"].clone(),
        row["scheme"].clone(),
    ]
}

fn decided(row: &Value) -> [Value; 4] {
    let message = stanza::parse(row["xml"].as_str().expect("a stanza")).expect("a message");
    let chat = Chat::of(&message, false);
    let pair = (JULIET, ROMEO);
    let policy = policy(row);
    let asked = policy.asked();
    let explanation = policy.explain(&message, chat, pair, asked, None, DateTime::UNIX_EPOCH);
    [
        json!(explanation.decision),
        json!(explanation.reason),
        json!(explanation.content),
        json!(explanation.scheme),
    ]
}

#[test]
fn every_row_is_decided_as_it_says() {
    let rows: Vec<Value> = ROWS
        .lines()
        .map(|line| serde_json::from_str(line).expect("a row"))
        .collect();
    assert!(rows.len() >= 46, "found {} rows", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| decided(row) != expected(row))
        .map(|row| {
            format!(
                "{}: {:?}, expected {:?}",
                row["id"],
                decided(row),
                expected(row)
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
