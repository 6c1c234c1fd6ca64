// SPDX-License-Identifier: GPL-2.0-or-later
//! Every row of `test/corpus/verdicts.jsonl`: a small stanza, a policy, and what is decided of it.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use chrono::DateTime;
use e2e_policy::{Address, Chat, Policy, PolicyOptions, stanza};
use serde_json::{Value, json};

const FROM: Address<'_> = Address {
    local: b"alice",
    domain: b"here.example",
};
const TO: Address<'_> = Address {
    local: b"bob",
    domain: b"there.example",
};

const ROWS: &str = include_str!("../../../test/corpus/verdicts.jsonl");

/// What the row does not say of itself: everything is required, and each scheme accepted.
fn policy(row: &Value) -> Policy {
    let or = |name: &str, default: Value| row.get(name).cloned().unwrap_or(default);
    let options: PolicyOptions = serde_json::from_value(json!({
        "direct": "required",
        "group": "required",
        "accepted_schemes": or("accepted_schemes", json!(["omemo", "pgp", "pgp_legacy", "otr"])),
        "outer_body": or("outer_body", json!("keep")),
    }))
    .expect("options");
    Policy::try_from(options).expect("a policy")
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
    let explanation = policy(row).explain(&message, chat, (FROM, TO), None, DateTime::UNIX_EPOCH);
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
