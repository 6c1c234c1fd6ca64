// SPDX-License-Identifier: GPL-2.0-or-later
//! The policy of one virtual host: options made sound once, then decisions without failure.

use crate::address::Address;
use crate::budget::Budget;
use crate::content::{Classifier, Content, Rules};
use crate::decision::{Bodies, Decision, Judgement, Notice, Reason, Violation};
use crate::duration::{Period, in_words};
use crate::grace::{Clock, Grace, Starter};
use crate::messages::Messages;
use crate::recipients;
use crate::scheme::{Accepted, AcceptedScheme, Scheme};
use crate::template::Values;
use crate::view::MessageView;
use chrono::{DateTime, TimeDelta, Utc};
use jid::{BareJid, Jid};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

/// The two kinds of conversation that have a policy each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chat {
    /// Everything but `groupchat`, private messages to a room's occupant too.
    Direct,
    /// Messages to a room (XEP-0045).
    Group,
}

impl Chat {
    /// The kind of conversation that a `<message/>` belongs to. A room has no user's address.
    pub fn of<'a>(message: impl MessageView<'a>, is_to_user: bool) -> Self {
        if message.is_groupchat() && !is_to_user {
            Self::Group
        } else {
            Self::Direct
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }
}

/// What is asked of a kind of conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing.
    None,
    /// The sender of a message without acceptable encryption is warned.
    #[default]
    Optional,
    /// Such a message is refused.
    Required,
}

impl Level {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::None => "none, nothing is asked",
            Self::Optional => "optional, the sender of a message without acceptable E2EE is warned",
            Self::Required => "required, a message without acceptable E2EE is refused",
        }
    }
}

/// What becomes of a body beside valid ciphertext.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OuterBody {
    /// It stays: it is the client's fallback text.
    #[default]
    Keep,
    /// The server's neutral sentence stands in its place.
    Replace,
}

/// Options as an admin writes them; what is missing has the default of the documentation.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct PolicyOptions {
    /// What satisfies the policy, in the order in which it is recommended.
    pub accepted_schemes: Vec<AcceptedScheme>,
    /// What is asked of direct chats.
    pub direct: Level,
    /// What is asked of group chats.
    pub group: Level,
    /// Users, rooms and domains that the policy ignores, as sender or recipient.
    pub whitelist: Vec<String>,
    /// What becomes of a body beside valid ciphertext.
    pub outer_body: OuterBody,
    /// How long a required policy still only warns a user, from the first violation on.
    pub grace_period: Period,
    /// The language of the texts in `messages`, an XML language tag.
    pub language: String,
    /// The texts that are set, by option name.
    #[serde(flatten)]
    pub messages: BTreeMap<String, String>,
}

impl Default for PolicyOptions {
    fn default() -> Self {
        Self {
            accepted_schemes: vec![Scheme::Omemo.into(), Scheme::Pgp.into()],
            direct: Level::default(),
            group: Level::default(),
            whitelist: Vec::new(),
            outer_body: OuterBody::default(),
            grace_period: Period::ZERO,
            language: "en".to_owned(),
            messages: BTreeMap::new(),
        }
    }
}

/// The policy of one virtual host. Immutable; nothing in it can be wrong.
#[derive(Clone, Debug)]
pub struct Policy {
    accepted: Accepted,
    direct: Level,
    group: Level,
    /// Sorted, for binary search.
    whitelist: Vec<BareJid>,
    outer_body: OuterBody,
    grace_period: Period,
    messages: Messages,
}

impl TryFrom<PolicyOptions> for Policy {
    type Error = PolicyError;

    fn try_from(options: PolicyOptions) -> Result<Self, PolicyError> {
        let accepted = Accepted::new(&options.accepted_schemes)
            .map_err(|problem| PolicyError::new("accepted_schemes", problem))?;
        let mut whitelist = options
            .whitelist
            .iter()
            .map(|entry| whitelist_entry(entry))
            .collect::<Result<Vec<_>, _>>()?;
        whitelist.sort_by(|one, other| Address::from(one).cmp(&Address::from(other)));
        Ok(Self {
            accepted,
            direct: options.direct,
            group: options.group,
            whitelist,
            outer_body: options.outer_body,
            grace_period: options.grace_period,
            messages: Messages::new(options.messages, &options.language)?,
        })
    }
}

