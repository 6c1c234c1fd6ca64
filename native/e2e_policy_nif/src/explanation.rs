// SPDX-License-Identifier: GPL-2.0-or-later
//! What an explanation is asked about, and explanations as Erlang maps with the keys of the struct,
//! in which a missing value is an empty binary.

use crate::verdict::{ConnectionTerm, KeysTerm};
use crate::{Jid, level};
use e2e_policy::{Asked, Chat, Explanation};
use rustler::{Atom, Decoder, NifMap, NifResult, Term};

mod atoms {
    rustler::atoms! { none, direct, group, marked }
}

/// `{From, To, IsToUser}`: sender, recipient, and whether the recipient is a user here.
pub(crate) type ConversationTerm<'a> = (Jid<'a>, Jid<'a>, bool);

/// `{Levels, none | Exemption, Keys, Connection, Lang}`: what is asked of the sender, what exempts
/// the message by rules that the policy does not know, in words, whether the recipient has keys,
/// how the message reaches the recipient, and the language of the sender.
pub(crate) struct AskedTerm<'a>(pub Asked<'a>);

impl<'a> Decoder<'a> for AskedTerm<'a> {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        type Parts<'a> = (Term<'a>, Term<'a>, KeysTerm, ConnectionTerm<'a>, &'a str);
        let (levels, exemption, keys, connection, lang): Parts<'a> = term.decode()?;
        Ok(Self(Asked {
            levels: level::levels(levels)?,
            exemption: if atoms::none() == exemption {
                None
            } else {
                Some(exemption.decode()?)
            },
            keys: keys.0,
            connection: connection.0,
            lang,
        }))
    }
}

/// An explanation on its way to Erlang.
#[derive(NifMap)]
#[rustler(encode)]
pub(crate) struct ExplanationTerm {
    decision: &'static str,
    reason: &'static str,
    content: &'static str,
    scheme: String,
    text: String,
    chat: Atom,
    why: Vec<String>,
}

impl From<Explanation> for ExplanationTerm {
    fn from(explanation: Explanation) -> Self {
        Self {
            decision: explanation.decision,
            reason: explanation.reason.map_or("", e2e_policy::Reason::as_str),
            content: explanation.content,
            scheme: explanation.scheme.unwrap_or_default(),
            text: explanation.text.unwrap_or_default(),
            chat: match explanation.chat {
                Chat::Direct => atoms::direct(),
                Chat::Group => atoms::group(),
                Chat::Marked => atoms::marked(),
            },
            why: explanation.why,
        }
    }
}
