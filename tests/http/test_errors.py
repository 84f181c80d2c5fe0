"""Errors in both styles, methods and paths, and the headers that every answer has.

SPDX-License-Identifier: MIT
"""
import re

import pytest

from support.api import TRACK, Person

UUID7 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
MEMBERS = {"type", "title", "status", "code", "detail", "instance", "request_id"}

UNIFIED = [
    ("GET", "/v1/contacts/contact_0000000000000", None, 404, "not_found"),
    ("GET", "/v1/tasks/0193a1b2-7c2a-7d3e-9a51-0d2f5c1b7a10", None, 404, "not_found"),
    ("GET", "/v1/contacts/lookup?email=nobody@example.com", None, 404, "not_found"),
    ("GET", "/v1/contacts/lookup", None, 400, "bad_query"),
    ("GET", "/v1/contacts/lookup?email=a@b.example&phone=%2B15551234567", None, 400, "bad_query"),
    ("GET", "/v1/contacts?cursor=nonsense", None, 400, "bad_cursor"),
    ("GET", "/v1/contacts?limit=many", None, 422, "validation"),
    ("GET", "/v1/contacts?x=%zz", None, 400, "bad_query"),
    ("PATCH", "/v1/settings", "{", 400, "bad_json"),
    ("PATCH", "/v1/settings", '{"shoe_size":43}', 422, "validation"),
    ("PATCH", "/v1/settings", '{"strict_events":"perhaps"}', 422, "validation"),
    ("DELETE", "/v1/contacts/lookup", None, 405, "method_not_allowed"),
    ("GET", "/v1/no-such-thing", None, 404, "not_found"),
    ("GET", "/no/such/path", None, 404, "not_found"),
]
SEED = [
    ("POST", TRACK, "{", 400, "bad_json"), ("POST", TRACK, "hello", 400, "bad_body"),
    ("POST", TRACK, "{}", 422, "validation"), ("POST", "/v1/track-event", "{}", 422, "validation"),
    ("GET", TRACK, None, 405, "method_not_allowed"),
    ("GET", "/v1/track-event", None, 405, "method_not_allowed"),
    ("GET", "/api/no-such-thing", None, 404, "not_found"),
    ("POST", "/make-server-b43c05fb/no-such-thing", "{}", 404, "not_found"),
    ("DELETE", "/functions/v1/make-server-b43c05fb/tasks/1", None, 404, "not_found"),
]


