// SPDX-License-Identifier: GPL-2.0-or-later
//! What is asked of the sender of one message, and what only the server knows of it.

use crate::policy::connection::Connection;
use crate::policy::decision::Keys;
use crate::policy::level::Levels;

/// What is asked of the sender of one message, and what is known of sender and recipient.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The levels of this sender.
    pub levels: Levels,
    /// What exempts the message from being a violation by rules that the policy does not know, in
    /// words.
    pub exemption: Option<&'a str>,
    /// Whether the recipient has keys, if the message is for a user in a direct chat.
    pub keys: Keys,
    /// How the message reaches its recipient.
    pub connection: Connection<'a>,
    /// The language of the sender (RFC 5646), unless the message has an `xml:lang`; empty if it is
    /// not known.
    pub lang: &'a str,
}
