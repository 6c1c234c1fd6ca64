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
