// SPDX-License-Identifier: GPL-2.0-or-later
//! Any text as a stanza: it is an error, or a message of which all functions and the second opinion
//! say the same.
#![no_main]

use e2e_policy::{
    AcceptedScheme, Bodies, Chat, Content, Decision, Explanation, OuterBody, Policy, stanza,
};
use e2e_policy_fuzz::verdict::{Rules, Verdict};
use e2e_policy_fuzz::{
    JULIET, NOW, ROMEO, SERVICE, decided, encode, explained, message, message_of, omemo, packets,
    policy, table,
};
use libfuzzer_sys::fuzz_target;
use minidom::Element;
use minidom::rxml::{Namespace, NcName};
use std::sync::LazyLock;

static POLICIES: LazyLock<[(Rules, Policy); 4]> = LazyLock::new(|| {
    [
        with_rules(&["omemo", "pgp", "pgp_legacy", "otr"], true),
        with_rules(&["omemo"], false),
        with_rules(&["otr", "pgp_legacy"], true),
        with_rules(&["urn:xmpp:mls:0", "pgp"], true),
    ]
});

fn with_rules(accepted: &'static [&'static str], replaces_bodies: bool) -> (Rules, Policy) {
    let schemes = accepted.iter().map(|scheme| {
        AcceptedScheme::try_from((*scheme).to_owned()).expect("a scheme or a namespace")
    });
    let outer_body = if replaces_bodies {
        OuterBody::Replace
    } else {
        OuterBody::Keep
    };
    let policy = policy(&schemes.collect::<Vec<_>>(), outer_body);
    let rules = Rules {
        accepted,
        replaces_bodies,
    };
    (rules, policy)
}

