"""Merged, lived with, and undone: both people are as they are in a world where nobody merged them.

SPDX-License-Identifier: MIT
"""
import itertools
import os

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from support.api import Person
from support.times import HOUR, MINUTE, T0

EXAMPLES = int(os.environ.get("KVCRM_PROPERTY_EXAMPLES", "40"))
PROPERTY = {"max_examples": EXAMPLES, "deadline": None, "database": None, "derandomize": True,
            "suppress_health_check": list(HealthCheck)}
# What a merge and its undoing may leave in a contact: versions only ever rise.
NOT_COMPARED = {"version", "updated_at"}

FAILED = "a failed booking"  # a lead, with its task and alert
EVENTS = [FAILED, "page.viewed", "vehicle.viewed", "search.performed", "customer.login",
          "customer.created", "chat.message", "quote.requested", "payment.failed",
          "booking.started", "booking.step_completed", "booking.abandoned", "booking.completed",
          "customer.updated"]
EVENT = st.fixed_dictionaries({
    "who": st.integers(0, 2), "type": st.sampled_from(EVENTS),
    "booking": st.sampled_from([None, "b1", "b2"]), "by": st.sampled_from(["all", "one"]),
    "vehicle": st.sampled_from(["Toyota Camry", "Fiat 500"]), "amount": st.integers(0, 900)})


def identities(person, place, by):
    """Ann is known by customer id and e-mail, Bob by phone alone, Cyd by e-mail alone."""
    known = (("id", "email", "name"), ("phone", "name"), ("email", "name"))[place]
    return person.customer(*(known if by == "all" else known[:1]))


def fail(api, person, place, time, at):
    """Somebody's booking fails; once more when it has failed before at that time of day. The same
    time of two people who are one by a merge would be one lead: each has times of their own."""
    handles = (("EMAIL", person.email), ("PHONE", person.phone), ("EMAIL", person.email))
    channel, handle = handles[place]
    api.call("POST", "/api/leads", {
        "source": "BOOKING_FAILED", "failure_reason": "slot_unavailable",
        "contacts": [{"channel": channel, "handle_or_address": handle}],
        "context": {"preferred_date": "2025-11-15", "preferred_time": f"{time} {place}"}}, at=at)


def live(api, people, events, start, minutes):
    for event in events:
        data = {"vehicle_name": event["vehicle"], "location": event["vehicle"],
                "total_amount": event["amount"], "step": 1}
        if event["booking"]:
            data["booking_id"] = event["booking"]
        customer = identities(people[event["who"]], event["who"], event["by"])
        if event["type"] == FAILED:
            fail(api, people[event["who"]], event["who"], event["vehicle"],
                 start + next(minutes) * MINUTE)
            continue
        api.event(event["type"], customer, data, at=start + next(minutes) * MINUTE)


def found(api, person, place):
    key = ("id", "phone", "email")[place]
    names = {"id": "customer_id", "phone": "phone", "email": "email"}
    return api.lookup(**{names[key]: getattr(person, key)})


def state(api, person, place):
    """All that the service says of a person, without what only names records."""
    contact = found(api, person, place)
    contact_id = contact["id"]
    timeline = [(entry["type"], entry["occurred_at"], entry["data"],
                 entry.get("status_change")) for entry in api.timeline(contact_id)]
    tasks = sorted((task["kind"], task["status"], task["due_at"], task["booking_id"] or "")
                   for task in api.list("/v1/tasks", state="all", contact_id=contact_id))
    leads = sorted((lead["created_at"], lead["status"], lead["attempts"], lead["score"],
                    lead["recovered_at"] or "", lead["converted_at"] or "")
                   for lead in api.list("/v1/leads", contact_id=contact_id))
    listed = [row["id"] == contact_id
              for row in api.list("/v1/contacts", lead_status=contact["lead_status"])
              if row["id"] == contact_id]
    return ({name: value for name, value in contact.items() if name not in NOT_COMPARED | {"id"}},
            timeline, tasks, leads, listed)


def timeline_of(api, contact_id):
    return api.list(f"/v1/contacts/{contact_id}/timeline")


def merge(api, winner, loser, at, **more):
    return api.call("POST", "/v1/merges", {"winner": winner, "loser": loser, "force": True, **more},
                    expect=201, at=at).json()["id"]


def undo(api, merge_id, expect=200):
    return api.call("POST", f"/v1/merges/{merge_id}/undo", {}, expect=expect).json()


@pytest.mark.parametrize("winner", [0, 1])
@given(before=st.lists(EVENT, max_size=8), after=st.lists(EVENT, max_size=8))
@settings(**PROPERTY)
def test_x02_undone_both_are_as_if_never_merged(svc, winner, before, after):
    worlds = []
    for is_merged in (False, True):
        people, minutes = [Person() for _ in range(3)], itertools.count()
        for place, person in enumerate(people[:2]):
            svc.event("page.viewed", identities(person, place, "all"), at=T0)
        early = [event for event in before if event["who"] < 2]
        late = [event for event in after if event["who"] < 2]
        live(svc, people, early, T0 + HOUR, minutes)
        both = [found(svc, person, place)["id"] for place, person in enumerate(people[:2])]
        if is_merged:
            merge_id = merge(svc, both[winner], both[1 - winner], T0 + 2 * HOUR - 1)
            assert found(svc, people[0], 0)["id"] == found(svc, people[1], 1)["id"] == both[winner]
        live(svc, people, late, T0 + 2 * HOUR, minutes)
        if is_merged:
            undo(svc, merge_id)
            assert [found(svc, person, place)["id"]
                    for place, person in enumerate(people[:2])] == both
        worlds.append([anonymous(state(svc, person, place), people)
                       for place, person in enumerate(people[:2])])
    assert worlds[0] == worlds[1], (before, after)


def anonymous(whole, people):
    """The names of this world's people replaced by those of any."""
    text = repr(whole)
    for n, person in enumerate(people):
        for value in (person.email, person.phone, person.id, person.last_name):
            text = text.replace(value, f"<{n}>")
    return text


@given(parts=st.lists(st.lists(EVENT, max_size=4), min_size=3, max_size=3))
@settings(**{**PROPERTY, "max_examples": EXAMPLES // 2})
def test_x02_nested_merges_are_undone_newest_first(svc, parts):
    worlds = []
    for is_merged in (False, True):
        people, minutes = [Person() for _ in range(3)], itertools.count()
        for place, person in enumerate(people):
            svc.event("page.viewed", identities(person, place, "all"), at=T0)
        live(svc, people, parts[0], T0 + HOUR, minutes)
        first = [found(svc, person, place)["id"] for place, person in enumerate(people)]
        if is_merged:
            one = merge(svc, first[0], first[1], T0 + HOUR + 5000)
        live(svc, people, parts[1], T0 + 2 * HOUR, minutes)
        if is_merged:
            two = merge(svc, first[2], first[1], T0 + 2 * HOUR + 5000)
        live(svc, people, parts[2], T0 + 3 * HOUR, minutes)
        if is_merged:
            assert undo(svc, one, 409)["merge_id"] == two
            undo(svc, two)
            undo(svc, one)
            assert undo(svc, one, 409)["code"] == "already_undone"
        worlds.append([anonymous(state(svc, person, place), people)
                       for place, person in enumerate(people)])
    assert worlds[0] == worlds[1], parts
