"""Rows D-49 to D-59, E-38 and E-43 of the acceptance list: reports on leads and failed bookings.

SPDX-License-Identifier: MIT
"""
import random
from collections import Counter
from decimal import Decimal

import pytest

from support.api import Person
from support.lead_reports import (CONVERTED, SOURCES, campaigns_of, change, date_of,
                                  make_contacted, overview_of, quality_of, rank, rate, response_of,
                                  seconds, sources_of, within, word)
from support.monitor import Monitor, offences
from support.seed_000 import STEP_1, Visitor, contact_of, decide
from support.seed_003 import LEADS, contacts_of, fail, raw
from support.times import DAY, HOUR, MINUTE, SECOND, T0, ms

DAY_0 = ms("2025-11-11T00:00:00.000Z")
THESE_DAYS = {"from": "2025-11-11", "to": "2025-11-14"}
REASONS = ("slot_unavailable", "date_unavailable", "booking_failed", "booking_error")
# What the page may say, and what both classifiers make of it.
ERRORS = {"Slot already booked": ("slot_unavailable", "slot_unavailable"),
          "Request timeout": ("slot_unavailable", "booking_error"),
          "That date is unavailable": ("slot_unavailable", "date_unavailable"),
          "Failed to update": ("date_unavailable", "booking_failed"),
          "Payment refused": ("booking_failed", "booking_failed")}
NOBODY = {"phone": None, "email": None}


def report(api, name, expect=200, at=None, **query):
    return api.get(f"/v1/analytics/{name}", expect, at=at, **{**THESE_DAYS, **query})


def total(count=0, **reasons):
    return {"total": count or sum(reasons.values()), **{name: reasons.get(name, 0)
                                                        for name in REASONS}}


@pytest.fixture
def failed(own):
    """Failures of two days: three leads, one of them asked for twice, and an attempt of nobody."""
    people = [Person() for _ in range(3)]
    ids = [fail(own, raw(people[0]), at=T0)["id"]]
    fail(own, raw(people[0]), 200, at=T0 + MINUTE)
    ids.append(fail(own, raw(people[1], "Payment refused"), at=T0 + 2 * MINUTE)["id"])
    fail(own, raw(Person(), form=NOBODY), 202, at=T0 + 3 * MINUTE)
    ids.append(fail(own, raw(people[2], "Failed to update", form={"preferred_time": "3PM"}),
                    at=T0 + DAY)["id"])
    own.failed = ids
    return own


def test_d49_failures_per_day_and_reason(failed):
    answer = report(failed, "recovery")
    assert answer["failures"] == total(slot_unavailable=3, date_unavailable=1, booking_failed=1)
    assert answer["by_day"] == [
        {"date": "2025-11-11", **total(slot_unavailable=3, booking_failed=1), "captured": 3},
        {"date": "2025-11-12", **total(date_unavailable=1), "captured": 1},
        {"date": "2025-11-13", **total(), "captured": 0}]
    assert answer["classifier"] == {"mode": "literal", "disagreements": 1}


def test_d50_a_failure_of_nobody_is_a_failure_and_no_lead(own):
    answer = fail(own, raw(Person(), form=NOBODY), 202, at=T0)
    assert answer["ignored"] == "no_contact"
    report_ = report(own, "recovery")
    assert report_["failures"] == total(slot_unavailable=1)
    assert (report_["leads"], report_["capture_rate"]) == (0, 0)
    assert (report_["conversion_rate"], report_["recovery_rate"]) == (None, 0)
    fail(own, raw(Person()), at=T0)
    report_ = report(own, "recovery")
    assert (report_["leads"], report_["capture_rate"]) == (1, Decimal("0.5"))


def test_d50_an_attempt_that_is_sent_twice_counts_once(own):
    named = {"Idempotency-Key": "attempt-1"}
    for person in (Person(), None):
        body = raw(person or Person(), form=NOBODY if person is None else None)
        for _ in range(3):
            own.call("POST", LEADS, body, headers=named, at=T0)
        named = {"Idempotency-Key": "attempt-2"}
    assert report(own, "recovery")["failures"]["total"] == 2


