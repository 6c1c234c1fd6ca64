# SPDX-License-Identifier: GPL-2.0-or-later
"""The people of the demo, and what is printed about what they send and see."""

import os
import sys
import textwrap
from xml.etree import ElementTree

from omemo_client import OmemoClient

WIDTH = 80
GREEN, YELLOW, RED, BOLD = 32, 33, 31, 1

# Elements for machines, which would only make the output longer.
LEFT_OUT = {"active", "archived", "origin-id", "request", "stanza-id", "store"}


def coloured(text, colour):
    wanted = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return f"\x1b[{colour}m{text}\x1b[0m" if wanted and colour else text


def brief(xml):
    """What a message carries, one short line for each element: <body>Hi</body>."""
    children = ElementTree.fromstring(xml)
    return [brief_element(child) for child in children if bare_name(child) not in LEFT_OUT]


def bare_name(element):
    return element.tag.partition("}")[2] or element.tag


def brief_element(element):
    name, text = bare_name(element), (element.text or "").strip()
    inside = "".join(brief_element(child) for child in element)
    if name in {"header", "encryption"} or not text + inside:
        return f"<{name}/>"
    if name == "payload":
        text = text[:8] + "..."
    return f"<{name}>{text}{inside}</{name}>"


class Person:
    """A user with an OmemoClient, and its events that were not yet taken."""

    def __init__(self, name):
        self.name = name
        self.events = []
        self.client = OmemoClient(f"{name}@example.org/demo", name, self.events.append)

    def take(self, kind):
        taken = [event for event in self.events if event["event"] == kind]
        self.events[:] = [event for event in self.events if event["event"] != kind]
        return taken


class Stage:
    def __init__(self):
        self.scenes = 0
        self.failures = []

    # --- what is printed ---

    def scene(self, title):
        self.scenes += 1
        self._title = f"{self.scenes}. {title}"
        print(f"\n{coloured(self._title, BOLD)}\n{'-' * len(self._title)}", flush=True)

    def line(self, label, text, colour=None):
        filled = textwrap.wrap(
            text, WIDTH - 18, break_long_words=False, break_on_hyphens=False
        ) or [""]
        for number, part in enumerate(filled):
            label = "" if number else label
            print(f"  {label:<15} {coloured(part, colour)}".rstrip(), flush=True)

    def screen(self, lines):
        for part in lines:
            print(f"  | {part}", flush=True)

    def remark(self, text):
        print("\n" + textwrap.fill(text, WIDTH), flush=True)

    def check(self, is_fine, expected):
        if not is_fine:
            self.failures.append(f"{self._title}: {expected}")
            self.line("NOT AS EXPECTED", expected, RED)

    # --- the outcome of a message: printed from the events alone, then compared with what the
    # scene expects ---

    def exchange(self, sender, body, readers, outcome):
        for event in sender.take("sent"):
            for number, element in enumerate(brief(event["xml"])):
                self.line("" if number else "on the wire", element)
        self.outcome_for_readers(readers, body, outcome)
        self._outcome_for_sender(sender, outcome)

    def outcome_for_readers(self, readers, body, outcome):
        for reader in readers:
            messages = reader.take("message")
            for message in messages:
                how = " (decrypted)" if message["encrypted"] else ""
                self.line(f"{reader.name} sees", message["body"] + how, GREEN)
            if not messages:
                self.line(f"{reader.name} sees", "nothing")
            expected = [] if outcome == "refused" else [body]
            seen = [message["body"] for message in messages]
            self.check(seen == expected, f"{reader.name} should see {expected}")

    def _outcome_for_sender(self, sender, outcome):
        told = f"{sender.name} is told"
        errors, notices = sender.take("error"), sender.take("notice")
        for error in errors:
            reason = f"refused by {error['from']}: {error['condition']} ({error['type']})"
            self.line(told, reason, RED)
            self.line("", error["text"])
        for notice in notices:
            if [notice["body"]] == [error["text"] for error in errors]:
                self.line("", f"and the same as a message from {notice['from']}")
            else:
                self.line(told, f"by a message from {notice['from']}:", YELLOW)
                self.line("", notice["body"])
        if not errors and not notices:
            self.line(told, "nothing")
        counts = {"delivered": (0, 0), "warned": (0, 1), "refused": (1, 1)}[outcome]
        self.check((len(errors), len(notices)) == counts, f"{sender.name} should be {outcome}")
        for error in errors:
            condition = (error["condition"], error["type"])
            self.check(condition == ("policy-violation", "modify"), "a policy violation")