/// An address with a `*` is allowed by XMPP, and meant as a pattern by whoever writes one here.
fn whitelist_entry(entry: &str) -> Result<BareJid, PolicyError> {
    let wrong = |expected| {
        PolicyError::new(
            "whitelist",
            format_args!("found `{entry}`, expected a user, a room or a domain, {expected}"),
        )
    };
    let jid = Jid::new(entry)
        .ok()
        .filter(Jid::is_bare)
        .ok_or_else(|| wrong("without a resource"))?
        .into_bare();
    if jid.as_str().contains('*') {
        return Err(wrong("in full: `*` stands for no others"));
    }
    Ok(jid)
}

impl Policy {
    /// Judges a `<message/>`.
    ///
    /// ```
    /// use e2e_policy::{Address, Level, Policy, PolicyOptions, Reason, stanza};
    ///
    /// let policy = Policy::try_from(PolicyOptions {
    ///     direct: Level::Required,
    ///     ..PolicyOptions::default()
    /// })?;
    /// let message = stanza::parse("<message type='chat'><body>Hello</body></message>")?;
    /// let juliet = Address { local: b"juliet", domain: b"capulet.example" };
    /// let romeo = Address { local: b"romeo", domain: b"montague.example" };
    /// let violation = policy.judge(&message, juliet, romeo).violation.ok_or("no violation")?;
    /// assert_eq!(violation.reason, Reason::Plain);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn judge<'a, M: MessageView<'a>>(
        &self,
        message: M,
        from: Address<'_>,
        to: Address<'_>,
    ) -> Judgement<'a> {
        let Ok(judgement) = self.try_judge(message, || Ok::<_, Infallible>((from, to)));
        judgement
    }

    /// Judges a `<message/>` as [`Policy::judge`] does. The addresses of its sender and its recipient are asked
    /// for only if they matter, which without a whitelist they do only where something is wrong.
    ///
    /// # Errors
    ///
    /// What asking for them ends with.
    pub fn try_judge<'a, 'b, M: MessageView<'a>, E>(
        &self,
        message: M,
        addresses: impl Fn() -> Result<(Address<'b>, Address<'b>), E>,
    ) -> Result<Judgement<'a>, E> {
        let chat = Chat::of(message, false);
        if self.level(chat) == Level::None {
            return Ok(Judgement::ALLOW);
        }
        let budget = Budget::new();
        let is_exempt = || {
            let (from, to) = addresses()?;
            Ok(self.exemption(message, chat, (from, to), &budget).is_some())
        };
        if self.asks_addresses_first() && is_exempt()? {
            return Ok(Judgement::ALLOW);
        }
        let classifier = self.classifier(&budget);
        let content = classifier.classify(message, chat == Chat::Group, &mut ());
        let judgement = self.judgement(content, chat);
        if judgement == Judgement::ALLOW || self.asks_addresses_first() || !is_exempt()? {
            return Ok(judgement);
        }
        Ok(Judgement::ALLOW)
    }

    pub(crate) const fn classifier<'p>(&'p self, budget: &'p Budget) -> Classifier<'p> {
        let rules = Rules {
            accepted: &self.accepted,
            replaces_bodies: matches!(self.outer_body, OuterBody::Replace),
        };
        Classifier::new(rules, budget)
    }

    /// On the whitelist are services that write much, and to look there is less work than to look into a
    /// message.
    pub(crate) const fn asks_addresses_first(&self) -> bool {
        !self.whitelist.is_empty()
    }

    /// What is asked of a kind of conversation.
    #[must_use]
    pub const fn level(&self, chat: Chat) -> Level {
        match chat {
            Chat::Direct => self.direct,
            Chat::Group => self.group,
        }
    }

    /// Why the policy ignores a message, whatever it carries. One's own account is exempt because a
    /// single device cannot encrypt to itself.
    pub(crate) fn exemption<'a, M: MessageView<'a>>(
        &self,
        message: M,
        chat: Chat,
        (from, to): (Address<'_>, Address<'_>),
        budget: &Budget,
    ) -> Option<&'static str> {
        if self.level(chat) == Level::None {
            return Some(match chat {
                Chat::Direct => "exempt: nothing is asked of direct chats",
                Chat::Group => "exempt: nothing is asked of group chats",
            });
        }
        if self.is_whitelisted(from) {
            return Some("exempt: the sender is on the whitelist");
        }
        recipients::all(message, to, budget, |recipient| {
            recipient == from || self.is_whitelisted(recipient)
        })
        .then_some("exempt: for whitelisted recipients, one's own account or a server only")
    }

    fn is_whitelisted(&self, address: Address<'_>) -> bool {
        [address, address.server()].iter().any(|wanted| {
            self.whitelist
                .binary_search_by(|entry| Address::from(entry).cmp(wanted))
                .is_ok()
        })
    }

    /// The left half of the documentation's table: what the policy does not accept, and what becomes of bodies.
    pub(crate) fn judgement<'a>(&self, content: Content<'a>, chat: Chat) -> Judgement<'a> {
        let has_fallback = matches!(
            content,
            Content::Encrypted {
                has_fallback: true,
                ..
            }
        );
        let (reason, scheme) = match content {
            Content::Plaintext => (Some(Reason::Plain), Cow::Borrowed("none")),
            Content::Encrypted {
                is_accepted: false,
                scheme,
                ..
            } => (Some(Reason::Unacceptable), scheme),
            Content::Encrypted { .. } | Content::Nothing => (None, Cow::Borrowed("")),
        };
        Judgement {
            violation: reason.map(|reason| Violation {
                reason,
                scheme,
                chat,
            }),
            bodies: match self.outer_body {
                OuterBody::Replace if has_fallback => Bodies::Replace,
                OuterBody::Replace | OuterBody::Keep => Bodies::Keep,
            },
        }
    }

    /// The right half: what to do about a violation of a user with this clock.
    ///
    /// Whoever cannot read the clock gives one that is over: then a required policy is enforced.
    #[must_use]
    pub fn decide(
        &self,
        violation: &Violation<'_>,
        to: Address<'_>,
        clock: Option<&Clock>,
        now: DateTime<Utc>,
    ) -> Decision {
        let escalated = clock.is_some_and(|clock| clock.by == Starter::Admin);
        let grace = clock.map(|clock| clock.grace(self.grace_period, now));
        match (self.level(violation.chat), grace) {
            (Level::Optional | Level::None, _) if !escalated => {
                Decision::Warn(self.notice(violation, Level::Optional, to, None))
            }
            (_, Some(Grace::Running(remaining))) => {
                Decision::Warn(self.notice(violation, Level::Required, to, Some(remaining)))
            }
            (_, None) if self.grace_period > Period::ZERO => Decision::StartClock,
            (_, None | Some(Grace::Over)) => {
                Decision::Reject(self.notice(violation, Level::Required, to, None))
            }
        }
    }

    fn notice(
        &self,
        violation: &Violation<'_>,
        level: Level,
        to: Address<'_>,
        remaining: Option<TimeDelta>,
    ) -> Notice {
        let values = Values {
            recipient: &to.to_string(),
            scheme: &violation.scheme,
            accepted_schemes: self.accepted.in_words(),
            graceperiod_remaining: &remaining.map(in_words).unwrap_or_default(),
        };
        let message = self.messages.get(violation.reason, level, violation.chat);
        let mut text = message.template.render(&values);
        if remaining.is_some() {
            text.push(' ');
            text.push_str(&self.messages.in_grace.render(&values));
        }
        Notice {
            reason: violation.reason,
            text,
            lang: message.lang.clone(),
        }
    }
}

