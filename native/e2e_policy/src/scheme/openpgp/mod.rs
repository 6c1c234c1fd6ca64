// SPDX-License-Identifier: GPL-2.0-or-later
//! The packets of an encrypted OpenPGP message (RFC 4880, RFC 9580), as XEP-0373 and XEP-0027 carry it.
//!
//! A message is encrypted when session keys are followed by one packet of encrypted data with
//! integrity protection, and nothing else is in it. Only headers are read, never the data.

use crate::scheme::base64::{Base64, Cursor, is_in_alphabet};
use crate::stanza::budget::Budget;
use crate::stanza::text::trimmed;

/// How the message is written into the element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// XEP-0373: base64 without armour.
    Ox,
    /// XEP-0027: ASCII armour stripped, as far as clients do.
    Legacy,
}

const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
const END: &[u8] = b"-----END PGP MESSAGE-----";
const ARMOUR_HEADERS: [&[u8]; 5] = [
    b"Version: ",
    b"Comment: ",
    b"Charset: ",
    b"Hash: ",
    b"MessageID: ",
];
/// How much text armour headers may hold together: what they say is for anybody to read.
const MAX_HEADER_TEXT: usize = 64;

/// Checks the text of an element.
///
/// # Errors
///
/// What is wrong with it, in words for an admin.
pub(crate) fn check(text: &[u8], form: Form, budget: &Budget) -> Result<(), &'static str> {
    let text = trimmed(text, budget);
    let text = match form {
        Form::Ox if text.starts_with(BEGIN) => {
            return Err("ASCII armour where base64 belongs");
        }
        Form::Ox => text,
        Form::Legacy => without_armour(text, budget)?,
    };
    let data = Base64::new(text, budget).ok_or("not base64")?;
    message(data.cursor(), budget)
}

/// Clients leave the checksum, some of them the headers or the lines at both ends.
fn without_armour<'a>(text: &'a [u8], budget: &Budget) -> Result<&'a [u8], &'static str> {
    let mut rest = trimmed(text.strip_prefix(BEGIN).unwrap_or(text), budget);
    let mut header_text = 0_usize;
    while ARMOUR_HEADERS.iter().any(|name| rest.starts_with(name)) {
        let end = rest
            .iter()
            .take(2 * MAX_HEADER_TEXT)
            .position(|octet| *octet == b'\n')
            .ok_or("too much text in the armour headers")?;
        header_text = header_text.saturating_add(end);
        if header_text > MAX_HEADER_TEXT || !budget.pay() {
            return Err("too much text in the armour headers");
        }
        rest = trimmed(rest.get(end..).unwrap_or_default(), budget);
    }
    let rest = trimmed(rest.strip_suffix(END).unwrap_or(rest), budget);
    // The CRC-24 is not computed: that would read all data, and it protects against no cheater.
    Ok(match rest {
        [data @ .., b'=', a, b, c, d] if is_in_alphabet(&[*a, *b, *c, *d], budget) => data,
        data => data,
    })
}

/// Walks `(PKESK | SKESK)+ (SEIPD | AEAD)`. Markers and padding before the data are ignored (RFC 9580
/// sections 5.8 and 5.14); behind it they would be a place for words, and nobody writes them there.
fn message(mut octets: Cursor<'_>, budget: &Budget) -> Result<(), &'static str> {
    let mut keys = 0;
    loop {
        let tag = Tag::read(&mut octets)?;
        refuse_readable(tag.number)?;
        let packet = Packet::read(tag, &mut octets, budget)?;
        match tag.number {
            1 => keys |= public_key_session_key(packet.head).ok_or(MALFORMED_KEY)?,
            3 => keys |= passphrase_session_key(packet.head).ok_or(MALFORMED_KEY)?,
            10 | 21 => ignored(&packet)?,
            18 | 20 => {
                encrypted_data(&packet, keys)?;
                break;
            }
            _ => return Err("a packet that does not belong into an encrypted message"),
        }
        if octets.left() == 0 {
            return Err("no encrypted data");
        }
    }
    if octets.left() > 0 {
        return Err("data after the encrypted packet");
    }
    Ok(())
}

/// Packets that anybody can read, or change, without a key.
fn refuse_readable(tag: u8) -> Result<(), &'static str> {
    match tag {
        2 | 4 => Err("a signature without encryption"),
        8 => Err("compressed but not encrypted"),
        9 => Err("encrypted data without integrity protection (packet 9)"),
        11 => Err("literal data in the clear"),
        5 | 6 | 7 | 14 | 13 | 17 => Err("a key, not a message"),
        _ => Ok(()),
    }
}

