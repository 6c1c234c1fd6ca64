// SPDX-License-Identifier: GPL-2.0-or-later
//! The border of `mod_e2e_policy`: Erlang terms in, Erlang terms out. Decisions are the core's.
//!
//! | Erlang | gives |
//! | --- | --- |
//! | `interface()` | the version of this table, to be compared with what the beams expect |
//! | `new_policy(Options)` | `{ok, Policy}` or `{error, {Option, Problem}}` |
//! | `judge(Policy, Type, Subject, Body, Thread, Els, From, To)` | a judgement, see `verdict` |
//! | `judge_received`, with the same arguments | the same of a message that no user here sends |
//! | `decide(Policy, Level, Connection, Keys, Clock, Now)` | a decision, see `verdict` |
//! | `notice(Policy, Violation, Decision, Recipient, Lang)` | `{Text, Lang}` for the sender |
//! | `notice_received(Policy, Violation, Recipient, Lang)` | the same for one elsewhere |
//! | `explain(Policy, Text, Conversation, Asked, Clock, Now)` | see `explanation` |
//! | `describe(Policy, Rules)` | the policy in plain words, a list of lines, see `level` |
//! | `grace_status(Policy, Clock, Now, Lang)` | the grace status of a user, see `clock` |
//! | `text(Name, Arguments, Lang, HostLang)` | a built-in text and its language, see `text` |
//! | `parse_period(Text)` | `{ok, Seconds}` or `{error, Text}` |
//!
//! A wrong argument is an Erlang `badarg`: a bug of the caller. Errors that an admin can make are
//! returned as values.

mod clock;
mod explanation;
mod level;
mod options;
mod panics;
mod term_element;
mod term_message;
mod text;
mod verdict;

use clock::{ClockTerm, GraceStatusTerm, Seconds};
use e2e_policy::duration::Period;
use e2e_policy::{Address, Chat, Keys, Language, Policy, Recipient, stanza};
use explanation::{AskedTerm, ConversationTerm, ExplanationTerm};
use level::{LevelTerm, RulesTerm};
use rustler::{Binary, Decoder, Error, NifResult, Resource, ResourceArc, Term};
use term_message::TermMessage;
use text::ArgumentsTerm;
use verdict::{ConnectionTerm, DecisionTerm, JudgementTerm, KeysTerm, ViolationTerm};

mod atoms {
    rustler::atoms! { jid }
}

/// A policy that Erlang has a reference to. It is immutable, so that no call waits for another.
///
/// Calls borrow it, because a reference count would be one cache line that all schedulers write to
/// for each message.
struct PolicyResource(Policy);

#[rustler::resource_impl]
impl Resource for PolicyResource {}

/// The parts of ejabberd's `#jid{}` that the policy compares: user and server after normalisation.
///
/// Decoded as a tuple, because the decoder that rustler derives for records copies them into a
/// vector first.
struct Jid<'a> {
    address: Address<'a>,
    /// Whether it has no resource.
    is_bare: bool,
}

impl<'a> Decoder<'a> for Jid<'a> {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        type Record<'a> = (
            Term<'a>,
            Term<'a>,
            Term<'a>,
            Term<'a>,
            Binary<'a>,
            Binary<'a>,
            Binary<'a>,
        );
        let (tag, _, _, _, local, domain, resource): Record<'a> = term.decode()?;
        if atoms::jid() != tag {
            return Err(Error::BadArg);
        }
        Ok(Self {
            address: Address {
                local: local.as_slice(),
                domain: domain.as_slice(),
            },
            is_bare: resource.is_empty(),
        })
    }
}

/// Goes up by one when a function, an argument or a result changes.
const INTERFACE: u32 = 6;

#[rustler::nif]
fn interface() -> u32 {
    INTERFACE
}

type NewPolicy = Result<ResourceArc<PolicyResource>, (String, String)>;

/// On a dirty scheduler, because its time grows with the texts and the whitelist.
#[rustler::nif(schedule = "DirtyCpu")]
fn new_policy(options: Term<'_>) -> NifResult<NewPolicy> {
    Ok(options::parse(options::read(options)?)
        .and_then(|options| {
            Policy::try_from(options).map_err(|error| (error.option, error.problem))
        })
        .map(|policy| ResourceArc::new(PolicyResource(policy))))
}

