"""Bodies: told apart by their first byte, decompressed, read as forms.

SPDX-License-Identifier: MIT
"""
import gzip
import json
import zlib

import pytest

from support.api import TRACK, Person
from support.client import Wire

JSON_LABELS = [
    "application/json", "application/json;charset=UTF-8", "text/plain", "text/plain;charset=UTF-8",
    "application/octet-stream", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "application/xml", "nonsense", None]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def event(person, **members):
    body = {"event_type": "page.viewed", "customer": person.customer("email")}
    return json.dumps({**body, **members})


def posted(svc, body, headers=None):
    answer = svc.call("POST", TRACK, body, headers=headers, expect=200)
    return svc.newest(answer.json()["contact_id"])


@pytest.mark.parametrize("label", JSON_LABELS)
@pytest.mark.parametrize("before", ["", " \r\n\t"])
def test_json_is_json_whatever_the_label(svc, person, label, before):
    activity = posted(svc, before + event(person, event_data={"a": "ü"}), {"Content-Type": label})
    assert activity["data"] == {"a": "ü"}


def test_a_byte_order_mark_is_not_json(svc):
    assert svc.call("POST", TRACK, b"\xef\xbb\xbf" + event(Person()).encode()).status == 400


# --- compression --------------------------------------------------------------------------------

def encoded(coding):
    return {"Content-Encoding": coding}


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_a_gzip_body_is_decompressed(svc, person, coding):
    body = gzip.compress(event(person, event_data={"page": "/z"}).encode())
    assert posted(svc, body, encoded(coding))["data"] == {"page": "/z"}


def test_identity_is_no_compression(svc, person):
    posted(svc, event(person), encoded("identity"))


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "compress", "gzip, gzip", "gzip, br"])
def test_an_unknown_encoding_is_415_and_names_what_is_taken(svc, person, coding):
    answer = svc.call("POST", TRACK, event(person), headers=encoded(coding))
    assert (answer.status, answer.json()["code"]) == (415, "unsupported_encoding")
    assert answer.header("accept-encoding") == "gzip"


def broken_gzips():
    whole = gzip.compress(event(Person()).encode())
    return {"truncated": whole[:-12], "header only": whole[:10], "one byte": whole[:1],
            "wrong checksum": whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:],
            "wrong length": whole[:-1] + bytes([whole[-1] ^ 1]),
            "changed inside": whole[:20] + b"\xff\xff\xff" + whole[23:],
            "a zlib stream": zlib.compress(b"{}"), "plain json": b'{"event_type":"page.viewed"}',
            "rubbish behind": whole + b"rubbish"}


@pytest.mark.parametrize("case", list(broken_gzips()))
def test_a_broken_gzip_body_is_400_and_writes_nothing(svc, case):
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, broken_gzips()[case], headers=encoded("gzip"))
    assert answer.status == 400 and answer.json()["success"] is False
    assert svc.redis.dump() == before


@pytest.mark.parametrize("size", [257 << 10, 10 << 20, 100 << 20])
def test_a_gzip_bomb_is_413_and_writes_nothing(svc, size):
    squeezer = zlib.compressobj(1, wbits=31)
    piece = b" " * (1 << 20)
    body = b"".join(squeezer.compress(piece[:min(len(piece), size - at)])
                    for at in range(0, size, len(piece)))
    body += squeezer.compress(event(Person()).encode()) + squeezer.flush()
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, body, headers=encoded("gzip"))
    assert (answer.status, answer.json()["code"]) == (413, "too_large")
    assert svc.redis.dump() == before


# --- forms --------------------------------------------------------------------------------------

