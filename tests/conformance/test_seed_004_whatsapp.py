"""Rows E-01 … E-14, E-16, E-18, E-28, E-35, E-37, E-41 … E-43 of the acceptance list: messages
that come by WhatsApp.

SPDX-License-Identifier: MIT
"""
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from support.api import Person
from support.keys import key
from support.seed_000 import faults
from support.whatsapp import (LEADS, TWILIO, WHATSAPP, Capture, detail, digits, form, lead_of,
                              leads_of, meta, plain, post_form, text, write)
from support.stored import assert_sound, stored
from support.times import DAY, HOUR, SECOND, T0, iso

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$")


def test_e01_a_message_of_an_unregistered_number_makes_a_lead(svc, person):
    made = write(svc, person, "Hello, I want to register", "Jane Doe")
    assert made == {"success": True, "id": made["id"], "uuid": made["uuid"], "created": True,
                    "message_count": 1, "contact_id": made["contact_id"], "registered": False}
    assert isinstance(made["id"], int) and UUID.match(made["uuid"])
    row = lead_of(svc, person)
    assert (row["id"], row["uuid"], row["source"]) == (made["id"], made["uuid"], "WhatsApp")
    assert (row["contact_id"], row["status"]) == (made["contact_id"], "NEW")
    contact = svc.contact(made["contact_id"])
    assert (contact["first_name"], contact["last_name"]) == ("Jane", "Doe")
    assert (contact["phone"], contact["whatsapp_id"]) == (person.phone, digits(person))
    assert (contact["lead_source"], contact["message_count"]) == ("WhatsApp", 1)
    assert contact["last_action"] == "Sent a WhatsApp message"
    assert_sound(svc)


def test_e02_a_further_message_updates_the_lead(own, person):
    made = write(own, person, "one", "Jane", at=T0)
    again = write(own, person, "two", at=T0 + HOUR)
    assert again == {**made, "created": False, "message_count": 2}
    row = lead_of(own, person)
    assert (row["first_message"], row["last_message"], row["message_count"]) == ("one", "two", 2)
    assert row["created_at"] == iso(T0)
    assert row["updated_at"] == row["last_message_time"] == iso(T0 + HOUR)


def test_e02_an_older_message_moves_neither_last_message_nor_its_time(own, person):
    write(own, person, "new", at=T0)
    write(own, person, "old", at=T0 + HOUR, timestamp=T0 - HOUR)
    row = lead_of(own, person)
    assert (row["first_message"], row["last_message"], row["message_count"]) == ("new", "new", 2)
    assert row["last_message_time"] == row["updated_at"] == iso(T0)


@pytest.mark.parametrize("timestamp", [T0 + DAY, 1700000000, "2025-11-11T11:00:00Z"])
def test_e02_a_time_to_come_or_before_2000_is_that_of_receipt(own, person, timestamp):
    write(own, person, at=T0, timestamp=timestamp)
    assert lead_of(own, person)["last_message_time"] == iso(T0)


def test_e03_the_count_starts_at_one(svc, person):
    assert write(svc, person)["message_count"] == 1
    assert lead_of(svc, person)["message_count"] == 1


def test_e04_spellings_of_a_number_are_one_lead_for_ever(own):
    spellings = ["+1 555 123 4567", "15551234567", "+15551234567", "(555) 123-4567"]
    ids = {own.call("POST", WHATSAPP, {"phone_number": one, "message": one}, 200,
                    at=T0 + n * 100 * DAY).json()["id"] for n, one in enumerate(spellings)}
    assert len(ids) == 1
    row, = own.get(LEADS)
    assert (row["message_count"], row["phone_number"]) == (len(spellings), "+15551234567")
    assert row["created_at"] == iso(T0)


def test_e04_a_whatsapp_id_begins_with_its_country_whatever_the_region_is(own):
    own.settings(default_region="DE")
    made = own.call("POST", WHATSAPP, {"phone_number": "15551234567", "message": "Hi"}, 200).json()
    assert detail(own, made["id"])["phone_number"] == "+15551234567"


