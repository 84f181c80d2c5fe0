"""Requests of real clients, byte for byte as they were captured (tests/fixtures/clients).

SPDX-License-Identifier: MIT
"""
from pathlib import Path

import pytest

from support.api import Person
from support.client import Wire
from support.service import ROOT

CAPTURES = Path(ROOT) / "tests/fixtures/clients"


def replay(svc, name, who=None):
    """The service's answer; who: takes the place of the capture's customer."""
    data = (CAPTURES / f"{name}.http").read_bytes()
    if who:
        head, body = data.split(b"\r\n\r\n", 1)
        length = len(body)
        for old, new in ((b"john@example.com", who.email), (b"user123", who.id),
                         (b"+1234567890", who.phone)):
            body = body.replace(old, new.encode())
        assert who.email.encode() in body
        head = head.replace(b"ength: %d" % length, b"ength: %d" % len(body))
        data = head + b"\r\n\r\n" + body
    with Wire(("127.0.0.1", svc.service.port)) as wire:
        wire.send(data)
        return wire.answer()


@pytest.mark.parametrize("name", [
    "supabase-invoke-json", "supabase-invoke-string", "supabase-invoke-string-json-header",
    "supabase-invoke-blob", "supabase-invoke-region", "supabase-invoke-userjwt",
    "browser-supabase-invoke", "browser-seed001-fetch.2"])
def test_a_tracked_event_of_a_real_client(svc, person, name):
    answer = replay(svc, name, person)
    assert answer.status == 200 and answer.header("content-type") == "application/json"
    body = answer.json()
    assert body["success"] is True and body["message"] == "Event tracked successfully"
    contact = svc.lookup(email=person.email)
    assert contact["id"] == body["contact_id"]
    assert (contact["total_bookings"], str(contact["total_revenue"])) == (1, "450.00")
    activity = svc.newest(contact["id"])
    session = {"session_id": "sess_abc123", "device": "mobile", "browser": "Chrome"}
    assert activity["session"] == session
    assert activity["data"]["vehicle_id"] == "car_789"


def test_the_captures_as_they_are_are_one_customer(svc):
    ids = {replay(svc, name).json()["contact_id"] for name in (
        "supabase-invoke-json", "supabase-invoke-blob", "browser-seed001-fetch.2")}
    assert len(ids) == 1
    assert svc.contact(ids.pop())["total_bookings"] == 3


@pytest.mark.parametrize("name", ["curl-json", "curl-default-d"])
def test_an_event_without_customer_by_curl_is_ignored(svc, name):
    answer = replay(svc, name)
    assert answer.status == 202 and answer.json()["ignored"] == "anonymous"


@pytest.mark.parametrize("name",
                         ["browser-seed001-fetch", "browser-supabase-invoke-hono-allowheaders"])
def test_a_preflight_of_chromium_is_granted(svc, name):
    answer = replay(svc, name)
    assert answer.status == 204 and answer.body == b""
    assert answer.header("access-control-allow-origin") == "http://127.0.0.1:21340"
    granted = {name.strip() for name in answer.header("access-control-allow-headers").split(",")}
    assert {"authorization", "content-type"} <= granted
    if "supabase" in name:
        assert {"apikey", "x-client-info"} <= granted


def test_health_as_supabase_js_asks_for_it(svc):
    answer = replay(svc, "supabase-invoke-nobody")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("name", ["supabase-invoke-delete", "supabase-invoke-post-nobody"])
def test_a_function_that_we_do_not_have_is_404_as_the_caller_can_read_it(svc, name):
    answer = replay(svc, name)
    assert answer.status == 404 and answer.header("content-type") == "application/json"
    assert answer.json()["success"] is False and isinstance(answer.json()["error"], str)


def test_form_data_without_an_event_type_is_named(svc):
    answer = replay(svc, "supabase-invoke-formdata")
    assert answer.status == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == ["event_type"]


def test_the_caller_of_the_document_with_all_it_really_sends(svc):
    """The data that the document's own front end sends along, event by event."""
    person = Person()
    session = {"session_id": "sess_1762855200000_k3j9x2", "device": "desktop", "browser": "unknown"}
    vehicle = {"vehicle_id": "car_789", "vehicle_name": "Toyota Camry", "vehicle_type": "sedan",
               "daily_rate": 45, "pickup_location": "Airport"}
    hired = {**vehicle, "total_amount": 450.1, "booking_id": "bk_1", "extras": ["gps"]}
    events = [
        ("customer.created", {}), ("search.performed", {"location": "Airport"}),
        ("vehicle.viewed", vehicle), ("booking.started", {**vehicle, "estimated_total": 450.1}),
        ("booking.step_completed", {**vehicle, "step": "extras"}),
        ("booking.abandoned", {**vehicle, "total_price": 450.1, "abandoned_at_step": "payment"}),
        ("payment.failed", {"amount": 450.1, "error": "declined"}), ("booking.completed", hired),
        ("form.submitted", {"form_type": "contact", "message": "Hi"}),
        ("quote.requested", {**vehicle, "estimated_total": 500})]
    for event_type, data in events:
        answer = svc.event(event_type, person.customer(name=person.email), data, session=session)
    contact = svc.contact(answer["contact_id"])
    assert (contact["total_bookings"], str(contact["total_revenue"])) == (1, "450.10")
    assert (contact["lead_status"], contact["activity_count"]) == ("Customer - Active", len(events))
    assert str(contact["estimated_deal_value"]) == "500.00" and not contact["first_name"]
