// SPDX-License-Identifier: GPL-2.0-or-later
//! Off-the-Record messages in a body (OTR versions 1 to 4; XEP-0364).
//!
//! A body is OTR from its first octet to its last, or it is not: libraries look for `?OTR` anywhere, and
//! show people what stands around it.

use crate::element::readable::MAX_DEPTH;
use crate::scheme::base64::{Base64, Cursor, is_in_alphabet};
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::node::Node;
use crate::stanza::text::{characters, trimmed, trimmed_end};

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Otr {
    /// It does not begin with `?OTR`.
    Absent,
    /// It is an OTR message and nothing else.
    Valid,
    /// It begins with `?OTR` and goes on with somebody's own words, or is damaged: says what is wrong, in
    /// words for an admin.
    Invalid(&'static str),
}

/// The kinds of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Data,
    KeyExchange,
    /// A piece of a data message or a key exchange.
    Fragment,
    /// An offer to speak OTR.
    Query,
    Error,
}

const PREFIX: &[u8] = b"?OTR";
const ENCODED: &[u8] = b"?OTR:";

/// The smallest instance tag (OTR version 3, "Instance Tags").
const MIN_INSTANCE: usize = 0x100;

/// How long the text for people in a query may be, in octets: it says that OTR is asked for, and where to get it.
const MAX_QUERY_TEXT: usize = 1_024;

/// How long the text for people in an error may be, in characters.
const MAX_ERROR_TEXT: usize = 200;

/// How long a link in a formatted copy may be, in characters.
const MAX_LINK: usize = 64;

/// The longest formatted copy of a message that is looked at, in octets: libraries cut longer
/// messages into fragments.
const MAX_COPY: usize = 65_536;

/// Steps for reading the fields of a message, whatever its kind.
const PRICE: usize = 4;

/// Checks a body. White space after the message is tolerated.
pub(crate) fn check(body: &[u8], budget: &Budget) -> Otr {
    let Some(rest) = body.strip_prefix(PREFIX) else {
        return Otr::Absent;
    };
    budget.pay_steps(PRICE);
    match message(rest, budget) {
        Ok(_) => Otr::Valid,
        Err(reason) => Otr::Invalid(reason),
    }
}

/// Checks a formatted copy of a body (XEP-0071): the text of all of it is one message, and it has no attributes but
/// how it looks and a short link.
pub(crate) fn check_copy<'a>(html: impl ElementView<'a>, budget: &Budget) -> Otr {
    let mut text = Vec::new();
    let is_plain = read_copy(html, MAX_DEPTH, budget, &mut text);
    match check(trimmed(&text, budget), budget) {
        Otr::Valid if !is_plain => Otr::Invalid("a formatted copy with more than the message"),
        other => other,
    }
}

/// Gathers the text; false if there is more than text that a copy has.
fn read_copy<'a>(
    element: impl ElementView<'a>,
    depth: usize,
    budget: &Budget,
    text: &mut Vec<u8>,
) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let has_its_attributes = element.attributes(budget).all(|(name, value)| match name {
        b"style" => true,
        b"href" => characters(value, MAX_LINK) <= MAX_LINK,
        _ => false,
    });
    has_its_attributes
        && element.nodes(budget).all(|node| match node {
            Node::Element(child) => read_copy(child, depth, budget, text),
            Node::Text(piece) => {
                let fits = text.len().saturating_add(piece.len()) <= MAX_COPY
                    && budget.pay_octets(piece.len());
                if fits {
                    text.extend(piece);
                }
                fits
            }
        })
}

/// What follows `?OTR`; the error says what is wrong, in words for an admin.
fn message(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let rest = trimmed_end(rest, budget);
    match rest.first() {
        Some(b':') => encoded(rest.get(1..).unwrap_or_default(), budget),
        Some(b',' | b'|') => fragment(rest, budget),
        Some(b'?' | b'v') => query(rest, budget),
        Some(b' ') => error(rest, budget),
        _ => Err("not an OTR message"),
    }
}

