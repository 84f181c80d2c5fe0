"""Rows D-01 to D-24 of the acceptance list: a failed booking becomes a lead.

SPDX-License-Identifier: MIT
"""
import json
import re

import pytest

from support.api import Person
from support.monitor import Monitor
from support.seed_000 import faults
from support.seed_003 import (LEADS, MESSAGES, SEED_CONTEXT, SEED_UTM, SLOT_ERROR, contacts_of,
                              fail, form_of, raw, structure)
from support.stored import assert_sound, stored
from support.times import DAY, MINUTE, T0, iso, ms

REASONS = tuple(MESSAGES)


@pytest.mark.parametrize("word", ["BOOKING_FAILED", "booking_failed", "Booking_Failed"])
def test_d01_the_source_is_taken_in_any_case_and_shown_in_capitals(svc, person, word):
    answer = svc.call("POST", LEADS, {**structure(person), "source": word}, 201)
    made = answer.json()
    assert made["source"] == "BOOKING_FAILED"
    assert answer.header("location") == f"{LEADS}/{made['id']}"
    assert svc.get(f"{LEADS}/{made['id']}")["source"] == "BOOKING_FAILED"


@pytest.mark.parametrize("error", [
    "slot taken", "This SLOT was taken", "already Booked", "it is unavailable", "wrong time",
    "Request timeout", "Date unavailable", "This date is fully booked", "runtime error"])
def test_d02_slot_booked_unavailable_and_time_mean_the_slot(svc, person, error):
    assert fail(svc, raw(person, error))["failure_reason"] == "slot_unavailable"


@pytest.mark.parametrize("error", ["That date is no longer available", "Failed to update", "DATE"])
def test_d03_otherwise_date_means_the_date(svc, person, error):
    assert fail(svc, raw(person, error))["failure_reason"] == "date_unavailable"


def test_d04_any_other_error_is_a_failure_and_an_exception_an_error(svc):
    assert fail(svc, raw(Person(), "Payment refused"))["failure_reason"] == "booking_failed"
    thrown = raw(Person(), "Slot already booked", error_kind="exception")
    assert fail(svc, thrown)["failure_reason"] == "booking_error"
    thrown["error_kind"] = "api"
    assert fail(svc, {**thrown, "form": form_of(Person())})["failure_reason"] == "slot_unavailable"
    refused = svc.call("POST", LEADS, {**thrown, "error_kind": "panic"})
    assert faults(refused) == {"error_kind": "enum"}


def test_d05_another_reason_is_refused(svc, person):
    for reason in ("sold_out", "SLOT", "slot unavailable"):
        refused = svc.call("POST", LEADS, raw(person, failure_reason=reason))
        assert faults(refused) == {"failure_reason": "enum"}
    assert svc.call("GET", f"/v1/contacts/lookup?email={person.email}").status == 404


@pytest.mark.parametrize("error, reason", [
    ("That date is gone", "date_unavailable"),
    ({"detail": "That date is gone"}, "date_unavailable"),
    ({"message": "That date is gone"}, "date_unavailable"), ({"code": 9}, "booking_failed"),
    ([], "booking_failed"), (7, "booking_failed")])
def test_d06_the_error_is_a_text_or_an_object_with_detail(svc, person, error, reason):
    assert fail(svc, raw(person, error))["failure_reason"] == reason


def test_d06_without_an_error_it_is_unknown(svc, person):
    body = raw(person)
    del body["error"]
    made = fail(svc, body)
    assert made["failure_reason"] == "booking_failed"
    assert made["error_detail"] is None
    assert "Error:" not in made["context"]["notes"]


@pytest.mark.parametrize("row, reason", [("d07", "slot_unavailable"), ("d08", "date_unavailable"),
                                         ("d09", "booking_failed"), ("d09", "booking_error")])
def test_d07_d08_d09_the_customer_reads_the_documents_sentence(svc, person, row, reason):
    made = fail(svc, raw(person, "x", failure_reason=reason))
    assert made["user_message"] == MESSAGES[reason], row
    assert svc.get(f"{LEADS}/{made['id']}")["user_message"] == MESSAGES[reason]


