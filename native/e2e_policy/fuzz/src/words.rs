// SPDX-License-Identifier: GPL-2.0-or-later
//! The text for people in OTR's queries and errors.

/// The text, and the kind of message that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words<'a> {
    /// The text after an offer to use OTR, which says where to get it.
    Query(&'a str),
    /// What went wrong.
    Error(&'a str),
}

/// The text in a body that is a query or an error; nothing when it is neither.
#[must_use]
pub fn beside(body: &str) -> Option<Words<'_>> {
    let rest = body.trim_ascii_end().strip_prefix("?OTR")?;
    if let Some(error) = rest.strip_prefix(" Error:") {
        return Some(Words::Error(error.trim_ascii()));
    }
    let after_mark = rest.strip_prefix('?');
    let after_versions = after_mark
        .unwrap_or(rest)
        .strip_prefix('v')
        .and_then(|text| {
            let (versions, words) = text.split_once('?')?;
            is_a_set_of_versions(versions).then_some(words)
        });
    after_versions.or(after_mark).map(Words::Query)
}

/// Digits and `x`, which stands for later versions, each at most once.
fn is_a_set_of_versions(versions: &str) -> bool {
    let mut sorted: Vec<char> = versions.chars().collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len() == versions.len()
        && sorted
            .iter()
            .all(|version| "0123456789x".contains(*version))
}

impl Words<'_> {
    /// Whether it is as clients write it: short, and in a query with OTR's name.
    #[must_use]
    pub fn are_of_a_client(self) -> bool {
        match self {
            Self::Query(words) => {
                let names_it = ["otr", "off-the-record"]
                    .iter()
                    .any(|name| has_word(words, name));
                words.is_empty() || (words.len() <= 1024 && names_it)
            }
            Self::Error(words) => words.chars().count() <= 200,
        }
    }
}

/// Whether a text has a word, in upper or lower case, with no letter or digit of ASCII before or
/// after it.
fn has_word(text: &str, word: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let ends = |text: &str| text.ends_with(|last: char| last.is_ascii_alphanumeric());
    let begins = |text: &str| text.starts_with(|first: char| first.is_ascii_alphanumeric());
    text.match_indices(word)
        .any(|(start, found)| !ends(&text[..start]) && !begins(&text[start + found.len()..]))
}
