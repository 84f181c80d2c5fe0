"""Rows X-01 and X-12 of the acceptance list, for the doors that are there: the booking form,
track-event, interactions and /v1/events lead to one contact, and each keeps its own shape.

SPDX-License-Identifier: MIT
"""
import itertools

import pytest

from support.seed_000 import LEADS, Visitor, lead
from support.times import MINUTE, T0

DOORS = ("form", "form with e-mail", "register", "interaction")


def come_in(api, person, door, at):
    """The person by one door; the answer's contact id."""
    if door == "register":
        return api.event("customer.created", person.customer("id", "email"), at=at)["contact_id"]
    if door == "interaction":
        return api.call("POST", "/api/interactions", {
            "interaction_type": "package_inquiry", "phone": person.phone, "name": person.name},
            expect=201, at=at).json()["contact_id"]
    fields = {"clientName": person.name, "clientPhone": person.phone}
    if door != "form":
        fields["clientEmail"] = person.email
    return Visitor(api).track(fields, at=at)["contact_id"]


@pytest.mark.parametrize("order", itertools.permutations(DOORS))
def test_x01_whoever_comes_by_several_doors_is_one_contact_in_any_order(svc, person, order):
    for n, door in enumerate(order):
        come_in(svc, person, door, T0 + n * MINUTE)
    found = {svc.lookup(**identity)["id"] for identity in (
        {"email": person.email}, {"phone": person.phone}, {"customer_id": person.id})}
    assert len(found) == 1
    contact = svc.contact(found.pop())
    types = sorted(entry["type"] for entry in svc.timeline(contact["id"]))
    assert types == ["booking_form.tracked", "customer.created", "package_inquiry"]
    leads = [row for row in svc.get(LEADS, limit=1000) if row["contact_id"] == contact["id"]]
    assert len(leads) == 1 and leads[0]["clientEmail"] == person.email


def test_x12_each_door_keeps_its_spelling_and_the_contact_has_one(svc, person):
    contact_id = come_in(svc, person, "form with e-mail", T0)
    made = svc.get(LEADS, status="tracking", limit=1000)
    mine = next(row for row in made if row["contact_id"] == contact_id)
    kept = lead(svc, mine["id"])
    assert (kept["clientName"], kept["clientPhone"], kept["clientEmail"]) == (
        person.name, person.phone, person.email)
    assert svc.event("page.viewed", person.customer())["contact_id"] == contact_id
    contact = svc.contact(contact_id)
    expected = {"first_name": person.first_name, "last_name": person.last_name,
                "phone": person.phone, "email": person.email, "customer_id": person.id}
    assert {name: contact[name] for name in expected} == expected
