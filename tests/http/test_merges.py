"""Row X-02 of the acceptance list, as far as a merge is somebody's doing: over the wire. What a
merge does to the records: tests/lua/test_merge.py.

SPDX-License-Identifier: MIT
"""
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import Person
from support.stored import assert_sound
from support.times import HOUR, MINUTE, T0, iso

NOBODY = "contact_0000000000000"
NO_MERGE = "019a7235-7b00-7000-8000-000000000000"


def merge(api, winner, loser, expect=201, headers=None, at=None, **members):
    return api.call("POST", "/v1/merges", {"winner": winner, "loser": loser, **members}, expect,
                    headers=headers, at=at).json()


def undo(api, merge_id, expect=200, headers=None, at=None):
    return api.call("POST", f"/v1/merges/{merge_id}/undo", expect=expect, headers=headers,
                    at=at).json()


def merges(api):
    return api.list("/v1/merges")


@pytest.fixture
def pair(own):
    """Two contacts that nothing keeps apart: one with an e-mail, one with a phone."""
    person = Person()
    ids = [own.event("booking.completed", person.customer(name), {"total_amount": amount}, at=T0)
           ["contact_id"] for name, amount in (("email", 10), ("phone", 5))]
    return (person, *ids)


def test_x02_two_contacts_that_are_merged_are_one(own, pair):
    person, winner, loser = pair
    answer = merge(own, winner, loser, reason=" the same person ", at=T0 + HOUR)
    assert answer == {"id": answer["id"], "winner": winner, "loser": loser, "automatic": False,
                      "reason": "the same person", "evidence": [], "at": answer["at"],
                      "undone_at": None}
    assert answer["at"][:16] == iso(T0 + HOUR)[:16]
    assert merges(own) == [answer]
    contact = own.contact(winner)
    assert (contact["email"], contact["phone"]) == (person.email, person.phone)
    assert (contact["total_bookings"], contact["total_revenue"]) == (2, 15)
    assert [row["id"] for row in own.list("/v1/contacts")] == [winner]
    assert own.lookup(phone=person.phone) == own.lookup(email=person.email) == contact
    assert own.event("page.viewed", person.customer("phone"))["contact_id"] == winner
    assert_sound(own)


@pytest.mark.parametrize("rest", ["", "/timeline", "/identities"])
def test_x02_the_losers_id_answers_with_the_winner(own, pair, rest):
    _, winner, loser = pair
    before = own.call("GET", f"/v1/contacts/{loser}{rest}", expect=200)
    assert before.header("content-location") is None
    merge(own, winner, loser)
    answer = own.call("GET", f"/v1/contacts/{loser}{rest}", expect=200)
    at_home = own.call("GET", f"/v1/contacts/{winner}{rest}", expect=200)
    assert answer.body == at_home.body
    assert answer.header("content-location") == f"/v1/contacts/{winner}{rest}"
    assert at_home.header("content-location") is None


def test_x02_a_merge_can_be_undone_and_both_are_back(own, pair):
    _, *ids = pair
    before = [own.contact(contact_id) for contact_id in ids]
    timelines = [own.timeline(contact_id) for contact_id in ids]
    identities = [own.get(f"/v1/contacts/{contact_id}/identities") for contact_id in ids]
    made = merge(own, *ids)
    assert undo(own, made["id"], at=T0 + HOUR) == {
        "id": made["id"], "winner": ids[0], "loser": ids[1], "undone": True}
    after = [own.contact(contact_id) for contact_id in ids]
    for was, now in zip(before, after):
        assert now == {**was, "version": now["version"], "updated_at": now["updated_at"]}
        assert now["version"] > was["version"]
    assert [own.timeline(contact_id) for contact_id in ids] == timelines
    assert [own.get(f"/v1/contacts/{contact_id}/identities") for contact_id in ids] == identities
    row, = merges(own)
    assert row == {**made, "undone_at": row["undone_at"]}
    assert row["undone_at"][:16] == iso(T0 + HOUR)[:16]
    for contact_id in ids:
        answer = own.call("GET", f"/v1/contacts/{contact_id}", expect=200)
        assert answer.header("content-location") is None
    assert_sound(own)


def test_x02_a_merge_is_undone_once(own, pair):
    _, winner, loser = pair
    made = merge(own, winner, loser)
    undo(own, made["id"])
    assert undo(own, made["id"], 409)["code"] == "already_undone"
    for nothing in (NO_MERGE, "nonsense", made["id"].upper()):
        assert undo(own, nothing, 404)["code"] == "not_found"


