"""task_list and task_get: pages of tasks, and one task.

SPDX-License-Identifier: MIT
"""
import pytest
import redis
from hypothesis import HealthCheck, given, settings, strategies as st

from support.scripts import uuid
from support.times import HOUR, T0

PROPERTY = {
    "max_examples": 150,
    "deadline": None,
    "database": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.function_scoped_fixture]
}


def add(ws, rows, index="TASK_OPEN", status="open"):
    """Tasks without contacts: (id, score) each."""
    pipe = ws.redis.pipeline(transaction=False)
    for id_, score in rows:
        pipe.hset(ws.key("TASK", id_), mapping={"status": status, "due": score})
        pipe.zadd(ws.key(index), {id_: score})
    pipe.execute()


def read_page(ws,
              limit=50,
              position=("", ""),
              index=None,
              now=T0,
              most="+inf",
              status="open",
              known=("", "")):
    index = index or ws.key("TASK_OPEN")
    return ws.run("task_list", [ws.key("FEED"), index, ws.key("TASK_DUE")], ws.before, limit, now,
                  most, status, *known, *position, "")


def pages(ws, limit, between=lambda position: None, **how):
    position = ("", "")
    for _ in range(1000):
        _, _, rows, more, *after = read_page(ws, limit, position, **how)
        assert len(rows) <= limit
        yield [id_ for id_, _ in rows]
        if not more:
            return
        position = after
        between(position)
    pytest.fail(f"a list without end, at {position}")


def all_of(ws, limit=50, **how):
    return [id_ for page in pages(ws, limit, **how) for id_ in page]


def in_order(rows):
    return [id_ for _, id_ in sorted((score, id_) for id_, score in rows)]


def board(crm):
    """Three tasks: {kind: id}, of different contacts."""
    return {
        event_type: crm.track(event_type, {
            "ext": event_type
        }).task
        for event_type in ("booking.completed", "payment.failed", "booking.abandoned")
    }


def test_open_tasks_come_urgent_first_with_all_their_fields(crm):
    tasks = board(crm)
    _, overdue, rows, more, *_ = read_page(crm)
    assert (overdue, more) == (0, 0)
    assert [id_ for id_, _ in rows] == [
        tasks[event_type]
        for event_type in ("booking.abandoned", "payment.failed", "booking.completed")
    ]
    for id_, fields in rows:
        assert dict(zip(fields[::2], fields[1::2])) == crm.hash("TASK", id_)


def test_due_tasks_are_those_whose_time_has_come(crm):
    tasks = board(crm)
    due = crm.key("TASK_DUE")
    for hours, count in ((0, 0), (1, 1), (4, 2), (24, 3)):
        now = T0 + hours * HOUR
        for limit in (1, 50):
            assert len(all_of(crm, limit, index=due, now=now, most=now)) == count
            assert len(all_of(crm, limit, index=due, now=now - 1,
                              most=now - 1)) == max(count - 1, 0)
    assert all_of(crm, index=due, most=T0 + HOUR) == [tasks["booking.abandoned"]]


def test_overdue_counts_the_tasks_whose_time_is_past(crm):
    board(crm)
    for now, overdue in ((T0, 0), (T0 + HOUR, 0), (T0 + HOUR + 1, 1), (T0 + 5 * HOUR, 2),
                         (T0 + 25 * HOUR, 3)):
        assert read_page(crm, now=now)[1] == overdue


def test_tasks_of_one_contact_may_be_asked_for_by_status(crm):
    first = crm.track("booking.abandoned", {"ext": "u1"}, booking_id="b1")
    second = crm.track("booking.completed", {"ext": "u1"}, at=T0 + 1, booking_id="b1")
    crm.track("payment.failed", {"ext": "u2"})
    mine = crm.key("CONTACT_TASK", first.c)
    assert all_of(crm, index=mine, status="open") == [second.task]
    assert all_of(crm, index=mine, status="cancelled") == [first.task]
    assert all_of(crm, 1, index=mine, status="") == [first.task, second.task]


