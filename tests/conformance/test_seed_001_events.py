"""Rows B-17 … B-39 of the acceptance list: what each event does.

SPDX-License-Identifier: MIT
"""
import random
from decimal import Decimal

import pytest

from support.api import Person, bare
from support.keys import key
from support.seed_001 import (CUSTOMER, EVENT_TYPES, HOT_ABANDONED, HOT_BOOKING, NEW, PAYMENT_TASK,
                              URGENT_TASK, WELCOME_TASK)
from support.times import DAY, HOUR, MINUTE, SECOND, T0, iso, ms

# What any event moves; everything else stays unless the document says so.
ALWAYS_MOVES = {"last_activity", "last_action", "updated_at", "activity_count", "version",
                "engagement_level", "probability"}


def only_task(svc, contact_id, state="all"):
    tasks = svc.tasks(contact_id, state)
    assert len(tasks) == 1, tasks
    return tasks[0]


def moved_by(svc, contact_id, *event, **how):
    """The members of a contact that an event changes, beyond what every event does."""
    before = svc.contact(contact_id)
    svc.event(*event, **how)
    after = svc.contact(contact_id)
    assert after["activity_count"] == before["activity_count"] + 1
    return {name for name in after if after[name] != before[name]} - ALWAYS_MOVES


def test_b17_customer_created_makes_a_new_lead(svc, person):
    answer = svc.event("customer.created", person)
    assert answer["lead_status"] == NEW
    contact = svc.contact(answer["contact_id"])
    assert contact["lead_status"] == NEW and contact["registered"] is True
    assert contact["last_action"] == "Registered"


def test_b18_a_login_is_a_visit(svc, person):
    contact_id = svc.event("customer.created", person, at=T0)["contact_id"]
    for n in (1, 2, 3):
        when = iso(T0 + n * MINUTE)
        svc.event("customer.login", person, at=T0 + HOUR, occurred_at=when)
        contact = svc.contact(contact_id)
        assert contact["website_visits"] == n
        assert contact["last_activity"] == when and contact["last_action"] == "Logged in"


def test_b19_customer_updated_changes_what_is_given_and_leaves_the_rest(svc, person):
    contact_id = svc.event("customer.created", person)["contact_id"]
    changed = {"id": person.id, "first_name": "Nova", "email": "", "phone": None}
    assert moved_by(svc, contact_id, "customer.updated", changed) == {"first_name"}
    assert svc.contact(contact_id)["first_name"] == "Nova"
    moved = moved_by(svc, contact_id, "customer.updated", {"id": person.id},
                     {"updates": {"last_name": "Nemo", "first_name": ""}})
    assert moved == {"last_name"}
    contact = svc.contact(contact_id)
    assert (contact["first_name"], contact["last_name"]) == ("Nova", "Nemo")
    assert contact["last_action"] == "Updated profile"


@pytest.mark.parametrize("data, location", [
    ({"location": "Airport"}, "Airport"), ({"pickup_location": "Downtown"}, "Downtown"),
    ({"pickup_location": "Downtown", "location": "Airport"}, "Airport")])
def test_b20_a_search_stores_the_location(svc, person, data, location):
    answer = svc.event("search.performed", person, data)
    contact = svc.contact(answer["contact_id"])
    assert contact["last_search_location"] == location
    assert contact["last_action"] == f"Searched: {location}"
    activity = svc.newest(answer["contact_id"])
    assert (activity["type"], activity["data"]) == ("search.performed", data)
    assert {"name": location, "count": 1} in contact["preferences"]["locations"]


def test_b20_a_search_without_location_keeps_the_last_one(svc, person):
    contact_id = svc.event("search.performed", person, {"location": "Airport"})["contact_id"]
    svc.event("search.performed", person, {"query": "van"})
    assert svc.contact(contact_id)["last_search_location"] == "Airport"


def test_b21_a_viewed_vehicle_is_stored_and_counted(svc, person):
    views = [({"vehicle_name": "Toyota Camry", "vehicle_id": "car_789"}, "Toyota Camry"),
             ({"vehicle_id": "car_9"}, "car_9"),
             ({"vehicle_name": "Toyota Camry"}, "Toyota Camry")]
    for data, name in views:
        contact_id = svc.event("vehicle.viewed", person, data)["contact_id"]
        contact = svc.contact(contact_id)
        assert (contact["last_vehicle_viewed"], contact["last_action"]) == (name, f"Viewed {name}")
    assert contact["preferences"]["vehicles"] == [{"name": "Toyota Camry", "count": 2},
                                                  {"name": "car_9", "count": 1}]
    assert len(svc.timeline(contact_id, type="vehicle.viewed")) == 3


