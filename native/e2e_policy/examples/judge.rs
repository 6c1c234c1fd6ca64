// SPDX-License-Identifier: GPL-2.0-or-later
//! Judges stanzas without a server, for tests and admins. Each line of input is a JSON object, and
//! each line of output is the answer to one.
//!
//! `cargo run -q --release -p e2e_policy --example judge -- POLICY.json < stanzas.jsonl`
//!
//! POLICY.json has the options of ejabberd.yml. A line of input is `{"xml": "<message …/>"}` with
//! these optional fields:
//!
//! - `from`, `to`: addresses. Without them, those of the stanza are used; without these too, the
//!   message is not whitelisted.
//! - `lang`: the language of the sender, if the stanza has no `xml:lang`.
//! - `grace_started`, `now`: times as in RFC 3339. Without them, the user has no clock, and the
//!   time is the machine's.
//!
//! A line of output is the decision, or `{"error": "…"}`. With `--explain` before POLICY.json it
//! also says why, element by element.

#![expect(clippy::print_stderr, reason = "a command prints")]

use chrono::{DateTime, Utc};
use e2e_policy::{Address, Chat, Clock, Policy, PolicyOptions, stanza};
use jid::Jid;
use serde_json::{Map, Value, json};
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

/// Options of ejabberd.yml about access rules, warnings and storage, which the core does not have.
const OTHER_OPTIONS: [&str; 12] = [
    "exempt",
    "metrics_access",
    "s2s_trusted",
    "testing",
    "remember_senders",
    "warn_mechanism",
    "warn_interval",
    "db_type",
    "use_cache",
    "cache_size",
    "cache_missed",
    "cache_life_time",
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("judge: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let explain = arguments.next_if(|word| word == "--explain").is_some();
    let (Some(path), None) = (arguments.next(), arguments.next()) else {
        return Err("expected: judge [--explain] POLICY.json < stanzas.jsonl".into());
    };
    let policy = read_policy(
        &std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?,
    )?;
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            let answer =
                judge(&policy, explain, &line).unwrap_or_else(|error| json!({ "error": error }));
            writeln!(out, "{answer}")?;
        }
    }
    Ok(())
}

fn read_policy(json: &str) -> Result<Policy, Box<dyn std::error::Error>> {
    let mut options: Map<String, Value> = serde_json::from_str(json)?;
    options.retain(|name, _| !OTHER_OPTIONS.contains(&name.as_str()));
    let options: PolicyOptions = serde_json::from_value(Value::Object(options))?;
    Ok(Policy::try_from(options)?)
}

fn judge(policy: &Policy, explain: bool, line: &str) -> Result<Value, String> {
    let input: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| format!("not a JSON object: {error}"))?;
    let text = |name: &str| match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(other) => Err(format!("{name}: found `{other}`, expected a string")),
    };
    let message = stanza::parse(text("xml")?.ok_or("expected a field `xml`")?)
        .map_err(|error| error.to_string())?;
    let from = jid(text("from")?.or_else(|| message.attr("from")))?.map(Jid::into_bare);
    let to = jid(text("to")?.or_else(|| message.attr("to")))?;
    let has_resource = to.as_ref().is_some_and(|to| to.resource().is_some());
    let to = to.map(Jid::into_bare);
    // A server knows its users and rooms. Here, an address at the sender's domain counts as one of
    // a user, and another one with a resource as that of a room's occupant, if the message has the
    // marker.
    let is_at_home = matches!((&from, &to), (Some(from), Some(to)) if to.domain() == from.domain());
    let is_to_user = is_at_home && to.as_ref().is_some_and(|to| to.node().is_some());
    let mut asked = policy.asked();
    if !has_resource || is_at_home {
        asked.levels.marked = asked.levels.direct;
    }
    asked.lang = text("lang")?.unwrap_or_default();
    let from = from.as_ref().map_or(UNKNOWN_SENDER, Address::from);
    let to = to.as_ref().map_or(UNKNOWN_RECIPIENT, Address::from);

    let clock = time(text("grace_started")?)?.map(Clock::first);
    let now = time(text("now")?)?.unwrap_or_else(now);
    let chat = Chat::of(&message, is_to_user);
    let mut explanation = policy.explain(&message, chat, (from, to), asked, clock.as_ref(), now);
    if !explain {
        explanation.why.clear();
    }
    Ok(json!(explanation))
}

/// Stands for an address that is not given. It is on no whitelist, and differs from the
/// recipient's, as a message to the own account would not be judged.
const UNKNOWN_SENDER: Address<'_> = Address {
    local: b"sender",
    domain: b"invalid",
};
/// As [`UNKNOWN_SENDER`], of the recipient.
const UNKNOWN_RECIPIENT: Address<'_> = Address {
    local: b"recipient",
    domain: b"invalid",
};

fn time(text: Option<&str>) -> Result<Option<DateTime<Utc>>, String> {
    text.map(|text| {
        DateTime::parse_from_rfc3339(text)
            .map(|time| time.to_utc())
            .map_err(|error| format!("found `{text}`, expected a time as in RFC 3339: {error}"))
    })
    .transpose()
}

#[expect(clippy::disallowed_methods, reason = "a command may ask the time")]
fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

fn jid(jid: Option<&str>) -> Result<Option<Jid>, String> {
    jid.map(|text| {
        Jid::new(text).map_err(|error| format!("found `{text}`, expected a JID: {error}"))
    })
    .transpose()
}
