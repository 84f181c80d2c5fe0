"""Rows A-11 … A-14 of the acceptance list: submitted, decided, and what comes late.

SPDX-License-Identifier: MIT
"""
import pytest

from support.seed_000 import (BOOKINGS, EXTRAS, LEADS, STEP_1, STEP_2, SUBMIT, TRACKING, Visitor,
                              contact_of, decide, faults, ids, lead, leads, row, total)
from support.times import MINUTE, T0, ms

# The document's words and the moves that people may make.
MOVES = {"tracking": ["pending", "approved", "rejected"], "pending": ["approved", "rejected"],
         "approved": [], "rejected": []}
STAGES = {"tracking": "tracking", "pending": "lead", "approved": "customer",
          "rejected": "inactive"}


def in_status(api, person, status, session=None):
    """(visitor, lead id) of a new lead of that status."""
    visitor = Visitor(api, session=session)
    made = visitor.track(STEP_1, contact_of(person), expect=201)
    if status == "pending":
        visitor.submit(contact_of(person), expect=200)
    elif status != "tracking":
        decide(api, made["id"], status)
    return visitor, made["id"]


def test_a11_the_submit_makes_the_record_pending(svc, person):
    visitor = Visitor(svc)
    made = visitor.track(STEP_1, STEP_2, contact_of(person), expect=201)
    answer = visitor.submit(STEP_1, STEP_2, contact_of(person), EXTRAS, expect=200)
    expected = {"success": True, "id": made["id"], "uuid": made["uuid"], "status": "pending",
                "created": False, "has_contact": True, "step": "submitted",
                "contact_id": made["contact_id"]}
    assert {name: answer[name] for name in expected} == expected
    assert row(svc, made["id"], status="tracking") is None
    listed = row(svc, made["id"], status="pending")
    assert (listed["status"], listed["step"], listed["stage"]) == ("pending", "submitted", "lead")
    assert {name: listed[name] for name in EXTRAS} == EXTRAS
    assert [activity["type"] for activity in svc.timeline(made["contact_id"])] == [
        "booking_form.submitted", "booking_form.tracked"]


def test_a11_a_partial_call_with_submit_is_a_submit(svc, person):
    visitor = Visitor(svc)
    made = visitor.track(contact_of(person), expect=201)
    answer = visitor.track(contact_of(person), submit=True, expect=200)
    assert (answer["id"], answer["status"]) == (made["id"], "pending")
    assert visitor.track(contact_of(person), submit=False, expect=200)["status"] == "pending"


def test_a11_a_submit_without_any_call_before_is_a_new_record(svc, person):
    answer = Visitor(svc).post(SUBMIT, {**STEP_1, **contact_of(person)}, 201)
    made = answer.json()
    assert (made["created"], made["status"], made["step"]) == (True, "pending", "submitted")
    assert svc.get(answer.header("location"))["id"] == made["id"]
    assert ms(lead(svc, made["id"])["submitted_at"])
    types = {activity["type"] for activity in svc.timeline(made["contact_id"])}
    assert "booking_form.submitted" in types


@pytest.mark.parametrize("session", [True, False])
def test_a11_a_submit_finds_the_anonymous_record_of_the_first_steps(svc, person, session):
    visitor = Visitor(svc, session=f"sess_{person.id}" if session else None)
    made = visitor.track(STEP_1, STEP_2, expect=201)
    answer = visitor.submit(contact_of(person), expect=200)
    assert (answer["id"], answer["status"], answer["has_contact"]) == (made["id"], "pending", True)
    kept = lead(svc, made["id"])
    assert {name: kept[name] for name in (*STEP_1, *STEP_2)} == {**STEP_1, **STEP_2}


def test_a11_a_second_submit_is_the_same_record_submitted_once(svc, person):
    visitor = Visitor(svc)
    made = visitor.submit(contact_of(person), expect=201, at=T0)
    again = visitor.submit(contact_of(person), expect=200, at=T0 + 10 * MINUTE)
    assert (again["id"], again["status"], again["created"]) == (made["id"], "pending", False)
    assert ms(lead(svc, made["id"])["submitted_at"]) - T0 < MINUTE
    types = [activity["type"] for activity in svc.timeline(made["contact_id"])]
    assert types.count("booking_form.submitted") == 1


def test_a11_the_person_is_found_from_another_device_by_the_phone(svc, person):
    made = Visitor(svc, session="phone").track(contact_of(person), expect=201)
    answer = Visitor(svc, session="laptop").submit(contact_of(person), expect=200)
    assert (answer["id"], answer["status"]) == (made["id"], "pending")


def test_a12_an_admin_approves_a_pending_record(svc, person):
    _, lead_id = in_status(svc, person, "pending")
    answer = decide(svc, lead_id, "approved")
    assert (answer["id"], answer["status"], answer["stage"]) == (lead_id, "approved", "customer")
    assert answer["clientName"] == person.name and answer["clientPhone"] == person.phone
    assert lead(svc, lead_id)["status"] == "approved"
    assert row(svc, lead_id, status="approved") and not row(svc, lead_id, status="pending")
    types = [entry["type"] for entry in svc.timeline(answer["contact_id"])]
    assert types.count("booking_form.approved") == 1


