// SPDX-License-Identifier: GPL-2.0-or-later
//! Judgements and decisions as Erlang terms.
//!
//! | Rust | Erlang |
//! | --- | --- |
//! | `Judgement` | `{allow \| exempt \| Violation, keep \| replace, Content}` |
//! | `Violation` | `{violation, plain \| unacceptable, Scheme, direct \| group \| marked}` |
//! | `Kind` | `Content`: a scheme, `other`, `plaintext` or `nothing` |
//! | `Decision` | `exempt`, `warn`, `{warn, SecondsLeft}`, `reject` or `start_clock` |

use chrono::TimeDelta;
use e2e_policy::{Bodies, Chat, Decision, Judgement, Kind, Reason, Scheme, Violation};
use rustler::{Atom, Decoder, Encoder, Env, Error, NifResult, Term};
use std::borrow::Cow;

mod atoms {
    rustler::atoms! {
        allow, exempt, violation, plain, unacceptable, direct, group, marked, keep, replace,
        omemo, pgp, pgp_legacy, otr, other, plaintext, nothing,
        warn, reject, start_clock
    }
}

/// A judgement on its way to Erlang.
pub(crate) struct JudgementTerm<'m>(pub Judgement<'m>);

impl Encoder for JudgementTerm<'_> {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        let bodies = match self.0.bodies {
            Bodies::Keep => atoms::keep(),
            Bodies::Replace => atoms::replace(),
        };
        let content = match self.0.content {
            None => return (atoms::exempt(), bodies, atoms::nothing()).encode(env),
            Some(kind) => content(kind),
        };
        match &self.0.violation {
            None => (atoms::allow(), bodies, content).encode(env),
            Some(violation) => {
                let chat = match violation.chat {
                    Chat::Direct => atoms::direct(),
                    Chat::Group => atoms::group(),
                    Chat::Marked => atoms::marked(),
                };
                let reason = match violation.reason {
                    Reason::Plain => atoms::plain(),
                    Reason::Unacceptable => atoms::unacceptable(),
                };
                let term = (atoms::violation(), reason, &*violation.scheme, chat);
                (term, bodies, content).encode(env)
            }
        }
    }
}

fn content(kind: Kind) -> Atom {
    match kind {
        Kind::Encrypted(Scheme::Omemo) => atoms::omemo(),
        Kind::Encrypted(Scheme::Pgp) => atoms::pgp(),
        Kind::Encrypted(Scheme::PgpLegacy) => atoms::pgp_legacy(),
        Kind::Encrypted(Scheme::Otr) => atoms::otr(),
        Kind::Other => atoms::other(),
        Kind::Plaintext => atoms::plaintext(),
        Kind::Nothing => atoms::nothing(),
    }
}

/// A violation that Erlang gives back, to be decided about.
pub(crate) struct ViolationTerm<'a>(pub Violation<'a>);

impl<'a> Decoder<'a> for ViolationTerm<'a> {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let (tag, reason, scheme, chat): (Atom, Atom, &'a str, Atom) = term.decode()?;
        if tag != atoms::violation() {
            return Err(Error::BadArg);
        }
        Ok(Self(Violation {
            reason: match reason {
                found if found == atoms::plain() => Reason::Plain,
                found if found == atoms::unacceptable() => Reason::Unacceptable,
                _ => return Err(Error::BadArg),
            },
            scheme: Cow::Borrowed(scheme),
            chat: match chat {
                found if found == atoms::direct() => Chat::Direct,
                found if found == atoms::group() => Chat::Group,
                found if found == atoms::marked() => Chat::Marked,
                _ => return Err(Error::BadArg),
            },
        }))
    }
}

/// A decision on its way to Erlang, or back to be told to the sender.
pub(crate) struct DecisionTerm(pub Decision);

impl Encoder for DecisionTerm {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        match self.0 {
            Decision::Exempt => atoms::exempt().encode(env),
            Decision::Warn(None) => atoms::warn().encode(env),
            Decision::Warn(Some(left)) => (atoms::warn(), left.num_seconds()).encode(env),
            Decision::Reject => atoms::reject().encode(env),
            Decision::StartClock => atoms::start_clock().encode(env),
        }
    }
}

impl<'a> Decoder<'a> for DecisionTerm {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let decision = match term.decode::<Atom>() {
            Ok(found) if found == atoms::exempt() => Decision::Exempt,
            Ok(found) if found == atoms::warn() => Decision::Warn(None),
            Ok(found) if found == atoms::reject() => Decision::Reject,
            Ok(found) if found == atoms::start_clock() => Decision::StartClock,
            Ok(_) => return Err(Error::BadArg),
            Err(_) => {
                let (tag, seconds): (Atom, i64) = term.decode()?;
                let left = TimeDelta::try_seconds(seconds).filter(|_| tag == atoms::warn());
                Decision::Warn(Some(left.ok_or(Error::BadArg)?))
            }
        };
        Ok(Self(decision))
    }
}
