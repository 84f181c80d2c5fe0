"""Row E-47 of the acceptance list: segments of contacts by the words of their messages.

SPDX-License-Identifier: MIT
"""
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import Person, bare
from support.keys import key
from support.monitor import Monitor, offences
from support.poll import until
from support.stored import assert_sound
from support.times import HOUR, SECOND, T0, iso
from support.whatsapp import LEADS, WHATSAPP, form, meta, plain, post_form, text, write

SEGMENTS = "/v1/segments"
PRICE = 'message contains "price"'
PRICE_RULE = {"field": "message", "op": "contains", "value": "price"}


def make(api, segment, rule, expect=201, at=None, headers=None, **members):
    """A segment by the text or the JSON form of its rule; the answer's JSON."""
    form_ = "text" if isinstance(rule, str) else "rule"
    return api.call("POST", SEGMENTS, {"id": segment, form_: rule, **members}, expect, at=at,
                    headers=headers).json()


def members(api, segment, **query):
    """The contacts of a segment, in the list's order."""
    return [row["id"] for row in api.list(f"{SEGMENTS}/{segment}/members", **query)]


def send(api, words, person=None, **how):
    """Somebody writes; their contact."""
    return write(api, person or Person(), words, **how)["contact_id"]


# What belongs to a segment ------------------------------------------------------------------------


@pytest.mark.parametrize("rule, matching, others", [
    (PRICE, ["What is the PRICE?", "prices, please", "le Prîce"], ["How much?", "pri ce"]),
    ('message like "*discount*"', ["Any DISCOUNT?", "discounts"], ["dis count"]),
    ('message like "*discount"', ["a Discount"], ["discount?"]),
    (f'{PRICE} and not message like "*no thanks*"', ["price?"], ["price? No  Thanks!", "no"]),
    (f'({PRICE} or message prefix "how much") and message != "price"',
     ["How much is it", "the price"], ["Price", "I ask how much"]),
    ("message in (yes, 'ja gern', \"oui\")", ["JA  gern", "Oui"], ["yes!", "ja"]),
    ("message not in (yes, no)", ["maybe"], ["YES", "no"]),
    ("has(message)", ["x"], [])])
def test_e47_contacts_enter_by_the_words_of_their_messages(svc, rule, matching, others):
    segment = f"words-{abs(hash(rule))}"
    made = make(svc, segment, rule)
    entered = [send(svc, words, at=T0 + n) for n, words in enumerate(matching)]
    for words in others:
        send(svc, words)
    assert members(svc, segment) == entered[::-1]
    assert svc.get(f"{SEGMENTS}/{segment}") == {**made, "count": len(entered)}
    svc.call("DELETE", f"{SEGMENTS}/{segment}", expect=200)
    assert_sound(svc)


@pytest.mark.parametrize("rule, canonical", [
    (PRICE_RULE, PRICE),
    ({"all": [PRICE_RULE, {"not": {"any": [{"field": "message", "op": "like", "value": "*a*"},
                                           {"field": "message", "op": "exists"}]}}]},
     PRICE + ' and not (message like "*a*" or has(message))'),
    ({"any": [{"field": "message", "op": "in", "value": ["a", 'say "b"']},
              {"field": "message", "op": "nin", "value": ["c"]}]},
     'message in ("a", "say ""b""") or message not in ("c")')])
def test_e47_the_json_form_and_the_text_form_are_one_rule(svc, rule, canonical):
    by_rule = svc.call("POST", f"{SEGMENTS}/preview", {"rule": rule}, 200).json()
    by_text = svc.call("POST", f"{SEGMENTS}/preview", {"text": canonical}, 200).json()
    assert by_rule == by_text == {"count": None, "rule": rule, "text": canonical}


@pytest.mark.parametrize("words, position, expected", [
    ("score >= 70", 0, "Expected message"),
    (f"{PRICE} and count(vehicle.viewed, 24h) >= 3", 29, "Expected message"),
    ("not did(booking.completed, 30d)", 4, "Expected message"),
    ("message ~ x", 8, "Expected =, !=, in, not in, contains, prefix or like"),
    ("message contains", 16, "Expected text"),
    ("(message = é", 12, "Expected and, or or )"),
    ("not " * 9 + "has(message)", 0, "Expected at most 8 groups in one another"),
    (" or ".join(["has(message)"] * 33), 512, "Expected at most 32 tests")])
