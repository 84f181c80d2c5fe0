"""event_anon: what an event of a visitor nobody knows writes into the session, and when nothing.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from support.times import DAY, HOUR, MINUTE, SECOND, T0

MONTH_S = 30 * 86400


def seen(crm, event_id):
    return {"seen": crm.seen(event_id), "seen_print": "-"}


def again(crm, key, fingerprint="aaaa"):
    return {"again": crm.key("SEEN", f"key:{key}"), "again_print": fingerprint}


def test_the_first_event_makes_the_session_its_log_and_its_counters(crm):
    visit = crm.visit("s1", at=T0 - MINUTE, now=T0, data={"page": "/a"}, device="mobile",
                      browser="Chrome", utm='{"source":"x"}')
    assert visit == (0, "", "0", visit.activity, "", "", "", "session:s1")
    assert crm.session("s1") == {
        "id": "s1", "first_seen": str(T0), "last_seen": str(T0), "activities": "1", "kept": "1",
        "device": "mobile", "browser": "Chrome", "utm": '{"source":"x"}'}
    assert crm.log("s1") == [{"i": visit.activity, "t": "page.viewed", "d": {"page": "/a"},
                              "s": {"session_id": "s1"}, "at": T0 - MINUTE}]
    assert crm.counters() == {"10:page.viewed": 1, "sessions": 1}
    assert crm.feed() == [{"s": "s1", "t": "page.viewed", "a": visit.activity}]


def test_nothing_but_the_session_is_written(crm):
    crm.visit("s1")
    assert set(crm.redis.scan_iter()) == {
        crm.key("SESSION", "s1"), crm.key("SESSIONLOG", "s1"), crm.key("FEED"), crm.day()}


def test_the_next_event_goes_to_the_same_session(crm):
    crm.visit("s1", at=T0)
    crm.visit("s1", "search.performed", at=T0 + HOUR)
    session = crm.session("s1")
    assert (session["first_seen"], session["last_seen"]) == (str(T0), str(T0 + HOUR))
    assert (session["activities"], session["kept"]) == ("2", "2")
    assert [entry["t"] for entry in crm.log("s1")] == ["page.viewed", "search.performed"]
    assert crm.counters() == {"10:page.viewed": 1, "11:search.performed": 1, "sessions": 1}


def test_the_log_is_in_the_order_in_which_things_happened(crm):
    for at in (T0 + 2, T0, T0 + 1):
        crm.visit("s1", at=at, now=T0 + HOUR)
    assert [entry["at"] for entry in crm.log("s1")] == [T0, T0 + 1, T0 + 2]


def test_device_browser_and_utm_are_those_of_the_first_event_that_has_them(crm):
    crm.visit("s1", device="mobile")
    crm.visit("s1", device="desktop", browser="Edge", utm='{"source":"a"}')
    crm.visit("s1", browser="Chrome", utm='{"source":"b"}')
    session = crm.session("s1")
    assert (session["device"], session["browser"]) == ("mobile", "Edge")
    assert session["utm"] == '{"source":"a"}'


def test_a_session_keeps_its_newest_50_and_counts_what_it_drops(crm):
    for n in range(53):
        crm.visit("s1", at=T0 + n)
    assert [entry["at"] for entry in crm.log("s1")] == [T0 + n for n in range(3, 53)]
    session = crm.session("s1")
    assert (session["activities"], session["kept"], session["dropped"]) == ("53", "50", "3")


def test_both_keys_live_for_30_days_from_the_last_event(crm):
    for key in (crm.key("SESSION", "s1"), crm.key("SESSIONLOG", "s1")):
        crm.visit("s1")
        assert MONTH_S - 60 < crm.redis.ttl(key) <= MONTH_S
        crm.redis.expire(key, 100)
        crm.visit("s1")
        assert MONTH_S - 60 < crm.redis.ttl(key) <= MONTH_S
        crm.visit("s1", keep_s=1000)
        assert 900 < crm.redis.ttl(key) <= 1000


def test_a_session_that_is_over_by_the_services_clock_begins_anew(crm):
    crm.visit("s1", at=T0, device="mobile")
    crm.visit("s1", at=T0 + 30 * DAY - 1)
    assert len(crm.log("s1")) == 2
    crm.visit("s1", at=T0 + 60 * DAY - 1)
    session = crm.session("s1")
    assert session["first_seen"] == str(T0 + 60 * DAY - 1) and "device" not in session
    assert (session["activities"], len(crm.log("s1"))) == ("1", 1)
    assert crm.counters(T0 + 60 * DAY - 1)["sessions"] == 1


def test_a_plain_event_is_7_calls(crm):
    crm.visit("s1")
    _, calls = crm.calls(lambda: crm.visit("s1", at=T0 + 1))
    assert calls == {"hmget": 1, "zadd": 1, "hset": 1, "expire": 2, "hincrby": 1, "xadd": 1}


# Twice --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [seen, again])
def test_a_repeated_event_gets_the_first_answer_and_writes_nothing(crm, how):
    first = crm.visit("s1", **how(crm, "e1"))
    before = crm.server.dump()
    assert crm.visit("s1", at=T0 + HOUR, **how(crm, "e1")) == first.again
    assert crm.server.dump() == before


def test_a_repeated_event_without_its_session_is_told_which_one_it_was(crm):
    first = crm.visit("s1", **seen(crm, "e1"))
    assert crm.visit("s2", **seen(crm, "e1")) == first.again
    assert crm.session("s2") == {}


def test_a_key_that_was_used_with_another_request_is_refused(crm):
    crm.visit("s1", **again(crm, "k1"))
    before = crm.server.dump()
    with pytest.raises(redis.ResponseError, match="^MISMATCH "):
        crm.visit("s1", **again(crm, "k1", "bbbb"))
    assert crm.server.dump() == before


def test_an_event_that_a_contact_has_had_is_repeated_as_it_was(crm):
    known = crm.track("page.viewed", {"ext": "u1"}, **seen(crm, "e1"))
    assert crm.visit("s1", **seen(crm, "e1"))[:5] == (1, known.contact, "1", known.activity,
                                                     "new_lead")
    assert crm.session("s1") == {}


def test_an_anonymous_event_that_comes_back_with_a_name_is_the_same_event(crm):
    first = crm.visit("s1", **seen(crm, "e1"))
    repeated = crm.track("page.viewed", {"ext": "u1"}, **seen(crm, "e1"))
    assert repeated[:7] == first.again[:7] and repeated.notes == ("session:s1", )
    assert not crm.redis.exists(crm.key("CREATED"))


def test_50_first_events_at_once_are_one_session(crm):
    crm.load()

    def visit(n):
        return crm.visit("s1", at=T0 + n, now=T0)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(visit, range(50)))
    assert len({answer.activity for answer in answers}) == 50
    assert [entry["at"] for entry in crm.log("s1")] == [T0 + n for n in range(50)]
    assert (crm.session("s1")["activities"], crm.counters()["sessions"]) == ("50", 1)


# A contact's --------------------------------------------------------------------------------------


def test_a_session_that_is_a_contacts_is_left_alone(crm):
    contact = crm.track("page.viewed", {"ext": "u1"}).contact
    crm.visit("s1")
    crm.link("s1", contact)
    before = crm.server.dump()
    assert crm.visit("s1", at=T0 + MINUTE, **seen(crm, "e1"), **again(crm, "k1")) == contact
    assert crm.server.dump() == before


def test_the_way_to_a_merged_contact_is_told_as_it_stands(crm):
    winner = crm.track("page.viewed", {"ext": "u1"}).contact
    crm.visit("s1")
    crm.link("s1", winner + " contact_0000000000000")
    assert crm.visit("s1") == winner + " contact_0000000000000"


def test_a_session_whose_contact_is_gone_begins_anew(crm):
    crm.visit("s1")
    crm.redis.hset(crm.key("SESSION", "s1"), "contact_id", "contact_0000000000000")
    crm.visit("s1", at=T0 + SECOND)
    assert "contact_id" not in crm.session("s1")
    assert (crm.session("s1")["activities"], len(crm.log("s1"))) == ("1", 1)


def test_a_contacts_session_that_is_over_begins_anew(crm):
    contact = crm.track("page.viewed", {"ext": "u1"}).contact
    crm.visit("s1")
    crm.link("s1", contact)
    assert crm.visit("s1", at=T0 + 30 * DAY).replayed == 0
    assert "contact_id" not in crm.session("s1")


# Arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place, value", [(1, "soon"), (2, ""), (9, "0"), (9, "long")])
def test_a_malformed_argument_is_refused_before_anything_is_written(crm, place, value):
    keys, arguments = crm.visit_arguments("s1")
    arguments[place] = value
    with pytest.raises(redis.ResponseError, match="^event_anon: "):
        crm.run("event_anon", keys, *arguments)
    assert not list(crm.redis.scan_iter())


@pytest.mark.parametrize("name", ["seen", "again"])
def test_an_id_without_its_fingerprint_is_refused(crm, name):
    with pytest.raises(redis.ResponseError, match="^event_anon: "):
        crm.visit("s1", **{name: crm.seen("e1")})
    assert not list(crm.redis.scan_iter())
