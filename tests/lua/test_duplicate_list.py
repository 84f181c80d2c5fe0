"""duplicate_list: pairs of contacts that may be one person.

SPDX-License-Identifier: MIT
"""
import pytest

from support.scripts import contact_name
from support.times import T0

A, B, C, D = (contact_name(number) for number in range(1, 5))


@pytest.fixture
def people(ws):
    for c in (A, B, C, D):
        ws.redis.hset(ws.key("CONTACT", c), "id", f"contact_{c}")
    return ws


def notice(ws, a, b, since=T0, kind="phone", reason="veto_email", value="+15550001111"):
    ws.redis.zadd(ws.key("DUPLICATE"), {f"{a} {b} {kind} {reason} {value}": since})


def merge(ws, loser, winner, gone=True):
    ws.redis.set(ws.key("CONTACT_MERGED", loser), f"contact_{winner}")
    if gone:
        ws.redis.delete(ws.key("CONTACT", loser))


def page(ws, limit=50, known="", after=("", "")):
    return ws.run("duplicate_list", [ws.key("FEED"), ws.key("DUPLICATE")], ws.before, limit, known,
                  *after)


def pages(ws, limit):
    after, more = ("", ""), 1
    while more:
        _, rows, more, *after = page(ws, limit, after=after)
        yield rows


def pairs(ws):
    return [row[:2] for row in page(ws)[1]]


def test_a_row_has_both_contacts_and_what_they_share(people):
    notice(people, A, B)
    notice(people, A, C, T0 + 1, "ext", "veto", "a customer 7")
    member = f"{A} {B} phone veto_email +15550001111"
    assert page(people) == ["0-0", [[A, C, "ext", "veto", "a customer 7", str(T0 + 1)],
                                    [A, B, "phone", "veto_email", "+15550001111", str(T0)]],
                            0, str(T0), member]


@pytest.mark.parametrize("limit", [1, 3, 10, 11, 200])
def test_every_pair_is_on_one_page_newest_first(people, limit):
    for n in range(10):
        notice(people, A, B, T0 + n // 3, value=f"+1555000000{n}")
    read = list(pages(people, limit))
    values = [row[4] for rows in read for row in rows]
    assert values == [f"+1555000000{n}" for n in range(9, -1, -1)]
    assert all(len(rows) == limit for rows in read[:-1])


def test_a_place_is_found_again_by_the_beginning_of_a_long_member(people):
    for n in range(6):
        notice(people, A, (B, C, D)[n % 3], T0, "ext", "veto", "x" * 500 + str(n // 3))
    read = [row for rows in pages(people, 2) for row in rows]
    assert len({(row[1], row[4]) for row in read}) == len(read)
    assert len(page(people, 1)[4]) == 400


def test_merged_contacts_stand_in_as_their_winners(people):
    notice(people, A, B)
    merge(people, B, C)
    assert pairs(people) == [[A, C]]
    merge(people, C, D)
    assert pairs(people) == [[A, D]], "through two merges"
    merge(people, A, D)
    assert pairs(people) == [], "one contact by now"


def test_a_pair_of_which_one_is_gone_is_left_out_and_ends_no_list(people):
    for n, pair in enumerate([(A, B), (B, C), (C, D), (A, C)]):
        notice(people, *pair, T0 + n)
    people.redis.delete(people.key("CONTACT", B))
    assert pairs(people) == [[A, C], [C, D]]
    read = list(pages(people, 1))
    assert [len(rows) for rows in read] == [1, 1, 0, 0]


def test_merges_that_go_in_a_circle_end(people):
    notice(people, A, B)
    merge(people, B, C, gone=False)
    merge(people, C, B, gone=False)
    assert pairs(people) in ([[A, B]], [[A, C]])


def test_who_has_the_change_id_gets_nothing_else(people):
    notice(people, A, B)
    newest = people.redis.xadd(people.key("FEED"), {"t": "x"})
    assert page(people, known=newest) == [newest]
    assert len(page(people, known="0-0")) == 5


def test_the_longest_page_stays_within_the_millisecond(people):
    for n in range(200):
        a, b = contact_name(2 * n), contact_name(2 * n + 1)
        for c in (a, b):
            people.redis.hset(people.key("CONTACT", c), "id", f"contact_{c}")
        notice(people, a, b, T0 + n)
    assert len(page(people, 200)[1]) == 200
    assert min(people.script_us(lambda: page(people, 200)) for _ in range(8)) < 1000
