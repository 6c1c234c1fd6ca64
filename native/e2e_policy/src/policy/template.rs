// SPDX-License-Identifier: GPL-2.0-or-later
//! Texts with placeholders. They are validated when they are configured, so that rendering cannot
//! fail.

use std::fmt;

/// What a template may insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholder {
    Recipient,
    Scheme,
    AcceptedSchemes,
    GraceperiodRemaining,
    Server,
}

/// The placeholders of any template, of the one about the grace period, and of the one about the
/// connection to another server.
const PLACEHOLDERS: &[(&str, Placeholder)] = &[
    ("recipient", Placeholder::Recipient),
    ("scheme", Placeholder::Scheme),
    ("accepted_schemes", Placeholder::AcceptedSchemes),
];
const PLACEHOLDERS_IN_GRACE: &[(&str, Placeholder)] = &[
    ("recipient", Placeholder::Recipient),
    ("scheme", Placeholder::Scheme),
    ("accepted_schemes", Placeholder::AcceptedSchemes),
    ("graceperiod_remaining", Placeholder::GraceperiodRemaining),
];
const PLACEHOLDERS_IF_UNVERIFIED: &[(&str, Placeholder)] = &[
    ("recipient", Placeholder::Recipient),
    ("scheme", Placeholder::Scheme),
    ("accepted_schemes", Placeholder::AcceptedSchemes),
    ("server", Placeholder::Server),
];

/// The values of one message's placeholders.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The bare JID of the recipient.
    pub recipient: &'a str,
    /// The scheme of the message.
    pub scheme: &'a str,
    /// The accepted schemes, in the admin's order.
    pub accepted_schemes: &'a str,
    /// How much of the grace period is left, in words; empty where there is none.
    pub graceperiod_remaining: &'a str,
    /// The domain of the other server; empty where there is none to name.
    pub server: &'a str,
}

impl<'a> Values<'a> {
    /// Each value with the name of its placeholder.
    pub(crate) const fn each(&self) -> [(&'static str, &'a str); 5] {
        [
            ("recipient", self.recipient),
            ("scheme", self.scheme),
            ("accepted_schemes", self.accepted_schemes),
            ("graceperiod_remaining", self.graceperiod_remaining),
            ("server", self.server),
        ]
    }
}

/// A message to the sender, parsed into text and placeholders. `{{` and `}}` write braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Text(String),
    Value(Placeholder),
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    ///
    /// The template is blank, has a placeholder that does not exist, a single brace, or a character
    /// that XML has no place for.
    pub fn parse(template: &str) -> Result<Self, TemplateError> {
        Self::parse_with(template, PLACEHOLDERS)
    }

    /// Parses the template about the grace period.
    ///
    /// # Errors
    ///
    /// As [`Template::parse`].
    pub fn parse_for_grace(template: &str) -> Result<Self, TemplateError> {
        Self::parse_with(template, PLACEHOLDERS_IN_GRACE)
    }

    /// Parses the template about the connection to another server.
    ///
    /// # Errors
    ///
    /// As [`Template::parse`].
    pub fn parse_for_unverified(template: &str) -> Result<Self, TemplateError> {
        Self::parse_with(template, PLACEHOLDERS_IF_UNVERIFIED)
    }

    fn parse_with(
        template: &str,
        placeholders: &'static [(&'static str, Placeholder)],
    ) -> Result<Self, TemplateError> {
        if template.trim().is_empty() {
            return Err(TemplateError::Blank);
        }
        if let Some((at, bad)) = (1..).zip(template.chars()).find(|(_, c)| !is_xml(*c)) {
            return Err(TemplateError::NotXml { bad, at });
        }
        let mut segments = Vec::new();
        let mut text = String::new();
        let mut rest = template;
        while let Some(brace) = rest.find(['{', '}']) {
            let (before, from_brace) = rest.split_at(brace);
            text.push_str(before);
            let at = || position(template, from_brace);
            if let Some(after) = from_brace.strip_prefix("{{") {
                text.push('{');
                rest = after;
            } else if let Some(after) = from_brace.strip_prefix("}}") {
                text.push('}');
                rest = after;
            } else if let Some(inside) = from_brace.strip_prefix('{') {
                let (name, after) = inside
                    .split_once('}')
                    .ok_or_else(|| TemplateError::Unclosed { at: at() })?;
                let value = placeholders
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| *value)
                    .ok_or_else(|| TemplateError::Unknown {
                        name: name.to_owned(),
                        at: at(),
                        expected: placeholders.iter().map(|(known, _)| *known).collect(),
                    })?;
                if !text.is_empty() {
                    segments.push(Segment::Text(std::mem::take(&mut text)));
                }
                segments.push(Segment::Value(value));
                rest = after;
            } else {
                return Err(TemplateError::Unopened { at: at() });
            }
        }
        text.push_str(rest);
        if !text.is_empty() {
            segments.push(Segment::Text(text));
        }
        Ok(Self { segments })
    }

    /// The message with its placeholders replaced. Values are inserted as text and never parsed.
    #[must_use]
    pub fn render(&self, values: &Values<'_>) -> String {
        let mut rendered = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Text(text) => rendered.push_str(text),
                Segment::Value(Placeholder::Recipient) => rendered.push_str(values.recipient),
                Segment::Value(Placeholder::Scheme) => rendered.push_str(values.scheme),
                Segment::Value(Placeholder::AcceptedSchemes) => {
                    rendered.push_str(values.accepted_schemes);
                }
                Segment::Value(Placeholder::GraceperiodRemaining) => {
                    rendered.push_str(values.graceperiod_remaining);
                }
                Segment::Value(Placeholder::Server) => rendered.push_str(values.server),
            }
        }
        rendered
    }
}

