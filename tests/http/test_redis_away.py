"""Redis missing, gone, frozen, full, read-only, loading: honest refusals, and recovery by itself.

Times are asserted loosely: what matters is that nothing hangs and that the service goes on.

SPDX-License-Identifier: MIT
"""
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import TRACK, Api, Person
from support.poll import until
from support.redis_server import CLUSTER
from support.times import T0

READS = ("/v1/contacts", "/v1/tasks", "/v1/contacts/contact_0000000000000",
         "/v1/analytics/overview", "/v1/analytics/behavior", "/v1/ping")
LOOSE_SECONDS = 2


DEADLINE = ("--redis-deadline", "250")  # the preset


def view(person):
    return {"event_type": "page.viewed", "customer": person.customer()}


def timed(api, *call, **how):
    began = time.monotonic()
    answer = api.call(*call, **how)
    assert time.monotonic() - began < LOOSE_SECONDS, "refused too late"
    return answer


def assert_refused(api):
    """Captures, reads and writes are 503 with Retry-After, soon; health is not touched."""
    calls = [("POST", TRACK, view(Person())), ("PATCH", "/v1/settings", {"currency": "USD"}),
             *[("GET", path) for path in READS]]
    answers = [timed(api, *call) for call in calls]
    for answer in answers:
        assert answer.status == 503, answer
        assert int(answer.header("retry-after")) >= 1
        assert answer.json()["code"] == "redis_unavailable"
    assert answers[0].header("content-type") == "application/json"
    assert answers[0].json()["success"] is False and isinstance(answers[0].json()["error"], str)
    for answer in answers[1:]:
        assert answer.header("content-type") == "application/problem+json"
    assert_alive(api, ready=503)


def assert_alive(api, ready):
    answer = timed(api, "GET", "/healthz")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    assert timed(api, "GET", "/readyz").status == ready


def assert_serves(api):
    """Soon after its Redis is well again the service works, without any help."""
    api.service.wait_ready(20)
    person = Person()
    contact_id = api.event("booking.completed", person, {"total_amount": 1})["contact_id"]
    assert api.lookup(email=person.email)["id"] == contact_id


@pytest.fixture
def pair(make_redis, make_service):
    """An Api over a Redis that the test may hurt."""
    redis_server = make_redis(appendonly=True)
    return Api(make_service(redis_server.url, *DEADLINE), redis_server)


def test_redis_is_not_there_at_start(make_redis, make_service):
    redis_server = make_redis(start=False)
    api = Api(make_service(redis_server.url, *DEADLINE, ready=False), redis_server)
    assert_refused(api)
    # What is wrong with a request is said also then.
    assert api.call("POST", TRACK, "{}").status == 422
    assert api.call("POST", TRACK, "{").status == 400
    assert api.call("GET", "/nowhere").status == 404
    redis_server.start()
    assert_serves(api)


@pytest.mark.skipif(CLUSTER, reason="the service is given a plain TCP Redis here")
def test_redis_is_not_there_at_start_over_tcp(make_redis, make_service):
    redis_server = make_redis(start=False, tcp=True)
    api = Api(make_service(redis_server.url, *DEADLINE, ready=False), redis_server)
    assert_refused(api)
    redis_server.start()
    assert_serves(api)


def test_redis_is_killed_and_comes_back_with_what_was_acknowledged(pair, person):
    contact_id = pair.event("customer.login", person)["contact_id"]
    for _ in range(3):
        pair.redis.kill()
        until("the loss is noticed", lambda: pair.call("GET", "/readyz").status == 503)
        assert_refused(pair)
        pair.redis.start()
        assert_serves(pair)
    assert pair.contact(contact_id)["website_visits"] == 1


def test_a_kill_under_load_answers_everybody_and_no_500(pair):
    stop = threading.Event()

    def client():
        statuses = []
        while not stop.is_set():
            statuses.append(pair.call("POST", TRACK, view(Person())).status)
        return statuses

    with ThreadPoolExecutor(8) as pool:
        clients = [pool.submit(client) for _ in range(8)]
        try:
            for _ in range(3):
                pair.redis.kill()
                until("refused", lambda: pair.call("GET", "/readyz").status == 503)
                pair.redis.start()
                pair.service.wait_ready(20)
        finally:
            stop.set()
    statuses = [status for each in clients for status in each.result()]
    assert set(statuses) == {200, 503}


def test_redis_is_frozen_and_thaws(pair, person):
    pair.event("page.viewed", person)
    pair.redis.freeze()
    try:
        assert_refused_when_hung(pair)
        until("it is not ready", lambda: pair.call("GET", "/readyz").status == 503)
        assert_refused(pair)
    finally:
        pair.redis.thaw()
    assert_serves(pair)
    assert pair.lookup(email=person.email)["activity_count"] == 1


def assert_refused_when_hung(api):
    """The first wait for the deadline (250 ms); the service answers others meanwhile."""
    waiting = Person()
    with ThreadPoolExecutor(9) as pool:
        events = [pool.submit(timed, api, "POST", TRACK, view(waiting)) for _ in range(8)]
        health = pool.submit(timed, api, "GET", "/healthz")
        assert health.result().status == 200
        for event in events:
            assert event.result().status == 503 and event.result().header("retry-after")


