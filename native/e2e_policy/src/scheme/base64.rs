// SPDX-License-Identifier: GPL-2.0-or-later
//! Base64 (RFC 4648 section 4) read in place, as elements of XMPP carry it: octet by octet, without
//! decoding, so that a megabyte costs what a kilobyte costs.
//!
//! Padding is demanded, as RFC 4648 and the XEPs demand it: no client was seen to leave it out, and
//! most words of clear text fail for want of it.

use crate::stanza::budget::Budget;
use crate::stanza::text::trimmed;
use std::ops::Range;

/// Up to this many octets every one is looked at.
const COMPLETE: usize = 1024;
/// Of a longer text: the beginning, the end, and some short runs evenly spread between.
const HEAD: usize = 256;
const TAIL: usize = 256;
const RUNS: usize = 16;
const RUN: usize = LANES;

/// How many octets are looked at, many at once, for one step of the budget.
const STEP: usize = 256;

/// MIME breaks lines after 76 characters, OpenPGP after 64 or 76; nobody after more than this.
const MAX_LINE: usize = 256;
/// A line feed and a pretty-printer's indentation.
const MAX_SEPARATOR: usize = 64;

/// A text that has the form of base64.
///
/// A text of up to 1024 octets is verified completely. Of a longer one the beginning, the end and
/// sixteen runs between are, which any text with blanks in it fails. Who knows where the runs lie can
/// hide clear text between them; base64 of his clear text would serve him as well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base64<'a> {
    text: &'a [u8],
    /// Characters in each line but the last.
    width: usize,
    /// What stands between lines; nothing when there is one line.
    separator: &'a [u8],
    /// Characters without separators, padding included.
    characters: usize,
    padding: usize,
}

impl<'a> Base64<'a> {
    /// Reads a text that may be broken into lines of one width, all with the same white space after
    /// them, and surrounded by white space.
    pub(crate) fn new(text: &'a [u8], budget: &Budget) -> Option<Self> {
        let text = trimmed(text, budget);
        Self::one_line(text, budget).or_else(|| Self::lines(text, budget))
    }

    /// Reads a text without any white space.
    pub(crate) fn one_line(text: &'a [u8], budget: &Budget) -> Option<Self> {
        let padding = padding(text.iter().rev().copied());
        let data = text.get(..text.len().checked_sub(padding)?)?;
        let sound =
            !text.is_empty() && text.len().is_multiple_of(4) && is_in_alphabet(data, budget);
        sound.then_some(Self {
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
        // No more than a separator stands between the last two characters.
        let end = text.iter().rev().take(MAX_SEPARATOR.saturating_add(2));
        let backwards = end.filter(|octet| !octet.is_ascii_whitespace());
        let data = Self {
            text,
            width,
            separator,
            characters,
            padding: padding(backwards.copied()),
        };
        (characters.is_multiple_of(4) && data.holds(budget)).then_some(data)
    }

    /// How many octets it stands for.
    pub(crate) fn decoded_len(&self) -> usize {
        (self.characters / 4)
            .saturating_mul(3)
            .saturating_sub(self.padding)
    }

    /// The octet at `index`; none behind the last, where padding is or nothing.
    fn octet(&self, index: usize) -> Option<u8> {
        let (group, place) = (index / 3, index % 3);
        let (first, second) = self.positions(index.checked_add(group)?)?;
        let high = sextet(*self.text.get(first)?);
        let low = sextet(*self.text.get(second)?);
        if high.max(low) == NONE {
            return None;
        }
        // Eight of these twelve bits: the first, those in the middle, or the last.
        let bits = u16::from(high) << 6 | u16::from(low);
        let [_, octet] = (bits >> 4_usize.wrapping_sub(place << 1)).to_be_bytes();
        Some(octet)
    }

    /// A cursor over all octets.
    pub(crate) fn cursor(&self) -> Cursor<'_> {
        Cursor {
            data: self,
            at: 0,
            end: self.decoded_len(),
        }
    }

    /// Where the character at `index` stands in the text, and where the next one does.
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

    fn holds(&self, budget: &Budget) -> bool {
        let padding = self.characters.checked_sub(self.padding);
        let padding = padding.and_then(|index| self.positions(index));
        padding.is_some_and(|(padding, _)| {
            self.is_padded_from(padding)
                && samples(self.text.len())
                    .all(|run| self.run_holds(run, padding, budget).unwrap_or(false))
        })
    }

    /// Whether from there on is the padding, of which the last line may have the second half alone.
    fn is_padded_from(&self, start: usize) -> bool {
        match self.text.get(start..).unwrap_or_default() {
            [] => self.padding == 0,
            [b'='] => self.padding == 1,
            [b'=', between @ .., b'='] => between.is_empty() || between == self.separator,
            _ => false,
        }
    }

    /// Whether the lines in a part of the text, the first from its beginning on, are characters with the
    /// separator after them. From `padding` on there is nothing but padding.
    fn run_holds(&self, run: Range<usize>, padding: usize, budget: &Budget) -> Option<bool> {
        let period = self.width.checked_add(self.separator.len())?;
        let start = run.start.checked_sub(run.start.checked_rem(period)?)?;
        let lines = self.text.get(start..run.end.min(padding).max(start))?;
        let mut lines = lines.chunks(period);
        Some(lines.all(|line| budget.pay() && self.line_holds(line)))
    }

    fn line_holds(&self, line: &[u8]) -> bool {
        let (characters, rest) = line.split_at_checked(self.width).unwrap_or((line, &[]));
        let mut separator = rest.iter().zip(self.separator);
        all_in_alphabet(characters) && separator.all(|(found, expected)| found == expected)
    }
}

/// Reads octets one after the other, between fixed bounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    data: &'a Base64<'a>,
    at: usize,
    end: usize,
}

