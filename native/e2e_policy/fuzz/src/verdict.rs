// SPDX-License-Identifier: GPL-2.0-or-later
//! What a message carries, by the rules of the documentation.
//!
//! Whether one element is ciphertext the core is asked, of that element alone. What it means together with
//! others, what people can read, and what is inside, is judged here.

use crate::reading::{LEVELS, characters, in_texts, text_alone};
use crate::{message, message_of, omemo, remark, table};
use e2e_policy::Content;
use minidom::Element;

/// How many characters people may read in all that is neutral.
const NEUTRAL: usize = 200;
/// The same of forms that a service asked for.
const IN_FORMS: usize = 1000;

const SERVICE_FORMS: [&str; 4] = [
    "http://jabber.org/protocol/muc#request",
    "http://jabber.org/protocol/muc#register",
    "urn:xmpp:captcha",
    "http://jabber.org/protocol/pubsub#subscribe_authorization",
];

/// Names of XEP-0380's registry.
const MECHANISMS: [(&str, &str); 6] = [
    ("urn:xmpp:otr:0", "OTR"),
    ("jabber:x:encrypted", "Legacy OpenPGP"),
    ("urn:xmpp:openpgp:0", "OpenPGP for XMPP"),
    ("eu.siacs.conversations.axolotl", "OMEMO"),
    ("urn:xmpp:omemo:1", "OMEMO 1"),
    ("urn:xmpp:omemo:2", "OMEMO 2"),
];

/// What a message carries; the worst comes last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing to protect.
    Nothing,
    /// Ciphertext of a scheme that is accepted.
    Accepted(Encryption),
    /// Ciphertext of another.
    Unacceptable(Encryption),
    /// What anybody can read.
    Plaintext,
}

/// By what a message is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// The word or the name.
    pub scheme: String,
    /// Whether a body at the top would be replaced.
    pub has_fallback: bool,
}

impl Verdict {
    fn new(scheme: String, is_accepted: bool, has_fallback: bool) -> Self {
        let encryption = Encryption {
            scheme,
            has_fallback,
        };
        if is_accepted {
            Self::Accepted(encryption)
        } else {
            Self::Unacceptable(encryption)
        }
    }

    fn badness(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Accepted(_) => 1,
            Self::Unacceptable(_) => 2,
            Self::Plaintext => 3,
        }
    }

    /// The worse one, of two alike the first.
    fn worse(self, other: Self) -> Self {
        if other.badness() > self.badness() {
            other
        } else {
            self
        }
    }

    /// Bodies inside are never replaced.
    fn inside(self) -> Self {
        match self {
            Self::Accepted(Encryption { scheme, .. }) => Self::new(scheme, true, false),
            Self::Unacceptable(Encryption { scheme, .. }) => Self::new(scheme, false, false),
            same => same,
        }
    }
}

/// What a policy says about ciphertext.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Words of schemes, and namespaces.
    pub accepted: &'static [&'static str],
    /// Whether bodies beside it are replaced.
    pub replaces_bodies: bool,
}

impl Rules {
    fn accept(self, word: &str) -> bool {
        self.accepted.contains(&word)
    }

    /// The verdict on a message, in a room or not.
    #[must_use]
    pub fn judge(self, message: &Element, group: bool) -> Verdict {
        let mut words = Words::default();
        let (verdict, _) = self.on_level(0, message, group, &mut words);
        if words.neutral > NEUTRAL || words.in_forms > IN_FORMS {
            return Verdict::Plaintext;
        }
        verdict
    }

