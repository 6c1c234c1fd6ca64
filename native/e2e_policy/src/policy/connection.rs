// SPDX-License-Identifier: GPL-2.0-or-later
//! Connections to other servers, and what is asked of messages over one that others may read.

use crate::policy::level::Level;
use serde::Deserialize;

/// How a message reaches its recipient, or has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection<'a> {
    /// On this server; or to or from another one whose certificate is valid for its domain, or that
    /// an admin trusts.
    Verified,
    /// To or from another server, of this domain, without TLS or without a valid certificate.
    Unverified(&'a str),
}

/// The least that is asked of messages over a connection that is not verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unverified {
    /// What is asked over a verified one.
    #[default]
    None,
    /// The sender of a message without acceptable encryption is warned at least.
    Optional,
    /// Such a message is refused.
    Required,
    /// No such connection is used at all, so that no message crosses one.
    Refuse,
}

impl Unverified {
    /// The least level for messages over such connections.
    pub(crate) const fn least(self) -> Level {
        match self {
            Self::None | Self::Refuse => Level::None,
            Self::Optional => Level::Optional,
            Self::Required => Level::Required,
        }
    }

    /// The least level for a message over this connection.
    pub(crate) const fn least_over(self, connection: Connection<'_>) -> Level {
        match connection {
            Connection::Verified => Level::None,
            Connection::Unverified(_) => self.least(),
        }
    }

    /// The server of which the sender is told that the connection to it is not verified.
    pub(crate) const fn server_to_name(self, connection: Connection<'_>) -> Option<&str> {
        match (self, connection) {
            (Self::Optional | Self::Required, Connection::Unverified(server)) => Some(server),
            (Self::None | Self::Refuse, _) | (_, Connection::Verified) => None,
        }
    }
}
