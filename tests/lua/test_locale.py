"""Lists under a Redis that runs in a language of its own.

Redis takes LC_COLLATE from its environment, and Lua compares texts by it: in Danish "aa" comes
after "z". Sorted sets go by bytes. A script that compares members must do so too.

SPDX-License-Identifier: MIT
"""
import json
import shutil
import subprocess

import pytest

from support.redis_server import RedisServer
from support.scripts import Workspace, contact_name
from support.times import T0

NAMES = [contact_name(10 * 32 + digit) for digit in range(9, 32)]  # …a9, …aa, …ab


@pytest.fixture(scope="module")
def danish(tmp_path_factory):
    """A Redis that sorts as the Danes do."""
    folder = tmp_path_factory.mktemp("locales")
    if not shutil.which("localedef"):
        pytest.skip("localedef is not installed")
    made = subprocess.run(["localedef", "-i", "da_DK", "-f", "UTF-8", folder / "da_DK.UTF-8"],
                          capture_output=True, check=False)
    if made.returncode > 1:  # 1 is a warning
        pytest.skip("the sources of locales are not installed")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LOCPATH", str(folder))
        environment.setenv("LC_ALL", "da_DK.UTF-8")
        server = RedisServer().start()
    try:
        assert server.text.eval("return tostring('aa' < 'ab')", 0) == "false"
        yield server
    finally:
        server.close()


@pytest.fixture
def ws(danish):
    return Workspace(danish).emptied()


def test_contacts_of_several_statuses_are_each_seen_once(ws):
    indexes = [ws.key("STATUS", "new_lead"), ws.key("STATUS", "customer")]
    for n, c in enumerate(NAMES):
        ws.redis.hset(ws.key("CONTACT", c), "id", c)
        ws.redis.zadd(indexes[n % 2], {c: T0})
    position, seen = ("", ""), []
    for _ in NAMES:
        _, rows, _, *position = ws.run("contact_list", [ws.key("FEED"), *indexes], ws.before, "asc",
                                       1, "", *position, "", "")
        seen += [fields[1] for _, fields in rows]
    assert seen == NAMES


def test_contacts_are_each_seen_once_when_the_last_row_goes(ws):
    for c in NAMES:
        ws.redis.hset(ws.key("CONTACT", c), "id", c)
    ws.redis.zadd(ws.key("CREATED"), {c: T0 for c in NAMES})
    position, seen = ("", ""), []
    for _ in NAMES:
        _, rows, _, *position = ws.run("contact_list", [ws.key("FEED"), ws.key("CREATED")],
                                       ws.before, "asc", 1, "", *position, "", "")
        seen += [fields[1] for _, fields in rows]
        ws.redis.zrem(ws.key("CREATED"), position[1])
    assert seen == NAMES


def test_activities_of_one_moment_are_each_seen_once(ws):
    answers = ws.track_all([ws.event("page.viewed", {"ext": "u1"}) for _ in range(0xc0)])
    c, position, seen = answers[0].c, ("", "", "", ""), []
    for _ in answers:
        _, rows, *position, _ = ws.run(
            "timeline_get",
            [ws.key("CONTACT", c)], 1, "", "", "", *position[:3], "", position[3], ws.before, c)
        seen += [json.loads(member)["i"] for member in rows[1::2]]
    assert seen == [answer.activity for answer in reversed(answers)]
