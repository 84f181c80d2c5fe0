"""The load: wrk over HTTP, and what Redis was sent meanwhile, recorded to be sent again.

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
NUMBERS = 10**9  # more than one run uses

# What makes an event another one, by the letters of redis_alone.c.
UNIQUE = ((re.compile(rb"(?:event|booking|new)-(\d{12})"), "N"),
          (re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-([0-9a-f]{12})"), "X"))
# Arguments of event_track, counted from the end of the keys.
RECEIVED_MS, OCCURRED_MS, NEW_CONTACT = 2, 3, 4

last_number = 0


def numbers():
    """Where a run's numbers begin (events.lua, redis_alone.c); no two runs share one."""
    global last_number
    last_number += NUMBERS
    return last_number


def wrk(port, what, seconds, path="/", people=0):
    """{requests, us, errors, p50_us, p99_us}; empty when events.lua has ended wrk itself."""
    environment = {
        **os.environ, "BENCH_WHAT": what,
        "BENCH_PEOPLE": str(people),
        "BENCH_BASE": str(numbers())
    }
    done = subprocess.run([
        "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s",
        os.path.join(HERE, "events.lua"), f"http://127.0.0.1:{port}{path}"
    ],
                          env=environment,
                          capture_output=True,
                          text=True,
                          timeout=seconds + 20,
                          check=True)
    line = re.search(r"^bench (\d+) (\d+) (\d+) (\d+) (\d+)$", done.stdout, re.M)
    names = ("requests", "us", "errors", "p50_us", "p99_us")
    return dict(zip(names, map(int, line.groups()))) if line else {}


def redis_alone(program, redis_socket, commands, seconds):
    """{requests, us, errors}"""
    done = subprocess.run(
        [program, redis_socket, commands,
         str(seconds), str(numbers())],
        capture_output=True,
        text=True,
        timeout=seconds + 20,
        check=True)
    events, us, errors, replayed = map(int, done.stdout.split())
    return {"requests": events, "us": us, "errors": errors + replayed}


# Recording --------------------------------------------------------------------------------------


def monitor(redis_socket, digest, most, during):
    """Arguments of the EVALSHAs of a script that Redis gets while during() runs; at most `most`."""
    line = re.compile(rb'\+\S+ \[\d+ (?!lua)\S+\] ("EVALSHA" "' + digest.encode() + rb'" .*)\r\n')
    found = []
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(redis_socket)
        sock.sendall(b"MONITOR\r\n")

        def read():
            with sock.makefile("rb") as lines:
                for text in lines:
                    match = line.fullmatch(text)
                    if match:
                        found.append(match.group(1))
                    if len(found) == most:
                        return

        reader = threading.Thread(target=read)
        reader.start()
        during()
        sock.shutdown(socket.SHUT_RDWR)
        reader.join()
    # MONITOR quotes as Python does.
    word = re.compile(rb'"(?:[^"\\]|\\.)*"')
    return [[ast.literal_eval("b" + w.decode("ascii")) for w in word.findall(text)]
            for text in found]


def encode(arguments):
    """A command as it goes on the wire, and the places that redis_alone has to write over."""
    keys = 3 + int(arguments[2])
    whole = {keys + RECEIVED_MS: "T", keys + OCCURRED_MS: "T", keys + NEW_CONTACT: "C"}
    out, patches = bytearray(b"*%d\r\n" % len(arguments)), []
    for i, argument in enumerate(arguments):
        out += b"$%d\r\n" % len(argument)
        if i in whole:
            assert len(
                argument) == 13, f"argument {i} of event_track is not what it was: {argument}"
            patches.append((whole[i], len(out)))
        else:
            patches += [(kind, len(out) + match.start(1)) for pattern, kind in UNIQUE
                        for match in pattern.finditer(argument)]
        out += argument + b"\r\n"
    return bytes(out), patches


def record(redis_socket, digest, most, path, during):
    """Writes the file that redis_alone reads. Returns the number of commands."""
    commands = monitor(redis_socket, digest, most, during)
    with open(path, "wb") as file:
        for arguments in commands:
            text, patches = encode(arguments)
            file.write(b"%d %d\n" % (len(text), len(patches)))
            file.writelines(b"%s %d\n" % (kind.encode(), at) for kind, at in patches)
            file.write(text)
    return len(commands)
