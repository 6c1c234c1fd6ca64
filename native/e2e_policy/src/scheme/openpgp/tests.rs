// SPDX-License-Identifier: GPL-2.0-or-later
//! Messages made of packets by hand, and why others are refused.

use super::packet::TRUNCATED;
use super::*;
use crate::scheme::base64::tests::encode;
use crate::stanza::budget::MAX_STEPS;

const SHORT: &str = "encrypted data too short to be any";
const AFTER: &str = "data after the encrypted packet";

/// A packet in the new format.
fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0xc0 | tag, 255], &length[..], body].concat()
}

/// A packet in the old format, its length in 1, 2 or 4 octets.
fn old_packet(tag: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [
        &[0x80 | tag << 2 | kind],
        &length[[3, 2, 0][usize::from(kind)]..],
        body,
    ]
    .concat()
}

fn rsa_key() -> Vec<u8> {
    [&[3][..], &[0x11; 8], &[1, 8, 0], &[7; 256]].concat()
}

fn pkesk() -> Vec<u8> {
    packet(1, &rsa_key())
}

fn seipd(length: usize) -> Vec<u8> {
    packet(18, &[&[1][..], &vec![9; length]].concat())
}

fn marker() -> Vec<u8> {
    packet(10, b"PGP")
}

fn judge(packets: &[Vec<u8>]) -> Result<(), &'static str> {
    check(
        encode(&packets.concat()).as_bytes(),
        Form::Ox,
        &Budget::new(),
    )
}

#[track_caller]
fn is_encrypted(packets: &[Vec<u8>]) {
    assert_eq!(judge(packets), Ok(()));
}

#[track_caller]
fn is_refused(packets: &[Vec<u8>], reason: &str) {
    assert_eq!(judge(packets), Err(reason));
}

#[test]
fn session_keys_and_encrypted_data_are_a_message() {
    is_encrypted(&[pkesk(), seipd(100)]);
    is_encrypted(&[pkesk(), pkesk(), pkesk(), seipd(1_000_000)]);
    for kind in [1, 2] {
        is_encrypted(&[old_packet(1, kind, &rsa_key()), seipd(100)]);
    }
}

#[test]
fn a_message_that_gnupg_encrypted_with_a_passphrase_is_accepted() {
    let base64 = "jA0ECQMCwNfdUNigqbX/0j4Bgq4CJnxTCTiMJdnojyDYwwCicQLjXIrYhwIeLGuV\n\
                  mfIFA21rMSEvIq3LNvy25b6HqFAcRRM1aLyZm0oDsA==";
    for form in [Form::Ox, Form::Legacy] {
        assert_eq!(check(base64.as_bytes(), form, &Budget::new()), Ok(()));
    }
}

#[test]
fn lengths_of_one_two_and_five_octets_are_read() {
    let body = |length: usize| [&[1][..], &vec![9; length - 1]].concat();
    for (header, length) in [
        (&[0xd2, 191][..], 191),
        (&[0xd2, 192, 0], 192),
        (&[0xd2, 223, 255], 8383),
        (&[0xd2, 255, 0, 0, 0x20, 0xc0], 8384),
    ] {
        is_encrypted(&[pkesk(), header.to_vec(), body(length)]);
        is_refused(&[pkesk(), header.to_vec(), body(length - 1)], TRUNCATED);
        is_refused(&[pkesk(), header.to_vec(), body(length + 1)], AFTER);
    }
}

#[test]
fn encrypted_data_may_come_in_parts() {
    let part = |exponent: u8| [&[0xe0 | exponent][..], &vec![1; 1 << exponent]].concat();
    is_encrypted(&[pkesk(), vec![0xd2], part(9), vec![0]]);
    is_encrypted(&[
        pkesk(),
        vec![0xd2],
        part(13),
        part(13),
        part(0),
        vec![2, 9, 9],
    ]);
    is_refused(&[pkesk(), vec![0xd2], part(9)], TRUNCATED);
    is_refused(&[pkesk(), vec![0xd2], part(9), vec![2, 9]], TRUNCATED);
    is_refused(&[pkesk(), vec![0xd2], part(9), vec![1, 9, 9]], AFTER);
    is_refused(
        &[pkesk(), vec![0xd2], part(8), vec![0]],
        "a first part shorter than 512 octets",
    );
    is_refused(
        &[vec![0xc1], part(9), vec![0], seipd(100)],
        "a partial length where none is allowed",
    );
}

