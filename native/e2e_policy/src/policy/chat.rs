// SPDX-License-Identifier: GPL-2.0-or-later
//! The kinds of conversation that have a policy each.

use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::message::MessageView;

/// A kind of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chat {
    /// Everything but messages to a room: private messages to an occupant of one, too.
    Direct,
    /// A direct chat with the marker of private messages to an occupant (XEP-0045 section 7.5).
    /// Clients set it, so that it is one only if its address can be that of an occupant.
    Marked,
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

    /// The same, or [`Chat::Marked`] if it is direct and the message has the marker.
    #[must_use]
    pub fn or_marked<'a>(self, message: impl MessageView<'a>, budget: &Budget) -> Self {
        let is_marked = || {
            message
                .elements(budget)
                .any(|child| child.is("x", "http://jabber.org/protocol/muc#user"))
        };
        match self {
            Self::Direct if is_marked() => Self::Marked,
            same => same,
        }
    }

    /// The name in options.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Direct | Self::Marked => "direct",
            Self::Group => "group",
        }
    }
}
