// SPDX-License-Identifier: GPL-2.0-or-later
//! What a built-in text inserts, as an Erlang map: `#{recipient => <<"romeo@example.org">>}`,
//! `#{number => 3}`.

use e2e_policy::Argument;
use rustler::{Decoder, Error, MapIterator, NifResult, Term, TermType};

/// Names and values.
pub(crate) struct ArgumentsTerm<'a>(Vec<(String, Argument<'a>)>);

impl ArgumentsTerm<'_> {
    pub(crate) fn each(&self) -> Vec<(&str, Argument<'_>)> {
        let arguments = self.0.iter();
        arguments
            .map(|(name, value)| (name.as_str(), *value))
            .collect()
    }
}

impl<'a> Decoder<'a> for ArgumentsTerm<'a> {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let entries = MapIterator::new(term).ok_or(Error::BadArg)?;
        entries
            .map(|(name, value)| {
                let value = match value.get_type() {
                    TermType::Integer => Argument::Number(value.decode()?),
                    _ => Argument::Text(value.decode()?),
                };
                Ok((name.atom_to_string()?, value))
            })
            .collect::<NifResult<Vec<_>>>()
            .map(Self)
    }
}
