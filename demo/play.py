# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenes of script/demo: real clients send, a real ejabberd decides, and each side is shown.

    play.py DIR PORT WEB_PORT    the server of script/run-ejabberd in DIR, its ports for clients
                                 and for browsers

What is printed about an outcome is what the clients received, not a text of this file. Each scene
also says what it expects; the exit status is 1 when one of them ended otherwise.
"""

import asyncio
import base64
import contextlib
import re
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "test" / "clients"))

from profanity_client import ProfanityClient  # noqa: E402
from stage import BOLD, Person, Stage, coloured  # noqa: E402

ROOM = "team@rooms.example.org"

RULES = "direct: [required: staff, optional: all]"

COLUMNS = [
    "day",
    "messages",
    "encrypted",
    "unacceptable",
    "plaintext",
    "exempt",
    "warned",
    "refused",
    "would_warn",
    "would_refuse",
    "failed",
    "incoming_plaintext",
]

# An <encrypted/> element of the right name, with nothing in it that anyone could decrypt.
FORGED = """\
<message to='bob@example.org' type='chat' id='forged'>\
<encrypted xmlns='eu.siacs.conversations.axolotl'><payload/></encrypted>\
<encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs.conversations.axolotl'/>\
<body>Lunch at noon?</body></message>"""


async def play(stage, folder, port, web_port):
    alice, bob, carol, helpdesk = map(Person, ["alice", "bob", "carol", "helpdesk"])
    dave = ProfanityClient(folder / "profanity")
    async with contextlib.AsyncExitStack() as stack:
        for person in (alice, bob, carol, helpdesk):
            stack.push_async_callback(person.client.go_offline)
            await person.client.go_online(port)

        await plaintext_is_warned_about(stage, alice, bob)
        await omemo_is_delivered(stage, "optional", alice, bob)
        await testing(stage, folder, alice, bob)
        await a_rule_for_some(stage, folder, alice, bob, carol)
        require_encryption(stage, folder)
        await plaintext_is_refused(stage, alice, bob)
        await omemo_is_delivered(stage, "required", alice, bob)
        await a_label_is_no_lock(stage, alice, bob)
        await group_chat(stage, alice, bob, carol)
        await whitelist(stage, alice, helpdesk)
        stack.callback(dave.go_offline)
        await profanity(stage, dave, bob, port)
        await grace_period(stage, folder, carol, bob)
        a_week_in_figures(stage, folder, web_port)


async def plaintext_is_warned_about(stage, alice, bob):
    stage.scene("Policy `optional`: plaintext is delivered, and the sender is warned")
    stage.line("ejabberd.yml", "mod_e2e_policy: {direct: optional, group: optional}")
    await send_plaintext(stage, alice, bob, "Lunch at noon?", "warned")


async def omemo_is_delivered(stage, policy, alice, bob):
    stage.scene(f"Policy `{policy}`: what is encrypted is delivered, without a word")
    stage.line("alice sends", "Lunch at noon? (encrypted with OMEMO)")
    await alice.client.send_omemo("bob@example.org", "Lunch at noon?")
    await delivery(alice, bob)
    stage.exchange(alice, "Lunch at noon?", [bob], "delivered")


def require_encryption(stage, folder):
    stage.remark(
        "The admin writes `required` into ejabberd.yml and runs `ejabberdctl reload_config`."
    )
    reconfigure(folder, f"    {RULES}", "    direct: required")
    reconfigure(folder, "group: optional", "group: required")


def reconfigure(folder, old, new):
    config = folder / "ejabberd.yml"
    config.write_text(config.read_text().replace(old, new))
    ejabberdctl(folder, "reload_config")


