// SPDX-License-Identifier: GPL-2.0-or-later
//! Any text as a stanza: an error, or a message with one answer on which all functions agree.
#![no_main]

use e2e_policy::{
    AcceptedScheme, Bodies, Content, Decision, OuterBody, Policy, Scheme, content, stanza,
};
use e2e_policy_fuzz::{JULIET, ROMEO, SERVICE, decided, explained, message, policy};
use libfuzzer_sys::fuzz_target;
use minidom::Element;
use std::sync::LazyLock;

/// A mechanism that is believed by its label.
const LABELLED: &str = "urn:xmpp:mls:0";

static POLICIES: LazyLock<[Policy; 4]> = LazyLock::new(|| {
    let labelled = AcceptedScheme::Labelled(LABELLED.to_owned());
    [
        policy(&Scheme::ALL.map(Into::into), OuterBody::Replace),
        policy(&[Scheme::Omemo.into()], OuterBody::Keep),
        policy(
            &[Scheme::Otr.into(), Scheme::PgpLegacy.into()],
            OuterBody::Replace,
        ),
        policy(&[labelled, Scheme::Pgp.into()], OuterBody::Replace),
    ]
});

fuzz_target!(|xml: &str| {
    match stanza::parse(xml) {
        Ok(message) => check(&message),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

fn check(message: &Element) {
    let content = content::of(message);
    for policy in POLICIES.iter() {
        functions_agree(policy, message, &content);
        refused_stays_refused(policy, message);
        recipients_only_exempt(policy, message);
    }
    for child in [CHAT_STATE, UNKNOWN] {
        let hinted = message
            .children()
            .any(|hint| hint.attr("namespace") == Some(child.1));
        let same = content::of(&with(message, child)) == content;
        assert!(hinted || same, "{child:?} says something");
    }
    if content == Content::Plaintext {
        assert_eq!(content::of(&forwarded(message)), Content::Plaintext);
    }
}

fn functions_agree(policy: &Policy, message: &Element, content: &Content<'_>) {
    let explanation = explained(policy, message);
    let (decision, notice) = match decided(policy, message) {
        None => ("allow", None),
        Some(Decision::Warn(notice)) => ("warn", Some(notice)),
        Some(Decision::Reject(notice)) => ("reject", Some(notice)),
        Some(Decision::StartClock) => panic!("there is no grace period"),
    };
    assert_eq!(explanation.decision, decision);
    assert_eq!(
        explanation.reason,
        notice.as_ref().map(|notice| notice.reason)
    );
    assert_eq!(explanation.text, notice.map(|notice| notice.text));
    assert_eq!(explanation.why.len(), message.children().count());
    if policy.judge(message, JULIET, ROMEO).bodies == Bodies::Replace {
        assert!(matches!(content, Content::Encrypted { .. }));
    }
}

/// A body more, before the rest or behind it, makes nothing acceptable.
fn refused_stays_refused(policy: &Policy, message: &Element) {
    let is_refused = |message| matches!(decided(policy, message), Some(Decision::Reject(_)));
    if is_refused(message) {
        let body = || Element::builder("body", "jabber:client").append("words");
        let mut behind = message.clone();
        behind.append_child(body().build());
        assert!(is_refused(&behind), "a body behind it is accepted");
        let mut before = message.clone();
        let rest = before.take_nodes();
        before.append_child(body().build());
        for node in rest {
            before.append_node(node);
        }
        assert!(is_refused(&before), "a body before it is accepted");
    }
}

/// Whoever a message is for: it is judged as any other, or not at all.
fn recipients_only_exempt(policy: &Policy, message: &Element) {
    let within = policy.judge(message, JULIET, SERVICE).violation;
    assert!(within.is_none() || within == policy.judge(message, JULIET, ROMEO).violation);
}

const CHAT_STATE: (&str, &str) = ("composing", "http://jabber.org/protocol/chatstates");
const UNKNOWN: (&str, &str) = ("unknown", "urn:example:of-nobody");

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
