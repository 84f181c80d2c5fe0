"""Rows D-25 and D-36 of the acceptance list: who has lost a booking is contacted, and books.

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import Person
from support.seed_000 import SUBMIT, Visitor, contact_of, decide
from support.seed_003 import LEADS, fail, structure
from support.stored import assert_sound
from support.times import HOUR, MINUTE, T0, iso, ms


def failed(api, person, at=T0, **context):
    return fail(api, structure(person, **context), at=at)


def lead(api, made):
    return api.get(f"{LEADS}/{made['id']}")


def book(api, person, at, **data):
    return api.event("booking.completed", person, {"total_amount": 450, **data}, at=at)


# D-25 ---------------------------------------------------------------------------------------------


def test_d25_a_booking_of_the_same_person_recovers_the_lead(svc, person):
    made = failed(svc, person)
    assert (made["status"], made["recovered_at"]) == ("NEW", None)
    book(svc, person, T0 + HOUR)
    found = lead(svc, made)
    assert (found["status"], found["stage"]) == ("CONVERTED", "customer")
    assert 0 <= ms(found["recovered_at"]) - T0 - HOUR < MINUTE
    assert found["converted_at"] == found["recovered_at"] and found["first_contact_at"] is None
    assert (found["tasks"][0]["status"], found["tasks"][0]["outcome"]) == ("cancelled", "resolved")
    contact = svc.contact(made["contact_id"])
    assert contact["open_tasks"] == 1, "the welcome"
    assert [task["kind"] for task in svc.tasks(contact["id"], state="open")] == ["booking_welcome"]


def test_d25_all_failures_of_the_person_are_recovered_by_whatever_names_them(svc, person):
    made = [failed(svc, person, T0 + n * MINUTE, preferred_date=f"2025-11-1{n + 5}")
            for n in range(3)]
    svc.call("POST", f"{LEADS}/{made[0]['id']}/contacted", {}, 200, at=T0 + HOUR)
    book(svc, {"phone": person.phone}, T0 + 2 * HOUR)
    found = [lead(svc, one) for one in made]
    assert {one["status"] for one in found} == {"CONVERTED"}
    assert len({one["recovered_at"] for one in found}) == 1


def test_d25_what_people_have_decided_is_theirs(svc, person):
    lost, aside = failed(svc, person), failed(svc, person, preferred_time="9PM")
    svc.call("PATCH", f"{LEADS}/{lost['id']}", {"status": "LOST"}, 200)
    svc.call("DELETE", f"/v1/leads/{aside['id']}", None, 200)
    book(svc, person, T0 + HOUR)
    assert [lead(svc, one)["status"] for one in (lost, aside)] == ["LOST", "NEW"]
    assert {lead(svc, one)["recovered_at"] for one in (lost, aside)} == {None}


def test_d25_somebody_elses_booking_and_another_event_recover_nothing(svc, person):
    made = failed(svc, person)
    book(svc, Person(), T0 + 1)
    for event_type in ("booking.started", "booking.abandoned", "payment.successful"):
        svc.event(event_type, person, at=T0 + HOUR)
    assert lead(svc, made)["status"] == "NEW"


def test_d25_an_approved_request_is_a_booking_too(own, person):
    made = failed(own, person)
    form = Visitor(own).post(SUBMIT, contact_of(person), at=T0 + HOUR).json()
    assert form["contact_id"] == made["contact_id"]
    decide(own, form["id"], "approved", at=T0 + 2 * HOUR)
    assert lead(own, made)["status"] == "CONVERTED" and lead(own, made)["recovered_at"]
    assert own.get("/v1/analytics/overview")["recovered_leads"] == 2
    assert_sound(own)


def test_d25_undone_a_merge_gives_back_what_the_other_has_not_booked(own):
    ann, bob = Person(), Person()
    of_ann, of_bob = failed(own, ann), failed(own, bob)
    merge = own.call("POST", "/v1/merges", {
        "winner": of_ann["contact_id"], "loser": of_bob["contact_id"], "force": True}, 201).json()
    book(own, ann, T0 + HOUR)
    assert lead(own, of_bob)["status"] == "CONVERTED"
    own.call("POST", f"/v1/merges/{merge['id']}/undo", {}, 200)
    back = lead(own, of_bob)
    assert (back["status"], back["recovered_at"], back["converted_at"]) == ("NEW", None, None)
    assert back["tasks"][0]["status"] == "open" and lead(own, of_ann)["status"] == "CONVERTED"
    assert_sound(own)


# D-36 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [LEADS, "/v1/leads"])
def test_d36_contacted_is_set_once(svc, person, path):
    made = failed(svc, person)
    body = {"channel": "call", "note": "Will call back", "agent": "ann"}
    first = svc.call("POST", f"{path}/{made['lead_no']}/contacted", body, 200, at=T0 + MINUTE)
    assert (first.json()["status"], first.json()["id"]) == ("CONTACTED", made["id"])
    at = first.json()["first_contact_at"]
    assert 0 <= ms(at) - T0 - MINUTE < MINUTE
    again = svc.call("POST", f"{path}/{made['id']}/contacted", {}, 200, at=T0 + HOUR).json()
    assert again["first_contact_at"] == at
    entry = svc.timeline(made["contact_id"], type="lead.contacted")[-1]
    assert (entry["data"], entry["lead_id"], entry["source"]) == (body, made["id"], "Staff")


def test_d36_reaching_the_person_by_the_task_is_the_first_contact(svc, person):
    made = failed(svc, person)
    body = {"outcome": "reached", "note": "Nice", "agent": "ann"}
    task = svc.call("POST", f"/v1/tasks/{made['task_id']}/complete", body, 200,
                    at=T0 + MINUTE).json()
    assert {name: task[name] for name in ("status", "outcome", "completed_by", "completed_note")
            } == {"status": "done", "outcome": "reached", "completed_by": "ann",
                  "completed_note": "Nice"}
    assert 0 <= ms(task["completed_at"]) - T0 - MINUTE < MINUTE
    found = lead(svc, made)
    assert found["first_contact_at"] == task["completed_at"] and found["status"] == "CONTACTED"
    again = svc.call("POST", f"/v1/tasks/{made['task_id']}/complete", {"outcome": "declined"}, 200)
    assert again.json() == task
    assert svc.contact(made["contact_id"])["open_tasks"] == 0


@pytest.mark.parametrize("outcome", ["no_answer", "declined", "done", None])
def test_d36_other_outcomes_are_no_contact(svc, person, outcome):
    made = failed(svc, person)
    body = {"outcome": outcome} if outcome else {}
    task = svc.call("POST", f"/v1/tasks/{made['task_id']}/complete", body, 200).json()
    assert (task["status"], task["outcome"]) == ("done", outcome or "done")
    assert lead(svc, made)["first_contact_at"] is None


@pytest.mark.parametrize("kind", ["call", "email", "sms"])
def test_d36_a_logged_call_or_message_is_the_first_contact(svc, person, kind):
    made, other = failed(svc, person), failed(svc, person, T0 + 1, preferred_time="9PM")
    path = f"/v1/contacts/{made['contact_id']}/timeline"
    body = {"type": kind, "text": "Hi", "direction": "out", "lead_id": made["lead_no"],
            "occurred_at": iso(T0 + 5 * MINUTE)}
    entry = svc.call("POST", path, body, 201, at=T0 + HOUR).json()
    assert (entry["type"], entry["lead_id"], entry["occurred_at"], entry["data"]) == (
        kind, made["id"], iso(T0 + 5 * MINUTE), {"text": "Hi", "direction": "out"})
    assert svc.timeline(made["contact_id"], type=kind) == [entry]
    found = lead(svc, made)
    assert (found["first_contact_at"], found["status"]) == (iso(T0 + 5 * MINUTE), "CONTACTED")
    assert lead(svc, other)["first_contact_at"] is None
    svc.call("POST", path, {"type": kind}, 201, at=T0 + 2 * HOUR)
    assert lead(svc, other)["first_contact_at"] is not None
    assert lead(svc, made)["first_contact_at"] == found["first_contact_at"]


@pytest.mark.parametrize("body", [{"type": "call", "direction": "in"}, {"type": "note"},
                                  {"type": "meeting", "direction": "out"}])
def test_d36_a_note_or_a_call_of_theirs_is_none(svc, person, body):
    made = failed(svc, person)
    svc.call("POST", f"/v1/contacts/{made['contact_id']}/timeline", body, 201)
    assert lead(svc, made)["first_contact_at"] is None


def test_d36_a_converted_or_put_aside_lead_waits_for_nobody(svc, person):
    made = failed(svc, person)
    svc.call("PATCH", f"{LEADS}/{made['id']}", {"is_active": False}, 200)
    svc.call("POST", f"/v1/contacts/{made['contact_id']}/timeline", {"type": "call"}, 201)
    assert lead(svc, made)["first_contact_at"] is None
