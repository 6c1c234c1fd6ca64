// SPDX-License-Identifier: GPL-2.0-or-later
//! The grace period of a user: a function of what is stored, the period in force, and the time.

use crate::policy::duration::Period;
use chrono::{DateTime, TimeDelta, Utc};

/// What is stored of a user: when the clock started, who started it, and an end that an admin
/// fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// When it started.
    pub started: DateTime<Utc>,
    /// Who started it.
    pub by: Starter,
    /// The end, if an admin fixed it; else it is the start and the period in force.
    pub ends: Option<DateTime<Utc>>,
}

/// Who started a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// The user's first violation of a required policy.
    Violation,
    /// An admin, who escalated the user.
    Admin,
}

/// Whether the grace period of a user is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraceStatus {
    /// It is not, with the time that is left.
    Running(TimeDelta),
    /// It is, from the instant of its end on.
    Over,
}

impl Clock {
    /// The clock that a user's first violation starts.
    #[must_use]
    pub const fn first(now: DateTime<Utc>) -> Self {
        Self {
            started: now,
            by: Starter::Violation,
            ends: None,
        }
    }

    /// When the grace period ends, as seen at the time `now`. A start that is later than `now`,
    /// which happens after a server's clock was set back, counts as `now`: no user has more time
    /// left than the period.
    #[must_use]
    pub fn end(&self, period: Period, now: DateTime<Utc>) -> DateTime<Utc> {
        self.ends.unwrap_or_else(|| {
            self.started
                .min(now)
                .checked_add_signed(period.delta())
                .unwrap_or(DateTime::<Utc>::MAX_UTC)
        })
    }

    /// Whether the grace period is over at the time `now`.
    #[must_use]
    pub fn grace_status(&self, period: Period, now: DateTime<Utc>) -> GraceStatus {
        let remaining = self.end(period, now).signed_duration_since(now);
        if remaining > TimeDelta::zero() {
            GraceStatus::Running(remaining)
        } else {
            GraceStatus::Over
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn clock(ends: Option<i64>) -> Clock {
        Clock {
            started: at(1_000),
            by: Starter::Violation,
            ends: ends.map(at),
        }
    }

    #[test]
    fn a_clock_runs_until_its_period_is_over() {
        let period = Period::parse("100").unwrap();
        assert_eq!(
            clock(None).grace_status(period, at(1_040)),
            GraceStatus::Running(TimeDelta::seconds(60))
        );
        assert_eq!(
            clock(None).grace_status(period, at(1_100)),
            GraceStatus::Over
        );
        assert_eq!(
            clock(None).grace_status(period, at(9_999)),
            GraceStatus::Over
        );
    }

    #[test]
    fn a_new_period_moves_the_end_unless_an_admin_fixed_it() {
        let longer = Period::parse("500").unwrap();
        assert_eq!(clock(None).end(longer, at(1_100)), at(1_500));
        assert_eq!(clock(Some(1_200)).end(longer, at(1_100)), at(1_200));
    }

    #[test]
    fn a_start_that_is_still_to_come_leaves_the_period_and_no_more() {
        let period = Period::parse("100").unwrap();
        assert_eq!(clock(None).end(period, at(400)), at(500));
        assert_eq!(
            clock(None).grace_status(period, at(400)),
            GraceStatus::Running(TimeDelta::seconds(100))
        );
        assert_eq!(
            clock(None).grace_status(Period::ZERO, at(400)),
            GraceStatus::Over
        );
    }
}
