// SPDX-License-Identifier: GPL-2.0-or-later
//! A text for senders in several languages: those that an admin has set, and those that are built
//! in.

use crate::language::catalogue::{Argument, Language};
use crate::language::preference::Preference;
use crate::language::tag::Tag;
use crate::policy::options::{PolicyError, TextOption};
use crate::policy::template::{Template, TemplateError, Values};

/// What an admin has set in one option.
#[derive(Clone, Debug, Default)]
pub(crate) struct Translations {
    by_language: Vec<(Tag, Template)>,
    /// A text without a language, which holds for all.
    for_all: Option<Template>,
}

impl Translations {
    /// Validates an option.
    ///
    /// # Errors
    ///
    /// A text is not a valid template, or its language is no language tag, or is there twice.
    pub(crate) fn new(
        option: &str,
        set: Option<TextOption>,
        parse: impl Fn(&str) -> Result<Template, TemplateError>,
    ) -> Result<Self, PolicyError> {
        let mut translations = Self::default();
        match set {
            None => {}
            Some(TextOption::ForAll(text)) => {
                let template = parse(&text).map_err(|error| PolicyError::new(option, error))?;
                translations.for_all = Some(template);
            }
            Some(TextOption::ByLanguage(texts)) => {
                if texts.is_empty() {
                    let problem = "found no text, expected one for at least one language";
                    return Err(PolicyError::new(option, problem));
                }
                for (lang, text) in texts {
                    let tag = Tag::parse(&lang).map_err(|error| PolicyError::new(option, error))?;
                    if translations.get(tag.as_str()).is_some() {
                        let problem = format!("found two texts for the language `{lang}`");
                        return Err(PolicyError::new(option, problem));
                    }
                    let template = parse(&text)
                        .map_err(|error| PolicyError::new(option, format!("{lang}: {error}")))?;
                    translations.by_language.push((tag, template));
                }
            }
        }
        Ok(translations)
    }

    /// These, and those of an option that is inherited where these have none.
    pub(crate) fn or(self, inherited: &Self) -> Self {
        if self.for_all.is_some() {
            return self;
        }
        let mut both = inherited.clone();
        both.by_language
            .retain(|(tag, _)| self.get(tag.as_str()).is_none());
        both.by_language.extend(self.by_language);
        both
    }

    fn get(&self, tag: &str) -> Option<&(Tag, Template)> {
        self.by_language
            .iter()
            .find(|(known, _)| known.as_str() == tag)
    }
}

/// A text in all its languages.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    /// The name of the built-in one.
    name: String,
    set: Translations,
}

/// A text in one language.
pub(crate) struct Chosen<'a> {
    /// The tag of the language (RFC 5646).
    pub lang: &'a str,
    source: Source<'a>,
}

enum Source<'a> {
    Set(&'a Template),
    BuiltIn(&'static Language, &'a str),
}

impl Text {
    pub(crate) const fn new(name: String, set: Translations) -> Self {
        Self { name, set }
    }

    /// The text for a reader. In each language that the reader prefers, one that is set comes
    /// before the built-in one; a text for all languages comes before those for other readers.
    pub(crate) fn choose<'a>(&'a self, preference: &'a Preference<'_>) -> Chosen<'a> {
        let set = |tag| {
            let (tag, template) = self.set.get(tag)?;
            Some(Chosen {
                lang: tag.as_str(),
                source: Source::Set(template),
            })
        };
        if let Some(template) = &self.set.for_all {
            return preference.own().find_map(set).unwrap_or(Chosen {
                lang: preference.host(),
                source: Source::Set(template),
            });
        }
        let built_in = |language: &'static Language| Chosen {
            lang: language.tag(),
            source: Source::BuiltIn(language, &self.name),
        };
        preference
            .tags()
            .find_map(|tag| set(tag).or_else(|| Language::find(tag).map(built_in)))
            .unwrap_or_else(|| built_in(Language::english()))
    }
}

impl Chosen<'_> {
    pub(crate) fn render(&self, values: &Values<'_>) -> String {
        match self.source {
            Source::Set(template) => template.render(values),
            Source::BuiltIn(language, name) => {
                let arguments = values
                    .each()
                    .map(|(name, value)| (name, Argument::Text(value)));
                language.text(name, &arguments)
            }
        }
    }
}
