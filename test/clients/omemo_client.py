# SPDX-License-Identifier: GPL-2.0-or-later
"""OmemoClient: a real XMPP client (slixmpp) that can send in the clear and with OMEMO.

It reports events as dictionaries, in the order of the stanzas on the wire:

  {"event": "sent", "xml": ...}                                     a message left
  {"event": "message", "from", "type", "body", "encrypted", "xml"}  one arrived
  {"event": "notice", ...}   the same, but from the client's own server and not from a user
  {"event": "error", "from", "id", "type", "condition", "text", "xml"}  one was refused
  {"event": "unreadable", "from", "text", "xml"}                    OMEMO that does not decrypt
"""

import asyncio
import logging
import sys

import slixmpp
from omemo.storage import Just, Nothing, Storage
from slixmpp.plugins import register_plugin
from slixmpp.xmlstream import tostring
from slixmpp.xmlstream.handler import CoroutineCallback
from slixmpp.xmlstream.matcher import MatchXPath
from slixmpp_omemo import XEP_0384

# The plugin warns about each new device that it has not published yet, and about each list that it
# cannot get. The suites see both by other means.
for plugin in "omemo", "slixmpp_omemo":
    logging.getLogger(plugin).setLevel(logging.ERROR)

STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"


class MemoryStorage(Storage):
    """Keeps keys in memory only, so that each run is a new device."""

    def __init__(self):
        super().__init__()
        self._values = {}

    async def _load(self, key):
        return Just(self._values[key]) if key in self._values else Nothing()

    async def _store(self, key, value):
        self._values[key] = value

    async def _delete(self, key):
        self._values.pop(key, None)


