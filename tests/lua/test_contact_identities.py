"""contact_identities: what a contact is known by.

SPDX-License-Identifier: MIT
"""
import pytest
import redis

from support.scripts import contact_name

ANN = {"ext": "u1", "email": "ann@example.com", "phone": "+15550001111"}


def identities(ws, c, known=""):
    return ws.run("contact_identities", [ws.key("CONTACT", c)], ws.before, c, known)


def test_all_aliases_and_the_contacts_own_ones(crm):
    c = crm.track("page.viewed", ANN).c
    crm.track("page.viewed", {"ext": "u1", "email": "ann@example.net"})
    version, contact_id, *own, aliases = identities(crm, c)
    assert (version, contact_id, own) == ("2", f"contact_{c}", [*ANN.values(), None])
    assert sorted(aliases) == ["email:ann@example.com", "email:ann@example.net", "ext:u1",
                               "phone:+15550001111"]


def test_what_a_contact_has_not_is_nothing(crm):
    c = crm.track("page.viewed", {"email": "ann@example.com"}).c
    own, aliases = identities(crm, c)[2:6], identities(crm, c)[6]
    assert (own, aliases) == ([None, "ann@example.com", None, None], ["email:ann@example.com"])


def test_at_most_500_are_read(ws):
    c = contact_name(1)
    ws.redis.hset(ws.key("CONTACT", c), mapping={"v": 1, "id": f"contact_{c}"})
    ws.redis.sadd(ws.key("CONTACT_ALIAS", c), *(f"email:a{n}@b.example" for n in range(700)))
    assert len(set(identities(ws, c)[6])) == 500


def test_a_merged_contact_answers_as_its_winner(crm):
    c = crm.track("page.viewed", ANN).c
    loser = contact_name(4711)
    crm.redis.set(crm.key("CONTACT_MERGED", loser), f"contact_{c}")
    assert identities(crm, loser) == identities(crm, c)
    assert identities(crm, loser, known="1") == ["1", f"contact_{c}"]


def test_nobody_is_not_found(ws):
    with pytest.raises(redis.ResponseError, match="^NOTFOUND "):
        identities(ws, contact_name(1))
