"""One person, 64 clients at once: one contact, one open lead, and every call counted once.

SPDX-License-Identifier: MIT
"""
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from support.keys import key
from support.seed_000 import LEADS, TRACKING, Visitor, contact_of, fresh_address
from support.seed_003 import LEADS as CAPTURE, structure
from support.stored import assert_sound
from support.whatsapp import WHATSAPP, plain

CLIENTS = 64


def at_once(call, clients=CLIENTS):
    """The answers of clients that call at the same moment."""
    start = Barrier(clients)

    def client(number):
        start.wait(60)
        return call(number)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(client, range(clients)))


def known_by(person, number, mixture):
    """What the client of that number knows of the person."""
    names = {"phone": [("phone",)], "email": [("email",)], "mixed": [("email", "phone")],
             "merging": [("email",), ("phone",), ("email", "phone"), ("id", "email", "phone")]}
    one_of = names[mixture]
    return person.customer(*one_of[number % len(one_of)])


@pytest.mark.parametrize("mixture", ["phone", "email", "mixed", "merging"])
def test_x02_64_clients_make_one_contact_and_every_event_counts(own, person, mixture):
    at_once(lambda n: own.event("page.viewed", known_by(person, n, mixture)))
    if mixture == "merging":  # the last word that joins whatever is still apart
        own.event("page.viewed", person.customer("id", "email", "phone"))
    contacts = own.list("/v1/contacts")
    assert len(contacts) == 1
    assert contacts[0]["activity_count"] == CLIENTS + (mixture == "merging")
    assert len(own.timeline(contacts[0]["id"])) == contacts[0]["activity_count"]
    assert_sound(own)


@pytest.mark.parametrize("mixture", ["phone", "form and events"])
def test_a23_64_clients_make_one_contact_with_one_open_lead(own, person, mixture):
    fields = {"clientName": person.name, "clientPhone": person.phone, "eventName": "Wedding"}

    def call(number):
        if mixture == "phone" or number % 2:
            visitor = Visitor(own, fresh_address())
            return visitor.post(TRACKING, {**fields, "clientEmail": person.email}).json()
        return own.event("page.viewed", person.customer("email"))

    answers = at_once(call)
    contacts, leads = own.list("/v1/contacts"), own.get(LEADS)
    assert len(contacts) == len(leads) == 1
    assert leads[0]["contact_id"] == contacts[0]["id"]
    tracked = sum("has_contact" in answer for answer in answers)
    events = CLIENTS - tracked
    types = [entry["type"] for entry in own.timeline(contacts[0]["id"])]
    assert sorted(types) == ["booking_form.tracked"] + ["page.viewed"] * events
    assert sum(answer.get("created", False) for answer in answers if "has_contact" in answer) == 1
    assert_sound(own)


def test_e18_100_messages_of_a_new_number_at_once_are_one_lead(own, person):
    answers = at_once(lambda n: own.call("POST", WHATSAPP, plain(person, f"m{n}"), 200).json(), 100)
    assert sorted(answer["message_count"] for answer in answers) == list(range(1, 101))
    lead, = own.get(LEADS)
    assert (lead["source"], lead["message_count"]) == ("WhatsApp", 100)
    assert len(own.get(f"{LEADS}/{lead['id']}")["messages"]) == 100
    contact, = own.list("/v1/contacts")
    assert (contact["message_count"], contact["activity_count"]) == (100, 100)
    assert_sound(own)


def assert_one_failure(api, attempts):
    """One lead with so many attempts, one open task, one open alert."""
    failed = [row for row in api.get(LEADS) if row["source"] == "BOOKING_FAILED"]
    assert [row["attempts"] for row in failed] == [attempts]
    task, = api.tasks(failed[0]["contact_id"])
    assert (task["kind"], task["status"], task["lead_id"]) == (
        "failed_booking", "open", failed[0]["uuid"])
    alert, = api.redis.text.zrange(key("ALERT_OPEN"), 0, -1)
    assert api.hash("ALERT", alert)["lead_id"] == failed[0]["uuid"]


def test_d24_50_failures_of_one_person_at_once_are_one_lead(own, person):
    answers = at_once(lambda _: own.call("POST", CAPTURE, structure(person)), 50)
    assert sorted(answer.status for answer in answers) == [200] * 49 + [201]
    answers = [answer.json() for answer in answers]
    assert sorted(answer["attempts"] for answer in answers) == list(range(1, 51))
    for name in ("id", "task_id", "alert_id", "contact_id"):
        assert len({answer[name] for answer in answers}) == 1
    assert_one_failure(own, 50)
    contact, = own.list("/v1/contacts")
    assert (contact["activity_count"], contact["open_tasks"]) == (50, 1)
    assert_sound(own)


def test_x01_64_clients_by_four_doors_make_one_contact(own, person):
    doors = [
        lambda: Visitor(own, fresh_address()).post(TRACKING, contact_of(person)),
        lambda: own.call("POST", CAPTURE, structure(person)),
        lambda: own.call("POST", WHATSAPP, plain(person)),
        lambda: own.event("customer.created", person.customer("email"))]
    at_once(lambda n: doors[n % 4]())
    each = CLIENTS // 4
    contact, = own.list("/v1/contacts")
    types = Counter(entry["type"] for entry in own.timeline(contact["id"]))
    assert types == {"booking_form.tracked": 1, "booking.failed": each, "whatsapp.message": each,
                     "customer.created": each}
    assert (contact["email"], contact["phone"]) == (person.email, person.phone)
    assert (contact["registered"], contact["message_count"]) == (True, each)
    assert_one_failure(own, each)
    leads = own.get(LEADS)
    assert {lead["contact_id"] for lead in leads} == {contact["id"]}
    # Whoever is registered already when they write is no lead by it.
    sources = sorted(lead["source"] for lead in leads)
    assert sources in (["BOOKING_FAILED", "Booking Form"],
                       ["BOOKING_FAILED", "Booking Form", "WhatsApp"])
    assert_sound(own)