#[test]
fn packets_that_anybody_can_read_are_refused() {
    for (tag, reason) in [
        (2, "a signature without encryption"),
        (4, "a signature without encryption"),
        (6, "a key, not a message"),
        (8, "compressed but not encrypted"),
        (9, "encrypted data without integrity protection (packet 9)"),
        (11, "literal data in the clear"),
    ] {
        is_refused(&[packet(tag, &[1; 100])], reason);
        is_refused(&[pkesk(), packet(tag, &[1; 100])], reason);
        is_refused(&[vec![0x80 | tag << 2 | 3], vec![1; 100]], reason);
        is_refused(&[pkesk(), seipd(100), packet(tag, &[1; 100])], AFTER);
    }
    is_refused(
        &[packet(40, b"hello")],
        "a packet that does not belong into an encrypted message",
    );
    is_refused(
        &[b"hello there, how are you".to_vec()],
        "not an OpenPGP packet",
    );
}

#[test]
fn encrypted_data_needs_a_session_key_before_it_and_nothing_after_it() {
    is_refused(&[seipd(100)], "no session key packet");
    is_refused(&[marker(), seipd(100)], "no session key packet");
    is_refused(&[pkesk()], "no encrypted data");
    is_refused(&[pkesk(), marker()], "no encrypted data");
    is_refused(&[pkesk(), seipd(100), seipd(100)], AFTER);
    is_refused(&[pkesk(), seipd(100), pkesk()], AFTER);
    is_refused(&[pkesk(), seipd(100), b"hello".to_vec()], AFTER);
}

#[test]
fn markers_and_padding_are_ignored_before_the_data_and_refused_after_it() {
    let padding = packet(21, &[0x5a; 30]);
    is_encrypted(&[marker(), padding.clone(), pkesk(), marker(), seipd(100)]);
    for after in [padding, marker()] {
        is_refused(
            &[pkesk(), seipd(100), after],
            "data after the encrypted packet",
        );
    }
    is_encrypted(&[old_packet(10, 0, b"PGP"), pkesk(), seipd(100)]);
    for body in [&b"hello"[..], b"PG", b""] {
        is_refused(
            &[packet(10, body), pkesk(), seipd(100)],
            "a marker packet that does not say PGP",
        );
    }
}

#[test]
fn session_keys_of_every_algorithm_are_accepted() {
    let id = [&[3][..], &[0; 8]].concat();
    let mpi = |octets: u16| [&(octets * 8 - 1).to_be_bytes()[..], &vec![5; octets.into()]].concat();
    for (algorithm, fields) in [
        (1, mpi(384)),
        (16, [mpi(256), mpi(255)].concat()),
        (18, [&mpi(33)[..], &[48], &[2; 48]].concat()),
        (25, [&[4; 32][..], &[41], &[2; 41]].concat()),
        (26, [&[4; 56][..], &[41], &[2; 41]].concat()),
        (35, [&[4; 1120][..], &[41], &[2; 41]].concat()),
    ] {
        let body = [&id[..], &[algorithm], &fields].concat();
        is_encrypted(&[packet(1, &body), seipd(100)]);
        for wrong in [&body[..body.len() - 1], &[&body[..], &[0]].concat()] {
            is_refused(
                &[packet(1, wrong), seipd(100)],
                "a malformed session key packet",
            );
        }
    }
    for (body, why) in [
        (&b""[..], "empty"),
        (&[3; 300], "signing algorithm"),
        (b"hello", "a word"),
        (&[4; 100], "a version that does not exist"),
    ] {
        assert_eq!(
            judge(&[packet(1, body), seipd(100)]),
            Err("a malformed session key packet"),
            "{why}"
        );
    }
}

#[test]
fn passphrases_are_session_keys() {
    for body in [
        &[4, 9, 0, 8][..],
        &[&[4, 9, 1, 8][..], &[1; 8]].concat(),
        &[&[4, 9, 3, 8][..], &[1; 9], &[2; 33]].concat(),
        &[&[4, 9, 4][..], &[1; 19]].concat(),
    ] {
        is_encrypted(&[packet(3, body), seipd(100)]);
    }
    for body in [
        &b""[..],
        &[4, 0, 0, 8],
        &[4, 9, 7, 8],
        &[4, 9, 0],
        &[4, 9, 0, 8, 1],
        b"hello there",
    ] {
        is_refused(
            &[packet(3, body), seipd(100)],
            "a malformed session key packet",
        );
    }
}

#[test]
fn session_keys_must_be_for_the_kind_of_encrypted_data() {
    let anonymous = packet(1, &[&[6, 0, 25][..], &[4; 32], &[40], &[2; 40]].concat());
    let passphrase = packet(
        3,
        &[&[6, 29, 9, 2, 11, 3, 8][..], &[1; 9], &[5; 15], &[7; 32]].concat(),
    );
    let draft = packet(
        3,
        &[&[5, 9, 2, 3, 8][..], &[1; 9], &[5; 15], &[7; 48]].concat(),
    );
    let seipd_2 = packet(18, &[&[2, 9, 2, 6][..], &[8; 32], &[9; 50]].concat());
    let aead = packet(20, &[&[1, 9, 2, 16][..], &[8; 15], &[9; 50]].concat());
    is_encrypted(&[anonymous.clone(), seipd_2.clone()]);
    is_encrypted(&[passphrase, pkesk(), seipd_2.clone()]);
    is_encrypted(&[pkesk(), aead.clone()]);
    is_encrypted(&[draft.clone(), aead.clone()]);
    for (key, data) in [
        (pkesk(), seipd_2),
        (anonymous.clone(), seipd(100)),
        (anonymous, aead),
        (draft, seipd(100)),
    ] {
        is_refused(
            &[key, data],
            "no session key for this kind of encrypted data",
        );
    }
}

