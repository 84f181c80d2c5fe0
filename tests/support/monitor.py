"""What Redis executes, by MONITOR, and the rules that it is held to.

SPDX-License-Identifier: MIT
"""
import re
import socket
import threading

from support.keys import row_of

LINE = re.compile(r'^\+\d+\.\d+ \[\d+ ([^\]]+)\] (.*)$')
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Keys that grow with the number of contacts, tasks or events; all others are bounded by themselves.
GROWS = {"STATUS", "CREATED", "REVENUE", "PRIORITY", "TASK_DUE", "TASK_OPEN", "FEED", "BEHAVIOR",
         "SCORE", "SEARCH", "DUPLICATE", "MERGE_LOG", "LEAD_CREATED", "LEAD_UPDATED", "LEAD_STATUS",
         "LEAD_STATE", "LEAD_SOURCE", "LEAD_QUALITY", "LEAD_REASON", "LEAD_SCORE", "LEAD_PRIORITY",
         "LEAD_ANONYMOUS", "LEAD_RESPONSE", "ALERT_OPEN", "DEMAND", "SEGMENT_MEMBER"}
MOST = 1000  # entries that one command may ask for


class Monitor:
    """with Monitor(redis_server) as m: …; m.commands is [(who, [word, …])], scripts are "lua"."""

    def __init__(self, server):
        self.server = server
        self.commands = []

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(self.server.socket)
        self.socket.sendall(b"MONITOR\r\n")
        self.stream = self.socket.makefile("r", encoding="latin-1", newline="\r\n")
        assert self.stream.readline().startswith("+OK")
        self.thread = threading.Thread(target=self._read)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.text.echo("end of monitor")
        self.thread.join(20)
        self.socket.close()

    def _read(self):
        for line in self.stream:
            who, rest = LINE.match(line.rstrip("\r\n")).groups()
            words = WORD.findall(rest)
            if words == ["ECHO", "end of monitor"]:
                return
            self.commands.append((who, words))

    def called(self, name):
        return [words for _, words in self.commands if words[0].upper() == name]


def integer(text):
    return int(text) if re.fullmatch(r"-?\d+", text) else None


def is_bounded_range(words):
    """Does a range command say how many entries it takes at most?"""
    name, options = words[0].upper(), [word.upper() for word in words[2:]]
    for counter in ("LIMIT", "COUNT"):
        if counter in options:
            most = options[options.index(counter) + (2 if counter == "LIMIT" else 1)]
            return 0 <= int(most) <= MOST
    if name in ("XRANGE", "XREVRANGE", "XREAD") or "BYSCORE" in name or "BYLEX" in name:
        return False
    if "BYSCORE" in options or "BYLEX" in options:
        return False
    start, stop = integer(words[2]), integer(words[3])
    if start is None or stop is None or (start < 0) != (stop < 0):
        return False
    return stop - start < MOST


RANGES = {"ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZRANGEBYLEX",
          "ZREVRANGEBYLEX", "LRANGE", "XRANGE", "XREVRANGE"}
WHOLE = {"SMEMBERS", "HGETALL", "HKEYS", "HVALS", "SORT", "SORT_RO", "ZSCAN", "SSCAN", "HSCAN",
         "ZUNION", "ZINTER", "SUNION", "SINTER", "SDIFF"}
NEVER = {"KEYS", "SCAN", "RANDOMKEY", "EVAL", "FLUSHALL", "FLUSHDB", "CONFIG", "MONITOR", "DEBUG"}


def offences(commands):
    """The commands among [word, …] lists that a service must not send."""
    found = []
    for words in commands:
        name = words[0].upper()
        if name in NEVER:
            found.append(words)
        elif len(words) > 1 and name in RANGES | WHOLE:
            row = row_of(words[1])
            grows = row is None or row.name in GROWS
            if grows and (name in WHOLE or not is_bounded_range(words)):
                found.append(words)
    return found
