// SPDX-License-Identifier: GPL-2.0-or-later
//! The decision table of docs/architecture.md: for each combination of content, level, clock and
//! grace period one row applies, and it has the decision that the core makes.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod conversation;

use chrono::{DateTime, TimeDelta, Utc};
use conversation::{JULIET, ROMEO, strict};
use e2e_policy::duration::Period;
use e2e_policy::{
    Bodies, Clock, Connection, Decision, Keys, Level, OuterBody, Policy, PolicyOptions, Recipient,
    RecipientKeys, Scheme, Starter, Unverified, Warning, stanza,
};

const DOCUMENT: &str = include_str!("../../../docs/architecture.md");

/// A message of each content, by the words of the table.
const CONTENTS: [(&str, &str); 4] = [
    (
        "nothing",
        "<message><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
    ),
    ("plaintext", "<message><body>Hello</body></message>"),
    ("accepted", OMEMO),
    ("unacceptable", LEGACY_PGP),
];
const OMEMO: &str = "<message><body>This message is encrypted.</body>\
     <encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'><key rid='2'>AAAA</key>\
     <iv>AAAAAAAAAAAAAAAA</iv></header><payload>AAAA</payload></encrypted></message>";
const LEGACY_PGP: &str = "<message><body>This message is encrypted.</body>\
     <x xmlns='jabber:x:encrypted'>\
     jA0ECQMCwNfdUNigqbX/0j4Bgq4CJnxTCTiMJdnojyDYwwCicQLjXIrYhwIeLGuV\n\
     mfIFA21rMSEvIq3LNvy25b6HqFAcRRM1aLyZm0oDsA==</x></message>";

const LEVELS: [(&str, Level); 3] = [
    ("none", Level::None),
    ("optional", Level::Optional),
    ("required", Level::Required),
];

/// Who has started the clock, and how it stands, by the words of the table.
const CLOCKS: [(&str, &str); 5] = [
    ("-", "-"),
    ("violation", "running"),
    ("violation", "over"),
    ("admin", "running"),
    ("admin", "over"),
];

const SERVER: &str = "capulet.example";