    /// The verdict on a message or a wrapper so deep in others, and whether there is something in it that may
    /// have a body as fallback.
    fn on_level(
        self,
        level: usize,
        message: &Element,
        group: bool,
        words: &mut Words,
    ) -> (Verdict, bool) {
        if level > LEVELS {
            return (Verdict::Plaintext, false);
        }
        let mut is_remark = false;
        let mut worst_inside = Verdict::Nothing;
        for child in message.children() {
            match class(child) {
                wrapper @ ("Wrapper" | "Fastening") => {
                    words.neutral += in_texts(child);
                    let group = match child.attr("type") {
                        Some(kind) if child.name() == "message" => kind == "groupchat",
                        _ => group,
                    };
                    let (verdict, fastened) = self.on_level(level + 1, child, group, words);
                    worst_inside = worst_inside.worse(verdict.inside());
                    is_remark |= wrapper == "Fastening" && fastened;
                }
                "Reactions" | "Retraction" => is_remark = true,
                _ => {}
            }
        }
        for child in message.children() {
            words.add(child);
        }
        let own = self.without_what_is_inside(message, group, level > 0, is_remark, words);
        (own.worse(worst_inside), is_remark)
    }

    fn without_what_is_inside(
        self,
        message: &Element,
        group: bool,
        is_inside: bool,
        is_remark: bool,
        words: &mut Words,
    ) -> Verdict {
        let has_body = message
            .children()
            .any(|child| class(child) == "Body" && says(child));
        let is_otr = has_body && !group && is_all_otr(message);
        let ciphertext = self.best(message, is_otr);
        let is_topic = group && !is_inside && !has_body && ciphertext.is_none();
        let is_clear = message.children().any(|child| match class(child) {
            "Subject" => says(child) && !is_topic,
            "Xhtml" => says(child) && !(is_otr && is_copy_of_otr(child)),
            "Text" => says(child),
            "Reference" => says(child) && !is_mention(child),
            "Form" => says(child) && !is_asked_for(child),
            "Reactions" => remark::reactions(child).is_none(),
            "LegacyOmemo" | "Omemo1" | "Omemo2" | "OpenPgp" | "LegacyPgp" => {
                alone(child) == Content::Plaintext
            }
            _ => false,
        });
        if is_clear {
            return Verdict::Plaintext;
        }
        match ciphertext {
            Some(Verdict::Accepted(encryption) | Verdict::Unacceptable(encryption))
                if encryption.has_fallback && is_inside && has_body && self.replaces_bodies =>
            {
                Verdict::Plaintext
            }
            Some(encrypted) => encrypted,
            None if !has_body => Verdict::Nothing,
            None if !is_remark => Verdict::Plaintext,
            None => match remark::bodies(message) {
                Some(characters) => {
                    words.neutral += characters;
                    Verdict::Nothing
                }
                None => Verdict::Plaintext,
            },
        }
    }

    /// The first ciphertext that is accepted, else the first, what is checked before what is labelled.
    fn best(self, message: &Element, is_otr: bool) -> Option<Verdict> {
        let checked = message.children().filter_map(|child| match class(child) {
            "LegacyOmemo" | "Omemo1" | "Omemo2" => is_valid(child).then_some("omemo"),
            "OpenPgp" => is_valid(child).then_some("pgp"),
            "LegacyPgp" => is_valid(child).then_some("pgp_legacy"),
            _ => None,
        });
        let checked = checked
            .chain(is_otr.then_some("otr"))
            .map(|word| Verdict::new(word.to_owned(), self.accept(word), word != "otr"));
        let labelled = mechanisms(message).into_iter().map(|(namespace, name)| {
            let is_accepted = self.accept(&namespace);
            Verdict::new(name, is_accepted, is_accepted)
        });
        let all: Vec<Verdict> = checked.chain(labelled).collect();
        let accepted = all.iter().find(|one| matches!(one, Verdict::Accepted(_)));
        accepted.or(all.first()).cloned()
    }
}

/// How many characters people can read, in all of a message and what is inside it.
#[derive(Default)]
struct Words {
    neutral: usize,
    in_forms: usize,
}

impl Words {
    fn add(&mut self, child: &Element) {
        match class(child) {
            "Reactions" => self.neutral += remark::reactions(child).unwrap_or_default(),
            "Reference" if !is_mention(child) => {}
            "Form" if is_asked_for(child) => self.in_forms += readable(child),
            "Reference" | "Retraction" | "Fallback" | "Hint" | "Neutral" => {
                self.neutral += readable(child);
            }
            _ => {}
        }
    }
}

