"""Merging two contacts, by their identities or by hand, and undoing it: each is again what it would
be without the merge.

SPDX-License-Identifier: MIT
"""
import json

import pytest
import redis

from support.times import HOUR, T0

EMAIL, PHONE = "ann@example.com", "+15550001111"
OTHER_EMAIL, OTHER_PHONE = "bob@example.com", "+15550002222"
# What a merge and its undoing may change in a contact's record.
NOT_COMPARED = {"v", "apart", "updated_at"}


def view(crm, at=T0, **who):
    return crm.track("page.viewed", who, at=at)


def owner(crm, word, value):
    return crm.redis.get(crm.index(word, value))


def state(crm, c):
    """All that a contact is."""
    record = {name: value for name, value in crm.contact(c).items() if name not in NOT_COMPARED}
    if record.get("open_tasks") == "0":
        del record["open_tasks"]
    tasks = {id_: crm.hash("TASK", id_)
             for id_ in crm.redis.zrange(crm.key("CONTACT_TASK", c), 0, -1)}
    for task in tasks.values():
        task.pop("v")
    return {
        "record": record,
        "timeline": crm.members(c),
        "older": crm.redis.lrange(crm.key("ACTIVITY_OLD", c), 0, -1),
        "bookings": {name: json.loads(row) for name, row in crm.hash("BOOKING", c).items()},
        "tasks": tasks,
        "aliases": crm.redis.smembers(crm.key("CONTACT_ALIAS", c)),
        "listed": [crm.redis.zscore(crm.key("CREATED"), c),
                   crm.redis.zscore(crm.key("STATUS", record["lead_status"]), c),
                   crm.redis.zscore(crm.key("REVENUE"), c)],
        "open": sorted(set(crm.open_tasks()) & set(tasks)),
    }


# By the identities of one call --------------------------------------------------------------------


def test_a_contact_known_by_phone_is_merged_into_that_of_the_email(crm):
    ann, caller = view(crm, email=EMAIL), view(crm, at=T0 + 1, phone=PHONE)
    answer = view(crm, at=T0 + 2, email=EMAIL, phone=PHONE)
    assert answer.contact == ann.contact
    merge = crm.redis.zrange(crm.key("MERGE_LOG"), 0, -1)
    assert answer.notes == (f"merged:{caller.contact}:{merge[0]}",)
    assert owner(crm, "phone", PHONE) == f"{ann.contact} {caller.contact}"
    assert not crm.redis.exists(crm.key("CONTACT", caller.c))
    assert crm.redis.get(crm.key("CONTACT_MERGED", caller.c)) == ann.contact
    assert [entry["at"] for entry in crm.members(ann.c)] == [T0, T0 + 1, T0 + 2]
    assert crm.contact(ann.c)["phone"] == PHONE
    assert crm.redis.zrange(crm.key("CREATED"), 0, -1) == [ann.c]
    record = crm.hash("MERGE", merge[0])
    assert record["automatic"] == "1"
    assert json.loads(record["evidence"]) == [
        {"kind": "phone", "value": PHONE, "contact_id": caller.contact}]
    assert view(crm, at=T0 + 3, phone=PHONE).contact == ann.contact


def test_three_contacts_become_one_by_one_call(crm):
    ann, mail, phone = view(crm, ext="u1"), view(crm, email=EMAIL), view(crm, phone=PHONE)
    answer = view(crm, ext="u1", email=EMAIL, phone=PHONE)
    assert answer.contact == ann.contact
    assert [note.split(":")[1] for note in answer.notes] == [mail.contact, phone.contact]
    assert crm.redis.zrange(crm.key("CREATED"), 0, -1) == [ann.c]
    assert crm.contact(ann.c)["activities"] == "4"


def test_a_contact_that_two_identities_name_is_merged_once(crm):
    ann, bob = view(crm, ext="u1"), view(crm, email=EMAIL, phone=PHONE)
    answer = view(crm, ext="u1", email=EMAIL, phone=PHONE)
    assert [note.split(":")[1] for note in answer.notes] == [bob.contact]
    assert crm.contact(ann.c)["activities"] == "3"