def test_b22_a_page_view_moves_last_activity_only(svc, person):
    contact_id = svc.event("customer.created", person, at=T0)["contact_id"]
    moved = moved_by(svc, contact_id, "page.viewed", person, {"page": "/fleet"}, at=T0 + HOUR)
    assert moved == set()
    contact = svc.contact(contact_id)
    assert 0 <= ms(contact["last_activity"]) - (T0 + HOUR) < MINUTE
    assert contact["last_action"] == "Viewed page /fleet"


VALUES = ("estimated_total", "total_price", "total_amount", "amount", "estimated_deal_value")


@pytest.mark.parametrize("first", range(len(VALUES)))
def test_b23_a_started_booking_is_hot_and_has_the_first_present_value(svc, person, first):
    data = {name: 100 + i for i, name in enumerate(VALUES) if i >= first}
    answer = svc.event("booking.started", person, {**data, "vehicle_name": "Toyota Camry"})
    assert answer["lead_status"] == HOT_BOOKING
    contact = svc.contact(answer["contact_id"])
    assert contact["lead_status"] == HOT_BOOKING
    assert str(contact["estimated_deal_value"]) == f"{100 + first}.00"
    assert contact["last_action"] == "Started booking: Toyota Camry"


def test_b23_a_value_may_be_text_and_null_is_absent(svc, person):
    data = {"estimated_total": None, "total_price": "1234.565"}
    contact = svc.contact(svc.event("booking.started", person, data)["contact_id"])
    assert str(contact["estimated_deal_value"]) == "1234.57"


def test_b24_a_completed_step_is_named_and_changes_no_status(svc, person):
    contact_id = svc.event("booking.started", person)["contact_id"]
    for step in ("extras", 3):
        assert moved_by(svc, contact_id, "booking.step_completed", person, {"step": step}) == set()
        assert svc.newest(contact_id)["title"] == f"Completed booking step {step}"
    assert svc.contact(contact_id)["lead_status"] == HOT_BOOKING


def test_b25_an_abandoned_booking_is_hot_and_makes_one_open_task(svc, person):
    contact_id = svc.event("booking.started", person)["contact_id"]
    answer = svc.event("booking.abandoned", person, {"total_price": 99.5})
    assert answer["lead_status"] == HOT_ABANDONED
    contact = svc.contact(contact_id)
    assert contact["lead_status"] == HOT_ABANDONED and contact["open_tasks"] == 1
    assert str(contact["estimated_deal_value"]) == "99.50"
    task = only_task(svc, contact_id, "open")
    assert task["id"] == answer["task_id"] and task["status"] == "open"


def test_b26_the_task_of_an_abandoned_booking(svc, person):
    answer = svc.event("booking.abandoned", person, at=T0, occurred_at=iso(T0 - 5 * MINUTE))
    received = ms(svc.newest(answer["contact_id"])["received_at"])
    assert 0 <= received - T0 < MINUTE
    task = svc.get(f"/v1/tasks/{answer['task_id']}")
    expected = {"title": URGENT_TASK, "note": "Contact customer immediately", "priority": "urgent",
                "queue": "sales", "kind": "abandoned_booking", "contact_id": answer["contact_id"],
                "status": "open", "due_at": iso(received + 3600 * SECOND), "overdue": False}
    assert {name: task[name] for name in expected} == expected
    stored = svc.hash("TASK", answer["task_id"])
    assert stored["due"] == str(received + 3600 * SECOND)
    assert stored["contact_id"] == answer["contact_id"]
    assert svc.redis.text.zscore(key("TASK_DUE"), answer["task_id"]) == received + 3600 * SECOND


def test_b27_a_completed_booking_makes_a_customer_and_adds_revenue(svc, person):
    for n, amount in enumerate((450, "49.99", 0.01), 1):
        answer = svc.event("booking.completed", person,
                           {"total_amount": amount, "booking_id": f"b{n}"})
        contact = svc.contact(answer["contact_id"])
        assert answer["lead_status"] == contact["lead_status"] == CUSTOMER
        assert contact["total_bookings"] == n
    assert str(contact["total_revenue"]) == "500.00"


def test_b27_without_total_amount_the_deal_value_is_the_revenue(svc, person):
    contact_id = svc.event("booking.completed", person, {"amount": 20})["contact_id"]
    assert str(svc.contact(contact_id)["total_revenue"]) == "20.00"


