// SPDX-License-Identifier: GPL-2.0-or-later
//! Bodies of every kind and version, and what is not OTR.

use super::kind::Kind;
use super::*;
use crate::scheme::base64::tests::encode;

fn int(number: u32) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

fn field_of(length: usize) -> Vec<u8> {
    [int(length.try_into().unwrap()), vec![7; length]].concat()
}

fn head(version: u8, kind: u8) -> Vec<u8> {
    vec![0, version, kind]
}

fn tags(sender: u32, receiver: u32) -> Vec<u8> {
    [int(sender), int(receiver)].concat()
}

/// What every version before 4 has after tags and flags.
fn data_fields() -> Vec<u8> {
    [
        int(1),
        int(2),
        field_of(192),
        vec![1; 8],
        field_of(5),
        vec![9; 20],
        field_of(40),
    ]
    .concat()
}

fn encode_message(parts: &[Vec<u8>]) -> String {
    format!("?OTR:{}.", encode(&parts.concat()))
}

#[track_caller]
fn is(kind: Kind, body: &str) {
    assert_eq!(
        check(body.as_bytes(), &Budget::new()),
        Otr::Valid,
        "{body:?}"
    );
    assert_eq!(
        message(&body.as_bytes()[4..], &Budget::new()),
        Ok(kind),
        "{body:?}"
    );
}

#[track_caller]
fn is_invalid(body: &str) {
    assert!(
        matches!(check(body.as_bytes(), &Budget::new()), Otr::Invalid(_)),
        "{body:?}"
    );
}

#[test]
fn a_body_that_does_not_begin_with_the_prefix_is_not_otr() {
    for body in [
        "",
        "hello",
        "?OT",
        " ?OTR?",
        "see ?OTRv2?",
        "?otrv2?",
        "\u{feff}?OTRv2?",
    ] {
        assert_eq!(
            check(body.as_bytes(), &Budget::new()),
            Otr::Absent,
            "{body:?}"
        );
    }
}

#[test]
fn the_prefix_with_words_of_ones_own_is_invalid() {
    for body in [
        "?OTR",
        "?OTR is a thing, I was told",
        "?OTR hello",
        "?OTR: Please verify me",
        "?OTR:hello.",
        "?OTR:.",
        "?OTR:AAMD.",
        "?OTRv4 bWVldCBtZSBhdCBub29u",
        "?OTRv2",
        "?OTRv2 hello?",
        "?OTRvhello?",
        "?OTRv22?",
        "?OTR-",
        "?OTR.",
        "?OTR\n",
    ] {
        is_invalid(body);
    }
}

#[test]
fn a_data_message_of_each_version_is_valid() {
    is(Kind::Data, &encode_message(&[head(1, 3), data_fields()]));
    is(
        Kind::Data,
        &encode_message(&[head(2, 3), vec![0], data_fields()]),
    );
    is(
        Kind::Data,
        &encode_message(&[head(3, 3), tags(256, 257), vec![1], data_fields()]),
    );
    for (key, nonce) in [(384, 0), (0, 24)] {
        let fields = [
            vec![0; 1 + 12 + 57],
            field_of(key),
            vec![0; nonce],
            field_of(9),
            vec![5; 64],
        ];
        is(
            Kind::Data,
            &encode_message(&[head(4, 3), tags(256, 257), fields.concat(), field_of(64)]),
        );
    }
}

#[test]
fn the_data_message_of_the_specification_is_valid() {
    let base64 = "AAMDJ+MVmSfjFZcAAAAAAQAAAAIAAADA1g5IjD1ZGLDVQEyCgCyn9hbrL3KAbGDdzE2ZkMyTKl7XfkSx\
                  h8YJnudstiB74i4BzT0W2haClg6dMary/jo9sMudwmUdlnKpIGEKXWdvJKT+hQ26h9nzMgEditLB8vjP\
                  EWAJ6gBXvZrY6ZQrx3gb4v0UaSMOMiR5sB7Eaulb2Yc6RmRnnlxgUUC2alosg4WIeFN951PLjScajVba\
                  6dqlDi+q1H5tPvI5SWMN7PCBWIJ41+WvF+5IAZzQZYgNaVLbAAAAAAAAAAEAAAAHwNiIi5Ms+4PsY/L2\
                  ipkTtquknfx6HodLvk3RAAAAAA==";
    is(Kind::Data, &format!("?OTR:{base64}."));
    is(Kind::Data, &format!("?OTR:{base64}.\n"));
    is_invalid(&format!("?OTR:{base64}"));
    is_invalid(&format!("?OTR:{base64}. hello"));
    is_invalid(&format!("?OTR: {base64}."));
    is_invalid(&format!(
        "?OTR:{}.",
        base64.replace("AAAAAAQAAAAI", "AAAAAAQ\nAAAAI")
    ));
}