@pytest.mark.parametrize("label", [FORM, {"Content-Type": "text/plain"}, {"Content-Type": None}])
def test_a_form_is_an_object(svc, person, label):
    body = (f"event_type=form.submitted&customer[email]={person.email}&customer.name=J%C3%B6rg+M"
            "&event_data.form_type=contact&event_data[tag]=a&event_data[tag]=b"
            "&event_data[deep][x]=1&event_data.empty=&session[session_id]=s%261")
    activity = posted(svc, body, label)
    assert activity["type"] == "form.submitted"
    assert activity["data"] == {"form_type": "contact", "tag": ["a", "b"], "deep": {"x": "1"},
                                "empty": ""}
    assert activity["session"]["session_id"] == "s&1"
    contact = svc.lookup(email=person.email)
    assert (contact["first_name"], contact["last_name"]) == ("Jörg", "M")


@pytest.mark.parametrize("body", ["event_type=page.viewed&customer=x&customer.email=a%40b.example",
                                  "event_type=%zz", "event_type=%ff", "=x", "event_type=a%00b"])
def test_a_form_that_makes_no_sense_is_refused_and_writes_nothing(svc, body):
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, body, headers=FORM)
    assert answer.status in (400, 422)
    assert svc.redis.dump() == before


def multipart(parts, boundary="----x7"):
    lines = []
    for disposition, value in parts:
        lines += [f"--{boundary}", f"Content-Disposition: form-data; {disposition}", "", value]
    body = "\r\n".join([*lines, f"--{boundary}--", ""]).encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def test_multipart_fields_are_a_form(svc, person):
    body, label = multipart([('name="event_type"', "form.submitted"),
                             ('name="customer[email]"', person.email),
                             ('name="event_data.text"', "two\r\nlines & more=1"),
                             ('name="event_data.tag"', "a"), ('name="event_data.tag"', "b")])
    assert posted(svc, body, label)["data"] == {"text": "two\r\nlines & more=1", "tag": ["a", "b"]}


def test_a_file_in_a_multipart_form_is_422(svc, person):
    body, label = multipart([('name="event_type"', "page.viewed"),
                             ('name="customer.email"', person.email),
                             ('name="cv"; filename="cv.pdf"', "%PDF")])
    assert svc.call("POST", TRACK, body, headers=label).status == 422
    svc.lookup(404, email=person.email)


def test_a_multipart_form_that_ends_early_is_400(svc, person):
    body, label = multipart([('name="event_type"', "page.viewed"),
                             ('name="customer.email"', person.email)])
    for cut in (5, len(body) // 2, len(body) - 6):
        assert svc.call("POST", TRACK, body[:cut], headers=label).status == 400
    svc.lookup(404, email=person.email)


@pytest.mark.parametrize("body", ["", "   ", "\r\n"])
def test_an_empty_body_is_an_empty_object(svc, body):
    answer = svc.call("POST", TRACK, body, expect=422)
    faults = [(fault["field"], fault["code"]) for fault in answer.json()["errors"]]
    assert faults == [("event_type", "required")]


@pytest.mark.parametrize("body",
                         ["hello", "<xml/>", '"text"', "5", "true", "null", "\x00", "\xff\xfe"])
def test_what_is_neither_json_nor_a_form_is_400(svc, body):
    before = svc.redis.dump()
    answer = svc.call("POST", TRACK, body.encode("latin-1"))
    assert answer.status == 400 and answer.json()["code"] in ("bad_body", "bad_json")
    assert svc.redis.dump() == before


def test_a_body_of_a_get_does_not_matter(svc):
    assert svc.call("GET", "/healthz", "{").json() == {"status": "ok"}


def test_a_request_after_a_refused_one_on_the_same_connection_is_served(svc, person):
    good = event(person).encode()
    head = f"POST {TRACK} HTTP/1.1\r\nHost: x\r\nContent-Length: "
    with Wire(("127.0.0.1", svc.service.port)) as wire:
        for body in (b"{", b"hello", b"[]", b'{"event_type":5}', b"\x1f\x8b"):
            for data, statuses in ((body, (400, 422)), (good, (200,))):
                wire.send(f"{head}{len(data)}\r\n\r\n".encode() + data)
                assert wire.answer().status in statuses
    assert svc.lookup(email=person.email)["activity_count"] == 5
