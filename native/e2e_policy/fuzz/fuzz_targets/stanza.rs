// SPDX-License-Identifier: GPL-2.0-or-later
//! Any text as a stanza: an error, or a message with one answer on which all functions agree.
#![no_main]

use e2e_policy::{Bodies, Content, Decision, OuterBody, Policy, Scheme, content, stanza};
use e2e_policy_fuzz::{JULIET, ROMEO, SERVICE, decided, explained, message, policy};
use libfuzzer_sys::fuzz_target;
use minidom::Element;
use std::sync::LazyLock;

static POLICIES: LazyLock<[Policy; 3]> = LazyLock::new(|| {
    [
        policy(&Scheme::ALL, OuterBody::Replace),
        policy(&[Scheme::Omemo], OuterBody::Keep),
        policy(&[Scheme::Otr, Scheme::PgpLegacy], OuterBody::Replace),
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
    shows_what_it_is_called(message, &content);
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
    match content {
        Content::Plaintext => assert_eq!((decision, explanation.content), ("reject", "plaintext")),
        Content::Nothing => assert_eq!((decision, explanation.content), ("allow", "nothing")),
        Content::UnknownEncryption(name) => {
            assert_eq!((decision, explanation.content), ("reject", "encrypted"));
            assert_eq!(explanation.scheme.as_deref(), Some(&**name));
        }
        Content::Encrypted { schemes, .. } => {
            assert_eq!(explanation.content, "encrypted");
            let words: Vec<_> = schemes.iter().map(Scheme::word).collect();
            let scheme = explanation.scheme.unwrap_or_default();
            assert!(words.contains(&scheme.as_str()));
        }
    }
    if policy.judge(message, JULIET, ROMEO).bodies == Bodies::Replace {
        assert!(matches!(content, Content::Encrypted { fallback: true, .. }));
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

/// There is something that looks like each scheme, and a body that passes looks like OTR, is
/// beside ciphertext, or is short and marked.
fn shows_what_it_is_called(message: &Element, content: &Content<'_>) {
    let passes_by_itself = match content {
        Content::Encrypted { schemes, fallback } => {
            for scheme in schemes.iter() {
                assert!(
                    any(message, &|element| looks_like(scheme, element)),
                    "no {scheme:?}"
                );
            }
            !fallback
        }
        Content::Nothing => true,
        Content::Plaintext | Content::UnknownEncryption(_) => false,
    };
    let marked = message.has_child("fallback", "urn:xmpp:fallback:0");
    for body in message
        .children()
        .filter(|child| child.is("body", "jabber:client"))
    {
        let short = body.text().trim_ascii().chars().count() <= 200;
        let excused = is_blank(body) || looks_like(Scheme::Otr, body) || (marked && short);
        assert!(!passes_by_itself || excused, "{body:?}");
    }
}

fn looks_like(scheme: Scheme, element: &Element) -> bool {
    match scheme {
        Scheme::Omemo => {
            let namespace = element.ns();
            element.name() == "encrypted"
                && (namespace.starts_with("urn:xmpp:omemo:")
                    || namespace == "eu.siacs.conversations.axolotl")
                && element.has_child("payload", namespace.as_str())
                && any(element, &|below| below.is("key", namespace.as_str()))
        }
        Scheme::Pgp => element.is("openpgp", "urn:xmpp:openpgp:0"),
        Scheme::PgpLegacy => element.is("x", "jabber:x:encrypted"),
        Scheme::Otr => element.is("body", "jabber:client") && element.text().starts_with("?OTR"),
    }
}

/// Whether it holds of the element or of anything below.
fn any(element: &Element, holds: &dyn Fn(&Element) -> bool) -> bool {
    holds(element) || element.children().any(|child| any(child, holds))
}

fn is_blank(element: &Element) -> bool {
    !any(element, &|below| !below.text().trim_ascii().is_empty())
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
