"""What the store makes of a Redis that dies, hangs, forgets scripts or refuses to work.

SPDX-License-Identifier: MIT
"""
import os
import threading

import pytest
import redis

from driver import numbers
from support.poll import until
from support.redis_server import CLUSTER


def outcomes(got):
    return {name: got[name] for name in ("ok", "error", "not_sent", "unknown", "deadline")}


def commands(driver):
    return driver.metrics()["kvcrm_redis_commands_total"]


def under_way(driver, size=64):
    """Starts a load and waits until it runs."""
    driver.tell(f"load {size}")
    before = commands(driver)
    until("the load runs", lambda: commands(driver) > before + 1000)


def test_killed_under_load_and_restarted_three_times(make_server, make_driver):
    server = make_server(tcp=False)
    server.start()
    driver = make_driver(server.url).usable()
    under_way(driver)
    for _ in range(3):
        server.kill()
        until("it is known", lambda: driver.state()["usable"] == 0)
        until("nothing is owed", lambda: driver.state()["inflight"] == 0)
        server.start()
        driver.usable()
        before = commands(driver)
        until("the load goes on", lambda: commands(driver) > before + 1000)
    got = driver.batch("stop")
    assert got["ok"] > 3000 and got["error"] == got["deadline"] == 0
    assert got["unknown"] + got["not_sent"] > 0
    assert driver.logged().count("redis lost") == 3


def test_frozen_under_load_answers_in_time_then_refuses_at_once_then_recovers(server, make_driver):
    driver = make_driver(server.url).usable()
    server.freeze()
    got = driver.batch("ping 20")
    assert got["deadline"] == 20 and got["ms"] >= 250, got
    until("the connection is given up", lambda: driver.state()["usable"] == 0)
    assert driver.batch("call 20")["refused"] == 20
    assert 'reason="no answer: it hangs"' in driver.logged()
    server.thaw()
    driver.usable()
    assert driver.batch("call 20")["ok"] == 20
    assert driver.metrics()["kvcrm_redis_deadlines_total"] == 20


def test_a_loss_tells_what_was_written_from_what_was_not(server, make_driver):
    driver = make_driver(server.url).usable()
    # All in one turn of the loop, at whose end the rest would leave; every 8 leave at once.
    got = driver.batch("leave 7")
    assert (got["unknown"], got["not_sent"]) == (0, 7)
    driver.usable()
    got = driver.batch("leave 20")
    assert (got["unknown"], got["not_sent"]) == (8, 12)


def test_what_is_said_not_to_be_sent_is_not_executed(server, make_driver):
    driver = make_driver(server.url, "--redis-deadline", "60000").usable()
    server.freeze()
    padding = "x" * 60000
    for i in range(100):  # more than the socket takes
        driver.tell(f"raw RPUSH crm_list {i}:{padding}")
    driver.tell("drop for the test")
    said = [driver.wait("raw ").split()[1] for _ in range(100)]  # in order of submission
    server.thaw()
    unknown = said.count("unknown")
    assert said == ["unknown"] * unknown + ["not_sent"] * (100 - unknown)
    assert 0 < unknown < 100
    driver.usable()
    executed = [int(value.split(":")[0]) for value in server.text.lrange("crm_list", 0, -1)]
    assert all(said[i] == "unknown" for i in executed), (executed, unknown)


def test_a_short_freeze_swallows_late_replies_and_keeps_the_connection(server, make_driver):
    driver = make_driver(server.url, "--redis-deadline", "100").usable()
    server.freeze()
    assert driver.batch("ping 20")["deadline"] == 20
    server.thaw()
    until("the late replies are gone", lambda: driver.state()["inflight"] == 0)
    assert driver.batch("ping 20")["ok"] == 20
    assert "redis lost" not in driver.logged()


def test_a_freeze_while_idle_is_noticed(server, make_driver):
    driver = make_driver(server.url).usable()
    server.freeze()
    until("it is noticed", lambda: driver.state()["usable"] == 0)
    server.thaw()
    driver.usable()


def test_an_idle_connection_shows_signs_of_life(server, make_driver):
    driver = make_driver(server.url).usable()
    calls = server.text.info("commandstats").get("cmdstat_ping", {"calls": 0})["calls"]
    until(
        "it pings", lambda: server.text.info("commandstats").get("cmdstat_ping", {"calls": 0})[
            "calls"] > calls + 1)
    assert driver.state()["reply_age_ms"] < 2000


def test_flushed_scripts_are_loaded_again_without_an_error(server, make_driver):
    driver = make_driver(server.url).usable()
    under_way(driver)
    for _ in range(20):
        server.text.script_flush()
        before = commands(driver)
        until("the load goes on", lambda: commands(driver) > before + 200)
    got = driver.batch("stop")
    assert outcomes(got) == {
        "ok": got["n"] - got["refused"],
        "error": 0,
        "not_sent": 0,
        "unknown": 0,
        "deadline": 0
    }, got
    assert "redis lost" not in driver.logged()