#[test]
fn a_data_message_with_a_field_too_much_or_too_little_is_invalid() {
    let whole = [head(2, 3), vec![0], data_fields()].concat();
    for length in 3..whole.len() {
        is_invalid(&encode_message(&[whole[..length].to_vec()]));
    }
    is_invalid(&encode_message(&[whole, b"hello".to_vec()]));
}

#[test]
fn a_data_message_with_impossible_values_is_invalid() {
    let fields = data_fields();
    for at in [0, 4] {
        let mut zero_key_id = fields.clone();
        zero_key_id[at..at + 4].fill(0);
        is_invalid(&encode_message(&[head(2, 3), vec![0], zero_key_id]));
    }
    let mut zero_counter = fields.clone();
    zero_counter[204..212].fill(0);
    is_invalid(&encode_message(&[head(2, 3), vec![0], zero_counter]));
    let odd_keys = [&fields[..fields.len() - 44], &field_of(30)].concat();
    is_invalid(&encode_message(&[head(2, 3), vec![0], odd_keys]));
    for tags in [tags(255, 256), tags(256, 255), tags(256, 0)] {
        is_invalid(&encode_message(&[
            head(3, 3),
            tags,
            vec![0],
            fields.clone(),
        ]));
    }
    is_invalid(&encode_message(&[
        head(5, 3),
        tags(256, 256),
        vec![0],
        fields,
    ]));
}

#[test]
fn the_key_exchange_of_each_version_is_valid() {
    let numbers = [field_of(128), field_of(20), field_of(128), field_of(128)].concat();
    is(
        Kind::KeyExchange,
        &encode_message(&[
            head(1, 10),
            vec![1],
            numbers,
            int(1),
            field_of(192),
            vec![4; 40],
        ]),
    );
    let mac = vec![6; 20];
    for (kind, fields) in [
        (0x02, [field_of(196), field_of(32)].concat()),
        (0x0a, field_of(192)),
        (0x11, [field_of(16), field_of(466), mac.clone()].concat()),
        (0x12, [field_of(466), mac].concat()),
    ] {
        is(
            Kind::KeyExchange,
            &encode_message(&[head(2, kind), fields.clone()]),
        );
        is(
            Kind::KeyExchange,
            &encode_message(&[head(3, kind), tags(256, 0), fields.clone()]),
        );
        is_invalid(&encode_message(&[
            head(3, kind),
            tags(0, 256),
            fields.clone(),
        ]));
        is_invalid(&encode_message(&[head(2, kind), fields.clone(), vec![0]]));
        is_invalid(&encode_message(&[
            head(2, kind),
            fields[..fields.len() - 1].to_vec(),
        ]));
    }
    for kind in [0x35, 0x36, 0x37, 0x08, 0x91, 0x88] {
        is(
            Kind::KeyExchange,
            &encode_message(&[head(4, kind), tags(256, 0), vec![3; 342]]),
        );
        is_invalid(&encode_message(&[
            head(4, kind),
            tags(256, 0),
            b"hello there".to_vec(),
        ]));
    }
}

#[test]
fn a_large_data_message_is_judged_by_its_fields() {
    let fields = [
        vec![0],
        data_fields()[..212].to_vec(),
        field_of(1_000_000),
        vec![9; 20],
        int(0),
    ];
    is(Kind::Data, &encode_message(&[head(2, 3), fields.concat()]));
    is_invalid(&encode_message(&[head(2, 3), fields.concat(), vec![0; 3]]));
}

#[test]
fn fragments_of_each_version_are_valid() {
    for body in [
        "?OTR,1,3,?OTR:AAMDJ+MVmSfjFZcAAAAA,",
        "?OTR,2,3,JvPUerB9mtf4bqQDFthfoz/XepysnYuReHHEXKe+BFka,",
        "?OTR,00003,00003,EoMNGiBl4TCLZx==.,",
        "?OTR,3,3,.,",
        "?OTR,2,3,abc=,",
        "?OTR,3,3,=.,",
        "?OTR,1,99,?OT,",
        "?OTR,65535,65535,a.,",
        "?OTR|5a73a599|27e31597,00001,00003,?OTR:AAMDJ+MVmSfjFZcAAAAA,",
        "?OTR|5a73a599|0,2,3,AQAAAAIAAADA1g5IjD1ZGLDVQEyCgCyn9hb,",
        "?OTR|3c5b5f03|5a73a599|27e31597,00003,00003,pkTtquknfx6HodLvk3RAAAAAA==.,",
    ] {
        is(Kind::Fragment, body);
    }
    is(
        Kind::Fragment,
        &format!("?OTR,2,3,{},\n", "abcd".repeat(250_000)),
    );
}

