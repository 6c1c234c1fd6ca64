// SPDX-License-Identifier: GPL-2.0-or-later
//! OpenPGP packets with their bodies (RFC 9580 section 4.2).

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The packet type ID.
    pub tag: u8,
    /// Its body, joined if it came in several parts.
    pub body: Vec<u8>,
}

/// All packets of a message; nothing when one is incomplete or has no length.
#[must_use]
pub fn read(mut octets: &[u8]) -> Option<Vec<Packet>> {
    let mut packets = Vec::new();
    while let Some((first, rest)) = octets.split_first() {
        octets = rest;
        packets.push(match first {
            0xc0.. => new_format(first & 0x3f, &mut octets)?,
            0x80.. => Packet {
                tag: (first >> 2) & 0xf,
                body: old_format(first & 3, &mut octets)?,
            },
            _ => return None,
        });
    }
    Some(packets)
}

/// Writes a packet in the new format with a length of five octets.
#[must_use]
pub fn write(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[0xc0 | tag, 0xff], &length[..], body].concat()
}

fn old_format(kind: u8, octets: &mut &[u8]) -> Option<Vec<u8>> {
    let length = match kind {
        0 => big_endian(octets, 1)?,
        1 => big_endian(octets, 2)?,
        2 => big_endian(octets, 4)?,
        _ => return None,
    };
    take(octets, length).map(<[u8]>::to_vec)
}

fn new_format(tag: u8, octets: &mut &[u8]) -> Option<Packet> {
    let mut body = Vec::new();
    loop {
        let first = big_endian(octets, 1)?;
        let (length, last) = match first {
            0..=191 => (first, true),
            192..=223 => ((first - 192) * 256 + big_endian(octets, 1)? + 192, true),
            255 => (big_endian(octets, 4)?, true),
            _ => (1 << (first - 224), false),
        };
        body.extend(take(octets, length)?);
        if last {
            return Some(Packet { tag, body });
        }
    }
}

fn big_endian(octets: &mut &[u8], count: usize) -> Option<usize> {
    let number = take(octets, count)?;
    Some(
        number
            .iter()
            .fold(0, |sum, octet| sum * 256 + usize::from(*octet)),
    )
}

fn take<'a>(octets: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = octets.split_at_checked(count)?;
    *octets = rest;
    Some(taken)
}