/// What follows `?OTR:`.
fn encoded(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let text = rest
        .strip_suffix(b".")
        .ok_or("no full stop after the base64")?;
    let data = Base64::one_line(text, budget).ok_or("not base64")?;
    let mut octets = data.cursor();
    let (version, kind) = version_and_type(&mut octets).ok_or("not an OTR message")?;
    let read = match (version, kind) {
        (1, DATA) => data_message_1(octets),
        (1, _) => key_exchange_1(octets),
        (2, DATA) => data_message(octets),
        (3, DATA) => instances(&mut octets, false).and_then(|()| data_message(octets)),
        (2, _) => key_exchange(kind, octets),
        (3, _) => instances(&mut octets, true).and_then(|()| key_exchange(kind, octets)),
        (_, DATA) => instances(&mut octets, false).and_then(|()| data_message_4(octets)),
        (_, _) => instances(&mut octets, true).and_then(|()| key_exchange_4(octets)),
    };
    read.ok_or("fields that do not fit the message")
}

const DATA: u8 = 0x03;
const DH_COMMIT: u8 = 0x02;
/// Also the key exchange message of version 1.
const DH_KEY: u8 = 0x0a;
const REVEAL_SIGNATURE: u8 = 0x11;
const SIGNATURE: u8 = 0x12;

fn version_and_type(octets: &mut Cursor<'_>) -> Option<(usize, u8)> {
    let (version, kind) = (octets.number(2)?, octets.octet()?);
    match version {
        1 => matches!(kind, DATA | DH_KEY),
        2 | 3 => matches!(
            kind,
            DATA | DH_COMMIT | DH_KEY | REVEAL_SIGNATURE | SIGNATURE
        ),
        // The types of version 4 differ between its drafts.
        4 => true,
        _ => false,
    }
    .then_some((version, kind))
}

/// The sender's tag and the receiver's, which may be unknown to the sender as yet.
fn instances(octets: &mut Cursor<'_>, may_be_unknown: bool) -> Option<()> {
    let (sender, receiver) = (octets.number(4)?, octets.number(4)?);
    let known = receiver >= MIN_INSTANCE || (may_be_unknown && receiver == 0);
    (sender >= MIN_INSTANCE && known).then_some(())
}

fn data_message(mut octets: Cursor<'_>) -> Option<Kind> {
    octets.skip(1)?;
    data_message_1(octets)
}

/// Without instance tags and flags.
fn data_message_1(mut octets: Cursor<'_>) -> Option<Kind> {
    let (sender_key, recipient_key) = (octets.number(4)?, octets.number(4)?);
    let next_key = counted(&mut octets)?;
    let (counter_high, counter_low) = (octets.number(4)?, octets.number(4)?);
    counted(&mut octets)?;
    octets.skip(20)?;
    let old_mac_keys = counted(&mut octets)?;
    let sound = sender_key > 0
        && recipient_key > 0
        && next_key > 0
        && (counter_high, counter_low) != (0, 0)
        && old_mac_keys.is_multiple_of(20)
        && octets.left() == 0;
    sound.then_some(Kind::Data)
}

/// Flags, three numbers of the ratchet, a point and a key that may be empty; then, with the nonce that
/// earlier drafts have or without, the message, its MAC and old MAC keys.
fn data_message_4(mut octets: Cursor<'_>) -> Option<Kind> {
    octets.skip(1 + 3 * 4 + 57)?;
    counted(&mut octets)?;
    [0, 24].into_iter().find_map(|nonce| {
        let mut octets = octets;
        octets.skip(nonce)?;
        counted(&mut octets)?;
        octets.skip(64)?;
        counted(&mut octets)?;
        (octets.left() == 0).then_some(Kind::Data)
    })
}

fn key_exchange(kind: u8, mut octets: Cursor<'_>) -> Option<Kind> {
    let sound = match kind {
        DH_COMMIT => counted(&mut octets)? > 0 && counted(&mut octets)? == 32,
        DH_KEY => counted(&mut octets)? > 0,
        REVEAL_SIGNATURE => counted(&mut octets)? == 16 && signature(&mut octets)?,
        _ => signature(&mut octets)?,
    };
    (sound && octets.left() == 0).then_some(Kind::KeyExchange)
}

