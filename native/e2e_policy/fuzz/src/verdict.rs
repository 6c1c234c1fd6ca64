// SPDX-License-Identifier: GPL-2.0-or-later
//! What a message carries, by the rules of the documentation.
//!
//! Whether one element is ciphertext, the core is asked, of a message with that element alone. What
//! several elements mean together, what people can read, and what is inside wrappers, is judged
//! here without the core. Lists that the core has too are written here again, so that each checks
//! the other.

use crate::reading::{LEVELS, characters, in_texts, text_alone};
use crate::table::{class, row};
use crate::{message_of, message_of_text, omemo, remark};
use e2e_policy::Content;
use minidom::Element;

/// How many characters people may read in all neutral elements of a message.
const NEUTRAL: usize = 200;
/// How many in all forms that a service asked for.
const IN_FORMS: usize = 1000;

const SERVICE_FORMS: [&str; 4] = [
    "http://jabber.org/protocol/muc#request",
    "http://jabber.org/protocol/muc#register",
    "urn:xmpp:captcha",
    "http://jabber.org/protocol/pubsub#subscribe_authorization",
];

/// Names of the registry of XEP-0380.
const MECHANISMS: [(&str, &str); 6] = [
    ("urn:xmpp:otr:0", "OTR"),
    ("jabber:x:encrypted", "Legacy OpenPGP"),
    ("urn:xmpp:openpgp:0", "OpenPGP for XMPP"),
    ("eu.siacs.conversations.axolotl", "OMEMO"),
    ("urn:xmpp:omemo:1", "OMEMO 1"),
    ("urn:xmpp:omemo:2", "OMEMO 2"),
];

/// What a message carries, the most severe last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing to protect.
    Nothing,
    /// Ciphertext of a scheme that is accepted.
    Accepted(Encryption),
    /// Ciphertext of another scheme.
    Unacceptable(Encryption),
    /// Text or data in the clear.
    Plaintext,
}

/// How a message is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// The option's value for a scheme, or the name of a mechanism.
    pub scheme: String,
    /// Whether a body is fallback text beside it, which the policy may replace.
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

    fn severity(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Accepted(_) => 1,
            Self::Unacceptable(_) => 2,
            Self::Plaintext => 3,
        }
    }

    /// The more severe of two, the first if they are equally severe.
    fn or_worse(self, other: Self) -> Self {
        if other.severity() > self.severity() {
            other
        } else {
            self
        }
    }

    /// The same of a message inside another, of which bodies are not replaced.
    fn inside(self) -> Self {
        match self {
            Self::Accepted(Encryption { scheme, .. }) => Self::new(scheme, true, false),
            Self::Unacceptable(Encryption { scheme, .. }) => Self::new(scheme, false, false),
            same => same,
        }
    }
}

/// The options of a policy about ciphertext.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Schemes, and namespaces of other mechanisms.
    pub accepted: &'static [&'static str],
    /// Whether bodies beside ciphertext are replaced.
    pub replaces_bodies: bool,
}

impl Rules {
    fn accept(self, scheme: &str) -> bool {
        self.accepted.contains(&scheme)
    }

    /// The verdict on a message, in a room or not.
    #[must_use]
    pub fn judge(self, message: &Element, group: bool) -> Verdict {
        let mut readable = Readable::default();
        let (verdict, _) = self.on_level(0, message, group, &mut readable);
        if readable.neutral > NEUTRAL || readable.in_forms > IN_FORMS {
            return Verdict::Plaintext;
        }
        verdict
    }

    /// The verdict on a message or a wrapper at this depth of nesting, and whether something in it
    /// may have a body as its fallback text.
    fn on_level(
        self,
        level: usize,
        message: &Element,
        group: bool,
        readable: &mut Readable,
    ) -> (Verdict, bool) {
        if level > LEVELS {
            return (Verdict::Plaintext, false);
        }
        let mut is_remark = false;
        let mut worst_inside = Verdict::Nothing;
        for child in message.children() {
            match class(child) {
                wrapper @ ("Wrapper" | "Fastening") => {
                    readable.neutral += in_texts(child);
                    let group = match child.attr("type") {
                        Some(kind) if child.name() == "message" => kind == "groupchat",
                        _ => group,
                    };
                    let (verdict, fastened) = self.on_level(level + 1, child, group, readable);
                    worst_inside = worst_inside.or_worse(verdict.inside());
                    is_remark |= wrapper == "Fastening" && fastened;
                }
                "Reactions" | "Retraction" => is_remark = true,
                _ => {}
            }
        }
        for child in message.children() {
            readable.add(child);
        }
        let own = self.without_wrappers(message, group, level > 0, is_remark, readable);
        (own.or_worse(worst_inside), is_remark)
    }

