# SPDX-License-Identifier: GPL-2.0-or-later
# Italian

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Il tuo messaggio a { $recipient } non era cifrato end-to-end. Per motivi di sicurezza si raccomanda *VIVAMENTE* di usare uno dei seguenti metodi di cifratura end-to-end: { $accepted_schemes }
message_plain_required_direct = Il tuo messaggio a { $recipient } non era cifrato end-to-end. Per motivi di sicurezza, nelle conversazioni su questo server è *OBBLIGATORIO* usare uno dei seguenti metodi di cifratura end-to-end: { $accepted_schemes }
message_unacceptable_optional_direct = Il tuo messaggio a { $recipient } era cifrato end-to-end con il metodo { $scheme }, ma consigliamo di usare al suo posto uno dei seguenti: { $accepted_schemes }
message_unacceptable_required_direct = Il tuo messaggio a { $recipient } era cifrato end-to-end con il metodo { $scheme }, ma questo server *RICHIEDE* uno dei seguenti: { $accepted_schemes }
message_without_keys = { $recipient } non ha ancora pubblicato chiavi per questi metodi.
message_graceperiod = Tempo rimanente: { $graceperiod_remaining }. Poi questa regola sarà applicata e i messaggi senza una cifratura end-to-end accettata saranno scartati.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } giorno
       *[other] { $number } giorni
    }
hours =
    { $number ->
        [one] { $number } ora
       *[other] { $number } ore
    }
minutes =
    { $number ->
        [one] { $number } minuto
       *[other] { $number } minuti
    }
two_units = { $large } e { $small }
less_than_a_minute = meno di un minuto
