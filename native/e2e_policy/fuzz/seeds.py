#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes what the fuzzer starts from: seeds.py FOLDER writes FOLDER/TARGET/* and FOLDER/TARGET.dict.

Seeds are made of test/corpus and of the core's tests, dictionaries of the core's source. All of it
is made again for each run, so that a new row of the corpus, or of a table in the source, is used in
the next one.
"""

import base64
import binascii
import hashlib
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

CORE = Path(__file__).resolve().parent.parent
CORPUS = CORE.parent.parent / "test/corpus"
# In octets, as in script/fuzz, which says why.
MAX_LEN = 16384

# Characters of several octets, and the smallest and largest numbers: libFuzzer seldom finds these.
EDGES = {"ß", "…", "😀", "ℹ", "🅰", "ß" * 32, "a" + "ß" * 31, "\u2003", "\ufeff", "\n>",
         "0", "-1", "4294967295", "4294967296", "18446744073709551615", "18446744073709551616"}

# The source files whose literals go into the dictionary of a target.
SOURCES = {
    "stanza": ["element/*.rs", "content/*.rs", "scheme/omemo.rs", "scheme/otr/*.rs",
               "policy/recipients.rs"],
    "openpgp": ["scheme/openpgp/*.rs"],
    "otr": ["scheme/otr/*.rs"],
    "grace": ["policy/duration.rs"],
}


def main(folder):
    stanzas = [row["xml"] for path in sorted(CORPUS.glob("*.jsonl")) for row in read_rows(path)]
    elements = [element for xml in stanzas for element in elements_of(xml)]
    parts = [
        text
        for path in CORE.glob("tests/*.rs")
        for text in literals(path)
        if text.startswith("<")
    ]
    templates = [text for text in literals(CORE / "src/policy/messages.rs") if "{" in text]
    messages = stanzas + list(map(in_message, parts + adjacent(parts)))
    seeds = {
        "stanza": (variant.encode() for xml in messages for variant in (xml, *at_the_edges(xml))),
        "openpgp": openpgp_seeds(elements),
        "otr": otr_seeds(elements),
        "grace": (bytes(23) + period.encode() for period in ("14 days", "36 hours", "90 min", "0")),
        "template": (text.encode() for text in templates),
    }
    words = {
        target: {
            word
            for source in sources
            for path in (CORE / "src").glob(source)
            for word in literals(path)
        }
        for target, sources in SOURCES.items()
    }
    literals_of_templates = literals(CORE / "src/policy/template.rs")
    names = {text for text in literals_of_templates if re.fullmatch("[a-z_]+", text)}
    words["template"] = {f"{{{name}}}" for name in names} | {"{{", "}}"}
    for target, inputs in seeds.items():
        write_seeds(folder / target, inputs)
        lines = map(dictionary_line, sorted(words[target] | EDGES))
        (folder / f"{target}.dict").write_text("".join(lines))


def read_rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def in_message(xml):
    return xml if xml.startswith("<message") else f"<message type='chat'>{xml}</message>"


def adjacent(parts):
    """Pairs of parts that are next to each other in a test: some have a meaning only together."""
    pairs = [first + second for first, second in zip(parts, parts[1:])]
    return [pair for pair in pairs if "<message" not in pair]


def at_the_edges(xml):
    """The same with the largest number instead of each but 0, or with long texts."""
    yield re.sub(r"""=(['"])[1-9]\d*\1""", "='18446744073709551615'", xml)
    yield re.sub(r"""\b(id|name|reason|url)=(['"])[^'"]*\2""", rf"\1='a{'ß' * 99}'", xml)
    yield re.sub(r">[^<]+<", f">{'ß' * 199} …<", xml)


def elements_of(xml):
    """Name with namespace, and text, of each element; none of a stanza that is no XML."""
    try:
        root = ElementTree.fromstring(f"<stream xmlns='jabber:client'>{xml}</stream>")
    except ElementTree.ParseError:
        return []
    return [(element.tag, element.text or "") for element in root.iter()]


def openpgp_seeds(elements):
    """The first octet tells fuzz_targets/openpgp.rs how to make an element of the rest."""
    for tag, text in elements:
        if tag in ("{urn:xmpp:openpgp:0}openpgp", "{jabber:x:encrypted}x"):
            yield from (bytes([form]) + text.encode() for form in (0, 1))
            yield from (bytes([form]) + octets_of(text) for form in (2, 3, 4, 5))


def otr_seeds(elements):
    """The first octet tells fuzz_targets/otr.rs how to make a body of the rest."""
    bodies = [text for tag, text in elements if tag == "{jabber:client}body"]
    # Texts for people as libraries send them, of the longest lengths that are allowed and longer.
    for length in (0, 199, 200, 1019, 1020):
        text = "ß" * (length // 2) + "x" * (length % 2)
        bodies.append(f"?OTRv23? OTR{text}")
        bodies.append(f"?OTR?v2? {text} Off-the-Record")
        bodies.append(f"?OTR Error: {text}{text}")
    for body in bodies:
        yield b"\0" + body.encode()
        if body.startswith("?OTR:"):
            octets = octets_of(body.removeprefix("?OTR:").rstrip().removesuffix("."))
            yield from (b"\1" + octets, b"\2" + octets[1:], b"\3\x40" + octets)


def octets_of(text):
    """The octets of base64, without lines of armour; none when it is not base64."""
    lines = [
        line
        for line in text.split("\n")
        if ":" not in line and not line.startswith(("-", "="))
    ]
    try:
        return base64.b64decode("".join(lines))
    except (binascii.Error, ValueError):
        return b""


def literals(path):
    """The string literals of a source file, without those of its unit tests."""
    code = path.read_text().split("#[cfg(test)]")[0]
    code = re.sub(r"^\s*//.*$", "", code, flags=re.MULTILINE)
    for text in re.findall(r'"((?:[^"\\]|\\.)*)"', code, flags=re.DOTALL):
        text = re.sub(r"\\\n\s*", "", text)
        yield text.replace("\\n", "\n").replace('\\"', '"')


def dictionary_line(word):
    escaped = "".join(
        chr(octet) if 32 <= octet < 127 and octet not in b'"\\' else f"\\x{octet:02x}"
        for octet in word.encode()
    )
    return f'"{escaped}"\n' if word else ""


def write_seeds(folder, inputs):
    folder.mkdir(parents=True, exist_ok=True)
    for data in inputs:
        if len(data) <= MAX_LEN:
            (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