def test_an_event_whose_outcome_was_unknown_counts_once_when_repeated(pair, person):
    """Redis executes what it had been sent when it froze: the repetition must meet its event id."""
    pair.event("page.viewed", person)
    body = {"event_type": "booking.completed", "customer": person.customer(),
            "event_id": "unknown-1", "event_data": {"total_amount": 10}}
    pair.redis.freeze()
    try:
        assert timed(pair, "POST", TRACK, body).status == 503
    finally:
        pair.redis.thaw()
    pair.service.wait_ready(20)
    answer = pair.call("POST", TRACK, body, expect=200)
    contact = pair.contact(answer.json()["contact_id"])
    assert (contact["total_bookings"], contact["activity_count"]) == (1, 2)


def test_redis_is_full_writes_are_refused_and_reads_go_on(pair, person):
    contact_id = pair.event("page.viewed", person)["contact_id"]
    before = pair.redis.dump()
    pair.redis.text.config_set("maxmemory", 1)
    for _ in range(3):
        answer = timed(pair, "POST", TRACK, view(person))
        assert (answer.status, answer.json()["code"]) == (503, "redis_unavailable")
        assert int(answer.header("retry-after")) >= 1
    assert pair.contact(contact_id)["activity_count"] == 1
    assert pair.timeline(contact_id) and pair.list("/v1/contacts")
    assert timed(pair, "GET", "/healthz").status == 200
    assert pair.redis.dump() == before
    pair.redis.text.config_set("maxmemory", 0)
    assert_serves(pair)


def test_redis_has_too_few_replicas(pair, person):
    pair.redis.text.config_set("min-replicas-to-write", 1)
    answer = timed(pair, "POST", TRACK, view(person))
    assert answer.status == 503 and answer.header("retry-after")
    pair.redis.text.config_set("min-replicas-to-write", 0)
    assert_serves(pair)


@pytest.mark.skipif(CLUSTER, reason="REPLICAOF is not allowed in cluster mode")
def test_redis_is_read_only(pair, person):
    pair.event("page.viewed", person)
    pair.redis.text.replicaof("127.0.0.1", 1)
    for _ in range(3):
        answer = timed(pair, "POST", TRACK, view(person))
        assert answer.status == 503 and answer.header("retry-after")
    assert timed(pair, "GET", "/healthz").status == 200
    pair.redis.text.replicaof("NO", "ONE")
    assert_serves(pair)
    assert pair.lookup(email=person.email)["activity_count"] == 1


def test_redis_wants_a_password_that_we_do_not_have(pair):
    pair.redis.text.config_set("requirepass", "secret")
    admin = pair.redis.text
    admin.execute_command("AUTH", "secret")
    admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    until("the loss is noticed", lambda: pair.call("GET", "/readyz").status == 503)
    assert_refused(pair)
    admin.execute_command("AUTH", "secret")
    admin.config_set("requirepass", "")
    assert_serves(pair)


def test_redis_is_loading(pair, person):
    """A slow load: 2,000 keys of 1 ms each, during which Redis answers LOADING."""
    pair.event("page.viewed", person)
    pipe = pair.redis.text.pipeline(transaction=False)
    for n in range(2000):
        pipe.set(f"other:{n}", "x" * 200)
    pipe.execute()
    pair.redis.text.bgrewriteaof()
    until("the file is written anew", lambda: pair.redis.text.info()["aof_rewrite_in_progress"] == 0
          and pair.redis.text.info()["aof_rewrite_scheduled"] == 0)
    pair.redis.kill()
    pair.redis.start(wait=False, key_load_delay=1000, loading_process_events_interval_bytes=1024)
    until("it is not ready", lambda: pair.call("GET", "/readyz").status == 503)
    answer = timed(pair, "GET", "/v1/contacts")
    assert answer.status == 503 and answer.header("retry-after")
    assert timed(pair, "GET", "/healthz").status == 200
    pair.redis.wait_ready()
    assert_serves(pair)
    assert pair.lookup(email=person.email)["activity_count"] == 1
    pair.redis.text.delete(*[f"other:{n}" for n in range(2000)] if not CLUSTER else ["other:0"])
    for n in range(2000 if CLUSTER else 0):
        pair.redis.text.delete(f"other:{n}")


def test_flushed_scripts_are_loaded_again_and_nobody_notices(own):
    stop = threading.Event()

    def client(n):
        person, sent = Person(), 0
        while not stop.is_set():
            own.event("customer.login", person)
            own.contact(own.lookup(email=person.email)["id"])
            sent += 1
        return person, sent

    with ThreadPoolExecutor(6) as pool:
        clients = [pool.submit(client, n) for n in range(6)]
        try:
            for _ in range(25):
                own.redis.text.script_flush()
                own.event("page.viewed", {"id": "flush"})
        finally:
            stop.set()
    for done in clients:
        person, sent = done.result()
        assert own.lookup(email=person.email)["website_visits"] == sent
    assert own.lookup(customer_id="flush")["activity_count"] == 25


def test_a_restarted_redis_that_has_lost_everything_is_filled_anew(make_redis, make_service):
    redis_server = make_redis(appendonly=False)
    api = Api(make_service(redis_server.url, *DEADLINE), redis_server)
    ids = {api.event("page.viewed", Person(), at=T0)["contact_id"] for _ in range(5)}
    redis_server.kill()
    redis_server.start()
    api.service.wait_ready(20)
    again = {api.event("page.viewed", Person(), at=T0)["contact_id"] for _ in range(5)}
    assert len(again) == 5 and not ids & again
    assert {contact["id"] for contact in api.list("/v1/contacts")} == again
