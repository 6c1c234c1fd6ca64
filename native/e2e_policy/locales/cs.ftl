# SPDX-License-Identifier: GPL-2.0-or-later
# Czech

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Vaše zpráva pro { $recipient } nebyla koncově šifrována. Z bezpečnostních důvodů se *DŮRAZNĚ* doporučuje používat jeden z následujících způsobů koncového šifrování: { $accepted_schemes }
message_plain_required_direct = Vaše zpráva pro { $recipient } nebyla koncově šifrována. Z bezpečnostních důvodů je na tomto serveru pro konverzace *POVINNÝ* jeden z následujících způsobů koncového šifrování: { $accepted_schemes }
message_unacceptable_optional_direct = Vaše zpráva pro { $recipient } byla koncově šifrována způsobem { $scheme }, doporučujeme však místo něj používat jeden z následujících: { $accepted_schemes }
message_unacceptable_required_direct = Vaše zpráva pro { $recipient } byla koncově šifrována způsobem { $scheme }, tento server však *VYŽADUJE* jeden z následujících: { $accepted_schemes }
message_incoming = { $recipient } přijímá jen zprávy s koncovým šifrováním jedním z těchto způsobů: { $accepted_schemes }
message_without_keys = { $recipient } pro ně zatím nemá zveřejněné žádné klíče.
message_unverified = Spojení se serverem { $server } není chráněno platným certifikátem.
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

## What users are told of their own account, by the ad-hoc command.

own_title = Moje koncové šifrování
own_direct = Konverzace s jednou osobou
own_group = Místnosti
own_level_none = Nic se po vás nepožaduje.
own_level_optional = Nešifrovaná zpráva bude doručena a dostanete varování.
own_level_required = Nešifrovaná zpráva bude po uplynutí vaší lhůty odmítnuta.
own_testing = Zkouška
own_only_tested = Pravidlo se pouze zkouší: nic se neodmítá a nikdo není varován.
own_time_left = Zbývající čas
own_time_running = { $remaining }, do { $end }
own_time_not_begun = { $period } od vaší první nešifrované zprávy
own_time_over = žádný
own_accepted_schemes = Přijatelné šifrování
own_keys = Vaše zveřejněné klíče pro { $scheme }
own_keys_none = žádné
own_keys_unknown = nyní je nelze přečíst
own_key_missing = { $key }: v seznamu, ale bez klíčů
own_key_closed = { $key }: klíče nesmí číst každý
own_without_omemo = Vaše další aplikace, které jsou online bez OMEMO
own_unknown = Vaše další aplikace, které jsou online a neodpověděly
own_advice_schemes = Šifrujte jedním z těchto způsobů: { $accepted_schemes }
own_advice_unknown = Zapněte šifrování v každé své aplikaci.
own_advice_no_keys = Zapněte { $scheme } ve své aplikaci: nemáte zveřejněné žádné klíče, takže pro vás nikdo nemůže šifrovat.
own_advice_no_bundle = Vypněte a znovu zapněte šifrování ve své aplikaci: vaše zařízení jsou v seznamu, ale jejich klíče chybí.
own_advice_closed = Požádejte o pomoc správce serveru: vaše klíče nesmí číst každý.
own_advice_sessions =
    { $number ->
        [one] Zapněte OMEMO i ve své { $number } další aplikaci: co v ní napíšete, není šifrováno.
        [few] Zapněte OMEMO i ve svých dalších { $number } aplikacích: co v nich napíšete, není šifrováno.
        [many] Zapněte OMEMO i ve svých dalších { $number } aplikacích: co v nich napíšete, není šifrováno.
       *[other] Zapněte OMEMO i ve svých dalších { $number } aplikacích: co v nich napíšete, není šifrováno.
    }
own_advice_ready = Vše je připraveno: vaše klíče jsou zveřejněny a ostatní pro vás mohou šifrovat.

## WebAdmin's pages, for admins.

web_title = Koncové šifrování
web_failed = Tato stránka selhala, v protokolu je uvedeno kde.
web_stale = Formulář není z této stránky: odešlete jej znovu.
web_messages_by_day = Zprávy podle dnů
web_no_messages = Za posledních { $days } dní nebyla započtena žádná zpráva.
web_summary = Zprávy za posledních { $days } dní: celkem { $messages }, šifrovaných { $encrypted }, nepřijatelných { $unacceptable }, nešifrovaných { $plaintext }.
web_chart = Zprávy podle dnů, od { $first } do { $last }
web_bar = { $day }: celkem { $messages }
web_figures = Čísla jednotlivých dnů
web_other = jiný způsob
web_unacceptable = nepřijatelné
web_plaintext = nešifrované
web_readiness = Připravenost
web_ready = Připraveno je { $ready } z { $users } uživatelů: ostatní pro ně mohou šifrovat.
web_counting = Uživatelé se počítají: načtěte tuto stránku za chvíli znovu.
web_show_unready = Zobrazit uživatele, kteří nejsou připraveni
web_unready = Uživatelé, kteří nejsou připraveni, naposledy aktivní první
web_keys = Klíče
web_last_active = Naposledy aktivní
web_last_plain = Poslední porušení
web_last_accepted = Poslední přijatelná zpráva
web_clients = Klienti
web_show_servers = Zobrazit spojení s jinými servery
web_servers = Spojení tohoto uzlu s jinými servery
web_none = Nyní žádná nejsou.
web_direction = Směr
web_local = Zdejší doména
web_remote = Jiný server
web_protection = Ochrana
web_tls = TLS
web_authentication = Ověření
web_certificate = Certifikát
web_show_audit = Zkontrolovat konfiguraci tohoto serveru
web_audit = Co bylo nalezeno v konfiguraci
web_check = Kontrola
web_result = Výsledek
web_found = Nález
web_advice = Rada
web_grace_periods = Lhůty, nejbližší konec první
web_user = Uživatel
web_state = Stav
web_started_by = Zahájil
web_start = Začátek
web_end = Konec
web_remaining = Zbývá
web_period = Doba, například 14 days
web_begin = Zahájit
web_extend = Prodloužit
web_end_now = Ukončit nyní
web_reset = Zrušit
web_submitted = Odesláno
web_explain_title = Co by se stalo se zprávou
web_explain = Vysvětlit
web_from = Od
web_to = Komu
web_decision = Rozhodnutí
web_reason = Důvod
web_content = Obsah
web_scheme = Způsob
web_text = Text pro odesílatele
web_why = Proč
web_user_told = Co se tomuto uživateli sděluje
