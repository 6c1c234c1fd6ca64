// SPDX-License-Identifier: GPL-2.0-or-later
//! What would be decided of a message and why, element by element, in words for an admin.

use crate::address::Address;
use crate::content::{self, Content};
use crate::decision::{Decision, Reason};
use crate::element::document_of;
use crate::finding::{Finding, MAX_ANNOTATION_TEXT};
use crate::grace::Clock;
use crate::otr::Otr;
use crate::policy::{Chat, Policy};
use crate::view::{Budget, MAX_DEPTH};
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
    /// The word or name of the scheme, if the message is encrypted.
    pub scheme: Option<String>,
    /// What the sender would be told.
    pub text: Option<String>,
    /// What exempts the message, if anything does, then a line for each child in document order:
    /// ``<x/> in `jabber:x:oob` (XEP-0066): content in the clear``.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
}

impl Policy {
    /// Judges and decides as [`Policy::judge`] and [`Policy::decide`] do, as if a clock that has to
    /// start started now, and says why.
    #[must_use]
    pub fn explain(
        &self,
        message: &Element,
        from: Address<'_>,
        to: Address<'_>,
        clock: Option<&Clock>,
        now: DateTime<Utc>,
    ) -> Explanation {
        let chat = Chat::of(message);
        let content = content::in_chat(message, chat);
        let decided = self.judge(message, from, to).violation.map(|violation| {
            match self.decide(&violation, to, clock, now) {
                Decision::StartClock => self.decide(&violation, to, Some(&Clock::first(now)), now),
                decision => decision,
            }
        });
        let (decision, notice) = match decided {
            Some(Decision::Warn(notice)) => ("warn", Some(notice)),
            Some(Decision::Reject(notice)) => ("reject", Some(notice)),
            None | Some(Decision::StartClock) => ("allow", None),
        };
        let exemption = self.exemption(message, chat, from, to).map(str::to_owned);
        Explanation {
            decision,
            reason: notice.as_ref().map(|notice| notice.reason),
            content: match content {
                Content::Encrypted { .. } | Content::UnknownEncryption(_) => "encrypted",
                Content::Plaintext => "plaintext",
                Content::Nothing => "nothing",
            },
            scheme: self.scheme(&content).map(str::to_owned),
            text: notice.map(|notice| notice.text),
            why: exemption
                .into_iter()
                .chain(elements(message, chat, &content))
                .collect(),
        }
    }
}

fn elements(message: &Element, chat: Chat, content: &Content<'_>) -> Vec<String> {
    let group = chat == Chat::Group;
    let mut budget = Budget::new();
    message
        .children()
        .map(|child| {
            let finding = Finding::of(child, group, MAX_DEPTH, &mut budget);
            let document =
                document_of(child).map_or(String::new(), |document| format!(" ({document})"));
            let (name, namespace) = (child.name(), child.ns());
            let meaning = meaning(&finding, content);
            format!("<{name}/> in `{namespace}`{document}: {meaning}")
        })
        .collect()
}

fn meaning(finding: &Finding, content: &Content<'_>) -> String {
    let beside_ciphertext = matches!(
        content,
        Content::Encrypted { fallback: true, .. } | Content::UnknownEncryption(_)
    );
    match finding {
        Finding::Ciphertext(scheme) => format!("ciphertext, scheme {}", scheme.word()),
        Finding::KeyTransport => "OMEMO key transport, says nothing".to_owned(),
        Finding::Flawed(reason) => format!("no valid ciphertext: {reason}"),
        Finding::Body(_) if beside_ciphertext => {
            "fallback text beside ciphertext, not judged".to_owned()
        }
        Finding::Body(_) if *content == Content::Nothing => {
            "fallback text of an annotation".to_owned()
        }
        Finding::Body(otr) | Finding::Xhtml(otr) => match otr {
            Otr::Valid => "an OTR message".to_owned(),
            Otr::Invalid(reason) => format!("begins like OTR, but is in the clear: {reason}"),
            Otr::Absent => "text in the clear".to_owned(),
        },
        Finding::Subject if *content == Content::Nothing => "the room's topic".to_owned(),
        Finding::Subject | Finding::Text => "content in the clear".to_owned(),
        Finding::Annotation(characters) if *characters > MAX_ANNOTATION_TEXT => {
            format!("an annotation of more than {MAX_ANNOTATION_TEXT} characters: content")
        }
        Finding::Annotation(_) => "an annotation, nothing to protect".to_owned(),
        Finding::Hint => "a hint at a mechanism, no proof of encryption".to_owned(),
        Finding::Within(_) => "judged as what is inside it".to_owned(),
        Finding::Nothing => "nothing to protect".to_owned(),
        Finding::Unknown => "unknown, not content".to_owned(),
    }
}
