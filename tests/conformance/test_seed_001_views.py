"""Rows B-43, B-44, B-46 … B-51, B-63 of the acceptance list: what admins see, and at once.

SPDX-License-Identifier: MIT
"""
import os
import subprocess
from decimal import Decimal

import pytest

from support.api import Person, bare
from support.keys import key
from support.redis_server import CLUSTER
from support.seed_001 import (CUSTOMER, HOT_ABANDONED, PAYMENT_TASK, URGENT_TASK, WELCOME_TASK,
                              run_of_the_document)
from support.times import DAY, HOUR, MINUTE, SECOND, T0


def test_b43_300_activities_in_pages_of_50_are_each_seen_once(svc, person):
    made = [svc.event("page.viewed", person, {"n": n}, at=T0 + n * SECOND) for n in range(300)]
    contact_id = made[0]["contact_id"]
    seen, times = [], []
    for page in svc.pages(f"/v1/contacts/{contact_id}/timeline", limit=50):
        assert len(page["data"]) <= 50
        seen += [activity["id"] for activity in page["data"]]
        times += [activity["occurred_at"] for activity in page["data"]]
        svc.event("page.viewed", person, {"page": "/new"}, at=T0 + HOUR)
    assert len(seen) == len(set(seen))
    old = [activity_id for activity_id in seen if activity_id in {m["activity_id"] for m in made}]
    assert old == [answer["activity_id"] for answer in reversed(made)]
    assert times == sorted(times, reverse=True)
    assert svc.contact(contact_id)["activities_dropped"] == 0
    newest = svc.redis.text.zcard(key("ACTIVITY", bare(contact_id)))
    older = svc.redis.text.llen(key("ACTIVITY_OLD", bare(contact_id)))
    assert newest <= 128 and newest + older == svc.contact(contact_id)["activity_count"]


def test_b43_pages_lead_on_by_link_and_refuse_a_strange_cursor(svc, person):
    for n in range(3):
        contact_id = svc.event("page.viewed", person, at=T0 + n)["contact_id"]
    path = f"/v1/contacts/{contact_id}/timeline"
    answer = svc.call("GET", f"{path}?limit=2", expect=200)
    first = answer.json()
    assert first["has_more"] is True and len(first["data"]) == 2
    link = answer.header("link")
    assert link.startswith("<") and link.endswith('>; rel="next"')
    rest = svc.call("GET", link[1:link.index(">")], expect=200)
    assert len(rest.json()["data"]) == 1 and rest.json()["next_cursor"] is None
    assert rest.header("link") is None
    for cursor in ("x", "AAAA", first["next_cursor"] + "A"):
        answer = svc.call("GET", f"{path}?cursor={cursor}", expect=400)
        assert answer.json()["code"] == "bad_cursor"
    answer = svc.call("GET", f"/v1/contacts?cursor={first['next_cursor']}", expect=400)
    assert answer.json()["code"] == "bad_cursor"


def test_b43_the_timeline_can_be_asked_for_one_type(svc, person):
    events = ("page.viewed", "vehicle.viewed", "page.viewed", "chat.message")
    for n, event_type in enumerate(events):
        contact_id = svc.event(event_type, person, {"n": n}, at=T0 + n)["contact_id"]
    pages = svc.timeline(contact_id, type="page.viewed")
    assert [activity["data"]["n"] for activity in pages] == [2, 0]
    assert svc.timeline(contact_id, type="booking.started") == []


def test_b43_filtered_pages_over_a_long_timeline_miss_nothing(svc, person):
    wanted = []
    for n in range(200):
        event_type = "chat.message" if n % 40 == 0 else "page.viewed"
        answer = svc.event(event_type, person, at=T0 + n * SECOND)
        if event_type == "chat.message":
            wanted.insert(0, answer["activity_id"])
    got = svc.timeline(answer["contact_id"], type="chat.message", limit=2)
    assert [activity["id"] for activity in got] == wanted


