// SPDX-License-Identifier: GPL-2.0-or-later
//! How much work one message may cost, whatever it contains.

use std::cell::Cell;

/// How many steps of work a message may cost. A step takes about 50 nanoseconds, so that all of
/// them take less than the millisecond in which a native function has to return to Erlang's
/// scheduler.
pub const MAX_STEPS: usize = 10_000;

/// How many octets are read or copied in one step.
const STEP: usize = 64;

/// What is left of the work that one message may cost.
///
/// Elements, attributes, runs of text, lines of base64, OpenPGP packets and addresses all cost
/// steps. No client writes a message that costs all of them. When the budget is spent, the rest of
/// the message counts as text in the clear.
#[derive(Debug)]
pub struct Budget {
    /// The steps that are left, and one more; zero when more was asked for than there was.
    left: Cell<usize>,
}

impl Budget {
    /// The budget of a message of which nothing has been read.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            left: Cell::new(MAX_STEPS.saturating_add(1)),
        }
    }

    /// Pays for one step; false if the budget is spent.
    #[inline]
    pub fn pay(&self) -> bool {
        self.pay_steps(1)
    }

    /// Pays for reading or copying a number of octets; false if the budget is spent.
    pub(crate) fn pay_octets(&self, octets: usize) -> bool {
        self.pay_steps(octets / STEP)
    }

    /// Pays for a number of steps; false if the budget is spent.
    #[inline]
    pub fn pay_steps(&self, steps: usize) -> bool {
        let left = self.left.get().saturating_sub(steps);
        self.left.set(left);
        left > 0
    }

    /// How many steps are left.
    pub const fn left(&self) -> usize {
        self.left.get().saturating_sub(1)
    }

    /// Whether more was asked for than there was.
    pub const fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_by_the_step_after_the_last() {
        let budget = Budget::new();
        assert!((0..MAX_STEPS).all(|_| budget.pay()));
        assert!(!budget.is_spent());
        assert!(!budget.pay());
        assert!(budget.is_spent());
    }

    #[test]
    fn what_is_too_dear_leaves_nothing_for_the_rest() {
        let budget = Budget::new();
        assert!(!budget.pay_octets(usize::MAX));
        assert!(!budget.pay());
        assert!(budget.is_spent());
    }
}
