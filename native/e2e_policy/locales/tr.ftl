# SPDX-License-Identifier: GPL-2.0-or-later
# Turkish

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = { $recipient } adresine gönderdiğiniz ileti uçtan uca şifreli değildi. Güvenlik nedeniyle şu uçtan uca şifreleme yöntemlerinden birini kullanmanız *ÖNEMLE* önerilir: { $accepted_schemes }
message_plain_required_direct = { $recipient } adresine gönderdiğiniz ileti uçtan uca şifreli değildi. Güvenlik nedeniyle bu sunucudaki konuşmalarda şu uçtan uca şifreleme yöntemlerinden birini kullanmak *ZORUNLUDUR*: { $accepted_schemes }
message_unacceptable_optional_direct = { $recipient } adresine gönderdiğiniz ileti { $scheme } yöntemiyle uçtan uca şifrelenmişti, ancak bunun yerine şunlardan birini kullanmanızı öneririz: { $accepted_schemes }
message_unacceptable_required_direct = { $recipient } adresine gönderdiğiniz ileti { $scheme } yöntemiyle uçtan uca şifrelenmişti, ancak bu sunucu şunlardan birini *ZORUNLU* kılar: { $accepted_schemes }
message_incoming = { $recipient } yalnızca şu yöntemlerden biriyle uçtan uca şifrelenmiş iletileri kabul eder: { $accepted_schemes }
message_without_keys = { $recipient } bunlar için henüz anahtar yayımlamadı.
message_unverified = { $server } sunucusuna olan bağlantı geçerli bir sertifikayla korunmuyor.
message_graceperiod = Kalan süre: { $graceperiod_remaining }. Bundan sonra bu kural uygulanacak ve kabul edilen uçtan uca şifreleme olmadan gönderilen iletiler atılacaktır.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } gün
       *[other] { $number } gün
    }
hours =
    { $number ->
        [one] { $number } saat
       *[other] { $number } saat
    }
minutes =
    { $number ->
        [one] { $number } dakika
       *[other] { $number } dakika
    }
two_units = { $large } { $small }
less_than_a_minute = bir dakikadan az

## What users are told of their own account, by the ad-hoc command.

own_title = Uçtan uca şifrelemem
own_direct = Bir kişiyle konuşmalar
own_group = Odalar
own_level_none = Sizden bir şey istenmiyor.
own_level_optional = Şifrelenmemiş bir ileti teslim edilir ve uyarılırsınız.
own_level_required = Süreniz bittiğinde şifrelenmemiş bir ileti reddedilir.
own_testing = Deneme
own_only_tested = Bu yalnızca deneniyor: hiçbir şey reddedilmiyor ve kimse uyarılmıyor.
own_time_left = Kalan süre
own_time_running = { $remaining }, bitiş: { $end }
own_time_not_begun = Şifrelenmemiş ilk iletinizden sonra { $period }
own_time_over = yok
own_accepted_schemes = Kabul edilen şifreleme
own_keys = Yayımlanmış { $scheme } anahtarlarınız
own_keys_none = yok
own_keys_unknown = şu anda okunamıyor
own_key_missing = { $key }: listede var, ama anahtarları yok
own_key_closed = { $key }: anahtarlarını herkes okuyamıyor
own_without_omemo = OMEMO olmadan çevrimiçi olan diğer uygulamalarınız
own_unknown = Çevrimiçi olan ve yanıt vermeyen diğer uygulamalarınız
own_advice_schemes = Şunlardan biriyle şifreleyin: { $accepted_schemes }
own_advice_unknown = Her uygulamanızda şifrelemeyi açın.
own_advice_no_keys = Uygulamanızda { $scheme } şifrelemesini açın: yayımlanmış anahtarınız olmadığı için kimse size şifreli yazamıyor.
own_advice_no_bundle = Uygulamanızda şifrelemeyi kapatıp yeniden açın: aygıtlarınız listede var, ama anahtarları eksik.
own_advice_closed = Sunucu yöneticisinden yardım isteyin: anahtarlarınızı herkes okuyamıyor.
own_advice_sessions =
    { $number ->
        [one] OMEMO’yu diğer { $number } uygulamanızda da açın: orada yazdıklarınız şifrelenmiyor.
       *[other] OMEMO’yu diğer { $number } uygulamanızda da açın: orada yazdıklarınız şifrelenmiyor.
    }
own_advice_ready = Her şey hazır: anahtarlarınız yayımlandı ve başkaları size şifreli yazabilir.

## WebAdmin's pages, for admins.

web_title = Uçtan uca şifreleme
web_failed = Bu sayfa başarısız oldu, nerede olduğunu günlük söyler.
web_stale = Form bu sayfadan değil: yeniden gönderin.
web_messages_by_day = Günlere göre iletiler
web_no_messages = Son { $days } günde hiç ileti sayılmadı.
web_summary = Son { $days } günün iletileri: toplam { $messages }, şifreli { $encrypted }, kabul edilmeyen { $unacceptable }, şifresiz { $plaintext }.
web_chart = Günlere göre iletiler, { $first } ile { $last } arası
web_bar = { $day }: toplam { $messages }
web_figures = Her günün sayıları
web_other = başka yöntem
web_unacceptable = kabul edilmeyen
web_plaintext = şifresiz
web_readiness = Hazırlık
web_ready = { $users } kullanıcıdan { $ready } tanesi hazır: başkaları onlara şifreli yazabilir.
web_counting = Kullanıcılar sayılıyor: bu sayfayı bir süre sonra yeniden yükleyin.
web_show_unready = Hazır olmayan kullanıcıları göster
web_unready = Hazır olmayan kullanıcılar, en son etkin olan önce
web_keys = Anahtarlar
web_last_active = Son etkinlik
web_last_plain = Son ihlal
web_last_accepted = Son kabul edilen ileti
web_clients = İstemciler
web_show_servers = Diğer sunucularla bağlantıları göster
web_servers = Bu düğümün diğer sunucularla bağlantıları
web_none = Şu anda hiç yok.
web_direction = Yön
web_local = Buradaki alan adı
web_remote = Diğer sunucu
web_protection = Koruma
web_tls = TLS
web_authentication = Kimlik doğrulama
web_certificate = Sertifika
web_show_audit = Bu sunucunun yapılandırmasını denetle
web_audit = Yapılandırmada bulunanlar
web_check = Denetim
web_result = Sonuç
web_found = Bulunan
web_advice = Öneri
web_grace_periods = Süreler, en erken biten önce
web_user = Kullanıcı
web_state = Durum
web_started_by = Başlatan
web_start = Başlangıç
web_end = Bitiş
web_remaining = Kalan
web_period = Süre, örneğin 14 days
web_begin = Başlat
web_extend = Uzat
web_end_now = Şimdi bitir
web_reset = Sıfırla
web_submitted = Gönderildi
web_explain_title = Bir iletiye ne olurdu
web_explain = Açıkla
web_from = Kimden
web_to = Kime
web_decision = Karar
web_reason = Neden
web_content = İçerik
web_scheme = Yöntem
web_text = Gönderene yazı
web_why = Niçin
web_user_told = Bu kullanıcıya söylenenler
