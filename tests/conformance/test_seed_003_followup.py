"""Rows D-26, D-27, D-29 to D-35, D-41 to D-43, D-50 of the acceptance list: what a failed booking
sets off, what is written to the person, and what the log says of it.

SPDX-License-Identifier: MIT
"""
import itertools
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from support.api import Api, Person
from support.keys import key
from support.monitor import Monitor, offences
from support.poll import until
from support.seed_000 import faults
from support.seed_003 import LEADS, MESSAGES, contacts_of, fail, raw, structure
from support.stored import assert_sound, stored
from support.times import DAY, HOUR, T0, iso

NOW = T0  # 2025-11-13, four days before the document's example


def reply_of(api, lead, **query):
    return api.get(f"{LEADS}/{lead['id']}/reply", at=NOW, **query)


def john(**form):
    """Somebody with the document's name, as the raw form."""
    person = Person()
    person.name = "John Doe"
    return person, raw(person, form=form)


def test_d26_an_alert_is_raised_with_the_lead(own, person):
    made = fail(own, structure(person), at=T0)
    alert = own.hash("ALERT", made["alert_id"])
    expected = {"kind": "failed_booking", "severity": "high", "lead_id": made["id"],
                "title": "Failed booking: slot_unavailable", "contact_id": made["contact_id"],
                "task_id": made["task_id"], "created_at": str(T0), "due": str(T0 + 300_000)}
    assert {name: alert.get(name) for name in expected} == expected
    due = key("ALERT_OPEN")
    assert own.redis.text.zrange(due, 0, -1, withscores=True) == [(made["alert_id"], T0 + 300_000)]
    own.call("PATCH", "/v1/settings", {"alert_escalation_s": 60}, 200)
    soon = fail(own, structure(Person()), at=T0)
    assert own.redis.text.zscore(due, soon["alert_id"]) == T0 + 60_000
    assert_sound(own)


def test_d27_a_call_is_due_within_the_hour(svc, person):
    made = fail(svc, structure(person), at=T0)
    task = svc.get(f"/v1/tasks/{made['task_id']}")
    expected = {"kind": "failed_booking", "title": "Call or text - Failed Booking",
                "note": "Offer alternative dates or times", "priority": "urgent", "queue": "sales",
                "status": "open", "due_at": iso(T0 + HOUR), "lead_id": made["id"],
                "contact_id": made["contact_id"]}
    assert {name: task[name] for name in expected} == expected
    assert svc.get(f"{LEADS}/{made['id']}")["tasks"] == [task]


def test_d29_without_slots_there_are_neighbours_and_never_the_failed_one(svc):
    for error, form in itertools.product(
            ("Slot already booked", "That date is gone", "Boom"),
            ({}, {"preferred_time": "9PM"}, {"preferred_time": "5PM"}, {"preferred_time": None},
             {"preferred_date": "2025-11-11"}, {"preferred_date": "2025-11-01"})):
        _, body = john(**form)
        offered = fail(svc, {**body, "error": error}, at=NOW)["alternatives"]
        assert 3 <= len(offered) <= 5, form
        failed = (body["form"]["preferred_date"], body["form"].get("preferred_time"))
        for one in offered:
            assert one["confirmed"] is False and one["spots"] is None
            assert (one["date"], one["time"]) != failed
            assert one["date"] >= "2025-11-11", "nothing that is past"
            if error == "That date is gone":
                assert one["date"] != failed[0]


SLOT_TEXT = """Hi John Doe,

Thanks for trying to book with My Hibachi! That time slot was just taken, 
but we have these alternatives on November 15, 2025:

• 3:00 PM - 5:00 PM
• 9:00 PM - 11:00 PM
• 12:00 PM - 2:00 PM

Or we have full availability on November 14, 2025, November 16, 2025.

Can we get you booked for one of these?

Reply YES + preferred time, or call +1 555 000 0000.

- My Hibachi Team"""

DATE_TEXT = """Hi John Doe,

We just got your booking request for November 15, 2025. Unfortunately, that date 
is fully booked, but we have great availability:

• November 16, 2025 - All time slots open
• November 17, 2025 - All time slots open  
• November 22, 2025 - Prime evening slots

Same great hibachi experience, just a slightly different date!

Which works best for your 10 guests?

- My Hibachi Team"""

