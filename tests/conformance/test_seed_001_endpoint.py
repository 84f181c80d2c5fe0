"""Rows B-01 … B-05, B-54, B-56 … B-58, B-64, B-65 of the acceptance list: what the endpoint takes.

SPDX-License-Identifier: MIT
"""
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from support.api import TRACK, Api, Person
from support.poll import until
from support.seed_001 import EVENT_TYPES, SAMPLE
from support.service import run

CONTACT_ID = re.compile(r"^contact_[0-9a-hjkmnp-tv-z]{13}$")
PATHS = (TRACK, "/functions/v1/make-server-b43c05fb/track-event", "/v1/track-event")


def test_b01_the_sample_request_of_the_document(svc):
    answer = svc.call("POST", TRACK, SAMPLE)
    assert answer.status == 200
    assert answer.header("content-type") == "application/json"
    body = answer.json()
    assert body["success"] is True
    assert CONTACT_ID.match(body["contact_id"])
    assert body["message"] == "Event tracked successfully"


def test_b02_all_members_are_taken_and_unknown_ones_come_back(svc, person):
    data = ('{"vehicle_id":"car_789", "total_amount":450.10,\t"n":1e3,"deep":{"a":[1,2.50,null]},'
            '"é":"\\u00e9"}')
    answer = svc.call("POST", TRACK, f'''{{"event_type":"vehicle.viewed",
        "customer":{{"id":"{person.id}","email":"{person.email}","name":"{person.name}",
                     "phone":"{person.phone}","plan":"gold"}},
        "event_data":{data},
        "session":{{"session_id":"sess_abc123","device":"mobile","browser":"Chrome","lang":"de"}},
        "campaign":{{"name":"spring"}}}}''', expect=200)
    contact_id = answer.json()["contact_id"]
    assert svc.contact(contact_id)["traits"]["plan"] == "gold"
    raw = svc.call("GET", f"/v1/contacts/{contact_id}/timeline").body.decode()
    assert f'"data":{data}' in raw, "event_data comes back byte for byte"
    activity = svc.newest(contact_id)
    assert activity["session"] == {"session_id": "sess_abc123", "device": "mobile",
                                   "browser": "Chrome", "lang": "de"}
    assert activity["extra"]["campaign"] == {"name": "spring"}


@pytest.mark.parametrize("path", PATHS)
def test_b03_the_same_request_works_under_every_path(svc, path):
    who = Person()
    first = svc.event("page.viewed", who, path=path)
    assert CONTACT_ID.match(first["contact_id"])
    assert svc.event("page.viewed", who)["contact_id"] == first["contact_id"]


def test_b03_any_make_server_name_and_a_named_function(make_own):
    api = make_own("--function-name", "crm-events")
    for path in ("/crm-events/track-event", "/functions/v1/crm-events/track-event",
                 "/make-server-0a1b2c3d/track-event"):
        assert api.event("page.viewed", Person(), path=path)["success"] is True
    for path in ("/make-server-b43c05fb/health", "/functions/v1/make-server-b43c05fb/health",
                 "/crm-events/health"):
        assert api.get(path) == {"status": "ok"}


def test_b03_without_the_option_no_other_function_name_is_served(svc):
    assert svc.call("POST", "/crm-events/track-event", SAMPLE).status == 404


@pytest.mark.parametrize("event_type", [
    "absent", "null", '""', '"   "', "5", "true", "{}", '["page.viewed"]', '"1st.event"', '"a/b"',
    '"page\\tviewed"', '"<b>"', '"naïve"', '"a,b"', '"' + "x" * 65 + '"'])
def test_b04_a_faulty_event_type_is_named_and_nothing_is_written(svc, person, event_type):
    member = "" if event_type == "absent" else f'"event_type":{event_type},'
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, f'{{{member}"customer":{{"email":"{person.email}"}}}}')
    assert answer.status == 422
    body = answer.json()
    assert [fault["field"] for fault in body["errors"]] == ["event_type"]
    assert body["success"] is False and isinstance(body["error"], str) and body["error"]
    assert svc.redis.dump() == before


@pytest.mark.parametrize("broken", ["{", '{"event_type":"page.viewed"', "{'event_type':1}",
                                    '{"event_type":NaN}', "[1,]", "{}{}"])
