"""Slots, holds and the waitlist as their callers use them.

SPDX-License-Identifier: MIT
"""
from urllib.parse import quote

from support.seed_000 import Visitor, contact_of

SLOTS, WAITLIST = "/v1/slots", "/v1/waitlist"
DATE, TIME = "2025-11-15", "6PM"


def feed(api, *slots, expect=200, **how):
    """Feeds slots: (date, time, capacity, …more members as a dict) or whole objects."""
    return api.call("PUT", SLOTS, {"slots": list(slots)}, expect, **how).json()


def slot(date=DATE, time=TIME, capacity=1, **members):
    return {"date": date, "time": time, "capacity": capacity, **members}


def path_of(date=DATE, time=TIME):
    return f"{SLOTS}/{quote(f'{date}.{time}', safe='')}"


def of(api, date=DATE, time=TIME, at=None):
    """The slot as it is listed; None when it is not."""
    found = [one for one in api.get(SLOTS, date=date, limit=200, at=at)["data"]
             if one["time"] == time]
    return found[0] if found else None


def hold(api, date=DATE, time=TIME, expect=201, at=None, headers=None, **members):
    return api.call("POST", path_of(date, time) + "/hold", members, expect, at=at,
                    headers=headers).json()


def unhold(api, token, date=DATE, time=TIME, expect=200, at=None):
    return api.call("DELETE", f"{path_of(date, time)}/hold", {"hold_token": token}, expect,
                    at=at).json()


def lead_of(api, person, at=None):
    """The UUID of a lead of somebody, with contact details."""
    return Visitor(api).track(contact_of(person), eventName="Wedding", at=at)["uuid"]


def wait_for(api, lead, date=DATE, time=TIME, expect=201, at=None, headers=None):
    return api.call("POST", WAITLIST, {"lead_id": lead, "date": date, "time": time}, expect, at=at,
                    headers=headers).json()


def line(api, date=DATE, time=TIME, **query):
    """The leads that wait for a slot, in line."""
    return [one["lead_id"] for one in api.list(WAITLIST, date=date, time=time, **query)]


def told(api, **query):
    """The leads that were told, newest first."""
    return [one["lead_id"] for one in api.list(WAITLIST, status="notified", **query)]
