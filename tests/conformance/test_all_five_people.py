"""Rows X-01, X-02 and X-12 of the acceptance list: all doors lead to one contact, and each keeps
its own shape. The doors: the booking form, a failed booking, WhatsApp, track-event, interactions.

SPDX-License-Identifier: MIT
"""
import itertools

import pytest

from support.api import Person
from support.seed_000 import FIELDS, LEADS, Visitor, lead
from support.seed_003 import LEADS as CAPTURED, SEED_CONTEXT, fail, structure
from support.stored import assert_sound
from support.times import MINUTE, T0, iso
from support.whatsapp import WHATSAPP, digits, meta, write

# One person, four doors, 24 orders ----------------------------------------------------------------


def type_into_form(api, person, at):
    fields = {"clientName": person.name, "clientPhone": person.phone}
    return Visitor(api).track(fields, at=at)["contact_id"]


def fail_to_book(api, person, at):
    notes = SEED_CONTEXT["notes"].replace("John Doe", person.name)
    return fail(api, structure(person, notes=notes), at=at)["contact_id"]


def write_message(api, person, at):
    return write(api, person, "Is Saturday free?", person.name, at=at)["contact_id"]


def register(api, person, at):
    return api.event("customer.created", person.customer("email"), at=at)["contact_id"]


# A door, and what comes of it: the activity's type, the channel's word.
DOORS = {type_into_form: ("booking_form.tracked", "Booking Form"),
         fail_to_book: ("booking.failed", "BOOKING_FAILED"),
         write_message: ("whatsapp.message", "WhatsApp"),
         register: ("customer.created", "Website")}


@pytest.mark.parametrize("order", itertools.permutations(DOORS), ids=lambda order: " ".join(
    door.__name__.split("_")[0] for door in order))
def test_x01_four_doors_lead_to_one_contact_in_any_order(svc, person, order):
    at = {door: T0 + n * MINUTE for n, door in enumerate(order)}
    for door in order:
        door(svc, person, at[door])
    contact_id = svc.lookup(email=person.email)["id"]
    assert svc.lookup(phone=person.phone)["id"] == contact_id

    # The failed booking alone says that number and e-mail are one person's.
    is_registered = max(at[register], at[fail_to_book]) < at[write_message]
    has_lead = {type_into_form, fail_to_book} | (set() if is_registered else {write_message})
    leads_of_contact = [DOORS[door][1] for door in reversed(order) if door in has_lead]

    timeline = svc.timeline(contact_id)
    assert [(entry["type"], entry["occurred_at"]) for entry in timeline] == [
        (DOORS[door][0], iso(at[door])) for door in reversed(order)]
    assert sum(entry["lead_id"] is not None for entry in timeline) == len(has_lead)
    assert_contact_view(svc, person, contact_id, order)
    admin_rows = assert_admin_view(svc, person, contact_id, leads_of_contact, at)
    assert_capture_view(svc, person, contact_id, leads_of_contact, admin_rows)
    assert_conversation(svc, contact_id, admin_rows, at[write_message])
    assert_sound(svc)


def assert_contact_view(svc, person, contact_id, order):
    contact = svc.contact(contact_id)
    expected = {
        "email": person.email, "phone": person.phone, "first_name": person.first_name,
        "last_name": person.last_name, "whatsapp_id": digits(person), "registered": True,
        "lead_status": "New Lead", "stage": "hot", "quality": "HOT", "lead_score": 85,
        "activity_count": 4, "message_count": 1, "open_tasks": 1, "created_at": iso(T0)}
    assert {name: contact[name] for name in expected} == expected
    assert set(contact["sources"]) == {word for _, word in DOORS.values()}
    (task,) = svc.tasks(contact_id)
    assert (task["kind"], task["status"]) == ("failed_booking", "open")


