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
