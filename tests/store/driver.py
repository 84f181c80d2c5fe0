"""A running store_driver: lines in, lines out, its log beside.

SPDX-License-Identifier: MIT
"""
import os
import queue
import re
import subprocess
import tempfile
import threading

SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lsan.supp")
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")
PATIENCE = 30  # seconds for anything that must happen


def numbers(line):
    """The name=value pairs of a line, integers where they are."""
    pairs = re.findall(r"(\w+)=(\S*)", line)
    return {name: int(value) if re.fullmatch(r"-?\d+", value) else value for name, value in pairs}


class Driver:
    live = []  # for the report of a failed test

    def __init__(self, url, *options, env=None, cwd=None):
        self.log = tempfile.TemporaryFile()
        self.lines = queue.Queue()
        self.seen = []
        self.process = subprocess.Popen(
            [os.environ["KVCRM_STORE_DRIVER"], "--redis", url, *options], cwd=cwd,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, bufsize=1,
            env={**os.environ, "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}:print_suppressions=0",
                 **(env or {})})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        Driver.live.append(self)

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait(self, start, seconds=PATIENCE):
        """The next line that starts so; what comes before it is dropped."""
        while True:
            try:
                line = self.lines.get(timeout=seconds)
            except queue.Empty:
                raise AssertionError(f"no line {start!r}; {self.told()}") from None
            assert line is not None, f"the driver has ended before {start!r}; {self.told()}"
            assert not line.startswith("WRONG"), line
            self.seen.append(line)
            if line.startswith(start):
                return line

    def ask(self, line, start, seconds=PATIENCE):
        self.tell(line)
        return self.wait(start, seconds)

    def usable(self, seconds=PATIENCE):
        self.wait("usable", seconds)
        return self

    def batch(self, line, seconds=PATIENCE):
        """What came of "ping 8", "call 8", "stop"."""
        self.tell(line)
        return self.outcome(seconds)

    def outcome(self, seconds=PATIENCE):
        """Of the next batch that ends; each of its commands has been answered once."""
        got = numbers(self.wait("batch ", seconds))
        parts = ("ok", "error", "not_sent", "unknown", "deadline", "refused", "cancelled")
        assert got["n"] == sum(got[part] for part in parts), got
        return got

    def raw(self, command):
        return self.ask("raw " + command, "raw ")[len("raw "):]

    def state(self):
        return numbers(self.ask("state", "state "))

    def metrics(self):
        self.tell("metrics")
        before = len(self.seen)
        self.wait("metrics end")
        return {line.split()[0]: int(line.split()[1]) for line in self.seen[before:]
                if line.startswith("kvcrm_")}

    def logged(self):
        # Not by seek and read: the process writes through the same file position.
        return os.pread(self.log.fileno(), 1 << 22, 0).decode("utf-8", "replace")

    def told(self):
        return "it told: " + " | ".join(self.seen[-10:]) + "\nand logged:\n" + self.logged()[-4000:]

    def close(self):
        """quit: it must free all, and no sanitizer may complain."""
        try:
            if self.process.poll() is None:
                self.tell("quit")
            code = self.process.wait(PATIENCE)
            assert code in (0, 2), f"exit code {code}; {self.told()}"
            assert not SANITIZER.search(self.logged()), self.logged()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.reader.join(PATIENCE)
            Driver.live.remove(self)
            self.process.stdin.close()
            self.process.stdout.close()
            self.log.close()
