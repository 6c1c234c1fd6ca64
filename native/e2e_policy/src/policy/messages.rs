// SPDX-License-Identifier: GPL-2.0-or-later
//! The texts for senders: one for each reason, level and kind of conversation, and what is added to
//! them.

use crate::policy::chat::Chat;
use crate::policy::decision::Reason;
use crate::policy::level::Level;
use crate::policy::options::{PolicyError, TextOption};
use crate::policy::template::{Template, TemplateError};
use crate::policy::translations::{Text, Translations};
use std::collections::BTreeMap;

/// All texts of one policy.
#[derive(Clone, Debug)]
pub(crate) struct Messages {
    plain: ByLevel,
    unacceptable: ByLevel,
    /// What the sender of another server is told of a message that is refused.
    pub incoming: Text,
    /// What is added where the recipient has published no keys.
    pub without_keys: Text,
    /// What is added where the connection to another server is not verified.
    pub unverified: Text,
    /// What is added to a warning while the grace period runs.
    pub in_grace: Text,
}

#[derive(Clone, Debug)]
struct ByLevel {
    optional: ByChat,
    required: ByChat,
}

#[derive(Clone, Debug)]
struct ByChat {
    direct: Text,
    group: Text,
}

impl Messages {
    /// Makes texts from options named `message_<reason>_<level>_<chat>`, `message_incoming`,
    /// `message_without_keys`, `message_unverified` and `message_graceperiod`.
    ///
    /// # Errors
    ///
    /// A text is not a valid template, its language is no language tag, or an option does not
    /// exist.
    pub(crate) fn new(mut options: BTreeMap<String, TextOption>) -> Result<Self, PolicyError> {
        let mut by_level = |reason| {
            let mut by_chat = |level| ByChat::new(reason, level, &mut options);
            Ok(ByLevel {
                optional: by_chat(Level::Optional)?,
                required: by_chat(Level::Required)?,
            })
        };
        let (plain, unacceptable) = (by_level(Reason::Plain)?, by_level(Reason::Unacceptable)?);
        let mut alone = |name: &str, parse: fn(&str) -> Result<Template, TemplateError>| {
            let set = Translations::new(name, options.remove(name), parse)?;
            Ok(Text::new(name.to_owned(), set))
        };
        let incoming = alone("message_incoming", Template::parse)?;
        let without_keys = alone("message_without_keys", Template::parse)?;
        let unverified = alone("message_unverified", Template::parse_for_unverified)?;
        let in_grace = alone("message_graceperiod", Template::parse_for_grace)?;
        match options.pop_first() {
            Some((unknown, _)) => Err(PolicyError::new(&unknown, "no such option")),
            None => Ok(Self {
                plain,
                unacceptable,
                incoming,
                without_keys,
                unverified,
                in_grace,
            }),
        }
    }

    /// The text for a violation.
    pub(crate) const fn get(&self, reason: Reason, level: Level, chat: Chat) -> &Text {
        let by_level = match reason {
            Reason::Plain => &self.plain,
            Reason::Unacceptable => &self.unacceptable,
        };
        let by_chat = match level {
            Level::None | Level::Optional => &by_level.optional,
            Level::Required => &by_level.required,
        };
        match chat {
            Chat::Direct | Chat::Marked => &by_chat.direct,
            Chat::Group => &by_chat.group,
        }
    }
}

impl ByChat {
    /// The text for groups is the one for direct chats unless it is set.
    fn new(
        reason: Reason,
        level: Level,
        options: &mut BTreeMap<String, TextOption>,
    ) -> Result<Self, PolicyError> {
        let mut set = |chat| {
            let name = option_name(reason, level, chat);
            Translations::new(&name, options.remove(&name), Template::parse)
        };
        let (direct, group) = (set(Chat::Direct)?, set(Chat::Group)?);
        let built_in = || option_name(reason, level, Chat::Direct);
        Ok(Self {
            group: Text::new(built_in(), group.or(&direct)),
            direct: Text::new(built_in(), direct),
        })
    }
}

fn option_name(reason: Reason, level: Level, chat: Chat) -> String {
    format!(
        "message_{}_{}_{}",
        reason.as_str(),
        level.as_str(),
        chat.as_str()
    )
}