@pytest.mark.parametrize("method, path, body, status, code", UNIFIED)
def test_unified_paths_answer_problems(svc, method, path, body, status, code):
    answer = svc.call(method, path, body, expect=status)
    assert answer.header("content-type") == "application/problem+json"
    problem = answer.json()
    assert MEMBERS <= problem.keys() and not problem.keys() & {"success", "error"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["instance"] == path.split("?")[0]
    assert problem["request_id"] == answer.header("x-request-id")
    assert problem["type"].startswith("/problems/") and problem["title"] and problem["detail"]
    assert ("errors" in problem) == (code == "validation")


@pytest.mark.parametrize("method, path, body, status, code", SEED)
def test_seed_paths_answer_plain_json_with_an_error_text(svc, method, path, body, status, code):
    answer = svc.call(method, path, body, expect=status)
    assert answer.header("content-type") == "application/json"
    error = answer.json()
    assert MEMBERS | {"success", "error"} <= error.keys()
    assert error["success"] is False and error["error"] == error["detail"] and error["error"]
    assert (error["status"], error["code"]) == (status, code)


@pytest.mark.parametrize("path, field", [
    ("/v1/contacts?limit=many", "limit"), ("/v1/contacts?limit=0", "limit"),
    ("/v1/contacts?limit=-1", "limit"), ("/v1/contacts?sort=shoe_size", "sort"),
    ("/v1/tasks?state=lost", "state"), ("/v1/analytics/overview?from=yesterday", "from")])
def test_a_faulty_query_parameter_is_named(svc, path, field):
    faults = svc.call("GET", path, expect=422).json()["errors"]
    assert [fault["field"] for fault in faults] == [field]
    assert "pointer" not in faults[0]


def test_several_faulty_parameters_are_named_together(svc):
    faults = svc.call("GET", "/v1/tasks?limit=x&state=lost", expect=422).json()["errors"]
    assert {fault["field"] for fault in faults} == {"limit", "state"}


def test_a_limit_beyond_200_counts_as_200_and_unknown_parameters_do_not_matter(svc):
    svc.get("/v1/contacts", limit=100000, shoe_size=43)
    svc.get("/v1/contacts", limit=99999999999999999999999)


def test_what_is_wrong_is_never_echoed(svc):
    body = {"event_type": "<script>alert(1)</script>", "customer": {"name": "x" * 300, "id": "i"}}
    assert b"alert" not in svc.call("POST", TRACK, body, expect=422).body
    assert b"alert" not in svc.call("GET", "/v1/contacts?limit=alert", expect=422).body


@pytest.mark.parametrize("path, allowed", [
    (TRACK, {"POST"}), ("/v1/track-event", {"POST"}), ("/v1/contacts/lookup", {"GET"}),
    ("/v1/settings", {"GET", "PATCH"}), ("/healthz", {"GET"}), ("/v1/tasks", {"GET"})])
def test_another_method_is_405_and_allow_says_which(svc, path, allowed):
    for method in ("PUT", "DELETE", "BREW", "TRACE"):
        answer = svc.call(method, path, expect=405)
        got = {name.strip() for name in answer.header("allow").split(",")}
        assert got - {"OPTIONS", "HEAD"} == allowed


@pytest.mark.parametrize(
    "path", ["/healthz", "/v1/contacts", "/v1/settings", "/v1/contacts/nobody", "/nowhere"])
def test_head_is_get_without_a_body(svc, path):
    get, head = svc.call("GET", path), svc.call("HEAD", path)
    assert head.status == get.status and head.body == b""
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.header(name) == get.header(name), name
    assert int(head.header("content-length")) == len(get.body) > 0


def test_one_trailing_slash_is_ignored_and_case_counts(svc):
    assert svc.call("GET", "/v1/contacts/").status == 200
    assert svc.call("POST", TRACK + "/", "{}").status == 422
    for path in ("/v1/contacts//", "/V1/contacts", "/v1/Contacts", "//v1/contacts",
                 "/v1//contacts"):
        assert svc.call("GET", path).status == 404, path


@pytest.mark.parametrize("path", [
    "/v1/../healthz", "/%2e%2e/etc/passwd", "/v1/contacts/%00", "/v1/contacts/%ff",
    "/v1/contacts/a%2Fb", "/v1/contacts/" + "x" * 3000, "/%"])
def test_odd_paths_are_refused_calmly(svc, path):
    assert svc.call("GET", path).status in (400, 404)


def test_a_request_id_is_taken_over_or_made(svc):
    for given in ("abc", "A-Z_0.9", "x" * 128):
        answer = svc.call("GET", "/healthz", headers={"X-Request-Id": given})
        assert answer.header("x-request-id") == given
    made = set()
    for given in (None, "", "x" * 129, "a b", "a/b", "a<b>", "ü".encode()):
        answer = svc.call("GET", "/no/such/path", headers={"X-Request-Id": given})
        assert UUID7.match(answer.header("x-request-id"))
        assert answer.json()["request_id"] == answer.header("x-request-id")
        made.add(answer.header("x-request-id"))
    assert len(made) == 7


TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_a_trace_is_continued_or_begun(svc):
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "a=1"}
    answer = svc.call("GET", "/healthz", headers=headers)
    assert answer.header("traceparent").split("-")[1] == TRACE
    assert answer.header("tracestate") == "a=1"
    for given in (None, "nonsense", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01",
                  f"ff-{TRACE}-{SPAN}-01"):
        answer = svc.call("GET", "/healthz", headers={"traceparent": given})
        assert TRACEPARENT.match(answer.header("traceparent"))
        assert answer.header("traceparent").split("-")[1] not in (TRACE, "0" * 32)


