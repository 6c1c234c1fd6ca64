// SPDX-License-Identifier: GPL-2.0-or-later
//! The recipients of a message: its `to`, or those inside it if a multicast service distributes it
//! (XEP-0033).

use crate::stanza::address::Address;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::message::MessageView;
use jid::{BareJid, Jid};

const NAMESPACE: &str = "http://jabber.org/protocol/address";

/// The longest JID in octets: three parts of 1023 each (RFC 7622 section 3.1), and two separators.
const MAX_JID: usize = 3_071;

/// Whether all recipients are exempt.
///
/// A JID without a local part is a server or a component, where no person reads. A recipient that
/// is not a JID is not exempt, and neither are those that are not read because the budget is spent.
pub(crate) fn all<'a, M: MessageView<'a>>(
    message: M,
    to: Address<'_>,
    budget: &Budget,
    exempt: impl Fn(Address<'_>) -> bool,
) -> bool {
    let is_exempt = exempt(to);
    if is_exempt || !to.local.is_empty() {
        return is_exempt;
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

/// Whether an address is one of a recipient. The other types (`replyto`, `noreply`, `ofrom`, …) are
/// not.
fn is_recipient<'a>(address: impl ElementView<'a>, budget: &Budget) -> bool {
    matches!(
        address.attribute("type", budget),
        Some(b"to" | b"cc" | b"bcc")
    )
}

fn bare<'a>(address: impl ElementView<'a>, budget: &Budget) -> Option<BareJid> {
    let octets = address.attribute("jid", budget)?;
    if octets.len() > MAX_JID || !budget.pay_steps(cost(octets)) {
        return None;
    }
    Jid::new(str::from_utf8(octets).ok()?)
        .ok()
        .map(Jid::into_bare)
}

/// How many steps it costs to normalise an address (RFC 7622). An address of other characters than
/// the usual ones, or in Punycode, is looked up in Unicode's tables.
fn cost(jid: &[u8]) -> usize {
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
    use crate::stanza::budget::MAX_STEPS;

    #[test]
    fn a_hundred_addresses_are_affordable_and_long_unusual_ones_are_expensive() {
        for usual in [
            "juliet.capulet-2@rooms.verona.example/balcony",
            "Juliet@Verona.Example/Conversations.aBcD",
            "juliet@xn--mnchen-3ya.example",
        ] {
            assert!(
                cost(usual.as_bytes()).saturating_mul(100) < MAX_STEPS / 2,
                "{usual}"
            );
        }
        for expensive in [
            "A".repeat(900),
            "ä".repeat(450),
            ".xn--mnchen-3ya".repeat(60),
        ] {
            assert!(cost(expensive.as_bytes()) >= expensive.len(), "{expensive}");
        }
    }
}
