// SPDX-License-Identifier: GPL-2.0-or-later
//! Any text as a template: it is refused with an error, or rendered, and values that it inserts are
//! not parsed.
#![no_main]

use chrono::TimeDelta;
use e2e_policy::duration::{Period, in_words};
use e2e_policy::{
    Address, Chat, Clock, Connection, Decision, Keys, Language, Level, Policy, PolicyOptions,
    Reason, Recipient, Template, TextOption, Violation,
};
use e2e_policy_fuzz::NOW;
use libfuzzer_sys::fuzz_target;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Values for placeholders. Their braces must be shown as they are.
const TO: Address<'_> = Address {
    local: b"{scheme}",
    domain: b"}}{{.example",
};
const SCHEME: &str = "{recipient} {{ }} {";
const ACCEPTED: &str = "omemo, pgp";
const LEFT: TimeDelta = TimeDelta::hours(50);

const REFUSED: &str = "message_unacceptable_required_direct";
const IN_GRACE: &str = "message_graceperiod";

fuzz_target!(|text: &str| {
    compare(REFUSED, text, Template::parse(text));
    compare(IN_GRACE, text, Template::parse_for_grace(text));

    let escaped = text.replace('{', "{{").replace('}', "}}");
    match rendered(REFUSED, &escaped) {
        Ok(shown) => assert_eq!(shown, text),
        Err(error) => assert!(!is_text_for_xml(text), "{error}"),
    }
});

/// A template has to be the same by itself, in a policy, and in the second opinion.
fn compare<E: ToString>(option: &str, text: &str, parsed: Result<Template, E>) {
    let by_hand = by_hand(text, option == IN_GRACE);
    match (parsed, rendered(option, text)) {
        (Ok(_), Ok(shown)) => assert_eq!(Some(shown), by_hand),
        (Err(error), Err(of_policy)) => {
            let error = error.to_string();
            assert!(!error.is_empty());
            assert_eq!(of_policy, format!("{option}: {error}"));
            assert_eq!(by_hand, None);
        }
        (parsed, shown) => panic!("{:?} by itself, {shown:?} in a policy", parsed.is_ok()),
    }
}

/// The text that the sender of a message by such a mechanism gets.
fn rendered(option: &str, template: &str) -> Result<String, String> {
    let days = Period::parse("10 days").expect("a period");
    let policy = Policy::try_from(PolicyOptions {
        direct: Level::Required,
        grace_period: days,
        messages: BTreeMap::from([
            (REFUSED.to_owned(), TextOption::ForAll("refused".to_owned())),
            (option.to_owned(), TextOption::ForAll(template.to_owned())),
        ]),
        ..PolicyOptions::default()
    })
    .map_err(|error| error.to_string())?;
    let violation = Violation {
        reason: Reason::Unacceptable,
        scheme: Cow::Borrowed(SCHEME),
        chat: Chat::Direct,
    };
    let decide = |left| {
        let clock = Clock::first(NOW + left - days.delta());
        let (address, keys) = (TO, Keys::Published);
        let decision = policy.decide(
            Level::Required,
            Connection::Verified,
            keys,
            Some(&clock),
            NOW,
        );
        let notice = policy.notice(
            &violation,
            decision,
            Recipient {
                address,
                keys,
                connection: Connection::Verified,
            },
            "",
        );
        (decision, notice.expect("a notice"))
    };
    match (decide(TimeDelta::zero()), decide(LEFT)) {
        ((Decision::Reject, notice), _) if option == REFUSED => Ok(notice.text),
        (_, (Decision::Warn(_), notice)) => {
            let text = notice.text.strip_prefix("refused ");
            Ok(text.expect("both texts").to_owned())
        }
        other => panic!("{other:?}"),
    }
}

/// The same text, made character by character; nothing when the template has to be refused.
fn by_hand(template: &str, in_grace: bool) -> Option<String> {
    let mut shown = String::new();
    let mut characters = template.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '{' | '}' if characters.next_if_eq(&character).is_some() => shown.push(character),
            '}' => return None,
            '{' => {
                let name: String =
                    std::iter::from_fn(|| characters.next_if(|c| *c != '}')).collect();
                match (name.as_str(), characters.next()?) {
                    ("recipient", _) => shown.push_str(&TO.to_string()),
                    ("scheme", _) => shown.push_str(SCHEME),
                    ("accepted_schemes", _) => shown.push_str(ACCEPTED),
                    ("graceperiod_remaining", _) if in_grace => {
                        shown.push_str(&in_words(LEFT, Language::english()));
                    }
                    _ => return None,
                }
            }
            _ => shown.push(character),
        }
    }
    is_text_for_xml(template).then_some(shown)
}

/// Whether a text is not blank and has only characters that XML 1.0 allows (its production `Char`).
fn is_text_for_xml(text: &str) -> bool {
    let is_forbidden = |character| {
        matches!(
            character,
            '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}'
        )
    };
    !text.contains(is_forbidden) && text.contains(|c: char| !c.is_whitespace())
}
