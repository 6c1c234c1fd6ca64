// SPDX-License-Identifier: GPL-2.0-or-later
//! Options from an Erlang map, as the value that the core's own deserialiser reads. So the names of
//! options, their words and the errors are written in the core only.
//!
//! Terms that YAML can contain are accepted, and the core reports what is wrong with them. Other
//! terms are a bug of the caller.

use e2e_policy::PolicyOptions;
use rustler::{Error, MapIterator, NifResult, Term, TermType};
use serde_json::{Map, Value};

/// How deep options are nested at most, because reading and dropping them takes stack.
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
            // Decoding a list with an improper tail panics; asking for its length is an error.
            term.list_length()?;
            let items: Vec<Term<'_>> = term.decode()?;
            items.into_iter().map(|item| value(item, depth)).collect()
        }
        TermType::Map => {
            let entries = MapIterator::new(term).ok_or(Error::BadArg)?;
            entries
                .map(|(key, term)| {
                    let key = match key.get_type() {
                        TermType::Binary => key.decode()?,
                        _ => key.atom_to_string()?,
                    };
                    Ok((key, value(term, depth)?))
                })
                .collect::<NifResult<Map<_, _>>>()
                .map(Value::Object)
        }
        _ => Err(Error::BadArg),
    }
}

/// The options, or which one is wrong, and how.
///
/// The core's deserialiser does not name the option that is wrong, so each is tried by itself.
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

/// An integer of more than 64 bits is passed as a float: no option accepts one, and the core's
/// error shows its approximate value.
fn integer(term: Term<'_>) -> NifResult<Value> {
    if let Ok(number) = term.decode::<i64>() {
        return Ok(Value::from(number));
    }
    let digits = format!("{term:?}");
    let about: f64 = digits.parse().map_err(|_| Error::BadArg)?;
    Ok(Value::from(about))
}
