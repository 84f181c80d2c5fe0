"""Who is who: spellings of one phone or address are one contact, and what is neither is only kept.

SPDX-License-Identifier: MIT
"""
import json
import re

import pytest

from support.api import Person
from support.keys import key
from support.stored import assert_sound


def ids(api, kind, *spellings):
    """The contacts of one event each, by the spellings of an identity."""
    return {api.event("page.viewed", {kind: typed})["contact_id"] for typed in spellings}


def index_keys(api):
    """All keys of the indexes of identities."""
    kinds = ("CONTACT_EXT", "CONTACT_EMAIL", "CONTACT_PHONE")
    return {name for kind in kinds
            for name in api.redis.text.scan_iter(
                match=re.sub(r"([\[\]{}])", r"\\\1", key(kind, "")) + "*", count=1000)}


def test_a22_three_spellings_of_a_french_phone_are_one_contact(own):
    own.settings(default_region="FR")
    spellings = ("+33 6 12 34 56 78", "0033612345678", "06 12 34 56 78")
    contact_id, = ids(own, "phone", *spellings)
    assert own.contact(contact_id)["phone"] == "+33612345678"
    assert own.contact(contact_id)["activity_count"] == 3
    assert own.identities("PHONE", contact_id) == ["+33612345678"]
    for typed in (*spellings, "06.12.34.56.78", "+33 (0)6 12 34 56 78"):
        assert own.lookup(phone=typed)["id"] == contact_id
    # As typed last; its identity is what the service calls it.
    kept = own.redis.text.hget(key("CONTACT", contact_id[len("contact_"):]), "phone_typed")
    assert kept == "06 12 34 56 78"
    assert_sound(own)


def test_the_region_holds_for_what_comes_after_it_was_set(own):
    assert own.get("/v1/settings")["settings"]["default_region"] == "US"
    american, = ids(own, "phone", "(415) 555-2671", "+1 415 555 2671", "1-415-555-2671")
    bare, = ids(own, "phone", "06 12 34 56 78")  # zero is no area of the US: unexplained
    assert own.contact(american)["phone"] == "+14155552671"
    own.settings(default_region="FR")
    french, = ids(own, "phone", "06 12 34 56 78")
    assert own.contact(french)["phone"] == "+33612345678"
    assert len({american, bare, french}) == 3
    own.settings(default_region=None)
    assert ids(own, "phone", "415 555 2671") == {american}


@pytest.mark.parametrize("value", ["ZZ", "fr", "FRA", "", "12", 33, ["FR"]])
def test_a_region_without_phones_is_refused(svc, value):
    before = svc.get("/v1/settings")
    answer = svc.call("PATCH", "/v1/settings", {"default_region": value}, expect=422).json()
    assert [fault["field"] for fault in answer["errors"]] == ["default_region"]
    assert svc.get("/v1/settings") == before


@pytest.mark.parametrize("spellings, phone", [
    (["1-800-FLOWERS", "+1 800 356-9377", "1-800-356-9377 ext. 12"], "+18003569377"),
    (["+44 (0)20 7946 0958", "+44 20 7946 0958", "0044 20 79460958"], "+442079460958"),
    (["+52 1 55 1234 5678", "+52 55 1234 5678"], "+525512345678"),
    (["+55 31 9876-5432", "+55 31 99876-5432"], "+5531998765432"),
    (["+54 11 2345-6789", "+54 9 11 2345-6789"], "+5491123456789"),
    (["+33 6 12 34\u00a056\u202f79", "\u202a+33612345679\u202c"], "+33612345679")])
def test_spellings_of_a_phone_are_one_contact(svc, spellings, phone):
    contact_id, = ids(svc, "phone", *spellings)
    assert svc.contact(contact_id)["phone"] == phone


def test_phones_that_only_look_alike_are_several_contacts(svc):
    phones = ["+39 06 1234 5678", "+39 6 1234 5678", "+55 11 3123-4567", "+55 11 93123-4567",
              "+1 415 555 2672", "+1 415 555 2673", "555-2672"]
    assert len(ids(svc, "phone", *phones)) == len(phones)


@pytest.mark.parametrize("spellings, canonical", [
    (["José@Example.com", "JOSÉ@example.com", "jose\u0301@EXAMPLE.COM"], "josé@example.com"),
    (["a@bücher.example", "A@BÜCHER.example", "a@xn--bcher-kva.example"],
     "a@xn--bcher-kva.example")])
def test_spellings_of_an_address_are_one_contact_shown_as_typed(svc, spellings, canonical):
    contact_id, = ids(svc, "email", *spellings)
    assert svc.identities("EMAIL", contact_id) == [canonical]
    assert svc.lookup(email=spellings[1])["id"] == contact_id


def test_gmail_addresses_are_one_person_only_by_the_rule(own):
    assert own.get("/v1/settings")["settings"]["gmail_rule"] is False
    apart = ("j.doe@gmail.com", "jdoe+shop@gmail.com", "JDoe@googlemail.com")
    assert len(ids(own, "email", *apart)) == 3
    own.settings(gmail_rule=True)
    contact_id, = ids(own, "email", "r.roe@gmail.com", "rroe+shop@gmail.com", "RRoe@googlemail.com")
    assert own.identities("EMAIL", contact_id) == ["rroe@gmail.com"]
    assert own.contact(contact_id)["email"] == "RRoe@googlemail.com"
    others = ("r.roe@example.com", "rroe@example.com", "rroe+shop@example.com")
    assert len(ids(own, "email", *others)) == 3


PHONES = ["12345", "call me", "0000000", "+1234567890123456", "null", "anonymous", "-1",
          "550e8400ab", "555-CALL-NOW"]
EMAILS = ["nobody", "john@", "john@localhost", "a b@example.com", "test@test.com",
          "temp+nobody@edubot.local", "undefined", "a@x＠y.example", "a@bü_cher.example", "0-0"]


@pytest.mark.parametrize("member, typed", [("phone", typed) for typed in PHONES]
                         + [("email", typed) for typed in EMAILS])
def test_what_is_no_identity_is_kept_as_typed_and_never_a_key(svc, member, typed):
    person = Person()
    before = index_keys(svc)
    answer = svc.event("page.viewed", person.customer("id", **{member: typed}))
    assert index_keys(svc) - before == {key("CONTACT_EXT", person.id)}
    assert svc.contact(answer["contact_id"])[member] == typed
    svc.lookup(404, **{member: typed})
    # Somebody else with the same text is somebody else.
    other = svc.event("page.viewed", Person().customer("id", **{member: typed}))
    assert other["contact_id"] != answer["contact_id"]


@pytest.mark.parametrize("member, typed", [("phone", "12345"), ("email", "john@localhost")])
def test_alone_it_is_refused_and_nothing_is_written(svc, member, typed):
    before = svc.redis.dump()
    answer = svc.event("page.viewed", {member: typed}, expect=422)
    assert [fault["field"] for fault in answer["errors"]] == [f"customer.{member}"]
    assert typed not in json.dumps(answer)
    assert svc.redis.dump() == before


def test_a_changed_phone_is_read_by_the_region_too(own, person):
    own.settings(default_region="FR")
    contact_id = own.event("page.viewed", person.customer("email", "phone"))["contact_id"]
    own.event("customer.updated", person.customer("email"), {"updates": {"phone": "0612345678"}})
    assert own.contact(contact_id)["phone"] == "+33612345678"
    assert own.identities("PHONE", contact_id) == ["+33612345678"]
    assert_sound(own)