impl Cursor<'_> {
    /// How many octets are left.
    pub(crate) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// Not inlined: several copies would have to be fetched from memory.
    #[inline(never)]
    pub(crate) fn octet(&mut self) -> Option<u8> {
        let at = self.at;
        self.skip(1)?;
        self.data.octet(at)
    }

    /// A big-endian number of up to four octets.
    pub(crate) fn number(&mut self, octets: usize) -> Option<usize> {
        (0..octets).try_fold(0, |number, _| {
            Some(number << 8 | usize::from(self.octet()?))
        })
    }

    pub(crate) fn skip(&mut self, octets: usize) -> Option<()> {
        self.at = self.at.checked_add(octets).filter(|at| *at <= self.end)?;
        Some(())
    }

    /// A cursor over the next octets, which this one goes past.
    pub(crate) fn part(&mut self, octets: usize) -> Option<Self> {
        let at = self.at;
        self.skip(octets)?;
        Some(Self {
            at,
            end: self.at,
            ..*self
        })
    }
}

/// Whether a run of text has no character but those of base64, without padding; verified as the
/// text of [`Base64`] is.
pub(crate) fn is_in_alphabet(text: &[u8], budget: &Budget) -> bool {
    budget.pay_steps(text.len().min(COMPLETE) / STEP);
    if text.len() <= COMPLETE {
        // A text that is broken into lines is not read to its end.
        let (first, rest) = text.split_at_checked(MAX_LINE).unwrap_or((text, &[]));
        return all_in_alphabet(first) && (rest.is_empty() || all_in_alphabet(rest));
    }
    samples(text.len()).all(|run| text.get(run).is_some_and(all_in_alphabet))
}

/// How many characters of padding there are, of a text from its end.
fn padding(backwards: impl Iterator<Item = u8>) -> usize {
    backwards
        .take(2)
        .take_while(|character| *character == b'=')
        .count()
}

/// The width of the first line, and what separates it from the second.
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

/// Goes by pieces, which is faster than by octets, to the first that is not all characters.
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

/// The parts of a text that are looked at.
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

