"""Leads as the admins of seed 004 work with them.

SPDX-License-Identifier: MIT
"""
from support.seed_003 import LEADS as CAPTURE, structure

ADMIN, LEADS = "/api/admin/leads", "/v1/leads"
STATS = f"{ADMIN}/stats"


def new_lead(api, person, at=None, source=None, **context):
    """A lead of a person: a failed booking, or of another source. Its JSON."""
    body = structure(person, **context)
    if source:
        body = {"source": source, "contacts": body["contacts"]}
    return api.call("POST", CAPTURE, body, 201, at=at).json()


def admin_view(api, lead_id):
    return api.get(f"{ADMIN}/{lead_id}")


def convert(api, lead_id, student_id, expect=200, **how):
    """By the admins' path; the answer's JSON."""
    return api.call("POST", f"{ADMIN}/{lead_id}/convert", {"student_id": student_id}, expect,
                    **how).json()


def put_aside(api, lead_id, expect=200, hard=False, **how):
    path = f"{ADMIN}/{lead_id}" + ("?hard=true" if hard else "")
    return api.call("DELETE", path, expect=expect, **how).json()


def bulk(api, action, ids, expect=200, path=f"{ADMIN}/bulk", headers=None, **members):
    return api.call("POST", path, {"action": action, "ids": ids, **members}, expect,
                    headers=headers).json()


def stats(api, **query):
    """(total, active, converted, unconverted, rate)"""
    found = api.get(STATS, **query)
    assert list(found) == ["total_leads", "active_leads", "converted_leads", "unconverted_leads",
                           "conversion_rate"]
    return tuple(found.values())
