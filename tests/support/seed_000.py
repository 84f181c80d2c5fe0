"""The booking form as its visitors fill it in and as its admins see it.

SPDX-License-Identifier: MIT
"""
import itertools

from support.client import Client

TRACKING, SUBMIT = "/api/bookings/tracking", "/api/bookings"
LEADS, BOOKINGS = "/api/admin/leads", "/api/admin/bookings"

STEP_1 = {"eventType": "Wedding", "eventName": "Sofia & Karim", "eventDate": "2026-05-01"}
STEP_2 = {"selectedPackId": "gold", "packName": "Gold"}
EXTRAS = {"clientEmail": "sofia@example.com", "timeSlot": "evening", "message": "Hello"}
# The ten fields of the document.
FIELDS = (*STEP_1, *STEP_2, "clientName", "clientPhone", *EXTRAS)

ADDRESSES = itertools.count()


def fresh_address():
    """A loopback address that no other visitor comes from."""
    n = next(ADDRESSES)
    return f"127.10.{n // 250}.{n % 250 + 1}"


def contact_of(person):
    """The two fields that make a lead of a visitor."""
    return {"clientName": person.name, "clientPhone": person.phone}


class Visitor:
    """Somebody at the form: at an address of their own, with a session when one is given."""

    def __init__(self, api, address=None, session=None):
        self.address = address or fresh_address()
        self.session = session
        self.client = Client(api.service.client.address, timeout=60, source=self.address)

    def post(self, path, body, expect=None, headers=None, at=None):
        if self.session is not None and isinstance(body, dict):
            body = {"sessionId": self.session, **body}
        answer = self.client.call("POST", path, body, headers=headers, at=at)
        assert answer.status == expect if expect else answer.status < 300, answer
        return answer

    def track(self, *parts, expect=None, headers=None, at=None, **members):
        """A partial call with the members of all parts; the answer's JSON."""
        body = {name: value for part in (*parts, members) for name, value in part.items()}
        return self.post(TRACKING, body, expect, headers, at).json()

    def submit(self, *parts, expect=None, headers=None, at=None, **members):
        body = {name: value for part in (*parts, members) for name, value in part.items()}
        return self.post(SUBMIT, body, expect, headers, at).json()


def leads(api, **query):
    """The rows of the admins' list; include="anonymous" for all records."""
    return api.get(LEADS, **{"limit": 1000, **query})


def ids(api, **query):
    return [row["id"] for row in leads(api, **query)]


def row(api, lead_id, **query):
    """The row of a lead in the list; None when it is not there."""
    found = [one for one in leads(api, **query) if one["id"] == lead_id]
    assert len(found) <= 1, found
    return found[0] if found else None


def lead(api, lead_id, at=None):
    return api.get(f"{LEADS}/{lead_id}", at=at)


def total(api, **query):
    """X-Total-Count of the list."""
    path = LEADS + "?" + "&".join(f"{name}={value}" for name, value in query.items())
    return int(api.call("GET", path, expect=200).header("x-total-count"))


def decide(api, lead_id, status, expect=200, **how):
    """An admin's decision; the answer's JSON."""
    return api.call("PATCH", f"{BOOKINGS}/{lead_id}", {"status": status}, expect, **how).json()


def faults(answer):
    """{field: code} of a 422."""
    assert answer.status == 422, answer
    body = answer.json()
    assert body["success"] is False and isinstance(body["error"], str) and body["error"]
    assert body["code"] == "validation", body
    return {fault["field"]: fault["code"] for fault in body["errors"]}
