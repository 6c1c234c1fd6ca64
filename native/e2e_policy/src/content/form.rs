// SPDX-License-Identifier: GPL-2.0-or-later
//! Data forms (XEP-0004) that a service asked for.

use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;

/// The types of such forms (`FORM_TYPE`, XEP-0068): voice requests and registration with a room
/// (XEP-0045), challenges (XEP-0158), approval of a subscription (XEP-0060).
const TYPES: [&[u8]; 4] = [
    b"http://jabber.org/protocol/muc#request",
    b"http://jabber.org/protocol/muc#register",
    b"urn:xmpp:captcha",
    b"http://jabber.org/protocol/pubsub#subscribe_authorization",
];

/// Whether a form is of one of these types.
pub(crate) fn is_asked_for<'a, V: ElementView<'a>>(form: V, budget: &Budget) -> bool {
    form.children(budget)
        .find(|field| field.attribute("var", budget) == Some(b"FORM_TYPE"))
        .and_then(|field| field.children(budget).next())
        .and_then(|value| value.text_alone(budget))
        .is_some_and(|form_type| TYPES.contains(&&*form_type))
}
