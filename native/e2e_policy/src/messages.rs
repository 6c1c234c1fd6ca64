// SPDX-License-Identifier: GPL-2.0-or-later
//! The texts for senders: one for each reason, level and chat type.

use crate::decision::Reason;
use crate::policy::{Chat, Level, PolicyError};
use crate::template::Template;
use std::collections::BTreeMap;

/// The language of the default texts.
const DEFAULT_LANG: &str = "en";

/// A text for senders and its language.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub template: Template,
    pub lang: String,
}

/// All texts of one policy.
#[derive(Clone, Debug)]
pub(crate) struct Messages {
    of: Vec<((Reason, Level, Chat), Message)>,
}

impl Messages {
    /// Texts from options named `message_<reason>_<level>_<chat>`; one for a group is that for
    /// direct chats unless set. `lang` is the language of texts that are set.
    pub(crate) fn new(
        mut options: BTreeMap<String, String>,
        lang: &str,
    ) -> Result<Self, PolicyError> {
        let mut of = Vec::new();
        for reason in [Reason::Plain, Reason::Unacceptable] {
            for level in [Level::Optional, Level::Required] {
                let mut message = Message {
                    template: parse("default", default_text(reason, level))?,
                    lang: DEFAULT_LANG.to_owned(),
                };
                for chat in [Chat::Direct, Chat::Group] {
                    let name = option_name(reason, level, chat);
                    if let Some(text) = options.remove(&name) {
                        message = Message {
                            template: parse(&name, &text)?,
                            lang: lang.to_owned(),
                        };
                    }
                    of.push(((reason, level, chat), message.clone()));
                }
            }
        }
        match options.pop_first() {
            Some((unknown, _)) => Err(PolicyError::new(&unknown, "no such option")),
            None => Ok(Self { of }),
        }
    }

    /// The text for a violation; there is none where the level is `none`.
    pub(crate) fn get(&self, reason: Reason, level: Level, chat: Chat) -> Option<&Message> {
        self.of
            .iter()
            .find(|(key, _)| *key == (reason, level, chat))
            .map(|(_, message)| message)
    }
}

fn parse(option: &str, text: &str) -> Result<Template, PolicyError> {
    Template::parse(text).map_err(|error| PolicyError::new(option, error))
}

fn option_name(reason: Reason, level: Level, chat: Chat) -> String {
    format!("message_{}_{}_{}", reason.word(), level.word(), chat.word())
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
            "Your message to {recipient} was end-to-end encrypted using the {scheme} scheme, but we \
             recommend using one of the following instead: {accepted_schemes}"
        }
    }
}
