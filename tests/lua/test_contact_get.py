"""contact_get: one contact, by its id or by one of its identities.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

ANN = {"ext": "u1", "email": "ann@example.com", "phone": "+15550001111"}


def fields(flat):
    return dict(zip(flat[::2], flat[1::2]))


def get(ws, key, by):
    c = key[len(ws.key("CONTACT", "")):]
    return fields(ws.run("contact_get", [key], ws.before, by, c))


def test_a_contact_is_found_by_its_id_with_all_its_fields(crm):
    c = crm.track("page.viewed", ANN, **{"=first_name": "Jana é 山"}).c
    row = get(crm, crm.key("CONTACT", c), "id")
    assert row == crm.contact(c) == get(crm, crm.key("CONTACT", c), "id")
    assert row["first_name"] == "Jana é 山"


@pytest.mark.parametrize("word", ANN)
def test_a_contact_is_found_by_each_of_its_identities(crm, word):
    answer = crm.track("page.viewed", ANN)
    crm.track("page.viewed", {"ext": "u2"})
    assert get(crm, crm.index(word, ANN[word]), "index")["id"] == answer.contact


@pytest.mark.parametrize("by, row, rest", [("id", "CONTACT", "0000000000000"),
                                           ("index", "CONTACT_EMAIL", "bob@example.com")])
def test_who_is_not_there_is_not_found(crm, by, row, rest):
    crm.track("page.viewed", ANN)
    with pytest.raises(redis.ResponseError, match="^NOTFOUND "):
        get(crm, crm.key(row, rest), by)


def test_an_index_whose_contact_is_gone_finds_nobody(ws):
    c = ws.track("page.viewed", ANN).c
    ws.redis.delete(ws.key("CONTACT", c))
    with pytest.raises(redis.ResponseError, match="^NOTFOUND "):
        get(ws, ws.index("email", ANN["email"]), "index")
