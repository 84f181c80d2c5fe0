"""lead_update and lead_delete: what people do with a lead, in its record and in its person's.

SPDX-License-Identifier: MIT
"""
import itertools
import json

import pytest
import redis

from support.scripts import uuid
from support.slot_scripts import DATE, Slots
from support.times import HOUR, MINUTE, T0

ANN = {"email": "ann@example.com", "phone": "+15550001111"}
LOST = {"other": ("lost", "new contacted")}
CONTACTED = {"other": ("contacted", "new")}
NEW = {"other": ("new", "lost")}
AGAIN = {"again_print": "p"}


class Failed:
    """A failed booking in a workspace: its lead, contact, task and alert."""

    def __init__(self, crm, now=T0, **how):
        reply = crm.fail(now=now, **{**ANN, **how})
        self.crm, self.lead, self.task, self.alert = crm, reply[1], reply[4], reply[5]
        self.c = crm.hash("LEAD", self.lead).get("contact_id", "")[8:]

    @property
    def row(self):
        return self.crm.hash("LEAD", self.lead)

    @property
    def contact(self):
        return self.crm.contact(self.c)

    @property
    def types(self):
        return [entry["t"] for entry in self.crm.members(self.c)]

    def is_settled(self):
        """Neither the task nor the alert is open; None when only one is."""
        task = self.crm.hash("TASK", self.task)
        alert = self.crm.hash("ALERT", self.alert)
        open_ = {task["status"] == "open", "acked_at" not in alert,
                 self.contact["open_tasks"] == "1"}
        return None if len(open_) > 1 else not open_.pop()


@pytest.fixture
def failed(crm):
    return Failed(crm)


def test_a_status_moves_where_it_may_and_nowhere_else(crm, failed):
    _, row = crm.update(failed.lead, T0 + 1, **CONTACTED)
    assert (row["status"], row["v"], row["updated_at"]) == ("contacted", "2", str(T0 + 1))
    with pytest.raises(redis.ResponseError, match="^ILLEGAL contacted$"):
        crm.update(failed.lead, **NEW)
    _, row = crm.update(failed.lead, T0 + 2, **CONTACTED)
    assert row["v"] == "2", "the present status again is no change"
    with pytest.raises(redis.ResponseError, match="^INVALID status$"):
        crm.update(failed.lead, form=("pending", "tracking"))
    with pytest.raises(redis.ResponseError, match="^NOTFOUND"):
        crm.update(failed.lead, source="booking_form", **LOST)


def test_a_number_names_the_lead_too_and_a_wrong_one_none(crm, failed):
    assert crm.update("1", by="no", **{"=assignee": "bob"})[1]["assignee"] == "bob"
    for name, by in (("2", "no"), (uuid(1), "id")):
        with pytest.raises(redis.ResponseError, match="^NOTFOUND"):
            crm.update(name, by=by, **LOST)


def test_lost_settles_task_and_alert_and_the_score_and_the_way_back_is_new(crm, failed):
    assert failed.contact["lead_score"] == "85"
    crm.update(failed.lead, T0 + 1, **LOST)
    assert failed.is_settled() is True
    assert crm.hash("TASK", failed.task)["outcome"] == "resolved"
    assert crm.hash("ALERT", failed.alert)["acked_by"] == "resolved"
    assert (failed.row["score"], failed.contact["lead_score"]) == ("0", "50")
    assert failed.types == ["booking.failed", "lead.lost"]
    crm.update(failed.lead, T0 + 2, **NEW)
    assert (failed.row["score"], failed.contact["lead_score"]) == ("85", "85")
    assert failed.is_settled() is True, "what is done stays done"
    with pytest.raises(redis.ResponseError, match="^ILLEGAL lost$"):
        crm.update(failed.lead, T0 + 3, **LOST)
        crm.convert(failed.lead, "1", T0 + 4)


