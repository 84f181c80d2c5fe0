"""Rows X-08 and E-17 of the acceptance list: killed at random under load, nothing is lost or twice.

Redis writes its append-only file before it answers (appendfsync always), so a kill -9 of Redis
loses nothing that was acknowledged; clients repeat what was not, with the same event id. (everysec
may put a write off while an fsync is under way: a promise that no test can hold it to.)

SPDX-License-Identifier: MIT
"""
import http.client
import random
import re
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from support.api import TRACK, Api, Person, bare
from support.keys import key
from support.poll import until
from support.seed_000 import LEADS, TRACKING, contact_of, lead
from support.seed_003 import LEADS as CAPTURE, structure
from support.service import run
from support.whatsapp import WHATSAPP, plain

CLIENTS = 8
KILLS = "service redis service both redis freeze service redis both freeze".split() * 2


class Load:
    """Clients that call until told to stop, each call until it is acknowledged. Customers send
    events; strangers fail to book, write by WhatsApp and fill in the form."""

    def __init__(self, api, seed):
        self.api = api
        self.seed = seed
        self.customers = [Person() for _ in range(5)]
        self.strangers = [Person() for _ in range(5)]
        self.stopping = threading.Event()
        self.acknowledged = []  # (person, what, number, id); append is atomic

    def client(self, n):
        chance = random.Random(self.seed * 1000 + n)
        doors = [self.event] * 3 + [self.failure, self.message, self.form]
        while not self.stopping.is_set():
            door = chance.choice(doors)
            known = self.customers if door == self.event else self.strangers
            person = chance.choice(known) if chance.random() < 0.5 else Person()
            call_id = str(uuid.uuid4())
            path, body, what, number = door(chance, person, call_id)
            until("the call is acknowledged", lambda: self.send(path, body), 60)
            self.acknowledged.append((person, what, number, call_id))

    def event(self, chance, person, call_id):
        event_type = chance.choice(["booking.completed", "booking.abandoned", "customer.login"])
        cents = chance.randrange(1, 100000)
        body = {"event_type": event_type, "customer": person.customer(), "event_id": call_id,
                "event_data": {"total_amount": str(Decimal(cents) / 100)}}
        return TRACK, body, event_type, cents

    def failure(self, chance, person, call_id):
        hour = chance.choice([3, 6])
        body = structure(person, preferred_time=f"{hour}PM")
        return CAPTURE, {**body, "event_id": call_id}, "booking.failed", hour

    def message(self, _, person, call_id):
        return WHATSAPP, plain(person, call_id, message_id=call_id), "whatsapp.message", 0

    def form(self, _, person, call_id):
        body = {**contact_of(person), "clientEmail": person.email, "event_id": call_id}
        return TRACKING, body, "booking_form.tracked", 0

    def send(self, path, body):
        try:
            answer = self.api.call("POST", path, body)
        except (OSError, http.client.HTTPException):
            return False
        if answer.status == 503:
            assert int(answer.header("retry-after")) >= 1
            return False
        assert answer.status in (200, 201), answer
        return True


def kill(api, what):
    if what == "freeze":
        api.redis.freeze()
        api.service.kill()
        api.redis.thaw()
        api.service.start(ready=False)
        return
    if what in ("service", "both"):
        api.service.kill()
    if what in ("redis", "both"):
        api.redis.kill()
        api.redis.start()
    if what in ("service", "both"):
        api.service.start(ready=False)


def test_e17_x08_everything_acknowledged_is_there_exactly_once(make_redis, make_service):
    redis_server = make_redis(appendonly=True, appendfsync="always")
    api = Api(make_service(redis_server.url), redis_server)
    seed = random.randrange(1_000_000)
    print("seed", seed)
    load, chance = Load(api, seed), random.Random(seed)
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(load.client, n) for n in range(CLIENTS)]
        try:
            for what in KILLS:
                goal = len(load.acknowledged) + chance.randrange(30, 120)
                until("the load goes on", lambda: len(load.acknowledged) >= goal
                      or any(client.done() for client in clients), 60)
                kill(api, what)
        finally:
            load.stopping.set()
        for client in clients:
            client.result(90)
    api.service.wait_ready()
    compare(api, load.acknowledged)
    assert_sound(api)


def compare(api, acknowledged):
    """Reads everything back: each call once, on its person; counts and sums as sent."""
    assert len(acknowledged) > 30 * len(KILLS)
    calls = {}
    for person, *call in acknowledged:
        calls.setdefault(person, []).append(call)
    ids = set()
    for person, theirs in calls.items():
        contact = api.lookup(phone=person.phone)
        ids.add(contact["id"])
        is_customer = contact["customer_id"] is not None
        (compare_customer if is_customer else compare_stranger)(api, contact, theirs)
    assert len(ids) == len(calls)
    assert {contact["id"] for contact in api.list("/v1/contacts")} == ids


