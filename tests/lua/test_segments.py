"""The scripts of segments, branch by branch: definitions, who enters, what merges and their undoing
do to memberships.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.segment_scripts import RULE, Segments
from support.times import DAY, HOUR, T0

PHONE, OTHER = "+15550001111", "+15550002222"


@pytest.fixture
def segments(crm):
    return Segments(crm)


def refused(word):
    return pytest.raises(redis.ResponseError, match=f"^{word}")


# Definitions --------------------------------------------------------------------------------------


def test_a_segment_is_made_once_and_changed_by_its_version(crm, segments):
    assert segments.save("s", name="One", now=T0) == [0, "1", str(T0), str(T0), 0]
    with refused("EXISTS"):
        segments.save("s")
    with refused("NOTFOUND"):
        segments.save("t", "old")
    with refused("VERSION 1"):
        segments.save("s", "old", expected="2")
    assert segments.save("s", "old", expected="1", text="has(message)", now=T0 + 1) == [
        0, "2", str(T0), str(T0 + 1), 0]
    change, version, rows = segments.list()
    assert (version, rows) == ("2", {"s": {
        "id": "s", "n": "1", "v": "2", "name": "", "text": "has(message)", "created_at": str(T0),
        "updated_at": str(T0 + 1), "count": 0}})
    assert [(entry["t"], entry["g"]) for entry in crm.feed()] == [("segment.changed", "s")] * 2
    assert segments.list(known=change) == (change, None, None)
    assert segments.list("t") == (change, "2", {})


def test_what_is_repeated_is_not_done_again(crm, segments):
    again = {"again": crm.key("SEEN", "key:k"), "again_print": "aa"}
    first = segments.save("s", now=T0, **again)
    segments.receive("s")
    assert segments.save("s", now=T0 + 1, **again) == [1, *first[1:4], "0"]
    with refused("MISMATCH"):
        segments.save("s", **{**again, "again_print": "bb"})
    again = {"again": crm.key("SEEN", "key:d"), "again_print": "aa"}
    assert segments.delete("s", **again) == [0]
    assert segments.delete("s", **again) == [1]
    with refused("MISMATCH"):
        segments.delete("s", **{**again, "again_print": "bb"})


def test_there_are_at_most_a_hundred(segments):
    for n in range(100):
        segments.save(f"s{n}")
    with refused("INVALID"):
        segments.save("more")
    segments.delete("s7")
    segments.save("more")


def test_a_segment_that_is_deleted_takes_its_members_along(crm, segments):
    segments.save("s")
    segments.receive("s")
    with refused("NOTFOUND"):
        segments.delete("t")
    with refused("VERSION 1"):
        segments.delete("s", expected="7")
    name = segments.name("s")
    segments.delete("s", expected="1")
    assert not segments.members(name) and not crm.redis.exists(crm.key("SEGMENT"))
    assert segments.list()[1] == "2"


def test_one_that_is_made_again_has_no_members_and_no_old_version(crm, segments):
    segments.save("s")
    one = segments.receive("s")
    segments.delete("s")
    assert segments.save("s")[1] == "3"
    assert segments.members("s") == {}
    segments.receive("s", at=T0 + 1)
    assert segments.members("s") == {one.c: T0 + 1}


@pytest.mark.parametrize("arguments", [
    ["", "x", "new", "s", "", RULE, ""], ["", T0, "new", "", "", RULE, ""],
    ["", T0, "new", "s", "", "", ""], ["", T0, "new", "s", "", RULE],
    ["", T0, "new", "s", "", RULE, "", "again", "crm_seen_key:k"]])
def test_save_refuses_what_it_does_not_expect(ws, arguments):
    with refused(".*its arguments are not what it expects"):
        ws.run("segment_save", Segments(ws).keys, *arguments)


@pytest.mark.parametrize("arguments", [
    ["", "x", "s", ""], ["", T0, "s"], ["", T0, "s", "", "again", "crm_seen_key:k"]])
def test_delete_refuses_what_it_does_not_expect(ws, arguments):
    with refused(".*its arguments are not what it expects"):
        ws.run("segment_delete", Segments(ws).keys, *arguments)


# Entering -----------------------------------------------------------------------------------------


def test_who_sends_what_fits_enters_once(crm, segments):
    segments.save("s")
    segments.save("t")
    before = len(crm.feed())
    one = segments.receive("s", "t", at=T0, now=T0 + HOUR)
    assert segments.members("s") == segments.members("t") == {one.c: T0 + HOUR}
    assert segments.of(one.c) == {"s:1": T0 + HOUR, "t:2": T0 + HOUR}
    assert [(entry["t"], entry.get("g")) for entry in crm.feed()][before:] == [
        ("lead.created", None), ("message.received", None), ("segment.entered", "s"),
        ("segment.entered", "t")]
    segments.receive("s", at=T0 + DAY)
    assert segments.members("s") == {one.c: T0 + HOUR}
    assert crm.feed()[-1]["t"] == "message.received"


def test_a_message_that_was_judged_by_an_older_version_is_judged_again(crm, segments):
    segments.save("s")
    keys, arguments = segments.message(message_id="m")
    segments.save("t")
    before = crm.redis.dbsize(), len(crm.feed())
    assert crm.run("message_receive", keys, *arguments) == [2]
    assert (crm.redis.dbsize(), len(crm.feed())) == before
    assert segments.receive("t", message_id="m").lead_made == "1"


def test_a_duplicate_changes_nothing_whatever_it_was_judged_by(crm, segments):
    first = segments.receive(message_id="m")
    segments.save("s")
    again = segments.receive("s", message_id="m")
    assert again[0] == 1 and again.c == first.c and segments.members("s") == {}
    stale = crm.receive(message_id="m", segments_v=0)
    assert stale[0] == 1


def test_the_list_of_a_contact_forgets_segments_that_are_gone(crm, segments):
    segments.save("stays")
    for n in range(99):
        segments.save("s")
        one = segments.receive("s", *(["stays"] if n == 0 else []), at=T0 + n)
        segments.delete("s")
    assert len(segments.of(one.c)) == 100
    segments.save("s")
    segments.receive("s", at=T0 + DAY)
    assert segments.of(one.c) == {"stays:1": T0, segments.name("s"): T0 + DAY}


# Merges -------------------------------------------------------------------------------------------


def state(segments, *contacts):
    return ([segments.members(segment) for segment in ("a", "b", "c")],
            [segments.of(c) for c in contacts])


@pytest.fixture
def pair(segments):
    """Two people: one in a, later in b; the other in b; c is empty."""
    for segment in ("a", "b", "c"):
        segments.save(segment)
    one = segments.receive("a", at=T0)
    two = segments.receive("b", phone=OTHER, at=T0 + 1)
    segments.receive("b", at=T0 + 2)
    return one.c, two.c


def test_a_merged_contact_is_in_the_segments_of_both_since_the_first_was(crm, segments, pair):
    one, two = pair
    before = state(segments, one, two)
    merge = crm.merge(one, two, T0 + HOUR)
    assert state(segments, one, two) == (
        [{one: T0}, {one: T0 + 1}, {}], [{"a:1": T0, "b:2": T0 + 1}, {}])
    assert 0 < crm.redis.ttl(crm.key("CONTACT_SEGMENT", f"{two}~{merge}"))
    assert crm.redis.ttl(crm.key("CONTACT_SEGMENT", one)) == -1
    assert not crm.faults()
    crm.undo(merge, T0 + HOUR)
    assert state(segments, one, two) == before
    assert crm.redis.ttl(crm.key("CONTACT_SEGMENT", two)) == -1


def test_who_enters_while_two_are_one_is_the_side_whose_number_it_was(crm, segments, pair):
    one, two = pair
    merge = crm.merge(one, two, T0 + 3)
    segments.receive("c", phone=OTHER, at=T0 + 4)
    segments.receive("a", phone=OTHER, at=T0 + 5)  # the other one is in it already
    assert segments.members("c") == {one: T0 + 4}
    crm.undo(merge, T0 + 6)
    assert state(segments, one, two) == (
        [{one: T0, two: T0 + 5}, {one: T0 + 2, two: T0 + 1}, {two: T0 + 4}],
        [{"a:1": T0, "b:2": T0 + 2}, {"a:1": T0 + 5, "b:2": T0 + 1, "c:3": T0 + 4}])


def test_undoing_does_not_bring_back_what_was_deleted(crm, segments, pair):
    one, two = pair
    merge = crm.merge(one, two, T0 + 3)
    for segment in ("a", "b"):
        segments.delete(segment)
        segments.save(segment)
    segments.receive("b", at=T0 + 4)
    crm.undo(merge, T0 + 5)
    assert [segments.members(segment) for segment in ("a", "b", "c")] == [{}, {one: T0 + 4}, {}]


def test_merging_does_not_bring_back_what_was_deleted(crm, segments, pair):
    one, two = pair
    segments.delete("b")
    segments.save("b")
    crm.merge(one, two, T0 + 3)
    assert [segments.members(segment) for segment in ("a", "b", "c")] == [{one: T0}, {}, {}]


def test_merges_of_merges_come_apart_in_their_order(crm, segments, pair):
    one, two = pair
    three = segments.receive("c", "a", phone="+15550003333", at=T0 + 3).c
    before = state(segments, one, two, three)
    first = crm.merge(two, three, T0 + 4)
    between = state(segments, one, two, three)
    second = crm.merge(one, two, T0 + 5)
    assert [segments.members(segment) for segment in ("a", "b", "c")] == [
        {one: T0}, {one: T0 + 1}, {one: T0 + 3}]
    crm.undo(second, T0 + 6)
    assert state(segments, one, two, three) == between
    crm.undo(first, T0 + 7)
    assert state(segments, one, two, three) == before