def test_the_contacts_score_is_the_highest_of_its_leads(crm, failed):
    other = Failed(crm, now=T0 + 1, date="2025-11-16", floor=70)
    assert other.c == failed.c
    crm.update(failed.lead, T0 + 2, **{"=is_active": "0"})
    assert failed.contact["lead_score"] == "70"
    crm.update(other.lead, T0 + 3, **{"=is_active": "0"})
    assert failed.contact["lead_score"] == "50"
    version = failed.contact["v"]
    crm.update(failed.lead, T0 + 4, **{"=is_active": "1"})
    assert failed.contact["lead_score"] == "85" and failed.contact["v"] > version


def test_put_aside_it_keeps_status_and_task_and_moves_in_the_lists(crm, failed):
    crm.update(failed.lead, T0 + 1, **{"=is_active": "0"})
    assert (failed.row["status"], failed.row["is_active"]) == ("new", "0")
    assert failed.is_settled() is False
    assert crm.redis.zscore(crm.key("LEAD_STATE", "inactive"), failed.lead) == T0
    assert crm.feed()[-1]["t"] == "lead.deactivated"
    version = failed.row["v"]
    crm.update(failed.lead, T0 + 2, **{"=is_active": "0"})
    assert failed.row["v"] == version and len(crm.feed()) == 2
    crm.update(failed.lead, T0 + 3, **{"=is_active": "1"})
    assert crm.feed()[-1]["t"] == "lead.reactivated"


def test_converting_makes_a_customer_and_settles(crm, failed):
    _, row = crm.convert(failed.lead, "123", T0 + 1, data='{"student_id":"123"}')
    assert {name: row[name] for name in ("status", "student_id", "converted_at", "is_active")} == {
        "status": "converted", "student_id": "123", "converted_at": str(T0 + 1), "is_active": "1"}
    assert failed.is_settled() is True
    contact = failed.contact
    assert (contact["registered"], contact["student_id"]) == ("1", "123")
    assert crm.redis.get(crm.key("LEAD_STUDENT", "123")) == failed.lead
    entry = crm.members(failed.c)[-1]
    assert (entry["t"], entry["d"], entry["l"]) == ("lead.converted", {"student_id": "123"},
                                                   failed.lead)
    assert crm.feed()[-1] == {"c": failed.c, "t": "lead.converted", "l": failed.lead,
                              "a": entry["i"], "x": failed.task, "al": failed.alert}
    assert "recovered_at" not in row


def test_the_same_student_again_changes_nothing_another_is_refused(crm, failed):
    first = crm.convert(failed.lead, "123", T0 + 1)[1]
    before = crm.server.dump()
    assert crm.convert(failed.lead, "123", T0 + 2) == (0, first)
    with pytest.raises(redis.ResponseError, match="^CONVERTED 123$"):
        crm.convert(failed.lead, "124", T0 + 3)
    assert crm.convert(failed.lead, None, T0 + 4) == (0, first)
    assert crm.server.dump() == before


def test_a_converted_lead_may_get_its_student_later(crm, failed):
    crm.convert(failed.lead, None, T0 + 1)
    assert "student_id" not in failed.row and failed.contact["registered"] == "1"
    _, row = crm.convert(failed.lead, "123", T0 + 2)
    assert (row["student_id"], row["converted_at"]) == ("123", str(T0 + 1))
    assert failed.contact["student_id"] == "123"
    assert failed.types == ["booking.failed", "lead.converted", "lead.converted"]


def test_a_customer_id_becomes_the_contacts(crm, failed):
    customer = {"customer": "u1", "customer_key": crm.index("ext", "u1")}
    crm.convert(failed.lead, now=T0 + 1, **customer)
    assert failed.contact["ext"] == "u1"
    assert crm.redis.get(crm.index("ext", "u1")) == f"contact_{failed.c}"
    before = failed.row["v"]
    crm.convert(failed.lead, now=T0 + 2, **customer)
    assert failed.row["v"] == before
    other = crm.track("page.viewed", {"ext": "u2"}).contact
    for name, whose in (("u2", other), ("u3", f"contact_{failed.c}")):
        with pytest.raises(redis.ResponseError, match=f"^TAKEN {whose}$"):
            crm.convert(failed.lead, customer=name, customer_key=crm.index("ext", name))


