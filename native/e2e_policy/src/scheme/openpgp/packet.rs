// SPDX-License-Identifier: GPL-2.0-or-later
//! Packet framing (RFC 9580 section 4): types and lengths.

use crate::scheme::base64::cursor::Cursor;
use crate::stanza::budget::Budget;

pub(super) const TRUNCATED: &str = "truncated packet";

/// The shortest first part of a packet in parts, in octets (RFC 9580 section 4.2.1.4).
const MIN_FIRST_PART: usize = 512;

/// The first octet of a packet.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    /// The packet type.
    pub number: u8,
    /// The length type, in the legacy format (section 4.2.2).
    legacy_length: Option<u8>,
}

impl Tag {
    /// Reads the first octet of a packet.
    pub(super) fn read(octets: &mut Cursor<'_>) -> Result<Self, &'static str> {
        let first = octets.octet().ok_or(TRUNCATED)?;
        let (number, legacy_length) = match first {
            ..0x80 => return Err("not an OpenPGP packet"),
            0x80..0xc0 => (first >> 2 & 15, Some(first & 3)),
            0xc0.. => (first & 63, None),
        };
        Ok(Self {
            number,
            legacy_length,
        })
    }
}

/// A packet whose header was read.
pub(super) struct Packet<'a> {
    /// The packet type.
    pub tag: u8,
    /// The body, or the first part of it.
    pub head: Cursor<'a>,
    /// The length of the whole body in octets.
    pub length: usize,
}

/// What a length of the current format says.
enum Length {
    Whole(usize),
    Part(usize),
}

impl<'a> Packet<'a> {
    /// Reads the header after the first octet, and goes past the body.
    pub(super) fn read(
        tag: Tag,
        may_be_in_parts: bool,
        octets: &mut Cursor<'a>,
        budget: &Budget,
    ) -> Result<Self, &'static str> {
        pay_for_header(budget)?;
        let length = match tag.legacy_length {
            // None of the types that an encrypted message has may do without a length.
            Some(3) => return Err("a packet without a length"),
            Some(length_type) => Length::Whole(octets.number(1 << length_type).ok_or(TRUNCATED)?),
            None => Length::read(octets)?,
        };
        match length {
            Length::Whole(length) => Ok(Self {
                tag: tag.number,
                head: octets.part(length).ok_or(TRUNCATED)?,
                length,
            }),
            Length::Part(_) if !may_be_in_parts => Err("a partial length where none is allowed"),
            Length::Part(..MIN_FIRST_PART) => Err("a first part shorter than 512 octets"),
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
            pay_for_header(budget)?;
            let length = Length::read(octets)?;
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
}

impl Length {
    /// Reads one to five octets (RFC 9580 section 4.2.1).
    fn read(octets: &mut Cursor<'_>) -> Result<Self, &'static str> {
        let first = octets.octet().ok_or(TRUNCATED)?;
        Ok(match first {
            ..192 => Self::Whole(usize::from(first)),
            192..224 => {
                let second = octets.octet().ok_or(TRUNCATED)?;
                let high = usize::from(first.wrapping_sub(192)) << 8;
                Self::Whole(high.saturating_add(usize::from(second)).saturating_add(192))
            }
            224..255 => Self::Part(1 << (first & 31)),
            255 => Self::Whole(octets.number(4).ok_or(TRUNCATED)?),
        })
    }
}

fn pay_for_header(budget: &Budget) -> Result<(), &'static str> {
    budget.pay().then_some(()).ok_or("too many packets")
}
