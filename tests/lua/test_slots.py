"""slot_put, slot_hold, slot_unhold, slot_delete, slot_list, and slots_near of lib/slot.lua: the
inventory and its held places.

SPDX-License-Identifier: MIT
"""
import json
import os

import pytest
import redis

from support.service import ROOT
from support.slot_scripts import DATE, TIME, Slots
from support.times import MINUTE, T0


@pytest.fixture
def slots(crm):
    return Slots(crm)


def rows(slots, **how):
    """Without their ends: (date, time, capacity, booked, held)."""
    return [(*row[:2], *row[3:]) for row in slots.list(**how)]


def kept(slots, date=DATE, time=TIME):
    return json.loads(slots.ws.redis.hget(slots.ws.key("SLOT", date), time))


def refused(word, function, *how, **named):
    before = function.__self__.ws.server.dump()
    with pytest.raises(redis.ResponseError, match=f"^{word}"):
        function(*how, **named)
    assert function.__self__.ws.server.dump() == before


# slot_put -----------------------------------------------------------------------------------------


def test_slots_are_fed_and_fed_again(slots):
    assert slots.put((DATE, TIME, 3, 1), ("2025-11-16", "9PM", 2)) == [0, 2, 1]
    assert rows(slots) == [(DATE, TIME, 3, 1, 0), ("2025-11-16", "9PM", 2, 0, 0)]
    slots.put((DATE, TIME, 4))
    assert rows(slots)[0] == (DATE, TIME, 4, 1, 0)
    slots.put((DATE, TIME, 4, 0))
    assert rows(slots)[0] == (DATE, TIME, 4, 0, 0)
    assert kept(slots) == {"capacity": 4, "booked": 0, "at": T0}


def test_the_last_word_of_a_call_counts(slots):
    assert slots.put((DATE, TIME, 3, 3), (DATE, TIME, 5)) == [0, 2, 1]
    assert rows(slots) == [(DATE, TIME, 5, 3, 0)]


def test_an_end_is_kept_changed_and_taken_away(slots):
    def end(*given):
        slots.put({"d": DATE, "t": TIME, "c": 1, **dict(zip("e", given))})
        return slots.list()[0][2]

    assert [end(), end("8PM"), end(), end("9PM"), end(""), end()] == ["", "8PM", "8PM", "9PM", "",
                                                                     ""]


def test_nothing_is_fed_when_one_slot_has_more_booked_than_places(slots):
    slots.put((DATE, TIME, 3, 2))
    refused("INVALID 1 booked", slots.put, ("2025-11-16", "9PM", 2), (DATE, TIME, 1))
    refused("INVALID 0 booked", slots.put, (DATE, TIME, 3, 4))


def test_a_day_has_at_most_a_hundred_slots(slots):
    day = [(DATE, f"t{n}", 1) for n in range(100)]
    slots.put(*day[:60])
    refused("INVALID 41 date", slots.put, ("2025-11-16", TIME, 1), *day[60:], (DATE, "x", 1))
    slots.put(*day)
    slots.put(day[7])
    assert len(slots.list()) == 100


def test_the_days_that_have_slots_stand_in_their_order(slots):
    slots.put(("2026-01-01", TIME, 1), (DATE, TIME, 1), (DATE, "9PM", 0))
    days = slots.ws.redis.zrange(slots.ws.key("SLOT_DAY"), 0, -1, withscores=True)
    assert days == [(DATE, 20251115), ("2026-01-01", 20260101)]
    assert [entry["t"] for entry in slots.ws.feed()] == ["slot.changed"]


def test_a_touch_changes_no_slot_and_makes_none(slots):
    slots.put((DATE, TIME, 3, 1))
    before = kept(slots)
    touched = slots.put({"d": DATE, "t": TIME}, {"d": "2026-01-01", "t": TIME}, now=T0 + 1)
    assert touched == [0, 2, 1]
    assert kept(slots) == before and len(slots.list()) == 1


def test_500_slots_are_fed_in_a_few_milliseconds(slots):
    many = [(f"2026-{month:02}-{day:02}", time, 2) for month in range(1, 6)
            for day in range(1, 26) for time in ("12PM", "3PM", "6PM", "9PM")]
    for _ in range(3):
        slots.ws.emptied()
        slots.ws.load()
        us = slots.ws.script_us(lambda: slots.put(*many))
    assert us < 20_000 and len(slots.list(wanted=201, first=20260501)) == 100


# slot_hold, slot_unhold ---------------------------------------------------------------------------


