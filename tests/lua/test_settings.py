"""settings_get and settings_patch: a workspace's settings and their version.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.times import DAY, T0


def pairs(flat):
    return dict(zip(flat[::2], flat[1::2]))


def patch(ws, changes, now=T0, version="", key="", fingerprint="aaaa"):
    words = [word for pair in changes.items() for word in pair]
    replayed, at, settings = ws.run(
        "settings_patch", [ws.key("SETTINGS"), ws.key("WS"), ws.key("FEED")], now, version,
        key and ws.key("SEEN", f"key:{key}"), fingerprint, *words)
    return replayed, at, pairs(settings)


def read(ws):
    version, settings = ws.run("settings_get", [ws.key("SETTINGS"), ws.key("WS")])
    return version, pairs(settings)


def test_without_any_change_there_are_none_and_the_version_is_0(ws):
    assert read(ws) == read(ws) == ("0", {})


def test_a_change_is_stored_read_back_and_told(ws):
    assert patch(ws, {"currency": "EUR", "strict_events": "true"}) == (
        0, "1", {"currency": "EUR", "strict_events": "true"})
    assert read(ws) == ("1", {"currency": "EUR", "strict_events": "true"})
    assert ws.feed() == [{"t": "setting.changed"}]


def test_what_is_not_named_stays_and_an_empty_value_goes_back_to_the_default(ws):
    patch(ws, {"currency": "EUR", "cors_origins": "https://a.example https://b.example"})
    assert patch(ws, {"currency": ""}) == (
        0, "2", {"cors_origins": "https://a.example https://b.example"})
    assert patch(ws, {"cors_origins": ""}) == (0, "3", {})
    assert read(ws) == ("3", {})


def test_the_version_rises_with_every_change(ws):
    assert [patch(ws, {"currency": "EUR"})[1] for _ in range(3)] == ["1", "2", "3"]


def test_a_change_to_the_expected_version_is_taken(ws):
    assert patch(ws, {"currency": "EUR"}, version=0)[1] == "1"
    assert patch(ws, {"currency": "CHF"}, version=1)[1] == "2"


@pytest.mark.parametrize("expected", ["0", "2", "-1", "one"])
def test_a_change_to_another_version_is_refused_and_nothing_is_written(ws, expected):
    patch(ws, {"currency": "EUR"})
    before = ws.server.dump()
    with pytest.raises(redis.ResponseError, match="^VERSION 1"):
        patch(ws, {"currency": "CHF"}, version=expected)
    assert ws.server.dump() == before


def test_the_same_key_again_gets_the_first_answer_and_writes_nothing(ws):
    first = patch(ws, {"currency": "EUR", "strict_events": "true"}, key="k1")
    patch(ws, {"currency": "CHF"})
    before = ws.server.dump()
    again = patch(ws, {"currency": "EUR", "strict_events": "true"}, key="k1", now=T0 + DAY - 1)
    assert again == (1, *first[1:])
    assert ws.server.dump() == before


def test_an_answer_without_any_setting_is_repeated(ws):
    first = patch(ws, {"currency": ""}, key="k1")
    assert patch(ws, {"currency": ""}, key="k1") == (1, *first[1:]) == (1, "1", {})


def test_the_same_key_comes_before_the_expected_version(ws):
    """The caller repeats what was done: the version it expected has passed."""
    first = patch(ws, {"currency": "EUR"}, version=0, key="k1")
    assert patch(ws, {"currency": "EUR"}, version=0, key="k1") == (1, *first[1:])


def test_the_same_key_with_another_request_is_refused(ws):
    patch(ws, {"currency": "EUR"}, key="k1")
    before = ws.server.dump()
    with pytest.raises(redis.ResponseError, match="^MISMATCH "):
        patch(ws, {"currency": "CHF"}, key="k1", fingerprint="bbbb")
    assert ws.server.dump() == before


def test_a_key_is_new_again_after_24_hours(ws):
    patch(ws, {"currency": "EUR"}, key="k1")
    assert patch(ws, {"currency": "CHF"}, key="k1", now=T0 + DAY) == (0, "2", {"currency": "CHF"})
    assert patch(ws, {"currency": "CHF"}, key="k1", now=T0 + 2 * DAY - 1)[:2] == (1, "2")


def test_a_refused_change_leaves_no_memory_of_its_key(ws):
    patch(ws, {"currency": "EUR"})
    with pytest.raises(redis.ResponseError, match="^VERSION "):
        patch(ws, {"currency": "CHF"}, version=7, key="k1")
    assert patch(ws, {"currency": "CHF"}, version=1, key="k1")[0] == 0


def test_a_version_that_is_no_number_stops_everything(ws):
    ws.redis.hset(ws.key("WS"), "settings_v", "new")
    before = ws.server.dump()
    with pytest.raises(redis.ResponseError):
        patch(ws, {"currency": "EUR"})
    assert ws.server.dump() == before


def test_a_setting_without_a_value_is_refused_before_anything_is_written(ws):
    before = ws.server.dump()
    with pytest.raises(redis.ResponseError):
        ws.run("settings_patch", [ws.key("SETTINGS"), ws.key("WS"), ws.key("FEED")], T0, "", "",
               "", "currency", "EUR", "strict_events")
    assert ws.server.dump() == before
