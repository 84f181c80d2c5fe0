"""Row D-74 of the acceptance list in a real browser: two pages of another origin race for the last
place of a slot, and the one that loses reports its failed booking.

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import Person
from support.poll import until
from support.seed_003 import LEADS, MESSAGES, form_of
from support.slots import feed, path_of, slot
from support.stored import assert_sound

# Waits for the word of another page, so that both begin in the same moment.
BOOK = """
const [service, path, form] = arguments;
const post = (path, body) => fetch(service + path, {
  method: 'POST', body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}});

async function book() {
  const held = await post(path + '/hold', {ttl_s: 300});
  if (held.status === 201) {
    document.body.textContent = 'Your place is held.';
    return;
  }
  const error = {detail: (await held.json()).detail};
  const lead = await post('/api/leads', {source: 'BOOKING_FAILED', form, error});
  document.body.textContent = (await lead.json()).user_message;
}
window.channel = new BroadcastChannel('race');
channel.onmessage = book;
"""
START = "new BroadcastChannel('race').postMessage('now');"


@pytest.fixture
def three_pages(browser, page):
    """Handles of tabs with the page; only the first is there after the test."""
    first = browser.current_window_handle
    tabs = [first]
    for _ in range(2):
        browser.switch_to.new_window("tab")
        browser.get(page)
        tabs.append(browser.current_window_handle)
    yield tabs
    for tab in tabs[1:]:
        browser.switch_to.window(tab)
        browser.close()
    browser.switch_to.window(first)


def shown(browser, tab):
    browser.switch_to.window(tab)
    return browser.execute_script("return document.body.textContent.trim();")


def test_d74_the_page_that_loses_the_race_for_a_place_becomes_a_lead(svc, browser, three_pages):
    feed(svc, slot(), slot(time="9PM"))
    starter, *pages = three_pages
    people = {tab: Person() for tab in pages}
    for tab, person in people.items():
        browser.switch_to.window(tab)
        browser.execute_script(BOOK, f"http://localhost:{svc.service.port}", path_of(),
                               form_of(person))
    browser.switch_to.window(starter)
    browser.execute_script(START)
    until("both pages have their answer", lambda: all(shown(browser, tab) for tab in pages))

    texts = {tab: shown(browser, tab) for tab in pages}
    assert sorted(texts.values()) == sorted(["Your place is held.", MESSAGES["slot_unavailable"]])
    loser = next(people[tab] for tab in pages if texts[tab] == MESSAGES["slot_unavailable"])
    made, = svc.get(LEADS)["data"]
    assert (made["source"], made["failure_reason"]) == ("BOOKING_FAILED", "slot_unavailable")
    assert {(contact["channel"], contact["handle_or_address"]) for contact in made["contacts"]} == {
        ("SMS", loser.phone), ("EMAIL", loser.email)}
    assert "slot_unavailable" in made["context"]["notes"]
    assert made["contact_id"] == svc.lookup(email=loser.email)["id"]
    assert_sound(svc)
