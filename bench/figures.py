"""What bench/run measures: windows of load, calls of Redis by event type, bytes of memory.

SPDX-License-Identifier: MIT
"""
import json
import os
import resource
import socket
import time

import load
import machine

TRACK = "/functions/v1/make-server-b43c05fb/track-event"
PEOPLE = 10000
DEADLINE_S = 10


def wait_until(what, holds):
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: waited {DEADLINE_S} s in vain until {what}")
        time.sleep(0.02)


def events_so_far(redis):
    """All that were ever stored: each has left an entry in the change stream."""
    return redis.text.xinfo_stream("crm_feed")["entries-added"]


# Windows ----------------------------------------------------------------------------------------


class Rig:
    """One service over one private Redis, its contacts made."""

    def __init__(self, redis, service, alone, commands):
        self.redis, self.service = redis, service
        self.alone, self.commands = alone, commands  # the program, its file
        load.wrk(service.port, "known", 30, people=PEOPLE)
        wait_until(f"{PEOPLE} contacts are made", lambda: self.events_so_far() == PEOPLE)

    def events_so_far(self):
        return events_so_far(self.redis)

    def record(self, digest, most, seconds):
        count = load.record(self.redis.socket, digest, most, self.commands,
                            lambda: load.wrk(self.service.port, "mix", seconds, people=PEOPLE))
        if count < most // 4:
            raise SystemExit(f"bench: only {count} commands recorded")

    def _measure(self, run, is_event):
        os.truncate(self.service.log, 0)  # it has a line for each request
        before = self.events_so_far() if is_event else 0
        watch = machine.Stopwatch(server=self.service.process.pid, redis=self.redis.process.pid)
        done = run()
        used = watch.stop()
        count = done["requests"]
        # wrk leaves up to one event for each of its connections unanswered.
        stored = self.events_so_far() - before if is_event else count
        if done["errors"] > 0 or not 0 <= stored - count <= load.CONNECTIONS:
            raise SystemExit(f"bench: {done}, but {stored} events were stored")
        figures = {"rate": count / done["us"] * 1e6}
        for name in ("server", "redis", "own"):
            figures[name] = used[name] / 1000 / count
        figures["others"] = used["others"] / 1000 / done["us"]
        for name in ("p50_us", "p99_us"):
            if name in done:
                figures[name] = done[name]
        return figures

    def pings(self, seconds):
        return self._measure(lambda: load.wrk(self.service.port, "ping", seconds, "/v1/ping"),
                             False)

    def events(self, seconds):
        return self._measure(lambda: load.wrk(self.service.port, "mix", seconds, people=PEOPLE),
                             True)

    def events_of_redis_alone(self, seconds):
        return self._measure(
            lambda: load.redis_alone(self.alone, self.redis.socket, self.commands, seconds), True)


# Calls of Redis by event type -------------------------------------------------------------------

CAR = {"vehicle_id": "car_789", "vehicle_name": "Toyota Camry", "vehicle_type": "sedan"}
PLAIN = {  # type -> event_data
    "page.viewed": {"page": "/fleet"},
    "vehicle.viewed": {**CAR, "daily_rate": 45},
    "search.performed": {"location": "Airport", "pickup_date": "2026-12-01"},
    "booking.step_completed": {"step": 2, "step_name": "Extras", **CAR},
    "form.submitted": {"form_type": "newsletter"},
    "chat.message": {"message": "Is it free on Friday?"},
    "customer.login": {},
    "payment.attempted": {"amount": 450},
}
OTHERS = {
    "booking.started": {
        **CAR, "estimated_total": 450
    },
    "booking.abandoned": {
        **CAR, "total_price": 450
    },
    "booking.completed": {
        **CAR, "total_amount": 450
    },
    "payment.failed": {
        "amount": 450
    },
    "quote.requested": {
        **CAR, "amount": 450
    },
}


def request_of(event_type, data, event_id, person):
    body = {
        "event_type": event_type,
        "customer": {
            "id": person,
            "email": f"{person}@example.com",
            "name": "Jane Doe"
        },
        "event_data": data,
        "session": {
            "session_id": "sess_1",
            "device": "mobile"
        }
    }
    if event_id:
        body["event_id"] = event_id
    text = json.dumps(body, separators=(",", ":")).encode()
    return (f"POST {TRACK} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(text)}\r\n\r\n").encode() + text


def exchange(sock, request):
    """Sends it, waits for the whole answer, which must be a 200."""
    sock.sendall(request)
    got = b""
    while True:
        head, end, body = got.partition(b"\r\n\r\n")
        if end:
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            if len(body) >= length:
                break
        got += sock.recv(65536)
    if not head.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"bench: {got.decode(errors='replace')}")


