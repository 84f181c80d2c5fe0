"""Sessions whose visitor says who it is: what becomes of them, over the wire.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor

from support.api import Person
from support.stored import assert_sound
from support.times import MINUTE, T0, ms
from support.visitors import Browser, done_in, session_of


def test_a_session_stays_with_its_first_contact(svc):
    first, second, browser = Person(), Person(), Browser(svc)
    browser.event()
    ann = browser.event(customer=first.customer())["contact_id"]
    bob = browser.event(customer=second.customer())["contact_id"]
    assert ann != bob and len(svc.timeline(bob)) == 1
    assert browser.event()["contact_id"] == ann
    assert session_of(svc, browser.cookie)["contact_id"] == ann


def test_an_event_of_a_known_session_does_what_events_do(svc, person):
    browser = Browser(svc)
    browser.event()
    contact_id = browser.event(customer=person.customer())["contact_id"]
    answer = browser.event("booking.abandoned", {"total_price": 450})
    assert (answer["contact_id"], answer["lead_status"]) == (
        contact_id, "Hot Lead - Abandoned Booking")
    assert svc.get(f"/v1/tasks/{answer['task_id']}")["contact_id"] == contact_id
    assert str(svc.contact(contact_id)["estimated_deal_value"]) == "450.00"
    error = svc.call("POST", "/v1/events", {
        "event_type": "booking.abandoned", "event_data": {"total_price": -1},
        "session": {"session_id": browser.cookie}}, 422).json()
    assert [fault["code"] for fault in error["errors"]] == ["money"]


def test_an_event_id_is_one_event_before_and_after_the_visitor_is_known(svc, person):
    browser = Browser(svc)
    first = browser.event(event_id=person.id)
    contact_id = browser.event(customer=person.customer())["contact_id"]
    assert browser.event(event_id=person.id) == first
    assert browser.event(event_id=person.id, customer=person.customer()) == first
    assert len(svc.timeline(contact_id)) == 2
    known = browser.event(event_id=person.id + "-2")
    assert known["contact_id"] == contact_id
    assert browser.event(event_id=person.id + "-2") == known
    assert len(svc.timeline(contact_id)) == 3


def test_a_repeated_form_attaches_the_session_once(svc, person):
    browser = Browser(svc)
    browser.interaction("search")
    form = {"email": person.email, "headers": {"idempotency-key": person.id}}
    first = browser.interaction("consultation", **form)
    assert browser.interaction("consultation", **form) == first
    assert svc.contact(first["contact_id"])["activity_count"] == 2


def test_a_session_was_last_seen_with_its_contacts_last_event(svc, person):
    browser = Browser(svc)
    browser.event(at=T0)
    browser.event(customer=person.customer(), at=T0 + MINUTE)
    browser.event(customer=person.customer(), at=T0 + 5 * MINUTE)
    seen = session_of(svc, browser.cookie)
    assert 0 <= ms(seen["last_seen"]) - T0 - 5 * MINUTE < MINUTE
    assert len(seen["interactions"]) == 3


def test_a_contact_is_found_by_its_session_among_its_identities(svc, person):
    browser = Browser(svc)
    browser.event()
    contact_id = browser.event(customer=person.customer())["contact_id"]
    identities = svc.get(f"/v1/contacts/{contact_id}/identities")["data"]
    assert [row["value"] for row in identities if row["kind"] == "session"] == [browser.cookie]


def test_a_session_in_use_by_many_at_once_has_everything_once(own):
    person, browser = Person(), Browser(own)
    browser.event()

    def post(n):
        customer = person.customer("email") if n % 5 == 4 else None
        return own.event("page.viewed", customer, {"n": n}, path="/v1/events",
                         session={"session_id": browser.cookie})

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(post, range(100)))
    contact_id = own.lookup(email=person.email)["id"]
    assert {answer["contact_id"] for answer in answers} <= {None, contact_id}
    numbers = [activity["data"].get("n") for activity in own.timeline(contact_id)]
    assert sorted(numbers, key=lambda n: -1 if n is None else n) == [None, *range(100)]
    assert own.contact(contact_id)["activity_count"] == 101
    assert len(done_in(session_of(own, browser.cookie))) == 50
    assert_sound(own)
