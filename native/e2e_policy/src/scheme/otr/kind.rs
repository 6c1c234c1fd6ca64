// SPDX-License-Identifier: GPL-2.0-or-later
//! The kinds of OTR messages.

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Data,
    KeyExchange,
    /// A part of a data message or a key exchange.
    Fragment,
    /// An offer to use OTR.
    Query,
    Error,
}