def test_d10_a_reason_that_is_sent_wins_over_the_classifier(svc, person):
    made = fail(svc, raw(person, "Slot already booked", failure_reason="date_unavailable"))
    assert made["failure_reason"] == "date_unavailable"
    assert made["failure_reason_refined"] == "slot_unavailable"


def test_the_refined_reason_stands_beside_and_drives_when_the_setting_says_so(own):
    first = fail(own, raw(Person(), "Request timeout"))
    assert first["failure_reason"] == "slot_unavailable"
    assert first["failure_reason_refined"] == "booking_error"
    own.call("PATCH", "/v1/settings", {"classifier": "refined"}, 200)
    second = fail(own, raw(Person(), "Request timeout"))
    assert second["failure_reason"] == "booking_error"
    assert second["user_message"] == MESSAGES["booking_error"]
    refused = own.call("PATCH", "/v1/settings", {"classifier": "clever"}, 422).json()
    assert [one["field"] for one in refused["errors"]] == ["classifier"]


# The record ---------------------------------------------------------------------------------------


def test_d11_both_channels_from_the_structure_and_from_the_form(svc, person):
    expected = contacts_of(person)
    assert fail(svc, structure(person))["contacts"] == expected
    other = Person()
    assert fail(svc, raw(other))["contacts"] == contacts_of(other)


def test_d12_one_channel_is_enough(svc):
    person = Person()
    assert fail(svc, raw(person, form={"email": None}))["contacts"] == contacts_of(person,
                                                                                  email=False)
    person = Person()
    made = fail(svc, raw(person, form={"phone": None}))
    assert made["contacts"] == contacts_of(person, phone=False)
    assert svc.lookup(email=person.email)["id"] == made["contact_id"]


def test_d13_d21_the_context_has_what_the_form_said(svc, person):
    context = fail(svc, raw(person))["context"]
    assert {name: context[name] for name in SEED_CONTEXT if name != "notes"} == {
        name: value for name, value in SEED_CONTEXT.items() if name != "notes"}
    assert (context["address"], context["city"], context["state"]) == ("123 Main St",
                                                                       "Beverly Hills", "CA")


def test_d13_members_that_the_document_does_not_name_are_kept(svc, person):
    made = fail(svc, structure(person, theme="garden", options={"sake": [1, 2]}))
    assert made["context"]["theme"] == "garden"
    assert made["context"]["options"] == {"sake": [1, 2]}


@pytest.mark.parametrize("adults, kids, settings, budget", [
    (10, 0, {}, 650), (1, 0, {}, 65), (0, 0, {}, 0), (10, 4, {}, 650),
    (10, 0, {"price_per_guest": 70}, 700), (10, 2, {"kids_factor": 0.5}, 715),
    (10, 1, {"kids_factor": 0.5, "price_per_guest": 65}, 682.5)])
def test_d14_the_budget_follows_from_the_guests(own, person, adults, kids, settings, budget):
    if settings:
        own.call("PATCH", "/v1/settings", settings, 200)
    body = structure(person, party_size_adults=adults, party_size_kids=kids)
    del body["context"]["estimated_budget_dollars"]
    assert fail(own, body)["context"]["estimated_budget_dollars"] == budget


def test_d14_a_budget_that_is_sent_stays(svc, person):
    made = fail(svc, structure(person, estimated_budget_dollars=1234.5))
    assert made["context"]["estimated_budget_dollars"] == 1234.5
    assert svc.contact(made["contact_id"])["estimated_deal_value"] == 1234.5


def test_d15_a_time_of_day_beside_the_four_is_kept_with_a_warning(own):
    for time in ("12PM", "3PM", "6PM", "9PM"):
        made = fail(own, structure(Person(), preferred_time=time))
        assert (made["context"]["preferred_time"], made["warnings"]) == (time, [])
    made = fail(own, structure(Person(), preferred_time="5PM"))
    assert made["context"]["preferred_time"] == "5PM"
    assert made["warnings"] == ["context.preferred_time"]
    assert fail(own, raw(Person(), form={"preferred_time": "evening"}))["warnings"] == [
        "form.preferred_time"]
    own.call("PATCH", "/v1/settings", {"strict_fields": True}, 200)
    refused = own.call("POST", LEADS, structure(Person(), preferred_time="5PM"))
    assert faults(refused) == {"context.preferred_time": "enum"}


