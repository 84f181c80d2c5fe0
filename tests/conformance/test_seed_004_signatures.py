"""Row E-11 of the acceptance list: whose a post to the WhatsApp webhook is, is proven over the
bytes as they came.

SPDX-License-Identifier: MIT
"""
import gzip
import hashlib
import json
from urllib.parse import urlencode

import pytest

from support.api import Person
from support.keys import key
from support.whatsapp import (FIXTURES, FORM, LEADS, PUBLIC_URL, SECRETS, TWILIO, WHATSAPP, Capture,
                              form, hub_signature, meta, plain, post_form, text, twilio_signature)
from support.service import ENVIRONMENT, run

VERIFY = WHATSAPP + "?hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1158201444"
META = sorted(path.stem for path in FIXTURES.glob("whatsapp-*.http")
              if path.stem != "whatsapp-verify")
BOTH = {"KVCRM_META_APP_SECRET": SECRETS["meta_app_secret"],
        "KVCRM_META_VERIFY_TOKEN": SECRETS["meta_verify_token"],
        "KVCRM_TWILIO_AUTH_TOKEN": SECRETS["twilio_auth_token"], "KVCRM_PUBLIC_URL": PUBLIC_URL}
ONLY_META = {name: BOTH[name] for name in ("KVCRM_META_APP_SECRET",)}
ONLY_TWILIO = {name: BOTH[name] for name in ("KVCRM_TWILIO_AUTH_TOKEN", "KVCRM_PUBLIC_URL")}


@pytest.fixture
def make_secret(make_own, monkeypatch):
    """make_secret(options): a service that knows these secrets, over an empty Redis."""
    def make(secrets):
        for name, value in secrets.items():
            monkeypatch.setitem(ENVIRONMENT, name, value)
        return make_own()
    return make


@pytest.fixture
def api(make_secret):
    return make_secret(BOTH)


def assert_refused(answer):
    assert (answer.status, answer.json()["code"]) == (401, "bad_signature"), answer
    assert answer.json()["success"] is False and answer.header("www-authenticate") == "Bearer"


def is_empty(api):
    return api.get(LEADS) == [] and api.redis.text.xlen(key("FEED")) == 0


def flips(data, count=64):
    """Copies of data with one bit changed, all over it."""
    bits = 8 * len(data)
    for n in range(count):
        bit = n * bits // count
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


# Verification -------------------------------------------------------------------------------------


def test_e11_the_challenge_is_the_answer_to_the_right_token(api):
    answer = Capture("whatsapp-verify").send(api)
    assert (answer.status, answer.body) == (200, b"1158201444")
    assert answer.header("content-type") == "text/plain"


@pytest.mark.parametrize("path", [
    VERIFY.replace("verify-me", "verify-m"), VERIFY.replace("verify-me", "verify-me2"),
    VERIFY.replace("verify-me", ""), VERIFY.replace("subscribe", "unsubscribe"), WHATSAPP,
    VERIFY.replace("hub.mode=subscribe&", ""), VERIFY.replace("hub.verify_token=", "token=")])
def test_e11_a_wrong_token_is_forbidden(api, path):
    answer = api.call("GET", path)
    assert (answer.status, answer.json()["code"]) == (403, "forbidden")
    assert b"1158201444" not in answer.body


@pytest.mark.parametrize("token", ["verify-me", ""])
def test_e11_without_a_token_nothing_is_verified(svc, token):
    assert svc.call("GET", VERIFY.replace("verify-me", token)).status == 403


# Meta ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", META)
def test_e11_a_captured_post_is_taken_with_its_signature_only(api, name):
    capture = Capture(name)
    reencoded = json.dumps(json.loads(capture.body), ensure_ascii=False).encode()
    assert reencoded != capture.body
    assert_refused(capture.send(api, body=reencoded))
    signature = capture.headers["X-Hub-Signature-256"]
    for wrong in (None, "", signature[:-1], signature.upper(), signature[7:], "sha256=",
                  hub_signature(capture.body, "another secret"), hub_signature(reencoded)):
        assert_refused(capture.send(api, **{"X-Hub-Signature-256": wrong}))
    assert is_empty(api)
    assert capture.send(api).status == 200


