"""The keys in Redis against include/kvcrm/model/keys.def: names for tests, and the audit.

SPDX-License-Identifier: MIT
"""
import os
import re

from support.redis_server import CLUSTER
from support.service import ROOT

ROW = re.compile(r'^KEY\((\w+),\s*"([^"]+)",\s*(?:NULL|"([^"]*)"),\s*"([^"]+)",', re.M)
SAFE = r"[^\s\x00-\x1f\"'\\]"  # a caller's value inside a key (data model, naming)
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# A contact, or what it is on one side of a merge.
C = f"[0-9a-hjkmnp-tv-z]{{13}}(?:~{UUID})?"
PLACEHOLDERS = {"c": C, "yyyymmdd": r"\d{8}", "status": "[a-z_]+",
                "n": r"\d+", "date": r"\d{4}-\d\d-\d\d", "lead": UUID}
# Rows of the whole database have no workspace's tag.
WHOLE_DATABASE = {"META", "WORKSPACE", "APIKEY"}


class Row:
    def __init__(self, name, prefix, rest, kind):
        self.name, self.prefix, self.rest, self.kind = name, prefix, rest, kind
        if rest:
            parts = re.split(r"<([^>]+)>", rest)
            body = UUID if rest == "<id>" else "".join(
                PLACEHOLDERS.get(part, f"{SAFE}+") if i % 2 else re.escape(part)
                for i, part in enumerate(parts))
            tag = r"(?P<tag>\{[a-z0-9-]{1,32}\}_)?"
            self.pattern = re.compile(re.escape(prefix) + tag + body)
        else:
            self.pattern = re.compile(re.escape(prefix) + r"(?P<tag>_\{[a-z0-9-]{1,32}\})?")

    def match(self, key):
        """Is it such a key, with the tag it must have?"""
        found = self.pattern.fullmatch(key)
        if not found:
            return False
        tag = found.group("tag")
        if self.name in WHOLE_DATABASE:
            return not tag
        if not tag:
            return not CLUSTER
        return CLUSTER or "default" not in tag


def read_rows():
    path = os.path.join(ROOT, "include/kvcrm/model/keys.def")
    with open(path, encoding="utf-8") as table:
        return [Row(*found.groups()) for found in ROW.finditer(table.read())]


ROWS = read_rows()
BY_NAME = {row.name: row for row in ROWS}


def key(name, rest=None):
    """The key of a row in the default workspace: key("CONTACT_EMAIL", "a@b.example")."""
    row = BY_NAME[name]
    assert bool(row.rest) == (rest is not None), f"{name} has rest {row.rest}"
    tagged = CLUSTER and name not in WHOLE_DATABASE
    if row.rest:
        return row.prefix + ("{default}_" if tagged else "") + rest
    return row.prefix + ("_{default}" if tagged else "")


def row_of(name):
    """The one row that explains a key; None for a key without."""
    found = [row for row in ROWS if row.match(name)]
    assert len(found) <= 1, f"{name} matches {[row.name for row in found]}"
    return found[0] if found else None


def audit(server):
    """All keys of a database: (names of the rows that were written, faults)."""
    names = sorted(server.text.scan_iter(count=1000))
    pipe = server.text.pipeline(transaction=False)
    for name in names:
        pipe.type(name)
    seen, faults = set(), []
    for name, kind in zip(names, pipe.execute()):
        row = row_of(name)
        if not row:
            faults.append(f"no row of keys.def explains {name} ({kind})")
        elif row.kind != kind:
            faults.append(f"{name} is a {kind}, keys.def says {row.kind}")
        else:
            seen.add(row.name)
    return seen, faults
