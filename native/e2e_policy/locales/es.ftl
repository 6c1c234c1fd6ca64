# SPDX-License-Identifier: GPL-2.0-or-later
# Spanish

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Su mensaje para { $recipient } no estaba cifrado de extremo a extremo. Por motivos de seguridad, se recomienda *ENCARECIDAMENTE* usar uno de los siguientes métodos de cifrado de extremo a extremo: { $accepted_schemes }
message_plain_required_direct = Su mensaje para { $recipient } no estaba cifrado de extremo a extremo. Por motivos de seguridad, en las conversaciones de este servidor es *OBLIGATORIO* usar uno de los siguientes métodos de cifrado de extremo a extremo: { $accepted_schemes }
message_unacceptable_optional_direct = Su mensaje para { $recipient } estaba cifrado de extremo a extremo con el método { $scheme }, pero recomendamos usar en su lugar uno de los siguientes: { $accepted_schemes }
message_unacceptable_required_direct = Su mensaje para { $recipient } estaba cifrado de extremo a extremo con el método { $scheme }, pero este servidor *EXIGE* uno de los siguientes: { $accepted_schemes }
message_without_keys = { $recipient } todavía no ha publicado claves para ninguno de ellos.
message_graceperiod = Tiempo restante: { $graceperiod_remaining }. Después, esta norma se aplicará y los mensajes sin un cifrado de extremo a extremo aceptado se descartarán.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } día
       *[other] { $number } días
    }
hours =
    { $number ->
        [one] { $number } hora
       *[other] { $number } horas
    }
minutes =
    { $number ->
        [one] { $number } minuto
       *[other] { $number } minutos
    }
two_units = { $large } y { $small }
less_than_a_minute = menos de un minuto
