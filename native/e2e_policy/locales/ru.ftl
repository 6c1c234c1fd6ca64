# SPDX-License-Identifier: GPL-2.0-or-later
# Russian

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Ваше сообщение для { $recipient } не было защищено сквозным шифрованием. В целях безопасности *НАСТОЯТЕЛЬНО* рекомендуется использовать один из следующих способов сквозного шифрования: { $accepted_schemes }
message_plain_required_direct = Ваше сообщение для { $recipient } не было защищено сквозным шифрованием. В целях безопасности для бесед на этом сервере *ОБЯЗАТЕЛЕН* один из следующих способов сквозного шифрования: { $accepted_schemes }
message_unacceptable_optional_direct = Ваше сообщение для { $recipient } было защищено сквозным шифрованием по способу { $scheme }, но мы рекомендуем использовать вместо него один из следующих: { $accepted_schemes }
message_unacceptable_required_direct = Ваше сообщение для { $recipient } было защищено сквозным шифрованием по способу { $scheme }, но этот сервер *ТРЕБУЕТ* один из следующих: { $accepted_schemes }
message_without_keys = У { $recipient } пока нет опубликованных ключей для этих способов.
message_graceperiod = Оставшееся время: { $graceperiod_remaining }. После этого правило вступит в силу, и сообщения без допустимого сквозного шифрования будут отклоняться.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } день
        [few] { $number } дня
       *[many] { $number } дней
    }
hours =
    { $number ->
        [one] { $number } час
        [few] { $number } часа
       *[many] { $number } часов
    }
minutes =
    { $number ->
        [one] { $number } минута
        [few] { $number } минуты
       *[many] { $number } минут
    }
two_units = { $large } и { $small }
less_than_a_minute = меньше минуты
