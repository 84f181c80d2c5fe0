"""Connections that are slow, idle, stuck or too many, and what SIGTERM does to those there are.

SPDX-License-Identifier: MIT
"""
import socket
import time

import pytest

from support.api import TRACK, Api, Person
from support.client import Wire
from support.poll import until


def post(body, path=TRACK):
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def event(person):
    return f'{{"event_type":"page.viewed","customer":{{"email":"{person.email}"}}}}'.encode()


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def connect(api, **how):
    return Wire(("127.0.0.1", api.service.port), **how)


@pytest.mark.parametrize("sent", [b"", b"POST /v1/track-event HT", post(b"{}")[:-1],
                                  HEALTH + b"GET /heal"])
def test_a_connection_on_which_nothing_arrives_is_cut(make_own, sent):
    api = make_own("--request-timeout", "1")
    with connect(api) as wire:
        wire.send(sent)
        if sent.startswith(HEALTH):
            assert wire.answer().status == 200
        assert wire.is_closed()
    api.get("/healthz")


def test_a_slow_head_is_cut_although_bytes_keep_coming(make_own):
    api = make_own("--request-timeout", "1")
    with connect(api) as wire:
        wire.socket.settimeout(0.05)
        wire.send(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        end = time.monotonic() + 15
        while not wire.is_closed():  # waits 50 ms, then sends one more byte
            assert time.monotonic() < end, "still open"
            wire.send(b"x")


def test_a_big_head_that_stalls_is_cut_by_the_sweep(make_own):
    api = make_own("--request-timeout", "300")
    with connect(api) as wire, connect(api) as neighbour:
        wire.send(b"GET /healthz HTTP/1.1\r\n" + b"X-Big: " + b"x" * 40 * 1024)
        assert wire.is_closed()
        neighbour.send(HEALTH)
        assert neighbour.answer().status == 200


def test_a_client_that_never_reads_is_cut(make_own, person):
    api = make_own("--write-timeout", "1", "--request-timeout", "300")
    for _ in range(100):
        contact_id = api.event("chat.message", person, {"message": "x" * 30000})["contact_id"]
    with connect(api, receive_buffer=4096) as wire:
        get = f"GET /v1/contacts/{contact_id}/timeline?limit=200 HTTP/1.1\r\nHost: x\r\n\r\n"
        wire.send(get.encode() * 20)
        until("the service has closed its end", lambda: not wire.server_end_is_open(), 40)
    assert api.contact(contact_id)["activity_count"] == 100


def test_connections_beyond_the_cap_are_closed_at_once(make_own):
    api = make_own("--max-connections", "8")
    api.service.client.close()
    until("the cap is free", lambda: holds(api, 8))


def test_connections_of_one_address_beyond_its_cap_are_closed(make_own):
    api = make_own("--max-per-ip", "5")
    api.service.client.close()
    until("the cap is free", lambda: holds(api, 5))


def holds(api, most):
    """Do exactly `most` connections get answers, the next none? False while old ones count."""
    wires = [connect(api) for _ in range(most)]
    try:
        for wire in wires:
            wire.send(HEALTH)
        if any(wire.answer() is None for wire in wires):
            return False
        with connect(api) as one_more:
            one_more.send(HEALTH)
            assert one_more.answer() is None, f"{most + 1} connections are served"
        wires[0].send(HEALTH)
        assert wires[0].answer().status == 200
        return True
    finally:
        for wire in wires:
            wire.socket.close()


def test_a_closed_connection_makes_room_for_another(make_own):
    api = make_own("--max-connections", "3")
    for _ in range(20):
        until("there is room", lambda: api_answers(api))


def api_answers(api):
    with connect(api) as wire:
        wire.send(HEALTH)
        return wire.answer() is not None


def test_sigterm_finishes_what_is_under_way_and_loses_nothing(make_redis, make_service):
    redis_server = make_redis()
    options = ("--redis-deadline", "20000", "--request-timeout", "60")
    api = Api(make_service(redis_server.url, *options), redis_server)
    half_sent, waiting, behind = Person(), Person(), Person()
    with connect(api) as idle, connect(api) as kept, connect(api) as half, connect(api) as busy, \
            connect(api) as pipelined:
        kept.send(HEALTH)
        assert kept.answer().status == 200
        data = post(event(half_sent))
        half.send(data[:-10])
        redis_server.freeze()
        busy.send(post(event(waiting)))
        pipelined.send(post(event(behind)) + HEALTH[:10])
        until("the requests have arrived", lambda: has_read_all(api, 5))
        began = time.monotonic()
        api.service.terminate()
        assert idle.is_closed() and kept.is_closed()
        until("the listeners are closed", lambda: is_refused(api))
        redis_server.thaw()
        half.send(data[-10:])
        for wire in (half, busy, pipelined):
            answer = wire.answer()
            assert answer.status == 200 and answer.json()["success"] is True
            assert answer.header("connection") == "close"
            assert wire.is_closed()
        assert api.service.wait() == 0
        assert time.monotonic() - began < 8  # 5 s are promised; a slow machine is no fault
    api.service.start()
    for person in (half_sent, waiting, behind):
        assert api.lookup(email=person.email)["activity_count"] == 1


def is_refused(api):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", api.service.port)) != 0


def has_read_all(api, connections):
    """Are the kernel's receive queues of so many of the service's connections all empty?"""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    port = f":{api.service.port:04X}"
    queues = [row[4].split(":")[1] for row in rows if row[1].endswith(port) and row[3] == "01"]
    return len(queues) >= connections and set(queues) == {"00000000"}


def test_sigterm_ends_in_time_although_redis_hangs(make_redis, make_service):
    redis_server = make_redis()
    service = make_service(redis_server.url, "--redis-deadline", "60000", "--request-timeout", "60",
                           "--drain-timeout", "1")
    api = Api(service, redis_server)
    with connect(api) as half, connect(api) as busy:
        half.send(post(event(Person()))[:-10])
        redis_server.freeze()
        busy.send(post(event(Person())))
        until("the requests have arrived", lambda: has_read_all(api, 2))
        service.terminate()
        assert service.wait(10) == 0
    redis_server.thaw()


def test_sigterm_when_nothing_happens_ends_at_once(make_own):
    api = make_own()
    api.get("/healthz")
    api.service.stop()
    assert not api.service.is_alive()
