"""failure_count and lib/failure.lua: bookings that failed, counted on their day.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.times import DAY, T0, iso

DAYS_400 = 400 * 86400


def count(ws, reason="slot_unavailable", refined=None, date="", time="", now=T0, **pairs):
    pairs = [part for pair in pairs.items() for part in pair]
    return ws.run("failure_count", [ws.key("FEED")], ws.before, now,
                  iso(now)[:10].replace("-", ""), reason, refined or reason, date, time, *pairs)


def failures(ws, now=T0):
    return {field: int(number)
            for field, number in ws.redis.hgetall(ws.day(now, "FAIL")).items()}


def demand(ws, now=T0):
    return ws.redis.zrange(ws.day(now, "DEMAND"), 0, -1, desc=True, withscores=True)


def test_each_attempt_counts_on_its_own_day(ws):
    assert count(ws) == count(ws) == count(ws, "booking_error") == [0]
    assert count(ws, now=T0 + DAY) == [0]
    assert failures(ws) == {"failures": 3, "slot_unavailable": 2, "booking_error": 1}
    assert failures(ws, T0 + DAY) == {"failures": 1, "slot_unavailable": 1}


def test_reasons_that_differ_are_counted(ws):
    count(ws, "slot_unavailable", "date_unavailable")
    count(ws, "date_unavailable", "date_unavailable")
    assert failures(ws)["disagree"] == 1


def test_what_was_asked_for_is_counted_by_date_and_time(ws):
    for date, time in [("2026-12-24", "6PM"), ("2026-12-24", ""), ("", "1AM"),
                       ("2026-12-24", "6PM")]:
        count(ws, date=date, time=time)
    assert demand(ws) == [("2026-12-24 6PM", 2), ("2026-12-24 ", 1)]
    assert failures(ws)["failures"] == 4


def test_the_counters_live_400_days(ws):
    count(ws, date="2026-12-24", time="6PM")
    for name in ("FAIL", "DEMAND"):
        assert DAYS_400 - 60 < ws.redis.ttl(ws.day(name=name)) <= DAYS_400


def test_of_more_than_5000_wishes_the_least_is_dropped(ws):
    ws.redis.zadd(ws.day(name="DEMAND"), {f"2026-12-24 {n}": 2 for n in range(4999)})
    count(ws, date="2026-12-01", time="6PM")
    assert ws.redis.zcard(ws.day(name="DEMAND")) == 5000
    count(ws, date="2026-12-02", time="6PM")
    assert ws.redis.zcard(ws.day(name="DEMAND")) == 5000
    assert ("2026-12-02 6PM", 1) in demand(ws) and ("2026-12-01 6PM", 1) not in demand(ws)


@pytest.mark.parametrize("id_", ["seen", "again"])
def test_the_same_attempt_counts_once(ws, id_):
    pairs = {id_: ws.seen("f1"), id_ + "_print": "aaaa"}
    assert [count(ws, **pairs) for _ in range(3)] == [[0], [1], [1]]
    with pytest.raises(redis.ResponseError, match="MISMATCH"):
        count(ws, **{**pairs, id_ + "_print": "bbbb"})
    assert failures(ws) == {"failures": 1, "slot_unavailable": 1}
    assert count(ws, now=T0 + DAY, **pairs) == [0]


def test_a_failure_is_a_change_that_lists_notice(ws):
    count(ws)
    assert ws.feed() == [{"t": "failure.counted"}]


@pytest.mark.parametrize("bad", [[], ["seen"], ["seen", "k"], ["again", "k"]])
def test_arguments_that_do_not_fit_are_refused_before_anything_is_written(ws, bad):
    good = [ws.before, T0, "20261121", "slot_unavailable", "slot_unavailable", "", ""]
    with pytest.raises(redis.ResponseError, match="arguments"):
        ws.run("failure_count", [ws.key("FEED")], *(good + bad if bad else good[:6]))
    with pytest.raises(redis.ResponseError, match="arguments"):
        ws.run("failure_count", [ws.key("FEED")], *good[:2], "today", *good[3:])
    assert not list(ws.redis.scan_iter())
