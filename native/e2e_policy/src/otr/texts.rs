// SPDX-License-Identifier: GPL-2.0-or-later
//! What OTR libraries say to people in queries and errors (OTR version 3, "OTR Query Messages").
//!
//! Such a text is in the clear, so only these are accepted: anything else is somebody's own words.

/// No library's text is longer.
const MAX_TEXT: usize = 1024;
/// A name within a text: an address, with a resource perhaps.
const MAX_NAME: usize = 128;

/// Whether a library says this after the versions of a query.
pub(super) fn is_of_query(text: &[u8]) -> bool {
    is_one_of(text, &QUERY_TEXTS)
}

/// Whether a library says this after `?OTR Error:`.
pub(super) fn is_of_error(text: &[u8]) -> bool {
    is_one_of(text, &ERROR_TEXTS)
}

// In the texts, whatever their case: `%` is a name, `@` a link, a blank any white space, a line feed any
// or none. A full stop at the end is left out.

/// The queries of OTR libraries and their clients.
const QUERY_TEXTS: [&str; 11] = [
    // libotr, and so Pidgin, Adium, Psi, Kopete, mcabber, BitlBee; Jitsi
    "% has requested an Off-the-Record private conversation. However, you do not have a plugin to \
     support that.\nSee @ for more information",
    // profanity
    "This user has requested an Off-the-Record private conversation. However, you do not have a plugin \
     to support that.\nSee @ for more information",
    // potr, and so Gajim, poezio
    "I would like to start an Off-the-Record private conversation. However, you do not have a plugin to \
     support that.\nSee @ for more information",
    // otr4j
    "You are being requested to have an Off-the-Record private conversation. However, you do not have a \
     plugin to support that.\nSee @ for more information",
    "Off-the-Record private conversation has been requested. However, you do not have a plugin to \
     support that",
    // Conversations
    "I would like to start a private (OTR encrypted) conversation but your client doesn't seem to \
     support that",
    // CoyIM
    "Your peer has requested a private conversation with you, but your client doesn't seem to support \
     the OTR protocol",
    // Thunderbird, and Instantbird before it
    "% has requested an Off-the-Record (OTR) encrypted conversation. However, you do not have a plugin \
     to support that.\nSee @ for more information",
    "% has requested an Off-the Record private conversation. However, you do not have a plugin to \
     support that.\nSee @ for more information",
    // Blink
    "I would like to start an Off-the-Record private conversation, but you do not seem to support that",
    // The example of version 1
    "Your client does not support the OTR Private Messaging Protocol.\nSee @ for more information",
];

/// The error messages of OTR libraries and their clients.
const ERROR_TEXTS: [&str; 33] = [
    // libotr 3, Pidgin, Psi, mcabber, Kopete, Thunderbird
    "You sent encrypted data to %, who wasn't expecting it",
    "You transmitted an unreadable encrypted message",
    "You transmitted a malformed data message",
    "Error occurred encrypting message",
    "An error occurred while encrypting the message",
    // CoyIM
    "You sent encrypted data to a peer, who wasn't expecting it",
    // irssi
    "You sent encrypted data which was unexpected",
    // potr
    "You sent encrypted data, but I wasn't expecting it",
    // otr4j; Conversations has no text of its own
    "You sent me an unreadable encrypted message",
    "null",
    // otr.js
    "An OTR error has occurred",
    // profanity
    "OTR Error: occurred while encrypting a message",
    "OTR Error: Sent encrypted message to somebody who is not in a mutual OTR session",
    "OTR Error: sent an unreadable encrypted message",
    "OTR Error: message sent is malformed",
    "OTR Error: unknown",
    // Adium, EKG2
    "An error occured while encrypting a message",
    "Error occurred while encrypting a message",
    "Sent encrypted message to somebody who is not in a mutual OTR session",
    "Sent an unreadable encrypted message",
    "Message sent is malformed",
    // Kadu
    "Error occurred during message encryption",
    // BitlBee
    "I failed to encrypt a message",
    "You sent an encrypted message I didn't expect",
    "Could not read encrypted message",
    "You sent a malformed OTR message",
    "I suffered an unexpected OTR error",
    // Jackline
    "Ignoring unreadable message",
    // Version 4
    "Unreadable message",
    "Not in private state message",
    "Malformed message",
    "OTRNG_ERR_MSG_UNREADABLE",
    "OTRNG_ERR_MSG_NOT_PRIVATE_STATE",
];

const LINKS: [&[u8]; 6] = [
    b"https://otr.cypherpunks.ca/",
    b"http://otr.cypherpunks.ca/",
    b"https://en.wikipedia.org/wiki/Off-the-Record_Messaging",
    b"http://wikipedia.org/wiki/Off-the-Record_Messaging",
    b"https://otr.im/",
    b"https://otr.im",
];

