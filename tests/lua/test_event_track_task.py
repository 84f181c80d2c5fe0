"""event_track: the tasks that events make and close.

SPDX-License-Identifier: MIT
"""
import pytest

from support.times import DAY, HOUR, MINUTE, T0

ANN = {"ext": "u1"}
STARTED, ABANDONED, COMPLETED = "booking.started", "booking.abandoned", "booking.completed"


def test_a_task_is_whole_and_stands_in_all_its_lists(crm):
    answer = crm.track(ABANDONED, ANN, at=T0 - MINUTE, now=T0, booking_id="b1")
    assert crm.hash("TASK", answer.task) == {
        "contact_id": answer.contact, "kind": "abandoned_booking", "title": "abandoned_booking",
        "note": "note", "priority": "urgent", "queue": "sales", "status": "open",
        "due": str(T0 + HOUR), "booking": "b1", "created_at": str(T0), "v": "1"}
    assert crm.redis.zscore(crm.key("TASK_DUE"), answer.task) == T0 + HOUR
    assert crm.redis.zscore(crm.key("CONTACT_TASK", answer.c), answer.task) == T0 + HOUR
    assert crm.contact(answer.c)["open_tasks"] == "1"
    assert crm.redis.ttl(crm.key("TASK", answer.task)) == -1


def test_a_completion_closes_the_task_of_its_booking_and_makes_its_own(crm):
    task = crm.track(ABANDONED, ANN, booking_id="b1").task
    answer = crm.track(COMPLETED, ANN, at=T0 + HOUR, booking_id="b1")
    closed = crm.hash("TASK", task)
    assert (closed["status"], closed["outcome"], closed["done_at"], closed["v"]) == (
        "cancelled", "resolved", str(T0 + HOUR), "2")
    assert 0 < crm.redis.ttl(crm.key("TASK", task)) <= 90 * 86400
    assert list(crm.open_tasks()) == [answer.task]
    assert crm.redis.zscore(crm.key("TASK_CLOSED"), task) == T0 + HOUR
    assert crm.redis.zscore(crm.key("TASK_DUE"), task) is None
    assert crm.contact(answer.c)["open_tasks"] == "1"


def test_a_task_that_is_being_worked_on_is_closed_too(crm):
    answer = crm.track(ABANDONED, ANN, booking_id="b1")
    crm.redis.hset(crm.key("TASK", answer.task), "status", "claimed")
    crm.track(COMPLETED, ANN, at=T0 + HOUR, booking_id="b1")
    assert crm.hash("TASK", answer.task)["status"] == "cancelled"


def test_a_task_that_is_done_stays_done(crm):
    answer = crm.track(ABANDONED, ANN, booking_id="b1")
    crm.redis.hset(crm.key("TASK", answer.task), mapping={"status": "done", "done_at": T0 + 1})
    crm.redis.zrem(crm.key("TASK_OPEN"), answer.task)
    crm.redis.zrem(crm.key("TASK_DUE"), answer.task)
    crm.redis.hincrby(crm.key("CONTACT", answer.c), "open_tasks", -1)
    crm.track(COMPLETED, ANN, at=T0 + HOUR, booking_id="b1")
    done = crm.hash("TASK", answer.task)
    assert (done["status"], done["done_at"]) == ("done", str(T0 + 1))


def test_a_closed_task_is_listed_for_90_days(crm):
    first = crm.track(ABANDONED, ANN, booking_id="b1").task
    crm.track(COMPLETED, ANN, at=T0 + 1, booking_id="b1")
    second = crm.track(ABANDONED, ANN, at=T0 + DAY, booking_id="b2").task
    then = T0 + 1 + 90 * DAY
    crm.track(COMPLETED, ANN, at=then, booking_id="b2")
    assert crm.redis.zrange(crm.key("TASK_CLOSED"), 0, -1) == [second] != [first]


def test_open_tasks_come_urgent_first_then_by_due_time(crm):
    made = {}
    for n, (event_type, who) in enumerate([(COMPLETED, "u1"), ("payment.failed", "u2"),
                                           (ABANDONED, "u3"), ("payment.failed", "u4"),
                                           (ABANDONED, "u5"), (COMPLETED, "u6")]):
        made[n] = crm.track(event_type, {"ext": who}, at=T0 + n).task
    assert list(crm.open_tasks()) == [made[n] for n in (2, 4, 1, 3, 0, 5)]
    assert crm.redis.zrange(crm.key("TASK_DUE"), 0, -1) == [made[n] for n in (2, 4, 1, 3, 0, 5)]


def test_each_failed_payment_makes_its_own_task(crm):
    tasks = {crm.track("payment.failed", ANN, at=T0 + n).task for n in range(3)}
    assert set(crm.open_tasks("payment_failed")) == tasks and len(tasks) == 3


def test_a_task_belongs_to_its_contact(crm):
    """Two people abandon a booking of the same name."""
    first = crm.track(ABANDONED, {"ext": "u1"}, booking_id="b1").task
    second = crm.track(ABANDONED, {"ext": "u2"}, booking_id="b1").task
    crm.track(COMPLETED, {"ext": "u1"}, at=T0 + 1, booking_id="b1")
    assert set(crm.open_tasks("abandoned_booking")) == {second} != {first}


def test_a_contact_lists_200_tasks_at_most(ws):
    for n in range(205):
        answer = ws.track("payment.failed", ANN, at=T0 + n)
    assert ws.redis.zcard(ws.key("CONTACT_TASK", answer.c)) == 200
    assert ws.redis.zrevrange(ws.key("CONTACT_TASK", answer.c), 0, 0) == [answer.task]


def test_a_contact_with_more_open_tasks_than_it_lists_is_sound(ws):
    for n in range(201):
        ws.track("payment.failed", ANN, at=T0 + n)
    assert not ws.faults()
