# SPDX-License-Identifier: GPL-2.0-or-later
# German

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Ihre Nachricht an { $recipient } war nicht Ende-zu-Ende-verschlüsselt. Aus Sicherheitsgründen wird *DRINGEND* empfohlen, eines der folgenden Verfahren zur Ende-zu-Ende-Verschlüsselung zu verwenden: { $accepted_schemes }
message_plain_required_direct = Ihre Nachricht an { $recipient } war nicht Ende-zu-Ende-verschlüsselt. Aus Sicherheitsgründen ist für Unterhaltungen auf diesem Server eines der folgenden Verfahren zur Ende-zu-Ende-Verschlüsselung *VORGESCHRIEBEN*: { $accepted_schemes }
message_unacceptable_optional_direct = Ihre Nachricht an { $recipient } war mit dem Verfahren { $scheme } Ende-zu-Ende-verschlüsselt, wir empfehlen aber, stattdessen eines der folgenden zu verwenden: { $accepted_schemes }
message_unacceptable_required_direct = Ihre Nachricht an { $recipient } war mit dem Verfahren { $scheme } Ende-zu-Ende-verschlüsselt, dieser Server *VERLANGT* aber eines der folgenden: { $accepted_schemes }
message_without_keys = { $recipient } hat dafür noch keine Schlüssel veröffentlicht.
message_graceperiod = Ihnen bleiben noch { $graceperiod_remaining }, bis dies durchgesetzt wird und Nachrichten ohne eine zulässige Ende-zu-Ende-Verschlüsselung verworfen werden.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } Tag
       *[other] { $number } Tage
    }
hours =
    { $number ->
        [one] { $number } Stunde
       *[other] { $number } Stunden
    }
minutes =
    { $number ->
        [one] { $number } Minute
       *[other] { $number } Minuten
    }
two_units = { $large } und { $small }
less_than_a_minute = weniger als eine Minute
