// SPDX-License-Identifier: GPL-2.0-or-later
//! The work that a hostile message costs is bounded. It is counted in questions to the view, as a
//! time would depend on the machine.

#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use e2e_policy::{Budget, Content, ElementView, MAX_STEPS, Node, stanza};
use minidom::Element;
use std::borrow::Cow;
use std::cell::Cell;

/// A view that counts the questions to it. Each node or attribute that is read counts too.
#[derive(Clone, Copy)]
struct CountingView<'a> {
    element: &'a Element,
    questions: &'a Cell<usize>,
}

impl CountingView<'_> {
    fn count(self) {
        self.questions.set(self.questions.get() + 1);
    }
}

impl<'a> ElementView<'a> for CountingView<'a> {
    fn name(self) -> &'a [u8] {
        self.count();
        ElementView::name(self.element)
    }

    fn namespace(self) -> Cow<'a, [u8]> {
        self.count();
        self.element.namespace()
    }

    fn attributes(self, budget: &Budget) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.element
            .attributes(budget)
            .inspect(move |_| self.count())
    }

    fn nodes(self, budget: &Budget) -> impl Iterator<Item = Node<'a, Self>> {
        ElementView::nodes(self.element, budget).map(move |node| {
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
    let content = match Content::of(CountingView {
        element: &message,
        questions: &questions,
    }) {
        Content::Encrypted {
            scheme,
            validated,
            is_accepted,
            has_fallback,
        } => Content::Encrypted {
            scheme: scheme.into_owned().into(),
            validated,
            is_accepted,
            has_fallback,
        },
        Content::Plaintext => Content::Plaintext,
        Content::Nothing => Content::Nothing,
    };
    (content, questions.get())
}

/// For each step of the budget there are a few questions, such as an element's name and namespace.
const BOUND: usize = 10 * MAX_STEPS;

fn omemo(payload: &str, keys: usize) -> String {
    let keys = "<key rid='2'>AAAA</key>".repeat(keys);
    format!(
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'>{keys}\
         <iv>AAAAAAAAAAAAAAAA</iv></header><payload>{payload}</payload></encrypted>"
    )
}

#[test]
fn twenty_thousand_siblings_of_any_kind_are_plaintext_within_the_bound() {
    let siblings = [
        "<a xmlns='urn:a'/>",
        "<body>?OTR?</body>",
        "<active xmlns='http://jabber.org/protocol/chatstates'/>",
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:a'/><a xmlns='urn:a'/>",
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:a'/>\
         <retract xmlns='urn:xmpp:message-retract:1'/>",
        "<x xmlns='jabber:x:oob'/>",
        "<forwarded xmlns='urn:xmpp:forward:0'/>",
        "<reactions xmlns='urn:xmpp:reactions:0'/>",
    ];
    for sibling in siblings {
        let (content, questions) = judged(&sibling.repeat(20_000));
        assert_eq!(content, Content::Plaintext, "{sibling}");
        assert!(questions < BOUND, "{questions} questions for {sibling}");
    }
}

#[test]
fn twenty_thousand_parts_of_any_element_are_plaintext_within_the_bound() {
    let omemo =
        |part: &str| omemo("AAAA", 1).replace("<iv>", &format!("{}<iv>", part.repeat(20_000)));
    let element = |name: &str, namespace: &str, part: &str| {
        format!(
            "<{name} xmlns='{namespace}'>{}</{name}>",
            part.repeat(20_000)
        )
    };
    let parts = [
        omemo("<key rid='2'>AAAA</key>"),
        omemo("<key rid='2'/>"),
        omemo("<note/>"),
        element("x", "jabber:x:data", "<field/>"),
        element(
            "reactions",
            "urn:xmpp:reactions:0",
            "<reaction>1</reaction>",
        ),
        element(
            "addresses",
            "http://jabber.org/protocol/address",
            "<address/>",
        ),
        element("error", "jabber:client", "<a/>"),
        element("html", "http://jabber.org/protocol/xhtml-im", "<p/>"),
        element("forwarded", "urn:xmpp:forward:0", "<a xmlns='urn:a'/>"),
        element("body", "jabber:client", "<a/>"),
    ];
    for part in parts {
        let (content, questions) = judged(&part);
        assert_eq!(content, Content::Plaintext, "{part:.200}");
        assert!(questions < BOUND, "{questions} questions for {part:.200}");
    }
}

#[test]
fn siblings_are_not_searched_again_for_each_marker_or_hint() {
    let siblings = "<a xmlns='urn:b'/>".repeat(4_000);
    for heads in [
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:a'/>".repeat(4),
        format!(
            "<body>a</body><retract xmlns='urn:xmpp:message-retract:1'/>{}",
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:a'/>".repeat(4)
        ),
    ] {
        let (content, questions) = judged(&format!("{heads}{siblings}"));
        assert_eq!(content, Content::Plaintext, "{heads}");
        assert!(questions < BOUND, "{questions} questions for {heads}");
    }
}

#[test]
fn twenty_thousand_attributes_are_plaintext_within_the_bound() {
    let attributes: Vec<String> = (0..20_000)
        .map(|number| format!(" a{number}='1'"))
        .collect();
    let attributes = attributes.concat();
    for name in [
        "encryption xmlns='urn:xmpp:eme:0'",
        "encrypted xmlns='urn:xmpp:omemo:2'",
    ] {
        let (content, questions) = judged(&format!("<{name}{attributes}/>"));
        assert_eq!(content, Content::Plaintext, "{name}");
        assert!(questions < BOUND, "{questions} questions for {name}");
    }
}

#[test]
fn elements_nested_hundreds_of_levels_deep_are_not_read() {
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
fn a_megabyte_of_payload_costs_as_many_questions_as_a_kilobyte() {
    let questions = |octets: usize| judged(&omemo(&"AAAA".repeat(octets / 4), 10)).1;
    assert_eq!(questions(1_000), questions(1_000_000));
}

#[test]
fn the_questions_grow_with_the_number_of_keys_and_not_with_its_square() {
    let questions = |keys| judged(&omemo("AAAA", keys)).1;
    let (few, many) = (questions(100), questions(1_000));
    assert!(many < few * 11, "{few} for 100 keys, {many} for 1000");
}

/// More devices than any account has, and each key has the largest form, that of a first message.
#[test]
fn a_message_for_a_thousand_devices_is_within_the_limit() {
    let key = format!(
        "<key rid='4294967295' prekey='true'>{}</key>",
        "AbCd".repeat(60)
    );
    let (content, _) =
        judged(&omemo("AAAA", 1).replacen("<iv>", &format!("{}<iv>", key.repeat(1_000)), 1));
    assert!(matches!(content, Content::Encrypted { .. }), "{content:?}");
}

#[test]
fn a_long_name_of_a_mechanism_is_shortened() {
    let long = "a".repeat(180);
    let (content, _) = judged(&format!(
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:a' name='{long}'/><a xmlns='urn:a'/>"
    ));
    let Content::Encrypted { scheme, .. } = content else {
        panic!("{content:?}");
    };
    assert_eq!(scheme, format!("{}…", "a".repeat(64)));
}

#[test]
fn a_mechanism_with_a_namespace_that_is_too_long_is_plaintext() {
    let long = "a".repeat(8_000);
    let (content, _) = judged(&format!(
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:{long}'/><a xmlns='urn:{long}'/>\
         <body>a</body>"
    ));
    assert_eq!(content, Content::Plaintext);
}