def assert_admin_view(svc, person, contact_id, sources, at):
    rows = {row["source"]: row for row in svc.get(LEADS, contact_id=contact_id)}
    assert list(rows) == sources
    expected = {"Booking Form": ("tracking", 50, "WARM"), "BOOKING_FAILED": ("NEW", 85, "HOT"),
                "WhatsApp": ("NEW", 50, "WARM")}
    for source, row in rows.items():
        assert (row["status"], row["score"], row["quality"]) == expected[source]
        assert (row["contact_id"], row["phone_number"]) == (contact_id, person.phone)
        assert row["is_active"] is True and row["converted_to_student"] is False
        assert (set(FIELDS) <= set(row)) == (source == "Booking Form")
        assert ("context" in row) == (source == "BOOKING_FAILED")
    form = rows["Booking Form"]
    assert (form["clientName"], form["clientPhone"], form["clientEmail"], form["step"]) == (
        person.name, person.phone, None, 3)
    assert rows["BOOKING_FAILED"]["context"]["preferred_time"] == "6PM"
    if "WhatsApp" in rows:
        row = rows["WhatsApp"]
        assert row["first_message"] == row["last_message"] == "Is Saturday free?"
        assert (row["sender_name"], row["message_count"]) == (person.name, 1)
        assert row["last_message_time"] == iso(at[write_message])
    return rows


def assert_capture_view(svc, person, contact_id, sources, admin_rows):
    rows = svc.get(CAPTURED, contact_id=contact_id)["data"]
    assert [row["source"] for row in rows] == sources
    channels = {"Booking Form": ["SMS"], "BOOKING_FAILED": ["SMS", "EMAIL"],
                "WhatsApp": ["WHATSAPP"]}
    for row in rows:
        assert list(row) == list(rows[0])
        admin = admin_rows[row["source"]]
        assert (row["id"], row["lead_no"]) == (admin["uuid"], admin["id"])
        assert row["name"] == person.name
        assert [contact["channel"] for contact in row["contacts"]] == channels[row["source"]]
        assert {contact["handle_or_address"] for contact in row["contacts"]} <= {
            person.phone, person.email}
        is_failure = row["source"] == "BOOKING_FAILED"
        assert row["failure_reason"] == ("slot_unavailable" if is_failure else None)
        assert row["context"].get("preferred_date") == ("2025-11-15" if is_failure else None)


def assert_conversation(svc, contact_id, admin_rows, at):
    for source, row in admin_rows.items():
        messages = lead(svc, row["id"])["messages"]
        assert [(one["text"], one["direction"], one["at"]) for one in messages] == (
            [("Is Saturday free?", "in", iso(at))] if source == "WhatsApp" else [])


# who writes by WhatsApp turns out to be somebody --------------------------------------------


@pytest.mark.parametrize("strong", ["id", "email"])
def test_x02_who_wrote_turns_out_to_be_somebody_known_and_is_not(own, person, strong):
    known = own.event("page.viewed", person.customer(strong))["contact_id"]
    made = write(own, person, "one", message_id="m1")
    both = own.event("page.viewed", person.customer(strong, "phone"))
    assert both["contact_id"] == known != made["contact_id"]
    merge, = both["merged"]
    assert merge["contact_id"] == made["contact_id"]
    contact = own.contact(known)
    assert (contact["phone"], contact["whatsapp_id"]) == (person.phone, digits(person))
    assert (contact["message_count"], lead(own, made["id"])["contact_id"]) == (1, known)

    # A customer is registered: what they write makes no lead, and leaves the one they have.
    again = write(own, person, "two", message_id="m2")
    of_lead = ["one"] if strong == "id" else ["one", "two"]
    assert (again["contact_id"], again["id"]) == (known, None if strong == "id" else made["id"])
    assert [message["text"] for message in lead(own, made["id"])["messages"]] == of_lead
    assert own.contact(known)["message_count"] == 2

    own.call("POST", f"/v1/merges/{merge['merge_id']}/undo", {}, 200)
    kept = lead(own, made["id"])
    assert kept["contact_id"] == made["contact_id"] == own.lookup(phone=person.phone)["id"]
    assert [message["text"] for message in kept["messages"]] == of_lead
    assert (kept["message_count"], kept["last_message"]) == (len(of_lead), of_lead[-1])
    counts = [own.contact(contact_id)["message_count"]
              for contact_id in (known, made["contact_id"])]
    assert counts == [0, 2]
    after = write(own, person, "three")
    assert (after["id"], after["message_count"]) == (made["id"], len(of_lead) + 1)
    assert_sound(own)


