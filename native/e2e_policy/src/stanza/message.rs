// SPDX-License-Identifier: GPL-2.0-or-later
//! What the classifier may ask of a message, in whichever form it is stored.

use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;

/// A borrowed view of a `<message/>` (RFC 6121 section 5.2).
///
/// Every element is one. A server may keep a message in another form: ejabberd takes type, subject,
/// body and thread out of the element.
pub trait MessageView<'a>: Copy {
    /// Its child elements.
    type Child: ElementView<'a>;

    /// Whether its type is `groupchat` (RFC 6121 section 5.2.2).
    fn is_groupchat(self) -> bool;

    /// Its child elements in document order, each of which costs a step or more of the budget.
    /// They end when the budget is spent.
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
