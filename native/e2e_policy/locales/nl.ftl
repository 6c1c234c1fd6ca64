# SPDX-License-Identifier: GPL-2.0-or-later
# Dutch

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Je bericht aan { $recipient } was niet end-to-end-versleuteld. Om veiligheidsredenen wordt *STERK* aanbevolen een van de volgende methoden voor end-to-end-versleuteling te gebruiken: { $accepted_schemes }
message_plain_required_direct = Je bericht aan { $recipient } was niet end-to-end-versleuteld. Om veiligheidsredenen is voor gesprekken op deze server een van de volgende methoden voor end-to-end-versleuteling *VERPLICHT*: { $accepted_schemes }
message_unacceptable_optional_direct = Je bericht aan { $recipient } was end-to-end-versleuteld met de methode { $scheme }, maar we raden aan in plaats daarvan een van de volgende te gebruiken: { $accepted_schemes }
message_unacceptable_required_direct = Je bericht aan { $recipient } was end-to-end-versleuteld met de methode { $scheme }, maar deze server *VEREIST* een van de volgende: { $accepted_schemes }
message_without_keys = { $recipient } heeft daarvoor nog geen sleutels gepubliceerd.
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
