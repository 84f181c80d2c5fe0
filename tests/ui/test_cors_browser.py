"""Row B-65 of the acceptance list in a real browser: a page of another origin calls track-event.

SPDX-License-Identifier: MIT
"""
import json

import pytest

from support.api import TRACK, Person
from support.poll import until

FETCH = """
const [url, body, done] = arguments;
fetch(url, {method: 'POST', body: body, headers: {
    'Authorization': 'Bearer anon', 'apikey': 'anon', 'Content-Type': 'application/json',
    'x-client-info': 'supabase-js/2.109.0; runtime=web'}})
  .then(async r => done({
      status: r.status, id: r.headers.get('X-Request-Id'), body: await r.json()}))
  .catch(error => done({failed: String(error)}));
"""


def fetch(svc, browser, body, path=TRACK):
    url = f"http://localhost:{svc.service.port}{path}"
    return browser.execute_async_script(FETCH, url, json.dumps(body))


def event(person):
    return {"event_type": "page.viewed", "customer": person.customer("email")}


@pytest.mark.parametrize("path", [TRACK, "/functions/v1/make-server-b43c05fb/track-event"])
def test_b65_a_call_with_the_four_headers_is_readable(svc, browser, person, path):
    seen = fetch(svc, browser, event(person), path)
    assert seen["status"] == 200, seen
    assert seen["body"]["contact_id"] == svc.lookup(email=person.email)["id"]
    assert seen["id"], "X-Request-Id is exposed"


def test_b65_an_error_answer_is_readable(svc, browser):
    seen = fetch(svc, browser, {"event_type": 5})
    assert seen["status"] == 422, seen
    assert seen["body"]["success"] is False and isinstance(seen["body"]["error"], str)
    seen = fetch(svc, browser, {}, "/make-server-b43c05fb/no-such-thing")
    assert seen["status"] == 404 and seen["body"]["success"] is False


BEACON = """
const [url, body, type] = arguments;
return navigator.sendBeacon(url, type ? new Blob([body], {type: type}) : body);
"""


@pytest.mark.parametrize("label", ["application/json", "text/plain", None])
def test_b65_a_beacon_arrives(svc, browser, person, label):
    url = f"http://localhost:{svc.service.port}{TRACK}"
    assert browser.execute_script(BEACON, url, json.dumps(event(person)), label) is True
    found = f"/v1/contacts/lookup?email={person.email}"
    until("the beacon has arrived", lambda: svc.call("GET", found).status == 200)
    assert svc.lookup(email=person.email)["activity_count"] == 1


def test_b65_a_beacon_sent_while_leaving_the_page_arrives(svc, browser, page):
    person = Person()
    url = f"http://localhost:{svc.service.port}{TRACK}"
    browser.execute_script(
        """
        const [url, body] = arguments;
        const blob = new Blob([body], {type: 'application/json'});
        addEventListener('pagehide', () => navigator.sendBeacon(url, blob));
        """, url, json.dumps(event(person)))
    browser.get(page + "elsewhere")
    found = f"/v1/contacts/lookup?email={person.email}"
    until("the beacon has arrived", lambda: svc.call("GET", found).status == 200)
