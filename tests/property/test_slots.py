"""Random histories of one slot: fed, held, given back, waited for, while time goes by. After each
step the service says what a model of it says, and whoever waits was told as the model tells.

SPDX-License-Identifier: MIT
"""
import itertools
import os

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from support.api import Person
from support.slots import feed, hold, lead_of, line, of, slot, unhold, wait_for
from support.times import SECOND, T0

EXAMPLES = int(os.environ.get("KVCRM_PROPERTY_EXAMPLES", "60"))
PROPERTY = {"max_examples": EXAMPLES, "deadline": None, "database": None, "derandomize": True,
            "suppress_health_check": list(HealthCheck)}
HISTORIES = itertools.count(1)
LEADS = 4
STEP = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 4), st.one_of(st.none(), st.integers(0, 4))),
    st.tuples(st.just("hold"), st.sampled_from([30, 31, 60])),
    st.tuples(st.just("unhold"), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.integers(0, LEADS - 1)),
    st.tuples(st.just("pass"), st.sampled_from([1, 999, 15_000, 30_000 - 1, 30_000, 60_000])))


class Model:
    """One slot. A place is free unless it is booked or held; each free place is offered once."""

    def __init__(self):
        self.capacity, self.booked, self.offered, self.now = None, 0, 0, 0
        self.holds, self.line, self.told = [], [], 0  # holds: when each ends

    def held(self):
        return sum(end > self.now for end in self.holds if end is not None)

    def free(self):
        return max((self.capacity or 0) - self.booked - self.held(), 0)

    def settle(self):
        if self.capacity is None:
            return
        self.offered = min(self.offered, self.free())
        while self.line and self.offered < self.free():
            self.line.pop(0)
            self.offered, self.told = self.offered + 1, self.told + 1

    def put(self, capacity, booked):
        if (self.booked if booked is None else booked) > capacity:
            return 422
        self.capacity, self.booked = capacity, self.booked if booked is None else booked
        self.settle()
        return 200

    def hold(self, ttl_s):
        if self.capacity is None:
            return 404
        if self.capacity - self.booked - self.held() < 1:
            return 409
        self.holds.append(self.now + ttl_s * SECOND)
        self.settle()
        return 201

    def unhold(self, number):
        if number >= len(self.holds) or (self.holds[number] or 0) <= self.now:
            return 404
        self.holds[number] = None
        self.settle()
        return 200

    def wait(self, lead):
        if lead in self.line:
            self.settle()
            return 200
        self.line.append(lead)
        self.settle()
        return 201


@pytest.fixture(scope="module")
def leads(svc):
    return [lead_of(svc, Person(), at=T0) for _ in range(LEADS)]


def step(api, leads, tokens, model, place, verb, *arguments):
    """Does the same to the model and to the service, which must give the model's status."""
    at = T0 + model.now
    if verb == "pass":
        model.now += arguments[0]
        return
    expect = getattr(model, verb)(*arguments)
    if verb == "put":
        booked = {} if arguments[1] is None else {"booked": arguments[1]}
        feed(api, slot(*place, arguments[0], **booked), expect=expect, at=at)
    elif verb == "hold":
        made = hold(api, *place, expect=expect, at=at, ttl_s=arguments[0])
        tokens += [made["hold_token"]] if expect == 201 else []
    elif verb == "unhold":
        known = [*tokens, *["nonsense"] * 6]
        unhold(api, known[arguments[0]], *place, expect=expect, at=at)
    else:
        wait_for(api, leads[arguments[0]], *place, expect=expect, at=at)


@given(history=st.lists(STEP, min_size=1, max_size=25))
@settings(**PROPERTY)
def test_d66_a_slot_is_what_the_model_says_after_every_step(svc, leads, history):
    number = next(HISTORIES)
    place = (f"2026-{1 + number // 28 % 12:02}-{1 + number % 28:02}", f"slot {number}")
    model, tokens = Model(), []
    for one in history:
        step(svc, leads, tokens, model, place, *one)
        shown = of(svc, *place, at=T0 + model.now)
        if model.capacity is None:
            assert shown is None
        else:
            assert [shown[name] for name in ("capacity", "booked", "held", "free")] == [
                model.capacity, model.booked, model.held(), model.free()]
        assert line(svc, *place) == [leads[lead] for lead in model.line]
    stream = next(name for name in svc.redis.text.scan_iter("crm_feed*"))
    told = [entry for _, entry in svc.redis.text.xrange(stream)
            if entry["t"] == "waitlist.notified"]
    tasks = {entry["k"] for entry in told}
    mine = [task for task in tasks if place[1] == svc.hash("TASK", task)["title"][-len(place[1]):]
            and svc.hash("TASK", task)["title"].endswith(f"{place[0]} {place[1]}")]
    assert (len(mine), len(tasks)) == (model.told, len(told))
