// SPDX-License-Identifier: GPL-2.0-or-later
//! What a policy asks of a kind of conversation.

use crate::policy::chat::Chat;
use serde::Deserialize;

/// What is asked of a kind of conversation, from the mildest to the strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
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
    /// The name in options.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

/// What is asked of one sender, by the kind of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Of messages that are direct and have no marker.
    pub direct: Level,
    /// Of messages to rooms.
    pub group: Level,
    /// Of [`Chat::Marked`].
    pub marked: Level,
}

impl Levels {
    pub(crate) const fn of(self, chat: Chat) -> Level {
        match chat {
            Chat::Direct => self.direct,
            Chat::Group => self.group,
            Chat::Marked => self.marked,
        }
    }
}

/// What is asked of private messages to the occupants of rooms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum MucPm {
    /// The same as of direct chats.
    #[default]
    Direct,
    /// A level of their own.
    Level(Level),
}

impl TryFrom<String> for MucPm {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        let levels = [Level::None, Level::Optional, Level::Required];
        match levels.into_iter().find(|level| level.as_str() == word) {
            Some(level) => Ok(Self::Level(level)),
            None if word == "direct" => Ok(Self::Direct),
            None => Err(format!(
                "found `{word}`, expected `none`, `optional`, `required` or `direct`"
            )),
        }
    }
}
