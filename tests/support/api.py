"""The service as its callers know it: events in, contacts, timelines and tasks out.

SPDX-License-Identifier: MIT
"""
import itertools
import json
import os
from urllib.parse import quote, urlencode

from support.keys import key

TRACK = "/make-server-b43c05fb/track-event"
NUMBERS = itertools.count(1)


class Person:
    """Somebody whom no other test knows: customer id, e-mail and phone of their own."""

    def __init__(self):
        n = next(NUMBERS) * 10000 + os.getpid() % 10000
        self.id = f"user-{n}"
        self.email = f"person{n}@example.com"
        self.phone = f"+1555{n:010d}"
        self.first_name, self.last_name = "Pat", f"Person{n}"
        self.name = f"{self.first_name} {self.last_name}"

    def customer(self, *members, **others):
        """The customer object of an event: only the named members, all four when none is named."""
        names = members or ("id", "email", "name", "phone")
        return {**{name: getattr(self, name) for name in names}, **others}


class Api:
    """One service and its Redis, with the calls that tests repeat."""

    def __init__(self, service, redis_server):
        self.service = service
        self.redis = redis_server

    def call(self, method, path, body=None, expect=None, **how):
        answer = self.service.client.call(method, path, body, **how)
        assert expect is None or answer.status == expect, answer
        return answer

    def get(self, path, expect=200, headers=None, at=None, **query):
        """The JSON of a GET; query values that are None are left out."""
        asked = {name: value for name, value in query.items() if value is not None}
        url = path + ("?" + urlencode(asked) if asked else "")
        return self.call("GET", url, expect=expect, headers=headers, at=at).json()

    def event(self, event_type, who=None, data=None, expect=200, path=TRACK, headers=None, at=None,
              **members):
        """Posts an event and gives the answer's JSON. who: a Person or a customer object; data: an
        object, or its JSON text where the bytes matter."""
        customer = who.customer() if isinstance(who, Person) else who
        body = {"event_type": event_type, "customer": customer, **members}
        parts = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in body.items()
                 if value is not None]
        if data is not None:
            parts.append('"event_data":' + (data if isinstance(data, str) else json.dumps(data)))
        text = "{" + ",".join(parts) + "}"
        return self.call("POST", path, text, expect, headers=headers, at=at).json()

    def contact(self, contact_id):
        return self.get(f"/v1/contacts/{contact_id}")

    def lookup(self, expect=200, **identity):
        return self.get("/v1/contacts/lookup", expect, **identity)

    def pages(self, path, **query):
        """The pages of a list, each as its answer's JSON, by cursor."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, **query)
            assert page["has_more"] == (page["next_cursor"] is not None), page
            yield page
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def list(self, path, **query):
        """All records of a list."""
        query.setdefault("limit", 200)
        return [record for page in self.pages(path, **query) for record in page["data"]]

    def timeline(self, contact_id, **query):
        return self.list(f"/v1/contacts/{contact_id}/timeline", **query)

    def newest(self, contact_id, event_type=None):
        """The newest activity of a contact (of a type)."""
        return self.get(f"/v1/contacts/{contact_id}/timeline", limit=1, type=event_type)["data"][0]

    def tasks(self, contact_id=None, state="all", **query):
        return self.list("/v1/tasks", contact_id=contact_id, state=state, **query)

    def settings(self, **values):
        return self.call("PATCH", "/v1/settings", values, expect=200).json()

    def hash(self, name, rest=None):
        """A hash in Redis by its row of keys.def."""
        return self.redis.text.hgetall(key(name, rest))

    def identities(self, kind, contact_id):
        """Values of the index keys of a kind ("EMAIL", …) that lead to a contact, by a scan."""
        start = key(f"CONTACT_{kind}", "")
        keys = list(self.redis.text.scan_iter(match=start.replace("[", "\\[") + "*", count=1000))
        return sorted(name[len(start):] for name in keys if self.redis.text.get(name) == contact_id)


def bare(contact_id):
    """The 13 characters of a contact id, as in keys."""
    assert contact_id.startswith("contact_")
    return contact_id[len("contact_"):]


def path_of(path, **query):
    return path + "?" + urlencode(query, quote_via=quote)