def test_a_lead_without_contact_takes_no_customer_id(crm):
    lead = crm.book(session="s1")[1]
    with pytest.raises(redis.ResponseError, match="^INVALID customer_id$"):
        crm.convert(lead, customer="u1", customer_key=crm.index("ext", "u1"))
    assert crm.convert(lead)[1]["status"] == "approved"


def test_a_customer_id_of_a_side_finds_the_side_again(crm, failed):
    other = crm.track("page.viewed", {"ext": "u9"}, at=T0 + 1)
    merge = crm.merge(other.c, failed.c, now=T0 + 2)
    crm.redis.hdel(crm.key("CONTACT", other.c), "ext")  # as if it had come without one
    crm.convert(failed.lead, "123", T0 + 3, customer="u1", customer_key=crm.index("ext", "u1"))
    assert crm.redis.get(crm.index("ext", "u1")) == f"{other.contact} contact_{failed.c}"
    crm.undo(merge, now=T0 + 4)
    assert crm.redis.get(crm.index("ext", "u1")) == f"contact_{failed.c}"
    assert (failed.contact["ext"], failed.contact["student_id"]) == ("u1", "123")
    assert "student_id" not in crm.contact(other.c)
    assert failed.is_settled() is True


def test_contacting_is_noted_once_and_acknowledges_the_alert(crm, failed):
    _, row = crm.update(failed.lead, T0 + MINUTE, data='{"channel":"call"}', contacted="ann")
    assert (row["status"], row["first_contact_at"]) == ("contacted", str(T0 + MINUTE))
    assert crm.hash("ALERT", failed.alert)["acked_by"] == "ann"
    assert not crm.redis.exists(crm.key("ALERT_OPEN"))
    assert crm.hash("TASK", failed.task)["status"] == "open", "its outcome is not known"
    _, row = crm.update(failed.lead, T0 + HOUR, contacted="bob")
    assert row["first_contact_at"] == str(T0 + MINUTE)
    assert crm.hash("ALERT", failed.alert)["acked_by"] == "ann"
    assert failed.types == ["booking.failed", "lead.contacted", "lead.contacted"]
    assert [entry["t"] for entry in crm.feed()][1:] == ["lead.contacted"] * 2


def test_the_status_contacted_is_the_same(crm, failed):
    crm.update(failed.lead, T0 + 5, **CONTACTED)
    assert failed.row["first_contact_at"] == str(T0 + 5)
    assert crm.hash("ALERT", failed.alert)["acked_by"] == "api"


def test_a_lead_of_the_booking_form_keeps_its_word_when_contacted(crm):
    lead = crm.book(phone=ANN["phone"])[1]
    _, row = crm.update(lead, T0 + 1, contacted="ann")
    assert (row["status"], row["first_contact_at"]) == ("tracking", str(T0 + 1))


def test_what_is_decided_is_not_found_again(crm):
    lead = crm.book(phone=ANN["phone"], session="s1")[1]
    crm.update(lead, form=("pending", "tracking"))
    assert crm.redis.keys(crm.key("LEAD_WINDOW", "phone:*")) == []
    other = crm.book(phone=ANN["phone"], now=T0 + 1)[1]
    crm.update(lead, form=("rejected", "pending"))
    assert crm.redis.get(crm.key("LEAD_WINDOW", f"phone:{ANN['phone']}")) == other


def test_fields_are_set_and_removed(crm, failed):
    crm.update(failed.lead, **{"=assignee": "ann", "=satisfaction": "5"})
    assert (failed.row["assignee"], failed.row["satisfaction"]) == ("ann", "5")
    crm.update(failed.lead, **{"-assignee": "", "-privacy_version": ""})
    assert "assignee" not in failed.row and failed.row["v"] == "3"
    assert crm.feed()[-1]["t"] == "lead.updated"