def test_x02_the_later_merge_of_a_contact_is_undone_first(own, pair):
    person, winner, loser = pair
    third = own.event("page.viewed", person.customer("id"))["contact_id"]
    first, second = merge(own, winner, loser), merge(own, third, winner)
    for contact_id in (winner, loser):
        assert own.contact(contact_id)["id"] == third
    refused = undo(own, first["id"], 409)
    assert (refused["code"], refused["merge_id"]) == ("undo_later_first", second["id"])
    undo(own, second["id"])
    assert own.contact(loser)["id"] == winner
    undo(own, first["id"])
    assert [own.contact(c)["id"] for c in (winner, loser, third)] == [winner, loser, third]
    assert_sound(own)


def test_x02_a_merge_that_identities_led_to_is_in_the_list_with_its_evidence(own, pair):
    person, winner, loser = pair
    answer = own.event("page.viewed", person.customer("email", "phone"))
    row, = merges(own)
    assert answer["merged"] == [{"contact_id": loser, "merge_id": row["id"]}]
    assert (row["winner"], row["loser"], row["automatic"], row["reason"]) == (
        winner, loser, True, None)
    assert row["evidence"] == [{"kind": "phone", "value": person.phone, "contact_id": loser}]
    undo(own, row["id"])
    assert own.contact(loser)["id"] == loser


# What is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["id", "email"])
def test_x02_people_with_different_strong_identities_are_only_merged_by_force(own, name):
    ids = [own.event("page.viewed", Person().customer(name))["contact_id"] for _ in range(2)]
    assert merge(own, *ids, expect=409)["code"] == "unsafe_merge"
    assert merge(own, *ids, expect=409, force=False)["code"] == "unsafe_merge"
    assert merges(own) == [] and len(own.list("/v1/contacts")) == 2
    merge(own, *ids, force=True)
    assert own.contact(ids[1])["id"] == ids[0]


def faults(answer):
    return [(fault["field"], fault["code"]) for fault in answer["errors"]]


def test_a_contact_is_not_merged_into_itself(own, pair):
    _, winner, loser = pair
    for ids in ((winner, winner), (loser, loser)):
        assert faults(merge(own, *ids, expect=422)) == [("loser", "same_contact")]
    merge(own, winner, loser)
    for ids in ((winner, loser), (loser, winner), (loser, loser)):
        assert faults(merge(own, *ids, expect=422)) == [("loser", "same_contact")]


def test_a_contact_that_is_not_there_is_named(own, pair):
    _, winner, _ = pair
    for ids in ((winner, NOBODY), (NOBODY, winner), (NOBODY, NOBODY)):
        answer = merge(own, *ids, expect=404)
        assert (answer["code"], answer["contact_id"]) == ("not_found", NOBODY)


@pytest.mark.parametrize("body, wrong", [
    ({}, [("winner", "required"), ("loser", "required")]),
    ({"winner": NOBODY, "loser": "nobody"}, [("loser", "format")]),
    ({"winner": "x", "loser": "contact_"}, [("winner", "format"), ("loser", "format")]),
    ({"winner": NOBODY, "loser": 7}, [("loser", "type")]),
    ({"winner": NOBODY, "loser": None}, [("loser", "required")]),
    ({"winner": NOBODY, "loser": NOBODY, "reason": "x" * 256}, [("reason", "length")]),
    ({"winner": NOBODY, "loser": NOBODY, "force": "maybe"}, [("force", "type")]),
    ({"winner": NOBODY, "loser": NOBODY, "by": "me"}, [("by", "unknown_field")])])
def test_a_body_that_is_not_valid_is_refused_member_by_member(svc, body, wrong):
    assert faults(svc.call("POST", "/v1/merges", body, 422).json()) == wrong


def test_undoing_takes_no_members(svc):
    answer = svc.call("POST", f"/v1/merges/{NO_MERGE}/undo", {"force": True}, 422).json()
    assert faults(answer) == [("force", "unknown_field")]


# Again --------------------------------------------------------------------------------------------


def test_a_repeated_merge_gets_the_same_answer(own, pair):
    _, winner, loser = pair
    named = {"Idempotency-Key": "merge-1"}
    body = {"winner": winner, "loser": loser, "reason": "the same"}
    first = own.call("POST", "/v1/merges", body, 201, headers=named, at=T0)
    again = own.call("POST", "/v1/merges", body, 201, headers=named, at=T0 + HOUR)
    assert again.body == first.body and again.header("idempotent-replayed") == "true"
    assert len(merges(own)) == 1
    other = own.call("POST", "/v1/merges", {**body, "reason": "another"}, 422, headers=named)
    assert other.json()["code"] == "idempotency_mismatch"

    path = f"/v1/merges/{first.json()['id']}/undo"
    first = own.call("POST", path, expect=200, headers=named)
    again = own.call("POST", path, expect=200, headers=named)
    assert again.body == first.body and again.header("idempotent-replayed") == "true"
    assert first.header("idempotent-replayed") is None
    assert own.call("POST", path, headers={"Idempotency-Key": "undo-2"}).status == 409


