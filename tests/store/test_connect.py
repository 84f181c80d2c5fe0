"""How the store connects: addresses, credentials, database, what a connection does; its bounds.

SPDX-License-Identifier: MIT
"""
import glob
import os

import pytest

from support.poll import until
from support.redis_server import CLUSTER, free_port

SCRIPTS = glob.glob(os.path.join(os.path.dirname(__file__), "../../lua/*.lua"))


def loads(server):
    """SCRIPT LOADs that the server has answered."""
    stats = server.text.info("commandstats").get("cmdstat_script|load")
    return stats["calls"] if stats else 0


@pytest.mark.parametrize("form", ["unix://{socket}", "unix:{socket}", "{socket}",
                                  "redis://127.0.0.1:{port}", "redis://localhost:{port}/0"])
def test_it_connects_and_answers_by(form, server, make_driver):
    driver = make_driver(form.format(socket=server.socket, port=server.port)).usable()
    assert driver.batch("ping 1000")["ok"] == 1000
    assert driver.batch("call 100")["ok"] == 100
    state = driver.state()
    assert (state["usable"], state["healthy"], state["inflight"]) == (1, 1, 0)
    assert state["version"] == server.text.info("server")["redis_version"]


def test_a_name_is_tried_at_all_its_addresses(server, make_driver):
    # ::1 comes first in the lookup of localhost where the machine has it, and nobody listens there.
    driver = make_driver(f"redis://localhost:{server.port}").usable()
    assert driver.batch("ping 1")["ok"] == 1


def test_a_name_that_does_not_exist_is_a_clear_reason(make_driver):
    driver = make_driver("redis://no-such-host.invalid")
    until("it is logged", lambda: 'reason="host name: ' in driver.logged())
    assert driver.batch("ping 3")["refused"] == 3


def test_every_script_is_loaded_before_the_connection_counts(server, make_driver):
    before = loads(server)
    make_driver(server.url).usable()
    assert loads(server) - before == len(SCRIPTS) > 0


def test_the_connection_carries_our_name_and_the_database(server, make_driver):
    database = "" if CLUSTER else "?db=3"
    driver = make_driver(f"unix://{server.socket}{database}").usable()
    info = driver.raw("CLIENT INFO")
    assert " name=kvcrm " in info
    assert CLUSTER or " db=3 " in info


def test_a_database_that_does_not_exist_is_a_clear_reason(server, make_driver):
    driver = make_driver(f"unix://{server.socket}?db=99999")
    until("it is logged", lambda: 'reason="SELECT: ERR ' in driver.logged())
    assert driver.batch("ping 3")["refused"] == 3


def test_it_starts_without_redis_and_is_usable_soon_after_redis_is_there(make_server, make_driver):
    server = make_server()
    driver = make_driver(server.url)
    assert driver.batch("ping 5")["refused"] == 5
    assert driver.batch("call 5")["refused"] == 5
    until("it is logged", lambda: "No such file or directory" in driver.logged())
    server.start()
    driver.usable()
    assert driver.batch("ping 5")["ok"] == 5
    assert driver.logged().count("redis not usable") == 1
    assert driver.logged().count("redis connected") == 1


def test_a_refused_port_is_logged_once_and_not_per_attempt(make_driver, make_server):
    server = make_server(tcp=True)
    driver = make_driver(server.url)
    until("it is logged", lambda: "Connection refused" in driver.logged())
    server.start()
    driver.usable()
    assert len(driver.logged().splitlines()) <= 2, driver.logged()


@pytest.mark.parametrize("userinfo,options,env", [
    (":right@", [], {}),
    ("default:right@", [], {}),
    ("", [], {"KVCRM_REDIS_PASSWORD": "right"}),
    ("app:s%40cret@", [], {}),
    ("app@", [], {"KVCRM_REDIS_PASSWORD": "s@cret"}),
    ("", ["--redis-user", "app"], {"KVCRM_REDIS_PASSWORD": "s@cret"}),
])
def test_right_credentials(userinfo, options, env, server, make_driver):
    server.text.acl_setuser("app", enabled=True, passwords=["+s@cret"], keys=["*"],
                            categories=["+@all"])
    server.text.config_set("requirepass", "right")
    driver = make_driver(f"redis://{userinfo}127.0.0.1:{server.port}", *options, env=env).usable()
    assert driver.batch("call 10")["ok"] == 10
    assert "right" not in driver.logged() and "cret" not in driver.logged()


