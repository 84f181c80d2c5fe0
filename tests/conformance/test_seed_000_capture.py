"""Rows A-01 … A-10, A-15, A-16 of the acceptance list: what the booking form's calls leave behind.

SPDX-License-Identifier: MIT
"""
import json
import re

import pytest

from support.api import Person
from support.seed_000 import (EXTRAS, FIELDS, LEADS, STEP_1, STEP_2, SUBMIT, TRACKING, Visitor,
                              contact_of, faults, ids, lead, leads, row, total)
from support.stored import stored
from support.times import HOUR, MINUTE, T0, WIRE, iso, ms

UUID7 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
CONTACT_ID = re.compile(r"^contact_[0-9a-hjkmnp-tv-z]{13}$")


@pytest.fixture
def visitor(svc):
    return Visitor(svc)


@pytest.fixture(params=["session", "address"])
def known_by(svc, request, person):
    """A visitor whom the service recognizes by a session (from changing addresses) or by the
    address alone: a function that gives the visitor as they come back."""
    if request.param == "session":
        return lambda: Visitor(svc, session=f"sess_{person.id}")
    same = Visitor(svc)
    return lambda: same


def test_a01_name_and_phone_make_a_lead_before_anything_is_submitted(svc, visitor, person):
    answer = visitor.post(TRACKING, contact_of(person), 201)
    assert answer.header("content-type") == "application/json"
    body = answer.json()
    expected = {"success": True, "status": "tracking", "created": True, "has_contact": True,
                "step": 3}
    assert {name: body[name] for name in expected} == expected
    assert isinstance(body["id"], int) and body["id"] >= 1
    assert UUID7.match(body["uuid"]) and CONTACT_ID.match(body["contact_id"])
    listed = row(svc, body["id"], status="tracking")
    assert listed["uuid"] == body["uuid"]
    assert (listed["clientName"], listed["clientPhone"]) == (person.name, person.phone)
    assert svc.get(answer.header("location"))["id"] == body["id"]


def test_a01_the_lead_belongs_to_a_contact_with_that_name_and_phone(svc, visitor, person):
    contact_id = visitor.track(contact_of(person), clientEmail=person.email)["contact_id"]
    contact = svc.contact(contact_id)
    expected = {"first_name": person.first_name, "last_name": person.last_name,
                "phone": person.phone, "email": person.email, "lead_source": "Booking Form",
                "sources": ["Booking Form"]}
    assert {name: contact[name] for name in expected} == expected
    for identity in ({"phone": person.phone}, {"email": person.email}):
        assert svc.lookup(**identity)["id"] == contact_id


def test_a01_the_contact_is_told_of_the_form_once(svc, visitor, person):
    visitor.track(STEP_1)
    made = visitor.track(contact_of(person))
    visitor.track(contact_of(person), EXTRAS)
    visitor.track(contact_of(person), STEP_2)
    activities = svc.timeline(made["contact_id"])
    assert [activity["type"] for activity in activities] == ["booking_form.tracked"]
    assert activities[0]["lead_id"] == made["uuid"]


def test_a01_who_is_known_from_track_event_stays_the_same_contact(svc, visitor, person):
    contact_id = svc.event("page.viewed", person, at=T0)["contact_id"]
    answer = visitor.track(contact_of(person), at=T0 + MINUTE)
    assert (answer["created"], answer["contact_id"]) == (True, contact_id)
    contact = svc.contact(contact_id)
    assert contact["lead_source"] == "Website"
    assert sorted(contact["sources"]) == ["Booking Form", "Website"]
    assert [activity["type"] for activity in svc.timeline(contact_id)] == [
        "booking_form.tracked", "page.viewed"]


SENT = {"eventType": " Anniversaire ", "eventName": "\tL'été & <b>\"Noël\"</b> 👩‍🚀 ",
        "eventDate": "12 mai 2026, le soir", "selectedPackId": " pack/7:é ",
        "packName": " Pack «Or» \\ ", "clientName": "  Zoë O'Neil 山田 ", "clientPhone": None,
        "clientEmail": " Zoe+Tag@Example.com ", "timeSlot": " 18:00 – 20:00 ",
        "message": "  Première ligne\r\n\tdeuxième  \n"}


