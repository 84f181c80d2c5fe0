"""A running `kvcrm serve`: started on a free port, its log in a file, ended by SIGTERM or killed.

SPDX-License-Identifier: MIT
"""
import os
import re
import shutil
import signal
import subprocess
import tempfile

from support.client import Client
from support.poll import until
from support.redis_server import ACL, service_user, tail

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.abspath(os.environ.get("KVCRM_BIN", os.path.join(ROOT, "build/dev/kvcrm")))
LISTENING = re.compile(r'msg="?listening"? .*?addr="?127\.0\.0\.1:(\d+)')
SANITIZER = re.compile(
    r"ERROR: (Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|runtime error:")


# Heard only by a binary that was built with sanitizers.
ENVIRONMENT = {"LSAN_OPTIONS": "print_suppressions=0:suppressions="
               + os.path.join(ROOT, "tests/support/lsan.supp"), **os.environ}


class Service:
    live = []  # for the report of a failed test

    def __init__(self, redis_url, *arguments, test_clock=True, threads=2):
        self.directory = tempfile.mkdtemp(prefix="kvcrm-serve-")
        self.log = os.path.join(self.directory, "service.log")
        self.arguments = ["--threads", str(threads), *arguments]
        if "--redis-deadline" not in arguments:
            # What a loaded machine takes its time for is not what most tests are about.
            self.arguments += ["--redis-deadline", "5000"]
        self.environment = dict(ENVIRONMENT)
        if redis_url:
            self.arguments += ["--redis", redis_url]
            self.environment.update(service_user() if ACL else {})
        if test_clock:
            self.arguments.append("--test-clock")
        self.port = 0
        self.process = None
        self.client = None
        Service.live.append(self)

    def start(self, ready=True):
        """Starts it, on the port it had before if there was one."""
        before = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--listen", f"127.0.0.1:{self.port}", *self.arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
                env=self.environment)
        self.port = int(until("the service listens", lambda: self._listening(before)))
        self.client = Client(("127.0.0.1", self.port))
        if ready:
            self.wait_ready()
        return self

    def _listening(self, since):
        found = LISTENING.search(self.log_text(since))
        if not found:
            assert self.is_alive(), "the service has ended:\n" + tail(self.log)
        return found and found.group(1)

    def wait_ready(self, seconds=10):
        until("the service is ready", self.is_ready, seconds)

    def is_ready(self):
        return self.client.call("GET", "/readyz").status == 200

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def log_text(self, since=0):
        with open(self.log, "rb") as log:
            log.seek(since)
            return log.read().decode("utf-8", "replace")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds=20):
        """The exit code."""
        return self.process.wait(seconds)

    def kill(self):
        self.process.kill()
        self.process.wait(20)
        self.client.close()

    def stop(self):
        """SIGTERM; the end must be a clean one."""
        self.client.close()
        self.terminate()
        code = self.wait()
        assert code == 0, f"exit code {code} after SIGTERM:\n" + tail(self.log)

    def close(self):
        """stop(), if it still runs; no sanitizer may have complained; nothing is left."""
        try:
            if self.is_alive():
                self.stop()
            if self.process:
                assert not SANITIZER.search(self.log_text()), tail(self.log, 200)
        finally:
            if self.is_alive():
                self.process.kill()
                self.process.wait(20)
            shutil.rmtree(self.directory, ignore_errors=True)
            Service.live.remove(self)


def run(*arguments, timeout=30, cwd=None):
    """A kvcrm command that ends by itself: (exit code, standard output, standard error)."""
    done = subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=timeout, cwd=cwd, check=False, env=ENVIRONMENT)
    return done.returncode, done.stdout.decode(), done.stderr.decode()
