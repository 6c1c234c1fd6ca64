// SPDX-License-Identifier: GPL-2.0-or-later
//! Stanzas as text, for those who have no running server: examples, tests, explanations.

use minidom::Element;
use std::collections::BTreeMap;
use std::fmt;

/// Namespace of client streams (RFC 6120 section 4.8.2).
const CLIENT: &str = "jabber:client";

/// Parses a `<message/>`; without a declaration its namespace is `jabber:client`.
///
/// # Errors
///
/// The text is not XML, or is another stanza.
pub fn parse(xml: &str) -> Result<Element, StanzaError> {
    let prefixes = BTreeMap::from([(None, CLIENT.to_owned())]);
    let mut rest = xml.trim().as_bytes();
    let element = Element::from_reader_with_prefixes(&mut rest, prefixes)
        .map_err(|error| StanzaError::NotXml(error.to_string()))?;
    if !rest.is_empty() {
        return Err(StanzaError::NotXml(
            "something follows the stanza".to_owned(),
        ));
    }
    if element.is("message", CLIENT) {
        Ok(element)
    } else {
        Err(StanzaError::NotAMessage {
            name: element.name().to_owned(),
            namespace: element.ns(),
        })
    }
}

/// Why a text is no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StanzaError {
    /// It is not well-formed XML.
    NotXml(String),
    /// It is another element.
    NotAMessage {
        /// Its name.
        name: String,
        /// Its namespace.
        namespace: String,
    },
}

impl fmt::Display for StanzaError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotXml(reason) => write!(out, "not well-formed XML: {reason}"),
            Self::NotAMessage { name, namespace } => write!(
                out,
                "found `<{name}/>` in `{namespace}`, expected `<message/>` in `{CLIENT}`"
            ),
        }
    }
}

impl std::error::Error for StanzaError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(xml: &str) -> String {
        parse(xml).unwrap_err().to_string()
    }

    #[test]
    fn a_message_is_read_with_white_space_around_it() {
        assert!(parse(" <message><body>Hello</body></message>\n").is_ok());
        assert!(parse("<message xmlns='jabber:client'/>").is_ok());
    }

    #[test]
    fn what_is_no_message_is_named() {
        assert_eq!(
            error("<iq/>"),
            "found `<iq/>` in `jabber:client`, expected `<message/>` in `jabber:client`"
        );
        assert!(error("<message").starts_with("not well-formed XML: "));
        assert!(error("").starts_with("not well-formed XML: "));
    }

    #[test]
    fn nothing_may_follow_the_message() {
        for behind in ["<message/>", "hello", "</message>"] {
            assert_eq!(
                error(&format!("<message/>{behind}")),
                "not well-formed XML: something follows the stanza"
            );
        }
    }
}
