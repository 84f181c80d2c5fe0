"""Pairs to review, and what a contact is known by, over the wire.

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import Person, bare
from support.keys import key
from support.times import HOUR, T0, iso

DUPLICATES = "/v1/contacts/duplicates"


def notice(api, a, b, since=T0, kind="phone", value="+15550001111"):
    """What a veto writes."""
    api.redis.text.zadd(key("DUPLICATE"), {f"{bare(a)} {bare(b)} {kind} veto_email {value}": since})


def somebody(api):
    return api.event("page.viewed", Person())["contact_id"]


@pytest.fixture
def pair(own):
    a, b = somebody(own), somebody(own)
    notice(own, a, b)
    return a, b


def test_a_pair_is_shown_with_what_it_shares_and_why(own, pair):
    a, b = pair
    notice(own, b, a, T0 + HOUR, "ext", "customer 7")
    assert own.get(DUPLICATES) == {
        "data": [{"a": b, "b": a, "shared": [{"kind": "customer_id", "value": "customer 7"}],
                  "reason": "veto_email", "since": iso(T0 + HOUR)},
                 {"a": a, "b": b, "shared": [{"kind": "phone", "value": "+15550001111"}],
                  "reason": "veto_email", "since": iso(T0)}],
        "next_cursor": None, "has_more": False}


def test_no_pairs_are_an_empty_list(own):
    assert own.get(DUPLICATES) == {"data": [], "next_cursor": None, "has_more": False}


def test_pairs_come_in_pages_newest_first(own, pair):
    for n in range(1, 25):
        notice(own, *pair, T0 + n // 2, value=f"+155500000{n:02}")
    read = list(own.pages(DUPLICATES, limit=4))
    times = [row["since"] for page in read for row in page["data"]]
    values = [row["shared"][0]["value"] for page in read for row in page["data"]]
    assert [len(page["data"]) for page in read] == [4] * 6 + [1]
    assert times == sorted(times, reverse=True) and len(set(values)) == 25
    link = own.call("GET", DUPLICATES + "?limit=4").header("link")
    assert own.call("GET", link[1:link.index(">")], expect=200).json() == read[1]


def test_a_merge_settles_a_pair(own, pair):
    a, b = pair
    own.redis.text.set(key("CONTACT_MERGED", bare(b)), a)
    own.redis.text.rename(key("CONTACT", bare(b)), key("CONTACT", "0" * 13))
    assert own.get(DUPLICATES)["data"] == []
    own.redis.text.rename(key("CONTACT", "0" * 13), key("CONTACT", bare(b)))
    own.redis.text.delete(key("CONTACT_MERGED", bare(b)))
    assert len(own.get(DUPLICATES)["data"]) == 1


def test_an_unchanged_list_of_pairs_is_304(own, pair):
    first = own.call("GET", DUPLICATES, expect=200)
    assert first.header("x-change-id")
    known = {"If-None-Match": first.header("etag")}
    assert own.call("GET", DUPLICATES, headers=known).status == 304
    somebody(own)
    assert own.call("GET", DUPLICATES, headers=known).status == 200


# Identities ---------------------------------------------------------------------------------------


def identities(api, contact_id):
    rows = api.list(f"/v1/contacts/{contact_id}/identities")
    return [(row["kind"], row["value"], row["current"]) for row in rows]


def test_all_identities_of_a_contact_and_which_are_on_it_now(svc, person):
    contact_id = svc.event("page.viewed", person)["contact_id"]
    svc.event("customer.updated", {"id": person.id, "email": "new." + person.email})
    assert identities(svc, contact_id) == [
        ("customer_id", person.id, True), ("email", "new." + person.email, True),
        ("email", person.email, False), ("phone", person.phone, True)]


def test_an_identity_that_belongs_to_somebody_else_is_shared(svc, person):
    svc.event("page.viewed", person)
    other = Person()
    other_id = svc.event("page.viewed", {"email": other.email, "phone": person.phone})["contact_id"]
    assert identities(svc, other_id) == [("email", other.email, True),
                                         ("shared", f"phone:{person.phone}", True)]


def test_an_identity_that_fits_no_key_is_shown_as_it_was_sent(svc, person):
    strange = f'a "strange" {{id}} of {person.id}'
    contact_id = svc.event("page.viewed", {"id": strange, "email": person.email})["contact_id"]
    assert identities(svc, contact_id) == [("customer_id", strange, True),
                                           ("email", person.email, True)]


def test_identities_change_with_the_version_of_the_contact(svc, person):
    contact_id = svc.event("page.viewed", person)["contact_id"]
    path = f"/v1/contacts/{contact_id}/identities"
    first = svc.call("GET", path, expect=200)
    assert first.header("content-location") is None
    known = {"If-None-Match": first.header("etag")}
    assert svc.call("GET", path, headers=known).status == 304
    svc.event("page.viewed", person)
    assert svc.call("GET", path, headers=known).status == 200


def test_the_identities_of_a_merged_contact_are_its_winners(svc, person):
    contact_id = svc.event("page.viewed", person)["contact_id"]
    loser = "contact_" + bare(contact_id)[::-1]
    svc.redis.text.set(key("CONTACT_MERGED", bare(loser)), contact_id)
    path = "/v1/contacts/{}/identities"
    answer = svc.call("GET", path.format(loser) + "?limit=5", expect=200)
    assert answer.json() == svc.get(path.format(contact_id))
    assert answer.header("content-location") == path.format(contact_id)
    svc.redis.text.delete(key("CONTACT_MERGED", bare(loser)))
    svc.call("GET", path.format(loser), expect=404)


@pytest.mark.parametrize("contact_id", ["contact_0000000000000", "nobody", "contact_"])
def test_nobody_has_no_identities(svc, contact_id):
    svc.call("GET", f"/v1/contacts/{contact_id}/identities", expect=404)
