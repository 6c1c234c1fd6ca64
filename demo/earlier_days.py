# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes made-up counts of six earlier days into a new database, so that the report of a server
that has just been installed shows a week.

    earlier_days.py FILE
"""

import sqlite3
import sys
from datetime import UTC, datetime, timedelta

# As mod_e2e_policy_daily_sql makes it in a single-host schema.
TABLE = """\
create table e2e_policy_daily (day varchar(10) not null, node text not null,
direction varchar(16) not null, chat varchar(16) not null, content varchar(16) not null,
decision varchar(16) not null, messages bigint not null,
primary key (day, node, direction, chat, content, decision))"""

# Encrypted with OMEMO, and in the clear, on each day. The policy was tested, as `required`.
DAYS = [(412, 688), (431, 640), (455, 601), (512, 560), (218, 190), (240, 181)]


def rows():
    today = datetime.now(UTC).date()
    for number, (omemo, plaintext) in enumerate(DAYS):
        day = str(today - timedelta(days=len(DAYS) - number))
        yield day, "earlier", "sent", "direct", "omemo", "allowed", omemo
        yield day, "earlier", "sent", "direct", "plaintext", "would_refuse", plaintext
        yield day, "earlier", "sent", "direct", "pgp_legacy", "would_refuse", omemo // 40


with sqlite3.connect(sys.argv[1]) as database:
    database.execute(TABLE)
    database.executemany("insert into e2e_policy_daily values (?, ?, ?, ?, ?, ?, ?)", rows())
database.close()