GENERAL_TEXT = """Hi John Doe,

We received your booking request but encountered a technical issue. 
No worries - we're here to help!

Your details:
• Date: November 15, 2025
• Time: 6PM  
• Guests: 10
• Location: Beverly Hills, CA

I'm confirming availability now. Can I give you a call at {phone} 
to finalize your booking?

- My Hibachi Team"""


def test_d31_d32_d33_the_templates_are_the_documents_texts(own):
    own.call("PATCH", "/v1/settings", {"brand_phone": "+1 555 000 0000"}, 200)
    person, body = john()
    made = fail(own, body, at=NOW)
    assert reply_of(own, made, template="slot")["text"] == SLOT_TEXT
    assert reply_of(own, made, template="date")["text"] == DATE_TEXT
    assert reply_of(own, made, template="general")["text"] == GENERAL_TEXT.format(
        phone=person.phone)
    assert reply_of(own, made, template="slot")["alternatives"] == made["alternatives"]


def test_d33_the_documents_own_structure_tells_the_place_in_its_notes(svc, person):
    made = fail(svc, structure(person), at=NOW)
    assert "• Location: Beverly Hills, CA\n" in reply_of(svc, made, template="general")["text"]


@pytest.mark.parametrize("reason, template", [
    ("slot_unavailable", "slot_unavailable"), ("date_unavailable", "date_unavailable"),
    ("booking_failed", "general_failure"), ("booking_error", "general_failure")])
def test_d34_auto_follows_the_reason(svc, person, reason, template):
    made = fail(svc, raw(person, failure_reason=reason))
    assert reply_of(svc, made)["template"] == template
    assert reply_of(svc, made, template="auto")["template"] == template
    assert reply_of(svc, made, template=template)["template"] == template


def test_d30_no_placeholder_is_left_whatever_is_missing(svc):
    every = ("name", "preferred_date", "preferred_time", "guest_count", "address", "city", "state",
             "zip_code", "email")
    for missing in ((), *((one,) for one in every), every[:4], every[4:8], every):
        person = Person()
        made = fail(svc, raw(person, form={name: None for name in missing}), at=NOW)
        for template in ("slot", "date", "general"):
            reply = reply_of(svc, made, template=template)
            for text in (reply["text"], reply["subject"]):
                assert "[" not in text and "]" not in text, (missing, template, text)
                assert "None" not in text and "null" not in text
    assert reply_of(svc, made, template="general")["text"].startswith("Hi there,")


def test_d35_settings_change_the_texts(own):
    own.call("PATCH", "/v1/settings", {"brand": "Beach Grill", "brand_phone": "555-0100"}, 200)
    _, body = john()
    made = fail(own, body, at=NOW)
    text = reply_of(own, made, template="slot")["text"]
    assert "book with Beach Grill!" in text and text.endswith("- Beach Grill Team")
    assert "or call 555-0100." in text and "My Hibachi" not in text


def test_the_links_open_the_text_in_the_leads_channels(svc):
    person, body = john()
    made = fail(svc, body, at=NOW)
    reply = reply_of(svc, made)
    links = reply["links"]
    number = person.phone[1:]
    assert reply["channel"] == "sms" and reply["opted_out"] is False
    assert links["sms"].startswith(f"sms:+{number}?body=")
    assert unquote(links["sms"].split("body=")[1]) == reply["text"]
    mail = urlsplit(links["email"])
    asked = parse_qs(mail.query)
    assert mail.path == person.email and asked["subject"] == [reply["subject"]]
    assert asked["body"][0].replace("\r\n", "\n") == reply["text"]
    assert links["whatsapp"].startswith(f"https://wa.me/{number}?text=")
    only_mail = fail(svc, raw(Person(), form={"phone": None}), at=NOW)
    reply = reply_of(svc, only_mail)
    assert reply["channel"] == "email"
    assert reply["links"]["sms"] is None and reply["links"]["whatsapp"] is None
    assert reply["subject"] == "Your booking request for November 15, 2025"


def test_a_reply_that_cannot_be_is_refused_by_field(svc, person):
    made = fail(svc, structure(person))
    path = f"{LEADS}/{made['id']}/reply"
    assert faults(svc.call("GET", path + "?template=poem")) == {"template": "enum"}
    assert faults(svc.call("GET", path + "?channel=pigeon")) == {"channel": "enum"}
    svc.call("GET", f"{LEADS}/0/reply", expect=404)