@pytest.mark.parametrize("before, change, after", [
    (None, '{"a":1}', '{"a":1}'),
    ('{"a":1,"b":2}', '{"a":null}', '{"b":2}'),
    ('{"a":450.10,"b":[]}', '{ "c" : {"x":[1,{"y":"}\\""}]} , "a" : 450.20 }',
     '{"a":450.20,"b":[],"c":{"x":[1,{"y":"}\\""}]}}'),
    ('{"a\\"\\\\":"x\\\\","n":null,"u":12345678901234567890}', '{"z":"/"}',
     '{"a\\"\\\\":"x\\\\","n":null,"u":12345678901234567890,"z":"/"}'),
    ('{"caf\\u00e9":1}', '{"café":true}', '{"café":true}'),
    ("{ }", "{}", "{}"), ('{"a":1}', "{}", '{"a":1}'),
    ('{"a":-1e3 ,"b":false}', '{"b":null,"a":[[],{}]}', '{"a":[[],{}]}')])
def test_a_context_changes_by_its_members_and_keeps_the_others_byte_for_byte(
        crm, failed, before, change, after):
    if before:
        crm.redis.hset(crm.key("LEAD", failed.lead), "context", before)
    crm.update(failed.lead, context=change)
    assert failed.row["context"] == after
    json.loads(after)


def test_a_context_stops_growing(crm, failed):
    crm.update(failed.lead, context=json.dumps({"a": "x" * 20000}))
    with pytest.raises(redis.ResponseError, match="^INVALID context$"):
        crm.update(failed.lead, context=json.dumps({"b": "x" * 20000}))
    assert list(json.loads(failed.row["context"])) == ["a"]


def test_a_version_is_expected_and_a_key_remembered(crm, failed):
    with pytest.raises(redis.ResponseError, match="^VERSION 1$"):
        crm.update(failed.lead, version="7", **LOST)
    again = {"again": crm.key("SEEN", "key:k1"), **AGAIN}
    assert crm.update(failed.lead, version="1", **again, **LOST)[0] == 0
    replayed, row = crm.update(failed.lead, version="1", **again, **LOST)
    assert (replayed, row["v"]) == (1, "2")
    with pytest.raises(redis.ResponseError, match="^MISMATCH"):
        crm.update(failed.lead, again=again["again"], again_print="q", **LOST)


@pytest.mark.parametrize("spoilt", [
    {"again": "crm_seen_key:k1"}, {"form": "approved"}, {"other": "lost"}, {"customer": "u1"},
    {"now": "soon"}])
def test_arguments_that_do_not_fit_change_nothing(crm, failed, spoilt):
    before = crm.server.dump()
    keys = [crm.key("LEAD", failed.lead), crm.key("FEED"), crm.day()]
    now = spoilt.pop("now", T0)
    words = [word for pair in spoilt.items() for word in pair]
    with pytest.raises(redis.ResponseError, match="^lead_update"):
        crm.run("lead_update", keys, crm.before, "id", crm.after, now, uuid(5), "", *words)
    assert crm.server.dump() == before


def test_an_approved_booking_form_recovers_the_persons_other_leads(crm):
    lost = Failed(crm)
    lead = crm.book(phone=ANN["phone"], now=T0 + 1)[1]
    crm.convert(lead, now=T0 + 2)
    assert crm.hash("LEAD", lead)["recovered_at"] == str(T0 + 2)
    row = lost.row
    assert (row["status"], row["recovered_at"], row["recovered_from"]) == (
        "converted", str(T0 + 2), "new")
    assert "revenue_cents" not in row and lost.is_settled() is True
    assert crm.counters()["recovered"] == 2


# lead_delete --------------------------------------------------------------------------------------


