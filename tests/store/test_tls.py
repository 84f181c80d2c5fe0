"""rediss://: whose certificate is good, under TLS 1.3 and 1.2, and how the connection then works.

SPDX-License-Identifier: MIT
"""
import pytest

from certificates import Authority
from support.poll import until
from support.redis_server import RedisServer, free_port

VERSIONS = ["TLSv1.3", "TLSv1.2"]


class Pki:
    """Our authority, a foreign one, and servers that show certificates for various names."""

    def __init__(self, directory):
        self.ours = Authority(directory, "ours")
        self.foreign = Authority(directory, "foreign")
        self.by_name = self.ours.issue("by-name", "DNS:localhost")
        self.by_address = self.ours.issue("by-address", "IP:127.0.0.1")
        self.other_name = self.ours.issue("other-name", "DNS:elsewhere.example")
        self.other_address = self.ours.issue("other-address", "IP:127.0.0.9")
        self.client = self.ours.issue("client", "DNS:client")
        self.foreign_client = self.foreign.issue("foreign-client", "DNS:client")


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


class TlsServer:
    def __init__(self, pki, certificate, version, clients="no"):
        self.port = free_port()
        self.redis = RedisServer(
            tls_port=self.port, tls_cert_file=certificate[0], tls_key_file=certificate[1],
            tls_ca_cert_file=pki.ours.certificate, tls_auth_clients=clients, tls_protocols=version)
        self.redis.start()

    def url(self, host, rest=""):
        return f"rediss://{rest}{host}:{self.port}"


@pytest.fixture
def make_tls(pki):
    servers = []

    def make(certificate, version, **how):
        servers.append(TlsServer(pki, certificate, version, **how))
        return servers[-1]

    yield make
    for it in servers:
        it.redis.close()


def refused_with(driver, reason):
    until("it is logged", lambda: reason in driver.logged())
    assert driver.batch("ping 3")["refused"] == 3
    assert "redis connected" not in driver.logged()


@pytest.mark.parametrize("version", VERSIONS)
def test_right_name_and_right_authority(version, pki, make_tls, make_driver):
    tls = make_tls(pki.by_name, version)
    driver = make_driver(tls.url("localhost"), "--redis-ca", pki.ours.certificate).usable()
    assert driver.batch("ping 2000")["ok"] == 2000
    assert driver.batch("call 500")["ok"] == 500
    tls.redis.text.set("crm_large", "x" * 3_000_000)
    assert driver.raw("GET crm_large").startswith("reply xxx")


@pytest.mark.parametrize("version", VERSIONS)
def test_right_address_and_right_authority(version, pki, make_tls, make_driver):
    tls = make_tls(pki.by_address, version)
    driver = make_driver(tls.url("127.0.0.1"), "--redis-ca", pki.ours.certificate).usable()
    assert driver.batch("call 50")["ok"] == 50


@pytest.mark.parametrize("version", VERSIONS)
def test_an_authority_that_we_do_not_trust(version, pki, make_tls, make_driver):
    tls = make_tls(pki.by_name, version)
    refused_with(make_driver(tls.url("localhost"), "--redis-ca", pki.foreign.certificate),
                 "TLS: ")


@pytest.mark.parametrize("version", VERSIONS)
def test_without_a_ca_file_the_systems_authorities_count(version, pki, make_tls, make_driver):
    tls = make_tls(pki.by_name, version)
    refused_with(make_driver(tls.url("localhost")), "TLS: ")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_certificate_for_another_name(version, pki, make_tls, make_driver):
    tls = make_tls(pki.other_name, version)
    refused_with(make_driver(tls.url("localhost"), "--redis-ca", pki.ours.certificate),
                 "hostname mismatch")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("shown", ["other_address", "by_name"])
def test_a_certificate_for_another_address(version, shown, pki, make_tls, make_driver):
    tls = make_tls(getattr(pki, shown), version)
    refused_with(make_driver(tls.url("127.0.0.1"), "--redis-ca", pki.ours.certificate),
                 "IP address mismatch")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_certificate_that_is_asked_for(version, pki, make_tls, make_driver):
    tls = make_tls(pki.by_name, version, clients="yes")
    options = ["--redis-ca", pki.ours.certificate, "--redis-cert", pki.client[0],
               "--redis-key", pki.client[1]]
    driver = make_driver(tls.url("localhost"), *options).usable()
    assert driver.batch("call 50")["ok"] == 50


