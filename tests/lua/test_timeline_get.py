"""timeline_get and what event_track leaves for it: the newest activities in a sorted set, the older
ones in a list, read as one by pages.

SPDX-License-Identifier: MIT
"""
import itertools
import json

import pytest
import redis
from hypothesis import HealthCheck, given, settings, strategies as st

from support.scripts import constant
from support.times import HOUR, T0

ANN = {"ext": "u1"}
MAX = constant("event_track", "TIMELINE_MAX")  # in the sorted set
MOVE = constant("event_track", "TIMELINE_MOVE")
OLD_MAX = 10000


def read_page(ws,
              c,
              limit,
              position=("", "", "", ""),
              event_type="",
              since="",
              until="",
              version=""):
    """The script's reply. position: its last four elements, of the page before."""
    return ws.run("timeline_get",
                  [ws.key("CONTACT", c)], limit, event_type, since, until, *position[:3],
                  version, position[3], ws.before, c)[:6]


def pages(ws, c, limit, between=lambda: None, **how):
    """The activities of each page, as (time, id); between() runs before every further page."""
    position = ("", "", "", "")
    for _ in range(1000):
        _, rows, *after = read_page(ws, c, limit, position, **how)
        page = [(int(at), json.loads(member)["i"]) for at, member in zip(rows[::2], rows[1::2])]
        assert len(page) <= limit
        yield page
        if after == ["", "", "", ""]:
            return
        position = after
        between()
    pytest.fail(f"a timeline without end, at {position}")


def all_of(ws, c, limit=50, **how):
    return [row for page in pages(ws, c, limit, **how) for row in page]


def view(ws, times, now=T0 + HOUR):
    """An event at each of the times: [(time, activity id)], c."""
    answers = ws.track_all([ws.event("page.viewed", ANN, at=at, now=now) for at in times])
    return list(zip(times, (answer.activity for answer in answers))), answers[0].c


def lengths(ws, c):
    """(in the sorted set, in the list)"""
    return (ws.redis.zcard(ws.key("ACTIVITY", c)), ws.redis.llen(ws.key("ACTIVITY_OLD", c)))


# What is kept -------------------------------------------------------------------------------------


def test_the_oldest_move_to_the_list_when_the_set_is_full(crm):
    made, c = view(crm, range(T0, T0 + MAX))
    assert lengths(crm, c) == (MAX, 0)
    more, _ = view(crm, [T0 + MAX])
    assert lengths(crm, c) == (MAX - MOVE + 1, MOVE)
    old = [json.loads(member) for member in crm.redis.lrange(crm.key("ACTIVITY_OLD", c), 0, -1)]
    assert [(member["at"], member["i"]) for member in old] == made[:MOVE]
    assert all_of(crm, c) == (made + more)[::-1]
    contact = crm.contact(c)
    assert (contact["recent"], contact["activities"]) == (str(MAX - MOVE + 1), str(MAX + 1))


def test_a_moved_activity_keeps_all_it_had(crm):
    data = {"name": "Jana é 山", "quote": "\"{},", "price": 450.1}
    event = crm.event("booking.started", ANN, data=data)
    c = event.run().c
    view(crm, range(T0 + 1, T0 + MAX + 1))
    (member, ) = crm.redis.lrange(crm.key("ACTIVITY_OLD", c), 0, 0)
    assert member.startswith('{"at":%d,"i":"%s"' % (T0, event.activity))
    assert json.loads(member) == {
        "at": T0,
        **json.loads(event.head[8]), "f": "",
        "g": "hot_booking"
    }


def test_the_set_stays_small_and_the_sum_is_right_whatever_the_order_of_times(crm):
    for n in range(3 * MAX):
        c = crm.track("page.viewed", ANN, at=T0 + n * 7919 % 1000, now=T0 + HOUR).c
        recent, old = lengths(crm, c)
        assert recent <= MAX and recent + old == n + 1
        assert crm.contact(c)["recent"] == str(recent)


def fill_list(ws, c, length):
    """As if so many activities had been before: the list and the contact's count of them."""
    rows = [
        json.dumps({
            "at": T0 - length + n,
            "i": f"{n:036}",
            "t": "page.viewed"
        },
                   separators=(",", ":")) for n in range(length)
    ]
    ws.redis.rpush(ws.key("ACTIVITY_OLD", c), *rows)
    ws.redis.hincrby(ws.key("CONTACT", c), "activities", length)
    return [(T0 - length + n, f"{n:036}") for n in range(length)]


def test_10000_older_activities_are_kept_and_what_falls_off_is_counted(crm):
    made, c = view(crm, range(T0, T0 + MAX))
    before = fill_list(crm, c, OLD_MAX - 10)
    more, _ = view(crm, range(T0 + MAX, T0 + MAX + MOVE + 1))
    everything = before + made + more
    dropped = 2 * MOVE - 10
    recent, old = lengths(crm, c)
    assert (old, crm.contact(c)["dropped"]) == (OLD_MAX, str(dropped))
    assert crm.contact(c)["activities"] == str(len(everything)) == str(recent + old + dropped)
    assert all_of(crm, c, 200) == everything[dropped:][::-1]


# Pages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 7, 50, 200])
@pytest.mark.parametrize("count", [1, 50, 300])
def test_every_activity_is_on_one_page_newest_first(crm, limit, count):
    made, c = view(crm, range(T0, T0 + count))
    read = list(pages(crm, c, limit))
    assert [row for page in read for row in page] == made[::-1]
    assert all(len(page) == limit for page in read[:-1])


def test_equal_times_come_in_reverse_order_of_their_ids(crm):
    made, c = view(crm, [T0] * (3 * MAX))
    for limit in (1, 50, 200):
        assert all_of(crm, c, limit) == made[::-1]


