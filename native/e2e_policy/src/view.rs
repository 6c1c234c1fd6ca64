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

/// A borrowed look at one element.
///
/// Text and attribute values are raw octets: the stream parser has made sure that they are UTF-8, and
/// to check it again would read every octet of a payload.
pub trait ElementView<'a>: Copy {
    /// Whether it has this local name *and* this namespace.
    fn is(self, name: &str, namespace: &str) -> bool;

    /// Whether it has this namespace, whatever its name.
    fn has_namespace(self, namespace: &str) -> bool;

    /// Whether its name has a prefix that nothing inside the stanza declares, as `c:body` has when
    /// the prefix was bound on the stream header: recipients may resolve it, we cannot.
    fn has_unresolved_prefix(self) -> bool;

    /// The value of an attribute without a prefix.
    fn attribute(self, name: &str) -> Option<&'a [u8]>;

    /// The child elements in document order.
    fn children(self) -> impl Iterator<Item = Self>;

    /// The element's own character data, without that of its children.
    fn text(self) -> Cow<'a, [u8]>;

    /// Whether it carries any attribute besides namespace declarations and `xml:lang`.
    fn has_attributes(self) -> bool;
}

impl<'a> ElementView<'a> for &'a Element {
    fn is(self, name: &str, namespace: &str) -> bool {
        Element::is(self, name, namespace)
    }

    fn has_namespace(self, namespace: &str) -> bool {
        self.has_ns(namespace)
    }

    fn has_unresolved_prefix(self) -> bool {
        // minidom refuses text with such a name.
        false
    }

    fn attribute(self, name: &str) -> Option<&'a [u8]> {
        self.attrs()
            .iter()
            .find(|((namespace, attribute), _)| namespace.is_none() && attribute.as_str() == name)
            .map(|(_, value)| value.as_bytes())
    }

    fn children(self) -> impl Iterator<Item = Self> {
        Element::children(self)
    }

    fn text(self) -> Cow<'a, [u8]> {
        let mut texts = self.texts();
        match (texts.next(), texts.next()) {
            (None, _) => Cow::Borrowed(&[]),
            (Some(only), None) => Cow::Borrowed(only.as_bytes()),
            _ => Cow::Owned(Element::text(self).into_bytes()),
        }
    }

    fn has_attributes(self) -> bool {
        self.attrs()
            .iter()
            .any(|((namespace, _), _)| namespace.is_none())
    }
}

/// Whether there is something other than white space in the text at any depth.
pub fn holds_text<'a>(element: impl ElementView<'a>) -> bool {
    characters_up_to(element, 1) > 0
}

/// How many characters of text there are at any depth, blank runs left out; counting stops soon
/// after `limit` is exceeded.
pub fn characters_up_to<'a>(element: impl ElementView<'a>, limit: usize) -> usize {
    count(element, limit, MAX_DEPTH)
}

fn count<'a>(element: impl ElementView<'a>, limit: usize, depth: usize) -> usize {
    let own = characters(element.text().trim_ascii(), limit);
    let Some(depth) = depth.checked_sub(1) else {
        return limit.saturating_add(1);
    };
    element.children().fold(own, |sum, child| {
        if sum > limit {
            return sum;
        }
        sum.saturating_add(count(child, limit.saturating_sub(sum), depth))
    })
}

/// Characters of a UTF-8 text, not octets; at most a little more than `limit`.
pub fn characters(text: &[u8], limit: usize) -> usize {
    text.iter()
        .filter(|octet| (**octet as i8) >= -0x40)
        .take(limit.saturating_add(1))
        .count()
}
