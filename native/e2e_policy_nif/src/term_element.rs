// SPDX-License-Identifier: GPL-2.0-or-later
//! An element of a running ejabberd, read in place: `{xmlel, Name, Attributes, Children}`, or a
//! text that ejabberd took out of one.
//!
//! Names, values and text are borrowed from the term. A term of another shape, which the stream
//! parser never makes, counts as text: another module may have put something there that recipients
//! can read.

use e2e_policy::{Budget, ElementView, Known, Node, Part};
use rustler::{Binary, Term};
use std::borrow::Cow;

mod atoms {
    rustler::atoms! { xmlel, xmlcdata }
}

/// The namespace of a stanza that declares none (RFC 6120 section 4.8.2).
const CLIENT: &[u8] = b"jabber:client";

/// The text of a term that is not of the expected shape.
const UNREADABLE: &[u8] = b"?";

/// A borrowed look at one element.
#[derive(Clone, Copy)]
pub(crate) struct TermElement<'a> {
    name: &'a [u8],
    namespace: &'a [u8],
    attributes: Term<'a>,
    children: Children<'a>,
}

/// The content of an element.
#[derive(Clone, Copy)]
enum Children<'a> {
    /// The list of nodes of an `#xmlel{}`.
    List(Term<'a>),
    /// A text only; such an element has no attributes.
    Text(&'a [u8]),
}

impl<'a> TermElement<'a> {
    /// An element with `text` and nothing else, as ejabberd has bodies.
    pub(crate) fn of_text(name: &'a str, text: Term<'a>) -> Self {
        Self {
            name: name.as_bytes(),
            namespace: CLIENT,
            attributes: text,
            children: Children::Text(octets(text).unwrap_or(UNREADABLE)),
        }
    }

    /// The element of a stanza that a term is; none for text between elements, which no client
    /// shows.
    pub(crate) fn of(term: Term<'a>, budget: &Budget) -> Option<Self> {
        match read(term, CLIENT, Known::NONE, budget) {
            Some((element, ..)) => Some(element),
            None if character_data(term).is_some() => None,
            None => Some(Self::unreadable(term)),
        }
    }

    /// Whether the element has a list of attributes.
    const fn has_list(self) -> bool {
        matches!(self.children, Children::List(_))
    }

    /// An element whose text counts: the core knows no element with a colon in its name.
    pub(crate) const fn unreadable(term: Term<'a>) -> Self {
        Self {
            name: b":",
            namespace: CLIENT,
            attributes: term,
            children: Children::Text(UNREADABLE),
        }
    }
}

/// The element, the value of the attribute that is wanted, and whether there are attributes that
/// are not known, all in one loop over the attributes. `inherited` is the namespace of the parent,
/// which an element without a declaration has.
#[expect(
    clippy::inline_always,
    reason = "to return an element in memory would take a fifth of the time of a decision"
)]
#[inline(always)]
fn read<'a>(
    term: Term<'a>,
    inherited: &'a [u8],
    known: Known,
    budget: &Budget,
) -> Option<(TermElement<'a>, Option<&'a [u8]>, bool)> {
    let (tag, name, attributes, children): (Term<'a>, Binary<'a>, Term<'a>, Term<'a>) =
        term.decode().ok()?;
    if atoms::xmlel() != tag {
        return None;
    }
    let (mut namespace, mut wanted, mut has_unknown) = (inherited, None, false);
    let mut rest = attributes;
    while budget.pay()
        && let Ok((pair, tail)) = rest.list_get_cell()
    {
        rest = tail;
        let (name, value) = named(pair);
        if name == b"xmlns" {
            namespace = octets(value).unwrap_or(UNREADABLE);
        } else if name == known.wanted.as_bytes() {
            wanted = octets(value);
        } else if !is_reserved(name) {
            has_unknown |= !known.is_flag(name, || octets(value));
        }
    }
    let element = TermElement {
        name: name.as_slice(),
        namespace,
        attributes,
        children: Children::List(children),
    };
    Some((element, wanted, has_unknown))
}

