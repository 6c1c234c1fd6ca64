# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a client for another program: commands as JSON lines in, events as JSON lines out.

  json_lines.py omemo JID PASSWORD     an OmemoClient
  json_lines.py profanity FOLDER       a ProfanityClient

{"do": "send_plaintext", "to": "bob@example.org", "body": "Hi"} calls the client's method of that
name with the other members as arguments. Each command is answered by {"event": "done", "result"}
or {"event": "failed", "text"}; events of the client come before that. The client ends with its
input.
"""

import asyncio
import contextlib
import json
import sys

from omemo_client import OmemoClient
from profanity_client import ProfanityClient


def write(event):
    """Ignores a closed pipe: the program that started this one has ended, and so will the input."""
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(event), flush=True)


async def execute(client, command):
    method = getattr(client, command.pop("do"))
    result = method(**command)
    return await result if asyncio.iscoroutine(result) else result


async def commands():
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        yield json.loads(line)


async def main(kind, *arguments):
    client = OmemoClient(*arguments, write) if kind == "omemo" else ProfanityClient(*arguments)
    try:
        async for command in commands():
            try:
                write({"event": "done", "result": await execute(client, command)})
            except Exception as error:
                write({"event": "failed", "text": f"{type(error).__name__}: {error}"})
    finally:
        await execute(client, {"do": "go_offline"})


asyncio.run(main(*sys.argv[1:]))