@pytest.mark.parametrize("path", [SEGMENTS, f"{SEGMENTS}/preview", f"{SEGMENTS}/none"])
def test_e47_a_mistake_is_named_with_its_place(svc, words, position, expected, path):
    body = {"text": words, **({"id": "x"} if path == SEGMENTS else {})}
    method = "PUT" if path.endswith("none") else "POST"
    answer = svc.call(method, path, body, 422).json()
    fault, = answer["errors"]
    assert (answer["code"], fault["field"], fault["pointer"]) == ("validation", "text", "/text")
    assert (fault["position"], fault["detail"]) == (position, expected)


@pytest.mark.parametrize("body, field, code", [
    ({"rule": {"all": [PRICE_RULE, {"field": "score", "op": ">=", "value": 70}]}},
     "rule.all.1.field", "enum"),
    ({"rule": {"event": "vehicle.viewed"}}, "rule", "unknown_field"),
    ({"rule": PRICE}, "rule", "type"), ({}, "rule", "required"),
    ({"rule": None, "text": None}, "rule", "required"), ({"text": ""}, "text", "format"),
    ({"rule": PRICE_RULE, "text": PRICE}, "text", "duplicate"),
    ({"text": "message in (" + "x," * 3000 + "x)"}, "text", "length"),
    ({"text": PRICE, "colour": "red"}, "colour", "unknown_field"),
    ({"text": PRICE, "name": "n" * 256}, "name", "length"),
    *[({"text": PRICE, "id": id_}, "id", "format") for id_ in ("Big", "-a", "a b", "é", "preview")],
    ({"text": PRICE, "id": "a" * 65}, "id", "length"),
    ({"text": PRICE, "id": ""}, "id", "required")])
def test_e47_what_is_no_segment_is_refused(svc, body, field, code):
    answer = svc.call("POST", SEGMENTS, {"id": "x", **body}, 422).json()
    assert [(fault["field"], fault["code"]) for fault in answer["errors"]] == [(field, code)]
    assert all("position" in fault for fault in answer["errors"]) == (field == "text"
                                                                       and code == "format")
    svc.get(f"{SEGMENTS}/x", expect=404)


# Definitions --------------------------------------------------------------------------------------


def test_e47_a_segment_is_made_read_changed_and_deleted(own):
    made = own.call("POST", SEGMENTS, {"id": "asks", "name": " Asks  prices ", "text": PRICE}, 201,
                    at=T0)
    segment = made.json()
    assert segment == {"id": "asks", "name": "Asks  prices", "rule": PRICE_RULE, "text": PRICE,
                       "count": 0, "version": 1, "created_at": segment["created_at"],
                       "updated_at": segment["created_at"]}
    assert segment["created_at"][:16] == iso(T0)[:16]
    assert (made.header("location"), made.header("etag")) == (f"{SEGMENTS}/asks", '"v1"')
    refused = make(own, "asks", PRICE, 409)
    assert (refused["code"], refused["existing_id"]) == ("already_exists", "asks")
    make(own, "a.z", {"field": "message", "op": "exists"})
    assert [row["id"] for row in own.list(SEGMENTS, limit=1)] == ["a.z", "asks"]
    contact = send(own, "price", at=T0 + SECOND)
    changed = own.call("PUT", f"{SEGMENTS}/asks", {"text": "message = other"}, 200,
                       at=T0 + HOUR, headers={"If-Match": '"v1"'}).json()
    assert changed == {**segment, "name": None, "text": 'message = "other"', "version": 3,
                       "rule": {"field": "message", "op": "=", "value": "other"}, "count": 1,
                       "updated_at": changed["updated_at"]}
    assert own.get(f"{SEGMENTS}/asks") == changed == own.list(SEGMENTS)[1]
    assert members(own, "asks") == [contact]  # judged when it came
    stale = own.call("DELETE", f"{SEGMENTS}/asks", expect=412, headers={"If-Match": '"v1"'})
    assert stale.json()["version"] == 3
    gone = own.call("DELETE", f"{SEGMENTS}/asks", expect=200, headers={"If-Match": '"v3"'})
    assert gone.json() == {"id": "asks", "deleted": True}
    for method, path in (("GET", "asks"), ("GET", "asks/members"), ("DELETE", "asks"),
                         ("GET", "%00"), ("GET", "none/members")):
        own.call(method, f"{SEGMENTS}/{path}", expect=404)
    own.call("PUT", f"{SEGMENTS}/asks", {"text": PRICE}, 404)
    assert not own.redis.text.exists(key("SEGMENT_MEMBER", "asks:1"))
    assert_sound(own)


