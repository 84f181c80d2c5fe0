"""task_complete and activity_add: what a person has done, in the task's and the contact's records.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.scripts import uuid
from support.times import DAY, HOUR, MINUTE, T0

ANN, BOB = {"email": "ann@example.com"}, {"email": "bob@example.com"}


class Person:
    """Somebody with a failed booking."""

    def __init__(self, crm, who=None, now=T0, **how):
        reply = crm.fail(now=now, **(who or ANN), **how)
        self.crm, self.lead, self.task, self.alert = crm, reply[1], reply[4], reply[5]
        self.c = self.row["contact_id"][8:]

    @property
    def row(self):
        return self.crm.hash("LEAD", self.lead)


@pytest.fixture
def ann(crm):
    return Person(crm)


def test_a_task_is_done_and_leaves_the_open_lists(crm, ann):
    version = int(crm.contact(ann.c)["v"])
    _, task = crm.complete(ann.task, "declined", T0 + 1, note="Too dear", agent="bob")
    assert {name: task[name] for name in ("status", "outcome", "done_at", "done_by", "done_note",
                                          "v")} == {
        "status": "done", "outcome": "declined", "done_at": str(T0 + 1), "done_by": "bob",
        "done_note": "Too dear", "v": "2"}
    assert not crm.redis.exists(crm.key("TASK_DUE"), crm.key("TASK_OPEN"))
    assert crm.redis.zscore(crm.key("TASK_CLOSED"), ann.task) == T0 + 1
    assert crm.redis.ttl(crm.key("TASK", ann.task)) == 90 * DAY // 1000
    contact = crm.contact(ann.c)
    assert (contact["open_tasks"], int(contact["v"])) == ("0", version + 1)
    assert crm.feed()[-1] == {"c": ann.c, "t": "task.completed", "x": ann.task}
    assert ann.row["status"] == "new" and "first_contact_at" not in ann.row


def test_a_closed_task_stays_as_it_is(crm, ann):
    crm.complete(ann.task, "no_answer", T0 + 1)
    before = crm.server.dump()
    _, task = crm.complete(ann.task, "reached", T0 + 2)
    assert task["outcome"] == "no_answer" and crm.server.dump() == before
    for name in (uuid(1), ann.lead):
        with pytest.raises(redis.ResponseError, match="^NOTFOUND"):
            crm.complete(name)


def test_reached_is_the_first_contact_of_its_lead(crm, ann):
    crm.complete(ann.task, "reached", T0 + 5 * MINUTE, agent="bob")
    assert (ann.row["status"], ann.row["first_contact_at"]) == ("contacted", str(T0 + 5 * MINUTE))
    assert crm.hash("ALERT", ann.alert)["acked_by"] == "bob"
    assert [entry["t"] for entry in crm.members(ann.c)] == ["booking.failed", "lead.contacted"]
    assert crm.feed()[-1]["t"] == "lead.contacted"
    crm.update(ann.lead, T0 + HOUR, contacted="bob")
    assert ann.row["first_contact_at"] == str(T0 + 5 * MINUTE)


def test_a_task_of_no_lead_is_reached_as_well(crm):
    task = crm.track("booking.abandoned", ANN).task
    assert crm.complete(task, "reached")[1]["outcome"] == "reached"


def test_a_key_is_remembered(crm, ann):
    again = {"again": crm.key("SEEN", "key:k1"), "again_print": "p"}
    assert crm.complete(ann.task, "reached", **again)[0] == 0
    assert crm.complete(ann.task, "reached", **again)[0] == 1
    with pytest.raises(redis.ResponseError, match="^MISMATCH"):
        crm.complete(ann.task, again=again["again"], again_print="q")
    with pytest.raises(redis.ResponseError, match="^task_complete"):
        crm.complete(ann.task, again="x")


def test_done_while_merged_stays_done_when_the_merge_is_undone(crm, ann):
    bob = Person(crm, BOB, T0 + 1)
    merge = crm.merge(ann.c, bob.c, now=T0 + 2)
    crm.complete(bob.task, "no_answer", T0 + 3)
    assert crm.contact(ann.c)["open_tasks"] == "1"
    crm.undo(merge, now=T0 + 4)
    assert crm.hash("TASK", bob.task)["outcome"] == "no_answer"
    assert (crm.contact(ann.c)["open_tasks"], crm.contact(bob.c)["open_tasks"]) == ("1", "0")


# activity_add -------------------------------------------------------------------------------------


def test_a_note_stands_in_the_timeline_at_its_time_and_changes_nothing_else(crm, ann):
    before = crm.contact(ann.c)
    answer = crm.log_call(ann.c, now=T0 + HOUR, at=T0 + 1, reaches=False, kind="note")
    assert answer[2:] == [str(T0 + 1), f"contact_{ann.c}", "-"]
    assert [(entry["t"], entry["at"]) for entry in crm.members(ann.c)] == [
        ("booking.failed", T0), ("note", T0 + 1)]
    after = crm.contact(ann.c)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"v", "activities", "recent", "updated_at"}
    assert "first_contact_at" not in ann.row


def test_a_call_is_the_first_contact_of_the_named_lead_or_of_the_newest_that_waits(crm, ann):
    newer = Person(crm, ANN, T0 + MINUTE, date="2025-11-16")
    newest = Person(crm, ANN, T0 + 2 * MINUTE, date="2025-11-17")
    crm.update(newest.lead, T0 + 3 * MINUTE, **{"=is_active": "0"})
    crm.log_call(ann.c, ann.lead, now=T0 + HOUR)
    assert (ann.row["status"], ann.row["first_contact_at"]) == ("contacted", str(T0 + HOUR))
    assert crm.members(ann.c)[-1]["l"] == ann.lead
    crm.log_call(ann.c, now=T0 + 2 * HOUR, at=T0 + HOUR + 1)
    assert newer.row["first_contact_at"] == str(T0 + HOUR + 1)
    assert crm.hash("ALERT", newer.alert)["acked_by"] == "api"
    crm.log_call(ann.c, now=T0 + 3 * HOUR)
    assert "first_contact_at" not in newest.row
    assert [entry["t"] for entry in crm.feed()][-2:] == ["lead.contacted", "activity.added"]


def test_a_call_before_the_lead_counts_as_at_once(crm, ann):
    crm.log_call(ann.c, ann.lead, now=T0 + HOUR, at=T0 - HOUR)
    assert ann.row["first_contact_at"] == str(T0)


def test_somebody_elses_lead_is_refused(crm, ann):
    bob = Person(crm, BOB, T0 + 1)
    for lead in (bob.lead, uuid(1)):
        with pytest.raises(redis.ResponseError, match="^INVALID lead_id$"):
            crm.log_call(ann.c, lead)
    with pytest.raises(redis.ResponseError, match="^NOTFOUND"):
        crm.log_call("0000000000000")
    with pytest.raises(redis.ResponseError, match="^activity_add"):
        crm.log_call(ann.c, again="x")


def test_an_old_id_notes_on_the_side_that_it_was(crm, ann):
    bob = Person(crm, BOB, T0 + 1)
    merge = crm.merge(ann.c, bob.c, now=T0 + 2)
    assert crm.log_call(bob.c, now=T0 + 3, reaches=False)[3] == f"contact_{ann.c}"
    crm.log_call(ann.c, now=T0 + 4, reaches=False, kind="note")
    crm.log_call(ann.c, bob.lead, now=T0 + 5, kind="email")
    assert [entry["t"] for entry in crm.members(ann.c)][-3:] == ["call", "note", "email"]
    crm.undo(merge, now=T0 + 6)
    assert [entry["t"] for entry in crm.members(bob.c)] == ["booking.failed", "call", "email"]
    assert [entry["t"] for entry in crm.members(ann.c)] == ["booking.failed", "note"]
    assert bob.row["status"] == "contacted"


def test_the_same_call_again_is_noted_once(crm, ann):
    again = {"again": crm.key("SEEN", "key:k1"), "again_print": "p"}
    first = crm.log_call(ann.c, ann.lead, now=T0 + 1, **again)
    assert crm.log_call(ann.c, ann.lead, now=T0 + 2, **again) == [1, *first[1:]]
    assert [entry["t"] for entry in crm.members(ann.c)] == ["booking.failed", "call"]
