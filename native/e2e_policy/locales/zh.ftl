# SPDX-License-Identifier: GPL-2.0-or-later
# Chinese

## What the sender of a message is told. The names are those of the options.

message_plain_optional_direct = 您发给 { $recipient } 的消息没有端到端加密。出于安全考虑，*强烈*建议使用以下端到端加密方式之一：{ $accepted_schemes }
message_plain_required_direct = 您发给 { $recipient } 的消息没有端到端加密。出于安全考虑，本服务器上的对话*必须*使用以下端到端加密方式之一：{ $accepted_schemes }
message_unacceptable_optional_direct = 您发给 { $recipient } 的消息使用了 { $scheme } 方式进行端到端加密，但我们建议改用以下方式之一：{ $accepted_schemes }
message_unacceptable_required_direct = 您发给 { $recipient } 的消息使用了 { $scheme } 方式进行端到端加密，但本服务器*要求*使用以下方式之一：{ $accepted_schemes }
message_without_keys = { $recipient } 尚未发布这些方式的密钥。
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