def test_e47_one_that_is_made_again_begins_empty(own):
    make(own, "s", PRICE)
    send(own, "price")
    own.call("DELETE", f"{SEGMENTS}/s", expect=200)
    assert make(own, "s", PRICE)["count"] == 0
    assert members(own, "s") == []


def test_e47_what_is_repeated_is_done_once(own):
    again = {"Idempotency-Key": "k"}
    calls = [("POST", SEGMENTS, {"id": "s", "text": PRICE}), ("PUT", f"{SEGMENTS}/s",
             {"text": "has(message)"}), ("DELETE", f"{SEGMENTS}/s", None)]
    for method, path, body in calls:
        first, second = (own.call(method, path, body, headers=again) for _ in range(2))
        assert first.status in (200, 201) and second.header("idempotent-replayed") == "true"
        assert (second.status, second.json()) == (first.status, first.json())
        if body:
            other = own.call(method, path, {**body, "name": "x"}, 422, headers=again).json()
            assert other["code"] == "idempotency_mismatch"


def test_e47_there_are_at_most_a_hundred(own):
    for n in range(100):
        make(own, f"s{n:03}", PRICE)
    fault, = make(own, "more", PRICE, 422)["errors"]
    assert (fault["field"], fault["code"]) == ("id", "length")
    assert [row["id"] for row in own.list(SEGMENTS, limit=7)] == [f"s{n:03}" for n in range(100)]
    contact = send(own, "the price")
    assert {row["count"] for row in own.list(SEGMENTS)} == {1}
    assert members(own, "s099") == [contact]
    assert_sound(own)


# Members ------------------------------------------------------------------------------------------


def test_e47_messages_of_all_three_kinds_are_judged(own):
    make(own, "s", PRICE)
    people = [Person() for _ in range(3)]
    own.call("POST", WHATSAPP, plain(people[0], "price", "Ann"), 200, at=T0)
    own.call("POST", WHATSAPP, meta(text(people[1], "Your PRICE?"), text(Person(), "Hi")), 200,
             at=T0 + SECOND)
    post_form(own, form(people[2], "price list"), at=T0 + HOUR)
    rows = own.list(f"{SEGMENTS}/s/members")
    assert [row["phone"] for row in rows] == [person.phone for person in reversed(people)]
    assert rows == [own.contact(row["id"]) for row in rows]


def test_e47_who_writes_again_is_in_it_once_and_a_duplicate_changes_nothing(own, person):
    first = write(own, person, "Hi", message_id="m1", at=T0)
    make(own, "s", "has(message)", at=T0 + 1)
    assert write(own, person, "Hi", message_id="m1", at=T0 + 2) == first
    assert members(own, "s") == []
    for n in range(2):
        write(own, person, f"Hi {n}", at=T0 + HOUR + n)
    assert members(own, "s") == [first["contact_id"]]
    entered = [fields[b"g"] for _, fields in own.redis.raw.xrange(key("FEED"))
               if fields[b"t"] == b"segment.entered"]
    assert entered == [b"s"]


def test_e47_a_message_of_nothing_but_blanks_has_no_words(own, person):
    make(own, "none", "not has(message)")
    make(own, "words", "has(message)")
    contact = send(own, " \t\n", person)
    assert members(own, "none") == [contact] and members(own, "words") == []
    assert send(own, "x", person) == contact
    assert members(own, "none") == members(own, "words") == [contact]


