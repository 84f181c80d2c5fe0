"""fsck_check: each kind of damage is found and named where it is; a sound database has no faults.

SPDX-License-Identifier: MIT
"""
from operator import itemgetter

import pytest

from support.keys import BY_NAME
from support.scripts import contact_name, uuid
from support.segment_scripts import Segments
from support.slot_scripts import DATE, TIME, Slots
from support.times import HOUR, T0

ANN = {"ext": "u1", "email": "ann@example.com", "phone": "+15550001111"}


@pytest.fixture
def shop(ws):
    """Two people with all that events leave; ws.c and ws.task are Ann's."""
    for n in range(200):
        ws.c = ws.track("page.viewed", ANN, at=T0 + n).c
    ws.track("booking.completed", ANN, at=T0 + HOUR, booking_id="b0", amount=45000)
    ws.task = ws.track("booking.abandoned", ANN, at=T0 + HOUR + 1, booking_id="b1").task
    ws.track("booking.abandoned", {"ext": "u2", "phone": ANN["phone"]}, booking_id="b1")
    ws.track("booking.completed", {"ext": "u2"}, at=T0 + 1, booking_id="b1")
    ws.visit("s1")
    ws.visit("s2")
    ws.link("s2", f"contact_{ws.c}")
    ws.lead, ws.alert = itemgetter(1, 5)(ws.fail(email="lost@example.com"))
    ws.convert(ws.fail(email="won@example.com")[1], "123")
    slots = Slots(ws)
    slots.put((DATE, TIME, 2, 2), (DATE, "9PM", 1))
    ws.waiting, told = slots.leads(2)
    slots.wait(ws.waiting)
    slots.wait(told, time="9PM")
    segments = Segments(ws)
    segments.save("s")
    segments.receive("s", phone="+15550003333")
    assert not ws.faults()
    return ws