/// An encrypted signature and its MAC.
fn signature(octets: &mut Cursor<'_>) -> Option<bool> {
    let length = counted(octets)?;
    octets.skip(20)?;
    Some(length > 0)
}

/// Whether it is a reply, a DSA key of four numbers, a key id, a public key and a DSA signature.
fn key_exchange_1(mut octets: Cursor<'_>) -> Option<Kind> {
    let reply = octets.octet()?;
    for _ in 0..4 {
        counted(&mut octets).filter(|length| *length > 0)?;
    }
    let key = octets.number(4)?;
    let public_key = counted(&mut octets)?;
    octets.skip(40)?;
    (reply <= 1 && key > 0 && public_key > 0 && octets.left() == 0).then_some(Kind::KeyExchange)
}

/// Each holds a ring signature, of six numbers of 57 octets, or a profile that is longer; the earliest
/// drafts count 56.
fn key_exchange_4(octets: Cursor<'_>) -> Option<Kind> {
    (octets.left() >= 6 * 56).then_some(Kind::KeyExchange)
}

/// A field with its length before it (MPI, DATA); returns the length.
fn counted(octets: &mut Cursor<'_>) -> Option<usize> {
    let length = octets.number(4)?;
    octets.skip(length)?;
    Some(length)
}

/// `,k,n,piece,` with, since version 3, `|sender|receiver` before it, and in version 4 `|id` before that.
fn fragment(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let mut rest = rest
        .strip_suffix(b",")
        .ok_or("no comma after the fragment")?;
    if let Some(tags) = rest.strip_prefix(b"|") {
        rest = fragment_instances(tags).ok_or("malformed instance tags")?;
    } else {
        rest = rest.get(1..).unwrap_or_default();
    }
    let (index, total, piece) = fragment_numbers(rest).ok_or("malformed fragment numbers")?;
    if piece_fits(index, total, piece, budget) {
        Ok(Kind::Fragment)
    } else {
        Err("not a piece of an OTR message")
    }
}

/// Goes past the tags and the comma after them.
fn fragment_instances(rest: &[u8]) -> Option<&[u8]> {
    let (first, rest) = field(rest, b'|', 16)?;
    let (sender, rest) = field(rest, b'|', 16).unwrap_or((first, rest));
    let (receiver, rest) = field(rest, b',', 16)?;
    let known = receiver == 0 || receiver >= MIN_INSTANCE;
    (sender >= MIN_INSTANCE && known).then_some(rest)
}

fn fragment_numbers(rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let (index, rest) = field(rest, b',', 10)?;
    let (total, piece) = field(rest, b',', 10)?;
    let sound = 1 <= index && index <= total && total <= 0xffff && !piece.is_empty();
    sound.then_some((index, total, piece))
}

/// A number of up to eight digits, and what follows the mark after it.
fn field(text: &[u8], mark: u8, radix: u32) -> Option<(usize, &[u8])> {
    let length = text.iter().take(9).position(|octet| *octet == mark)?;
    let (digits, rest) = (text.get(..length)?, text.get(length.checked_add(1)?..)?);
    let digits = str::from_utf8(digits).ok()?;
    let plain = digits.bytes().all(|digit| digit.is_ascii_alphanumeric());
    let number = usize::from_str_radix(digits, radix).ok()?;
    plain.then_some((number, rest))
}

/// Whether a piece can be the one at `index` of an encoded message: `?OTR:`, base64, a full stop.
fn piece_fits(index: usize, total: usize, piece: &[u8], budget: &Budget) -> bool {
    let mut rest = piece;
    if index == 1 {
        let Some(begun) = piece.strip_prefix(ENCODED) else {
            return total > 1 && ENCODED.starts_with(piece);
        };
        if total == 1 {
            return encoded(begun, budget).is_ok();
        }
        if begun
            .get(..4)
            .is_some_and(|begin| !begins_message(begin, budget))
        {
            return false;
        }
        rest = begun;
    }
    if index == total {
        let Some(ended) = rest.strip_suffix(b".") else {
            return false;
        };
        rest = ended;
    }
    let rest = rest.strip_suffix(b"=").unwrap_or(rest);
    is_in_alphabet(rest.strip_suffix(b"=").unwrap_or(rest), budget)
}

