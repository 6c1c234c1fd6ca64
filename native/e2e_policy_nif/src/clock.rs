// SPDX-License-Identifier: GPL-2.0-or-later
//! A user's clock as an Erlang term: `{Started, violation | admin, Ends | undefined}`, with times
//! in seconds of Unix time; and the user's grace status.

use chrono::{DateTime, Utc};
use e2e_policy::{Clock, GraceStatus, Policy, Starter, duration};
use rustler::{Atom, Decoder, Encoder, Env, Error, NifResult, Term};

mod atoms {
    rustler::atoms! { none, undefined, violation, admin, running, over }
}

/// A time, in seconds of Unix time.
pub(crate) struct Seconds(pub DateTime<Utc>);

impl<'a> Decoder<'a> for Seconds {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        DateTime::from_timestamp(term.decode()?, 0)
            .map(Self)
            .ok_or(Error::BadArg)
    }
}

/// A clock, or the atom `none`.
pub(crate) struct ClockTerm(pub Option<Clock>);

impl<'a> Decoder<'a> for ClockTerm {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        if atoms::none() == term {
            return Ok(Self(None));
        }
        let (started, by, ends): (Seconds, Atom, Term<'a>) = term.decode()?;
        let ends = if atoms::undefined() == ends {
            None
        } else {
            Some(ends.decode::<Seconds>()?.0)
        };
        let by = if by == atoms::admin() {
            Starter::Admin
        } else if by == atoms::violation() {
            Starter::Violation
        } else {
            return Err(Error::BadArg);
        };
        Ok(Self(Some(Clock {
            started: started.0,
            by,
            ends,
        })))
    }
}

/// A user's grace status on its way to Erlang: `{running | over, End, Remaining}`, the remaining
/// time in words.
pub(crate) struct GraceStatusTerm {
    end: DateTime<Utc>,
    remaining: Option<String>,
}

impl GraceStatusTerm {
    pub(crate) fn new(policy: &Policy, clock: &Clock, now: DateTime<Utc>, lang: &str) -> Self {
        let period = policy.grace_period();
        let remaining = match clock.grace_status(period, now) {
            GraceStatus::Running(left) => Some(duration::in_words(left, policy.language_of(lang))),
            GraceStatus::Over => None,
        };
        Self {
            end: clock.end(period, now),
            remaining,
        }
    }
}

impl Encoder for GraceStatusTerm {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        let end = self.end.timestamp();
        match &self.remaining {
            Some(remaining) => (atoms::running(), end, remaining).encode(env),
            None => (atoms::over(), end, "").encode(env),
        }
    }
}
