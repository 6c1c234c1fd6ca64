// SPDX-License-Identifier: GPL-2.0-or-later
//! Why a message is judged as it is, element by element, in words for an admin.

use crate::content::{self, Content};
use crate::element::row_of;
use crate::finding::{Finding, MAX_ANNOTATION_TEXT};
use crate::otr::Otr;
use crate::policy::Chat;
use crate::view::{Budget, MAX_DEPTH};
use minidom::Element;

/// One line for each child of a `<message/>`, in document order:
/// ``<x/> in `jabber:x:oob` (XEP-0066): content in the clear``.
#[must_use]
pub fn explain(message: &Element) -> Vec<String> {
    let content = content::of(message);
    let group = Chat::of(message) == Chat::Group;
    let mut budget = Budget::new();
    message
        .children()
        .map(|child| {
            let finding = Finding::of(child, group, MAX_DEPTH, &mut budget);
            let document =
                row_of(child).map_or(String::new(), |row| format!(" ({})", row.document));
            let meaning = meaning(&finding, &content);
            format!(
                "<{}/> in `{}`{document}: {meaning}",
                child.name(),
                child.ns()
            )
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
