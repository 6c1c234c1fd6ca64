// SPDX-License-Identifier: GPL-2.0-or-later
//! In which language the sender of a message is told something: the texts of an admin, and those
//! that are built in.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod conversation;

use chrono::TimeDelta;
use conversation::{JULIET, ROMEO, strict};
use e2e_policy::{Connection, Decision, Keys, Policy, PolicyOptions, Recipient, Warning, stanza};
use serde_json::{Value, json};

/// The policy of such options, with the levels of the strictest one.
fn policy(options: Value, host: &str) -> Policy {
    let options: PolicyOptions = serde_json::from_value(options).expect("options");
    Policy::try_from(PolicyOptions {
        direct: strict().direct,
        group: strict().group,
        language: host.to_owned(),
        ..options
    })
    .expect("valid options")
}

/// A text and its language: what the sender of a message in the clear is told of a decision.
fn told(
    policy: &Policy,
    kind: &str,
    (decision, keys): (Decision, Keys),
    reader: &str,
) -> (String, String) {
    let xml = format!("<message type='{kind}'><body>Hello</body></message>");
    let message = stanza::parse(&xml).expect("a message");
    let violation = policy.judge(&message, JULIET, ROMEO).violation;
    let recipient = Recipient {
        address: ROMEO,
        keys,
        connection: Connection::Verified,
    };
    violation
        .and_then(|violation| policy.notice(&violation, decision, recipient, reader))
        .map(|notice| (notice.text, notice.lang))
        .expect("a notice")
}

/// What the sender is told of a refusal.
fn refused(policy: &Policy, kind: &str, reader: &str) -> (String, String) {
    told(policy, kind, (Decision::Reject, Keys::Published), reader)
}

#[test]
fn a_text_is_chosen_by_the_reader_then_by_the_host_then_it_is_english() {
    let told = |set: &Value, host, reader| refused(&policy(set.clone(), host), "chat", reader);
    let built_in = |host, reader| told(&json!({}), host, reader).1;
    assert_eq!(built_in("fr", "de-AT"), "de");
    assert_eq!(built_in("fr", "DE"), "de");
    assert_eq!(built_in("fr", "da"), "fr");
    assert_eq!(built_in("pt-BR", ""), "pt");
    assert_eq!(built_in("nb", "da"), "en");

    let option = "message_plain_required_direct";
    let set = json!({ option: { "da": "Dansk", "de": "Deutsch", "de-AT": "Österreich" } });
    let (text, lang) = told(&set, "fr", "de-at");
    assert_eq!((&*text, &*lang), ("Österreich", "de-AT"));
    assert_eq!(told(&set, "fr", "de-CH").0, "Deutsch");
    assert_eq!(told(&set, "fr", "da-DK").1, "da");
    assert_eq!(told(&set, "da", "sv").0, "Dansk");
    assert_eq!(told(&set, "fr", "es").1, "es");
    assert_eq!(told(&set, "nb", "sv").1, "en");
}

#[test]
fn a_text_without_a_language_is_for_all_and_has_the_language_of_the_host() {
    let set = json!({ "message_plain_required_direct": "Tout le monde" });
    let policy = policy(set, "fr");
    for reader in ["de", "fr", "", "xx-yy-zz"] {
        assert_eq!(
            refused(&policy, "chat", reader),
            ("Tout le monde".to_owned(), "fr".to_owned())
        );
    }
}

#[test]
fn in_each_language_the_text_of_the_option_comes_before_the_one_that_it_inherits() {
    let text = |policy: &Policy, reader| refused(policy, "groupchat", reader).0;
    let set = json!({
        "message_plain_required_direct": { "de": "direkt", "fr": "direct" },
        "message_plain_required_group": { "de": "Gruppe" },
    });
    let maps = policy(set, "en");
    assert_eq!(text(&maps, "de"), "Gruppe");
    assert_eq!(text(&maps, "fr"), "direct");
    assert!(text(&maps, "es").starts_with("Su mensaje"));

    let set = json!({
        "message_plain_required_direct": "all",
        "message_plain_required_group": { "de": "Gruppe" },
    });
    let one_for_all = policy(set, "en");
    assert_eq!(text(&one_for_all, "de-AT"), "Gruppe");
    assert_eq!(text(&one_for_all, "es"), "all");
}

#[test]
fn what_is_added_to_a_text_has_its_language() {
    let notice_of = |set: Value, reader| {
        let mut set = set;
        set["recipient_keys"] = json!("tell");
        let decision = Decision::Warn(Warning::InGrace(TimeDelta::hours(50)));
        told(
            &policy(set, "pl"),
            "chat",
            (decision, Keys::Missing),
            reader,
        )
        .0
    };
    assert!(notice_of(json!({}), "de-AT").ends_with(
        ": omemo, pgp romeo@montague.example hat dafür noch keine Schlüssel veröffentlicht. Ihnen \
         bleiben noch 2 Tage und 2 Stunden, bis dies durchgesetzt wird und Nachrichten ohne eine \
         zulässige Ende-zu-Ende-Verschlüsselung verworfen werden."
    ));
    let set = json!({
        "message_plain_required_direct": "Po polsku.",
        "message_graceperiod": { "pl": "Jeszcze {graceperiod_remaining}.", "de": "Noch." },
    });
    assert_eq!(
        notice_of(set, "de"),
        "Po polsku. romeo@montague.example nie ma jeszcze opublikowanych kluczy dla tych metod. \
         Jeszcze 2 dni i 2 godziny."
    );
}

#[test]
fn a_wrong_text_is_named_with_its_language() {
    let error = |set: Value| {
        let options: Result<PolicyOptions, _> = serde_json::from_value(set);
        let policy = options
            .map_err(|error| error.to_string())
            .and_then(|options| Policy::try_from(options).map_err(|error| error.to_string()));
        policy.err().unwrap_or_default()
    };
    let option = "message_graceperiod";
    assert_eq!(
        error(json!({ option: { "de": "gut", "fr": "{foo}" } })),
        "message_graceperiod: fr: unknown placeholder `{foo}` at character 1, expected one of \
         `{recipient}`, `{scheme}`, `{accepted_schemes}`, `{graceperiod_remaining}`"
    );
    assert_eq!(
        error(json!({ option: { "de_AT": "gut" } })),
        "message_graceperiod: found `de_AT`, expected a language tag such as `de` or `pt-BR`"
    );
    assert_eq!(
        error(json!({ option: { "de-at": "gut", "de-AT": "gut" } })),
        "message_graceperiod: found two texts for the language `de-at`"
    );
    assert_eq!(
        error(json!({ option: {} })),
        "message_graceperiod: found no text, expected one for at least one language"
    );
    assert_eq!(
        error(json!({ option: ["gut"] })),
        "expected a text, or a map of language tags to texts"
    );
}