impl<'a> ElementView<'a> for TermElement<'a> {
    fn name(self) -> &'a [u8] {
        self.name
    }

    fn namespace(self) -> Cow<'a, [u8]> {
        Cow::Borrowed(self.namespace)
    }

    fn attributes(self, budget: &Budget) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        pairs(self.attributes, budget)
            .take_while(move |_| self.has_list())
            .filter(|(name, _)| *name != b"xmlns" && !is_reserved(name))
            .map(|(name, value)| (name, octets(value).unwrap_or(UNREADABLE)))
    }

    /// Decodes the value of that attribute only.
    fn attribute(self, name: &str, budget: &Budget) -> Option<&'a [u8]> {
        if !self.has_list() {
            return None;
        }
        let (_, value) =
            pairs(self.attributes, budget).find(|(found, _)| *found == name.as_bytes())?;
        Some(octets(value).unwrap_or(UNREADABLE))
    }

    fn is_empty(self) -> bool {
        match self.children {
            Children::List(list) => list.is_empty_list(),
            Children::Text(text) => text.is_empty(),
        }
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
    fn parts(self, known: Known, budget: &Budget) -> impl Iterator<Item = Part<'a, Self>> {
        Parts {
            children: Some(self.children),
            namespace: self.namespace,
            known,
            budget,
        }
    }

    #[inline]
    fn nodes(self, budget: &Budget) -> impl Iterator<Item = Node<'a, Self>> {
        self.parts(Known::NONE, budget).map(|part| part.node)
    }
}

/// The nodes of an element that are still to be read, the namespace that they inherit, and what is
/// asked about their attributes.
struct Parts<'a, 'b> {
    children: Option<Children<'a>>,
    namespace: &'a [u8],
    known: Known,
    budget: &'b Budget,
}

impl<'a> Iterator for Parts<'a, '_> {
    type Item = Part<'a, TermElement<'a>>;

    #[expect(
        clippy::inline_always,
        reason = "to return an element in memory would take a fifth of the time of a decision"
    )]
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let list = match self.children? {
            Children::List(list) => list,
            Children::Text(text) => {
                self.children = None;
                return Some(piece(text));
            }
        };
        let Ok((node, rest)) = list.list_get_cell() else {
            self.children = None;
            return (!list.is_empty_list()).then_some(piece(UNREADABLE));
        };
        self.children = Some(Children::List(rest));
        if self.budget.is_spent() {
            return None;
        }
        if let Some((element, value, has_unknown)) =
            read(node, self.namespace, self.known, self.budget)
        {
            return Some(Part {
                node: Node::Element(element),
                value,
                has_unknown,
            });
        }
        self.budget.pay();
        Some(piece(character_data(node).unwrap_or(UNREADABLE)))
    }
}

const fn piece(text: &[u8]) -> Part<'_, TermElement<'_>> {
    Part {
        node: Node::Text(text),
        value: None,
        has_unknown: false,
    }
}

/// The names of attributes, each with its value, which is not decoded yet.
fn pairs<'a>(list: Term<'a>, budget: &Budget) -> impl Iterator<Item = (&'a [u8], Term<'a>)> {
    items(list).take_while(|_| budget.pay()).map(named)
}

fn named(pair: Term<'_>) -> (&[u8], Term<'_>) {
    match pair.decode() {
        Ok((name, value)) => (Binary::as_slice(&name), value),
        Err(_) => (UNREADABLE, pair),
    }
}

/// Declarations of prefixes, and attributes that every element may have.
fn is_reserved(name: &[u8]) -> bool {
    name.starts_with(b"xmlns:") || name.starts_with(b"xml:")
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

/// The items of a list, up to its end or to an improper tail.
fn items(list: Term<'_>) -> impl Iterator<Item = Term<'_>> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let (head, tail) = rest.list_get_cell().ok()?;
        rest = tail;
        Some(head)
    })
}
