"""Rows X-03, X-04 and X-05 of the acceptance list: one model of statuses under the vocabularies of
all doors, and what score and quality follow from them.

SPDX-License-Identifier: MIT
"""
import pytest

from support.seed_000 import LEADS, Visitor, contact_of, row
from support.seed_003 import LEADS as CAPTURE, contacts_of, fail, structure
from support.seed_004 import convert, put_aside
from support.whatsapp import write

HOT, WARM = ("BOOKING_FAILED", "Face Analysis"), ("WhatsApp", "AI Recommendation", "Fair")


def made_by(api, person, source):
    """The UUID of a lead of that source."""
    if source == "Booking Form":
        return Visitor(api).track(contact_of(person))["uuid"]
    if source == "WhatsApp":
        return write(api, person)["uuid"]
    if source == "BOOKING_FAILED":
        return fail(api, structure(person))["id"]
    return fail(api, {"source": source, "contacts": contacts_of(person)})["id"]


def change(api, lead_id, expect=200, **members):
    return api.call("PATCH", f"/v1/leads/{lead_id}", members, expect).json()


def views(api, lead_id):
    """The lead by every path that shows one."""
    return [api.get(f"{path}/{lead_id}") for path in (CAPTURE, "/v1/leads", LEADS)]


def listed(api, **query):
    """Ids of the leads that both lists have."""
    captured = {one["id"] for one in api.list(CAPTURE, **query)}
    assert {one["uuid"] for one in api.get(LEADS, limit=1000, **query)} == captured
    return captured


# X-03 ---------------------------------------------------------------------------------------------

FORM = [("tracking", None, "tracking"), ("pending", "PENDING", "lead"),
        ("approved", "Approved", "customer"), ("rejected", "rejected", "inactive")]
OTHERS = [("NEW", None, None), ("CONTACTED", "contacted", None),
          ("CONVERTED", "Converted", "customer"), ("LOST", "LOST", "inactive")]


@pytest.mark.parametrize("source, word, typed, stage", [
    *[("Booking Form", *line) for line in FORM],
    *[(source, word, typed, stage or ("hot" if source in HOT else "lead"))
      for source in HOT + WARM for word, typed, stage in OTHERS]])
def test_x03_a_word_goes_in_and_comes_out_the_same(svc, person, source, word, typed, stage):
    lead_id = made_by(svc, person, source)
    if typed:
        assert change(svc, lead_id, status=typed)["status"] == word
    for view in views(svc, lead_id):
        assert (view["source"], view["status"], view["stage"]) == (source, word, stage)
    assert svc.hash("LEAD", lead_id)["status"] == word.lower()
    vocabulary = [line[0] for line in (FORM if source == "Booking Form" else OTHERS)]
    for one in vocabulary:
        for spelled in (one, one.lower(), one.upper()):
            assert (lead_id in listed(svc, status=spelled)) == (one == word)
    assert lead_id in listed(svc, status=",".join(vocabulary))
    is_converted = word in ("approved", "CONVERTED")
    assert (lead_id in listed(svc, converted="true")) == is_converted


@pytest.mark.parametrize("source", ["Booking Form", *HOT, *WARM])
def test_x03_the_words_of_the_other_vocabulary_are_refused(svc, person, source):
    lead_id = made_by(svc, person, source)
    before = views(svc, lead_id)
    for word, _, _ in OTHERS if source == "Booking Form" else FORM:
        change(svc, lead_id, 422, status=word)
    for word in ("customer", "New Lead", "hot", "Rejected!"):
        change(svc, lead_id, 422, status=word)
    assert views(svc, lead_id) == before


@pytest.mark.parametrize("source", ["Booking Form", *HOT, *WARM])
def test_x03_active_and_converted_are_flags_beside_the_status(svc, person, source):
    lead_id = made_by(svc, person, source)

    def flags():
        admin = svc.get(f"{LEADS}/{lead_id}")
        return admin["status"], admin["is_active"], admin["converted_to_student"], admin["stage"]

    begin, _, _, stage = flags()
    assert flags() == (begin, True, False, stage)
    put_aside(svc, lead_id)
    assert flags() == (begin, False, False, "inactive")
    assert lead_id not in listed(svc, active="true") and lead_id in listed(svc, active="false")
    change(svc, lead_id, is_active=True)
    assert flags() == (begin, True, False, stage)
    number = svc.get(f"{LEADS}/{lead_id}")["id"]
    convert(svc, lead_id, 10**6 + number)
    end = "approved" if source == "Booking Form" else "CONVERTED"
    assert flags() == (end, True, True, "customer")
    put_aside(svc, lead_id)
    assert flags() == (end, False, True, "customer")