def test_who_has_the_change_id_and_the_number_of_overdue_ones_gets_nothing_else(crm):
    board(crm)
    newest, overdue, *_ = read_page(crm)
    assert read_page(crm, known=(newest, overdue)) == [newest, overdue]
    # Time alone changes what is overdue.
    assert len(read_page(crm, known=(newest, overdue), now=T0 + 2 * HOUR)) == 6
    crm.track("page.viewed", {"ext": "u1"})
    assert len(read_page(crm, known=(newest, overdue))) == 6


def test_an_empty_list_is_one_empty_page(ws):
    assert read_page(ws) == ["0-0", 0, [], 0, "", ""]


def test_an_entry_without_its_task_is_left_out_and_ends_no_list(ws):
    add(ws, [(uuid(n), n) for n in range(1, 11)])
    for n in (1, 4, 5, 6, 10):
        ws.redis.delete(ws.key("TASK", uuid(n)))
    assert all_of(ws, 2) == [uuid(n) for n in (2, 3, 7, 8, 9)]


@settings(**PROPERTY)
@given(scores=st.lists(st.integers(0, 12), min_size=1, max_size=70),
       limit=st.integers(1, 20),
       arrivals=st.lists(st.lists(st.integers(0, 12), max_size=9), max_size=20),
       most=st.sampled_from(["+inf", 6]))
def test_every_old_task_is_seen_once_while_new_ones_come(ws, scores, limit, arrivals, most):
    ws.emptied()
    numbers = iter(range(1, 10000))

    def rows_of(values):
        return [(uuid(n * 7919 % 1009), score) for n, score in zip(numbers, values)]

    rows = rows_of(scores)
    add(ws, rows)
    waiting = iter(arrivals)
    seen = all_of(ws, limit, most=most, between=lambda _: add(ws, rows_of(next(waiting, []))))
    assert len(set(seen)) == len(seen)
    old = {id_ for id_, _ in rows}
    assert [id_ for id_ in seen if id_ in old] == in_order([(id_, score) for id_, score in rows
                                                            if most == "+inf" or score <= most])


@settings(**PROPERTY)
@given(scores=st.lists(st.integers(0, 5), min_size=1, max_size=60),
       limit=st.integers(1, 20),
       to=st.integers(-1, 6),
       goes=st.booleans(),
       most=st.sampled_from(["+inf", 4]))
def test_the_rest_is_seen_once_when_the_last_task_moves_or_is_closed(ws, scores, limit, to, goes,
                                                                     most):
    ws.emptied()
    rows = [(uuid(n), score) for n, score in enumerate(scores, 1)]
    add(ws, rows)
    moved = set()

    def move(position):
        moved.add(position[1])
        if goes:
            ws.redis.zrem(ws.key("TASK_OPEN"), position[1])
        else:
            ws.redis.zadd(ws.key("TASK_OPEN"), {position[1]: to})

    seen = all_of(ws, limit, most=most, between=move)
    wanted = in_order([(id_, score) for id_, score in rows if most == "+inf" or score <= most])
    assert [id_ for id_ in seen if id_ not in moved] == [id_ for id_ in wanted if id_ not in moved]


def test_every_page_of_a_long_list_costs_the_same(ws):
    add(ws, [(uuid(n), T0 + n // 5) for n in range(1, 5001)])
    position, costs = ("", ""), []
    for _ in range(100):
        (_, _, rows, more, *after), calls = ws.calls(lambda: read_page(ws, 50, position))
        costs.append(sum(calls.values()))
        position = after
    assert not more and len(rows) == 50
    # The stream, the overdue ones, the place of the last row, the range, and each row.
    assert max(costs) <= 2 + 3 + 50


# task_get -----------------------------------------------------------------------------------------


def test_a_task_comes_with_all_its_fields(crm):
    task = board(crm)["payment.failed"]
    row = crm.run("task_get", [crm.key("TASK", task)])
    assert dict(zip(row[::2], row[1::2])) == crm.hash("TASK", task)
    assert row == crm.run("task_get", [crm.key("TASK", task)])


def test_a_task_that_is_none_is_not_found(ws):
    with pytest.raises(redis.ResponseError, match="^NOTFOUND "):
        ws.run("task_get", [ws.key("TASK", uuid(1))])
