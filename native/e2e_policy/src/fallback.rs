// SPDX-License-Identifier: GPL-2.0-or-later
//! Bodies that stand in for an annotation, as XEP-0428 marks them.
//!
//! Clients send reactions and retractions in the clear, with a fixed sentence for other clients.
//! Anyone can mark real text as fallback, so it is believed of short bodies beside an annotation only.

use crate::element::{Class, class_of};
use crate::view::{ElementView, MessageView, characters};

const NAMESPACE: &str = "urn:xmpp:fallback:0";

/// How many markers of one message are looked at; each kind of element has one.
const MAX_MARKERS: usize = 4;

/// Whether the message's bodies, of up to `limit` characters together, are marked as fallback for an
/// annotation in it.
pub(crate) fn stands_for_annotation<'a, M: MessageView<'a>>(message: M, limit: usize) -> bool {
    let bodies = message
        .elements()
        .filter(|child| child.is("body", "jabber:client"))
        .map(|body| characters(&body.text(), limit))
        .fold(0, usize::saturating_add);
    bodies <= limit
        && message
            .elements()
            .filter(|child| child.is("fallback", NAMESPACE))
            .take(MAX_MARKERS)
            .any(|marker| is_for_annotation(marker, message) && covers(marker, bodies))
}

fn is_for_annotation<'a>(marker: impl ElementView<'a>, message: impl MessageView<'a>) -> bool {
    let Some(subject) = marker.attribute("for") else {
        return true;
    };
    str::from_utf8(subject).is_ok_and(|namespace| {
        message.elements().any(|child| {
            child.has_namespace(namespace)
                && matches!(class_of(child), Some(Class::Annotation | Class::Wrapper))
        })
    })
}

/// Without parts the whole message is fallback; a part covers the body from `start` to `end`.
fn covers<'a>(marker: impl ElementView<'a>, characters: usize) -> bool {
    let mut parts = marker.children().peekable();
    parts.peek().is_none()
        || parts.any(|part| {
            part.is("body", NAMESPACE)
                && position(part.attribute("start"), 0) == Some(0)
                && position(part.attribute("end"), characters) >= Some(characters)
        })
}

fn position(attribute: Option<&[u8]>, default: usize) -> Option<usize> {
    match attribute {
        None => Some(default),
        Some(digits) => str::from_utf8(digits).ok()?.parse().ok(),
    }
}
