"""Row X-11 of the acceptance list: two workspaces on one Redis share nothing.

SPDX-License-Identifier: MIT
"""
import pytest

from support.api import TRACK, Person
from support.keys import WHOLE_DATABASE, key, row_of
from support.redis_server import CLUSTER
from support.seed_001 import EVENT_TYPES
from support.service import run
from support.stored import assert_sound

ACME = "{acme}"


@pytest.fixture
def default(make_own):
    return make_own()


@pytest.fixture
def acme(default, make_own):
    """The second service: it starts after the first, over the same Redis (which make_own does not
    empty again)."""
    return make_own("--workspace", "acme")


def fill(api, who):
    """Every type of event, with ids that are the same in each call: the answers by type."""
    return {event_type: api.event(
        event_type, who, {"vehicle_name": "Camry", "location": "Airport", "total_amount": 5,
                          "booking_id": "b1"}, event_id=f"evt-{event_type}",
        headers={"Idempotency-Key": f"key-{event_type}"}) for event_type in EVENT_TYPES}


def names(redis, workspace=None):
    """The names of all keys of a workspace; those of the whole database are in none."""
    return {name for name in redis.text.scan_iter(count=1000)
            if row_of(name).name not in WHOLE_DATABASE
            and (ACME in name) == (workspace == "acme")}


def test_x11_the_same_person_and_the_same_ids_are_two_records(default, acme, person):
    ours, theirs = fill(default, person), fill(acme, person)
    assert all(ours[name] != theirs[name] for name in ours), "an answer was repeated"
    assert [api.lookup(email=person.email)["activity_count"] for api in (default, acme)] == [
        len(EVENT_TYPES)] * 2
    for identity in ({"email": person.email}, {"phone": person.phone}, {"customer_id": person.id}):
        assert default.lookup(**identity)["id"] != acme.lookup(**identity)["id"]
    again = acme.event("page.viewed", person, event_id="evt-customer.login")
    assert again == theirs["customer.login"], "its own ids are remembered"


def test_x11_an_id_of_one_workspace_is_nobodys_in_the_other(default, acme, person):
    """Both begin with contact number 1."""
    made = [fill(api, person)["booking.abandoned"] for api in (default, acme)]
    for api, other in ((default, made[1]), (acme, made[0])):
        for path in (f"/v1/contacts/{other['contact_id']}", f"/v1/tasks/{other['task_id']}",
                     f"/v1/contacts/{other['contact_id']}/timeline"):
            api.call("GET", path, expect=404)
        assert api.tasks(other["contact_id"]) == []


def test_x11_lists_and_counters_know_their_own_workspace_only(default, acme):
    for api, count in ((default, 3), (acme, 5)):
        for _ in range(count):
            api.event("booking.completed", Person(), {"total_amount": count})
    for api, count in ((default, 3), (acme, 5)):
        assert len(api.list("/v1/contacts")) == len(api.tasks()) == count
        assert len(api.list("/v1/contacts", sort="-total_revenue")) == count
        overview = api.get("/v1/analytics/overview")
        assert (overview["contacts"]["total"], overview["revenue"]) == (count, count * count)
        cursor = api.get("/v1/contacts", limit=1)["next_cursor"]
        other = acme if api is default else default
        answer = other.call("GET", f"/v1/contacts?limit=1&cursor={cursor}", expect=400)
        assert answer.json()["code"] == "bad_cursor"


def test_x11_every_key_carries_its_workspace(default, acme, person):
    fill(default, person)
    before = {name: default.redis.raw.dump(name) for name in names(default.redis)}
    fill(acme, person)
    acme.settings(currency="EUR")
    default.settings(currency="EUR")
    ours, theirs = names(default.redis), names(default.redis, "acme")
    settings = {key("SETTINGS"), key("WS"), key("FEED")}
    assert {name: default.redis.raw.dump(name) for name in before if name not in settings} == {
        name: value for name, value in before.items() if name not in settings}
    assert {row_of(name).name for name in ours} == {row_of(name).name for name in theirs}
    assert len(ours) == len(theirs) > 30
    for name in ours:
        assert ("{default}" in name) == CLUSTER and ("{" in name) == CLUSTER, name
    for name in theirs:
        assert name.count("{") == 1, name


def test_x11_settings_are_a_workspaces_own(default, acme):
    acme.settings(currency="JPY", strict_events=True)
    assert acme.get("/v1/settings")["settings"]["currency"] == "JPY"
    assert default.get("/v1/settings") == {**default.get("/v1/settings"), "version": 0}
    assert default.get("/v1/settings")["settings"]["currency"] == "USD"
    default.event("something.else", Person())
    acme.event("something.else", Person(), expect=422)
    default.settings(currency="EUR")
    acme.service.kill()
    acme.service.start()
    assert acme.get("/v1/settings")["settings"]["currency"] == "JPY"


def test_x11_each_workspace_is_sound_by_itself(default, acme, person):
    fill(default, person)
    fill(acme, person)
    acme.event("page.viewed", Person())
    assert_sound(default)
    code, output, errors = run("fsck", "--redis", acme.redis.url, "--workspace", "acme")
    assert code == 0 and "2 contacts" in output and " 0 faults" in output, output + errors


@pytest.mark.parametrize("name", ["Acme", "a_b", "a b", "{acme}", "é", "a" * 33, "*"])
def test_x11_a_name_that_fits_no_key_is_refused_at_the_start(name):
    for command in ("serve", "fsck"):
        code, output, errors = run(command, "--workspace", name, "--redis", "unix:///nowhere")
        assert (code, output) == (2, "")
        assert errors == "kvcrm: --workspace: expected 1 to 32 characters of a-z, 0-9 and -\n"


def test_x11_default_is_the_name_of_the_workspace_without_a_tag(default, make_own, person):
    contact_id = default.event("page.viewed", person)["contact_id"]
    assert make_own("--workspace", "default").lookup(email=person.email)["id"] == contact_id


def test_x11_ids_of_requests_are_remembered_by_workspace(default, acme, person):
    """The same key with another body is a mistake in one workspace, and none in two."""
    for api, amount in ((default, 1), (acme, 2)):
        body = {"event_type": "booking.completed", "customer": person.customer(),
                "event_data": {"total_amount": amount}}
        answer = api.call("POST", TRACK, body, 200, headers={"Idempotency-Key": "order-1"})
        assert answer.header("idempotent-replayed") is None
        assert api.lookup(email=person.email)["total_revenue"] == amount
