// SPDX-License-Identifier: GPL-2.0-or-later
//! The elements that a message may carry: which ones have a meaning, and what people read in them.
//!
//! Below the schemes, as a scheme's element may have elements in it that are content.

pub(crate) mod attributes;
pub(crate) mod class;
pub(crate) mod lookup;
pub(crate) mod readable;
pub(crate) mod table;