class Omemo(XEP_0384):
    """OMEMO that trusts each device: the suites do not test the trust in keys."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._storage = MemoryStorage()

    @property
    def storage(self):
        return self._storage

    @property
    def _btbv_enabled(self):
        return True

    async def _prompt_manual_trust(self, manually_trusted, identifier):
        raise RuntimeError("a device that is not trusted blindly")


register_plugin(Omemo)


class OmemoClient(slixmpp.ClientXMPP):
    def __init__(self, jid, password, on_event):
        # The stream is not encrypted: it never leaves the loopback interface.
        unencrypted = {"feature_mechanisms": {"unencrypted_plain": True}}
        super().__init__(jid, password, plugin_config=unencrypted, sasl_mech="PLAIN")
        self.enable_direct_tls = self.enable_starttls = False
        self.enable_plaintext = True
        self._on_event = on_event
        # Messages are read one after the other: two at once would advance the same OMEMO session.
        self._reading = asyncio.Lock()
        self._heard = set()
        self.register_plugin("xep_0045")
        self.register_plugin("xep_0050")
        self.register_plugin("xep_0115")
        self.register_plugin("xep_0199")
        self.register_plugin("xep_0380")
        self.register_plugin("xep_0384", module=sys.modules[__name__])
        message = MatchXPath("{jabber:client}message")
        self.register_handler(CoroutineCallback("any message", message, self._arrives))
        self.add_filter("out_sync", self._leaves)

    async def go_online(self, port, lang="en"):
        """Returns once the keys are published: from then on others can encrypt to us.

        Clients have to do it one after the other: ejabberd 23.01 aborts the transaction (`cyclic`)
        when two users make their first PEP node in the same millisecond.
        """
        self.stream_header = self.stream_header.replace("xml:lang='en'", f"xml:lang='{lang}'")
        keys = asyncio.create_task(self.wait_until("omemo_initialized", 30))
        self.connect("127.0.0.1", port)
        await self.wait_until("session_start", 30)
        self.send_presence()
        await keys

    async def go_offline(self):
        await self.disconnect(wait=1)

    async def settle(self):
        """Returns when each message that has arrived is decrypted and reported."""
        async with self._reading:
            pass

    def send_plaintext(self, to, body, type="chat"):
        self.make_message(mto=to, mbody=body, mtype=type).send()

    async def send_omemo(self, to, body, type="chat"):
        to = slixmpp.JID(to)
        message = self.make_message(mto=to, mbody=body, mtype=type)
        readers = self._occupants(to) if type == "groupchat" else {to}
        encrypted, errors = await self["xep_0384"].encrypt_message(message, readers)
        if encrypted is None or errors:
            raise RuntimeError(f"cannot encrypt to {to}: {errors}")
        self["xep_0380"].add_eme(encrypted, "eu.siacs.conversations.axolotl")
        encrypted.send()

    def send_stanza(self, xml):
        """Sends a message as it is written, even with wrong labels or malformed ciphertext."""
        self._on_event({"event": "sent", "xml": xml})
        self.send_raw(xml)

    async def join(self, room, nick):
        await self["xep_0045"].join_muc_wait(slixmpp.JID(room), nick, timeout=10)

    async def make_room(self, room, nick):
        """Enters a new room that shows addresses to all, because OMEMO encrypts to addresses."""
        await self.join(room, nick)
        form = await self["xep_0045"].get_room_config(slixmpp.JID(room))
        form.set_values({"muc#roomconfig_whois": "anyone"})
        await self["xep_0045"].set_room_config(slixmpp.JID(room), form)

    async def commands(self):
        """The ad-hoc commands of the server: their nodes and names."""
        items = await self["xep_0050"].get_commands(self.boundjid.domain)
        return {node: name for _jid, node, name in items["disco_items"]["items"]}

    async def execute(self, node):
        """The status of an ad-hoc command of the server, its notes, and the values of its form."""
        answer = await self["xep_0050"].send_command(self.boundjid.domain, node)
        command = answer["command"]
        return {
            "status": command["status"],
            "notes": command["notes"],
            "fields": command["form"].get_values(),
        }

    async def device_id(self):
        sessions = await self["xep_0384"].get_session_manager()
        device, _others = await sessions.get_own_device_information()
        return device.device_id

    async def ping(self, jid):
        """Stanzas stay in order: when the answer arrives, all that was sent to this address before
        has arrived, and so have the server's answers to it."""
        await self["xep_0199"].send_ping(slixmpp.JID(jid), timeout=10)

    async def hears(self, body, seconds=10):
        """Waits for a message when there is no way to wait for its sender; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while body not in self._heard:
                await asyncio.sleep(0.1)

    def _occupants(self, room):
        muc = self["xep_0045"]
        jids = {muc.get_jid_property(room.bare, nick, "jid") for nick in muc.get_roster(room.bare)}
        return {slixmpp.JID(jid) for jid in jids} - {self.boundjid}

    def _leaves(self, stanza):
        if isinstance(stanza, slixmpp.Message):
            self._on_event({"event": "sent", "xml": str(stanza)})
        return stanza

    async def _arrives(self, message):
        async with self._reading:
            try:
                event = await self._read(message)
            except Exception as error:
                event = {"event": "unreadable", "text": repr(error)}
            if event:
                xml = tostring(message.xml, xmlns="jabber:client")
                self._on_event(event | {"from": message["from"].full, "xml": xml})

    async def _read(self, message):
        if message["type"] == "error":
            error = message.xml.find("{jabber:client}error")
            conditions = [tag.tag.removeprefix(STANZAS) for tag in error if STANZAS in tag.tag]
            return {
                "event": "error",
                "id": message["id"],
                "type": error.get("type"),
                "condition": next(name for name in conditions if name != "text"),
                "text": error.findtext(STANZAS + "text", ""),
            }
        encrypted = bool(self["xep_0384"].is_encrypted(message))
        if encrypted:
            message, _device = await self["xep_0384"].decrypt_message(message)
        if not message["body"]:
            return None
        self._heard.add(message["body"])
        kind = "notice" if message["from"] == self.boundjid.domain else "message"
        return {
            "event": kind,
            "type": message["type"],
            "body": message["body"],
            "encrypted": encrypted,
        }
