"""The members of a JSON body: what is broken, what is refused and named, what is kept as it is.

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import TRACK

GOOD = '{"event_type":"booking.completed","customer":{"email":"%s"},"event_data":%s}'


@pytest.mark.parametrize("data", [
    b'{"a":1,}', b"{'a':1}", b'{"a":01}', b'{"a":+1}', b'{"a":.5}', b'{"a":1.}', b'{"a":1e}',
    b'{"a":NaN}', b'{"a":Infinity}', b'{"a":tru}', b'{"a":"\t"}', b'{"a":"\\x"}', b'{"a":"\\u12"}',
    b'{"a" 1}', b"{a:1}", b'{"a":1} x', b"[1,2", b'{"a":"', b'{"a":1 /* c */}', b'{"a":\x00}',
    b'{"a":"\x00"}', b'{"a":123\x00}', b'{"a":"\xff"}', b'{"a":"\xc3"}', b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\xc0\xaf"}', b'{"a":"\xf4\x90\x80\x80"}'])
def test_broken_json_is_400_with_its_place_and_writes_nothing(svc, person, data):
    body = GOOD.encode() % (person.email.encode(), data)
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, body)
    assert (answer.status, answer.json()["code"]) == (400, "bad_json")
    assert any(character.isdigit() for character in answer.json()["detail"]), "the offset"
    assert svc.redis.dump() == before


@pytest.mark.parametrize("cut", range(1, 100, 9))
def test_truncated_json_is_400_and_writes_nothing(svc, person, cut):
    before = svc.redis.dump()
    body = GOOD % (person.email, '{"total_amount":450.00,"vehicle_name":"Toyota Camry"}')
    assert svc.call("POST", TRACK, body[:-cut]).status == 400
    assert svc.redis.dump() == before


def nested(depth):
    return '{"a":' * depth + "1" + "}" * depth


def wide(members):
    return "{" + ",".join(f'"m{n}":1' for n in range(members)) + "}"


@pytest.mark.parametrize("data, field, code", [
    ('{"a":1,"b":2,"a":3}', "event_data.a", "duplicate"),
    ('{"a":1,"\\u0061":3}', None, "duplicate"),
    ('{"a":"x\\u0000y"}', "event_data.a", "nul"), ('{"x\\u0000y":1}', None, "nul"),
    ('{"a":"\\ud800"}', "event_data.a", "surrogate"),
    ('{"a":"\\udc00\\ud800"}', "event_data.a", "surrogate"),
    (nested(32), None, "depth"), (wide(257), None, None)])
def test_well_formed_json_that_is_refused_is_422_and_named(svc, person, data, field, code):
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, GOOD % (person.email, data), expect=422)
    fault = answer.json()["errors"][0]
    assert fault["field"].startswith("event_data")
    assert field is None or fault["field"] == field
    assert code is None or fault["code"] == code
    assert svc.redis.dump() == before


@pytest.mark.parametrize("data", [
    nested(31), wide(256),
    '{"n":123456789012345678901234567890}', '{"n":1e309,"m":-0.0,"k":1E-400}',
    '{"a":"\\ud83d\\ude00 \\u00e9 \\/"}', '{"":""}', "{}", '{"a":[[],{}]}'])
def test_json_at_the_limits_is_stored_byte_for_byte(svc, person, data):
    body = GOOD.replace("booking.completed", "chat.message") % (person.email, data)
    contact_id = svc.call("POST", TRACK, body, expect=200).json()["contact_id"]
    assert f'"data":{data}'.encode() in svc.call("GET", f"/v1/contacts/{contact_id}/timeline").body


LONG = "x" * 256


@pytest.mark.parametrize("members, faults", [
    ({"event_type": 5, "customer": {"email": 7, "phone": True}, "session": []},
     {"event_type": "type", "customer.email": "type", "customer.phone": "type", "session": "type"}),
    ({"customer": "john"}, {"customer": "type"}), ({"event_data": 3}, {"event_data": "type"}),
    ({"event_data": [1]}, {"event_data": "type"}),
    ({"customer": {"id": {}}}, {"customer.id": "type"}),
    ({"customer": {"id": "x" * 129, "name": LONG, "first_name": LONG, "last_name": LONG}},
     {"customer.id": "length", "customer.name": "length", "customer.first_name": "length",
      "customer.last_name": "length"}),
    ({"customer": {"email": "a@" + "b" * 253}}, {"customer.email": "length"}),
    ({"session": {"session_id": LONG}}, {"session.session_id": "length"}),
    ({"session": {"session_id": 5.5}}, {"session.session_id": "type"}),
    ({"event_data": {"x": "y" * 33000}}, {"event_data": "length"})])
def test_every_faulty_member_is_named_and_nothing_is_written(svc, person, members, faults):
    body = {"event_type": "page.viewed", "customer": person.customer("id"), **members}
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, body, expect=422)
    got = answer.json()
    assert {fault["field"]: fault["code"] for fault in got["errors"]} == faults
    for fault in got["errors"]:
        assert fault["pointer"] == "/" + fault["field"].replace(".", "/") and fault["detail"]
    assert LONG not in answer.body.decode() and "john" not in answer.body.decode()
    assert svc.redis.dump() == before


@pytest.mark.parametrize("amount", [
    "-1", "-0.01", "1e309", "10000000000.01", "1e11", '"12,50"', '"abc"', "true", "[1]", "{}"])
@pytest.mark.parametrize("event_type, member", [("booking.completed", "total_amount"),
                                                ("booking.started", "estimated_total")])
def test_an_amount_that_is_none_is_422_and_named(svc, person, event_type, member, amount):
    before = svc.redis.dump()
    answer = svc.event(event_type, person, f'{{"{member}":{amount}}}', expect=422)
    faults = [(fault["field"], fault["code"]) for fault in answer["errors"]]
    assert faults == [(f"event_data.{member}", "money")]
    assert svc.redis.dump() == before


@pytest.mark.parametrize("amount, kept", [
    ("0", "0.00"), ("-0", "0.00"), ("10000000000", "10000000000.00"), ('"450.10"', "450.10"),
    ("1E2", "100.00"), ("0.0049999", "0.00")])
def test_an_amount_at_the_limits_is_exact(svc, person, amount, kept):
    answer = svc.event("booking.completed", person, f'{{"total_amount":{amount}}}')
    assert str(svc.contact(answer["contact_id"])["total_revenue"]) == kept
