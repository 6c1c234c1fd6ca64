# SPDX-License-Identifier: GPL-2.0-or-later
# Italian

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Il tuo messaggio a { $recipient } non era cifrato end-to-end. Per motivi di sicurezza si raccomanda *VIVAMENTE* di usare uno dei seguenti metodi di cifratura end-to-end: { $accepted_schemes }
message_plain_required_direct = Il tuo messaggio a { $recipient } non era cifrato end-to-end. Per motivi di sicurezza, nelle conversazioni su questo server è *OBBLIGATORIO* usare uno dei seguenti metodi di cifratura end-to-end: { $accepted_schemes }
message_unacceptable_optional_direct = Il tuo messaggio a { $recipient } era cifrato end-to-end con il metodo { $scheme }, ma consigliamo di usare al suo posto uno dei seguenti: { $accepted_schemes }
message_unacceptable_required_direct = Il tuo messaggio a { $recipient } era cifrato end-to-end con il metodo { $scheme }, ma questo server *RICHIEDE* uno dei seguenti: { $accepted_schemes }
message_incoming = { $recipient } accetta solo messaggi con crittografia end-to-end secondo uno di questi metodi: { $accepted_schemes }
message_without_keys = { $recipient } non ha ancora pubblicato chiavi per questi metodi.
message_unverified = La connessione a { $server } non è protetta da un certificato valido.
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

## WebAdmin's pages, for admins.

web_title = Cifratura end-to-end
web_failed = Questa pagina non è riuscita, il registro dice dove.
web_stale = Il modulo non è di questa pagina: invialo di nuovo.
web_messages_by_day = Messaggi per giorno
web_no_messages = Negli ultimi { $days } giorni non è stato contato alcun messaggio.
web_summary = Messaggi degli ultimi { $days } giorni: { $messages } in tutto, { $encrypted } cifrati, { $unacceptable } non accettati, { $plaintext } in chiaro.
web_chart = Messaggi per giorno, dal { $first } al { $last }
web_bar = { $day }: { $messages } in tutto
web_figures = Le cifre di ogni giorno
web_other = altro meccanismo
web_unacceptable = non accettati
web_plaintext = in chiaro
web_readiness = Preparazione
web_ready = { $ready } utenti su { $users } sono pronti: gli altri possono cifrare per loro.
web_counting = Gli utenti vengono contati: ricarica questa pagina tra poco.
web_show_unready = Mostra gli utenti che non sono pronti
web_unready = Utenti che non sono pronti, prima gli ultimi attivi
web_keys = Chiavi
web_last_active = Ultima attività
web_last_plain = Ultima violazione
web_last_accepted = Ultimo messaggio accettato
web_clients = Client
web_show_servers = Mostra le connessioni con altri server
web_servers = Connessioni di questo nodo con altri server
web_none = Ora non ce ne sono.
web_direction = Direzione
web_local = Dominio di qui
web_remote = Altro server
web_protection = Protezione
web_tls = TLS
web_authentication = Autenticazione
web_certificate = Certificato
web_show_audit = Controlla la configurazione di questo server
web_audit = Che cosa è stato trovato nella configurazione
web_check = Controllo
web_result = Risultato
web_found = Trovato
web_advice = Consiglio
web_grace_periods = Termini, prima la fine più vicina
web_user = Utente
web_state = Stato
web_started_by = Avviato da
web_start = Inizio
web_end = Fine
web_remaining = Rimanente
web_period = Periodo, ad esempio 14 days
web_begin = Avvia
web_extend = Prolunga
web_end_now = Termina ora
web_reset = Reimposta
web_submitted = Inviato
web_explain_title = Che ne sarebbe di un messaggio
web_explain = Spiega
web_from = Da
web_to = A
web_decision = Decisione
web_reason = Motivo
web_content = Contenuto
web_scheme = Metodo
web_text = Testo per il mittente
web_why = Perché
web_user_told = Che cosa viene detto a questo utente
