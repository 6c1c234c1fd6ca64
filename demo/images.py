# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws the images of README.md for script/make-images.

    images.py demo               runs script/demo, and draws three scenes of what it shows
    images.py client DIR PORT    writes with Profanity on the server of script/demo, and draws
                                 its window

Nothing in an image is written here but its title: it is what the terminal shows. What differs from
run to run is replaced by one value.
"""

import asyncio
import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "test" / "clients"))

from profanity_client import ProfanityClient  # noqa: E402

# The eight colours of a terminal, legible on the dark one and on Profanity's blue bars.
BACKGROUND, FOREGROUND = (24, 26, 31), (230, 230, 230)
COLOURS = [
    (24, 26, 31),
    (255, 125, 125),
    (130, 215, 110),
    (240, 200, 90),
    (35, 70, 130),
    (215, 150, 235),
    (110, 215, 230),
    (230, 230, 230),
]
THEME = TerminalTheme(BACKGROUND, FOREGROUND, COLOURS, COLOURS)

SCENES = ["1", "2", "5"]
SAME_EACH_TIME = [
    (r"\d\d:\d\d:\d\d", "12:00:00"),
    (r"(?<![\d:])\d\d:\d\d(?![\d:])", "12:00"),
    (r"(?<=<payload>)[^<]+", "cGF5bG9h..."),
]
# An image in a page may not load a font, so that the reader's own monospace font is used. Without
# the attribute librsvg drops the spaces at the beginning of a line.
SVG_FORMAT = re.sub(
    r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL
).replace("<svg ", '<svg xml:space="preserve" ')


def draw(name, title, ansi, columns):
    for pattern, value in SAME_EACH_TIME:
        ansi = re.sub(pattern, value, ansi)
    console = Console(record=True, width=columns, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(ansi))
    svg = console.export_svg(title=title, theme=THEME, code_format=SVG_FORMAT)
    lines = [line.rstrip() for line in svg.splitlines()]
    (ROOT / "docs" / "images" / f"{name}.svg").write_text("\n".join(lines) + "\n")


def demo():
    shown = run_in_a_terminal([ROOT / "script" / "demo"])
    # A bold number begins a scene.
    parts = re.split(r"^(?=\x1b\[1m(\d+)\. )", shown.replace("\r\n", "\n"), flags=re.MULTILINE)
    scenes = dict(zip(parts[1::2], parts[2::2], strict=True))
    text = "\n\n".join(scenes[number].strip() for number in SCENES) + "\n"
    draw("demo", "script/demo", text, 80)


def run_in_a_terminal(command):
    """What the command writes where it is asked for colours; raises if it fails."""
    ours, its = pty.openpty()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=its, stderr=its) as process:
        os.close(its)
        shown = b"".join(iter(lambda: read(ours), b""))
    os.close(ours)
    if process.returncode:
        sys.exit(shown.decode())
    return shown.decode()


def read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody writes any more
        return b""


async def client(folder, port):
    dave = ProfanityClient(folder / "profanity", columns=80, rows=9)
    try:
        await dave.go_online("dave@example.org", "dave", port)
        dave.type("/msg bob@example.org")
        await warning(dave)
        require_encryption(folder)
        await refusal(dave)
    finally:
        dave.go_offline()


async def warning(dave):
    """It comes from the server, so that Profanity shows it in a window of the server."""
    dave.type("Lunch at noon?")
    await dave.has_window(3)
    dave.type("/win 3")
    await dave.sees("*STRONGLY* recommended: omemo, pgp")
    draw("warning", "Profanity: a message was delivered in the clear", dave.screen_in_colour(), 80)


async def refusal(dave):
    dave.type("/win 2")
    dave.type("/clear")
    dave.type("Are you there?")
    await dave.sees("*REQUIRED* for conversations on this server: omemo, pgp")
    draw("refusal", "Profanity: a message was refused", dave.screen_in_colour(), 80)


def require_encryption(folder):
    config = folder / "ejabberd.yml"
    config.write_text(config.read_text().replace(": optional", ": required"))
    command = [ROOT / "script" / "run-ejabberd", "ctl", folder, "reload_config"]
    subprocess.run(command, check=True, capture_output=True)


match sys.argv[1:]:
    case ["demo"]:
        demo()
    case ["client", folder, port]:
        asyncio.run(client(Path(folder), int(port)))