@pytest.mark.parametrize("theirs, reason", [({"email": OTHER_EMAIL}, "veto_email"),
                                            ({"ext": "u2"}, "veto_customer_id")])
def test_a_contact_with_a_stronger_identity_is_kept_apart(crm, theirs, reason):
    ann, bob = view(crm, email=EMAIL), view(crm, phone=PHONE, **theirs)
    answer = view(crm, email=EMAIL, phone=PHONE)
    assert answer.contact == ann.contact
    assert answer.notes == (f"apart:phone:{bob.contact}:{reason}",)
    assert owner(crm, "phone", PHONE) == bob.contact
    assert crm.redis.zrange(crm.key("DUPLICATE"), 0, -1) == [
        f"{bob.c} {ann.c} phone {reason} {PHONE}"]


def test_an_identity_that_joins_many_stops_at_eight(crm):
    """An agency books for many people with one e-mail address."""
    agency = view(crm, email=EMAIL)
    guests = [view(crm, at=T0 + n, phone=f"+1555000{n:04}") for n in range(20)]
    for n in range(20):
        answer = view(crm, at=T0 + HOUR + n, email=EMAIL, phone=f"+1555000{n:04}")
        assert answer.contact == agency.contact
        word = "merged" if n < 8 else "apart"
        assert answer.notes[0].startswith(word), n
    assert crm.redis.zcard(crm.key("CREATED")) == 1 + 20 - 8
    assert answer.notes == (f"apart:phone:{guests[-1].contact}:many",)


def test_the_same_event_again_merges_nothing_and_answers_the_same(crm):
    view(crm, email=EMAIL), view(crm, phone=PHONE)
    again = {"again": crm.key("SEEN", "key:k1"), "again_print": "aa"}
    seen = {"seen": crm.seen("e1"), "seen_print": "-"}
    first = crm.track("page.viewed", {"email": EMAIL, "phone": PHONE}, **seen, **again)
    assert len(first.notes) == 1
    for ids in (seen, again, {**seen, **again}):
        assert crm.track("page.viewed", {"email": EMAIL, "phone": PHONE}, **ids) == first.again
    assert crm.redis.zcard(crm.key("MERGE_LOG")) == 1


def test_the_record_of_the_merged_contact(crm):
    """The winner's own fields stay, gaps are filled, counts are added up, the rest by time."""
    ann = crm.track("customer.login", {"email": EMAIL}, at=T0 + HOUR,
                    **{"=first_name": "Ann", "+website_visits": 2})
    crm.track("vehicle.viewed", {"email": EMAIL}, at=T0 + HOUR, **{"#vehicle:car": "1"})
    bob = crm.track("booking.completed", {"phone": PHONE}, at=T0, amount=45000,
                    **{"=first_name": "Nan", "=company": "Bakery", "+website_visits": 1})
    crm.track("vehicle.viewed", {"phone": PHONE}, at=T0, **{"#vehicle:car": "1"})
    crm.merge(ann.c, bob.c)
    merged = crm.contact(ann.c)
    assert merged["first_name"] == "Ann" and merged["company"] == "Bakery"
    assert merged["website_visits"] == "3" and merged["vehicle:car"] == "2"
    assert merged["total_revenue_cents"] == "45000" and merged["total_bookings"] == "1"
    assert merged["lead_status"] == "customer"
    assert merged["created_at"] == str(T0) and merged["last_activity"] == str(T0 + HOUR)
    assert merged["last_action"] == "vehicle.viewed"
    assert merged["open_tasks"] == "1"
    task = crm.redis.zrange(crm.key("CONTACT_TASK", ann.c), 0, -1)[0]
    assert crm.hash("TASK", task)["contact_id"] == ann.contact
    assert crm.redis.zscore(crm.key("REVENUE"), ann.c) == 45000


def test_an_identity_goes_with_how_it_was_typed(crm):
    ann = crm.track("page.viewed", {"email": EMAIL})
    bob = crm.track("page.viewed", {"email": OTHER_EMAIL, "phone": PHONE},
                    **{"=email_typed": "Bob@Example.com", "=phone_typed": "555 0001111"})
    crm.merge(ann.c, bob.c)
    merged = crm.contact(ann.c)
    assert "email_typed" not in merged and merged["phone_typed"] == "555 0001111"


