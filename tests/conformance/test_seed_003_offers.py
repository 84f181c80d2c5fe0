"""Rows D-29, D-60, D-67, D-74 of the acceptance list: whoever could not book is offered what is
free.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from support.api import Person
from support.seed_003 import LEADS, contacts_of, fail, raw, structure
from support.slots import DATE, TIME, feed, hold, of, path_of, slot, told, unhold, wait_for
from support.stored import assert_sound
from support.times import MINUTE, T0

FULL_DAY = {"detail": "That date is no longer available"}
DAYS = [f"2025-11-{day}" for day in range(11, 23)]


@pytest.fixture
def shop(own):
    own.call("GET", "/healthz", at=T0)
    return own


def offered(answer):
    """(date, time, free places or None) of each alternative."""
    for one in answer["alternatives"]:
        assert one["confirmed"] == (one["spots"] is not None)
    return [(one["date"], one["time"], one["spots"]) for one in answer["alternatives"]]


# D-29 ---------------------------------------------------------------------------------------------


def test_d29_with_slots_the_free_ones_are_offered_confirmed(shop, person):
    feed(shop, slot("2025-11-14", capacity=4, booked=1), slot(time="12PM", capacity=2, end="2PM"),
         slot(time="3PM", booked=1), slot(booked=1), slot(time="9PM"), slot("2025-11-16"),
         slot("2025-11-17", "12PM"))
    made = fail(shop, structure(person))
    assert offered(made) == [(DATE, "9PM", 1), (DATE, "12PM", 2), ("2025-11-14", TIME, 3),
                             ("2025-11-16", TIME, 1), ("2025-11-17", "12PM", 1)]
    assert made["alternatives"][1]["end"] == "2PM" and "end" not in made["alternatives"][0]


@pytest.mark.parametrize("time", ["6PM", "6 pm", "18:00", "6:00PM"])
def test_d29_the_failed_slot_is_not_offered_though_it_is_free(shop, person, time):
    feed(shop, *(slot(DATE, one, capacity=9) for one in ("12PM", "3PM", "6PM", "9PM")))
    for body in (structure(person, preferred_time=time),
                 raw(Person(), form={"preferred_time": time})):
        assert offered(fail(shop, body)) == [(DATE, one, 9) for one in ("3PM", "9PM", "12PM")]


def test_d29_of_a_full_day_no_slot_is_offered(shop, person):
    feed(shop, *(slot(day, time) for day in DAYS for time in ("3PM", "6PM")))
    made = fail(shop, raw(person, FULL_DAY))
    assert made["failure_reason"] == "date_unavailable"
    assert offered(made) == [("2025-11-14", TIME, 1), ("2025-11-16", TIME, 1),
                             ("2025-11-13", TIME, 1), ("2025-11-17", TIME, 1),
                             ("2025-11-12", TIME, 1)]


def test_d29_booked_held_and_past_slots_are_not_offered(shop, person):
    feed(shop, slot("2025-11-11", "9:59 AM"), slot("2025-11-11", "10:00"),
         slot("2025-11-11", "10:01"), slot("2025-11-11", "3PM"), slot("2025-11-12"),
         slot("2025-11-13", booked=1))
    hold(shop, "2025-11-11", "3PM")
    body = structure(person, preferred_date="2025-11-11")
    assert offered(fail(shop, body, at=T0)) == [
        ("2025-11-11", "10:01", 1), ("2025-11-12", TIME, 1), ("2025-11-14", TIME, None)]


def test_d29_too_few_free_slots_are_filled_up_on_days_without_slots(shop, person):
    feed(shop, slot(booked=1), slot("2025-11-14", booked=1), slot("2025-11-17", "9PM"))
    assert offered(fail(shop, structure(person))) == [
        ("2025-11-17", "9PM", 1), ("2025-11-16", TIME, None), ("2025-11-13", TIME, None)]


def test_d31_the_template_shows_the_free_places(shop, person):
    feed(shop, slot(booked=1), slot(time="12PM", capacity=2, end="2:30PM"), slot(time="9PM"))
    made = fail(shop, structure(person))
    text = shop.get(f"{LEADS}/{made['id']}/reply", template="slot")["text"]
    assert "• 12:00 PM - 2:30 PM (2 spots available)\n" in text
    assert "• 9:00 PM - 11:00 PM (1 spot available)\n" in text


# D-60 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["Slot already booked", "That date is gone", "Payment refused",
                                   ""])
def test_d60_every_failure_is_answered_with_alternatives(shop, person, error):
    for inventory in (False, True):
        if inventory:
            feed(shop, *(slot(day, time) for day in DAYS for time in ("12PM", "6PM")))
        made = fail(shop, raw(Person(), error))
        assert 3 <= len(made["alternatives"]) <= 5
        assert {one["confirmed"] for one in made["alternatives"]} == {inventory}
        assert (DATE, TIME) not in [(one["date"], one["time"]) for one in made["alternatives"]]


def test_d60_a_repeated_failure_is_answered_with_what_is_free_by_then(shop, person):
    feed(shop, slot(booked=1), slot(time="9PM"), slot(time="3PM"), slot(time="12PM"))
    first = fail(shop, raw(person), at=T0)
    assert offered(first) == [(DATE, time, 1) for time in ("3PM", "9PM", "12PM")]
    token = hold(shop, time="3PM", at=T0)["hold_token"]
    again = fail(shop, raw(person), expect=200, at=T0 + MINUTE)
    assert again["id"] == first["id"]
    assert offered(again)[:2] == [(DATE, "9PM", 1), (DATE, "12PM", 1)]
    unhold(shop, token, time="3PM")
    assert offered(fail(shop, raw(person), expect=200, at=T0 + MINUTE)) == offered(first)


# D-67 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 3, 4, 12])
def test_d67_the_best_three_are_ranked_and_stand_first(shop, person, count):
    if count:
        feed(shop, slot(booked=1), *(slot(day, "9PM") for day in DAYS[:count]))
    ranks = [one["rank"] for one in fail(shop, structure(person))["alternatives"]]
    assert ranks[:3] == [1, 2, 3] and set(ranks[3:]) <= {None}
    assert len(ranks) == {0: 5, 1: 3, 3: 3, 4: 4, 12: 5}[count]


# D-74 ---------------------------------------------------------------------------------------------


def test_d74_of_two_who_race_for_a_slot_the_loser_becomes_a_lead(shop):
    feed(shop, slot(), slot(time="9PM"), slot(time="3PM"), slot(time="12PM"))
    start = Barrier(2)

    def book(someone):
        start.wait(60)
        held = shop.call("POST", path_of() + "/hold", {})
        return someone, held

    with ThreadPoolExecutor(2) as pool:
        tries = list(pool.map(book, (Person(), Person())))
    (loser, refused), = [one for one in tries if one[1].status == 409]
    assert [answer.status for _, answer in tries if answer is not refused] == [201]
    feed(shop, slot(booked=1))
    made = fail(shop, raw(loser, {"detail": refused.json()["detail"]}))
    assert (made["source"], made["failure_reason"]) == ("BOOKING_FAILED", "slot_unavailable")
    assert [{**one, "verified": False} for one in made["contacts"]] == contacts_of(loser)
    assert "slot_unavailable" in made["context"]["notes"]
    assert offered(made) == [(DATE, time, 1) for time in ("3PM", "9PM", "12PM")]
    kept = shop.get(f"{LEADS}/{made['id']}")
    assert {name: kept[name] for name in ("source", "contacts", "failure_reason")} == {
        name: made[name] for name in ("source", "contacts", "failure_reason")}
    assert len(shop.list("/v1/contacts")) == 1
    assert_sound(shop)


def test_d64_whoever_could_not_book_waits_and_is_told(shop, person):
    feed(shop, slot(booked=1))
    made = fail(shop, raw(person))
    entry = wait_for(shop, made["id"])
    assert (entry["lead_id"], entry["contact_id"]) == (made["id"], made["contact_id"])
    feed(shop, slot(booked=0))
    assert told(shop) == [made["id"]] and of(shop)["free"] == 1
    assert_sound(shop)
