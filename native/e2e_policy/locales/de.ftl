# SPDX-License-Identifier: GPL-2.0-or-later
# German

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Ihre Nachricht an { $recipient } war nicht Ende-zu-Ende-verschlüsselt. Aus Sicherheitsgründen wird *DRINGEND* empfohlen, eines der folgenden Verfahren zur Ende-zu-Ende-Verschlüsselung zu verwenden: { $accepted_schemes }
message_plain_required_direct = Ihre Nachricht an { $recipient } war nicht Ende-zu-Ende-verschlüsselt. Aus Sicherheitsgründen ist für Unterhaltungen auf diesem Server eines der folgenden Verfahren zur Ende-zu-Ende-Verschlüsselung *VORGESCHRIEBEN*: { $accepted_schemes }
message_unacceptable_optional_direct = Ihre Nachricht an { $recipient } war mit dem Verfahren { $scheme } Ende-zu-Ende-verschlüsselt, wir empfehlen aber, stattdessen eines der folgenden zu verwenden: { $accepted_schemes }
message_unacceptable_required_direct = Ihre Nachricht an { $recipient } war mit dem Verfahren { $scheme } Ende-zu-Ende-verschlüsselt, dieser Server *VERLANGT* aber eines der folgenden: { $accepted_schemes }
message_incoming = { $recipient } nimmt nur Nachrichten an, die mit einem dieser Verfahren Ende-zu-Ende-verschlüsselt sind: { $accepted_schemes }
message_without_keys = { $recipient } hat dafür noch keine Schlüssel veröffentlicht.
message_unverified = Die Verbindung zu { $server } ist nicht durch ein gültiges Zertifikat geschützt.
message_graceperiod = Ihnen bleiben noch { $graceperiod_remaining }, bis dies durchgesetzt wird und Nachrichten ohne eine zulässige Ende-zu-Ende-Verschlüsselung verworfen werden.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } Tag
       *[other] { $number } Tage
    }
hours =
    { $number ->
        [one] { $number } Stunde
       *[other] { $number } Stunden
    }
minutes =
    { $number ->
        [one] { $number } Minute
       *[other] { $number } Minuten
    }
two_units = { $large } und { $small }
less_than_a_minute = weniger als eine Minute

## What users are told of their own account, by the ad-hoc command.

own_title = Meine Ende-zu-Ende-Verschlüsselung
own_direct = Chats mit einer Person
own_group = Räume
own_level_none = Von Ihnen wird nichts verlangt.
own_level_optional = Eine unverschlüsselte Nachricht wird zugestellt, und Sie werden gewarnt.
own_level_required = Eine unverschlüsselte Nachricht wird abgelehnt, sobald Ihre Frist abgelaufen ist.
own_testing = Probe
own_only_tested = Dies wird nur erprobt: Nichts wird abgelehnt, und niemand wird gewarnt.
own_time_left = Verbleibende Frist
own_time_running = { $remaining }, bis { $end }
own_time_not_begun = { $period } ab Ihrer ersten unverschlüsselten Nachricht
own_time_over = keine
own_accepted_schemes = Zulässige Verschlüsselung
own_keys = Ihre veröffentlichten Schlüssel für { $scheme }
own_keys_none = keine
own_keys_unknown = zurzeit nicht lesbar
own_key_missing = { $key }: in der Liste, aber ohne Schlüssel
own_key_closed = { $key }: Nicht alle dürfen die Schlüssel lesen
own_without_omemo = Ihre anderen Apps, die ohne OMEMO online sind
own_unknown = Ihre anderen Apps, die online sind und nicht geantwortet haben
own_advice_schemes = Verschlüsseln Sie mit einem dieser Verfahren: { $accepted_schemes }
own_advice_unknown = Schalten Sie die Verschlüsselung in jeder Ihrer Apps ein.
own_advice_no_keys = Schalten Sie { $scheme } in Ihrer App ein: Sie haben keine Schlüssel veröffentlicht, sodass niemand für Sie verschlüsseln kann.
own_advice_no_bundle = Schalten Sie die Verschlüsselung in Ihrer App aus und wieder ein: Ihre Geräte stehen in der Liste, aber ihre Schlüssel fehlen.
own_advice_closed = Bitten Sie die Administration des Servers um Hilfe: Nicht alle dürfen Ihre Schlüssel lesen.
own_advice_sessions =
    { $number ->
        [one] Schalten Sie OMEMO auch in Ihrer { $number } anderen App ein: Was Sie dort schreiben, ist nicht verschlüsselt.
       *[other] Schalten Sie OMEMO auch in Ihren { $number } anderen Apps ein: Was Sie dort schreiben, ist nicht verschlüsselt.
    }
own_advice_ready = Sie sind bereit: Ihre Schlüssel sind veröffentlicht, und andere können für Sie verschlüsseln.

## WebAdmin's pages, for admins.

web_title = Ende-zu-Ende-Verschlüsselung
web_failed = Diese Seite ist fehlgeschlagen, das Log sagt, wo.
web_stale = Das Formular ist nicht von dieser Seite: Senden Sie es noch einmal.
web_messages_by_day = Nachrichten nach Tagen
web_no_messages = In den letzten { $days } Tagen wurde keine Nachricht gezählt.
web_summary = Nachrichten der letzten { $days } Tage: { $messages } insgesamt, { $encrypted } verschlüsselt, { $unacceptable } unzulässig, { $plaintext } im Klartext.
web_chart = Nachrichten nach Tagen, von { $first } bis { $last }
web_bar = { $day }: { $messages } insgesamt
web_figures = Die Zahlen jedes Tages
web_other = anderes Verfahren
web_unacceptable = unzulässig
web_plaintext = Klartext
web_readiness = Bereitschaft
web_ready = { $ready } von { $users } Benutzern sind bereit: Andere können für sie verschlüsseln.
web_counting = Die Benutzer werden gezählt: Laden Sie diese Seite in einer Weile noch einmal.
web_show_unready = Die Benutzer zeigen, die nicht bereit sind
web_unready = Benutzer, die nicht bereit sind, zuletzt aktive zuerst
web_keys = Schlüssel
web_last_active = Zuletzt aktiv
web_last_plain = Letzter Verstoß
web_last_accepted = Letzte zulässige Nachricht
web_clients = Clients
web_show_servers = Die Verbindungen mit anderen Servern zeigen
web_servers = Verbindungen dieses Knotens mit anderen Servern
web_none = Zurzeit gibt es keine.
web_direction = Richtung
web_local = Domain hier
web_remote = Anderer Server
web_protection = Schutz
web_tls = TLS
web_authentication = Authentifizierung
web_certificate = Zertifikat
web_show_audit = Die Konfiguration dieses Servers prüfen
web_audit = Was in der Konfiguration gefunden wurde
web_check = Prüfung
web_result = Ergebnis
web_found = Befund
web_advice = Rat
web_grace_periods = Fristen, frühestes Ende zuerst
web_user = Benutzer
web_state = Zustand
web_started_by = Begonnen durch
web_start = Beginn
web_end = Ende
web_remaining = Verbleibend
web_period = Zeitraum, etwa 14 days
web_begin = Beginnen
web_extend = Verlängern
web_end_now = Jetzt beenden
web_reset = Zurücksetzen
web_submitted = Gesendet
web_explain_title = Was aus einer Nachricht würde
web_explain = Erklären
web_from = Von
web_to = An
web_decision = Entscheidung
web_reason = Grund
web_content = Inhalt
web_scheme = Verfahren
web_text = Text für den Absender
web_why = Warum
web_user_told = Was diesem Benutzer gesagt wird