def test_b28_a_completed_booking_makes_the_welcome_task(svc, person):
    answer = svc.event("booking.completed", person, {"total_amount": 1}, at=T0)
    received = ms(svc.newest(answer["contact_id"])["received_at"])
    task = only_task(svc, answer["contact_id"])
    expected = {"id": answer["task_id"], "title": WELCOME_TASK, "priority": "normal",
                "note": "Send confirmation materials", "queue": "customer_service",
                "due_at": iso(received + DAY)}
    assert {name: task[name] for name in expected} == expected


def test_b29_an_attempted_payment_is_an_activity_and_nothing_else(svc, person):
    contact_id = svc.event("booking.started", person, {"estimated_total": 10})["contact_id"]
    assert moved_by(svc, contact_id, "payment.attempted", person, {"amount": 450}) == set()
    assert svc.newest(contact_id)["type"] == "payment.attempted"
    assert svc.tasks(contact_id) == []


def test_b30_a_successful_payment_does_not_move_revenue(svc, person):
    contact_id = svc.event("booking.completed", person, {"total_amount": 450})["contact_id"]
    assert moved_by(svc, contact_id, "payment.successful", person, {"amount": 450}) == set()
    assert svc.newest(contact_id)["type"] == "payment.successful"
    assert str(svc.contact(contact_id)["total_revenue"]) == "450.00"


def test_b31_a_failed_payment_makes_its_task(svc, person):
    answer = svc.event("payment.failed", person, {"amount": 450, "error": "card declined"}, at=T0)
    activity = svc.newest(answer["contact_id"])
    assert activity["type"] == "payment.failed" and activity["data"]["error"] == "card declined"
    task = only_task(svc, answer["contact_id"])
    expected = {"id": answer["task_id"], "title": PAYMENT_TASK, "priority": "high",
                "note": "Assist customer with payment",
                "due_at": iso(ms(activity["received_at"]) + 4 * HOUR)}
    assert {name: task[name] for name in expected} == expected
    assert svc.contact(answer["contact_id"])["lead_status"] == NEW


@pytest.mark.parametrize("form", [{"form_type": "contact", "fields": {"subject": "Hi", "n": 1}},
                                  {"form_id": "quote-form", "fields": {"city": "Nice"}}])
def test_b32_a_submitted_form_keeps_its_name_and_fields(svc, person, form):
    contact_id = svc.event("form.submitted", person, form)["contact_id"]
    activity = svc.newest(contact_id)
    assert (activity["type"], activity["data"]) == ("form.submitted", form)
    if "form_type" in form:
        assert activity["title"] == "Submitted form: contact"


def test_b33_a_chat_message_keeps_its_text(svc, person):
    text = "  Grüße!\n\"Is the <b>van</b> free?\" 👍 "
    contact_id = svc.event("chat.message", person, {"message": text})["contact_id"]
    activity = svc.newest(contact_id)
    assert (activity["type"], activity["data"]) == ("chat.message", {"message": text})


def test_b34_all_types_in_any_order_lie_in_the_order_of_their_times(svc, person):
    events = [(event_type, iso(T0 - HOUR + n * SECOND)) for n, event_type in enumerate(EVENT_TYPES)]
    shuffled = random.Random(34).sample(events, len(events))
    assert shuffled != events
    for event_type, when in shuffled:
        contact_id = svc.event(event_type, person, at=T0, occurred_at=when)["contact_id"]
    timeline = svc.timeline(contact_id)
    assert [(a["type"], a["occurred_at"]) for a in timeline] == events[::-1]
    assert len({a["id"] for a in timeline}) == 16


def test_b35_a_thousand_times_ten_cents_are_exactly_a_hundred(svc, person):
    for _ in range(1000):
        answer = svc.event("booking.completed", person, '{"total_amount":0.10}')
    contact_id = answer["contact_id"]
    assert b'"total_revenue":100.00' in svc.call("GET", f"/v1/contacts/{contact_id}").body
    stored = svc.hash("CONTACT", bare(contact_id))
    assert (stored["total_revenue_cents"], stored["total_bookings"]) == ("10000", "1000")


@pytest.mark.parametrize("sent, returned", [("450.10", "450.10"), ("19.99", "19.99"),
                                            ("1e3", "1000.00"), ("0.005", "0.01"),
                                            ("9999999999.99", "9999999999.99")])
def test_b35_money_comes_back_as_it_went_in(svc, person, sent, returned):
    contact_id = svc.event("booking.completed", person, f'{{"total_amount":{sent}}}')["contact_id"]
    raw = svc.call("GET", f"/v1/contacts/{contact_id}").body.decode()
    assert f'"total_revenue":{returned},' in raw


SAME_ANSWER = {"success", "contact_id", "message", "activity_id", "event_id", "lead_status"}