@pytest.mark.parametrize("label", ["application/json", "text/plain;charset=UTF-8", None])
@pytest.mark.parametrize("path", [TRACKING, SUBMIT])
def test_a02_the_ten_fields_come_back_as_they_were_sent(svc, visitor, person, label, path):
    sent = {**SENT, "clientPhone": f" {person.phone[:5]} {person.phone[5:]} "}
    assert tuple(sent) == FIELDS
    made = visitor.post(path, sent, 201, {"Content-Type": label}).json()
    kept = lead(svc, made["id"])
    for name in FIELDS:
        expected = sent[name] if name == "message" else sent[name].strip()
        assert kept[name] == expected, name


def test_a02_the_documents_own_call(svc, visitor):
    """What fetch() in the document's code sends: JSON, labelled as text, with empty strings for
    what is not filled in and a phone in national spelling."""
    body = ('{"eventType":"Wedding","eventName":"A & B","eventDate":"2026-05-01",'
            '"selectedPackId":"p1","packName":"Gold","clientName":"Jane",'
            '"clientPhone":"06 12 34 56 78","clientEmail":"","timeSlot":"","message":""}')
    label = {"Content-Type": "text/plain;charset=UTF-8"}
    made = visitor.post(TRACKING, body, 201, label).json()
    assert (made["status"], made["has_contact"], made["step"]) == ("tracking", True, 3)
    kept = lead(svc, made["id"])
    for name, value in json.loads(body).items():
        assert kept[name] == (value or None), name
    again = Visitor(svc).post(TRACKING, body, 200, label).json()
    assert again["id"] == made["id"], "digits are an identity, also where no region explains them"


@pytest.mark.parametrize("date", ["2026-05-01", "31/02/2026", "1er mai", "05.01.26", "next Friday",
                                  "2026-05-01T18:00:00", "0", "x" * 40])
def test_a02_a_date_is_kept_as_it_was_typed(svc, visitor, date):
    made = visitor.track({**STEP_1, "eventDate": date}, expect=201)
    assert lead(svc, made["id"])["eventDate"] == date


@pytest.mark.parametrize("email", ["jane@", "jane at example.com", "@", "a@b@c", "n/a"])
def test_a02_an_email_that_is_none_is_kept_as_text(svc, visitor, person, email):
    made = visitor.track(contact_of(person), clientEmail=email, expect=201)
    assert lead(svc, made["id"])["clientEmail"] == email
    assert not svc.contact(made["contact_id"])["email"]


@pytest.mark.parametrize("phone", ["ask my wife", "12345", "1234567890123456", "+1 555 CALL"])
def test_a02_a_phone_that_is_none_is_kept_as_text_and_joins_nobody(svc, person, phone):
    fields = {"clientName": person.name, "clientPhone": phone}
    one = Visitor(svc).track(fields, expect=201)
    other = Visitor(svc).track(fields, expect=201)
    assert one["has_contact"] and other["has_contact"] and one["id"] != other["id"]
    assert row(svc, one["id"])["clientPhone"] == phone


def test_a02_a_pack_id_may_be_a_number(svc, visitor):
    made = visitor.track(STEP_1, selectedPackId=12345678901, packName="Gold", expect=201)
    kept = lead(svc, made["id"])
    assert str(kept["selectedPackId"]) == "12345678901"
    assert [str(pack["id"]) for pack in kept["viewed_packs"]] == ["12345678901"]


def test_a02_the_campaign_and_unknown_members_are_taken(svc, visitor, person):
    made = visitor.track(contact_of(person), utm_source="ads", utm_medium="cpc",
                         utm_campaign="spring", favouriteColour="blue", expect=201)
    assert lead(svc, made["id"])["clientName"] == person.name
    assert svc.newest(made["contact_id"])["extra"]["favouriteColour"] == "blue"
    kept = lead(svc, made["id"])
    assert [kept[f"utm_{name}"] for name in ("source", "medium", "campaign")] == [
        "ads", "cpc", "spring"]


ALONE = [("clientName", "Ghislaine Quatremère"), ("clientPhone", "+33 6 98 76 54 32")]
TRACES = {"clientName": ["Ghislaine", "Quatrem", "ghislaine"],
          "clientPhone": ["98 76 54 32", "698765432"]}


