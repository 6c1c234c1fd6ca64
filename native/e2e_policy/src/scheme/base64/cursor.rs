// SPDX-License-Identifier: GPL-2.0-or-later
//! Reads the octets that a base64 text encodes, one after the other.

use crate::scheme::base64::Base64;

impl Base64<'_> {
    /// A cursor over all octets.
    pub(crate) fn cursor(&self) -> Cursor<'_> {
        Cursor {
            data: self,
            index: 0,
            end: self.decoded_len(),
        }
    }
}

/// Reads octets between fixed bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    data: &'a Base64<'a>,
    /// The next octet.
    index: usize,
    end: usize,
}

impl Cursor<'_> {
    /// How many octets are left.
    pub(crate) fn left(&self) -> usize {
        self.end.saturating_sub(self.index)
    }

    /// The next octet.
    ///
    /// Not inlined: each copy would take lines of the instruction cache.
    #[inline(never)]
    pub(crate) fn octet(&mut self) -> Option<u8> {
        let index = self.index;
        self.skip(1)?;
        self.data.octet(index)
    }

    /// A big-endian number of up to four octets.
    pub(crate) fn number(&mut self, octets: usize) -> Option<usize> {
        (0..octets).try_fold(0, |number, _| {
            Some(number << 8 | usize::from(self.octet()?))
        })
    }

    /// Goes past a number of octets.
    pub(crate) fn skip(&mut self, octets: usize) -> Option<()> {
        let index = self.index.checked_add(octets)?;
        self.index = Some(index).filter(|index| *index <= self.end)?;
        Some(())
    }

    /// A cursor over the next octets, which this one goes past.
    pub(crate) fn part(&mut self, octets: usize) -> Option<Self> {
        let index = self.index;
        self.skip(octets)?;
        Some(Self {
            index,
            end: self.index,
            ..*self
        })
    }
}
