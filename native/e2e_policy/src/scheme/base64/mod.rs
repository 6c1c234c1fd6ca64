// SPDX-License-Identifier: GPL-2.0-or-later
//! Base64 (RFC 4648 section 4) read in place, without decoding it, so that a megabyte costs as much
//! as a kilobyte.
//!
//! Padding is required, as RFC 4648 and the XEPs require it. No known client leaves it out, and
//! most words in the clear are refused because they have none. docs/performance.md has the reasons
//! for this form of the code under "Base64".

mod alphabet;
pub(crate) mod cursor;

use crate::scheme::base64::alphabet::{LANES, NONE, all_in_alphabet, sextet};
use crate::stanza::budget::Budget;
use crate::stanza::text::trimmed;
use std::ops::Range;

/// The longest text of which every octet is validated.
const COMPLETE: usize = 1024;
// What is validated of a longer text, in octets: its beginning, its end, and short runs spread
// evenly between them.
const HEAD: usize = 256;
const TAIL: usize = 256;
const RUNS: usize = 16;
const RUN: usize = LANES;

/// How many octets are validated for one step of the budget.
const STEP: usize = 256;

/// The longest line, in characters. MIME breaks lines after 76 characters, OpenPGP after 64 or 76.
const MAX_LINE: usize = 256;
/// The longest separator of lines, in octets: a line feed and an indentation.
const MAX_SEPARATOR: usize = 64;

/// A text that has the form of base64.
///
/// A text of up to 1024 octets is validated completely. Of a longer one the beginning, the end and
/// 16 runs between them are, which finds any text of words with blanks between them. A sender who
/// knows where the runs are can hide text between them, but could as well send base64 of that text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base64<'a> {
    text: &'a [u8],
    /// Characters in each line but the last.
    width: usize,
    /// The white space between lines; empty if there is one line.
    separator: &'a [u8],
    /// How many characters it has without separators, padding included.
    characters: usize,
    /// How many of these are padding.
    padding: usize,
}

impl<'a> Base64<'a> {
    /// Validates a text that may be broken into lines of one width, all with the same white space
    /// after them, and that may have white space around it.
    pub(crate) fn new(text: &'a [u8], budget: &Budget) -> Option<Self> {
        let text = trimmed(text, budget);
        Self::one_line(text, budget).or_else(|| Self::lines(text, budget))
    }

    /// Validates a text without any white space.
    pub(crate) fn one_line(text: &'a [u8], budget: &Budget) -> Option<Self> {
        let padding = padding(text.iter().rev().copied());
        let data = text.get(..text.len().checked_sub(padding)?)?;
        let is_valid =
            !text.is_empty() && text.len().is_multiple_of(4) && is_in_alphabet(data, budget);
        is_valid.then_some(Self {
            text,
            width: text.len(),
            separator: &[],
            characters: text.len(),
            padding,
        })
    }

    fn lines(text: &'a [u8], budget: &Budget) -> Option<Self> {
        let (width, separator) = line_form(text)?;
        let period = width.checked_add(separator.len())?;
        let (lines, last) = (
            text.len().checked_div(period)?,
            text.len().checked_rem(period)?,
        );
        if last > width || last == 0 {
            return None;
        }
        let characters = lines.checked_mul(width)?.checked_add(last)?;
        // Between the last two characters is at most a separator.
        let end = text.iter().rev().take(MAX_SEPARATOR.saturating_add(2));
        let backwards = end.filter(|octet| !octet.is_ascii_whitespace());
        let data = Self {
            text,
            width,
            separator,
            characters,
            padding: padding(backwards.copied()),
        };
        (characters.is_multiple_of(4) && data.is_valid(budget)).then_some(data)
    }

    /// How many octets it encodes.
    pub(crate) fn decoded_len(&self) -> usize {
        (self.characters / 4)
            .saturating_mul(3)
            .saturating_sub(self.padding)
    }

    /// The octet at `index`; none after the last one.
    fn octet(&self, index: usize) -> Option<u8> {
        let (group, offset) = (index / 3, index % 3);
        let (first, second) = self.positions(index.checked_add(group)?)?;
        let high = sextet(*self.text.get(first)?);
        let low = sextet(*self.text.get(second)?);
        if high.max(low) == NONE {
            return None;
        }
        // Eight of these twelve bits: the first, the middle or the last ones.
        let bits = u16::from(high) << 6 | u16::from(low);
        let [_, octet] = (bits >> 4_usize.wrapping_sub(offset << 1)).to_be_bytes();
        Some(octet)
    }

