// SPDX-License-Identifier: GPL-2.0-or-later
//! A verdict as an Erlang term: `{allow | {warn | reject, Reason, Text, Lang}, keep | replace}`.

use e2e_policy::{Bodies, Decision, Notice, Reason, Verdict};
use rustler::{Encoder, Env, Term};

mod atoms {
    rustler::atoms! { allow, warn, reject, plain, unacceptable, keep, replace }
}

/// A verdict on its way to Erlang.
pub(crate) struct VerdictTerm(pub Verdict);

impl Encoder for VerdictTerm {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        let decision = match &self.0.decision {
            Decision::Allow => atoms::allow().encode(env),
            Decision::Warn(notice) => encode_notice(env, atoms::warn(), notice),
            Decision::Reject(notice) => encode_notice(env, atoms::reject(), notice),
        };
        let bodies = match self.0.bodies {
            Bodies::Keep => atoms::keep(),
            Bodies::Replace => atoms::replace(),
        };
        (decision, bodies).encode(env)
    }
}

fn encode_notice<'a>(env: Env<'a>, verb: rustler::Atom, notice: &Notice) -> Term<'a> {
    let reason = match notice.reason {
        Reason::Plain => atoms::plain(),
        Reason::Unacceptable => atoms::unacceptable(),
    };
    (verb, reason, notice.text.as_str(), notice.lang.as_str()).encode(env)
}