def test_b04_broken_json_is_400_and_nothing_is_written(svc, broken):
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, broken)
    assert answer.status == 400
    assert answer.json()["code"] == "bad_json"
    assert isinstance(answer.json()["error"], str)
    assert svc.redis.dump() == before


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_b05_each_of_the_16_types_gives_one_activity_of_its_type(svc, person, event_type):
    contact_id = svc.event(event_type, person, {"page": "/"})["contact_id"]
    assert [a["type"] for a in svc.timeline(contact_id)] == [event_type]


@pytest.mark.parametrize("alias, event_type", [
    ("form.submission", "form.submitted"), ("chat.message_sent", "chat.message"),
    ("chat.sent", "chat.message"), ("Signed Up", "customer.created"),
    ("Logged In", "customer.login"), ("Products Searched", "search.performed"),
    ("Product Viewed", "vehicle.viewed"), ("Checkout Started", "booking.started"),
    ("Checkout Step Completed", "booking.step_completed"), ("Order Completed", "booking.completed"),
    ("Payment Info Entered", "payment.attempted"), ("Booking Completed", "booking.completed"),
    ("BOOKING_COMPLETED", "booking.completed")])
def test_b05_other_spellings_give_the_built_in_type(svc, person, alias, event_type):
    contact_id = svc.event(alias, person)["contact_id"]
    assert [a["type"] for a in svc.timeline(contact_id)] == [event_type]


def test_b05_an_unknown_type_is_a_timeline_entry_and_nothing_else(svc, person):
    contact_id = svc.event("customer.created", person)["contact_id"]
    before = svc.contact(contact_id)
    svc.event("loyalty.joined", person, {"tier": "gold"})
    svc.event("Joined The Club", person)
    assert [a["type"] for a in svc.timeline(contact_id)] == [
        "Joined_The_Club", "loyalty.joined", "customer.created"]
    after = svc.contact(contact_id)
    moved = {name for name in after if after[name] != before[name]}
    assert moved <= {"last_activity", "last_action", "updated_at", "activity_count", "version"}
    assert svc.tasks(contact_id) == []


def test_b05_strict_events_refuses_unknown_types(own, person):
    own.settings(strict_events=True)
    before = own.redis.dump()
    body = own.event("loyalty.joined", person, expect=422)
    faults = [(fault["field"], fault["code"]) for fault in body["errors"]]
    assert faults == [("event_type", "unknown_event_type")]
    assert own.redis.dump() == before
    assert own.event("form.submission", person)["success"] is True
    own.settings(strict_events=False)
    assert own.event("loyalty.joined", person)["success"] is True


BLANK = {"id": "  ", "email": "", "phone": None, "name": "John Doe"}


@pytest.mark.parametrize("customer", [None, {}, {"name": "John Doe"}, BLANK,
                                      {"id": None, "email": None, "phone": None}])
@pytest.mark.parametrize("session", [None, {"session_id": "sess_abc123"}])
def test_b54_without_identity_the_event_is_ignored(svc, customer, session):
    before = svc.redis.dump()
    body = svc.event("booking.completed", customer, {"total_amount": 450}, session=session,
                     expect=202)
    assert body["success"] is True and body["ignored"] == "anonymous"
    assert "contact_id" in body and body["contact_id"] is None
    assert svc.redis.dump() == before


def test_b54_a_customer_of_null_is_anonymous(svc):
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, '{"event_type":"page.viewed","customer":null}', expect=202)
    assert answer.json()["ignored"] == "anonymous"
    assert svc.redis.dump() == before


def test_b56_the_log_has_one_line_per_event_and_no_personal_data(make_own):
    api = make_own()
    secrets = ["Wilhelmina", "Featherstonehaugh", "wilhelmina.f@corp.example", "5558675309"]
    customer = {"id": "u-b56", "name": "Wilhelmina Featherstonehaugh",
                "email": "wilhelmina.f@corp.example", "phone": "+15558675309"}
    for _ in range(3):
        api.event("booking.completed", customer, {"note": "Wilhelmina"})
    api.event("vehicle.viewed", customer)
    api.event("nonsense/type", customer, expect=422)
    api.call("GET", "/v1/contacts/lookup?email=wilhelmina.f%40corp.example", expect=200)

    def lines(words):
        return [line for line in api.service.log_text().splitlines() if words in line]

    until("all events are in the log", lambda: len(lines("Received event: ")) >= 4)
    api.service.stop()
    assert len(lines("Received event: booking.completed")) == 3
    assert len(lines("Received event: vehicle.viewed")) == 1
    assert len(lines("Received event: ")) == 4
    log = api.service.log_text().lower()
    assert [secret for secret in secrets if secret.lower() in log] == []


