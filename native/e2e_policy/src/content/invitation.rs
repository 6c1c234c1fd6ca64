// SPDX-License-Identifier: GPL-2.0-or-later
//! Invitations by rooms (XEP-0045 section 7.8.2), which have a body that the room writes.

use crate::element::class::Class;
use crate::element::lookup::class_of;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::message::MessageView;
use crate::stanza::text::characters;

/// How many characters the bodies of an invitation may have together. Rooms write who invites and
/// to which room, in one sentence.
const MAX_BODIES: usize = 200;

const NAMESPACE: &str = "http://jabber.org/protocol/muc#user";

/// Whether a message invites to a room, and has bodies that are short enough for what rooms write.
pub(crate) fn is_one<'a>(message: impl MessageView<'a>, budget: &Budget) -> bool {
    let invites = message
        .elements(budget)
        .filter(|child| child.is("x", NAMESPACE))
        .any(|details| {
            let mut children = details.children(budget);
            children.any(|child| child.is("invite", NAMESPACE))
        });
    invites && bodies(message, budget).is_some_and(|characters| characters <= MAX_BODIES)
}

/// How many characters the bodies have together, or a few more than are allowed; none if there is
/// an element in one.
fn bodies<'a>(message: impl MessageView<'a>, budget: &Budget) -> Option<usize> {
    message
        .elements(budget)
        .filter(|child| class_of(*child) == Some(Class::Body))
        .try_fold(0_usize, |sum, body| {
            let text = body.text_alone(budget)?;
            Some(sum.saturating_add(characters(&text, MAX_BODIES)))
        })
}