def test_e04_a_lost_lead_goes_on_and_no_second_one_is_made(own, person):
    made = write(own, person)
    own.redis.text.hset(key("LEAD", made["uuid"]), "status", "lost")
    assert write(own, person)["id"] == made["id"]
    assert detail(own, made["id"])["status"] == "LOST"


@pytest.mark.parametrize("later", [{}, {"sender_name": ""}, {"sender_name": None},
                                   {"sender_name": "  "}])
def test_e05_a_missing_or_empty_name_does_not_erase_a_known_one(svc, later):
    person = Person()
    write(svc, person, name="Jane Doe")
    svc.call("POST", WHATSAPP, {"phone_number": person.phone, "message": "two", **later}, 200)
    assert lead_of(svc, person)["sender_name"] == "Jane Doe"


def test_e05_a_new_name_is_taken(svc, person):
    write(svc, person, name="Jane")
    write(svc, person, name="Jane Roe")
    row = lead_of(svc, person)
    assert row["sender_name"] == "Jane Roe"
    assert svc.contact(row["contact_id"])["last_name"] == "Roe"


@pytest.mark.parametrize("members", [("id", "phone", "name"), ("email", "phone", "name")])
def test_e06_a_message_of_a_registered_number_is_its_contacts(svc, members):
    person = Person()
    registered = svc.event("customer.created", person.customer(*members))
    got = write(svc, person, "Where is my car?", "P.", message_id=person.id)
    assert got == {"success": True, "id": None, "uuid": None, "created": False, "message_count": 1,
                   "contact_id": registered["contact_id"], "registered": True}
    assert not leads_of(svc, person)
    activity = svc.newest(got["contact_id"])
    assert (activity["type"], activity["source"]) == ("whatsapp.message", "WhatsApp")
    assert activity["data"] == {"type": "text", "text": "Where is my car?"}
    assert (activity["lead_id"], activity["event_id"]) == (None, person.id)
    contact = svc.contact(got["contact_id"])
    assert (contact["first_name"], contact["temp_email"]) == ("Pat", None)
    assert contact["sources"] == ["Website", "WhatsApp"] and contact["message_count"] == 1
    members = svc.redis.text.zrange(key("MESSAGE", got["contact_id"][8:]), 0, -1)
    assert [json.loads(member)["text"] for member in members] == ["Where is my car?"]


def test_e06_a_customer_id_alone_registers(svc, person):
    svc.event("page.viewed", person.customer("id", "phone"))
    assert write(svc, person)["registered"] is True


def test_e06_a_student_is_registered(svc, person):
    made = write(svc, person)
    svc.redis.text.hset(key("CONTACT", made["contact_id"][8:]), "student_id", "123")
    assert write(svc, person)["registered"] is True
    assert lead_of(svc, person)["message_count"] == 1


def test_e07_an_unregistered_number_has_an_address_that_is_none(svc, person):
    made = write(svc, person)
    address = f"temp+{digits(person)}@edubot.local"
    contact = svc.contact(made["contact_id"])
    assert (contact["temp_email"], contact["email"]) == (address, None)
    assert b"crm_contact_email_" + b"temp" not in stored(svc.redis)
    for email in (address, f" TEMP+{digits(person)}@EduBot.local "):
        event = svc.event("page.viewed", {"email": email})
        assert event["contact_id"] == made["contact_id"]
    booked = svc.call("POST", "/api/bookings", {"clientName": "Jane", "clientPhone": "-",
                                                "clientEmail": address}, 201).json()
    assert booked["contact_id"] == made["contact_id"]
    assert svc.lookup(email=address)["id"] == made["contact_id"]
    contact = svc.contact(made["contact_id"])
    assert contact["email"] is None and contact["temp_email"] == address
    assert b"crm_contact_email_" + b"temp" not in stored(svc.redis)
    assert_sound(svc)


def test_e07_the_address_of_a_number_nobody_knows_makes_a_contact_of_that_number(svc, person):
    made = svc.event("page.viewed", {"email": f"temp+{digits(person)}@edubot.local"})
    assert svc.contact(made["contact_id"])["phone"] == person.phone
    assert write(svc, person)["contact_id"] == made["contact_id"]