fn ignored(packet: &Packet<'_>) -> Result<(), &'static str> {
    let mut head = packet.head;
    match packet.tag {
        10 if head.number(3) != Some(0x50_47_50) || head.left() > 0 => {
            Err("a marker packet that does not say PGP")
        }
        10 | 21 => Ok(()),
        _ => Err("a packet that does not belong here"),
    }
}

/// The first octet of a packet.
#[derive(Clone, Copy)]
struct Tag {
    number: u8,
    /// The type of an old-format length.
    old_length: Option<u8>,
}

impl Tag {
    fn read(octets: &mut Cursor<'_>) -> Result<Self, &'static str> {
        let first = octets.octet().ok_or(TRUNCATED)?;
        let (number, old_length) = match first {
            ..0x80 => return Err("not an OpenPGP packet"),
            0x80..0xc0 => (first >> 2 & 15, Some(first & 3)),
            0xc0.. => (first & 63, None),
        };
        Ok(Self { number, old_length })
    }
}

/// A packet whose header was read.
struct Packet<'a> {
    tag: u8,
    /// The body, or the first part of it.
    head: Cursor<'a>,
    /// The length of the whole body.
    length: usize,
}

const TRUNCATED: &str = "truncated packet";
const MALFORMED_KEY: &str = "a malformed session key packet";

/// What a new-format length says (RFC 9580 section 4.2.1).
enum Length {
    Whole(usize),
    Part(usize),
}

impl<'a> Packet<'a> {
    fn read(tag: Tag, octets: &mut Cursor<'a>, budget: &Budget) -> Result<Self, &'static str> {
        take_step(budget)?;
        let length = match tag.old_length {
            // Only tags up to 15 fit the old format, and of those we accept, none may do without a length.
            Some(3) => return Err("a packet without a length"),
            Some(kind) => Length::Whole(octets.number(1 << kind).ok_or(TRUNCATED)?),
            None => Self::new_length(octets)?,
        };
        match length {
            Length::Whole(length) => Ok(Self {
                tag: tag.number,
                head: octets.part(length).ok_or(TRUNCATED)?,
                length,
            }),
            Length::Part(_) if !matches!(tag.number, 18 | 20) => {
                Err("a partial length where none is allowed")
            }
            Length::Part(..512) => Err("a first part shorter than 512 octets"),
            Length::Part(length) => Self::in_parts(tag.number, length, octets, budget),
        }
    }

    /// Goes past the parts after the first.
    fn in_parts(
        tag: u8,
        first: usize,
        octets: &mut Cursor<'a>,
        budget: &Budget,
    ) -> Result<Self, &'static str> {
        let head = octets.part(first).ok_or(TRUNCATED)?;
        let mut whole = first;
        loop {
            take_step(budget)?;
            let length = Self::new_length(octets)?;
            let (Length::Part(part) | Length::Whole(part)) = length;
            octets.skip(part).ok_or(TRUNCATED)?;
            whole = whole.saturating_add(part);
            if matches!(length, Length::Whole(_)) {
                return Ok(Self {
                    tag,
                    head,
                    length: whole,
                });
            }
        }
    }

    fn new_length(octets: &mut Cursor<'_>) -> Result<Length, &'static str> {
        let first = octets.octet().ok_or(TRUNCATED)?;
        Ok(match first {
            ..192 => Length::Whole(usize::from(first)),
            192..224 => {
                let second = octets.octet().ok_or(TRUNCATED)?;
                let high = usize::from(first.wrapping_sub(192)) << 8;
                Length::Whole(high.saturating_add(usize::from(second)).saturating_add(192))
            }
            224..255 => Length::Part(1 << (first & 31)),
            255 => Length::Whole(octets.number(4).ok_or(TRUNCATED)?),
        })
    }
}

fn take_step(budget: &Budget) -> Result<(), &'static str> {
    budget.pay().then_some(()).ok_or("too many packets")
}

// Kinds of encrypted data, as a set of those that a session key is for (RFC 9580 section 10.3.2.1).
// Recipients ignore keys for other kinds, so that nobody could read the data.
const SEIPD_1: u8 = 1;
const SEIPD_2: u8 = 2;
const AEAD: u8 = 4;

/// PKESK (RFC 9580 section 5.1): for whom, by which algorithm, and the encrypted session key.
fn public_key_session_key(mut body: Cursor<'_>) -> Option<u8> {
    let keys = match body.octet()? {
        2 | 3 => {
            body.skip(8)?;
            SEIPD_1 | AEAD
        }
        6 => {
            // Version and fingerprint of the key, or nothing for an anonymous recipient.
            let recipient = body
                .octet()
                .filter(|length| matches!(length, 0 | 21 | 33))?;
            body.skip(usize::from(recipient))?;
            SEIPD_2
        }
        _ => return None,
    };
    match body.octet()? {
        // RSA
        1 | 2 => mpi(&mut body, 60)?,
        // ElGamal
        16 | 20 => {
            mpi(&mut body, 60)?;
            mpi(&mut body, 1)?;
        }
        // ECDH
        18 => {
            mpi(&mut body, 32)?;
            counted(&mut body)?;
        }
        // X25519, X448, and each with ML-KEM
        25 => ephemeral_key(&mut body, 32)?,
        26 => ephemeral_key(&mut body, 56)?,
        35 => ephemeral_key(&mut body, 32 + 1088)?,
        36 => ephemeral_key(&mut body, 56 + 1568)?,
        // Kyber as in LibrePGP, and private use
        8 | 100..=110 if body.left() >= 32 => body.skip(body.left())?,
        _ => return None,
    }
    (body.left() == 0).then_some(keys)
}

fn ephemeral_key(body: &mut Cursor<'_>, octets: usize) -> Option<()> {
    body.skip(octets)?;
    counted(body)
}

/// A multi-precision integer of at least so many octets; its length is given in bits.
fn mpi(body: &mut Cursor<'_>, at_least: usize) -> Option<()> {
    let octets = body.number(2)?.div_ceil(8);
    body.skip(octets)?;
    (octets >= at_least).then_some(())
}

/// A wrapped session key with its length before it.
fn counted(body: &mut Cursor<'_>) -> Option<()> {
    let octets = body.octet().filter(|octets| *octets > 0)?;
    body.skip(usize::from(octets))
}

/// SKESK (RFC 9580 section 5.3): how a passphrase becomes the session key.
fn passphrase_session_key(mut body: Cursor<'_>) -> Option<u8> {
    let version = body.octet()?;
    if version == 6 {
        let count = usize::from(body.octet()?);
        let mut fields = body.part(count)?;
        cipher(fields.octet()?)?;
        let nonce = nonce_length(fields.octet()?)?;
        let specifier = usize::from(fields.octet()?);
        let mut specifier = fields.part(specifier)?;
        string_to_key(&mut specifier)?;
        let fits = specifier.left() == 0 && fields.left() == nonce;
        return (fits && matches!(body.left(), 32 | 40 | 48)).then_some(SEIPD_2);
    }
    cipher(body.octet()?)?;
    let nonce = match version {
        4 => None,
        5 => Some(nonce_length(body.octet()?)?),
        _ => return None,
    };
    string_to_key(&mut body)?;
    let Some(nonce) = nonce else {
        // The key is made of the passphrase, or wrapped with its algorithm's octet.
        return matches!(body.left(), 0 | 17 | 25 | 33).then_some(SEIPD_1 | AEAD);
    };
    body.skip(nonce)?;
    matches!(body.left(), 32 | 40 | 48).then_some(AEAD)
}

/// A string-to-key specifier (RFC 9580 section 3.7).
fn string_to_key(body: &mut Cursor<'_>) -> Option<()> {
    match body.octet()? {
        0 => body.skip(1),
        1 => body.skip(9),
        3 => body.skip(10),
        4 => body.skip(19),
        _ => None,
    }
}

/// A symmetric cipher; 0 would be plaintext.
fn cipher(number: u8) -> Option<()> {
    matches!(number, 1..=4 | 7..=13 | 100..=110).then_some(())
}

/// How many octets of nonce an AEAD mode takes: EAX, OCB, GCM.
fn nonce_length(mode: u8) -> Option<usize> {
    match mode {
        1 => Some(16),
        2 => Some(15),
        3 => Some(12),
        _ => None,
    }
}

/// SEIPD (RFC 9580 section 5.13), or the AEAD packet that GnuPG writes.
fn encrypted_data(packet: &Packet<'_>, keys: u8) -> Result<(), &'static str> {
    if keys == 0 {
        return Err("no session key packet");
    }
    let mut head = packet.head;
    // Besides what is counted here, there is a packet of at least two octets in the data.
    let (at_least, kind) = match (packet.tag, head.octet()) {
        // Version, a block and two octets of prefix, the encrypted modification detection code.
        (18, Some(1)) => (Some(1 + 8 + 2 + 22 + 2), SEIPD_1),
        // Cipher, mode, chunk size and salt, a tag for a chunk and one for the whole.
        (18, Some(2)) => (
            aead_parameters(&mut head, 16).map(|_| 1 + 3 + 32 + 2 + 32),
            SEIPD_2,
        ),
        // The same with a nonce in place of the salt.
        (20, Some(1)) => (
            aead_parameters(&mut head, 56).map(|nonce| nonce.saturating_add(1 + 3 + 2 + 32)),
            AEAD,
        ),
        (_, None) => return Err("empty encrypted packet"),
        _ => return Err("encrypted data of an unknown version"),
    };
    match at_least {
        None => Err("encrypted data of an unknown algorithm"),
        Some(at_least) if packet.length < at_least => Err("encrypted data too short to be any"),
        _ if keys & kind == 0 => Err("no session key for this kind of encrypted data"),
        _ => Ok(()),
    }
}

/// The octets after the version; returns the length of the nonce.
fn aead_parameters(head: &mut Cursor<'_>, largest_chunk: u8) -> Option<usize> {
    // AEAD takes ciphers with blocks of 128 bits.
    head.octet()
        .filter(|cipher| matches!(cipher, 7..=13 | 100..=110))?;
    let nonce = nonce_length(head.octet()?)?;
    head.octet().filter(|chunk| *chunk <= largest_chunk)?;
    Some(nonce)
}

#[cfg(test)]
mod tests {
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
    fn a_message_that_gnupg_encrypted_with_a_passphrase_is_one() {
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
    fn what_anybody_can_read_is_refused() {
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
    fn markers_and_padding_are_ignored_before_the_data_and_refused_behind_it() {
        let padding = packet(21, &[0x5a; 30]);
        is_encrypted(&[marker(), padding.clone(), pkesk(), marker(), seipd(100)]);
        for behind in [padding, marker()] {
            is_refused(
                &[pkesk(), seipd(100), behind],
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
    fn session_keys_of_every_algorithm_are_known() {
        let id = [&[3][..], &[0; 8]].concat();
        let mpi =
            |octets: u16| [&(octets * 8 - 1).to_be_bytes()[..], &vec![5; octets.into()]].concat();
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
            (&[4; 100], "a version that never was"),
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
    fn session_keys_must_be_of_the_kind_that_the_data_takes() {
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
    fn a_packet_cut_off_is_refused() {
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
    fn leftovers_of_armour_are_tolerated_in_the_old_form_only() {
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
    fn each_armour_header_is_paid_for() {
        let budget = Budget::new();
        let text = "Hash: \n".repeat(9);
        for _ in 0..1_500 {
            assert!(check(text.as_bytes(), Form::Legacy, &budget).is_err());
        }
        assert!(budget.is_spent());
    }
}
