"""The private redis-server: started, looked after, stopped; one owner of a directory.

SPDX-License-Identifier: MIT
"""
import os
import shutil
import signal
import stat
import subprocess
import tempfile

import pytest
import redis

from driver import SANITIZER, SUPPRESSIONS
from support.poll import until


class Embedded:
    def __init__(self, directory, *options, cwd=None):
        self.directory = directory
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [os.environ["KVCRM_EMBEDDED_DRIVER"], "--data-dir", directory, *options], cwd=cwd,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.stderr, text=True,
            env={**os.environ, "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}"})
        self.first = self.process.stdout.readline().rstrip("\n")
        self.client = None

    def redis(self):
        """A client, once the server answers."""
        assert self.first.startswith("started unix://"), self.first
        self.client = redis.Redis(unix_socket_path=self.first[len("started unix://"):],
                                  decode_responses=True)

        def answers():
            try:
                return self.client.ping()
            except (redis.ConnectionError, redis.BusyLoadingError):
                return False

        until("the private Redis answers", answers)
        return self.client

    def pid(self):
        return self.client.info("server")["process_id"]

    def logged(self):
        return os.pread(self.stderr.fileno(), 1 << 20, 0).decode()

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(30) == 0, self.logged()
        assert self.process.stdout.read() == "end\n"

    def close(self):
        try:
            if self.process.poll() is None:
                self.process.stdin.close()
                self.process.wait(30)
            assert not SANITIZER.search(self.logged()), self.logged()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()
            self.stderr.close()


@pytest.fixture
def directory():
    # Short: the path of a unix socket has 107 bytes, which pytest's own directories may exceed.
    parent = tempfile.mkdtemp(prefix="kvcrm-")
    yield os.path.join(parent, "data")
    shutil.rmtree(parent)


@pytest.fixture
def make(directory):
    made = []

    def start(*options, at=directory, **how):
        made.append(Embedded(at, *options, **how))
        return made[-1]

    yield start
    for it in made:
        it.close()


def is_gone(pid):
    """True as well for a zombie that its new parent has not reaped yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_it_runs_with_the_settings_we_ship(make):
    client = make("--appendfsync", "always").redis()
    for name, value in {"port": "0", "save": "", "appendonly": "yes", "appendfsync": "always",
                        "maxmemory-policy": "noeviction", "list-compress-depth": "1",
                        "hash-max-listpack-value": "1024", "hash-max-listpack-entries": "128",
                        "zset-max-listpack-value": "1024", "zset-max-listpack-entries": "128",
                        "auto-aof-rewrite-percentage": "100",
                        "auto-aof-rewrite-min-size": str(1 << 30)}.items():
        assert client.config_get(name)[name] == value


def test_only_its_user_gets_in(make, directory):
    make().redis()
    for name, mode in {"": 0o700, "redis.conf": 0o600, "redis.log": 0o600, "redis.sock": 0o700,
                       "kvcrm.lock": 0o600}.items():
        assert stat.S_IMODE(os.stat(os.path.join(directory, name)).st_mode) == mode, name


def test_it_is_in_a_process_group_of_its_own(make):
    it = make()
    it.redis()
    assert os.getpgid(it.pid()) == it.pid() != os.getpgid(it.process.pid)


def test_stop_ends_it_and_the_data_is_there_again(make):
    it = make()
    client = it.redis()
    client.set("crm_x", "kept")
    pid = it.pid()
    it.stop()
    assert is_gone(pid)
    assert make().redis().get("crm_x") == "kept"


def test_a_relative_directory_is_meant_from_where_we_stand(make, directory):
    os.mkdir(directory)
    it = make(at="./inner", cwd=directory)
    it.redis()
    assert os.path.exists(os.path.join(directory, "inner", "redis.sock"))


def test_killed_it_comes_back_with_its_data(make):
    it = make()
    client = it.redis()
    for i in range(3):
        client.set("crm_x", i)
        pid = it.pid()
        os.kill(pid, signal.SIGKILL)
        assert it.process.stdout.readline() == "again\n"
        it.redis()
        assert it.pid() != pid
        assert client.get("crm_x") == str(i)
    assert it.logged().count("private redis died") == 3


def test_it_goes_with_its_killed_owner_and_the_next_owner_waits_for_that(make):
    it = make()
    it.redis().set("crm_x", "kept")
    pid = it.pid()
    it.process.kill()
    it.process.wait()
    # At once: the old server may still be on its way out.
    client = make().redis()
    assert is_gone(pid)
    assert client.get("crm_x") == "kept"


def test_half_a_transaction_that_a_kill_left_behind_never_runs(make, directory):
    it = make()
    it.redis().set("crm_x", "kept")
    pid = it.pid()
    it.process.kill()
    it.process.wait()
    until("the server is gone", lambda: is_gone(pid))
    files = os.path.join(directory, "appendonlydir")
    with open(os.path.join(files, "appendonly.aof.1.incr.aof"), "ab") as file:
        file.write(b"*1\r\n$5\r\nMULTI\r\n"
                   b"*3\r\n$3\r\nSET\r\n$8\r\ncrm_torn\r\n$1\r\n1\r\n*3\r\n$3\r\nSE")
    it = make()
    client = it.redis()
    client.eval("redis.call('SET', 'crm_y', 1) redis.call('SET', 'crm_z', 1)", 0)
    assert sorted(client.keys()) == ["crm_x", "crm_y", "crm_z"]
    it.stop()
    it = make()
    assert sorted(it.redis().keys()) == ["crm_x", "crm_y", "crm_z"]
    assert "checking" not in it.logged(), "after a clean end nothing is to be checked"


def test_a_directory_has_one_owner(make):
    it = make()
    it.redis()
    second = make()
    assert second.first.startswith("fault --data-dir ")
    assert second.first.endswith("is in use by another kvcrm")
    assert it.client.ping()
    it.stop()
    make().redis()


def test_a_missing_program_is_a_clear_sentence(make):
    assert make("--redis-server", "/no/such/redis-server").first == \
        "fault /no/such/redis-server cannot be run: No such file or directory"


def test_a_path_too_long_for_a_socket_is_a_clear_sentence(make, directory):
    parent = os.path.join(os.path.dirname(directory), "d" * 60)
    os.mkdir(parent)
    fault = make(at=os.path.join(parent, "e" * 60)).first
    assert fault.startswith("fault --data-dir ") and "too long for a unix socket" in fault


@pytest.mark.parametrize("name,sentence", [("missing/data", "No such file or directory"),
                                           ("file", "Not a directory")])
def test_a_directory_that_cannot_be_is_a_clear_sentence(name, sentence, make, directory):
    parent = os.path.dirname(directory)
    with open(os.path.join(parent, "file"), "w", encoding="ascii"):
        pass
    assert sentence in make(at=os.path.join(parent, name)).first


def test_a_server_that_cannot_run_is_tried_again_with_pauses_and_can_be_stopped(make, directory):
    os.mkdir(directory)
    with open(os.path.join(directory, "appendonlydir"), "w", encoding="ascii"):
        pass  # where the server wants a directory
    it = make()
    until("it has died a few times", lambda: it.logged().count("private redis died") >= 3)
    with open(os.path.join(directory, "redis.log"), encoding="utf-8") as log:
        assert "appendonlydir" in log.read()
    it.process.stdin.close()
    assert it.process.wait(30) == 0
