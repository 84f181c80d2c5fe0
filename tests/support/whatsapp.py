"""The WhatsApp webhook as its callers use it: plain JSON, Meta's Cloud API, Twilio; and how they
sign.

SPDX-License-Identifier: MIT
"""
import base64
import hashlib
import hmac
import itertools
import json
from pathlib import Path
from urllib.parse import urlencode

from support.service import ROOT

WHATSAPP, TWILIO = "/api/webhook/whatsapp", "/api/webhook/twilio"
LEADS = "/api/admin/leads"
FIXTURES = Path(ROOT) / "tests/fixtures/webhooks"
SECRETS = json.loads((FIXTURES / "secrets.json").read_text())
PUBLIC_URL = SECRETS["twilio_url"].removesuffix(TWILIO)
FORM = "application/x-www-form-urlencoded; charset=UTF-8"

IDS = itertools.count(1)


def digits(person):
    """A person's WhatsApp id."""
    return person.phone[1:]


# Plain --------------------------------------------------------------------------------------------


def plain(person, message="Hi", name=None, **members):
    body = {"phone_number": person.phone, "message": message, "sender_name": name, **members}
    return {member: value for member, value in body.items() if value is not None}


def write(api, person, message="Hi", name=None, at=None, expect=200, **members):
    """A plain message; the answer's JSON."""
    return api.call("POST", WHATSAPP, plain(person, message, name, **members), expect, at=at).json()


# Meta ---------------------------------------------------------------------------------------------


def text(person, body="Hi", at=None, message_id=None, **members):
    """A message as Meta has it; at: ms."""
    return {"from": digits(person), "id": message_id or f"wamid.{next(IDS)}",
            "timestamp": str((at or 0) // 1000), "type": "text", "text": {"body": body}, **members}


def meta(*messages, names=None, field="messages", **value):
    """A post of Meta; names: {WhatsApp id: name}."""
    contacts = [{"wa_id": wa_id, "profile": {"name": name}}
                for wa_id, name in (names or {}).items()]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{
        "field": field, "value": {"messaging_product": "whatsapp", "contacts": contacts,
                                  "messages": list(messages), **value}}]}]}


def hub_signature(body, secret=SECRETS["meta_app_secret"]):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


# Twilio -------------------------------------------------------------------------------------------


def form(person, body="Hi", **fields):
    return {"From": "whatsapp:" + person.phone, "WaId": digits(person), "Body": body,
            "MessageSid": f"SM{next(IDS):032}", "SmsStatus": "received", "NumMedia": "0", **fields}


def twilio_signature(fields, url=PUBLIC_URL + TWILIO, token=SECRETS["twilio_auth_token"]):
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest())


def post_form(api, fields, expect=200, path=TWILIO, at=None, **headers):
    return api.call("POST", path, urlencode(fields), expect, at=at,
                    headers={"Content-Type": FORM, **headers})


# Captures -----------------------------------------------------------------------------------------


class Capture:
    """A request of tests/fixtures/webhooks."""

    def __init__(self, name):
        head, self.body = (FIXTURES / f"{name}.http").read_bytes().split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        self.method, self.path, _ = first.split(" ")
        pairs = (line.split(": ", 1) for line in lines)
        self.headers = {key: value for key, value in pairs if key not in ("Host", "Content-Length")}

    def send(self, api, body=None, path=None, **headers):
        """body, path, headers: instead of the capture's own; a header that is None is left out."""
        sent = {**self.headers, **headers}
        return api.call(self.method, path or self.path, (body or self.body) or None,
                        headers={name: value for name, value in sent.items() if value})


# What has come of it ------------------------------------------------------------------------------


def leads_of(api, person):
    """The rows of the admins' list that have the person's number."""
    return [row for row in api.get(LEADS, limit=1000) if row["phone_number"] == person.phone]


def lead_of(api, person):
    row, = leads_of(api, person)
    return row


def detail(api, lead_id, at=None):
    return api.get(f"{LEADS}/{lead_id}", at=at)
