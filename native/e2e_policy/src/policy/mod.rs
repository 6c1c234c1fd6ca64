// SPDX-License-Identifier: GPL-2.0-or-later
//! What to do about a message: the policy of one virtual host.
//!
//! Options are validated once, when a policy is made of them; then it judges and decides without
//! errors. docs/architecture.md has the table of decisions.

pub(crate) mod asked;
pub(crate) mod chat;
pub(crate) mod connection;
pub(crate) mod decision;
pub mod duration;
pub(crate) mod explanation;
pub(crate) mod grace;
pub(crate) mod level;
mod messages;
pub(crate) mod options;
mod recipients;
mod summary;
pub(crate) mod template;
mod translations;
mod whitelist;

use crate::content::Content;
use crate::content::classifier::{Classifier, Rules};
use crate::language::catalogue::{self, Language};
use crate::language::preference::Preference;
use crate::language::tag::Tag;
use crate::policy::asked::Asked;
use crate::policy::chat::Chat;
use crate::policy::connection::{Connection, Unverified};
use crate::policy::decision::{
    Bodies, Decision, Judgement, Keys, Notice, Reason, Recipient, Violation, Warning,
};
use crate::policy::duration::{Period, in_words};
use crate::policy::grace::{Clock, GraceStatus, Starter};
use crate::policy::level::{Level, Levels, MucPm};
use crate::policy::messages::Messages;
use crate::policy::options::{Incoming, OuterBody, PolicyError, PolicyOptions, RecipientKeys};
use crate::policy::template::Values;
use crate::policy::whitelist::Whitelist;
use crate::scheme::accepted::Accepted;
use crate::stanza::address::Address;
use crate::stanza::budget::Budget;
use crate::stanza::message::MessageView;
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::convert::Infallible;

/// The policy of one virtual host. Immutable, and valid by construction.
#[derive(Clone, Debug)]
pub struct Policy {
    accepted: Accepted,
    direct: Level,
    group: Level,
    muc_pm: MucPm,
    incoming: Incoming,
    rooms: Level,
    s2s_unverified: Unverified,
    whitelist: Whitelist,
    outer_body: OuterBody,
    grace_period: Period,
    recipient_keys: RecipientKeys,
    language: Tag,
    messages: Messages,
}

impl TryFrom<PolicyOptions> for Policy {
    type Error = PolicyError;

    fn try_from(options: PolicyOptions) -> Result<Self, PolicyError> {
        catalogue::load();
        let accepted = Accepted::new(&options.accepted_schemes)
            .map_err(|problem| PolicyError::new("accepted_schemes", problem))?;
        Ok(Self {
            accepted,
            direct: options.direct,
            group: options.group,
            muc_pm: options.muc_pm,
            incoming: options.incoming,
            rooms: options.rooms,
            s2s_unverified: options.s2s_unverified,
            whitelist: Whitelist::new(&options.whitelist)?,
            outer_body: options.outer_body,
            grace_period: options.grace_period,
            recipient_keys: options.recipient_keys,
            language: Tag::parse(&options.language)
                .map_err(|problem| PolicyError::new("language", problem))?,
            messages: Messages::new(options.messages)?,
        })
    }
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

