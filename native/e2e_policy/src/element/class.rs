// SPDX-License-Identifier: GPL-2.0-or-later
//! What an element means for the content of a message.

/// What an element means for the content of the message that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// OMEMO's element with initialisation vector and flat keys.
    LegacyOmemo,
    /// OMEMO's element with keys by JID, which some clients send with an initialisation vector.
    Omemo1,
    /// OMEMO's element with keys by JID.
    Omemo2,
    /// OpenPGP for XMPP.
    OpenPgp,
    /// Encrypted OpenPGP data of XEP-0027.
    LegacyPgp,
    /// The message's body: content, an OTR message, or the fallback of another scheme.
    Body,
    /// The message's subject: content, or in a room its topic.
    Subject,
    /// The formatted copy of the body.
    Xhtml,
    /// What people say or send: content when people can read anything in it.
    Text,
    /// A mention of a person, which is neutral, or a link, which is content.
    Reference,
    /// A data form: neutral when a service asked for it, else content.
    Form,
    /// A message inside this one, or an element that wraps one: classified as what is inside it.
    Wrapper,
    /// The same, fastened to another message: a reaction inside it belongs to this message.
    Fastening,
    /// Reactions: neutral if they are emoji, else content. May have a body as fallback.
    Reactions,
    /// Retraction and moderation: neutral. May have a body as fallback.
    Retraction,
    /// The marker that a body is fallback for another element (XEP-0428): neutral.
    Fallback,
    /// The hint at an encryption mechanism (XEP-0380): neutral, and no proof of encryption.
    Hint,
    /// Signalling and remarks: nothing to protect up to a limit of text that people can read.
    Neutral,
}

impl Class {
    /// Whether it is content in the clear inside an element of a scheme.
    pub(crate) const fn is_content(self) -> bool {
        matches!(
            self,
            Self::Body
                | Self::Subject
                | Self::Xhtml
                | Self::Text
                | Self::Reference
                | Self::Form
                | Self::Wrapper
                | Self::Fastening
        )
    }
}
