// SPDX-License-Identifier: GPL-2.0-or-later
//! Texts that are base64 and texts that are not.

use super::*;

/// Plain encoder, written the other way round than the reader.
pub(crate) fn encode(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    octets
        .chunks(3)
        .flat_map(|chunk| {
            let bits = chunk
                .iter()
                .chain([&0, &0])
                .take(3)
                .fold(0_usize, |bits, octet| bits << 8 | usize::from(*octet));
            [18, 12, 6, 0]
                .into_iter()
                .enumerate()
                .map(move |(n, shift)| {
                    if n <= chunk.len() {
                        char::from(ALPHABET[bits >> shift & 63])
                    } else {
                        '='
                    }
                })
        })
        .collect()
}

fn broken_into_lines(text: &str, width: usize, separator: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(width).collect();
    lines
        .iter()
        .map(|line| str::from_utf8(line).unwrap())
        .collect::<Vec<_>>()
        .join(separator)
}

fn octets(length: usize) -> Vec<u8> {
    (0..251).cycle().step_by(7).take(length).collect()
}

#[track_caller]
fn reads_as(text: &str, expected: &[u8]) {
    let data = Base64::new(text.as_bytes(), &Budget::new())
        .unwrap_or_else(|| panic!("not base64: {text:?}"));
    let read: Vec<u8> = (0..data.decoded_len())
        .map(|n| data.octet(n).unwrap())
        .collect();
    assert_eq!(read, expected);
    assert_eq!(data.octet(data.decoded_len()), None);
}

#[track_caller]
fn is_not_base64(text: &str) {
    assert!(
        Base64::new(text.as_bytes(), &Budget::new()).is_none(),
        "base64: {text:?}"
    );
}

#[test]
fn the_test_vectors_of_rfc_4648_are_read() {
    for (text, octets) in [
        ("Zg==", "f"),
        ("Zm8=", "fo"),
        ("Zm9v", "foo"),
        ("Zm9vYg==", "foob"),
        ("Zm9vYmE=", "fooba"),
        ("Zm9vYmFy", "foobar"),
        ("+/+/", "\u{fb}\u{ff}\u{bf}"),
    ] {
        let octets: Vec<u8> = octets.chars().map(|c| u8::try_from(c).unwrap()).collect();
        reads_as(text, &octets);
    }
}

#[test]
fn lines_of_every_width_and_length_are_read() {
    for length in [1, 2, 3, 47, 48, 49, 57, 100, 1000, 5000] {
        let octets = octets(length);
        let text = encode(&octets);
        reads_as(&text, &octets);
        for width in [1, 3, 60, 64, 76, 77] {
            for separator in ["\n", "\r\n", "\n    ", " \n"] {
                reads_as(&broken_into_lines(&text, width, separator), &octets);
            }
        }
    }
}

#[test]
fn white_space_around_it_is_no_part_of_it() {
    reads_as(" \n\t Zm9v\r\n", b"foo");
    assert!(Base64::one_line(b"Zm9v", &Budget::new()).is_some());
    assert!(Base64::one_line(b"Zm9v\n", &Budget::new()).is_none());
    assert!(Base64::one_line(b"Zm9v\nZm9v", &Budget::new()).is_none());
}

#[test]
fn an_empty_text_is_refused() {
    is_not_base64("");
    is_not_base64(" \n ");
}

#[test]
fn clear_text_is_refused() {
    is_not_base64("hello how are you");
    is_not_base64("hello");
    is_not_base64("secret");
    is_not_base64("two words");
    is_not_base64("héhé");
    is_not_base64("Zm9v Zm9v");
    is_not_base64("Zm9v\tZm9v");
    is_not_base64("-_-_");
    is_not_base64(&"the quick brown fox jumps over the lazy dog. ".repeat(1000));
    is_not_base64(&"hello there\n".repeat(1000));
}

#[test]
fn the_characters_are_those_of_rfc_4648() {
    for octet in 0..=u8::MAX {
        let expected = octet.is_ascii_alphanumeric() || b"+/".contains(&octet);
        assert_eq!(
            is_in_alphabet(&[octet], &Budget::new()),
            expected,
            "{octet:#x}"
        );
    }
}

#[test]
fn padding_is_required_at_the_end_and_refused_elsewhere() {
    for text in [
        "Zg", "Zg=", "Zm8", "Zm9vY", "====", "Z===", "=Zm9", "Zg==Zg==", "Zm=v", "Zm9v=",
        "Zm9v====",
    ] {
        is_not_base64(text);
    }
    reads_as("Zm9vY\ng==", b"foob");
    reads_as("Zm9vYg=\n=", b"foob");
}

#[test]
fn nothing_is_between_the_characters_of_padding_but_a_separator() {
    reads_as("Z\n m\n 9\n v\n Y\n g\n =\n =", b"foob");
    for end in ["Yg==", "g at=", "= at=", "=\n\t=", "\n =="] {
        is_not_base64(&format!("Z\n m\n 9\n v\n Y\n g\n {end}"));
    }
    is_not_base64("w\x0c\nL\x0c\nX1==");
}

#[test]
fn lines_must_have_one_width_and_one_separator() {
    is_not_base64("Zm9v\nZm9vZm9v");
    is_not_base64("Zm9vZm9v\nZm9v\nZm9vZm9v");
    is_not_base64("Zm9v\nZm9v\r\nZm9v");
    is_not_base64("Zm9v\n\nZm9v\nZm9v");
    is_not_base64("Zm9vYg=x=");
    is_not_base64("Zm9vYg=\nx=");
}

#[test]
fn another_octet_is_found_anywhere_in_a_short_text_and_at_the_ends_of_a_long_one() {
    for length in [8, 1020] {
        for index in 0..length {
            let mut text = "Zm9v".repeat(length / 4);
            text.replace_range(index..=index, "!");
            is_not_base64(&text);
        }
    }
    let length = 1_000_000;
    for index in (0..HEAD).chain(length - TAIL..length) {
        let mut text = "Zm9v".repeat(length / 4);
        text.replace_range(index..=index, " ");
        is_not_base64(&text);
    }
}

#[test]
fn the_same_number_of_octets_is_validated_of_any_long_text() {
    for length in [COMPLETE + 1, 100_000, 10_000_000] {
        let validated: usize = samples(length).map(|run| run.len()).sum();
        assert_eq!(validated, HEAD + TAIL + RUNS * RUN);
        assert!(samples(length).all(|run| run.end <= length));
    }
}

#[test]
fn a_cursor_stays_within_its_bounds() {
    let data = Base64::new(b"AAECAwQF", &Budget::new()).unwrap();
    let mut cursor = data.cursor();
    assert_eq!(cursor.number(2), Some(1));
    let mut part = cursor.part(2).unwrap();
    assert_eq!((part.number(2), part.octet()), (Some(0x0203), None));
    assert_eq!((cursor.left(), cursor.octet()), (2, Some(4)));
    assert_eq!(cursor.skip(2), None);
    assert_eq!(cursor.part(usize::MAX).map(|part| part.left()), None);
}
