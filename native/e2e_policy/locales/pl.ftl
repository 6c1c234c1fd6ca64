# SPDX-License-Identifier: GPL-2.0-or-later
# Polish

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Twoja wiadomość do { $recipient } nie była szyfrowana end-to-end. Ze względów bezpieczeństwa *ZDECYDOWANIE* zaleca się używanie jednej z następujących metod szyfrowania end-to-end: { $accepted_schemes }
message_plain_required_direct = Twoja wiadomość do { $recipient } nie była szyfrowana end-to-end. Ze względów bezpieczeństwa w rozmowach na tym serwerze *WYMAGANA* jest jedna z następujących metod szyfrowania end-to-end: { $accepted_schemes }
message_unacceptable_optional_direct = Twoja wiadomość do { $recipient } była szyfrowana end-to-end metodą { $scheme }, ale zalecamy używanie zamiast niej jednej z następujących: { $accepted_schemes }
message_unacceptable_required_direct = Twoja wiadomość do { $recipient } była szyfrowana end-to-end metodą { $scheme }, ale ten serwer *WYMAGA* jednej z następujących: { $accepted_schemes }
message_without_keys = { $recipient } nie ma jeszcze opublikowanych kluczy dla tych metod.
message_graceperiod = Pozostały czas: { $graceperiod_remaining }. Potem ta zasada zacznie obowiązywać, a wiadomości bez akceptowanego szyfrowania end-to-end będą odrzucane.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } dzień
        [few] { $number } dni
       *[many] { $number } dni
    }
hours =
    { $number ->
        [one] { $number } godzina
        [few] { $number } godziny
       *[many] { $number } godzin
    }
minutes =
    { $number ->
        [one] { $number } minuta
        [few] { $number } minuty
       *[many] { $number } minut
    }
two_units = { $large } i { $small }
less_than_a_minute = mniej niż minuta
