"""Rows A-37, A-38, A-41 of the acceptance list: what is kept, what is not, how fast, how soundly.

SPDX-License-Identifier: MIT
"""
import hashlib
import re
import time

import pytest

from support.api import Api, Person, bare
from support.client import Client
from support.keys import key
from support.redis_server import tail
from support.seed_000 import (BOOKINGS, EXTRAS, LEADS, STEP_1, STEP_2, TRACKING, Visitor,
                              contact_of, decide, lead, row)
from support.stored import assert_sound, fsck, stored
from support.times import HOUR, MINUTE, T0

# What a record may have (row A-37), by the names of its hash in Redis.
ALLOWED = {
    "fields": {"eventType", "eventName", "eventDate", "selectedPackId", "packName", "clientName",
               "clientPhone", "clientEmail", "timeSlot", "message", "event_type", "event_name",
               "event_date", "pack_id", "pack_name", "name", "phone", "email", "time_slot"},
    "ids": {"id", "no", "v", "source"},
    "status": {"status", "status_at", "is_active", "step", "note"},
    "packs": {"packs", "viewed_packs"},
    "times": {"created_at", "updated_at", "submitted_at", "approved_at", "rejected_at",
              "converted_at", "recovered_at", "first_contact_at", "day"},
    "utm": {"utm_source", "utm_medium", "utm_campaign"},
    "session": {"session"},
    "contact": {"contact_id", "has_contact", "assignee"},
    "score": {"score", "floor", "quality", "probability", "message_count", "stage"},
    "address": {"ip", "ip_hmac"},
}

HEADERS = {"User-Agent": "Mozilla/5.0 (Zephyr; Quokka 9)", "Referer": "https://quokka.example/page",
           "Accept-Language": "qu-OK", "Cookie": "quokka=crumbs", "X-Quokka": "headervalue",
           "Origin": "https://origin-quokka.example", "Sec-CH-UA": '"Quokka";v="9"',
           "X-Forwarded-For": "198.51.100.77"}
HEADER_TRACES = [b"quokka", b"zephyr", b"mozilla", b"qu-ok", b"crumbs", b"headervalue",
                 b"198.51.100"]


def run_of_a_visitor(visitor, person, headers=None):
    """All calls of one visitor; the id of the record."""
    visitor.track(STEP_1, headers=headers)
    visitor.track(STEP_2, viewedPacks=[{"id": "x", "name": "X"}], headers=headers)
    visitor.track(contact_of(person), headers=headers)
    visitor.track(contact_of(person), EXTRAS, utm_source="ads", headers=headers)
    return visitor.submit(contact_of(person), headers=headers)["id"]


def test_a37_a_record_has_what_was_typed_and_what_is_needed(own, person):
    lead_id = run_of_a_visitor(Visitor(own, session="sess_a37"), person)
    decide(own, lead_id, "approved")
    anonymous = Visitor(own).track(STEP_1)
    for uuid in (lead(own, lead_id)["uuid"], anonymous["uuid"]):
        names = set(own.hash("LEAD", uuid))
        assert names, "the hash is there"
        assert names - set().union(*ALLOWED.values()) == set()


def test_a37_no_header_of_a_request_is_kept(own, person):
    visitor = Visitor(own)
    lead_id = run_of_a_visitor(visitor, person, HEADERS)
    own.call("PATCH", f"{BOOKINGS}/{lead_id}", {"status": "approved"}, 200, headers=HEADERS)
    Visitor(own).track(STEP_1, headers=HEADERS)
    kept = stored(own.redis).lower()
    assert person.name.lower().encode() in kept, "the search sees what is there"
    assert [trace for trace in HEADER_TRACES if trace in kept] == []


ADDRESS = "127.183.219.147"  # its digits stand nowhere by accident


def traces(address):
    """How an address could be written down, and its digests without a key."""
    packed = bytes(int(part) for part in address.split("."))
    number = int.from_bytes(packed, "big")
    texts = [address, address.replace(".", "-"), packed.hex(), str(number)]
    for text in (address.encode(), packed):
        texts += [hashlib.new(name, text).hexdigest()[:16]
                  for name in ("md5", "sha1", "sha256", "sha512")]
    return texts