    /// Judges a `<message/>` as [`Policy::judge`] does, and calls `addresses` for its sender and
    /// its recipient only if the judgement depends on them. Without a whitelist only that of a
    /// message which is not acceptable does.
    ///
    /// # Errors
    ///
    /// The error of `addresses`.
    pub fn try_judge<'a, 'b, M: MessageView<'a>, E>(
        &self,
        message: M,
        addresses: impl Fn() -> Result<(Address<'b>, Address<'b>), E>,
    ) -> Result<Judgement<'a>, E> {
        let chat = Chat::of(message, false);
        if self.strictest(chat) == Level::None {
            return Ok(Judgement::EXEMPT);
        }
        let budget = Budget::new();
        let is_exempt = || {
            let (from, to) = addresses()?;
            Ok(self.exemption(message, chat, (from, to), &budget).is_some())
        };
        if self.asks_addresses_first() && is_exempt()? {
            return Ok(Judgement::EXEMPT);
        }
        let classifier = self.classifier(&budget);
        let content = classifier.classify(message, chat == Chat::Group, &mut ());
        let mut judgement = self.judgement(content, chat);
        if self.asks_addresses_first() || judgement.leaves_alone() || !is_exempt()? {
            if let Some(violation) = &mut judgement.violation {
                violation.chat = self.told_apart(chat, message, &budget);
            }
            return Ok(judgement);
        }
        Ok(Judgement::EXEMPT)
    }

    /// The kind of conversation of a violation. The marker is only searched where it can change
    /// what is asked.
    pub(crate) fn told_apart<'a>(
        &self,
        chat: Chat,
        message: impl MessageView<'a>,
        budget: &Budget,
    ) -> Chat {
        match self.muc_pm {
            MucPm::Direct => chat,
            MucPm::Level(_) => chat.or_marked(message, budget),
        }
    }

    /// Judges a `<message/>` that a user here did not send: one from another server, or one to a
    /// room here. No level exempts it, as that of its recipient is for [`Policy::decide`].
    ///
    /// A room invites by a message from its bare JID, which has a body of its own (XEP-0045 section
    /// 7.8.2).
    pub fn judge_received<'a, M: MessageView<'a>>(
        &self,
        message: M,
        (from, is_bare): (Address<'_>, bool),
        to: Address<'_>,
    ) -> Judgement<'a> {
        let budget = Budget::new();
        if self
            .whitelist_exemption(message, (from, to), &budget)
            .is_some()
        {
            return Judgement::EXEMPT;
        }
        let chat = Chat::of(message, false);
        let classifier = self.classifier(&budget).with_invitations(is_bare);
        let content = classifier.classify(message, chat == Chat::Group, &mut ());
        self.judgement(content, chat)
    }

    pub(crate) fn classifier<'p>(&'p self, budget: &'p Budget) -> Classifier<'p> {
        let rules = Rules {
            accepted: &self.accepted,
            replaces_bodies: matches!(self.outer_body, OuterBody::Replace),
            may_be_invitation: false,
        };
        Classifier::new(rules, budget)
    }

    /// Whether the whitelist is searched before the message is classified, which takes longer. It
    /// is worth it as whitelisted services often write much.
    pub(crate) const fn asks_addresses_first(&self) -> bool {
        !self.whitelist.is_empty()
    }

    /// The grace period in force.
    #[must_use]
    pub const fn grace_period(&self) -> Period {
        self.grace_period
    }

    /// The built-in language of a reader: that of an `xml:lang`, else that of the host.
    #[must_use]
    pub fn language_of(&self, lang: &str) -> &'static Language {
        Language::preferred(&Preference::new(lang, &self.language))
    }

    /// What is asked of a kind of conversation.
    #[must_use]
    pub const fn level(&self, chat: Chat) -> Level {
        match (chat, self.muc_pm) {
            (Chat::Group, _) => self.group,
            (Chat::Marked, MucPm::Level(level)) => level,
            (Chat::Direct | Chat::Marked, _) => self.direct,
        }
    }

    /// What is asked of a sender of whom no rules ask something else, within this server.
    #[must_use]
    pub const fn asked(&self) -> Asked<'static> {
        Asked {
            levels: Levels {
                direct: self.level(Chat::Direct),
                group: self.level(Chat::Group),
                marked: self.level(Chat::Marked),
            },
            exemption: None,
            keys: Keys::Published,
            connection: Connection::Verified,
            lang: "",
        }
    }

    /// The most that is asked of a message of this kind before it is known whether it is a private
    /// message to an occupant, and how it reaches its recipient.
    fn strictest(&self, chat: Chat) -> Level {
        let level = match chat {
            Chat::Group => self.group,
            Chat::Direct | Chat::Marked => self.level(Chat::Direct).max(self.level(Chat::Marked)),
        };
        level.max(self.s2s_unverified.least())
    }

    /// Why the policy ignores a message, whatever its content. Messages to the sender's own account
    /// are exempt because a client that is the only one of an account cannot encrypt to itself.
    pub(crate) fn exemption<'a, M: MessageView<'a>>(
        &self,
        message: M,
        chat: Chat,
        (from, to): (Address<'_>, Address<'_>),
        budget: &Budget,
    ) -> Option<&'static str> {
        if self.strictest(chat) == Level::None {
            return Some(match chat {
                Chat::Direct | Chat::Marked => "exempt: nothing is asked of direct chats",
                Chat::Group => "exempt: nothing is asked of group chats",
            });
        }
        self.whitelist_exemption(message, (from, to), budget)
    }

    fn whitelist_exemption<'a, M: MessageView<'a>>(
        &self,
        message: M,
        (from, to): (Address<'_>, Address<'_>),
        budget: &Budget,
    ) -> Option<&'static str> {
        if self.whitelist.contains(from) {
            return Some("exempt: the sender is on the whitelist");
        }
        recipients::all(message, to, budget, |recipient| {
            recipient == from || self.whitelist.contains(recipient)
        })
        .then_some("exempt: for whitelisted recipients, one's own account or a server only")
    }

    /// The first step of the decision table: whether the content is a violation, and what becomes
    /// of bodies.
    pub(crate) fn judgement<'a>(&self, content: Content<'a>, chat: Chat) -> Judgement<'a> {
        let kind = content.kind();
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
            content: Some(kind),
        }
    }

    /// The second step of the decision table: what to do about a violation of a user with this
    /// clock, of whom this level is asked.
    ///
    /// A caller that cannot read the clock gives one that is over, so that a required policy is
    /// enforced. Whether the recipient has keys matters with `recipient_keys: needed` only.
    ///
    /// What is asked because of a connection has no grace period and no clock: the danger is the
    /// connection, not the user's habit.
    #[must_use]
    pub fn decide(
        &self,
        level: Level,
        connection: Connection<'_>,
        keys: Keys,
        clock: Option<&Clock>,
        now: DateTime<Utc>,
    ) -> Decision {
        match (self.s2s_unverified.least_over(connection), level) {
            (Level::Required, _) => return Decision::Reject,
            (Level::Optional, Level::None) => return Decision::Warn(Warning::Optional),
            (Level::None | Level::Optional, _) => {}
        }
        let escalated = clock.is_some_and(|clock| clock.by == Starter::Admin);
        let grace = clock.map(|clock| clock.grace_status(self.grace_period, now));
        match (level, self.recipient_keys, keys, grace) {
            (Level::None, ..) => Decision::Exempt,
            (Level::Optional, ..) if !escalated => Decision::Warn(Warning::Optional),
            (_, RecipientKeys::Needed, Keys::Missing, _) => Decision::Warn(Warning::WithoutKeys),
            (.., Some(GraceStatus::Running(left))) => Decision::Warn(Warning::InGrace(left)),
            (.., None) if self.grace_period > Period::ZERO => Decision::StartClock,
            (.., None | Some(GraceStatus::Over)) => Decision::Reject,
        }
    }

    /// What the sender of a violation is told of a decision; nothing if it is not about telling.
    ///
    /// `lang` is the `xml:lang` of the message; an empty or malformed one means the language of the
    /// host. What is added to a text is in the language of that text.
    #[must_use]
    pub fn notice(
        &self,
        violation: &Violation<'_>,
        decision: Decision,
        recipient: Recipient<'_>,
        lang: &str,
    ) -> Option<Notice> {
        let level = match decision {
            Decision::Warn(Warning::Optional) => Level::Optional,
            Decision::Warn(Warning::InGrace(_) | Warning::WithoutKeys) | Decision::Reject => {
                Level::Required
            }
            Decision::Exempt | Decision::StartClock => return None,
        };
        let mut values = Values {
            recipient: &recipient.address.to_string(),
            scheme: &violation.scheme,
            accepted_schemes: self.accepted.as_list(),
            graceperiod_remaining: "",
            server: "",
        };
        let reader = Preference::new(lang, &self.language);
        let message = self.messages.get(violation.reason, level, violation.chat);
        let message = message.choose(&reader);
        let mut text = message.render(&values);
        let reader = Preference::new(message.lang, &self.language);
        if recipient.keys == Keys::Missing && self.recipient_keys != RecipientKeys::Ignore {
            text.push(' ');
            text.push_str(&self.messages.without_keys.choose(&reader).render(&values));
        }
        self.name_server(recipient.connection, &mut values, &reader, &mut text);
        if let Decision::Warn(Warning::InGrace(left)) = decision {
            let added = self.messages.in_grace.choose(&reader);
            let left = in_words(left, self.language_of(added.lang));
            values.graceperiod_remaining = &left;
            text.push(' ');
            text.push_str(&added.render(&values));
        }
        Some(Notice {
            reason: violation.reason,
            text,
            lang: message.lang.to_owned(),
        })
    }

    /// What the sender of a message from another server is told if it is refused.
    #[must_use]
    pub fn notice_received(
        &self,
        violation: &Violation<'_>,
        recipient: Recipient<'_>,
        lang: &str,
    ) -> Notice {
        let mut values = Values {
            recipient: &recipient.address.to_string(),
            scheme: &violation.scheme,
            accepted_schemes: self.accepted.as_list(),
            graceperiod_remaining: "",
            server: "",
        };
        let reader = Preference::new(lang, &self.language);
        let message = self.messages.incoming.choose(&reader);
        let mut text = message.render(&values);
        let reader = Preference::new(message.lang, &self.language);
        self.name_server(recipient.connection, &mut values, &reader, &mut text);
        Notice {
            reason: violation.reason,
            text,
            lang: message.lang.to_owned(),
        }
    }

    /// Adds that the connection to another server is not verified, if something is asked then.
    fn name_server<'a>(
        &self,
        connection: Connection<'a>,
        values: &mut Values<'a>,
        reader: &Preference<'_>,
        text: &mut String,
    ) {
        if let Some(server) = self.s2s_unverified.server_to_name(connection) {
            values.server = server;
            text.push(' ');
            text.push_str(&self.messages.unverified.choose(reader).render(values));
        }
    }
}
