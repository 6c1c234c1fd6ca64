// SPDX-License-Identifier: GPL-2.0-or-later
//! The languages that people read: which one somebody prefers, and the texts that are built in.

pub(crate) mod catalogue;
pub(crate) mod preference;
pub(crate) mod tag;