def test_e07_a_phone_that_is_given_beats_that_of_the_address(svc, person):
    other = Person()
    made = svc.event("page.viewed", {"email": f"temp+{digits(other)}@edubot.local",
                                     "phone": person.phone})
    assert svc.contact(made["contact_id"])["phone"] == person.phone
    svc.lookup(phone=other.phone, expect=404)


def test_e07_the_form_of_the_address_is_a_setting(own, person):
    own.settings(whatsapp_temp_email="wa-{phone}@school.example")
    made = write(own, person)
    address = f"wa-{digits(person)}@school.example"
    assert own.contact(made["contact_id"])["temp_email"] == address
    assert own.event("page.viewed", {"email": address})["contact_id"] == made["contact_id"]
    assert not own.identities("EMAIL", made["contact_id"])
    for wrong in ("{phone}", "a@b.example", "{phone}{phone}@b.example", "a@{phone}"):
        own.call("PATCH", "/v1/settings", {"whatsapp_temp_email": wrong}, 422)


def test_e08_the_detail_has_the_messages_in_the_order_of_their_times(own, person):
    times = {"second": T0 + 2 * SECOND, "first": T0 + SECOND, "third": T0 + 3 * SECOND}
    for message, at in times.items():
        made = write(own, person, message, at=T0 + HOUR, timestamp=at, message_id=f"id-{message}")
    shown = detail(own, made["id"])
    assert shown["messages"] == [
        {"id": one["id"], "direction": "in", "type": "text", "text": message,
         "provider_id": f"id-{message}", "at": iso(times[message])}
        for one, message in zip(shown["messages"], ("first", "second", "third"))]
    ids = [one["id"] for one in shown["messages"]]
    assert all(map(UUID.match, ids)) and len(set(ids)) == 3
    assert detail(own, made["uuid"])["messages"] == shown["messages"]


def test_e09_a_message_id_counts_once_in_seven_days(own, person):
    first = write(own, person, "one", message_id="m1", at=T0)
    for at in (T0 + SECOND, T0 + 7 * DAY - SECOND):
        answer = own.call("POST", WHATSAPP, plain(person, "one", message_id="m1"), 200, at=at)
        assert answer.json() == first and answer.header("idempotent-replayed") == "true"
    assert lead_of(own, person)["message_count"] == 1
    assert write(own, person, "one", message_id="m1", at=T0 + 7 * DAY)["message_count"] == 2


@pytest.mark.parametrize("send", [
    lambda api, person: api.call("POST", WHATSAPP, plain(person, message_id="w1"), 200),
    lambda api, person: api.call("POST", WHATSAPP, meta(text(person, message_id="w2")), 200),
    lambda api, person: post_form(api, form(person, MessageSid="w3"))],
    ids=["plain", "meta", "twilio"])
def test_e09_a_hundred_at_once_with_one_id_count_once(own, person, send):
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: send(own, person), range(100)))
    assert {answer.status for answer in answers} == {200}
    assert lead_of(own, person)["message_count"] == 1
    assert_sound(own)


def test_e10_meta_twilio_and_plain_make_the_same_lead(own, person):
    number = digits(person)
    made = write(own, person, "plain", at=T0)
    answer = own.call("POST", WHATSAPP, meta(
        text(person, "meta 1", T0 + 2 * SECOND), text(person, "meta 2", T0 + 3 * SECOND),
        names={number: "Jane Doe"}), 200, at=T0 + HOUR)
    assert answer.json() == {"success": True, "messages": 2, "created": 0, "duplicates": 0}
    for path in (TWILIO, WHATSAPP):
        answer = post_form(own, form(person, "twilio", ProfileName="Jane Roe"), path=path,
                           at=T0 + 2 * HOUR)
        assert answer.body == b"<Response/>" and answer.header("content-type") == "text/xml"
    row, = own.get(LEADS)
    assert (row["id"], row["message_count"]) == (made["id"], 5)
    assert (row["first_message"], row["last_message"]) == ("plain", "twilio")
    assert row["sender_name"] == "Jane Roe"
    texts = [one["text"] for one in detail(own, row["id"])["messages"]]
    assert texts == ["plain", "meta 1", "meta 2", "twilio", "twilio"]


