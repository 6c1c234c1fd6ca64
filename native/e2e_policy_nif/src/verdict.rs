// SPDX-License-Identifier: GPL-2.0-or-later
//! Judgements and decisions as Erlang terms.
//!
//! | Rust | Erlang |
//! | --- | --- |
//! | `Judgement` | `{allow \| exempt \| Violation, keep \| replace, Content}` |
//! | `Violation` | `{violation, plain \| unacceptable, Scheme, direct \| group \| marked}` |
//! | `Kind` | `Content`: a scheme, `other`, `plaintext` or `nothing` |
//! | `Decision` | `exempt`, `warn`, `{warn, Seconds \| without_keys}`, `reject`, `start_clock` |
//! | `Keys` | `published` or `missing` |
//! | `Connection` | `verified` or `{unverified, Server}` |

use chrono::TimeDelta;
use e2e_policy::{
    Bodies, Chat, Connection, Decision, Judgement, Keys, Kind, Reason, Scheme, Violation, Warning,
};
use rustler::{Atom, Decoder, Encoder, Env, Error, NifResult, Term};
use std::borrow::Cow;

mod atoms {
    rustler::atoms! {
        allow, exempt, violation, plain, unacceptable, direct, group, marked, keep, replace,
        omemo, pgp, pgp_legacy, otr, other, plaintext, nothing,
        warn, without_keys, reject, start_clock, published, missing, verified, unverified
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

/// Whether the recipient has keys.
pub(crate) struct KeysTerm(pub Keys);

impl<'a> Decoder<'a> for KeysTerm {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        match term.decode::<Atom>()? {
            found if found == atoms::published() => Ok(Self(Keys::Published)),
            found if found == atoms::missing() => Ok(Self(Keys::Missing)),
            _ => Err(Error::BadArg),
        }
    }
}

/// How a message reaches its recipient, or has arrived.
pub(crate) struct ConnectionTerm<'a>(pub Connection<'a>);

impl<'a> Decoder<'a> for ConnectionTerm<'a> {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        if atoms::verified() == term {
            return Ok(Self(Connection::Verified));
        }
        let (tag, server): (Atom, &'a str) = term.decode()?;
        if tag != atoms::unverified() {
            return Err(Error::BadArg);
        }
        Ok(Self(Connection::Unverified(server)))
    }
}

/// A decision on its way to Erlang, or back to be told to the sender.
pub(crate) struct DecisionTerm(pub Decision);

impl Encoder for DecisionTerm {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        match self.0 {
            Decision::Exempt => atoms::exempt().encode(env),
            Decision::Warn(Warning::Optional) => atoms::warn().encode(env),
            Decision::Warn(Warning::InGrace(left)) => {
                (atoms::warn(), left.num_seconds()).encode(env)
            }
            Decision::Warn(Warning::WithoutKeys) => {
                (atoms::warn(), atoms::without_keys()).encode(env)
            }
            Decision::Reject => atoms::reject().encode(env),
            Decision::StartClock => atoms::start_clock().encode(env),
        }
    }
}

impl<'a> Decoder<'a> for DecisionTerm {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let decision = match term.decode::<Atom>() {
            Ok(found) if found == atoms::exempt() => Decision::Exempt,
            Ok(found) if found == atoms::warn() => Decision::Warn(Warning::Optional),
            Ok(found) if found == atoms::reject() => Decision::Reject,
            Ok(found) if found == atoms::start_clock() => Decision::StartClock,
            Ok(_) => return Err(Error::BadArg),
            Err(_) => {
                let (tag, why): (Atom, Term<'a>) = term.decode()?;
                if tag != atoms::warn() {
                    return Err(Error::BadArg);
                }
                Decision::Warn(if atoms::without_keys() == why {
                    Warning::WithoutKeys
                } else {
                    let left = TimeDelta::try_seconds(why.decode()?);
                    Warning::InGrace(left.ok_or(Error::BadArg)?)
                })
            }
        };
        Ok(Self(decision))
    }
}
