// SPDX-License-Identifier: GPL-2.0-or-later
//! An element of a running ejabberd, read in place: `{xmlel, Name, Attributes, Children}`, or a text that
//! ejabberd took out of one.
//!
//! Names, values and text are borrowed from the term. A child that is no element, and a term that is
//! not of this shape, is passed over as the stream parser would never produce it.

use e2e_policy::{ElementView, Node};
use rustler::{Binary, Error, NifResult, Term};
use std::borrow::Cow;

mod atoms {
    rustler::atoms! { xmlel, xmlcdata }
}

/// The namespace of a stanza that declares none (RFC 6120 section 4.8.2).
const CLIENT: &[u8] = b"jabber:client";

/// A borrowed look at one element.
#[derive(Clone, Copy)]
pub(crate) struct TermElement<'a> {
    name: &'a [u8],
    namespace: &'a [u8],
    attributes: Term<'a>,
    children: Children<'a>,
}

/// What an element holds.
#[derive(Clone, Copy)]
enum Children<'a> {
    /// Of an `#xmlel{}`.
    List(Term<'a>),
    /// Nothing but a text.
    Text(&'a [u8]),
}

impl<'a> TermElement<'a> {
    /// An element that holds `text` and nothing else, as ejabberd keeps a body.
    pub(crate) fn of_text(name: &'a str, text: Term<'a>) -> Option<Self> {
        Some(Self {
            name: name.as_bytes(),
            namespace: CLIENT,
            // A text is no list of attributes.
            attributes: text,
            children: Children::Text(octets(text)?),
        })
    }

    /// The element of a stanza that a term is.
    pub(crate) fn of(term: Term<'a>) -> Option<Self> {
        let (element, _) = Self::read(term, CLIENT, "").ok()?;
        Some(element)
    }

    /// The element, and the value of the attribute `wanted`: all attributes are gone through once.
    /// `inherited` is the namespace of the parent, which holds where the element declares none.
    #[inline]
    fn read(
        term: Term<'a>,
        inherited: &'a [u8],
        wanted: &str,
    ) -> NifResult<(Self, Option<&'a [u8]>)> {
        let (tag, name, attributes, children): (Term<'a>, Binary<'a>, Term<'a>, Term<'a>) =
            term.decode()?;
        if atoms::xmlel() != tag {
            return Err(Error::BadArg);
        }
        let mut element = Self {
            name: name.as_slice(),
            namespace: inherited,
            attributes,
            children: Children::List(children),
        };
        let mut found = None;
        for (name, value) in element.pairs() {
            if name == b"xmlns" {
                element.namespace = octets(value).unwrap_or(inherited);
            } else if name == wanted.as_bytes() {
                found = octets(value);
            }
        }
        Ok((element, found))
    }

    /// Names of attributes, each with its value as yet unread.
    fn pairs(self) -> impl Iterator<Item = (&'a [u8], Term<'a>)> {
        items(self.attributes).filter_map(|pair| {
            let (name, value): (Binary<'a>, Term<'a>) = pair.decode().ok()?;
            Some((name.as_slice(), value))
        })
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
        octets(value)
    }

    fn has_attributes(self) -> bool {
        self.pairs()
            .any(|(name, _)| !name.starts_with(b"xmlns") && !name.starts_with(b"xml:"))
    }

    fn only_text(self) -> Option<&'a [u8]> {
        let list = match self.children {
            Children::List(list) => list,
            Children::Text(text) => return Some(text),
        };
        let (node, rest) = list.list_get_cell().ok()?;
        let text = character_data(node)?;
        rest.is_empty_list().then_some(text)
    }

    #[inline]
    fn nodes_with(
        self,
        attribute: &str,
    ) -> impl Iterator<Item = (Node<'a, Self>, Option<&'a [u8]>)> {
        Nodes {
            children: Some(self.children),
            namespace: self.namespace,
            wanted: attribute,
        }
    }

    #[inline]
    fn nodes(self) -> impl Iterator<Item = Node<'a, Self>> {
        self.nodes_with("").map(|(node, _)| node)
    }
}

/// What is left of an element's nodes, the namespace that they inherit, and the attribute that comes with each.
struct Nodes<'a, 'b> {
    children: Option<Children<'a>>,
    namespace: &'a [u8],
    wanted: &'b str,
}

impl<'a> Iterator for Nodes<'a, '_> {
    type Item = (Node<'a, TermElement<'a>>, Option<&'a [u8]>);

    #[expect(
        clippy::inline_always,
        reason = "an element handed over in memory costs more than reading it: a fifth of a decision"
    )]
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let list = match self.children? {
                Children::List(list) => list,
                Children::Text(text) => {
                    self.children = None;
                    return Some((Node::Text(text), None));
                }
            };
            let (node, rest) = list.list_get_cell().ok()?;
            self.children = Some(Children::List(rest));
            if let Ok((element, value)) = TermElement::read(node, self.namespace, self.wanted) {
                return Some((Node::Element(element), value));
            }
            if let Some(text) = character_data(node) {
                return Some((Node::Text(text), None));
            }
        }
    }
}

fn octets(value: Term<'_>) -> Option<&[u8]> {
    value
        .decode()
        .ok()
        .map(|value: Binary<'_>| value.as_slice())
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
