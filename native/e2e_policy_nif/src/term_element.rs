// SPDX-License-Identifier: GPL-2.0-or-later
//! An element of a running ejabberd, read in place: `{xmlel, Name, Attributes, Children}`.
//!
//! Names, values and text are borrowed from the term. A child that is no element, and a term that is
//! not of this shape, is passed over as the stream parser would never produce it.

use e2e_policy::{ElementView, Node};
use rustler::{Binary, Decoder, Error, NifResult, Term};
use std::borrow::Cow;

mod atoms {
    rustler::atoms! { xmlel, xmlcdata }
}

/// The namespace of a stanza that declares none (RFC 6120 section 4.8.2).
const CLIENT: &[u8] = b"jabber:client";

/// A borrowed look at one `#xmlel{}`.
#[derive(Clone, Copy)]
pub(crate) struct TermElement<'a> {
    name: &'a [u8],
    namespace: &'a [u8],
    attributes: Term<'a>,
    children: Term<'a>,
}

impl<'a> TermElement<'a> {
    /// `inherited` is the namespace of the parent, which holds where the element declares none.
    #[inline]
    fn read(term: Term<'a>, inherited: &'a [u8]) -> NifResult<Self> {
        let (tag, name, attributes, children): (Term<'a>, Binary<'a>, Term<'a>, Term<'a>) =
            term.decode()?;
        if atoms::xmlel() != tag {
            return Err(Error::BadArg);
        }
        let mut element = Self {
            name: name.as_slice(),
            namespace: inherited,
            attributes,
            children,
        };
        if let Some(declared) = element.attribute("xmlns") {
            element.namespace = declared;
        }
        Ok(element)
    }

    /// Names of attributes, each with its value as yet unread.
    fn pairs(self) -> impl Iterator<Item = (&'a [u8], Term<'a>)> {
        items(self.attributes).filter_map(|pair| {
            let (name, value): (Binary<'a>, Term<'a>) = pair.decode().ok()?;
            Some((name.as_slice(), value))
        })
    }
}

impl<'a> Decoder<'a> for TermElement<'a> {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        Self::read(term, CLIENT)
    }
}

impl<'a> ElementView<'a> for TermElement<'a> {
    fn name(self) -> &'a [u8] {
        self.name
    }

    fn namespace(self) -> Cow<'a, [u8]> {
        Cow::Borrowed(self.namespace)
    }

    fn attribute(self, name: &str) -> Option<&'a [u8]> {
        let (_, value) = self.pairs().find(|(found, _)| *found == name.as_bytes())?;
        value
            .decode()
            .ok()
            .map(|value: Binary<'a>| value.as_slice())
    }

    fn has_attributes(self) -> bool {
        self.pairs()
            .any(|(name, _)| !name.starts_with(b"xmlns") && !name.starts_with(b"xml:"))
    }

    fn only_text(self) -> Option<&'a [u8]> {
        let (node, rest) = self.children.list_get_cell().ok()?;
        let text = character_data(node)?;
        rest.is_empty_list().then_some(text)
    }

    #[inline]
    fn nodes(self) -> impl Iterator<Item = Node<'a, Self>> {
        Nodes {
            rest: self.children,
            namespace: self.namespace,
        }
    }
}

/// What is left of an element's nodes, and the namespace that they inherit.
struct Nodes<'a> {
    rest: Term<'a>,
    namespace: &'a [u8],
}

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a, TermElement<'a>>;

    #[expect(
        clippy::inline_always,
        reason = "an element handed over in memory costs more than reading it: a fifth of a decision"
    )]
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (node, rest) = self.rest.list_get_cell().ok()?;
            self.rest = rest;
            if let Ok(element) = TermElement::read(node, self.namespace) {
                return Some(Node::Element(element));
            }
            if let Some(text) = character_data(node) {
                return Some(Node::Text(text));
            }
        }
    }
}

fn character_data(node: Term<'_>) -> Option<&[u8]> {
    let (tag, text): (Term<'_>, Binary<'_>) = node.decode().ok()?;
    (atoms::xmlcdata() == tag).then(|| text.as_slice())
}

/// The items of a list, up to its end or to a tail that is none.
fn items(list: Term<'_>) -> impl Iterator<Item = Term<'_>> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let (head, tail) = rest.list_get_cell().ok()?;
        rest = tail;
        Some(head)
    })
}
