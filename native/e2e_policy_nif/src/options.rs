// SPDX-License-Identifier: GPL-2.0-or-later
//! Options from an Erlang map, as the value that the core's own deserialiser reads: so option names,
//! words and errors are written in one place, the core.

use rustler::{Error, MapIterator, NifResult, Term, TermType};
use serde_json::{Map, Value};

/// Atoms and binaries become strings, integers numbers, lists arrays, maps objects.
pub(crate) fn read(term: Term<'_>) -> NifResult<Value> {
    match term.get_type() {
        TermType::Atom => Ok(Value::String(term.atom_to_string()?)),
        TermType::Binary => Ok(Value::String(term.decode()?)),
        TermType::Integer => Ok(Value::from(term.decode::<u32>()?)),
        TermType::List => {
            // The length of a list with an improper tail is an error, reading one is a panic.
            term.list_length()?;
            let items: Vec<Term<'_>> = term.decode()?;
            items.into_iter().map(read).collect()
        }
        TermType::Map => {
            let entries = MapIterator::new(term).ok_or(Error::BadArg)?;
            entries
                .map(|(key, value)| Ok((key.atom_to_string()?, read(value)?)))
                .collect::<NifResult<Map<_, _>>>()
                .map(Value::Object)
        }
        _ => Err(Error::BadArg),
    }
}
