"""lead_capture, branch by branch: which lead a call repeats, and what it writes.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.scripts import Workspace
from support.times import DAY, HOUR, T0

ANN = {"email": "ann@example.com", "phone": "+15550001111"}


def fields(row):
    return dict(zip(row[::2], row[1::2]))


class Captured:
    """The reply of lead_capture."""

    def __init__(self, reply):
        (self.replayed, self.lead, self.created, self.contact_made, self.task, self.alert, row,
         self.slots, *self.notes) = reply
        self.replayed, self.created = int(self.replayed) == 1, int(self.created) == 1
        self.row = fields(row)
        self.contact = self.row.get("contact_id")


@pytest.fixture
def capture(ws):
    return lambda **how: Captured(ws.fail(**how))


def test_a_first_failure_makes_contact_lead_task_and_alert(ws, capture):
    made = capture(**ANN, floor=85)
    assert made.created and made.row["status"] == "new" and made.row["score"] == "85"
    contact = ws.redis.hgetall(ws.key("CONTACT", made.contact[8:]))
    assert (contact["lead_score"], contact["open_tasks"]) == ("85", "1")
    task = ws.redis.hgetall(ws.key("TASK", made.task))
    assert (task["lead_id"], task["due"], task["status"]) == (made.lead, str(T0 + HOUR), "open")
    alert = ws.redis.hgetall(ws.key("ALERT", made.alert))
    assert (alert["lead_id"], alert["contact_id"], alert["task_id"]) == (made.lead, made.contact,
                                                                         made.task)
    assert ws.redis.zscore(ws.key("ALERT_OPEN"), made.alert) == T0 + 300000


def test_a_lead_stands_in_the_lists_of_what_it_is(ws, capture):
    lead = capture(**ANN).lead
    for name, rest in (("LEAD_CREATED", None), ("LEAD_STATUS", "new"), ("LEAD_STATE", "open"),
                       ("LEAD_SOURCE", "booking_failed:open"), ("LEAD_QUALITY", "hot"),
                       ("LEAD_REASON", "slot_unavailable")):
        key = ws.key(name, rest) if rest else ws.key(name)
        assert ws.redis.zscore(key, lead) == T0, key
    assert ws.redis.zscore(ws.key("LEAD_UPDATED"), lead) == T0
    assert ws.redis.zscore(ws.key("LEAD_SCORE"), lead) == 85e13 + T0
    assert ws.redis.zscore(ws.key("LEAD_PRIORITY"), lead) > T0 / DAY + 6
    day = ws.redis.hgetall(ws.day(name="LEAD_DAY"))
    assert day["booking_failed:leads"] == "1" and day["booking_failed:band:8"] == "1"


def test_a_repetition_counts_attempts_and_moves_nothing_else(ws, capture):
    first = capture(**ANN)
    again = capture(phone=ANN["phone"], now=T0 + DAY - 1, fields={"=name": "Bob", "=detail": "x"})
    assert (again.lead, again.created) == (first.lead, False)
    assert (again.row["attempts"], again.row["name"], again.row["detail"]) == ("2", "Ann", "x")
    assert (again.task, again.alert) == (first.task, first.alert)
    assert ws.redis.zcard(ws.key("TASK_OPEN")) == 1
    day = ws.redis.hgetall(ws.day(name="LEAD_DAY"))
    assert day["booking_failed:attempts"] == "2" and day["booking_failed:leads"] == "1"


@pytest.mark.parametrize("how", [{"now": T0 + DAY}, {"date": "2025-11-16"}, {"time": "9PM"},
                                 {"source": "trade_fair", "reason": None}])
def test_what_makes_another_lead(capture, how):
    first = capture(**ANN)
    other = capture(**ANN, **how)
    assert other.created and other.lead != first.lead
    assert other.contact == first.contact


def test_of_other_sources_the_same_again_is_the_same_lead_whatever_the_date(capture):
    fair = {"source": "trade_fair", "reason": None}
    first = capture(**ANN, **fair)
    assert capture(**ANN, **fair, date="2026-01-01").lead == first.lead


def test_a_lead_that_is_closed_is_not_found_again(ws, capture):
    for status in ("converted", "lost"):
        first = capture(**ANN, time=status)
        ws.redis.hset(ws.key("LEAD", first.lead), "status", status)
        assert capture(**ANN, time=status).created
    first = capture(**ANN, time="away")
    ws.redis.hset(ws.key("LEAD", first.lead), "is_active", "0")
    assert capture(**ANN, time="away").created


def test_the_lead_of_a_contact_that_is_merged_by_the_call_is_found(ws, capture):
    by_phone = capture(phone=ANN["phone"])
    by_email = ws.track("page.viewed", {"email": ANN["email"]}, at=T0)
    both = capture(**ANN, now=T0 + 1)
    assert (both.lead, both.created) == (by_phone.lead, False)
    assert both.contact == by_email.contact
    assert [note.split(":")[0] for note in both.notes] == ["merged"]


def test_without_an_identity_there_is_a_lead_and_an_alert_but_no_contact(ws, capture):
    made = capture()
    assert made.contact is None and made.task == "" and made.alert != ""
    assert ws.redis.hget(ws.key("ALERT", made.alert), "task_id") == ""
    assert ws.redis.zscore(ws.key("LEAD_CREATED"), made.lead) == T0
    assert ws.redis.zcard(ws.key("CREATED")) == 0
    assert capture().lead != made.lead


def test_the_same_id_gets_the_first_answer(ws, capture):
    seen = {"seen": ws.key("SEEN", "event:1"), "seen_print": "-"}
    first = capture(**ANN, **seen)
    again = capture(**ANN, **seen, now=T0 + 5)
    assert again.replayed and (again.lead, again.created, again.task) == (first.lead, True,
                                                                         first.task)
    assert again.row["attempts"] == "1"
    key = {"again": ws.key("SEEN", "key:1"), "again_print": "a"}
    capture(**ANN, **key)
    with pytest.raises(redis.ResponseError, match="^MISMATCH"):
        capture(**ANN, again=key["again"], again_print="b")


@pytest.mark.parametrize("spoilt", [{"session_keep": None}, {"merge_1": None}, {"other": None},
                                    {"task_due": "soon"}, {"alert_title": None},
                                    {"seen": "crm_seen_x"}])
def test_arguments_are_checked_before_the_first_write(ws, capture, spoilt):
    with pytest.raises(redis.ResponseError, match="^(ERR )?lead_capture"):
        capture(**ANN, **spoilt)
    assert ws.redis.dbsize() == 0


def test_a_contact_number_that_is_taken_writes_nothing(ws: Workspace):
    keys, arguments = ws.failure(**ANN)
    ws.run("lead_capture", keys, *arguments)
    other, again = ws.failure(email="bob@example.com")
    again[9] = arguments[9]
    size = ws.redis.dbsize()
    with pytest.raises(redis.ResponseError, match="^NUMBER"):
        ws.run("lead_capture", other, *again)
    assert ws.redis.dbsize() == size
