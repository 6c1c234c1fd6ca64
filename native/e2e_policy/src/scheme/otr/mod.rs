// SPDX-License-Identifier: GPL-2.0-or-later
//! Off-the-Record messages in a body (OTR versions 1 to 4; XEP-0364).
//!
//! A whole body is one OTR message, or it is text in the clear: OTR libraries look for `?OTR`
//! anywhere in a body, and show people the text around the message.

mod encoded;
mod error;
mod fragment;
mod kind;
mod query;

use crate::element::readable::MAX_DEPTH;
use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::node::Node;
use crate::stanza::text::{characters, trimmed, trimmed_end};
use kind::Kind;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Otr {
    /// It does not begin with `?OTR`.
    Absent,
    /// It is an OTR message and nothing else.
    Valid,
    /// It begins with `?OTR`, but is not a valid message: says what is wrong, in words for an
    /// admin.
    Invalid(&'static str),
}

const PREFIX: &[u8] = b"?OTR";

/// How many steps it costs to read the fields of a message of any kind.
const COST: usize = 4;

/// Validates a body. White space after the message is tolerated.
pub(crate) fn check(body: &[u8], budget: &Budget) -> Otr {
    let Some(rest) = body.strip_prefix(PREFIX) else {
        return Otr::Absent;
    };
    budget.pay_steps(COST);
    match message(rest, budget) {
        Ok(_) => Otr::Valid,
        Err(reason) => Otr::Invalid(reason),
    }
}

/// Validates what follows `?OTR`; the error says what is wrong, in words for an admin.
fn message(rest: &[u8], budget: &Budget) -> Result<Kind, &'static str> {
    let rest = trimmed_end(rest, budget);
    match rest.first() {
        Some(b':') => encoded::read(rest.get(1..).unwrap_or_default(), budget),
        Some(b',' | b'|') => fragment::read(rest, budget),
        Some(b'?' | b'v') => query::read(rest, budget),
        Some(b' ') => error::read(rest, budget),
        _ => Err("not an OTR message"),
    }
}

/// How long a link in a formatted copy may be, in characters.
const MAX_LINK: usize = 64;

/// The longest formatted copy of a message that is read, in octets: libraries cut longer messages
/// into fragments.
const MAX_COPY: usize = 65_536;

/// Validates a formatted copy of a body: its whole text is one OTR message, and it has no
/// attributes but styles and short links.
pub(crate) fn check_copy<'a>(html: impl ElementView<'a>, budget: &Budget) -> Otr {
    let mut text = Vec::new();
    let is_text_alone = collect_text(html, MAX_DEPTH, budget, &mut text);
    match check(trimmed(&text, budget), budget) {
        Otr::Valid if !is_text_alone => Otr::Invalid("a formatted copy with more than the message"),
        other => other,
    }
}

/// Collects the text; false if there is anything else that people can read.
fn collect_text<'a>(
    element: impl ElementView<'a>,
    depth: usize,
    budget: &Budget,
    text: &mut Vec<u8>,
) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let has_no_other_attributes = element.attributes(budget).all(|(name, value)| match name {
        b"style" => true,
        b"href" => characters(value, MAX_LINK) <= MAX_LINK,
        _ => false,
    });
    has_no_other_attributes
        && element.nodes(budget).all(|node| match node {
            Node::Element(child) => collect_text(child, depth, budget, text),
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

#[cfg(test)]
mod tests;