def calls_of(rig, event_type, data, count, with_id):
    """Commands that the scripts of `count` such events ran, by name, and µs of a script, per event.

    A person gets at most 60 of them: no timeline is full, which costs two commands every 32nd time.
    """
    stats = rig.redis.text
    people = [f"calls-{event_type}-{with_id}-{i}" for i in range(count // 50 + 1)]
    with socket.create_connection(("127.0.0.1", rig.service.port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for person in 3 * people:  # now they are known, their bookings begun
            exchange(sock, request_of(event_type, data, "", person))
        before = stats.info("commandstats")
        for i in range(count):
            event_id = f"{event_type}-{i}" if with_id else ""
            exchange(sock, request_of(event_type, data, event_id, people[i % len(people)]))
        after = stats.info("commandstats")
    calls = {}
    for name, stat in after.items():
        more = stat["calls"] - before.get(name, {"calls": 0})["calls"]
        if more and name not in ("cmdstat_evalsha", "cmdstat_info", "cmdstat_ping"):
            calls[name.removeprefix("cmdstat_")] = more / count
    us = after["cmdstat_evalsha"]["usec"] - before["cmdstat_evalsha"]["usec"]
    return calls, us / count


# Memory -----------------------------------------------------------------------------------------


def data_bytes(redis):
    """Memory of Redis's data, without the buffers of its clients."""
    info = redis.text.info("memory")
    return info["used_memory"] - info["mem_clients_normal"]


def contact_bytes(redis, service, people):
    """Bytes of a contact with 20 activities, three identities and two tasks, by part."""
    text = redis.text
    wait_until("the service has booted", lambda: text.exists("crm_contact_seq"))
    empty = data_bytes(redis)
    load.wrk(service.port, "fill", 60, people=people)
    os.truncate(service.log, 0)
    wait_until("all activities are stored", lambda: events_so_far(redis) == 20 * people)
    if text.zcard("crm_created") != people or text.zcard("crm_task_due") != 2 * people:
        raise SystemExit("bench: the contacts, or their tasks, are not what was sent")
    used = data_bytes(redis) - empty
    feed = text.memory_usage("crm_feed", samples=0)  # capped, whatever the number of contacts
    parts = {"all": (used - feed) / people, "feed": feed}

    sample = text.zrange("crm_created", 0, -1)[::max(1, people // 200)]
    lengths = [len(m) for c in sample for m in text.zrange("crm_activity_" + c, 0, -1)]
    parts["activity"] = sum(lengths) / len(lengths)
    parts["activities"] = len(lengths) / len(sample)
    keys = {name: [] for name in ("contact", "timeline", "indexes", "alias", "booking", "tasks")}
    for c in sample:
        contact = text.hgetall("crm_contact_" + c)
        tasks = text.zrange("crm_contact_task_" + c, 0, -1)
        keys["contact"].append("crm_contact_" + c)
        keys["timeline"].append("crm_activity_" + c)
        keys["indexes"] += [
            f"crm_contact_{kind}_{contact[kind]}" for kind in ("ext", "email", "phone")
        ]
        keys["alias"].append("crm_contact_alias_" + c)
        keys["booking"].append("crm_booking_" + c)
        keys["tasks"] += ["crm_contact_task_" + c, *("crm_task_" + task for task in tasks)]
    for name, names in keys.items():
        pipe = text.pipeline(transaction=False)
        for key in names:
            pipe.memory_usage(key, samples=0)
        parts[name] = sum(pipe.execute()) / len(sample)
    return parts


def idle_bytes(service, count):
    """Resident bytes of an idle connection: never used, and after its first answer."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < count + 100:
        raise SystemExit(f"bench: {count} connections need more than {most} descriptors")
    pid, address = service.process.pid, ("127.0.0.1", service.port)
    request = b"GET /v1/ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    socks = []
    try:
        with socket.create_connection(address) as warm:
            for _ in range(1000):
                exchange(warm, request)
        files, empty = machine.open_files(pid), machine.rss(pid)
        socks += [socket.create_connection(address) for _ in range(count)]
        wait_until("all connections are accepted",
                   lambda: machine.open_files(pid) >= files + count - 1)
        silent = machine.rss(pid)
        for sock in socks:
            exchange(sock, request)
        return (silent - empty) / count, (machine.rss(pid) - empty) / count
    finally:
        for sock in socks:
            sock.close()
