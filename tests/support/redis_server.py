"""A private redis-server: own directory, own unix socket, stopped by its own process.

With KVCRM_TEST_CLUSTER=1 it is cluster-enabled and owns all slots, which proves that every script
of the service stays in one slot. With KVCRM_TEST_ACL=1 it has the users of deploy/users.acl, and
the service is the user kvcrm, which proves that it may do all it has to; the tests stay
administrators.

SPDX-License-Identifier: MIT
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import redis

from support.poll import until

CLUSTER = os.environ.get("KVCRM_TEST_CLUSTER") == "1"
ACL = os.environ.get("KVCRM_TEST_ACL") == "1"
# As the service ships them (deploy/redis.conf).
SHIPPED = {"hash-max-listpack-value": "1024", "hash-max-listpack-entries": "128",
           "zset-max-listpack-value": "1024", "zset-max-listpack-entries": "128",
           "list-compress-depth": "1", "maxmemory-policy": "noeviction"}


def shipped_users():
    """The users of deploy/users.acl without the default user, who is the tests' own."""
    path = os.path.join(os.path.dirname(__file__), "../../deploy/users.acl")
    with open(path, encoding="utf-8") as users:
        return "".join(line for line in users if not line.startswith("user default "))


def service_user():
    """The environment that makes the service the user kvcrm."""
    password = re.search(r"^user kvcrm .*?>(\S+)", shipped_users(), re.M).group(1)
    return {"KVCRM_REDIS_USER": "kvcrm", "KVCRM_REDIS_PASSWORD": password}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tail(path, lines=40):
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-lines:])
    except FileNotFoundError:
        return ""


class RedisServer:
    live = []  # for the report of a failed test

    def __init__(self, appendonly=False, appendfsync="always", tcp=False, **settings):
        self.directory = tempfile.mkdtemp(prefix="kvcrm-redis-")
        self.socket = os.path.join(self.directory, "s")
        self.log = os.path.join(self.directory, "redis.log")
        self.port = free_port() if tcp else 0
        self.settings = {**SHIPPED, "save": "", "appendonly": "yes" if appendonly else "no",
                         "appendfsync": appendfsync,
                         **{name.replace("_", "-"): str(value) for name, value in settings.items()}}
        self.process = None
        self.text = redis.Redis(unix_socket_path=self.socket, decode_responses=True)
        self.raw = redis.Redis(unix_socket_path=self.socket)
        RedisServer.live.append(self)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}" if self.port else f"unix://{self.socket}"

    def start(self, wait=True, **settings):
        """Starts it, also after a kill; settings hold for this start only."""
        options = {**self.settings, **{k.replace("_", "-"): str(v) for k, v in settings.items()}}
        if CLUSTER:
            options.update({"cluster-enabled": "yes", "cluster-port": str(free_port())})
        if ACL:
            options["aclfile"] = os.path.join(self.directory, "users.acl")
            with open(options["aclfile"], "w", encoding="utf-8") as users:
                users.write(shipped_users())
        self._mend()
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--unixsocket",
                 self.socket, "--dir", self.directory, *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            self.wait_ready()
        return self

    def _mend(self):
        """What deploy/redis.conf tells operators to do after a kill, and the private Redis does."""
        manifest = os.path.join(self.directory, "appendonlydir/appendonly.aof.manifest")
        if os.path.exists(manifest):
            with open(self.log, "ab") as log:
                subprocess.run(["redis-check-aof", "--fix", manifest], input=b"y\n", stdout=log,
                               stderr=log, check=True)

    def answers(self):
        assert self.process.poll() is None, "redis-server has ended:\n" + tail(self.log)
        try:
            return self.text.ping()
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False

    def wait_ready(self):
        until("Redis answers", self.answers)
        if CLUSTER:
            if self.text.execute_command("CLUSTER INFO")["cluster_slots_assigned"] == "0":
                self.text.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            until("the cluster is up", lambda: self.text.execute_command(
                "CLUSTER INFO")["cluster_state"] == "ok")

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def end(self, signal_number):
        """Ends the process by a signal and reaps it."""
        if self.is_alive():
            self.process.send_signal(signal_number)
            self.process.wait(20)
        self.text.connection_pool.disconnect()
        self.raw.connection_pool.disconnect()

    def kill(self):
        self.end(signal.SIGKILL)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.is_alive():
            self.thaw()
        self.end(signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)
        RedisServer.live.remove(self)

    def dump(self):
        """Every key with its DUMP: equal before and after means that nothing was written."""
        keys = sorted(self.raw.scan_iter(count=1000))
        pipe = self.raw.pipeline(transaction=False)
        for key in keys:
            pipe.dump(key)
        return dict(zip(keys, pipe.execute()))
