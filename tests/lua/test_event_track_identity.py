"""event_track: whose event is it? Customer id before e-mail before phone, and the veto.

SPDX-License-Identifier: MIT
"""
import itertools

import pytest

from support.times import HOUR, T0

EMAIL, OTHER_EMAIL = "ann@example.com", "bob@example.com"
PHONE, OTHER_PHONE = "+15550001111", "+15550002222"
ANN = {"ext": "u1", "email": EMAIL, "phone": PHONE}


def view(crm, at=T0, **who):
    return crm.track("page.viewed", who, at=at)


def owner(crm, word, value):
    return crm.redis.get(crm.index(word, value))


def shared(crm, word, value):
    return crm.redis.smembers(crm.key("CONTACT_SHARED", f"{word}:{value}"))


def aliases(crm, c):
    return crm.redis.smembers(crm.key("CONTACT_ALIAS", c))


@pytest.mark.parametrize("words", [words for n in (1, 2, 3)
                                   for words in itertools.combinations(ANN, n)])
def test_any_of_its_identities_finds_the_contact(crm, words):
    contact = view(crm, **ANN).contact
    answer = view(crm, **{word: ANN[word] for word in words})
    assert (answer.contact, answer.created) == (contact, "0")
    assert crm.redis.zcard(crm.key("CREATED")) == 1


@pytest.mark.parametrize("order", itertools.permutations(ANN))
def test_identities_that_come_one_by_one_with_a_known_one_are_linked(crm, order):
    """Whatever comes first: each event brings one identity more."""
    known, contacts = {}, set()
    for word in order:
        known[word] = ANN[word]
        contacts.add(view(crm, **known).contact)
    assert len(contacts) == 1
    contact = contacts.pop()
    assert all(owner(crm, word, value) == contact for word, value in ANN.items())
    row = crm.contact(contact[8:])
    assert {word: row[word] for word in ANN} == ANN
    assert aliases(crm, contact[8:]) == {f"{word}:{value}" for word, value in ANN.items()}


# The veto -----------------------------------------------------------------------------------------


def test_a_phone_does_not_find_a_contact_with_another_email(crm):
    ann = view(crm, email=EMAIL, phone=PHONE)
    bob = view(crm, email=OTHER_EMAIL, phone=PHONE)
    assert (bob.created, bob.contact != ann.contact) == ("1", True)
    assert owner(crm, "phone", PHONE) == ann.contact
    assert owner(crm, "email", OTHER_EMAIL) == bob.contact
    assert shared(crm, "phone", PHONE) == {ann.c, bob.c}
    assert crm.contact(bob.c)["phone"] == PHONE


def test_an_email_does_not_find_a_contact_with_another_customer_id(crm):
    ann = view(crm, ext="u9", email=EMAIL)
    new = view(crm, ext="u10", email=EMAIL)
    assert (new.created, new.contact != ann.contact) == ("1", True)
    assert owner(crm, "ext", "u10") == new.contact and owner(crm, "ext", "u9") == ann.contact
    assert owner(crm, "email", EMAIL) == ann.contact
    assert shared(crm, "email", EMAIL) == {ann.c, new.c}
    # Both stay themselves from now on.
    assert view(crm, ext="u9", email=EMAIL).contact == ann.contact
    assert view(crm, ext="u10", email=EMAIL).contact == new.contact
    assert view(crm, email=EMAIL).contact == ann.contact


def test_a_phone_does_not_find_a_contact_with_another_customer_id(crm):
    ann = view(crm, ext="u1", phone=PHONE)
    bob = view(crm, ext="u2", phone=PHONE)
    assert bob.contact != ann.contact
    assert shared(crm, "phone", PHONE) == {ann.c, bob.c}


def test_after_a_veto_the_next_weaker_identity_may_find_the_contact(crm):
    ann = view(crm, ext="u1", email=EMAIL)
    bob = view(crm, phone=PHONE)
    answer = view(crm, ext="u2", email=EMAIL, phone=PHONE)
    assert answer.contact == bob.contact
    assert owner(crm, "ext", "u2") == bob.contact and owner(crm, "email", EMAIL) == ann.contact
    assert shared(crm, "email", EMAIL) == {ann.c, bob.c}
    assert crm.contact(bob.c)["ext"] == "u2"


def test_a_stronger_identity_that_the_contact_lacks_is_no_veto(crm):
    ann = view(crm, email=EMAIL)
    assert view(crm, ext="u1", email=EMAIL).contact == ann.contact
    assert owner(crm, "ext", "u1") == ann.contact
    assert crm.contact(ann.c)["ext"] == "u1"


def test_a_weaker_identity_that_differs_is_no_veto_and_is_linked_too(crm):
    ann = view(crm, **ANN)
    assert view(crm, ext="u1", email=OTHER_EMAIL, phone=OTHER_PHONE).contact == ann.contact
    assert view(crm, email=OTHER_EMAIL).contact == ann.contact
    assert view(crm, phone=OTHER_PHONE).contact == ann.contact
    row = crm.contact(ann.c)
    assert (row["email"], row["phone"]) == (EMAIL, PHONE)  # the first ones stay the contact's own
    assert aliases(crm, ann.c) == {
        "ext:u1", f"email:{EMAIL}", f"email:{OTHER_EMAIL}", f"phone:{PHONE}",
        f"phone:{OTHER_PHONE}"}


def test_three_contacts_of_one_family_phone_are_all_named_as_sharing_it(crm):
    family = [view(crm, ext=f"u{n}", phone=PHONE).c for n in range(3)]
    assert shared(crm, "phone", PHONE) == set(family)
    assert owner(crm, "phone", PHONE) == f"contact_{family[0]}"


