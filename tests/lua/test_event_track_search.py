"""event_track, contact_merge and merge_undo: by which words a contact is found.

SPDX-License-Identifier: MIT
"""
from support.times import HOUR, T0

ANN = {"ext": "u1", "email": "ann@example.com", "phone": "+15550001111"}
JOHN = {"search_first": "john", "search_last": "doe"}


def words(ws, c):
    return [member[:-14] for member in ws.redis.zrange(ws.key("SEARCH"), 0, -1)
            if member.endswith(":" + c)]


def test_a_new_contact_is_found_by_its_name_email_and_phone(crm):
    c = crm.track("page.viewed", ANN, **JOHN).c
    assert words(crm, c) == ["15550001111", "ann@example.com", "doe", "john"]
    assert crm.contact(c)["search_first"] == "john"


def test_an_event_that_brings_one_name_leaves_the_other(crm):
    c = crm.track("page.viewed", {"ext": "u1"}, **JOHN).c
    crm.track("page.viewed", {"ext": "u1"}, search_first="jonathan")
    assert words(crm, c) == ["doe", "jonathan"]
    crm.track("page.viewed", {"ext": "u1"}, search_last="smith")
    assert words(crm, c) == ["jonathan", "smith"]


def test_an_older_event_only_fills_a_gap(crm):
    c = crm.track("page.viewed", {"ext": "u1"}, at=T0, search_first="john").c
    crm.track("page.viewed", {"ext": "u1"}, at=T0 - HOUR, now=T0, search_first="bob",
              search_last="doe")
    assert words(crm, c) == ["doe", "john"]


def test_identities_that_come_later_are_words_too_and_further_ones_are_not(crm):
    c = crm.track("page.viewed", {"ext": "u1"}).c
    assert words(crm, c) == []
    crm.track("page.viewed", ANN)
    crm.track("page.viewed", {"ext": "u1", "email": "other@example.com"})
    assert words(crm, c) == ["15550001111", "ann@example.com"]


def test_a_changed_email_is_found_and_the_old_one_is_not(crm):
    c = crm.track("page.viewed", ANN, search_first="john").c
    crm.track("customer.updated", {"ext": "u1"}, moves_email="new@example.com",
              moves_email_key=crm.index("email", "new@example.com"))
    assert words(crm, c) == ["15550001111", "john", "new@example.com"]


def test_an_event_that_changes_no_word_does_not_touch_the_index(crm):
    crm.track("page.viewed", ANN, **JOHN)
    for how in (JOHN, {}):
        _, calls = crm.calls(lambda how=how: crm.track("page.viewed", ANN, **how))
        assert calls["zadd"] == 1 and "zrem" not in calls, "the timeline only"


def test_a_merged_contact_is_found_by_the_words_of_both_that_it_has(crm):
    one = crm.track("page.viewed", {"email": "ann@example.com"}, search_first="ann").c
    other = crm.track("page.viewed", {"phone": "+15550001111"}, **JOHN).c
    merge = crm.merge(one, other)
    assert words(crm, one) == ["15550001111", "ann", "ann@example.com", "doe"]
    assert words(crm, other) == []
    crm.track("page.viewed", {"phone": "+15550001111"}, at=T0 + HOUR, search_last="smith")
    assert words(crm, one) == ["15550001111", "ann", "ann@example.com", "smith"]
    crm.undo(merge)
    assert words(crm, one) == ["ann", "ann@example.com"]
    assert words(crm, other) == ["15550001111", "john", "smith"]


def test_a_merge_that_an_event_leads_to_moves_the_words(crm):
    one = crm.track("page.viewed", {"email": "ann@example.com"}, **JOHN).c
    other = crm.track("page.viewed", {"phone": "+15550001111"}, search_first="johnny").c
    crm.track("page.viewed", {"email": "ann@example.com", "phone": "+15550001111"})
    assert words(crm, one) == ["15550001111", "ann@example.com", "doe", "john"]
    assert words(crm, other) == []
