"""Visitors as the service meets them: calls of a browser with its cookies.

SPDX-License-Identifier: MIT
"""
import re

MADE = re.compile(r"^sess_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
COOKIE = re.compile(r"^kvcrm_sid=([^;]+)((?:; [^;]+)*)$")


class Browser:
    """A browser on a site whose service is `api`: it keeps the cookie it gets."""

    def __init__(self, api, **headers):
        self.api = api
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.cookie = None  # the session's id
        self.rules = None   # what else the cookie says, as a set

    def post(self, path, body, expect, at=None, **headers):
        sent = {**self.headers, **{n.replace("_", "-"): v for n, v in headers.items()}}
        if self.cookie:
            sent["cookie"] = f"theme=dark; kvcrm_sid={self.cookie}; lang=en"
        answer = self.api.call("POST", path, body, expect, headers=sent, at=at)
        told = answer.header("set-cookie")
        if told:
            self.cookie, rules = COOKIE.match(told).groups()
            self.rules = set(rules.split("; ")[1:])
        return answer.json()

    def event(self, event_type="page.viewed", data=None, expect=200, at=None, headers=None,
              **members):
        body = {"event_type": event_type, "event_data": data, **members}
        return self.post("/v1/events", body, expect, at, **(headers or {}))

    def interaction(self, kind="package_inquiry", expect=201, at=None, headers=None,
                    path="/api/interactions", **members):
        return self.post(path, {"interaction_type": kind, **members}, expect, at, **(headers or {}))


def session_of(api, session_id, expect=200, **how):
    return api.get(f"/v1/sessions/{session_id}", expect, **how)


def done_in(session):
    """The types of a session's interactions, oldest first."""
    return [row["interaction_type"] for row in session["interactions"]]
