// SPDX-License-Identifier: GPL-2.0-or-later
//! Who a message is for: its `to`, or the recipients inside it when a multicast service
//! distributes it (XEP-0033).

use crate::address::Address;
use crate::budget::Budget;
use crate::view::{ElementView, MessageView};
use jid::Jid;

const NAMESPACE: &str = "http://jabber.org/protocol/address";

/// The longest JID in octets: three parts of 1023 each (RFC 7622 section 3.1), and what stands between.
const MAX_JID: usize = 3_071;

/// Whether every reader of the message satisfies `exempt`.
///
/// A JID without a local part is a server or a component: no person reads there. A recipient inside
/// that is no JID may be anybody, and so satisfies nothing; the same holds of those at whom nobody has looked
/// because the budget is spent.
pub(crate) fn all<'a, M: MessageView<'a>>(
    message: M,
    to: Address<'_>,
    budget: &Budget,
    exempt: impl Fn(Address<'_>) -> bool,
) -> bool {
    let itself = exempt(to);
    if itself || !to.local.is_empty() {
        return itself;
    }
    let are_exempt = message
        .elements(budget)
        .filter(|child| child.is("addresses", NAMESPACE))
        .all(|addresses| {
            addresses
                .children(budget)
                .filter(|address| {
                    address.is("address", NAMESPACE) && is_recipient(*address, budget)
                })
                .all(|address| {
                    bare(address, budget).is_some_and(|jid| {
                        let inner = Address::from(&jid);
                        inner.local.is_empty() || exempt(inner)
                    })
                })
        });
    are_exempt && !budget.is_spent()
}

/// The other types (`replyto`, `noreply`, `ofrom`, …) say something about the message.
fn is_recipient<'a>(address: impl ElementView<'a>, budget: &Budget) -> bool {
    matches!(
        address.attribute("type", budget),
        Some(b"to" | b"cc" | b"bcc")
    )
}

fn bare<'a>(address: impl ElementView<'a>, budget: &Budget) -> Option<jid::BareJid> {
    let octets = address.attribute("jid", budget)?;
    if octets.len() > MAX_JID || !budget.pay_steps(price(octets)) {
        return None;
    }
    Jid::new(str::from_utf8(octets).ok()?)
        .ok()
        .map(Jid::into_bare)
}

/// Steps for normalising an address (RFC 7622): Unicode is looked up in tables, of a name or a domain that is not of
/// the usual characters, or in Punycode, as well.
fn price(jid: &[u8]) -> usize {
    let is_usual = |octet: &u8| {
        octet.is_ascii_lowercase() || octet.is_ascii_digit() || matches!(octet, b'.' | b'-' | b'@')
    };
    let bare = jid.split(|octet| *octet == b'/').next().unwrap_or(jid);
    if !jid.is_ascii() {
        jid.len().saturating_mul(4)
    } else if bare.iter().all(is_usual) && !bare.windows(4).any(|label| label == b"xn--") {
        jid.len() / 8
    } else {
        jid.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::MAX_STEPS;

    #[test]
    fn a_hundred_addresses_are_affordable_and_thousands_of_dear_ones_are_not() {
        for usual in [
            "juliet.capulet-2@rooms.verona.example/balcony",
            "Juliet@Verona.Example/Conversations.aBcD",
            "juliet@xn--mnchen-3ya.example",
        ] {
            assert!(
                price(usual.as_bytes()).saturating_mul(100) < MAX_STEPS / 2,
                "{usual}"
            );
        }
        for dear in [
            "A".repeat(900),
            "ä".repeat(450),
            ".xn--mnchen-3ya".repeat(60),
        ] {
            assert!(price(dear.as_bytes()) >= dear.len(), "{dear}");
        }
    }
}
