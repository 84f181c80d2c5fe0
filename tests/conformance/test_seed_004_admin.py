"""Rows E-13, E-16, E-20 to E-34, E-36 and E-41 of the acceptance list: admins convert, put aside,
delete, change and count leads.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import Person
from support.seed_000 import SUBMIT, Visitor, contact_of, faults
from support.seed_004 import (ADMIN, LEADS, STATS, admin_view, bulk, convert, new_lead, put_aside,
                              stats)
from support.stored import assert_sound
from support.times import DAY, HOUR, MINUTE, T0, ms
from support.whatsapp import write

OF_SEED_004 = {"phone_number", "sender_name", "first_message", "last_message", "message_count",
               "is_active", "converted_to_student", "student_id", "created_at", "updated_at",
               "last_message_time"}
UNKNOWN = ("999999", "019a0000-0000-7000-8000-000000000000", "KV-00000", "seven", "stats.", "-1")


def test_e13_a_lead_begins_active_and_unconverted(svc, person):
    row = admin_view(svc, new_lead(svc, person)["lead_no"])
    assert OF_SEED_004 <= row.keys()
    assert (row["is_active"], row["converted_to_student"], row["student_id"]) == (True, False, None)


def test_e16_ids_are_integers_that_rise(svc):
    ids = [admin_view(svc, new_lead(svc, Person())["id"])["id"] for _ in range(3)]
    ids.append(Visitor(svc).track(contact_of(Person()))["id"])
    assert all(isinstance(one, int) for one in ids) and ids == sorted(set(ids))


def test_e20_the_active_unconverted_ones(own):
    made = [new_lead(own, Person(), at=T0 + n)["lead_no"] for n in range(4)]
    convert(own, made[0], 1)
    put_aside(own, made[1])
    convert(own, made[2], 2)
    put_aside(own, made[2])
    assert [row["id"] for row in own.get(ADMIN, converted="false", active="true")] == [made[3]]
    assert [row["id"] for row in own.get(ADMIN, converted="true")] == [made[2], made[0]]


def test_e29_converted_to_student(svc, person):
    made = new_lead(svc, person, at=T0)
    answer = convert(svc, made["lead_no"], 123, at=T0 + HOUR)
    at = answer.pop("converted_at")
    assert answer == {"success": True, "id": made["lead_no"], "converted_to_student": True,
                      "student_id": 123, "is_active": True}
    assert 0 <= ms(at) - T0 - HOUR < MINUTE
    row = admin_view(svc, made["id"])
    assert (row["status"], row["stage"], row["student_id"], row["is_active"]) == (
        "CONVERTED", "customer", 123, True)
    contact = svc.lookup(email=person.email)
    assert (contact["registered"], contact["student_id"], contact["open_tasks"]) == (True, 123, 0)
    assert svc.newest(contact["id"])["type"] == "lead.converted"
    assert svc.get(f"/v1/tasks/{made['task_id']}")["outcome"] == "resolved"


@pytest.mark.parametrize("body, field, code", [
    ({}, "student_id", "required"), ({"student_id": None}, "student_id", "required"),
    ({"student_id": 0}, "student_id", "range"), ({"student_id": -3}, "student_id", "range"),
    ({"student_id": "x"}, "student_id", "type"), ({"student_id": 1.5}, "student_id", "range"),
    ({"student_id": 1, "shoe": 2}, "shoe", "unknown_field")])
def test_e29_a_student_id_is_an_integer_from_1(svc, person, body, field, code):
    made = new_lead(svc, person)["lead_no"]
    refused = svc.call("POST", f"{ADMIN}/{made}/convert", body)
    assert faults(refused) == {field: code}
    assert admin_view(svc, made)["status"] == "NEW"


def test_e30_the_same_student_again_changes_nothing_and_another_is_refused(svc, person):
    made = new_lead(svc, person)["lead_no"]
    first = convert(svc, made, 123, at=T0)
    before = admin_view(svc, made)
    assert convert(svc, made, 123, at=T0 + HOUR) == first
    refused = convert(svc, made, 124, 409)
    assert (refused["code"], refused["student_id"], refused["success"]) == (
        "already_converted", 123, False)
    assert admin_view(svc, made) == before


def test_e30_of_fifty_at_once_with_different_students_one_succeeds(svc, person):
    made = new_lead(svc, person)["lead_no"]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda n: svc.call(
            "POST", f"{ADMIN}/{made}/convert", {"student_id": n + 1}), range(50)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 49
    winner = next(answer.json()["student_id"] for answer in answers if answer.status == 200)
    assert {answer.json()["student_id"] for answer in answers} == {winner}
    assert admin_view(svc, made)["student_id"] == winner


def test_e30_a_lost_lead_has_to_be_new_again_first(svc, person):
    made = new_lead(svc, person)
    svc.call("PATCH", f"{LEADS}/{made['id']}", {"status": "LOST"}, 200)
    refused = convert(svc, made["lead_no"], 5, 409)
    assert (refused["code"], refused["from"], refused["allowed"]) == (
        "illegal_transition", "LOST", ["NEW"])
    svc.call("PATCH", f"{LEADS}/{made['id']}", {"status": "new"}, 200)
    assert convert(svc, made["lead_no"], 5)["student_id"] == 5


def test_e29_a_booking_form_that_is_converted_is_approved(svc, person):
    made = Visitor(svc).post(SUBMIT, contact_of(person)).json()["id"]
    assert convert(svc, made, 7)["student_id"] == 7
    assert admin_view(svc, made)["status"] == "approved"
    assert Visitor(svc).track(contact_of(person))["created"] is True, "the request is over"


def test_e31_put_aside_it_is_still_readable(svc, person):
    made = new_lead(svc, person)["lead_no"]
    expected = {"success": True, "id": made, "is_active": False, "message": "Lead deactivated"}
    assert put_aside(svc, made) == expected
    before = admin_view(svc, made)
    assert (before["is_active"], before["status"], before["stage"], before["score"]) == (
        False, "NEW", "inactive", 0)
    assert put_aside(svc, made) == expected
    assert admin_view(svc, made) == before
    assert svc.lookup(email=person.email)["lead_score"] == 50
    for hard in ("yes", "1"):
        assert faults(svc.call("DELETE", f"{ADMIN}/{made}?hard={hard}")) == {"hard": "enum"}
    assert put_aside(svc, f"{made}?hard=false") == expected


def test_e23_deleted_nothing_of_it_is_left(own, person):
    made = new_lead(own, person)
    convert(own, made["lead_no"], 77)
    assert put_aside(own, made["lead_no"], hard=True) == {
        "success": True, "id": made["lead_no"], "deleted": True, "message": "Lead deleted"}
    for method, path in (("GET", ""), ("DELETE", ""), ("DELETE", "?hard=true")):
        own.call(method, f"{ADMIN}/{made['lead_no']}{path}", expect=404)
    for name in (made["id"], made["reference"]):
        own.call("GET", f"{ADMIN}/{name}", expect=404)
    redis = own.redis.text
    for name in redis.scan_iter(count=1000):
        assert made["id"] not in name and not name.startswith("crm_lead_student_")
        if redis.type(name) == "zset" and "activity" not in name:
            members = redis.zrange(name, 0, -1)
            assert not {made["id"], made["task_id"], made["alert_id"]} & set(members), name
    own.call("GET", f"/v1/tasks/{made['task_id']}", expect=404)
    assert own.get(ADMIN) == [] and stats(own) == (0, 0, 0, 0, "0.0%")
    types = [entry["type"] for entry in own.timeline(made["contact_id"])]
    assert types == ["lead.converted", "booking.failed"], "what the person did is history"
    again = new_lead(own, person)
    assert again["lead_no"] > made["lead_no"] and again["contact_id"] == made["contact_id"]
    assert_sound(own)


def test_e25_the_statistics_are_four_integers_and_a_rate(own, person):
    convert(own, new_lead(own, person)["lead_no"], 1)
    assert stats(own) == (1, 1, 1, 0, "100.0%")
    assert own.call("GET", STATS).body == (
        b'{"total_leads":1,"active_leads":1,"converted_leads":1,"unconverted_leads":0,'
        b'"conversion_rate":"100.0%"}')


def test_e27_without_leads_the_statistics_are_zeros(own):
    assert stats(own) == (0, 0, 0, 0, "0.0%")
    Visitor(own).track(eventType="Wedding")
    assert stats(own) == (0, 0, 0, 0, "0.0%"), "an anonymous record is no lead yet"


def test_e26_the_documents_own_numbers(own):
    made = [new_lead(own, Person(), at=T0 + n)["lead_no"] for n in range(45)]
    for n, one in enumerate(made[:13]):
        convert(own, one, n + 1)
    for one in made[32:]:
        put_aside(own, one)
    assert stats(own) == (45, 32, 13, 19, "28.9%")
    put_aside(own, made[0])
    assert stats(own) == (45, 31, 13, 19, "28.9%")
    rows = own.get(ADMIN, limit=1000)
    assert len(rows) == 45
    assert sum(row["is_active"] for row in rows) == 31
    assert sum(row["converted_to_student"] for row in rows) == 13
    assert_sound(own)


@pytest.mark.parametrize("converted, total, rate", [
    (1, 3, "33.3%"), (2, 3, "66.7%"), (1, 8, "12.5%"), (5, 5, "100.0%"), (1, 16, "6.3%")])
def test_e26_the_rate_has_one_decimal_and_rounds_half_up(own, converted, total, rate):
    for n in range(total):
        made = new_lead(own, Person())["lead_no"]
        if n < converted:
            convert(own, made, n + 1)
    assert stats(own)[4] == rate


def test_e26_the_statistics_of_a_source_and_of_a_time(own):
    for n in range(3):
        made = new_lead(own, Person(), at=T0 + n * DAY)["lead_no"]
    convert(own, made, 1)
    new_lead(own, Person(), at=T0 + 3 * DAY, source="Face Analysis")
    Visitor(own).track(contact_of(Person()))
    assert stats(own)[0] == 5
    assert stats(own, source="BOOKING_FAILED") == (3, 3, 1, 2, "33.3%")
    assert stats(own, source="booking form,face analysis,Face Analysis")[0] == 2
    assert stats(own, source="nobody's") == (0, 0, 0, 0, "0.0%")
    after = "2025-11-12T00:00:00Z"
    assert stats(own, created_after=after)[0] == 4
    assert stats(own, created_after=after, created_before="2025-11-13")[0] == 1
    assert stats(own, source="booking_failed", created_before="2025-11-13")[:3] == (2, 2, 0)
    refused = own.call("GET", f"{STATS}?created_after=soon&source=,")
    assert set(faults(refused)) == {"created_after", "source"}


def test_e21_converted_it_may_be_put_aside(svc, person):
    made = new_lead(svc, person)["lead_no"]
    convert(svc, made, 1)
    put_aside(svc, made)
    row = admin_view(svc, made)
    assert (row["converted_to_student"], row["is_active"]) == (True, False)


def test_e22_put_aside_it_may_be_converted(svc, person):
    made = new_lead(svc, person)["lead_no"]
    put_aside(svc, made)
    assert convert(svc, made, 1)["is_active"] is False
    assert admin_view(svc, made)["converted_to_student"] is True


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_e32_an_unknown_id_is_404(svc, unknown):
    for method, path, body in (("GET", "", None), ("POST", "/convert", {"student_id": 1}),
                               ("DELETE", "", None), ("DELETE", "?hard=true", None)):
        answer = svc.call(method, f"{ADMIN}/{unknown}{path}", body, 404).json()
        assert (answer["success"], answer["code"]) == (False, "not_found")


def test_e33_stats_and_bulk_are_never_ids(svc, person):
    made = new_lead(svc, person)["lead_no"]
    assert "total_leads" in svc.get(f"{ADMIN}/stats")
    assert bulk(svc, "deactivate", [made])["done"] == 1
    for method, path in (("DELETE", "stats"), ("PATCH", "stats"), ("GET", "bulk"),
                         ("DELETE", "bulk")):
        assert svc.call(method, f"{ADMIN}/{path}", {}).status == 405


# E-36: many at once -------------------------------------------------------------------------------


def results(answer):
    return {row["id"]: row.get("code", row["ok"]) for row in answer["results"]}


def test_e36_each_of_many_succeeds_or_fails_alone(svc):
    made = [new_lead(svc, Person()) for _ in range(3)]
    convert(svc, made[2]["lead_no"], 9)
    ids = [made[0]["lead_no"], made[1]["id"], 999999, "seven", made[2]["reference"]]
    answer = bulk(svc, "status", ids, status="LOST")
    assert (answer["success"], answer["done"], answer["failed"]) == (True, 2, 3)
    assert [row["id"] for row in answer["results"]] == ids
    assert results(answer) == {ids[0]: True, ids[1]: True, 999999: "not_found",
                               "seven": "not_found", ids[4]: "illegal_transition"}
    for action, member, value in (("deactivate", "is_active", False),
                                  ("reactivate", "is_active", True), ("assign", "assignee", "ann")):
        answer = bulk(svc, action, ids[:2], path=f"{LEADS}/bulk", assignee="ann")
        assert answer["done"] == 2
        assert {admin_view(svc, one)[member] for one in ids[:2]} == {value}
    assert bulk(svc, "delete", ids[:3])["done"] == 2
    svc.call("GET", f"{ADMIN}/{ids[0]}", expect=404)


def test_e36_many_are_converted_each_to_its_student(svc):
    made = [new_lead(svc, Person())["lead_no"] for _ in range(4)]
    items = [{"id": one, "student_id": 1000 + one} for one in made[:2]]
    items.append({"id": made[0], "student_id": 5})
    answer = svc.call("POST", f"{ADMIN}/bulk",
                      {"action": "convert", "items": items, "ids": made[2:]}, 200).json()
    assert [row.get("code") for row in answer["results"]] == [None] * 4 + ["already_converted"]
    rows = [admin_view(svc, one) for one in made]
    assert [row["student_id"] for row in rows] == [1000 + made[0], 1000 + made[1], None, None]
    assert {row["status"] for row in rows} == {"CONVERTED"}


@pytest.mark.parametrize("body, expected", [
    ({}, {"action": "required"}), ({"action": "explode", "ids": [1]}, {"action": "enum"}),
    ({"action": "convert"}, {"ids": "length"}), ({"action": "convert", "ids": []},
                                                 {"ids": "length"}),
    ({"action": "status", "ids": [1]}, {"status": "enum"}),
    ({"action": "status", "ids": [1], "status": "won"}, {"status": "enum"}),
    ({"action": "assign", "ids": [1]}, {"assignee": "required"}),
    ({"action": "delete", "ids": [1, None, {}, 1.5]},
     {"ids.1": "type", "ids.2": "type", "ids.3": "type"}),
    ({"action": "convert", "items": [1, {"student_id": 1}, {"id": 1, "student_id": 0}]},
     {"items.0": "type", "items.1": "type", "items.2.student_id": "type"}),
    ({"action": "delete", "ids": list(range(501))}, {"ids": "length"}),
    ({"action": "delete", "ids": list(range(300)), "items": [{"id": 1}] * 201},
     {"ids": "length"})])
def test_e36_a_faulty_list_is_refused_whole(svc, body, expected):
    assert faults(svc.call("POST", f"{ADMIN}/bulk", body)) == expected


def test_e36_a_repeated_call_does_nothing_twice(svc):
    made = [new_lead(svc, Person())["lead_no"] for _ in range(2)]
    named = {"Idempotency-Key": f"bulk-{made[0]}"}
    body = {"action": "deactivate", "ids": made}
    first = svc.call("POST", f"{ADMIN}/bulk", body, 200, headers=named)
    bulk(svc, "reactivate", made)
    again = svc.call("POST", f"{ADMIN}/bulk", body, 200, headers=named)
    assert again.body == first.body
    assert (first.header("idempotent-replayed"), again.header("idempotent-replayed")) == (None,
                                                                                         "true")
    assert admin_view(svc, made[0])["is_active"] is True
    other = svc.call("POST", f"{ADMIN}/bulk", {**body, "action": "delete"}, headers=named)
    assert (other.status, other.json()["code"]) == (422, "idempotency_mismatch")


def test_e36_five_hundred_at_once(own):
    made = [new_lead(own, Person())["lead_no"] for _ in range(100)]
    answer = bulk(own, "deactivate", made + list(range(10_000, 10_400)))
    assert (answer["done"], answer["failed"]) == (100, 400)
    assert stats(own) == (100, 0, 0, 0, "0.0%")


def test_e41_an_empty_redis_works_at_once(own, person):
    assert own.get(ADMIN) == [] and stats(own)[0] == 0
    assert bulk(own, "delete", [1])["failed"] == 1
    assert new_lead(own, person)["lead_no"] == 1
    assert convert(own, 1, 1)["id"] == 1
    assert_sound(own)


# With conversations -------------------------------------------------------------------------------


def test_e23_a_deleted_conversation_is_gone_and_the_next_message_makes_a_new_lead(own, person):
    made = write(own, person, "Hi", "Jane")
    write(own, person, "Anybody?")
    put_aside(own, made["id"], hard=True)
    redis = own.redis.text
    left = [name for name in redis.scan_iter(count=1000)
            if name.startswith(("crm_message_", "crm_lead_window_", "crm_lead_no_"))]
    assert left == []
    again = write(own, person, "Hello")
    assert (again["created"], again["message_count"]) == (True, 1) and again["id"] > made["id"]
    assert [one["text"] for one in admin_view(own, again["id"])["messages"]] == ["Hello"]
    assert_sound(own)


def test_e23_only_the_messages_of_the_deleted_lead_are_gone(own, person):
    made = write(own, person, "Hi")
    convert(own, made["id"], 5)
    write(own, person, "As a student")
    put_aside(own, made["id"], hard=True)
    texts = [text for name in own.redis.text.scan_iter("crm_message_*")
             for text in own.redis.text.zrange(name, 0, -1)]
    assert len(texts) == 1 and "As a student" in texts[0]


def test_e28_the_detail_is_the_whole_lead_and_its_messages(svc, person):
    made = write(svc, person, "Hi", "Jane", at=T0)
    write(svc, person, "Again", at=T0 + HOUR)
    found = admin_view(svc, made["id"])
    assert OF_SEED_004 <= found.keys()
    assert (found["first_message"], found["last_message"], found["message_count"]) == (
        "Hi", "Again", 2)
    assert [(one["direction"], one["text"]) for one in found["messages"]] == [
        ("in", "Hi"), ("in", "Again")]


def test_e34_after_conversion_the_number_is_registered(own, person):
    made = write(own, person, "Hi")
    convert(own, made["id"], 123)
    before = admin_view(own, made["id"])
    answer = write(own, person, "Hello again")
    assert (answer["id"], answer["created"], answer["registered"]) == (None, False, True)
    assert answer["contact_id"] == made["contact_id"]
    after = admin_view(own, made["id"])
    assert after.pop("activities")[1:] == before.pop("activities"), "it is on the timeline"
    assert after == before
    assert stats(own) == (1, 1, 1, 0, "100.0%")
    assert_sound(own)