#[test]
fn a_fragment_out_of_form_is_invalid() {
    for body in [
        "?OTR,1,3,hello there,",
        "?OTR,2,3,hello there,",
        "?OTR,2,3,hello",
        "?OTR,2,3,,",
        "?OTR,2,3,hello,there,",
        "?OTR,0,3,abcd,",
        "?OTR,4,3,abcd.,",
        "?OTR,0,0,abcd,",
        "?OTR,2,65536,abcd,",
        "?OTR,+2,3,abcd,",
        "?OTR,-2,3,abcd,",
        "?OTR,2,3,a=bc,",
        "?OTR,2,3,abcd.,",
        "?OTR,3,3,abcd,",
        "?OTR,1,3,AAMDJ+MVmSfjFZc,",
        "?OTR,1,3,?OTR:hello,",
        "?OTR,1,1,?OTR:AAMD.,",
        "?OTR,2,3,?OTR:AAMD,",
        "?OTR|5a73a599|27,2,3,abcd,",
        "?OTR|ff|5a73a599,2,3,abcd,",
        "?OTR|hello|5a73a599,2,3,abcd,",
        "?OTR|5a73a599,2,3,abcd,",
        "?OTR|1|2|3|4,2,3,abcd,",
        "?OTR,,,,",
        "?OTR,",
        "?OTR|",
    ] {
        is_invalid(body);
    }
    is_invalid(&format!("?OTR,2,3,{},", "some words ".repeat(1000)));
}

#[test]
fn a_whole_message_in_one_fragment_is_judged_as_one() {
    let whole = encode_message(&[head(2, 3), vec![0], data_fields()]);
    is(Kind::Fragment, &format!("?OTR,1,1,{whole},"));
}

#[test]
fn a_query_without_a_text_is_valid() {
    for versions in [
        "?", "v2?", "v23?", "?v2?", "?v23?", "v?", "?v?", "v4?", "v24x?", "v3?\n",
    ] {
        is(Kind::Query, &format!("?OTR{versions}"));
    }
}

#[test]
fn a_query_with_a_text_that_names_otr_is_valid() {
    for body in [
        "?OTRv23?\n<b>bob@example.org</b> has requested an <a href=\"https://otr.cypherpunks.ca/\">\
         Off-the-Record private conversation</a>.  \
         However, you do not have a plugin to support that.\n\
         See <a href=\"https://otr.cypherpunks.ca/\">https://otr.cypherpunks.ca/</a> \
         for more information.",
        "?OTRv23? Ich möchte mit OTR verschlüsseln, aber Ihr Programm kann das nicht.",
        "?OTR?otr",
        "?OTR?v2? OFF-THE-RECORD",
        "?OTRv3? 我想用OTR加密",
        "?OTRv3? „OTR“",
    ] {
        is(Kind::Query, body);
    }
    let filled = |length: usize| format!("?OTRv3? OTR{}", " x".repeat(length / 2));
    is(Kind::Query, &filled(1_020));
    is_invalid(&filled(1_022));
}

#[test]
fn a_query_with_other_words_is_invalid() {
    for body in [
        "?OTR? hello",
        "?OTRv23? meet me at noon",
        "?OTR?verify me",
        "?OTRv23? the motrs run",
        "?OTRv23? otrs",
        "?OTRv23? off the record",
    ] {
        is_invalid(body);
    }
}

#[test]
fn an_error_with_a_short_text_in_any_language_is_valid() {
    for body in [
        "?OTR Error: You transmitted an unreadable encrypted message.",
        "?OTR Error:You sent encrypted data, but I wasn't expecting it.",
        "?OTR Error: ERROR_2: Not in private state message",
        "?OTR Error: Eine nicht lesbare Nachricht wurde empfangen.",
        "?OTR Error:",
    ] {
        is(Kind::Error, body);
    }
    is(Kind::Error, &format!("?OTR Error: {}", "я".repeat(200)));
    is_invalid(&format!("?OTR Error: {}", "я".repeat(201)));
    is_invalid("?OTR Error");
    is_invalid("?OTR error: null");
}

#[test]
fn each_message_is_paid_for() {
    let budget = Budget::new();
    for _ in 0..5_000 {
        assert_eq!(check(b"?OTRv23?", &budget), Otr::Valid);
    }
    assert!(budget.is_spent());
}
