// SPDX-License-Identifier: GPL-2.0-or-later
//! Judgements and decisions as Erlang terms.
//!
//! | Rust | Erlang |
//! | --- | --- |
//! | `Judgement` | `{allow, Bodies}` or `{Violation, Bodies}`, `Bodies` being `keep` or `replace` |
//! | `Violation` | `{violation, plain \| unacceptable, Scheme, direct \| group}` |
//! | `Decision` | `{warn \| reject, plain \| unacceptable, Text, Lang}` or `start_clock` |

use e2e_policy::{Bodies, Chat, Decision, Judgement, Notice, Reason, Violation};
use rustler::{Atom, Decoder, Encoder, Env, Error, NifResult, Term};
use std::borrow::Cow;

mod atoms {
    rustler::atoms! {
        allow, violation, plain, unacceptable, direct, group, keep, replace,
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
        match &self.0.violation {
            None => (atoms::allow(), bodies).encode(env),
            Some(violation) => {
                let chat = match violation.chat {
                    Chat::Direct => atoms::direct(),
                    Chat::Group => atoms::group(),
                };
                let reason = reason(violation.reason);
                let term = (atoms::violation(), reason, &*violation.scheme, chat);
                (term, bodies).encode(env)
            }
        }
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
                _ => return Err(Error::BadArg),
            },
        }))
    }
}

/// A decision on its way to Erlang.
pub(crate) struct DecisionTerm(pub Decision);

impl Encoder for DecisionTerm {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        match &self.0 {
            Decision::Warn(notice) => encode_notice(env, atoms::warn(), notice),
            Decision::Reject(notice) => encode_notice(env, atoms::reject(), notice),
            Decision::StartClock => atoms::start_clock().encode(env),
        }
    }
}

fn encode_notice<'a>(env: Env<'a>, verb: Atom, notice: &Notice) -> Term<'a> {
    let reason = reason(notice.reason);
    (verb, reason, notice.text.as_str(), notice.lang.as_str()).encode(env)
}

fn reason(reason: Reason) -> Atom {
    match reason {
        Reason::Plain => atoms::plain(),
        Reason::Unacceptable => atoms::unacceptable(),
    }
}
