// SPDX-License-Identifier: GPL-2.0-or-later
//! The texts that are built in, in each language: a file of Project Fluent for each one, in the
//! folder `locales`. Fluent chooses plural forms by the rules of Unicode's CLDR.

use crate::language::preference::{ENGLISH, Preference};
use crate::language::tag::Tag;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::fmt;
use std::sync::LazyLock;

/// English, which has all texts.
static ENGLISH_TEXTS: LazyLock<Language> =
    LazyLock::new(|| Language::new(ENGLISH, include_str!("../../locales/en.ftl")));

/// The other languages.
static TRANSLATIONS: LazyLock<Vec<Language>> = LazyLock::new(|| {
    [
        ("cs", include_str!("../../locales/cs.ftl")),
        ("de", include_str!("../../locales/de.ftl")),
        ("es", include_str!("../../locales/es.ftl")),
        ("fr", include_str!("../../locales/fr.ftl")),
        ("it", include_str!("../../locales/it.ftl")),
        ("nl", include_str!("../../locales/nl.ftl")),
        ("pl", include_str!("../../locales/pl.ftl")),
        ("pt", include_str!("../../locales/pt.ftl")),
        ("ru", include_str!("../../locales/ru.ftl")),
        ("tr", include_str!("../../locales/tr.ftl")),
        ("uk", include_str!("../../locales/uk.ftl")),
        ("zh", include_str!("../../locales/zh.ftl")),
    ]
    .map(|(tag, file)| Language::new(tag, file))
    .into()
});

/// Parses the files, which takes a millisecond, unless that was done: so that no message waits for
/// it.
pub(crate) fn load() {
    LazyLock::force(&ENGLISH_TEXTS);
    LazyLock::force(&TRANSLATIONS);
}

/// The texts of one language.
pub struct Language {
    tag: &'static str,
    texts: FluentBundle<FluentResource>,
}

/// What a text inserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument<'a> {
    /// Text, inserted as it is and never parsed.
    Text(&'a str),
    /// A number, which also chooses a plural form.
    Number(i64),
}

