// SPDX-License-Identifier: GPL-2.0-or-later
//! Parsing of stanzas from text, for explanations, examples and tests. A running server never
//! parses here: the NIF crate reads its terms.

use minidom::Element;
use minidom::rxml::parser::CommentMode;
use minidom::rxml::{Event, Options, Reader};
use std::fmt;
use std::io::Read;

/// Namespace of client streams (RFC 6120 section 4.8.3).
const CLIENT: &str = "jabber:client";

/// The stream header, in which the namespace of stanzas is declared.
const STREAM: &[u8] = b"<stream xmlns='jabber:client'>";

/// How many levels of elements a text may have. Dropping a tree recurses level by level: 256 levels
/// need 42 KB of stack, of which a dirty scheduler of Erlang has 320 KB, and at least 160 KB.
const MAX_LEVELS: usize = 256;

/// How many octets the namespaces of all elements may have together. minidom copies the namespace
/// for each element, so that without a limit a text of a megabyte could need 100 GB of memory.
const MAX_NAMESPACES: usize = 16_777_216;

/// Parses a `<message/>`. Where it declares no namespace, `jabber:client` is its namespace (RFC
/// 6120 section 4.8.3). White space around it and comments are ignored.
///
/// # Errors
///
/// The text is not well-formed XML, needs too much stack or memory, or is not a message.
pub fn parse(xml: &str) -> Result<Element, StanzaError> {
    let mut rest = xml.trim().as_bytes();
    let element = read_element(&mut rest)?;
    if !rest.is_empty() {
        return Err(StanzaError::not_xml("something follows the stanza"));
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

/// Reads the element that the text begins with. The limits are checked before the tree is built.
fn read_element(text: &mut &[u8]) -> Result<Element, StanzaError> {
    // As ejabberd's parser: tokens of any length are read, and comments are skipped.
    let options = Options {
        max_token_length: STREAM.len().max(text.len()),
        comments: CommentMode::Discard,
        ..Options::default()
    };
    let mut reader = Reader::with_options(STREAM.chain(text), options);
    reader.read().map_err(StanzaError::not_xml)?;
    let mut open: Vec<Element> = Vec::new();
    let mut namespaces: usize = 0;
    while let Some(event) = reader.read().map_err(StanzaError::not_xml)? {
        match event {
            Event::StartElement(_, (namespace, name), attributes) => {
                namespaces = namespaces.saturating_add(namespace.len());
                if open.len() == MAX_LEVELS {
                    return Err(StanzaError::TooDeep);
                }
                if namespaces > MAX_NAMESPACES {
                    return Err(StanzaError::TooManyNamespaces);
                }
                let mut element = Element::bare(name, namespace);
                *element.attrs_mut() = attributes;
                open.push(element);
            }
            Event::Text(_, text) => match open.last_mut() {
                Some(parent) => parent.append_text(text),
                None => break,
            },
            Event::EndElement(_) => match (open.pop(), open.last_mut()) {
                (Some(element), None) => return Ok(element),
                (Some(element), Some(parent)) => {
                    parent.append_child(element);
                }
                (None, _) => break,
            },
            Event::XmlDeclaration(..) => break,
        }
    }
    Err(StanzaError::not_xml("it does not begin with an element"))
}

/// Why a text is not a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StanzaError {
    /// It is not well-formed XML, with the parser's reason.
    NotXml(String),
    /// Its elements are nested more than 256 levels deep.
    TooDeep,
    /// The namespaces of all elements have more than 16 MB together.
    TooManyNamespaces,
    /// Its root is another element.
    NotAMessage {
        /// Its name.
        name: String,
        /// Its namespace.
        namespace: String,
    },
}

impl StanzaError {
    fn not_xml(reason: impl fmt::Display) -> Self {
        Self::NotXml(reason.to_string())
    }
}

impl fmt::Display for StanzaError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotXml(reason) => write!(out, "not well-formed XML: {reason}"),
            Self::TooDeep => write!(
                out,
                "found more than {MAX_LEVELS} levels of nested elements, expected at most \
                 {MAX_LEVELS}"
            ),
            Self::TooManyNamespaces => write!(
                out,
                "found namespaces of more than {MAX_NAMESPACES} octets, each counted for every \
                 element that has it, expected at most {MAX_NAMESPACES}"
            ),
            Self::NotAMessage { name, namespace } => write!(
                out,
                "found `<{name}/>` in `{namespace}`, expected `<message/>` in `{CLIENT}`"
            ),
        }
    }
}

impl std::error::Error for StanzaError {}

#[cfg(test)]
mod tests;
