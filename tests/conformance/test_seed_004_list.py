"""Rows E-15, E-19, E-20, E-24 of the acceptance list: the admins' list of leads.

SPDX-License-Identifier: MIT
"""
import re

import pytest

from support.api import Person
from support.seed_000 import LEADS, Visitor, contact_of, decide, faults
from support.seed_003 import fail, structure
from support.times import HOUR, MINUTE, T0, iso

# The members of seed 004.
MEMBERS = {"phone_number", "sender_name", "first_message", "last_message", "message_count",
           "is_active", "converted_to_student", "student_id", "created_at", "updated_at",
           "last_message_time"}


def ids(api, **query):
    return [row["id"] for row in api.get(LEADS, **query)]


@pytest.fixture
def desk(own):
    """(api, ids of leads by what they are, all ids newest first)."""
    made, order = {}, []
    for n, kind in enumerate(("form", "failed", "approved", "form", "failed", "rejected")):
        person, at = Person(), T0 + n * MINUTE
        if kind == "failed":
            lead = fail(own, structure(person), at=at)["lead_no"]
        else:
            lead = Visitor(own).submit(contact_of(person), at=at)["id"]
            if kind != "form":
                decide(own, lead, kind)
        made.setdefault(kind, []).insert(0, lead)
        order.insert(0, lead)
    return own, made, order


def test_e24_the_list_is_a_plain_array_with_all_members(desk):
    api, _, order = desk
    answer = api.call("GET", LEADS, expect=200)
    rows = answer.json()
    assert isinstance(rows, list) and [row["id"] for row in rows] == order
    for row in rows:
        assert MEMBERS <= set(row)
        assert isinstance(row["id"], int) and isinstance(row["message_count"], int)
        assert row["converted_to_student"] in (True, False) and row["is_active"] is True
    assert answer.header("x-total-count") == "6"
    assert set(api.get(LEADS, cursor="")) == {"data", "next_cursor", "has_more"}


@pytest.mark.parametrize("word", ["True", "true", "TRUE"])
def test_e24_converted_true_in_every_spelling(desk, word):
    api, made, _ = desk
    assert ids(api, converted=word) == made["approved"]
    assert [row["converted_to_student"] for row in api.get(LEADS, converted=word)] == [True]


@pytest.mark.parametrize("word", ["False", "false"])
def test_e24_converted_false_in_every_spelling(desk, word):
    api, made, order = desk
    assert ids(api, converted=word) == [one for one in order if one not in made["approved"]]


@pytest.mark.parametrize("query", ["converted=None", "converted=none", "converted=", ""])
def test_e24_converted_none_empty_or_absent_are_all(desk, query):
    api, _, order = desk
    rows = api.call("GET", f"{LEADS}?{query}", expect=200).json()
    assert [row["id"] for row in rows] == order


@pytest.mark.parametrize("name, value", [("skip", "-1"), ("limit", "abc"), ("converted", "maybe"),
                                         ("skip", "x"), ("limit", "0"), ("limit", "-5"),
                                         ("active", "2"), ("skip", "10001")])
def test_e24_what_cannot_be_read_is_named(svc, name, value):
    assert list(faults(svc.call("GET", f"{LEADS}?{name}={value}"))) == [name]


def test_e24_skip_and_limit_walk_the_list(desk):
    api, made, order = desk
    assert ids(api, limit=100000) == order
    for query in ({}, {"converted": "false"}, {"source": "Booking Form", "status": "pending"}):
        everything = ids(api, **query)
        walked = [one for skip in range(0, 8, 2)
                  for one in ids(api, skip=skip, limit=2, **query)]
        assert walked == everything
    answer = api.call("GET", f"{LEADS}?limit=2&converted=false", expect=200)
    link = re.fullmatch(r'<(.*)>; rel="next"', answer.header("link")).group(1)
    assert "skip=2" in link and "converted=false" in link
    rows = api.call("GET", link, expect=200).json()
    assert [row["id"] for row in rows] == ids(api, converted="false")[2:4]
    assert made


def test_e20_active_and_unconverted(desk):
    api, made, order = desk
    assert ids(api, converted="false", active="true") == [
        one for one in order if one not in made["approved"]]
    assert ids(api, active="false") == []


def test_e15_both_orders_by_both_times(desk):
    api, made, order = desk
    decide(api, made["form"][1], "rejected", at=T0 + HOUR)
    assert ids(api, sort="-created_at") == order and ids(api, sort="created_at") == order[::-1]
    by_update = ids(api, sort="-updated_at")
    stamps = [row["updated_at"] for row in api.get(LEADS, sort="-updated_at")]
    assert stamps == sorted(stamps, reverse=True)
    assert ids(api, sort="updated_at") == by_update[::-1]
    rejected = api.get(LEADS, status="rejected", sort="-updated_at")
    assert {row["id"] for row in rejected} == {made["form"][1], *made["rejected"]}


@pytest.mark.parametrize("spell", [lambda n: f"+1{n}", lambda n: f"1{n}",
                                   lambda n: f"({n[:3]}) {n[3:6]}-{n[6:]}"])
def test_e19_a_lead_is_found_by_its_phone_in_any_spelling(own, spell):
    person = Person()
    person.phone = "+15552023344"
    lead = fail(own, structure(person), at=T0)["lead_no"]
    own_form = Visitor(own).track(contact_of(person), at=T0 + 1)["id"]
    Visitor(own).track(contact_of(Person()))
    found = ids(own, phone=spell("5552023344"))
    assert found == [own_form, lead]
    assert ids(own, phone="+15559999999") == []
    assert list(faults(own.call("GET", f"{LEADS}?phone=me"))) == ["phone"]


def test_leads_of_a_range_of_time(desk):
    api, _, order = desk
    assert ids(api, created_after=iso(T0 + 2 * MINUTE)) == order[:4]
    assert ids(api, created_before=iso(T0 + 2 * MINUTE)) == order[4:]
    assert ids(api, created_after=iso(T0 + MINUTE), created_before=iso(T0 + 2 * MINUTE),
               sort="created_at") == [order[4]]