def test_e47_a_picture_is_judged_by_what_stands_for_it(own):
    make(own, "s", 'message = "[image]"')
    picture = {"from": "15550001111", "id": "wamid.picture", "timestamp": str(T0 // 1000),
               "type": "image", "image": {"id": "1"}}
    own.call("POST", WHATSAPP, meta(picture), 200)
    assert len(members(own, "s")) == 1


def test_e47_a_registered_contact_and_one_whose_lead_is_deleted_are_members_too(own, person):
    make(own, "s", PRICE)
    own.event("customer.created", person)
    registered = send(own, "price", person, at=T0)
    other = Person()
    lead = write(own, other, "price", at=T0 + HOUR)
    own.call("DELETE", f"{LEADS}/{lead['id']}?hard=true", expect=None)
    assert members(own, "s") == [lead["contact_id"], registered]
    assert_sound(own)


def test_e47_the_pages_of_members_go_on_while_people_enter(own):
    make(own, "s", PRICE)
    contacts = [send(own, "price", at=T0 + n) for n in range(7)]
    page = own.get(f"{SEGMENTS}/s/members", limit=3)
    assert [row["id"] for row in page["data"]] == contacts[:3:-1]
    send(own, "price", at=T0 + HOUR)
    rest = own.get(f"{SEGMENTS}/s/members", cursor=page["next_cursor"], limit=5)
    assert [row["id"] for row in rest["data"]] == contacts[3::-1] and not rest["has_more"]
    foreign = own.get(f"{SEGMENTS}/t/members", cursor=page["next_cursor"], expect=400)
    assert foreign["code"] == "bad_cursor"
    same = own.call("GET", f"{SEGMENTS}/s/members", expect=200)
    again = own.call("GET", f"{SEGMENTS}/s/members", headers={"If-None-Match": same.header("etag")})
    assert again.status == 304
    own.get(f"{SEGMENTS}/s/members", limit="many", expect=422)
    listed = own.call("GET", SEGMENTS, expect=200)
    again = own.call("GET", SEGMENTS, headers={"If-None-Match": listed.header("etag")})
    assert again.status == 304


def test_e47_every_page_of_members_costs_the_same(own):
    make(own, "s", PRICE)
    for n in range(60):
        send(own, "price", at=T0 + n)
    costs, cursor = [], None
    for _ in range(6):
        with Monitor(own.redis) as monitor:
            page = own.get(f"{SEGMENTS}/s/members", limit=10, cursor=cursor)
        costs.append(sum(who == "lua" and key("SETTINGS") not in words and key("WS") not in words
                         for who, words in monitor.commands))
        assert len(page["data"]) == 10 and offences([w for _, w in monitor.commands]) == []
        cursor = page["next_cursor"]
    assert cursor is None and costs[0] > 10 and max(costs) - min(costs) <= 2, costs


def test_e47_members_are_merged_and_parted_with_their_contacts(own):
    make(own, "price", PRICE)
    make(own, "discount", 'message like "*discount*"')
    one, two = Person(), Person()
    ids = send(own, "price", one, at=T0), send(own, "discount", two, at=T0 + 1)
    merge = own.call("POST", "/v1/merges", {"winner": ids[0], "loser": ids[1]}, 201).json()
    assert members(own, "price") == members(own, "discount") == [ids[0]]
    assert send(own, "price", two) == ids[0]
    assert members(own, "price") == [ids[0]]
    assert_sound(own)
    own.call("POST", f"/v1/merges/{merge['id']}/undo", expect=200)
    assert sorted(members(own, "price")) == sorted(ids)
    assert members(own, "discount") == [ids[1]]
    assert_sound(own)


def test_e47_every_worker_knows_a_new_segment_at_once(make_own, make_service):
    own = make_own(threads=2)
    second = make_service(own.redis.url, threads=2)
    with ThreadPoolExecutor(8) as pool:
        for n in range(5):
            make(own, f"s{n}", f"message contains round{n}")
            calls = [(service, Person()) for service in (own.service, second) for _ in range(8)]
            answers = list(pool.map(lambda one, words=f"round{n} here": one[0].client.call(
                "POST", WHATSAPP, plain(one[1], words)), calls))
            assert {answer.status for answer in answers} == {200}, answers
            assert sorted(members(own, f"s{n}")) == sorted(
                answer.json()["contact_id"] for answer in answers)
    own.call("DELETE", f"{SEGMENTS}/s0", expect=200)
    assert second.client.call("POST", WHATSAPP, plain(Person(), "round0 round1")).status == 200
    assert own.get(f"{SEGMENTS}/s1")["count"] == 17
    assert_sound(own)


def test_e47_another_database_has_segments_of_its_own(own):
    make(own, "s", PRICE)
    send(own, "price")
    own.redis.raw.flushall()
    own.redis.raw.client_kill_filter(_type="normal", skipme=True)
    until("the service is back", lambda: own.call("GET", "/readyz").status == 200)
    make(own, "t", "message = hello")
    contact = send(own, "hello")
    send(own, "price")
    assert members(own, "t") == [contact] and bare(contact)
    assert json.loads(own.redis.text.hget(key("SEGMENT"), "t"))["text"] == 'message = "hello"'