@pytest.mark.parametrize("date", ["2025-02-30", "2025-13-01", "soon", "15.11.2025"])
def test_d16_a_date_that_does_not_exist_is_refused(svc, person, date):
    refused = svc.call("POST", LEADS, structure(person, preferred_date=date))
    assert faults(refused) == {"context.preferred_date": "format"}
    refused = svc.call("POST", LEADS, raw(person, form={"preferred_date": date}))
    assert faults(refused) == {"form.preferred_date": "format"}
    assert svc.call("GET", f"/v1/contacts/lookup?email={person.email}").status == 404


def test_d16_a_leap_day_is_one(svc, person):
    made = fail(svc, structure(person, preferred_date="2024-02-29"))
    assert made["context"]["preferred_date"] == "2024-02-29"


@pytest.mark.parametrize("field, value", [("party_size_adults", "ten"), ("party_size_kids", -1),
                                          ("party_size_adults", 1.5),
                                          ("party_size_adults", 100001)])
def test_guests_that_are_no_number_are_refused_by_field(svc, person, field, value):
    refused = svc.call("POST", LEADS, structure(person, **{field: value}))
    assert list(faults(refused)) == [f"context.{field}"]


def test_d17_the_notes_are_the_documents_word_for_word(svc, person):
    person.name = "John Doe"
    made = fail(svc, raw(person, "", failure_reason="slot_unavailable"))
    assert made["context"]["notes"] == SEED_CONTEXT["notes"]
    assert made["name"] == "John Doe"
    other = Person()
    other.name = "John Doe"
    assert fail(svc, raw(other))["context"]["notes"] == (
        SEED_CONTEXT["notes"] + " Error: Slot already booked")


def test_d17_notes_that_are_sent_stay_and_tell_name_and_reason(svc, person):
    """Seed 003's own page sends nothing else."""
    made = fail(svc, structure(person))
    assert made["context"]["notes"] == SEED_CONTEXT["notes"]
    assert (made["failure_reason"], made["name"]) == ("slot_unavailable", "John Doe")
    assert made["user_message"] == MESSAGES["slot_unavailable"]


def test_d18_the_campaign_has_its_presets_and_what_is_sent_wins(svc):
    made = fail(svc, raw(Person()))
    assert {name: made[name] for name in SEED_UTM} == SEED_UTM
    made = fail(svc, raw(Person(), utm_source="ads", utm_campaign="spring"))
    assert [made[name] for name in SEED_UTM] == ["ads", "booking_form", "spring"]


def test_d19_the_record_is_the_documents_example(svc, person):
    made = fail(svc, structure(person), at=T0)
    lead = svc.get(f"{LEADS}/{made['id']}")
    expected = {"source": "BOOKING_FAILED", "status": "NEW", "quality": "HOT", "score": 85,
                "contacts": contacts_of(person), "context": SEED_CONTEXT, **SEED_UTM,
                "created_at": iso(T0)}
    assert {name: lead[name] for name in expected} == expected
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lead["id"])
    assert lead["created_at"].endswith("Z")
    assert {name: value for name, value in made.items() if name in lead} == {
        name: value for name, value in lead.items() if name in made}


def test_d20_the_score_comes_from_a_rule(own):
    first = fail(own, structure(Person()))
    assert (first["score"], first["quality"]) == (85, "HOT")
    own.call("PATCH", "/v1/settings", {"floor_booking_failed": 60}, 200)
    second = fail(own, structure(Person()))
    assert (second["score"], second["quality"]) == (60, "WARM")
    assert own.get(f"{LEADS}/{first['id']}")["score"] == 85, "the rule holds for the next lead"


@pytest.mark.parametrize("error, kept", [
    ("Slot already booked", "Slot already booked"),
    ("Boom\n  at submit (form.js:3)\n  at run", "Boom"),
    ("No slot for jane@example.com, call +1 555 123 4567", "No slot for ***@***, call ***"),
    ("x" * 900, "x" * 500)])
def test_d22_the_detail_is_one_line_without_personal_data(svc, person, error, kept):
    made = fail(svc, raw(person, error))
    assert made["error_detail"] == kept
    assert made["context"]["notes"].endswith(f" Error: {kept}")


