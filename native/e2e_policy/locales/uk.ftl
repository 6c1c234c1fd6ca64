# SPDX-License-Identifier: GPL-2.0-or-later
# Ukrainian

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Ваше повідомлення для { $recipient } не було захищене наскрізним шифруванням. З міркувань безпеки *НАПОЛЕГЛИВО* рекомендуємо використовувати один із таких способів наскрізного шифрування: { $accepted_schemes }
message_plain_required_direct = Ваше повідомлення для { $recipient } не було захищене наскрізним шифруванням. З міркувань безпеки для розмов на цьому сервері *ОБОВʼЯЗКОВИЙ* один із таких способів наскрізного шифрування: { $accepted_schemes }
message_unacceptable_optional_direct = Ваше повідомлення для { $recipient } було захищене наскрізним шифруванням за способом { $scheme }, але ми рекомендуємо використовувати замість нього один із таких: { $accepted_schemes }
message_unacceptable_required_direct = Ваше повідомлення для { $recipient } було захищене наскрізним шифруванням за способом { $scheme }, але цей сервер *ВИМАГАЄ* один із таких: { $accepted_schemes }
message_without_keys = { $recipient } ще не має опублікованих ключів для цих способів.
message_graceperiod = Час, що залишився: { $graceperiod_remaining }. Після цього правило набуде чинності, і повідомлення без прийнятного наскрізного шифрування відхилятимуться.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } день
        [few] { $number } дні
       *[many] { $number } днів
    }
hours =
    { $number ->
        [one] { $number } година
        [few] { $number } години
       *[many] { $number } годин
    }
minutes =
    { $number ->
        [one] { $number } хвилина
        [few] { $number } хвилини
       *[many] { $number } хвилин
    }
two_units = { $large } і { $small }
less_than_a_minute = менше хвилини