impl Policy {
    /// The policy in plain words, a line for each thing that an admin would ask.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let period = if self.grace_period > Period::ZERO {
            format!(
                "{} from a user's first violation on",
                in_words(self.grace_period.delta())
            )
        } else {
            "none".to_owned()
        };
        let whitelist: Vec<String> = self.whitelist.iter().map(ToString::to_string).collect();
        vec![
            format!("accepted schemes: {}", self.accepted.in_words()),
            format!("direct chats: {}", self.direct.in_words()),
            format!("group chats: {}", self.group.in_words()),
            format!("grace period: {period}"),
            format!(
                "bodies beside ciphertext: {}",
                match self.outer_body {
                    OuterBody::Keep => "kept",
                    OuterBody::Replace => "replaced by a neutral sentence",
                }
            ),
            format!(
                "ignored senders and recipients: {}",
                if whitelist.is_empty() {
                    "none".to_owned()
                } else {
                    whitelist.join(", ")
                }
            ),
        ]
    }

    /// The grace period in force.
    #[must_use]
    pub const fn grace_period(&self) -> Period {
        self.grace_period
    }
}

/// Why options make no policy: which one is wrong, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The name of the option.
    pub option: String,
    /// What was found and what was expected.
    pub problem: String,
}

impl PolicyError {
    pub(crate) fn new(option: &str, problem: impl fmt::Display) -> Self {
        Self {
            option: option.to_owned(),
            problem: problem.to_string(),
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.option, self.problem)
    }
}

impl std::error::Error for PolicyError {}
