"""A proxy between the driver and a redis-server that breaks what passes, one fault at a time.

It listens on a unix socket or a TCP port. `fault` is looked at for each new connection:

    None            passes everything
    "pieces"        replies arrive byte by byte
    "close"         closes right after accept          "reset"    the same with RST (TCP)
    "mute"          accepts and says nothing           "garbage"  says what is no protocol
    bytes           says these bytes instead of the first reply, and nothing after
    ("after", n)    passes n bytes of replies and closes

`inject(bytes)` adds bytes to the replies of all open connections; `cut()` closes them.

SPDX-License-Identifier: MIT
"""
import os
import shutil
import socket
import struct
import tempfile
import threading


class Proxy:
    def __init__(self, target):
        self.target = target
        self.fault = None
        self.accepted = 0
        self.directory = tempfile.mkdtemp(prefix="kvcrm-proxy-")
        self.path = os.path.join(self.directory, "p")
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(self.path)
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.clients = []
        self.lock = threading.Lock()
        self.threads = []
        for listener in (self.unix, self.tcp):
            listener.listen(64)
            self._start(self._accept, listener)

    @property
    def unix_url(self):
        return f"unix://{self.path}"

    @property
    def tcp_url(self):
        return f"redis://127.0.0.1:{self.port}"

    def _start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            fault = self.fault
            with self.lock:
                self.accepted += 1
                self.clients.append(client)
            self._start(self._serve, client, fault)

    def _serve(self, client, fault):
        try:
            if fault == "close":
                self._end(client)
            elif fault == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
            elif fault == "mute":
                while client.recv(65536):
                    pass
            elif fault == "garbage":
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                client.recv(65536)
            elif isinstance(fault, bytes):
                client.recv(65536)
                client.sendall(fault)
                while client.recv(65536):
                    pass
            else:
                self._pass(client, fault)
        except OSError:
            pass
        self._end(client)

    def _pass(self, client, fault):
        upstream = socket.socket(socket.AF_UNIX)
        upstream.connect(self.target)
        self._start(self._copy, client, upstream)
        try:
            self._replies(upstream, client, fault)
        finally:
            self._end(upstream)

    def _copy(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        self._end(sink)

    def _replies(self, upstream, client, fault):
        left = fault[1] if isinstance(fault, tuple) else None
        while data := upstream.recv(65536):
            if fault == "pieces":
                for i in range(len(data)):
                    client.sendall(data[i:i + 1])
            elif left is not None:
                client.sendall(data[:left])
                left -= len(data)
                if left <= 0:
                    return
            else:
                client.sendall(data)

    @staticmethod
    def _end(sock):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        sock.close()

    def inject(self, data):
        with self.lock:
            for client in self.clients:
                try:
                    client.sendall(data)
                except OSError:
                    pass

    def cut(self):
        with self.lock:
            for client in self.clients:
                self._end(client)
            self.clients.clear()

    def close(self):
        self._end(self.unix)
        self._end(self.tcp)
        self.cut()
        for thread in list(self.threads):
            thread.join(5)
        shutil.rmtree(self.directory, ignore_errors=True)
