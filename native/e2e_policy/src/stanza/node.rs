// SPDX-License-Identifier: GPL-2.0-or-later
//! One item of an element's content, and what its attributes say if it is an element.

/// One item of an element's content.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a, V> {
    /// A child element.
    Element(V),
    /// A run of character data, as raw octets.
    Text(&'a [u8]),
}

/// An item together with its attributes, which are read in one pass over them.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a, V> {
    /// The item.
    pub node: Node<'a, V>,
    /// The value of the attribute that was asked for.
    pub value: Option<&'a [u8]>,
    /// Whether it has an attribute that the protocol does not define, or a flag whose value is
    /// longer than a boolean's.
    pub has_unknown: bool,
}

/// The attributes that a protocol defines for the elements at one position.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The one whose value is asked for; empty for none.
    pub wanted: &'static str,
    /// A boolean one, whose value is not asked for; empty for none.
    pub flag: &'static str,
}

impl Known {
    /// No attribute at all.
    pub const NONE: Self = Self {
        wanted: "",
        flag: "",
    };

    /// Whether an attribute is the flag and short enough to be a boolean. `value` gives none where
    /// it is not a text.
    #[inline]
    pub fn is_flag<'v>(self, name: &[u8], value: impl FnOnce() -> Option<&'v [u8]>) -> bool {
        /// `false` (XML Schema part 2, section 3.2.2), in octets.
        const LONGEST: usize = 5;
        name == self.flag.as_bytes() && value().is_some_and(|value| value.len() <= LONGEST)
    }

    /// Whether the protocol defines an attribute of this name and value.
    pub(crate) fn has(self, name: &[u8], value: &[u8]) -> bool {
        name == self.wanted.as_bytes() || self.is_flag(name, || Some(value))
    }
}
