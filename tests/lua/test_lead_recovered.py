"""A person books after all: event_track recovers their leads, and undoing a merge takes back what
the side would not have recovered.

SPDX-License-Identifier: MIT
"""
import pytest

from support.times import DAY, HOUR, T0

ANN, BOB = {"email": "ann@example.com"}, {"email": "bob@example.com"}


class Lead:
    """A failed booking of somebody."""

    def __init__(self, crm, who, now=T0, **how):
        reply = crm.fail(now=now, **who, **how)
        self.crm, self.id, self.task, self.alert = crm, reply[1], reply[4], reply[5]
        self.c = self.row["contact_id"][8:]

    @property
    def row(self):
        return self.crm.hash("LEAD", self.id)

    def state(self):
        """What a merge and its undoing must leave as it was."""
        crm, row = self.crm, self.row
        task, alert = crm.hash("TASK", self.task), crm.hash("ALERT", self.alert)
        for record in (row, task, alert):
            record.pop("v", None)
        row.pop("updated_at")
        return (row, task, alert, crm.redis.zscore(crm.key("ALERT_OPEN"), self.alert),
                crm.redis.zscore(crm.key("TASK_OPEN"), self.task),
                crm.contact(self.c).get("open_tasks"), crm.members(self.c))


def book(crm, who, now, amount=45000, **how):
    return crm.track("booking.completed", who, at=now, amount=amount, **how)


def test_a_booking_recovers_every_open_lead_and_gives_its_revenue_to_the_newest(crm):
    first, second = Lead(crm, ANN), Lead(crm, ANN, T0 + HOUR, date="2025-11-16")
    crm.update(first.id, T0 + HOUR, contacted="ann")
    book(crm, ANN, T0 + 2 * HOUR)
    for lead, before, revenue in ((first, "contacted", None), (second, "new", "45000")):
        row = lead.row
        assert (row["status"], row["recovered_from"]) == ("converted", before)
        assert row["recovered_at"] == row["converted_at"] == str(T0 + 2 * HOUR)
        assert row.get("revenue_cents") == revenue
        task, alert = crm.hash("TASK", lead.task), crm.hash("ALERT", lead.alert)
        assert (task["status"], task["outcome"]) == ("cancelled", "resolved")
        assert alert["acked_by"] == ("ann" if lead is first else "resolved")
    assert crm.contact(first.c)["open_tasks"] == "1", "the welcome that the booking makes"
    assert crm.counters()["recovered"] == 2
    day = crm.redis.hgetall(crm.day(name="LEAD_DAY"))
    assert (day["booking_failed:recovered"], day["booking_failed:revenue_cents"]) == ("2", "45000")
    assert [entry["l"] for entry in crm.feed() if entry["t"] == "lead.recovered"] == [
        second.id, first.id]
    assert [entry["t"] for entry in crm.members(first.c)].count("lead.converted") == 0


@pytest.mark.parametrize("spoil", [
    lambda crm, lead: crm.update(lead, **{"=is_active": "0"}),
    lambda crm, lead: crm.update(lead, other=("lost", "new")),
    lambda crm, lead: crm.convert(lead, "7")])
def test_what_is_decided_or_put_aside_is_not_recovered(crm, spoil):
    lead = Lead(crm, ANN)
    spoil(crm, lead.id)
    before = lead.row
    book(crm, ANN, T0 + HOUR)
    assert lead.row == before and "recovered" not in crm.counters()


def test_forms_and_conversations_are_not_recovered(crm):
    form = crm.book(phone="+15550001111", email=ANN["email"])[1]
    chat = crm.fail(**ANN, source="whatsapp", reason=None)[1]
    book(crm, ANN, T0 + HOUR)
    assert crm.hash("LEAD", form)["status"] == "tracking"
    assert crm.hash("LEAD", chat)["status"] == "new"


def test_only_a_completed_booking_recovers_and_the_same_event_once(crm):
    lead = Lead(crm, ANN)
    crm.track("booking.started", ANN, at=T0 + 1)
    crm.track("payment.failed", ANN, at=T0 + 2)
    assert lead.row["status"] == "new"
    seen = {"seen": crm.seen("e1"), "seen_print": "-"}
    book(crm, ANN, T0 + 3, **seen)
    before = lead.row
    book(crm, ANN, T0 + 4, **seen)
    book(crm, ANN, T0 + 5)
    assert lead.row == before and crm.counters()["recovered"] == 1


def test_a_task_that_a_person_has_done_stays_done(crm):
    lead = Lead(crm, ANN)
    crm.complete(lead.task, "no_answer", T0 + 1)
    book(crm, ANN, T0 + 2)
    task = crm.hash("TASK", lead.task)
    assert (task["status"], task["outcome"]) == ("done", "no_answer")
    assert crm.contact(lead.c)["open_tasks"] == "1"


def test_who_has_no_lead_pays_one_question(crm):
    crm.track("page.viewed", ANN)
    _, calls = crm.calls(lambda: book(crm, ANN, T0 + 1))
    assert calls["exists"] == 1 and "zrange" not in calls
    _, calls = crm.calls(lambda: crm.track("page.viewed", ANN, at=T0 + 2))
    assert "exists" not in calls