def test_a_hold_takes_a_place_until_its_time(slots):
    slots.put((DATE, TIME, 3, 1))
    assert slots.hold("a", ttl=MINUTE) == [0, "a", str(T0 + MINUTE), 1]
    assert slots.hold("b", ttl=2 * MINUTE, now=T0 + 1) == [0, "b", str(T0 + 1 + 2 * MINUTE), 0]
    refused("FULL", slots.hold, "c", now=T0 + MINUTE - 1)
    for after, held in ((0, 2), (MINUTE - 1, 2), (MINUTE, 1), (2 * MINUTE, 1),
                        (2 * MINUTE + 1, 0)):
        assert slots.held(T0 + after) == {TIME: held}
    assert slots.hold("c", now=T0 + MINUTE)[3] == 0
    assert kept(slots)["held_to"] == T0 + MINUTE + 300_000


def test_the_holds_of_a_slot_live_as_long_as_the_last_of_them(slots):
    slots.put((DATE, TIME, 3))
    key = slots.ws.key("SLOT_HOLD", f"{DATE}.{TIME}")
    for token, ttl, seconds in (("a", 60_000, 60), ("b", 900_000, 900), ("c", 30_000, 900)):
        slots.hold(token, ttl=ttl)
        assert seconds - 5 <= slots.ws.redis.ttl(key) <= seconds
    slots.hold("d", now=T0 + 60_000)
    assert slots.ws.redis.zrange(key, 0, -1) == ["d", "b"]


def test_a_held_place_is_given_back_once(slots):
    slots.put((DATE, TIME, 2))
    slots.hold("a")
    slots.hold("b")
    assert slots.unhold("a") == [0, 1]
    for wrong in ("a", "x"):
        refused("NOTFOUND", slots.unhold, wrong)
    refused("NOTFOUND", slots.unhold, "b", now=T0 + 300_000)
    assert slots.unhold("b", now=T0 + 299_999) == [0, 2]


def test_a_slot_that_is_none_has_no_places(slots):
    refused("NOTFOUND", slots.hold, "a")
    refused("NOTFOUND", slots.unhold, "a")
    refused("NOTFOUND", slots.delete)
    slots.put((DATE, "9PM", 1), (DATE, TIME, 0))
    refused("FULL", slots.hold, "a")
    refused("NOTFOUND", slots.hold, "a", time="3PM")


def test_fewer_places_than_are_held_are_none_free(slots):
    slots.put((DATE, TIME, 3))
    for token in "abc":
        slots.hold(token)
    slots.put((DATE, TIME, 1, 1))
    assert rows(slots) == [(DATE, TIME, 1, 1, 3)]
    refused("FULL", slots.hold, "d")
    assert [slots.unhold(token)[1] for token in "abc"] == [0, 0, 0]
    slots.put((DATE, TIME, 2))
    assert slots.hold("d")[3] == 0


def test_a_hold_may_be_repeated_by_its_key_also_when_it_is_over(slots):
    slots.put((DATE, TIME, 1))
    again = {"again": slots.ws.key("SEEN", "key:h"), "again_print": "aa"}
    first = slots.hold("a", **again)
    refused("MISMATCH", slots.hold, "b", **{**again, "again_print": "bb"})
    before = slots.ws.server.dump()
    for now in (T0, T0 + 600_000):
        assert slots.hold("b", now=now, **again) == [1, first[1], first[2], str(first[3])]
    assert slots.ws.server.dump() == before


@pytest.mark.parametrize("verb, answer", [
    (lambda slots, **how: slots.put((DATE, TIME, 2), **how), [1, "1", "1"]),
    (lambda slots, **how: slots.unhold("a", **how), [1, "1"]),
    (lambda slots, **how: slots.delete(**how), [1])])
def test_a_repeated_call_has_no_second_effect(slots, verb, answer):
    slots.put((DATE, TIME, 1))
    slots.hold("a")
    again = {"again": slots.ws.key("SEEN", "key:k"), "again_print": "aa"}
    assert verb(slots, **again)[0] == 0
    before = slots.ws.server.dump()
    assert verb(slots, **again) == answer
    with pytest.raises(redis.ResponseError, match="^MISMATCH"):
        verb(slots, **{**again, "again_print": "bb"})
    assert slots.ws.server.dump() == before


# slot_delete --------------------------------------------------------------------------------------


def test_a_slot_goes_with_its_holds_and_its_day_with_the_last(slots):
    slots.put((DATE, TIME, 1), (DATE, "9PM", 1))
    slots.hold("a")
    assert slots.delete() == [0]
    assert [row[1] for row in slots.list()] == ["9PM"]
    assert not slots.ws.redis.exists(slots.ws.key("SLOT_HOLD", f"{DATE}.{TIME}"))
    slots.delete(time="9PM")
    assert slots.list() == []
    assert not slots.ws.redis.exists(slots.ws.key("SLOT_DAY"))


