"""Fixtures: a service with its own Redis for a test or for a file of tests.

    svc           one service for the tests of a file; each uses people of its own
    own           a service over an empty Redis, for tests that look at totals
    make_service  more services, with options; make_redis: more Redis servers, with settings

Whenever a Redis is given back its database is scanned: a key that no row of keys.def explains fails
the test (or the file's last one); and a run of everything fails for a row that nothing has written.
A failed test shows the last lines of every service and Redis it ran.

SPDX-License-Identifier: MIT
"""
import os

import pytest
import redis

from support import keys
from support.api import Api, Person
from support.redis_server import RedisServer, tail
from support.service import BINARY, Service

SEEN_ROWS = set()  # of keys.def, in this process and (in the controller of -n) in its workers


def give_back(server):
    """Audits a database that a test is done with."""
    try:
        seen, faults = keys.audit(server)
    except redis.RedisError:
        return
    SEEN_ROWS.update(seen)
    assert not faults, "\n".join(faults)


def emptied(server):
    server.raw.flushall()
    return server


@pytest.fixture(scope="session")
def _binary():
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"{BINARY} is not there: build it first, or set KVCRM_BIN", 2)


@pytest.fixture(scope="session")
def _own_redis(_binary):
    server = RedisServer().start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def _file_redis(_binary):
    server = RedisServer().start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def svc(_file_redis):
    """A service that the tests of a file share."""
    service = Service(emptied(_file_redis).url)
    try:
        yield Api(service.start(), _file_redis)
        give_back(_file_redis)
    finally:
        service.close()


@pytest.fixture
def make_service(_binary):
    """make_service(redis_url, *options, ready=True, **how): services, ended with the test."""
    services = []

    def make(redis_url, *options, ready=True, **how):
        services.append(Service(redis_url, *options, **how))
        return services[-1].start(ready)

    yield make
    for service in services:
        service.close()


@pytest.fixture
def make_redis():
    """make_redis(start=True, **settings): Redis servers of this test alone."""
    servers = []

    def make(start=True, **settings):
        servers.append(RedisServer(**settings))
        return servers[-1].start() if start else servers[-1]

    yield make
    for server in servers:
        try:
            if server.is_alive():
                server.thaw()
                give_back(server)
        finally:
            server.close()


@pytest.fixture
def make_own(_own_redis, make_service):
    """make_own(*options): a service with options over an empty Redis."""
    emptied(_own_redis)
    yield lambda *options, **how: Api(make_service(_own_redis.url, *options, **how), _own_redis)
    give_back(_own_redis)


@pytest.fixture
def own(make_own):
    return make_own()


@pytest.fixture
def person():
    return Person()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for thing in (*Service.live, *RedisServer.live):
            name = os.path.basename(thing.log)
            report.sections.append((f"{name} (last lines)", tail(thing.log)))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    SEEN_ROWS.update(getattr(node, "workeroutput", {}).get("seen_rows", ()))


def runs_everything(config):
    asked = {os.path.abspath(argument) for argument in config.args}
    narrowed = config.option.keyword or config.option.markexpr or config.option.maxfail
    return asked == {os.path.dirname(os.path.abspath(__file__))} and not narrowed


def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["seen_rows"] = sorted(SEEN_ROWS)
    elif exitstatus == 0 and runs_everything(config):
        missing = [row.prefix for row in keys.ROWS if row.name not in SEEN_ROWS]
        if missing:
            print("\nrows of keys.def that no test has written:", ", ".join(missing))
            session.exitstatus = 1
