"""names_day, response_times and response_bars: what reports on leads read page by page.

SPDX-License-Identifier: MIT
"""
import pytest

from support.times import DAY, T0


def response_key(ws, source, day="20251111"):
    return ws.key("LEAD_RESPONSE", f"{source}:{day}")


def test_names_of_a_day_come_most_counted_first_and_at_most_1000(ws):
    assert ws.run("names_day", [ws.day(name="DEMAND")]) == []
    ws.redis.zadd(ws.day(name="DEMAND"), {f"2026-01-01 {n:04}": n for n in range(1, 1201)})
    names = ws.run("names_day", [ws.day(name="DEMAND")])
    assert names[:2] == ["2026-01-01 1200", "1200"] and len(names) == 2000


def times_of(ws, keys, page):
    """All pages: the times, and how many pages there were."""
    read, offset, times, pages = 0, 0, [], 0
    while read < len(keys):
        done, offset, *more = ws.run("response_times", keys[read:], offset, page)
        assert len(more) <= page
        read, pages = read + done, pages + 1
        times += map(int, more)
    return times, pages


@pytest.mark.parametrize("page", [1, 2, 3, 7, 500])
def test_response_times_are_read_once_each_whatever_the_page(ws, page):
    counts = [3, 0, 7, 1, 2]
    keys = [response_key(ws, f"source_{n}") for n in range(len(counts))]
    expected = []
    for n, count in enumerate(counts):
        own = [1000 * n + i for i in range(count)]
        expected += own
        if own:
            ws.redis.zadd(keys[n], {f"lead-{n}-{i}": time for i, time in enumerate(own)})
    times, pages = times_of(ws, keys, page)
    assert times == expected and pages <= len(expected) // page + 1


def test_there_may_be_no_times(ws):
    assert ws.run("response_times", [response_key(ws, "other")], 0, 500) == [1, 0]


def test_bars_are_those_of_the_asked_sources(ws):
    key = ws.day(name="LEAD_DAY")
    ws.redis.hset(key, mapping={"whatsapp:bar:12": 3, "other:bar:12": 1, "other:bar:100": 2,
                                "other:leads": 9, "face_analysis:bar:12": 5, "other:score": 450})

    def bars(*sources):
        flat = ws.run("response_bars", [key], *sources)
        return sorted(zip(map(int, flat[::2]), map(int, flat[1::2])))

    assert bars("other") == [(12, 1), (100, 2)]
    assert bars("other", "whatsapp") == [(12, 1), (12, 3), (100, 2)]
    assert bars("booking_failed") == []
    assert ws.run("response_bars", [ws.day(T0 + DAY, "LEAD_DAY")], "other") == []