@pytest.mark.parametrize("mine, theirs", [(3, 5), (64, 1), (1, 70), (200, 300)])
def test_the_timelines_become_one_in_order_of_time(crm, mine, theirs):
    crm.track_all([crm.event("page.viewed", {"ext": "u1"}, at=T0 + 2 * n) for n in range(mine)])
    crm.track_all([crm.event("page.viewed", {"ext": "u2"}, at=T0 + 2 * n + 1)
                   for n in range(theirs)])
    ann, bob = (owner(crm, "ext", ext)[8:] for ext in ("u1", "u2"))
    crm.merge(ann, bob)
    old = [json.loads(row)["at"]
           for row in crm.redis.lrange(crm.key("ACTIVITY_OLD", ann), 0, -1)]
    times = old + [entry["at"] for entry in crm.members(ann)]
    assert times == sorted([T0 + 2 * n for n in range(mine)]
                           + [T0 + 2 * n + 1 for n in range(theirs)])
    assert crm.redis.zcard(crm.key("ACTIVITY", ann)) == min(64, mine + theirs)


def test_the_open_task_of_a_booking_closes_whichever_identity_completes_it(crm):
    left = crm.track("booking.abandoned", {"phone": PHONE}, booking_id="b1")
    ann = view(crm, email=EMAIL)
    crm.merge(ann.c, left.c)
    crm.track("booking.completed", {"email": EMAIL}, at=T0 + HOUR, booking_id="b1")
    assert crm.hash("TASK", left.task)["status"] == "cancelled"


# By hand ------------------------------------------------------------------------------------------


def test_two_verified_people_are_not_merged_unless_forced(crm):
    ann, bob = view(crm, email=EMAIL), view(crm, email=OTHER_EMAIL)
    with pytest.raises(redis.ResponseError, match="^UNSAFE"):
        crm.merge(ann.c, bob.c, forced=False)
    crm.merge(ann.c, bob.c)
    assert view(crm, email=OTHER_EMAIL).contact == ann.contact


def test_a_merge_needs_two_contacts(crm):
    ann, bob = view(crm, email=EMAIL), view(crm, email=OTHER_EMAIL)
    for winner, loser, word in ((ann.c, "0" * 13, "NOTFOUND"), ("0" * 13, ann.c, "NOTFOUND"),
                                (ann.c, ann.c, "SAME")):
        with pytest.raises(redis.ResponseError, match=f"^{word}"):
            crm.merge(winner, loser)
    crm.merge(ann.c, bob.c)
    with pytest.raises(redis.ResponseError, match="^SAME"):
        crm.merge(bob.c, ann.c)


def test_a_merged_away_id_stands_for_its_contact(crm):
    ann, bob, cyd = (view(crm, email=email) for email in (EMAIL, OTHER_EMAIL, "c@example.com"))
    crm.merge(ann.c, bob.c)
    crm.merge(cyd.c, bob.c)
    for c in (ann.c, bob.c, cyd.c):
        row = crm.run("contact_get", [crm.key("CONTACT", c)], crm.before, "id", c)
        assert row[row.index("id") + 1] == cyd.contact
    assert view(crm, email=OTHER_EMAIL).contact == cyd.contact
    assert owner(crm, "email", OTHER_EMAIL) == f"{cyd.contact} {ann.contact} {bob.contact}"


# Leads --------------------------------------------------------------------------------------------


