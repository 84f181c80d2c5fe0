"""Rows X-06, X-07, X-09, X-10 of the acceptance list, for the endpoints there are.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import TRACK, Person
from support.keys import key
from support.monitor import Monitor, is_bounded_range, offences
from support.seed_000 import LEADS, STEP_1, STEP_2, Visitor, contact_of, decide
from support.seed_001 import EVENT_TYPES, run_of_the_document
from support.seed_004 import bulk, convert, new_lead, put_aside, stats
from support.times import HOUR, MINUTE, SECOND, T0, iso, ms

TRACK_PATHS = (TRACK, "/functions/v1/make-server-b43c05fb/track-event", "/v1/track-event")


def test_x06_all_times_are_rfc_3339_utc_with_ms(svc, person):
    """Client.call checks each time of each answer of every test; this one, that they are there."""
    answer = svc.event("booking.abandoned", person, at=T0, occurred_at="2025-11-11T10:30:00+02:00")
    contact = svc.contact(answer["contact_id"])
    for name in ("created_at", "updated_at", "last_activity"):
        ms(contact[name])
    assert contact["last_activity"] == "2025-11-11T08:30:00.000Z"
    task = svc.get(f"/v1/tasks/{answer['task_id']}")
    for name in ("created_at", "due_at"):
        ms(task[name])
    svc.event("booking.completed", person, {"total_amount": 1})
    ms(svc.get(f"/v1/tasks/{answer['task_id']}")["completed_at"])
    overview = svc.get("/v1/analytics/overview")
    for name in ("from", "to"):
        ms(overview[name])


@pytest.mark.parametrize("given, kept", [
    ("2025-11-11T09:59:59.999Z", "2025-11-11T09:59:59.999Z"),
    ("2025-11-11T09:59:59Z", "2025-11-11T09:59:59.000Z"),
    ("2025-11-11T11:59:59.5+02:00", "2025-11-11T09:59:59.500Z"),
    ("2025-11-11T04:29:59.123456-05:30", "2025-11-11T09:59:59.123Z"),
    (1762855199999, "2025-11-11T09:59:59.999Z"),
    ("2024-02-29T23:59:59.000Z", "2024-02-29T23:59:59.000Z")])
def test_x06_both_times_are_kept_and_the_event_time_has_any_offset(svc, person, given, kept):
    contact_id = svc.event("page.viewed", person, at=T0, occurred_at=given)["contact_id"]
    activity = svc.newest(contact_id)
    assert activity["occurred_at"] == kept
    assert 0 <= ms(activity["received_at"]) - T0 < MINUTE


def test_x06_due_times_and_windows_follow_the_time_of_receipt(svc, person):
    answer = svc.event("payment.failed", person, at=T0, occurred_at=iso(T0 - 5 * HOUR),
                       event_id=person.id)
    received = ms(svc.newest(answer["contact_id"])["received_at"])
    assert svc.get(f"/v1/tasks/{answer['task_id']}")["due_at"] == iso(received + 4 * HOUR)
    again = svc.event("payment.failed", person, at=T0 + 23 * HOUR, event_id=person.id)
    assert again == answer, "an event id is remembered for 24 hours"


# --- repetition --------------------------------------------------------------------------

def write(api, path, headers, variant=0, person=None):
    """One call of a write endpoint; variant makes another payload."""
    if path == "/v1/settings":
        return api.call("PATCH", path, {"currency": ("USD", "EUR")[variant]}, headers=headers)
    body = {"event_type": "booking.completed", "customer": person.customer(),
            "event_data": {"total_amount": 10 + variant}}
    return api.call("POST", path, body, headers=headers)


def same(answers):
    return {(answer.status, answer.body) for answer in answers}


@pytest.mark.parametrize("path", [*TRACK_PATHS, "/v1/settings"])
def test_x07_the_same_key_gives_the_same_answer_and_one_effect(own, path):
    person = Person()
    named = {"Idempotency-Key": "order-1"}
    first = write(own, path, named, person=person)
    assert first.status == 200 and first.header("idempotent-replayed") is None
    again = [write(own, path, headers, person=person)
             for headers in (named, {"Idempotency-Key": '"order-1"'}, named)]
    assert same(again) == same([first])
    assert [answer.header("idempotent-replayed") for answer in again] == ["true"] * 3
    other = write(own, path, named, variant=1, person=person)
    assert other.status == 422 and other.json()["code"] == "idempotency_mismatch"
    if path == "/v1/settings":
        assert own.get(path)["settings"]["currency"] == "USD"
        assert own.get(path)["version"] == first.json()["version"]
    else:
        contact = own.lookup(email=person.email)
        assert (contact["total_bookings"], str(contact["total_revenue"])) == (1, "10.00")
        assert len(own.timeline(contact["id"])) == len(own.tasks(contact["id"])) == 1


def test_x07_a_key_belongs_to_its_path(own, person):
    named = {"Idempotency-Key": "order-1"}
    answers = [write(own, path, named, person=person) for path in (*TRACK_PATHS, "/v1/settings")]
    assert [answer.status for answer in answers] == [200] * 4
    assert [answer.header("idempotent-replayed") for answer in answers] == [None] * 4
    assert own.lookup(email=person.email)["total_bookings"] == 3


@pytest.mark.parametrize("path", [TRACK, "/v1/settings"])
def test_x07_fifty_at_once_have_one_effect(own, path):
    person = Person()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(
            lambda _: write(own, path, {"Idempotency-Key": "at-once"}, person=person), range(50)))
    done = [answer for answer in answers if answer.status == 200]
    assert done and len(same(done)) == 1
    assert [answer.header("idempotent-replayed") for answer in done].count(None) == 1
    for answer in answers:
        if answer.status != 200:
            assert (answer.status, answer.json()["code"]) == (409, "in_progress")
            assert answer.header("retry-after") == "1"
    if path == TRACK:
        contact = own.lookup(email=person.email)
        assert (contact["total_bookings"], contact["activity_count"]) == (1, 1)
        assert len(own.tasks(contact["id"])) == 1


@pytest.mark.parametrize("name, status", [("k" * 255, 200), ("k" * 256, 400), ("", 400),
                                          ('""', 400), ("!~#$%", 200), ("a\tb", 400), ("clé", 400)])
def test_x07_a_key_is_1_to_255_visible_characters(own, person, name, status):
    answer = write(own, TRACK, {"Idempotency-Key": name.encode()}, person=person)
    assert answer.status == status
    if status == 400:
        assert answer.json()["code"] == "bad_request"
        own.lookup(404, email=person.email)


def test_x07_only_good_answers_are_remembered(svc, person):
    named = {"Idempotency-Key": person.id}
    svc.event("not a/type", person, headers=named, expect=422)
    assert svc.event("page.viewed", person, headers=named)["success"] is True


def test_x07_the_id_in_a_body_is_the_event_whatever_else_is_sent(svc, person):
    first = svc.call("POST", TRACK, {"event_type": "customer.login", "customer": person.customer(),
                                     "event_id": person.id}, expect=200)
    again = svc.call("POST", TRACK, {"event_type": "customer.login", "customer": person.customer(),
                                     "event_id": person.id, "sent_at": "later"}, expect=200)
    assert again.body == first.body and again.header("idempotent-replayed") == "true"
    assert svc.contact(first.json()["contact_id"])["website_visits"] == 1


def test_x07_an_event_id_is_remembered_over_a_kill_of_the_service(own, person):
    named = {"Idempotency-Key": "before-the-kill"}
    first = write(own, TRACK, named, person=person)
    own.service.kill()
    own.service.start()
    again = write(own, TRACK, named, person=person)
    assert same([again]) == same([first]) and again.header("idempotent-replayed") == "true"
    assert write(own, TRACK, named, variant=1, person=person).status == 422


def test_200_concurrent_events_of_one_new_customer_make_one_contact(own, person):
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: own.event("customer.login", person), range(200)))
    assert len({answer["contact_id"] for answer in answers}) == 1
    assert sum(answer.get("created") is True for answer in answers) == 1
    contact = own.contact(answers[0]["contact_id"])
    assert (contact["website_visits"], contact["activity_count"]) == (200, 200)
    assert len({answer["activity_id"] for answer in answers}) == 200
    assert {activity["id"] for activity in own.timeline(contact["id"])} == {
        answer["activity_id"] for answer in answers}
    assert [c["id"] for c in own.list("/v1/contacts")] == [contact["id"]]


@pytest.mark.parametrize("round_", range(3))
def test_concurrent_spellings_of_one_person_are_one_contact(own, round_):
    person = Person()
    spellings = [
        person.customer("email", "id"), {"email": person.email.upper(), "id": person.id},
        person.customer("id", "phone"), {"id": person.id, "phone": "00" + person.phone[1:]},
        {"id": person.id, "phone": f"{person.phone[:5]} {person.phone[5:]}",
         "email": f" {person.email}"}]
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda n: own.event(
            "booking.completed", spellings[n % 5], '{"total_amount":0.10}'), range(100)))
    assert len({answer["contact_id"] for answer in answers}) == 1
    contact = own.contact(answers[0]["contact_id"])
    assert (contact["total_bookings"], str(contact["total_revenue"])) == (100, "10.00")
    assert len(own.list("/v1/contacts")) == 1


# --- everything at once ------------------------------------------------------------------

def test_x09_many_runs_of_all_paths_at_once_against_one_instance(svc):
    def run(n):
        return run_of_the_document(svc, TRACK_PATHS[n % 3], Person())

    with ThreadPoolExecutor(12) as pool:
        ids = list(pool.map(run, range(36)))
    assert len(set(ids)) == 36


# --- what it costs -----------------------------------------------------------------------

def leave_a_lead(api):
    """A visitor's session, booking form and decision."""
    person = Person()
    session = f"sess_{person.id}"
    api.call("POST", "/v1/events", {"event_type": "page.viewed",
                                    "session": {"session_id": session}}, expect=200)
    visitor = Visitor(api, session=session)
    visitor.track(STEP_1, STEP_2)
    made = visitor.submit(contact_of(person), clientEmail=person.email)
    decide(api, made["id"], "approved")
    for query in ({}, {"status": "pending,approved"}, {"include": "anonymous"},
                  {"sort": "-updated_at"}, {"cursor": ""}):
        api.get(LEADS, limit=2, **query)
    api.get(f"{LEADS}/{made['uuid']}")
    api.get(f"/v1/sessions/{session}")
    api.call("POST", "/api/interactions", {"interaction_type": "search"}, expect=201)