def test_a_capture_answer_says_how_long_it_took(svc):
    answer = svc.call("POST", TRACK, {"event_type": "page.viewed", "customer": Person().customer()})
    assert re.match(r"^redis;dur=\d+\.\d+, total;dur=\d+\.\d+$", answer.header("server-timing"))


@pytest.mark.parametrize("path", ["/healthz", "/v1/contacts", "/nowhere", "/v1/contacts?cursor=x"])
def test_every_answer_has_the_security_headers(svc, path):
    answer = svc.call("GET", path)
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "same-origin"


def test_answers_are_minified_json_with_text_as_it_was_sent(svc, person):
    text = "</script>&<b>é\u2028👍\"\\"
    svc.event("chat.message", person.customer(name="Zoë " + text), {"message": text})
    raw = svc.call("GET", f"/v1/contacts/lookup?email={person.email}")
    assert raw.header("content-type") == "application/json"
    assert raw.json()["last_name"] == text
    assert b": " not in raw.body.replace(text.encode(), b"") and b"\n" not in raw.body


def test_operation_paths(svc):
    assert svc.get("/healthz") == {"status": "ok"}
    ready = svc.get("/readyz")
    assert (ready["status"], ready["checks"]["redis"], ready["checks"]["scripts"]) == ("ok",) * 3
    version = svc.get("/version")
    assert version["name"] == "kvcrm" and version["redis"].startswith("7.")
    assert re.match(r"^\d+\.\d+\.\d+", version["version"])


def test_settings_are_read_and_changed_and_survive_a_restart(own):
    before = own.get("/v1/settings")
    defaults = {"strict_events": False, "currency": "USD", "cors_origins": ["*"]}
    assert {name: before["settings"][name] for name in defaults} == defaults
    changed = own.settings(currency="EUR", cors_origins=["https://shop.example"])
    assert changed["version"] > before["version"]
    expected = {**before["settings"], "currency": "EUR",
                "cors_origins": ["https://shop.example"]}
    assert changed["settings"] == expected
    own.service.stop()
    own.service.start()
    assert own.get("/v1/settings") == changed
    contact_id = own.event("page.viewed", Person())["contact_id"]
    assert own.contact(contact_id)["currency"] == "EUR"


def test_a_faulty_setting_changes_nothing(own):
    before = own.get("/v1/settings")
    body = {"currency": "EUR", "shoe_size": 43, "strict_events": 7}
    answer = own.call("PATCH", "/v1/settings", body, expect=422)
    assert {f["field"]: f["code"] for f in answer.json()["errors"]} == {
        "shoe_size": "unknown_field", "strict_events": "type"}
    assert own.get("/v1/settings") == before


def test_a_change_of_settings_is_known_to_every_worker_at_once(own):
    for n in range(20):
        strict = n % 2 == 0
        own.settings(strict_events=strict)
        for _ in range(4):
            own.service.client.close()
            own.event("loyalty.joined", Person(), expect=422 if strict else 200)


def test_a_stale_version_is_412(own):
    version = own.settings(currency="EUR")["version"]

    def change(held):
        return own.call("PATCH", "/v1/settings", {"currency": "USD"},
                        headers={"If-Match": f'"v{held}"'})

    answer = change(version - 1)
    assert (answer.status, answer.json()["code"]) == (412, "precondition_failed")
    assert own.get("/v1/settings")["settings"]["currency"] == "EUR"
    assert change(version).status == 200


def test_without_the_option_the_test_clock_is_ignored(make_own, person):
    api = make_own(test_clock=False)
    contact_id = api.event("page.viewed", person, at=0)["contact_id"]
    assert not api.newest(contact_id)["received_at"].startswith("1970")
