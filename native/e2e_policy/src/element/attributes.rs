// SPDX-License-Identifier: GPL-2.0-or-later
//! Which attributes of an element people read.

/// The attributes of an element that people read or follow, such as a label, a link or a name. They
/// count as text of the element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attributes {
    /// None.
    None,
    /// Those with these local names, of the element and of all elements inside it.
    Named(&'static [&'static str]),
    /// All attributes of the elements inside it.
    Below,
    /// All attributes of the element and of all elements inside it.
    All,
}

impl Attributes {
    /// Which attributes of the children are read.
    pub(crate) const fn of_children(self) -> Self {
        match self {
            Self::Below => Self::All,
            same => same,
        }
    }

    /// Whether any of the element's own attributes are read.
    pub(crate) const fn of_itself(self) -> bool {
        matches!(self, Self::Named(_) | Self::All)
    }
}
