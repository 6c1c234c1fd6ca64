# SPDX-License-Identifier: GPL-2.0-or-later
# Czech

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Vaše zpráva pro { $recipient } nebyla koncově šifrována. Z bezpečnostních důvodů se *DŮRAZNĚ* doporučuje používat jeden z následujících způsobů koncového šifrování: { $accepted_schemes }
message_plain_required_direct = Vaše zpráva pro { $recipient } nebyla koncově šifrována. Z bezpečnostních důvodů je na tomto serveru pro konverzace *POVINNÝ* jeden z následujících způsobů koncového šifrování: { $accepted_schemes }
message_unacceptable_optional_direct = Vaše zpráva pro { $recipient } byla koncově šifrována způsobem { $scheme }, doporučujeme však místo něj používat jeden z následujících: { $accepted_schemes }
message_unacceptable_required_direct = Vaše zpráva pro { $recipient } byla koncově šifrována způsobem { $scheme }, tento server však *VYŽADUJE* jeden z následujících: { $accepted_schemes }
message_without_keys = { $recipient } pro ně zatím nemá zveřejněné žádné klíče.
message_graceperiod = Zbývající čas: { $graceperiod_remaining }. Poté bude toto pravidlo vynucováno a zprávy bez přijatelného koncového šifrování budou zahazovány.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } den
        [few] { $number } dny
       *[other] { $number } dní
    }
hours =
    { $number ->
        [one] { $number } hodina
        [few] { $number } hodiny
       *[other] { $number } hodin
    }
minutes =
    { $number ->
        [one] { $number } minuta
        [few] { $number } minuty
       *[other] { $number } minut
    }
two_units = { $large } a { $small }
less_than_a_minute = méně než minuta
