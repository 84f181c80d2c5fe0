"""meta_boot and workspace_boot: what a worker asks for before its first call.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.times import DAY, T0

SECRET, OTHER = "ab" * 32, "cd" * 32


def meta(ws, secret, now=T0):
    return ws.run("meta_boot", [ws.key("META")], now, secret)


def workspace(ws, size, now=T0):
    return ws.run("workspace_boot", [ws.key("CONTACT_SEQ"), ws.key("SETTINGS"), ws.key("WS")],
                  now, size)


def test_a_new_database_gets_a_schema_and_a_secret_and_keeps_them(ws):
    assert meta(ws, SECRET) == ["1", SECRET]
    assert meta(ws, OTHER, T0 + DAY) == ["1", SECRET]
    assert ws.hash("META") == {"schema": "1", "created_at": str(T0), "id_secret": SECRET}


def test_a_database_of_a_newer_release_keeps_its_schema(ws):
    ws.redis.hset(ws.key("META"), mapping={"schema": "9", "created_at": "1", "id_secret": OTHER})
    before = ws.server.dump()
    assert meta(ws, SECRET) == ["9", OTHER]
    assert ws.server.dump() == before


def test_blocks_of_numbers_follow_each_other(ws):
    assert [workspace(ws, 1000)[0] for _ in range(3)] == [1000, 2000, 3000]
    assert workspace(ws, 7)[0] == 3007
    assert ws.redis.get(ws.key("CONTACT_SEQ")) == "3007"


def test_a_boot_reads_the_settings_and_their_version(ws):
    assert workspace(ws, 1)[1:] == ["0", []]
    ws.redis.hset(ws.key("SETTINGS"), "currency", "EUR")
    ws.redis.hset(ws.key("WS"), "settings_v", "5")
    assert workspace(ws, 1)[1:] == ["5", ["currency", "EUR"]]


def test_a_workspace_was_created_at_its_first_boot(ws):
    for now in (T0, T0 + DAY):
        workspace(ws, 1, now)
    assert ws.hash("WS") == {"created_at": str(T0)}


@pytest.mark.parametrize("size", ["many", "", "1.5"])
def test_the_size_of_a_block_is_an_integer(ws, size):
    with pytest.raises(redis.ResponseError):
        workspace(ws, size)
    assert not ws.server.dump()


@pytest.mark.parametrize("arguments", [(), (T0,)])
def test_a_new_database_is_not_half_made(ws, arguments):
    with pytest.raises(redis.ResponseError):
        ws.run("meta_boot", [ws.key("META")], *arguments)
    assert not ws.server.dump()