def test_d23_number_and_reference_find_the_lead(svc, person):
    made = fail(svc, structure(person))
    for name in (made["id"], made["lead_no"], made["reference"], made["reference"].lower()):
        assert svc.get(f"{LEADS}/{name}")["id"] == made["id"]
    admin = svc.get(f"/api/admin/leads/{made['lead_no']}")
    assert (admin["uuid"], admin["id"]) == (made["id"], made["lead_no"])
    for nobody in ("0", "KV-00000", "nothing", "0193a1b2-7c2a-7d3e-9a51-0d2f5c1b7a10"):
        svc.call("GET", f"{LEADS}/{nobody}", expect=404)


@pytest.mark.parametrize("by", ["phone", "email"])
def test_d24_the_same_booking_again_is_an_attempt(svc, person, by):
    first = fail(svc, raw(person), at=T0)
    only = {"phone": {"email": None}, "email": {"phone": None}}[by]
    again = fail(svc, raw(person, "That date is gone", form=only), expect=200,
                 at=T0 + DAY - 1)
    assert (again["id"], again["attempts"], again["created"]) == (first["id"], 2, False)
    assert again["failure_reason"] == "slot_unavailable", "the lead keeps its first reason"
    assert again["user_message"] == MESSAGES["date_unavailable"], "the visitor reads today's"
    assert again["task_id"] == first["task_id"]
    late = fail(svc, raw(person), at=T0 + DAY)
    assert (late["attempts"], late["contact_id"]) == (1, first["contact_id"])
    assert late["id"] != first["id"]


def test_d24_another_date_or_time_is_another_lead_of_the_same_contact(svc, person):
    first = fail(svc, raw(person))
    other_date = fail(svc, raw(person, form={"preferred_date": "2025-11-16"}))
    other_time = fail(svc, raw(person, form={"preferred_time": "9PM"}))
    assert len({one["id"] for one in (first, other_date, other_time)}) == 3
    assert len({one["contact_id"] for one in (first, other_date, other_time)}) == 1


def test_d24_a_repetition_only_fills_gaps(svc, person):
    first = fail(svc, raw(person, form={"email": None, "city": None}), at=T0)
    again = fail(svc, raw(person, message="Please call", form={"guest_count": 99}), expect=200,
                 at=T0 + MINUTE)
    assert again["context"] == first["context"]
    assert (again["message"], again["contacts"]) == ("Please call", first["contacts"])
    assert again["updated_at"] == iso(T0 + MINUTE)
    assert svc.contact(first["contact_id"])["email"] == person.email


def test_d28_lead_and_contact_are_hot(svc, person):
    made = fail(svc, structure(person))
    contact = svc.contact(made["contact_id"])
    assert (made["quality"], made["stage"]) == ("HOT", "hot")
    assert (contact["stage"], contact["quality"], contact["lead_score"]) == ("hot", "HOT", 85)
    assert contact["lead_source"] == "BOOKING_FAILED"


def test_d28_lead_and_contact_are_on_top_of_the_inbox(own, person):
    """And sink with every day of silence: 85 points and 650 dollars, two days old, are less than
    50 points of today."""
    made = fail(own, structure(person), at=T0)
    for n in range(3):
        other = Person()
        own.event("booking.started", other, {"estimated_total": 100}, at=T0 + n)
        fail(own, {"source": "Trade fair", "contacts": contacts_of(other)}, at=T0 + n)

    def tops(path):
        return [one["id"] for one in own.get(path, sort="-priority")["data"]]

    assert tops(LEADS)[0] == made["id"]
    assert tops("/v1/contacts")[0] == made["contact_id"]
    today = Person()
    lead = fail(own, {"source": "Trade fair", "contacts": contacts_of(today)}, at=T0 + 2 * DAY)
    assert tops(LEADS)[0] == lead["id"]
    assert tops("/v1/contacts")[:2] == [lead["contact_id"], made["contact_id"]]
    own.event("page.viewed", person, at=T0 + 2 * DAY)
    assert tops("/v1/contacts")[:2] == [made["contact_id"], lead["contact_id"]]
    assert [one["id"] for one in own.get("/v1/contacts", sort="priority")["data"]][-1] == (
        made["contact_id"])
    assert_sound(own)