/// What libotr's query is decorated with, and what clients make of its links in plain text.
const MARKUP: [&[u8]; 14] = [
    b"<b>",
    b"</b>",
    b"<br>",
    b"<br/>",
    b"<br />",
    b"<span style=\"font-weight: bold;\">",
    b"</span>",
    b"<a href=\"https://otr.cypherpunks.ca/\">",
    b"<a href=\"http://otr.cypherpunks.ca/\">",
    b"</a>",
    b" <https://otr.cypherpunks.ca/>",
    b" <http://otr.cypherpunks.ca/>",
    b" (https://otr.cypherpunks.ca/)",
    b" (http://otr.cypherpunks.ca/)",
];

fn is_one_of(text: &[u8], known: &[&str]) -> bool {
    let short = text.len() <= MAX_TEXT;
    let text = after_markup(text).trim_ascii_start();
    short && known.iter().any(|known| reads_as(text, known).is_some())
}

fn reads_as(mut text: &[u8], known: &str) -> Option<()> {
    for expected in known.bytes() {
        text = after_markup(text);
        text = match expected {
            b'\n' => text.trim_ascii_start(),
            b' ' => Some(text.trim_ascii_start()).filter(|rest| rest.len() < text.len())?,
            b'%' => after_name(text)?,
            b'@' => after_any(text, &LINKS)?,
            b'\'' => after_any(text, &[b"'", "’".as_bytes()])?,
            _ => match text {
                [first, rest @ ..] if first.eq_ignore_ascii_case(&expected) => rest,
                _ => return None,
            },
        };
    }
    matches!(after_markup(text), b"" | b".").then_some(())
}

/// A name has no blanks, so that no sentence can stand in its place.
fn after_name(text: &[u8]) -> Option<&[u8]> {
    let ends = |octet: &u8| octet.is_ascii_whitespace() || matches!(octet, b'<' | b',');
    let end = text
        .iter()
        .take(MAX_NAME)
        .position(ends)
        .filter(|end| *end > 0)?;
    text.get(end..)
}

fn after_markup(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = after_any(text, &MARKUP) {
        text = rest;
    }
    text
}

fn after_any<'a>(text: &'a [u8], beginnings: &[&[u8]]) -> Option<&'a [u8]> {
    beginnings
        .iter()
        .find_map(|beginning| text.strip_prefix(*beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "bob@example.org has requested an Off-the-Record private conversation. However, you \
         do not have a plugin to support that. See https://otr.cypherpunks.ca/ for more information.";

    #[test]
    fn the_forms_that_clients_make_of_one_text_are_known() {
        for text in [
            PLAIN,
            "\n<b>bob@example.org/phone</b> has requested an <a href=\"http://otr.cypherpunks.ca/\">Off-the-Record \
             private conversation</a>.  However, you do not have a plugin to support that.\nSee \
             <a href=\"http://otr.cypherpunks.ca/\">http://otr.cypherpunks.ca/</a> for more information.",
            // As libpurple writes it without markup
            "\nbob@example.org has requested an Off-the-Record private conversation <https://otr.cypherpunks.ca/>.  \
             However, you do not have a plugin to support that.\nSee https://otr.cypherpunks.ca/ for more \
             information.",
            // As it is left when elements are taken out of XHTML
            "bob@example.org has requested an Off-the-Record private conversation.  However, you do not have \
             a plugin to support that.See https://otr.cypherpunks.ca/ for more information.",
            "<br/>bob@example.org has requested an Off-the-Record private conversation. However, you do not \
             have a plugin to support that.<br/>\nSee https://otr.cypherpunks.ca/ for more information",
        ] {
            assert!(is_of_query(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn every_text_of_the_tables_is_known() {
        for (texts, is_known) in [
            (&QUERY_TEXTS[..], is_of_query as fn(&[u8]) -> bool),
            (&ERROR_TEXTS[..], is_of_error),
        ] {
            for text in texts {
                let text = text
                    .replace('%', "bob@example.org")
                    .replace('@', "https://otr.im");
                let text = text.replace("bobhttps://otr.imexample.org", "bob@example.org");
                assert!(is_known(text.as_bytes()), "{text:?}");
                assert!(is_known(format!("{text}.").as_bytes()), "{text:?}");
                assert!(!is_known(format!("{text} hello").as_bytes()), "{text:?}");
                assert!(!is_known(format!("hello {text}").as_bytes()), "{text:?}");
                assert!(!is_known(&text.as_bytes()[..text.len() - 1]), "{text:?}");
            }
        }
    }

    #[test]
    fn a_known_text_with_other_words_in_it_is_not_known() {
        for text in [
            PLAIN.replace("bob@example.org", "meet me at noon, bob"),
            PLAIN.replace("bob@example.org", ""),
            PLAIN.replace("bob@example.org", &"b".repeat(1000)),
            PLAIN.replace("https://otr.cypherpunks.ca/", "https://example.org/"),
            PLAIN.replace("See", "hello <b>See</b>"),
            PLAIN.replace(
                "However",
                "<a href=\"https://example.org/hello\">However</a>",
            ),
            format!("{PLAIN} {PLAIN}"),
            PLAIN.replace(' ', &" ".repeat(1000)),
        ] {
            assert!(!is_of_query(text.as_bytes()), "{text:?}");
        }
    }
}
