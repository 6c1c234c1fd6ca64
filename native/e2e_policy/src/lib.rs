// SPDX-License-Identifier: GPL-2.0-or-later
//! Judges the end-to-end encryption of XMPP messages.
//!
//! In one sentence: what a message carries ([`Content`]) and what an admin asks for ([`Policy`]) make
//! a [`Decision`]. All of it is a function of its arguments: nothing here knows Erlang, asks the
//! time, reads or writes.
//!
//! Start with [`Policy::judge`]; `content` is the classifier, `element` the table of what a
//! message may carry, and `omemo`, `openpgp` and `otr` check what claims to be ciphertext.

mod address;
mod base64;
pub mod content;
mod decision;
mod element;
mod explain;
mod fallback;
mod finding;
mod hint;
mod messages;
mod omemo;
mod openpgp;
mod otr;
mod policy;
mod recipients;
mod scheme;
pub mod stanza;
mod template;
mod view;

pub use address::Address;
pub use content::Content;
pub use decision::{Bodies, Decision, Notice, Reason, Verdict};
pub use explain::Explanation;
pub use policy::{Chat, Level, OuterBody, Policy, PolicyError, PolicyOptions};
pub use scheme::{Scheme, SchemeSet};
pub use template::{Template, TemplateError};
pub use view::{ElementView, Node};