def lone(api, field, value):
    """A visitor of steps 1 and 2 sends one of name and phone: it is nowhere."""
    visitor = Visitor(api)
    made = visitor.track(STEP_1, expect=201)
    before = leads(api)
    answer = visitor.track(STEP_1, STEP_2, {field: value}, clientEmail="  ", expect=200)
    assert (answer["id"], answer["created"], answer["has_contact"]) == (made["id"], False, False)
    assert answer["contact_id"] is None
    assert leads(api) == before == []
    anonymous = row(api, made["id"], include="anonymous")
    assert anonymous["has_contact"] is False and not anonymous.get(field)
    assert anonymous["packName"] == STEP_2["packName"]
    assert not lead(api, made["id"]).get(field)
    assert api.list("/v1/contacts") == []
    kept = stored(api.redis).decode() + api.service.log_text()
    assert [trace for trace in TRACES[field] if trace in kept] == []
    # It was not remembered: the other half alone does not complete it.
    other, text = next(pair for pair in ALONE if pair[0] != field)
    answer = visitor.track(STEP_1, {other: text})
    assert (answer["id"], answer["has_contact"]) == (made["id"], False)
    assert leads(api) == []


def test_a03_a_lone_name_is_not_stored(own):
    lone(own, *ALONE[0])


def test_a04_a_lone_phone_is_not_stored(own):
    lone(own, *ALONE[1])


@pytest.mark.parametrize("body", [
    {}, {"clientName": "Ghislaine"}, {"clientPhone": "+33698765432"}, {"eventType": "  "},
    {"clientName": "Ghislaine", "clientPhone": " ", "eventName": "", "message": None}])
def test_a03_a04_with_nothing_else_the_call_is_ignored_and_nothing_is_written(svc, visitor, body):
    before = svc.redis.dump()
    answer = visitor.track(body, expect=202)
    assert (answer["success"], answer["id"], answer["ignored"]) == (True, None, "incomplete")
    assert svc.redis.dump() == before


BLANKS = [{}, {"clientName": "", "clientPhone": ""}, {"clientName": "  ", "clientPhone": "\t \r\n"},
          {"clientName": None, "clientPhone": None}, {"clientName": "", "clientPhone": "  "}]


@pytest.mark.parametrize("blank", BLANKS)
def test_a05_a_submit_without_name_and_phone_names_both(svc, visitor, blank):
    before = svc.redis.dump()
    answer = visitor.post(SUBMIT, {**STEP_1, **STEP_2, **EXTRAS, **blank}, 422)
    assert faults(answer) == {"clientName": "required", "clientPhone": "required"}
    answer = visitor.post(TRACKING, {**STEP_1, **blank, "submit": True}, 422)
    assert faults(answer) == {"clientName": "required", "clientPhone": "required"}
    assert svc.redis.dump() == before


@pytest.mark.parametrize("missing", ["clientName", "clientPhone"])
@pytest.mark.parametrize("blank", ["", "   ", None])
def test_a05_a_submit_without_one_of_them_names_that_one(svc, visitor, person, missing, blank):
    before = svc.redis.dump()
    answer = visitor.post(SUBMIT, {**contact_of(person), missing: blank}, 422)
    assert faults(answer) == {missing: "required"}
    assert svc.redis.dump() == before


@pytest.mark.parametrize("missing", ["clientName", "clientPhone"])
@pytest.mark.parametrize("blank", ["", "   ", None])
def test_a05_a_blank_name_or_phone_is_none_for_a_partial_call(svc, visitor, person, missing, blank):
    answer = visitor.track(STEP_1, contact_of(person), {missing: blank}, expect=201)
    assert (answer["has_contact"], answer["step"]) == (False, 1)
    assert row(svc, answer["id"]) is None


def test_a06_the_first_step_is_an_anonymous_record(svc, known_by):
    count = total(svc)
    body = known_by().track(STEP_1, expect=201)
    expected = {"success": True, "status": "tracking", "created": True, "has_contact": False,
                "step": 1, "contact_id": None}
    assert {name: body[name] for name in expected} == expected
    listed = row(svc, body["id"], include="anonymous")
    assert (listed["has_contact"], listed["stage"], listed["step"]) == (False, "anonymous", 1)
    assert {name: listed[name] for name in STEP_1} == STEP_1
    assert row(svc, body["id"]) is None and total(svc) == count
    again = known_by().track(STEP_1, expect=200)
    assert (again["id"], again["created"]) == (body["id"], False)


