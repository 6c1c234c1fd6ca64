// SPDX-License-Identifier: GPL-2.0-or-later
//! A message of a running ejabberd, read in place: what matters of the fields of `#message{}`.
//!
//! ejabberd takes type, subject, body and thread out of the element. To put them together again would
//! be garbage for each message, which the session collects on its time.

use crate::term_element::TermElement;
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
        Elements {
            message: self,
            part: Part::Subject,
            rest: self.subject,
        }
    }
}

/// What is left of a message's elements. One loop over all parts is half the code of a chain of four.
struct Elements<'a> {
    message: TermMessage<'a>,
    part: Part,
    rest: Term<'a>,
}

/// Where the elements of a message lie, in this order.
enum Part {
    Subject,
    Body,
    Children,
}

impl<'a> Iterator for Elements<'a> {
    type Item = TermElement<'a>;

    fn next(&mut self) -> Option<TermElement<'a>> {
        loop {
            while let Ok((item, rest)) = self.rest.list_get_cell() {
                self.rest = rest;
                let element = match self.part {
                    Part::Subject => text("subject", item),
                    Part::Body => text("body", item),
                    Part::Children => TermElement::of(item),
                };
                if element.is_some() {
                    return element;
                }
            }
            match self.part {
                Part::Subject => {
                    self.part = Part::Body;
                    self.rest = self.message.body;
                }
                Part::Body => {
                    self.part = Part::Children;
                    self.rest = self.message.sub_els;
                    let thread = thread(self.message.thread);
                    if thread.is_some() {
                        return thread;
                    }
                }
                Part::Children => return None,
            }
        }
    }
}

fn text<'a>(name: &'a str, item: Term<'a>) -> Option<TermElement<'a>> {
    let (tag, _language, data): (Term<'a>, Term<'a>, Term<'a>) = item.decode().ok()?;
    (atoms::text() == tag)
        .then(|| TermElement::of_text(name, data))
        .flatten()
}

fn thread(term: Term<'_>) -> Option<TermElement<'_>> {
    let (tag, _parent, data): (Term<'_>, Term<'_>, Term<'_>) = term.decode().ok()?;
    (atoms::message_thread() == tag)
        .then(|| TermElement::of_text("thread", data))
        .flatten()
}