@pytest.mark.parametrize("event_type, word, slug, stage", [
    ("customer.created", "New Lead", "new_lead", "lead"),
    ("booking.started", "Hot Lead - Booking In Progress", "hot_booking", "hot"),
    ("booking.abandoned", "Hot Lead - Abandoned Booking", "hot_abandoned", "hot"),
    ("booking.completed", "Customer - Active", "customer", "customer")])
def test_x03_a_contact_has_the_words_of_its_own(svc, person, event_type, word, slug, stage):
    answer = svc.event(event_type, person)
    contact = svc.contact(answer["contact_id"])
    assert (contact["lead_status"], contact["stage"]) == (word, stage)
    assert answer["lead_status"] == word and svc.hash(
        "CONTACT", contact["id"].removeprefix("contact_"))["lead_status"] == slug
    for spelled in (word, word.upper(), slug, slug.upper()):
        found = svc.list("/v1/contacts", lead_status=spelled)
        assert contact["id"] in {one["id"] for one in found}


# X-04 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("score, quality", [
    (100, "HOT"), (80, "HOT"), (79, "WARM"), (50, "WARM"), (49, "COLD"), (0, "COLD")])
@pytest.mark.parametrize("source, setting", [
    ("BOOKING_FAILED", "floor_booking_failed"), ("Face Analysis", "floor_face_analysis"),
    ("WhatsApp", "floor_lead"), ("Booking Form", "floor_lead")])
def test_x04_hot_from_80_and_warm_from_50(own, person, source, setting, score, quality):
    own.settings(**{setting: score})
    lead_id = made_by(own, person, source)
    for view in views(own, lead_id):
        assert (view["score"], view["quality"]) == (score, quality)
    for one in ("HOT", "WARM", "COLD"):
        assert (lead_id in listed(own, quality=one)) == (one == quality)
    contact = own.lookup(phone=person.phone)
    assert contact["lead_score"] == max(score, 50)
    assert contact["quality"] == ("HOT" if score >= 80 else "WARM")


@pytest.mark.parametrize("source, score, quality", [
    ("BOOKING_FAILED", 85, "HOT"), ("Face Analysis", 80, "HOT"),
    *[(source, 50, "WARM") for source in ("Booking Form", *WARM)]])
def test_x04_x05_every_source_has_its_floor(svc, person, source, score, quality):
    for view in views(svc, made_by(svc, person, source)):
        assert (view["score"], view["quality"]) == (score, quality)


# X-05 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source, floor", [
    ("BOOKING_FAILED", 85), ("Face Analysis", 80), ("WhatsApp", 50), ("Fair", 50)])
def test_x05_the_floor_holds_unless_a_lead_is_lost_or_put_aside(svc, person, source, floor):
    lead_id = made_by(svc, person, source)

    def scores():
        contact = svc.lookup(phone=person.phone)
        return svc.get(f"{CAPTURE}/{lead_id}")["score"], contact["lead_score"]

    assert scores() == (floor, floor)
    change(svc, lead_id, status="LOST")
    assert scores() == (0, 50)
    change(svc, lead_id, status="NEW")
    assert scores() == (floor, floor)
    put_aside(svc, lead_id)
    assert scores() == (0, 50)
    change(svc, lead_id, is_active=True)
    assert scores() == (floor, floor)
    change(svc, lead_id, status="CONTACTED")
    assert scores() == (floor, floor)
    change(svc, lead_id, status="CONVERTED")
    assert scores() == (floor, floor)


def test_x05_there_is_no_floor_without_contact_details(svc, person):
    visitor = Visitor(svc, session=f"s-{person.id}")
    made = visitor.track(eventName="Wedding")
    kept = row(svc, made["id"], include="anonymous")
    assert (kept["score"], kept["quality"], kept["stage"]) == (0, "COLD", "anonymous")
    visitor.track(contact_of(person))
    kept = row(svc, made["id"])
    assert (kept["score"], kept["quality"], kept["stage"]) == (50, "WARM", "tracking")


def test_x05_a_contact_has_the_highest_score_among_its_leads(svc, person):
    failed = made_by(svc, person, "BOOKING_FAILED")
    face = made_by(svc, person, "Face Analysis")
    made_by(svc, person, "Booking Form")

    def score():
        return svc.lookup(phone=person.phone)["lead_score"]

    assert score() == 85
    change(svc, failed, status="LOST")
    assert score() == 80
    put_aside(svc, face)
    assert score() == 50
    change(svc, failed, status="NEW")
    assert score() == 85
    convert(svc, failed, 2 * 10**6)
    assert score() == 85
    svc.event("booking.completed", person, {"total_amount": 10})
    assert score() == 85