def test_d39_a_capture_is_one_call_to_redis(own):
    fail(own, structure(Person()))  # the script is loaded
    with Monitor(own.redis) as monitor:
        fail(own, structure(Person()))
    calls = [words[0].upper() for who, words in monitor.commands if who != "lua"]
    assert calls.count("EVALSHA") == 1 and set(calls) <= {"EVALSHA", "MGET", "HGET"}, calls


def test_other_sources_make_leads_with_their_word(svc):
    for word, source, score in (("Face Analysis", "Face Analysis", 80),
                                ("ai_recommendation", "AI Recommendation", 50),
                                ("Trade fair", "Trade fair", 50)):
        person = Person()
        body = {"source": word, "contacts": contacts_of(person), "name": person.name,
                "message": "Hello"}
        made = fail(svc, body)
        assert (made["source"], made["score"], made["status"]) == (source, score, "NEW")
        assert made["failure_reason"] is None and made["task_id"] is None
        assert [made[name] for name in SEED_UTM] == [None] * 3
        assert fail(svc, body, expect=200)["id"] == made["id"]
    refused = svc.call("POST", LEADS, {"source": "Trade fair"})
    assert faults(refused) == {"contacts": "required"}
    for own_path in ("Booking Form", "whatsapp"):
        refused = svc.call("POST", LEADS, {"source": own_path, "contacts": contacts_of(Person())})
        assert faults(refused) == {"source": "enum"}


def test_bad_contacts_are_named_by_their_place(svc, person):
    body = structure(person)
    body["contacts"] = [{"channel": "PIGEON", "handle_or_address": "roof"},
                        {"channel": "SMS", "handle_or_address": "1" * 300}]
    assert faults(svc.call("POST", LEADS, body)) == {
        "contacts.0.channel": "format", "contacts.1.handle_or_address": "format"}
    body["contacts"] = contacts_of(person) * 6
    assert list(faults(svc.call("POST", LEADS, body))) == ["contacts"]


def test_somebody_with_an_odd_number_is_not_lost(own):
    person = Person()
    made = fail(own, raw(person, form={"phone": "ask reception", "email": None}))
    assert made["contacts"][0]["handle_or_address"] == "ask reception"
    assert made["contact_id"] is None and made["task_id"] is None
    assert made["alert_id"] is not None
    assert own.get(f"{LEADS}/{made['id']}")["score"] == 85
    assert_sound(own)


def test_x07_the_same_key_has_one_effect(own, person):
    headers = {"Idempotency-Key": "failure-1"}
    first = own.call("POST", LEADS, structure(person), 201, headers=headers)
    again = own.call("POST", LEADS, structure(person), 201, headers=headers)
    assert again.header("idempotent-replayed") == "true"
    assert again.body == first.body
    own.call("POST", LEADS, structure(person, zip_code="1"), 422, headers=headers)
    assert own.get(f"{LEADS}/{first.json()['id']}")["attempts"] == 1
    once = {**structure(Person()), "event_id": "failure-2"}
    made = fail(own, once)
    assert fail(own, {**once, "name": "Later"})["id"] == made["id"]
    assert_sound(own)


def test_the_contact_gets_name_channels_and_timeline(svc, person):
    made = fail(svc, raw(person), at=T0)
    contact = svc.contact(made["contact_id"])
    assert (contact["first_name"], contact["last_name"]) == (person.first_name, person.last_name)
    assert (contact["email"], contact["phone"]) == (person.email, person.phone)
    assert contact["last_action"] == "Failed booking: slot_unavailable"
    assert contact["open_tasks"] == 1
    entry, = svc.get(f"/v1/contacts/{made['contact_id']}/timeline")["data"]
    assert (entry["type"], entry["lead_id"]) == ("booking.failed", made["id"])
    assert entry["source"] == "BOOKING_FAILED"
    assert entry["data"]["context"]["preferred_date"] == "2025-11-15"
    assert ms(entry["occurred_at"]) == T0


def test_nothing_of_a_refused_capture_is_kept(own, person):
    own.call("POST", LEADS, structure(person, preferred_date="soon"), 422)
    kept = stored(own.redis)
    assert person.phone.encode() not in kept and person.email.encode() not in kept
    assert json.dumps(SLOT_ERROR).encode() not in kept