@pytest.mark.parametrize("form", ["id", "uuid", "reference"])
def test_a12_a_record_has_three_names(svc, person, form):
    _, lead_id = in_status(svc, person, "tracking")
    name = lead(svc, lead_id)[form]
    for path in (LEADS, BOOKINGS):
        assert svc.get(f"{path}/{name}")["id"] == lead_id
    assert decide(svc, name, "approved")["id"] == lead_id


@pytest.mark.parametrize("before", MOVES)
@pytest.mark.parametrize("after", MOVES)
def test_a13_every_move_of_the_table(svc, person, before, after):
    _, lead_id = in_status(svc, person, before)
    version = lead(svc, lead_id)["version"]
    if after == before:
        assert decide(svc, lead_id, after)["version"] == version, "no change"
    elif after in MOVES[before]:
        answer = decide(svc, lead_id, after)
        assert (answer["status"], answer["stage"]) == (after, STAGES[after])
        assert answer["version"] > version
    else:
        answer = svc.call("PATCH", f"{BOOKINGS}/{lead_id}", {"status": after}, 409)
        assert answer.header("content-type") == "application/json"
        body = answer.json()
        assert (body["success"], body["code"], body["from"]) == (False, "illegal_transition",
                                                                 before)
        assert sorted(body["allowed"]) == sorted(MOVES[before])
        assert isinstance(body["error"], str) and body["error"]
        assert lead(svc, lead_id)["version"] == version
    expected = after if after == before or after in MOVES[before] else before
    assert lead(svc, lead_id)["status"] == expected
    assert row(svc, lead_id, status=expected)
    for other in set(MOVES) - {expected}:
        assert not row(svc, lead_id, status=other), other


@pytest.mark.parametrize("word", [
    "done", "NEW", "CONTACTED", "CONVERTED", "LOST", "Customer - Active", "new_lead", "submitted",
    "tracking,pending"])
def test_a13_any_other_word_is_422(svc, person, word):
    _, lead_id = in_status(svc, person, "pending")
    answer = svc.call("PATCH", f"{BOOKINGS}/{lead_id}", {"status": word})
    assert faults(answer) == {"status": "enum"}
    assert lead(svc, lead_id)["status"] == "pending"


@pytest.mark.parametrize("body, expected", [
    ({}, {"status": "required"}), ({"status": None}, {"status": "required"}),
    ({"status": ""}, {"status": None}), ({"status": 1}, {"status": None}),
    ({"status": ["approved"]}, {"status": "type"}),
    ({"status": "approved", "note": "x" * 2001}, {"note": "length"}),
    ({"status": "approved", "note": {}}, {"note": "type"}),
    ({"status": "approved", "clientName": "Eve"}, {"clientName": "unknown_field"}),
    ({"state": "approved"}, {"state": "unknown_field", "status": "required"})])
def test_a13_a_faulty_decision_is_422_and_changes_nothing(svc, person, body, expected):
    _, lead_id = in_status(svc, person, "pending")
    before = svc.redis.dump()
    found = faults(svc.call("PATCH", f"{BOOKINGS}/{lead_id}", body))
    assert set(found) == set(expected)
    assert all(code is None or found[field] == code for field, code in expected.items()), found
    assert svc.redis.dump() == before


@pytest.mark.parametrize("name", ["999999999", "0", "-1", "nonsense", "KV-00000",
                                  "0193a1b2-7c2a-7d3e-9a51-0d2f5c1b7a10"])
def test_a13_a_record_that_is_not_there_is_404(svc, name):
    for method, path, body in (("PATCH", BOOKINGS, {"status": "approved"}),
                               ("GET", BOOKINGS, None), ("GET", LEADS, None)):
        answer = svc.call(method, f"{path}/{name}", body, 404)
        assert (answer.json()["success"], answer.json()["code"]) == (False, "not_found")


def test_a13_a_note_of_2000_characters_is_taken(svc, person):
    _, lead_id = in_status(svc, person, "pending")
    body = {"status": "approved", "note": "é" * 2000}
    assert svc.call("PATCH", f"{BOOKINGS}/{lead_id}", body, 200).json()["status"] == "approved"


