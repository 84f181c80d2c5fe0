"""merge_list: the merges, newest first.

SPDX-License-Identifier: MIT
"""
import pytest

from support.scripts import contact_name, uuid
from support.times import T0


def add(ws, number, **fields):
    """A merge: its id."""
    id_ = uuid(number)
    row = {"id": id_, "winner": f"contact_{contact_name(number)}", "automatic": "0",
           "loser": f"contact_{contact_name(number + 1000)}", "reason": "the same person",
           "evidence": "[]", "at": T0 + number, **fields}
    ws.redis.hset(ws.key("MERGE", id_), mapping=row)
    ws.redis.zadd(ws.key("MERGE_LOG"), {id_: row["at"]})
    return id_


def page(ws, limit=50, known="", after=("", "")):
    return ws.run("merge_list", [ws.key("FEED"), ws.key("MERGE_LOG")], ws.before, limit, known,
                  *after)


def pages(ws, limit):
    after, more = ("", ""), 1
    while more:
        _, rows, more, *after = page(ws, limit, after=after)
        yield [row[0] for row in rows]


def test_a_row_has_what_the_api_shows(ws):
    id_ = add(ws, 1, undone_at=T0 + 5, inverse="{}")
    assert page(ws) == ["0-0", [[id_, f"contact_{contact_name(1)}", f"contact_{contact_name(1001)}",
                                 "0", "the same person", "[]", str(T0 + 1), str(T0 + 5)]],
                        0, str(T0 + 1), id_]
    ws.redis.hdel(ws.key("MERGE", id_), "undone_at", "reason")
    assert page(ws)[1][0][4:] == [None, "[]", str(T0 + 1), None]


@pytest.mark.parametrize("limit", [1, 3, 10, 11, 200])
def test_every_merge_is_on_one_page_newest_first(ws, limit):
    made = [add(ws, n, at=T0 + n // 3) for n in range(10)]
    read = list(pages(ws, limit))
    assert [id_ for rows in read for id_ in rows] == made[::-1]
    assert all(len(rows) == limit for rows in read[:-1])


def test_a_merge_whose_record_has_expired_is_left_out_and_ends_no_list(ws):
    made = [add(ws, n) for n in range(9)]
    for n in (0, 3, 4, 5, 8):
        ws.redis.delete(ws.key("MERGE", made[n]))
    assert [id_ for rows in pages(ws, 2) for id_ in rows] == [made[n] for n in (7, 6, 2, 1)]


def test_no_merges_are_an_empty_page(ws):
    assert page(ws) == ["0-0", [], 0, "", ""]


def test_who_has_the_change_id_gets_nothing_else(ws):
    add(ws, 1)
    newest = ws.redis.xadd(ws.key("FEED"), {"t": "x"})
    assert page(ws, known=newest) == [newest]
    assert len(page(ws, known="0-0")) == 5


def test_a_page_costs_the_same_wherever_it_is(ws):
    for n in range(100):
        add(ws, n)
    after, costs = ("", ""), []
    for _ in range(5):
        (_, rows, _, *after), calls = ws.calls(lambda position=after: page(ws, 10, "", position))
        assert len(rows) == 10
        costs.append(sum(calls.values()))
    assert max(costs) - min(costs) <= 2, costs
