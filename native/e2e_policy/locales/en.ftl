# SPDX-License-Identifier: GPL-2.0-or-later
# English

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Your message to { $recipient } was not end-to-end encrypted. For security reasons, using one of the following E2EE schemes is *STRONGLY* recommended: { $accepted_schemes }
message_plain_required_direct = Your message to { $recipient } was not end-to-end encrypted. For security reasons, using one of the following E2EE schemes is *REQUIRED* for conversations on this server: { $accepted_schemes }
message_unacceptable_optional_direct = Your message to { $recipient } was end-to-end encrypted using the { $scheme } scheme, but we recommend using one of the following instead: { $accepted_schemes }
message_unacceptable_required_direct = Your message to { $recipient } was end-to-end encrypted using the { $scheme } scheme, but this server *REQUIRES* one of these: { $accepted_schemes }
message_without_keys = { $recipient } has not published any keys for these yet.
message_graceperiod = You have { $graceperiod_remaining } left before this will be enforced and messages without acceptable E2EE will be discarded.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } day
       *[other] { $number } days
    }
hours =
    { $number ->
        [one] { $number } hour
       *[other] { $number } hours
    }
minutes =
    { $number ->
        [one] { $number } minute
       *[other] { $number } minutes
    }
two_units = { $large } and { $small }
less_than_a_minute = less than a minute
