"""Rows A-25, A-26, A-28, A-30, A-40 of the acceptance list: what admins see of the booking form.

SPDX-License-Identifier: MIT
"""
import re
from decimal import Decimal

import pytest

from support.api import Person
from support.seed_000 import (BOOKINGS, EXTRAS, FIELDS, LEADS, STEP_1, STEP_2, Visitor, contact_of,
                              decide, ids, lead, leads, row, total)
from support.times import DAY, HOUR, MINUTE, T0, ms

REFERENCE = re.compile(r"^KV-[0-9A-HJKMNP-TV-Z]{5,}$")
# The admin view (API document, 3.6): the members of all leads, and those of seed 004.
OF_ALL = {"id", "uuid", "reference", "source", "status", "stage", "quality", "score",
          "contact_id", "has_contact", "version"}
OF_SEED_004 = {"phone_number", "sender_name", "first_message", "last_message", "message_count",
               "is_active", "converted_to_student", "student_id", "created_at", "updated_at",
               "last_message_time"}
OF_THE_FORM = {*FIELDS, "step", "viewed_packs", "submitted_at"}


def made_in(api, status, at=None):
    """The id of a new record: anonymous (steps 1, 2) or in one of the document's statuses."""
    person, visitor = Person(), Visitor(api)
    if status in (1, 2):
        return visitor.track(STEP_1, STEP_2 if status == 2 else {}, expect=201, at=at)["id"]
    made = visitor.track(STEP_1, STEP_2, contact_of(person), expect=201, at=at)["id"]
    if status != "tracking":
        visitor.submit(contact_of(person))
    if status in ("approved", "rejected"):
        decide(api, made, status)
    return made


@pytest.fixture
def desk(own):
    """(api, {status: ids, newest first}) of twelve leads, made a minute apart, and two anonymous
    records."""
    made, at = {}, T0
    for status in ("tracking", "pending", "approved", "tracking", "rejected", "pending") * 2:
        made.setdefault(status, []).insert(0, made_in(own, status, at))
        at += MINUTE
    made["anonymous"] = [made_in(own, 1, at), made_in(own, 2, at + MINUTE)]
    return own, made


def test_a25_tracking_requests_come_newest_first(desk):
    api, made = desk
    answer = api.call("GET", f"{LEADS}?status=tracking", expect=200)
    assert answer.header("content-type") == "application/json"
    rows = answer.json()
    assert isinstance(rows, list), "a plain array"
    assert [one["id"] for one in rows] == made["tracking"]
    assert {one["status"] for one in rows} == {"tracking"}
    times = [ms(one["created_at"]) for one in rows]
    assert times == sorted(times, reverse=True)


def test_a25_an_empty_list_is_an_empty_array(own):
    assert own.call("GET", LEADS, expect=200).body == b"[]"
    assert total(own) == 0


def test_a25_a_change_does_not_move_a_lead_in_the_default_order(own):
    people = [Person() for _ in range(3)]
    made = [Visitor(own).track(contact_of(who), at=T0 + n * MINUTE)["id"]
            for n, who in enumerate(people)]
    Visitor(own).track(contact_of(people[0]), EXTRAS, at=T0 + HOUR)
    assert ids(own) == ids(own, sort="-created_at") == made[::-1]
    assert ids(own, sort="created_at") == made
    assert ids(own, sort="-updated_at") == [made[0], made[2], made[1]]
    assert ids(own, sort="updated_at") == [made[1], made[2], made[0]]
    decide(own, made[1], "rejected")
    own.call("GET", f"{LEADS}?sort=shoe_size", expect=422)


def test_a26_a_row_has_what_an_admin_needs(svc, person):
    fields = {**STEP_1, **STEP_2, **contact_of(person), "clientEmail": person.email,
              "timeSlot": "evening", "message": "Line 1\nline 2"}
    made = Visitor(svc).track(fields, at=T0)
    one = row(svc, made["id"], status="tracking")
    assert {name: one[name] for name in FIELDS} == fields
    assert (one["step"], one["status"]) == (3, "tracking")
    assert 0 <= ms(one["updated_at"]) - T0 < MINUTE


