"""message_receive, branch by branch: whose a message is, what becomes of its lead, and what a
merge and its undoing do to conversations.

SPDX-License-Identifier: MIT
"""
import json

import pytest
import redis

from support.scripts import contact_name
from support.times import DAY, HOUR, SECOND, T0

PHONE, OTHER = "+15550001111", "+15550002222"


def lead(crm, received):
    return crm.hash("LEAD", received.lead)


def state(crm, c):
    """All that a contact is, but its version."""
    record = {name: value for name, value in crm.contact(c).items()
              if name not in ("v", "apart", "updated_at", "open_tasks")}
    return (record, crm.messages(c), crm.members(c),
            crm.redis.smembers(crm.key("CONTACT_ALIAS", c)),
            crm.redis.zrange(crm.key("CONTACT_LEAD", c), 0, -1))


# Leads --------------------------------------------------------------------------------------------


def test_a_first_message_makes_contact_lead_and_conversation(crm):
    made = crm.receive(text="Hello", at=T0 - HOUR, now=T0, utm_campaign="spring")
    assert made[:1] + made[2:5] == (0, 1, "1", 1)
    assert (made.contact_made, made.registered) == ("1", "0")
    record = lead(crm, made)
    assert {name: record[name] for name in (
        "id", "no", "source", "status", "is_active", "has_contact", "contact_id", "phone", "name",
        "first_message", "last_message", "message_count", "last_message_at", "utm_campaign",
        "floor", "score", "created_at", "updated_at", "day", "v")} == {
            "id": made.lead, "no": "1", "source": "whatsapp", "status": "new", "is_active": "1",
            "has_contact": "1", "contact_id": made.contact, "phone": PHONE, "name": "Ann Lee",
            "first_message": "Hello", "last_message": "Hello", "message_count": "1",
            "last_message_at": str(T0 - HOUR), "utm_campaign": "spring", "floor": "50",
            "score": "50", "created_at": str(T0), "updated_at": str(T0), "day": "20251111",
            "v": "1"}
    assert crm.redis.get(crm.key("LEAD_NO", "1")) == made.lead
    window = crm.key("LEAD_WINDOW", f"wa:{PHONE}")
    assert crm.redis.get(window) == made.lead and crm.redis.ttl(window) == -1
    contact = crm.contact(made.c)
    assert (contact["phone"], contact["whatsapp"]) == (PHONE, PHONE[1:])
    assert contact["temp_email"] == "temp+15550001111@edubot.local" and "email" not in contact
    assert (contact["first_name"], contact["last_name"]) == ("Ann", "Lee")
    assert (contact["lead_source"], contact["message_count"]) == ("WhatsApp", "1")
    assert (contact["last_activity"], contact["last_action"]) == (
        str(T0 - HOUR), "Sent a WhatsApp message")
    message, = crm.messages(made.c)
    assert (message["text"], message["l"], message["at"]) == ("Hello", made.lead, T0 - HOUR)
    activity, = crm.members(made.c)
    assert (activity["t"], activity["l"], activity["at"]) == (
        "whatsapp.message", made.lead, T0 - HOUR)
    assert [(entry["t"], entry["l"]) for entry in crm.feed()] == [
        ("lead.created", made.lead), ("message.received", made.lead)]
    day = crm.redis.hgetall(crm.day(name="LEAD_DAY"))
    assert day["whatsapp:leads"] == "1"


def test_a_second_message_updates_the_lead_whenever_it_comes(crm):
    made = crm.receive(text="one")
    again = crm.receive(text="two", name="", at=T0 + 400 * DAY)
    assert again == made._replace(lead_made="0", count=2, contact_made="0", number="1")
    record = lead(crm, made)
    assert (record["first_message"], record["last_message"]) == ("one", "two")
    assert (record["message_count"], record["v"]) == ("2", "2")
    assert record["name"] == "Ann Lee" and record["created_at"] == str(T0)
    assert record["updated_at"] == record["last_message_at"] == str(T0 + 400 * DAY)
    assert crm.redis.zscore(crm.key("LEAD_UPDATED"), made.lead) == T0 + 400 * DAY
    assert crm.contact(made.c)["message_count"] == "2"


def test_an_older_message_moves_neither_last_message_nor_times(crm):
    made = crm.receive(text="new", at=T0)
    before = lead(crm, made)
    crm.receive(text="old", name="Bob", at=T0 - HOUR, now=T0 + HOUR)
    assert lead(crm, made) == {**before, "message_count": "2", "v": "2"}
    assert [one["text"] for one in crm.messages(made.c)] == ["old", "new"]
    assert crm.contact(made.c)["last_activity"] == str(T0)