def test_b57_an_empty_redis_and_no_options_serve_all_types(make_redis, make_service):
    redis_server = make_redis()
    assert redis_server.text.dbsize() == 0
    api = Api(make_service(redis_server.url, test_clock=False), redis_server)
    for event_type in EVENT_TYPES:
        who = Person()
        contact_id = api.event(event_type, who)["contact_id"]
        assert [a["type"] for a in api.timeline(contact_id)] == [event_type]


def test_b57_without_a_redis_url_it_brings_its_own(make_service):
    service = make_service(None, test_clock=False)
    api = Api(service, None)
    person = Person()
    contact_id = api.event("booking.completed", person, {"total_amount": 12.5})["contact_id"]
    found = list(Path(service.directory).rglob("*.sock"))
    assert len(found) == 1, "a socket in the data directory"
    code, output, errors = run("fsck", "--data-dir", str(found[0].parent))
    assert code == 0 and "1 contacts" in output and " 0 faults" in output, output + errors
    service.stop()
    until("its redis-server is gone", lambda: not answers(found[0]))
    service.start()
    assert api.lookup(email=person.email)["id"] == contact_id, "kept over a restart"
    assert str(api.contact(contact_id)["total_revenue"]) == "12.50"


def answers(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return path.exists() and probe.connect_ex(str(path)) == 0


def test_b58_each_activity_has_the_session_as_sent(svc, person):
    sessions = [{"session_id": "sess_abc123", "device": "mobile", "browser": "Chrome"},
                {"session_id": "sess_1699_x9", "device": "desktop", "browser": "Firefox"}]
    for session in sessions:
        contact_id = svc.event("page.viewed", person, session=session)["contact_id"]
    assert [a["session"] for a in svc.timeline(contact_id)] == sessions[::-1]


def test_b58_an_address_in_the_session_is_dropped(svc, person):
    session = {"session_id": "s", "device": "tablet", "browser": "Edge",
               "ip_address": "203.0.113.77"}
    contact_id = svc.event("page.viewed", person, session=session)["contact_id"]
    del session["ip_address"]
    assert svc.newest(contact_id)["session"] == session
    assert not any(b"203.0.113.77" in value for value in svc.redis.dump().values())


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_b64_curl_with_only_the_fields_of_the_document_works_without_a_key(svc):
    done = subprocess.run(
        ["curl", "-sS", "-X", "POST", f"http://127.0.0.1:{svc.service.port}{TRACK}", "-d", SAMPLE,
         "-w", "\n%{http_code}"], capture_output=True, text=True, timeout=20, check=True)
    body, code = done.stdout.rsplit("\n", 1)
    assert code == "200"
    assert '"success":true' in body and '"message":"Event tracked successfully"' in body


def test_b64_whatever_key_is_sent_does_not_matter_in_development_mode(svc, person):
    for headers in ({"Authorization": "Bearer anon"}, {"apikey": "anon"},
                    {"Authorization": "Basic YW5vbjo="}):
        assert svc.event("page.viewed", person, headers=headers)["success"] is True


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
@pytest.mark.parametrize("options", [(), ("--test-clock",)])
def test_b64_without_keys_a_public_listener_refuses_to_start(make_redis, address, options):
    redis_server = make_redis()
    code, _, log = run("serve", "--listen", address, "--redis", redis_server.url, *options)
    assert code not in (0, -6, -11)
    assert re.search(r"loopback", log), log
    assert "listening" not in log
    assert redis_server.text.dbsize() == 0


def test_b65_the_preflight_allows_the_four_headers(svc):
    for path in PATHS:
        answer = svc.call("OPTIONS", path, headers={
            "Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "apikey,authorization,content-type,x-client-info"})
        assert answer.status == 204 and answer.body == b""
        assert answer.header("access-control-allow-origin") == "https://shop.example"
        allowed = answer.header("access-control-allow-headers").replace(" ", "").split(",")
        assert sorted(allowed) == ["apikey", "authorization", "content-type", "x-client-info"]
