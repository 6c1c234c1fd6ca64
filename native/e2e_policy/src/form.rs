// SPDX-License-Identifier: GPL-2.0-or-later
//! Data forms (XEP-0004) that answer a service.

use crate::budget::Budget;
use crate::view::ElementView;

/// How many characters people may read in a form that a service asked for: it comes back with its instructions.
pub(crate) const MAX_TEXT: usize = 1_000;

/// What services ask for, by `FORM_TYPE` (XEP-0068): voice requests and registration with a
/// room (XEP-0045), challenges (XEP-0158), approval of a subscription (XEP-0060).
const KINDS: [&[u8]; 4] = [
    b"http://jabber.org/protocol/muc#request",
    b"http://jabber.org/protocol/muc#register",
    b"urn:xmpp:captcha",
    b"http://jabber.org/protocol/pubsub#subscribe_authorization",
];

/// Whether a form asks or answers something of a service.
pub(crate) fn is_asked_for<'a, V: ElementView<'a>>(form: V, budget: &Budget) -> bool {
    form.children(budget)
        .find(|field| field.attribute("var", budget) == Some(b"FORM_TYPE"))
        .and_then(|field| field.children(budget).next())
        .and_then(|value| value.text_alone(budget))
        .is_some_and(|kind| KINDS.contains(&&*kind))
}
