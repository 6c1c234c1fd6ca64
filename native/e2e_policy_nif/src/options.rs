// SPDX-License-Identifier: GPL-2.0-or-later
//! Options from an Erlang map, as the value that the core's own deserialiser reads: so option names,
//! words and errors are written in one place, the core.
//!
//! What YAML has passes, and the core says what is wrong with it. Other terms are a caller's bug.

use e2e_policy::PolicyOptions;
use rustler::{Error, MapIterator, NifResult, Term, TermType};
use serde_json::{Map, Value};

/// How deep options are nested at most: reading them and dropping them takes stack.
const MAX_DEPTH: usize = 8;

/// Atoms and binaries become strings, integers numbers, lists arrays, maps objects.
pub(crate) fn read(term: Term<'_>) -> NifResult<Value> {
    value(term, MAX_DEPTH)
}

fn value(term: Term<'_>, depth: usize) -> NifResult<Value> {
    let depth = depth.checked_sub(1).ok_or(Error::BadArg)?;
    match term.get_type() {
        TermType::Atom => Ok(Value::String(term.atom_to_string()?)),
        TermType::Binary => Ok(Value::String(term.decode()?)),
        TermType::Integer => integer(term),
        TermType::Float => Ok(Value::from(term.decode::<f64>()?)),
        TermType::List => {
            // The length of a list with an improper tail is an error, reading one is a panic.
            term.list_length()?;
            let items: Vec<Term<'_>> = term.decode()?;
            items.into_iter().map(|item| value(item, depth)).collect()
        }
        TermType::Map => {
            let entries = MapIterator::new(term).ok_or(Error::BadArg)?;
            entries
                .map(|(key, term)| Ok((key.atom_to_string()?, value(term, depth)?)))
                .collect::<NifResult<Map<_, _>>>()
                .map(Value::Object)
        }
        _ => Err(Error::BadArg),
    }
}

/// The options, or which one is wrong, and how: the core's deserialiser names none.
pub(crate) fn parse(options: Value) -> Result<PolicyOptions, (String, String)> {
    from_value(options.clone()).map_err(|problem| {
        let Value::Object(options) = options else {
            return (String::new(), problem);
        };
        let wrong = options.into_iter().find_map(|(name, value)| {
            let alone = Value::Object(Map::from_iter([(name.clone(), value)]));
            from_value(alone).err().map(|problem| (name, problem))
        });
        wrong.unwrap_or((String::new(), problem))
    })
}

fn from_value(options: Value) -> Result<PolicyOptions, String> {
    serde_json::from_value(options).map_err(|error| error.to_string())
}

/// No option takes one that is larger than 64 bits: the core is told about how large it is.
fn integer(term: Term<'_>) -> NifResult<Value> {
    if let Ok(number) = term.decode::<i64>() {
        return Ok(Value::from(number));
    }
    let digits = format!("{term:?}");
    let about: f64 = digits.parse().map_err(|_| Error::BadArg)?;
    Ok(Value::from(about))
}
