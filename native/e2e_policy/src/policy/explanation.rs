// SPDX-License-Identifier: GPL-2.0-or-later
//! What would be decided of a message and why, element by element, in words for an admin.

use crate::content::Content;
use crate::content::allowance::{MAX_IN_FORMS, MAX_NEUTRAL};
use crate::content::classifier::Classifier;
use crate::content::finding::Finding;
use crate::content::observer::Observer;
use crate::element::lookup::look_up;
use crate::policy::Policy;
use crate::policy::asked::Asked;
use crate::policy::chat::Chat;
use crate::policy::decision::{Decision, Judgement, Keys, Reason, Recipient, Violation};
use crate::policy::grace::Clock;
use crate::scheme::otr::Otr;
use crate::stanza::address::Address;
use crate::stanza::budget::{Budget, MAX_STEPS};
use crate::stanza::parsed_element::lang;
use chrono::{DateTime, Utc};
use minidom::Element;
use serde::Serialize;

/// A decision with its reasons, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// `allow`, `warn` or `reject`.
    pub decision: &'static str,
    /// Which rule was violated.
    pub reason: Option<Reason>,
    /// `encrypted`, `plaintext` or `nothing` to protect.
    pub content: &'static str,
    /// The name of the scheme, if the message is encrypted.
    pub scheme: Option<String>,
    /// What the sender would be told.
    pub text: Option<String>,
    /// The kind of conversation.
    #[serde(skip)]
    pub chat: Chat,
    /// What exempts the message, if anything does, then a line for each child in document order:
    /// ``<x/> in `jabber:x:oob` (XEP-0066): content in the clear``.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
}

impl Policy {
    /// Judges and decides as [`Policy::judge`] and [`Policy::decide`] do, and explains why. A clock
    /// that has to start counts as started now.
    #[must_use]
    pub fn explain(
        &self,
        message: &Element,
        chat: Chat,
        (from, to): (Address<'_>, Address<'_>),
        asked: Asked<'_>,
        clock: Option<&Clock>,
        now: DateTime<Utc>,
    ) -> Explanation {
        let budget = Budget::new();
        let exemption = || self.exemption(message, chat, (from, to), &budget);
        let first = self.asks_addresses_first().then(exemption).flatten();
        let classifier = self.classifier(&budget);
        let mut lines = Lines::new();
        let content = classifier.classify(message, chat == Chat::Group, &mut lines);
        let mut why = lines.in_words(chat == Chat::Group, &content, &classifier);
        if budget.is_spent() {
            why.push(format!(
                "more than {MAX_STEPS} steps of work: the rest counts as content"
            ));
        }
        let exemption = if self.asks_addresses_first() {
            first
        } else {
            exemption()
        };
        let scheme = match &content {
            Content::Encrypted { scheme, .. } => Some(scheme.to_string()),
            Content::Plaintext | Content::Nothing => None,
        };
        let kind = match content {
            Content::Encrypted { .. } => "encrypted",
            Content::Plaintext => "plaintext",
            Content::Nothing => "nothing",
        };
        let judgement = match exemption {
            Some(_) => Judgement::EXEMPT,
            None => self.judgement(content, chat),
        };
        let chat = match judgement.violation {
            Some(_) => self.told_apart(chat, message, &budget),
            None => chat,
        };
        let keys = match chat {
            Chat::Direct => asked.keys,
            Chat::Group | Chat::Marked => Keys::Published,
        };
        let connection = asked.connection;
        let decide = |clock: Option<&Clock>| {
            self.decide(asked.levels.of(chat), connection, keys, clock, now)
        };
        let decided = judgement.violation.map(|violation| {
            let violation = Violation { chat, ..violation };
            let decision = match (asked.exemption, decide(clock)) {
                (Some(_), _) => Decision::Exempt,
                (None, Decision::StartClock) => decide(Some(&Clock::first(now))),
                (None, decision) => decision,
            };
            let recipient = Recipient {
                address: to,
                keys,
                connection,
            };
            let lang = lang(message).unwrap_or(asked.lang);
            (decision, self.notice(&violation, decision, recipient, lang))
        });
        let exemption = match &decided {
            Some((Decision::Exempt, _)) => Some(
                asked
                    .exemption
                    .unwrap_or("exempt: nothing is asked of this sender"),
            ),
            _ => exemption,
        };
        let without_keys = matches!((&decided, keys), (Some(_), Keys::Missing))
            .then_some("the recipient has published no key of an accepted scheme for the sender");
        let unverified = match (&decided, self.s2s_unverified.server_to_name(connection)) {
            (Some(_), Some(server)) => Some(format!(
                "the connection to {server} is not verified: the level is at least {}",
                self.s2s_unverified.least().as_str()
            )),
            _ => None,
        };
        let (decision, notice) = match decided {
            Some((Decision::Warn(_), notice)) => ("warn", notice),
            Some((Decision::Reject, notice)) => ("reject", notice),
            None | Some((Decision::Exempt | Decision::StartClock, _)) => ("allow", None),
        };
        Explanation {
            decision,
            reason: notice.as_ref().map(|notice| notice.reason),
            content: kind,
            scheme,
            text: notice.map(|notice| notice.text),
            chat,
            why: exemption
                .into_iter()
                .chain(without_keys)
                .map(str::to_owned)
                .chain(unverified)
                .chain(why)
                .collect(),
        }
    }
}

/// What was found of each child and of its own children: one list for each level of nesting that
/// has begun and not ended.
struct Lines<'a> {
    levels: Vec<Vec<Line<'a>>>,
}

/// One child of a message.
struct Line<'a> {
    element: &'a Element,
    found: Found<'a>,
}