def test_a38_the_address_of_a_visitor_is_nowhere(own, person):
    visitor = Visitor(own, ADDRESS)
    anonymous = visitor.track(STEP_1)
    again = visitor.track(STEP_2)
    assert again["id"] == anonymous["id"], "the address is what finds the record"
    kept = [stored(own.redis).decode("utf-8", "replace")]
    lead_id = run_of_a_visitor(visitor, person)
    visitor.track(STEP_1, session_id="x")
    visitor.post(TRACKING, {"eventName": []}, 422)
    admin = Client(own.service.client.address, source=ADDRESS)
    for method, path, body in (("PATCH", f"{BOOKINGS}/{lead_id}", {"status": "approved"}),
                               ("GET", f"{LEADS}/{lead_id}", None),
                               ("GET", f"{LEADS}?include=anonymous", None),
                               ("GET", "/no/such/path", None)):
        kept.append(admin.call(method, path, body).body.decode())
    kept.append(stored(own.redis).decode("utf-8", "replace"))
    contact_id = lead(own, lead_id)["contact_id"]
    kept.append(own.call("GET", f"/v1/contacts/{contact_id}/timeline", expect=200).body.decode())
    own.service.stop()
    kept += [own.service.log_text(), tail(own.redis.log, 1000)]
    for text in kept:
        assert [trace for trace in traces(ADDRESS) if trace in text] == []
    own.service.start()


def address_keys(api):
    """{what follows …ip:  → seconds to live} of the index by address."""
    start = key("LEAD_WINDOW", "ip:")
    names = api.redis.text.scan_iter(match=start.replace("[", "\\[") + "*", count=1000)
    return {name[len(start):]: api.redis.text.ttl(name) for name in names}


def test_a38_the_index_by_address_is_a_keyed_hash_that_goes_within_a_day(own):
    Visitor(own, ADDRESS).track(STEP_1)
    found = address_keys(own)
    assert len(found) == 1
    (hashed, seconds), = found.items()
    assert 1 <= seconds <= 86_400
    assert len(hashed) >= 16
    Visitor(own, ADDRESS).track(STEP_2)
    assert list(address_keys(own)) == [hashed]
    Visitor(own).track(STEP_1)
    assert len(address_keys(own)) == 2


def test_a38_another_database_hashes_with_another_key(make_redis, make_service):
    hashes = []
    for _ in range(2):
        server = make_redis()
        api = Api(make_service(server.url), server)
        Visitor(api, ADDRESS).track(STEP_1)
        hashes += address_keys(api)
    assert len(set(hashes)) == 2


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_who_does_not_want_to_be_tracked_is_not_before_giving_name_and_phone(
        svc, person, header):
    visitor = Visitor(svc, session=f"sess_{person.id}")
    before = svc.redis.dump()
    answer = visitor.track(STEP_1, expect=202, headers={header: "1"})
    assert (answer["success"], answer["id"], answer["ignored"]) == (True, None, "consent")
    assert svc.redis.dump() == before
    assert visitor.track(STEP_1, expect=201, headers={header: "0"})["has_contact"] is False
    known = visitor.track(contact_of(person), expect=200, headers={header: "1"})
    assert known["has_contact"] is True, "what a person gives is kept"


def test_anonymous_records_can_be_switched_off(own, person):
    own.settings(consent_mode="off")
    before = own.redis.dump()
    answer = Visitor(own).track(STEP_1, expect=202)
    assert (answer["id"], answer["ignored"]) == (None, "consent")
    assert own.redis.dump() == before
    assert Visitor(own).track(STEP_1, contact_of(person), expect=201)["has_contact"] is True
    own.settings(consent_mode="session")
    assert Visitor(own).track(STEP_1, expect=201)["has_contact"] is False


