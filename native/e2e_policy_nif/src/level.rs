// SPDX-License-Identifier: GPL-2.0-or-later
//! Levels as Erlang terms: the atoms `none`, `optional` and `required`.

use e2e_policy::{Level, Levels};
use rustler::{Atom, Decoder, Error, NifResult, Term};

mod atoms {
    rustler::atoms! { none, optional, required, direct, group }
}

/// A level that Erlang gives.
pub(crate) struct LevelTerm(pub Level);

impl<'a> Decoder<'a> for LevelTerm {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        match term.decode::<Atom>()? {
            found if found == atoms::none() => Ok(Self(Level::None)),
            found if found == atoms::optional() => Ok(Self(Level::Optional)),
            found if found == atoms::required() => Ok(Self(Level::Required)),
            _ => Err(Error::BadArg),
        }
    }
}

/// `{Direct, Group, Marked}`: what is asked of one sender.
pub(crate) fn levels(term: Term<'_>) -> NifResult<Levels> {
    let (direct, group, marked): (LevelTerm, LevelTerm, LevelTerm) = term.decode()?;
    Ok(Levels {
        direct: direct.0,
        group: group.0,
        marked: marked.0,
    })
}

/// Rules in words: a map with the keys `direct` and `group`, of which each may be missing.
pub(crate) struct RulesTerm<'a> {
    pub direct: Option<&'a str>,
    pub group: Option<&'a str>,
}

impl<'a> Decoder<'a> for RulesTerm<'a> {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let words = |key: Atom| term.map_get(key).ok().map(Term::decode).transpose();
        Ok(Self {
            direct: words(atoms::direct())?,
            group: words(atoms::group())?,
        })
    }
}
