"""contact_list: pages of contacts in the order of an index, and what has changed since.

SPDX-License-Identifier: MIT
"""
import pytest
import redis
from hypothesis import HealthCheck, given, settings, strategies as st

from support.scripts import contact_name
from support.times import T0

PROPERTY = {"max_examples": 150, "deadline": None, "database": None, "derandomize": True,
            "suppress_health_check": [HealthCheck.function_scoped_fixture]}
STATUSES = ("new_lead", "hot_booking", "hot_abandoned")
INDEXES = [("CREATED", None), *(("STATUS", status) for status in STATUSES)]


def add(ws, rows):
    """Contacts without a past: (index, <c>, score, fields) each."""
    pipe = ws.redis.pipeline(transaction=False)
    for index, c, score, fields in rows:
        pipe.hset(ws.key("CONTACT", c), mapping={"id": f"contact_{c}", **fields})
        pipe.zadd(ws.key(*index), {c: score})
    pipe.execute()


def read_page(ws, indexes, order, limit, position=("", ""), known="", only=("", "")):
    keys = [ws.key("FEED"), *(ws.key(*index) for index in indexes)]
    return ws.run("contact_list", keys, ws.before, order, limit, known, *position, *only)


def ids(rows):
    return [dict(zip(fields[::2], fields[1::2]))["id"][len("contact_"):] for _, fields in rows]


def pages(ws, indexes, order, limit, between=lambda position: None, **how):
    """The <c> of each page; between(position) runs before every page but the first."""
    position = ("", "")
    for _ in range(1000):
        _, rows, more, *after = read_page(ws, indexes, order, limit, position, **how)
        assert len(rows) <= limit
        yield ids(rows)
        if not more:
            return
        position = after
        between(position)
    pytest.fail(f"a list without end, at {position}")


def all_of(ws, indexes, order="desc", limit=50, **how):
    return [c for page in pages(ws, indexes, order, limit, **how) for c in page]


def in_order(rows, order):
    """<c> in the order of score and then of <c>."""
    return [c for _, c in sorted(((score, c) for _, c, score, _ in rows),
                                 reverse=order == "desc")]


CREATED, REVENUE = [("CREATED",)], [("REVENUE",)]