def test_b43_the_timeline_of_nobody_is_404(svc):
    svc.call("GET", "/v1/contacts/contact_0000000000000/timeline", expect=404)
    svc.call("GET", "/v1/contacts/contact_0000000000000", expect=404)
    svc.call("GET", "/v1/contacts/nonsense", expect=404)


@pytest.fixture
def board(own):
    """Tasks of three people: two urgent ones, a high and a normal one; (api, titles in order)."""
    own.event("booking.completed", Person(), {"total_amount": 5}, at=T0)
    own.event("booking.abandoned", Person(), at=T0 + 10 * MINUTE)
    own.event("payment.failed", Person(), at=T0)
    own.event("booking.abandoned", Person(), at=T0 + 5 * MINUTE)
    return own


def test_b44_open_tasks_come_urgent_first_then_by_due_time(board):
    tasks = board.get("/v1/tasks", at=T0 + 20 * MINUTE)["data"]
    titles = [task["title"] for task in tasks]
    assert titles == [URGENT_TASK, URGENT_TASK, PAYMENT_TASK, WELCOME_TASK]
    assert tasks[0]["due_at"] < tasks[1]["due_at"]
    assert [task["overdue"] for task in tasks] == [False] * 4
    in_pages = [task for page in board.pages("/v1/tasks", limit=1) for task in page["data"]]
    assert [task["id"] for task in in_pages] == [task["id"] for task in tasks]


def test_b44_a_task_is_overdue_once_the_clock_is_past_its_due_time(board):
    first, second, *_ = board.get("/v1/tasks", at=T0 + 20 * MINUTE)["data"]
    between = T0 + 67 * MINUTE  # the first is due an hour after T0 + 5 min, the second + 10 min
    tasks = board.get("/v1/tasks", at=between)["data"]
    assert [task["overdue"] for task in tasks] == [True, False, False, False]
    for state in ("overdue", "due"):
        found = board.get("/v1/tasks", state=state, at=between)["data"]
        assert [task["id"] for task in found] == [first["id"]], state
    found = board.get("/v1/tasks", state="overdue", at=T0 + 2 * DAY)["data"]
    assert len(found) == 4
    assert board.get(f"/v1/tasks/{second['id']}")["overdue"] is True


def test_b44_closed_tasks_are_not_among_the_open_ones(own, person):
    contact_id = own.event("booking.abandoned", person)["contact_id"]
    own.event("booking.completed", person, {"total_amount": 5})
    assert [task["title"] for task in own.get("/v1/tasks")["data"]] == [WELCOME_TASK]
    assert [task["title"] for task in own.tasks(contact_id, "cancelled")] == [URGENT_TASK]
    assert len(own.tasks(contact_id)) == 2
    assert own.tasks(own.event("page.viewed", Person())["contact_id"]) == []


def contact_ids(api, **query):
    return [contact["id"] for contact in api.list("/v1/contacts", **query)]


def test_b46_contacts_by_lifetime_revenue(own):
    amounts = ["450.00", "1000.00", "0.10", "9.99", "450.01", "100000.00"]
    ids = {}
    for amount in amounts:
        ids[amount] = own.event("booking.completed", Person(),
                                f'{{"total_amount":{amount}}}')["contact_id"]
    nothing = own.event("page.viewed", Person())["contact_id"]
    ordered = [ids[amount] for amount in sorted(amounts, key=Decimal, reverse=True)] + [nothing]
    assert contact_ids(own, sort="-total_revenue") == ordered
    assert contact_ids(own, sort="-total_revenue", limit=2) == ordered
    assert contact_ids(own, sort="total_revenue", limit=2) == ordered[::-1]


def test_b46_contacts_by_creation_newest_first_by_default(own):
    made = [own.event("page.viewed", Person(), at=T0 + n * SECOND)["contact_id"] for n in range(5)]
    assert contact_ids(own) == made[::-1]
    assert contact_ids(own, sort="-created_at", limit=2) == made[::-1]
    assert contact_ids(own, sort="created_at", limit=2) == made
    own.call("GET", "/v1/contacts?sort=shoe_size", expect=422)


