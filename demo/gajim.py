# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the picture of the ad-hoc command in Gajim for script/make-images.

    gajim.py PORT FILE.png    on the server of script/demo, with a grace period

Gajim runs on a screen of its own (Xvfb), with its files in a temporary folder. Its user is alice,
who has published the keys of two devices, and has another app online without OMEMO. The settings
and the picture are made for the Gajim of Debian 12, which is version 1.7 and uses GTK 3.
"""

import asyncio
import json
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import slixmpp

JID = "alice@example.org"
WINDOW = "860", "520"
LEGACY = "eu.siacs.conversations.axolotl"
# The ids are the same each time, so that the picture only changes when what people see does.
DEVICES = "27182", "31415"

# Gajim is written in Python, but for Debian's.
PICTURE = """
import sys, gi
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk
Gdk.init([])
area = [int(number) for number in sys.argv[2:]]
Gdk.pixbuf_get_from_window(Gdk.get_default_root_window(), *area).savev(sys.argv[1], "png", [], [])
"""


class OtherApp(slixmpp.ClientXMPP):
    """An app without OMEMO, which publishes the keys of alice's other devices."""

    def __init__(self):
        unencrypted = {"feature_mechanisms": {"unencrypted_plain": True}}
        super().__init__(f"{JID}/tablet", "alice", plugin_config=unencrypted, sasl_mech="PLAIN")
        self.enable_direct_tls = self.enable_starttls = False
        self.enable_plaintext = True

    async def go_online(self, port):
        self.connect("127.0.0.1", port)
        await self.wait_until("session_start", 30)
        self.send_presence()
        devices = "".join(f"<device id='{device}'/>" for device in DEVICES)
        await self._publish("devicelist", f"<list xmlns='{LEGACY}'>{devices}</list>")
        for device in DEVICES:
            await self._publish(f"bundles:{device}", f"<bundle xmlns='{LEGACY}'/>")

    async def _publish(self, node, payload):
        publish = (
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            f"<publish node='{LEGACY}.{node}'><item id='current'>{payload}</item></publish>"
            "</pubsub>"
        )
        await self.make_iq_set(sub=ElementTree.fromstring(publish), ito=JID).send()


class Screen:
    """A screen with Gajim."""

    def __init__(self, folder):
        # Xvfb writes which screen it has taken.
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1200x900x24", "-nolisten", "tcp"]
        xvfb = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._processes = [xvfb]
        self._folder = folder
        self._env = {
            "DISPLAY": f":{xvfb.stdout.readline().strip()}",
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "GDK_BACKEND": "x11",
            "GTK_THEME": "Adwaita",
            "NO_AT_BRIDGE": "1",
        }

    def start_gajim(self):
        """It refuses to run as root. Its commands are called on a message bus of its own."""
        address = f"unix:path={self._folder}/bus"
        self._start("dbus-daemon", "--session", "--nofork", f"--address={address}")
        self._env["DBUS_SESSION_BUS_ADDRESS"] = address
        self._start("gajim", "-c", str(self._folder / "config"))

    async def act(self, action, argument):
        """Calls an action of Gajim once it is enabled, which many are when it is online."""
        await self._until(lambda: self._actions("Describe", action).startswith("((true"))
        self._actions("Activate", action, f"[<'{argument}'>]", "{}")

    async def window(self, title):
        """Waits for a window; returns its id."""
        found = await self._until(lambda: self._run("xdotool", "search", "--name", title))
        return found.split()[0]

    def resize(self, window):
        self._run("xdotool", "windowsize", "--sync", window, *WINDOW)

    def double_click(self, window, x, y):
        at = ["mousemove", "--window", window, str(x), str(y)]
        self._run("xdotool", *at, "click", "--repeat", "2", "--delay", "50", "1")

    def picture(self, window, file):
        shell = self._run("xdotool", "getwindowgeometry", "--shell", window)
        geometry = dict(line.split("=") for line in shell.split())
        area = [geometry[name] for name in ("X", "Y", "WIDTH", "HEIGHT")]
        picture = self._folder / "picture.png"
        self._run("/usr/bin/python3", "-c", PICTURE, str(picture), *area)
        shutil.copyfile(picture, file)

    def stop(self):
        for process in reversed(self._processes):
            process.terminate()
            process.wait()

    def _actions(self, method, *arguments):
        where = ["--session", "--dest", "org.gajim.Gajim", "--object-path", "/org/gajim/Gajim"]
        method = ["--method", f"org.gtk.Actions.{method}"]
        return self._run("gdbus", "call", *where, *method, *arguments)

    def _user(self):
        is_root = os.geteuid() == 0
        return {"user": "nobody", "group": "nogroup", "extra_groups": []} if is_root else {}

    def _start(self, *command):
        with (self._folder / "log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(command, env=self._env, stdout=log, stderr=log, **self._user())
            )

    def _run(self, *command):
        """What the command writes; nothing if it fails."""
        done = subprocess.run(
            command, env=self._env, capture_output=True, text=True, check=False, **self._user()
        )
        return done.stdout if done.returncode == 0 else ""

    async def _until(self, attempt):
        for _ in range(150):
            if answer := attempt():
                return answer
            await asyncio.sleep(0.2)
        log = (self._folder / "log").read_text()
        raise TimeoutError(f"Gajim does not show what was expected; it writes:\n{log}")


def configure(folder, port):
    """Writes the settings of a Gajim that has been used before."""
    config = folder / "config"
    config.mkdir()
    account = {
        "name": "alice",
        "active": True,
        "hostname": "example.org",
        "resource": "gajim",
        "password": "alice",
        "savepass": True,
        "use_custom_host": True,
        "custom_host": "127.0.0.1",
        "custom_port": port,
        "custom_type": "PLAIN",
        "confirm_unencrypted_connection": False,
    }
    settings = {"app": {"use_keyring": False, "gajim_update_check": False}, "workspaces": {"1": {}}}
    others = dict.fromkeys(["soundevents", "status_presets", "proxies", "plugins"], {})
    of_account = {"account": account, "contact": {}, "group_chat": {}}
    with sqlite3.connect(config / "settings.sqlite") as database:
        database.execute("create table settings (name text unique, settings text)")
        database.execute("create table account_settings (account text unique, settings text)")
        database.executemany(
            "insert into settings values (?, ?)",
            [(name, json.dumps(value)) for name, value in (settings | others).items()],
        )
        database.execute(
            "insert into account_settings values (?, ?)", ("alice", json.dumps(of_account))
        )
        database.execute("pragma user_version = 5")
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


async def main(port, file):
    other = OtherApp()
    await other.go_online(port)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configure(folder, port)
        screen = Screen(folder)
        try:
            screen.start_gajim()
            await screen.act("alice-execute-command", "example.org")
            commands = await screen.window("^Command List$")
            screen.resize(commands)
            # The first in the list.
            screen.double_click(commands, 150, 85)
            answer = await screen.window("^Completed$")
            await asyncio.sleep(1)  # until it is drawn
            screen.picture(answer, file)
        finally:
            screen.stop()
    await other.disconnect()


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
