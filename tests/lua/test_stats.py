"""stats_now, stats_days and behavior_day: the figures of reports.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.times import DAY, HOUR, T0

STATUSES = ("new_lead", "hot_booking", "hot_abandoned", "customer")


def now_of(ws, now=T0):
    keys = [
        ws.key("FEED"),
        ws.key("CREATED"),
        ws.key("TASK_DUE"), *(ws.key("STATUS", status) for status in STATUSES)
    ]
    return ws.run("stats_now", keys, now)


def test_an_empty_workspace_has_nothing(ws):
    assert now_of(ws) == ["0-0", 0, 0, 0, [0, 0, 0, 0]]


def test_contacts_are_counted_by_status_and_tasks_by_due_time(crm):
    for n, event_type in enumerate(["page.viewed"] * 3 + ["booking.started"] * 2 +
                                   ["booking.abandoned"] + ["booking.completed"] * 4):
        crm.track(event_type, {"ext": f"u{n}"})
    newest = crm.redis.xrevrange(crm.key("FEED"), count=1)[0][0]
    assert now_of(crm) == now_of(crm) == [newest, 10, 5, 0, [3, 2, 1, 4]]
    assert now_of(crm, T0 + HOUR)[3] == 0
    assert now_of(crm, T0 + HOUR + 1)[3] == 1
    assert now_of(crm, T0 + 2 * DAY)[3] == 5


def test_the_figures_cost_the_same_whatever_there_is(crm):
    _, few = crm.calls(lambda: now_of(crm))
    crm.track_all([crm.event("booking.abandoned", {"ext": f"u{n}"}) for n in range(300)])
    assert crm.calls(lambda: now_of(crm))[1] == few


def test_each_day_gives_the_asked_fields_in_their_order(crm):
    crm.track("page.viewed", {"ext": "u1"}, now=T0)
    crm.track("booking.completed", {"ext": "u1"}, at=T0 + 2 * DAY, amount=45000)
    days = [crm.day(T0 + n * DAY) for n in range(3)]
    asked = ["created", "revenue_cents", "10:page.viewed"]
    assert crm.run("stats_days", days, *asked) == [["1", None, "1"], [None, None, None],
                                                   [None, "45000", None]]


def test_64_days_of_8_fields_are_answered(ws):
    keys = [ws.day(T0 + n * DAY) for n in range(64)]
    for key in keys:
        ws.redis.hset(key, "created", 3)
    answer = ws.run("stats_days", keys, "created", *(f"no{n}" for n in range(7)))
    assert answer == 64 * [["3"] + 7 * [None]]


def test_a_day_that_is_no_hash_is_refused(ws):
    ws.redis.set(ws.day(), "1")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        ws.run("stats_days", [ws.day()], "created")
    ws.redis.delete(ws.day())


def behavior(ws, now=T0):
    return ws.run("behavior_day", [ws.day(now, "BEHAVIOR"), ws.day(now)])


def test_a_day_without_events_has_no_behavior(ws):
    assert behavior(ws) == [[], []]


def test_what_was_viewed_most_comes_first_beside_the_days_counters(crm):
    for name in ("vehicle:a", "vehicle:b", "vehicle:b", "location:x"):
        crm.track("vehicle.viewed", {"ext": "u1"},
                  counted=name,
                  counted_in=crm.day(name="BEHAVIOR"))
    names, counters = behavior(crm)
    assert names == ["vehicle:b", "2", "vehicle:a", "1", "location:x", "1"]
    counters = dict(zip(counters[::2], map(int, counters[1::2])))
    assert counters == crm.counters() and counters["10:vehicle.viewed"] == 4


def test_a_day_gives_its_1000_most_viewed_names(ws):
    ws.redis.zadd(ws.day(name="BEHAVIOR"), {f"vehicle:{n:04}": n for n in range(1, 1201)})
    names, _ = behavior(ws)
    assert names[:2] == ["vehicle:1200", "1200"] and len(names) == 2000
    assert names[-2:] == ["vehicle:0201", "201"]
