# SPDX-License-Identifier: GPL-2.0-or-later
# Dutch

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Je bericht aan { $recipient } was niet end-to-end-versleuteld. Om veiligheidsredenen wordt *STERK* aanbevolen een van de volgende methoden voor end-to-end-versleuteling te gebruiken: { $accepted_schemes }
message_plain_required_direct = Je bericht aan { $recipient } was niet end-to-end-versleuteld. Om veiligheidsredenen is voor gesprekken op deze server een van de volgende methoden voor end-to-end-versleuteling *VERPLICHT*: { $accepted_schemes }
message_unacceptable_optional_direct = Je bericht aan { $recipient } was end-to-end-versleuteld met de methode { $scheme }, maar we raden aan in plaats daarvan een van de volgende te gebruiken: { $accepted_schemes }
message_unacceptable_required_direct = Je bericht aan { $recipient } was end-to-end-versleuteld met de methode { $scheme }, maar deze server *VEREIST* een van de volgende: { $accepted_schemes }
message_incoming = { $recipient } accepteert alleen berichten die end-to-end versleuteld zijn met een van deze methoden: { $accepted_schemes }
message_without_keys = { $recipient } heeft daarvoor nog geen sleutels gepubliceerd.
message_unverified = De verbinding met { $server } is niet beveiligd met een geldig certificaat.
message_graceperiod = Je hebt nog { $graceperiod_remaining } voordat dit wordt afgedwongen en berichten zonder aanvaarde end-to-end-versleuteling worden verwijderd.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } dag
       *[other] { $number } dagen
    }
hours =
    { $number ->
        [one] { $number } uur
       *[other] { $number } uur
    }
minutes =
    { $number ->
        [one] { $number } minuut
       *[other] { $number } minuten
    }
two_units = { $large } en { $small }
less_than_a_minute = minder dan een minuut

## What users are told of their own account, by the ad-hoc command.

own_title = Mijn end-to-end-versleuteling
own_direct = Gesprekken met één persoon
own_group = Kamers
own_level_none = Er wordt niets van je gevraagd.
own_level_optional = Een onversleuteld bericht wordt afgeleverd en je krijgt een waarschuwing.
own_level_required = Een onversleuteld bericht wordt geweigerd zodra je tijd om is.
own_testing = Proef
own_only_tested = Dit is alleen een proef: er wordt niets geweigerd en niemand wordt gewaarschuwd.
own_time_left = Resterende tijd
own_time_running = { $remaining }, tot { $end }
own_time_not_begun = { $period } vanaf je eerste onversleutelde bericht
own_time_over = geen
own_accepted_schemes = Aanvaarde versleuteling
own_keys = Je gepubliceerde sleutels voor { $scheme }
own_keys_none = geen
own_keys_unknown = nu niet leesbaar
own_key_missing = { $key }: in de lijst, maar zonder sleutels
own_key_closed = { $key }: niet iedereen mag de sleutels lezen
own_without_omemo = Je andere apps die online zijn zonder OMEMO
own_unknown = Je andere apps die online zijn en niet hebben geantwoord
own_advice_schemes = Versleutel met een van deze methoden: { $accepted_schemes }
own_advice_unknown = Schakel de versleuteling in al je apps in.
own_advice_no_keys = Schakel { $scheme } in je app in: je hebt geen sleutels gepubliceerd, zodat niemand voor je kan versleutelen.
own_advice_no_bundle = Schakel de versleuteling in je app uit en weer in: je apparaten staan in de lijst, maar hun sleutels ontbreken.
own_advice_closed = Vraag de beheerder van de server om hulp: niet iedereen mag je sleutels lezen.
own_advice_sessions =
    { $number ->
        [one] Schakel OMEMO ook in je { $number } andere app in: wat je daar schrijft, is niet versleuteld.
       *[other] Schakel OMEMO ook in je { $number } andere apps in: wat je daar schrijft, is niet versleuteld.
    }
own_advice_ready = Je bent klaar: je sleutels zijn gepubliceerd en anderen kunnen voor je versleutelen.

## WebAdmin's pages, for admins.

web_title = End-to-end-versleuteling
web_failed = Deze pagina is mislukt, het logboek zegt waar.
web_stale = Het formulier is niet van deze pagina: verstuur het opnieuw.
web_messages_by_day = Berichten per dag
web_no_messages = In de laatste { $days } dagen is geen bericht geteld.
web_summary = Berichten van de laatste { $days } dagen: { $messages } in totaal, { $encrypted } versleuteld, { $unacceptable } niet aanvaard, { $plaintext } onversleuteld.
web_chart = Berichten per dag, van { $first } tot { $last }
web_bar = { $day }: { $messages } in totaal
web_figures = De cijfers van elke dag
web_other = ander mechanisme
web_unacceptable = niet aanvaard
web_plaintext = onversleuteld
web_readiness = Gereedheid
web_ready = { $ready } van { $users } gebruikers zijn klaar: anderen kunnen voor hen versleutelen.
web_counting = De gebruikers worden geteld: laad deze pagina over een tijdje opnieuw.
web_show_unready = Toon de gebruikers die niet klaar zijn
web_unready = Gebruikers die niet klaar zijn, laatst actieve eerst
web_keys = Sleutels
web_last_active = Laatst actief
web_last_plain = Laatste overtreding
web_last_accepted = Laatste aanvaarde bericht
web_clients = Clients
web_show_servers = Toon de verbindingen met andere servers
web_servers = Verbindingen van deze node met andere servers
web_none = Er zijn er nu geen.
web_direction = Richting
web_local = Domein hier
web_remote = Andere server
web_protection = Bescherming
web_tls = TLS
web_authentication = Authenticatie
web_certificate = Certificaat
web_show_audit = Controleer de configuratie van deze server
web_audit = Wat in de configuratie is gevonden
web_check = Controle
web_result = Resultaat
web_found = Gevonden
web_advice = Advies
web_grace_periods = Termijnen, vroegste einde eerst
web_user = Gebruiker
web_state = Toestand
web_started_by = Gestart door
web_start = Begin
web_end = Einde
web_remaining = Resterend
web_period = Periode, zoals 14 days
web_begin = Starten
web_extend = Verlengen
web_end_now = Nu beëindigen
web_reset = Terugzetten
web_submitted = Verzonden
web_explain_title = Wat er van een bericht zou worden
web_explain = Uitleggen
web_from = Van
web_to = Aan
web_decision = Beslissing
web_reason = Reden
web_content = Inhoud
web_scheme = Methode
web_text = Tekst voor de afzender
web_why = Waarom
web_user_told = Wat deze gebruiker te lezen krijgt
