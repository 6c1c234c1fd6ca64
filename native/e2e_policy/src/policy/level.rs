// SPDX-License-Identifier: GPL-2.0-or-later
//! What a policy asks of a kind of conversation.

use serde::Deserialize;

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
    /// The name in options.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}