def test_a_lead_goes_with_its_contact_and_comes_back(crm):
    made = crm.book(phone=PHONE, fields={"!clientName": "Ann"})
    ann = view(crm, email=EMAIL, at=T0 + 1)
    caller = made[7][8:]
    merge = crm.merge(ann.c, caller, now=T0 + 2)
    assert crm.hash("LEAD", made[1])["contact_id"] == ann.contact
    assert crm.redis.zrange(crm.key("CONTACT_LEAD", ann.c), 0, -1) == [made[1]]
    assert crm.contact(ann.c)["sources"] == "Website|Booking Form"
    submitted = crm.book(phone=PHONE, verb="submit", now=T0 + 3)
    assert (submitted[1], submitted[7]) == (made[1], ann.contact)
    crm.undo(merge, now=T0 + 4)
    assert crm.hash("LEAD", made[1])["contact_id"] == made[7]
    assert [entry["t"] for entry in crm.members(caller)] == [
        "booking_form.tracked", "booking_form.submitted"]
    assert [entry["t"] for entry in crm.members(ann.c)] == ["page.viewed"]
    assert not crm.redis.exists(crm.key("CONTACT_LEAD", ann.c))


def test_the_form_joins_the_two_that_its_fields_name(crm):
    """An e-mail that one contact has and a phone that the lead's own contact has."""
    ann = view(crm, email=EMAIL)
    made = crm.book(phone=PHONE)
    again = crm.book(phone=PHONE, email=EMAIL, now=T0 + 1)
    assert (again[1], again[4], again[7]) == (made[1], "0", ann.contact)
    assert again[9].startswith(f"merged:{made[7]}:")
    assert crm.hash("LEAD", made[1])["contact_id"] == ann.contact
    assert crm.redis.zrange(crm.key("CREATED"), 0, -1) == [ann.c]


def test_a_lead_stays_whose_it_is_when_an_email_is_somebody_elses(crm):
    other = view(crm, ext="u9", email=EMAIL)
    made = crm.book(phone=PHONE, email=OTHER_EMAIL)
    again = crm.book(phone=PHONE, email=EMAIL, now=T0 + 1)
    assert (again[1], again[7], again[9]) == (made[1], made[7], f"apart:email:{other.contact}:lead")
    assert crm.contact(other.c)["activities"] == "1"
    assert owner(crm, "email", EMAIL) == other.contact


# Undone -------------------------------------------------------------------------------------------

BEFORE = [("booking.abandoned", "ann", {"booking_id": "b1"}),
          ("vehicle.viewed", "ann", {"#vehicle:car": "1"}),
          ("booking.started", "bob", {}),
          ("customer.login", "bob", {"+website_visits": 1, "=first_name": "Bob"}),
          ("booking.abandoned", "bob", {})]
AFTER = [("booking.completed", "bob", {"booking_id": "b9", "amount": 45000}),
         ("customer.login", "ann", {"+website_visits": 1, "=first_name": "Ann"}),
         ("payment.failed", "bob", {}),
         ("booking.abandoned", "ann", {"booking_id": "b2"}),
         ("booking.abandoned", "bob", {"booking_id": "b3"}),
         ("vehicle.viewed", "bob", {"#vehicle:car": "1"}),
         ("booking.completed", "ann", {"booking_id": "b2", "amount": 1000})]
WHO = {"ann": {"email": EMAIL}, "bob": {"phone": PHONE}}


def tell(crm, events, start):
    """Runs events one minute apart, with numbers that are the same in every world."""
    for n, (kind, who, how) in enumerate(events):
        crm.track(kind, WHO[who], at=start + n * 60000, **how)


def ids(crm):
    return [owner(crm, *next(iter(WHO[who].items())))[-13:] for who in ("ann", "bob")]


@pytest.mark.parametrize("winner", [0, 1])
def test_undone_both_are_as_if_never_merged(crm, winner):
    tell(crm, BEFORE, T0)
    tell(crm, AFTER, T0 + HOUR)
    expected = [state(crm, c) for c in ids(crm)]

    crm.emptied()
    crm.numbers = type(crm.numbers)(1)
    tell(crm, BEFORE, T0)
    both = ids(crm)
    merge = crm.merge(both[winner], both[1 - winner], now=T0 + HOUR - 1)
    number = next(crm.numbers) - 1  # the merge took one
    crm.numbers = type(crm.numbers)(number)
    tell(crm, AFTER, T0 + HOUR)
    assert not crm.faults()
    crm.undo(merge, now=T0 + 2 * HOUR)
    for c, wanted in zip(both, expected):
        assert state(crm, c) == wanted
    assert owner(crm, "phone", PHONE) == f"contact_{both[1]}"
    assert crm.redis.zcard(crm.key("CREATED")) == 2
    assert not list(crm.redis.scan_iter("*~*", count=1000))


