"""Fixtures of the store's tests: drivers, servers, certificates.

They run under ctest, which names the driver to test (plain or with sanitizers) in
KVCRM_STORE_DRIVER; without it nothing here is collected.

SPDX-License-Identifier: MIT
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

if "KVCRM_STORE_DRIVER" not in os.environ:
    collect_ignore_glob = ["test_*.py"]
else:
    from driver import Driver
    from proxy import Proxy
    from support.redis_server import RedisServer


@pytest.fixture
def server():
    """A private redis-server on a unix socket, and on a TCP port."""
    it = RedisServer(tcp=True).start()
    yield it
    it.close()


@pytest.fixture
def make_server():
    servers = []

    def make(**settings):
        servers.append(RedisServer(**settings))
        return servers[-1]

    yield make
    for it in servers:
        it.close()


@pytest.fixture
def make_driver():
    """make_driver(url, *options): a started driver; at the end each must have left cleanly."""
    drivers = []

    def make(url, *options, **how):
        drivers.append(Driver(url, *options, **how))
        return drivers[-1]

    yield make
    for it in drivers:
        it.close()


@pytest.fixture
def make_proxy():
    """make_proxy(socket path of a server): a proxy that tampers with what passes."""
    proxies = []

    def make(target):
        proxies.append(Proxy(target))
        return proxies[-1]

    yield make
    for it in proxies:
        it.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        report.sections.extend(("a driver", driver.told()) for driver in Driver.live)
