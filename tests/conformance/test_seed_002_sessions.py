"""Seed 002: interactions, and the sessions of visitors nobody knows.

SPDX-License-Identifier: MIT
"""
import pytest

from support.times import HOUR, MINUTE, T0, iso, ms
from support.visitors import MADE, Browser, done_in, session_of

TYPES = ("ai_recommendation", "face_analysis", "cost_calculator", "appointment_booking",
         "package_inquiry", "search", "consultation", "registration", "community", "my_own_cta")
PATHS = ("/api/interactions", "/v1/interactions")


@pytest.mark.parametrize("path", PATHS)
def test_c01_an_interaction_is_answered_with_its_members(svc, path):
    answer = svc.call("POST", path, {
        "session_id": "c01", "user_id": 7, "interaction_type": "package_inquiry",
        "source_page": "/packs", "data": {"budget_range": "high"}}, 201, at=T0).json()
    created_at = answer.pop("created_at")
    assert 0 <= ms(created_at) - T0 < MINUTE
    assert answer.pop("id") == answer.pop("interaction_id")
    assert answer == {
        "success": True, "session_id": "c01", "user_id": 7, "interaction_type": "package_inquiry",
        "source_page": "/packs", "data": {"budget_range": "high"}, "converted_to_lead": False,
        "lead_id": None, "contact_id": None}


def test_c01_a_session_lists_the_same_members(svc):
    browser = Browser(svc)
    answer = browser.interaction(user_id="u-1", source_page="/x", data=[1, {"a": None}])
    assert answer.pop("success") is True and answer.pop("contact_id") is None
    assert session_of(svc, answer["session_id"])["interactions"] == [answer]


@pytest.mark.parametrize("member, good, bad", [
    ("interaction_type", "x" * 50, "x" * 51), ("interaction_type", "é" * 50, "é" * 51),
    ("session_id", "s" * 255, "s" * 256), ("user_id", "u" * 128, "u" * 129)])
def test_c02_texts_have_their_longest_size(svc, member, good, bad):
    body = {"interaction_type": "search", "session_id": "c02"}
    answer = svc.call("POST", "/api/interactions", {**body, member: good}, 201).json()
    assert answer[member] == good
    error = svc.call("POST", "/api/interactions", {**body, member: bad}, 422).json()
    assert [fault["field"] for fault in error["errors"]] == [member]
    assert error["success"] is False and error["error"]


def test_c02_an_interaction_has_a_type(svc):
    for body in ({}, {"interaction_type": ""}, {"interaction_type": None}):
        error = svc.call("POST", "/api/interactions", body, 422).json()
        assert [fault["code"] for fault in error["errors"]] == ["required"]


@pytest.mark.parametrize("letter", ["p", "é", "日"])
def test_c02_a_long_source_page_is_cut_at_100_characters(svc, letter):
    answer = Browser(svc).interaction(source_page=letter * 150)
    assert answer["source_page"] == letter * 100
    assert session_of(svc, answer["session_id"])["interactions"][0]["source_page"] == letter * 100


@pytest.mark.parametrize("data", ['{"a":{"b":[1,2.50]}}', "[]", '[1,"two",null]', '"text \\u00e9"',
                                  "450.10", "0", "true", "null"])
def test_c02_data_comes_back_unchanged(svc, data):
    body = f'{{"interaction_type":"search","session_id":"c02-data","data":{data}}}'
    answer = svc.call("POST", "/api/interactions", body, 201)
    assert f'"data":{data}'.encode() in answer.body
    listed = svc.call("GET", "/v1/sessions/c02-data", expect=200)
    assert f'"data":{data}'.encode() in listed.body


def test_c03_the_types_of_the_document_and_others_are_taken(svc):
    browser = Browser(svc)
    for kind in TYPES:
        assert browser.interaction(kind)["interaction_type"] == kind
    assert done_in(session_of(svc, browser.cookie)) == list(TYPES)


def test_c16_without_a_session_one_is_made_and_the_cookie_leads_back_to_it(svc):
    browser = Browser(svc)
    first = browser.interaction("search")
    assert MADE.match(first["session_id"]) and browser.cookie == first["session_id"]
    assert browser.rules == {"HttpOnly", "SameSite=Lax", "Path=/"}
    second = browser.event("page.viewed")
    assert second["session_id"] == first["session_id"] and second["contact_id"] is None
    assert done_in(session_of(svc, browser.cookie)) == ["search", "page.viewed"]
    assert Browser(svc).interaction("search")["session_id"] != first["session_id"]


