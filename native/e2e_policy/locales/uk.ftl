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

## What users are told of their own account, by the ad-hoc command.

own_title = Моє наскрізне шифрування
own_direct = Розмови з однією людиною
own_group = Кімнати
own_level_none = Від вас нічого не вимагається.
own_level_optional = Незашифроване повідомлення буде доставлено, а ви отримаєте попередження.
own_level_required = Незашифроване повідомлення буде відхилено, коли ваш час мине.
own_testing = Проба
own_only_tested = Правило лише випробовується: нічого не відхиляється, і нікого не попереджають.
own_time_left = Час, що залишився
own_time_running = { $remaining }, до { $end }
own_time_not_begun = { $period } від вашого першого незашифрованого повідомлення
own_time_over = немає
own_accepted_schemes = Прийнятне шифрування
own_keys = Ваші опубліковані ключі { $scheme }
own_keys_none = немає
own_keys_unknown = зараз прочитати не можна
own_key_missing = { $key }: у списку, але без ключів
own_key_closed = { $key }: ключі можуть прочитати не всі
own_without_omemo = Інші ваші застосунки в мережі без OMEMO
own_unknown = Інші ваші застосунки в мережі, які не відповіли
own_advice_schemes = Шифруйте одним із цих способів: { $accepted_schemes }
own_advice_unknown = Увімкніть шифрування в кожному своєму застосунку.
own_advice_no_keys = Увімкніть { $scheme } у своєму застосунку: у вас немає опублікованих ключів, тому ніхто не може шифрувати для вас.
own_advice_no_bundle = Вимкніть і знову ввімкніть шифрування у своєму застосунку: ваші пристрої є у списку, але їхніх ключів немає.
own_advice_closed = Попросіть допомоги в адміністратора сервера: ваші ключі можуть прочитати не всі.
own_advice_sessions =
    { $number ->
        [one] Увімкніть OMEMO і в { $number } іншому застосунку: те, що ви там пишете, не шифрується.
        [few] Увімкніть OMEMO і в { $number } інших застосунках: те, що ви там пишете, не шифрується.
        [many] Увімкніть OMEMO і в { $number } інших застосунках: те, що ви там пишете, не шифрується.
       *[other] Увімкніть OMEMO і в { $number } інших застосунках: те, що ви там пишете, не шифрується.
    }
own_advice_ready = Усе готово: ваші ключі опубліковано, й інші можуть шифрувати для вас.