/// How many octets are looked at in one step: what a vector register of any x86-64 or aarch64 holds.
const LANES: usize = 16;

/// Not inlined: several copies would have to be fetched from memory.
#[inline(never)]
fn all_in_alphabet(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else {
        return text.iter().all(|octet| beyond(*octet) == 0);
    };
    // The last step looks at some octets again: that takes less than one step for each octet that is left.
    let (steps, _) = text.as_chunks();
    let mut sum = [0; LANES];
    for step in steps {
        add_beyond(step, &mut sum);
    }
    add_beyond(last, &mut sum);
    sum == [0; LANES]
}

fn add_beyond(step: &[u8; LANES], sum: &mut [u8; LANES]) {
    for (sum, octet) in sum.iter_mut().zip(step) {
        *sum |= beyond(*octet);
    }
}

/// How far a character is beyond the alphabet: zero if it is in it. Without branches, so that the compiler
/// looks at many octets at once.
fn beyond(octet: u8) -> u8 {
    let letter = (octet | 0x20).wrapping_sub(b'a').saturating_sub(25);
    // The slash stands before the zero.
    let digit_or_slash = octet.wrapping_sub(b'/').saturating_sub(10);
    letter.min(digit_or_slash).min(octet ^ b'+')
}

/// What a character stands for: six bits. Looked up rather than branched upon: of which range the next one
/// is nobody can foretell, and a wrong guess costs a processor more.
fn sextet(character: u8) -> u8 {
    SEXTETS.get(usize::from(character)).copied().unwrap_or(NONE)
}

const NONE: u8 = u8::MAX;

#[expect(clippy::indexing_slicing, reason = "evaluated when this is compiled")]
static SEXTETS: [u8; 256] = {
    let mut sextets = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        sextets[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    sextets
};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Plain encoder, written the other way round than the reader.
    pub(crate) fn encode(octets: &[u8]) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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
    fn an_empty_text_is_none() {
        is_not_base64("");
        is_not_base64(" \n ");
    }

    #[test]
    fn clear_text_is_none() {
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
    fn of_all_octets_those_of_rfc_4648_are_characters() {
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
    fn padding_is_needed_at_the_end_and_allowed_nowhere_else() {
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
    fn nothing_stands_where_the_padding_is_broken() {
        reads_as("Z\n m\n 9\n v\n Y\n g\n =\n =", b"foob");
        for end in ["Yg==", "g at=", "= at=", "=\n\t=", "\n =="] {
            is_not_base64(&format!("Z\n m\n 9\n v\n Y\n g\n {end}"));
        }
        is_not_base64("w\x0c\nL\x0c\nX1==");
    }

    #[test]
    fn lines_must_be_alike() {
        is_not_base64("Zm9v\nZm9vZm9v");
        is_not_base64("Zm9vZm9v\nZm9v\nZm9vZm9v");
        is_not_base64("Zm9v\nZm9v\r\nZm9v");
        is_not_base64("Zm9v\n\nZm9v\nZm9v");
        is_not_base64("Zm9vYg=x=");
        is_not_base64("Zm9vYg=\nx=");
    }

    #[test]
    fn a_stranger_is_found_anywhere_in_a_short_text_and_at_the_ends_of_a_long_one() {
        for length in [8, 1020] {
            for at in 0..length {
                let mut text = "Zm9v".repeat(length / 4);
                text.replace_range(at..=at, "!");
                is_not_base64(&text);
            }
        }
        let length = 1_000_000;
        for at in (0..HEAD).chain(length - TAIL..length) {
            let mut text = "Zm9v".repeat(length / 4);
            text.replace_range(at..=at, " ");
            is_not_base64(&text);
        }
    }

    #[test]
    fn the_same_number_of_octets_of_any_long_text_is_looked_at() {
        for length in [COMPLETE + 1, 100_000, 10_000_000] {
            let looked_at: usize = samples(length).map(|run| run.len()).sum();
            assert_eq!(looked_at, HEAD + TAIL + RUNS * RUN);
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
}