impl Language {
    /// English.
    #[must_use]
    pub fn english() -> &'static Self {
        &ENGLISH_TEXTS
    }

    /// The built-in language of a reader: that of an `xml:lang`, else that of the host, else
    /// English. Tags that are malformed or of no built-in language are passed over.
    #[must_use]
    pub fn of_reader(lang: &str, host: &str) -> &'static Self {
        Tag::parse(host)
            .or_else(|_| Tag::parse(ENGLISH))
            .map_or_else(
                |_| Self::english(),
                |host| Self::preferred(&Preference::new(lang, &host)),
            )
    }

    pub(crate) fn preferred(preference: &Preference<'_>) -> &'static Self {
        preference
            .tags()
            .find_map(Self::find)
            .unwrap_or_else(Self::english)
    }

    /// The language with this tag, if it is built in.
    pub(crate) fn find(tag: &str) -> Option<&'static Self> {
        if tag == ENGLISH {
            return Some(Self::english());
        }
        TRANSLATIONS.iter().find(|language| language.tag == tag)
    }

    /// The tag of the language (RFC 5646).
    #[must_use]
    pub const fn tag(&self) -> &'static str {
        self.tag
    }

    /// A text with its placeholders replaced. One that the language does not have is in English;
    /// one that does not exist is its own name, as nothing else can be said.
    #[must_use]
    pub fn text(&self, name: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        let arguments = arguments.iter().map(|(name, value)| {
            let value = match value {
                Argument::Text(text) => FluentValue::from(*text),
                Argument::Number(number) => FluentValue::from(*number),
            };
            (*name, value)
        });
        let arguments: FluentArgs<'_> = arguments.collect();
        [self, Self::english()]
            .iter()
            .find_map(|language| language.formatted(name, &arguments))
            .unwrap_or_else(|| name.to_owned())
    }

    fn formatted(&self, name: &str, arguments: &FluentArgs<'_>) -> Option<String> {
        let message = self.texts.get_message(name)?;
        let mut errors = Vec::new();
        let pattern = message.value()?;
        let text = self
            .texts
            .format_pattern(pattern, Some(arguments), &mut errors);
        Some(text.into_owned())
    }

    /// A file with errors loses the texts that have them; a test shows that none has.
    fn new(tag: &'static str, file: &str) -> Self {
        let file = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(file, _errors)| file);
        let mut texts = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
        // Marks around what is inserted, for text in both directions, are shown as boxes by some
        // clients.
        texts.set_use_isolating(false);
        _ = texts.add_resource(file);
        Self { tag, texts }
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Language").field(&self.tag).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fluent_syntax::ast::Entry;
    use std::collections::BTreeSet;

    /// The built-in languages, with the files that their texts are made of.
    fn files() -> Vec<(&'static Language, FluentResource)> {
        let languages = std::iter::once(Language::english()).chain(TRANSLATIONS.iter());
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/locales");
        languages
            .map(|language| {
                let path = format!("{folder}/{}.ftl", language.tag);
                let file = std::fs::read_to_string(&path).unwrap();
                (language, FluentResource::try_new(file).unwrap())
            })
            .collect()
    }

    fn names(file: &FluentResource) -> BTreeSet<&str> {
        let names: Vec<_> = file
            .entries()
            .filter_map(|entry| match entry {
                Entry::Message(message) => Some(message.id.name),
                _ => None,
            })
            .collect();
        let unique: BTreeSet<_> = names.iter().copied().collect();
        assert_eq!(names.len(), unique.len(), "a text is there twice");
        unique
    }

    #[test]
    fn the_languages_are_those_that_have_a_file() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/locales");
        let files: BTreeSet<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let built_in = self::files()
            .iter()
            .map(|(language, _)| format!("{}.ftl", language.tag))
            .collect();
        assert_eq!(files, built_in);
        assert_eq!(files.len(), 13);
    }

    #[test]
    fn every_language_has_all_texts_and_no_others() {
        let files = files();
        let (_, english) = files.first().unwrap();
        for (language, file) in &files {
            assert_eq!(names(file), names(english), "{language:?}");
        }
    }

    /// Each placeholder of English is in the translation, in each plural form, and no other one.
    #[test]
    fn every_text_has_the_placeholders_of_english() {
        let files = files();
        let (english, file) = files.first().unwrap();
        let placeholders = placeholders(file);
        for name in names(file) {
            let expected = shown(english, name, 1, &placeholders);
            for (language, _) in &files {
                for number in [1, 1_000, 1_001, 1_002, 1_005, 1_011, 1_021] {
                    let shown = shown(language, name, number, &placeholders);
                    assert_eq!(shown, expected, "{name} in {language:?}");
                }
            }
        }
    }

    /// The names of all placeholders in a file: what follows a dollar sign.
    fn placeholders(file: &FluentResource) -> BTreeSet<String> {
        let parts = file.source().split('$').skip(1);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        parts
            .map(|part| part.chars().take_while(|c| is_name(*c)).collect())
            .collect()
    }

    /// The placeholders whose values a text shows. It may not ask for one that is not given.
    fn shown(
        language: &Language,
        name: &str,
        number: i64,
        placeholders: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let value = |placeholder: &str| match placeholder {
            "number" => FluentValue::from(number),
            other => FluentValue::from(format!("<{other}>")),
        };
        let arguments = placeholders.iter().map(|name| (name.as_str(), value(name)));
        let message = language.texts.get_message(name).unwrap();
        let mut errors = Vec::new();
        let text = language.texts.format_pattern(
            message.value().unwrap(),
            Some(&arguments.collect()),
            &mut errors,
        );
        assert!(errors.is_empty(), "{name} in {language:?}: {errors:?}");
        assert!(!text.contains(['{', '}', '\n', '\u{2068}']), "{text}");
        let is_shown = |placeholder: &&String| match placeholder.as_str() {
            "number" => text
                .split(|c: char| !c.is_ascii_digit())
                .any(|digits| digits == number.to_string()),
            other => text.contains(&format!("<{other}>")),
        };
        placeholders.iter().filter(is_shown).cloned().collect()
    }

    #[test]
    fn a_text_that_does_not_exist_is_its_name() {
        assert_eq!(
            Language::english().text("no_such_text", &[]),
            "no_such_text"
        );
    }

    #[test]
    fn values_are_inserted_as_text() {
        let arguments = [("recipient", Argument::Text("{ $scheme } {{x}}"))];
        assert_eq!(
            Language::english().text("message_without_keys", &arguments),
            "{ $scheme } {{x}} has not published any keys for these yet."
        );
    }

    #[test]
    fn the_language_is_that_of_the_reader_or_of_the_host_or_english() {
        let tag = |lang, host| Language::of_reader(lang, host).tag();
        assert_eq!(tag("de-AT", "fr"), "de");
        assert_eq!(tag("PT-br", "fr"), "pt");
        assert_eq!(tag("da", "fr-CA"), "fr");
        assert_eq!(tag("da", "nn"), "en");
        assert_eq!(tag("", "no tag"), "en");
    }
}