@pytest.mark.parametrize("by", ["event_id", "Idempotency-Key"])
def test_b36_the_same_event_five_times_counts_once(svc, person, by):
    def send(event_type, data=None):
        name = f"{event_type}-{person.id}"
        how = {"event_id": name} if by == "event_id" else {"headers": {by: name}}
        answers = [svc.event(event_type, person, data, **how) for _ in range(5)]
        assert answers[1:] == answers[:1] * 4, "the same answer each time"
        assert SAME_ANSWER <= answers[0].keys()
        return answers[0]["contact_id"]

    contact_id = send("customer.login")
    send("booking.abandoned", {"booking_id": "b1"})
    send("booking.completed", {"booking_id": "b2", "total_amount": 450})
    contact = svc.contact(contact_id)
    assert (contact["website_visits"], contact["total_bookings"]) == (1, 1)
    assert contact["total_revenue"] == Decimal("450.00") and contact["activity_count"] == 3
    assert sorted(a["type"] for a in svc.timeline(contact_id)) == [
        "booking.abandoned", "booking.completed", "customer.login"]
    assert sorted(task["title"] for task in svc.tasks(contact_id)) == [WELCOME_TASK, URGENT_TASK]


def test_b36_another_event_id_is_another_event(svc, person):
    for n in range(3):
        answer = svc.event("customer.login", person, event_id=f"{person.id}-{n}")
        assert answer["event_id"] == f"{person.id}-{n}"
    assert svc.contact(answer["contact_id"])["website_visits"] == 3


@pytest.mark.parametrize("booking", [{}, {"booking_id": "b1"}])
def test_b37_a_late_abandonment_changes_neither_status_nor_tasks(svc, person, booking):
    contact_id = svc.event("booking.completed", person, {**booking, "total_amount": 5},
                           at=T0 + HOUR, occurred_at=iso(T0 + HOUR))["contact_id"]
    tasks = svc.tasks(contact_id)
    answer = svc.event("booking.abandoned", person, booking, occurred_at=iso(T0 + 30 * MINUTE))
    assert answer["lead_status"] == CUSTOMER and "task_id" not in answer
    assert svc.contact(contact_id)["lead_status"] == CUSTOMER
    assert svc.tasks(contact_id) == tasks
    types = [activity["type"] for activity in svc.timeline(contact_id)]
    assert types == ["booking.completed", "booking.abandoned"]


def test_b38_a_completion_closes_the_task_of_its_booking_only(svc, person):
    svc.event("booking.abandoned", person, {"booking_id": "b1"})
    contact_id = svc.event("booking.abandoned", person, {"booking_id": "b2"})["contact_id"]
    by_booking = {task["booking_id"]: task["id"] for task in svc.tasks(contact_id, "open")}
    assert by_booking.keys() == {"b1", "b2"}
    svc.event("booking.completed", person, {"booking_id": "b1", "total_amount": 5})
    closed = svc.get(f"/v1/tasks/{by_booking['b1']}")
    assert (closed["status"], closed["outcome"]) == ("cancelled", "resolved")
    still = svc.get(f"/v1/tasks/{by_booking['b2']}")
    assert (still["status"], still["outcome"]) == ("open", None)
    assert {task["title"] for task in svc.tasks(contact_id, "open")} == {URGENT_TASK, WELCOME_TASK}
    assert svc.contact(contact_id)["open_tasks"] == 2


def test_b38_the_real_caller_names_the_booking_only_on_completion(svc, person):
    contact_id = svc.event("booking.abandoned", person)["contact_id"]
    svc.event("booking.completed", person, {"booking_id": "b1", "total_amount": 5})
    urgent = [task for task in svc.tasks(contact_id) if task["title"] == URGENT_TASK]
    assert [(task["status"], task["outcome"]) for task in urgent] == [("cancelled", "resolved")]


@pytest.mark.parametrize("booking", [{}, {"booking_id": "b1"}])
def test_b39_three_abandonments_of_one_booking_are_one_task(svc, person, booking):
    first = svc.event("booking.abandoned", person, booking, at=T0)
    due = svc.get(f"/v1/tasks/{first['task_id']}")["due_at"]
    for n in (1, 2):
        svc.event("booking.abandoned", person, booking, at=T0 + n * 10 * MINUTE)
    task = only_task(svc, first["contact_id"])
    assert (task["id"], task["due_at"], task["status"]) == (first["task_id"], due, "open")
    assert svc.contact(first["contact_id"])["activity_count"] == 3


def test_b39_two_people_abandon_two_bookings(svc):
    answers = [svc.event("booking.abandoned", Person(), {"booking_id": "b1"}) for _ in range(2)]
    assert len({answer["task_id"] for answer in answers}) == 2
