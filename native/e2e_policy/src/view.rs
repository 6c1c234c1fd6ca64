// SPDX-License-Identifier: GPL-2.0-or-later
//! What the classifier may ask of an XML element, whatever holds it.
//!
//! Two things do: a term of a running ejabberd, read in place by the NIF crate, and text that
//! minidom parsed (below). One classifier judges both.

use crate::budget::Budget;
use crate::element::has_prefix;
use minidom::Element;
use std::borrow::Cow;

/// A borrowed look at a message.
///
/// An element is one; a server may have taken its messages apart.
pub trait MessageView<'a>: Copy {
    /// What it consists of.
    type Child: ElementView<'a>;

    /// Whether its type is `groupchat` (RFC 6121 section 5.2.2).
    fn is_groupchat(self) -> bool;

    /// Its child elements, each of which pays for itself. They end when the budget is spent.
    fn elements(self, budget: &Budget) -> impl Iterator<Item = Self::Child>;
}

impl<'a, V: ElementView<'a>> MessageView<'a> for V {
    type Child = V;

    fn is_groupchat(self) -> bool {
        self.attribute("type", &Budget::new()) == Some(b"groupchat")
    }

    fn elements(self, budget: &Budget) -> impl Iterator<Item = V> {
        self.children(budget)
    }
}

/// A borrowed look at one element.
///
/// Text and attribute values are raw octets: the stream parser has made sure that they are UTF-8, and
/// to check it again would read every octet of a payload.
///
/// What an element consists of is as long as its sender likes, so all that goes through it is paid for, and
/// ends when the budget is spent.
pub trait ElementView<'a>: Copy {
    /// Its local name.
    fn name(self) -> &'a [u8];

    /// The namespace that holds for it, its own or an inherited one.
    fn namespace(self) -> Cow<'a, [u8]>;

    /// Names and values of its attributes, of which one with a prefix has none of the names that a protocol here
    /// has. Declarations of namespaces are none, nor is what every element may have (`xml:lang`).
    fn attributes(self, budget: &Budget) -> impl Iterator<Item = (&'a [u8], &'a [u8])>;

    /// What it contains, in document order.
    fn nodes(self, budget: &Budget) -> impl Iterator<Item = Node<'a, Self>>;

    /// What it contains, with what the attributes of each element say.
    fn parts(self, known: Known, budget: &Budget) -> impl Iterator<Item = Part<'a, Self>> {
        self.nodes(budget).map(move |node| {
            let mut part = Part {
                node,
                value: None,
                is_strange: false,
            };
            if let Node::Element(element) = node {
                for (name, value) in element.attributes(budget) {
                    if name == known.wanted.as_bytes() {
                        part.value = Some(value);
                    } else {
                        part.is_strange |= !known.is_flag(name, || Some(value));
                    }
                }
            }
            part
        })
    }

    /// Whether there is nothing in it.
    fn is_empty(self) -> bool {
        self.nodes(&Budget::new()).next().is_none()
    }

    /// The value of an attribute.
    fn attribute(self, name: &str, budget: &Budget) -> Option<&'a [u8]> {
        self.attributes(budget)
            .find(|(found, _)| *found == name.as_bytes())
            .map(|(_, value)| value)
    }

    /// Whether it has this local name *and* this namespace.
    fn is(self, name: &str, namespace: &str) -> bool {
        self.name() == name.as_bytes() && self.has_namespace(namespace.as_bytes())
    }

    /// Whether it has this namespace, whatever its name.
    fn has_namespace(self, namespace: &[u8]) -> bool {
        *self.namespace() == *namespace
    }

    /// Whether it has this local name, and the namespace of the element that it is a part of.
    fn is_part(self, name: &str, whole: Self) -> bool {
        self.name() == name.as_bytes() && self.shares_namespace(whole)
    }

    /// Whether both have one namespace. Mostly one has inherited it from the other, which is seen sooner than
    /// text is compared with itself.
    fn shares_namespace(self, other: Self) -> bool {
        let (own, other) = (self.namespace(), other.namespace());
        std::ptr::eq(own.as_ref(), other.as_ref()) || own == other
    }

    /// Whether its name has a prefix that nothing inside the stanza declares, as `c:body` has when
    /// the prefix was bound on the stream header: recipients may resolve it, we cannot.
    fn has_unresolved_prefix(self) -> bool {
        has_prefix(self.name())
    }

    /// The child elements in document order.
    fn children(self, budget: &Budget) -> impl Iterator<Item = Self> {
        self.nodes(budget).filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The text of an element that holds one piece of text and nothing else, as most do that hold any.
    fn only_text(self) -> Option<&'a [u8]> {
        let budget = Budget::new();
        let mut nodes = self.nodes(&budget);
        match (nodes.next(), nodes.next()) {
            (Some(Node::Text(text)), None) => Some(text),
            _ => None,
        }
    }

    /// The text of an element that holds text alone; none if there is an element in it. Copied only when it is
    /// in pieces.
    fn text_alone(self, budget: &Budget) -> Option<Cow<'a, [u8]>> {
        if let Some(text) = self.only_text() {
            return Some(Cow::Borrowed(text));
        }
        let mut text = Cow::Borrowed(&[][..]);
        for node in self.nodes(budget) {
            match node {
                Node::Text(piece) if text.is_empty() => text = Cow::Borrowed(piece),
                Node::Text(piece) if budget.pay_octets(piece.len()) => text.to_mut().extend(piece),
                Node::Text(_) => break,
                Node::Element(_) => return None,
            }
        }
        Some(text)
    }
}