fn class(element: &Element) -> &'static str {
    table::row(element).map_or("", |row| row.class)
}

fn readable(element: &Element) -> usize {
    table::row(element).map_or(0, |row| characters(element, &row.attributes))
}

fn says(element: &Element) -> bool {
    readable(element) > 0
}

/// What the core says of an element as all that a message has.
fn alone(element: &Element) -> Content<'static> {
    let mut message = message("chat");
    message.append_child(element.clone());
    match Content::of(&message) {
        Content::Encrypted {
            scheme,
            is_accepted,
            has_fallback,
        } => Content::Encrypted {
            scheme: scheme.into_owned().into(),
            is_accepted,
            has_fallback,
        },
        Content::Plaintext => Content::Plaintext,
        Content::Nothing => Content::Nothing,
    }
}

fn is_valid(element: &Element) -> bool {
    let is_valid = matches!(alone(element), Content::Encrypted { .. });
    if element.name() == "encrypted" && omemo::is_short(element) {
        let has_form = omemo::is_message(element);
        assert!(has_form || !is_valid, "no message: {element:?}");
        let is_certain = has_form && omemo::is_in_one_piece(element);
        assert!(is_valid || !is_certain, "a message: {element:?}");
    }
    is_valid
}

/// Whether all bodies are OTR messages, and nothing else is ciphertext.
fn is_all_otr(message: &Element) -> bool {
    message.children().all(|child| match class(child) {
        "Body" => !says(child) || matches!(alone(child), Content::Encrypted { .. }),
        "LegacyOmemo" | "Omemo1" | "Omemo2" | "OpenPgp" | "LegacyPgp" => !is_valid(child),
        _ => true,
    })
}

/// Whether beside an OTR message it is another, as OTR's copies are.
fn is_copy_of_otr(html: &Element) -> bool {
    let mut message = message_of("chat", "body", "jabber:client", "?OTRv2?");
    message.append_child(html.clone());
    matches!(Content::of(&message), Content::Encrypted { .. })
}

fn is_mention(reference: &Element) -> bool {
    reference.attr("type") == Some("mention")
        && reference.children().next().is_none()
        && reference
            .attr("uri")
            .is_none_or(|uri| uri.starts_with("xmpp:"))
}

fn is_asked_for(form: &Element) -> bool {
    let kind = form
        .children()
        .find(|field| field.attr("var") == Some("FORM_TYPE"));
    let value = kind.and_then(|field| field.children().next());
    let text = value.and_then(text_alone);
    text.is_some_and(|text| SERVICE_FORMS.contains(&text.as_str()))
}

/// Namespaces and names of what the first hints name, if there is something of it that no row knows.
fn mechanisms(message: &Element) -> Vec<(String, String)> {
    let is_there = |namespace: &str| {
        message
            .children()
            .any(|child| child.ns() == namespace && table::row(child).is_none())
    };
    message
        .children()
        .filter(|child| class(child) == "Hint")
        .take(4)
        .filter_map(|hint| {
            let namespace = hint.attr("namespace")?;
            (namespace.len() <= 256 && is_there(namespace))
                .then(|| (namespace.to_owned(), name(namespace, hint.attr("name"))))
        })
        .collect()
}

fn name(namespace: &str, own: Option<&str>) -> String {
    let registered = MECHANISMS.iter().find(|(known, _)| *known == namespace);
    if let Some((_, name)) = registered {
        return (*name).to_owned();
    }
    // No more of it is read.
    let own = own.map(|own| &own[..own.floor_char_boundary(260)]);
    let own = own.map(str::trim).filter(|own| !own.is_empty());
    let name = own.unwrap_or(namespace);
    let shown: String = name.chars().take(64).collect();
    if shown.len() < name.len() {
        shown + "…"
    } else {
        shown
    }
}
