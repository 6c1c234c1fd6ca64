// SPDX-License-Identifier: GPL-2.0-or-later
//! Two people who write to each other, and the strictest policy, as most tests need them.

use e2e_policy::{Address, Level, PolicyOptions, Scheme};

/// The sender.
pub const JULIET: Address<'_> = Address {
    local: b"juliet",
    domain: b"capulet.example",
};
/// The recipient.
pub const ROMEO: Address<'_> = Address {
    local: b"romeo",
    domain: b"montague.example",
};

/// Options that accept each scheme and require encryption of all messages.
#[must_use]
pub fn strict() -> PolicyOptions {
    PolicyOptions {
        accepted_schemes: Scheme::ALL.map(Into::into).to_vec(),
        direct: Level::Required,
        group: Level::Required,
        ..PolicyOptions::default()
    }
}
