"""A peer that is no Redis, or a network that breaks it: the store recovers, and answers each once.

SPDX-License-Identifier: MIT
"""
import time

import pytest

from support.poll import until

# Said in place of the answer to what a new connection asks first, or in the middle of a load.
NONSENSE = {
    "another protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "a bad type": b"!oops\r\n",
    "a bad length": b"$abc\r\nxx\r\n",
    "a negative length": b"$-7\r\nxx\r\n",
    "an endless text": b"$9999999999\r\nxxxx",
    "an endless array": b"*1000000000\r\n$1\r\nx\r\n",
    "an array beyond int": b"*99999999999999\r\n",
    "a deep nest": b"*1\r\n" * 20 + b":1\r\n",
    "wide in deep": b"*1048576\r\n" * 7,
    "zeros": b"\0" * 1000,
    "RESP3": b"%1\r\n+a\r\n:1\r\n",
}


@pytest.fixture
def proxy(server, make_proxy):
    return make_proxy(server.socket)


def load_runs(driver):
    def commands():
        return driver.metrics()["kvcrm_redis_commands_total"]
    before = commands()
    until("the load runs", lambda: commands() > before + 500)


def recovers(driver, proxy, reason=None):
    """With the fault gone the store is usable again and works."""
    attempts = proxy.accepted
    until("it tries again", lambda: proxy.accepted > attempts + 1)
    assert driver.batch("ping 3")["refused"] == 3
    assert reason is None or reason in driver.logged(), driver.logged()
    proxy.fault = None
    proxy.cut()
    driver.usable()
    assert driver.batch("call 50")["ok"] == 50
    assert driver.logged().count("redis not usable") == 1


def test_replies_in_single_bytes(proxy, make_driver):
    proxy.fault = "pieces"
    driver = make_driver(proxy.unix_url, "--redis-deadline", "20000").usable()
    assert driver.batch("ping 300")["ok"] == 300
    assert driver.batch("call 100")["ok"] == 100
    assert driver.raw("CONFIG GET maxmemory*").startswith("reply [")


def test_a_peer_that_closes_at_once(proxy, make_driver):
    proxy.fault = "close"
    recovers(make_driver(proxy.unix_url), proxy)


def test_a_peer_that_speaks_another_protocol(proxy, make_driver):
    proxy.fault = "garbage"
    recovers(make_driver(proxy.unix_url), proxy, "Protocol error")


def test_a_peer_that_resets(proxy, make_driver):
    proxy.fault = "reset"
    recovers(make_driver(proxy.tcp_url), proxy)


def test_a_mute_peer(proxy, make_driver):
    proxy.fault = "mute"
    driver = make_driver(proxy.unix_url)
    until("it is given up", lambda: "connected, but no answer" in driver.logged())
    recovers(driver, proxy)


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_instead_of_the_first_reply(name, proxy, make_driver):
    proxy.fault = NONSENSE[name]
    recovers(make_driver(proxy.unix_url), proxy)


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_under_load(name, proxy, make_driver):
    driver = make_driver(proxy.unix_url).usable()
    driver.tell("load 1")  # one at a time: the nonsense stands between two replies
    load_runs(driver)
    proxy.inject(NONSENSE[name])
    driver.usable()
    assert driver.metrics()["kvcrm_redis_reconnects_total"] == 1
    load_runs(driver)
    got = driver.batch("stop")
    assert got["ok"] > 1000


def test_replies_that_nobody_asked_for(proxy, make_driver):
    driver = make_driver(proxy.unix_url).usable()
    proxy.inject(b"+surprise\r\n")
    driver.usable()
    assert "a reply that nobody asked for" in driver.logged()
    assert driver.batch("ping 100")["ok"] == 100


def test_a_refusal_at_the_door_is_the_reason(make_server, make_driver):
    server = make_server(maxclients=1)
    server.start()
    held = server.text.client()
    held.ping()
    driver = make_driver(server.url)
    until("it is logged", lambda: "max number of clients reached" in driver.logged())
    held.close()
    server.text.connection_pool.disconnect()
    driver.usable()


@pytest.mark.parametrize("place", [1, 17, 400, 3000])
def test_a_connection_that_ends_within_a_reply(place, proxy, make_driver):
    proxy.fault = ("after", place)
    recovers(make_driver(proxy.unix_url), proxy)


def test_cut_again_and_again_under_load(proxy, make_driver):
    driver = make_driver(proxy.tcp_url).usable()
    driver.tell("load 64")
    for _ in range(10):
        load_runs(driver)
        proxy.cut()
        driver.usable()
    load_runs(driver)
    got = driver.batch("stop")
    assert got["ok"] > 1000 and got["error"] == got["deadline"] == 0, got


def test_a_peer_that_breaks_right_after_setup_is_not_dialled_in_a_hurry(server, proxy, make_driver):
    driver = make_driver(proxy.unix_url).usable()
    for _ in range(5):
        proxy.cut()
        driver.usable()
    before = proxy.accepted
    cut = time.monotonic()
    proxy.cut()
    driver.usable()
    # The sixth pause is half of 1.6 s at least; a first one would be 50 ms at most.
    assert time.monotonic() - cut > 0.5
    assert proxy.accepted == before + 1


def test_pauses_between_attempts_grow_to_less_than_two_seconds(proxy, make_driver):
    proxy.fault = "close"
    driver = make_driver(proxy.unix_url)
    # Nine pauses are 8 s at most; were there no longest one, they would be 12.8 s at least.
    until("it has tried nine times", lambda: proxy.accepted >= 9, seconds=12)
    recovers(driver, proxy)
    assert proxy.accepted < 14
