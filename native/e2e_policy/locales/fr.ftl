# SPDX-License-Identifier: GPL-2.0-or-later
# French

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Votre message à { $recipient } n’était pas chiffré de bout en bout. Pour des raisons de sécurité, il est *FORTEMENT* recommandé d’utiliser l’une des méthodes de chiffrement de bout en bout suivantes : { $accepted_schemes }
message_plain_required_direct = Votre message à { $recipient } n’était pas chiffré de bout en bout. Pour des raisons de sécurité, l’une des méthodes de chiffrement de bout en bout suivantes est *OBLIGATOIRE* pour les conversations sur ce serveur : { $accepted_schemes }
message_unacceptable_optional_direct = Votre message à { $recipient } était chiffré de bout en bout avec la méthode { $scheme }, mais nous recommandons d’utiliser plutôt l’une des suivantes : { $accepted_schemes }
message_unacceptable_required_direct = Votre message à { $recipient } était chiffré de bout en bout avec la méthode { $scheme }, mais ce serveur *EXIGE* l’une des suivantes : { $accepted_schemes }
message_without_keys = { $recipient } n’a pas encore publié de clés pour celles-ci.
message_graceperiod = Temps restant : { $graceperiod_remaining }. Ensuite, cette règle sera appliquée et les messages sans chiffrement de bout en bout accepté seront rejetés.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } jour
       *[other] { $number } jours
    }
hours =
    { $number ->
        [one] { $number } heure
       *[other] { $number } heures
    }
minutes =
    { $number ->
        [one] { $number } minute
       *[other] { $number } minutes
    }
two_units = { $large } et { $small }
less_than_a_minute = moins d’une minute

## What users are told of their own account, by the ad-hoc command.

own_title = Mon chiffrement de bout en bout
own_direct = Conversations avec une personne
own_group = Salons
own_level_none = Rien ne vous est demandé.
own_level_optional = Un message non chiffré est remis, et vous recevez un avertissement.
own_level_required = Un message non chiffré est refusé une fois votre délai écoulé.
own_testing = Essai
own_only_tested = Ceci n’est qu’un essai : rien n’est refusé, et personne n’est averti.
own_time_left = Temps restant
own_time_running = { $remaining }, jusqu’au { $end }
own_time_not_begun = { $period } à partir de votre premier message non chiffré
own_time_over = aucun
own_accepted_schemes = Chiffrement accepté
own_keys = Vos clés publiées pour { $scheme }
own_keys_none = aucune
own_keys_unknown = illisibles pour le moment
own_key_missing = { $key } : dans la liste, mais sans clés
own_key_closed = { $key } : ses clés ne sont pas lisibles par tous
own_without_omemo = Vos autres applications en ligne sans OMEMO
own_unknown = Vos autres applications en ligne qui n’ont pas répondu
own_advice_schemes = Chiffrez par l’une de ces méthodes : { $accepted_schemes }
own_advice_unknown = Activez le chiffrement dans chacune de vos applications.
own_advice_no_keys = Activez { $scheme } dans votre application : vous n’avez publié aucune clé, si bien que personne ne peut chiffrer pour vous.
own_advice_no_bundle = Désactivez puis réactivez le chiffrement dans votre application : vos appareils sont dans la liste, mais leurs clés manquent.
own_advice_closed = Demandez de l’aide à l’administration du serveur : vos clés ne sont pas lisibles par tous.
own_advice_sessions =
    { $number ->
        [one] Activez aussi OMEMO dans { $number } autre application : ce que vous y écrivez n’est pas chiffré.
       *[other] Activez aussi OMEMO dans { $number } autres applications : ce que vous y écrivez n’est pas chiffré.
    }
own_advice_ready = Tout est prêt : vos clés sont publiées et les autres peuvent chiffrer pour vous.