def work_on_leads(api):
    """All that people do with leads, their tasks and their persons."""
    made = [new_lead(api, Person()) for _ in range(4)]
    first, contact = made[0], f"/v1/contacts/{made[0]['contact_id']}/timeline"
    api.call("POST", contact, {"type": "call", "lead_id": first["lead_no"]}, 201)
    api.call("PATCH", f"/v1/leads/{first['id']}", {"context": {"a": 1}, "assignee": "ann"}, 200)
    api.call("PATCH", f"/api/leads/{first['id']}", {"name": "Ann"}, 200)
    for path in ("/api/leads", "/v1/leads"):
        api.call("POST", f"{path}/{made[1]['id']}/contacted", {"agent": "ann"}, 200)
    api.call("POST", f"/v1/leads/{made[1]['id']}/assign", {"agent": "ann"}, 200)
    api.call("POST", f"/v1/leads/{made[1]['id']}/convert", {"student_id": 1}, 200)
    api.call("POST", f"/v1/tasks/{made[2]['task_id']}/complete", {"outcome": "reached"}, 200)
    convert(api, made[2]["lead_no"], 2)
    api.call("DELETE", f"/v1/leads/{made[2]['id']}", None, 200)
    put_aside(api, made[3]["lead_no"])
    stats(api, source="BOOKING_FAILED", created_after="2025-01-01")
    bulk(api, "reactivate", [one["id"] for one in made])
    bulk(api, "status", [made[3]["id"]], path="/v1/leads/bulk", status="LOST")
    api.event("booking.completed", {"email": first["contacts"][1]["handle_or_address"]})
    for one in made:
        put_aside(api, one["lead_no"], hard=True)


