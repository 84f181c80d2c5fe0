"""HTTP as the tests speak it: Client for plain calls, Wire for bytes that no library would send.

Every answer that a Client receives is checked for what holds of all answers: never a 500, an
X-Request-Id, nosniff, times written one way.

SPDX-License-Identifier: MIT
"""
import http.client
import json
import re
import socket
import threading
import time
from decimal import Decimal

from support.times import iso, wrong_times

# Less than the shortest time after which the service closes an idle connection.
REUSE_SECONDS = 0.8


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # list of (lower-case name, value)
        self.body = body

    def header(self, name):
        """The header's value; None without it; more than one is refused."""
        values = [value for key, value in self.headers if key == name.lower()]
        assert len(values) <= 1, f"{name} stands {len(values)} times"
        return values[0] if values else None

    def json(self):
        """The body; numbers with a point or exponent are Decimals that keep their text."""
        return json.loads(self.body, parse_float=Decimal)

    def __repr__(self):
        return f"<{self.status} {self.body[:400]!r}>"


def check(answer):
    """What holds of every answer of the service."""
    assert answer.status != 500, answer
    assert answer.header("x-request-id"), answer
    assert answer.header("x-content-type-options") == "nosniff", answer
    media = answer.header("content-type")
    if answer.body and media in ("application/json", "application/problem+json"):
        assert not wrong_times(answer.json()), wrong_times(answer.json())
    return answer


def encode(body):
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return json.dumps(body).encode()


class Client:
    """Calls of one service; each thread has its own kept-alive connection. source: the address that
    the service sees them come from (any of 127.0.0.0/8)."""

    def __init__(self, address, timeout=20, source=None):
        self.address = address
        self.timeout = timeout
        self.source = (source, 0) if source else None
        self.local = threading.local()

    def close(self):
        """Closes this thread's connection."""
        if getattr(self.local, "connection", None):
            self.local.connection.close()
            self.local.connection = None

    def _connection(self):
        kept = getattr(self.local, "connection", None)
        if kept and time.monotonic() - self.local.used < REUSE_SECONDS:
            return kept
        self.close()
        self.local.connection = http.client.HTTPConnection(
            *self.address, timeout=self.timeout, source_address=self.source)
        return self.local.connection

    def call(self, method, path, body=None, headers=None, at=None):
        """One call. body: None, bytes, text, or what becomes JSON; at: X-Test-Now in ms."""
        sent = {"content-type": "application/json"} if body is not None else {}
        if at is not None:
            sent["x-test-now"] = iso(at)
        sent.update({name.lower(): value for name, value in (headers or {}).items()})
        sent = {name: value for name, value in sent.items() if value is not None}
        connection = self._connection()
        try:
            connection.request(method, path, encode(body), sent)
            got = connection.getresponse()
            body = got.read()
        except Exception:
            self.close()
            raise
        self.local.used = time.monotonic()
        if got.will_close:
            self.close()
        names = [(name.lower(), value) for name, value in got.getheaders()]
        return check(Answer(got.status, names, body))


class Wire:
    """A socket for hand-made bytes."""

    def __init__(self, address, timeout=20, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends; a peer that has closed already is no fault (what it said is still to be read)."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.buffer += data
        return data

    def answer(self, head=False):
        """The next answer; None at the end of the stream. head: it answers a HEAD, without body."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                assert not self.buffer, f"cut off within an answer: {self.buffer[:200]!r}"
                return None
        text, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = text.decode("latin-1").split("\r\n")
        status = int(re.match(r"HTTP/1\.1 (\d{3}) ", lines[0]).group(1))
        pairs = [line.split(":", 1) for line in lines[1:]]
        headers = [(name.lower(), value.strip()) for name, value in pairs]
        length = int(dict(headers).get("content-length", 0))
        if head or status in (100, 204, 304):
            length = 0
        while len(self.buffer) < length:
            assert self._more(), "cut off within a body"
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(status, headers, body)

    def is_closed(self):
        """Waits for the end of the stream; False when something else comes or the time is over."""
        try:
            return not self.buffer and not self._more()
        except socket.timeout:
            return False

    def server_end_is_open(self):
        """Does the kernel still hold the service's end as established? (Linux, IPv4)"""
        here, there = self.socket.getsockname()[1], self.socket.getpeername()[1]
        pair = (f":{there:04X}", f":{here:04X}", "01")
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table][1:]
        return any((row[1][-5:], row[2][-5:], row[3]) == pair for row in rows)
