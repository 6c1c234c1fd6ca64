// SPDX-License-Identifier: GPL-2.0-or-later
//! Language tags (RFC 5646), as in `xml:lang`.

use oxilangtag::LanguageTag;

/// A well-formed tag, with upper and lower case as RFC 5646 section 2.1.1 recommends: tags that
/// differ in case only are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag(LanguageTag<String>);

impl Tag {
    /// Reads a tag.
    ///
    /// # Errors
    ///
    /// The text is not a well-formed tag: says what was found and what was expected.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        LanguageTag::parse_and_normalize(text)
            .map(Self)
            .map_err(|_| format!("found `{text}`, expected a language tag such as `de` or `pt-BR`"))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The language without script, region and so on: `de` of `de-AT`.
    pub(crate) fn primary(&self) -> &str {
        self.0.primary_language()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_differ_in_case_only_are_equal() {
        assert_eq!(Tag::parse("DE-at"), Tag::parse("de-AT"));
        assert_eq!(Tag::parse("zh-hant-tw").unwrap().as_str(), "zh-Hant-TW");
        assert_eq!(Tag::parse("zh-hant-tw").unwrap().primary(), "zh");
    }

    #[test]
    fn a_text_that_is_no_tag_is_named() {
        for text in ["", "de_AT", "german language", "toolonglanguage", "d"] {
            assert_eq!(
                Tag::parse(text).unwrap_err(),
                format!("found `{text}`, expected a language tag such as `de` or `pt-BR`")
            );
        }
    }
}