# slot_list ----------------------------------------------------------------------------------------


def test_whole_days_are_listed_until_there_are_enough(slots):
    days = [f"2025-12-{day:02}" for day in range(1, 11)]
    slots.put(*((day, time, 1) for day in days for time in ("12PM", "6PM", "9PM")))

    def listed(**how):
        found = slots.list(**how)
        assert len(found) == 3 * len({row[0] for row in found})
        return sorted({row[0] for row in found})

    assert listed() == days
    assert listed(wanted=1) == days[:1]
    assert listed(wanted=4) == days[:2]
    assert listed(wanted=6) == days[:2]
    assert listed(first=20251203, last=20251205) == days[2:5]
    # Of the day that the page before ended in, nothing counts.
    assert listed(first=20251203, wanted=4, after="2025-12-03") == days[2:5]
    assert slots.list(first=20260101) == []


def test_a_time_that_is_no_part_of_keys_has_its_holds_found(slots):
    slots.put({"d": DATE, "t": "6 PM", "k": "#aa", "c": 2})
    keys, arguments = slots.hold_call("a", time="#aa")
    arguments[4] = "6 PM"
    slots.ws.run("slot_hold", keys, *arguments)
    assert slots.held() == {"6 PM": 1}


# Arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["slot_put", "slot_hold", "slot_unhold", "slot_delete"])
def test_broken_arguments_are_refused_before_the_first_write(slots, name):
    slots.put((DATE, TIME, 2))
    slots.hold("a")
    keys, good = {"slot_put": slots.put_call((DATE, TIME, 3)), "slot_hold": slots.hold_call("b"),
                  "slot_unhold": slots.unhold_call("a"), "slot_delete": slots.delete_call()}[name]
    now = good.index(T0)
    before = slots.ws.server.dump()
    for wrong in ([*good[:now], "soon", *good[now + 1:]], good[:now],
                  [*good, "again", "crm_seen_x"]):
        with pytest.raises(redis.ResponseError, match="its arguments are not"):
            slots.ws.run(name, keys, *wrong)
    assert slots.ws.server.dump() == before


# lib/slot.lua -------------------------------------------------------------------------------------


def near(slots, day, today=20250101, now=T0):
    """What slots_near finds: (date, time, end, capacity, booked, held)."""
    with open(os.path.join(ROOT, "lua/lib/slot.lua"), encoding="utf-8") as library:
        script = ("#!lua flags=no-writes\n" + library.read()
                  + "return slots_near(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5])")
    rows = slots.ws.redis.eval(script, 1, slots.ws.key("SLOT_DAY"), slots.ws.before,
                               slots.ws.after, day, today, now)
    return [tuple(rows[i:i + 6]) for i in range(0, len(rows), 6)]


def test_the_slots_near_a_day_are_those_of_the_days_around(slots):
    slots.put({"d": DATE, "t": TIME, "c": 3, "b": 1, "e": "8PM"},
              *((f"2025-11-{day}", "9PM", 1) for day in range(13, 18)))
    slots.hold("a", ttl=MINUTE)
    found = near(slots, 20251115)
    assert sorted(row[0] for row in found) == ["2025-11-13", "2025-11-14", DATE, DATE,
                                               "2025-11-16", "2025-11-17"]
    assert (DATE, TIME, "8PM", "3", "1", "1") in found
    assert (DATE, TIME, "8PM", "3", "1", "0") in near(slots, 20251115, now=T0 + MINUTE)
    assert {row[0] for row in near(slots, 20251115, today=20251114)} == {
        "2025-11-14", DATE, "2025-11-16", "2025-11-17"}
    assert {row[0] for row in near(slots, 20251101, today=20251116)} == {"2025-11-16",
                                                                        "2025-11-17"}
    assert near(slots, 20251121, today=20251121) == []


def test_slots_near_are_of_15_days_and_about_400_at_most(slots):
    days = [f"2026-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 29)]
    slots.put(*((day, TIME, 1) for day in days))
    assert sorted(row[0] for row in near(slots, 20260112)) == days[4:19]
    for day in days[10:16]:
        slots.put(*((day, f"t{n}", 1) for n in range(99)))
    assert len(near(slots, 20260112)) == 400


def test_without_an_inventory_slots_near_cost_two_commands(ws):
    found, calls = ws.calls(lambda: near(Slots(ws), 20251101))
    assert found == [] and calls == {"eval": 1, "zrange": 2}