def test_e10_several_people_in_one_post(svc, person):
    other, third = Person(), Person()
    write(svc, third)
    post = meta(text(person, "a"), text(other, "b"), text(third, "c"), text(person, "d"),
                names={digits(person): "Ann", digits(other): "Bea"})
    answer = svc.call("POST", WHATSAPP, post, 200)
    assert answer.json() == {"success": True, "messages": 4, "created": 2, "duplicates": 0}
    again = svc.call("POST", WHATSAPP, post, 200)
    assert again.json() == {"success": True, "messages": 4, "created": 0, "duplicates": 4}
    assert (lead_of(svc, person)["sender_name"], lead_of(svc, person)["message_count"]) == ("Ann",
                                                                                            2)
    assert lead_of(svc, other)["sender_name"] == "Bea" and lead_of(svc, third)["message_count"] == 2


@pytest.mark.parametrize("name, kind, shown", [
    ("text", "text", "Hello, I want to register"), ("text-unicode", "text", "Bonjour é à ü 😀"),
    ("image", "image", "This is a caption"), ("button", "button", "No"),
    ("interactive-button-reply", "interactive", "Yes, I confirm"),
    ("interactive-list-reply", "interactive", "Course B"),
    ("location", "location", "[location]"), ("reaction", "reaction", "👍")])
def test_e10_every_captured_post_of_meta(own, name, kind, shown):
    answer = Capture(f"whatsapp-{name}").send(own)
    assert (answer.status, answer.json()["created"]) == (200, 1)
    row, = own.get(LEADS)
    assert (row["phone_number"], row["sender_name"]) == ("+16315551234", "Kerry Fisher")
    assert row["first_message"] == shown
    message, = detail(own, row["id"])["messages"]
    assert (message["type"], message["text"], message["at"]) == (kind, shown,
                                                                 "2020-10-18T22:13:21.000Z")


def test_e10_the_captured_form_of_twilio(own):
    answer = Capture("twilio-whatsapp-text").send(own)
    assert (answer.status, answer.body) == (200, b"<Response/>")
    row, = own.get(LEADS)
    assert (row["phone_number"], row["sender_name"]) == ("+15551234567", "Jane Doe")
    assert row["first_message"] == "Hello & welcome é"


@pytest.mark.parametrize("name", ["whatsapp-status-delivered", "whatsapp-status-failed"])
def test_e12_a_status_callback_makes_no_lead_and_no_count(own, name):
    answer = Capture(name).send(own)
    assert (answer.status, answer.json()["messages"]) == (200, 0)
    assert own.get(LEADS) == [] and not own.redis.text.exists(key("CREATED"))
    metrics = own.call("GET", "/metrics").body.decode()
    assert re.search(r"^kvcrm_whatsapp_ignored_total 1$", metrics, re.M)


def test_e12_what_is_no_message_is_acknowledged(own, person):
    posts = [meta(text(person), field="history"), meta(), {"object": "whatsapp_business_account"},
             {"object": "whatsapp_business_account", "entry": [{"changes": {}}, 7]},
             meta({"type": "text"}, {"from": "null", "type": "text"}, 5),
             {"object": "whatsapp_business_account", "entry": "x"}]
    for post in posts:
        answer = own.call("POST", WHATSAPP, post, 200)
        assert answer.json() == {"success": True, "messages": 0, "created": 0, "duplicates": 0}
    for status in ("sent", "delivered", "read", "failed"):
        report = post_form(own, form(person, MessageStatus=status, SmsStatus=status))
        assert report.body == b"<Response/>"
    assert own.get(LEADS) == [] and not own.redis.text.exists(key("CREATED"))


