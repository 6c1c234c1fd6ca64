// SPDX-License-Identifier: GPL-2.0-or-later
//! The border of `mod_e2e_policy`: Erlang terms in, Erlang terms out. Nothing is decided here.
//!
//! | Erlang | gives |
//! | --- | --- |
//! | `interface()` | the version of this table, to be compared with what the beams expect |
//! | `new_policy(Options)` | `{ok, Policy}` or `{error, {Option, Problem}}` |
//! | `judge(Policy, Message, From, To)` | `{Decision, Bodies}` |
//! | `explain(Policy, Text, From, To)` | `{ok, Explanation}`, a map, or `{error, Text}` |
//!
//! A wrong argument is an Erlang `badarg`: a bug of the caller. Errors that an admin can make come
//! back as values.

mod explanation;
mod options;
mod term_element;
mod verdict;

use e2e_policy::{Address, Policy, PolicyOptions, stanza};
use explanation::ExplanationTerm;
use rustler::{Binary, Error, NifRecord, NifResult, Resource, ResourceArc, Term};
use term_element::TermElement;
use verdict::VerdictTerm;

/// A policy that Erlang holds: immutable, so that no call ever waits for another.
struct PolicyResource(Policy);

#[rustler::resource_impl]
impl Resource for PolicyResource {}

/// The fields of ejabberd's `#jid{}` that the policy compares; the others are passed over.
#[derive(NifRecord)]
#[tag = "jid"]
struct Jid<'a> {
    _user: Term<'a>,
    _server: Term<'a>,
    _resource: Term<'a>,
    luser: Binary<'a>,
    lserver: Binary<'a>,
    _lresource: Term<'a>,
}

impl<'a> Jid<'a> {
    fn address(&self) -> NifResult<Address<'a>> {
        let text = |part: &Binary<'a>| str::from_utf8(part.as_slice()).map_err(|_| Error::BadArg);
        Ok(Address {
            local: text(&self.luser)?,
            domain: text(&self.lserver)?,
        })
    }
}

/// Counts up when a function, an argument or a result changes.
const INTERFACE: u32 = 1;

#[rustler::nif]
fn interface() -> u32 {
    INTERFACE
}

type NewPolicy = Result<ResourceArc<PolicyResource>, (String, String)>;

#[rustler::nif]
fn new_policy(options: Term<'_>) -> NifResult<NewPolicy> {
    let options = options::read(options)?;
    Ok(serde_json::from_value::<PolicyOptions>(options)
        .map_err(|error| (String::new(), error.to_string()))
        .and_then(|options| {
            Policy::try_from(options).map_err(|error| (error.option, error.problem))
        })
        .map(|policy| ResourceArc::new(PolicyResource(policy))))
}

#[rustler::nif]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn judge(
    policy: ResourceArc<PolicyResource>,
    message: TermElement<'_>,
    from: Jid<'_>,
    to: Jid<'_>,
) -> NifResult<VerdictTerm> {
    let (from, to) = (from.address()?, to.address()?);
    Ok(VerdictTerm(policy.0.judge(message, from, to)))
}

/// Parses text, so its time grows with the text: a dirty scheduler's work.
#[rustler::nif(schedule = "DirtyCpu")]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn explain(
    policy: ResourceArc<PolicyResource>,
    text: &str,
    from: Jid<'_>,
    to: Jid<'_>,
) -> NifResult<Result<ExplanationTerm, String>> {
    let (from, to) = (from.address()?, to.address()?);
    Ok(stanza::parse(text)
        .map(|message| policy.0.explain(&message, from, to).into())
        .map_err(|error| error.to_string()))
}

rustler::init!("mod_e2e_policy_nif");