def test_a26_a_row_is_the_admin_view_with_all_its_members(svc, person):
    made = Visitor(svc).track(STEP_1, contact_of(person))
    one = row(svc, made["id"])
    assert OF_ALL | OF_SEED_004 | OF_THE_FORM <= one.keys()
    expected = {
        "uuid": made["uuid"], "source": "Booking Form", "stage": "tracking", "quality": "WARM",
        "score": 50, "contact_id": made["contact_id"], "has_contact": True,
        "phone_number": person.phone, "message_count": 0, "is_active": True,
        "converted_to_student": False, "student_id": None, "submitted_at": None,
        "selectedPackId": None, "packName": None, "viewed_packs": []}
    assert {name: one[name] for name in expected} == expected
    assert REFERENCE.match(one["reference"]) and one["version"] >= 1


def test_a26_a_lead_by_itself_is_its_row(svc, person):
    made = Visitor(svc).track(STEP_1, STEP_2, contact_of(person))
    one = row(svc, made["id"])
    of_one = {**one, "messages": [], "messages_per_day": 0, "tasks": [],
              "activities": svc.timeline(made["contact_id"])}
    assert lead(svc, made["id"]) == of_one
    assert svc.get(f"{BOOKINGS}/{made['id']}") == of_one


def test_a26_an_anonymous_row_has_the_same_members(svc):
    made = Visitor(svc).track(STEP_1)
    one = row(svc, made["id"], include="anonymous")
    assert OF_ALL | OF_SEED_004 | OF_THE_FORM <= one.keys()
    for name in ("clientName", "clientPhone", "clientEmail", "phone_number", "contact_id"):
        assert one[name] is None, name
    assert (one["stage"], one["score"], one["quality"]) == ("anonymous", 0, "COLD")


@pytest.mark.parametrize("asked", [
    ["tracking"], ["pending"], ["approved"], ["rejected"], ["tracking", "pending"],
    ["rejected", "approved", "tracking"], ["tracking", "pending", "approved", "rejected"]])
def test_a28_the_status_filter_leaves_exactly_these_rows(desk, asked):
    api, made = desk
    expected = sorted((one for status in asked for one in made[status]), reverse=True)
    for word in (",".join(asked), ",".join(asked).upper(), ",".join(asked).title()):
        rows = leads(api, status=word)
        assert [one["id"] for one in rows] == expected
        assert {one["status"] for one in rows} == set(asked)
        assert total(api, status=word) == len(expected)


def test_a28_without_a_filter_all_leads_with_contact_details_are_there(desk):
    api, made = desk
    anonymous = made.pop("anonymous")
    everyone = sorted((one for some in made.values() for one in some), reverse=True)
    assert ids(api) == everyone and total(api) == len(everyone)
    assert ids(api, include="anonymous") == sorted(everyone + anonymous, reverse=True)
    assert ids(api, status="tracking", include="anonymous") == sorted(
        made["tracking"] + anonymous, reverse=True)
    assert total(api, status="tracking", limit=1) == len(made["tracking"])


@pytest.mark.parametrize("query, field", [
    ("status=nonsense", "status"), ("status=tracking,nonsense", "status"), ("sort=name", "sort"),
    ("limit=0", "limit"), ("limit=many", "limit"), ("limit=-1", "limit"), ("skip=-1", "skip"),
    ("skip=10001", "skip"), ("skip=x", "skip")])
def test_a28_a_faulty_query_is_422_and_named(svc, query, field):
    answer = svc.call("GET", f"{LEADS}?{query}", expect=422)
    body = answer.json()
    assert body["success"] is False and isinstance(body["error"], str)
    assert [fault["field"] for fault in body["errors"]] == [field]


