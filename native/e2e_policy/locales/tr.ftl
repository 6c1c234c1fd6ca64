# SPDX-License-Identifier: GPL-2.0-or-later
# Turkish

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = { $recipient } adresine gönderdiğiniz ileti uçtan uca şifreli değildi. Güvenlik nedeniyle şu uçtan uca şifreleme yöntemlerinden birini kullanmanız *ÖNEMLE* önerilir: { $accepted_schemes }
message_plain_required_direct = { $recipient } adresine gönderdiğiniz ileti uçtan uca şifreli değildi. Güvenlik nedeniyle bu sunucudaki konuşmalarda şu uçtan uca şifreleme yöntemlerinden birini kullanmak *ZORUNLUDUR*: { $accepted_schemes }
message_unacceptable_optional_direct = { $recipient } adresine gönderdiğiniz ileti { $scheme } yöntemiyle uçtan uca şifrelenmişti, ancak bunun yerine şunlardan birini kullanmanızı öneririz: { $accepted_schemes }
message_unacceptable_required_direct = { $recipient } adresine gönderdiğiniz ileti { $scheme } yöntemiyle uçtan uca şifrelenmişti, ancak bu sunucu şunlardan birini *ZORUNLU* kılar: { $accepted_schemes }
message_without_keys = { $recipient } bunlar için henüz anahtar yayımlamadı.
message_graceperiod = Kalan süre: { $graceperiod_remaining }. Bundan sonra bu kural uygulanacak ve kabul edilen uçtan uca şifreleme olmadan gönderilen iletiler atılacaktır.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } gün
       *[other] { $number } gün
    }
hours =
    { $number ->
        [one] { $number } saat
       *[other] { $number } saat
    }
minutes =
    { $number ->
        [one] { $number } dakika
       *[other] { $number } dakika
    }
two_units = { $large } { $small }
less_than_a_minute = bir dakikadan az
