# SPDX-License-Identifier: GPL-2.0-or-later
# Chinese

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = 您发给 { $recipient } 的消息没有端到端加密。出于安全考虑，*强烈*建议使用以下端到端加密方式之一：{ $accepted_schemes }
message_plain_required_direct = 您发给 { $recipient } 的消息没有端到端加密。出于安全考虑，本服务器上的对话*必须*使用以下端到端加密方式之一：{ $accepted_schemes }
message_unacceptable_optional_direct = 您发给 { $recipient } 的消息使用了 { $scheme } 方式进行端到端加密，但我们建议改用以下方式之一：{ $accepted_schemes }
message_unacceptable_required_direct = 您发给 { $recipient } 的消息使用了 { $scheme } 方式进行端到端加密，但本服务器*要求*使用以下方式之一：{ $accepted_schemes }
message_incoming = { $recipient } 只接收用以下方式之一端到端加密的消息：{ $accepted_schemes }
message_without_keys = { $recipient } 尚未发布这些方式的密钥。
message_unverified = 与 { $server } 的连接没有有效证书的保护。
message_graceperiod = 距离强制执行还有 { $graceperiod_remaining }，届时没有可接受的端到端加密的消息将被丢弃。

## How much time is left: the two largest units of it.

days =
    { $number ->
       *[other] { $number } 天
    }
hours =
    { $number ->
       *[other] { $number } 小时
    }
minutes =
    { $number ->
       *[other] { $number } 分钟
    }
two_units = { $large } { $small }
less_than_a_minute = 不到一分钟

## What users are told of their own account, by the ad-hoc command.

own_title = 我的端到端加密
own_direct = 与一个人的聊天
own_group = 聊天室
own_level_none = 对您没有要求。
own_level_optional = 未加密的消息会送达，您会收到提醒。
own_level_required = 期限过后，未加密的消息将被拒绝。
own_testing = 试行
own_only_tested = 目前只是试行：不会拒绝任何消息，也不会提醒任何人。
own_time_left = 剩余时间
own_time_running = { $remaining }，截至 { $end }
own_time_not_begun = 从您发出第一条未加密的消息起 { $period }
own_time_over = 无
own_accepted_schemes = 可接受的加密方式
own_keys = 您已发布的 { $scheme } 密钥
own_keys_none = 无
own_keys_unknown = 现在无法读取
own_key_missing = { $key }：在列表中，但没有密钥
own_key_closed = { $key }：并非所有人都能读取其密钥
own_without_omemo = 您在线但没有 OMEMO 的其他应用
own_unknown = 您在线但没有应答的其他应用
own_advice_schemes = 请使用以下方式之一加密：{ $accepted_schemes }
own_advice_unknown = 请在您的每个应用中开启加密。
own_advice_no_keys = 请在您的应用中开启 { $scheme }：您没有发布任何密钥，因此没有人能为您加密。
own_advice_no_bundle = 请在您的应用中关闭加密后再重新开启：您的设备在列表中，但缺少密钥。
own_advice_closed = 请向服务器管理员求助：并非所有人都能读取您的密钥。
own_advice_sessions = 请在您的另外 { $number } 个应用中也开启 OMEMO：您在那里写的内容没有加密。
own_advice_ready = 一切就绪：您的密钥已发布，其他人可以为您加密。

## WebAdmin's pages, for admins.

web_title = 端到端加密
web_failed = 此页面出错，日志中有位置。
web_stale = 该表单不属于此页面：请重新提交。
web_messages_by_day = 每日消息
web_no_messages = 最近 { $days } 天没有统计到消息。
web_summary = 最近 { $days } 天的消息：共 { $messages } 条，已加密 { $encrypted } 条，不可接受 { $unacceptable } 条，明文 { $plaintext } 条。
web_chart = 每日消息，从 { $first } 到 { $last }
web_bar = { $day }：共 { $messages } 条
web_figures = 每天的数字
web_other = 其他机制
web_unacceptable = 不可接受
web_plaintext = 明文
web_readiness = 就绪情况
web_ready = { $users } 位用户中有 { $ready } 位已就绪：其他人可以向他们加密。
web_counting = 正在统计用户：请稍后重新加载此页面。
web_show_unready = 显示未就绪的用户
web_unready = 未就绪的用户，最近活动的在前
web_keys = 密钥
web_last_active = 最近活动
web_last_plain = 最近违规
web_last_accepted = 最近可接受的消息
web_clients = 客户端
web_show_servers = 显示与其他服务器的连接
web_servers = 此节点与其他服务器的连接
web_none = 目前没有。
web_direction = 方向
web_local = 本地域名
web_remote = 其他服务器
web_protection = 保护
web_tls = TLS
web_authentication = 身份验证
web_certificate = 证书
web_show_audit = 检查此服务器的配置
web_audit = 在配置中发现的内容
web_check = 检查项
web_result = 结果
web_found = 发现
web_advice = 建议
web_grace_periods = 宽限期，最早结束的在前
web_user = 用户
web_state = 状态
web_started_by = 启动者
web_start = 开始
web_end = 结束
web_remaining = 剩余
web_period = 时长，例如 14 days
web_begin = 开始
web_extend = 延长
web_end_now = 立即结束
web_reset = 重置
web_submitted = 已提交
web_explain_title = 消息会如何处理
web_explain = 解释
web_from = 发件人
web_to = 收件人
web_decision = 决定
web_reason = 原因
web_content = 内容
web_scheme = 方式
web_text = 给发送者的文本
web_why = 为什么
web_user_told = 告知该用户的内容
