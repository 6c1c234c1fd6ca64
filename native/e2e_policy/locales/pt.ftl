# SPDX-License-Identifier: GPL-2.0-or-later
# Portuguese

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = A sua mensagem para { $recipient } não estava cifrada de ponta a ponta. Por motivos de segurança, recomenda-se *FORTEMENTE* usar um dos seguintes métodos de cifragem de ponta a ponta: { $accepted_schemes }
message_plain_required_direct = A sua mensagem para { $recipient } não estava cifrada de ponta a ponta. Por motivos de segurança, nas conversas neste servidor é *OBRIGATÓRIO* usar um dos seguintes métodos de cifragem de ponta a ponta: { $accepted_schemes }
message_unacceptable_optional_direct = A sua mensagem para { $recipient } estava cifrada de ponta a ponta com o método { $scheme }, mas recomendamos usar antes um dos seguintes: { $accepted_schemes }
message_unacceptable_required_direct = A sua mensagem para { $recipient } estava cifrada de ponta a ponta com o método { $scheme }, mas este servidor *EXIGE* um dos seguintes: { $accepted_schemes }
message_incoming = { $recipient } só aceita mensagens com encriptação de ponta a ponta por um destes métodos: { $accepted_schemes }
message_without_keys = { $recipient } ainda não publicou chaves para estes métodos.
message_unverified = A ligação a { $server } não está protegida por um certificado válido.
message_graceperiod = Tempo restante: { $graceperiod_remaining }. Depois, esta regra será aplicada e as mensagens sem cifragem de ponta a ponta aceite serão descartadas.

## How much time is left: the two largest units of it.

days =
    { $number ->
        [one] { $number } dia
       *[other] { $number } dias
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
two_units = { $large } e { $small }
less_than_a_minute = menos de um minuto

## What users are told of their own account, by the ad-hoc command.

own_title = A minha cifragem de ponta a ponta
own_direct = Conversas com uma pessoa
own_group = Salas
own_level_none = Nada lhe é pedido.
own_level_optional = Uma mensagem não cifrada é entregue e recebe um aviso.
own_level_required = Uma mensagem não cifrada é recusada quando o seu prazo termina.
own_testing = Teste
own_only_tested = Isto é apenas um teste: nada é recusado e ninguém é avisado.
own_time_left = Tempo restante
own_time_running = { $remaining }, até { $end }
own_time_not_begun = { $period } a partir da sua primeira mensagem não cifrada
own_time_over = nenhum
own_accepted_schemes = Cifragem aceite
own_keys = As suas chaves publicadas para { $scheme }
own_keys_none = nenhuma
own_keys_unknown = não podem ser lidas agora
own_key_missing = { $key }: na lista, mas sem chaves
own_key_closed = { $key }: nem todos podem ler as chaves
own_without_omemo = As suas outras aplicações que estão ligadas sem OMEMO
own_unknown = As suas outras aplicações que estão ligadas e não responderam
own_advice_schemes = Cifre com um destes métodos: { $accepted_schemes }
own_advice_unknown = Ative a cifragem em cada uma das suas aplicações.
own_advice_no_keys = Ative { $scheme } na sua aplicação: não publicou chaves, pelo que ninguém pode cifrar para si.
own_advice_no_bundle = Desative e volte a ativar a cifragem na sua aplicação: os seus dispositivos estão na lista, mas faltam as chaves deles.
own_advice_closed = Peça ajuda à administração do servidor: nem todos podem ler as suas chaves.
own_advice_sessions =
    { $number ->
        [one] Ative o OMEMO também em { $number } outra aplicação sua: o que lá escreve não é cifrado.
       *[other] Ative o OMEMO também em { $number } outras aplicações suas: o que lá escreve não é cifrado.
    }
own_advice_ready = Está tudo pronto: as suas chaves estão publicadas e os outros podem cifrar para si.

## WebAdmin's pages, for admins.

web_title = Cifragem de ponta a ponta
web_failed = Esta página falhou, o registo diz onde.
web_stale = O formulário não é desta página: envie-o de novo.
web_messages_by_day = Mensagens por dia
web_no_messages = Nenhuma mensagem foi contada nos últimos { $days } dias.
web_summary = Mensagens dos últimos { $days } dias: { $messages } ao todo, { $encrypted } cifradas, { $unacceptable } não aceites, { $plaintext } sem cifra.
web_chart = Mensagens por dia, de { $first } a { $last }
web_bar = { $day }: { $messages } ao todo
web_figures = Os números de cada dia
web_other = outro mecanismo
web_unacceptable = não aceites
web_plaintext = sem cifra
web_readiness = Preparação
web_ready = { $ready } de { $users } utilizadores estão prontos: os outros podem cifrar para eles.
web_counting = Os utilizadores estão a ser contados: volte a carregar esta página daqui a pouco.
web_show_unready = Mostrar os utilizadores que não estão prontos
web_unready = Utilizadores que não estão prontos, primeiro os ativos mais recentes
web_keys = Chaves
web_last_active = Última atividade
web_last_plain = Última infração
web_last_accepted = Última mensagem aceite
web_clients = Clientes
web_show_servers = Mostrar as ligações com outros servidores
web_servers = Ligações deste nó com outros servidores
web_none = Agora não há nenhuma.
web_direction = Direção
web_local = Domínio daqui
web_remote = Outro servidor
web_protection = Proteção
web_tls = TLS
web_authentication = Autenticação
web_certificate = Certificado
web_show_audit = Verificar a configuração deste servidor
web_audit = O que foi encontrado na configuração
web_check = Verificação
web_result = Resultado
web_found = Encontrado
web_advice = Conselho
web_grace_periods = Prazos, primeiro o que termina mais cedo
web_user = Utilizador
web_state = Estado
web_started_by = Iniciado por
web_start = Início
web_end = Fim
web_remaining = Restante
web_period = Período, como 14 days
web_begin = Iniciar
web_extend = Prolongar
web_end_now = Terminar agora
web_reset = Repor
web_submitted = Enviado
web_explain_title = O que aconteceria a uma mensagem
web_explain = Explicar
web_from = De
web_to = Para
web_decision = Decisão
web_reason = Motivo
web_content = Conteúdo
web_scheme = Método
web_text = Texto para o remetente
web_why = Porquê
web_user_told = O que é dito a este utilizador
