# SPDX-License-Identifier: GPL-2.0-or-later
# English

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Your message to { $recipient } was not end-to-end encrypted. For security reasons, using one of the following E2EE schemes is *STRONGLY* recommended: { $accepted_schemes }
message_plain_required_direct = Your message to { $recipient } was not end-to-end encrypted. For security reasons, using one of the following E2EE schemes is *REQUIRED* for conversations on this server: { $accepted_schemes }
message_unacceptable_optional_direct = Your message to { $recipient } was end-to-end encrypted using the { $scheme } scheme, but we recommend using one of the following instead: { $accepted_schemes }
message_unacceptable_required_direct = Your message to { $recipient } was end-to-end encrypted using the { $scheme } scheme, but this server *REQUIRES* one of these: { $accepted_schemes }
message_incoming = { $recipient } only takes messages that are end-to-end encrypted by one of these: { $accepted_schemes }
message_without_keys = { $recipient } has not published any keys for these yet.
message_unverified = The connection to { $server } is not protected by a valid certificate.
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

## What users are told of their own account, by the ad-hoc command.

own_title = My end-to-end encryption
own_direct = Chats with one person
own_group = Rooms
own_level_none = Nothing is asked of you.
own_level_optional = A message that is not encrypted is delivered, and you are warned.
own_level_required = A message that is not encrypted is refused when your time is over.
own_testing = Trial
own_only_tested = This is only being tried out: nothing is refused, and nobody is warned.
own_time_left = Time left
own_time_running = { $remaining }, until { $end }
own_time_not_begun = { $period } from your first message on that is not encrypted
own_time_over = none
own_accepted_schemes = Accepted encryption
own_keys = Your published keys for { $scheme }
own_keys_none = none
own_keys_unknown = cannot be read now
own_key_missing = { $key }: listed, but without keys
own_key_closed = { $key }: not everybody may read its keys
own_without_omemo = Your other apps that are online without OMEMO
own_unknown = Your other apps that are online and did not answer
own_advice_schemes = Encrypt by one of these: { $accepted_schemes }
own_advice_unknown = Switch encryption on in each of your apps.
own_advice_no_keys = Switch { $scheme } on in your app: you have published no keys, so that nobody can encrypt to you.
own_advice_no_bundle = Switch encryption off and on again in your app: your devices are listed, but their keys are missing.
own_advice_closed = Ask the admin of the server for help: not everybody may read your keys.
own_advice_sessions =
    { $number ->
        [one] Switch OMEMO on in your { $number } other app, too: what you write there is not encrypted.
       *[other] Switch OMEMO on in your { $number } other apps, too: what you write there is not encrypted.
    }
own_advice_ready = You are ready: your keys are published, and others can encrypt to you.

## WebAdmin's pages, for admins.

web_title = End-to-end encryption
web_failed = This page failed, the log says where.
web_stale = The form is not of this page: send it again.
web_messages_by_day = Messages by day
web_no_messages = No message was counted in the last { $days } days.
web_summary = Messages of the last { $days } days: { $messages } in all, { $encrypted } encrypted, { $unacceptable } unacceptable, { $plaintext } plaintext.
web_chart = Messages by day, from { $first } to { $last }
web_bar = { $day }: { $messages } in all
web_figures = The figures of each day
web_other = other mechanism
web_unacceptable = unacceptable
web_plaintext = plaintext
web_readiness = Readiness
web_ready = { $ready } of { $users } users are ready: others can encrypt to them.
web_counting = The users are being counted: load this page again in a while.
web_show_unready = Show the users who are not ready
web_unready = Users who are not ready, last active first
web_keys = Keys
web_last_active = Last active
web_last_plain = Last violation
web_last_accepted = Last accepted message
web_clients = Clients
web_show_servers = Show the connections with other servers
web_servers = Connections of this node with other servers
web_none = There are none now.
web_direction = Direction
web_local = Domain here
web_remote = Other server
web_protection = Protection
web_tls = TLS
web_authentication = Authentication
web_certificate = Certificate
web_show_audit = Check the configuration of this server
web_audit = What was found in the configuration
web_check = Check
web_result = Result
web_found = Found
web_advice = Advice
web_grace_periods = Grace periods, soonest end first
web_user = User
web_state = State
web_started_by = Started by
web_start = Start
web_end = End
web_remaining = Remaining
web_period = Period, such as 14 days
web_begin = Start
web_extend = Extend
web_end_now = End now
web_reset = Reset
web_submitted = Submitted
web_explain_title = What would become of a message
web_explain = Explain
web_from = From
web_to = To
web_decision = Decision
web_reason = Reason
web_content = Content
web_scheme = Scheme
web_text = Text for the sender
web_why = Why
web_user_told = What this user is told