def test_a_message_of_the_same_moment_is_a_newer_one(crm):
    made = crm.receive(text="one")
    crm.receive(text="two")
    assert lead(crm, made)["last_message"] == "two"


def test_a_campaign_is_the_first_messages(crm):
    made = crm.receive()
    crm.receive(utm_source="whatsapp_ad", utm_campaign="late")
    assert "utm_campaign" not in lead(crm, made) and "utm_source" not in lead(crm, made)


@pytest.mark.parametrize("reactivate", [0, 1])
def test_a_deactivated_lead_that_writes_is_active_again_if_the_setting_says_so(ws, reactivate):
    made = ws.receive(text="one")
    ws.redis.hset(ws.key("LEAD", made.lead), "is_active", "0")
    ws.receive(text="two", at=T0 - HOUR, now=T0 + HOUR, reactivate=reactivate)
    record = lead(ws, made)
    assert (record["is_active"], record["message_count"]) == (str(reactivate), "2")
    assert record["updated_at"] == str(T0 + HOUR * reactivate)
    assert [one["t"] for one in ws.members(made.c)] == (
        ["whatsapp.message"] * 2 + ["whatsapp.reactivated"] * reactivate)


@pytest.mark.parametrize("status", ["converted", "lost"])
def test_a_lead_that_is_decided_goes_on_counting(ws, status):
    made = ws.receive()
    ws.redis.hset(ws.key("LEAD", made.lead), "status", status)
    ws.receive(at=T0 + 1)
    assert (lead(ws, made)["status"], lead(ws, made)["message_count"]) == (status, "2")


def test_a_lead_that_was_deleted_is_made_anew(ws):
    made = ws.receive()
    ws.redis.delete(ws.key("LEAD", made.lead))
    again = ws.receive(at=T0 + 1)
    assert again.lead != made.lead and again.lead_made == "1" and again.contact == made.contact


# Registered people --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{"ext": "u1"}, {"student_id": "7"}, {"registered": "1"}])
def test_a_registered_contact_gets_the_message_and_no_lead(ws, how):
    who = {"phone": PHONE, "ext": how.get("ext")}
    known = ws.track("page.viewed", who, **{"=first_name": "Pat"})
    for field, value in how.items():
        ws.redis.hset(ws.key("CONTACT", known.c), field, value)
    got = ws.receive(at=T0 + 1, name="J.")
    assert got == (0, "", "", "0", 1, known.contact, "0", "1")
    contact = ws.contact(known.c)
    assert "temp_email" not in contact and contact["whatsapp"] == PHONE[1:]
    assert contact["first_name"] == "Pat" and contact["message_count"] == "1"
    message, = ws.messages(known.c)
    assert "l" not in message and "l" not in ws.members(known.c)[1]
    assert not ws.redis.exists(ws.key("LEAD_SEQ"))
    assert ws.receive(at=T0 + 2).count == 2


def test_a_registered_contact_without_a_name_gets_the_senders(ws):
    known = ws.track("page.viewed", {"phone": PHONE, "ext": "u1"})
    ws.receive(name="Pat Doe")
    assert ws.contact(known.c)["first_name"] == "Pat"


def test_a_lead_of_somebody_who_registered_since_stays_as_it_was(crm):
    made = crm.receive()
    before = lead(crm, made)
    crm.track("customer.created", {"phone": PHONE, "ext": "u1"}, at=T0 + 1)
    assert crm.receive(at=T0 + 2).lead == ""
    assert lead(crm, made) == before and len(crm.messages(made.c)) == 2


def test_a_contact_that_is_not_registered_has_a_lead(crm):
    known = crm.track("page.viewed", {"phone": PHONE, "email": "ann@example.com"})
    made = crm.receive(at=T0 + 1)
    assert made.contact == known.contact and made.contact_made == "0" and made.lead_made == "1"
    assert crm.contact(known.c)["sources"].endswith("|WhatsApp")


# WhatsApp ids without a number --------------------------------------------------------------------


def test_an_id_that_is_no_phone_finds_its_contact_by_itself(crm):
    made = crm.receive(wa="BR.1a2b")
    assert crm.redis.get(crm.index("wa", "BR.1a2b")) == made.contact
    assert crm.contact(made.c)["wa"] == "BR.1a2b"
    assert not {"phone", "whatsapp", "temp_email"} & set(crm.contact(made.c))
    assert "phone" not in lead(crm, made) and lead(crm, made)["wa"] == "BR.1a2b"
    again = crm.receive(wa="BR.1a2b", at=T0 + 1)
    assert (again.contact, again.lead) == (made.contact, made.lead)
    assert crm.receive(wa="BR.other").contact != made.contact
    assert "wa:BR.1a2b" in crm.redis.smembers(crm.key("CONTACT_ALIAS", made.c))