/// Where `rest` begins in `template`, counted in characters from one.
fn position(template: &str, rest: &str) -> usize {
    let before = template.len().saturating_sub(rest.len());
    template
        .char_indices()
        .take_while(|(index, _)| *index <= before)
        .count()
}

/// Whether XML 1.0 has a character. Any other would end the sender's stream.
const fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}')
        || matches!(character, '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Why a template is refused. Positions count characters from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// It is empty or white space.
    Blank,
    /// A placeholder that does not exist.
    Unknown {
        /// The text between the braces.
        name: String,
        /// Where its brace is.
        at: usize,
        /// Those that this template may have.
        expected: Vec<&'static str>,
    },
    /// An opening brace that nothing closes.
    Unclosed {
        /// Where it is.
        at: usize,
    },
    /// A closing brace that nothing opened.
    Unopened {
        /// Where it is.
        at: usize,
    },
    /// A character that cannot be sent.
    NotXml {
        /// The character.
        bad: char,
        /// Where it is.
        at: usize,
    },
}

impl fmt::Display for TemplateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => write!(
                out,
                "found a blank message, expected a sentence for the sender"
            ),
            Self::Unknown { name, at, expected } => write!(
                out,
                "unknown placeholder `{{{name}}}` at character {at}, expected one of `{{{}}}`",
                expected.join("}`, `{")
            ),
            Self::Unclosed { at } => write!(
                out,
                "`{{` at character {at} is not closed, expected a placeholder, or `{{{{` to write \
                 a brace"
            ),
            Self::Unopened { at } => write!(
                out,
                "`}}` at character {at} closes nothing, expected `}}}}` to write a brace"
            ),
            Self::NotXml { bad, at } => write!(
                out,
                "found control character U+{:04X} at character {at}, expected text that XML can \
                 carry",
                u32::from(*bad)
            ),
        }
    }
}

impl std::error::Error for TemplateError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(template: &str) -> String {
        Template::parse(template).unwrap().render(&Values {
            recipient: "{scheme}@example.org",
            scheme: "otr",
            accepted_schemes: "omemo, pgp",
            graceperiod_remaining: "",
            server: "",
        })
    }

    fn error(template: &str) -> String {
        Template::parse(template).unwrap_err().to_string()
    }

    #[test]
    fn placeholders_are_replaced_and_values_are_not_parsed_again() {
        assert_eq!(
            rendered("To {recipient}: {scheme}, not {accepted_schemes}."),
            "To {scheme}@example.org: otr, not omemo, pgp."
        );
    }

    #[test]
    fn doubled_braces_write_braces() {
        assert_eq!(rendered("{{scheme}} {{{scheme}}}"), "{scheme} {otr}");
    }

    #[test]
    fn a_long_template_of_many_braces_is_read_in_one_pass() {
        let braces = "{{}} ".repeat(200_000);
        assert_eq!(rendered(&braces), "{} ".repeat(200_000));
    }

    #[test]
    fn an_unknown_placeholder_is_named_with_its_place_and_the_remedy() {
        assert_eq!(
            error("Grüße, {foo}"),
            "unknown placeholder `{foo}` at character 8, expected one of `{recipient}`, \
             `{scheme}`, `{accepted_schemes}`"
        );
    }

    #[test]
    fn the_remaining_time_is_known_to_the_template_about_the_grace_period_only() {
        assert!(error("{graceperiod_remaining}").starts_with("unknown placeholder"));
        assert!(Template::parse_for_grace("{graceperiod_remaining} {scheme}").is_ok());
        assert_eq!(
            Template::parse_for_grace("{x}").unwrap_err().to_string(),
            "unknown placeholder `{x}` at character 1, expected one of `{recipient}`, `{scheme}`, \
             `{accepted_schemes}`, `{graceperiod_remaining}`"
        );
    }

    #[test]
    fn a_single_brace_is_an_error_that_says_how_to_write_one() {
        assert_eq!(
            error("a {scheme"),
            "`{` at character 3 is not closed, expected a placeholder, or `{{` to write a brace"
        );
        assert_eq!(
            error("a }"),
            "`}` at character 3 closes nothing, expected `}}` to write a brace"
        );
    }

    #[test]
    fn a_message_that_says_nothing_or_cannot_be_sent_is_an_error() {
        assert_eq!(
            error(" \n"),
            "found a blank message, expected a sentence for the sender"
        );
        assert_eq!(
            error("a\u{0}"),
            "found control character U+0000 at character 2, expected text that XML can carry"
        );
    }
}