@pytest.mark.parametrize("body, expected", [
    ({}, {"phone_number": "required", "message": "required"}),
    ({"phone_number": "+1555123456712345678901", "message": "Hi"}, {"phone_number": "length"}),
    ({"phone_number": "+15551234567", "message": ""}, {"message": "required"}),
    ({"phone_number": "+15551234567", "message": "x" * 65537}, {"message": "length"}),
    ({"phone_number": "+15551234567", "message": "Hi", "sender_name": "x" * 256},
     {"sender_name": "length"}),
    ({"phone_number": "+15551234567", "message": "Hi", "message_id": "x" * 256},
     {"message_id": "length"}),
    ({"phone_number": "+15551234567", "message": "Hi", "timestamp": "yesterday"},
     {"timestamp": "time"}),
    ({"phone_number": "hello", "message": "Hi"}, {"phone_number": "phone"}),
    ({"phone_number": "123", "message": "Hi"}, {"phone_number": "phone"}),
    ({"phone_number": ["+15551234567"], "message": "Hi"}, {"phone_number": "type"})])
def test_e14_a_plain_message_that_does_not_fit_is_refused(own, body, expected):
    assert faults(own.call("POST", WHATSAPP, body)) == expected
    assert own.get(LEADS) == []


def test_e13_a_lead_has_the_documents_members(own, person):
    write(own, person, "Hello", "Jane", at=T0)
    row, = own.get(LEADS)
    members = {"phone_number": person.phone, "sender_name": "Jane", "first_message": "Hello",
               "last_message": "Hello", "message_count": 1, "is_active": True,
               "converted_to_student": False, "student_id": None, "created_at": iso(T0),
               "updated_at": iso(T0), "last_message_time": iso(T0)}
    assert {name: row[name] for name in members} == members


def test_e14_a_long_message_comes_back_whole(svc, person):
    long = "é😀\n" * 20000
    write(svc, person, long, "n" * 255)
    made = write(svc, person, long)
    shown = detail(svc, made["id"])
    assert shown["first_message"] == shown["last_message"] == long
    assert [one["text"] for one in shown["messages"]] == [long, long]
    assert shown["sender_name"] == "n" * 255
    preview = svc.newest(made["contact_id"])["data"]
    assert preview["truncated"] is True and long.startswith(preview["text"])
    assert 4092 < len(preview["text"].encode()) <= 4096


def test_e14_provider_formats_are_never_refused_for_length(svc, person):
    other = Person()
    name, long = "é" * 300, "m" * 70000
    svc.call("POST", WHATSAPP, meta(text(person, long, message_id="i" * 400),
                                    names={digits(person): name}), 200)
    assert lead_of(svc, person)["sender_name"] == "é" * 255
    assert lead_of(svc, person)["first_message"] == "m" * 65536
    post_form(svc, form(other, long, ProfileName=name))
    assert lead_of(svc, other)["sender_name"] == "é" * 255


def test_e14_a_post_of_three_megabytes_is_taken_and_one_of_five_is_not(svc, person):
    others = [Person() for _ in range(4)]
    post = meta(text(person), *(text(one, "x" * 700000) for one in others))
    assert len(json.dumps(post)) < 3 << 20
    assert svc.call("POST", WHATSAPP, post, 200).json()["created"] == 5
    svc.call("POST", WHATSAPP, json.dumps(post).ljust(4 << 20), 200)
    svc.call("POST", WHATSAPP, json.dumps(post).ljust((4 << 20) + 1), 413)


def test_e16_ids_are_integers_that_increase(own):
    ids = [write(own, Person())["id"] for _ in range(5)]
    assert all(isinstance(one, int) for one in ids) and ids == sorted(set(ids))


def test_e18_a_hundred_messages_of_a_new_number_at_once_are_one_lead(own, person):
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: write(own, person, f"m{n}"), range(100)))
    assert len({answer["id"] for answer in answers}) == 1
    assert sum(answer["created"] for answer in answers) == 1
    assert sorted(answer["message_count"] for answer in answers) == list(range(1, 101))
    row, = own.get(LEADS)
    assert row["message_count"] == 100 and len(detail(own, row["id"])["messages"]) == 100
    assert_sound(own)