    /// The verdict on the children of a message that are no wrappers.
    fn without_wrappers(
        self,
        message: &Element,
        group: bool,
        is_inside: bool,
        is_remark: bool,
        readable: &mut Readable,
    ) -> Verdict {
        let has_body = message
            .children()
            .any(|child| class(child) == "Body" && has_text(child));
        let is_otr = has_body && !group && is_all_otr(message);
        let ciphertext = self.best(message, is_otr);
        let is_topic = group && !is_inside && !has_body && ciphertext.is_none();
        let is_clear = message.children().any(|child| match class(child) {
            "Subject" => has_text(child) && !is_topic,
            "Xhtml" => has_text(child) && !(is_otr && is_copy_of_otr(child)),
            "Text" => has_text(child),
            "Reference" => has_text(child) && !is_mention(child),
            "Form" => has_text(child) && !is_asked_for(child),
            "Reactions" => remark::reactions(child).is_none(),
            "LegacyOmemo" | "Omemo1" | "Omemo2" | "OpenPgp" | "LegacyPgp" => {
                Content::of(&alone(child)) == Content::Plaintext
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
                    readable.neutral += characters;
                    Verdict::Nothing
                }
                None => Verdict::Plaintext,
            },
        }
    }

    /// The first ciphertext that is accepted, else the first one. What has the form of a scheme
    /// comes before what only a hint names (XEP-0380).
    fn best(self, message: &Element, is_otr: bool) -> Option<Verdict> {
        let checked = message.children().filter_map(|child| match class(child) {
            "LegacyOmemo" | "Omemo1" | "Omemo2" => is_valid(child).then_some("omemo"),
            "OpenPgp" => is_valid(child).then_some("pgp"),
            "LegacyPgp" => is_valid(child).then_some("pgp_legacy"),
            _ => None,
        });
        let checked = checked
            .chain(is_otr.then_some("otr"))
            .map(|scheme| Verdict::new(scheme.to_owned(), self.accept(scheme), scheme != "otr"));
        let hinted = mechanisms(message).into_iter().map(|(namespace, name)| {
            let is_accepted = self.accept(&namespace);
            Verdict::new(name, is_accepted, is_accepted)
        });
        let all: Vec<Verdict> = checked.chain(hinted).collect();
        let accepted = all
            .iter()
            .find(|verdict| matches!(verdict, Verdict::Accepted(_)));
        accepted.or(all.first()).cloned()
    }
}

/// How many characters people can read in a message and all messages inside it.
#[derive(Default)]
struct Readable {
    neutral: usize,
    in_forms: usize,
}

impl Readable {
    fn add(&mut self, child: &Element) {
        match class(child) {
            "Reactions" => self.neutral += remark::reactions(child).unwrap_or_default(),
            "Reference" if !is_mention(child) => {}
            "Form" if is_asked_for(child) => self.in_forms += characters_of(child),
            "Reference" | "Retraction" | "Fallback" | "Hint" | "Neutral" => {
                self.neutral += characters_of(child);
            }
            _ => {}
        }
    }
}

fn characters_of(element: &Element) -> usize {
    row(element).map_or(0, |row| characters(element, &row.attributes))
}

fn has_text(element: &Element) -> bool {
    characters_of(element) > 0
}

/// A message with that element alone, for the core to judge.
fn alone(element: &Element) -> Element {
    message_of("chat", element.clone())
}

/// Whether the core says that an element is ciphertext. Of a short element of OMEMO, the second
/// opinion has to agree.
fn is_valid(element: &Element) -> bool {
    let is_valid = is_encrypted(&alone(element));
    if element.name() == "encrypted" && omemo::is_short(element) {
        let has_form = omemo::is_message(element);
        assert!(has_form || !is_valid, "no message: {element:?}");
        let is_certain = has_form && omemo::is_in_one_piece(element);
        assert!(is_valid || !is_certain, "a message: {element:?}");
    }
    is_valid
}

/// Whether the core says that a message is encrypted.
fn is_encrypted(message: &Element) -> bool {
    matches!(Content::of(message), Content::Encrypted { .. })
}

/// Whether all bodies are OTR messages, and nothing else is ciphertext.
fn is_all_otr(message: &Element) -> bool {
    message.children().all(|child| match class(child) {
        "Body" => !has_text(child) || is_encrypted(&alone(child)),
        "LegacyOmemo" | "Omemo1" | "Omemo2" | "OpenPgp" | "LegacyPgp" => !is_valid(child),
        _ => true,
    })
}

/// Whether the core takes it for a formatted copy of an OTR message.
fn is_copy_of_otr(html: &Element) -> bool {
    let mut message = message_of_text("chat", "body", "jabber:client", "?OTRv2?");
    message.append_child(html.clone());
    is_encrypted(&message)
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

/// The namespace and name of each mechanism that one of the first hints names, if an element of
/// that namespace is in the message and not in the table.
fn mechanisms(message: &Element) -> Vec<(String, String)> {
    let has_unknown_element = |namespace: &str| {
        message
            .children()
            .any(|child| child.ns() == namespace && row(child).is_none())
    };
    message
        .children()
        .filter(|child| class(child) == "Hint")
        .take(4)
        .filter_map(|hint| {
            let namespace = hint.attr("namespace")?;
            (namespace.len() <= 256 && has_unknown_element(namespace))
                .then(|| (namespace.to_owned(), name(namespace, hint.attr("name"))))
        })
        .collect()
}

fn name(namespace: &str, own: Option<&str>) -> String {
    let registered = MECHANISMS.iter().find(|(known, _)| *known == namespace);
    if let Some((_, name)) = registered {
        return (*name).to_owned();
    }
    // The core reads no more octets of it.
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
