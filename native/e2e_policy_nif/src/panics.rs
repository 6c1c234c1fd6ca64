// SPDX-License-Identifier: GPL-2.0-or-later
//! Reports where a panic was, without its message, which may quote the text of a user's message:
//! what a server writes to its standard error is kept in logs.
//!
//! Erlang gets the exception `nif_panicked`; the line is for the developer who fixes the panic.

use rustler::{Env, Term};
use std::io::Write;
use std::panic;

/// Called when the library is loaded.
pub(crate) fn load(_: Env<'_>, _: Term<'_>) -> bool {
    panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            // If standard error is closed, there is no other place to report it.
            let _ = writeln!(std::io::stderr(), "mod_e2e_policy_nif: panic at {place}");
        }
    }));
    true
}