def test_a_missing_client_certificate_is_hinted_at(pki, make_tls, make_driver):
    tls = make_tls(pki.by_name, "TLSv1.3", clients="yes")
    refused_with(make_driver(tls.url("localhost"), "--redis-ca", pki.ours.certificate),
                 "does the server want a client certificate?")


def test_a_missing_client_certificate_under_tls_1_2(pki, make_tls, make_driver):
    tls = make_tls(pki.by_name, "TLSv1.2", clients="yes")
    refused_with(make_driver(tls.url("localhost"), "--redis-ca", pki.ours.certificate), "TLS: ")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_certificate_of_another_authority(version, pki, make_tls, make_driver):
    tls = make_tls(pki.by_name, version, clients="yes")
    options = ["--redis-ca", pki.ours.certificate, "--redis-cert", pki.foreign_client[0],
               "--redis-key", pki.foreign_client[1]]
    refused_with(make_driver(tls.url("localhost"), *options), "redis not usable")


def test_plain_text_to_a_tls_port_and_tls_to_a_plain_one(pki, make_tls, make_driver, server):
    tls = make_tls(pki.by_name, "TLSv1.3")
    refused_with(make_driver(f"redis://localhost:{tls.port}"), "redis not usable")
    refused_with(make_driver(f"rediss://localhost:{server.port}", "--redis-ca",
                             pki.ours.certificate), "redis not usable")


def test_a_mute_peer_does_not_hold_the_handshake_for_ever(pki, make_proxy, server, make_driver):
    proxy = make_proxy(server.socket)
    proxy.fault = "mute"
    driver = make_driver(f"rediss://127.0.0.1:{proxy.port}", "--redis-ca", pki.ours.certificate)
    refused_with(driver, "connect timed out")


@pytest.mark.parametrize("version", VERSIONS)
def test_killed_and_frozen_under_load(version, pki, make_tls, make_driver):
    tls = make_tls(pki.by_name, version)
    driver = make_driver(tls.url("localhost"), "--redis-ca", pki.ours.certificate).usable()
    driver.tell("load 64")
    for _ in range(2):
        before = driver.metrics()["kvcrm_redis_commands_total"]
        until("the load runs",
              lambda: driver.metrics()["kvcrm_redis_commands_total"] > before + 500)
        tls.redis.kill()
        until("it is known", lambda: driver.state()["usable"] == 0)
        tls.redis.start()
        driver.usable()
    tls.redis.freeze()
    until("the freeze is noticed", lambda: driver.state()["usable"] == 0)
    tls.redis.thaw()
    driver.usable()
    got = driver.batch("stop")
    assert got["ok"] > 1000 and got["error"] == 0, got


def test_user_and_password_over_tls(pki, make_tls, make_driver):
    tls = make_tls(pki.by_name, "TLSv1.3")
    tls.redis.text.execute_command("ACL SETUSER", "app", "on", ">secret", "~*", "+@all")
    url = tls.url("localhost", "app:secret@")
    driver = make_driver(url, "--redis-ca", pki.ours.certificate).usable()
    assert driver.raw("ACL WHOAMI") == "reply app"


@pytest.mark.parametrize("options,names", [
    (["--redis-ca", "{nothing}"], ["--redis-ca"]),
    (["--redis-cert", "{certificate}"], ["--redis-cert", "--redis-key"]),
    (["--redis-cert", "{nothing}", "--redis-key", "{key}"], ["--redis-cert"]),
    (["--redis-cert", "{certificate}", "--redis-key", "{foreign}"], ["--redis-key"]),
])
def test_files_that_cannot_be_used_are_named(options, names, pki, tmp_path, make_driver):
    words = {"nothing": str(tmp_path / "nothing.pem"), "certificate": pki.client[0],
             "key": pki.client[1], "foreign": pki.foreign_client[1]}
    driver = make_driver("rediss://localhost:1", *(word.format(**words) for word in options))
    fault = driver.wait("fault ")
    assert all(name in fault for name in names), fault
