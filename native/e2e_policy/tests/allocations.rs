// SPDX-License-Identifier: GPL-2.0-or-later
//! An allowed message costs no allocation. An allocator counts, and the view of the message makes
//! none itself.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod conversation;
#[path = "../examples/stanzas.rs"]
#[expect(dead_code, reason = "its main and its series are for others")]
mod stanzas;
mod tree;

use chrono::DateTime;
use conversation::{JULIET, ROMEO, strict};
use e2e_policy::{Connection, Keys, Level, Policy, PolicyOptions, Recipient, stanza};
use tree::Tree;

/// How many allocations a decision makes, and whether the message is allowed. The first decision
/// builds the hash table of elements, so that only the second is counted.
fn allocations(options: PolicyOptions, xml: &str) -> (u64, bool) {
    let policy = Policy::try_from(options).expect("valid options");
    let message = Tree::from(&stanza::parse(xml).expect("a message"));
    let mut allowed = false;
    let mut count = 0;
    for _ in 0..2 {
        let info = allocation_counter::measure(|| {
            let judgement = policy.judge(&message, JULIET, ROMEO);
            let notice = judgement.violation.and_then(|violation| {
                let level = policy.level(violation.chat);
                let (address, keys) = (ROMEO, Keys::Published);
                let decision = policy.decide(
                    level,
                    Connection::Verified,
                    keys,
                    None,
                    DateTime::UNIX_EPOCH,
                );
                policy.notice(
                    &violation,
                    decision,
                    Recipient {
                        address,
                        keys,
                        connection: Connection::Verified,
                    },
                    "",
                )
            });
            allowed = notice.is_none();
        });
        count = info.count_total;
    }
    (count, allowed)
}

#[test]
fn a_message_that_is_allowed_costs_no_allocation() {
    for stanza in stanzas::kinds() {
        if stanza.name != "plain" {
            let counted = allocations(strict(), &stanza.xml);
            assert_eq!(counted, (0, true), "{}", stanza.name);
        }
    }
}

#[test]
fn a_message_that_is_exempt_costs_no_allocation() {
    let plain = &stanzas::kinds()[0].xml;
    let without_level = PolicyOptions {
        direct: Level::None,
        ..strict()
    };
    assert_eq!(allocations(without_level, plain), (0, true));
    for entry in ["montague.example", "juliet@capulet.example"] {
        let whitelist = vec![entry.to_owned()];
        let options = PolicyOptions {
            whitelist,
            ..strict()
        };
        assert_eq!(allocations(options, plain), (0, true), "{entry}");
    }
}

/// It allocates the texts of the answer. Without this test, a counter that does not count would
/// pass.
#[test]
fn a_refusal_costs_up_to_sixteen_allocations() {
    let (count, allowed) = allocations(strict(), &stanzas::kinds()[0].xml);
    assert!(!allowed && (1..=16).contains(&count), "{count}");
}
