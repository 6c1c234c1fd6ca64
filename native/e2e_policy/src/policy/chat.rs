// SPDX-License-Identifier: GPL-2.0-or-later
//! The kinds of conversation that have a policy each.

use crate::stanza::message::MessageView;

/// A kind of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chat {
    /// Everything but messages to a room: private messages to an occupant of one, too.
    Direct,
    /// Messages to a room (XEP-0045).
    Group,
}

impl Chat {
    /// The kind of conversation that a `<message/>` belongs to. `is_to_user` is whether its
    /// recipient is known to be a user, and not a room.
    pub fn of<'a>(message: impl MessageView<'a>, is_to_user: bool) -> Self {
        if message.is_groupchat() && !is_to_user {
            Self::Group
        } else {
            Self::Direct
        }
    }

    /// The name in options.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }
}
