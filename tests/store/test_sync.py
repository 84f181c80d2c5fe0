"""One command, waited for, as the command-line tools do it.

SPDX-License-Identifier: MIT
"""
import os
import subprocess

import pytest

from driver import SANITIZER, SUPPRESSIONS
from support.redis_server import free_port


def sync(url, *words, timeout_ms=20000, **env):
    done = subprocess.run(
        [os.environ["KVCRM_SYNC_DRIVER"], str(timeout_ms), *words], capture_output=True, text=True,
        timeout=60, check=False,
        env={**os.environ, "KVCRM_REDIS": url, **env,
             "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}:print_suppressions=0"})
    assert not SANITIZER.search(done.stderr), done.stderr
    return done.stdout


@pytest.mark.parametrize("words,printed", [
    (["PING"], "text PONG\n"),
    (["GET", "crm_x"], "null 0\n"),
    (["SET", "crm_x", "7"], "text OK\n"),
    (["STRLEN", "crm_x"], "number 0\n"),
    (["FOO"], "error ERR unknown command"),
    (["ECHO", ""], "text \n"),
    (["COMMAND", "COUNT"], "number "),
    (["CONFIG", "GET", "port"], "text port\ntext "),
    (["XINFO", "HELP"], "text XINFO <subcommand>"),
])
def test_a_command_and_its_reply(words, printed, server):
    assert sync(server.url, *words).startswith(printed)


def test_large_and_nested_replies_are_whole(server):
    for i in range(500):
        server.text.xadd("crm_feed", {"n": i, "text": "x" * 100}, id=f"1-{i + 1}")
    printed = sync(server.socket, "XRANGE", "crm_feed", "-", "+").splitlines()
    assert len(printed) == 500 * 5
    assert printed[-5:] == ["text 1-500", "text n", "text 499", "text text", "text " + "x" * 100]


def test_the_password_comes_from_the_environment(server):
    server.text.config_set("requirepass", "right")
    assert sync(server.url, "PING", KVCRM_REDIS_PASSWORD="right") == "text PONG\n"
    fault = sync(server.url, "PING", timeout_ms=300, KVCRM_REDIS_PASSWORD="wrong")
    assert fault.startswith("fault ") and "WRONGPASS" in fault


def test_nobody_there_is_a_clear_sentence_in_time():
    url = f"redis://127.0.0.1:{free_port()}"
    assert sync(url, "PING", timeout_ms=300) == \
        f"fault Redis at {url}/0 cannot be reached: Connection refused\n"


def test_no_answer_in_time_is_nothing(server):
    server.text.script_load("return 1")
    assert sync(server.url, "BLPOP", "crm_x", "0", timeout_ms=1500) == "nothing\n"
