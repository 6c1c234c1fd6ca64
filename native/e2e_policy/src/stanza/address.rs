// SPDX-License-Identifier: GPL-2.0-or-later
//! Bare addresses, which are what a policy compares.

use jid::BareJid;
use std::fmt;

/// The bare JID of a sender or recipient, its parts normalised as RFC 7622 section 3 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address<'a> {
    /// The local part; empty for a server or component.
    pub local: &'a [u8],
    /// The domain.
    pub domain: &'a [u8],
}

impl Address<'_> {
    /// The address of the server or component that this one belongs to.
    #[must_use]
    pub const fn server(self) -> Self {
        Self {
            local: b"",
            domain: self.domain,
        }
    }
}

impl<'a> From<&'a BareJid> for Address<'a> {
    fn from(jid: &'a BareJid) -> Self {
        let text = jid.as_str();
        let (local, domain) = text.split_once('@').unwrap_or(("", text));
        Self {
            local: local.as_bytes(),
            domain: domain.as_bytes(),
        }
    }
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.local.is_empty() {
            write!(out, "{}@", String::from_utf8_lossy(self.local))?;
        }
        out.write_str(&String::from_utf8_lossy(self.domain))
    }
}