def test_e11_no_other_bit_of_body_or_signature_is_taken(api, person):
    body = json.dumps(meta(text(person))).encode()
    signature = hub_signature(body)
    for changed in flips(body):
        assert_refused(api.call("POST", WHATSAPP, changed,
                                headers={"X-Hub-Signature-256": signature}))
    for changed in flips(signature.encode()):
        if changed.isascii() and changed.isalnum():
            assert_refused(api.call("POST", WHATSAPP, body,
                                    headers={"X-Hub-Signature-256": changed.decode()}))
    assert is_empty(api)
    api.call("POST", WHATSAPP, body, 200, headers={"X-Hub-Signature-256": signature})


@pytest.mark.parametrize("body", [
    b"{", b"[]", b"7", b"nonsense", b"", b'{"a":1,"a":2}', b'{"object":"page"}', b"a=%zz",
    b'{"object":"whatsapp_business_account","entry":[{"a":"\\ud800"}]}', b"[" * 40 + b"]" * 40,
    b"{}" + b" " * (4 << 20)])
def test_e11_an_authentic_post_is_always_200(api, body):
    answer = api.call("POST", WHATSAPP, body, headers={"X-Hub-Signature-256": hub_signature(body)})
    assert (answer.status, answer.json()["messages"]) == (200, 0)
    assert is_empty(api)
    metrics = api.call("GET", "/metrics").body.decode()
    assert "\nkvcrm_whatsapp_ignored_total 1\n" in metrics


def test_e11_a_plain_message_needs_a_signature_where_meta_has_a_secret(api, person):
    body = json.dumps(plain(person)).encode()
    assert_refused(api.call("POST", WHATSAPP, body))
    headers = {"X-Hub-Signature-256": hub_signature(body)}
    assert api.call("POST", WHATSAPP, body, 200, headers=headers).json()["created"] is True


def test_e11_a_label_does_not_lead_past_the_signature(api, person):
    body = json.dumps(meta(text(person))).encode()
    for headers in ({"Content-Type": FORM}, {"Content-Type": "text/plain"}):
        assert_refused(api.call("POST", WHATSAPP, body, headers=headers))
        assert_refused(api.call("POST", TWILIO, b" \r\n" + body, headers=headers))
    packed = gzip.compress(body)
    assert_refused(api.call("POST", WHATSAPP, packed, headers={"Content-Encoding": "gzip"}))
    assert_refused(api.call("POST", WHATSAPP, packed, headers={
        "Content-Encoding": "gzip", "X-Hub-Signature-256": hub_signature(body)}))
    assert is_empty(api)
    api.call("POST", WHATSAPP, packed, 200, headers={
        "Content-Encoding": "gzip", "X-Hub-Signature-256": hub_signature(packed)})


# Twilio -------------------------------------------------------------------------------------------


def signed_form(api, fields, signature, expect=200, path=TWILIO):
    return post_form(api, fields, expect, path=path, **{"X-Twilio-Signature": signature})


def test_e11_the_captured_form_is_taken_with_its_signature_only(api):
    capture = Capture("twilio-whatsapp-text")
    signature = capture.headers["X-Twilio-Signature"]
    for wrong in (None, "", signature[:-1], signature.swapcase(), "x" * 28):
        assert_refused(capture.send(api, **{"X-Twilio-Signature": wrong}))
    assert_refused(capture.send(api, path=WHATSAPP))
    assert_refused(capture.send(api, path=TWILIO + "?a=1"))
    assert_refused(capture.send(api, body=capture.body + b"&a=1"))
    assert is_empty(api)
    assert capture.send(api).status == 200


def test_e11_no_other_bit_of_form_or_signature_is_taken_of_twilio(api, person):
    fields = form(person, "Hello")
    body, signature = urlencode(fields).encode(), twilio_signature(fields).decode()
    for changed in flips(body):
        assert_refused(api.call("POST", TWILIO, changed, headers={
            "Content-Type": FORM, "X-Twilio-Signature": signature}))
    for n, character in enumerate(signature):
        other = "B" if character != "B" else "C"
        assert_refused(signed_form(api, fields, signature[:n] + other + signature[n + 1:], 401))
    assert is_empty(api)
    signed_form(api, fields, signature)