@pytest.mark.parametrize("userinfo,reason", [
    (":wrong@", "AUTH: WRONGPASS"), ("nobody:right@", "AUTH: WRONGPASS"), ("", "NOAUTH")])
def test_wrong_credentials_are_a_clear_reason(userinfo, reason, server, make_driver):
    server.text.config_set("requirepass", "right")
    driver = make_driver(f"redis://{userinfo}127.0.0.1:{server.port}")
    until("it is logged", lambda: reason in driver.logged())
    assert driver.batch("ping 3")["refused"] == 3
    server.text.config_set("requirepass", "")
    if not userinfo:
        driver.usable()


def test_a_user_that_may_neither_set_a_name_nor_ask_for_info_is_enough(server, make_driver):
    server.text.execute_command("ACL SETUSER", "app", "on", ">secret", "~crm_*", "-@all",
                                "+evalsha", "+script|load", "+ping", "+auth")
    driver = make_driver(f"redis://app:secret@127.0.0.1:{server.port}").usable()
    assert driver.batch("call 10")["ok"] == 10
    assert driver.raw("GET crm_x").startswith("reply (error redis_unavailable) NOPERM")
    assert driver.state()["version"] == ""


@pytest.mark.skipif(CLUSTER, reason="is clustered anyway")
def test_a_cluster_enabled_server_is_noticed(make_server, make_driver):
    server = make_server(cluster_enabled="yes", cluster_port=free_port()).start()
    assert make_driver(server.url).usable().state()["cluster"] == 1


def test_only_boot_commands_are_taken_before_the_owner_says_usable(server, make_driver):
    driver = make_driver(server.url, "--no-usable")
    driver.wait("connected")
    assert driver.batch("ping 2")["refused"] == 2
    assert driver.state()["usable"] == 0


def test_commands_beyond_the_limit_are_refused(server, make_driver):
    driver = make_driver(server.url, "--redis-inflight", "64").usable()
    got = driver.batch("ping 200")
    assert (got["ok"], got["refused"]) == (64, 136)
    assert driver.metrics()["kvcrm_redis_refused_total"] == 136


def test_unsent_bytes_are_bounded(server, make_driver):
    driver = make_driver(server.url, "--redis-deadline", "60000").usable()
    server.freeze()
    for _ in range(400):
        driver.tell("raw SET crm_x " + "x" * 60000)
    # The first refusal comes while nothing is answered: the buffers are full.
    driver.wait("raw refused overloaded")
    server.thaw()
    until("all is answered", lambda: driver.state()["inflight"] == 0)
    assert driver.raw("PING") == "reply PONG"


def test_cancelled_commands_are_not_answered_and_nobody_gets_their_replies(server, make_driver):
    driver = make_driver(server.url).usable()
    for _ in range(5):
        driver.tell("ping 100")
        driver.tell("cancel 100")
    got = [driver.outcome() for _ in range(10)]
    assert sum(batch["ok"] for batch in got) == sum(batch["cancelled"] for batch in got) == 500
    assert driver.batch("ping 100")["ok"] == 100
    until("nothing is owed", lambda: driver.state()["inflight"] == 0)


def test_counters_tell_what_happened(server, make_driver):
    driver = make_driver(server.url).usable()
    before = driver.metrics()
    driver.batch("ping 50")
    after = driver.metrics()
    assert after["kvcrm_redis_commands_total"] - before["kvcrm_redis_commands_total"] == 50
    assert (after["kvcrm_redis_inflight"], after["kvcrm_redis_connections"]) == (0, 1)
    driver.tell("drop a reason of ours")
    driver.usable()
    assert driver.metrics()["kvcrm_redis_reconnects_total"] == 1
    assert 'reason="a reason of ours"' in driver.logged()


def test_a_replys_texts_may_be_large(server, make_driver):
    driver = make_driver(server.url, "--redis-deadline", "10000").usable()
    server.text.set("crm_large", "x" * (15 << 20))
    assert driver.raw("STRLEN crm_large") == f"reply {15 << 20}"
    assert driver.raw("GET crm_large").startswith("reply xxxx")


def test_a_reply_beyond_16_mib_costs_the_connection_only(server, make_driver):
    driver = make_driver(server.url, "--redis-deadline", "10000").usable()
    server.text.set("crm_large", "x" * (17 << 20))
    assert driver.raw("GET crm_large").startswith("unknown")
    driver.usable()
    assert 'reason="reply too large"' in driver.logged()
