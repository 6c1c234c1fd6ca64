// SPDX-License-Identifier: GPL-2.0-or-later
//! A message of a running ejabberd, read in place: the fields of `#message{}` that matter.
//!
//! ejabberd takes type, subject, body and thread out of the element. An element with all of them
//! would have to be made, and garbage collected by the session, for each message.

use crate::term_element::TermElement;
use e2e_policy::{Budget, MessageView};
use rustler::{Atom, Term};

mod atoms {
    rustler::atoms! { groupchat, text, message_thread, undefined }
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

    fn elements(self, budget: &Budget) -> impl Iterator<Item = TermElement<'a>> {
        Elements {
            message: self,
            part: Part::Subject,
            rest: self.subject,
            budget,
        }
    }
}

/// The elements of a message that are still to be read. One loop over all parts is half the machine
/// code of a chain of four iterators.
struct Elements<'a, 'b> {
    message: TermMessage<'a>,
    part: Part,
    rest: Term<'a>,
    budget: &'b Budget,
}

/// The parts of a message with elements, in this order; the thread is read before the children.
enum Part {
    Subject,
    Body,
    Children,
}

impl<'a> Iterator for Elements<'a, '_> {
    type Item = TermElement<'a>;

    fn next(&mut self) -> Option<TermElement<'a>> {
        loop {
            if let Ok((item, rest)) = self.rest.list_get_cell() {
                self.rest = rest;
                if self.budget.is_spent() {
                    return None;
                }
                let element = match self.part {
                    Part::Subject => Some(text("subject", item, self.budget)),
                    Part::Body => Some(text("body", item, self.budget)),
                    Part::Children => TermElement::of(item, self.budget),
                };
                if element.is_some() {
                    return element;
                }
                continue;
            }
            let end = self.rest;
            if !end.is_empty_list() {
                self.rest = Term::list_new_empty(end.get_env());
                return Some(TermElement::unreadable(end));
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

/// A record of three fields: its tag is the first and its text the last.
type Record<'a> = (Term<'a>, Term<'a>, Term<'a>);

fn text<'a>(name: &'a str, item: Term<'a>, budget: &Budget) -> TermElement<'a> {
    budget.pay();
    of_record(name, atoms::text(), item)
}

fn thread(term: Term<'_>) -> Option<TermElement<'_>> {
    (atoms::undefined() != term).then(|| of_record("thread", atoms::message_thread(), term))
}

fn of_record<'a>(name: &'a str, expected: Atom, term: Term<'a>) -> TermElement<'a> {
    match term.decode::<Record<'a>>() {
        Ok((tag, _, text)) if expected == tag => TermElement::of_text(name, text),
        _ => TermElement::unreadable(term),
    }
}
