// SPDX-License-Identifier: GPL-2.0-or-later
//! Any clock at any time: there is a decision, and a later one is never more lenient.
#![no_main]

use chrono::{DateTime, TimeDelta, Utc};
use e2e_policy::duration::{Period, in_words};
use e2e_policy::{
    Chat, Clock, Connection, Decision, GraceStatus, Keys, Language, Level, Policy, PolicyOptions,
    Reason, Recipient, Starter, Violation,
};
use e2e_policy_fuzz::ROMEO;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use std::borrow::Cow;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    started: i64,
    ends: Option<i64>,
    by_admin: bool,
    now: i64,
    later: u32,
    required: bool,
    period: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let period = match Period::parse(input.period) {
        Ok(period) => period,
        Err(error) => {
            assert!(error.contains(input.period));
            return;
        }
    };
    assert!(period >= Period::ZERO && period.delta().num_days() <= 36_600);
    if let Some(seconds) = seconds(input.period) {
        assert_eq!(period.delta().num_seconds(), seconds);
    }
    let clock = Clock {
        started: time(input.started),
        by: if input.by_admin {
            Starter::Admin
        } else {
            Starter::Violation
        },
        ends: input.ends.map(time),
    };
    let later = TimeDelta::seconds(input.later.into());
    check(&clock, period, input.required, time(input.now), later);
});

/// A time in whole seconds, as the NIF crate reads it. What is out of range is the first or the
/// last time that can be represented.
fn time(seconds: i64) -> DateTime<Utc> {
    let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let seconds = seconds.clamp(first.timestamp(), last.timestamp());
    DateTime::from_timestamp(seconds, 0).expect("between two times")
}

/// The seconds of a period that is a number without a unit.
fn seconds(period: &str) -> Option<i64> {
    period.trim().parse().ok()
}

fn check(clock: &Clock, period: Period, required: bool, now: DateTime<Utc>, later: TimeDelta) {
    let policy = Policy::try_from(PolicyOptions {
        direct: if required {
            Level::Required
        } else {
            Level::Optional
        },
        grace_period: period,
        ..PolicyOptions::default()
    })
    .expect("valid options");
    assert!(!policy.summary(None, None).is_empty());

    let is_rejected = |now| {
        let violation = Violation {
            reason: Reason::Plain,
            scheme: Cow::Borrowed("none"),
            chat: Chat::Direct,
        };
        let (address, keys) = (ROMEO, Keys::Published);
        let decision = policy.decide(
            policy.level(Chat::Direct),
            Connection::Verified,
            keys,
            Some(clock),
            now,
        );
        let notice = policy
            .notice(
                &violation,
                decision,
                Recipient {
                    address,
                    keys,
                    connection: Connection::Verified,
                },
                "",
            )
            .expect("a notice");
        assert!(!notice.text.contains(['{', '}']));
        match decision {
            Decision::Warn(_) => false,
            Decision::Reject => true,
            Decision::StartClock => panic!("the clock runs already"),
            Decision::Exempt => panic!("something is asked"),
        }
    };
    let enforced = required || clock.by == Starter::Admin;
    let over = match clock.grace_status(period, now) {
        GraceStatus::Over => true,
        GraceStatus::Running(left) => {
            assert_eq!(now.checked_add_signed(left), Some(clock.end(period, now)));
            assert!(!in_words(left, Language::english()).contains(['-', '{']));
            false
        }
    };
    assert_eq!(over, now >= clock.end(period, now));
    assert_eq!(is_rejected(now), enforced && over);
    if let Some(later) = now.checked_add_signed(later) {
        assert!(!is_rejected(now) || is_rejected(later));
    }
}
