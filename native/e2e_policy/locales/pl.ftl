# SPDX-License-Identifier: GPL-2.0-or-later
# Polish

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Twoja wiadomość do { $recipient } nie była szyfrowana end-to-end. Ze względów bezpieczeństwa *ZDECYDOWANIE* zaleca się używanie jednej z następujących metod szyfrowania end-to-end: { $accepted_schemes }
message_plain_required_direct = Twoja wiadomość do { $recipient } nie była szyfrowana end-to-end. Ze względów bezpieczeństwa w rozmowach na tym serwerze *WYMAGANA* jest jedna z następujących metod szyfrowania end-to-end: { $accepted_schemes }
message_unacceptable_optional_direct = Twoja wiadomość do { $recipient } była szyfrowana end-to-end metodą { $scheme }, ale zalecamy używanie zamiast niej jednej z następujących: { $accepted_schemes }
message_unacceptable_required_direct = Twoja wiadomość do { $recipient } była szyfrowana end-to-end metodą { $scheme }, ale ten serwer *WYMAGA* jednej z następujących: { $accepted_schemes }
message_incoming = { $recipient } przyjmuje tylko wiadomości szyfrowane od końca do końca jedną z tych metod: { $accepted_schemes }
message_without_keys = { $recipient } nie ma jeszcze opublikowanych kluczy dla tych metod.
message_unverified = Połączenie z { $server } nie jest chronione ważnym certyfikatem.
message_graceperiod = Pozostały czas: { $graceperiod_remaining }. Potem ta zasada zacznie obowiązywać, a wiadomości bez akceptowanego szyfrowania end-to-end będą odrzucane.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } dzień
        [few] { $number } dni
       *[many] { $number } dni
    }
hours =
    { $number ->
        [one] { $number } godzina
        [few] { $number } godziny
       *[many] { $number } godzin
    }
minutes =
    { $number ->
        [one] { $number } minuta
        [few] { $number } minuty
       *[many] { $number } minut
    }
two_units = { $large } i { $small }
less_than_a_minute = mniej niż minuta

## What users are told of their own account, by the ad-hoc command.

own_title = Moje szyfrowanie end-to-end
own_direct = Rozmowy z jedną osobą
own_group = Pokoje
own_level_none = Niczego się od Ciebie nie wymaga.
own_level_optional = Niezaszyfrowana wiadomość zostanie dostarczona, a Ty otrzymasz ostrzeżenie.
own_level_required = Niezaszyfrowana wiadomość zostanie odrzucona, gdy minie Twój czas.
own_testing = Próba
own_only_tested = To tylko próba: nic nie jest odrzucane i nikt nie jest ostrzegany.
own_time_left = Pozostały czas
own_time_running = { $remaining }, do { $end }
own_time_not_begun = { $period } od Twojej pierwszej niezaszyfrowanej wiadomości
own_time_over = brak
own_accepted_schemes = Akceptowane szyfrowanie
own_keys = Twoje opublikowane klucze { $scheme }
own_keys_none = brak
own_keys_unknown = teraz nie można ich odczytać
own_key_missing = { $key }: na liście, ale bez kluczy
own_key_closed = { $key }: nie każdy może odczytać klucze
own_without_omemo = Twoje inne aplikacje, które są online bez OMEMO
own_unknown = Twoje inne aplikacje, które są online i nie odpowiedziały
own_advice_schemes = Szyfruj jedną z tych metod: { $accepted_schemes }
own_advice_unknown = Włącz szyfrowanie w każdej swojej aplikacji.
own_advice_no_keys = Włącz { $scheme } w swojej aplikacji: nie masz opublikowanych kluczy, więc nikt nie może dla Ciebie szyfrować.
own_advice_no_bundle = Wyłącz i ponownie włącz szyfrowanie w swojej aplikacji: Twoje urządzenia są na liście, ale brakuje ich kluczy.
own_advice_closed = Poproś o pomoc administratora serwera: nie każdy może odczytać Twoje klucze.
own_advice_sessions =
    { $number ->
        [one] Włącz OMEMO także w { $number } innej aplikacji: to, co tam piszesz, nie jest szyfrowane.
        [few] Włącz OMEMO także w { $number } innych aplikacjach: to, co tam piszesz, nie jest szyfrowane.
        [many] Włącz OMEMO także w { $number } innych aplikacjach: to, co tam piszesz, nie jest szyfrowane.
       *[other] Włącz OMEMO także w { $number } innych aplikacjach: to, co tam piszesz, nie jest szyfrowane.
    }
own_advice_ready = Wszystko gotowe: Twoje klucze są opublikowane i inni mogą dla Ciebie szyfrować.

## WebAdmin's pages, for admins.

web_title = Szyfrowanie end-to-end
web_failed = Ta strona nie powiodła się, dziennik mówi gdzie.
web_stale = Formularz nie pochodzi z tej strony: wyślij go ponownie.
web_messages_by_day = Wiadomości według dni
web_no_messages = W ciągu ostatnich { $days } dni nie policzono żadnej wiadomości.
web_summary = Wiadomości z ostatnich { $days } dni: razem { $messages }, szyfrowanych { $encrypted }, nieakceptowanych { $unacceptable }, nieszyfrowanych { $plaintext }.
web_chart = Wiadomości według dni, od { $first } do { $last }
web_bar = { $day }: razem { $messages }
web_figures = Liczby z każdego dnia
web_other = inny mechanizm
web_unacceptable = nieakceptowane
web_plaintext = nieszyfrowane
web_readiness = Gotowość
web_ready = Gotowych jest { $ready } z { $users } użytkowników: inni mogą do nich szyfrować.
web_counting = Użytkownicy są liczeni: wczytaj tę stronę ponownie za chwilę.
web_show_unready = Pokaż użytkowników, którzy nie są gotowi
web_unready = Użytkownicy, którzy nie są gotowi, ostatnio aktywni najpierw
web_keys = Klucze
web_last_active = Ostatnio aktywny
web_last_plain = Ostatnie naruszenie
web_last_accepted = Ostatnia akceptowana wiadomość
web_clients = Klienty
web_show_servers = Pokaż połączenia z innymi serwerami
web_servers = Połączenia tego węzła z innymi serwerami
web_none = Teraz nie ma żadnych.
web_direction = Kierunek
web_local = Domena tutaj
web_remote = Inny serwer
web_protection = Ochrona
web_tls = TLS
web_authentication = Uwierzytelnianie
web_certificate = Certyfikat
web_show_audit = Sprawdź konfigurację tego serwera
web_audit = Co znaleziono w konfiguracji
web_check = Kontrola
web_result = Wynik
web_found = Znaleziono
web_advice = Rada
web_grace_periods = Terminy, najbliższy koniec najpierw
web_user = Użytkownik
web_state = Stan
web_started_by = Rozpoczęty przez
web_start = Początek
web_end = Koniec
web_remaining = Pozostało
web_period = Okres, na przykład 14 days
web_begin = Rozpocznij
web_extend = Przedłuż
web_end_now = Zakończ teraz
web_reset = Wyzeruj
web_submitted = Wysłano
web_explain_title = Co stałoby się z wiadomością
web_explain = Wyjaśnij
web_from = Od
web_to = Do
web_decision = Decyzja
web_reason = Powód
web_content = Treść
web_scheme = Metoda
web_text = Tekst dla nadawcy
web_why = Dlaczego
web_user_told = Co czyta ten użytkownik