# Merged and undone --------------------------------------------------------------------------------


def live(crm, when_merged, steps):
    """Both worlds' life: Ann and Bob with a failed booking each, perhaps merged, then steps."""
    crm.emptied()
    crm.numbers = type(crm.numbers)(1)
    ann, bob = Lead(crm, ANN), Lead(crm, BOB, T0 + 1)
    crm.numbers = type(crm.numbers)(50)
    merge = crm.merge(*when_merged(ann.c, bob.c), now=T0 + HOUR) if when_merged else None
    crm.numbers = type(crm.numbers)(100)
    for n, (who, amount) in enumerate(steps):
        book(crm, who, T0 + 2 * HOUR + n, amount, booking_id=f"b{n}")
    if merge:
        crm.undo(merge, now=T0 + DAY)
    assert not crm.faults()
    return ann.state(), bob.state()


@pytest.mark.parametrize("order", [lambda a, b: (a, b), lambda a, b: (b, a)])
@pytest.mark.parametrize("steps", [
    [], [(ANN, 100)], [(BOB, 100)], [(ANN, 100), (BOB, 200)], [(BOB, 100), (ANN, 200), (BOB, 300)]])
def test_undone_each_has_recovered_what_its_own_bookings_recover(crm, order, steps):
    assert live(crm, None, steps) == live(crm, order, steps)


def test_merged_a_booking_of_one_recovers_the_leads_of_both(crm):
    ann, bob = Lead(crm, ANN), Lead(crm, BOB, T0 + 1)
    merge = crm.merge(ann.c, bob.c, now=T0 + HOUR)
    assert crm.hash("ALERT", bob.alert)["contact_id"] == f"contact_{ann.c}"
    book(crm, ANN, T0 + 2 * HOUR)
    assert {lead.row["status"] for lead in (ann, bob)} == {"converted"}
    record = crm.hash("MERGE", merge)
    assert record[f"recovered:{ann.id}"] == f"{T0 + 2 * HOUR} 45000"
    assert f"recovered:{bob.id}" not in record
    crm.undo(merge, now=T0 + DAY)
    assert (ann.row["status"], bob.row["status"]) == ("converted", "new")
    assert crm.hash("ALERT", bob.alert)["contact_id"] == f"contact_{bob.c}"
    assert list(crm.open_tasks("failed_booking")) == [bob.task]


def test_an_approved_request_recovers_for_the_side_that_has_made_it(crm):
    ann, bob = Lead(crm, ANN), Lead(crm, BOB, T0 + 1)
    form = crm.book(phone="+15550001111", email=ANN["email"], now=T0 + 2)[1]
    merge = crm.merge(ann.c, bob.c, now=T0 + HOUR)
    crm.convert(form, now=T0 + 2 * HOUR)
    assert {lead.row["status"] for lead in (ann, bob)} == {"converted"}
    crm.undo(merge, now=T0 + DAY)
    assert (ann.row["status"], bob.row["status"]) == ("converted", "new")
    assert crm.hash("LEAD", form)["status"] == "approved"


def test_what_people_did_with_a_recovered_lead_stays(crm):
    ann, bob = Lead(crm, ANN), Lead(crm, BOB, T0 + 1)
    merge = crm.merge(ann.c, bob.c, now=T0 + HOUR)
    book(crm, ANN, T0 + 2 * HOUR)
    crm.convert(bob.id, "7", T0 + 3 * HOUR)
    crm.undo(merge, now=T0 + DAY)
    assert (bob.row["status"], bob.row["student_id"]) == ("converted", "7")
    assert crm.contact(bob.c)["student_id"] == "7" and "student_id" not in crm.contact(ann.c)
    assert crm.hash("TASK", bob.task)["status"] == "cancelled"


def test_a_lead_contacted_meanwhile_goes_back_to_contacted(crm):
    ann, bob = Lead(crm, ANN), Lead(crm, BOB, T0 + 1)
    merge = crm.merge(ann.c, bob.c, now=T0 + HOUR)
    book(crm, ANN, T0 + 2 * HOUR)
    crm.update(bob.id, T0 + 3 * HOUR, contacted="ann")
    crm.undo(merge, now=T0 + DAY)
    assert bob.row["status"] == "contacted"


def test_a_lead_lost_while_merged_stays_lost_and_its_task_closed(crm):
    ann, bob = Lead(crm, ANN), Lead(crm, BOB, T0 + 1)
    merge = crm.merge(ann.c, bob.c, now=T0 + HOUR)
    crm.update(bob.id, T0 + 2 * HOUR, other=("lost", "new contacted"))
    crm.undo(merge, now=T0 + DAY)
    assert bob.row["status"] == "lost" and crm.contact(bob.c)["lead_score"] == "50"
    assert crm.hash("TASK", bob.task)["status"] == "cancelled"
    assert crm.contact(bob.c)["open_tasks"] == "0" and ann.row["status"] == "new"