def test_d51_the_conversion_rate_of_these_leads(failed):
    assert report(failed, "recovery")["conversion_rate"] == 0
    change(failed, failed.failed[1], T0 + DAY, status="converted")
    answer = report(failed, "recovery")
    assert (answer["leads"], answer["converted"]) == (3, 1)
    assert answer["conversion_rate"] == Decimal("0.3333")
    assert report(failed, "recovery", to="2025-11-12")["conversion_rate"] == Decimal("0.5")


def test_d52_the_time_from_capture_to_first_contact(failed):
    nobody = report(failed, "response-time")
    assert (nobody["count"], nobody["uncontacted"]) == (0, 3)
    assert nobody["average_s"] is nobody["p50_s"] is nobody["p90_s"] is None
    waits = (90 * SECOND, 10 * MINUTE + 1, 2 * HOUR)
    for lead_id, wait in zip(failed.failed, waits):
        made = ms(failed.get(f"{LEADS}/{lead_id}")["created_at"])
        change(failed, lead_id, made + wait, first_contact_at=made + wait)
    answer = report(failed, "response-time")
    assert (answer["count"], answer["uncontacted"]) == (3, 0)
    assert (answer["average_s"], answer["p50_s"], answer["p90_s"]) == (2630, 600, 7200)
    assert answer["by_source"] == [{"source": "BOOKING_FAILED", "count": 3, "average_s": 2630}]
    assert [step["leads"] for step in answer["curve"]] == [0, 1, 1, 0, 0, 1, 0, 0]
    assert "approximate" not in answer
    other = report(failed, "response-time", source="WhatsApp")
    assert (other["count"], other["uncontacted"], other["by_source"]) == (0, 0, [])


def recover(api, lead_id, at, cents):
    change(api, lead_id, at, status="converted", recovered_at=at, revenue_cents=cents)


def test_d52_a_contact_that_clocks_put_before_the_lead_took_no_time(failed):
    change(failed, failed.failed[0], T0, first_contact_at=T0 - MINUTE)
    answer = report(failed, "response-time")
    assert (answer["count"], answer["average_s"], answer["p90_s"]) == (1, 0, 0)


def test_d53_the_recovery_rate_counts_the_attempts_of_recovered_leads(failed):
    recover(failed, failed.failed[0], T0 + DAY, 45000)
    answer = report(failed, "recovery")
    assert (answer["recovered"], answer["failures"]["total"]) == (2, 5)
    assert answer["recovery_rate"] == Decimal("0.4")


def test_d54_the_share_of_failures_that_gave_a_lead(failed):
    answer = report(failed, "recovery")
    assert answer["capture_rate"] == Decimal("0.8")
    assert sum(day["captured"] for day in answer["by_day"]) == 4


def test_d55_the_recovery_rate_by_month(own):
    for month, recovered in (("11", 1), ("12", 3)):
        for n in range(4):
            at = ms(f"2025-{month}-1{n}T10:00:00.000Z")
            lead_id = fail(own, raw(Person()), at=at)["id"]
            if n < recovered:
                recover(own, lead_id, at + HOUR, 100)
    rates = [report(own, "recovery", **{"from": since, "to": until})["recovery_rate"]
             for since, until in (("2025-11-01", "2025-12-01"), ("2025-12-01", "2026-01-01"),
                                  ("2025-11-01", "2026-01-01"), ("2026-01-01", "2026-02-01"))]
    assert rates == [Decimal("0.25"), Decimal("0.75"), Decimal("0.5"), None]


