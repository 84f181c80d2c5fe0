"""Visitors nobody knows: events and interactions, sessions, cookies, consent.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from support.keys import key
from support.stored import stored
from support.times import DAY, MINUTE, T0, ms
from support.visitors import MADE, Browser, done_in, session_of

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 " \
        "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " \
       "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
POSTS = {"/v1/events": {"event_type": "page.viewed"},
         "/api/interactions": {"interaction_type": "search"},
         "/v1/interactions": {"interaction_type": "search"}}


def written(api):
    """Everything in the database but what the start has written."""
    return {name for name in api.redis.text.scan_iter()
            if not name.startswith(("crm_meta", "crm_ws", "crm_contact_seq", "crm_settings"))}


# Events -------------------------------------------------------------------------------------------


def test_an_anonymous_event_is_answered_without_a_contact(svc):
    answer = svc.event("page.viewed", path="/v1/events", session={"session_id": "plain"})
    assert answer.pop("activity_id") == answer.pop("event_id")
    assert answer == {"success": True, "contact_id": None, "created": False, "lead_status": None,
                      "score": None, "quality": None, "session_id": "plain", "prompt": None}


def test_an_event_of_somebody_known_is_the_contacts(svc, person):
    answer = svc.event("booking.abandoned", person, {"total_price": 450}, path="/v1/events",
                       session={"session_id": "known"}, event_id=person.id)
    assert (answer["created"], answer["session_id"], answer["prompt"]) == (True, "known", None)
    assert (answer["lead_status"], answer["score"], answer["quality"]) == (
        "Hot Lead - Abandoned Booking", 50, "WARM")
    assert answer["event_id"] == person.id and answer["task_id"]
    assert svc.newest(answer["contact_id"])["session"] == {"session_id": "known"}
    svc.get("/v1/sessions/known", 404)


def test_what_has_no_meaning_yet_stays_readable(svc, person):
    more = {"utm": {"source": "google", "campaign": "spring"}, "context": {"page": {"path": "/"}},
            "consent": "full", "source": "Website", "lead_id": "17", "shoe_size": 43}
    contact_id = svc.event("page.viewed", person, path="/v1/events", **more)["contact_id"]
    assert svc.newest(contact_id)["extra"] == more


@pytest.mark.parametrize("members, field", [
    ({"utm": {"source": "x" * 256}}, "utm.source"), ({"utm": "google"}, "utm"),
    ({"context": {"a": "x" * 16384}}, "context"), ({"consent": "never"}, "consent"),
    ({"source": "x" * 51}, "source"), ({"utm": {"a": "x" * 2048}}, "utm"),
    ({"session": {"session_id": "s" * 256}}, "session.session_id"),
    ({"customer": {"email": "nobody"}}, "customer.email"), ({"event_type": "1"}, "event_type")])
def test_a_faulty_member_is_named_in_problem_style(svc, members, field):
    answer = svc.call("POST", "/v1/events", {"event_type": "page.viewed", **members}, 422)
    assert answer.header("content-type") == "application/problem+json"
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert answer.header("set-cookie") is None


def test_an_anonymous_event_reaches_no_contact(own):
    Browser(own).event("booking.abandoned", {"total_price": 450})
    names = written(own)
    assert {name.split("_")[1] for name in names} == {"session", "sessionlog", "feed", "stats"}


# Interactions -------------------------------------------------------------------------------------


def test_the_page_of_an_interaction_is_the_path_it_came_from(svc):
    for referer, page in (("https://shop.example/packs?x=1#top", "/packs"),
                          ("https://shop.example", "/"), ("https://shop.example:8443/a/b", "/a/b"),
                          ("about:blank", None), (None, None)):
        answer = Browser(svc, referer=referer).interaction()
        assert answer["source_page"] == page
    assert Browser(svc, referer="https://a.example/b").interaction(
        source_page="/own")["source_page"] == "/own"


@pytest.mark.parametrize("given", [{"phone": "phone"}, {"phone_number": "phone"},
                                   {"email": "email"}, {"email": "email", "phone": "phone"}])
@pytest.mark.parametrize("path", ["/api/interactions", "/v1/interactions"])
def test_an_interaction_with_contact_fields_is_a_contacts(svc, person, given, path):
    fields = {name: getattr(person, attribute) for name, attribute in given.items()}
    answer = Browser(svc).interaction("consultation", path=path, name=person.name,
                                      data={"note": "hi"}, **fields)
    contact = svc.contact(answer["contact_id"])
    assert (contact["first_name"], contact["last_name"]) == (person.first_name, person.last_name)
    activity = svc.newest(contact["id"])
    assert (activity["id"], activity["type"], activity["data"]) == (
        answer["id"], "consultation", {"note": "hi"})
    assert answer["session_id"] is None


@pytest.mark.parametrize("field", ["email", "phone", "phone_number"])
def test_contact_fields_that_name_nobody_are_faults(svc, field):
    error = svc.call("POST", "/api/interactions", {"interaction_type": "search", field: "x"},
                     422).json()
    assert [fault["field"] for fault in error["errors"]] == [field]


def test_an_interactions_own_members_are_kept_in_the_activity(svc, person):
    answer = svc.call("POST", "/api/interactions", {
        "interaction_type": "Package Inquiry", "email": person.email, "user_id": "u-7",
        "source_page": "/p", "colour": "red"}, 201).json()
    activity = svc.newest(answer["contact_id"])
    assert activity["type"] == "Package Inquiry"
    assert activity["extra"] == {"source_page": "/p", "user_id": "u-7", "colour": "red"}


def test_an_interaction_in_any_script_is_taken(svc):
    kind = "相談 \\ \"x\" / é"
    browser = Browser(svc)
    assert browser.interaction(kind)["interaction_type"] == kind
    assert done_in(session_of(svc, browser.cookie)) == [kind]
    longest = "𝄞" * 50
    assert browser.interaction(longest)["interaction_type"] == longest


@pytest.mark.parametrize("body", [b"interaction_type=search&data.x=1&session_id=form-1"])
def test_an_interaction_may_be_a_form(svc, body):
    answer = svc.call("POST", "/api/interactions", body, 201).json()
    assert (answer["session_id"], answer["data"]) == ("form-1", {"x": "1"})


# Sessions -----------------------------------------------------------------------------------------


def test_a_session_has_device_browser_and_utm(svc):
    browser = Browser(svc, user_agent=PHONE)
    browser.event(utm={"source": "newsletter", "medium": "mail"})
    browser.event(utm={"source": "later"})
    session = session_of(svc, browser.cookie)
    assert (session["device"], session["browser"]) == ("mobile", "Safari")
    assert session["utm"] == {"source": "newsletter", "medium": "mail"}
    edge = Browser(svc, user_agent=EDGE)
    edge.interaction()
    assert session_of(svc, edge.cookie)["browser"] == "Edge"


def test_what_the_caller_says_of_the_device_wins(svc):
    Browser(svc, user_agent=EDGE).event(session={
        "session_id": "said", "device": "tablet", "browser": "Firefox"})
    session = session_of(svc, "said")
    assert (session["device"], session["browser"], session["utm"]) == ("tablet", "Firefox", {})


def test_no_header_is_stored(own):
    browser = Browser(own, user_agent=EDGE + " SecretAgent", referer="https://a.example/p?hidden=7")
    browser.interaction()
    text = stored(own.redis)
    assert b"SecretAgent" not in text and b"hidden" not in text and b"kvcrm_sid" not in text


def test_a_session_nobody_has_seen_is_404(svc):
    for sid in ("nobody", "sess_0193a1b2-7c2a-7d3e-9a51-0d2f5c1b7a10", "%ff", "%00", "x" * 2000):
        svc.get(f"/v1/sessions/{sid}", 404)


@pytest.mark.parametrize("sid", ["a b", "a/b", "a+b", "é", '"quoted"', "{braces}", "x" * 255,
                                 "é" * 255, "#" + "0" * 40])
def test_a_session_has_any_name(svc, sid):
    svc.event("page.viewed", path="/v1/events", session={"session_id": sid})
    session = session_of(svc, quote(sid, safe=""))
    assert session["id"] == sid and len(session["interactions"]) == 1


@pytest.mark.parametrize("sid", ["undefined", "null", "0", "anonymous", "-1", " "])
def test_a_placeholder_is_no_session_that_strangers_share(svc, sid):
    answer = Browser(svc).event(session={"session_id": sid, "device": "mobile"})
    assert MADE.match(answer["session_id"])
    assert MADE.match(Browser(svc).interaction(session_id=sid)["session_id"])
    svc.get("/v1/sessions/" + quote(sid, safe=""), 404)


def test_a_session_may_be_a_number(svc):
    svc.event("page.viewed", path="/v1/events", session={"session_id": 1700000000123})
    assert session_of(svc, "1700000000123")["id"] == "1700000000123"


def test_a_cookie_that_was_not_made_here_is_not_taken(svc):
    for cookie in ("kvcrm_sid=chosen", "kvcrm_sid=sess_chosen", "kvcrm_sid=", "kvcrm_sid",
                   "xkvcrm_sid=sess_0193a1b2-7c2a-7d3e-9a51-0d2f5c1b7a10"):
        answer = Browser(svc, cookie=cookie).event()
        assert MADE.match(answer["session_id"]) and answer["session_id"] not in cookie


def test_a_session_that_is_named_needs_no_cookie(svc):
    browser = Browser(svc)
    browser.event(session={"session_id": "named"})
    browser.interaction(session_id="named")
    assert browser.cookie is None and len(session_of(svc, "named")["interactions"]) == 2


def test_a_named_session_counts_more_than_the_cookie(svc):
    browser = Browser(svc)
    browser.event()
    assert browser.event(session={"session_id": "other"})["session_id"] == "other"
    assert len(session_of(svc, browser.cookie)["interactions"]) == 1


def test_a_session_ends_after_its_time(own):
    own.settings(session_keep_s=3600)
    browser = Browser(own)
    browser.event(at=T0)
    browser.event(at=T0 + 59 * MINUTE)
    own.get(f"/v1/sessions/{browser.cookie}", at=T0 + 118 * MINUTE)
    own.get(f"/v1/sessions/{browser.cookie}", 404, at=T0 + 119 * MINUTE + 1000)
    assert 3500 < own.redis.text.ttl(key("SESSION", browser.cookie)) <= 3600


def test_a_session_keeps_its_newest_50(svc):
    browser = Browser(svc)
    for n in range(52):
        browser.interaction(f"cta {n}")
    session = session_of(svc, browser.cookie)
    assert done_in(session) == [f"cta {n}" for n in range(2, 52)]
    assert session["interactions_dropped"] == 2


def test_sessions_are_counted_by_day_and_told_in_the_stream(own):
    browser = Browser(own)
    browser.event(at=T0)
    browser.interaction("search")
    counters = own.hash("STATS", "20251111")
    assert (counters["sessions"], counters["10:page.viewed"], counters["10:search"]) == (
        "1", "1", "1")
    entries = [entry for _, entry in own.redis.text.xrange(key("FEED"))]
    assert [(entry["s"], entry["t"]) for entry in entries] == [
        (browser.cookie, "page.viewed"), (browser.cookie, "search")]


def test_50_first_events_of_one_session_at_once_are_all_kept(svc):
    def post(n):
        return svc.event("page.viewed", path="/v1/events", data={"n": n},
                         session={"session_id": "rush"})

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(post, range(50)))
    assert len({answer["activity_id"] for answer in answers}) == 50
    rows = session_of(svc, "rush")["interactions"]
    assert sorted(row["data"]["n"] for row in rows) == list(range(50))


# Twice --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("how", ["event_id", "header"])
def test_a_repeated_call_gets_the_same_answer_and_the_same_session(svc, person, path, how):
    body, headers = dict(POSTS[path]), {}
    if how == "event_id":
        body["event_id"] = f"{path}-{person.id}"
    else:
        headers["idempotency-key"] = person.id
    first = svc.call("POST", path, body, headers=headers, at=T0)
    again = svc.call("POST", path, body, headers=headers, at=T0 + MINUTE)
    assert again.body == first.body and again.status == first.status
    assert again.header("idempotent-replayed") == "true"
    assert again.header("set-cookie") == first.header("set-cookie")
    assert len(session_of(svc, first.json()["session_id"])["interactions"]) == 1


def test_a_key_with_another_body_is_refused(svc, person):
    headers = {"idempotency-key": person.id}
    svc.call("POST", "/v1/events", {"event_type": "page.viewed"}, 200, headers=headers)
    error = svc.call("POST", "/v1/events", {"event_type": "chat.message"}, 422, headers=headers)
    assert error.json()["code"] == "idempotency_mismatch"


# Consent ------------------------------------------------------------------------------------------


def ignored(answer):
    return answer == {"success": True, "contact_id": None, "ignored": "consent",
                      "message": "Event ignored: no consent"}


@pytest.mark.parametrize("header", ["dnt", "sec-gpc"])
@pytest.mark.parametrize("path", POSTS)
def test_a_visitor_who_refuses_is_not_stored(own, header, path):
    browser = Browser(own)
    assert ignored(browser.post(path, POSTS[path], 202, **{header: "1"}))
    assert browser.cookie is None and not written(own)
    browser.post(path, POSTS[path], None, **{header: "0"})
    assert browser.cookie


def test_a_known_customer_is_tracked_whatever_the_browser_says(svc, person):
    browser = Browser(svc, dnt="1")
    contact_id = browser.event(customer=person.customer())["contact_id"]
    assert svc.contact(contact_id) and browser.cookie is None
    assert browser.interaction(email=person.email)["contact_id"] == contact_id


def test_the_setting_decides_what_is_kept(own):
    browser = Browser(own)
    own.settings(consent_mode="off")
    assert ignored(browser.event(expect=202)) and ignored(browser.interaction(expect=202))
    assert ignored(browser.event(session={"session_id": "s"}, expect=202))
    assert browser.cookie is None
    own.settings(consent_mode="full")
    browser.event()
    assert browser.rules == {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"}
    own.settings(consent_mode=None)
    other = Browser(own)
    other.event()
    assert other.rules == {"HttpOnly", "SameSite=Lax", "Path=/"}


def test_an_event_can_only_be_stricter_than_the_setting(own):
    browser = Browser(own)
    assert ignored(browser.event(consent="off", expect=202)) and browser.cookie is None
    browser.event(consent="full")
    assert "Max-Age=2592000" not in browser.rules
    own.settings(consent_mode="full")
    stricter = Browser(own)
    stricter.event(consent="session")
    assert "Max-Age=2592000" not in stricter.rules
    own.settings(consent_mode="off")
    assert ignored(browser.event(consent="full", expect=202))


def test_a_browser_that_refuses_later_is_not_followed_by_its_cookie(svc):
    browser = Browser(svc)
    browser.event()
    assert ignored(browser.event(expect=202, headers={"dnt": "1"}))
    assert len(session_of(svc, browser.cookie)["interactions"]) == 1


def test_track_event_still_ignores_the_anonymous(own):
    answer = own.event("page.viewed", session={"session_id": "s1"}, expect=202)
    assert answer["ignored"] == "anonymous" and not written(own)


def test_a_setting_that_is_none_is_refused(svc):
    for setting, code in (({"consent_mode": "none"}, "format"), ({"consent_mode": 1}, "type"),
                          ({"session_keep_s": 59}, "range"), ({"session_keep_s": "1"}, "type")):
        error = svc.call("PATCH", "/v1/settings", setting, 422).json()
        assert [fault["code"] for fault in error["errors"]] == [code]


def test_a_session_lives_for_30_days_and_starts_again_after_them(svc):
    svc.event("page.viewed", path="/v1/events", at=T0, session={"session_id": "month"})
    svc.event("chat.message", path="/v1/events", at=T0 + 30 * DAY, session={"session_id": "month"})
    session = session_of(svc, "month")
    assert done_in(session) == ["chat.message"]
    assert ms(session["first_seen"]) >= T0 + 30 * DAY
