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

## What users are told of their own account, by the ad-hoc command.

own_title = La mia cifratura end-to-end
own_direct = Conversazioni con una persona
own_group = Stanze
own_level_none = Non ti è richiesto nulla.
own_level_optional = Un messaggio non cifrato viene consegnato e ricevi un avviso.
own_level_required = Un messaggio non cifrato viene rifiutato quando il tuo tempo è scaduto.
own_testing = Prova
own_only_tested = È solo una prova: nulla viene rifiutato e nessuno viene avvisato.
own_time_left = Tempo rimanente
own_time_running = { $remaining }, fino a { $end }
own_time_not_begun = { $period } dal tuo primo messaggio non cifrato
own_time_over = nessuno
own_accepted_schemes = Cifratura accettata
own_keys = Le tue chiavi pubblicate per { $scheme }
own_keys_none = nessuna
own_keys_unknown = al momento non leggibili
own_key_missing = { $key }: nell’elenco, ma senza chiavi
own_key_closed = { $key }: non tutti possono leggerne le chiavi
own_without_omemo = Le tue altre app che sono in linea senza OMEMO
own_unknown = Le tue altre app che sono in linea e non hanno risposto
own_advice_schemes = Cifra con uno di questi metodi: { $accepted_schemes }
own_advice_unknown = Attiva la cifratura in ognuna delle tue app.
own_advice_no_keys = Attiva { $scheme } nella tua app: non hai pubblicato chiavi, quindi nessuno può cifrare per te.
own_advice_no_bundle = Disattiva e riattiva la cifratura nella tua app: i tuoi dispositivi sono nell’elenco, ma mancano le loro chiavi.
own_advice_closed = Chiedi aiuto a chi amministra il server: non tutti possono leggere le tue chiavi.
own_advice_sessions =
    { $number ->
        [one] Attiva OMEMO anche in { $number } altra tua app: ciò che scrivi lì non è cifrato.
       *[other] Attiva OMEMO anche in { $number } altre tue app: ciò che scrivi lì non è cifrato.
    }
own_advice_ready = È tutto pronto: le tue chiavi sono pubblicate e gli altri possono cifrare per te.