def merge_and_undo(api, contact_id):
    other = api.event("booking.abandoned", Person(), {"booking_id": "b1"})["contact_id"]
    merge = api.call("POST", "/v1/merges", {"winner": contact_id, "loser": other, "force": True},
                     expect=201).json()["id"]
    api.get(f"/v1/contacts/{other}")
    api.call("POST", f"/v1/merges/{merge}/undo", {}, expect=200)


def ask_for_prices(api):
    """A segment and those who enter it."""
    path = f"/v1/segments/{Person().id}"
    rule = {"text": 'message contains "price"'}
    api.call("POST", "/v1/segments/preview", rule, expect=200)
    api.call("POST", "/v1/segments", {"id": path.split("/")[-1], **rule}, expect=201)
    for _ in range(3):
        api.call("POST", "/api/webhook/whatsapp",
                 {"phone_number": Person().phone, "message": "The price?"}, expect=200)
    list(api.pages("/v1/segments", limit=1))
    list(api.pages(path + "/members", limit=2))
    api.get(path)
    api.call("PUT", path, {"text": "has(message)"}, expect=200)
    return path


def every_endpoint(api):
    """Calls everything there is, with what makes it read and write the most."""
    person = Person()
    for event_type in EVENT_TYPES:
        data = {"vehicle_name": "Camry", "location": "Airport", "total_amount": 1,
                "booking_id": "b1"}
        contact_id = api.event(event_type, person, data,
                               event_id=person.id + event_type)["contact_id"]
    api.event("customer.updated", {"id": person.id, "email": "new-" + person.email})
    api.event("page.viewed", {"name": "nobody"}, expect=202)
    api.event("page.viewed", person, headers={"Idempotency-Key": person.id})
    position = api.call("GET", "/v1/contacts").header("x-change-id")
    for identity in ({"email": "new-" + person.email}, {"phone": person.phone},
                     {"customer_id": person.id}):
        api.lookup(**identity)
    for sort in ("created_at", "-created_at", "total_revenue", "-total_revenue"):
        list(api.pages("/v1/contacts", sort=sort, limit=2))
    list(api.pages("/v1/contacts", lead_status="customer", limit=2))
    api.get("/v1/contacts", since=position)
    list(api.pages(f"/v1/contacts/{contact_id}/timeline", limit=2))
    api.timeline(contact_id, type="page.viewed")
    for state in ("open", "due", "overdue"):
        list(api.pages("/v1/tasks", state=state, limit=2))
    for state in ("cancelled", "all"):
        list(api.pages("/v1/tasks", contact_id=contact_id, state=state, limit=1))
    api.get(f"/v1/tasks/{api.tasks(contact_id)[0]['id']}")
    for report in ("overview", "funnel", "behavior", "drop-off", "recovery", "response-time",
                   "quality", "sources"):
        api.get(f"/v1/analytics/{report}")
    api.event("page.viewed", {"email": Person().email, "phone": person.phone})
    for path in ("/v1/merges", "/v1/contacts/duplicates"):
        list(api.pages(path, limit=1))
    list(api.pages("/v1/contacts/search", q="pat pers", limit=2))
    api.get(f"/v1/contacts/{contact_id}/identities")
    api.get("/v1/analytics/behavior", contact_id=contact_id)
    leave_a_lead(api)
    work_on_leads(api)
    segment = ask_for_prices(api)
    merge_and_undo(api, contact_id)
    api.call("DELETE", segment, expect=200)
    api.settings(currency="USD")
    api.get("/v1/settings")
    api.get("/v1/ping")
    for path in ("/healthz", "/readyz", "/version", "/make-server-b43c05fb/health"):
        api.get(path)


