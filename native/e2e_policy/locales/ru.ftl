# SPDX-License-Identifier: GPL-2.0-or-later
# Russian

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Ваше сообщение для { $recipient } не было защищено сквозным шифрованием. В целях безопасности *НАСТОЯТЕЛЬНО* рекомендуется использовать один из следующих способов сквозного шифрования: { $accepted_schemes }
message_plain_required_direct = Ваше сообщение для { $recipient } не было защищено сквозным шифрованием. В целях безопасности для бесед на этом сервере *ОБЯЗАТЕЛЕН* один из следующих способов сквозного шифрования: { $accepted_schemes }
message_unacceptable_optional_direct = Ваше сообщение для { $recipient } было защищено сквозным шифрованием по способу { $scheme }, но мы рекомендуем использовать вместо него один из следующих: { $accepted_schemes }
message_unacceptable_required_direct = Ваше сообщение для { $recipient } было защищено сквозным шифрованием по способу { $scheme }, но этот сервер *ТРЕБУЕТ* один из следующих: { $accepted_schemes }
message_incoming = { $recipient } принимает только сообщения со сквозным шифрованием одним из этих способов: { $accepted_schemes }
message_without_keys = У { $recipient } пока нет опубликованных ключей для этих способов.
message_unverified = Соединение с { $server } не защищено действительным сертификатом.
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

## What users are told of their own account, by the ad-hoc command.

own_title = Моё сквозное шифрование
own_direct = Беседы с одним человеком
own_group = Комнаты
own_level_none = От вас ничего не требуется.
own_level_optional = Незашифрованное сообщение будет доставлено, а вы получите предупреждение.
own_level_required = Незашифрованное сообщение будет отклонено, когда ваше время истечёт.
own_testing = Проба
own_only_tested = Правило только проверяется: ничего не отклоняется, и никого не предупреждают.
own_time_left = Оставшееся время
own_time_running = { $remaining }, до { $end }
own_time_not_begun = { $period } с вашего первого незашифрованного сообщения
own_time_over = нет
own_accepted_schemes = Допустимое шифрование
own_keys = Ваши опубликованные ключи { $scheme }
own_keys_none = нет
own_keys_unknown = сейчас прочитать нельзя
own_key_missing = { $key }: в списке, но без ключей
own_key_closed = { $key }: ключи могут прочитать не все
own_without_omemo = Другие ваши приложения в сети без OMEMO
own_unknown = Другие ваши приложения в сети, которые не ответили
own_advice_schemes = Шифруйте одним из этих способов: { $accepted_schemes }
own_advice_unknown = Включите шифрование в каждом своём приложении.
own_advice_no_keys = Включите { $scheme } в своём приложении: у вас нет опубликованных ключей, поэтому никто не может шифровать для вас.
own_advice_no_bundle = Выключите и снова включите шифрование в своём приложении: ваши устройства есть в списке, но их ключей нет.
own_advice_closed = Попросите помощи у администратора сервера: ваши ключи могут прочитать не все.
own_advice_sessions =
    { $number ->
        [one] Включите OMEMO и в { $number } другом приложении: то, что вы там пишете, не шифруется.
        [few] Включите OMEMO и в { $number } других приложениях: то, что вы там пишете, не шифруется.
        [many] Включите OMEMO и в { $number } других приложениях: то, что вы там пишете, не шифруется.
       *[other] Включите OMEMO и в { $number } других приложениях: то, что вы там пишете, не шифруется.
    }
own_advice_ready = Всё готово: ваши ключи опубликованы, и другие могут шифровать для вас.

## WebAdmin's pages, for admins.

web_title = Сквозное шифрование
web_failed = Эта страница не открылась, где ошибка — указано в журнале.
web_stale = Форма не с этой страницы: отправьте её ещё раз.
web_messages_by_day = Сообщения по дням
web_no_messages = За последние дни (всего { $days }) не учтено ни одного сообщения.
web_summary = Сообщения за последние дни (всего { $days }): всего { $messages }, зашифровано { $encrypted }, неприемлемо { $unacceptable }, открытым текстом { $plaintext }.
web_chart = Сообщения по дням, с { $first } по { $last }
web_bar = { $day }: всего { $messages }
web_figures = Числа за каждый день
web_other = другой механизм
web_unacceptable = неприемлемо
web_plaintext = открытый текст
web_readiness = Готовность
web_ready = Готово пользователей: { $ready } из { $users }. Другие могут шифровать для них.
web_counting = Идёт подсчёт пользователей: обновите эту страницу немного позже.
web_show_unready = Показать неготовых пользователей
web_unready = Неготовые пользователи, сначала недавно активные
web_keys = Ключи
web_last_active = Последняя активность
web_last_plain = Последнее нарушение
web_last_accepted = Последнее приемлемое сообщение
web_clients = Клиенты
web_show_servers = Показать соединения с другими серверами
web_servers = Соединения этого узла с другими серверами
web_none = Сейчас их нет.
web_direction = Направление
web_local = Здешний домен
web_remote = Другой сервер
web_protection = Защита
web_tls = TLS
web_authentication = Аутентификация
web_certificate = Сертификат
web_show_audit = Проверить конфигурацию этого сервера
web_audit = Что найдено в конфигурации
web_check = Проверка
web_result = Результат
web_found = Найдено
web_advice = Совет
web_grace_periods = Сроки, сначала ближайший конец
web_user = Пользователь
web_state = Состояние
web_started_by = Кем начато
web_start = Начало
web_end = Конец
web_remaining = Осталось
web_period = Срок, например 14 days
web_begin = Начать
web_extend = Продлить
web_end_now = Завершить сейчас
web_reset = Сбросить
web_submitted = Отправлено
web_explain_title = Что стало бы с сообщением
web_explain = Объяснить
web_from = От
web_to = Кому
web_decision = Решение
web_reason = Причина
web_content = Содержимое
web_scheme = Способ
web_text = Текст для отправителя
web_why = Почему
web_user_told = Что сообщается этому пользователю
