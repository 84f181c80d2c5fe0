"""Rows D-64, D-66 of the acceptance list: slots, holds of their places, and who waits for one.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from support.api import Person
from support.seed_000 import STEP_1, Visitor
from support.slots import (DATE, SLOTS, TIME, WAITLIST, feed, hold, lead_of, line, of, path_of,
                           slot, told, unhold, wait_for)
from support.stored import assert_sound
from support.times import DAY, HOUR, MINUTE, SECOND, T0, ms

CLIENTS = 50


def at_once(calls):
    """The answers of calls that are made at the same moment."""
    start = Barrier(len(calls))

    def run(call):
        start.wait(60)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def faults(answer):
    return {fault["field"]: fault["code"] for fault in answer["errors"]}


@pytest.fixture
def shop(own):
    """A service whose clock stands at T0."""
    own.call("GET", "/healthz", at=T0)
    return own


# The inventory ------------------------------------------------------------------------------------


def test_d66_slots_are_listed_with_their_free_places(shop):
    assert feed(shop, slot(capacity=3, booked=1, end="8PM"), slot(time="12PM")) == {"updated": 2}
    assert shop.get(SLOTS) == {
        "data": [
            {"id": f"{DATE}.12PM", "date": DATE, "time": "12PM", "end": None, "capacity": 1,
             "booked": 0, "held": 0, "free": 1},
            {"id": f"{DATE}.6PM", "date": DATE, "time": "6PM", "end": "8PM", "capacity": 3,
             "booked": 1, "held": 0, "free": 2}],
        "next_cursor": None, "has_more": False}


def test_d66_what_is_not_said_of_a_slot_stays_as_it_was(shop):
    feed(shop, slot(capacity=5, booked=3, end="8PM"))
    feed(shop, slot(capacity=6))
    assert (of(shop)["booked"], of(shop)["free"], of(shop)["end"]) == (3, 3, "8PM")
    feed(shop, slot(capacity=6, booked=0, end=None))
    assert (of(shop)["booked"], of(shop)["end"]) == (0, None)
    feed(shop, slot(capacity=6, booked=6), slot(capacity=7, booked=7))
    assert (of(shop)["capacity"], of(shop)["booked"]) == (7, 7), "the last word counts"


def test_d66_slots_come_by_day_and_by_time_of_day(shop):
    times = ["late", "9PM", "18:00", "6PM", "12PM", "evening", "9:30 am", "12AM"]
    feed(shop, *(slot(date, time) for date in ("2025-12-01", "2025-11-30") for time in times))
    ordered = ["12AM", "9:30 am", "12PM", "18:00", "6PM", "9PM", "evening", "late"]
    expected = [(date, time) for date in ("2025-11-30", "2025-12-01") for time in ordered]
    for limit in (1, 3, 8, 200):
        assert [(one["date"], one["time"]) for one in shop.list(SLOTS, limit=limit)] == expected
    days = {"date": "2025-12-01"}, {"from": "2025-12-01"}, {"to": "2025-11-30"}
    assert [len(shop.list(SLOTS, **asked)) for asked in days] == [8, 8, 8]
    assert shop.list(SLOTS, **{"from": "2025-12-02"}) == []


def test_d66_without_a_first_day_the_list_begins_today(shop):
    feed(shop, slot("2025-11-10"), slot("2025-11-11"), slot("2025-11-12"))
    assert [one["date"] for one in shop.list(SLOTS)] == ["2025-11-11", "2025-11-12"]
    assert len(shop.list(SLOTS, **{"from": "2025-01-01"})) == 3
    shop.call("GET", "/healthz", at=T0 + DAY)
    assert [one["date"] for one in shop.list(SLOTS)] == ["2025-11-12"]


def test_d66_an_unchanged_list_is_304_until_a_hold_runs_out(shop):
    feed(shop, slot())
    hold(shop, ttl_s=30, at=T0)
    etag = shop.call("GET", SLOTS, at=T0 + 1).header("etag")
    again = {"If-None-Match": etag}
    assert shop.call("GET", SLOTS, headers=again, at=T0 + 30 * SECOND - 1).status == 304
    assert shop.call("GET", SLOTS, headers=again, at=T0 + 30 * SECOND).status == 200
    etag = shop.call("GET", SLOTS).header("etag")
    feed(shop, slot(capacity=2))
    assert shop.call("GET", SLOTS, headers={"If-None-Match": etag}).status == 200


def test_d66_all_faults_are_named_and_nothing_is_fed(shop):
    feed(shop, slot(capacity=5, booked=4))
    wrong = [slot(), slot("2025-02-30"), {"time": "6PM"}, slot(capacity=100_001),
             slot(time="x" * 41, booked=-1), slot(capacity=2, booked=3), "no", slot(color="red")]
    assert faults(feed(shop, *wrong, expect=422)) == {
        "slots.1.date": "date", "slots.2.date": "required", "slots.2.capacity": "required",
        "slots.3.capacity": "range", "slots.4.time": "length", "slots.4.booked": "range",
        "slots.5.booked": "range", "slots.6": "type", "slots.7.color": "unknown_field"}
    other = slot(time="9PM")
    assert faults(feed(shop, other, slot(capacity=3), expect=422)) == {"slots.1.capacity": "range"}
    assert [one["time"] for one in shop.list(SLOTS)] == ["6PM"] and of(shop)["capacity"] == 5
    for slots in ([], [slot()] * 501):
        assert faults(feed(shop, *slots, expect=422)) == {"slots": "length"}
    day = [slot(time=f"t{n}") for n in range(100)]
    assert faults(feed(shop, *day, expect=422)) == {"slots.99.date": "length"}
    assert len(shop.list(SLOTS)) == 1


def test_d66_500_slots_are_fed_in_one_call(shop):
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 6) for day in range(1, 26)]
    slots = [slot(day, time) for day in days for time in ("12PM", "3PM", "6PM", "9PM")]
    assert feed(shop, *slots) == {"updated": 500}
    assert [one["id"] for one in shop.list(SLOTS)] == [f"{one['date']}.{one['time']}"
                                                       for one in slots]
    assert_sound(shop)


def test_d66_a_slot_is_taken_out_with_its_holds(shop):
    feed(shop, slot(), slot(time="9PM"))
    token = hold(shop)["hold_token"]
    assert shop.call("DELETE", path_of(), expect=200).json() == {"id": f"{DATE}.6PM",
                                                                 "deleted": True}
    assert [one["time"] for one in shop.list(SLOTS)] == ["9PM"]
    unhold(shop, token, expect=404)
    hold(shop, expect=404)
    shop.call("DELETE", path_of(), expect=404)
    shop.call("DELETE", path_of(time="9PM"), expect=200)
    assert shop.list(SLOTS) == []
    feed(shop, slot())
    assert of(shop)["free"] == 1
    assert_sound(shop)


@pytest.mark.parametrize("time", ["6 PM / late", 'at "six"', "soir d'été", "18:00", "{x}", "a.b"])
def test_d66_any_text_is_a_time(shop, person, time):
    feed(shop, slot(time=time))
    token = hold(shop, time=time)["hold_token"]
    lead = lead_of(shop, person)
    entry = wait_for(shop, lead, time=time)
    assert entry["id"] == f"{DATE}.{time}.{lead}"
    assert unhold(shop, token, time=time) == {"id": f"{DATE}.{time}", "free": 1}
    assert told(shop) == [lead]
    assert of(shop, time=time)["id"] == f"{DATE}.{time}"
    assert_sound(shop)
    shop.call("DELETE", path_of(time=time), expect=200)


@pytest.mark.parametrize("query, code", [
    ("date=soon", "date"), ("from=2025-02-30", "date"), ("to=1", "date"), ("limit=0", "range")])
def test_d66_a_faulty_query_is_422(shop, query, code):
    field = query.split("=", maxsplit=1)[0]
    for path in (SLOTS, WAITLIST):
        assert faults(shop.call("GET", f"{path}?{query}", expect=422).json()) == {field: code}


# Holds --------------------------------------------------------------------------------------------


def test_d66_50_holds_of_the_last_place_give_it_to_one(shop):
    feed(shop, slot(capacity=4, booked=3))
    answers = at_once([lambda: shop.call("POST", path_of() + "/hold", {})] * CLIENTS)
    assert sorted(answer.status for answer in answers) == [201] + [409] * (CLIENTS - 1)
    refused = [answer.json() for answer in answers if answer.status == 409]
    assert {one["code"] for one in refused} == {"slot_full"}
    assert (of(shop)["held"], of(shop)["free"]) == (1, 0)


def test_d66_a_hold_frees_its_place_at_its_very_millisecond(shop):
    feed(shop, slot())
    held = hold(shop, ttl_s=30, at=T0)
    assert ms(held["expires_at"]) == T0 + 30 * SECOND
    assert (held["id"], held["free"]) == (f"{DATE}.6PM", 0)
    hold(shop, expect=409, at=T0 + 30 * SECOND - 1)
    assert of(shop, at=T0 + 30 * SECOND - 1)["held"] == 1
    assert of(shop, at=T0 + 30 * SECOND)["free"] == 1
    unhold(shop, held["hold_token"], expect=404, at=T0 + 30 * SECOND)
    assert hold(shop, at=T0 + 30 * SECOND)["hold_token"] != held["hold_token"]


def test_d66_a_hold_lasts_five_minutes_or_as_long_as_it_is_asked_for(shop):
    feed(shop, slot(capacity=9))
    for asked, lasts in (({}, 300), ({"ttl_s": None}, 300), ({"ttl_s": 30}, 30),
                         ({"ttl_s": 900}, 900)):
        assert ms(hold(shop, at=T0, **asked)["expires_at"]) == T0 + lasts * SECOND
    for ttl_s in (29, 901, "soon"):
        answer = hold(shop, expect=422, ttl_s=ttl_s)
        assert list(faults(answer)) == ["ttl_s"]
    assert of(shop)["held"] == 4


def test_d66_a_place_is_given_back_once(shop):
    feed(shop, slot(capacity=2))
    first, second = hold(shop), hold(shop)
    assert second["free"] == 0
    assert unhold(shop, first["hold_token"]) == {"id": f"{DATE}.6PM", "free": 1}
    unhold(shop, first["hold_token"], expect=404)
    unhold(shop, "nonsense", expect=404)
    path = f"{path_of()}/hold"
    by_query = f"{path}?token={second['hold_token']}"
    assert shop.call("DELETE", by_query, expect=200).json()["free"] == 2
    assert faults(shop.call("DELETE", path, expect=422).json()) == {"hold_token": "required"}


@pytest.mark.parametrize("name", [
    "2025-11-15", "2025-11-15.", "2025-02-30.6PM", "x", "2025-11-15-6PM",
    "2025-11-15." + 41 * "x", "2025-11-15.%00", "2025-11-15.6PM"])
def test_d66_what_is_no_slot_is_not_found(shop, name):
    shop.call("POST", f"{SLOTS}/{name}/hold", {}, expect=404)
    shop.call("DELETE", f"{SLOTS}/{name}/hold", {"hold_token": "x"}, expect=404)
    shop.call("DELETE", f"{SLOTS}/{name}", expect=404)


def test_d66_a_repeated_hold_gets_the_same_token_and_one_place(shop):
    feed(shop, slot(capacity=2))
    key = {"Idempotency-Key": "h1"}
    first = shop.call("POST", path_of() + "/hold", {"ttl_s": 60}, 201, headers=key, at=T0)
    again = shop.call("POST", path_of() + "/hold", {"ttl_s": 60}, 201, headers=key, at=T0 + SECOND)
    assert again.body == first.body and again.header("idempotent-replayed") == "true"
    assert of(shop)["held"] == 1
    other = shop.call("POST", path_of() + "/hold", {"ttl_s": 61}, 422, headers=key)
    assert other.json()["code"] == "idempotency_mismatch"


def test_d66_every_write_may_be_repeated_by_its_key(shop, person):
    feed(shop, slot(capacity=2))
    lead, token = lead_of(shop, person), hold(shop)["hold_token"]
    calls = [("PUT", SLOTS, {"slots": [slot(capacity=1)]}),
             ("POST", WAITLIST, {"lead_id": lead, "date": DATE, "time": TIME}),
             ("DELETE", f"{WAITLIST}/{DATE}.{TIME}.{lead}", None),
             ("DELETE", f"{path_of()}/hold", {"hold_token": token}), ("DELETE", path_of(), None)]
    for method, path, body in calls:
        key = {"Idempotency-Key": "k"}
        first = shop.call(method, path, body, headers=key)
        again = shop.call(method, path, body, headers=key)
        assert first.status < 300 and first.header("idempotent-replayed") is None
        assert (again.status, again.body) == (first.status, first.body)
        assert again.header("idempotent-replayed") == "true"


# The waitlist -------------------------------------------------------------------------------------


@pytest.fixture
def full(shop):
    """The slot is fully booked."""
    feed(shop, slot(capacity=2, booked=2))
    return shop


def people(api, count):
    return [lead_of(api, Person()) for _ in range(count)]


def waitlist_tasks(api):
    return [task for task in api.tasks() if task["kind"] == "waitlist_slot"]


def notifications(api):
    stream = next(name for name in api.redis.text.scan_iter("crm_feed*"))
    return [entry for _, entry in api.redis.text.xrange(stream)
            if entry["t"] == "waitlist.notified"]


def test_d64_a_lead_waits_at_the_end_of_the_line_once(full):
    leads = people(full, 3)
    for position, lead in enumerate(leads, 1):
        entry = wait_for(full, lead, at=T0)
        assert entry == {"id": f"{DATE}.{TIME}.{lead}", "lead_id": lead,
                         "contact_id": entry["contact_id"], "date": DATE, "time": TIME,
                         "position": position, "status": "waiting"}
        assert full.contact(entry["contact_id"])
        assert wait_for(full, lead, expect=200, at=T0 + SECOND) == entry
    assert wait_for(full, leads[0], expect=200)["position"] == 1
    assert line(full) == line(full, limit=1) == leads
    assert not notifications(full)


def test_d64_a_lead_is_named_by_any_of_its_ids(full, person):
    lead = lead_of(full, person)
    row = full.get(f"/api/admin/leads/{lead}")
    for name in (row["id"], str(row["id"]), row["reference"], lead):
        assert wait_for(full, name, expect=None)["lead_id"] == lead
    assert line(full) == [lead]


@pytest.mark.parametrize("free", [
    lambda api: feed(api, slot(capacity=2, booked=1)),
    lambda api: feed(api, slot(capacity=3)),
    lambda api: feed(api, slot(time="9PM"), slot(capacity=2, booked=1), slot(time="12PM"))])
def test_d64_a_freed_place_is_told_to_the_first_in_line_once(full, free):
    first, second = people(full, 2)
    for lead in (first, second):
        contact = wait_for(full, lead, at=T0)["contact_id"]
    version = full.contact(contact)["version"]
    free(full)
    for _ in range(3):
        free(full)
        assert (told(full), line(full)) == ([first], [second])
    first_contact = full.get(f"/api/admin/leads/{first}")["contact_id"]
    task, = waitlist_tasks(full)
    expected = {"title": f"A place is free: {DATE} {TIME}", "queue": "sales", "priority": "high",
                "contact_id": first_contact, "lead_id": first, "status": "open"}
    assert {name: task[name] for name in expected} == expected
    assert ms(task["due_at"]) - ms(task["created_at"]) == HOUR
    entry, = notifications(full)
    assert (entry["c"], entry["l"], entry["k"]) == (first_contact[8:], first, task["id"])
    shown = full.contact(first_contact)
    assert (shown["open_tasks"], full.contact(contact)["version"]) == (1, version)
    row, = full.list(WAITLIST, status="notified")
    assert (row["status"], row["position"], row["task_id"]) == ("notified", None, task["id"])
    assert row["notified_at"] == task["created_at"]
    assert_sound(full)


def test_d64_two_places_are_told_to_two_and_more_than_wait_to_all(full):
    leads = people(full, 5)
    for lead in leads:
        wait_for(full, lead)
    feed(full, slot(capacity=4, booked=2))
    assert line(full) == leads[2:]
    feed(full, slot(capacity=100))
    assert line(full) == [] and len(waitlist_tasks(full)) == 5
    assert_sound(full)


def test_d64_a_place_that_is_taken_and_freed_again_is_told_to_the_next(full):
    leads = people(full, 3)
    for lead in leads:
        wait_for(full, lead)
    for n in range(3):
        feed(full, slot(capacity=2, booked=1))
        assert line(full) == leads[n + 1:]
        feed(full, slot(capacity=2, booked=2))
    assert told(full) == leads[::-1]


def test_d64_a_hold_that_is_given_back_frees_a_place(shop, person):
    feed(shop, slot())
    token = hold(shop)["hold_token"]
    lead = lead_of(shop, person)
    wait_for(shop, lead)
    unhold(shop, token)
    assert told(shop) == [lead]


@pytest.mark.parametrize("touch", [
    lambda api, at: feed(api, slot(capacity=2, booked=0), at=at),
    lambda api, at: hold(api, at=at),
    lambda api, at: wait_for(api, lead_of(api, Person()), at=at)])
def test_d64_a_hold_that_ran_out_is_noticed_when_the_slot_is_touched(shop, person, touch):
    feed(shop, slot(capacity=2))
    hold(shop, ttl_s=30, at=T0)
    hold(shop, ttl_s=30, at=T0)
    lead = lead_of(shop, person)
    wait_for(shop, lead, at=T0)
    shop.get(SLOTS, at=T0 + MINUTE)
    assert told(shop) == []
    touch(shop, T0 + MINUTE)
    assert told(shop)[-1] == lead


def test_d64_a_place_that_is_taken_by_the_same_call_is_told_to_nobody(shop, person):
    feed(shop, slot())
    hold(shop, ttl_s=30, at=T0)
    lead = lead_of(shop, person)
    wait_for(shop, lead, at=T0)
    token = hold(shop, at=T0 + MINUTE)["hold_token"]
    assert told(shop) == [] and line(shop) == [lead]
    unhold(shop, token)
    assert told(shop) == [lead]


def test_d64_who_asks_while_a_place_is_free_is_told_at_once(shop):
    first, second = people(shop, 2)
    assert wait_for(shop, first)["status"] == "waiting", "of a slot that was never fed"
    feed(shop, slot())
    assert told(shop) == [first]
    assert wait_for(shop, second)["position"] == 1, "the place was offered to the first"
    feed(shop, slot(time="9PM"))
    entry = wait_for(shop, second, time="9PM")
    assert (entry["status"], entry["position"]) == ("notified", None)


def test_d64_who_was_told_may_ask_again(full, person):
    lead = lead_of(full, person)
    wait_for(full, lead)
    feed(full, slot(capacity=3))
    feed(full, slot(capacity=3, booked=3))
    assert wait_for(full, lead)["position"] == 1
    assert (told(full), line(full)) == ([], [lead])
    feed(full, slot(capacity=4))
    assert (told(full), len(notifications(full))) == ([lead], 2)
    assert_sound(full)


def test_d64_who_leaves_the_line_is_not_told(full):
    first, second = people(full, 2)
    for lead in (first, second):
        entry = wait_for(full, lead)
    full.call("DELETE", f"{WAITLIST}/{DATE}.{TIME}.{first}", expect=200)
    full.call("DELETE", f"{WAITLIST}/{DATE}.{TIME}.{first}", expect=404)
    assert line(full) == [second]
    feed(full, slot(capacity=3))
    assert told(full) == [second]
    answer = full.call("DELETE", f"{WAITLIST}/{entry['id']}", expect=200).json()
    assert answer == {"id": entry["id"], "deleted": True}
    assert told(full) == [] and len(waitlist_tasks(full)) == 1
    assert_sound(full)


def test_d64_all_who_wait_are_listed_by_the_day_of_their_slot(shop, person):
    lead = lead_of(shop, person)
    days = ["2025-11-10", "2025-11-11", "2025-11-15", "2025-12-24"]
    for date in reversed(days):
        wait_for(shop, lead, date=date)

    def dates(**query):
        return [one["date"] for one in shop.list(WAITLIST, **query)]

    assert dates() == dates(limit=1) == days[1:]
    assert dates(**{"from": "2025-01-01"}) == dates(**{"from": "2025-01-01"}, limit=3) == days
    assert dates(date=DATE) == dates(**{"from": DATE, "to": DATE}) == [DATE]
    assert dates(to=DATE, limit=1) == days[1:3]
    assert faults(shop.get(WAITLIST, 422, time=TIME)) == {"date": "required"}
    assert faults(shop.get(WAITLIST, 422, status="x")) == {"status": "enum"}
    answer = shop.call("GET", WAITLIST)
    again = {"If-None-Match": answer.header("etag")}
    assert shop.call("GET", WAITLIST, headers=again).status == 304
    assert shop.call("GET", WAITLIST, headers=again, at=T0 + DAY).status == 200


def test_d64_a_lead_that_nobody_could_tell_cannot_wait(full):
    anonymous = Visitor(full).track(STEP_1)["uuid"]
    assert faults(wait_for(full, anonymous, expect=422)) == {"lead_id": "no_contact"}
    wait_for(full, "01a1fbb8-320f-728a-a983-07476abd142b", expect=404)
    wait_for(full, 4711, expect=404)
    answer = full.call("POST", WAITLIST, {"date": "2025-02-30"}, 422).json()
    assert faults(answer) == {"lead_id": "required", "time": "required"}
    answer = full.call("POST", WAITLIST, {"lead_id": 1, "date": "2025-02-30", "time": "6PM"}, 422)
    assert faults(answer.json()) == {"date": "date"}


def test_d64_the_contact_is_the_one_that_the_lead_has_then(full):
    one, other = Person(), Person()
    lead = lead_of(full, one)
    loser = wait_for(full, lead)["contact_id"]
    winner = full.event("page.viewed", other)["contact_id"]
    merge = full.call("POST", "/v1/merges", {"winner": winner, "loser": loser, "force": True},
                      201).json()["id"]
    feed(full, slot(capacity=3))
    task, = waitlist_tasks(full)
    assert task["contact_id"] == winner and full.contact(winner)["open_tasks"] == 1
    assert_sound(full)
    full.call("POST", f"/v1/merges/{merge}/undo", {}, 200)
    assert waitlist_tasks(full)[0]["contact_id"] == loser, "whose lead it is"
    assert (full.contact(winner)["open_tasks"], full.contact(loser)["open_tasks"]) == (0, 1)
    assert_sound(full)


def test_d64_more_than_one_script_may_tell_are_told_by_one_call(full):
    leads = people(full, 70)
    for lead in leads:
        wait_for(full, lead)
    feed(full, slot(capacity=71, booked=2))
    assert line(full) == leads[69:] and len(notifications(full)) == 69
    assert_sound(full)


def test_d64_frees_and_holds_at_once_tell_no_more_than_places_were_freed(shop):
    feed(shop, slot(capacity=25))
    tokens = [hold(shop)["hold_token"] for _ in range(25)]
    leads = people(shop, 30)
    for lead in leads:
        wait_for(shop, lead)
    frees = [lambda token=token: unhold(shop, token) for token in tokens]
    holds = [lambda: shop.call("POST", path_of() + "/hold", {})] * 25
    answers = at_once([call for pair in zip(frees, holds) for call in pair])
    taken = sum(getattr(answer, "status", 0) == 201 for answer in answers)
    assert of(shop)["free"] == 25 - taken
    assert line(shop) == leads[len(told(shop)):]
    assert 25 - taken <= len(told(shop)) == len(waitlist_tasks(shop)) <= 25
    assert_sound(shop)