def test_e11_twilio_may_sign_the_url_with_its_port_and_its_query(api, person):
    for path, url in ((TWILIO, PUBLIC_URL + ":443" + TWILIO), (WHATSAPP, PUBLIC_URL + WHATSAPP),
                      (TWILIO + "?a=1&b=%20", PUBLIC_URL + TWILIO + "?a=1&b=%20")):
        fields = form(person, "Olá & mais", Z="", a="%26")
        signed_form(api, fields, twilio_signature(fields, url).decode(), path=path)
    assert_refused(signed_form(api, fields, twilio_signature(fields, url, "54321").decode(), 401))


def test_e11_json_of_twilio_is_signed_by_its_hash(api, person):
    body = json.dumps(form(person, "Hi")).encode()
    path = f"{TWILIO}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"X-Twilio-Signature": twilio_signature({}, PUBLIC_URL + path).decode()}
    assert_refused(api.call("POST", path, body + b" ", headers=headers))
    assert_refused(api.call("POST", TWILIO, body, headers={
        "X-Twilio-Signature": twilio_signature({}).decode()}))
    assert is_empty(api)
    assert api.call("POST", path, body, 200, headers=headers).body == b"<Response/>"
    assert len(api.get(LEADS)) == 1


def test_e11_a_form_that_cannot_be_read_is_acknowledged_when_it_is_twilios(api):
    fields = {f"name{n}": "x" for n in range(300)}
    answer = signed_form(api, fields, twilio_signature(fields).decode())
    assert answer.body == b"<Response/>" and is_empty(api)


# Which secret is whose ----------------------------------------------------------------------------


def test_e11_without_secrets_everything_is_taken_in_development(svc):
    for send in (lambda who: svc.call("POST", WHATSAPP, meta(text(who))),
                 lambda who: svc.call("POST", WHATSAPP, plain(who)),
                 lambda who: post_form(svc, form(who)),
                 lambda who: signed_form(svc, form(who), "x"),
                 lambda who: svc.call("POST", WHATSAPP, plain(who),
                                      headers={"X-Hub-Signature-256": "sha256=x"})):
        assert send(Person()).status == 200


def test_e11_with_metas_secret_only_forms_are_as_before(make_secret, person):
    api = make_secret(ONLY_META)
    assert_refused(api.call("POST", WHATSAPP, plain(person)))
    assert_refused(api.call("POST", WHATSAPP, meta(text(person)),
                            headers={"X-Twilio-Signature": "x"}))
    assert_refused(api.call("POST", WHATSAPP, b""))
    post_form(api, form(person), 200)


def test_e11_with_twilios_token_only_json_is_as_before(make_secret, person):
    api = make_secret(ONLY_TWILIO)
    assert_refused(post_form(api, form(person), 401))
    assert_refused(post_form(api, form(person), 401, **{"X-Hub-Signature-256": "sha256=x"}))
    api.call("POST", WHATSAPP, plain(person), 200)
    api.call("POST", WHATSAPP, meta(text(person)), 200)


def test_a_secret_is_never_printed(monkeypatch):
    for name, value in BOTH.items():
        monkeypatch.setitem(ENVIRONMENT, name, value)
    code, output, errors = run("config")
    assert code == 0 and "# meta-app-secret is set" in output
    for secret in (SECRETS["meta_app_secret"], SECRETS["meta_verify_token"]):
        assert secret not in output + errors
    assert "# twilio-auth-token is set" in output and f"public-url = {PUBLIC_URL}" in output


@pytest.mark.parametrize("url", [None, "crm.example.com"])
def test_a_token_of_twilio_without_the_public_url_is_refused_at_start(monkeypatch, url):
    monkeypatch.setitem(ENVIRONMENT, "KVCRM_TWILIO_AUTH_TOKEN", "12345")
    if url:
        monkeypatch.setitem(ENVIRONMENT, "KVCRM_PUBLIC_URL", url)
    code, _, errors = run("config")
    assert code == 2 and "--public-url: expected https://crm.example.com" in errors
