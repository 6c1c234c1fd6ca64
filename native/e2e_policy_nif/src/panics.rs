// SPDX-License-Identifier: GPL-2.0-or-later
//! What is said of a panic: where it was. Its message may quote the text that it was about, and what a
//! server writes to its standard error is kept in logs.
//!
//! Erlang gets the exception `nif_panicked`; the line is for whoever mends the panic.

use rustler::{Env, Term};
use std::io::Write;
use std::panic;

/// Called when the library is loaded.
pub(crate) fn load(_: Env<'_>, _: Term<'_>) -> bool {
    panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            // Nobody needs to know when standard error is closed.
            let _ = writeln!(std::io::stderr(), "mod_e2e_policy_nif: panic at {place}");
        }
    }));
    true
}
