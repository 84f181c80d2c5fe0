"""GET /v1/contacts/search over the wire (its script: tests/lua/test_contact_search.py).

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import path_of

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