/// The option `s2s_unverified`, and whether the connection is verified, by the words of the table.
const CONNECTIONS: [(&str, Unverified, Connection<'_>); 5] = [
    ("verified", Unverified::Required, Connection::Verified),
    ("verified", Unverified::None, Connection::Unverified(SERVER)),
    (
        "verified",
        Unverified::Refuse,
        Connection::Unverified(SERVER),
    ),
    (
        "optional",
        Unverified::Optional,
        Connection::Unverified(SERVER),
    ),
    (
        "required",
        Unverified::Required,
        Connection::Unverified(SERVER),
    ),
];

/// The option `recipient_keys`, and whether the recipient has keys, by the words of the table.
const KEYS: [(&str, RecipientKeys, Keys); 4] = [
    ("found", RecipientKeys::Needed, Keys::Published),
    ("found", RecipientKeys::Tell, Keys::Published),
    ("told", RecipientKeys::Tell, Keys::Missing),
    ("needed", RecipientKeys::Needed, Keys::Missing),
];

const PERIODS: [(&str, &str); 2] = [("none", "0"), ("some", "14 days")];

#[test]
fn every_combination_is_decided_as_its_row_has_it() {
    let rows = rows("| content | connection |");
    let mut combinations = 0;
    for (content, xml) in CONTENTS {
        for (level_name, level) in LEVELS {
            for (starter, status) in CLOCKS {
                for (period_name, period) in PERIODS {
                    for (keys_name, needed, keys) in KEYS {
                        for (connection_name, unverified, connection) in CONNECTIONS {
                            let policy = policy(PolicyOptions {
                                direct: level,
                                recipient_keys: needed,
                                s2s_unverified: unverified,
                                grace_period: Period::parse(period).unwrap(),
                                ..strict()
                            });
                            let recipient = Recipient {
                                address: ROMEO,
                                keys,
                                connection,
                            };
                            let decided =
                                decided(&policy, xml, level, clock(starter, status), recipient);
                            let values = [
                                content,
                                connection_name,
                                level_name,
                                starter,
                                status,
                                period_name,
                                keys_name,
                            ];
                            assert_eq!(decided, expected(&rows, &values), "{values:?}");
                            combinations += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(combinations, 2400);
    assert!(rows.len() > 5, "{rows:?}");
}

#[test]
fn bodies_become_what_their_row_has() {
    let rows = rows("| content | `outer_body` |");
    for (content, xml) in CONTENTS {
        for (name, outer_body) in [("keep", OuterBody::Keep), ("replace", OuterBody::Replace)] {
            let policy = policy(PolicyOptions {
                outer_body,
                ..strict()
            });
            let message = stanza::parse(xml).unwrap();
            let bodies = match policy.judge(&message, JULIET, ROMEO).bodies {
                Bodies::Keep => "keep",
                Bodies::Replace => "replace",
            };
            assert_eq!(
                bodies,
                expected(&rows, &[content, name]),
                "{content}, {name}"
            );
        }
    }
}

/// The decision in the words of the table.
fn decided(
    policy: &Policy,
    xml: &str,
    level: Level,
    clock: Option<Clock>,
    recipient: Recipient<'_>,
) -> &'static str {
    let message = stanza::parse(xml).unwrap();
    let Some(violation) = policy.judge(&message, JULIET, ROMEO).violation else {
        return "deliver";
    };
    let Recipient {
        keys, connection, ..
    } = recipient;
    let decision = policy.decide(level, connection, keys, clock.as_ref(), now());
    let notice = policy.notice(&violation, decision, recipient, "en");
    if let Some(notice) = &notice {
        let is_told = notice
            .text
            .contains("romeo@montague.example has not published any keys");
        assert_eq!(is_told, keys == Keys::Missing, "{}", notice.text);
    }
    match (decision, notice) {
        (Decision::Warn(Warning::InGrace(_)), Some(notice))
            if notice.text.contains("1 hour left") =>
        {
            "warn, and name the time left"
        }
        (Decision::Warn(Warning::WithoutKeys), Some(notice))
            if notice.text.contains("REQUIRE") && !notice.text.contains("left before") =>
        {
            "warn as if it were required"
        }
        (Decision::Warn(Warning::Optional), Some(_)) => "warn",
        (Decision::Reject, Some(_)) => "refuse",
        (Decision::StartClock, None) => "start the clock",
        (Decision::Exempt, None) => "deliver",
        other => panic!("{other:?}"),
    }
}

fn policy(options: PolicyOptions) -> Policy {
    Policy::try_from(PolicyOptions {
        accepted_schemes: vec![Scheme::Omemo.into()],
        ..options
    })
    .unwrap()
}

/// The clock that two words of the table describe.
fn clock(starter: &str, status: &str) -> Option<Clock> {
    let by = match starter {
        "-" => return None,
        "violation" => Starter::Violation,
        "admin" => Starter::Admin,
        other => panic!("{other}"),
    };
    let hours = if status == "running" { 1 } else { -1 };
    Some(Clock {
        started: now() - TimeDelta::days(2),
        by,
        ends: Some(now() + TimeDelta::hours(hours)),
    })
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// The cells of each row of the table with this heading.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, table) = DOCUMENT.split_once(heading).unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let cells = |row: &'static str| row.trim_matches('|').split('|').map(str::trim).collect();
    rows.map(cells).collect()
}

/// The last cell of the one row that these values match.
fn expected<'r>(rows: &[Vec<&'r str>], values: &[&str]) -> &'r str {
    let matches = |row: &&Vec<&str>| {
        assert_eq!(row.len(), values.len() + 1, "{row:?}");
        let mut cells = row.iter().zip(values);
        cells.all(|(cell, value)| *cell == "any" || cell.split(", ").any(|word| word == *value))
    };
    let found: Vec<_> = rows.iter().filter(matches).collect();
    assert!(
        found
            .windows(2)
            .all(|pair| pair[0].last() == pair[1].last()),
        "{values:?} match several rows: {found:?}"
    );
    match found.first().and_then(|row| row.last()) {
        Some(decision) => decision,
        None => panic!("no row for {values:?}"),
    }
}
