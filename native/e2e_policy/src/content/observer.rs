// SPDX-License-Identifier: GPL-2.0-or-later
//! Who wants to know what was found of each child of a message.

use crate::content::Content;
use crate::content::finding::Finding;

/// Is told of each child of a message, in document order, what it was found to be. What is inside a
/// wrapper comes between `enter` and `leave`.
pub(crate) trait Observer<'a, V> {
    /// A child that is not a wrapper.
    fn found(&mut self, child: V, finding: Finding);
    /// The content of a wrapper begins.
    fn enter(&mut self);
    /// The content of a wrapper ends, and is classified.
    fn leave(&mut self, wrapper: V, content: &Content<'a>);
}

/// Ignores everything: for judgements, which need the content alone.
impl<'a, V> Observer<'a, V> for () {
    fn found(&mut self, _: V, _: Finding) {}
    fn enter(&mut self) {}
    fn leave(&mut self, _: V, _: &Content<'a>) {}
}