def test_d56_the_shares_within_5_minutes_and_an_hour(own):
    waits = [10 * SECOND, MINUTE, 300 * SECOND, 300 * SECOND + 1, HOUR, HOUR + 1, DAY, DAY + 1]
    make_contacted(own, "booking_failed", T0, waits)
    answer = report(own, "response-time")
    assert answer["average_s"] == seconds(sum(waits) // len(waits))
    assert answer["within_300_s"] == Decimal("0.375")
    assert answer["within_3600_s"] == Decimal("0.625")
    assert [step["up_to_s"] for step in answer["curve"]] == [
        60, 300, 900, 1800, 3600, 14400, 86400, None]
    assert [step["leads"] for step in answer["curve"]] == [2, 1, 1, 0, 1, 1, 1, 1]


def test_d57_the_share_of_hot_and_warm_leads(own):
    ids = [fail(own, raw(Person()), at=T0 + n)["id"] for n in range(4)]
    visitor = Visitor(own)
    visitor.track(STEP_1, contact_of(Person()), at=T0)
    change(own, ids[0], T0 + 10, status="lost")
    change(own, ids[1], T0 + 10, floor=70)
    change(own, ids[2], T0 + 10, floor=100)
    answer = report(own, "quality")
    assert (answer["HOT"], answer["WARM"], answer["COLD"], answer["total"]) == (2, 2, 1, 5)
    assert answer["hot_warm_rate"] == Decimal("0.8")
    assert answer["average_score"] == Decimal("61.0")
    counts = {(band["from"], band["to"]): band["count"] for band in answer["histogram"]}
    assert list(counts) == [(10 * n, 100 if n == 9 else 10 * n + 9) for n in range(10)]
    assert {band: n for band, n in counts.items() if n} == {
        (0, 9): 1, (50, 59): 1, (70, 79): 1, (80, 89): 1, (90, 100): 1}


def test_d58_what_recovered_bookings_have_brought(failed):
    assert str(report(failed, "recovery")["revenue_recovered"]) == "0.00"
    recover(failed, failed.failed[0], T0 + DAY, 45000)
    recover(failed, failed.failed[2], T0 + DAY, 120050)
    answer = report(failed, "recovery")
    assert str(answer["revenue_recovered"]) == "1650.50" and answer["currency"] == "USD"
    row, = report(failed, "sources")["sources"]
    assert str(row["revenue"]) == "1650.50"


def test_d59_what_was_asked_for_most(own):
    wanted = {("2025-11-15", "6PM"): 3, ("2025-11-15", "12PM"): 2, ("2025-11-16", "12PM"): 2,
              ("2025-11-15", "9PM"): 1}
    attempts = [date for date, count in wanted.items() for _ in range(count)]
    random.Random(1).shuffle(attempts)
    for n, (date, time) in enumerate(attempts):
        form = {"preferred_date": date, "preferred_time": time, **(NOBODY if n % 3 == 0 else {})}
        fail(own, raw(Person(), form=form), 202 if n % 3 == 0 else 201, at=T0 + n % 2 * DAY)
    fail(own, raw(Person(), form={"preferred_date": None, "preferred_time": None}))
    answer = report(own, "recovery", to="2025-11-20")
    assert answer["demand"] == [{"date": date, "time": time, "count": count} for (date, time), count
                                in sorted(wanted.items(), key=lambda one: (-one[1], one[0]))]
    assert report(own, "recovery", source="WhatsApp")["demand"] == []


def test_d59_only_the_first_50_are_shown(own):
    for n in range(60):
        date = f"2026-{1 + n // 28:02}-{1 + n % 28:02}"
        fail(own, raw(Person(), form={"preferred_date": date, **NOBODY}), 202, at=T0)
    demand = report(own, "recovery")["demand"]
    assert [one["date"] for one in demand] == [f"2026-{1 + n // 28:02}-{1 + n % 28:02}"
                                               for n in range(50)]


def test_d52_percentiles_of_more_than_10000_leads_are_at_most_2_percent_off(own):
    chance = random.Random(7)
    times = [int(chance.lognormvariate(13, 2)) + 1 for _ in range(10000)]
    for day in range(2):
        make_contacted(own, "booking_failed", T0 + day * DAY, times[day::2], f"d{day}")
    exact = {name: rank(times, percent) for name, percent in (("p50_s", 50), ("p90_s", 90))}
    answer = report(own, "response-time")
    assert "approximate" not in answer and answer["count"] == 10000
    assert {name: answer[name] for name in exact} == {name: seconds(time)
                                                      for name, time in exact.items()}
    make_contacted(own, "other", T0 + DAY, [HOUR])
    answer = report(own, "response-time", source="booking_failed")
    assert answer["p50_s"] == seconds(exact["p50_s"]) and "approximate" not in answer
    make_contacted(own, "booking_failed", T0 + DAY, [1000 * DAY], "e")
    for query, count in (({}, 10002), ({"source": "BOOKING_FAILED"}, 10001)):
        answer = report(own, "response-time", **query)
        assert answer["approximate"] is True and answer["count"] == count
        for name, time in exact.items():
            assert abs(answer[name] - time / 1000) <= 0.02 * time / 1000 + 0.5, name


def test_e38_leads_and_conversion_rate_per_day(failed):
    change(failed, failed.failed[0], T0 + DAY, status="converted")
    answer = report(failed, "overview")
    days = [(day["date"], day["leads"], day["converted"], day["conversion_rate"])
            for day in answer["series"]]
    assert days == [("2025-11-11", 2, 1, Decimal("0.5")), ("2025-11-12", 1, 0, 0),
                    ("2025-11-13", 0, 0, None)]
    assert answer["leads"] == {"total": 3, "previous": 0, "change": None}
    assert answer["average_score"] == {"value": 85, "previous": None}
    assert answer["conversion_rate"] == {"value": Decimal("0.3333"), "previous": None,
                                         "change": None}
    answer = report(failed, "overview", **{"from": "2025-11-12", "to": "2025-11-13"})
    assert answer["leads"] == {"total": 1, "previous": 2, "change": Decimal("-0.5")}
    assert answer["conversion_rate"] == {"value": 0, "previous": Decimal("0.5"), "change": -1}


def test_e43_a_campaign_is_in_the_source_figures(own):
    ids = [fail(own, raw(Person(), utm_campaign=name), at=T0)["id"]
           for name in ("spring", "a & b", "spring")]
    Visitor(own).track(contact_of(Person()), utm_campaign="spring", at=T0)
    Visitor(own).track(STEP_1, utm_campaign="nobody", at=T0)
    change(own, ids[2], T0 + MINUTE, status="converted")
    regular, person = Visitor(own, session="sess_1"), Person()
    made = regular.track(contact_of(person), at=T0)
    decide(own, made["id"], "approved", at=T0 + MINUTE)
    regular.track(contact_of(person), utm_campaign="winter", at=T0 + 2 * MINUTE)
    visitor, person = Visitor(own), Person()
    visitor.track(contact_of(person), at=T0 + DAY)
    visitor.track(contact_of(person), utm_campaign="late", at=T0 + DAY)
    visitor.track(contact_of(person), utm_campaign="later", at=T0 + DAY)
    assert report(own, "sources")["campaigns"] == [
        {"source": "BOOKING_FAILED", "campaign": "spring", "leads": 2, "converted": 1},
        {"source": "Booking Form", "campaign": "winter", "leads": 1, "converted": 1},
        {"source": "BOOKING_FAILED", "campaign": "a & b", "leads": 1, "converted": 0},
        {"source": "Booking Form", "campaign": "later", "leads": 1, "converted": 0},
        {"source": "Booking Form", "campaign": "spring", "leads": 1, "converted": 0}]


def test_sources_are_sorted_by_any_column_and_filtered(own):
    for name, count in (("BOOKING_FAILED", 1), ("Face Analysis", 2), ("Partner Site", 3),
                        ("Trade Fair", 1)):
        for n in range(count):
            made = own.call("POST", LEADS, {"source": name, "name": "Jo",
                                            "contacts": contacts_of(Person())}, at=T0 + n).json()
    change(own, made["id"], T0, status="converted")

    def order(**query):
        return [row["source"] for row in report(own, "sources", **query)["sources"]]

    assert order() == order(sort="-leads") == ["other", "Face Analysis", "BOOKING_FAILED"]
    assert order(sort="leads") == ["BOOKING_FAILED", "Face Analysis", "other"]
    assert order(sort="source") == order(sort="-source")[::-1] == [
        "BOOKING_FAILED", "Face Analysis", "other"]
    assert order(sort="-hot")[0] == "Face Analysis"
    assert order(sort="-conversions")[0] == order(sort="-conversion_rate")[0] == "other"
    for name in ("quality_leads", "revenue", "cost", "cost_per_lead", "cost_per_quality_lead",
                 "roi"):
        assert sorted(order(sort=name)) == sorted(order(sort="-" + name)) == sorted(order())
    assert order(min_leads=2) == ["other", "Face Analysis"] and order(min_leads=5) == []
    rows = {row["source"]: row for row in report(own, "sources")["sources"]}
    assert rows["other"]["leads"] == 4 and rows["other"]["leads_url"] is None
    row = rows["Face Analysis"]
    assert {name: row[name] for name in ("cost", "cost_per_lead", "cost_per_quality_lead",
                                         "roi")} == dict.fromkeys(
        ("cost", "cost_per_lead", "cost_per_quality_lead", "roi"))
    assert row["leads_url"] == "/v1/leads?source=Face%20Analysis"
    assert len(own.get(row["leads_url"])["data"]) == row["leads"]


@pytest.mark.parametrize("path, fields", [
    ("recovery?source=Partner", {"source": "enum"}),
    ("response-time?source=%20", {"source": "enum"}),
    ("sources?sort=shoes&min_leads=-1", {"sort": "enum", "min_leads": "range"}),
    ("quality?from=2025-11-11&to=2025-11-10", {"from": "range"}),
    ("recovery?source=x&tz=CET", {"source": "enum", "tz": "enum"})])
def test_what_a_report_does_not_understand_is_refused(svc, path, fields):
    answer = svc.call("GET", "/v1/analytics/" + path, expect=422)
    assert {fault["field"]: fault["code"] for fault in answer.json()["errors"]} == fields


@pytest.mark.parametrize("name", ["recovery", "response-time", "quality", "sources", "overview"])
def test_an_unchanged_report_is_304_and_a_failure_makes_it_200_again(own, name):
    path = f"/v1/analytics/{name}?from=2025-11-11&to=2025-11-14"
    fail(own, raw(Person()), at=T0)
    first = own.call("GET", path, expect=200)
    assert first.header("etag").startswith('W/"')
    assert first.header("cache-control") == "private, no-cache"
    known = {"If-None-Match": first.header("etag")}
    assert own.call("GET", path, headers=known).status == 304
    assert own.call("GET", path + "&source=WhatsApp&sort=hot", headers=known).status == 200
    fail(own, raw(Person(), form=NOBODY), 202, at=T0)
    assert own.call("GET", path, headers=known).status == 200


@pytest.mark.parametrize("times", [[HOUR] * 1001, [HOUR] * 10001], ids=["exact", "approximate"])
def test_reports_ask_for_no_unbounded_range(own, times):
    make_contacted(own, "other", T0, times)
    fail(own, raw(Person(), utm_campaign="spring"), at=T0)
    with Monitor(own.redis) as monitor:
        for name in ("recovery", "response-time", "quality", "sources", "overview"):
            report(own, name)
    calls = [words for _, words in monitor.commands]
    assert monitor.called("ZRANGE") and offences(calls) == []


# Every figure is a recount of the records ---------------------------------------------------------


class Weeks:
    """Random days of a booking site: leads come, repeat, and change."""

    CAMPAIGNS = (None, "spring", "autumn sale", "späti")

    def __init__(self, api, seed):
        self.api, self.chance = api, random.Random(seed)
        self.now = DAY_0
        self.attempts, self.people, self.ids, self.forms = [], [], [], []

    def fail(self, body, of_nobody=False, expect=None):
        error, (reason, refined) = self.chance.choice(list(ERRORS.items()))
        body["error"] = error
        body["form"]["preferred_time"] = self.chance.choice(["12PM", "6PM"])
        answer = self.api.call("POST", LEADS, body, expect, at=self.now).json()
        self.attempts.append((self.now, reason, refined, body["form"]["preferred_time"],
                              not of_nobody))
        return answer

    def failure(self):
        person = Person()
        self.people.append(person)
        body = raw(person)
        campaign = self.chance.choice(self.CAMPAIGNS)
        if campaign:
            body["utm_campaign"] = campaign
        self.ids.append(self.fail(body, expect=201)["id"])

    def again(self):
        if self.people:
            answer = self.fail(raw(self.chance.choice(self.people)))
            self.ids.append(answer["id"])

    def nobody(self):
        self.fail(raw(Person(), form=NOBODY), of_nobody=True, expect=202)

    def other(self):
        source = self.chance.choice(["AI Recommendation", "Face Analysis", "Cost Calculator",
                                     "Partner Site", "Trade Fair"])
        made = self.api.call("POST", LEADS, {
            "source": source, "name": "Jo", "contacts": contacts_of(Person()),
            "utm_campaign": self.chance.choice(self.CAMPAIGNS[1:])}, 201, at=self.now).json()
        self.ids.append(made["id"])

    def form(self):
        visitor, person = Visitor(self.api), Person()
        visitor.track(STEP_1, at=self.now)
        call = self.chance.choice([visitor.track, visitor.submit])
        campaign = self.chance.choice(self.CAMPAIGNS)
        made = call(contact_of(person), at=self.now, **{"utm_campaign": campaign} if campaign
                    else {})
        self.forms.append(made["id"])
        self.ids.append(made["uuid"])

    def decided(self):
        if self.forms:
            decide(self.api, self.forms.pop(), self.chance.choice(["approved", "rejected"]),
                   at=self.now)

    def changed(self):
        if not self.ids:
            return
        change(self.api, self.chance.choice(self.ids), self.now, **self.chance.choice([
            {"is_active": 0}, {"is_active": 1}, {"satisfaction": self.chance.randint(1, 5)},
            {"first_contact_at": self.now}, {"first_contact_at": self.now}]))

    def of_other_words(self):
        """Statuses of all leads but the form's."""
        lead_id = self.chance.choice(self.ids or [None])
        lead = lead_id and self.api.get(f"{LEADS}/{lead_id}")
        if lead and lead["source"] != "Booking Form":
            change(self.api, lead_id, self.now, **self.chance.choice([
                {"status": "contacted"}, {"status": "lost"}, {"status": "converted"},
                {"status": "converted", "recovered_at": self.now,
                 "revenue_cents": self.chance.randint(1, 10**6)}]))

    def go_on(self, steps):
        acts = [self.failure, self.failure, self.again, self.nobody, self.other, self.form,
                self.decided, self.changed, self.changed, self.of_other_words]
        for _ in range(steps):
            self.now += int(self.chance.expovariate(1 / (40 * MINUTE))) + 1
            self.chance.choice(acts)()

    def leads(self):
        return self.api.list(LEADS)

    def revenue_of(self, lead):
        stored = self.api.hash("LEAD", lead["id"])
        return Decimal(stored.get("revenue_cents", 0)) / 100 if "recovered_at" in stored else 0


def part_of(expected, answer):
    """The members of answer that expected has."""
    return {name: answer[name] for name in expected}


def check_recovery(weeks, leads, query, since, until):
    answer = weeks.api.get("/v1/analytics/recovery", **query)
    attempts = [one for one in weeks.attempts if since <= one[0] < until]
    failures = Counter(one[1] for one in attempts)
    captured = sum(one[4] for one in attempts)
    failed = [lead for lead in leads if lead["source"] == "BOOKING_FAILED"]
    converted = sum(lead["status"] in CONVERTED for lead in failed)
    recovered = sum(lead["attempts"] for lead in failed if lead["recovered_at"])
    rated = [lead["satisfaction"] for lead in failed if lead["satisfaction"]]
    expected = {
        "failures": total(len(attempts), **failures), "leads": len(failed),
        "capture_rate": rate(captured, len(attempts)), "converted": converted,
        "conversion_rate": rate(converted, len(failed)), "recovered": recovered,
        "recovery_rate": rate(recovered, len(attempts)),
        "revenue_recovered": sum(map(weeks.revenue_of, failed)),
        "satisfaction": {"average": rate(sum(rated), len(rated), 1), "n": len(rated)},
        "classifier": {"mode": "literal",
                       "disagreements": sum(one[1] != one[2] for one in attempts)}}
    assert part_of(expected, answer) == expected
    for day, start in zip(answer["by_day"], range(since, until, DAY)):
        own = [one for one in attempts if start <= one[0] < start + DAY]
        assert day == {"date": date_of(start), **total(**Counter(one[1] for one in own)),
                       "captured": sum(one[4] for one in own)}
    assert {(one["date"], one["time"]): one["count"] for one in answer["demand"]} == Counter(
        ("2025-11-15", one[3]) for one in attempts)


def check_others(weeks, leads, query, source):
    """Failures of sources that have none are their leads' attempts."""
    own = [lead for lead in leads if word(lead) == source]
    answer = weeks.api.get("/v1/analytics/recovery", source=source, **query)
    attempts = sum(lead["attempts"] for lead in own)
    assert answer["failures"] == total(attempts) and answer["leads"] == len(own)
    assert answer["capture_rate"] == (1 if own else None)


def check(weeks, since, until):
    everything = weeks.leads()
    leads = within(everything, since, until)
    query = {"from": date_of(since), "to": date_of(until)}
    check_recovery(weeks, leads, query, since, until)
    check_others(weeks, leads, query, weeks.chance.choice(["other", "WhatsApp", "Booking Form"]))

    expected = quality_of(leads)
    assert part_of(expected, weeks.api.get("/v1/analytics/quality", **query)) == expected

    for source in (None, weeks.chance.choice([*SOURCES, "other"])):
        expected = response_of([lead for lead in leads if source in (None, word(lead))])
        answer = weeks.api.get("/v1/analytics/response-time", source=source, **query)
        answer["by_source"] = {row.pop("source"): row for row in answer["by_source"]}
        assert part_of(expected, answer) == expected

    expected = sources_of(leads, weeks.revenue_of)
    answer = weeks.api.get("/v1/analytics/sources", **query)
    assert {row["source"]: part_of(expected[row["source"]], row)
            for row in answer["sources"]} == expected
    assert {(row["source"], row["campaign"]): (row["leads"], row["converted"])
            for row in answer["campaigns"]} == campaigns_of(leads)

    expected = overview_of(everything, since, until)
    answer = weeks.api.get("/v1/analytics/overview", **query)
    series = expected.pop("series")
    assert part_of(expected, answer) == expected
    assert [part_of(series[0], day) for day in answer["series"]] == series


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_is_a_recount_of_the_leads(make_own, seed):
    weeks = Weeks(make_own("--redis-deadline", "10000"), seed)
    for _ in range(4):
        weeks.go_on(40)
        first = weeks.chance.randrange(4)
        check(weeks, DAY_0 + first * DAY, DAY_0 + (first + weeks.chance.randint(1, 3)) * DAY)
    check(weeks, DAY_0, DAY_0 + 9 * DAY)
