"""Rows B-06 … B-16 of the acceptance list: who it is, and what is kept of them.

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import TRACK, Person, bare
from support.keys import key
from support.seed_001 import NEW
from support.times import HOUR, MINUTE, T0, iso, ms


def test_b06_the_first_event_makes_a_contact_that_the_next_lookup_finds(svc, person):
    svc.lookup(404, email=person.email)
    answer = svc.event("page.viewed", person)
    assert answer["created"] is True
    found = svc.lookup(email=person.email)
    assert found["id"] == answer["contact_id"]
    assert found["email"] == person.email


@pytest.mark.parametrize("spelling",
                         [str.upper, str.title, lambda e: f"  {e}\t", lambda e: f" {e.upper()} "])
def test_b07_other_case_and_blanks_around_an_email_are_the_same_person(svc, person, spelling):
    first = svc.event("page.viewed", person.customer("email"))
    again = svc.event("page.viewed", {"email": spelling(person.email)})
    assert again["contact_id"] == first["contact_id"]
    assert not again.get("created")
    assert svc.lookup(email=spelling(person.email))["id"] == first["contact_id"]
    assert svc.contact(first["contact_id"])["activity_count"] == 2


def test_b08_contact_index_timeline_and_task_lie_where_redis_cli_expects_them(own):
    answer = own.event("booking.abandoned", {"id": "user123", "email": "john@example.com",
                                             "name": "John Doe", "phone": "+1234567890"})
    contact_id, redis = answer["contact_id"], own.redis.text
    assert redis.type(key("CONTACT", bare(contact_id))) == "hash"
    assert redis.hget(key("CONTACT", bare(contact_id)), "id") == contact_id
    assert redis.get(key("CONTACT_EMAIL", "john@example.com")) == contact_id
    assert redis.get(key("CONTACT_EXT", "user123")) == contact_id
    assert redis.get(key("CONTACT_PHONE", "+1234567890")) == contact_id
    assert redis.type(key("ACTIVITY", bare(contact_id))) == "zset"
    assert redis.zcard(key("ACTIVITY", bare(contact_id))) == 1
    task = redis.hgetall(key("TASK", answer["task_id"]))
    assert task["contact_id"] == contact_id and task["status"] == "open"


def test_b09_the_glob_for_contacts_matches_contacts_only(own):
    people = [{"email": "a@b.example"}, {"email": "a@b.cde"}, {"id": "x_1"},
              {"phone": "+15550001111"}, {"id": "email_a@b.cde"}]
    made = sorted(own.event("page.viewed", who)["contact_id"] for who in people)
    assert len(set(made)) == len(people)
    glob = key("CONTACT", "[0-9a-z]" * 13)
    found = list(own.redis.text.scan_iter(match=glob, count=1000))
    assert sorted("contact_" + name[-13:] for name in found) == made
    assert {own.redis.text.type(name) for name in found} == {"hash"}
    assert sorted(contact["id"] for contact in own.list("/v1/contacts")) == made


def test_b10_the_standard_fields_of_a_contact(svc, person):
    contact = svc.contact(svc.event("customer.created", person)["contact_id"])
    expected = {
        "email": person.email, "first_name": person.first_name, "last_name": person.last_name,
        "phone": person.phone, "lead_source": "Website"}
    assert {name: contact[name] for name in expected} == expected
    assert contact["id"].startswith("contact_")
    assert contact["customer_id"] == person.id


@pytest.mark.parametrize("members, first, last", [
    ({"name": "John Doe"}, "John", "Doe"),
    ({"name": "Madonna"}, "Madonna", ""),
    ({"name": "John van der Doe"}, "John", "van der Doe"),
    ({"name": "  John Doe "}, "John", "Doe"),
    ({"name": "Jana Nováková"}, "Jana", "Nováková"),
    ({"name": "山田 太郎"}, "山田", "太郎"),
    ({"name": "👩‍🚀 José"}, "👩‍🚀", "José"),
    ({"name": "John Doe", "first_name": "Johnny"}, "Johnny", "Doe"),
    ({"name": "John Doe", "last_name": "Smith"}, "John", "Smith"),
    ({"first_name": "Ann Marie", "last_name": "O'Neil"}, "Ann Marie", "O'Neil")])
def test_b11_a_name_is_split_at_its_first_blank(svc, person, members, first, last):
    answer = svc.event("page.viewed", person.customer("email", **members))
    contact = svc.contact(answer["contact_id"])
    assert (contact["first_name"], contact["last_name"] or "") == (first, last)


def test_b11_the_email_sent_as_name_is_not_a_name(svc, person):
    answer = svc.event("page.viewed", person.customer("email", name=person.email))
    contact = svc.contact(answer["contact_id"])
    assert not contact["first_name"] and not contact["last_name"]


def test_b12_lead_source_is_website_and_stays(svc, person):
    contact_id = svc.event("page.viewed", person)["contact_id"]
    for event_type in ("customer.created", "booking.completed", "chat.message", "loyalty.joined"):
        svc.event(event_type, person.customer(lead_source="Radio"), {"source": "Radio"})
        assert svc.contact(contact_id)["lead_source"] == "Website"


def test_b13_the_tracking_fields_of_a_contact(svc, person):
    contact = svc.contact(svc.event("page.viewed", person, at=T0)["contact_id"])
    expected = {"lead_status": NEW, "last_vehicle_viewed": None, "last_search_location": None,
                "total_bookings": 0, "website_visits": 0}
    assert {name: contact[name] for name in expected} == expected
    assert str(contact["estimated_deal_value"]) == "0.00"
    assert str(contact["total_revenue"]) == "0.00"
    assert contact["last_action"].startswith("Viewed page")
    assert 0 <= ms(contact["last_activity"]) - T0 < MINUTE


def test_b14_last_activity_is_the_newest_events_and_an_older_one_changes_nothing(svc, person):
    def at(offset):
        return iso(T0 + offset)

    contact_id = svc.event("vehicle.viewed", person, {"vehicle_name": "Camry"}, at=T0 + HOUR,
                           occurred_at=at(0))["contact_id"]
    contact = svc.contact(contact_id)
    assert (contact["last_activity"], contact["last_action"]) == (at(0), "Viewed Camry")
    newest = (at(30 * MINUTE), "Searched: Airport")
    svc.event("search.performed", person, {"location": "Airport"}, occurred_at=newest[0])
    contact = svc.contact(contact_id)
    assert (contact["last_activity"], contact["last_action"]) == newest
    svc.event("vehicle.viewed", person, {"vehicle_name": "Corolla"}, occurred_at=at(10 * MINUTE))
    contact = svc.contact(contact_id)
    assert (contact["last_activity"], contact["last_action"]) == newest


@pytest.mark.parametrize("late", [{"timestamp": iso(T0 - HOUR)}, {"timestamp": T0 - HOUR}])
def test_b14_the_time_inside_event_data_counts_as_the_events(svc, person, late):
    contact_id = svc.event("page.viewed", person, late, at=T0)["contact_id"]
    assert svc.newest(contact_id)["occurred_at"] == iso(T0 - HOUR)
    assert 0 <= ms(svc.newest(contact_id)["received_at"]) - T0 < MINUTE


@pytest.mark.parametrize("claimed", [iso(T0 + HOUR), "1999-12-31T23:59:59.000Z", "soon", None])
def test_b14_a_time_in_the_future_or_unreadable_is_the_time_of_receipt(svc, person, claimed):
    contact_id = svc.event("page.viewed", person, at=T0, occurred_at=claimed)["contact_id"]
    activity = svc.newest(contact_id)
    assert activity["occurred_at"] == activity["received_at"]
    assert 0 <= ms(activity["received_at"]) - T0 < MINUTE


def test_b15_a_new_email_moves_the_index(svc, person):
    contact_id = svc.event("customer.created", person)["contact_id"]
    new = "new-" + person.email
    svc.event("customer.updated", person.customer("id", email=new))
    assert svc.lookup(email=new)["id"] == contact_id
    svc.lookup(404, email=person.email)
    assert svc.identities("EMAIL", contact_id) == [new]
    assert svc.contact(contact_id)["email"] == new


def test_b15_a_new_email_among_the_updates_of_someone_known_by_the_old_one(svc, person):
    contact_id = svc.event("customer.created", person.customer("email", "name"))["contact_id"]
    new = "new-" + person.email
    svc.event("customer.updated", person.customer("email"), {"updates": {"email": new}})
    assert svc.lookup(email=new)["id"] == contact_id
    svc.lookup(404, email=person.email)
    assert svc.identities("EMAIL", contact_id) == [new]


def test_b15_the_email_of_another_contact_is_not_taken_over(svc):
    one, other = Person(), Person()
    one_id = svc.event("customer.created", one)["contact_id"]
    other_id = svc.event("customer.created", other)["contact_id"]
    answer = svc.event("customer.updated", one.customer("id", email=other.email))
    assert answer["contact_id"] == one_id
    assert svc.lookup(email=other.email)["id"] == other_id
    assert svc.lookup(email=one.email)["id"] == one_id
    assert svc.contact(one_id)["email"] == one.email
    assert svc.identities("EMAIL", one_id) == [one.email]
    assert svc.identities("EMAIL", other_id) == [other.email]


def test_b15_an_email_given_up_is_free_for_others(svc, person):
    first = svc.event("customer.created", person)["contact_id"]
    svc.event("customer.updated", person.customer("id", email="new-" + person.email))
    second = svc.event("customer.created", person.customer("email"))
    assert second["created"] is True and second["contact_id"] != first


@pytest.mark.parametrize("customer_id",
                         ["user-{}", "Ünïcode {}", "a/b:{}", '"{}\\', "{}" + "x" * 100])
def test_b16_a_customer_known_by_id_alone_gains_the_email(svc, person, customer_id):
    who = {"id": customer_id.format(person.id)}
    contact_id = svc.event("page.viewed", who)["contact_id"]
    assert svc.event("page.viewed", who)["contact_id"] == contact_id
    assert svc.lookup(customer_id=who["id"])["id"] == contact_id
    assert svc.event("page.viewed", {**who, "email": person.email})["contact_id"] == contact_id
    assert svc.lookup(email=person.email)["id"] == contact_id
    assert svc.event("page.viewed", {"email": person.email})["contact_id"] == contact_id


def test_b16_an_id_may_be_a_number(svc):
    number = 10_000_000_000 + int(Person().id[len("user-"):])
    first = svc.call("POST", TRACK, f'{{"event_type":"page.viewed","customer":{{"id":{number}}}}}')
    again = svc.event("page.viewed", {"id": str(number)})
    assert again["contact_id"] == first.json()["contact_id"]


@pytest.mark.parametrize("spell", [
    lambda phone: phone, lambda phone: "00" + phone[1:], lambda phone: f" {phone} ",
    lambda phone: f"{phone[:2]} ({phone[2:5]}) {phone[5:8]}-{phone[8:]}",
    lambda phone: f"{phone[:5]}.{phone[5:9]}.{phone[9:]}"])
def test_b16_a_phone_alone_is_an_identity(svc, person, spell):
    contact_id = svc.event("page.viewed", person.customer("phone"))["contact_id"]
    assert svc.event("page.viewed", {"phone": spell(person.phone)})["contact_id"] == contact_id
    assert svc.lookup(phone=spell(person.phone))["id"] == contact_id


def test_b16_a_stronger_identity_that_contradicts_makes_another_contact(svc):
    one, other = Person(), Person()
    first = svc.event("page.viewed", one)["contact_id"]
    second = svc.event("page.viewed", other.customer("id", email=one.email))
    assert second["created"] is True and second["contact_id"] != first
    assert svc.lookup(email=one.email)["id"] == first
    third = svc.event("page.viewed", {"email": "else-" + one.email, "phone": one.phone})
    assert third["contact_id"] not in (first, second["contact_id"])


@pytest.mark.parametrize("placeholder", ["null", "undefined", "anonymous", "-1", "0", "000"])
def test_b16_a_placeholder_is_not_an_identity(svc, placeholder):
    one, other = Person(), Person()
    first = svc.event("page.viewed", one.customer("email", id=placeholder))["contact_id"]
    second = svc.event("page.viewed", other.customer("email", id=placeholder))["contact_id"]
    assert first != second
    assert svc.event("page.viewed", {"id": placeholder}, expect=202)["ignored"] == "anonymous"


def test_an_empty_value_never_erases_a_known_one(svc, person):
    contact_id = svc.event("customer.created", person)["contact_id"]
    svc.event("page.viewed", {"id": person.id, "email": "", "name": None, "phone": "  "})
    contact = svc.contact(contact_id)
    assert (contact["email"], contact["phone"]) == (person.email, person.phone)
    assert (contact["first_name"], contact["last_name"]) == (person.first_name, person.last_name)
