"""Random histories of identifying calls end in the same people as the policy says, whoever sends
them: one client after the other, or many at once in the order in which Redis took them.

SPDX-License-Identifier: MIT
"""
import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from support.people import KINDS, People
from support.seed_003 import LEADS as CAPTURE
from support.whatsapp import WHATSAPP

EXAMPLES = int(os.environ.get("KVCRM_PROPERTY_EXAMPLES", "60"))
PROPERTY = {"max_examples": EXAMPLES, "deadline": None, "database": None, "derandomize": True,
            "suppress_health_check": list(HealthCheck)}
HISTORIES = itertools.count(1)
LOOKUP = {"ext": "customer_id", "email": "email", "phone": "phone"}

# Few values, so that they meet; a call has at least one of them.
CALL = st.fixed_dictionaries({}, optional={kind: st.integers(1, 4) for kind in KINDS}).filter(bool)


def spelled(history, run):
    """The same history with identities that no other one has."""
    make = {"ext": lambda n: f"u{run}-{n}", "email": lambda n: f"p{n}@h{run}.example.com",
            "phone": lambda n: f"+1555{run:06}{n}"}
    return [{kind: make[kind](n) for kind, n in call.items()} for call in history]


def send(api, who):
    names = {"ext": "id", "email": "email", "phone": "phone"}
    return api.event("page.viewed", {names[kind]: value for kind, value in who.items()})


def send_by_another_door(api, who):
    """What WhatsApp or a failed booking can say of somebody, else an event."""
    if list(who) == ["phone"]:
        api.call("POST", WHATSAPP, {"phone_number": who["phone"], "message": "Hi"}, 200)
    elif "ext" not in who:
        channels = {"phone": "SMS", "email": "EMAIL"}
        answer = api.call("POST", CAPTURE, {"source": "BOOKING_FAILED", "contacts": [
            {"channel": channels[kind], "handle_or_address": value}
            for kind, value in who.items()]})
        assert answer.status in (200, 201), answer
    else:
        send(api, who)


def partition(api, history):
    """As People.partition, from what the service says."""
    sets = {}
    for kind, value in {pair for call in history for pair in call.items()}:
        contact = api.lookup(**{LOOKUP[kind]: value})
        sets.setdefault(contact["id"], (contact["activity_count"], set()))[1].add((kind, value))
    return {frozenset(identities): count for count, identities in sets.values()}


def expected(history):
    people = People()
    for call in history:
        people.call(call)
    return people.partition()


@pytest.mark.parametrize("way", [send, send_by_another_door])
@given(history=st.lists(CALL, min_size=1, max_size=14))
@settings(**PROPERTY)
def test_x02_a_history_ends_in_the_people_of_the_policy(svc, way, history):
    history = spelled(history, next(HISTORIES))
    for call in history:
        way(svc, call)
    assert partition(svc, history) == expected(history), history


@given(history=st.lists(CALL, min_size=8, max_size=24))
@settings(**{**PROPERTY, "max_examples": EXAMPLES // 3})
def test_x02_many_clients_at_once_end_in_the_people_of_some_order_of_their_calls(svc, history):
    """That order is the change stream's."""
    history = spelled(history, next(HISTORIES))
    start, clients = Barrier(8), 8

    def client(number):
        start.wait(60)
        return [(send(svc, call)["activity_id"], call) for call in history[number::clients]]

    with ThreadPoolExecutor(clients) as pool:
        sent = dict(pair for answers in pool.map(client, range(clients)) for pair in answers)
    stream = svc.redis.text.xrange(feed_of(svc))
    taken = [sent[entry["a"]] for _, entry in stream if entry.get("a") in sent]
    assert len(taken) == len(history)
    assert partition(svc, history) == expected(taken), taken


def feed_of(svc):
    return next(name for name in svc.redis.text.scan_iter("crm_feed*"))


# A true person has one customer id and one phone. Whatever subset of them a call brings, with the
# e-mail that joins them sooner or later: in any order it is one contact.
@given(data=st.data())
@settings(**PROPERTY)
def test_x02_true_people_are_one_contact_each_in_any_order(svc, data):
    run = next(HISTORIES)
    people = [{"ext": f"u{run}-{n}", "email": f"p{n}@t{run}.example.com",
               "phone": f"+1555{run:06}{n}"} for n in range(3)]
    subsets = [names for size in (1, 2, 3) for names in itertools.combinations(KINDS, size)]
    calls = [{name: person[name] for name in names} for person in people
             for names in [*data.draw(st.lists(st.sampled_from(subsets), max_size=3)), KINDS]]
    for call in data.draw(st.permutations(calls)):
        send(svc, call)
    for person in people:
        found = {svc.lookup(**{LOOKUP[kind]: value})["id"] for kind, value in person.items()}
        assert len(found) == 1, calls
