"""People change leads, complete tasks and note calls: bodies, versions, repetitions.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import Person
from support.seed_000 import Visitor, contact_of
from support.seed_004 import LEADS, new_lead
from support.times import HOUR, T0, iso

UNKNOWN = "019a0000-0000-7000-8000-000000000000"


def patch(api, lead_id, body, expect=200, path=LEADS, **how):
    return api.call("PATCH", f"{path}/{lead_id}", body, expect, **how).json()


def faults(answer):
    return {fault["field"]: fault["code"] for fault in answer["errors"]}


def test_each_member_is_changed_and_emptied(svc, person):
    made = new_lead(svc, person)
    body = {"assignee": " ann ", "name": "Ann Other", "satisfaction": 5, "privacy_version": "v2",
            "is_active": False}
    changed = patch(svc, made["lead_no"], body)
    assert {name: changed[name] for name in body} == {**body, "assignee": "ann"}
    assert changed["version"] == made["version"] + 1
    nothing = {"assignee": None, "name": None, "satisfaction": None, "privacy_version": ""}
    emptied = patch(svc, made["reference"], nothing, path="/api/leads")
    assert {emptied[name] for name in nothing} == {None}


def test_a_context_is_changed_member_by_member(svc, person):
    made = new_lead(svc, person)
    body = '{"context":{"zip_code":null,"party_size_adults":12,"tent":{"size":12.50},"x":[]}}'
    context = patch(svc, made["id"], body)["context"]
    expected = {**made["context"], "party_size_adults": 12, "tent": {"size": 12.5}, "x": []}
    del expected["zip_code"]
    assert context == expected
    raw = svc.call("GET", f"{LEADS}/{made['id']}").body
    assert b'"tent":{"size":12.50}' in raw


def test_the_budget_in_the_context_orders_the_inbox(own):
    first, second = (new_lead(own, Person(), at=T0) for _ in range(2))
    for budget, order in ((5000, [first, second]), (1, [second, first])):
        patch(own, first["id"], {"context": {"estimated_budget_dollars": budget}}, at=T0)
        rows = own.list("/v1/leads", sort="-priority")
        assert [row["id"] for row in rows] == [one["id"] for one in order]


@pytest.mark.parametrize("body, expected", [
    ({"status": "won"}, {"status": "enum"}), ({"status": None}, {"status": "type"}),
    ({"is_active": None}, {"is_active": "type"}), ({"context": None}, {"context": "type"}),
    ({"context": []}, {"context": "type"}), ({"satisfaction": 6}, {"satisfaction": "range"}),
    ({"satisfaction": 0}, {"satisfaction": "range"}), ({"assignee": "a" * 65},
                                                       {"assignee": "length"}),
    ({"score": 5}, {"score": "unknown_field"})])
def test_a_faulty_change_is_refused(svc, body, expected):
    made = new_lead(svc, Person())
    assert faults(patch(svc, made["id"], body, 422)) == expected
    assert svc.get(f"{LEADS}/{made['id']}")["version"] == made["version"]


def test_a_word_of_the_other_vocabulary_is_refused_with_those_of_its_own(svc, person):
    made, form = new_lead(svc, Person()), Visitor(svc).track(contact_of(person))
    for lead_id, word, expected in ((made["id"], "approved", "NEW, CONTACTED, CONVERTED or LOST"),
                                    (form["id"], "CONTACTED",
                                     "tracking, pending, approved or rejected")):
        refused = patch(svc, lead_id, {"status": word}, 422)
        assert faults(refused) == {"status": "enum"}
        assert expected in refused["errors"][0]["detail"]
    assert patch(svc, form["id"], {"status": "Pending"})["status"] == "pending"


def test_moves_that_may_not_be_name_those_that_may(svc, person):
    made = new_lead(svc, person)
    assert patch(svc, made["id"], {"status": "contacted"})["first_contact_at"]
    refused = patch(svc, made["id"], {"status": "NEW"}, 409)
    assert (refused["code"], refused["from"], refused["allowed"]) == (
        "illegal_transition", "CONTACTED", ["CONVERTED", "LOST"])
    assert patch(svc, made["id"], {"status": "CONVERTED"})["converted_at"]
    assert patch(svc, made["id"], {"status": "LOST"}, 409)["allowed"] == []
    assert svc.lookup(email=person.email)["registered"] is True


def test_lost_settles_what_was_to_be_done(svc, person):
    made = new_lead(svc, person)
    lost = patch(svc, made["id"], {"status": "LOST"})
    assert (lost["status"], lost["stage"], lost["score"]) == ("LOST", "inactive", 0)
    assert svc.get(f"/v1/tasks/{made['task_id']}")["status"] == "cancelled"
    contact = svc.lookup(email=person.email)
    assert (contact["open_tasks"], contact["lead_score"]) == (0, 50)


def test_a_version_that_is_over_is_refused(svc, person):
    made = new_lead(svc, person)
    tag = {"If-Match": f'"v{made["version"]}"'}
    assert patch(svc, made["id"], {"assignee": "ann"}, headers=tag)["version"] == 2
    refused = patch(svc, made["id"], {"assignee": "bob"}, 412, headers=tag)
    assert (refused["code"], refused["version"]) == ("precondition_failed", 2)
    svc.call("DELETE", f"{LEADS}/{made['id']}?hard=true", None, 412, headers=tag)
    svc.call("DELETE", f"{LEADS}/{made['id']}", None, 412, headers=tag)


def test_of_changes_with_one_version_one_succeeds(svc, person):
    made = new_lead(svc, person)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: svc.call(
            "PATCH", f"{LEADS}/{made['id']}", {"assignee": f"a{n}"},
            headers={"If-Match": '"v1"'}).status, range(20)))
    assert sorted(answers) == [200] + [412] * 19


def test_assigned_to_somebody(svc, person):
    made = new_lead(svc, person)
    assigned = svc.call("POST", f"{LEADS}/{made['id']}/assign", {"agent": "ann"}, 200).json()
    assert (assigned["assignee"], assigned["id"]) == ("ann", made["id"])
    for body, expected in (({}, {"agent": "required"}), ({"agent": " "}, {"agent": "required"})):
        answer = svc.call("POST", f"{LEADS}/{made['id']}/assign", body, 422).json()
        assert faults(answer) == expected


def test_converted_with_all_that_may_be_said(svc, person):
    made = new_lead(svc, person)
    body = {"student_id": 321, "customer_id": person.id, "note": "Paid"}
    answer = svc.call("POST", f"{LEADS}/{made['reference']}/convert", body, 200).json()
    assert (answer["status"], answer["student_id"], answer["id"]) == ("CONVERTED", 321, made["id"])
    contact = svc.lookup(customer_id=person.id)
    assert (contact["id"], contact["student_id"]) == (made["contact_id"], 321)
    assert svc.newest(contact["id"], "lead.converted")["data"] == {**body, "student_id": "321"}
    again = svc.call("POST", f"{LEADS}/{made['id']}/convert", {}, 200).json()
    assert again == answer
    refused = svc.call("POST", f"{LEADS}/{made['id']}/convert", {"student_id": 5}, 409).json()
    assert (refused["code"], refused["student_id"]) == ("already_converted", 321)


def test_a_customer_id_that_is_somebody_elses_is_refused(svc, person):
    made = new_lead(svc, person)
    owner = svc.event("page.viewed", {"id": "taken-" + person.id})["contact_id"]
    refused = svc.call("POST", f"{LEADS}/{made['id']}/convert",
                       {"customer_id": "taken-" + person.id}, 409).json()
    assert (refused["code"], refused["existing_id"]) == ("identity_taken", owner)
    assert svc.get(f"{LEADS}/{made['id']}")["status"] == "NEW"
    anonymous = Visitor(svc).track(eventType="Wedding")
    refused = svc.call("POST", f"{LEADS}/{anonymous['id']}/convert", {"customer_id": "x1"}, 422)
    assert faults(refused.json()) == {"customer_id": "format"}


def test_put_aside_and_deleted_by_its_uuid(svc, person):
    made = new_lead(svc, person)
    assert svc.call("DELETE", f"{LEADS}/{made['lead_no']}", None, 200).json() == {
        "success": True, "id": made["id"], "is_active": False, "message": "Lead deactivated"}
    assert svc.call("DELETE", f"{LEADS}/{made['id']}?hard=true", None, 200).json() == {
        "success": True, "id": made["id"], "deleted": True, "message": "Lead deleted"}
    svc.call("GET", f"{LEADS}/{made['id']}", expect=404)


@pytest.mark.parametrize("body, expected", [
    ({"channel": "pigeon"}, {"channel": "enum"}), ({"agent": "a" * 65}, {"agent": "length"}),
    ({"to": "x"}, {"to": "unknown_field"})])
def test_contacted_by_a_faulty_channel(svc, person, body, expected):
    made = new_lead(svc, person)
    assert faults(svc.call("POST", f"{LEADS}/{made['id']}/contacted", body, 422).json()) == expected


@pytest.mark.parametrize("path, body", [
    ("/v1/tasks/{id}/complete", {"outcome": "maybe"}), ("/v1/tasks/{id}/complete", {"claim": 1})])
def test_a_task_is_completed_by_a_known_outcome(svc, person, path, body):
    made = new_lead(svc, person)
    svc.call("POST", path.format(id=made["task_id"]), body, 422)
    assert svc.get(f"/v1/tasks/{made['task_id']}")["status"] == "open"
    for unknown in (UNKNOWN, "seven"):
        svc.call("POST", path.format(id=unknown), {}, 404)


@pytest.mark.parametrize("body, expected", [
    ({}, {"type": "required"}), ({"type": "fax"}, {"type": "enum"}),
    ({"type": "call", "direction": "up"}, {"direction": "enum"}),
    ({"type": "call", "lead_id": "seven"}, {"lead_id": "format"}),
    ({"type": "call", "lead_id": UNKNOWN}, {"lead_id": "format"}),
    ({"type": "call", "occurred_at": "soon"}, {"occurred_at": "time"}),
    ({"type": "note", "text": "x" * 65537}, {"text": "length"})])
def test_a_faulty_note_is_refused(svc, person, body, expected):
    contact_id = new_lead(svc, person)["contact_id"]
    path = f"/v1/contacts/{contact_id}/timeline"
    assert faults(svc.call("POST", path, body, 422).json()) == expected


def test_a_note_of_somebody_elses_lead_or_of_nobody_is_refused(svc, person):
    made, other = new_lead(svc, person), new_lead(svc, Person())
    answer = svc.call("POST", f"/v1/contacts/{made['contact_id']}/timeline",
                      {"type": "note", "lead_id": other["id"]}, 422).json()
    assert faults(answer) == {"lead_id": "format"}
    for unknown in ("contact_0000000000000", "seven"):
        svc.call("POST", f"/v1/contacts/{unknown}/timeline", {"type": "note"}, 404)


def test_a_note_by_an_old_id_is_the_winners(svc):
    ann, bob = (new_lead(svc, Person())["contact_id"] for _ in range(2))
    svc.call("POST", "/v1/merges", {"winner": ann, "loser": bob, "force": True}, 201)
    noted = svc.call("POST", f"/v1/contacts/{bob}/timeline",
                     {"type": "note", "text": " two\nlines "}, 201)
    assert noted.header("content-location") == f"/v1/contacts/{ann}/timeline"
    assert svc.newest(ann, "note")["data"]["text"] == " two\nlines "


WRITES = [("PATCH", "/v1/leads/{id}", {"assignee": "ann"}, {"assignee": "bob"}),
          ("POST", "/v1/leads/{id}/assign", {"agent": "ann"}, {"agent": "bob"}),
          ("POST", "/v1/leads/{id}/contacted", {"note": "a"}, {"note": "b"}),
          ("POST", "/v1/leads/{id}/convert", {"student_id": 1}, {"student_id": 2}),
          ("POST", "/api/admin/leads/{id}/convert", {"student_id": 1}, {"student_id": 2}),
          ("DELETE", "/v1/leads/{id}", None, None),
          ("DELETE", "/v1/leads/{id}?hard=true", None, None),
          ("POST", "/v1/tasks/{task}/complete", {}, {"outcome": "reached"}),
          ("POST", "/v1/contacts/{contact}/timeline", {"type": "note"}, {"type": "call"})]


@pytest.mark.parametrize("method, path, body, other", WRITES)
def test_the_same_key_gives_the_same_answer_and_one_effect(svc, person, method, path, body, other):
    made = new_lead(svc, person, at=T0)
    url = path.format(id=made["id"], task=made["task_id"], contact=made["contact_id"])
    named = {"Idempotency-Key": person.id}
    first = svc.call(method, url, body, headers=named, at=T0 + 1)
    count = svc.contact(made["contact_id"])["activity_count"]
    again = svc.call(method, url, body, headers=named, at=T0 + HOUR)
    assert first.status < 300 and (again.status, again.body) == (first.status, first.body)
    assert again.header("idempotent-replayed") == "true"
    assert svc.contact(made["contact_id"])["activity_count"] == count
    if other is not None:
        refused = svc.call(method, url, other, 422, headers=named).json()
        assert refused["code"] == "idempotency_mismatch"


def test_a_note_keeps_its_own_time(svc, person):
    contact_id = new_lead(svc, person, at=T0)["contact_id"]
    noted = svc.call("POST", f"/v1/contacts/{contact_id}/timeline",
                     {"type": "meeting", "occurred_at": iso(T0 - HOUR)}, 201, at=T0).json()
    assert (noted["occurred_at"], noted["received_at"][:13]) == (iso(T0 - HOUR), iso(T0)[:13])
    assert svc.get(f"/v1/contacts/{contact_id}/timeline")["data"][-1] == noted
