"""Row B-65 of the acceptance list in a real browser: a page of another origin calls track-event.

SPDX-License-Identifier: MIT
"""
import http.server
import json
import shutil
import tempfile
import threading

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service as Driver

from support.api import TRACK, Person
from support.poll import until

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage")


class Page(http.server.BaseHTTPRequestHandler):
    """An empty page, whatever is asked for."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>shop</title>")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def page():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def chromium():
    profile = tempfile.mkdtemp(prefix="kvcrm-chromium-")
    options = Options()
    options.binary_location = shutil.which("chromium")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(service=Driver(shutil.which("chromedriver")), options=options)
    driver.set_script_timeout(20)
    yield driver
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def browser(chromium, page):
    chromium.get(page)
    return chromium


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
