// SPDX-License-Identifier: GPL-2.0-or-later
//! The grace period of a user: a function of what is stored, the period in force, and the time.

use crate::duration::Period;
use chrono::{DateTime, TimeDelta, Utc};

/// What is stored of a user: when the clock started, who started it, and an end that an admin fixed.
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

/// Where a user stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grace {
    /// There is still time: so much.
    Running(TimeDelta),
    /// The time is over; the instant of the end belongs to this.
    Over,
}

impl Clock {
    /// A clock that a first violation starts.
    #[must_use]
    pub const fn first(now: DateTime<Utc>) -> Self {
        Self {
            started: now,
            by: Starter::Violation,
            ends: None,
        }
    }

    /// When the grace period ends, as seen at a time. A start that is still to come, which a server's clock
    /// leaves behind when it is set back, counts as that time: nobody has more left than the period.
    #[must_use]
    pub fn end(&self, period: Period, now: DateTime<Utc>) -> DateTime<Utc> {
        self.ends.unwrap_or_else(|| {
            self.started
                .min(now)
                .checked_add_signed(period.delta())
                .unwrap_or(DateTime::<Utc>::MAX_UTC)
        })
    }

    /// Where the user stands at a time.
    #[must_use]
    pub fn grace(&self, period: Period, now: DateTime<Utc>) -> Grace {
        let remaining = self.end(period, now).signed_duration_since(now);
        if remaining > TimeDelta::zero() {
            Grace::Running(remaining)
        } else {
            Grace::Over
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
            clock(None).grace(period, at(1_040)),
            Grace::Running(TimeDelta::seconds(60))
        );
        assert_eq!(clock(None).grace(period, at(1_100)), Grace::Over);
        assert_eq!(clock(None).grace(period, at(9_999)), Grace::Over);
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
            clock(None).grace(period, at(400)),
            Grace::Running(TimeDelta::seconds(100))
        );
        assert_eq!(clock(None).grace(Period::ZERO, at(400)), Grace::Over);
    }
}