def test_a28_skip_and_limit_and_the_link_lead_through_the_list(desk):
    api, _ = desk
    everyone = ids(api)
    assert ids(api, limit=5) == everyone[:5]
    assert ids(api, limit=5, skip=10) == everyone[10:]
    assert ids(api, limit=5, skip=12) == ids(api, skip=10_000) == []
    assert ids(api, limit=5000) == everyone, "more counts as 1,000"
    path, seen = f"{LEADS}?limit=5", []
    while path:
        answer = api.call("GET", path, expect=200)
        assert answer.header("x-total-count") == str(len(everyone))
        seen.append([one["id"] for one in answer.json()])
        link = answer.header("link")
        path = link and re.fullmatch(r'<([^>]+)>; rel="next"', link).group(1)
    assert seen == [everyone[:5], everyone[5:10], everyone[10:]]


@pytest.mark.parametrize("query", [
    {}, {"status": "tracking"}, {"status": "tracking,pending"}, {"include": "anonymous"},
    {"sort": "created_at"}, {"sort": "-updated_at"}])
def test_a28_with_a_cursor_the_list_comes_in_an_envelope(desk, query):
    api, _ = desk
    expected = ids(api, **query)
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(LEADS, cursor=cursor, limit=2, **query)
        assert len(page["data"]) <= 2 and page["has_more"] == (page["next_cursor"] is not None)
        seen += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert seen == expected


def test_a28_a_cursor_survives_writes_and_belongs_to_its_query(desk):
    api, _ = desk
    everyone = ids(api)
    page = api.get(LEADS, cursor="", limit=5)
    new = Visitor(api).track(contact_of(Person()), at=T0 + HOUR)["id"]
    rest = api.get(LEADS, cursor=page["next_cursor"], limit=100)
    assert [one["id"] for one in page["data"] + rest["data"]] == everyone
    assert ids(api)[0] == new
    for query in ({"cursor": "nonsense"}, {"cursor": page["next_cursor"], "status": "pending"},
                  {"cursor": page["next_cursor"], "sort": "created_at"}):
        assert api.get(LEADS, 400, **query)["code"] == "bad_cursor"


def test_a28_an_unchanged_list_is_304_and_any_change_makes_it_200_again(own, person):
    visitor = Visitor(own)
    made = visitor.track(contact_of(person))
    for change in (lambda: visitor.track(contact_of(person), message="Hello"),
                   lambda: visitor.submit(contact_of(person)),
                   lambda: decide(own, made["id"], "approved"),
                   lambda: Visitor(own).track(contact_of(Person()))):
        first = own.call("GET", LEADS, expect=200)
        assert first.header("etag").startswith('W/"')
        assert first.header("cache-control") == "private, no-cache"
        known = {"If-None-Match": first.header("etag")}
        again = own.call("GET", LEADS, headers=known)
        assert (again.status, again.body) == (304, b"")
        change()
        assert own.call("GET", LEADS, headers=known).status == 200


