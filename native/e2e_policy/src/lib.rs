// SPDX-License-Identifier: GPL-2.0-or-later
//! Judges the end-to-end encryption of XMPP messages.
//!
//! In one sentence: what a message carries ([`Content`]), what an admin asks for ([`Policy`]) and how
//! much time a user still has ([`Grace`]) make a [`Decision`]. All of it is a function of its
//! arguments: nothing here knows Erlang, asks the time, reads or writes.
//!
//! Start with [`Policy::judge`] and [`Policy::decide`]; `content` is the classifier, `element` the table of what a
//! message may carry, and `omemo`, `openpgp` and `otr` check what claims to be ciphertext.

mod address;
mod base64;
mod budget;
pub mod content;
mod decision;
pub mod duration;
mod element;
mod explain;
mod fallback;
mod finding;
mod form;
mod grace;
mod hint;
mod messages;
mod omemo;
mod openpgp;
mod otr;
mod policy;
mod reaction;
mod recipients;
mod scheme;
pub mod stanza;
mod template;
mod text;
mod view;

pub use address::Address;
pub use budget::{Budget, MAX_STEPS};
pub use content::Content;
pub use decision::{Bodies, Decision, Judgement, Notice, Reason, Violation};
pub use explain::Explanation;
pub use grace::{Clock, Grace, Starter};
pub use policy::{Chat, Level, OuterBody, Policy, PolicyError, PolicyOptions};
pub use scheme::{AcceptedScheme, Scheme};
pub use template::{Template, TemplateError};
pub use view::{ElementView, Known, MessageView, Node, Part};
