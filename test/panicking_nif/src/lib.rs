// SPDX-License-Identifier: GPL-2.0-or-later
//! The native library with traps: a message whose body is one of the markers below makes it panic, with the
//! body as the panic's message. All else is judged by the real core, through the real border.

#[path = "../../../native/e2e_policy_nif/src/clock.rs"]
#[allow(dead_code, reason = "the functions that are missing here use the rest")]
mod clock;
#[path = "../../../native/e2e_policy_nif/src/options.rs"]
mod options;
#[path = "../../../native/e2e_policy_nif/src/panics.rs"]
mod panics;
#[path = "../../../native/e2e_policy_nif/src/term_element.rs"]
mod term_element;
#[path = "../../../native/e2e_policy_nif/src/verdict.rs"]
mod verdict;

use clock::{ClockTerm, Seconds};
use e2e_policy::duration::Period;
use e2e_policy::{Address, ElementView, Node, Policy, PolicyOptions};
use rustler::{Decoder, Encoder, Env, Error, NifResult, Resource, ResourceArc, Term};
use std::borrow::Cow;
use term_element::TermElement;
use verdict::{DecisionTerm, JudgementTerm, ViolationTerm};

const IN_DECODE: &[u8] = b"thesecret: panic in decode";
const IN_DECISION: &[u8] = b"thesecret: panic in the decision";
const IN_ENCODE: &[u8] = b"thesecret: panic in encode";

fn spring(trap: &[u8]) -> ! {
    panic!("{}", String::from_utf8_lossy(trap));
}

/// An element that panics when it is read, or when the core looks into it.
#[derive(Clone, Copy)]
struct Trapped<'a>(TermElement<'a>);

impl Trapped<'_> {
    fn holds(self, marker: &[u8]) -> bool {
        self.0.children().any(|child| *child.text() == *marker)
    }
}

impl<'a> Decoder<'a> for Trapped<'a> {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let element = Self(term.decode()?);
        if element.holds(IN_DECODE) {
            spring(IN_DECODE);
        }
        Ok(element)
    }
}

impl<'a> ElementView<'a> for Trapped<'a> {
    fn name(self) -> &'a [u8] {
        self.0.name()
    }

    fn namespace(self) -> Cow<'a, [u8]> {
        self.0.namespace()
    }

    fn attribute(self, name: &str) -> Option<&'a [u8]> {
        self.0.attribute(name)
    }

    fn has_attributes(self) -> bool {
        self.0.has_attributes()
    }

    fn nodes(self) -> impl Iterator<Item = Node<'a, Self>> {
        self.0.nodes().map(|node| match node {
            Node::Text(text) if text == IN_DECISION => spring(text),
            Node::Text(text) => Node::Text(text),
            Node::Element(element) => Node::Element(Self(element)),
        })
    }
}

/// A judgement that may panic on its way to Erlang.
struct TrappedJudgement<'a>(JudgementTerm<'a>, bool);

impl Encoder for TrappedJudgement<'_> {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        let term = self.0.encode(env);
        if self.1 {
            spring(IN_ENCODE);
        }
        term
    }
}

struct PolicyResource(Policy);

#[rustler::resource_impl]
impl Resource for PolicyResource {}

/// Who writes to whom does not matter to the traps.
const ALICE: Address<'_> = Address {
    local: b"alice",
    domain: b"a.test",
};
const BOB: Address<'_> = Address {
    local: b"bob",
    domain: b"a.test",
};

#[rustler::nif]
fn interface() -> u32 {
    1
}

#[rustler::nif]
fn new_policy(
    options: Term<'_>,
) -> NifResult<Result<ResourceArc<PolicyResource>, (String, String)>> {
    let options: PolicyOptions =
        serde_json::from_value(options::read(options)?).map_err(|_| Error::BadArg)?;
    Ok(Policy::try_from(options)
        .map(|policy| ResourceArc::new(PolicyResource(policy)))
        .map_err(|error| (error.option, error.problem)))
}

#[rustler::nif]
fn judge<'a>(
    policy: ResourceArc<PolicyResource>,
    message: Trapped<'a>,
    _from: Term<'a>,
    _to: Term<'a>,
) -> TrappedJudgement<'a> {
    let judgement = JudgementTerm(policy.0.judge(message, ALICE, BOB));
    TrappedJudgement(judgement, message.holds(IN_ENCODE))
}

#[rustler::nif]
fn decide(
    policy: ResourceArc<PolicyResource>,
    violation: ViolationTerm<'_>,
    _to: Term<'_>,
    clock: ClockTerm,
    now: Seconds,
) -> DecisionTerm {
    DecisionTerm(policy.0.decide(&violation.0, BOB, clock.0.as_ref(), now.0))
}

#[rustler::nif]
fn parse_period(text: &str) -> Result<i64, String> {
    Period::parse(text).map(|period| period.delta().num_seconds())
}

rustler::init!("mod_e2e_policy_nif", load = panics::load);