/// One item of an element's content.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a, V> {
    /// A child element.
    Element(V),
    /// A run of character data.
    Text(&'a [u8]),
}

/// The attributes that a protocol has for the elements at one place.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The one whose value is asked for.
    pub wanted: &'static str,
    /// One that says yes or no, if there is such a one.
    pub flag: &'static str,
}

impl Known {
    /// None.
    pub const NONE: Self = Self {
        wanted: "",
        flag: "",
    };

    /// Whether an attribute is the flag, and says yes or no. Its value may be no text.
    #[inline]
    pub fn is_flag<'v>(self, name: &[u8], value: impl FnOnce() -> Option<&'v [u8]>) -> bool {
        /// `false` (XML Schema part 2, section 3.2.2).
        const LONGEST: usize = 5;
        name == self.flag.as_bytes() && value().is_some_and(|value| value.len() <= LONGEST)
    }

    /// Whether the protocol has an attribute.
    pub(crate) fn has(self, name: &[u8], value: &[u8]) -> bool {
        name == self.wanted.as_bytes() || self.is_flag(name, || Some(value))
    }
}

/// One item of an element's content, and what its attributes say if it is an element.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a, V> {
    /// The item.
    pub node: Node<'a, V>,
    /// The value that was asked for.
    pub value: Option<&'a [u8]>,
    /// Whether it has an attribute that is not known, or a flag that says neither yes nor no.
    pub is_strange: bool,
}

impl<'a> ElementView<'a> for &'a Element {
    fn name(self) -> &'a [u8] {
        Element::name(self).as_bytes()
    }

    /// minidom hands its namespaces out as copies only.
    fn namespace(self) -> Cow<'a, [u8]> {
        Cow::Owned(self.ns().into_bytes())
    }

    fn attributes(self, budget: &Budget) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.attrs()
            .iter()
            .take_while(|_| budget.pay())
            .filter(|((namespace, _), _)| namespace.as_str() != XML)
            .map(|((namespace, name), value)| {
                let is_local = namespace.is_empty();
                let name = if is_local { name.as_bytes() } else { PREFIXED };
                (name, value.as_bytes())
            })
    }

    /// An element is paid for with its attributes, as in a running server, where its namespace is among them.
    fn nodes(self, budget: &Budget) -> impl Iterator<Item = Node<'a, Self>> {
        Element::nodes(self).map_while(|node| {
            let (node, steps) = match node {
                minidom::Node::Element(element) => {
                    let attributes = element.attrs().iter().count();
                    (Node::Element(element), attributes.saturating_add(1))
                }
                minidom::Node::Text(text) => (Node::Text(text.as_bytes()), 1),
            };
            budget.pay_steps(steps).then_some(node)
        })
    }
}

/// Stands for the name of an attribute with a prefix, which minidom does not keep.
const PREFIXED: &[u8] = b":";

/// The namespace of `xml:lang` and its like.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
