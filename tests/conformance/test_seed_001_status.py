"""Rows B-40 … B-42, B-45 of the acceptance list: the lead status, its transitions and counts.

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import Person, bare
from support.keys import key
from support.seed_001 import CUSTOMER, HOT_ABANDONED, HOT_BOOKING, NEW, STATUS_SLUGS
from support.times import MINUTE, T0

# How a contact gets into each status (and "none": not there yet).
WAYS = {None: [], NEW: [("customer.created", None)], HOT_BOOKING: [("booking.started", "b1")],
        HOT_ABANDONED: [("booking.abandoned", "b1")], CUSTOMER: [("booking.completed", "b1")]}

# The document's table: from, event → status afterwards; same status: no transition.
TABLE = [
    (None, "customer.created", NEW), (None, "booking.started", HOT_BOOKING),
    (None, "booking.abandoned", HOT_ABANDONED), (None, "booking.completed", CUSTOMER),
    (NEW, "customer.created", NEW), (NEW, "booking.started", HOT_BOOKING),
    (NEW, "booking.abandoned", HOT_ABANDONED), (NEW, "booking.completed", CUSTOMER),
    (HOT_BOOKING, "customer.created", HOT_BOOKING), (HOT_BOOKING, "booking.started", HOT_BOOKING),
    (HOT_BOOKING, "booking.abandoned", HOT_ABANDONED), (HOT_BOOKING, "booking.completed", CUSTOMER),
    (HOT_ABANDONED, "customer.created", HOT_ABANDONED),
    (HOT_ABANDONED, "booking.started", HOT_BOOKING),
    (HOT_ABANDONED, "booking.abandoned", HOT_ABANDONED),
    (HOT_ABANDONED, "booking.completed", CUSTOMER),
    (CUSTOMER, "customer.created", CUSTOMER), (CUSTOMER, "booking.started", HOT_BOOKING),
    (CUSTOMER, "booking.abandoned", HOT_ABANDONED), (CUSTOMER, "booking.completed", CUSTOMER)]


def send(api, person, event_type, booking, at):
    return api.event(event_type, person, {"booking_id": booking} if booking else {}, at=at)


@pytest.mark.parametrize("before, event_type, after", TABLE)
def test_b40_every_cell_of_the_table_of_transitions(svc, person, before, event_type, after):
    for way, booking in WAYS[before]:
        assert send(svc, person, way, booking, T0)["lead_status"] == before
    # A customer's next started or abandoned booking is a new one.
    booking = "b2" if before == CUSTOMER else "b1"
    answer = send(svc, person, event_type, booking, T0 + MINUTE)
    assert answer["lead_status"] == after
    contact_id = answer["contact_id"]
    assert svc.contact(contact_id)["lead_status"] == after
    assert svc.hash("CONTACT", bare(contact_id))["lead_status"] == STATUS_SLUGS[after]
    activity = svc.newest(contact_id)
    assert activity["type"] == event_type and activity["id"] == answer["activity_id"]
    expected = None if before == after else {"from": before, "to": after}
    assert activity.get("status_change") == expected


@pytest.mark.parametrize("event_type",
                         ["page.viewed", "customer.login", "payment.failed", "loyalty.joined"])
def test_b40_whatever_event_makes_a_contact_it_starts_as_a_new_lead(svc, person, event_type):
    answer = svc.event(event_type, person)
    assert answer["lead_status"] == NEW
    assert svc.newest(answer["contact_id"])["status_change"] == {"from": None, "to": NEW}


def test_b40_completed_again_counts_again(svc, person):
    for n in (1, 2):
        answer = send(svc, person, "booking.completed", f"b{n}", T0)
        assert svc.contact(answer["contact_id"])["total_bookings"] == n


def test_b40_the_history_of_transitions_is_on_the_timeline(svc, person):
    for n, event_type in enumerate(("customer.created", "page.viewed", "booking.started",
                                    "booking.abandoned", "customer.login", "booking.completed")):
        contact_id = svc.event(event_type, person, at=T0 + n * MINUTE)["contact_id"]
    history = [(a["type"], a["status_change"]["from"], a["status_change"]["to"])
               for a in reversed(svc.timeline(contact_id)) if a.get("status_change")]
    assert history == [("customer.created", None, NEW), ("booking.started", NEW, HOT_BOOKING),
                       ("booking.abandoned", HOT_BOOKING, HOT_ABANDONED),
                       ("booking.completed", HOT_ABANDONED, CUSTOMER)]


def test_b41_abandoned_then_started_again_then_completed_is_a_customer(svc, person):
    statuses = [svc.event(event_type, person)["lead_status"] for event_type in
                ("booking.started", "booking.abandoned", "booking.started", "booking.completed")]
    assert statuses == [HOT_BOOKING, HOT_ABANDONED, HOT_BOOKING, CUSTOMER]


@pytest.fixture
def crowd(own):
    """People in every status, a different number of each: (api, status → their contact ids)."""
    ids = {status: set() for status in STATUS_SLUGS}
    for n, status in enumerate(STATUS_SLUGS, 1):
        for _ in range(n):
            for event_type, booking in WAYS[status]:
                ids[status].add(send(own, Person(), event_type, booking, None)["contact_id"])
    return own, ids


def in_status(api, word):
    return {contact["id"] for contact in api.list("/v1/contacts", lead_status=word)}


def test_b42_the_filter_takes_word_slug_and_the_short_form(crowd):
    api, ids = crowd
    for status, slug in STATUS_SLUGS.items():
        for word in (status, slug, status.upper(), slug.upper()):
            assert in_status(api, word) == ids[status], word
    assert in_status(api, "Hot Lead - Abandoned") == ids[HOT_ABANDONED]
    assert in_status(api, "new_lead,customer") == ids[NEW] | ids[CUSTOMER]


def test_b42_a_word_that_is_no_status_is_named(crowd):
    api, _ = crowd
    answer = api.call("GET", "/v1/contacts?lead_status=lukewarm", expect=422)
    assert [fault["field"] for fault in answer.json()["errors"]] == ["lead_status"]


def funnel(api):
    rows = api.get("/v1/analytics/funnel")["lead_status"]
    assert len({row["status"] for row in rows}) == len(rows)
    return {row["status"]: row["count"] for row in rows if row["count"]}


def test_b45_counts_per_status_and_the_lists_behind_them_agree(crowd):
    api, ids = crowd
    assert funnel(api) == {status: len(members) for status, members in ids.items()}
    mover = sorted(ids[NEW])[0]
    email = api.contact(mover)["email"]
    api.event("booking.completed", {"email": email}, {"total_amount": 1})
    for status in STATUS_SLUGS:
        assert funnel(api).get(status, 0) == len(in_status(api, status)), status
        in_redis = api.redis.text.zcard(key("STATUS", STATUS_SLUGS[status]))
        assert in_redis == len(in_status(api, status))
    assert mover in in_status(api, CUSTOMER) and mover not in in_status(api, NEW)


def test_b42_the_status_is_counted_in_the_funnel(own):
    assert funnel(own) == {}
    own.event("booking.started", Person())
    assert funnel(own) == {HOT_BOOKING: 1}
