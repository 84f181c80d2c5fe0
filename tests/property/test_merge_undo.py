"""Merged, lived with, and undone: both people are as they are in a world where nobody merged them.

SPDX-License-Identifier: MIT
"""
import os

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from support.lives import EVENT, REGISTERED, STRANGERS, World, differences, possible
from support.stored import assert_sound
from support.times import HOUR, T0

EXAMPLES = int(os.environ.get("KVCRM_PROPERTY_EXAMPLES", "40"))
PROPERTY = {"max_examples": EXAMPLES, "deadline": None, "database": None, "derandomize": True,
            "suppress_health_check": list(HealthCheck)}


@pytest.fixture
def sound(svc):
    """A service whose database has to be sound in the end."""
    yield svc
    assert_sound(svc)


def merge(api, winner, loser, at, **more):
    return api.call("POST", "/v1/merges", {"winner": winner, "loser": loser, "force": True, **more},
                    expect=201, at=at).json()["id"]


def undo(api, merge_id, expect=200):
    return api.call("POST", f"/v1/merges/{merge_id}/undo", {}, expect=expect).json()


@pytest.mark.parametrize("known", [REGISTERED, STRANGERS], ids=["registered", "strangers"])
@pytest.mark.parametrize("winner", [0, 1])
@given(before=st.lists(EVENT, max_size=8), after=st.lists(EVENT, max_size=8))
@settings(**PROPERTY)
def test_x02_undone_both_are_as_if_never_merged(sound, known, winner, before, after):
    early, late = possible(known, *[[event for event in part if event["who"] < 2]
                                    for part in (before, after)])
    seen = []
    for is_merged in (False, True):
        world = World(sound, 2, known)
        world.begin(T0)
        world.live(early, T0 + HOUR)
        both = [world.found(place)["id"] for place in range(2)]
        if is_merged:
            merge_id = merge(sound, both[winner], both[1 - winner], T0 + 2 * HOUR - 1)
            assert world.found(0)["id"] == world.found(1)["id"] == both[winner]
        world.live(late, T0 + 2 * HOUR)
        if is_merged:
            undo(sound, merge_id)
            assert [world.found(place)["id"] for place in range(2)] == both
        seen.append(world.seen())
    found = differences(*seen)
    assert not found, (found, early, late)


@pytest.mark.parametrize("known", [REGISTERED, STRANGERS], ids=["registered", "strangers"])
@given(parts=st.tuples(*[st.lists(EVENT, max_size=6)] * 3))
@settings(**{**PROPERTY, "max_examples": EXAMPLES // 2})
def test_x02_nested_merges_are_undone_newest_first(sound, known, parts):
    parts = possible(known, *parts)
    seen = []
    for is_merged in (False, True):
        world = World(sound, 3, known)
        world.begin(T0)
        world.live(parts[0], T0 + HOUR)
        first = [world.found(place)["id"] for place in range(3)]
        if is_merged:
            one = merge(sound, first[0], first[1], T0 + 2 * HOUR - 1)
        world.live(parts[1], T0 + 2 * HOUR)
        if is_merged:
            two = merge(sound, first[2], first[1], T0 + 3 * HOUR - 1)
        world.live(parts[2], T0 + 3 * HOUR)
        if is_merged:
            assert undo(sound, one, 409)["merge_id"] == two
            undo(sound, two)
            undo(sound, one)
            assert undo(sound, one, 409)["code"] == "already_undone"
        seen.append(world.seen())
    found = differences(*seen)
    assert not found, (found, parts)