def test_a13_a_decision_on_an_old_version_is_412(svc, person):
    visitor, lead_id = in_status(svc, person, "tracking")
    seen = svc.call("GET", f"{BOOKINGS}/{lead_id}", expect=200)
    assert seen.header("etag") == f'"v{seen.json()["version"]}"'
    visitor.submit(contact_of(person))
    known = {"If-Match": seen.header("etag")}
    answer = svc.call("PATCH", f"{BOOKINGS}/{lead_id}", {"status": "rejected"}, 412, headers=known)
    assert answer.json()["version"] == lead(svc, lead_id)["version"]
    assert lead(svc, lead_id)["status"] == "pending"
    known = {"If-Match": f'"v{answer.json()["version"]}"'}
    decide(svc, lead_id, "rejected", headers=known)


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_a13_a_decision_stands_on_the_timeline_once(svc, person, status):
    _, lead_id = in_status(svc, person, "pending")
    contact_id = decide(svc, lead_id, status)["contact_id"]
    decide(svc, lead_id, status)
    activities = svc.timeline(contact_id)  # in one millisecond, maybe: in any order
    assert sorted(activity["type"] for activity in activities) == sorted(
        [f"booking_form.{status}", "booking_form.submitted", "booking_form.tracked"])
    assert {activity["lead_id"] for activity in activities} == {lead(svc, lead_id)["uuid"]}


@pytest.mark.parametrize("status", ["pending", "approved", "rejected"])
@pytest.mark.parametrize("beacon", [
    {}, {"step": 1, **STEP_1}, STEP_2, {"clientEmail": "late@example.com"}, "all"])
def test_a14_a_late_call_of_the_session_changes_no_status(svc, person, status, beacon):
    _, lead_id = in_status(svc, person, status, session=f"sess_{person.id}")
    count = total(svc)
    if beacon == "all":
        beacon = {**STEP_1, **STEP_2, **contact_of(person), **EXTRAS}
    late = Visitor(svc, session=f"sess_{person.id}")  # from another address, as phones do
    answer = late.track(beacon, eventType="Wedding")
    assert (answer["id"], answer["created"], answer["status"]) == (lead_id, False, status)
    assert lead(svc, lead_id)["status"] == status
    assert total(svc) == count
    assert ids(svc, include="anonymous").count(lead_id) == 1


def test_a14_a_late_call_fills_gaps_and_changes_nothing_else(svc, person):
    visitor = Visitor(svc, session=f"sess_{person.id}")
    sent = {**STEP_1, **contact_of(person), "message": "as submitted"}
    made = visitor.submit(sent, expect=201)
    before = lead(svc, made["id"])
    visitor.track({"eventType": "Other", "eventName": "Other", "eventDate": "Other",
                   "message": "Other", "clientName": "Other", "clientPhone": person.phone,
                   "timeSlot": "evening", "clientEmail": person.email}, expect=200)
    after = lead(svc, made["id"])
    fields = {**sent, "timeSlot": "evening", "clientEmail": person.email}
    assert {name: after[name] for name in fields} == fields
    for name in ("status", "step", "submitted_at", "contact_id", "created_at", "score"):
        assert after[name] == before[name], name


def test_a14_a_late_call_without_session_finds_the_pending_record_by_phone(svc, person):
    visitor, lead_id = in_status(svc, person, "pending")
    answer = visitor.track(STEP_1, STEP_2, contact_of(person), expect=200)
    assert (answer["id"], answer["status"]) == (lead_id, "pending")


@pytest.mark.parametrize("status", ["approved", "rejected"])
@pytest.mark.parametrize("path", [TRACKING, SUBMIT])
def test_a14_after_the_decision_another_visit_of_that_person_is_a_new_record(
        svc, person, status, path):
    _, lead_id = in_status(svc, person, status, session=f"sess_{person.id}")
    answer = Visitor(svc).post(path, {**STEP_1, **contact_of(person)}, 201).json()
    assert answer["created"] is True and answer["id"] != lead_id
    assert answer["contact_id"] == lead(svc, lead_id)["contact_id"]
    assert answer["status"] == ("tracking" if path == TRACKING else "pending")
    assert lead(svc, lead_id)["status"] == status
    again = Visitor(svc, session="another").post(path, contact_of(person), 200).json()
    assert again["id"] == answer["id"], "the new record has a window of its own"


def test_a14_the_score_follows_the_status(svc, person):
    """The floor of 50 is that of a lead with contact details that is not lost (X-05)."""
    visitor = Visitor(svc)
    made = visitor.track(STEP_1)
    for change, score, quality in ((None, 0, "COLD"), ("contact", 50, "WARM"),
                                   ("rejected", 0, "COLD")):
        if change == "contact":
            visitor.track(contact_of(person))
        elif change:
            decide(svc, made["id"], change)
        kept = lead(svc, made["id"])
        assert (kept["score"], kept["quality"]) == (score, quality), change


def test_a14_many_leads_of_one_person_are_one_contact(own, person):
    made = []
    for n in range(4):
        made.append(Visitor(own).submit(contact_of(person), expect=201, at=T0 + n * MINUTE))
        decide(own, made[-1]["id"], "approved")
    assert [one["id"] for one in leads(own)] == [one["id"] for one in reversed(made)]
    assert {one["contact_id"] for one in leads(own)} == {made[0]["contact_id"]}
    assert len(own.list("/v1/contacts")) == 1
