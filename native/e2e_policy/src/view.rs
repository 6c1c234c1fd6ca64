// SPDX-License-Identifier: GPL-2.0-or-later
//! What the classifier may ask of an XML element, whatever holds it.
//!
//! Two things do: a term of a running ejabberd, read in place by the NIF crate, and text that
//! minidom parsed (below). One classifier judges both.

use minidom::Element;
use std::borrow::Cow;

/// How deep an element is looked into. What is nested deeper counts as text, so that hiding
/// something there gains nothing, and no input makes the walk long or the stack deep.
pub const MAX_DEPTH: usize = 16;

/// A borrowed look at a message.
///
/// An element is one; a server may have taken its messages apart.
pub trait MessageView<'a>: Copy {
    /// What it consists of.
    type Child: ElementView<'a>;

    /// Whether its type is `groupchat` (RFC 6121 section 5.2.2).
    fn is_groupchat(self) -> bool;

    /// Its child elements.
    fn elements(self) -> impl Iterator<Item = Self::Child>;
}

impl<'a, V: ElementView<'a>> MessageView<'a> for V {
    type Child = V;

    fn is_groupchat(self) -> bool {
        self.attribute("type") == Some(b"groupchat")
    }

    fn elements(self) -> impl Iterator<Item = V> {
        self.children()
    }
}

/// A borrowed look at one element.
///
/// Text and attribute values are raw octets: the stream parser has made sure that they are UTF-8, and
/// to check it again would read every octet of a payload.
pub trait ElementView<'a>: Copy {
    /// Its local name.
    fn name(self) -> &'a [u8];

    /// The namespace that holds for it, its own or an inherited one.
    fn namespace(self) -> Cow<'a, [u8]>;

    /// The value of an attribute without a prefix.
    fn attribute(self, name: &str) -> Option<&'a [u8]>;

    /// Whether it carries any attribute besides namespace declarations and `xml:lang`.
    fn has_attributes(self) -> bool;

    /// What it contains, in document order.
    fn nodes(self) -> impl Iterator<Item = Node<'a, Self>>;

    /// What it contains, each element with the value of an attribute.
    fn nodes_with(
        self,
        attribute: &str,
    ) -> impl Iterator<Item = (Node<'a, Self>, Option<&'a [u8]>)> {
        self.nodes().map(move |node| {
            let value = match node {
                Node::Element(element) => element.attribute(attribute),
                Node::Text(_) => None,
            };
            (node, value)
        })
    }

    /// Whether it has this local name *and* this namespace.
    fn is(self, name: &str, namespace: &str) -> bool {
        self.name() == name.as_bytes() && self.has_namespace(namespace)
    }

    /// Whether it has this namespace, whatever its name.
    fn has_namespace(self, namespace: &str) -> bool {
        *self.namespace() == *namespace.as_bytes()
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
        self.name().contains(&b':')
    }

    /// The child elements in document order.
    fn children(self) -> impl Iterator<Item = Self> {
        self.nodes().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The text of an element that holds one piece of text and nothing else, as most do that hold any.
    fn only_text(self) -> Option<&'a [u8]> {
        let mut nodes = self.nodes();
        match (nodes.next(), nodes.next()) {
            (Some(Node::Text(text)), None) => Some(text),
            _ => None,
        }
    }

    /// The text of an element that holds text alone; none if there is an element in it.
    fn text_alone(self) -> Option<Cow<'a, [u8]>> {
        if let Some(text) = self.only_text() {
            return Some(Cow::Borrowed(text));
        }
        let mut text = Cow::Borrowed(&[][..]);
        for node in self.nodes() {
            match node {
                Node::Text(piece) if text.is_empty() => text = Cow::Borrowed(piece),
                Node::Text(piece) => text.to_mut().extend(piece),
                Node::Element(_) => return None,
            }
        }
        Some(text)
    }

    /// The element's own character data, without that of its children. Copied only when it is in pieces.
    fn text(self) -> Cow<'a, [u8]> {
        let mut pieces = self.nodes().filter_map(|node| match node {
            Node::Text(text) => Some(text),
            Node::Element(_) => None,
        });
        let first = pieces.next().unwrap_or_default();
        match pieces.next() {
            None => Cow::Borrowed(first),
            Some(second) => {
                let mut whole = [first, second].concat();
                whole.extend(pieces.flatten());
                Cow::Owned(whole)
            }
        }
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

