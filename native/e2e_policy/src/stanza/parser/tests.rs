// SPDX-License-Identifier: GPL-2.0-or-later
//! Which texts are messages, and how errors name what was found.

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
    for after in ["<message/>", "hello", "</message>"] {
        assert_eq!(
            error(&format!("<message/>{after}")),
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
    assert!(error(&"<message>".repeat(MAX_LEVELS + 1)).starts_with("found more than 256 levels"));
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
        "found namespaces of more than 16777216 octets, each counted for every element that \
         has it, expected at most 16777216"
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
