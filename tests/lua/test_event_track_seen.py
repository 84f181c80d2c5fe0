"""event_track: the same event id or Idempotency-Key again gives the same answer, and one effect.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.times import DAY, HOUR, T0

ANN = {"ext": "u1", "email": "ann@example.com"}
WINDOW = DAY


def with_id(ws, event_id, now=T0, event_type="booking.completed", who=None, **how):
    return ws.event(event_type, who or ANN, now=now, at=T0, amount=45000,
                    seen=ws.seen(event_id), seen_print="-", **how)


def with_key(ws, name, fingerprint="aaaa", now=T0, event_type="booking.completed", **how):
    return ws.event(event_type, ANN, now=now, at=T0, amount=45000,
                    again=ws.key("SEEN", f"key:{name}"), again_print=fingerprint, **how)


@pytest.fixture(params=[with_id, with_key], ids=["event_id", "idempotency_key"])
def call(request):
    return request.param


def test_the_same_again_gets_the_first_answer_and_writes_nothing(crm, call):
    first = call(crm, "e1").run()
    before = crm.server.dump()
    for _ in range(4):
        assert call(crm, "e1").run() == first.again
    assert crm.server.dump() == before
    assert crm.contact(first.c)["total_revenue_cents"] == "45000"


def test_the_very_same_call_twice_is_one_event(crm, call):
    event = call(crm, "e1")
    assert event.run().again == event.run()
    assert len(crm.feed()) == 1


def test_an_answer_without_a_task_is_repeated_without_one(crm, call):
    first = call(crm, "e1", event_type="page.viewed").run()
    assert first.task == ""
    assert call(crm, "e1", event_type="page.viewed").run() == first.again


def test_another_id_is_another_event(crm, call):
    c = call(crm, "e1").run().c
    assert call(crm, "e2").run().replayed == 0
    assert crm.contact(c)["total_bookings"] == "2"


def test_the_answer_is_the_first_one_whatever_has_happened_since(crm, call):
    first = call(crm, "e1").run()
    crm.track("booking.started", ANN, at=T0 + HOUR, booking_id="b2")
    assert crm.contact(first.c)["lead_status"] == "hot_booking"
    assert call(crm, "e1").run() == first.again


def test_the_window_ends_after_24_hours_of_the_given_clock(crm, call):
    first = call(crm, "e1").run()
    assert call(crm, "e1", now=T0 + WINDOW - 1).run() == first.again
    second = call(crm, "e1", now=T0 + WINDOW).run()
    assert (second.replayed, second.contact) == (0, first.contact)
    assert second.activity != first.activity
    assert crm.contact(first.c)["total_bookings"] == "2"
    # The second answer is what the new window repeats.
    assert call(crm, "e1", now=T0 + 2 * WINDOW - 1).run() == second.again


def test_a_clock_that_was_set_back_still_repeats(crm, call):
    first = call(crm, "e1").run()
    assert call(crm, "e1", now=T0 - HOUR).run() == first.again


def test_the_memory_of_an_id_cleans_itself_up(crm, call):
    event = call(crm, "e1")
    event.run()
    (key,) = [key for key in crm.redis.scan_iter() if key.startswith(crm.key("SEEN", ""))]
    assert 0 < crm.redis.pttl(key) <= WINDOW


def test_a_key_with_another_request_is_refused_and_nothing_is_written(crm):
    with_key(crm, "k1", "aaaa").run()
    before = crm.server.dump()
    with pytest.raises(redis.ResponseError, match="^MISMATCH "):
        with_key(crm, "k1", "bbbb", event_type="page.viewed").run()
    assert crm.server.dump() == before


def test_an_event_id_is_the_same_event_whatever_else_is_sent(crm):
    first = with_id(crm, "e1").run()
    assert with_id(crm, "e1", event_type="page.viewed", who={"ext": "u2"}).run() == first.again
    assert crm.redis.zcard(crm.key("CREATED")) == 1


def test_either_of_id_and_key_repeats(crm):
    both = with_id(crm, "e1", again=crm.key("SEEN", "key:k1"), again_print="aaaa")
    first = both.run()
    assert both.run() == with_id(crm, "e1").run() == with_key(crm, "k1").run() == first.again


def test_a_known_id_under_a_new_key_is_the_known_event(crm):
    first = with_id(crm, "e1").run()
    again = with_id(crm, "e1", again=crm.key("SEEN", "key:k1"), again_print="aaaa")
    assert again.run() == first.again
    assert crm.contact(first.c)["total_bookings"] == "1"


def test_a_refused_event_leaves_no_memory_of_its_id(crm):
    taken = crm.track("page.viewed", {"ext": "u9"}).c
    event = with_id(crm, "e1")
    event.head[4] = taken
    with pytest.raises(redis.ResponseError, match="^NUMBER "):
        event.run()
    assert with_id(crm, "e1").run().replayed == 0


def test_without_an_id_two_equal_events_are_two(crm):
    for _ in range(2):
        c = crm.track("booking.completed", ANN, amount=100).c
    assert crm.contact(c)["total_revenue_cents"] == "200"