# Pages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 3, 10, 200])
def test_every_contact_is_on_one_page_in_order(ws, order, limit):
    rows = [(("CREATED",), contact_name(n), T0 + n // 3, {}) for n in range(1, 31)]
    add(ws, rows)
    read = list(pages(ws, CREATED, order, limit))
    assert [c for page in read for c in page] == in_order(rows, order)
    assert all(len(page) == limit for page in read[:-1])


def test_a_row_has_its_score_and_all_fields(ws):
    add(ws, [(("REVENUE",), contact_name(1), 45000, {"first_name": "Jana é", "n": "1"})])
    _, ((score, fields),), more, *_ = read_page(ws, REVENUE, "desc", 50)
    assert (score, more) == ("45000", 0)
    assert dict(zip(fields[::2], fields[1::2])) == {
        "id": f"contact_{contact_name(1)}", "first_name": "Jana é", "n": "1"}


def test_an_empty_list_is_one_empty_page(ws):
    assert read_page(ws, CREATED, "desc", 50) == ["0-0", [], 0, "", ""]


def test_a_full_last_page_is_the_last_one(ws):
    add(ws, [(("CREATED",), contact_name(n), n, {}) for n in range(1, 5)])
    assert [read_page(ws, CREATED, "asc", limit)[2] for limit in (3, 4, 5)] == [1, 0, 0]


def test_several_statuses_are_one_list_in_one_order(ws):
    rows = [(("STATUS", STATUSES[n % 3]), contact_name(n), T0 + n * 37 % 100, {})
            for n in range(1, 61)]
    add(ws, rows)
    indexes = [("STATUS", status) for status in STATUSES]
    for order in ("asc", "desc"):
        for limit in (1, 7, 200):
            assert all_of(ws, indexes, order, limit) == in_order(rows, order)
    assert sorted(all_of(ws, indexes[:2])) == sorted(
        c for (_, status), c, _, _ in rows if status in STATUSES[:2])


def test_an_entry_without_its_contact_is_left_out_and_ends_no_list(ws):
    rows = [(("CREATED",), contact_name(n), n, {}) for n in range(1, 11)]
    add(ws, rows)
    for n in (1, 4, 5, 6, 10):
        ws.redis.delete(ws.key("CONTACT", contact_name(n)))
    assert all_of(ws, CREATED, "asc", 2) == [contact_name(n) for n in (2, 3, 7, 8, 9)]


def test_rows_with_another_value_of_a_field_are_left_out(ws):
    """The part of a list by revenue that has none: those with some are in the other part."""
    rows = [(("CREATED",), contact_name(n), n,
             {"total_revenue_cents": "100"} if n % 2 else {}) for n in range(1, 21)]
    add(ws, rows)
    without = all_of(ws, CREATED, "asc", 3, only=("total_revenue_cents", "0"))
    assert without == [contact_name(n) for n in range(2, 21, 2)]


def test_who_has_paid_nothing_is_in_one_part_of_the_list_by_revenue(crm):
    c = crm.track("booking.completed", {"ext": "u1"}, amount=0).c
    parts = (all_of(crm, REVENUE) + all_of(crm, CREATED, only=("total_revenue_cents", "0")))
    assert parts == [c]


# Change id ----------------------------------------------------------------------------------------


def test_who_has_the_change_id_gets_nothing_else(crm):
    crm.track("page.viewed", {"ext": "u1"})
    newest = crm.redis.xrevrange(crm.key("FEED"), count=1)[0][0]
    assert read_page(crm, CREATED, "desc", 50)[0] == newest
    assert read_page(crm, CREATED, "desc", 50, known=newest) == [newest]
    crm.track("page.viewed", {"ext": "u1"})
    assert len(read_page(crm, CREATED, "desc", 50, known=newest)) == 5


def since(ws, position, limit=50):
    """(<c> that changed, the position to go on from, whether there may be more)"""
    newest, rows, more, *_ = read_page(ws, CREATED, "since", limit, (position, ""))
    return ids(rows), newest, more


def test_since_names_each_contact_once_in_order_of_the_last_change(crm):
    a, b, c = (crm.track("page.viewed", {"ext": f"u{n}"}).c for n in range(3))
    _, start, _ = since(crm, "0-0")
    assert since(crm, start) == ([], start, 0)
    for name in ("u1", "u0", "u1", "u2", "u0"):
        crm.track("page.viewed", {"ext": name})
    changed, position, more = since(crm, start)
    assert (changed, more) == ([b, c, a], 0)
    assert position == crm.redis.xrevrange(crm.key("FEED"), count=1)[0][0]
    assert since(crm, position) == ([], position, 0)


def test_since_goes_on_where_it_ended(crm):
    for n in range(25):
        crm.track("page.viewed", {"ext": f"u{n % 10}"})
    position, found, more = "0-0", set(), []
    for _ in range(7):
        changed, position, is_more = since(crm, position, 4)
        found.update(changed)
        more.append(is_more)
    assert more == [1] * 6 + [0]
    assert found == set(crm.redis.zrange(crm.key("CREATED"), 0, -1))


def test_since_names_what_was_merged_away(crm):
    ann, bob = crm.track("page.viewed", {"ext": "u1"}), crm.track("page.viewed", {"ext": "u2"})
    _, start, _ = since(crm, "0-0")
    crm.merge(ann.c, bob.c)
    rows = read_page(crm, CREATED, "since", 50, (start, ""))[1]
    assert rows[0] == ["0", ["id", bob.contact, "deleted", "1"]]
    assert rows[1][1][rows[1][1].index("id") + 1] == ann.contact


def test_changes_that_are_no_contacts_are_passed_over(crm):
    c = crm.track("page.viewed", {"ext": "u1"}).c
    crm.redis.xadd(crm.key("FEED"), {"t": "setting.changed"})
    changed, position, more = since(crm, "0-0", 2)
    assert (changed, more) == ([c], 1)
    assert since(crm, position, 2) == ([], position, 0)


def test_a_position_that_has_left_the_stream_is_refused(crm):
    crm.track("page.viewed", {"ext": "u1"})
    start = crm.redis.xrevrange(crm.key("FEED"), count=1)[0][0]
    for n in range(4):
        crm.track("page.viewed", {"ext": f"u{n}"})
    crm.redis.xtrim(crm.key("FEED"), maxlen=2, approximate=False)
    with pytest.raises(redis.ResponseError, match="^TOOOLD "):
        since(crm, start)
    oldest = crm.redis.xrange(crm.key("FEED"), count=1)[0][0]
    assert len(since(crm, oldest)[0]) == 1


def test_a_stream_that_does_not_exist_has_no_changes(ws):
    assert since(ws, "0-0") == ([], "0-0", 0)


# While others write -------------------------------------------------------------------------------


@settings(**PROPERTY)
@given(scores=st.lists(st.integers(0, 12), min_size=1, max_size=70), limit=st.integers(1, 20),
       order=st.sampled_from(["asc", "desc"]), several=st.booleans(),
       arrivals=st.lists(st.lists(st.integers(0, 12), max_size=9), max_size=20))
def test_every_old_contact_is_seen_once_while_new_ones_come(ws, scores, limit, order, several,
                                                            arrivals):
    ws.emptied()
    indexes = INDEXES[1:] if several else INDEXES[:1]
    numbers = iter(range(1, 10000))

    def rows_of(values):
        # Numbers that jump about: among equals a new one comes anywhere.
        return [(indexes[n % len(indexes)], contact_name(n * 7919 % 1009), score, {})
                for n, score in zip(numbers, values)]

    rows = rows_of(scores)
    add(ws, rows)
    waiting = iter(arrivals)
    seen = all_of(ws, indexes, order, limit,
                  between=lambda _: add(ws, rows_of(next(waiting, []))))
    assert len(set(seen)) == len(seen)
    old = {c for _, c, _, _ in rows}
    assert [c for c in seen if c in old] == in_order(rows, order)


@settings(**PROPERTY)
@given(scores=st.lists(st.integers(0, 5), min_size=1, max_size=60), limit=st.integers(1, 20),
       order=st.sampled_from(["asc", "desc"]), to=st.integers(-1, 6), goes=st.booleans())
def test_the_rest_is_seen_once_when_the_last_row_moves_or_goes(ws, scores, limit, order, to, goes):
    """The contact that a cursor names may have another score by then, or be gone."""
    ws.emptied()
    rows = [(INDEXES[0], contact_name(n), score, {}) for n, score in enumerate(scores, 1)]
    add(ws, rows)
    moved = set()

    def move(position):
        moved.add(position[1])
        if goes:
            ws.redis.zrem(ws.key("CREATED"), position[1])
        else:
            ws.redis.zadd(ws.key("CREATED"), {position[1]: to})

    seen = all_of(ws, INDEXES[:1], order, limit, between=move)
    stayed = [c for c in in_order(rows, order) if c not in moved]
    assert [c for c in seen if c not in moved] == stayed
    assert moved <= set(seen)


def test_any_number_of_equal_scores_are_seen_when_the_last_row_moves(ws):
    add(ws, [(("REVENUE",), contact_name(n), 100, {}) for n in range(1, 2502)])
    seen = all_of(ws, REVENUE, "desc", 200,
                  between=lambda position: ws.redis.zincrby(ws.key("REVENUE"), 50, position[1]))
    assert len(set(seen)) == 2501


# Cost ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_page_of_a_long_list_costs_the_same(ws, order):
    add(ws, [(("CREATED",), contact_name(n), T0 + n // 5, {}) for n in range(1, 10001)])
    position, costs, times = ("", ""), [], []
    for page in range(200):
        (_, rows, more, *after), calls = ws.calls(
            lambda: read_page(ws, CREATED, order, 50, position))
        assert len(rows) == 50
        costs.append(sum(calls.values()))
        if page % 60 == 1:
            times.append(min(ws.script_us(lambda: read_page(ws, CREATED, order, 50, position))
                             for _ in range(7)))
        position = after
    assert not more
    # The stream, the place of the last row (by score and by rank), the range, and each row.
    assert costs == [1 + 1 + 50] + 199 * [1 + 2 + 1 + 50]
    assert max(times) < 3 * min(times)