def test_x02_an_id_that_is_no_number_follows_its_contact_there_and_back(own, person):
    wa_id = "BR.13491208655302741918"

    def send(body):
        message = {"from": wa_id, "id": body, "type": "text", "text": {"body": body}}
        own.call("POST", WHATSAPP, meta(message, names={wa_id: "Bia"}), 200)

    send("one")
    row, = own.get(LEADS)
    known = fail(own, structure(person))["contact_id"]
    merge = own.call("POST", "/v1/merges", {"winner": known, "loser": row["contact_id"]}, 201)
    send("two")
    contact = own.contact(known)
    assert (contact["whatsapp_id"], contact["message_count"]) == (wa_id, 2)
    kept = lead(own, row["id"])
    assert (kept["contact_id"], kept["message_count"]) == (known, 2)
    assert {one["source"] for one in own.get(LEADS, contact_id=known)} == {
        "WhatsApp", "BOOKING_FAILED"}

    own.call("POST", f"/v1/merges/{merge.json()['id']}/undo", {}, 200)
    send("three")
    kept = lead(own, row["id"])
    assert (kept["contact_id"], kept["message_count"]) == (row["contact_id"], 3)
    assert [message["text"] for message in kept["messages"]] == ["one", "two", "three"]
    assert own.contact(row["contact_id"])["message_count"] == 3
    contact = own.contact(known)
    assert (contact["whatsapp_id"], contact["message_count"], contact["activity_count"]) == (
        None, 0, 1)
    assert_sound(own)


@pytest.mark.parametrize("mine, theirs", [("email", "email"), ("id", "id"), ("email", "id")])
def test_x02_a_number_that_two_people_share_joins_no_strangers(own, person, mine, theirs):
    """Nothing stronger than the number contradicts only in the last case: there they are one."""
    other = Person()
    first = own.event("page.viewed", {"phone": person.phone, **person.customer(mine)})
    made = write(own, person, "Hi")
    assert made["contact_id"] == first["contact_id"]
    second = own.event("page.viewed", {"phone": person.phone, **other.customer(theirs)})
    is_apart = mine == theirs
    assert (second["contact_id"] != first["contact_id"]) == is_apart
    if is_apart:
        reason = {"email": "veto_email", "id": "veto_customer_id"}[mine]
        assert second["kept_apart"] == [{"identity": "phone", "contact_id": first["contact_id"],
                                         "reason": reason}]
    assert own.lookup(phone=person.phone)["id"] == first["contact_id"]
    assert write(own, person, "again")["contact_id"] == first["contact_id"]
    assert_sound(own)


# Other ways in ------------------------------------------------------------------------------------

WAYS = ("form", "form with e-mail", "register", "interaction")


def come_in(api, person, way, at):
    """The person by one way; the answer's contact id."""
    if way == "register":
        return api.event("customer.created", person.customer("id", "email"), at=at)["contact_id"]
    if way == "interaction":
        return api.call("POST", "/api/interactions", {
            "interaction_type": "package_inquiry", "phone": person.phone, "name": person.name},
            expect=201, at=at).json()["contact_id"]
    fields = {"clientName": person.name, "clientPhone": person.phone}
    if way != "form":
        fields["clientEmail"] = person.email
    return Visitor(api).track(fields, at=at)["contact_id"]


@pytest.mark.parametrize("order", itertools.permutations(WAYS))
def test_x01_whoever_comes_by_several_doors_is_one_contact_in_any_order(svc, person, order):
    for n, way in enumerate(order):
        come_in(svc, person, way, T0 + n * MINUTE)
    found = {svc.lookup(**identity)["id"] for identity in (
        {"email": person.email}, {"phone": person.phone}, {"customer_id": person.id})}
    assert len(found) == 1
    contact = svc.contact(found.pop())
    types = sorted(entry["type"] for entry in svc.timeline(contact["id"]))
    assert types == ["booking_form.tracked", "customer.created", "package_inquiry"]
    leads = [row for row in svc.get(LEADS, limit=1000) if row["contact_id"] == contact["id"]]
    assert len(leads) == 1 and leads[0]["clientEmail"] == person.email


def test_x12_each_door_keeps_its_spelling_and_the_contact_has_one(svc, person):
    contact_id = come_in(svc, person, "form with e-mail", T0)
    made = svc.get(LEADS, status="tracking", limit=1000)
    mine = next(row for row in made if row["contact_id"] == contact_id)
    kept = lead(svc, mine["id"])
    assert (kept["clientName"], kept["clientPhone"], kept["clientEmail"]) == (
        person.name, person.phone, person.email)
    assert svc.event("page.viewed", person.customer())["contact_id"] == contact_id
    contact = svc.contact(contact_id)
    expected = {"first_name": person.first_name, "last_name": person.last_name,
                "phone": person.phone, "email": person.email, "customer_id": person.id}
    assert {name: contact[name] for name in expected} == expected