enum Found<'a> {
    /// A finding of the child itself.
    Itself(Finding),
    /// The content of a wrapper, with a line for each child of it.
    Inside(Content<'a>, Vec<Line<'a>>),
}

impl<'a> Observer<'a, &'a Element> for Lines<'a> {
    fn found(&mut self, element: &'a Element, finding: Finding) {
        self.add(element, Found::Itself(finding));
    }

    fn enter(&mut self) {
        self.levels.push(Vec::new());
    }

    fn leave(&mut self, element: &'a Element, content: &Content<'a>) {
        let inside = self.levels.pop().unwrap_or_default();
        self.add(element, Found::Inside(content.clone(), inside));
    }
}

impl<'a> Lines<'a> {
    fn new() -> Self {
        Self {
            levels: vec![Vec::new()],
        }
    }

    fn add(&mut self, element: &'a Element, found: Found<'a>) {
        if let Some(level) = self.levels.last_mut() {
            level.push(Line { element, found });
        }
    }

    fn in_words(
        &self,
        group: bool,
        content: &Content<'_>,
        classifier: &Classifier<'_>,
    ) -> Vec<String> {
        let around = Around {
            group,
            content,
            is_exceeded: classifier.allowance().is_exceeded(),
        };
        let top = self.levels.first().into_iter().flatten();
        top.map(|line| line.in_words(&around)).collect()
    }
}

/// The message around an element.
struct Around<'c> {
    group: bool,
    content: &'c Content<'c>,
    /// Whether people can read more than is allowed in what is nothing to protect.
    is_exceeded: bool,
}

impl Line<'_> {
    /// The element and what it means. Of a wrapper that is what its most severe child means.
    fn in_words(&self, around: &Around<'_>) -> String {
        let document = look_up(self.element)
            .map_or_else(String::new, |entry| format!(" ({})", entry.document()));
        let (name, namespace) = (self.element.name(), self.element.ns());
        let meaning = match &self.found {
            Found::Itself(finding) => finding.in_words(around),
            Found::Inside(content, lines) => {
                let around = Around {
                    content,
                    group: match self.element.attr("type") {
                        Some(kind) if name == "message" => kind == "groupchat",
                        _ => around.group,
                    },
                    ..*around
                };
                match lines.iter().find(|line| line.decides(content)) {
                    Some(line) => {
                        format!("judged as what is inside it, {}", line.in_words(&around))
                    }
                    None => "judged as what is inside it: nothing to protect".to_owned(),
                }
            }
        };
        format!("<{name}/> in `{namespace}`{document}: {meaning}")
    }

    /// Whether it is what gives a message its content.
    fn decides(&self, content: &Content<'_>) -> bool {
        match (&self.found, content) {
            (Found::Inside(inner, _), _) => inner == content,
            (
                Found::Itself(
                    Finding::Flawed(_)
                    | Finding::Text
                    | Finding::Subject
                    | Finding::Xhtml(_)
                    | Finding::Body(_),
                ),
                Content::Plaintext,
            )
            | (
                Found::Itself(
                    Finding::Ciphertext(_) | Finding::Hint(_) | Finding::Body(Otr::Valid),
                ),
                Content::Encrypted { .. },
            ) => true,
            _ => false,
        }
    }
}

impl Finding {
    fn in_words(self, around: &Around<'_>) -> String {
        match self {
            Self::Ciphertext(scheme) => format!("ciphertext, scheme {}", scheme.as_str()),
            Self::KeyTransport => "OMEMO key transport, says nothing".to_owned(),
            Self::Flawed(reason) => format!("no valid ciphertext: {reason}"),
            Self::Body(otr) => body_in_words(otr, around),
            Self::Xhtml(otr) => otr_in_words(otr, around.group),
            Self::Subject if *around.content == Content::Nothing => "the room's topic".to_owned(),
            Self::Subject | Self::Text => "content in the clear".to_owned(),
            Self::Hint(0) => "a hint at a mechanism, no proof of encryption".to_owned(),
            Self::Neutral(0) | Self::Remark(0) | Self::ServiceForm(0) => {
                "nothing to protect".to_owned()
            }
            Self::Neutral(_) | Self::Remark(_) | Self::Hint(_) => {
                in_allowance("words that people can read", MAX_NEUTRAL, around)
            }
            Self::ServiceForm(_) => in_allowance("a service asked for it", MAX_IN_FORMS, around),
            Self::Wrapper(_) => "judged as what is inside it".to_owned(),
            Self::Unknown => "unknown, not content".to_owned(),
        }
    }
}

/// What is nothing to protect while all of its kind have up to `limit` characters together.
fn in_allowance(what: &str, limit: usize, around: &Around<'_>) -> String {
    if around.is_exceeded {
        format!("{what}, together more than {limit} characters: content in the clear")
    } else {
        format!("{what}, together up to {limit} characters: nothing to protect")
    }
}

fn body_in_words(otr: Otr, around: &Around<'_>) -> String {
    match around.content {
        Content::Encrypted {
            has_fallback: true, ..
        } => "fallback text beside ciphertext, not judged".to_owned(),
        Content::Nothing => "fallback text of a reaction, a retraction or a moderation".to_owned(),
        Content::Encrypted { .. } if otr != Otr::Valid => {
            "fallback text beside what a hint names".to_owned()
        }
        Content::Encrypted { .. } | Content::Plaintext => otr_in_words(otr, around.group),
    }
}

fn otr_in_words(otr: Otr, group: bool) -> String {
    match otr {
        Otr::Valid if group => {
            "OTR does not work in rooms (XEP-0364): text in the clear".to_owned()
        }
        Otr::Valid => "an OTR message".to_owned(),
        Otr::Invalid(reason) => format!("begins like OTR, but is in the clear: {reason}"),
        Otr::Absent => "text in the clear".to_owned(),
    }
}
