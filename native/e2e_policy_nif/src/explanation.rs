// SPDX-License-Identifier: GPL-2.0-or-later
//! An explanation as an Erlang map with the keys of the struct; a missing value is an empty binary.

use e2e_policy::Explanation;
use rustler::NifMap;

/// An explanation on its way to Erlang.
#[derive(NifMap)]
#[rustler(encode)]
pub(crate) struct ExplanationTerm {
    decision: &'static str,
    reason: &'static str,
    content: &'static str,
    scheme: String,
    text: String,
    why: Vec<String>,
}

impl From<Explanation> for ExplanationTerm {
    fn from(explanation: Explanation) -> Self {
        Self {
            decision: explanation.decision,
            reason: explanation.reason.map_or("", e2e_policy::Reason::as_str),
            content: explanation.content,
            scheme: explanation.scheme.unwrap_or_default(),
            text: explanation.text.unwrap_or_default(),
            why: explanation.why,
        }
    }
}
