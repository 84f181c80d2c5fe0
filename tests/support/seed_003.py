"""Bookings that failed, as the booking page of seed 003 reports them.

SPDX-License-Identifier: MIT
"""
LEADS = "/api/leads"

# The document's own example, with its person.
SEED_CONTEXT = {
    "party_size_adults": 10, "party_size_kids": 0, "estimated_budget_dollars": 650,
    "zip_code": "90210", "service_type": "hibachi_catering", "preferred_date": "2025-11-15",
    "preferred_time": "6PM",
    "notes": "Failed booking attempt. Name: John Doe. Reason: slot_unavailable. "
             "Date: 2025-11-15 at 6PM. Location: 123 Main St, Beverly Hills, CA 90210."}
SEED_UTM = {"utm_source": "website", "utm_medium": "booking_form",
            "utm_campaign": "failed_booking_recovery"}

MESSAGES = {
    "slot_unavailable": "Sorry, this time slot is no longer available. We've saved your "
                        "information and will contact you with alternative times.",
    "date_unavailable": "Sorry, this date is no longer available. We've saved your information "
                        "and will contact you with alternative dates.",
    "booking_failed": "Sorry, there was an error submitting your booking. Please try again or "
                      "contact us directly."}
MESSAGES["booking_error"] = MESSAGES["booking_failed"]

SLOT_ERROR = {"detail": "Slot already booked"}


def contacts_of(person, phone=True, email=True):
    return [{"channel": channel, "handle_or_address": handle, "verified": False}
            for channel, handle, is_given in (("SMS", person.phone, phone),
                                              ("EMAIL", person.email, email)) if is_given]


def structure(person, **context):
    """The body that seed 003's page sends."""
    return {"source": "BOOKING_FAILED", "contacts": contacts_of(person),
            "context": {**SEED_CONTEXT, **context}, **SEED_UTM}


def form_of(person, **fields):
    """The raw booking form."""
    return {"name": person.name, "phone": person.phone, "email": person.email,
            "preferred_date": "2025-11-15", "preferred_time": "6PM", "guest_count": 10,
            "address": "123 Main St", "city": "Beverly Hills", "state": "CA", "zip_code": "90210",
            **fields}


def raw(person, error=None, form=None, **members):
    """The raw form and its error; what is None is left out."""
    body = {"source": "BOOKING_FAILED", "form": form_of(person, **(form or {})),
            "error": SLOT_ERROR if error is None else error, **members}
    body["form"] = {name: value for name, value in body["form"].items() if value is not None}
    return body


def fail(api, body, expect=201, **how):
    """Reports a failure; the answer's JSON."""
    return api.call("POST", LEADS, body, expect, **how).json()