DAMAGE = {
    "an index that is gone": (
        lambda ws: ws.redis.delete(ws.index("email", ANN["email"])),
        "CONTACT", "its email is not indexed"),
    "an index of another contact": (
        lambda ws: ws.redis.set(ws.index("email", ANN["email"]), "contact_0000000000007"),
        "CONTACT_EMAIL", "points to contact_0000000000007, which is gone"),
    "an alias that is gone": (
        lambda ws: ws.redis.srem(ws.key("CONTACT_ALIAS", ws.c), f"phone:{ANN['phone']}"),
        "CONTACT_PHONE", "does not know it"),
    "a contact that is gone": (
        lambda ws: ws.redis.delete(ws.key("CONTACT", ws.c)),
        "ACTIVITY", "its contact"),
    "a contact with another id": (
        lambda ws: ws.redis.hset(ws.key("CONTACT", ws.c), "id", "contact_0000000000007"),
        "CONTACT", "its id is contact_0000000000007"),
    "a status that is not listed": (
        lambda ws: ws.redis.zrem(ws.key("STATUS", "hot_abandoned"), ws.c),
        "CONTACT", "not in the list of its lead status"),
    "a list of another status": (
        lambda ws: ws.redis.zadd(ws.key("STATUS", "new_lead"), {ws.c: T0}),
        "STATUS", "which has another lead status"),
    "a contact that is not listed": (
        lambda ws: ws.redis.zrem(ws.key("CREATED"), ws.c),
        "CONTACT", "not in crm_created at its time"),
    "a list of nobody": (
        lambda ws: ws.redis.zadd(ws.key("CREATED"), {"0000000000007": T0}),
        "CREATED", "which is gone"),
    "another revenue": (
        lambda ws: ws.redis.zincrby(ws.key("REVENUE"), 1, ws.c),
        "CONTACT", "crm_revenue has 45001"),
    "an entry of a session's log that is gone": (
        lambda ws: ws.redis.zpopmin(ws.key("SESSIONLOG", "s1")),
        "SESSION", "its log has 0 entries"),
    "a session of nobody": (
        lambda ws: ws.redis.hset(ws.key("SESSION", "s2"), "contact_id", "contact_0000000000007"),
        "SESSION", "its contact crm_contact_0000000000007 is gone"),
    "a session that its contact does not know": (
        lambda ws: ws.redis.srem(ws.key("CONTACT_ALIAS", ws.c), "session:s2"),
        "SESSION", "does not know it"),
    "a contact's session that still has a log": (
        lambda ws: ws.redis.zadd(ws.key("SESSIONLOG", "s2"), {"{}": T0}),
        "SESSION", "still has a log"),
    "an activity that is gone": (
        lambda ws: ws.redis.zpopmin(ws.key("ACTIVITY", ws.c)),
        "CONTACT", "its timeline has"),
    "an old activity that is gone": (
        lambda ws: ws.redis.lpop(ws.key("ACTIVITY_OLD", ws.c)),
        "CONTACT", "its activities count 202, there are 201"),
    "another number of open tasks": (
        lambda ws: ws.redis.hincrby(ws.key("CONTACT", ws.c), "open_tasks", 1),
        "CONTACT", "its open_tasks are 3, there are 2"),
    "a task that is gone": (
        lambda ws: ws.redis.delete(ws.key("TASK", ws.task)),
        "TASK_OPEN", "which is not open"),
    "a task of nobody": (
        lambda ws: ws.redis.hset(ws.key("TASK", ws.task), "contact_id", "contact_0000000000007"),
        "TASK", "its contact contact_0000000000007 is gone"),
    "a task that its contact does not list": (
        lambda ws: ws.redis.zrem(ws.key("CONTACT_TASK", ws.c), ws.task),
        "TASK", "its contact does not list it"),
    "a task that is due at another time": (
        lambda ws: ws.redis.zincrby(ws.key("TASK_DUE"), 1, ws.task),
        "TASK", "not in crm_task_due at its time"),
    "an open task that is not listed": (
        lambda ws: ws.redis.zrem(ws.key("TASK_OPEN"), ws.task),
        "TASK", "not in crm_task_open at its place"),
    "a closed task that is still listed": (
        lambda ws: ws.redis.hset(ws.key("TASK", ws.task), "status", "done"),
        "TASK", "closed, and still in crm_task_due"),
    "an open task among the closed ones": (
        lambda ws: ws.redis.zadd(ws.key("TASK_CLOSED"), {ws.task: T0}),
        "TASK_CLOSED", "which is open"),
    "a day of slots that is not listed": (
        lambda ws: ws.redis.zincrby(ws.key("SLOT_DAY"), 1, DATE),
        "SLOT", "not in crm_slot_day by its number"),
    "a day that has no slots": (
        lambda ws: ws.redis.delete(ws.key("SLOT", DATE)),
        "SLOT_DAY", f"{DATE}, which is gone"),
    "a slot with more booked than places": (
        lambda ws: ws.redis.hset(ws.key("SLOT", DATE), "9PM", '{"capacity":1,"booked":2}'),
        "SLOT", "more is booked than there is of 9PM"),
    "a lead in line without an entry": (
        lambda ws: ws.redis.zadd(ws.key("WAITLIST", f"{DATE}:{TIME}"), {uuid(1): T0}),
        "WAITLIST", "which does not wait"),
    "an entry that is not in line": (
        lambda ws: ws.redis.zrem(ws.key("WAITLIST", f"{DATE}:{TIME}"), ws.waiting),
        "WAITLIST_ENTRY", "not in line"),
    "an entry on another day": (
        lambda ws: ws.redis.zincrby(ws.key("WAITLIST_WAITING"), 1, f"{DATE}:{TIME}:{ws.waiting}"),
        "WAITLIST_ENTRY", "not in crm_waitlist_waiting by its day"),
    "an entry of a lead that is gone": (
        lambda ws: ws.redis.delete(ws.key("LEAD", ws.waiting)),
        "WAITLIST_ENTRY", "its lead is gone"),
    "a list of one who was told": (
        lambda ws: ws.redis.hset(ws.key("WAITLIST_ENTRY", f"{DATE}:{TIME}:{ws.waiting}"),
                                 "status", "notified"),
        "WAITLIST_WAITING", "which does not wait"),
    "an open alert that is not listed": (
        lambda ws: ws.redis.zrem(ws.key("ALERT_OPEN"), ws.alert),
        "ALERT", "not in crm_alert_open at its time"),
    "an acknowledged alert that is still listed": (
        lambda ws: ws.redis.hset(ws.key("ALERT", ws.alert), "acked_at", T0),
        "ALERT", "acknowledged, and still in crm_alert_open"),
    "an alert that is gone": (
        lambda ws: ws.redis.delete(ws.key("ALERT", ws.alert)),
        "ALERT_OPEN", "which is not open"),
    "an alert of a lead that is gone": (
        lambda ws: ws.redis.delete(ws.key("LEAD", ws.lead)),
        "ALERT", "its lead"),
    "a student of another lead": (
        lambda ws: ws.redis.set(ws.key("LEAD_STUDENT", "123"), ws.lead),
        "LEAD_STUDENT", "which is another student or gone"),
    "members of a segment that is gone": (
        lambda ws: ws.redis.delete(ws.key("SEGMENT")),
        "SEGMENT_MEMBER", "its segment is gone"),
    "members of a segment that was made again": (
        lambda ws: ws.redis.hset(ws.key("SEGMENT"), "s", '{"n":"7"}'),
        "SEGMENT_MEMBER", "its segment is gone"),
    "a member that is gone": (
        lambda ws: ws.redis.zadd(ws.key("SEGMENT_MEMBER", "s:1"), {"0000000000007": T0}),
        "SEGMENT_MEMBER", "lists crm_contact_0000000000007, which is gone"),
    "a member that does not know it": (
        lambda ws: ws.redis.zadd(ws.key("SEGMENT_MEMBER", "s:1"), {ws.c: T0}),
        "SEGMENT_MEMBER", "which does not know it"),
    "a contact that is not among the members": (
        lambda ws: ws.redis.delete(ws.key("SEGMENT_MEMBER", "s:1")),
        "CONTACT_SEGMENT", "not in crm_segment_member_s:1 at its time"),
    "segments of nobody": (
        lambda ws: ws.redis.zadd(ws.key("CONTACT_SEGMENT", "0000000000007"), {"s:1": T0}),
        "CONTACT_SEGMENT", "its contact crm_contact_0000000000007 is gone"),
    "bookings of nobody": (
        lambda ws: ws.redis.hset(ws.key("BOOKING", "0000000000007"), "b1", "{}"),
        "BOOKING", "its contact"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_at_its_key_and_named(shop, damage):
    harm, row, sentence = DAMAGE[damage]
    harm(shop)
    before = shop.server.dump()
    faults = shop.faults()
    prefix = shop.key(row, "") if BY_NAME[row].rest else shop.key(row)
    named = [fault for key, found in faults.items() if key.startswith(prefix) for fault in found]
    assert any(sentence in fault for fault in named), faults
    assert shop.faults() == faults and shop.server.dump() == before


def test_a_contact_answers_with_its_revenue(shop):
    number, *faults = shop.run("fsck_check", [shop.key("CONTACT", shop.c)], shop.before, shop.after,
                               "contact", shop.c)
    assert (number, faults) == (45000, [])


def test_one_who_shares_an_identity_is_sound_without_owning_its_index(ws):
    ws.track("page.viewed", {"email": "ann@example.com", "phone": "+15550001111"})
    ws.track("page.viewed", {"email": "bob@example.com", "phone": "+15550001111"})
    assert not ws.faults()


def test_an_empty_database_is_sound(ws):
    assert not ws.faults()


def test_the_words_of_contacts_and_the_search_index_agree(ws):
    c = ws.track("page.viewed", {"email": "ann@example.com"}, search_first="ann").c
    assert not ws.faults()
    ws.redis.zrem(ws.key("SEARCH"), f"ann:{c}")
    assert ws.faults() == {ws.key("CONTACT", c): ["not in crm_search by ann"]}
    ws.redis.zadd(ws.key("SEARCH"), {f"ann:{c}": 0, f"bob:{c}": 0, f"ann:{contact_name(99)}": 0})
    assert ws.faults() == {ws.key("SEARCH"): [
        f"lists ann:{contact_name(99)}, which is no word of the contact",
        f"lists bob:{c}, which is no word of the contact"]}
