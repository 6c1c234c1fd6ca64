// SPDX-License-Identifier: GPL-2.0-or-later
//! How much text people may read in what is nothing to protect, counted over a whole message.

use std::cell::Cell;

/// How many characters people may read in everything that is neutral, together with bodies that are
/// the fallback of it.
pub(crate) const MAX_NEUTRAL: usize = 200;

/// How many characters people may read in forms that a service asked for: they come back with the
/// service's instructions.
pub(crate) const MAX_IN_FORMS: usize = 1_000;

/// The characters that were counted in one message so far.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    neutral: Cell<usize>,
    in_forms: Cell<usize>,
}

impl Allowance {
    /// Counts characters of what is neutral.
    pub(crate) fn count_neutral(&self, characters: usize) {
        self.neutral
            .set(self.neutral.get().saturating_add(characters));
    }

    /// Counts characters of a form that a service asked for.
    pub(crate) fn count_in_form(&self, characters: usize) {
        self.in_forms
            .set(self.in_forms.get().saturating_add(characters));
    }

    /// How many characters may still be read in what is neutral.
    pub(crate) const fn left(&self) -> usize {
        MAX_NEUTRAL.saturating_sub(self.neutral.get())
    }

    /// Whether people can read more than is allowed. Then it is content.
    pub(crate) const fn is_exceeded(&self) -> bool {
        self.neutral.get() > MAX_NEUTRAL || self.in_forms.get() > MAX_IN_FORMS
    }
}
