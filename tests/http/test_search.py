"""GET /v1/contacts/search over the wire (its script: tests/lua/test_contact_search.py).

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import Person, path_of
from support.stored import assert_sound

SEARCH = "/v1/contacts/search"


@pytest.mark.parametrize("q, code", [
    (None, "required"), ("", "required"), ("   ", "required"), ("a", "length"), (" a ", "length"),
    ("é", "length"), ("a" * 101, "length"), ("1" * 101, "length")])
def test_a_search_is_for_2_to_100_characters(svc, q, code):
    path = path_of(SEARCH, q=q) if q is not None else SEARCH
    answer = svc.call("GET", path, expect=422).json()
    assert [(fault["field"], fault["code"]) for fault in answer["errors"]] == [("q", code)]


@pytest.mark.parametrize("q", ["ab", "éé", "a" * 100, "é" * 100, "12", "a b", "--", "+1", "*?[",
                               "x" * 50 + " " + "y" * 49, " ".join("a" * 50), "0" * 100])
def test_a_search_that_finds_nobody_is_an_empty_list(svc, q):
    answer = svc.call("GET", path_of(SEARCH, q=q), expect=200)
    assert answer.json() == {"data": [], "next_cursor": None, "has_more": False}
    assert answer.header("x-change-id") and answer.header("link") is None


@pytest.mark.parametrize("query", ["q=%ff%ff", "q=a%00b", "q=%zz"])
def test_a_query_that_cannot_be_read_is_400(svc, query):
    assert svc.call("GET", f"{SEARCH}?{query}", expect=400).json()["code"] == "bad_query"


def test_the_other_methods_of_the_path_are_none(svc):
    assert svc.call("POST", SEARCH, {}, expect=405).header("allow") == "GET, HEAD, OPTIONS"


# What is found ------------------------------------------------------------------------------------


def found(api, q, **query):
    return sorted(contact["id"] for contact in api.list(SEARCH, q=q, **query))


@pytest.fixture
def john(own):
    """John Paul Doe, and somebody else; (api, John's id)."""
    own.event("page.viewed", {"email": "xenia@example.net", "name": "Xenia Other"})
    return own, own.event("page.viewed", {
        "id": "customer7", "email": "J.Doe@Example.com", "phone": "+1 (555) 000-1111",
        "first_name": "John Paul", "last_name": "Doe-Smith"})["contact_id"]


@pytest.mark.parametrize("q", [
    "jo", "JOHN", "  John  ", "paul", "doe-s", "DOE", "j.doe@example.com", "J.DOE@EX", "john paul",
    "john   doe", "doe john", "d j p", "paul j.doe@", "15550001111", "1555", "+1555", "+1 (555)",
    "1 555 000-11", "001555"])
def test_a_contact_is_found_by_the_beginnings_of_its_words(john, q):
    own, contact_id = john
    assert found(own, q) == [contact_id]


@pytest.mark.parametrize("q", ["ohn", "johnx", "smith", "example.com", "customer7", "john other",
                               "john xenia", "11555", "555.000", "15550001112", "doe 1556"])
def test_nobody_is_found_by_other_parts_or_by_words_of_two_people(john, q):
    own, _ = john
    assert found(own, q) == []


def test_neither_case_nor_accents_count(own):
    contact_id = own.event("page.viewed", {"id": "c1", "name": "Jiří NOVÁK"})["contact_id"]
    for q in ("jiri novak", "JIŘÍ", "nová", "Novak ji"):
        assert found(own, q) == [contact_id], q


def test_a_row_is_the_contact(john):
    own, contact_id = john
    answer = own.call("GET", path_of(SEARCH, q="john"), expect=200)
    assert answer.json()["data"] == [own.contact(contact_id)]


def test_the_next_search_knows_a_new_name(john):
    own, contact_id = john
    own.event("customer.updated", {"id": "customer7", "first_name": "Jack"})
    assert (found(own, "john"), found(own, "jack doe")) == ([], [contact_id])
    own.event("customer.updated", {"id": "customer7", "email": "new@example.com"})
    assert (found(own, "j.doe@"), found(own, "new@")) == ([], [contact_id])
    assert_sound(own)


def test_pages_hold_at_most_50_and_miss_nobody(own):
    made = sorted(own.event("page.viewed", {"id": f"c{n}", "name": f"Anna Annasdotter {n}"})
                  ["contact_id"] for n in range(120))
    for limit in (7, 50, 200, None):
        read = list(own.pages(SEARCH, q="ann", limit=limit))
        assert sorted(contact["id"] for page in read for contact in page["data"]) == made
        assert max(len(page["data"]) for page in read) == min(limit or 50, 50)
    assert len(own.get(SEARCH, q="ann annas", limit=200)["data"]) == 50
    link = own.call("GET", path_of(SEARCH, q="ann", limit=3)).header("link")
    assert len(own.call("GET", link[1:link.index(">")], expect=200).json()["data"]) == 3


def test_a_cursor_belongs_to_its_words(own):
    for n in range(3):
        own.event("page.viewed", {"id": f"c{n}", "name": "Anna"})
    cursor = own.get(SEARCH, q="anna", limit=1)["next_cursor"]
    own.get(SEARCH, q="anna", limit=2, cursor=cursor)
    answer = own.get(SEARCH, 400, q="anne", limit=1, cursor=cursor)
    assert answer["code"] == "bad_cursor"


def test_an_unchanged_search_is_304(john):
    own, _ = john
    path = path_of(SEARCH, q="john")
    known = {"If-None-Match": own.call("GET", path).header("etag")}
    assert own.call("GET", path, headers=known).status == 304
    assert own.call("GET", path_of(SEARCH, q="jo"), headers=known).status == 200
    own.event("page.viewed", Person())
    assert own.call("GET", path, headers=known).status == 200
