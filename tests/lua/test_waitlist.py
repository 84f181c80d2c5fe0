"""waitlist_add, waitlist_remove, waitlist_list, and who is told when a slot is touched.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.scripts import uuid
from support.slot_scripts import DATE, TIME, Slots
from support.times import DAY, HOUR, MINUTE, T0

LINE = f"{DATE}:{TIME}"


@pytest.fixture
def slots(crm):
    slots = Slots(crm)
    slots.put((DATE, TIME, 1, 1))
    return slots


def page(slots, index="WAITLIST_WAITING", rest=None, limit=50, known="", after=("", ""),
         most="+inf", order="asc"):
    return slots.ws.run("waitlist_list", [slots.ws.key("FEED"), slots.ws.key(index, rest)],
                        slots.ws.before, limit, known, *after, most, order, rest or "")


def listed(slots, *how, **named):
    """[(lead, position)] of all pages."""
    after, found = ("", ""), []
    while True:
        _, rows, more, *after = page(slots, *how, after=after, **named)
        found += [(fields[fields.index("lead_id") + 1], position) for _, position, fields in rows]
        if not more:
            return found


# In line ------------------------------------------------------------------------------------------


def test_leads_wait_in_the_order_of_asking_also_within_a_millisecond(slots):
    leads = slots.leads(4)[::-1]
    for place, lead in enumerate(leads, 1):
        contact_id = slots.ws.hash("LEAD", lead)["contact_id"]
        assert slots.wait(lead) == [0, "1", lead, contact_id, "waiting", place]
    assert slots.wait(leads[1], now=T0 + 1) == [
        0, "0", leads[1], slots.ws.hash("LEAD", leads[1])["contact_id"], "waiting", 2]
    assert slots.line() == leads
    assert slots.entry(leads[0]) == {"lead_id": leads[0], "date": DATE, "time": TIME,
                                     "status": "waiting", "at": str(T0)}


def test_whoever_asks_later_stands_behind_also_when_the_clock_was_set_back(slots):
    first, second = slots.leads(2)
    slots.wait(first, now=T0 + HOUR)
    slots.wait(second, now=T0)
    assert slots.line() == [first, second]


def test_a_lead_is_found_by_its_number(slots):
    lead, = slots.leads(1)
    number = slots.ws.hash("LEAD", lead)["no"]
    assert slots.wait(number, kind="no")[2] == lead
    assert slots.line() == [lead]


def test_a_lead_that_is_none_or_nobodys_cannot_wait(slots):
    anonymous = slots.ws.book(session="s1")[1]
    before = slots.ws.server.dump()
    for lead, kind, word in ((uuid(1), "id", "NOTFOUND"), (99, "no", "NOTFOUND"),
                             (anonymous, "id", "INVALID")):
        with pytest.raises(redis.ResponseError, match=f"^{word}"):
            slots.wait(lead, kind=kind)
    assert slots.ws.server.dump() == before


def test_who_leaves_the_line_is_gone_from_all_lists(slots):
    first, second = slots.leads(2)
    for lead in (first, second):
        slots.wait(lead)
    assert slots.leave(first) == [0]
    assert slots.line() == [second] and slots.entry(first) == {}
    assert listed(slots) == [(second, 1)]
    with pytest.raises(redis.ResponseError, match="^NOTFOUND"):
        slots.leave(first)
    assert [entry["t"] for entry in slots.ws.feed()][-3:] == ["waitlist.added"] * 2 + [
        "waitlist.removed"]


@pytest.mark.parametrize("verb", [Slots.wait, Slots.leave])
def test_a_repeated_call_has_no_second_effect(slots, verb):
    lead, other = slots.leads(2)
    slots.wait(other)
    if verb is Slots.leave:
        slots.wait(lead)
    again = {"again": slots.ws.key("SEEN", "key:k"), "again_print": "aa"}
    first = verb(slots, lead, **again)
    before = slots.ws.server.dump()
    assert verb(slots, lead, **again) == [1, *map(str, first[1:])]
    with pytest.raises(redis.ResponseError, match="^MISMATCH"):
        verb(slots, lead, **{**again, "again_print": "bb"})
    assert slots.ws.server.dump() == before


@pytest.mark.parametrize("name", ["waitlist_add", "waitlist_remove"])
def test_broken_arguments_are_refused_before_the_first_write(slots, name):
    lead, other = slots.leads(2)
    slots.wait(lead)
    keys, good = {"waitlist_add": slots.wait_call(other),
                  "waitlist_remove": slots.leave_call(lead)}[name]
    now = good.index(T0)
    before = slots.ws.server.dump()
    for wrong in ([*good[:now], "soon", *good[now + 1:]], good[:now],
                  [*good, "again", "crm_seen_x"]):
        with pytest.raises(redis.ResponseError, match="its arguments are not"):
            slots.ws.run(name, keys, *wrong)
    assert slots.ws.server.dump() == before


# Told ---------------------------------------------------------------------------------------------


def test_who_is_told_gets_a_task_and_leaves_the_line(slots):
    lead, other = slots.leads(2)
    for one in (lead, other):
        slots.wait(one)
    c = slots.ws.hash("LEAD", lead)["contact_id"][8:]
    version = int(slots.ws.contact(c)["v"])
    slots.put((DATE, TIME, 1, 0), now=T0 + MINUTE)
    (told, task), = slots.told()
    assert told == lead and slots.line() == [other]
    expected = {"kind": "waitlist_slot", "title": f"A place is free: {DATE} {TIME}",
                "priority": "high", "queue": "sales", "status": "open", "lead_id": lead,
                "contact_id": f"contact_{c}", "due": str(T0 + MINUTE + HOUR)}
    kept = slots.ws.hash("TASK", task)
    assert {name: kept[name] for name in expected} == expected
    contact = slots.ws.contact(c)
    assert (int(contact["v"]), contact["open_tasks"]) == (version + 1, "1")
    assert slots.entry(lead) == {"lead_id": lead, "date": DATE, "time": TIME, "at": str(T0),
                                 "status": "notified", "told_at": str(T0 + MINUTE),
                                 "task_id": task}
    key = slots.ws.key("WAITLIST_ENTRY", f"{LINE}:{lead}")
    assert slots.ws.redis.ttl(key) > 89 * 86400
    assert listed(slots, "WAITLIST_TOLD", order="desc") == [(lead, 0)]
    assert slots.ws.feed()[-2] == {"c": c, "t": "waitlist.notified", "l": lead, "k": task}


def test_each_free_place_is_told_of_once_however_often_the_slot_is_touched(slots):
    leads = slots.leads(4)
    for lead in leads:
        slots.wait(lead)
    for booked, count in ((1, 0), (0, 1), (0, 1), (1, 1), (0, 2), (0, 2)):
        slots.put((DATE, TIME, 1, booked))
        assert [lead for lead, _ in slots.told()] == leads[:count]
    slots.put((DATE, TIME, 3))
    assert [lead for lead, _ in slots.told()] == leads


def test_a_place_that_another_takes_is_still_offered_to_who_was_told_while_one_is_free(slots):
    first, second, third = slots.leads(3)
    slots.wait(first)
    slots.put((DATE, TIME, 2, 0))
    slots.wait(second)
    assert [lead for lead, _ in slots.told()] == [first, second], "two places, two are told"
    slots.wait(third)
    slots.hold("a")
    assert slots.line() == [third]
    slots.unhold("a")
    assert slots.line() == [], "the place was taken and is free again"


def test_holds_that_ran_out_are_noticed_by_the_next_touch(slots):
    slots.put((DATE, TIME, 3, 0))
    for token in "abc":
        slots.hold(token, ttl=MINUTE)
    leads = slots.leads(3)
    for lead in leads:
        slots.wait(lead)
    later = T0 + MINUTE
    with pytest.raises(redis.ResponseError, match="^FULL"):
        slots.hold("d", now=later - 1)
    assert slots.line() == leads
    slots.hold("d", now=later)
    assert slots.line() == leads[2:], "one of three places is taken by this very call"
    slots.unhold("d", now=later)
    assert slots.line() == []


def test_what_one_call_may_not_tell_the_next_touch_does(slots):
    leads = slots.leads(5)
    for lead in leads:
        slots.wait(lead)
    assert slots.put((DATE, TIME, 9), told_at_once=2) == [0, 1, 0]
    assert slots.line() == leads[2:]
    assert slots.put({"d": DATE, "t": TIME}, told_at_once=2) == [0, 1, 0]
    assert slots.put({"d": DATE, "t": TIME}, told_at_once=1) == [0, 1, 1]
    assert slots.line() == []


def test_of_several_slots_each_has_its_line(slots):
    leads = slots.leads(4)
    for lead, (date, time) in zip(leads, [(DATE, TIME), (DATE, "9PM"), ("2025-11-16", TIME),
                                          ("2025-11-16", TIME)]):
        slots.wait(lead, date, time)
    slots.put((DATE, "9PM", 1), ("2025-11-16", TIME, 1))
    assert {lead for lead, _ in slots.told()} == {leads[1], leads[2]}
    assert slots.line() == [leads[0]] and slots.line("2025-11-16") == [leads[3]]


def test_a_lead_that_is_gone_is_passed_over(slots):
    leads = slots.leads(3)
    for lead in leads:
        slots.wait(lead)
    gone = slots.ws.key("LEAD", leads[0])
    contact_id = slots.ws.redis.hget(gone, "contact_id")
    slots.ws.redis.hdel(gone, "contact_id")
    slots.put((DATE, TIME, 2))
    assert [lead for lead, _ in slots.told()] == [leads[1]] and slots.line() == [leads[2]]
    assert slots.entry(leads[0]) == {}
    slots.ws.redis.hset(gone, "contact_id", contact_id)


@pytest.mark.parametrize("field, value", [("status", "converted"), ("status", "lost"),
                                          ("status", "approved"), ("is_active", "0")])
def test_a_lead_that_is_closed_meanwhile_is_passed_over(slots, field, value):
    leads = slots.leads(2)
    for lead in leads:
        slots.wait(lead)
    slots.ws.redis.hset(slots.ws.key("LEAD", leads[0]), field, value)
    slots.put((DATE, TIME, 2))
    assert [lead for lead, _ in slots.told()] == [leads[1]]
    assert slots.entry(leads[0]) == {} and slots.line() == []
    with pytest.raises(redis.ResponseError, match="INVALID closed"):
        slots.wait(leads[0])
    slots.ws.redis.flushdb()  # its lists are those of what it was


def test_who_was_told_may_ask_again_and_stands_at_the_end(slots):
    first, second = slots.leads(2)
    slots.wait(first)
    slots.put((DATE, TIME, 2))
    slots.wait(second, now=T0 + 1)
    assert slots.wait(first, now=T0 + 2)[4:] == ["waiting", 2]
    assert listed(slots, "WAITLIST_TOLD") == []
    key = slots.ws.key("WAITLIST_ENTRY", f"{LINE}:{first}")
    assert slots.ws.redis.ttl(key) == -1 and "told_at" not in slots.entry(first)


def test_who_was_told_is_forgotten_after_90_days(slots):
    first, second = slots.leads(2)
    for lead in (first, second):
        slots.wait(lead)
    slots.put((DATE, TIME, 2))
    slots.put((DATE, TIME, 3), now=T0 + 90 * DAY)
    assert [lead for lead, _ in listed(slots, "WAITLIST_TOLD")] == [second]


def test_the_side_that_has_the_lead_has_the_task_when_a_merge_is_undone(slots):
    lead, = slots.leads(1)
    loser = slots.ws.hash("LEAD", lead)["contact_id"][8:]
    slots.wait(lead)
    winner = slots.ws.track("page.viewed", {"ext": "u1"}).c
    merge = slots.ws.merge(winner, loser)
    slots.put((DATE, TIME, 2))
    (_, task), = slots.told()
    assert slots.ws.hash("TASK", task)["contact_id"] == f"contact_{winner}"
    assert slots.ws.contact(winner)["open_tasks"] == "1"
    slots.ws.undo(merge)
    assert slots.ws.hash("TASK", task)["contact_id"] == f"contact_{loser}"
    assert slots.ws.contact(loser)["open_tasks"] == "1"


# Listed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_line_and_all_who_wait_are_read_in_pages(slots, limit):
    leads = slots.leads(3)
    days = ["2025-11-16", DATE, "2025-11-14"]
    for lead in leads:
        for date in days:
            slots.wait(lead, date)
    places = [(lead, place) for place, lead in enumerate(leads, 1)]
    assert listed(slots, "WAITLIST", LINE, limit=limit) == places
    found = listed(slots, limit=limit)
    assert sorted(found) == sorted(places * 3)
    assert len(listed(slots, limit=limit, most=20251115)) == 6
    first = page(slots, after=(20251114, "~"), limit=limit)
    assert {row[2][row[2].index("date") + 1] for row in first[1]} <= {DATE, "2025-11-16"}


def test_who_has_the_change_id_gets_nothing_else(slots):
    lead, = slots.leads(1)
    slots.wait(lead)
    newest, rows, *_ = page(slots)
    assert rows[0][0] == slots.ws.hash("LEAD", lead)["contact_id"]
    assert page(slots, known=newest) == [newest]
    slots.leave(lead)
    assert len(page(slots, known=newest)) == 5


def test_an_entry_that_has_expired_is_left_out(slots):
    lead, = slots.leads(1)
    slots.wait(lead)
    slots.put((DATE, TIME, 2))
    slots.ws.redis.delete(slots.ws.key("WAITLIST_ENTRY", f"{LINE}:{lead}"))
    assert listed(slots, "WAITLIST_TOLD") == []