/// Whether the first three octets name a version and a type.
fn begins_message(base64: &[u8], budget: &Budget) -> bool {
    Base64::one_line(base64, budget)
        .is_some_and(|data| version_and_type(&mut data.cursor()).is_some())
}

/// `?`, or `v`, versions and `?`, or both; then a text for people who have no OTR, or none.
fn query(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let (version_1, rest) = match rest.strip_prefix(b"?") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let text = match versions(rest) {
        Some(text) => text,
        None if version_1 => rest,
        None => return Err("malformed versions in a query"),
    };
    if text.is_empty() {
        return Ok(Kind::Query);
    }
    if text.len() > MAX_QUERY_TEXT {
        return Err("a query with a text of more than 1024 octets");
    }
    // Each octet may be looked at some times.
    budget.pay_octets(text.len().saturating_mul(4));
    if names_otr(text) {
        Ok(Kind::Query)
    } else {
        Err("a query with a text that does not name OTR")
    }
}

/// Whether a text names the protocol, as clients of every language do: as a word, in any case.
fn names_otr(text: &[u8]) -> bool {
    const NAMES: [&[u8]; 2] = [b"otr", b"off-the-record"];
    let mut rest = text;
    let mut before = None;
    while let Some((first, behind)) = rest.split_first() {
        let is_start = before.is_none_or(|octet| !is_of_word(octet));
        if is_start && first.eq_ignore_ascii_case(&b'o') {
            let is_name = |name: &&[u8]| {
                rest.split_at_checked(name.len())
                    .is_some_and(|(found, end)| {
                        found.eq_ignore_ascii_case(name)
                            && !end.first().copied().is_some_and(is_of_word)
                    })
            };
            if NAMES.iter().any(is_name) {
                return true;
            }
        }
        before = Some(*first);
        rest = behind;
    }
    false
}

/// A letter of another script ends a word: Chinese has no blanks between them.
const fn is_of_word(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
}

/// Goes past `v23?`. The specification names digits and, for versions to come, `x`; none twice.
fn versions(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.strip_prefix(b"v")?;
    let end = rest.iter().take(12).position(|octet| *octet == b'?')?;
    let (versions, text) = (rest.get(..end)?, rest.get(end.checked_add(1)?..)?);
    let sound = versions.iter().enumerate().all(|(at, version)| {
        matches!(version, b'0'..=b'9' | b'x')
            && !versions.iter().take(at).any(|other| other == version)
    });
    sound.then_some(text)
}

/// ` Error:` and a text in any language; version 4 has a code before it.
fn error(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let text = rest.strip_prefix(b" Error:").ok_or("not an OTR message")?;
    budget.pay_octets(MAX_ERROR_TEXT.min(text.len()));
    if characters(trimmed(text, budget), MAX_ERROR_TEXT) <= MAX_ERROR_TEXT {
        Ok(Kind::Error)
    } else {
        Err("an error with a text of more than 200 characters")
    }
}

#[cfg(test)]
mod tests {
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
        let base64 = "AAMDJ+MVmSfjFZcAAAAAAQAAAAIAAADA1g5IjD1ZGLDVQEyCgCyn9hbrL3KAbGDdzE2ZkMyTKl7XfkSxh8YJnu\
             dstiB74i4BzT0W2haClg6dMary/jo9sMudwmUdlnKpIGEKXWdvJKT+hQ26h9nzMgEditLB8vjPEWAJ6gBXvZrY6ZQrx3gb4v0\
             UaSMOMiR5sB7Eaulb2Yc6RmRnnlxgUUC2alosg4WIeFN951PLjScajVba6dqlDi+q1H5tPvI5SWMN7PCBWIJ41+WvF+5IAZzQ\
             ZYgNaVLbAAAAAAAAAAEAAAAHwNiIi5Ms+4PsY/L2ipkTtquknfx6HodLvk3RAAAAAA==";
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
             Off-the-Record private conversation</a>.  However, you do not have a plugin to support that.\n\
             See <a href=\"https://otr.cypherpunks.ca/\">https://otr.cypherpunks.ca/</a> for more information.",
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
}