fuzz_target!(|xml: &str| {
    match stanza::parse(xml) {
        Ok(message) => check(&message),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

fn check(message: &Element) {
    for (rules, policy) in POLICIES.iter() {
        let explanation = explained(policy, message);
        functions_agree(policy, message, &explanation);
        if is_explained(message, &explanation) {
            follows_the_rules(*rules, policy, message, &explanation);
        }
        refused_stays_refused(policy, message, &explanation);
        recipients_only_exempt(policy, message);
        ciphertext_does_not_cover_a_message_inside(policy, message, &explanation);
    }
    messages_to_users_are_direct(message);
    let content = Content::of(message);
    for child in [CHAT_STATE, UNKNOWN] {
        let hinted = message
            .children()
            .any(|hint| hint.attr("namespace") == Some(child.1));
        let more = with(message, child);
        // With one more child, a message may be more work than the budget allows.
        let is_same = Content::of(&more) == content || is_over_budget(&more);
        assert!(hinted || is_same, "{child:?} changes the content");
    }
    if matches!(content, Content::Encrypted { .. }) {
        omemo_has_no_room_for_text(message);
    }
}

fn functions_agree(policy: &Policy, message: &Element, explanation: &Explanation) {
    let (decision, notice) = match decided(policy, message) {
        None => ("allow", None),
        Some((Decision::Warn(_), notice)) => ("warn", notice),
        Some((Decision::Reject, notice)) => ("reject", notice),
        Some(other) => panic!("{other:?}"),
    };
    assert_eq!(explanation.decision, decision);
    assert_eq!(
        explanation.reason,
        notice.as_ref().map(|notice| notice.reason)
    );
    assert_eq!(explanation.text, notice.map(|notice| notice.text));
}

/// Whether the explanation has a line for each child. If not, the budget was spent before the last
/// child: then its last line says so, and the message is plaintext.
fn is_explained(message: &Element, explanation: &Explanation) -> bool {
    let (lines, is_spent) = match explanation.why.split_last() {
        Some((last, lines)) if last.ends_with("the rest counts as content") => (lines, true),
        _ => (&explanation.why[..], false),
    };
    for (line, child) in lines.iter().zip(message.children()) {
        let document = table::row(child).map(|row| format!(" ({})", row.document));
        let (name, namespace) = (child.name(), child.ns());
        let begin = format!(
            "<{name}/> in `{namespace}`{}: ",
            document.unwrap_or_default()
        );
        assert!(line.starts_with(&begin), "{line} for {child:?}");
    }
    if is_spent {
        assert!(lines.len() <= message.children().count());
        assert_eq!(explanation.content, "plaintext");
    } else {
        assert_eq!(lines.len(), message.children().count());
    }
    !is_spent
}

fn is_over_budget(message: &Element) -> bool {
    let (_, policy) = &POLICIES[0];
    !is_explained(message, &explained(policy, message))
}

/// The answer follows from the rules of the documentation.
fn follows_the_rules(rules: Rules, policy: &Policy, message: &Element, explanation: &Explanation) {
    let is_group = message.attr("type") == Some("groupchat");
    let verdict = rules.judge(message, is_group);
    let expected = match &verdict {
        Verdict::Nothing => ("nothing", "allow", None),
        Verdict::Accepted(by) => ("encrypted", "allow", Some(by.scheme.as_str())),
        Verdict::Unacceptable(by) => ("encrypted", "reject", Some(by.scheme.as_str())),
        Verdict::Plaintext => ("plaintext", "reject", None),
    };
    let found = (
        explanation.content,
        explanation.decision,
        explanation.scheme.as_deref(),
    );
    assert_eq!(found, expected, "{:?}", explanation.why);
    let has_fallback = match &verdict {
        Verdict::Accepted(by) | Verdict::Unacceptable(by) => by.has_fallback,
        Verdict::Nothing | Verdict::Plaintext => false,
    };
    let bodies = policy.judge(message, JULIET, ROMEO).bodies;
    let are_replaced = has_fallback && rules.replaces_bodies;
    assert_eq!(bodies == Bodies::Replace, are_replaced);
}

/// A message that is refused by itself is refused inside another message too, also beside
/// ciphertext.
fn ciphertext_does_not_cover_a_message_inside(
    policy: &Policy,
    message: &Element,
    explanation: &Explanation,
) {
    if explanation.decision != "allow" {
        let mut outer = forwarded(message);
        outer.append_child(CIPHERTEXT.clone());
        let around = explained(policy, &outer);
        assert_eq!(around.decision, "reject");
        assert!([explanation.content, "plaintext"].contains(&around.content));
    }
}

/// A message to a user is judged as one in a direct chat, even if its type is `groupchat`.
fn messages_to_users_are_direct(message: &Element) {
    assert_eq!(Chat::of(message, true), Chat::Direct);
    if Chat::of(message, false) == Chat::Group {
        let kind = NcName::try_from("type").expect("a name");
        let mut direct = message.clone();
        direct.set_attr(Namespace::NONE, kind, "chat");
        let (_, policy) = &POLICIES[0];
        let explanation = policy.explain(
            message,
            Chat::Direct,
            (JULIET, ROMEO),
            policy.asked(),
            None,
            NOW,
        );
        assert_eq!(explanation, explained(policy, &direct));
    }
}

/// A message of OMEMO with an element in its base64, or a long attribute, is plaintext.
fn omemo_has_no_room_for_text(message: &Element) {
    for encrypted in message.children() {
        let is_omemo = ["LegacyOmemo", "Omemo1", "Omemo2"].contains(&table::class(encrypted));
        if !is_omemo || !omemo::is_message(encrypted) {
            continue;
        }
        let copies = [
            omemo::with_elements_in_base64(encrypted),
            omemo::with_long_attributes(encrypted),
        ]
        .concat();
        // Only some copies, as judging each of many would leave time for fewer inputs.
        for copy in copies.into_iter().take(16) {
            let is_message = omemo::is_message(&copy);
            let message = message_of("chat", copy);
            assert!(is_message || Content::of(&message) == Content::Plaintext);
        }
    }
}

/// A refused message is refused with one more body too, before or after the rest. Except for OTR:
/// with another body it is no OTR, and both bodies may be marked as fallback text of a remark.
fn refused_stays_refused(policy: &Policy, message: &Element, explanation: &Explanation) {
    let is_refused = |message| matches!(decided(policy, message), Some((Decision::Reject, _)));
    let is_marked_otr = explanation.scheme.as_deref() == Some("otr")
        && message.has_child("fallback", "urn:xmpp:fallback:0");
    if is_refused(message) && !is_marked_otr {
        let body = || Element::builder("body", "jabber:client").append("words");
        let mut after = message.clone();
        after.append_child(body().build());
        assert!(is_refused(&after), "with a body after it, it is accepted");
        let mut before = message.clone();
        let rest = before.take_nodes();
        before.append_child(body().build());
        for node in rest {
            before.append_node(node);
        }
        assert!(is_refused(&before), "with a body before it, it is accepted");
    }
}

/// The recipients inside a message can only exempt it. They do not change what is judged otherwise.
fn recipients_only_exempt(policy: &Policy, message: &Element) {
    let within = policy.judge(message, JULIET, SERVICE).violation;
    assert!(within.is_none() || within == policy.judge(message, JULIET, ROMEO).violation);
}

/// OX: a key for a passphrase, and encrypted data.
static CIPHERTEXT: LazyLock<Element> = LazyLock::new(|| {
    let data = [&[1], &[0xff; 34][..]].concat();
    let octets = [packets::write(3, &[4, 9, 0, 8]), packets::write(18, &data)].concat();
    let element = Element::builder("openpgp", "urn:xmpp:openpgp:0").append(encode(&octets));
    element.build()
});

const CHAT_STATE: (&str, &str) = ("composing", "http://jabber.org/protocol/chatstates");
const UNKNOWN: (&str, &str) = ("unknown", "urn:example:unknown");

fn with(message: &Element, (name, namespace): (&str, &str)) -> Element {
    let mut message = message.clone();
    message.append_child(Element::bare(name, namespace));
    message
}

/// The message inside another of the same type.
fn forwarded(inner: &Element) -> Element {
    let kind = match inner.attr("type") {
        Some("groupchat") => "groupchat",
        _ => "chat",
    };
    let mut outer = message(kind);
    let forwarded = Element::builder("forwarded", "urn:xmpp:forward:0").append(inner.clone());
    outer.append_child(forwarded.build());
    outer
}
