// SPDX-License-Identifier: GPL-2.0-or-later
//! Measures the core alone: a judgement and, of a violation, the decision; and the same with
//! parsing of the stanza before it. `script/bench core` shows the figures beside those of the
//! running library.

#![expect(clippy::expect_used, reason = "a bench fails by panicking")]

#[path = "../tests/conversation/mod.rs"]
mod conversation;
#[path = "../examples/stanzas.rs"]
#[expect(dead_code, reason = "its main and its series are for others")]
mod stanzas;
#[path = "../tests/tree/mod.rs"]
mod tree;

use chrono::DateTime;
use conversation::{JULIET, ROMEO, strict};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use e2e_policy::{Connection, ElementView, Keys, Notice, Policy, Recipient, stanza};
use std::hint::black_box;
use std::time::Duration;
use tree::Tree;

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .without_plots();
    targets = decision, parse
}
criterion_main!(benches);

fn decision(criterion: &mut Criterion) {
    let policy = policy();
    let mut group = criterion.benchmark_group("decision");
    for stanza in stanzas::kinds() {
        let message = stanza::parse(&stanza.xml).expect("a message");
        let message = Tree::from(&message);
        group.bench_function(BenchmarkId::from_parameter(&stanza.name), |bencher| {
            bencher.iter(|| decide(&policy, black_box(&message)));
        });
    }
}

fn parse(criterion: &mut Criterion) {
    let policy = policy();
    let mut group = criterion.benchmark_group("parse and decision");
    // minidom takes a fifth of a second to parse a megabyte.
    group.sample_size(10);
    for stanza in stanzas::kinds() {
        group.bench_function(BenchmarkId::from_parameter(&stanza.name), |bencher| {
            bencher.iter(|| {
                let message = stanza::parse(black_box(&stanza.xml)).expect("a message");
                decide(&policy, &message)
            });
        });
    }
}

/// The strictest policy: ciphertext is read to its end and allowed, and plain text is refused.
fn policy() -> Policy {
    Policy::try_from(strict()).expect("a policy")
}

/// The decision for a user without a clock.
fn decide<'a>(policy: &Policy, message: impl ElementView<'a>) -> Option<Notice> {
    let violation = policy.judge(message, JULIET, ROMEO).violation?;
    let (address, keys) = (ROMEO, Keys::Published);
    let level = policy.level(violation.chat);
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
        "en",
    )
}
