"""The load: wrk over HTTP, and what Redis was sent meanwhile, recorded to be sent again without us.

SPDX-License-Identifier: MIT
"""
import ast
import os
import re
import socket
import subprocess
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
CONNECTIONS = 64
NUMBERS = 10**9  # room of one run between two bases of numbers

# What makes an event another one, by the letters of redis_alone.c.
UNIQUE = [(re.compile(rb"(?:event|booking|new)-(\d{12})"), "N"),
          (re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-([0-9a-f]{12})"), "X")]
# In the arguments of event_track, behind the keys: received ms, occurred ms, contact to be made.
RECEIVED, OCCURRED, CONTACT = 2, 3, 4


class Numbers:
    """Bases for the numbers that tell events apart; no two runs share one."""

    def __init__(self):
        self.last = 0

    def next(self):
        self.last += NUMBERS
        return self.last


def wrk(port, seconds, path="/", what=None, people=0, base=0):
    """Runs wrk; {requests, us, errors, p50_us, p99_us}; nothing when the script ends by itself."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    if what:
        command += ["-s", os.path.join(HERE, "events.lua")]
    else:
        command += ["-s", os.path.join(HERE, "ping.lua")]
    environment = {**os.environ, "BENCH_WHAT": what or "", "BENCH_PEOPLE": str(people),
                   "BENCH_BASE": str(base)}
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], env=environment,
                          capture_output=True, text=True, timeout=seconds + 20, check=True)
    line = re.search(r"^bench (\d+) (\d+) (\d+) (\d+) (\d+)$", done.stdout, re.M)
    if not line:
        return {}
    names = ("requests", "us", "errors", "p50_us", "p99_us")
    return dict(zip(names, map(int, line.groups())))
