# SPDX-License-Identifier: GPL-2.0-or-later
# Ukrainian

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Ваше повідомлення для { $recipient } не було захищене наскрізним шифруванням. З міркувань безпеки *НАПОЛЕГЛИВО* рекомендуємо використовувати один із таких способів наскрізного шифрування: { $accepted_schemes }
message_plain_required_direct = Ваше повідомлення для { $recipient } не було захищене наскрізним шифруванням. З міркувань безпеки для розмов на цьому сервері *ОБОВʼЯЗКОВИЙ* один із таких способів наскрізного шифрування: { $accepted_schemes }
message_unacceptable_optional_direct = Ваше повідомлення для { $recipient } було захищене наскрізним шифруванням за способом { $scheme }, але ми рекомендуємо використовувати замість нього один із таких: { $accepted_schemes }
message_unacceptable_required_direct = Ваше повідомлення для { $recipient } було захищене наскрізним шифруванням за способом { $scheme }, але цей сервер *ВИМАГАЄ* один із таких: { $accepted_schemes }
message_incoming = { $recipient } приймає лише повідомлення з наскрізним шифруванням одним із цих способів: { $accepted_schemes }
message_without_keys = { $recipient } ще не має опублікованих ключів для цих способів.
message_unverified = З’єднання з { $server } не захищене дійсним сертифікатом.
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

## WebAdmin's pages, for admins.

web_title = Наскрізне шифрування
web_failed = Ця сторінка не відкрилася, де помилка — вказано в журналі.
web_stale = Форма не з цієї сторінки: надішліть її ще раз.
web_messages_by_day = Повідомлення за днями
web_no_messages = За останні дні (усього { $days }) не враховано жодного повідомлення.
web_summary = Повідомлення за останні дні (усього { $days }): разом { $messages }, зашифровано { $encrypted }, неприйнятно { $unacceptable }, відкритим текстом { $plaintext }.
web_chart = Повідомлення за днями, з { $first } по { $last }
web_bar = { $day }: разом { $messages }
web_figures = Числа за кожен день
web_other = інший механізм
web_unacceptable = неприйнятно
web_plaintext = відкритий текст
web_readiness = Готовність
web_ready = Готово користувачів: { $ready } з { $users }. Інші можуть шифрувати для них.
web_counting = Триває підрахунок користувачів: оновіть цю сторінку трохи згодом.
web_show_unready = Показати неготових користувачів
web_unready = Неготові користувачі, спершу нещодавно активні
web_keys = Ключі
web_last_active = Остання активність
web_last_plain = Останнє порушення
web_last_accepted = Останнє прийнятне повідомлення
web_clients = Клієнти
web_show_servers = Показати з’єднання з іншими серверами
web_servers = З’єднання цього вузла з іншими серверами
web_none = Зараз їх немає.
web_direction = Напрямок
web_local = Тутешній домен
web_remote = Інший сервер
web_protection = Захист
web_tls = TLS
web_authentication = Автентифікація
web_certificate = Сертифікат
web_show_audit = Перевірити конфігурацію цього сервера
web_audit = Що знайдено в конфігурації
web_check = Перевірка
web_result = Результат
web_found = Знайдено
web_advice = Порада
web_grace_periods = Строки, спершу найближчий кінець
web_user = Користувач
web_state = Стан
web_started_by = Ким розпочато
web_start = Початок
web_end = Кінець
web_remaining = Залишилося
web_period = Строк, наприклад 14 days
web_begin = Розпочати
web_extend = Продовжити
web_end_now = Завершити зараз
web_reset = Скинути
web_submitted = Надіслано
web_explain_title = Що сталося б із повідомленням
web_explain = Пояснити
web_from = Від
web_to = Кому
web_decision = Рішення
web_reason = Причина
web_content = Вміст
web_scheme = Спосіб
web_text = Текст для відправника
web_why = Чому
web_user_told = Що повідомляється цьому користувачу
