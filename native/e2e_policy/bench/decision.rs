// SPDX-License-Identifier: GPL-2.0-or-later
//! The core alone: a judgement and, of a violation, the decision; and what it would cost to parse the
//! stanza first. `script/bench core` puts the figures beside those of the running library.

#![expect(clippy::expect_used, reason = "a bench fails by panicking")]

#[path = "../examples/stanzas.rs"]
#[expect(dead_code, reason = "its main and its series are for others")]
mod stanzas;
#[path = "../tests/tree/mod.rs"]
mod tree;

use chrono::{DateTime, Utc};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use e2e_policy::{Address, Decision, ElementView, Policy, PolicyOptions, stanza};
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
    // A megabyte takes minidom a fifth of a second.
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

/// Accepts each scheme, so that ciphertext is looked at to its end and allowed, and refuses plain text.
fn policy() -> Policy {
    let options =
        r#"{"accepted_schemes": ["omemo", "pgp", "pgp_legacy", "otr"], "direct": "required"}"#;
    let options: PolicyOptions = serde_json::from_str(options).expect("options");
    Policy::try_from(options).expect("a policy")
}

/// For a user without a clock.
fn decide<'a>(policy: &Policy, message: impl ElementView<'a>) -> Option<Decision> {
    let from = Address {
        local: b"romeo",
        domain: b"example.org",
    };
    let to = Address {
        local: b"dino2",
        domain: b"corpus.test",
    };
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let judgement = policy.judge(message, from, to);
    let violation = judgement.violation?;
    Some(policy.decide(&violation, to, None, now))
}