def keys_with(crm, text):
    """Keys and members that name something, but timelines, stream and remembered answers."""
    found = []
    for key in crm.redis.scan_iter(count=1000):
        kind = crm.redis.type(key)
        members = {"zset": lambda key=key: crm.redis.zrange(key, 0, -1),
                   "set": lambda key=key: crm.redis.smembers(key),
                   "string": lambda key=key: [crm.redis.get(key)],
                   "hash": lambda key=key: list(crm.redis.hgetall(key)) + crm.redis.hvals(key)}
        named = [key, *members.get(kind, list)()]
        if "activity" not in key and any(text in one for one in named):
            found.append(key)
    return found


def test_deleted_nothing_of_it_is_left_but_its_persons_history(crm, failed):
    crm.convert(failed.lead, "123", T0 + 1)
    assert crm.erase_lead(failed.lead, T0 + 2) == [0, failed.lead, "1"]
    assert keys_with(crm, failed.lead) == []
    assert not crm.redis.exists(crm.key("TASK", failed.task), crm.key("ALERT", failed.alert))
    assert all(count == "0" for count in crm.redis.hgetall(crm.day(name="LEAD_DAY")).values())
    assert failed.contact["lead_score"] == "50"
    assert failed.types == ["booking.failed", "lead.converted"]
    assert crm.feed()[-1]["t"] == "lead.deleted"
    with pytest.raises(redis.ResponseError, match="^NOTFOUND"):
        crm.erase_lead(failed.lead)


def test_a_deleted_leads_open_task_is_no_longer_counted(crm, failed):
    other = Failed(crm, now=T0 + 1, date="2025-11-16")
    assert failed.contact["open_tasks"] == "2"
    crm.erase_lead(failed.lead, T0 + 2)
    assert failed.contact["open_tasks"] == "1" and list(crm.open_tasks()) == [other.task]


def test_a_deleted_form_is_not_found_again(crm):
    lead = crm.book(phone=ANN["phone"], session="s1")[1]
    anonymous = crm.book(session="s2", address="bb")[1]
    for one in (lead, anonymous):
        crm.erase_lead(one)
        assert keys_with(crm, one) == []
    assert crm.book(phone=ANN["phone"], session="s1")[4] == "1"
    assert crm.counters()["step:1"] == 0


def test_a_deleted_lead_waits_for_no_slot(crm, failed):
    slots = Slots(crm)
    slots.ids = itertools.count(500)  # other tasks than the lead's
    slots.put((DATE, "9PM", 1))
    slots.wait(failed.lead)
    slots.wait(failed.lead, time="9PM")
    assert failed.contact["open_tasks"] == "2", "one to tell of the free place"
    crm.erase_lead(failed.lead, T0 + 2)
    assert keys_with(crm, failed.lead) == [] and failed.contact["open_tasks"] == "0"


def test_a_lead_deleted_from_a_merged_contact_does_not_come_back(crm, failed):
    other = crm.track("page.viewed", {"ext": "u9"}, at=T0 + 1)
    merge = crm.merge(other.c, failed.c, now=T0 + 2)
    crm.track("booking.completed", {"email": ANN["email"]}, at=T0 + 3, amount=100)
    crm.erase_lead(failed.lead, T0 + 4)
    assert keys_with(crm, failed.lead) == keys_with(crm, failed.task) == []
    crm.undo(merge, now=T0 + 5)
    assert keys_with(crm, failed.lead) == [] and failed.contact["open_tasks"] == "1"


def test_a_deletion_is_remembered_by_its_key_and_held_to_its_version(crm, failed):
    with pytest.raises(redis.ResponseError, match="^VERSION 1$"):
        crm.erase_lead(failed.lead, version="2")
    again = {"again": crm.key("SEEN", "key:k1"), **AGAIN}
    assert crm.erase_lead(failed.lead, **again) == [0, failed.lead, "1"]
    assert crm.erase_lead(failed.lead, **again) == [1, failed.lead, "1"]
    with pytest.raises(redis.ResponseError, match="^lead_delete"):
        crm.erase_lead(failed.lead, again="x")
