// SPDX-License-Identifier: GPL-2.0-or-later
//! Stanzas as text, for those who have no running server: examples, tests, explanations.

use minidom::Element;
use minidom::rxml::parser::CommentMode;
use minidom::rxml::{Event, Options, Reader};
use std::fmt;
use std::io::Read;

/// Namespace of client streams (RFC 6120 section 4.8.2).
const CLIENT: &str = "jabber:client";

/// What a stream begins with before its stanzas.
const STREAM: &[u8] = b"<stream xmlns='jabber:client'>";

/// How many levels of elements a text may have. A tree is dropped level by level on the stack, of which a dirty
/// scheduler of Erlang has 320 KB, and at least 160; this many need 42.
const MAX_LEVELS: usize = 256;

/// How many octets the namespaces of all elements may have together: minidom copies each, so that a text of a
/// megabyte could need a hundred gigabytes.
const MAX_NAMESPACES: usize = 16_777_216;

/// Parses a `<message/>`; without a declaration its namespace is `jabber:client`.
///
/// # Errors
///
/// The text is not XML, needs too much stack or memory, or is another stanza.
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

/// Reads the element that the text begins with. What would be too much is found before there is a tree of it.
fn read_element(text: &mut &[u8]) -> Result<Element, StanzaError> {
    // As ejabberd's parser: tokens of any length, and comments, which are no part of a stanza.
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

/// Why a text is no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StanzaError {
    /// It is not well-formed XML.
    NotXml(String),
    /// Its elements are nested too deeply.
    TooDeep,
    /// Its namespaces are too long for so many elements.
    TooManyNamespaces,
    /// It is another element.
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
                "found more than {MAX_LEVELS} levels of nested elements, expected at most {MAX_LEVELS}"
            ),
            Self::TooManyNamespaces => write!(
                out,
                "found namespaces of more than {MAX_NAMESPACES} octets, each counted for every element that \
                 has it, expected at most {MAX_NAMESPACES}"
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
        for text in [
            "",
            "hi",
            "</stream>",
            "<!-- -->",
            "<message a='' a=''/>",
            "<p:message/>",
        ] {
            assert!(error(text).starts_with("not well-formed XML: "), "{text}");
        }
    }

    #[test]
    fn comments_are_passed_over_as_the_server_does() {
        let message = parse("<!-- a --><message>h<!-- b -->i</message>").unwrap();
        assert_eq!(message.text(), "hi");
    }

    #[test]
    fn a_namespace_holds_for_what_is_inside() {
        let message =
            parse("<message><a/><b xmlns=''><c/></b><p:d xmlns:p='urn:p'><e/></p:d></message>");
        let message = message.unwrap();
        let namespaces = |element: &Element| {
            let inner = element.children().next().map(Element::ns);
            (element.ns(), inner.unwrap_or_default())
        };
        let found: Vec<_> = message.children().map(namespaces).collect();
        let expected = [(CLIENT, ""), ("", ""), ("urn:p", CLIENT)];
        assert_eq!(
            found,
            expected.map(|(own, inner)| (own.to_owned(), inner.to_owned()))
        );
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

    #[test]
    fn elements_are_nested_up_to_a_limit() {
        for levels in [1, 17, MAX_LEVELS] {
            assert!(parse(&nested(levels)).is_ok());
        }
        for levels in [MAX_LEVELS + 1, 2_500, 100_000, 1_000_000] {
            assert_eq!(
                error(&nested(levels)),
                "found more than 256 levels of nested elements, expected at most 256"
            );
        }
    }

    /// As nesting is counted, not elements.
    #[test]
    fn a_message_may_have_many_elements_side_by_side() {
        let inner = "<a xmlns='urn:a'><b/></a>".repeat(10_000);
        let message = parse(&format!("<message>{inner}</message>")).unwrap();
        assert_eq!(message.children().count(), 10_000);
    }

    /// An element that is never closed is counted as well.
    #[test]
    fn a_text_that_breaks_off_is_named() {
        assert!(error(&"<message>".repeat(MAX_LEVELS)).starts_with("not well-formed XML: "));
        assert!(
            error(&"<message>".repeat(MAX_LEVELS + 1)).starts_with("found more than 256 levels")
        );
    }

    #[test]
    fn names_values_and_texts_may_be_as_long_as_a_stream_carries_them() {
        for length in [8_192, 8_193, 200_000, 1_000_000] {
            let long = "a".repeat(length);
            let message = parse(&format!(
                "<message {long}='{long}' xmlns:{long}='urn:{long}'><{long}:{long}/>{long}</message>"
            ))
            .unwrap();
            assert_eq!(message.attr(long.as_str()), Some(long.as_str()));
            assert_eq!(message.text(), long);
            assert!(message.has_child(&long, format!("urn:{long}").as_str()));
        }
    }

    /// A copy for each element would take 20 GB.
    #[test]
    fn a_long_namespace_is_copied_for_some_elements_only() {
        let text = |elements| {
            let long = "u".repeat(1_000_000);
            format!(
                "<message xmlns:p='{long}'>{}</message>",
                "<p:a/>".repeat(elements)
            )
        };
        assert_eq!(parse(&text(16)).unwrap().children().count(), 16);
        assert_eq!(
            error(&text(20_000)),
            "found namespaces of more than 16777216 octets, each counted for every element that has it, \
             expected at most 16777216"
        );
    }

    #[test]
    fn references_are_read_in_long_values_and_texts() {
        let message = parse(&format!(
            "<message id='{0}&amp;{0}'>{0}&lt;{0}<![CDATA[<{0}]]></message>",
            "a".repeat(10_000)
        ))
        .unwrap();
        assert_eq!(message.attr("id").unwrap().len(), 20_001);
        assert_eq!(message.text().len(), 30_002);
    }

    fn nested(levels: usize) -> String {
        let inside = levels.saturating_sub(1);
        format!(
            "<message>{}{}</message>",
            "<a>".repeat(inside),
            "</a>".repeat(inside)
        )
    }
}