# Who cannot be reached ---------------------------------------------------------------------------


def test_d50_without_phone_and_e_mail_it_is_counted_and_not_a_lead(own):
    body = raw(Person(), form={"phone": None, "email": None})
    answer = own.call("POST", LEADS, body, 202, at=T0).json()
    assert answer == {"success": True, "id": None, "ignored": "no_contact",
                      "user_message": MESSAGES["slot_unavailable"], "warnings": []}
    assert own.get(LEADS)["data"] == []
    counters = own.redis.text.hgetall(key("FAIL", iso(T0)[:10].replace("-", "")))
    assert counters == {"failures": "1", "slot_unavailable": "1"}
    fail(own, structure(Person()), at=T0)
    counters = own.redis.text.hgetall(key("FAIL", iso(T0)[:10].replace("-", "")))
    assert (counters["failures"], counters["captured"]) == ("2", "1")


def test_d50_a_repeated_call_is_counted_once(own):
    body = {**raw(Person(), form={"phone": None, "email": None}), "event_id": "nobody-1"}
    for _ in range(2):
        own.call("POST", LEADS, body, 202, at=T0)
    assert own.redis.text.hget(key("FAIL", "20251111"), "failures") == "1"


# The log -----------------------------------------------------------------------------------------


@pytest.fixture
def logged(make_service, make_redis):
    """A service over a Redis that may be killed, and its log's lines with some words."""
    server = make_redis()
    api = Api(make_service(server.url), server)

    def lines(words):
        return [line for line in api.service.log_text().splitlines() if words in line]

    return api, lines


def test_d41_the_log_says_what_became_of_it(logged):
    api, lines = logged
    fail(api, structure(Person()))
    good = "Failed booking lead captured successfully"
    until("the capture is in the log", lambda: lines(good))
    line, = lines(good)
    assert "level=info" in line
    api.call("POST", LEADS, structure(Person(), preferred_date="soon"), 422)
    api.call("POST", LEADS, '{"source":"BOOKING_FAILED",', 400)
    refused = "Failed to capture booking failure lead"
    until("the refusals are in the log", lambda: len(lines(refused)) == 2)
    first, second = lines(refused)
    assert "level=warn" in first and "status=422" in first and "status=400" in second
    api.call("POST", LEADS, {"source": "Trade fair"}, 422)
    api.redis.kill()
    answer = api.call("POST", LEADS, structure(Person()))
    assert answer.status == 503
    failed = "Error capturing failed booking lead"
    until("the failure is in the log", lambda: lines(failed))
    assert "level=error" in lines(failed)[0] and "status=503" in lines(failed)[0]
    assert len(lines(refused)) == 2, "another source is not a failed booking"


def test_d42_the_log_has_no_personal_data(logged):
    of_no_call_that_is_taken_or_refused(logged, "no slot")


def test_d43_the_log_has_no_error_details(logged):
    of_no_call_that_is_taken_or_refused(logged, "no slot, 123 Main St\n  at submit (form.js:3)")


def of_no_call_that_is_taken_or_refused(logged, words):
    """The log has nothing of what is in a call."""
    api, lines = logged
    person = Person()
    error = f"{person.name} <{person.email}>, {person.phone}: {words}"
    fail(api, raw(person, error))
    api.call("POST", LEADS, raw(person, error, form={"preferred_date": "soon"}), 422)
    api.call("POST", LEADS, raw(person, error, failure_reason=person.email), 422)
    until("the calls are in the log", lambda: lines("Failed to capture"))
    text = api.service.log_text().lower()
    for secret in (person.name, person.email, person.phone, person.phone[1:], "123 main st",
                   "no slot", "form.js"):
        assert secret.lower() not in text
    assert person.email.encode() in stored(api.redis), "the search sees what is there"


# Lists -------------------------------------------------------------------------------------------


