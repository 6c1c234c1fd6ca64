# SPDX-License-Identifier: GPL-2.0-or-later
# French

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Votre message à { $recipient } n’était pas chiffré de bout en bout. Pour des raisons de sécurité, il est *FORTEMENT* recommandé d’utiliser l’une des méthodes de chiffrement de bout en bout suivantes : { $accepted_schemes }
message_plain_required_direct = Votre message à { $recipient } n’était pas chiffré de bout en bout. Pour des raisons de sécurité, l’une des méthodes de chiffrement de bout en bout suivantes est *OBLIGATOIRE* pour les conversations sur ce serveur : { $accepted_schemes }
message_unacceptable_optional_direct = Votre message à { $recipient } était chiffré de bout en bout avec la méthode { $scheme }, mais nous recommandons d’utiliser plutôt l’une des suivantes : { $accepted_schemes }
message_unacceptable_required_direct = Votre message à { $recipient } était chiffré de bout en bout avec la méthode { $scheme }, mais ce serveur *EXIGE* l’une des suivantes : { $accepted_schemes }
message_incoming = { $recipient } n’accepte que les messages chiffrés de bout en bout par l’une de ces méthodes : { $accepted_schemes }
message_without_keys = { $recipient } n’a pas encore publié de clés pour celles-ci.
message_unverified = La connexion à { $server } n’est pas protégée par un certificat valide.
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

## WebAdmin's pages, for admins.

web_title = Chiffrement de bout en bout
web_failed = Cette page a échoué, le journal dit où.
web_stale = Le formulaire n’est pas de cette page : envoyez-le de nouveau.
web_messages_by_day = Messages par jour
web_no_messages = Aucun message n’a été compté au cours des { $days } derniers jours.
web_summary = Messages des { $days } derniers jours : { $messages } en tout, { $encrypted } chiffrés, { $unacceptable } non acceptés, { $plaintext } en clair.
web_chart = Messages par jour, du { $first } au { $last }
web_bar = { $day }: { $messages } en tout
web_figures = Les chiffres de chaque jour
web_other = autre mécanisme
web_unacceptable = non acceptés
web_plaintext = en clair
web_readiness = Préparation
web_ready = { $ready } utilisateurs sur { $users } sont prêts : les autres peuvent chiffrer pour eux.
web_counting = Le comptage des utilisateurs est en cours : rechargez cette page dans un moment.
web_show_unready = Afficher les utilisateurs qui ne sont pas prêts
web_unready = Utilisateurs qui ne sont pas prêts, les derniers actifs d’abord
web_keys = Clés
web_last_active = Dernière activité
web_last_plain = Dernière infraction
web_last_accepted = Dernier message accepté
web_clients = Clients
web_show_servers = Afficher les connexions avec d’autres serveurs
web_servers = Connexions de ce nœud avec d’autres serveurs
web_none = Il n’y en a pas actuellement.
web_direction = Sens
web_local = Domaine d’ici
web_remote = Autre serveur
web_protection = Protection
web_tls = TLS
web_authentication = Authentification
web_certificate = Certificat
web_show_audit = Vérifier la configuration de ce serveur
web_audit = Ce qui a été trouvé dans la configuration
web_check = Vérification
web_result = Résultat
web_found = Constat
web_advice = Conseil
web_grace_periods = Délais, la fin la plus proche d’abord
web_user = Utilisateur
web_state = État
web_started_by = Lancé par
web_start = Début
web_end = Fin
web_remaining = Reste
web_period = Durée, par exemple 14 days
web_begin = Lancer
web_extend = Prolonger
web_end_now = Terminer maintenant
web_reset = Réinitialiser
web_submitted = Envoyé
web_explain_title = Ce que deviendrait un message
web_explain = Expliquer
web_from = De
web_to = À
web_decision = Décision
web_reason = Raison
web_content = Contenu
web_scheme = Méthode
web_text = Texte pour l’expéditeur
web_why = Pourquoi
web_user_told = Ce qui est dit à cet utilisateur