def test_b47_top_vehicles_and_locations_overall_and_of_one_contact(own):
    one, other = Person(), Person()
    views = [(one, "Camry")] * 3 + [(other, "Camry")] + [(other, "Corolla")] * 2 + [(one, "Yaris")]
    for who, vehicle in views:
        own.event("vehicle.viewed", who, {"vehicle_name": vehicle})
    for who, location in [(one, "Airport"), (other, "Airport"), (other, "Downtown")]:
        own.event("search.performed", who, {"location": location})
    answer = own.get("/v1/analytics/behavior")
    assert answer["vehicles"] == [{"name": "Camry", "views": 4}, {"name": "Corolla", "views": 2},
                                  {"name": "Yaris", "views": 1}]
    assert answer["locations"] == [{"name": "Airport", "searches": 2},
                                   {"name": "Downtown", "searches": 1}]
    assert own.get("/v1/analytics/behavior", limit=1)["vehicles"] == [{"name": "Camry", "views": 4}]
    answer = own.get("/v1/analytics/behavior", contact_id=own.lookup(email=one.email)["id"])
    assert answer["vehicles"] == [{"name": "Camry", "views": 3}, {"name": "Yaris", "views": 1}]
    assert answer["locations"] == [{"name": "Airport", "searches": 1}]


def test_b48_lifetime_figures_equal_the_sum_of_the_events(own):
    sums, bookings = {}, {}
    for n in range(30):
        who = f"buyer{n % 4}@example.com"
        amount = Decimal(n * 1737 + 1) / 100
        contact_id = own.event("booking.completed", {"email": who}, f'{{"total_amount":{amount}}}',
                               at=T0 + n * SECOND)["contact_id"]
        sums[contact_id] = sums.get(contact_id, 0) + amount
        bookings[contact_id] = bookings.get(contact_id, 0) + 1
    contacts = {contact["id"]: contact for contact in own.list("/v1/contacts")}
    assert {c: contact["total_revenue"] for c, contact in contacts.items()} == sums
    assert {c: contact["total_bookings"] for c, contact in contacts.items()} == bookings
    overview = own.get("/v1/analytics/overview")
    assert overview["revenue"] == sum(sums.values()) and overview["currency"] == "USD"
    assert sum(day["revenue"] for day in overview["series"]) == sum(sums.values())
    stages = own.get("/v1/analytics/funnel", kind="booking")["stages"]
    completed = [row["count"] for row in stages if row["stage"] == "completed"]
    assert completed == [sum(bookings.values())]


def test_b48_the_overview_counts_the_days_that_are_asked_for(own, person):
    for n, amount in enumerate((1, 10, 100)):
        own.event("booking.completed", person, {"total_amount": amount, "booking_id": str(n)},
                  at=T0 + n * DAY)
    answer = own.get("/v1/analytics/overview", **{"from": "2025-11-11", "to": "2025-11-13"})
    assert answer["revenue"] == 11
    by_day = {day["date"]: day["revenue"] for day in answer["series"]}
    assert by_day == {"2025-11-11": 1, "2025-11-12": 10}
    assert own.get("/v1/analytics/overview")["revenue"] == 111


def test_b49_an_unchanged_list_is_304_and_an_event_makes_it_200_again(own, person):
    own.event("page.viewed", person)
    first = own.call("GET", "/v1/contacts", expect=200)
    assert first.header("etag").startswith('W/"')
    assert first.header("cache-control") == "private, no-cache"
    known = {"If-None-Match": first.header("etag")}
    again = own.call("GET", "/v1/contacts", headers=known)
    assert (again.status, again.body) == (304, b"")
    assert again.header("etag") == first.header("etag")
    own.event("customer.login", person)
    changed = own.call("GET", "/v1/contacts", headers=known)
    assert changed.status == 200 and changed.json()["data"][0]["website_visits"] == 1
    assert changed.header("etag") != first.header("etag")


