// SPDX-License-Identifier: GPL-2.0-or-later
//! Users, rooms and domains that a policy ignores, as sender or recipient.

use crate::policy::options::PolicyError;
use crate::stanza::address::Address;
use jid::{BareJid, Jid};
use std::fmt;

/// The option `whitelist`, validated.
#[derive(Clone, Debug)]
pub(crate) struct Whitelist {
    /// Sorted by address, for binary search.
    entries: Vec<BareJid>,
}

impl Whitelist {
    /// Reads the entries.
    ///
    /// # Errors
    ///
    /// An entry is not a bare JID (RFC 7622), or has a `*` in it.
    pub(crate) fn new(entries: &[String]) -> Result<Self, PolicyError> {
        let entries = entries.iter().map(|entry| parse(entry));
        let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by(|left, right| Address::from(left).cmp(&Address::from(right)));
        Ok(Self { entries })
    }

    /// Whether it has no entries.
    pub(crate) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it has an address or the domain of one.
    pub(crate) fn contains(&self, address: Address<'_>) -> bool {
        [address, address.server()].iter().any(|wanted| {
            self.entries
                .binary_search_by(|entry| Address::from(entry).cmp(wanted))
                .is_ok()
        })
    }
}

impl fmt::Display for Whitelist {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<&str> = self.entries.iter().map(|entry| entry.as_str()).collect();
        out.write_str(&entries.join(", "))
    }
}

/// XMPP allows a `*` in an address, but an admin who writes one here means a pattern, and there are
/// none.
fn parse(entry: &str) -> Result<BareJid, PolicyError> {
    let wrong = |expected| {
        PolicyError::new(
            "whitelist",
            format_args!("found `{entry}`, expected a user, a room or a domain, {expected}"),
        )
    };
    let jid = Jid::new(entry)
        .ok()
        .filter(Jid::is_bare)
        .ok_or_else(|| wrong("without a resource"))?
        .into_bare();
    if jid.as_str().contains('*') {
        return Err(wrong("in full: `*` stands for no others"));
    }
    Ok(jid)
}