def ejabberdctl(folder, *arguments):
    command = [ROOT / "script" / "run-ejabberd", "ctl", folder, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


async def plaintext_is_refused(stage, alice, bob):
    stage.scene("Policy `required`: plaintext is refused, and reaches nobody")
    stage.line("ejabberd.yml", "mod_e2e_policy: {direct: required, group: required}")
    await send_plaintext(stage, alice, bob, "Lunch at noon?", "refused")


async def testing(stage, folder, alice, bob):
    stage.scene("Before: `testing` decides and counts, and does nothing")
    stage.line("ejabberd.yml", "mod_e2e_policy: {direct: required, testing: true}")
    reconfigure(folder, "direct: optional", "direct: required\n    testing: true")
    await send_plaintext(stage, alice, bob, "Lunch at noon?", "delivered")
    report = ejabberdctl(folder, "e2e_policy_report", "example.org", "1").split()
    stage.line("ejabberdctl", "e2e_policy_report example.org 1")
    would_refuse = dict(zip(COLUMNS, report, strict=True))["would_refuse"]
    stage.line("", f"today {would_refuse} message would be refused")
    stage.check(would_refuse == "1", "one message would be refused")


async def a_rule_for_some(stage, folder, alice, bob, carol):
    stage.scene("The staff first: a rule asks of carol what is not yet asked of alice")
    stage.line("ejabberd.yml", "mod_e2e_policy: {direct: [required: staff, optional: all]}")
    reconfigure(folder, "    direct: required\n    testing: true", f"    {RULES}")
    await send_plaintext(stage, carol, bob, "Lunch at noon?", "refused")
    await send_plaintext(stage, alice, bob, "Lunch at noon?", "warned")


def a_week_in_figures(stage, folder, web_port):
    stage.scene("A week in figures: ejabberdctl and WebAdmin (the first six days are made up)")
    stage.line("ejabberdctl", "e2e_policy_report example.org 7")
    report = ejabberdctl(folder, "e2e_policy_report", "example.org", "7")
    shown = ["day", "messages", "encrypted", "plaintext", "refused", "would_refuse"]
    for row in [COLUMNS, *(line.split("\t") for line in report.splitlines())]:
        figures = dict(zip(COLUMNS, row, strict=True))
        stage.line("", "".join(figures[name].rjust(len(name) + 1) if name != "day"
                               else figures[name].ljust(10) for name in shown))
    address = f"http://127.0.0.1:{web_port}/admin/server/example.org/e2e-policy/"
    stage.line("WebAdmin", address)
    credentials = base64.b64encode(b"admin@example.org:admin").decode()
    request = urllib.request.Request(address, headers={"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        page = answer.read().decode()
    bars = re.findall(r"<g><title>([^<]+)</title>", page)
    for bar in bars:
        stage.line("a bar", bar)
    stage.check(len(bars) == 7, "the chart should have seven bars")


async def a_label_is_no_lock(stage, alice, bob):
    stage.scene("A label is no lock: what only claims to be encrypted is plaintext")
    stage.line("alice sends", "Lunch at noon? (in the clear, labelled as OMEMO)")
    alice.client.send_stanza(FORGED)
    await delivery(alice, bob)
    stage.exchange(alice, "Lunch at noon?", [bob], "refused")


async def group_chat(stage, alice, bob, carol):
    stage.scene("A group chat: refused in the clear, delivered with OMEMO")
    await alice.client.make_room(ROOM, "alice")
    for person in (bob, carol):
        await person.client.join(ROOM, person.name)
    stage.line("alice sends", f"Hello all! (in the clear, to {ROOM})")
    alice.client.send_plaintext(ROOM, "Hello all!", "groupchat")
    await delivery(alice, bob, carol, room=ROOM)
    stage.exchange(alice, "Hello all!", [bob, carol], "refused")
    print()
    stage.line("alice sends", "Hello all! (encrypted with OMEMO to each of them)")
    await alice.client.send_omemo(ROOM, "Hello all!", "groupchat")
    await delivery(alice, bob, carol, room=ROOM)
    stage.exchange(alice, "Hello all!", [bob, carol], "delivered")


async def whitelist(stage, alice, helpdesk):
    stage.scene("The whitelist: some contacts cannot encrypt, and the admin knows it")
    stage.line("ejabberd.yml", "mod_e2e_policy: {whitelist: [helpdesk@example.org]}")
    await send_plaintext(stage, alice, helpdesk, "My keyboard is on fire", "delivered")


async def profanity(stage, dave, bob, port):
    stage.scene("What a person sees: dave writes to bob with the client Profanity")
    bob.events.clear()
    keys = {name: dave.make_pgp_key(f"{name}@example.org") for name in ("dave", "bob")}
    await dave.go_online("dave@example.org", "dave", port)
    dave.type(f"/account set dave@example.org pgpkeyid {keys['dave']}")
    dave.type(f"/pgp setkey bob@example.org {keys['bob']}")
    dave.type("/msg bob@example.org")

    await says(stage, dave, "Are you there?", "was not end-to-end encrypted")
    stage.outcome_for_readers([bob], "Are you there?", "refused")

    stage.scene("An encryption that is not in `accepted_schemes`: Profanity's older PGP")
    stage.line("ejabberd.yml", "mod_e2e_policy: {accepted_schemes: [omemo, pgp]} (the default)")
    stage.line("dave types", "/pgp start")
    dave.type("/pgp start")
    await dave.sees("[PGP send]")
    dave.type("/clear")
    await says(stage, dave, "Is this better?", "encrypted using the pgp_legacy scheme")
    stage.outcome_for_readers([bob], "Is this better?", "refused")

    stage.scene("Another client's OMEMO: from Profanity to bob, who reads it with slixmpp")
    stage.line("dave types", "/omemo start")
    dave.type("/pgp end")
    await dave.start_omemo("bob@example.org")
    dave.type("/clear")
    await says(stage, dave, "And now?", "~ me: And now?")
    await bob.client.hears("And now?")
    stage.outcome_for_readers([bob], "And now?", "delivered")


async def grace_period(stage, folder, carol, bob):
    stage.scene("A grace period: from the first warning to the refusal")
    stage.line("ejabberd.yml", "mod_e2e_policy: {direct: required, grace_period: 10 s}")
    reconfigure(folder, "    whitelist:", "    grace_period: 10 s\n    whitelist:")
    carol.events.clear()
    grace_status(stage, folder, "none")
    await send_plaintext(stage, carol, bob, "Lunch at one?", "warned", "left before this")
    end = grace_status(stage, folder, "running")
    stage.remark("Ten seconds after the warning, which in real life are some weeks:")
    await asyncio.sleep((end - datetime.now(UTC)).total_seconds())
    await send_plaintext(stage, carol, bob, "Lunch at two?", "refused", "*REQUIRED*")
    grace_status(stage, folder, "over")


def grace_status(stage, folder, expected):
    """Shows how the admin sees carol; gives the end of her grace period."""
    output = ejabberdctl(folder, "e2e_policy_grace_status", "carol", "example.org")
    stage.line("ejabberdctl", "e2e_policy_grace_status carol example.org")
    stage.line("", " ".join(output.split()))
    state, _, _, end, _ = output.rstrip("\n").split("\t")
    stage.check(state == expected, f"carol's grace period should be {expected}")
    return datetime.fromisoformat(end) if end else None


async def says(stage, dave, body, shown):
    stage.line("dave types", body)
    dave.type(body)
    screen = await dave.sees(shown)
    stage.line("his screen", "")
    stage.screen(screen)


async def delivery(sender, *readers, room=None):
    """Waits until what was sent has been delivered or refused."""
    for reader in readers:
        address = f"{room}/{reader.name}" if room else reader.client.boundjid.full
        await sender.client.ping(address)
        await reader.client.settle()
    await sender.client.settle()


async def send_plaintext(stage, sender, reader, body, outcome, told=""):
    stage.line(f"{sender.name} sends", f"{body} (in the clear, to {reader.name})")
    sender.client.send_plaintext(reader.client.boundjid.bare, body)
    await delivery(sender, reader)
    notices = [event["body"] for event in sender.events if event["event"] == "notice"]
    stage.exchange(sender, body, [reader], outcome)
    stage.check(told in "".join(notices), f"{sender.name} should be told `{told}`")


def epilogue(stage):
    print()
    if not stage.failures:
        print(coloured(f"All {stage.scenes} scenes went as expected.", BOLD))
        return 0
    print(coloured(f"{len(stage.failures)} things did not happen as expected:", BOLD))
    for failure in stage.failures:
        print(f"  {failure}")
    return 1


async def main(folder, port, web_port):
    # SIGTERM ends the clients in an orderly way: profanity would outlive this program.
    task = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    stage = Stage()
    try:
        await play(stage, folder, port, web_port)
    except TimeoutError as error:
        stage.check(False, str(error))
    except asyncio.CancelledError:
        return 1
    return epilogue(stage)


sys.exit(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