def test_c17_a_session_lists_its_interactions_oldest_first(svc):
    browser = Browser(svc)
    browser.interaction("search", at=T0)
    browser.interaction("face_analysis", at=T0 + 2 * MINUTE)
    browser.interaction("cost_calculator", at=T0 + 3 * MINUTE, occurred_at=iso(T0 + MINUTE))
    session = session_of(svc, browser.cookie)
    assert done_in(session) == ["search", "cost_calculator", "face_analysis"]
    assert session["id"] == browser.cookie and session["contact_id"] is None
    assert 0 <= ms(session["first_seen"]) - T0 < MINUTE
    assert 0 <= ms(session["last_seen"]) - T0 - 3 * MINUTE < MINUTE


def named(person):
    return {"name": person.name, "phone_number": person.phone, "email": person.email}


def test_c20_the_whole_session_is_on_the_contacts_timeline_once_at_its_own_time(svc, person):
    browser = Browser(svc)
    rows = [browser.interaction(kind, at=T0 + n * MINUTE, data={"n": n})
            for n, kind in enumerate(("search", "ai_recommendation", "package_inquiry"))]
    answer = browser.interaction("consultation", at=T0 + 3 * MINUTE, **named(person))
    assert answer["session_id"] == browser.cookie and answer["contact_id"]
    activities = svc.timeline(answer["contact_id"])[::-1]
    assert [activity["id"] for activity in activities] == [
        row["id"] for row in (*rows, answer)]
    assert [activity["occurred_at"] for activity in activities] == [
        row["created_at"] for row in (*rows, answer)]
    assert [activity["data"] for activity in activities[:3]] == [row["data"] for row in rows]
    contact = svc.contact(answer["contact_id"])
    assert (contact["activity_count"], contact["last_activity"]) == (4, answer["created_at"])
    session = session_of(svc, browser.cookie)
    assert session["contact_id"] == contact["id"]
    assert [row["id"] for row in session["interactions"]] == [
        activity["id"] for activity in activities]


@pytest.mark.parametrize("path", ["/v1/events", "/v1/track-event"])
def test_c20_an_event_of_another_dialect_brings_the_session_too(svc, person, path):
    sid = f"c20-{person.id}-{path}"
    Browser(svc).interaction("search", session_id=sid)
    contact_id = svc.event("customer.login", person, path=path,
                           session={"session_id": sid})["contact_id"]
    assert [activity["type"] for activity in svc.timeline(contact_id)] == [
        "customer.login", "search"]


def test_c20_what_follows_in_the_session_is_the_contacts(svc, person):
    browser = Browser(svc)
    browser.interaction("search", at=T0)
    contact_id = browser.interaction("consultation", at=T0 + 1, **named(person))["contact_id"]
    later = browser.interaction("cost_calculator", at=T0 + MINUTE)
    event = browser.event("vehicle.viewed", {"vehicle_name": "Camry"}, at=T0 + 2 * MINUTE)
    assert (later["contact_id"], event["contact_id"]) == (contact_id, contact_id)
    assert event["created"] is False and event["lead_status"] == "New Lead"
    assert len(svc.timeline(contact_id)) == 4
    assert svc.contact(contact_id)["last_vehicle_viewed"] == "Camry"
    assert done_in(session_of(svc, browser.cookie)) == [
        "search", "consultation", "cost_calculator", "vehicle.viewed"]


def test_c20_the_booking_form_names_a_session_too(svc, person):
    """What somebody has looked at before typing name and phone into the form of that session."""
    session = f"sess_{person.id}"
    for n, page in enumerate(("/packs", "/packs/gold")):
        svc.call("POST", "/v1/events", {
            "event_type": "page.viewed", "session": {"session_id": session},
            "event_data": {"page": page}}, expect=200, at=T0 + n * MINUTE)
    made = svc.call("POST", "/api/bookings/tracking", {
        "clientName": person.name, "clientPhone": person.phone, "sessionId": session},
        expect=201, at=T0 + HOUR).json()
    timeline = svc.timeline(made["contact_id"])
    assert [entry["type"] for entry in timeline] == [
        "booking_form.tracked", "page.viewed", "page.viewed"]
    assert [entry["occurred_at"] for entry in timeline] == [
        iso(T0 + HOUR), iso(T0 + MINUTE), iso(T0)]
    contact = svc.contact(made["contact_id"])
    assert (contact["activity_count"], contact["last_activity"]) == (3, iso(T0 + HOUR))
    assert svc.get(f"/v1/sessions/{session}")["contact_id"] == made["contact_id"]
