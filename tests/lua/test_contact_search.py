"""contact_search, and lib/search.lua, which keeps the words that it goes through.

SPDX-License-Identifier: MIT
"""
import itertools
import os

import pytest
import redis
from hypothesis import HealthCheck, given, settings, strategies as st

from support.scripts import contact_name
from support.service import ROOT

PROPERTY = {"max_examples": 100, "deadline": None, "database": None, "derandomize": True,
            "suppress_health_check": [HealthCheck.function_scoped_fixture]}
LOOK_AT = 4  # members for each row that is wanted

with open(os.path.join(ROOT, "lua/lib/search.lua"), encoding="utf-8") as snippet:
    SNIPPET = snippet.read()
UPDATE = f"#!lua\n{SNIPPET}search_update(ARGV[1], ARGV[2], ARGV[3], ARGV[4])"
READ = f"#!lua\n{SNIPPET}return search_read(ARGV[1], ARGV[2])"


def update(ws, c, before, after):
    ws.redis.eval(UPDATE, 1, ws.key("SEARCH"), ws.after, c, before, after)


def read(ws, c):
    return ws.redis.eval(READ, 1, ws.key("CONTACT", c), ws.before, c)


def members(ws):
    return ws.redis.zrange(ws.key("SEARCH"), 0, -1, withscores=True)


def add(ws, number, first="", last="", email=None, phone=None):
    """A contact that is found by its words: its <c>."""
    c = contact_name(number)
    fields = {"id": f"contact_{c}", "search_first": first, "search_last": last, "email": email,
              "phone": phone}
    ws.redis.hset(ws.key("CONTACT", c), mapping={k: v for k, v in fields.items() if v})
    update(ws, c, "", read(ws, c))
    return c


def crowd(ws, count):
    """Many contacts at once: first names of ten, last names of their own."""
    pipe = ws.redis.pipeline(transaction=False)
    for n in range(1, count + 1):
        c, first, last = contact_name(n), f"first{n % 10}", f"last{n:06d}"
        pipe.hset(ws.key("CONTACT", c), mapping={"id": f"contact_{c}", "search_first": first,
                                                 "search_last": last})
        pipe.zadd(ws.key("SEARCH"), {f"{word}:{c}": 0 for word in (first, last)})
    pipe.execute()


def search(ws, q, limit=50, after="", known=""):
    """One page of what begins with the words of q: (<c>, …), more, the position."""
    words = sorted(q.split(" "), key=len, reverse=True)
    newest, *rest = ws.run("contact_search", [ws.key("FEED"), ws.key("SEARCH")], ws.before, limit,
                           known, after, *words)
    if not rest:
        return newest
    rows, more, position = rest
    return [dict(zip(row[::2], row[1::2]))["id"][len("contact_"):] for row in rows], more, position


def pages(ws, q, limit):
    after = ""
    for _ in range(10000):
        found, more, after = search(ws, q, limit, after)
        assert len(found) <= limit
        yield found
        if not more:
            return
    pytest.fail("a list without end")


def found(ws, q, limit=50):
    return [c for page in pages(ws, q, limit) for c in page]


# The words ----------------------------------------------------------------------------------------


def test_a_contact_has_its_words_and_loses_those_that_are_gone(ws):
    update(ws, "c1", "", "john doe john@example.com")
    update(ws, "c2", "", "john")
    assert members(ws) == [("doe:c1", 0), ("john:c1", 0), ("john:c2", 0),
                           ("john@example.com:c1", 0)]
    update(ws, "c1", "john doe john@example.com", "john smith john@example.com")
    assert members(ws) == [("john:c1", 0), ("john:c2", 0), ("john@example.com:c1", 0),
                           ("smith:c1", 0)]
    update(ws, "c1", "john smith john@example.com", "")
    assert members(ws) == [("john:c2", 0)]


