// SPDX-License-Identifier: GPL-2.0-or-later
//! Sets of schemes, in the order of insertion.

use crate::scheme::Scheme;

/// The schemes found in one message, or accepted by one policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchemeSet {
    order: [Option<Scheme>; Scheme::ALL.len()],
}

impl SchemeSet {
    /// The schemes in the order of insertion.
    pub fn iter(self) -> impl Iterator<Item = Scheme> {
        self.order.into_iter().flatten()
    }

    /// The scheme that was inserted first.
    #[must_use]
    pub fn first(self) -> Option<Scheme> {
        self.iter().next()
    }

    /// Whether it has no scheme.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.first().is_none()
    }

    /// Whether it has this scheme.
    #[must_use]
    pub fn contains(self, scheme: Scheme) -> bool {
        self.order.contains(&Some(scheme))
    }

    /// Adds a scheme, unless it is there.
    pub fn insert(&mut self, scheme: Scheme) {
        for slot in &mut self.order {
            if *slot.get_or_insert(scheme) == scheme {
                return;
            }
        }
    }
}

impl Extend<Scheme> for SchemeSet {
    fn extend<T: IntoIterator<Item = Scheme>>(&mut self, schemes: T) {
        for scheme in schemes {
            self.insert(scheme);
        }
    }
}

impl FromIterator<Scheme> for SchemeSet {
    fn from_iter<T: IntoIterator<Item = Scheme>>(schemes: T) -> Self {
        let mut set = Self::default();
        set.extend(schemes);
        set
    }
}