@pytest.mark.parametrize("wa_id", ["BR.13491208655302741918", "an id with blanks"])
def test_e23_a_lead_of_an_id_that_is_no_number_is_gone_for_good(own, wa_id):
    def receive():
        post = meta({"from": wa_id, "type": "text", "text": {"body": "Oi"}})
        own.call("POST", WHATSAPP, post, 200)
        return own.get(LEADS)[0]
    made = receive()
    own.call("DELETE", f"{LEADS}/{made['id']}?hard=true", expect=200)
    assert own.get(LEADS) == []
    assert not list(own.redis.text.scan_iter(match="crm_lead_window_*"))
    assert receive()["id"] == made["id"] + 1
    assert_sound(own)


def test_e28_the_detail_is_the_whole_lead_with_its_messages(svc, person):
    made = write(svc, person, "Hello", "Jane")
    shown = detail(svc, made["id"])
    assert shown["messages"][0]["text"] == "Hello"
    row = lead_of(svc, person)
    assert {name: shown[name] for name in row} == row


@pytest.mark.parametrize("reactivate", [True, False])
def test_e35_a_deactivated_lead_that_writes_is_active_again(own, person, reactivate):
    made = write(own, person, "one")
    own.redis.text.hset(key("LEAD", made["uuid"]), "is_active", "0")
    own.settings(whatsapp_reactivate=reactivate)
    write(own, person, "two")
    shown = detail(own, made["id"])
    assert shown["is_active"] is reactivate and shown["last_message"] == "two"
    assert len(shown["messages"]) == 2
    notes = own.timeline(made["contact_id"], type="whatsapp.reactivated")
    assert [note["lead_id"] for note in notes] == [made["uuid"]] * reactivate


def test_e37_the_detail_says_how_often_somebody_writes(own, person):
    for _ in range(5):
        made = write(own, person, at=T0)
    assert str(detail(own, made["id"], at=T0 + HOUR)["messages_per_day"]) == "5.00"
    assert str(detail(own, made["id"], at=T0 + 3 * DAY)["messages_per_day"]) == "1.67"


def test_e41_an_empty_redis_is_all_that_a_first_message_needs(own, person):
    assert set(own.redis.text.scan_iter()) <= {key("META"), key("WS"), key("CONTACT_SEQ")}
    assert write(own, person)["id"] == 1
    assert_sound(own)


def test_e42_the_seeds_own_test(own, person):
    write(own, person, "Hello", "Jane", at=T0)
    row, = own.get(LEADS)
    assert (row["phone_number"], row["message_count"]) == (person.phone, 1)
    for n in range(2, 5):
        write(own, person, f"message {n}", at=T0 + n * HOUR)
        row, = own.get(LEADS)
        assert (row["message_count"], row["last_message"]) == (n, f"message {n}")
        assert row["updated_at"] == row["last_message_time"] == iso(T0 + n * HOUR)


def test_e43_a_code_or_an_advertisement_is_the_leads_campaign(svc):
    coded, ad, both, late = (Person() for _ in range(4))
    write(svc, coded, "#spring-25 Hello")
    referral = {"source_type": "ad", "source_id": "120210", "source_url": "https://fb.example/1"}
    svc.call("POST", WHATSAPP, meta(text(ad, referral=referral)), 200)
    svc.call("POST", WHATSAPP, meta(text(both, "#x Hi", referral=referral)), 200)
    write(svc, late, "Hello")
    write(svc, late, "#late")
    found = [(row["utm_source"], row["utm_campaign"])
             for row in (lead_of(svc, one) for one in (coded, ad, both, late))]
    assert found == [(None, "spring-25"), ("whatsapp_ad", "120210"), ("whatsapp_ad", "120210"),
                     (None, None)]


