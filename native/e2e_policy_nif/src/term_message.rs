// SPDX-License-Identifier: GPL-2.0-or-later
//! A message of a running ejabberd, read in place: what matters of the fields of `#message{}`.
//!
//! ejabberd takes type, subject, body and thread out of the element. To put them together again would
//! be garbage for each message, which the session collects on its time.

use crate::term_element::{TermElement, items};
use e2e_policy::MessageView;
use rustler::Term;

mod atoms {
    rustler::atoms! { groupchat, text, message_thread }
}

/// A borrowed look at the fields of one `#message{}`.
#[derive(Clone, Copy)]
pub(crate) struct TermMessage<'a> {
    pub kind: Term<'a>,
    /// Lists of `#text{}`, one for each language.
    pub subject: Term<'a>,
    pub body: Term<'a>,
    pub thread: Term<'a>,
    /// A list of `#xmlel{}`.
    pub sub_els: Term<'a>,
}

impl<'a> MessageView<'a> for TermMessage<'a> {
    type Child = TermElement<'a>;

    fn is_groupchat(self) -> bool {
        atoms::groupchat() == self.kind
    }

    fn elements(self) -> impl Iterator<Item = TermElement<'a>> {
        texts("subject", self.subject)
            .chain(texts("body", self.body))
            .chain(thread(self.thread))
            .chain(TermElement::all(self.sub_els))
    }
}

fn texts<'a>(name: &'static str, list: Term<'a>) -> impl Iterator<Item = TermElement<'a>> {
    items(list).filter_map(move |item| {
        let (tag, _language, data): (Term<'a>, Term<'a>, Term<'a>) = item.decode().ok()?;
        (atoms::text() == tag)
            .then(|| TermElement::of_text(name, data))
            .flatten()
    })
}

fn thread(term: Term<'_>) -> Option<TermElement<'_>> {
    let (tag, _parent, data): (Term<'_>, Term<'_>, Term<'_>) = term.decode().ok()?;
    (atoms::message_thread() == tag)
        .then(|| TermElement::of_text("thread", data))
        .flatten()
}
