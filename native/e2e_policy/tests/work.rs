// SPDX-License-Identifier: GPL-2.0-or-later
//! Hostile messages cost a bounded amount of work, counted in questions to the view, not in time.

#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use e2e_policy::{Content, ElementView, Node, content, stanza};
use minidom::Element;
use std::borrow::Cow;
use std::cell::Cell;

/// A view that counts what it is asked. Reading one item of a content counts too.
#[derive(Clone, Copy)]
struct Counted<'a> {
    element: &'a Element,
    questions: &'a Cell<usize>,
}

impl Counted<'_> {
    fn count(self) {
        self.questions.set(self.questions.get() + 1);
    }
}

impl<'a> ElementView<'a> for Counted<'a> {
    fn name(self) -> &'a [u8] {
        self.count();
        ElementView::name(self.element)
    }

    fn namespace(self) -> Cow<'a, [u8]> {
        self.count();
        self.element.namespace()
    }

    fn attribute(self, name: &str) -> Option<&'a [u8]> {
        self.count();
        self.element.attribute(name)
    }

    fn has_attributes(self) -> bool {
        self.count();
        self.element.has_attributes()
    }

    fn nodes(self) -> impl Iterator<Item = Node<'a, Self>> {
        ElementView::nodes(self.element).map(move |node| {
            self.count();
            match node {
                Node::Text(text) => Node::Text(text),
                Node::Element(element) => Node::Element(Self { element, ..self }),
            }
        })
    }
}

/// Judges a message with these children, and counts the questions.
fn judged(children: &str) -> (Content<'static>, usize) {
    let message = stanza::parse(&format!("<message>{children}</message>")).expect("a message");
    let questions = Cell::new(0);
    let content = match content::of(Counted {
        element: &message,
        questions: &questions,
    }) {
        Content::UnknownEncryption(name) => Content::UnknownEncryption(name.into_owned().into()),
        Content::Encrypted { schemes, fallback } => Content::Encrypted { schemes, fallback },
        Content::Plaintext => Content::Plaintext,
        Content::Nothing => Content::Nothing,
    };
    (content, questions.get())
}

/// More than any message of 5,000 elements needs, and less than a square of it.
const BOUND: usize = 2_000_000;

fn omemo(payload: &str, keys: usize) -> String {
    let keys = "<key rid='2'>AAAA</key>".repeat(keys);
    format!(
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'>{keys}\
         <iv>AAAAAAAAAAAAAAAA</iv></header><payload>{payload}</payload></encrypted>"
    )
}

#[test]
fn ten_thousand_siblings_of_any_kind_are_refused_within_the_bound() {
    let siblings = [
        "<a xmlns='urn:a'/>",
        "<body>?OTR?</body>",
        "<active xmlns='http://jabber.org/protocol/chatstates'/>",
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:a'/><a xmlns='urn:a'/>",
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:a'/><retract xmlns='urn:xmpp:message-retract:1'/>",
        "<x xmlns='jabber:x:oob'/>",
        "<forwarded xmlns='urn:xmpp:forward:0'/>",
    ];
    for sibling in siblings {
        let (content, questions) = judged(&sibling.repeat(10_000));
        assert_eq!(content, Content::Plaintext, "{sibling}");
        assert!(questions < BOUND, "{questions} questions for {sibling}");
    }
}

#[test]
fn nesting_of_hundreds_of_levels_is_not_followed() {
    let nested = [
        ("forwarded", "urn:xmpp:forward:0"),
        ("body", "jabber:client"),
        ("x", "jabber:x:oob"),
        ("encrypted", "urn:xmpp:omemo:2"),
        ("html", "http://jabber.org/protocol/xhtml-im"),
    ];
    for (name, namespace) in nested {
        let children = format!(
            "{}{}",
            format!("<{name} xmlns='{namespace}'>").repeat(250),
            format!("</{name}>").repeat(250)
        );
        let (content, questions) = judged(&children);
        assert_eq!(content, Content::Plaintext, "{name}");
        assert!(questions < 10_000, "{questions} questions for {name}");
    }
}

#[test]
fn a_megabyte_of_payload_asks_no_more_than_a_kilobyte() {
    let questions = |octets: usize| judged(&omemo(&"AAAA".repeat(octets / 4), 10)).1;
    assert_eq!(questions(1_000), questions(1_000_000));
}

#[test]
fn the_questions_grow_with_the_number_of_keys_and_not_with_its_square() {
    let questions = |keys| judged(&omemo("AAAA", keys)).1;
    let (few, many) = (questions(100), questions(1_000));
    assert!(many < few * 11, "{few} for 100 keys, {many} for 1000");
}

#[test]
fn the_longest_attributes_that_the_parser_takes_are_no_trouble() {
    let long = "a".repeat(8_000);
    let (content, _) = judged(&format!(
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:{long}' name='{long}'/><a xmlns='urn:{long}'/>"
    ));
    let Content::UnknownEncryption(name) = content else {
        panic!("{content:?}");
    };
    assert!(name.len() < 100);
}
