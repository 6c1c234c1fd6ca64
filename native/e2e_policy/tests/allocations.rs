// SPDX-License-Identifier: GPL-2.0-or-later
//! What is allowed costs no allocation: counted by an allocator, over a view that makes none itself.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../examples/stanzas.rs"]
#[expect(dead_code, reason = "its main and its series are for others")]
mod stanzas;
mod tree;

use chrono::{DateTime, Utc};
use e2e_policy::{Address, Policy, PolicyOptions, stanza};
use tree::Tree;

const FROM: Address<'_> = Address {
    local: b"romeo",
    domain: b"example.org",
};
const TO: Address<'_> = Address {
    local: b"juliet",
    domain: b"example.net",
};

/// A policy that accepts each scheme.
fn policy(options: &str) -> Policy {
    let schemes = r#""accepted_schemes": ["omemo", "pgp", "pgp_legacy", "otr"]"#;
    let options: PolicyOptions =
        serde_json::from_str(&format!("{{{schemes}, {options}}}")).expect("options");
    Policy::try_from(options).expect("a policy")
}

/// How many allocations a decision makes, and whether the message is allowed. The first decision of
/// all, which makes the index of the table, is not counted.
fn allocations(policy: &Policy, xml: &str) -> (u64, bool) {
    let message = Tree::from(&stanza::parse(xml).expect("a message"));
    let mut allowed = false;
    let mut count = 0;
    for _ in 0..2 {
        let info = allocation_counter::measure(|| {
            let judgement = policy.judge(&message, FROM, TO);
            let decision = judgement
                .violation
                .map(|violation| policy.decide(&violation, TO, None, DateTime::<Utc>::UNIX_EPOCH));
            allowed = decision.is_none();
        });
        count = info.count_total;
    }
    (count, allowed)
}

#[test]
fn a_message_that_is_allowed_costs_no_allocation() {
    let required = policy(r#""direct": "required""#);
    for stanza in stanzas::kinds() {
        if stanza.name != "plain" {
            let counted = allocations(&required, &stanza.xml);
            assert_eq!(counted, (0, true), "{}", stanza.name);
        }
    }
}

#[test]
fn a_message_that_no_policy_is_for_costs_no_allocation() {
    let plain = &stanzas::kinds()[0].xml;
    for options in [
        r#""direct": "none""#,
        r#""direct": "required", "whitelist": ["example.net"]"#,
        r#""direct": "required", "whitelist": ["romeo@example.org"]"#,
    ] {
        assert_eq!(allocations(&policy(options), plain), (0, true), "{options}");
    }
}

/// The texts of the answer: so the counter counts.
#[test]
fn a_refusal_costs_a_few() {
    let (count, allowed) =
        allocations(&policy(r#""direct": "required""#), &stanzas::kinds()[0].xml);
    assert!(!allowed && (1..=16).contains(&count), "{count}");
}
