"""Fixtures of the scripts' tests.

    ws    an empty Redis as a workspace; at the end keys.def must explain every key in it
    crm   the same, and at the end fsck_check finds no fault: for what scripts alone have written

SPDX-License-Identifier: MIT
"""
import pytest

from support import keys
from support.scripts import Workspace


@pytest.fixture
def ws(_own_redis):
    workspace = Workspace(_own_redis).emptied()
    yield workspace
    _, faults = keys.audit(_own_redis)
    assert not faults, "\n".join(faults)


@pytest.fixture
def crm(ws):
    yield ws
    assert not ws.faults()