def test_b49_a_contact_has_a_version_that_rises_and_an_etag_of_it(svc, person):
    contact_id = svc.event("page.viewed", person)["contact_id"]
    versions = []
    for _ in range(3):
        answer = svc.call("GET", f"/v1/contacts/{contact_id}", expect=200)
        versions.append(answer.json()["version"])
        assert answer.header("etag") == f'"v{versions[-1]}"'
        known = {"If-None-Match": answer.header("etag")}
        assert svc.call("GET", f"/v1/contacts/{contact_id}", headers=known).status == 304
        svc.event("page.viewed", person)
        assert svc.call("GET", f"/v1/contacts/{contact_id}", headers=known).status == 200
    assert versions == sorted(set(versions))


def test_b49_since_returns_only_what_changed_since(own):
    people = [Person() for _ in range(3)]
    ids = [own.event("page.viewed", who)["contact_id"] for who in people]
    position = own.call("GET", "/v1/contacts", expect=200).header("x-change-id")
    assert own.get("/v1/contacts", since=position)["data"] == []
    own.event("page.viewed", people[1])
    own.event("page.viewed", people[1])
    answer = own.call("GET", f"/v1/contacts?since={position}", expect=200)
    assert [contact["id"] for contact in answer.json()["data"]] == [ids[1]]
    latest = answer.header("x-change-id")
    assert own.get("/v1/contacts", since=latest)["data"] == []
    new = own.event("page.viewed", Person())["contact_id"]
    assert {c["id"] for c in own.get("/v1/contacts", since=position)["data"]} == {ids[1], new}
    assert own.call("GET", "/v1/contacts?since=nonsense").status in (400, 422)


def test_b49_a_position_older_than_the_change_stream_is_gone(own, person):
    own.event("page.viewed", person)
    position = own.call("GET", "/v1/contacts").header("x-change-id")
    for _ in range(3):
        own.event("page.viewed", person)
    own.redis.text.xtrim(key("FEED"), maxlen=1, approximate=False)
    answer = own.call("GET", f"/v1/contacts?since={position}")
    assert (answer.status, answer.json()["code"]) == (410, "since_too_old")


@pytest.mark.parametrize("event_type, status", [("booking.completed", CUSTOMER),
                                                ("booking.abandoned", HOT_ABANDONED)])
def test_b50_the_very_next_request_reads_the_effects(svc, event_type, status):
    for _ in range(50):
        answer = svc.event(event_type, Person(), {"total_amount": 7})
        svc.service.client.close()  # another connection, mostly of another worker
        assert svc.contact(answer["contact_id"])["lead_status"] == status


def test_b51_all_effects_are_there_with_the_answer(svc, person):
    answer = svc.event("booking.abandoned", person, {"total_price": 12, "booking_id": "b1"})
    stored = svc.hash("CONTACT", bare(answer["contact_id"]))
    assert (stored["lead_status"], stored["estimated_deal_value_cents"]) == ("hot_abandoned",
                                                                             "1200")
    assert svc.hash("TASK", answer["task_id"])["status"] == "open"
    completed = svc.event("booking.completed", person, {"total_amount": 12, "booking_id": "b1"})
    stored = svc.hash("CONTACT", bare(answer["contact_id"]))
    assert (stored["total_bookings"], stored["total_revenue_cents"]) == ("1", "1200")
    assert svc.hash("TASK", answer["task_id"])["status"] == "cancelled"
    assert svc.hash("TASK", completed["task_id"])["status"] == "open"


def test_b63_one_run_of_the_documents_own_test(svc, person):
    run_of_the_document(svc, "/make-server-b43c05fb/track-event", person)


def test_b63_the_same_by_curl_and_redis_cli_alone(svc):
    script = os.path.join(os.path.dirname(__file__), "seed_001_scenario.sh")
    command = [script, f"http://127.0.0.1:{svc.service.port}", svc.redis.socket,
               "{default}_" if CLUSTER else ""]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0 and "checks hold" in ran.stdout, ran.stdout + ran.stderr
