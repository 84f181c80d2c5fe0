"""Lists of leads that are long because their texts are: pages end early, and nothing is lost.

SPDX-License-Identifier: MIT
"""
import re

from support.api import Person
from support.whatsapp import LEADS, write

MANY = 60


def test_leads_with_the_longest_messages_are_all_listed_on_short_pages(make_own):
    own = make_own("--redis-deadline", "10000")
    long = "\n" * 65536
    made = {write(own, Person(), long)["id"] for _ in range(MANY)}
    path, found, pages = f"{LEADS}?limit=1000", [], 0
    while path:
        answer = own.call("GET", path, expect=200)
        rows = answer.json()
        assert len(answer.body) < 16 << 20 and all(row["last_message"] == long for row in rows)
        found += [row["id"] for row in rows]
        link = re.match(r"<(.+)>; rel=", answer.header("link") or "")
        path, pages = link and link.group(1), pages + 1
    assert sorted(found, reverse=True) == found and set(found) == made and pages > 1