def test_a_script_that_may_not_be_loaded_again_was_surely_not_run(server, make_driver):
    server.text.execute_command("ACL SETUSER", "app", "on", ">secret", "~*", "+@all")
    driver = make_driver(f"redis://app:secret@127.0.0.1:{server.port}").usable()
    server.text.execute_command("ACL SETUSER", "app", "-script|load")
    server.text.script_flush()
    assert driver.batch("call 10")["not_sent"] == 10
    server.text.execute_command("ACL SETUSER", "app", "+script|load")
    assert driver.batch("call 10")["ok"] == 10


def test_a_killed_connection_is_made_anew(server, make_driver):
    driver = make_driver(server.url).usable()
    under_way(driver)
    for _ in range(5):
        server.text.client_kill_filter(_type="normal", skipme=True)
        driver.usable()
    got = driver.batch("stop")
    assert got["ok"] > 1000 and got["error"] == 0, got


def test_out_of_memory(server, make_driver):
    driver = make_driver(server.url).usable()
    server.text.config_set("maxmemory", 1)
    assert driver.raw("SET crm_x 1").startswith("reply (error redis_unavailable) OOM ")
    server.text.config_set("maxmemory", 0)
    assert driver.raw("SET crm_x 1") == "reply OK"


@pytest.mark.skipif(CLUSTER, reason="REPLICAOF is not for clusters")
def test_read_only(server, make_driver):
    driver = make_driver(server.url).usable()
    server.text.execute_command("REPLICAOF", "127.0.0.1", "1")
    assert driver.raw("SET crm_x 1").startswith("reply (error redis_unavailable) READONLY ")
    assert driver.raw("GET crm_x") == "reply (null)"
    server.text.execute_command("REPLICAOF", "NO", "ONE")
    assert driver.raw("SET crm_x 1") == "reply OK"


def test_unable_to_save(server, make_driver):
    driver = make_driver(server.url).usable()
    os.mkdir(os.path.join(server.directory, "dump.rdb"))
    server.text.config_set("save", "3600 1")
    server.text.bgsave()
    until("the save fails",
          lambda: server.text.info("persistence")["rdb_last_bgsave_status"] == "err")
    assert driver.raw("SET crm_x 1").startswith("reply (error redis_unavailable) MISCONF ")


def test_busy_with_a_script(server, make_driver):
    driver = make_driver(server.url).usable()
    server.text.config_set("busy-reply-threshold", 20)
    endless = redis.Redis(unix_socket_path=server.socket)
    killed = []

    def run():
        try:
            endless.eval("while true do end", 0)
        except redis.RedisError as error:
            killed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until("it is busy",
          lambda: driver.raw("GET crm_x").startswith("reply (error redis_unavailable) BUSY "))
    server.text.script_kill()
    thread.join()
    assert killed
    until("it is back", lambda: driver.raw("SET crm_x 1") == "reply OK")


def test_loading_is_waited_for(make_server, make_driver):
    server = make_server(key_load_delay=0)
    server.start()
    pipe = server.text.pipeline(transaction=False)
    for i in range(3000):
        pipe.set(f"crm_x{i}", "x" * 100)
    pipe.execute()
    server.text.save()
    server.kill()
    server.start(wait=False, key_load_delay=1000, loading_process_events_interval_bytes=1024)
    driver = make_driver(server.url)
    until("it is logged", lambda: "LOADING" in driver.logged())
    assert driver.batch("ping 3")["refused"] == 3
    driver.usable()
    assert driver.raw("GET crm_x7").startswith("reply xxx")


def test_a_slow_script_costs_its_caller_a_deadline_and_nobody_the_connection(server, make_driver):
    driver = make_driver(server.url, "--redis-deadline", "50", "--redis-inflight", "64").usable()
    turns = 1_000_000
    sha = server.text.script_load(
        "local n = 0 for i = 1, tonumber(ARGV[1]) do n = n + i end return n")
    while not driver.raw(f"EVALSHA {sha} 0 {turns}").startswith("deadline"):
        turns *= 2
    until("the late reply is gone", lambda: driver.state()["inflight"] == 0)
    assert driver.batch("ping 10")["ok"] == 10
    assert "redis lost" not in driver.logged()


def test_freeing_a_store_under_load_answers_everybody(server, make_driver):
    driver = make_driver(server.url).usable()
    under_way(driver, 256)
    server.freeze()
    driver.tell("quit")
    got = numbers(driver.wait("batch load"))
    assert got["n"] == got["ok"] + got["unknown"] + got["not_sent"] + got["refused"], got
    driver.wait("end")
    server.thaw()
