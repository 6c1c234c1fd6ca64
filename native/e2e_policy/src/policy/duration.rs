// SPDX-License-Identifier: GPL-2.0-or-later
//! Durations, as ejabberd's options write them and as people read them.

use crate::language::catalogue::{Argument, Language};
use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, de};

/// The names of units in ejabberd's configuration, and their lengths in seconds.
const UNITS: [(&[&str], i64); 4] = [
    (&["s", "sec", "secs", "second", "seconds", ""], 1),
    (&["m", "min", "mins", "minute", "minutes"], 60),
    (&["h", "hour", "hours"], 3_600),
    (&["d", "day", "days"], 86_400),
];

/// The longest period. With it no end of a period is out of the range of `DateTime`.
const MAX: TimeDelta = TimeDelta::days(100 * 366);

/// A length of time from zero to a hundred years, in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(TimeDelta);

impl Period {
    /// No time at all.
    pub const ZERO: Self = Self(TimeDelta::zero());

    /// Reads `14 days`, `36 hours`, `90 min`, `45 s` or a number of seconds.
    ///
    /// # Errors
    ///
    /// The text is not a duration, or is longer than 36600 days: says what was found and what was
    /// expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("found `{text}`, expected a duration such as `14 days` or `12 hours`");
        let too_long = || format!("{}, of at most {} days", wrong(), MAX.num_days());
        let trimmed = text.trim();
        let digits = trimmed
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(digits);
        let unit = unit.trim().to_ascii_lowercase();
        let (_, seconds) = UNITS
            .iter()
            .find(|(words, _)| words.contains(&unit.as_str()))
            .filter(|_| !number.is_empty())
            .ok_or_else(wrong)?;
        // These are digits, so a number that cannot be parsed is too large.
        number
            .parse::<i64>()
            .ok()
            .and_then(|number| number.checked_mul(*seconds))
            .and_then(TimeDelta::try_seconds)
            .filter(|period| *period <= MAX)
            .map(Self)
            .ok_or_else(too_long)
    }

    /// The length as a difference of times.
    #[must_use]
    pub const fn delta(self) -> TimeDelta {
        self.0
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Seconds(i64),
            Text(String),
            Other(f64),
        }
        let text = match Written::deserialize(deserializer) {
            Ok(Written::Seconds(seconds)) => seconds.to_string(),
            Ok(Written::Text(text)) => text,
            Ok(Written::Other(number)) => format!("{number:?}"),
            Err(_) => {
                return Err(de::Error::custom(
                    "expected a duration such as `14 days`, or a number of seconds",
                ));
            }
        };
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// A remaining time with its two largest units: `13 days and 4 hours`, `less than a minute`.
#[must_use]
pub fn in_words(time: TimeDelta, language: &Language) -> String {
    let parts = [
        (time.num_days(), "days", time.num_hours() % 24, "hours"),
        (
            time.num_hours(),
            "hours",
            time.num_minutes() % 60,
            "minutes",
        ),
        (time.num_minutes(), "minutes", 0, ""),
    ];
    let with_unit = |number, unit| language.text(unit, &[("number", Argument::Number(number))]);
    parts.iter().find(|(large, ..)| *large > 0).map_or_else(
        || language.text("less_than_a_minute", &[]),
        |(large, large_unit, small, small_unit)| {
            let large = with_unit(*large, large_unit);
            if *small == 0 {
                return large;
            }
            let small = with_unit(*small, small_unit);
            let arguments = [
                ("large", Argument::Text(&large)),
                ("small", Argument::Text(&small)),
            ];
            language.text("two_units", &arguments)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> i64 {
        Period::parse(text).unwrap().delta().num_seconds()
    }

    #[test]
    fn durations_are_read_as_ejabberd_writes_them() {
        assert_eq!(seconds("14 days"), 14 * 86_400);
        assert_eq!(seconds("1day"), 86_400);
        assert_eq!(seconds("36 Hours"), 36 * 3_600);
        assert_eq!(seconds("90 min"), 90 * 60);
        assert_eq!(seconds("45"), 45);
        assert_eq!(seconds("0"), 0);
    }

    #[test]
    fn a_text_that_is_not_a_duration_is_named() {
        for text in ["", "-1 day", "two weeks", "3 fortnights", "days", "1.5 h"] {
            assert_eq!(
                Period::parse(text).unwrap_err(),
                format!("found `{text}`, expected a duration such as `14 days` or `12 hours`")
            );
        }
    }

    #[test]
    fn a_duration_that_is_too_long_is_named_with_the_limit() {
        assert_eq!(seconds("36600 days"), 36_600 * 86_400);
        for text in ["36601 days", "3162240001", "99999999999999999999 days"] {
            assert_eq!(
                Period::parse(text).unwrap_err(),
                format!(
                    "found `{text}`, expected a duration such as `14 days` or `12 hours`, \
                     of at most 36600 days"
                )
            );
        }
    }

    #[test]
    fn numbers_are_seconds_and_have_the_same_limits() {
        let read = |json| serde_json::from_str::<Period>(json).map_err(|error| error.to_string());
        assert_eq!(read("1209600"), Ok(Period::parse("14 days").unwrap()));
        assert!(
            read("-1")
                .unwrap_err()
                .starts_with("found `-1`, expected a duration")
        );
        assert!(
            read("5000000000")
                .unwrap_err()
                .contains("of at most 36600 days")
        );
    }

    #[test]
    fn remaining_times_have_their_two_largest_units() {
        let words = |seconds| in_words(TimeDelta::seconds(seconds), Language::english());
        assert_eq!(words(13 * 86_400 + 4 * 3_600 + 59), "13 days and 4 hours");
        assert_eq!(words(86_400), "1 day");
        assert_eq!(words(86_400 + 3_600), "1 day and 1 hour");
        assert_eq!(words(2 * 3_600 + 61), "2 hours and 1 minute");
        assert_eq!(words(3_599), "59 minutes");
        assert_eq!(words(60), "1 minute");
        assert_eq!(words(59), "less than a minute");
        assert_eq!(words(-5), "less than a minute");
    }

    #[test]
    fn plural_forms_are_those_of_the_language() {
        let words = |lang, days| {
            let language = Language::find(lang).unwrap();
            in_words(TimeDelta::days(days), language)
        };
        let in_each = |lang| {
            [0, 1, 2, 5, 11, 21, 22, 112]
                .map(|days| words(lang, days))
                .join(", ")
        };
        assert_eq!(
            in_each("pl"),
            "mniej niż minuta, 1 dzień, 2 dni, 5 dni, 11 dni, 21 dni, 22 dni, 112 dni"
        );
        assert_eq!(
            in_each("ru"),
            "меньше минуты, 1 день, 2 дня, 5 дней, 11 дней, 21 день, 22 дня, 112 дней"
        );
        assert_eq!(
            in_each("cs"),
            "méně než minuta, 1 den, 2 dny, 5 dní, 11 dní, 21 dní, 22 dní, 112 dní"
        );
        assert_eq!(
            in_each("uk"),
            "менше хвилини, 1 день, 2 дні, 5 днів, 11 днів, 21 день, 22 дні, 112 днів"
        );
        assert_eq!(
            in_each("zh"),
            "不到一分钟, 1 天, 2 天, 5 天, 11 天, 21 天, 22 天, 112 天"
        );
    }
}
