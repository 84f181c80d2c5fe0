"""Row E-28 of the acceptance list: what one lead shows of its person.

SPDX-License-Identifier: MIT
"""
from support.api import Person
from support.seed_000 import LEADS, faults
from support.seed_003 import fail, structure
from support.stored import assert_sound
from support.times import HOUR, MINUTE, T0, iso
from support.whatsapp import write


def test_e28_the_detail_has_messages_tasks_and_activities(own, person):
    first = write(own, person, "Hi", "Jane", at=T0)
    write(own, person, "Are you there?", at=T0 + MINUTE)
    failed = fail(own, structure(person), at=T0 + HOUR)
    detail = own.get(f"{LEADS}/{first['id']}")
    assert [(one["text"], one["at"]) for one in detail["messages"]] == [
        ("Hi", iso(T0)), ("Are you there?", iso(T0 + MINUTE))]
    assert detail["tasks"] == [], "the other lead has it"
    assert [one["type"] for one in detail["activities"]] == [
        "booking.failed", "whatsapp.message", "whatsapp.message"]
    other = own.get(f"{LEADS}/{failed['lead_no']}")
    assert [one["id"] for one in other["tasks"]] == [failed["task_id"]]
    assert own.get(f"/api/leads/{failed['id']}")["tasks"] == other["tasks"]
    assert own.get(f"/api/leads/{first['uuid']}")["tasks"] == []
    assert other["messages"] == [] and other["contact_id"] == detail["contact_id"]


def test_a_changed_date_is_the_one_that_counts(own, person):
    made = fail(own, structure(person), at=T0)
    path = f"/api/leads/{made['id']}"
    moved = own.call("PATCH", path, {"context": {"preferred_date": "2026-02-14"}}, 200).json()
    assert moved["context"]["preferred_date"] == "2026-02-14"
    offered = own.get(path, at=T0)["alternatives"]
    assert {one["date"][:7] for one in offered} == {"2026-02"}
    again = fail(own, structure(person, preferred_date="2026-02-14"), 200, at=T0 + 1)
    assert again["id"] == made["id"]
    refused = own.call("PATCH", path, {"context": {"preferred_date": "2026-02-30"}})
    assert faults(refused) == {"context.preferred_date": "format"}
    assert_sound(own)


def test_one_person_by_two_doors_has_two_leads(own):
    person = Person()
    write(own, person, at=T0)
    fail(own, structure(person), at=T0)
    assert {one["source"] for one in own.get(LEADS)} == {"WhatsApp", "BOOKING_FAILED"}
    assert len({one["contact_id"] for one in own.get(LEADS)}) == 1
