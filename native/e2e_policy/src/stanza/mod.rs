// SPDX-License-Identifier: GPL-2.0-or-later
//! What a message looks like: its elements as a server holds them or as text, addresses, and how
//! much work reading it may cost.
//!
//! Rules ask an [`element::ElementView`] and never how it is stored, so that one classifier judges
//! both the terms of a running ejabberd and parsed text.

pub(crate) mod address;
pub(crate) mod budget;
pub(crate) mod element;
pub(crate) mod message;
pub(crate) mod node;
pub(crate) mod parsed_element;
pub(crate) mod parser;
pub(crate) mod text;

pub use parser::{StanzaError, parse};
