# SPDX-License-Identifier: GPL-2.0-or-later
# Spanish

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = Su mensaje para { $recipient } no estaba cifrado de extremo a extremo. Por motivos de seguridad, se recomienda *ENCARECIDAMENTE* usar uno de los siguientes métodos de cifrado de extremo a extremo: { $accepted_schemes }
message_plain_required_direct = Su mensaje para { $recipient } no estaba cifrado de extremo a extremo. Por motivos de seguridad, en las conversaciones de este servidor es *OBLIGATORIO* usar uno de los siguientes métodos de cifrado de extremo a extremo: { $accepted_schemes }
message_unacceptable_optional_direct = Su mensaje para { $recipient } estaba cifrado de extremo a extremo con el método { $scheme }, pero recomendamos usar en su lugar uno de los siguientes: { $accepted_schemes }
message_unacceptable_required_direct = Su mensaje para { $recipient } estaba cifrado de extremo a extremo con el método { $scheme }, pero este servidor *EXIGE* uno de los siguientes: { $accepted_schemes }
message_incoming = { $recipient } solo acepta mensajes con cifrado de extremo a extremo por uno de estos métodos: { $accepted_schemes }
message_without_keys = { $recipient } todavía no ha publicado claves para ninguno de ellos.
message_unverified = La conexión con { $server } no está protegida por un certificado válido.
message_graceperiod = Tiempo restante: { $graceperiod_remaining }. Después, esta norma se aplicará y los mensajes sin un cifrado de extremo a extremo aceptado se descartarán.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } día
       *[other] { $number } días
    }
hours =
    { $number ->
        [one] { $number } hora
       *[other] { $number } horas
    }
minutes =
    { $number ->
        [one] { $number } minuto
       *[other] { $number } minutos
    }
two_units = { $large } y { $small }
less_than_a_minute = menos de un minuto

## What users are told of their own account, by the ad-hoc command.

own_title = Mi cifrado de extremo a extremo
own_direct = Conversaciones con una persona
own_group = Salas
own_level_none = No se le pide nada.
own_level_optional = Un mensaje sin cifrar se entrega, y usted recibe un aviso.
own_level_required = Un mensaje sin cifrar se rechaza cuando se acaba su plazo.
own_testing = Prueba
own_only_tested = Esto solo se está probando: no se rechaza nada ni se avisa a nadie.
own_time_left = Tiempo restante
own_time_running = { $remaining }, hasta { $end }
own_time_not_begun = { $period } desde su primer mensaje sin cifrar
own_time_over = ninguno
own_accepted_schemes = Cifrado aceptado
own_keys = Sus claves publicadas para { $scheme }
own_keys_none = ninguna
own_keys_unknown = no se pueden leer ahora
own_key_missing = { $key }: en la lista, pero sin claves
own_key_closed = { $key }: no todos pueden leer sus claves
own_without_omemo = Sus otras aplicaciones que están conectadas sin OMEMO
own_unknown = Sus otras aplicaciones que están conectadas y no han respondido
own_advice_schemes = Cifre con uno de estos métodos: { $accepted_schemes }
own_advice_unknown = Active el cifrado en cada una de sus aplicaciones.
own_advice_no_keys = Active { $scheme } en su aplicación: no ha publicado ninguna clave, así que nadie puede cifrar para usted.
own_advice_no_bundle = Desactive y vuelva a activar el cifrado en su aplicación: sus dispositivos están en la lista, pero faltan sus claves.
own_advice_closed = Pida ayuda a la administración del servidor: no todos pueden leer sus claves.
own_advice_sessions =
    { $number ->
        [one] Active OMEMO también en { $number } otra aplicación suya: lo que escribe en ella no está cifrado.
       *[other] Active OMEMO también en { $number } otras aplicaciones suyas: lo que escribe en ellas no está cifrado.
    }
own_advice_ready = Todo está listo: sus claves están publicadas y otros pueden cifrar para usted.

## WebAdmin's pages, for admins.

web_title = Cifrado de extremo a extremo
web_failed = Esta página falló; el registro dice dónde.
web_stale = El formulario no es de esta página: envíelo otra vez.
web_messages_by_day = Mensajes por día
web_no_messages = No se contó ningún mensaje en los últimos { $days } días.
web_summary = Mensajes de los últimos { $days } días: { $messages } en total, { $encrypted } cifrados, { $unacceptable } no aceptados, { $plaintext } sin cifrar.
web_chart = Mensajes por día, del { $first } al { $last }
web_bar = { $day }: { $messages } en total
web_figures = Las cifras de cada día
web_other = otro mecanismo
web_unacceptable = no aceptados
web_plaintext = sin cifrar
web_readiness = Preparación
web_ready = { $ready } de { $users } usuarios están preparados: los demás pueden cifrar para ellos.
web_counting = Se está contando a los usuarios: vuelva a cargar esta página dentro de un rato.
web_show_unready = Mostrar los usuarios que no están preparados
web_unready = Usuarios que no están preparados, primero los activos más recientes
web_keys = Claves
web_last_active = Última actividad
web_last_plain = Última infracción
web_last_accepted = Último mensaje aceptado
web_clients = Clientes
web_show_servers = Mostrar las conexiones con otros servidores
web_servers = Conexiones de este nodo con otros servidores
web_none = Ahora no hay ninguna.
web_direction = Dirección
web_local = Dominio de aquí
web_remote = Otro servidor
web_protection = Protección
web_tls = TLS
web_authentication = Autenticación
web_certificate = Certificado
web_show_audit = Comprobar la configuración de este servidor
web_audit = Lo que se encontró en la configuración
web_check = Comprobación
web_result = Resultado
web_found = Encontrado
web_advice = Consejo
web_grace_periods = Plazos, primero el que antes termina
web_user = Usuario
web_state = Estado
web_started_by = Iniciado por
web_start = Inicio
web_end = Fin
web_remaining = Restante
web_period = Periodo, como 14 days
web_begin = Iniciar
web_extend = Ampliar
web_end_now = Terminar ahora
web_reset = Restablecer
web_submitted = Enviado
web_explain_title = Qué pasaría con un mensaje
web_explain = Explicar
web_from = De
web_to = Para
web_decision = Decisión
web_reason = Motivo
web_content = Contenido
web_scheme = Método
web_text = Texto para el remitente
web_why = Por qué
web_user_told = Lo que se dice a este usuario
