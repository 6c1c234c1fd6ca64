// SPDX-License-Identifier: GPL-2.0-or-later
//! Which languages somebody reads, in order.

use crate::language::tag::Tag;

/// The language of the texts that exist in any case.
pub(crate) const ENGLISH: &str = "en";

/// The tags in which a text for somebody is searched: the first one that has a text is taken.
pub(crate) struct Preference<'a> {
    /// That of the reader, if it is known.
    own: Option<Tag>,
    host: &'a Tag,
}

impl<'a> Preference<'a> {
    /// What the reader of a stanza with this `xml:lang` prefers. One that is empty or malformed, as
    /// any client may send it, says nothing.
    pub(crate) fn new(lang: &str, host: &'a Tag) -> Self {
        Self {
            own: Tag::parse(lang).ok(),
            host,
        }
    }

    /// The language of the host.
    pub(crate) fn host(&self) -> &str {
        self.host.as_str()
    }

    /// The tags of the reader.
    pub(crate) fn own(&self) -> impl Iterator<Item = &str> {
        self.own.iter().flat_map(exact_then_primary)
    }

    /// All tags: those of the reader, those of the host, and English.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.own()
            .chain(exact_then_primary(self.host))
            .chain([ENGLISH])
    }
}

fn exact_then_primary(tag: &Tag) -> impl Iterator<Item = &str> {
    [tag.as_str(), tag.primary()].into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(lang: &str, host: &str) -> String {
        let host = Tag::parse(host).unwrap();
        let preference = Preference::new(lang, &host);
        preference.tags().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_exact_tag_comes_before_the_language_before_the_host_s_before_english() {
        assert_eq!(tags("de-at", "pt-BR"), "de-AT de pt-BR pt en");
    }

    #[test]
    fn a_tag_that_a_client_got_wrong_says_nothing() {
        assert_eq!(tags("", "fr"), "fr fr en");
        assert_eq!(tags("C.UTF-8", "fr"), "fr fr en");
    }
}
