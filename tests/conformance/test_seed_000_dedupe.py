"""Rows A-17 … A-24 of the acceptance list: what is one record, and for how long.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from support.api import Person
from support.keys import key
from support.poll import until
from support.seed_000 import (FIELDS, STEP_1, STEP_2, SUBMIT, TRACKING, Visitor, contact_of, decide,
                              fresh_address, ids, lead, leads, row, total)
from support.stored import assert_sound
from support.times import HOUR, SECOND, T0

HOLDS, OVER = T0 + 86_399 * SECOND, T0 + 86_401 * SECOND


@pytest.mark.parametrize("path", [TRACKING, SUBMIT])
def test_a17_the_same_phone_again_is_the_same_record(svc, person, path):
    made = Visitor(svc).track(contact_of(person), expect=201)
    count = total(svc)
    phone = person.phone
    for spelling in (phone, "00" + phone[1:], f" ({phone[:5]}) {phone[5:]}"):
        body = {**contact_of(person), "clientPhone": spelling}
        answer = Visitor(svc).post(path, body, 200).json()
        assert (answer["id"], answer["created"]) == (made["id"], False)
        assert answer["contact_id"] == made["contact_id"]
    assert total(svc) == count


@pytest.mark.parametrize("session", [None, "sess_of_one_browser"])
def test_a18_the_window_is_24_hours_from_the_creation(own, person, session):
    visitor = Visitor(own, session=session)
    made = visitor.track(contact_of(person), expect=201, at=T0)
    visitor.track(contact_of(person), message="Hello", expect=200, at=T0 + 12 * HOUR)
    held = visitor.track(contact_of(person), expect=200, at=HOLDS)
    assert held["id"] == made["id"]
    new = visitor.track(contact_of(person), expect=201, at=OVER)
    assert new["created"] is True and new["id"] != made["id"]
    assert new["contact_id"] == made["contact_id"]
    assert ids(own) == [new["id"], made["id"]]
    again = visitor.track(contact_of(person), expect=200, at=OVER + HOUR)
    assert again["id"] == new["id"]


def test_a18_a_submit_after_the_window_is_a_new_record(own, person):
    visitor = Visitor(own)
    made = visitor.track(contact_of(person), expect=201, at=T0)
    new = visitor.submit(contact_of(person), expect=201, at=OVER)
    assert new["id"] != made["id"] and new["contact_id"] == made["contact_id"]
    assert [one["status"] for one in leads(own)] == ["pending", "tracking"]


def test_a18_a_pending_record_has_the_same_window(own, person):
    visitor = Visitor(own)
    made = visitor.submit(contact_of(person), expect=201, at=T0)
    assert visitor.track(contact_of(person), expect=200, at=HOLDS)["id"] == made["id"]
    assert visitor.track(contact_of(person), expect=201, at=OVER)["id"] != made["id"]


def test_a18_the_window_of_an_upgraded_record_is_that_of_its_first_call(own, person):
    visitor = Visitor(own)
    made = visitor.track(STEP_1, expect=201, at=T0)
    visitor.track(contact_of(person), expect=200, at=T0 + 23 * HOUR)
    assert visitor.track(contact_of(person), expect=200, at=HOLDS)["id"] == made["id"]
    assert visitor.track(contact_of(person), expect=201, at=OVER)["id"] != made["id"]


def test_a18_a_sliding_window_moves_with_each_call(own, person):
    own.settings(dedupe_window_mode="sliding")
    visitor = Visitor(own)
    made = visitor.track(contact_of(person), expect=201, at=T0)
    for at in (T0 + 12 * HOUR, OVER, OVER + 23 * HOUR):
        assert visitor.track(contact_of(person), expect=200, at=at)["id"] == made["id"]
    late = OVER + 23 * HOUR + 86_401 * SECOND
    assert visitor.track(contact_of(person), expect=201, at=late)["id"] != made["id"]


def test_a18_the_length_of_the_window_is_a_setting(own, person):
    own.settings(dedupe_window_s=3600)
    visitor = Visitor(own)
    made = visitor.track(contact_of(person), expect=201, at=T0)
    assert visitor.track(contact_of(person), expect=200, at=T0 + 3599 * SECOND)["id"] == made["id"]
    assert visitor.track(contact_of(person), expect=201, at=T0 + 3601 * SECOND)["id"] != made["id"]


def test_a19_without_phone_an_address_is_one_record(own):
    one, other = Visitor(own), Visitor(own)
    first = one.track(STEP_1, expect=201, at=T0)
    second = other.track(STEP_1, expect=201, at=T0)
    assert first["id"] != second["id"]
    assert one.track(STEP_2, expect=200, at=HOLDS)["id"] == first["id"]
    assert other.track(STEP_2, expect=200, at=HOLDS)["id"] == second["id"]
    assert sorted(ids(own, include="anonymous")) == sorted([first["id"], second["id"]])
    third = one.track(STEP_1, expect=201, at=OVER)
    assert third["id"] not in (first["id"], second["id"])


def test_a19_a_forwarded_address_counts_from_configured_proxies_only(svc):
    visitor = Visitor(svc)
    made = visitor.track(STEP_1, expect=201, headers={"X-Forwarded-For": "198.51.100.7"})
    for headers in ({"X-Forwarded-For": "198.51.100.8"}, {"Forwarded": "for=198.51.100.9"},
                    {"X-Real-IP": "198.51.100.10"}, None):
        assert visitor.track(STEP_1, expect=200, headers=headers)["id"] == made["id"]
    other = Visitor(svc).track(STEP_1, expect=201, headers={"X-Forwarded-For": "198.51.100.7"})
    assert other["id"] != made["id"]


def test_a19_an_address_finds_no_record_of_another_session(svc, person):
    address = fresh_address()
    first = Visitor(svc, address, session=f"one_{person.id}").track(STEP_1, expect=201)
    second = Visitor(svc, address, session=f"two_{person.id}").track(STEP_1, expect=201)
    assert first["id"] != second["id"]
    for session, made in (("one", first), ("two", second)):
        answer = Visitor(svc, session=f"{session}_{person.id}").track(STEP_2, expect=200)
        assert answer["id"] == made["id"]


def test_a19_a_record_without_session_gains_that_of_the_next_call(svc, person):
    address = fresh_address()
    made = Visitor(svc, address).track(STEP_1, expect=201)
    answer = Visitor(svc, address, session=f"one_{person.id}").track(STEP_2, expect=200)
    assert answer["id"] == made["id"]
    elsewhere = Visitor(svc, session=f"one_{person.id}").track(STEP_2, expect=200)
    assert elsewhere["id"] == made["id"]
    stranger = Visitor(svc, address, session=f"two_{person.id}").track(STEP_1, expect=201)
    assert stranger["id"] != made["id"]


def test_a20_a_record_found_by_address_gains_the_phone(svc, person):
    visitor = Visitor(svc)
    made = visitor.track(STEP_1, expect=201)
    known = visitor.track(STEP_2, contact_of(person), expect=200)
    assert (known["id"], known["has_contact"]) == (made["id"], True)
    for call in (Visitor(svc).track, Visitor(svc, session="elsewhere").submit):
        answer = call(contact_of(person), expect=200)
        assert (answer["id"], answer["contact_id"]) == (made["id"], known["contact_id"])
    fields = {**STEP_1, **STEP_2}
    assert {name: lead(svc, made["id"])[name] for name in fields} == fields


@pytest.mark.parametrize("first_steps", [False, True])
def test_a21_two_phones_from_one_address_are_two_records_with_two_contacts(svc, first_steps):
    address, one, other = fresh_address(), Person(), Person()
    if first_steps:
        Visitor(svc, address).track(STEP_1, expect=201)
    first = Visitor(svc, address).track(contact_of(one), expect=200 if first_steps else 201)
    second = Visitor(svc, address).track(contact_of(other), expect=201)
    assert first["id"] != second["id"] and first["contact_id"] != second["contact_id"]
    for who, made in ((one, first), (other, second)):
        assert row(svc, made["id"])["clientPhone"] == who.phone
        assert svc.lookup(phone=who.phone)["id"] == made["contact_id"]
        assert Visitor(svc, address).submit(contact_of(who), expect=200)["id"] == made["id"]


def test_a21_an_address_leads_to_no_record_that_has_a_phone(svc, person):
    visitor = Visitor(svc)
    made = visitor.track(STEP_1, expect=201)
    known = visitor.track(contact_of(person), expect=200)
    assert known["id"] == made["id"]
    stranger = visitor.track({"eventName": "Another party"}, expect=201)
    assert stranger["id"] != known["id"] and stranger["has_contact"] is False
    assert stranger["contact_id"] is None
    assert lead(svc, known["id"])["eventName"] == STEP_1["eventName"]


FRENCH = ("+33 6 12 34 56 78", "0033612345678", "06 12 34 56 78", "06.12.34.56.78", "0612345678",
          "+33612345678", "(06) 12-34-56-78")


@pytest.mark.parametrize("first", FRENCH[:3])
def test_a22_spellings_of_one_phone_are_one_record(own, first):
    own.settings(default_region="FR")
    made = Visitor(own).track({"clientName": "Jeanne", "clientPhone": first}, expect=201)
    for spelling in FRENCH:
        fields = {"clientName": "Jeanne", "clientPhone": spelling}
        answer = Visitor(own).track(fields, expect=200)
        assert (answer["id"], answer["contact_id"]) == (made["id"], made["contact_id"])
        kept = lead(own, made["id"])
        assert (kept["phone_number"], kept["clientPhone"]) == ("+33612345678", spelling)
    assert own.contact(made["contact_id"])["phone"] == "+33612345678"
    assert own.identities("PHONE", made["contact_id"]) == ["+33612345678"]
    assert total(own) == len(own.list("/v1/contacts")) == 1


def test_a22_another_region_reads_a_national_phone_its_own_way(own):
    own.settings(default_region="GB")
    made = Visitor(own).track({"clientName": "Jane", "clientPhone": "07400 123456"}, expect=201)
    assert lead(own, made["id"])["phone_number"] == "+447400123456"


CROWD = 200


def crowd(call):
    """The answers to 200 calls that are made at the same moment, each over its own connection."""
    start = Barrier(CROWD)

    def one(n):
        start.wait(60)
        return call(n)

    with ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(one, range(CROWD)))


def assert_one_record(api, answers, **query):
    """200 answers, one record: exactly one made it, none failed."""
    bodies = [answer.json() for answer in answers]
    assert sorted(answer.status for answer in answers) == [200] * (CROWD - 1) + [201]
    assert sum(body["created"] for body in bodies) == 1
    assert len({body["id"] for body in bodies}) == 1
    assert len({body["contact_id"] for body in bodies}) == 1
    assert ids(api, include="anonymous", **query) == [bodies[0]["id"]]
    assert_sound(api)
    return bodies[0]


@pytest.mark.parametrize("path, status", [(TRACKING, "tracking"), (SUBMIT, "pending")])
def test_a23_200_calls_at_once_with_one_phone_are_one_record_and_one_contact(
        own, person, path, status):
    body = {**STEP_1, **STEP_2, **contact_of(person), "clientEmail": person.email}
    visitor = Visitor(own)
    made = assert_one_record(own, crowd(lambda _: visitor.post(path, body)))
    assert [contact["id"] for contact in own.list("/v1/contacts")] == [made["contact_id"]]
    assert [one["status"] for one in leads(own)] == [status]
    types = [activity["type"] for activity in own.timeline(made["contact_id"])]
    assert types.count("booking_form.tracked") <= 1
    assert types.count("booking_form.submitted") == (status == "pending")
    kept = lead(own, made["id"])
    assert {name: kept[name] for name in FIELDS if name in body} == {
        name: body[name] for name in FIELDS if name in body}


def test_a23_the_same_from_200_addresses_with_and_without_a_session(own, person):
    visitors = [Visitor(own, session=f"sess_{n}" if n % 2 else None) for n in range(CROWD)]
    made = assert_one_record(own, crowd(
        lambda n: visitors[n].post((TRACKING, SUBMIT)[n % 3 == 0], contact_of(person))))
    assert lead(own, made["id"])["status"] == "pending"
    assert len(own.list("/v1/contacts")) == 1


@pytest.mark.parametrize("session", [None, "sess_a23"])
def test_a23_200_anonymous_calls_of_one_visitor_at_once_are_one_record(own, session):
    visitor = Visitor(own, session=session)
    made = assert_one_record(own, crowd(lambda _: visitor.post(TRACKING, STEP_1)))
    assert made["contact_id"] is None and own.list("/v1/contacts") == []


def test_a23_200_calls_at_once_of_as_many_people_are_as_many_records(own):
    people = [Person() for _ in range(CROWD)]
    address = fresh_address()
    answers = crowd(lambda n: Visitor(own, address).post(TRACKING, contact_of(people[n])))
    assert [answer.status for answer in answers] == [201] * CROWD
    assert sorted(answer.json()["id"] for answer in answers) == list(range(1, CROWD + 1))
    assert len({answer.json()["contact_id"] for answer in answers}) == CROWD
    assert total(own) == CROWD
    assert_sound(own)


def windows(api):
    """{what follows crm_lead_window_: seconds to live} of all window keys."""
    start = key("LEAD_WINDOW", "")
    names = list(api.redis.text.scan_iter(match=start.replace("[", "\\[") + "*", count=1000))
    return {name[len(start):]: api.redis.text.ttl(name) for name in names}


def test_a24_every_window_key_goes_by_itself_within_a_day(own):
    for n in range(3):
        who = Person()
        visitor = Visitor(own, session=f"sess_{n}")
        visitor.track(STEP_1, at=T0)
        visitor.track(contact_of(who), at=T0 + HOUR)
        Visitor(own).track(STEP_1)
        Visitor(own).track(contact_of(Person()))
        decide(own, visitor.submit(contact_of(who))["id"], "approved")
        visitor.track(STEP_2)
        Visitor(own).track(STEP_1, at=T0 - n * HOUR)
    found = windows(own)
    assert {name.split(":", 1)[0] for name in found} == {"phone", "ip", "session"}
    assert all(1 <= seconds <= 86_400 for seconds in found.values()), found


def test_a24_no_window_is_left_when_its_time_is_over(own):
    own.settings(dedupe_window_s=1)
    for n in range(5):
        visitor = Visitor(own, session=f"sess_{n}")
        visitor.track(STEP_1)
        visitor.track(contact_of(Person()))
        Visitor(own).track(STEP_1)
    assert windows(own)
    until("all windows are gone", lambda: not windows(own))
    assert total(own, include="anonymous") == 10, "the records stay"