def test_x10_no_keys_no_scan_no_unbounded_range(own):
    for n in range(30):
        own.event("booking.abandoned", Person(), at=T0 + n * MINUTE)
    with Monitor(own.redis) as monitor:
        every_endpoint(own)
        own.service.kill()
        own.service.start()
        every_endpoint(own)
    calls = [words for who, words in monitor.commands]
    assert monitor.called("EVALSHA") and monitor.called("SCRIPT") and monitor.called("XADD")
    assert any(who == "lua" for who, _ in monitor.commands)
    assert offences(calls) == []


@pytest.mark.parametrize("command, bounded", [
    ("ZRANGE k 0 -1", False), ("ZRANGE k 0 49 REV", True), ("ZRANGE k -50 -1", True),
    ("ZRANGE k 0 5000", False), ("ZRANGE k -inf +inf BYSCORE", False),
    ("ZRANGE k -inf +inf BYSCORE LIMIT 0 51", True),
    ("ZRANGE k -inf +inf BYSCORE LIMIT 0 -1", False), ("ZRANGEBYSCORE k 0 1", False),
    ("XRANGE k - +", False), ("XREVRANGE k + - COUNT 1", True), ("LRANGE k -5 -1", True),
    ("LRANGE k 0 -1", False)])
def test_x10_the_judgement_of_ranges_is_right(command, bounded):
    assert is_bounded_range(command.split()) == bounded


def test_x10_the_judgement_of_commands_is_right():
    feed, created = key("FEED"), key("CREATED")
    bad = [["KEYS", "*"], ["scan", "0"], ["XRANGE", feed, "-", "+"], ["ZRANGE", created, "0", "-1"],
           ["SMEMBERS", "no such pattern"]]
    good = [["EVALSHA", "x"], ["XRANGE", feed, "-", "+", "COUNT", "5"], ["HGETALL", key("META")]]
    assert offences(bad + good) == bad


def commands_of(api, path):
    """How many Redis commands the scripts of one GET make, and its answer."""
    with Monitor(api.redis) as monitor:
        answer = api.get(path)
    polled = {key("SETTINGS"), key("WS")}  # by the workers, once a second
    return len([words for who, words in monitor.commands
                if who == "lua" and not polled & set(words)]), answer


@pytest.mark.parametrize("path", [
    "/v1/contacts?limit=20", "/v1/contacts?limit=20&sort=-total_revenue",
    "/v1/contacts?limit=20&lead_status=customer", "/v1/tasks?limit=20", "timeline"])
def test_x10_the_pages_of_a_list_cost_the_same(own, path):
    for n in range(200):
        who = {"id": "one"} if path == "timeline" else Person()
        answer = own.event("booking.completed", who, {"total_amount": n, "booking_id": str(n)},
                           at=T0 + n * SECOND)
    if path == "timeline":
        path = f"/v1/contacts/{answer['contact_id']}/timeline?limit=20"
    costs, cursor = [], ""
    for _ in range(9):
        cost, answer = commands_of(own, path + cursor)
        assert len(answer["data"]) == 20
        costs.append(cost)
        cursor = "&cursor=" + answer["next_cursor"]
    # A page may meet the seam between the two parts of a timeline: one or two commands more.
    assert costs[0] > 0 and max(costs) - min(costs) <= 2, costs