def test_lists_find_leads_by_what_they_are(own):
    """Rows D-40, E-15: by source, status, quality, reason, and by several of them."""
    made, at = {}, T0
    for reason in ("slot_unavailable", "date_unavailable", "booking_failed", "slot_unavailable"):
        made.setdefault(reason, []).insert(
            0, fail(own, raw(Person(), failure_reason=reason), at=at)["id"])
        at += 1000
    fair = fail(own, {"source": "Trade fair", "contacts": contacts_of(Person())}, at=at)["id"]

    def ids(**query):
        return [one["id"] for one in own.get(LEADS, **query)["data"]]

    slots, dates, others = (made[reason] for reason in ("slot_unavailable", "date_unavailable",
                                                        "booking_failed"))
    assert ids(reason="slot_unavailable") == slots
    assert ids(source="booking_failed") == [slots[0], *others, *dates, slots[1]]
    assert ids(source="TRADE FAIR") == ids(quality="WARM") == [fair]
    assert ids(status="NEW") == ids() == [fair, slots[0], *others, *dates, slots[1]]
    assert ids(quality="hot", reason="date_unavailable") == dates
    assert ids(source="Trade fair", quality="hot") == []
    assert ids(score_min=60, sort="created_at", limit=2) == [slots[1], *dates]
    assert ids(created_after=iso(T0 + 1000), created_before=iso(T0 + 3000)) == [*others, *dates]
    assert ids(sort="-score")[-1] == fair and ids(sort="score")[0] == fair
    assert ids(sort="-priority")[-1] == fair
    assert ids(contacted="false", active="true", converted="none") == ids()
    for name, value in (("reason", "because"), ("quality", "lukewarm"), ("status", "odd"),
                        ("sort", "-size"), ("active", "perhaps"), ("score_min", "200"),
                        ("created_after", "soon"), ("reference", "7"), ("contact_id", "7")):
        assert list(faults(own.call("GET", f"{LEADS}?{name}={value}"))) == [name]


def test_pages_of_a_filtered_list_are_complete_and_in_order(own):
    made = []
    for n in range(23):
        reason = ("slot_unavailable", "booking_failed")[n % 2]
        made.append((fail(own, raw(Person(), failure_reason=reason), at=T0 + n)["id"], reason))
    for query in ({}, {"reason": "booking_failed"}, {"reason": "booking_failed", "quality": "HOT"},
                  {"score_max": 90, "reason": "slot_unavailable", "sort": "created_at"}):
        wanted = [lead for lead, reason in made if query.get("reason") in (None, reason)]
        if query.get("sort") is None:
            wanted.reverse()
        found = [one["id"] for page in own.pages(LEADS, limit=4, **query) for one in page["data"]]
        assert found == wanted


def test_d40_a_list_asks_redis_for_no_more_with_more_leads(own):
    """The same commands, none of which asks for more entries, whatever the list holds; how long it
    takes is bench/lists' to say."""
    def costs(query):
        with Monitor(own.redis) as monitor:
            own.get(LEADS, limit=10, **query)
        asked = [words for who, words in monitor.commands if who == "lua"]
        assert offences(asked) == []
        ranges = [tuple(words[2:]) for words in asked if words[0].upper() == "ZRANGE"]
        return sorted(words[0].upper() for words in asked), ranges

    queries = ({"source": "BOOKING_FAILED"}, {"status": "NEW"}, {"quality": "HOT"},
               {"reason": "slot_unavailable"})
    for _ in range(30):
        fail(own, structure(Person()))
    few = [costs(query) for query in queries]
    for _ in range(300):
        fail(own, structure(Person()))
    assert [costs(query) for query in queries] == few


def test_windows_are_judged_by_the_services_clock(own, person):
    first = fail(own, structure(person), at=T0)
    assert fail(own, structure(person), 200, at=T0 + DAY - 1)["id"] == first["id"]
    own.call("PATCH", "/v1/settings", {"dedupe_window_mode": "sliding"}, 200)
    assert fail(own, structure(person), 200, at=T0 + DAY + HOUR)["id"] == first["id"]


def test_the_rules_disagree_whichever_decides(own):
    for classifier in ("literal", "refined"):
        own.call("PATCH", "/v1/settings", {"classifier": classifier}, 200)
        fail(own, raw(Person(), "Request timeout"), at=T0)
        fail(own, raw(Person(), "Slot already booked"), at=T0)
    report = own.get("/v1/analytics/recovery", **{"from": "2025-11-01", "to": "2025-12-01"})
    assert report["classifier"] == {"mode": "refined", "disagreements": 2}
    assert report["failures"]["slot_unavailable"] == 3
    assert report["failures"]["booking_error"] == 1
