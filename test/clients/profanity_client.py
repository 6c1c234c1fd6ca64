# SPDX-License-Identifier: GPL-2.0-or-later
"""ProfanityClient: the XMPP client profanity in a terminal without a screen (tmux).

It is used as a person uses it: by typing lines and reading the screen. Its files are in a folder
that the caller gives, apart from those of a profanity that is installed for daily use.
"""

import asyncio
import os
import subprocess
from pathlib import Path

# No side panels, and nothing that changes by itself, so that the screen shows only the messages.
PREFERENCES = """\
[ui]
splash=false
roster=false
occupants=false
titlebar.presence=true
[notifications]
message=off
[otr]
policy=manual
[omemo]
policy=manual
trustmode=blind
"""

ACCOUNT = """\
[{jid}]
enabled=true
jid={jid}
resource=profanity
server=127.0.0.1
port={port}
tls.policy=disable
password={password}
"""


class ProfanityClient:
    def __init__(self, folder, columns=76, rows=24):
        self.folder = Path(folder).resolve()
        self._tmux = ["tmux", "-S", str(self.folder / "tmux.socket"), "-f", "/dev/null"]
        self._size = ["-x", str(columns), "-y", str(rows)]

    def make_pgp_key(self, jid):
        """Makes a pair of OpenPGP keys in the key ring of this client; returns its id."""
        self._path(".gnupg").mkdir(mode=0o700, exist_ok=True)
        unprotected = ["--batch", "--passphrase", "", "--quick-gen-key"]
        self._gpg("gpg", *unprotected, jid, "future-default", "default", "never")
        listed = self._gpg("gpg", "--batch", "--with-colons", "--list-keys", jid)
        return next(row.split(":")[4] for row in listed.splitlines() if row.startswith("pub:"))

    async def go_online(self, jid, password, port):
        self._path("config/profanity/profrc").write_text(PREFERENCES)
        account = ACCOUNT.format(jid=jid, port=port, password=password)
        self._path("data/profanity/accounts").write_text(account)
        home = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "HOME": "."}
        env = {name: str(self.folder / path) for name, path in home.items()}
        env |= {"LANG": "C.UTF-8", "TERM": "screen", "PATH": os.environ["PATH"]}
        command = ["new-session", "-d", *self._size, "profanity", "-a", jid]
        subprocess.run([*self._tmux, *command], env=env, check=True)
        await self.sees("logged in successfully")

    def type(self, line):
        subprocess.run([*self._tmux, "send-keys", "-l", line], check=True)
        subprocess.run([*self._tmux, "send-keys", "Enter"], check=True)

    async def start_omemo(self, jid):
        """Returns when a message can be encrypted.

        The chat shows that it is encrypted before the keys of the recipient have arrived; only the
        first window shows these. Profanity 0.15 asks for them at the second start.
        """
        self.type("/win 1")
        self.type("/omemo gen")
        await self.sees("materials generated")
        keys_are_here = f"Blind trust for {jid} device"
        self.type(f"/omemo start {jid}")
        self.type("/win 1")
        try:
            await self.sees(keys_are_here, seconds=2)
        except TimeoutError:
            self.type(f"/msg {jid}")
            self.type("/omemo end")
            self.type("/omemo start")
            self.type("/win 1")
            await self.sees(keys_are_here)
        self.type(f"/msg {jid}")
        await self.sees("[OMEMO]")

    def screen(self):
        """The lines on the screen, without empty ones, the status bar and the input line."""
        lines = [line.rstrip() for line in self._capture().splitlines()[:-2]]
        return [line for line in lines if line]

    def screen_in_colour(self):
        """All of the screen as it is, with the escape sequences of a terminal."""
        return self._capture("-e")

    def _capture(self, *options):
        command = [*self._tmux, "capture-pane", "-p", *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    async def sees(self, text, seconds=10):
        """Waits until the screen shows the text, wrapped or not; raises TimeoutError."""
        for _ in range(int(seconds * 10)):
            screen = self.screen()
            if text in " ".join(" ".join(screen).split()):
                return screen
            await asyncio.sleep(0.1)
        raise TimeoutError(f"profanity does not show `{text}` but:\n" + "\n".join(screen))

    async def has_window(self, number, seconds=10):
        """Waits until the status bar names the window; raises TimeoutError."""
        for _ in range(int(seconds * 10)):
            if str(number) in self._capture().splitlines()[-2].split("/profanity")[-1]:
                return
            await asyncio.sleep(0.1)
        raise TimeoutError(f"profanity has no window {number}")

    def go_offline(self):
        subprocess.run([*self._tmux, "kill-server"], stderr=subprocess.DEVNULL, check=False)
        if self._path(".gnupg").exists():
            self._gpg("gpgconf", "--kill", "all")  # otherwise its agent keeps running

    def _gpg(self, program, *arguments):
        command = [program, "--homedir", self._path(".gnupg"), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _path(self, name):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