    /// The positions of the characters at `index` and after it in the text.
    fn positions(&self, index: usize) -> Option<(usize, usize)> {
        if self.separator.is_empty() {
            return Some((index, index.saturating_add(1)));
        }
        let (line, column) = (
            index.checked_div(self.width)?,
            index.checked_rem(self.width)?,
        );
        let first = line.checked_mul(self.separator.len())?.checked_add(index)?;
        let line_ends = column.checked_add(1)? == self.width;
        let between = if line_ends { self.separator.len() } else { 0 };
        Some((first, first.checked_add(1)?.checked_add(between)?))
    }

    fn is_valid(&self, budget: &Budget) -> bool {
        let padding = self.characters.checked_sub(self.padding);
        let padding = padding.and_then(|index| self.positions(index));
        padding.is_some_and(|(padding, _)| {
            self.is_padded_from(padding)
                && samples(self.text.len())
                    .all(|run| self.run_is_valid(run, padding, budget).unwrap_or(false))
        })
    }

    /// Whether the text from `start` on is the padding, the second character of which may be on a
    /// line of its own.
    fn is_padded_from(&self, start: usize) -> bool {
        match self.text.get(start..).unwrap_or_default() {
            [] => self.padding == 0,
            [b'='] => self.padding == 1,
            [b'=', between @ .., b'='] => between.is_empty() || between == self.separator,
            _ => false,
        }
    }

    /// Whether the lines in a part of the text, the first of them from its beginning on, are
    /// characters with the separator after them. The part ends where the padding begins.
    fn run_is_valid(&self, run: Range<usize>, padding: usize, budget: &Budget) -> Option<bool> {
        let period = self.width.checked_add(self.separator.len())?;
        let start = run.start.checked_sub(run.start.checked_rem(period)?)?;
        let lines = self.text.get(start..run.end.min(padding).max(start))?;
        let mut lines = lines.chunks(period);
        Some(lines.all(|line| budget.pay() && self.line_is_valid(line)))
    }

    fn line_is_valid(&self, line: &[u8]) -> bool {
        let (characters, rest) = line.split_at_checked(self.width).unwrap_or((line, &[]));
        let mut separator = rest.iter().zip(self.separator);
        all_in_alphabet(characters) && separator.all(|(found, expected)| found == expected)
    }
}

/// Whether a text consists of the characters of base64 without padding; validated as far as the
/// text of [`Base64`] is.
pub(crate) fn is_in_alphabet(text: &[u8], budget: &Budget) -> bool {
    budget.pay_steps(text.len().min(COMPLETE) / STEP);
    if text.len() <= COMPLETE {
        // The first line is enough to refuse a text that is broken into lines.
        let (first, rest) = text.split_at_checked(MAX_LINE).unwrap_or((text, &[]));
        return all_in_alphabet(first) && (rest.is_empty() || all_in_alphabet(rest));
    }
    samples(text.len()).all(|run| text.get(run).is_some_and(all_in_alphabet))
}

/// How many characters of padding there are, in a text that is read from its end.
fn padding(backwards: impl Iterator<Item = u8>) -> usize {
    backwards
        .take(2)
        .take_while(|character| *character == b'=')
        .count()
}

/// The width of the first line, and the white space between it and the second.
fn line_form(text: &[u8]) -> Option<(usize, &[u8])> {
    let width = first_white_space(text)?;
    let rest = text.get(width..)?;
    let length = rest
        .iter()
        .take(MAX_SEPARATOR)
        .position(|octet| !octet.is_ascii_whitespace())?;
    let separator = rest.get(..length)?;
    separator.contains(&b'\n').then_some((width, separator))
}

/// The position of the first white space. Pieces of characters alone are skipped whole, which takes
/// less time than comparing each octet.
fn first_white_space(text: &[u8]) -> Option<usize> {
    const PIECE: usize = 64;
    let mut pieces = text.chunks(PIECE).take(MAX_LINE / PIECE);
    let before = pieces.position(|piece| !all_in_alphabet(piece))?;
    let start = before.checked_mul(PIECE)?;
    let piece = text.get(start..)?.iter().take(PIECE);
    piece
        .copied()
        .position(|octet| octet.is_ascii_whitespace())?
        .checked_add(start)
}

/// The parts of a text of a length that are validated.
fn samples(length: usize) -> impl Iterator<Item = Range<usize>> {
    let (head, tail, runs) = if length <= COMPLETE {
        (length, 0, 0)
    } else {
        (HEAD, TAIL, RUNS)
    };
    let step = length / (RUNS + 1);
    let between = (1..=runs).map(move |run| {
        let start = step.saturating_mul(run);
        start..start.saturating_add(RUN)
    });
    [0..head, length.saturating_sub(tail)..length]
        .into_iter()
        .chain(between)
}

#[cfg(test)]
pub(crate) mod tests;
