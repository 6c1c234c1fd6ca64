// SPDX-License-Identifier: GPL-2.0-or-later
//! Words for people in OTR's queries and errors.

/// Words, and the kind of message that has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words<'a> {
    /// Those behind an offer to speak OTR, which say where to get it.
    Query(&'a str),
    /// What went wrong.
    Error(&'a str),
}

/// The words of a body that is a query or an error; nothing when it can only be something else.
#[must_use]
pub fn beside(body: &str) -> Option<Words<'_>> {
    let rest = body.trim_ascii_end().strip_prefix("?OTR")?;
    if let Some(error) = rest.strip_prefix(" Error:") {
        return Some(Words::Error(error.trim_ascii()));
    }
    let behind_mark = rest.strip_prefix('?');
    let behind_versions = behind_mark
        .unwrap_or(rest)
        .strip_prefix('v')
        .and_then(|text| {
            let (versions, words) = text.split_once('?')?;
            is_a_set_of_versions(versions).then_some(words)
        });
    behind_versions.or(behind_mark).map(Words::Query)
}

/// Digits and, for all that are to come, `x`.
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
    /// Whether a client may have written them, and not a person.
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

/// Whether a text has a word, in any case, with no other letter or digit of ASCII at its ends.
fn has_word(text: &str, word: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let ends = |text: &str| text.ends_with(|last: char| last.is_ascii_alphanumeric());
    let begins = |text: &str| text.starts_with(|first: char| first.is_ascii_alphanumeric());
    text.match_indices(word)
        .any(|(at, found)| !ends(&text[..at]) && !begins(&text[at + found.len()..]))
}
