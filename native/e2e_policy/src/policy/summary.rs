// SPDX-License-Identifier: GPL-2.0-or-later
//! The policy of a host in plain words, for an admin.

use crate::language::catalogue::Language;
use crate::policy::Policy;
use crate::policy::connection::Unverified;
use crate::policy::duration::{Period, in_words};
use crate::policy::level::{Level, MucPm};
use crate::policy::options::{Incoming, OuterBody, RecipientKeys};

impl Policy {
    /// The policy in plain words: a line for each part of it. Where rules decide what is asked of
    /// whom, they are given in words.
    #[must_use]
    pub fn summary(
        &self,
        direct_by_rules: Option<&str>,
        group_by_rules: Option<&str>,
    ) -> Vec<String> {
        let period = if self.grace_period > Period::ZERO {
            format!(
                "{} from a user's first violation on",
                in_words(self.grace_period.delta(), Language::english())
            )
        } else {
            "none".to_owned()
        };
        let bodies = match self.outer_body {
            OuterBody::Keep => "kept",
            OuterBody::Replace => "replaced by a neutral sentence",
        };
        let ignored = if self.whitelist.is_empty() {
            "none".to_owned()
        } else {
            self.whitelist.to_string()
        };
        let private = match self.muc_pm {
            MucPm::Direct => None,
            MucPm::Level(level) => Some(format!(
                "private messages to occupants of rooms: {}",
                level_in_words(level)
            )),
        };
        let mut lines = vec![
            format!("accepted schemes: {}", self.accepted.as_list()),
            format!(
                "direct chats: {}",
                direct_by_rules.unwrap_or(level_in_words(self.direct))
            ),
            format!(
                "group chats: {}",
                group_by_rules.unwrap_or(level_in_words(self.group))
            ),
        ];
        lines.extend(private);
        lines.extend(match self.recipient_keys {
            RecipientKeys::Ignore => None,
            RecipientKeys::Tell => Some(
                "recipients without keys: the sender of a message without acceptable E2EE is told"
                    .to_owned(),
            ),
            RecipientKeys::Needed => Some(
                "recipients without keys: the sender of a message without acceptable E2EE is \
                 told, and never refused"
                    .to_owned(),
            ),
        });
        lines.extend(self.others_in_words().into_iter().map(str::to_owned));
        lines.extend([
            format!("grace period: {period}"),
            format!("bodies beside ciphertext: {bodies}"),
            format!("ignored senders and recipients: {ignored}"),
        ]);
        lines
    }
}

impl Policy {
    /// What is asked of people who are no users of the host, and of connections to other servers.
    fn others_in_words(&self) -> Vec<&'static str> {
        let incoming = match self.incoming {
            Incoming::None => None,
            Incoming::Required => Some(
                "messages from other servers to users here: required, one without acceptable E2EE \
                 is refused",
            ),
        };
        let rooms = match self.rooms {
            Level::None => None,
            Level::Optional => Some(
                "messages of strangers in rooms here: optional, the sender of one without \
                 acceptable E2EE is warned; anonymous rooms are passed over, as OMEMO needs to see \
                 who is there",
            ),
            Level::Required => Some(
                "messages of strangers in rooms here: required, one without acceptable E2EE is \
                 refused; anonymous rooms are passed over, as OMEMO needs to see who is there",
            ),
        };
        let unverified = match self.s2s_unverified {
            Unverified::None => None,
            Unverified::Optional => Some(
                "messages over connections to other servers that are not verified: at least \
                 optional, without a grace period",
            ),
            Unverified::Required => Some(
                "messages over connections to other servers that are not verified: required, \
                 without a grace period",
            ),
            Unverified::Refuse => {
                Some("connections to other servers that are not verified: refused")
            }
        };
        [incoming, rooms, unverified]
            .into_iter()
            .flatten()
            .collect()
    }
}

const fn level_in_words(level: Level) -> &'static str {
    match level {
        Level::None => "none, nothing is asked",
        Level::Optional => "optional, the sender of a message without acceptable E2EE is warned",
        Level::Required => "required, a message without acceptable E2EE is refused",
    }
}
