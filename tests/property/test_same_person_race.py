"""One person, 64 clients at once: one contact, one open lead, and every call counted once.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from support.seed_000 import LEADS, TRACKING, fresh_address, Visitor
from support.stored import assert_sound

CLIENTS = 64


def at_once(call):
    """The answers of 64 clients that call at the same moment."""
    start = Barrier(CLIENTS)

    def client(number):
        start.wait(60)
        return call(number)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


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
