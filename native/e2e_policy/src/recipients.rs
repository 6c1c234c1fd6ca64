// SPDX-License-Identifier: GPL-2.0-or-later
//! Who a message is for: its `to`, or the recipients inside it when a multicast service
//! distributes it (XEP-0033).

use crate::address::Address;
use crate::view::{ElementView, MessageView};
use jid::Jid;

const NAMESPACE: &str = "http://jabber.org/protocol/address";

/// How many recipients are looked at; multicast services distribute to fewer.
const MAX_RECIPIENTS: usize = 256;

/// Whether every reader of the message satisfies `exempt`.
///
/// A JID without a local part is a server or a component: no person reads there. A recipient inside
/// that is no JID may be anybody, and so satisfies nothing.
pub(crate) fn all<'a, M: MessageView<'a>>(
    message: M,
    to: Address<'_>,
    exempt: impl Fn(Address<'_>) -> bool,
) -> bool {
    let itself = exempt(to);
    if itself || !to.local.is_empty() {
        return itself;
    }
    let mut left = MAX_RECIPIENTS;
    message
        .elements()
        .filter(|child| child.is("addresses", NAMESPACE))
        .flat_map(M::Child::children)
        .filter(|address| address.is("address", NAMESPACE) && is_recipient(*address))
        .all(|address| {
            let Some(rest) = left.checked_sub(1) else {
                return false;
            };
            left = rest;
            bare(address).is_some_and(|jid| {
                let inner = Address::from(&jid);
                inner.local.is_empty() || exempt(inner)
            })
        })
}

/// The other types (`replyto`, `noreply`, `ofrom`, …) say something about the message.
fn is_recipient<'a>(address: impl ElementView<'a>) -> bool {
    matches!(address.attribute("type"), Some(b"to" | b"cc" | b"bcc"))
}

fn bare<'a>(address: impl ElementView<'a>) -> Option<jid::BareJid> {
    let text = str::from_utf8(address.attribute("jid")?).ok()?;
    Jid::new(text).ok().map(Jid::into_bare)
}
