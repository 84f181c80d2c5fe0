"""The real supabase-js, from npm, as a caller of track-event.

SPDX-License-Identifier: MIT
"""
import json
import os
import subprocess
from pathlib import Path

import pytest

from support.api import Person
from support.service import ROOT

PACKAGE = "@supabase/supabase-js@2.109.0"
PREFIX = Path(ROOT) / "build/npm/supabase"
SCRIPT = Path(ROOT) / "tests/http/supabase_invoke.cjs"


def called(*command, **environment):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, **environment})


@pytest.fixture(scope="module")
def node_path():
    modules = PREFIX / "node_modules"
    installed = modules / "@supabase/supabase-js/package.json"
    if not installed.exists():
        PREFIX.mkdir(parents=True, exist_ok=True)
        done = called("npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix",
                      str(PREFIX), PACKAGE)
        assert done.returncode == 0, done.stderr
    return str(modules)


@pytest.fixture
def seen(own, node_path):
    """What the caller sees of each call: (the calls' results, the person, the api)."""
    person = Person()
    done = called("node", str(SCRIPT), f"http://127.0.0.1:{own.service.port}", person.email,
                  NODE_PATH=node_path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), person, own


def test_supabase_js_reads_every_answer(seen):
    results, person, api = seen
    ids = set()
    for name in ("object", "string", "blob", "buffer", "form", "region"):
        data = results[name]["data"]
        assert data["success"] is True and data["message"] == "Event tracked successfully", name
        ids.add(data["contact_id"])
    assert ids == {api.lookup(email=person.email)["id"]}
    contact = api.lookup(email=person.email)
    assert (contact["total_bookings"], contact["activity_count"]) == (5, 6)
    assert results["anonymous"]["data"]["ignored"] == "anonymous"
    assert results["health"]["data"] == {"status": "ok"}
    for name, fields in (("faulty", {"event_type", "customer.email"}), ("nothing", {"event_type"})):
        error = results[name]
        assert error["http"] and error["error"] == "Edge Function returned a non-2xx status code"
        assert error["status"] == 422 and isinstance(error["body"]["error"], str)
        assert {fault["field"] for fault in error["body"]["errors"]} == fields
    assert results["missing"]["http"] and results["missing"]["status"] == 404
    assert results["missing"]["body"]["success"] is False