/// The addresses are decoded only when the core asks for them, which it does not for most messages.
#[rustler::nif]
#[expect(
    clippy::too_many_arguments,
    reason = "one term with all of them would have to be garbage collected for each message"
)]
fn judge<'a>(
    policy: &PolicyResource,
    kind: Term<'a>,
    subject: Term<'a>,
    body: Term<'a>,
    thread: Term<'a>,
    sub_els: Term<'a>,
    from: Term<'a>,
    to: Term<'a>,
) -> NifResult<JudgementTerm<'a>> {
    let message = TermMessage {
        kind,
        subject,
        body,
        thread,
        sub_els,
    };
    let addresses = || {
        let (from, to): (Jid<'_>, Jid<'_>) = (from.decode()?, to.decode()?);
        Ok((from.address, to.address))
    };
    policy.0.try_judge(message, addresses).map(JudgementTerm)
}

#[rustler::nif]
#[expect(clippy::too_many_arguments, reason = "those of judge")]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn judge_received<'a>(
    policy: &PolicyResource,
    kind: Term<'a>,
    subject: Term<'a>,
    body: Term<'a>,
    thread: Term<'a>,
    sub_els: Term<'a>,
    from: Jid<'a>,
    to: Jid<'a>,
) -> JudgementTerm<'a> {
    let message = TermMessage {
        kind,
        subject,
        body,
        thread,
        sub_els,
    };
    let sender = (from.address, from.is_bare);
    JudgementTerm(policy.0.judge_received(message, sender, to.address))
}

#[rustler::nif]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn decide(
    policy: &PolicyResource,
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
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn notice(
    policy: &PolicyResource,
    violation: ViolationTerm<'_>,
    decision: DecisionTerm,
    recipient: (Jid<'_>, KeysTerm, ConnectionTerm<'_>),
    lang: &str,
) -> NifResult<(String, String)> {
    let (to, keys, connection) = recipient;
    let recipient = Recipient {
        address: to.address,
        keys: keys.0,
        connection: connection.0,
    };
    policy
        .0
        .notice(&violation.0, decision.0, recipient, lang)
        .map(|notice| (notice.text, notice.lang))
        .ok_or(Error::BadArg)
}

#[rustler::nif]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn notice_received(
    policy: &PolicyResource,
    violation: ViolationTerm<'_>,
    recipient: (Jid<'_>, ConnectionTerm<'_>),
    lang: &str,
) -> (String, String) {
    let (to, connection) = recipient;
    let recipient = Recipient {
        address: to.address,
        keys: Keys::Published,
        connection: connection.0,
    };
    let notice = policy.0.notice_received(&violation.0, recipient, lang);
    (notice.text, notice.lang)
}

/// On a dirty scheduler, because its time grows with the text that it parses.
#[rustler::nif(schedule = "DirtyCpu")]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn explain(
    policy: &PolicyResource,
    text: &str,
    conversation: ConversationTerm<'_>,
    asked: AskedTerm<'_>,
    clock: ClockTerm,
    now: Seconds,
) -> Result<ExplanationTerm, String> {
    let (from, to, is_to_user) = conversation;
    stanza::parse(text)
        .map(|message| {
            let explanation = policy.0.explain(
                &message,
                Chat::of(&message, is_to_user),
                (from.address, to.address),
                asked.0,
                clock.0.as_ref(),
                now.0,
            );
            explanation.into()
        })
        .map_err(|error| error.to_string())
}

#[rustler::nif(schedule = "DirtyCpu")]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn describe(policy: &PolicyResource, rules: RulesTerm<'_>) -> Vec<String> {
    policy.0.summary(rules.direct, rules.group)
}

#[rustler::nif]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn grace_status(
    policy: &PolicyResource,
    clock: ClockTerm,
    now: Seconds,
    lang: &str,
) -> NifResult<GraceStatusTerm> {
    let clock = clock.0.ok_or(Error::BadArg)?;
    Ok(GraceStatusTerm::new(&policy.0, &clock, now.0, lang))
}

#[rustler::nif]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments of a NIF are decoded into values"
)]
fn text(
    name: Term<'_>,
    arguments: ArgumentsTerm<'_>,
    lang: &str,
    host_lang: &str,
) -> NifResult<(String, &'static str)> {
    let language = Language::of_reader(lang, host_lang);
    let name = name.atom_to_string()?;
    Ok((language.text(&name, &arguments.each()), language.tag()))
}

#[rustler::nif]
fn parse_period(text: &str) -> Result<i64, String> {
    Period::parse(text).map(|period| period.delta().num_seconds())
}

rustler::init!("mod_e2e_policy_nif", load = panics::load);