def test_an_update_without_a_difference_writes_nothing(ws):
    update(ws, "c1", "", "john doe")
    _, calls = ws.calls(lambda: update(ws, "c1", "john doe", "doe  john john"))
    assert "zadd" not in calls and "zrem" not in calls


def test_a_contact_has_at_most_twelve_words(ws):
    words = [f"w{n:02}" for n in range(30)]
    update(ws, "c1", "", " ".join(words))
    assert members(ws) == [(f"{word}:c1", 0) for word in words[:12]]
    update(ws, "c1", " ".join(words), " ".join(words[:3] + words[20:]))
    assert members(ws) == [(f"{word}:c1", 0) for word in words[:3] + words[20:29]]
    update(ws, "c1", " ".join(words[:3] + words[20:]), "")
    assert members(ws) == []


@pytest.mark.parametrize("word, kept", [
    ("a" * 64, "a" * 64), ("a" * 65, "a" * 64), ("é" * 40, "é" * 32), ("a" + "é" * 40,
                                                                       "a" + "é" * 31),
    ("a" * 63 + "é", "a" * 63), ("a" * 61 + "中文", "a" * 61 + "中"), ("a" * 61 + "😀", "a" * 61)])
def test_a_long_word_is_cut_but_never_within_a_character(ws, word, kept):
    update(ws, "c1", "", word)
    assert members(ws) == [(f"{kept}:c1", 0)]
    update(ws, "c1", word, "")
    assert members(ws) == []


def test_the_text_of_a_contact(ws):
    c = add(ws, 1, "jana maria", "nováková", "jana@example.com", "+15550001111")
    assert read(ws, c).split() == ["jana@example.com", "15550001111", "jana", "maria", "nováková"]
    assert read(ws, contact_name(2)).split() == []
    assert read(ws, add(ws, 3, phone="5550001111")).split() == ["5550001111"]


# What is found ------------------------------------------------------------------------------------


def test_a_contact_is_found_by_the_beginning_of_each_of_its_words(ws):
    c = add(ws, 1, "john paul", "o'brien", "jp@example.com", "+15550001111")
    add(ws, 2, "xaver")
    for q in ("jo", "john", "pa", "o'b", "o'brien", "jp@", "jp@example.com", "15", "15550001111"):
        assert found(ws, q) == [c], q
    for q in ("johnn", "ohn", "5550001111", "brien", "example", "+1", "JO"):
        assert found(ws, q) == [], q


def test_each_word_must_begin_a_word_of_the_contact(ws):
    john, jane = add(ws, 1, "john", "doe", "john@example.com"), add(ws, 2, "jane", "doe")
    assert found(ws, "jo do") == found(ws, "do jo") == found(ws, "doe john@") == [john]
    assert sorted(found(ws, "do j")) == sorted(found(ws, "doe d j")) == [john, jane]
    assert found(ws, "jo ja") == found(ws, "doe x") == []