def test_of_many_merges_at_once_one_is_done(own, pair):
    _, winner, loser = pair
    bodies = [{"winner": winner, "loser": loser}, {"winner": loser, "loser": winner}] * 16
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda body: own.call("POST", "/v1/merges", body), bodies))
    assert sorted(answer.status for answer in answers) == [201] + [422] * 31
    assert len(merges(own)) == len(own.list("/v1/contacts")) == 1
    assert_sound(own)


# The list -----------------------------------------------------------------------------------------


def test_merges_come_in_pages_newest_first(own):
    made = []
    for n in range(7):
        ids = [own.event("page.viewed", Person())["contact_id"] for _ in range(2)]
        made.append(merge(own, *ids, force=True, at=T0 + n * MINUTE)["id"])
    for limit in (1, 3, 7, 200):
        read = list(own.pages("/v1/merges", limit=limit))
        assert [row["id"] for page in read for row in page["data"]] == made[::-1]
    first = own.call("GET", "/v1/merges?limit=3")
    link = first.header("link")
    assert own.call("GET", link[1:link.index(">")]).json()["data"][0]["id"] == made[3]
    assert first.header("x-change-id")


def test_an_unchanged_list_of_merges_is_304(own, pair):
    _, winner, loser = pair
    known = {"If-None-Match": own.call("GET", "/v1/merges").header("etag")}
    assert own.call("GET", "/v1/merges", headers=known).status == 304
    made = merge(own, winner, loser)
    first = own.call("GET", "/v1/merges", headers=known, expect=200)
    known = {"If-None-Match": first.header("etag")}
    assert own.call("GET", "/v1/merges", headers=known).status == 304
    undo(own, made["id"])
    assert own.call("GET", "/v1/merges", headers=known).status == 200


# Duplicates ---------------------------------------------------------------------------------------


def test_a_pair_that_a_veto_has_kept_apart_is_settled_by_a_merge(own, person):
    other = Person()
    first = own.event("page.viewed", person, at=T0)["contact_id"]
    answer = own.event("page.viewed", {"email": other.email, "phone": person.phone}, at=T0)
    second = answer["contact_id"]
    assert answer["kept_apart"] == [
        {"identity": "phone", "contact_id": first, "reason": "veto_email"}]
    row, = own.list("/v1/contacts/duplicates")
    assert row == {"a": first, "b": second, "reason": "veto_email", "since": row["since"],
                   "shared": [{"kind": "phone", "value": person.phone}]}
    assert row["since"][:16] == iso(T0)[:16]
    made = merge(own, first, second, force=True)
    assert own.list("/v1/contacts/duplicates") == []
    undo(own, made["id"])
    assert own.list("/v1/contacts/duplicates") == [row]


# What a capture says of the other contacts that its identities name -------------------------------


def test_an_event_says_whom_it_has_merged_and_whom_it_keeps_apart(own, person):
    caller = own.event("page.viewed", person.customer("phone"))["contact_id"]
    ann = own.event("page.viewed", person.customer("email"))
    assert "merged" not in ann and "kept_apart" not in ann
    joined = own.event("page.viewed", person.customer("email", "phone"), event_id="e1")
    assert joined["contact_id"] == ann["contact_id"]
    merge = own.list("/v1/merges")[0]
    assert joined["merged"] == [{"contact_id": caller, "merge_id": merge["id"]}]
    assert merge["automatic"] and merge["evidence"][0]["value"] == person.phone
    assert own.event("page.viewed", person.customer("email", "phone"), event_id="e1") == joined

    other = Person()
    answer = own.event("page.viewed", other.customer("email", phone=person.phone))
    assert answer["created"] and answer["contact_id"] != joined["contact_id"]
    assert answer["kept_apart"] == [{"identity": "phone", "contact_id": joined["contact_id"],
                                     "reason": "veto_email"}]
    pair = own.list("/v1/contacts/duplicates")[0]
    assert {pair["a"], pair["b"]} == {joined["contact_id"], answer["contact_id"]}
    assert (pair["shared"], pair["reason"]) == (
        [{"kind": "phone", "value": person.phone}], "veto_email")


def test_two_customer_ids_are_two_people_and_the_answer_says_so(own, person):
    first = own.event("page.viewed", person.customer("id", "email"))
    second = own.event("page.viewed", {"id": "another", "email": person.email})
    assert second["created"] and second["kept_apart"] == [
        {"identity": "email", "contact_id": first["contact_id"], "reason": "veto_customer_id"}]


def test_the_booking_form_says_so_too(own, person):
    caller = own.event("page.viewed", person.customer("phone"))["contact_id"]
    ann = own.event("page.viewed", person.customer("id", "email"))["contact_id"]
    made = own.call("POST", "/api/bookings/tracking", {
        "clientName": person.name, "clientPhone": person.phone, "clientEmail": person.email},
        expect=201).json()
    assert made["contact_id"] == ann
    assert [one["contact_id"] for one in made["merged"]] == [caller]