# Indexes without their contact --------------------------------------------------------------------


def test_an_index_whose_contact_is_gone_is_taken_over(ws):
    gone = view(ws, email=EMAIL)
    ws.redis.delete(ws.key("CONTACT", gone.c))
    answer = view(ws, ext="u2", email=EMAIL)
    assert (answer.created, answer.contact != gone.contact) == ("1", True)
    assert owner(ws, "email", EMAIL) == answer.contact
    assert aliases(ws, answer.c) == {"ext:u2", f"email:{EMAIL}"}
    assert not shared(ws, "email", EMAIL)


def test_an_index_whose_contact_is_gone_does_not_hide_a_weaker_identity(ws):
    gone, bob = view(ws, email=EMAIL), view(ws, phone=PHONE)
    ws.redis.delete(ws.key("CONTACT", gone.c))
    assert view(ws, email=EMAIL, phone=PHONE).contact == bob.contact
    assert owner(ws, "email", EMAIL) == bob.contact


# A new e-mail or phone ----------------------------------------------------------------------------


def update(crm, who, at=T0 + HOUR, **new):
    moves = {}
    for word, value in new.items():
        moves[f"moves_{word}"] = value
        moves[f"moves_{word}_key"] = crm.index(word, value)
    return crm.track("customer.updated", who, at=at, **moves)


def test_a_new_email_moves_the_index_and_the_old_one_stays_an_alias(crm):
    ann = view(crm, ext="u1", email=EMAIL)
    assert update(crm, {"ext": "u1"}, email=OTHER_EMAIL).contact == ann.contact
    assert crm.contact(ann.c)["email"] == OTHER_EMAIL
    assert owner(crm, "email", OTHER_EMAIL) == ann.contact and owner(crm, "email", EMAIL) is None
    assert aliases(crm, ann.c) == {"ext:u1", f"email:{EMAIL}", f"email:{OTHER_EMAIL}"}


def test_a_new_email_given_as_the_customers_own_moves_the_index_too(crm):
    ann = view(crm, ext="u1", email=EMAIL)
    update(crm, {"ext": "u1", "email": OTHER_EMAIL}, email=OTHER_EMAIL)
    assert owner(crm, "email", OTHER_EMAIL) == ann.contact and owner(crm, "email", EMAIL) is None
    assert crm.contact(ann.c)["email"] == OTHER_EMAIL


def test_email_and_phone_move_together(crm):
    ann = view(crm, **ANN)
    update(crm, {"ext": "u1"}, email=OTHER_EMAIL, phone=OTHER_PHONE)
    assert owner(crm, "phone", OTHER_PHONE) == ann.contact and owner(crm, "phone", PHONE) is None
    row = crm.contact(ann.c)
    assert (row["email"], row["phone"]) == (OTHER_EMAIL, OTHER_PHONE)


def test_an_email_of_somebody_else_is_not_taken_over(crm):
    ann, bob = view(crm, ext="u1", email=EMAIL), view(crm, ext="u2", email=OTHER_EMAIL)
    update(crm, {"ext": "u1"}, email=OTHER_EMAIL)
    assert crm.contact(ann.c)["email"] == EMAIL
    assert owner(crm, "email", EMAIL) == ann.contact
    assert owner(crm, "email", OTHER_EMAIL) == bob.contact


def test_a_late_update_moves_nothing(crm):
    ann = view(crm, at=T0 + HOUR, ext="u1", email=EMAIL)
    update(crm, {"ext": "u1"}, at=T0, email=OTHER_EMAIL)
    assert crm.contact(ann.c)["email"] == EMAIL and owner(crm, "email", EMAIL) == ann.contact


def test_an_old_index_that_somebody_else_holds_stays_with_them(crm):
    ann = view(crm, ext="u1", email=EMAIL)
    bob = view(crm, ext="u2", email=EMAIL)  # shares it; the index stays with the first
    update(crm, {"ext": "u2"}, email=OTHER_EMAIL)
    assert owner(crm, "email", EMAIL) == ann.contact
    assert owner(crm, "email", OTHER_EMAIL) == bob.contact
    assert crm.contact(bob.c)["email"] == OTHER_EMAIL


def test_an_update_to_the_same_email_changes_nothing(crm):
    ann = view(crm, ext="u1", email=EMAIL)
    update(crm, {"ext": "u1"}, email=EMAIL)
    assert owner(crm, "email", EMAIL) == ann.contact
    assert aliases(crm, ann.c) == {"ext:u1", f"email:{EMAIL}"}


def test_an_email_that_was_given_up_makes_a_new_contact(crm):
    ann = view(crm, ext="u1", email=EMAIL)
    update(crm, {"ext": "u1"}, email=OTHER_EMAIL)
    new = view(crm, email=EMAIL)
    assert (new.created, new.contact != ann.contact) == ("1", True)


def test_an_identity_that_is_hashed_in_its_key_is_found_and_stays_readable(crm):
    hashed = "#" + "0123456789" * 4
    event = crm.event("page.viewed", {"ext": "two words"})
    event.keys[2] = crm.index("ext", hashed)
    first = event.run()
    again = crm.event("page.viewed", {"ext": "two words"})
    again.keys[2] = event.keys[2]
    assert again.run().contact == first.contact
    assert crm.contact(first.c)["ext"] == "two words"
    assert aliases(crm, first.c) == {f"ext:{hashed}"}