impl<'a> ElementView<'a> for &'a Element {
    fn name(self) -> &'a [u8] {
        Element::name(self).as_bytes()
    }

    /// minidom hands its namespaces out as copies only.
    fn namespace(self) -> Cow<'a, [u8]> {
        Cow::Owned(self.ns().into_bytes())
    }

    fn has_namespace(self, namespace: &str) -> bool {
        self.has_ns(namespace)
    }

    fn attribute(self, name: &str) -> Option<&'a [u8]> {
        self.attrs()
            .iter()
            .find(|((namespace, attribute), _)| namespace.is_none() && attribute.as_str() == name)
            .map(|(_, value)| value.as_bytes())
    }

    fn has_attributes(self) -> bool {
        self.attrs()
            .iter()
            .any(|((namespace, _), _)| namespace.is_none())
    }

    fn nodes(self) -> impl Iterator<Item = Node<'a, Self>> {
        Element::nodes(self).map(|node| match node {
            minidom::Node::Element(element) => Node::Element(element),
            minidom::Node::Text(text) => Node::Text(text.as_bytes()),
        })
    }
}

/// How many elements of one message are looked at. Nobody writes a message with more; one that has more
/// is judged as if the rest were text, so that no input keeps a scheduler busy.
pub const MAX_ELEMENTS: usize = 5_000;

/// What is left of the work that one message may cost.
#[derive(Clone, Debug)]
pub struct Budget {
    elements: usize,
}

impl Budget {
    /// The budget of a message that nobody has looked at.
    pub const fn new() -> Self {
        Self {
            elements: MAX_ELEMENTS,
        }
    }

    /// Pays for a look at one more element; false when nothing is left.
    pub fn pay(&mut self) -> bool {
        self.elements
            .checked_sub(1)
            .inspect(|left| self.elements = *left)
            .is_some()
    }
}

/// Whether there is something other than white space in the text at any depth.
pub fn holds_text<'a>(element: impl ElementView<'a>, budget: &mut Budget) -> bool {
    characters_up_to(element, 0, budget) > 0
}

/// How many characters of text there are at any depth, white space around them left out; counting
/// stops soon after `limit` is exceeded.
pub fn characters_up_to<'a>(
    element: impl ElementView<'a>,
    limit: usize,
    budget: &mut Budget,
) -> usize {
    count(element, limit, MAX_DEPTH, budget)
}

fn count<'a>(
    element: impl ElementView<'a>,
    limit: usize,
    depth: usize,
    budget: &mut Budget,
) -> usize {
    let Some(depth) = depth.checked_sub(1).filter(|_| budget.pay()) else {
        return limit.saturating_add(1);
    };
    if let Some(text) = element.only_text() {
        return characters(text.trim_ascii(), limit);
    }
    let mut sum = characters(element.text().trim_ascii(), limit);
    for child in element.children() {
        if sum > limit {
            break;
        }
        let below = count(child, limit.saturating_sub(sum), depth, budget);
        sum = sum.saturating_add(below);
    }
    sum
}

/// Characters of a UTF-8 text, not octets; at most one more than `limit`.
pub fn characters(text: &[u8], limit: usize) -> usize {
    text.iter()
        .filter(|octet| !is_continuation(**octet))
        .take(limit.saturating_add(1))
        .count()
}

/// The octets of a UTF-8 character after its first are `10xxxxxx` (RFC 3629).
const fn is_continuation(octet: u8) -> bool {
    octet & 0xc0 == 0x80
}

/// Whether anything below says something in attributes: a link, a picture, a name.
pub fn has_attributes_below<'a>(element: impl ElementView<'a>, budget: &mut Budget) -> bool {
    any_attribute(element, MAX_DEPTH, budget)
}

fn any_attribute<'a>(element: impl ElementView<'a>, depth: usize, budget: &mut Budget) -> bool {
    let Some(depth) = depth.checked_sub(1).filter(|_| budget.pay()) else {
        return true;
    };
    element
        .children()
        .any(|child| child.has_attributes() || any_attribute(child, depth, budget))
}

/// The text of an element and all below it in document order, at most one octet more than `limit`.
pub fn text_below<'a>(element: impl ElementView<'a>, limit: usize, budget: &mut Budget) -> Vec<u8> {
    let mut text = Vec::new();
    collect(element, limit, MAX_DEPTH, budget, &mut text);
    text
}

fn collect<'a>(
    element: impl ElementView<'a>,
    limit: usize,
    depth: usize,
    budget: &mut Budget,
    text: &mut Vec<u8>,
) {
    let Some(depth) = depth.checked_sub(1).filter(|_| budget.pay()) else {
        return;
    };
    for node in element.nodes() {
        let left = limit.saturating_add(1).saturating_sub(text.len());
        match node {
            Node::Text(piece) => text.extend(piece.iter().take(left)),
            Node::Element(child) if left > 0 => collect(child, limit, depth, budget, text),
            Node::Element(_) => return,
        }
    }
}