def test_a07_the_second_step_is_the_same_record(svc, known_by):
    made = known_by().track(STEP_1, expect=201)
    answer = known_by().track(STEP_2, expect=200)
    assert (answer["id"], answer["created"], answer["step"]) == (made["id"], False, 2)
    assert answer["has_contact"] is False
    kept = lead(svc, made["id"])
    assert {name: kept[name] for name in (*STEP_1, *STEP_2)} == {**STEP_1, **STEP_2}


def time_of(pack):
    times = [value for value in pack.values() if isinstance(value, str) and WIRE.match(value)]
    assert len(times) == 1, pack
    return ms(times[0])


def test_a08_viewed_packs_are_kept_in_the_order_in_which_they_were_first_seen(svc, visitor):
    def pack(name):
        return {"id": name, "name": name.title()}

    calls = [({"selectedPackId": "bronze", "packName": "Bronze"}, ["bronze"]),
             ({"viewedPacks": [pack("silver"), pack("bronze"), pack("gold")]}, ["silver", "gold"]),
             ({"selectedPackId": "ruby", "packName": "Ruby"}, ["ruby"]),
             ({"selectedPackId": "bronze", "packName": "Bronze"}, []),
             ({"viewedPacks": [pack("ruby"), pack("opal"), pack("opal")]}, ["opal"])]
    expected, times = [], []
    visitor.track(STEP_1, at=T0)
    for n, (body, new) in enumerate(calls, 1):
        made = visitor.track(body, at=T0 + n * 5 * MINUTE)
        expected += new
        times += [n] * len(new)
    viewed = lead(svc, made["id"])["viewed_packs"]
    assert [(one["id"], one["name"]) for one in viewed] == [(p, p.title()) for p in expected]
    assert [(time_of(one) - T0) // (5 * MINUTE) for one in viewed] == times
    assert row(svc, made["id"], include="anonymous")["viewed_packs"] == viewed


def test_a09_name_and_phone_upgrade_the_record_of_the_first_steps(own, person):
    visitor = Visitor(own)
    made = visitor.track(STEP_1, expect=201)
    visitor.track(STEP_2, expect=200)
    answer = visitor.track(contact_of(person), expect=200)
    expected = {"id": made["id"], "uuid": made["uuid"], "created": False, "step": 3,
                "status": "tracking", "has_contact": True}
    assert {name: answer[name] for name in expected} == expected
    assert CONTACT_ID.match(answer["contact_id"])
    assert ids(own, include="anonymous") == ids(own) == [made["id"]]
    kept = leads(own)[0]
    fields = {**STEP_1, **STEP_2, **contact_of(person)}
    assert {name: kept[name] for name in fields} == fields
    assert (kept["has_contact"], kept["stage"], kept["step"]) == (True, "tracking", 3)
    assert len(own.list("/v1/contacts")) == 1


def test_a09_the_same_by_session_from_changing_addresses(own, person):
    for n, fields in enumerate((STEP_1, STEP_2, contact_of(person))):
        answer = Visitor(own, session="sess_a09").track(fields)
        assert (answer["id"], answer["created"], answer["step"]) == (1, n == 0, n + 1)
    assert ids(own, include="anonymous") == [1]


@pytest.mark.parametrize("repeats_contact", [True, False])
def test_a10_later_fields_go_into_the_same_record(svc, person, repeats_contact):
    """The document's code sends all fields each time, a tracker with a session only the changed."""
    visitor = Visitor(svc, session=f"sess_{person.id}")
    first = {**STEP_1, **STEP_2, **contact_of(person)}
    made = visitor.track(first, expect=201)
    fields = dict(first)
    for name, value in {"clientEmail": person.email, "timeSlot": "evening", "message": "Hi",
                        "eventName": "Sofia", "packName": "Gold plus"}.items():
        given = {**(contact_of(person) if repeats_contact else {}), name: value}
        answer = visitor.track(given, expect=200)
        assert (answer["id"], answer["created"], answer["step"]) == (made["id"], False, 3)
        assert answer["contact_id"] == made["contact_id"]
        fields[name] = value
        kept = lead(svc, made["id"])
        assert {name: kept[name] for name in fields} == fields
    assert svc.contact(made["contact_id"])["email"] == person.email


def test_a10_an_empty_value_erases_nothing(svc, visitor, person):
    fields = {**STEP_1, **STEP_2, **contact_of(person), **EXTRAS}
    made = visitor.track(fields, expect=201)
    empty = {name: "" for name in FIELDS}
    visitor.track(empty, contact_of(person), expect=200)
    visitor.track(contact_of(person), {name: None for name in (*STEP_1, *STEP_2, *EXTRAS)})
    kept = lead(svc, made["id"])
    assert {name: kept[name] for name in fields} == fields


def test_a10_an_email_that_is_typed_on_makes_no_second_contact(own, person):
    visitor = Visitor(own)
    answers = [visitor.track(contact_of(person), clientEmail=person.email + rest)
               for rest in ("", ".a", ".au")]
    assert {answer["id"] for answer in answers} == {answers[0]["id"]}
    assert {answer["contact_id"] for answer in answers} == {answers[0]["contact_id"]}
    assert lead(own, answers[0]["id"])["clientEmail"] == person.email + ".au"
    assert len(own.list("/v1/contacts")) == len(leads(own)) == 1


def test_a15_the_step_is_the_furthest_that_was_reached(svc, person):
    visitor = Visitor(svc, session=f"sess_{person.id}")
    calls = [(STEP_1, 1), (STEP_2, 2), (STEP_1, 2), ({**STEP_1, "step": 1}, 2),
             (contact_of(person), 3), (STEP_1, 3), (STEP_2, 3), ({"step": 1, **STEP_1}, 3)]
    for body, step in calls:
        answer = visitor.track(body)
        assert answer["step"] == step, body
        assert lead(svc, answer["id"])["step"] == step
    assert visitor.submit(contact_of(person))["step"] == "submitted"
    assert visitor.track({**STEP_1, "step": 1})["step"] == "submitted"
    assert row(svc, answer["id"])["step"] == "submitted"


@pytest.mark.parametrize("body, step", [
    ({"eventName": "x"}, 1), ({"eventType": "x"}, 1), ({"eventDate": "x"}, 1),
    ({"selectedPackId": "x"}, 2), ({"packName": "x"}, 2), ({**STEP_1, **STEP_2}, 2),
    ({"viewedPacks": [{"id": "x", "name": "X"}]}, 2), ({**STEP_1, "step": 2}, 2),
    ({**STEP_1, "step": 3}, 3), ({**STEP_2, "step": 1}, 2)])
def test_a15_the_step_follows_from_the_fields_and_from_the_step_given(svc, visitor, body, step):
    answer = visitor.track(body, expect=201)
    assert (answer["step"], lead(svc, answer["id"])["step"]) == (step, step)


def test_a16_the_times_are_those_of_the_calls(svc, person):
    visitor = Visitor(svc, session=f"sess_{person.id}")
    visitor.track(STEP_1, at=T0)
    made = visitor.track(contact_of(person), at=T0 + HOUR)

    def times():
        kept = lead(svc, made["id"])
        return [kept[name] for name in ("created_at", "updated_at", "submitted_at")]

    def are(values, *expected):
        for value, at in zip(values, expected):
            assert value is None if at is None else 0 <= ms(value) - at < MINUTE, (values, iso(at))

    are(times(), T0, T0 + HOUR, None)
    visitor.submit(contact_of(person), at=T0 + 2 * HOUR)
    are(times(), T0, T0 + 2 * HOUR, T0 + 2 * HOUR)
    submitted = times()[2]
    svc.call("PATCH", f"/api/admin/bookings/{made['id']}", {"status": "approved"}, 200,
             at=T0 + 3 * HOUR)
    are(times(), T0, T0 + 3 * HOUR, T0 + 2 * HOUR)
    assert times()[2] == submitted
    listed = row(svc, made["id"])
    assert [listed[name] for name in ("created_at", "updated_at", "submitted_at")] == times()


def test_a16_a_call_far_in_the_past_or_on_another_day_has_its_own_time(svc, visitor):
    made = visitor.track(STEP_1, at=ms("2024-02-29T23:59:30.000Z"))
    kept = svc.get(f"{LEADS}/{made['id']}")
    assert kept["created_at"].startswith("2024-02-29T23:59:3")


def test_a10_two_people_of_one_name_are_two_leads(svc):
    one, other = Person(), Person()
    first = Visitor(svc).track(contact_of(one), clientName="Jane Roe")
    second = Visitor(svc).track(contact_of(other), clientName="Jane Roe")
    assert first["id"] != second["id"] and first["contact_id"] != second["contact_id"]