def test_a_reader_that_has_the_version_gets_nothing_else(crm):
    _, c = view(crm, [T0, T0 + 1])
    assert read_page(crm, c, 50)[0] == crm.contact(c)["v"] == "2"
    assert read_page(crm, c, 50, version="2") == ["2"]
    assert len(read_page(crm, c, 50, version="1")) == 6


def test_the_timeline_of_nobody_is_not_found(crm):
    with pytest.raises(redis.ResponseError, match="^NOTFOUND "):
        read_page(crm, "0000000000000", 50)


def test_from_is_the_first_time_and_to_is_the_first_that_is_too_late(crm):
    made, c = view(crm, range(T0, T0 + 300))
    for first, last in ((0, 300), (10, 290), (150, 151), (295, 300), (0, 3), (40, 40)):
        for limit in (7, 200):
            assert all_of(crm, c, limit, since=T0 + first,
                          until=T0 + last) == made[first:last][::-1]
    assert all_of(crm, c, since=T0 + 280) == made[280:][::-1]
    assert all_of(crm, c, until=T0 + 20) == made[:20][::-1]


def test_one_type_is_found_wherever_it_stands(crm):
    events = [
        crm.event("form.submitted" if n % 50 == 0 else "page.viewed", ANN, at=T0 + n)
        for n in range(500)
    ]
    c = crm.track_all(events)[0].c
    wanted = [(T0 + n, events[n].activity) for n in range(0, 500, 50)]
    assert all_of(crm, c, 3, event_type="form.submitted") == wanted[::-1]


def test_a_type_that_is_rare_costs_a_bounded_look_and_is_found_in_the_end(crm):
    rare = crm.event("form.submitted", ANN)
    c = rare.run().c
    before = fill_list(crm, c, 3000)
    view(crm, range(T0 + 1, T0 + 1 + MAX))
    # The list was filled behind the first event's back: it stands in the middle of the timeline.
    position, seen, looks = ("", "", "", ""), [], 0
    for _ in range(20):
        (_, rows, *after
         ), calls = crm.calls(lambda: read_page(crm, c, 50, position, event_type="form.submitted"))
        assert sum(calls.values()) <= 20, calls
        seen += rows[1::2]
        looks += 1
        if after == ["", "", "", ""]:
            break
        position = after
    assert [json.loads(member)["i"] for member in seen] == [rare.activity]
    assert looks >= len(before) // 600


def test_a_type_is_a_whole_word(crm):
    c = crm.track("page.viewed.twice", ANN).c
    assert all_of(crm, c, event_type="page.viewed") == []


def test_what_stands_in_the_data_is_no_type(crm):
    c = crm.track("form.submitted", ANN, data={"t": "page.viewed"}).c
    assert all_of(crm, c, event_type="page.viewed") == []


def test_pages_deep_in_the_list_cost_what_the_first_ones_cost(crm):
    _, c = view(crm, range(T0, T0 + MAX))
    fill_list(crm, c, OLD_MAX - MOVE)
    position, costs, times = ("", "", "", ""), [], []
    for _ in range(OLD_MAX):
        (_, _, *after), calls = crm.calls(lambda: read_page(crm, c, 200, position))
        costs.append(sum(calls.values()))
        times.append(min(
            crm.script_us(lambda: read_page(crm, c, 200, position)) for _ in range(5)))
        if after == ["", "", "", ""]:
            break
        position = after
    assert len(costs) > OLD_MAX // 200
    assert max(costs) <= 8
    middle = len(times) // 2
    # A middle of the list is reached over Redis's nodes, of some 80 members each.
    assert times[middle] < 3 * times[1] + 200


# Pages while others write ---------------------------------------------------------------------


@settings(max_examples=40,
          deadline=None,
          database=None,
          derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 300),
       steps=st.lists(st.integers(0, 2), min_size=1, max_size=9),
       limit=st.integers(1, 90),
       bursts=st.lists(st.integers(0, 2 * MAX), max_size=12))
def test_every_old_activity_is_seen_once_while_new_ones_arrive(ws, count, steps, limit, bursts):
    """The times rise, some are equal; before a page some new activities come."""
    ws.emptied()
    times = list(itertools.accumulate(itertools.islice(itertools.cycle(steps), count), initial=T0))
    made, c = view(ws, times)
    waiting = iter(bursts)

    def burst():
        count = next(waiting, 0)
        if count:
            view(ws, range(times[-1] + 1, times[-1] + 1 + count))

    seen = all_of(ws, c, limit, between=burst)
    assert len(set(seen)) == len(seen)
    old = [row for row in seen if row in set(made)]
    assert old == made[::-1]


@settings(max_examples=40,
          deadline=None,
          database=None,
          derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=st.lists(st.integers(0, 40), min_size=1, max_size=MAX - 1),
       limit=st.integers(1, 40),
       late=st.lists(st.integers(0, 40), max_size=8))
def test_late_activities_take_their_place_and_hide_none(ws, times, limit, late):
    """As long as the timeline is in one piece any order of arrival is put in order."""
    ws.emptied()
    made, c = view(ws, [T0 + at for at in times])
    waiting = iter(late)

    def arrive():
        at = next(waiting, None)
        if at is not None and ws.redis.zcard(ws.key("ACTIVITY", c)) < MAX:
            view(ws, [T0 + at])

    seen = all_of(ws, c, limit, between=arrive)
    assert [row for row in seen if row in set(made)] == sorted(made, reverse=True)
    assert len(set(seen)) == len(seen)


def test_a_late_activity_hides_none_of_the_older_part(crm):
    made, c = view(crm, range(T0, T0 + 3 * MAX))
    late, _ = view(crm, [T0 - 1])
    assert sorted(all_of(crm, c, 50)) == late + made
