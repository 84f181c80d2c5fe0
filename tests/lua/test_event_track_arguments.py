"""event_track: arguments that do not fit are refused before the first write.

Redis undoes nothing: what a script has written before it fails stays. So each call here is spoiled
in one place, and then every key must be as it was.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.times import HOUR, T0

EMAIL, NEW_EMAIL = "ann@example.com", "ann@example.net"
NOW, AT, FIELDS = 2, 3, 10  # positions in the fixed part of the arguments


def whole_event(ws):
    """An event of a known contact that uses every argument there is."""
    ws.track("booking.abandoned", {"ext": "u1", "email": EMAIL}, booking_id="b1")
    return ws.event(
        "booking.completed", {"ext": "u1", "email": EMAIL}, at=T0 + HOUR, booking_id="b1",
        amount=100, session="s1", seen=ws.seen("e1"), seen_print="-",
        again=ws.key("SEEN", "key:k1"), again_print="aaaa", counted="vehicle:a",
        counted_in=ws.day(name="BEHAVIOR"), moves_email=NEW_EMAIL,
        moves_email_key=ws.index("email", NEW_EMAIL),
        **{"=first_name": "Ann", "~x_plan": "gold", "#vehicle:a": "1"})


def check_refused(ws, keys, arguments):
    before = ws.server.dump()
    with pytest.raises(redis.ResponseError):
        ws.run("event_track", keys, *arguments)
    assert ws.server.dump() == before


def test_the_whole_event_is_taken(crm):
    event = whole_event(crm)
    assert event.run().status == "customer"


@pytest.mark.parametrize("position, value", [
    (AT, "soon"), (AT, ""), (FIELDS, "many"), (FIELDS, "")])
def test_what_must_be_a_number_is_one(ws, position, value):
    event = whole_event(ws)
    arguments = event.arguments()
    arguments[position] = value
    check_refused(ws, event.keys, arguments)


@pytest.mark.parametrize("name", ["seen_print", "moves_email_key"])
def test_a_name_that_needs_another_one_has_it(ws, name):
    event = whole_event(ws)
    del event.pairs[name]
    check_refused(ws, event.keys, event.arguments())


def test_the_index_of_an_identity_is_a_string(ws):
    event = whole_event(ws)
    ws.redis.delete(event.keys[2])
    ws.redis.rpush(event.keys[2], "contact")
    check_refused(ws, event.keys, event.arguments())
    ws.redis.delete(event.keys[2])


@pytest.mark.parametrize("count", range(11))
def test_the_fixed_part_is_not_cut_short(ws, count):
    event = whole_event(ws)
    check_refused(ws, event.keys, event.arguments()[:count])


@pytest.mark.parametrize("value", ["soon", "", "nan"])
def test_the_time_of_receipt_is_a_number(ws, value):
    event = whole_event(ws)
    event.head[NOW] = value
    check_refused(ws, event.keys, event.arguments())


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_the_time_of_the_event_is_finite(ws, value):
    event = whole_event(ws)
    event.head[AT] = value
    check_refused(ws, event.keys, event.arguments())


@pytest.mark.parametrize("name", ["+total_bookings", "revenue", "task_rank", "task_due"])
@pytest.mark.parametrize("value", ["much", "", "nan"])
def test_amounts_ranks_and_due_times_are_numbers(ws, name, value):
    event = whole_event(ws)
    if name.startswith("+") and value == "nan":
        name = "+total_revenue_cents"
    event.pairs[name] = value
    check_refused(ws, event.keys, event.arguments())


@pytest.mark.parametrize("name", ["task_kind", "task_title", "task_note", "task_priority",
                                  "task_queue", "task_rank", "task_due", "counted_in",
                                  "again_print", "+total_revenue_cents"])
def test_a_name_is_not_left_without_those_that_go_with_it(ws, name):
    event = whole_event(ws)
    del event.pairs[name]
    check_refused(ws, event.keys, event.arguments())


def test_the_number_of_fields_is_not_more_than_there_are(ws):
    event = whole_event(ws)
    event.pairs = {}
    arguments = event.arguments()
    check_refused(ws, event.keys, arguments[:-1])


@pytest.mark.parametrize("count", [0, 1])
def test_the_stream_and_the_day_are_among_the_keys(ws, count):
    event = ws.event("page.viewed", {})
    check_refused(ws, event.keys[:count], event.arguments())