def drop_off(api, **query):
    answer = api.call("GET", "/v1/analytics/drop-off" + (
        "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else ""),
                      expect=200)
    assert answer.header("etag").startswith('W/"')
    body = answer.json()
    assert ms(body["from"]) < ms(body["to"]) and body["tz"]
    return {step["step"]: (step["stopped"], step["reached"]) for step in body["steps"]}


def test_a30_records_are_counted_by_the_step_where_they_stopped(own):
    none = {step: (0, 0) for step in (1, 2, 3, "submitted", "approved")}
    own.call("GET", "/healthz", at=T0)
    assert drop_off(own) == none
    stops = {1: 4, 2: 3, "tracking": 2, "pending": 3, "approved": 1}
    for status, count in stops.items():
        for _ in range(count):
            made_in(own, status, at=T0)
    decide(own, made_in(own, "tracking", at=T0), "approved")
    assert drop_off(own) == {1: (4, 14), 2: (3, 10), 3: (2, 7), "submitted": (3, 5),
                             "approved": (2, 2)}
    assert list(drop_off(own)) == [1, 2, 3, "submitted", "approved"]


def test_a30_a_record_moves_on_with_its_visitor_and_is_counted_once(own, person):
    visitor = Visitor(own)
    steps = (1, 2, 3, "submitted", "approved")
    moves = (lambda: visitor.track(STEP_1, at=T0), lambda: visitor.track(STEP_2),
             lambda: visitor.track(contact_of(person)), lambda: visitor.submit(contact_of(person)),
             lambda: decide(own, 1, "approved"))
    for n, move in enumerate(moves):
        for _ in range(1 if n == 4 else 2):
            move()
        assert drop_off(own) == {step: (int(i == n), int(i <= n)) for i, step in enumerate(steps)}


def test_a30_a_rejected_record_stopped_where_it_was(own):
    made_in(own, "rejected", at=T0)
    decide(own, made_in(own, "tracking", at=T0), "rejected")
    assert drop_off(own) == {1: (0, 2), 2: (0, 2), 3: (1, 2), "submitted": (1, 1),
                             "approved": (0, 0)}


def test_a30_the_days_that_are_asked_for(own):
    for day, status in ((0, 1), (1, "tracking"), (2, "pending")):
        made_in(own, status, at=T0 + day * DAY)
    assert drop_off(own)[1] == (1, 3)
    days = {"from": "2025-11-11", "to": "2025-11-13"}
    assert drop_off(own, **days) == {1: (1, 2), 2: (0, 1), 3: (1, 1), "submitted": (0, 0),
                                     "approved": (0, 0)}
    assert drop_off(own, **{"from": "2025-10-01", "to": "2025-11-11"})[1] == (0, 0)


def test_a30_the_counts_equal_a_recount_of_the_records(own):
    for n in range(30):
        status = (1, 2, "tracking", "pending", "approved")[n * 7 % 11 % 5]
        made_in(own, status, at=T0 + n * MINUTE)
    order = (1, 2, 3, "submitted", "approved")
    last = ["approved" if one["status"] == "approved" else one["step"]
            for one in leads(own, include="anonymous")]
    expected = {step: (last.count(step), sum(last.count(later) for later in order[n:]))
                for n, step in enumerate(order)}
    assert drop_off(own) == expected


def test_a40_the_completion_rate_is_submitted_by_started(own):
    own.call("GET", "/healthz", at=T0)
    assert own.get("/v1/analytics/overview")["form_completion_rate"] is None
    expected = {1: "0", "tracking": "0", "pending": "0.3333", "approved": "0.5",
                "rejected": "0.6"}
    for status, rate in expected.items():
        made_in(own, status, at=T0)
        found = own.get("/v1/analytics/overview")["form_completion_rate"]
        assert Decimal(str(found)) == Decimal(rate), status


def test_a40_a_lead_that_is_approved_is_recovered(own):
    own.call("GET", "/healthz", at=T0)
    assert own.get("/v1/analytics/overview")["recovered_leads"] == 0
    made_in(own, 2, at=T0)
    made_in(own, "rejected", at=T0)
    pending, tracking = made_in(own, "pending", at=T0), made_in(own, "tracking", at=T0)
    assert own.get("/v1/analytics/overview")["recovered_leads"] == 0
    for count, one in enumerate((tracking, pending), 1):
        decide(own, one, "approved")
        decide(own, one, "approved")
        assert own.get("/v1/analytics/overview")["recovered_leads"] == count


def test_a40_leads_are_counted_by_the_day(own):
    for day in (0, 0, 1):
        made_in(own, "tracking", at=T0 + day * DAY)
    answer = own.get("/v1/analytics/overview", **{"from": "2025-11-11", "to": "2025-11-12"})
    assert Decimal(str(answer["form_completion_rate"])) == 0
    Visitor(own).submit(contact_of(Person()), at=T0 + DAY)
    answer = own.get("/v1/analytics/overview", **{"from": "2025-11-12", "to": "2025-11-13"})
    assert Decimal(str(answer["form_completion_rate"])) == Decimal("0.5")