def compare_customer(api, contact, events):
    kept = Counter(activity["event_id"] for activity in api.timeline(contact["id"]))
    assert kept == Counter(event_id for _, _, event_id in events)
    kinds = Counter(event_type for event_type, _, _ in events)
    assert contact["total_bookings"] == kinds["booking.completed"]
    assert contact["website_visits"] == kinds["customer.login"]
    cents = sum(cents for event_type, cents, _ in events if event_type == "booking.completed")
    assert contact["total_revenue"] == Decimal(cents) / 100
    welcome = [t for t in api.tasks(contact["id"]) if t["kind"] == "booking_welcome"]
    assert len(welcome) == kinds["booking.completed"]
    urgent = [t for t in api.tasks(contact["id"], "open") if t["kind"] == "abandoned_booking"]
    assert len(urgent) <= 1


def compare_stranger(api, contact, calls):
    """One lead of each hour that was asked for, one of the number, one of the form."""
    whats = Counter(what for what, _, _ in calls)
    made = Counter(activity["type"] for activity in api.timeline(contact["id"]))
    assert made == {what: min(n, 1) if what == "booking_form.tracked" else n
                    for what, n in whats.items()}
    rows = api.get(LEADS, contact_id=contact["id"], limit=1000)
    hours = Counter(f"{hour}PM" for what, hour, _ in calls if what == "booking.failed")
    failed = [row for row in rows if row["source"] == "BOOKING_FAILED"]
    assert sorted((row["context"]["preferred_time"], row["attempts"])
                  for row in failed) == sorted(hours.items())
    assert contact["open_tasks"] == len(api.tasks(contact["id"], "open")) == len(hours)
    written = [row for row in rows if row["source"] == "WhatsApp"]
    ids = {call_id for what, _, call_id in calls if what == "whatsapp.message"}
    assert [row["message_count"] for row in written] == ([len(ids)] if ids else [])
    for row in written:
        texts = [message["text"] for message in lead(api, row["id"])["messages"]]
        assert len(texts) == len(ids) and set(texts) == ids
    assert contact["message_count"] == len(ids)
    forms = [row for row in rows if row["source"] == "Booking Form"]
    assert len(forms) == ("booking_form.tracked" in whats)
    assert len(rows) == len(failed) + len(written) + len(forms)


def fsck(api):
    return run("fsck", "--redis", api.redis.url)


def assert_sound(api):
    code, output, errors = fsck(api)
    assert code == 0 and re.search(r"\b0 faults\b", output), output + errors


@pytest.fixture
def shop(own):
    """Ten people in various states; (api, id of one who has an open task)."""
    for event_type in ("booking.abandoned", "booking.completed", "page.viewed", "payment.failed"):
        for _ in range(2):
            own.event(event_type, Person(), {"total_amount": 3})
    return own, own.event("booking.abandoned", Person())


def test_x08_a_sound_database_has_no_faults(shop):
    assert_sound(shop[0])


def test_x08_an_empty_database_has_no_faults(own):
    assert_sound(own)


def index_without_record(api, _):
    name = key("CONTACT_EMAIL", "ghost@example.com")
    api.redis.text.set(name, "contact_0000000000000")
    return name


def task_without_contact(api, answer):
    api.redis.text.delete(key("CONTACT", bare(answer["contact_id"])))
    return key("TASK", answer["task_id"])


def count_that_differs(api, answer):
    name = key("CONTACT", bare(answer["contact_id"]))
    api.redis.text.hincrby(name, "activities", 1)
    return name


def record_without_index(api, answer):
    name = key("CONTACT_EMAIL", api.contact(answer["contact_id"])["email"])
    api.redis.text.delete(name)
    return bare(answer["contact_id"])


def status_in_the_wrong_list(api, answer):
    api.redis.text.zrem(key("STATUS", "hot_abandoned"), bare(answer["contact_id"]))
    return bare(answer["contact_id"])


def due_task_that_is_gone(api, answer):
    api.redis.text.delete(key("TASK", answer["task_id"]))
    return answer["task_id"]


def open_task_that_nobody_will_see(api, answer):
    assert api.redis.text.zrem(key("TASK_OPEN"), answer["task_id"]) == 1
    return answer["task_id"]


@pytest.mark.parametrize("damage", [
    index_without_record, task_without_contact, count_that_differs, record_without_index,
    status_in_the_wrong_list, due_task_that_is_gone, open_task_that_nobody_will_see])
def test_x08_damage_is_found_and_named(shop, damage):
    api, answer = shop
    name = damage(api, answer)
    code, output, errors = fsck(api)
    assert code == 1, output + errors
    assert name in output and not re.search(r"\b0 faults\b", output), output