def test_a_row_has_all_fields_of_the_contact(ws):
    c = add(ws, 1, "john", "doe", "john@example.com")
    ws.redis.hset(ws.key("CONTACT", c), mapping={"first_name": "John é", "v": 3})
    _, (row,), more, position = ws.run("contact_search", [ws.key("FEED"), ws.key("SEARCH")],
                                       ws.before, 50, "", "", "john")
    assert dict(zip(row[::2], row[1::2])) == ws.contact(c)
    assert (more, position) == (0, f"john@example.com:{c}")


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_who_has_several_words_that_begin_alike_is_listed_once(ws, limit):
    """Also when a page ends between two of them."""
    everybody = [add(ws, n, "jean jean-luc", "jeanne", f"jean{n}@example.com")
                 for n in range(1, 20)]
    for q in ("je", "jean", "jean-luc jeanne"):
        assert sorted(found(ws, q, limit)) == everybody


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100])
def test_the_last_page_knows_that_it_is_the_last(ws, count):
    crowd(ws, count)
    lengths = [len(page) for page in pages(ws, "last", 50)]
    assert lengths == [50] * (count // 50) + [count % 50] * (count % 50 > 0 or count == 0)


def test_a_word_that_leads_to_nobody_or_to_other_words_lists_nobody(ws):
    c = add(ws, 1, "john")
    update(ws, contact_name(2), "", "johnny")
    update(ws, c, "", "johanna")
    assert found(ws, "joh", 1) == [c]
    assert found(ws, "johanna") == found(ws, "johnny") == []


def test_who_has_the_change_id_gets_nothing_else(ws):
    add(ws, 1, "john")
    newest = ws.redis.xadd(ws.key("FEED"), {"t": "x"})
    assert search(ws, "john", known="0-0") == ([contact_name(1)], 0, f"john:{contact_name(1)}")
    assert search(ws, "john", known=newest) == newest


def test_a_position_of_another_search_is_refused(ws):
    with pytest.raises(redis.ResponseError, match="^BADCURSOR "):
        search(ws, "john", after="jane:" + contact_name(1))


def test_a_page_goes_on_after_a_member_that_has_gone(ws):
    crowd(ws, 30)
    first, more, position = search(ws, "last", 10)
    ws.redis.zrem(ws.key("SEARCH"), position)
    crowd(ws, 31)
    rest = [c for page in (search(ws, "last", 50, position)[0],) for c in page]
    assert more and first + rest == [contact_name(n) for n in range(1, 32)]


# What it costs ------------------------------------------------------------------------------------


def test_pages_over_10000_contacts_miss_nobody_and_repeat_nobody(ws):
    crowd(ws, 10000)
    assert sorted(found(ws, "last")) == [contact_name(n) for n in range(1, 10001)]
    assert len(set(found(ws, "first7", 37))) == len(found(ws, "first7", 37)) == 1000


def test_a_page_costs_the_same_among_10000_contacts_as_among_200(ws):
    costs = {}
    for size, ten in ((200, "last00001"), (10000, "last00123")):
        crowd(ws, size)
        for q in (ten, "last000050", "first1", "first1 last00004", "last", "nobody"):
            page, calls = ws.calls(lambda q=q: search(ws, q, 10))
            costs.setdefault(q.replace(ten, "ten"), []).append((len(page[0]), calls))
    for q, (small, large) in costs.items():
        assert small == large, q
    assert [costs[q][0][0] for q in ("ten", "last000050", "last", "nobody")] == [10, 1, 10, 0]
    assert costs["nobody"][0][1] == {"xrevrange": 1, "zrange": 1}


@pytest.mark.parametrize("limit", [1, 10, 50])
def test_a_page_looks_at_no_more_than_four_members_for_each_row(ws, limit):
    """A search that finds nobody among many: short pages, each with its part of the work."""
    crowd(ws, 1000)
    page, calls = ws.calls(lambda: search(ws, "last xav", limit))
    assert page == ([], 1, f"last{LOOK_AT * limit:06d}:{contact_name(LOOK_AT * limit)}")
    assert calls["hmget"] == LOOK_AT * limit and calls["zrange"] == 1 and "hgetall" not in calls
    assert found(ws, "last xav", limit) == []


# By chance ----------------------------------------------------------------------------------------


WORDS = ["".join(letters) for n in (1, 2, 3) for letters in itertools.product("ab:-", repeat=n)]


@settings(**PROPERTY)
@given(people=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), max_size=25),
       q=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), limit=st.integers(1, 7))
def test_a_search_finds_whom_it_should_once_each(ws, people, q, limit):
    ws.emptied()
    for number, words in enumerate(people, 1):
        add(ws, number, " ".join(words))
    wanted = [contact_name(number) for number, words in enumerate(people, 1)
              if all(any(word.startswith(beginning) for word in words) for beginning in q)]
    assert sorted(found(ws, " ".join(q), limit)) == wanted