#[test]
fn encrypted_data_must_be_long_enough_and_of_a_known_form() {
    is_refused(&[pkesk(), packet(18, b"")], "empty encrypted packet");
    is_refused(
        &[pkesk(), packet(18, b"hello")],
        "encrypted data of an unknown version",
    );
    is_refused(&[pkesk(), seipd(33)], SHORT);
    is_encrypted(&[pkesk(), seipd(34)]);
    let cleartext_cipher = packet(18, &[&[2, 0, 2, 6][..], &[8; 100]].concat());
    is_refused(
        &[pkesk(), cleartext_cipher],
        "encrypted data of an unknown algorithm",
    );
    is_refused(
        &[pkesk(), packet(18, &[&[2, 9, 2, 6][..], &[8; 65]].concat())],
        SHORT,
    );
}

#[test]
fn a_truncated_packet_is_refused() {
    let whole = [pkesk(), seipd(100)].concat();
    for length in 1..whole.len() {
        assert!(judge(&[whole[..length].to_vec()]).is_err(), "{length}");
    }
}

#[test]
fn endless_packets_are_refused() {
    is_refused(
        &[[0xd5, 0].repeat(MAX_STEPS + 1), pkesk(), seipd(100)],
        "too many packets",
    );
    let parts = [vec![0xd2, 0xe9], vec![1; 512], [0xe0, 1].repeat(MAX_STEPS)].concat();
    is_refused(&[pkesk(), parts, vec![0]], "too many packets");
}

/// As GnuPG writes it: lines of 64 characters, and a checksum.
fn armoured() -> String {
    let base64 = encode(&[pkesk(), seipd(100)].concat());
    let lines: Vec<_> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    format!("{}\n=IC31", lines.join("\n"))
}

#[test]
fn remains_of_armour_are_tolerated_in_the_old_form_only() {
    let data = armoured();
    for text in [
        data.clone(),
        format!("\n{data}\n"),
        data.replace("\n=", "="),
        data.replace('\n', "\r\n"),
        data.replace("\n=IC31", ""),
        format!("Version: GnuPG v2.0.22 (GNU/Linux)\n\n{data}"),
        format!("-----BEGIN PGP MESSAGE-----\n\n{data}\n-----END PGP MESSAGE-----\n"),
        format!("-----BEGIN PGP MESSAGE-----\r\nVersion: x\r\nComment: y\r\n\r\n{data}"),
    ] {
        assert_eq!(
            check(text.as_bytes(), Form::Legacy, &Budget::new()),
            Ok(()),
            "{text}"
        );
    }
    let text = format!("-----BEGIN PGP MESSAGE-----\n\n{data}\n-----END PGP MESSAGE-----\n");
    assert_eq!(
        check(text.as_bytes(), Form::Ox, &Budget::new()),
        Err("ASCII armour where base64 belongs")
    );
    assert_eq!(
        check(data.as_bytes(), Form::Ox, &Budget::new()),
        Err("not base64")
    );
}

#[test]
fn text_around_the_data_is_refused() {
    let data = armoured();
    for text in [
        format!("hello\n{data}"),
        format!("{data}\nhello"),
        format!("{data} hello"),
        data.replace("=IC31", "=IC3"),
        data.replace("=IC31", "=IC31=IC31"),
        format!("Hello: there\n\n{data}"),
        format!("-----BEGIN PGP SIGNATURE-----\n\n{data}"),
        String::new(),
        "hello how are you".to_string(),
    ] {
        assert_eq!(
            check(text.as_bytes(), Form::Legacy, &Budget::new()),
            Err("not base64"),
            "{text}"
        );
    }
    for comment in ["hello ".repeat(11), "hello ".repeat(100_000)] {
        assert_eq!(
            check(
                format!("Comment: {comment}\n\n{data}").as_bytes(),
                Form::Legacy,
                &Budget::new()
            ),
            Err("too much text in the armour headers")
        );
    }
}

#[test]
fn each_armour_header_costs_a_step() {
    let budget = Budget::new();
    let text = "Hash: \n".repeat(9);
    for _ in 0..1_500 {
        assert!(check(text.as_bytes(), Form::Legacy, &budget).is_err());
    }
    assert!(budget.is_spent());
}