# Once ---------------------------------------------------------------------------------------------


def test_a_message_id_counts_once_in_seven_days(crm):
    first = crm.receive(message_id="m1")
    before = crm.server.dump()
    again = crm.receive(message_id="m1", at=T0 + 7 * DAY - 1, text="other", phone=OTHER)
    assert again == first._replace(replayed=1, number="1", count="1")
    assert crm.server.dump() == before
    assert crm.receive(message_id="m1", at=T0 + 7 * DAY).count == 2
    assert crm.redis.ttl(crm.key("SEEN", "message:m1")) > 6 * 86400


def test_an_idempotency_key_counts_once(crm):
    again = {"again": crm.key("SEEN", "key:k1"), "again_print": "aa"}
    first = crm.receive(**again)
    assert crm.receive(**again) == first._replace(replayed=1, number="1", count="1")
    with pytest.raises(redis.ResponseError, match="^MISMATCH "):
        crm.receive(**{**again, "again_print": "bb"})


def test_the_answer_of_a_registered_contact_is_repeated(ws):
    ws.track("page.viewed", {"phone": PHONE, "ext": "u1"})
    first = ws.receive(message_id="m1")
    assert ws.receive(message_id="m1") == first._replace(replayed=1, count="1")


# The conversation ---------------------------------------------------------------------------------


def test_a_conversation_keeps_the_newest_500(ws):
    c = ws.receive(text="0").c
    for n in range(1, 505):
        ws.redis.zadd(ws.key("MESSAGE", c), {'{"text":"%d"}' % n: T0 + n})
    ws.receive(text="last", at=T0 + 600)
    texts = [one["text"] for one in ws.messages(c)]
    assert len(texts) == 500 and texts[0] == "6" and texts[-1] == "last"


def test_a_merge_unites_conversations_and_undoing_parts_them(crm):
    one = crm.receive(text="a", message_id="a")
    two = crm.receive(text="b", phone=OTHER, at=T0 + SECOND, message_id="b")
    states = [state(crm, c) for c in (one.c, two.c)]
    merge = crm.merge(one.c, two.c, T0 + HOUR)
    assert [m["text"] for m in crm.messages(one.c)] == ["a", "b"]
    assert crm.contact(one.c)["message_count"] == "2"
    assert crm.redis.ttl(crm.key("MESSAGE", one.c)) == -1
    assert crm.redis.ttl(crm.key("MESSAGE", f"{two.c}~{merge}")) > 0
    assert not crm.redis.exists(crm.key("MESSAGE", two.c))
    assert crm.hash("LEAD", two.lead)["contact_id"] == one.contact
    crm.undo(merge, T0 + HOUR)
    assert [state(crm, c) for c in (one.c, two.c)] == states
    assert crm.redis.ttl(crm.key("MESSAGE", one.c)) == crm.redis.ttl(
        crm.key("MESSAGE", two.c)) == -1


def test_what_is_written_while_two_are_one_is_the_side_s_whose_number_it_came_from(crm):
    one, two = crm.receive(text="a"), crm.receive(text="b", phone=OTHER)
    merge = crm.merge(one.c, two.c, T0 + 1)
    for at, phone, text in ((T0 + 2, PHONE, "c"), (T0 + 3, OTHER, "d")):
        got = crm.receive(text=text, phone=phone, at=at)
        assert got.contact == one.contact and got.lead_made == "0"
    assert [m["text"] for m in crm.messages(one.c)] == ["a", "b", "c", "d"]
    assert 0 < crm.redis.ttl(crm.key("MESSAGE", f"{two.c}~{merge}"))
    crm.undo(merge, T0 + 4)
    assert [m["text"] for m in crm.messages(one.c)] == ["a", "c"]
    assert [m["text"] for m in crm.messages(two.c)] == ["b", "d"]
    assert [crm.contact(c)["message_count"] for c in (one.c, two.c)] == ["2", "2"]
    assert lead(crm, two)["message_count"] == "2"


