// SPDX-License-Identifier: GPL-2.0-or-later
//! The native library with traps: a message whose body is one of the markers below makes it panic,
//! with the body as the panic's message. All other messages are judged by the real core, through
//! the real border.

#[path = "../../../native/e2e_policy_nif/src/clock.rs"]
#[allow(dead_code, reason = "the functions that are missing here use the rest")]
mod clock;
#[path = "../../../native/e2e_policy_nif/src/level.rs"]
#[allow(dead_code, reason = "the functions that are missing here use the rest")]
mod level;
#[path = "../../../native/e2e_policy_nif/src/options.rs"]
mod options;
#[path = "../../../native/e2e_policy_nif/src/panics.rs"]
mod panics;
#[path = "../../../native/e2e_policy_nif/src/term_element.rs"]
mod term_element;
#[path = "../../../native/e2e_policy_nif/src/term_message.rs"]
mod term_message;
#[path = "../../../native/e2e_policy_nif/src/verdict.rs"]
mod verdict;

use clock::{ClockTerm, Seconds};
use e2e_policy::duration::Period;
use e2e_policy::{Address, Budget, ElementView, MessageView, Node, Policy, Recipient};
use level::LevelTerm;
use rustler::{Decoder, Encoder, Env, Error, NifResult, Resource, ResourceArc, Term};
use std::borrow::Cow;
use term_element::TermElement;
use term_message::TermMessage;
use verdict::{ConnectionTerm, DecisionTerm, JudgementTerm, KeysTerm, ViolationTerm};

const IN_DECODE: &[u8] = b"thesecret: panic in decode";
const IN_DECISION: &[u8] = b"thesecret: panic in the decision";
const IN_ENCODE: &[u8] = b"thesecret: panic in encode";

fn spring(trap: &[u8]) -> ! {
    panic!("{}", String::from_utf8_lossy(trap));
}

/// Bodies that panic when they are decoded.
struct TrappedBodies<'a>(Term<'a>);

impl<'a> Decoder<'a> for TrappedBodies<'a> {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let texts: Vec<(Term<'a>, Term<'a>, &str)> = term.decode()?;
        if texts.iter().any(|(.., text)| text.as_bytes() == IN_DECODE) {
            spring(IN_DECODE);
        }
        Ok(Self(term))
    }
}

/// A message that panics when the core looks into its elements.
#[derive(Clone, Copy)]
struct TrappedMessage<'a>(TermMessage<'a>);

impl TrappedMessage<'_> {
    fn contains(self, marker: &[u8]) -> bool {
        self.0
            .elements(&Budget::new())
            .any(|child| child.only_text() == Some(marker))
    }
}

impl<'a> MessageView<'a> for TrappedMessage<'a> {
    type Child = Trapped<'a>;

    fn is_groupchat(self) -> bool {
        self.0.is_groupchat()
    }

    fn elements(self, budget: &Budget) -> impl Iterator<Item = Trapped<'a>> {
        self.0.elements(budget).map(Trapped)
    }
}

#[derive(Clone, Copy)]
struct Trapped<'a>(TermElement<'a>);

impl<'a> ElementView<'a> for Trapped<'a> {
    fn name(self) -> &'a [u8] {
        self.0.name()
    }

    fn namespace(self) -> Cow<'a, [u8]> {
        self.0.namespace()
    }

    fn attributes(self, budget: &Budget) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.0.attributes(budget)
    }

    fn only_text(self) -> Option<&'a [u8]> {
        self.0.only_text().inspect(|text| {
            if *text == IN_DECISION {
                spring(text);
            }
        })
    }

    fn nodes(self, budget: &Budget) -> impl Iterator<Item = Node<'a, Self>> {
        self.0.nodes(budget).map(|node| match node {
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

/// The traps do not depend on the addresses.
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
    6
}

#[rustler::nif(schedule = "DirtyCpu")]
fn new_policy(
    options: Term<'_>,
) -> NifResult<Result<ResourceArc<PolicyResource>, (String, String)>> {
    Ok(options::parse(options::read(options)?)
        .and_then(|options| {
            Policy::try_from(options).map_err(|error| (error.option, error.problem))
        })
        .map(|policy| ResourceArc::new(PolicyResource(policy))))
}

#[rustler::nif]
#[allow(clippy::too_many_arguments, reason = "those of the real one")]
fn judge<'a>(
    policy: ResourceArc<PolicyResource>,
    kind: Term<'a>,
    subject: Term<'a>,
    body: TrappedBodies<'a>,
    thread: Term<'a>,
    sub_els: Term<'a>,
    _from: Term<'a>,
    _to: Term<'a>,
) -> TrappedJudgement<'a> {
    let message = TrappedMessage(TermMessage {
        kind,
        subject,
        body: body.0,
        thread,
        sub_els,
    });
    let judgement = JudgementTerm(policy.0.judge(message, ALICE, BOB));
    TrappedJudgement(judgement, message.contains(IN_ENCODE))
}

#[rustler::nif]
fn decide(
    policy: ResourceArc<PolicyResource>,
    level: LevelTerm,
    connection: ConnectionTerm<'_>,
    keys: KeysTerm,
    clock: ClockTerm,
    now: Seconds,
) -> DecisionTerm {
    let clock = clock.0.as_ref();
    DecisionTerm(policy.0.decide(level.0, connection.0, keys.0, clock, now.0))
}

#[rustler::nif]
fn notice(
    policy: ResourceArc<PolicyResource>,
    violation: ViolationTerm<'_>,
    decision: DecisionTerm,
    recipient: (Term<'_>, KeysTerm, ConnectionTerm<'_>),
    lang: &str,
) -> NifResult<(String, String)> {
    let recipient = Recipient {
        address: BOB,
        connection: recipient.2.0,
        keys: recipient.1.0,
    };
    policy
        .0
        .notice(&violation.0, decision.0, recipient, lang)
        .map(|notice| (notice.text, notice.lang))
        .ok_or(Error::BadArg)
}

#[rustler::nif]
fn parse_period(text: &str) -> Result<i64, String> {
    Period::parse(text).map(|period| period.delta().num_seconds())
}

rustler::init!("mod_e2e_policy_nif", load = panics::load);