def test_x02_an_id_that_is_no_number_finds_its_contact_by_itself(own):
    post = meta({"from": "BR.13491208655302741918", "id": "w1", "type": "text",
                 "text": {"body": "Oi"}}, names={"BR.13491208655302741918": "Bia"})
    own.call("POST", WHATSAPP, post, 200)
    post["entry"][0]["changes"][0]["value"]["messages"][0]["id"] = "w2"
    own.call("POST", WHATSAPP, post, 200)
    row, = own.get(LEADS)
    assert (row["phone_number"], row["sender_name"], row["message_count"]) == (None, "Bia", 2)
    contact = own.contact(row["contact_id"])
    assert (contact["whatsapp_id"], contact["phone"], contact["temp_email"]) == (
        "BR.13491208655302741918", None, None)
    assert own.list(f"/v1/contacts/{row['contact_id']}/identities") == [
        {"kind": "whatsapp_id", "value": "BR.13491208655302741918", "current": True}]
    assert own.redis.text.get(key("CONTACT_WA", "BR.13491208655302741918")) == row["contact_id"]
    assert_sound(own)


def test_a_message_is_in_the_change_stream_and_in_the_metrics(own, person):
    position = own.call("GET", "/v1/contacts").header("x-change-id")
    made = write(own, person, message_id="m1")
    write(own, person, message_id="m1")
    write(own, person)
    stream = own.redis.text.xrange(key("FEED"), "(" + position if position else "-")
    assert [(entry["t"], entry["l"]) for _, entry in stream] == [
        (kind, made["uuid"]) for kind in ("lead.created", "message.received", "message.received")]
    metrics = own.call("GET", "/metrics").body.decode()
    for outcome, count in (("lead", 1), ("message", 1), ("registered", 0), ("duplicate", 1)):
        assert f'kvcrm_whatsapp_messages_total{{outcome="{outcome}"}} {count}\n' in metrics


def test_an_idempotency_key_counts_for_a_plain_message(svc, person):
    headers = {"Idempotency-Key": person.id}
    answers = [svc.call("POST", WHATSAPP, plain(person), 200, headers=headers) for _ in range(3)]
    assert len({answer.body for answer in answers}) == 1
    assert answers[1].header("idempotent-replayed") == "true"
    svc.call("POST", WHATSAPP, plain(person, "other"), 422, headers=headers)
    assert lead_of(svc, person)["message_count"] == 1


def test_a_message_of_somebody_the_booking_form_knows_is_that_contacts(svc, person):
    booked = svc.call("POST", "/api/bookings", {"clientName": person.name,
                                                "clientPhone": person.phone}, 201).json()
    made = write(svc, person)
    assert made["contact_id"] == booked["contact_id"] and made["id"] != booked["id"]
    assert [row["source"] for row in leads_of(svc, person)] == ["WhatsApp", "Booking Form"]
    assert detail(svc, booked["id"])["messages"] == []


def test_messages_of_merged_contacts_are_parted_again(own):
    one, two = Person(), Person()
    first, second = write(own, one, "a"), write(own, two, "b")
    merge = own.call("POST", "/v1/merges", {"winner": first["contact_id"],
                                            "loser": second["contact_id"]}, 201).json()
    write(own, two, "c")
    assert [m["text"] for m in detail(own, second["id"])["messages"]] == ["b", "c"]
    assert own.contact(second["contact_id"])["id"] == first["contact_id"]
    assert own.contact(first["contact_id"])["message_count"] == 3
    own.call("POST", f"/v1/merges/{merge['id']}/undo", expect=200)
    assert [m["text"] for m in detail(own, second["id"])["messages"]] == ["b", "c"]
    assert [own.contact(made["contact_id"])["message_count"] for made in (first, second)] == [1, 2]
    assert_sound(own)


def test_when_redis_is_away_nobody_is_told_that_a_message_was_taken(make_own, person):
    api = make_own("--redis-deadline", "100")
    api.redis.freeze()
    try:
        answers = [api.call("POST", WHATSAPP, meta(text(person))),
                   api.call("POST", WHATSAPP, plain(person)), post_form(api, form(person), 503)]
    finally:
        api.redis.thaw()
    assert {answer.status for answer in answers} == {503}
    assert all(answer.header("retry-after") for answer in answers)


def test_the_challenge_is_never_taken_from_a_path_without_verification(svc):
    answer = svc.call("GET", TWILIO + "?hub.challenge=" + quote("1"))
    assert (answer.status, answer.header("allow")) == (405, "POST, OPTIONS")
