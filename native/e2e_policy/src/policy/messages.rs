// SPDX-License-Identifier: GPL-2.0-or-later
//! The texts for senders: one for each reason, level and kind of conversation.

use crate::policy::chat::Chat;
use crate::policy::decision::Reason;
use crate::policy::level::Level;
use crate::policy::options::PolicyError;
use crate::policy::template::Template;
use std::collections::BTreeMap;

/// The language of the default texts.
const DEFAULT_LANG: &str = "en";

const GRACE_OPTION: &str = "message_graceperiod";
const DEFAULT_IN_GRACE: &str = "You have {graceperiod_remaining} left before this will be \
     enforced and messages without acceptable E2EE will be discarded.";

/// A text for senders and its language.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub template: Template,
    pub lang: String,
}

/// All texts of one policy.
#[derive(Clone, Debug)]
pub(crate) struct Messages {
    plain: ByLevel,
    unacceptable: ByLevel,
    /// What is added to a warning while the grace period runs.
    pub in_grace: Template,
}

#[derive(Clone, Debug)]
struct ByLevel {
    optional: ByChat,
    required: ByChat,
}

#[derive(Clone, Debug)]
struct ByChat {
    direct: Message,
    group: Message,
}

impl Messages {
    /// Makes texts from options named `message_<reason>_<level>_<chat>` and `message_graceperiod`.
    /// `lang` is the language of texts that are set.
    ///
    /// # Errors
    ///
    /// A text is not a valid template, or an option does not exist.
    pub(crate) fn new(
        mut options: BTreeMap<String, String>,
        lang: &str,
    ) -> Result<Self, PolicyError> {
        let mut by_level = |reason| {
            let mut by_chat = |level| ByChat::new(reason, level, &mut options, lang);
            Ok(ByLevel {
                optional: by_chat(Level::Optional)?,
                required: by_chat(Level::Required)?,
            })
        };
        let (plain, unacceptable) = (by_level(Reason::Plain)?, by_level(Reason::Unacceptable)?);
        let in_grace = options.remove(GRACE_OPTION);
        let in_grace = Template::parse_for_grace(in_grace.as_deref().unwrap_or(DEFAULT_IN_GRACE))
            .map_err(|error| PolicyError::new(GRACE_OPTION, error))?;
        match options.pop_first() {
            Some((unknown, _)) => Err(PolicyError::new(&unknown, "no such option")),
            None => Ok(Self {
                plain,
                unacceptable,
                in_grace,
            }),
        }
    }

    /// The text for a violation.
    pub(crate) const fn get(&self, reason: Reason, level: Level, chat: Chat) -> &Message {
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
        options: &mut BTreeMap<String, String>,
        lang: &str,
    ) -> Result<Self, PolicyError> {
        let mut set = |chat| {
            let name = option_name(reason, level, chat);
            let text = options.remove(&name);
            text.map(|text| {
                Ok(Message {
                    template: parse(&name, &text)?,
                    lang: lang.to_owned(),
                })
            })
            .transpose()
        };
        let direct = match set(Chat::Direct)? {
            Some(direct) => direct,
            None => Message {
                template: parse("default", default_text(reason, level))?,
                lang: DEFAULT_LANG.to_owned(),
            },
        };
        let group = set(Chat::Group)?.unwrap_or_else(|| direct.clone());
        Ok(Self { direct, group })
    }
}

fn parse(option: &str, text: &str) -> Result<Template, PolicyError> {
    Template::parse(text).map_err(|error| PolicyError::new(option, error))
}

fn option_name(reason: Reason, level: Level, chat: Chat) -> String {
    format!(
        "message_{}_{}_{}",
        reason.as_str(),
        level.as_str(),
        chat.as_str()
    )
}

/// The wording that the Prosody module of the same name uses.
const fn default_text(reason: Reason, level: Level) -> &'static str {
    match (reason, level) {
        (Reason::Plain, Level::Required) => {
            "Your message to {recipient} was not end-to-end encrypted. For security reasons, using \
             one of the following E2EE schemes is *REQUIRED* for conversations on this server: \
             {accepted_schemes}"
        }
        (Reason::Plain, _) => {
            "Your message to {recipient} was not end-to-end encrypted. For security reasons, using \
             one of the following E2EE schemes is *STRONGLY* recommended: {accepted_schemes}"
        }
        (Reason::Unacceptable, Level::Required) => {
            "Your message to {recipient} was end-to-end encrypted using the {scheme} scheme, but \
             this server *REQUIRES* one of these: {accepted_schemes}"
        }
        (Reason::Unacceptable, _) => {
            "Your message to {recipient} was end-to-end encrypted using the {scheme} scheme, but \
             we recommend using one of the following instead: {accepted_schemes}"
        }
    }
}