def test_a_lead_that_is_made_while_two_are_one_goes_with_its_number(crm):
    one = crm.track("page.viewed", {"phone": PHONE})
    two = crm.track("page.viewed", {"phone": OTHER})
    merge = crm.merge(one.c, two.c, T0 + 1)
    made = crm.receive(phone=OTHER, at=T0 + 2)
    assert made.contact == one.contact
    crm.undo(merge, T0 + 3)
    assert lead(crm, made)["contact_id"] == two.contact
    assert crm.redis.zrange(crm.key("CONTACT_LEAD", two.c), 0, -1) == [made.lead]
    assert not crm.redis.exists(crm.key("CONTACT_LEAD", one.c))
    assert crm.receive(phone=OTHER, at=T0 + 4).lead == made.lead


def test_a_whatsapp_id_is_merged_and_parted_like_any_identity(crm):
    one, two = crm.receive(), crm.receive(wa="BR.1")
    merge = crm.merge(one.c, two.c, T0 + 1)
    assert crm.receive(wa="BR.1", at=T0 + 2).contact == one.contact
    assert crm.contact(one.c)["wa"] == "BR.1"
    crm.undo(merge, T0 + 3)
    assert "wa" not in crm.contact(one.c)
    assert crm.receive(wa="BR.1", at=T0 + 4).contact == two.contact


def test_of_two_whatsapp_ids_a_contact_shows_the_winners(crm):
    one, two = crm.receive(wa="BR.1"), crm.receive(wa="BR.2")
    crm.merge(one.c, two.c, T0 + 1)
    assert crm.receive(wa="BR.2", at=T0 + 2).contact == one.contact
    assert crm.contact(one.c)["wa"] == "BR.1"


def test_only_the_merged_one_wrote(crm):
    one, two = crm.track("page.viewed", {"email": "ann@example.com"}), crm.receive(text="b")
    merge = crm.merge(one.c, two.c, T0 + 1)
    assert [m["text"] for m in crm.messages(one.c)] == ["b"]
    crm.undo(merge, T0 + 2)
    assert not crm.messages(one.c) and [m["text"] for m in crm.messages(two.c)] == ["b"]


# Reading it with the lead -------------------------------------------------------------------------


def read(ws, received):
    row, messages, _, _ = ws.run("lead_admin_get", [ws.key("LEAD", received.lead)], ws.before, "id")
    return dict(zip(row[::2], row[1::2])), [json.loads(one)["text"] for one in messages[::2]]


def test_a_lead_is_read_with_its_own_messages_newest_first(crm):
    one, two = crm.receive(text="a"), crm.receive(text="b", phone=OTHER, at=T0 + 1)
    crm.merge(one.c, two.c, T0 + 2)
    for n in range(120):
        crm.receive(text=str(n), at=T0 + 3 + n)
    row, texts = read(crm, one)
    assert row["id"] == one.lead and texts == [str(n) for n in reversed(range(120))] + ["a"]
    assert read(crm, two)[1] == ["b"]


def test_a_text_cannot_pretend_to_be_another_leads(crm):
    one = crm.receive(text="a")
    crm.receive(text='x","l":"%s' % one.lead, phone=OTHER)
    assert read(crm, one)[1] == ["a"]


def test_very_long_conversations_are_read_up_to_8_mib(ws):
    made = ws.receive(text="0")
    long = "x" * 1000000
    for n in range(12):
        ws.receive(text=f"{n}{long}", at=T0 + n)
    texts = read(ws, made)[1]
    assert [text[:2].rstrip("x") for text in texts] == [str(n) for n in range(11, 2, -1)]


def test_a_lead_without_messages_is_read_without(ws):
    lead_id = ws.book(phone=PHONE)[1]
    row, messages, _, _ = ws.run("lead_admin_get", [ws.key("LEAD", lead_id)], ws.before, "id")
    assert dict(zip(row[::2], row[1::2]))["id"] == lead_id and messages == []


# Arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at, value", [(2, "x"), (3, ""), ("floor", "x"), ("floor", None),
                                       ("seen_keep", "x"), ("again", "crm_seen_key:k")])
def test_spoiled_arguments_write_nothing(ws, at, value):
    keys, arguments = ws.message(message_id="m1", **({at: value} if isinstance(at, str) else {}))
    if not isinstance(at, str):
        arguments[at] = value
    with pytest.raises(redis.ResponseError, match="^message_receive"):
        ws.run("message_receive", keys, *arguments)
    assert ws.redis.dbsize() == 0


def test_a_number_that_is_taken_is_refused(ws):
    keys, arguments = ws.message()
    c = arguments[8]
    ws.redis.hset(ws.key("CONTACT", c), "id", f"contact_{c}")
    assert c != contact_name(0)
    with pytest.raises(redis.ResponseError, match="^NUMBER "):
        ws.run("message_receive", keys, *arguments)
    assert ws.redis.dbsize() == 1
