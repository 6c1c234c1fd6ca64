# SPDX-License-Identifier: GPL-2.0-or-later
# Portuguese

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = A sua mensagem para { $recipient } não estava cifrada de ponta a ponta. Por motivos de segurança, recomenda-se *FORTEMENTE* usar um dos seguintes métodos de cifragem de ponta a ponta: { $accepted_schemes }
message_plain_required_direct = A sua mensagem para { $recipient } não estava cifrada de ponta a ponta. Por motivos de segurança, nas conversas neste servidor é *OBRIGATÓRIO* usar um dos seguintes métodos de cifragem de ponta a ponta: { $accepted_schemes }
message_unacceptable_optional_direct = A sua mensagem para { $recipient } estava cifrada de ponta a ponta com o método { $scheme }, mas recomendamos usar antes um dos seguintes: { $accepted_schemes }
message_unacceptable_required_direct = A sua mensagem para { $recipient } estava cifrada de ponta a ponta com o método { $scheme }, mas este servidor *EXIGE* um dos seguintes: { $accepted_schemes }
message_without_keys = { $recipient } ainda não publicou chaves para estes métodos.
message_graceperiod = Tempo restante: { $graceperiod_remaining }. Depois, esta regra será aplicada e as mensagens sem cifragem de ponta a ponta aceite serão descartadas.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } dia
       *[other] { $number } dias
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
two_units = { $large } e { $small }
less_than_a_minute = menos de um minuto