TOTAL = re.compile(r"\btotal;dur=([0-9.]+)")
ROUNDS = 5  # a machine that is busy with something else spoils some rounds, a slow service all


def test_a41_of_1000_calls_in_a_row_99_in_100_take_less_than_10_ms(make_own):
    """Beside what the machine takes for the shortest way to Redis and back at that moment."""
    own = make_own("--redis-deadline", "10000")
    visitor = Visitor(own)
    worst = []
    for _ in range(ROUNDS):
        taken, floor = [], []
        for n in range(1000):
            if n % 4 == 0:
                person = Person()
            body = ({**STEP_1, "eventName": f"Party {n}"}, STEP_2, contact_of(person),
                    {**contact_of(person), **EXTRAS})[n % 4]
            answer = visitor.post(TRACKING, body)
            taken.append(float(TOTAL.search(answer.header("server-timing")).group(1)))
            begun = time.monotonic()
            own.call("GET", "/v1/ping", expect=200)
            floor.append((time.monotonic() - begun) * 1000)
        worst.append(sorted(taken)[989] - sorted(floor)[989])
        if worst[-1] < 10:
            return
    raise AssertionError(f"p99 of {ROUNDS} rounds in ms: {worst}")


# --- kvcrm fsck ---------------------------------------------------------------------------------

@pytest.fixture
def office(own):
    """Leads in all statuses, of new and returning people, beside track-event; (api, lead)."""
    own.event("booking.completed", Person(), {"total_amount": 3})
    for n, status in enumerate(("tracking", "pending", "approved", "rejected") * 2):
        person = Person()
        if n > 3:
            own.event("page.viewed", person)
        visitor = Visitor(own, session=f"sess_{n}" if n % 2 else None)
        made = visitor.track(STEP_1, at=T0 + n * MINUTE)
        visitor.track(STEP_2, contact_of(person), clientEmail=person.email)
        if status != "tracking":
            visitor.submit(contact_of(person))
        if status in ("approved", "rejected"):
            decide(own, made["id"], status)
            visitor.submit(contact_of(person), at=T0 + n * MINUTE + HOUR)
        Visitor(own).track(STEP_1)
    return own, lead(own, 1)


def test_x08_a_database_with_leads_has_no_faults(office):
    assert_sound(office[0])


def number_without_lead(api, _):
    name = key("LEAD_NO", "999")
    api.redis.text.set(name, "0193a1b2-7c2a-7d3e-9a51-0d2f5c1b7a10")
    return name


def lead_without_number(api, one):
    assert api.redis.text.delete(key("LEAD_NO", str(one["id"]))) == 1
    return one["uuid"]


def lead_that_is_gone(api, one):
    assert api.redis.text.delete(key("LEAD", one["uuid"])) == 1
    return one["uuid"]


def lead_that_no_list_has(api, one):
    assert api.redis.text.zrem(key("LEAD_STATUS", one["status"]), one["uuid"]) == 1
    return one["uuid"]


def lead_in_two_lists(api, one):
    api.redis.text.zadd(key("LEAD_STATUS", "rejected"), {one["uuid"]: T0})
    return one["uuid"]


def lead_without_contact(api, one):
    assert api.redis.text.delete(key("CONTACT", bare(one["contact_id"]))) == 1
    return one["uuid"]


def contact_that_does_not_know_its_lead(api, one):
    assert api.redis.text.zrem(key("CONTACT_LEAD", bare(one["contact_id"])), one["uuid"]) == 1
    return one["uuid"]


@pytest.mark.parametrize("damage", [
    number_without_lead, lead_without_number, lead_that_is_gone, lead_that_no_list_has,
    lead_in_two_lists, lead_without_contact, contact_that_does_not_know_its_lead])
def test_x08_a_damaged_lead_is_found_and_named(office, damage):
    api, one = office
    assert row(api, one["id"])["status"] == "tracking"
    name = damage(api, one)
    code, output, errors = fsck(api)
    assert code == 1, output + errors
    assert name in output and not re.search(r"\b0 faults\b", output), output
