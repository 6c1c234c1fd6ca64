// SPDX-License-Identifier: GPL-2.0-or-later
//! The options of a policy as an admin writes them, their defaults, and what is wrong with them.

use crate::policy::connection::Unverified;
use crate::policy::duration::Period;
use crate::policy::level::{Level, MucPm};
use crate::scheme::Scheme;
use crate::scheme::accepted::AcceptedScheme;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// Options as an admin writes them. An option that is missing has its documented default.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct PolicyOptions {
    /// The schemes that satisfy the policy, in the order in which they are recommended.
    pub accepted_schemes: Vec<AcceptedScheme>,
    /// What is asked of direct chats.
    pub direct: Level,
    /// What is asked of group chats.
    pub group: Level,
    /// What is asked of private messages to the occupants of rooms.
    pub muc_pm: MucPm,
    /// What is asked of messages from other servers to users of the host.
    pub incoming: Incoming,
    /// What is asked of messages to rooms of the host by people who are no users of it.
    pub rooms: Level,
    /// The least that is asked where the connection to another server is not verified.
    pub s2s_unverified: Unverified,
    /// Users, rooms and domains that the policy ignores, as sender or recipient.
    pub whitelist: Vec<String>,
    /// What becomes of a body beside valid ciphertext.
    pub outer_body: OuterBody,
    /// How long a required policy only warns a user, from the first violation on.
    pub grace_period: Period,
    /// What the keys matter that a recipient has published, or has not.
    pub recipient_keys: RecipientKeys,
    /// The language of the host (RFC 5646): of texts in `messages` that are for all languages, and
    /// for readers whose own language has no text.
    pub language: String,
    /// The texts that are set, by the names of their options.
    #[serde(flatten)]
    pub messages: BTreeMap<String, TextOption>,
}

impl Default for PolicyOptions {
    fn default() -> Self {
        Self {
            accepted_schemes: vec![Scheme::Omemo.into(), Scheme::Pgp.into()],
            direct: Level::default(),
            group: Level::default(),
            muc_pm: MucPm::default(),
            incoming: Incoming::default(),
            rooms: Level::None,
            s2s_unverified: Unverified::default(),
            whitelist: Vec::new(),
            outer_body: OuterBody::default(),
            grace_period: Period::ZERO,
            recipient_keys: RecipientKeys::default(),
            language: "en".to_owned(),
            messages: BTreeMap::new(),
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
    /// The server's neutral sentence replaces it.
    Replace,
}

/// What the keys of an accepted scheme matter that a recipient has published, or has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecipientKeys {
    /// Nothing: nobody looks them up.
    #[default]
    Ignore,
    /// The sender of a violation is told if there are none.
    Tell,
    /// Besides, a required policy only warns about messages to a recipient without keys.
    Needed,
}

/// What is asked of messages from other servers. Their senders cannot be warned only: a warning
/// about a message that was delivered would be mail that they did not ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Incoming {
    /// Nothing.
    #[default]
    None,
    /// A message without acceptable encryption is refused.
    Required,
}

/// A text for senders as an admin writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a text, or a map of language tags to texts"
)]
pub enum TextOption {
    /// One text for readers of all languages.
    ForAll(String),
    /// Language tags (RFC 5646) and their texts.
    ByLanguage(BTreeMap<String, String>),
}

/// Why options make no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The name of the option that is wrong.
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