def test_what_comes_later_by_an_identity_of_the_loser_is_the_losers(crm):
    ann, bob = view(crm, email=EMAIL), view(crm, phone=PHONE)
    merge = crm.merge(ann.c, bob.c)
    view(crm, at=T0 + 1, phone=PHONE)
    view(crm, at=T0 + 2, phone=PHONE, ext="u7")  # a new identity beside the loser's
    view(crm, at=T0 + 3, email=EMAIL)
    crm.undo(merge)
    assert owner(crm, "ext", "u7") == bob.contact
    assert [entry["at"] for entry in crm.members(bob.c)] == [T0, T0 + 1, T0 + 2]
    assert [entry["at"] for entry in crm.members(ann.c)] == [T0, T0 + 3]


def test_an_undone_merge_does_not_come_back_by_itself(crm):
    ann, bob = view(crm, email=EMAIL), view(crm, phone=PHONE)
    answer = view(crm, email=EMAIL, phone=PHONE)
    crm.undo(answer.notes[0].split(":")[2])
    again = view(crm, at=T0 + 1, email=EMAIL, phone=PHONE)
    assert again.contact == ann.contact
    assert again.notes == (f"apart:phone:{bob.contact}:undone",) or again.notes == ()
    assert owner(crm, "phone", PHONE) == bob.contact
    assert crm.redis.zcard(crm.key("CREATED")) == 2


def test_only_the_last_merge_can_be_undone_first(crm):
    ann, bob, cyd = (view(crm, at=T0 + n, ext=f"u{n}") for n in range(3))
    expected = [state(crm, contact.c) for contact in (ann, bob, cyd)]
    first, second = crm.merge(ann.c, bob.c), crm.merge(cyd.c, ann.c)
    dump = {key: crm.server.raw.dump(key) for key in crm.server.raw.keys()}
    with pytest.raises(redis.ResponseError, match=f"^LATER {second}"):
        crm.undo(first)
    assert dump == {key: crm.server.raw.dump(key) for key in crm.server.raw.keys()}
    crm.undo(second)
    crm.undo(first)
    assert [state(crm, contact.c) for contact in (ann, bob, cyd)] == expected
    with pytest.raises(redis.ResponseError, match="^UNDONE"):
        crm.undo(first)
    with pytest.raises(redis.ResponseError, match="^NOTFOUND"):
        crm.undo("0" * 36)


def test_events_between_nested_merges_find_their_side(crm):
    ann, bob, cyd = (view(crm, at=T0, ext=f"u{n}") for n in range(3))
    first = crm.merge(ann.c, bob.c)
    view(crm, at=T0 + 1, ext="u1")
    second = crm.merge(ann.c, cyd.c)
    for n in range(3):
        view(crm, at=T0 + 2 + n, ext=f"u{n}")
    crm.undo(second)
    assert [entry["at"] for entry in crm.members(cyd.c)] == [T0, T0 + 4]
    assert [entry["at"] for entry in crm.members(ann.c)] == [T0, T0, T0 + 1, T0 + 2, T0 + 3]
    crm.undo(first)
    assert [entry["at"] for entry in crm.members(bob.c)] == [T0, T0 + 1, T0 + 3]
    assert [entry["at"] for entry in crm.members(ann.c)] == [T0, T0 + 2]


def test_all_that_a_merge_keeps_for_its_undoing_expires(crm):
    ann, bob = view(crm, email=EMAIL), view(crm, phone=PHONE)
    crm.track("booking.abandoned", {"phone": PHONE})
    crm.merge(ann.c, bob.c)
    crm.track("booking.abandoned", {"phone": PHONE}, booking_id="b7")
    for key in crm.redis.scan_iter("*~*", count=1000):
        assert 0 < crm.redis.ttl(key) <= 90 * 86400, key
