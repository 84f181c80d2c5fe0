"""Seed 000's endpoints as callers mistreat them: faulty bodies, repeated calls (rule X-07).

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from support.api import Person
from support.seed_000 import (BOOKINGS, FIELDS, LEADS, STEP_1, STEP_2, SUBMIT, TRACKING, Visitor,
                              contact_of, decide, faults, ids, lead, leads, total)
from support.times import HOUR, T0

PATHS = (TRACKING, SUBMIT)
LENGTHS = {"eventType": 100, "eventName": 255, "eventDate": 40, "selectedPackId": 128,
           "packName": 255, "clientName": 255, "clientPhone": 32, "clientEmail": 254,
           "timeSlot": 100, "message": 65536, "sessionId": 255}


@pytest.fixture
def refused(svc):
    """refused(path, body): {field: code} of the 422, which must have written nothing."""
    def post(path, body):
        before = svc.redis.dump()
        answer = svc.call("POST", path, body)
        found = faults(answer)
        assert svc.redis.dump() == before
        return found

    return post


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("field", LENGTHS)
def test_a_field_that_is_one_character_too_long_is_named(svc, refused, person, path, field):
    body = {**STEP_1, **contact_of(person), "selectedPackId": "p"}
    for character in "xé" if field != "message" else "x":
        assert refused(path, {**body, field: character * (LENGTHS[field] + 1)}) == {field: "length"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("field", [name for name in LENGTHS if name != "sessionId"])
@pytest.mark.parametrize("character", "xé")
def test_a_field_of_the_greatest_length_is_kept_whole(svc, person, path, field, character):
    if field == "message":
        character = "x"  # as JSON with escapes the other would be more than a body may have
    value = character * LENGTHS[field]
    if field == "clientPhone":
        value = value[:-15] + f"{person.id:>15}"
    made = Visitor(svc).post(path, {**STEP_1, **contact_of(person), field: value}, 201).json()
    assert lead(svc, made["id"])[field] == value


@pytest.mark.parametrize("path", PATHS)
def test_a_session_of_the_greatest_length_is_a_session(svc, person, path):
    session = f"{person.id}é".ljust(255, "x")
    made = Visitor(svc, session=session).post(path, contact_of(person), 201).json()
    assert Visitor(svc, session=session).track(STEP_2, expect=200)["id"] == made["id"]
    other = Visitor(svc, session=session[:-1]).track(STEP_2, expect=201)
    assert other["id"] != made["id"]


@pytest.mark.parametrize("session", ["a b", 'quo"te', "new\nline", "ünï", "\\", "{x}", "a:b", "0",
                                     "#" + "0" * 40, "null"])
def test_any_text_is_a_session(svc, person, session):
    session = f"{session}{person.id}" if session != "0" else f"0{person.id[5:]}"
    made = Visitor(svc, session=session).track(STEP_1, expect=201)
    assert Visitor(svc, session=session).track(STEP_2, expect=200)["id"] == made["id"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [True, {"a": 1}, ["x"]])
def test_a_field_of_the_wrong_type_is_named(refused, person, path, field, value):
    assert refused(path, {**STEP_1, **contact_of(person), field: value}) == {field: "type"}


@pytest.mark.parametrize("field, values", [
    ("step", [0, 4, -1, 1.5, "x", "submitted", True, [1], {}]),
    ("viewedPacks", ["gold", {"id": "gold"}, 1, True, [{"id": str(n)} for n in range(51)],
                     ["gold"], [1], [[]], [{"id": {}}], [{"id": "x" * 129}]]),
    ("submit", ["perhaps", 2, [], {}]), ("sessionId", [True, [], {}])])
def test_a_faulty_value_beyond_the_ten_fields_is_named(refused, person, field, values):
    for value in values:
        found = refused(TRACKING, {**STEP_1, **contact_of(person), field: value})
        assert len(found) == 1 and next(iter(found)).split(".")[0] == field, value


@pytest.mark.parametrize("path", PATHS)
def test_all_faults_are_reported_at_once_and_nothing_is_echoed(svc, path):
    before = svc.redis.dump()
    sent = {"eventType": ["Geheimnis"], "packName": {}, "timeSlot": "Geheimnis" * 20,
            "clientName": False, "message": [], "clientPhone": "Geheimnis" * 9}
    answer = svc.call("POST", path, sent)
    found = faults(answer)
    assert set(found) == set(sent)
    assert found["timeSlot"] == found["clientPhone"] == "length"
    assert b"Geheimnis" not in answer.body
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/" + name for name in sent}
    assert svc.redis.dump() == before


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body, status, code", [
    ("{", 400, "bad_json"), ('{"eventName":"x",}', 400, "bad_json"), ("{}{}", 400, "bad_json"),
    ('{"eventName":"\x01"}', 400, "bad_json"), (b'{"eventName":"\xff"}', 400, "bad_json"),
    ("hello", 400, "bad_body"), ("[]", 422, "validation"), ('"x"', 400, None),
    ('{"eventName":"a\\u0000b"}', 422, "validation"),
    ('{"eventName":"\\ud800"}', 422, "validation"),
    ('{"eventName":"a","eventName":"b"}', 422, "validation")])
def test_a_broken_body_is_refused_and_nothing_is_written(svc, path, body, status, code):
    before = svc.redis.dump()
    answer = svc.call("POST", path, body)
    assert answer.status == status, answer
    problem = answer.json()
    assert problem["success"] is False and isinstance(problem["error"], str)
    assert code in (None, problem["code"])
    assert answer.header("content-type") == "application/json"
    assert svc.redis.dump() == before


def test_an_empty_body_is_an_empty_object(svc):
    before = svc.redis.dump()
    assert svc.call("POST", TRACKING, b"", 202).json()["ignored"] == "incomplete"
    assert faults(svc.call("POST", SUBMIT, b"")) == {"clientName": "required",
                                                     "clientPhone": "required"}
    assert svc.redis.dump() == before


@pytest.mark.parametrize("path", PATHS)
def test_a_form_is_as_good_as_json(svc, person, path):
    fields = {**STEP_1, **STEP_2, **contact_of(person), "message": "Grüße\r\nan alle & mehr"}
    form = urlencode({**fields, "clientEmail": ""})
    label = {"Content-Type": "application/x-www-form-urlencoded"}
    made = Visitor(svc).post(path, form, 201, label).json()
    kept = lead(svc, made["id"])
    assert {name: kept[name] for name in fields} == fields and kept["clientEmail"] is None


@pytest.mark.parametrize("path, method", [(TRACKING, "GET"), (TRACKING, "PUT"), (SUBMIT, "DELETE"),
                                          (SUBMIT, "GET"), (f"{BOOKINGS}/1", "POST"),
                                          (LEADS, "PUT")])
def test_another_method_is_405_with_those_that_are_allowed(svc, path, method):
    answer = svc.call(method, path, expect=405)
    allowed = {name.strip() for name in answer.header("allow").split(",")}
    known = {TRACKING: {"POST"}, SUBMIT: {"POST"}, f"{BOOKINGS}/1": {"GET", "PATCH"},
             LEADS: {"GET"}}[path]
    assert known <= allowed and method not in allowed
    assert answer.json()["success"] is False


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_of_any_origin_may_post_with_credentials(svc, person, path):
    origin = {"Origin": "https://shop.example"}
    answer = svc.call("OPTIONS", path, headers={**origin, "Access-Control-Request-Method": "POST"},
                      expect=204)
    real = Visitor(svc).post(path, contact_of(person), 201, origin)
    for one in (answer, real):
        assert one.header("access-control-allow-origin") == "https://shop.example"
        assert one.header("access-control-allow-credentials") == "true"


@pytest.mark.parametrize("path", PATHS)
def test_a_trailing_slash_is_no_other_path(svc, person, path):
    assert Visitor(svc).post(path + "/", contact_of(person), 201).json()["created"] is True


# --- repetition --------------------------------------------------------------------------------

@pytest.fixture(params=["header", "body"])
def named(request):
    """named(body, name): body and headers of a call with an id, in the one or the other."""
    def make(body, name):
        if request.param == "header":
            return body, {"Idempotency-Key": name}
        return {**body, "event_id": name}, {}

    make.by_header = request.param == "header"
    return make


def same(answers):
    return {(answer.status, answer.body) for answer in answers}


@pytest.mark.parametrize("path, anonymous", [(TRACKING, True), (TRACKING, False), (SUBMIT, False)])
def test_x07_a_repeated_call_gives_the_same_answer_and_has_one_effect(own, named, path, anonymous):
    person, visitor = Person(), Visitor(own)
    body, headers = named(STEP_1 if anonymous else {**STEP_1, **contact_of(person)}, "call-1")
    first = visitor.post(path, body, 201, headers)
    assert first.header("idempotent-replayed") is None
    before = leads(own, include="anonymous")
    again = [visitor.post(path, body, 201, headers), Visitor(own).post(path, body, 201, headers)]
    assert same(again) == same([first])
    assert [answer.header("idempotent-replayed") for answer in again] == ["true"] * 2
    assert leads(own, include="anonymous") == before and len(before) == 1
    if not anonymous:
        types = [a["type"] for a in own.timeline(first.json()["contact_id"])]
        assert len(types) == len(set(types))


@pytest.mark.parametrize("path", PATHS)
def test_x07_the_same_id_with_another_body(own, named, path):
    one, other = Person(), Person()
    body, headers = named(contact_of(one), "call-1")
    first = Visitor(own).post(path, body, 201, headers)
    body, headers = named(contact_of(other), "call-1")
    answer = Visitor(own).client.call("POST", path, body, headers)
    if named.by_header:
        assert (answer.status, answer.json()["code"]) == (422, "idempotency_mismatch")
    else:
        assert same([answer]) == same([first]), "an event id is the event, whatever else is sent"
        assert answer.header("idempotent-replayed") == "true"
    assert total(own) == 1 and leads(own)[0]["clientName"] == one.name


def test_x07_a_key_belongs_to_its_path(own, person):
    key = {"Idempotency-Key": "call-1"}
    visitor = Visitor(own)
    made = visitor.post(TRACKING, contact_of(person), 201, key).json()
    answer = visitor.post(SUBMIT, contact_of(person), 200, key)
    assert answer.header("idempotent-replayed") is None
    assert (answer.json()["id"], answer.json()["status"]) == (made["id"], "pending")


def test_x07_a_repeated_partial_call_does_not_undo_the_submit(own, named, person):
    visitor = Visitor(own)
    body, headers = named({**STEP_1, **contact_of(person)}, "call-1")
    first = visitor.post(TRACKING, body, 201, headers)
    visitor.submit(contact_of(person), eventName="Changed", expect=200)
    before = leads(own)
    again = visitor.post(TRACKING, body, 201, headers)
    assert same([again]) == same([first]) and again.json()["status"] == "tracking"
    assert leads(own) == before and before[0]["status"] == "pending"


@pytest.mark.parametrize("path", PATHS)
def test_x07_fifty_at_once_have_one_effect(own, named, person, path):
    visitor = Visitor(own)
    body, headers = named({**STEP_1, **contact_of(person)}, "at-once")
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(
            lambda _: visitor.client.call("POST", path, body, headers), range(50)))
    done = [answer for answer in answers if answer.status == 201]
    assert done and len(same(done)) == 1
    assert [answer.header("idempotent-replayed") for answer in done].count(None) == 1
    for answer in answers:
        if answer.status != 201:
            assert (answer.status, answer.json()["code"]) == (409, "in_progress")
    assert total(own) == len(own.list("/v1/contacts")) == 1
    assert leads(own)[0]["version"] == lead(own, done[0].json()["id"])["version"] == 1


def test_x07_an_id_is_remembered_for_24_hours(own, named, person):
    visitor = Visitor(own)
    body, headers = named(contact_of(person), "call-1")
    first = visitor.post(TRACKING, body, 201, headers, at=T0)
    again = visitor.post(TRACKING, body, 201, headers, at=T0 + 23 * HOUR)
    assert same([again]) == same([first])
    late = visitor.post(TRACKING, body, 201, headers, at=T0 + 25 * HOUR)
    assert late.json()["id"] != first.json()["id"], "a new lead, for its window is over as well"


def test_x07_an_id_is_remembered_over_a_kill_of_the_service(own, named, person):
    body, headers = named({**STEP_1, **contact_of(person)}, "before-the-kill")
    first = own.call("POST", SUBMIT, body, 201, headers=headers)
    own.service.kill()
    own.service.start()
    again = own.call("POST", SUBMIT, body, headers=headers)
    assert same([again]) == same([first]) and again.header("idempotent-replayed") == "true"
    assert ids(own) == [first.json()["id"]]


def test_x07_only_good_answers_are_remembered(svc, person):
    key = {"Idempotency-Key": person.id}
    visitor = Visitor(svc)
    visitor.post(SUBMIT, STEP_1, 422, key)
    visitor.post(SUBMIT, contact_of(person), 201, key)


def test_x07_a_repeated_decision_is_the_same_decision(own, person):
    made = Visitor(own).submit(contact_of(person))
    key, path = {"Idempotency-Key": "decision-1"}, f"{BOOKINGS}/{made['id']}"
    first = own.call("PATCH", path, {"status": "approved"}, 200, headers=key)
    again = own.call("PATCH", path, {"status": "approved"}, 200, headers=key)
    assert again.body == first.body and again.header("idempotent-replayed") == "true"
    other = own.call("PATCH", path, {"status": "rejected"}, 422, headers=key)
    assert other.json()["code"] == "idempotency_mismatch"
    assert [a["type"] for a in own.timeline(made["contact_id"])].count("booking_form.approved") == 1


def test_x07_decisions_at_once_agree(own):
    for _ in range(5):
        made = Visitor(own).submit(contact_of(Person()))
        words = ["approved", "rejected"] * 10
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda word: own.call(
                "PATCH", f"{BOOKINGS}/{made['id']}", {"status": word}), words))
        status = lead(own, made["id"])["status"]
        for word, answer in zip(words, answers):
            assert answer.status == (200 if word == status else 409), answer
        types = [activity["type"] for activity in own.timeline(made["contact_id"])]
        assert len(types) == len(set(types)) and f"booking_form.{status}" in types
        assert decide(own, made["id"], status)["status"] == status
