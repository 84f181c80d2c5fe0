"""What browsers of other origins may call and read (API document, 1.13).

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import TRACK

ORIGIN = "https://shop.example"
HEADERS = ("authorization, apikey, x-client-info, content-type, content-encoding, x-retry-count, "
           "x-region, anonymousid, sentat, idempotency-key, if-none-match, if-match, "
           "last-event-id, traceparent, tracestate, x-request-id, x-test-now")
EXPOSED = ("ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, "
           "X-Change-Id, Idempotent-Replayed")
CAPTURE = (TRACK, "/functions/v1/make-server-b43c05fb/track-event", "/v1/track-event")
READ = ("/v1/contacts", "/v1/tasks", "/v1/analytics/funnel", "/v1/settings")


def names(value):
    return {name.strip().lower() for name in value.split(",")} if value else set()


def preflight(svc, path, headers=None, method="POST", origin=ORIGIN):
    asked = {"Origin": origin, "Access-Control-Request-Method": method,
             "Access-Control-Request-Headers": headers}
    answer = svc.call("OPTIONS", path, headers=asked)
    assert (answer.status, answer.body) == (204, b"")
    return answer


@pytest.mark.parametrize("path", [*CAPTURE, *READ, "/healthz", "/no/such/path", "/"])
def test_a_preflight_of_any_path_is_204_and_echoes_the_origin(svc, path):
    answer = preflight(svc, path, "content-type")
    assert answer.header("access-control-allow-origin") == ORIGIN
    assert names(answer.header("access-control-allow-methods")) == names(
        "GET,POST,PUT,PATCH,DELETE,OPTIONS")
    assert answer.header("access-control-allow-headers") == "content-type"
    assert answer.header("access-control-max-age") == "600"
    assert names(answer.header("vary")) == names(
        "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")


@pytest.mark.parametrize("asked", [
    "authorization,content-type", "apikey,authorization,content-type,x-client-info",
    "anonymousid,authorization,content-type,sentat", "if-none-match", "X-Client-Info, APIKEY"])
def test_the_headers_that_real_clients_ask_for_are_allowed(svc, asked):
    answer = preflight(svc, TRACK, asked)
    assert names(answer.header("access-control-allow-headers")) == names(asked)


def test_a_header_that_is_not_in_the_list_is_left_out(svc):
    answer = preflight(svc, TRACK, "authorization,x-evil,cookie,content-type")
    assert names(answer.header("access-control-allow-headers")) == {"authorization", "content-type"}


def test_without_a_question_the_whole_list_is_sent(svc):
    assert names(preflight(svc, TRACK).header("access-control-allow-headers")) == names(HEADERS)


def test_credentials_are_allowed_on_capture_paths_only(svc):
    for path in CAPTURE:
        answer = preflight(svc, path, "content-type")
        assert answer.header("access-control-allow-credentials") == "true"
    for path in READ:
        answer = preflight(svc, path, "content-type", "GET")
        assert answer.header("access-control-allow-credentials") is None


def is_readable(answer, origin=ORIGIN):
    assert answer.header("access-control-allow-origin") == origin
    assert "origin" in names(answer.header("vary"))
    assert names(answer.header("access-control-expose-headers")) == names(EXPOSED)


@pytest.mark.parametrize("method, path, body, status", [
    ("POST", TRACK, '{"event_type":"page.viewed","customer":{"id":"cors"}}', 200),
    ("POST", TRACK, '{"event_type":"page.viewed"}', 202), ("POST", TRACK, "{", 400),
    ("POST", TRACK, "{}", 422), ("GET", "/v1/contacts", None, 200),
    ("GET", "/v1/contacts/nobody", None, 404), ("DELETE", "/v1/contacts", None, 405),
    ("GET", "/no/such/path", None, 404), ("GET", "/v1/contacts?cursor=x", None, 400),
    ("GET", "/healthz", None, 200)])
def test_every_answer_is_readable_for_the_page_also_an_error(svc, method, path, body, status):
    answer = svc.call(method, path, body, headers={"Origin": ORIGIN}, expect=status)
    is_readable(answer)
    assert answer.header("x-relay-error") is None


def test_a_capture_answer_may_be_read_by_a_beacon_with_credentials(svc):
    answer = svc.call("POST", TRACK, '{"event_type":"page.viewed"}', headers={"Origin": ORIGIN})
    assert answer.header("access-control-allow-credentials") == "true"


def test_a_body_too_large_is_readable_too(svc):
    answer = svc.call("POST", TRACK, b" " * (300 << 10), headers={"Origin": ORIGIN}, expect=413)
    is_readable(answer)


def test_without_an_origin_no_cors_headers_are_sent(svc):
    answer = svc.call("GET", "/v1/contacts", expect=200)
    assert [name for name, _ in answer.headers if name.startswith("access-control-")] == []


def test_origins_can_be_limited_and_others_get_no_cors_headers(own):
    own.settings(cors_origins=[ORIGIN, "http://localhost:5173"])
    for origin in (ORIGIN, "http://localhost:5173"):
        is_readable(own.call("GET", "/v1/contacts", headers={"Origin": origin}), origin)
        assert preflight(own, TRACK, origin=origin).header("access-control-allow-origin") == origin
    for origin in ("https://evil.example", "https://shop.example.evil.example",
                   "http://shop.example", "https://shop.example:8443", "null"):
        answers = [preflight(own, TRACK, "content-type", origin=origin),
                   own.call("GET", "/v1/contacts", headers={"Origin": origin}, expect=200)]
        for answer in answers:
            sent = [name for name, _ in answer.headers if name.startswith("access-control-")]
            assert sent == [], origin


def test_an_origin_cannot_bring_headers_of_its_own(svc):
    two = {"Origin": "https://a.example, https://b.example"}
    answer = svc.call("GET", "/v1/contacts", headers=two)
    assert answer.status == 200 and "\n" not in (answer.header("access-control-allow-origin") or "")
